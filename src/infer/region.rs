//! The confidence region of the profile method: which rates it holds.
//!
//! It is {theta : cost(theta) <= limit}. Over alpha it may fall apart, or reach the ends of the domain; each part of it
//! holds a local minimum of the profile, and the fit has listed those.
use crate::fit::slice::Objective;
use crate::fit::{Class, Confidence, Cost, FitOptions, Weights};
use crate::math;
use crate::simd::{F64x8, LANES};

use super::InferError;
use super::problem::Problem;
use super::slices::Slices;

/// Parts that are kept: one for each minimum that a fit lists.
const PARTS: usize = 4;

/// Samples between which the ends of the parts are sought, in blocks of eight: 24 over the default domain of alpha are
/// spaced by a fifth in ln(alpha + offset).
const GRID: usize = 3;

/// Evaluations of eight rates that shrink the brackets of both ends: each divides by five, but by 64 as long as nothing
/// inside was met, and then there are more of them: the narrowest region of f64 is 2^-52 of a bracket.
const SECTIONS: u32 = 3;
const MOST_SECTIONS: u32 = 9;

/// Blocks of eight rates in each part, at both ends and cos(pi k / 15) between them: extremes lie near the ends, where the
/// slices shrink like a square root.
pub(crate) const BLOCKS: usize = 2;
const COSINES: [f64; LANES] = [
    1.0,
    0.978_147_600_733_805_7,
    0.913_545_457_642_600_9,
    0.809_016_994_374_947_5,
    0.669_130_606_358_858_2,
    0.5,
    0.309_016_994_374_947_45,
    0.104_528_463_267_653_46,
];

/// Quadratic steps of a slice where residuals on the border are small, and where they are not (rms above a twentieth, where
/// the cubic term of the cost is no longer a small share of the limit).
const ROUNDS: u32 = 3;
const MANY_ROUNDS: u32 = 16;
const ROUGH: f64 = 0.05;

/// Below this root mean square, in units of the largest error, residuals are rounding: some four operations on numbers of
/// the size of 1, and the logarithms of n and error.
const ROUNDING: f64 = 16.0 * f64::EPSILON;

/// An interval of rates within the region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) lower: f64,
    pub(crate) upper: f64,
}

/// The region of one fit at one level.
pub(crate) struct Region<'a, 'b> {
    pub(crate) problem: &'b Problem<'a>,
    /// Largest cost over all points.
    pub(crate) limit: f64,
    /// Cost of the optimum.
    pub(crate) least: f64,
    pub(crate) slices: Slices<'b>,
    parts: [Part; PARTS],
    len: usize,
    /// ln(alpha + offset) is the scale on which the profile bends evenly.
    offset: f64,
}

impl<'a, 'b> Region<'a, 'b> {
    /// The region at this level.
    pub(crate) fn new(problem: &'b Problem<'a>, confidence: Confidence) -> Result<Region<'a, 'b>, InferError> {
        let least = problem.evaluate(problem.theta).cost;
        Ok(Region::up_to(problem, problem.rise(least, confidence)?))
    }

    /// The region of the laws whose cost is at most `rise` above the lowest, in the units of the curve.
    pub(crate) fn up_to(problem: &'b Problem<'a>, rise: f64) -> Region<'a, 'b> {
        let report = problem.fit.report();
        let least = problem.evaluate(problem.theta).cost;
        // Where points share nodes, the nodes lack the scatter within them.
        let on_nodes = problem.evaluate_nodes(problem.theta).cost;
        let rms = math::sqrt(2.0 * (on_nodes + rise) / problem.curve.weight_sum);
        let is_easy = rms < ROUGH && problem.cost == Cost::Square;
        let slices = Slices {
            objective: Objective {
                curve: problem.curve,
                domain: &problem.domain,
                residual: report.residual,
                cost: problem.cost,
            },
            limit: on_nodes + rise,
            slack: 0.02 * rise,
            rounds: if is_easy { ROUNDS } else { MANY_ROUNDS },
            is_rough: !is_easy,
            isa: problem.fit.origin.isa,
        };
        let span = problem.curve.span;
        let offset = if span > 0.03 { 0.3 / span } else { 10.0 };
        let parts = [Part { lower: 0.0, upper: 0.0 }; PARTS];
        let mut region = Region { problem, limit: least + rise, least, slices, parts, len: 0, offset };
        region.find_parts();
        region
    }

