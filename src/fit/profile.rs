//! The profile over alpha: the lowest cost at a given rate, eight rates at a time.
//!
//! At a given alpha the model is x u_i + z with u_i = (n_i / n_min)^-alpha in (0, 1], x = D n_min^-alpha and z = C. All
//! three are of the size of the errors, so nothing cancels, however small alpha is.
use crate::law::Residual;
use crate::simd::{F64x8, Kernel};

use super::loss::Cost;
use super::slice::{Objective, Purpose, Quadratic, Slice, Sums, is_inside};
use super::wide::{GROUPS, Wide, WideMask, group, set_group};

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

impl Profile {
    /// Not evaluated yet: no number, to which any cost is preferred.
    pub(super) fn none(alpha: F64x8) -> Profile {
        let o = F64x8::splat(0.0);
        Profile { alpha, x: o, z: o, cost: F64x8::splat(f64::NAN), slope: o, pull: o }
    }
}

/// The powers of the nodes at eight rates, and the boxes of (x, z) there.
pub(super) struct Rates<'a> {
    pub(super) objective: Objective<'a>,
    /// Whether x and z are solved to rounding, and nothing is expanded: for slopes in nearly flat valleys.
    pub(super) is_tight: bool,
    alpha: F64x8,
    slices: [Slice; GROUPS],
    /// The nodes of the first group, of the second, ..
    u: &'a mut [Wide],
}

impl<'a> Rates<'a> {
    /// `room` holds [`GROUPS`] times the nodes at least; filled by [`Prepare`].
    pub(super) fn new(objective: Objective<'a>, is_tight: bool, alpha: F64x8, room: &'a mut [Wide]) -> Rates<'a> {
        Rates { objective, is_tight, alpha, slices: [Slice::EMPTY; GROUPS], u: room }
    }

    /// How many groups are worth a look: where the rate is held all eight are the same.
    #[cfg_attr(wide, inline(always))]
    fn groups(&self) -> usize {
        let alpha = self.objective.domain.alpha;
        if alpha.lower == alpha.upper { 1 } else { GROUPS }
    }

    fn len(&self) -> usize {
        self.objective.curve.len().max(1)
    }
}

/// The powers and boxes, as a kernel.
pub(super) struct Prepare<'a, 'b>(pub(super) &'a mut Rates<'b>);

impl Kernel for Prepare<'_, '_> {
    type Output = ();

    #[cfg_attr(wide, inline(always))]
    fn run(self) {
        let Rates { objective, alpha, .. } = *self.0;
        let (len, groups) = (self.0.len(), self.0.groups());
        for (g, (slice, u)) in self.0.slices.iter_mut().zip(self.0.u.chunks_exact_mut(len)).take(groups).enumerate() {
            *slice = Slice::new(&objective, group(&alpha, g), u);
        }
    }
}

/// The profile from one start where it is lower than that from others, as a kernel.
pub(super) struct Evaluate<'a, 'b> {
    pub(super) rates: &'a Rates<'b>,
    pub(super) start: Start,
    pub(super) best: &'a mut Profile,
}

impl Kernel for Evaluate<'_, '_> {
    type Output = ();

    #[cfg_attr(wide, inline(always))]
    fn run(self) {
        profile(self.rates, self.start, self.best);
    }
}

/// A group of rates on its way down.
#[derive(Clone, Copy)]
struct Descent {
    x: Wide,
    z: Wide,
    sums: Sums,
    /// Share of the next step that is taken.
    fraction: Wide,
    step: Step,
}

impl Descent {
    const EMPTY: Descent =
        Descent { x: ZERO, z: ZERO, sums: Sums::EMPTY, fraction: Wide::splat(1.0), step: Step::EMPTY };
}

/// The step to the minimum of the quadratic about a place.
#[derive(Clone, Copy)]
struct Step {
    x: Wide,
    z: Wide,
    /// What it promises.
    decrease: Wide,
    /// See [`Profile::pull`].
    pull: Wide,
}

const ZERO: Wide = Wide::splat(0.0);

