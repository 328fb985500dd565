//! Figures 4 and 11: five sizes of the model.
use syn2real::{Residual, model_size};

use crate::errors::Error;
use crate::output::text::TextTable;
use crate::output::with_error;
use crate::report::curve::spaced;
use crate::report::figure::{Figure, Legend, Line, Panel, Plot, Series};
use crate::report::settings;

use super::draw::{band_sentence, curves, law_legend, linearised_panel, lost_sentence, unidentified};
use super::measurements::{Curve, Fitted};
use super::sheet::Sheet;

/// The models, smallest first.
const MODELS: [&str; 5] = ["r18", "r34", "r50", "r101", "r152"];
/// The two settings: pre-training and fine-tuning task.
const SETTINGS: [(&str, &str); 2] = [("mulclass", "sinclass"), ("objdet", "objdet")];

/// The curves of a setting, with the style of their model.
fn rows<'a>(fitted: &'a Fitted, (ptask, ftask): (&str, &str)) -> Vec<(usize, &'static str, &'a Curve)> {
    let find = |model: &str| {
        fitted.fits.iter().find(|curve| {
            let [m, p, pdata, f, _] = curve.group.as_slice() else { return false };
            m == model && pdata == "bop" && p == ptask && f == ftask
        })
    };
    MODELS.into_iter().enumerate().filter_map(|(k, model)| Some((k, model, find(model)?))).collect()
}

fn name((ptask, ftask): (&str, &str)) -> String {
    format!("{ptask} \u{2192} {ftask}")
}

fn legend() -> Vec<Legend> {
    MODELS.into_iter().enumerate().map(|(k, model)| Legend::Points(k, model.into())).collect()
}

/// Figure 4: curves of the models, and C against the number of parameters (millions, by model).
pub(super) fn figure4(sheet: &mut Sheet<'_>, fitted: &Fitted, parameters: &[(String, f64)]) -> Result<(), Error> {
    let mut panels = Vec::new();
    let mut table = TextTable::of(&["setting", "b, C = k P^-b", "k (P in millions)", "C falls with every step"], 1);
    let mut names = Vec::new();
    for setting in SETTINGS {
        let rows = rows(fitted, setting);
        panels.push(curves(&name(setting), rows.iter().map(|(style, _, curve)| (*style, *curve))));
        names.extend(rows.iter().map(|(_, model, curve)| (format!("{model} {}", name(setting)), *curve)));
    }
    let mut legend = legend();
    legend.extend(law_legend(panels.iter()));
    for setting in SETTINGS {
        let rows = rows(fitted, setting);
        let size = |model: &str| parameters.iter().find(|(name, _)| name == model).map(|(_, millions)| *millions);
        let gaps: Vec<(usize, f64, f64)> =
            rows.iter().filter_map(|(style, model, curve)| Some((*style, size(model)?, curve.fit.law().c))).collect();
        let points: Vec<(f64, f64)> = gaps.iter().map(|(_, p, c)| (*p, *c)).collect();
        let fit = model_size::fit(&points).map_err(|e| Error::Shipped(e.to_string()))?;
        let [k_error, b_error] = fit.std_errors().map_or([None; 2], |errors| errors.map(Some));
        let monotone = points.windows(2).all(|pair| pair[1].1 < pair[0].1);
        let with = |x: f64, error: Option<f64>| error.map_or(crate::output::short(x), |e| with_error(x, e));
        let falls = if monotone { "yes" } else { "no" };
        table.rows.push(vec![name(setting), with(fit.b, b_error), with(fit.k, k_error), falls.into()]);
        let ends = (points.first().map_or(10.0, |p| p.0), points.last().map_or(60.0, |p| p.0));
        let samples = spaced(ends).into_iter().map(|p| (p, fit.gap_at(p))).collect();
        let mut series: Vec<Series> = gaps
            .iter()
            .map(|(style, p, c)| Series { style: *style, points: vec![(*p, *c)], ..Series::default() })
            .collect();
        series.push(Series { style: 6, lines: vec![Line { samples, dashed: false }], ..Series::default() });
        panels.push(Plot {
            title: format!("C against model size, {}", name(setting)),
            x_label: "parameters (millions)".into(),
            y_label: "transfer gap C".into(),
            series,
            ..Plot::default()
        });
    }
    let title = "Figure 4: effect of the model size on the curves and on the transfer gap".into();
    let panels = panels.into_iter().map(Panel::Plot).collect();
    let figure = Figure { title, panels, columns: 2, panel: (440, 340), legend };
    let caption = format!(
        "Effect of model size. Above: scaling curves of five ResNets. Below: estimated transfer gap against the number of \
         parameters in the file, both axes logarithmic, with the line of least squares in logarithms; it has five points and \
         no band. Settings: {}. {} {}",
        settings(&fitted.options),
        unidentified(names.iter().map(|(name, curve)| (name.clone(), *curve))),
        band_sentence(fitted)
    );
    sheet.figure("4", &figure, &caption)?;
    let explanation = "Least squares of ln C over ln P, five models. The paper draws these lines and prints no exponents. The \
                       standard errors take each C as exact.";
    sheet.table("Exponents of the model size", explanation, &table);
    Ok(())
}

/// Figure 11: figure 4 without the gaps.
pub(super) fn figure11(sheet: &mut Sheet<'_>, fitted: &Fitted) -> Result<(), Error> {
    let (mut panels, mut lost) = (Vec::new(), Vec::new());
    for setting in SETTINGS {
        let rows = rows(fitted, setting).into_iter();
        let rows = rows.map(|(style, model, curve)| (style, format!("{model} {}", name(setting)), curve));
        let (panel, below) = linearised_panel(&name(setting), rows)?;
        panels.push(panel);
        lost.extend(below);
    }
    let mut legend = legend();
    legend.extend(law_legend(panels.iter()));
    let title = "Figure 11: the model sizes, linearised".into();
    let panels = panels.into_iter().map(Panel::Plot).collect();
    let figure = Figure { title, panels, columns: 2, panel: (440, 340), legend };
    let residual = if fitted.options.residual == Residual::Linear { "linear" } else { "log" };
    let caption = format!(
        "The linearised version of figure 4, {residual} residual: measurements minus the fitted C, lines D n^-alpha. {} \
         Settings: {}.",
        lost_sentence(&lost),
        settings(&fitted.options)
    );
    sheet.figure("11", &figure, &caption)
}
