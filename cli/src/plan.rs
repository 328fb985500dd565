//! `plan`: whether more samples reach a target, how many, and how sure that is; a verdict for each group.
mod page;
pub(crate) mod print;

use std::collections::BTreeMap;
use std::sync::Mutex;

use clap::{Args, ValueEnum};
use syn2real::infer::bootstrap::{BootstrapOptions, replicate};
use syn2real::infer::{Check, Method};
use syn2real::plan::{
    PlanError, PlanOptions, Size, Verdict, samples_for, samples_for_replicates, samples_with_probability,
};
use syn2real::{Confidence, Point, Syn2RealFit, Syn2RealLaw};

use crate::args::{Format, InputArgs, LawArgs, ScaleArgs, ThreadArgs};
use crate::errors::Error;
use crate::fitting::{self, Task};
use crate::group::Curves;
use crate::parallel::Workers;
use crate::table;

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) scale: ScaleArgs,
    #[command(flatten)]
    pub(crate) law: LawArgs,
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
    /// Give a verdict also where the law does not describe the data (p < .01).
    #[arg(long, help_heading = "Question")]
    pub(crate) no_check: bool,
    #[command(flatten)]
    pub(crate) bootstrap: BootstrapArgs,
    /// Tell, too, with how many samples this share of the refits of a bootstrap reaches the target.
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

/// Whether a target is taken as it is.
#[derive(Debug, Args)]
pub(crate) struct AnyTarget {
    /// Take the target as it is, also where it is outside of what the values can be: above 1 for values up to 1, or a
    /// hundredth of values above 1.
    #[arg(long, help_heading = "Question")]
    pub(crate) any_target: bool,
}

/// Groups whose values cannot be asked the question: scores, or values in another unit than the target. They end the command
/// as bad input does.
#[derive(Default)]
pub(crate) struct Refused(Mutex<BTreeMap<usize, String>>);

impl Refused {
    /// What the error means in terms of flags; kept where it refuses the values of the group.
    pub(crate) fn explain(&self, curves: &Curves, group: usize, error: PlanError) -> String {
        let refuses = matches!(error, PlanError::ErrorsRise { .. } | PlanError::TargetScale { .. });
        let text = explain(error);
        if refuses && let Ok(mut kept) = self.0.lock() {
            let title = if curves.by.is_empty() { String::new() } else { format!("{}: ", curves.title(group)) };
            kept.insert(group, format!("{title}{text}"));
        }
        text
    }

    /// The first of them as an error, else what is given.
    pub(crate) fn or(self, all: bool) -> Result<bool, Error> {
        let first = self.0.into_inner().ok().and_then(|kept| kept.into_values().next());
        first.map_or(Ok(all), |text| Err(Error::Option(text)))
    }
}

/// How sure an answer has to be, and how that is found out.
#[derive(Debug, Args)]
pub(crate) struct LevelArgs {
    /// Level of the intervals, between 0 and 1.
    #[arg(long, value_name = "P", default_value_t = 0.95, allow_negative_numbers = true, help_heading = "Question")]
    level: f64,
    /// How intervals are made: profile (F, covers with 7 points), wald (delta method, Student's t), bootstrap (quantiles of
    /// refits to simulated normal noise, at levels that allow for noise that was estimated). On a bound and for a flat
    /// curve the profile answers for wald.
    #[arg(long, value_enum, default_value_t = MethodName::Profile, help_heading = "Question")]
    pub(crate) method: MethodName,
}

/// Names of the methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MethodName {
    Wald,
    Profile,
    Bootstrap,
}

impl MethodName {
    /// The method; that of the intervals beside a bootstrap is the profile.
    pub(crate) fn intervals(self) -> Method {
        if self == MethodName::Wald { Method::Wald } else { Method::Profile }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            MethodName::Wald => "wald",
            MethodName::Profile => "profile",
            MethodName::Bootstrap => "bootstrap",
        }
    }
}

/// What a level must be.
pub(crate) fn confidence(level: f64) -> Result<Confidence, Error> {
    Confidence::new(level)
        .map_err(|_| Error::Option(format!("--level: {level} is none: give a number between 0 and 1, such as 0.95")))
}

impl LevelArgs {
    pub(crate) fn confidence(&self) -> Result<Confidence, Error> {
        confidence(self.level)
    }
}

