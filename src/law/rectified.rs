//! L(n) = C + (A - C) / (1 + (n / n_h)^beta), the rectified law of fine-tuning.
//!
//! | symbol | meaning | unit, range |
//! |---|---|---|
//! | n | synthetic samples of the pre-training, 0 without pre-training | samples, n >= 0 |
//! | L | error after fine-tuning on a fixed real set | fraction or loss, > 0 |
//! | A | the error without pre-training, L(0) | unit of L, >= C |
//! | C | transfer gap, the error that no amount of n removes | unit of L, >= 0 |
//! | n_h | the size that removes half of what can be removed | samples, > 0 |
//! | beta | pre-training rate far beyond n_h | none, [0.05, 10] |
//!
//! Derivatives, s = 1 / (1 + (n / n_h)^beta), E = (A - C) s: dL/dA = s, dL/dC = 1 - s, dL/dn_h = beta (1 - s) E / n_h,
//! dL/dbeta = -(1 - s) E ln(n / n_h).
//!
//! Edges: with n_h -> 0 and D = (A - C) n_h^beta held it is law (1) with alpha = beta; with n_h far beyond the data C is not
//! seen. Identifiability: A is known where n = 0 or sizes far below n_h were measured, C where sizes far above it were; in
//! between all four trade with each other.
//!
//! Source: Lin et al., "Selecting Large Language Model to Fine-tune via Rectified Scaling Law", ICML 2024, arXiv
//! 2402.02314: K / (D_l + n^beta) + C with D_l = n_h^beta and K = (A - C) D_l.
use crate::math;

use super::bent::Bend;

/// L(n) = C + (A - C) / (1 + (n / n_h)^beta): half of what can be removed is removed at n_h.
///
/// ```
/// use syn2real::RectifiedLaw;
///
/// let law = RectifiedLaw { a: 0.9, c: 0.2, n_h: 1e4, beta: 0.5 };
/// assert!((law.error_at(0.0) - 0.9).abs() < 1e-15 && (law.error_at(1e4) - 0.55).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RectifiedLaw {
    /// A >= C, the error at n = 0, in the unit of the error.
    pub a: f64,
    /// Transfer gap C >= 0, in the unit of the error.
    pub c: f64,
    /// n_h > 0, the size that removes half of A - C, in samples. NaN where a fit has A = C.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::undefined"))]
    pub n_h: f64,
    /// Pre-training rate far beyond n_h, > 0; NaN where a fit has A = C.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::undefined"))]
    pub beta: f64,
}

/// Laws are equal where they say the same: a constant has no rate.
impl PartialEq for RectifiedLaw {
    fn eq(&self, other: &RectifiedLaw) -> bool {
        let is_same = self.n_h == other.n_h && self.beta == other.beta;
        self.a == other.a && self.c == other.c && (self.a == self.c || is_same)
    }
}

impl RectifiedLaw {
    /// L(n) for n >= 0; NaN for n < 0 or NaN.
    ///
    /// # Accuracy
    /// A relative error of (4 + beta |ln(n / n_h)|) 2^-52 in L - C.
    pub fn error_at(&self, n: f64) -> f64 {
        if self.a == self.c {
            return self.c;
        }
        self.c + (self.a - self.c) * math::exp(-Bend::at(n, self.n_h, self.beta).log)
    }

    /// [dL/dA, dL/dC, dL/dn_h, dL/dbeta] at n >= 0; the last two are 0 where A = C.
    pub fn gradient_at(&self, n: f64) -> [f64; 4] {
        if self.a == self.c {
            return [0.0, 1.0, 0.0, 0.0];
        }
        let Bend { log, share, t } = Bend::at(n, self.n_h, self.beta);
        let s = math::exp(-log);
        let e = (self.a - self.c) * s;
        // At n = 0 the share is 0, for infinitely many samples e, and t infinite.
        let bent = if share == 0.0 || e == 0.0 { 0.0 } else { share * t * e };
        [s, share, self.beta * share * e / self.n_h, -bent]
    }
}
