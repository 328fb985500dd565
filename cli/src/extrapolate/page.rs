//! The page of `extrapolate --report`: the tables, and each group with what the laws foretell.
use syn2real::forecast::Outlook;
use syn2real::{Confidence, Point};

use crate::args::InputArgs;
use crate::errors::Error;
use crate::laws::LawName;
use crate::report::figure::{Figure, Legend, Line, Mark, Panel, Plot, Series};
use crate::report::html::Page;
use crate::report::page::{FIGURES, spaced, untrained, write as write_file};

use super::print::Printed;
use super::score::{Foretold, Predictor, Scoring};
use super::split::Training;

/// Styles of the rows that were fitted and of those that were scored.
const FITTED: usize = 0;
const SCORED: usize = 1;

/// The style of the forecast.
const BEST: usize = 6;

/// The style of a law: a colour of its own on every page.
fn style(law: LawName) -> usize {
    match law {
        LawName::Law1 => 2,
        LawName::Rectified => 3,
        LawName::Shifted => 4,
        LawName::Bent => 5,
        LawName::Power => 7,
    }
}

/// Writes index.html; returns its path.
pub(super) fn write(
    dir: &str,
    input: &InputArgs,
    scoring: &Scoring<'_>,
    printed: &Printed<'_>,
    window: &str,
) -> Result<String, Error> {
    let mut page = Page::new("What the laws foretell");
    page.paragraph(&format!("{} groups of {}. {window}", printed.curves.len(), input.file));
    page.heading("Scores");
    page.note("Root mean squares of ln prediction - ln error over the rows that were scored.");
    if !printed.means.is_empty() {
        page.table(&printed.mean_table());
    }
    if let Some(table) = printed.band_table() {
        page.note(
            "How many of the rows that were scored lie inside the 95 % bands of the forecast, of L(n) and of a new \
                   measurement, and how wide the latter is: the mean of ln(upper / lower).",
        );
        page.table(&table);
    }
    page.table(&printed.table([false, true]));
    page.heading("Curves");
    page.note("Both axes logarithmic. The laws are fitted to the rows of the first kind alone.");
    let (mut figures, mut left_out) = (Vec::new(), 0);
    for (group, result) in printed.results.iter().enumerate() {
        if result.is_err() || figures.len() >= FIGURES {
            left_out += usize::from(result.is_ok());
            continue;
        }
        let foretold = scoring.foretell(group).map_err(Error::Option)?;
        figures.push(figure(printed.curves.title(group), input, scoring, &foretold)?);
    }
    if left_out > 0 {
        page.note(&format!("The first {FIGURES} groups are drawn, {left_out} are not."));
    }
    page.panels(&figures);
    let version = format!("Made by syn2real {}.", env!("CARGO_PKG_VERSION"));
    write_file(dir, "index.html", &page.html(&[window, &version]))
}

fn figure(title: String, input: &InputArgs, scoring: &Scoring<'_>, foretold: &Foretold) -> Result<String, Error> {
    let measured = |points: &[Point]| points.iter().map(|point| (point.n, point.error)).collect();
    let of = |style, points: &[Point]| Series { style, points: measured(points), ..Series::default() };
    let sizes = || foretold.train.iter().chain(&foretold.test).map(|point| point.n).filter(|n| *n > 0.0);
    let ends = (sizes().fold(f64::INFINITY, f64::min), sizes().fold(0.0, f64::max));
    let mut legend = vec![Legend::Points(FITTED, "fitted".into()), Legend::Points(SCORED, "scored".into())];
    let mut series = Vec::new();
    for (predictor, fit) in scoring.predictors.iter().zip(&foretold.fits) {
        let (Predictor::Law(law), Some(fit)) = (predictor, fit) else { continue };
        let samples = spaced(ends).into_iter().map(|n| (n, fit.error_at(n))).collect();
        series.push(Series { style: style(*law), lines: vec![Line { samples, dashed: false }], ..Series::default() });
        legend.push(Legend::Law(style(*law), law.name().into()));
    }
    if let Some(forecast) = &foretold.forecast {
        let sizes = spaced(ends);
        let there = sizes.iter().map(|n| forecast.at(*n, Confidence::P95));
        let (mut samples, mut band) = (Vec::new(), Vec::new());
        for Outlook { n, error, measurement: [lower, upper], .. } in there {
            samples.push((n, error));
            band.push((n, lower, upper));
        }
        series.push(Series { style: BEST, lines: vec![Line { samples, dashed: true }], band, ..Series::default() });
        legend.push(Legend::Line { dashed: true, text: "best".into() });
        legend.push(Legend::Band("95 % band of a new measurement".into()));
    }
    series.extend([of(FITTED, &foretold.train), of(SCORED, &foretold.test)]);
    let mut marks = untrained(&foretold.train);
    if let Training::UpTo(n) = scoring.split.training {
        marks.push(Mark::X(n, "fitted up to here".into()));
    }
    let named = format!("{title}: measurements and what the laws foretell");
    let plot = Plot { title, x_label: input.n.clone(), y_label: input.error.clone(), series, marks, ..Plot::default() };
    Figure { title: named, panels: vec![Panel::Plot(plot)], columns: 1, panel: (400, 290), legend }.svg()
}
