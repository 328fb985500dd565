//! Curves against a target: the figure of one, and the answer of many verdicts in a sentence.
use syn2real::forecast::{ForecastOptions, best};
use syn2real::infer::MadeBy;
use syn2real::plan::{PlanOptions, Verdict};
use syn2real::{Point, Syn2RealFit};

use crate::output::{counted, place};
use crate::question::digits;

use super::band::band;
use super::curve::{ribbon, sizes_of_band, spaced};
use super::figure::{Legend, Line, Mark, Panel, Plot, Series};
use super::groups::PANEL;
use super::html::Tone;

/// A law is drawn up to this multiple of the largest n measured at most: further out its panel shows nothing else.
const FARTHEST: f64 = 1e4;

/// What is asked of a curve.
pub(crate) struct Asked<'a> {
    /// Names of n and of the error.
    pub(crate) labels: (&'a str, &'a str),
    pub(crate) target: Option<f64>,
    pub(crate) budget: Option<f64>,
    pub(crate) options: &'a PlanOptions,
    /// Where to measure next.
    pub(crate) next: Option<f64>,
}

impl Asked<'_> {
    /// The figure of a curve as an SVG element, and its legend.
    pub(crate) fn draw(
        &self,
        name: &str,
        fit: &Syn2RealFit,
        points: &[Point],
        verdict: Option<&Verdict>,
    ) -> (String, Vec<Legend>) {
        let (plot, legend) = self.plot(fit, points, verdict);
        (Panel::Plot(plot).svg(PANEL, &format!("{name}: curve, band, target and samples needed")), legend)
    }

    /// The curve with its band, the target, the budget and the samples needed, and their legend.
    pub(crate) fn plot(&self, fit: &Syn2RealFit, points: &[Point], verdict: Option<&Verdict>) -> (Plot, Vec<Legend>) {
        let (law, report) = (fit.law(), fit.report());
        let n = verdict.and_then(Verdict::n);
        let sizes = [n.and_then(|n| n.estimate), n.and_then(|n| n.upper), self.budget, self.next];
        let most = FARTHEST * report.n_max;
        let far = sizes.into_iter().flatten().filter(|n| *n <= most).fold(2.0 * report.n_max, f64::max);
        let ends = (report.n_min, far);
        // What the verdict rests on is drawn.
        let is_forecast = verdict.and_then(Verdict::method) == Some(MadeBy::Forecast);
        let forecast = is_forecast.then(|| {
            let options = ForecastOptions { weights: report.weights, evidence: false, ..ForecastOptions::default() };
            best(points, &options).ok()
        });
        let forecast = forecast.flatten();
        let error_at = |n: f64| forecast.map_or_else(|| law.error_at(n), |forecast| forecast.error_at(n));
        let (sizes, of_band) = (spaced(ends), sizes_of_band(ends, points));
        let line = Line { samples: sizes.iter().map(|n| (*n, error_at(*n))).collect(), dashed: false };
        let limits = match &forecast {
            Some(forecast) => {
                let outlooks = of_band.iter().map(|n| forecast.at(*n, self.options.confidence));
                outlooks.map(|at| (at.n, at.curve[0], at.curve[1])).collect()
            }
            None => band(points, fit, &of_band, self.options.confidence, self.options.method).unwrap_or_default(),
        };
        let limits = ribbon(&limits, &sizes, error_at);
        let legend = legend(is_forecast, !limits.is_empty(), self.options.confidence.level());
        let used = points.iter().filter(|point| point.weight > 0.0);
        let series = Series {
            style: 0,
            points: used.map(|point| (point.n, point.error)).collect(),
            lines: line.split(report.n_max).into(),
            band: limits,
        };
        let plot = Plot {
            x_label: self.labels.0.into(),
            y_label: self.labels.1.into(),
            series: vec![series],
            marks: self.marks(verdict, far),
            ..Plot::default()
        };
        (plot, legend)
    }

    fn marks(&self, verdict: Option<&Verdict>, far: f64) -> Vec<Mark> {
        let mut marks = Vec::new();
        marks.extend(self.next.filter(|n| *n <= far).map(|n| Mark::X(n, format!("measure at {}", place(n)))));
        marks.extend(self.target.map(|target| Mark::Y(target, format!("target {}", digits(target)))));
        let n = verdict.and_then(Verdict::n).filter(|n| n.estimate.is_some() || n.lower.is_some());
        if let (Some(n), Some(y)) = (n, self.target) {
            let text = if n.estimate.is_none_or(|n| n > far) { "n*".into() } else { String::new() };
            // A lower end beyond the panel leaves nothing to draw.
            if n.lower.is_none_or(|lower| lower < far) {
                marks.push(Mark::Span { y, ends: (n.lower, n.upper), text });
            }
            marks.extend(n.estimate.filter(|n| *n <= far).map(|n| Mark::X(n, format!("n* = {}", counted(n)))));
        }
        marks.extend(self.budget.filter(|n| *n <= far).map(|n| Mark::X(n, "budget".into())));
        marks
    }
}

