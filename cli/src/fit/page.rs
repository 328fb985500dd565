//! The page of `fit --report`: what the curves say, the table, and a figure for each group.
use syn2real::{Class, FitOptions};

use crate::details::Wanted;
use crate::errors::Error;
use crate::fitting::{Batch, Outcome};
use crate::group::Curves;
use crate::laws::{Fitted, LawName};
use crate::output::table::{FitTable, Kept};
use crate::output::{counted, short};
use crate::report;
use crate::report::curve::{bending_series, series, untrained};
use crate::report::figure::{Legend, Panel, Plot, Series};
use crate::report::groups::{FIGURES, GroupPage, PANEL};
use crate::report::html::Tone;

/// What a fit says to the one who asks whether more samples help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finding {
    /// All parameters are determined.
    Determined,
    /// The data leave a parameter open, or it is on a bound.
    Open,
    NoGap,
    Flat,
    /// The law does not describe the data.
    Refused,
    /// The values rise, as scores do.
    Rises,
}

impl Finding {
    const ALL: [(Finding, Tone, &str); 6] = [
        (Finding::Determined, Tone::Good, "all parameters determined"),
        (Finding::Open, Tone::Open, "not determined by the data"),
        (Finding::NoGap, Tone::Open, "no gap seen, C = 0"),
        (Finding::Flat, Tone::Plain, "flat: no decrease"),
        (Finding::Refused, Tone::Bad, "not described by the law"),
        (Finding::Rises, Tone::Bad, "rise with n, as scores do"),
    ];

    fn of(outcome: &Outcome<'_>, fit: &Fitted, is_determined: bool) -> Finding {
        let report = match fit {
            Fitted::Straight(fit) => fit.report(),
            Fitted::Bending(fit) => &fit.report,
        };
        let is_refused =
            matches!(fit, Fitted::Straight(fit) if fit.check(outcome.points).is_ok_and(|check| !check.describes()));
        match report.class {
            _ if report.rise.is_some() => Finding::Rises,
            _ if is_refused => Finding::Refused,
            Class::Flat => Finding::Flat,
            Class::NoGap => Finding::NoGap,
            _ if is_determined => Finding::Determined,
            _ => Finding::Open,
        }
    }
}

/// The figure of a group and what it says.
pub(super) struct Drawn {
    group: usize,
    svg: String,
    legend: Vec<Legend>,
    finding: Finding,
    /// Largest n measured, L there, and L at ten times as many.
    outlook: [f64; 3],
}

/// Draws the groups of a batch that have a place on the page.
pub(super) fn draw(curves: &Curves, batch: &Batch) -> Vec<Drawn> {
    let drawn = batch.outcomes().take_while(|outcome| outcome.group < FIGURES);
    drawn.filter_map(|outcome| figure(curves, &outcome)).collect()
}

fn figure(curves: &Curves, outcome: &Outcome<'_>) -> Option<Drawn> {
    let fit = outcome.result.as_ref().ok()?;
    let (series, largest) = match fit {
        Fitted::Straight(fit) => (series(outcome.points, fit, 0), fit.report().n_max),
        Fitted::Bending(fit) => (bending_series(outcome.points, fit), fit.report.n_max),
    };
    let is_determined = series.lines.iter().all(|line| !line.dashed);
    let legend = legend(&series, is_determined);
    let plot = Plot {
        x_label: curves.read.n().into(),
        y_label: curves.read.error_label(),
        series: vec![series],
        marks: untrained(outcome.points),
        ..Plot::default()
    };
    let title = format!("{}: measurements and fitted law", curves.title(outcome.group));
    Some(Drawn {
        group: outcome.group,
        svg: Panel::Plot(plot).svg(PANEL, &title),
        legend,
        finding: Finding::of(outcome, fit, is_determined),
        outlook: [largest, fit.error_at(largest), fit.error_at(10.0 * largest)],
    })
}

fn legend(series: &Series, is_determined: bool) -> Vec<Legend> {
    let mut legend = vec![Legend::Points(0, "measured".into())];
    legend.push(match is_determined {
        true => Legend::Law(0, "fitted law".into()),
        false => Legend::Line { dashed: true, text: "fitted law, a parameter not determined".into() },
    });
    let has_band = !series.band.is_empty();
    legend.extend(has_band.then(|| Legend::BandOf(0, "95 % band of L(n), the mean of measurements there".into())));
    legend
}

/// The page under construction.
pub(super) struct FitPage<'a> {
    dir: &'a str,
    law: LawName,
    settings: String,
    table: FitTable,
    drawn: Vec<Drawn>,
    fitted: usize,
    failed: usize,
}

