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
use super::super::optimum::{CONSISTENCY, ROUNDING, first_cost};
use super::super::options::FitOptions;
use super::super::scale::median;
use super::super::source::{Source, each};
use super::super::wide::Wide;
use super::descent::Descend;
use super::domain::{BETA_MAX, BETA_MIN, Domain, LN_MOST, bounds};
use super::minima::{Local, Minima, SAME_COST};
use super::model::{P, Problem, Sums, Tie, U, X, evaluate};
use super::rows::{Rows, Trained};
use super::search::{Search, as_bent};
use super::starts::{Start, Starts};

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
        let cost = first_cost(options, curve)?;
        let mut optimum = Optimum {
            curve,
            domain,
            problem: Problem { residual: options.residual, cost, tie, has_untrained: start.count > 0 },
            minima: Minima::EMPTY,
            points: curve.points + start.count,
            weight_sum: curve.weight_sum + start.weight,
            untrained_size: start.node.map_or(0.0, |node| node.weight * node.size_square(options.residual)),
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
        let (problem, domain, rounding) = (self.problem, self.domain, self.rounding());
        let size_sum = self.curve.size_sum;
        let search = Search { data, options, nodes, rows, problem, domain, rounding, size_sum };
        // The bent law costs no more than those that it contains: it goes down from their optima as well.
        let mut simpler = Starts::EMPTY;
        if problem.tie == Tie::Bent {
            for tie in [Tie::Rectified, Tie::Shifted] {
                let domain = bounds(tie, options, self.curve, start.count > 0);
                let search = Search { problem: Problem { tie, ..problem }, domain, ..search };
                let minima = search.minima(&Starts::EMPTY, &mut self.evaluations);
                minima.as_slice().first().into_iter().for_each(|minimum| simpler.add(as_bent(tie, minimum)));
            }
        }
        for end in search.minima(&simpler, &mut self.evaluations).as_slice() {
            self.take(end, rounding);
        }
        // Also where the way from there leads beyond the range of f64.
        for simple in simpler.as_slice() {
            if self.minima.as_slice().first().is_none_or(|best| simple.cost < best.cost || !best.is_converged) {
                self.take(simple, rounding);
            }
        }
        self.take(&search.flat(), rounding);
        if start.count == 0 {
            self.add_law_one(&rows, data, options, rounding);
        }
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

    /// Cost and derivatives at a place, in all lanes.
    pub(super) fn evaluate(&self, rows: &Rows<'_>, theta: [f64; P], options: &FitOptions) -> Sums {
        let Optimum { problem, domain, .. } = self;
        let (start, rounding, known) = (theta.map(Wide::splat), self.rounding(), Start::NONE);
        options.isa.dispatch(Descend { problem: *problem, rows, domain, start, rounding, limit: 0, known }).sums
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
