//! Measurements: one size of the synthetic set, or of both sets, and one error.
use core::fmt;
use num_traits::ToPrimitive;

use crate::law::Residual;

/// One measurement: the error after pre-training on `n` synthetic samples, the fine-tuning set held fixed.
///
/// Plain data; whether it can be used is checked where it is fitted, and the error names its index.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Point {
    /// Number of synthetic samples, n > 0. Its unit is part of `D`.
    pub n: f64,
    /// The error L(n), a fraction such as 1 - accuracy; > 0 in the log residual. Losses above 1 are fine.
    pub error: f64,
    /// Weight of the squared residual, >= 0; 1 unless set. 0 leaves the point out. With
    /// [`Weights::Sigma`](crate::Weights::Sigma) the standard deviation of the error, > 0.
    pub weight: f64,
}

/// What a number that cannot be had exactly as f64 becomes, so that the fit can name it: a NaN with this payload.
const INEXACT: f64 = f64::from_bits(0x7ff8_0000_0001_e8ac);

/// What the weight of a residual becomes where the sigma of the error gives none, so that the fit can name it: a NaN with
/// this payload.
pub(crate) const NOT_A_SIGMA: f64 = f64::from_bits(0x7ff8_0000_0000_51f4);

/// Converts exactly, or to [`INEXACT`].
fn exact<N: ToPrimitive>(x: N) -> f64 {
    let Some(y) = x.to_f64() else { return INEXACT };
    // An integer is exact if reading it back from the f64 gives the same integer. Floats pass: the conversion to an
    // integer truncates both sides alike.
    let same = match (x.to_i128(), x.to_u128()) {
        (Some(i), _) => y.to_i128() == Some(i),
        (None, Some(u)) => y.to_u128() == Some(u),
        (None, None) => true,
    };
    if same { y } else { INEXACT }
}

impl Point {
    /// A measurement with weight 1.
    pub const fn new(n: f64, error: f64) -> Point {
        Point { n, error, weight: 1.0 }
    }

    /// The same measurement with another weight of its squared residual.
    pub const fn with_weight(self, weight: f64) -> Point {
        Point { weight, ..self }
    }

    /// The same measurement with the standard deviation `sigma` > 0 of its *error* as its weight, for a fit with
    /// [`Weights::Sigma`](crate::Weights::Sigma), which makes of it the weight of its residual.
    ///
    /// ```
    /// use syn2real::{FitOptions, Point, Residual, Syn2RealLaw, Weights};
    ///
    /// let errors = [(1e3, 0.90), (2e3, 0.83), (4e3, 0.79), (8e3, 0.755), (16e3, 0.74)];
    /// let points = errors.map(|(n, error)| Point::new(n, error).with_sigma(0.004));
    /// let fit = |residual| {
    ///     let options = FitOptions { residual, weights: Weights::Sigma, ..FitOptions::default() };
    ///     Syn2RealLaw::fit_with(&points, &options)
    /// };
    /// // Either residual space reads the same sigmas: 1/2 chi^2 agrees to the nonlinearity of the logarithm.
    /// let (log, linear) = (fit(Residual::Log)?.report().cost, fit(Residual::Linear)?.report().cost);
    /// assert!((log / linear - 1.0).abs() < 0.01);
    /// # Ok::<(), syn2real::FitError>(())
    /// ```
    pub const fn with_sigma(self, sigma: f64) -> Point {
        Point { weight: sigma, ..self }
    }
}

impl<N: ToPrimitive, E: ToPrimitive> From<(N, E)> for Point {
    fn from((n, error): (N, E)) -> Point {
        Point::new(exact(n), exact(error))
    }
}

/// Why a point cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum PointError {
    /// n is NaN, infinite, zero or negative.
    Size,
    /// n is more than 2^53 samples; a fit takes any n, a controller none that it could not ask for.
    SizeBeyond,
    /// n = 0 in a law that diverges there.
    SizeZero,
    /// s is NaN, infinite, zero or negative.
    FineTuneSize,
    /// The error is NaN or infinite.
    Error,
    /// The error is zero or negative in the log residual.
    ErrorNotPositive,
    /// The weight is NaN, infinite or negative.
    Weight,
    /// With [`Weights::Sigma`](crate::Weights::Sigma): sigma is NaN, infinite, zero or negative, or more than some 150
    /// decades from the error.
    Sigma,
    /// n, s or the error has no exact f64 (an integer beyond 2^53).
    Inexact,
}

