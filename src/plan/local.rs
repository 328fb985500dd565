//! The quadratic approximation of a fit: its covariance, and what one measurement more would make of it.
use crate::fit::{Class, FullFit, Syn2RealFit, Weights};
use crate::infer::Quantity;
use crate::law::{FullLaw, Parameter, Residual, Syn2RealLaw};
use crate::linalg::Ldl;
use crate::math;
use crate::point::Point;

use super::error::PlanError;
use super::inverse::{Size, size_at};

/// Below this pivot ratio the data do not tell the parameters apart; a ridge of the same size then bounds the variance.
const SINGULAR: f64 = 1e-12;

/// Covariance of P parameters in units of the variance of a residual of weight 1, and that variance: what a measurement
/// changes does not depend on the latter, which may be 0 or unknown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local<const P: usize> {
    pub(super) covariance: [[f64; P]; P],
    pub(super) variance: f64,
    /// Not positive: `variance` is unknown.
    pub(super) degrees_of_freedom: i64,
    pub(super) weights: Weights,
}

impl<const P: usize> Local<P> {
    /// a' V b.
    pub(super) fn form(&self, a: &[f64; P], b: &[f64; P]) -> f64 {
        let along = |row: &[f64; P]| row.iter().zip(b).map(|(v, b)| v * b).sum::<f64>();
        self.covariance.iter().zip(a).map(|(row, a)| a * along(row)).sum()
    }

    /// The variance along `by` after a measurement of this weight whose residual has the gradient `row` (the update of
    /// Sherman and Morrison).
    pub(super) fn after(&self, by: &[f64; P], row: &[f64; P], weight: f64) -> f64 {
        let (before, shared) = (self.form(by, by), self.form(by, row));
        before - weight * shared * shared / (1.0 + weight * self.form(row, row))
    }

    /// Takes the measurement of [`Local::after`] in.
    pub(super) fn measure(&mut self, row: &[f64; P], weight: f64) {
        let along = self.covariance.map(|line| line.iter().zip(row).map(|(v, r)| v * r).sum::<f64>());
        let whole = 1.0 + weight * self.form(row, row);
        for (line, a) in self.covariance.iter_mut().zip(along) {
            for (entry, b) in line.iter_mut().zip(along) {
                *entry -= weight * a * b / whole;
            }
        }
    }

    /// The quantile of a two-sided interval with `more` degrees of freedom than now; `None` if there are none.
    pub(super) fn quantile(&self, level: f64, more: i64) -> Option<f64> {
        let dof = self.degrees_of_freedom.saturating_add(more);
        match self.weights {
            Weights::Absolute | Weights::Sigma => Some(math::normal_quantile(0.5 + 0.5 * level)),
            Weights::Relative if dof > 0 => Some(math::t_quantile(0.5 + 0.5 * level, dof as f64)),
            Weights::Relative => None,
        }
    }

    /// P(T > z) with the degrees of freedom of now.
    pub(super) fn tail(&self, z: f64) -> Option<f64> {
        let dof = match self.weights {
            // F with 1 and 1e8 degrees of freedom is z^2 to 1e-8.
            Weights::Absolute | Weights::Sigma => 1e8,
            Weights::Relative if self.degrees_of_freedom > 0 => (self.degrees_of_freedom as f64).min(1e8),
            Weights::Relative => return None,
        };
        let one = 0.5 * math::f_tail(z * z, 1.0, dof);
        Some(if z >= 0.0 { one } else { 1.0 - one })
    }
}

/// Law (1) as X (n / n_ref)^-alpha + C, in the coordinates X, alpha, C: D is nearly collinear with alpha.
#[derive(Clone, Copy, Debug)]
pub(super) struct Simple {
    pub(super) local: Local<3>,
    law: Syn2RealLaw,
    pub(super) x: f64,
    /// ln n_ref: the middle of the data, 0 where D itself is held.
    pub(super) reference: f64,
    residual: Residual,
    /// D, alpha, C: whether the user held it.
    held: [bool; 3],
}

impl Simple {
    /// At the optimum; parameters on a bound that the user did not hold count as free: one more measurement may free them.
    pub(super) fn new(fit: &Syn2RealFit, points: impl Iterator<Item = Point>) -> Simple {
        let (law, report) = (fit.law(), fit.report());
        let [d_held, alpha_held, c_held] = report.fixed;
        let reference = if d_held { 0.0 } else { 0.5 * (math::ln(report.n_min) + math::ln(report.n_max)) };
        let x = if law.d > 0.0 { math::exp(math::ln(law.d) - law.alpha * reference) } else { 0.0 };
        let free = [!d_held, !alpha_held && report.class != Class::Flat, !c_held];
        // As many as the covariance counts: a parameter on a bound takes one as well.
        let degrees_of_freedom = report.points as i64 - report.fixed.iter().filter(|held| !**held).count() as i64;
        let local = Local {
            covariance: [[0.0; 3]; 3],
            variance: if report.weights.is_absolute() { 1.0 } else { 0.0 },
            degrees_of_freedom,
            weights: report.weights,
        };
        let mut simple = Simple { local, law, x, reference, residual: report.residual, held: report.fixed };
        let (mut gram, mut square) = ([[0.0; 3]; 3], 0.0);
        for p in points.filter(|p| p.weight > 0.0) {
            let row = simple.row(p.n);
            let (r, _) = report.residual.of(law.error_at(p.n), p.error);
            // Beyond the Huber delta a residual counts as one of that size.
            let beyond = report.huber_delta.map_or(1.0, |delta| if r.abs() > delta { delta / r.abs() } else { 1.0 });
            square += p.weight * r * r * beyond * beyond;
            for (line, a) in gram.iter_mut().zip(row) {
                for (entry, b) in line.iter_mut().zip(row) {
                    *entry += p.weight * a * b;
                }
            }
        }
        simple.local.covariance = inverse(&gram, &free);
        if report.weights == Weights::Relative && degrees_of_freedom > 0 {
            simple.local.variance = square / degrees_of_freedom as f64;
        }
        simple
    }

