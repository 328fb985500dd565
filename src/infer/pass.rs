//! Cost, gradient and exact Hessian of law (1) over all points at one law.
use crate::fit::{Cost, Curve, Node, Source};
use crate::law::Residual;
use crate::simd::{F64x8, Kernel, LANES};
use crate::solve::Observations;

/// Eight rows: ln(n / n_ref), the target (ln error in the log residual), the weight; a tail repeats its last row with
/// weight 0.
pub(crate) type Rows = [F64x8; 3];

/// A source of rows.
pub(crate) trait RowBlocks {
    fn rows(&self, k: usize, reference: f64) -> Option<Rows>;
}

/// The nodes of a curve, where each point has one.
pub(crate) struct NodeRows<'a>(pub(crate) &'a Curve);

/// The points themselves.
pub(crate) struct PointRows<'a> {
    pub(crate) data: &'a Source<'a>,
    pub(crate) curve: &'a Curve,
    pub(crate) residual: Residual,
}

#[cfg_attr(wide, inline(always))]
fn valid_weights(weight: F64x8, valid: usize) -> F64x8 {
    let lane = F64x8([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    lane.lt(F64x8::splat(valid as f64)).select(weight, F64x8::splat(0.0))
}

impl RowBlocks for NodeRows<'_> {
    #[cfg_attr(wide, inline(always))]
    fn rows(&self, k: usize, reference: f64) -> Option<Rows> {
        let nodes = self.0.as_slice();
        let block: [Node; LANES] = nodes.block(k)?;
        let [mut t, mut target, mut weight] = [F64x8::splat(0.0); 3];
        for (((t, target), weight), node) in t.0.iter_mut().zip(&mut target.0).zip(&mut weight.0).zip(&block) {
            (*t, *target, *weight) = (node.t, node.target, node.weight);
        }
        Some([t - reference, target, valid_weights(weight, nodes.len().saturating_sub(k * LANES))])
    }
}

impl RowBlocks for PointRows<'_> {
    #[cfg_attr(wide, inline(always))]
    fn rows(&self, k: usize, reference: f64) -> Option<Rows> {
        let block = self.data.block(k)?;
        let [mut n, mut error, mut weight] = [F64x8::splat(0.0); 3];
        for (((n, error), weight), p) in n.0.iter_mut().zip(&mut error.0).zip(&mut weight.0).zip(&block) {
            (*n, *error, *weight) = (p.n, p.error, p.weight);
        }
        let error = error / F64x8::splat(self.curve.scale);
        let target = if self.residual == Residual::Log { error.ln() } else { error };
        let weight = weight / F64x8::splat(self.curve.weight_scale);
        let t = n.ln() - (self.curve.ln_n_min + reference);
        Some([t, target, valid_weights(weight, self.data.len().saturating_sub(k * LANES))])
    }
}

/// Cost, gradient and Hessian in (x, alpha, z).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Derivatives {
    pub(crate) cost: f64,
    pub(crate) gradient: [f64; 3],
    pub(crate) hessian: [[f64; 3]; 3],
}

/// The pass over all rows at theta.
pub(crate) struct Pass<'a, R> {
    pub(crate) rows: &'a R,
    pub(crate) residual: Residual,
    pub(crate) cost: Cost,
    pub(crate) reference: f64,
    pub(crate) theta: [f64; 3],
}

impl<R: RowBlocks> Kernel for Pass<'_, R> {
    type Output = Derivatives;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> Derivatives {
        let Pass { rows, residual, cost, reference, theta: [x, alpha, z] } = self;
        let (zero, one) = (F64x8::splat(0.0), F64x8::splat(1.0));
        // cost; gradient times (u, u t, 1, u t^2); curvature times (u^2, u^2 t, u^2 t^2, u, u t, 1).
        let (mut total, mut g, mut a) = (zero, [zero; 4], [zero; 6]);
        let mut k = 0;
        while let Some([t, target, weight]) = rows.rows(k, reference) {
            k += 1;
            let u = (t * -alpha).exp();
            let m = u * x + z;
            let (r, by_m) = match residual {
                Residual::Log => (m.ln() - target, one / m),
                Residual::Linear => (m - target, one),
            };
            let (rho, psi, slope) = match cost {
                Cost::Square => (r * r * 0.5, r, one),
                Cost::Huber(delta) => {
                    let (size, limit) = (r.abs(), F64x8::splat(delta));
                    let inside = size.le(limit);
                    let rho = inside.select(r * r * 0.5, (size - limit * 0.5) * limit);
                    (rho, r * inside.select(one, limit / size), inside.select(one, zero))
                }
            };
            let gradient = weight * psi * by_m;
            // d^2 r / d m^2 is -1/m^2 in the log residual.
            let curvature = match residual {
                Residual::Log => weight * (slope - psi) * by_m * by_m,
                Residual::Linear => weight * slope,
            };
            total += weight * rho;
            let ut = u * t;
            g[0] += gradient * u;
            g[1] += gradient * ut;
            g[2] += gradient;
            g[3] += gradient * ut * t;
            a[0] += curvature * u * u;
            a[1] += curvature * u * ut;
            a[2] += curvature * ut * ut;
            a[3] += curvature * u;
            a[4] += curvature * ut;
            a[5] += curvature;
        }
        let [gu, gut, g1, gutt] = [g[0].sum(), g[1].sum(), g[2].sum(), g[3].sum()];
        let [uu, uut, uutt] = [a[0].sum(), a[1].sum(), a[2].sum()];
        let [u, ut, level] = [a[3].sum(), a[4].sum(), a[5].sum()];
        let (xa, xz, az) = (-x * uut - gut, u, -x * ut);
        Derivatives {
            cost: total.sum(),
            gradient: [gu, -x * gut, g1],
            hessian: [[uu, xa, xz], [xa, x * x * uutt + x * gutt, az], [xz, az, level]],
        }
    }
}
