//! The page of `compare --report`: which setting is the best, how sure that is, and the curves.
use syn2real::infer::Quantity;
use syn2real::plan::settings::Pair;
use syn2real::{Confidence, Parameter};

use crate::errors::Error;
use crate::group::Curves;
use crate::output::{counted, failed};
use crate::parallel::Workers;
use crate::report::curve::series;
use crate::report::figure::{Figure, Legend, Mark, Panel, Plot, Series};
use crate::report::groups::{FIGURES, GroupPage, PANEL, number};
use crate::report::html::Tone;

use super::args::CompareArgs;
use super::print::{ranking, tests};
use super::settings::{Compared, Setting};

/// Settings in the figure of the best: more curves hide each other.
const BEST: usize = 6;
/// The style of the others.
const OTHERS: usize = 6;

/// Writes index.html; returns its path.
pub(super) fn write(
    dir: &str,
    (args, confidence): (&CompareArgs, Confidence),
    curves: &Curves,
    results: &[Result<Setting, String>],
    compared: &Result<Compared, String>,
    workers: &Workers,
    law: &str,
) -> Result<String, Error> {
    let settings: Vec<&Setting> = results.iter().flatten().collect();
    let groups: Vec<usize> = settings.iter().map(|setting| setting.group).collect();
    let mut page = match compared {
        Ok(compared) => {
            let (answer, open) = answer(confidence, curves, &groups, compared);
            let mut page = GroupPage::new("Which setting is the best?", &answer);
            page.counts(&[
                (Tone::Good, "best", 1),
                (Tone::Open, "not told apart from it", open),
                (Tone::Bad, "worse", settings.len() - 1 - open),
                (Tone::Plain, "not fitted", results.len() - settings.len()),
            ]);
            page
        }
        Err(error) => GroupPage::new("Which setting is the best?", &format!("Not compared: {error}")),
    };
    page.page().note(&format!("{} of {}. {law}.", number(results.len(), "setting"), curves.read.file));
    let error = curves.read.error_label();
    let labels = (curves.read.n(), error.as_str());
    let order = compared.as_ref().map_or_else(|_| (0..settings.len()).collect(), Compared::order);
    let at = compared.as_ref().ok().map(|compared| compared.at);
    let style = |rank: usize| if rank < BEST { rank } else { OTHERS };
    let drawn = workers.map("drawing", order.len().min(FIGURES), |rank| {
        let Setting { fit, points, .. } = settings[order[rank]];
        series(points, fit, style(rank))
    });
    page.read(&curves.read);
    page.page().heading("Ranks");
    if let Ok(compared) = compared {
        let own: Vec<usize> = order.iter().map(|k| groups[*k]).collect();
        page.table(&ranking(curves, &groups, compared), &own);
        let of_best = drawn.iter().take(BEST).cloned().collect();
        let name = |rank: usize| Legend::Points(rank, curves.title(groups[order[rank]]));
        let legend = (0..order.len().min(BEST)).map(name).collect();
        let panel = panel(labels, of_best, at);
        let title = "the best settings".to_owned();
        let figure = Figure { title, panels: vec![Panel::Plot(panel)], columns: 1, panel: (560, 360), legend };
        page.page().figure(&figure.html(), "The best settings.", "In the colours of their own figures below.");
        page.page().heading("Pairs");
        page.page().note(
            "p: likelihood ratio of a common value, adjusted by Holm for all pairs; C and alpha in the first table: intervals \
             that hold together.",
        );
        page.page().table(&tests(confidence, curves, &groups, compared));
    }
    for (group, error) in failed(results) {
        page.page().note(&format!("not fitted: {}: {error}", curves.title(group)));
    }
    for (rank, series) in drawn.into_iter().enumerate() {
        let group = groups[order[rank]];
        page.legend(legend(&series));
        let title = curves.title(group);
        let svg = Panel::Plot(panel(labels, vec![series], at)).svg(PANEL, &format!("{title}: measurements and law"));
        page.figure(group, &format!("{}. {title}", rank + 1), &svg, "");
    }
    let about = "Both axes logarithmic, in the order of the ranks; the six best have colours of their own.";
    let seed = format!("Ranks: residual bootstrap, seed {}.", args.bootstrap.seed());
    page.write(dir, about, order.len().saturating_sub(FIGURES), &[seed])
}

fn panel((x, y): (&str, &str), series: Vec<Series>, at: Option<f64>) -> Plot {
    let marks = at.map(|n| Mark::X(n, format!("compared at {}", counted(n)))).into_iter().collect();
    Plot { x_label: x.into(), y_label: y.into(), series, marks, ..Plot::default() }
}

fn legend(series: &Series) -> Vec<Legend> {
    let mut legend = vec![Legend::Line { dashed: false, text: "fitted law".into() }];
    if series.lines.iter().any(|line| line.dashed) {
        legend.push(Legend::Line { dashed: true, text: "fitted law, a parameter not determined".into() });
    }
    legend.extend(
        (!series.band.is_empty()).then(|| Legend::Band("95 % band of L(n), the mean of measurements there".into())),
    );
    legend
}

/// The answer, and how many settings cannot be told apart from the best.
fn answer(confidence: Confidence, curves: &Curves, groups: &[usize], compared: &Compared) -> (String, usize) {
    let best = compared.order()[0];
    let of_error = |(quantity, pair): &&(Quantity, Pair)| {
        !matches!(quantity, Quantity::Parameter(Parameter::C | Parameter::Alpha)) && (pair.a == best || pair.b == best)
    };
    let open = compared.pairs.iter().filter(of_error).filter(|(_, pair)| !pair.differs(confidence)).count();
    let (name, at) = (curves.title(groups[best]), counted(compared.at));
    let chance = compared.standings[best].map_or(String::new(), |s| format!(" with a probability of {:.2}", s.best));
    let rest = match open {
        0 => "all others are worse by the test of pairs".to_owned(),
        1 => "one other cannot be told apart from it".to_owned(),
        _ => format!("{open} others cannot be told apart from it"),
    };
    (format!("{name} has the least error at n = {at}{chance}; {rest}."), open)
}
