//! Intervals from replicates.
use crate::fit::{Confidence, Curve, Source, Syn2RealFit, select, source_of};
use crate::law::Syn2RealLaw;
use crate::math;
use crate::point::Point;

use super::super::problem::Problem;
use super::super::wald::value_of;
use super::super::{InferError, MadeBy, Quantity, QuantityInterval};

/// The interval of `quantity` from the `laws` that [`super::replicate`] drew for this fit: the quantiles of the replicates, at
/// levels that allow for a noise that was estimated. `scratch` takes a value for each law. An end is `None` where the
/// quantile falls on replicates whose gap is at or above the target, or on undefined rates: the data set no limit.
///
/// The replicates know their noise, where the data have estimated it from a few residuals; their plain quantiles at 2.5
/// and 97.5 % held the truth in 84 to 89 % of simulated curves of 7 points. So the share of replicates beyond each end is
/// that of a normal variable beyond t of Student (of normal with absolute weights): .28 % with 4 degrees of freedom at
/// the level 95 %, for which 1,999 replicates are few enough. Source: Hesterberg, The American Statistician 69 (2015) 371,
/// section 3.3 (expanded percentile interval).
///
/// # Errors
/// [`InferError::FewReplicates`] unless one law lies beyond each end: 363 at 95 % with 4 degrees of freedom, 39 with many;
/// [`InferError::TooFew`] with so few degrees of freedom that it would take a million; [`InferError::BadOption`] for
/// `out` if `scratch` is shorter than `laws`, and for `quantity` if it is a measurement; [`InferError::OtherPoints`].
///
/// ```
/// use syn2real::infer::{Quantity, bootstrap::{BootstrapOptions, interval, replicate}};
/// use syn2real::{Confidence, Syn2RealLaw};
///
/// let points = [(1_000, 0.90), (2_000, 0.83), (4_000, 0.79), (8_000, 0.755), (16_000, 0.74), (32_000, 0.727)];
/// let fit = Syn2RealLaw::fit(&points)?;
/// let (mut laws, mut scratch) = ([fit.law(); 1999], [0.0; 1999]);
/// replicate(&fit, &points, &[], &BootstrapOptions::default(), &mut laws)?;
/// let quantity = Quantity::ErrorAt { n: 64_000.0 };
/// let found = interval(&fit, &points, &laws, quantity, Confidence::P95, &mut scratch)?;
/// assert!(found.lower < found.estimate && found.estimate < found.upper);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn interval<T: Copy + Into<Point>>(
    fit: &Syn2RealFit,
    points: &[T],
    laws: &[Syn2RealLaw],
    quantity: Quantity,
    confidence: Confidence,
    scratch: &mut [f64],
) -> Result<QuantityInterval, InferError> {
    quantity.check()?;
    if matches!(quantity, Quantity::MeasurementAt { .. }) {
        return Err(InferError::BadOption { field: "quantity" });
    }
    if scratch.len() < laws.len() {
        return Err(InferError::BadOption { field: "out" });
    }
    interval_of(fit, &source_of(fit, points), laws, quantity, confidence, scratch)
}

fn interval_of(
    fit: &Syn2RealFit,
    data: &Source<'_>,
    laws: &[Syn2RealLaw],
    quantity: Quantity,
    confidence: Confidence,
    scratch: &mut [f64],
) -> Result<QuantityInterval, InferError> {
    let mut curve = Curve::EMPTY;
    let problem = Problem::new(fit, data, &mut curve)?;
    if let Quantity::Parameter(parameter) = quantity {
        problem.require_free(parameter)?;
    }
    let mut count = 0;
    for (slot, law) in scratch.iter_mut().zip(laws.iter().filter(|law| !law.c.is_nan())) {
        *slot = value_of(*law, quantity).unwrap_or(f64::INFINITY);
        count += 1;
    }
    let values = scratch.get(..count).unwrap_or(&[]);
    let report = fit.report();
    let tail = enough(report.degrees_of_freedom, report.weights.is_absolute(), confidence, count)?;
    let estimate = problem.estimate(quantity);
    let [lower, upper] = [tail, 1.0 - tail].map(|p| quantile(values, p));
    Ok(QuantityInterval { estimate, lower, upper, confidence, method: MadeBy::Bootstrap })
}

/// The quantile at p (count + 1), between order statistics linearly (Davison and Hinkley 1997, section 5.2); `None` where
/// it is infinite.
pub(super) fn quantile(values: &[f64], p: f64) -> Option<f64> {
    let rank = (p * (values.len() + 1) as f64 - 1.0).max(0.0).min(values.len().saturating_sub(1) as f64);
    let low = rank as usize;
    let share = rank - low as f64;
    let below = select(values.iter().copied(), low);
    let above = if share > 0.0 { select(values.iter().copied(), low + 1) } else { below };
    Some(if below == above { below } else { below + share * (above - below) }).filter(|v| v.is_finite())
}

/// Replicates beyond which a level is out of reach: as many as the tool draws at most.
const MOST: f64 = 1e6;

/// The share of the replicates beyond each end of an interval, and how many there must be.
///
/// The replicates know their noise, where the data have estimated it: t of Student instead of the normal quantile.
pub(crate) fn tail(freedom: i64, is_absolute: bool, confidence: Confidence) -> (f64, usize) {
    let level = 0.5 + 0.5 * confidence.level();
    let tail = if is_absolute { 1.0 - level } else { normal_below(-math::t_quantile(level, freedom as f64)) };
    // With them the outermost replicates are the quantiles; the rounding of the level must not ask for one more.
    (tail, ((1.0 / tail - 1.0 - 1e-9) as usize).saturating_add(1))
}

/// The share beyond each end, or why `count` replicates do not tell.
pub(super) fn enough(freedom: i64, is_absolute: bool, confidence: Confidence, count: usize) -> Result<f64, InferError> {
    let (tail, needed) = tail(freedom, is_absolute, confidence);
    if !(tail * MOST > 1.0) {
        let freedom = if freedom > 0 { freedom as usize } else { 0 };
        return Err(InferError::TooFew { what: "degrees of freedom", needed: freedom.saturating_add(1), got: freedom });
    }
    if count < needed { Err(InferError::FewReplicates { needed, got: count }) } else { Ok(tail) }
}

/// Probability that a standard normal variable is below z, good to 1e-8: its square is F with 1 and, nearly, infinitely
/// many degrees of freedom.
fn normal_below(z: f64) -> f64 {
    let beyond = 0.5 * math::f_tail(z * z, 1.0, 1e8);
    if z > 0.0 { 1.0 - beyond } else { beyond }
}
