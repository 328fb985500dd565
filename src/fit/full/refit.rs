//! A fit over n and s made ready to be fitted again with a quantity pulled to a value.
//!
//! A row more, sqrt(k) (quantity - target), pulls the quantity. Where the cost with it is least, the gradient of the cost of
//! the data is a multiple of that of the quantity: the place is on the profile of the quantity, whatever k is. So the
//! profile needs no coordinates of its own for each quantity, and a k of the size that the data have keeps the problem as
//! well conditioned as the fit.
use crate::law::Residual;
use crate::math;
use crate::point::GridPoint;
use crate::simd::LANES;
use crate::solve::{Bounds, Observations, Solution, solve_straight};

use super::super::error::FitError;
use super::grid::{Grid, GridRows, rows};
use super::options::Settings;
use super::report::Erased;
use super::robust::{self, Moments};
use super::search::solve_options;
use super::surface::{PULLS, Pull, Pulled, Surface};

/// Steps of a fit with a quantity pulled; it starts next to where it ends.
const ITERATIONS: u32 = 200;

/// The fit, its data and its search.
pub(crate) struct Refit<'a> {
    pub(crate) fit: &'a Erased,
    pub(crate) data: &'a GridRows<'a>,
    pub(crate) grid: Grid,
    surface: Surface,
    bounds: [Bounds; 6],
    /// The Huber delta in the units of the search, infinite in least squares.
    delta: f64,
    /// What turns a cost of the search into the user's.
    pub(crate) cost_unit: f64,
}

/// A place on a profile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) theta: [f64; 6],
    /// Of the data alone, in the user's units.
    pub(crate) cost: f64,
    /// The quantity there.
    pub(crate) value: f64,
}

