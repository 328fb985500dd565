//! Whether a Jacobian written by hand is that of its residuals.
use core::fmt;

use crate::law::Law;
use crate::simd::{F64x8, LANES};
use crate::solve::{Fitted, Observations, Rows};

use super::rows::{MOST, Padded, Theta, padded};

/// Steps of the differences, each half of the one before, the first a quarter of the parameter: to 2^-21 of it.
const STEPS: usize = 20;
/// Extrapolations: after the fifth the rounding that they add up is all that they change.
const COLUMNS: usize = 6;
/// The share of a derivative that an error must have: 2^-15, 3e-5.
const SHARE: f64 = 1.0 / 32_768.0;
/// Times the error that the differences say they have: it is an estimate.
const DOUBT: f64 = 16.0;
/// A finer difference that is further off what was believed than this many times its own change and rounding refutes it: a step
/// over a peak sees nothing of it, and does not change with the step either.
const REFUTED: f64 = 4.0;
/// The influence that differences do not see, in units of the residual: 2^-32, the rounding of a step of 2^-13
/// that must refute a longer one.
const UNSEEN: f64 = 1.0 / (1_u64 << 32) as f64;
/// Roundings of the residual, in units of itself and of what each parameter does to it.
const ROUNDINGS: f64 = 64.0 * f64::EPSILON;

/// The derivative that is furthest from what the residuals say, in units of what is allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct JacobianFault {
    /// The observation, from 0.
    pub observation: usize,
    /// The parameter, from 0.
    pub parameter: usize,
    /// What the law gives.
    pub given: f64,
    /// What differences of its residuals give.
    pub expected: f64,
    /// The error of that, as it estimates it.
    pub uncertainty: f64,
}

impl fmt::Display for JacobianFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let JacobianFault { observation, parameter, given, expected, uncertainty } = self;
        write!(
            f,
            "the derivative of residual {observation} by parameter {parameter} is given as {given:e}, and differences give {expected:e} within {uncertainty:.0e}: check its formula"
        )
    }
}

impl core::error::Error for JacobianFault {}

/// Compares the Jacobian of a law with differences of its residuals at `theta`, for every observation and parameter.
///
/// Differences at 20 steps are extrapolated (Ridders 1982, Adv. Eng. Software 4, 75-76) and the one with the smallest error
/// estimate is taken. Where a residual is not finite nothing is compared.
///
/// # Errors
/// [`JacobianFault`], the worst, where a derivative is off by more than 3e-5 of itself and by more than the differences may be
/// wrong. So an error of 1e-4 is found unless a residual moves by less than 1e-5 of its size with the parameter.
///
/// # Accuracy
/// No false alarm, and no error of 1e-4 missed, on the laws of this crate and the 27 NIST problems at the random parameters
/// that `cargo test --test own derivatives` draws (`SYN2REAL_FULL=1`: a hundred times as many).
///
/// ```
/// use syn2real::Law;
/// use syn2real::own::check_jacobian;
/// use syn2real::simd::{F64x8, LANES};
///
/// /// y = a e^(-b x), with a sign that is wrong.
/// struct Decay;
/// impl Law<2> for Decay {
///     type Observation = [f64; 2];
///     #[inline(always)]
///     fn rows(&self, t: &[f64; 2], rows: &[[f64; 2]; LANES], residuals: &mut F64x8, jacobian: Option<&mut [F64x8; 2]>) {
///         let (x, y) = (F64x8(rows.map(|r| r[0])), F64x8(rows.map(|r| r[1])));
///         let e = (x * -t[1]).exp();
///         *residuals = e * t[0] - y;
///         if let Some(j) = jacobian {
///             *j = [e, e * x * t[0]];
///         }
///     }
/// }
/// let fault = check_jacobian(&Decay, &[[0.0, 2.0], [1.0, 1.0], [2.0, 0.5]], [2.0, 0.7]).unwrap_err();
/// assert_eq!((fault.observation, fault.parameter), (2, 1), "{fault}");
/// ```
pub fn check_jacobian<L: Law<P>, const P: usize, D: Observations<L::Observation> + ?Sized>(
    law: &L,
    data: &D,
    theta: [f64; P],
) -> Result<(), JacobianFault> {
    const { assert!(P <= MOST, "a law of at most 9 parameters") };
    let rows = Padded::<_, _, P>(Fitted { law, data, delta: f64::INFINITY });
    worst(&rows, data.len(), P, &padded(&theta, 0.0)).map_or(Ok(()), Err)
}

