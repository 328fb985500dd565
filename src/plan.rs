//! From the fit to the decision: more samples, another generator, or another measurement.
//!
//! | question | answer |
//! |---|---|
//! | how many samples for a target? | [`samples_for`], [`samples_for_replicates`], [`assurance`], [`samples_with_probability`]; over n and s [`samples_for_on_grid`], [`fine_tune_size_for`] |
//! | what does a sample more bring, what is pre-training worth? | [`marginal_gain`], [`effective_real_data`], [`break_even`] |
//! | synthetic or real samples, at once or in rounds? | [`allocate`] |
//! | where to measure next? | [`design`] |
//! | which setting, and is the difference real? | [`settings`] |
//!
//! A planner never answers from point estimates alone: a verdict rests on intervals, and says which ones. What follows from
//! a law alone ([`size_at`], [`marginal_gain`]) is for laws, and for the replicates of a bootstrap.
//!
//! ```
//! use syn2real::Syn2RealLaw;
//! use syn2real::plan::{PlanOptions, Scenario, samples_for};
//!
//! let points = [(1_000, 0.900), (2_000, 0.848), (4_000, 0.8105), (8_000, 0.785), (16_000, 0.766), (32_000, 0.753), (64_000, 0.743)];
//! let fit = Syn2RealLaw::fit(&points)?;
//! let verdict = samples_for(&fit, &points, 0.74, &PlanOptions { budget: Some(1e6), ..PlanOptions::default() })?;
//! assert_eq!(verdict.scenario(), Scenario::MoreSamples);
//! // reachable: at most 95.1k samples reach the target, and the budget is 1.00M
//! assert!(verdict.to_string().starts_with("reachable: at most "));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
pub mod allocate;
mod assurance;
mod by_forecast;
pub mod design;
mod draws;
mod error;
mod evidence;
mod full;
mod gain;
mod inverse;
mod lines;
mod local;
mod odds;
mod options;
mod outcome;
mod paths;
mod root;
mod scale;
mod schedule;
mod select;
pub mod settings;
mod size;
mod target;
mod verdict;

pub use assurance::{Assurance, assurance};
pub(crate) use by_forecast::UNLIKELY;
pub use error::PlanError;
pub use full::{fine_tune_size_for, samples_for_on_grid};
pub use gain::{
    BreakEven, EffectiveData, MarginalGain, break_even, effective_real_data, effective_real_data_against,
    marginal_gain, marginal_gains,
};
pub use inverse::{LARGEST_COUNT, Size, fine_tune_size_at, size_at, synthetic_size_at};
pub use options::{Basis, PlanOptions};
pub(crate) use outcome::With;
pub(crate) use scale::check as check_target;
pub use size::{samples_for, samples_for_replicates, samples_with_probability};
pub use target::check_grid;
pub use verdict::{Reason, Scenario, Verdict};
