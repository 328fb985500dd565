//! Law (1) in the coordinates of the polish, x (n / n_ref)^-alpha + z, and its derivatives over blocks of points.
//!
//! D is the extrapolation to n = 1 and nearly collinear with alpha; with n_ref in the middle of the data the condition
//! of J'J falls from 3860 to 477 on the paper's objdet r50 curve.
use crate::law::Residual;
use crate::linalg::{LaneTriangles, Qr, Triangle};
use crate::simd::{F64x8, Kernel, LANES};
use crate::solve::Observations;

use super::curve::{Curve, Node};
use super::profile::Cost;
use super::source::Source;

/// Eight points; a tail block repeats its last point with weight 0.
#[derive(Clone, Copy)]
pub(crate) struct Block {
    /// ln(n / n_ref).
    pub(super) t: F64x8,
    /// The error, or its logarithm if [`Blocks::HAS_LOGS`].
    pub(super) target: F64x8,
    pub(super) weight: F64x8,
}

impl Block {
    pub(super) const EMPTY: Block =
        Block { t: F64x8::splat(0.0), target: F64x8::splat(0.0), weight: F64x8::splat(0.0) };
}

/// A source of blocks.
pub(crate) trait Blocks {
    /// Whether the targets of the log residual are logarithms already.
    const HAS_LOGS: bool;

    /// Room for the blocks that are loaded at a time.
    type Chunk: AsRef<[Block]>;
    const EMPTY: Self::Chunk;

    /// Loads blocks from block `k` on; how many, 0 past the end.
    fn load(&self, k: usize, reference: f64, chunk: &mut Self::Chunk) -> usize;
}

/// The nodes of a curve.
pub(crate) struct NodeBlocks<'a>(pub(crate) &'a Curve);

/// The points themselves, their logarithms taken anew in each pass.
pub(crate) struct PointBlocks<'a> {
    pub(crate) data: &'a Source<'a>,
    pub(crate) curve: &'a Curve,
}

impl Blocks for NodeBlocks<'_> {
    const HAS_LOGS: bool = true;
    type Chunk = [Block; 1];
    const EMPTY: [Block; 1] = [Block::EMPTY];

    #[cfg_attr(wide, inline(always))]
    fn load(&self, k: usize, reference: f64, [chunk]: &mut [Block; 1]) -> usize {
        let nodes = self.0.as_slice();
        let Some(block) = nodes.block(k) else { return 0 };
        let block: [Node; LANES] = block;
        for (i, node) in block.iter().enumerate() {
            (chunk.t.0[i], chunk.target.0[i], chunk.weight.0[i]) = (node.t, node.target, node.weight);
        }
        chunk.t -= reference;
        chunk.weight = valid_weights(chunk.weight, nodes.len().saturating_sub(k * LANES));
        1
    }
}

/// Blocks of points that are loaded at a time. n, error and weight of a point lie side by side: taken apart in a loop of
/// its own and put into this room, 1.5 KiB of stack, they cost 1 ns per point with AVX-512; between the sums they take
/// those apart, too, and a pass costs twice the time.
pub(super) const CHUNK: usize = 8;

impl Blocks for PointBlocks<'_> {
    const HAS_LOGS: bool = false;
    type Chunk = [Block; CHUNK];
    const EMPTY: [Block; CHUNK] = [Block::EMPTY; CHUNK];

    #[cfg_attr(wide, inline(always))]
    fn load(&self, k: usize, reference: f64, chunk: &mut [Block; CHUNK]) -> usize {
        let count = columns(self.data, k, chunk);
        let curve = self.curve;
        // Powers of two: exact, as a division would be.
        let (by_scale, by_weight) = (1.0 / curve.scale, 1.0 / curve.weight_scale);
        let zero = curve.ln_n_min + reference;
        for block in chunk.iter_mut().take(count) {
            block.t = block.t.ln() - zero;
            block.target *= by_scale;
            block.weight *= by_weight;
        }
        count
    }
}