/// The worst derivative, if any is off by more than is allowed.
fn worst(rows: &dyn Rows<MOST>, len: usize, parameters: usize, theta: &Theta) -> Option<JacobianFault> {
    let (mut fault, mut most, mut k) = (None, 1.0, 0);
    while let Some((residuals, jacobian, _)) = rows.block(theta, k) {
        let mut size = residuals.abs();
        for (column, x) in jacobian.iter().zip(theta) {
            size = size.max((*column * *x).abs());
        }
        for (parameter, column) in jacobian.iter().enumerate().take(parameters) {
            let Difference { value, error } = difference(rows, theta, k, parameter, size);
            for i in 0..LANES {
                let observation = k * LANES + i;
                let (given, expected, uncertainty) = (column.0[i], value.0[i], error.0[i]);
                let is_compared = observation < len && residuals.0[i].is_finite() && uncertainty.is_finite();
                let allowed =
                    SHARE * expected.abs() + DOUBT * uncertainty + UNSEEN * size.0[i] / step(theta, parameter);
                let excess = (given - expected).abs() / allowed;
                // NaN given for a number is the worst.
                let excess = if given.is_finite() { excess } else { f64::INFINITY };
                if is_compared && excess > most {
                    most = excess;
                    fault = Some(JacobianFault { observation, parameter, given, expected, uncertainty });
                }
            }
        }
        k += 1;
    }
    fault
}

/// A derivative of eight residuals, and the error that it may have.
struct Difference {
    value: F64x8,
    error: F64x8,
}

/// The size of a parameter, 1 where it is 0.
fn step(theta: &Theta, parameter: usize) -> f64 {
    theta.get(parameter).map(|x| x.abs()).filter(|x| *x > 0.0).unwrap_or(1.0)
}

/// The derivative of the residuals of block `k`, which are made of numbers of a `size`, by a parameter; infinitely uncertain where no step gives one.
fn difference(rows: &dyn Rows<MOST>, theta: &Theta, k: usize, parameter: usize, size: F64x8) -> Difference {
    let mut best = Difference { value: F64x8::splat(f64::NAN), error: F64x8::splat(f64::INFINITY) };
    let own = theta.get(parameter).copied().unwrap_or(0.0);
    let mut h = 0.25 * step(theta, parameter);
    // The last row of the table, and how far its entries were from those of the row before.
    let mut last = [F64x8::splat(f64::NAN); COLUMNS];
    for _ in 0..STEPS {
        let at = |x: f64| {
            let mut moved = *theta;
            if let Some(slot) = moved.get_mut(parameter) {
                *slot = x;
            }
            rows.block(&moved, k).map_or(F64x8::splat(f64::NAN), |(residuals, ..)| residuals)
        };
        let (up, down) = (own + h, own - h);
        let width = up - down;
        let floor = size * (ROUNDINGS / width.abs());
        let mut now = [F64x8::splat(f64::NAN); COLUMNS];
        let mut entry = (at(up) - at(down)) / width;
        let doubt = ((entry - last[0]).abs() + floor) * REFUTED + best.error;
        best.error = (entry - best.value).abs().gt(doubt).select(F64x8::splat(f64::INFINITY), best.error);
        let mut weight = 1.0;
        for (slot, before) in now.iter_mut().zip(&last) {
            *slot = entry;
            weight *= 4.0;
            let next = entry + (entry - *before) / (weight - 1.0);
            // The next is better than this and the one before it: how far both are from it is the error of both.
            let apart = (entry - *before).abs().max((next - *before).abs());
            let error = apart + floor;
            let is_better = error.lt(best.error);
            best.value = is_better.select(entry, best.value);
            best.error = is_better.select(error, best.error);
            entry = next;
        }
        last = now;
        h *= 0.5;
    }
    best
}
