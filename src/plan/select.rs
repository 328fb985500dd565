//! Quantiles of replicates, without a buffer.
use crate::fit::{Confidence, select};
use crate::infer::{MadeBy, QuantityInterval};
use crate::law::Syn2RealLaw;

use super::error::PlanError;

/// The replicates that have a law: what could not be fitted is NaN ([`crate::infer::bootstrap::replicate`]) and says nothing.
pub(super) fn fitted(laws: &[Syn2RealLaw]) -> impl Iterator<Item = &Syn2RealLaw> + Clone {
    laws.iter().filter(|law| law.d.is_finite() && law.rate().is_finite() && law.c.is_finite())
}

/// The value of the given probability among `count` values: the smallest that so large a share does not exceed.
/// Infinite values are values; NaN must not be among them.
pub(super) fn quantile(values: impl Iterator<Item = f64> + Clone, count: usize, probability: f64) -> f64 {
    // Rounding must not push an exact p m, such as .95 * 1000, over the next integer.
    let exact = probability * count as f64;
    let floor = exact as usize;
    let rank = if exact - floor as f64 > 1e-9 * exact { floor } else { floor.saturating_sub(1) };
    select(values, rank.min(count.saturating_sub(1)))
}

/// The ends of the interval of `count` values with the share `tail` beyond each: ranks (count + 1) tail from both ends (Davison
/// and Hinkley, Bootstrap Methods and their Application, 1997, section 2.4). They may be infinite.
pub(super) fn ends(values: impl Iterator<Item = f64> + Clone, count: usize, tail: f64) -> Result<[f64; 2], PlanError> {
    // The level .95 as f64 is not exact: 39 replicates are enough for it.
    let rank = ((count as f64 + 1.0) * tail * (1.0 + 1e-9)) as usize;
    if rank == 0 {
        return Err(PlanError::TooFewReplicates { needed: least(tail), got: count });
    }
    Ok([select(values.clone(), rank.saturating_sub(1)), select(values, count.saturating_sub(rank))])
}

/// The interval with these ends; ends that are infinite are none.
pub(super) fn interval(ends: [f64; 2], estimate: Option<f64>, confidence: Confidence) -> QuantityInterval {
    let [lower, upper] = ends.map(|v| Some(v).filter(|v| v.is_finite()));
    QuantityInterval { estimate, lower, upper, confidence, method: MadeBy::Bootstrap }
}

/// An error unless a share of `probability` leaves one of `count` replicates beyond.
pub(super) fn enough(count: usize, probability: f64) -> Result<(), PlanError> {
    if !(probability > 0.0 && probability < 1.0) {
        return Err(PlanError::Probability);
    }
    let tail = if probability < 0.5 { probability } else { 1.0 - probability };
    let needed = least(tail).saturating_add(1);
    if count >= needed { Ok(()) } else { Err(PlanError::TooFewReplicates { needed, got: count }) }
}

/// Replicates of which one lies in each tail.
fn least(tail: f64) -> usize {
    let exact = 1.0 / tail - 1.0;
    let floor = (exact * (1.0 + 1e-9)) as usize;
    if exact - floor as f64 > 1e-9 * exact { floor.saturating_add(1) } else { floor }
}

/// Heapsort (Williams 1964): a million pairs need an order of n log n, and the sorts of core keep a panic path. NaN must not
/// be among the values.
pub(super) fn sort<T: Copy>(values: &mut [T], is_before: impl Fn(&T, &T) -> bool) {
    for start in (0..values.len() / 2).rev() {
        sift(values, start, &is_before);
    }
    let mut rest = values;
    while let [first, .., last] = rest {
        core::mem::swap(first, last);
        let Some((_, shorter)) = rest.split_last_mut() else { return };
        sift(shorter, 0, &is_before);
        rest = shorter;
    }
}

/// Lets the value at `at` down until none of its children comes behind it.
fn sift<T: Copy>(values: &mut [T], mut at: usize, is_before: &impl Fn(&T, &T) -> bool) {
    let Some(&value) = values.get(at) else { return };
    loop {
        let child = 2 * at + 1;
        let Some(&left) = values.get(child) else { break };
        let (child, last) = match values.get(child + 1) {
            Some(&right) if is_before(&left, &right) => (child + 1, right),
            _ => (child, left),
        };
        if !is_before(&value, &last) {
            break;
        }
        if let Some(slot) = values.get_mut(at) {
            *slot = last;
        }
        at = child;
    }
    if let Some(slot) = values.get_mut(at) {
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_a_sequence() {
        let values = [5.0, 1.0, f64::INFINITY, 3.0];
        let at = |p| quantile(values.iter().copied(), 4, p);
        assert_eq!((at(0.25), at(0.26), at(0.5), at(0.75), at(0.76)), (1.0, 3.0, 3.0, 5.0, f64::INFINITY));
        let many = || (0..1000).map(f64::from);
        assert_eq!((quantile(many(), 1000, 0.95), quantile(many(), 1000, 0.951)), (949.0, 950.0));
    }

    #[test]
    fn percentile_needs_a_replicate_in_each_tail() {
        let values = || (1..=39).map(f64::from);
        assert_eq!(ends(values(), 39, 0.025), Ok([1.0, 39.0]));
        let few = ends(values().take(38), 38, 0.025);
        assert_eq!(few, Err(PlanError::TooFewReplicates { needed: 39, got: 38 }));
        assert_eq!(enough(20, 0.95), Ok(()));
        assert_eq!(enough(19, 0.95), Err(PlanError::TooFewReplicates { needed: 20, got: 19 }));
    }

    #[test]
    fn sorts_whatever_the_order() {
        for count in 0..50_u32 {
            // Multiples of 17 modulo 41: every order of small sets, with repetitions.
            let mut values = [0.0; 50];
            let values = &mut values[..count as usize];
            for (k, v) in (0..).zip(values.iter_mut()) {
                *v = if k % 11 == 10 { f64::INFINITY } else { f64::from(k * 17 % 41) };
            }
            let sum: f64 = values.iter().filter(|v| v.is_finite()).sum();
            sort(values, |a, b| a < b);
            assert!(values.is_sorted(), "{values:?}");
            assert_eq!(values.iter().filter(|v| v.is_finite()).sum::<f64>(), sum, "the same values");
        }
    }
}
