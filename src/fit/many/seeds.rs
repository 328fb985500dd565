//! The profile over alpha at the rates of a table, to second order: brackets of its minima, and which curves are doubtful.
//!
//! With e_i = model / L_i - 1 the log residual is e - e^2/2 + ...; least squares in e is linear at a given rate, and one
//! Newton step with the series of the exact cost leaves an error of third order in e.
use crate::simd::{F64x8, LANES};

use super::batch::{Batch, WIDTH, at, tree};

/// Rates of the table, both ends included.
pub(super) const RATES: usize = 12;

/// Room for them: an index is masked by it.
pub(super) const SLOTS: usize = 16;

/// Step of ln n from which on the highest rate may take the powers at the end of the longest block below e^-300, whose
/// inverse square is near the end of the range: 300 / (10 * 40).
const STEEP: f64 = 0.75;

const ZERO: F64x8 = F64x8::splat(0.0);

/// One point of the profile of each of eight curves.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    /// ln(alpha + offset).
    pub(super) tau: F64x8,
    pub(super) cost: F64x8,
    /// d cost / d tau.
    pub(super) slope: F64x8,
    /// Levels at the smallest and at the largest n, of the law without its bounds.
    pub(super) first: F64x8,
    pub(super) last: F64x8,
    /// Zero where the law decreases, else the pull towards a decrease, negative: the plateau of D = 0.
    pub(super) pull: F64x8,
    /// 1 on the edge C = 0.
    pub(super) edge: F64x8,
}

impl Sample {
    pub(super) const NONE: Sample =
        Sample { tau: ZERO, cost: ZERO, slope: ZERO, first: ZERO, last: ZERO, pull: ZERO, edge: ZERO };

    /// Takes over a lane of another.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn take(&mut self, from: &Sample, of: usize, lane: usize) {
        let (of, lane) = (of & (LANES - 1), lane & (LANES - 1));
        self.tau.0[lane] = from.tau.0[of];
        self.cost.0[lane] = from.cost.0[of];
        self.slope.0[lane] = from.slope.0[of];
        self.first.0[lane] = from.first.0[of];
        self.last.0[lane] = from.last.0[of];
        self.pull.0[lane] = from.pull.0[of];
        self.edge.0[lane] = from.edge.0[of];
    }
}

/// The log-log regression: the edges C = 0 and D = 0 in closed form.
#[derive(Clone, Copy)]
pub(super) struct Regression {
    pub(super) mean_t: F64x8,
    pub(super) mean_y: F64x8,
    pub(super) tt: F64x8,
    pub(super) ty: F64x8,
    /// Cost of the constant.
    pub(super) flat: F64x8,
}

impl Regression {
    pub(super) const NONE: Regression = Regression { mean_t: ZERO, mean_y: ZERO, tt: ZERO, ty: ZERO, flat: ZERO };

    #[cfg_attr(wide, inline(always))]
    pub(super) fn new<const BLOCKS: usize>(batch: &Batch<BLOCKS>) -> Regression {
        let (mut mean_t, mut mean_y) = (ZERO, ZERO);
        let (mut tt, mut ty, mut yy) = (ZERO, ZERO, ZERO);
        for block in batch.blocks.iter().take(batch.used) {
            for lane in 0..LANES {
                let (w, t, y) = (at(&block.weight, lane), at(&block.t, lane), at(&block.y, lane));
                mean_t.0[lane] += tree(product(w, t));
                mean_y.0[lane] += tree(product(w, y));
            }
        }
        (mean_t, mean_y) = (mean_t / batch.weight_sum, mean_y / batch.weight_sum);
        for block in batch.blocks.iter().take(batch.used) {
            for lane in 0..LANES {
                let w = at(&block.weight, lane);
                let t = less(at(&block.t, lane), mean_t.0[lane]);
                let y = less(at(&block.y, lane), mean_y.0[lane]);
                let wt = product(w, t);
                tt.0[lane] += tree(product(wt, t));
                ty.0[lane] += tree(product(wt, y));
                yy.0[lane] += tree(product(product(w, y), y));
            }
        }
        Regression { mean_t, mean_y, tt, ty, flat: yy * 0.5 }
    }
}

#[cfg_attr(wide, inline(always))]
pub(super) fn product(a: [f64; WIDTH], b: [f64; WIDTH]) -> [f64; WIDTH] {
    [a[0] * b[0], a[1] * b[1], a[2] * b[2], a[3] * b[3], a[4] * b[4], a[5] * b[5], a[6] * b[6], a[7] * b[7]]
}

