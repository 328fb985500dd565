//! What the data and a weak prior say of the bent law: nodes over the share of the gap, eight side by side.
//!
//! ln L(n) = m + ln(r + (1 - r) e), e = ((1 + (n / n_h)^beta) / (1 + (n_max / n_h)^beta))^-kappa: r is the share of C in
//! L(n_max) and m the logarithm of that. r = sin^2 theta with theta uniform over a quarter of a turn, ln beta, ln kappa and
//! ln n_h are normal, m is flat, and the variance of the noise has an inverse gamma distribution; m and the variance are
//! integrated in closed form, the three others by Laplace's approximation about their best values at each node of theta
//! (Rue, Martino and Chopin, "Approximate Bayesian inference for latent Gaussian models", J. R. Stat. Soc. B 71 (2009) 319).
use crate::fit::wide::{WIDTH, Wide};
use crate::math;
use crate::simd::{Isa, Kernel};

use super::shape::{Descend, End, P, Place, Problem};

const ZERO: Wide = Wide::splat(0.0);

/// Nodes of theta that are placed at a time, and in all.
const AT_A_TIME: usize = 8;
pub(super) const NODES: usize = 24;

/// Weight of a node from which its cell is looked at more closely.
const SHARE: f64 = 0.25;

/// A node of the posterior.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Node {
    theta: f64,
    /// sin^2 theta, C / L(n_max).
    share: f64,
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
        share: 0.0,
        at: [0.0; P],
        level: 0.0,
        square: 0.0,
        covariance: [[0.0; P]; P],
        mean: [0.0; P],
        density: 0.0,
        weight: 0.0,
    };
}

impl Node {
    /// What a lane has ended at.
    fn new(end: &End, lane: usize, theta: f64) -> Node {
        let of = |v: &Wide| get(v, lane);
        Node {
            theta,
            share: of(&end.share),
            at: core::array::from_fn(|i| of(&end.at[i])),
            level: of(&end.sums.level),
            square: of(&end.sums.square),
            covariance: core::array::from_fn(|i| core::array::from_fn(|j| of(&end.inverse[i][j]))),
            mean: core::array::from_fn(|i| of(&end.sums.mean[i])),
            density: of(&end.density),
            weight: 0.0,
        }
    }
}

#[cfg_attr(wide, inline(always))]
fn set(lanes: &mut Wide, lane: usize, value: f64) {
    if let Some(slot) = lanes.0.get_mut(lane) {
        *slot = value;
    }
}

#[cfg_attr(wide, inline(always))]
fn get(lanes: &Wide, lane: usize) -> f64 {
    lanes.0.get(lane).copied().unwrap_or(f64::NAN)
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
    isa: Isa,
}

