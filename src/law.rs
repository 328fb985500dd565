//! The laws: formula, Jacobian, domain.
mod additive;
mod bent;
mod dual;
mod form;
mod formula;
mod full;
mod full_bent;
mod grid;
mod power;
mod rectified;
mod scalar;
mod shifted;
mod syn2real;

use core::fmt;

pub use additive::AdditiveLaw;
pub use bent::BentLaw;
pub use dual::Dual;
pub(crate) use form::AnyLaw;
pub use formula::{Formula, OwnLaw, Row};
pub use full::FullLaw;
pub use full_bent::FullBentLaw;
pub use grid::GridLaw;
pub(crate) use grid::sealed::{Form, Sealed};
pub use power::PowerLaw;
pub use rectified::RectifiedLaw;
pub use scalar::Scalar;
pub use shifted::ShiftedLaw;
pub use syn2real::Syn2RealLaw;
pub(crate) use syn2real::UNDEFINED;

use crate::math;
use crate::simd::{F64x8, LANES};

/// A regression model with `P` parameters, evaluated on blocks of eight observations.
///
/// A law of one's own is a [`Formula`], and [`OwnLaw`] makes this of it: fitted by many starts, with intervals, a band and
/// the samples that a target takes ([`own`](crate::own)):
///
/// ```
/// use syn2real::own::{OwnOptions, Sizes, fit};
/// use syn2real::{Confidence, Formula, OwnLaw, Scalar};
///
/// struct PowerWithFloor;
/// impl Formula<3> for PowerWithFloor {
///     fn value<S: Scalar>(&self, [a, rate, floor]: [S; 3], [n]: [S; 1]) -> S {
///         a * n.pow(-rate) + floor
///     }
/// }
/// let points = [(1e3, 0.90), (2e3, 0.83), (4e3, 0.79), (8e3, 0.755), (16e3, 0.74), (32e3, 0.727), (64e3, 0.721)];
/// let law = OwnLaw::log(PowerWithFloor);
/// let fit = fit(&law, &points, &OwnOptions::within([(1e-3, 1e6), (0.01, 5.0), (0.0, 1.0)]))?;
/// let floor = fit.parameter(2, Confidence::P95)?;
/// let verdict = fit.samples_for(0.68, |n| [n], Sizes::new(1e3, 1e7), Confidence::P95)?;
/// # assert!(floor.lower.unwrap() > 0.68 && verdict.name() == "unreachable", "{floor:?} {verdict}");
/// println!("the floor is {} to {:?}; {verdict}", floor.estimate, floor.upper);
/// # Ok::<(), syn2real::own::OwnError>(())
/// ```
///
/// Written by hand it is this one function; [`solve`](crate::solve::solve) does the rest. Checks of the observations
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
