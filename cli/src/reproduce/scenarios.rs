//! Figure 3: what to do next, read from the fitted laws of the paper's settings.
use syn2real::plan::{PlanOptions, Verdict, samples_for};

use crate::errors::Error;
use crate::output::interval;
use crate::output::text::TextTable;
use crate::output::{counted, short};
use crate::report::asked::tally;
use crate::report::curve::series_over;
use crate::report::figure::{Figure, Legend, Mark, Panel, Plot, Series};
use crate::report::settings;

use super::draw::band_sentence;
use super::measurements::{Curve, Fitted};
use super::sheet::Sheet;

/// The wish: this share of the error with the most images that were measured.
const WISH: f64 = 0.99;
/// Images that can be had: the largest pool that the authors rendered.
const BUDGET: f64 = 1_280_000.0;

/// The verdict on a curve: 95 % profile intervals, the authors' pool as budget.
fn verdict(curve: &Curve, target: f64) -> Result<Verdict, Error> {
    let options = PlanOptions { budget: Some(BUDGET), ..PlanOptions::default() };
    samples_for(&curve.fit, &curve.points, target, &options).map_err(|e| Error::Shipped(e.to_string()))
}

fn name(curve: &Curve) -> String {
    let [model, ptask, pdata, ftask, _] = curve.group.as_slice() else { return String::new() };
    format!("{model} {pdata} {ptask}\u{2192}{ftask}")
}

/// The error at the largest n measured, times the wish.
fn target(curve: &Curve) -> f64 {
    let last = curve.points.iter().max_by(|a, b| a.n.total_cmp(&b.n));
    last.map_or(f64::NAN, |point| point.error * WISH)
}

/// The panels after the first, in the words of the paper's figure.
const CASES: [(char, &str); 3] = [
    ('b', "(b) C low, alpha high: render more"),
    ('c', "(c) C above the target: change the rendering"),
    ('d', "(d) alpha too low: change the rendering"),
];

/// A curve with its law to the budget, its band, the target, C, and the images needed.
fn scenario(title: &str, (curve, target, verdict): &(&Curve, f64, Verdict)) -> Panel {
    let mut series = series_over(&curve.points, &curve.fit, 0, (1e3, BUDGET));
    if series.band.is_empty() {
        series.lines[0].dashed = true;
    }
    let mut marks = vec![Mark::Y(*target, "target".into()), Mark::Y(curve.fit.law().c, "fitted C".into())];
    let n = verdict
        .n()
        .filter(|n| n.lower.is_some_and(|lower| lower < BUDGET) && !matches!(verdict, Verdict::Undetermined { .. }));
    if let Some(n) = n {
        marks.push(Mark::Span { y: *target, ends: (n.lower, n.upper), text: String::new() });
        marks.extend(n.estimate.filter(|n| *n < BUDGET).map(|n| Mark::X(n, format!("n* = {}", counted(n)))));
    }
    let plot = Plot {
        title: title.to_owned(),
        x_label: "pre-training images n".into(),
        y_label: "test error".into(),
        series: vec![series],
        marks,
        ..Plot::default()
    };
    Panel::Plot(plot)
}

/// The answer to what the paper's reader asks, in a sentence, and how many settings have each verdict.
pub(super) fn answer(sheet: &mut Sheet<'_>, fitted: &Fitted) -> Result<(), Error> {
    let verdicts = fitted.fits.iter().map(|curve| verdict(curve, target(curve))).collect::<Result<Vec<_>, _>>()?;
    let open = verdicts.iter().filter(|verdict| !verdict.is_decided()).count();
    let reached = verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Reachable { .. })).count();
    sheet.page.answer(&format!(
        "Will more synthetic images help in the paper's settings? In {reached} of {} up to {} images lower the error by \
         {:.0} % for certain; for {open} the measurements do not decide.",
        verdicts.len(),
        counted(BUDGET),
        100.0 * (1.0 - WISH)
    ));
    sheet.page.counts(&tally(verdicts.iter(), 0));
    Ok(())
}

/// The figure and its table.
pub(super) fn figure3(sheet: &mut Sheet<'_>, fitted: &Fitted) -> Result<(), Error> {
    let mut table = TextTable::of(&["setting", "verdict", "target", "alpha", "C [95 %]", "images needed [95 %]"], 2);
    let mut answers = Vec::new();
    for curve in &fitted.fits {
        let target = target(curve);
        let verdict = verdict(curve, target)?;
        let law = curve.fit.law();
        table.rows.push(vec![
            name(curve),
            verdict.name().into(),
            short(target),
            short(law.alpha),
            interval(verdict.gap(), short),
            interval(verdict.n(), counted),
        ]);
        answers.push((curve, target, verdict));
    }
    let first = |letter: char| answers.iter().find(|(_, _, verdict)| verdict.scenario().letter() == letter);
    let mut panels = Vec::new();
    if let Some((curve, target, _)) = ['b', 'c', 'd'].into_iter().find_map(first) {
        let points = curve.points.iter().map(|p| (p.n, p.error)).collect();
        let series = vec![Series { points, ..Series::default() }];
        panels.push(panel("(a) measured".into(), series, *target));
    }
    let mut drawn = Vec::new();
    for (letter, title) in CASES {
        let (title, found) = match first(letter) {
            // The paper's sketch has a case that these data may not show for certain.
            None => (format!("{title}: none sure"), first('a')),
            found => (title.to_owned(), found),
        };
        drawn.extend(found.map(|(curve, ..)| format!("({letter}) {}", name(curve))));
        panels.push(match found {
            Some(answer) => scenario(&title, answer),
            None => Panel::Words(title, vec![format!("none of the {} settings is such a case", answers.len())]),
        });
    }
    let legend = vec![
        Legend::Points(0, "measured".into()),
        Legend::Line { dashed: false, text: "fitted law, extrapolated to the budget".into() },
        Legend::Band("95 % band of L(n), the mean".into()),
    ];
    let title = "Figure 3: pre-training scenarios, from the fitted laws".into();
    let figure = Figure { title, panels, columns: 2, panel: (440, 320), legend };
    let caption = format!(
        "Pre-training scenarios. The paper draws them as a sketch; here they are curves of its own measurements. Target: \
         {} % of the error at the largest n measured; budget: {BUDGET} images, the authors' largest pool. Verdicts rest on \
         95 % profile intervals of C and of n*; the bar is that of n*. Drawn: {}. \
         Settings: {}. {}",
        WISH * 100.0,
        drawn.join("; "),
        settings(&fitted.options),
        band_sentence(fitted)
    );
    sheet.figure("3", &figure, &caption)?;
    let explanation = "The verdicts of figure 3 on every setting, given the fixed D: intervals are too narrow by what is not known \
                       of it.";
    sheet.table("Would more images help?", explanation, &table);
    Ok(())
}

fn panel(title: String, series: Vec<Series>, target: f64) -> Panel {
    Panel::Plot(Plot {
        title,
        x_label: "pre-training images n".into(),
        y_label: "test error".into(),
        series,
        marks: vec![Mark::Y(target, "target".into())],
        ..Plot::default()
    })
}
