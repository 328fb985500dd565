//! The profile over alpha: the lowest cost at a given rate, eight rates at a time.
//!
//! At a given alpha the model is x u_i + z with u_i = (n_i / n_min)^-alpha in (0, 1], x = D n_min^-alpha and z = C. All
//! three are of the size of the errors, so nothing cancels, however small alpha is.
use crate::law::Residual;
use crate::simd::{F64x8, Kernel, Mask8};

use super::curve::{Curve, Node};
use super::domain::Domain;

/// Newton steps of the inner problem before a lane is taken as it is. Small residuals need two; the limit binds only
/// where residuals of order 1 make the log problem non-convex.
const INNER_STEPS: u32 = 30;

/// Steps of the Huber loss by reweighted least squares before those with nearly the true curvature, which is 0 beyond
/// delta; the share of the weight that is left there keeps the matrix regular.
const REWEIGHTED: u32 = 3;
const BEYOND: f64 = 0.02;

/// Relative decrease of the cost that the next Newton step promises, below which the inner problem is solved.
const INNER_TOLERANCE: f64 = 1e-8;

/// The same where the last step is taken by the second-order expansion of cost and slope: what is left is of third order.
const EXPANDED_TOLERANCE: f64 = 1e-6;

/// The same where the cost is far above the lowest of the eight: no minimum that matters is near, and the slope need
/// only have the right sign.
const FAR_TOLERANCE: f64 = 1e-2;

/// How far is far.
const FAR: f64 = 10.0;

/// Fraction of the Newton step that is given up on: the cost is flat to rounding there.
const SHORTEST_STEP: f64 = 1e-6;

/// The loss, with the Huber delta resolved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cost {
    Square,
    Huber(f64),
}

/// Where the inner problem starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Start {
    /// Least squares with weights 1/L^2: the log problem linearised about the data.
    Data,
    /// No transfer gap, the level of the geometric mean.
    Power,
    /// Almost no decrease.
    Level,
    /// The gap at nine tenths of the smallest error.
    Gap,
    /// The gap at this level, the rest that of the power law.
    GapAt(f64),
    /// Through this point, with the gap where it is held.
    Through { t: f64, error: f64 },
}

/// Eight points of the profile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Profile {
    pub(crate) alpha: F64x8,
    /// D n_min^-alpha.
    pub(crate) x: F64x8,
    /// C.
    pub(crate) z: F64x8,
    /// The lowest cost at this alpha; infinite where there is none.
    pub(crate) cost: F64x8,
    /// d cost / d alpha along the profile (the envelope theorem: x, or D where D is on a bound, and z held).
    pub(crate) slope: F64x8,
    /// Where x would be without its bounds, times its curvature: negative on the plateau x = 0, and what tells there how
    /// far off a decrease is.
    pub(crate) pull: F64x8,
}

/// What is minimised.
#[derive(Clone, Copy)]
pub(crate) struct Objective<'a> {
    pub(crate) curve: &'a Curve,
    pub(crate) domain: &'a Domain,
    pub(crate) residual: Residual,
    pub(crate) cost: Cost,
    /// Whether x and z are solved to rounding, and nothing is expanded: for slopes in nearly flat valleys.
    pub(crate) is_tight: bool,
}

/// The profile at eight rates from one start, as a kernel; `CAPACITY` nodes at most.
pub(crate) struct Evaluate<'a, const CAPACITY: usize> {
    pub(crate) objective: Objective<'a>,
    pub(crate) alpha: F64x8,
    pub(crate) start: Start,
}

impl<const CAPACITY: usize> Kernel for Evaluate<'_, CAPACITY> {
    type Output = Profile;
    #[cfg_attr(wide, inline(always))]
    fn run(self) -> Profile {
        profile::<CAPACITY>(&self.objective, self.alpha, self.start)
    }
}

/// The basis at eight rates, and the box of (x, z).
struct Basis<const CAPACITY: usize> {
    u: [F64x8; CAPACITY],
    /// Mean of u by the weights.
    mean: F64x8,
    x_lower: F64x8,
    x_upper: F64x8,
    z_lower: F64x8,
    z_upper: F64x8,
    /// ln of the n to which the slope refers: n_min, or 1 where D is on a bound.
    d_is_bounded: bool,
}

