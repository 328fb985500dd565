//! The complete search: a lattice over the rates (and n0), the linear parameters solved for at each node, the profile
//! over alpha from the lowest of them, and a polish of each of its local minima.
//!
//! The lattice: at a given alpha (and n0) the cost is a function of beta alone once x, y, E are solved for; each of its
//! local minima over 20 nodes starts a fit with alpha held, and so does the optimum at the neighbouring alpha. The lowest
//! is the profile at alpha. Every local minimum of the profile over 32 nodes, ends included, starts a fit of everything.
use crate::math;
use crate::point::GridPoint;
use crate::solve::{Bounds, Observations, Solution, SolveOptions, Termination, solve};

use super::grid::{Grid, rates};
use super::model::{Accumulate, Shape, Surface};
use super::options::{FullOptions, Offset};

/// Nodes of alpha: a factor of 1.3 between neighbours over the default domain and a span of 64; a basin of the profile
/// is wider, as n^-alpha of neighbours differ by less than a tenth of its range.
const ALPHAS: usize = 32;
/// Nodes of beta: a factor of 1.5.
const BETAS: usize = 20;
/// Nodes of n0.
const OFFSETS: usize = 12;
/// Trial steps of a polish; where it converges it takes a few dozen.
const POLISH_ITERATIONS: u32 = 300;
/// Costs are the same to this share: rounding of sums and of the last steps.
pub(crate) const SAME_COST: f64 = 1e-12;

/// A local minimum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local {
    pub(crate) solution: Solution<6>,
    /// n0 where the search held it.
    pub(crate) n0: Option<f64>,
    pub(crate) pins: Pins,
}

/// What a search holds so that no undefined parameter is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pins {
    /// No decrease with n: x = 0 (or gamma = 0 at alpha = 0), alpha and n0 undefined.
    pub(crate) flat_n: bool,
    /// No decrease with s: beta at its lower end, and E or y at 0, one of two constants.
    pub(crate) flat_s: bool,
}

impl Pins {
    pub(crate) const NONE: Pins = Pins { flat_n: false, flat_s: false };
}

/// The lowest local minima.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Minima {
    pub(crate) lowest: [Option<Local>; 4],
    pub(crate) found: u32,
    pub(crate) evaluations: u32,
}

/// The search over one data set.
pub(crate) struct Search<'a, D: ?Sized> {
    pub(crate) data: &'a D,
    pub(crate) grid: &'a Grid,
    pub(crate) options: &'a FullOptions,
    pub(crate) surface: Surface,
    evaluations: u32,
    found: u32,
    lowest: [Option<Local>; 4],
}

/// What is free in one round of the search.
#[derive(Clone, Copy)]
struct Round {
    surface: Surface,
    bounds: [Bounds; 6],
    pins: Pins,
}

