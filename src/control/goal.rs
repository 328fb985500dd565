//! What the controller is asked for, valid by construction.
use core::fmt;

use crate::fit::{Confidence, Weights};
use crate::plan::LARGEST_COUNT;

/// What a [`Controller`](crate::control::Controller) is to reach, and with what.
///
/// Times, clocks and prices stay with the caller: a deadline is a number of observations ([`Goal::with_observations`], or
/// [`Controller::set_remaining`](crate::control::Controller::set_remaining) while it runs).
///
/// ```
/// use syn2real::control::{Goal, GoalError};
///
/// let goal = Goal::new(0.25)?.with_budget(1e6)?.with_observations(30)?;
/// assert_eq!((goal.target(), goal.budget()), (0.25, Some(1e6)));
/// assert_eq!(Goal::new(-0.1), Err(GoalError::Target));
/// # Ok::<(), GoalError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "GoalFields", into = "GoalFields"))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Goal {
    pub(super) target: f64,
    pub(super) confidence: Confidence,
    pub(super) budget: Option<f64>,
    pub(super) observations: Option<u32>,
    pub(super) start: f64,
    pub(super) growth: f64,
    pub(super) patience: u32,
    pub(super) check_every: u32,
    pub(super) any_target: bool,
    pub(super) sigmas: bool,
}

/// A [`Goal`] as it is read and written: what is left out takes its default.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct GoalFields {
    target: f64,
    confidence: Option<Confidence>,
    budget: Option<f64>,
    observations: Option<u32>,
    sizes: Option<(f64, f64)>,
    patience: Option<u32>,
    check_every: Option<u32>,
    #[serde(default)]
    sigmas: bool,
    #[serde(default)]
    any_target: bool,
}

#[cfg(feature = "serde")]
impl TryFrom<GoalFields> for Goal {
    type Error = GoalError;

    fn try_from(fields: GoalFields) -> Result<Goal, GoalError> {
        let GoalFields { sigmas, any_target, .. } = fields;
        let mut goal = Goal { sigmas, any_target, ..Goal::new(fields.target)? };
        if let Some(confidence) = fields.confidence {
            goal = goal.with_confidence(confidence);
        }
        if let Some((start, growth)) = fields.sizes {
            goal = goal.with_sizes(start, growth)?;
        }
        if let Some(samples) = fields.budget {
            goal = goal.with_budget(samples)?;
        }
        if let Some(observations) = fields.observations {
            goal = goal.with_observations(observations)?;
        }
        if let Some(patience) = fields.patience {
            goal = goal.with_patience(patience)?;
        }
        if let Some(observations) = fields.check_every {
            goal = goal.with_check_every(observations)?;
        }
        Ok(goal)
    }
}

#[cfg(feature = "serde")]
impl From<Goal> for GoalFields {
    fn from(goal: Goal) -> GoalFields {
        // All of them by name: a field that is added is not forgotten here.
        let Goal { target, confidence, budget, observations, start, growth, patience, check_every, sigmas, any_target } =
            goal;
        let (confidence, sizes) = (Some(confidence), Some((start, growth)));
        let (patience, check_every) = (Some(patience), Some(check_every));
        GoalFields { target, confidence, budget, observations, sizes, patience, check_every, sigmas, any_target }
    }
}

impl Goal {
    /// The largest factor between two sizes, and the longest patience and check period: 2^10, beyond which a setting is
    /// a slip of the pen.
    const LARGEST: u32 = 1024;

    /// The error to reach, a fraction such as 1 - accuracy, > 0. Defaults of the rest: confidence 0.99, because the verdict is looked at
    /// after every observation (a level of 0.95 would be missed by far after 20 looks); no budget and no limit of
    /// observations; sizes 1000, 2000, 4000, ... as in the paper's experiments; patience 3; a control measurement
    /// every 3 observations.
    ///
    /// # Errors
    /// [`GoalError::Target`] unless it is finite and above 0.
    pub fn new(target: f64) -> Result<Goal, GoalError> {
        if !(target > 0.0 && target < f64::INFINITY) {
            return Err(GoalError::Target);
        }
        Ok(Goal {
            target,
            confidence: Confidence::P99,
            budget: None,
            observations: None,
            start: 1000.0,
            growth: 2.0,
            patience: 3,
            check_every: 3,
            any_target: false,
            sigmas: false,
        })
    }

    /// The largest n that may be generated, in samples, at least the start and at most 2^53.
    ///
    /// # Errors
    /// [`GoalError::Budget`].
    pub fn with_budget(self, samples: f64) -> Result<Goal, GoalError> {
        if !(samples >= self.start && samples <= LARGEST_COUNT) {
            return Err(GoalError::Budget);
        }
        Ok(Goal { budget: Some(samples), ..self })
    }