    /// dL(n) / d (X, alpha, C).
    fn slope(&self, n: f64) -> [f64; 3] {
        let t = math::ln(n) - self.reference;
        let u = math::exp(-self.law.rate() * t);
        [u, -self.x * u * t, 1.0]
    }

    /// The weight of the squared residual of a measurement at n, where the user gives `weight` for it.
    pub(super) fn weight(&self, n: f64, weight: f64) -> f64 {
        self.local.weights.of_residual(weight, self.law.error_at(n), self.residual)
    }

    /// The gradient of the residual at n > 0.
    pub(super) fn row(&self, n: f64) -> [f64; 3] {
        match self.residual {
            Residual::Log => {
                let error = self.law.error_at(n);
                self.slope(n).map(|v| v / error)
            }
            Residual::Linear => self.slope(n),
        }
    }

    /// The gradient of a quantity, and the variance that does not come from the law, that of a new measurement, in units of that
    /// of a residual. Of a size, the gradient of its logarithm; of a size that does not exist, that of the gap.
    pub(super) fn gradient(&self, quantity: Quantity) -> Result<([f64; 3], f64), PlanError> {
        let gradient = match quantity {
            // D = X e^(alpha ln n_ref).
            Quantity::Parameter(Parameter::D) => {
                let stretch = math::exp(self.law.rate() * self.reference);
                [stretch, self.law.d * self.reference, 0.0]
            }
            Quantity::Parameter(Parameter::Alpha) => [0.0, 1.0, 0.0],
            Quantity::Parameter(Parameter::C) => [0.0, 0.0, 1.0],
            Quantity::Parameter(parameter) => return Err(PlanError::Law { parameter }),
            Quantity::ErrorAt { n } | Quantity::MeasurementAt { n } => self.slope(n),
            Quantity::SamplesFor { target } => match size_at(&self.law, target) {
                Size::At(n) if n > 0.0 => {
                    let room = target - self.law.c;
                    self.slope(n).map(|v| v / (self.law.rate() * room))
                }
                _ => [0.0, 0.0, 1.0],
            },
        };
        let extra = match (quantity, self.residual) {
            (Quantity::MeasurementAt { n }, Residual::Log) => {
                let error = self.law.error_at(n);
                error * error
            }
            (Quantity::MeasurementAt { .. }, Residual::Linear) => 1.0,
            _ => 0.0,
        };
        Ok((gradient, extra))
    }

    pub(super) fn is_held(&self, parameter: Parameter) -> bool {
        let [d, alpha, c] = self.held;
        match parameter {
            Parameter::D => d,
            Parameter::Alpha => alpha,
            Parameter::C => c,
            _ => false,
        }
    }
}

/// Inverse on the free parameters, zeros elsewhere. What is singular to rounding gets a ridge and a large variance.
fn inverse(gram: &[[f64; 3]; 3], free: &[bool; 3]) -> [[f64; 3]; 3] {
    let mut factors = Ldl::new(gram, &[0.0; 3], free);
    if !(factors.pivot_ratio > SINGULAR) {
        let [[a, ..], [_, b, _], [_, _, c]] = *gram;
        factors = Ldl::new(gram, &[a, b, c].map(|v| SINGULAR * v), free);
    }
    factors.inverse(free)
}

/// A law over n and s, by its six parameters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Full {
    pub(super) local: Local<6>,
    pub(super) law: FullLaw,
    residual: Residual,
}

impl Full {
    pub(super) fn new(fit: &FullFit) -> Result<Full, PlanError> {
        let report = fit.report();
        let covariance = fit.covariance_of_six().ok_or(PlanError::NoCovariance)?;
        let variance = match report.weights {
            Weights::Relative => 2.0 * report.cost / report.degrees_of_freedom as f64,
            Weights::Absolute | Weights::Sigma => 1.0,
        };
        let (degrees_of_freedom, weights) = (report.degrees_of_freedom, report.weights);
        // Exact data leave no covariance to scale back.
        if !(variance > 0.0) {
            return Err(PlanError::NoCovariance);
        }
        let covariance = covariance.map(|row| row.map(|v| v / variance));
        let local = Local { covariance, variance, degrees_of_freedom, weights };
        Ok(Full { local, law: fit.law(), residual: report.residual })
    }

    /// The weight of the squared residual of a measurement at n and s, where the user gives `weight` for it.
    pub(super) fn weight(&self, n: f64, s: f64, weight: f64) -> f64 {
        self.local.weights.of_residual(weight, self.law.error_at(n, s), self.residual)
    }

    /// The gradient of the residual at n + n0 > 0, s > 0.
    pub(super) fn row(&self, n: f64, s: f64) -> [f64; 6] {
        let slope = self.law.gradient_at(n, s);
        match self.residual {
            Residual::Log => {
                let error = self.law.error_at(n, s);
                slope.map(|v| v / error)
            }
            Residual::Linear => slope,
        }
    }
}
