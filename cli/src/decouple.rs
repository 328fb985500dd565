//! `decouple`: the D that all curves share, by the paper's iteration of medians, at its fixed point, and jointly.
mod found;
mod page;

use std::io::{Write, stdout};

use clap::{Args, ValueEnum};
use serde::Serialize;
use syn2real::decouple::{self, DecoupleError, DecoupleOptions, Identification, MedianRound, STARTS, Stop, Update};
use syn2real::{FitError, FitOptions, Point, Syn2RealFit, Syn2RealLaw};

use crate::args::{CurveArgs, Form};
use crate::errors::Error;
use crate::fitting::{self, Task};
use crate::output::record::{ErrorRecord, FitRecord, Group};
use crate::output::{Head, announce, short, with_error};
use crate::report::settings;

use found::{Found, Pair, SharedRecord, Start, Usable, fits, meaning, stop_words};

/// Evaluations of the map that the search for the fixed point may take; the authors' 29 settings take 13 to 35.
const EVALUATIONS: u32 = 1000;
/// Rounds that the table shows from the start and before the end of the trace.
const SHOWN: usize = 4;

/// Arguments of `decouple`.
#[derive(Debug, Args)]
pub(crate) struct DecoupleArgs {
    #[command(flatten)]
    data: CurveArgs,
    /// Which median alpha the fits for D use: that of the round before, or the one just found.
    #[arg(long, value_enum, default_value_t = UpdateName::Simultaneous, help_heading = "Iteration")]
    update: UpdateName,
    /// D to start from.
    #[arg(long, value_name = "X", default_value_t = 0.5, allow_negative_numbers = true, help_heading = "Iteration")]
    start_d: f64,
    /// alpha to start from.
    #[arg(long, value_name = "X", default_value_t = 0.5, allow_negative_numbers = true, help_heading = "Iteration")]
    start_alpha: f64,
    /// Rounds at most.
    #[arg(long, value_name = "N", default_value_t = 100, help_heading = "Iteration")]
    rounds: u32,
    /// Estimated distance to the fixed point, the larger of |d ln D| and |d alpha|, at which the iteration has converged.
    #[arg(long, value_name = "X", default_value_t = 1e-8, allow_negative_numbers = true, help_heading = "Iteration")]
    tol: f64,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t = Form::Table, help_heading = "Output")]
    format: Form,
    /// Write DIR/index.html with the D, the rounds and a figure for each curve.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    report: Option<String>,
}

/// Names of the updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum UpdateName {
    Simultaneous,
    Sequential,
}

/// The JSON.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Decouple"))]
pub(crate) struct Record<'a> {
    trace: Vec<Pair>,
    /// null where the curves have no answer; the last of the errors says why.
    stop: Option<&'static str>,
    contraction: Option<f64>,
    fixed_point: Option<Pair>,
    verdict: &'static str,
    starts: Vec<Start>,
    fits: Vec<FitRecord<'a>>,
    shared: Option<SharedRecord>,
    errors: Vec<ErrorRecord<'a>>,
}

/// Runs the command; tells whether all curves were used.
pub(crate) fn run(args: &DecoupleArgs) -> Result<bool, Error> {
    let fit = fitting::options(&args.data)?;
    let options = DecoupleOptions {
        fit,
        update: match args.update {
            UpdateName::Simultaneous => Update::Simultaneous,
            UpdateName::Sequential => Update::Sequential,
        },
        start: MedianRound { d: args.start_d, alpha: args.start_alpha },
        tol: args.tol,
        max_rounds: args.rounds,
    };
    for (fixed, name) in [(fit.fixed_d, "--fixed-d"), (fit.fixed_alpha, "--fixed-alpha")] {
        if fixed.is_some() {
            return Err(Error::Option(format!(
                "{name}: it is what this command looks for: leave it out, or use `fit`"
            )));
        }
    }
    let (columns, curves) = args.data.read()?;
    announce(&curves.read, args.format)?;
    let task = Task { curves: &curves, columns: &columns.values, options: &fit };
    let usable = usable(&task, &options);
    let found = match find(&task, &usable, &options) {
        Err(NotFound::Option(text)) => return Err(Error::Option(text)),
        found => found,
    };
    let all = usable.errors.is_empty() && found.is_ok();
    let report = || match (&args.report, &found) {
        (Some(dir), Ok(found)) => page::write(dir, &task, &usable, found, &settings(&options.fit)).map(Some),
        _ => Ok(None),
    };
    let path = report()?;
    let written = match (args.format, found) {
        (Form::Json, found) => json(&task, &usable, found),
        (Form::Table, Ok(found)) => text(&task, &usable, &found, &options),
        (Form::Table, Err(reason)) => nothing(&task, &usable, &reason),
    };
    written.map_err(Error::stdout)?;
    if let Some(path) = path {
        Error::note(&format!("report: {path}"));
    }
    Ok(all)
}