impl<'a> Refit<'a> {
    /// `None` if the rows are not those of the fit: other extents, or another cost at the law.
    pub(crate) fn new(fit: &'a Erased, data: &'a GridRows<'a>) -> Result<Option<Refit<'a>>, FitError> {
        let (settings, report) = (&fit.settings, &fit.report);
        let grid = Grid::read(data, settings)?;
        let same = grid.points == report.points
            && [grid.n_min, grid.n_max, grid.s_min, grid.s_max]
                == [report.n_min, report.n_max, report.s_min, report.s_max];
        if !same {
            return Ok(None);
        }
        let surface = Surface::new(&grid, settings);
        let unit = if settings.residual == Residual::Linear { grid.scale } else { 1.0 };
        let delta = report.huber_delta.map_or(f64::INFINITY, |delta| delta / unit);
        let bounds = surface.domain(&grid, settings);
        let refit = Refit { fit, data, surface, bounds, delta, cost_unit: grid.weight_scale * unit * unit, grid };
        // The law was rounded, and so is each residual: some 64 eps of the largest error.
        let rounding = 64.0 * f64::EPSILON * unit;
        let slack = rounding * math::sqrt(2.0 * grid.weight_sum * report.cost) + rounding * rounding * grid.weight_sum;
        let gap = (refit.cost_of(&fit.six) - report.cost).abs();
        Ok(Some(refit).filter(|_| gap <= 1e-9 * report.cost + slack))
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.fit.settings
    }

    /// The cost of a law.
    fn cost_of(&self, six: &[f64; 6]) -> f64 {
        let limit = self.fit.report.huber_delta.unwrap_or(f64::INFINITY);
        let rho = |r: f64| if r.abs() > limit { limit * (r.abs() - 0.5 * limit) } else { 0.5 * r * r };
        let used = rows(self.data).filter(|p| p.weight > 0.0);
        used.map(|p| p.weight * rho(robust::residual(self.settings(), six, &p).0)).sum()
    }

    /// Sums over the rows at the optimum of a robust loss.
    pub(crate) fn moments(&self) -> Option<Moments<6>> {
        let delta = self.fit.report.huber_delta?;
        Some(Moments::new(self.data, self.settings(), &self.fit.six, delta))
    }

    /// (J' W J)^-1 on the free parameters in the units of the user (rows beyond the Huber delta left out), 0 where it is
    /// singular; and sum w psi^2.
    pub(crate) fn bread(&self) -> ([[f64; 6]; 6], f64) {
        let (settings, report) = (self.settings(), &self.fit.report);
        let delta = report.huber_delta.unwrap_or(f64::INFINITY);
        let moments = Moments::new(self.data, settings, &self.fit.six, delta);
        let triangle = moments.triangle(&self.fit.free);
        let bread = triangle.inverse_gram(&self.fit.free);
        let is_good = bread.iter().flatten().all(|v| v.is_finite());
        (if is_good { bread } else { [[0.0; 6]; 6] }, moments.psi_square)
    }

    /// The law of a place.
    pub(crate) fn six(&self, theta: &[f64; 6]) -> [f64; 6] {
        self.surface.six(theta, self.settings())
    }

    /// The coordinates of a law.
    pub(crate) fn theta(&self, six: &[f64; 6]) -> [f64; 6] {
        self.surface.theta(six, &self.bounds, self.fit.is_flat())
    }

    /// The pulled quantity at a place, in the user's units.
    pub(crate) fn value(&self, pull: Pull, theta: &[f64; 6]) -> f64 {
        let unit = self.surface.unit(pull);
        self.surface.pulled(pull, theta).0 * unit.0 + unit.1
    }

    /// The rise of the cost, to second order, with half the square of a change of the quantity: 1 / (a' H^-1 a), in the units
    /// of the user; `None` where the optimum does not say (the quantity rests on a bound, or nothing determines it).
    pub(crate) fn curvature(&self, pull: Pull, theta: &[f64; 6]) -> Option<f64> {
        let options = solve_options(&self.bounds, self.delta, 0, self.settings().isa);
        let s = solve_straight(&self.surface, self.data, *theta, &options).ok()?;
        let free = s.active.map(|side| side.is_none());
        let (_, gradient) = self.surface.pulled(pull, theta);
        let along: f64 = s.r.solve_transposed(&gradient, &free).iter().map(|z| z * z).sum();
        let (factor, _) = self.surface.unit(pull);
        Some(self.cost_unit / (along * factor * factor)).filter(|c| *c > 0.0 && c.is_finite())
    }

    /// The lowest cost near `theta` with the quantity pulled to `target` by the stiffness `k`, both in the user's units.
    pub(crate) fn pulled(&self, pull: Pull, target: f64, k: f64, theta: &[f64; 6]) -> Option<Place> {
        let (factor, shift) = self.surface.unit(pull);
        let stiffness = k * factor * factor / self.cost_unit;
        let (quantity, target, root) = (Surface::pulled, (target - shift) / factor, math::sqrt(stiffness));
        let surface = Surface { pulled: Some(Pulled { pull, quantity, target, root }), ..self.surface };
        let s = self.solved(&surface, GridPoint::new(1.0, 1.0, 1.0).with_weight(PULLS), theta)?;
        let (value, _) = self.surface.pulled(pull, &s.theta);
        let miss = root * (value - target);
        let cost = (s.cost - 0.5 * miss * miss) * self.cost_unit;
        Some(Place { theta: s.theta, cost, value: value * factor + shift }).filter(|p| p.cost.is_finite())
    }

    /// The lowest cost of the data and a measurement more, and L there.
    pub(crate) fn with(&self, more: GridPoint, theta: &[f64; 6]) -> Option<Place> {
        let pull = Pull::Error { n: more.n, s: more.s };
        let s = self.solved(&self.surface, more, theta)?;
        Some(Place { theta: s.theta, cost: s.cost * self.cost_unit, value: self.value(pull, &s.theta) })
    }

    fn solved(&self, surface: &Surface, last: GridPoint, theta: &[f64; 6]) -> Option<Solution<6>> {
        let data: &GridRows<'_> = &Extended { data: self.data, last };
        let options = solve_options(&self.bounds, self.delta, ITERATIONS, self.settings().isa);
        solve_straight(surface, data, *theta, &options).ok().filter(|s| s.cost.is_finite())
    }
}

/// The rows of the data and one more.
struct Extended<'a> {
    data: &'a GridRows<'a>,
    last: GridPoint,
}

impl Observations<GridPoint> for Extended<'_> {
    fn len(&self) -> usize {
        self.data.len().saturating_add(1)
    }

    fn block(&self, k: usize) -> Option<[GridPoint; LANES]> {
        let mut rows = [self.last; LANES];
        let Some(block) = self.data.block(k) else {
            return (k * LANES == self.data.len()).then_some(rows);
        };
        let left = self.data.len().saturating_sub(k * LANES);
        for (row, point) in rows.iter_mut().zip(block).take(left) {
            *row = point;
        }
        Some(rows)
    }
}
