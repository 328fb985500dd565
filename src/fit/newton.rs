//! Newton's method with the exact Hessian inside a bracket: 5 passes over the points in the median, where Gauss-Newton
//! needs hundreds on the 6 % of curves whose rate the data hardly determine.
use crate::law::Residual;
use crate::math;
use crate::simd::Isa;
use crate::solve::{Bounds, Boxed, Normal, Side, Step, Termination, normal_step};

use super::loss::Cost;
use super::pass::{At, Derivatives, Differentiate};

/// Passes over the points before the bracket is taken apart by sections instead.
const LIMIT: u32 = 40;

/// The same in Huber's loss, where points that cross delta change the Hessian and each may take a step.
const LIMIT_ROBUST: u32 = 200;

/// Scaled step after which Newton's method has arrived: the error that is left is its square.
const LAST_STEP: f64 = 1e-7;

/// Share of the cost that a step of [`LAST_STEP`] may promise: the error of the expansion is a fraction of it, and costs
/// are judged to 1e-9.
const LAST_SHARE: f64 = 1e-9;

/// Where Newton's method ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    /// x, alpha, z.
    pub(crate) theta: [f64; 3],
    pub(crate) at: Derivatives,
    pub(crate) termination: Termination,
    pub(crate) iterations: u32,
    pub(crate) evaluations: u32,
}

/// Which bounds hold theta: it lies on them and the cost does not fall beyond, but for the rounding of the slope.
fn held(theta: &[f64; 3], gradient: &[f64; 3], bounds: &[Bounds; 3], rounding: f64) -> [Option<Side>; 3] {
    let [x, alpha, z] = theta;
    let [by_x, by_alpha, by_z] = gradient;
    let [bounds_x, bounds_alpha, bounds_z] = bounds;
    let side = |v: &f64, slope: &f64, b: &Bounds, rounding: f64| match () {
        _ if b.lower == b.upper || (*v <= b.lower && *slope > -rounding) => Some(Side::Lower),
        _ if *v >= b.upper && *slope < rounding => Some(Side::Upper),
        _ => None,
    };
    let side_x = side(x, by_x, bounds_x, rounding);
    // Without a decrease alpha is undefined: it stays.
    let side_alpha = if *x == 0.0 { Some(Side::Lower) } else { side(alpha, by_alpha, bounds_alpha, 0.0) };
    // Without a rate x and z are one constant: x moves.
    let is_constant = *alpha == 0.0 && bounds_x.lower < bounds_x.upper;
    let side_z = if is_constant { Some(Side::Lower) } else { side(z, by_z, bounds_z, rounding) };
    [side_x, side_alpha, side_z]
}

/// Shares of the Gauss-Newton matrix that are added until the Hessian is positive definite; the last stands alone.
const SHARES: [f64; 4] = [1e-3, 1e-2, 0.1, 1.0];

/// The Newton step inside the bounds, and whether the exact Hessian was positive definite, so that it converges
/// quadratically.
fn step(at: &Derivatives, theta: &[f64; 3], bounds: &[Bounds; 3], held: &[Option<Side>; 3]) -> (Step<3>, bool) {
    if *held == [None; 3]
        && let Some(step) = interior_step(at, theta, bounds)
    {
        return (step, true);
    }
    let free = held.map(|side| side.is_none());
    let mut gram = at.exact;
    let mut is_exact = is_positive_definite(&gram, &free);
    for share in SHARES {
        if is_exact || is_positive_definite(&gram, &free) {
            break;
        }
        let keep = if share == 1.0 { 0.0 } else { 1.0 };
        for ((row, exact), majorant) in gram.iter_mut().zip(&at.exact).zip(&at.gauss_newton) {
            for ((entry, exact), majorant) in row.iter_mut().zip(exact).zip(majorant) {
                *entry = keep * exact + share * majorant;
            }
        }
        is_exact = false;
    }
    let normal = Normal { cost: at.cost, square: 2.0 * at.cost, gradient: at.gradient, gram };
    (normal_step(&normal, &[0.0; 3], theta, bounds, held), is_exact)
}

