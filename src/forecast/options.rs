//! What a forecast may be told.
use crate::fit::{FitOptions, Weights};
use crate::law::Residual;
use crate::simd::Isa;

use super::calibration::Calibration;
use super::prior::Prior;

/// Options of a forecast.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct ForecastOptions {
    /// What the weights mean. Default: relative. Sigmas weigh the points; the noise is estimated all the same.
    pub weights: Weights,
    /// What is believed of the curve before it is seen. Default: [`Prior::default`].
    pub prior: Prior,
    /// Factors of the standard deviations that other curves have shown to be right. Default: 1.
    pub calibration: Calibration,
    /// Whether to fit all laws and weigh them ([`Forecast::evidence`](super::Forecast::evidence)): four of five parts of the
    /// time of 15 points. Default: true.
    pub evidence: bool,
    /// Instruction set. Default: the best of this machine. The numbers do not depend on it.
    #[cfg_attr(feature = "serde", serde(skip, default = "Isa::detect"))]
    pub isa: Isa,
}

impl Default for ForecastOptions {
    fn default() -> ForecastOptions {
        ForecastOptions {
            weights: Weights::Relative,
            prior: Prior::default(),
            calibration: Calibration::default(),
            evidence: true,
            isa: Isa::detect(),
        }
    }
}

impl ForecastOptions {
    pub(super) fn fit_options(&self) -> FitOptions {
        FitOptions {
            residual: Residual::Log,
            weights: self.weights,
            covariance: false,
            isa: self.isa,
            ..FitOptions::default()
        }
    }
}
