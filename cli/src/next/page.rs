//! The page of `next --report`: where to measure, and for each group its curve with that place.
use syn2real::plan::{PlanOptions, Verdict};

use crate::errors::Error;
use crate::fitting::Task;
use crate::output::text::TextTable;
use crate::output::{counted, place, short};
use crate::parallel::Workers;
use crate::report::asked::{ABOUT, Asked, sentence};
use crate::report::groups::{FIGURES, GroupPage, number};
use crate::report::html::Tone;

/// What is shown of a group.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) group: usize,
    /// Where to measure, what that costs, by how much it shrinks the interval, and its chance to decide.
    pub(super) n: f64,
    pub(super) cost: f64,
    pub(super) shrink: f64,
    pub(super) chance: Option<f64>,
    /// That of `plan`; none without a target.
    pub(super) verdict: Option<Verdict>,
}

impl Row {
    fn is_decided(&self) -> bool {
        self.verdict.is_some_and(|verdict| verdict.is_decided())
    }
}

/// The question that the measurements are for.
pub(super) struct Wanted<'a> {
    pub(super) target: Option<f64>,
    pub(super) budget: Option<f64>,
    pub(super) options: &'a PlanOptions,
}

/// Writes index.html; `failed` are the groups without a choice, a line each. Returns its path.
pub(super) fn write(
    dir: &str,
    wanted: &Wanted<'_>,
    task: &Task<'_>,
    rows: &[Row],
    failed: &[String],
    workers: &Workers,
    settings: &str,
) -> Result<String, Error> {
    let curves = task.curves;
    let decided = rows.iter().filter(|row| row.is_decided()).count();
    let mut page = GroupPage::new("Where to measure next?", &answer(rows, decided));
    page.counts(&[
        (Tone::Good, "decided already", decided),
        (Tone::Open, "to be measured", rows.len() - decided),
        (Tone::Bad, "no choice", failed.len()),
    ]);
    let aim = wanted.target.map_or(String::new(), |target| format!(" Target {}.", curves.read.target(target)));
    page.page().note(&format!("{} of {}.{aim} {settings}.", number(curves.len(), "group"), curves.read.file));
    page.read(&curves.read);
    page.page().heading("Measurements");
    let names = ["measure at", "cost", "chance of a verdict", "interval shrinks to", "now"];
    let header = curves.by.iter().cloned().chain(names.map(String::from));
    let (by, all) = (curves.by.len(), curves.by.len() + names.len());
    let mut table = TextTable::new(header.collect(), (0..all).map(|k| k >= by && k + 1 < all).collect());
    // What is open first, the best chance before the others.
    let mut order = rows.to_vec();
    let chance = |row: &Row| row.chance.unwrap_or(0.0);
    order.sort_by(|a, b| a.is_decided().cmp(&b.is_decided()).then(chance(b).total_cmp(&chance(a))));
    for row in &order {
        let cells = [
            place(row.n),
            short(row.cost),
            row.chance.map_or("-".into(), |p| format!("{p:.2}")),
            short(row.shrink),
            row.verdict.map_or("-".into(), |verdict| format!("{}: {}", verdict.name(), verdict.reason())),
        ];
        table.rows.push(curves.group(row.group).map(|(_, value)| value.to_owned()).chain(cells).collect());
    }
    page.table(&table, &order.iter().map(|row| row.group).collect::<Vec<_>>());
    for line in failed {
        page.page().note(line);
    }
    let drawn = workers.map("drawing", order.len().min(FIGURES), |k| {
        let Row { group, n, verdict, .. } = order[k];
        let (fit, points) = task.fit_one(group).ok()?;
        let labels = (curves.read.n(), curves.read.error_label());
        let next = Some(n).filter(|_| !order[k].is_decided());
        let asked = Asked {
            labels: (labels.0, &labels.1),
            target: wanted.target,
            budget: wanted.budget,
            options: wanted.options,
            next,
        };
        Some(asked.draw(&curves.title(group), &fit, &points, verdict.as_ref()))
    });
    for (row, figure) in order.iter().zip(drawn) {
        let Some((svg, legend)) = figure else { continue };
        page.legend(legend);
        let words = row.verdict.map_or(String::new(), |verdict| sentence(&verdict));
        let name = match row.is_decided() {
            true => format!("{}: decided", curves.title(row.group)),
            false => format!("{}: measure at {}", curves.title(row.group), place(row.n)),
        };
        page.figure(row.group, &name, &svg, &words);
    }
    page.write(dir, ABOUT, order.len().saturating_sub(FIGURES), &[settings.to_owned()])
}

fn answer(rows: &[Row], decided: usize) -> String {
    match rows {
        [] => "No group has a measurement to choose.".into(),
        [one] if decided == 1 => {
            let verdict = one.verdict.map_or(String::new(), |verdict| sentence(&verdict));
            format!("Nowhere: it is decided already. {verdict}")
        }
        [one] => {
            let chance = one.chance.map_or(String::new(), |p| format!(": it decides with a chance of {p:.2}"));
            format!("At n = {}{chance}.", counted(one.n))
        }
        _ => {
            let open = rows.len() - decided;
            format!("{decided} of {} groups are decided already; {open} need another measurement.", rows.len())
        }
    }
}
