//! What the measurements say of the goal.
use crate::fit::{Class, FitOptions, Rise, Source, Syn2RealFit, search_points};
use crate::infer;
use crate::law::Syn2RealLaw;
use crate::math;
use crate::plan::{LARGEST_COUNT, With, check_target, size_at};
use crate::point::Point;
use crate::solve::{Mapped, Observations};

use super::ChangeReason;
use super::drift::drift;
use super::goal::Goal;
use super::store::Entry;

/// What a set of measurements says; it is acted on when it stays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Finding {
    /// Nothing for certain.
    Open,
    /// The target can be met within the budget; the law meets it at `n`.
    Reachable { n: f64 },
    /// The law meets it at the largest size measured, but not for certain.
    Near,
    /// It is met at the largest size measured.
    Reached,
    /// It cannot be met in this setting.
    Change(ChangeReason),
}

/// What is asked of the forecast: the finding from the measurements, for a goal, with the largest n measured and the finding
/// of law (1).
pub(super) type Forecaster = fn(&[Entry], &Goal, f64, Option<Finding>) -> Finding;

/// A drift is believed below this probability of seeing such a one by chance. It is tested after every observation, some
/// tens of times in a run, and must stay.
const DRIFT_LEVEL: f64 = 1e-3;

/// The same for a rise.
const RISE_LEVEL: f64 = 1e-3;

/// Below this F no drift is at that level: the quantile falls with the degrees of freedom to that of chi^2, 10.83.
const UNLIKELY: f64 = 10.8;

/// The weight that holds the curve at a value, in sums of all weights: at a distance from the optimum where the cost has
/// risen by R, the cost of the law held there is too low by less than R / HOLD.
const HOLD: f64 = 1e4;

/// Relative residuals below this are rounding (as in the report of a fit).
const EXACT: f64 = 1e-12;

/// The measurements, those of one n in one, with their fit and the largest cost of a law that they do not refute.
struct Evidence<'a> {
    nodes: &'a [Point],
    fit: Syn2RealFit,
    limit: f64,
}

/// Puts the measurements of one n together, one after the other as they lie; gives their number, and the cost within
/// them: half the weighted squares about the means of the logarithms, which no law of n explains. Mean and squares by the
/// update of Welford (1962).
fn gather(entries: &[Entry], nodes: &mut [Point]) -> (usize, f64) {
    let (mut count, mut within) = (0, 0.0);
    let mut slots = nodes.iter_mut();
    let mut rest = entries.iter().map(|e| e.point).peekable();
    while let (Some(first), Some(slot)) = (rest.next(), slots.next()) {
        *slot = first;
        count += 1;
        let (mut ln_first, mut mean) = (None, 0.0);
        while let Some(same) = rest.next_if(|p| p.n == first.n) {
            let origin = *ln_first.get_or_insert_with(|| math::ln(first.error));
            let deviation = (math::ln(same.error) - origin) - mean;
            let weight = slot.weight + same.weight;
            let share = same.weight / weight;
            within += 0.5 * deviation * deviation * slot.weight * share;
            mean += share * deviation;
            slot.weight = weight;
        }
        if mean != 0.0 {
            slot.error = first.error * math::exp(mean);
        }
    }
    (count, within)
}

impl<'a> Evidence<'a> {
    /// The limit of a profile interval: cost (1 + F / dof), F = t^2 with 1 and dof degrees of freedom (Bates and Watts,
    /// "Nonlinear Regression Analysis and Its Applications", section 6.1). The cost within nodes is the same for all laws.
    /// `None` without degrees of freedom or without a fit.
    fn new(nodes: &'a [Point], within: f64, entries: usize, goal: &Goal) -> Option<Evidence<'a>> {
        let dof = f64::from(entries.checked_sub(3).and_then(|d| u32::try_from(d).ok()).filter(|d| *d > 0)?);
        let fit = fit(&points(nodes), &plain())?;
        let t = math::t_quantile(0.5 + 0.5 * goal.confidence.level(), dof);
        let weights: f64 = nodes.iter().map(|p| p.weight).sum();
        let least = fit.report().cost;
        let rise = ((least + within) * t * t / dof).max(0.5 * EXACT * EXACT * weights);
        Some(Evidence { nodes, fit, limit: least + rise })
    }

    /// Whether every law that is not refuted has `value` on the same side of `target` as the fit: no such law is on the
    /// target, and no other minimum lies beyond it.
    fn decided(
        &self,
        target: f64,
        value: impl Fn(&Syn2RealLaw) -> f64,
        on_target: impl FnOnce() -> Option<f64>,
    ) -> bool {
        let side = |law: &Syn2RealLaw| value(law) <= target;
        let own = side(&self.fit.law());
        self.fit.minima().iter().all(|m| m.cost > self.limit || side(&m.law) == own)
            && on_target().is_some_and(|cost| cost > self.limit)
    }

    /// Whether the law does not describe the measurements, `within` of whose cost is that within the nodes.
    #[inline(never)]
    fn is_misfit(&self, within: f64, entries: &[Entry]) -> bool {
        let mut sizes = infer::Sizes::new(&self.fit, &points(self.nodes));
        sizes.pure_square += 2.0 * within;
        sizes.pure += entries.len().saturating_sub(self.nodes.len()) as f64;
        infer::misfit(&self.fit, &sizes, &Mapped::new(entries, |e| e.point)).is_some()
    }

    /// Whether it is decided on which side of the target the gap lies.
    fn gap_is_decided(&self, target: f64) -> bool {
        let options = FitOptions { fixed_c: Some(target), ..plain() };
        self.decided(target, |law| law.c, || cost(&points(self.nodes), &options))
    }

    /// Whether a law without a gap is not refuted.
    fn may_have_no_gap(&self) -> bool {
        let options = FitOptions { fixed_c: Some(0.0), ..plain() };
        self.fit.law().c == 0.0 || cost(&points(self.nodes), &options).is_some_and(|cost| cost <= self.limit)
    }

    /// Whether it is decided on which side of the target L(n) lies: no law with L(n) = target is within the limit. The
    /// complete search finds the best of these, held there by a point that outweighs all others.
    fn error_is_decided(&self, n: f64, target: f64) -> bool {
        let weights: f64 = self.nodes.iter().map(|p| p.weight).sum();
        let hold = Point::new(n, target).with_weight(HOLD * weights);
        let held = With { data: &points(self.nodes), more: &[hold] };
        self.decided(target, |law| law.error_at(n), || cost(&held, &plain()))
    }
}

fn plain() -> FitOptions {
    FitOptions { covariance: false, ..FitOptions::default() }
}

fn points(nodes: &[Point]) -> impl Observations<Point> + '_ {
    Mapped::new(nodes, |p: &Point| *p)
}

