//! Why there is no answer about a law of the user's own.
use core::fmt;

use crate::solve::{SolveError, Termination};

/// Why there is no fit, interval or plan of a law of the user's own. Parameters and observations count from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum OwnError {
    /// An option cannot be used, or there are no observations.
    Solve(SolveError),
    /// No start ended in a minimum, or one that ended in none is lower than the lowest of them.
    NotConverged {
        /// Why that one ended.
        termination: Termination,
        /// The observation at which a value was not finite.
        row: Option<usize>,
    },
    /// No degrees of freedom: as many free parameters as observations.
    NoFreedom {
        /// Observations with a weight above 0.
        observations: usize,
        /// Free parameters.
        parameters: usize,
    },
    /// The parameter is held, or the law has none of this number.
    Fixed {
        /// Which.
        parameter: usize,
    },
    /// The formula has no finite value at the optimum there; none above 0 in the log residual.
    Value {
        /// Which of the places.
        place: usize,
    },
    /// The lists have different lengths.
    Lengths,
    /// The end of an interval was not found.
    EndNotFound,
    /// The law turns between the sizes asked about: a target may be met, missed and met again.
    NotMonotone {
        /// Where it turns.
        n: f64,
    },
    /// The law does not change between the sizes asked about.
    Constant,
    /// The target is not finite.
    Target,
    /// The sizes are not 0 < from < to < inf.
    Sizes,
}

impl fmt::Display for OwnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OwnError::Solve(e) => write!(f, "{e}"),
            OwnError::NotConverged { termination, row: None } => write!(f, "the fit found no minimum: {termination}"),
            OwnError::NotConverged { termination, row: Some(row) } => {
                write!(f, "the fit found no minimum: {termination}; it is observation {row}")
            }
            OwnError::NoFreedom { observations, parameters } => write!(
                f,
                "{observations} observations leave no degrees of freedom for {parameters} free parameters: measure more or hold a parameter"
            ),
            OwnError::Fixed { parameter } => {
                write!(f, "parameter {parameter} is held or not one of the law and has no interval: ask for a free one")
            }
            OwnError::Value { place } => write!(
                f,
                "the formula has no usable value at place {place}: it must be finite, and above 0 in the log residual"
            ),
            OwnError::Lengths => f.write_str("as many slots are needed as there are places: give slices of one length"),
            OwnError::EndNotFound => {
                f.write_str("the end of the interval was not found: tighten the bounds or rescale the parameters")
            }
            OwnError::NotMonotone { n } => {
                write!(f, "the law is not monotone: it turns near n = {n:e}; ask about sizes on one side of it")
            }
            OwnError::Constant => f.write_str(
                "the law does not change with n there: no number of samples moves it, ask about other sizes",
            ),
            OwnError::Target => f.write_str("the target must be a finite number in the unit of what was fitted"),
            OwnError::Sizes => {
                f.write_str("the sizes must be finite with 0 < from < to: give the smallest and the budget")
            }
        }
    }
}

impl core::error::Error for OwnError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            OwnError::Solve(e) => Some(e),
            _ => None,
        }
    }
}

impl From<SolveError> for OwnError {
    fn from(e: SolveError) -> OwnError {
        OwnError::Solve(e)
    }
}
