//! L(n) = D n^-alpha.
use crate::math;

/// L(n) = D n^-alpha: law (1) without a transfer gap, the baseline of the paper's Fig. 5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerLaw {
    /// D >= 0, in the unit of the error times (unit of n)^alpha.
    pub d: f64,
    /// Rate alpha >= 0.
    pub alpha: f64,
}

impl PowerLaw {
    /// L(n), for n > 0.
    pub fn error_at(&self, n: f64) -> f64 {
        self.d * math::exp(-self.alpha * math::ln(n))
    }
}
