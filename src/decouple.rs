//! D and alpha for many curves at once (paper Appendix D): the median iteration, its fixed point, and the joint least
//! squares fit with one shared D or one shared alpha.
//!
//! One curve hardly tells D from alpha: along a ridge of nearly constant cost a larger D goes with a larger alpha. The
//! paper's remedy is to fix one D for all curves, found by an iteration of medians:
//!
//! ```text
//! repeat
//!   for each curve j: (alpha_j, C'_j) = fit with D = D~ fixed
//!   for each curve j: (D_j,  C''_j)  = fit with alpha = a~ fixed    (simultaneous: the old a~; sequential: the new one)
//!   a~ = median alpha_j;  D~ = median D_j                            (even count: mean of the middle two)
//! ```
//!
//! Along the ridge this map is nearly the identity: on the authors' 29 settings one round shrinks the distance to the
//! fixed point by about 1 %, so that "a few iterations" look converged wherever they start. [`median_iteration`] therefore
//! estimates the distance that is left from the contraction of the trace; [`fixed_point`] finds the fixed point itself as
//! a root of the reduced map ln D -> ln (median D of (median alpha of D)); [`sensitivity`] does so from several starts.
//!
//! A D carries the unit of n: D in (unit of error) (unit of n)^alpha.
mod accelerate;
mod arrow;
mod bootstrap;
mod iterate;
mod map;
mod root;
mod shared;
mod trace;

use core::fmt;

pub use accelerate::{Identification, STARTS, Sensitivity, fixed_point, sensitivity};
pub use bootstrap::{Movement, Search, bootstrap};
pub use iterate::{median_iteration, median_iteration_with};
pub use shared::{Shared, shared_alpha, shared_d};

use crate::fit::{FitError, FitOptions};
use crate::law::Residual;
use crate::solve::Bounds;

/// Which a~ the fits for D use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Update {
    /// That of the round before. Even and odd rounds are then two interleaved sequences, each a sequential iteration.
    #[default]
    Simultaneous,
    /// The one just found.
    Sequential,
}

/// A pair (D~, a~): a start, a round of the trace, an end.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MedianRound {
    /// D~ > 0, the same for all curves, in (unit of error) (unit of n)^alpha.
    pub d: f64,
    /// a~ >= 0.
    pub alpha: f64,
}

/// Options of the median iteration.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DecoupleOptions {
    /// How each curve is fitted: residual, loss, bounds, weights. `fixed_d` and `fixed_alpha` must be `None`. `covariance`
    /// concerns the final fits.
    pub fit: FitOptions,
    /// Which a~ the fits for D use. Default: simultaneous, as the paper's text reads.
    pub update: Update,
    /// Where to start, within the bounds. Default: (0.5, 0.5), the paper's.
    pub start: MedianRound,
    /// The iteration has converged when its estimated distance to the fixed point, the larger of |d ln D| and |d alpha|, is
    /// at most this; > 0. Default: 1e-8; the rounding of the fits (1e-13) leaves 1e-11 where a round shrinks the distance
    /// by 1 %.
    pub tol: f64,
    /// Rounds of the iteration, or evaluations of the map in [`fixed_point`], at most; > 0. Default: 100.
    pub max_rounds: u32,
}

impl DecoupleOptions {
    /// What the authors' released code does: linear residual, alpha in [0.1, 1.5], C in [0, 1]; the default.
    pub fn paper() -> DecoupleOptions {
        DecoupleOptions {
            fit: FitOptions {
                residual: Residual::Linear,
                alpha: Bounds::new(0.1, 1.5),
                c: Bounds::new(0.0, 1.0),
                ..FitOptions::default()
            },
            update: Update::Simultaneous,
            start: MedianRound { d: 0.5, alpha: 0.5 },
            tol: 1e-8,
            max_rounds: 100,
        }
    }
}

impl Default for DecoupleOptions {
    fn default() -> DecoupleOptions {
        DecoupleOptions::paper()
    }
}

/// Why the iteration stopped.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Stop {
    /// At a fixed point.
    Converged {
        /// Estimated distance to it, the larger of |d ln D| and |d alpha|.
        distance: f64,
    },
    /// Out of rounds on the way to a fixed point: the distance shrinks by a steady factor. [`fixed_point`] gets there.
    Slow {
        /// Estimated distance to it, the larger of |d ln D| and |d alpha|.
        distance: f64,
    },
    /// The same pairs come again and again.
    Cycle {
        /// Rounds until they do.
        period: u32,
    },
    /// The map jumps over the fixed point at this D~, where the optima of curves change sides: there is none
    /// ([`fixed_point`] only).
    Jump,
    /// Out of rounds, and the trace does not tell where it leads.
    Rounds,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stop::Converged { distance } => write!(f, "converged, about {distance:.1e} from the fixed point"),
            Stop::Slow { distance } => {
                write!(f, "slow: still about {distance:.1e} from the fixed point; accelerate, or allow more rounds")
            }
            Stop::Cycle { period } => write!(f, "a cycle of {period} rounds: try the other update or another start"),
            Stop::Jump => {
                f.write_str("the map jumps over its fixed point: narrow the bounds of alpha or leave curves out")
            }
            Stop::Rounds => f.write_str("out of rounds before the trace told where it leads: allow more rounds"),
        }
    }
}

/// Where the iteration ended.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Decoupled {
    /// D~, in (unit of error) (unit of n)^alpha; the final fits hold D there.
    pub d: f64,
    /// a~.
    pub alpha: f64,
    /// Why it stopped.
    pub stop: Stop,
    /// By which factor one round shrinks the distance to the fixed point (simultaneous: the root of that of two rounds);
    /// `None` if the trace does not tell.
    pub contraction: Option<f64>,
    /// Rounds.
    pub rounds: u32,
    /// Evaluations of the map, each two fits per curve.
    pub evaluations: u32,
}

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum DecoupleError {
    /// A median needs a curve.
    NoCurves,
    /// A curve cannot be fitted.
    Curve {
        /// Its index, from 0.
        index: usize,
        /// Why.
        source: FitError,
    },
    /// The median D is 0: at least half of the curves show no decrease, and alpha is undefined.
    NoDecrease,
    /// An option is out of its range.
    BadOption {
        /// Name of the field of [`DecoupleOptions`] or [`FitOptions`], or of the argument.
        field: &'static str,
    },
}

impl fmt::Display for DecoupleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecoupleError::NoCurves => f.write_str("a median needs at least one curve: give some"),
            DecoupleError::Curve { index, source } => write!(f, "curve {index}: {source}"),
            DecoupleError::NoDecrease => f.write_str(
                "half of the curves or more show no decrease with n, D is 0 and alpha undefined: leave them out",
            ),
            DecoupleError::BadOption { field } => write!(f, "option {field} is out of range: {}", rule(field)),
        }
    }
}

/// What a valid value of the option looks like.
fn rule(field: &str) -> &'static str {
    match field {
        "fixed_d" | "fixed_alpha" => "it is what is looked for: leave it None",
        "start" => "D and alpha must lie within their bounds, D above 0 and finite",
        "tol" => "it must be finite and above 0",
        "max_rounds" => "it must be above 0",
        "loss" => "joint fits take the square loss",
        "rounds" => "most sets of curves must have a pair, and 2 / (1 - level) - 1 of them are needed: draw more",
        "out" => "it must have one slot for each curve",
        _ => "see its documentation",
    }
}

impl core::error::Error for DecoupleError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            DecoupleError::Curve { source, .. } => Some(source),
            _ => None,
        }
    }
}
