//! Sizes at which a law meets a target.
use crate::law::{FullLaw, GridLaw, Syn2RealLaw};
use crate::math;

/// Largest count that f64 holds together with all smaller ones, 2^53; a size beyond it is a verdict, not a number.
pub const LARGEST_COUNT: f64 = 9_007_199_254_740_992.0;

/// The size at which a law meets a target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Size {
    /// This many samples, in [0, 2^53]; 0 if the law meets the target at any size.
    At(f64),
    /// More than 2^53 samples.
    Beyond,
    /// No number of samples: what they cannot remove is not below the target.
    Never,
}

impl Size {
    /// The size, if it is a number.
    pub fn finite(self) -> Option<f64> {
        match self {
            Size::At(n) => Some(n),
            Size::Beyond | Size::Never => None,
        }
    }

    /// For ordering: infinite where it is no number.
    pub(crate) fn or_infinity(self) -> f64 {
        self.finite().unwrap_or(f64::INFINITY)
    }

    /// e^ln_size.
    fn from_ln(ln_size: f64) -> Size {
        let size = math::exp(ln_size);
        // NaN from a law outside of its domain is no number of samples.
        if size <= LARGEST_COUNT { Size::At(size) } else { Size::Beyond }
    }
}

/// n* = (D / (target - C))^(1/alpha), the number of samples at which L(n*) = target (inverse of paper eq. 1).
///
/// The answer of the law alone, without the uncertainty of its fit: [`samples_for`](super::samples_for) has that.
///
/// # Accuracy
/// A relative error of (2 + ln n*) 2^-52 and what the difference target - C loses.
///
/// ```
/// use syn2real::Syn2RealLaw;
/// use syn2real::plan::{Size, size_at};
///
/// let law = Syn2RealLaw { d: 0.48, alpha: 0.439, c: 0.9353 };
/// let n = size_at(&law, 0.937).finite().unwrap();
/// assert!((n / 3.83e5 - 1.0).abs() < 0.005);
/// assert_eq!(size_at(&law, 0.9353), Size::Never);
/// assert_eq!(size_at(&Syn2RealLaw { alpha: 0.01, ..law }, 0.937), Size::Beyond);
/// ```
pub fn size_at(law: &Syn2RealLaw, target: f64) -> Size {
    let room = target - law.c;
    if !(room > 0.0) {
        Size::Never
    } else if law.d <= 0.0 {
        Size::At(0.0)
    } else {
        let ratio = math::ln(law.d) - math::ln(room);
        // Without a rate the error stays C + D whatever n is.
        match (law.alpha > 0.0, ratio <= 0.0) {
            (true, _) => Size::from_ln(ratio / law.alpha),
            (false, true) => Size::At(0.0),
            (false, false) => Size::Never,
        }
    }
}

/// The number of synthetic samples at which L(n, s) = target for this s > 0 (inverse of paper eq. 2 in n).
///
/// ```
/// use syn2real::FullLaw;
/// use syn2real::plan::synthetic_size_at;
///
/// let law = FullLaw { delta: 41.8, gamma: 0.478, alpha: 0.544, beta: 0.322, n0: 0.0, e: 0.0 };
/// let n = synthetic_size_at(&law, 12_812.0, 0.957).finite().unwrap();
/// assert!((law.error_at(n, 12_812.0) - 0.957).abs() < 1e-12);
/// ```
pub fn synthetic_size_at(law: &impl GridLaw, s: f64, target: f64) -> Size {
    match size_at(&law.over_n(s), target) {
        // With n0 the law at fixed s is one over n + n0.
        Size::At(n) => Size::At(if n > law.offset() { n - law.offset() } else { 0.0 }),
        other => other,
    }
}

/// s* = (delta (gamma + (n + n0)^-alpha) / (target - E))^(1/beta), the number of real samples at which L(n, s*) = target
/// (inverse of paper eq. 2 in s), for n + n0 > 0.
///
/// ```
/// use syn2real::FullLaw;
/// use syn2real::plan::{Size, fine_tune_size_at};
///
/// let law = FullLaw { delta: 41.8, gamma: 0.478, alpha: 0.544, beta: 0.322, n0: 0.0, e: 0.1 };
/// let s = fine_tune_size_at(&law, 64_000.0, 0.9).finite().unwrap();
/// assert!((law.error_at(64_000.0, s) - 0.9).abs() < 1e-12);
/// assert_eq!(fine_tune_size_at(&law, 64_000.0, 0.1), Size::Never);
/// ```
pub fn fine_tune_size_at(law: &impl GridLaw, n: f64, target: f64) -> Size {
    size_at(&law.over_s(n), target)
}

/// (n + n0)^-alpha; 1 for alpha = 0 whatever n is.
pub(super) fn decrease(law: &FullLaw, n: f64) -> f64 {
    if law.alpha == 0.0 { 1.0 } else { math::exp(-law.alpha * math::ln(n + law.n0)) }
}
