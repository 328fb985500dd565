//! The delta method over n and s.
use crate::fit::{Confidence, Erased, FullReport, Interval, Refit};
use crate::law::{GridLaw, Parameter, Residual, Sealed};
use crate::math;

use super::super::InferError;
use super::quantity::GridQuantity;

/// Student's t, or the normal quantile with absolute weights; `None` without degrees of freedom.
fn quantile(report: &FullReport, confidence: Confidence) -> Option<f64> {
    let level = 0.5 + 0.5 * confidence.level();
    match report.weights {
        weights if weights.is_absolute() => Some(math::normal_quantile(level)),
        _ if report.degrees_of_freedom > 0 => Some(math::t_quantile(level, report.degrees_of_freedom as f64)),
        _ => None,
    }
}

/// Estimate -+ t standard errors of a parameter.
pub(super) fn parameter(fit: &Erased, parameter: Parameter, confidence: Confidence) -> Option<Interval> {
    let place = fit.settings.parameters().iter().position(|name| *name == parameter)?;
    let estimate = fit.law().parameter(parameter)?;
    let mut by = [0.0; 6];
    *by.get_mut(place)? = 1.0;
    let half = quantile(&fit.report, confidence)? * fit.std_error_along(&by)?;
    Some(Interval { estimate, lower: Some(estimate - half), upper: Some(estimate + half), confidence })
}

/// The ends of the Wald interval; of a size in its logarithm.
pub(super) fn ends(
    refit: &Refit<'_>,
    quantity: GridQuantity,
    confidence: Confidence,
) -> Result<[Option<f64>; 2], InferError> {
    let fit = refit.fit;
    let (law, report) = (fit.law(), &fit.report);
    let t = quantile(report, confidence).ok_or(InferError::NoCovariance)?;
    let half = |by: &[f64; 6], extra: f64| {
        let along = fit.std_error_along(by).ok_or(InferError::NoCovariance)?;
        Ok::<f64, InferError>(t * math::sqrt(along * along + extra))
    };
    let Some(estimate) = quantity.of(&law) else { return Ok([None, None]) };
    let both = |half: f64| [Some(estimate - half), Some(estimate + half)].map(|v| v.filter(|v| v.is_finite()));
    match quantity {
        GridQuantity::Parameter(parameter) => {
            let interval = self::parameter(fit, parameter, confidence).ok_or(InferError::NoCovariance)?;
            Ok([interval.lower, interval.upper])
        }
        GridQuantity::ErrorAt { n, s } => Ok(both(half(&law.slopes(n, s), 0.0)?)),
        GridQuantity::MeasurementAt { n, s } => {
            let (by, error) = (law.slopes(n, s), law.value_at(n, s));
            let variance = match (report.weights, refit.moments()) {
                (weights, _) if weights.is_absolute() => 1.0,
                (_, Some(m)) => m.psi_square * m.weight / m.inside / report.degrees_of_freedom as f64,
                (_, None) => 2.0 * report.cost / report.degrees_of_freedom as f64,
            };
            let weight = report.weights.of_residual(1.0, error, report.residual);
            Ok(both(half(&by, variance / weight * unit_of(report.residual, error))?))
        }
        GridQuantity::GapAt { s } => Ok(both(half(&law.gap_slopes(s), 0.0)?)),
        GridQuantity::FloorAt { n } => Ok(both(half(&law.floor_slopes(n), 0.0)?)),
        GridQuantity::SamplesFor { target, s } => {
            let n = estimate;
            if n <= 0.0 {
                return Ok([Some(n), Some(n)]);
            }
            // d ln n* = -dL / (n dL/dn).
            let over = law.over_n(s);
            let size = n + law.offset();
            let slope = over.alpha * (target - over.c) * n / size;
            let half_n = half(&law.slopes(n, s).map(|v| v / slope), 0.0)?;
            // Where the gap may be as large as the target, no number is enough for certain.
            let is_sure = over.c + half(&law.gap_slopes(s), 0.0)? < target;
            Ok([Some(n * math::exp(-half_n)), Some(n * math::exp(half_n)).filter(|n| is_sure && n.is_finite())])
        }
        GridQuantity::FineTuneSizeFor { target, n } => {
            let (s, over) = (estimate, law.over_s(n));
            let slope = over.alpha * (target - over.c);
            let half_s = half(&law.slopes(n, s).map(|v| v / slope), 0.0)?;
            let floor = fit.std_error_along(&law.floor_slopes(n)).map_or(0.0, |e| t * e);
            let is_sure = over.c + floor < target;
            Ok([Some(s * math::exp(-half_s)), Some(s * math::exp(half_s)).filter(|s| is_sure && s.is_finite())])
        }
    }
}

/// The variance of a measurement of weight 1 in the space of the residual, as that of the error.
fn unit_of(residual: Residual, error: f64) -> f64 {
    if residual == Residual::Log { error * error } else { 1.0 }
}
