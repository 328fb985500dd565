//! From the optimum in the units of the curve to the law, its class and its standard errors.
use crate::law::{Parameter, PowerLaw, Residual, Syn2RealLaw, UNDEFINED};
use crate::math;
use crate::solve::{Bounds, Loss, Side, Termination};

use super::domain::Domain;
use super::error::FitError;
use super::loss::Cost;
use super::optimum::Optimum;
use super::options::FitOptions;
use super::report::{Class, Fit, FitReport, Minimum, Origin, PowerFit, Syn2RealFit};
use super::solver::Local;
use super::source::{Source, each};
use super::spread;

/// Two minima are one if their rates agree to this share and their costs to the next: the solver stops well inside.
const SAME_ALPHA: f64 = 1e-6;
const SAME_COST: f64 = 1e-9;

/// The fitted law, or why there is none.
#[inline(never)]
pub(crate) fn syn2real(
    optimum: &Optimum<'_>,
    options: &FitOptions,
    data: &Source<'_>,
) -> Result<Syn2RealFit, FitError> {
    // Every bracket gives a local minimum, and a curve has at least one.
    let Some(best) = optimum.minima.locals().next() else { return Err(FitError::NotConverged(Termination::NonFinite)) };
    if !best.termination.is_converged() {
        return Err(FitError::NotConverged(best.termination));
    }
    let (first, sides) = minimum(optimum, options, best);
    let mut minima = [first; 4];
    let mut found = 1;
    for local in optimum.minima.locals().skip(1).filter(|l| l.termination.is_converged()) {
        let (next, _) = minimum(optimum, options, local);
        if is_representable(&next, optimum) && !minima.iter().take(found).any(|m| is_same(m, &next)) {
            if let Some(slot) = minima.get_mut(found) {
                *slot = next;
            }
            found += 1;
        }
    }
    let law = first.law;
    if !is_representable(&first, optimum) {
        return Err(FitError::NotConverged(Termination::NonFinite));
    }
    let spread = spread::at(optimum, options, best, (&first, sides), each(data));
    let rms = math::sqrt(spread.square / optimum.curve.weight_sum) * optimum.unit(options.residual);
    if !rms.is_finite() {
        return Err(FitError::NotConverged(Termination::NonFinite));
    }
    let line = optimum.curve.line();
    let rise = match first.class {
        Class::Interior | Class::NoGap | Class::AlphaMax => None,
        _ => {
            let curve = optimum.curve;
            let rows = each(data).filter(|p| p.weight > 0.0).map(|p| {
                let error = p.error / curve.scale;
                let target = if options.residual == Residual::Log { math::ln(error) } else { error };
                [math::ln(p.n) - curve.ln_n_min, target, p.weight / curve.weight_scale]
            });
            line.rise(rows, curve.points, options.weights, optimum.unit(options.residual))
        }
    };
    let report = FitReport {
        residual: options.residual,
        loss: options.loss,
        weights: options.weights,
        cost: first.cost,
        rms,
        class: first.class,
        termination: best.termination,
        iterations: best.iterations,
        evaluations: optimum.minima.evaluations,
        minima_found: found as u32,
        condition: spread.condition,
        points: optimum.curve.points,
        degrees_of_freedom: spread.degrees_of_freedom,
        n_min: optimum.curve.n_min,
        n_max: optimum.curve.n_max,
        huber_delta: match (options.loss, optimum.cost) {
            (Loss::Square, _) | (_, Cost::Square) => None,
            (_, Cost::Huber(delta)) => Some(delta * optimum.unit(options.residual)),
        },
        fixed: optimum.domain.fixed,
        rise,
    };
    let origin = Origin { bounds: optimum.domain.user, line, isa: options.isa };
    Ok(Fit { law, report, minima, spreads: spread.spreads, origin })
}

/// The fit of the power law out of one with C held at 0.
pub(crate) fn power(fit: &Syn2RealFit) -> PowerFit {
    let Syn2RealLaw { d, alpha, .. } = fit.law;
    let [spread_d, spread_alpha, _] = fit.spreads;
    let Fit { report, minima, origin, .. } = *fit;
    Fit { law: PowerLaw { d, alpha }, report, minima, spreads: [spread_d, spread_alpha], origin }
}

/// D is the extrapolation to n = 1 and may leave the range of f64, or of its full precision, where the law at the data does
/// not; a bound is exact all the same.
fn is_representable(minimum: &Minimum, optimum: &Optimum<'_>) -> bool {
    let (law, [user_d, ..]) = (minimum.law, optimum.domain.user);
    (law.d.is_normal() || (law.d.is_finite() && side(law.d, user_d).is_some()))
        && (law.alpha.is_finite() || law.d == 0.0)
        && law.c.is_finite()
        && minimum.cost.is_finite()
}

