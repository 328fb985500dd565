//! Standard errors, one-sided curvatures and condition of eight laws at their minima.
//!
//! The coordinates are ln x at the middle of the data, alpha and C: there the condition of J'J is a tenth of that at n = 1,
//! and the Cholesky factor of J'J serves; what it cannot serve is handed to the longer search.
use crate::simd::{F64x8, LANES, Mask8};

use super::batch::{Batch, WIDTH, at, tree};
use super::seeds::{Powers, product};

/// Smallest share of a pivot in its diagonal: rounding of 1e-16 in the sums is then 1e-8 of the pivot.
const PIVOT: f64 = 1e-8;

/// Newton steps for the largest eigenvalue, from at most twice of it: they double the digits.
const STEPS: usize = 6;

const ZERO: F64x8 = F64x8::splat(0.0);

/// Eight minima: parameters and what is on a bound.
#[derive(Clone, Copy)]
pub(super) struct Places {
    pub(super) x: F64x8,
    pub(super) alpha: F64x8,
    pub(super) z: F64x8,
    /// The variance of a residual of weight 1.
    pub(super) variance: F64x8,
    /// 1 where C is on its bound.
    pub(super) no_gap: F64x8,
    /// 1 where alpha is on its bound.
    pub(super) alpha_max: F64x8,
    /// 1 where D = 0: C alone is determined.
    pub(super) flat: F64x8,
}

/// What the data say of the uncertainty of eight laws, in units of the batch.
#[derive(Clone, Copy)]
pub(super) struct Spreads {
    /// Standard errors of ln D, alpha, C; of the flat law, C alone.
    pub(super) ln_d: F64x8,
    pub(super) alpha: F64x8,
    pub(super) c: F64x8,
    /// Rise of the cost over the variance when the held parameter moves inside: slope and curvature.
    pub(super) gradient: F64x8,
    pub(super) curvature: F64x8,
    /// Condition of J'J for (D, alpha, C), columns scaled to length 1.
    pub(super) condition: F64x8,
    /// Too close to singular for this.
    pub(super) singular: Mask8,
}

impl Spreads {
    pub(super) const NONE: Spreads = Spreads {
        ln_d: ZERO,
        alpha: ZERO,
        c: ZERO,
        gradient: ZERO,
        curvature: ZERO,
        condition: ZERO,
        singular: Mask8([0; LANES]),
    };
}

impl Places {
    pub(super) const NONE: Places = Places {
        x: ZERO,
        alpha: ZERO,
        z: F64x8::splat(1.0),
        variance: ZERO,
        no_gap: ZERO,
        alpha_max: ZERO,
        flat: ZERO,
    };
}

/// Gram matrix of the columns (x u / m, -x u t / m, 1 / m), t about the middle, and the gradient in alpha and C.
struct Sums {
    gram: [F64x8; 6],
    by_alpha: F64x8,
    by_c: F64x8,
}

#[cfg_attr(wide, inline(always))]
fn sums<const BLOCKS: usize>(batch: &Batch<BLOCKS>, s: &Places) -> Sums {
    let powers = Powers::new(batch, s.alpha);
    let (mut gram, mut by_alpha, mut by_c) = ([ZERO; 6], ZERO, ZERO);
    for (k, block) in batch.blocks.iter().enumerate().take(batch.used) {
        let (mut by_m, mut share, mut residual) = ([ZERO; WIDTH], [ZERO; WIDTH], [ZERO; WIDTH]);
        for i in 0..WIDTH {
            let xu = powers.0[k.min(BLOCKS - 1)][i] * s.x;
            let m = xu + s.z;
            by_m[i] = F64x8::splat(1.0) / m;
            share[i] = xu * by_m[i];
            residual[i] = (m * block.inverse[i]).ln();
        }
        for lane in 0..LANES {
            let (w, v, a) = (at(&block.weight, lane), at(&by_m, lane), at(&share, lane));
            let middle = 0.5 * batch.span.0[lane];
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
pub(super) fn spreads<const BLOCKS: usize>(batch: &Batch<BLOCKS>, s: &Places) -> Spreads {
    let Sums { gram, by_alpha, by_c } = sums(batch, s);
    let (mut ln_d, mut alpha, mut c) = (ZERO, ZERO, ZERO);
    let (mut gradient, mut curvature, mut condition) = (ZERO, ZERO, ZERO);
    let (mut sum, mut rest, mut cubic, mut constant) = (ZERO, ZERO, ZERO, ZERO);
    let mut singular = Mask8([0; LANES]);
    for lane in 0..LANES {
        let (no_gap, held) = (s.no_gap.0[lane] > 0.0, s.alpha_max.0[lane] > 0.0);
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
        let ln_ref = batch.ln_n_min.0[lane] + 0.5 * batch.span.0[lane];
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
    for lane in 0..LANES {
        // The other eigenvalues by their sum and product.
        let is_free = !((s.no_gap.0[lane] > 0.0) | (s.alpha_max.0[lane] > 0.0));
        let largest = 1.0 + mu.0[lane];
        sum.0[lane] = if is_free { 3.0 - largest } else { sum.0[lane] };
        rest.0[lane] = if is_free { rest.0[lane] / largest } else { rest.0[lane] };
        condition.0[lane] = largest;
    }
    let discriminant = sum * sum - rest * 4.0;
    let root = discriminant.max(ZERO).sqrt();
    for lane in 0..LANES {
        let is_free = !((s.no_gap.0[lane] > 0.0) | (s.alpha_max.0[lane] > 0.0));
        let (sum, rest, root) = (sum.0[lane], rest.0[lane], root.0[lane]);
        // Of two columns, 1 + |cos| and (1 - cos^2) / (1 + |cos|).
        let one = 1.0 + cosine.0[lane];
        let of_three = condition.0[lane] * (sum + root) / (2.0 * rest);
        condition.0[lane] = if is_free { of_three } else { one * one / rest };
    }
    Spreads { ln_d, alpha, c, gradient, curvature, condition, singular }
}
