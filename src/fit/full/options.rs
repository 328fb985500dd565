//! What a fit over n and s may be told.
use crate::law::{Form, Parameter, Residual};
use crate::simd::Isa;
use crate::solve::{Bounds, Loss};

use super::super::error::FitError;
use super::super::options::{FitOptions, Weights};

/// Largest rate that may be asked for, as for law (1): n^-1000 spans 300 decades for a doubling of n.
const RATE_LIMIT: f64 = 1000.0;

/// [0, inf): the domain of all that is no rate.
const HALF_LINE: Bounds = Bounds::new(0.0, f64::INFINITY);
/// The default domain of a rate.
const RATES: Bounds = Bounds::new(0.0, FitOptions::ALPHA_MAX);

/// Options of a fit of [`FullLaw`](crate::FullLaw).
///
/// ```
/// use syn2real::{FitError, FullLaw, FullOptions};
///
/// let truth = FullLaw { delta: 42.0, gamma: 0.5, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.1 };
/// let points: [_; 12] = core::array::from_fn(|i| {
///     let (n, s) = ([1e3, 4e3, 16e3, 64e3][i % 4], [1e4, 4e4, 16e4][i / 4]);
///     (n, s, truth.error_at(n, s))
/// });
/// // beta is known, E is not.
/// let options = FullOptions { fixed_beta: Some(0.3), fixed_e: None, ..FullOptions::default() };
/// let fit = FullLaw::fit_with(&points, &options)?;
/// assert!(fit.law().beta == 0.3 && (fit.law().e - 0.1).abs() < 1e-6);
/// assert_eq!(fit.std_errors()[3], None);
/// # Ok::<(), FitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FullOptions {
    /// Space of the residual. Default: log (the paper's text); the published parameters of Appendix C.2 are linear ones.
    pub residual: Residual,
    /// Loss. Default: square. The Chinchilla fit is `Loss::HuberAbsolute { delta: 1e-3 }` in the log residual.
    pub loss: Loss,
    /// delta held at this value, finite and above 0. Default: none.
    pub fixed_delta: Option<f64>,
    /// gamma held at this value, finite and >= 0. Default: none.
    pub fixed_gamma: Option<f64>,
    /// alpha held at this value. Default: none.
    pub fixed_alpha: Option<f64>,
    /// beta held at this value. Default: none.
    pub fixed_beta: Option<f64>,
    /// n0 held at this value. Default: 0 (eq. 2). `None`: estimated within [`FullOptions::n0`]; measurements without
    /// pre-training (n = 0) need that, or a value above 0.
    pub fixed_n0: Option<f64>,
    /// E held at this value. Default: 0 (eq. 2). `None`: estimated within [`FullOptions::e`].
    pub fixed_e: Option<f64>,
    /// Domain of delta, within [0, inf). Default: [0, inf).
    pub delta: Bounds,
    /// Domain of gamma, within [0, inf). Default: [0, inf).
    pub gamma: Bounds,
    /// Domain of alpha, within [0, 1e3], finite. Default: [0, 10], as for law (1).
    pub alpha: Bounds,
    /// Domain of beta, within [0, 1e3], finite. Default: [0, 10].
    pub beta: Bounds,
    /// Domain of n0 where it is estimated, within [0, inf). Default: [0, inf), of which the search looks at 1e-6 (with
    /// rows at n = 0: 1e-9) times the smallest n to 1e3 times the largest, and at 0.
    pub n0: Bounds,
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

impl Default for FullOptions {
    fn default() -> FullOptions {
        FullOptions {
            residual: Residual::Log,
            loss: Loss::Square,
            fixed_delta: None,
            fixed_gamma: None,
            fixed_alpha: None,
            fixed_beta: None,
            fixed_n0: Some(0.0),
            fixed_e: Some(0.0),
            delta: HALF_LINE,
            gamma: HALF_LINE,
            alpha: RATES,
            beta: RATES,
            n0: HALF_LINE,
            e: HALF_LINE,
            weights: Weights::Relative,
            covariance: true,
            isa: Isa::detect(),
        }
    }
}

