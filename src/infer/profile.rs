//! Profile intervals: all values that a law within the confidence region has.
use crate::law::{Parameter, Residual};
use crate::math;

use super::newton::{Extreme, Goal};
use super::region::Region;
use super::{InferError, Quantity};

/// ln n beyond which a size is no number, and below which it is nothing.
const LARGEST: f64 = 700.0;
const SMALLEST: f64 = -60.0;

/// Steps to the n at which a limit of L(n) meets the target; halvings where they leave the bracket.
const STEPS: u32 = 60;

/// Steps to the best share of the room that a new residual takes, and the step after which the value, flat there, has
/// arrived: its error is the square.
const SHARES: u32 = 12;
const LAST_SHARE: f64 = 1e-5;

/// The lowest and the highest value over the region.
pub(crate) fn limits(region: &Region<'_, '_>, quantity: Quantity) -> Result<[Option<f64>; 2], InferError> {
    match quantity {
        Quantity::Parameter(Parameter::D) => region.limits_of_d(),
        Quantity::Parameter(Parameter::Alpha) => region.limits_of_alpha(),
        Quantity::Parameter(_) => Ok(region.both(Goal::C)?.map(|v| Some(region.restored(v)))),
        Quantity::ErrorAt { n } => region.limits_of_error(n),
        Quantity::MeasurementAt { n } => region.limits_of_measurement(n),
        Quantity::SamplesFor { target } => region.limits_of_samples(target, region.problem.estimate(quantity)),
    }
}

impl Region<'_, '_> {
    fn both(&self, goal: Goal) -> Result<[f64; 2], InferError> {
        Ok([self.extreme(goal, -1.0)?.value, self.extreme(goal, 1.0)?.value])
    }

    /// An error of the curve in the user's units; a bound of C exactly.
    fn restored(&self, z: f64) -> f64 {
        let (scaled, user) = (self.problem.domain.c, self.problem.domain.user[2]);
        match () {
            _ if z <= scaled.lower => user.lower,
            _ if z >= scaled.upper => user.upper,
            _ => z * self.problem.curve.scale,
        }
    }

    fn limits_of_alpha(&self) -> Result<[Option<f64>; 2], InferError> {
        let domain = self.problem.domain.alpha;
        if self.has_flat() {
            // Without a decrease every rate will do.
            return Ok([Some(domain.lower), Some(domain.upper).filter(|v| !self.is_at_default_end(*v))]);
        }
        let [lower, upper] = self.both(Goal::Alpha)?;
        Ok([Some(lower), Some(upper).filter(|v| !self.is_at_default_end(*v))])
    }

    fn limits_of_d(&self) -> Result<[Option<f64>; 2], InferError> {
        let (problem, bounds) = (self.problem, self.problem.domain.user[0]);
        let goal = Goal::LnD { ln_reference: problem.curve.ln_n_min + problem.reference };
        let user = |e: Extreme| bounds.clamp(math::exp(e.value) * problem.curve.scale);
        let has_flat = self.has_flat();
        let lower = if has_flat { 0.0 } else { user(self.extreme(goal, -1.0)?) };
        let highest = self.extreme(goal, 1.0)?;
        let is_set = !self.is_at_default_end(highest.theta[1]) || user(highest) >= bounds.upper;
        let upper = Some(user(highest)).filter(|v| is_set && v.is_finite());
        Ok([Some(lower), upper])
    }

    fn limits_of_error(&self, n: f64) -> Result<[Option<f64>; 2], InferError> {
        Ok(self.curve_limits(n, &self.ends_of_error(n)?))
    }

    fn limits_of_measurement(&self, n: f64) -> Result<[Option<f64>; 2], InferError> {
        self.measurement_limits(n, &self.ends_of_error(n)?)
    }

    /// The laws with the lowest and the highest L(n).
    pub(crate) fn ends_of_error(&self, n: f64) -> Result<[Extreme; 2], InferError> {
        let goal = Goal::Error { t: self.problem.t(n) };
        Ok([self.extreme(goal, -1.0)?, self.extreme(goal, 1.0)?])
    }

