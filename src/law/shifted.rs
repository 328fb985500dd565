//! L(n) = C + D (n + n0)^-alpha = C + (A - C) (1 + n / n_h)^-alpha with n_h = n0 and D = (A - C) n0^alpha.
//!
//! | symbol | meaning | unit, range |
//! |---|---|---|
//! | n | synthetic samples of the pre-training, 0 without pre-training | samples, n >= 0 |
//! | L | error after fine-tuning on a fixed real set | fraction or loss, > 0 |
//! | A | the error without pre-training, L(0) | unit of L, >= C |
//! | C | transfer gap, the error that no amount of n removes | unit of L, >= 0 |
//! | n_h | n0, what the start without pre-training is worth | samples, > 0 |
//! | alpha | pre-training rate | none, [0, 10] |
//!
//! Derivatives, g = (1 + n / n_h)^-alpha, E = (A - C) g: dL/dA = g, dL/dC = 1 - g, dL/dn_h = alpha n E / (n_h (n_h + n)),
//! dL/dalpha = -E ln(1 + n / n_h).
//!
//! Edges: with n0 -> 0 and D held it is law (1); with n0 far beyond the data the curve is a straight line in n. It is law (1)
//! for samples of which n0 were there before. Identifiability as of the rectified law.
//!
//! Source: the n0 of Mikami et al., arXiv 2108.11018, eq. (2), made finite at n = 0.
use crate::math;

use super::bent::Bend;

/// L(n) = C + D (n + n0)^-alpha, by the error A without pre-training and n_h = n0.
///
/// ```
/// use syn2real::ShiftedLaw;
///
/// let law = ShiftedLaw { a: 0.9, c: 0.2, n_h: 100.0, alpha: 0.5 };
/// assert!((law.error_at(0.0) - 0.9).abs() < 1e-15);
/// assert!((law.error_at(300.0) - 0.55).abs() < 1e-15);
/// assert!((law.d() - 7.0).abs() < 1e-14 && law.n0() == 100.0);
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ShiftedLaw {
    /// A >= C, the error at n = 0, in the unit of the error.
    pub a: f64,
    /// Transfer gap C >= 0, in the unit of the error.
    pub c: f64,
    /// n_h = n0 > 0, in samples. NaN where a fit has A = C.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::undefined"))]
    pub n_h: f64,
    /// Pre-training rate, >= 0; NaN where a fit has A = C.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::undefined"))]
    pub alpha: f64,
}

/// Laws are equal where they say the same: a constant has no rate.
impl PartialEq for ShiftedLaw {
    fn eq(&self, other: &ShiftedLaw) -> bool {
        let is_same = self.n_h == other.n_h && self.alpha == other.alpha;
        self.a == other.a && self.c == other.c && (self.a == self.c || is_same)
    }
}

impl ShiftedLaw {
    /// L(n) for n >= 0; NaN for n < 0 or NaN.
    ///
    /// # Accuracy
    /// A relative error of (4 + alpha |ln(n / n_h)|) 2^-52 in L - C.
    pub fn error_at(&self, n: f64) -> f64 {
        if self.a == self.c {
            return self.c;
        }
        self.c + (self.a - self.c) * math::exp(-self.alpha * Bend::at(n, self.n_h, 1.0).log)
    }

    /// [dL/dA, dL/dC, dL/dn_h, dL/dalpha] at n >= 0; the last two are 0 where A = C.
    pub fn gradient_at(&self, n: f64) -> [f64; 4] {
        if self.a == self.c {
            return [0.0, 1.0, 0.0, 0.0];
        }
        let Bend { log, share, .. } = Bend::at(n, self.n_h, 1.0);
        let g = math::exp(-self.alpha * log);
        let e = (self.a - self.c) * g;
        // For infinitely many samples the logarithm is infinite.
        let of_log = if e == 0.0 { 0.0 } else { log * e };
        [g, 1.0 - g, self.alpha * share * e / self.n_h, -of_log]
    }

    /// D = (A - C) n0^alpha, in the unit of the error times (unit of n)^alpha.
    pub fn d(&self) -> f64 {
        if self.a == self.c { 0.0 } else { (self.a - self.c) * math::exp(self.alpha * math::ln(self.n_h)) }
    }

    /// n0, another name of n_h.
    pub fn n0(&self) -> f64 {
        self.n_h
    }
}
