//! Whether errors move with time at equal size.
use crate::fit::{Class, Syn2RealFit};
use crate::linalg::Ldl;
use crate::math;
use crate::point::Point;

use super::store::Entry;

/// How much better the law fits when its logarithm may change linearly with time.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Drift {
    /// Relative change of the error from one observation to the next.
    pub rate: f64,
    /// The probability of such a gain, or a larger one, without drift: the tail of F with 1 and `degrees_of_freedom`.
    pub p_value: f64,
    /// Entries minus parameters, the rate of the drift among them.
    pub degrees_of_freedom: u32,
}

/// Below this share of its length the time is a combination of the law's derivatives: nothing can be told.
/// The rounding of its normal equations is some 1e-16 times the condition, 1e4 squared at worst where it matters.
const DETERMINED: f64 = 1e-6;
/// Relative residuals below this are rounding (as in the report of a fit).
const EXACT: f64 = 1e-12;

/// The F test of b = 0 in ln L(n, t) = ln(D n^-alpha + C) + b t, linearised about the fit: the gain in the sum of squares
/// when time joins the law's derivatives. It has power where sizes are measured again at another time.
///
/// `None` without degrees of freedom, for exact data, where the times are explained by the sizes, and where F is below `least`.
pub(super) fn drift(fit: &Syn2RealFit, entries: &[Entry], least: f64) -> Option<Drift> {
    let law = fit.law();
    // A parameter on its bound does not move.
    let free = match fit.report().class {
        Class::NoGap => [true, true, false, true],
        Class::Flat => [false, false, true, true],
        Class::AlphaMax => [true, false, true, true],
        _ => [true; 4],
    };
    let (mut gram, mut moment) = ([[0.0; 4]; 4], [0.0; 4]);
    let (mut squares, mut weights, mut used) = (0.0, 0.0, 0_u32);
    let heaviest = entries.iter().map(|e| e.point.weight).fold(0.0, f64::max);
    let last = entries.iter().map(|e| e.time).fold(0.0, f64::max);
    for Entry { point: Point { n, error, weight }, time, .. } in entries {
        let [by_d, by_alpha, by_c] = law.gradient_at(*n);
        let (level, weight) = (law.d * by_d + law.c, weight / heaviest);
        // Columns of comparable length: D times its derivative, the time as a share of the whole.
        let row = [law.d * by_d / level, by_alpha / level, by_c / level, time / last];
        let residual = math::ln(error / level);
        for (k, (line, sum)) in row.iter().zip(gram.iter_mut().zip(&mut moment)).map(|(x, rest)| (*x, rest)) {
            for (g, y) in line.iter_mut().zip(&row) {
                *g += weight * k * y;
            }
            *sum += weight * k * residual;
        }
        squares += weight * residual * residual;
        weights += weight;
        used += 1;
    }
    let parameters = free.iter().filter(|f| **f).count() as u32;
    let degrees_of_freedom = used.checked_sub(parameters).filter(|dof| *dof > 0)?;
    if !(squares > EXACT * EXACT * weights) {
        return None;
    }
    let ldl = Ldl::new(&gram, &[0.0; 4], &free);
    if !(ldl.pivot_ratio > DETERMINED * DETERMINED) {
        return None;
    }
    let step = ldl.solve(&moment);
    let gain: f64 = step.iter().zip(&moment).zip(&free).map(|((x, m), f)| if *f { x * m } else { 0.0 }).sum();
    let rest = (squares - gain).max(f64::EPSILON * squares);
    let dof = f64::from(degrees_of_freedom);
    let f = gain.max(0.0) / (rest / dof);
    if f < least {
        return None;
    }
    let p_value = math::f_tail(f, 1.0, dof);
    let [_, _, _, slope] = step;
    Some(Drift { rate: slope / last, p_value, degrees_of_freedom }).filter(|d| d.rate.is_finite() && d.p_value >= 0.0)
}
