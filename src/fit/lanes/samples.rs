//! The profile over alpha at given rates, to second order.
//!
//! With e_i = model / L_i - 1 the log residual is e - e^2/2 + ...; least squares in e is linear at a given rate, and one
//! Newton step with the series of the exact cost leaves an error of third order in e. In the linear residual e_i is the
//! residual itself, and nothing is left.
use crate::simd::{F64xN, Kernel};

use super::batch::{Batch, WIDTH, at, less, product, tree};
use super::shapes::{Own, Rates, Shape, powers};

/// One point of the profile of each curve.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Sample<const N: usize> {
    /// Place on the scale of [`super::rates::alphas`]: ln(alpha + offset), or -e^(-alpha offset) where D is fixed.
    pub(super) tau: F64xN<N>,
    pub(super) cost: F64xN<N>,
    /// d cost / d tau.
    pub(super) slope: F64xN<N>,
    /// Levels at the smallest and at the largest n, of the law without its bounds.
    pub(super) first: F64xN<N>,
    pub(super) last: F64xN<N>,
    /// Zero where the law decreases, else the pull towards a decrease, negative: the plateau of D = 0.
    pub(super) pull: F64xN<N>,
    /// 1 on the lower edge of C.
    pub(super) edge: F64xN<N>,
}

impl<const N: usize> Sample<N> {
    pub(super) const NONE: Sample<N> = Sample {
        tau: F64xN::splat(0.0),
        cost: F64xN::splat(0.0),
        slope: F64xN::splat(0.0),
        first: F64xN::splat(0.0),
        last: F64xN::splat(0.0),
        pull: F64xN::splat(0.0),
        edge: F64xN::splat(0.0),
    };

    /// Takes over a lane of another.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn take(&mut self, from: &Sample<N>, of: usize, lane: usize) {
        let (of, lane) = (of & (N - 1), lane & (N - 1));
        self.tau.0[lane] = from.tau.0[of];
        self.cost.0[lane] = from.cost.0[of];
        self.slope.0[lane] = from.slope.0[of];
        self.first.0[lane] = from.first.0[of];
        self.last.0[lane] = from.last.0[of];
        self.pull.0[lane] = from.pull.0[of];
        self.edge.0[lane] = from.edge.0[of];
    }

    /// A lane of another in all lanes.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn spread(from: &Sample<N>, of: usize) -> Sample<N> {
        let mut all = Sample::NONE;
        for lane in 0..N {
            all.take(from, of, lane);
        }
        all
    }
}

/// The regression of the target on t: in the log residual the edges C = 0 and D = 0 in closed form.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Regression<const N: usize> {
    pub(super) mean_t: F64xN<N>,
    pub(super) mean_y: F64xN<N>,
    pub(super) tt: F64xN<N>,
    pub(super) ty: F64xN<N>,
    /// Cost of the constant.
    pub(super) flat: F64xN<N>,
}

impl<const N: usize> Regression<N> {
    pub(super) const NONE: Regression<N> = Regression {
        mean_t: F64xN::splat(0.0),
        mean_y: F64xN::splat(0.0),
        tt: F64xN::splat(0.0),
        ty: F64xN::splat(0.0),
        flat: F64xN::splat(0.0),
    };

    #[cfg_attr(wide, inline(always))]
    pub(super) fn new(batch: Batch<'_, N>) -> Regression<N> {
        let mut s = Regression::NONE;
        for block in batch.blocks {
            for lane in 0..N {
                let (w, t, y) = (at(&block.weight, lane), at(&block.t, lane), at(&block.y, lane));
                s.mean_t.0[lane] += tree(product(w, t));
                s.mean_y.0[lane] += tree(product(w, y));
            }
        }
        let weight_sum = batch.head.weight_sum;
        (s.mean_t, s.mean_y) = (s.mean_t / weight_sum, s.mean_y / weight_sum);
        for block in batch.blocks {
            for lane in 0..N {
                let w = at(&block.weight, lane);
                let t = less(at(&block.t, lane), s.mean_t.0[lane]);
                let y = less(at(&block.y, lane), s.mean_y.0[lane]);
                let wt = product(w, t);
                s.tt.0[lane] += tree(product(wt, t));
                s.ty.0[lane] += tree(product(wt, y));
                s.flat.0[lane] += tree(product(product(w, y), y));
            }
        }
        s.flat *= 0.5;
        s
    }
}

