//! From the optimum in the coordinates of the search to the law, its class and its standard errors.
use crate::law::{BentLaw, Parameter, RectifiedLaw, ShiftedLaw, UNDEFINED};
use crate::linalg::Ldl;
use crate::math;
use crate::solve::{Side, Termination};

use super::super::curve::Curve;
use super::super::error::FitError;
use super::super::fit_points;
use super::super::line::Rise;
use super::super::options::FitOptions;
use super::super::report::{Class, FitReport};
use super::super::source::Source;
use super::domain::{BETA_MAX, BETA_MIN, is_held};
use super::minima::Local;
use super::model::{ALPHA, B, P, Tie, U, X, Z};
use super::optimum::Optimum;
use super::report::{BendFit, BendMinimum};
use super::rows::Trained;

/// kappa and beta that are 1 to this share make the bent law a simpler one.
const SAME: f64 = 1e-6;

/// (n_h / n_min)^beta of a fit on law (1): the law then is law (1) to 4 ULP, and A is finite.
const EDGE: f64 = 1.0 / (1_u64 << 50) as f64;

/// A law made of the parameters that all bending laws have.
pub(crate) trait Bending<const N: usize>: Copy {
    const TIE: Tie;

    /// Of A, C, n_h, beta, kappa.
    fn new(parameters: [f64; 5]) -> Self;

    /// Those of A, C, n_h, beta, kappa, alpha that are fields.
    fn fields<T: Copy>(of: [T; 6]) -> [T; N];
}

impl Bending<4> for RectifiedLaw {
    const TIE: Tie = Tie::Rectified;

    fn new([a, c, n_h, beta, _]: [f64; 5]) -> RectifiedLaw {
        RectifiedLaw { a, c, n_h, beta }
    }

    fn fields<T: Copy>([a, c, n_h, beta, ..]: [T; 6]) -> [T; 4] {
        [a, c, n_h, beta]
    }
}

impl Bending<4> for ShiftedLaw {
    const TIE: Tie = Tie::Shifted;

    fn new([a, c, n_h, beta, kappa]: [f64; 5]) -> ShiftedLaw {
        ShiftedLaw { a, c, n_h, alpha: kappa * beta }
    }

    fn fields<T: Copy>([a, c, n_h, _, _, alpha]: [T; 6]) -> [T; 4] {
        [a, c, n_h, alpha]
    }
}

impl Bending<5> for BentLaw {
    const TIE: Tie = Tie::Bent;

    fn new([a, c, n_h, beta, kappa]: [f64; 5]) -> BentLaw {
        BentLaw { a, c, n_h, beta, kappa }
    }

    fn fields<T: Copy>([a, c, n_h, beta, kappa, _]: [T; 6]) -> [T; 5] {
        [a, c, n_h, beta, kappa]
    }
}

/// The fit, compiled once but for the conversion to the law.
pub(super) fn fit<L: Bending<N>, const N: usize>(
    data: &Source<'_>,
    options: &FitOptions,
) -> Result<BendFit<L, N>, FitError> {
    let mut curve = Curve::EMPTY;
    let outcome = outcome(L::TIE, data, options, &mut curve)?;
    let minima = outcome.minima.map(|m| BendMinimum { law: L::new(m.parameters), cost: m.cost, class: m.class });
    let [first, ..] = minima;
    Ok(BendFit { law: first.law, report: outcome.report, minima, std_errors: L::fields(outcome.std_errors) })
}

/// A minimum in the user's units.
#[derive(Clone, Copy)]
struct Found {
    /// A, C, n_h, beta, kappa.
    parameters: [f64; 5],
    cost: f64,
    class: Class,
}

struct Outcome {
    report: FitReport,
    minima: [Found; 4],
    /// Of A, C, n_h, beta, kappa, alpha.
    std_errors: [Option<f64>; 6],
}

#[inline(never)]
fn outcome(tie: Tie, data: &Source<'_>, options: &FitOptions, curve: &mut Curve) -> Result<Outcome, FitError> {
    let optimum = Optimum::find(tie, data, options, curve)?;
    let usable = |local: &Local| {
        let found = found(&optimum, options, local);
        found.parameters.iter().take(2).all(|v| v.is_finite()) && !(found.parameters[2] == f64::INFINITY)
    };
    let locals = || optimum.minima.as_slice().iter().filter(|local| usable(local));
    let Some(best) = locals().next() else { return Err(FitError::NotConverged(Termination::NonFinite)) };
    if !best.is_converged {
        return Err(FitError::NotConverged(Termination::IterationLimit));
    }
    let mut minima = [found(&optimum, options, best); 4];
    let mut count = 0;
    for (slot, local) in minima.iter_mut().zip(locals().filter(|local| local.is_converged)) {
        *slot = found(&optimum, options, local);
        count += 1;
    }
    let [first, ..] = minima;
    let spread = Spreads::of(&optimum, data, options, best, first.class);
    let rms = math::sqrt(spread.square / optimum.weight_sum) * optimum.unit();
    if !(rms.is_finite() && first.cost.is_finite()) {
        return Err(FitError::NotConverged(Termination::NonFinite));
    }
    let curve = optimum.curve;
    let has_untrained = optimum.points > curve.points;
    let report = FitReport {
        residual: options.residual,
        loss: options.loss,
        weights: options.weights,
        cost: first.cost,
        rms,
        class: first.class,
        termination: Termination::GradientSmall,
        iterations: best.iterations,
        evaluations: optimum.evaluations,
        minima_found: count,
        condition: None,
        points: optimum.points,
        degrees_of_freedom: spread.degrees_of_freedom,
        n_min: if has_untrained { 0.0 } else { curve.n_min },
        n_max: curve.n_max,
        huber_delta: optimum.huber_delta(),
        fixed: [false, options.fixed_alpha.is_some(), options.fixed_c.is_some()],
        rise: if first.class == Class::Flat { rise(data, options) } else { None },
    };
    Ok(Outcome { report, minima, std_errors: spread.std_errors })
}

