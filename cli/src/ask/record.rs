//! The answers as JSON.
use serde::Serialize;
use syn2real::Parameter;

use crate::group::Curves;
use crate::next::AheadRecord;
use crate::outlook::At;
use crate::output::record::{CheckRecord, ErrorRecord, Group, IntervalRecord, class};
use crate::output::{Head, done};
use crate::question::{answered, basis_name};

use super::answer::Answer;
use super::order::ordered;
use super::print::Printed;

/// The parameters with their intervals; null where there is none.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Parameters {
    d: IntervalRecord,
    alpha: IntervalRecord,
    c: IntervalRecord,
}

/// The verdict on a target.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct VerdictRecord {
    target: f64,
    verdict: &'static str,
    n: IntervalRecord,
    reason: String,
    basis: &'static str,
    basis_reason: String,
    /// Samples that reach the target with the probability, in a study that is repeated.
    assured: Assured,
    next: Next,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Assured {
    probability: f64,
    n: Option<f64>,
}

/// Where to measure next; `needed` is false where the question is decided.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Next {
    needed: bool,
    n: f64,
    /// The chance that the measurement decides the question.
    decides: Option<f64>,
    /// The measurements that lead to a verdict for the least cost; the first is at n.
    plan: Option<AheadRecord>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct AnswerRecord<'a> {
    group: Group<'a>,
    /// The place among the groups, from 1.
    rank: usize,
    answer: String,
    points: usize,
    n_min: f64,
    n_max: f64,
    class: &'static str,
    /// What the data determine, in words; null without degrees of freedom.
    determined: Option<String>,
    parameters: Parameters,
    level: f64,
    /// What gives the errors in `at`: `law` or `forecast`.
    at_basis: &'static str,
    at: &'a [At],
    check: CheckRecord,
    /// null without a target.
    plan: Option<VerdictRecord>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Ask"))]
pub(crate) struct Record<'a> {
    answers: Vec<AnswerRecord<'a>>,
    errors: Vec<ErrorRecord<'a>>,
}

impl Printed<'_> {
    /// One record for each group, in the order of the groups.
    pub(super) fn json(&self) -> std::io::Result<()> {
        let order = ordered(self.results);
        let rank = |group: usize| order.iter().position(|(k, _)| *k == group).map_or(0, |k| k + 1);
        let answers = done(self.results).map(|(group, answer)| self.record(self.curves, group, rank(group), answer));
        let record = Record { answers: answers.collect(), errors: ErrorRecord::all(self.curves, self.results) };
        Head::new("ask", Some(&self.curves.read), self.notes).print(&record, self.odd)
    }

    fn record<'a>(&self, curves: &'a Curves, group: usize, rank: usize, answer: &'a Answer) -> AnswerRecord<'a> {
        let options = &self.questions.options;
        let report = answer.fit.report();
        let of = |parameter| IntervalRecord::new(answer.interval(parameter));
        let plan = self.args.target.error().zip(answer.asked.as_ref()).map(|(target, asked)| {
            let verdict = &asked.planned.verdict;
            let assured = asked.planned.assured;
            VerdictRecord {
                target,
                verdict: verdict.name(),
                n: IntervalRecord::new(verdict.n()),
                reason: verdict.reason().to_string(),
                basis: basis_name(verdict),
                basis_reason: answered(options.basis, verdict, &answer.check),
                assured: Assured { probability: assured.probability, n: assured.n },
                next: Next {
                    needed: !verdict.is_decided(),
                    n: asked.next.n(),
                    decides: asked.next.chance(),
                    plan: asked.next.plan(),
                },
            }
        });
        AnswerRecord {
            group: Group(curves, group),
            rank,
            answer: self.speaker.sentence(answer),
            points: report.points,
            n_min: report.n_min,
            n_max: report.n_max,
            class: class(report.class),
            determined: answer.found.map(|found| found.to_string()),
            parameters: Parameters { d: of(Parameter::D), alpha: of(Parameter::Alpha), c: of(Parameter::C) },
            level: options.confidence.level(),
            at_basis: if answer.forecast.is_some() { "forecast" } else { "law" },
            at: &answer.at,
            check: CheckRecord::new(&answer.check),
            plan,
        }
    }
}
