//! What the measurements say of the goal.
use crate::fit::Syn2RealFit;
use crate::infer::{self, Method, Quantity};
use crate::law::Parameter;
use crate::math;

use super::drift::drift;
use super::goal::{Goal, SAMPLES_MAX};
use super::store::Entry;
use super::ChangeReason;

/// What a set of measurements says; it is acted on when it stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Finding {
    /// Nothing for certain.
    Open,
    /// The target can be met within the budget, at some `n`.
    Reachable { n: f64 },
    /// It is met at the largest size measured.
    Reached,
    /// It cannot be met in this setting.
    Change(ChangeReason),
}

/// A drift is believed below this probability of seeing such a one by chance. It is tested after every observation, some
/// tens of times in a run, so that a run without drift is stopped in less than 1 % of cases.
const DRIFT_LEVEL: f64 = 1e-3;

pub(super) fn find(fit: &Syn2RealFit, entries: &[Entry], goal: &Goal, largest: f64) -> Finding {
    if drift(fit, entries).is_some_and(|d| d.p_value < DRIFT_LEVEL) {
        return Finding::Change(ChangeReason::Drift);
    }
    let ask = |q| infer::interval(fit, entries, q, goal.confidence, Method::Profile);
    let (Ok(gap), Ok(n)) = (ask(Quantity::Parameter(Parameter::C)), ask(Quantity::SamplesFor { target: goal.target })) else { return Finding::Open };
    let budget = goal.budget.unwrap_or(SAMPLES_MAX).max(largest);
    if gap.lower.is_some_and(|l| l >= goal.target) {
        return Finding::Change(ChangeReason::Gap);
    }
    if n.lower.is_some_and(|l| l > budget) {
        return Finding::Change(ChangeReason::Rate);
    }
    match n.upper {
        Some(upper) if upper <= largest => Finding::Reached,
        Some(upper) if upper <= budget => {
            let low = n.estimate.unwrap_or(upper).max(largest);
            Finding::Reachable { n: math::exp(0.5 * (math::ln(low) + math::ln(upper))) }
        }
        _ => Finding::Open,
    }
}

impl Finding {
    /// Its kind as a number, for the streak and for the state.
    pub(super) fn code(self) -> u32 {
        match self {
            Finding::Open => 0,
            Finding::Reachable { .. } => 1,
            Finding::Reached => 2,
            Finding::Change(ChangeReason::Gap) => 3,
            Finding::Change(ChangeReason::Rate) => 4,
            Finding::Change(ChangeReason::Drift) => 5,
        }
    }

    /// The size of a reachable target; 0 of the other kinds.
    pub(super) fn size(self) -> f64 {
        match self {
            Finding::Reachable { n } => n,
            _ => 0.0,
        }
    }

    /// What [`Finding::code`] and [`Finding::size`] came from.
    pub(super) fn from_code(code: u32, n: f64) -> Option<Finding> {
        Some(match code {
            0 => Finding::Open,
            1 if n >= 0.0 && n < f64::INFINITY => Finding::Reachable { n },
            2 => Finding::Reached,
            3 => Finding::Change(ChangeReason::Gap),
            4 => Finding::Change(ChangeReason::Rate),
            5 => Finding::Change(ChangeReason::Drift),
            _ => return None,
        })
    }
}
