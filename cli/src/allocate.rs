//! `allocate`: synthetic or real samples? The cheapest pair for a target, or the least error for a budget.
mod print;
mod refits;

use clap::{Args, ValueEnum};
use syn2real::compare::{EitherFit, LawChoice, PreferOptions, Preferred, preferred};
use syn2real::plan::allocate::{AllocateOptions, Allocation, Cheapest, Costs, best_error, cheapest};
use syn2real::plan::{PlanError, PlanOptions, break_even, check_grid, effective_real_data};
use syn2real::{Bounds, FullLaw, GridFit, GridLaw, GridPoint};

use crate::args::{InputArgs, ScaleArgs, ThreadArgs, bounds};
use crate::errors::Error;
use crate::full::{self, FullLawArgs};
use crate::parallel::Workers;
use crate::plan::{AnyTarget, Refused, explain};
use crate::rates::Form;
use crate::table;

/// Arguments of `allocate`.
#[derive(Debug, Args)]
pub(crate) struct AllocateArgs {
    #[command(flatten)]
    input: InputArgs,
    /// Column of s, the number of fine-tuning samples.
    #[arg(long, value_name = "COL", help_heading = "Columns and rows")]
    s: String,
    #[command(flatten)]
    scale: ScaleArgs,
    #[command(flatten)]
    fit: FullLawArgs,
    /// Which law answers: auto, the one that the data prefer by AICc, full, or additive, A n^-alpha + B s^-beta + E.
    #[arg(long, value_enum, default_value_t = LawName::Auto, help_heading = "Question")]
    law: LawName,
    /// The error to reach at the least cost, a fraction such as 0.25.
    #[arg(long, value_name = "X", allow_negative_numbers = true, help_heading = "Question")]
    target: Option<f64>,
    #[command(flatten)]
    any: AnyTarget,
    /// What can be spent on the least error, in the unit of the prices.
    #[arg(long, value_name = "X", allow_negative_numbers = true, conflicts_with = "target", help_heading = "Question")]
    budget: Option<f64>,
    /// Price of a synthetic sample.
    #[arg(long, value_name = "X", default_value_t = 1.0, allow_negative_numbers = true, help_heading = "Prices")]
    per_synthetic: f64,
    /// Price of a real sample.
    #[arg(long, value_name = "X", default_value_t = 1.0, allow_negative_numbers = true, help_heading = "Prices")]
    per_real: f64,
    /// Paid once if there is any pre-training.
    #[arg(long, value_name = "X", default_value_t = 0.0, allow_negative_numbers = true, help_heading = "Prices")]
    fixed_synthetic: f64,
    /// Paid once in any case.
    #[arg(long, value_name = "X", default_value_t = 0.0, allow_negative_numbers = true, help_heading = "Prices")]
    fixed: f64,
    /// Synthetic samples: those that are there and the most there can be [default: 0,2^53].
    #[arg(long, value_name = "LO,HI", value_parser = bounds, allow_hyphen_values = true, help_heading = "Question")]
    n_range: Option<Bounds>,
    /// Real samples: those that are there and the most there can be [default: 0,2^53].
    #[arg(long, value_name = "LO,HI", value_parser = bounds, allow_hyphen_values = true, help_heading = "Question")]
    s_range: Option<Bounds>,
    #[command(flatten)]
    refits: refits::RefitArgs,
    #[command(flatten)]
    threads: ThreadArgs,
    /// How the results are printed.
    #[arg(long, value_enum, default_value_t = Form::Table, help_heading = "Output")]
    format: Form,
}

/// Names of the laws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LawName {
    Auto,
    Full,
    Additive,
}

/// An answer for a group.
struct Found {
    preferred: Preferred,
    verdict: &'static str,
    allocation: Option<Allocation>,
    /// Real samples that the pre-training of the allocation is worth; `None` if the law has no error without it.
    worth: Option<f64>,
    /// Smallest n whose pre-training pays at the s of the allocation.
    pays_from: Option<f64>,
    /// What refits say of it.
    refits: Option<refits::Told>,
    /// Root mean square of the residuals, the largest n and s measured.
    rms: f64,
    measured: [f64; 2],
}

impl Found {
    /// n and s of the allocation over the largest ones measured.
    fn beyond(&self) -> Option<[f64; 2]> {
        let [n_max, s_max] = self.measured;
        self.allocation.map(|a| [a.n / n_max, a.s / s_max])
    }
}