impl<'a> FitPage<'a> {
    pub(super) fn new(
        dir: &'a str,
        law: LawName,
        options: &FitOptions,
        curves: &Curves,
        wanted: &Wanted,
    ) -> FitPage<'a> {
        let (table, settings) = (FitTable::new(curves, law, wanted), report::settings_of(law, options));
        FitPage { dir, law, settings, table, drawn: Vec::new(), fitted: 0, failed: 0 }
    }

    /// Takes a batch: a row of the table and a figure for each group.
    pub(super) fn batch(&mut self, curves: &Curves, kept: &Kept, drawn: Vec<Drawn>) {
        self.table.batch(curves, kept);
        self.drawn.extend(drawn);
        self.fitted += kept.fitted;
        self.failed += kept.failed;
    }

    /// Writes index.html; returns its path.
    pub(super) fn write(self, curves: &Curves, notes: &[String]) -> Result<String, Error> {
        let mut page = GroupPage::new("Would more samples help?", &answer(&self.drawn));
        let count = |finding: Finding| self.drawn.iter().filter(|drawn| drawn.finding == finding).count();
        let mut counts: Vec<_> = Finding::ALL.map(|(finding, tone, name)| (tone, name, count(finding))).to_vec();
        counts.push((Tone::Bad, "not fitted", self.failed));
        page.counts(&counts);
        let by =
            if curves.by.is_empty() { String::new() } else { format!(", a curve for each {}", curves.by.join(", ")) };
        page.page().note(&format!(
            "L(n) = {}, fitted to {} groups of {}{by}. {}.",
            self.law.formula(),
            self.fitted + self.failed,
            curves.read.file,
            self.settings
        ));
        page.read(&curves.read);
        page.page().heading("Estimates");
        page.table(&self.table.table, &self.table.groups);
        for line in self.table.below() {
            page.page().note(&line);
        }
        page.page().note(
            "Intervals in brackets. A fixed D carries the unit of n. What the data \
             determine has a column of its own.",
        );
        for drawn in &self.drawn {
            page.legend(drawn.legend.iter().cloned());
            page.figure(drawn.group, &curves.title(drawn.group), &drawn.svg, "");
        }
        let about = "Both axes logarithmic. A dashed law has a parameter that the data do not determine, and no band.";
        page.write(self.dir, about, self.fitted - self.drawn.len(), notes)
    }
}

/// Two digits of a number of percent.
fn two(x: f64) -> String {
    let decimals = (1.0 - x.abs().log10().floor()).clamp(0.0, 6.0) as usize;
    format!("{x:.decimals$}")
}

/// In a sentence, what ten times as many samples would bring.
fn answer(drawn: &[Drawn]) -> String {
    let determined = drawn.iter().filter(|drawn| drawn.finding == Finding::Determined);
    let mut drops: Vec<f64> =
        determined.map(|Drawn { outlook: [_, now, then], .. }| 100.0 * (1.0 - then / now)).collect();
    drops.sort_by(f64::total_cmp);
    if let [Drawn { finding, outlook: [n, now, then], .. }] = drawn {
        return match finding {
            Finding::Determined => format!(
                "Ten times as many samples, {}, would bring the error from {} to {}, if the fitted law goes on.",
                counted(10.0 * n),
                short(*now),
                short(*then)
            ),
            Finding::Open => "The data do not determine the law: what more samples would bring is open.".into(),
            Finding::NoGap => {
                "The error has fallen as a power of n so far; the data do not say where that ends.".into()
            }
            Finding::Flat => "The error does not fall with n: more samples of this kind have brought nothing.".into(),
            Finding::Refused => "This law does not describe the curve: fit --law best looks for one that does.".into(),
            Finding::Rises => "The values rise with n, as scores do and errors do not.".into(),
        };
    }
    let (all, known) = (drawn.len(), drops.len());
    let rising = drawn.iter().filter(|drawn| drawn.finding == Finding::Rises).count();
    if 2 * rising > all {
        return format!(
            "{rising} of {all} curves rise with n, as scores do and errors do not: nothing here is an answer."
        );
    }
    match (drops.first(), drops.get(known / 2), drops.last()) {
        (Some(least), Some(middle), Some(most)) => format!(
            "{known} of {all} curves determine their law. If these laws go on, ten times as many samples would lower the \
             error by {} % in the median, {} % to {} % in all.",
            two(*middle),
            two(*least),
            two(*most)
        ),
        _ => {
            format!("None of {all} curves determines all parameters of its law: what more samples would bring is open.")
        }
    }
}
