//! The verdicts as JSON, csv and text.
use std::io::{BufWriter, Write, stdout};

use serde::Serialize;
use syn2real::infer::{Check, MadeBy};
use syn2real::plan::{Assurance, PlanOptions, Reason, Size, Verdict};

use crate::args::Format;
use crate::errors::Error;
use crate::group::Curves;
use crate::oddity::{Note, below, sentences};
use crate::output::record::{CheckRecord, ErrorRecord, Group, IntervalRecord};
use crate::output::text::TextTable;
use crate::output::{Head, counted, done, failed, interval, place, short};
use crate::question::{MethodName, answered, basis_name};
use crate::report::figure::Legend;

use super::args::PlanArgs;

/// What came of a group.
pub(crate) struct Planned {
    pub(crate) verdict: Verdict,
    /// The samples that reach the target with a probability.
    pub(crate) assured: Assurance,
    /// Samples with which the share of the refits that was asked for reaches the target.
    pub(super) sure: Option<Size>,
    /// Whether the law describes the data.
    pub(crate) check: Check,
    /// What is odd about its rows.
    pub(crate) odd: Vec<Note>,
    /// The figure, an SVG element, and its legend.
    pub(super) figure: Option<(String, Vec<Legend>)>,
}

type Results = [Result<Planned, String>];

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PlanRecord<'a> {
    group: Group<'a>,
    verdict: &'static str,
    n: IntervalRecord,
    /// What no number of samples removes, C, at the same level and by the same method.
    c: IntervalRecord,
    target: f64,
    level: f64,
    method: &'static str,
    reason: String,
    /// What answered, `law` or `forecast`, and why.
    basis: &'static str,
    basis_reason: String,
    assurance: AssuranceRecord,
    check: CheckRecord,
    /// Where a measurement would tell most; null where the verdict is certain.
    measure_at: Option<f64>,
    /// With how many samples the share of the refits that was asked for reaches the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    with_probability: Option<SureRecord>,
}

/// n is null where no size below 2^53 is known to have the probability.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct AssuranceRecord {
    probability: f64,
    n: Option<f64>,
}

/// n is null where it is more than 2^53, or where fewer of the refits reach the target at all.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SureRecord {
    probability: f64,
    n: Option<f64>,
    is_reached: bool,
}

/// The samples of a share of the refits, as text.
fn sure(size: Size) -> String {
    match size {
        Size::At(n) => counted(n),
        Size::Beyond => "beyond 2^53".into(),
        Size::Never => "never".into(),
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Plan"))]
pub(crate) struct Record<'a> {
    plans: Vec<PlanRecord<'a>>,
    errors: Vec<ErrorRecord<'a>>,
}

/// How the intervals of the verdict were made.
fn method(args: &PlanArgs, verdict: &Verdict) -> &'static str {
    match verdict.method() {
        Some(MadeBy::Profile) => MethodName::Profile.name(),
        Some(MadeBy::Forecast) => "forecast",
        _ => args.level.method.name(),
    }
}

/// The reason with the place to measure, and that the profile answers where another method was asked for.
fn explained(args: &PlanArgs, verdict: &Verdict) -> String {
    let (reason, method) = (reason(verdict), method(args, verdict));
    if method == args.level.method.name() {
        reason
    } else if method == "forecast" {
        format!("{reason} (by the forecast)")
    } else {
        format!("{reason} ({method} intervals: on a bound, or flat)")
    }
}

/// The reason with the place to measure.
pub(super) fn reason(verdict: &Verdict) -> String {
    let reason = verdict.reason().to_string();
    match verdict.measure_at() {
        Some(n) => format!("{reason}, at n = {} for example", place(n)),
        None => reason,
    }
}

pub(super) fn print(
    args: &PlanArgs,
    question: &PlanOptions,
    curves: &Curves,
    results: &Results,
    notes: &[String],
) -> Result<(), Error> {
    let written = match args.format {
        Format::Json => json(args, question, curves, results, notes),
        Format::Csv => csv(args, curves, results),
        Format::Table => text(args, curves, results, notes),
    };
    written.map_err(Error::stdout)
}

