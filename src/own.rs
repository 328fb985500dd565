//! A law of the user's own: fitted, with intervals, bands and the samples that a target takes.
//!
//! A [`Formula`](crate::Formula) is written once; [`OwnLaw`](crate::OwnLaw) makes a [`Law`](crate::Law) of it, with exact derivatives. [`fit`] finds the
//! lowest of the minima that many starts in a box end in, and the [`OwnFit`] answers: [`OwnFit::parameter`],
//! [`OwnFit::quantity`] (any function of the parameters), [`OwnFit::value_at`], [`OwnFit::measurement_at`],
//! [`OwnFit::band`], [`OwnFit::samples_for`]. A law with a Jacobian of its own takes the same way for its parameters; whether
//! that is right, [`check_jacobian`] says. docs/cookbook.md has four laws with their pitfalls.
//!
//! # The intervals
//!
//! As those of [`infer`](crate::infer): all values that a law has whose cost is at most cost_min (1 + F / dof), with F the
//! quantile of the F distribution with 1 and dof = observations - free parameters (cost_min + chi^2 / 2 with absolute weights).
//! An end is found by following the profile, the lowest cost at each value of the quantity, from the optimum and from every
//! other minimum inside the region to where its cost is the limit. An end is `None` where the profile never gets there; a
//! bound of the user is an end.
//!
//! # Accuracy
//! On an end the cost is the limit to 1e-7 of its rise. The ends for Chinchilla's law, M4, a sigmoid and a logarithm agree with
//! scipy's to 8e-8 of their distance from the estimate, those for law (1) with [`infer`](crate::infer)'s to 6e-8. It is a local
//! search: a valley that no start ended in is not seen.
mod error;
mod fit;
mod found;
mod jacobian;
mod profile;
mod rows;
mod samples;

pub use error::OwnError;
pub use fit::{OwnFit, OwnOptions, fit};
pub use jacobian::{JacobianFault, check_jacobian};
pub use samples::{OwnVerdict, Sizes};
