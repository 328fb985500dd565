//! The Huber loss: its scale, and the sandwich.
use crate::law::{GridLaw, Sealed};
use crate::linalg::{Qr, Triangle};
use crate::math;
use crate::point::GridPoint;
use crate::simd::F64x8;

use super::super::error::FitError;
use super::super::scale::median;
use super::grid::{GridRows, rows};
use super::options::Settings;

/// 1 / Phi^-1(3/4): makes the median absolute deviation the standard deviation of a normal sample.
const CONSISTENCY: f64 = 1.4826;

/// Rounding of a residual in units of the largest error, as for law (1). A Huber delta below it would weigh points by their
/// rounding.
pub(crate) const ROUNDING: f64 = 16.0 * f64::EPSILON;

/// The residual of a row, and d residual / dL.
pub(crate) fn residual(settings: &Settings, six: &[f64; 6], p: &GridPoint) -> (f64, f64) {
    settings.residual.of(settings.form.law(six).value_at(p.n, p.s), p.error)
}

/// The residual of a row and its gradient by the six.
pub(crate) fn residual_of(settings: &Settings, six: &[f64; 6], p: &GridPoint) -> (f64, [f64; 6]) {
    let (r, by_model) = residual(settings, six, p);
    // A column without any influence, alpha where A = 0, may be 0 * inf.
    let row = settings.form.law(six).slopes(p.n, p.s).map(|slope| slope * by_model);
    (r, row.map(|v| if v.is_finite() { v } else { 0.0 }))
}

/// k times the robust scale of the residuals; `None` where they are exact: the optimum of the square loss is then that of
/// every delta. `unit` is that of a residual.
pub(crate) fn delta(
    data: &GridRows<'_>,
    count: usize,
    k: f64,
    unit: f64,
    residual: impl Fn(&GridPoint) -> f64 + Clone,
) -> Result<Option<f64>, FitError> {
    let all = rows(data).filter(|p| p.weight > 0.0).map(|p| residual(&p));
    let centre = median(all.clone(), count);
    let deviation = median(all.map(|r| (r - centre).abs()), count);
    let delta = k * CONSISTENCY * deviation;
    if !(deviation >= ROUNDING * unit) {
        return Ok(None);
    }
    if delta < ROUNDING * unit {
        return Err(FitError::BadOption { field: "loss" });
    }
    Ok(Some(delta).filter(|delta| *delta < f64::INFINITY))
}

/// Sums over the rows at the optimum, in the `P` parameters of the law.
pub(crate) struct Moments<const P: usize> {
    /// sum w r^2.
    pub(crate) square: f64,
    /// sum w psi^2.
    pub(crate) psi_square: f64,
    /// sum w, and the part of it within the Huber delta.
    pub(crate) weight: f64,
    pub(crate) inside: f64,
    /// QR of the Jacobian rows within the delta.
    qr: Qr<P>,
    /// Outer products of the scores w psi J: the middle of the sandwich.
    score: [[f64; P]; P],
}

impl Moments<6> {
    pub(crate) fn new(data: &GridRows<'_>, settings: &Settings, six: &[f64; 6], delta: f64) -> Moments<6> {
        Moments::over(data, delta, |p| residual_of(settings, six, p))
    }
}

impl<const P: usize> Moments<P> {
    /// The sums with the residual of a row and its gradient.
    pub(crate) fn over(
        data: &GridRows<'_>,
        delta: f64,
        residual: impl Fn(&GridPoint) -> (f64, [f64; P]),
    ) -> Moments<P> {
        let zero = F64x8::splat(0.0);
        let mut m =
            Moments { square: 0.0, psi_square: 0.0, weight: 0.0, inside: 0.0, qr: Qr::EMPTY, score: [[0.0; P]; P] };
        let (mut columns, mut lane) = ([zero; P], 0);
        for p in rows(data).filter(|p| p.weight > 0.0) {
            let (r, row) = residual(&p);
            let (w, is_beyond) = (p.weight, r.abs() > delta);
            let psi = if is_beyond { r * (delta / r.abs()) } else { r };
            m.square += w * r * r;
            m.psi_square += w * psi * psi;
            m.weight += w;
            m.inside += if is_beyond { 0.0 } else { w };
            for (line, a) in m.score.iter_mut().zip(row) {
                for (entry, b) in line.iter_mut().zip(row) {
                    *entry += (w * psi * a) * (w * psi * b);
                }
            }
            let root = if is_beyond { 0.0 } else { math::sqrt(w) };
            for (column, v) in columns.iter_mut().zip(row) {
                column.0[lane & 7] = root * v;
            }
            lane += 1;
            if lane == 8 {
                m.qr.push(columns, zero);
                (columns, lane) = ([zero; P], 0);
            }
        }
        m.qr.push(columns, zero);
        m
    }

    /// R of the free columns.
    pub(crate) fn triangle(&self, free: &[bool; P]) -> Triangle<P> {
        self.qr.reduced(free, &[0.0; P], &[0.0; P]).r
    }

    /// A^-1 B A^-1 n / (n - p), with A^-1 on the free parameters: right whatever the distribution of the residuals (Huber
    /// 1981, section 6.2).
    pub(crate) fn sandwich(&self, bread: &[[f64; P]; P], factor: f64) -> [[f64; P]; P] {
        let half = product(bread, &self.score);
        product(&half, bread).map(|row| row.map(|v| v * factor))
    }
}

fn product<const P: usize>(a: &[[f64; P]; P], b: &[[f64; P]; P]) -> [[f64; P]; P] {
    let mut out = [[0.0; P]; P];
    for (line, row) in out.iter_mut().zip(a) {
        for (x, b_row) in row.iter().zip(b) {
            for (slot, y) in line.iter_mut().zip(b_row) {
                *slot += x * y;
            }
        }
    }
    out
}
