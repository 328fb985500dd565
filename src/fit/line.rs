//! The straight line through a curve over ln n: whether its errors rise, and by what else its points are known again.
use core::fmt;

use crate::math;

use super::options::Weights;

/// Errors that rise with n beyond their noise: most often a score (accuracy, mAP) in the place of an error.
///
/// It is reported where the law finds no decrease, and a one-sided t test (normal with weights that are not relative)
/// rejects "no rise" at the level .01, in the residual of the fit: the smaller p of the regressions on ln n and on a rise
/// that levels off, 1 - e^(-3 share of the range of ln n), times two. So often at most the errors of a curve that does
/// not rise are called rising (`tests/statistics.rs`). Errors that fall first and rise then, by a parabola through them,
/// are no score.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rise {
    /// By how much per unit of ln n: ln error in the log residual, the error itself in the linear one; above 0.
    pub slope: f64,
    /// Probability of such a slope or a steeper one where the errors do not rise, below .01.
    pub p_value: f64,
}

impl Rise {
    /// Level of the test.
    pub const LEVEL: f64 = 0.01;

    pub(crate) fn new(slope: f64, p_value: f64) -> Rise {
        Rise { slope, p_value }
    }
}

impl fmt::Display for Rise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "these values rise with n (p {:.0e}): a score (accuracy, mAP) must be turned into an error, error = 1 - score",
            self.p_value
        )
    }
}

/// e-folds over the data of the second regressor: scores level off, and a straight line would take that for noise.
const RATE: f64 = 3.0;

/// Tail of the line above which none of the two can be below the level: where the one is, so is the other, to some extent.
const WORTH_A_LOOK: f64 = 0.2;

/// A rise over the data below this share of the level is rounding, as residuals are.
const EXACT: f64 = 1e-12;

/// Standard deviations of a point by which a parabola must fall before it rises, to be no rise.
const FALL: f64 = 2.0;

/// Sums of the weighted regression of the target on t = ln(n / n_min), in the units of the curve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) weight_sum: f64,
    /// The unit of the weights, a power of two.
    pub(crate) weight_scale: f64,
    pub(crate) mean_t: f64,
    pub(crate) mean_y: f64,
    /// Sums about the means.
    pub(crate) tt: f64,
    pub(crate) ty: f64,
    /// Over the nodes: of bins it has not what scatters within them.
    pub(crate) yy: f64,
}

impl Line {
    /// Whether both are of the same points, up to rounding. `origin` is |ln n_min| + ln(n_max / n_min).
    ///
    /// t is off by some roundings of ln n, by as much again where the steps of a geometric grid were made equal, y by one
    /// of itself; sums of N terms by N roundings of the sum of their sizes, which Cauchy and Schwarz bound.
    pub(crate) fn is_same(&self, other: &Line, points: usize, origin: f64) -> bool {
        let of_sum = (points as f64 + 8.0) * f64::EPSILON;
        let (weights, root) = (self.weight_sum, math::sqrt);
        let of_t = 8.0 * f64::EPSILON * (origin + 1.0);
        let of_y = 4.0 * f64::EPSILON * (root(weights) + root(self.yy + weights * self.mean_y * self.mean_y));
        let near = |a: f64, b: f64, allowed: f64| (a - b).abs() <= allowed;
        self.weight_scale == other.weight_scale
            && near(weights, other.weight_sum, of_sum * weights)
            && near(self.mean_t, other.mean_t, of_t + of_sum * origin)
            && near(self.ty, other.ty, root(self.tt) * (of_y + of_sum * root(self.yy)) + of_t * root(weights * self.yy))
    }
}

impl Line {
    /// Whether the errors rise; `rows` are t, target and weight, `unit` is that of the target.
    pub(crate) fn rise(
        &self,
        rows: impl Iterator<Item = [f64; 3]> + Clone,
        points: usize,
        weights: Weights,
        unit: f64,
    ) -> Option<Rise> {
        let slope = self.ty / self.tt;
        let spread = math::sqrt(self.tt / self.weight_sum);
        let freedom = points as f64 - 2.0;
        if !(slope * spread > EXACT * (1.0 + self.mean_y.abs()) && freedom > 0.0) {
            return None;
        }
        let about = |[t, y, w]: [f64; 3]| [t - self.mean_t, y - self.mean_y, w];
        let (mut yy, mut cubes, mut span) = (0.0, 0.0, 0.0);
        for [t, y, w] in rows.clone().map(about) {
            yy += w * y * y;
            cubes += w * t * t * t;
            span = if w > 0.0 && t > span { t } else { span };
        }
        let squares = positive(yy - slope * self.ty);
        // P(T > t) of a regressor: its sum of squares and that with y.
        let tail = |xx: f64, xy: f64| {
            let (variance, dof) = match weights {
                Weights::Relative => (positive(yy - xy * xy / xx) / freedom, freedom),
                // F with 1 and 1e8 degrees of freedom is z^2 to 1e-8.
                _ => (1.0 / (self.weight_scale * unit * unit), 1e8),
            };
            let square = xy * xy / xx / variance;
            if variance > 0.0 && square < f64::INFINITY { 0.5 * math::f_tail(square, 1.0, dof) } else { 0.0 }
        };
        let of_line = tail(self.tt, self.ty);
        if !(of_line < WORTH_A_LOOK) {
            return None;
        }
        let level = |t: f64| -math::exp(-RATE * t / (span + self.mean_t));
        let mut mean = 0.0;
        for [t, _, w] in rows.clone() {
            mean += w * level(t);
        }
        let mean = mean / self.weight_sum;
        let (mut xx, mut xy) = (0.0, 0.0);
        for [t, y, w] in rows.clone() {
            let x = level(t) - mean;
            xx += w * x * x;
            xy += w * x * (y - self.mean_y);
        }
        let of_levelling = if xy > 0.0 { tail(xx, xy) } else { 1.0 };
        let p_value = 2.0 * if of_levelling < of_line { of_levelling } else { of_line };
        if !(p_value < Rise::LEVEL) {
            return None;
        }
        // The parabola, by what it has beyond the line.
        let tilt = cubes / self.tt;
        let bend = |t: f64| t * t - tilt * t - self.tt / self.weight_sum;
        let (mut of_bend, mut with_y) = (0.0, 0.0);
        for [t, y, w] in rows.map(about) {
            of_bend += w * bend(t) * bend(t);
            with_y += w * bend(t) * y;
        }
        let curvature = with_y / of_bend;
        let vertex = 0.5 * (tilt - slope / curvature);
        let left = vertex + self.mean_t;
        let noise = math::sqrt(positive(squares - curvature * with_y) / self.weight_sum);
        let falls_first = curvature > 0.0 && left > 0.0 && curvature * left * left > FALL * noise;
        (!falls_first).then_some(Rise { slope: slope * unit, p_value })
    }
}

/// Rounding may leave a sum of squares just below 0.
fn positive(x: f64) -> f64 {
    if x > 0.0 { x } else { 0.0 }
}
