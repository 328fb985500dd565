//! `allocate`: synthetic or real samples? The cheapest pair for a target, or the least error for a budget.
use std::io::{BufWriter, Write, stdout};

use clap::Args;
use serde::Serialize;
use syn2real::plan::allocate::{AllocateOptions, Allocation, Cheapest, Costs, best_error, cheapest};
use syn2real::plan::{PlanError, break_even, effective_real_data};
use syn2real::{Bounds, FullFit, FullLaw, FullOptions, GridPoint};

use crate::args::{InputArgs, ScaleArgs, ThreadArgs, bounds};
use crate::errors::Error;
use crate::full::{self, FullLawArgs};
use crate::group::Curves;
use crate::output::record::{ErrorRecord, Group};
use crate::output::text::TextTable;
use crate::output::{counted, short};
use crate::parallel::Workers;
use crate::plan::explain;
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
    law: FullLawArgs,
    /// The error to reach at the least cost, a fraction such as 0.25.
    #[arg(long, value_name = "X", allow_negative_numbers = true, help_heading = "Question")]
    target: Option<f64>,
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
    threads: ThreadArgs,
    /// How the results are printed.
    #[arg(long, value_enum, default_value_t = Form::Table, help_heading = "Output")]
    format: Form,
}

/// An answer for a group.
struct Found {
    fit: FullFit,
    verdict: &'static str,
    allocation: Option<Allocation>,
    /// Real samples that the pre-training of the allocation is worth; `None` if the law has no error without it.
    worth: Option<f64>,
    /// Smallest n whose pre-training pays at the s of the allocation.
    pays_from: Option<f64>,
}

impl Found {
    /// n and s of the allocation over the largest ones measured.
    fn beyond(&self) -> Option<[f64; 2]> {
        let report = self.fit.report();
        self.allocation.map(|a| [a.n / report.n_max, a.s / report.s_max])
    }
}

#[derive(Serialize)]
struct PlanRecord<'a> {
    group: Group<'a>,
    verdict: &'static str,
    n: Option<f64>,
    s: Option<f64>,
    error: Option<f64>,
    cost: Option<f64>,
    /// The sizes over the largest ones measured: above 1 the answer extrapolates.
    n_over_measured: Option<f64>,
    s_over_measured: Option<f64>,
    replaced_real: Option<f64>,
    pays_from: Option<f64>,
}

#[derive(Serialize)]
struct Record<'a> {
    plans: Vec<PlanRecord<'a>>,
    errors: Vec<ErrorRecord<'a>>,
}