    /// The sizes of the series: the first one in samples (or in the unit of n), above 0 and at most the budget, and the factor from one to the next, above 1
    /// (at least 1.01) and at most 1024.
    ///
    /// # Errors
    /// [`GoalError::Start`], [`GoalError::Growth`].
    pub fn with_sizes(self, start: f64, growth: f64) -> Result<Goal, GoalError> {
        let budget = self.budget.unwrap_or(LARGEST_COUNT);
        if !(start > 0.0 && start <= budget) {
            return Err(GoalError::Start);
        }
        if !(growth >= 1.01 && growth <= f64::from(Goal::LARGEST)) {
            return Err(GoalError::Growth);
        }
        Ok(Goal { start, growth, ..self })
    }

    /// The weights of the observations are the standard deviations of their errors, known up to a common factor
    /// ([`Point::with_sigma`](crate::Point::with_sigma)), not weights of their squared residuals.
    pub const fn with_sigmas(self) -> Goal {
        Goal { sigmas: true, ..self }
    }

    /// What the weights of the observations mean.
    pub(super) fn weights(&self) -> Weights {
        if self.sigmas { Weights::Sigma } else { Weights::Relative }
    }

    /// The number of observations after which the controller stops in any case, at least 3: three sizes determine the
    /// law.
    ///
    /// # Errors
    /// [`GoalError::Observations`].
    pub fn with_observations(self, observations: u32) -> Result<Goal, GoalError> {
        if observations < 3 {
            return Err(GoalError::Observations);
        }
        Ok(Goal { observations: Some(observations), ..self })
    }

    /// The number of consecutive observations over which a verdict must stay before it is acted on, 1 to 1024.
    ///
    /// # Errors
    /// [`GoalError::Patience`].
    pub fn with_patience(self, patience: u32) -> Result<Goal, GoalError> {
        if patience < 1 || patience > Goal::LARGEST {
            return Err(GoalError::Patience);
        }
        Ok(Goal { patience, ..self })
    }

    /// Every how many observations the first size is measured again, to see a drift of the generator or of the training;
    /// 0: never, at most 1024.
    ///
    /// # Errors
    /// [`GoalError::CheckEvery`].
    pub fn with_check_every(self, observations: u32) -> Result<Goal, GoalError> {
        if observations > Goal::LARGEST {
            return Err(GoalError::CheckEvery);
        }
        Ok(Goal { check_every: observations, ..self })
    }

    /// Takes the target as it is, also where it is outside of what the values can be
    /// ([`PlanError::TargetScale`](crate::plan::PlanError::TargetScale)).
    pub const fn with_any_target(self) -> Goal {
        Goal { any_target: true, ..self }
    }

    /// The level of the intervals behind a verdict.
    pub const fn with_confidence(self, confidence: Confidence) -> Goal {
        Goal { confidence, ..self }
    }

    /// The error to reach.
    pub const fn target(&self) -> f64 {
        self.target
    }
    /// The largest n that may be generated.
    pub const fn budget(&self) -> Option<f64> {
        self.budget
    }
    /// The level of the intervals.
    pub const fn confidence(&self) -> Confidence {
        self.confidence
    }
    /// The largest number of observations.
    pub const fn observations(&self) -> Option<u32> {
        self.observations
    }
    /// The first size of the series, in samples.
    pub const fn start(&self) -> f64 {
        self.start
    }
    /// The factor from one size to the next.
    pub const fn growth(&self) -> f64 {
        self.growth
    }
    /// Consecutive observations over which a verdict must stay.
    pub const fn patience(&self) -> u32 {
        self.patience
    }
    /// Whether the weights of the observations are the standard deviations of their errors.
    pub const fn sigmas(&self) -> bool {
        self.sigmas
    }
    /// Whether any target is taken as it is.
    pub const fn any_target(&self) -> bool {
        self.any_target
    }
    /// Every how many observations the first size is measured again; 0: never.
    pub const fn check_every(&self) -> u32 {
        self.check_every
    }
}

/// Why a goal cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GoalError {
    /// The target is NaN, infinite, zero or negative.
    Target,
    /// The budget is below the first size, above 2^53, or NaN.
    Budget,
    /// The first size is below 1, above the budget, or NaN.
    Start,
    /// The factor is outside of [1.01, 1024].
    Growth,
    /// Fewer than 3 observations.
    Observations,
    /// The patience is outside of 1 to 1024.
    Patience,
    /// The check period is above 1024.
    CheckEvery,
}

impl fmt::Display for GoalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            GoalError::Target => "the target must be a finite error above 0: 0.25, not 25 %",
            GoalError::Budget => {
                "the budget must lie between the first size and 2^53 samples: raise it or start smaller"
            }
            GoalError::Start => "the first size must be above 0 and at most the budget",
            GoalError::Growth => "the factor between sizes must lie between 1.01 and 1024: 2 doubles them",
            GoalError::Observations => "at least 3 observations are needed: three sizes determine the law",
            GoalError::Patience => "the patience must lie between 1 and 1024 observations",
            GoalError::CheckEvery => "the check period must be at most 1024 observations, or 0 for none",
        })
    }
}

impl core::error::Error for GoalError {}