/// How a bootstrap is drawn.
#[derive(Debug, Args)]
pub(crate) struct BootstrapArgs {
    /// Seed of the random stream of the bootstrap; the same seed gives the same numbers on any number of threads.
    /// [default: 0]
    #[arg(long, value_name = "N", help_heading = "Question")]
    seed: Option<u64>,
    /// Refits of a bootstrap. 1999 leave 50 beyond each end at the level 0.95. [default: 1999]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000), help_heading = "Question")]
    replicates: Option<u32>,
}

impl BootstrapArgs {
    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or(0)
    }

    fn replicates(&self) -> u32 {
        self.replicates.unwrap_or(1999)
    }

    /// A flag of the bootstrap that was given.
    fn given(&self) -> Option<&'static str> {
        self.seed.map(|_| "--seed").or(self.replicates.map(|_| "--replicates"))
    }

    /// Refuses too few replicates for the level: one must lie beyond each end.
    pub(crate) fn check(&self, confidence: Confidence) -> Result<(), Error> {
        let needed = (2.0 / (1.0 - confidence.level()) - 1.0 - 1e-6).ceil();
        if f64::from(self.replicates()) < needed {
            let level = confidence.level();
            return Err(Error::Option(format!(
                "--replicates: the level {level} needs at least {needed}: raise it, or lower --level"
            )));
        }
        Ok(())
    }

    /// The laws of the refits. Each group has a stream of its own, keyed by its name, and its points are drawn in the order
    /// of n: neither the other groups nor the order of the rows changes the numbers.
    pub(crate) fn laws(
        &self,
        curves: &Curves,
        group: usize,
        fit: &Syn2RealFit,
        points: &[Point],
    ) -> Result<Vec<Syn2RealLaw>, String> {
        let options =
            BootstrapOptions { seed: self.seed().wrapping_add(key(curves, group)), ..BootstrapOptions::default() };
        let mut points = points.to_vec();
        points
            .sort_by(|a, b| a.n.total_cmp(&b.n).then(a.error.total_cmp(&b.error)).then(a.weight.total_cmp(&b.weight)));
        let mut laws = vec![fit.law(); self.replicates() as usize];
        replicate(fit, &points, &[], &options, &mut laws).map_err(|e| e.to_string())?;
        laws.retain(|law| law.c.is_finite());
        Ok(laws)
    }
}