/// An allocation for each group; tells whether all could be fitted.
pub(crate) fn run(args: &AllocateArgs) -> Result<bool, Error> {
    let options = args.law.options(&args.scale);
    full::check(&options)?;
    let question = question(args)?;
    let workers = Workers::new(args.threads.threads)?;
    let mut columns = args.input.columns(&args.scale);
    let s_column = columns.values.len();
    columns.values.push(args.s.clone());
    let curves = table::read(&args.input.file, &columns)?;
    let results = workers.map("fitting", curves.len(), |group| {
        if let Some(problem) = curves.problem(group) {
            return Err(format!("line {}, {}", problem.line, problem.text));
        }
        let point = |row| full::point(&curves, s_column, &options, row);
        let points: Vec<GridPoint> = curves.rows(group).map(point).collect();
        let fit = FullLaw::fit_with(&points, &options)
            .map_err(|e| full::explain(&curves, &columns.values, s_column, group, e))?;
        allocate(args, &question, fit).map_err(refused)
    });
    let written = match args.format {
        Form::Json => json(&curves, &results),
        Form::Table => text(args, &options, &curves, &results),
    };
    written.map_err(Error::stdout)?;
    Ok(results.iter().all(Result::is_ok))
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

fn allocate(args: &AllocateArgs, options: &AllocateOptions, fit: FullFit) -> Result<Found, PlanError> {
    let law = fit.law();
    let (verdict, allocation) = match (args.target, args.budget) {
        (Some(target), _) => match cheapest(&law, target, options)? {
            Cheapest::Reachable(allocation) => ("cheapest", Some(allocation)),
            Cheapest::Unreachable { .. } => ("unreachable", None),
            _ => ("infeasible", None),
        },
        (_, budget) => ("least_error", Some(best_error(&law, budget.unwrap_or_default(), options)?)),
    };
    // A law without n0 has no error without pre-training: nothing to compare with.
    let worth = allocation.and_then(|a| Some((a, effective_real_data(&law, a.n, a.s).ok()?)));
    let pays_from = allocation.and_then(|a| break_even(&law, a.s, &options.costs).ok()?.first);
    Ok(Found {
        fit,
        verdict,
        allocation,
        worth: worth.and_then(|(a, data)| Some(data.size.finite()? - a.s)),
        pays_from,
    })
}

fn json(curves: &Curves, results: &[Result<Found, String>]) -> std::io::Result<()> {
    let plans = results.iter().enumerate().filter_map(|(k, result)| Some((k, result.as_ref().ok()?)));
    let plans = plans.map(|(k, found)| PlanRecord {
        group: Group(curves, k),
        verdict: found.verdict,
        n: found.allocation.map(|a| a.n),
        s: found.allocation.map(|a| a.s),
        error: found.allocation.map(|a| a.error),
        cost: found.allocation.map(|a| a.cost),
        n_over_measured: found.beyond().map(|[n, _]| n),
        s_over_measured: found.beyond().map(|[_, s]| s),
        replaced_real: found.worth,
        pays_from: found.pays_from,
    });
    let record = Record { plans: plans.collect(), errors: ErrorRecord::all(curves, results) };
    let mut out = BufWriter::new(stdout().lock());
    serde_json::to_writer(&mut out, &record)?;
    writeln!(out)?;
    out.flush()
}

fn text(
    args: &AllocateArgs,
    options: &FullOptions,
    curves: &Curves,
    results: &[Result<Found, String>],
) -> std::io::Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    let names = [
        "group",
        "verdict",
        "n synthetic",
        "s real",
        "error",
        "cost",
        "n / n_max",
        "s / s_max",
        "real replaced",
        "pays from n",
        "rms of the fit",
    ];
    let mut table = TextTable::of(&names, 2);
    for (group, found) in results.iter().enumerate().filter_map(|(k, r)| Some((k, r.as_ref().ok()?))) {
        let of = |value: fn(Allocation) -> f64| found.allocation.map(value);
        let maybe = |x: Option<f64>, text: fn(f64) -> String| x.map_or("-".into(), text);
        table.rows.push(vec![
            curves.title(group),
            found.verdict.into(),
            maybe(of(|a| a.n), counted),
            maybe(of(|a| a.s), counted),
            maybe(of(|a| a.error), short),
            maybe(of(|a| a.cost), short),
            maybe(found.beyond().map(|[n, _]| n), short),
            maybe(found.beyond().map(|[_, s]| s), short),
            maybe(found.worth, counted),
            maybe(found.pays_from, counted),
            short(found.fit.report().rms),
        ]);
    }
    if !table.rows.is_empty() {
        writeln!(out, "{}", table.text())?;
    }
    for (group, found) in results.iter().enumerate().filter_map(|(k, r)| Some((k, r.as_ref().ok()?))) {
        if let Some([n, s]) = found.beyond().filter(|sizes| sizes.iter().any(|x| *x > 1.0)) {
            let (name, n, s) = (curves.title(group), short(n), short(s));
            writeln!(
                out,
                "beyond the data: {name}: n is {n} and s {s} times the largest measured; measure there first"
            )?;
        }
    }
    for (group, error) in results.iter().enumerate().filter_map(|(k, r)| Some((k, r.as_ref().err()?))) {
        writeln!(out, "no allocation: {}: {error}", curves.title(group))?;
    }
    let wish = match (args.target, args.budget) {
        (Some(target), _) => format!("least cost for the error {target}"),
        (_, budget) => format!("least error for {}", budget.unwrap_or_default()),
    };
    writeln!(
        out,
        "{wish}; {} per synthetic and {} per real sample, {} once for pre-training, {} once",
        args.per_synthetic, args.per_real, args.fixed_synthetic, args.fixed
    )?;
    writeln!(
        out,
        "the estimate of the fitted law alone, without an interval: delta (gamma + (n + n0)^-alpha) s^-beta + E; {}",
        full::print::settings(options)
    )?;
    out.flush()
}
