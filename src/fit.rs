//! What users call.
mod bins;
mod curve;
mod display;
mod domain;
mod error;
mod estimate;
mod full;
mod interval;
mod many;
mod model;
mod newton;
mod optimum;
mod options;
mod polish;
mod profile;
mod report;
mod scale;
mod search;
mod source;
mod spread;

pub(crate) use curve::{Curve, NODES, Node};
pub(crate) use domain::Domain;
pub use error::FitError;
pub(crate) use full::fit_held_out;
pub use full::{
    AdditiveFit, AdditiveOptions, Consistency, FullClass, FullFit, FullOptions, FullReport, GridFit, GridMinimum,
    LackOfFit,
};
pub use interval::{Confidence, Interval};
pub(crate) use many::POINTS as FEW_POINTS;
pub use options::{FitOptions, Weights};
pub(crate) use profile::Cost;
pub use report::{Class, Fit, FitReport, Minimum, PowerFit, Syn2RealFit};
pub(crate) use scale::{median, select};
pub(crate) use source::{Source, each};

use crate::law::{PowerLaw, Syn2RealLaw};
use crate::point::Point;
use crate::simd::LANES;
use crate::solve::{Mapped, Observations};
use optimum::Optimum;

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
        let data = Mapped::new(points, |&p: &T| -> Point { p.into() });
        fit_points(&data, options)
    }

    /// Fits `curves[k]` into `out[k]`, bit for bit what [`Syn2RealLaw::fit_with`] gives for each; returns how many were
    /// fitted, the smaller of the two lengths. One curve that cannot be fitted does not stop the others.
    ///
    /// ```
    /// use syn2real::{FitError, FitOptions, Point, Syn2RealLaw};
    ///
    /// let curve = [Point::new(1e3, 0.90), Point::new(2e3, 0.83), Point::new(4e3, 0.79), Point::new(8e3, 0.755)];
    /// let mut out = [Err(FitError::TooFewPoints { needed: 3, got: 0 }); 2];
    /// assert_eq!(Syn2RealLaw::fit_many(&[&curve, &curve[..1]], &FitOptions::default(), &mut out), 2);
    /// assert_eq!(out[0], Syn2RealLaw::fit(&curve));
    /// assert_eq!(out[1], Err(FitError::TooFewPoints { needed: 3, got: 1 }));
    /// ```
    pub fn fit_many(curves: &[&[Point]], options: &FitOptions, out: &mut [Result<Syn2RealFit, FitError>]) -> usize {
        let count = curves.len().min(out.len());
        let out = out.get_mut(..count).unwrap_or(&mut []);
        let points = |k: usize| curves.get(k).copied().unwrap_or(&[]);
        if many::takes(options) {
            let search = |k: usize| search_points(&Mapped::new(points(k), |p| *p), options);
            many::all(|k| points(k).iter().copied(), options, out, search);
        } else {
            for (curve, slot) in curves.iter().zip(out.iter_mut()) {
                *slot = Syn2RealLaw::fit_with(curve, options);
            }
        }
        count
    }

    /// Fits K curves over the same sizes: `n` holds the sizes, `errors` a row of `n.len()` errors for each curve
    /// (row-major, K x n.len()), `out` one slot for each. Bit for bit what [`Syn2RealLaw::fit_with`] gives for each.
    ///
    /// # Errors
    /// [`FitError::BadOption`] for `errors` if it is not made of whole rows, for `out` if it has not K slots; a curve
    /// that cannot be fitted has its reason in its slot.
    ///
    /// ```
    /// use syn2real::{FitError, FitOptions, Syn2RealLaw};
    ///
    /// let n = [1e3, 2e3, 4e3, 8e3];
    /// let errors = [0.90, 0.83, 0.79, 0.755, /* next curve */ 0.80, 0.75, 0.72, 0.70];
    /// let mut out = [Err(FitError::TooFewPoints { needed: 3, got: 0 }); 2];
    /// Syn2RealLaw::fit_grid(&n, &errors, &FitOptions::default(), &mut out)?;
    /// assert!(out[0].unwrap().law().c > out[1].unwrap().law().c);
    /// # Ok::<(), FitError>(())
    /// ```
    pub fn fit_grid(
        n: &[f64],
        errors: &[f64],
        options: &FitOptions,
        out: &mut [Result<Syn2RealFit, FitError>],
    ) -> Result<(), FitError> {
        let rows = match (errors.len().checked_div(n.len()), errors.len().checked_rem(n.len())) {
            (Some(rows), Some(0)) => rows,
            _ => return Err(FitError::BadOption { field: "errors" }),
        };
        if rows != out.len() {
            return Err(FitError::BadOption { field: "out" });
        }
        let row = |k: usize| Row { n, errors: errors.get(k * n.len()..(k + 1) * n.len()).unwrap_or(&[]) };
        let search = |k: usize| search_points(&row(k), options);
        if many::takes(options) {
            many::rows(|k| row(k).points(), (n, errors), options, out, search);
        } else {
            for (k, slot) in out.iter_mut().enumerate() {
                *slot = search(k);
            }
        }
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
        if options.fixed_c.is_some_and(|c| c != 0.0) {
            return Err(FitError::BadOption { field: "fixed_c" });
        }
        let options = FitOptions { fixed_c: Some(0.0), ..*options };
        Ok(estimate::power(&Syn2RealLaw::fit_with(points, &options)?))
    }
}

