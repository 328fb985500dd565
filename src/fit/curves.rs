//! Many curves by number, whatever the user has them in.
use core::marker::PhantomData;

use crate::point::Point;
use crate::simd::LANES;
use crate::solve::Observations;

use super::options::{FitOptions, Weights};
use super::source::{source, weighed};

/// Curves by number, read eight points at a time. What fits them is compiled once for all kinds of them.
pub(crate) trait Curves {
    /// How many.
    fn count(&self) -> usize;

    /// Points of curve `k`.
    fn len(&self, k: usize) -> usize;

    /// Points 8 `b` to 8 `b` + 7 of curve `k`, as [`Observations::block`] gives them.
    fn block(&self, k: usize, b: usize) -> Option<[Point; LANES]>;

    /// The sizes that all curves share and their errors, one row for each curve, where they are held so.
    fn rows(&self) -> Option<(&[f64], &[f64])> {
        None
    }
}

/// One of many curves.
#[derive(Clone, Copy)]
pub(super) struct One<'a> {
    pub(super) curves: &'a dyn Curves,
    pub(super) k: usize,
}

impl Observations<Point> for One<'_> {
    fn len(&self) -> usize {
        self.curves.len(self.k)
    }

    fn block(&self, b: usize) -> Option<[Point; LANES]> {
        self.curves.block(self.k, b)
    }
}

/// Slices of what converts to points.
pub(super) struct Slices<'a, C, T> {
    curves: &'a [C],
    options: &'a FitOptions,
    of: PhantomData<fn(&T)>,
}

impl<'a, C: AsRef<[T]>, T: Copy + Into<Point>> Slices<'a, C, T> {
    pub(super) fn new(curves: &'a [C], options: &'a FitOptions) -> Slices<'a, C, T> {
        Slices { curves, options, of: PhantomData }
    }

    fn slice(&self, k: usize) -> &'a [T] {
        self.curves.get(k).map_or(&[], |curve| curve.as_ref())
    }
}

impl<C: AsRef<[T]>, T: Copy + Into<Point>> Curves for Slices<'_, C, T> {
    fn count(&self) -> usize {
        self.curves.len()
    }

    fn len(&self, k: usize) -> usize {
        self.slice(k).len()
    }

    fn block(&self, k: usize, b: usize) -> Option<[Point; LANES]> {
        source(self.slice(k), self.options.weights, self.options.residual).block(b)
    }
}

/// The rows of a matrix of errors over the same sizes.
pub(super) struct Rows<'a> {
    n: &'a [f64],
    errors: &'a [f64],
    count: usize,
    options: &'a FitOptions,
}

impl<'a> Rows<'a> {
    /// `None` if the errors are not made of whole rows.
    pub(super) fn new(n: &'a [f64], errors: &'a [f64], options: &'a FitOptions) -> Option<Rows<'a>> {
        let count = errors.len().checked_div(n.len())?;
        (count * n.len() == errors.len()).then_some(Rows { n, errors, count, options })
    }
}

impl Curves for Rows<'_> {
    fn count(&self) -> usize {
        self.count
    }

    fn len(&self, _: usize) -> usize {
        self.n.len()
    }

    fn block(&self, k: usize, b: usize) -> Option<[Point; LANES]> {
        let errors = self.errors.get(k.checked_mul(self.n.len())?..)?;
        let first = b.checked_mul(LANES)?;
        let mut rest = self.n.iter().zip(errors).skip(first);
        let FitOptions { weights, residual, .. } = *self.options;
        let mut rest = rest.by_ref().map(|(&n, &error)| weighed(Point::new(n, error), weights, residual));
        let mut last = rest.next()?;
        let mut block = [last; LANES];
        for slot in block.iter_mut().skip(1) {
            last = rest.next().unwrap_or(last);
            *slot = last;
        }
        Some(block)
    }

    fn rows(&self) -> Option<(&[f64], &[f64])> {
        // All weights are 1, but as sigmas they are not.
        (self.options.weights != Weights::Sigma).then_some((self.n, self.errors))
    }
}
