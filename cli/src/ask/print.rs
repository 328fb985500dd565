//! The answers as text: a sentence, a plot, and what they rest on.
use std::io::{BufWriter, Write, stdout};

use syn2real::infer::QuantityInterval;
use syn2real::{Class, Parameter, Point};

use crate::chart::Chart;
use crate::group::Curves;
use crate::identify::{self, PARAMETERS};
use crate::oddity::below;
use crate::outlook::At;
use crate::output::text::TextTable;
use crate::output::{counted, done, failed, interval, place, plain, short};
use crate::plan::plot as plan_plot;
use crate::question::answered;
use crate::report::curve::series_over;
use crate::report::figure::Series;
use crate::terminal::Terminal;

use super::answer::{Answer, Questions};
use super::args::AskArgs;
use super::order::{count, ordered};
use super::sentence::Speaker;

/// Groups in the plot: more lines hide each other.
const DRAWN: usize = 6;
/// Groups in the table: more are counted.
const LISTED: usize = 20;

/// What is printed.
pub(super) struct Printed<'a> {
    pub(super) args: &'a AskArgs,
    pub(super) questions: &'a Questions,
    pub(super) curves: &'a Curves,
    pub(super) results: &'a [Result<Answer, String>],
    /// What is odd about rows, a sentence each.
    pub(super) odd: &'a [String],
    pub(super) notes: &'a [String],
    pub(super) speaker: Speaker<'a>,
}