/// Sums of one pass over the nodes.
#[derive(Clone, Copy)]
struct Sums {
    /// The shift of u that keeps the normal equations from cancelling: its mean by the curvatures of the pass before.
    mean: F64x8,
    /// Normal matrix in (u - mean, 1).
    h: [F64x8; 3],
    /// Gradient in (u - mean, 1).
    g: [F64x8; 2],
    cost: F64x8,
    /// Sums of g u t and g u, of a u^2 t and a u t: the slope and its change with x and z.
    gut: F64x8,
    gu: F64x8,
    auut: F64x8,
    aut: F64x8,
}

impl Sums {
    #[cfg_attr(wide, inline(always))]
    fn zero(mean: F64x8) -> Sums {
        let o = F64x8::splat(0.0);
        Sums { mean, h: [o; 3], g: [o; 2], cost: o, gut: o, gu: o, auut: o, aut: o }
    }

    /// The sums of `new` where the mask is set.
    #[cfg_attr(wide, inline(always))]
    fn replaced(&self, new: &Sums, mask: Mask8) -> Sums {
        let (h, g) = (&self.h, &self.g);
        Sums {
            mean: mask.select(new.mean, self.mean),
            h: [mask.select(new.h[0], h[0]), mask.select(new.h[1], h[1]), mask.select(new.h[2], h[2])],
            g: [mask.select(new.g[0], g[0]), mask.select(new.g[1], g[1])],
            cost: mask.select(new.cost, self.cost),
            gut: mask.select(new.gut, self.gut),
            gu: mask.select(new.gu, self.gu),
            auut: mask.select(new.auut, self.auut),
            aut: mask.select(new.aut, self.aut),
        }
    }

    /// The mean of u by the curvatures.
    #[cfg_attr(wide, inline(always))]
    fn centre(&self) -> F64x8 {
        self.mean + self.h[1] * (F64x8::splat(1.0) / self.h[2])
    }

    #[cfg_attr(wide, inline(always))]
    fn add(&mut self, u: F64x8, curvature: F64x8, gradient: F64x8) {
        let v = u - self.mean;
        let hv = curvature * v;
        self.h[0] += hv * v;
        self.h[1] += hv;
        self.h[2] += curvature;
        self.g[0] += gradient * v;
        self.g[1] += gradient;
    }
}

#[cfg_attr(wide, inline(always))]
fn basis<const CAPACITY: usize>(o: &Objective<'_>, alpha: F64x8) -> Basis<CAPACITY> {
    let zero = F64x8::splat(0.0);
    let mut u = [zero; CAPACITY];
    let mut mean = zero;
    for (u, node) in u.iter_mut().zip(o.curve.nodes()) {
        *u = (alpha * -node.t).exp();
        mean += *u * node.weight;
    }
    let mean = mean / F64x8::splat(o.curve.weight_sum);
    let (mut x_lower, mut x_upper) = (zero, F64x8::splat(f64::INFINITY));
    let d_is_bounded = !o.domain.d_is_unbounded();
    if d_is_bounded {
        for ((lower, upper), alpha) in x_lower.0.iter_mut().zip(&mut x_upper.0).zip(alpha.0) {
            let level = o.domain.level(alpha, o.curve.ln_n_min);
            (*lower, *upper) = (level.lower, level.upper);
        }
    }
    let (z_lower, z_upper) = (F64x8::splat(o.domain.c.lower), F64x8::splat(o.domain.c.upper));
    Basis { u, mean, x_lower, x_upper, z_lower, z_upper, d_is_bounded }
}

/// Curvature, gradient and cost of one node at model value m, lane by lane; beyond the Huber delta the curvature is
/// `beyond` times the weight psi/r.
#[cfg_attr(wide, inline(always))]
fn node_terms(o: &Objective<'_>, node: &Node, m: F64x8, beyond: f64) -> (F64x8, F64x8, F64x8) {
    let one = F64x8::splat(1.0);
    let w = F64x8::splat(node.weight);
    let (r, dr) = match o.residual {
        Residual::Log => (m.ln() - node.target, one / m),
        Residual::Linear => (m - node.target, one),
    };
    let wr = w * r;
    let (psi, curvature, cost) = match (o.cost, o.residual) {
        (Cost::Square, Residual::Linear) => (wr, w, wr * r * 0.5),
        // The exact second derivative in m is (1 - r) / m^2; from r = 1/2 on half of it keeps the matrix positive.
        (Cost::Square, Residual::Log) => (wr, w * (one - r).max(F64x8::splat(0.5)) * dr * dr, wr * r * 0.5),
        (Cost::Huber(delta), _) => {
            // With beyond = 1 iteratively reweighted least squares: a majoriser, so that each step descends, but slowly.
            let delta = F64x8::splat(delta);
            let size = r.abs();
            let inside = size.le(delta);
            let h = inside.select(one, delta / size);
            let cost = inside.select(wr * r * 0.5, w * delta * (size - delta * 0.5));
            (wr * h, w * inside.select(one, h * beyond) * dr * dr, cost)
        }
    };
    (curvature, psi * dr, cost)
}

