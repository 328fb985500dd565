//! The ends of a profile over n and s.
use crate::fit::{FitOptions, Place, Pull, Refit, weighed_row};
use crate::math;
use crate::point::GridPoint;

use super::super::InferError;
use super::quantity::size_for;
use crate::law::{GridLaw, Residual, Syn2RealLaw};

/// The row that pulls is so many times as stiff as the data: the quantity follows where it is pulled to, and the problem
/// keeps the digits of the fit but for two.
const STIFFNESS: f64 = 30.0;
/// Doublings of the way to the limit: from 1e-3 of an estimate on a bound to the end of the range of f64.
const DOUBLINGS: u32 = 80;
/// Steps of the root finder (Illinois): its brackets shrink superlinearly.
const STEPS: u32 = 60;
/// How near the cost comes to the limit, in units of its rise: the end is off by half of that share of its distance.
const NEAR: f64 = 1e-7;
/// ln of the largest size that is one, and of the smallest that is not nothing.
const LARGEST: f64 = 700.0;
const SMALLEST: f64 = -60.0;
/// A size below this share of the smallest measured is none: an end so far out moves by decades with the last digits of the
/// level, because the laws of the region are flat there.
const NONE: f64 = 1e-9;
/// Steps to the size at which a limit of L meets the target.
const SIZES: u32 = 60;
/// Below this root mean square, in units of the largest error, residuals are rounding, as for law (1).
const ROUNDING: f64 = 16.0 * f64::EPSILON;

/// The region and its centre.
pub(super) struct Profile<'a, 'b> {
    refit: &'b Refit<'a>,
    rise: f64,
    /// The places that are followed from: the optimum first.
    starts: [Option<Place>; 7],
}

/// An end: the value, and whether the domain sets it.
#[derive(Clone, Copy)]
struct End {
    place: Place,
    is_open: bool,
}

impl<'a, 'b> Profile<'a, 'b> {
    pub(super) fn new(refit: &'b Refit<'a>, rise: f64) -> Profile<'a, 'b> {
        let (fit, least) = (refit.fit, refit.fit.report.cost);
        let mut starts = [None; 7];
        let found = fit.report.minima_found as usize;
        for (slot, &(six, cost)) in starts.iter_mut().zip(&fit.minima).take(found.max(1).min(4)) {
            *slot = Some(Place { theta: refit.theta(&six), cost, value: 0.0 }).filter(|_| cost <= least + rise);
        }
        if fit.is_flat() {
            // What falls with n in these laws was put at 0: any rate may come back.
            let (span, _) = refit.grid.spans();
            let theta = refit.theta(&fit.six);
            for (slot, rate) in starts.iter_mut().skip(4).zip([0.1, 1.0, 8.0]) {
                let mut theta = theta;
                (theta[0], theta[2]) = (1e-3 * (theta[1] + theta[5]), rate / span);
                *slot = Some(Place { theta, cost: least, value: 0.0 });
            }
        }
        Profile { refit, rise, starts }
    }

    /// Whether the data are met to rounding: every interval is a point.
    pub(super) fn is_exact(&self) -> bool {
        let (grid, report) = (&self.refit.grid, &self.refit.fit.report);
        let unit = if report.residual == Residual::Linear { grid.scale } else { 1.0 };
        let limit = 2.0 * (report.cost + self.rise);
        !(limit > ROUNDING * ROUNDING * unit * unit * grid.weight_sum)
    }

    fn law_over(&self, theta: &[f64; 6], at: f64, is_over_n: bool) -> (Syn2RealLaw, f64) {
        let law = self.refit.settings().form.law(&self.refit.six(theta));
        if is_over_n { (law.over_n(at), law.offset()) } else { (law.over_s(at), 0.0) }
    }

