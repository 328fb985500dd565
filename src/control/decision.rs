//! What the controller answers.
use core::fmt;

use crate::point::PointError;

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Decision {
    /// Train at this size and report the error: the verdict is open, or has to be confirmed.
    MeasureMore {
        /// The size in samples, at most the budget.
        at: f64,
    },
    /// The target is within reach: generate up to this many samples in all, train on them and report the error.
    Generate {
        /// The size in samples, at most the budget.
        up_to: f64,
    },
    /// More samples of this setting will not do. Another setting has another law: it takes a new controller.
    ChangeSetting {
        /// Why.
        reason: ChangeReason,
    },
    /// Nothing more to do.
    Stop {
        /// Whether the curve is below the target at the largest size measured, with the confidence of the goal; false:
        /// the observations ran out.
        reached: bool,
    },
    /// The point cannot be used: nothing changed, and what was decided before it still holds
    /// ([`Controller::decision`](crate::control::Controller::decision)).
    Reject {
        /// What is wrong with the point.
        error: PointError,
    },
}

/// Why the setting should change: the generator, its rendering, or the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ChangeReason {
    /// The transfer gap is above the target: no number of samples reaches it.
    Gap,
    /// The target needs more samples than the budget though the gap is below it: the rate is too low.
    Rate,
    /// The target needs more samples than the budget; whether the gap or the rate is the cause is not known yet.
    Budget,
    /// Errors move with time at equal size: the generator, the training or the measurement drifts, and no law holds.
    Drift,
    /// The values rise with n: they are scores, not errors, or more samples do harm.
    Rise,
    /// The target is outside of what the values can be: percent for fractions, or fractions for percent
    /// ([`PlanError::TargetScale`](crate::plan::PlanError::TargetScale)).
    Target,
}

impl fmt::Display for ChangeReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ChangeReason::Gap => "the transfer gap is above the target",
            ChangeReason::Rate => "the rate is too low: the target needs more samples than the budget",
            ChangeReason::Budget => "the target needs more samples than the budget, by the gap or by the rate",
            ChangeReason::Rise => {
                "the values rise with n: a score (accuracy, mAP) must be turned into an error, error = 1 - score"
            }
            ChangeReason::Target => {
                "the target is outside of what the values can be: give it in their unit (0.25, not 25, for fractions)"
            }
            ChangeReason::Drift => "errors at equal size move with time: find what drifts before measuring on",
        })
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Decision::MeasureMore { at } => write!(f, "measure at n = {at}"),
            Decision::Generate { up_to } => write!(f, "generate up to n = {up_to}"),
            Decision::ChangeSetting { reason } => write!(f, "change the setting: {reason}"),
            Decision::Stop { reached: true } => f.write_str("stop: the target is reached"),
            Decision::Stop { reached: false } => {
                f.write_str("stop: no observations are left, the target is not reached")
            }
            Decision::Reject { error } => write!(f, "point rejected: {error}"),
        }
    }
}
