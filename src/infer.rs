//! How well the data determine what a fit says: intervals, tests, replicates.
//!
//! | method | what it is | when |
//! |---|---|---|
//! | [`Method::Wald`] | estimate +- t standard errors, by the delta method | many points, well-determined parameters |
//! | [`Method::Profile`] | all values that some law within the F-limit of the cost has | the default, down to 4 points |
//! | [`bootstrap`] | what other samples would have given | noise that is not normal, groups of points, planning |
//!
//! All of them hold if the law does: [`Fit::check`](crate::Fit::check) asks whether it describes the data.
//!
//! # The profile interval
//!
//! The confidence region holds every law of the domain whose cost is at most cost_min (1 + F / dof), with F the quantile of
//! the F distribution with 1 and dof = points - free parameters (cost_min + chi^2 / 2 with absolute weights; with the Huber
//! loss chi^2 is scaled by mean psi^2 / mean psi'). The interval of a quantity is from its smallest to its largest value
//! over the region: for a new measurement over the region of the data with it, for n* from the n at which the lower limit
//! of L(n) meets the target to that at which the upper one does.
//!
//! It is the global extreme over the whole region, which may fall apart over alpha: of the parts that hold one of the
//! [`Fit::minima`](crate::Fit::minima). A limit of the domain that is a fact (C >= 0, a bound of the user) is a limit; the
//! end of the default domain of alpha is none, so that what runs away there is `None`. The level is two-sided also where the
//! estimate is on a bound, because a level that changes there covers less than it says next to the bound.
//!
//! # Accuracy
//! On the limits of C, alpha and D the cost is the limit to 1e-8 of itself (15,954 limits of 3,000 simulated curves with
//! noise of .01 to 10 % against the complete search of the fit with the parameter held). Limits of a measurement and of n*
//! meet theirs to 1e-8 and 1e-9 but for 5 of 1,451 (200 curves), where the region has two valleys. Coverage of nominal 95 % intervals
//! over 2,000 replicates of 7 points in 12 cells (`cargo run --release --example coverage`): 94.2 to 96.7 % in every cell
//! where the quantity is identified, 95.0 to 95.2 % in the mean for C, alpha, L(10 n_max) and n*.
//!
//! Source: Bates and Watts, "Nonlinear Regression Analysis and Its Applications" (1988), chapters 2 and 6.
mod band;
pub mod bootstrap;
mod check;
mod common_value;
mod confidence_curve;
mod error;
mod extreme;
mod grid;
mod identify;
mod newton;
mod oddity;
mod problem;
mod profile;
mod quantity;
mod region;
mod slices;
mod test;
mod wald;

pub use band::{Band, band};
pub use check::{Check, CheckMethod};
pub(crate) use check::{P, Sizes, misfit};
pub use common_value::Common;
pub use confidence_curve::ConfidenceCurve;
pub use error::InferError;
pub(crate) use grid::grid_interval_of;
pub use grid::{GridQuantity, grid_interval};
pub use identify::{Finding, Identifiability, identifiability};
pub use oddity::{Oddity, Slip, oddities};
pub use quantity::{MadeBy, Method, Quantity, QuantityInterval};
pub use test::{GapTest, LackOfFitTest, gap_test, lack_of_fit};

use crate::fit::{Confidence, Curve, Interval, Source, Syn2RealFit, source_of};
use crate::law::Parameter;
use crate::point::Point;
pub(crate) use problem::{Problem, check_points};
use region::Region;

/// The interval of `quantity`; `points` must be those of the fit. Nothing is kept between calls; the bands of many sizes
/// are cheaper by [`band`].
///
/// # Errors
/// [`InferError::NoFreedom`] with as many free parameters as points, [`InferError::Fixed`] for a parameter that was held,
/// [`InferError::Quantity`] for an n or a target out of range, [`InferError::OtherPoints`] if the points are others,
/// [`InferError::NotConverged`] if an end was not found.
///
/// ```
/// use syn2real::infer::{Method, Quantity, interval};
/// use syn2real::{Confidence, Syn2RealLaw};
///
/// let points = [(1_000, 0.9575), (2_000, 0.9534), (4_000, 0.9471), (8_000, 0.9455), (16_000, 0.9432), (32_000, 0.9403), (64_000, 0.9377)];
/// let fit = Syn2RealLaw::fit(&points)?;
/// let found = interval(&fit, &points, Quantity::SamplesFor { target: 0.9352 }, Confidence::P95, Method::Profile)?;
/// assert!(found.lower.unwrap() > 64_000.0, "more than is there");
/// assert_eq!(found.upper, None, "the gap may be larger than the target");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn interval<T: Copy + Into<Point>>(
    fit: &Syn2RealFit,
    points: &[T],
    quantity: Quantity,
    confidence: Confidence,
    method: Method,
) -> Result<QuantityInterval, InferError> {
    quantity.check()?;
    interval_of(fit, &source_of(fit, points), quantity, confidence, method)
}

fn interval_of(
    fit: &Syn2RealFit,
    data: &Source<'_>,
    quantity: Quantity,
    confidence: Confidence,
    method: Method,
) -> Result<QuantityInterval, InferError> {
    let mut curve = Curve::EMPTY;
    let problem = Problem::new(fit, data, &mut curve)?;
    problem.require(quantity)?;
    Intervals::new(&problem, confidence, method)?.of(quantity)
}

/// The intervals of one fit at one level, which share the region.
pub(crate) struct Intervals<'a> {
    problem: &'a Problem<'a>,
    confidence: Confidence,
    /// `None` by the delta method.
    region: Option<Region<'a, 'a>>,
}

impl<'a> Intervals<'a> {
    pub(crate) fn new(
        problem: &'a Problem<'a>,
        confidence: Confidence,
        method: Method,
    ) -> Result<Intervals<'a>, InferError> {
        let region = match method {
            Method::Wald => None,
            Method::Profile => Some(Region::new(problem, confidence)?),
        };
        Ok(Intervals { problem, confidence, region })
    }

    /// The interval of a quantity.
    pub(crate) fn of(&self, quantity: Quantity) -> Result<QuantityInterval, InferError> {
        let Intervals { problem, confidence, region } = self;
        problem.require(quantity)?;
        let Some(region) = region else { return wald::interval(problem, quantity, *confidence) };
        let [lower, upper] = profile::limits(region, quantity)?;
        let (estimate, confidence) = (problem.estimate(quantity), *confidence);
        Ok(QuantityInterval { estimate, lower, upper, confidence, method: MadeBy::Profile })
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
