//! From points and options to the global optimum of a bending law, its edges included.
use crate::law::{Residual, Syn2RealLaw};
use crate::math;
use crate::point::Point;
use crate::solve::{Bounds, Loss};

use super::super::curve::{Curve, Node};
use super::super::domain;
use super::super::error::FitError;
use super::super::fit_points;
use super::super::loss::Cost;
use super::super::optimum::{CONSISTENCY, ROUNDING};
use super::super::options::FitOptions;
use super::super::report::Syn2RealFit;
use super::super::scale::median;
use super::super::source::{Source, each};
use super::super::wide::{WIDTH, Wide};
use super::descent::{Descend, End};
use super::domain::{Domain, LN_MOST, bounds};
use super::lattice::{Mesh, Survey};
use super::minima::{Local, Minima, SAME_COST};
use super::model::{ALPHA, P, Problem, Sums, Theta, Tie, U, X, Z, evaluate};
use super::rows::{Rows, Trained};
use super::starts::{Start, Starts};
use super::{BETA_MAX, BETA_MIN};

/// Root mean square of the relative residuals from which the lattice must be a thorough one: the cost to second order about
/// the data is then another.
const POOR: f64 = 0.04;

/// Iterations of the descents from all starts, and those of the lowest ones until they have converged.
const ITERATIONS: u32 = 60;
const LAST_ITERATIONS: u32 = 1000;

/// How far above the lowest cost, as a factor, what has not converged yet may still be a minimum of interest.
const COMPETES: f64 = 4.0;

/// ln(1 + (n_h / n_min)^beta) below which a minimum lies near law (1), where its cost is within this factor of the lowest.
const NEAR: f64 = 0.3;
const BESIDE: f64 = 1.1;

/// Share of the cost below which a step may promise what has not come to rest at the last iteration: n points tell places
/// apart where their costs differ by a share of 1 / n.
const PROMISE: f64 = 1e-8;

/// The best places, and all that is needed to say what they mean.
pub(super) struct Optimum<'a> {
    pub(super) curve: &'a Curve,
    pub(super) domain: Domain,
    pub(super) problem: Problem,
    pub(super) minima: Minima,
    /// Points with a weight above 0, those without pre-training included, and the sum of their weights in units of the curve.
    pub(super) points: usize,
    pub(super) weight_sum: f64,
    /// What the measurements without pre-training add to [`Curve::size_sum`].
    untrained_size: f64,
    /// Whether a minimum was found whose n_h or A is beyond the range of f64.
    is_beyond: bool,
    /// The fit of law (1), where it is an edge.
    pub(super) law_one: Option<Syn2RealFit>,
    pub(super) evaluations: u32,
}

/// What the points say of n = 0.
struct Untrained {
    count: usize,
    weight: f64,
    /// The weighted mean of their targets.
    node: Option<Node>,
}

/// The distinct sizes with a weight above 0, as far as `most`.
fn distinct(data: &Source<'_>, most: usize) -> usize {
    let (mut count, mut last) = (0, -1.0);
    while count < most {
        let larger = each(data).filter(|p| p.weight > 0.0 && p.n > last).map(|p| p.n);
        let next = larger.fold(f64::INFINITY, |least, n| if n < least { n } else { least });
        if next == f64::INFINITY {
            break;
        }
        (count, last) = (count + 1, next);
    }
    count
}

fn untrained(data: &Source<'_>, curve: &Curve, residual: Residual) -> Untrained {
    let rows = Rows { curve, untrained: None, points: None, residual };
    let (mut count, mut weight, mut target) = (0, 0.0, 0.0);
    for p in each(data).filter(|p| p.n == 0.0 && p.weight > 0.0) {
        let node = rows.node(&p);
        (count, weight, target) = (count + 1, weight + node.weight, target + node.weight * node.target);
    }
    let node = (count > 0).then(|| {
        let target = target / weight;
        let error = if residual == Residual::Log { math::exp(target) } else { target };
        Node::new(super::rows::NOTHING, error, target, weight, residual)
    });
    Untrained { count, weight, node }
}

