//! The largest and the smallest value of a quantity over the confidence region.
use crate::math;
use crate::simd::F64x8;
use crate::solve::Bounds;

use super::InferError;
use super::newton::{Extreme, Goal, maximise};
use super::region::{BLOCKS, Part, Region};

/// Candidates that are polished in each part, highest first.
const CANDIDATES: usize = 2;

/// Share of the best distance from the optimum that the sample of another candidate must have.
const NEAR: f64 = 0.95;

/// Blocks of samples around the optimum, each a twentieth as wide as the last: to 1e-6 of the rate.
const ZOOMS: u32 = 5;

/// Sections of the rates where Newton's method fails, each of which leaves 2/7 of the bracket: the value is quadratic
/// about its extreme, so that (2/7)^14 = 2e-8 of the bracket is 1e-15 of the value.
const SECTIONS: u32 = 14;

/// The best law of each slice.
#[derive(Clone, Copy)]
struct Slice {
    extreme: Extreme,
    is_inside: bool,
}

impl Region<'_, '_> {
    /// The law of the region with the largest sign * value.
    pub(crate) fn extreme(&self, goal: Goal, sign: f64) -> Result<Extreme, InferError> {
        let theta = self.problem.theta;
        let own = Extreme { theta, value: goal.value(&theta), by_limit: f64::NAN };
        if self.is_exact() {
            return Ok(own);
        }
        // The optimum itself is in the region.
        let mut best = own;
        for part in self.parts() {
            let slices = self.sampled(goal, sign, part);
            let mut tried = [f64::NAN; CANDIDATES];
            for slot in 0..CANDIDATES {
                let Some(at) = peak(&slices, sign, &tried) else { break };
                // A sample is nearly as good as the extreme next to it.
                if (at.value - own.value) * sign < NEAR * (best.value - own.value) * sign {
                    break;
                }
                if let Some(t) = tried.get_mut(slot) {
                    *t = at.theta[1];
                }
                let mut found = self.polished(goal, sign, &at, &own);
                if found.is_none() && (at.value - best.value) * sign > 0.0 {
                    found = self.sectioned(goal, sign, &slices, &at);
                }
                if let Some(found) = found.filter(|f| (f.value - best.value) * sign > 0.0) {
                    best = found;
                }
            }
        }
        if (best.value - own.value) * sign > 0.0 {
            return Ok(best);
        }
        // Nothing better than the optimum: it is at the end itself, or the samples straddle it.
        let domain = &self.problem.domain;
        let on_bound = |v: f64, b: Bounds| v <= b.lower || v >= b.upper;
        // A few times the rounding is too narrow for a step.
        let is_held = self.is_within_rounding(8.0)
            || theta[0] <= 0.0
            || on_bound(theta[1], domain.alpha)
            || on_bound(theta[2], domain.c);
        match self.around(goal, sign, &own) {
            Some(found) => Ok(found),
            None if (is_held || !domain.d_is_unbounded()) && own.value.is_finite() => Ok(own),
            None => Err(InferError::NotConverged),
        }
    }

    /// Whether the slices of the region have no extreme that might be beyond `found`, but for those next to it.
    pub(crate) fn confirms(&self, goal: Goal, sign: f64, found: &Extreme) -> bool {
        let own = goal.value(&self.problem.theta);
        let best = (found.value - own) * sign;
        let mut is_seen = false;
        for part in self.parts() {
            let slices = self.sampled(goal, sign, part);
            let mut tried = [f64::NAN; CANDIDATES];
            for slot in 0..CANDIDATES {
                let Some(at) = peak(&slices, sign, &tried) else { break };
                let height = (at.value - own) * sign;
                if height < NEAR * best {
                    break;
                }
                // As for a sample that is polished: it is within the limit but for the cubic terms of the cost.
                if !is_next(&slices, &at, found.theta[1]) || height > 1.05 * best + 1e-6 * at.value.abs() {
                    return false;
                }
                is_seen = true;
                if let Some(t) = tried.get_mut(slot) {
                    *t = at.theta[1];
                }
            }
        }
        is_seen
    }

