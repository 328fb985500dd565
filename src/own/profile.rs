//! The profile of a quantity followed to where its cost is the limit.
use crate::math;
use crate::simd::LANES;
use crate::solve::{Bounds, Rows, Solution, SolveOptions, Termination, solve_rows};

use super::OwnError;
use super::rows::{Function, MOST, Pulled, Theta};

/// A row that pulls is so many times as stiff as the data: the quantity follows where it is pulled to, and the problem keeps
/// the digits of the fit but for two.
const STIFFNESS: f64 = 30.0;
/// Doublings of the way to the limit, from the half width that the covariance foretells.
const DOUBLINGS: u32 = 60;
/// Doublings in a row over which the cost does not rise: the profile has levelled off below the limit.
const LEVEL: u32 = 8;
/// Steps of the root finder (Illinois): its brackets shrink superlinearly.
const STEPS: u32 = 60;
/// How near the cost comes to the limit, in units of its rise: the end is off by half of that share of its distance.
const NEAR: f64 = 1e-7;
/// Trial steps of one solve: it starts next to where it ends.
const ITERATIONS: u32 = 500;
/// Its tolerance: at the minimum the cost is off by the square.
const TOLERANCE: f64 = 1e-7;
/// Places that are followed from.
pub(super) const STARTS: usize = 8;

/// What an interval is asked of.
#[derive(Clone, Copy)]
pub(super) enum Goal<'a> {
    /// A parameter, or the logarithm of one that ranges over decades.
    Parameter(usize, bool),
    /// A function of the parameters.
    Value(&'a dyn Function),
    /// A new measurement of what the function gives, of weight 1; on the logarithmic scale or not.
    Measurement(&'a dyn Function, bool),
}

/// The laws whose cost is within the limit, and where to look for them.
pub(super) struct Region<'a> {
    pub(super) rows: &'a dyn Rows<MOST>,
    /// Observations, and those that count.
    pub(super) len: usize,
    pub(super) counted: usize,
    pub(super) options: SolveOptions<MOST>,
    pub(super) optimum: &'a Solution<MOST>,
    /// Minima, the lowest first.
    pub(super) starts: &'a [Option<(Theta, f64)>; STARTS],
    /// By how much the cost may rise.
    pub(super) rise: f64,
}

/// A place on a profile.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) theta: Theta,
    pub(super) cost: f64,
    pub(super) value: f64,
}

/// An end; it is no limit where the cost never got there.
#[derive(Clone, Copy)]
pub(super) struct End {
    pub(super) place: Place,
    is_open: bool,
}

impl End {
    /// The limit, if there is one.
    pub(super) fn limit(&self) -> Option<f64> {
        Some(self.place.value).filter(|v| !self.is_open && v.is_finite())
    }
}

