//! Collecting in several rounds, with a penalty for missing the target.
//!
//! After each round the target is measured, and collecting ends where it is met. With F the distribution of n*, the plan
//! q_1 <= .. <= q_T minimises
//!
//! ```text
//! sum_t price (q_t - q_(t-1)) (1 - F(q_(t-1))) + penalty (1 - F(q_T))
//! ```
//! (Mahmood, Lucas, Alvarez, Fidler and Law, "Optimizing Data Collection for Machine Learning", NeurIPS 2022, eq. 3, with the
//! distribution of a bootstrap in place of their density estimate). Between two values that n* takes F is constant and the sum
//! rises with q_t, so the best q_t are among these values and dynamic programming finds the optimum exactly.
use crate::law::Syn2RealLaw;

use super::super::error::PlanError;
use super::super::inverse::{LARGEST_COUNT, size_at};
use super::super::select::{fitted, sort};
use super::costs::LARGEST_COST;

/// What rounds cost.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RoundsOptions {
    /// Price of a sample, > 0. Default: 1.
    pub price: f64,
    /// What it costs to miss the target after the last round, > 0, in the unit of the price. Default: 1e6, a million samples.
    pub penalty: f64,
    /// Samples that are there already, >= 0. Default: 0.
    pub already: f64,
}

impl Default for RoundsOptions {
    fn default() -> RoundsOptions {
        RoundsOptions { price: 1.0, penalty: 1e6, already: 0.0 }
    }
}

/// One round.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AllocationRound {
    /// Samples in all after this round, if the target was not met before.
    pub up_to: f64,
    /// Probability that the target is met with them.
    pub reached: f64,
}

/// A plan of rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rounds {
    /// Expected cost of samples and penalty.
    pub expected_cost: f64,
    /// Expected number of samples bought.
    pub expected_samples: f64,
    /// Probability that the last round misses the target.
    pub miss: f64,
}

/// The plan of `out.len()` rounds with the least expected cost, from the replicates `laws` of a fit; `out` receives the
/// rounds. Rounds that bring nothing repeat the size before. `scratch` needs (rounds + 3) (laws + 1) slots; the time is
/// proportional to rounds times laws squared (1,000 laws: some milliseconds).
///
/// # Errors
/// [`PlanError::Target`], [`PlanError::Cost`] unless price and penalty are above 0, [`PlanError::Size`] for `already`,
/// [`PlanError::TooFewReplicates`] without a law, [`PlanError::NoCandidates`] without a round, [`PlanError::Buffer`].
///
/// ```
/// use syn2real::Syn2RealLaw;
/// use syn2real::plan::allocate::{AllocationRound, RoundsOptions, rounds};
///
/// // n* = 1e4, 4e4, 9e4, .. with equal probability.
/// let laws: [Syn2RealLaw; 10] = core::array::from_fn(|i| Syn2RealLaw { d: 10.0 * (i + 1) as f64, alpha: 0.5, c: 0.1 });
/// let options = RoundsOptions { price: 1.0, penalty: 5e5, already: 5e3 };
/// let mut scratch = [0.0; 6 * 11];
/// let (mut one, mut three) = ([AllocationRound::default(); 1], [AllocationRound::default(); 3]);
/// let at_once = rounds(&laws, 0.2, &options, &mut one, &mut scratch)?;
/// let in_three = rounds(&laws, 0.2, &options, &mut three, &mut scratch)?;
/// assert!(in_three.expected_cost < at_once.expected_cost);
/// assert!(three[0].up_to < one[0].up_to);
/// # Ok::<(), syn2real::plan::PlanError>(())
/// ```
pub fn rounds(
    laws: &[Syn2RealLaw],
    target: f64,
    options: &RoundsOptions,
    out: &mut [AllocationRound],
    scratch: &mut [f64],
) -> Result<Rounds, PlanError> {
    PlanError::require_target(target)?;
    let prices = [(options.price, "price"), (options.penalty, "penalty")];
    if let Some(&(_, field)) = prices.iter().find(|(v, _)| !(*v > 0.0 && *v <= LARGEST_COST)) {
        return Err(PlanError::Cost { field });
    }
    if !(options.already >= 0.0 && options.already <= LARGEST_COUNT) {
        return Err(PlanError::Size { field: "already" });
    }
    let count = fitted(laws).count();
    if count == 0 {
        return Err(PlanError::TooFewReplicates { needed: 1, got: 0 });
    }
    if out.is_empty() {
        return Err(PlanError::NoCandidates);
    }
    let slots = count.saturating_add(1);
    let needed = slots.saturating_mul(out.len().saturating_add(3));
    let got = scratch.len();
    let Some((sizes, values)) = scratch.get_mut(..needed).and_then(|s| s.split_at_mut_checked(slots)) else {
        return Err(PlanError::Buffer { needed, got });
    };
    // What is there, and the n* of the laws, which is not below it.
    let all = fitted(laws).map(|law| size_at(law, target).or_infinity().max(options.already));
    for (slot, size) in sizes.iter_mut().zip(core::iter::once(options.already).chain(all)) {
        *slot = size;
    }
    sort(sizes, |a, b| a < b);
    let finite = sizes.iter().take_while(|q| **q < f64::INFINITY).count();
    let (Some(sizes), Some((misses, rows))) = (sizes.get(..finite), values.split_at_mut_checked(finite)) else {
        return Err(PlanError::Buffer { needed, got });
    };
    // 1 - F: the share of laws above each size. Of equal sizes, the last counts for all; the entry of `already` is no law.
    let infinite = slots.saturating_sub(finite);
    let (mut above, mut last) = (infinite, f64::INFINITY);
    for (counted, (slot, &q)) in (infinite..).zip(misses.iter_mut().zip(sizes).rev()) {
        if q < last {
            (above, last) = (counted, q);
        }
        *slot = above as f64 / count as f64;
    }
    Ok(plan(sizes, misses, options, out, rows))
}

