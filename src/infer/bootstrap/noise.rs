//! The noise that residual and parametric replicates add to the fitted law.
use crate::fit::{Source, Weights};
use crate::law::{Residual, Syn2RealLaw};
use crate::linalg::{Ldl, form};
use crate::math;
use crate::point::Point;
use crate::simd::LANES;

use super::super::InferError;
use super::super::problem::Problem;
use super::super::wald::moments;
use super::options::Scheme;
use super::stream::Stream;

/// Points that are kept with what is drawn from them, and those of a replicate that is written out: 40 KiB of stack.
pub(super) const CELLS: usize = 512;

/// The law, its residuals and its scale.
pub(crate) struct Noise<'a> {
    pub(crate) scheme: Scheme,
    data: &'a Source<'a>,
    residual: Residual,
    law: Syn2RealLaw,
    /// Standard deviation of a residual of weight 1, in the user's units.
    sigma: f64,
    /// What the leverages need: the inverse of J' W J in the user's units, zero for what is fixed or on a bound.
    bread: [[f64; 3]; 3],
    /// ln n_ref and the unit of x and z of that matrix.
    theta: [f64; 3],
    shift: f64,
    scale: f64,
    weight_scale: f64,
    /// Mean of the standardised residuals.
    mean: f64,
    /// The points of a short curve.
    kept: [Kept; CELLS],
    is_kept: bool,
    /// Whether some points have weight 0: those are no part of the fit and never drawn.
    has_unused: bool,
}

/// A point, and what is drawn from it.
#[derive(Clone, Copy)]
struct Kept {
    point: Point,
    /// What the law says there.
    model: f64,
    /// The standardised residual, its mean over all points taken off.
    residual: f64,
    /// exp of the residual: the factor of an error of weight 1 in the log residual.
    factor: f64,
}

impl Kept {
    const NONE: Kept =
        Kept { point: Point { n: 1.0, error: 1.0, weight: 0.0 }, model: 1.0, residual: 0.0, factor: 1.0 };
}

impl<'a> Noise<'a> {
    pub(crate) fn new(
        problem: &Problem<'a>,
        points: impl Iterator<Item = Point> + Clone,
        scheme: Scheme,
    ) -> Result<Noise<'a>, InferError> {
        let report = problem.fit.report();
        let m = moments(problem);
        let free = problem.free();
        let variance = match report.weights {
            Weights::Relative => {
                2.0 * problem.evaluate(problem.theta).cost * problem.cost_scale() / report.degrees_of_freedom as f64
            }
            Weights::Absolute | Weights::Sigma => 1.0,
        };
        let factors = Ldl::new(&m.gram, &[0.0; 3], &free);
        let bread = factors.inverse(&free);
        let mut noise = Noise {
            scheme,
            data: problem.data,
            residual: report.residual,
            law: problem.fit.law(),
            sigma: math::sqrt(variance),
            bread,
            theta: problem.theta,
            shift: problem.curve.ln_n_min + problem.reference,
            scale: problem.curve.scale,
            weight_scale: problem.curve.weight_scale,
            mean: 0.0,
            kept: [Kept::NONE; CELLS],
            is_kept: false,
            has_unused: report.points < problem.data.len(),
        };
        if scheme == Scheme::Residual {
            let used = points.clone().filter(|p| p.weight > 0.0);
            let sum: f64 = used.map(|p| noise.standardised(&p)).sum();
            noise.mean = sum / report.points as f64;
        }
        if problem.data.len() <= CELLS {
            let mut kept = noise.kept;
            for (slot, p) in kept.iter_mut().zip(points) {
                let residual = if p.weight > 0.0 { noise.standardised(&p) - noise.mean } else { 0.0 };
                *slot = Kept { point: p, model: noise.law.error_at(p.n), residual, factor: math::exp(residual) };
            }
            noise.kept = kept;
            noise.is_kept = true;
        }
        Ok(noise)
    }

    /// sqrt(w) r / sqrt(1 - leverage): of equal variance over the points.
    fn standardised(&self, p: &Point) -> f64 {
        let [x, alpha, z] = self.theta;
        let (t, error) = (math::ln(p.n) - self.shift, p.error / self.scale);
        let u = math::exp(-alpha * t);
        let model = x * u + z;
        let (r, by_model, unit) = match self.residual {
            Residual::Log => (math::ln(error / model), 1.0 / model, 1.0),
            Residual::Linear => (error - model, 1.0, self.scale),
        };
        let row = [u * by_model, -x * u * t * by_model, by_model];
        let left = 1.0 - form(&self.bread, &row) * p.weight / self.weight_scale;
        // A point that the law must go through has no residual.
        let left = if left > LEAST { left } else { LEAST };
        r * unit * math::sqrt(p.weight) / math::sqrt(left)
    }

    /// The error of a replicate at point `index`, which is `p` in the data.
    pub(crate) fn error(&self, index: usize, p: &Point, stream: &Stream) -> f64 {
        // A point of weight 0 is no part of the fit: it stays.
        if p.weight <= 0.0 {
            return p.error;
        }
        let model = self.kept(index).map_or_else(|| self.law.error_at(p.n), |kept| kept.model);
        let drawn = if self.scheme == Scheme::Parametric {
            self.sigma * math::normal_quantile(stream.unit(index as u64))
        } else {
            let from = self.pick(stream, index);
            if let Some(kept) = self.kept(from).filter(|_| p.weight == 1.0 && self.residual == Residual::Log) {
                return model * kept.factor;
            }
            self.drawn(from)
        };
        let noise = drawn / math::sqrt(p.weight);
        self.residual.moved(model, noise)
    }

    /// The point drawn for place `index`: one of those with a weight above 0, each as likely as the others.
    pub(crate) fn pick(&self, stream: &Stream, index: usize) -> usize {
        let is_used = |index: usize| !self.has_unused || at(self.data, index).is_some_and(|p| p.weight > 0.0);
        stream.pick(index, self.data.len(), is_used)
    }

    fn kept(&self, index: usize) -> Option<&Kept> {
        self.kept.get(index).filter(|_| self.is_kept)
    }

    /// Point `index` of the data.
    pub(crate) fn point(&self, index: usize) -> Option<Point> {
        match self.kept(index) {
            Some(kept) => (index < self.data.len()).then_some(kept.point),
            None => at(self.data, index),
        }
    }

    /// The standardised residual of a point, its mean over all of them taken off.
    fn drawn(&self, index: usize) -> f64 {
        match self.kept(index) {
            Some(kept) => kept.residual,
            None => at(self.data, index).filter(|p| p.weight > 0.0).map_or(0.0, |p| self.standardised(&p) - self.mean),
        }
    }
}

/// Smallest 1 - leverage, from rounding: the residual there is rounding, too, and its root must not blow it up.
pub(super) const LEAST: f64 = 1e-6;

/// Point `index` of the data.
fn at(data: &Source<'_>, index: usize) -> Option<Point> {
    let block = data.block(index / LANES)?;
    (index < data.len()).then_some(block[index & 7])
}