    /// The highest sample of the region.
    pub(crate) fn highest_sample(&self, goal: Goal, sign: f64) -> Option<Extreme> {
        let peaks = self.parts().filter_map(|part| peak(&self.sampled(goal, sign, part), sign, &[]));
        peaks.reduce(|a, b| if (b.value - a.value) * sign > 0.0 { b } else { a })
    }

    fn sampled(&self, goal: Goal, sign: f64, part: &Part) -> [Slice; 8 * BLOCKS] {
        let none = Extreme { theta: [0.0; 3], value: f64::NAN, by_limit: f64::NAN };
        let mut slices = [Slice { extreme: none, is_inside: false }; 8 * BLOCKS];
        let [first, second] = self.samples(part);
        let low = self.slice(goal, sign, first);
        let high = self.slice(goal, sign, second);
        // Ordered by rate: the second block runs from the upper end down.
        for (slot, slice) in slices.iter_mut().zip(low.into_iter().chain(high.into_iter().rev())) {
            *slot = slice;
        }
        slices
    }

    /// The extremes over eight slices.
    fn slice(&self, goal: Goal, sign: f64, alpha: F64x8) -> [Slice; 8] {
        let reference = self.problem.reference;
        let (mut by_x, by_z) = (F64x8::splat(0.0), goal.by_z() * sign);
        for (by_x, alpha) in by_x.0.iter_mut().zip(alpha.0) {
            *by_x = sign * goal.by_level(alpha, reference);
        }
        let laws = match goal {
            Goal::Alpha => self.slices.lowest(alpha),
            _ => self.slices.extreme(alpha, by_x, by_z),
        };
        let none = Extreme { theta: [0.0; 3], value: f64::NAN, by_limit: f64::NAN };
        let mut slices = [Slice { extreme: none, is_inside: false }; 8];
        let places = laws.x.0.into_iter().zip(alpha.0).zip(laws.z.0).zip(laws.is_inside.0);
        for (slot, (((x, alpha), z), inside)) in slices.iter_mut().zip(places) {
            let theta = [x * math::exp(-alpha * reference), alpha, z];
            *slot = Slice {
                extreme: Extreme { theta, value: goal.value(&theta), by_limit: f64::NAN },
                is_inside: inside != 0,
            };
        }
        slices
    }

    /// The extreme next to a sample by Newton's method; `None` if it leads elsewhere.
    fn polished(&self, goal: Goal, sign: f64, at: &Extreme, own: &Extreme) -> Option<Extreme> {
        let domain = &self.problem.domain;
        // A bound of the quantity itself is its limit, wherever the region meets it.
        let met = match goal {
            Goal::C => Some(domain.c),
            Goal::Alpha => Some(domain.alpha),
            _ => None,
        };
        if met.is_some_and(|b| at.value == if sign < 0.0 { b.lower } else { b.upper }) {
            return Some(*at);
        }
        // The coordinate of D is x where D is bounded.
        let bounds = [domain.d, domain.alpha, domain.c];
        let found = maximise(self.problem, goal, sign, self.limit, at.theta, &bounds)?;
        // The sample is within the limit but for the cubic terms of the cost.
        let slack = 0.05 * (at.value - own.value).abs() + 1e-6 * at.value.abs();
        ((found.value - at.value) * sign >= -slack).then_some(found)
    }

    /// The extreme next to one of a slightly different goal or limit; the whole region is searched where there is none.
    pub(crate) fn tracked(&self, goal: Goal, sign: f64, last: &Extreme) -> Result<Extreme, InferError> {
        self.reached(goal, sign, last).map_or_else(|| self.extreme(goal, sign), Ok)
    }

    /// The extreme that Newton's method finds from a law.
    pub(crate) fn reached(&self, goal: Goal, sign: f64, from: &Extreme) -> Option<Extreme> {
        let domain = &self.problem.domain;
        let bounds = [domain.d, domain.alpha, domain.c];
        let found = maximise(self.problem, goal, sign, self.limit, from.theta, &bounds);
        found.filter(|_| !self.is_exact())
    }

