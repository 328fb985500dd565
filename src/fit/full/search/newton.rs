//! The minimum where few residuals are within the Huber delta.
//!
//! The steps of `solve` come from the rows within the delta. Where the delta is small against the noise they are about as
//! many as the parameters, and what bends the cost is the law itself: the Hessian is taken whole, by differences of the
//! gradient.
use crate::solve::{Normal, Solution, Termination, normal_step, solve_straight};

use super::{Round, SAME_COST, Search};

/// Steps; the cost is a quadratic but where residuals cross the delta.
const STEPS: u32 = 200;
/// Share of a parameter (or of the change that moves the model by a residual) over which the gradient is differenced:
/// rounding of 1e-16 / 1e-5 against a third derivative times 1e-10.
const SHARE: f64 = 1e-5;
/// First damping after a step that failed, and the most, in units of the diagonal of the Hessian.
const DAMPING: f64 = 1e-4;
const MOST_DAMPING: f64 = 1e12;

impl Search<'_> {
    /// Newton's method with the whole Hessian; what it ends with is converged if no undamped step promises anything.
    pub(super) fn newton(&mut self, round: &Round, from: &Solution<6>) -> Option<Solution<6>> {
        let mut at = self.place(round, &from.theta)?;
        let mut damping = 0.0;
        let mut hessian = self.hessian(round, &at)?;
        for _ in 0..STEPS {
            let normal = Normal { cost: at.cost, square: at.square, gradient: at.gradient, gram: hessian };
            let mut ridge = [0.0; 6];
            for (j, slot) in ridge.iter_mut().enumerate() {
                let own = hessian.get(j).and_then(|row| row.get(j)).copied().unwrap_or(0.0);
                *slot = damping * own.abs();
            }
            let step = normal_step(&normal, &ridge, &at.theta, &round.bounds, &at.active);
            let is_down = step.pivot_ratio > 0.0 && step.predicted >= 0.0;
            if is_down && damping == 0.0 && step.predicted <= SAME_COST * at.cost {
                at.termination = Termination::StepSmall;
                return Some(at);
            }
            let trial = if is_down { self.place(round, &step.boxed.theta) } else { None };
            match trial.filter(|t| t.cost < at.cost) {
                Some(better) => {
                    at = better;
                    hessian = self.hessian(round, &at)?;
                    damping = if damping > DAMPING { 0.1 * damping } else { 0.0 };
                }
                None => damping = if damping > 0.0 { 10.0 * damping } else { DAMPING },
            }
            if damping > MOST_DAMPING {
                break;
            }
        }
        Some(at)
    }

    /// Cost and gradient.
    fn place(&mut self, round: &Round, theta: &[f64; 6]) -> Option<Solution<6>> {
        let s = solve_straight(&round.surface, self.data, *theta, &self.solve_options(&round.bounds, 0)).ok()?;
        self.evaluations = self.evaluations.saturating_add(s.evaluations);
        Some(s).filter(|s| s.cost.is_finite() && s.gradient.iter().all(|g| g.is_finite()))
    }

    /// The lower triangle of the Hessian, from gradients on both sides (on one at a bound).
    fn hessian(&mut self, round: &Round, at: &Solution<6>) -> Option<[[f64; 6]; 6]> {
        let mut whole = [[0.0; 6]; 6];
        for (j, row) in whole.iter_mut().enumerate() {
            if at.active.get(j).is_none_or(|side| side.is_some()) {
                continue;
            }
            let value = at.theta.get(j).copied().unwrap_or(0.0);
            let h = SHARE * if value.abs() > SHARE { value.abs() } else { SHARE };
            let moved = |by: f64| {
                let mut theta = at.theta;
                if let Some(slot) = theta.get_mut(j) {
                    *slot += by;
                }
                theta
            };
            let (above, below) = (self.place(round, &moved(h))?, self.place(round, &moved(-h))?);
            let pick = |s: &Solution<6>| s.theta.get(j).copied().unwrap_or(0.0);
            let width = pick(&above) - pick(&below);
            for (slot, (a, b)) in row.iter_mut().zip(above.gradient.iter().zip(&below.gradient)) {
                *slot = (a - b) / width;
            }
        }
        let mut lower = [[0.0; 6]; 6];
        for (i, (row, slots)) in whole.iter().zip(&mut lower).enumerate() {
            for (j, (slot, value)) in slots.iter_mut().zip(row).enumerate().take(i + 1) {
                let across = whole.get(j).and_then(|row| row.get(i)).copied().unwrap_or(0.0);
                *slot = 0.5 * (value + across);
            }
        }
        Some(lower).filter(|rows| rows.iter().flatten().all(|v| v.is_finite()))
    }
}
