//! From one measurement to the next, to a verdict: a controller for a training loop or a device at the edge.
//!
//! [`Controller`] is a pure state machine of fixed size. It knows no clock, no file and no generator; the caller trains at
//! the size that a [`Decision`] names, and gives the error back.
//!
//! | what | how |
//! |---|---|
//! | a verdict | that of [`plan::samples_for`] with profile intervals, at the level of the goal, after every point; with the forecast by [`Controller::observe_with_forecast`] |
//! | patience | it must stay for some observations, and is confirmed by measurements that need no new samples |
//! | where to measure | a series of growing sizes; at a target within reach, steps towards it; near it, again at the same size |
//! | drift | the first size is measured again from time to time; an F test for a linear change with time |
//! | memory | N places; when they are taken, the nearest two measurements become one |
//! | power cuts | the state in two slots of bytes, written in turn ([`Controller::save`]) |
//!
//! An observation takes two fits, three when the cause of a change is asked for. Each is a complete search without a warm
//! start, so that the answer does not depend on the past: with the cause some 230,000 instructions with 64 entries of 10
//! sizes, 400,000 with 64 sizes (AVX2, by valgrind; `observe_10_rate` and `observe_64_rate` of proofs/instructions). What they take
//! in time is printed by `cargo run --release --example controller_worlds -- time`.
mod by_forecast;
mod decision;
mod drift;
mod goal;
mod judge;
mod schedule;
mod state;
mod store;

pub use decision::{ChangeReason, Decision, Why};
pub use drift::Drift;
pub use goal::{Goal, GoalError};
pub use state::{Save, Slot, StateError};
pub use store::Entry;

use crate::fit::{FitError, Syn2RealFit, weighed};
use crate::law::{Residual, Syn2RealLaw};
use crate::plan::{self, Basis, LARGEST_COUNT, PlanError, PlanOptions, Verdict};
use crate::point::{Point, PointError};
use judge::{Finding, Forecaster};
use store::Store;

/// A state machine that holds at most N measurements, 4 <= N <= 65,535 (checked when it is compiled).
///
/// `Clone + Send + 'static`, no heap: about 56 N + 250 bytes.
///
/// ```
/// use syn2real::control::{Controller, Decision, Goal};
/// use syn2real::Syn2RealLaw;
///
/// let truth = Syn2RealLaw { d: 5.0, alpha: 0.4, c: 0.2 };
/// let mut controller = Controller::<64>::new(Goal::new(0.25)?.with_budget(1e6)?);
/// let mut decision = controller.decision();
/// assert_eq!(decision, Decision::MeasureMore { at: 1000.0 });
/// while let Decision::MeasureMore { at: n } | Decision::Generate { up_to: n } = decision {
///     // Here a generator makes samples, and a training gives the error.
///     decision = controller.observe((n, truth.error_at(n)));
/// }
/// assert_eq!(decision, Decision::Stop { reached: true });
/// assert!(truth.error_at(controller.largest()) <= 0.25);
/// # Ok::<(), syn2real::control::GoalError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Controller<const N: usize> {
    run: Run<[Entry; N]>,
}

/// What a controller knows. Its places come last, so that a controller of any capacity lends itself as `Run<[Entry]>`, for
/// which everything is compiled once.
#[derive(Clone, Debug, PartialEq)]
struct Run<E: ?Sized> {
    goal: Goal,
    /// Points that were taken, with a weight above 0 or not.
    observed: u32,
    left_out: u32,
    rejected: u32,
    remaining: Option<u32>,
    /// The largest n measured: a merge may move the last entry.
    largest: f64,
    finding: Finding,
    /// Observations in a row with this kind of finding.
    streak: u32,
    decision: Decision,
    saves: u64,
    store: Store<E>,
}

impl<const N: usize> Controller<N> {
    /// A controller without measurements; its first [`Controller::decision`] is to measure at the first size.
    pub const fn new(goal: Goal) -> Controller<N> {
        const { assert!(N >= 4 && N <= 65_535, "three sizes determine the law, one more its error; lengths are 16 bits") };
        let decision = Decision::MeasureMore { at: goal.start };
        let run = Run {
            goal,
            observed: 0,
            left_out: 0,
            rejected: 0,
            remaining: None,
            largest: 0.0,
            finding: Finding::Open,
            streak: 0,
            decision,
            saves: 0,
            store: Store::new(),
        };
        Controller { run }
    }

