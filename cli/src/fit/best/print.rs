//! The evidence and the forecast as JSON, csv and a table.
use std::collections::BTreeMap;
use std::io::{BufWriter, Write, stdout};

use serde::Serialize;
use syn2real::forecast::{Contender, LawName as Law};
use syn2real::{Confidence, Residual};

use crate::earlier::Learnt;
use crate::group::Curves;
use crate::laws::{self, LawName};
use crate::output::record::{ErrorRecord, Group, Named, RiseRecord, class, residual};
use crate::output::text::TextTable;
use crate::output::{Head, counted, done, failed, short};

use super::found::{Found, TIMES};

/// What is printed.
pub(super) struct Printed<'a> {
    pub(super) curves: &'a Curves,
    pub(super) results: &'a [Result<Found, String>],
    pub(super) residual: Residual,
    /// What earlier curves taught the forecasts.
    pub(super) learnt: Option<&'a Learnt>,
}

/// A law among the others.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LawRecord {
    law_name: &'static str,
    parameters: Option<Named>,
    cost: Option<f64>,
    rms: Option<f64>,
    class: Option<&'static str>,
    aicc: Option<f64>,
    weight: f64,
    /// Of law (1) against it.
    p: Option<f64>,
    /// Why there is no fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// The forecast at a size.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OutlookRecord {
    n: f64,
    /// How far beyond the data, in measured ranges of ln n.
    distance: f64,
    error: f64,
    /// Level of the bands.
    confidence: f64,
    curve: [f64; 2],
    measurement: [f64; 2],
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FoundRecord<'a> {
    group: Group<'a>,
    points: usize,
    excluded: usize,
    residual: &'static str,
    law_name: &'static str,
    /// The law that has four fifths of the weight.
    preferred: Option<&'static str>,
    /// In a sentence.
    evidence: String,
    /// Of law (1) against the laws that contain it, times their number.
    p_law1: Option<f64>,
    refuses_law1: bool,
    laws: Vec<LawRecord>,
    /// Standard deviation of a measurement, in ln error.
    noise: Option<f64>,
    forecast: Vec<OutlookRecord>,
    /// Values that rise with n: a score in the place of an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    rise: Option<RiseRecord>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
}

/// Which laws the groups ask for.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Summary {
    groups: usize,
    preferred: BTreeMap<&'static str, usize>,
    /// Groups in which no law has four fifths of the weight.
    undecided: usize,
    mean_weight: BTreeMap<&'static str, f64>,
    /// Groups with enough points for a test of law (1), and those in which it is refused, p < .01.
    tested: usize,
    refuse_law1: usize,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "FitBest"))]
pub(crate) struct Record<'a> {
    fits: Vec<FoundRecord<'a>>,
    summary: Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    learnt: Option<&'a Learnt>,
    errors: Vec<ErrorRecord<'a>>,
}

impl LawRecord {
    fn new(contender: &Contender) -> LawRecord {
        let law = LawName::of(contender.law);
        let fit = contender.fit.as_ref().ok();
        let report = fit.map(|fit| fit.report());
        LawRecord {
            law_name: law.name(),
            parameters: fit.map(|fit| Named::of(law.parameters(), laws::values(fit))),
            cost: report.map(|report| report.cost),
            rms: report.map(|report| report.rms),
            class: report.map(|report| class(report.class)),
            aicc: contender.aicc,
            weight: contender.weight,
            p: contender.p_value,
            error: contender.fit.as_ref().err().map(ToString::to_string),
        }
    }
}

/// The forecast at the sizes that are printed.
fn outlooks(found: &Found) -> Vec<OutlookRecord> {
    let Some(forecast) = &found.forecast else { return Vec::new() };
    let [_, largest] = forecast.sizes();
    let at = |times: f64| {
        let there = forecast.at(times * largest, Confidence::P95);
        let (n, distance, error, confidence) = (there.n, there.distance, there.error, Confidence::P95.level());
        OutlookRecord { n, distance, error, confidence, curve: there.curve, measurement: there.measurement }
    };
    TIMES.map(at).into()
}