/// By the longer search, which takes the fits with a parameter or a point held as well: a device need not hold another one,
/// and on one curve of so many points it is the shorter way.
fn fit(points: &Source<'_>, options: &FitOptions) -> Option<Syn2RealFit> {
    search_points(points, options).ok()
}

fn cost(points: &Source<'_>, options: &FitOptions) -> Option<f64> {
    Some(fit(points, options)?.report().cost)
}

/// The finding; `with_cause` asks for the cause of a change as well, which takes one more fit. `room` holds as many points as
/// there are entries.
///
/// The verdicts are those of [`crate::plan::samples_for`] with profile intervals at the same level, by duality: an interval
/// of n* ends below N exactly if no law with L(N) = target is within its limit. That takes one fit for a question, where
/// the ends of the intervals take a search each.
///
/// `forecaster` is asked where law (1) does not describe the measurements (`None` for its finding), and where it puts the target
/// beyond the budget although nothing shows that the curve levels off. Who gives none does not link the forecast.
pub(super) fn find(
    entries: &[Entry],
    room: &mut [Point],
    goal: &Goal,
    largest: f64,
    with_cause: bool,
    forecaster: Option<Forecaster>,
) -> Finding {
    let (count, within) = gather(entries, room);
    let Some(nodes) = room.get(..count) else { return Finding::Open };
    if !goal.any_target && check_target(goal.target, nodes.iter().map(|p| p.error)).is_err() {
        return Finding::Change(ChangeReason::Target);
    }
    let Some(evidence) = Evidence::new(nodes, within, entries.len(), goal) else { return Finding::Open };
    if drift(&evidence.fit, entries, UNLIKELY).is_some_and(|d| d.p_value < DRIFT_LEVEL) {
        return Finding::Change(ChangeReason::Drift);
    }
    match rise(&evidence.fit, entries) {
        Some(rise) if rise.p_value < RISE_LEVEL => return Finding::Change(ChangeReason::Rise),
        // Not sure enough to stop for, and too much to decide on.
        Some(_) => return Finding::Open,
        None => {}
    }
    // What a law that does not describe the measurements says of others is nothing.
    if evidence.is_misfit(within, entries) {
        return forecaster.map_or(Finding::Open, |find| find(entries, goal, largest, None));
    }
    let (target, law) = (goal.target, evidence.fit.law());
    if law.error_at(largest) <= target {
        return if evidence.error_is_decided(largest, target) { Finding::Reached } else { Finding::Near };
    }
    if with_cause && law.c > target && evidence.gap_is_decided(target) {
        return Finding::Change(ChangeReason::Gap);
    }
    let budget = goal.budget.unwrap_or(LARGEST_COUNT).max(largest);
    if !evidence.error_is_decided(budget, target) {
        return Finding::Open;
    }
    if law.error_at(budget) <= target {
        return Finding::Reachable { n: size_at(&law, target).finite().unwrap_or(budget) };
    }
    let by_rate = with_cause && law.c <= target && evidence.gap_is_decided(target);
    let finding = Finding::Change(if by_rate { ChangeReason::Rate } else { ChangeReason::Budget });
    match forecaster.filter(|_| evidence.may_have_no_gap()) {
        Some(find) => find(entries, goal, largest, Some(finding)),
        None => finding,
    }
}

/// Whether the values rise; asked of all measurements, since their scatter at one n counts.
fn rise(fit: &Syn2RealFit, entries: &[Entry]) -> Option<Rise> {
    if fit.report().class != Class::Flat {
        return None;
    }
    self::fit(&Mapped::new(entries, |e: &Entry| e.point), &plain())?.report().rise
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
            Finding::Near => 7,
            Finding::Change(ChangeReason::Rise) => 8,
            Finding::Change(ChangeReason::Target) => 9,
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
            7 => Finding::Near,
            8 => Finding::Change(ChangeReason::Rise),
            9 => Finding::Change(ChangeReason::Target),
            _ => return None,
        })
    }
}
