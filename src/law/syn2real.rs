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
/// // A flat curve has no rate; its law is C wherever one looks.
/// let flat = Syn2RealLaw::fit(&[(1_000, 0.5), (2_000, 0.5), (4_000, 0.5)])?.law();
/// assert!(flat.d == 0.0 && flat.alpha.is_nan() && (flat.error_at(1e6) - 0.5).abs() < 1e-15);
/// assert_eq!(flat, Syn2RealLaw { alpha: 0.3, ..flat });
/// # Ok::<(), syn2real::FitError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Syn2RealLaw {
    /// D >= 0, in the unit of the error times (unit of n)^alpha.
    pub d: f64,
    /// Pre-training rate alpha >= 0. NaN where a fit has D = 0: no rate is that of a constant, and every rate gives the same
    /// law; always the same NaN, so that fits of the same points have the same bits.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::undefined"))]
    pub alpha: f64,
    /// Transfer gap C >= 0, in the unit of the error.
    pub c: f64,
}

/// The rate of a law with D = 0.
pub(crate) const UNDEFINED: f64 = f64::from_bits(0x7ff8_0000_0000_0000);

/// Laws are equal where they say the same: with D = 0 the rate says nothing.
impl PartialEq for Syn2RealLaw {
    fn eq(&self, other: &Syn2RealLaw) -> bool {
        self.d == other.d && self.c == other.c && (self.alpha == other.alpha || self.d == 0.0)
    }
}

impl Syn2RealLaw {
    /// alpha, and 0 where it is undefined.
    pub(crate) fn rate(&self) -> f64 {
        if self.d == 0.0 && self.alpha.is_nan() { 0.0 } else { self.alpha }
    }

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

    /// [dL/dD, dL/dalpha, dL/dC] at n > 0; dL/dD = 1 where alpha is undefined, as for alpha = 0.
    pub fn gradient_at(&self, n: f64) -> [f64; 3] {
        let ln_n = math::ln(n);
        let u = math::exp(-self.rate() * ln_n);
        [u, -self.d * u * ln_n, 1.0]
    }
}
