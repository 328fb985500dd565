//! Starts: the profile over a lattice of the coordinates in which the bending laws are not linear.
//!
//! At given (beta, y, alpha) the model x g + z is linear in x and z, and least squares linearised about the data give both;
//! the cost is taken there. At each beta, the valleys along y of the lowest cost over alpha are kept as starts.
use crate::math;
use crate::simd::Kernel;
use crate::solve::Bounds;

use super::super::curve::{NODES, Node};
use super::super::loss::residual;
use super::super::wide::{WIDTH, Wide};
use super::descent::Domain;
use super::model::{ALPHA, B, P, Problem, Theta, Tie, X, Z};
use super::rows::Rows;

const ZERO: Wide = Wide::splat(0.0);
const ONE: Wide = Wide::splat(1.0);

/// Starts that are kept.
pub(super) const STARTS: usize = 32;

/// Rates alpha: the largest one halved again and again, whose powers are squares of each other.
const RATES: usize = 12;

/// Values of beta between its bounds, equally spaced in ln beta.
const SHARPNESS: usize = 13;
const SHARPNESS_TIED: usize = 25;

/// Steps of ln((n_h / n_min)^beta), and how far the lattice goes beyond the data.
const STEP: f64 = 0.75;
const BEYOND: f64 = 4.0;
const BEFORE: f64 = 3.0;
/// The same where there are measurements without pre-training, which show bends before the smallest n.
const BEFORE_UNTRAINED: f64 = 10.0;

/// A place of the lattice, or where the descent from there has ended.
#[derive(Clone, Copy)]
pub(super) struct Start {
    pub(super) cost: f64,
    pub(super) theta: [f64; P],
}

/// The lowest starts, lowest first.
pub(super) struct Starts {
    list: [Start; STARTS],
    len: usize,
    pub(super) evaluations: u32,
}

impl Starts {
    pub(super) const EMPTY: Starts =
        Starts { list: [Start { cost: 0.0, theta: [0.0; P] }; STARTS], len: 0, evaluations: 0 };

    pub(super) fn add(&mut self, mut start: Start) {
        if !(start.cost < f64::INFINITY) {
            return;
        }
        for slot in self.list.iter_mut().take(self.len) {
            if start.cost < slot.cost {
                core::mem::swap(slot, &mut start);
            }
        }
        if let Some(slot) = self.list.get_mut(self.len) {
            *slot = start;
            self.len += 1;
        }
    }

    pub(super) fn as_slice(&self) -> &[Start] {
        self.list.get(..self.len).unwrap_or(&self.list)
    }

    /// Fills a group of lanes from start `k` on; the last one is repeated.
    pub(super) fn group(&self, k: usize) -> Option<Theta> {
        let rest = self.as_slice().get(k..)?;
        let mut last = rest.first()?;
        let mut theta = [ZERO; P];
        for lane in 0..WIDTH {
            last = rest.get(lane).unwrap_or(last);
            for (coordinate, value) in theta.iter_mut().zip(last.theta) {
                coordinate.0[lane] = value;
            }
        }
        Some(theta)
    }
}

/// The lattice, as a kernel.
pub(super) struct Survey<'a> {
    pub(super) problem: Problem,
    pub(super) rows: &'a Rows<'a>,
    pub(super) domain: &'a Domain,
    pub(super) starts: &'a mut Starts,
}

impl Kernel for Survey<'_> {
    type Output = ();

    #[cfg_attr(wide, inline(always))]
    fn run(self) {
        let Survey { problem, rows, domain, starts } = self;
        let (low, high) = (domain.lower[B], domain.upper[B]);
        let count = match problem.tie {
            Tie::Shifted => 1,
            _ if low == high => 1,
            Tie::Rectified => SHARPNESS_TIED,
            Tie::Bent => SHARPNESS,
        };
        let mut logs = [ZERO; NODES + 1];
        let mut powers = [ZERO; NODES + 1];
        for j in 0..count {
            let share = if count > 1 { j as f64 / (count - 1) as f64 } else { 0.0 };
            let mut slice = Slice {
                problem,
                rows,
                domain,
                logs: &mut logs,
                powers: &mut powers,
                ln_beta: low + share * (high - low),
            };
            slice.run(starts);
        }
    }
}

/// One beta.
struct Slice<'a> {
    problem: Problem,
    rows: &'a Rows<'a>,
    domain: &'a Domain,
    /// ln W / beta of the nodes, and W^-kappa.
    logs: &'a mut [Wide; NODES + 1],
    powers: &'a mut [Wide; NODES + 1],
    ln_beta: f64,
}

/// The best of a group of lanes.
#[derive(Clone, Copy)]
struct Best {
    cost: Wide,
    theta: Theta,
}

