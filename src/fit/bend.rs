//! The complete search of the laws that bend, and what their fits tell.
//!
//! rows.rs makes the points ready, model.rs has cost and derivatives in coordinates without a cliff, level.rs what is linear
//! in them, domain.rs their box, lattice.rs samples the profile, valleys.rs finds its valleys, descent.rs goes down from them
//! (starts.rs), search.rs is the way through these, optimum.rs compares what was found (minima.rs) with the edges of the law and
//! with those that it contains, estimate.rs says what it means in the user's units.
mod descent;
mod domain;
mod estimate;
mod lattice;
mod level;
mod minima;
mod model;
mod optimum;
mod report;
mod rows;
mod search;
mod starts;
mod valleys;

pub(crate) use domain::{BETA_MAX, BETA_MIN};
pub use report::{BendFit, BendMinimum, BentFit, RectifiedFit, ShiftedFit};
pub(crate) use rows::Trained;

use crate::law::{BentLaw, RectifiedLaw, ShiftedLaw};
use crate::point::Point;

use super::error::FitError;
use super::options::FitOptions;
use super::source::{Source, source};

impl RectifiedLaw {
    /// Fits the law with the default options: log residual, square loss, beta in [0.05, 10], A >= C >= 0.
    ///
    /// The answer is the global optimum by a complete search. Rows with n = 0, no pre-training, are data.
    ///
    /// # Errors
    /// [`FitError::Point`] names the first point that cannot be used, [`FitError::TooFewSizes`] if fewer than four distinct
    /// n (0 is one) have a weight above 0, [`FitError::NotConverged`] if a value leaves the range of f64.
    ///
    /// ```
    /// use syn2real::RectifiedLaw;
    ///
    /// let points = [(0, 0.90), (1_000, 0.84), (4_000, 0.755), (16_000, 0.645), (64_000, 0.56), (256_000, 0.51)];
    /// let law = RectifiedLaw::fit(&points)?.law();
    /// assert!((law.error_at(0.0) - 0.9).abs() < 0.01 && law.n_h > 4_000.0 && law.n_h < 64_000.0);
    /// # Ok::<(), syn2real::FitError>(())
    /// ```
    pub fn fit<T: Copy + Into<Point>>(points: &[T]) -> Result<RectifiedFit, FitError> {
        RectifiedLaw::fit_with(points, &FitOptions::default())
    }

    /// Fits the law with options; `alpha` and `fixed_alpha` are those of beta, the rate far beyond the bend.
    ///
    /// # Errors
    /// As [`RectifiedLaw::fit`], and [`FitError::BadOption`] names an option out of its range: `d` and `fixed_d` are law (1)'s
    /// alone.
    pub fn fit_with<T: Copy + Into<Point>>(points: &[T], options: &FitOptions) -> Result<RectifiedFit, FitError> {
        rectified(&source(points, options.weights, options.residual), options)
    }
}

impl ShiftedLaw {
    /// Fits the law with the default options: log residual, square loss, alpha in [0, 10], A >= C >= 0.
    ///
    /// The answer is the global optimum by a complete search. Rows with n = 0, no pre-training, are data.
    ///
    /// # Errors
    /// As [`RectifiedLaw::fit`].
    ///
    /// ```
    /// use syn2real::ShiftedLaw;
    ///
    /// let points = [(0, 0.900), (500, 0.486), (1_000, 0.411), (2_000, 0.353), (4_000, 0.309), (8_000, 0.278)];
    /// let law = ShiftedLaw::fit(&points)?.law();
    /// assert!((law.alpha - 0.5).abs() < 0.02 && (law.n0() - 100.0).abs() < 10.0);
    /// # Ok::<(), syn2real::FitError>(())
    /// ```
    pub fn fit<T: Copy + Into<Point>>(points: &[T]) -> Result<ShiftedFit, FitError> {
        ShiftedLaw::fit_with(points, &FitOptions::default())
    }

    /// Fits the law with options.
    ///
    /// # Errors
    /// As [`RectifiedLaw::fit_with`].
    pub fn fit_with<T: Copy + Into<Point>>(points: &[T], options: &FitOptions) -> Result<ShiftedFit, FitError> {
        shifted(&source(points, options.weights, options.residual), options)
    }
}

impl BentLaw {
    /// Fits the law with the default options: log residual, square loss, beta in [0.05, 10], alpha = kappa beta in [0, 10],
    /// A >= C >= 0.
    ///
    /// The answer is the global optimum by a complete search. Rows with n = 0, no pre-training, are data.
    ///
    /// # Errors
    /// As [`RectifiedLaw::fit`], with five distinct n.
    ///
    /// ```
    /// use syn2real::BentLaw;
    ///
    /// let points = [
    ///     (0, 0.9000), (1_000, 0.8983), (2_000, 0.8932), (4_000, 0.8745), (8_000, 0.8186),
    ///     (16_000, 0.7096), (32_000, 0.5823), (64_000, 0.4750), (128_000, 0.3954),
    /// ];
    /// let law = BentLaw::fit(&points)?.law();
    /// assert!((law.n_h / 10_000.0 - 1.0).abs() < 0.05 && (law.beta - 2.0).abs() < 0.1, "{law:?}");
    /// # Ok::<(), syn2real::FitError>(())
    /// ```
    pub fn fit<T: Copy + Into<Point>>(points: &[T]) -> Result<BentFit, FitError> {
        BentLaw::fit_with(points, &FitOptions::default())
    }

    /// Fits the law with options; `alpha` and `fixed_alpha` are those of kappa beta, the rate far beyond the bend.
    ///
    /// # Errors
    /// As [`BentLaw::fit`] and [`RectifiedLaw::fit_with`].
    pub fn fit_with<T: Copy + Into<Point>>(points: &[T], options: &FitOptions) -> Result<BentFit, FitError> {
        bent(&source(points, options.weights, options.residual), options)
    }
}

pub(crate) fn rectified(data: &Source<'_>, options: &FitOptions) -> Result<RectifiedFit, FitError> {
    estimate::fit(data, options)
}

pub(crate) fn shifted(data: &Source<'_>, options: &FitOptions) -> Result<ShiftedFit, FitError> {
    estimate::fit(data, options)
}

pub(crate) fn bent(data: &Source<'_>, options: &FitOptions) -> Result<BentFit, FitError> {
    estimate::fit(data, options)
}
