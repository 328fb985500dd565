//! Synthetic against real samples: the cheapest pair for a target, and the least error for a budget, under the full law or
//! the additive one.
//!
//! Under the full law with x = ln(n + n0), u = e^(-alpha x) and the real samples s(n) that the target needs beside n, the derivative of the
//! cost by n vanishes where
//!
//! ```text
//! (alpha + 1) x - (1/beta - 1) ln(gamma + u) = ln(per_real alpha / (per_synthetic beta)) + ln(delta / (target - E)) / beta
//! ```
//! The left side rises everywhere with a slope between 1 + min(alpha, alpha/beta) and 1 + max(alpha, alpha/beta), so there is
//! one optimum, and Newton's method finds it. For gamma = 0 the left side is (1 + alpha/beta) x, for beta = 1 it is
//! (alpha + 1) x: closed forms. At a budget the shares alpha w : beta are optimal, w = u / (gamma + u): a closed form for
//! gamma = 0, where w = 1. Under the additive law the same condition has one root as well (`optimum.rs`).
mod by_data;
mod costs;
mod optimum;
mod quantile;
mod rounds;

pub use by_data::{Planned, best_error_by_data, cheapest_by_data};
pub use costs::Costs;
pub use quantile::cheapest_with_probability;
pub use rounds::{AllocationRound, Rounds, RoundsOptions, rounds};

use crate::law::{AnyLaw, GridLaw};
use crate::math;
use crate::solve::Bounds;

use super::error::PlanError;
use super::gain::check_rates;
use super::inverse::{LARGEST_COUNT, Size, fine_tune_size_at, synthetic_size_at};

/// What can be bought.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AllocateOptions {
    /// Prices. All samples count, those that are there already as well.
    pub costs: Costs,
    /// Synthetic samples: those there already and the most there can be, within [0, 2^53]. Default: [0, 2^53].
    pub n: Bounds,
    /// Real samples: those there already and the most there can be, within [0, 2^53]. Default: [0, 2^53].
    pub s: Bounds,
}

impl Default for AllocateOptions {
    fn default() -> AllocateOptions {
        let counts = Bounds::new(0.0, LARGEST_COUNT);
        AllocateOptions { costs: Costs::default(), n: counts, s: counts }
    }
}

impl AllocateOptions {
    pub(super) fn check(&self) -> Result<(), PlanError> {
        let within = |b: Bounds| b.lower >= 0.0 && b.lower <= b.upper && b.upper > 0.0 && b.upper <= LARGEST_COUNT;
        match (within(self.n), within(self.s)) {
            (false, _) => Err(PlanError::Contradiction { field: "n" }),
            (_, false) => Err(PlanError::Contradiction { field: "s" }),
            _ => self.costs.check(),
        }
    }
}

/// Synthetic and real samples, what error they give and what they cost. Sizes are real numbers: round them up.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Allocation {
    /// Synthetic samples; 0: no pre-training.
    pub n: f64,
    /// Real samples.
    pub s: f64,
    /// L(n, s).
    pub error: f64,
    /// What they cost, fixed costs included.
    pub cost: f64,
}

/// Whether a target can be bought.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Cheapest {
    /// The cheapest pair.
    Reachable(Allocation),
    /// No numbers of samples reach the target: E is not below it.
    Unreachable {
        /// E.
        floor: f64,
    },
    /// More samples than the options allow are needed (than 2^53, unless they say otherwise).
    Infeasible,
}

impl Cheapest {
    /// The pair, if there is one.
    pub fn allocation(self) -> Option<Allocation> {
        match self {
            Cheapest::Reachable(allocation) => Some(allocation),
            Cheapest::Unreachable { .. } | Cheapest::Infeasible => None,
        }
    }
}

/// The cheapest (n, s) with L(n, s) = target, for this law; without pre-training (n = 0) where that is cheaper and the law
/// has an n0. [`cheapest_with_probability`] takes the uncertainty of a fit into account.
///
/// # Errors
/// [`PlanError::Target`], [`PlanError::Cost`], [`PlanError::Law`] unless delta (A and B), alpha and beta are above 0,
/// [`PlanError::Contradiction`] for ranges of n and s that are empty or leave [0, 2^53].
///
/// # Accuracy
/// The cost is within 1e-6 of that of a brute-force grid (`tests/plan_allocate.rs`), sizes to some 1e-13 of themselves.
///
/// ```
/// use syn2real::FullLaw;
/// use syn2real::plan::allocate::{AllocateOptions, Costs, cheapest};
///
/// // The paper's Appendix C.2; an image rendered costs a hundredth of one annotated.
/// let law = FullLaw { delta: 41.8, gamma: 0.478, alpha: 0.544, beta: 0.322, n0: 0.0, e: 0.0 };
/// let costs = Costs { per_synthetic: 0.01, ..Costs::default() };
/// let options = AllocateOptions { costs, ..AllocateOptions::default() };
/// let best = cheapest(&law, 0.5, &options)?.allocation().unwrap();
/// assert!((best.error - 0.5).abs() < 1e-12);
/// // More of one and less of the other costs more.
/// let s = |n: f64| (41.8 * (0.478 + n.powf(-0.544)) / 0.5).powf(1.0 / 0.322);
/// assert!([0.5, 0.9, 1.1, 2.0].iter().all(|f| costs.of(f * best.n, s(f * best.n)) > best.cost));
/// # Ok::<(), syn2real::plan::PlanError>(())
/// ```
pub fn cheapest<L: GridLaw>(law: &L, target: f64, options: &AllocateOptions) -> Result<Cheapest, PlanError> {
    cheapest_of(&AnyLaw::of(law), target, options)
}

