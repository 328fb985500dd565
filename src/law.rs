//! The laws: formula, Jacobian, domain.
mod additive;
mod bent;
mod form;
mod full;
mod full_bent;
mod grid;
mod power;
mod rectified;
mod shifted;
mod syn2real;

use core::fmt;

pub use additive::AdditiveLaw;
pub use bent::BentLaw;
pub(crate) use form::AnyLaw;
pub use full::FullLaw;
pub use full_bent::FullBentLaw;
pub use grid::GridLaw;
pub(crate) use grid::sealed::{Form, Sealed};
pub use power::PowerLaw;
pub use rectified::RectifiedLaw;
pub use shifted::ShiftedLaw;
pub use syn2real::Syn2RealLaw;
pub(crate) use syn2real::UNDEFINED;

use crate::math;
use crate::simd::{F64x8, LANES};

/// A regression model with `P` parameters, evaluated on blocks of eight observations.
///
/// A user's own law is this one function; [`solve`](crate::solve::solve) does the rest. Checks of the observations
/// (n > 0, error > 0) belong to the law.
pub trait Law<const P: usize> {
    /// One row of data.
    type Observation: Copy;

    /// Residuals of eight observations at `theta` and, when asked for, the Jacobian columns
    /// `jacobian[k].0[i] = d residual_i / d theta_k`. Weights, if any, enter as the square root on both.
    /// Must be `#[inline(always)]` to be compiled for every instruction set.
    fn rows(
        &self,
        theta: &[f64; P],
        block: &[Self::Observation; LANES],
        residuals: &mut F64x8,
        jacobian: Option<&mut [F64x8; P]>,
    );

    /// The square roots of the weights that the rows of eight observations carry; 1 unless a law has weights. The Huber
    /// loss alone asks: its delta is in units of the residual without them, so that a weight of 2 is a row twice.
    #[cfg_attr(wide, inline(always))]
    fn roots(&self, _block: &[Self::Observation; LANES]) -> F64x8 {
        F64x8::splat(1.0)
    }
}

/// The space in which residuals are taken. It is part of the result: figures of the two spaces are not comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Residual {
    /// r = ln(model) - ln(error): what the paper's text says; the default.
    #[default]
    Log,
    /// r = model - error: what the authors' released code does.
    Linear,
}

impl Residual {
    /// The residual of a model value against an error, and its derivative by the model.
    pub(crate) fn of(self, model: f64, error: f64) -> (f64, f64) {
        match self {
            Residual::Log => (math::ln(model / error), 1.0 / model),
            Residual::Linear => (model - error, 1.0),
        }
    }

    /// The error that is off a model value by this much in the space of the residual.
    pub(crate) fn moved(self, model: f64, by: f64) -> f64 {
        match self {
            Residual::Log => model * math::exp(by),
            Residual::Linear => model + by,
        }
    }
}

impl fmt::Display for Residual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Residual::Log => "log",
            Residual::Linear => "linear",
        })
    }
}

/// A parameter of a law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Parameter {
    /// D, the error that one sample would leave above the transfer gap.
    D,
    /// alpha, the pre-training rate.
    Alpha,
    /// C, the transfer gap.
    C,
    /// delta, the scale of the full law.
    Delta,
    /// gamma, the transfer gap relative to D.
    Gamma,
    /// beta, the fine-tuning rate.
    Beta,
    /// n0, what the start without pre-training is worth in samples.
    N0,
    /// E, the irreducible error.
    E,
    /// A, the size of the part of the additive law that falls with n.
    A,
    /// B, the size of the part of the additive law that falls with s.
    B,
    /// n_h, the size at which a bending law bends.
    NH,
    /// kappa = alpha / beta of the bent law.
    Kappa,
    /// b, how sharp the bend of a law over n and s is.
    Sharpness,
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Parameter::D => "D",
            Parameter::Alpha => "alpha",
            Parameter::C => "C",
            Parameter::Delta => "delta",
            Parameter::Gamma => "gamma",
            Parameter::Beta => "beta",
            Parameter::N0 => "n0",
            Parameter::E => "E",
            Parameter::A => "A",
            Parameter::B => "B",
            Parameter::NH => "n_h",
            Parameter::Kappa => "kappa",
            Parameter::Sharpness => "sharpness",
        })
    }
}