/// Whether the errors of what was pre-trained rise, as law (1) tests it.
#[inline(never)]
fn rise(data: &Source<'_>, options: &FitOptions) -> Option<Rise> {
    let plain = FitOptions { covariance: false, ..*options };
    fit_points(&Trained(data), &plain).ok()?.report().rise
}

/// A local minimum in the user's units.
fn found(optimum: &Optimum<'_>, options: &FitOptions, local: &Local) -> Found {
    let curve = optimum.curve;
    let [x, z, u, ..] = local.theta;
    let cost = local.cost * optimum.cost_unit();
    let c_bounds = options.c;
    let c = options.fixed_c.unwrap_or_else(|| match () {
        _ if z <= optimum.domain.lower[Z] => c_bounds.lower,
        _ if z >= optimum.domain.upper[Z] => c_bounds.upper,
        _ => c_bounds.clamp(z * curve.scale),
    });
    let [beta, alpha] = optimum.domain.rates(optimum.problem.tie, &local.theta);
    // W of n = 0 and (n_h / n_min)^beta.
    let [_, untrained, ln_rho] =
        if local.is_law_one { [1.0, EDGE, math::ln(EDGE)] } else { optimum.problem.before(u * beta) };
    let kappa = alpha / beta;
    let first = x * curve.scale;
    let lift = if optimum.problem.has_untrained { 1.0 } else { math::exp(-kappa * math::ln(untrained)) };
    let above = first * lift;
    let class = class(optimum, options, local);
    if class == Class::Flat {
        let level = c + first;
        return Found { parameters: [level, level, UNDEFINED, UNDEFINED, UNDEFINED], cost, class };
    }
    let n_h = math::exp(curve.ln_n_min + ln_rho / beta);
    // n_h that underflows is another law.
    let a = if n_h > 0.0 { c + above } else { f64::INFINITY };
    Found { parameters: [a, c, n_h, beta, kappa], cost, class }
}

fn class(optimum: &Optimum<'_>, options: &FitOptions, local: &Local) -> Class {
    let domain = &optimum.domain;
    let [x, z, _, ln_beta, ln_alpha] = local.theta;
    // A decrease over the data that is not above the rounding of the level is none.
    let ends = [0.0, optimum.curve.span].map(|t| optimum.problem.model_at(&local.theta, t));
    let first = if optimum.points > optimum.curve.points { f64::INFINITY } else { ends[0] };
    let is_level = (first - ends[1]).abs() <= 4.0 * f64::EPSILON * ends[0].abs();
    if x == 0.0 || is_level {
        return Class::Flat;
    }
    if local.is_law_one {
        return Class::IsLawOne;
    }
    let at = |parameter, side| Class::AtBound { parameter, side };
    let is_bent = optimum.problem.tie == Tie::Bent;
    let rate = if optimum.problem.tie == Tie::Rectified { ln_beta } else { ln_alpha };
    let index = if optimum.problem.tie == Tie::Rectified { B } else { ALPHA };
    let is_free = domain.lower[index] < domain.upper[index];
    if is_free && rate >= domain.upper[index] {
        let is_default = options.alpha.upper >= FitOptions::ALPHA_MAX;
        return if is_default { Class::AlphaMax } else { at(Parameter::Alpha, Side::Upper) };
    }
    if is_free && rate <= domain.lower[index] {
        return at(Parameter::Alpha, Side::Lower);
    }
    if is_bent {
        let [beta, alpha] = domain.rates(optimum.problem.tie, &local.theta);
        match () {
            _ if ln_beta >= domain.upper[B] => return Class::Corner,
            _ if ln_beta <= domain.lower[B] => return at(Parameter::Beta, Side::Lower),
            _ if (alpha / beta - 1.0).abs() <= SAME => return Class::IsRectified,
            _ if (beta - 1.0).abs() <= SAME => return Class::IsShifted,
            _ => {}
        }
    }
    if options.fixed_c.is_none() {
        match () {
            _ if z <= domain.lower[Z] && options.c.lower == 0.0 => return Class::NoGap,
            _ if z <= domain.lower[Z] => return at(Parameter::C, Side::Lower),
            _ if z >= domain.upper[Z] => return at(Parameter::C, Side::Upper),
            _ => {}
        }
    }
    Class::Interior
}

