//! The full law on a simulated transfer experiment.
use syn2real::{FullFit, FullLaw, FullOptions, GridPoint, Weights};

use crate::errors::Error;
use crate::full::print::{NAMES, estimates, settings};
use crate::output::short;
use crate::output::text::TextTable;
use crate::report::band::full_band;
use crate::report::curve::spaced;
use crate::report::figure::{Figure, Legend, Line, Panel, Plot, Series};

use super::measurements::Selection;
use super::sheet::Sheet;

fn distinct(points: &[GridPoint]) -> Vec<f64> {
    let mut sizes: Vec<f64> = points.iter().map(|p| p.s).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    sizes
}

fn panel(title: String, points: &[GridPoint], fit: &FullFit) -> Plot {
    let (law, report) = (fit.law(), fit.report());
    let series = distinct(points).into_iter().enumerate().map(|(style, s)| {
        let sizes = spaced((report.n_min, report.n_max));
        let samples = sizes.iter().map(|n| (*n, law.error_at(*n, s))).collect();
        Series {
            style,
            points: points.iter().filter(|p| p.s == s).map(|p| (p.n, p.error)).collect(),
            lines: vec![Line { samples, dashed: false }],
            band: full_band(fit, &sizes.iter().map(|n| (*n, *n, s)).collect::<Vec<_>>()),
        }
    });
    Plot {
        title,
        x_label: "pre-training samples n".into(),
        y_label: "mean squared error".into(),
        series: series.collect(),
        ..Plot::default()
    }
}

/// A panel and a row of the table for each exponent of the step.
pub(super) fn simulation(sheet: &mut Sheet<'_>) -> Result<(), Error> {
    let selection = Selection::simulation(&["n", "error", "std_error", "s"], "zeta")?;
    let curves = &selection.curves;
    let options = FullOptions { weights: Weights::Sigma, ..FullOptions::default() };
    let header: Vec<&str> =
        ["zeta", "points"].into_iter().chain(NAMES.into_iter().take(4)).chain(["chi2 / dof"]).collect();
    let mut table = TextTable::of(&header, 0);
    let (mut panels, mut legend) = (Vec::new(), Vec::new());
    for group in 0..curves.len() {
        let point = |row| {
            let [n, error, sigma, s] = [0, 1, 2, 3].map(|k| curves.value(k, row));
            GridPoint::new(n, s, error).with_sigma(sigma)
        };
        let points: Vec<GridPoint> = curves.rows(group).map(point).collect();
        let fit = FullLaw::fit_with(&points, &options).map_err(|e| Error::Shipped(e.to_string()))?;
        let report = fit.report();
        let mut row = vec![curves.title(group), report.points.to_string()];
        row.extend(estimates(&fit).into_iter().take(4));
        row.push(short(2.0 * report.cost / report.degrees_of_freedom as f64));
        table.rows.push(row);
        if legend.is_empty() {
            let sizes = distinct(&points).into_iter().enumerate();
            legend = sizes.map(|(style, s)| Legend::Points(style, format!("s = {s}"))).collect();
        }
        panels.push(Panel::Plot(panel(format!("step exponent zeta = {}", curves.title(group)), &points, &fit)));
    }
    let title = "The full law on a simulated transfer experiment".into();
    let figure = Figure { title, panels, columns: 2, panel: (440, 360), legend };
    let caption = format!(
        "A two-layer network learns a function from n samples and then another one, pulled to where it starts, from s samples \
         (eqs (4) to (9) of the paper, averaged SGD); dots are means over seeds, lines one full law for all s. Band: two \
         standard errors of L; where chi2 / dof is above 1 the law is off by more than that. Settings: {}, standard errors of the means as sigmas. \
         The numbers are those that the library's example transfer_simulation prints.",
        settings(&options)
    );
    sheet.drawing("transfer-simulation", "Figure of the simulation.", &figure, &caption)?;
    let explanation = "Standard errors in brackets, from the known sigmas. chi2 / dof near 1: the law explains the means to \
                       their noise.";
    sheet.table("The simulated experiment: parameters of the full law", explanation, &table);
    Ok(())
}
