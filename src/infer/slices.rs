//! The confidence region at fixed rates, eight of them at a time.
//!
//! At a given alpha the model is x u_i + z with u_i = (n_i / n_min)^-alpha: linear. With the cost taken as the quadratic
//! that it nearly is, the laws within the limit fill an ellipse cut by the box of x and z, over which the extreme of a
//! linear function has a closed form; in the log residual a few such steps, each from the last one's end, close in on it.
use crate::fit::{Cost, Curve, Domain, NODES, Node};
use crate::law::Residual;
use crate::simd::{F64x8, Isa, Kernel, Mask8};

/// What the slices are of.
#[derive(Clone, Copy)]
pub(crate) struct Slices<'a> {
    pub(crate) curve: &'a Curve,
    pub(crate) domain: &'a Domain,
    pub(crate) residual: Residual,
    pub(crate) cost: Cost,
    /// Largest cost within the region, on the nodes.
    pub(crate) limit: f64,
    /// By how much the cost of a sample may exceed it.
    pub(crate) slack: f64,
    /// Quadratic steps.
    pub(crate) rounds: u32,
    /// Whether residuals are so large that a step may lead astray: what is returned is then the last point whose cost was
    /// seen to be within the limit, and a step that leaves the region is halved.
    pub(crate) is_rough: bool,
    pub(crate) isa: Isa,
}

/// Eight laws, one at each rate.
#[derive(Clone, Copy)]
pub(crate) struct Laws {
    /// D n_min^-alpha.
    pub(crate) x: F64x8,
    /// C.
    pub(crate) z: F64x8,
    pub(crate) cost: F64x8,
    /// Whether the slice meets the region.
    pub(crate) is_inside: Mask8,
}

impl Slices<'_> {
    /// The laws of lowest cost.
    pub(crate) fn lowest(&self, alpha: F64x8) -> Laws {
        self.run(alpha, None)
    }

    /// The laws within the region with the largest by_x x + by_z z.
    pub(crate) fn extreme(&self, alpha: F64x8, by_x: F64x8, by_z: f64) -> Laws {
        self.run(alpha, Some((by_x, by_z)))
    }

    fn run(&self, alpha: F64x8, direction: Option<(F64x8, f64)>) -> Laws {
        let slices = *self;
        // Small curves spare themselves the room for 64 nodes.
        match self.curve.len() {
            0..=8 => self.isa.dispatch(Run::<8> { slices, alpha, direction }),
            _ => self.isa.dispatch(Run::<NODES> { slices, alpha, direction }),
        }
    }
}

struct Run<'a, const CAPACITY: usize> {
    slices: Slices<'a>,
    alpha: F64x8,
    direction: Option<(F64x8, f64)>,
}

/// The basis at eight rates, and the box of (x, z).
struct Basis<const CAPACITY: usize> {
    u: [F64x8; CAPACITY],
    /// Weighted mean of u: the shift that keeps the normal equations from cancelling.
    mean: F64x8,
    x: [F64x8; 2],
    z: [F64x8; 2],
}

/// The cost about a point as a quadratic, in x and the level l = x mean + z, which it separates:
/// least + 1/2 h (x - x0)^2 + 1/2 k (l - l0)^2.
struct Quadratic {
    mean: F64x8,
    x0: F64x8,
    l0: F64x8,
    h: F64x8,
    k: F64x8,
    least: F64x8,
    /// The cost itself at the point.
    cost: F64x8,
}

impl<const CAPACITY: usize> Kernel for Run<'_, CAPACITY> {
    type Output = Laws;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> Laws {
        let Run { slices: s, alpha, direction } = self;
        let basis: Basis<CAPACITY> = basis(&s, alpha);
        let (mut x, mut z) = lowest(&quadratic(&s, &basis, None), &basis);
        let nowhere = F64x8::splat(0.0).lt(F64x8::splat(0.0));
        let (mut is_inside, mut cost) = (nowhere, F64x8::splat(f64::INFINITY));
        let (mut kept_x, mut kept_z, mut is_kept) = (x, z, nowhere);
        for _ in 0..s.rounds {
            let q = quadratic(&s, &basis, Some((x, z)));
            let (low_x, low_z) = lowest(&q, &basis);
            let Some((by_x, by_z)) = direction else {
                // The quadratic promises this cost: good to third order in the step.
                cost = q.at(low_x, low_z);
                is_inside = cost.le(F64x8::splat(s.limit));
                (x, z) = (low_x, low_z);
                continue;
            };
            let (far_x, far_z, found) = furthest(&q, &basis, s.limit, by_x, by_z);
            let (next_x, next_z) = (found.select(far_x, low_x), found.select(far_z, low_z));
            cost = q.cost;
            is_inside = found;
            if s.is_rough {
                let is_good = q.cost.le(F64x8::splat(s.limit + s.slack));
                (kept_x, kept_z) = (is_good.select(x, kept_x), is_good.select(z, kept_z));
                is_kept = is_kept.or(is_good);
                let back = is_kept.and(!is_good);
                x = back.select((x + kept_x) * 0.5, next_x);
                z = back.select((z + kept_z) * 0.5, next_z);
            } else {
                (x, z) = (next_x, next_z);
            }
        }
        if s.is_rough && direction.is_some() {
            (x, z, is_inside) = (kept_x, kept_z, is_kept);
        }
        let is_finite = (x + z).abs().lt(F64x8::splat(f64::INFINITY));
        Laws { x, z, cost, is_inside: is_inside.and(is_finite) }
    }
}

