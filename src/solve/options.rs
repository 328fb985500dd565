//! What can be asked of the solver.
use super::bounds::Bounds;
use crate::simd::Isa;
use core::fmt;

/// How residuals count.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
#[non_exhaustive]
pub enum Loss {
    /// 1/2 r^2.
    #[default]
    Square,
    /// Huber: quadratic up to `delta`, linear beyond; `delta` = `k` * 1.4826 MAD of the residuals at the square-loss
    /// optimum, held fixed.
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

/// Options.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SolveOptions<const P: usize> {
    /// Bounds.
    pub bounds: [Bounds; P],
    /// Loss.
    pub loss: Loss,
    /// Iterations.
    pub max_iterations: u32,
    /// Cosine.
    pub gradient_tolerance: f64,
    /// Step.
    pub step_tolerance: f64,
    /// Damping.
    pub initial_damping: f64,
    /// ISA.
    pub isa: Isa,
    /// knobs
    pub k: [f64; 8],
}

impl<const P: usize> Default for SolveOptions<P> {
    fn default() -> Self {
        SolveOptions {
            bounds: [Bounds::FREE; P],
            loss: Loss::Square,
            max_iterations: 1000,
            gradient_tolerance: f64::EPSILON,
            step_tolerance: 1e-9,
            initial_damping: 1e-3,
            isa: Isa::detect(),
            k: [1.0, 2.0, 1.0 / 3.0, 1.0, 1.0, 2.0, 1e-8, 0.0],
        }
    }
}

/// Why the options cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionError {
    /// field
    pub field: &'static str,
}
impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.field)
    }
}
