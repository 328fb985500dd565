//! The complete search: starts from a lattice over the sharpness, n_h and the rates, and the minimum below each of them.
use crate::law::{FullBentLaw, Residual};
use crate::math;
use crate::solve::Bounds;

use super::super::super::error::FitError;
use super::super::grid::{Grid, GridRows, rows};
use super::super::options::is_half_line;
use super::super::search::Search;
use super::super::surface::{Shape, Surface};
use super::model::{ALPHA, B, BETA, E, P, Problem, Theta, X, Y, Z, softplus};
use super::newton::{Domain, End, descend};
use super::options::{Bend, Task};
use super::places::{Kind, Local, Minima, Start, Starts};
use super::rows::Powered;

/// Values of the sharpness: a factor of 1.6 between neighbours in the default domain, 1.25 where the rate is tied to it.
const NODES: usize = 13;
const NODES_TIED: usize = 25;

/// Nodes of alpha at each of them: a factor of 3 between neighbours. 120 seeded grids that are not among the tests have the same
/// minima from it as from 12 nodes and steps of 1.
const ALPHAS: usize = 9;
/// The same where delta or gamma is held or bounded, which ties alpha to it.
const ALPHAS_BOUNDED: usize = 32;

/// Steps of ln N0, and the most nodes: the bend takes some 4 of ln N.
const STEP: f64 = 1.5;
const MOST_OFFSETS: f64 = 64.0;

/// y at its largest: e^-y is then below every rounding of 1.
const Y_MAX: f64 = 700.0;
/// ln(n_h / n_min) at its smallest where n_h has a bound above alone, or n = 0 an error.
const LN_SIZE_MIN: f64 = -200.0;

/// Iterations of a descent: along a valley that leads to a bound it takes hundreds.
const ITERATIONS: u32 = 1000;

/// Stands for alpha = 0.
const LEAST_RATE: f64 = 1e-12;

/// How often alpha is halved.
const CAPS: u32 = 8;

/// Values of beta from which a law without a decrease is looked for.
const BETAS: [f64; 4] = [0.05, 0.2, 0.8, 3.0];

/// What is searched: the rows of the user, with weights of squared residuals.
pub(super) struct Outer<'a> {
    pub(super) data: &'a GridRows<'a>,
    pub(super) grid: &'a Grid,
    pub(super) task: Task,
    pub(super) problem: Problem,
    pub(super) domain: Domain,
    /// Costs are known to this.
    pub(super) rounding: f64,
}

