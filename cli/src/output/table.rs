//! A table for people: on the terminal and in the page.
use syn2real::infer::{Finding, Identifiability, QuantityInterval};
use syn2real::{FitReport, Parameter, Syn2RealFit};

use crate::details::{Details, Intervals, Wanted};
use crate::fitting::{Batch, Outcome};
use crate::group::Curves;
use crate::identify::{self, PARAMETERS, determined};
use crate::laws::{BendingFit, Fitted, LawName};
use crate::outlook::{At, TIMES};

use super::record::class;
use super::text::TextTable;
use super::{counted, interval, plain, short, with_error};

/// A table longer than this serves nobody: the rest is counted, and csv or JSON have it all.
pub(crate) const LONGEST: usize = 2000;

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

/// The table of fits, and what goes below it.
pub(crate) struct FitTable {
    law: LawName,
    wanted: Wanted,
    pub(crate) table: TextTable,
    /// The group of each row.
    pub(crate) groups: Vec<usize>,
    failed: Vec<String>,
    left_out: usize,
    /// What the data determine in some of the rows.
    findings: Vec<Identifiability>,
}

impl FitTable {
    pub(crate) fn new(curves: &Curves, law: LawName, wanted: &Wanted) -> FitTable {
        let level = format!(" [{} %]", 100.0 * wanted.confidence.level());
        let suffix = match wanted.intervals {
            Intervals::None => "",
            Intervals::Profile | Intervals::Wald if !law.takes_zero() => level.as_str(),
            _ => " (se)",
        };
        let parameters = law.parameters().iter().map(|name| format!("{name}{suffix}"));
        let sizes: Vec<String> = match (wanted.has_outlook, wanted.at.as_slice()) {
            (false, _) => Vec::new(),
            (true, []) => TIMES.map(|times| format!("L at {times} n_max")).to_vec(),
            (true, at) => at.iter().map(|n| format!("L at {}", plain(&counted(*n)))).collect(),
        };
        let determined = (!law.takes_zero()).then(|| "determined".to_owned());
        let last = ["rms", "class", "minima", "note"].map(String::from);
        let columns = std::iter::once("points".into()).chain(parameters).chain(sizes).chain(determined).chain(last);
        let columns: Vec<String> = columns.collect();
        let is_number = |name: &String| !["determined", "class", "note"].contains(&name.as_str());
        let numbers = std::iter::repeat_n(false, curves.by.len()).chain(columns.iter().map(is_number)).collect();
        let header = curves.by.iter().chain(&columns).cloned().collect();
        let table = TextTable::new(header, numbers);
        FitTable {
            law,
            wanted: wanted.clone(),
            table,
            groups: Vec::new(),
            failed: Vec::new(),
            left_out: 0,
            findings: Vec::new(),
        }
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
                let made;
                let details = match outcome.details {
                    Some(details) => details,
                    None => {
                        made = Details::of(fit, outcome.points, &self.wanted);
                        &made
                    }
                };
                let group = curves.group(outcome.group).map(|(_, value)| value.to_owned());
                let cells = match fit {
                    Fitted::Straight(fit) => self.straight(fit, outcome, details),
                    Fitted::Bending(fit) => bending(fit, outcome.excluded, details),
                };
                self.table.rows.push(group.chain(cells).collect());
                self.groups.push(outcome.group);
            }
            Err(error) => self.failed.push(format!("not fitted: {}: {error}", curves.title(outcome.group))),
        }
    }

    /// What goes below: groups that could not be fitted, groups left out of a long table, what its words mean.
    pub(crate) fn below(&self) -> Vec<String> {
        let mut lines = self.failed.clone();
        if self.left_out > 0 {
            lines.push(format!("{} more groups: --format csv or json prints all", self.left_out));
        }
        let found = self.findings.iter().filter(|found| found.finding != Finding::All);
        lines.extend(found.map(|found| format!("determined: {}: {found}", determined(found.finding))));
        lines
    }

    fn straight(&mut self, fit: &Syn2RealFit, outcome: &Outcome<'_>, details: &Details) -> Vec<String> {
        if let Some(found) = details.found.filter(|found| self.findings.iter().all(|f| f.finding != found.finding)) {
            // What is true of one row only is among its notes.
            let mut found = found;
            found.is_too_narrow = false;
            self.findings.push(found);
        }
        let parameters = PARAMETERS.iter().zip(details.intervals).take(self.law.parameters().len());
        let parameters = parameters.map(|(parameter, interval)| self.estimate(fit, *parameter, interval)).collect();
        let words = details.found.map_or("-", |found| determined(found.finding));
        let notes = identify::notes(fit, outcome.points, details.found.as_ref());
        cells(fit.report(), parameters, details, Some(words), notes, outcome.excluded)
    }

    /// A parameter with its interval or its standard error, or why it has none.
    fn estimate(&self, fit: &Syn2RealFit, parameter: Parameter, found: Option<QuantityInterval>) -> String {
        let place = PARAMETERS.iter().position(|p| *p == parameter).unwrap_or_default();
        let Some(value) = identify::value(fit.law(), parameter) else { return "-".into() };
        if fit.report().fixed[place] {
            let all = value.to_string();
            let text = if all.len() > LONGEST_FIXED { short(value) } else { all };
            return format!("{text} (fixed)");
        }
        match (self.wanted.intervals, fit.std_errors()[place]) {
            (Intervals::None, _) => short(value),
            (Intervals::Se, Some(error)) => match identify::given(fit) {
                Some(bound) => format!("{} given {bound}", with_error(value, error)),
                None => with_error(value, error),
            },
            (Intervals::Se, None) if identify::is_at_bound(fit, parameter) => format!("{value} (bound)"),
            (Intervals::Profile | Intervals::Wald, _) if found.is_some() => interval(found, short),
            _ => format!("{} (-)", short(value)),
        }
    }
}

/// The cells of a row after those of the group.
fn cells(
    report: &FitReport,
    parameters: Vec<String>,
    details: &Details,
    determined: Option<&str>,
    mut notes: Vec<String>,
    excluded: usize,
) -> Vec<String> {
    if excluded > 0 {
        notes.push(format!("{excluded} rows of weight 0 left out"));
    }
    let at = details.at.iter().map(At::to_string);
    let last = [short(report.rms), class(report.class).into(), report.minima_found.to_string(), notes.join("; ")];
    let first = std::iter::once(report.points.to_string()).chain(parameters).chain(at);
    first.chain(determined.map(String::from)).chain(last).collect()
}

fn bending(fit: &BendingFit, excluded: usize, details: &Details) -> Vec<String> {
    let errors = fit.std_errors.iter().copied().chain(std::iter::repeat(None));
    let text = |(value, error): (Option<f64>, Option<f64>)| match (value, error) {
        (Some(value), Some(error)) => with_error(value, error),
        (Some(value), None) => format!("{} (-)", short(value)),
        _ => "-".into(),
    };
    let parameters = fit.law.values().into_iter().zip(errors).map(text).collect();
    cells(&fit.report, parameters, details, None, fit.notes(), excluded)
}
