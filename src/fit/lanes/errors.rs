//! Standard errors, one-sided curvatures and condition of eight laws at their minima.
//!
//! The coordinates are ln x at the middle of the data, alpha and C: there the condition of J'J is a tenth of that at n = 1,
//! and the Cholesky factor of J'J serves; what it cannot serve is handed to the longer search.
use crate::simd::{F64xN, MaskN};

use super::batch::{Batch, WIDTH, at, product, tree};
use super::shapes::powers;

/// Smallest share of a pivot in its diagonal: rounding of 1e-16 in the sums is then 1e-8 of the pivot.
const PIVOT: f64 = 1e-8;

/// Newton steps for the largest eigenvalue, from at most twice of it: they double the digits.
const STEPS: usize = 6;

/// Eight minima: parameters and what is on a bound.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Places<const N: usize> {
    pub(super) x: F64xN<N>,
    pub(super) alpha: F64xN<N>,
    pub(super) z: F64xN<N>,
    /// The variance of a residual of weight 1.
    pub(super) variance: F64xN<N>,
    /// 1 where C is on its bound, or fixed.
    pub(super) no_gap: F64xN<N>,
    /// 1 where alpha is on its bound, or fixed.
    pub(super) alpha_end: F64xN<N>,
    /// 1 where D = 0: C alone is determined.
    pub(super) flat: F64xN<N>,
}

/// What the data say of the uncertainty of eight laws, in units of the batch.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Spreads<const N: usize> {
    /// Standard errors of ln D, alpha, C; of the flat law, C alone.
    pub(super) ln_d: F64xN<N>,
    pub(super) alpha: F64xN<N>,
    pub(super) c: F64xN<N>,
    /// Rise of the cost over the variance when the held parameter moves inside: slope and curvature.
    pub(super) gradient: F64xN<N>,
    pub(super) curvature: F64xN<N>,
    /// Condition of J'J for (D, alpha, C), columns scaled to length 1.
    pub(super) condition: F64xN<N>,
    /// Too close to singular for this.
    pub(super) singular: MaskN<N>,
}

impl<const N: usize> Spreads<N> {
    pub(super) const EMPTY: Spreads<N> = Spreads {
        ln_d: F64xN::splat(0.0),
        alpha: F64xN::splat(0.0),
        c: F64xN::splat(0.0),
        gradient: F64xN::splat(0.0),
        curvature: F64xN::splat(0.0),
        condition: F64xN::splat(0.0),
        singular: MaskN([0; N]),
    };
}

impl<const N: usize> Places<N> {
    pub(super) const NONE: Places<N> = Places {
        x: F64xN::splat(0.0),
        alpha: F64xN::splat(0.0),
        z: F64xN::splat(1.0),
        variance: F64xN::splat(0.0),
        no_gap: F64xN::splat(0.0),
        alpha_end: F64xN::splat(0.0),
        flat: F64xN::splat(0.0),
    };
}

/// Gram matrix of the columns x u, -x u t and 1, t about the middle, over the model in the log residual, and the gradient in
/// alpha and C.
#[derive(Clone, Copy)]
struct Sums<const N: usize> {
    gram: [F64xN<N>; 6],
    by_alpha: F64xN<N>,
    by_c: F64xN<N>,
}

#[cfg_attr(wide, inline(always))]
fn sums<const N: usize>(batch: Batch<'_, N>, s: &Places<N>) -> Sums<N> {
    let (is_log, span, ln_n_min) = (batch.terms.is_log(), batch.head.sizes.span, batch.head.sizes.ln_n_min);
    let has_d = batch.terms.fixed_d.is_some();
    let (mut gram, mut by_alpha, mut by_c) = ([F64xN::splat(0.0); 6], F64xN::splat(0.0), F64xN::splat(0.0));
    for (k, block) in batch.blocks.iter().enumerate() {
        let powers = powers(batch.head, block, k, s.alpha);
        let zero = F64xN::splat(0.0);
        let (mut by_m, mut share, mut residual) = ([zero; WIDTH], [zero; WIDTH], [zero; WIDTH]);
        for i in 0..WIDTH {
            let xu = powers[i] * s.x;
            let m = xu + s.z;
            let one = F64xN::splat(1.0);
            (by_m[i], residual[i]) = if is_log { (one / m, (m * block.unit[i]).ln()) } else { (one, m - block.aim[i]) };
            residual[i] = block.weight[i].gt(zero).select(residual[i], zero);
            share[i] = xu * by_m[i];
        }
        for lane in 0..N {
            let (w, v, a) = (at(&block.weight, lane), at(&by_m, lane), at(&share, lane));
            // About the middle of the data, or n = 1 where D is fixed.
            let middle = if has_d { -ln_n_min.0[lane] } else { 0.5 * span.0[lane] };
            let mut b = [0.0; WIDTH];
            for (i, b) in b.iter_mut().enumerate() {
                *b = a[i] * (middle - block.t[i].0[lane]);
            }
            let (wa, wb, wv) = (product(w, a), product(w, b), product(w, v));
            let r = at(&residual, lane);
            gram[0].0[lane] += tree(product(wa, a));
            gram[1].0[lane] += tree(product(wa, b));
            gram[2].0[lane] += tree(product(wb, b));
            gram[3].0[lane] += tree(product(wa, v));
            gram[4].0[lane] += tree(product(wb, v));
            gram[5].0[lane] += tree(product(wv, v));
            by_alpha.0[lane] += tree(product(wb, r));
            by_c.0[lane] += tree(product(wv, r));
        }
    }
    Sums { gram, by_alpha, by_c }
}

