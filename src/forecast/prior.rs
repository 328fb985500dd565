//! What is believed of a curve before it is seen.
use crate::fit::wide::Wide;

use super::error::ForecastError;

/// What is believed of a bent law before its curve is seen: weak by default, or learnt from other curves ([`Prior::learn`]).
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Prior {
    /// Mean and standard deviation of ln beta. Default: 0 and 1, beta within [1/7, 7] in 19 of 20 curves.
    pub ln_beta: (f64, f64),
    /// Mean and standard deviation of ln kappa. Default: 0 and 1.
    pub ln_kappa: (f64, f64),
    /// Mean and standard deviation of the place of the bend, ln(n_h / n_min), in units of the measured range
    /// ln(n_max / n_min). Default: 1/2 and 1/4: a bend is seen only where there are data.
    pub bend: (f64, f64),
    /// Mean and standard deviation of ln n_h itself, in the place of `bend`. Default: none.
    pub ln_n_h: Option<(f64, f64)>,
    /// The beta distribution of C / L(n_max), the share of the gap in the error at the largest size. Default: 1 and 1, any
    /// share is as likely as any other.
    pub gap: (f64, f64),
    /// Standard deviation of ln error that one measurement more would have shown. Default: 0.002.
    pub noise: f64,
}

impl Default for Prior {
    fn default() -> Prior {
        Prior {
            ln_beta: (0.0, 1.0),
            ln_kappa: (0.0, 1.0),
            bend: (0.5, 0.25),
            ln_n_h: None,
            gap: (1.0, 1.0),
            noise: 0.002,
        }
    }
}

impl Prior {
    pub(super) fn check(&self) -> Result<(), ForecastError> {
        let is_sound = |(mean, sd): (f64, f64)| mean.is_finite() && sd > 0.0 && sd < f64::INFINITY;
        let require = |ok: bool, field| if ok { Ok(()) } else { Err(ForecastError::Prior { field }) };
        require(is_sound(self.ln_beta), "ln_beta")?;
        require(is_sound(self.ln_kappa), "ln_kappa")?;
        require(is_sound(self.bend), "bend")?;
        require(self.ln_n_h.is_none_or(is_sound), "ln_n_h")?;
        let (a, b) = self.gap;
        require(a > 0.0 && b > 0.0 && a + b < f64::INFINITY, "gap")?;
        require(self.noise > 0.0 && self.noise < f64::INFINITY, "noise")
    }

    /// Means of ln beta, ln kappa, ln(n_h / n_max) for data over this range of ln n, and one over the variances of these.
    pub(super) fn shape(&self, span: f64, ln_n_max: f64) -> ([f64; 3], [f64; 3]) {
        let (v, sd) = match self.ln_n_h {
            Some((mean, sd)) => (mean - ln_n_max, sd),
            None => ((self.bend.0 - 1.0) * span, self.bend.1 * span),
        };
        let by = |sd: f64| 1.0 / (sd * sd);
        ([self.ln_beta.0, self.ln_kappa.0, v], [by(self.ln_beta.1), by(self.ln_kappa.1), by(sd)])
    }

    /// The powers of r and 1 - r in the density of theta: one half of each comes from r = sin^2 theta.
    pub(super) fn of_share(&self) -> (f64, f64) {
        (self.gap.0 - 0.5, self.gap.1 - 0.5)
    }

    /// The sum of squares with what the prior adds, and its degrees of freedom: the level takes one, the prior gives one.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn noise(&self, square: Wide, weight: f64) -> (Wide, f64) {
        (square + Wide::splat(self.noise * self.noise), weight)
    }

    /// The variance of a measurement.
    pub(super) fn variance(&self, square: f64, weight: f64) -> f64 {
        (square + self.noise * self.noise) / weight
    }
}