    /// Whether the data are met exactly: every interval is a point.
    pub(crate) fn is_exact(&self) -> bool {
        self.is_within_rounding(1.0)
    }

    /// Whether the residuals on the border are at most `times` the rounding.
    pub(crate) fn is_within_rounding(&self, times: f64) -> bool {
        2.0 * self.limit <= times * times * ROUNDING * ROUNDING * self.problem.curve.weight_sum
    }

    /// The parts, in no order.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().take(self.len)
    }

    /// Whether the region reaches the end of the default domain of alpha, which no data set.
    pub(crate) fn is_at_default_end(&self, alpha: f64) -> bool {
        let user = self.problem.domain.alpha;
        alpha >= user.upper && user.upper == FitOptions::ALPHA_MAX && user.lower < user.upper
    }

    fn find_parts(&mut self) {
        let domain = self.problem.domain.alpha;
        if domain.lower == domain.upper {
            self.push(Part { lower: domain.lower, upper: domain.lower });
            return;
        }
        let (start, end) = (math::ln(domain.lower + self.offset), math::ln(domain.upper + self.offset));
        let mut grid = [F64x8::splat(0.0); GRID];
        let mut k = 0.0;
        for tau in grid.iter_mut().flat_map(|block| &mut block.0) {
            *tau = start + (end - start) * (k / (8 * GRID - 1) as f64);
            k += 1.0;
        }
        let costs = grid.map(|tau| self.slices.lowest(self.rates(tau)).cost);
        let fit = self.problem.fit;
        for minimum in fit.minima() {
            // A plateau holds every rate; any seed finds it.
            let alpha = if minimum.class == Class::Flat { domain.lower } else { minimum.law.alpha };
            let alpha = domain.clamp(alpha);
            let theta = self.problem.theta_of(minimum.law);
            let is_inside = self.problem.evaluate_nodes(theta).cost <= self.slices.limit;
            if is_inside && !self.parts().any(|p| p.lower <= alpha && alpha <= p.upper) {
                let seed = math::ln(alpha + self.offset);
                let outer = |sign: f64, bound: f64| self.bracket(&grid, &costs, seed, sign, bound);
                let (left, right) = (outer(-1.0, start), outer(1.0, end));
                let ends = self.sharpen(left, right);
                let clamped = ends.map(|tau| domain.clamp(math::exp(tau) - self.offset));
                let [lower, upper] = clamped;
                let lower = if ends[0] <= start { domain.lower } else { lower };
                let upper = if ends[1] >= end { domain.upper } else { upper };
                self.push(Part { lower, upper });
            }
        }
    }

    /// From the seed outwards: the last grid sample inside the region and the first outside, if any.
    fn bracket(&self, grid: &[F64x8; GRID], costs: &[F64x8; GRID], seed: f64, sign: f64, bound: f64) -> End {
        let mut outside = None;
        for (tau, cost) in grid.iter().flat_map(|b| b.0).zip(costs.iter().flat_map(|b| b.0)) {
            let is_beyond = (tau - seed) * sign > 0.0;
            let is_outside = cost.is_nan() || cost > self.slices.limit;
            let is_nearer = outside.is_none_or(|(o, _): (f64, f64)| (o - tau) * sign > 0.0);
            if is_beyond && is_outside && is_nearer {
                outside = Some((tau, cost));
            }
        }
        let Some((outside, cost)) = outside else { return End { inside: bound, outside: None, sign, has_moved: true } };
        let mut inside = seed;
        for tau in grid.iter().flat_map(|b| b.0) {
            if (tau - inside) * sign > 0.0 && (outside - tau) * sign > 0.0 {
                inside = tau;
            }
        }
        End { inside, outside: Some((outside, cost)), sign, has_moved: inside != seed }
    }

    /// Both ends at once, four lanes each: the square root of the rise of the cost is nearly linear in the distance.
    fn sharpen(&self, left: End, right: End) -> [f64; 2] {
        let mut ends = [left, right];
        for section in 0..MOST_SECTIONS {
            let is_done = |e: &End| e.outside.is_none() || (section >= SECTIONS && e.has_moved);
            if ends.iter().all(is_done) {
                break;
            }
            let mut tau = F64x8::splat(0.0);
            let places = ends.iter().flat_map(End::places);
            for (slot, place) in tau.0.iter_mut().zip(places) {
                *slot = place;
            }
            let cost = self.slices.lowest(self.rates(tau)).cost;
            let [a, b, c, d, e, f, g, h] = cost.0;
            let [s, t, u, v, w, x, y, z] = tau.0;
            let [left, right] = &mut ends;
            left.narrow([s, t, u, v], [a, b, c, d], self.slices.limit);
            right.narrow([w, x, y, z], [e, f, g, h], self.slices.limit);
        }
        ends.map(|e| e.inside)
    }

    /// The rates at these places of the scale.
    fn rates(&self, tau: F64x8) -> F64x8 {
        let mut alpha = F64x8::splat(0.0);
        for (alpha, tau) in alpha.0.iter_mut().zip(tau.0) {
            *alpha = self.problem.domain.alpha.clamp(math::exp(tau) - self.offset);
        }
        alpha
    }

    /// The rates to sample a part at.
    pub(crate) fn samples(&self, part: &Part) -> [F64x8; BLOCKS] {
        let (a, b) = (math::ln(part.lower + self.offset), math::ln(part.upper + self.offset));
        let (middle, half) = (0.5 * (a + b), 0.5 * (b - a));
        let cosines = F64x8(COSINES);
        let mut blocks = [self.rates(cosines * -half + middle), self.rates(cosines * half + middle)];
        // The ends exactly: they may be bounds.
        let [first, last] = &mut blocks;
        first.0[0] = part.lower;
        last.0[0] = part.upper;
        blocks
    }

    /// The same region with more quadratic steps in a slice.
    pub(crate) fn with_rounds(&self, rounds: u32) -> Region<'a, 'b> {
        Region { slices: Slices { rounds, is_rough: true, slack: 1e-9 * self.slices.slack, ..self.slices }, ..*self }
    }

    /// The region up to a share of the rise of the cost; the parts stay those of the whole.
    pub(crate) fn within(&self, share: f64) -> Region<'a, 'b> {
        let lower = (1.0 - share) * (self.limit - self.least);
        let slices = Slices { limit: self.slices.limit - lower, slack: share * self.slices.slack, ..self.slices };
        Region { limit: self.limit - lower, slices, ..*self }
    }

    fn push(&mut self, part: Part) {
        if let Some(slot) = self.parts.get_mut(self.len) {
            *slot = part;
            self.len += 1;
        }
    }
}

