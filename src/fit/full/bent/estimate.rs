//! From the lowest minimum to the law, its class and its covariance.
use crate::law::{FullBentLaw, Parameter};
use crate::math;
use crate::solve::{Bounds, Loss, Side, Termination};

use super::super::super::bend::BETA_MAX;
use super::super::super::error::FitError;
use super::super::super::options::{FitOptions, Weights};
use super::super::estimate::DEPENDENT;
use super::super::grid::{Grid, GridRows};
use super::super::report::{FullClass, FullReport, GridMinimum};
use super::super::robust::{self, Moments};
use super::model::{ALPHA, B, BETA, E, P, X, Y, Z};
use super::options::{Bend, FullBentOptions, Task};
use super::places::{Kind, Local, Minima};
use super::report::FullBentFit;
use super::search::Outer;

/// A sharpness that is 1, or alpha, to this share makes the law a simpler one.
const SAME: f64 = 1e-6;

/// n^b stays within e^300, whose square is in the range of f64.
const MOST_LOG: f64 = 300.0;

/// The fit of these rows.
pub(super) fn fit(data: &GridRows<'_>, options: &FullBentOptions) -> Result<FullBentFit, FitError> {
    let mut task = options.task()?;
    let settings = task.settings;
    let grid = Grid::read(data, &settings)?;
    grid.identify(&settings, usize::from(task.is_free()))?;
    let size = math::ln(grid.n_max).abs().max(math::ln(grid.n_min).abs());
    let most = if size > 0.0 { MOST_LOG / size } else { task.sharpness.upper };
    let within = |b: f64| b.min(most);
    task.sharpness = Bounds::new(within(task.sharpness.lower), within(task.sharpness.upper));
    let square = Outer::new(data, &grid, task, f64::INFINITY);
    let unit = square.unit();
    let mut minima = square.run(None)?;
    let delta = match (settings.loss, &minima.lowest) {
        (Loss::HuberAbsolute { delta }, _) => Some(delta),
        (Loss::Huber { k }, [Some(best), ..]) => {
            let law = square.law(best);
            robust::delta(data, grid.points, k, unit, |p| settings.residual.of(law.error_at(p.n, p.s), p.error).0)?
        }
        _ => None,
    };
    let Some(delta) = delta else { return estimated(&square, &minima, None) };
    if !(delta / unit >= robust::ROUNDING) {
        return Err(FitError::BadOption { field: "loss" });
    }
    let huber = Outer::new(data, &grid, task, delta);
    let evaluations = minima.evaluations;
    minima = huber.run(Some(&minima))?;
    minima.evaluations = minima.evaluations.saturating_add(evaluations);
    estimated(&huber, &minima, Some(delta))
}

fn estimated(outer: &Outer<'_>, found: &Minima, delta: Option<f64>) -> Result<FullBentFit, FitError> {
    let [Some(best), ..] = &found.lowest else { return Err(FitError::NotConverged(Termination::NonFinite)) };
    if !best.is_converged {
        return Err(FitError::NotConverged(Termination::IterationLimit));
    }
    let (settings, grid, bend) = (&outer.task.settings, outer.grid, outer.task.bend);
    let law = outer.law(best);
    // delta is the extrapolation to n = s = 1 and may leave the range of f64 where the law at the data does not.
    let FullBentLaw { delta: first, gamma, alpha, beta, n_h, sharpness, e } = law;
    if ![first, gamma, alpha, beta, n_h, sharpness, e].iter().all(|v| v.is_finite() && (*v == 0.0 || v.is_normal())) {
        return Err(FitError::NotConverged(Termination::NonFinite));
    }
    let unit = outer.unit();
    let cost_unit = grid.weight_scale * unit * unit;
    let mut minima = [GridMinimum { law, cost: best.cost * cost_unit }; 4];
    for (slot, local) in minima.iter_mut().zip(found.lowest.iter().flatten()) {
        *slot = GridMinimum { law: outer.law(local), cost: local.cost * cost_unit };
    }
    let kind = if outer.is_level(&law) { Kind::Flat } else { best.kind };
    let best = &Local { kind, ..*best };
    let free = free(outer, best);
    let estimated = free.iter().filter(|free| **free).count();
    let degrees_of_freedom = grid.points as i64 - estimated as i64;
    let held = held(&outer.task);
    let moments =
        Moments::<7>::over(outer.data, delta.unwrap_or(f64::INFINITY), |p| row(outer, &law, p.n, p.s, p.error));
    let parameters = held.iter().filter(|held| !**held).count();
    let mut report = FullReport {
        residual: settings.residual,
        loss: settings.loss,
        weights: settings.weights,
        cost: best.cost * cost_unit,
        rms: math::sqrt(moments.square / grid.weight_sum),
        class: class(outer, best, &law),
        termination: Termination::GradientSmall,
        iterations: best.iterations,
        evaluations: found.evaluations,
        minima_found: found.found,
        condition: None,
        points: grid.points,
        degrees_of_freedom,
        parameters: parameters - usize::from(bend == Bend::Rectified && !held[2]),
        n_min: grid.n_min,
        n_max: grid.n_max,
        s_min: grid.s_min,
        s_max: grid.s_max,
        huber_delta: delta,
    };
    let mut covariance = None;
    if settings.covariance && estimated > 0 {
        let triangle = moments.triangle(&free);
        let condition = triangle.condition(&free);
        report.condition = Some(condition * condition).filter(|c| c.is_finite());
        if degrees_of_freedom > 0 && triangle.pivot_ratio(&free) > DEPENDENT {
            let bread = triangle.inverse_gram(&free);
            let variance = match (delta, settings.weights) {
                (Some(_), _) => None,
                (None, Weights::Relative) => Some(2.0 * report.cost / degrees_of_freedom as f64),
                (None, Weights::Absolute | Weights::Sigma) => Some(1.0),
            };
            let mut all = match variance {
                Some(variance) => bread.map(|row| row.map(|v| v * variance)),
                None => moments.sandwich(&bread, grid.points as f64 / degrees_of_freedom as f64),
            };
            if bend == Bend::Rectified {
                // The sharpness is alpha.
                all[5] = all[2];
                for row in &mut all {
                    row[5] = row[2];
                }
            }
            covariance = Some(all).filter(|c| c.iter().flatten().all(|v| v.is_finite()));
        }
    }
    Ok(FullBentFit { law, bend, report, minima, covariance, held })
}