impl Region<'_> {
    /// Both limits.
    pub(super) fn limits(&self, goal: Goal<'_>) -> Result<[Option<f64>; 2], OwnError> {
        Ok([self.extreme(goal, -1.0)?.limit(), self.extreme(goal, 1.0)?.limit()])
    }

    /// The furthest value on one side, from every minimum inside the region.
    pub(super) fn extreme(&self, goal: Goal<'_>, sign: f64) -> Result<End, OwnError> {
        let limit = self.optimum.cost + self.rise;
        let mut best: Option<End> = None;
        for (theta, cost) in self.starts.iter().flatten().filter(|(_, cost)| *cost <= limit) {
            let Some(end) = self.follow(goal, sign, theta, *cost)? else { continue };
            if best.is_none_or(|b| sign * end.place.value > sign * b.place.value) {
                best = Some(end);
            }
        }
        best.ok_or(OwnError::EndNotFound)
    }

    /// The quantity at a place, and its derivatives.
    fn value(&self, goal: Goal<'_>, theta: &Theta) -> (f64, Theta) {
        match goal {
            Goal::Parameter(j, is_ln) => {
                let (mut slopes, value) = ([0.0; MOST], theta.get(j).copied().unwrap_or(f64::NAN));
                if let Some(slot) = slopes.get_mut(j) {
                    *slot = if is_ln { 1.0 / value } else { 1.0 };
                }
                (if is_ln { math::ln(value) } else { value }, slopes)
            }
            Goal::Value(function) | Goal::Measurement(function, false) => function.at(theta),
            Goal::Measurement(function, true) => {
                let (value, slopes) = function.at(theta);
                (math::ln(value), slopes.map(|s| s / value))
            }
        }
    }

    /// The half width that the covariance foretells; where there is none, that at which a parameter alone has the limit.
    fn half_width(&self, goal: Goal<'_>, value: f64, slopes: &Theta) -> f64 {
        let (twice, mut square) = (2.0 * self.rise, 0.0);
        if let Some(covariance) = self.optimum.covariance(twice) {
            for (row, a) in covariance.iter().zip(slopes) {
                for (c, b) in row.iter().zip(slopes) {
                    square += a * c * b;
                }
            }
        }
        if let Goal::Measurement(..) = goal {
            square += twice;
        }
        let size = if value.abs() > 0.0 { value.abs() } else { 1.0 };
        if square > 0.0 && square < f64::INFINITY { math::sqrt(square) } else { 1e-3 * size }
    }

    /// The lowest cost with the quantity held at, or pulled to, a target, from one of two places; `None` where the law has no
    /// finite value. What ended in no minimum is a place inside the limit if its cost is, and else says nothing.
    fn at(&self, goal: Goal<'_>, target: f64, root: f64, from: [&Theta; 2]) -> Result<Option<Place>, OwnError> {
        let mut is_unknown = false;
        for from in from {
            let Some((place, is_lowest)) = self.solved(goal, target, root, from) else { continue };
            if is_lowest || place.cost <= self.limit() {
                return Ok(Some(place));
            }
            is_unknown = true;
        }
        if is_unknown { Err(OwnError::EndNotFound) } else { Ok(None) }
    }

    /// The end of a solve from one place, and whether it is the lowest.
    fn solved(&self, goal: Goal<'_>, target: f64, root: f64, from: &Theta) -> Option<(Place, bool)> {
        let mut options = self.options;
        let solve = |rows: &dyn Rows<MOST>, options: &SolveOptions<MOST>| {
            solve_rows(rows, self.counted, *from, options).ok().filter(|end| end.cost.is_finite())
        };
        let (function, is_log, root) = match goal {
            Goal::Parameter(j, is_ln) => {
                let held = if is_ln { math::exp(target) } else { target };
                *options.fixed.get_mut(j)? = Some(options.bounds.get(j)?.clamp(held));
                let end = solve(self.rows, &options)?;
                return Some((Place { theta: end.theta, cost: end.cost, value: target }, is_lowest(&end)));
            }
            Goal::Value(function) => (function, false, root),
            Goal::Measurement(function, is_log) => (function, is_log, 1.0),
        };
        let blocks = self.len.div_ceil(LANES);
        let rows = Pulled { rows: self.rows, blocks, function, is_log, target, root };
        let end = solve(&rows, &options)?;
        // The new measurement counts as one of the data, a pull does not.
        if let Goal::Measurement(..) = goal {
            return Some((Place { theta: end.theta, cost: end.cost, value: target }, is_lowest(&end)));
        }
        let (value, _) = rows.value(&end.theta);
        let off = root * (value - target);
        Some((Place { theta: end.theta, cost: end.cost - 0.5 * off * off, value }, is_lowest(&end)))
    }

    /// The profile followed from one minimum to the limit.
    fn follow(&self, goal: Goal<'_>, sign: f64, start: &Theta, cost: f64) -> Result<Option<End>, OwnError> {
        let (value, slopes) = self.value(goal, start);
        let far = self.half_width(goal, value, &slopes);
        if !(far > 0.0 && value.is_finite()) {
            return Ok(None);
        }
        let root = math::sqrt(STIFFNESS * 2.0 * self.rise) / far;
        let bounds = match goal {
            Goal::Parameter(j, is_ln) => {
                let Bounds { lower, upper } = self.options.bounds.get(j).copied().unwrap_or(Bounds::FREE);
                if is_ln { Bounds::new(math::ln(lower), math::ln(upper)) } else { Bounds::new(lower, upper) }
            }
            _ => Bounds::FREE,
        };
        let edge = if sign < 0.0 { bounds.lower } else { bounds.upper };
        let centre = Place { theta: *start, cost, value };
        let (mut inside, mut target, mut step, mut level, mut outside) = (centre, value, far, 0, None);
        for _ in 0..DOUBLINGS {
            let mut next = target + sign * step;
            let is_edge = sign * (next - edge) >= 0.0;
            next = if is_edge { edge } else { next };
            if target == edge {
                return Ok(Some(End { place: inside, is_open: false }));
            }
            let place = self.at(goal, next, root, [&inside.theta, start])?;
            // Beyond the domain of the law is outside.
            let Some(place) = place.filter(|p| p.cost <= self.limit()) else {
                outside = Some((next, place));
                break;
            };
            let moved = sign * (place.value - inside.value);
            let is_level = place.cost - inside.cost <= 1e-9 * self.rise || moved <= 1e-9 * place.value.abs();
            level = if is_level { level + 1 } else { 0 };
            (inside, target) = (place, next);
            if level >= LEVEL || !(place.value.abs() < 1e300) {
                break;
            }
            // Where the rise says how far it is, no further than that.
            let share = math::sqrt((place.cost - self.optimum.cost).max(0.0) / self.rise);
            let wanted = if share > 0.3 { (next - value).abs() * (1.05 / share - 1.0) } else { 2.0 * step };
            step = if wanted > 0.05 * step { wanted.min(2.0 * step) } else { 0.05 * step };
        }
        match outside {
            Some((high, beyond)) => self.root(goal, root, (target, inside, centre), (high, beyond)).map(Some),
            None => Ok(Some(End { place: inside, is_open: true })),
        }
    }

    fn limit(&self) -> f64 {
        self.optimum.cost + self.rise
    }

    /// Nearly linear in the quantity: -1 at the optimum, 0 on the limit.
    fn height(&self, place: Option<Place>) -> f64 {
        place.map_or(f64::INFINITY, |p| math::sqrt((p.cost - self.optimum.cost).max(0.0) / self.rise) - 1.0)
    }

    /// Between a target whose place is inside the limit and one whose is not.
    fn root(
        &self,
        goal: Goal<'_>,
        root: f64,
        (mut low, mut near, centre): (f64, Place, Place),
        (mut high, mut far): (f64, Option<Place>),
    ) -> Result<End, OwnError> {
        let (mut below, mut above, mut last) = (self.height(Some(near)), self.height(far), 0.0);
        for _ in 0..STEPS {
            let between = low + 0.5 * (high - low);
            let secant = (low * above - high * below) / (above - below);
            let next = if (secant - low) * (secant - high) < 0.0 { secant } else { between };
            let from = far.filter(|_| (next - low).abs() > (next - high).abs()).unwrap_or(near);
            let place = self.at(goal, next, root, [&from.theta, &centre.theta])?;
            let h = self.height(place);
            match place {
                Some(place) if h <= 0.0 => {
                    (low, near, below) = (next, place, h);
                    above *= if last < 0.0 { 0.5 } else { 1.0 };
                    last = -1.0;
                }
                _ => {
                    (high, far, above) = (next, place, h);
                    below *= if last > 0.0 { 0.5 } else { 1.0 };
                    last = 1.0;
                }
            }
            if h.abs() <= 0.5 * NEAR || (high - low).abs() <= 4.0 * f64::EPSILON * (high.abs() + low.abs()) {
                near = place.filter(|_| h <= NEAR).unwrap_or(near);
                break;
            }
        }
        Ok(End { place: near, is_open: false })
    }
}

/// Options of a solve that starts next to where it ends.
pub(super) fn followed(options: &SolveOptions<MOST>) -> SolveOptions<MOST> {
    SolveOptions { max_iterations: ITERATIONS, step_tolerance: TOLERANCE, initial_damping: 1e-3, ..*options }
}

/// Whether an end has the lowest cost: a parameter that the held one has left without influence does not change it.
fn is_lowest(end: &Solution<MOST>) -> bool {
    let is_flat = matches!(end.termination, Termination::SingularNormal | Termination::RanAway);
    end.termination.is_converged() || is_flat
}
