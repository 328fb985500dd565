//! What is told beside the estimates, as JSON.
use serde::Serialize;
use syn2real::infer::{Finding, MadeBy};
use syn2real::{Parameter, Syn2RealFit};

use crate::details::{Details, Wanted};
use crate::identify;
use crate::outlook::At;

use super::intervals::IntervalRecord;

/// Intervals of the parameters; null for one that was held, an end null where the data set no limit.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct IntervalsRecord {
    /// How they were made; on a bound the profile answers for wald.
    method: &'static str,
    level: f64,
    d: Option<IntervalRecord>,
    alpha: Option<IntervalRecord>,
    c: Option<IntervalRecord>,
}

/// What the data determine in one word.
fn determined(finding: Finding) -> &'static str {
    match finding {
        Finding::LevelAndSlope => "level_and_slope",
        other => identify::determined(other),
    }
}

/// The fields of a fit that tell of it beside its estimates.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DetailRecord {
    /// What the standard errors take for given: the bound that the optimum lies on.
    std_errors_given: Option<String>,
    /// null where none were made.
    intervals: Option<IntervalsRecord>,
    /// What the data determine: all, rate, gap, level_and_slope or level; null where it was not asked.
    determined: Option<&'static str>,
    /// L(n) beyond the data, or at the sizes asked for.
    at: Vec<At>,
}

impl DetailRecord {
    pub(super) fn new(fit: &Syn2RealFit, details: Option<&Details>, wanted: &Wanted) -> DetailRecord {
        let std_errors_given = identify::given(fit);
        let Some(details) = details else { return DetailRecord { std_errors_given, ..DetailRecord::default() } };
        let of = |parameter: Parameter| {
            let place = identify::PARAMETERS.iter().position(|p| *p == parameter)?;
            details.intervals[place].map(|interval| IntervalRecord::new(Some(interval)))
        };
        let method = details.intervals.iter().flatten().next().map(|interval| match interval.method {
            MadeBy::Wald => "wald",
            _ => "profile",
        });
        let intervals = method.map(|method| IntervalsRecord {
            method,
            level: wanted.confidence.level(),
            d: of(Parameter::D),
            alpha: of(Parameter::Alpha),
            c: of(Parameter::C),
        });
        let determined = details.found.map(|found| determined(found.finding));
        DetailRecord { std_errors_given, intervals, determined, at: details.at.clone() }
    }
}
