//! What a fit over n and s with a bend may be told.
use crate::law::{Form, Residual};
use crate::simd::Isa;
use crate::solve::{Bounds, Loss};

use super::super::super::bend::{BETA_MAX, BETA_MIN};
use super::super::super::error::FitError;
use super::super::super::options::Weights;
use super::super::options::{FullOptions, Settings, is_half_line, point};
use super::rows::power;

/// Largest sharpness that may be asked for: the bend then takes a 25th of ln n, less than a step between sizes.
const SHARPNESS_LIMIT: f64 = 100.0;

/// How sharp the bend of a law over n and s is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Bend {
    /// The sharpness is a parameter.
    #[default]
    Bent,
    /// Sharpness = alpha: the rectified law at each s.
    Rectified,
    /// Sharpness 1: the full law with n0.
    Shifted,
}

/// Options of a fit of [`FullBentLaw`](crate::FullBentLaw).
///
/// ```
/// use syn2real::{Bend, FitError, FullBentLaw, FullBentOptions, FullLaw, FullOptions};
///
/// let truth = FullLaw { delta: 42.0, gamma: 0.5, alpha: 0.5, beta: 0.3, n0: 700.0, e: 0.0 };
/// let points: [_; 12] = core::array::from_fn(|i| {
///     let (n, s) = ([0.0, 1e3, 4e3, 16e3][i % 4], [1e4, 4e4, 16e4][i / 4]);
///     (n, s, truth.error_at(n, s))
/// });
/// let shifted = FullBentOptions { bend: Bend::Shifted, ..FullBentOptions::default() };
/// let law = FullBentLaw::fit_with(&points, &shifted)?.law();
/// let full = FullLaw::fit_with(&points, &FullOptions { fixed_n0: None, ..FullOptions::default() })?.law();
/// assert!(law.full().is_some_and(|law| (law.n0 / full.n0 - 1.0).abs() < 1e-9));
/// # Ok::<(), FitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FullBentOptions {
    /// How sharp the bend is. Default: free.
    pub bend: Bend,
    /// Space of the residual. Default: log.
    pub residual: Residual,
    /// Loss. Default: square.
    pub loss: Loss,
    /// delta held at this value, finite and above 0. Default: none.
    pub fixed_delta: Option<f64>,
    /// gamma held at this value, finite and >= 0. Default: none.
    pub fixed_gamma: Option<f64>,
    /// alpha held at this value. Default: none.
    pub fixed_alpha: Option<f64>,
    /// beta held at this value. Default: none.
    pub fixed_beta: Option<f64>,
    /// n_h held at this value, finite and >= 0; 0 for no bend. Default: none.
    pub fixed_n_h: Option<f64>,
    /// The sharpness held at this value, where the bend is free. Default: none.
    pub fixed_sharpness: Option<f64>,
    /// E held at this value. Default: 0 (eq. 2). `None`: estimated within [`FullBentOptions::e`].
    pub fixed_e: Option<f64>,
    /// Domain of delta, within [0, inf). Default: [0, inf).
    pub delta: Bounds,
    /// Domain of gamma, within [0, inf). Default: [0, inf).
    pub gamma: Bounds,
    /// Domain of alpha, within [0, 1e3], finite. Default: [0, 10], as for law (1).
    pub alpha: Bounds,
    /// Domain of beta, within [0, 1e3], finite. Default: [0, 10].
    pub beta: Bounds,
    /// Domain of n_h, within [0, inf). Default: [0, inf), of which the search looks at 0 and at (n_h / smallest n)^sharpness
    /// above 1e-6 (with rows at n = 0: 1e-9) and (n_h / largest n)^sharpness below 1e3.
    pub n_h: Bounds,
    /// Domain of the sharpness, above 0 and at most 100; where it is tied to alpha, of that too. Default: [0.05, 10].
    pub sharpness: Bounds,
    /// Domain of E where it is estimated, within [0, inf). Default: [0, inf).
    pub e: Bounds,
    /// What the weights mean. Default: relative.
    pub weights: Weights,
    /// Whether to compute covariance, standard errors and condition. Default: true.
    pub covariance: bool,
    /// Instruction set. Default: the best of this machine. The numbers do not depend on it.
    #[cfg_attr(feature = "serde", serde(skip, default = "Isa::detect"))]
    pub isa: Isa,
}

