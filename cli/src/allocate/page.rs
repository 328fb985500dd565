//! The page of `allocate --report`: what to buy, and for each group the pairs of sizes that are as good.
use syn2real::compare::EitherFit;
use syn2real::plan::allocate::Allocation;

use crate::errors::Error;
use crate::group::Curves;
use crate::output::{counted, done, failed, short};
use crate::report::curve::spaced;
use crate::report::figure::{Legend, Line, Mark, Panel, Plot, Series};
use crate::report::groups::{FIGURES, GroupPage, PANEL, number};
use crate::report::html::Tone;

use super::args::AllocateArgs;
use super::print::{Found, beyond_data, settings, table};

/// Fine-tuning sizes are looked for between these multiples of the allocated one.
const AROUND: [f64; 2] = [1e-3, 1e3];
/// Halvings of ln s: to a thousandth of a pixel.
const HALVINGS: usize = 40;

/// Writes index.html; `measured` are the sizes (n, s) of a group. Returns its path.
pub(super) fn write(
    dir: &str,
    args: &AllocateArgs,
    curves: &Curves,
    results: &[Result<Found, String>],
    options: &syn2real::FullOptions,
    measured: impl Fn(usize) -> Vec<(f64, f64)>,
) -> Result<String, Error> {
    let found: Vec<(usize, &Found)> = done(results).collect();
    let mut page = GroupPage::new("Synthetic or real samples?", &answer(args, curves, &found));
    let bought = found.iter().filter(|(_, found)| found.allocation.is_some()).count();
    page.counts(&[
        (Tone::Good, "allocated", bought),
        (Tone::Bad, "out of reach", found.len() - bought),
        (Tone::Bad, "no allocation", results.len() - found.len()),
    ]);
    let settings = settings(args, options, curves, results);
    page.page().note(&format!("{} of {}.", number(results.len(), "group"), curves.read.file));
    page.read(&curves.read);
    page.page().heading("Allocations");
    page.table(&table(curves, results), &found.iter().map(|(group, _)| *group).collect::<Vec<_>>());
    for line in found.iter().filter_map(|(group, found)| beyond_data(curves, *group, found)) {
        page.page().note(&line);
    }
    for (group, error) in failed(results) {
        page.page().note(&format!("no allocation: {}: {error}", curves.title(group)));
    }
    page.legend([Legend::Points(0, "measured".into()), Legend::Law(1, "pairs with the same error".into())]);
    page.legend([Legend::Points(3, "the allocation".into())]);
    for (group, found) in found.iter().take(FIGURES) {
        let title = curves.title(*group);
        let labels = (curves.read.n(), args.data.s.as_str());
        let plot = plot(labels, found, measured(*group));
        let svg = Panel::Plot(plot).svg(PANEL, &format!("{title}: sizes measured, and those allocated"));
        page.figure(*group, &title, &svg, &format!("{}.", found.preferred));
    }
    let about = "Both axes logarithmic: the sizes of a study, n to the right and s upwards.";
    page.write(dir, about, found.len().saturating_sub(FIGURES), &settings)
}

fn answer(args: &AllocateArgs, curves: &Curves, found: &[(usize, &Found)]) -> String {
    let words = |a: &Allocation| {
        let (n, s) = (counted(a.n), counted(a.s));
        format!("{n} synthetic and {s} real samples, for {} and an error of {}", short(a.cost), short(a.error))
    };
    match found {
        [] => "No group could be fitted.".into(),
        [(_, one)] => one.allocation.as_ref().map_or_else(
            || "The target cannot be met within these sizes.".into(),
            |a| format!("By the fitted law, {}.", words(a)),
        ),
        _ => {
            let price = |a: &Allocation| if args.target.is_given() { a.cost } else { a.error };
            let all = found.iter().filter_map(|(group, found)| Some((group, found.allocation?)));
            match all.min_by(|(_, a), (_, b)| price(a).total_cmp(&price(b))) {
                Some((group, a)) => format!("The best of {} is {}: {}.", found.len(), curves.title(*group), words(&a)),
                None => format!("None of {} groups meets the target within these sizes.", found.len()),
            }
        }
    }
}

fn plot((x, y): (&str, &str), found: &Found, measured: Vec<(f64, f64)>) -> Plot {
    let error_at = |n: f64, s: f64| match &found.preferred.fit {
        EitherFit::Full(fit) => fit.law().error_at(n, s),
        EitherFit::Additive(fit) => fit.law().error_at(n, s),
        _ => f64::NAN,
    };
    let mut series = vec![Series { style: 0, points: measured, ..Series::default() }];
    let mut marks = Vec::new();
    if let Some(a) = found.allocation.filter(|a| a.n > 0.0 && a.s > 0.0) {
        let sizes = spaced((found.measured[0].min(a.n) * 0.1, found.measured[0].max(a.n) * 2.0));
        // The error falls with s: where it is that of the allocation, if it is so anywhere.
        let same = |n: f64| {
            let (mut low, mut high) = ((a.s * AROUND[0]).ln(), (a.s * AROUND[1]).ln());
            let is_above = |s: f64| error_at(n, s.exp()) > a.error;
            if !is_above(low) || is_above(high) {
                return None;
            }
            for _ in 0..HALVINGS {
                let middle = 0.5 * (low + high);
                if is_above(middle) { low = middle } else { high = middle }
            }
            Some((n, low.exp()))
        };
        let samples = sizes.into_iter().filter_map(same).collect();
        series.push(Series { style: 1, lines: vec![Line { samples, dashed: false }], ..Series::default() });
        series.push(Series { style: 3, points: vec![(a.n, a.s)], ..Series::default() });
        marks.push(Mark::X(a.n, format!("{} synthetic", counted(a.n))));
        marks.push(Mark::Y(a.s, format!("{} real", counted(a.s))));
    }
    Plot { x_label: x.into(), y_label: y.into(), series, marks, ..Plot::default() }
}
