//! The page of `plan --report`: the verdicts, and for each group the curve with its band, the target, and the samples that it
//! takes.
use syn2real::infer::MadeBy;
use syn2real::plan::{PlanOptions, Verdict};
use syn2real::{Point, Syn2RealFit};

use crate::errors::Error;
use crate::group::Curves;
use crate::output::done;
use crate::question::answered_by;
use crate::report::asked::{ABOUT, Asked, answer, ranked, sentence, tally};
use crate::report::figure::{Legend, Plot};
use crate::report::groups::GroupPage;

use super::args::PlanArgs;
use super::print::{Planned, table, unplanned};

/// The question as it is put to a curve.
fn asked<'a>(args: &PlanArgs, question: &'a PlanOptions, labels: (&'a str, &'a str)) -> Asked<'a> {
    Asked { labels, target: Some(args.target()), budget: args.budget, options: question, next: None }
}

/// The curve with its band, the target, the budget and the samples needed.
pub(crate) fn plot(
    args: &PlanArgs,
    question: &PlanOptions,
    curves: &Curves,
    fit: &Syn2RealFit,
    points: &[Point],
    verdict: &Verdict,
) -> Plot {
    let error = curves.read.error_label();
    asked(args, question, (curves.read.n(), &error)).plot(fit, points, Some(verdict)).0
}

/// The same as it stands on the page, with its legend.
pub(super) fn draw(
    args: &PlanArgs,
    question: &PlanOptions,
    curves: &Curves,
    name: &str,
    (fit, points): (&Syn2RealFit, &[Point]),
    verdict: &Verdict,
) -> (String, Vec<Legend>) {
    let error = curves.read.error_label();
    asked(args, question, (curves.read.n(), &error)).draw(name, fit, points, Some(verdict))
}

/// Writes the page; returns its path.
pub(crate) fn write(
    dir: &str,
    args: &PlanArgs,
    question: &PlanOptions,
    curves: &Curves,
    results: &[Result<Planned, String>],
    notes: &[String],
) -> Result<String, Error> {
    let planned: Vec<(usize, &Planned)> = done(results).collect();
    let named: Vec<_> = planned.iter().map(|(group, planned)| (curves.title(*group), &planned.verdict)).collect();
    let title = format!("Would more samples reach {}?", curves.read.target(args.target()));
    let mut page = GroupPage::new(&title, &answer(&curves.read.target(args.target()), &named));
    page.counts(&tally(planned.iter().map(|(_, planned)| &planned.verdict), results.len() - planned.len()));
    let by = if curves.by.is_empty() { String::new() } else { format!(", one for each {}", curves.by.join(", ")) };
    let what = match answered_by(planned.iter().map(|(_, planned)| &planned.verdict)) {
        [_, false] => "L(n) = D n^-alpha + C, fitted to",
        [false, true] => "The forecast, an average over the laws that bend, of",
        [true, true] => {
            "L(n) = D n^-alpha + C, and the forecast, an average over the laws that bend, where it answers, of"
        }
    };
    page.page().note(&format!("{what} {} curves of {}{by}.", curves.len(), curves.read.file));
    page.read(&curves.read);
    page.page().heading("Verdicts");
    let mut table = table(args, curves, results);
    let order = ranked(&named.iter().map(|(_, verdict)| *verdict).collect::<Vec<_>>());
    table.rows = order.iter().map(|k| table.rows[*k].clone()).collect();
    let groups: Vec<usize> = order.iter().map(|k| planned[*k].0).collect();
    page.table(&table, &groups);
    for line in unplanned(curves, results) {
        page.page().note(&line);
    }
    let mut left_out = 0;
    for (name, planned) in order.iter().map(|k| (&named[*k].0, planned[*k])) {
        let (group, Planned { verdict, figure, .. }) = planned;
        let Some((svg, legend)) = figure else {
            left_out += 1;
            continue;
        };
        page.legend(legend.iter().cloned());
        let by = if verdict.method() == Some(MadeBy::Forecast) { " (by the forecast)" } else { "" };
        page.figure(group, &format!("{name}: {}", verdict.name()), svg, &format!("{}{by}", sentence(verdict)));
    }
    let level = 100.0 * question.confidence.level();
    page.write(dir, &format!("{ABOUT} Its level is {level} %, as that of the band."), left_out, notes)
}