    pub(super) fn of_parameter(&self, place: usize) -> Result<[Option<f64>; 2], InferError> {
        let domain = self.refit.settings().domain();
        let bounds = domain.get(place).copied().unwrap_or(crate::solve::Bounds::FREE);
        let is_sum = self.refit.settings().is_sum();
        // What may be 0 is followed down as itself, and up by its logarithm where it ranges over decades.
        let pulls = match place {
            0 if !is_sum => [true, true],
            0 | 1 => [false, true],
            4 => [true, true],
            _ => [false, false],
        };
        let mut ends = [None; 2];
        for ((slot, sign), is_ln) in ends.iter_mut().zip([-1.0, 1.0]).zip(pulls) {
            let own = self.refit.six(&self.start().theta).get(place).copied().unwrap_or(0.0);
            let is_ln = is_ln && own > 0.0;
            let end = self.extreme(Pull::Parameter { place, is_ln: is_ln || place == 4 }, sign)?;
            let value = if is_ln || place == 4 { math::exp(end.place.value) } else { end.place.value };
            let value = bounds.clamp(value);
            let at_bound = value <= bounds.lower || value >= bounds.upper;
            // The end of the default domain of a rate is no limit that the data set.
            let is_rate = place == 2 || place == 3;
            let is_default = is_rate && value >= bounds.upper && bounds.upper == FitOptions::ALPHA_MAX;
            *slot = match (end.is_open, place) {
                _ if is_default => None,
                // Below what the search looks at there is nothing to tell n0 from 0, above nothing from a law without n.
                (true, 4) => (sign < 0.0).then_some(bounds.lower),
                (true, _) => Some(value).filter(|_| at_bound),
                (false, _) => Some(value),
            };
            *slot = slot.filter(|v| v.is_finite());
        }
        Ok(ends)
    }

    pub(super) fn of_error(&self, n: f64, s: f64) -> Result<[Option<f64>; 2], InferError> {
        self.both(Pull::Error { n, s })
    }

    pub(super) fn of_gap(&self, s: f64) -> Result<[Option<f64>; 2], InferError> {
        self.both(Pull::OverN { s })
    }

    pub(super) fn of_floor(&self, n: f64) -> Result<[Option<f64>; 2], InferError> {
        let [.., fixed_e] = self.refit.settings().fixed;
        match (self.refit.settings().is_sum(), fixed_e) {
            // In the full law it is E alone.
            (false, Some(e)) => Ok([Some(e), Some(e)]),
            (false, None) => self.of_parameter(5),
            _ => self.both(Pull::OverS { n }),
        }
    }

    fn both(&self, pull: Pull) -> Result<[Option<f64>; 2], InferError> {
        let value = |end: End| Some(end.place.value).filter(|v| v.is_finite() && *v < 1e300);
        Ok([value(self.extreme(pull, -1.0)?), value(self.extreme(pull, 1.0)?)])
    }

    fn start(&self) -> Place {
        let nothing = Place { theta: [0.0; 6], cost: f64::NAN, value: f64::NAN };
        self.starts.iter().flatten().next().copied().unwrap_or(nothing)
    }

    /// The furthest value on one side within the limit, from every start.
    fn extreme(&self, pull: Pull, sign: f64) -> Result<End, InferError> {
        let mut best: Option<End> = None;
        for start in self.starts.iter().flatten() {
            let Some(end) = self.follow(pull, sign, start) else { continue };
            if best.is_none_or(|b| sign * end.place.value > sign * b.place.value) {
                best = Some(end);
            }
        }
        best.ok_or(InferError::NotConverged)
    }