#[cfg_attr(wide, inline(always))]
fn basis<const CAPACITY: usize>(s: &Slices<'_>, alpha: F64x8) -> Basis<CAPACITY> {
    let zero = F64x8::splat(0.0);
    let mut u = [zero; CAPACITY];
    let mut mean = zero;
    for (u, node) in u.iter_mut().zip(s.curve.nodes()) {
        *u = (alpha * -node.t).exp();
        mean += *u * node.weight;
    }
    let mean = mean / F64x8::splat(s.curve.weight_sum);
    let mut x = [zero, F64x8::splat(f64::INFINITY)];
    if !s.domain.d_is_unbounded() {
        let [lower, upper] = &mut x;
        for ((lower, upper), alpha) in lower.0.iter_mut().zip(&mut upper.0).zip(alpha.0) {
            let level = s.domain.level(alpha, s.curve.ln_n_min);
            (*lower, *upper) = (level.lower, level.upper);
        }
    }
    Basis { u, mean, x, z: [F64x8::splat(s.domain.c.lower), F64x8::splat(s.domain.c.upper)] }
}

/// Curvature, gradient and cost of one node at model value m.
#[cfg_attr(wide, inline(always))]
fn node_terms(s: &Slices<'_>, node: &Node, m: F64x8) -> [F64x8; 3] {
    let one = F64x8::splat(1.0);
    let w = F64x8::splat(node.weight);
    let (r, by_m) = match s.residual {
        Residual::Log => {
            let m = m.max(F64x8::splat(f64::MIN_POSITIVE));
            (m.ln() - node.target, one / m)
        }
        Residual::Linear => (m - node.target, one),
    };
    // The exact second derivative of 1/2 r^2 in ln m is (1 - r) / m^2; half of it beyond r = 1/2 keeps it positive.
    let bend = if s.residual == Residual::Log { (one - r).max(F64x8::splat(0.5)) } else { one };
    match s.cost {
        Cost::Square => [w * bend * by_m * by_m, w * r * by_m, w * r * r * 0.5],
        Cost::Huber(delta) => {
            let delta = F64x8::splat(delta);
            let size = r.abs();
            let inside = size.le(delta);
            let ratio = inside.select(one, delta / size);
            let cost = inside.select(r * r * 0.5, delta * (size - delta * 0.5));
            [w * ratio * inside.select(bend, one) * by_m * by_m, w * r * ratio * by_m, w * cost]
        }
    }
}

/// The quadratic at (x, z), or that of the problem linearised about the data.
#[cfg_attr(wide, inline(always))]
fn quadratic<const CAPACITY: usize>(s: &Slices<'_>, b: &Basis<CAPACITY>, at: Option<(F64x8, F64x8)>) -> Quadratic {
    let zero = F64x8::splat(0.0);
    let (x, z) = at.unwrap_or((zero, zero));
    let (mut h, mut g, mut cost) = ([zero; 3], [zero; 2], zero);
    for (&u, node) in b.u.iter().zip(s.curve.nodes()) {
        let v = u - b.mean;
        let [curvature, gradient, rise] = match at {
            Some(_) => node_terms(s, node, x * u + z),
            None => [F64x8::splat(node.curvature), F64x8::splat(-node.curvature * node.error), zero],
        };
        let hv = curvature * v;
        h[0] += hv * v;
        h[1] += hv;
        h[2] += curvature;
        g[0] += gradient * v;
        g[1] += gradient;
        cost += rise;
    }
    let by_level = F64x8::splat(1.0) / h[2];
    let shift = h[1] * by_level;
    let mean = b.mean + shift;
    let bend = (h[0] - h[1] * shift).max(zero);
    let pull = g[0] - g[1] * shift;
    // Without spread in u (alpha = 0) x alone changes nothing.
    let has_spread = bend.gt(zero);
    let step = has_spread.select(pull / bend, zero);
    let level_step = g[1] * by_level;
    let least = cost - (pull * step + g[1] * level_step) * 0.5;
    Quadratic { mean, x0: x - step, l0: x * mean + z - level_step, h: bend, k: h[2], least, cost }
}

