//! Why a solver stops.
use core::fmt;

use crate::math;

use super::normal::Normal;

/// How the solver stopped. The discriminants are fixed: they are the C values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u8)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Termination {
    /// Every column of the Jacobian that no bound holds is orthogonal to the residual to rounding:
    /// |J_j' r| <= `gradient_tolerance` |J_j| |r|.
    GradientSmall = 0,
    /// The steps without damping have shrunk until what is left of them is within `step_tolerance`: q/(1 - q)
    /// max_j |delta_j| / max(|theta_j|, |r|/|J_j|), where q is the ratio of the last two.
    StepSmall = 1,
    /// The cost can no longer be reduced in this arithmetic: the step without damping, g' H^-1 g / 2 with H = J'WJ (+ S where
    /// that is used), promises less than 4 eps (cost + |r| max_j |J_j theta_j|), and it does not shrink or does not reduce
    /// the cost.
    CostReductionSmall = 2,
    /// The residual is zero to rounding: |r| <= 4 eps max_j |J_j theta_j|.
    ExactFit = 3,
    /// No damping gives a step that reduces the cost, although the gradient promises a reduction, and
    /// |J_j' r| <= 2^-17 |J_j| |r| for every column that no bound holds: a Jacobian with a relative error of 8e-6, as
    /// differences may have it, explains the slope. The minimum as well as this Jacobian allows; with exact derivatives the
    /// parameters get their last digits.
    Stalled = 4,
    /// `max_iterations` was reached.
    IterationLimit = 16,
    /// No damping gave a step that reduces the cost, although the step without damping promises a reduction, and the slope is
    /// not [`Stalled`](Termination::Stalled): the Jacobian is not that of the residuals.
    DampingLimit = 17,
    /// The normal matrix is singular at the end: the data do not determine the parameters there. A column of the Jacobian
    /// depends on the others to 2^-44 of its length, and no parameter has left its scale.
    SingularNormal = 18,
    /// A residual or a derivative is infinite at the start, or the sum of their squares: `stage` and `row` of the
    /// [`Solution`](super::Solution) tell which.
    NonFinite = 19,
    /// The law gives NaN at the start, as outside of its domain: `stage` and `row` tell where.
    NotANumber = 20,
    /// A parameter has left its scale, |theta_j| >= 2 max(|start_j|, |r| / |J_j| for a start of 0), for a place where it
    /// has no influence: |J_j theta_j| or |theta_j| / sqrt((J'J)^-1_jj) <= 2^-16 |r|. There may be a minimum elsewhere:
    /// start elsewhere, set bounds, or call `solve_global`. Or the cost decreases towards infinity and has none.
    RanAway = 21,
}

impl Termination {
    /// Whether the result is a minimum.
    pub const fn is_converged(self) -> bool {
        (self as u8) < 16
    }
}

impl fmt::Display for Termination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Termination::GradientSmall => "gradient small",
            Termination::StepSmall => "step small",
            Termination::CostReductionSmall => "cost reduction small",
            Termination::ExactFit => "exact fit",
            Termination::IterationLimit => "iteration limit reached: raise max_iterations or start closer",
            Termination::DampingLimit => {
                "no step reduces the cost: check the Jacobian of a law of your own, else hold a parameter fixed"
            }
            Termination::SingularNormal => "the data do not determine the parameters: hold one or measure more",
            Termination::NonFinite => "a value overflowed: rescale the data or tighten the bounds",
            Termination::Stalled => "stalled at the error of the Jacobian",
            Termination::RanAway => {
                "a parameter ran away to where it has no influence: start elsewhere, set bounds or call solve_global"
            }
            Termination::NotANumber => {
                "the law gives NaN: leave out observations outside of its domain or start elsewhere"
            }
        })
    }
}

/// How long the cost has not been reduced.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Progress {
    lowest: f64,
    idle: u32,
}

/// So many trials in a row that reduce the cost by less than its rounding level, all together, end a solve. Lambda doubles
/// at growing powers, so that 10 rejected trials span 17 decades; 40 let it go up and down twice.
const IDLE: u32 = 40;

impl Progress {
    pub(crate) fn from(cost: f64) -> Progress {
        Progress { lowest: cost, idle: 0 }
    }

