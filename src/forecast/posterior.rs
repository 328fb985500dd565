//! What the data and a weak prior say of the bent law: nodes over the share of the gap, eight side by side.
//!
//! ln L(n) = m + ln(r + (1 - r) e), e = ((1 + (n / n_h)^beta) / (1 + (n_max / n_h)^beta))^-kappa: r is the share of C in
//! L(n_max) and m the logarithm of that. r = sin^2 theta with theta uniform over a quarter of a turn, ln beta, ln kappa and
//! ln n_h are normal, m is flat, and the variance of the noise has an inverse gamma distribution; m and the variance are
//! integrated in closed form, the three others by Laplace's approximation about their best values at each node of theta
//! (Rue, Martino and Chopin, "Approximate Bayesian inference for latent Gaussian models", J. R. Stat. Soc. B 71 (2009) 319).
use crate::fit::wide::{WIDTH, Wide, WideMask};
use crate::math;
use crate::simd::{Isa, Kernel};

use super::prior::Prior;
use super::rows::Row;

const ZERO: Wide = Wide::splat(0.0);
const ONE: Wide = Wide::splat(1.0);

/// ln beta, ln kappa, ln(n_h / n_max).
const P: usize = 3;

/// Nodes of theta that are placed at a time, and in all.
const AT_A_TIME: usize = 8;
pub(super) const NODES: usize = 24;

/// Weight of a node from which its cell is looked at more closely.
const SHARE: f64 = 0.25;

/// Steps of a descent, and the fall of the objective below which it is over: the weights are then right to a thousandth.
const STEPS: u32 = 60;
const TOLERANCE: f64 = 1e-3;

/// Bounds of ln beta and ln kappa: e^-5 and 10.
const LEAST: f64 = -5.0;
const MOST: f64 = core::f64::consts::LN_10;

/// Damping of the first step, what a step that is taken leaves of it, and what one that is not makes of it.
const FIRST: f64 = 1e-2;
const SHRINK: f64 = 0.15;
const GROW: f64 = 6.0;

/// Exponent at which e is cut, far beyond any data.
const CUT: f64 = 300.0;

/// A node of the posterior.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Node {
    theta: f64,
    at: [f64; P],
    /// ln L(n_max) at its best, and the sum of squares about it.
    level: f64,
    square: f64,
    /// Covariance of `at`.
    pub(super) covariance: [[f64; P]; P],
    /// Mean of the derivatives of ln L by `at` over the data, which moves the level along.
    mean: [f64; P],
    /// Logarithm of the density.
    density: f64,
    pub(super) weight: f64,
}

impl Node {
    const NONE: Node = Node {
        theta: 0.0,
        at: [0.0; P],
        level: 0.0,
        square: 0.0,
        covariance: [[0.0; P]; P],
        mean: [0.0; P],
        density: 0.0,
        weight: 0.0,
    };
}

/// The posterior of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Posterior {
    nodes: [Node; NODES],
    len: usize,
    /// Variance of a measurement of weight 1 at n_max, and that of the level.
    pub(super) noise: f64,
    pub(super) level_variance: f64,
    /// ln n_max.
    pub(super) ln_n_max: f64,
    pub(super) evaluations: u32,
}

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

impl Posterior {
    /// The posterior of rows that are sorted by size, to the last of which their `t` are relative.
    pub(super) fn new(problem: &Problem<'_>) -> Posterior {
        let mut posterior = Posterior {
            nodes: [Node::NONE; NODES],
            len: 0,
            noise: 0.0,
            level_variance: 0.0,
            ln_n_max: problem.ln_n_max,
            evaluations: 0,
        };
        let quarter = core::f64::consts::FRAC_PI_2;
        let mut thetas = [0.0; AT_A_TIME];
        for (q, theta) in thetas.iter_mut().enumerate() {
            *theta = (q as f64 + 0.5) * quarter / AT_A_TIME as f64;
        }
        let (start, _) = problem.prior.shape(problem.span, problem.ln_n_max);
        posterior.add(problem, &thetas, start);
        loop {
            posterior.weigh();
            let nodes = posterior.nodes();
            let heaviest = (0..nodes.len()).fold(0, |best, k| match (nodes.get(k), nodes.get(best)) {
                (Some(a), Some(b)) if a.weight > b.weight => k,
                _ => best,
            });
            let Some(peak) = nodes.get(heaviest).copied() else { break };
            if posterior.len + AT_A_TIME > NODES || !(peak.weight >= SHARE) {
                break;
            }
            let left = heaviest.checked_sub(1).and_then(|k| nodes.get(k)).map_or(0.0, |n| n.theta);
            let right = nodes.get(heaviest + 1).map_or(quarter, |n| n.theta);
            for (q, theta) in thetas.iter_mut().enumerate() {
                let side = if q < AT_A_TIME / 2 { left } else { right };
                let share = (q % (AT_A_TIME / 2) + 1) as f64 / (AT_A_TIME / 2 + 1) as f64;
                *theta = peak.theta + (side - peak.theta) * share;
            }
            posterior.add(problem, &thetas, peak.at);
        }
        let weight: f64 = problem.rows.iter().map(|row| row.w).sum();
        let square: f64 = posterior.nodes().iter().map(|n| n.weight * n.square).sum();
        posterior.noise = problem.prior.variance(square, weight);
        posterior.level_variance = posterior.noise / weight;
        posterior
    }