/// Options of a fit of [`AdditiveLaw`](crate::AdditiveLaw).
///
/// ```
/// use syn2real::{AdditiveLaw, AdditiveOptions, FitError};
///
/// let truth = AdditiveLaw { a: 5.0, alpha: 0.5, b: 20.0, beta: 0.5, e: 0.0 };
/// let points: [_; 9] = core::array::from_fn(|i| {
///     let (n, s) = ([1e3, 8e3, 64e3][i % 3], [1e4, 4e4, 16e4][i / 3]);
///     (n, s, truth.error_at(n, s))
/// });
/// // The rates of the bound of Tripuraneni et al.
/// let options = AdditiveOptions { fixed_alpha: Some(0.5), fixed_beta: Some(0.5), ..AdditiveOptions::default() };
/// let law = AdditiveLaw::fit_with(&points, &options)?.law();
/// assert!((law.a - 5.0).abs() < 1e-8 && (law.b - 20.0).abs() < 1e-7 && law.e < 1e-9);
/// # Ok::<(), FitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AdditiveOptions {
    /// Space of the residual. Default: log.
    pub residual: Residual,
    /// Loss. Default: square. The Chinchilla fit is `Loss::HuberAbsolute { delta: 1e-3 }` in the log residual.
    pub loss: Loss,
    /// A held at this value, finite and >= 0. Default: none.
    pub fixed_a: Option<f64>,
    /// alpha held at this value. Default: none.
    pub fixed_alpha: Option<f64>,
    /// B held at this value, finite and >= 0. Default: none.
    pub fixed_b: Option<f64>,
    /// beta held at this value. Default: none.
    pub fixed_beta: Option<f64>,
    /// E held at this value, finite and >= 0. Default: none.
    pub fixed_e: Option<f64>,
    /// Domain of A, within [0, inf). Default: [0, inf).
    pub a: Bounds,
    /// Domain of alpha, within [0, 1e3], finite. Default: [0, 10].
    pub alpha: Bounds,
    /// Domain of B, within [0, inf). Default: [0, inf).
    pub b: Bounds,
    /// Domain of beta, within [0, 1e3], finite. Default: [0, 10].
    pub beta: Bounds,
    /// Domain of E, within [0, inf). Default: [0, inf).
    pub e: Bounds,
    /// What the weights mean. Default: relative.
    pub weights: Weights,
    /// Whether to compute covariance, standard errors and condition. Default: true.
    pub covariance: bool,
    /// Instruction set. Default: the best of this machine. The numbers do not depend on it.
    #[cfg_attr(feature = "serde", serde(skip, default = "Isa::detect"))]
    pub isa: Isa,
}

impl Default for AdditiveOptions {
    fn default() -> AdditiveOptions {
        AdditiveOptions {
            residual: Residual::Log,
            loss: Loss::Square,
            fixed_a: None,
            fixed_alpha: None,
            fixed_b: None,
            fixed_beta: None,
            fixed_e: None,
            a: HALF_LINE,
            alpha: RATES,
            b: HALF_LINE,
            beta: RATES,
            e: HALF_LINE,
            weights: Weights::Relative,
            covariance: true,
            isa: Isa::detect(),
        }
    }
}

/// The options of either law, checked: the parameters are delta, gamma, alpha, beta, n0, E, or A, B, alpha, beta, n0, E with
/// n0 held at 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) form: Form,
    pub(crate) residual: Residual,
    pub(crate) loss: Loss,
    pub(crate) fixed: [Option<f64>; 6],
    pub(crate) bounds: [Bounds; 6],
    pub(crate) weights: Weights,
    pub(crate) covariance: bool,
    pub(crate) isa: Isa,
}

/// What changes no number does not count: the instruction set, and whether there is a covariance, which shows by itself.
impl PartialEq for Settings {
    fn eq(&self, other: &Settings) -> bool {
        self.fixed == other.fixed && self.bounds == other.bounds && self.loss == other.loss
    }
}

/// Whether the bounds are those of the law, [0, inf).
pub(crate) fn is_half_line(b: Bounds) -> bool {
    b.lower == 0.0 && b.upper == f64::INFINITY
}

