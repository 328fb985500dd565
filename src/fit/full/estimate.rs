//! From the lowest minimum in the units of the search to the law, its class and its covariance.
use crate::law::{AdditiveLaw, FullLaw, Parameter, Residual};
use crate::linalg::{Qr, Triangle};
use crate::math;
use crate::simd::F64x8;
use crate::solve::{Bounds, Side, Termination};

use super::super::error::FitError;
use super::super::options::{FitOptions, Weights};
use super::grid::Grid;
use super::model::{Shape, Surface};
use super::options::{FullOptions, PRODUCT, SUM};
use super::report::{AdditiveFit, FullClass, FullFit, FullReport, GridFit, GridMinimum};
use super::search::{Local, Minima};

/// A column of the Jacobian that has less than this share of its length for itself depends on the others: 256 eps, as in
/// `solve`.
const DEPENDENT: f64 = 256.0 * f64::EPSILON;

/// One result with six parameters in the order of `PRODUCT` or `SUM`.
struct Fitted {
    parameters: [[f64; 6]; 4],
    costs: [f64; 4],
    report: FullReport,
    covariance: Option<[[f64; 6]; 6]>,
    free: [bool; 6],
}

/// Where the parameters are in the units of the user.
struct Units<'a> {
    surface: &'a Surface,
    options: &'a FullOptions,
}

/// Which parameters the options hold.
pub(crate) fn held(options: &FullOptions, is_sum: bool) -> [bool; 6] {
    let fixed = |b: Bounds| b.lower == b.upper;
    [
        !is_sum && fixed(options.delta),
        !is_sum && fixed(options.gamma),
        fixed(options.alpha),
        fixed(options.beta),
        !options.n0.is_free(),
        !options.e.is_free(),
    ]
}

pub(crate) fn full(
    grid: &Grid,
    options: &FullOptions,
    surface: &Surface,
    minima: &Minima,
) -> Result<FullFit, FitError> {
    let f = fitted(grid, options, surface, minima)?;
    let law = |[delta, gamma, alpha, beta, n0, e]: [f64; 6]| FullLaw { delta, gamma, alpha, beta, n0, e };
    let [a, b, c, d] = f.parameters.map(law);
    let [p, q, r, s] = f.costs;
    let minima = [(a, p), (b, q), (c, r), (d, s)].map(|(law, cost)| GridMinimum { law, cost });
    let held = held(options, false);
    Ok(GridFit { law: a, report: f.report, minima, covariance: f.covariance, free: f.free, held })
}

pub(crate) fn additive(
    grid: &Grid,
    options: &FullOptions,
    surface: &Surface,
    minima: &Minima,
) -> Result<AdditiveFit, FitError> {
    let f = fitted(grid, options, surface, minima)?;
    let law = |[a, b, alpha, beta, _, e]: [f64; 6]| AdditiveLaw { a, alpha, b, beta, e };
    let [a, b, c, d] = f.parameters.map(law);
    let [p, q, r, s] = f.costs;
    let minima = [(a, p), (b, q), (c, r), (d, s)].map(|(law, cost)| GridMinimum { law, cost });
    // A, alpha, B, beta, E out of A, B, alpha, beta, n0, E.
    fn pick<T>([a, b, alpha, beta, _, e]: [T; 6]) -> [T; 5] {
        [a, alpha, b, beta, e]
    }
    let held = pick(held(options, true));
    let covariance = f.covariance.map(|c| pick(c.map(pick)));
    Ok(GridFit { law: a, report: f.report, minima, covariance, free: pick(f.free), held })
}

