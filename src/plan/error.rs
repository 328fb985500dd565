//! Why there is no plan.
use core::fmt;

use crate::fit::{FitError, Rise};
use crate::forecast::ForecastError;
use crate::infer::InferError;
use crate::law::Parameter;

/// Why a question to a planner has no answer.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum PlanError {
    /// The target is not a finite number above 0.
    Target,
    /// The values rise with n: they are scores, or more samples do harm.
    ErrorsRise {
        /// By how much, and how sure that is.
        rise: Rise,
    },
    /// The target is outside of what the values can be. Percent for fractions: all values are at most 1, the target is
    /// above 1. Fractions for percent: all values are above 1 and at most 100, and a hundred times the target lies between a
    /// quarter of the smallest and the largest. Honest targets that this refuses: one above 1 for a loss whose values are at
    /// most 1 (it is reached before the first measurement), and a hundredth of a loss above 1.
    TargetScale {
        /// The target given.
        target: f64,
        /// The one in the unit of the values.
        instead: f64,
    },
    /// The budget is not a number above 0.
    Budget,
    /// The budget does not pay for the data that are already there.
    BudgetBelowData {
        /// What is there: the largest n measured, or the cost of the smallest plan allowed.
        already: f64,
    },
    /// A cost is negative or not finite, or zero where its ratio to another is needed.
    Cost {
        /// Name of the field.
        field: &'static str,
    },
    /// A probability or level that does not lie strictly between 0 and 1.
    Probability,
    /// A size (n, s, a candidate, an end of a range) that is not above 0 and at most 2^53, or a weight that is not above 0 and finite.
    Size {
        /// Name of the argument.
        field: &'static str,
    },
    /// A measurement at more than 2^53 samples: f64 counts no further.
    BeyondCounts {
        /// The largest n measured.
        n_max: f64,
    },
    /// Options that contradict each other.
    Contradiction {
        /// Name of the field that contradicts the others.
        field: &'static str,
    },
    /// A parameter of the law is outside of what the question allows: a rate of 0 has no price.
    Law {
        /// Which.
        parameter: Parameter,
    },
    /// The law has no error without pre-training: n0 is 0 and eq. (2) diverges at n = 0.
    NoBaseline,
    /// Fewer replicates than the answer needs.
    TooFewReplicates {
        /// Needed.
        needed: usize,
        /// Given.
        got: usize,
    },
    /// A buffer of the caller is too short.
    Buffer {
        /// Slots needed.
        needed: usize,
        /// Slots given.
        got: usize,
    },
    /// Nothing to choose from: no candidate, or no setting.
    NoCandidates,
    /// The data do not determine the quantity well enough to say which measurement would help: no covariance.
    NoCovariance,
    /// The intervals behind the plan could not be computed.
    Infer(InferError),
    /// The law could not be fitted again.
    Fit(FitError),
    /// There is no forecast.
    Forecast(ForecastError),
}

impl PlanError {
    /// Refuses what is no error to aim at.
    pub(super) fn require_target(target: f64) -> Result<(), PlanError> {
        if target > 0.0 && target < f64::INFINITY { Ok(()) } else { Err(PlanError::Target) }
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlanError::Target => f.write_str("the target must be a finite error above 0: give it as a fraction, such as 0.1"),
            PlanError::ErrorsRise { rise } => write!(f, "{rise}"),
            PlanError::TargetScale { target, instead } => write!(
                f,
                "the target {target} is outside of what the values can be: give {instead}, or set `any_target` if it is meant"
            ),
            PlanError::Budget => f.write_str("the budget must be a number above 0: leave it out if there is none"),
            PlanError::BudgetBelowData { already } => {
                write!(f, "the budget is below what is there already ({already}): raise it to that at least")
            }
            PlanError::Cost { field } => {
                write!(f, "the cost `{field}` must be finite (at most 1e290) and not negative, and above 0 where it is a price per sample")
            }
            PlanError::Probability => f.write_str("a probability or level is out of range: give one strictly between 0 and 1, such as 0.95"),
            PlanError::Size { field } => write!(f, "`{field}` must be above 0, and at most 2^53 where it counts samples"),
            PlanError::BeyondCounts { n_max } => {
                write!(f, "a measurement at n = {n_max:e} is beyond 2^53 samples: mend its n, or give n in a larger unit")
            }
            PlanError::Contradiction { field } => {
                write!(f, "`{field}` contradicts the other options: its documentation names the range")
            }
            PlanError::Law { parameter } => {
                write!(f, "{parameter} of the law leaves the question without an answer: it must be finite and above 0")
            }
            PlanError::NoBaseline => f.write_str(
                "the law has no error without pre-training (n0 = 0): fit with n0 free and measurements at n = 0, or give the curve without pre-training",
            ),
            PlanError::TooFewReplicates { needed, got } => {
                write!(f, "needs {needed} replicates at least, got {got}: draw more, or ask for a lower level")
            }
            PlanError::Buffer { needed, got } => write!(f, "the buffer needs {needed} slots, got {got}: make it longer"),
            PlanError::NoCandidates => f.write_str("nothing to choose from: give at least one candidate"),
            PlanError::NoCovariance => {
                f.write_str("the fit has no covariance: measure at another n, or ask with fewer free parameters")
            }
            PlanError::Infer(source) => write!(f, "no interval: {source}"),
            PlanError::Fit(source) => write!(f, "no fit: {source}"),
            PlanError::Forecast(source) => write!(f, "no forecast: {source}"),
        }
    }
}

impl core::error::Error for PlanError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            PlanError::Infer(source) => Some(source),
            PlanError::Fit(source) => Some(source),
            PlanError::Forecast(source) => Some(source),
            _ => None,
        }
    }
}

impl From<InferError> for PlanError {
    fn from(source: InferError) -> PlanError {
        PlanError::Infer(source)
    }
}

impl From<FitError> for PlanError {
    fn from(source: FitError) -> PlanError {
        PlanError::Fit(source)
    }
}

impl From<ForecastError> for PlanError {
    fn from(source: ForecastError) -> PlanError {
        PlanError::Forecast(source)
    }
}
