//! What `plan` is asked.
use clap::Args;

use crate::args::{CurveArgs, Format, ThreadArgs};
use crate::question::{AnyTarget, BasisArgs, BootstrapArgs, LevelArgs};

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) data: CurveArgs,
    /// The error to reach, a fraction such as 0.25.
    #[arg(long, value_name = "X", allow_negative_numbers = true, help_heading = "Question")]
    pub(crate) target: f64,
    /// Most synthetic samples that there can be in all.
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Question")]
    pub(crate) budget: Option<f64>,
    #[command(flatten)]
    pub(crate) any: AnyTarget,
    #[command(flatten)]
    pub(crate) level: LevelArgs,
    /// Give a verdict also where what answers does not describe the data (p < .01): law (1) is trusted, and the forecast where
    /// the curve's own larger sizes refute it.
    #[arg(long, help_heading = "Question")]
    pub(crate) no_check: bool,
    #[command(flatten)]
    pub(crate) basis: BasisArgs,
    /// Tell the samples that reach the target with this probability in a study that is repeated, above 0 and below 1.
    #[arg(long, value_name = "P", default_value_t = 0.9, allow_negative_numbers = true, help_heading = "Question")]
    pub(crate) assurance: f64,
    #[command(flatten)]
    pub(crate) bootstrap: BootstrapArgs,
    /// Tell, too, with how many samples this share of the refits of law (1) in a bootstrap reaches the target.
    #[arg(long, value_name = "P", allow_negative_numbers = true, help_heading = "Question")]
    pub(crate) probability: Option<f64>,
    #[command(flatten)]
    pub(crate) threads: ThreadArgs,
    /// How the verdicts are printed.
    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    pub(crate) format: Format,
    /// Write DIR/index.html with a figure for each group: curve, band, target, samples needed.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(crate) report: Option<String>,
}
