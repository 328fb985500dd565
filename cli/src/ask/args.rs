//! What `ask` is told.
use clap::Args;

use crate::args::{CurveArgs, Form, ThreadArgs};
use crate::outlook;
use crate::question::{AnyTarget, BasisArgs, LevelArgs, Posed};
use crate::read::number::size;
use crate::target::TargetArgs;

/// Arguments of `ask`.
#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    #[command(flatten)]
    pub(crate) data: CurveArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Most synthetic samples that there can be in all.
    #[arg(long, value_name = "N", value_parser = size, allow_negative_numbers = true, requires = "to_reach", help_heading = "Question")]
    pub(crate) budget: Option<f64>,
    /// Tell the error at these sizes [default: twice and ten times the largest measured].
    #[arg(long, value_name = "N,N", value_delimiter = ',', value_parser = outlook::size, help_heading = "Question")]
    pub(crate) at: Vec<f64>,
    #[command(flatten)]
    pub(crate) any: AnyTarget,
    #[command(flatten)]
    pub(crate) level: LevelArgs,
    /// Give a verdict also where what answers does not describe the data (p < .01), as `plan` does.
    #[arg(long, requires = "to_reach", help_heading = "Question")]
    pub(crate) no_check: bool,
    #[command(flatten)]
    pub(crate) basis: BasisArgs,
    #[command(flatten)]
    pub(crate) threads: ThreadArgs,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t = Form::Table, help_heading = "Output")]
    pub(crate) format: Form,
    /// No plot.
    #[arg(long, help_heading = "Output")]
    pub(crate) no_plot: bool,
    /// Write DIR/index.html: the page of `plan` with a target, that of `fit` without.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(crate) report: Option<String>,
}

impl AskArgs {
    /// The question, if there is a target.
    pub(super) fn posed(&self) -> Option<Posed> {
        self.target.is_given().then(|| Posed {
            target: self.target.clone(),
            budget: self.budget,
            any: self.any.clone(),
            level: self.level.clone(),
            no_check: self.no_check,
            basis: self.basis.clone(),
        })
    }
}
