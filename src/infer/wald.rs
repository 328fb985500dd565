//! Intervals by the delta method.
use crate::fit::{Class, Confidence, Cost, Syn2RealFit, Weights, each};
use crate::law::{Parameter, Residual, Syn2RealLaw};
use crate::linalg::Ldl;
use crate::math;
use crate::solve::Bounds;

use super::problem::Problem;
use super::{InferError, MadeBy, Quantity, QuantityInterval};

/// The covariance of (x, alpha, z) at the optimum, zero for what is fixed or on a bound, and the variance of one
/// residual of weight 1; from the points themselves, in the units of the curve.
pub(crate) struct Covariance {
    pub(crate) matrix: [[f64; 3]; 3],
    pub(crate) variance: f64,
    /// t of Student, or z with absolute weights.
    quantile: f64,
}

/// Sums over the points at the optimum.
pub(crate) struct Moments {
    pub(crate) gram: [[f64; 3]; 3],
    score: [[f64; 3]; 3],
    /// sum w psi^2.
    pub(crate) psi_square: f64,
    /// sum w, and the part of it within the Huber delta.
    pub(crate) weight: f64,
    pub(crate) inside: f64,
}

pub(crate) fn moments(problem: &Problem<'_>) -> Moments {
    let [x, alpha, z] = problem.theta;
    let mut m = Moments { gram: [[0.0; 3]; 3], score: [[0.0; 3]; 3], psi_square: 0.0, weight: 0.0, inside: 0.0 };
    for p in each(problem.data).filter(|p| p.weight > 0.0) {
        let (t, error) = (problem.t(p.n), p.error / problem.curve.scale);
        let w = p.weight / problem.curve.weight_scale;
        let u = math::exp(-alpha * t);
        let model = x * u + z;
        let (r, by_model) = match problem.fit.report().residual {
            Residual::Log => (math::ln(model / error), 1.0 / model),
            Residual::Linear => (model - error, 1.0),
        };
        let beyond = match problem.cost {
            Cost::Huber(delta) => r.abs() / delta,
            Cost::Square => 0.0,
        };
        // Rows beyond the Huber delta have no curvature, and a score of delta.
        let (psi, curvature) = if beyond > 1.0 { (r / beyond, 0.0) } else { (r, w) };
        let row = [u * by_model, -x * u * t * by_model, by_model];
        m.psi_square += w * psi * psi;
        m.weight += w;
        m.inside += curvature;
        for ((gram, score), a) in m.gram.iter_mut().zip(&mut m.score).zip(row) {
            for ((gram, score), b) in gram.iter_mut().zip(score).zip(row) {
                *gram += curvature * a * b;
                *score += w * w * psi * psi * a * b;
            }
        }
    }
    m
}

fn product(a: &[[f64; 3]; 3], b: &[[f64; 3]; 3]) -> [[f64; 3]; 3] {
    core::array::from_fn(|i| core::array::from_fn(|j| a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j]))
}

/// v' A v.
fn form(a: &[[f64; 3]; 3], v: &[f64; 3]) -> f64 {
    a.iter().zip(v).map(|(row, x)| x * row.iter().zip(v).map(|(entry, y)| entry * y).sum::<f64>()).sum()
}

