//! The law over n and s with a bend: the complete search, what users call.
//!
//! At a given sharpness b the law is the full law over N = n^b with N0 = n_h^b and the rate alpha / b. rows.rs are the rows
//! over N, from which search.rs takes starts by the lattice of the full law; model.rs has cost and derivatives in coordinates
//! without a cliff, newton.rs goes down, places.rs keeps what was found, estimate.rs says what it means in the user's units.
mod estimate;
mod model;
mod newton;
mod options;
mod places;
mod report;
mod rows;
mod search;

pub use options::{Bend, FullBentOptions};
pub use report::FullBentFit;

use crate::law::FullBentLaw;
use crate::point::GridPoint;

use super::super::error::FitError;
use super::{GridRows, Weighed, raw};

impl FullBentLaw {
    /// Fits the law with the default options: a free bend, log residual, E = 0, alpha and beta in [0, 10], the sharpness in
    /// [0.05, 10], delta, gamma and n_h not negative. Rows with n = 0, no pre-training, are data.
    ///
    /// The answer is the lowest minimum that a search over the sharpness, n_h, alpha and beta finds, with delta, gamma and E
    /// solved for at each place; no fit of [`FullLaw`](crate::FullLaw) to the same rows has a lower cost.
    ///
    /// # Errors
    /// As [`FullLaw::fit`](crate::FullLaw::fit), with five distinct n (0 is one).
    ///
    /// ```
    /// use syn2real::FullBentLaw;
    ///
    /// let truth = FullBentLaw { delta: 42.0, gamma: 0.02, alpha: 0.5, beta: 0.3, n_h: 900.0, sharpness: 2.0, e: 0.0 };
    /// let points: [_; 12] = core::array::from_fn(|i| {
    ///     let (n, s) = ([0.0, 5e2, 1e3, 2e3, 8e3, 32e3][i % 6], [1e4, 8e4][i / 6]);
    ///     (n, s, truth.error_at(n, s))
    /// });
    /// let law = FullBentLaw::fit(&points)?.law();
    /// assert!((law.n_h / 900.0 - 1.0).abs() < 1e-4 && (law.sharpness - 2.0).abs() < 1e-4, "{law:?}");
    /// # Ok::<(), syn2real::FitError>(())
    /// ```
    pub fn fit<T: Copy + Into<GridPoint>>(points: &[T]) -> Result<FullBentFit, FitError> {
        FullBentLaw::fit_with(points, &FullBentOptions::default())
    }

    /// Fits with options.
    ///
    /// # Errors
    /// As [`FullBentLaw::fit`] (four distinct n for the rectified and the shifted bend), and [`FitError::BadOption`] names an
    /// option out of its range.
    ///
    /// ```
    /// use syn2real::{Bend, FullBentLaw, FullBentOptions};
    ///
    /// let truth = FullBentLaw { delta: 42.0, gamma: 0.02, alpha: 0.5, beta: 0.3, n_h: 900.0, sharpness: 0.5, e: 0.0 };
    /// let points: [_; 10] = core::array::from_fn(|i| {
    ///     let (n, s) = ([0.0, 1e3, 2e3, 8e3, 32e3][i % 5], [1e4, 8e4][i / 5]);
    ///     (n, s, truth.error_at(n, s))
    /// });
    /// let options = FullBentOptions { bend: Bend::Rectified, ..FullBentOptions::default() };
    /// let law = FullBentLaw::fit_with(&points, &options)?.law();
    /// assert!((law.alpha - 0.5).abs() < 1e-6 && law.sharpness == law.alpha, "{law:?}");
    /// # Ok::<(), syn2real::FitError>(())
    /// ```
    pub fn fit_with<T: Copy + Into<GridPoint>>(
        points: &[T],
        options: &FullBentOptions,
    ) -> Result<FullBentFit, FitError> {
        full_bent(&raw(points), f64::INFINITY, options)
    }
}

/// The law fitted to rows as they were measured, those of n beyond `n_max` left out.
pub(crate) fn full_bent(rows: &GridRows<'_>, n_max: f64, options: &FullBentOptions) -> Result<FullBentFit, FitError> {
    let data = Weighed { n_max, ..Weighed::new(rows, options.weights, options.residual) };
    estimate::fit(&data, options)
}
