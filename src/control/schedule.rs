//! Where to measure next.
use super::judge::Finding;
use super::{ChangeReason, Controller};
use crate::math;
use crate::plan::LARGEST_COUNT;

/// The first step beyond what is measured is at most this many growth factors wide: an extrapolation is checked on its way,
/// and samples that are generated in steps are not generated in vain.
const STEPS: f64 = 2.0;

impl<const N: usize> Controller<N> {
    /// The largest n that may be asked for.
    fn ceiling(&self) -> f64 {
        // What is there already costs nothing, even if it is more than the budget.
        self.goal.budget.unwrap_or(LARGEST_COUNT).max(self.largest)
    }

    /// On the way to `n`, at most [`STEPS`] growth factors at once; never below what is there.
    pub(super) fn step_towards(&self, n: f64) -> f64 {
        let farthest = self.largest * math::exp(STEPS * math::ln(self.goal.growth));
        whole(n.min(farthest)).max(self.largest).min(self.ceiling())
    }

    /// The next size of the series; at the end of it, or to confirm a finding, a size that is already there.
    pub(super) fn next_size(&self) -> f64 {
        let smallest = self.store.as_slice().first().map_or(self.goal.start, |e| e.point.n);
        let larger = whole(self.largest * self.goal.growth).min(self.ceiling());
        let middle = whole(math::exp(0.5 * (math::ln(smallest) + math::ln(self.largest.max(smallest)))));
        match self.finding {
            // A drift shows where the error is known best in time; and a check is due from time to time.
            Finding::Change(ChangeReason::Drift) => smallest,
            _ if self.check_is_due(smallest) => smallest,
            // Confirmed without new samples, in turn where a drift shows and where the error decides.
            Finding::Reached | Finding::Change(_) if self.streak & 1 == 1 => smallest,
            Finding::Reached | Finding::Change(_) => self.largest,
            Finding::Reachable { n } if n < larger => whole(n).max(self.largest).min(self.ceiling()),
            _ if larger > self.largest => larger,
            // The series is at its end: three sizes determine a law of three parameters best.
            _ => match self.observed.checked_rem(3) {
                Some(0) => smallest,
                Some(1) => middle,
                _ => self.largest,
            },
        }
    }

    fn check_is_due(&self, smallest: f64) -> bool {
        let period = f64::from(self.goal.check_every);
        let last = self.store.as_slice().iter().filter(|e| e.point.n == smallest).map(|e| e.time).fold(0.0, f64::max);
        period > 0.0 && f64::from(self.observed) - last > period
    }
}

/// The next whole number: sizes are counts.
fn whole(n: f64) -> f64 {
    let down = n as u64 as f64;
    if down < n { down + 1.0 } else { n }
}
