//! `allocate`: synthetic or real samples? The cheapest pair for a target, or the least error for a budget.
mod args;
mod page;
mod print;
mod refits;

use syn2real::compare::{EitherFit, LawChoice, PreferOptions, Preferred, preferred};
use syn2real::plan::allocate::{AllocateOptions, Cheapest, Costs, best_error, cheapest};
use syn2real::plan::{PlanError, PlanOptions, break_even, check_grid, effective_real_data};
use syn2real::{FullLaw, GridFit, GridLaw, GridPoint};

use crate::args::{Form, N};
use crate::errors::Error;
use crate::full;
use crate::output::announce;
use crate::parallel::Workers;
use crate::question::{Refused, explain};

pub(crate) use args::AllocateArgs;
use args::LawName;
use print::Found;
#[cfg(test)]
pub(crate) use print::Record as Allocations;

/// An allocation for each group; tells whether all could be fitted.
pub(crate) fn run(args: &AllocateArgs) -> Result<bool, Error> {
    let options = args.fit.options(&args.data.scale);
    full::check(&options)?;
    let question = question(args)?;
    args.refits.check(args.target.is_given(), &options)?;
    let law = match args.law {
        LawName::Auto => LawChoice::Auto,
        LawName::Full => LawChoice::Full,
        LawName::Additive => LawChoice::Additive,
    };
    let choice = PreferOptions { law, ..PreferOptions::of(&options) };
    let workers = Workers::new(args.threads.threads)?;
    let (columns, s_column, curves) = args.data.read()?;
    args.target.resolve(&curves.read, args.any.any_target)?;
    announce(&curves.read, args.format)?;
    let (refused_values, values) =
        (Refused::default(), PlanOptions { any_target: args.any.any_target, ..PlanOptions::default() });
    let results = workers.map("fitting", curves.len(), |group| {
        if let Some(problem) = curves.problem(group) {
            return Err(format!("line {}, {}", problem.line, problem.text));
        }
        let point = |row| full::point(&curves, s_column, &options, row);
        let points: Vec<GridPoint> = curves.rows(group).map(point).collect();
        check_grid(&points, args.target.error(), &values).map_err(|e| refused_values.explain(&curves, group, e))?;
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
        Form::Json => print::json(&curves, &options, &results),
        Form::Table => print::text(args, &options, &curves, &results),
    };
    written.map_err(Error::stdout)?;
    if let Some(dir) = &args.report {
        let sizes = |row| (curves.value(N, row), curves.value(s_column, row));
        let measured = |group| curves.rows(group).map(sizes).collect();
        let path = page::write(dir, args, &curves, &results, &options, measured)?;
        Error::note(&format!("report: {path}"));
    }
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
    let tried = match (args.target.error(), args.budget) {
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
    let answer = match (args.target.error(), args.refits.probability) {
        (Some(target), None) => cheapest(&law, target, options),
        (Some(target), Some(p)) => refits::safe(&laws, target, p, options),
        (None, _) => best_error(&law, args.budget.unwrap_or_default(), options).map(Cheapest::Reachable),
    };
    let (verdict, allocation) = match answer.map_err(refused)? {
        Cheapest::Reachable(allocation) if args.target.is_given() => ("cheapest", Some(allocation)),
        Cheapest::Reachable(allocation) => ("least_error", Some(allocation)),
        Cheapest::Unreachable { .. } => ("unreachable", None),
        _ => ("infeasible", None),
    };
    let told = match (args.target.error(), allocation) {
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
