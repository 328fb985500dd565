//! Newton's method for the largest value of a quantity on the border of the confidence region.
use crate::fit::{Derivatives, retract};
use crate::math;
use crate::solve::Bounds;

use super::problem::Problem;

/// Steps before a start is given up.
const LIMIT: u32 = 25;

/// Scaled step after which the error that is left, its square, is below rounding.
const LAST_STEP: f64 = 1e-8;

/// By which share of itself the cost may miss the limit: the first is asked for, the second must do where the rounding of
/// small residuals leaves no more.
const SMALL_MISS: f64 = 1e-11;
const LARGEST_MISS: f64 = 1e-7;

/// Largest change of alpha in one step, relative to it: beyond, the quadratic model says nothing.
const LONGEST: f64 = 0.5;

/// What is made large or small; t = ln(n / n_ref).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Goal {
    /// ln D.
    LnD {
        /// ln n_ref.
        ln_reference: f64,
    },
    Alpha,
    C,
    /// L(n).
    Error {
        t: f64,
    },
    /// t at which L = target.
    Samples {
        target: f64,
    },
}

impl Goal {
    /// The value at x, alpha, z.
    pub(crate) fn value(&self, &[x, alpha, z]: &[f64; 3]) -> f64 {
        match *self {
            Goal::LnD { ln_reference } => math::ln(x) + alpha * ln_reference,
            Goal::Alpha => alpha,
            Goal::C => z,
            Goal::Samples { target } => (math::ln(x) - math::ln(target - z)) / alpha,
            Goal::Error { t } => {
                if x == 0.0 {
                    z
                } else {
                    x * math::exp(-alpha * t) + z
                }
            }
        }
    }

    /// How it changes with x at n_min at a given rate, and with z; up to a factor for D. Samples are not linear in them.
    pub(crate) fn by_level(&self, alpha: f64, reference: f64) -> f64 {
        match *self {
            Goal::LnD { .. } => 1.0,
            Goal::Alpha | Goal::C | Goal::Samples { .. } => 0.0,
            Goal::Error { t } => {
                let u = math::exp(-alpha * (t + reference));
                if u < f64::MAX { u } else { f64::MAX }
            }
        }
    }

    pub(crate) fn by_z(&self) -> f64 {
        match self {
            Goal::LnD { .. } | Goal::Alpha | Goal::Samples { .. } => 0.0,
            Goal::C | Goal::Error { .. } => 1.0,
        }
    }

    fn derivatives(&self, &[x, alpha, z]: &[f64; 3]) -> ([f64; 3], [[f64; 3]; 3]) {
        let none = [[0.0; 3]; 3];
        match *self {
            Goal::LnD { ln_reference } => {
                let by_x = 1.0 / x;
                ([by_x, ln_reference, 0.0], [[-by_x * by_x, 0.0, 0.0], [0.0; 3], [0.0; 3]])
            }
            Goal::Alpha => ([0.0, 1.0, 0.0], none),
            Goal::C => ([0.0, 0.0, 1.0], none),
            Goal::Error { t } => {
                let u = math::exp(-alpha * t);
                let ut = u * t;
                ([u, -x * ut, 1.0], [[0.0, -ut, 0.0], [-ut, x * ut * t, 0.0], [0.0; 3]])
            }
            Goal::Samples { target } => {
                let (by_rate, by_x, by_room) = (1.0 / alpha, 1.0 / x, 1.0 / (target - z));
                let t = self.value(&[x, alpha, z]);
                let (fx, fz) = (by_x * by_rate, by_room * by_rate);
                let (xx, xa, za, zz) = (-fx * by_x, -fx * by_rate, -fz * by_rate, fz * by_room);
                let aa = 2.0 * t * by_rate * by_rate;
                ([fx, -t * by_rate, fz], [[xx, xa, 0.0], [xa, aa, za], [0.0, za, zz]])
            }
        }
    }
}

