//! From the optimum in the units of the curve to the law, its class and its standard errors.
use crate::law::{Parameter, PowerLaw, Residual, Syn2RealLaw};
use crate::math;
use crate::point::Point;
use crate::solve::{Bounds, Loss, Side, Termination};

use super::error::FitError;
use super::optimum::Optimum;
use super::options::FitOptions;
use super::polish::Local;
use super::profile::Cost;
use super::report::{Class, Fit, FitReport, Minimum, PowerFit, Syn2RealFit};
use super::spread;

/// Two minima are one if their rates agree to this share and their costs to the next: the solver stops well inside.
const SAME_ALPHA: f64 = 1e-6;
const SAME_COST: f64 = 1e-9;

/// The fitted law, or why there is none.
pub(crate) fn syn2real(
    optimum: &Optimum<'_>,
    options: &FitOptions,
    points: impl Iterator<Item = Point> + Clone,
) -> Result<Syn2RealFit, FitError> {
    // Every bracket gives a local minimum, and a curve has at least one.
    let Some(best) = optimum.locals().next() else { return Err(FitError::NotConverged(Termination::NonFinite)) };
    if !best.termination.is_converged() {
        return Err(FitError::NotConverged(best.termination));
    }
    let first = minimum(optimum, options, best);
    let mut minima = [first; 4];
    let mut found = 1;
    for local in optimum.locals().skip(1).filter(|l| l.termination.is_converged()) {
        let next = minimum(optimum, options, local);
        if !minima.iter().take(found).any(|m| is_same(m, &next)) {
            if let Some(slot) = minima.get_mut(found) {
                *slot = next;
            }
            found += 1;
        }
    }
    let law = first.law;
    // D is the extrapolation to n = 1 and may leave the range of f64 where the law at the data does not.
    let is_normal = |v: f64| v == 0.0 || v.is_normal();
    if !(is_normal(law.d) && law.alpha.is_finite() && law.c.is_finite() && first.cost.is_finite()) {
        return Err(FitError::NotConverged(Termination::NonFinite));
    }
    let spread = spread::at(optimum, options, best, &first, points);
    let rms = math::sqrt(spread.square / optimum.curve.weight_sum) * cost_root(optimum, options.residual);
    if !rms.is_finite() {
        return Err(FitError::NotConverged(Termination::NonFinite));
    }
    let report = FitReport {
        residual: options.residual,
        loss: options.loss,
        weights: options.weights,
        cost: first.cost,
        rms,
        class: first.class,
        termination: best.termination,
        iterations: best.iterations,
        evaluations: optimum.evaluations,
        minima_found: found as u32,
        condition: spread.condition,
        points: optimum.curve.points,
        degrees_of_freedom: spread.degrees_of_freedom,
        n_min: optimum.curve.n_min,
        n_max: optimum.curve.n_max,
        huber_delta: match (options.loss, optimum.cost) {
            (Loss::Square, _) | (_, Cost::Square) => None,
            (_, Cost::Huber(delta)) => Some(delta * cost_root(optimum, options.residual)),
        },
        fixed: optimum.domain.fixed,
    };
    Ok(Fit { law, report, minima, spreads: spread.spreads })
}

/// The fit of the power law out of one with C held at 0.
pub(crate) fn power(fit: &Syn2RealFit) -> PowerFit {
    let Syn2RealLaw { d, alpha, .. } = fit.law;
    let [spread_d, spread_alpha, _] = fit.spreads;
    Fit { law: PowerLaw { d, alpha }, report: fit.report, minima: fit.minima, spreads: [spread_d, spread_alpha] }
}

/// The unit of a residual.
fn cost_root(optimum: &Optimum<'_>, residual: Residual) -> f64 {
    if residual == Residual::Linear { optimum.curve.scale } else { 1.0 }
}

