//! L(n) = D n^-alpha + C.
use crate::math;

/// L(n) = D n^-alpha + C (paper eq. 1): the error after pre-training on n synthetic samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Syn2RealLaw {
    /// D >= 0, in the unit of the error times (unit of n)^alpha.
    pub d: f64,
    /// Pre-training rate alpha >= 0.
    pub alpha: f64,
    /// Transfer gap C >= 0, in the unit of the error.
    pub c: f64,
}

impl Syn2RealLaw {
    /// L(n), for n > 0.
    pub fn error_at(&self, n: f64) -> f64 {
        if self.d == 0.0 {
            return self.c;
        }
        self.d * math::exp(-self.alpha * math::ln(n)) + self.c
    }
}