fn preferred(found: &Found) -> Option<&'static str> {
    found.evidence.preferred().map(|law| LawName::of(law).name())
}

impl Printed<'_> {
    fn counts(&self) -> Summary {
        let found = || done(self.results).map(|(_, found)| found);
        let groups = found().count();
        let mut preferred_by: BTreeMap<&'static str, usize> = BTreeMap::new();
        found().filter_map(preferred).for_each(|law| *preferred_by.entry(law).or_default() += 1);
        let weight = |law: Law| {
            let weights = found().filter_map(|found| Some(found.evidence.of(law)?.weight));
            (LawName::of(law).name(), weights.fold(0.0, |sum, weight| sum + weight) / groups.max(1) as f64)
        };
        Summary {
            groups,
            undecided: groups - preferred_by.values().sum::<usize>(),
            preferred: preferred_by,
            mean_weight: Law::ALL.map(weight).into(),
            tested: found().filter(|found| found.evidence.against_law_one().is_some()).count(),
            refuse_law1: found().filter(|found| found.evidence.refuses_law_one()).count(),
        }
    }

    fn record<'a>(&'a self, group: usize, found: &'a Found) -> FoundRecord<'a> {
        FoundRecord {
            group: Group(self.curves, group),
            points: found.points,
            excluded: found.excluded,
            residual: residual(self.residual),
            law_name: "best",
            preferred: preferred(found),
            evidence: found.evidence.to_string(),
            p_law1: found.evidence.against_law_one(),
            refuses_law1: found.evidence.refuses_law_one(),
            laws: found.evidence.contenders().iter().map(LawRecord::new).collect(),
            noise: found.forecast.as_ref().map(|forecast| forecast.noise()),
            forecast: outlooks(found),
            rise: found.rise.as_ref().map(RiseRecord::new),
            notes: &found.notes,
        }
    }

    pub(super) fn json(&self, settings: &[String], notes: &[String]) -> std::io::Result<()> {
        let record = Record {
            fits: done(self.results).map(|(group, found)| self.record(group, found)).collect(),
            summary: self.counts(),
            learnt: self.learnt,
            errors: ErrorRecord::all(self.curves, self.results),
        };
        Head::new("fit", Some(&self.curves.read), settings).print(&record, notes)
    }

    pub(super) fn csv(&self) -> std::io::Result<()> {
        let weights = Law::ALL.map(|law| format!("weight_{}", LawName::of(law).name()));
        let forecasts = TIMES.iter().flat_map(|times| {
            ["n", "error", "curve_lower", "curve_upper", "new_lower", "new_upper"]
                .map(|name| format!("{name}_{times}x"))
        });
        let first = ["points", "excluded", "residual", "law_name", "preferred"].map(String::from).into_iter();
        let columns = first.chain(weights).chain(["p_law1".into(), "noise".into()]).chain(forecasts);
        let columns: Vec<String> = columns.chain(["rise_p", "notes", "error"].map(String::from)).collect();
        let mut out = csv::Writer::from_writer(stdout().lock());
        out.write_record(self.curves.by.iter().chain(&columns))?;
        let number = |x: Option<f64>| x.filter(|x| x.is_finite()).map_or(String::new(), |x| format!("{x:?}"));
        for (group, result) in self.results.iter().enumerate() {
            let mut row: Vec<String> = self.curves.group(group).map(|(_, value)| value.to_owned()).collect();
            let by = row.len();
            match result {
                Ok(found) => {
                    row.extend([found.points.to_string(), found.excluded.to_string()]);
                    row.extend(
                        [residual(self.residual), "best", preferred(found).unwrap_or_default()].map(String::from),
                    );
                    row.extend(found.evidence.contenders().iter().map(|law| number(Some(law.weight))));
                    row.push(number(found.evidence.against_law_one()));
                    row.push(number(found.forecast.as_ref().map(|forecast| forecast.noise())));
                    for OutlookRecord { n, error, curve, measurement, .. } in outlooks(found) {
                        let values = [n, error, curve[0], curve[1], measurement[0], measurement[1]];
                        row.extend(values.map(|x| number(Some(x))));
                    }
                    row.resize(by + columns.len() - 3, String::new());
                    row.extend([number(found.rise.map(|rise| rise.p_value)), found.notes.join("; "), String::new()]);
                }
                Err(error) => {
                    row.resize(by + columns.len() - 1, String::new());
                    row.push(error.clone());
                }
            }
            out.write_record(&row)?;
        }
        out.flush()
    }

    pub(super) fn table(&self) -> TextTable {
        let by = self.curves.by.len();
        let weights = Law::ALL.map(|law| LawName::of(law).name().to_owned());
        let columns = ["points".to_owned()].into_iter().chain(weights);
        let last = ["p law1", "at 4 n_max", "error there", "evidence"].map(String::from);
        let columns: Vec<String> = columns.chain(last).collect();
        let is_number = (0..by + columns.len()).map(|k| k >= by && k + 1 < by + columns.len()).collect();
        let mut table = TextTable::new(self.curves.by.iter().chain(&columns).cloned().collect(), is_number);
        for (group, found) in done(self.results) {
            let group = self.curves.group(group).map(|(_, value)| value.to_owned());
            let weights = found.evidence.contenders().iter().map(|law| match law.aicc {
                Some(_) => format!("{:.2}", law.weight),
                None => "-".into(),
            });
            let there = outlooks(found).into_iter().nth(1);
            let error =
                there.as_ref().map(|o| format!("{} [{}, {}]", short(o.error), short(o.curve[0]), short(o.curve[1])));
            let text = [found.evidence.to_string()].into_iter().chain(found.notes.iter().cloned());
            let last = [
                found.evidence.against_law_one().map_or("-".into(), short),
                there.as_ref().map_or("-".into(), |o| counted(o.n)),
                error.unwrap_or("-".into()),
                text.collect::<Vec<_>>().join("; "),
            ];
            table.rows.push(group.chain([found.points.to_string()]).chain(weights).chain(last).collect());
        }
        table
    }

    /// What all groups together ask for, in sentences.
    pub(super) fn summary(&self) -> Vec<String> {
        let Summary { groups, preferred, undecided, mean_weight, tested, refuse_law1 } = self.counts();
        let list = |of: Vec<String>| if of.is_empty() { "none".into() } else { of.join(", ") };
        let counts = Law::ALL.map(|law| LawName::of(law).name());
        let counts = counts.iter().filter_map(|law| preferred.get(law).map(|count| format!("{law} {count}")));
        let weights = Law::ALL.map(|law| LawName::of(law).name());
        // Where no law was weighed there is no mean.
        let is_weighed = mean_weight.values().any(|weight| *weight > 0.0);
        let weights = weights.iter().filter(|_| is_weighed);
        let weights = weights.filter_map(|law| Some(format!("{law} {:.2}", mean_weight.get(law)?)));
        vec![
            format!(
                "a law with four fifths of the weight: {} of {groups} groups; {undecided} cannot tell",
                list(counts.collect())
            ),
            format!("mean weights: {}", list(weights.collect())),
            format!("law (1) is refused (p < .01) in {refuse_law1} of the {tested} groups that can test it"),
        ]
    }

    pub(super) fn text(&self, notes: &[String]) -> std::io::Result<()> {
        let mut out = BufWriter::new(stdout().lock());
        writeln!(out, "{}", self.table().text())?;
        for (group, error) in failed(self.results) {
            writeln!(out, "not fitted: {}: {error}", self.curves.title(group))?;
        }
        for line in self.summary().iter().chain(notes) {
            writeln!(out, "{line}")?;
        }
        out.flush()
    }
}