/// The residual of a row and its gradient by the seven; alpha takes the sharpness along where that is tied to it.
fn row(outer: &Outer<'_>, law: &FullBentLaw, n: f64, s: f64, error: f64) -> (f64, [f64; 7]) {
    let (r, by_model) = outer.task.settings.residual.of(law.error_at(n, s), error);
    let mut slopes = law.gradient_at(n, s);
    if outer.task.bend == Bend::Rectified {
        slopes[2] += slopes[5];
    }
    (r, slopes.map(|slope| slope * by_model).map(|v| if v.is_finite() { v } else { 0.0 }))
}

/// Which parameters the options hold; a sharpness that is alpha is held where alpha is.
fn held(task: &Task) -> [bool; 7] {
    let [delta, gamma, alpha, beta, n_h, e] = task.settings.held();
    [delta, gamma, alpha, beta, n_h, task.sharpness.lower == task.sharpness.upper, e]
}

/// Which bound a coordinate is on.
fn side(outer: &Outer<'_>, local: &Local, place: usize) -> Option<Side> {
    let value = *local.theta.get(place)?;
    match (outer.domain.lower.get(place), outer.domain.upper.get(place)) {
        (Some(lower), _) if value <= *lower => Some(Side::Lower),
        (_, Some(upper)) if value >= *upper => Some(Side::Upper),
        _ => None,
    }
}

/// Which parameters are inside their bounds; a sharpness that is alpha does not count.
fn free(outer: &Outer<'_>, local: &Local) -> [bool; 7] {
    let inside: [bool; P] = core::array::from_fn(|i| side(outer, local, i).is_none());
    if local.kind == Kind::Flat {
        return [inside[Z], false, false, inside[BETA], false, false, inside[E]];
    }
    let bends = local.kind == Kind::Bent;
    let (alpha, sharpness) = match outer.task.bend {
        Bend::Rectified => (inside[B], false),
        _ => (inside[ALPHA] && !local.is_capped, bends && inside[B]),
    };
    [inside[X], inside[Z], alpha, inside[BETA], bends && inside[Y], sharpness, inside[E]]
}

fn class(outer: &Outer<'_>, local: &Local, law: &FullBentLaw) -> FullClass {
    let (task, held) = (&outer.task, outer.task.settings.held());
    let at = |place: usize| side(outer, local, place).filter(|_| outer.domain.lower[place] < outer.domain.upper[place]);
    let bound = |parameter, side| FullClass::AtBound { parameter, side };
    let [delta, gamma, alpha, beta, ..] = task.settings.bounds;
    if local.kind == Kind::Flat || (!outer.problem.is_bounded && at(X) == Some(Side::Lower)) {
        return FullClass::Flat;
    }
    let is_tied = task.bend == Bend::Rectified;
    let of_rate = at(if is_tied { B } else { ALPHA });
    match of_rate.or(local.is_capped.then_some(Side::Upper)) {
        // With n_h beyond the data it is no step but an exponential of n^b.
        Some(Side::Upper) if alpha.upper == FitOptions::ALPHA_MAX && law.n_h < outer.grid.n_max => {
            return FullClass::AlphaMax;
        }
        Some(side) => return bound(Parameter::Alpha, side),
        None => {}
    }
    if at(Z) == Some(Side::Lower) && !held[1] && gamma.lower == 0.0 {
        return FullClass::NoGap;
    }
    if at(BETA) == Some(Side::Lower) && !held[3] && beta.lower == 0.0 {
        return FullClass::NoFineTuning;
    }
    if local.kind == Kind::Straight && !held[4] {
        return FullClass::IsFullLaw;
    }
    let of_sharpness = at(B).filter(|_| !is_tied && local.kind == Kind::Bent);
    match of_sharpness {
        Some(Side::Upper) if task.sharpness.upper == BETA_MAX => return FullClass::Corner,
        Some(side) => return bound(Parameter::Sharpness, side),
        None => {}
    }
    let named =
        [(X, Parameter::Delta), (Z, Parameter::Gamma), (BETA, Parameter::Beta), (Y, Parameter::NH), (E, Parameter::E)];
    for (place, parameter) in named {
        let is_open = place != X || outer.problem.is_bounded && delta.lower < delta.upper;
        if let (Some(side), true) = (at(place), is_open) {
            return bound(parameter, side);
        }
    }
    match () {
        _ if task.is_free() && (law.sharpness / law.alpha - 1.0).abs() <= SAME => FullClass::IsRectified,
        _ if task.is_free() && (law.sharpness - 1.0).abs() <= SAME => FullClass::IsShifted,
        _ => FullClass::Interior,
    }
}
