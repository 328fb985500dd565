//! The answer in the words of a person.
use syn2real::infer::{Check, QuantityInterval};
use syn2real::plan::{Reason, Verdict};
use syn2real::{Class, Confidence, Parameter};

use crate::next::Chosen;
use crate::output::{place, plain, short};

use super::answer::Answer;

/// Ends of reasons that say what the sentence says itself.
const MORE: [&str; 3] = [": measure more", ": measure at larger ones", ": measure at more sizes"];

/// What samples are called: by the name of their column, where that is a word for many things.
pub(super) fn things(column: &str) -> &str {
    let is_word = column.len() > 3 && column.ends_with('s') && column.chars().all(|c| c.is_alphabetic());
    if is_word { column } else { "samples" }
}

/// What is said of, and how.
pub(super) struct Speaker<'a> {
    /// What samples are called.
    pub(super) things: &'a str,
    pub(super) confidence: Confidence,
    /// In the units of the column.
    pub(super) target: Option<String>,
}

impl Speaker<'_> {
    fn level(&self) -> String {
        format!("{} %", short_percent(100.0 * self.confidence.level()))
    }

    /// The answer for a group.
    pub(super) fn sentence(&self, answer: &Answer) -> String {
        match (answer.verdict(), &answer.asked) {
            (Some(verdict), Some(asked)) => self.verdict(answer, verdict, &asked.next),
            _ => self.outlook(answer),
        }
    }

    fn verdict(&self, answer: &Answer, verdict: &Verdict, next: &Chosen) -> String {
        let (things, n_max) = (self.things, answer.fit.report().n_max);
        let target = self.target.as_deref().unwrap_or_default();
        let have = format!("You have {}.", count(n_max));
        match verdict.reason() {
            Reason::EverySize { n } => {
                format!("Yes, already: {target} is reached at the smallest n measured, {}.", count(n))
            }
            Reason::Measured { .. } => format!("Yes, already: {target} takes {}. {have}", self.about(verdict.n())),
            Reason::WithinBudget { .. } | Reason::Finite { .. } => {
                format!("More synthetic data will reach {target}: {}. {have}", self.about(verdict.n()))
            }
            Reason::GapAboveTarget { .. } => {
                let gap = verdict.gap().map_or(String::new(), |gap| format!(" of {}", self.between(gap)));
                format!(
                    "No: even endless {things} leave a gap{gap}, above {target}: change the generator or the model. {have}"
                )
            }
            Reason::BeyondBudget { n, budget } => format!(
                "No: {target} takes {} {things} at least, and the budget is {}: change the generator or the model. {have}",
                count(n),
                count(budget)
            ),
            Reason::BeyondCounts => {
                format!("No: {target} takes more than 2^53 {things}: change the generator or the model. {have}")
            }
            reason => {
                let text = reason.to_string();
                let end = MORE.iter().find(|end| text.ends_with(**end));
                match end {
                    Some(end) => {
                        let (text, at) = (text.trim_end_matches(end), place(next.n()));
                        match next.leads() {
                            true => format!("Cannot tell yet: {text}. Measure at {at} {things} next. {have}"),
                            false => format!(
                                "Cannot tell: {text}, and no measurement that can be had decides it; at {at} {things} it would \
                                 tell most. {have}"
                            ),
                        }
                    }
                    None => format!("Cannot tell: {text}. {have}"),
                }
            }
        }
    }

    /// What more samples bring, without a target.
    fn outlook(&self, answer: &Answer) -> String {
        let (things, report) = (self.things, answer.fit.report());
        if let Some(reason) = refuted(answer) {
            return format!("Cannot tell: {reason}. You have {}.", count(report.n_max));
        }
        let now = match &answer.forecast {
            Some(forecast) => forecast.error_at(report.n_max),
            None => answer.fit.law().error_at(report.n_max),
        };
        let told: Vec<String> = answer.at.iter().map(|at| format!("{at} at {}", count(at.n))).collect();
        let gap = match answer.interval(Parameter::C) {
            _ if answer.forecast.is_some() => String::new(),
            Some(gap) if gap.lower.is_some_and(|lower| lower > 0.0) && gap.upper.is_some() => {
                format!("; endless {things} leave {}", self.between(gap))
            }
            Some(_) => "; whether they leave a gap the data do not tell".into(),
            None => String::new(),
        };
        let told = told.join(", ");
        if report.class == Class::Flat && answer.forecast.is_none() {
            return format!(
                "No decrease is seen: the error is {} at all sizes measured; it will be {told}.",
                short(now)
            );
        }
        format!("The error is {} at {} {things}; it will be {told}{gap}.", short(now), count(report.n_max))
    }

    /// "about 131k images, between 104k and 165k (95 %)".
    fn about(&self, n: Option<QuantityInterval>) -> String {
        let things = self.things;
        let Some(n) = n else { return format!("a number of {things} that is not known") };
        let upper = n.upper.map_or("any number".into(), count);
        let ends = match n.lower {
            Some(lower) => format!("between {} and {upper} ({})", count(lower), self.level()),
            None => format!("at most {upper} ({})", self.level()),
        };
        n.estimate.map_or(ends.clone(), |n| format!("about {} {things}, {ends}", count(n)))
    }

    /// "0.2834 [0.2706, 0.2951]".
    fn between(&self, interval: QuantityInterval) -> String {
        crate::output::interval(Some(interval), short)
    }
}

/// A percentage without needless digits.
fn short_percent(x: f64) -> String {
    let text = format!("{x:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Why neither the law nor the forecast goes on as the curve does.
fn refuted(answer: &Answer) -> Option<Reason> {
    match &answer.forecast {
        Some(forecast) => forecast.missed().filter(|p| *p < Check::LEVEL).map(|p| Reason::ForecastMisses { p }),
        None if answer.check.describes() => None,
        None => answer.check.p_value.map(|p| Reason::LawDoesNotFit { p }),
    }
}

/// A count in a sentence.
fn count(n: f64) -> String {
    plain(&crate::output::counted(n))
}