/// The spreads at eight minima.
#[cfg_attr(wide, inline(always))]
pub(super) fn spreads<const N: usize>(batch: Batch<'_, N>, s: &Places<N>) -> Spreads<N> {
    let sums = sums(batch, s);
    let Sums { gram, by_alpha, by_c } = sums;
    let ln_ref = batch.head.sizes.ln_n_min + batch.head.sizes.span * 0.5;
    let zero = F64xN::splat(0.0);
    let (mut ln_d, mut alpha, mut c) = (zero, zero, zero);
    let (mut gradient, mut curvature, mut condition) = (zero, zero, zero);
    let (mut sum, mut rest, mut cubic, mut constant) = (zero, zero, zero, zero);
    let mut singular = MaskN([0; N]);
    for lane in 0..N {
        let (no_gap, held) = (s.no_gap.0[lane] > 0.0, s.alpha_end.0[lane] > 0.0);
        let flat = s.flat.0[lane] > 0.0;
        let variance = s.variance.0[lane];
        // The second column is that of the parameter beside D that is free; the third, that of the last or the held one.
        let [aa, ab, bb] = [gram[0].0[lane], gram[1].0[lane], gram[2].0[lane]];
        let [av, bv, vv] = [gram[3].0[lane], gram[4].0[lane], gram[5].0[lane]];
        let (a2, a3) = if held { (av, ab) } else { (ab, av) };
        let (d2, d3) = if held { (vv, bb) } else { (bb, vv) };
        let l21 = a2 / aa;
        let l31 = a3 / aa;
        let p2 = d2 - l21 * a2;
        let e = bv - l31 * a2;
        let l32 = e / p2;
        let p3 = d3 - l31 * a3 - l32 * e;
        let is_free = !(no_gap | held);
        // Inverse of the leading 2 x 2, and of the whole.
        let (v22, v33) = (1.0 / p2, 1.0 / p3);
        let v12 = -l21 * v22;
        let v11 = 1.0 / aa - l21 * v12;
        // Row of the inverse that the third column adds: (l21 l32 - l31, -l32, 1).
        let (t1, t2) = (l21 * l32 - l31, -l32);
        let [v11, v12, v22] =
            if is_free { [v11 + t1 * t1 * v33, v12 + t1 * t2 * v33, v22 + t2 * t2 * v33] } else { [v11, v12, v22] };
        // ln D = ln x + alpha ln n_ref.
        let ln_ref = ln_ref.0[lane];
        let of_d = if held { v11 } else { v11 + ln_ref * (2.0 * v12 + ln_ref * v22) };
        ln_d.0[lane] = variance * of_d;
        alpha.0[lane] = variance * v22;
        c.0[lane] = variance
            * if flat {
                1.0 / vv
            } else if held {
                v22
            } else {
                v33
            };
        let slope = if held { by_alpha.0[lane] } else { by_c.0[lane] };
        gradient.0[lane] = slope.abs() / variance;
        curvature.0[lane] = if p3 > 0.0 { p3 / variance } else { 0.0 };
        // Lengths of the columns of (D, alpha, C): with alpha at n = 1.
        let at_one = bb - ln_ref * (2.0 * ab - ln_ref * aa);
        let (second, third) = if held { (vv, at_one) } else { (at_one, vv) };
        // Squares of the cosines between the columns; their determinants out of the pivots.
        let mixed = ab - ln_ref * aa;
        let (cos12, cos13, cos23) = (mixed * mixed / (aa * at_one), av * av / (aa * vv), bv - ln_ref * av);
        let two = p2 / second;
        let cos = if held { cos13 } else { cos12 };
        let three = two * (p3 / third);
        // The cubic of the eigenvalues 1 + mu: mu^3 - p mu - q = 0, by Newton's method from above.
        let p = cos12 + cos13 + cos23 * cos23 / (at_one * vv);
        let q = three - 1.0 + p;
        (cubic.0[lane], constant.0[lane]) = (p, q);
        sum.0[lane] = cos;
        rest.0[lane] = if is_free { three } else { two };
        let is_weak = !(p2 > PIVOT * d2) | (is_free & !(p3 > PIVOT * d3));
        singular.0[lane] = if is_weak & !flat { u64::MAX } else { 0 };
    }
    let (ln_d, alpha, c) = (ln_d.sqrt(), alpha.sqrt(), c.sqrt());
    let cosine = sum.sqrt();
    // The largest root is between half of this and all of it.
    let mut mu = (cubic * (4.0 / 3.0)).sqrt();
    for _ in 0..STEPS {
        let square = mu * mu;
        mu = (mu * square * 2.0 + constant) / (square * 3.0 - cubic);
    }
    for lane in 0..N {
        // The other eigenvalues by their sum and product.
        let is_free = !((s.no_gap.0[lane] > 0.0) | (s.alpha_end.0[lane] > 0.0));
        let largest = 1.0 + mu.0[lane];
        sum.0[lane] = if is_free { 3.0 - largest } else { sum.0[lane] };
        rest.0[lane] = if is_free { rest.0[lane] / largest } else { rest.0[lane] };
        condition.0[lane] = largest;
    }
    let discriminant = sum * sum - rest * 4.0;
    let root = discriminant.max(F64xN::splat(0.0)).sqrt();
    for lane in 0..N {
        let is_free = !((s.no_gap.0[lane] > 0.0) | (s.alpha_end.0[lane] > 0.0));
        let (sum, rest, root) = (sum.0[lane], rest.0[lane], root.0[lane]);
        // Of two columns, 1 + |cos| and (1 - cos^2) / (1 + |cos|).
        let one = 1.0 + cosine.0[lane];
        let of_three = condition.0[lane] * (sum + root) / (2.0 * rest);
        condition.0[lane] = if is_free { of_three } else { one * one / rest };
    }
    let mut all = Spreads { ln_d, alpha, c, gradient, curvature, condition, singular };
    if batch.terms.fixed_d.is_some() {
        two(&sums, s, &mut all);
    } else if batch.terms.fixed_alpha() {
        one(&sums, s, &mut all);
    }
    all
}

