#![no_std]
#![deny(unsafe_code)]
//! Skeleton; the crate documentation is the layer map.
#[cfg(feature = "alloc")]
extern crate alloc;

pub mod fit;
pub mod law;
mod linalg;
mod math;
mod point;
pub mod simd;
pub mod solve;

pub use fit::{
    Class, Confidence, Fit, FitError, FitOptions, FitReport, Interval, Minimum, PowerFit, Syn2RealFit, Weights,
};
pub use law::{Law, Parameter, PowerLaw, Residual, Syn2RealLaw};
pub use point::{Point, PointError};
pub use solve::{Bounds, Loss, Side, Termination};
