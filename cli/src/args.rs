//! What the command line may say. The groups of arguments are shared by the commands.
mod help;

use clap::{Args, Parser, Subcommand, ValueEnum};
use syn2real::{Bounds, FitOptions, Loss, Residual, Weights};

use crate::allocate::AllocateArgs;
use crate::compare::CompareArgs;
use crate::decouple::DecoupleArgs;
use crate::entropy::EntropyArgs;
use crate::extrapolate::ExtrapolateArgs;
use crate::filter::Filter;
use crate::full::FullArgs;
use crate::next::NextArgs;
use crate::plan::PlanArgs;
use crate::rates::RatesArgs;
use crate::table::Columns;
use crate::watch::WatchArgs;

/// The customary Huber constant: 95 % efficiency at the normal (Huber 1981).
pub(crate) const HUBER: f64 = 1.345;

/// The scaling law of synthetic-to-real transfer, L(n) = D n^-alpha + C: fitted to measurements by a complete search.
///
/// L is the error after pre-training on n synthetic samples. alpha is the pre-training rate: how fast more synthetic
/// samples help. C is the transfer gap: the error that no number of them removes.
#[derive(Debug, Parser)]
#[command(name = "syn2real", version, after_help = help::EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
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
}

/// Arguments of `fit`.
#[derive(Debug, Args)]
pub(crate) struct FitArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) scale: ScaleArgs,
    #[command(flatten)]
    pub(crate) law: LawArgs,
    #[command(flatten)]
    pub(crate) threads: ThreadArgs,
    /// How the results are printed.
    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    pub(crate) format: Format,
    /// Write DIR/index.html with the table and a figure for each group.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(crate) report: Option<String>,
}

/// How many threads work.
#[derive(Debug, Args)]
pub(crate) struct ThreadArgs {
    /// Threads that share the groups [default: one for each processor]; the results do not depend on them.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

/// Arguments of `reproduce`.
#[derive(Debug, Args)]
pub(crate) struct ReproduceArgs {
    /// Where index.html and the figures are written.
    #[arg(long, value_name = "DIR", default_value = "syn2real-report")]
    pub(crate) out: String,
}

/// The file and its columns.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// A csv file whose first line names the columns; - for the standard input.
    #[arg(value_name = "FILE.csv")]
    pub(crate) file: String,
    /// Column of n, the number of synthetic samples.
    #[arg(long, value_name = "COL", help_heading = "Columns and rows")]
    pub(crate) n: String,
    /// Column of the error, a fraction such as 1 - accuracy, or a loss.
    #[arg(long, value_name = "COL", help_heading = "Columns and rows")]
    pub(crate) error: String,
    /// Columns whose values make a group of rows; each group is fitted on its own.
    #[arg(long, value_name = "COL,COL", value_delimiter = ',', help_heading = "Columns and rows")]
    pub(crate) by: Vec<String>,
    /// Take only rows with this value (also !=, <, <=, >, >=); repeatable: all conditions must hold. Compares text first
    /// and then numbers, so that n=1000 takes 1000.0 too.
    #[arg(long = "where", value_name = "COL=VALUE", help_heading = "Columns and rows")]
    pub(crate) filters: Vec<Filter>,
    /// Separator of the cells: one character, or `tab`.
    #[arg(long, value_name = "CHAR", default_value = ",", value_parser = delimiter, help_heading = "Columns and rows")]
    pub(crate) delimiter: u8,
}

/// What tells points apart in precision.
#[derive(Debug, Args)]
pub(crate) struct ScaleArgs {
    /// Column of weights of the squared residuals, known up to a common factor; 0 leaves a row out.
    #[arg(long, value_name = "COL", conflicts_with = "sigma", help_heading = "Columns and rows")]
    pub(crate) weight: Option<String>,
    /// Column of the known standard deviations of the errors; they set the scale of the standard errors.
    #[arg(long, value_name = "COL", help_heading = "Columns and rows")]
    pub(crate) sigma: Option<String>,
}