#[cfg_attr(wide, inline(always))]
pub(super) fn less(a: [f64; WIDTH], b: f64) -> [f64; WIDTH] {
    [a[0] - b, a[1] - b, a[2] - b, a[3] - b, a[4] - b, a[5] - b, a[6] - b, a[7] - b]
}

/// The shape of the law between its levels at both ends of the data: 1 at the smallest n, 0 at the largest.
///
/// Along the valley of nearly equal fits the levels hardly move with alpha, so that the slope of the profile does not
/// suffer from what is left of the gradient in them.
pub(super) trait Shape {
    /// (u - u_last) / (1 - u_last), u = e^(-alpha t).
    fn at(&self, block: usize, lane: usize) -> [f64; WIDTH];
    /// Its derivative in alpha.
    fn by_alpha(&self, block: usize, lane: usize) -> [f64; WIDTH];
    /// Its square, and the product of both.
    fn products(&self, block: usize, lane: usize) -> [[f64; WIDTH]; 2];
}

/// One shape for all lanes.
#[derive(Clone, Copy)]
pub(super) struct Shared<const BLOCKS: usize> {
    p: [[f64; WIDTH]; BLOCKS],
    by_alpha: [[f64; WIDTH]; BLOCKS],
    products: [[[f64; WIDTH]; 2]; BLOCKS],
}

impl<const BLOCKS: usize> Shared<BLOCKS> {
    pub(super) const NONE: Shared<BLOCKS> =
        Shared { p: [[0.0; WIDTH]; BLOCKS], by_alpha: [[0.0; WIDTH]; BLOCKS], products: [[[0.0; WIDTH]; 2]; BLOCKS] };

    /// The shape of a lane.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn of(own: &Own<BLOCKS>, lane: usize) -> Shared<BLOCKS> {
        let mut shared = Shared::NONE;
        for block in 0..BLOCKS {
            shared.p[block] = own.at(block, lane & (LANES - 1));
            shared.by_alpha[block] = own.by_alpha(block, lane & (LANES - 1));
            shared.products[block] = own.products(block, lane & (LANES - 1));
        }
        shared
    }
}

impl<const BLOCKS: usize> Shape for Shared<BLOCKS> {
    #[cfg_attr(wide, inline(always))]
    fn at(&self, block: usize, _: usize) -> [f64; WIDTH] {
        self.p[block.min(BLOCKS - 1)]
    }
    #[cfg_attr(wide, inline(always))]
    fn by_alpha(&self, block: usize, _: usize) -> [f64; WIDTH] {
        self.by_alpha[block.min(BLOCKS - 1)]
    }
    #[cfg_attr(wide, inline(always))]
    fn products(&self, block: usize, _: usize) -> [[f64; WIDTH]; 2] {
        self.products[block.min(BLOCKS - 1)]
    }
}

/// A shape of its own in each lane.
#[derive(Clone, Copy)]
pub(super) struct Own<const BLOCKS: usize> {
    pub(super) p: [[F64x8; WIDTH]; BLOCKS],
    pub(super) by_alpha: [[F64x8; WIDTH]; BLOCKS],
}

impl<const BLOCKS: usize> Shape for Own<BLOCKS> {
    #[cfg_attr(wide, inline(always))]
    fn at(&self, block: usize, lane: usize) -> [f64; WIDTH] {
        at(&self.p[block.min(BLOCKS - 1)], lane)
    }
    #[cfg_attr(wide, inline(always))]
    fn by_alpha(&self, block: usize, lane: usize) -> [f64; WIDTH] {
        at(&self.by_alpha[block.min(BLOCKS - 1)], lane)
    }
    #[cfg_attr(wide, inline(always))]
    fn products(&self, block: usize, lane: usize) -> [[f64; WIDTH]; 2] {
        let p = self.at(block, lane);
        [product(p, p), product(p, self.by_alpha(block, lane))]
    }
}

impl<const BLOCKS: usize> Own<BLOCKS> {
    pub(super) const NONE: Own<BLOCKS> = Own { p: [[ZERO; WIDTH]; BLOCKS], by_alpha: [[ZERO; WIDTH]; BLOCKS] };

    /// The shape at these rates, out of their powers.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn new(batch: &Batch<BLOCKS>, last: F64x8, powers: &Powers<BLOCKS>) -> Own<BLOCKS> {
        let mut own = Own::NONE;
        let by_fall = F64x8::splat(1.0) / (F64x8::splat(1.0) - last);
        let end = batch.span * last;
        for (k, block) in batch.blocks.iter().enumerate().take(batch.used) {
            for i in 0..WIDTH {
                let (u, t) = (powers.0[k.min(BLOCKS - 1)][i], block.t[i]);
                let p = (u - last) * by_fall;
                own.p[k.min(BLOCKS - 1)][i] = p;
                own.by_alpha[k.min(BLOCKS - 1)][i] = (end * (F64x8::splat(1.0) - p) - t * u) * by_fall;
            }
        }
        own
    }
}

