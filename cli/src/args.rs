//! What the command line may say. The groups of arguments are shared by the commands.
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
const HUBER: f64 = 1.345;

const EXAMPLES: &str = "\
Examples:
  syn2real reproduce
  syn2real fit curves.csv --n n --error error
  syn2real fit curves.csv --n n --error error --by model,task --format json

`syn2real help COMMAND` tells more about a command.";

const FIT_EXAMPLES: &str = "\
Examples:
  One curve, as a table:
    syn2real fit curve.csv --n images --error test_error
  A curve for each model and task, without the rows of n = 0, as JSON:
    syn2real fit runs.csv --n n --error err --by model,task --where 'n>0' --format json
  As the paper's authors' code does (D fixed, linear residual, bounds):
    syn2real fit runs.csv --n n --error err --by model --fixed-d 0.48 --residual linear --alpha 0.1,1.5 --c 0,1
  Known standard deviations of the errors, from a pipe, with a page of figures:
    zcat runs.csv.gz | syn2real fit - --n n --error err --sigma sd --report out

A cell that cannot be used fails its group only; the message names line, column and remedy.
`excluded` counts the rows of a group that a weight of 0 leaves out.

Exit status: 0 all groups fitted; 1 some could not be, the others are printed; 2 usage, or the file cannot be read.";

const FULL_EXAMPLES: &str = "\
Examples:
  A grid of pre-training sizes n and fine-tuning sizes s:
    syn2real full grid.csv --n n --s images --error err --where 'n>0'
  In the residual space of the paper's Appendix C.2, whose s is class-balanced, 1000 min(1300 p, 732) images, as JSON:
    syn2real full grid.csv --n n --s balanced_images --error err --where 'n>0' --residual linear --format json
  With the rows without pre-training, n = 0, and an irreducible error:
    syn2real full grid.csv --n n --s images --error err --n0 free --e free

The comparison has AICc over all points and the error at the largest n, held out of the fits, for the multiplicative law, the
additive law A n^-alpha + B s^-beta + E and the law with gamma = 0. Residuals by s tell where the law does not fit. JSON is
one object without --by, its values null if there is no fit, and a list of `fits` with it; both have a list of `errors`.

Exit status: 0 all groups fitted; 1 some could not be, the others are printed; 2 usage, or the file cannot be read.";

const DECOUPLE_EXAMPLES: &str = "\
Examples:
  A curve for each model and task:
    syn2real decouple runs.csv --n n --error err --by model,task
  As the paper's authors did (linear residual, bounds), for a thousand rounds:
    syn2real decouple runs.csv --n n --error err --by model,task --residual linear --alpha 0.1,1.5 --c 0,1 --rounds 1000

A round shrinks the distance to the fixed point by a percent or so: a short trace looks converged wherever it starts. The
fixed point is found by acceleration, from four starts; where it depends on the start, the verdict is not_identified. `fits`
hold D at the fixed point, or where the iteration ended if there is none. The shared D is a joint least-squares fit.

Exit status: 0 all curves used; 1 some could not be, the others are; 2 usage, or the file cannot be read.";

const EXTRAPOLATE_EXAMPLES: &str = "\
Examples:
  syn2real extrapolate curve.csv --n images --error test_error --train-max 32000
  syn2real extrapolate runs.csv --n n --error err --by model --train-max 32000 --format json

The power law is the law with C = 0. The last value is the error at the largest n fitted. Which one predicts best depends on
the window.

Exit status: 0 all groups scored; 1 some could not be, the others are printed; 2 usage, or the file cannot be read.";

const ENTROPY_EXAMPLES: &str = "\
Examples:
  syn2real entropy activations.npy
  syn2real entropy activations.csv --no-header --format json
  syn2real entropy small_sample.npy --shrinkage 0.01

H = 1/2 (d ln(2 pi e) + ln det Sigma) in nats, Sigma the covariance of the samples. Files are streamed; the memory needed is
that of one covariance, 4 d^2 bytes. With N <= d samples, or dead units, Sigma has no full rank and there is no entropy unless
--shrinkage or --pseudo says what to do.

Exit status: 0, or 2 for a file that cannot be used.";

const PLAN_EXAMPLES: &str = "\
Examples:
  Would more samples bring the error to 0.25, and how many?
    syn2real plan runs.csv --n n --error err --by model --target 0.25
  With at most two million, as JSON, and a page of figures:
    syn2real plan runs.csv --n n --error err --by model --target 0.25 --budget 2e6 --format json --report out

Verdicts: reachable, the interval of n* ends within the budget; unreachable, the transfer gap is above the target, change the
generator or the model; infeasible, n* is beyond the budget (2^53 without one); undetermined, the data do not say, measure
where the reason names. They rest on intervals, never on the estimate alone.

Exit status: 0 all groups have a verdict; 1 some have none, the others are printed; 2 usage, or the file cannot be read.";

const ALLOCATE_EXAMPLES: &str = "\
Examples:
  The cheapest numbers for an error of 0.3, a real image at fifty times the price of a rendered one:
    syn2real allocate grid.csv --n n --s images --error err --target 0.3 --per-synthetic 0.01 --per-real 0.5
  The least error for 20000, a renderer at 5000 once:
    syn2real allocate grid.csv --n n --s images --error err --n0 free --budget 20000 --fixed-synthetic 5000

With --n0 free and rows of n = 0 it tells how many real samples the pre-training replaces, and from which n it pays. The sizes
count those that are there already. They follow from the fitted law alone: its uncertainty is that of `full` and `plan`.

Exit status: 0 all groups have an answer; 1 some have none, the others are printed; 2 usage, or the file cannot be read.";

