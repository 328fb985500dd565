//! L(n, s) = delta (gamma + h(n)) s^-beta + E with h(n) = (n_h^b + n^b)^(-alpha / b): the full law with one smooth bend over n.
//!
//! | symbol | meaning | unit, range |
//! |---|---|---|
//! | n | synthetic samples of the pre-training, 0 without pre-training | samples, n >= 0; n > 0 if n_h = 0 |
//! | s | real samples of the fine-tuning | samples, s > 0 |
//! | L | error after fine-tuning | fraction or loss, > 0 |
//! | delta | scale of all but E | unit of L times (unit of n)^alpha (unit of s)^beta, > 0 |
//! | gamma | transfer gap relative to the decrease | (unit of n)^-alpha, >= 0 |
//! | alpha | pre-training rate far beyond the bend | none, >= 0 |
//! | beta | fine-tuning rate | none, >= 0 |
//! | n_h | the size at which the bend lies | samples, >= 0 |
//! | b | how sharp the bend is: it takes some 4 / b of ln n | none, > 0 |
//! | E | irreducible error | unit of L, >= 0 |
//!
//! Derivatives, m = L - E, q = delta s^-beta h, z = b ln(n / n_h), p = 1 / (1 + e^-z), S = ln(n_h^b + n^b) / b:
//! dL/ddelta = m / delta, dL/dgamma = delta s^-beta, dL/dalpha = -q S, dL/dbeta = -m ln s, dL/dn_h = -alpha q (1 - p) / n_h,
//! dL/db = -alpha q (z p - ln(1 + e^z)) / b^2, dL/dE = 1.
//!
//! Edges: b = 1 is the full law with n0 = n_h, b = alpha the rectified law at each s, n_h = 0 the full law of the paper
//! whatever b is. At one s it is the bent law with A = delta (gamma + n_h^-alpha) s^-beta + E, C = delta gamma s^-beta + E,
//! kappa = alpha / b. h(0) = n_h^-alpha is finite, so that measurements without pre-training are data.
//!
//! Identifiability: alpha, gamma, n_h and b need five sizes n (0 is one), beta two sizes s. b, alpha and gamma trade with each
//! other wherever the curves do not reach both their flat ends. It is the wrong law where the bend moves with s.
//!
//! Source: eq. (2) of Mikami et al., arXiv 2108.11018, with the break of Caballero et al., "Broken Neural Scaling Laws", ICLR
//! 2023, arXiv 2210.14891, eq. (1) in place of n^-alpha.
use super::bent::Bend;
use super::{BentLaw, FullLaw, Syn2RealLaw};
use crate::math;

/// L(n, s) = delta (gamma + (n_h^b + n^b)^(-alpha / b)) s^-beta + E, b the sharpness: the full law with a bend over n, finite
/// at n = 0.
///
/// ```
/// use syn2real::{FullBentLaw, FullLaw};
///
/// let law = FullBentLaw { delta: 42.0, gamma: 0.02, alpha: 0.5, beta: 0.3, n_h: 900.0, sharpness: 2.0, e: 0.0 };
/// assert!((law.error_at(0.0, 1e4) - 42.0 * (0.02 + 1.0 / 30.0) * 1e4_f64.powf(-0.3)).abs() < 1e-14);
/// // At one s it is a bent law, and with sharpness 1 the full law with n0.
/// assert!((law.at_fine_tune_size(1e4).error_at(2e3) - law.error_at(2e3, 1e4)).abs() < 1e-15);
/// let full = FullLaw { delta: 42.0, gamma: 0.02, alpha: 0.5, beta: 0.3, n0: 900.0, e: 0.0 };
/// assert_eq!(FullBentLaw { sharpness: 1.0, ..law }.full(), Some(full));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FullBentLaw {
    /// delta > 0, in the unit of the error times (unit of n)^alpha (unit of s)^beta.
    pub delta: f64,
    /// gamma >= 0: the transfer gap relative to D.
    pub gamma: f64,
    /// Pre-training rate alpha >= 0 far beyond the bend.
    pub alpha: f64,
    /// Fine-tuning rate beta >= 0.
    pub beta: f64,
    /// n_h >= 0, the size at which the bend lies, in the unit of n; 0 for no bend.
    pub n_h: f64,
    /// Sharpness b > 0 of the bend; it says nothing where n_h is 0.
    pub sharpness: f64,
    /// Irreducible error E >= 0, in the unit of the error.
    pub e: f64,
}

