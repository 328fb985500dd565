//! The best shape at given shares of the gap, eight side by side, and how well it is known there.
use crate::fit::wide::{WIDTH, Wide, WideMask};
use crate::simd::{Isa, Kernel};

use super::prior::Prior;
use super::rows::Row;

const ZERO: Wide = Wide::splat(0.0);
const ONE: Wide = Wide::splat(1.0);

/// ln beta, ln kappa, ln(n_h / n_max).
pub(super) const P: usize = 3;

/// Steps of a descent, and the fall of the objective below which it is over: the weights are then right to a thousandth.
const STEPS: u32 = 60;
const TOLERANCE: f64 = 1e-2;

/// Bounds of ln beta and ln kappa: e^-5 and 10.
const LEAST: f64 = -5.0;
const MOST: f64 = core::f64::consts::LN_10;

/// Damping of the first step, what a step that is taken leaves of it, and what one that is not makes of it.
const FIRST: f64 = 1e-2;
const SHRINK: f64 = 0.15;
const GROW: f64 = 6.0;

/// Exponent at which e is cut, far beyond any data.
const CUT: f64 = 300.0;

/// Where a descent takes place: the rows with a size up to the first one's are all of them.
#[derive(Clone, Copy)]
pub(super) struct Problem<'a> {
    pub(super) rows: &'a [Row],
    /// Sum of squares that the rows do not show.
    pub(super) square: f64,
    pub(super) prior: &'a Prior,
    /// ln(n_max / n_min), and ln n_max.
    pub(super) span: f64,
    pub(super) ln_n_max: f64,
    pub(super) isa: Isa,
}

/// The law in each lane.
pub(super) struct Place {
    v: Wide,
    beta: Wide,
    kappa: Wide,
    share: Wide,
    /// ln(1 + (n_max / n_h)^beta), and 1 - 1 / (that without the logarithm).
    log: Wide,
    bend: Wide,
}

/// ln(1 + e^z) and 1 / (1 + e^-z).
#[cfg_attr(wide, inline(always))]
fn softplus(z: Wide) -> (Wide, Wide) {
    let small = (-z.abs()).exp();
    let is_up = z.gt(ZERO);
    let by = ONE / (small + ONE);
    (is_up.select(z, ZERO) + (small + ONE).ln(), is_up.select(by, small * by))
}

impl Place {
    #[cfg_attr(wide, inline(always))]
    pub(super) fn new(at: &[Wide; P], share: Wide) -> Place {
        let (beta, kappa, v) = (at[0].exp(), at[1].exp(), at[2]);
        let (log, bend) = softplus(-(beta * v));
        Place { v, beta, kappa, share, log, bend }
    }

    /// ln(L / L(n_max)) and its derivatives by ln beta, ln kappa, ln n_h.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn at(&self, t: f64) -> (Wide, [Wide; P]) {
        let Place { v, beta, kappa, share, log, bend } = *self;
        let off = -v + t;
        let (here, g) = softplus(beta * off);
        let exponent = (-(kappa * (here - log))).min(Wide::splat(CUT));
        let e = exponent.exp() * (ONE - share);
        let m = share + e;
        let p = e / m;
        let pk = p * kappa * beta;
        (m.ln(), [-(pk * (off * g + v * bend)), p * exponent, pk * (g - bend)])
    }
}

/// The way to the best values at each theta, as a kernel.
pub(super) struct Descend<'a> {
    pub(super) problem: Problem<'a>,
    pub(super) share: Wide,
    pub(super) start: [Wide; P],
}

/// Sums over the rows.
#[derive(Clone, Copy)]
pub(super) struct Sums {
    /// -ln of the posterior density, without the part of the share.
    objective: Wide,
    pub(super) square: Wide,
    pub(super) level: Wide,
    /// Mean of the derivatives over the rows.
    pub(super) mean: [Wide; P],
    /// Its gradient with the sign turned, and the Gauss-Newton approximation of its Hessian (lower triangle).
    downhill: [Wide; P],
    hessian: [[Wide; P]; P],
}

/// Where a descent has ended.
pub(super) struct End {
    pub(super) share: Wide,
    pub(super) at: [Wide; P],
    pub(super) sums: Sums,
    /// Covariance of `at`.
    pub(super) inverse: [[Wide; P]; P],
    /// Logarithm of the density.
    pub(super) density: Wide,
}

