//! Scores as JSON, csv and a table.
use std::io::{BufWriter, Write, stdout};

use serde::Serialize;

use crate::earlier::Learnt;
use crate::group::Curves;
use crate::output::record::{ErrorRecord, Group, Named, RiseRecord};
use crate::output::text::TextTable;
use crate::output::{Head, done, failed, short};

use super::bands::{Bands, Count, TIMES};
use super::means::Mean;
use super::score::{Predictor, Rms, Score};

/// Columns of a csv for the bands of the forecast: shares of the rows inside, means of ln(upper / lower).
const BANDS: [&str; 4] = ["coverage_mean", "coverage_new", "width_mean", "width_new"];

/// What is printed.
pub(super) struct Printed<'a> {
    pub(super) curves: &'a Curves,
    pub(super) predictors: &'a [Predictor],
    pub(super) results: &'a [Result<Score, String>],
    /// None unless they were asked for.
    pub(super) means: &'a [Mean],
    /// What earlier curves, or the other groups, taught the forecasts.
    pub(super) learnt: Option<&'a Learnt>,
}

/// The mean curve and a new measurement.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Both {
    mean: Option<f64>,
    new: Option<f64>,
}

impl From<[Option<f64>; 2]> for Both {
    fn from([mean, new]: [Option<f64>; 2]) -> Both {
        Both { mean, new }
    }
}

/// The rows up to a multiple of the largest size fitted.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WithinRecord {
    times: f64,
    points: usize,
    coverage: Both,
    width: Both,
}

/// How the 95 % bands of the forecast did.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct BandsRecord {
    /// Shares of the rows inside.
    coverage: Both,
    /// Means of ln(upper / lower).
    width: Both,
    within: [WithinRecord; 2],
}

impl BandsRecord {
    fn new(bands: &Bands) -> BandsRecord {
        let within = |k: usize| {
            let count = &bands.within[k];
            let (coverage, width) = (count.coverage().into(), count.width().into());
            WithinRecord { times: TIMES[k], points: count.points, coverage, width }
        };
        let (coverage, width) = (bands.all.coverage().into(), bands.all.width().into());
        BandsRecord { coverage, width, within: [within(0), within(1)] }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct GroupRecord<'a> {
    group: Group<'a>,
    train_points: usize,
    test_points: usize,
    rmse: Named,
    /// null where an error has no logarithm; of a law where its prediction has none, or where it could not be fitted.
    rmse_log: Option<Named>,
    #[serde(flatten)]
    bands: Option<BandsRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    law_bands: Option<BandsRecord>,
    /// Values that rise with n: a score in the place of an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    rise: Option<RiseRecord>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
}

/// A mean over groups.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct MeanRecord {
    group: std::collections::BTreeMap<String, String>,
    groups: usize,
    rmse_log: Named,
    /// Over the rows of all groups.
    #[serde(flatten)]
    bands: Option<BandsRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    law_bands: Option<BandsRecord>,
    /// Groups without a value, by the name of the law.
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    missing: std::collections::BTreeMap<&'static str, usize>,
}

/// The JSON.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Extrapolate"))]
pub(crate) struct Record<'a> {
    groups: Vec<GroupRecord<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    means: Vec<MeanRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    learnt: Option<&'a Learnt>,
    errors: Vec<ErrorRecord<'a>>,
}