impl fmt::Display for PointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PointError::Size => "n must be finite and above 0: leave measurements without pre-training out, or fit a law that takes n = 0 (rectified, shifted, bent)",
            PointError::SizeBeyond => "n must be at most 2^53 samples: mend the number",
            PointError::SizeZero => "n = 0 needs n0: make n0 free or give it a value above 0, or leave the row out",
            PointError::FineTuneSize => "s must be finite and above 0: leave rows without fine-tuning out",
            PointError::Error => "the error must be a finite number: leave the row out or repeat the measurement",
            PointError::ErrorNotPositive => "the error must be above 0 in the log residual: use the linear residual",
            PointError::Weight => "the weight must be finite and not negative: mend it, or leave the row out",
            PointError::Sigma => "sigma must be finite and above 0, within 150 decades of the error: leave the row out",
            PointError::Inexact => "the number has no exact f64 (beyond 2^53): convert it to f64 yourself",
        })
    }
}

impl core::error::Error for PointError {}

impl Point {
    /// Checks the point for a fit in this residual space.
    pub(crate) fn check(&self, residual: Residual) -> Result<(), PointError> {
        let inexact = INEXACT.to_bits();
        if self.n.to_bits() == inexact || self.error.to_bits() == inexact {
            return Err(PointError::Inexact);
        }
        if !(self.n > 0.0 && self.n < f64::INFINITY) {
            return Err(PointError::Size);
        }
        if !self.error.is_finite() {
            return Err(PointError::Error);
        }
        if residual == Residual::Log && self.error <= 0.0 {
            return Err(PointError::ErrorNotPositive);
        }
        if self.weight.to_bits() == NOT_A_SIGMA.to_bits() {
            return Err(PointError::Sigma);
        }
        if !(self.weight >= 0.0 && self.weight < f64::INFINITY) {
            return Err(PointError::Weight);
        }
        Ok(())
    }
}

/// One measurement: the error after pre-training on `n` synthetic and fine-tuning on `s` real samples.
///
/// Plain data; whether it can be used is checked where it is fitted, and the error names its index.
///
/// ```
/// use syn2real::GridPoint;
///
/// assert_eq!(GridPoint::from((1_000, 12_812, 0.9)), GridPoint::new(1e3, 12_812.0, 0.9));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GridPoint {
    /// Number of synthetic samples, n > 0; n = 0 (no pre-training) where the law has an n0 above 0.
    pub n: f64,
    /// Number of fine-tuning samples, s > 0. Its unit is part of delta.
    pub s: f64,
    /// The error L(n, s), a fraction such as 1 - accuracy; > 0 in the log residual.
    pub error: f64,
    /// Weight of the squared residual, >= 0; 1 unless set. 0 leaves the point out. With
    /// [`Weights::Sigma`](crate::Weights::Sigma) the standard deviation of the error, > 0.
    pub weight: f64,
}

impl GridPoint {
    /// A measurement with weight 1.
    pub const fn new(n: f64, s: f64, error: f64) -> GridPoint {
        GridPoint { n, s, error, weight: 1.0 }
    }

    /// The same measurement with another weight of its squared residual.
    pub const fn with_weight(self, weight: f64) -> GridPoint {
        GridPoint { weight, ..self }
    }

    /// The same measurement with the standard deviation `sigma` > 0 of its error as its weight; see
    /// [`Point::with_sigma`].
    pub const fn with_sigma(self, sigma: f64) -> GridPoint {
        GridPoint { weight: sigma, ..self }
    }

    /// Checks the point for a fit in this residual space; n = 0 passes if the law allows it.
    pub(crate) fn check(&self, residual: Residual, with_zero: bool) -> Result<(), PointError> {
        if self.s.to_bits() == INEXACT.to_bits() {
            return Err(PointError::Inexact);
        }
        let n = if self.n == 0.0 { 1.0 } else { self.n };
        Point { n, error: self.error, weight: self.weight }.check(residual)?;
        if self.n == 0.0 && !with_zero {
            return Err(PointError::SizeZero);
        }
        if !(self.s > 0.0 && self.s < f64::INFINITY) {
            return Err(PointError::FineTuneSize);
        }
        Ok(())
    }
}

impl<N: ToPrimitive, S: ToPrimitive, E: ToPrimitive> From<(N, S, E)> for GridPoint {
    fn from((n, s, error): (N, S, E)) -> GridPoint {
        GridPoint::new(exact(n), exact(s), exact(error))
    }
}
