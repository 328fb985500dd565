//! A table for people: on the terminal and in the page.
use syn2real::{FitReport, Parameter, Point, Syn2RealFit};

use crate::fitting::{Batch, Outcome};
use crate::group::Curves;
use crate::identify::{self, PARAMETERS, Unknown};
use crate::laws::{BendingFit, Fitted, LawName};

use super::record::class;
use super::text::TextTable;
use super::{short, with_error};

/// A table longer than this serves nobody: the rest is counted, and csv or JSON have it all.
const LONGEST: usize = 2000;

/// What is kept of a batch for tables and figures: only the first groups are shown there.
pub(crate) struct Kept {
    batch: Option<Batch>,
    /// Groups of the batch that were fitted.
    pub(crate) fitted: usize,
    /// Groups of the batch that were not.
    pub(crate) failed: usize,
}

impl Kept {
    /// Keeps the batch if a table can show a group of it.
    pub(crate) fn new(batch: Batch) -> Kept {
        let fitted = batch.outcomes().filter(|outcome| outcome.result.is_ok()).count();
        let failed = batch.outcomes().count() - fitted;
        Kept { batch: Some(batch).filter(|batch| batch.first() < LONGEST), fitted, failed }
    }

    /// The groups that are kept.
    pub(crate) fn outcomes(&self) -> impl Iterator<Item = Outcome<'_>> {
        self.batch.iter().flat_map(Batch::outcomes)
    }
}

/// A fixed value is shown as it was given up to this many characters.
const LONGEST_FIXED: usize = 10;

/// Columns after those of the group: points, the parameters, and these.
const LAST: [&str; 4] = ["rms", "class", "minima", "note"];

/// The table of fits, and what goes below it.
pub(crate) struct FitTable {
    law: LawName,
    pub(crate) table: TextTable,
    /// The group of each row.
    pub(crate) groups: Vec<usize>,
    failed: Vec<String>,
    left_out: usize,
}

impl FitTable {
    pub(crate) fn new(curves: &Curves, law: LawName) -> FitTable {
        let parameters = law.parameters().iter().map(|name| format!("{name} (se)"));
        let columns: Vec<String> =
            std::iter::once("points".into()).chain(parameters).chain(LAST.map(String::from)).collect();
        let is_number = |name: &String| name != "class" && name != "note";
        let numbers = std::iter::repeat_n(false, curves.by.len()).chain(columns.iter().map(is_number)).collect();
        let header = curves.by.iter().chain(&columns).cloned().collect();
        FitTable { law, table: TextTable::new(header, numbers), groups: Vec::new(), failed: Vec::new(), left_out: 0 }
    }

    /// Takes a batch; its groups are counted only where the table is full.
    pub(crate) fn batch(&mut self, curves: &Curves, kept: &Kept) {
        for outcome in kept.outcomes() {
            self.outcome(curves, &outcome);
        }
        if kept.batch.is_none() {
            self.left_out += kept.fitted + kept.failed;
        }
    }

    pub(crate) fn outcome(&mut self, curves: &Curves, outcome: &Outcome<'_>) {
        if self.table.rows.len() + self.failed.len() >= LONGEST {
            self.left_out += 1;
            return;
        }
        match outcome.result {
            Ok(fit) => {
                let group = curves.group(outcome.group).map(|(_, value)| value.to_owned());
                let cells = match fit {
                    Fitted::Straight(fit) => straight(fit, outcome.points, outcome.excluded, self.law),
                    Fitted::Bending(fit) => bending(fit, outcome.excluded),
                };
                self.table.rows.push(group.chain(cells).collect());
                self.groups.push(outcome.group);
            }
            Err(error) => self.failed.push(format!("not fitted: {}: {error}", curves.title(outcome.group))),
        }
    }

    /// What goes below: groups that could not be fitted, groups left out of a long table.
    pub(crate) fn below(&self) -> Vec<String> {
        let mut lines = self.failed.clone();
        if self.left_out > 0 {
            lines.push(format!("{} more groups: --format csv or json prints all", self.left_out));
        }
        lines
    }
}

/// The cells of a row after those of the group.
fn cells(report: &FitReport, parameters: Vec<String>, mut notes: Vec<String>, excluded: usize) -> Vec<String> {
    if excluded > 0 {
        notes.push(format!("{excluded} rows of weight 0 left out"));
    }
    let last = [short(report.rms), class(report.class).into(), report.minima_found.to_string(), notes.join("; ")];
    std::iter::once(report.points.to_string()).chain(parameters).chain(last).collect()
}

fn straight(fit: &Syn2RealFit, points: &[Point], excluded: usize, law: LawName) -> Vec<String> {
    let parameters = PARAMETERS.iter().take(law.parameters().len());
    let parameters = parameters.map(|parameter| estimate(fit, points, *parameter)).collect();
    cells(fit.report(), parameters, identify::notes(fit, points), excluded)
}

fn bending(fit: &BendingFit, excluded: usize) -> Vec<String> {
    let errors = fit.std_errors.iter().copied().chain(std::iter::repeat(None));
    let text = |(value, error): (Option<f64>, Option<f64>)| match (value, error) {
        (Some(value), Some(error)) => with_error(value, error),
        (Some(value), None) => format!("{} (-)", short(value)),
        _ => "-".into(),
    };
    cells(&fit.report, fit.law.values().into_iter().zip(errors).map(text).collect(), fit.notes(), excluded)
}

/// A parameter with its standard error, or why it has none.
fn estimate(fit: &Syn2RealFit, points: &[Point], parameter: Parameter) -> String {
    let place = PARAMETERS.iter().position(|p| *p == parameter).unwrap_or_default();
    let Some(value) = identify::value(fit.law(), parameter) else { return "-".into() };
    match (identify::unknown(fit, points, parameter), fit.std_errors()[place]) {
        (Some(Unknown::Fixed), _) => {
            let all = value.to_string();
            let text = if all.len() > LONGEST_FIXED { short(value) } else { all };
            format!("{text} (fixed)")
        }
        (Some(Unknown::Bound(_)), _) => format!("{value} (bound)"),
        (_, Some(error)) => with_error(value, error),
        _ => format!("{} (-)", short(value)),
    }
}