fn fitted(grid: &Grid, options: &FullOptions, surface: &Surface, minima: &Minima) -> Result<Fitted, FitError> {
    let [Some(best), ..] = &minima.lowest else { return Err(FitError::NotConverged(Termination::NonFinite)) };
    let solution = &best.solution;
    if !solution.termination.is_converged() {
        return Err(FitError::NotConverged(solution.termination));
    }
    let units = Units { surface, options };
    let cost_unit =
        grid.weight_scale * if options.residual == Residual::Linear { grid.scale * grid.scale } else { 1.0 };
    let mut parameters = [units.parameters(best); 4];
    let mut costs = [solution.cost * cost_unit; 4];
    for ((slot, cost), local) in parameters.iter_mut().zip(&mut costs).zip(minima.lowest.iter().flatten()) {
        (*slot, *cost) = (units.parameters(local), local.solution.cost * cost_unit);
    }
    // delta is the extrapolation to n = s = 1 and may leave the range of f64 where the law at the data does not.
    let [first, ..] = parameters;
    if !first.iter().all(|v| v.is_finite() && (*v == 0.0 || v.is_normal())) {
        return Err(FitError::NotConverged(Termination::NonFinite));
    }
    let free = units.free(best);
    let estimated = free.iter().filter(|&&f| f).count();
    let degrees_of_freedom = grid.points as i64 - estimated as i64;
    let rms = math::sqrt(2.0 * solution.cost * grid.weight_scale / grid.weight_sum)
        * if options.residual == Residual::Linear { grid.scale } else { 1.0 };
    let is_sum = surface.shape == Shape::Sum;
    let mut report = FullReport {
        residual: options.residual,
        weights: options.weights,
        cost: solution.cost * cost_unit,
        rms,
        class: units.class(best),
        termination: solution.termination,
        iterations: solution.iterations,
        evaluations: minima.evaluations,
        minima_found: minima.found,
        condition: None,
        points: grid.points,
        degrees_of_freedom,
        parameters: held(options, is_sum).iter().filter(|&&h| !h).count(),
        n_min: grid.n_min,
        n_max: grid.n_max,
        s_min: grid.s_min,
        s_max: grid.s_max,
    };
    let mut covariance = None;
    if options.covariance && estimated > 0 {
        let triangle = units.triangle(best, &first);
        let condition = triangle.condition(&free);
        report.condition = Some(condition * condition).filter(|c| c.is_finite());
        if degrees_of_freedom > 0 && triangle.pivot_ratio(&free) > DEPENDENT {
            let variance = match options.weights {
                Weights::Relative => 2.0 * solution.cost / degrees_of_freedom as f64,
                Weights::Absolute => 1.0 / cost_unit,
            };
            covariance = Some(triangle.inverse_gram(&free).map(|row| row.map(|v| v * variance)))
                .filter(|c| c.iter().flatten().all(|v| v.is_finite()));
        }
    }
    Ok(Fitted { parameters, costs, report, covariance, free })
}

