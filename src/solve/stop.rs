//! Why a solver stops.
use core::fmt;

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
