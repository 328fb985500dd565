//! Eight lanes of f64 and the choice of instruction set.
pub mod isa;
pub mod lanes;

pub use isa::{Isa, Kernel};
pub use lanes::{F64x8, LANES, Mask8};
