//! The step from a damping.
use crate::linalg::{Ldl, symmetric};
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
#[cfg_attr(wide, inline(always))]
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
                        rhs[j] -= symmetric(&at.gram, j, k) * shift[k];
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
            slope += 0.5 * symmetric(&at.gram, j, k) * boxed.delta[k];
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::Qr;
    use crate::simd::F64x8;

    /// Eight rows of a 3-column Jacobian with a residual, as both kinds of pass give them.
    fn passes() -> (Normal<3>, Factored<3>) {
        let x = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
        let columns = [[1.0; 8], x, x.map(|x| x * x / 8.0)];
        let r = [3.0, -1.0, 4.0, -1.0, 5.0, -9.0, 2.0, -6.0];
        let dot = |a: &[f64; 8], b: &[f64; 8]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let mut qr = Qr::EMPTY;
        qr.push(columns.map(F64x8), F64x8(r));
        let square = dot(&r, &r);
        let normal = Normal {
            cost: 0.5 * square,
            square,
            gradient: columns.map(|c| dot(&c, &r)),
            gram: columns.map(|a| columns.map(|b| dot(&a, &b))),
        };
        (normal, Factored { qr, beyond: [0.0; 3], count_beyond: 0.0 })
    }

    #[test]
    fn both_ways_give_the_same_step() {
        let (normal, factored) = passes();
        let (theta, none) = ([1.0, 2.0, 3.0], [None; 3]);
        let free = [Bounds::FREE; 3];
        let box_1 = [Bounds::FREE, Bounds::new(1.9, 2.1), Bounds::FREE];
        let box_2 = [Bounds::new(0.9, 1.1), Bounds::new(1.9, 2.1), Bounds::new(2.0, 4.0)];
        for bounds in [free, box_1, box_2] {
            for ridge in [[0.0; 3], [1.0, 2.0, 3.0]] {
                for held in [none, [Some(Side::Lower), None, None]] {
                    let a = normal_step(&normal, &ridge, &theta, &bounds, &held);
                    let b = qr_step(&normal, &factored, &ridge, &theta, &bounds, &held);
                    assert_eq!(a.boxed.free, b.boxed.free);
                    for j in 0..3 {
                        // The condition of the normal equations is about 1e3.
                        assert!((a.boxed.delta[j] - b.boxed.delta[j]).abs() < 1e-12, "{a:?} {b:?}");
                        assert!(bounds[j].clamp(a.boxed.theta[j]) == a.boxed.theta[j], "inside");
                    }
                    assert!((a.predicted - b.predicted).abs() < 1e-11 && a.predicted > 0.0, "{a:?} {b:?}");
                }
            }
        }
    }

    #[test]
    fn the_promise_of_the_full_step_is_half_the_explained_square() {
        let (normal, factored) = passes();
        let step = qr_step(&normal, &factored, &[0.0; 3], &[0.0; 3], &[Bounds::FREE; 3], &[None; 3]);
        let explained: f64 = factored.qr.c.iter().map(|c| c * c).sum();
        assert!((step.predicted - 0.5 * explained).abs() < 1e-12 * explained, "{step:?}");
    }
}
