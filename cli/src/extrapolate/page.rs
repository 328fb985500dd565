//! The page of `extrapolate --report`: the tables, and each group with what the laws foretell.
use crate::errors::Error;
use crate::report::html::Page;
use crate::report::outlooks::{Curve, Outlooks};
use crate::report::page::{FIGURES, write as write_file};

use super::print::Printed;
use super::score::{Foretold, Predictor, Scoring};
use super::split::Training;

/// Writes index.html; returns its path.
pub(super) fn write(dir: &str, scoring: &Scoring<'_>, printed: &Printed<'_>, window: &str) -> Result<String, Error> {
    let mut page = Page::new("What the laws foretell");
    page.paragraph(&format!("{} groups of {}. {window}", printed.curves.len(), printed.curves.read.file));
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
        figures.push(figure(printed.curves.title(group), scoring, &foretold)?);
    }
    if left_out > 0 {
        page.note(&format!("The first {FIGURES} groups are drawn, {left_out} are not."));
    }
    page.panels(&figures);
    let version = format!("Made by syn2real {}.", env!("CARGO_PKG_VERSION"));
    write_file(dir, "index.html", &page.html(&[window, &version]))
}

fn figure(title: String, scoring: &Scoring<'_>, foretold: &Foretold) -> Result<String, Error> {
    let laws = scoring.predictors.iter().zip(&foretold.fits).filter_map(|(predictor, fit)| match (predictor, fit) {
        (Predictor::Law(law), Some(fit)) => Some((*law, Box::new(|n| fit.error_at(n)) as Curve<'_>)),
        _ => None,
    });
    let sizes = foretold.train.iter().chain(&foretold.test).map(|point| point.n);
    Outlooks {
        title,
        labels: (scoring.task.curves.read.n(), &scoring.task.curves.read.error_label()),
        fitted: &foretold.train,
        scored: &foretold.test,
        laws: laws.collect(),
        forecast: foretold.forecast.as_ref(),
        up_to: sizes.fold(0.0, f64::max),
        fitted_up_to: match scoring.split.training {
            Training::UpTo(n) => Some(n),
            Training::Marked(_) => None,
        },
    }
    .svg()
}
