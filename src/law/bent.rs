//! L(n) = C + (A - C) (1 + (n / n_h)^beta)^-kappa: one smooth bend, starting flat.
//!
//! | symbol | meaning | unit, range |
//! |---|---|---|
//! | n | synthetic samples of the pre-training, 0 without pre-training | samples, n >= 0 |
//! | L | error after fine-tuning on a fixed real set | fraction or loss, > 0 |
//! | A | the error without pre-training, L(0) | unit of L, >= C |
//! | C | transfer gap, the error that no amount of n removes | unit of L, >= 0 |
//! | n_h | the size at which the bend lies | samples, > 0 |
//! | beta | how sharp the bend is: it takes some 4 / beta of ln n | none, [0.05, 10] |
//! | kappa | alpha / beta, alpha the rate far beyond the bend | none, >= 0 |
//!
//! Derivatives, t = ln(n / n_h), s = 1 / (1 + (n / n_h)^-beta), g = (1 + (n / n_h)^beta)^-kappa, E = (A - C) g:
//! dL/dA = g, dL/dC = 1 - g, dL/dn_h = kappa beta s E / n_h, dL/dbeta = -kappa s t E, dL/dkappa = -E ln(1 + (n / n_h)^beta).
//!
//! Edges: kappa = 1 is the rectified law, beta = 1 the shifted one. With n_h -> 0 and D = (A - C) n_h^alpha held it is law
//! (1), and A is the extrapolation of that to n = 0, infinite. With n_h far beyond the data L = A (1 - kappa (n / n_h)^beta):
//! a curve that has hardly begun to fall shows A and kappa n_h^-beta, and not C.
//!
//! Identifiability: five parameters, of which seven points seldom show more than three; beta, kappa and C trade with each
//! other wherever the data end before the curve is straight, on log-log axes, again. It is the wrong law for an error that
//! falls twice, or rises.
//!
//! Source: Caballero et al., "Broken Neural Scaling Laws", ICLR 2023, arXiv 2210.14891, eq. (1) with one break and no slope
//! before it.
use crate::math;

/// L(n) = C + (A - C) (1 + (n / n_h)^beta)^-kappa: the error starts at A, bends at n_h and falls to C.
///
/// ```
/// use syn2real::BentLaw;
///
/// let law = BentLaw { a: 0.9, c: 0.2, n_h: 1e4, beta: 2.0, kappa: 0.25 };
/// assert!((law.error_at(0.0) - 0.9).abs() < 1e-15);
/// assert!((law.error_at(1e4) - (0.2 + 0.7 * 2_f64.powf(-0.25))).abs() < 1e-15);
/// assert_eq!(law.alpha(), 0.5);
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BentLaw {
    /// A >= C, the error at n = 0, in the unit of the error.
    pub a: f64,
    /// Transfer gap C >= 0, in the unit of the error.
    pub c: f64,
    /// n_h > 0, the size at which the bend lies, in samples. NaN where a fit has A = C: a constant does not bend.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::undefined"))]
    pub n_h: f64,
    /// Sharpness of the bend, > 0; NaN where a fit has A = C.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::undefined"))]
    pub beta: f64,
    /// alpha / beta, > 0; NaN where a fit has A = C.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::undefined"))]
    pub kappa: f64,
}

/// Laws are equal where they say the same: a constant has no bend.
impl PartialEq for BentLaw {
    fn eq(&self, other: &BentLaw) -> bool {
        let is_same = self.n_h == other.n_h && self.beta == other.beta && self.kappa == other.kappa;
        self.a == other.a && self.c == other.c && (self.a == self.c || is_same)
    }
}

impl BentLaw {
    /// L(n) for n >= 0; NaN for n < 0 or NaN.
    ///
    /// # Accuracy
    /// A relative error of (4 + alpha |ln(n / n_h)|) 2^-52 in L - C.
    pub fn error_at(&self, n: f64) -> f64 {
        if self.a == self.c {
            return self.c;
        }
        self.c + (self.a - self.c) * math::exp(-self.kappa * Bend::at(n, self.n_h, self.beta).log)
    }

    /// [dL/dA, dL/dC, dL/dn_h, dL/dbeta, dL/dkappa] at n >= 0; the last three are 0 where A = C.
    pub fn gradient_at(&self, n: f64) -> [f64; 5] {
        if self.a == self.c {
            return [0.0, 1.0, 0.0, 0.0, 0.0];
        }
        let Bend { log, share, t } = Bend::at(n, self.n_h, self.beta);
        let g = math::exp(-self.kappa * log);
        let e = (self.a - self.c) * g;
        // At n = 0 the share is 0, for infinitely many samples e, and t infinite.
        let times = |x: f64| if share == 0.0 || e == 0.0 { 0.0 } else { x * e };
        [g, 1.0 - g, times(self.kappa * self.beta * share) / self.n_h, -times(self.kappa * share * t), -times(log)]
    }

    /// alpha = kappa beta: the rate at which L - C falls far beyond the bend.
    pub fn alpha(&self) -> f64 {
        self.kappa * self.beta
    }
}

/// The bend at a size.
pub(super) struct Bend {
    /// ln(1 + (n / n_h)^beta).
    pub(super) log: f64,
    /// 1 / (1 + (n / n_h)^-beta).
    pub(super) share: f64,
    /// ln(n / n_h).
    pub(super) t: f64,
}

impl Bend {
    pub(super) fn at(n: f64, n_h: f64, beta: f64) -> Bend {
        let t = math::ln(n) - math::ln(n_h);
        let z = beta * t;
        let small = math::exp(-z.abs());
        let (above, share) = if z > 0.0 { (z, 1.0) } else { (0.0, small) };
        Bend { log: above + math::ln(1.0 + small), share: share / (1.0 + small), t }
    }
}
