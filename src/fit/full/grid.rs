//! What a fit has to know of its data before it starts.
use crate::law::Parameter;
use crate::math;
use crate::point::GridPoint;
use crate::simd::LANES;
use crate::solve::{Bounds, Observations};

use super::super::error::FitError;
use super::options::Settings;

/// The rows of a fit over n and s, whatever the user's points are: what is heavy is compiled once.
pub(crate) type GridRows<'a> = dyn Observations<GridPoint> + 'a;

/// The rows of the data one by one.
pub(crate) fn rows<'a>(data: &'a GridRows<'a>) -> impl Iterator<Item = GridPoint> + Clone + 'a {
    (0..data.len()).filter_map(move |i| data.block(i / LANES)?.get(i % LANES).copied())
}

/// Extent of the rows with a weight above 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    pub(crate) points: usize,
    /// Sum of the weights.
    pub(crate) weight_sum: f64,
    /// Smallest n above 0, and the largest.
    pub(crate) n_min: f64,
    pub(crate) n_max: f64,
    pub(crate) s_min: f64,
    pub(crate) s_max: f64,
    /// Whether there are rows with n = 0.
    pub(crate) has_zero: bool,
    /// Powers of two at or below the largest |error| and weight.
    pub(crate) scale: f64,
    pub(crate) weight_scale: f64,
    distinct_n: Distinct,
    distinct_s: Distinct,
}

/// Up to five different values; no law needs more sizes than that.
#[derive(Clone, Copy, Debug)]
struct Distinct {
    values: [f64; 5],
    count: usize,
}

impl Distinct {
    const NONE: Distinct = Distinct { values: [0.0; 5], count: 0 };

    fn add(&mut self, x: f64) {
        if self.values.iter().take(self.count).any(|&v| v == x) {
            return;
        }
        if let Some(slot) = self.values.get_mut(self.count) {
            *slot = x;
            self.count += 1;
        }
    }
}

/// The power of two at or below x > 0; 1 where that is subnormal or not finite.
fn power_of_two(x: f64) -> f64 {
    let p = f64::from_bits(x.to_bits() & 0x7ff0_0000_0000_0000);
    if p.is_normal() { p } else { 1.0 }
}

impl Grid {
    /// Checks every row and measures the extent.
    pub(crate) fn read(data: &GridRows<'_>, settings: &Settings) -> Result<Grid, FitError> {
        let mut g = Grid {
            points: 0,
            weight_sum: 0.0,
            n_min: f64::INFINITY,
            n_max: 0.0,
            s_min: f64::INFINITY,
            s_max: 0.0,
            has_zero: false,
            scale: 0.0,
            weight_scale: 0.0,
            distinct_n: Distinct::NONE,
            distinct_s: Distinct::NONE,
        };
        for (index, p) in rows(data).enumerate() {
            p.check(settings.residual, settings.with_zero()).map_err(|source| FitError::Point { index, source })?;
            if p.weight == 0.0 {
                continue;
            }
            g.points += 1;
            g.weight_sum += p.weight;
            g.has_zero |= p.n == 0.0;
            if p.n > 0.0 {
                g.n_min = g.n_min.min(p.n);
            }
            g.n_max = g.n_max.max(p.n);
            (g.s_min, g.s_max) = (g.s_min.min(p.s), g.s_max.max(p.s));
            g.scale = g.scale.max(p.error.abs());
            g.weight_scale = g.weight_scale.max(p.weight);
            g.distinct_n.add(p.n);
            g.distinct_s.add(p.s);
        }
        (g.scale, g.weight_scale) = (power_of_two(g.scale), power_of_two(g.weight_scale));
        Ok(g)
    }

    /// Whether the sizes tell the free parameters apart, and `more` that are seen over n.
    pub(crate) fn identify(&self, settings: &Settings, more: usize) -> Result<(), FitError> {
        let (free, is_sum) = (settings.held().map(|held| !held), settings.is_sum());
        let [free_first, free_second, free_alpha, free_beta, free_n0, free_e] = free;
        let count = |flags: &[bool]| flags.iter().filter(|&&f| f).count();
        let none = |parameter| Err(FitError::Unidentifiable { parameter });
        // Levels over n at one s: delta, gamma and u; in the additive law A, u and a level.
        let needed_n = 1 + more + count(&[if is_sum { free_first } else { free_second }, free_alpha, free_n0]);
        // Over s: the factor s^-beta; in the additive law B s^-beta, told from E by a third s.
        let needed_s = if is_sum { count(&[free_second, free_beta, free_e]).max(1) } else { 1 + count(&[free_beta]) };
        let (got_n, got_s, needed) = (self.distinct_n.count, self.distinct_s.count, more + count(&free));
        if self.points == 0 {
            return Err(FitError::TooFewRows { needed, got: 0 });
        }
        if got_n == 1 && needed_n > 1 {
            return none(match (free_alpha, is_sum, free_second) {
                (true, ..) => Parameter::Alpha,
                (_, true, _) => Parameter::A,
                (_, _, true) => Parameter::Gamma,
                _ => Parameter::N0,
            });
        }
        if got_s == 1 && free_beta {
            return none(Parameter::Beta);
        }
        // At one s, E and delta gamma are one constant.
        if got_s < needed_s || (free_e && got_s == 1) {
            return none(if free_e { Parameter::E } else { Parameter::B });
        }
        if got_n < needed_n {
            return Err(FitError::TooFewPoints { needed: needed_n, got: got_n });
        }
        if self.points < needed {
            return Err(FitError::TooFewRows { needed, got: self.points });
        }
        Ok(())
    }

    /// ln of the middle of the n above 0 and of the s, on the scale of logarithms.
    pub(crate) fn middle(&self) -> (f64, f64) {
        let mid = |a: f64, b: f64| 0.5 * (math::ln(a) + math::ln(b));
        (mid(self.n_min, self.n_max), mid(self.s_min, self.s_max))
    }

    /// ln(largest / smallest) of n above 0 and of s, at least 0.1 so that rates have a scale.
    pub(crate) fn spans(&self) -> (f64, f64) {
        let span = |a: f64, b: f64| math::ln(b / a).max(0.1);
        (span(self.n_min, self.n_max), span(self.s_min, self.s_max))
    }
}

/// `count` <= `N` rates from `bounds.lower` to `bounds.upper`: the two ends, evenly in the logarithm from a hundredth of
/// the rate that makes e-fold of the span. Returns how many are used: 1 if the rate is held.
pub(crate) fn rates<const N: usize>(bounds: Bounds, span: f64, count: usize) -> ([f64; N], usize) {
    let mut nodes = [bounds.lower; N];
    if bounds.lower == bounds.upper {
        return (nodes, 1);
    }
    let low = (0.01 / span).max(bounds.lower).min(bounds.upper);
    let step = math::ln(bounds.upper / low) / (count.max(3) - 2) as f64;
    let mut at = math::ln(low);
    for node in nodes.iter_mut().take(count).skip(1) {
        *node = math::exp(at).max(bounds.lower).min(bounds.upper);
        at += step;
    }
    (nodes, count)
}