impl<'a> Optimum<'a> {
    /// The search, on an empty curve.
    #[inline(never)]
    pub(super) fn find(
        tie: Tie,
        data: &Source<'_>,
        options: &FitOptions,
        curve: &'a mut Curve,
    ) -> Result<Optimum<'a>, FitError> {
        domain::Domain::new(options)?;
        let free_d = Bounds::new(0.0, f64::INFINITY);
        if options.fixed_d.is_some() || options.d != free_d {
            return Err(FitError::BadOption { field: if options.fixed_d.is_some() { "fixed_d" } else { "d" } });
        }
        for (index, p) in each(data).enumerate() {
            let size = if p.n == 0.0 { 1.0 } else { p.n };
            Point { n: size, ..p }.check(options.residual).map_err(|source| FitError::Point { index, source })?;
        }
        let held = [options.fixed_alpha, options.fixed_c].iter().filter(|value| value.is_some()).count();
        let (law, parameters) = match tie {
            Tie::Rectified => ("rectified", 4),
            Tie::Shifted => ("shifted", 4),
            Tie::Bent => ("bent", 5),
        };
        let needed = parameters - held;
        let got = distinct(data, needed);
        if got < needed {
            return Err(FitError::TooFewSizes { law, needed, got });
        }
        curve.fill(&Trained(data), options, 1)?;
        let curve: &'a Curve = curve;
        let start = untrained(data, curve, options.residual);
        let domain = bounds(tie, options, curve, start.count > 0);
        let cost = match options.loss {
            Loss::HuberAbsolute { delta } if options.residual == Residual::Linear => Cost::Huber(delta / curve.scale),
            Loss::HuberAbsolute { delta } => Cost::Huber(delta),
            _ => Cost::Square,
        };
        if matches!(cost, Cost::Huber(delta) if delta < ROUNDING) {
            return Err(FitError::BadOption { field: "loss" });
        }
        let mut optimum = Optimum {
            curve,
            domain,
            problem: Problem { residual: options.residual, cost, tie, has_untrained: start.count > 0 },
            minima: Minima::EMPTY,
            points: curve.points + start.count,
            weight_sum: curve.weight_sum + start.weight,
            untrained_size: start.node.map_or(0.0, |node| node.weight * node.size_square(options.residual)),
            is_beyond: false,
            law_one: None,
            evaluations: 0,
        };
        optimum.minimise(data, options, &start);
        let best = optimum.minima.as_slice().first().copied();
        if let (Loss::Huber { k }, Some(best)) = (options.loss, best) {
            let deviation = optimum.median_absolute_deviation(data, &best);
            let delta = k * CONSISTENCY * deviation;
            if deviation >= ROUNDING && delta < ROUNDING {
                return Err(FitError::BadOption { field: "loss" });
            }
            if deviation >= ROUNDING && delta < f64::INFINITY {
                optimum.problem.cost = Cost::Huber(delta);
                optimum.minima = Minima::EMPTY;
                let options = FitOptions { loss: Loss::HuberAbsolute { delta: delta * optimum.unit() }, ..*options };
                optimum.minimise(data, &options, &start);
            }
        }
        Ok(optimum)
    }

    /// The unit of a residual.
    pub(super) fn unit(&self) -> f64 {
        if self.problem.residual == Residual::Linear { self.curve.scale } else { 1.0 }
    }

    /// The unit of the cost.
    pub(super) fn cost_unit(&self) -> f64 {
        self.curve.weight_scale * self.unit() * self.unit()
    }

    /// What a cost is not known better than: the square of the rounding of every residual.
    fn rounding(&self) -> f64 {
        4.0 * f64::EPSILON * f64::EPSILON * (self.curve.size_sum + self.weight_sum + self.untrained_size)
    }

    /// The Huber delta in units of the residual.
    pub(super) fn huber_delta(&self) -> Option<f64> {
        match self.problem.cost {
            Cost::Huber(delta) => Some(delta * self.unit()),
            Cost::Square => None,
        }
    }

    /// All points, as nodes where each has one.
    pub(super) fn rows_of<'r>(&'r self, data: &'r Source<'r>) -> Rows<'r> {
        let is_all = self.curve.is_complete && self.points - self.curve.points <= 1;
        let residual = self.problem.residual;
        let start = if is_all { untrained(data, self.curve, residual).node } else { None };
        Rows { curve: self.curve, untrained: start, points: (!is_all).then_some(data), residual }
    }

    /// sum w r^2 at a place.
    pub(super) fn square(&self, rows: &Rows<'_>, theta: &[f64; P]) -> f64 {
        let square = Problem { cost: Cost::Square, ..self.problem };
        2.0 * evaluate(&square, rows, &theta.map(Wide::splat)).cost.0[0]
    }

    fn minimise(&mut self, data: &Source<'_>, options: &FitOptions, start: &Untrained) {
        let residual = self.problem.residual;
        let nodes = Rows { curve: self.curve, untrained: start.node, points: None, residual };
        let is_all = self.curve.is_complete && start.count <= 1;
        let rows = if is_all { nodes } else { Rows { points: Some(data), ..nodes } };
        let rounding = self.rounding();
        let mut ends = Starts::EMPTY;
        self.survey(&nodes, Mesh::QUICK, options, &mut ends);
        if let Some(node) = &start.node {
            self.begin_at_law_one(&nodes, node, data, options, &mut ends);
        }
        let is_poor = |ends: &Starts| {
            let best = ends.as_slice().first().map_or(f64::INFINITY, |end| end.cost);
            !(2.0 * best < POOR * POOR * self.curve.size_sum)
        };
        if is_poor(&ends) || self.problem.cost != Cost::Square {
            self.survey(&nodes, Mesh::thorough(self.level(&nodes)), options, &mut ends);
        }
        // The lowest ones to the end, on all points.
        let mut rest = Starts::EMPTY;
        let limit = COMPETES * ends.as_slice().first().map_or(0.0, |end| end.cost) + rounding;
        for end in ends.as_slice().iter().take(8) {
            if end.is_converged && is_all {
                self.take(end, rounding);
            } else if end.cost <= limit {
                rest.add(*end);
            }
        }
        for k in (0..rest.as_slice().len()).step_by(WIDTH) {
            let Some(theta) = rest.group(k) else { break };
            let end = self.descend(&rows, theta, &self.domain, options, LAST_ITERATIONS, Start::NONE);
            for lane in 0..WIDTH.min(rest.as_slice().len() - k) {
                let is_near = end.promise.0[lane] <= PROMISE * end.sums.cost.0[lane];
                let end = lane_of(&end, lane);
                self.take(&Start { is_converged: end.is_converged || is_near, ..end }, rounding);
            }
        }
        // No decrease at all: x = 0, and the level at its best.
        let flat = Domain { upper: with(self.domain.upper, X, 0.0), ..self.domain };
        let mut theta = [0.0; P].map(Wide::splat);
        theta[Z] = Wide::splat(self.level(&nodes).max(flat.lower[Z]).min(flat.upper[Z]));
        (theta[U], theta[ALPHA]) = (Wide::splat(1.0), Wide::splat(flat.upper[ALPHA]));
        // The mean is the best level but for Huber's loss.
        let is_mean = self.problem.cost == Cost::Square;
        let limit = if is_mean { 0 } else { LAST_ITERATIONS };
        let end = lane_of(&self.descend(&rows, theta, &flat, options, limit, Start::NONE), 0);
        self.take(&Start { is_converged: is_mean || end.is_converged, ..end }, rounding);
        if start.count == 0 && self.is_near_law_one() {
            self.add_law_one(&rows, data, options, rounding);
        }
    }

    /// Goes down from the starts on a lattice, and adds where it ends.
    fn survey(&mut self, rows: &Rows<'_>, mesh: Mesh, options: &FitOptions, ends: &mut Starts) {
        let mut starts = Starts::EMPTY;
        options.isa.dispatch(Survey { problem: self.problem, rows, domain: &self.domain, mesh, starts: &mut starts });
        self.evaluations += starts.evaluations;
        for k in (0..starts.as_slice().len()).step_by(WIDTH) {
            let Some(theta) = starts.group(k) else { break };
            let end = self.descend(rows, theta, &self.domain, options, ITERATIONS, ends.lowest());
            self.evaluations += WIDTH as u32 * end.iterations;
            for lane in 0..WIDTH.min(starts.as_slice().len() - k) {
                if end.is_given_up.0[lane] == 0 {
                    ends.add(lane_of(&end, lane));
                }
            }
        }
    }

    /// From law (1) through the other sizes, with the bend where the decrease without pre-training is that of the data: an
    /// error there that is larger than the others by many decades hides them from the lattice.
    fn begin_at_law_one(
        &self,
        rows: &Rows<'_>,
        untrained: &Node,
        data: &Source<'_>,
        options: &FitOptions,
        ends: &mut Starts,
    ) {
        let Ok(fit) = fit_points(&Trained(data), options) else { return };
        let mut starts = Starts::EMPTY;
        for (order, minimum) in fit.minima().iter().enumerate() {
            let Syn2RealLaw { d, alpha, c } = minimum.law;
            let x = math::exp(math::ln(d / self.curve.scale) - alpha * self.curve.ln_n_min);
            let z = c / self.curve.scale;
            let lift = (untrained.error - z) / x;
            let betas: &[f64] = match self.problem.tie {
                Tie::Rectified => &[alpha],
                Tie::Shifted => &[1.0],
                Tie::Bent => &[1.0, 0.2, 5.0, BETA_MIN],
            };
            for beta in betas {
                let u = -math::ln(lift) / alpha;
                if d > 0.0 && alpha > 0.0 && lift > 1.0 {
                    let cost = order as f64;
                    starts.add(Start::new(cost, self.inside([x * lift, z, u, math::ln(*beta), math::ln(alpha)])));
                }
            }
        }
        if let Some(theta) = starts.group(0) {
            let end = self.descend(rows, theta, &self.domain, options, ITERATIONS, ends.lowest());
            (0..starts.as_slice().len().min(WIDTH)).for_each(|lane| ends.add(lane_of(&end, lane)));
        }
    }

    fn inside(&self, theta: [f64; P]) -> [f64; P] {
        core::array::from_fn(|i| theta[i].max(self.domain.lower[i]).min(self.domain.upper[i]))
    }

    /// Whether law (1) may be as good: a minimum beside the best one lies near that edge, or there is no decrease.
    fn is_near_law_one(&self) -> bool {
        let limit = self.minima.as_slice().first().map_or(0.0, |best| BESIDE * best.cost);
        self.is_beyond
            || self.minima.as_slice().iter().filter(|local| local.cost <= limit).any(|local| {
                let [beta, _] = self.domain.rates(self.problem.tie, &local.theta);
                local.theta[X] == 0.0 || local.theta[U] * beta < NEAR
            })
    }

    /// Law (1), the edge y = 0, has a search of its own.
    fn add_law_one(&mut self, rows: &Rows<'_>, data: &Source<'_>, options: &FitOptions, rounding: f64) {
        let Ok(fit) = fit_points(&Trained(data), options) else { return };
        let Syn2RealLaw { d, alpha, c } = fit.law();
        if d == 0.0 || alpha == 0.0 {
            return;
        }
        let x = math::exp(math::ln(d / self.curve.scale) - alpha * self.curve.ln_n_min);
        // Of the laws with one alpha the one with beta = 1 has the n_h that is easiest to represent.
        let ln_beta = if self.problem.tie == Tie::Rectified { math::ln(alpha) } else { 0.0 };
        if self.problem.tie == Tie::Rectified && (alpha < BETA_MIN || alpha > BETA_MAX) {
            return;
        }
        let theta = [x, c / self.curve.scale, 0.0, ln_beta, math::ln(alpha)];
        let sums = self.evaluate(rows, theta, options);
        let is_best = self
            .minima
            .as_slice()
            .first()
            .is_none_or(|best| sums.cost.0[0] <= best.cost * (1.0 + SAME_COST) + rounding);
        self.law_one = Some(fit);
        let local = Local {
            theta,
            cost: sums.cost.0[0],
            is_law_one: true,
            is_converged: true,
            iterations: fit.report().iterations,
        };
        if is_best {
            // It takes the place of what is as good, and of what ended on that edge.
            let others = core::mem::replace(&mut self.minima, Minima::EMPTY);
            self.minima.add(local, rounding);
            let limit = local.cost * (1.0 + SAME_COST) + rounding;
            for other in others.as_slice().iter().filter(|other| other.cost > limit && other.theta[U] > 0.0) {
                self.minima.add(*other, rounding);
            }
        }
    }

    fn take(&mut self, end: &Start, rounding: f64) {
        let Start { cost, theta, is_converged, iterations } = *end;
        if !self.is_representable(&theta) {
            self.is_beyond = true;
            return;
        }
        self.minima.add(Local { theta, cost, is_law_one: false, is_converged, iterations }, rounding);
    }

    /// Whether n_h and A are in the range of f64; elsewhere the law is law (1) to all digits.
    fn is_representable(&self, theta: &[f64; P]) -> bool {
        let [beta, alpha] = self.domain.rates(self.problem.tie, theta);
        let [_, untrained, ln_rho] = self.problem.before(theta[U] * beta);
        let lift = if self.problem.has_untrained { 0.0 } else { -alpha / beta * math::ln(untrained) };
        theta[X] == 0.0 || (self.curve.ln_n_min + ln_rho / beta > -LN_MOST - 1.0 && lift < LN_MOST)
    }

    fn descend(
        &self,
        rows: &Rows<'_>,
        start: Theta,
        domain: &Domain,
        options: &FitOptions,
        limit: u32,
        known: Start,
    ) -> End {
        let rounding = self.rounding();
        options.isa.dispatch(Descend { problem: self.problem, rows, domain, start, rounding, limit, known })
    }

    /// Cost and derivatives at a place, in all lanes.
    pub(super) fn evaluate(&self, rows: &Rows<'_>, theta: [f64; P], options: &FitOptions) -> Sums {
        self.descend(rows, theta.map(Wide::splat), &self.domain, options, 0, Start::NONE).sums
    }

    /// The weighted mean of the errors, geometric in the log residual.
    fn level(&self, rows: &Rows<'_>) -> f64 {
        let (mut sum, mut weight) = (0.0, 0.0);
        for node in rows.curve.nodes().chain(&rows.untrained) {
            (sum, weight) = (sum + node.weight * node.target, weight + node.weight);
        }
        let mean = sum / weight;
        if self.problem.residual == Residual::Log { math::exp(mean) } else { mean }
    }

    fn median_absolute_deviation(&self, data: &Source<'_>, best: &Local) -> f64 {
        let rows = Rows { curve: self.curve, untrained: None, points: None, residual: self.problem.residual };
        let residuals = each(data).filter(|p| p.weight > 0.0).map(|p| {
            let node = rows.node(&p);
            let model = self.problem.model_at(&best.theta, node.t);
            let model = if self.problem.residual == Residual::Log { math::ln(model) } else { model };
            model - node.target
        });
        let centre = median(residuals.clone(), self.points);
        median(residuals.map(|r| (r - centre).abs()), self.points)
    }
}

fn with(mut values: [f64; P], index: usize, value: f64) -> [f64; P] {
    if let Some(slot) = values.get_mut(index) {
        *slot = value;
    }
    values
}

fn lane_of(end: &End, lane: usize) -> Start {
    let mut theta = [0.0; P];
    for (value, coordinate) in theta.iter_mut().zip(&end.theta) {
        *value = coordinate.0[lane];
    }
    let is_converged = end.is_converged.0[lane] != 0;
    Start { cost: end.sums.cost.0[lane], theta, is_converged, iterations: end.iterations }
}
