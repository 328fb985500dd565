//! Figure 3: what to do next, read from the fitted laws of the paper's settings.
use syn2real::{Confidence, Parameter};

use crate::errors::Error;
use crate::output::short;
use crate::output::text::TextTable;
use crate::report::figure::{Figure, Legend, Mark, Panel, Plot, Series};
use crate::report::page::series_over;
use crate::report::settings;

use super::draw::band_sentence;
use super::measurements::{Curve, Fitted};
use super::sheet::Sheet;

/// The wish: this share of the error with the most images that were measured.
const WISH: f64 = 0.98;
/// Images that can be had: the largest pool that the authors rendered.
const BUDGET: f64 = 1_280_000.0;

/// The answers, in the words of the paper's figure.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Verdict {
    /// More images reach the wish: so many.
    Reachable(f64),
    /// The gap, or its lower 95 % limit, is above the wish.
    Unreachable,
    /// So many images, more than there can be.
    Infeasible(f64),
    /// The interval of the gap contains the wish, or there is no interval.
    Undetermined,
}

/// The verdict on a fit: the 95 % interval of C is compared with the target first, then n* = (D / (t - C))^(1/alpha) with
/// the budget.
fn verdict(curve: &Curve, target: f64) -> Verdict {
    let law = curve.fit.law();
    let Some(gap) = curve.fit.interval(Parameter::C, Confidence::P95) else { return Verdict::Undetermined };
    if gap.lower.unwrap_or(0.0) >= target {
        return Verdict::Unreachable;
    }
    match gap.upper {
        Some(upper) if upper < target => {
            let needed = ((law.d / (target - law.c)).ln() / law.alpha).exp();
            if needed <= BUDGET { Verdict::Reachable(needed) } else { Verdict::Infeasible(needed) }
        }
        _ => Verdict::Undetermined,
    }
}

/// A count in thousands or millions.
fn images(n: f64) -> String {
    if n < 1e6 { format!("{}k", short(n / 1e3)) } else { format!("{}M", short(n / 1e6)) }
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

/// The figure and its table.
pub(super) fn figure3(sheet: &mut Sheet<'_>, fitted: &Fitted) -> Result<(), Error> {
    let mut table = TextTable::of(&["setting", "verdict", "target", "alpha", "C", "images needed"], 2);
    let mut answers = Vec::new();
    for curve in &fitted.fits {
        let target = target(curve);
        let verdict = verdict(curve, target);
        let (word, needed) = match verdict {
            Verdict::Reachable(n) => ("reachable", images(n)),
            Verdict::Unreachable => ("unreachable: C too high", "-".into()),
            Verdict::Infeasible(n) => ("infeasible: alpha too low", images(n)),
            Verdict::Undetermined => ("undetermined: measure more", "-".into()),
        };
        let law = curve.fit.law();
        table.rows.push(vec![name(curve), word.into(), short(target), short(law.alpha), short(law.c), needed]);
        answers.push((curve, target, verdict));
    }
    let first = |wanted: fn(&Verdict) -> bool| answers.iter().find(|(_, _, verdict)| wanted(verdict));
    let cases: [(&str, fn(&Verdict) -> bool); 3] = [
        ("(b) C low, alpha high: render more", |v| matches!(v, Verdict::Reachable(_))),
        ("(c) C above the target: change the rendering", |v| matches!(v, Verdict::Unreachable)),
        ("(d) alpha too low: change the rendering", |v| matches!(v, Verdict::Infeasible(_))),
    ];
    let mut panels = Vec::new();
    if let Some((curve, target, _)) = cases.iter().find_map(|(_, wanted)| first(*wanted)) {
        let points = curve.points.iter().map(|p| (p.n, p.error)).collect();
        let series = vec![Series { points, ..Series::default() }];
        panels.push(panel(&format!("(a) measured: {}", name(curve)), series, *target));
    }
    for (title, wanted) in cases {
        let (title, found) = match first(wanted) {
            None if title.starts_with("(d)") => {
                ("(d) alpha too low: none for certain; undetermined", first(|v| *v == Verdict::Undetermined))
            }
            found => (title, found),
        };
        panels.push(match found {
            Some((curve, target, verdict)) => {
                let mut series = series_over(&curve.points, &curve.fit, 0, (1e3, BUDGET));
                if series.band.is_empty() {
                    series.lines[0].dashed = true;
                }
                let mut panel = panel(&format!("{title}: {}", name(curve)), vec![series], *target);
                if let (Verdict::Reachable(n), Panel::Plot(plot)) = (verdict, &mut panel) {
                    plot.marks.push(Mark::X(*n, format!("n* = {}", images(*n))));
                }
                if let Panel::Plot(plot) = &mut panel {
                    plot.marks.push(Mark::Y(curve.fit.law().c, "fitted C".into()));
                }
                panel
            }
            None => Panel::Words(title.into(), vec![format!("none of the {} settings is such a case", answers.len())]),
        });
    }
    let legend = vec![
        Legend::Points(0, "measured".into()),
        Legend::Line { dashed: false, text: "fitted law, extrapolated to the budget".into() },
        Legend::Band("95 % band".into()),
    ];
    let title = "Figure 3: pre-training scenarios, from the fitted laws".into();
    let figure = Figure { title, panels, columns: 2, panel: (560, 320), legend };
    let caption = format!(
        "Pre-training scenarios. The paper draws them as a sketch; here they are curves of its own measurements. Target: \
         {} % of the error at the largest n measured; budget: {BUDGET} images, the authors' largest pool. First the 95 % \
         interval of C is compared with the target, then n* with the budget. \
         Settings: {}. {}",
        WISH * 100.0,
        settings(&fitted.options),
        band_sentence(fitted)
    );
    sheet.figure("3", &figure, &caption)?;
    let explanation = "The verdicts of figure 3 on every setting. n* from point estimates, given the fixed D: it moves by \
                       tens of percent with alpha's second digit.";
    sheet.table("Would more images help?", explanation, &table);
    Ok(())
}

fn panel(title: &str, series: Vec<Series>, target: f64) -> Panel {
    Panel::Plot(Plot {
        title: title.into(),
        x_label: "pre-training images n".into(),
        y_label: "test error".into(),
        series,
        marks: vec![Mark::Y(target, "target".into())],
        ..Plot::default()
    })
}