impl<'a> Outer<'a> {
    /// With this Huber delta in units of the residual, infinite in least squares.
    pub(super) fn new(data: &'a GridRows<'a>, grid: &'a Grid, task: Task, delta: f64) -> Outer<'a> {
        let Task { bend, settings, .. } = task;
        let surface = Surface::new(grid, &settings);
        let unit = if settings.residual == Residual::Linear { grid.scale } else { 1.0 };
        let [.., n_h, _] = settings.domain();
        let problem = Problem {
            residual: settings.residual,
            bend,
            is_bounded: surface.shape == Shape::Bounded,
            is_sized: grid.has_zero || (!is_half_line(n_h) && n_h.upper > 0.0),
            delta: delta / unit,
            ln_n_min: math::ln(grid.n_min),
            ln_s_ref: surface.ln_s_ref,
            scale: grid.scale,
            weight_scale: grid.weight_scale,
        };
        let level = 4.0 * f64::EPSILON;
        let rounding = level * level * grid.weight_sum / grid.weight_scale;
        let domain = domain(&problem, grid, &task, &surface);
        Outer { data, grid, task, problem, domain, rounding }
    }

    /// The unit of a residual.
    pub(super) fn unit(&self) -> f64 {
        if self.problem.residual == Residual::Linear { self.grid.scale } else { 1.0 }
    }

    /// The minima; those of another loss are starts as well.
    pub(super) fn run(&self, others: Option<&Minima>) -> Result<Minima, FitError> {
        let mut minima = Minima::NONE;
        let mut starts = Starts::EMPTY;
        let count = self.count();
        for k in 0..count {
            minima.evaluations += self.survey(self.node(k, count), &mut starts)?;
        }
        let others = others.into_iter().flat_map(|minima| minima.lowest.iter().flatten());
        let starts = starts.as_slice().iter().map(|start| start.theta);
        for theta in starts.chain(others.map(|local| local.theta)) {
            self.lower(&mut minima, &theta);
        }
        if self.can_be_straight() {
            self.straight(&mut minima)?;
        }
        if self.domain.lower[X] == 0.0 && !self.problem.is_bounded {
            self.flat(&mut minima);
        }
        Ok(minima)
    }

    fn count(&self) -> usize {
        match self.task.bend {
            _ if self.task.sharpness.lower == self.task.sharpness.upper => 1,
            Bend::Rectified => NODES_TIED,
            _ => NODES,
        }
    }

    /// Sharpness `k` of `count`, evenly in the logarithm; the nearest to 1 is 1, where the law is the full law.
    fn node(&self, k: usize, count: usize) -> f64 {
        let Bounds { lower, upper } = self.task.sharpness;
        if k == 0 || count == 1 {
            return lower;
        }
        let step = (math::ln(upper) - math::ln(lower)) / (count - 1) as f64;
        let at = math::ln(lower) + step * k as f64;
        let is_one = at.abs() <= 0.5 * step && lower <= 1.0 && upper >= 1.0;
        if is_one { 1.0 } else { self.task.sharpness.clamp(math::exp(at)) }
    }

    /// Starts at one sharpness, where the law is the full law over N = n^b; how many passes it took.
    fn survey(&self, b: f64, starts: &mut Starts) -> Result<u32, FitError> {
        let settings = self.task.at(b);
        let powered: &GridRows<'_> = &Powered { rows: self.data, power: b };
        let grid = Grid::read(powered, &settings)?;
        let search = Search::new(powered, &grid, &settings, self.problem.delta);
        let surface = search.surface;
        let range = b * math::ln(self.grid.n_max / self.grid.n_min) + if self.grid.has_zero { 16.2 } else { 7.0 };
        let offsets = 2 + if range < STEP * MOST_OFFSETS { range / STEP } else { MOST_OFFSETS } as usize;
        let alphas = if self.problem.is_bounded { ALPHAS_BOUNDED } else { ALPHAS };
        Ok(search.valleys(alphas, offsets, |place, cost| {
            starts.add(Start { cost, theta: self.theta(&surface, &grid, b, &place) });
        }))
    }

    /// A place of the full law over n^b in the coordinates of the descent.
    fn theta(&self, surface: &Surface, powered: &Grid, b: f64, place: &[f64; 6]) -> Theta {
        let [x, z, rate, beta, ln_n0, e] = *place;
        let ln_n0 = surface.n0.map_or(ln_n0, math::ln);
        let ln_n_min = math::ln(powered.n_min);
        // ln(N0 / N_min), and ln of the smallest N + N0.
        let z0 = ln_n0 - ln_n_min;
        let y = softplus(z0);
        let at_n_min = math::exp(-rate * (ln_n_min + y - surface.ln_n_ref));
        let x = if self.problem.is_bounded { x } else { x * at_n_min };
        let depth = if self.problem.is_sized { z0 / b } else { y };
        self.domain.clamp(&[x, z, e, depth, math::ln(b), ln_rate(rate * b), beta])
    }

    fn descend(&self, theta: &Theta, domain: &Domain) -> End {
        let isa = self.task.settings.isa;
        descend(&self.problem, self.data, domain, theta, self.rounding, ITERATIONS, isa)
    }

    /// Goes down from a start and files the minimum. With n_h far beyond the data delta, the extrapolation to n = s = 1, may
    /// leave the range of f64 where the law at the data does not: smaller alpha say the same there.
    fn lower(&self, minima: &mut Minima, start: &Theta) {
        let (mut domain, mut theta, mut is_capped) = (self.domain, *start, false);
        for _ in 0..CAPS {
            let end = self.descend(&theta, &domain);
            let half = end.theta[ALPHA] - core::f64::consts::LN_2;
            if self.can_be_told(&end) || self.task.bend == Bend::Rectified || half < domain.lower[ALPHA] {
                self.keep(minima, end, Kind::Bent, is_capped && end.theta[ALPHA] >= domain.upper[ALPHA]);
                return;
            }
            (theta, is_capped) = (end.theta, true);
            domain.upper[ALPHA] = half;
        }
    }

    fn can_be_told(&self, end: &End) -> bool {
        let &End { theta, cost, is_converged, iterations } = end;
        let local = Local { theta, cost, kind: Kind::Bent, is_capped: false, is_converged, iterations };
        let FullBentLaw { delta, gamma, n_h, .. } = self.law(&local);
        [delta, gamma, n_h].iter().all(|v| v.is_finite() && (*v == 0.0 || v.is_normal()))
    }

    fn keep(&self, minima: &mut Minima, end: End, kind: Kind, is_capped: bool) {
        let End { theta, cost, is_converged, iterations } = end;
        minima.evaluations += iterations;
        // On the edge the law is without a bend, whose search is another.
        let kind = if kind == Kind::Bent && self.is_straight(&theta) { Kind::Straight } else { kind };
        minima.keep(Local { theta, cost, kind, is_capped, is_converged, iterations }, self.rounding);
    }

    pub(super) fn is_straight(&self, theta: &Theta) -> bool {
        !self.problem.is_sized && theta[Y] == 0.0
    }

    /// Whether n_h = 0 is in the domain and finite on all rows.
    fn can_be_straight(&self) -> bool {
        let [.., n_h, _] = self.task.settings.domain();
        n_h.lower == 0.0 && !self.grid.has_zero && !self.problem.is_sized
    }

    /// The full law, the edge n_h = 0, has a search of its own.
    fn straight(&self, minima: &mut Minima) -> Result<(), FitError> {
        let mut settings = self.task.settings;
        settings.fixed[4] = Some(0.0);
        let search = Search::new(self.data, self.grid, &settings, self.problem.delta);
        let surface = search.surface;
        let found = search.run(None);
        minima.evaluations += found.evaluations;
        for local in found.lowest.iter().flatten().filter(|local| !local.pins.flat_n) {
            let alpha = local.solution.theta[2];
            let b = if self.task.bend == Bend::Rectified { alpha } else { self.task.sharpness.clamp(1.0) };
            let Bounds { lower, upper } = self.task.sharpness;
            if b < lower || b > upper {
                continue;
            }
            let mut theta = self.theta(&surface, self.grid, 1.0, &local.solution.theta);
            (theta[Y], theta[B]) = (0.0, math::ln(b));
            let mut edge = self.domain;
            edge.upper[Y] = 0.0;
            (edge.lower[B], edge.upper[B]) =
                if self.task.bend == Bend::Rectified { (edge.lower[B], edge.upper[B]) } else { (theta[B], theta[B]) };
            let end = self.descend(&theta, &edge);
            self.keep(minima, end, Kind::Straight, false);
        }
        Ok(())
    }

    /// A law that does not fall with n: delta s^-beta + E.
    fn flat(&self, minima: &mut Minima) {
        let mut edge = self.domain;
        edge.upper[X] = 0.0;
        let (mut sum, mut weight) = (0.0, 0.0);
        for p in rows(self.data) {
            (sum, weight) = (sum + p.weight * p.error, weight + p.weight);
        }
        let mut theta = self.domain.lower;
        theta[Z] = (sum / weight / self.grid.scale).abs();
        theta[Y] = edge.lower[Y].max(1.0).min(edge.upper[Y]);
        for beta in BETAS {
            theta[BETA] = beta;
            let end = self.descend(&theta, &edge);
            self.keep(minima, end, Kind::Flat, false);
        }
    }

    /// The law of the user there.
    pub(super) fn law(&self, local: &Local) -> FullBentLaw {
        let Problem { scale, ln_n_min, ln_s_ref, is_bounded, .. } = self.problem;
        let theta = &local.theta;
        let [delta, gamma, alpha, beta, n_h, e] = self.task.settings.domain();
        let [x, z, floor, .., rate] = *theta;
        let beta = beta.clamp(rate);
        let e = e.clamp(floor * scale);
        let by_s = math::exp(rate * ln_s_ref);
        if local.kind == Kind::Flat {
            let alpha = if self.task.bend == Bend::Rectified { 0.0 } else { alpha.lower };
            let sharpness = self.unbent();
            return FullBentLaw {
                delta: delta.clamp(z * by_s * scale),
                gamma: 0.0,
                alpha,
                beta,
                n_h: 0.0,
                sharpness,
                e,
            };
        }
        let b = self.snapped(theta, B, math::exp(theta[B]), self.task.sharpness);
        let rate = self.problem.alpha(theta);
        let is_tied = self.task.bend == Bend::Rectified;
        let is_none = theta[ALPHA] <= ln_rate(0.0);
        let alpha = match () {
            _ if is_tied => b,
            _ if is_none => alpha.lower,
            _ => self.snapped(theta, ALPHA, rate, alpha),
        };
        let sharpness = if local.kind == Kind::Straight && !is_tied { self.unbent() } else { b };
        let n_h = if local.kind == Kind::Straight {
            0.0
        } else {
            let size = math::exp(ln_n_min + self.problem.ln_n_h(theta));
            if self.problem.is_sized { self.snapped(theta, Y, size, n_h) } else { n_h.clamp(size) }
        };
        let (first, second) = if is_bounded {
            (math::exp(x) * scale, z)
        } else {
            let by_n = math::exp(rate * (ln_n_min + self.problem.depth(theta).y / math::exp(theta[B])));
            (x * by_n * by_s * scale, z / x / by_n)
        };
        FullBentLaw { delta: delta.clamp(first), gamma: gamma.clamp(second), alpha, beta, n_h, sharpness, e }
    }

    /// A value within its bounds, free of the rounding of its logarithm on them.
    fn snapped(&self, theta: &Theta, place: usize, value: f64, bounds: Bounds) -> f64 {
        let end = |of: &Theta| of.get(place).is_some_and(|end| theta.get(place) == Some(end));
        match () {
            _ if end(&self.domain.lower) && bounds.lower > 0.0 => bounds.lower,
            _ if end(&self.domain.upper) && bounds.upper < f64::INFINITY => bounds.upper,
            _ => bounds.clamp(value),
        }
    }

    /// The sharpness of a law without a bend.
    fn unbent(&self) -> f64 {
        self.task.sharpness.clamp(1.0)
    }

    /// Whether the law falls over the rows by no more than the rounding of its level.
    pub(super) fn is_level(&self, law: &FullBentLaw) -> bool {
        let first = law.error_at(if self.grid.has_zero { 0.0 } else { self.grid.n_min }, self.grid.s_min);
        (first - law.error_at(self.grid.n_max, self.grid.s_min)).abs() <= 4.0 * f64::EPSILON * first.abs()
    }
}

/// The logarithm of a rate, of 0 that of one so small that no size tells it from 0.
fn ln_rate(alpha: f64) -> f64 {
    math::ln(if alpha > LEAST_RATE { alpha } else { LEAST_RATE })
}

/// The box of the coordinates.
fn domain(problem: &Problem, grid: &Grid, task: &Task, surface: &Surface) -> Domain {
    let [x, z, alpha, beta, _, e] = surface.domain(grid, &task.settings);
    let [.., n_h, _] = task.settings.domain();
    let size = |n_h: f64| (math::ln(n_h) - problem.ln_n_min).max(LN_SIZE_MIN);
    let y = match () {
        _ if problem.is_sized && n_h.upper == f64::INFINITY => Bounds::new(size(n_h.lower), Y_MAX),
        _ if problem.is_sized => Bounds::new(size(n_h.lower), size(n_h.upper)),
        _ if n_h.upper == 0.0 => Bounds::new(0.0, 0.0),
        _ => Bounds::new(0.0, Y_MAX),
    };
    let alpha = Bounds::new(ln_rate(alpha.lower), ln_rate(alpha.upper));
    let b = Bounds::new(math::ln(task.sharpness.lower), math::ln(task.sharpness.upper));
    let mut all = [Bounds::FREE; P];
    for (place, bounds) in [(X, x), (Z, z), (E, e), (Y, y), (B, b), (ALPHA, alpha), (BETA, beta)] {
        if let Some(slot) = all.get_mut(place) {
            *slot = bounds;
        }
    }
    Domain { lower: all.map(|b| b.lower), upper: all.map(|b| b.upper) }
}
