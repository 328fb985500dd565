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
            ForecastError::Fit(source) => write!(f, "{source}"),
            ForecastError::Prior { field } => {
                write!(f, "the prior's {field} must be finite, its standard deviation above 0: see Prior")
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