const NEXT_EXAMPLES: &str = "\
Examples:
  The measurement that tells most about the samples needed for 0.25, and what it would decide:
    syn2real next runs.csv --n n --error err --by model --target 0.25
  About the gap, of three sizes, each sample at a price:
    syn2real next runs.csv --n n --error err --aim c --candidates 32000,128000,512000 --per-sample 0.001 --fixed 10

`interval shrinks to` is the standard error after the measurement over that before; the choice is the largest decrease of its
logarithm per cost. It is asymptotic: to the quadratic approximation of the fit.

Exit status: 0 all groups have an answer; 1 some have none, the others are printed; 2 usage, or the file cannot be read.";

const COMPARE_EXAMPLES: &str = "\
Examples:
  Which rendering is best with a million images, and do their gaps differ?
    syn2real compare runs.csv --n n --error err --by rendering --at 1e6
  As JSON, with wald intervals at the level 0.9:
    syn2real compare runs.csv --n n --error err --by rendering --level 0.9 --method wald --format json

Intervals of C and alpha hold for all settings together (Bonferroni), p-values for all pairs of a parameter (Holm). A pair is
not tested where a parameter is held or on a bound.

Exit status: 0 all settings compared; 1 some could not be, the others are printed; 2 usage, or the file cannot be read.";

const WATCH_EXAMPLES: &str = "\
Examples:
  A training loop that appends to a file, decisions as they are due:
    syn2real watch runs.csv --n n --error err --target 0.25 --budget 1e6 --follow
  A loop that talks through pipes, a JSON object on each line:
    train.sh | syn2real watch - --n n --error err --target 0.25 --format json

Decisions: measure_more at a size; generate up to a size, the target is within reach; change_setting, no number of samples will
do, or errors drift; stop. A group of --by has a controller of its own. With --follow it ends when every group has come to
stop or change_setting. Cells must not contain line ends.

Exit status: 0 all rows were used; 1 some were not; 2 usage, or the file cannot be read.";

const RATES_EXAMPLES: &str = "\
Examples:
  syn2real rates --r0 0.5 --r1 0.5 --xi 3 --zeta 0
  syn2real rates --r0 0.6 --r1 0.9 --xi 2 --zeta 0.3 --relaxed --format json

The exponents are those of L <= const (c + n^-alpha_floor)^nu s^-beta. A condition that does not hold is listed; the exponents
are then what the row of Table 1 says, without its proof.

Exit status: 0, or 2 for a value outside its range.";

const REPRODUCE_EXAMPLES: &str = "\
Examples:
  syn2real reproduce
  syn2real reproduce --out results/paper

It needs no file and no network: the measurements are in the program. The last line printed is the path of the page.";

/// The scaling law of synthetic-to-real transfer, L(n) = D n^-alpha + C: fitted to measurements by a complete search.
///
/// L is the error after pre-training on n synthetic samples. alpha is the pre-training rate: how fast more synthetic
/// samples help. C is the transfer gap: the error that no number of them removes.
#[derive(Debug, Parser)]
#[command(name = "syn2real", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Fit the law to the measurements in a csv file, a curve for each group of rows.
    #[command(after_help = FIT_EXAMPLES)]
    Fit(Box<FitArgs>),
    /// Fit the law over both sizes, delta (gamma + n^-alpha) s^-beta, and compare it with others.
    #[command(after_help = FULL_EXAMPLES)]
    Full(Box<FullArgs>),
    /// Find the D that all curves share: the paper's iteration of medians, its fixed point, a joint fit.
    #[command(after_help = DECOUPLE_EXAMPLES)]
    Decouple(Box<DecoupleArgs>),
    /// Fit small n, score large n: the law, the power law and the last value.
    #[command(after_help = EXTRAPOLATE_EXAMPLES)]
    Extrapolate(Box<ExtrapolateArgs>),
    /// Whether more synthetic samples reach a target, how many, and how sure that is.
    #[command(after_help = PLAN_EXAMPLES)]
    Plan(Box<PlanArgs>),
    /// Synthetic or real samples: the cheapest numbers of both for a target, or the least error for a sum.
    #[command(after_help = ALLOCATE_EXAMPLES)]
    Allocate(Box<AllocateArgs>),
    /// Where to measure next: which size shrinks the interval most, and what it would decide.
    #[command(after_help = NEXT_EXAMPLES)]
    Next(Box<NextArgs>),
    /// Change the setting or go on: rates, gaps and errors of settings against each other.
    #[command(after_help = COMPARE_EXAMPLES)]
    Compare(Box<CompareArgs>),
    /// Read measurements as they come and say after each what to do next: measure, generate, change the setting, stop.
    #[command(after_help = WATCH_EXAMPLES)]
    Watch(Box<WatchArgs>),
    /// How complex a data set is: the entropy of a Gaussian fitted to activations.
    #[command(after_help = ENTROPY_EXAMPLES)]
    Entropy(EntropyArgs),
    /// Exponents of both sizes that the paper's theory (Appendix E) gives, without any data.
    #[command(after_help = RATES_EXAMPLES)]
    Rates(RatesArgs),
    /// Refit the paper's curves from its authors' measurements: tables, and a page with figures.
    #[command(after_help = REPRODUCE_EXAMPLES)]
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
    #[arg(long, value_name = "LO,HI", value_parser = bounds, allow_hyphen_values = true, help_heading = "Law")]
    pub(crate) alpha: Option<Bounds>,
    /// Bounds of C [default: 0,inf].
    #[arg(long, value_name = "LO,HI", value_parser = bounds, allow_hyphen_values = true, help_heading = "Law")]
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
            alpha: self.alpha.unwrap_or(default.alpha),
            c: self.c.unwrap_or(default.c),
            weights: if scale.sigma.is_some() { Weights::Absolute } else { Weights::Relative },
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