    /// Takes a measurement and decides anew. Points may come in any order and at any n up to 2^53, also other than asked
    /// for. A point of weight 0 counts as an observation and is not kept. An unusable point is a [`Decision::Reject`] and
    /// changes nothing but [`Controller::rejected`].
    pub fn observe(&mut self, point: impl Into<Point>) -> Decision {
        let mut room = [Point::new(0.0, 0.0); N];
        self.run_mut().observe(point.into(), &mut room, None)
    }

    /// [`Controller::observe`] on [`Basis::Auto`]: where law (1) does not describe the measurements, and `observe` decides
    /// nothing, the forecast decides, unless the larger sizes refute it; what law (1) puts beyond the budget without a sign of a
    /// gap stays open where the forecast does not, or has fewer than six measurements up to half of the largest n.
    ///
    /// It links the forecast: on a Cortex-M4F at `opt-level` "s" a controller then takes 136 kB of text instead of 113 kB, and 64 kB
    /// of stack instead of 22 kB with 16 entries.
    ///
    /// ```
    /// use syn2real::BentLaw;
    /// use syn2real::control::{Controller, Decision, Goal};
    ///
    /// // A curve that bends: law (1) is refused, and the target lies beyond what was measured.
    /// let truth = BentLaw { a: 0.9, c: 0.05, n_h: 2e4, beta: 2.0, kappa: 0.3 };
    /// let mut controller = Controller::<64>::new(Goal::new(0.18)?.with_budget(1e7)?.with_sizes(2_000.0, 2.0)?);
    /// let mut decision = controller.decision();
    /// while let Decision::MeasureMore { at: n } | Decision::Generate { up_to: n } = decision {
    ///     decision = controller.observe_with_forecast((n, truth.error_at(n)));
    /// }
    /// assert_eq!(decision, Decision::Stop { reached: true });
    /// # Ok::<(), syn2real::control::GoalError>(())
    /// ```
    pub fn observe_with_forecast(&mut self, point: impl Into<Point>) -> Decision {
        let mut room = [Point::new(0.0, 0.0); N];
        self.run_mut().observe(point.into(), &mut room, Some(by_forecast::find))
    }

    /// The fit of all measurements: log residual, weights relative.
    ///
    /// # Errors
    /// As [`Syn2RealLaw::fit`].
    pub fn fit(&self) -> Result<Syn2RealFit, FitError> {
        self.run().fit()
    }

    /// The verdict on the target with the intervals behind it, for a report: what [`Controller::observe`] decides by, at the
    /// same level; it does not look for a drift. Takes longer than an observation: the ends of the intervals are searched.
    ///
    /// # Errors
    /// As [`plan::samples_for`].
    pub fn verdict(&self) -> Result<Verdict, PlanError> {
        self.run().verdict(Basis::Law)
    }

    /// The same for [`Controller::observe_with_forecast`].
    ///
    /// # Errors
    /// As [`plan::samples_for`].
    pub fn verdict_with_forecast(&self) -> Result<Verdict, PlanError> {
        self.run().verdict(Basis::Auto)
    }

    /// Whether errors move with time at equal size; `None` where the data cannot tell.
    pub fn drift(&self) -> Option<Drift> {
        self.fit().ok().and_then(|fit| drift::drift(&fit, self.entries(), 0.0))
    }

    /// Tells how many observations are left, for a deadline that the caller's clock knows; each observation takes one off.
    /// `None`: no such limit. At 0 the next decision is to stop, unless there is a confirmed verdict.
    pub fn set_remaining(&mut self, observations: Option<u32>) {
        // The largest number stands for no limit in the state.
        self.run.remaining = observations.filter(|left| *left != u32::MAX);
    }