/// The Newton step by LDL' of the exact Hessian where that is positive definite and the step meets no bound: nearly
/// always, and a third of the work of the general one.
fn interior_step(at: &Derivatives, theta: &[f64; 3], bounds: &[Bounds; 3]) -> Option<Step<3>> {
    let ([[a, ..], [b, d, _], [c, e, f]], [p, q, r]) = (at.exact, at.gradient);
    let (b_a, c_a) = (b / a, c / a);
    let d = d - b * b_a;
    let e = e - b * c_a;
    let e_d = e / d;
    let f = f - c * c_a - e * e_d;
    if !(a > 0.0 && d > 0.0 && f > 0.0) {
        return None;
    }
    let q = q - b_a * p;
    let r = r - c_a * p - e_d * q;
    let z = -r / f;
    let y = -q / d - e_d * z;
    let x = -p / a - b_a * y - c_a * z;
    let to = [theta[0] + x, theta[1] + y, theta[2] + z];
    let is_inside = to.iter().zip(bounds).all(|(v, b)| *v > b.lower && *v < b.upper);
    let predicted = 0.5 * (p * p / a + q * q / d + r * r / f);
    let boxed = Boxed { theta: to, delta: [x, y, z], free: [true; 3] };
    is_inside.then_some(Step { boxed, predicted, pivot_ratio: 1.0 })
}

/// By the pivots of LDL' on the free rows.
fn is_positive_definite(h: &[[f64; 3]; 3], free: &[bool; 3]) -> bool {
    let mut a = *h;
    for j in 0..3 {
        if !free[j] {
            continue;
        }
        if a[j][j].is_nan() || a[j][j] <= 0.0 {
            return false;
        }
        for i in j + 1..3 {
            if free[i] {
                let factor = a[i][j] / a[j][j];
                for k in j + 1..=i {
                    if free[k] {
                        a[i][k] -= factor * a[k][j];
                    }
                }
            }
        }
    }
    true
}

/// Where a share of the step leads when the levels of the law at both ends of the data change linearly, rather than x
/// and z: along the curved valley of nearly equal fits, which straight steps in x and z leave at once.
pub(crate) fn retract(theta: &[f64; 3], delta: &[f64; 3], share: f64, ends: [f64; 2]) -> [f64; 3] {
    let [x, alpha, z] = *theta;
    let level = |t: f64| {
        let u = math::exp(-alpha * t);
        x * u + z + share * (u * (delta[0] - x * t * delta[1]) + delta[2])
    };
    let (first, last) = (level(ends[0]), level(ends[1]));
    let alpha = alpha + share * delta[1];
    let (u, v) = (math::exp(-alpha * ends[0]), math::exp(-alpha * ends[1]));
    let x = (first - last) / (u - v);
    // From the lower end: the gap may be many decades below the first level.
    [x, alpha, last - x * v]
}

/// The derivatives a step further, where it gains `promise`; the second ones stay.
fn expanded(at: &Derivatives, delta: &[f64; 3], promise: f64) -> Derivatives {
    let mut gradient = at.gradient;
    for (slope, change) in gradient.iter_mut().zip(product(&at.exact, delta)) {
        *slope += change;
    }
    Derivatives { cost: at.cost - promise, gradient, ..*at }
}

/// Largest step relative to its parameter, or to the size of the model where that is larger. In the log residual the gap
/// counts by the model at the largest n, which is looked at where the rest is within `enough`.
fn scaled_step(place: &At<'_>, to: &[f64; 3], enough: f64) -> f64 {
    let (theta, [start, end]) = (&place.theta, place.ends());
    // Where n_ref is far below the data, x says nothing of their size.
    let of_x = if start > 0.0 { theta[0] * math::exp(-theta[1] * start) } else { theta[0] };
    let level = of_x.abs() + theta[2].abs();
    let relative = |j: usize, size: f64| (to[j] - theta[j]).abs() / size;
    let of_alpha = if theta[1] == to[1] { 0.0 } else { relative(1, theta[1].abs()) };
    let step =
        [relative(0, level), of_alpha, relative(2, level)].into_iter().fold(0.0, |m, v| if v > m { v } else { m });
    if step > enough || place.residual == Residual::Linear {
        return step;
    }
    let of_gap = relative(2, theta[0] * math::exp(-theta[1] * end) + theta[2]);
    if of_gap > step { of_gap } else { step }
}

