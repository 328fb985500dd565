//! What can be asked of the solver.
use core::fmt;

use crate::simd::Isa;

use super::bounds::Bounds;

/// How residuals count.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
#[non_exhaustive]
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
    /// Interval of each parameter, lower <= upper. Equal ends fix the parameter. Default: all free.
    pub bounds: [Bounds; P],
    /// Cost of a residual. Default: [`Loss::Square`].
    pub loss: Loss,
    /// Most trial steps. Default: 10,000; the longest of the 54 runs over the NIST problems takes 7,700 (MGH10 from its
    /// first start, along a curved valley), the others at most 600.
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
    /// Checks the options and gives the Huber delta, infinite in least squares.
    pub(crate) fn delta(&self) -> Result<f64, OptionError> {
        let bad = |field| Err(OptionError { field });
        if !self.bounds.iter().all(|b| b.is_valid()) {
            return bad("bounds");
        }
        if !(0.0..1.0).contains(&self.gradient_tolerance) {
            return bad("gradient_tolerance");
        }
        if !(f64::MIN_POSITIVE..1.0).contains(&self.step_tolerance) {
            return bad("step_tolerance");
        }
        if !(self.initial_damping >= 0.0 && self.initial_damping < f64::INFINITY) {
            return bad("initial_damping");
        }
        match self.loss {
            Loss::Square => Ok(f64::INFINITY),
            Loss::HuberAbsolute { delta } if delta > 0.0 && delta < f64::INFINITY => Ok(delta),
            _ => bad("loss"),
        }
    }
}

/// An option is out of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionError {
    /// Name of the field of [`SolveOptions`].
    pub field: &'static str,
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the option `{}` is out of its range: its documentation names the range", self.field)
    }
}

impl core::error::Error for OptionError {}