#[cfg_attr(wide, inline(always))]
fn pass<const CAPACITY: usize>(
    o: &Objective<'_>,
    basis: &Basis<CAPACITY>,
    (x, z): (F64x8, F64x8),
    mean: F64x8,
    beyond: f64,
) -> Sums {
    let mut sums = Sums::zero(mean);
    for (&u, node) in basis.u.iter().zip(o.curve.nodes()) {
        let (curvature, gradient, cost) = node_terms(o, node, x * u + z, beyond);
        sums.add(u, curvature, gradient);
        sums.cost += cost;
        let gu = gradient * u;
        sums.gu += gu;
        sums.gut += gu * node.t;
        let aut = curvature * u * node.t;
        sums.auut += aut * u;
        sums.aut += aut;
    }
    sums
}

/// The sums of the problem linearised about the data, at x = z = 0.
#[cfg_attr(wide, inline(always))]
fn linearised<const CAPACITY: usize>(o: &Objective<'_>, basis: &Basis<CAPACITY>) -> Sums {
    // In the linear residual the curvatures are the weights.
    let mut mean = basis.mean;
    if o.residual == Residual::Log {
        let (mut of_u, mut all) = (F64x8::splat(0.0), 0.0);
        for (&u, node) in basis.u.iter().zip(o.curve.nodes()) {
            of_u += u * node.curvature;
            all += node.curvature;
        }
        mean = of_u / F64x8::splat(all);
    }
    let mut sums = Sums::zero(mean);
    for (&u, node) in basis.u.iter().zip(o.curve.nodes()) {
        let curvature = node.curvature;
        sums.add(u, F64x8::splat(curvature), F64x8::splat(-curvature * node.error));
    }
    sums
}

#[cfg_attr(wide, inline(always))]
fn clamp(v: F64x8, lower: F64x8, upper: F64x8) -> F64x8 {
    v.max(lower).min(upper)
}

/// What the quadratic model about (x, z) says.
struct Quadratic {
    /// Its minimiser over the box.
    x: F64x8,
    z: F64x8,
    /// The decrease that it promises there.
    decrease: F64x8,
    /// x at its minimum without the box, and its curvature there.
    free_x: F64x8,
    h: F64x8,
}

