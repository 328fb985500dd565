//! What users call.
mod bend;
mod bins;
mod blocks;
mod curve;
mod curves;
mod display;
mod domain;
mod error;
mod estimate;
mod frame;
mod full;
mod interval;
mod lanes;
mod line;
mod loss;
mod newton;
mod optimum;
mod options;
mod pass;
mod places;
mod polish;
mod profile;
mod ready;
mod report;
mod rescue;
mod robust;
mod scale;
mod search;
pub(crate) mod slice;
mod solver;
mod source;
mod spread;
pub(crate) mod wide;

pub use bend::{BendFit, BendMinimum, BentFit, RectifiedFit, ShiftedFit};
pub(crate) use bend::{Trained, bent, rectified, shifted};
pub(crate) use blocks::Blocks;
pub(crate) use curve::{Curve, NODES};
pub(crate) use curves::Curves;
pub(crate) use domain::Domain;
pub use error::FitError;
pub(crate) use frame::STEEP;
pub use full::{
    AdditiveFit, AdditiveOptions, Bend, Consistency, FullBentFit, FullBentOptions, FullClass, FullFit, FullOptions,
    FullReport, GridFit, GridMinimum, LackOfFitAtS,
};
pub(crate) use full::{
    Erased, GridRows, Place, Pull, Refit, Weighed, additive, fit_grid_law, full, full_bent, raw, residual_of, rows,
};
pub use interval::{Confidence, Interval};
pub(crate) use lanes::POINTS as FEW_POINTS;
pub use line::Rise;
pub(crate) use loss::Cost;
pub(crate) use newton::retract;
pub use options::{FitOptions, Weights};
pub(crate) use pass::{At, Derivatives, Differentiate};
pub(crate) use report::source_of;
pub use report::{Class, Fit, FitReport, Minimum, PowerFit, Syn2RealFit};
pub(crate) use scale::{median, select};
pub(crate) use source::{Source, each, source, weighed, weighed_row};

use crate::law::{PowerLaw, Syn2RealLaw};
use crate::point::Point;
use curves::{One, Rows, Slices};
use lanes::{Kept, Many};
use optimum::{Minima, Optimum};

impl Syn2RealLaw {
    /// Fits the law with the default options: log residual, square loss, alpha in [0, 10], D and C not negative.
    ///
    /// The answer is the global optimum over the domain, found by a complete search; the order of the points does not
    /// matter but for rounding.
    ///
    /// # Errors
    /// [`FitError::Point`] names the first point that cannot be used, [`FitError::TooFewPoints`] if fewer than three
    /// distinct n have a weight above 0, [`FitError::NotConverged`] if a value leaves the range of f64 or no minimum could be
    /// made sure of (no case among 600,000 random curves of 7 points).
    ///
    /// ```
    /// use syn2real::Syn2RealLaw;
    ///
    /// let points = [(1_000, 0.9575), (2_000, 0.9534), (4_000, 0.9471), (8_000, 0.9455), (16_000, 0.9432)];
    /// let fit = Syn2RealLaw::fit(&points)?;
    /// assert!(fit.law().error_at(128_000.0) < 0.9432);
    /// # Ok::<(), syn2real::FitError>(())
    /// ```
    pub fn fit<T: Copy + Into<Point>>(points: &[T]) -> Result<Syn2RealFit, FitError> {
        Syn2RealLaw::fit_with(points, &FitOptions::default())
    }

    /// Fits the law with options.
    ///
    /// # Errors
    /// As [`Syn2RealLaw::fit`], and [`FitError::BadOption`] names an option out of its range. With k parameters held
    /// fixed, 3 - k distinct n are enough.
    ///
    /// ```
    /// use syn2real::{FitOptions, Residual, Syn2RealLaw};
    ///
    /// let points = [(1_000, 0.9575), (2_000, 0.9534), (4_000, 0.9471), (8_000, 0.9455), (16_000, 0.9432)];
    /// let options = FitOptions { residual: Residual::Linear, fixed_d: Some(0.48), ..FitOptions::default() };
    /// let fit = Syn2RealLaw::fit_with(&points, &options)?;
    /// assert_eq!(fit.law().d, 0.48);
    /// assert_eq!(fit.std_errors()[0], None);
    /// # Ok::<(), syn2real::FitError>(())
    /// ```
    pub fn fit_with<T: Copy + Into<Point>>(points: &[T], options: &FitOptions) -> Result<Syn2RealFit, FitError> {
        let data = source(points, options.weights, options.residual);
        fit_points(&data, options)
    }

