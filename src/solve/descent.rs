//! The step from a damping.
use crate::linalg::Ldl;
use crate::math;

use super::bounds::{Bounds, Boxed, Side, step_in_box};
use super::normal::{Factored, Normal};

/// A proposed step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step<const P: usize> {
    pub(crate) boxed: Boxed<P>,
    /// Decrease of the cost that the quadratic model without damping promises.
    pub(crate) predicted: f64,
    /// How well the matrix determines the step, 1 best; see [`Ldl::pivot_ratio`] and `Triangle::pivot_ratio`.
    pub(crate) pivot_ratio: f64,
}

/// (J'J + diag(ridge)) delta = -J'r by LDL', inside the bounds.
#[inline(always)]
pub(crate) fn normal_step<const P: usize>(
    at: &Normal<P>,
    ridge: &[f64; P],
    theta: &[f64; P],
    bounds: &[Bounds; P],
    held: &[Option<Side>; P],
) -> Step<P> {
    let mut pivot_ratio = 1.0;
    let boxed = step_in_box(theta, bounds, held, |free, shift| {
        let mut rhs = [0.0; P];
        for j in 0..P {
            if free[j] {
                rhs[j] = -at.gradient[j];
                for k in 0..P {
                    if !free[k] {
                        rhs[j] -= at.gram[j.max(k)][j.min(k)] * shift[k];
                    }
                }
            }
        }
        let factors = Ldl::new(&at.gram, ridge, free);
        pivot_ratio = factors.pivot_ratio;
        factors.solve(&rhs)
    });
    let mut predicted = 0.0;
    for j in 0..P {
        let mut slope = at.gradient[j];
        for k in 0..P {
            slope += 0.5 * at.gram[j.max(k)][j.min(k)] * boxed.delta[k];
        }
        predicted -= slope * boxed.delta[j];
    }
    Step { boxed, predicted, pivot_ratio }
}

/// The same step from the QR of J: min |J delta + r|^2 + sum ridge delta^2, inside the bounds.
pub(crate) fn qr_step<const P: usize>(
    at: &Normal<P>,
    factored: &Factored<P>,
    ridge: &[f64; P],
    theta: &[f64; P],
    bounds: &[Bounds; P],
    held: &[Option<Side>; P],
) -> Step<P> {
    let roots = ridge.map(math::sqrt);
    let undamped = *ridge == [0.0; P];
    let mut pivot_ratio = 1.0;
    let boxed = step_in_box(theta, bounds, held, |free, shift| {
        let qr = if undamped && *free == [true; P] { factored.qr } else { factored.qr.reduced(free, shift, &roots) };
        pivot_ratio = qr.r.pivot_ratio(free);
        // R'R delta = -(R'c + beyond).
        let beyond = qr.r.solve_transposed(&factored.beyond, free);
        let mut rhs = [0.0; P];
        for j in 0..P {
            rhs[j] = -(qr.c[j] + beyond[j]);
        }
        qr.r.solve(&rhs, free)
    });
    let mut predicted = 0.0;
    for row in &factored.qr.r.0 {
        let mut along = 0.0;
        for k in 0..P {
            along += row[k] * boxed.delta[k];
        }
        predicted -= 0.5 * along * along;
    }
    for j in 0..P {
        predicted -= at.gradient[j] * boxed.delta[j];
    }
    Step { boxed, predicted, pivot_ratio }
}
