//! What is said when there is nothing more to read: the verdict, the samples needed, and what to do next.
use std::io::{Write, stdout};

use serde::Serialize;
use syn2real::control::Decision;
use syn2real::plan::{PlanError, Verdict};

use crate::args::Form;
use crate::output::record::{Group, IntervalRecord};
use crate::output::{counted, interval, place, short};
use crate::question::basis_name;

/// The last line of a group.
#[derive(Serialize)]
pub(super) struct End<'a> {
    pub(super) group: Group<'a>,
    /// Whether the controller has an end, or the input ended before it.
    ended: bool,
    measurements: u32,
    decision: &'static str,
    /// Where to measure, or up to where to generate.
    at: Option<f64>,
    reached: Option<bool>,
    /// Of the decision.
    reason: Option<String>,
    /// What to do next, in words.
    next: String,
    /// null where there is none yet.
    verdict: Option<&'static str>,
    verdict_reason: String,
    basis: Option<&'static str>,
    /// Samples at which the target is met, and what no number of samples removes.
    needed: IntervalRecord,
    c: IntervalRecord,
    #[serde(skip)]
    found: String,
}

impl<'a> End<'a> {
    pub(super) fn new(
        group: Group<'a>,
        measurements: u32,
        (decision, why): (Decision, Option<String>),
        verdict: Result<Verdict, PlanError>,
    ) -> End<'a> {
        let (name, at, reached) = named(&decision);
        let next = match decision {
            Decision::MeasureMore { at } => format!("measure at n = {}", place(at)),
            Decision::Generate { up_to } => format!("generate up to n = {} and measure there", place(up_to)),
            Decision::ChangeSetting { .. } => "change the generator or the model".into(),
            Decision::Stop { reached: true } => "nothing, the target is reached".into(),
            _ => "nothing, no observations are left".into(),
        };
        let reason = match decision {
            Decision::ChangeSetting { reason } => Some(reason.to_string()),
            _ => why,
        };
        let (n, c) = (verdict.as_ref().ok().and_then(Verdict::n), verdict.as_ref().ok().and_then(Verdict::gap));
        let mut found = match &verdict {
            Ok(verdict) => format!("{}: {}", verdict.name(), verdict.reason()),
            Err(error) => format!("no verdict yet: {error}"),
        };
        if let Some(n) = n {
            found = format!("{found}; n* {}", interval(Some(n), counted));
        }
        if let Some(c) = c {
            found = format!("{found}; C {}", interval(Some(c), short));
        }
        End {
            group,
            ended: matches!(decision, Decision::Stop { .. } | Decision::ChangeSetting { .. }),
            measurements,
            decision: name,
            at,
            reached,
            reason,
            next,
            verdict: verdict.as_ref().ok().map(Verdict::name),
            verdict_reason: verdict.as_ref().map_or_else(PlanError::to_string, |verdict| verdict.reason().to_string()),
            basis: verdict.as_ref().ok().map(basis_name),
            needed: IntervalRecord::new(n),
            c: IntervalRecord::new(c),
            found,
        }
    }

    pub(super) fn print(&self, format: Form) -> std::io::Result<()> {
        let mut out = stdout().lock();
        if format == Form::Json {
            serde_json::to_writer(&mut out, self)?;
            return writeln!(out);
        }
        let title = self.group.title().map_or(String::new(), |title| format!("{title}: "));
        let reason = self.reason.as_ref().map_or(String::new(), |reason| format!(", as {reason}"));
        let count = match self.measurements {
            1 => "1 measurement".into(),
            count => format!("{count} measurements"),
        };
        writeln!(out, "{title}end after {count}: {}; next: {}{reason}", self.found, self.next)
    }
}

/// The name of a decision, where it sends one, and whether the target is reached.
pub(super) fn named(decision: &Decision) -> (&'static str, Option<f64>, Option<bool>) {
    match *decision {
        Decision::MeasureMore { at } => ("measure_more", Some(at), None),
        Decision::Generate { up_to } => ("generate", Some(up_to), None),
        Decision::ChangeSetting { .. } => ("change_setting", None, None),
        Decision::Stop { reached } => ("stop", None, Some(reached)),
        Decision::Reject { .. } => ("reject", None, None),
        _ => ("unknown", None, None),
    }
}
