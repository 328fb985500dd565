//! What a fit tells.
use crate::law::{Parameter, PowerLaw, Residual, Syn2RealLaw};
use crate::point::Point;
use crate::simd::Isa;
use crate::solve::{Bounds, Loss, Mapped, Side, Termination};

use super::domain::ALPHA_LIMIT;
use super::line::{Line, Rise};
use super::options::{FitOptions, Weights};
use super::source::source;

/// Where the optimum lies in the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Class {
    /// Inside the domain.
    Interior,
    /// On C = 0: the power law.
    NoGap,
    /// No decrease to explain: D = 0, C = weighted mean (geometric in the log residual), alpha undefined and given as 0.
    Flat,
    /// alpha at the default upper end: the data are a step.
    AlphaMax,
    /// Of a law that bends: the bend lies before the data, which ask for law (1).
    IsLawOne,
    /// Of the bent law: kappa = 1 to 1e-6, the rectified law.
    IsRectified,
    /// Of the bent law: beta = 1 to 1e-6, the shifted law.
    IsShifted,
    /// Of a law that bends: beta at the end of its domain, a corner at n_h.
    Corner,
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
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Minimum {
    /// The law there; alpha is undefined where D is 0.
    pub law: Syn2RealLaw,
    /// Its cost, 1/2 sum w r^2 (or the Huber loss).
    pub cost: f64,
    /// Where it lies.
    pub class: Class,
}

/// How the fit went and what it used.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
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
    /// Local minima of the cost that were found (`minima` lists up to 4; of a law that bends no more are counted).
    pub minima_found: u32,
    /// Condition number of J'J for (D, alpha, C), columns scaled to length 1, parameters on a bound left out; if the
    /// covariance was asked for and there is a parameter inside its bounds. Above some 1e4 the data hardly tell the
    /// parameters apart.
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
    /// Errors that rise with n, where the law finds no decrease.
    pub rise: Option<Rise>,
}

/// A fitted law with its report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit<L, const P: usize> {
    pub(crate) law: L,
    pub(crate) report: FitReport,
    pub(crate) minima: [Minimum; 4],
    pub(crate) spreads: [Spread; P],
    pub(crate) origin: Origin,
}

/// What the fit knows of the uncertainty of one parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Spread {
    /// Fixed, undefined, or without degrees of freedom.
    Unknown,
    /// Inside its bounds.
    Wald {
        /// Standard error.
        std_error: f64,
    },
    /// On a bound: the cost rises by s^2 (gradient delta + 1/2 curvature delta^2), the others at their best, when the
    /// parameter moves inside by delta.
    OneSided { side: Side, gradient: f64, curvature: f64 },
}

impl Spread {
    pub(crate) fn std_error(self) -> Option<f64> {
        match self {
            Spread::Wald { std_error } => Some(std_error),
            _ => None,
        }
    }
}

/// What else a fit must remember for its cost to be evaluated again: the report has residual, loss and weights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// The bounds of D, alpha, C in the user's units; equal ones for a parameter held fixed.
    pub(crate) bounds: [Bounds; 3],
    /// The regression on ln n: by it points are known again that have the same cost.
    pub(crate) line: Line,
    pub(crate) isa: Isa,
}

/// No number depends on the instruction set.
impl PartialEq for Origin {
    fn eq(&self, other: &Origin) -> bool {
        self.bounds == other.bounds
    }
}

/// A fitted [`Syn2RealLaw`].
pub type Syn2RealFit = Fit<Syn2RealLaw, 3>;
/// A fitted [`PowerLaw`].
pub type PowerFit = Fit<PowerLaw, 2>;

impl<L: Copy, const P: usize> Fit<L, P> {
    /// The options of this fit; a parameter that is held has the bounds of its law.
    pub(crate) fn options(&self) -> FitOptions {
        let FitReport { residual, loss, weights, fixed, .. } = self.report;
        let half_line = Bounds::new(0.0, f64::INFINITY);
        let [d, alpha, c] = self.origin.bounds;
        let held = |is_held: bool, at: Bounds, law: Bounds| if is_held { (Some(at.lower), law) } else { (None, at) };
        let (fixed_d, d) = held(fixed[0], d, half_line);
        let (fixed_alpha, alpha) = held(fixed[1], alpha, Bounds::new(0.0, ALPHA_LIMIT));
        let (fixed_c, c) = held(fixed[2], c, half_line);
        // Points that have passed the door have the weights of their residuals.
        let weights = if weights == Weights::Sigma { Weights::Absolute } else { weights };
        let held = FitOptions { fixed_d, fixed_alpha, fixed_c, ..FitOptions::default() };
        FitOptions { residual, loss, weights, d, alpha, c, isa: self.origin.isa, ..held }
    }
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
        self.spreads.map(Spread::std_error)
    }
}

/// The points of a fit that are given again.
pub(crate) fn source_of<'a, T: Copy + Into<Point>, L: Copy, const P: usize>(
    fit: &Fit<L, P>,
    points: &'a [T],
) -> Mapped<'a, T, impl Fn(&T) -> Point + Clone> {
    source(points, fit.report().weights, fit.report().residual)
}