impl FullOptions {
    /// Checks the options.
    pub(crate) fn settings(&self) -> Result<Settings, FitError> {
        let &FullOptions { residual, loss, weights, covariance, isa, .. } = self;
        let fixed =
            [self.fixed_delta, self.fixed_gamma, self.fixed_alpha, self.fixed_beta, self.fixed_n0, self.fixed_e];
        let bounds = [self.delta, self.gamma, self.alpha, self.beta, self.n0, self.e];
        if self.fixed_delta == Some(0.0) {
            return Err(FitError::BadOption { field: "fixed_delta" });
        }
        Settings { form: Form::Product, residual, loss, fixed, bounds, weights, covariance, isa }.checked(
            ["delta", "gamma", "alpha", "beta", "n0", "e"],
            ["fixed_delta", "fixed_gamma", "fixed_alpha", "fixed_beta", "fixed_n0", "fixed_e"],
        )
    }
}

impl AdditiveOptions {
    /// Checks the options.
    pub(crate) fn settings(&self) -> Result<Settings, FitError> {
        let &AdditiveOptions { residual, loss, weights, covariance, isa, .. } = self;
        let fixed = [self.fixed_a, self.fixed_b, self.fixed_alpha, self.fixed_beta, Some(0.0), self.fixed_e];
        let bounds = [self.a, self.b, self.alpha, self.beta, HALF_LINE, self.e];
        Settings { form: Form::Sum, residual, loss, fixed, bounds, weights, covariance, isa }.checked(
            ["a", "b", "alpha", "beta", "n0", "e"],
            ["fixed_a", "fixed_b", "fixed_alpha", "fixed_beta", "fixed_n0", "fixed_e"],
        )
    }
}

impl Settings {
    /// The settings, if each bound has two ends in order and each held value lies between them.
    pub(super) fn checked(self, names: [&'static str; 6], fixed: [&'static str; 6]) -> Result<Settings, FitError> {
        let flaw = |field| Err(FitError::BadOption { field });
        for (j, (bounds, field)) in self.bounds.into_iter().zip(names).enumerate() {
            let is_rate = j == 2 || j == 3;
            let is_open = bounds.lower >= 0.0 && bounds.lower < bounds.upper;
            if !(is_open && (!is_rate || bounds.upper <= RATE_LIMIT)) {
                return flaw(field);
            }
        }
        for ((value, bounds), field) in self.fixed.into_iter().zip(self.bounds).zip(fixed) {
            if value.is_some_and(|v| !(v >= bounds.lower && v <= bounds.upper && v < f64::INFINITY)) {
                return flaw(field);
            }
        }
        let is_good = match self.loss {
            Loss::Square => true,
            Loss::Huber { k: scale } | Loss::HuberAbsolute { delta: scale } => scale > 0.0 && scale < f64::INFINITY,
        };
        if is_good { Ok(self) } else { flaw("loss") }
    }

    /// Which parameters are held.
    pub(crate) fn held(&self) -> [bool; 6] {
        self.fixed.map(|value| value.is_some())
    }

    /// The domain of each parameter, one point where it is held.
    pub(crate) fn domain(&self) -> [Bounds; 6] {
        let mut domain = self.bounds;
        for (bounds, value) in domain.iter_mut().zip(self.fixed) {
            if let Some(value) = value {
                *bounds = point(value);
            }
        }
        domain
    }

    /// Whether this is the additive law.
    pub(crate) fn is_sum(&self) -> bool {
        self.form == Form::Sum
    }

    /// Whether n = 0 has a finite error.
    pub(crate) fn with_zero(&self) -> bool {
        let [.., n0, _] = self.fixed;
        n0 != Some(0.0)
    }

    /// Where a free parameter is among the six.
    pub(crate) fn place_of(&self, parameter: Parameter) -> Option<usize> {
        self.parameters().iter().zip(self.fixed).position(|(name, held)| *name == parameter && held.is_none())
    }

    /// The names of the parameters.
    pub(crate) fn parameters(&self) -> [Parameter; 6] {
        self.form.parameters()
    }
}

/// [value, value].
pub(crate) const fn point(value: f64) -> Bounds {
    Bounds::new(value, value)
}
