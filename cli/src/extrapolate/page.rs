//! The page of `extrapolate --report`: which law foretold best, the tables, and each group with what the laws foretell.
use crate::errors::Error;
use crate::report::figure::Legend;
use crate::report::groups::{FIGURES, GroupPage, number};
use crate::report::html::Tone;
use crate::report::outlooks::{Curve, Outlooks};

use super::print::Printed;
use super::score::{Foretold, Predictor, Rms, Scoring};
use super::split::Training;

/// Writes index.html; returns its path.
pub(super) fn write(dir: &str, scoring: &Scoring<'_>, printed: &Printed<'_>, window: &str) -> Result<String, Error> {
    let mut page = GroupPage::new("Do small n foretell large n?", &answer(printed));
    let scored = printed.results.iter().filter(|result| result.is_ok()).count();
    let failed = printed.results.len() - scored;
    page.counts(&[(Tone::Plain, "groups scored", scored), (Tone::Bad, "not scored", failed)]);
    page.page().note(&format!("{} of {}. {window}", number(printed.curves.len(), "group"), printed.curves.read.file));
    page.read(&printed.curves.read);
    page.page().heading("Scores");
    page.page().note("Root mean squares of ln prediction - ln error over the rows that were scored.");
    if !printed.means.is_empty() {
        page.page().table(&printed.mean_table());
    }
    if let Some(table) = printed.band_table() {
        page.page().note(
            "How many of the rows that were scored lie inside the 95 % bands of the forecast, of L(n) and of a new \
                   measurement, and how wide the latter is: the mean of ln(upper / lower).",
        );
        page.page().table(&table);
    }
    let groups: Vec<usize> = (0..printed.results.len()).filter(|k| printed.results[*k].is_ok()).collect();
    page.table(&printed.table([false, true]), &groups);
    for group in groups.iter().take(FIGURES) {
        let foretold = scoring.foretell(*group).map_err(Error::Option)?;
        let title = printed.curves.title(*group);
        let (svg, legend) = figure(title.clone(), scoring, &foretold);
        page.legend(legend);
        page.figure(*group, &title, &svg, "");
    }
    let about = "Both axes logarithmic. The laws are fitted to the rows of the first kind alone.";
    page.write(dir, about, groups.len().saturating_sub(FIGURES), &[window.to_owned()])
}

/// Which of the predictors was nearest, in how many of the groups.
fn answer(printed: &Printed<'_>) -> String {
    let scores: Vec<_> = printed.results.iter().flatten().collect();
    let log = |k: usize| scores.iter().filter_map(move |score| score.rms.get(k).copied().flatten()?.log);
    let nearest = |k: usize| {
        let is_nearest = |rms: &[Option<Rms>]| {
            let of = |rms: &Option<Rms>| rms.and_then(|rms| rms.log);
            let own = rms.get(k).and_then(of);
            own.is_some_and(|own| rms.iter().filter_map(of).all(|other| own <= other))
        };
        scores.iter().filter(|score| is_nearest(&score.rms)).count()
    };
    let words = |predictor: &Predictor| match predictor {
        Predictor::Law(law) => law.words(),
        Predictor::LastValue => "the last value",
        Predictor::Best => "the forecast",
    };
    let mut counts: Vec<_> = printed.predictors.iter().enumerate().map(|(k, p)| (nearest(k), k, words(p))).collect();
    counts.sort_by_key(|(count, k, _)| (std::cmp::Reverse(*count), *k));
    let Some((count, k, name)) = counts.first().filter(|(count, ..)| *count > 0) else {
        return "No group could be scored.".into();
    };
    let mut errors: Vec<f64> = log(*k).collect();
    errors.sort_by(f64::total_cmp);
    let middle = errors.get(errors.len() / 2).map_or(String::new(), |x| format!(", off by {:.2} %", 100.0 * x));
    let others = counts[1..].iter().map(|(count, _, name)| format!("{name} in {count}"));
    format!(
        "Of what was fitted to small n, {name} came nearest in {count} of {} groups{middle} in the median; {}.",
        scores.len(),
        others.collect::<Vec<_>>().join(", ")
    )
}

fn figure(title: String, scoring: &Scoring<'_>, foretold: &Foretold) -> (String, Vec<Legend>) {
    let laws = scoring.predictors.iter().zip(&foretold.fits).filter_map(|(predictor, fit)| match (predictor, fit) {
        (Predictor::Law(law), Some(fit)) => Some((*law, Box::new(|n| fit.error_at(n)) as Curve<'_>)),
        _ => None,
    });
    let sizes = foretold.train.iter().chain(&foretold.test).map(|point| point.n);
    Outlooks {
        title,
        labels: (scoring.task.curves.read.n(), &scoring.task.curves.read.error_label()),
        fitted: &foretold.train,
        scored: &foretold.test,
        laws: laws.collect(),
        forecast: foretold.forecast.as_ref(),
        up_to: sizes.fold(0.0, f64::max),
        fitted_up_to: match scoring.split.training {
            Training::UpTo(n) => Some(n),
            Training::Marked(_) => None,
        },
    }
    .svg()
}
