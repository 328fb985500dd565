//! What a planner may be told.
use crate::fit::{Confidence, Syn2RealFit};
use crate::infer::Method;
use crate::point::Point;

use super::error::PlanError;
use super::inverse::LARGEST_COUNT;
use super::scale;

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
    /// Whether a law that does not describe the data ([`Fit::check`](crate::Fit::check), p < .01) leaves every verdict
    /// undetermined. Default: true; intervals say how well the law is known if it is the right one.
    pub check: bool,
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
