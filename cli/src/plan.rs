//! `plan`: whether more samples reach a target, how many, and how sure that is; a verdict for each group.
mod args;
mod page;
mod print;

use syn2real::infer::MadeBy;
use syn2real::plan::{Basis, PlanOptions, assurance, samples_for, samples_for_replicates, samples_with_probability};

use crate::errors::Error;
use crate::fitting::{self, Task};
use crate::group::Curves;
use crate::oddity::oddities;
use crate::output::{announce, done};
use crate::parallel::Workers;
use crate::question::{self, MethodName, Refused, answered_by, digits, explain};
use crate::report::groups::FIGURES;

pub(crate) use args::PlanArgs;
pub(crate) use page::{plot, write as write_page};
pub(crate) use print::Planned;
#[cfg(test)]
pub(crate) use print::Record as Plans;

/// A verdict for each group; tells whether all have one.
pub(crate) fn run(args: &PlanArgs) -> Result<bool, Error> {
    let options = fitting::options(&args.data)?;
    let question = question(args)?;
    let workers = Workers::new(args.threads.threads)?;
    let (columns, curves) = args.data.read()?;
    args.reach.resolve(&curves.read, args.any.any_target)?;
    announce(&curves.read, args.format)?;
    let task = Task { curves: &curves, columns: &columns.values, options: &options };
    let refused = Refused::default();
    let results = workers.map("planning", curves.len(), |group| plan(args, &task, &question, &refused, group));
    let by = answered_by(done(&results).map(|(_, planned)| &planned.verdict));
    let notes = notes(args, &curves, &question, &options, by);
    print::print(args, &question, &curves, &results, &notes)?;
    if let Some(dir) = &args.report {
        let path = page::write(dir, args, &question, &curves, &results, &notes)?;
        Error::note(&format!("report: {path}"));
    }
    refused.or(results.iter().all(Result::is_ok))
}

/// Checks what is asked before a long file is read.
pub(crate) fn question(args: &PlanArgs) -> Result<PlanOptions, Error> {
    args.reach.require()?;
    if let Some(budget) = args.budget.filter(|budget| !(*budget > 0.0 && *budget < f64::INFINITY)) {
        return Err(Error::Option(format!(
            "--budget: {budget} is no number of samples: give one above 0, or leave it out if there is no limit"
        )));
    }
    if !(args.assurance > 0.0 && args.assurance < 1.0) {
        return Err(Error::Option(format!(
            "--assurance: {} is no probability: give a number between 0 and 1, such as 0.9",
            args.assurance
        )));
    }
    let confidence = args.level.confidence()?;
    args.basis.check(&args.data.law, args.level.method)?;
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
    let basis = args.basis.basis();
    Ok(PlanOptions { confidence, budget, method, any_target, check, basis, ..PlanOptions::default() })
}

/// What the verdicts rest on.
pub(crate) fn notes(
    args: &PlanArgs,
    curves: &Curves,
    question: &PlanOptions,
    options: &syn2real::FitOptions,
    by: [bool; 2],
) -> Vec<String> {
    let budget =
        args.budget.map_or("no budget, at most 2^53 samples".into(), |budget| format!("budget {}", digits(budget)));
    let level = question.confidence.level();
    let mut method = format!("{} intervals at the level {level}", args.level.method.name());
    if args.level.method == MethodName::Bootstrap {
        method = format!("{method}, {} refits, seed {}", args.bootstrap.replicates(), args.bootstrap.seed());
    }
    match (question.basis, by) {
        (Basis::Forecast, _) | (_, [false, true]) => method = format!("bands of the forecast at the level {level}"),
        (_, [true, true]) => method = format!("{method}; of the forecast its bands at that level"),
        _ => {}
    }
    if !question.check {
        method = format!("{method}; whether the law describes the data was not asked");
    }
    let first = format!("target {}; {budget}; {method}", curves.read.target(args.target()));
    let law = crate::report::settings(options);
    let (seed, refits) = (args.bootstrap.seed(), args.bootstrap.replicates());
    // Whatever gives the verdict, a share of refits is of law (1).
    let sure = args.probability.filter(|_| question.basis == Basis::Forecast);
    let sure = sure.map(|_| format!("probability: {refits} refits of law (1), seed {seed}; {law}"));
    [first].into_iter().chain(question::settings(question.basis, by, &law)).chain(sure).collect()
}

/// The verdict on one group.
pub(crate) fn plan(
    args: &PlanArgs,
    task: &Task<'_>,
    question: &PlanOptions,
    refused: &Refused,
    group: usize,
) -> Result<Planned, String> {
    let (fit, points) = task.fit_one(group)?;
    let free = fit.report().fixed.iter().filter(|held| !**held).count();
    let check = fit.check(&points).map_err(|e| e.to_string())?;
    // The refits are of law (1): they answer where that does.
    let is_by_law = match question.basis {
        Basis::Forecast => false,
        Basis::Auto => check.describes() || !question.check,
        _ => true,
    };
    let explain_all = |e| refused.explain(task.curves, group, e);
    let by_intervals = || samples_for(&fit, &points, args.target(), question).map_err(explain_all);
    // Without freedom there are no residuals to draw, and the verdict is that.
    let verdict = if args.level.method == MethodName::Bootstrap && fit.report().points > free {
        let by_refits = || {
            let laws = args.bootstrap.laws(task.curves, group, &fit, &points)?;
            let verdict = samples_for_replicates(&fit, &laws, args.target(), question).map_err(explain_all)?;
            Ok::<_, String>(if question.check { verdict.checked(&check) } else { verdict })
        };
        match is_by_law {
            true => by_refits()?,
            // The forecast has no refits; where it does not answer either, the intervals are theirs.
            false => match by_intervals()? {
                verdict if verdict.method() == Some(MadeBy::Forecast) => verdict,
                _ => by_refits()?,
            },
        }
    } else {
        by_intervals()?
    };
    let assured = assurance(&fit, &points, args.target(), args.assurance, question).map_err(explain_all)?;
    let sure = match args.probability.filter(|_| fit.report().points > free) {
        Some(p) => {
            let laws = args.bootstrap.laws(task.curves, group, &fit, &points)?;
            Some(samples_with_probability(&laws, args.target(), p).map_err(explain)?)
        }
        None => None,
    };
    let drawn = args.report.is_some() && group < FIGURES;
    let title = || task.curves.title(group);
    let figure = drawn.then(|| page::draw(args, question, task.curves, &title(), (&fit, &points), &verdict));
    let odd = oddities(task, group, &fit, &points);
    Ok(Planned { verdict, check, assured, sure, odd, figure })
}
