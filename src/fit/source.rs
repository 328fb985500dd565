//! The points of a fit without the type that the user has them in: the search is compiled once, here, and not again for
//! each type and in each crate that calls it.
use crate::law::Residual;
use crate::point::{GridPoint, Point};
use crate::simd::LANES;
use crate::solve::{Mapped, Observations};

use super::options::Weights;

/// Points of any origin, read eight at a time.
pub(crate) type Source<'a> = dyn Observations<Point> + 'a;

/// The user's points as a fit reads them. This and [`grid_source`] are the doors: behind them a weight is that of the
/// squared residual, whatever the user's means.
pub(crate) fn source<T: Copy + Into<Point>>(
    points: &[T],
    weights: Weights,
    residual: Residual,
) -> Mapped<'_, T, impl Fn(&T) -> Point + Clone> {
    Mapped::new(points, move |&p: &T| weighed(p.into(), weights, residual))
}

/// The same for measurements over both sizes.
pub(crate) fn grid_source<T: Copy + Into<GridPoint>>(
    points: &[T],
    weights: Weights,
    residual: Residual,
) -> Mapped<'_, T, impl Fn(&T) -> GridPoint + Clone + use<T>> {
    Mapped::new(points, move |&p: &T| weighed_row(p.into(), weights, residual))
}

/// A point with the weight of its squared residual. Inlined: a call for each point is a tenth of a pass over a long curve.
#[cfg_attr(wide, inline(always))]
pub(crate) fn weighed(p: Point, weights: Weights, residual: Residual) -> Point {
    Point { weight: weights.of_residual(p.weight, p.error, residual), ..p }
}

/// A row with the weight of its squared residual.
#[cfg_attr(wide, inline(always))]
pub(crate) fn weighed_row(p: GridPoint, weights: Weights, residual: Residual) -> GridPoint {
    GridPoint { weight: weights.of_residual(p.weight, p.error, residual), ..p }
}

/// The points of a source one by one.
pub(crate) fn each<'a>(data: &'a Source<'a>) -> Each<'a> {
    Each { data, len: data.len(), index: 0, block: [Point::new(0.0, 0.0); LANES] }
}

/// See [`each`].
#[derive(Clone)]
pub(crate) struct Each<'a> {
    data: &'a Source<'a>,
    len: usize,
    index: usize,
    /// The block that holds point `index`, once it has been asked for its first.
    block: [Point; LANES],
}

impl Iterator for Each<'_> {
    type Item = Point;

    fn next(&mut self) -> Option<Point> {
        if self.index >= self.len {
            return None;
        }
        let lane = self.index & (LANES - 1);
        if lane == 0 {
            self.block = self.data.block(self.index / LANES)?;
        }
        self.index += 1;
        Some(self.block[lane])
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.len.saturating_sub(self.index);
        (left, Some(left))
    }
}
