//! Figures 13 and 14: why D and alpha are hard to tell apart.
use syn2real::landscape::{self, largest_gap};
use syn2real::{Bounds, FitOptions, Point, Syn2RealLaw};

use crate::errors::Error;
use crate::report::curve::spaced;
use crate::report::figure::{Figure, Heat, Legend, Line, Panel, Plot, STEPS, Scale, Series};

use super::measurements::{Fitted, PAPER_C};
use super::pairs::{FINE_TUNING, PRE_TRAINING, Pair, pairs};
use super::sheet::Sheet;

/// Ends of the paper's axes.
const ALPHA: (f64, f64) = (0.0, 1.0);
const D: (f64, f64) = (0.0, 2.0);
/// Cells along each axis: 4 to 5 pixels each.
const CELLS: usize = 64;

/// The laws of figure 13, left.
const RED: Syn2RealLaw = Syn2RealLaw { d: 0.5, alpha: 0.4, c: 0.5 };
const BLUE: Syn2RealLaw = Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.5 };

/// Lowest cost over C in [0, 1] with D and alpha held, linear residual; the centres of the cells.
fn heat(pair: &Pair<'_>, fitted: &Fitted) -> Result<Heat, Error> {
    let alpha = Bounds::new(ALPHA.0, ALPHA.1);
    let options = FitOptions { c: PAPER_C, alpha, covariance: false, ..fitted.options };
    let points = pair.curve.points.as_slice();
    let centres = |(low, high): (f64, f64)| -> [f64; CELLS] {
        std::array::from_fn(|k| low + (high - low) * (k as f64 + 0.5) / CELLS as f64)
    };
    let mut by_alpha = vec![0.0; CELLS * CELLS];
    let cost = landscape::cost(points, &centres(ALPHA), &centres(D), &options, &mut by_alpha);
    cost.map_err(|e| Error::Shipped(e.to_string()))?;
    let values = (0..CELLS * CELLS).map(|k| by_alpha[k % CELLS * CELLS + k / CELLS]).collect();
    Ok(Heat {
        title: pair.name(),
        x_label: "alpha".into(),
        y_label: "D".into(),
        x: ALPHA,
        y: D,
        values,
        columns: CELLS,
        minimum: Some(lowest(points, &options)?),
    })
}

/// The lowest point of the landscape, by the complete search over its domain.
fn lowest(points: &[Point], options: &FitOptions) -> Result<(f64, f64), Error> {
    let domain = FitOptions { fixed_d: None, d: Bounds::new(D.0, D.1), ..*options };
    let fit = Syn2RealLaw::fit_with(points, &domain).map_err(|e| Error::Shipped(e.to_string()))?;
    Ok((fit.law().alpha, fit.law().d))
}

fn steps() -> Vec<Legend> {
    let name = |k: usize| match (k, STEPS[k]) {
        (0, end) => format!("cost up to {end} times the lowest"),
        (_, end) if end.is_infinite() => "more".into(),
        (_, end) => format!("up to {end}"),
    };
    (0..STEPS.len()).map(|k| Legend::Step(k, name(k))).collect()
}

const EXPLANATION: &str = "Cost of the linear residual over alpha and D, C at its best in [0, 1] for each, 7 points, in \
                           steps of the ratio to the lowest cell; the cross is the lowest point of the panel's domain, by \
                           the complete search. A cross on an edge says that the minimum of the free fit lies beyond; \
                           next to alpha = 0 the law is a line in ln n.";

/// Figure 13: two laws that look the same, and the ridge of a landscape.
pub(super) fn figure13(sheet: &mut Sheet<'_>, fitted: &Fitted) -> Result<(), Error> {
    let law = |style: usize, law: Syn2RealLaw, dashed: bool| {
        let samples = spaced((1e3, 64e3)).into_iter().map(|n| (n, law.error_at(n))).collect();
        Series { style, lines: vec![Line { samples, dashed }], ..Series::default() }
    };
    let gap = largest_gap(&RED, &BLUE, 1e3, 64e3).map_err(|e| Error::Shipped(e.to_string()))?.gap;
    let mut panels = vec![Panel::Plot(Plot {
        title: "solid D 0.5, alpha 0.4; dashed D 1, alpha 0.5; C 0.5".into(),
        x_label: "pre-training images n".into(),
        y_label: "test error".into(),
        x: Scale::Log,
        y: Scale::Log,
        series: vec![law(1, RED, false), law(0, BLUE, true)],
        ..Plot::default()
    })];
    for pair in pairs(fitted).iter().filter(|pair| pair.ptask == "objdet" && pair.ftask == "objdet") {
        panels.push(Panel::Heat(heat(pair, fitted)?));
    }
    let title = "Figure 13: examples of parameter dependency".into();
    let figure = Figure { title, panels, columns: 2, panel: (440, 360), legend: steps() };
    let caption = format!(
        "Examples of parameter dependency. Left: two laws whose largest difference from 1k to 64k images is {gap:.4}. Right: \
         the landscape of objdet\u{2192}objdet. {EXPLANATION}"
    );
    sheet.figure("13", &figure, &caption)
}

/// Figure 14: the landscapes of the twelve pairs.
pub(super) fn figure14(sheet: &mut Sheet<'_>, fitted: &Fitted) -> Result<(), Error> {
    let pairs = pairs(fitted);
    let panels = pairs.iter().map(|pair| heat(pair, fitted).map(Panel::Heat));
    let panels = panels.collect::<Result<Vec<_>, _>>()?;
    let title = "Figure 14: loss landscapes of the twelve task pairs".into();
    let columns = PRE_TRAINING.len();
    let figure = Figure { title, panels, columns, panel: (300, 260), legend: steps() };
    let tasks = FINE_TUNING.map(|(task, _)| task).join(", ");
    let caption =
        format!("Loss landscapes of curve fittings, a row for each fine-tuning task ({tasks}). {EXPLANATION}");
    sheet.figure("14", &figure, &caption)
}
