//! The points of a fit without the type that the user has them in: the search is compiled once, here, and not again for
//! each type and in each crate that calls it.
use crate::point::Point;
use crate::simd::LANES;
use crate::solve::Observations;

/// Points of any origin, read eight at a time.
pub(crate) type Source<'a> = dyn Observations<Point> + 'a;

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