impl Slice<'_> {
    #[cfg_attr(wide, inline(always))]
    fn run(&mut self, starts: &mut Starts) {
        let beta = math::exp(self.ln_beta);
        let curve = self.rows.curve;
        let before = if self.rows.untrained.is_some() { BEFORE_UNTRAINED } else { BEFORE };
        let top = beta * curve.span + BEYOND;
        let count = ((top + before) / STEP) as usize + 2;
        let step = (top + before) / (count - 1) as f64;
        // The three last values along y.
        let none = Start { cost: f64::INFINITY, theta: [0.0; P] };
        let (mut last, mut middle) = (none, none);
        for k in 0..count.div_ceil(WIDTH) {
            let mut y = ZERO;
            for lane in 0..WIDTH {
                let ln_rho = -before + step * (k * WIDTH + lane) as f64;
                y.0[lane] = ln_rho;
            }
            // ln(1 + rho) without overflow.
            let y = y.max(ZERO) + ((-y.abs()).exp() + ONE).ln();
            let best = self.over_rates(y, starts);
            for lane in 0..WIDTH.min(count - k * WIDTH) {
                let mut theta = [0.0; P];
                for (value, coordinate) in theta.iter_mut().zip(&best.theta) {
                    *value = coordinate.0[lane];
                }
                let next = Start { cost: best.cost.0[lane], theta };
                if middle.cost <= last.cost && middle.cost < next.cost {
                    starts.add(middle);
                }
                (last, middle) = (middle, next);
            }
        }
        if middle.cost <= last.cost {
            starts.add(middle);
        }
    }

    /// The lowest cost over the rates at each y.
    #[cfg_attr(wide, inline(always))]
    fn over_rates(&mut self, y: Wide, starts: &mut Starts) -> Best {
        let Slice { problem, rows, domain, ln_beta, .. } = *self;
        let beta = math::exp(ln_beta);
        let Bounds { lower, upper } = match problem.tie {
            Tie::Rectified => Bounds::new(beta, beta),
            _ => Bounds::new(domain.lower[ALPHA], domain.upper[ALPHA]),
        };
        let (mut rates, mut least) = (1, upper);
        while rates < RATES && 0.5 * least >= lower && lower < upper {
            (rates, least) = (rates + 1, 0.5 * least);
        }
        let (fade, rest) = ((-y).exp(), -(-y).exp_m1());
        let nodes = || rows.curve.nodes().chain(&rows.untrained);
        for (power, (log, node)) in self.powers.iter_mut().zip(self.logs.iter_mut().zip(nodes())) {
            let e = fade * math::exp(beta * node.t);
            *log = (e + rest).ln() * (1.0 / beta);
            *power = (*log * -least).exp();
        }
        let mut best = Best { cost: Wide::splat(f64::INFINITY), theta: [ZERO; P] };
        let mut alpha = least;
        for rate in 0..rates {
            let (x, z) = linear(self.powers, nodes(), domain);
            let mut cost = ZERO;
            for (g, node) in self.powers.iter().zip(nodes()) {
                let (r, _) = residual(problem.residual, x * *g + z, Wide::splat(node.target));
                cost += problem.cost.at(r).rho * node.weight;
            }
            starts.evaluations += WIDTH as u32;
            let is_lower = cost.lt(best.cost);
            let place = [x, z, y, Wide::splat(ln_beta), Wide::splat(alpha)];
            best.cost = is_lower.select(cost, best.cost);
            for (old, new) in best.theta.iter_mut().zip(place) {
                *old = is_lower.select(new, *old);
            }
            if rate + 1 < rates {
                alpha *= 2.0;
                for g in self.powers.iter_mut().take(nodes().count()) {
                    *g = *g * *g;
                }
            }
        }
        best
    }
}

/// x and z by least squares with the curvatures of the cost about the data, within their bounds.
#[cfg_attr(wide, inline(always))]
fn linear<'n>(powers: &[Wide], nodes: impl Iterator<Item = &'n Node> + Clone, domain: &Domain) -> (Wide, Wide) {
    let (mut weight, mut of_g, mut of_error) = (0.0, ZERO, 0.0);
    for (g, node) in powers.iter().zip(nodes.clone()) {
        weight += node.curvature;
        of_g += *g * node.curvature;
        of_error += node.error * node.curvature;
    }
    let (mean_g, mean_error) = (of_g / Wide::splat(weight), of_error / weight);
    let (mut gg, mut ge) = (ZERO, ZERO);
    for (g, node) in powers.iter().zip(nodes) {
        let off = *g - mean_g;
        gg += off * off * node.curvature;
        ge += off * (node.error - mean_error) * node.curvature;
    }
    let bounds = |i: usize| [Wide::splat(domain.lower[i]), Wide::splat(domain.upper[i])];
    let ([low_x, high_x], [low_z, high_z]) = (bounds(X), bounds(Z));
    let x = (ge / gg.max(Wide::splat(f64::MIN_POSITIVE))).max(low_x).min(high_x);
    let free_z = Wide::splat(mean_error) - x * mean_g;
    let z = free_z.max(low_z).min(high_z);
    // On a bound of z the sums about it decide.
    let by_origin = (ge + (mean_g * (Wide::splat(mean_error) - z)) * weight) / (gg + mean_g * mean_g * weight);
    let x = z.eq(free_z).select(x, by_origin.max(low_x).min(high_x));
    (x, z)
}
