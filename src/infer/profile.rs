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

/// Steps to the n at which a limit of L(n) meets the target: Newton's, and halvings where they leave the bracket.
const STEPS: u32 = 60;

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
    let estimate = problem.estimate(quantity);
    let [lower, upper] = match quantity {
        Quantity::Parameter(Parameter::D) => region.limits_of_d()?,
        Quantity::Parameter(Parameter::Alpha) => region.limits_of_alpha()?,
        Quantity::Parameter(_) => region.both(Goal::C)?.map(|v| Some(region.restored(v))),
        Quantity::ErrorAt { n } => region.limits_of_error(n)?,
        Quantity::MeasurementAt { n } => region.limits_of_measurement(n)?,
        Quantity::SamplesFor { target } => region.limits_of_samples(target, estimate)?,
    };
    Ok(QuantityInterval { estimate, lower, upper, confidence, method: Method::Profile })
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
        if self.has_flat() && self.problem.domain.d.lower == 0.0 {
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
        let lower = if has_flat && bounds.lower == 0.0 { 0.0 } else { user(self.extreme(goal, -1.0)?) };
        let highest = self.extreme(goal, 1.0)?;
        let is_set = !self.is_at_default_end(highest.theta[1]) || user(highest) >= bounds.upper;
        let upper = Some(user(highest)).filter(|v| is_set && v.is_finite());
        Ok([Some(lower), upper])
    }

    fn limits_of_error(&self, n: f64) -> Result<[Option<f64>; 2], InferError> {
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
    fn limits_of_measurement(&self, n: f64) -> Result<[Option<f64>; 2], InferError> {
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

    /// One end of the prediction interval: over the share of the limit that the law takes from the new residual, a
    /// concave function of it near its one maximum, by golden sections.
    fn measurement(&self, goal: Goal, sign: f64, own: f64) -> Result<f64, InferError> {
        let is_log = self.problem.fit.report().residual == Residual::Log;
        let (scale, room) = (self.problem.curve.scale, self.limit - self.least);
        let weight = 1.0 / self.problem.curve.weight_scale;
        let end = |share: f64| -> Result<f64, InferError> {
            let model = if share > 0.0 { self.within(share * share).extreme(goal, sign)?.value } else { own };
            let residual = math::sqrt(2.0 * room * (1.0 - share * share) / weight);
            Ok(if is_log { math::ln(model) + sign * residual } else { model + sign * residual })
        };
        let golden = 0.618_033_988_749_894_9;
        let (mut a, mut b) = (0.0, 1.0);
        let (mut c, mut d) = (b - golden * (b - a), a + golden * (b - a));
        let (mut at_c, mut at_d) = (end(c)?, end(d)?);
        // golden^44 < 1e-9, and the value is quadratic there.
        for _ in 0..44 {
            if (at_c - at_d) * sign > 0.0 {
                (b, d, at_d) = (d, c, at_c);
                c = b - golden * (b - a);
                at_c = end(c)?;
            } else {
                (a, c, at_c) = (c, d, at_d);
                d = a + golden * (b - a);
                at_d = end(d)?;
            }
        }
        let best = if (at_c - at_d) * sign > 0.0 { at_c } else { at_d };
        Ok(if is_log { math::exp(best) * scale } else { best * scale })
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
        let shift = self.problem.curve.ln_n_min + self.problem.reference;
        let height = |ln_n: f64| -> Result<(f64, f64), InferError> {
            let t = ln_n - shift;
            let Extreme { theta: [x, alpha, _], value } = self.extreme(Goal::Error { t }, sign)?;
            // The slope of the limit is that of the law that sets it.
            Ok((value - target, -alpha * x * math::exp(-alpha * t)))
        };
        let (mut low, mut high) = (SMALLEST, LARGEST);
        if height(high)?.0 > 0.0 {
            return Ok(None);
        }
        if height(low)?.0 <= 0.0 {
            return Ok(Some(0.0));
        }
        let mut ln_n = math::ln(start);
        for _ in 0..STEPS {
            if !(ln_n > low && ln_n < high) {
                ln_n = 0.5 * (low + high);
            }
            let (above, slope) = height(ln_n)?;
            if above > 0.0 {
                low = ln_n;
            } else {
                high = ln_n;
            }
            let step = -above / slope;
            ln_n += step;
            if step.abs() <= 1e-13 * (1.0 + ln_n.abs()) || high - low <= 1e-13 * (1.0 + high.abs()) {
                break;
            }
        }
        Ok(Some(math::exp(ln_n)).filter(|n| n.is_finite()))
    }
}
