//! What a fit may be told.
use core::fmt;

use crate::law::Residual;
use crate::point::NOT_A_SIGMA;
use crate::simd::Isa;
use crate::solve::{Bounds, Loss};

/// What the weights of the points mean, and so what scales the standard errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Weights {
    /// Weights are known up to a common factor; the noise is estimated from the residuals: s^2 = 2 cost / dof.
    #[default]
    Relative,
    /// A weight is 1/sigma^2 of its residual with the true sigma: s^2 = 1.
    Absolute,
    /// A weight is the true standard deviation sigma of its *error*, finite and above 0
    /// ([`Point::with_sigma`](crate::Point::with_sigma)). The fit makes of it the weight of its residual: 1/sigma^2 in the
    /// linear residual, (error/sigma)^2 in the log residual (delta method); s^2 = 1.
    Sigma,
}

impl fmt::Display for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Weights::Relative => "relative weights",
            Weights::Absolute => "absolute weights",
            Weights::Sigma => "known sigmas",
        })
    }
}

impl Weights {
    /// Whether the scale of the noise is known.
    pub(crate) fn is_absolute(self) -> bool {
        self != Weights::Relative
    }

    /// The weight of the squared residual of a measurement of `error`.
    pub(crate) fn of_residual(self, weight: f64, error: f64, residual: Residual) -> f64 {
        if self != Weights::Sigma {
            return weight;
        }
        let root = match residual {
            Residual::Log => error / weight,
            Residual::Linear => 1.0 / weight,
        };
        let square = root * root;
        // What leaves the range of f64 must not pass as a point without weight.
        let is_usable =
            weight > 0.0 && weight < f64::INFINITY && ((square > 0.0 && square < f64::INFINITY) || error == 0.0);
        if is_usable { square } else { NOT_A_SIGMA }
    }
}

/// Options of a fit of a law over n: law (1), the power law, or one that bends, of which `alpha` is the rate far beyond the bend
/// and which has no D. All fields are public; the defaults are those of the paper's text.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FitOptions {
    /// Space of the residual. Default: log (the paper's text).
    pub residual: Residual,
    /// Loss. Default: square.
    pub loss: Loss,
    /// D held at this value, within `d` (it carries the unit of n). Default: none. A parameter is held in this way only;
    /// bounds with equal ends are refused.
    pub fixed_d: Option<f64>,
    /// alpha held at this value, within `alpha`. Default: none.
    pub fixed_alpha: Option<f64>,
    /// C held at this value, within `c`. Default: none.
    pub fixed_c: Option<f64>,
    /// Domain of D, within [0, inf), its lower end below its upper one. Default: [0, inf).
    pub d: Bounds,
    /// Domain of alpha, within [0, 1e3], its lower end below its upper one. Default: [0, 10]; beyond 10 neighbouring doublings of n differ by a
    /// thousandth: the data are a step.
    pub alpha: Bounds,
    /// Domain of C, within [0, inf), its lower end below its upper one. Default: [0, inf).
    pub c: Bounds,
    /// What the weights mean. Default: relative.
    pub weights: Weights,
    /// Whether to compute covariance, standard errors and condition. Default: true.
    pub covariance: bool,
    /// Instruction set. Default: the best of this machine. The numbers do not depend on it.
    #[cfg_attr(feature = "serde", serde(skip, default = "Isa::detect"))]
    pub isa: Isa,
}

impl FitOptions {
    /// Upper end of the default domain of alpha.
    pub const ALPHA_MAX: f64 = 10.0;
}

impl Default for FitOptions {
    fn default() -> FitOptions {
        FitOptions {
            residual: Residual::Log,
            loss: Loss::Square,
            fixed_d: None,
            fixed_alpha: None,
            fixed_c: None,
            d: Bounds::new(0.0, f64::INFINITY),
            alpha: Bounds::new(0.0, FitOptions::ALPHA_MAX),
            c: Bounds::new(0.0, f64::INFINITY),
            weights: Weights::Relative,
            covariance: true,
            isa: Isa::detect(),
        }
    }
}