/// The derivatives at `at.theta`.
pub(crate) fn derivatives(at: At<'_>, isa: Isa) -> Derivatives {
    isa.dispatch(Differentiate(at))
}

/// The quadratic that makes cost, gradient and Hessian of one surface those of another at a place. What is left between the
/// two are third derivatives: with those of a curve's nodes, which are within some 1e-3 of the points', one pass over the
/// points and a few over the nodes do what two Newton steps on the points would.
#[derive(Clone, Copy)]
pub(crate) struct Tilt {
    base: [f64; 3],
    cost: f64,
    gradient: [f64; 3],
    exact: [[f64; 3]; 3],
}

impl Tilt {
    /// From the derivatives `from` to those `to`, both at `base`.
    pub(crate) fn new(base: [f64; 3], from: &Derivatives, to: &Derivatives) -> Tilt {
        let difference = |a: [f64; 3], b: [f64; 3]| [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
        let ([a, b, c], [d, e, f]) = (to.exact, from.exact);
        Tilt {
            base,
            cost: to.cost - from.cost,
            gradient: difference(to.gradient, from.gradient),
            exact: [difference(a, d), difference(b, e), difference(c, f)],
        }
    }

    fn apply(&self, at: &mut Derivatives, theta: &[f64; 3]) {
        let delta = [theta[0] - self.base[0], theta[1] - self.base[1], theta[2] - self.base[2]];
        let change = product(&self.exact, &delta);
        at.cost += self.cost;
        for j in 0..3 {
            at.cost += (self.gradient[j] + 0.5 * change[j]) * delta[j];
            at.gradient[j] += self.gradient[j] + change[j];
            for i in 0..3 {
                at.exact[j][i] += self.exact[j][i];
            }
        }
    }
}

/// The symmetric matrix with this lower triangle, times a vector.
fn product(lower: &[[f64; 3]; 3], v: &[f64; 3]) -> [f64; 3] {
    let [[a, ..], [b, d, _], [c, e, f]] = *lower;
    let [x, y, z] = *v;
    [a * x + b * y + c * z, b * x + d * y + e * z, c * x + e * y + f * z]
}

/// What is particular about a minimisation.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'a> {
    /// The derivatives at the start, which is then within the bounds.
    pub(crate) known: Option<Derivatives>,
    pub(crate) tilt: Option<&'a Tilt>,
    /// Scaled step after which Newton's method has arrived.
    pub(crate) last_step: f64,
    /// Whether the derivatives after that step are expanded from those before, where that spares a long pass: the cost
    /// keeps 9 digits, the second derivatives, and so standard errors, 7.
    pub(crate) expands: bool,
}

impl Terms<'_> {
    /// To the minimum itself.
    pub(crate) const PLAIN: Terms<'static> = Terms { known: None, tilt: None, last_step: LAST_STEP, expands: false };
}

