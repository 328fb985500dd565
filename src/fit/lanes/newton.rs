//! Newton's method with the exact Hessian on the problems of all lanes side by side.
//!
//! The coordinates are x = D n_min^-alpha, alpha and z = C; steps move the levels at both ends of the data linearly, along
//! the curved valley of nearly equal fits.
use crate::math::kernels::exp;
use crate::simd::{F64xN, Kernel, Lanes, MaskN};

use super::batch::{Batch, WIDTH, at, product, tree};
use super::shapes::powers;

/// Passes over the points before a problem is handed to the longer search.
const LIMIT: f64 = 12.0;

/// Scaled step after which Newton's method has arrived: the error that is left is its square.
const LAST_STEP: f64 = 1e-8;

/// Scaled step, and share of the cost that it promises, from which on the promise is the decrease but for its third
/// order: the pass that would show it is spared.
const SURE_STEP: f64 = 1e-7;
const SURE_SHARE: f64 = 1e-7;

/// What a step is shortened by that leaves the bracket or does not descend, and the shortest share of one.
const SHORTER: f64 = 0.25;
const SHORTEST: f64 = 0.01;

/// Rounding of a residual: some four operations on numbers of the size of 1.
pub(super) const ROUNDING: f64 = 4.0 * f64::EPSILON;

/// Ratio of model and error, less 1, up to which ln is a short series in s = e / (2 + e): s^2 <= 0.0036, and
/// s^14 / 15 < 1e-17.
const NEAR: f64 = 0.12;

/// The problems of all lanes: where they are, and how far.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct State<const N: usize> {
    pub(super) x: F64xN<N>,
    pub(super) alpha: F64xN<N>,
    pub(super) z: F64xN<N>,
    /// e^(-alpha span).
    pub(super) last: F64xN<N>,
    /// Between these rates the minimum is looked for; equal where alpha is held.
    pub(super) lower: F64xN<N>,
    pub(super) upper: F64xN<N>,
    pub(super) cost: F64xN<N>,
    /// d cost / d alpha, of what is free, and d cost / d z.
    pub(super) slope: F64xN<N>,
    pub(super) by_z: F64xN<N>,
    /// 1 where z is held at the lower end of C.
    pub(super) no_gap: F64xN<N>,
    /// The share of the Newton step that is taken: less where the whole one leaves the bracket or does not descend.
    pub(super) share: F64xN<N>,
    /// 1 where the Hessian was not positive definite, and its part with the second derivatives of the model is left out.
    pub(super) majorant: F64xN<N>,
    pub(super) evaluations: F64xN<N>,
    pub(super) iterations: F64xN<N>,
    /// Arrived.
    pub(super) done: MaskN<N>,
    /// Arrived because the data are met exactly.
    pub(super) exact: MaskN<N>,
    /// Given up.
    pub(super) failed: MaskN<N>,
}

/// Cost, gradient in (x, alpha, z) and lower triangle of the Hessian.
struct Derivatives<const N: usize> {
    cost: F64xN<N>,
    g: [F64xN<N>; 3],
    h: [F64xN<N>; 6],
    /// The part of the second and third entry of the Hessian with the second derivatives of the model.
    bend: [F64xN<N>; 2],
}

impl<const N: usize> Derivatives<N> {
    /// Takes over the lanes of another where the mask is set.
    #[cfg_attr(wide, inline(always))]
    fn replace(&mut self, new: &Derivatives<N>, mask: MaskN<N>) {
        self.cost = mask.select(new.cost, self.cost);
        for k in 0..3 {
            self.g[k] = mask.select(new.g[k], self.g[k]);
        }
        for k in 0..6 {
            self.h[k] = mask.select(new.h[k], self.h[k]);
        }
        for k in 0..2 {
            self.bend[k] = mask.select(new.bend[k], self.bend[k]);
        }
    }
}

/// Residual ln(1 + e) and 1 / (1 + e), by one division where e is small.
#[cfg_attr(wide, inline(always))]
fn near(e: f64) -> (f64, f64) {
    let (one, two) = (1.0 + e, 2.0 + e);
    let by_both = 1.0 / (one * two);
    let s = e * (one * by_both);
    let q = s * s;
    let q2 = q * q;
    // 2 atanh(s) = 2 s (1 + q/3 + q^2/5 + ...).
    let series = ((q * (1.0 / 3.0)) + q2 * (0.2 + q * (1.0 / 7.0)))
        + q2 * q2 * ((1.0 / 9.0 + q * (1.0 / 11.0)) + q2 * (1.0 / 13.0));
    (2.0 * (s + s * series), two * by_both)
}