/// n (as t), error (as target) and weight of the points from block `k` on; past the last point it repeats with weight 0.
#[cfg_attr(wide, inline(always))]
pub(super) fn columns(data: &Source<'_>, k: usize, chunk: &mut [Block; CHUNK]) -> usize {
    let mut count = 0;
    for block in chunk.iter_mut() {
        let Some(points) = data.block(k + count) else { break };
        for (i, point) in points.iter().enumerate() {
            (block.t.0[i], block.target.0[i], block.weight.0[i]) = (point.n, point.error, point.weight);
        }
        count += 1;
    }
    // A full chunk may end in a tail, too.
    if let Some(last) = count.checked_sub(1)
        && let Some(block) = chunk.get_mut(last)
    {
        block.weight = valid_weights(block.weight, data.len().saturating_sub((k + last) * LANES));
    }
    count
}

/// The weights of the first `valid` lanes, 0 in the others.
#[cfg_attr(wide, inline(always))]
fn valid_weights(weight: F64x8, valid: usize) -> F64x8 {
    let lane = F64x8([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    lane.lt(F64x8::splat(valid as f64)).select(weight, F64x8::splat(0.0))
}

/// What a pass evaluates.
pub(crate) struct At<'a, B> {
    pub(crate) blocks: &'a B,
    pub(crate) residual: Residual,
    pub(crate) cost: Cost,
    /// ln(n_ref / n_min).
    pub(crate) reference: f64,
    /// ln(n / n_ref) of the smallest and largest n.
    pub(crate) ends: [f64; 2],
    /// Sum of the weights.
    pub(crate) weight_sum: f64,
    /// Sum of the weights times the squares of what a residual's rounding is relative to.
    pub(crate) size_sum: f64,
    /// x, alpha, z.
    pub(crate) theta: [f64; 3],
}

impl<B> Clone for At<'_, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B> Copy for At<'_, B> {}

/// Cost, gradient and the Hessian, exact and without the second derivatives of model and residual (Gauss-Newton; for
/// Huber with the weights psi/r), both as the lower triangle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Derivatives {
    pub(crate) cost: f64,
    pub(crate) gradient: [f64; 3],
    pub(crate) exact: [[f64; 3]; 3],
    pub(crate) gauss_newton: [[f64; 3]; 3],
}

/// The pass over all blocks that gives [`Derivatives`].
pub(crate) struct Differentiate<'a, B>(pub(crate) At<'a, B>);