    pub(super) fn nodes(&self) -> &[Node] {
        self.nodes.get(..self.len).unwrap_or(&self.nodes)
    }

    /// Adds nodes at these theta, all from one start.
    fn add(&mut self, problem: &Problem<'_>, thetas: &[f64; AT_A_TIME], start: [f64; P]) {
        let mut share = ZERO;
        for group in thetas.chunks_exact(WIDTH) {
            for (lane, theta) in share.0.iter_mut().zip(group) {
                *lane = math::sin_square(*theta);
            }
            let end = problem.isa.dispatch(Descend { problem: *problem, share, start: start.map(Wide::splat) });
            self.evaluations += end.evaluations;
            for (lane, theta) in group.iter().enumerate() {
                self.insert(end.node(lane, *theta));
            }
        }
    }

    /// Inserts a node, in the order of theta.
    fn insert(&mut self, mut node: Node) {
        // A node that cannot be had has no weight.
        if !(node.density.is_finite()) {
            return;
        }
        for slot in self.nodes.iter_mut().take(self.len) {
            if node.theta < slot.theta {
                core::mem::swap(slot, &mut node);
            }
        }
        if let Some(slot) = self.nodes.get_mut(self.len) {
            *slot = node;
            self.len += 1;
        }
    }

    /// The weights: density times the width of the cell.
    fn weigh(&mut self) {
        let most =
            self.nodes().iter().fold(f64::NEG_INFINITY, |most, n| if n.density > most { n.density } else { most });
        let len = self.len;
        let (mut left, mut sum) = (0.0, 0.0);
        for k in 0..len {
            let next = self.nodes.get(k + 1).filter(|_| k + 1 < len).map(|n| n.theta);
            let Some(node) = self.nodes.get_mut(k) else { break };
            let right = next.map_or(core::f64::consts::FRAC_PI_2, |next| 0.5 * (node.theta + next));
            node.weight = math::exp(node.density - most) * (right - left);
            sum += node.weight;
            left = right;
        }
        for node in self.nodes.iter_mut().take(len) {
            node.weight /= sum;
        }
    }

    /// Median and variance of ln L(n) at t = ln(n / n_max), infinite for n = 0 and the limit.
    pub(super) fn at(&self, t: f64) -> (f64, f64) {
        let mut values = [(0.0, 0.0); NODES];
        let (mut mean, mut within) = (0.0, 0.0);
        for ((slot, node), k) in values.iter_mut().zip(self.nodes()).zip(0..) {
            let _: usize = k;
            let (value, variance) = node.at(t);
            *slot = (value, node.weight);
            mean += node.weight * value;
            within += node.weight * variance;
        }
        let values = values.get_mut(..self.len).unwrap_or_default();
        let between: f64 = values.iter().map(|&(value, weight)| weight * (value - mean) * (value - mean)).sum();
        (median(values), within + between + self.level_variance)
    }
}

/// Means and mean squares of ln beta, ln kappa, ln n_h and C / L at a size.
pub(super) struct Moments {
    pub(super) mean: [f64; P + 1],
    pub(super) square: [f64; P + 1],
}

impl Posterior {
    /// `ln_n` is that of the size.
    pub(super) fn moments(&self, ln_n: f64) -> Moments {
        let mut moments = Moments { mean: [0.0; P + 1], square: [0.0; P + 1] };
        for node in self.nodes() {
            let (value, _) = node.at(ln_n - self.ln_n_max);
            let share = math::sin_square(node.theta) * math::exp(node.level - value);
            let [a, b, v] = node.at;
            let of = [a, b, v + self.ln_n_max, share];
            let [[va, ..], [_, vb, _], [.., vc]] = node.covariance;
            for ((mean, square), (x, variance)) in
                moments.mean.iter_mut().zip(&mut moments.square).zip(of.into_iter().zip([va, vb, vc, 0.0]))
            {
                *mean += node.weight * x;
                *square += node.weight * (x * x + variance);
            }
        }
        moments
    }
}

