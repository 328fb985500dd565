//! An interval as JSON.
use serde::Serialize;
use syn2real::infer::QuantityInterval;

/// An interval; null where the data set no limit, or there is no value.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct IntervalRecord {
    estimate: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
}

impl IntervalRecord {
    pub(crate) fn new(interval: Option<QuantityInterval>) -> IntervalRecord {
        IntervalRecord {
            estimate: interval.and_then(|i| i.estimate),
            lower: interval.and_then(|i| i.lower),
            upper: interval.and_then(|i| i.upper),
        }
    }
}
