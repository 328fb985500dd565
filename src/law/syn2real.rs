//! L(n) = D n^-alpha + C, law (1) of the paper.
//!
//! | symbol | meaning | unit, range |
//! |---|---|---|
//! | n | synthetic samples of the pre-training | samples, n > 0 |
//! | L | error after fine-tuning on a fixed real set | fraction or loss, > 0 |
//! | D | what one sample would leave above the gap | unit of L times (unit of n)^alpha, >= 0 |
//! | alpha | pre-training rate | none, >= 0 |
//! | C | transfer gap, the error that no amount of n removes | unit of L, >= 0 |
//!
//! Derivatives, u = n^-alpha: dL/dD = u, dL/dalpha = -D u ln n, dL/dC = 1; each divided by L in the log residual.
//!
//! Identifiability: D is the extrapolation to n = 1; with n = 1,000 to 64,000, ln D and alpha correlate at .996. Where
//! alpha is near 0 the curve is C + D - D alpha ln n and only D alpha is determined; where alpha is large the data are a
//! step and only C is. It is the wrong law where the error rises with n, where several n regimes follow each other, or
//! where the fine-tuning size changes too (then the law over n and s applies).
//!
//! Source: Mikami et al., "A Scaling Law for Syn2real Transfer: How Much Is Your Pre-training Effective?",
//! arXiv 2108.11018, eq. (1).
use crate::math;

/// L(n) = D n^-alpha + C (paper eq. 1): the error after pre-training on n synthetic samples, fine-tuning size fixed.
///
/// ```
/// use syn2real::Syn2RealLaw;
///
/// let law = Syn2RealLaw { d: 0.48, alpha: 0.439, c: 0.9353 };
/// assert!((law.error_at(64_000.0) - 0.9390).abs() < 1e-4);
/// let [by_d, by_alpha, by_c] = law.gradient_at(64_000.0);
/// assert!(by_d > 0.0 && by_alpha < 0.0 && by_c == 1.0);
/// ```
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
    /// L(n) for n > 0; NaN for n < 0 or NaN.
    ///
    /// # Accuracy
    /// A relative error of (2 + alpha |ln n|) 2^-53 in the first term.
    pub fn error_at(&self, n: f64) -> f64 {
        // A flat law is C whatever n is; 0 * inf would say NaN.
        if self.d == 0.0 {
            return self.c;
        }
        self.d * math::exp(-self.alpha * math::ln(n)) + self.c
    }

    /// [dL/dD, dL/dalpha, dL/dC] at n > 0.
    pub fn gradient_at(&self, n: f64) -> [f64; 3] {
        let ln_n = math::ln(n);
        let u = math::exp(-self.alpha * ln_n);
        [u, -self.d * u * ln_n, 1.0]
    }
}