/// A number for the name of a group, 0 without group columns: FNV-1a (Fowler, Noll and Vo) from 0, a byte that is in no
/// UTF-8 text behind each cell.
fn key(curves: &Curves, group: usize) -> u64 {
    let cells = curves.group(group).flat_map(|(_, cell)| cell.bytes().chain([0xff]));
    cells.fold(0, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// What came of a group.
struct Planned {
    verdict: Verdict,
    /// Samples with which the share of the refits that was asked for reaches the target.
    sure: Option<Size>,
    /// Whether the law describes the data.
    check: Check,
    /// What the figure shows.
    figure: Option<page::Drawing>,
}

/// A verdict for each group; tells whether all have one.
pub(crate) fn run(args: &PlanArgs) -> Result<bool, Error> {
    let options = args.law.options(&args.scale);
    fitting::check(&options)?;
    let question = question(args)?;
    let workers = Workers::new(args.threads.threads)?;
    let columns = args.input.columns(&args.scale);
    let curves = table::read(&args.input.file, &columns)?;
    let task = Task { curves: &curves, columns: &columns.values, options: &options };
    let refused = Refused::default();
    let results = workers.map("planning", curves.len(), |group| plan(args, &task, &question, &refused, group));
    let notes = notes(args, &question, &options);
    print::print(args, &question, &curves, &results, &notes)?;
    if let Some(dir) = &args.report {
        let path = page::write(dir, args, &question, &curves, &results, &notes)?;
        Error::note(&format!("report: {path}"));
    }
    refused.or(results.iter().all(Result::is_ok))
}

/// Checks what is asked before a long file is read.
fn question(args: &PlanArgs) -> Result<PlanOptions, Error> {
    if !(args.target > 0.0 && args.target < f64::INFINITY) {
        return Err(Error::Option(format!(
            "--target: {} is no error: give a fraction above 0, such as 0.25",
            args.target
        )));
    }
    if let Some(budget) = args.budget.filter(|budget| !(*budget > 0.0 && *budget < f64::INFINITY)) {
        return Err(Error::Option(format!(
            "--budget: {budget} is no number of samples: give one above 0, or leave it out if there is no limit"
        )));
    }
    let confidence = args.level.confidence()?;
    if args.level.method == MethodName::Bootstrap {
        args.bootstrap.check(confidence)?;
    } else if let Some(flag) = args.bootstrap.given().filter(|_| args.probability.is_none()) {
        return Err(Error::Option(format!(
            "{flag}: only --method bootstrap and --probability draw anything: add one or leave {flag} out"
        )));
    }
    if let Some(p) = args.probability {
        if !(p > 0.0 && p < 1.0) {
            return Err(Error::Option(format!(
                "--probability: {p} is none: give a number between 0 and 1, such as 0.9"
            )));
        }
        let needed = (1.0 / p.min(1.0 - p)).ceil();
        if f64::from(args.bootstrap.replicates()) < needed {
            return Err(Error::Option(format!("--replicates: the probability {p} needs at least {needed}: raise it")));
        }
    }
    let (budget, method, check) = (args.budget, args.level.method.intervals(), !args.no_check);
    let any_target = args.any.any_target;
    Ok(PlanOptions { confidence, budget, method, any_target, check, ..PlanOptions::default() })
}

fn notes(args: &PlanArgs, question: &PlanOptions, options: &syn2real::FitOptions) -> Vec<String> {
    let budget =
        args.budget.map_or("no budget, at most 2^53 samples".into(), |budget| format!("budget {}", digits(budget)));
    let level = question.confidence.level();
    let mut method = format!("{} intervals at the level {level}", args.level.method.name());
    if args.level.method == MethodName::Bootstrap {
        method = format!("{method}, {} refits, seed {}", args.bootstrap.replicates(), args.bootstrap.seed());
    }
    if !question.check {
        method = format!("{method}; whether the law describes the data was not asked");
    }
    vec![format!("target {}; {budget}; {method}", digits(args.target)), crate::report::settings(options)]
}

/// A number as the user gave it, with a power of ten where it takes long without.
pub(crate) fn digits(x: f64) -> String {
    if (1e-6..1e16).contains(&x) { format!("{x}") } else { format!("{x:e}") }
}

fn plan(
    args: &PlanArgs,
    task: &Task<'_>,
    question: &PlanOptions,
    refused: &Refused,
    group: usize,
) -> Result<Planned, String> {
    let (fit, points) = task.fit_one(group)?;
    let free = fit.report().fixed.iter().filter(|held| !**held).count();
    // Without freedom there are no residuals to draw, and the verdict is that.
    let verdict = if args.level.method == MethodName::Bootstrap && fit.report().points > free {
        let laws = args.bootstrap.laws(task.curves, group, &fit, &points)?;
        samples_for_replicates(&fit, &laws, args.target, question)
    } else {
        samples_for(&fit, &points, args.target, question)
    };
    let (mut verdict, check) =
        (verdict.map_err(|e| refused.explain(task.curves, group, e))?, fit.check(&points).map_err(|e| e.to_string())?);
    if question.check {
        verdict = verdict.checked(&check);
    }
    let sure = match args.probability.filter(|_| fit.report().points > free) {
        Some(p) => {
            let laws = args.bootstrap.laws(task.curves, group, &fit, &points)?;
            Some(samples_with_probability(&laws, args.target, p).map_err(explain)?)
        }
        None => None,
    };
    let drawn = args.report.is_some() && group < page::FIGURES;
    let figure = drawn.then(|| page::Drawing::new(args, question, &fit, &points, &verdict));
    Ok(Planned { verdict, check, sure, figure })
}

/// What the error means in terms of flags.
pub(crate) fn explain(error: PlanError) -> String {
    match error {
        PlanError::BudgetBelowData { already } => {
            format!("--budget is below what is there already, {already}: raise it to that at least")
        }
        PlanError::BeyondCounts { n_max } => {
            format!("a row has n = {n_max:e}, beyond 2^53 samples: mend it, or give n in a larger unit")
        }
        PlanError::TooFewReplicates { needed, got } => {
            format!("needs {needed} refits at least, {got} succeeded: raise --replicates or lower --level")
        }
        PlanError::Cost { field } => {
            let rule = if field.starts_with("per") { "above 0" } else { "that is not negative" };
            format!("--{}: give a price {rule}, at most 1e290", field.replace('_', "-"))
        }
        PlanError::TargetScale { target, instead } => format!(
            "--target: {target} is outside of what these values can be: give {instead}, or add --any-target if it is meant"
        ),
        PlanError::Size { field } => format!("{field} must be above 0 and at most 2^53: it counts samples"),
        other => other.to_string(),
    }
}