/// Minimises the quadratic model about (x, z) over the box.
///
/// The minimum of a convex quadratic over a box lies inside, or on a side that separates the box from the free minimum.
#[cfg_attr(wide, inline(always))]
fn quadratic_step<const CAPACITY: usize>(s: &Sums, b: &Basis<CAPACITY>, x: F64x8, z: F64x8) -> Quadratic {
    let zero = F64x8::splat(0.0);
    let by_level = F64x8::splat(1.0) / s.h[2];
    let shift = s.h[1] * by_level;
    let mean = s.mean + shift;
    // Schur complement of the level, and the gradient in x with the level eliminated.
    let h = (s.h[0] - s.h[1] * shift).max(zero);
    let g = s.g[0] - s.g[1] * shift;
    // Without spread in u (alpha = 0) all of the level is put into x: the side C = lower decides.
    let free_x = h.gt(zero).select(x - g / h, F64x8::splat(f64::MAX));
    let level = x * mean + z - s.g[1] * by_level;
    let x_side = clamp(free_x, b.x_lower, b.x_upper);
    let x_side_z = clamp(level - x_side * mean, b.z_lower, b.z_upper);
    let z_side = clamp(level - free_x * mean, b.z_lower, b.z_upper);
    let uu = h + s.h[2] * mean * mean;
    let z_side_x = (h * free_x + s.h[2] * mean * (level - z_side)) / uu;
    let z_side_x = clamp(z_side_x, b.x_lower, b.x_upper);
    let inside = free_x.eq(x_side).and(z_side.eq(level - free_x * mean));
    let x_excess = h * (x_side - free_x) * (x_side - free_x);
    let x_level = x_side * mean + x_side_z - level;
    let z_excess = h * (z_side_x - free_x) * (z_side_x - free_x);
    let z_level = z_side_x * mean + z_side - level;
    let x_costs = x_excess + s.h[2] * x_level * x_level;
    let z_costs = z_excess + s.h[2] * z_level * z_level;
    let on_x = inside.or(x_costs.le(z_costs));
    let (new_x, new_z) = (on_x.select(x_side, z_side_x), on_x.select(x_side_z, z_side));
    // g d + 1/2 d'H d in (u - mean, 1).
    let (ex, ey) = (new_x - x, (new_x - x) * s.mean + (new_z - z));
    let linear = s.g[0] * ex + s.g[1] * ey;
    let square = s.h[0] * ex * ex + s.h[1] * ex * ey * 2.0 + s.h[2] * ey * ey;
    Quadratic { x: new_x, z: new_z, decrease: -(linear + square * 0.5), free_x, h }
}

#[cfg_attr(wide, inline(always))]
fn first<const CAPACITY: usize>(
    o: &Objective<'_>,
    basis: &Basis<CAPACITY>,
    (alpha, start): (F64x8, Start),
) -> (F64x8, F64x8, (F64x8, F64x8), F64x8) {
    let zero = F64x8::splat(0.0);
    if start == Start::Data {
        let sums = linearised(o, basis);
        let Quadratic { x, z, free_x, h, .. } = quadratic_step(&sums, basis, zero, zero);
        return (x, z, (free_x, h), sums.centre());
    }
    if let Start::GapAt(z) = start {
        // ln x is the mean of ln error + alpha t.
        let (mut y, mut t) = (0.0, 0.0);
        for node in o.curve.nodes() {
            (y, t) = (y + node.target * node.weight, t + node.t * node.weight);
        }
        let x = ((alpha * t + y) / F64x8::splat(o.curve.weight_sum)).exp();
        let z = F64x8::splat(z);
        let (x, z) = (clamp(x, basis.x_lower, basis.x_upper), clamp(z, basis.z_lower, basis.z_upper));
        return (x, z, (zero, zero), basis.mean);
    }
    if let Start::Through { t, error } = start {
        let z = basis.z_lower;
        let x = (F64x8::splat(error) - z) * (alpha * t).exp();
        return (clamp(x, basis.x_lower, basis.x_upper), z, (zero, zero), basis.mean);
    }
    let smallest = o.curve.nodes().fold(f64::INFINITY, |m, node| if node.error < m { node.error } else { m });
    let level = o.curve.nodes().fold(0.0, |m, node| m + node.error * node.weight) / o.curve.weight_sum;
    let (x, z) = match start {
        Start::Power => (F64x8::splat(level) / basis.mean, F64x8::splat(level * 1e-6)),
        Start::Level => (F64x8::splat(level * 1e-6), F64x8::splat(level)),
        _ => (F64x8::splat((level - 0.9 * smallest).abs()) / basis.mean, F64x8::splat(0.9 * smallest)),
    };
    (clamp(x, basis.x_lower, basis.x_upper), clamp(z, basis.z_lower, basis.z_upper), (zero, zero), basis.mean)
}

