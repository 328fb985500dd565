//! Figures 6 and 12: eight ways of rendering the images.
use syn2real::Parameter;

use crate::errors::Error;
use crate::report::figure::{Estimates, Figure, Legend, Panel};
use crate::report::settings;

use super::draw::{band_sentence, curves, estimate, law_legend, linearised_panel, lost_sentence, unidentified};
use super::measurements::{Curve, Fitted};
use super::sheet::Sheet;

/// The renderings by name, in the order of the file's levels.
fn rows(fitted: &Fitted) -> Vec<(usize, String, &Curve)> {
    let mut rows: Vec<(String, &Curve)> = fitted
        .fits
        .iter()
        .filter_map(|curve| {
            let [_, _, pdata, _, _] = curve.group.as_slice() else { return None };
            pdata.starts_with("bop-lv").then(|| (pdata.trim_start_matches("bop-").to_owned(), curve))
        })
        .collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows.into_iter().enumerate().map(|(k, (name, curve))| (k, name, curve)).collect()
}

fn legend(rows: &[(usize, String, &Curve)]) -> Vec<Legend> {
    rows.iter().map(|(k, name, _)| Legend::Points(*k, name.clone())).collect()
}

/// What the files do not say.
const NAMES: &str = "The renderings have the names of the file, which does not say what texture, appearance, light and \
                     background each has; the paper's negative entropies need its images and are not reproduced.";

/// Figure 6: curves, alpha and C.
pub(super) fn figure6(sheet: &mut Sheet<'_>, fitted: &Fitted) -> Result<(), Error> {
    let rows = rows(fitted);
    let plot = curves("objdet \u{2192} objdet", rows.iter().map(|(k, _, curve)| (*k, *curve)));
    let mut legend = legend(&rows);
    legend.extend(law_legend(std::iter::once(&plot)));
    let panel = |parameter: Parameter, title: &str, x_label: &str| {
        let rows = rows.iter().map(|(k, name, curve)| estimate(curve, parameter, name.clone(), *k));
        Panel::Estimates(Estimates { title: title.into(), x_label: x_label.into(), rows: rows.collect() })
    };
    let panels = vec![
        Panel::Plot(plot),
        panel(Parameter::Alpha, "pre-training rate", "alpha"),
        panel(Parameter::C, "transfer gap", "C (test error that remains)"),
    ];
    let title = "Figure 6: eight renderings: curves, alpha and C".into();
    let figure = Figure { title, panels, columns: 3, panel: (390, 360), legend };
    let caption = format!(
        "Effect of synthetic image complexity. Left: scaling curves of eight renderings. Middle and right: estimates with \
         one standard error each side. {NAMES} Settings: {}. {} {}",
        settings(&fitted.options),
        unidentified(rows.iter().map(|(_, name, curve)| (name.clone(), *curve))),
        band_sentence(fitted)
    );
    sheet.figure("6", &figure, &caption)
}

/// Figure 12: figure 6 without the gaps.
pub(super) fn figure12(sheet: &mut Sheet<'_>, fitted: &Fitted) -> Result<(), Error> {
    let rows = rows(fitted);
    let (panel, lost) = linearised_panel("objdet \u{2192} objdet", rows.iter().cloned())?;
    let mut legend = legend(&rows);
    legend.extend(law_legend(std::iter::once(&panel)));
    let title = "Figure 12: the renderings, linearised".into();
    let figure = Figure { title, panels: vec![Panel::Plot(panel)], columns: 1, panel: (440, 360), legend };
    let caption = format!(
        "The linearised version of figure 6: measurements minus the fitted C, lines D n^-alpha. {} Settings: {}.",
        lost_sentence(&lost),
        settings(&fitted.options)
    );
    sheet.figure("12", &figure, &caption)
}
