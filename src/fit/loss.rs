//! The residual of a law at a point, and what it costs.
use crate::law::Residual;

use super::wide::{Wide, WideMask};

/// The loss, with the Huber delta resolved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cost {
    Square,
    Huber(f64),
}

/// rho(r) and its derivatives by the residual r.
pub(super) struct Rho {
    pub(super) rho: Wide,
    pub(super) psi: Wide,
    /// psi / r: what a parabola about 0 through rho has for psi', and then lies nowhere below it.
    pub(super) ratio: Wide,
    /// Whether r is within Huber's delta: psi' is 1 there, and 0 beyond.
    pub(super) is_inside: WideMask,
}

impl Cost {
    #[cfg_attr(wide, inline(always))]
    pub(super) fn at(self, r: Wide) -> Rho {
        let one = Wide::splat(1.0);
        match self {
            Cost::Square => Rho { rho: r * r * 0.5, psi: r, ratio: one, is_inside: one.eq(one) },
            Cost::Huber(delta) => {
                let (size, limit) = (r.abs(), Wide::splat(delta));
                let is_inside = size.le(limit);
                let ratio = is_inside.select(one, limit / size);
                let rho = is_inside.select(r * r * 0.5, (size - limit * 0.5) * limit);
                Rho { rho, psi: r * ratio, ratio, is_inside }
            }
        }
    }
}

/// The residual at model value m, and dr/dm; the target is ln error in the log residual.
#[cfg_attr(wide, inline(always))]
pub(super) fn residual(kind: Residual, m: Wide, target: Wide) -> (Wide, Wide) {
    let one = Wide::splat(1.0);
    match kind {
        Residual::Log => (m.ln() - target, one / m),
        Residual::Linear => (m - target, one),
    }
}

/// The same where the target is the error itself: ln(m / error), one logarithm and one division less.
#[cfg_attr(wide, inline(always))]
pub(super) fn residual_of_error(kind: Residual, m: Wide, error: Wide) -> (Wide, Wide) {
    match kind {
        Residual::Log => {
            let by_both = Wide::splat(1.0) / (m * error);
            ((m * m * by_both).ln(), by_both * error)
        }
        Residual::Linear => residual(kind, m, error),
    }
}
