//! The cheapest way to a verdict, as text and as JSON.
use serde::Serialize;
use syn2real::plan::design::{Candidate, Schedule, Step};

use crate::output::{counted, place, short};

/// A chance of a verdict below this is none: no measurement decides.
pub(super) const CHANCE: f64 = 0.05;

/// A schedule, and what is said of it.
pub(crate) struct Ahead {
    pub(super) schedule: Schedule,
    /// The probability that is enough.
    pub(super) enough: f64,
    /// The largest candidate.
    pub(super) largest: f64,
    /// Whether every measurement costs 1, whatever its size.
    pub(super) counts: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StepRecord {
    n: f64,
    times: u32,
}

/// The schedule; its first step is the measurement that is advised.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AheadRecord {
    /// Whether it leads to a verdict at all: with a probability of .05 at least.
    decides: bool,
    steps: Vec<StepRecord>,
    probability: f64,
    reachable: f64,
    out_of_reach: f64,
    /// The probability that is enough: the cheapest schedule with it is taken.
    enough: f64,
    /// Expected, and if all of it is measured.
    cost: f64,
    cost_at_most: f64,
    /// Simulated paths behind it.
    paths: u32,
}

impl Ahead {
    /// Whether it leads to a verdict at all.
    pub(super) fn decides(&self) -> bool {
        self.schedule.probability() >= CHANCE
    }

    /// The candidate to measure first.
    pub(super) fn first(&self) -> Option<usize> {
        self.schedule.steps().first().filter(|_| self.decides()).map(|step| step.index)
    }

    pub(super) fn record(&self) -> AheadRecord {
        let Schedule { odds, cost, most, paths, .. } = self.schedule;
        let steps = self.schedule.steps().iter().map(|step| StepRecord { n: step.n, times: step.times });
        AheadRecord {
            decides: self.decides(),
            steps: steps.collect(),
            probability: odds.decided(),
            reachable: odds.reachable,
            out_of_reach: odds.out_of_reach,
            enough: self.enough,
            cost,
            cost_at_most: most,
            paths,
        }
    }

    /// "measure 3 times at n = 256000, then at 512000: decides with 84 %, takes 2.1 measurements in the mean, 4 at most".
    pub(super) fn sentence(&self) -> String {
        let (steps, percent) = (self.schedule.steps(), percent(self.schedule.probability()));
        if steps.is_empty() {
            return "no measurement can be said to decide it: what there is describes the data badly".into();
        }
        let way = steps.iter().map(step).collect::<Vec<_>>().join(", then ");
        if !self.decides() {
            let largest = place(self.largest);
            return format!("no measurement up to n = {largest} decides it: at best with {percent}, by {way}");
        }
        let Schedule { cost, most, .. } = self.schedule;
        let samples: f64 = steps.iter().map(|step| f64::from(step.times) * step.n).sum();
        let cost = match (self.counts, most > cost) {
            (true, true) => format!("takes {} measurements in the mean, {most} at most", short_count(cost)),
            (true, false) => format!("takes {}", counted_measurements(most)),
            (false, true) => format!("costs {} in the mean, {} at most", short(cost), short(most)),
            (false, false) => format!("costs {}", short(cost)),
        };
        let samples = format!("{} samples", counted(samples));
        let few = if self.schedule.probability() < self.enough {
            format!("; nothing of up to 10 measurements does with {} or more", self::percent(self.enough))
        } else {
            String::new()
        };
        format!("measure {way}: decides with {percent}, {cost} ({samples}){few}")
    }
}

/// "3 times at n = 256000".
fn step(step: &Step) -> String {
    match step.times {
        1 => format!("at n = {}", place(step.n)),
        2 => format!("twice at n = {}", place(step.n)),
        times => format!("{times} times at n = {}", place(step.n)),
    }
}

/// Rounded down: what falls short of a round number does not look like it.
fn percent(p: f64) -> String {
    format!("{:.0} %", (100.0 * p + 1e-9).floor())
}

/// A mean number of measurements.
fn short_count(x: f64) -> String {
    format!("{x:.1}")
}

fn counted_measurements(count: f64) -> String {
    if count == 1.0 { "1 measurement".into() } else { format!("{count} measurements") }
}

/// Whether measurements cost the same.
pub(super) fn counts(candidates: &[Candidate]) -> bool {
    candidates.iter().all(|c| c.cost == 1.0)
}