/// The median of weighted values: where the middles of their steps, joined by straight lines, pass one half.
fn median(values: &mut [(f64, f64)]) -> f64 {
    for k in 1..values.len() {
        for j in (1..=k).rev() {
            let [a, b] = match values.get(j - 1..=j) {
                Some(&[a, b]) => [a, b],
                _ => break,
            };
            if a.0 <= b.0 {
                break;
            }
            values.swap(j - 1, j);
        }
    }
    let mut sum = 0.0;
    let mut before: Option<(f64, f64)> = None;
    for &(value, weight) in values.iter() {
        let middle = sum + 0.5 * weight;
        sum += weight;
        if middle >= 0.5 {
            let Some((low, share)) = before else { return value };
            return low + (value - low) * (0.5 - share) / (middle - share);
        }
        before = Some((value, middle));
    }
    before.map_or(f64::NAN, |(value, _)| value)
}

impl Node {
    /// ln L and its variance, given theta, at t = ln(n / n_max).
    fn at(&self, t: f64) -> (f64, f64) {
        let (value, by) = self.row(t);
        (value, crate::linalg::form(&self.covariance, &by))
    }

    /// ln L, and its derivatives with the level moving along.
    pub(super) fn row(&self, t: f64) -> (f64, [f64; P]) {
        let place = Place::new(&self.at.map(Wide::splat), Wide::splat(math::sin_square(self.theta)));
        let (value, by) = place.at(t);
        (value.0[0] + self.level, core::array::from_fn(|i| by[i].0[0] - self.mean[i]))
    }
}

/// The law in each lane.
struct Place {
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
    fn new(at: &[Wide; P], share: Wide) -> Place {
        let (beta, kappa, v) = (at[0].exp(), at[1].exp(), at[2]);
        let (log, bend) = softplus(-(beta * v));
        Place { v, beta, kappa, share, log, bend }
    }

    /// ln(L / L(n_max)) and its derivatives by ln beta, ln kappa, ln n_h.
    #[cfg_attr(wide, inline(always))]
    fn at(&self, t: f64) -> (Wide, [Wide; P]) {
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
struct Descend<'a> {
    problem: Problem<'a>,
    share: Wide,
    start: [Wide; P],
}

/// Sums over the rows.
#[derive(Clone, Copy)]
struct Sums {
    /// -ln of the posterior density, without the part of the share.
    objective: Wide,
    square: Wide,
    level: Wide,
    mean: [Wide; P],
    /// Its gradient with the sign turned, and the Gauss-Newton approximation of its Hessian (lower triangle).
    downhill: [Wide; P],
    hessian: [[Wide; P]; P],
}

struct End {
    at: [Wide; P],
    sums: Sums,
    inverse: [[Wide; P]; P],
    density: Wide,
    evaluations: u32,
}

impl End {
    fn node(&self, lane: usize, theta: f64) -> Node {
        let of = |v: &Wide| v.0.get(lane).copied().unwrap_or(f64::NAN);
        Node {
            theta,
            at: core::array::from_fn(|i| of(&self.at[i])),
            level: of(&self.sums.level),
            square: of(&self.sums.square),
            covariance: core::array::from_fn(|i| core::array::from_fn(|j| of(&self.inverse[i][j]))),
            mean: core::array::from_fn(|i| of(&self.sums.mean[i])),
            density: of(&self.density),
            weight: 0.0,
        }
    }
}

#[cfg_attr(wide, inline(always))]
fn evaluate(problem: &Problem<'_>, at: &[Wide; P], share: Wide) -> Sums {
    let Problem { rows, prior, span, ln_n_max, .. } = *problem;
    let place = Place::new(at, share);
    let (mut of_r, mut of_rr) = (ZERO, ZERO);
    let mut of_j = [ZERO; P];
    let mut of_jr = [ZERO; P];
    let mut of_jj = [[ZERO; P]; P];
    let mut weight = 0.0;
    for row in rows {
        let (value, by) = place.at(row.t);
        let r = -value + row.y;
        weight += row.w;
        of_r += r * row.w;
        of_rr += r * r * row.w;
        for i in 0..P {
            let wj = by[i] * row.w;
            of_j[i] += wj;
            of_jr[i] += wj * r;
            for j in 0..=i {
                of_jj[i][j] += wj * by[j];
            }
        }
    }
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
        let mut evaluations = WIDTH as u32;
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
            evaluations += WIDTH as u32;
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
        End { at, sums, inverse, density, evaluations }
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