/// What the data say of the uncertainty at the optimum.
struct Spreads {
    std_errors: [Option<f64>; 6],
    degrees_of_freedom: i64,
    /// sum w r^2 in the units of the curve.
    square: f64,
}

impl Spreads {
    fn of(optimum: &Optimum<'_>, data: &Source<'_>, options: &FitOptions, local: &Local, class: Class) -> Spreads {
        let curve = optimum.curve;
        let [x, _, u, ..] = local.theta;
        let held = is_held(&optimum.domain, &local.theta);
        let mut free = held.map(|held| !held);
        match (class, optimum.problem.tie) {
            (Class::Flat, _) => free = [false, free[Z], false, false, false],
            // Of law (1) kappa beta alone is determined.
            (Class::IsLawOne, Tie::Rectified) => (free[U], free[ALPHA]) = (false, false),
            (Class::IsLawOne, _) => (free[U], free[B]) = (false, false),
            (_, Tie::Rectified) => free[ALPHA] = false,
            _ => {}
        }
        let estimated = free.iter().filter(|free| **free).count();
        let degrees_of_freedom = optimum.points as i64 - estimated as i64;
        let rows = optimum.rows_of(data);
        let sums = optimum.evaluate(&rows, local.theta, options);
        let square = optimum.square(&rows, &local.theta);
        let mut result = Spreads { std_errors: [None; 6], degrees_of_freedom, square };
        if !options.covariance || degrees_of_freedom <= 0 {
            return result;
        }
        let gram = sums.gauss_newton.map(|row| row.map(|v| v.0[0]));
        let ldl = Ldl::new(&gram, &[0.0; P], &free);
        if !(ldl.pivot_ratio > P as f64 * f64::EPSILON) {
            return result;
        }
        let inverse = ldl.inverse(&free);
        let variance =
            if options.weights.is_absolute() { 1.0 / curve.weight_scale } else { square / degrees_of_freedom as f64 };
        let variance =
            if options.weights.is_absolute() { variance / (optimum.unit() * optimum.unit()) } else { variance };
        let spread = |by: [f64; P]| {
            let v = crate::linalg::form(&inverse, &by) * variance;
            let root = math::sqrt(v);
            (v >= 0.0 && root.is_finite()).then_some(root)
        };
        let unit = |i: usize| {
            let mut by = [0.0; P];
            if let Some(slot) = by.get_mut(i) {
                *slot = 1.0;
            }
            by
        };
        let [beta, alpha] = optimum.domain.rates(optimum.problem.tie, &local.theta);
        let kappa = alpha / beta;
        let [fade, untrained, ln_rho] = optimum.problem.before(u * beta);
        // dy / d(beta u).
        let whole = if optimum.problem.has_untrained { untrained } else { 1.0 };
        let scale = curve.scale;
        let is_bent = free[U];
        if free[Z] {
            result.std_errors[1] = spread(unit(Z)).map(|e| e * scale);
        }
        if is_bent && free[X] {
            // A = C + x W^-kappa, where W is not divided by it.
            let log = math::ln(untrained);
            let lift = math::exp(-kappa * log);
            let of_kappa = -x * lift * log;
            let of_y = -x * lift * kappa * fade / untrained;
            let (by_beta, by_alpha) = match optimum.problem.tie {
                Tie::Rectified => (0.0, 0.0),
                _ => (-kappa * of_kappa, kappa * of_kappa),
            };
            let by = if optimum.problem.has_untrained {
                [1.0, 1.0, 0.0, 0.0, 0.0]
            } else {
                [lift, 1.0, of_y * beta, by_beta + of_y * beta * u, by_alpha]
            };
            result.std_errors[0] = spread(by).map(|e| e * scale);
        }
        let n_h = math::exp(curve.ln_n_min + ln_rho / beta);
        if is_bent {
            let by_u = whole / untrained;
            result.std_errors[2] = spread([0.0, 0.0, n_h * by_u, n_h * (by_u * u - ln_rho / beta), 0.0]);
        }
        if free[B] && is_bent {
            result.std_errors[3] = spread([0.0, 0.0, 0.0, beta, 0.0]);
        }
        if free[B] && free[ALPHA] && is_bent {
            result.std_errors[4] = spread([0.0, 0.0, 0.0, -kappa, kappa]);
        }
        match optimum.problem.tie {
            Tie::Rectified if free[B] => {
                let e = spread([0.0, 0.0, 0.0, beta, 0.0]);
                (result.std_errors[3], result.std_errors[5]) = (e, e);
            }
            _ if free[ALPHA] => result.std_errors[5] = spread([0.0, 0.0, 0.0, 0.0, alpha]),
            _ => {}
        }
        result
    }
}

/// The domain of beta is where n_h of every fit on law (1) can be represented.
const _: () = assert!(BETA_MIN * 700.0 > 34.7 && BETA_MAX > BETA_MIN, "n_h of a fit on law (1)");