impl Step {
    const EMPTY: Step = Step { x: ZERO, z: ZERO, decrease: ZERO, pull: ZERO };

    #[cfg_attr(wide, inline(always))]
    fn new(sums: &Sums, slice: &Slice, x: Wide, z: Wide) -> Step {
        let quadratic = Quadratic::new(sums, x, z);
        let to = quadratic.lowest(slice);
        Step { x: to.0, z: to.1, decrease: sums.decrease(x, z, to), pull: quadratic.x0 * quadratic.h }
    }

    /// Where the step meets no bound and leaves none.
    #[cfg_attr(wide, inline(always))]
    fn keeps_bounds(&self, slice: &Slice, x: Wide, z: Wide) -> WideMask {
        let of_x = x.eq(self.x).or(is_inside(x, slice.x).and(is_inside(self.x, slice.x)));
        let of_z = z.eq(self.z).or(is_inside(z, slice.z).and(is_inside(self.z, slice.z)));
        of_x.and(of_z)
    }
}

/// Where a group starts: x, z, the pull, and the mean of u that centres the first pass.
#[cfg_attr(wide, inline(always))]
fn first(o: &Objective<'_>, slice: &Slice, u: &[Wide], alpha: Wide, start: Start) -> (Wide, Wide, Wide, Wide) {
    let nodes = || o.curve.nodes();
    let weight_sum = o.curve.weight_sum;
    let (x, z) = match start {
        Start::Data => {
            let sums = Sums::of_data(o, u, slice);
            let Step { x, z, pull, .. } = Step::new(&sums, slice, ZERO, ZERO);
            return (x, z, pull, sums.centre());
        }
        Start::GapAt(z) => {
            // ln x is the mean of ln error + alpha t.
            let (mut y, mut t) = (0.0, 0.0);
            for node in nodes() {
                (y, t) = (y + node.target * node.weight, t + node.t * node.weight);
            }
            (((alpha * t + y) / Wide::splat(weight_sum)).exp(), Wide::splat(z))
        }
        Start::Through { t, error } => {
            let [z, _] = slice.z;
            ((Wide::splat(error) - z) * (alpha * t).exp(), z)
        }
        Start::Power | Start::Level | Start::Gap => {
            let (mut smallest, mut level) = (f64::INFINITY, 0.0);
            for node in nodes() {
                smallest = if node.error < smallest { node.error } else { smallest };
                level += node.error * node.weight;
            }
            let level = level / weight_sum;
            match start {
                Start::Power => (Wide::splat(level) / slice.mean, Wide::splat(level * 1e-6)),
                Start::Level => (Wide::splat(level * 1e-6), Wide::splat(level)),
                _ => (Wide::splat((level - 0.9 * smallest).abs()) / slice.mean, Wide::splat(0.9 * smallest)),
            }
        }
    };
    let (x, z) = slice.clamp(x, z);
    (x, z, ZERO, slice.mean)
}