fn is_same(a: &Minimum, b: &Minimum) -> bool {
    let both_flat = a.class == Class::Flat && b.class == Class::Flat;
    let near = (a.law.alpha - b.law.alpha).abs() <= SAME_ALPHA * (a.law.alpha + b.law.alpha);
    both_flat || (near && (a.cost - b.cost).abs() <= SAME_COST * (a.cost + b.cost))
}

/// A local minimum in the user's units, and which bounds D, alpha and C lie on.
fn minimum(optimum: &Optimum<'_>, options: &FitOptions, local: &Local) -> (Minimum, [Option<Side>; 3]) {
    let (curve, domain) = (optimum.curve, &optimum.domain);
    let [fixed_d, fixed_alpha, fixed_c] = domain.fixed;
    let [user_d, user_alpha, user_c] = domain.user;
    // D may be a coordinate of the solver itself.
    let d = if local.frame.has_d { local.theta[0] } else { local.x * math::exp(local.alpha * curve.ln_n_min) };
    let mut law = Syn2RealLaw {
        d: restored(d, domain.d, user_d, curve.scale),
        alpha: user_alpha.clamp(local.alpha),
        c: restored(local.z, domain.c, user_c, curve.scale),
    };
    let is_flat = is_flat(optimum, local);
    if law.d == 0.0 && local.x > 0.0 && !is_flat {
        // D underflows at n = 1: another law than the optimum, and no constant.
        law.d = f64::NAN;
    }
    // Without a decrease D and C are one constant: all of it is C, where C is free to take it.
    let level = local.x + local.z;
    let d_can_vanish = !fixed_d && user_d.lower == 0.0;
    if is_flat && d_can_vanish && !fixed_c && level <= domain.c.upper && level >= domain.c.lower {
        (law.d, law.c) = (0.0, restored(level, domain.c, user_c, curve.scale));
    }
    if law.d == 0.0 && !fixed_alpha {
        law.alpha = UNDEFINED;
    }
    let sides = [side(law.d, user_d), side(law.rate(), user_alpha), side(law.c, user_c)];
    let class = if is_flat || (law.d == 0.0 && !(fixed_d && fixed_alpha)) { Class::Flat } else { class(domain, sides) };
    (Minimum { law, cost: local.cost * optimum.cost_unit(options.residual), class }, sides)
}

/// A value of the solver in the user's units: on a bound it is the user's bound itself, free of the rounding (or
/// underflow) of the change of units, and it never rounds across one.
fn restored(value: f64, bounds: Bounds, user: Bounds, scale: f64) -> f64 {
    match () {
        _ if value <= bounds.lower => user.lower,
        _ if value >= bounds.upper => user.upper,
        _ => user.clamp(value * scale),
    }
}

/// The bound that the value lies on. Its position alone decides: the sign of a slope that is 0 is rounding.
fn side(value: f64, user: Bounds) -> Option<Side> {
    match () {
        _ if value <= user.lower => Some(Side::Lower),
        _ if value >= user.upper => Some(Side::Upper),
        _ => None,
    }
}

/// Whether there is no decrease to explain, so that alpha or D is undefined.
fn is_flat(optimum: &Optimum<'_>, local: &Local) -> bool {
    let [fixed_d, fixed_alpha, _] = optimum.domain.fixed;
    // At a single n no law decreases: what is not fixed is determined by the level.
    let decrease =
        if optimum.curve.span > 0.0 { -local.x * math::exp_m1(-local.alpha * optimum.curve.span) } else { local.x };
    // A decrease over all of the data that is not above the rounding of the level is none.
    decrease <= 4.0 * f64::EPSILON * (local.x + local.z) && !(fixed_d && fixed_alpha)
}

/// The class of a law that decreases.
fn class(domain: &Domain, [side_d, side_alpha, side_c]: [Option<Side>; 3]) -> Class {
    let ([fixed_d, fixed_alpha, fixed_c], [_, alpha, c]) = (domain.fixed, domain.user);
    let at = |parameter, side| Class::AtBound { parameter, side };
    match side_alpha {
        Some(Side::Upper) if !fixed_alpha && alpha.upper == FitOptions::ALPHA_MAX => return Class::AlphaMax,
        Some(side) if !fixed_alpha => return at(Parameter::Alpha, side),
        _ => {}
    }
    match (side_d, side_c) {
        (Some(side), _) if !fixed_d => at(Parameter::D, side),
        (_, Some(Side::Lower)) if !fixed_c && c.lower == 0.0 => Class::NoGap,
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
