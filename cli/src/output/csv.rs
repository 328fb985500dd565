//! csv: a row for each group, an empty cell where there is no value.
use std::fmt::Write;

use crate::details::{Details, Wanted};
use crate::fitting::{Batch, Outcome};
use crate::group::Curves;
use crate::laws::{Fitted, LawName};
use crate::outlook::At;

use super::record::{BendingRecord, FitRecord};

/// The columns before the parameters.
const FIRST: [&str; 3] = ["points", "excluded", "residual"];
/// The columns after them; of a law that bends there is neither condition nor check.
const LAST: [&str; 13] = [
    "cost",
    "rms",
    "class",
    "minima",
    "condition",
    "termination",
    "iterations",
    "evaluations",
    "n_min",
    "n_max",
    "check_p",
    "rise_p",
    "law_name",
];

/// The columns after those of the group: the parameters of law (1) stand for the power law, too. What is told beside the
/// estimates comes last: whoever reads columns by number finds them where they were.
fn columns(law: LawName, wanted: &Wanted) -> Vec<String> {
    let names = if law.takes_zero() { law.parameters() } else { LawName::Law1.parameters() };
    let names: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    let errors = names.iter().map(|name| format!("se_{name}"));
    let first = FIRST.iter().copied().map(String::from).chain(names.iter().cloned()).chain(errors);
    let last = LAST.iter().copied().map(String::from).chain(["error".into()]);
    first.chain(last).chain(detail_columns(law, wanted)).collect()
}

/// The columns of what is told beside the estimates.
fn detail_columns(law: LawName, wanted: &Wanted) -> Vec<String> {
    let mut columns = Vec::new();
    if wanted.has_intervals() && !law.takes_zero() {
        for name in LawName::Law1.parameters() {
            columns.extend(["lower", "upper"].map(|end| format!("{}_{end}", name.to_lowercase())));
        }
    }
    for k in 1..=wanted.sizes() {
        columns.extend(["at", "error_at", "lower_at", "upper_at"].map(|name| format!("{name}_{k}")));
    }
    columns
}

/// Rows under construction.
struct Rows<'a> {
    law: LawName,
    wanted: &'a Wanted,
    out: csv::Writer<Vec<u8>>,
    /// The text of a cell.
    cell: String,
}

impl Rows<'_> {
    fn text(&mut self, text: &str) -> Result<(), csv::Error> {
        self.out.write_field(text)
    }

    fn shown(&mut self, value: impl std::fmt::Display) -> Result<(), csv::Error> {
        self.cell.clear();
        // Writing to a string does not fail.
        let _ = write!(self.cell, "{value}");
        self.out.write_field(&self.cell)
    }

    /// A number with the shortest text that reads back as the same number; empty if there is none.
    fn number(&mut self, x: Option<f64>) -> Result<(), csv::Error> {
        match x.filter(|x| x.is_finite()) {
            Some(x) => self.out.write_field(ryu::Buffer::new().format_finite(x)),
            None => self.text(""),
        }
    }

    fn outcome(&mut self, curves: &Curves, outcome: &Outcome<'_>) -> Result<(), csv::Error> {
        for (_, value) in curves.group(outcome.group) {
            self.text(value)?;
        }
        match outcome.result {
            Ok(Fitted::Straight(fit)) => {
                self.fit(&FitRecord::new(curves, outcome.group, fit, outcome.points, outcome.excluded))?;
                self.details(outcome.details, self.wanted.has_intervals())?;
            }
            Ok(Fitted::Bending(fit)) => {
                self.bending(&BendingRecord::new(self.law, curves, outcome.group, fit, outcome.excluded))?;
                self.details(outcome.details, false)?;
            }
            Err(error) => {
                self.shown(outcome.points.len())?;
                self.shown(outcome.excluded)?;
                let after = detail_columns(self.law, self.wanted).len();
                for _ in 3..columns(self.law, self.wanted).len() - after {
                    self.text("")?;
                }
                self.text(error)?;
                for _ in 0..after {
                    self.text("")?;
                }
            }
        }
        self.out.write_record(None::<&[u8]>)
    }

    fn fit(&mut self, f: &FitRecord<'_>) -> Result<(), csv::Error> {
        self.shown(f.points)?;
        self.shown(f.excluded)?;
        self.text(f.residual)?;
        for triple in [&f.law, &f.std_errors.of] {
            for x in [triple.d, triple.alpha, triple.c] {
                self.number(x)?;
            }
        }
        self.number(Some(f.cost))?;
        self.number(Some(f.rms))?;
        self.text(f.class)?;
        self.shown(f.minima.len())?;
        self.number(f.condition)?;
        self.text(f.termination)?;
        self.shown(f.iterations)?;
        self.shown(f.evaluations)?;
        self.number(Some(f.n_min))?;
        self.number(Some(f.n_max))?;
        self.number(f.check.as_ref().and_then(|check| check.p))?;
        self.number(f.rise.as_ref().map(|rise| rise.p))?;
        self.text(self.law.name())?;
        self.text("")
    }

    fn details(&mut self, details: Option<&Details>, has_intervals: bool) -> Result<(), csv::Error> {
        let Some(details) = details else { return Ok(()) };
        for interval in details.intervals.iter().filter(|_| has_intervals) {
            self.number(interval.and_then(|i| i.lower))?;
            self.number(interval.and_then(|i| i.upper))?;
        }
        for At { n, error, lower, upper } in &details.at {
            for x in [Some(*n), Some(*error), *lower, *upper] {
                self.number(x)?;
            }
        }
        Ok(())
    }

    fn bending(&mut self, f: &BendingRecord<'_>) -> Result<(), csv::Error> {
        self.shown(f.points)?;
        self.shown(f.excluded)?;
        self.text(f.residual)?;
        for (_, x) in f.parameters.0.iter().chain(&f.std_errors.0) {
            self.number(*x)?;
        }
        self.number(Some(f.cost))?;
        self.number(Some(f.rms))?;
        self.text(f.class)?;
        self.shown(f.minima.len())?;
        self.text("")?;
        self.text(f.termination)?;
        self.shown(f.iterations)?;
        self.shown(f.evaluations)?;
        self.number(Some(f.n_min))?;
        self.number(Some(f.n_max))?;
        self.text("")?;
        self.number(f.rise.as_ref().map(|rise| rise.p))?;
        self.text(f.law_name)?;
        self.text("")
    }
}

/// The header.
pub(super) fn header(law: LawName, curves: &Curves, wanted: &Wanted) -> Vec<u8> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let written = out.write_record(curves.by.iter().cloned().chain(columns(law, wanted)));
    written.ok().and_then(|()| out.into_inner().ok()).unwrap_or_default()
}

/// The rows of a batch.
pub(super) fn rows(law: LawName, curves: &Curves, batch: &Batch, wanted: &Wanted) -> Vec<u8> {
    let mut rows = Rows { law, wanted, out: csv::Writer::from_writer(Vec::new()), cell: String::new() };
    // A vector takes everything, and rows of unequal length would be a defect that the tests see.
    let written = batch.outcomes().try_for_each(|outcome| rows.outcome(curves, &outcome));
    written.ok().and_then(|()| rows.out.into_inner().ok()).unwrap_or_default()
}
