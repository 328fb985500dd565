//! The joint problem of all curves seen from its shared parameter.
//!
//! The Jacobian has the shape of an arrow: one column for the shared parameter, and a block for the others of each curve.
//! Eliminating the blocks one by one leaves sums over the curves: the slope of the cost with every curve at its best
//! (envelope theorem: its own parameters do not contribute), and the information on the shared parameter (Schur
//! complement). Both cost one pass over the points of a curve.
use crate::law::{Parameter, Residual, Syn2RealLaw};
use crate::linalg::Qr;
use crate::math;
use crate::point::Point;
use crate::simd::{F64x8, LANES};
use crate::solve::Bounds;

use crate::fit::{FitOptions, weighed};

/// Residual of a point and its derivatives by the shared parameter, the other of D and alpha, and C.
fn row(p: &Point, law: &Syn2RealLaw, shared: Parameter, residual: Residual) -> (f64, [f64; 3]) {
    let [by_d, by_alpha, by_c] = law.gradient_at(p.n);
    let model = law.error_at(p.n);
    let (r, scale) = match residual {
        Residual::Log => (math::ln(model / p.error), 1.0 / model),
        Residual::Linear => (model - p.error, 1.0),
    };
    let by = if shared == Parameter::D { [by_d, by_alpha, by_c] } else { [by_alpha, by_d, by_c] };
    (r, by.map(|v| v * scale))
}

/// Derivative of the cost 1/2 sum w r^2 of one curve by the shared parameter, the others at their best.
pub(super) fn slope(points: &[Point], law: &Syn2RealLaw, shared: Parameter, options: &FitOptions) -> f64 {
    let FitOptions { weights, residual, .. } = *options;
    let mut slope = 0.0;
    for p in points.iter().map(|&p| weighed(p, weights, residual)).filter(|p| p.weight > 0.0) {
        let (r, [by_shared, ..]) = row(&p, law, shared, residual);
        slope += p.weight * r * by_shared;
    }
    slope
}

/// Which of the other of D and alpha, and C, the optimum leaves inside its bounds.
pub(super) fn is_free(law: &Syn2RealLaw, shared: Parameter, options: &FitOptions) -> [bool; 2] {
    let inside = |x: f64, b: Bounds| x > b.lower && x < b.upper;
    let other = if shared == Parameter::D { inside(law.alpha, options.alpha) } else { inside(law.d, options.d) };
    [other, options.fixed_c.is_none() && inside(law.c, options.c)]
}

/// What one curve tells of the shared parameter: |J_s|^2 less its projection on the columns of the curve's own free
/// parameters.
pub(super) fn information(
    points: &[Point],
    law: &Syn2RealLaw,
    shared: Parameter,
    free: [bool; 2],
    options: &FitOptions,
) -> f64 {
    let FitOptions { weights, residual, .. } = *options;
    let mut qr = Qr::<3>::EMPTY;
    for chunk in points.chunks(LANES) {
        let mut columns = [F64x8([0.0; LANES]); 3];
        let points = chunk.iter().map(|&p| weighed(p, weights, residual));
        for (lane, p) in points.enumerate().filter(|(_, p)| p.weight > 0.0) {
            let (_, [by_shared, by_other, by_c]) = row(&p, law, shared, residual);
            let own = [if free[0] { by_other } else { 0.0 }, if free[1] { by_c } else { 0.0 }, by_shared];
            for (column, by) in columns.iter_mut().zip(own) {
                column.0[lane & (LANES - 1)] = math::sqrt(p.weight) * by;
            }
        }
        qr.push(columns, F64x8([0.0; LANES]));
    }
    let left = qr.r.0[2][2];
    left * left
}