/// How the law is fitted.
#[derive(Debug, Args)]
pub(crate) struct LawArgs {
    /// Space of the residual: log, ln(model) - ln(error), or linear, model - error.
    #[arg(long, value_enum, default_value_t = Space::Log, help_heading = "Law")]
    pub(crate) residual: Space,
    /// Hold D at this value (its unit contains the unit of n).
    #[arg(long, value_name = "X", allow_negative_numbers = true, help_heading = "Law")]
    pub(crate) fixed_d: Option<f64>,
    /// Hold alpha at this value.
    #[arg(long, value_name = "X", allow_negative_numbers = true, conflicts_with = "alpha", help_heading = "Law")]
    pub(crate) fixed_alpha: Option<f64>,
    /// Hold C at this value.
    #[arg(long, value_name = "X", allow_negative_numbers = true, conflicts_with = "c", help_heading = "Law")]
    pub(crate) fixed_c: Option<f64>,
    /// Bounds of alpha [default: 0,10].
    #[arg(long, value_name = "LO,HI", value_parser = bounds_of("alpha"), allow_hyphen_values = true, help_heading = "Law")]
    pub(crate) alpha: Option<Bounds>,
    /// Bounds of C [default: 0,inf].
    #[arg(long, value_name = "LO,HI", value_parser = bounds_of("c"), allow_hyphen_values = true, help_heading = "Law")]
    pub(crate) c: Option<Bounds>,
    /// Loss: square, or huber, which counts outliers less.
    #[arg(long, value_enum, default_value_t = LossName::Square, help_heading = "Law")]
    pub(crate) loss: LossName,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Csv,
}

/// Spaces of the residual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Space {
    Log,
    Linear,
}

/// Names of the losses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LossName {
    Square,
    Huber,
}

/// Reads the bounds of the parameter of this name.
pub(crate) fn bounds_of(name: &'static str) -> impl Fn(&str) -> Result<Bounds, String> + Clone + Send + Sync {
    move |text| match bounds(text)? {
        Bounds { lower, upper } if lower == upper => Err(format!("the bounds are equal: write --fixed-{name} {lower}")),
        bounds => Ok(bounds),
    }
}

pub(crate) fn bounds(text: &str) -> Result<Bounds, String> {
    let number = |part: &str| part.trim().parse::<f64>().ok().filter(|x| !x.is_nan());
    let ends = text.split_once(',').and_then(|(lower, upper)| Some((number(lower)?, number(upper)?)));
    match ends {
        Some((lower, upper)) if lower <= upper => Ok(Bounds::new(lower, upper)),
        Some(_) => Err("the bounds are crossed: write the lower one first".into()),
        None => Err("write two numbers with a comma between them, such as 0,1.5 or 0,inf".into()),
    }
}

pub(crate) fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n.".contains(byte) => Ok(*byte),
        _ => Err("write one character such as , or ; or the word tab".into()),
    }
}

/// Where n stands among the value columns.
pub(crate) const N: usize = 0;
/// Where the error stands among the value columns.
pub(crate) const ERROR: usize = 1;
/// Where the weight or the sigma stands among the value columns, if there is one.
pub(crate) const SCALE: usize = 2;

impl InputArgs {
    /// The columns to read: n, error and, if there is one, the weight or the sigma.
    pub(crate) fn columns(&self, scale: &ScaleArgs) -> Columns {
        let mut values = vec![self.n.clone(), self.error.clone()];
        values.extend(scale.weight.iter().chain(&scale.sigma).cloned());
        Columns {
            values,
            weight: scale.weight.as_ref().map(|_| SCALE),
            by: self.by.clone(),
            filters: self.filters.clone(),
            delimiter: self.delimiter,
        }
    }
}

impl LawArgs {
    /// The options of the fit.
    pub(crate) fn options(&self, scale: &ScaleArgs) -> FitOptions {
        let default = FitOptions::default();
        FitOptions {
            residual: match self.residual {
                Space::Log => Residual::Log,
                Space::Linear => Residual::Linear,
            },
            loss: match self.loss {
                LossName::Square => Loss::Square,
                LossName::Huber => Loss::Huber { k: HUBER },
            },
            fixed_d: self.fixed_d,
            fixed_alpha: self.fixed_alpha,
            fixed_c: self.fixed_c,
            // A held rate may lie beyond the default bounds, where the law has it.
            alpha: self.alpha.unwrap_or(if self.fixed_alpha.is_some() { Bounds::new(0.0, 1e3) } else { default.alpha }),
            c: self.c.unwrap_or(default.c),
            weights: if scale.sigma.is_some() { Weights::Sigma } else { Weights::Relative },
            ..default
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_two_numbers_in_order() {
        assert_eq!(bounds("0.1, 1.5"), Ok(Bounds::new(0.1, 1.5)));
        assert_eq!(bounds("0,inf"), Ok(Bounds::new(0.0, f64::INFINITY)));
        for text in ["", "1", "1,2,3", "a,b", "nan,1", "2,1"] {
            assert!(bounds(text).is_err(), "{text:?} passed as bounds");
        }
    }

    #[test]
    fn command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
