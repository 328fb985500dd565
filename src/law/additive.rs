//! L(n, s) = A n^-alpha + B s^-beta + E, what the full law is contrasted with.
//!
//! | symbol | meaning | unit, range |
//! |---|---|---|
//! | n | synthetic samples of the pre-training | samples, n > 0 |
//! | s | real samples of the fine-tuning | samples, s > 0 |
//! | A, alpha | size and rate of the part that pre-training removes | unit of L times (unit of n)^alpha; none; >= 0 |
//! | B, beta | size and rate of the part that fine-tuning removes | unit of L times (unit of s)^beta; none; >= 0 |
//! | E | irreducible error | unit of L, >= 0 |
//!
//! Derivatives, u = n^-alpha and v = s^-beta: dL/dA = u, dL/dalpha = -A u ln n, dL/dB = v, dL/dbeta = -B v ln s,
//! dL/dE = 1.
//!
//! Identifiability: three sizes n for A, alpha and the level, two sizes s (three with E). It is the wrong law where more
//! fine-tuning also shrinks what pre-training gains.
//!
//! Source: the form of Hoffmann et al., arXiv 2203.15556, eq. (2), over (n, s); with alpha = beta = 1/2 the bound of
//! Tripuraneni et al., arXiv 2006.11650.
use super::{Form, GridLaw, Sealed, Syn2RealLaw};
use crate::math;

/// L(n, s) = A n^-alpha + B s^-beta + E, the additive alternative to [`FullLaw`](super::FullLaw).
///
/// ```
/// use syn2real::AdditiveLaw;
///
/// let law = AdditiveLaw { a: 2.0, alpha: 0.5, b: 3.0, beta: 1.0, e: 0.1 };
/// assert!((law.error_at(100.0, 10.0) - 0.6).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AdditiveLaw {
    /// A >= 0, in the unit of the error times (unit of n)^alpha.
    pub a: f64,
    /// Rate alpha >= 0 over n.
    pub alpha: f64,
    /// B >= 0, in the unit of the error times (unit of s)^beta.
    pub b: f64,
    /// Rate beta >= 0 over s.
    pub beta: f64,
    /// Irreducible error E >= 0, in the unit of the error.
    pub e: f64,
}

impl AdditiveLaw {
    /// L(n, s) for n > 0 and s > 0; NaN for negative or NaN.
    pub fn error_at(&self, n: f64, s: f64) -> f64 {
        part(self.a, self.alpha, n) + part(self.b, self.beta, s) + self.e
    }

    /// [dL/dA, dL/dalpha, dL/dB, dL/dbeta, dL/dE] at n > 0 and s > 0.
    pub fn gradient_at(&self, n: f64, s: f64) -> [f64; 5] {
        let (ln_n, ln_s) = (math::ln(n), math::ln(s));
        let (u, v) = (math::exp(-self.alpha * ln_n), math::exp(-self.beta * ln_s));
        [u, -self.a * u * ln_n, v, -self.b * v * ln_s, 1.0]
    }

    /// The law over n at this fine-tuning size s > 0: D = A, alpha, C = B s^-beta + E.
    ///
    /// ```
    /// use syn2real::AdditiveLaw;
    ///
    /// let law = AdditiveLaw { a: 2.0, alpha: 0.5, b: 3.0, beta: 1.0, e: 0.1 };
    /// assert!((law.at_fine_tune_size(10.0).c - 0.4).abs() < 1e-15);
    /// ```
    pub fn at_fine_tune_size(&self, s: f64) -> Syn2RealLaw {
        Syn2RealLaw { d: self.a, alpha: self.alpha, c: part(self.b, self.beta, s) + self.e }
    }

    /// The law over s at this n > 0: D = B, alpha = beta, C = A n^-alpha + E.
    ///
    /// ```
    /// use syn2real::AdditiveLaw;
    ///
    /// let law = AdditiveLaw { a: 2.0, alpha: 0.5, b: 3.0, beta: 1.0, e: 0.1 };
    /// assert!((law.at_pre_training_size(100.0).c - 0.3).abs() < 1e-15);
    /// ```
    pub fn at_pre_training_size(&self, n: f64) -> Syn2RealLaw {
        Syn2RealLaw { d: self.b, alpha: self.beta, c: part(self.a, self.alpha, n) + self.e }
    }

    /// The law of the six in the order of its form.
    pub(crate) fn from_six([a, b, alpha, beta, _, e]: [f64; 6]) -> AdditiveLaw {
        AdditiveLaw { a, alpha, b, beta, e }
    }
}

impl Sealed for AdditiveLaw {
    fn form(&self) -> Form {
        Form::Sum
    }

    fn six(&self) -> [f64; 6] {
        [self.a, self.b, self.alpha, self.beta, 0.0, self.e]
    }

    fn with_six(&self, six: [f64; 6]) -> AdditiveLaw {
        AdditiveLaw::from_six(six)
    }

    fn slopes(&self, n: f64, s: f64) -> [f64; 6] {
        let [by_a, by_alpha, by_b, by_beta, by_e] = self.gradient_at(n, s);
        [by_a, by_b, by_alpha, by_beta, 0.0, by_e]
    }

    fn gap_slopes(&self, s: f64) -> [f64; 6] {
        let ln_s = math::ln(s);
        let factor = math::exp(-self.beta * ln_s);
        [0.0, factor, 0.0, -self.b * factor * ln_s, 0.0, 1.0]
    }

    fn floor_slopes(&self, n: f64) -> [f64; 6] {
        let ln_n = math::ln(n);
        let u = math::exp(-self.alpha * ln_n);
        [u, 0.0, -self.a * u * ln_n, 0.0, 0.0, 1.0]
    }
}

impl GridLaw for AdditiveLaw {
    fn value_at(&self, n: f64, s: f64) -> f64 {
        self.error_at(n, s)
    }

    fn over_n(&self, s: f64) -> Syn2RealLaw {
        self.at_fine_tune_size(s)
    }

    fn over_s(&self, n: f64) -> Syn2RealLaw {
        self.at_pre_training_size(n)
    }
}

/// size x^-rate; a part that is 0 stays 0 whatever its argument, 0 * inf would say NaN.
fn part(size: f64, rate: f64, x: f64) -> f64 {
    if size == 0.0 { 0.0 } else { size * math::exp(-rate * math::ln(x)) }
}
