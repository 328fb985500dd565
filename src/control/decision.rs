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

/// Why a measurement is asked for, and why there: [`Controller::why`](crate::control::Controller::why).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Why {
    /// Nothing is there yet: the first size of the goal.
    First,
    /// Nothing is certain yet: the next size of the series.
    NextSize,
    /// Nothing is certain yet, and the series is at the budget: the smallest, the middle and the largest size in turn.
    EndOfSeries,
    /// The first size again, which is due after so many measurements: a drift shows there.
    CheckDue {
        /// [`Goal::with_check_every`](crate::control::Goal::with_check_every).
        every: u32,
    },
    /// Errors move with time so far: the first size again, to be sure of it.
    Drift,
    /// What was found must stay: a size that is there already takes no new samples.
    Confirm {
        /// Measurements in a row that found it.
        found: u32,
        /// [`Goal::with_patience`](crate::control::Goal::with_patience).
        needed: u32,
    },
    /// The law meets the target at the largest size, not for certain: that size again, as its noise decides.
    Near {
        /// Measurements there.
        times: u32,
        /// Before a larger one is tried.
        most: u32,
    },
    /// The same size has been measured often enough: a somewhat larger one.
    NearLarger,
    /// The target is within reach, which must stay: a step towards it.
    Towards,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::First => f.write_str("nothing is measured yet"),
            Why::NextSize => f.write_str("nothing is certain yet, and this is the next size"),
            Why::EndOfSeries => f.write_str(
                "nothing is certain yet and the sizes end at the budget, so those that tell most come in turn",
            ),
            Why::CheckDue { every } => write!(f, "the first size again after {every} others, to see a drift"),
            Why::Drift => f.write_str("errors seem to move with time, so the first size again to be sure"),
            Why::Confirm { found, needed } => {
                write!(
                    f,
                    "the finding must hold {needed} times, so far {found}, and a size that is there takes no new samples"
                )
            }
            Why::Near { times, most } => write!(
                f,
                "the target is met there within the noise alone, so the same size up to {most} times, so far {times}"
            ),
            Why::NearLarger => f.write_str("the target is met within the noise alone, so a somewhat larger size"),
            Why::Towards => f.write_str("the target is within reach, and this is a step towards it"),
        }
    }
}