/// e^(-alpha t) at the nodes.
#[derive(Clone, Copy)]
pub(super) struct Powers<const BLOCKS: usize>(pub(super) [[F64x8; WIDTH]; BLOCKS]);

impl<const BLOCKS: usize> Powers<BLOCKS> {
    /// The powers of these rates.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn new(batch: &Batch<BLOCKS>, alpha: F64x8) -> Powers<BLOCKS> {
        let mut powers = Powers([[ZERO; WIDTH]; BLOCKS]);
        let is_regular = batch.step.gt(ZERO);
        let mut place = 0.0;
        for (u, block) in powers.0.iter_mut().zip(&batch.blocks).take(batch.used) {
            if !is_regular.all() {
                for (u, t) in u.iter_mut().zip(&block.t) {
                    *u = (-(alpha * *t)).exp();
                }
            }
            if is_regular.any() {
                let steps = -(alpha * batch.step);
                let start = if place == 0.0 { F64x8::splat(1.0) } else { (steps * place).exp() };
                for (u, power) in u.iter_mut().zip(products(start, steps.exp())) {
                    *u = is_regular.select(power, *u);
                }
            }
            place += WIDTH as f64;
        }
        // Beyond the last point of a steep grid the products would end at 0, and there 0 * (1/0) is no number.
        if batch.step.gt(F64x8::splat(STEEP)).any() {
            powers.end(batch);
        }
        powers
    }
}

impl<const BLOCKS: usize> Powers<BLOCKS> {
    /// Makes the powers 1 that belong to no point. Out of line: grids so steep are rare.
    #[inline(never)]
    fn end(&mut self, batch: &Batch<BLOCKS>) {
        for (k, u) in self.0.iter_mut().enumerate() {
            for (i, u) in u.iter_mut().enumerate() {
                for (u, len) in u.0.iter_mut().zip(batch.len) {
                    *u = if k * WIDTH + i < len { *u } else { 1.0 };
                }
            }
        }
    }
}

/// start q^i, i from 0 to 7.
#[cfg_attr(wide, inline(always))]
fn products(start: F64x8, q: F64x8) -> [F64x8; WIDTH] {
    let (q2, a) = (q * q, start * q);
    let q4 = q2 * q2;
    let (b, c) = (start * q2, a * q2);
    [start, a, b, c, start * q4, a * q4, b * q4, c * q4]
}

/// What the samples of a curve have in common.
pub(super) struct Common {
    /// Sums of w / L^2 and of w / L.
    vv: F64x8,
    v: F64x8,
}

impl Common {
    pub(super) const NONE: Common = Common { vv: ZERO, v: ZERO };

    #[cfg_attr(wide, inline(always))]
    pub(super) fn new<const BLOCKS: usize>(batch: &Batch<BLOCKS>) -> Common {
        let (mut vv, mut v) = (ZERO, ZERO);
        for block in batch.blocks.iter().take(batch.used) {
            for lane in 0..LANES {
                vv.0[lane] += tree(at(&block.by_square, lane));
                v.0[lane] += tree(at(&block.by_error, lane));
            }
        }
        Common { vv, v }
    }
}

/// Eight rates, one for each lane.
pub(super) struct Rates {
    pub(super) alpha: F64x8,
    /// ln(alpha + offset).
    pub(super) tau: F64x8,
    pub(super) offset: F64x8,
    /// e^(-alpha span).
    pub(super) last: F64x8,
}

