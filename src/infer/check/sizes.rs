//! The residuals of a fit by sizes: the points of one n in one.
use crate::fit::{STEEP, Source, Syn2RealFit, each};
use crate::law::Residual;
use crate::math;
use crate::point::Point;

use super::super::wald::free;
use super::order::{MOST, Order, Row};

/// What the points of one size, or of a bin of sizes, say together, beside their row of [`Sizes`].
#[derive(Clone, Copy)]
struct Size {
    n: f64,
    weight: f64,
    /// Sum of w r^2.
    square: f64,
    points: u32,
}

impl Size {
    const NONE: Size = Size { n: 0.0, weight: 0.0, square: 0.0, points: 0 };
}

/// The residuals of a curve by sizes, in the order of n. With more than 64 sizes those within a 64th of the range of ln n
/// count as one: near repeats (Neill and Johnson, Technometrics 26 (1984) 119).
pub(crate) struct Sizes {
    /// The sums of w r and of w times the row of the Jacobian; then those of weight 1, as [`Order::new`] leaves them.
    rows: [Row; MOST],
    len: usize,
    rank: usize,
    /// Weighted squares about the means of the sizes, and their degrees of freedom: the error that no law of n explains.
    pub(crate) pure_square: f64,
    pub(crate) pure: f64,
    /// Whether residuals are no more than rounding.
    pub(super) is_exact: bool,
}

/// Residuals below this share of the error are rounding: those of a fit of exact data have some 1e-15.
const EXACT: f64 = 1e-12;

/// What is needed of a fit for the residual of a point, and for its row of the Jacobian.
struct Model {
    law: crate::law::Syn2RealLaw,
    is_log: bool,
    /// The Huber delta; infinite for the square loss.
    delta: f64,
    /// ln of the size at which the coordinate beside alpha is: the middle of the data, n_min for steep laws, or 1 where D
    /// itself is held.
    ln_reference: f64,
}

impl Model {
    fn new(fit: &Syn2RealFit) -> Model {
        let (law, report) = (fit.law(), fit.report());
        let [fixed_d, ..] = report.fixed;
        let (first, last) = (math::ln(report.n_min), math::ln(report.n_max));
        // From the middle the level at n_min would overflow where the law is steep.
        let is_steep = law.alpha * 0.5 * (last - first) > STEEP;
        let middle = if is_steep { first } else { 0.5 * (first + last) };
        Model {
            law,
            is_log: report.residual == Residual::Log,
            delta: report.huber_delta.unwrap_or(f64::INFINITY),
            ln_reference: if fixed_d { 0.0 } else { middle },
        }
    }

    /// The residual, what the error itself would be in its unit, and the derivatives of the residual; those beyond the Huber
    /// delta count as delta, as they do in the fit.
    fn row(&self, p: &Point) -> (f64, f64, [f64; 3]) {
        let ln_n = math::ln(p.n);
        let (has_slope, t) = (self.law.d > 0.0, ln_n - self.ln_reference);
        let alpha = if has_slope { self.law.alpha } else { 0.0 };
        let u = math::exp(-alpha * t);
        let model = if has_slope { self.law.d * math::exp(-alpha * ln_n) + self.law.c } else { self.law.c };
        let (r, unit, by_model) = if self.is_log {
            (math::ln(p.error / model), 1.0, 1.0 / model)
        } else {
            (p.error - model, p.error.abs(), 1.0)
        };
        let r = if r > self.delta {
            self.delta
        } else if r < -self.delta {
            -self.delta
        } else {
            r
        };
        (r, unit, [u * by_model, u * t * by_model, by_model])
    }
}

impl Sizes {
    /// The residuals of these points, which may come in any order.
    #[inline(never)]
    pub(crate) fn new(fit: &Syn2RealFit, data: &Source<'_>) -> Sizes {
        let model = Model::new(fit);
        let mut all =
            Sizes { rows: [(0.0, [0.0; 3]); MOST], len: 0, rank: 0, pure_square: 0.0, pure: 0.0, is_exact: true };
        let mut sizes = [Size::NONE; MOST];
        let used = || each(data).filter(|p| p.weight > 0.0);
        if !used().all(|p| all.add(&mut sizes, &model, &p, p.n)) {
            let (first, last) = (math::ln(fit.report().n_min), math::ln(fit.report().n_max));
            let bins = MOST as f64 / (last - first);
            (all.len, all.is_exact) = (0, true);
            all.rows.fill((0.0, [0.0; 3]));
            sizes.fill(Size::NONE);
            for p in used() {
                // `as` takes off what is behind the point.
                let bin = ((math::ln(p.n) - first) * bins) as u32 as f64;
                all.add(&mut sizes, &model, &p, bin.min(MOST as f64 - 1.0));
            }
        }
        for (size, (residual, row)) in sizes.iter().zip(&mut all.rows).take(all.len) {
            all.pure_square += (size.square - *residual * (*residual / size.weight)).max(0.0);
            all.pure += f64::from(size.points.saturating_sub(1));
            let by = if size.weight > 0.0 { 1.0 / math::sqrt(size.weight) } else { 0.0 };
            (*residual, *row) = (*residual * by, row.map(|entry| entry * by));
        }
        all.rank = all.rows.get_mut(..all.len).map_or(0, |rows| Order::new(rows, free(fit)).rank());
        all
    }

    /// Adds a point to the size `n`; tells whether there was room.
    fn add(&mut self, sizes: &mut [Size; MOST], model: &Model, p: &Point, n: f64) -> bool {
        // Most files are in the order of n.
        let taken = sizes.get(..self.len).unwrap_or(sizes);
        let at = match taken.last() {
            Some(last) if n >= last.n => taken.len() - usize::from(n == last.n),
            _ => taken.partition_point(|size| size.n < n),
        };
        if taken.get(at).is_none_or(|size| size.n != n) {
            if self.len >= MOST {
                return false;
            }
            let mut moved = (Size { n, ..Size::NONE }, (0.0, [0.0; 3]));
            for (size, row) in sizes.iter_mut().zip(&mut self.rows).skip(at).take(self.len - at + 1) {
                core::mem::swap(size, &mut moved.0);
                core::mem::swap(row, &mut moved.1);
            }
            self.len += 1;
        }
        let (r, unit, row) = model.row(p);
        self.is_exact &= r.abs() <= EXACT * unit;
        if let (Some(size), Some((residual, sum))) = (sizes.get_mut(at), self.rows.get_mut(at)) {
            size.weight += p.weight;
            size.square += p.weight * r * r;
            size.points = size.points.saturating_add(1);
            *residual += p.weight * r;
            for (slot, entry) in sum.iter_mut().zip(row) {
                *slot += p.weight * entry;
            }
        }
        true
    }

    /// The residual of each size, of weight 1, less what the law could have bent to, and its row of an orthonormal basis of that.
    pub(crate) fn rows(&self) -> &[(f64, [f64; 3])] {
        self.rows.get(..self.len).unwrap_or(&self.rows)
    }

    /// The residuals in their order.
    pub(super) fn order(&self) -> Order<'_> {
        Order::of(self.rows.get(..self.len).unwrap_or(&self.rows), self.rank)
    }
}
