//! The way to the minima under one tie of the rates: the lattice, the descents from its valleys, and the lowest of their
//! ends on all points until they have come to rest.
use crate::law::{Residual, Syn2RealLaw};
use crate::math;

use super::super::curve::Node;
use super::super::fit_points;
use super::super::loss::Cost;
use super::super::options::FitOptions;
use super::super::source::Source;
use super::super::wide::{WIDTH, Wide};
use super::descent::{Descend, End};
use super::domain::{BETA_MIN, Domain, inside};
use super::lattice::{Mesh, Survey};
use super::model::{ALPHA, B, P, Problem, Theta, Tie, U, X, Z};
use super::rows::{Rows, Trained};
use super::starts::{Start, Starts};

/// Root mean square of the relative residuals from which the lattice must be a thorough one: the cost to second order about
/// the data is then another.
const POOR: f64 = 0.04;

/// Iterations of the descents from all starts, and those of the lowest ones on all points.
const ITERATIONS: u32 = 60;
const LAST_ITERATIONS: u32 = 200;

/// How far above the lowest cost, as a factor, what has not converged yet may still be a minimum of interest.
const COMPETES: f64 = 4.0;

/// Rounds of strides along a flat valley, how many times what the last round went they are, and the share of the cost that a
/// round gains at least that has not come to rest.
const ROUNDS: usize = 40;
const STRIDES: [f64; 8] = [0.0, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0];
const GAIN: f64 = 1e-10;

/// The search under one tie.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    pub(super) data: &'a Source<'a>,
    pub(super) options: &'a FitOptions,
    /// What stands for the points, and all of them.
    pub(super) nodes: Rows<'a>,
    pub(super) rows: Rows<'a>,
    pub(super) problem: Problem,
    pub(super) domain: Domain,
    /// What a cost is not known better than.
    pub(super) rounding: f64,
    /// The sum of the weights times the squares of what residuals are relative to.
    pub(super) size_sum: f64,
}

