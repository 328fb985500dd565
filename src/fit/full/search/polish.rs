//! From a place near a local minimum to the minimum.
use crate::solve::{Solution, Termination, solve_straight};

use super::super::options::point;
use super::{Local, PATIENT_ITERATIONS, POLISH_ITERATIONS, Round, SAME_COST, Search};

impl Search<'_> {
    /// The minimum with everything free, from a place between the two `ends` of alpha.
    pub(super) fn polish(&mut self, round: &Round, theta: [f64; 6], ends: [f64; 2]) {
        let options = self.solve_options(&round.bounds, POLISH_ITERATIONS);
        let Ok(mut solution) = solve_straight(&round.surface, self.data, theta, &options) else { return };
        self.evaluations = self.evaluations.saturating_add(solution.evaluations);
        if !solution.termination.is_converged() {
            let patient = self.solve_options(&round.bounds, PATIENT_ITERATIONS);
            let found = if self.delta < f64::INFINITY {
                self.newton(round, &solution)
            } else {
                self.by_slope(round, theta, ends)
            };
            solution = match found {
                Some(found) => found,
                None => solve_straight(&round.surface, self.data, solution.theta, &patient).unwrap_or(solution),
            };
            self.evaluations = self.evaluations.saturating_add(solution.evaluations);
        }
        if solution.cost.is_finite() {
            self.lowest.keep(Local { solution, n0: round.surface.n0, pins: round.pins });
        }
    }

    /// The minimum where the slope of the profile over alpha is 0. Where residuals are large and hardly depend on alpha,
    /// Gauss-Newton steps in all parameters converge too slowly to end; with alpha held they do, and by the envelope
    /// theorem the derivative of the cost by alpha there is the slope of the profile.
    fn by_slope(&mut self, round: &Round, theta: [f64; 6], [low, high]: [f64; 2]) -> Option<Solution<6>> {
        let mut at = |alpha: f64, from: &[f64; 6]| {
            let mut bounds = round.bounds;
            bounds[2] = point(alpha);
            let options = self.solve_options(&bounds, 10 * POLISH_ITERATIONS);
            let s = solve_straight(&round.surface, self.data, *from, &options).ok()?;
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
        let options = self.solve_options(&round.bounds, 0);
        let mut solution = solve_straight(&round.surface, self.data, best.2, &options).ok()?;
        // What an undamped step still promises, 1/2 |R^-T g|^2, must be nothing to the cost: a slope that came from steps
        // that had not settled is not trusted by itself.
        let free = solution.active.map(|side| side.is_none());
        let promised = solution.r.solve_transposed(&solution.gradient, &free).iter().map(|v| 0.5 * v * v).sum::<f64>();
        if solution.termination == Termination::IterationLimit && promised <= SAME_COST * solution.cost {
            solution.termination = Termination::StepSmall;
        }
        Some(solution)
    }
}