impl Posterior {
    /// The posterior of rows that are sorted by size, to the last of which their `t` are relative.
    ///
    /// `near` is that of more rows of the same curve: descents start from its nodes.
    pub(super) fn new(problem: &Problem<'_>, near: Option<&Posterior>) -> Posterior {
        // A hold-out needs its median and its width alone, and fewer nodes.
        let most = if near.is_some() { NODES - AT_A_TIME } else { NODES };
        let mut posterior = Posterior {
            nodes: [Node::NONE; NODES],
            len: 0,
            noise: 0.0,
            level_variance: 0.0,
            ln_n_max: problem.ln_n_max,
            isa: problem.isa,
        };
        let quarter = core::f64::consts::FRAC_PI_2;
        let mut thetas = [0.0; AT_A_TIME];
        for (q, theta) in thetas.iter_mut().enumerate() {
            *theta = (q as f64 + 0.5) * quarter / AT_A_TIME as f64;
        }
        let (centre, _) = problem.prior.shape(problem.span, problem.ln_n_max);
        posterior
            .add(problem, &thetas, |theta| near.and_then(|near| near.start(theta, problem.ln_n_max)).unwrap_or(centre));
        loop {
            posterior.weigh();
            let nodes = posterior.nodes();
            let heaviest = (0..nodes.len()).fold(0, |best, k| match (nodes.get(k), nodes.get(best)) {
                (Some(a), Some(b)) if a.weight > b.weight => k,
                _ => best,
            });
            let Some(peak) = nodes.get(heaviest).copied() else { break };
            if posterior.len + AT_A_TIME > most || !(peak.weight >= SHARE) {
                break;
            }
            let left = heaviest.checked_sub(1).and_then(|k| nodes.get(k)).map_or(0.0, |n| n.theta);
            let right = nodes.get(heaviest + 1).map_or(quarter, |n| n.theta);
            for (q, theta) in thetas.iter_mut().enumerate() {
                let side = if q < AT_A_TIME / 2 { left } else { right };
                let share = (q % (AT_A_TIME / 2) + 1) as f64 / (AT_A_TIME / 2 + 1) as f64;
                *theta = peak.theta + (side - peak.theta) * share;
            }
            posterior.add(problem, &thetas, |_| peak.at);
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

    /// Adds nodes at these theta.
    fn add(&mut self, problem: &Problem<'_>, thetas: &[f64; AT_A_TIME], start: impl Fn(f64) -> [f64; P]) {
        for group in thetas.chunks_exact(WIDTH) {
            let (mut share, mut at) = (ZERO, [ZERO; P]);
            for (lane, &theta) in group.iter().enumerate() {
                set(&mut share, lane, math::sin_square(theta));
                for (coordinate, value) in at.iter_mut().zip(start(theta)) {
                    set(coordinate, lane, value);
                }
            }
            let end = problem.isa.dispatch(Descend { problem: *problem, share, start: at });
            for (lane, theta) in group.iter().enumerate() {
                self.insert(Node::new(&end, lane, *theta));
            }
        }
    }

    /// The node next to this theta, its bend where it is for another n_max.
    fn start(&self, theta: f64, ln_n_max: f64) -> Option<[f64; P]> {
        let off = |node: &Node| (node.theta - theta).abs();
        let nearest = self.nodes().iter().reduce(|a, b| if off(b) < off(a) { b } else { a })?;
        let [ln_beta, ln_kappa, v] = nearest.at;
        Some([ln_beta, ln_kappa, v + self.ln_n_max - ln_n_max])
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

    /// Median and variance of ln L(n) at t = ln(n / n_max).
    pub(super) fn at(&self, t: f64) -> (f64, f64) {
        let mut values = [(0.0, 0.0); NODES];
        self.isa.dispatch(Values { nodes: self.nodes(), t, out: &mut values });
        let values = values.get_mut(..self.len).unwrap_or_default();
        let (mut mean, mut within) = (0.0, 0.0);
        for ((value, variance), node) in values.iter().zip(self.nodes()) {
            mean += node.weight * value;
            within += node.weight * variance;
        }
        let mut between = 0.0;
        for ((value, weight), node) in values.iter_mut().zip(self.nodes()) {
            *weight = node.weight;
            between += node.weight * (*value - mean) * (*value - mean);
        }
        (median(values), within + between + self.level_variance)
    }
}

/// ln L and its variance at the nodes, eight side by side, as a kernel.
struct Values<'a> {
    nodes: &'a [Node],
    t: f64,
    out: &'a mut [(f64, f64); NODES],
}

impl Kernel for Values<'_> {
    type Output = ();

    #[cfg_attr(wide, inline(always))]
    fn run(self) {
        let Values { nodes, t, out } = self;
        for (nodes, out) in nodes.chunks(WIDTH).zip(out.chunks_mut(WIDTH)) {
            let (mut at, mut share) = ([ZERO; P], ZERO);
            for (lane, node) in nodes.iter().enumerate() {
                for (coordinate, value) in at.iter_mut().zip(node.at) {
                    set(coordinate, lane, value);
                }
                set(&mut share, lane, node.share);
            }
            let (value, by) = Place::new(&at, share).at(t);
            for (lane, (node, slot)) in nodes.iter().zip(out).enumerate() {
                let by: [f64; P] = core::array::from_fn(|i| get(&by[i], lane) - node.mean[i]);
                *slot = (get(&value, lane) + node.level, crate::linalg::form(&node.covariance, &by));
            }
        }
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
        let mut values = [(0.0, 0.0); NODES];
        self.isa.dispatch(Values { nodes: self.nodes(), t: ln_n - self.ln_n_max, out: &mut values });
        for (node, (value, _)) in self.nodes().iter().zip(values) {
            let share = node.share * math::exp(node.level - value);
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
    /// ln L, and its derivatives with the level moving along.
    pub(super) fn row(&self, t: f64) -> (f64, [f64; P]) {
        let (value, by) = Place::new(&self.at.map(Wide::splat), Wide::splat(self.share)).at(t);
        (value.0[0] + self.level, core::array::from_fn(|i| by[i].0[0] - self.mean[i]))
    }
}