    /// Fits many curves of any lengths; `each` is called with `k` and the result of `curves[k]` once for every curve, in
    /// order, bit for bit what [`Syn2RealLaw::fit_with`] gives for it. A curve that cannot be fitted has its own reason and
    /// does not stop the others.
    ///
    /// Curves of up to 64 points are fitted eight side by side with the square loss, D not bounded and at most one parameter
    /// fixed, some five times faster than one by one (7 points, `cargo bench --bench many`); so is a single one of them, with
    /// eight rates side by side.
    ///
    /// ```
    /// use syn2real::{FitError, FitOptions, Syn2RealLaw};
    ///
    /// let curve = [(1_000, 0.90), (2_000, 0.83), (4_000, 0.79), (8_000, 0.755)];
    /// let mut gaps = [None; 2];
    /// Syn2RealLaw::fit_many(&[&curve[..], &curve[..1]], &FitOptions::default(), |k, result| match result {
    ///     Ok(fit) => gaps[k] = Some(fit.law().c),
    ///     Err(why) => assert_eq!((k, why), (1, FitError::TooFewPoints { needed: 3, got: 1 })),
    /// });
    /// assert_eq!(gaps, [Some(Syn2RealLaw::fit(&curve)?.law().c), None]);
    /// # Ok::<(), FitError>(())
    /// ```
    pub fn fit_many<C: AsRef<[T]>, T: Copy + Into<Point>>(
        curves: &[C],
        options: &FitOptions,
        mut each: impl FnMut(usize, Result<Syn2RealFit, FitError>),
    ) {
        fit_curves(&Slices::new(curves, options), options, false, &mut each);
    }

    /// Fits K curves over the same sizes: `n` holds the sizes, `errors` a row of `n.len()` errors for each curve
    /// (row-major, K x n.len()); `each` is called with k and the result of row k once for every row, in order, bit for bit
    /// what [`Syn2RealLaw::fit_with`] gives for it. A row that cannot be fitted has its own reason and does not stop the
    /// others.
    ///
    /// # Errors
    /// [`FitError::BadOption`] for `errors` if it is not made of whole rows; `each` is then not called.
    ///
    /// ```
    /// use syn2real::{FitError, FitOptions, Syn2RealLaw};
    ///
    /// let n = [1e3, 2e3, 4e3, 8e3];
    /// let errors = [0.90, 0.83, 0.79, 0.755, /* next curve */ 0.80, 0.75, 0.72, 0.70];
    /// let mut gaps = Vec::new();
    /// Syn2RealLaw::fit_grid(&n, &errors, &FitOptions::default(), |_, result| gaps.push(result.map(|fit| fit.law().c)))?;
    /// assert!(gaps[0]? > gaps[1]?);
    /// # Ok::<(), FitError>(())
    /// ```
    pub fn fit_grid(
        n: &[f64],
        errors: &[f64],
        options: &FitOptions,
        mut each: impl FnMut(usize, Result<Syn2RealFit, FitError>),
    ) -> Result<(), FitError> {
        let rows = Rows::new(n, errors, options).ok_or(FitError::BadOption { field: "errors" })?;
        fit_curves(&rows, options, false, &mut each);
        Ok(())
    }
}

impl PowerLaw {
    /// Fits L(n) = D n^-alpha with the default options: law (1) with C = 0.
    ///
    /// # Errors
    /// As [`Syn2RealLaw::fit`]; two distinct n are enough.
    ///
    /// ```
    /// use syn2real::PowerLaw;
    ///
    /// let fit = PowerLaw::fit(&[(100, 0.2), (400, 0.1), (1600, 0.05)])?;
    /// assert!((fit.law().alpha - 0.5).abs() < 1e-12 && (fit.law().d - 2.0).abs() < 1e-11);
    /// # Ok::<(), syn2real::FitError>(())
    /// ```
    pub fn fit<T: Copy + Into<Point>>(points: &[T]) -> Result<PowerFit, FitError> {
        PowerLaw::fit_with(points, &FitOptions::default())
    }

