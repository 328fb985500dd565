//! What of a law the data determine.
use core::fmt;

use crate::fit::{Class, Confidence, Curve, Source, Syn2RealFit, each, source_of};
use crate::law::{Parameter, Residual};
use crate::math;
use crate::point::Point;

use super::problem::Problem;
use super::region::Region;
use super::wald::Covariance;
use super::{InferError, MadeBy, Quantity, QuantityInterval, profile};

/// What of the law the data determine. The rule is whether the 95 % profile interval of a parameter ends inside its
/// domain: neither the unit of n nor that of the error matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// Each free parameter.
    All,
    /// The rate, but C may be 0: the data agree with a power law.
    GapOpen,
    /// The gap, but not the rate within a factor of 10: without an upper limit, the decrease may be over before the second n.
    RateOpen,
    /// The level of the error and its slope in ln n, no more: C may be 0 and the rate is not known within a factor of 10.
    LevelAndSlope,
    /// The level of the error: a law without any decrease agrees with the data.
    Level,
}

/// What [`identifiability`] finds; it displays as one sentence.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Identifiability {
    /// The finding.
    pub finding: Finding,
    /// 95 % profile interval of D; `None` if D was fixed, as below. In the unit of D, which has that of n^alpha.
    pub d: Option<QuantityInterval>,
    /// That of alpha.
    pub alpha: Option<QuantityInterval>,
    /// That of C.
    pub c: Option<QuantityInterval>,
    /// Into how many intervals of alpha the confidence region falls: above 1 the data agree with two kinds of law.
    pub parts: usize,
    /// Condition number of J'J; see [`FitReport`](crate::FitReport).
    pub condition: Option<f64>,
    /// Correlation of ln D and alpha, at the optimum.
    pub correlation: Option<f64>,
    /// Whether the residuals are smaller than the rounding of the errors as given, so that the intervals are too narrow to
    /// be true.
    pub is_too_narrow: bool,
}

impl Identifiability {
    /// The interval of a parameter, if it was free.
    pub fn of(&self, parameter: Parameter) -> Option<QuantityInterval> {
        match parameter {
            Parameter::D => self.d,
            Parameter::Alpha => self.alpha,
            Parameter::C => self.c,
            _ => None,
        }
    }

    /// Whether the data determine the parameter: its interval ends inside the domain on both sides. `None` if it was fixed.
    pub fn is_determined(&self, parameter: Parameter) -> Option<bool> {
        self.of(parameter).map(|i| i.lower.is_some_and(|v| v > 0.0) && i.upper.is_some())
    }
}

impl fmt::Display for Identifiability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.finding {
            Finding::All => f.write_str("the data determine every free parameter"),
            Finding::GapOpen => f.write_str("the data determine the rate, but the gap C may be 0: measure at larger n"),
            Finding::RateOpen => {
                f.write_str("the data determine the gap, but not the rate within a factor of 10: measure at smaller n")
            }
            Finding::LevelAndSlope => f.write_str(
                "the data determine the level of the error and its slope only, neither rate nor gap: measure over a wider range of n, or repeat",
            ),
            Finding::Level => f.write_str(
                "the data determine the level of the error only, a law without any decrease agrees: measure over a wider range of n, or repeat",
            ),
        }?;
        if self.is_too_narrow {
            f.write_str(" (the residuals are smaller than the rounding of the errors: do not trust the intervals)")?;
        }
        Ok(())
    }
}

/// Widest interval of alpha, as a factor, that is an answer: a power of ten.
const FACTOR: f64 = 10.0;

/// Most decimals that errors are taken to be rounded to.
const DECIMALS: u32 = 15;

/// What of the law the data determine.
///
/// # Errors
/// [`InferError::NoFreedom`] with as many free parameters as points, [`InferError::OtherPoints`].
///
/// ```
/// use syn2real::Syn2RealLaw;
/// use syn2real::infer::{Finding, identifiability};
///
/// let points = [(1_000, 0.9575), (2_000, 0.9534), (4_000, 0.9471), (8_000, 0.9455), (16_000, 0.9432), (32_000, 0.9403), (64_000, 0.9377)];
/// let fit = Syn2RealLaw::fit(&points)?;
/// let found = identifiability(&fit, &points)?;
/// assert_eq!(found.finding, Finding::LevelAndSlope);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn identifiability<T: Copy + Into<Point>>(fit: &Syn2RealFit, points: &[T]) -> Result<Identifiability, InferError> {
    identifiability_of(fit, &source_of(fit, points))
}

