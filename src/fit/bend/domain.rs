//! The box of the coordinates, and the rates at a place in it.
use crate::math;
use crate::solve::Bounds;

use super::super::curve::Curve;
use super::super::options::FitOptions;
use super::model::{ALPHA, B, P, Tie};

/// The domain of beta. Below, n_h would leave the range of f64 where the curve hardly bends; above, the bend takes less
/// than a third of a doubling of n, and is a corner.
pub(crate) const BETA_MIN: f64 = 0.05;
pub(crate) const BETA_MAX: f64 = 10.0;

/// n_h and 1 / n_h stay below e^700, in the range of f64.
pub(super) const LN_MOST: f64 = 700.0;

/// The least alpha: below, no decrease is left.
const ALPHA_LEAST: f64 = 1e-9;

/// The box of the coordinates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Domain {
    pub(super) lower: [f64; P],
    pub(super) upper: [f64; P],
    /// Those of beta and alpha themselves.
    pub(super) beta: Bounds,
    pub(super) alpha: Bounds,
}

/// The box of the coordinates.
pub(super) fn bounds(tie: Tie, options: &FitOptions, curve: &Curve, has_untrained: bool) -> Domain {
    let held = |value: Option<f64>, bounds: Bounds| value.map_or(bounds, |x| Bounds::new(x, x));
    let c = held(options.fixed_c, options.c);
    let alpha = held(options.fixed_alpha, options.alpha);
    // (n / n_min)^beta must stay in the range of f64.
    let most = if curve.span > 0.0 { 690.0 / curve.span } else { BETA_MAX };
    let most = if most < BETA_MAX { most } else { BETA_MAX };
    let within = |x: f64| x.max(BETA_MIN).min(most);
    let beta = match tie {
        Tie::Rectified => Bounds::new(within(alpha.lower), within(alpha.upper)),
        Tie::Shifted => Bounds::new(1.0, 1.0),
        Tie::Bent => Bounds::new(BETA_MIN, most),
    };
    let least_u = if has_untrained { -LN_MOST - curve.ln_n_min } else { 0.0 };
    let ln = |x: f64| math::ln(x.max(ALPHA_LEAST));
    Domain {
        lower: [0.0, c.lower / curve.scale, least_u, math::ln(beta.lower), ln(alpha.lower)],
        upper: [f64::INFINITY, c.upper / curve.scale, LN_MOST - curve.ln_n_min, math::ln(beta.upper), ln(alpha.upper)],
        beta,
        alpha: if tie == Tie::Rectified { beta } else { alpha },
    }
}

impl Domain {
    /// beta and alpha at a place; on a bound what the user gave, to the last bit.
    pub(super) fn rates(&self, tie: Tie, theta: &[f64; P]) -> [f64; 2] {
        let rate = |i: usize, bounds: Bounds| match theta[i] {
            ln if ln <= self.lower[i] => bounds.lower,
            ln if ln >= self.upper[i] => bounds.upper,
            ln => bounds.clamp(math::exp(ln)),
        };
        let beta = rate(B, self.beta);
        [beta, if tie == Tie::Rectified { beta } else { rate(ALPHA, self.alpha) }]
    }
}

/// The bounds that a coordinate is on.
pub(super) fn is_held(domain: &Domain, theta: &[f64; P]) -> [bool; P] {
    core::array::from_fn(|i| theta[i] <= domain.lower[i] || theta[i] >= domain.upper[i])
}

/// The place in the box that is nearest in each coordinate.
pub(super) fn inside(domain: &Domain, theta: [f64; P]) -> [f64; P] {
    core::array::from_fn(|i| theta[i].max(domain.lower[i]).min(domain.upper[i]))
}