    /// Takes in the cost of a trial.
    pub(crate) fn note(&mut self, cost: f64, noise: f64) {
        if self.lowest - cost > noise {
            (self.lowest, self.idle) = (cost, 0);
        } else {
            self.idle += 1;
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.idle >= IDLE
    }
}

/// Rounding level of the cost: what changes of the last bit of each parameter do to it, with |J_j theta_j| standing for
/// the size of the model, which the solver does not see; and the rounding of the sum itself. Factor 4: about two
/// roundings per residual on either side.
#[cfg_attr(wide, inline(always))]
pub(crate) fn noise<const P: usize>(at: &Normal<P>, theta: &[f64; P]) -> f64 {
    4.0 * f64::EPSILON * (at.cost + math::sqrt(at.square * model_square(at, theta)))
}

/// max_j |J_j theta_j|^2.
#[cfg_attr(wide, inline(always))]
fn model_square<const P: usize>(at: &Normal<P>, theta: &[f64; P]) -> f64 {
    let mut most = 0.0;
    for j in 0..P {
        let square = at.gram[j][j] * theta[j] * theta[j];
        most = if square > most { square } else { most };
    }
    most
}

/// Whether the residual is at the rounding level of the model: |r| <= 4 eps max_j |J_j theta_j|, 4 as in [`noise`].
#[cfg_attr(wide, inline(always))]
pub(crate) fn exact_fit<const P: usize>(at: &Normal<P>, theta: &[f64; P]) -> bool {
    let limit = 4.0 * f64::EPSILON;
    at.square <= limit * limit * model_square(at, theta)
}

/// Whether |g_j| <= tolerance |J_j| |r| for all `free` j.
#[cfg_attr(wide, inline(always))]
pub(crate) fn gradient_small<const P: usize>(at: &Normal<P>, free: &[bool; P], tolerance: f64) -> bool {
    let limit = tolerance * tolerance * at.square;
    (0..P).all(|j| !free[j] || at.gradient[j] * at.gradient[j] <= limit * at.gram[j][j])
}

/// Square of the scaled step, max_j |delta_j| / max(|theta_j|, |r| / |J_j|): relative to the parameter or, where that is
/// larger, to the change that moves the model by as much as the residual; free of all units.
#[cfg_attr(wide, inline(always))]
pub(crate) fn scaled_step<const P: usize>(at: &Normal<P>, theta: &[f64; P], delta: &[f64; P]) -> f64 {
    let mut most = 0.0;
    for j in 0..P {
        let step = delta[j] * delta[j] * at.gram[j][j];
        let size = theta[j] * theta[j] * at.gram[j][j];
        let size = if size > at.square { size } else { at.square };
        // A parameter without influence (0/0) does not count.
        let ratio = if step > 0.0 { step / size } else { 0.0 };
        most = if ratio <= most { most } else { ratio };
    }
    most
}

/// The size of each parameter at the start: |theta_j|, or |r| / |J_j| if that is 0.
pub(crate) fn scale<const P: usize>(at: &Normal<P>, theta: &[f64; P]) -> [f64; P] {
    let mut scale = theta.map(f64::abs);
    for j in 0..P {
        let moved = math::sqrt(at.square / at.gram[j][j]);
        if theta[j] == 0.0 && moved.is_finite() {
            scale[j] = moved;
        }
    }
    scale
}

/// Whether no parameter moves by more than its own size, here or at the start: a longer step without damping is a leap, not
/// the last digits.
pub(crate) fn is_within<const P: usize>(step: &[f64; P], theta: &[f64; P], scale: &[f64; P]) -> bool {
    (0..P).all(|j| step[j].abs() <= theta[j].abs() || step[j].abs() <= scale[j])
}

/// Whether the error that is left after a step is within the tolerance, from the squares of this step and the one
/// before: steps that shrink by q = step / last leave step q / (1 - q).
///
/// A ratio of two steps is trusted only once the step is below 1e-5: before that, a short step after a long one shows
/// that the damping changed as often as it shows convergence. `last` is infinite if there was none.
#[cfg_attr(wide, inline(always))]
pub(crate) fn error_small(step: f64, last: f64, tolerance: f64) -> bool {
    let limit = tolerance * tolerance;
    if step <= limit {
        return true;
    }
    let q = math::sqrt(step / last);
    step <= 1e-10 && q > 0.0 && q < 1.0 && step * (q * q) <= limit * ((1.0 - q) * (1.0 - q))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_left_is_that_of_a_geometric_series() {
        // Steps 1e-6, 1e-7: 1e-7 (1/10 + 1/100 + ..) = 1.1e-8 is left.
        let (step, last) = (1e-14, 1e-12);
        assert!(error_small(step, last, 1.2e-8), "within");
        assert!(!error_small(step, last, 1.1e-8), "not within");
        assert!(!error_small(step, step, 9.9e-8), "steps that do not shrink prove nothing");
        assert!(error_small(step, step, 1.1e-7), "but a step within the tolerance does");
        assert!(!error_small(step, f64::INFINITY, 9.9e-8), "nor does a first step");
        assert!(!error_small(1e-4, 1e8, 1e-4), "long steps are not judged by their ratio");
    }

    #[test]
    fn only_the_first_five_are_minima() {
        use Termination::*;
        let all = [
            GradientSmall,
            StepSmall,
            CostReductionSmall,
            ExactFit,
            Stalled,
            IterationLimit,
            DampingLimit,
            SingularNormal,
            NonFinite,
            NotANumber,
            RanAway,
        ];
        assert_eq!(all.map(|t| t as u8), [0, 1, 2, 3, 4, 16, 17, 18, 19, 20, 21], "the C values");
        assert!(all.iter().all(|t| t.is_converged() == ((*t as u8) < 16)), "only the first five");
    }
}