/// The sample of each lane at its rate.
#[cfg_attr(wide, inline(always))]
pub(super) fn sample<const BLOCKS: usize>(
    batch: &Batch<BLOCKS>,
    (common, regression): (&Common, &Regression),
    rates: &Rates,
    shape: &impl Shape,
) -> Sample {
    // The model is fall p + level; its columns over L, and their derivatives.
    let (mut pp, mut pv, mut rp) = (ZERO, ZERO, ZERO);
    let (mut ppa, mut pva) = (ZERO, ZERO);
    for (k, block) in batch.blocks.iter().enumerate().take(batch.used) {
        for lane in 0..LANES {
            let (wv, wvv) = (at(&block.by_error, lane), at(&block.by_square, lane));
            let (p, [square, mixed]) = (shape.at(k, lane), shape.products(k, lane));
            pp.0[lane] += tree(product(wvv, square));
            pv.0[lane] += tree(product(wvv, p));
            rp.0[lane] += tree(product(wv, p));
            ppa.0[lane] += tree(product(wvv, mixed));
            pva.0[lane] += tree(product(wvv, shape.by_alpha(k, lane)));
        }
    }
    let (mut fall, mut level, mut inverse) = (ZERO, ZERO, ZERO);
    for lane in 0..LANES {
        let (vv, v, pv) = (common.vv.0[lane], common.v.0[lane], pv.0[lane]);
        inverse.0[lane] = 1.0 / (pp.0[lane] * vv - pv * pv);
        fall.0[lane] = (vv * rp.0[lane] - pv * v) * inverse.0[lane];
        level.0[lane] = (pp.0[lane] * v - pv * rp.0[lane]) * inverse.0[lane];
    }
    let (mut cost, mut gp, mut gv, mut ga) = (ZERO, ZERO, ZERO, ZERO);
    for (k, block) in batch.blocks.iter().enumerate().take(batch.used) {
        for lane in 0..LANES {
            let (v, w) = (at(&block.inverse, lane), at(&block.weight, lane));
            let p = shape.at(k, lane);
            let e = excess(p, v, fall.0[lane], level.0[lane]);
            cost.0[lane] += tree(product(w, costs(e)));
            let g = product(slopes(e), at(&block.by_error, lane));
            gp.0[lane] += tree(product(g, p));
            gv.0[lane] += tree(g);
            ga.0[lane] += tree(product(g, shape.by_alpha(k, lane)));
        }
    }
    let mut s = Sample { tau: rates.tau, ..Sample::NONE };
    for lane in 0..LANES {
        let (vv, pv, pp, inverse) = (common.vv.0[lane], pv.0[lane], pp.0[lane], inverse.0[lane]);
        let (gp, gv, ga) = (gp.0[lane], gv.0[lane], ga.0[lane]);
        let (by_fall, by_level) = ((pv * gv - vv * gp) * inverse, (pv * gp - pp * gv) * inverse);
        let (old, alpha, last) = (fall.0[lane], rates.alpha.0[lane], rates.last.0[lane]);
        let (fall, level) = (old + by_fall, level.0[lane] + by_level);
        let interior = cost.0[lane] + 0.5 * (gp * by_fall + gv * by_level);
        let slope = fall * ga + old * (by_fall * ppa.0[lane] + by_level * pva.0[lane]);
        let (tt, ty, flat) = (regression.tt.0[lane], regression.ty.0[lane], regression.flat.0[lane]);
        let edge = flat + alpha * (ty + 0.5 * alpha * tt);
        let edge_slope = ty + alpha * tt;
        // C = level - fall u_last / (1 - u_last).
        let (is_flat, is_edge) = (!(fall > 0.0), level * (1.0 - last) < fall * last);
        let per_tau = alpha + rates.offset.0[lane];
        s.first.0[lane] = fall + level;
        s.last.0[lane] = level;
        s.cost.0[lane] = if is_flat {
            flat
        } else if is_edge {
            edge
        } else {
            interior
        };
        s.slope.0[lane] = if is_flat {
            0.0
        } else if is_edge {
            edge_slope * per_tau
        } else {
            slope * per_tau
        };
        s.pull.0[lane] = if is_flat { fall / inverse } else { 0.0 };
        s.edge.0[lane] = if is_edge & !is_flat { 1.0 } else { 0.0 };
    }
    s
}

#[cfg_attr(wide, inline(always))]
fn excess(p: [f64; WIDTH], v: [f64; WIDTH], fall: f64, level: f64) -> [f64; WIDTH] {
    let mut e = [0.0; WIDTH];
    for i in 0..WIDTH {
        e[i] = (fall * p[i] + level) * v[i] - 1.0;
    }
    e
}

/// 1/2 ln(1 + e)^2 to e^4: positive and convex for any e, so that what is far off stays so.
#[cfg_attr(wide, inline(always))]
fn costs(e: [f64; WIDTH]) -> [f64; WIDTH] {
    let mut c = [0.0; WIDTH];
    for i in 0..WIDTH {
        let e = e[i];
        c[i] = e * e * (0.5 + e * (e * (11.0 / 24.0) - 0.5));
    }
    c
}

/// Its derivative, ln(1 + e) / (1 + e).
#[cfg_attr(wide, inline(always))]
fn slopes(e: [f64; WIDTH]) -> [f64; WIDTH] {
    let mut g = [0.0; WIDTH];
    for i in 0..WIDTH {
        let e = e[i];
        g[i] = e * (1.0 + e * (e * (11.0 / 6.0) - 1.5));
    }
    g
}
