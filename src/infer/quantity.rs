//! What an interval is asked of, how it is made, and what it is.
use crate::fit::Confidence;
use crate::law::Parameter;

use super::error::InferError;

/// Largest n that counts exactly in f64.
pub(super) const LARGEST_N: f64 = 9_007_199_254_740_992.0;

/// What an interval is asked of.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Quantity {
    /// D, alpha or C.
    Parameter(Parameter),
    /// L(n), the error that the law says for n > 0 samples: what the mean of many measurements there tends to.
    ErrorAt {
        /// Samples, 0 < n <= 2^53.
        n: f64,
    },
    /// One new measurement of weight 1 at n > 0 samples: a prediction interval.
    MeasurementAt {
        /// Samples, 0 < n <= 2^53.
        n: f64,
    },
    /// n*, the samples after which L(n*) = target; the law is at or below the target from there on.
    SamplesFor {
        /// The error aimed at, > 0.
        target: f64,
    },
}

impl Quantity {
    pub(super) fn check(self) -> Result<(), InferError> {
        let (value, most, field) = match self {
            Quantity::Parameter(_) => return Ok(()),
            Quantity::ErrorAt { n } | Quantity::MeasurementAt { n } => (n, LARGEST_N, "n"),
            Quantity::SamplesFor { target } => (target, f64::MAX, "target"),
        };
        if value > 0.0 && value <= most { Ok(()) } else { Err(InferError::Quantity { field }) }
    }
}

/// How an interval is to be made. Those from replicates are made by [`bootstrap::interval`](super::bootstrap::interval).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Method {
    /// Estimate and standard error with Student's t (the normal quantile with absolute weights), by the delta method.
    Wald,
    /// All values of the quantity over the laws whose cost is within the F-limit. The default.
    #[default]
    Profile,
}

/// How an interval was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum MadeBy {
    /// [`Method::Wald`].
    Wald,
    /// [`Method::Profile`].
    Profile,
    /// From replicates: see [`bootstrap`](super::bootstrap).
    Bootstrap,
    /// Quantiles of the forecast: see [`plan::Basis`](crate::plan::Basis).
    Forecast,
}

impl From<Method> for MadeBy {
    fn from(method: Method) -> MadeBy {
        match method {
            Method::Wald => MadeBy::Wald,
            Method::Profile => MadeBy::Profile,
        }
    }
}

/// An interval of any quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct QuantityInterval {
    /// The value at the optimum; `None` where there is none: n* if C >= target, alpha of a flat fit.
    pub estimate: Option<f64>,
    /// Lower end; `None` where the data set no limit.
    pub lower: Option<f64>,
    /// Upper end; `None` where the data set no limit.
    pub upper: Option<f64>,
    /// Its level.
    pub confidence: Confidence,
    /// How it was made.
    pub method: MadeBy,
}