/// Why there is nothing to show.
enum NotFound {
    /// An option is out of its range.
    Option(String),
    /// The curves have no answer.
    Curves(String),
}

impl std::fmt::Display for NotFound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotFound::Option(text) | NotFound::Curves(text) => f.write_str(text),
        }
    }
}

/// Takes the curves that can be fitted with D held; the others are errors of their own.
fn usable(task: &Task<'_>, options: &DecoupleOptions) -> Usable {
    let held = FitOptions { fixed_d: Some(options.start.d), covariance: false, ..options.fit };
    let mut usable = Usable { groups: Vec::new(), points: Vec::new(), errors: Vec::new() };
    for group in 0..task.curves.len() {
        let points = task.points(group);
        let problem = match task.problem(group) {
            Some(problem) => Some(problem),
            None => match Syn2RealLaw::fit_with(&points, &held) {
                Err(e @ (FitError::Point { .. } | FitError::TooFewPoints { .. })) => {
                    Some(task.explain(group, &points, e))
                }
                _ => None,
            },
        };
        match problem {
            Some(problem) => usable.errors.push((group, problem)),
            None => {
                usable.groups.push(group);
                usable.points.push(points);
            }
        }
    }
    usable
}

/// What the error means in terms of flags and groups.
fn explain(task: &Task<'_>, usable: &Usable, error: DecoupleError) -> NotFound {
    match error {
        DecoupleError::BadOption { field: "start" } => NotFound::Option(
            "--start-d and --start-alpha: they must lie within the bounds, D above 0 and finite".into(),
        ),
        DecoupleError::BadOption { field: "max_rounds" } => NotFound::Option("--rounds: give at least 1".into()),
        DecoupleError::BadOption { field: "tol" } => NotFound::Option("--tol: give a finite number above 0".into()),
        DecoupleError::BadOption { field } => {
            NotFound::Option(format!("--{}: {}", field.replace('_', "-"), fitting::rule(field)))
        }
        DecoupleError::Curve { index, source } => {
            let title = usable.groups.get(index).map_or_else(String::new, |group| task.curves.title(*group));
            NotFound::Curves(format!("{title}: {source}"))
        }
        other => NotFound::Curves(other.to_string()),
    }
}

fn find(task: &Task<'_>, usable: &Usable, options: &DecoupleOptions) -> Result<Found, NotFound> {
    if usable.groups.len() < 2 {
        let (used, all) = (usable.groups.len(), task.curves.len());
        return Err(NotFound::Curves(format!(
            "needs at least two curves that share a D, has {used} of {all} that can be used: name the columns that tell \
             curves apart with --by"
        )));
    }
    let curves: Vec<&[Point]> = usable.points.iter().map(Vec::as_slice).collect();
    let mut out = vec![None; curves.len()];
    let mut trace = Vec::new();
    let failed = |e| explain(task, usable, e);
    let plain = decouple::median_iteration_with(&curves, options, &mut out, |round| {
        trace.push(Pair { d: round.d, alpha: round.alpha });
    });
    let plain = plain.map_err(failed)?;
    let mut fits: Vec<Syn2RealFit> = out.iter().copied().flatten().collect();
    let accelerated = DecoupleOptions { max_rounds: EVALUATIONS, ..*options };
    let fixed = decouple::fixed_point(&curves, &accelerated, &mut out).map_err(failed)?;
    let fixed = matches!(fixed.stop, Stop::Converged { .. }).then_some(fixed);
    if fixed.is_some() {
        fits = out.iter().copied().flatten().collect();
    }
    let sensitivity = decouple::sensitivity(&curves, &accelerated, &STARTS, &mut out).map_err(failed)?;
    let starts = STARTS.iter().zip(&sensitivity.ends);
    let starts = starts.map(|(s, end)| Start { start_d: s.d, start_alpha: s.alpha, d: end.d, alpha: end.alpha });
    let shared = decouple::shared_d(&curves, &options.fit, &mut out);
    let (shared, shared_failed) = match shared {
        Ok(shared) => (Some(SharedRecord { d: shared.value, std_error: shared.std_error, cost: shared.cost }), None),
        Err(e) => (None, Some(e.to_string())),
    };
    let starts = starts.collect();
    Ok(Found { trace, plain, fixed, starts, verdict: sensitivity.verdict, fits, shared, shared_failed })
}

