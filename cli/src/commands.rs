//! The commands.
mod help;
mod line;
mod pages;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

use crate::allocate::AllocateArgs;
use crate::ask::AskArgs;
use crate::compare::CompareArgs;
use crate::decouple::DecoupleArgs;
use crate::entropy::EntropyArgs;
use crate::extrapolate::ExtrapolateArgs;
use crate::fit::FitArgs;
use crate::full::FullArgs;
use crate::next::NextArgs;
use crate::plan::PlanArgs;
use crate::rates::RatesArgs;
use crate::reproduce::ReproduceArgs;
use crate::watch::WatchArgs;

pub(crate) use line::parse;
pub(crate) use pages::{completions, man};

/// Will more synthetic data bring the error down to what you need? Name a csv of errors measured with n samples, and the target.
///
/// The answer rests on the scaling law of synthetic-to-real transfer, L(n) = D n^-alpha + C, fitted by a complete search. L is the
/// error after pre-training on n synthetic samples. alpha is the pre-training rate: how fast more synthetic
/// samples help. C is the transfer gap: the error that no number of them removes.
#[derive(Debug, Parser)]
#[command(name = "syn2real", version = env!("SYN2REAL_VERSION"), override_usage = help::USAGE, after_help = help::EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Whether more synthetic samples reach a target, how many, what to measure next: the whole answer, with a plot. The command
    /// without a name: `syn2real FILE.csv --target 0.25`.
    #[command(after_help = help::ASK_EXAMPLES)]
    Ask(Box<AskArgs>),
    /// Fit the law to the measurements in a csv file, a curve for each group of rows.
    #[command(after_help = help::FIT_EXAMPLES)]
    Fit(Box<FitArgs>),
    /// Fit the law over both sizes, delta (gamma + n^-alpha) s^-beta, and compare it with others.
    #[command(after_help = help::FULL_EXAMPLES)]
    Full(Box<FullArgs>),
    /// Find the D that all curves share: the paper's iteration of medians, its fixed point, a joint fit.
    #[command(after_help = help::DECOUPLE_EXAMPLES)]
    Decouple(Box<DecoupleArgs>),
    /// Fit small n, score large n: the law, the power law and the last value.
    #[command(after_help = help::EXTRAPOLATE_EXAMPLES)]
    Extrapolate(Box<ExtrapolateArgs>),
    /// Whether more synthetic samples reach a target, how many, and how sure that is.
    #[command(after_help = help::PLAN_EXAMPLES)]
    Plan(Box<PlanArgs>),
    /// Synthetic or real samples: the cheapest numbers of both for a target, or the least error for a sum.
    #[command(after_help = help::ALLOCATE_EXAMPLES)]
    Allocate(Box<AllocateArgs>),
    /// Where to measure next: which size shrinks the interval most, and what it would decide.
    #[command(after_help = help::NEXT_EXAMPLES)]
    Next(Box<NextArgs>),
    /// Change the setting or go on: rates, gaps and errors of settings against each other.
    #[command(after_help = help::COMPARE_EXAMPLES)]
    Compare(Box<CompareArgs>),
    /// Read measurements as they come and say after each what to do next: measure, generate, change the setting, stop.
    #[command(after_help = help::WATCH_EXAMPLES)]
    Watch(Box<WatchArgs>),
    /// How complex a data set is: the entropy of a Gaussian fitted to activations.
    #[command(after_help = help::ENTROPY_EXAMPLES)]
    Entropy(EntropyArgs),
    /// Exponents of both sizes that the paper's theory (Appendix E) gives, without any data.
    #[command(after_help = help::RATES_EXAMPLES)]
    Rates(RatesArgs),
    /// Refit the paper's curves from its authors' measurements: tables, and a page with figures.
    #[command(after_help = help::REPRODUCE_EXAMPLES)]
    Reproduce(ReproduceArgs),
    /// Print the completions of a shell.
    #[command(after_help = help::COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page of the tool or of a command.
    #[command(after_help = help::MAN_EXAMPLES)]
    Man {
        /// The command; without it, the page of the tool.
        command: Option<String>,
        /// Write all pages into this directory instead.
        #[arg(long, value_name = "DIR", conflicts_with = "command")]
        out: Option<String>,
    },
}
