//! Profile intervals: all values that a law within the confidence region has.
use crate::fit::Confidence;
use crate::law::{Parameter, Residual};
use crate::math;
use crate::point::Point;
use crate::solve::Observations;

use super::extreme::Extreme;
use super::newton::Goal;
use super::problem::Problem;
use super::region::Region;
use super::{InferError, Method, Quantity, QuantityInterval};

/// ln n beyond which a size is no number, and below which it is nothing.
const LARGEST: f64 = 700.0;
const SMALLEST: f64 = -60.0;

/// Steps to the n at which a limit of L(n) meets the target; halvings where they leave the bracket.
const STEPS: u32 = 60;

/// Steps to the best share of the room that a new residual takes, and the step after which the value, flat there, has
/// arrived: its error is the square.
const SHARES: u32 = 12;
const LAST_SHARE: f64 = 1e-5;

/// The profile interval of `quantity`.
pub(crate) fn interval<D: Observations<Point> + ?Sized>(
    problem: &Problem<'_, D>,
    points: impl Iterator<Item = Point> + Clone,
    quantity: Quantity,
    confidence: Confidence,
) -> Result<QuantityInterval, InferError> {
    if let Quantity::Parameter(parameter) = quantity {
        problem.require_free(parameter)?;
    }
    let region = Region::new(problem, points, confidence)?;
    let [lower, upper] = limits(&region, quantity)?;
    let estimate = problem.estimate(quantity);
    Ok(QuantityInterval { estimate, lower, upper, confidence, method: Method::Profile })
}

/// The lowest and the highest value over the region.
pub(crate) fn limits<D: Observations<Point> + ?Sized>(
    region: &Region<'_, '_, D>,
    quantity: Quantity,
) -> Result<[Option<f64>; 2], InferError> {
    match quantity {
        Quantity::Parameter(Parameter::D) => region.limits_of_d(),
        Quantity::Parameter(Parameter::Alpha) => region.limits_of_alpha(),
        Quantity::Parameter(_) => Ok(region.both(Goal::C)?.map(|v| Some(region.restored(v)))),
        Quantity::ErrorAt { n } => region.limits_of_error(n),
        Quantity::MeasurementAt { n } => region.limits_of_measurement(n),
        Quantity::SamplesFor { target } => region.limits_of_samples(target, region.problem.estimate(quantity)),
    }
}

impl<D: Observations<Point> + ?Sized> Region<'_, '_, D> {
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

    pub(crate) fn limits_of_error(&self, n: f64) -> Result<[Option<f64>; 2], InferError> {
        let goal = Goal::Error { t: self.problem.t(n) };
        let scale = self.problem.curve.scale;
        let lower = self.extreme(goal, -1.0)?.value * scale;
        let highest = self.extreme(goal, 1.0)?;
        // Before the data a step may be as high as it likes.
        let is_open = n < self.problem.curve.n_min && self.is_at_default_end(highest.theta[1]);
        Ok([Some(lower), Some(highest.value * scale).filter(|v| !is_open && v.is_finite())])
    }

    /// All values y of a new measurement that, added to the data, would leave some law within the limit: the largest of
    /// T(L(n)) + sqrt(2 (limit - cost)) with T the logarithm in the log residual.
    pub(crate) fn limits_of_measurement(&self, n: f64) -> Result<[Option<f64>; 2], InferError> {
        let goal = Goal::Error { t: self.problem.t(n) };
        let own = goal.value(&self.problem.theta);
        let mut limits = [None; 2];
        for (slot, sign) in limits.iter_mut().zip([-1.0, 1.0]) {
            let furthest = self.extreme(goal, sign)?;
            let is_open = n < self.problem.curve.n_min && self.is_at_default_end(furthest.theta[1]);
            if is_open && sign > 0.0 {
                continue;
            }
            *slot = Some(self.measurement(goal, sign, own)?).filter(|v| v.is_finite());
        }
        Ok(limits)
    }

    /// One end of the prediction interval: the new residual takes the part 1 - share^2 of the room below the limit. With
    /// T(L) linear in the share, as it nearly is, slope / sqrt(slope^2 + most^2) is the best share; iterated.
    fn measurement(&self, goal: Goal, sign: f64, own: f64) -> Result<f64, InferError> {
        let is_log = self.problem.fit.report().residual == Residual::Log;
        let scale = self.problem.curve.scale;
        let most = math::sqrt(2.0 * (self.limit - self.least) * self.problem.curve.weight_scale);
        let level = |share: f64| -> Result<f64, InferError> {
            let model = if share > 0.0 { self.within(share * share).extreme(goal, sign)?.value } else { own };
            Ok(if is_log { math::ln(model) } else { model })
        };
        let start = if is_log { math::ln(own) } else { own };
        let best = |slope: f64| slope / math::sqrt(slope * slope + most * most);
        let mut share = best((level(1.0)? - start) * sign);
        for _ in 0..SHARES {
            let h = 1e-3 * share;
            if h == 0.0 {
                break;
            }
            let next = best((level(share + h)? - level(share - h)?) * sign / (2.0 * h));
            let moved = (next - share).abs();
            share = next;
            if moved <= LAST_SHARE {
                break;
            }
        }
        let end = level(share)? + sign * most * math::sqrt(1.0 - share * share);
        Ok(if is_log { math::exp(end) * scale } else { end * scale })
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

    /// The n from which on the limit of L(n) is at most the target: `None` where it never is, 0 where it always is.
    fn crossing(&self, target: f64, sign: f64, start: f64) -> Result<Option<f64>, InferError> {
        if self.extreme(Goal::C, sign)?.value >= target {
            return Ok(None);
        }
        let shift = self.problem.curve.ln_n_min + self.problem.reference;
        let (mut low, mut high) = (SMALLEST, LARGEST);
        let mut ln_n = math::ln(start);
        for _ in 0..STEPS {
            let Extreme { theta: [x, alpha, z], value } = self.extreme(Goal::Error { t: ln_n - shift }, sign)?;
            if value > target {
                low = ln_n;
            } else {
                high = ln_n;
            }
            // Where the law that sets the limit here meets the target itself: right to second order.
            let own = (math::ln(x) - math::ln(target - z)) / alpha + shift;
            let next = if own > low && own < high { own } else { 0.5 * (low + high) };
            let step = (next - ln_n).abs();
            ln_n = next;
            if step <= 1e-12 * (1.0 + ln_n.abs()) {
                break;
            }
        }
        Ok(match () {
            _ if ln_n >= LARGEST - 1.0 => None,
            _ if ln_n <= SMALLEST + 1.0 => Some(0.0),
            _ => Some(math::exp(ln_n)),
        })
    }
}