#[cfg_attr(wide, inline(always))]
fn clamp(v: F64x8, [lower, upper]: [F64x8; 2]) -> F64x8 {
    v.max(lower).min(upper)
}

#[cfg_attr(wide, inline(always))]
fn within(v: F64x8, [lower, upper]: [F64x8; 2]) -> Mask8 {
    v.ge(lower).and(v.le(upper))
}

impl Quadratic {
    #[cfg_attr(wide, inline(always))]
    fn excess(&self, x: F64x8, z: F64x8) -> F64x8 {
        let (dx, dl) = (x - self.x0, x * self.mean + z - self.l0);
        self.h * dx * dx + self.k * dl * dl
    }

    #[cfg_attr(wide, inline(always))]
    fn at(&self, x: F64x8, z: F64x8) -> F64x8 {
        self.least + self.excess(x, z) * 0.5
    }

    /// Where x is best on z = `z`, and the curvature there.
    #[cfg_attr(wide, inline(always))]
    fn best_x(&self, z: F64x8) -> (F64x8, F64x8) {
        let bend = self.h + self.k * self.mean * self.mean;
        ((self.h * self.x0 + self.k * self.mean * (self.l0 - z)) / bend, bend)
    }
}

/// The minimiser over the box: inside, or on a side that separates the box from the free minimum.
#[cfg_attr(wide, inline(always))]
fn lowest<const CAPACITY: usize>(q: &Quadratic, b: &Basis<CAPACITY>) -> (F64x8, F64x8) {
    let on_x = clamp(q.x0, b.x);
    let on_x_z = clamp(q.l0 - on_x * q.mean, b.z);
    let on_z = clamp(q.l0 - q.x0 * q.mean, b.z);
    let on_z_x = clamp(q.best_x(on_z).0, b.x);
    let first = q.excess(on_x, on_x_z).le(q.excess(on_z_x, on_z));
    (first.select(on_x, on_z_x), first.select(on_x_z, on_z))
}

/// The point with the largest by_x x + by_z z in the box and within the limit, and whether there is one.
#[cfg_attr(wide, inline(always))]
fn furthest<const CAPACITY: usize>(
    q: &Quadratic,
    b: &Basis<CAPACITY>,
    limit: f64,
    by_x: F64x8,
    by_z: f64,
) -> (F64x8, F64x8, Mask8) {
    let zero = F64x8::splat(0.0);
    let room = (F64x8::splat(limit) - q.least) * 2.0;
    // by_x x + by_z z = across x + by_z l.
    let across = by_x - q.mean * by_z;
    let spread = across * across / q.h + F64x8::splat(by_z * by_z) / q.k;
    let reach = (room / spread).sqrt();
    let x = q.x0 + across / q.h * reach;
    let z = q.l0 + F64x8::splat(by_z) / q.k * reach - x * q.mean;
    // False where room < 0 or h = 0: the root and the quotient are no numbers.
    let inside = within(x, b.x).and(within(z, b.z)).and(room.ge(zero));
    let value = inside.select(by_x * x + z * by_z, F64x8::splat(f64::NEG_INFINITY));
    let mut best = Best { x, z, value, found: inside, by_x, by_z };
    if inside.all() {
        return (x, z, inside);
    }
    // The extreme is then on a side. Those at infinity are none: the roots there are no numbers.
    for side in b.x {
        let dx = side - q.x0;
        let half = ((room - q.h * dx * dx) / q.k).sqrt();
        let centre = q.l0 - side * q.mean;
        let end = if by_z > 0.0 { centre + half } else { centre - half };
        let end = if by_z == 0.0 { centre } else { end };
        let z = clamp(end, b.z);
        best.offer(side, z, (centre - half).le(z).and(z.le(centre + half)));
    }
    for side in b.z {
        let (centre, bend) = q.best_x(side);
        let half = ((room - q.excess(centre, side)) / bend).sqrt();
        let x = clamp(by_x.lt(zero).select(centre - half, centre + half), b.x);
        best.offer(x, side, (centre - half).le(x).and(x.le(centre + half)));
    }
    (best.x, best.z, best.found)
}

/// The best point so far.
struct Best {
    x: F64x8,
    z: F64x8,
    value: F64x8,
    found: Mask8,
    by_x: F64x8,
    by_z: f64,
}

impl Best {
    #[cfg_attr(wide, inline(always))]
    fn offer(&mut self, x: F64x8, z: F64x8, is_there: Mask8) {
        let value = self.by_x * x + z * self.by_z;
        let better = is_there.and(value.gt(self.value));
        (self.x, self.z) = (better.select(x, self.x), better.select(z, self.z));
        (self.value, self.found) = (better.select(value, self.value), self.found.or(better));
    }
}
