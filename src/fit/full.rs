//! The laws over n and s: the complete search, what users call.
mod bent;
mod display;
mod estimate;
mod grid;
mod model;
mod options;
mod refit;
mod report;
mod robust;
mod search;
mod surface;

pub(crate) use bent::full_bent;
pub use bent::{Bend, FullBentFit, FullBentOptions};
pub(crate) use grid::{GridRows, rows};
pub(crate) use options::Settings;
pub use options::{AdditiveOptions, FullOptions};
pub(crate) use refit::{Place, Refit};
pub(crate) use report::Erased;
pub use report::{AdditiveFit, Consistency, FullClass, FullFit, FullReport, GridFit, GridMinimum, LackOfFitAtS};
pub(crate) use robust::residual_of;
pub(crate) use surface::Pull;

use crate::law::{AdditiveLaw, FullLaw, Residual};
use crate::point::GridPoint;
use crate::simd::LANES;
use crate::solve::{Mapped, Observations};

use super::error::FitError;
use super::options::Weights;
use super::source::weighed_row;

impl FullLaw {
    /// Fits L(n, s) = delta (gamma + n^-alpha) s^-beta with the default options: log residual, n0 = E = 0, alpha and beta
    /// in [0, 10], delta and gamma not negative.
    ///
    /// The answer is the lowest minimum that a search over alpha and beta finds, with delta, gamma and E solved for at
    /// each place; the order of the points does not matter but for rounding. No heap: points are read anew in each pass.
    ///
    /// # Errors
    /// [`FitError::Point`] names the first row that cannot be used, [`FitError::Unidentifiable`] the parameter that one n
    /// or one s leaves open, [`FitError::TooFewPoints`] and [`FitError::TooFewRows`] say what is missing,
    /// [`FitError::NotConverged`] if a value leaves the range of f64 or the parameters cannot be told apart.
    ///
    /// ```
    /// use syn2real::FullLaw;
    ///
    /// let truth = FullLaw { delta: 42.0, gamma: 0.5, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
    /// let at = |n: f64, s: f64| (n, s, truth.error_at(n, s));
    /// let points = [at(1e3, 2e4), at(4e3, 2e4), at(16e3, 2e4), at(1e3, 8e4), at(4e3, 8e4), at(16e3, 8e4)];
    /// let law = FullLaw::fit(&points)?.law();
    /// assert!((law.alpha - 0.5).abs() < 1e-8 && (law.beta - 0.3).abs() < 1e-8);
    /// # Ok::<(), syn2real::FitError>(())
    /// ```
    pub fn fit<T: Copy + Into<GridPoint>>(points: &[T]) -> Result<FullFit, FitError> {
        FullLaw::fit_with(points, &FullOptions::default())
    }

    /// Fits with options; n0 and E are estimated if they are free.
    ///
    /// # Errors
    /// As [`FullLaw::fit`], and [`FitError::BadOption`] names an option out of its range.
    ///
    /// ```
    /// use syn2real::{FitError, FullLaw, FullOptions, PointError};
    ///
    /// let truth = FullLaw { delta: 42.0, gamma: 0.5, alpha: 0.5, beta: 0.3, n0: 100.0, e: 0.0 };
    /// let sizes = [0.0, 1e3, 4e3, 16e3];
    /// let points: [_; 8] = core::array::from_fn(|i| {
    ///     let (n, s) = (sizes[i % 4], if i < 4 { 2e4 } else { 8e4 });
    ///     (n, s, truth.error_at(n, s))
    /// });
    /// assert_eq!(FullLaw::fit(&points).err(), Some(FitError::Point { index: 0, source: PointError::SizeZero }));
    /// let options = FullOptions { fixed_n0: None, ..FullOptions::default() };
    /// assert!((FullLaw::fit_with(&points, &options)?.law().n0 - 100.0).abs() < 1e-3);
    /// # Ok::<(), syn2real::FitError>(())
    /// ```
    pub fn fit_with<T: Copy + Into<GridPoint>>(points: &[T], options: &FullOptions) -> Result<FullFit, FitError> {
        full(&raw(points), f64::INFINITY, options)
    }
}

