//! What `plan` is asked.
use clap::Args;

use crate::args::{CurveArgs, Format, ThreadArgs};
use crate::question::{AnyTarget, BasisArgs, BootstrapArgs, LevelArgs, Posed};
use crate::read::number::size;
use crate::target::TargetArgs;

/// The probability of the samples that are told beside the interval.
const ASSURANCE: f64 = 0.9;

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) data: CurveArgs,
    #[command(flatten)]
    pub(crate) reach: TargetArgs,
    /// Most synthetic samples that there can be in all.
    #[arg(long, value_name = "N", value_parser = size, allow_negative_numbers = true, help_heading = "Question")]
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
    #[arg(long, value_name = "P", default_value_t = ASSURANCE, allow_negative_numbers = true, help_heading = "Question")]
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

impl PlanArgs {
    /// What another command asks of `plan`; all else as it is by default. Figures are made for a page, if there is to be one.
    pub(crate) fn of(data: CurveArgs, posed: Posed, report: Option<String>) -> PlanArgs {
        let Posed { target, budget, any, level, no_check, basis } = posed;
        PlanArgs {
            data,
            reach: target,
            budget,
            any,
            level,
            no_check,
            basis,
            assurance: ASSURANCE,
            bootstrap: BootstrapArgs::default(),
            probability: None,
            threads: ThreadArgs { threads: None },
            format: Format::Table,
            report,
        }
    }

    /// The error to reach.
    pub(crate) fn target(&self) -> f64 {
        self.reach.error().unwrap_or(f64::NAN)
    }
}