impl Search<'_> {
    /// The minima, lowest first; `simpler` are those of laws that this one contains.
    pub(super) fn minima(&self, simpler: &Starts, evaluations: &mut u32) -> Starts {
        let mut ends = Starts::EMPTY;
        self.survey(Mesh::QUICK, &mut ends, evaluations);
        if let Some(node) = &self.nodes.untrained {
            self.begin_at_law_one(node, &mut ends);
        }
        let best = ends.as_slice().first().map_or(f64::INFINITY, |end| end.cost);
        let is_poor = !(2.0 * best < POOR * POOR * self.size_sum);
        if is_poor || self.problem.cost != Cost::Square {
            self.survey(Mesh::thorough(self.level()), &mut ends, evaluations);
        }
        let is_all = self.rows.points.is_none();
        let (mut minima, mut rest) = (Starts::EMPTY, Starts::EMPTY);
        let limit = COMPETES * ends.as_slice().first().map_or(0.0, |end| end.cost) + self.rounding;
        for end in ends.as_slice().iter().take(8) {
            if end.is_converged && is_all {
                minima.add(*end);
            } else if end.cost <= limit {
                rest.add(*end);
            }
        }
        let lowest = minima.lowest().cost;
        for start in simpler.as_slice().iter().filter(|start| start.cost < lowest) {
            rest.add(Start { theta: inside(&self.domain, start.theta), ..*start });
        }
        let mut last = Starts::EMPTY;
        self.descend_all(&self.rows, &rest, LAST_ITERATIONS, &mut last);
        let limit = COMPETES * last.as_slice().first().map_or(0.0, |end| end.cost).min(lowest) + self.rounding;
        for end in last.as_slice() {
            let is_done = end.is_converged || end.cost > limit;
            minima.add(if is_done { *end } else { self.stride(end) });
        }
        minima
    }

    /// Goes on along a valley whose floor is curved and so flat that the steps along it are short by orders of magnitude:
    /// from where the last ones lead to if they are repeated many times. At rest is what a round of this does not improve.
    fn stride(&self, start: &Start) -> Start {
        let (mut here, mut by) = (*start, [0.0; P]);
        for _ in 0..ROUNDS {
            let (mut starts, mut ends) = (Starts::EMPTY, Starts::EMPTY);
            for (order, times) in STRIDES.iter().enumerate() {
                let theta = core::array::from_fn(|i| here.theta[i] + times * by[i]);
                starts.add(Start::new(order as f64, inside(&self.domain, theta)));
            }
            self.descend_all(&self.rows, &starts, ITERATIONS, &mut ends);
            let Some(best) = ends.as_slice().first().filter(|best| best.cost < here.cost) else {
                return Start { is_converged: true, ..here };
            };
            let is_still = by != [0.0; P] && here.cost - best.cost <= GAIN * best.cost + self.rounding;
            by = core::array::from_fn(|i| best.theta[i] - here.theta[i]);
            here = Start {
                is_converged: best.is_converged || is_still,
                iterations: here.iterations + best.iterations,
                ..*best
            };
            if here.is_converged {
                break;
            }
        }
        // Not brought to rest by so many rounds: the lowest place found is the answer.
        Start { is_converged: true, ..here }
    }

    /// Goes down from the starts on a lattice, and adds where it ends.
    fn survey(&self, mesh: Mesh, ends: &mut Starts, evaluations: &mut u32) {
        let Search { problem, nodes, domain, options, .. } = self;
        let mut starts = Starts::EMPTY;
        options.isa.dispatch(Survey { problem: *problem, rows: nodes, domain, mesh, starts: &mut starts });
        *evaluations += starts.evaluations;
        *evaluations += self.descend_all(nodes, &starts, ITERATIONS, ends);
    }

    /// Goes down from all starts, and adds where that ends but for what was given up; how many evaluations that took.
    fn descend_all(&self, rows: &Rows<'_>, starts: &Starts, limit: u32, ends: &mut Starts) -> u32 {
        let mut evaluations = 0;
        for k in (0..starts.as_slice().len()).step_by(WIDTH) {
            let Some(theta) = starts.group(k) else { break };
            let end = self.descend(rows, theta, &self.domain, limit, ends.lowest());
            evaluations += WIDTH as u32 * end.iterations;
            for lane in 0..WIDTH.min(starts.as_slice().len() - k) {
                if end.is_given_up.0[lane] == 0 {
                    ends.add(lane_of(&end, lane));
                }
            }
        }
        evaluations
    }

    /// From law (1) through the other sizes, with the bend where the decrease without pre-training is that of the data: an
    /// error there that is larger than the others by many decades hides them from the lattice.
    fn begin_at_law_one(&self, untrained: &Node, ends: &mut Starts) {
        let Ok(fit) = fit_points(&Trained(self.data), self.options) else { return };
        let curve = self.nodes.curve;
        let mut starts = Starts::EMPTY;
        for (order, minimum) in fit.minima().iter().enumerate() {
            let Syn2RealLaw { d, alpha, c } = minimum.law;
            let x = math::exp(math::ln(d / curve.scale) - alpha * curve.ln_n_min);
            let z = c / curve.scale;
            let lift = (untrained.error - z) / x;
            let betas: &[f64] = match self.problem.tie {
                Tie::Rectified => &[alpha],
                Tie::Shifted => &[1.0],
                Tie::Bent => &[1.0, 0.2, 5.0, BETA_MIN],
            };
            for beta in betas {
                let u = -math::ln(lift) / alpha;
                if d > 0.0 && alpha > 0.0 && lift > 1.0 {
                    let theta = [x * lift, z, u, math::ln(*beta), math::ln(alpha)];
                    starts.add(Start::new(order as f64, inside(&self.domain, theta)));
                }
            }
        }
        self.descend_all(&self.nodes, &starts, ITERATIONS, ends);
    }

    /// No decrease over the data: x = 0, or where C is bounded n_h far beyond, and the level at its best.
    pub(super) fn flat(&self) -> Start {
        let (level, mut flat) = (self.level(), self.domain);
        let z = level.max(flat.lower[Z]).min(flat.upper[Z]);
        let is_above = level > z;
        let mut theta = [0.0, z, 1.0, 0.0, flat.upper[ALPHA]];
        if is_above {
            (theta[X], theta[U]) = (level - z, flat.upper[U]);
        } else {
            flat.upper[X] = 0.0;
        }
        // The mean is the best level but for Huber's loss.
        let is_mean = self.problem.cost == Cost::Square;
        let limit = if is_mean { 0 } else { LAST_ITERATIONS };
        let end = self.descend(&self.rows, inside(&flat, theta).map(Wide::splat), &flat, limit, Start::NONE);
        // One coordinate in which the cost has one minimum: what has ended is there.
        Start { is_converged: true, ..lane_of(&end, 0) }
    }

    /// The weighted mean of the errors, geometric in the log residual.
    fn level(&self) -> f64 {
        let (mut sum, mut weight) = (0.0, 0.0);
        for node in self.nodes.curve.nodes().chain(&self.nodes.untrained) {
            (sum, weight) = (sum + node.weight * node.target, weight + node.weight);
        }
        let mean = sum / weight;
        if self.problem.residual == Residual::Log { math::exp(mean) } else { mean }
    }

    fn descend(&self, rows: &Rows<'_>, start: Theta, domain: &Domain, limit: u32, known: Start) -> End {
        let Search { problem, rounding, options, .. } = *self;
        options.isa.dispatch(Descend { problem, rows, domain, start, rounding, limit, known })
    }
}

fn lane_of(end: &End, lane: usize) -> Start {
    let mut theta = [0.0; P];
    for (value, coordinate) in theta.iter_mut().zip(&end.theta) {
        *value = coordinate.0[lane];
    }
    let is_converged = end.is_converged.0[lane] != 0;
    Start { cost: end.sums.cost.0[lane], theta, is_converged, iterations: end.iterations }
}

/// A minimum of a law that the bent law contains, as a place of the latter.
pub(super) fn as_bent(tie: Tie, minimum: &Start) -> Start {
    let mut theta = minimum.theta;
    match tie {
        Tie::Rectified => theta[ALPHA] = theta[B],
        Tie::Shifted => theta[B] = 0.0,
        Tie::Bent => {}
    }
    Start { theta, ..*minimum }
}
