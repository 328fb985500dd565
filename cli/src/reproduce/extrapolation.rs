//! Figure 5: laws fitted to small pre-training sets, scored on large ones.
use syn2real::{FitOptions, Point, PowerLaw, Residual, Syn2RealLaw};

use crate::errors::Error;
use crate::output::text::TextTable;
use crate::report::curve::{series_over, spaced};
use crate::report::figure::{Bars, Figure, Legend, Line, Mark, Panel, Plot, Series};

use super::measurements::{PAPER_D, Selection};
use super::sheet::Sheet;

/// Models, and the published root-mean-square errors of the power law and of the law (paper, figure 5).
const PUBLISHED: [(&str, f64, f64); 3] = [("r50", 0.0099, 0.0024), ("r101", 0.0074, 0.0016), ("r152", 0.0091, 0.0017)];
/// The largest n of training, in the 64k series.
const TRAIN: f64 = 32_000.0;
/// The smallest n that is scored, in the 1280k series.
const TEST: f64 = 80_000.0;

const WINDOW: &str = "Window: trained on n = 1k to 32k of the 64k series, scored on n = 80k to 1280k of the 1280k series; \
                      objdet\u{2192}objdet, 1 % of the fine-tuning set, last evaluation; log residual";

/// A model's measurements and what the laws make of them.
struct Case {
    model: &'static str,
    published: [f64; 2],
    train: Vec<Point>,
    test: Vec<Point>,
}

fn cases() -> Result<Vec<Case>, Error> {
    let common = ["pdata=bop", "ptask=objdet", "ftask=objdet", "fratio=1", "n>0"];
    let read = |scale: &str, n: &str| {
        let selection = Selection::read("model", &[&common[..], &[scale, n]].concat())?;
        let curves = &selection.curves;
        let points =
            |group: usize| curves.rows(group).map(|row| Point::new(curves.value(0, row), curves.value(1, row)));
        Ok::<_, Error>(
            (0..curves.len()).map(|group| (curves.title(group), points(group).collect())).collect::<Vec<_>>(),
        )
    };
    let train = read("pscale=64k", &format!("n<={TRAIN}"))?;
    let test = read("pscale=1280k", &format!("n>={TEST}"))?;
    let find = |all: &[(String, Vec<Point>)], model: &str| {
        all.iter().find(|(name, _)| name == model).map(|(_, points)| points.clone()).unwrap_or_default()
    };
    let case = |(model, power, law)| Case {
        model,
        published: [power, law],
        train: find(&train, model),
        test: find(&test, model),
    };
    Ok(PUBLISHED.into_iter().map(case).collect())
}

/// Root of the mean squared difference between the predictions and the measurements.
fn rmse(test: &[Point], predict: impl Fn(f64) -> f64) -> f64 {
    let sum: f64 = test.iter().map(|point| (predict(point.n) - point.error).powi(2)).sum();
    (sum / test.len() as f64).sqrt()
}

/// The figure and its table.
pub(super) fn figure5(sheet: &mut Sheet<'_>) -> Result<(), Error> {
    let fixed = FitOptions { fixed_d: Some(PAPER_D), ..FitOptions::default() };
    let shipped = |e: syn2real::FitError| Error::Shipped(e.to_string());
    let mut table = TextTable::of(
        &[
            "model",
            "power, paper",
            "power, here",
            "law, paper",
            "law, D = 0.48, here",
            "law, D free, here",
            "last value, here",
        ],
        1,
    );
    let (mut panels, mut groups) = (Vec::new(), Vec::new());
    for case in cases()? {
        let law = Syn2RealLaw::fit_with(&case.train, &fixed).map_err(shipped)?;
        let free = Syn2RealLaw::fit_with(&case.train, &FitOptions::default()).map_err(shipped)?;
        let power = PowerLaw::fit_with(&case.train, &FitOptions::default()).map_err(shipped)?;
        let last = case.train.iter().max_by(|a, b| a.n.total_cmp(&b.n)).map_or(f64::NAN, |point| point.error);
        let scores = [
            rmse(&case.test, |n| power.law().error_at(n)),
            rmse(&case.test, |n| law.law().error_at(n)),
            rmse(&case.test, |n| free.law().error_at(n)),
            rmse(&case.test, |_| last),
        ];
        let four = |x: f64| format!("{x:.4}");
        let [power_paper, law_paper] = case.published.map(four);
        let [a, b, c, d] = scores.map(four);
        table.rows.push(vec![case.model.into(), power_paper, a, law_paper, b, c, d]);
        groups.push((case.model.to_owned(), (0..).zip(scores).collect()));

        let ends = (1e3, 1.28e6);
        let samples = spaced(ends).into_iter().map(|n| (n, power.law().error_at(n))).collect();
        let points = case.train.iter().chain(&case.test).map(|p| (p.n, p.error)).collect();
        let series = vec![
            Series { points: Vec::new(), ..series_over(&case.train, &law, 1, ends) },
            Series { style: 0, lines: vec![Line { samples, dashed: false }], ..Series::default() },
            Series { style: 6, points, ..Series::default() },
        ];
        panels.push(Panel::Plot(Plot {
            title: format!("{}, objdet \u{2192} objdet", case.model),
            x_label: "pre-training images n".into(),
            y_label: "test error".into(),
            series,
            marks: vec![Mark::X((TRAIN * TEST).sqrt(), "fitted left of here".into())],
            ..Plot::default()
        }));
    }
    panels.push(Panel::Bars(Bars {
        title: "root-mean-square error of the extrapolation".into(),
        y_label: "error in L".into(),
        groups,
    }));
    let legend = vec![
        Legend::Points(6, "measured".into()),
        Legend::Bar(0, "power law".into()),
        Legend::Bar(1, "law, D = 0.48".into()),
        Legend::Bar(2, "law, D free".into()),
        Legend::Bar(3, "last value of the training part".into()),
        Legend::Band("95 % band of L(n), the mean".into()),
    ];
    let title = "Figure 5: ability to extrapolate".into();
    let figure = Figure { title, panels, columns: 2, panel: (440, 340), legend };
    let residual = Residual::Log;
    let caption = format!(
        "Ability to extrapolate: power law and law (1) with D = {PAPER_D}, fitted left of the vertical line. {WINDOW}. The \
         bands are those of the laws given D, {residual} residual, delta method; they hold no error of the law's form."
    );
    sheet.figure("5", &figure, &caption)?;
    let explanation = format!(
        "{WINDOW}. The paper's own window could not be found from the released data, so its figures stand beside ours and \
         are not the same experiment."
    );
    sheet.table("Root-mean-square error of the extrapolation: published and recomputed", &explanation, &table);
    Ok(())
}