fn cheapest_of(law: &AnyLaw, target: f64, options: &AllocateOptions) -> Result<Cheapest, PlanError> {
    options.check()?;
    check_rates(law)?;
    PlanError::require_target(target)?;
    let offset = law.offset();
    if target <= law.floor() {
        return Ok(Cheapest::Unreachable { floor: law.floor() });
    }
    let priced = |n: f64| {
        let Size::At(s) = fine_tune_size_at(law, n, target) else { return None };
        let s = if s > options.s.lower { s } else { options.s.lower };
        // The bound of s, from which n was computed, comes back with its rounding.
        let limit = options.s.upper * (1.0 + 1e-12);
        let s = if s > options.s.upper && s <= limit { options.s.upper } else { s };
        (s <= options.s.upper).then(|| allocation(law, &options.costs, n, s))
    };
    let without = if offset > 0.0 && options.n.lower == 0.0 { priced(0.0) } else { None };
    // As few n as the most s allow, as many as leave s at its least.
    let least = synthetic_size_at(law, options.s.upper, target).or_infinity().max(options.n.lower);
    let most = if options.s.lower > 0.0 {
        synthetic_size_at(law, options.s.lower, target).or_infinity()
    } else {
        f64::INFINITY
    };
    let most = most.min(options.n.upper).max(least);
    let with = if least <= options.n.upper {
        let x = optimum::ln_size_for_target(law, target, &options.costs);
        let n = math::exp(x) - offset;
        priced(n.max(least).min(most))
    } else {
        None
    };
    let best = match (with, without) {
        (Some(with), Some(without)) => Some(if without.cost <= with.cost { without } else { with }),
        (with, without) => with.or(without),
    };
    Ok(best.map_or(Cheapest::Infeasible, Cheapest::Reachable))
}

fn allocation(law: &AnyLaw, costs: &Costs, n: f64, s: f64) -> Allocation {
    Allocation { n, s, error: law.value_at(n, s), cost: costs.of(n, s) }
}

/// The least error that a budget buys: (n, s) with cost <= `budget`.
///
/// # Errors
/// [`PlanError::Budget`] unless 0 < budget < inf, [`PlanError::BudgetBelowData`] if it does not pay for the lower ends of n and s (and for
/// a sample of either, with the fixed costs), others as for [`cheapest`].
///
/// # Accuracy
/// The error is within 1e-6 of that of a brute-force grid.
///
/// ```
/// use syn2real::FullLaw;
/// use syn2real::plan::allocate::{AllocateOptions, Costs, best_error, cheapest};
///
/// let law = FullLaw { delta: 41.8, gamma: 0.478, alpha: 0.544, beta: 0.322, n0: 0.0, e: 0.0 };
/// let costs = Costs { per_synthetic: 0.01, fixed: 100.0, ..Costs::default() };
/// let options = AllocateOptions { costs, ..AllocateOptions::default() };
/// let best = best_error(&law, 50_000.0, &options)?;
/// assert!((best.cost / 50_000.0 - 1.0).abs() < 1e-12);
/// // The inverse problem has the same answer.
/// let back = cheapest(&law, best.error, &options)?.allocation().unwrap();
/// assert!((back.n / best.n - 1.0).abs() < 1e-9 && (back.s / best.s - 1.0).abs() < 1e-9);
/// // Without a gap the budget is split as alpha : beta.
/// let power = FullLaw { gamma: 0.0, ..law };
/// let split = best_error(&power, 50_100.0, &options)?;
/// assert!((0.01 * split.n / split.s - 0.544 / 0.322).abs() < 1e-12);
/// # Ok::<(), syn2real::plan::PlanError>(())
/// ```
pub fn best_error<L: GridLaw>(law: &L, budget: f64, options: &AllocateOptions) -> Result<Allocation, PlanError> {
    best_error_of(&AnyLaw::of(law), budget, options)
}

fn best_error_of(law: &AnyLaw, budget: f64, options: &AllocateOptions) -> Result<Allocation, PlanError> {
    options.check()?;
    check_rates(law)?;
    if !(budget > 0.0 && budget < f64::INFINITY) {
        return Err(PlanError::Budget);
    }
    let Costs { per_synthetic, per_real, fixed_synthetic, fixed } = options.costs;
    let offset = law.offset();
    // Money for samples, in synthetic ones.
    let without = (offset > 0.0 && options.n.lower == 0.0).then_some((budget - fixed) / per_real);
    let without = without.filter(|&s| s > 0.0 && s >= options.s.lower);
    let without = without.map(|s| allocation(law, &options.costs, 0.0, s.min(options.s.upper)));
    let money = (budget - fixed - fixed_synthetic) / per_synthetic;
    let price = per_real / per_synthetic;
    // What is left for n beside the least and the most s.
    let most = (money - price * options.s.lower).min(options.n.upper);
    let least = (money - price * options.s.upper).max(options.n.lower).min(options.n.upper);
    let with = (most > 0.0 && most >= least && money > 0.0).then(|| {
        let x = optimum::ln_size_for_budget(law, money, price);
        let n = (math::exp(x) - offset).max(least).min(most);
        let s = ((money - n) / price).max(options.s.lower).min(options.s.upper);
        allocation(law, &options.costs, n, s)
    });
    // An end of the range may leave nothing for the other size.
    let usable = |a: &Allocation| a.s > 0.0 && a.n + offset > 0.0 && a.error.is_finite();
    let best = match (with.filter(usable), without.filter(usable)) {
        (Some(with), Some(without)) => Some(if without.error <= with.error { without } else { with }),
        (with, without) => with.or(without),
    };
    best.ok_or_else(|| PlanError::BudgetBelowData { already: options.costs.of(options.n.lower, options.s.lower) })
}
