//! The page of `fit --law best --report`: which law the data ask for, and what is foretold.
use syn2real::Point;

use crate::errors::Error;
use crate::fitting::Task;
use crate::laws::LawName;
use crate::output::done;
use crate::report::groups::{FIGURES, GroupPage, number};
use crate::report::html::Tone;
use crate::report::outlooks::{Curve, Outlooks};

use super::found::Found;
use super::print::Printed;

/// Writes index.html; returns its path.
pub(super) fn write(dir: &str, task: &Task<'_>, printed: &Printed<'_>, notes: &[String]) -> Result<String, Error> {
    let curves = printed.curves;
    let found = || done(printed.results);
    let refused = found().filter(|(_, found)| found.evidence.refuses_law_one()).count();
    let all = found().count();
    let answer = match found().next() {
        Some((_, found)) if all == 1 => format!("{}.", found.evidence),
        _ => format!("{}.", printed.summary()[0].replacen("a law with", "A law has", 1).replacen(':', " in", 1)),
    };
    let mut page = GroupPage::new("Which law do the data ask for?", &answer);
    page.counts(&[
        (Tone::Bad, "refuse law (1)", refused),
        (Tone::Plain, "do not refuse it", all - refused),
        (Tone::Bad, "not fitted", printed.results.len() - all),
    ]);
    page.page().note(&format!("{} of {}. {}.", number(curves.len(), "group"), curves.read.file, notes.join("; ")));
    page.read(&curves.read);
    page.page().heading("Evidence");
    page.page().note(
        "Weights by AICc; p of law (1) against the laws that contain it; the forecast with its 95 % band of L(n), the mean \
         of measurements there.",
    );
    let groups: Vec<usize> = found().map(|(group, _)| group).collect();
    page.table(&printed.table(), &groups);
    printed.summary().iter().for_each(|line| page.page().note(line));
    for (group, found) in found().take(FIGURES) {
        let points = task.points(group);
        let fitted: Vec<Point> = points.into_iter().filter(|point| point.weight > 0.0).collect();
        let outlooks = Outlooks {
            title: curves.title(group),
            labels: (curves.read.n(), &curves.read.error_label()),
            fitted: &fitted,
            scored: &[],
            laws: laws(found),
            forecast: found.forecast.as_ref(),
            up_to: 4.0 * fitted.iter().map(|point| point.n).fold(0.0, f64::max),
            fitted_up_to: None,
        };
        let (svg, legend) = outlooks.svg();
        page.legend(legend);
        page.figure(group, &curves.title(group), &svg, &format!("{}.", found.evidence));
    }
    let about = "Both axes logarithmic. Lines go to four times the largest size measured.";
    page.write(dir, about, all.saturating_sub(FIGURES), &[])
}

/// The laws that could be fitted, as curves.
fn laws(found: &Found) -> Vec<(LawName, Curve<'_>)> {
    let fitted = found.evidence.contenders().iter().filter_map(|law| Some((law.law, law.fit.as_ref().ok()?)));
    fitted.map(|(law, fit)| (LawName::of(law), Box::new(|n| fit.error_at(n)) as Curve<'_>)).collect()
}
