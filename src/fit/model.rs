//! Law (1) in the coordinates of the polish, x (n / n_ref)^-alpha + z, and its derivatives over blocks of points.
//!
//! D is the extrapolation to n = 1 and nearly collinear with alpha; with n_ref in the middle of the data the condition
//! of J'J falls from 3860 to 477 on the paper's objdet r50 curve.
use crate::law::Residual;
use crate::linalg::{LaneTriangles, Qr, Triangle};
use crate::point::Point;
use crate::simd::{F64x8, Kernel, LANES};
use crate::solve::Observations;

use super::curve::{Curve, Node};
use super::profile::Cost;

/// Eight points; a tail block repeats its last point with weight 0.
pub(crate) struct Block {
    /// ln(n / n_ref).
    t: F64x8,
    /// ln error in the log residual, the error in the linear one.
    target: F64x8,
    weight: F64x8,
}

/// A source of blocks.
pub(crate) trait Blocks {
    fn block(&self, k: usize, reference: f64) -> Option<Block>;
}

/// The nodes of a curve.
pub(crate) struct NodeBlocks<'a>(pub(crate) &'a Curve);

/// The points themselves, their logarithms taken anew in each pass.
pub(crate) struct PointBlocks<'a, D: ?Sized> {
    pub(crate) data: &'a D,
    pub(crate) curve: &'a Curve,
    pub(crate) residual: Residual,
}

/// Lane i of the result is `f` of observation i.
#[inline(always)]
fn lanes<O>(block: &[O; LANES], f: impl Fn(&O) -> f64) -> F64x8 {
    F64x8(core::array::from_fn(|i| f(&block[i])))
}

/// The weights of the first `valid` lanes, 0 in the others.
#[inline(always)]
fn valid_weights(weight: F64x8, valid: usize) -> F64x8 {
    let lane = F64x8([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    lane.lt(F64x8::splat(valid as f64)).select(weight, F64x8::splat(0.0))
}

impl Blocks for NodeBlocks<'_> {
    #[inline(always)]
    fn block(&self, k: usize, reference: f64) -> Option<Block> {
        let nodes = self.0.as_slice();
        let block: [Node; LANES] = nodes.block(k)?;
        let weight = valid_weights(lanes(&block, |o| o.weight), nodes.len().saturating_sub(k * LANES));
        Some(Block { t: lanes(&block, |o| o.t) - reference, target: lanes(&block, |o| o.target), weight })
    }
}

impl<D: Observations<Point> + ?Sized> Blocks for PointBlocks<'_, D> {
    #[inline(always)]
    fn block(&self, k: usize, reference: f64) -> Option<Block> {
        let block = self.data.block(k)?;
        let error = lanes(&block, |o| o.error) / F64x8::splat(self.curve.scale);
        let target = if self.residual == Residual::Log { error.ln() } else { error };
        let weight = lanes(&block, |o| o.weight) / F64x8::splat(self.curve.weight_scale);
        let weight = valid_weights(weight, self.data.len().saturating_sub(k * LANES));
        Some(Block { t: lanes(&block, |o| o.n).ln() - (self.curve.ln_n_min + reference), target, weight })
    }
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

    #[inline(always)]
    fn run(self) -> Derivatives {
        let At { blocks, residual, cost, reference, theta: [x, alpha, z], .. } = self.0;
        let (zero, one) = (F64x8::splat(0.0), F64x8::splat(1.0));
        // cost; g (u, u t, 1, u t^2); exact and Gauss-Newton curvature times (u^2, u^2 t, u^2 t^2, u, u t, 1).
        let mut total = zero;
        let (mut g, mut a, mut b) = ([zero; 4], [zero; 6], [zero; 6]);
        let mut k = 0;
        while let Some(Block { t, target, weight }) = blocks.block(k, reference) {
            k += 1;
            let u = (t * -alpha).exp();
            let m = u * x + z;
            let (r, by_m) = match residual {
                Residual::Log => (m.ln() - target, one / m),
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
            total += weight * rho;
            let gradient = weight * psi * by_m;
            let square = by_m * by_m;
            // d^2 r / d m^2 is -1/m^2 in the log residual.
            let exact = match residual {
                Residual::Log => weight * (slope - psi) * square,
                Residual::Linear => weight * slope,
            };
            let ut = u * t;
            for (sum, factor) in g.iter_mut().zip([u, ut, one, ut * t]) {
                *sum += gradient * factor;
            }
            let products = [u * u, u * ut, ut * ut, u, ut, one];
            let majorant = weight * ratio * square;
            for ((a, b), factor) in a.iter_mut().zip(&mut b).zip(products) {
                (*a, *b) = (*a + exact * factor, *b + majorant * factor);
            }
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

    #[inline(always)]
    fn run(self) -> Triangle<3> {
        let At { blocks, residual, reference, theta: [x, alpha, z], .. } = self.0;
        let one = F64x8::splat(1.0);
        let (mut qr, mut lanes) = (Qr::EMPTY, LaneTriangles::EMPTY);
        let mut k = 0;
        while let Some(Block { t, weight, .. }) = blocks.block(k, reference) {
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
        if k > 1 {
            lanes.merge_into(&mut qr);
        }
        qr.r
    }
}