fn legend(is_forecast: bool, has_band: bool, level: f64) -> Vec<Legend> {
    let line = if is_forecast { "forecast" } else { "fitted law" };
    let band = format!("{} % band of L(n), the mean of measurements there", 100.0 * level);
    let mut legend = vec![
        Legend::Points(0, "measured".into()),
        Legend::Law(0, line.into()),
        Legend::Line { dashed: true, text: "beyond the data".into() },
    ];
    legend.extend(has_band.then_some(Legend::BandOf(0, band)));
    legend
}

/// What the figures show, in words.
pub(crate) const ABOUT: &str = "Both axes logarithmic. The bar at the target is the interval of n*, the samples at which it is met; it \
     has no cap where the data set no limit, or where the limit is outside the panel.";

/// How a verdict is counted, and its place among the others: the best first.
fn kind(verdict: &Verdict) -> usize {
    match verdict {
        Verdict::Reachable { .. } => 0,
        Verdict::Undetermined { .. } => 1,
        Verdict::Infeasible { .. } => 2,
        _ => 3,
    }
}

const KINDS: [(Tone, &str); 4] = [
    (Tone::Good, "reachable"),
    (Tone::Open, "undetermined"),
    (Tone::Bad, "infeasible: takes too many samples"),
    (Tone::Bad, "unreachable: the gap is above the target"),
];

/// How many verdicts there are of each kind, and how many groups have none.
pub(crate) fn tally<'a>(
    verdicts: impl Iterator<Item = &'a Verdict> + Clone,
    failed: usize,
) -> Vec<(Tone, &'static str, usize)> {
    let count = |k: usize| verdicts.clone().filter(|verdict| kind(verdict) == k).count();
    let counts = KINDS.iter().enumerate().map(|(k, (tone, name))| (*tone, *name, count(k)));
    counts.chain([(Tone::Bad, "no verdict", failed)]).collect()
}

/// The places of the verdicts in order: those that are reached first, with the fewest samples, before the others.
pub(crate) fn ranked(verdicts: &[&Verdict]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..verdicts.len()).collect();
    let estimate = |k: usize| verdicts[k].n().and_then(|n| n.estimate).unwrap_or(f64::INFINITY);
    order.sort_by(|a, b| kind(verdicts[*a]).cmp(&kind(verdicts[*b])).then(estimate(*a).total_cmp(&estimate(*b))));
    order
}

/// The verdict in one sentence, with the place to measure.
pub(crate) fn sentence(verdict: &Verdict) -> String {
    let reason = verdict.reason().to_string();
    let mut letters = reason.chars();
    let reason: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    match verdict.measure_at() {
        Some(n) => format!("{reason}, at n = {} for example.", place(n)),
        None => format!("{reason}."),
    }
}

/// The answer of all verdicts, which are of groups with these names.
pub(crate) fn answer(target: &str, verdicts: &[(String, &Verdict)]) -> String {
    let all = verdicts.len();
    match verdicts {
        [] => "No group has a verdict.".into(),
        [(_, verdict)] => sentence(verdict),
        _ => {
            let only: Vec<&Verdict> = verdicts.iter().map(|(_, verdict)| *verdict).collect();
            let reached = only.iter().filter(|verdict| kind(verdict) == 0).count();
            let (name, first) = &verdicts[ranked(&only)[0]];
            let fewest = match first.n().and_then(|n| n.estimate) {
                Some(n) if reached > 0 => format!("; {name} takes the fewest samples, {}", counted(n)),
                _ => String::new(),
            };
            let open = only.iter().filter(|verdict| kind(verdict) == 1).count();
            let open = if open > 0 { format!(" For {open} the data do not decide.") } else { String::new() };
            let reached = if reached == 0 { "None".into() } else { reached.to_string() };
            format!("{reached} of {all} groups reach {target}{fewest}.{open}")
        }
    }
}
