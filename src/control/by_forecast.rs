//! What the forecast says of the goal, where law (1) does not describe the measurements.
use crate::forecast::{ForecastOptions, best};
use crate::infer::Check;
use crate::plan::{LARGEST_COUNT, UNLIKELY};

use super::ChangeReason;
use super::goal::Goal;
use super::judge::Finding;
use super::store::Entry;

/// The finding of the forecast, at the level of the goal; `law` is that of law (1), `None` where the measurements refuse it.
///
/// As [`plan::samples_for`](crate::plan::samples_for) on [`Basis::Auto`](crate::plan::Basis): nothing is found where the larger
/// sizes refute the forecasts from the smaller ones, and what law (1) puts beyond the budget is open where the forecast does not, or
/// has no hold-outs yet: with a controller, who waits loses a few measurements.
pub(super) fn find(entries: &[Entry], goal: &Goal, largest: f64, law: Option<Finding>) -> Finding {
    let options = ForecastOptions { evidence: false, ..ForecastOptions::default() };
    let Ok(forecast) = best(entries, &options) else { return law.unwrap_or(Finding::Open) };
    let (target, tail) = (goal.target, 0.5 * (1.0 - goal.confidence.level()));
    let budget = goal.budget.unwrap_or(LARGEST_COUNT).max(largest);
    let within = forecast.probability(budget, target);
    if let Some(finding) = law {
        // Too few measurements for a hold-out: of a curve that was seen before its bend alone both may be sure.
        return if within > UNLIKELY || forecast.missed().is_none() { Finding::Open } else { finding };
    }
    if forecast.missed().is_some_and(|p| p < Check::LEVEL) {
        return Finding::Open;
    }
    if forecast.error_at(largest) <= target {
        let is_sure = forecast.probability(largest, target) >= 1.0 - tail;
        return if is_sure { Finding::Reached } else { Finding::Near };
    }
    let [lower, _, upper] = forecast.gap(goal.confidence);
    if lower >= target {
        return Finding::Change(ChangeReason::Gap);
    }
    if within >= 1.0 - tail {
        return Finding::Reachable { n: forecast.samples_for(target, 0.5, budget).unwrap_or(budget) };
    }
    if forecast.samples_for(target, tail, budget).is_none() {
        return Finding::Change(if upper < target { ChangeReason::Rate } else { ChangeReason::Budget });
    }
    Finding::Open
}
