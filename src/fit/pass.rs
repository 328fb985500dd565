//! One pass over the points of law (1), x (n / n_ref)^-alpha + z: cost, gradient, Hessians, and the QR of the Jacobian.
//!
//! D is the extrapolation to n = 1 and nearly collinear with alpha; with n_ref in the middle of the data the condition
//! of J'J falls from 3860 to 477 on the paper's objdet r50 curve.
use crate::law::Residual;
use crate::linalg::{LaneTriangles, Qr, Triangle};
use crate::simd::{F64x8, Kernel};

use super::blocks::{self, Blocks};
use super::loss::{Cost, Rho, residual, residual_of_error};
use super::wide::{GROUPS, WIDTH, Wide, group};

/// What a pass evaluates.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) blocks: Blocks<'a>,
    pub(crate) residual: Residual,
    pub(crate) cost: Cost,
    /// ln(n_ref / n_min).
    pub(crate) reference: f64,
    /// x, alpha, z.
    pub(crate) theta: [f64; 3],
}

impl At<'_> {
    /// ln(n / n_ref) of the smallest and largest n.
    pub(crate) fn ends(&self) -> [f64; 2] {
        [-self.reference, self.blocks.curve.span - self.reference]
    }
}

/// Cost, gradient and the Hessian, exact and without the second derivatives of model and residual (Gauss-Newton; for
/// Huber with the weights psi/r), both as the lower triangle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Derivatives {
    pub(crate) cost: f64,
    pub(crate) gradient: [f64; 3],
    pub(crate) exact: [[f64; 3]; 3],
    pub(crate) gauss_newton: [[f64; 3]; 3],
}

impl Derivatives {
    /// The exact Hessian, both triangles of it.
    pub(crate) fn hessian(&self) -> [[f64; 3]; 3] {
        let [[a, ..], [b, d, _], [c, e, f]] = self.exact;
        [[a, b, c], [b, d, e], [c, e, f]]
    }
}

/// The pass over all blocks that gives [`Derivatives`].
pub(crate) struct Differentiate<'a>(pub(crate) At<'a>);

impl Kernel for Differentiate<'_> {
    type Output = Derivatives;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> Derivatives {
        let At { blocks, residual: kind, cost, reference, theta: [x, alpha, z] } = self.0;
        let zero = F64x8::splat(0.0);
        // cost; g (u, u t, 1, u t^2); exact and Gauss-Newton curvature times (u^2, u^2 t, u^2 t^2, u, u t, 1).
        let mut total = zero;
        let (mut g, mut a, mut b) = ([zero; 4], [zero; 6], [zero; 6]);
        let (mut k, mut chunk) = (0, blocks::EMPTY);
        loop {
            let count = blocks.load(k, reference, &mut chunk);
            if count == 0 {
                break;
            }
            k += count;
            for [t, target, weight] in chunk.iter().take(count) {
                for part in 0..GROUPS {
                    let (t, target, weight) = (group(t, part), group(target, part), group(weight, part));
                    // What fills up a tail adds nothing: where a lane goes alone it need not go at all.
                    if WIDTH == 1 && weight.0[0] == 0.0 {
                        continue;
                    }
                    let u = (t * -alpha).exp();
                    let m = u * x + z;
                    let (r, by_m) =
                        if blocks.has_logs() { residual(kind, m, target) } else { residual_of_error(kind, m, target) };
                    let Rho { rho, psi, ratio, is_inside } = cost.at(r);
                    let slope = is_inside.select(Wide::splat(1.0), Wide::splat(0.0));
                    // d^2 r / d m^2 is -1/m^2 in the log residual.
                    let bend = if kind == Residual::Log { slope - psi } else { slope };
                    // One loop over the lanes for all sums: see simd::lanes.
                    for i in 0..WIDTH {
                        let lane = (part * WIDTH + i) & 7;
                        let (w, u, t, by_m) = (weight.0[i], u.0[i], t.0[i], by_m.0[i]);
                        let gradient = w * psi.0[i] * by_m;
                        let square = by_m * by_m;
                        let (exact, majorant) = (w * bend.0[i] * square, w * ratio.0[i] * square);
                        let ut = u * t;
                        total.0[lane] += w * rho.0[i];
                        g[0].0[lane] += gradient * u;
                        g[1].0[lane] += gradient * ut;
                        g[2].0[lane] += gradient;
                        g[3].0[lane] += gradient * (ut * t);
                        let (uu, uut, uutt) = (u * u, u * ut, ut * ut);
                        a[0].0[lane] += exact * uu;
                        a[1].0[lane] += exact * uut;
                        a[2].0[lane] += exact * uutt;
                        a[3].0[lane] += exact * u;
                        a[4].0[lane] += exact * ut;
                        a[5].0[lane] += exact;
                        b[0].0[lane] += majorant * uu;
                        b[1].0[lane] += majorant * uut;
                        b[2].0[lane] += majorant * uutt;
                        b[3].0[lane] += majorant * u;
                        b[4].0[lane] += majorant * ut;
                        b[5].0[lane] += majorant;
                    }
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
pub(crate) struct Factor<'a>(pub(crate) At<'a>);

impl Kernel for Factor<'_> {
    type Output = Triangle<3>;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> Triangle<3> {
        let At { blocks, residual, reference, theta: [x, alpha, z], .. } = self.0;
        let one = F64x8::splat(1.0);
        let (mut qr, mut lanes) = (Qr::EMPTY, LaneTriangles::EMPTY);
        let (mut k, mut chunk) = (0, blocks::EMPTY);
        loop {
            let count = blocks.load(k, reference, &mut chunk);
            if count == 0 {
                break;
            }
            for &[t, _, weight] in chunk.iter().take(count) {
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