impl Covariance {
    /// At the optimum of the problem.
    pub(crate) fn new(problem: &Problem<'_>, confidence: Confidence) -> Result<Covariance, InferError> {
        let report = problem.fit.report();
        let free = problem.free();
        let estimated = free.iter().filter(|&&f| f).count();
        let dof = report.degrees_of_freedom;
        if dof <= 0 {
            return Err(InferError::NoFreedom { points: report.points, parameters: estimated });
        }
        let m = moments(problem);
        let variance = match report.weights {
            Weights::Relative => m.psi_square / dof as f64,
            Weights::Absolute | Weights::Sigma => 1.0 / problem.cost_scale(),
        };
        let factors = Ldl::new(&m.gram, &[0.0; 3], &free);
        let mut bread = [[0.0; 3]; 3];
        for (j, (row, _)) in bread.iter_mut().zip(free).enumerate().filter(|(_, (_, free))| *free) {
            *row = factors.solve(&core::array::from_fn(|k| if k == j { 1.0 } else { 0.0 }));
        }
        // The sandwich of the robust loss, as in the standard errors of the fit.
        let (matrix, factor) = match problem.cost {
            Cost::Square => (bread, variance),
            Cost::Huber(_) => (product(&product(&bread, &m.score), &bread), report.points as f64 / dof as f64),
        };
        let level = 0.5 + 0.5 * confidence.level();
        let quantile = match report.weights {
            Weights::Relative => math::t_quantile(level, dof as f64),
            Weights::Absolute | Weights::Sigma => math::normal_quantile(level),
        };
        Ok(Covariance { matrix: matrix.map(|row| row.map(|v| v * factor)), variance, quantile })
    }

    /// Half the width of the interval of a function with this gradient, `extra` variance added.
    fn half_width(&self, gradient: &[f64; 3], extra: f64) -> f64 {
        self.quantile * math::sqrt(form(&self.matrix, gradient) + extra)
    }
}

/// The Wald interval of `quantity`.
pub(crate) fn interval(
    problem: &Problem<'_>,
    quantity: Quantity,
    confidence: Confidence,
) -> Result<QuantityInterval, InferError> {
    let fit = problem.fit;
    let blank = QuantityInterval { estimate: None, lower: None, upper: None, confidence, method: MadeBy::Wald };
    let estimate = problem.estimate(quantity);
    match quantity {
        Quantity::Parameter(parameter) => {
            if fit.report().degrees_of_freedom <= 0 {
                Covariance::new(problem, confidence)?;
            }
            match fit.interval(parameter, confidence) {
                Some(i) => {
                    // The delta method knows no bounds.
                    let [d, alpha, c] = fit.origin.bounds;
                    let Bounds { lower, upper } = match parameter {
                        Parameter::D => d,
                        Parameter::Alpha => alpha,
                        _ => c,
                    };
                    let within = |end: Option<f64>| end.map(|v| v.max(lower).min(upper));
                    Ok(QuantityInterval { estimate, lower: within(i.lower), upper: within(i.upper), ..blank })
                }
                None if estimate.is_none() || fit.report().class == Class::Flat => {
                    Ok(QuantityInterval { estimate, ..blank })
                }
                None => Err(InferError::NoCovariance),
            }
        }
        Quantity::ErrorAt { n } | Quantity::MeasurementAt { n } => {
            let covariance = Covariance::new(problem, confidence)?;
            let (gradient, model) = problem.gradient_at(n);
            let is_new = matches!(quantity, Quantity::MeasurementAt { .. });
            // The residual of a new measurement has the variance of one of weight 1; in the log residual relative.
            let unit = if fit.report().residual == Residual::Log { model * model } else { 1.0 };
            let extra = if is_new { covariance.variance / problem.curve.weight_scale * unit } else { 0.0 };
            let half = covariance.half_width(&gradient, extra);
            // Nor that no error is below 0.
            let lower = if half > model { 0.0 } else { (model - half) * problem.curve.scale };
            let upper = (model + half) * problem.curve.scale;
            Ok(QuantityInterval { estimate, lower: finite(lower), upper: finite(upper), ..blank })
        }
        Quantity::SamplesFor { target } => {
            let covariance = Covariance::new(problem, confidence)?;
            let Some(n) = estimate.filter(|&n| n > 0.0) else { return Ok(QuantityInterval { estimate, ..blank }) };
            // ln n* is nearer to normal than n*, and its gradient is that of L over -dL/d ln n.
            let (gradient, _) = problem.gradient_at(n);
            let [x, alpha, _] = problem.theta;
            let slope = alpha * x * math::exp(-alpha * problem.t(n));
            let half = covariance.half_width(&gradient.map(|g| g / slope), 0.0);
            let gap_end = fit.law().c + covariance.half_width(&[0.0, 0.0, 1.0], 0.0) * problem.curve.scale;
            // Where the gap may be as large as the target, no n is enough for certain.
            let upper = finite(n * math::exp(half)).filter(|_| gap_end < target);
            Ok(QuantityInterval { estimate, lower: finite(n * math::exp(-half)), upper, ..blank })
        }
    }
}

