//! Why there is no forecast.
use core::fmt;

use crate::fit::FitError;

/// Why there is no forecast.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ForecastError {
    /// The points cannot be used.
    Fit(FitError),
    /// A field of the prior is out of its range.
    Prior {
        /// Its name.
        field: &'static str,
    },
}

impl fmt::Display for ForecastError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ForecastError::Fit(FitError::TooFewPoints { needed, got }) => write!(
                f,
                "a forecast needs at least {needed} distinct sizes n > 0 with a weight above 0, got {got}: measure at another n"
            ),
            ForecastError::Fit(source) => write!(f, "{source}"),
            ForecastError::Prior { field: "n_max" } => f.write_str("n_max must be finite and above 0"),
            ForecastError::Prior { field: "gap" } => {
                f.write_str("both parameters of the prior's gap, a beta distribution, must be finite and above 0")
            }
            ForecastError::Prior { field: "noise" } => f.write_str("the prior's noise must be finite and above 0"),
            ForecastError::Prior { field } => {
                write!(f, "the prior's {field} must have a finite mean and a finite standard deviation above 0")
            }
        }
    }
}

impl core::error::Error for ForecastError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            ForecastError::Fit(source) => Some(source),
            ForecastError::Prior { .. } => None,
        }
    }
}

impl From<FitError> for ForecastError {
    fn from(source: FitError) -> ForecastError {
        ForecastError::Fit(source)
    }
}
