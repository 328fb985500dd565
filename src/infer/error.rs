//! Why there is no answer about uncertainty.
use core::fmt;

use crate::fit::FitError;
use crate::law::Parameter;

/// Why there is no interval, test or replicate.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum InferError {
    /// The points cannot be fitted.
    Fit(FitError),
    /// The points are not those that were fitted.
    OtherPoints,
    /// No degrees of freedom: as many free parameters as points.
    NoFreedom {
        /// Points with a weight above 0.
        points: usize,
        /// Free parameters.
        parameters: usize,
    },
    /// The parameter was held fixed, or does not belong to this law.
    Fixed {
        /// Which.
        parameter: Parameter,
    },
    /// The fit has no standard errors.
    NoCovariance,
    /// The n or the target of the quantity cannot be used.
    Quantity {
        /// `n` or `target`.
        field: &'static str,
    },
    /// Fewer points or groups than resampling needs.
    TooFew {
        /// `points`, `groups` or `degrees of freedom`.
        what: &'static str,
        /// How many are needed.
        needed: usize,
        /// How many there are.
        got: usize,
    },
    /// An option is out of its range.
    BadOption {
        /// Its name.
        field: &'static str,
    },
    /// Fewer replicates than the interval needs could be fitted.
    FewReplicates {
        /// How many are needed.
        needed: usize,
        /// How many there are.
        got: usize,
    },
    /// No n was measured twice, or nothing is left to test the law.
    NoReplicates,
    /// The extreme over the confidence region was not found.
    NotConverged,
}

impl fmt::Display for InferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InferError::Fit(e) => write!(f, "{e}"),
            InferError::OtherPoints => {
                f.write_str("these are not the points of the fit: pass the slice that was fitted")
            }
            InferError::NoFreedom { points, parameters } => write!(
                f,
                "{points} points leave no degrees of freedom for {parameters} free parameters: measure more or fix a parameter"
            ),
            InferError::Fixed { parameter } => {
                write!(f, "{parameter} was held fixed and has no interval: fit it, or ask for another quantity")
            }
            InferError::NoCovariance => {
                f.write_str("the fit has no standard errors: fit with `covariance` on, or use the profile method")
            }
            InferError::Quantity { field } => {
                write!(f, "{field} must be finite and above 0 (an n at most 2^53): give a size or an error in range")
            }
            InferError::TooFew { what, needed, got } => {
                write!(
                    f,
                    "resampling needs at least {needed} {what}, got {got}: measure more, or use the profile method"
                )
            }
            InferError::BadOption { field } => write!(f, "option {field} is out of range: {}", rule(field)),
            InferError::FewReplicates { needed, got } => {
                write!(
                    f,
                    "needs at least {needed} replicates with a value, got {got}: draw more, or lower the confidence"
                )
            }
            InferError::NoReplicates => f.write_str(
                "no pure error to compare with: measure some n twice, and at more sizes than there are free parameters",
            ),
            InferError::NotConverged => {
                f.write_str("the end of the interval was not found: use the Wald method or the bootstrap")
            }
        }
    }
}

/// What a valid value of the option looks like.
fn rule(field: &str) -> &'static str {
    match field {
        "groups" => "give each point the number of its group, from 0 without gaps",
        "quantity" => "the bootstrap has intervals of the law; for a new measurement use the profile method",
        "out" => "give at least one slot, and as many as there are values",
        "scheme" => "the cluster bootstrap needs groups, the others take none",
        "replicates" => "give the laws that `replicate` filled",
        _ => "see its documentation",
    }
}

impl core::error::Error for InferError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            InferError::Fit(e) => Some(e),
            _ => None,
        }
    }
}

impl From<FitError> for InferError {
    fn from(e: FitError) -> InferError {
        InferError::Fit(e)
    }
}
