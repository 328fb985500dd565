//! The shape of the law at given rates: powers of the sizes between the levels at both ends.
use crate::simd::F64xN;

use super::batch::{Batch, Block, Head, Terms, WIDTH, at, product};

/// Step of ln n from which on the highest rate may take the powers at the end of the longest block below e^-300, whose
/// inverse square is near the end of the range: 300 / (10 * 40).
const STEEP: f64 = 0.75;

/// The shape of the law between its levels at both ends of the data at eight nodes: 1 at the smallest n, 0 at the largest.
///
/// Along the valley of nearly equal fits the levels hardly move with alpha, so that the slope of the profile does not
/// suffer from what is left of the gradient in them.
pub(super) trait Shape {
    /// (u - u_last) / (1 - u_last), u = e^(-alpha t).
    fn at(&self, lane: usize) -> [f64; WIDTH];
    /// Its derivative in alpha.
    fn by_alpha(&self, lane: usize) -> [f64; WIDTH];
    /// Its square, and the product of both.
    fn products(&self, lane: usize) -> [[f64; WIDTH]; 2];
}

/// One shape for all lanes.
#[derive(Clone, Copy)]
pub(super) struct Shared {
    p: [f64; WIDTH],
    by_alpha: [f64; WIDTH],
    products: [[f64; WIDTH]; 2],
}

impl Shared {
    pub(super) const NONE: Shared = Shared { p: [0.0; WIDTH], by_alpha: [0.0; WIDTH], products: [[0.0; WIDTH]; 2] };

    /// The shape of a lane.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn of<const N: usize>(own: &Own<N>, lane: usize) -> Shared {
        Shared { p: own.at(lane), by_alpha: own.by_alpha(lane), products: own.products(lane) }
    }
}

impl Shape for Shared {
    #[cfg_attr(wide, inline(always))]
    fn at(&self, _: usize) -> [f64; WIDTH] {
        self.p
    }
    #[cfg_attr(wide, inline(always))]
    fn by_alpha(&self, _: usize) -> [f64; WIDTH] {
        self.by_alpha
    }
    #[cfg_attr(wide, inline(always))]
    fn products(&self, _: usize) -> [[f64; WIDTH]; 2] {
        self.products
    }
}

/// A shape of its own in each lane.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Own<const N: usize> {
    p: [F64xN<N>; WIDTH],
    by_alpha: [F64xN<N>; WIDTH],
}

impl<const N: usize> Shape for Own<N> {
    #[cfg_attr(wide, inline(always))]
    fn at(&self, lane: usize) -> [f64; WIDTH] {
        at(&self.p, lane)
    }
    #[cfg_attr(wide, inline(always))]
    fn by_alpha(&self, lane: usize) -> [f64; WIDTH] {
        at(&self.by_alpha, lane)
    }
    #[cfg_attr(wide, inline(always))]
    fn products(&self, lane: usize) -> [[f64; WIDTH]; 2] {
        let p = self.at(lane);
        [product(p, p), product(p, self.by_alpha(lane))]
    }
}

impl<const N: usize> Own<N> {
    pub(super) const NONE: Own<N> = Own { p: [F64xN::splat(0.0); WIDTH], by_alpha: [F64xN::splat(0.0); WIDTH] };

    /// The shapes at these rates, one for each block.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn fill(shapes: &mut [Own<N>], batch: Batch<'_, N>, rates: &Rates<N>) {
        let (one, last) = (F64xN::splat(1.0), rates.last);
        let by_fall = one / (one - last);
        let end = batch.head.sizes.span * last;
        for (k, (own, block)) in shapes.iter_mut().zip(batch.blocks).enumerate() {
            let powers = powers(batch.head, block, k, rates.alpha);
            for i in 0..WIDTH {
                let (u, t) = (powers[i], block.t[i]);
                let p = (u - last) * by_fall;
                own.p[i] = p;
                own.by_alpha[i] = (end * (one - p) - t * u) * by_fall;
            }
        }
    }
}

/// e^(-alpha t) at the nodes of block `k`.
#[cfg_attr(wide, inline(always))]
pub(super) fn powers<const N: usize>(head: &Head<N>, block: &Block<N>, k: usize, alpha: F64xN<N>) -> [F64xN<N>; WIDTH] {
    let one = F64xN::splat(1.0);
    let mut powers = [one; WIDTH];
    let step = head.sizes.step;
    let is_regular = step.gt(F64xN::splat(0.0));
    if !is_regular.all() {
        for (u, t) in powers.iter_mut().zip(&block.t) {
            *u = (-(alpha * *t)).exp();
        }
    }
    let place = (k * WIDTH) as f64;
    if is_regular.any() {
        let steps = -(alpha * step);
        let start = if k == 0 { one } else { (steps * place).exp() };
        for (u, power) in powers.iter_mut().zip(geometric(start, steps.exp())) {
            *u = is_regular.select(power, *u);
        }
    }
    // Beyond the last point of a steep grid the products would end at 0, and there 0 * (1/0) is no number.
    if step.gt(F64xN::splat(STEEP)).any() {
        end(head, k, &mut powers);
    }
    powers
}

/// Makes the powers 1 that belong to no point. Out of line: grids so steep are rare.
#[inline(never)]
fn end<const N: usize>(head: &Head<N>, k: usize, powers: &mut [F64xN<N>; WIDTH]) {
    for (i, u) in powers.iter_mut().enumerate() {
        for (u, len) in u.0.iter_mut().zip(head.len) {
            *u = if k * WIDTH + i < len { *u } else { 1.0 };
        }
    }
}

/// start q^i, i from 0 to 7.
#[cfg_attr(wide, inline(always))]
fn geometric<const N: usize>(start: F64xN<N>, q: F64xN<N>) -> [F64xN<N>; WIDTH] {
    let (q2, a) = (q * q, start * q);
    let q4 = q2 * q2;
    let (b, c) = (start * q2, a * q2);
    [start, a, b, c, start * q4, a * q4, b * q4, c * q4]
}

/// A rate for each lane.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Rates<const N: usize> {
    pub(super) alpha: F64xN<N>,
    /// Place on the scale of [`super::rates::alphas`]: ln(alpha + offset), or -e^(-alpha offset) where D is fixed.
    pub(super) tau: F64xN<N>,
    pub(super) offset: F64xN<N>,
    /// e^(-alpha span).
    pub(super) last: F64xN<N>,
}

impl<const N: usize> Rates<N> {
    /// d alpha / d tau: of ln(alpha + offset), and, where D is fixed, of -e^(-alpha offset).
    #[cfg_attr(wide, inline(always))]
    pub(super) fn per_tau(&self, terms: &Terms) -> F64xN<N> {
        let Rates { alpha, offset, .. } = *self;
        if terms.fixed_d.is_none() { alpha + offset } else { (alpha * offset).exp() / offset }
    }
}
