//! Eight lanes of f64 and the choice of instruction set.
//!
//! ```
//! use syn2real::simd::{F64x8, Isa, Kernel};
//!
//! struct SumOfLogs<'a>(&'a [F64x8]);
//!
//! impl Kernel for SumOfLogs<'_> {
//!     type Output = f64;
//!     #[inline(always)]
//!     fn run(self) -> f64 {
//!         let mut sum = F64x8::splat(0.0);
//!         for x in self.0 {
//!             sum += x.ln();
//!         }
//!         sum.sum()
//!     }
//! }
//!
//! let blocks = [F64x8::splat(2.0); 4];
//! let sum = Isa::detect().dispatch(SumOfLogs(&blocks));
//! assert_eq!(sum.to_bits(), Isa::BASELINE.dispatch(SumOfLogs(&blocks)).to_bits());
//! ```
pub mod isa;
pub mod lanes;

pub use isa::Isa;
pub(crate) use isa::{Lanes, One};
pub use lanes::{F64x8, LANES, Mask8};
pub(crate) use lanes::{F64xN, MaskN};

#[cfg(all(target_arch = "x86", not(target_feature = "sse2")))]
compile_error!("x86 without SSE2 computes on x87 registers: their extended precision breaks the promise of equal bits");

/// A computation that is compiled once per instruction set.
pub trait Kernel {
    /// What it returns.
    type Output;
    /// The computation. It must be `#[inline(always)]` and so must all it calls: what stays out of line (a closure may)
    /// is compiled for the baseline. The result is the same, only slower.
    fn run(self) -> Self::Output;
}
