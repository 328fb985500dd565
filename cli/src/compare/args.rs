//! What `compare` is asked.
use clap::{Args, ValueEnum};

use crate::args::{CurveArgs, Form, ThreadArgs};
use crate::question::{AnyTarget, BootstrapArgs, LevelArgs};
use crate::read::number::size;

/// Settings of which all pairs are tested unasked: more have more than a page of them.
const FEW: usize = 12;

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    #[command(flatten)]
    pub(crate) data: CurveArgs,
    /// Number of samples at which the settings are ranked: what the budget pays [default: the largest n measured].
    #[arg(long, value_name = "N", value_parser = size, allow_negative_numbers = true, help_heading = "Question")]
    pub(crate) at: Option<f64>,
    #[command(flatten)]
    pub(crate) any: AnyTarget,
    /// Which pairs of settings are tested: each with the best, that of rank 1, in the order of ranks; or all. Either way a p
    /// is adjusted for all pairs that there are, because it is the data that say which setting is the best [default: all of up
    /// to 12 settings].
    #[arg(long, value_enum, help_heading = "Question")]
    pairs: Option<PairsName>,
    #[command(flatten)]
    pub(crate) level: LevelArgs,
    #[command(flatten)]
    pub(crate) bootstrap: BootstrapArgs,
    #[command(flatten)]
    pub(crate) threads: ThreadArgs,
    /// How the results are printed.
    #[arg(long, value_enum, default_value_t = Form::Table, help_heading = "Output")]
    pub(crate) format: Form,
    /// Write DIR/index.html with the ranks and a figure for each setting.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(crate) report: Option<String>,
}

impl CompareArgs {
    /// Which pairs of so many settings are tested.
    pub(super) fn pairs(&self, settings: usize) -> PairsName {
        self.pairs.unwrap_or(if settings <= FEW { PairsName::All } else { PairsName::Best })
    }
}

/// Which pairs are tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PairsName {
    Best,
    All,
}