/// What the samples of a curve have in common.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Common<const N: usize> {
    pub(super) regression: Regression<N>,
    /// Sums of weight unit^2 and of weight unit aim.
    vv: F64xN<N>,
    v: F64xN<N>,
}

impl<const N: usize> Common<N> {
    pub(super) const NONE: Common<N> =
        Common { regression: Regression::NONE, vv: F64xN::splat(0.0), v: F64xN::splat(0.0) };

    #[cfg_attr(wide, inline(always))]
    pub(super) fn new(batch: Batch<'_, N>) -> Common<N> {
        let mut common = Common { regression: Regression::new(batch), ..Common::NONE };
        for block in batch.blocks {
            for lane in 0..N {
                common.vv.0[lane] += tree(at(&block.by_square, lane));
                common.v.0[lane] += tree(at(&block.by_aim, lane));
            }
        }
        common
    }
}

/// The sample of each lane at its rate, whatever is fixed. A kernel of its own: it is asked for in several places, and one copy
/// for each instruction set is enough.
pub(super) struct SampleAt<'s, 'a, const N: usize> {
    pub(super) batch: Batch<'a, N>,
    pub(super) common: &'s Common<N>,
    pub(super) rates: &'s Rates<N>,
    /// A shape for each block.
    pub(super) scratch: &'s mut [Own<N>],
}

impl<const N: usize> Kernel for SampleAt<'_, '_, N> {
    type Output = Sample<N>;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> Sample<N> {
        let SampleAt { batch, common, rates, scratch } = self;
        if batch.terms.fixed_d.is_some() {
            return sample_of_d(batch, common, rates);
        }
        Own::fill(scratch, batch, rates);
        sample(batch, common, rates, scratch)
    }
}

