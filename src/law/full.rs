//! L(n, s) = delta (gamma + (n + n0)^-alpha) s^-beta + E, the full law of the paper with two optional terms.
//!
//! | symbol | meaning | unit, range |
//! |---|---|---|
//! | n | synthetic samples of the pre-training | samples, n >= 0; n > 0 if n0 = 0 |
//! | s | real samples of the fine-tuning | samples, s > 0 |
//! | L | error after fine-tuning | fraction or loss, > 0 |
//! | delta | scale of all but E | unit of L times (unit of n)^alpha (unit of s)^beta, > 0 |
//! | gamma | transfer gap relative to the decrease, C / D at any s | (unit of n)^-alpha, >= 0 |
//! | alpha | pre-training rate | none, >= 0 |
//! | beta | fine-tuning rate | none, >= 0 |
//! | n0 | what the start without pre-training is worth | samples, >= 0; 0 in the paper |
//! | E | irreducible error | unit of L, >= 0; 0 in the paper |
//!
//! Derivatives, u = (n + n0)^-alpha and m = L - E: dL/ddelta = m / delta, dL/dgamma = delta s^-beta,
//! dL/dalpha = -delta s^-beta u ln(n + n0), dL/dbeta = -m ln s, dL/dn0 = -alpha delta s^-beta u / (n + n0), dL/dE = 1.
//!
//! Identifiability: alpha and gamma need three sizes n, beta two sizes s. delta is the extrapolation to n = s = 1 and
//! nearly collinear with alpha, beta and gamma. It is the wrong law where the decrease with n does not shrink with s in
//! the same proportion at every n; then [`AdditiveLaw`](super::AdditiveLaw) may fit better.
//!
//! Source: Mikami et al., arXiv 2108.11018, eq. (2); n0 and E are additions: eq. (2) diverges at n = 0, where the paper
//! itself wants L(0, s) = B s^-beta + E.
use super::{Form, GridLaw, Sealed, Syn2RealLaw};
use crate::math;

/// L(n, s) = delta (gamma + (n + n0)^-alpha) s^-beta + E (paper eq. 2, where n0 = E = 0): the error after pre-training on
/// n synthetic and fine-tuning on s real samples.
///
/// ```
/// use syn2real::FullLaw;
///
/// // The paper's Appendix C.2; s = 1 % of ImageNet.
/// let law = FullLaw { delta: 41.8, gamma: 0.478, alpha: 0.544, beta: 0.322, n0: 0.0, e: 0.0 };
/// let at_1_percent = law.at_fine_tune_size(12_811.67);
/// assert!((at_1_percent.d - 1.99).abs() < 0.005);
/// assert!((at_1_percent.error_at(64_000.0) - law.error_at(64_000.0, 12_811.67)).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FullLaw {
    /// delta > 0, in the unit of the error times (unit of n)^alpha (unit of s)^beta.
    pub delta: f64,
    /// gamma >= 0: the transfer gap relative to D.
    pub gamma: f64,
    /// Pre-training rate alpha >= 0.
    pub alpha: f64,
    /// Fine-tuning rate beta >= 0.
    pub beta: f64,
    /// n0 >= 0, in the unit of n; 0 in the paper.
    pub n0: f64,
    /// Irreducible error E >= 0, in the unit of the error; 0 in the paper.
    pub e: f64,
}

impl FullLaw {
    /// L(n, s) for n + n0 > 0 and s > 0; NaN for negative or NaN.
    pub fn error_at(&self, n: f64, s: f64) -> f64 {
        self.size_factor(s) * (self.gamma + self.decrease(n)) + self.e
    }

    /// [dL/ddelta, dL/dgamma, dL/dalpha, dL/dbeta, dL/dn0, dL/dE] at n + n0 > 0 and s > 0.
    pub fn gradient_at(&self, n: f64, s: f64) -> [f64; 6] {
        let (ln_n, ln_s, u) = (math::ln(n + self.n0), math::ln(s), self.decrease(n));
        let factor = math::exp(-self.beta * ln_s);
        let scaled = self.delta * factor;
        let bracket = self.gamma + u;
        [
            factor * bracket,
            scaled,
            -scaled * u * ln_n,
            -scaled * bracket * ln_s,
            -self.alpha * scaled * u / (n + self.n0),
            1.0,
        ]
    }

    /// The law over n at this fine-tuning size s > 0: D = delta s^-beta, C = gamma D + E. With n0 > 0 it is a law over
    /// n + n0.
    pub fn at_fine_tune_size(&self, s: f64) -> Syn2RealLaw {
        let d = self.size_factor(s);
        Syn2RealLaw { d, alpha: self.alpha, c: d * self.gamma + self.e }
    }

    /// The law over s at this n, n + n0 > 0: D = delta (gamma + (n + n0)^-alpha), alpha = beta, C = E.
    ///
    /// ```
    /// use syn2real::FullLaw;
    ///
    /// let law = FullLaw { delta: 41.8, gamma: 0.478, alpha: 0.544, beta: 0.322, n0: 0.0, e: 0.0 };
    /// assert!((law.at_pre_training_size(64e3).error_at(1e4) - law.error_at(64e3, 1e4)).abs() < 1e-15);
    /// ```
    pub fn at_pre_training_size(&self, n: f64) -> Syn2RealLaw {
        Syn2RealLaw { d: self.delta * (self.gamma + self.decrease(n)), alpha: self.beta, c: self.e }
    }

    /// delta s^-beta.
    fn size_factor(&self, s: f64) -> f64 {
        self.delta * math::exp(-self.beta * math::ln(s))
    }

    /// (n + n0)^-alpha; 1 for alpha = 0 whatever n is.
    fn decrease(&self, n: f64) -> f64 {
        if self.alpha == 0.0 { 1.0 } else { math::exp(-self.alpha * math::ln(n + self.n0)) }
    }

    /// The law of the six in the order of its form.
    pub(crate) fn from_six([delta, gamma, alpha, beta, n0, e]: [f64; 6]) -> FullLaw {
        FullLaw { delta, gamma, alpha, beta, n0, e }
    }
}

impl Sealed for FullLaw {
    fn form(&self) -> Form {
        Form::Product
    }

    fn six(&self) -> [f64; 6] {
        [self.delta, self.gamma, self.alpha, self.beta, self.n0, self.e]
    }

    fn with_six(&self, six: [f64; 6]) -> FullLaw {
        FullLaw::from_six(six)
    }

    fn slopes(&self, n: f64, s: f64) -> [f64; 6] {
        self.gradient_at(n, s)
    }

    fn gap_slopes(&self, s: f64) -> [f64; 6] {
        let ln_s = math::ln(s);
        let factor = math::exp(-self.beta * ln_s);
        let (delta, gamma) = (self.delta, self.gamma);
        [gamma * factor, delta * factor, 0.0, -delta * gamma * factor * ln_s, 0.0, 1.0]
    }

    fn floor_slopes(&self, _: f64) -> [f64; 6] {
        [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    }
}

impl GridLaw for FullLaw {
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