    /// What was decided last.
    pub fn decision(&self) -> Decision {
        self.run.decision
    }
    /// Why it asks for the measurement that [`Controller::decision`] names, and why there; `None` where it asks for none.
    ///
    /// ```
    /// use syn2real::control::{Controller, Goal, Why};
    ///
    /// let mut controller = Controller::<64>::new(Goal::new(0.25)?);
    /// assert_eq!(controller.why(), Some(Why::First));
    /// controller.observe((1000, 0.5));
    /// assert_eq!(controller.why(), Some(Why::NextSize));
    /// # Ok::<(), syn2real::control::GoalError>(())
    /// ```
    pub fn why(&self) -> Option<Why> {
        match self.run.decision {
            Decision::MeasureMore { .. } => Some(self.run().next_size().1),
            Decision::Generate { .. } => Some(Why::Towards),
            _ => None,
        }
    }
    /// The goal.
    pub fn goal(&self) -> &Goal {
        &self.run.goal
    }
    /// The measurements in the order of n, at most N.
    pub fn entries(&self) -> &[Entry] {
        self.run().store.as_slice()
    }
    /// Points taken so far.
    pub fn observed(&self) -> u32 {
        self.run.observed
    }
    /// Points of weight 0 among them.
    pub fn left_out(&self) -> u32 {
        self.run.left_out
    }
    /// Points that could not be used.
    pub fn rejected(&self) -> u32 {
        self.run.rejected
    }
    /// How often two entries became one because all N were taken.
    pub fn merges(&self) -> u32 {
        self.run().store.merges()
    }
    /// The largest n measured, 0 before the first.
    pub fn largest(&self) -> f64 {
        self.run.largest
    }

    fn run(&self) -> &Run<[Entry]> {
        &self.run
    }
    fn run_mut(&mut self) -> &mut Run<[Entry]> {
        &mut self.run
    }
}

impl Run<[Entry]> {
    /// `room` takes as many points as there are places.
    #[inline(never)]
    fn observe(&mut self, point: Point, room: &mut [Point], forecaster: Option<Forecaster>) -> Decision {
        let point = weighed(point, self.goal.weights(), Residual::Log);
        let is_beyond = point.n > LARGEST_COUNT && point.n < f64::INFINITY;
        let checked = if is_beyond { Err(PointError::SizeBeyond) } else { point.check(Residual::Log) };
        if let Err(error) = checked {
            self.rejected = self.rejected.saturating_add(1);
            return Decision::Reject { error };
        }
        let time = f64::from(self.observed);
        self.observed = self.observed.saturating_add(1);
        self.remaining = self.remaining.map(|left| left.saturating_sub(1));
        if point.weight > 0.0 {
            self.largest = self.largest.max(point.n);
            self.store.push(Entry { point, time, count: 1 });
            self.judge(room, forecaster);
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
        self.decision = self.decide();
        self.decision
    }

    /// Looks at all measurements, and counts how long the finding stays.
    fn judge(&mut self, room: &mut [Point], forecaster: Option<Forecaster>) {
        // The cause of a change is asked for when it is about to be acted on.
        let with_cause = self.streak.saturating_add(1) >= self.goal.patience;
        let finding = judge::find(self.store.as_slice(), room, &self.goal, self.largest, with_cause, forecaster);
        let stays = finding.agrees(self.finding);
        self.streak = if stays { self.streak.saturating_add(1) } else { 1 };
        self.finding = finding;
    }

    /// Acts on a finding that has stayed, and else says where to measure.
    fn decide(&self) -> Decision {
        let confirmed = self.streak >= self.goal.patience;
        let over = self.remaining == Some(0) || self.goal.observations.is_some_and(|most| self.observed >= most);
        match self.finding {
            Finding::Reached if confirmed => Decision::Stop { reached: true },
            Finding::Change(reason) if confirmed => Decision::ChangeSetting { reason },
            _ if over => Decision::Stop { reached: false },
            Finding::Reachable { n } if confirmed => Decision::Generate { up_to: self.step_towards(n) },
            _ => Decision::MeasureMore { at: self.next_size().0 },
        }
    }

    fn fit(&self) -> Result<Syn2RealFit, FitError> {
        Syn2RealLaw::fit(self.store.as_slice())
    }

    fn verdict(&self, basis: Basis) -> Result<Verdict, PlanError> {
        let budget = self.goal.budget.map(|samples| samples.max(self.largest));
        let options = PlanOptions {
            confidence: self.goal.confidence,
            budget,
            any_target: self.goal.any_target,
            basis,
            ..PlanOptions::default()
        };
        plan::samples_for(&self.fit()?, self.store.as_slice(), self.goal.target, &options)
    }
}
