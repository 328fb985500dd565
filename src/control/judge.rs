//! What the measurements say of the goal.
use crate::fit::{FitOptions, Syn2RealFit};
use crate::infer::{self, Method, Quantity};
use crate::law::Syn2RealLaw;
use crate::math;
use crate::plan::LARGEST_COUNT;
use crate::point::Point;
use crate::solve::Bounds;

use super::ChangeReason;
use super::drift::drift;
use super::goal::Goal;
use super::store::Entry;

/// What a set of measurements says; it is acted on when it stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Finding {
    /// Nothing for certain.
    Open,
    /// The target can be met within the budget, about `n`.
    Reachable { n: f64 },
    /// It is met at the largest size measured.
    Reached,
    /// It cannot be met in this setting.
    Change(ChangeReason),
}

/// A drift is believed below this probability of seeing such a one by chance. It is tested after every observation, some
/// tens of times in a run, and must stay: 1 of 5,000 runs without drift was stopped for one (the worlds of
/// examples/controller_worlds).
const DRIFT_LEVEL: f64 = 1e-3;

/// The weight that holds the curve at a value, in sums of all weights: the cost of the law held there is too low by less
/// than this share's inverse of its distance to the limit.
const HOLD: f64 = 1e4;

/// Relative residuals below this are rounding (as in the report of a fit).
const EXACT: f64 = 1e-12;

/// The measurements with their fit, and the largest cost of a law that they do not refute.
struct Evidence<'a, const N: usize> {
    fit: &'a Syn2RealFit,
    entries: &'a [Entry],
    limit: f64,
    weights: f64,
}

impl<'a, const N: usize> Evidence<'a, N> {
    /// The limit of a profile interval: cost (1 + F / dof), F = t^2 with 1 and dof degrees of freedom (Bates and Watts,
    /// "Nonlinear Regression Analysis and Its Applications", section 6.1). `None` without degrees of freedom.
    fn new(fit: &'a Syn2RealFit, entries: &'a [Entry], goal: &Goal) -> Option<Evidence<'a, N>> {
        let dof = f64::from(entries.len().checked_sub(3).and_then(|d| u32::try_from(d).ok()).filter(|d| *d > 0)?);
        let t = math::t_quantile(0.5 + 0.5 * goal.confidence.level(), dof);
        let weights: f64 = entries.iter().map(|e| e.point.weight).sum();
        let limit = (fit.report().cost * (1.0 + t * t / dof)).max(0.5 * EXACT * EXACT * weights);
        Some(Evidence { fit, entries, limit, weights })
    }

    /// Whether every law that is not refuted has `value` on the same side of `target` as the fit: no such law is on the
    /// target, and no other minimum lies beyond it.
    fn decided(&self, target: f64, value: impl Fn(&Syn2RealLaw) -> f64, on_target: impl FnOnce() -> Option<f64>) -> bool {
        let side = |law: &Syn2RealLaw| value(law) <= target;
        let own = side(&self.fit.law());
        self.fit.minima().iter().all(|m| m.cost > self.limit || side(&m.law) == own)
            && on_target().is_some_and(|cost| cost > self.limit)
    }

    /// Whether it is decided on which side of the target L(n) lies.
    fn error_is_decided(&self, n: f64, target: f64) -> bool {
        self.decided(target, |law| law.error_at(n), || self.cost_through(n, target))
    }

    /// Whether it is decided on which side of the target the gap lies.
    fn gap_is_decided(&self, target: f64) -> bool {
        let options = FitOptions { c: Bounds::new(target, target), ..plain() };
        self.decided(target, |law| law.c, || Some(Syn2RealLaw::fit_with(self.entries, &options).ok()?.report().cost))
    }

    /// The lowest cost of a law with L(n) = error: a complete search, held there by a point that outweighs all others.
    fn cost_through(&self, n: f64, error: f64) -> Option<f64> {
        let mut points = [[Point::new(1.0, 1.0); 2]; N];
        let points = points.as_flattened_mut();
        let (slots, _) = points.split_at_mut_checked(self.entries.len() + 1)?;
        let hold = Point::new(n, error).with_weight(HOLD * self.weights);
        for (slot, point) in slots.iter_mut().zip(self.entries.iter().map(|e| e.point).chain([hold])) {
            *slot = point;
        }
        Some(Syn2RealLaw::fit_with(slots, &plain()).ok()?.report().cost)
    }
}