/// [`differentiate`] as a kernel of its own: one copy for the start and for the steps.
struct Differentiate<'s, 'a, const N: usize>(Batch<'a, N>, &'s State<N>);

impl<const N: usize> Kernel for Differentiate<'_, '_, N> {
    type Output = Derivatives<N>;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> Derivatives<N> {
        differentiate(self.0, self.1)
    }
}

/// Cost and derivatives at x, alpha, z.
#[cfg_attr(wide, inline(always))]
fn differentiate<const N: usize>(batch: Batch<'_, N>, s: &State<N>) -> Derivatives<N> {
    let (zero, one) = (F64xN::<N>::splat(0.0), F64xN::<N>::splat(1.0));
    let mut cost = zero;
    // g (1, u, u t, u t^2); curvature (1, u, u^2, u t, u^2 t, u^2 t^2).
    let (mut g, mut a) = ([zero; 4], [zero; 6]);
    let (is_log, bend) = (batch.terms.is_log(), batch.terms.bend);
    for (k, block) in batch.blocks.iter().enumerate() {
        let powers = powers(batch.head, block, k, s.alpha);
        let (mut r, mut ratio) = ([zero; WIDTH], [one; WIDTH]);
        for i in 0..WIDTH {
            let (u, unit, aim, mut far) = (powers[i], block.unit[i], block.aim[i], zero);
            let (mut value, mut by_ratio, mut e) = (zero, one, zero);
            for lane in 0..N {
                e.0[lane] = (s.x.0[lane] * u.0[lane] + s.z.0[lane]) * unit.0[lane] - aim.0[lane];
                (value.0[lane], by_ratio.0[lane]) = if is_log { near(e.0[lane]) } else { (e.0[lane], 1.0) };
                far.0[lane] = if is_log & !(e.0[lane].abs() <= NEAR) { 1.0 } else { 0.0 };
            }
            let is_far = far.gt(zero);
            if is_far.any() {
                value = is_far.select((e + 1.0).ln(), value);
            }
            (r[i], ratio[i]) = (value, by_ratio);
        }
        for lane in 0..N {
            let (w, r, t) = (at(&block.weight, lane), at(&r, lane), at(&block.t, lane));
            let u = at(&powers, lane);
            let wr = product(w, r);
            cost.0[lane] += 0.5 * tree(product(wr, r));
            let by_m = product(at(&ratio, lane), at(&block.unit, lane));
            let gradient = product(wr, by_m);
            let ut = product(u, t);
            let gut = product(gradient, ut);
            g[0].0[lane] += tree(gradient);
            g[1].0[lane] += tree(product(gradient, u));
            g[2].0[lane] += tree(gut);
            g[3].0[lane] += tree(product(gut, t));
            // d^2 r / d m^2 is -1/m^2 in the log residual.
            let mut curvature = [0.0; WIDTH];
            for i in 0..WIDTH {
                curvature[i] = (w[i] - bend * wr[i]) * (by_m[i] * by_m[i]);
            }
            let au = product(curvature, u);
            let aut = product(curvature, ut);
            a[0].0[lane] += tree(curvature);
            a[1].0[lane] += tree(au);
            a[2].0[lane] += tree(product(au, u));
            a[3].0[lane] += tree(aut);
            a[4].0[lane] += tree(product(aut, u));
            a[5].0[lane] += tree(product(aut, ut));
        }
    }
    let x = s.x;
    Derivatives {
        cost,
        g: [g[1], -(x * g[2]), g[0]],
        h: [a[2], -(x * a[4]) - g[2], x * x * a[5] + x * g[3], a[1], -(x * a[3]), a[0]],
        bend: [-g[2], x * g[3]],
    }
}

