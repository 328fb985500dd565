//! From a start to the minimum: Newton's method in a box with the damping of Levenberg and Marquardt.
//!
//! The Hessian is exact: where the bend lies beyond the data, or its sharpness trades with the rate, the cost is a valley so
//! flat that what J'WJ leaves out decides where it leads.
use crate::linalg::Ldl;
use crate::simd::Isa;

use super::super::grid::GridRows;
use super::model::{Evaluate, P, Problem, Sums, Theta};

/// Damping of the first step, in units of the diagonal of J'WJ; what it gains and loses by a step that is taken or not.
const FIRST: f64 = 1e-2;
const SHRINK: f64 = 0.1;
const GROW: f64 = 8.0;
const LEAST: f64 = 1e-14;
/// Damping from which a step is too short to gain anything.
const STUCK: f64 = 1e12;

/// Share of the cost that the next step may promise, for this to be the minimum.
const TOLERANCE: f64 = 1e-14;

/// Share of a pivot that must be left for the Hessian to be taken as positive definite.
const SINGULAR: f64 = 1e-13;

/// Share of the cost below which a unit of a coordinate is not felt: its slope is rounding.
const UNFELT: f64 = 1e-18;

/// The box of the coordinates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Domain {
    pub(super) lower: Theta,
    pub(super) upper: Theta,
}

/// Where a descent has ended.
#[derive(Clone, Copy)]
pub(super) struct End {
    pub(super) theta: Theta,
    pub(super) cost: f64,
    pub(super) is_converged: bool,
    pub(super) iterations: u32,
}

impl Domain {
    pub(super) fn clamp(&self, theta: &Theta) -> Theta {
        let mut inside = *theta;
        for ((value, lower), upper) in inside.iter_mut().zip(self.lower).zip(self.upper) {
            *value = if *value < lower { lower } else { *value };
            *value = if *value > upper { upper } else { *value };
        }
        inside
    }

    /// Which coordinates a bound holds.
    pub(super) fn held(&self, theta: &Theta, gradient: &Theta) -> [bool; P] {
        core::array::from_fn(|i| {
            self.lower[i] == self.upper[i]
                || (theta[i] <= self.lower[i] && gradient[i] >= 0.0)
                || (theta[i] >= self.upper[i] && gradient[i] <= 0.0)
        })
    }
}

/// The way down; costs are known to `rounding`.
pub(super) fn descend(
    problem: &Problem,
    data: &GridRows<'_>,
    domain: &Domain,
    start: &Theta,
    rounding: f64,
    limit: u32,
    isa: Isa,
) -> End {
    let at = |theta: &Theta| isa.dispatch(Evaluate { problem, data, theta });
    let mut theta = domain.clamp(start);
    let mut sums = at(&theta);
    let mut damping = FIRST;
    let mut end = End { theta, cost: sums.cost, is_converged: false, iterations: 0 };
    while end.iterations < limit && sums.cost.is_finite() {
        end.iterations += 1;
        let (by, promise) = step(&sums, &theta, domain, damping);
        if promise <= sums.cost * TOLERANCE + rounding && damping < 1.0 {
            end.is_converged = true;
            break;
        }
        if damping > STUCK {
            break;
        }
        let mut trial = theta;
        for (value, by) in trial.iter_mut().zip(by) {
            *value += by;
        }
        let trial = domain.clamp(&trial);
        let next = at(&trial);
        if next.cost < sums.cost {
            (theta, sums) = (trial, next);
            damping = (damping * SHRINK).max(LEAST);
        } else {
            damping = (damping * GROW).max(1e-6);
        }
    }
    End { theta, cost: sums.cost, ..end }
}

/// A damped step and what the quadratic promises of it.
fn step(sums: &Sums, theta: &Theta, domain: &Domain, damping: f64) -> (Theta, f64) {
    let held = domain.held(theta, &sums.gradient);
    // A coordinate that the cost does not depend on stays; all of them have a scale of about 1.
    let least = UNFELT * sums.cost;
    let free: [bool; P] = core::array::from_fn(|i| !held[i] && sums.gauss_newton[i][i] > least);
    let solved = |a: &[[f64; P]; P], damping: f64| {
        let ridge: Theta = core::array::from_fn(|i| damping * sums.gauss_newton[i][i]);
        let ldl = Ldl::new(a, &ridge, &free);
        let by = ldl.solve(&core::array::from_fn(|i| if free[i] { -sums.gradient[i] } else { 0.0 }));
        let mut promise = 0.0;
        for (by, slope) in by.iter().zip(sums.gradient) {
            promise -= 0.5 * by * slope;
        }
        (ldl.pivot_ratio > SINGULAR, by, promise)
    };
    let (is_definite, by, promise) = solved(&sums.exact, damping);
    if is_definite {
        return (by, promise);
    }
    // J'WJ is positive definite, with a little damping, where the Hessian is not.
    let (_, by, promise) = solved(&sums.gauss_newton, damping.max(1e-9));
    (by, promise)
}