impl<'a, D: Observations<GridPoint> + ?Sized> Search<'a, D> {
    pub(crate) fn new(data: &'a D, grid: &'a Grid, options: &'a FullOptions, shape: Shape) -> Search<'a, D> {
        let (ln_n_ref, ln_s_ref) = if shape == Shape::Bounded { (0.0, 0.0) } else { grid.middle() };
        let surface = Surface {
            shape,
            residual: options.residual,
            n0: options.n0.value(),
            ln_n_ref,
            ln_s_ref,
            scale: grid.scale,
            weight_scale: grid.weight_scale,
        };
        Search { data, grid, options, surface, evaluations: 0, found: 0, lowest: [None; 4] }
    }

    /// All rounds: n0 free and at 0, then what a pin leaves.
    pub(crate) fn run(mut self) -> Minima {
        let round = Round { surface: self.surface, bounds: self.bounds(), pins: Pins::NONE };
        if self.options.n0 == Offset::Free {
            for ln_n0 in self.offsets() {
                self.round(&round, Some(ln_n0));
            }
            if !self.grid.has_zero {
                self.round(&held_n0(round, 0.0), None);
            }
        } else {
            self.round(&round, None);
        }
        self.pinned(round);
        let mut lowest = [None; 4];
        for local in self.lowest.into_iter().flatten() {
            insert(&mut lowest, local);
        }
        Minima { lowest, found: self.found, evaluations: self.evaluations }
    }

    fn bounds(&self) -> [Bounds; 6] {
        let o = self.options;
        let half_line = Bounds::new(0.0, f64::INFINITY);
        let ln = |x: f64| if x == 0.0 { f64::NEG_INFINITY } else { math::ln(x / self.grid.scale) };
        let (x, y) = match self.surface.shape {
            Shape::Bounded => (Bounds::new(ln(o.delta.lower), ln(o.delta.upper)), o.gamma),
            _ => (half_line, half_line),
        };
        let n0 = match o.n0 {
            Offset::Free => {
                // Far outside of the data: below, n0 is nothing to n_min; above, n is nothing to n0.
                let low = if self.grid.has_zero { 1e-9 } else { 1e-6 };
                Bounds::new(math::ln(low * self.grid.n_min), math::ln(1e3 * self.grid.n_max))
            }
            Offset::Fixed(_) => Bounds::fixed(0.0),
        };
        let e = o.e.value().map_or(half_line, |e| Bounds::fixed(e / self.grid.scale));
        [x, y, o.alpha, o.beta, n0, e]
    }

    /// ln n0 from a hundredth (with rows at n = 0 a millionth) of the smallest n to ten times the largest.
    fn offsets(&self) -> [f64; OFFSETS] {
        let low = math::ln(self.grid.n_min * if self.grid.has_zero { 1e-6 } else { 1e-2 });
        let step = (math::ln(10.0 * self.grid.n_max) - low) / (OFFSETS - 1) as f64;
        let mut nodes = [low; OFFSETS];
        let mut at = low;
        for node in &mut nodes {
            *node = at;
            at += step;
        }
        nodes
    }

    /// The rounds that hold what a degenerate optimum leaves undefined.
    fn pinned(&mut self, round: Round) {
        let [x, y, alpha, beta, _, e] = round.bounds;
        let (is_sum, is_bounded) = (self.surface.shape == Shape::Sum, self.surface.shape == Shape::Bounded);
        // With x = 0 the law of a free alpha is written with alpha = 0, which must be in the domain.
        let can_flat_n = is_sum || alpha.lower == 0.0;
        let can_flat_s = is_sum || (beta.lower == 0.0 && e.lower < e.upper);
        for pins in [(true, false), (false, true), (true, true)].map(|(flat_n, flat_s)| Pins { flat_n, flat_s }) {
            if (pins.flat_n && !can_flat_n) || (pins.flat_s && !can_flat_s) {
                continue;
            }
            let mut bounds = [x, y, alpha, beta, Bounds::fixed(0.0), e];
            let mut surface = round.surface;
            surface.n0 = Some(surface.n0.unwrap_or(self.grid.n_min));
            if pins.flat_n {
                bounds[2] = Bounds::fixed(alpha.lower);
                if is_bounded {
                    bounds[1] = Bounds::fixed(y.lower);
                } else {
                    bounds[0] = Bounds::fixed(0.0);
                }
            } else {
                surface.n0 = round.surface.n0;
                bounds[4] = round.bounds[4];
            }
            if pins.flat_s {
                bounds[3] = Bounds::fixed(beta.lower);
                bounds[if is_sum { 1 } else { 5 }] = Bounds::fixed(0.0);
            }
            let start = surface.n0.is_none().then(|| math::ln(self.grid.n_min));
            self.round(&Round { surface, bounds, pins }, start);
        }
    }

    /// Profile over alpha with n0 at the node, local minima polished with everything free.
    fn round(&mut self, round: &Round, ln_n0: Option<f64>) {
        let (span_n, _) = self.grid.spans();
        let (alphas, count) = rates::<ALPHAS>(round.bounds[2], span_n);
        let mut profile = [([0.0; 6], f64::INFINITY); ALPHAS];
        let mut previous = None;
        for (slot, &alpha) in profile.iter_mut().zip(&alphas).take(count) {
            *slot = self.at_alpha(round, alpha, ln_n0.unwrap_or(0.0), previous);
            previous = Some(slot.0).filter(|_| slot.1 < f64::INFINITY);
        }
        let cost = |k: Option<usize>| k.and_then(|k| profile.get(k)).map_or(f64::INFINITY, |p| p.1);
        for (k, &(theta, here)) in profile.iter().enumerate().take(count) {
            if here < f64::INFINITY && here <= cost(k.checked_sub(1)) && here <= cost(k.checked_add(1)) {
                let near = |k: Option<usize>, end: f64| {
                    k.filter(|&k| k < count).and_then(|k| alphas.get(k)).map_or(end, |a| *a)
                };
                let ends = round.bounds[2];
                let bracket = [near(k.checked_sub(1), ends.lower), near(k.checked_add(1), ends.upper)];
                self.polish(round, theta, bracket);
            }
        }
    }

    /// The lowest cost with alpha (and n0) held.
    fn at_alpha(&mut self, round: &Round, alpha: f64, ln_n0: f64, previous: Option<[f64; 6]>) -> ([f64; 6], f64) {
        let (_, span_s) = self.grid.spans();
        let (betas, count) = rates::<BETAS>(round.bounds[3], span_s);
        let mut seeds = [([0.0; 6], f64::INFINITY); BETAS];
        for (slot, &beta) in seeds.iter_mut().zip(&betas).take(count) {
            *slot = self.seed(round, alpha, beta, ln_n0);
        }
        let mut bounds = round.bounds;
        bounds[2] = Bounds::fixed(alpha);
        bounds[4] = Bounds::fixed(ln_n0);
        let mut best = ([0.0; 6], f64::INFINITY);
        let cost = |k: Option<usize>| k.and_then(|k| seeds.get(k)).map_or(f64::INFINITY, |s| s.1);
        for (k, &(theta, here)) in seeds.iter().enumerate().take(count) {
            if here < f64::INFINITY && here <= cost(k.checked_sub(1)) && here <= cost(k.checked_add(1)) {
                self.improve(round, theta, &bounds, &mut best);
            }
        }
        if let Some(theta) = previous {
            self.improve(round, theta, &bounds, &mut best);
        }
        best
    }

    fn improve(&mut self, round: &Round, theta: [f64; 6], bounds: &[Bounds; 6], best: &mut ([f64; 6], f64)) {
        // Loose: it is a start. 60 steps leave the valley of law (1) far behind where alpha is held.
        let options = SolveOptions { max_iterations: 60, step_tolerance: 1e-6, ..self.solve_options(bounds) };
        if let Ok(s) = solve(&round.surface, self.data, theta, &options) {
            self.evaluations = self.evaluations.saturating_add(s.evaluations);
            if s.cost < best.1 {
                *best = (s.theta, s.cost);
            }
        }
    }

    fn solve_options(&self, bounds: &[Bounds; 6]) -> SolveOptions<6> {
        SolveOptions { isa: self.options.isa, initial_damping: 1e-3, ..SolveOptions::default() }.within(*bounds)
    }

    /// The linear parameters at given rates, and their cost (in the log residual with relative errors for logarithms).
    fn seed(&mut self, round: &Round, alpha: f64, beta: f64, ln_n0: f64) -> ([f64; 6], f64) {
        let Round { surface, bounds, .. } = round;
        let free = [0, 1, 5].map(|j: usize| bounds.get(j).is_some_and(|b| b.lower < b.upper));
        let held_e = if free[2] { 0.0 } else { bounds[5].lower };
        let pass = Accumulate { surface, data: self.data, alpha, beta, ln_n0, e: held_e };
        let linear = self.options.isa.dispatch(pass);
        self.evaluations = self.evaluations.saturating_add(1);
        let may = if surface.shape == Shape::Bounded { [true, true, free[2]] } else { free };
        let ([mut x, mut y, e], mut square) = linear.solve(may);
        if surface.shape == Shape::Bounded {
            // A gamma so large that n hardly matters stands for an infinite one.
            let large = 1e3 * math::exp(-alpha * math::ln(self.grid.n_min));
            let ratio = y / x;
            y = bounds[1].clamp(if ratio < large { ratio } else { large });
            let ([size, ..], tied) = linear.tied(y).solve([true, false, free[2]]);
            x = bounds[0].clamp(if size > 0.0 { math::ln(size) } else { 0.0 });
            square = tied;
        }
        let e = if free[2] { e } else { held_e };
        ([x, y, alpha, beta, ln_n0, e], square)
    }

    /// The minimum with everything free, from a place between the two `ends` of alpha.
    fn polish(&mut self, round: &Round, theta: [f64; 6], ends: [f64; 2]) {
        let options = SolveOptions { max_iterations: POLISH_ITERATIONS, ..self.solve_options(&round.bounds) };
        let Ok(mut solution) = solve(&round.surface, self.data, theta, &options) else { return };
        self.evaluations = self.evaluations.saturating_add(solution.evaluations);
        if !solution.termination.is_converged() {
            let patient = self.solve_options(&round.bounds);
            solution = match self.by_slope(round, theta, ends) {
                Some(found) => found,
                None => solve(&round.surface, self.data, solution.theta, &patient).unwrap_or(solution),
            };
            self.evaluations = self.evaluations.saturating_add(solution.evaluations);
        }
        if solution.cost.is_finite() {
            self.keep(Local { solution, n0: round.surface.n0, pins: round.pins });
        }
    }

    /// The minimum where the slope of the profile over alpha is 0. Where residuals are large and hardly depend on alpha,
    /// Gauss-Newton steps in all parameters converge too slowly to end; with alpha held they do, and by the envelope
    /// theorem the derivative of the cost by alpha there is the slope of the profile.
    fn by_slope(&mut self, round: &Round, theta: [f64; 6], [low, high]: [f64; 2]) -> Option<Solution<6>> {
        let mut at = |alpha: f64, from: &[f64; 6]| {
            let mut bounds = round.bounds;
            bounds[2] = Bounds::fixed(alpha);
            let options = SolveOptions { max_iterations: 10 * POLISH_ITERATIONS, ..self.solve_options(&bounds) };
            let s = solve(&round.surface, self.data, *from, &options).ok()?;
            self.evaluations = self.evaluations.saturating_add(s.evaluations);
            // Unconverged after so many steps is as near as they get; what is left is judged at the end.
            Some((alpha, s.gradient[2], s.theta))
                .filter(|_| s.termination.is_converged() || s.termination == Termination::IterationLimit)
        };
        let (mut a, mut b) = (at(low, &theta)?, at(high, &theta)?);
        let mut best = if a.1 >= 0.0 { a } else { b };
        if a.1 < 0.0 && b.1 > 0.0 {
            // The Illinois rule: the slope at an end that stays is halved, so that both ends close in. 100 steps are more
            // than bisection to the last bit would take from a bracket of one octave.
            let mut last = 0.0;
            for _ in 0..100 {
                let alpha = (a.0 * b.1 - b.0 * a.1) / (b.1 - a.1);
                if !(alpha > a.0 && alpha < b.0) {
                    break;
                }
                best = at(alpha, &best.2)?;
                let side = if best.1 < 0.0 { -1.0 } else { 1.0 };
                if side < 0.0 {
                    (a, b.1) = (best, if last == side { 0.5 * b.1 } else { b.1 });
                } else {
                    (b, a.1) = (best, if last == side { 0.5 * a.1 } else { a.1 });
                }
                last = side;
                // An error of alpha below the step tolerance of the solver.
                if best.1 == 0.0 || b.0 - a.0 <= 1e-10 * b.0 {
                    break;
                }
            }
        }
        // The statistics with alpha free, at this place.
        let options = SolveOptions { max_iterations: 0, ..self.solve_options(&round.bounds) };
        let mut solution = solve(&round.surface, self.data, best.2, &options).ok()?;
        // What an undamped step still promises, 1/2 |R^-T g|^2, must be nothing to the cost: a slope that came from steps
        // that had not settled is not trusted by itself.
        let free = solution.active.map(|side| side.is_none());
        let promised = solution.r.solve_transposed(&solution.gradient, &free).iter().map(|v| 0.5 * v * v).sum::<f64>();
        if solution.termination == Termination::IterationLimit && promised <= SAME_COST * solution.cost {
            solution.termination = Termination::StepSmall;
        }
        Some(solution)
    }

    /// Files a local minimum among the lowest, unless it is there already.
    fn keep(&mut self, new: Local) {
        let noise = self.noise();
        if new.pins != Pins::NONE {
            // The best of a face: no minimum of its own, unless it is as low as the lowest.
            let is_lowest = self.lowest.iter().flatten().all(|l| {
                let (a, b) = (new.solution.cost, l.solution.cost);
                a <= b * (1.0 + SAME_COST) + noise || !l.solution.termination.is_converged() && a <= b * (1.0 + 1e-9)
            });
            if !is_lowest || !new.solution.termination.is_converged() {
                return;
            }
        }
        for slot in self.lowest.iter_mut().flatten() {
            if is_same(slot, &new, noise) {
                if is_better(&new, slot, noise) {
                    *slot = new;
                }
                return;
            }
        }
        self.found = self.found.saturating_add(1);
        insert(&mut self.lowest, new);
    }

    /// The cost of residuals at the rounding level: 4 eps of a model of size 1.
    fn noise(&self) -> f64 {
        let level = 4.0 * f64::EPSILON;
        level * level * self.grid.weight_sum / self.grid.weight_scale
    }
}

/// Puts a minimum in its place by cost; the highest of five is lost.
fn insert(lowest: &mut [Option<Local>; 4], new: Local) {
    let mut next = Some(new);
    for slot in lowest {
        let goes_first = match (&next, &*slot) {
            (Some(a), Some(b)) => a.solution.cost < b.solution.cost,
            (a, b) => a.is_some() && b.is_none(),
        };
        if goes_first {
            core::mem::swap(slot, &mut next);
        }
    }
}

fn held_n0(round: Round, n0: f64) -> Round {
    let mut held = round;
    held.surface.n0 = Some(n0);
    held.bounds[4] = Bounds::fixed(0.0);
    held
}

fn is_same(a: &Local, b: &Local, noise: f64) -> bool {
    let (p, q) = (&a.solution, &b.solution);
    // A millionth of a rate: the solver stops well inside.
    let near = |j: usize| match (p.theta.get(j), q.theta.get(j)) {
        (Some(x), Some(y)) => (x - y).abs() <= 1e-6 * (x.abs() + y.abs()),
        _ => false,
    };
    (near(2) && near(3) && a.pins == b.pins) || (p.cost - q.cost).abs() <= SAME_COST * (p.cost + q.cost) + noise
}

/// Of two at the same minimum: the one with the fewer undefined parameters to tell, the converged, the lower.
fn is_better(new: &Local, old: &Local, noise: f64) -> bool {
    let pinned = |l: &Local| u8::from(l.pins.flat_n) + u8::from(l.pins.flat_s) + u8::from(l.n0.is_some());
    let converged = |l: &Local| l.solution.termination.is_converged();
    if converged(new) != converged(old) {
        return converged(new);
    }
    let (a, b) = (new.solution.cost, old.solution.cost);
    let level = (a - b).abs() <= SAME_COST * (a + b) + noise;
    if level && pinned(new) != pinned(old) { pinned(new) > pinned(old) } else { a < b }
}
