//! A figure of measurements, of laws beyond them, and of the forecast with its band.
use syn2real::forecast::{Forecast, Outlook};
use syn2real::{Confidence, Point};

use crate::laws::LawName;

use super::curve::{spaced, untrained};
use super::figure::{Legend, Line, Mark, Panel, Plot, Series};
use super::groups::PANEL;

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

/// L(n) of a law.
pub(crate) type Curve<'a> = Box<dyn Fn(f64) -> f64 + 'a>;

/// What the figure shows.
pub(crate) struct Outlooks<'a> {
    pub(crate) title: String,
    /// Of n and of the error.
    pub(crate) labels: (&'a str, &'a str),
    pub(crate) fitted: &'a [Point],
    pub(crate) scored: &'a [Point],
    pub(crate) laws: Vec<(LawName, Curve<'a>)>,
    pub(crate) forecast: Option<&'a Forecast>,
    /// The size at which lines end.
    pub(crate) up_to: f64,
    /// The size up to which rows were fitted, where it is the same for all.
    pub(crate) fitted_up_to: Option<f64>,
}

impl Outlooks<'_> {
    /// The figure as an SVG element, and its legend.
    pub(crate) fn svg(self) -> (String, Vec<Legend>) {
        let measured = |points: &[Point]| points.iter().map(|point| (point.n, point.error)).collect();
        let of = |style, points: &[Point]| Series { style, points: measured(points), ..Series::default() };
        let sizes = self.fitted.iter().chain(self.scored).map(|point| point.n).filter(|n| *n > 0.0);
        let ends = (sizes.fold(f64::INFINITY, f64::min), self.up_to);
        let first = if self.scored.is_empty() { "measured" } else { "fitted" };
        let mut legend = vec![Legend::Points(FITTED, first.into())];
        legend.extend((!self.scored.is_empty()).then(|| Legend::Points(SCORED, "scored".into())));
        let mut series = vec![of(FITTED, self.fitted), of(SCORED, self.scored)];
        for (law, error_at) in &self.laws {
            let samples = spaced(ends).into_iter().map(|n| (n, error_at(n))).collect();
            series.push(Series {
                style: style(*law),
                lines: vec![Line { samples, dashed: false }],
                ..Series::default()
            });
            legend.push(Legend::Law(style(*law), law.name().into()));
        }
        if let Some(forecast) = self.forecast {
            let (mut samples, mut band) = (Vec::new(), Vec::new());
            for size in spaced(ends) {
                let Outlook { n, error, measurement: [lower, upper], .. } = forecast.at(size, Confidence::P95);
                samples.push((n, error));
                band.push((n, lower, upper));
            }
            series.push(Series { style: BEST, lines: vec![Line { samples, dashed: true }], band, ..Series::default() });
            legend.push(Legend::Line { dashed: true, text: "forecast".into() });
            legend.push(Legend::BandOf(BEST, "95 % band of a new measurement, by the forecast".into()));
        }
        let mut marks = untrained(self.fitted);
        marks.extend(self.fitted_up_to.map(|n| Mark::X(n, "fitted up to here".into())));
        let named = format!("{}: measurements and what laws foretell", self.title);
        let plot =
            Plot { x_label: self.labels.0.into(), y_label: self.labels.1.into(), series, marks, ..Plot::default() };
        (Panel::Plot(plot).svg(PANEL, &named), legend)
    }
}