impl Printed<'_> {
    fn named(&self, values: impl Iterator<Item = Option<f64>>) -> Named {
        Named(self.predictors.iter().map(|predictor| predictor.name()).zip(values).collect())
    }

    fn group_record<'a>(&'a self, group: usize, score: &'a Score) -> GroupRecord<'a> {
        let logs: Vec<Option<f64>> = score.rms.iter().map(|rms| rms.and_then(|rms| rms.log)).collect();
        GroupRecord {
            group: Group(self.curves, group),
            train_points: score.train_points,
            test_points: score.test_points,
            rmse: self.named(score.rms.iter().map(|rms| rms.map(|rms| rms.error))),
            rmse_log: logs.iter().any(Option::is_some).then(|| self.named(logs.into_iter())),
            bands: score.bands.as_ref().map(BandsRecord::new),
            law_bands: score.law_bands.as_ref().map(BandsRecord::new),
            rise: score.rise.as_ref().map(RiseRecord::new),
            notes: &score.notes,
        }
    }

    fn mean_record(&self, mean: &Mean) -> MeanRecord {
        let missing = self.predictors.iter().zip(&mean.log).filter(|(_, (_, count))| *count < mean.groups);
        MeanRecord {
            group: mean.of.iter().cloned().collect(),
            groups: mean.groups,
            rmse_log: self.named(mean.log.iter().map(|(mean, _)| *mean)),
            bands: mean.bands.as_ref().map(BandsRecord::new),
            law_bands: mean.law_bands.as_ref().map(BandsRecord::new),
            missing: missing.map(|(predictor, (_, count))| (predictor.name(), mean.groups - count)).collect(),
        }
    }

    pub(super) fn json(&self, settings: &[String]) -> std::io::Result<()> {
        let record = Record {
            groups: done(self.results).map(|(group, score)| self.group_record(group, score)).collect(),
            means: self.means.iter().map(|mean| self.mean_record(mean)).collect(),
            learnt: self.learnt,
            errors: ErrorRecord::all(self.curves, self.results),
        };
        Head::new("extrapolate", Some(&self.curves.read), settings).print(&record, &[])
    }

    /// Names of the columns after those of the group, of `rmse` or `rmse_log`.
    fn columns(&self, of: &str) -> impl Iterator<Item = String> {
        self.predictors.iter().map(move |predictor| format!("{of}_{}", predictor.name()))
    }

    pub(super) fn csv(&self) -> std::io::Result<()> {
        let mut out = csv::Writer::from_writer(stdout().lock());
        let points = ["train_points", "test_points"].map(String::from).into_iter();
        let scores = self.columns("rmse").chain(self.columns("rmse_log"));
        let has_bands = self.predictors.contains(&Predictor::Best);
        let bands = BANDS.into_iter().filter(|_| has_bands);
        let last = bands.chain(["rise_p", "notes", "error"]).map(String::from);
        let columns: Vec<String> = points.chain(scores).chain(last).collect();
        let number = |x: Option<f64>| x.map_or(String::new(), |x| format!("{x:?}"));
        out.write_record(self.curves.by.iter().chain(&columns))?;
        for (group, result) in self.results.iter().enumerate() {
            let mut row: Vec<String> = self.curves.group(group).map(|(_, value)| value.to_owned()).collect();
            match result {
                Ok(score) => {
                    row.extend(numbers(score, |x| format!("{x:?}"), [true, true]));
                    let count = score.bands.as_ref().map(|bands| &bands.all);
                    let [coverage, width] = [count.map(Count::coverage), count.map(Count::width)];
                    let bands = [coverage, width].map(Option::unwrap_or_default).into_iter().flatten();
                    row.extend(bands.filter(|_| has_bands).map(number));
                    row.extend([number(score.rise.map(|rise| rise.p_value)), score.notes.join("; "), String::new()]);
                }
                Err(error) => {
                    row.extend(std::iter::repeat_n(String::new(), columns.len() - 1));
                    row.push(error.clone());
                }
            }
            out.write_record(&row)?;
        }
        out.flush()
    }

    /// The table; `shown` tells whether the RMS of the error and that of its logarithm are.
    pub(super) fn table(&self, shown: [bool; 2]) -> TextTable {
        let by = &self.curves.by;
        let points = ["train points", "test points"].map(String::from);
        let of = |kind: &str, shown: bool| -> Vec<String> {
            self.columns(kind).filter(|_| shown).map(|name| name.replace('_', " ")).collect()
        };
        let columns: Vec<String> =
            points.into_iter().chain(of("rmse", shown[0])).chain(of("rmse_log", shown[1])).collect();
        let has_notes = done(self.results).any(|(_, score)| !score.notes.is_empty());
        let header = by.iter().cloned().chain(columns.iter().cloned()).chain(has_notes.then(|| "note".into()));
        let header: Vec<String> = header.collect();
        let is_number = |k: usize| k >= by.len() && k < by.len() + columns.len();
        let mut table = TextTable::new(header.clone(), (0..header.len()).map(is_number).collect());
        for (group, score) in done(self.results) {
            let group = self.curves.group(group).map(|(_, value)| value.to_owned());
            let note = has_notes.then(|| score.notes.join("; "));
            table.rows.push(group.chain(numbers(score, short, shown)).chain(note).collect());
        }
        table
    }

    /// The means of the RMS of ln.
    pub(super) fn mean_table(&self) -> TextTable {
        let header: Vec<&str> =
            ["mean rmse log of", "groups"].into_iter().chain(self.predictors.iter().map(|p| p.name())).collect();
        let mut table = TextTable::of(&header, 1);
        for mean in self.means {
            let number = |(value, count): &(Option<f64>, usize)| match value {
                None => "-".into(),
                Some(value) if *count < mean.groups => format!("{} (of {count})", short(*value)),
                Some(value) => short(*value),
            };
            let cells = [mean.title(), mean.groups.to_string()].into_iter();
            table.rows.push(cells.chain(mean.log.iter().map(number)).collect());
        }
        table
    }

    /// How the bands of the forecast did, over all rows of the groups; `None` without a forecast.
    pub(super) fn band_table(&self) -> Option<TextTable> {
        let name = |times: f64| [format!("in <= {times} n_max"), format!("width <= {times} n_max")];
        let header = ["95 % band of", "in mean", "in new", "width new"].map(String::from).into_iter();
        let header: Vec<String> = header.chain(TIMES.into_iter().flat_map(name)).collect();
        let is_number = (0..header.len()).map(|k| k > 0).collect();
        let mut table = TextTable::new(header, is_number);
        let share = |x: Option<f64>| x.map_or("-".into(), |x| format!("{:.1} %", 100.0 * x));
        let number = |x: Option<f64>| x.map_or("-".into(), short);
        for mean in self.means {
            for (bands, law) in [(&mean.bands, ""), (&mean.law_bands, ", law (1)")] {
                let Some(bands) = bands else { continue };
                let ([of_mean, of_new], [_, width]) = (bands.all.coverage(), bands.all.width());
                let within = bands.within.iter().flat_map(|c| [share(c.coverage()[1]), number(c.width()[1])]);
                let title = format!("{}{law}", mean.title());
                let row = [title, share(of_mean), share(of_new), number(width)].into_iter().chain(within);
                table.rows.push(row.collect());
            }
        }
        (!table.rows.is_empty()).then_some(table)
    }

    pub(super) fn text(&self, shown: [bool; 2], window: &str) -> std::io::Result<()> {
        let mut out = BufWriter::new(stdout().lock());
        writeln!(out, "{}", self.table(shown).text())?;
        if !self.means.is_empty() {
            writeln!(out, "\n{}\n", self.mean_table().text())?;
        }
        if let Some(table) = self.band_table() {
            writeln!(out, "{}\n", table.text())?;
        }
        for (group, error) in failed(self.results) {
            writeln!(out, "not scored: {}: {error}", self.curves.title(group))?;
        }
        writeln!(out, "{window}")?;
        out.flush()
    }
}

/// Counts and scores as text, empty where there is none.
fn numbers(score: &Score, format: impl Fn(f64) -> String, shown: [bool; 2]) -> Vec<String> {
    let mut cells = vec![score.train_points.to_string(), score.test_points.to_string()];
    let text = |value: Option<f64>| value.map_or(String::new(), &format);
    let error = |rms: &Option<Rms>| text(rms.map(|rms| rms.error));
    let log = |rms: &Option<Rms>| text(rms.and_then(|rms| rms.log));
    cells.extend(score.rms.iter().filter(|_| shown[0]).map(error));
    cells.extend(score.rms.iter().filter(|_| shown[1]).map(log));
    cells
}
