//! The samples that a target takes by a law that is monotone in n: the sizes at which the limits of its band meet the target.
use core::fmt;

use crate::fit::{Confidence, Interval};
use crate::law::Formula;
use crate::math;
use crate::solve::Rows;

use super::OwnError;
use super::found::Found;
use super::profile::{Goal, Region};
use super::rows::{At, Function, MOST, Theta, own};

/// The size that stands for all: what the law is not below there, it is not below at any.
const EVERY: f64 = 1e30;
/// Sizes between which a law must not turn.
const LOOKS: u32 = 512;
/// Halvings of a bracket of ln n, from 700 to the last bit.
const HALVINGS: u32 = 64;
/// Steps to the size at which a limit meets the target; each is right to second order.
const STEPS: u32 = 40;
/// ln n is found to this, about a size of 1e-9.
const NEAR: f64 = 1e-9;

/// Which sizes are asked about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sizes {
    /// The smallest.
    pub from: f64,
    /// The largest that can be had: the budget.
    pub budget: f64,
}

impl Sizes {
    /// From the smallest to the budget, 0 < from < budget < inf.
    pub const fn new(from: f64, budget: f64) -> Sizes {
        Sizes { from, budget }
    }
}

/// What the data say of a target. The words are those of [`plan::Verdict`](crate::plan::Verdict).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum OwnVerdict {
    /// The budget is enough by every law within the limit.
    Reachable {
        /// The size at which the target is met; the lower end is `None` where that may be below the sizes asked about.
        n: Interval,
    },
    /// No size up to 1e30 is enough, by any law within the limit.
    Unreachable {
        /// The best value that any of them has at 1e30.
        best: f64,
    },
    /// The budget is enough by no law within the limit.
    Infeasible {
        /// The best value that any of them has at the budget.
        best: f64,
    },
    /// By some it is, by others not.
    Undetermined {
        /// The size at which the target is met; an end that is not between the sizes asked about is `None`, and so is the
        /// estimate.
        n: [Option<f64>; 3],
    },
}

impl OwnVerdict {
    /// `reachable`, `unreachable`, `infeasible` or `undetermined`.
    pub fn name(&self) -> &'static str {
        match self {
            OwnVerdict::Reachable { .. } => "reachable",
            OwnVerdict::Unreachable { .. } => "unreachable",
            OwnVerdict::Infeasible { .. } => "infeasible",
            OwnVerdict::Undetermined { .. } => "undetermined",
        }
    }
}

/// One sentence.
impl fmt::Display for OwnVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name())?;
        match self {
            OwnVerdict::Reachable { n } => {
                write!(f, "at most {:.3e} samples reach the target", n.upper.unwrap_or(n.estimate))
            }
            OwnVerdict::Unreachable { best } => {
                write!(f, "the value is {best:.4} at best whatever the size: change what is measured, not how much")
            }
            OwnVerdict::Infeasible { best } => {
                write!(f, "the value is {best:.4} at best within the budget: raise it, or change what is measured")
            }
            OwnVerdict::Undetermined { n: [_, Some(lower), _] } => {
                write!(
                    f,
                    "the target takes {lower:.3e} samples at least, and the budget may not be enough: measure more"
                )
            }
            OwnVerdict::Undetermined { .. } => f.write_str("any of the sizes may be enough or none: measure more"),
        }
    }
}

/// A law along a way through its places.
pub(super) trait Along {
    /// The value at a size.
    fn value(&self, theta: &Theta, n: f64) -> f64;
    /// The value and its derivatives by the parameters.
    fn slopes(&self, theta: &Theta, n: f64) -> (f64, Theta);
}

/// A formula, and the place of each size.
pub(super) struct Path<'a, F, W, const P: usize, const X: usize> {
    pub(super) formula: &'a F,
    pub(super) path: &'a W,
}

impl<F: Formula<P, X>, W: Fn(f64) -> [f64; X], const P: usize, const X: usize> Along for Path<'_, F, W, P, X> {
    fn value(&self, theta: &Theta, n: f64) -> f64 {
        self.formula.value(own::<f64, P>(theta), (self.path)(n))
    }

    fn slopes(&self, theta: &Theta, n: f64) -> (f64, Theta) {
        At(self.formula, (self.path)(n)).at(theta)
    }
}

/// A law at a size.
struct AtSize<'a>(&'a dyn Along, f64);

impl Function for AtSize<'_> {
    fn at(&self, theta: &Theta) -> (f64, Theta) {
        self.0.slopes(theta, self.1)
    }
}

/// What is asked: the laws within the limit, along the way, against a target.
struct Asked<'a> {
    found: &'a Found,
    region: Region<'a>,
    along: &'a dyn Along,
    target: f64,
    /// -1 for a law that falls, 1 for one that rises.
    direction: f64,
}

/// A limit of the band at a size, and the law that sets it.
#[derive(Clone, Copy)]
struct Limit {
    value: f64,
    theta: Theta,
}

