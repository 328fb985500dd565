//! The page of `fit --report`: the table and a figure for each group.
use std::fs;
use std::path::Path;

use syn2real::infer::Method;
use syn2real::{Confidence, FitOptions, Point, Syn2RealFit};

use crate::errors::Error;
use crate::group::Curves;
use crate::identify::identified;
use crate::laws::{BendingFit, Fitted, LawName};
use crate::output::table::{FitTable, Kept};

use super::band::band;
use super::figure::{Figure, Legend, Line, Mark, Panel, Plot, Series};
use super::html::Page;

/// Figures on one page; a page of more takes browsers seconds to lay out.
pub(crate) const FIGURES: usize = 60;

/// Samples of a drawn law: a third of a millimetre of a panel each.
const SAMPLES: usize = 120;

/// Points and the fitted law as one series; the law is dashed where its parameters are not all identified.
pub(crate) fn series(points: &[Point], fit: &Syn2RealFit, style: usize) -> Series {
    let report = fit.report();
    series_over(points, fit, style, (report.n_min, report.n_max))
}

/// The same with the law drawn between two sizes, and its 95 % band where it is identified.
pub(crate) fn series_over(points: &[Point], fit: &Syn2RealFit, style: usize, ends: (f64, f64)) -> Series {
    let used = points.iter().filter(|point| point.weight > 0.0);
    let sizes = spaced(ends);
    let identified = identified(fit, points);
    let interval = |sizes: &[f64]| band(points, fit, sizes, Confidence::P95, Method::Profile);
    let band = if identified { interval(&sizes).unwrap_or_default() } else { Vec::new() };
    Series {
        style,
        points: used.map(|point| (point.n, point.error)).collect(),
        lines: vec![Line {
            samples: sizes.iter().map(|n| (*n, fit.law().error_at(*n))).collect(),
            dashed: !identified,
        }],
        band,
    }
}

/// The same of a law that bends, without a band; n = 0 has no place on a logarithmic axis, see [`untrained`].
fn bending_series(points: &[Point], fit: &BendingFit) -> Series {
    let used = || points.iter().filter(|point| point.weight > 0.0 && point.n > 0.0);
    let least = used().map(|point| point.n).fold(f64::INFINITY, f64::min);
    let sizes = spaced((least, fit.report.n_max));
    let samples = sizes.iter().map(|n| (*n, fit.law.error_at(*n))).collect();
    Series {
        points: used().map(|point| (point.n, point.error)).collect(),
        lines: vec![Line { samples, dashed: !fit.is_determined() }],
        ..Series::default()
    }
}

/// What was measured at n = 0, as lines across the panel.
pub(crate) fn untrained(points: &[Point]) -> Vec<Mark> {
    let at = points.iter().filter(|point| point.weight > 0.0 && point.n == 0.0);
    at.map(|point| Mark::Y(point.error, "n = 0".into())).collect()
}

/// Sizes with a common ratio, both ends among them.
pub(crate) fn spaced((low, high): (f64, f64)) -> Vec<f64> {
    let ratio = (high / low).ln();
    (0..=SAMPLES).map(|k| low * (ratio * k as f64 / SAMPLES as f64).exp()).collect()
}

/// Writes a file into a directory, which is made if it is not there; returns its path.
pub(crate) fn write(dir: &str, name: &str, text: &str) -> Result<String, Error> {
    let path = Path::new(dir).join(name);
    let failed = |source| Error::Write { file: path.display().to_string(), source };
    fs::create_dir_all(dir).map_err(failed)?;
    fs::write(&path, text).map_err(failed)?;
    Ok(path.display().to_string())
}

/// The page under construction.
pub(crate) struct FitPage {
    dir: String,
    page: Page,
    labels: (String, String),
    table: FitTable,
    panels: Vec<Plot>,
    left_out: usize,
}

impl FitPage {
    pub(crate) fn new(dir: &str, law: LawName, options: &FitOptions, curves: &Curves) -> FitPage {
        let mut page = Page::new("The scaling law fitted");
        let groups = curves.len();
        let by =
            if curves.by.is_empty() { String::new() } else { format!(", a curve for each {}", curves.by.join(", ")) };
        page.paragraph(&format!("L(n) = {}, fitted to {groups} groups of {}{by}.", law.formula(), curves.read.file));
        page.note(&format!("Settings: {}.", super::settings_of(law, options)));
        let labels = (curves.read.n().to_owned(), curves.read.error_label());
        let table = FitTable::new(curves, law);
        FitPage { dir: dir.into(), page, labels, table, panels: Vec::new(), left_out: 0 }
    }

    /// Takes a batch: a row of the table for each group, a panel for each of the first that are fitted.
    pub(crate) fn batch(&mut self, curves: &Curves, kept: &Kept) {
        self.table.batch(curves, kept);
        let before = self.panels.len();
        for outcome in kept.outcomes() {
            let Ok(fit) = outcome.result else { continue };
            if self.panels.len() >= FIGURES {
                break;
            }
            let series = match fit {
                Fitted::Straight(fit) => series(outcome.points, fit, 0),
                Fitted::Bending(fit) => bending_series(outcome.points, fit),
            };
            self.panels.push(Plot {
                title: curves.title(outcome.group),
                x_label: self.labels.0.clone(),
                y_label: self.labels.1.clone(),
                series: vec![series],
                marks: untrained(outcome.points),
                ..Plot::default()
            });
        }
        self.left_out += kept.fitted - (self.panels.len() - before);
    }

    /// Writes index.html; returns its path.
    pub(crate) fn write(mut self, notes: &[String]) -> Result<String, Error> {
        let figure = |panel: Plot| {
            let mut legend = vec![
                Legend::Points(0, "measured".into()),
                Legend::Line { dashed: panel.series[0].lines[0].dashed, text: "fitted law".into() },
            ];
            if !panel.series[0].band.is_empty() {
                legend.push(Legend::Band("95 % band".into()));
            }
            let title = format!("{}: measurements and fitted law", panel.title);
            Figure { title, panels: vec![Panel::Plot(panel)], columns: 1, panel: (400, 290), legend }.svg()
        };
        let figures = self.panels.into_iter().map(figure).collect::<Result<Vec<_>, _>>()?;
        self.page.heading("Estimates");
        self.page.fits(&self.table);
        self.page.note(
            "Standard errors in brackets, where there are any. A fixed D carries the unit of n. What the data do not \
             determine is named in the last column.",
        );
        self.page.heading("Curves");
        self.page.note(
            "Both axes logarithmic. A dashed law has a parameter that the data do not determine, and no \
             band.",
        );
        if self.left_out > 0 {
            let text = format!("The first {FIGURES} fitted groups are drawn, {} are not.", self.left_out);
            self.page.note(&text);
        }
        self.page.panels(&figures);
        let version = format!("Made by syn2real {}.", env!("CARGO_PKG_VERSION"));
        let mut footer: Vec<&str> = notes.iter().map(String::as_str).collect();
        footer.push(&version);
        write(&self.dir, "index.html", &self.page.html(&footer))
    }
}