/// An extreme law: x, alpha, z in the coordinates of the problem, and the value there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extreme {
    pub(crate) theta: [f64; 3],
    pub(crate) value: f64,
    /// How the value changes with the limit of the cost: the multiplier; NaN where it is not known.
    pub(crate) by_limit: f64,
}

/// The law within `bounds` and on cost = `limit` where sign * goal is stationary, next to `theta`; `None` where the
/// method does not converge, or not to a maximum over the bounds that it met.
pub(crate) fn maximise(
    problem: &Problem<'_>,
    goal: Goal,
    sign: f64,
    limit: f64,
    mut theta: [f64; 3],
    bounds: &[Bounds; 3],
) -> Option<Extreme> {
    let mut active = core::array::from_fn(|j| theta[j] <= bounds[j].lower || theta[j] >= bounds[j].upper);
    let mut multiplier = None;
    let mut is_last = false;
    let mut arrived = None;
    for _ in 0..LIMIT {
        for ((t, b), active) in theta.iter_mut().zip(bounds).zip(&mut active) {
            *t = b.clamp(*t);
            *active |= b.lower == b.upper;
        }
        let at = problem.evaluate(theta);
        if !at.cost.is_finite() {
            return None;
        }
        let (f, curvature) = goal.derivatives(&theta);
        let c = at.gradient.map(|g| g / limit);
        let free = free_of(&active, &theta);
        // By least squares where it is not known yet.
        let dot = |a: &[f64; 3], b: &[f64; 3]| {
            let mut sum = 0.0;
            for ((a, b), free) in a.iter().zip(b).zip(&free) {
                sum += if *free { a * b } else { 0.0 };
            }
            sum
        };
        let mu = multiplier.unwrap_or(dot(&f, &c) / dot(&c, &c));
        if is_last {
            // A maximum of sign * goal has a positive multiplier, and no bound that holds it back without need.
            let released = release(&mut active, &theta, bounds, &f, &c, mu, sign);
            let miss = (at.cost - limit).abs() / limit;
            if !released && mu * sign > 0.0 && miss <= LARGEST_MISS {
                arrived = Some(Extreme { theta, value: goal.value(&theta), by_limit: mu / limit });
                if miss <= SMALL_MISS {
                    return arrived;
                }
            }
        }
        let (step, change) = kkt_step(&at, limit, &f, &curvature, &c, mu, &free_of(&active, &theta))?;
        let share = share_within(&theta, &step, bounds, &active);
        let ends = [-problem.reference, problem.curve.span - problem.reference];
        let curved = retract(&theta, &step, share, ends);
        let is_inside = curved.iter().zip(bounds).all(|(&v, b)| v > b.lower && v < b.upper);
        let has_curve = is_inside && active == [false; 3];
        let mut moved = 0.0;
        for (j, (((t, d), b), curved)) in theta.iter_mut().zip(step).zip(bounds).zip(curved).enumerate() {
            let straight = *t + share * d;
            let meets = !has_curve && (straight <= b.lower || straight >= b.upper) && d != 0.0;
            if let Some(a) = active.get_mut(j) {
                *a |= meets;
            }
            let to = if has_curve { curved } else { straight };
            let size = if j == 1 { t.abs() + 1e-3 } else { 1.0 };
            let relative = (to - *t).abs() / size;
            moved = if relative > moved { relative } else { moved };
            *t = b.clamp(to);
        }
        multiplier = Some(mu + share * change).filter(|m| m.is_finite());
        is_last = share == 1.0 && moved <= LAST_STEP;
    }
    arrived
}

/// What may move: without a decrease alpha is undefined and stays.
fn free_of(active: &[bool; 3], theta: &[f64; 3]) -> [bool; 3] {
    let [x, alpha, z] = *active;
    [!x, !alpha && theta[0] > 0.0, !z]
}

