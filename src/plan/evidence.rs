//! From intervals of gap and size to a verdict.
use crate::infer::QuantityInterval;

use super::inverse::LARGEST_COUNT;
use super::verdict::{Reason, Verdict};

/// What the intervals say of gap and size.
pub(super) struct Evidence {
    pub(super) target: f64,
    pub(super) budget: f64,
    /// Whether `budget` is the user's.
    pub(super) has_budget: bool,
    pub(super) gap: QuantityInterval,
    pub(super) n: QuantityInterval,
    /// The lower limit of n*; infinite where nothing reaches the target.
    pub(super) n_lower: f64,
    /// The smallest and the largest size measured.
    pub(super) measured: [f64; 2],
}

impl Evidence {
    /// The verdict; `measure_at` is asked only where nothing is decided.
    pub(super) fn verdict(&self, measure_at: impl FnOnce(Reason) -> Option<f64>) -> Verdict {
        let &Evidence { target, budget, gap, n_lower, .. } = self;
        let n = within_counts(self.n);
        let undetermined =
            |reason| Verdict::Undetermined { n: Some(n), gap: Some(gap), reason, measure_at: measure_at(reason) };
        if let Some(lower) = gap.lower.filter(|&lower| lower >= target) {
            return Verdict::Unreachable { gap, reason: Reason::GapAboveTarget { gap: lower, target } };
        }
        // Beyond the budget for certain, whether or not there is a gap as well.
        if n_lower > budget {
            let reason = match n_lower <= LARGEST_COUNT {
                true => Reason::BeyondBudget { n: n_lower, budget },
                false => Reason::BeyondCounts,
            };
            return Verdict::Infeasible { n, gap, reason };
        }
        match (gap.upper, n.upper) {
            (None, _) => undetermined(Reason::NoInterval),
            (Some(upper), _) if upper >= target => undetermined(Reason::GapStraddlesTarget { target }),
            (_, Some(upper)) if upper <= budget => {
                let [smallest, largest] = self.measured;
                let reason = match self.has_budget {
                    _ if upper <= smallest => Reason::EverySize { n: smallest },
                    _ if upper <= largest => Reason::Measured { n: upper, largest },
                    true => Reason::WithinBudget { n: upper, budget },
                    false => Reason::Finite { n: upper },
                };
                Verdict::Reachable { n, gap, reason }
            }
            _ if self.has_budget => undetermined(Reason::SizeStraddlesBudget { budget }),
            _ => undetermined(Reason::SizeUnlimited),
        }
    }
}

/// Without what is beyond 2^53.
fn within_counts(n: QuantityInterval) -> QuantityInterval {
    let within = |v: Option<f64>| v.filter(|&v| v <= LARGEST_COUNT);
    QuantityInterval { estimate: within(n.estimate), lower: within(n.lower), upper: within(n.upper), ..n }
}