/// One end of a part on the scale tau: between `inside` and `outside`, or the bound itself.
#[derive(Clone, Copy)]
struct End {
    inside: f64,
    outside: Option<(f64, f64)>,
    sign: f64,
    /// Whether a place inside other than the seed is known.
    has_moved: bool,
}

impl End {
    /// Four places in the bracket: first spread as powers, because a narrow part is a small share of it, then evenly.
    fn places(&self) -> [f64; 4] {
        let Some((outside, _)) = self.outside else { return [self.inside; 4] };
        let shares = if self.has_moved { [0.2, 0.4, 0.6, 0.8] } else { [1.0 / 64.0, 1.0 / 16.0, 0.25, 0.5] };
        shares.map(|share| self.inside + share * (outside - self.inside))
    }

    fn narrow(&mut self, tau: [f64; 4], cost: [f64; 4], limit: f64) {
        for (tau, cost) in tau.into_iter().zip(cost) {
            let Some((outside, _)) = self.outside else { return };
            let is_between = (tau - self.inside) * self.sign > 0.0 && (outside - tau) * self.sign > 0.0;
            if is_between && cost <= limit {
                (self.inside, self.has_moved) = (tau, true);
            } else if is_between {
                self.outside = Some((tau, cost));
            }
        }
    }
}

impl Problem<'_> {
    /// By how much the cost of a law within the region exceeds the lowest: 1/2 F s^2 with 1 and dof degrees of freedom,
    /// all parameters counted that are not fixed, because an interval must not jump where the estimate meets a bound.
    fn rise(&self, least: f64, confidence: Confidence) -> Result<f64, InferError> {
        let unit = self.rise_unit(least)?;
        let level = 0.5 + 0.5 * confidence.level();
        let t = match self.fit.report().weights {
            Weights::Relative => math::t_quantile(level, self.degrees_of_freedom() as f64),
            Weights::Absolute | Weights::Sigma => math::normal_quantile(level),
        };
        Ok(0.5 * t * t * unit)
    }
}
