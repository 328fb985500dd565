//! The page of `full --report`: which law over both sizes the data prefer, its estimates, and the curves.
use syn2real::{FullOptions, GridPoint};

use crate::args::GridArgs;
use crate::errors::Error;
use crate::group::Curves;
use crate::output::text::TextTable;
use crate::output::{counted, done, failed, short};
use crate::report::band::full_band;
use crate::report::curve::spaced;
use crate::report::figure::{Figure, Legend, Line, Panel, Plot, Series};
use crate::report::groups::{FIGURES, GroupPage, number};
use crate::report::html::Tone;

use super::print::{Found, NAMES, estimates, law_settings};

/// Fine-tuning sizes drawn in a figure, each with a style of its own.
const SIZES: usize = 6;

/// Writes index.html; `points` are those of a group. Returns its path.
pub(super) fn write(
    dir: &str,
    data: &GridArgs,
    curves: &Curves,
    results: &[Result<Found, String>],
    options: &FullOptions,
    points: impl Fn(usize) -> Vec<GridPoint>,
) -> Result<String, Error> {
    let found: Vec<(usize, &Found)> = done(results).collect();
    let preferred: Vec<Option<&str>> = found.iter().map(|(_, found)| preferred(found)).collect();
    let full = preferred.iter().filter(|law| **law == Some("full")).count();
    let answer = match preferred.as_slice() {
        [] => "No grid could be fitted.".into(),
        [Some(law)] => format!("Of the laws over both sizes the data prefer the {law} one, by AICc."),
        _ => format!("The full law has the lowest AICc in {full} of {} grids.", found.len()),
    };
    let mut page = GroupPage::new("How do both sizes work together?", &answer);
    page.counts(&[
        (Tone::Good, "prefer the full law", full),
        (Tone::Plain, "prefer another", found.len() - full),
        (Tone::Bad, "not fitted", results.len() - found.len()),
    ]);
    page.page().note(&format!("{} of {}. {}.", number(results.len(), "grid"), curves.read.file, law_settings(options)));
    page.read(&curves.read);
    page.page().heading("Estimates");
    let header = curves.by.iter().cloned().chain(["points".into()]);
    let header = header.chain(NAMES.map(|name| format!("{name} (se)"))).chain(["rms", "preferred"].map(String::from));
    let header: Vec<String> = header.collect();
    let (by, all) = (curves.by.len(), header.len());
    let mut table = TextTable::new(header, (0..all).map(|k| k >= by && k + 1 < all).collect());
    for ((group, found), law) in found.iter().zip(&preferred) {
        let report = found.fit.report();
        let first = curves.group(*group).map(|(_, value)| value.to_owned()).chain([report.points.to_string()]);
        let last = [short(report.rms), law.unwrap_or("-").to_owned()];
        table.rows.push(first.chain(estimates(&found.fit)).chain(last).collect());
    }
    page.table(&table, &found.iter().map(|(group, _)| *group).collect::<Vec<_>>());
    for (group, error) in failed(results) {
        page.page().note(&format!("not fitted: {}: {error}", curves.title(group)));
    }
    page.legend([
        Legend::Line { dashed: false, text: "full law".into() },
        Legend::Band("two standard errors of L(n, s) to each side".into()),
    ]);
    for (group, found) in found.iter().take(FIGURES) {
        let html = figure(curves, *group, &data.s, found, &points(*group));
        page.figure(*group, &curves.title(*group), &html, "");
    }
    let about = "Both axes logarithmic: the error over n, for some of the s.";
    page.write(dir, about, found.len().saturating_sub(FIGURES), &[])
}

/// The law with the lowest AICc.
fn preferred(found: &Found) -> Option<&'static str> {
    let known = found.comparison.iter().filter_map(|law| Some((law.law, law.aicc?)));
    known.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(law, _)| law)
}

fn figure(curves: &Curves, group: usize, s_name: &str, found: &Found, points: &[GridPoint]) -> String {
    let (law, report) = (found.fit.law(), found.fit.report());
    let used = || points.iter().filter(|point| point.weight > 0.0);
    let mut sizes: Vec<f64> = used().map(|point| point.s).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    let step = sizes.len().div_ceil(SIZES).max(1);
    let shown: Vec<f64> = sizes.iter().copied().step_by(step).collect();
    let least = used().map(|point| point.n).filter(|n| *n > 0.0).fold(f64::INFINITY, f64::min);
    let n = spaced((least, report.n_max));
    let series = shown.iter().enumerate().map(|(style, s)| Series {
        style,
        points: used().filter(|point| point.s == *s).map(|point| (point.n, point.error)).collect(),
        lines: vec![Line { samples: n.iter().map(|n| (*n, law.error_at(*n, *s))).collect(), dashed: false }],
        band: full_band(&found.fit, &n.iter().map(|n| (*n, *n, *s)).collect::<Vec<_>>()),
    });
    let plot = Plot {
        x_label: curves.read.n().into(),
        y_label: curves.read.error_label(),
        series: series.collect(),
        ..Plot::default()
    };
    let legend = shown.iter().enumerate().map(|(k, s)| Legend::Points(k, format!("{s_name} = {}", counted(*s))));
    let title = format!("{}: measurements and the law over both sizes", curves.title(group));
    let panels = vec![Panel::Plot(plot)];
    Figure { title, panels, columns: 1, panel: (400, 320), legend: legend.collect() }.html()
}