/// The same where alpha is fixed and C on its bound: of D alone.
#[cfg_attr(wide, inline(always))]
fn one<const N: usize>(sums: &Sums<N>, s: &Places<N>, all: &mut Spreads<N>) {
    let [aa, av, vv] = [sums.gram[0], sums.gram[3], sums.gram[5]];
    let (of_c, is_one) = (vv - av * av / aa, s.no_gap.gt(F64xN::splat(0.0)));
    let gradient = sums.by_c.abs() / s.variance;
    let curvature = of_c.max(F64xN::splat(0.0)) / s.variance;
    all.ln_d = is_one.select((s.variance / aa).sqrt(), all.ln_d);
    all.gradient = is_one.select(gradient, all.gradient);
    all.curvature = is_one.select(curvature, all.curvature);
    all.condition = is_one.select(F64xN::splat(1.0), all.condition);
    for lane in 0..N {
        all.singular.0[lane] &= !is_one.0[lane];
    }
}

/// The same where D is fixed: of alpha and C, or of the one that is free.
#[cfg_attr(wide, inline(always))]
fn two<const N: usize>(sums: &Sums<N>, s: &Places<N>, all: &mut Spreads<N>) {
    for lane in 0..N {
        let (variance, no_gap) = (s.variance.0[lane], s.no_gap.0[lane] > 0.0);
        let (flat, held) = (s.flat.0[lane] > 0.0, s.alpha_end.0[lane] > 0.0);
        let [bb, bv, vv] = [sums.gram[2].0[lane], sums.gram[4].0[lane], sums.gram[5].0[lane]];
        let (of_alpha, of_c) = (bb - bv * bv / vv, vv - bv * bv / bb);
        let is_one = no_gap | held | flat;
        all.alpha.0[lane] = variance / if no_gap { bb } else { of_alpha };
        all.c.0[lane] = variance / if held | flat { vv } else { of_c };
        let (slope, curvature) = if held { (sums.by_alpha.0[lane], of_alpha) } else { (sums.by_c.0[lane], of_c) };
        all.gradient.0[lane] = slope.abs() / variance;
        all.curvature.0[lane] = if curvature > 0.0 { curvature / variance } else { 0.0 };
        let rest = of_c / vv;
        all.condition.0[lane] = if is_one { 1.0 } else { rest };
        all.singular.0[lane] = if is_one | (rest > PIVOT) { 0 } else { u64::MAX };
    }
    (all.alpha, all.c) = (all.alpha.sqrt(), all.c.sqrt());
    // Of two columns, 1 + |cos| over 1 - |cos|.
    let cosine = (-all.condition + 1.0).sqrt();
    all.condition = (cosine + 1.0) / (-cosine + 1.0);
}
