//! Intervals from replicates.
use crate::fit::{Confidence, Curve, FitOptions, Source, Syn2RealFit, each, fit_points, select, source_of};
use crate::law::{Parameter, Syn2RealLaw};
use crate::math;
use crate::point::Point;
use crate::solve::Mapped;

use super::super::problem::Problem;
use super::super::wald::value_of;
use super::super::{InferError, MadeBy, Quantity, QuantityInterval};
use super::CELLS;

/// How an interval is read off the replicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Kind {
    /// The estimate minus the quantiles of (replicate - estimate); of ln n* and ln D, whose errors are factors.
    Basic,
    /// The quantiles of the replicates. The default: it stays within the domain.
    #[default]
    Percentile,
    /// Quantiles corrected for bias and acceleration, the latter from the laws without one point each (Efron 1987).
    Bca,
}

/// The interval of `quantity` from the `laws` that [`super::replicate`] drew for this fit; `scratch` takes a value for each
/// law. An end is `None` where the quantile falls on replicates whose gap is at or above the target, or on undefined
/// rates: the data set no limit.
///
/// # Errors
/// [`InferError::FewReplicates`] with fewer than 2 / (1 - level) - 1 laws (39 for 95 %), [`InferError::BadOption`] for
/// `out` if `scratch` is shorter than `laws`, and for `quantity` if it is a measurement; [`InferError::OtherPoints`].
///
/// ```
/// use syn2real::infer::{Quantity, bootstrap::{BootstrapOptions, Kind, interval, replicate}};
/// use syn2real::{Confidence, Syn2RealLaw};
///
/// let points = [(1_000, 0.90), (2_000, 0.83), (4_000, 0.79), (8_000, 0.755), (16_000, 0.74), (32_000, 0.727)];
/// let fit = Syn2RealLaw::fit(&points)?;
/// let (mut laws, mut scratch) = ([fit.law(); 199], [0.0; 199]);
/// replicate(&fit, &points, &[], &BootstrapOptions::default(), &mut laws)?;
/// let quantity = Quantity::ErrorAt { n: 64_000.0 };
/// let found = interval(&fit, &points, &laws, quantity, Kind::Percentile, Confidence::P95, &mut scratch)?;
/// assert!(found.lower < found.estimate && found.estimate < found.upper);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn interval<T: Copy + Into<Point>>(
    fit: &Syn2RealFit,
    points: &[T],
    laws: &[Syn2RealLaw],
    quantity: Quantity,
    kind: Kind,
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
    interval_of(fit, &source_of(fit, points), laws, quantity, kind, confidence, scratch)
}

fn interval_of(
    fit: &Syn2RealFit,
    data: &Source<'_>,
    laws: &[Syn2RealLaw],
    quantity: Quantity,
    kind: Kind,
    confidence: Confidence,
    scratch: &mut [f64],
) -> Result<QuantityInterval, InferError> {
    let mut curve = Curve::EMPTY;
    let problem = Problem::new(fit, each(data), data, &mut curve)?;
    if let Quantity::Parameter(parameter) = quantity {
        problem.require_free(parameter)?;
    }
    let mut count = 0;
    for (slot, law) in scratch.iter_mut().zip(laws.iter().filter(|law| !law.c.is_nan())) {
        *slot = value_of(*law, quantity).unwrap_or(f64::INFINITY);
        count += 1;
    }
    let values = scratch.get(..count).unwrap_or(&[]);
    let tail = super::tail(fit.report(), confidence);
    // With them the outermost replicates are the quantiles; the rounding of the level must not ask for one more.
    let needed = (1.0 / tail - 1.0 - 1e-9) as usize + 1;
    if count < needed {
        return Err(InferError::FewReplicates { needed, got: count });
    }
    let estimate = problem.estimate(quantity);
    let [lower, upper] = match kind {
        Kind::Percentile => [tail, 1.0 - tail].map(|p| quantile(values, p)),
        Kind::Basic => {
            let is_factor = matches!(quantity, Quantity::SamplesFor { .. } | Quantity::Parameter(Parameter::D));
            [1.0 - tail, tail].map(|p| {
                let (own, end) = (estimate?, quantile(values, p)?);
                Some(if is_factor { own * (own / end) } else { 2.0 * own - end }).filter(|v| v.is_finite())
            })
        }
        Kind::Bca => {
            let acceleration = acceleration(fit, data, quantity);
            let own = estimate.unwrap_or(f64::INFINITY);
            let below = values.iter().filter(|v| **v < own).count() as f64;
            let ties = values.iter().filter(|v| **v == own).count() as f64;
            // Within half a replicate of 0 and 1 the quantile is infinite.
            let share = ((below + 0.5 * ties) / count as f64).max(0.5 / count as f64).min(1.0 - 0.5 / count as f64);
            let bias = math::normal_quantile(share);
            [tail, 1.0 - tail].map(|p| {
                let z = bias + math::normal_quantile(p);
                // The corrected quantile runs away where 1 - acceleration z falls to 0: the outermost replicate.
                let left = 1.0 - acceleration * z;
                let p = if left > 0.0 { super::normal_below(bias + z / left) } else { f64::from(u8::from(z > 0.0)) };
                quantile(values, p)
            })
        }
    };
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

/// A sixth of the skewness of the influence of the points; 0 beyond 512 points, where it is below a hundredth.
fn acceleration(fit: &Syn2RealFit, data: &Source<'_>, quantity: Quantity) -> f64 {
    if data.len() > CELLS {
        return 0.0;
    }
    let options = FitOptions { covariance: false, ..fit.options() };
    let without = |left_out: usize| {
        let mut kept = [Point::new(1.0, 1.0); CELLS];
        for (index, (slot, p)) in kept.iter_mut().zip(each(data)).enumerate() {
            *slot = if index == left_out { p.with_weight(0.0) } else { p };
        }
        let kept = kept.get(..data.len()).unwrap_or(&kept);
        let fit = fit_points(&Mapped::new(kept, |p| *p), &options).ok()?;
        value_of(fit.law(), quantity)
    };
    let (mut sum, mut count) = (0.0, 0.0);
    for value in (0..data.len()).filter_map(without) {
        sum += value;
        count += 1.0;
    }
    let mean = sum / count;
    let (mut square, mut cube) = (0.0, 0.0);
    for value in (0..data.len()).filter_map(without) {
        let d = mean - value;
        square += d * d;
        cube += d * d * d;
    }
    let a = cube / (6.0 * square * math::sqrt(square));
    if a.is_finite() { a } else { 0.0 }
}