    /// The profile followed from one start.
    fn follow(&self, pull: Pull, sign: f64, start: &Place) -> Option<End> {
        let (refit, least) = (self.refit, self.refit.fit.report.cost);
        let limit = least + self.rise;
        let value = refit.value(pull, &start.theta);
        let curvature = refit.curvature(pull, &start.theta);
        // As far as the quadratic says, or a thousandth of what a bound has as its value.
        let size = |v: f64| if v.abs() > 0.0 { v.abs() } else { 1.0 };
        let far = curvature.map_or(1e-3 * size(value), |c| math::sqrt(2.0 * self.rise / c));
        if !(far > 0.0 && value.is_finite()) {
            return None;
        }
        let k = STIFFNESS * 2.0 * self.rise / (far * far);
        let centre = Place { value, ..*start };
        let (mut inside, mut target) = (None, value);
        let (mut from, mut step) = (centre, far * (1.0 + 1.0 / STIFFNESS));
        let mut outside = None;
        let mut stalled = 0;
        for _ in 0..DOUBLINGS {
            let next = target + sign * step;
            let place = refit.pulled(pull, next, k, &from.theta)?;
            if place.cost > limit {
                outside = Some((next, place));
                break;
            }
            let before: f64 = inside.map_or(value, |(_, p): (f64, Place)| p.value);
            let moved = sign * (place.value - before);
            stalled = if moved <= 1e-9 * size(place.value) { stalled + 1 } else { 0 };
            // The quantity does not follow any more: the domain ends. Or it is off the range.
            if stalled >= 8 || !(place.value.abs() < 1e300) || !next.is_finite() {
                let last = if moved >= 0.0 { place } else { inside.map_or(place, |(_, p)| p) };
                return Some(End { place: last, is_open: true });
            }
            if matches!(pull, Pull::Parameter { is_ln: true, .. }) && place.value.abs() > LARGEST {
                return Some(End { place, is_open: true });
            }
            (inside, target, from) = (Some((next, place)), next, place);
            // Where the rise says how far it is, no further than that.
            let share = math::sqrt((place.cost - least).max(0.0) / self.rise);
            let wanted = if share > 0.3 { (next - value).abs() * (1.05 / share - 1.0) } else { 2.0 * step };
            step = if wanted > 0.05 * step { wanted.min(2.0 * step) } else { 0.05 * step };
        }
        // Further and further, and never to the limit.
        let Some((high, beyond)) = outside else { return inside.map(|(_, place)| End { place, is_open: true }) };
        self.root(pull, k, (value, inside.unwrap_or((value, centre)), inside.is_some()), (high, beyond))
    }

    /// Between a target whose place is inside the limit and one whose is not.
    fn root(
        &self,
        pull: Pull,
        k: f64,
        (value, (mut low, mut near), is_inside): (f64, (f64, Place), bool),
        (mut high, beyond): (f64, Place),
    ) -> Option<End> {
        let (refit, least) = (self.refit, self.refit.fit.report.cost);
        let height = |cost: f64| math::sqrt((cost - least).max(0.0) / self.rise) - 1.0;
        let (mut below, mut above) = (if is_inside { height(near.cost) } else { -1.0 }, height(beyond.cost));
        let mut best = Some(near).filter(|_| is_inside);
        // Both ends keep a place to start from.
        let mut far = beyond;
        let mut last = 0.0;
        for _ in 0..STEPS {
            let next = (low * above - high * below) / (above - below);
            let between = low + 0.5 * (high - low);
            let next = if (next - low) * (next - high) < 0.0 { next } else { between };
            let is_nearer_low = (next - low).abs() < (next - high).abs();
            let from = if is_nearer_low { near } else { far };
            let place = refit.pulled(pull, next, k, &from.theta)?;
            let h = height(place.cost);
            if h <= 0.0 {
                (low, near, below, best) = (next, place, h, Some(place));
                above *= if last < 0.0 { 0.5 } else { 1.0 };
                last = -1.0;
            } else {
                (high, far, above) = (next, place, h);
                below *= if last > 0.0 { 0.5 } else { 1.0 };
                last = 1.0;
            }
            let tiny = (high - low).abs() <= 4.0 * f64::EPSILON * (high.abs() + low.abs());
            if h.abs() <= 0.5 * NEAR || tiny {
                if h > 0.0 && h <= NEAR {
                    best = Some(place);
                }
                break;
            }
        }
        // Nothing inside but the centre itself: the region is a point to this arithmetic.
        let place = best.unwrap_or(Place { value, ..near });
        Some(End { place, is_open: false })
    }