    /// Fits with options; `fixed_c` must be `None` or 0.
    ///
    /// # Errors
    /// As [`Syn2RealLaw::fit_with`].
    pub fn fit_with<T: Copy + Into<Point>>(points: &[T], options: &FitOptions) -> Result<PowerFit, FitError> {
        power_points(&source(points, options.weights, options.residual), options)
    }
}

/// The fit of these points. Not generic: a crate that calls it compiles no search of its own.
///
/// A small curve goes through lanes.rs: `one` and `single` load it, lanes/search.rs samples its profile, brackets the
/// minima, refines what is doubtful and descends, `assemble` reports. Any other: optimum.rs loads it, search.rs samples and
/// brackets, polish.rs descends, estimate.rs reports.
pub(crate) fn fit_points(data: &Source<'_>, options: &FitOptions) -> Result<Syn2RealFit, FitError> {
    // Points without weight do not count: one of many curves takes the same way, whatever is left out of it.
    match if lanes::takes(options) { lanes::one(data, options) } else { None } {
        Some(fit) => Ok(fit),
        None => search_points(data, options),
    }
}

/// The fit of the power law to these points.
pub(crate) fn power_points(data: &Source<'_>, options: &FitOptions) -> Result<PowerFit, FitError> {
    if options.fixed_c.is_some_and(|c| c != 0.0) {
        return Err(FitError::BadOption { field: "fixed_c" });
    }
    Ok(estimate::power(&fit_points(data, &FitOptions { fixed_c: Some(0.0), ..*options })?))
}

/// The laws alone of many curves, as [`Syn2RealLaw::fit_many`] gives the fits. With `shares_grid` points without weight
/// keep their places in the sums: curves that differ in errors and weights only cost less, and are right to rounding.
pub(crate) fn fit_laws(
    curves: &dyn Curves,
    options: &FitOptions,
    shares_grid: bool,
    each: &mut dyn FnMut(usize, Result<Syn2RealLaw, FitError>),
) {
    fit_curves(curves, options, shares_grid, each);
}

fn fit_curves<T: Kept>(
    curves: &dyn Curves,
    options: &FitOptions,
    keeps_idle: bool,
    each: &mut dyn FnMut(usize, Result<T, FitError>),
) {
    let otherwise = |k: usize| search_points(&One { curves, k }, options).map(T::of_fit);
    if lanes::takes(options) {
        Many { curves, options, keeps_idle, otherwise: &otherwise }.run(each);
    } else {
        for k in 0..curves.count() {
            each(k, otherwise(k));
        }
    }
}

/// The same by the longer search of one curve, which takes any options.
#[inline(never)]
pub(crate) fn search_points(data: &Source<'_>, options: &FitOptions) -> Result<Syn2RealFit, FitError> {
    let mut curve = Curve::EMPTY;
    let mut minima = Minima::EMPTY;
    let optimum = Optimum::find(data, options, &mut curve, &mut minima)?;
    estimate::syn2real(&optimum, options, data)
}

#[cfg(feature = "alloc")]
impl Syn2RealLaw {
    /// Fits every curve as [`Syn2RealLaw::fit_many`] does; entry k is the result of `curves[k]`.
    ///
    /// ```
    /// use syn2real::{FitOptions, Syn2RealLaw};
    ///
    /// let curves = [vec![(1_000, 0.90), (2_000, 0.83), (4_000, 0.79)], vec![(1_000, 0.8), (3_000, 0.7), (9_000, 0.65)]];
    /// let fits = Syn2RealLaw::fit_all(&curves, &FitOptions::default());
    /// assert_eq!(fits, [Syn2RealLaw::fit(&curves[0]), Syn2RealLaw::fit(&curves[1])]);
    /// ```
    pub fn fit_all<C: AsRef<[T]>, T: Copy + Into<Point>>(
        curves: &[C],
        options: &FitOptions,
    ) -> alloc::vec::Vec<Result<Syn2RealFit, FitError>> {
        let mut all = alloc::vec::Vec::with_capacity(curves.len());
        Syn2RealLaw::fit_many(curves, options, |_, result| all.push(result));
        all
    }
}
