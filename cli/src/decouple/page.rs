//! The page of `decouple --report`: the D that all curves share, how it was found, and every curve with it.
use crate::errors::Error;
use crate::fitting::Task;
use crate::output::{short, with_error};
use crate::report::curve::series;
use crate::report::figure::{Figure, Legend, Line, Mark, Panel, Plot, Scale, Series};
use crate::report::groups::{FIGURES, GroupPage, PANEL, number};
use crate::report::html::Tone;

use super::found::{Found, Usable, fits, meaning, stop_words};

/// Writes index.html; returns its path.
pub(super) fn write(
    dir: &str,
    task: &Task<'_>,
    usable: &Usable,
    found: &Found,
    settings: &str,
) -> Result<String, Error> {
    let shared = match (&found.shared, found.fixed) {
        (Some(shared), _) => format!(
            "By joint least squares it is {}.",
            shared.std_error.map_or(short(shared.d), |error| with_error(shared.d, error))
        ),
        (None, Some(fixed)) => format!("The iteration of medians goes to {}.", short(fixed.d)),
        _ => "None was found.".into(),
    };
    let mut page = GroupPage::new("Which D do all curves share?", &format!("{shared} It is {}.", meaning(found)));
    page.counts(&[(Tone::Plain, "curves used", usable.groups.len()), (Tone::Bad, "not used", usable.errors.len())]);
    page.page().note(&format!("{} of {}. {settings}.", number(task.curves.len(), "curve"), task.curves.read.file));
    page.read(&task.curves.read);
    page.page().heading("Every curve with that D");
    let table = fits(task, usable, found);
    page.table(&table.table, &table.groups);
    for line in table.below() {
        page.page().note(&line);
    }
    page.page().heading("Iteration of medians");
    let rounds = found.trace.iter().zip(1_u32..).map(|(pair, round)| (f64::from(round), pair.d));
    let trace = Plot {
        x_label: "round".into(),
        y_label: "median D".into(),
        y: Scale::Log,
        series: vec![Series { lines: vec![Line { samples: rounds.collect(), dashed: false }], ..Series::default() }],
        marks: found
            .fixed
            .map(|fixed| Mark::Y(fixed.d, format!("fixed point {}", short(fixed.d))))
            .into_iter()
            .collect(),
        ..Plot::default()
    };
    let title = "median D, round by round".to_owned();
    let figure = Figure { title, panels: vec![Panel::Plot(trace)], columns: 1, panel: PANEL, legend: Vec::new() };
    page.page().figure(&figure.html(), "Median D, round by round.", &stop_words(found.plain.stop));
    for ((group, points), fit) in usable.groups.iter().zip(&usable.points).zip(&found.fits).take(FIGURES) {
        let series = series(points, fit, 0);
        page.legend([Legend::Points(0, "measured".into()), Legend::Law(0, "law with D held".into())]);
        page.legend((!series.band.is_empty()).then(|| Legend::BandOf(0, "95 % band of L(n), given D".into())));
        let plot = Plot {
            x_label: task.curves.read.n().into(),
            y_label: task.curves.read.error_label(),
            series: vec![series],
            ..Plot::default()
        };
        let title = task.curves.title(*group);
        let svg = Panel::Plot(plot).svg(PANEL, &format!("{title}: measurements and law"));
        page.figure(*group, &title, &svg, "");
    }
    let about = "Both axes logarithmic. A dashed law has a parameter that the data do not determine, and no band.";
    page.write(dir, about, usable.groups.len().saturating_sub(FIGURES), &[])
}