/// Minimises inside the bounds from `at.theta`.
pub(crate) fn minimise(mut place: At<'_>, bounds: &[Bounds; 3], terms: &Terms<'_>, isa: Isa) -> Ended {
    let Terms { known, tilt, last_step, expands } = *terms;
    let derivatives = |place| {
        let mut at = derivatives(place, isa);
        if let Some(tilt) = tilt {
            tilt.apply(&mut at, &place.theta);
        }
        at
    };
    for (t, b) in place.theta.iter_mut().zip(bounds) {
        *t = b.clamp(*t);
    }
    let (mut iterations, mut evaluations) = (0, if known.is_some() { 0 } else { 1 });
    let mut at = known.unwrap_or_else(|| derivatives(place));
    let curve = place.blocks.curve;
    let (weight_sum, size_sum) = (curve.weight_sum, curve.size_sum);
    let rounding = ROUNDING * weight_sum;
    let limit = if place.cost == Cost::Square { LIMIT } else { LIMIT_ROBUST };
    let mut stalls = 0;
    let mut active = held(&place.theta, &at.gradient, bounds, rounding);
    let termination = loop {
        if at.cost <= 0.5 * ROUNDING * ROUNDING * size_sum {
            break Termination::ExactFit;
        }
        let (Step { boxed: newton, predicted: promise, .. }, is_exact) = step(&at, &place.theta, bounds, &active);
        if !(at.cost.is_finite() && newton.theta.iter().all(|v| v.is_finite())) {
            break Termination::NonFinite;
        }
        if evaluations >= limit {
            break Termination::IterationLimit;
        }
        // The rounding of the residuals: a step that promises less cannot be judged by the cost.
        let noise = ROUNDING * (at.cost + math::sqrt(2.0 * at.cost * weight_sum));
        if promise <= 0.0 {
            break if promise >= -noise { Termination::GradientSmall } else { Termination::DampingLimit };
        }
        iterations += 1;
        let meets_none = active.iter().zip(newton.free).all(|(side, is_free)| side.is_none() == is_free);
        let is_last = is_exact && meets_none && promise <= LAST_SHARE * at.cost;
        if expands && is_last && scaled_step(&place, &newton.theta, last_step) <= last_step {
            // What is left is the square of the step, and of the cost a share of the promise: no pass to see that.
            at = expanded(&at, &newton.delta, promise);
            place.theta = newton.theta;
            break Termination::StepSmall;
        }
        let mut fraction = 1.0;
        let (to, next) = loop {
            // The whole step ends exactly on the bounds that it meets.
            let part = core::array::from_fn(|j| place.theta[j] + fraction * newton.delta[j]);
            let to = if fraction == 1.0 { newton.theta } else { part };
            let curved = retract(&place.theta, &newton.delta, fraction, place.ends());
            let is_inside = curved.iter().zip(bounds).all(|(&v, b)| v > b.lower && v < b.upper);
            let to = if newton.free == [true; 3] && is_inside { curved } else { to };
            let next = derivatives(At { theta: to, ..place });
            evaluations += 1;
            if next.cost < at.cost || (promise <= noise && next.cost <= at.cost + noise) {
                break (to, next);
            }
            if evaluations >= limit || fraction < SHORTEST {
                break (place.theta, next);
            }
            fraction *= 0.25;
        };
        let moved = scaled_step(&place, &to, last_step);
        stalls = if at.cost - next.cost <= noise { stalls + 1 } else { 0 };
        if to == place.theta {
            // No part of the step descends: right at the minimum, and a failure where more than rounding was promised.
            let is_rounding = promise <= noise || promise <= UNREACHABLE * at.cost;
            break if is_rounding { Termination::CostReductionSmall } else { Termination::DampingLimit };
        }
        (place.theta, at) = (to, next);
        let before = active;
        active = held(&place.theta, &at.gradient, bounds, rounding);
        if stalls == STALLS {
            break Termination::CostReductionSmall;
        }
        // The exact step was taken, and Newton's method squares what is left; a damped one only shrinks it. Next to small
        // residuals even the square may be large.
        let residual = math::sqrt(2.0 * at.cost / weight_sum);
        let is_small = moved <= last_step && (last_step > LAST_STEP || moved * moved <= LEFT * residual);
        // Points that cross Huber's delta change the Hessian: what the step gained is then what may be left.
        let is_small = is_small && (place.cost == Cost::Square || promise <= UNREACHABLE * at.cost);
        // A bound that the step met may hold or not, and one that held may do so no longer.
        if (is_exact && meets_none && active == before && is_small) || moved <= f64::EPSILON {
            break Termination::StepSmall;
        }
    };
    Ended { theta: place.theta, at, termination, iterations, evaluations }
}

/// Rounding of a residual: some four operations on numbers of the size of 1, which the curve's units make of errors.
const ROUNDING: f64 = 4.0 * f64::EPSILON;

/// What a last step may leave in units of the residual: its square is the share of the cost.
const LEFT: f64 = 1e-6;

/// Steps in a row that gain no more than rounding before the valley is taken as flat: one may be short for a bound.
const STALLS: u32 = 4;

/// Share of the cost that a step may promise in vain: a tenth of the 1e-9 to which costs are judged.
const UNREACHABLE: f64 = 1e-10;

/// Shortest fraction of a step: beyond it the cost is flat to rounding.
const SHORTEST: f64 = 1e-6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definiteness_on_the_free_rows_only() {
        let h = [[2.0, 0.0, 0.0], [3.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        assert!(!is_positive_definite(&h, &[true; 3]), "2 * 1 < 3 * 3");
        assert!(is_positive_definite(&h, &[true, false, true]), "without the second row it is diagonal");
    }
}
