//! The points that a pass runs over, eight at a time: those of the data, or the nodes of the search.
use crate::simd::{F64x8, LANES};

use super::curve::Curve;
use super::source::Source;

/// Eight points in three columns, which have no names because [`gather`] gives other ones than [`Blocks::load`] makes of
/// them in place; a tail repeats its last point with weight 0.
pub(super) type Columns = [F64x8; 3];

/// Blocks that are loaded at a time. n, error and weight of a point lie side by side: taken apart in a loop of its own and
/// put into this room, 1.5 KiB of stack, they cost 1 ns per point with AVX-512; between the sums they take those apart, too,
/// and a pass costs twice the time. Without SIMD there is nothing to gain.
const CHUNK: usize = if cfg!(wide) { 8 } else { 1 };

/// Room for them.
pub(super) type Chunk = [Columns; CHUNK];
pub(super) const EMPTY: Chunk = [[F64x8::splat(0.0); 3]; CHUNK];

/// What a pass runs over.
#[derive(Clone, Copy)]
pub(crate) struct Blocks<'a> {
    pub(super) curve: &'a Curve,
    /// The points themselves, their logarithms taken anew in each pass; without them the nodes of the curve.
    points: Option<&'a Source<'a>>,
}

impl<'a> Blocks<'a> {
    /// The nodes of a curve.
    pub(crate) fn nodes(curve: &'a Curve) -> Blocks<'a> {
        Blocks { curve, points: None }
    }

    /// All points: the nodes where each point has one.
    pub(crate) fn all(curve: &'a Curve, data: &'a Source<'a>) -> Blocks<'a> {
        Blocks { curve, points: (!curve.is_complete).then_some(data) }
    }

    /// Whether the targets of the log residual are logarithms already.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn has_logs(&self) -> bool {
        self.points.is_none()
    }

    /// Loads blocks from block `k` on; how many, 0 past the end. Their columns are ln(n / n_ref), the target (the error, or
    /// its logarithm where [`Self::has_logs`]) and the weight; `reference` is ln(n_ref / n_min).
    #[cfg_attr(wide, inline(always))]
    pub(super) fn load(&self, k: usize, reference: f64, chunk: &mut Chunk) -> usize {
        match self.points {
            None => self.load_nodes(k, reference, chunk),
            Some(data) => self.load_points(data, k, reference, chunk),
        }
    }

    #[cfg_attr(wide, inline(always))]
    fn load_nodes(&self, k: usize, reference: f64, chunk: &mut Chunk) -> usize {
        let nodes = self.curve.as_slice();
        let [[t, target, weight], ..] = chunk;
        let Some(rest) = nodes.get(k.saturating_mul(LANES)..).filter(|rest| !rest.is_empty()) else { return 0 };
        let mut last = rest.first();
        for (i, ((t, target), weight)) in t.0.iter_mut().zip(&mut target.0).zip(&mut weight.0).enumerate() {
            let here = rest.get(i);
            last = here.or(last);
            let Some(node) = last else { return 0 };
            (*t, *target, *weight) = (node.t - reference, node.target, if here.is_some() { node.weight } else { 0.0 });
        }
        1
    }

    #[cfg_attr(wide, inline(always))]
    fn load_points(&self, data: &Source<'_>, k: usize, reference: f64, chunk: &mut Chunk) -> usize {
        let count = gather(data, k, chunk);
        let curve = self.curve;
        // Powers of two: exact, as a division would be.
        let (by_scale, by_weight) = (1.0 / curve.scale, 1.0 / curve.weight_scale);
        let zero = curve.ln_n_min + reference;
        for [t, target, weight] in chunk.iter_mut().take(count) {
            *t = t.ln() - zero;
            *target *= by_scale;
            *weight *= by_weight;
        }
        count
    }
}

/// n, error and weight of the points from block `k` on, as they were measured; how many blocks, 0 past the end.
#[cfg_attr(wide, inline(always))]
pub(super) fn gather(data: &Source<'_>, k: usize, chunk: &mut Chunk) -> usize {
    let mut count = 0;
    for [n, error, weight] in chunk.iter_mut() {
        let Some(points) = data.block(k + count) else { break };
        for (i, point) in points.iter().enumerate() {
            (n.0[i], error.0[i], weight.0[i]) = (point.n, point.error, point.weight);
        }
        count += 1;
    }
    // A full chunk may end in a tail, too.
    if let Some(last) = count.checked_sub(1)
        && let Some([_, _, weight]) = chunk.get_mut(last)
    {
        let valid = data.len().saturating_sub((k + last) * LANES) as f64;
        let lane = F64x8([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        *weight = lane.lt(F64x8::splat(valid)).select(*weight, F64x8::splat(0.0));
    }
    count
}