#[cfg_attr(wide, inline(always))]
fn profile(rates: &Rates<'_>, start: Start, best: &mut Profile) {
    let Rates { objective: o, is_tight, alpha, .. } = *rates;
    let groups = || rates.slices.iter().zip(rates.u.chunks_exact(rates.len())).take(rates.groups());
    let is_quadratic = o.residual == Residual::Linear && o.cost == Cost::Square;
    let mut descents = [Descent::EMPTY; GROUPS];
    for (g, (d, (slice, u))) in descents.iter_mut().zip(groups()).enumerate() {
        let (x, z, pull, mean) = first(&o, slice, u, group(&alpha, g), start);
        let sums = Sums::at(&o, u, (x, z), mean, Purpose::Descent(1.0));
        (d.x, d.z, d.sums, d.step.pull) = (x, z, sums, pull);
        if !is_quadratic {
            d.step = Step::new(&sums, slice, x, z);
        }
    }
    // The expansion needs the exact second derivatives, and the slope at x.
    let d_is_bounded = !o.domain.d_is_unbounded();
    let is_expanded = !is_quadratic && o.cost == Cost::Square && !d_is_bounded && !is_tight;
    let tight = Wide::splat(if is_tight { f64::EPSILON } else { INNER_TOLERANCE });
    for k in 0..if is_quadratic { 0 } else { INNER_STEPS } {
        let mut costs = F64x8::splat(f64::INFINITY);
        for (g, d) in descents.iter().take(rates.groups()).enumerate() {
            set_group(&mut costs, g, d.sums.cost);
        }
        let far = Wide::splat(lowest(costs) * FAR);
        let mut is_done = true;
        for (d, (slice, u)) in descents.iter_mut().zip(groups()) {
            let Descent { x, z, sums, fraction, step } = *d;
            let mut limit = tight;
            if !is_tight {
                if is_expanded {
                    limit = step.keeps_bounds(slice, x, z).select(Wide::splat(EXPANDED_TOLERANCE), tight);
                }
                limit = sums.cost.gt(far).select(Wide::splat(FAR_TOLERANCE), limit);
            }
            let is_open = step.decrease.gt(sums.cost * limit).and(fraction.gt(Wide::splat(SHORTEST_STEP)));
            if !is_open.any() {
                continue;
            }
            is_done = false;
            // The box is convex: a shortened step stays inside.
            let (new_x, new_z) = (x + (step.x - x) * fraction, z + (step.z - z) * fraction);
            let beyond = if k < REWEIGHTED { 1.0 } else { BEYOND };
            let trial = Sums::at(&o, u, (new_x, new_z), sums.centre(), Purpose::Descent(beyond));
            let is_down = trial.cost.lt(sums.cost).and(is_open);
            (d.x, d.z) = (is_down.select(new_x, x), is_down.select(new_z, z));
            d.sums = sums.replaced(&trial, is_down);
            d.fraction = is_down.select(Wide::splat(1.0), fraction * 0.25);
            d.step = Step::new(&d.sums, slice, d.x, d.z);
        }
        if is_done {
            break;
        }
    }
    for (g, (d, (slice, _))) in descents.iter().zip(groups()).enumerate() {
        let Descent { mut x, mut z, mut sums, step, .. } = *d;
        let mut slope = -(x * sums.gut);
        if is_expanded {
            let is_small = step.decrease.le(sums.cost * FAR_TOLERANCE);
            let moves = step.keeps_bounds(slice, x, z).and(is_small);
            let (dx, dz) = (moves.select(step.x - x, ZERO), moves.select(step.z - z, ZERO));
            slope = slope - dx * (x * sums.auut + sums.gut) - dz * (x * sums.aut);
            (x, z) = (x + dx, z + dz);
            sums.cost -= moves.select(step.decrease, ZERO);
        }
        if d_is_bounded {
            // The slope is then at D itself.
            let at_bound = x.eq(slice.x[0]).or(x.eq(slice.x[1]));
            slope = at_bound.select(slope - x * sums.gu * o.curve.ln_n_min, slope);
        }
        let is_finite = sums.cost.lt(Wide::splat(f64::INFINITY)).and(slope.eq(slope));
        // A model that leaves the range of f64 does so at large alpha: the profile rises towards it.
        let cost = is_finite.select(sums.cost, Wide::splat(f64::INFINITY));
        let slope = is_finite.select(slope, Wide::splat(f64::MAX));
        let stays = group(&best.cost, g).le(cost);
        let of = [&mut best.x, &mut best.z, &mut best.cost, &mut best.slope, &mut best.pull];
        for (old, new) in of.into_iter().zip([x, z, cost, slope, step.pull]) {
            set_group(old, g, stays.select(group(old, g), new));
        }
    }
}

/// The lowest value in all lanes.
#[cfg_attr(wide, inline(always))]
fn lowest(v: F64x8) -> f64 {
    let [a, b, c, d, e, f, g, h] = v.0;
    let v = v.min(F64x8([e, f, g, h, a, b, c, d]));
    let [a, b, c, d, e, f, g, h] = v.0;
    let v = v.min(F64x8([c, d, a, b, g, h, e, f]));
    let [a, b, ..] = v.0;
    if a < b { a } else { b }
}