/// Newton's method until every lane is done or has failed.
#[cfg_attr(wide, inline(always))]
pub(super) fn minimise<const N: usize>(on: impl Lanes<N>, batch: Batch<'_, N>, s: &mut State<N>) {
    // By value: behind a reference that may be another's the loops over the lanes would not become vectors.
    let (span, weight_sums) = (batch.head.sizes.span, batch.head.weight_sum);
    let (c_lower, ln_n_min, d_fixed) = (batch.head.c_lower, batch.head.sizes.ln_n_min, batch.head.d);
    let has_d = batch.terms.fixed_d.is_some();
    // A small step may still promise much where the residuals are small: of the level, not of them.
    let is_plain = batch.terms.is_log() && batch.terms.free() == 3;
    // In the linear residual what a step leaves is more of it.
    let sure = if batch.terms.is_log() { SURE_STEP } else { 0.2 * SURE_STEP };
    let mut at_start = on.dispatch(Differentiate(batch, s));
    s.evaluations += 1.0;
    s.cost = at_start.cost;
    // Along fixed D where that is fixed: x falls with alpha.
    let by_x = if has_d { ln_n_min } else { F64xN::splat(0.0) };
    (s.slope, s.by_z) = (at_start.g[1] - s.x * by_x * at_start.g[0], at_start.g[2]);
    loop {
        let mut to = *s;
        let (mut last_step, mut moves) = (F64xN::<N>::splat(0.0), F64xN::<N>::splat(0.0));
        for lane in 0..N {
            let weight_sum = weight_sums.0[lane];
            let cost = at_start.cost.0[lane];
            let (is_held, no_gap) = (s.lower.0[lane] == s.upper.0[lane], s.no_gap.0[lane] > 0.0);
            let [p, q, r] = [at_start.g[0].0[lane], at_start.g[1].0[lane], at_start.g[2].0[lane]];
            let [a, b, d] = [at_start.h[0].0[lane], at_start.h[1].0[lane], at_start.h[2].0[lane]];
            let [c, e, f] = [at_start.h[3].0[lane], at_start.h[4].0[lane], at_start.h[5].0[lane]];
            let is_majorant = s.majorant.0[lane] > 0.0;
            let (bend, bends) = (at_start.bend[0].0[lane], at_start.bend[1].0[lane]);
            let (b, d) = if is_majorant { (b - bend, d - bends) } else { (b, d) };
            let (x, alpha, z) = (s.x.0[lane], s.alpha.0[lane], s.z.0[lane]);
            // Where D is fixed x = D n_min^-alpha: d x / d alpha = -x ln n_min.
            let by_alpha = if has_d { -x * ln_n_min.0[lane] } else { 0.0 };
            let again = if is_majorant { 0.0 } else { -by_alpha * ln_n_min.0[lane] };
            let (q, d, e) = if has_d {
                (q + by_alpha * p, d + 2.0 * by_alpha * b + by_alpha * by_alpha * a + again * p, e + by_alpha * c)
            } else {
                (q, d, e)
            };
            let (a, b, c, p) = if has_d { (1.0, 0.0, 0.0, 0.0) } else { (a, b, c, p) };
            let (b, e, q) = if is_held { (0.0, 0.0, 0.0) } else { (b, e, q) };
            let d = if is_held { 1.0 } else { d };
            let (c, e, r) = if no_gap { (0.0, 0.0, 0.0) } else { (c, e, r) };
            let f = if no_gap { 1.0 } else { f };
            // By cofactors, with one division: what rounding does to the step, the next one mends.
            let (of_a, of_b, of_c) = (d * f - e * e, c * e - b * f, b * e - c * d);
            let (of_d, of_e, of_f) = (a * f - c * c, b * c - a * e, a * d - b * b);
            let determinant = a * of_a + (b * of_b + c * of_c);
            let by_determinant = -1.0 / determinant;
            let dx = (of_a * p + of_b * q + of_c * r) * by_determinant;
            let dalpha = (of_b * p + of_d * q + of_e * r) * by_determinant;
            let dz = (of_c * p + of_e * q + of_f * r) * by_determinant;
            let is_convex = (a > 0.0) & (of_f > 0.0) & (determinant > 0.0);
            let promise = -0.5 * (p * dx + q * dalpha + r * dz);
            let share = s.share.0[lane];
            let (dx, dalpha, dz) = (share * dx, share * dalpha, share * dz);
            // The levels at both ends move linearly.
            let span = span.0[lane];
            let u = s.last.0[lane];
            let next = alpha + dalpha;
            let v = exp(-next * span);
            let first = x + z + (dx + dz);
            let last = x * u + z + (u * (dx - x * span * dalpha) + dz);
            let new_x = if has_d {
                x + by_alpha * dalpha
            } else if is_held | no_gap {
                x + dx
            } else {
                (first - last) / (1.0 - v)
            };
            // From the lower end: the gap may be decades below the first level.
            let new_z = if has_d | is_held | no_gap { z + dz } else { last - new_x * v };
            let inside = (new_x > 0.0)
                & ((new_z > c_lower.0[lane]) | no_gap)
                & (next >= s.lower.0[lane])
                & (next <= s.upper.0[lane]);
            let is_exact = cost <= 0.5 * ROUNDING * ROUNDING * weight_sum;
            let running = (s.done.0[lane] | s.failed.0[lane]) == 0;
            let is_over = s.evaluations.0[lane] >= LIMIT;
            let fails = running & !is_exact & ((!is_convex & is_majorant) | is_over | (share < SHORTEST));
            s.exact.0[lane] |= if running & is_exact { u64::MAX } else { 0 };
            s.done.0[lane] |= if running & is_exact { u64::MAX } else { 0 };
            s.failed.0[lane] |= if fails { u64::MAX } else { 0 };
            let goes = running & !is_exact & !fails & inside & is_convex;
            s.majorant.0[lane] = if is_convex { s.majorant.0[lane] } else { 1.0 };
            s.share.0[lane] = if inside | !is_convex { share } else { SHORTER * share };
            moves.0[lane] = if goes { 1.0 } else { 0.0 };
            let is_whole = (share == 1.0) & !is_majorant;
            let level = x + z;
            let (by_x, by_z) = ((new_x - x).abs(), (new_z - z).abs());
            let by_level = if by_x > by_z { by_x } else { by_z };
            let is_sure = is_whole & (dalpha.abs() <= sure * alpha) & (by_level <= sure * level);
            let is_last = is_whole
                & (dalpha.abs() <= LAST_STEP * alpha)
                & (by_level <= LAST_STEP * level)
                & (is_plain | (promise <= SURE_SHARE * cost));
            last_step.0[lane] = if is_last { 1.0 } else { 0.0 };
            let arrives = goes & is_sure & (promise <= SURE_SHARE * cost);
            s.done.0[lane] |= if arrives { u64::MAX } else { 0 };
            s.iterations.0[lane] += if arrives { 1.0 } else { 0.0 };
            s.x.0[lane] = if arrives { new_x } else { x };
            s.alpha.0[lane] = if arrives { next } else { alpha };
            s.z.0[lane] = if arrives { new_z } else { z };
            s.cost.0[lane] = if arrives { cost - promise } else { s.cost.0[lane] };
            to.x.0[lane] = if goes { new_x } else { x };
            to.alpha.0[lane] = if goes { next } else { alpha };
            to.z.0[lane] = if goes { new_z } else { z };
            to.last.0[lane] = if goes { v } else { u };
        }
        if has_d {
            // Exactly, where the step was of first order.
            (s.x, to.x) = (d_fixed * (-(s.alpha * ln_n_min)).exp(), d_fixed * (-(to.alpha * ln_n_min)).exp());
        }
        let mut running = MaskN::<N>([0; N]);
        for lane in 0..N {
            running.0[lane] = !(s.done.0[lane] | s.failed.0[lane]);
        }
        if !running.any() {
            return;
        }
        let next = on.dispatch(Differentiate(batch, &to));
        let mut accepts = F64xN::<N>::splat(0.0);
        for lane in 0..N {
            let (cost, weight_sum) = (s.cost.0[lane], weight_sums.0[lane]);
            let is_running = running.0[lane] != 0;
            // What rounding of the residuals does to the cost, squared.
            let noise = (2.0 * ROUNDING * ROUNDING) * (cost * weight_sum) + ROUNDING * ROUNDING * cost * cost;
            let rise = next.cost.0[lane] - cost;
            let descends = (rise < 0.0) | (rise * rise <= noise);
            let accepted = is_running & descends;
            accepts.0[lane] = if accepted { 1.0 } else { 0.0 };
            s.evaluations.0[lane] += if is_running { 1.0 } else { 0.0 };
            s.iterations.0[lane] += if is_running { 1.0 } else { 0.0 };
            let share = s.share.0[lane];
            let after = if descends { 1.0 } else { SHORTER * share };
            s.share.0[lane] = if moves.0[lane] > 0.0 { after } else { share };
            s.majorant.0[lane] = if (moves.0[lane] > 0.0) & descends { 0.0 } else { s.majorant.0[lane] };
            s.done.0[lane] |= if accepted & (last_step.0[lane] > 0.0) { u64::MAX } else { 0 };
            s.x.0[lane] = if accepted { to.x.0[lane] } else { s.x.0[lane] };
            s.alpha.0[lane] = if accepted { to.alpha.0[lane] } else { s.alpha.0[lane] };
            s.z.0[lane] = if accepted { to.z.0[lane] } else { s.z.0[lane] };
            s.last.0[lane] = if accepted { to.last.0[lane] } else { s.last.0[lane] };
            s.cost.0[lane] = if accepted { next.cost.0[lane] } else { cost };
            let slope = next.g[1].0[lane] - to.x.0[lane] * by_x.0[lane] * next.g[0].0[lane];
            s.slope.0[lane] = if accepted { slope } else { s.slope.0[lane] };
            s.by_z.0[lane] = if accepted { next.g[2].0[lane] } else { s.by_z.0[lane] };
        }
        at_start.replace(&next, accepts.gt(F64xN::splat(0.0)));
    }
}
