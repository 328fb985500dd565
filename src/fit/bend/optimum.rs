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
use super::descent::{Descend, Domain, End};
use super::lattice::{Start, Starts, Survey};
use super::model::{ALPHA, P, Problem, Sums, Theta, Tie, X, Y, Z, evaluate};
use super::rows::{Rows, Trained};
use super::{BETA_MAX, BETA_MIN};

/// y at its largest: e^-y is then below every rounding of 1.
const Y_MAX: f64 = 700.0;

/// y at its smallest where there are measurements without pre-training: A is then 2^540 at most.
const Y_MIN_UNTRAINED: f64 = 1.0 / (1_u64 << 50) as f64;

/// Iterations of the descents from all starts, and those of the lowest ones until they have converged.
const ITERATIONS: u32 = 60;
const LAST_ITERATIONS: u32 = 1000;

/// Two minima are one if their costs agree to this share, and law (1) is preferred to a law as good.
const SAME_COST: f64 = 1e-9;

/// The best places, and all that is needed to say what they mean.
pub(super) struct Optimum<'a> {
    pub(super) curve: &'a Curve,
    pub(super) domain: Domain,
    pub(super) problem: Problem,
    pub(super) minima: Minima,
    /// Points with a weight above 0, those without pre-training included, and the sum of their weights in units of the curve.
    pub(super) points: usize,
    pub(super) weight_sum: f64,
    /// The fit of law (1), where it is an edge.
    pub(super) law_one: Option<Syn2RealFit>,
    pub(super) evaluations: u32,
}

/// A local minimum.
#[derive(Clone, Copy)]
pub(super) struct Local {
    pub(super) theta: [f64; P],
    pub(super) cost: f64,
    pub(super) is_law_one: bool,
    pub(super) is_converged: bool,
    pub(super) iterations: u32,
}

/// Those that were found, lowest first.
pub(super) struct Minima {
    list: [Local; 8],
    len: usize,
}

impl Minima {
    const EMPTY: Minima = Minima {
        list: [Local { theta: [0.0; P], cost: 0.0, is_law_one: false, is_converged: false, iterations: 0 }; 8],
        len: 0,
    };

    pub(super) fn as_slice(&self) -> &[Local] {
        self.list.get(..self.len).unwrap_or(&self.list)
    }

    /// Takes one that is not there yet, where there is room or one that is higher.
    fn add(&mut self, mut local: Local, rounding: f64) {
        if !(local.cost < f64::INFINITY) || self.as_slice().iter().any(|known| known.is_same(&local, rounding)) {
            return;
        }
        for slot in self.list.iter_mut().take(self.len) {
            if local.cost < slot.cost {
                core::mem::swap(slot, &mut local);
            }
        }
        if let Some(slot) = self.list.get_mut(self.len) {
            *slot = local;
            self.len += 1;
        }
    }
}