fn identifiability_of(fit: &Syn2RealFit, data: &Source<'_>) -> Result<Identifiability, InferError> {
    let mut curve = Curve::EMPTY;
    let problem = Problem::new(fit, data, &mut curve)?;
    let region = Region::new(&problem, Confidence::P95)?;
    let of = |parameter| -> Result<Option<QuantityInterval>, InferError> {
        if problem.require_free(parameter).is_err() {
            return Ok(None);
        }
        let quantity = Quantity::Parameter(parameter);
        let [lower, upper] = profile::limits(&region, quantity)?;
        let estimate = problem.estimate(quantity);
        Ok(Some(QuantityInterval { estimate, lower, upper, confidence: Confidence::P95, method: MadeBy::Profile }))
    };
    let (d, alpha, c) = (of(Parameter::D)?, of(Parameter::Alpha)?, of(Parameter::C)?);
    let gap_is_open = c.is_some_and(|i| i.lower.is_none_or(|v| v <= 0.0) || i.upper.is_none());
    let rate_is_open = alpha.is_some_and(|i| i.upper.is_none());
    let is_wide = alpha.is_some_and(|i| match (i.lower, i.upper) {
        (Some(a), Some(b)) => b > FACTOR * a,
        _ => true,
    });
    let finding = match () {
        _ if alpha.is_some() && region.has_flat() => Finding::Level,
        _ if gap_is_open && is_wide => Finding::LevelAndSlope,
        _ if gap_is_open => Finding::GapOpen,
        _ if rate_is_open || is_wide => Finding::RateOpen,
        _ => Finding::All,
    };
    // Rounding to a decimal scatters by 1 / sqrt(12) of it.
    let is_too_narrow = scatter_in_decimals(fit, each(data)).is_some_and(|scatter| scatter < 1.0 / math::sqrt(12.0));
    let correlation = correlation(&problem);
    let (parts, condition) = (region.parts().count(), fit.report().condition);
    Ok(Identifiability { finding, d, alpha, c, parts, condition, correlation, is_too_narrow })
}

/// Correlation of ln D and alpha by the delta method.
fn correlation(problem: &Problem<'_>) -> Option<f64> {
    let covariance = Covariance::new(problem, Confidence::P95).ok()?;
    let [[xx, xa, _], [_, aa, _], _] = covariance.matrix;
    let (x, tau) = (problem.theta[0], problem.curve.ln_n_min + problem.reference);
    if problem.fit.report().class == Class::Flat || aa <= 0.0 || xx <= 0.0 {
        return None;
    }
    // ln D = ln x + alpha tau.
    let (own, joint) = (xx / (x * x) + 2.0 * tau * xa / x + tau * tau * aa, xa / x + tau * aa);
    Some(joint / math::sqrt(own * aa)).filter(|v| v.is_finite())
}

/// The scatter about the law in units of the last decimal that the errors have; `None` if they have more than 15.
pub(super) fn scatter_in_decimals(fit: &Syn2RealFit, points: impl Iterator<Item = Point> + Clone) -> Option<f64> {
    let mut power = 1.0;
    for _ in 0..=DECIMALS {
        let is_rounded = |p: Point| {
            let v = p.error * power;
            // `as` truncates; half a unit more makes it round.
            let nearest = (v.abs() + 0.5) as i64 as f64;
            (v.abs() - nearest).abs() <= 1e-9 * nearest
        };
        if points.clone().filter(|p| p.weight > 0.0).all(is_rounded) {
            let report = fit.report();
            let level = if report.residual == Residual::Log { fit.law().error_at(report.n_max) } else { 1.0 };
            let dof = if report.degrees_of_freedom > 0 { report.degrees_of_freedom as f64 } else { 1.0 };
            let scatter = report.rms * math::sqrt(report.points as f64 / dof) * level;
            return Some(scatter * power);
        }
        power *= 10.0;
    }
    None
}