fn finite(v: f64) -> Option<f64> {
    Some(v).filter(|v| v.is_finite())
}

impl Problem<'_> {
    /// d L(n) / d (x, alpha, z) at the optimum, and L(n).
    fn gradient_at(&self, n: f64) -> ([f64; 3], f64) {
        let ([x, alpha, z], t) = (self.theta, self.t(n));
        let u = math::exp(-alpha * t);
        ([u, -x * u * t, 1.0], x * u + z)
    }

    /// Which of x, alpha, z the data determine at the optimum: neither fixed nor on a bound.
    pub(crate) fn free(&self) -> [bool; 3] {
        free(self.fit)
    }

    /// An error if the quantity is a parameter that has no interval.
    pub(crate) fn require(&self, quantity: Quantity) -> Result<(), InferError> {
        if let Quantity::Parameter(parameter) = quantity { self.require_free(parameter) } else { Ok(()) }
    }

    /// An error if the parameter is fixed or none of this law.
    pub(crate) fn require_free(&self, parameter: Parameter) -> Result<(), InferError> {
        let [fixed_d, fixed_alpha, fixed_c] = self.domain.fixed;
        let is_free = match parameter {
            Parameter::D => !fixed_d,
            Parameter::Alpha => !fixed_alpha,
            Parameter::C => !fixed_c,
            _ => false,
        };
        if is_free { Ok(()) } else { Err(InferError::Fixed { parameter }) }
    }

    /// The quantity at the optimum.
    pub(crate) fn estimate(&self, quantity: Quantity) -> Option<f64> {
        let is_flat = self.fit.report().class == Class::Flat;
        value_of(self.fit.law(), quantity).filter(|_| !(is_flat && quantity == Quantity::Parameter(Parameter::Alpha)))
    }
}

/// Which of D, alpha, C the data determine at the optimum: neither fixed nor on a bound.
pub(crate) fn free(fit: &Syn2RealFit) -> [bool; 3] {
    let (law, [d, alpha, c], report) = (fit.law(), fit.origin.bounds, fit.report());
    let inside = |v: f64, b: Bounds| v > b.lower && v < b.upper;
    if report.class == Class::Flat {
        let [fixed_d, _, fixed_c] = report.fixed;
        return [fixed_c && !fixed_d && inside(law.d, d), false, !fixed_c];
    }
    [inside(law.d, d), inside(law.alpha, alpha), inside(law.c, c)]
}

/// The quantity of a law; `None` where it has none: alpha of a flat law, n* of a law whose gap is at or above the target.
pub(crate) fn value_of(law: Syn2RealLaw, quantity: Quantity) -> Option<f64> {
    match quantity {
        Quantity::Parameter(Parameter::D) => Some(law.d),
        Quantity::Parameter(Parameter::Alpha) => Some(law.alpha).filter(|_| law.d > 0.0),
        Quantity::Parameter(_) => Some(law.c),
        Quantity::ErrorAt { n } | Quantity::MeasurementAt { n } => finite(law.error_at(n)),
        Quantity::SamplesFor { target } => samples_for(law, target),
    }
}

/// n* = (D / (target - C))^(1 / alpha), 0 where the law is below the target everywhere; `None` where it never is, or
/// beyond the range of f64.
fn samples_for(law: Syn2RealLaw, target: f64) -> Option<f64> {
    if law.c >= target {
        return None;
    }
    if law.d == 0.0 {
        return Some(0.0);
    }
    if law.rate() == 0.0 {
        return Some(0.0).filter(|_| law.d + law.c <= target);
    }
    finite(math::exp((math::ln(law.d) - math::ln(target - law.c)) / law.alpha))
}