impl Local {
    fn is_same(&self, other: &Local, rounding: f64) -> bool {
        (self.cost - other.cost).abs() <= SAME_COST * (self.cost + other.cost) + rounding
            && (0..P).all(|i| (self.theta[i] - other.theta[i]).abs() <= 1e-4 * (1.0 + self.theta[i].abs()))
    }
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
            problem: Problem { residual: options.residual, cost, tie },
            minima: Minima::EMPTY,
            points: curve.points + start.count,
            weight_sum: curve.weight_sum + start.weight,
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
        4.0 * f64::EPSILON * f64::EPSILON * (self.curve.size_sum + self.weight_sum)
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
        let mut starts = Starts::EMPTY;
        options.isa.dispatch(Survey { problem: self.problem, rows: &nodes, domain: &self.domain, starts: &mut starts });
        self.evaluations += starts.evaluations;
        let mut ends = Starts::EMPTY;
        for k in (0..starts.as_slice().len()).step_by(WIDTH) {
            let Some(theta) = starts.group(k) else { break };
            let end = self.descend(&nodes, theta, &self.domain, options, ITERATIONS);
            self.evaluations += WIDTH as u32 * end.iterations;
            for lane in 0..WIDTH.min(starts.as_slice().len() - k) {
                ends.add(lane_of(&end, lane));
            }
        }
        // The lowest ones to the end, on all points.
        for k in (0..WIDTH.max(8)).step_by(WIDTH) {
            let Some(theta) = ends.group(k) else { break };
            let end = self.descend(&rows, theta, &self.domain, options, LAST_ITERATIONS);
            for lane in 0..WIDTH.min(ends.as_slice().len() - k) {
                self.take(&end, lane, rounding);
            }
        }
        // No decrease at all: x = 0, and the level at its best.
        let flat = Domain { upper: with(self.domain.upper, X, 0.0), ..self.domain };
        let mut theta = [0.0; P].map(Wide::splat);
        theta[Z] = Wide::splat(self.level(&nodes).max(flat.lower[Z]).min(flat.upper[Z]));
        (theta[Y], theta[ALPHA]) = (Wide::splat(1.0), Wide::splat(flat.upper[ALPHA]));
        let end = self.descend(&rows, theta, &flat, options, LAST_ITERATIONS);
        self.take(&end, 0, rounding);
        if start.count == 0 {
            self.add_law_one(&rows, data, options, rounding);
        }
    }

    /// Law (1), the edge y = 0, has a search of its own.
    fn add_law_one(&mut self, rows: &Rows<'_>, data: &Source<'_>, options: &FitOptions, rounding: f64) {
        let Ok(fit) = fit_points(&Trained(data), options) else { return };
        let Syn2RealLaw { d, alpha, c } = fit.law();
        if d == 0.0 {
            return;
        }
        let x = math::exp(math::ln(d / self.curve.scale) - alpha * self.curve.ln_n_min);
        // Of the laws with one alpha the one with beta = 1 has the n_h that is easiest to represent.
        let ln_beta = if self.problem.tie == Tie::Rectified { math::ln(alpha) } else { 0.0 };
        if self.problem.tie == Tie::Rectified && (alpha < BETA_MIN || alpha > BETA_MAX) {
            return;
        }
        let theta = [x, c / self.curve.scale, 0.0, ln_beta, alpha];
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
            for other in others.as_slice().iter().filter(|other| other.cost > limit && other.theta[Y] > 0.0) {
                self.minima.add(*other, rounding);
            }
        }
    }

    fn take(&mut self, end: &End, lane: usize, rounding: f64) {
        let Start { cost, theta } = lane_of(end, lane);
        let is_converged = end.is_converged.0[lane] != 0;
        let local = Local { theta, cost, is_law_one: false, is_converged, iterations: end.iterations };
        self.minima.add(local, rounding);
    }

    fn descend(&self, rows: &Rows<'_>, start: Theta, domain: &Domain, options: &FitOptions, limit: u32) -> End {
        let rounding = self.rounding();
        options.isa.dispatch(Descend { problem: self.problem, rows, domain, start, rounding, limit })
    }

    /// Cost and derivatives at a place, in all lanes.
    pub(super) fn evaluate(&self, rows: &Rows<'_>, theta: [f64; P], options: &FitOptions) -> Sums {
        self.descend(rows, theta.map(Wide::splat), &self.domain, options, 0).sums
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
    Start { cost: end.sums.cost.0[lane], theta }
}

/// The box of the coordinates.
fn bounds(tie: Tie, options: &FitOptions, curve: &Curve, has_untrained: bool) -> Domain {
    let held = |value: Option<f64>, bounds: Bounds| value.map_or(bounds, |x| Bounds::new(x, x));
    let c = held(options.fixed_c, options.c);
    let alpha = held(options.fixed_alpha, options.alpha);
    // (n / n_min)^beta must stay in the range of f64.
    let most = if curve.span > 0.0 { 690.0 / curve.span } else { BETA_MAX };
    let most = if most < BETA_MAX { most } else { BETA_MAX };
    let within = |x: f64| x.max(BETA_MIN).min(most);
    let beta = match tie {
        Tie::Rectified => Bounds::new(within(alpha.lower), within(alpha.upper)),
        Tie::Shifted => Bounds::new(1.0, 1.0),
        Tie::Bent => Bounds::new(BETA_MIN, most),
    };
    let least_y = if has_untrained { Y_MIN_UNTRAINED } else { 0.0 };
    Domain {
        lower: [0.0, c.lower / curve.scale, least_y, math::ln(beta.lower), alpha.lower],
        upper: [f64::INFINITY, c.upper / curve.scale, Y_MAX, math::ln(beta.upper), alpha.upper],
    }
}

/// The bounds that a coordinate is on.
pub(super) fn is_held(domain: &Domain, theta: &[f64; P]) -> [bool; P] {
    core::array::from_fn(|i| theta[i] <= domain.lower[i] || theta[i] >= domain.upper[i])
}
