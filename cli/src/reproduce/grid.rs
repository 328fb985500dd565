//! Figures 2 and 9: the grid of pre-training and fine-tuning sizes.
use syn2real::{FitOptions, Point, Syn2RealLaw};

use crate::errors::Error;
use crate::report::figure::{Figure, Legend, Panel, Plot, Series};
use crate::report::page::series;

use super::measurements::Selection;
use super::sheet::Sheet;

/// The percentages of the fine-tuning set in figure 2, each with an own style.
pub(super) const SHARES: [&str; 8] = ["1", "2", "4", "7", "16", "32", "64", "100"];

/// Rows of the grid as (n, s, error), by their share.
fn rows(values: &[&str]) -> Result<Vec<(String, Vec<[f64; 3]>)>, Error> {
    let selection = Selection::grid(values, "fratio", &[])?;
    let curves = &selection.curves;
    let row = |row: usize| [0, 1, 2].map(|k| curves.value(k, row));
    Ok((0..curves.len()).map(|group| (curves.title(group), curves.rows(group).map(row).collect())).collect())
}

/// Figure 2: what the grid looks like before any full law.
pub(super) fn figure2(sheet: &mut Sheet<'_>) -> Result<(), Error> {
    let grid = rows(&["n", "s_images", "err_last"])?;
    let shares = SHARES.iter().enumerate().filter_map(|(k, share)| {
        let (_, rows) = grid.iter().find(|(name, _)| name == share)?;
        Some((k, *share, rows))
    });
    let left: Vec<Series> = shares
        .clone()
        .map(|(style, _, rows)| {
            let points = rows.iter().filter(|[n, ..]| *n > 0.0).map(|[n, _, error]| (*n, *error)).collect();
            Series { style, points, ..Series::default() }
        })
        .collect();
    let mut sizes: Vec<f64> = grid.iter().flat_map(|(_, rows)| rows).map(|[n, ..]| *n).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    let mut right = Vec::new();
    let mut law = String::new();
    // None, the smallest, a middle one and the largest: more would lie on each other.
    let shown: Vec<(usize, f64)> =
        sizes.iter().copied().enumerate().filter(|(k, _)| [0, 1, 4, 7].contains(k)).collect();
    for (style, (_, size)) in shown.iter().enumerate() {
        let of_size = grid.iter().flat_map(|(_, rows)| rows).filter(|[n, ..]| n == size);
        let points: Vec<Point> = of_size.map(|[_, s, error]| Point::new(*s, *error)).collect();
        if *size == 0.0 {
            let fit =
                Syn2RealLaw::fit_with(&points, &FitOptions::default()).map_err(|e| Error::Shipped(e.to_string()))?;
            let crate_law = fit.law();
            law = format!(
                "Line: L(0, s) = B s^-beta + E without pre-training, log residual, B {}, beta {}, E {}.",
                crate::output::short(crate_law.d),
                crate::output::short(crate_law.alpha),
                crate::output::short(crate_law.c)
            );
            right.push(series(&points, &fit, style));
        } else {
            let points = points.iter().map(|p| (p.n, p.error)).collect();
            right.push(Series { style, points, ..Series::default() });
        }
    }
    let words = |n: f64| if n == 0.0 { "no pre-training".to_owned() } else { format!("n = {n}") };
    let panel = |title: &str, x_label: &str, series: Vec<Series>| Plot {
        title: title.into(),
        x_label: x_label.into(),
        y_label: "test error".into(),
        series,
        ..Plot::default()
    };
    let title = "Figure 2: scaling curves of pre-training and fine-tuning size";
    let legend = shares.map(|(k, share, _)| Legend::Points(k, format!("{share} %"))).collect();
    let left = panel("(a) by the share of the fine-tuning set", "pre-training images n", left);
    let figure = Figure { title: title.into(), panels: vec![Panel::Plot(left)], columns: 1, panel: (760, 380), legend };
    let source = "mulclass\u{2192}sinclass, ResNet-50, last evaluation; measurements only where no line is named.";
    sheet.figure("2a", &figure, &format!("Scaling curves with different pre-training size: {source}"))?;
    let legend = shown.iter().enumerate().map(|(style, (_, n))| Legend::Points(style, words(*n))).collect();
    let right = panel("(b) by the pre-training size", "fine-tuning images s", right);
    let figure =
        Figure { title: title.into(), panels: vec![Panel::Plot(right)], columns: 1, panel: (760, 380), legend };
    let caption = format!(
        "Scaling curves with different fine-tuning size: {source} {law} s counts images as the share of 1,281,167."
    );
    sheet.figure("2b", &figure, &caption)
}
