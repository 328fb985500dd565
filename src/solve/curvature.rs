//! What Gauss-Newton leaves out: the second derivatives of the residuals, as a matrix S that is learnt from the gradients
//! where residuals are large, and as the acceleration of a step where the way is bent.
use crate::linalg::Ldl;

use super::bounds::{Bounds, Boxed};
use super::normal::Normal;
use super::stop::is_within;

/// S, an estimate of sum_i psi_i H_i with H_i the Hessian of residual i, from the change of the gradient along the steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Curvature<const P: usize> {
    /// Symmetric; the whole matrix.
    second: [[f64; P]; P],
    used: bool,
}

impl<const P: usize> Curvature<P> {
    pub(crate) const NONE: Curvature<P> = Curvature { second: [[0.0; P]; P], used: false };

    pub(crate) fn is_used(&self) -> bool {
        self.used
    }

    /// J'J + S in the place of J'J, if it predicts better.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn added_to(&self, at: &Normal<P>) -> Normal<P> {
        let mut model = *at;
        if self.used {
            for i in 0..P {
                for j in 0..=i {
                    model.gram[i][j] += self.second[i][j];
                }
            }
        }
        model
    }

    /// Takes in a step that was accepted: S' step = y - J'WJ step, y the change of the gradient, J'WJ that at the end.
    ///
    /// S' is the symmetric matrix with that property nearest to tau S in the norm that is weighted by
    /// v = (J'WJ + ridge) step, which has v'step > 0 in every box (Dennis, Gay and Welsch 1981, ACM TOMS 7, 348-368, eq.
    /// 2.9 and 2.10; they weight by y, for which this need not hold); tau = min(1, |step'(y - J'WJ step)| / |step'S step|)
    /// lets S die with the residuals. S is used if it foretold the change at least twice as well as no S, in the norm of
    /// (J'WJ + ridge)^-1, which knows no units.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn learn(&mut self, from: &Normal<P>, to: &Normal<P>, step: &[f64; P], ridge: &[f64; P]) {
        let (mut change, mut known, mut weighted) = ([0.0; P], [0.0; P], [0.0; P]);
        for i in 0..P {
            let mut linear = 0.0;
            for j in 0..P {
                linear += to.gram[i.max(j)][i.min(j)] * step[j];
                known[i] += self.second[i][j] * step[j];
            }
            change[i] = to.gradient[i] - from.gradient[i] - linear;
            weighted[i] = linear + ridge[i] * step[i];
        }
        let along = dot(step, &weighted);
        // A matrix of zeros, NaN.
        if !(along > 0.0) {
            return;
        }
        let factors = Ldl::new(&to.gram, ridge, &[true; P]);
        let square = |a: &[f64; P]| dot(a, &factors.solve(a)).abs();
        let mut wrong = change;
        for i in 0..P {
            wrong[i] -= known[i];
        }
        // Squares.
        self.used = square(&wrong) < 0.25 * square(&change);
        let (wanted, have) = (dot(step, &change), dot(step, &known));
        let tau = if wanted.abs() < have.abs() { (wanted / have).abs() } else { 1.0 };
        for i in 0..P {
            wrong[i] = change[i] - tau * known[i];
        }
        let excess = dot(step, &wrong) / along;
        for i in 0..P {
            for j in 0..P {
                let both = (wrong[i] * weighted[j] + weighted[i] * wrong[j]) / along;
                self.second[i][j] = tau * self.second[i][j] + both - excess * (weighted[i] / along) * weighted[j];
            }
        }
    }
}

/// Largest 2 |a| / |v| of acceleration and step (Transtrum and Sethna 2012, eq. 15).
const ALPHA: f64 = 0.75;

/// The step with geodesic acceleration, v + a/2, (J'WJ + ridge) a = -J'W r'' (Transtrum and Sethna 2012, arXiv:1201.5885, eq.
/// 12): along a curved valley it stays in the valley to third order.
///
/// `None` where 2 |a| > 3/4 |v| in the norm of the ridge, where a/2 is longer than a parameter and its `scale` (such a
/// step once threw a rate of MGH17 onto a plateau), and outside of the bounds.
pub(crate) fn accelerated<const P: usize>(
    at: &Normal<P>,
    ridge: &[f64; P],
    second: &[f64; P],
    theta: &[f64; P],
    bounds: &[Bounds; P],
    scale: &[f64; P],
    boxed: &Boxed<P>,
) -> Option<Boxed<P>> {
    let mut rhs = [0.0; P];
    for j in 0..P {
        rhs[j] = if boxed.free[j] { -second[j] } else { 0.0 };
    }
    let half = Ldl::new(&at.gram, ridge, &boxed.free).solve(&rhs).map(|a| 0.5 * a);
    let (mut square, mut step_square) = (0.0, 0.0);
    for j in 0..P {
        square += ridge[j] * half[j] * half[j];
        step_square += ridge[j] * boxed.delta[j] * boxed.delta[j];
    }
    // NaN (outside of the domain of the law) is no acceleration.
    if !(16.0 * square <= ALPHA * ALPHA * step_square) || !is_within(&half, theta, scale) {
        return None;
    }
    let mut other = *boxed;
    for j in 0..P {
        if boxed.free[j] {
            other.delta[j] += half[j];
            other.theta[j] = theta[j] + other.delta[j];
        }
        if bounds[j].clamp(other.theta[j]) != other.theta[j] {
            return None;
        }
    }
    Some(other)
}

fn dot<const P: usize>(a: &[f64; P], b: &[f64; P]) -> f64 {
    let mut sum = 0.0;
    for i in 0..P {
        sum += a[i] * b[i];
    }
    sum
}
