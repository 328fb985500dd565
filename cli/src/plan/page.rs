//! The page of `plan --report`: for each group the curve with its band, the target, and the samples that it takes.
use syn2real::forecast::{ForecastOptions, best};
use syn2real::infer::MadeBy;
use syn2real::plan::{PlanOptions, Verdict};
use syn2real::{Point, Syn2RealFit};

use crate::errors::Error;
use crate::group::Curves;
use crate::output::{counted, done};
use crate::question::{answered_by, digits};
use crate::report::band::band;
use crate::report::figure::{Figure, Legend, Line, Mark, Panel, Plot, Series};
use crate::report::html::Page;
use crate::report::page::{spaced, write as write_file};

use super::args::PlanArgs;
use super::print::{Planned, reason, table, unplanned};

/// Figures on one page; a page of more takes browsers seconds to lay out.
pub(super) const FIGURES: usize = 60;

/// A law is drawn up to this multiple of the largest n measured at most: further out its panel shows nothing else.
const FARTHEST: f64 = 1e4;

/// The curve with its band, the target, the budget and the samples needed.
pub(crate) fn plot(
    args: &PlanArgs,
    question: &PlanOptions,
    curves: &Curves,
    fit: &Syn2RealFit,
    points: &[Point],
    verdict: &Verdict,
) -> Plot {
    let (law, report) = (fit.law(), fit.report());
    let n = verdict.n();
    let sizes = [n.and_then(|n| n.estimate), n.and_then(|n| n.upper), args.budget];
    let most = FARTHEST * report.n_max;
    let far = sizes.into_iter().flatten().filter(|n| *n <= most).fold(2.0 * report.n_max, f64::max);
    let sizes = spaced((report.n_min, far));
    // What the verdict rests on is drawn.
    let forecast = (verdict.method() == Some(MadeBy::Forecast)).then(|| {
        let options = ForecastOptions { weights: report.weights, evidence: false, ..ForecastOptions::default() };
        best(points, &options).ok()
    });
    let forecast = forecast.flatten();
    let error_at = |n: f64| forecast.map_or_else(|| law.error_at(n), |forecast| forecast.error_at(n));
    let line = Line { samples: sizes.iter().map(|n| (*n, error_at(*n))).collect(), dashed: false };
    let limits = match &forecast {
        Some(forecast) => {
            let outlooks = sizes.iter().map(|n| forecast.at(*n, question.confidence));
            outlooks.map(|at| (at.n, at.curve[0], at.curve[1])).collect()
        }
        None => band(points, fit, &sizes, question.confidence, question.method).unwrap_or_default(),
    };
    let used = points.iter().filter(|point| point.weight > 0.0);
    let series = Series {
        style: 0,
        points: used.map(|point| (point.n, point.error)).collect(),
        lines: line.split(report.n_max).into(),
        band: limits,
    };
    let mut marks = vec![Mark::Y(args.target(), format!("target {}", digits(args.target())))];
    marks.extend(args.budget.filter(|n| *n <= far).map(|n| Mark::X(n, "budget".into())));
    if let Some(n) = n.filter(|n| n.estimate.is_some() || n.lower.is_some()) {
        let text = if n.estimate.is_none_or(|n| n > far) { "n*".into() } else { String::new() };
        // A lower end beyond the panel leaves nothing to draw.
        if n.lower.is_none_or(|lower| lower < far) {
            marks.push(Mark::Span { y: args.target(), ends: (n.lower, n.upper), text });
        }
        marks.extend(n.estimate.filter(|n| *n <= far).map(|n| Mark::X(n, format!("n* = {}", counted(n)))));
    }
    Plot {
        x_label: curves.read.n().into(),
        y_label: curves.read.error_label(),
        series: vec![series],
        marks,
        ..Plot::default()
    }
}

/// The verdict in one sentence.
fn sentence(verdict: &Verdict) -> String {
    let reason = reason(verdict);
    let mut letters = reason.chars();
    let reason: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    format!("{reason}.")
}

/// Writes the page; returns its path.
pub(crate) fn write(
    dir: &str,
    args: &PlanArgs,
    question: &PlanOptions,
    curves: &Curves,
    results: &[Result<Planned, String>],
    notes: &[String],
) -> Result<String, Error> {
    let mut page = Page::new(&format!("Would more samples reach {}?", digits(args.target())));
    let by = if curves.by.is_empty() { String::new() } else { format!(", one for each {}", curves.by.join(", ")) };
    let what = match answered_by(done(results).map(|(_, planned)| &planned.verdict)) {
        [_, false] => "L(n) = D n^-alpha + C, fitted to",
        [false, true] => "The forecast, an average over the laws that bend, of",
        [true, true] => {
            "L(n) = D n^-alpha + C, and the forecast, an average over the laws that bend, where it answers, of"
        }
    };
    page.paragraph(&format!("{what} {} curves of {}{by}.", curves.len(), curves.read.file));
    for note in notes {
        page.note(note);
    }
    page.heading("Verdicts");
    page.table(&table(args, curves, results));
    for line in unplanned(curves, results) {
        page.note(&line);
    }
    page.heading("Curves");
    let level = 100.0 * question.confidence.level();
    page.note(&format!(
        "Both axes logarithmic. Dots: measurements; line: fitted law, or the forecast, dashed beyond the largest n \
         measured; band: {level} % of it. The bar at the target is the interval of n*, the samples at which it is met; it has no cap where \
         the data set no limit, or where the limit is outside the panel."
    ));
    for (group, planned) in done(results) {
        let Some(plot) = &planned.figure else { continue };
        let name = format!("{}: {}", curves.title(group), planned.verdict.name());
        let line = if planned.verdict.method() == Some(MadeBy::Forecast) { "forecast" } else { "fitted law" };
        let mut legend = vec![
            Legend::Points(0, "measured".into()),
            Legend::Line { dashed: false, text: line.into() },
            Legend::Line { dashed: true, text: "extrapolated".into() },
        ];
        if !plot.series[0].band.is_empty() {
            legend.push(Legend::Band(format!("{level} % band")));
        }
        let plot = Plot { title: name.clone(), ..plot.clone() };
        let title = format!("{name}: curve, band, target and samples needed");
        let svg = Figure { title, panels: vec![Panel::Plot(plot)], columns: 1, panel: (760, 340), legend }.svg()?;
        page.figure(&svg, &format!("{name}."), &sentence(&planned.verdict));
    }
    let left_out = results.len().saturating_sub(FIGURES);
    if left_out > 0 {
        page.note(&format!("The first {FIGURES} groups are drawn, {left_out} are not."));
    }
    let version = format!("Made by syn2real {} with `syn2real plan`.", env!("CARGO_PKG_VERSION"));
    write_file(dir, "index.html", &page.html(&[&version]))
}
