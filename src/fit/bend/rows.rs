//! What the bending laws are fitted to: the points of a curve, or the nodes that stand for them, and what was measured
//! without pre-training.
use crate::law::Residual;
use crate::math;
use crate::point::Point;
use crate::simd::LANES;
use crate::solve::Observations;

use super::super::curve::{Curve, Node};
use super::super::source::Source;

/// ln(n / n_min) of n = 0: far enough that (n / n_min)^beta is 0 at every beta from [`super::domain::BETA_MIN`] on, and finite,
/// for 0 times it must be 0.
pub(super) const NOTHING: f64 = -1e6;

/// Nodes that are loaded at a time.
const CHUNK: usize = LANES;
pub(super) const EMPTY: [Node; CHUNK] = [Node::NONE; CHUNK];

/// Points with a size above 0 as the search over nodes wants them: those without pre-training have no weight here.
pub(crate) struct Trained<'a>(pub(crate) &'a Source<'a>);

impl Observations<Point> for Trained<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }
    fn block(&self, k: usize) -> Option<[Point; LANES]> {
        let block = self.0.block(k)?;
        Some(block.map(|p| if p.n == 0.0 { Point { n: 1.0, weight: 0.0, ..p } } else { p }))
    }
}

/// What a pass runs over.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) curve: &'a Curve,
    /// What was measured at n = 0, as one node.
    pub(super) untrained: Option<Node>,
    /// All points; without them the nodes of the curve, and the one above.
    pub(super) points: Option<&'a Source<'a>>,
    pub(super) residual: Residual,
}

impl Rows<'_> {
    /// Loads chunk `k`; how many nodes, 0 past the end.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn load(&self, k: usize, chunk: &mut [Node; CHUNK]) -> usize {
        match self.points {
            None => self.nodes(k, chunk),
            Some(points) => self.of_points(points, k, chunk),
        }
    }

    #[cfg_attr(wide, inline(always))]
    fn nodes(&self, k: usize, chunk: &mut [Node; CHUNK]) -> usize {
        let nodes = self.curve.nodes().chain(&self.untrained).skip(k * CHUNK);
        let mut count = 0;
        for (slot, node) in chunk.iter_mut().zip(nodes) {
            *slot = *node;
            count += 1;
        }
        count
    }

    /// Out of line: long curves only, and the logarithms take most of the time.
    #[inline(never)]
    fn of_points(&self, points: &Source<'_>, k: usize, chunk: &mut [Node; CHUNK]) -> usize {
        let Some(block) = points.block(k) else { return 0 };
        let mut count = 0;
        for ((slot, p), _) in chunk.iter_mut().zip(block).zip(k * CHUNK..points.len()) {
            *slot = self.node(&p);
            count += 1;
        }
        count
    }

    /// A point in the units of the curve.
    pub(super) fn node(&self, p: &Point) -> Node {
        let t = if p.n == 0.0 { NOTHING } else { math::ln(p.n) - self.curve.ln_n_min };
        let error = p.error / self.curve.scale;
        let target = if self.residual == Residual::Log { math::ln(error) } else { error };
        Node::new(t, error, target, p.weight / self.curve.weight_scale, self.residual)
    }
}
