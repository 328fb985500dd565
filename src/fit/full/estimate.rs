//! From the lowest minimum in the units of the search to the law, its class and its covariance.
use crate::law::{GridLaw, Parameter, Residual};
use crate::linalg::{Qr, Triangle};
use crate::math;
use crate::simd::F64x8;
use crate::solve::{Loss, Side, Termination};

use super::super::error::FitError;
use super::super::options::{FitOptions, Weights};
use super::grid::{Grid, GridRows};
use super::options::Settings;
use super::report::{FullClass, FullReport, GridFit, GridMinimum};
use super::robust;
use super::search::{Local, Minima, Search};
use super::surface::{Shape, Surface};

/// A column of the Jacobian that has less than this share of its length for itself depends on the others: 256 eps, as in
/// `solve`.
pub(super) const DEPENDENT: f64 = 256.0 * f64::EPSILON;

/// One result with the six parameters.
pub(crate) struct Fitted {
    pub(crate) parameters: [[f64; 6]; 4],
    costs: [f64; 4],
    report: FullReport,
    covariance: Option<[[f64; 6]; 6]>,
    free: [bool; 6],
    settings: Settings,
}

/// Where the parameters are in the units of the user.
struct Units<'a> {
    surface: &'a Surface,
    settings: &'a Settings,
}

impl Fitted {
    /// As the fit of a law, which is made of the six parameters.
    pub(crate) fn of<L: GridLaw, const P: usize>(self, law: fn([f64; 6]) -> L) -> GridFit<L, P> {
        let ([a, b, c, d], [p, q, r, s]) = (self.parameters.map(law), self.costs);
        let minima = [(a, p), (b, q), (c, r), (d, s)].map(|(law, cost)| GridMinimum { law, cost });
        let Fitted { report, covariance, free, settings, .. } = self;
        GridFit { law: a, report, minima, covariance, free, settings }
    }
}

/// The fit of these rows.
pub(crate) fn fit(data: &GridRows<'_>, settings: &Settings) -> Result<Fitted, FitError> {
    let grid = Grid::read(data, settings)?;
    grid.identify(settings, 0)?;
    let unit = if settings.residual == Residual::Linear { grid.scale } else { 1.0 };
    let search = Search::new(data, &grid, settings, f64::INFINITY);
    let surface = search.surface;
    let units = Units { surface: &surface, settings };
    let square = search.run(None);
    let delta = match (settings.loss, &square.lowest) {
        (Loss::HuberAbsolute { delta }, _) => Some(delta),
        (Loss::Huber { k }, [Some(best), ..]) => {
            let six = units.parameters(best);
            robust::delta(data, grid.points, k, unit, |p| robust::residual(settings, &six, p).0)?
        }
        _ => None,
    };
    let Some(delta) = delta else { return fitted(data, &grid, settings, &surface, &square, None) };
    if !(delta / unit >= robust::ROUNDING) {
        return Err(FitError::BadOption { field: "loss" });
    }
    let minima = Search::new(data, &grid, settings, delta / unit).run(Some(&square));
    let evaluations = minima.evaluations.saturating_add(square.evaluations);
    fitted(data, &grid, settings, &surface, &Minima { evaluations, ..minima }, Some(delta))
}

fn fitted(
    data: &GridRows<'_>,
    grid: &Grid,
    settings: &Settings,
    surface: &Surface,
    minima: &Minima,
    delta: Option<f64>,
) -> Result<Fitted, FitError> {
    let [Some(best), ..] = &minima.lowest else { return Err(FitError::NotConverged(Termination::NonFinite)) };
    let solution = &best.solution;
    if !solution.termination.is_converged() {
        return Err(FitError::NotConverged(solution.termination));
    }
    let units = Units { surface, settings };
    let unit = if settings.residual == Residual::Linear { grid.scale } else { 1.0 };
    let cost_unit = grid.weight_scale * unit * unit;
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
    let moments = delta.map(|delta| robust::Moments::new(data, settings, &first, delta));
    let rms = match &moments {
        Some(moments) => math::sqrt(moments.square / grid.weight_sum),
        None => math::sqrt(2.0 * solution.cost * grid.weight_scale / grid.weight_sum) * unit,
    };
    let mut report = FullReport {
        residual: settings.residual,
        loss: settings.loss,
        weights: settings.weights,
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
        parameters: settings.held().iter().filter(|&&h| !h).count(),
        n_min: grid.n_min,
        n_max: grid.n_max,
        s_min: grid.s_min,
        s_max: grid.s_max,
        huber_delta: delta,
    };
    let mut covariance = None;
    if settings.covariance && estimated > 0 {
        let triangle = match &moments {
            Some(moments) => moments.triangle(&free),
            None => units.triangle(best, &first),
        };
        let condition = triangle.condition(&free);
        report.condition = Some(condition * condition).filter(|c| c.is_finite());
        if degrees_of_freedom > 0 && triangle.pivot_ratio(&free) > DEPENDENT {
            let bread = triangle.inverse_gram(&free);
            let found = match (&moments, settings.weights) {
                (Some(moments), _) => moments.sandwich(&bread, grid.points as f64 / degrees_of_freedom as f64),
                (None, Weights::Relative) => {
                    let variance = 2.0 * solution.cost / degrees_of_freedom as f64;
                    bread.map(|row| row.map(|v| v * variance))
                }
                (None, Weights::Absolute | Weights::Sigma) => bread.map(|row| row.map(|v| v * (1.0 / cost_unit))),
            };
            covariance = Some(found).filter(|c| c.iter().flatten().all(|v| v.is_finite()));
        }
    }
    Ok(Fitted { parameters, costs, report, covariance, free, settings: *settings })
}

impl Units<'_> {
    fn parameters(&self, local: &Local) -> [f64; 6] {
        self.surface.law(&local.solution.theta, local.n0, local.pins.flat_n, self.settings)
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
        let m = self.surface.by_user(&local.solution.theta, user, local.pins.flat_n);
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
        let (settings, shape) = (self.settings, self.surface.shape);
        let (is_sum, held, names) = (settings.is_sum(), settings.held(), settings.parameters());
        let [first, second, alpha, beta, ..] = settings.bounds;
        let active = local.solution.active;
        let vanishes = shape != Shape::Bounded && active[0] == Some(Side::Lower) && first.lower == 0.0;
        let open = |j: usize| held.get(j) == Some(&false);
        if local.pins.flat_n || (vanishes && open(0)) {
            return FullClass::Flat;
        }
        if active[2] == Some(Side::Upper) && open(2) && alpha.upper == FitOptions::ALPHA_MAX {
            return FullClass::AlphaMax;
        }
        if active[1] == Some(Side::Lower) && open(1) && !is_sum && second.lower == 0.0 {
            return FullClass::NoGap;
        }
        if active[3] == Some(Side::Lower) && open(3) && !is_sum && beta.lower == 0.0 {
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