/// Lets go of the bounds from which the goal rises inwards along the border of the region.
fn release(
    active: &mut [bool; 3],
    theta: &[f64; 3],
    bounds: &[Bounds; 3],
    f: &[f64; 3],
    c: &[f64; 3],
    mu: f64,
    sign: f64,
) -> bool {
    let mut released = false;
    for ((((a, t), b), f), c) in active.iter_mut().zip(theta).zip(bounds).zip(f).zip(c) {
        let slope = sign * (f - mu * c);
        let scale = 1e-9 * (f.abs() + (mu * c).abs());
        let inwards = if *t <= b.lower { slope } else { -slope };
        if *a && b.lower < b.upper && inwards > scale {
            *a = false;
            released = true;
        }
    }
    released
}

/// The Newton step of f' = mu c', c = 1 on the free coordinates, and the change of mu.
fn kkt_step(
    at: &Derivatives,
    limit: f64,
    f: &[f64; 3],
    curvature: &[[f64; 3]; 3],
    c: &[f64; 3],
    mu: f64,
    free: &[bool; 3],
) -> Option<([f64; 3], f64)> {
    let mut a = [[0.0; 5]; 4];
    let hessian = at.hessian();
    let rows = curvature.iter().zip(&hessian).zip(f.iter().zip(c)).zip(free);
    for (j, (row, (((curvature, hessian), (f, c)), is_free))) in a.iter_mut().zip(rows).enumerate() {
        if !is_free {
            if let Some(diagonal) = row.get_mut(j) {
                *diagonal = 1.0;
            }
            continue;
        }
        for (((entry, curvature), hessian), free) in row.iter_mut().zip(curvature).zip(hessian).zip(free) {
            *entry = if *free { curvature - mu * hessian / limit } else { 0.0 };
        }
        (row[3], row[4]) = (-c, mu * c - f);
    }
    let last = &mut a[3];
    for ((entry, c), free) in last.iter_mut().zip(c).zip(free) {
        *entry = if *free { *c } else { 0.0 };
    }
    last[4] = 1.0 - at.cost / limit;
    let [x, alpha, z, change] = solved(a)?;
    Some(([x, alpha, z], change))
}

/// Gauss elimination of four equations with pivots by row; the last column is the right side.
fn solved(mut rows: [[f64; 5]; 4]) -> Option<[f64; 4]> {
    for j in 0..4 {
        let (_, rest) = rows.split_at_mut(j);
        // The largest pivot of the rows that are left comes first.
        let (first, others) = rest.split_first_mut()?;
        for row in others.iter_mut() {
            if row[j].abs() > first[j].abs() {
                core::mem::swap(first, row);
            }
        }
        if !(first[j].abs() > 0.0 && first[j].is_finite()) {
            return None;
        }
        for row in others {
            let factor = row[j] / first[j];
            for (entry, pivot) in row.iter_mut().zip(first.iter()) {
                *entry -= factor * pivot;
            }
        }
    }
    let [r0, r1, r2, r3] = rows;
    let d = r3[4] / r3[3];
    let c = (r2[4] - r2[3] * d) / r2[2];
    let b = (r1[4] - r1[2] * c - r1[3] * d) / r1[1];
    let a = (r0[4] - r0[1] * b - r0[2] * c - r0[3] * d) / r0[0];
    let v = [a, b, c, d];
    v.iter().all(|v| v.is_finite()).then_some(v)
}

/// The share of the step up to the first bound that it meets, at most 1, and short enough for alpha.
fn share_within(theta: &[f64; 3], step: &[f64; 3], bounds: &[Bounds; 3], active: &[bool; 3]) -> f64 {
    let mut share = 1.0;
    let longest = LONGEST * (theta[1].abs() + 0.05);
    if step[1].abs() > longest {
        share = longest / step[1].abs();
    }
    for (((t, d), b), active) in theta.iter().zip(step).zip(bounds).zip(active) {
        let room = if *d < 0.0 { b.lower - t } else { b.upper - t };
        if !active && *d != 0.0 && room / d < share {
            share = room / d;
        }
    }
    share
}