#[cfg_attr(wide, inline(always))]
fn evaluate(problem: &Problem<'_>, at: &[Wide; P], share: Wide) -> Sums {
    let Problem { rows, prior, span, ln_n_max, .. } = *problem;
    let place = Place::new(at, share);
    // Of r, r^2; of the derivatives; of these times r; of their products.
    let mut sums = [ZERO; 14];
    let mut weight = 0.0;
    for row in rows {
        let (value, [a, b, c]) = place.at(row.t);
        let (y, w) = (row.y, row.w);
        weight += w;
        // One loop over the lanes for all sums, or they are paired with each other instead.
        for i in 0..WIDTH {
            let (r, a, b, c) = (y - value.0[i], a.0[i], b.0[i], c.0[i]);
            let (wr, wa, wb, wc) = (w * r, w * a, w * b, w * c);
            sums[0].0[i] += wr;
            sums[1].0[i] += wr * r;
            sums[2].0[i] += wa;
            sums[3].0[i] += wb;
            sums[4].0[i] += wc;
            sums[5].0[i] += wa * r;
            sums[6].0[i] += wb * r;
            sums[7].0[i] += wc * r;
            sums[8].0[i] += wa * a;
            sums[9].0[i] += wb * a;
            sums[10].0[i] += wb * b;
            sums[11].0[i] += wc * a;
            sums[12].0[i] += wc * b;
            sums[13].0[i] += wc * c;
        }
    }
    let [of_r, of_rr, ja, jb, jc, ra, rb, rc, aa, ab, bb, ac, bc, cc] = sums;
    let (of_j, of_jr) = ([ja, jb, jc], [ra, rb, rc]);
    let of_jj = [[aa, ZERO, ZERO], [ab, bb, ZERO], [ac, bc, cc]];
    let by_weight = 1.0 / weight;
    let level = of_r * by_weight;
    let square = (of_rr - of_r * level).max(ZERO) + Wide::splat(problem.square);
    let (spread, dof) = prior.noise(square, weight);
    let variance = spread * (1.0 / dof);
    let mut objective = spread.ln() * (0.5 * dof);
    let mut downhill = [ZERO; P];
    let mut hessian = [[ZERO; P]; P];
    let (centre, by_variance) = prior.shape(span, ln_n_max);
    for i in 0..P {
        let off = at[i] - Wide::splat(centre[i]);
        objective += off * off * (0.5 * by_variance[i]);
        downhill[i] = (of_jr[i] - level * of_j[i]) / variance - off * by_variance[i];
        for j in 0..=i {
            hessian[i][j] = (of_jj[i][j] - of_j[i] * of_j[j] * by_weight) / variance;
        }
        hessian[i][i] += Wide::splat(by_variance[i]);
    }
    Sums { objective, square, level, mean: of_j.map(|v| v * by_weight), downhill, hessian }
}

impl Kernel for Descend<'_> {
    type Output = End;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> End {
        let Descend { problem, share, start: mut at } = self;
        let mut sums = evaluate(&problem, &at, share);
        let mut damping = Wide::splat(FIRST);
        let mut is_done = ZERO.gt(ZERO);
        for _ in 0..STEPS {
            let step = solve(&sums.hessian, &sums.downhill, damping);
            let mut trial = at;
            for i in 0..P {
                trial[i] = at[i] + step[i];
            }
            for coordinate in trial.iter_mut().take(2) {
                *coordinate = coordinate.max(Wide::splat(LEAST)).min(Wide::splat(MOST));
            }
            let next = evaluate(&problem, &trial, share);
            let is_down = next.objective.lt(sums.objective).and(!is_done);
            let is_small = (sums.objective - next.objective).lt(Wide::splat(TOLERANCE));
            for i in 0..P {
                at[i] = is_down.select(trial[i], at[i]);
            }
            sums = sums.replaced(&next, is_down);
            damping = is_down.select(damping * SHRINK, (damping * GROW).max(Wide::splat(1e-3)));
            is_done = is_done.or(is_down.and(is_small)).or(damping.gt(Wide::splat(1e6)));
            if is_done.all() {
                break;
            }
        }
        let (inverse, log_det) = inverse(&sums.hessian);
        let (of_gap, of_rest) = problem.prior.of_share();
        let density = share.ln() * of_gap + (ONE - share).ln() * of_rest - sums.objective - log_det * 0.5;
        End { share, at, sums, inverse, density }
    }
}

impl Sums {
    #[cfg_attr(wide, inline(always))]
    fn replaced(&self, new: &Sums, mask: WideMask) -> Sums {
        let mut sums = *self;
        for (old, new) in
            [(&mut sums.objective, new.objective), (&mut sums.square, new.square), (&mut sums.level, new.level)]
        {
            *old = mask.select(new, *old);
        }
        for i in 0..P {
            sums.mean[i] = mask.select(new.mean[i], sums.mean[i]);
            sums.downhill[i] = mask.select(new.downhill[i], sums.downhill[i]);
            for j in 0..=i {
                sums.hessian[i][j] = mask.select(new.hessian[i][j], sums.hessian[i][j]);
            }
        }
        sums
    }
}

/// (H + damping diag H) s = g for a positive definite H.
#[cfg_attr(wide, inline(always))]
fn solve(h: &[[Wide; P]; P], g: &[Wide; P], damping: Wide) -> [Wide; P] {
    let more = damping + ONE;
    let (a, b, c) = (h[0][0] * more, h[1][1] * more, h[2][2] * more);
    let l10 = h[1][0] / a;
    let l20 = h[2][0] / a;
    let d1 = b - l10 * h[1][0];
    let off = h[2][1] - l20 * h[1][0];
    let l21 = off / d1;
    let d2 = c - l20 * h[2][0] - l21 * off;
    let y1 = g[1] - l10 * g[0];
    let y2 = g[2] - l20 * g[0] - l21 * y1;
    let s2 = y2 / d2;
    let s1 = y1 / d1 - l21 * s2;
    [g[0] / a - l10 * s1 - l20 * s2, s1, s2]
}

/// The inverse and ln det of a positive definite H, lower triangle given, by cofactors of the matrix scaled to a diagonal of 1.
#[cfg_attr(wide, inline(always))]
fn inverse(h: &[[Wide; P]; P]) -> ([[Wide; P]; P], Wide) {
    let mut out = [[ZERO; P]; P];
    for k in 0..P {
        let mut unit = [ZERO; P];
        unit[k] = ONE;
        out[k] = solve(h, &unit, ZERO);
    }
    let (a, l10, l20) = (h[0][0], h[1][0] / h[0][0], h[2][0] / h[0][0]);
    let d1 = h[1][1] - l10 * h[1][0];
    let off = h[2][1] - l20 * h[1][0];
    let d2 = h[2][2] - l20 * h[2][0] - off / d1 * off;
    (out, (a * d1 * d2).ln())
}
