//! A fit made ready for its cost to be evaluated again.
use crate::fit::{At, Blocks, Cost, Curve, Derivatives, Differentiate, Domain, FitError, STEEP, Source, Syn2RealFit};
use crate::law::{Residual, Syn2RealLaw};
use crate::math;

use super::InferError;

/// [`InferError::OtherPoints`] unless the points of `data` are those of the fit.
#[inline(never)]
pub(crate) fn check_points(fit: &Syn2RealFit, data: &Source<'_>) -> Result<(), InferError> {
    let mut curve = Curve::EMPTY;
    Problem::new(fit, data, &mut curve).map(|_| ())
}

/// The curve of a fit, its domain and its optimum in the units of the curve: the model is x e^(-alpha (t - reference)) + z
/// with t = ln(n / n_min).
pub(crate) struct Problem<'a> {
    pub(crate) fit: &'a Syn2RealFit,
    pub(crate) data: &'a Source<'a>,
    pub(crate) curve: &'a Curve,
    pub(crate) domain: Domain,
    pub(crate) cost: Cost,
    /// ln(n_ref / n_min): the middle of the data, n_min itself for steep laws, or n = 1 where D is bounded and must be a
    /// coordinate itself.
    pub(crate) reference: f64,
    /// x, alpha, z of the optimum.
    pub(crate) theta: [f64; 3],
}

impl<'a> Problem<'a> {
    /// Checks that the points of `data` are those of the fit; `curve` must be empty.
    pub(crate) fn new(
        fit: &'a Syn2RealFit,
        data: &'a Source<'a>,
        curve: &'a mut Curve,
    ) -> Result<Problem<'a>, InferError> {
        let (options, report) = (fit.options(), fit.report());
        let domain = Domain::new(&options)?;
        curve.fill(data, &options, 1).map_err(|e| match e {
            FitError::TooFewPoints { .. } => InferError::OtherPoints,
            e => InferError::Fit(e),
        })?;
        if curve.points != report.points || curve.n_min != report.n_min || curve.n_max != report.n_max {
            return Err(InferError::OtherPoints);
        }
        let curve: &Curve = curve;
        let unit = if report.residual == Residual::Linear { curve.scale } else { 1.0 };
        let cost = report.huber_delta.map_or(Cost::Square, |delta| Cost::Huber(delta / unit));
        let domain = domain.scaled(curve.scale);
        let middle = 0.5 * curve.span;
        let reference = match fit.law().alpha * middle {
            _ if !domain.d_is_unbounded() => -curve.ln_n_min,
            // x at the middle would underflow; at n_min it is the first level.
            folds if folds > STEEP => 0.0,
            _ => middle,
        };
        let mut problem = Problem { fit, data, curve, domain, cost, reference, theta: [0.0; 3] };
        problem.theta = problem.theta_of(fit.law());
        if problem.is_of_the_fit() { Ok(problem) } else { Err(InferError::OtherPoints) }
    }

    /// Whether the regression on ln n is that of the fit, and the cost of its law over these points the reported one, both
    /// up to rounding. The cost of a constant does not tell sizes apart, and that of an exact fit no weights: the
    /// regression does.
    ///
    /// With the rounding e of a residual the cost moves by at most sum w |psi| e <= sqrt(2 cost W) e to first order, and by
    /// W e^2 to second (psi the derivative of the loss, whose square is at most twice the loss; W the sum of the weights).
    /// e holds ln n and, in the search, the steps of a geometric grid made equal, which the rate multiplies, ln D on
    /// its way to x and back, and the operations of the model. The sums are of terms of one sign.
    fn is_of_the_fit(&self) -> bool {
        let Problem { fit, curve, theta: [x, alpha, z], .. } = *self;
        let (report, law) = (fit.report(), fit.law());
        let of_sum = (report.points as f64 + 8.0) * f64::EPSILON;
        let weights = curve.weight_sum;
        let has_line = curve.line().is_same(&fit.origin.line, report.points, curve.ln_n_min.abs() + curve.span);
        // Without a decrease alpha is undefined.
        let alpha = if x == 0.0 { 0.0 } else { alpha };
        let steps = alpha * (curve.ln_n_min.abs() + curve.span + 1.0);
        let of_d = if x == 0.0 { 0.0 } else { math::ln(law.d / curve.scale).abs() };
        // In units of the largest error, which the model may exceed at the smallest n.
        let level = match report.residual {
            Residual::Log => 1.0,
            Residual::Linear => 1.0 + x * math::exp(alpha * self.reference) + z,
        };
        let rounding = f64::EPSILON * (16.0 + 4.0 * steps + 2.0 * of_d) * level;
        let cost = self.evaluate([x, alpha, z]).cost;
        let then = report.cost / self.cost_scale();
        let allowed = math::sqrt(2.0 * then * weights) * rounding + weights * rounding * rounding + of_sum * then;
        has_line && (cost - then).abs() <= allowed
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
        self.pass(Blocks::all(self.curve, self.data), theta)
    }

    /// The same over the nodes of the search.
    pub(crate) fn evaluate_nodes(&self, theta: [f64; 3]) -> Derivatives {
        self.pass(Blocks::nodes(self.curve), theta)
    }

    fn pass(&self, blocks: Blocks<'_>, theta: [f64; 3]) -> Derivatives {
        let (residual, cost, reference) = (self.fit.report().residual, self.cost, self.reference);
        self.fit.origin.isa.dispatch(Differentiate(At { blocks, residual, cost, reference, theta }))
    }
}
