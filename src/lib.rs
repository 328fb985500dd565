#![no_std]
#![deny(unsafe_code)]
//! The scaling law of synthetic-to-real transfer, L(n) = D n^-alpha + C, fitted by a complete search.
//!
//! A model is pre-trained on n synthetic samples and fine-tuned on a fixed set of real ones; L is its error. The law
//! (Mikami et al., arXiv 2108.11018, eq. 1) says how fast more synthetic data helps (the pre-training rate alpha) and what
//! no amount of it removes (the transfer gap C). A handful of measurements determine it, or do not: the fit says which.
//!
//! ```
//! use syn2real::{Confidence, Parameter, Syn2RealLaw};
//!
//! let points = [(1_000, 0.9575), (2_000, 0.9534), (4_000, 0.9471), (8_000, 0.9455), (16_000, 0.9432), (32_000, 0.9403), (64_000, 0.9377)];
//! let fit = Syn2RealLaw::fit(&points)?;
//! let law = fit.law();
//! assert!(law.error_at(128_000.0) < 0.9377);
//! let gap = fit.interval(Parameter::C, Confidence::P95);
//! assert!(gap.is_some_and(|i| i.lower.unwrap_or(0.0) < law.c));
//! # Ok::<(), syn2real::FitError>(())
//! ```
//!
//! # Layers
//!
//! Imports go down only; a test reads them.
//!
//! | room | what it holds |
//! |---|---|
//! | [`control`] | a controller that decides after every measurement |
//! | [`decouple`], [`backtest`] | D against alpha over many curves (Appendix D), scores of extrapolation (section 4.4) |
//! | [`landscape`], [`model_size`] | linearised data, cost over (alpha, D), the gap against the size of the model |
//! | [`forecast`] | which law the data ask for, and what the error will be at sizes that were not measured |
//! | [`infer`] | intervals, tests, identifiability, bootstrap |
//! | [`Syn2RealLaw::fit`], [`FitOptions`], [`Fit`] (`fit`) | the complete search over alpha, its polish, what a fit tells |
//! | [`solve`] | damped least squares in a box for any [`Law`] |
//! | [`Law`], [`Syn2RealLaw`], [`PowerLaw`] (`law`), [`Point`] (`point`), `linalg` | laws and their derivatives, measurements, P x P algebra |
//! | [`theory`], [`complexity`] | the exponents of Appendix E; entropy of activations, rank correlations |
//! | [`simd`] | eight lanes of f64 and the choice of instruction set |
//! | `math` | exp, ln, quantiles; the only room that names libm |
//!
//! # Promises
//!
//! The **global** optimum over the domain or a named reason; the same bits on every machine and instruction set; no heap,
//! no std, no panic on any input; `None` instead of a number where the data say nothing. docs/measured.md has the measured
//! figures with the commands that print them.
//!
//! # Features
//!
//! `alloc` (default) adds helpers that return a `Vec`; `serde` and `defmt` add their traits to laws, options, points, reports,
//! verdicts and goals: what JSON has no number for, the rate of a flat law and open bounds, is `null` there. No feature changes a
//! number.

#[cfg(feature = "alloc")]
extern crate alloc;

pub mod backtest;
pub mod compare;
pub mod complexity;
pub mod control;
pub mod decouple;
#[cfg(feature = "serde")]
mod exchange;
mod fit;
pub mod forecast;
pub mod infer;
pub mod landscape;
mod law;
mod linalg;
mod math;
pub mod model_size;
pub mod own;
pub mod plan;
mod point;
pub mod simd;
pub mod solve;
pub mod theory;

pub use control::{Controller, Decision, Goal};
pub use fit::{
    AdditiveFit, AdditiveOptions, Bend, BendFit, BendMinimum, BentFit, Class, Confidence, Consistency, Fit, FitError,
    FitOptions, FitReport, FullBentFit, FullBentOptions, FullClass, FullFit, FullOptions, FullReport, GridFit,
    GridMinimum, Interval, LackOfFitAtS, Minimum, PowerFit, RectifiedFit, Rise, ShiftedFit, Syn2RealFit, Weights,
};
pub use law::{
    AdditiveLaw, BentLaw, Dual, Formula, FullBentLaw, FullLaw, GridLaw, Law, OwnLaw, Parameter, PowerLaw, RectifiedLaw,
    Residual, Row, Scalar, ShiftedLaw, Syn2RealLaw,
};
pub use point::{GridPoint, Point, PointError};
pub use solve::{Bounds, Loss, Side, Termination};

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
