//! Standard errors, one-sided curvatures and condition at the optimum.
use crate::law::Residual;
use crate::linalg::{Ldl, Qr, Triangle};
use crate::math;
use crate::point::Point;
use crate::solve::Side;

use super::loss::Cost;
use super::optimum::Optimum;
use super::options::{FitOptions, Weights};
use super::report::Spread;
use super::report::{Class, Minimum};
use super::solver::Local;

/// What the data say of the uncertainty at the optimum.
pub(crate) struct Spreads {
    pub(crate) spreads: [Spread; 3],
    pub(crate) condition: Option<f64>,
    pub(crate) degrees_of_freedom: i64,
    /// sum w r^2 in the units of the curve.
    pub(crate) square: f64,
}

/// Sums over the points at the optimum, in the coordinates of the solver.
struct Moments {
    /// sum w r^2.
    square: f64,
    /// J' W J, with the rows beyond the Huber delta left out.
    gram: [[f64; 3]; 3],
    /// Outer products of the scores w psi J: the middle of the sandwich.
    score: [[f64; 3]; 3],
    /// sum w psi^2.
    psi_square: f64,
    /// sum w, and the part of it within the Huber delta.
    weight: f64,
    inside: f64,
}

/// Standard errors at the optimum `local`, which is `minimum` in the user's units, on the bounds `sides`.
#[inline(never)]
pub(crate) fn at(
    optimum: &Optimum<'_>,
    options: &FitOptions,
    local: &Local,
    (minimum, sides): (&Minimum, [Option<Side>; 3]),
    points: impl Iterator<Item = Point> + Clone,
) -> Spreads {
    let fixed = optimum.domain.fixed;
    let mut free = sides.map(|side| side.is_none());
    if minimum.class == Class::Flat {
        // alpha is undefined, and of D and C one alone is determined: C, or D where the user holds C.
        free = [fixed[2] && free[0], false, !fixed[2]];
    }
    let estimated = free.iter().filter(|&&f| f).count();
    let degrees_of_freedom = optimum.curve.points as i64 - estimated as i64;
    let is_held = (0..3).any(|j| !free[j] && !fixed[j]);
    let needs_moments = optimum.cost != Cost::Square || is_held || minimum.class == Class::Flat;
    let mut result =
        Spreads { spreads: [Spread::Unknown; 3], condition: None, degrees_of_freedom, square: 2.0 * local.cost };
    if !options.covariance && optimum.cost == Cost::Square {
        return result;
    }
    // ln n_ref of the solver's coordinates: D = x e^(alpha ln n_ref).
    let tau = optimum.curve.ln_n_min + local.frame.reference;
    let moments = needs_moments.then(|| match optimum.cost {
        // On long curves it is not worth another pass.
        Cost::Square if !optimum.curve.is_complete => square_moments(optimum, local),
        _ => moments(optimum, options.residual, local, tau, points),
    });
    if let Some(m) = &moments {
        result.square = m.square;
    }
    if !options.covariance {
        return result;
    }
    let Some(triangle) = optimum.minima.triangle else { return result };
    let triangle = triangle_of(&triangle, &free);
    // The condition is that of (D, alpha, C).
    let [[a, b, c], [_, d, e], [_, _, f]] = triangle.0;
    let x = local.theta[0];
    let by_user = Triangle([[a * x, b - tau * x * a, c], [0.0, d, e], [0.0, 0.0, f]]);
    if estimated > 0 && minimum.class != Class::Flat {
        let condition = by_user.condition(&free);
        result.condition = Some(condition * condition).filter(|v| v.is_finite());
    }
    if degrees_of_freedom <= 0 {
        return result;
    }
    let psi_square = moments.as_ref().map_or(2.0 * local.cost, |m| m.psi_square);
    let variance = match options.weights {
        Weights::Relative => psi_square / degrees_of_freedom as f64,
        Weights::Absolute | Weights::Sigma => 1.0 / optimum.cost_unit(options.residual),
    };
    // What turns the rise of a Huber cost into chi^2: mean psi^2 / mean psi' (Huber 1981, section 7.6).
    let rise = variance * moments.as_ref().map_or(1.0, |m| m.weight / m.inside);
    let covariance = match (&moments, optimum.cost) {
        (Some(m), Cost::Huber(_)) => sandwich(m, &free, optimum.curve.points as f64 / degrees_of_freedom as f64),
        (Some(m), _) if minimum.class == Class::Flat => scaled(inverse(&m.gram, &free), variance),
        _ => scaled(triangle.inverse_gram(&free), variance),
    };
    let wald = |j: usize, by: [f64; 3]| {
        let mut v = 0.0;
        for (row, by_row) in covariance.iter().zip(by) {
            for (entry, by_column) in row.iter().zip(by) {
                v += by_row * entry * by_column;
            }
        }
        let std_error = math::sqrt(v) * if j == 1 { 1.0 } else { optimum.curve.scale };
        if v >= 0.0 && std_error.is_finite() { Spread::Wald { std_error } } else { Spread::Unknown }
    };
    // D = x e^(alpha tau).
    let stretch = math::exp(local.alpha * tau);
    let gradients = [[stretch, local.theta[0] * stretch * tau, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for (j, by) in gradients.into_iter().enumerate() {
        let spread = match (free[j], sides[j], &moments) {
            (true, _, _) => wald(j, by),
            (false, Some(side), Some(m)) if !fixed[j] && minimum.class != Class::Flat => {
                let unit = if j == 1 { 1.0 } else { optimum.curve.scale };
                one_sided(m, &free, j, side, local.gradient[j], rise, unit)
            }
            _ => Spread::Unknown,
        };
        if let Some(slot) = result.spreads.get_mut(j) {
            *slot = spread;
        }
    }
    result
}

/// The triangle of the free columns alone, those of the others zero.
fn triangle_of(triangle: &Triangle<3>, free: &[bool; 3]) -> Triangle<3> {
    let [[a, b, _], [_, d, _], _] = triangle.0;
    match free {
        [true, true, true] => return *triangle,
        // What is left of the first columns is a triangle already.
        [true, true, false] => return Triangle([[a, b, 0.0], [0.0, d, 0.0], [0.0; 3]]),
        _ => {}
    }
    Qr { r: *triangle, c: [0.0; 3] }.reduced(free, &[0.0; 3], &[0.0; 3]).r
}

/// The sums for the square loss, which the last pass has. The score is that of the sandwich, which only Huber needs.
fn square_moments(optimum: &Optimum<'_>, local: &Local) -> Moments {
    let [[a, ..], [b, d, _], [c, e, f]] = local.gram;
    let (square, weight) = (2.0 * local.cost, optimum.curve.weight_sum);
    Moments {
        square,
        gram: [[a, b, c], [b, d, e], [c, e, f]],
        score: [[0.0; 3]; 3],
        psi_square: square,
        weight,
        inside: weight,
    }
}

fn moments(
    optimum: &Optimum<'_>,
    residual: Residual,
    local: &Local,
    reference: f64,
    points: impl Iterator<Item = Point>,
) -> Moments {
    let [x, alpha, z] = local.theta;
    let mut m =
        Moments { square: 0.0, gram: [[0.0; 3]; 3], score: [[0.0; 3]; 3], psi_square: 0.0, weight: 0.0, inside: 0.0 };
    for p in points.filter(|p| p.weight > 0.0) {
        let (t, error) = (math::ln(p.n) - reference, p.error / optimum.curve.scale);
        let w = p.weight / optimum.curve.weight_scale;
        let u = math::exp(-alpha * t);
        let model = x * u + z;
        let (r, by_model) = match residual {
            Residual::Log => (math::ln(model / error), 1.0 / model),
            Residual::Linear => (model - error, 1.0),
        };
        let row = [u * by_model, -x * u * t * by_model, by_model];
        // The cost is w rho(r): a weight of 2 is the point twice, and delta is in units of r.
        let beyond = match optimum.cost {
            Cost::Huber(delta) => r.abs() / delta,
            Cost::Square => 0.0,
        };
        let (slope, inside) = if beyond > 1.0 { (w * r / beyond, 0.0) } else { (w * r, w) };
        m.square += w * r * r;
        m.psi_square += slope * slope / w;
        m.weight += w;
        m.inside += inside;
        for ((gram, score), a) in m.gram.iter_mut().zip(&mut m.score).zip(row) {
            for ((gram, score), b) in gram.iter_mut().zip(score).zip(row) {
                *gram += inside * a * b;
                *score += slope * slope * a * b;
            }
        }
    }
    m
}

/// Inverse on the free parameters, zeros elsewhere.
fn inverse(a: &[[f64; 3]; 3], free: &[bool; 3]) -> [[f64; 3]; 3] {
    Ldl::new(a, &[0.0; 3], free).inverse(free)
}

fn scaled(a: [[f64; 3]; 3], by: f64) -> [[f64; 3]; 3] {
    a.map(|row| row.map(|v| v * by))
}

fn product(a: &[[f64; 3]; 3], b: &[[f64; 3]; 3]) -> [[f64; 3]; 3] {
    core::array::from_fn(|i| core::array::from_fn(|j| a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j]))
}

/// A^-1 B A^-1 n / (n - p): right whatever the distribution of the residuals (Huber 1981, section 6.2).
fn sandwich(m: &Moments, free: &[bool; 3], factor: f64) -> [[f64; 3]; 3] {
    let bread = inverse(&m.gram, free);
    scaled(product(&product(&bread, &m.score), &bread), factor)
}

/// The rise of the cost when the held parameter j moves inside, the free ones following.
fn one_sided(m: &Moments, free: &[bool; 3], j: usize, side: Side, gradient: f64, variance: f64, unit: f64) -> Spread {
    let column = m.gram.get(j).copied().unwrap_or([0.0; 3]);
    let bread = inverse(&m.gram, free);
    let mut curvature = column.get(j).copied().unwrap_or(0.0);
    for (row, a) in bread.iter().zip(column) {
        for (entry, b) in row.iter().zip(column) {
            curvature -= a * entry * b;
        }
    }
    let curvature = if curvature > 0.0 { curvature } else { 0.0 };
    let (gradient, curvature) = (gradient.abs() / (variance * unit), curvature / (variance * unit * unit));
    if gradient.is_finite() && curvature.is_finite() && gradient + curvature > 0.0 {
        Spread::OneSided { side, gradient, curvature }
    } else {
        Spread::Unknown
    }
}