/// One row of a grid as points.
struct Row<'a> {
    n: &'a [f64],
    errors: &'a [f64],
}

impl<'a> Row<'a> {
    fn points(&self) -> impl Iterator<Item = Point> + Clone + use<'a> {
        self.n.iter().zip(self.errors).map(|(&n, &error)| Point::new(n, error))
    }
}

impl Observations<Point> for Row<'_> {
    fn len(&self) -> usize {
        self.n.len()
    }

    fn block(&self, k: usize) -> Option<[Point; LANES]> {
        let mut rest = self.points().skip(k.checked_mul(LANES)?);
        let first = rest.next()?;
        let mut block = [first; LANES];
        let mut last = first;
        for slot in block.iter_mut().skip(1) {
            last = rest.next().unwrap_or(last);
            *slot = last;
        }
        Some(block)
    }
}

/// The fit of these points. Not generic: a crate that calls it compiles no search of its own.
pub(crate) fn fit_points(data: &Source<'_>, options: &FitOptions) -> Result<Syn2RealFit, FitError> {
    let is_small = many::takes(options) && data.len() <= many::POINTS;
    match if is_small { many::one(each(data), options) } else { None } {
        Some(fit) => Ok(fit),
        None => search_points(data, options),
    }
}

/// The laws of many curves: `curve(k)` has the points of number k, and `data(k)` holds them in blocks; `failed` stands for
/// a curve that has no fit. With `shares_grid` points without weight keep their places in the sums: curves that differ in
/// errors and weights only cost less, and are right to rounding.
pub(crate) fn fit_laws<I, D>(
    curve: impl Fn(usize) -> I,
    data: impl Fn(usize) -> D,
    options: &FitOptions,
    shares_grid: bool,
    failed: Syn2RealLaw,
    out: &mut [Syn2RealLaw],
) where
    I: Iterator<Item = Point> + Clone,
    D: Observations<Point>,
{
    let search = |k: usize| search_points(&data(k), options).map_or(failed, |fit| fit.law());
    if many::takes(options) {
        many::laws(&curve, options, shares_grid, out, search);
    } else {
        for (k, slot) in out.iter_mut().enumerate() {
            *slot = search(k);
        }
    }
}

/// The same by the longer search of one curve, which takes any options.
#[inline(never)]
fn search_points(data: &Source<'_>, options: &FitOptions) -> Result<Syn2RealFit, FitError> {
    let mut curve = Curve::EMPTY;
    let optimum = Optimum::find(each(data), data, options, &mut curve)?;
    estimate::syn2real(&optimum, options, each(data))
}

#[cfg(feature = "alloc")]
impl Syn2RealLaw {
    /// Fits every curve; the result has one entry for each, in their order.
    pub fn fit_all(curves: &[&[Point]], options: &FitOptions) -> alloc::vec::Vec<Result<Syn2RealFit, FitError>> {
        curves.iter().map(|curve| Syn2RealLaw::fit_with(curve, options)).collect()
    }
}