/// h(n) and what its derivatives are made of.
struct Decrease {
    h: f64,
    /// ln(n_h^b + n^b) / b.
    ln_size: f64,
    /// dh / dn_h and dh / db.
    by_n_h: f64,
    by_sharpness: f64,
}

impl FullBentLaw {
    /// L(n, s) for n >= 0 (n > 0 if n_h = 0) and s > 0; NaN for negative or NaN.
    pub fn error_at(&self, n: f64, s: f64) -> f64 {
        self.size_factor(s) * (self.gamma + self.decrease(n).h) + self.e
    }

    /// [dL/ddelta, dL/dgamma, dL/dalpha, dL/dbeta, dL/dn_h, dL/db, dL/dE] at n >= 0 (n > 0 if n_h = 0) and s > 0, b the
    /// sharpness. At n_h = 0 that by n_h is the limit: 0 for b > 1, minus infinity for b < 1.
    pub fn gradient_at(&self, n: f64, s: f64) -> [f64; 7] {
        let Decrease { h, ln_size, by_n_h, by_sharpness } = self.decrease(n);
        let ln_s = math::ln(s);
        let factor = math::exp(-self.beta * ln_s);
        let scaled = self.delta * factor;
        let bracket = self.gamma + h;
        [
            factor * bracket,
            scaled,
            -scaled * h * ln_size,
            -scaled * bracket * ln_s,
            scaled * by_n_h,
            scaled * by_sharpness,
            1.0,
        ]
    }

    /// The law over n at this fine-tuning size s > 0, for n_h > 0: A = delta (gamma + n_h^-alpha) s^-beta + E,
    /// C = delta gamma s^-beta + E, the same n_h, beta = b, kappa = alpha / b.
    pub fn at_fine_tune_size(&self, s: f64) -> BentLaw {
        let d = self.size_factor(s);
        let c = d * self.gamma + self.e;
        let beta = self.sharpness;
        BentLaw { a: c + d * self.decrease(0.0).h, c, n_h: self.n_h, beta, kappa: self.alpha / beta }
    }

    /// The law over s at this n >= 0 (n > 0 if n_h = 0): D = delta (gamma + h(n)), alpha = beta, C = E.
    ///
    /// ```
    /// use syn2real::FullBentLaw;
    ///
    /// let law = FullBentLaw { delta: 42.0, gamma: 0.02, alpha: 0.5, beta: 0.3, n_h: 900.0, sharpness: 2.0, e: 0.1 };
    /// assert!((law.at_pre_training_size(0.0).error_at(1e4) - law.error_at(0.0, 1e4)).abs() < 1e-15);
    /// ```
    pub fn at_pre_training_size(&self, n: f64) -> Syn2RealLaw {
        Syn2RealLaw { d: self.delta * (self.gamma + self.decrease(n).h), alpha: self.beta, c: self.e }
    }

    /// The full law that this is: without a bend, n_h = 0, or with sharpness 1, n0 = n_h; else `None`.
    pub fn full(&self) -> Option<FullLaw> {
        let &FullBentLaw { delta, gamma, alpha, beta, n_h, sharpness, e } = self;
        (n_h == 0.0 || sharpness == 1.0).then_some(FullLaw { delta, gamma, alpha, beta, n0: n_h, e })
    }

    /// delta s^-beta.
    fn size_factor(&self, s: f64) -> f64 {
        self.delta * math::exp(-self.beta * math::ln(s))
    }

    fn decrease(&self, n: f64) -> Decrease {
        let &FullBentLaw { alpha, n_h, sharpness: b, .. } = self;
        // n^-0 is 1 whatever n is.
        let power = |ln_size: f64| if alpha == 0.0 { 1.0 } else { math::exp(-alpha * ln_size) };
        if n_h == 0.0 {
            let ln_size = math::ln(n);
            let h = power(ln_size);
            let by_n_h = match () {
                _ if b > 1.0 || alpha == 0.0 => 0.0,
                _ if b < 1.0 => f64::NEG_INFINITY,
                _ => -alpha * h / n,
            };
            return Decrease { h, ln_size, by_n_h, by_sharpness: 0.0 };
        }
        let Bend { log, share, t } = Bend::at(n, n_h, b);
        let ln_size = math::ln(n_h) + log / b;
        let h = power(ln_size);
        // At n = 0 the share is 0 and t infinite.
        let bent = if share == 0.0 { 0.0 } else { share * t };
        let by_n_h = -alpha * h * math::exp(-log) / n_h;
        Decrease { h, ln_size, by_n_h, by_sharpness: -alpha * h * (bent - log / b) / b }
    }
}
