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
//! # What do you want to know?
//!
//! | question | call |
//! |---|---|
//! | what is the rate, what is the gap? | [`Syn2RealLaw::fit`]; all curves of a study: [`Syn2RealLaw::fit_many`] |
//! | how sure is that? | [`Syn2RealFit::profile_interval`]; of any quantity: [`infer::interval`] |
//! | does the law describe the data? | [`Fit::check`]; which law does: [`forecast::best`], over both sizes [`compare::preferred`] |
//! | what will the error be at a size that was not measured? | [`forecast::best`]; by law (1) with a band: [`infer::band`] |
//! | how many samples does a target take, or does none reach it? | [`plan::samples_for`] |
//! | where to measure next? | [`plan::design::next`]; which of several settings to go on with: [`plan::settings`] |
//! | synthetic or real samples, at what they cost? | [`plan::allocate`], of a [`FullLaw`] or [`AdditiveLaw`] fit |
//! | do two settings differ? | [`infer::ConfidenceCurve`]; each pair of many: [`plan::settings`] |
//! | is it worth going on, after each measurement of a training loop? | [`Controller`] |
//! | all of this of a law of my own | [`Formula`], [`own::fit`]; derivatives by hand: [`Law`], [`solve::solve`] |
//!
//! The tool `syn2real` (the package `syn2real-cli`) answers most of them from a csv file.
//!
//! ## Plan
//!
//! ```
//! use syn2real::Syn2RealLaw;
//! use syn2real::plan::{PlanOptions, samples_for};
//!
//! let points = [(1_000, 0.900), (2_000, 0.848), (4_000, 0.8105), (8_000, 0.785), (16_000, 0.766), (32_000, 0.753), (64_000, 0.743)];
//! let fit = Syn2RealLaw::fit(&points)?;
//! let verdict = samples_for(&fit, &points, 0.74, &PlanOptions::default())?;
//! assert_eq!(verdict.name(), "reachable");
//! println!("{verdict}"); // reachable: at most .. samples reach the target
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## Compare
//!
//! ```
//! use syn2real::infer::{ConfidenceCurve, Quantity};
//! use syn2real::{Parameter, Syn2RealLaw};
//!
//! let domain_a = [(1_000, 0.90), (2_000, 0.83), (4_000, 0.79), (8_000, 0.755), (16_000, 0.74), (32_000, 0.727)];
//! let domain_b = [(1_000, 0.88), (2_000, 0.80), (4_000, 0.74), (8_000, 0.70), (16_000, 0.67), (32_000, 0.655)];
//! let gap = Quantity::Parameter(Parameter::C);
//! let a = ConfidenceCurve::new(&Syn2RealLaw::fit(&domain_a)?, &domain_a, gap)?;
//! let b = ConfidenceCurve::new(&Syn2RealLaw::fit(&domain_b)?, &domain_b, gap)?;
//! let common = a.common(&b).ok_or("no level in common")?;
//! assert!(common.p_value < 0.01, "the gaps differ");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
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

//! # The rooms
//!
//! For who looks for something, and for maintainers: imports go down only, and a test reads them (CONTRIBUTING.md).
//!
//! | room | what it holds |
//! |---|---|
//! | [`own`] | a law of the user's own: fit, intervals, bands, plans |
//! | [`control`] | a controller that decides after every measurement |
//! | [`plan`] | verdicts on a target, what to buy, where to measure next |
//! | [`decouple`], [`backtest`] | D against alpha over many curves (Appendix D), scores of extrapolation (section 4.4) |
//! | [`landscape`], [`model_size`] | linearised data, cost over (alpha, D), the gap against the size of the model |
//! | [`forecast`] | which law the data ask for, and what the error will be at sizes that were not measured |
//! | [`infer`] | intervals, tests, identifiability, bootstrap |
//! | [`Syn2RealLaw::fit`], [`FitOptions`], [`Fit`] (`fit`) | the complete search over alpha, its polish, what a fit tells |
//! | [`solve`] | damped least squares in a box for any [`Law`] |
//! | [`Law`], [`Formula`], [`Syn2RealLaw`], [`PowerLaw`] (`law`), [`Point`] (`point`), `linalg` | laws and their derivatives, measurements, P x P algebra |
//! | [`theory`], [`complexity`] | the exponents of Appendix E; entropy of activations, rank correlations |
//! | [`simd`] | eight lanes of f64 and the choice of instruction set |
//! | `math` | exp, ln, quantiles; the only room that names libm |
//!
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

/// The recipes for laws of one's own.
#[cfg(doctest)]
#[doc = include_str!("../docs/cookbook.md")]
struct Cookbook;
