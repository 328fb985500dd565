//! The complete search: a lattice over the rates (and n0), the linear parameters solved for at each node, the profile
//! over alpha from the lowest of them, and a polish of each of its local minima.
//!
//! The lattice: at a given alpha (and n0) the cost is a function of beta alone once x, y, E are solved for; each of its
//! local minima over 20 nodes starts a fit with alpha held, and so does the optimum at the neighbouring alpha. The lowest
//! is the profile at alpha. Every local minimum of the profile over 32 nodes, ends included, starts a fit of everything.
//!
//! In the Huber loss the linear parameters come from reweighted least squares, and the minima of the square loss start fits,
//! too.
mod lowest;
mod newton;
mod polish;

use crate::math;
use crate::simd::Isa;
use crate::solve::{Bounds, Loss, SolveOptions, solve_straight};

use super::grid::{Grid, GridRows, rates};
use super::model::Accumulate;
use super::options::{Settings, point};
use super::surface::{Shape, Surface};
use lowest::Lowest;
pub(crate) use lowest::{Local, Minima, Pins, SAME_COST};

/// Nodes of alpha: a factor of 1.3 between neighbours over the default domain and a span of 64; a basin of the profile
/// is wider, as n^-alpha of neighbours differ by less than a tenth of its range.
const ALPHAS: usize = 32;
/// Nodes of beta: a factor of 1.5.
const BETAS: usize = 20;
/// Nodes of n0.
const OFFSETS: usize = 12;
/// Trial steps of a polish; where it converges it takes a few dozen.
const POLISH_ITERATIONS: u32 = 300;
/// Those of the polish of what did not converge: the default of `solve`.
const PATIENT_ITERATIONS: u32 = 10_000;
/// Rounds of reweighting at a node of the lattice: weights settle by some digits, and a seed needs one.
const REWEIGHTS: u32 = 6;
/// The same where a descent of its own follows.
const COARSE_REWEIGHTS: u32 = 2;
/// Nodes of beta on both sides of that at the last alpha, on which it hardly depends: a factor of 3.
const BETAS_NEAR: usize = 3;
/// The search over one data set.
pub(crate) struct Search<'a> {
    pub(crate) data: &'a GridRows<'a>,
    pub(crate) grid: &'a Grid,
    pub(crate) settings: &'a Settings,
    pub(crate) surface: Surface,
    /// The Huber delta in the units of the search, infinite in least squares.
    delta: f64,
    evaluations: u32,
    lowest: Lowest,
}

/// What is free in one round of the search.
#[derive(Clone, Copy)]
struct Round {
    surface: Surface,
    bounds: [Bounds; 6],
    pins: Pins,
}