/// The profile at eight rates.
#[cfg_attr(wide, inline(always))]
pub(crate) fn profile<const CAPACITY: usize>(o: &Objective<'_>, alpha: F64x8, start: Start) -> Profile {
    let basis: Basis<CAPACITY> = basis(o, alpha);
    let (mut x, mut z, mut pull, mean) = first(o, &basis, (alpha, start));
    let mut sums = pass(o, &basis, (x, z), mean, 1.0);
    let mut slope = -(x * sums.gut);
    let zero = F64x8::splat(0.0);
    if !(o.residual == Residual::Linear && o.cost == Cost::Square) {
        // The expansion needs the exact second derivatives, and the slope at x.
        let is_expanded = o.cost == Cost::Square && !basis.d_is_bounded && !o.is_tight;
        let tight = if o.is_tight { f64::EPSILON } else { INNER_TOLERANCE };
        let (tight, loose) = (F64x8::splat(tight), F64x8::splat(EXPANDED_TOLERANCE));
        let mut fraction = F64x8::splat(1.0);
        let mut step = quadratic_step(&sums, &basis, x, z);
        for k in 0..INNER_STEPS {
            // The expansion holds where the step meets no bound and leaves none.
            let is_alike = on_same_bounds(&basis, (x, z), (step.x, step.z));
            let limit = if is_expanded { is_alike.select(loose, tight) } else { tight };
            let is_far = sums.cost.gt(lowest_lane(sums.cost) * FAR);
            let limit = if o.is_tight { tight } else { is_far.select(F64x8::splat(FAR_TOLERANCE), limit) };
            let open = step.decrease.gt(sums.cost * limit).and(fraction.gt(F64x8::splat(SHORTEST_STEP)));
            if !open.any() {
                break;
            }
            // The box is convex: a shortened step stays inside.
            let (new_x, new_z) = (x + (step.x - x) * fraction, z + (step.z - z) * fraction);
            let beyond = if k < REWEIGHTED { 1.0 } else { BEYOND };
            let trial = pass(o, &basis, (new_x, new_z), sums.centre(), beyond);
            let down = trial.cost.lt(sums.cost).and(open);
            (x, z, sums) = (down.select(new_x, x), down.select(new_z, z), sums.replaced(&trial, down));
            fraction = down.select(F64x8::splat(1.0), fraction * 0.25);
            step = quadratic_step(&sums, &basis, x, z);
        }
        slope = -(x * sums.gut);
        pull = (step.free_x, step.h);
        if is_expanded {
            let is_small = step.decrease.le(sums.cost * FAR_TOLERANCE);
            let moves = on_same_bounds(&basis, (x, z), (step.x, step.z)).and(is_small);
            let (dx, dz) = (moves.select(step.x - x, zero), moves.select(step.z - z, zero));
            slope = slope - dx * (x * sums.auut + sums.gut) - dz * (x * sums.aut);
            (x, z) = (x + dx, z + dz);
            sums.cost -= moves.select(step.decrease, zero);
        }
    }
    if basis.d_is_bounded {
        let at_bound = x.eq(basis.x_lower).or(x.eq(basis.x_upper));
        slope = at_bound.select(slope - x * sums.gu * o.curve.ln_n_min, slope);
    }
    let finite = sums.cost.lt(F64x8::splat(f64::INFINITY)).and(slope.eq(slope));
    // A model that leaves the range of f64 does so at large alpha: the profile rises towards it.
    Profile {
        alpha,
        x,
        z,
        cost: finite.select(sums.cost, F64x8::splat(f64::INFINITY)),
        slope: finite.select(slope, F64x8::splat(f64::MAX)),
        pull: pull.0 * pull.1,
    }
}

/// The lowest value in all lanes.
#[cfg_attr(wide, inline(always))]
fn lowest_lane(v: F64x8) -> F64x8 {
    let [a, b, c, d, e, f, g, h] = v.0;
    let v = v.min(F64x8([e, f, g, h, a, b, c, d]));
    let [a, b, c, d, e, f, g, h] = v.0;
    let v = v.min(F64x8([c, d, a, b, g, h, e, f]));
    let [a, b, c, d, e, f, g, h] = v.0;
    v.min(F64x8([b, a, d, c, f, e, h, g]))
}

/// Whether both places are on the same bounds.
#[cfg_attr(wide, inline(always))]
fn on_same_bounds<const CAPACITY: usize>(b: &Basis<CAPACITY>, a: (F64x8, F64x8), c: (F64x8, F64x8)) -> Mask8 {
    let x = a.0.eq(c.0).or(inside(b.x_lower, a.0, b.x_upper).and(inside(b.x_lower, c.0, b.x_upper)));
    let z = a.1.eq(c.1).or(inside(b.z_lower, a.1, b.z_upper).and(inside(b.z_lower, c.1, b.z_upper)));
    x.and(z)
}

#[cfg_attr(wide, inline(always))]
fn inside(lower: F64x8, v: F64x8, upper: F64x8) -> Mask8 {
    v.gt(lower).and(v.lt(upper))
}
