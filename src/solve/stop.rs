//! Why a solver stops.
use core::fmt;

use super::normal::Normal;
use crate::math;

/// How the solver stopped. The discriminants are fixed: they are the C values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u8)]
pub enum Termination {
    /// Every column of the Jacobian is orthogonal to the residual to rounding.
    GradientSmall = 0,
    /// The scaled step is below its tolerance.
    StepSmall = 1,
    /// The cost can no longer be reduced in this arithmetic.
    CostReductionSmall = 2,
    /// The residual is zero to rounding.
    ExactFit = 3,
    /// The limit of iterations was reached.
    IterationLimit = 16,
    /// No damping gave a step that reduces the cost.
    DampingLimit = 17,
    /// The normal matrix is singular: the data do not determine the parameters.
    SingularNormal = 18,
    /// A residual, Jacobian or step is not finite.
    NonFinite = 19,
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
            Termination::DampingLimit => "no step reduces the cost: check the Jacobian",
            Termination::SingularNormal => "the data do not determine the parameters: fix one or measure more sizes",
            Termination::NonFinite => "a value overflowed: rescale the data or tighten the bounds",
        })
    }
}

/// Rounding level of the cost: what changes of the last bit of each parameter do to it, with |J_j theta_j| standing for
/// the size of the model, which the solver does not see; and the rounding of the sum itself. Factor 4: about two
/// roundings per residual on either side.
pub(crate) fn noise<const P: usize>(at: &Normal<P>, theta: &[f64; P]) -> f64 {
    4.0 * f64::EPSILON * (at.cost + math::sqrt(at.square * model_square(at, theta)))
}

/// max_j |J_j theta_j|^2.
fn model_square<const P: usize>(at: &Normal<P>, theta: &[f64; P]) -> f64 {
    let mut most = 0.0;
    for j in 0..P {
        let square = at.gram[j][j] * theta[j] * theta[j];
        most = if square > most { square } else { most };
    }
    most
}

/// Whether the residual is at the rounding level of the model: |r| <= 4 eps max_j |J_j theta_j|.
pub(crate) fn exact_fit<const P: usize>(at: &Normal<P>, theta: &[f64; P]) -> bool {
    let limit = 4.0 * f64::EPSILON;
    at.square <= limit * limit * model_square(at, theta)
}

/// max_j over the `free` of g_j^2 / (|J_j|^2 |r|^2): the square of the largest cosine.
pub(crate) fn gradient_small<const P: usize>(at: &Normal<P>, free: &[bool; P], tolerance: f64) -> bool {
    let limit = tolerance * tolerance * at.square;
    (0..P).all(|j| !free[j] || at.gradient[j] * at.gradient[j] <= limit * at.gram[j][j])
}

/// max_j (delta_j / max(|theta_j|, |r| / |J_j|))^2: the square of the scaled step, free of the units of all quantities.
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
