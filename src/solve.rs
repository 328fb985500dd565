//! Provisional: the types of the solver.
mod bounds;
mod stop;

pub use bounds::{Bounds, Side};
pub use stop::Termination;

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