/// Dynamic programming over the sizes q_0 <= q_1 <= .. and the shares that they miss. Row r holds the cost to go from each
/// size with r rounds left.
fn plan(
    sizes: &[f64],
    misses: &[f64],
    options: &RoundsOptions,
    out: &mut [AllocationRound],
    rows: &mut [f64],
) -> Rounds {
    let width = sizes.len().max(1);
    // The best size to go to from the i-th, q with 1 - F = miss, given what it costs to go on from each.
    let best = |i: usize, q: f64, miss: f64, to_go: &[f64]| {
        let mut best = (f64::INFINITY, i);
        for (j, (&next, &rest)) in sizes.iter().zip(to_go).enumerate().skip(i) {
            let cost = options.price * miss * (next - q) + rest;
            if cost < best.0 {
                best = (cost, j);
            }
        }
        best
    };
    for (slot, miss) in rows.iter_mut().zip(misses) {
        *slot = options.penalty * miss;
    }
    let mut rest = &mut *rows;
    for _ in 0..out.len() {
        let Some((done, next)) = rest.split_at_mut_checked(width) else { break };
        for (i, ((slot, &q), &miss)) in next.iter_mut().zip(sizes).zip(misses).enumerate() {
            *slot = best(i, q, miss, done).0;
        }
        rest = next;
    }
    let at = |values: &[f64], i: usize| values.get(i).copied().unwrap_or(0.0);
    let expected_cost = at(rows.chunks_exact(width).nth(out.len()).unwrap_or(&[]), 0);
    let (mut i, mut expected_samples) = (0, 0.0);
    let left = (0..out.len()).rev();
    for (round, left) in out.iter_mut().zip(left) {
        let to_go = rows.chunks_exact(width).nth(left).unwrap_or(&[]);
        let (q, miss) = (at(sizes, i), at(misses, i));
        let (_, next) = best(i, q, miss, to_go);
        expected_samples += miss * (at(sizes, next) - q);
        i = next;
        *round = AllocationRound { up_to: at(sizes, i), reached: 1.0 - at(misses, i) };
    }
    Rounds { expected_cost, expected_samples, miss: at(misses, i) }
}
