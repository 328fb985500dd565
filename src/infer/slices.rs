//! The confidence region at fixed rates, eight of them at a time.
//!
//! At a given alpha the model is x u_i + z with u_i = (n_i / n_min)^-alpha: linear. With the cost taken as the quadratic
//! that it nearly is, the laws within the limit fill an ellipse cut by the box of x and z, over which the extreme of a
//! linear function has a closed form; in the log residual a few such steps, each from the last one's end, close in on it.
use crate::fit::NODES;
use crate::fit::slice::{Objective, Purpose, Quadratic, Slice, Sums, clamp, within};
use crate::fit::wide::{GROUPS, Wide, WideMask, group, set_group};
use crate::simd::{F64x8, Isa, Kernel, Mask8};

/// What the slices are of.
#[derive(Clone, Copy)]
pub(crate) struct Slices<'a> {
    pub(crate) objective: Objective<'a>,
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
        // Small curves spare themselves the room for 64 nodes.
        match self.objective.curve.len() {
            0..=8 => self.run_in(alpha, direction, &mut [Wide::splat(0.0); 8]),
            _ => self.run_many(alpha, direction),
        }
    }

    #[inline(never)]
    fn run_many(&self, alpha: F64x8, direction: Option<(F64x8, f64)>) -> Laws {
        self.run_in(alpha, direction, &mut [Wide::splat(0.0); NODES])
    }

    #[inline(never)]
    fn run_in(&self, alpha: F64x8, direction: Option<(F64x8, f64)>, room: &mut [Wide]) -> Laws {
        self.isa.dispatch(Run { slices: self, alpha, direction, room })
    }
}

struct Run<'a> {
    slices: &'a Slices<'a>,
    alpha: F64x8,
    direction: Option<(F64x8, f64)>,
    /// For the powers of the nodes.
    room: &'a mut [Wide],
}

impl Kernel for Run<'_> {
    type Output = Laws;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> Laws {
        let Run { slices, alpha, direction, room } = self;
        let o = F64x8::splat(0.0);
        let mut laws = Laws { x: o, z: o, cost: o, is_inside: o.lt(o) };
        for g in 0..GROUPS {
            #[allow(
                clippy::manual_map,
                reason = "a closure may stay out of line, and is then compiled for the baseline"
            )]
            let direction = match &direction {
                Some((by_x, by_z)) => Some((group(by_x, g), *by_z)),
                None => None,
            };
            let (x, z, cost, is_inside) = at_rates(slices, group(&alpha, g), direction, room);
            set_group(&mut laws.x, g, x);
            set_group(&mut laws.z, g, z);
            set_group(&mut laws.cost, g, cost);
            for (i, inside) in is_inside.0.into_iter().enumerate() {
                laws.is_inside.0[(g * is_inside.0.len() + i) & 7] = inside;
            }
        }
        laws
    }
}

/// x, z, the cost, and whether the slice meets the region, at a group of rates.
#[cfg_attr(wide, inline(always))]
fn at_rates(
    s: &Slices<'_>,
    alpha: Wide,
    direction: Option<(Wide, f64)>,
    u: &mut [Wide],
) -> (Wide, Wide, Wide, WideMask) {
    let o = &s.objective;
    let slice = Slice::new(o, alpha, u);
    let zero = Wide::splat(0.0);
    let (mut x, mut z) = Quadratic::new(&Sums::of_data(o, u, &slice), zero, zero).lowest(&slice);
    let nowhere = zero.lt(zero);
    let (mut is_inside, mut cost) = (nowhere, Wide::splat(f64::INFINITY));
    let (mut kept_x, mut kept_z, mut is_kept) = (x, z, nowhere);
    for _ in 0..s.rounds {
        let sums = Sums::at(o, u, (x, z), slice.mean, Purpose::Region);
        let q = Quadratic::new(&sums, x, z);
        let (low_x, low_z) = q.lowest(&slice);
        let Some((by_x, by_z)) = direction else {
            // The quadratic promises this cost: good to third order in the step.
            cost = q.least + q.excess(low_x, low_z) * 0.5;
            is_inside = cost.le(Wide::splat(s.limit));
            (x, z) = (low_x, low_z);
            continue;
        };
        let (far_x, far_z, found) = furthest(&q, &slice, s.limit, by_x, by_z);
        let (next_x, next_z) = (found.select(far_x, low_x), found.select(far_z, low_z));
        cost = sums.cost;
        is_inside = found;
        if s.is_rough {
            let is_good = cost.le(Wide::splat(s.limit + s.slack));
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
    let is_finite = (x + z).abs().lt(Wide::splat(f64::INFINITY));
    (x, z, cost, is_inside.and(is_finite))
}

/// The point with the largest by_x x + by_z z in the box and within the limit, and whether there is one.
#[cfg_attr(wide, inline(always))]
fn furthest(q: &Quadratic, b: &Slice, limit: f64, by_x: Wide, by_z: f64) -> (Wide, Wide, WideMask) {
    let zero = Wide::splat(0.0);
    let room = (Wide::splat(limit) - q.least) * 2.0;
    // by_x x + by_z z = across x + by_z l.
    let across = by_x - q.mean * by_z;
    let spread = across * across / q.h + Wide::splat(by_z * by_z) / q.k;
    let reach = (room / spread).sqrt();
    let x = q.x0 + across / q.h * reach;
    let z = q.l0 + Wide::splat(by_z) / q.k * reach - x * q.mean;
    // False where room < 0 or h = 0: the root and the quotient are no numbers.
    let inside = within(x, b.x).and(within(z, b.z)).and(room.ge(zero));
    let value = inside.select(by_x * x + z * by_z, Wide::splat(f64::NEG_INFINITY));
    let mut best = Best { x, z, value, found: inside, is_final: inside, by_x, by_z };
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
    x: Wide,
    z: Wide,
    value: Wide,
    found: WideMask,
    /// Inside of the box: no side is better but by rounding.
    is_final: WideMask,
    by_x: Wide,
    by_z: f64,
}

impl Best {
    #[cfg_attr(wide, inline(always))]
    fn offer(&mut self, x: Wide, z: Wide, is_there: WideMask) {
        let value = self.by_x * x + z * self.by_z;
        let better = is_there.and(value.gt(self.value)).and(!self.is_final);
        (self.x, self.z) = (better.select(x, self.x), better.select(z, self.z));
        (self.value, self.found) = (better.select(value, self.value), self.found.or(better));
    }
}
