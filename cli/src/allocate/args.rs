//! What `allocate` is asked.
use clap::{Args, ValueEnum};
use syn2real::Bounds;

use crate::args::{Form, GridArgs, ThreadArgs, bounds};
use crate::full::FullLawArgs;
use crate::question::AnyTarget;
use crate::target::TargetArgs;

use super::refits::RefitArgs;

/// Arguments of `allocate`.
#[derive(Debug, Args)]
pub(crate) struct AllocateArgs {
    #[command(flatten)]
    pub(super) data: GridArgs,
    #[command(flatten)]
    pub(super) fit: FullLawArgs,
    /// Which law answers: auto, the one that the data prefer by AICc, full, or additive, A n^-alpha + B s^-beta + E.
    #[arg(long, value_enum, default_value_t = LawName::Auto, help_heading = "Question")]
    pub(super) law: LawName,
    #[command(flatten)]
    pub(super) target: TargetArgs,
    #[command(flatten)]
    pub(super) any: AnyTarget,
    /// What can be spent on the least error, in the unit of the prices.
    #[arg(
        long,
        value_name = "X",
        allow_negative_numbers = true,
        conflicts_with = "to_reach",
        help_heading = "Question"
    )]
    pub(super) budget: Option<f64>,
    /// Price of a synthetic sample.
    #[arg(long, value_name = "X", default_value_t = 1.0, allow_negative_numbers = true, help_heading = "Prices")]
    pub(super) per_synthetic: f64,
    /// Price of a real sample.
    #[arg(long, value_name = "X", default_value_t = 1.0, allow_negative_numbers = true, help_heading = "Prices")]
    pub(super) per_real: f64,
    /// Paid once if there is any pre-training.
    #[arg(long, value_name = "X", default_value_t = 0.0, allow_negative_numbers = true, help_heading = "Prices")]
    pub(super) fixed_synthetic: f64,
    /// Paid once in any case.
    #[arg(long, value_name = "X", default_value_t = 0.0, allow_negative_numbers = true, help_heading = "Prices")]
    pub(super) fixed: f64,
    /// Synthetic samples: those that are there and the most there can be [default: 0,2^53].
    #[arg(long, value_name = "LO,HI", value_parser = bounds, allow_hyphen_values = true, help_heading = "Question")]
    pub(super) n_range: Option<Bounds>,
    /// Real samples: those that are there and the most there can be [default: 0,2^53].
    #[arg(long, value_name = "LO,HI", value_parser = bounds, allow_hyphen_values = true, help_heading = "Question")]
    pub(super) s_range: Option<Bounds>,
    #[command(flatten)]
    pub(super) refits: RefitArgs,
    #[command(flatten)]
    pub(super) threads: ThreadArgs,
    /// How the results are printed.
    #[arg(long, value_enum, default_value_t = Form::Table, help_heading = "Output")]
    pub(super) format: Form,
    /// Write DIR/index.html with the allocations and a figure for each group.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(super) report: Option<String>,
}

/// Names of the laws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LawName {
    Auto,
    Full,
    Additive,
}
