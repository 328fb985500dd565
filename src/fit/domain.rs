//! The checked domain of a fit, in the units of the curve.
use crate::law::Residual;
use crate::math;
use crate::solve::{Bounds, Loss};

use super::error::FitError;
use super::options::FitOptions;

/// Largest alpha that may be asked for: n^-1000 spans 300 decades for a doubling of n.
pub(super) const ALPHA_LIMIT: f64 = 1000.0;

/// What is free, and between which bounds; a fixed parameter has equal bounds. D and C in the unit of the error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Domain {
    pub(crate) d: Bounds,
    pub(crate) alpha: Bounds,
    pub(crate) c: Bounds,
    pub(crate) fixed: [bool; 3],
    /// The bounds of D, alpha, C as the user gave them: what an answer on a bound must hold to the last bit.
    pub(crate) user: [Bounds; 3],
}

impl Domain {
    /// Checks the options.
    pub(crate) fn new(options: &FitOptions) -> Result<Domain, FitError> {
        // Equal ends hold a parameter, which `fixed_d` and its like do: one way to say it.
        let half_line = |b: Bounds| b.lower >= 0.0 && b.lower < f64::INFINITY && b.lower < b.upper;
        let within = |x: f64, b: Bounds| x >= b.lower && x <= b.upper && x < f64::INFINITY;
        let require = |ok: bool, field| if ok { Ok(()) } else { Err(FitError::BadOption { field }) };
        require(half_line(options.d), "d")?;
        require(half_line(options.c), "c")?;
        require(half_line(options.alpha) && options.alpha.upper <= ALPHA_LIMIT, "alpha")?;
        let fix = |value: Option<f64>, b: Bounds, field| match value {
            None => Ok(b),
            Some(x) => require(within(x, b), field).map(|()| Bounds::new(x, x)),
        };
        let d = fix(options.fixed_d, options.d, "fixed_d")?;
        let alpha = fix(options.fixed_alpha, options.alpha, "fixed_alpha")?;
        let c = fix(options.fixed_c, options.c, "fixed_c")?;
        let fixed = [options.fixed_d, options.fixed_alpha, options.fixed_c].map(|value| value.is_some());
        require(fixed.contains(&false), "fixed_c")?;
        // A model that is 0 everywhere has no logarithm.
        let positive = options.residual == Residual::Linear || d.upper > 0.0 || c.upper > 0.0;
        require(positive, "c")?;
        match options.loss {
            Loss::Huber { k: x } | Loss::HuberAbsolute { delta: x } => require(x > 0.0 && x < f64::INFINITY, "loss")?,
            _ => {}
        }
        Ok(Domain { d, alpha, c, fixed, user: [d, alpha, c] })
    }

    /// How many parameters are free.
    pub(crate) fn free(&self) -> usize {
        self.fixed.iter().filter(|&&f| !f).count()
    }

    /// Whether the bounds of D are those of the law, [0, inf).
    pub(crate) fn d_is_unbounded(&self) -> bool {
        self.d.lower == 0.0 && self.d.upper == f64::INFINITY
    }

    /// The same domain in this unit of the error.
    pub(crate) fn scaled(&self, unit: f64) -> Domain {
        let by = |b: Bounds| Bounds::new(b.lower / unit, b.upper / unit);
        Domain { d: by(self.d), c: by(self.c), ..*self }
    }

    /// Bounds of D n_min^-alpha. Out of line: once for each rate, and only where D is bounded.
    #[inline(never)]
    pub(crate) fn level(&self, alpha: f64, ln_n_min: f64) -> Bounds {
        if self.d_is_unbounded() {
            return self.d;
        }
        let scale = math::exp(-alpha * ln_n_min);
        // 0 * inf must stay 0, and inf * 0 inf.
        let times = |x: f64| if x == 0.0 || x == f64::INFINITY { x } else { x * scale };
        Bounds::new(times(self.d.lower), times(self.d.upper))
    }
}