    /// Before the data a step may be as high as it likes.
    fn is_open(&self, n: f64, highest: &Extreme) -> bool {
        n < self.problem.curve.n_min && self.is_at_default_end(highest.theta[1])
    }

    /// The limits of L(n), from the laws that have them.
    pub(crate) fn curve_limits(&self, n: f64, [lowest, highest]: &[Extreme; 2]) -> [Option<f64>; 2] {
        let scale = self.problem.curve.scale;
        let upper = Some(highest.value * scale).filter(|v| !self.is_open(n, highest) && v.is_finite());
        [Some(lowest.value * scale), upper]
    }

    /// All values y of a new measurement that, added to the data, would leave some law within the limit: the largest of
    /// T(L(n)) + sqrt(2 (limit - cost)) with T the logarithm in the log residual.
    pub(crate) fn measurement_limits(&self, n: f64, ends: &[Extreme; 2]) -> Result<[Option<f64>; 2], InferError> {
        let goal = Goal::Error { t: self.problem.t(n) };
        let mut limits = [None; 2];
        for ((slot, sign), furthest) in limits.iter_mut().zip([-1.0, 1.0]).zip(ends) {
            if sign < 0.0 || !self.is_open(n, furthest) {
                *slot = Some(self.measurement(goal, sign, *furthest)?).filter(|v| v.is_finite());
            }
        }
        Ok(limits)
    }

    /// One end of the prediction interval: the new residual takes the part 1 - share^2 of the room below the limit.
    fn measurement(&self, goal: Goal, sign: f64, furthest: Extreme) -> Result<f64, InferError> {
        let height = |v: f64| if self.is_log() { math::ln(v) } else { v };
        let (mut share, mut at) = self.best_share(goal, sign, 1.0, furthest)?;
        if share > 0.0 && !self.within(share * share).confirms(goal, sign, &at) {
            // Another part of the region, or another valley, has overtaken.
            at = self.within(share * share).extreme(goal, sign)?;
            (share, _) = self.best_share(goal, sign, share, at)?;
            at = self.within(share * share).extreme(goal, sign)?;
        }
        let model = if share > 0.0 { at.value } else { goal.value(&self.problem.theta) };
        let end = height(model) + sign * self.most() * math::sqrt(1.0 - share * share);
        Ok(if self.is_log() { math::exp(end) } else { end } * self.problem.curve.scale)
    }

    fn is_log(&self) -> bool {
        self.problem.fit.report().residual == Residual::Log
    }

    /// The residual that takes all of the room.
    fn most(&self) -> f64 {
        math::sqrt(2.0 * (self.limit - self.least) * self.problem.curve.weight_scale)
    }

    /// The share at which T(L) + most sqrt(1 - share^2) is stationary, and the extreme of L there, followed from another
    /// share: slope / sqrt(slope^2 + most^2) with the slope of T(L), which changes little. Secants of that.
    fn best_share(&self, goal: Goal, sign: f64, share: f64, at: Extreme) -> Result<(f64, Extreme), InferError> {
        let most = self.most();
        let miss = |share: f64, at: &Extreme| -> Result<f64, InferError> {
            let slope = self.by_share(goal, sign, share, at)? * sign;
            Ok(slope / math::sqrt(slope * slope + most * most) - share)
        };
        let (mut share, mut at, mut off) = (share, at, miss(share, &at)?);
        let mut next = share + off;
        for _ in 0..SHARES {
            // Not above 0: the optimum itself has the extreme.
            if !(next > 0.0) {
                return Ok((0.0, at));
            }
            at = self.within(next * next).tracked(goal, sign, &at)?;
            let found = miss(next, &at)?;
            let secant = next - found * (next - share) / (found - off);
            (share, off) = (next, found);
            if off.abs() <= LAST_SHARE {
                break;
            }
            next = if secant > 0.0 && secant < 1.0 { secant } else { share + off };
        }
        Ok((share, at))
    }

