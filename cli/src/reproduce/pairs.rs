//! Figures 1, 8, 10 and 14: twelve pairs of a pre-training and a fine-tuning task.
use syn2real::Parameter;

use crate::errors::Error;
use crate::report::figure::{Estimates, Figure, Legend, Panel};
use crate::report::settings;

use super::draw::{band_sentence, curves, estimate, law_legend, linearised_panel, lost_sentence, unidentified};
use super::measurements::{Curve, Fitted};
use super::sheet::Sheet;

pub(super) const FINE_TUNING: [(&str, &str); 3] =
    [("objdet", "MS-COCO"), ("semseg", "ADE20K"), ("sinclass", "ImageNet")];
pub(super) const PRE_TRAINING: [&str; 4] = ["mulclass", "objdet", "semseg", "normal"];

/// A pair of the figures.
pub(super) struct Pair<'a> {
    /// Number of the pre-training task.
    pub(super) style: usize,
    pub(super) ptask: &'static str,
    pub(super) ftask: &'static str,
    pub(super) curve: &'a Curve,
}

impl Pair<'_> {
    pub(super) fn name(&self) -> String {
        format!("{}\u{2192}{}", self.ptask, self.ftask)
    }
}

/// The twelve pairs in the order of the figures: ResNet-50, rendering bop, the three benchmarks of the paper.
pub(super) fn pairs(fitted: &Fitted) -> Vec<Pair<'_>> {
    let names =
        FINE_TUNING.into_iter().flat_map(|(f, _)| PRE_TRAINING.into_iter().enumerate().map(move |(k, p)| (k, p, f)));
    let find = |ptask: &str, ftask: &str| {
        fitted.fits.iter().find(|curve| {
            let [model, p, pdata, f, _] = curve.group.as_slice() else { return false };
            model == "r50" && pdata == "bop" && p == ptask && f == ftask
        })
    };
    names.filter_map(|(style, ptask, ftask)| Some(Pair { style, ptask, ftask, curve: find(ptask, ftask)? })).collect()
}

fn legend() -> Vec<Legend> {
    PRE_TRAINING.into_iter().enumerate().map(|(k, task)| Legend::Points(k, format!("pre-training: {task}"))).collect()
}

fn points(fitted: &Fitted) -> usize {
    pairs(fitted).iter().map(|pair| pair.curve.points.len()).sum()
}

/// Figure 1: curves and laws.
pub(super) fn figure1(sheet: &mut Sheet<'_>, letter: &str, fitted: &Fitted) -> Result<(), Error> {
    let pairs = pairs(fitted);
    let panels: Vec<_> = FINE_TUNING
        .into_iter()
        .map(|(ftask, data)| {
            let rows = pairs.iter().filter(|pair| pair.ftask == ftask).map(|pair| (pair.style, pair.curve));
            curves(&format!("fine-tuning: {ftask} ({data})"), rows)
        })
        .collect();
    let mut legend = legend();
    legend.extend(law_legend(panels.iter()));
    let title = "Figure 1: test error against pre-training images for twelve task pairs".into();
    let panels = panels.into_iter().map(Panel::Plot).collect();
    let figure = Figure { title, panels, columns: 3, panel: (390, 340), legend };
    let caption = format!(
        "Test error after fine-tuning against pre-training images for four pre-training tasks, ResNet-50, 1 % of the \
         fine-tuning set; dots are measurements (7 for each pair, {} in all), lines the fitted law. Settings: {}. {} {}",
        points(fitted),
        settings(&fitted.options),
        unidentified(pairs.iter().map(|pair| (pair.name(), pair.curve))),
        band_sentence(fitted)
    );
    sheet.figure(&format!("1{letter}"), &figure, &caption)
}

/// Figure 8: alpha and C with their standard errors.
pub(super) fn figure8(sheet: &mut Sheet<'_>, letter: &str, fitted: &Fitted) -> Result<(), Error> {
    let pairs = pairs(fitted);
    let panel = |parameter: Parameter, title: &str, x_label: &str| {
        let rows = pairs
            .iter()
            .map(|pair| estimate(pair.curve, parameter, format!("{} \u{2192} {}", pair.ptask, pair.ftask), pair.style));
        Panel::Estimates(Estimates { title: title.into(), x_label: x_label.into(), rows: rows.collect() })
    };
    let panels = vec![
        panel(Parameter::Alpha, "pre-training rate", "alpha"),
        panel(Parameter::C, "transfer gap", "C (test error that remains)"),
    ];
    let title = "Figure 8: alpha and C with standard errors for twelve task pairs".into();
    let figure = Figure { title, panels, columns: 2, panel: (440, 360), legend: legend() };
    let caption = format!(
        "Estimates of alpha and C with one standard error each side, from 7 points for each pair ({} in all). An estimate \
         at a bound, without a standard error, or with one above 1 is not identified and not drawn. Settings: {}.",
        points(fitted),
        settings(&fitted.options)
    );
    sheet.figure(&format!("8{letter}"), &figure, &caption)
}

/// Figure 10: figure 1 without the gaps.
pub(super) fn figure10(sheet: &mut Sheet<'_>, fitted: &Fitted) -> Result<(), Error> {
    let pairs = pairs(fitted);
    let (mut panels, mut lost) = (Vec::new(), Vec::new());
    for (ftask, data) in FINE_TUNING {
        let rows = pairs.iter().filter(|pair| pair.ftask == ftask);
        let rows = rows.map(|pair| (pair.style, pair.name(), pair.curve));
        let (panel, below) = linearised_panel(&format!("fine-tuning: {ftask} ({data})"), rows)?;
        panels.push(panel);
        lost.extend(below);
    }
    let mut legend = legend();
    legend.extend(law_legend(panels.iter()));
    let title = "Figure 10: the twelve task pairs, linearised".into();
    let panels = panels.into_iter().map(Panel::Plot).collect();
    let figure = Figure { title, panels, columns: 3, panel: (390, 340), legend };
    let caption = format!(
        "The linearised version of figure 1a: measurements minus the fitted C, lines D n^-alpha. {} Settings: {}. {} No \
         band: the estimate of C moves the dots themselves.",
        lost_sentence(&lost),
        settings(&fitted.options),
        unidentified(pairs.iter().map(|pair| (pair.name(), pair.curve))).replace("Dashed and without a band", "Dashed"),
    );
    sheet.figure("10", &figure, &caption)
}