impl Default for FullBentOptions {
    fn default() -> FullBentOptions {
        let FullOptions { residual, loss, delta, gamma, alpha, beta, n0, e, weights, covariance, isa, .. } =
            FullOptions::default();
        FullBentOptions {
            bend: Bend::Bent,
            residual,
            loss,
            fixed_delta: None,
            fixed_gamma: None,
            fixed_alpha: None,
            fixed_beta: None,
            fixed_n_h: None,
            fixed_sharpness: None,
            fixed_e: Some(0.0),
            delta,
            gamma,
            alpha,
            beta,
            n_h: n0,
            sharpness: Bounds::new(BETA_MIN, BETA_MAX),
            e,
            weights,
            covariance,
            isa,
        }
    }
}

/// The options, checked.
#[derive(Clone, Copy)]
pub(super) struct Task {
    pub(super) bend: Bend,
    /// Those of the full law with n_h for n0.
    pub(super) settings: Settings,
    /// The domain of the sharpness, one point where it is held.
    pub(super) sharpness: Bounds,
}

impl FullBentOptions {
    /// Checks the options.
    pub(super) fn task(&self) -> Result<Task, FitError> {
        let &FullBentOptions { bend, residual, loss, weights, covariance, isa, .. } = self;
        let flaw = |field| Err(FitError::BadOption { field });
        let fixed =
            [self.fixed_delta, self.fixed_gamma, self.fixed_alpha, self.fixed_beta, self.fixed_n_h, self.fixed_e];
        let bounds = [self.delta, self.gamma, self.alpha, self.beta, self.n_h, self.e];
        if self.fixed_delta == Some(0.0) {
            return flaw("fixed_delta");
        }
        let settings = Settings { form: Form::Product, residual, loss, fixed, bounds, weights, covariance, isa }
            .checked(
                ["delta", "gamma", "alpha", "beta", "n_h", "e"],
                ["fixed_delta", "fixed_gamma", "fixed_alpha", "fixed_beta", "fixed_n_h", "fixed_e"],
            )?;
        let Bounds { lower, upper } = self.sharpness;
        if !(lower > 0.0 && lower < upper && upper <= SHARPNESS_LIMIT) {
            return flaw("sharpness");
        }
        if self.fixed_sharpness.is_some_and(|b| bend != Bend::Bent || !(b >= lower && b <= upper)) {
            return flaw("fixed_sharpness");
        }
        let sharpness = match (bend, self.fixed_sharpness, self.fixed_alpha) {
            (Bend::Shifted, ..) => point(1.0),
            (Bend::Bent, Some(b), _) => point(b),
            (Bend::Bent, None, _) => self.sharpness,
            (Bend::Rectified, _, Some(alpha)) if alpha >= lower && alpha <= upper => point(alpha),
            (Bend::Rectified, _, Some(_)) => return flaw("fixed_alpha"),
            (Bend::Rectified, ..) => {
                let both = Bounds::new(lower.max(self.alpha.lower), upper.min(self.alpha.upper));
                if both.lower >= both.upper {
                    return flaw("sharpness");
                }
                both
            }
        };
        Ok(Task { bend, settings, sharpness })
    }
}

impl Task {
    /// The settings of the full law over n^b.
    pub(super) fn at(&self, b: f64) -> Settings {
        let mut settings = self.settings;
        let [_, _, alpha, _, n_h, _] = &mut settings.bounds;
        *alpha = Bounds::new(alpha.lower / b, alpha.upper / b);
        if !is_half_line(*n_h) {
            *n_h = Bounds::new(power(n_h.lower, b), power(n_h.upper, b));
        }
        let [_, _, alpha, _, n_h, _] = &mut settings.fixed;
        *alpha = if self.bend == Bend::Rectified { Some(1.0) } else { alpha.map(|alpha| alpha / b) };
        *n_h = n_h.map(|n_h| power(n_h, b));
        settings
    }

    /// Whether the sharpness is a parameter of its own.
    pub(super) fn is_free(&self) -> bool {
        self.bend == Bend::Bent && self.sharpness.lower < self.sharpness.upper
    }
}