/// The sample of each lane at its rate; `shapes` holds one for each block.
#[cfg_attr(wide, inline(always))]
pub(super) fn sample<const N: usize>(
    batch: Batch<'_, N>,
    common: &Common<N>,
    rates: &Rates<N>,
    shapes: &[impl Shape],
) -> Sample<N> {
    let zero = F64xN::splat(0.0);
    // The model is fall p + level; its columns times the unit, and their derivatives.
    let (mut pp, mut pv, mut rp) = (zero, zero, zero);
    let (mut ppa, mut pva) = (zero, zero);
    for (block, shape) in batch.blocks.iter().zip(shapes) {
        for lane in 0..N {
            let (wv, wvv) = (at(&block.by_aim, lane), at(&block.by_square, lane));
            let (p, [square, mixed]) = (shape.at(lane), shape.products(lane));
            pp.0[lane] += tree(product(wvv, square));
            pv.0[lane] += tree(product(wvv, p));
            rp.0[lane] += tree(product(wv, p));
            ppa.0[lane] += tree(product(wvv, mixed));
            pva.0[lane] += tree(product(wvv, shape.by_alpha(lane)));
        }
    }
    let (mut fall, mut level, mut inverse) = (zero, zero, zero);
    for lane in 0..N {
        let (vv, v, pv) = (common.vv.0[lane], common.v.0[lane], pv.0[lane]);
        inverse.0[lane] = 1.0 / (pp.0[lane] * vv - pv * pv);
        fall.0[lane] = (vv * rp.0[lane] - pv * v) * inverse.0[lane];
        level.0[lane] = (pp.0[lane] * v - pv * rp.0[lane]) * inverse.0[lane];
    }
    let series = &batch.terms.series;
    let (mut cost, mut gp, mut gv, mut ga) = (zero, zero, zero, zero);
    for (block, shape) in batch.blocks.iter().zip(shapes) {
        for lane in 0..N {
            let (v, aim, w) = (at(&block.unit, lane), at(&block.aim, lane), at(&block.weight, lane));
            let p = shape.at(lane);
            let e = excess(p, v, aim, fall.0[lane], level.0[lane]);
            cost.0[lane] += tree(product(w, costs(e, series)));
            let g = product(slopes(e, series), at(&block.by_unit, lane));
            gp.0[lane] += tree(product(g, p));
            gv.0[lane] += tree(g);
            ga.0[lane] += tree(product(g, shape.by_alpha(lane)));
        }
    }
    let mut s = Sample { tau: rates.tau, ..Sample::NONE };
    let (fixed_c, c_lower, per_tau) = (batch.terms.fixed_c, batch.head.c_lower, rates.alpha + rates.offset);
    for lane in 0..N {
        let (vv, pv, pp, inverse) = (common.vv.0[lane], pv.0[lane], pp.0[lane], inverse.0[lane]);
        let (gp, gv, ga) = (gp.0[lane], gv.0[lane], ga.0[lane]);
        let (by_fall, by_level) = ((pv * gv - vv * gp) * inverse, (pv * gp - pp * gv) * inverse);
        let (old, alpha, last) = (fall.0[lane], rates.alpha.0[lane], rates.last.0[lane]);
        let (fall, level) = (old + by_fall, level.0[lane] + by_level);
        let interior = cost.0[lane] + 0.5 * (gp * by_fall + gv * by_level);
        let slope = fall * ga + old * (by_fall * ppa.0[lane] + by_level * pva.0[lane]);
        let regression = &common.regression;
        let (tt, ty, flat) = (regression.tt.0[lane], regression.ty.0[lane], regression.flat.0[lane]);
        let edge = flat + alpha * (ty + 0.5 * alpha * tt);
        let edge_slope = ty + alpha * tt;
        // C = level - fall u_last / (1 - u_last).
        let bound = fall * last + c_lower.0[lane] * (1.0 - last);
        let (is_flat, is_edge) = (!(fall > 0.0) & !fixed_c, (level * (1.0 - last) < bound) | fixed_c);
        let per_tau = per_tau.0[lane];
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
    if !batch.terms.has_parabola() && s.edge.gt(zero).any() {
        on_edge(batch, rates, shapes, &mut s);
    }
    s
}

/// On the lower edge of C x alone is free: least squares, and one Newton step with the series of the cost. No law without a
/// decrease is one: its cost is no number, and the curve is left to the longer search.
#[cfg_attr(wide, inline(always))]
fn on_edge<const N: usize>(batch: Batch<'_, N>, rates: &Rates<N>, shapes: &[impl Shape], s: &mut Sample<N>) {
    let zero = F64xN::<N>::splat(0.0);
    let (series, z) = (&batch.terms.series, batch.head.c_lower);
    let (mut uu, mut ul, mut uut) = (zero, zero, zero);
    for (block, shape) in batch.blocks.iter().zip(shapes) {
        for lane in 0..N {
            let u = powers_of(shape.at(lane), rates.last.0[lane]);
            let qu = product(at(&block.by_square, lane), u);
            let quu = product(qu, u);
            uu.0[lane] += tree(quu);
            ul.0[lane] += tree(product(at(&block.by_aim, lane), u)) - z.0[lane] * tree(qu);
            uut.0[lane] += tree(product(quu, at(&block.t, lane)));
        }
    }
    let x = ul / uu;
    let (mut cost, mut by_x, mut by_alpha) = (zero, zero, zero);
    for (block, shape) in batch.blocks.iter().zip(shapes) {
        for lane in 0..N {
            let u = powers_of(shape.at(lane), rates.last.0[lane]);
            let e = excess(u, at(&block.unit, lane), at(&block.aim, lane), x.0[lane], z.0[lane]);
            cost.0[lane] += tree(product(at(&block.weight, lane), costs(e, series)));
            let gu = product(product(slopes(e, series), at(&block.by_unit, lane)), u);
            by_x.0[lane] += tree(gu);
            by_alpha.0[lane] += tree(product(gu, at(&block.t, lane)));
        }
    }
    for lane in 0..N {
        let (is_edge, old, z) = (s.edge.0[lane] > 0.0, x.0[lane], z.0[lane]);
        let dx = -by_x.0[lane] / uu.0[lane];
        let x = old + dx;
        let slope = -(x * by_alpha.0[lane] + old * dx * uut.0[lane]);
        let slope = slope * (rates.alpha.0[lane] + rates.offset.0[lane]);
        let cost = if x > 0.0 { cost.0[lane] + 0.5 * by_x.0[lane] * dx } else { f64::NAN };
        s.cost.0[lane] = if is_edge { cost } else { s.cost.0[lane] };
        s.slope.0[lane] = if is_edge { slope } else { s.slope.0[lane] };
        s.first.0[lane] = if is_edge { x + z } else { s.first.0[lane] };
        s.last.0[lane] = if is_edge { x * rates.last.0[lane] + z } else { s.last.0[lane] };
    }
}

/// The sample where D is fixed: C alone is free.
#[cfg_attr(wide, inline(always))]
fn sample_of_d<const N: usize>(batch: Batch<'_, N>, common: &Common<N>, rates: &Rates<N>) -> Sample<N> {
    let zero = F64xN::<N>::splat(0.0);
    let (series, sizes) = (&batch.terms.series, &batch.head.sizes);
    let (fixed_c, c_lower, ln_n_min) = (batch.terms.fixed_c, batch.head.c_lower, sizes.ln_n_min);
    let x = batch.head.d * (-(rates.alpha * ln_n_min)).exp();
    let (mut qu, mut qul) = (zero, zero);
    for (k, block) in batch.blocks.iter().enumerate() {
        let powers = powers(batch.head, block, k, rates.alpha);
        for lane in 0..N {
            let qu_here = product(at(&block.by_square, lane), at(&powers, lane));
            qu.0[lane] += tree(qu_here);
            qul.0[lane] += tree(product(qu_here, at(&block.t, lane)));
        }
    }
    // By ln n, not ln(n / n_min), with which D does not change.
    qul += qu * ln_n_min;
    let free = (common.v - x * qu) / common.vv;
    let mut edge = zero;
    for lane in 0..N {
        edge.0[lane] = if fixed_c | (free.0[lane] < c_lower.0[lane]) { 1.0 } else { 0.0 };
    }
    let z = edge.gt(zero).select(c_lower, free);
    let (mut cost, mut by_z, mut by_x, mut by_alpha) = (zero, zero, zero, zero);
    for (k, block) in batch.blocks.iter().enumerate() {
        let powers = powers(batch.head, block, k, rates.alpha);
        for lane in 0..N {
            let u = at(&powers, lane);
            let e = excess(u, at(&block.unit, lane), at(&block.aim, lane), x.0[lane], z.0[lane]);
            cost.0[lane] += tree(product(at(&block.weight, lane), costs(e, series)));
            let g = product(slopes(e, series), at(&block.by_unit, lane));
            let gu = product(g, u);
            by_z.0[lane] += tree(g);
            by_x.0[lane] += tree(gu);
            by_alpha.0[lane] += tree(product(gu, at(&block.t, lane)));
        }
    }
    by_alpha += by_x * ln_n_min;
    let mut s = Sample { tau: rates.tau, edge, ..Sample::NONE };
    for lane in 0..N {
        let (is_edge, x) = (edge.0[lane] > 0.0, x.0[lane]);
        let dz = if is_edge { 0.0 } else { -by_z.0[lane] / common.vv.0[lane] };
        let z = z.0[lane] + dz;
        let slope = -x * (by_alpha.0[lane] + dz * qul.0[lane]);
        s.cost.0[lane] = cost.0[lane] + 0.5 * by_z.0[lane] * dz;
        s.slope.0[lane] = slope;
        s.first.0[lane] = x + z;
        s.last.0[lane] = x * rates.last.0[lane] + z;
    }
    s.slope *= rates.per_tau(batch.terms);
    s
}

/// e^(-alpha t) out of the shape.
#[cfg_attr(wide, inline(always))]
fn powers_of(p: [f64; WIDTH], last: f64) -> [f64; WIDTH] {
    let mut u = [0.0; WIDTH];
    for i in 0..WIDTH {
        u[i] = last + (1.0 - last) * p[i];
    }
    u
}

#[cfg_attr(wide, inline(always))]
fn excess(p: [f64; WIDTH], v: [f64; WIDTH], aim: [f64; WIDTH], fall: f64, level: f64) -> [f64; WIDTH] {
    let mut e = [0.0; WIDTH];
    for i in 0..WIDTH {
        e[i] = (fall * p[i] + level) * v[i] - aim[i];
    }
    e
}

#[cfg_attr(wide, inline(always))]
fn costs(e: [f64; WIDTH], &[third, fourth, ..]: &[f64; 4]) -> [f64; WIDTH] {
    let mut c = [0.0; WIDTH];
    for i in 0..WIDTH {
        let e = e[i];
        c[i] = e * e * (0.5 + e * (e * fourth - third));
    }
    c
}

/// The derivative.
#[cfg_attr(wide, inline(always))]
fn slopes(e: [f64; WIDTH], &[_, _, third, fourth]: &[f64; 4]) -> [f64; WIDTH] {
    let mut g = [0.0; WIDTH];
    for i in 0..WIDTH {
        let e = e[i];
        g[i] = e * (1.0 + e * (e * fourth - third));
    }
    g
}