    /// The extreme next to the optimum, by samples ever closer to it.
    fn around(&self, goal: Goal, sign: f64, own: &Extreme) -> Option<Extreme> {
        let domain = self.problem.domain.alpha;
        let alpha = own.theta[1];
        let mut width = 0.5 * (alpha + 0.05);
        for _ in 0..ZOOMS {
            let shares = F64x8([-1.0, -0.5, -0.2, -0.05, 0.05, 0.2, 0.5, 1.0]);
            let rates = (shares * width + alpha).max(F64x8::splat(domain.lower)).min(F64x8::splat(domain.upper));
            let slices = self.slice(goal, sign, rates);
            if let Some(at) = peak(&slices, sign, &[]).filter(|at| (at.value - own.value) * sign > 0.0) {
                let found = self.polished(goal, sign, &at, own).or_else(|| self.sectioned(goal, sign, &slices, &at));
                if found.is_some_and(|f| (f.value - own.value) * sign > 0.0) {
                    return found;
                }
            }
            width *= 0.05;
        }
        None
    }

    /// The extreme next to a sample by sections of the rates: slow and certain.
    fn sectioned(&self, goal: Goal, sign: f64, slices: &[Slice], at: &Extreme) -> Option<Extreme> {
        let exact = self.with_rounds(40);
        let rates = || slices.iter().map(|s| s.extreme.theta[1]).filter(|a| a.is_finite());
        let middle = at.theta[1];
        let mut bracket = Bounds::new(
            rates().filter(|a| *a < middle).fold(self.problem.domain.alpha.lower, |m, a| if a > m { a } else { m }),
            rates().filter(|a| *a > middle).fold(self.problem.domain.alpha.upper, |m, a| if a < m { a } else { m }),
        );
        let mut best: Option<Extreme> = None;
        for _ in 0..SECTIONS {
            let step = (bracket.upper - bracket.lower) / 7.0;
            let alpha = F64x8([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]) * step + bracket.lower;
            let peak = peak(&exact.slice(goal, sign, alpha), sign, &[]);
            let Some(peak) = peak else { break };
            if best.is_none_or(|b| (peak.value - b.value) * sign >= 0.0) {
                best = Some(peak);
            }
            let centre = best.map_or(peak.theta[1], |b| b.theta[1]);
            bracket = Bounds::new(bracket.clamp(centre - step), bracket.clamp(centre + step));
        }
        // From so near Newton's method may do after all.
        let near = best?;
        self.polished(goal, sign, &near, &near).or(best)
    }

    /// Whether D = 0 is in the region: a law without a decrease, of which any rate is as good as any other.
    pub(crate) fn has_flat(&self) -> bool {
        let (problem, domain) = (self.problem, &self.problem.domain);
        if domain.d.lower > 0.0 {
            return false;
        }
        let laws = self.slices.lowest(F64x8::splat(0.0));
        let [[x, ..], [z, ..]] = [laws.x.0, laws.z.0];
        problem.evaluate_nodes([0.0, 0.0, domain.c.clamp(x + z)]).cost <= self.slices.limit
    }
}

/// Whether a rate lies between the neighbours of a slice; beyond the first and the last there are none.
fn is_next(slices: &[Slice], at: &Extreme, alpha: f64) -> bool {
    let Some(k) = slices.iter().position(|s| s.extreme.theta[1] == at.theta[1]) else { return false };
    let before = k.checked_sub(1).and_then(|k| slices.get(k));
    let after = slices.get(k + 1);
    before.is_none_or(|s| s.extreme.theta[1] <= alpha) && after.is_none_or(|s| s.extreme.theta[1] >= alpha)
}

/// The highest local maximum among the slices that is not one of the rates tried.
fn peak(slices: &[Slice], sign: f64, tried: &[f64]) -> Option<Extreme> {
    let value = |s: Option<&Slice>| match s {
        Some(s) if s.is_inside && s.extreme.value.is_finite() => sign * s.extreme.value,
        _ => f64::NEG_INFINITY,
    };
    let mut best: Option<Extreme> = None;
    for (k, slice) in slices.iter().enumerate() {
        let here = value(Some(slice));
        let (before, after) = (value(k.checked_sub(1).and_then(|k| slices.get(k))), value(slices.get(k + 1)));
        let is_peak = here > f64::NEG_INFINITY && here >= before && here >= after;
        let is_new = !tried.iter().any(|t| *t == slice.extreme.theta[1]);
        if is_peak && is_new && best.is_none_or(|b| here > sign * b.value) {
            best = Some(slice.extreme);
        }
    }
    best
}
