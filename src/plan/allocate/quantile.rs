//! The cheapest pair with the uncertainty of the fit.
use crate::law::{AnyLaw, GridLaw};
use crate::math;

use super::super::error::PlanError;
use super::super::gain::check_rates;
use super::super::inverse::{LARGEST_COUNT, fine_tune_size_at};
use super::super::select::{self, quantile};
use super::{AllocateOptions, Allocation, Cheapest};

/// Sizes n of the first pass over [2^-53, 2^53], whatever the unit of n: three to a doubling. The cost has one minimum for each law, and near the
/// same place for all of them; the pass is there for quantiles that change from law to law.
const COARSE: usize = 320;
/// (sqrt(5) - 1) / 2: the golden section shrinks the bracket by it.
const GOLDEN: f64 = 0.618_033_988_749_894_8;
/// Sections after which a bracket of two coarse steps is below 1e-8 in ln n, so that the cost is flat to rounding.
const SECTIONS: usize = 40;

/// The cheapest (n, s) that at least the share `probability` of the replicates `laws` calls at or below the target;
/// `error` of the answer is that quantile of L(n, s). `scratch` needs a slot for each law.
///
/// # Errors
/// As [`cheapest`](super::cheapest) for any of the laws, [`PlanError::Probability`], [`PlanError::TooFewReplicates`] unless
/// one law at least lies beyond the probability, [`PlanError::Buffer`].
///
/// # Accuracy
/// The cost is that of the best of 160 sizes n, three to a doubling, improved to the minimum beside it.
///
/// ```
/// use syn2real::FullLaw;
/// use syn2real::plan::allocate::{AllocateOptions, cheapest, cheapest_with_probability};
///
/// let law = FullLaw { delta: 41.8, gamma: 0.478, alpha: 0.544, beta: 0.322, n0: 0.0, e: 0.0 };
/// let laws: [FullLaw; 50] = core::array::from_fn(|i| FullLaw { delta: 40.0 + 0.1 * i as f64, ..law });
/// let options = AllocateOptions::default();
/// let safe = cheapest_with_probability(&laws, 0.5, 0.9, &options, &mut [0.0; 50])?.allocation().unwrap();
/// // Here the laws differ in delta alone, so that the answer is that of the 45th of 50.
/// let one = cheapest(&laws[44], 0.5, &options)?.allocation().unwrap();
/// assert!((safe.cost / one.cost - 1.0).abs() < 1e-9);
/// # Ok::<(), syn2real::plan::PlanError>(())
/// ```
pub fn cheapest_with_probability<L: GridLaw>(
    laws: &[L],
    target: f64,
    probability: f64,
    options: &AllocateOptions,
    scratch: &mut [f64],
) -> Result<Cheapest, PlanError> {
    cheapest_of(laws.len(), &|k| laws.get(k).map(AnyLaw::of), target, probability, options, scratch)
}

fn cheapest_of(
    count: usize,
    law: &dyn Fn(usize) -> Option<AnyLaw>,
    target: f64,
    probability: f64,
    options: &AllocateOptions,
    scratch: &mut [f64],
) -> Result<Cheapest, PlanError> {
    let laws = || (0..count).filter_map(law);
    options.check()?;
    select::enough(count, probability)?;
    laws().try_for_each(|law| check_rates(&law))?;
    PlanError::require_target(target)?;
    let Some(scratch) = scratch.get_mut(..count) else {
        return Err(PlanError::Buffer { needed: count, got: scratch.len() });
    };
    let floor = quantile(laws().map(|law| law.floor()), count, probability);
    if target <= floor {
        return Ok(Cheapest::Unreachable { floor });
    }
    // The cost at n, with as many real samples as the quantile of the laws needs.
    let mut priced = |n: f64| {
        for (slot, law) in scratch.iter_mut().zip(laws()) {
            *slot =
                if n + law.offset() > 0.0 { fine_tune_size_at(&law, n, target).or_infinity() } else { f64::INFINITY };
        }
        let s = quantile(scratch.iter().copied(), count, probability).max(options.s.lower);
        let cost = if s <= options.s.upper { options.costs.of(n, s) } else { f64::INFINITY };
        Allocation { n, s, error: target, cost }
    };
    let (low, high) =
        (math::ln(options.n.lower.max(1.0 / LARGEST_COUNT).min(options.n.upper)), math::ln(options.n.upper));
    let mut best = priced(options.n.lower);
    let mut at = low;
    let step = (high - low) / (COARSE - 1) as f64;
    for k in 0..COARSE {
        let x = low + step * k as f64;
        let trial = priced(math::exp(x).min(options.n.upper));
        if trial.cost < best.cost {
            (best, at) = (trial, x);
        }
    }
    let (mut left, mut right) = ((at - step).max(low), (at + step).min(high));
    let probe = |x: f64| math::exp(x).max(options.n.lower).min(options.n.upper);
    for _ in 0..SECTIONS {
        let width = right - left;
        let (a, b) = (right - GOLDEN * width, left + GOLDEN * width);
        let (at_a, at_b) = (priced(probe(a)), priced(probe(b)));
        if at_a.cost < at_b.cost {
            right = b
        } else {
            left = a
        }
        let trial = if at_a.cost < at_b.cost { at_a } else { at_b };
        if trial.cost < best.cost {
            best = trial;
        }
    }
    if !(best.cost < f64::INFINITY) {
        return Ok(Cheapest::Infeasible);
    }
    let errors = laws().map(|law| law.value_at(best.n, best.s));
    Ok(Cheapest::Reachable(Allocation { error: quantile(errors, count, probability), ..best }))
}
