//! How well the data determine what a fit says: intervals, tests, replicates.
//!
//! | method | what it is | when |
//! |---|---|---|
//! | [`Method::Wald`] | estimate +- t standard errors, by the delta method | many points, well-determined parameters |
//! | [`Method::Profile`] | all values that some law within the F-limit of the cost has | the default, down to 7 points |
//!
//! Source: Bates and Watts, "Nonlinear Regression Analysis and Its Applications" (1988), chapters 2 and 6.
mod band;
pub mod bootstrap;
mod error;
mod extreme;
mod identify;
mod newton;
mod pass;
mod problem;
mod profile;
mod region;
mod slices;
mod test;
mod wald;

pub use band::{Band, band};
pub use error::InferError;
pub use identify::{Finding, Identifiability, identifiability};
pub use test::{GapTest, LackOfFit, gap_test, lack_of_fit};

use crate::fit::{Confidence, Curve, Interval, Syn2RealFit};
use crate::law::Parameter;
use crate::point::Point;
use crate::solve::Mapped;
use problem::Problem;

/// Largest n that counts exactly in f64.
const LARGEST_N: f64 = 9_007_199_254_740_992.0;

/// What an interval is asked of.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
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
    fn check(self) -> Result<(), InferError> {
        let (value, most, field) = match self {
            Quantity::Parameter(_) => return Ok(()),
            Quantity::ErrorAt { n } | Quantity::MeasurementAt { n } => (n, LARGEST_N, "n"),
            Quantity::SamplesFor { target } => (target, f64::MAX, "target"),
        };
        if value > 0.0 && value <= most { Ok(()) } else { Err(InferError::Quantity { field }) }
    }
}

/// How an interval is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Method {
    /// Estimate and standard error with Student's t (the normal quantile with absolute weights), by the delta method.
    Wald,
    /// All values of the quantity over the laws whose cost is within the F-limit. The default.
    #[default]
    Profile,
    /// From replicates: see [`bootstrap`].
    Bootstrap,
}

/// An interval of any quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
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
    pub method: Method,
}

/// The interval of `quantity`; `points` must be those of the fit.
///
/// # Errors
/// [`InferError::NoFreedom`] with as many free parameters as points, [`InferError::Fixed`] for a parameter that was held,
/// [`InferError::Quantity`] for an n or a target out of range, [`InferError::OtherPoints`] if the points are others.
pub fn interval<T: Copy + Into<Point>>(
    fit: &Syn2RealFit,
    points: &[T],
    quantity: Quantity,
    confidence: Confidence,
    method: Method,
) -> Result<QuantityInterval, InferError> {
    quantity.check()?;
    let data = Mapped::new(points, |&p: &T| -> Point { p.into() });
    let each = || points.iter().map(|&p| -> Point { p.into() });
    let mut curve = Curve::EMPTY;
    let problem = Problem::new(fit, each(), &data, &mut curve)?;
    match method {
        Method::Wald => wald::interval(&problem, each(), quantity, confidence),
        Method::Profile => profile::interval(&problem, each(), quantity, confidence),
        Method::Bootstrap => Err(InferError::BadOption { field: "method" }),
    }
}

impl Syn2RealFit {
    /// The profile interval of D, alpha or C; see [`infer::interval`](interval) and [`Method::Profile`].
    ///
    /// # Errors
    /// As [`interval`].
    ///
    /// ```
    /// use syn2real::{Confidence, Parameter, Syn2RealLaw};
    ///
    /// let points = [(1_000, 0.90), (2_000, 0.83), (4_000, 0.79), (8_000, 0.755), (16_000, 0.74), (32_000, 0.727)];
    /// let fit = Syn2RealLaw::fit(&points)?;
    /// let gap = fit.profile_interval(&points, Parameter::C, Confidence::P95)?;
    /// assert!(gap.lower.unwrap() < fit.law().c && fit.law().c < gap.upper.unwrap());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn profile_interval<T: Copy + Into<Point>>(
        &self,
        points: &[T],
        parameter: Parameter,
        confidence: Confidence,
    ) -> Result<Interval, InferError> {
        let found = interval(self, points, Quantity::Parameter(parameter), confidence, Method::Profile)?;
        let QuantityInterval { estimate, lower, upper, .. } = found;
        // Only alpha of a flat fit has no value; the fit gives it as 0.
        Ok(Interval { estimate: estimate.unwrap_or(0.0), lower, upper, confidence })
    }
}