impl<'a> Search<'a> {
    /// The search with this Huber delta in the units of the search, infinite in least squares.
    pub(crate) fn new(data: &'a GridRows<'a>, grid: &'a Grid, settings: &'a Settings, delta: f64) -> Search<'a> {
        let surface = Surface::new(grid, settings);
        // The cost of residuals at the rounding level: 4 eps of a model of size 1.
        let level = 4.0 * f64::EPSILON;
        let noise = level * level * grid.weight_sum / grid.weight_scale;
        Search { data, grid, settings, surface, delta, evaluations: 0, lowest: Lowest::new(noise) }
    }

    /// Starts for a law over n to a power: the lowest cost over beta at each of `alphas` rates and `offsets` n0; what is
    /// lowest among its neighbours in both is handed on, in the coordinates of [`Search::surface`]. How many passes it took.
    pub(crate) fn valleys(mut self, alphas: usize, offsets: usize, mut found: impl FnMut([f64; 6], f64)) -> u32 {
        let bounds = self.surface.domain(self.grid, self.settings);
        let round = Round { surface: self.surface, bounds, pins: Pins::NONE };
        let is_held = self.surface.n0.is_some();
        let (mut at, step) = self.offsets(offsets);
        let none = [([0.0; 6], f64::INFINITY); ALPHAS];
        let (mut last, mut middle) = (none, none);
        for k in 0..=offsets {
            let mut next = none;
            if k < offsets && (k == 0 || !is_held) {
                self.over_rates(&round, alphas, bounds[4].clamp(at), &mut next);
                at += step;
            }
            let cost = |k: Option<usize>| k.and_then(|k| middle.get(k)).map_or(f64::INFINITY, |place| place.1);
            for (k, ((&(theta, here), before), after)) in middle.iter().zip(&last).zip(&next).enumerate() {
                let is_lowest = here <= before.1 && here < after.1;
                if is_lowest && here <= cost(k.checked_sub(1)) && here < cost(k.checked_add(1)) {
                    found(theta, here);
                }
            }
            (last, middle) = (middle, next);
        }
        self.evaluations
    }

    /// The lowest of the seeds over beta at each alpha.
    fn over_rates(&mut self, round: &Round, alphas: usize, ln_n0: f64, row: &mut [([f64; 6], f64); ALPHAS]) {
        let (span_n, span_s) = self.grid.spans();
        let (alphas, count) = rates::<ALPHAS>(round.bounds[2], span_n, alphas.min(ALPHAS));
        let (betas, beta_count) = rates::<BETAS>(round.bounds[3], span_s, BETAS);
        let mut window = 0..beta_count;
        for (best, &alpha) in row.iter_mut().zip(&alphas).take(count) {
            let mut place = window.start;
            for (k, &beta) in betas.iter().enumerate().take(window.end).skip(window.start) {
                let seed = self.seed(round, alpha, beta, ln_n0, COARSE_REWEIGHTS);
                if seed.1 < best.1 {
                    (*best, place) = (seed, k);
                }
            }
            window = place.saturating_sub(BETAS_NEAR)..beta_count.min(place + BETAS_NEAR + 1);
        }
    }

    /// All rounds: n0 free and at 0, then what a pin leaves. The minima of another loss start fits as well.
    pub(crate) fn run(mut self, others: Option<&Minima>) -> Minima {
        let bounds = self.surface.domain(self.grid, self.settings);
        let round = Round { surface: self.surface, bounds, pins: Pins::NONE };
        let [.., n0, _] = self.settings.domain();
        if self.surface.n0.is_none() {
            let (mut at, step) = self.offsets(OFFSETS);
            for _ in 0..OFFSETS {
                let ln_n0 = bounds[4].clamp(at);
                at += step;
                self.round(&round, Some(ln_n0));
            }
            if !self.grid.has_zero && n0.lower == 0.0 {
                self.round(&held_n0(round, 0.0), None);
            }
        } else {
            self.round(&round, None);
        }
        for other in others.into_iter().flat_map(|minima| minima.lowest.iter().flatten()) {
            let near = match other.n0 {
                Some(n0) if self.surface.n0.is_none() => held_n0(round, n0),
                _ => round,
            };
            if other.pins == Pins::NONE {
                self.polish(&near, other.solution.theta, [bounds[2].lower, bounds[2].upper]);
            }
        }
        self.pinned(round);
        self.lowest.minima(self.evaluations)
    }

    /// ln n0 from a hundredth (with rows at n = 0 a millionth) of the smallest n to ten times the largest: the first of
    /// `count` nodes and the step.
    fn offsets(&self, count: usize) -> (f64, f64) {
        let low = math::ln(self.grid.n_min * if self.grid.has_zero { 1e-6 } else { 1e-2 });
        (low, (math::ln(10.0 * self.grid.n_max) - low) / (count - 1) as f64)
    }

    /// The rounds that hold what a degenerate optimum leaves undefined.
    fn pinned(&mut self, round: Round) {
        let [x, y, alpha, beta, _, e] = round.bounds;
        let (is_sum, is_bounded) = (self.surface.shape == Shape::Sum, self.surface.shape == Shape::Bounded);
        // With x = 0 the law of a free alpha is written with alpha = 0, which must be in the domain.
        let can_flat_n = alpha.lower == 0.0 || (is_sum && x.lower == 0.0);
        let can_flat_s =
            if is_sum { y.lower == 0.0 || beta.lower == 0.0 } else { beta.lower == 0.0 && e.lower < e.upper };
        for pins in [(true, false), (false, true), (true, true)].map(|(flat_n, flat_s)| Pins { flat_n, flat_s }) {
            if (pins.flat_n && !can_flat_n) || (pins.flat_s && !can_flat_s) {
                continue;
            }
            let mut bounds = [x, y, alpha, beta, point(0.0), e];
            let mut surface = round.surface;
            surface.n0 = Some(surface.n0.unwrap_or(self.grid.n_min));
            if pins.flat_n {
                bounds[2] = point(alpha.lower);
                if is_bounded {
                    bounds[1] = point(y.lower);
                } else {
                    bounds[0] = point(x.lower);
                }
            } else {
                surface.n0 = round.surface.n0;
                bounds[4] = round.bounds[4];
            }
            if pins.flat_s {
                bounds[3] = point(beta.lower);
                if is_sum {
                    bounds[1] = point(y.lower);
                } else {
                    bounds[5] = point(e.lower);
                }
            }
            let start = surface.n0.is_none().then(|| math::ln(self.grid.n_min));
            self.round(&Round { surface, bounds, pins }, start);
        }
    }

    /// Profile over alpha with n0 at the node, local minima polished with everything free.
    fn round(&mut self, round: &Round, ln_n0: Option<f64>) {
        let (span_n, _) = self.grid.spans();
        let (alphas, count) = rates::<ALPHAS>(round.bounds[2], span_n, ALPHAS);
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
        let (betas, count) = rates::<BETAS>(round.bounds[3], span_s, BETAS);
        let mut seeds = [([0.0; 6], f64::INFINITY); BETAS];
        for (slot, &beta) in seeds.iter_mut().zip(&betas).take(count) {
            *slot = self.seed(round, alpha, beta, ln_n0, REWEIGHTS);
        }
        let mut bounds = round.bounds;
        bounds[2] = point(alpha);
        bounds[4] = point(ln_n0);
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
        let options = SolveOptions { step_tolerance: 1e-6, ..self.solve_options(bounds, 60) };
        if let Ok(s) = solve_straight(&round.surface, self.data, theta, &options) {
            self.evaluations = self.evaluations.saturating_add(s.evaluations);
            if s.cost < best.1 {
                *best = (s.theta, s.cost);
            }
        }
    }

    fn solve_options(&self, bounds: &[Bounds; 6], max_iterations: u32) -> SolveOptions<6> {
        solve_options(bounds, self.delta, max_iterations, self.settings.isa)
    }

    /// The linear parameters at given rates, and their cost (in the log residual of the square loss with relative errors for
    /// logarithms).
    fn seed(&mut self, round: &Round, alpha: f64, beta: f64, ln_n0: f64, reweights: u32) -> ([f64; 6], f64) {
        let Round { surface, bounds, .. } = round;
        let half_line = Bounds::new(0.0, f64::INFINITY);
        let [x, y, .., e] = *bounds;
        let is_e_free = e.lower < e.upper;
        let held_e = if is_e_free { 0.0 } else { e.lower };
        let e = if is_e_free { e } else { point(0.0) };
        let is_bounded = surface.shape == Shape::Bounded;
        let domain = if is_bounded { [half_line, half_line, e] } else { [x, y, e] };
        let (data, isa) = (self.data, self.settings.isa);
        let at = |near| isa.dispatch(Accumulate { surface, data, alpha, beta, ln_n0, e: held_e, near });
        let mut linear = at(None);
        let (mut best, mut cost) = linear.solve(&domain);
        self.evaluations = self.evaluations.saturating_add(1);
        if self.delta < f64::INFINITY {
            cost = f64::INFINITY;
            let mut trial = best;
            for _ in 0..reweights {
                let next = at(Some((trial, self.delta)));
                if next.cost < cost {
                    (best, cost, linear) = (trial, next.cost, next);
                }
                (trial, _) = next.solve(&domain);
            }
            self.evaluations = self.evaluations.saturating_add(reweights);
        }
        let [mut x, mut y, e] = best;
        if is_bounded {
            // A gamma so large that n hardly matters stands for an infinite one.
            let large = 1e3 * math::exp(-alpha * math::ln(self.grid.n_min));
            let ratio = y / x;
            y = bounds[1].clamp(if ratio < large { ratio } else { large });
            let ([size, ..], tied) = linear.tied(y).solve(&[half_line, point(0.0), domain[2]]);
            x = bounds[0].clamp(if size > 0.0 { math::ln(size) } else { 0.0 });
            cost = tied;
            if self.delta < f64::INFINITY {
                cost = at(Some(([math::exp(x), math::exp(x) * y, e], self.delta))).cost;
            }
        }
        let e = if is_e_free { e } else { held_e };
        ([x, y, alpha, beta, ln_n0, e], cost)
    }
}

/// The options of a solve; `delta` is the Huber delta in the units of the search. From a place on the valley floor a light
/// damping takes fewer steps.
pub(crate) fn solve_options(bounds: &[Bounds; 6], delta: f64, max_iterations: u32, isa: Isa) -> SolveOptions<6> {
    let loss = if delta < f64::INFINITY { Loss::HuberAbsolute { delta } } else { Loss::Square };
    SolveOptions { loss, max_iterations, initial_damping: 1e-3, isa, ..SolveOptions::default() }.within(*bounds)
}

fn held_n0(round: Round, n0: f64) -> Round {
    let mut held = round;
    held.surface.n0 = Some(n0);
    held.bounds[4] = point(0.0);
    held
}
