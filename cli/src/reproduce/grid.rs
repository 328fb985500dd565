//! Figures 2 and 9, Appendix C.2: the grid of pre-training and fine-tuning sizes.
use syn2real::{
    FitOptions, FullFit, FullLaw, FullOptions, GridPoint, LackOfFitAtS, Point, Residual, Syn2RealLaw, compare,
};

use crate::errors::Error;
use crate::full::print::settings;
use crate::output::short;
use crate::output::text::TextTable;
use crate::report::band::full_band;
use crate::report::curve::{series, spaced};
use crate::report::figure::{Figure, Legend, Line, Panel, Plot, Series};

use super::measurements::Selection;
use super::sheet::Sheet;

/// The percentages of the fine-tuning set in figure 2, each with an own style.
pub(super) const SHARES: [&str; 8] = ["1", "2", "4", "7", "16", "32", "64", "100"];

/// Rows of one share of the fine-tuning set.
type Share = (String, Vec<[f64; 3]>);

/// Rows of the grid as (n, s, error), by their share.
fn rows(values: &[&str]) -> Result<Vec<Share>, Error> {
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
    let title = "Figure 2: scaling curves of pre-training and fine-tuning size";
    let legend = shares.map(|(k, share, _)| Legend::Points(k, format!("{share} %"))).collect();
    let left = panel("(a) by the share of the fine-tuning set", "pre-training images n", left);
    let figure = Figure { title: title.into(), panels: vec![Panel::Plot(left)], columns: 1, panel: (440, 360), legend };
    let source = "mulclass\u{2192}sinclass, ResNet-50, last evaluation; measurements only where no line is named; the \
                  rows of 10 % are left out of (a).";
    sheet.figure("2a", &figure, &format!("Scaling curves with different pre-training size: {source}"))?;
    let legend = shown.iter().enumerate().map(|(style, (_, n))| Legend::Points(style, words(*n))).collect();
    let right = panel("(b) by the pre-training size", "fine-tuning images s", right);
    let figure =
        Figure { title: title.into(), panels: vec![Panel::Plot(right)], columns: 1, panel: (440, 360), legend };
    let caption = format!(
        "Scaling curves with different fine-tuning size: {source} {law} s counts images as the share of 1,281,167."
    );
    sheet.figure("2b", &figure, &caption)
}

/// Shares of the fine-tuning set in Appendix C.2.
const C2_SHARES: [&str; 6] = ["2", "4", "7", "16", "32", "64"];
/// Published parameters: delta, gamma, alpha, beta.
const C2_PUBLISHED: [&str; 4] = ["41.8", "0.478", "0.544", "0.322"];
/// Images of ImageNet.
const IMAGENET: f64 = 1_281_167.0;

/// How many images a share stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Count {
    /// The same number of each of the 1000 classes, of which the smallest has 732 images.
    Balanced,
    /// The share of all images.
    Plain,
}

impl Count {
    fn images(self, share: f64) -> f64 {
        match self {
            Count::Balanced => 1000.0 * (1300.0 * share).min(732.0),
            Count::Plain => share * IMAGENET,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Count::Balanced => "class-balanced: 1000 min(1300 p, 732)",
            Count::Plain => "p x 1,281,167",
        }
    }
}

/// The 42 points of Appendix C.2.
fn c2_points(count: Count) -> Result<Vec<GridPoint>, Error> {
    let grid = rows(&["n", "fratio", "err_last"])?;
    let used = grid.iter().filter(|(share, _)| C2_SHARES.contains(&share.as_str())).flat_map(|(_, rows)| rows);
    let used = used.filter(|[n, ..]| *n > 0.0);
    Ok(used.map(|[n, percent, error]| GridPoint::new(*n, count.images(percent / 100.0), *error)).collect())
}

fn options(residual: Residual) -> FullOptions {
    FullOptions { residual, ..FullOptions::default() }
}

/// Parameters to the digits that are published, with their standard errors.
fn four_digits(fit: &FullFit) -> [String; 6] {
    let law = fit.law();
    let values = [law.delta, law.gamma, law.alpha, law.beta, law.n0, law.e];
    let errors = fit.std_errors();
    std::array::from_fn(|k| match errors[k] {
        Some(error) => format!("{} ({})", short(values[k]), short(error)),
        None => short(values[k]),
    })
}

/// Figure 9 and the tables of Appendix C.2.
pub(super) fn figure9(sheet: &mut Sheet<'_>) -> Result<(), Error> {
    let shipped = |e: syn2real::FitError| Error::Shipped(e.to_string());
    let names = ["residual", "s", "alpha", "beta", "gamma", "delta", "cost"];
    let mut table = TextTable::of(&names, 2);
    let [delta, gamma, alpha, beta] = C2_PUBLISHED.map(String::from);
    table.rows.push(vec!["paper".into(), "not said".into(), alpha, beta, gamma, delta, "-".into()]);
    for residual in [Residual::Linear, Residual::Log] {
        for count in [Count::Balanced, Count::Plain] {
            let fit = FullLaw::fit_with(&c2_points(count)?, &options(residual)).map_err(shipped)?;
            let [delta, gamma, alpha, beta, ..] = four_digits(&fit);
            let cost = short(fit.report().cost);
            table.rows.push(vec![residual.to_string(), count.words().into(), alpha, beta, gamma, delta, cost]);
        }
    }
    let points = c2_points(Count::Balanced)?;
    let options = options(Residual::Linear);
    let fit = FullLaw::fit_with(&points, &options).map_err(shipped)?;
    draw9(sheet, &points, &fit, &settings(&options))?;
    let explanation = "42 points: mulclass\u{2192}sinclass, ResNet-50, n = 1k to 64k, 2 to 64 % of ImageNet. Standard errors in \
                       brackets. The published figures are those of the linear residual; the cost has a ridge along gamma and \
                       delta, and the residual space decides where on it the minimum lies. Costs of the two residuals are not \
                       comparable.";
    sheet.table("Appendix C.2: published and recomputed parameters of the full law", explanation, &table);
    lack_of_fit(sheet, &points, &fit);
    comparison(sheet, &points, &options)
}