/// What the fits of [`Evidence`] need: the cost.
fn plain() -> FitOptions {
    FitOptions { covariance: false, ..FitOptions::default() }
}

/// The finding. The verdicts are those of [`crate::plan::samples_for`] with profile intervals at the same level, by
/// duality: an interval of n* ends below N exactly if no law on L(N) = target is within its limit. That takes one fit for
/// a question where the ends take a search.
pub(super) fn find<const N: usize>(fit: &Syn2RealFit, entries: &[Entry], goal: &Goal, largest: f64) -> Finding {
    if drift(fit, entries).is_some_and(|d| d.p_value < DRIFT_LEVEL) {
        return Finding::Change(ChangeReason::Drift);
    }
    let Some(evidence) = Evidence::<N>::new(fit, entries, goal) else { return Finding::Open };
    let (target, law) = (goal.target, fit.law());
    let budget = goal.budget.unwrap_or(LARGEST_COUNT).max(largest);
    if law.error_at(largest) <= target && evidence.error_is_decided(largest, target) {
        return Finding::Reached;
    }
    if law.c > target && evidence.gap_is_decided(target) {
        return Finding::Change(ChangeReason::Gap);
    }
    if !evidence.error_is_decided(budget, target) {
        return Finding::Open;
    }
    if law.error_at(budget) <= target {
        return Finding::Reachable { n: aim(fit, entries, goal, largest, budget) };
    }
    let by_rate = law.c <= target && evidence.gap_is_decided(target);
    Finding::Change(if by_rate { ChangeReason::Rate } else { ChangeReason::Budget })
}

/// Where to go for a target within reach: half way, in the logarithm, from what the fit says or what is there to where
/// the target is met for certain. Wald is enough: the next measurement corrects it.
fn aim(fit: &Syn2RealFit, entries: &[Entry], goal: &Goal, largest: f64, budget: f64) -> f64 {
    let quantity = Quantity::SamplesFor { target: goal.target };
    let interval = infer::interval(fit, entries, quantity, goal.confidence, Method::Wald).ok();
    let estimate = interval.and_then(|i| i.estimate).unwrap_or(largest).max(largest).min(budget);
    let upper = interval.and_then(|i| i.upper).unwrap_or(budget).max(estimate).min(budget);
    math::exp(0.5 * (math::ln(estimate) + math::ln(upper)))
}

impl Finding {
    /// Whether it leads to the same action: a change is a change, but for a drift, which is another matter.
    pub(super) fn agrees(self, other: Finding) -> bool {
        let kind = |f: Finding| match f {
            Finding::Change(ChangeReason::Rate | ChangeReason::Budget) => Finding::Change(ChangeReason::Gap).code(),
            f => f.code(),
        };
        kind(self) == kind(other)
    }

    /// Its kind as a number, for the state.
    pub(super) fn code(self) -> u32 {
        match self {
            Finding::Open => 0,
            Finding::Reachable { .. } => 1,
            Finding::Reached => 2,
            Finding::Change(ChangeReason::Gap) => 3,
            Finding::Change(ChangeReason::Rate) => 4,
            Finding::Change(ChangeReason::Budget) => 5,
            Finding::Change(ChangeReason::Drift) => 6,
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
            5 => Finding::Change(ChangeReason::Budget),
            6 => Finding::Change(ChangeReason::Drift),
            _ => return None,
        })
    }
}
