//! L(n) = D n^-alpha: law (1) without a transfer gap.
//!
//! Derivatives, u = n^-alpha: dL/dD = u, dL/dalpha = -D u ln n. It is the wrong law where the error levels off: it then
//! takes a rate near 0 and promises that more data always helps.

use super::Syn2RealLaw;

/// L(n) = D n^-alpha, the baseline of the paper's Fig. 5.
///
/// ```
/// use syn2real::PowerLaw;
///
/// let law = PowerLaw { d: 2.0, alpha: 0.5 };
/// assert!((law.error_at(100.0) - 0.2).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PowerLaw {
    /// D >= 0, in the unit of the error times (unit of n)^alpha.
    pub d: f64,
    /// Rate alpha >= 0; NaN where a fit has D = 0.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::undefined"))]
    pub alpha: f64,
}

/// As those of [`Syn2RealLaw`].
impl PartialEq for PowerLaw {
    fn eq(&self, other: &PowerLaw) -> bool {
        Syn2RealLaw::from(*self) == Syn2RealLaw::from(*other)
    }
}

impl PowerLaw {
    /// L(n) for n > 0; NaN for n < 0 or NaN.
    pub fn error_at(&self, n: f64) -> f64 {
        Syn2RealLaw::from(*self).error_at(n)
    }

    /// [dL/dD, dL/dalpha] at n > 0.
    pub fn gradient_at(&self, n: f64) -> [f64; 2] {
        let [d, alpha, _] = Syn2RealLaw::from(*self).gradient_at(n);
        [d, alpha]
    }
}

/// The same law with C = 0.
impl From<PowerLaw> for Syn2RealLaw {
    fn from(law: PowerLaw) -> Syn2RealLaw {
        Syn2RealLaw { d: law.d, alpha: law.alpha, c: 0.0 }
    }
}