impl Units<'_> {
    /// n_ref^alpha and s_ref^beta.
    fn references(&self, alpha: f64, beta: f64) -> (f64, f64) {
        (math::exp(alpha * self.surface.ln_n_ref), math::exp(beta * self.surface.ln_s_ref))
    }

    fn parameters(&self, local: &Local) -> [f64; 6] {
        let Surface { shape, scale, .. } = *self.surface;
        let [x, y, mut alpha, beta, ln_n0, e] = local.solution.theta;
        let (by_n, by_s) = self.references(alpha, beta);
        let flat = local.pins.flat_n;
        let (first, second) = match shape {
            Shape::Product if flat => (y * by_s * scale, 0.0),
            Shape::Product => (x * by_n * by_s * scale, y / x / by_n),
            Shape::Bounded => (math::exp(x) * scale, y),
            Shape::Sum => (x * by_n * scale, y * by_s * scale),
        };
        if flat && shape != Shape::Bounded {
            alpha = if self.options.alpha.lower == self.options.alpha.upper { alpha } else { 0.0 };
        }
        let mut n0 = self.options.n0.value().or(local.n0).unwrap_or_else(|| math::exp(ln_n0));
        if flat && self.options.n0.is_free() {
            n0 = 0.0;
        }
        // Held values themselves, free of the rounding of the change of units.
        let within = |b: Bounds, v: f64| if shape == Shape::Bounded { b.clamp(v) } else { v };
        let e = self.options.e.value().unwrap_or(e * scale);
        [within(self.options.delta, first), within(self.options.gamma, second), alpha, beta, n0, e]
    }

    /// Which parameters of the user are inside their bounds.
    fn free(&self, local: &Local) -> [bool; 6] {
        let mut free = local.solution.active.map(|side| side.is_none());
        if local.n0.is_some() {
            free[4] = false;
        }
        if local.pins.flat_n {
            if self.surface.shape == Shape::Product {
                // The law is written with gamma = 0, so that y is delta.
                free[0] = free[1];
                free[1] = false;
            }
            free[4] = false;
        }
        free
    }

    /// The triangle of the Jacobian by the user's parameters: R of the search times d theta / d user.
    fn triangle(&self, local: &Local, user: &[f64; 6]) -> Triangle<6> {
        let Surface { shape, ln_n_ref, ln_s_ref, scale, .. } = *self.surface;
        let [x, y, alpha, beta, ..] = local.solution.theta;
        let (by_n, by_s) = self.references(alpha, beta);
        let n0 = user[4];
        let mut m = [[0.0; 6]; 6];
        match shape {
            Shape::Product if local.pins.flat_n => {
                m[1] = [1.0 / (by_s * scale), 0.0, 0.0, -y * ln_s_ref, 0.0, 0.0];
            }
            Shape::Product => {
                m[0] = [1.0 / (by_n * by_s * scale), 0.0, -x * ln_n_ref, -x * ln_s_ref, 0.0, 0.0];
                m[1] = [user[1] / (by_s * scale), x * by_n, 0.0, -y * ln_s_ref, 0.0, 0.0];
            }
            Shape::Bounded => {
                m[0][0] = 1.0 / user[0];
                m[1][1] = 1.0;
            }
            Shape::Sum => {
                m[0] = [1.0 / (by_n * scale), 0.0, -x * ln_n_ref, 0.0, 0.0, 0.0];
                m[1] = [0.0, 1.0 / (by_s * scale), 0.0, -y * ln_s_ref, 0.0, 0.0];
            }
        }
        (m[2][2], m[3][3], m[5][5]) = (1.0, 1.0, 1.0 / scale);
        m[4][4] = if n0 > 0.0 { 1.0 / n0 } else { 0.0 };
        // solution.r has zero columns where the search held a parameter.
        let mut columns = [F64x8::splat(0.0); 6];
        for (i, row) in local.solution.r.0.iter().enumerate() {
            for (column, k) in columns.iter_mut().zip(0..6) {
                let mut sum = 0.0;
                for (a, b) in row.iter().zip(&m) {
                    sum += a * b.get(k).copied().unwrap_or(0.0);
                }
                if let Some(lane) = column.0.get_mut(i) {
                    *lane = sum;
                }
            }
        }
        let mut qr = Qr::EMPTY;
        qr.push(columns, F64x8::splat(0.0));
        qr.reduced(&self.free(local), &[0.0; 6], &[0.0; 6]).r
    }

    fn class(&self, local: &Local) -> FullClass {
        let (options, shape) = (self.options, self.surface.shape);
        let is_sum = shape == Shape::Sum;
        let held = held(options, is_sum);
        let names = if is_sum { SUM } else { PRODUCT };
        let active = local.solution.active;
        let vanishes = shape != Shape::Bounded && active[0] == Some(Side::Lower);
        if local.pins.flat_n || vanishes {
            return FullClass::Flat;
        }
        let open = |j: usize| held.get(j) == Some(&false);
        if active[2] == Some(Side::Upper) && open(2) && options.alpha.upper == FitOptions::ALPHA_MAX {
            return FullClass::AlphaMax;
        }
        if active[1] == Some(Side::Lower) && open(1) && !is_sum && options.gamma.lower == 0.0 {
            return FullClass::NoGap;
        }
        if active[3] == Some(Side::Lower) && open(3) && !is_sum && options.beta.lower == 0.0 {
            return FullClass::NoFineTuning;
        }
        if local.n0.is_some() && open(4) {
            return FullClass::AtBound { parameter: Parameter::N0, side: Side::Lower };
        }
        for (j, (side, parameter)) in active.into_iter().zip(names).enumerate() {
            if let (Some(side), true) = (side, open(j)) {
                return FullClass::AtBound { parameter, side };
            }
        }
        FullClass::Interior
    }
}