impl<B: Blocks> Kernel for Differentiate<'_, B> {
    type Output = Derivatives;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> Derivatives {
        let At { blocks, residual, cost, reference, theta: [x, alpha, z], .. } = self.0;
        let (zero, one) = (F64x8::splat(0.0), F64x8::splat(1.0));
        // cost; g (u, u t, 1, u t^2); exact and Gauss-Newton curvature times (u^2, u^2 t, u^2 t^2, u, u t, 1).
        let mut total = zero;
        let (mut g, mut a, mut b) = ([zero; 4], [zero; 6], [zero; 6]);
        let (mut k, mut chunk) = (0, B::EMPTY);
        loop {
            let count = blocks.load(k, reference, &mut chunk);
            if count == 0 {
                break;
            }
            k += count;
            for &Block { t, target, weight } in chunk.as_ref().iter().take(count) {
                let u = (t * -alpha).exp();
                let m = u * x + z;
                let (r, by_m) = match residual {
                    Residual::Log if B::HAS_LOGS => (m.ln() - target, one / m),
                    // ln(m / error): one logarithm and one division less.
                    Residual::Log => {
                        let by_both = one / (m * target);
                        ((m * m * by_both).ln(), by_both * target)
                    }
                    Residual::Linear => (m - target, one),
                };
                // rho, psi, psi' and psi/r.
                let (rho, psi, slope, ratio) = match cost {
                    Cost::Square => (r * r * 0.5, r, one, one),
                    Cost::Huber(delta) => {
                        let (size, limit) = (r.abs(), F64x8::splat(delta));
                        let inside = size.le(limit);
                        let ratio = inside.select(one, limit / size);
                        let rho = inside.select(r * r * 0.5, (size - limit * 0.5) * limit);
                        (rho, r * ratio, inside.select(one, zero), ratio)
                    }
                };
                // d^2 r / d m^2 is -1/m^2 in the log residual.
                let bend = if residual == Residual::Log { slope - psi } else { slope };
                // One loop over the lanes for all sums: see simd::lanes.
                for i in 0..LANES {
                    let (w, u, t, by_m) = (weight.0[i], u.0[i], t.0[i], by_m.0[i]);
                    let gradient = w * psi.0[i] * by_m;
                    let square = by_m * by_m;
                    let (exact, majorant) = (w * bend.0[i] * square, w * ratio.0[i] * square);
                    let ut = u * t;
                    total.0[i] += w * rho.0[i];
                    g[0].0[i] += gradient * u;
                    g[1].0[i] += gradient * ut;
                    g[2].0[i] += gradient;
                    g[3].0[i] += gradient * (ut * t);
                    let (uu, uut, uutt) = (u * u, u * ut, ut * ut);
                    a[0].0[i] += exact * uu;
                    a[1].0[i] += exact * uut;
                    a[2].0[i] += exact * uutt;
                    a[3].0[i] += exact * u;
                    a[4].0[i] += exact * ut;
                    a[5].0[i] += exact;
                    b[0].0[i] += majorant * uu;
                    b[1].0[i] += majorant * uut;
                    b[2].0[i] += majorant * uutt;
                    b[3].0[i] += majorant * u;
                    b[4].0[i] += majorant * ut;
                    b[5].0[i] += majorant;
                }
            }
            // In memory between the chunks, or the trees of the sums at the end take the lanes apart here already.
            core::hint::black_box((&mut total, &mut g, &mut a, &mut b));
        }
        let g = [g[0].sum(), g[1].sum(), g[2].sum(), g[3].sum()];
        let hessian = |s: &[F64x8; 6], gut: f64, gutt: f64| {
            let [uu, uut, uutt] = [s[0].sum(), s[1].sum(), s[2].sum()];
            let [u, ut, one] = [s[3].sum(), s[4].sum(), s[5].sum()];
            [[uu, 0.0, 0.0], [-x * uut - gut, x * x * uutt + x * gutt, 0.0], [u, -x * ut, one]]
        };
        Derivatives {
            cost: total.sum(),
            gradient: [g[0], -x * g[1], g[2]],
            exact: hessian(&a, g[1], g[3]),
            gauss_newton: hessian(&b, 0.0, 0.0),
        }
    }
}

/// The triangle R of the QR of the weighted Jacobian in (x, alpha, z).
pub(crate) struct Factor<'a, B>(pub(crate) At<'a, B>);

impl<B: Blocks> Kernel for Factor<'_, B> {
    type Output = Triangle<3>;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> Triangle<3> {
        let At { blocks, residual, reference, theta: [x, alpha, z], .. } = self.0;
        let one = F64x8::splat(1.0);
        let (mut qr, mut lanes) = (Qr::EMPTY, LaneTriangles::EMPTY);
        let (mut k, mut chunk) = (0, B::EMPTY);
        loop {
            let count = blocks.load(k, reference, &mut chunk);
            if count == 0 {
                break;
            }
            for &Block { t, weight, .. } in chunk.as_ref().iter().take(count) {
                k += 1;
                let u = (t * -alpha).exp();
                // Nearly always 1.
                let is_unit = weight.eq(one).or(weight.eq(F64x8::splat(0.0)));
                let root = if is_unit.all() { weight } else { weight.sqrt() };
                let scale = match residual {
                    Residual::Log => root / (u * x + z),
                    Residual::Linear => root,
                };
                let row = [u * scale, -(u * t * x) * scale, scale];
                if k == 1 {
                    qr.push(row, F64x8::splat(0.0));
                } else {
                    lanes.push(row);
                }
            }
        }
        if k > 1 {
            lanes.merge_into(&mut qr);
        }
        qr.r
    }
}