impl Printed<'_> {
    /// The text.
    pub(super) fn text(&self) -> std::io::Result<()> {
        let mut out = BufWriter::new(stdout().lock());
        let terminal = Terminal::stdout();
        let order = ordered(self.results);
        match order.as_slice() {
            [] => {}
            [(group, answer)] if self.results.len() == 1 => self.one(&mut out, &terminal, *group, answer)?,
            all => self.several(&mut out, &terminal, all)?,
        }
        for (group, error) in failed(self.results) {
            writeln!(out, "no answer: {}: {error}", self.curves.title(group))?;
        }
        for note in below(self.odd.to_vec()).iter().chain(self.notes) {
            writeln!(out, "{note}")?;
        }
        if self.args.target.error().is_none() && done(self.results).next().is_some() {
            writeln!(out, "Add --target X to ask whether more samples reach the error X, and how many that takes.")?;
        }
        out.flush()
    }

    fn one(&self, out: &mut impl Write, terminal: &Terminal, group: usize, answer: &Answer) -> std::io::Result<()> {
        writeln!(out, "{}\n", self.speaker.sentence(answer))?;
        self.plot(out, terminal, &[(group, answer)])?;
        let rows = self.lines(answer);
        for (name, text) in rows {
            writeln!(out, "{name:<6} {text}")?;
        }
        Ok(())
    }

    /// Name and text of each line below the plot.
    fn lines(&self, answer: &Answer) -> Vec<(&'static str, String)> {
        let law = answer.fit.law();
        let values = PARAMETERS.map(|parameter| identify::value(law, parameter).map_or("-".into(), short));
        let [d, alpha, c] = values;
        let intervals =
            [("alpha", Parameter::Alpha), ("C", Parameter::C)].into_iter().filter_map(|(name, parameter)| {
                answer.interval(parameter).map(|found| format!("{name} {}", interval(Some(found), short)))
            });
        let fit = match answer.fit.report().class {
            Class::Flat => format!("L(n) = {c}"),
            _ => format!("L(n) = {d} n^-{alpha} + {c}"),
        };
        let mut lines = vec![("fit", [fit].into_iter().chain(intervals).collect::<Vec<_>>().join(", "))];
        lines.extend(answer.found.map(|found| ("", found.to_string())));
        match &answer.asked {
            Some(asked) => {
                let verdict = &asked.planned.verdict;
                lines.push(("check", answered(self.questions.options.basis, verdict, &answer.check)));
                lines.push(("plan", format!("{}: {}", verdict.name(), verdict.reason())));
                lines.push(("next", self.next(answer)));
            }
            None => lines.push(("check", answer.check.to_string())),
        }
        let at = answer.at.iter().map(|at| format!("{at} at {}", plain(&counted(at.n))));
        lines.push(("error", at.collect::<Vec<_>>().join(", ")));
        lines
    }

    /// The next measurement.
    fn next(&self, answer: &Answer) -> String {
        let Some(asked) = &answer.asked else { return String::new() };
        if asked.planned.verdict.is_decided() {
            let sure = asked.planned.assured;
            let enough = sure
                .n
                .map(|n| format!("; {} are enough in {} of 10 repeated studies", counted(n), 10.0 * sure.probability));
            return format!("nothing to measure{}", enough.unwrap_or_default());
        }
        asked.next.advice()
    }

    fn several(&self, out: &mut impl Write, terminal: &Terminal, all: &[(usize, &Answer)]) -> std::io::Result<()> {
        let (best, answer) = all[0];
        writeln!(out, "{}", count(all, self.speaker.things, self.speaker.target.as_deref()))?;
        writeln!(out, "Best: {}. {}\n", self.curves.title(best), self.speaker.sentence(answer))?;
        writeln!(out, "{}\n", self.table(&all[..all.len().min(LISTED)]).text())?;
        if all.len() > LISTED {
            writeln!(out, "{} more groups: --format json has all\n", all.len() - LISTED)?;
        }
        self.plot(out, terminal, &all[..all.len().min(DRAWN)])
    }

    /// A row for each group, the best first.
    fn table(&self, all: &[(usize, &Answer)]) -> TextTable {
        let with_target = self.args.target.is_given();
        let marks = if all.len() > 1 && !self.args.no_plot { vec![String::new()] } else { Vec::new() };
        let sizes: Vec<String> = match (self.args.at.as_slice(), all) {
            ([], _) => ["L at 2 n_max", "L at 10 n_max"].map(String::from).to_vec(),
            (at, _) => at.iter().map(|n| format!("L at {}", counted(*n))).collect(),
        };
        let by = marks.len() + self.curves.by.len();
        let columns: Vec<String> = match with_target {
            true => ["verdict", "n*", "n_max", "C", "next"].map(String::from).to_vec(),
            false => ["n_max", "alpha", "C"].map(String::from).into_iter().chain(sizes).collect(),
        };
        let numbers = (0..by + columns.len()).map(|k| k >= by && columns[k - by] != "verdict").collect();
        let header = marks.into_iter().chain(self.curves.by.iter().cloned()).chain(columns).collect();
        let mut table = TextTable::new(header, numbers);
        for (k, (group, answer)) in all.iter().enumerate() {
            let mark =
                (by > self.curves.by.len()).then(|| if k < DRAWN { letter(k).to_string() } else { String::new() });
            let names = self.curves.group(*group).map(|(_, value)| value.to_owned());
            let n_max = counted(answer.fit.report().n_max);
            let [alpha, c] = [Parameter::Alpha, Parameter::C].map(|p| interval(answer.interval(p), short));
            let cells = match &answer.asked {
                Some(asked) => {
                    let verdict = &asked.planned.verdict;
                    let next = if verdict.is_decided() { "-".into() } else { place(asked.next.n()) };
                    vec![verdict.name().into(), interval(verdict.n(), counted), n_max, c, next]
                }
                None => {
                    let at = answer.at.iter().map(At::to_string);
                    [n_max, alpha, c].into_iter().chain(at).collect()
                }
            };
            table.rows.push(mark.into_iter().chain(names).chain(cells).collect());
        }
        table
    }

    fn plot(&self, out: &mut impl Write, terminal: &Terminal, all: &[(usize, &Answer)]) -> std::io::Result<()> {
        if self.args.no_plot {
            return Ok(());
        }
        let series: Vec<Series> =
            all.iter().enumerate().map(|(k, (_, answer))| self.series(answer, k, all.len())).collect();
        let mark = |k: usize| (all.len() > 1).then(|| letter(k));
        let verdict = all.first().filter(|_| all.len() == 1).and_then(|(_, answer)| answer.verdict());
        let chart = Chart {
            series: series.iter().enumerate().map(|(k, series)| (mark(k), series)).collect(),
            x_label: self.curves.read.n(),
            y_label: &self.curves.read.error_label(),
            target: self.args.target.error(),
            reached: verdict.and_then(|v| v.n()).map(|n: QuantityInterval| [n.estimate, n.lower, n.upper]),
            level: self.questions.options.confidence.level(),
        };
        writeln!(out, "{}", chart.text(terminal))
    }

    /// Points, law and band; bands of several would hide each other.
    fn series(&self, answer: &Answer, style: usize, of: usize) -> Series {
        let (fit, points): (_, &[Point]) = (&answer.fit, &answer.points);
        let mut series = match (&self.questions.asked, answer.verdict()) {
            (Some((plan, ..)), Some(verdict)) => {
                let plot = plan_plot(plan, &self.questions.options, self.curves, fit, points, verdict);
                plot.series.into_iter().next().unwrap_or_default()
            }
            _ => {
                let report = fit.report();
                let far = answer.at.iter().map(|at| at.n).fold(report.n_max, f64::max);
                let mut series = series_over(points, fit, style, (report.n_min, far));
                series.lines = series.lines.drain(..).flat_map(|line| line.split(report.n_max)).collect();
                series
            }
        };
        series.style = style;
        if of > 1 {
            series.band.clear();
        }
        series
    }
}

/// The character of a group in the plot.
fn letter(k: usize) -> char {
    (b'a'..=b'z').nth(k).map_or('?', char::from)
}
