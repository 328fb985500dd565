//! What lies around a fit: the linearised data (Appendix C.3), the cost over alpha and D (Figs 13 and 14).
use core::fmt;

use crate::fit::{FitError, FitOptions};
use crate::law::{Residual, Syn2RealLaw};
use crate::math;
use crate::point::Point;

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum LandscapeError {
    /// A buffer of the caller has the wrong length.
    Buffer {
        /// Its name.
        buffer: &'static str,
        /// Length needed.
        needed: usize,
        /// Length given.
        got: usize,
    },
    /// The transfer gap is not a finite number, or not negative.
    Gap,
    /// A cell of the grid has no cost.
    Cell {
        /// Index into the alphas.
        row: usize,
        /// Index into the Ds.
        column: usize,
        /// Why.
        source: FitError,
    },
    /// A point cannot be used, or an option is out of its range.
    Fit(FitError),
    /// An argument that must be a finite size above 0, in order, is not.
    Sizes,
}

impl fmt::Display for LandscapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LandscapeError::Buffer { buffer, needed, got } => {
                write!(f, "buffer {buffer} needs {needed} entries, has {got}: pass one of that length")
            }
            LandscapeError::Gap => f.write_str("the transfer gap must be finite and not negative: pass the C of a fit"),
            LandscapeError::Cell { row, column, source } => {
                write!(f, "alpha number {row}, D number {column}: {source}")
            }
            LandscapeError::Fit(source) => source.fmt(f),
            LandscapeError::Sizes => f.write_str("sizes must be finite, above 0 and ordered: swap them or leave 0 out"),
        }
    }
}

impl core::error::Error for LandscapeError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            LandscapeError::Cell { source, .. } | LandscapeError::Fit(source) => Some(source),
            _ => None,
        }
    }
}

/// How many points [`linearise`] wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Linearised {
    /// Points with L > C: the first entries of `out`.
    pub above: usize,
    /// Points with L <= C, which have no logarithm: the first entries of `below` are their indices.
    pub below: usize,
}

/// Writes (n, L - C) into `out` for every point with L > C, in their order, and the indices of the others into `below`:
/// on log-log axes the law is then the line ln D - alpha ln n, and no point disappears unnoticed (Figs 10-12). Both
/// buffers take as many entries as there are points.
///
/// # Errors
/// [`LandscapeError::Fit`] names a point that cannot be used, [`LandscapeError::Buffer`] a buffer that is too short,
/// [`LandscapeError::Gap`] a C that is negative or not finite.
///
/// ```
/// use syn2real::landscape;
///
/// let points = [(1_000, 0.75), (2_000, 0.625), (4_000, 0.5)];
/// let (mut out, mut below) = ([(0.0, 0.0); 3], [0; 3]);
/// let found = landscape::linearise(&points, 0.5, &mut out, &mut below)?;
/// assert_eq!((found.above, found.below), (2, 1));
/// assert_eq!((&out[..2], &below[..1]), (&[(1000.0, 0.25), (2000.0, 0.125)][..], &[2][..]));
/// # Ok::<(), landscape::LandscapeError>(())
/// ```
pub fn linearise<T: Copy + Into<Point>>(
    points: &[T],
    c: f64,
    out: &mut [(f64, f64)],
    below: &mut [usize],
) -> Result<Linearised, LandscapeError> {
    if !(0.0..f64::INFINITY).contains(&c) {
        return Err(LandscapeError::Gap);
    }
    let needed = points.len();
    for (buffer, got) in [("out", out.len()), ("below", below.len())] {
        if got < needed {
            return Err(LandscapeError::Buffer { buffer, needed, got });
        }
    }
    let (mut found, mut out, mut below) = (Linearised { above: 0, below: 0 }, out.iter_mut(), below.iter_mut());
    for (index, &point) in points.iter().enumerate() {
        let point: Point = point.into();
        let check = point.check(Residual::Linear);
        check.map_err(|source| LandscapeError::Fit(FitError::Point { index, source }))?;
        if point.error > c {
            if let Some(slot) = out.next() {
                *slot = (point.n, point.error - c);
                found.above += 1;
            }
        } else if let Some(slot) = below.next() {
            *slot = index;
            found.below += 1;
        }
    }
    Ok(found)
}

/// The lowest cell of a grid.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Lowest {
    /// Index into the alphas.
    pub row: usize,
    /// Index into the Ds.
    pub column: usize,
    /// The law there, with the best C.
    pub law: Syn2RealLaw,
    /// Its cost.
    pub cost: f64,
}

