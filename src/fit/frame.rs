//! The coordinates of the solver: which n is n_ref.
use crate::law::Residual;
use crate::math;
use crate::solve::Bounds;

use super::search::Sample;
use super::slice::Objective;

/// Coordinates x (n / n_ref)^-alpha + z of the solver.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    /// ln(n_ref / n_min).
    pub(crate) reference: f64,
    /// Bounds of x.
    pub(super) x: Bounds,
    /// Whether n_ref is 1, so that D is the coordinate x, and held or bounded. Else it may leave its bounds.
    pub(crate) has_d: bool,
}

impl Frame {
    /// The frame for laws near this one; D itself where that is fixed. Where the decrease is over soon after n_min, that is
    /// n_ref: from further off the first point's share in x would drown what the second says of alpha.
    pub(super) fn new(o: &Objective<'_>, near: &Sample) -> Frame {
        let Objective { curve, domain, residual, .. } = *o;
        if domain.fixed[0] {
            return Frame::of_d(o, domain.d);
        }
        let middle = 0.5 * curve.span;
        // e-folds of the decrease down to where C, or in the linear residual the level itself, outweighs it, and two more.
        let depth = if residual == Residual::Log { math::ln(1.0 + near.x / near.z) } else { 0.0 };
        let is_steep = 2.0 * (depth + 2.0) < near.alpha * middle || near.alpha * middle > STEEP;
        let reference = if is_steep { 0.0 } else { middle };
        Frame { reference, x: Bounds::new(0.0, f64::INFINITY), has_d: false }
    }

    /// The frame with D as a coordinate.
    pub(super) fn of_d(o: &Objective<'_>, d: Bounds) -> Frame {
        Frame { reference: -o.curve.ln_n_min, x: d, has_d: true }
    }

    /// A place of the profile in these coordinates.
    pub(super) fn theta(&self, start: &Sample) -> [f64; 3] {
        [self.x.clamp(start.x * math::exp(-start.alpha * self.reference)), start.alpha, start.z]
    }
}

/// alpha ln(n_ref / n_min) beyond which squares of powers would leave the range of f64: e^(2 * 100) is far from it.
pub(crate) const STEEP: f64 = 100.0;
