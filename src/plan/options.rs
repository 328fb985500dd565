//! What a planner may be told.
use crate::fit::{Confidence, Syn2RealFit};
use crate::infer::Method;
use crate::point::Point;

use super::error::PlanError;
use super::inverse::LARGEST_COUNT;
use super::scale;

/// Where the answers of a planner come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Basis {
    /// Law (1) where it describes the data; where [`Fit::check`](crate::Fit::check) refuses it (p < .01), the forecast, if the
    /// curve's own larger sizes agree with it ([`Forecast::missed`](crate::forecast::Forecast::missed)). Seven points show
    /// little of a bend: what law (1) puts out of reach, and the forecast within it with a probability above one tenth, is
    /// undetermined, unless a parameter of law (1) is held or a gap is sure. A bend is seen only where there are data: of a curve
    /// that was measured before it alone, at five sizes, both may be sure, and wrong. The default.
    #[default]
    Auto,
    /// Law (1).
    Law,
    /// The forecast: an average over the laws that bend ([`forecast::best`](crate::forecast::best)). Neither bounds, held
    /// parameters nor the loss of the fit have a part in it.
    Forecast,
}

/// Options of [`samples_for`](super::samples_for) and its relatives.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PlanOptions {
    /// Level of the intervals that a verdict rests on; each wrong verdict has at most half of the rest. Default: 95 %,
    /// the field's habit.
    pub confidence: Confidence,
    /// Most samples that there can be in all, at least the largest n measured. Default: none, which means 2^53.
    pub budget: Option<f64>,
    /// How the intervals are made. Default: profile, which covers at 7 points (Wald-t covers C in 93-96 % of cases
    /// there at a nominal 95 %). Wald is replaced by the profile where the fit is flat or on a bound, where the delta
    /// method does not hold; the `method` of the intervals tells.
    pub method: Method,
    /// A measurement that would decide is looked for up to this multiple of the largest n measured, and within the
    /// budget; > 1. Default: 8, three more doublings of a geometric series of sizes.
    pub reach: f64,
    /// Whether a target outside of what the values can be (25 on fractions, 0.22 on percent) is taken as it is. Default: no,
    /// it is [`PlanError::TargetScale`], which names the two cases in which an honest target is refused.
    pub any_target: bool,
    /// Whether the basis is asked if it describes the data. Default: true; intervals say how well a law is known if it is the
    /// right one. Law (1) that does not ([`Fit::check`](crate::Fit::check), p < .01) gives way to the forecast, or leaves the
    /// verdict undetermined, as the `basis` says; off, it is trusted.
    pub check: bool,
    /// Where the answers come from. Default: law (1) where it describes the data, else the forecast.
    pub basis: Basis,
}

impl Default for PlanOptions {
    fn default() -> PlanOptions {
        PlanOptions {
            confidence: Confidence::P95,
            budget: None,
            method: Method::Profile,
            reach: 8.0,
            any_target: false,
            check: true,
            basis: Basis::Auto,
        }
    }
}

impl PlanOptions {
    /// Refuses errors that rise, and a target that cannot be one of these values.
    pub(super) fn check_values(
        &self,
        fit: &Syn2RealFit,
        target: Option<f64>,
        points: impl Iterator<Item = Point>,
    ) -> Result<(), PlanError> {
        if let Some(rise) = fit.report().rise {
            return Err(PlanError::ErrorsRise { rise });
        }
        match target.filter(|_| !self.any_target) {
            Some(target) => scale::check(target, points.filter(|p| p.weight > 0.0).map(|p| p.error)),
            None => Ok(()),
        }
    }

    /// Checks the options, with what was measured already, and gives the budget.
    pub(super) fn check(&self, target: f64, n_max: f64) -> Result<f64, PlanError> {
        PlanError::require_target(target)?;
        if !(self.reach > 1.0 && self.reach < f64::INFINITY) {
            return Err(PlanError::Contradiction { field: "reach" });
        }
        // A size that is no count leaves nothing to measure at and no budget above the data.
        if !(n_max <= LARGEST_COUNT) {
            return Err(PlanError::BeyondCounts { n_max });
        }
        match self.budget {
            None => Ok(LARGEST_COUNT),
            Some(budget) if !(budget > 0.0) => Err(PlanError::Budget),
            Some(budget) if budget < n_max => Err(PlanError::BudgetBelowData { already: n_max }),
            // Counts end at 2^53 whatever the budget.
            Some(budget) => Ok(budget.min(LARGEST_COUNT)),
        }
    }
}