    /// All values y of a new measurement that, added to the data, would leave some law within the limit.
    pub(super) fn of_measurement(&self, n: f64, s: f64) -> Result<[Option<f64>; 2], InferError> {
        let (report, pull) = (&self.refit.fit.report, Pull::Error { n, s });
        let is_log = report.residual == Residual::Log;
        let start = self.start();
        let centre = self.refit.value(pull, &start.theta);
        let model = self.both(pull)?;
        let own = math::sqrt(2.0 * self.rise);
        let mut ends = [None; 2];
        for ((slot, sign), edge) in ends.iter_mut().zip([-1.0, 1.0]).zip(model) {
            let Some(edge) = edge else { continue };
            // In the space of the residual: half widths of law and noise add by squares, nearly.
            let to = |v: f64| if is_log { math::ln(v) } else { v };
            let from = |h: f64| if is_log { math::exp(h) } else { h };
            let law = to(edge) - to(centre);
            let mut at = to(centre) + sign * math::sqrt(law * law + own * own);
            let height = |y: f64| {
                let more = weighed_row(GridPoint::new(n, s, from(y)), report.weights, report.residual);
                let place = self.refit.with(more, &start.theta)?;
                Some(math::sqrt((place.cost - report.cost).max(0.0) / self.rise) - 1.0)
            };
            // The centre costs nothing more; secants of the root of the rise, which is nearly linear.
            let (mut low, mut below) = (to(centre), -1.0);
            let mut h = height(at).ok_or(InferError::NotConverged)?;
            for _ in 0..STEPS {
                if h.abs() <= NEAR {
                    break;
                }
                let next = at - h * (at - low) / (h - below);
                if h.abs() < below.abs() {
                    (low, below) = (at, h);
                }
                at = next;
                h = height(at).ok_or(InferError::NotConverged)?;
            }
            *slot = Some(from(at)).filter(|y| y.is_finite() && h.abs() <= 1e-3);
        }
        Ok(ends)
    }

    /// The sizes at which the limits of L meet the target: n* at this s, or s* at this n.
    pub(super) fn of_size(
        &self,
        target: f64,
        at: f64,
        estimate: Option<f64>,
        is_over_n: bool,
    ) -> Result<[Option<f64>; 2], InferError> {
        Ok([
            self.crossing(target, at, estimate, is_over_n, -1.0)?,
            self.crossing(target, at, estimate, is_over_n, 1.0)?,
        ])
    }

    fn crossing(
        &self,
        target: f64,
        at: f64,
        estimate: Option<f64>,
        is_over_n: bool,
        sign: f64,
    ) -> Result<Option<f64>, InferError> {
        let gap = if is_over_n { self.of_gap(at)? } else { self.of_floor(at)? };
        let [lowest, highest] = gap;
        if (if sign < 0.0 { lowest } else { highest }).is_none_or(|gap| gap >= target) {
            return Ok(None);
        }
        let grid = &self.refit.grid;
        let (smallest, measured, has_zero) = match is_over_n {
            true => (grid.n_min, grid.n_max, self.refit.settings().with_zero()),
            false => (grid.s_min, grid.s_max, false),
        };
        let own = estimate.filter(|n| *n > 0.0).unwrap_or(measured);
        let pull = |ln: f64| {
            let size = math::exp(ln);
            if is_over_n { Pull::Error { n: size, s: at } } else { Pull::Error { n: at, s: size } }
        };
        if has_zero {
            // Without pre-training at all.
            let end = self.extreme(Pull::Error { n: 0.0, s: at }, sign)?;
            if end.place.value <= target {
                return Ok(Some(0.0));
            }
        }
        let (mut low, mut high, mut ln) = (SMALLEST, LARGEST, math::ln(own));
        for _ in 0..SIZES {
            let end = self.extreme(pull(ln), sign)?;
            if end.place.value > target {
                low = ln;
            } else {
                high = ln;
            }
            // Where the law that sets the limit here meets the target itself: right to second order.
            let (law, offset) = self.law_over(&end.place.theta, at, is_over_n);
            let meets = size_for(&law, target).map_or(f64::INFINITY, |n| math::ln(n - offset));
            let next = if meets > low && meets < high { meets } else { 0.5 * (low + high) };
            let step = (next - ln).abs();
            ln = next;
            if step <= 1e-9 * (1.0 + ln.abs()) {
                break;
            }
        }
        // Beyond every number, or met everywhere.
        Ok(match () {
            _ if ln >= LARGEST - 1.0 => None,
            _ if ln <= SMALLEST + 1.0 || math::exp(ln) < NONE * smallest => Some(0.0),
            _ => Some(math::exp(ln)),
        })
    }
}