    /// How T(L) changes with the share: by the multiplier, or by differences where it is not known.
    fn by_share(&self, goal: Goal, sign: f64, share: f64, at: &Extreme) -> Result<f64, InferError> {
        let by_height = if self.is_log() { 1.0 / at.value } else { 1.0 };
        if at.by_limit.is_finite() {
            return Ok(by_height * at.by_limit * 2.0 * share * (self.limit - self.least));
        }
        let h = 1e-3 * share;
        let [above, below] = [share + h, share - h].map(|s| self.within(s * s).tracked(goal, sign, at));
        Ok(by_height * (above?.value - below?.value) / (2.0 * h))
    }

    /// The n at which the limits of L(n) meet the target.
    fn limits_of_samples(&self, target: f64, estimate: Option<f64>) -> Result<[Option<f64>; 2], InferError> {
        let own = estimate.filter(|n| *n > 0.0).unwrap_or(self.problem.curve.n_max);
        if self.is_exact() {
            return Ok([estimate, estimate]);
        }
        let target = target / self.problem.curve.scale;
        Ok([self.crossing(target, -1.0, own)?, self.crossing(target, 1.0, own)?])
    }

    /// The crossing as the extreme of n* itself, from a law that is extreme at the start; `None` where another law has the
    /// limit there, or it is out of range. Laws decrease: none meets the target later if none does at the crossing.
    fn direct(&self, target: f64, sign: f64, start: f64) -> Option<f64> {
        let near = self.highest_sample(Goal::Error { t: start }, sign)?;
        let [x, alpha, z] = near.theta;
        if !(x > 0.0 && alpha > 0.0 && z < target) {
            return None;
        }
        let found = self.reached(Goal::Samples { target }, sign, &near)?;
        let t = found.value;
        let ln_n = t + self.problem.curve.ln_n_min + self.problem.reference;
        if !(found.theta[2] < target && ln_n > SMALLEST + 1.0 && ln_n < LARGEST - 1.0) {
            return None;
        }
        let goal = Goal::Error { t };
        self.confirms(goal, sign, &Extreme { value: target, ..found }).then_some(t)
    }

    /// The n from which on the limit of L(n) is at most the target: `None` where it never is, 0 where it always is.
    fn crossing(&self, target: f64, sign: f64, start: f64) -> Result<Option<f64>, InferError> {
        let shift = self.problem.curve.ln_n_min + self.problem.reference;
        if let Some(t) = self.direct(target, sign, math::ln(start) - shift) {
            return Ok(Some(math::exp(t + shift)));
        }
        if self.extreme(Goal::C, sign)?.value >= target {
            return Ok(None);
        }
        let goal = |ln_n: f64| Goal::Error { t: ln_n - shift };
        let (mut low, mut high) = (SMALLEST, LARGEST);
        let mut ln_n = math::ln(start);
        let mut at = self.extreme(goal(ln_n), sign)?;
        // The extreme is followed from step to step; where the whole region has a better one at the end, it is searched
        // for in each.
        let mut is_followed = true;
        for _ in 0..STEPS {
            if at.value > target {
                low = ln_n;
            } else {
                high = ln_n;
            }
            // Where the law that sets the limit here meets the target itself: right to second order.
            let [x, alpha, z] = at.theta;
            let own = (math::ln(x) - math::ln(target - z)) / alpha + shift;
            let next = if own > low && own < high { own } else { 0.5 * (low + high) };
            let step = (next - ln_n).abs();
            ln_n = next;
            let has_arrived = step <= 1e-12 * (1.0 + ln_n.abs());
            if has_arrived || !is_followed {
                let found = self.extreme(goal(ln_n), sign)?;
                if has_arrived && (!is_followed || (found.value - at.value) * sign <= 1e-10 * at.value.abs()) {
                    break;
                }
                if has_arrived {
                    (low, high, is_followed) = (SMALLEST, LARGEST, false);
                }
                at = found;
            } else {
                at = self.tracked(goal(ln_n), sign, &at)?;
            }
        }
        Ok(match () {
            _ if ln_n >= LARGEST - 1.0 => None,
            _ if ln_n <= SMALLEST + 1.0 => Some(0.0),
            _ => Some(math::exp(ln_n)),
        })
    }
}