fn draw9(sheet: &mut Sheet<'_>, points: &[GridPoint], fit: &FullFit, settings: &str) -> Result<(), Error> {
    let law = fit.law();
    let distinct = |value: fn(&GridPoint) -> f64| {
        let mut values: Vec<f64> = points.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        values
    };
    let (n, s) = (distinct(|p| p.n), distinct(|p| p.s));
    let ends = |values: &[f64]| (values.first().copied().unwrap_or(1.0), values.last().copied().unwrap_or(2.0));
    let line = |sizes: (f64, f64), error: &dyn Fn(f64) -> f64| {
        vec![Line { samples: spaced(sizes).into_iter().map(|size| (size, error(size))).collect(), dashed: false }]
    };
    let left = s.iter().enumerate().map(|(style, s)| Series {
        style,
        points: points.iter().filter(|p| p.s == *s).map(|p| (p.n, p.error)).collect(),
        lines: line(ends(&n), &|n| law.error_at(n, *s)),
        band: full_band(fit, &spaced(ends(&n)).into_iter().map(|n| (n, n, *s)).collect::<Vec<_>>()),
    });
    let right = n.iter().enumerate().filter(|(k, _)| k % 3 == 0).map(|(k, n)| Series {
        style: k / 3,
        points: points.iter().filter(|p| p.n == *n).map(|p| (p.s, p.error)).collect(),
        lines: line(ends(&s), &|s| law.error_at(*n, s)),
        band: full_band(fit, &spaced(ends(&s)).into_iter().map(|s| (s, *n, s)).collect::<Vec<_>>()),
    });
    let title = "Figure 9: measurements and the full law over both sizes";
    let caption = format!(
        "Empirical and fitting results for various pre-train and fine-tune data sizes, mulclass\u{2192}sinclass, 42 points, \
         one full law for all. Band: two standard errors of L; it is that of a law of the right form, and the law is \
         off by more than the noise (table below). Settings: {settings}; s class-balanced."
    );
    let legend = C2_SHARES.iter().enumerate().map(|(k, share)| Legend::Points(k, format!("{share} %"))).collect();
    let left =
        Panel::Plot(panel("over n, by the share of the fine-tuning set", "pre-training images n", left.collect()));
    let figure = Figure { title: title.into(), panels: vec![left], columns: 1, panel: (440, 360), legend };
    sheet.figure("9a", &figure, &caption)?;
    let legend = n.iter().enumerate().filter(|(k, _)| k % 3 == 0);
    let legend = legend.map(|(k, n)| Legend::Points(k / 3, format!("n = {n}"))).collect();
    let right = Panel::Plot(panel("over s, by the pre-training size", "fine-tuning images s", right.collect()));
    let figure = Figure { title: title.into(), panels: vec![right], columns: 1, panel: (440, 360), legend };
    sheet.figure("9b", &figure, "The same law and measurements over s; three of the seven n are drawn.")
}

fn lack_of_fit(sheet: &mut Sheet<'_>, points: &[GridPoint], fit: &FullFit) {
    let mut rows = [LackOfFitAtS::default(); C2_SHARES.len()];
    let sizes = fit.lack_of_fit(points, &mut rows);
    let mut table = TextTable::of(&["s", "points", "mean residual", "rms residual"], 0);
    for at in rows.iter().take(sizes) {
        table.rows.push(vec![format!("{:.0}", at.s), at.points.to_string(), short(at.mean), short(at.rms)]);
    }
    let explanation = "Residuals model - error of the linear, class-balanced fit, by s. Their means change sign with s, \
                       where those of a law of the right form would be about its rms over the root of 7.";
    sheet.table("Figure 9: lack of fit by fine-tuning size", explanation, &table);
}

fn comparison(sheet: &mut Sheet<'_>, points: &[GridPoint], options: &FullOptions) -> Result<(), Error> {
    let laws = compare::full_laws(points, options, 1).map_err(|e| Error::Shipped(e.to_string()))?;
    let maybe = |x: Option<f64>| x.map_or("-".into(), short);
    let mut table = TextTable::of(&["law", "AICc", "rmse at n = 64k, held out"], 1);
    let words = |law: &str| match law {
        "full" => "delta (gamma + n^-alpha) s^-beta",
        "additive" => "A n^-alpha + B s^-beta + E",
        _ => "delta n^-alpha s^-beta",
    };
    for c in &laws {
        table.rows.push(vec![words(c.law).into(), maybe(c.aicc), maybe(c.holdout_rmse)]);
    }
    let explanation = format!("The 42 points of figure 9, class-balanced s. {}. Lower is better.", settings(options));
    sheet.table("Figure 9: which law?", &explanation, &table);
    Ok(())
}

/// A panel of test errors.
fn panel(title: &str, x_label: &str, series: Vec<Series>) -> Plot {
    Plot { title: title.into(), x_label: x_label.into(), y_label: "test error".into(), series, ..Plot::default() }
}
