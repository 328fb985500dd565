//! Where to measure next.
use super::judge::Finding;
use super::store::Entry;
use super::{ChangeReason, Run, Why};
use crate::math;
use crate::plan::LARGEST_COUNT;

/// A step towards a target within reach is at most this many growth factors wide: an extrapolation is checked on its way,
/// and samples that are generated in steps are not generated in vain.
const STEPS: f64 = 2.0;

/// Times that a size is measured before a larger one is tried, when the law meets the target there but not for certain:
/// training costs no samples.
const TIMES: u32 = 3;

impl Run<[Entry]> {
    /// The largest n that may be asked for.
    fn ceiling(&self) -> f64 {
        // What is there already costs nothing, even if it is more than the budget.
        self.goal.budget.unwrap_or(LARGEST_COUNT).max(self.largest)
    }

    /// `largest` times the growth factor to this power.
    fn grown(&self, power: f64) -> f64 {
        self.largest * math::exp(power * math::ln(self.goal.growth))
    }

    /// On the way to `n`, at most [`STEPS`] growth factors at once. Where the law meets the target nothing can be certain
    /// yet: a quarter of a factor more.
    pub(super) fn step_towards(&self, n: f64) -> f64 {
        let enough = n * math::sqrt(math::sqrt(self.goal.growth));
        self.whole(enough.min(self.grown(STEPS))).max(self.largest).min(self.ceiling())
    }

    /// The next size of the series; at the end of it, or to confirm a finding, a size that is already there.
    pub(super) fn next_size(&self) -> (f64, Why) {
        // Nothing is there, or only what was left out.
        let Some(smallest) = self.store.as_slice().first().map(|e| e.point.n) else {
            return (self.goal.start, Why::First);
        };
        let larger = self.whole(self.largest * self.goal.growth).min(self.ceiling());
        let middle = self.whole(math::exp(0.5 * (math::ln(smallest) + math::ln(self.largest.max(smallest)))));
        let confirm = Why::Confirm { found: self.streak, needed: self.goal.patience };
        match self.finding {
            // A drift shows where the error is known best in time; and a check is due from time to time.
            Finding::Change(ChangeReason::Drift) => (smallest, Why::Drift),
            _ if self.check_is_due(smallest) => (smallest, Why::CheckDue { every: self.goal.check_every }),
            // Confirmed without new samples, in turn where a drift shows and where the error decides.
            Finding::Reached | Finding::Change(_) if self.streak & 1 == 1 => (smallest, confirm),
            Finding::Reached | Finding::Change(_) => (self.largest, confirm),
            Finding::Near if self.times_at_largest() < TIMES => {
                (self.largest, Why::Near { times: self.times_at_largest(), most: TIMES })
            }
            Finding::Near => (self.whole(self.grown(0.25)).min(self.ceiling()), Why::NearLarger),
            Finding::Reachable { n } => (self.step_towards(n).min(larger), Why::Towards),
            _ if larger > self.largest => (larger, Why::NextSize),
            // The series is at its end: three sizes determine a law of three parameters best.
            _ => {
                let size = match self.observed.checked_rem(3) {
                    Some(0) => smallest,
                    Some(1) => middle,
                    _ => self.largest,
                };
                (size, Why::EndOfSeries)
            }
        }
    }

    fn times_at_largest(&self) -> u32 {
        let there = self.store.as_slice().iter().filter(|e| e.point.n == self.largest);
        there.fold(0, |sum, e| sum.saturating_add(e.count))
    }

    fn check_is_due(&self, smallest: f64) -> bool {
        let period = f64::from(self.goal.check_every);
        let last = self.store.as_slice().iter().filter(|e| e.point.n == smallest).map(|e| e.time).fold(0.0, f64::max);
        period > 0.0 && f64::from(self.observed) - last > period
    }

    /// The next whole number where sizes are counts: where all that were measured are whole. In a larger unit, such as millions,
    /// they keep their digits.
    fn whole(&self, n: f64) -> f64 {
        // What was put together has a mean size.
        let is_count = |e: &Entry| e.point.n >= 1.0 && (e.count > 1 || up(e.point.n) == e.point.n);
        if self.store.as_slice().iter().all(is_count) { up(n) } else { n }
    }
}

/// The next whole number.
fn up(n: f64) -> f64 {
    let down = n as u64 as f64;
    if down < n { down + 1.0 } else { n }
}
