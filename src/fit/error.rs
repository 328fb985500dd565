//! Why there is no fit.
use core::fmt;

use crate::law::Parameter;
use crate::point::PointError;
use crate::solve::Termination;

/// Why there is no fit.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum FitError {
    /// Fewer distinct sizes n (with a weight above 0) than the free parameters need.
    TooFewPoints {
        /// Distinct n needed.
        needed: usize,
        /// Distinct n given.
        got: usize,
    },
    /// Fewer distinct sizes n, 0 included, than a law that bends needs.
    TooFewSizes {
        /// The law: rectified, shifted or bent.
        law: &'static str,
        /// Distinct n needed.
        needed: usize,
        /// Distinct n given.
        got: usize,
    },
    /// Fewer measurements (with a weight above 0) than free parameters of a law over n and s.
    TooFewRows {
        /// Measurements needed.
        needed: usize,
        /// Measurements given.
        got: usize,
    },
    /// A point cannot be used.
    Point {
        /// Its index in the slice, from 0.
        index: usize,
        /// What is wrong with it.
        source: PointError,
    },
    /// The data do not determine a parameter.
    Unidentifiable {
        /// Which.
        parameter: Parameter,
    },
    /// An option is out of its range.
    BadOption {
        /// Name of the field of [`FitOptions`](crate::FitOptions), or of the argument.
        field: &'static str,
    },
    /// The solver did not converge.
    NotConverged(Termination),
}

impl fmt::Display for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FitError::TooFewPoints { needed, got } => write!(
                f,
                "needs at least {needed} distinct sizes n with a weight above 0, got {got}: measure at another n or fix a parameter"
            ),
            FitError::TooFewSizes { law, needed, got } => {
                write!(f, "the {law} law needs at least {needed} distinct sizes n with a weight above 0, got {got}: ")?;
                f.write_str(match got {
                    4.. => {
                        "measure at another n, or fit the rectified or the shifted law (4 sizes) or law (1) (3, n > 0)"
                    }
                    3 => "measure at another n, or fit law (1) (3 sizes, n > 0)",
                    _ => "measure at more sizes",
                })
            }
            FitError::TooFewRows { needed, got } => {
                write!(
                    f,
                    "needs at least {needed} measurements with a weight above 0, got {got}: measure more or fix a parameter"
                )
            }
            FitError::Point { index, source } => write!(f, "point {index}: {source}"),
            FitError::Unidentifiable { parameter } => {
                write!(f, "the data do not determine {parameter}: fix it or measure at more sizes")
            }
            FitError::BadOption { field } => write!(f, "option {field} is out of range: {}", rule(field)),
            FitError::NotConverged(termination) => write!(f, "not converged: {termination}"),
        }
    }
}

/// What a valid value of the option looks like.
fn rule(field: &str) -> &'static str {
    match field {
        "d" => "the lower bound must be below the upper one, not negative and finite; hold D by fixed_d",
        "c" => "the lower bound must be below the upper one, not negative and finite; hold C by fixed_c",
        "alpha" => "the lower bound must be below the upper one, both within [0, 1000]; hold alpha by fixed_alpha",
        "delta" | "gamma" | "beta" | "n0" | "n_h" | "e" | "a" | "b" => {
            "bounds must be ordered, not negative, their ends apart (beta within [0, 1000]); hold a parameter by its fixed_..."
        }
        "fixed_delta" | "fixed_gamma" | "fixed_beta" | "fixed_n0" | "fixed_n_h" | "fixed_e" | "fixed_a" | "fixed_b" => {
            "give a finite value within its bounds (delta above 0), or None to estimate it"
        }
        "fixed_d" | "fixed_c" => "give a finite value within its bounds, and leave at least one parameter free",
        "fixed_alpha" => "give a value within its bounds",
        "sharpness" => "bounds must be ordered, above 0 and at most 100, their ends apart; hold it by fixed_sharpness",
        "fixed_sharpness" => "give a value within its bounds, and only where the bend is free",
        "loss" => {
            "the Huber constant must be finite, above 0, and leave delta above the rounding of the residuals (9e-16 of the error)"
        }
        "confidence" => "the level must lie strictly between 0 and 1",
        "n" | "errors" => "errors must hold a row of n.len() values for each problem",
        _ => "see its documentation",
    }
}

impl core::error::Error for FitError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            FitError::Point { source, .. } => Some(source),
            _ => None,
        }
    }
}