fn stop(stop: Stop) -> &'static str {
    match stop {
        Stop::Converged { .. } => "converged",
        Stop::Slow { .. } => "slow",
        Stop::Cycle { .. } => "cycle",
        Stop::Jump => "jump",
        Stop::Rounds => "rounds",
        _ => "unknown",
    }
}

fn verdict(verdict: Identification) -> &'static str {
    match verdict {
        Identification::Identified => "identified",
        Identification::NotIdentified => "not_identified",
    }
}

fn json(task: &Task<'_>, usable: &Usable, found: Result<Found, NotFound>) -> std::io::Result<()> {
    let settings = [settings(task.options)];
    let head = Head::new("decouple", Some(&task.curves.read), &settings);
    let curves = task.curves;
    let errors = usable.errors.iter().map(|(group, error)| ErrorRecord { group: Group(curves, *group), error });
    let mut errors: Vec<ErrorRecord<'_>> = errors.collect();
    let found = match found {
        Ok(found) => found,
        Err(reason) => {
            let error = reason.to_string();
            // No group is to blame.
            errors.push(ErrorRecord { group: Group::none(curves), error: &error });
            let record = Record {
                trace: Vec::new(),
                stop: None,
                contraction: None,
                fixed_point: None,
                verdict: verdict(Identification::NotIdentified),
                starts: Vec::new(),
                fits: Vec::new(),
                shared: None,
                errors,
            };
            return head.print(&record, &[]);
        }
    };
    let fits = usable.groups.iter().zip(&usable.points).zip(&found.fits);
    let fits =
        fits.map(|((group, points), fit)| FitRecord::new(curves, *group, fit, points, task.excluded(*group, points)));
    let record = Record {
        trace: found.trace,
        stop: Some(stop(found.plain.stop)),
        contraction: found.plain.contraction,
        fixed_point: found.fixed.map(|fixed| Pair { d: fixed.d, alpha: fixed.alpha }),
        verdict: verdict(found.verdict),
        starts: found.starts,
        fits: fits.collect(),
        shared: found.shared,
        errors,
    };
    head.print(&record, &[])
}

/// The reason, and what is wrong with each curve that was left out.
fn nothing(task: &Task<'_>, usable: &Usable, reason: &NotFound) -> std::io::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "no result: {reason}")?;
    for (group, error) in &usable.errors {
        writeln!(out, "not fitted: {}: {error}", task.curves.title(*group))?;
    }
    out.flush()
}

fn text(task: &Task<'_>, usable: &Usable, found: &Found, options: &DecoupleOptions) -> std::io::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{} curves; {}", usable.groups.len(), settings(&options.fit))?;
    writeln!(out, "\nround  median D      median alpha")?;
    let all = found.trace.len();
    for (k, pair) in found.trace.iter().enumerate() {
        if k == SHOWN && all > 2 * SHOWN {
            writeln!(out, "  ...")?;
        }
        if k < SHOWN || k + SHOWN >= all {
            writeln!(out, "{:5}  {:<12.9}  {:.9}", k + 1, pair.d, pair.alpha)?;
        }
    }
    writeln!(out, "\niteration    {}", stop_words(found.plain.stop))?;
    if let Some(contraction) = found.plain.contraction {
        writeln!(out, "contraction  a round leaves {} of the distance to the fixed point", short(contraction))?;
    }
    match found.fixed {
        Some(fixed) => writeln!(
            out,
            "fixed point  D {:.9}, alpha {:.9}, found in {} evaluations of the map",
            fixed.d, fixed.alpha, fixed.evaluations
        )?,
        None => writeln!(out, "fixed point  none was found from this start")?,
    }
    for start in &found.starts {
        writeln!(
            out,
            "start        D {}, alpha {}: ends at D {:.6}, alpha {:.6}",
            start.start_d, start.start_alpha, start.d, start.alpha
        )?;
    }
    writeln!(out, "verdict      {}", meaning(found))?;
    match (&found.shared, &found.shared_failed) {
        (Some(shared), _) => {
            let d = shared.std_error.map_or(short(shared.d), |error| {
                format!("{}, the standard error by the delta method,", with_error(shared.d, error))
            });
            writeln!(out, "shared D     {d} by joint least squares, cost {}", short(shared.cost))?;
        }
        (None, Some(reason)) => writeln!(out, "shared D     none: {reason}")?,
        _ => {}
    }
    let at = if found.fixed.is_some() { "at the fixed point" } else { "after the last round" };
    writeln!(out, "\nEvery curve with D held {at}:\n")?;
    let table = fits(task, usable, found);
    writeln!(out, "{}", table.table.text())?;
    for line in table.below() {
        writeln!(out, "{line}")?;
    }
    out.flush()
}