/// An allocation for each group; tells whether all could be fitted.
pub(crate) fn run(args: &AllocateArgs) -> Result<bool, Error> {
    let options = args.fit.options(&args.scale);
    full::check(&options)?;
    let question = question(args)?;
    args.refits.check(args.target.is_some(), &options)?;
    let law = match args.law {
        LawName::Auto => LawChoice::Auto,
        LawName::Full => LawChoice::Full,
        LawName::Additive => LawChoice::Additive,
    };
    let choice = PreferOptions { law, ..PreferOptions::of(&options) };
    let workers = Workers::new(args.threads.threads)?;
    let mut columns = args.input.columns(&args.scale);
    let s_column = columns.values.len();
    columns.values.push(args.s.clone());
    let curves = table::read(&args.input.file, &columns)?;
    let (refused_values, values) =
        (Refused::default(), PlanOptions { any_target: args.any.any_target, ..PlanOptions::default() });
    let results = workers.map("fitting", curves.len(), |group| {
        if let Some(problem) = curves.problem(group) {
            return Err(format!("line {}, {}", problem.line, problem.text));
        }
        let point = |row| full::point(&curves, s_column, &options, row);
        let points: Vec<GridPoint> = curves.rows(group).map(point).collect();
        check_grid(&points, args.target, &values).map_err(|e| refused_values.explain(&curves, group, e))?;
        let law =
            preferred(&points, &choice).map_err(|e| full::explain(&curves, &columns.values, s_column, group, e))?;
        match &law.fit {
            EitherFit::Full(fit) => {
                let mut found = allocate(args, &question, &law, fit, &points)?;
                // A law without n0 has no error without pre-training: nothing to compare with.
                let worth =
                    found.allocation.and_then(|a| effective_real_data(&fit.law(), a.n, a.s).ok()?.size.finite());
                found.worth = worth.zip(found.allocation).map(|(size, a)| size - a.s);
                found.pays_from =
                    found.allocation.and_then(|a| break_even(&fit.law(), a.s, &question.costs).ok()?.first);
                Ok(found)
            }
            EitherFit::Additive(fit) => allocate(args, &question, &law, fit, &points),
            _ => Err("no law".into()),
        }
    });
    let written = match args.format {
        Form::Json => print::json(&curves, &results),
        Form::Table => print::text(args, &options, &curves, &results),
    };
    written.map_err(Error::stdout)?;
    refused_values.or(results.iter().all(Result::is_ok))
}

/// Checks what is asked on a law that nothing is wrong with, before a long file is read.
fn question(args: &AllocateArgs) -> Result<AllocateOptions, Error> {
    let costs = Costs {
        per_synthetic: args.per_synthetic,
        per_real: args.per_real,
        fixed_synthetic: args.fixed_synthetic,
        fixed: args.fixed,
    };
    let default = AllocateOptions::default();
    let (n, s) = (args.n_range.unwrap_or(default.n), args.s_range.unwrap_or(default.s));
    let options = AllocateOptions { costs, n, s };
    let law = FullLaw { delta: 40.0, gamma: 0.5, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
    let tried = match (args.target, args.budget) {
        (Some(target), _) => cheapest(&law, target, &options).err(),
        (_, Some(budget)) => best_error(&law, budget, &options).err(),
        _ => return Err(Error::Option("--target or --budget: say what is wanted".into())),
    };
    match tried {
        Some(PlanError::Target) => Err(Error::Option("--target: give a finite error above 0, such as 0.25".into())),
        Some(PlanError::Budget) => Err(Error::Option("--budget: give a finite sum above 0".into())),
        Some(PlanError::Contradiction { field }) => {
            Err(Error::Option(format!("--{field}-range: give two counts in order, up to 2^53, the second above 0")))
        }
        Some(e @ (PlanError::Cost { .. } | PlanError::BudgetBelowData { .. })) => Err(Error::Option(refused(e))),
        _ => Ok(options),
    }
}

/// What the error means in terms of flags.
fn refused(error: PlanError) -> String {
    match error {
        PlanError::BudgetBelowData { already } => format!(
            "--budget pays for no samples: {already} goes to fixed costs and what --n-range and --s-range begin with; give more"
        ),
        other => explain(other),
    }
}

fn allocate<L: GridLaw, const P: usize>(
    args: &AllocateArgs,
    options: &AllocateOptions,
    preferred: &Preferred,
    fit: &GridFit<L, P>,
    points: &[GridPoint],
) -> Result<Found, String> {
    let (law, report) = (fit.law(), fit.report());
    let laws = args.refits.laws(fit, points)?;
    let answer = match (args.target, args.refits.probability) {
        (Some(target), None) => cheapest(&law, target, options),
        (Some(target), Some(p)) => refits::safe(&laws, target, p, options),
        (None, _) => best_error(&law, args.budget.unwrap_or_default(), options).map(Cheapest::Reachable),
    };
    let (verdict, allocation) = match answer.map_err(refused)? {
        Cheapest::Reachable(allocation) if args.target.is_some() => ("cheapest", Some(allocation)),
        Cheapest::Reachable(allocation) => ("least_error", Some(allocation)),
        Cheapest::Unreachable { .. } => ("unreachable", None),
        _ => ("infeasible", None),
    };
    let told = match (args.target, allocation) {
        (Some(target), Some(a)) => args.refits.told(&laws, target, &a, options)?,
        _ => None,
    };
    Ok(Found {
        preferred: *preferred,
        verdict,
        allocation,
        worth: None,
        pays_from: None,
        refits: told,
        rms: report.rms,
        measured: [report.n_max, report.s_max],
    })
}