/// The unit of the cost.
pub(crate) fn cost_scale(optimum: &Optimum<'_>, residual: Residual) -> f64 {
    let root = cost_root(optimum, residual);
    optimum.curve.weight_scale * root * root
}

fn is_same(a: &Minimum, b: &Minimum) -> bool {
    let both_flat = a.class == Class::Flat && b.class == Class::Flat;
    let near = (a.law.alpha - b.law.alpha).abs() <= SAME_ALPHA * (a.law.alpha + b.law.alpha);
    both_flat || (near && (a.cost - b.cost).abs() <= SAME_COST * (a.cost + b.cost))
}

/// A local minimum in the user's units.
fn minimum(optimum: &Optimum<'_>, options: &FitOptions, local: &Local) -> Minimum {
    let (curve, domain) = (optimum.curve, &optimum.domain);
    let class = class(optimum, local);
    let [fixed_d, fixed_alpha, fixed_c] = domain.fixed;
    let mut law = Syn2RealLaw {
        // The value itself, free of the rounding of the change of coordinates.
        d: if fixed_d { domain.d.lower } else { local.x * math::exp(local.alpha * curve.ln_n_min) } * curve.scale,
        alpha: local.alpha,
        c: local.z * curve.scale,
    };
    // Without a decrease D and C are one constant: all of it is C, where C is free to take it.
    let level = local.x + local.z;
    let d_can_vanish = !fixed_d && domain.d.lower == 0.0;
    if class == Class::Flat && d_can_vanish && !fixed_c && level <= domain.c.upper && level >= domain.c.lower {
        law = Syn2RealLaw { d: 0.0, alpha: if fixed_alpha { local.alpha } else { 0.0 }, c: level * curve.scale };
    }
    // The change of units may round across a bound.
    law.d = if law.d == 0.0 { law.d } else { options.fixed_d.map_or(options.d, |d| Bounds::new(d, d)).clamp(law.d) };
    law.c = options.fixed_c.map_or(options.c, |c| Bounds::new(c, c)).clamp(law.c);
    Minimum { law, cost: local.cost * cost_scale(optimum, options.residual), class }
}

fn class(optimum: &Optimum<'_>, local: &Local) -> Class {
    let (domain, [fixed_d, fixed_alpha, fixed_c]) = (&optimum.domain, optimum.domain.fixed);
    let [side_d, side_alpha, side_c] = local.active;
    // A decrease over all of the data that is not above the rounding of the level is none.
    let decrease = -local.x * math::exp_m1(-local.alpha * optimum.curve.span);
    let is_flat = decrease <= 4.0 * f64::EPSILON * (local.x + local.z);
    if is_flat && !(fixed_d && fixed_alpha) {
        return Class::Flat;
    }
    let at = |parameter, side| Class::AtBound { parameter, side };
    match side_alpha {
        Some(Side::Upper) if !fixed_alpha && domain.alpha.upper == FitOptions::ALPHA_MAX => return Class::AlphaMax,
        Some(side) if !fixed_alpha => return at(Parameter::Alpha, side),
        _ => {}
    }
    match (side_d, side_c) {
        (Some(side), _) if !fixed_d => at(Parameter::D, side),
        (_, Some(Side::Lower)) if !fixed_c && domain.c.lower == 0.0 => Class::NoGap,
        (_, Some(side)) if !fixed_c => at(Parameter::C, side),
        _ => Class::Interior,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_minima_at_one_rate_are_one() {
        let law = Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.1 };
        let a = Minimum { law, cost: 1.0, class: Class::Interior };
        let b = Minimum { law: Syn2RealLaw { alpha: 0.5 + 1e-8, ..law }, ..a };
        let c = Minimum { law: Syn2RealLaw { alpha: 0.6, ..law }, ..a };
        assert!(is_same(&a, &b), "rates 2e-8 apart are rounding");
        assert!(!is_same(&a, &c), "rates .5 and .6 are two minima of equal cost");
    }
}
