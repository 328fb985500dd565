//! What a forecast says of a target: the limits of the gap, and what one measurement more would tell.
use crate::fit::Confidence;
use crate::linalg::form;
use crate::math;

use super::average::{Forecast, LIMIT};
use super::posterior::Posterior;

/// Steps of ln n beyond the data at which the curve's limits are looked at, a factor of 16 each: as far as 2^53 times n_max.
const STEPS: u32 = 14;

impl Forecast {
    /// Median and limits of what no number of samples removes. A curve that falls is nowhere above its limits before:
    /// the upper limit is the lowest of those on the way, and so is the lower one.
    pub(crate) fn gap(&self, confidence: Confidence) -> [f64; 3] {
        let quantile = math::t_quantile(0.5 + 0.5 * confidence.level(), self.degrees_of_freedom);
        let (centre, sd, _) = self.spread(LIMIT);
        let mut ends = [centre - quantile * sd, centre + quantile * sd];
        for k in 0..=STEPS {
            let (centre, sd, _) = self.spread(f64::from(k) * 4.0 * core::f64::consts::LN_2);
            ends = [ends[0].min(centre - quantile * sd), ends[1].min(centre + quantile * sd)];
        }
        [math::exp(ends[0]), math::exp(centre), math::exp(ends[1])]
    }

    /// Student's quantile of a two-sided interval with `more` degrees of freedom than now.
    pub(crate) fn quantile(&self, confidence: Confidence, more: f64) -> f64 {
        math::t_quantile(0.5 + 0.5 * confidence.level(), self.degrees_of_freedom + more)
    }

    /// The slope of ln L in ln n, by a difference over a sixteenth.
    pub(crate) fn slope(&self, n: f64) -> f64 {
        let t = self.t(n);
        16.0 * (self.spread(t + 0.03125).0 - self.spread(t - 0.03125).0)
    }

    /// By what share a measurement of this weight at n shrinks the standard deviation of ln L(m), to the normal
    /// approximation; with that standard deviation of now. What laws get wrong beyond the data is shared so that a measurement
    /// leaves what the fall from there on to m has, as it will when it belongs to the data; what moved the forecast is one and
    /// the same beyond them.
    pub(crate) fn shrink(&self, n: f64, weight: f64, m: f64) -> (f64, f64) {
        let (t, u) = (self.t(n), self.t(m).min(LIMIT));
        let [at_n, across, at_m] = self.posterior.joint(t, u);
        let (last, _) = self.posterior.at(0.0);
        let wrong = |t: f64| if t > 0.0 { self.discrepancy * (last - self.posterior.at(t).0) } else { 0.0 };
        let (a, b) = (wrong(t), wrong(u));
        let (of_n, of_m) = (self.shift_at(t), self.shift_at(u));
        let at_n = at_n + a * a + of_n * of_n;
        let shared = if a < b { a * math::sqrt(a * (b + b - a)) } else { a * b };
        let across = across + shared + of_n * of_m;
        let at_m = at_m + b * b + of_m * of_m;
        let after = at_m - across * across / (at_n + self.posterior.noise / weight);
        let share = if at_m > 0.0 && after < at_m { math::sqrt(after.max(0.0) / at_m) } else { 1.0 };
        (share, math::sqrt(at_m))
    }
}

impl Posterior {
    /// Variances of ln L at two places t = ln(n / n_max), and their covariance between.
    fn joint(&self, t: f64, u: f64) -> [f64; 3] {
        let (mut mean, mut sums) = ([0.0; 2], [0.0; 3]);
        for node in self.nodes() {
            let (a, b) = (node.row(t).0, node.row(u).0);
            mean = [mean[0] + node.weight * a, mean[1] + node.weight * b];
        }
        for node in self.nodes() {
            let ((a, by_a), (b, by_b)) = (node.row(t), node.row(u));
            let (a, b) = (a - mean[0], b - mean[1]);
            let of_b = node.covariance.map(|row| row.iter().zip(by_b).map(|(v, by)| v * by).sum::<f64>());
            let across: f64 = by_a.iter().zip(of_b).map(|(a, b)| a * b).sum();
            let own = [form(&node.covariance, &by_a), across, form(&node.covariance, &by_b)];
            for ((sum, between), within) in sums.iter_mut().zip([a * a, a * b, b * b]).zip(own) {
                *sum += node.weight * (between + within);
            }
        }
        sums.map(|sum| sum + self.level_variance)
    }
}