fn json(
    args: &PlanArgs,
    question: &PlanOptions,
    curves: &Curves,
    results: &Results,
    settings: &[String],
) -> std::io::Result<()> {
    let plan = |(k, planned): (usize, &Planned)| PlanRecord {
        group: Group(curves, k),
        verdict: planned.verdict.name(),
        n: IntervalRecord::new(planned.verdict.n()),
        c: IntervalRecord::new(planned.verdict.gap()),
        target: args.target(),
        level: question.confidence.level(),
        method: method(args, &planned.verdict),
        reason: explained(args, &planned.verdict),
        basis: basis_name(&planned.verdict),
        basis_reason: answered(question.basis, &planned.verdict, &planned.check),
        assurance: AssuranceRecord { probability: planned.assured.probability, n: planned.assured.n },
        check: CheckRecord::new(&planned.check),
        with_probability: args.probability.zip(planned.sure).map(|(probability, size)| SureRecord {
            probability,
            n: size.finite(),
            is_reached: size != Size::Never,
        }),
        measure_at: planned.verdict.measure_at(),
    };
    let plans = done(results);
    let record = Record { plans: plans.map(plan).collect(), errors: ErrorRecord::all(curves, results) };
    Head::new("plan", Some(&curves.read), settings).print(&record, &odd(curves, results))
}

/// What is odd about rows, a sentence each.
fn odd(curves: &Curves, results: &Results) -> Vec<String> {
    done(results).flat_map(|(group, planned)| sentences(curves, group, &planned.odd)).collect()
}

fn csv(args: &PlanArgs, curves: &Curves, results: &Results) -> std::io::Result<()> {
    let mut out = csv::Writer::from_writer(stdout().lock());
    let names = [
        "verdict",
        "n",
        "n_lower",
        "n_upper",
        "c",
        "c_lower",
        "c_upper",
        "reason",
        "check_p",
        "basis",
        "n_assured",
        "error",
    ];
    out.write_record(curves.by.iter().map(String::as_str).chain(names))?;
    for (group, result) in results.iter().enumerate() {
        let mut row: Vec<String> = curves.group(group).map(|(_, value)| value.to_owned()).collect();
        match result {
            Ok(Planned { verdict, check, assured, .. }) => {
                row.push(verdict.name().into());
                for interval in [verdict.n(), verdict.gap()] {
                    let ends = interval.map_or([None; 3], |i| [i.estimate, i.lower, i.upper]);
                    row.extend(ends.map(|x| x.map_or(String::new(), |x| format!("{x:?}"))));
                }
                let p = check.p_value.map_or(String::new(), |p| format!("{p:?}"));
                let n = assured.n.map_or(String::new(), |n| format!("{n:?}"));
                row.extend([explained(args, verdict), p, basis_name(verdict).into(), n, String::new()]);
            }
            Err(error) => {
                row.extend(std::iter::repeat_n(String::new(), names.len() - 1));
                row.push(error.clone());
            }
        }
        out.write_record(&row)?;
    }
    out.flush()
}

/// The table of the verdicts, for the terminal and for the page.
pub(super) fn table(args: &PlanArgs, curves: &Curves, results: &Results) -> TextTable {
    let header = [
        "verdict".to_owned(),
        "n* [interval]".into(),
        format!("n at {}", args.assurance),
        "C [interval]".into(),
        "reason".into(),
    ];
    let header = curves.by.iter().cloned().chain(header);
    let by = curves.by.len();
    let numbers = (0..by + 5).map(|k| (by + 1..by + 4).contains(&k));
    let mut table = TextTable::new(header.collect(), numbers.collect());
    for (group, planned) in done(results) {
        let verdict = &planned.verdict;
        // A size below all that were measured is no number to go by.
        let n = match verdict.reason() {
            Reason::EverySize { n } => format!("at most {}", counted(n)),
            _ => interval(verdict.n(), counted),
        };
        let cells = [
            verdict.name().into(),
            n,
            planned.assured.n.map_or("-".into(), counted),
            interval(verdict.gap(), short),
            explained(args, verdict),
        ];
        table.rows.push(curves.group(group).map(|(_, value)| value.to_owned()).chain(cells).collect());
    }
    table
}

/// The groups without a verdict, a line each.
pub(super) fn unplanned(curves: &Curves, results: &Results) -> Vec<String> {
    let failed = failed(results);
    failed.map(|(group, error)| format!("no verdict: {}: {error}", curves.title(group))).collect()
}

fn text(args: &PlanArgs, curves: &Curves, results: &Results, notes: &[String]) -> std::io::Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    // A header alone tells nothing.
    if results.iter().any(Result::is_ok) {
        writeln!(out, "{}", table(args, curves, results).text())?;
    }
    for (group, planned) in done(results) {
        let name = curves.title(group);
        writeln!(out, "{name}: {}", answered(args.basis.basis(), &planned.verdict, &planned.check))?;
    }
    for (group, size) in done(results).filter_map(|(k, planned)| Some((k, planned.sure?))) {
        let (name, p) = (curves.title(group), args.probability.unwrap_or_default());
        writeln!(out, "{name}: with the probability {p} (share of the refits) n is {}", sure(size))?;
    }
    for line in below(odd(curves, results)).iter().chain(&unplanned(curves, results)).chain(notes) {
        writeln!(out, "{line}")?;
    }
    out.flush()
}