/// The verdict on a target.
pub(super) fn verdict(
    rows: &dyn Rows<MOST>,
    found: &Found,
    along: &dyn Along,
    target: f64,
    sizes: Sizes,
    confidence: Confidence,
) -> Result<OwnVerdict, OwnError> {
    let Sizes { from, budget } = sizes;
    if !(from > 0.0 && from < budget && budget < f64::INFINITY) {
        return Err(OwnError::Sizes);
    }
    if !target.is_finite() {
        return Err(OwnError::Target);
    }
    let (theta, ends) = (found.optimum.theta, [math::ln(from), math::ln(budget)]);
    let direction = direction(along, &theta, ends)?;
    if direction == 0.0 {
        return Err(OwnError::Constant);
    }
    let asked = Asked { found, region: found.region(rows, confidence)?, along, target, direction };
    let [best, worst] = [asked.limit(ends[1], direction)?, asked.limit(ends[1], -direction)?];
    for limit in [best, worst] {
        self::direction(along, &limit.theta, ends)?;
    }
    if !asked.meets(best.value) {
        let furthest = asked.limit(math::ln(EVERY), direction)?;
        // A law that is not defined so far out, or turns, says nothing of it.
        let is_said = furthest.value.is_finite() && self::direction(along, &theta, [ends[0], math::ln(EVERY)]).is_ok();
        return Ok(if is_said && !asked.meets(furthest.value) {
            OwnVerdict::Unreachable { best: furthest.value }
        } else {
            OwnVerdict::Infeasible { best: best.value }
        });
    }
    let lower = asked.met_at(direction, ends, best)?;
    let own = |theta| asked.crossing(theta, ends).map(math::exp);
    if !asked.meets(worst.value) {
        return Ok(OwnVerdict::Undetermined { n: [own(&theta), lower, None] });
    }
    let upper = Some(asked.met_at(-direction, ends, worst)?.unwrap_or(from));
    let estimate = own(&theta).unwrap_or(from);
    Ok(OwnVerdict::Reachable { n: Interval { estimate, lower, upper, confidence } })
}

/// Whether a law falls (-1), rises (1) or neither (0) between two ln n.
fn direction(along: &dyn Along, theta: &Theta, [low, high]: [f64; 2]) -> Result<f64, OwnError> {
    let (mut direction, mut last) = (0.0, along.value(theta, math::exp(low)));
    for k in 1..=LOOKS {
        let n = math::exp(low + (high - low) * f64::from(k) / f64::from(LOOKS));
        let value = along.value(theta, n);
        let (change, size) = (value - last, value.abs() + last.abs());
        // What rounding does to a value of some operations.
        if change.abs() > 32.0 * f64::EPSILON * size {
            let sign = if change > 0.0 { 1.0 } else { -1.0 };
            if direction == -sign {
                return Err(OwnError::NotMonotone { n });
            }
            direction = sign;
        }
        last = value;
    }
    Ok(direction)
}

impl Asked<'_> {
    /// Whether a value is at the target or better.
    fn meets(&self, value: f64) -> bool {
        self.direction * (value - self.target) >= 0.0
    }

    /// The limit of the band on one side at ln n.
    fn limit(&self, ln_n: f64, sign: f64) -> Result<Limit, OwnError> {
        let (theta, n) = (self.found.optimum.theta, math::exp(ln_n));
        if self.found.is_exact() {
            return Ok(Limit { value: self.along.value(&theta, n), theta });
        }
        let function = AtSize(self.along, n);
        if !function.at(&theta).0.is_finite() {
            return Ok(Limit { value: f64::NAN, theta });
        }
        let end = self.region.extreme(Goal::Value(&function), sign)?;
        Ok(Limit { value: end.limit().unwrap_or(sign * f64::INFINITY), theta: end.place.theta })
    }

    /// The size at which a limit meets the target, which it does at the upper end; `None` where it does at the lower end.
    fn met_at(&self, sign: f64, [from, to]: [f64; 2], at_budget: Limit) -> Result<Option<f64>, OwnError> {
        if self.meets(self.limit(from, sign)?.value) {
            return Ok(None);
        }
        let (mut low, mut high, mut limit, mut last) = (from, to, at_budget, to);
        for _ in 0..STEPS {
            // Where the law that sets the limit here meets the target itself: right to second order.
            let next = self.crossing(&limit.theta, [low, high]).unwrap_or(low + 0.5 * (high - low));
            if (next - last).abs() <= NEAR {
                last = next;
                break;
            }
            limit = self.limit(next, sign)?;
            if self.meets(limit.value) {
                high = next
            } else {
                low = next
            }
            last = next;
        }
        Ok(Some(math::exp(last)))
    }

    /// The ln n at which a law meets the target, if it does between these.
    fn crossing(&self, theta: &Theta, [mut low, mut high]: [f64; 2]) -> Option<f64> {
        let meets = |ln_n: f64| self.meets(self.along.value(theta, math::exp(ln_n)));
        // The ends may be off by the last digits of another such search.
        (low, high) = (low - 2.0 * NEAR, high + 2.0 * NEAR);
        if meets(low) || !meets(high) {
            return None;
        }
        for _ in 0..HALVINGS {
            let between = low + 0.5 * (high - low);
            if meets(between) { high = between } else { low = between }
        }
        Some(high)
    }
}
