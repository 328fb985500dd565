//! Appendix D: the iteration of medians, its trace and its fixed point.
use syn2real::Point;
use syn2real::decouple::{
    self, DecoupleError, DecoupleOptions, Decoupled, Identification, MedianRound, STARTS, Stop, Update,
};

use crate::errors::Error;
use crate::output::text::TextTable;
use crate::output::{short, with_error};
use crate::report::figure::{Figure, Legend, Line, Mark, Panel, Plot, Scale, Series};
use crate::report::settings;

use super::measurements::{Fitted, PAPER_D};
use super::sheet::Sheet;

/// Rounds that are drawn: as many as the slowest of the four needs to come within a percent of its end.
const ROUNDS: u32 = 3000;
/// Rounds that the table shows.
const SHOWN: usize = 3;
/// Rounds drawn of each trace, about evenly on a logarithmic axis.
const DRAWN: f64 = 40.0;
/// The paper's start, and one with another D.
const FROM: [MedianRound; 2] = [MedianRound { d: 0.5, alpha: 0.5 }, MedianRound { d: 2.0, alpha: 0.5 }];
const UPDATES: [(Update, &str); 2] = [(Update::Simultaneous, "simultaneous"), (Update::Sequential, "sequential")];

fn failed(e: DecoupleError) -> Error {
    Error::Shipped(e.to_string())
}

/// The figure of the traces and the table of their first rounds.
pub(super) fn appendix_d(sheet: &mut Sheet<'_>, fitted: &Fitted) -> Result<(), Error> {
    let curves: Vec<&[Point]> = fitted.fits.iter().map(|curve| curve.points.as_slice()).collect();
    let mut out = vec![None; curves.len()];
    let names = ["update", "from D, alpha", "round 1", "round 2", "round 3", "contraction"];
    let mut table = TextTable::of(&names, 2);
    let mut series = Vec::new();
    let mut legend = Vec::new();
    for (update, name) in UPDATES {
        for from in FROM {
            let options = DecoupleOptions { update, start: from, max_rounds: ROUNDS, ..DecoupleOptions::paper() };
            let mut trace = vec![from];
            let end = decouple::median_iteration_with(&curves, &options, &mut out, |round| trace.push(round));
            let end = end.map_err(failed)?;
            let start = format!("{}, {}", from.d, from.alpha);
            let mut row = vec![name.to_owned(), start.clone()];
            row.extend(trace.iter().skip(1).take(SHOWN).map(|round| format!("{:.6}, {:.6}", round.d, round.alpha)));
            row.push(end.contraction.map_or("-".into(), |x| format!("{x:.4}")));
            table.rows.push(row);
            let style = legend.len();
            legend.push(Legend::Bar(style, format!("{name}, from D = {}", from.d)));
            series.push(Series { style, lines: drawn(&trace, update), ..Series::default() });
        }
    }
    let options = DecoupleOptions { max_rounds: ROUNDS, ..DecoupleOptions::paper() };
    let fixed = decouple::fixed_point(&curves, &options, &mut out).map_err(failed)?;
    let ends = decouple::sensitivity(&curves, &options, &STARTS, &mut out).map_err(failed)?;
    let shared = decouple::shared_d(&curves, &options.fit, &mut out).map_err(failed)?;
    legend.push(Legend::Line { dashed: true, text: "fixed point".into() });
    let panel = Plot {
        title: format!("median D of {} settings, round by round", curves.len()),
        x_label: "round".into(),
        y_label: "median D".into(),
        y: Scale::Log,
        series,
        marks: vec![Mark::Y(fixed.d, format!("fixed point {:.4}", fixed.d))],
        ..Plot::default()
    };
    let title = "Appendix D: the iteration of medians from two starts".into();
    let figure = Figure { title, panels: vec![Panel::Plot(panel)], columns: 1, panel: (440, 360), legend };
    let caption = format!(
        "The iteration of medians that gave the paper's D = {PAPER_D}: a round shrinks the distance to the fixed point by \
         about a percent, so that after a few rounds it looks converged wherever it starts. The simultaneous update makes \
         two interleaved sequences. Settings: {}.",
        settings(&options.fit)
    );
    sheet.drawing("appendix-d", "Figure for Appendix D.", &figure, &caption)?;
    let explanation = "The medians D, alpha after each of the first rounds, and by which factor a round shrinks the distance \
                       to the fixed point.";
    sheet.table("Appendix D: trace of the iteration", explanation, &table);
    summary(sheet, &fixed, &ends, &shared);
    Ok(())
}

fn summary<const S: usize>(
    sheet: &mut Sheet<'_>,
    fixed: &Decoupled,
    ends: &decouple::Sensitivity<S>,
    shared: &decouple::Shared,
) {
    let mut table = TextTable::of(&["", "D", "alpha", "note"], 1);
    table.rows.push(vec!["paper, after \"a few\" rounds".into(), PAPER_D.to_string(), "-".into(), String::new()]);
    let stop = match fixed.stop {
        Stop::Converged { .. } => format!("in {} evaluations of the map", fixed.evaluations),
        other => other.to_string(),
    };
    table.rows.push(vec!["fixed point".into(), format!("{:.9}", fixed.d), format!("{:.9}", fixed.alpha), stop]);
    let d = shared.std_error.map_or(short(shared.value), |error| with_error(shared.value, error));
    table.rows.push(vec![
        "one D for all, joint least squares".into(),
        d,
        "-".into(),
        format!("cost {}", short(shared.cost)),
    ]);
    let verdict = match ends.verdict {
        Identification::Identified => "identified: every start ends at this fixed point",
        Identification::NotIdentified => "not identified: the end depends on the start",
    };
    let explanation = format!("From {S} starts, accelerated: {verdict}. D carries the unit of n, images.");
    sheet.table("Appendix D: published and recomputed", &explanation, &table);
}

/// Lines through some rounds of a trace; the simultaneous update has one for even and one for odd rounds.
fn drawn(trace: &[MedianRound], update: Update) -> Vec<Line> {
    let strides = if update == Update::Simultaneous { 2 } else { 1 };
    let last = (trace.len().max(2) - 1) as f64;
    let line = |first: usize| {
        let mut rounds: Vec<usize> = (0..=DRAWN as usize)
            .map(|k| last.powf(k as f64 / DRAWN) as usize)
            .map(|round| round - (round + first) % strides)
            .filter(|round| *round > 0)
            .collect();
        rounds.dedup();
        let samples = rounds.iter().filter_map(|round| Some((*round as f64, trace.get(*round)?.d))).collect();
        Line { samples, dashed: false }
    };
    (0..strides).map(line).collect()
}
