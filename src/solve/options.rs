//! What can be asked of the solver.
use core::fmt;

use crate::simd::Isa;

use super::bounds::Bounds;

/// How residuals count.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Loss {
    /// 1/2 r^2.
    #[default]
    Square,
    /// Huber: quadratic up to `delta`, linear beyond; `delta` = `k` * 1.4826 MAD of the residuals at the square-loss
    /// optimum, held fixed. For fits of a built-in law: [`solve`](crate::solve::solve()) stores no residuals and takes
    /// [`Loss::HuberAbsolute`].
    Huber {
        /// Tuning constant in units of the robust scale; 1.345 is customary (95 % efficiency at the normal).
        k: f64,
    },
    /// Huber with an absolute `delta` in units of the residual (Epoch's Chinchilla fit uses 1e-3).
    HuberAbsolute {
        /// Where quadratic turns linear, > 0.
        delta: f64,
    },
}

/// Options of [`solve`](crate::solve::solve()). J is the Jacobian, J_j its column j, r the residuals (psi(r) in the Huber
/// loss), delta the step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SolveOptions<const P: usize> {
    /// Interval of each parameter, lower < upper; a parameter is held by `fixed`, not by equal ends. Default: no bounds.
    pub bounds: [Bounds; P],
    /// The value at which a parameter is held, finite and within its bounds; it has no standard error then. Default: all
    /// estimated.
    pub fixed: [Option<f64>; P],
    /// Cost of a residual. Default: [`Loss::Square`].
    pub loss: Loss,
    /// Most trial steps. Default: 10,000; the longest of the 54 runs over the NIST problems takes 1,820 (MGH10 from its first
    /// start, along a curved valley), the others at most 220.
    pub max_iterations: u32,
    /// Largest |J_j' r| / (|J_j| |r|), the cosine between residual and column, that ends the solve; in [0, 1). Default:
    /// 2^-52, the rounding level: a larger cosine leaves parameters of ill-conditioned problems undetermined.
    pub gradient_tolerance: f64,
    /// Largest error of a parameter that may be left, relative to max(|theta_j|, |r| / |J_j|), as estimated from the last
    /// two steps without damping; in (0, 1). Default: 1e-10, one digit in reserve of the 9 that the NIST problems reach.
    pub step_tolerance: f64,
    /// Levenberg-Marquardt lambda at the start, in units of the squared column norms; finite, >= 0. Default: 0.1; from
    /// 1e-2 to 100 all 54 NIST runs end at the certified optimum, and small values are faster. From a start within some
    /// 10 % of the optimum, 1e-6 takes half the iterations.
    pub initial_damping: f64,
    /// Instruction set; the answer has the same bits on all. Default: the best of this machine.
    pub isa: Isa,
}

impl<const P: usize> Default for SolveOptions<P> {
    fn default() -> SolveOptions<P> {
        SolveOptions {
            bounds: [Bounds::FREE; P],
            fixed: [None; P],
            loss: Loss::Square,
            max_iterations: 10_000,
            gradient_tolerance: f64::EPSILON,
            step_tolerance: 1e-10,
            initial_damping: 0.1,
            isa: Isa::detect(),
        }
    }
}

impl<const P: usize> SolveOptions<P> {
    /// Checks the options.
    pub(crate) fn check(&self) -> Result<Checked<P>, SolveError> {
        let bad = |field, range| Err(SolveError::BadOption { field, parameter: None, range });
        let mut bounds = self.bounds;
        for j in 0..P {
            let bad = |field, range| Err(SolveError::BadOption { field, parameter: Some(j), range });
            let Bounds { lower, upper } = self.bounds[j];
            if lower == upper {
                return bad("bounds", "lower < upper: hold a parameter by `fixed`");
            }
            if !self.bounds[j].is_valid() {
                return bad("bounds", "lower < upper, infinite where there is none");
            }
            if let Some(value) = self.fixed[j] {
                if !(value.is_finite() && lower <= value && value <= upper) {
                    return bad("fixed", "a finite value within the bounds");
                }
                bounds[j] = Bounds::held_at(value);
            }
        }
        if !(0.0..1.0).contains(&self.gradient_tolerance) {
            return bad("gradient_tolerance", "in [0, 1)");
        }
        if !(f64::MIN_POSITIVE..1.0).contains(&self.step_tolerance) {
            return bad("step_tolerance", "in (0, 1)");
        }
        if !(self.initial_damping >= 0.0 && self.initial_damping < f64::INFINITY) {
            return bad("initial_damping", "finite and >= 0");
        }
        match self.loss {
            Loss::Square => Ok(Checked { bounds, delta: f64::INFINITY }),
            Loss::HuberAbsolute { delta } if delta > 0.0 && delta < f64::INFINITY => Ok(Checked { bounds, delta }),
            Loss::HuberAbsolute { .. } => bad("loss", "a delta that is finite and > 0"),
            Loss::Huber { .. } => bad("loss", "Square or HuberAbsolute: the scale of Huber needs stored residuals"),
        }
    }

    /// These options with `bounds` whose equal ends hold a parameter.
    pub(crate) fn within(self, bounds: [Bounds; P]) -> SolveOptions<P> {
        let mut options = SolveOptions { bounds, ..self };
        for j in 0..P {
            if bounds[j].lower == bounds[j].upper {
                (options.bounds[j], options.fixed[j]) = (Bounds::FREE, Some(bounds[j].lower));
            }
        }
        options
    }
}

/// Options that were checked, as the loop uses them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Checked<const P: usize> {
    /// The bounds, with equal ends where a parameter is held.
    pub(crate) bounds: [Bounds; P],
    /// The Huber delta, infinite in least squares.
    pub(crate) delta: f64,
}

/// Why there is nothing to solve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SolveError {
    /// An option is out of its range (NaN always is).
    BadOption {
        /// Name of the field of the options.
        field: &'static str,
        /// Which element, where the field has one for each parameter.
        parameter: Option<usize>,
        /// What it must be.
        range: &'static str,
    },
    /// There are no observations.
    NoObservations,
    /// A parameter of the start is NaN or infinite.
    BadStart {
        /// Which.
        parameter: usize,
    },
}

impl fmt::Display for SolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SolveError::BadOption { field, parameter: Some(j), range } => {
                write!(f, "the option `{field}` of parameter {j} is out of its range: give {range}")
            }
            SolveError::BadOption { field, parameter: None, range } => {
                write!(f, "the option `{field}` is out of its range: give {range}")
            }
            SolveError::NoObservations => f.write_str("there are no observations: give at least one per parameter"),
            SolveError::BadStart { parameter } => {
                write!(f, "the start of parameter {parameter} is not finite: give a finite number")
            }
        }
    }
}

impl core::error::Error for SolveError {}
