//! What a fit over n and s may be told.
use crate::law::{Parameter, Residual};
use crate::simd::Isa;
use crate::solve::Bounds;

use super::super::error::FitError;
use super::super::options::{FitOptions, Weights};

/// Largest rate that may be asked for, as for law (1): n^-1000 spans 300 decades for a doubling of n.
const RATE_LIMIT: f64 = 1000.0;

/// An additional term of a law: held at a value, or estimated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Offset {
    /// Held at this value, finite and >= 0.
    Fixed(f64),
    /// Estimated, >= 0.
    Free,
}

impl Offset {
    /// Whether the term is estimated.
    pub const fn is_free(self) -> bool {
        matches!(self, Offset::Free)
    }

    /// The value it is held at.
    pub const fn value(self) -> Option<f64> {
        match self {
            Offset::Fixed(value) => Some(value),
            Offset::Free => None,
        }
    }

    fn is_valid(self) -> bool {
        self.value().is_none_or(|v| (0.0..f64::INFINITY).contains(&v))
    }
}

/// Options of a fit of [`FullLaw`](crate::FullLaw) or [`AdditiveLaw`](crate::AdditiveLaw). A parameter whose bounds have
/// equal ends is held there ([`Bounds::fixed`]).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FullOptions {
    /// Space of the residual. Default: log (the paper's text); the published parameters of Appendix C.2 are linear ones.
    pub residual: Residual,
    /// n0. Default: 0 (eq. 2); measurements without pre-training (n = 0) need it free or above 0. The additive law has
    /// none.
    pub n0: Offset,
    /// E. Default: 0 (eq. 2).
    pub e: Offset,
    /// Domain of delta, within [0, inf). Default: [0, inf). Not used by the additive law.
    pub delta: Bounds,
    /// Domain of gamma, within [0, inf). Default: [0, inf). Not used by the additive law.
    pub gamma: Bounds,
    /// Domain of alpha, within [0, 1e3], finite. Default: [0, 10], as for law (1).
    pub alpha: Bounds,
    /// Domain of beta, within [0, 1e3], finite. Default: [0, 10].
    pub beta: Bounds,
    /// What the weights mean. Default: relative.
    pub weights: Weights,
    /// Whether to compute covariance, standard errors and condition. Default: true.
    pub covariance: bool,
    /// Instruction set. Default: the best of this machine. The numbers do not depend on it.
    pub isa: Isa,
}

impl Default for FullOptions {
    fn default() -> FullOptions {
        FullOptions {
            residual: Residual::Log,
            n0: Offset::Fixed(0.0),
            e: Offset::Fixed(0.0),
            delta: Bounds::new(0.0, f64::INFINITY),
            gamma: Bounds::new(0.0, f64::INFINITY),
            alpha: Bounds::new(0.0, FitOptions::ALPHA_MAX),
            beta: Bounds::new(0.0, FitOptions::ALPHA_MAX),
            weights: Weights::Relative,
            covariance: true,
            isa: Isa::detect(),
        }
    }
}

/// Whether the bounds are those of the law, [0, inf).
pub(crate) fn is_half_line(b: Bounds) -> bool {
    b.lower == 0.0 && b.upper == f64::INFINITY
}

impl FullOptions {
    pub(crate) fn check(&self) -> Result<(), FitError> {
        let half_line = |b: Bounds| b.lower >= 0.0 && b.lower < f64::INFINITY && b.lower <= b.upper;
        let rate = |b: Bounds| half_line(b) && b.upper <= RATE_LIMIT;
        let checks = [
            (half_line(self.delta) && self.delta.upper > 0.0, "delta"),
            (half_line(self.gamma), "gamma"),
            (rate(self.alpha), "alpha"),
            (rate(self.beta), "beta"),
            (self.n0.is_valid(), "n0"),
            (self.e.is_valid(), "e"),
        ];
        for (is_good, field) in checks {
            if !is_good {
                return Err(FitError::BadOption { field });
            }
        }
        Ok(())
    }

    /// Whether n = 0 has a finite error.
    pub(crate) fn with_zero(&self) -> bool {
        self.n0 != Offset::Fixed(0.0)
    }
}

/// The parameters in the order of the fields of the full law, or of the additive law with n0 in between.
pub(crate) const PRODUCT: [Parameter; 6] =
    [Parameter::Delta, Parameter::Gamma, Parameter::Alpha, Parameter::Beta, Parameter::N0, Parameter::E];
pub(crate) const SUM: [Parameter; 6] =
    [Parameter::A, Parameter::B, Parameter::Alpha, Parameter::Beta, Parameter::N0, Parameter::E];
