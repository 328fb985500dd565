//! A fit made ready for its cost to be evaluated again.
use crate::fit::{Cost, Curve, Domain, FitError, Syn2RealFit};
use crate::law::{Residual, Syn2RealLaw};
use crate::math;
use crate::point::Point;
use crate::solve::Observations;

use super::InferError;
use super::pass::{Derivatives, NodeRows, Pass, PointRows, RowBlocks};

/// The curve of a fit, its domain and its optimum in the units of the curve: the model is x e^(-alpha (t - reference)) + z
/// with t = ln(n / n_min).
pub(crate) struct Problem<'a, D: ?Sized> {
    pub(crate) fit: &'a Syn2RealFit,
    pub(crate) data: &'a D,
    pub(crate) curve: &'a Curve,
    pub(crate) domain: Domain,
    pub(crate) cost: Cost,
    /// ln(n_ref / n_min): the middle of the data, or n = 1 where D is bounded and must be a coordinate itself.
    pub(crate) reference: f64,
    /// x, alpha, z of the optimum.
    pub(crate) theta: [f64; 3],
}

impl<'a, D: Observations<Point> + ?Sized> Problem<'a, D> {
    /// Checks that `points`, which `data` holds in blocks, are those of the fit; `curve` must be empty.
    pub(crate) fn new(
        fit: &'a Syn2RealFit,
        points: impl Iterator<Item = Point> + Clone,
        data: &'a D,
        curve: &'a mut Curve,
    ) -> Result<Problem<'a, D>, InferError> {
        let (options, report) = (fit.options(), fit.report());
        let domain = Domain::new(&options)?;
        curve.fill(points, data, &options, 1).map_err(|e| match e {
            FitError::TooFewPoints { .. } => InferError::OtherPoints,
            e => InferError::Fit(e),
        })?;
        if curve.points != report.points || curve.n_min != report.n_min || curve.n_max != report.n_max {
            return Err(InferError::OtherPoints);
        }
        let curve: &Curve = curve;
        let unit = if report.residual == Residual::Linear { curve.scale } else { 1.0 };
        let cost = report.huber_delta.map_or(Cost::Square, |delta| Cost::Huber(delta / unit));
        let domain = domain.scaled(curve);
        let reference = if domain.d_is_unbounded() { 0.5 * curve.span } else { -curve.ln_n_min };
        let mut problem = Problem { fit, data, curve, domain, cost, reference, theta: [0.0; 3] };
        problem.theta = problem.theta_of(fit.law());
        Ok(problem)
    }

    /// x, alpha, z of a law.
    pub(crate) fn theta_of(&self, law: Syn2RealLaw) -> [f64; 3] {
        let alpha = law.rate();
        let shift = alpha * (self.curve.ln_n_min + self.reference);
        // D may be near the end of the range where x is not.
        let x = if law.d > 0.0 { math::exp(math::ln(law.d / self.curve.scale) - shift) } else { 0.0 };
        [x, alpha, law.c / self.curve.scale]
    }

    /// ln(n / n_ref).
    pub(crate) fn t(&self, n: f64) -> f64 {
        math::ln(n) - (self.curve.ln_n_min + self.reference)
    }

    /// What turns a cost in the units of the curve into the user's.
    pub(crate) fn cost_scale(&self) -> f64 {
        let root = if self.fit.report().residual == Residual::Linear { self.curve.scale } else { 1.0 };
        self.curve.weight_scale * root * root
    }

    /// Cost, gradient and Hessian at theta over all points.
    pub(crate) fn evaluate(&self, theta: [f64; 3]) -> Derivatives {
        if self.curve.is_complete {
            return self.evaluate_nodes(theta);
        }
        let (residual, curve) = (self.fit.report().residual, self.curve);
        self.pass(&PointRows { data: self.data, curve, residual }, theta)
    }

    /// The same over the nodes of the search.
    pub(crate) fn evaluate_nodes(&self, theta: [f64; 3]) -> Derivatives {
        self.pass(&NodeRows(self.curve), theta)
    }

    fn pass<R: RowBlocks>(&self, rows: &R, theta: [f64; 3]) -> Derivatives {
        let (residual, cost, reference) = (self.fit.report().residual, self.cost, self.reference);
        self.fit.origin.isa.dispatch(Pass { rows, residual, cost, reference, theta })
    }
}