impl AdditiveLaw {
    /// Fits L(n, s) = A n^-alpha + B s^-beta + E with the default options and E free: log residual, rates in [0, 10].
    ///
    /// # Errors
    /// As [`FullLaw::fit`].
    ///
    /// ```
    /// use syn2real::AdditiveLaw;
    ///
    /// let truth = AdditiveLaw { a: 5.0, alpha: 0.5, b: 20.0, beta: 0.4, e: 0.1 };
    /// let points: [_; 9] = core::array::from_fn(|i| {
    ///     let (n, s) = ([1e3, 8e3, 64e3][i % 3], [1e4, 4e4, 16e4][i / 3]);
    ///     (n, s, truth.error_at(n, s))
    /// });
    /// let law = AdditiveLaw::fit(&points)?.law();
    /// assert!((law.alpha - 0.5).abs() < 1e-7 && (law.e - 0.1).abs() < 1e-6);
    /// # Ok::<(), syn2real::FitError>(())
    /// ```
    pub fn fit<T: Copy + Into<GridPoint>>(points: &[T]) -> Result<AdditiveFit, FitError> {
        AdditiveLaw::fit_with(points, &AdditiveOptions::default())
    }

    /// Fits with options.
    ///
    /// # Errors
    /// As [`FullLaw::fit_with`].
    ///
    /// ```
    /// use syn2real::{AdditiveLaw, AdditiveOptions, Loss};
    ///
    /// // The Chinchilla fit: Huber 1e-3 in the log residual, here with one measurement that went wrong.
    /// let truth = AdditiveLaw { a: 5.0, alpha: 0.5, b: 20.0, beta: 0.4, e: 0.1 };
    /// let mut points: [_; 16] = core::array::from_fn(|i| {
    ///     let (n, s) = ([1e3, 4e3, 16e3, 64e3][i % 4], [1e4, 4e4, 16e4, 64e4][i / 4]);
    ///     (n, s, truth.error_at(n, s))
    /// });
    /// points[5].2 *= 1.2;
    /// let options = AdditiveOptions { loss: Loss::HuberAbsolute { delta: 1e-3 }, ..AdditiveOptions::default() };
    /// let law = AdditiveLaw::fit_with(&points, &options)?.law();
    /// assert!((law.alpha - 0.5).abs() < 0.01 && (law.e - 0.1).abs() < 0.01);
    /// # Ok::<(), syn2real::FitError>(())
    /// ```
    pub fn fit_with<T: Copy + Into<GridPoint>>(
        points: &[T],
        options: &AdditiveOptions,
    ) -> Result<AdditiveFit, FitError> {
        additive(&raw(points), f64::INFINITY, options)
    }
}

/// Rows as they were measured.
pub(crate) fn raw<T: Copy + Into<GridPoint>>(points: &[T]) -> Mapped<'_, T, impl Fn(&T) -> GridPoint + use<T>> {
    Mapped::new(points, |&p: &T| p.into())
}

/// Rows with the weights of their squared residuals, those beyond `n_max` left out.
pub(crate) struct Weighed<'a> {
    rows: &'a GridRows<'a>,
    weights: Weights,
    residual: Residual,
    n_max: f64,
}

impl<'a> Weighed<'a> {
    pub(crate) fn new(rows: &'a GridRows<'a>, weights: Weights, residual: Residual) -> Weighed<'a> {
        Weighed { rows, weights, residual, n_max: f64::INFINITY }
    }
}

impl Observations<GridPoint> for Weighed<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn block(&self, k: usize) -> Option<[GridPoint; LANES]> {
        let mut block = self.rows.block(k)?;
        if self.weights == Weights::Sigma || self.n_max < f64::INFINITY {
            for p in &mut block {
                *p = weighed_row(*p, self.weights, self.residual);
                p.weight = if p.n > self.n_max { 0.0 } else { p.weight };
            }
        }
        Some(block)
    }
}

/// The full law fitted to rows as they were measured, those of n beyond `n_max` left out.
pub(crate) fn full(rows: &GridRows<'_>, n_max: f64, options: &FullOptions) -> Result<FullFit, FitError> {
    let data = Weighed { n_max, ..Weighed::new(rows, options.weights, options.residual) };
    Ok(estimate::fit(&data, &options.settings()?)?.of(FullLaw::from_six))
}

/// That of the additive law.
pub(crate) fn additive(rows: &GridRows<'_>, n_max: f64, options: &AdditiveOptions) -> Result<AdditiveFit, FitError> {
    let data = Weighed { n_max, ..Weighed::new(rows, options.weights, options.residual) };
    Ok(estimate::fit(&data, &options.settings()?)?.of(AdditiveLaw::from_six))
}

/// The parameters alone, as a replicate needs them.
pub(crate) fn fit_grid_law(data: &GridRows<'_>, settings: &Settings) -> Option<[f64; 6]> {
    estimate::fit(data, settings).ok().map(|fitted| fitted.parameters[0])
}
