//! What several figures draw in the same way: curves with their laws, linearised curves, estimates of a row.
use syn2real::{Parameter, landscape};

use crate::errors::Error;
use crate::identify::{identified, unknown};
use crate::report::curve::{series, spaced};
use crate::report::figure::{Estimate, Legend, Line, Plot, Series};

use super::measurements::{Curve, Fitted};

/// A panel of curves with laws, in the styles given.
pub(super) fn curves<'a>(title: &str, rows: impl Iterator<Item = (usize, &'a Curve)>) -> Plot {
    Plot {
        title: title.into(),
        x_label: "pre-training images n".into(),
        y_label: "test error".into(),
        series: rows.map(|(style, curve)| series(&curve.points, &curve.fit, style)).collect(),
        ..Plot::default()
    }
}

/// The law's entries of a legend; whether laws are dashed and have bands is read from the series.
pub(super) fn law_legend<'a>(panels: impl Iterator<Item = &'a Plot> + Clone) -> Vec<Legend> {
    let mut legend = vec![Legend::Line { dashed: false, text: "fitted law".into() }];
    if panels.clone().flat_map(|panel| &panel.series).any(|s| s.lines.iter().any(|line| line.dashed)) {
        legend.push(Legend::Line { dashed: true, text: "a parameter not identified".into() });
    }
    if panels.flat_map(|panel| &panel.series).any(|s| !s.band.is_empty()) {
        legend.push(Legend::Band("95 % band of L(n), the mean".into()));
    }
    legend
}

/// Which of the curves have a parameter that the data do not determine.
pub(super) fn unidentified<'a>(rows: impl Iterator<Item = (String, &'a Curve)>) -> String {
    let names: Vec<String> =
        rows.filter(|(_, curve)| !identified(&curve.fit, &curve.points)).map(|(name, _)| name).collect();
    if names.is_empty() {
        return "All fitted parameters are identified.".into();
    }
    format!("Dashed and without a band, with a parameter that the data do not determine: {}.", names.join(", "))
}

/// How the band was made.
pub(super) fn band_sentence(fitted: &Fitted) -> String {
    let given = match fitted.options.fixed_d {
        Some(d) => format!("; it takes D = {d} as known, and is too narrow by what is not known of D"),
        None => String::new(),
    };
    format!("Band: 95 % profile intervals of L(n), by F{given}.")
}

/// A curve minus its gap with the power-law term D n^-alpha, and the number of points at or below the gap.
fn linearised(curve: &Curve, style: usize) -> Result<(Series, usize), Error> {
    let (law, report) = (curve.fit.law(), curve.fit.report());
    let (mut points, mut below) = (vec![(0.0, 0.0); curve.points.len()], vec![0; curve.points.len()]);
    let found = landscape::linearise(&curve.points, law.c, &mut points, &mut below);
    let found = found.map_err(|e| Error::Shipped(e.to_string()))?;
    points.truncate(found.above);
    let samples = spaced((report.n_min, report.n_max)).into_iter().map(|n| (n, law.error_at(n) - law.c));
    let line =
        Line { samples: samples.filter(|(_, y)| *y > 0.0).collect(), dashed: !identified(&curve.fit, &curve.points) };
    Ok((Series { style, points, lines: vec![line], band: Vec::new() }, found.below))
}

/// A panel of linearised curves; the second part names the curves that lose points, with their number.
pub(super) fn linearised_panel<'a>(
    title: &str,
    rows: impl Iterator<Item = (usize, String, &'a Curve)>,
) -> Result<(Plot, Vec<(String, usize)>), Error> {
    let (mut series, mut lost) = (Vec::new(), Vec::new());
    for (style, name, curve) in rows {
        let (one, below) = linearised(curve, style)?;
        series.push(one);
        if below > 0 {
            lost.push((name, below));
        }
    }
    let panel = Plot {
        title: title.into(),
        x_label: "pre-training images n".into(),
        y_label: "test error - C".into(),
        series,
        ..Plot::default()
    };
    Ok((panel, lost))
}

/// The sentence on points that a logarithm cannot show.
pub(super) fn lost_sentence(lost: &[(String, usize)]) -> String {
    if lost.is_empty() {
        return "No point lies at or below its C.".into();
    }
    let names: Vec<String> = lost.iter().map(|(name, below)| format!("{name} ({below})")).collect();
    format!("Points with L <= C have no place on a logarithmic axis and are left out: {}.", names.join(", "))
}

/// An estimate with its standard error, or why it is not drawn.
pub(super) fn estimate(curve: &Curve, parameter: Parameter, name: String, style: usize) -> Estimate {
    let law = curve.fit.law();
    let (place, estimate) = match parameter {
        Parameter::D => (0, law.d),
        Parameter::Alpha => (1, law.alpha),
        _ => (2, law.c),
    };
    let value = match (unknown(&curve.fit, &curve.points, parameter), curve.fit.std_errors()[place]) {
        (None, Some(error)) => Ok((estimate, error)),
        (Some(reason), _) => Err(reason.to_string()),
        (None, None) => Err("without a standard error".into()),
    };
    Estimate { name, style, value }
}