/// Cost over a grid of alphas and Ds with the best C for each cell (Figs 13 and 14): `out[i * ds.len() + j]` is the
/// smallest cost over C with alpha = `alphas[i]` and D = `ds[j]`. Residual, loss and the domain of C are those of the
/// options; their fixed values and their domains of alpha and D are not used. Returns the lowest cell, `None` for an empty
/// grid.
///
/// # Errors
/// [`LandscapeError::Buffer`] if `out` has not exactly one entry for each cell, [`LandscapeError::Cell`] names the first
/// cell without a cost: an alpha outside [0, 1000], a D that is negative or not finite, or points that cannot be used.
///
/// # Accuracy
/// Each cell is the global optimum over C as [`Syn2RealLaw::fit_with`] finds it.
///
/// ```
/// use syn2real::{FitOptions, landscape};
///
/// let points = [(1_000, 0.9), (2_000, 0.83), (4_000, 0.79), (8_000, 0.755)];
/// let mut out = [0.0; 6];
/// let lowest = landscape::cost(&points, &[0.3, 0.5], &[2.0, 4.0, 8.0], &FitOptions::default(), &mut out)?.unwrap();
/// assert_eq!(out[lowest.row * 3 + lowest.column], lowest.cost);
/// assert!(out.iter().all(|&cost| cost >= lowest.cost));
/// # Ok::<(), landscape::LandscapeError>(())
/// ```
pub fn cost<T: Copy + Into<Point>>(
    points: &[T],
    alphas: &[f64],
    ds: &[f64],
    options: &FitOptions,
    out: &mut [f64],
) -> Result<Option<Lowest>, LandscapeError> {
    let needed = alphas.len().saturating_mul(ds.len());
    if out.len() != needed {
        return Err(LandscapeError::Buffer { buffer: "out", needed, got: out.len() });
    }
    let free = FitOptions::default();
    let (d, alpha) = (free.d, crate::solve::Bounds::new(0.0, 1e3));
    let mut lowest: Option<Lowest> = None;
    for ((row, &a), slots) in alphas.iter().enumerate().zip(out.chunks_exact_mut(ds.len().max(1))) {
        for ((column, &fixed_d), slot) in ds.iter().enumerate().zip(slots) {
            let (fixed_d, fixed_alpha) = (Some(fixed_d), Some(a));
            let cell = FitOptions { fixed_d, fixed_alpha, fixed_c: None, d, alpha, covariance: false, ..*options };
            let fit =
                Syn2RealLaw::fit_with(points, &cell).map_err(|source| LandscapeError::Cell { row, column, source })?;
            *slot = fit.report().cost;
            if lowest.is_none_or(|l| *slot < l.cost) {
                lowest = Some(Lowest { row, column, law: fit.law(), cost: *slot });
            }
        }
    }
    Ok(lowest)
}

/// Where two laws differ most.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Gap {
    /// The size n.
    pub n: f64,
    /// |difference of the errors| there.
    pub gap: f64,
}

/// The largest difference of two laws over sizes from `from` to `to`, found in closed form: at an end, or where both fall
/// equally fast, n = (D2 alpha2/(D1 alpha1))^(1/(alpha2 - alpha1)). It tells laws apart that a landscape joins by a ridge
/// (Fig. 13).
///
/// # Errors
/// [`LandscapeError::Sizes`] unless 0 < from <= to, both finite.
///
/// ```
/// use syn2real::{Syn2RealLaw, landscape};
///
/// let (a, b) = (Syn2RealLaw { d: 0.5, alpha: 0.4, c: 0.5 }, Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.5 });
/// let widest = landscape::largest_gap(&a, &b, 1e3, 64e3)?;
/// assert!((widest.gap - 0.0026).abs() < 5e-5);
/// # Ok::<(), landscape::LandscapeError>(())
/// ```
pub fn largest_gap(a: &Syn2RealLaw, b: &Syn2RealLaw, from: f64, to: f64) -> Result<Gap, LandscapeError> {
    if !(from > 0.0 && from <= to && to < f64::INFINITY) {
        return Err(LandscapeError::Sizes);
    }
    let difference = |n: f64| (a.error_at(n) - b.error_at(n)).abs();
    let equal_slopes = math::exp((math::ln(b.d * b.alpha) - math::ln(a.d * a.alpha)) / (b.alpha - a.alpha));
    let mut widest = Gap { n: from, gap: difference(from) };
    for n in [to, equal_slopes] {
        // NaN where the laws are parallel: it is in no range.
        if n >= from && n <= to && difference(n) > widest.gap {
            widest = Gap { n, gap: difference(n) };
        }
    }
    Ok(widest)
}
