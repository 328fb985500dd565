//! From starts to minima, one in each lane: Newton's method in a box with the damping of Levenberg and Marquardt.
#![allow(
    clippy::needless_range_loop,
    reason = "indices below constant ends keep no panic path and read as the algebra"
)]
use crate::simd::Kernel;

use super::super::curve::NODES;
use super::super::wide::{WIDTH, Wide, WideMask};
use super::domain::Domain;
use super::level::Moments;
use super::model::{Aim, B, P, Place, Problem, Shape, Sums, Theta, X, Z, add, evaluate, finish};
use super::rows::Rows;
use super::starts::Start;

const ZERO: Wide = Wide::splat(0.0);
const ONE: Wide = Wide::splat(1.0);

/// Damping of the first step, in units of the diagonal of J'WJ; what it gains and loses by a step that is taken or not.
const FIRST: f64 = 1e-2;
const SHRINK: f64 = 0.1;
const GROW: f64 = 8.0;
const LEAST: f64 = 1e-14;
/// What a step loses of it that promises nothing to be seen, and the damping that holds no step back.
const RELEASE: f64 = 1e-3;
const FREE: f64 = 1e-9;
/// Damping from which a step is too short to gain anything.
const STUCK: f64 = 1e12;

/// The longest step in ln beta.
const FURTHEST: f64 = 1.5;

/// After this many iterations a lane must promise, with so little damping, a share of what it is above the lowest cost.
const WARM: u32 = 12;
/// Beside this factor of the lowest cost it is let go on.
const HOPE: f64 = 100.0;
const BESIDE: f64 = 1.01;
const LOOSE: f64 = 1e-3;

/// Share of the cost that the next step may promise, for this to be the minimum.
const TOLERANCE: f64 = 1e-14;

/// The rounding of the cost, in units of the geometric mean of the cost and of what it is not known better than.
const VISIBLE: f64 = 4.0;
/// Steps in a row that may gain what cannot be seen.
const PATIENCE: f64 = 10.0;

/// Share of a pivot that must be left for the Hessian to be taken as positive definite.
const SINGULAR: f64 = 1e-13;

/// Where lanes have ended.
#[derive(Clone, Copy)]
pub(super) struct End {
    pub(super) theta: Theta,
    pub(super) sums: Sums,
    pub(super) is_converged: WideMask,
    /// What promised too little.
    pub(super) is_given_up: WideMask,
    pub(super) iterations: u32,
}

/// The way down, as a kernel.
#[derive(Clone, Copy)]
pub(super) struct Descend<'a> {
    pub(super) problem: Problem,
    pub(super) rows: &'a Rows<'a>,
    pub(super) domain: &'a Domain,
    pub(super) start: Theta,
    /// What a cost is not known better than.
    pub(super) rounding: f64,
    pub(super) limit: u32,
    /// The lowest minimum that is known, of infinite cost if none is.
    pub(super) known: Start,
}

impl Kernel for Descend<'_> {
    type Output = End;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> End {
        let Descend { problem, rows, domain, start: mut theta, rounding, limit, known } = self;
        // Long curves are begun near their minima.
        let is_long = rows.points.is_some();
        let count = rows.curve.len() + 1;
        let mut track = Track::EMPTY;
        let all = ZERO.eq(ZERO);
        let mut sums = if is_long { evaluate(&problem, rows, &theta) } else { track.evaluate(&self, &mut theta, all) };
        track.take(all, count);
        let mut damping = Wide::splat(FIRST);
        let (mut needed, mut hidden, mut failures) = (ZERO, ZERO, ZERO);
        let mut is_done = ZERO.gt(ZERO);
        let (mut is_converged, mut is_plain, mut is_given_up) = (is_done, is_done, is_done);
        let mut iterations = 0;
        while iterations < limit {
            iterations += 1;
            let step = Step::new(&sums, &theta, domain, damping, rounding);
            // A step that damping holds back promises less than there is.
            let is_free = damping.le(Wide::splat(FREE)).or(damping.le(needed));
            let is_there = step.promise.le(sums.cost * TOLERANCE + rounding).and(is_free);
            is_converged = is_converged.or(is_there.and(!is_done));
            is_done = is_done.or(is_there).or(damping.gt(Wide::splat(STUCK)));
            if iterations > WARM {
                // What is far above the best and promises little of that is no minimum of interest.
                let mut best = known.cost;
                for lane in 0..WIDTH {
                    best = if sums.cost.0[lane] < best { sums.cost.0[lane] } else { best };
                }
                let gap = sums.cost - Wide::splat(best * BESIDE);
                let mut is_vain = gap.gt(step.promise * HOPE).and(damping.lt(Wide::splat(LOOSE)));
                if iterations % 8 == WARM % 8 + 1 && !is_long {
                    is_vain = is_vain.or(track.is_on_slope(
                        &self,
                        &theta,
                        &sums,
                        &lowest(&known, &theta, &sums, is_converged),
                    ));
                }
                is_given_up = is_given_up.or(is_vain.and(!is_done));
                is_done = is_done.or(is_vain);
            }
            if is_done.all() {
                break;
            }
            let mut trial = theta;
            for i in 0..P {
                let to = theta[i] + step.by[i];
                trial[i] = to.max(Wide::splat(domain.lower[i])).min(Wide::splat(domain.upper[i]));
            }
            let next = if is_long {
                evaluate(&problem, rows, &trial)
            } else {
                track.evaluate(&self, &mut trial, is_plain.or(is_done))
            };
            let is_down = next.cost.lt(sums.cost).and(!is_done);
            // A gain below the rounding of the sum of the residuals times theirs cannot be seen, which is
            // no proof of a minimum: what many such steps gain along a flat valley can be (search.rs).
            let is_hidden = step.promise.le((sums.cost * rounding).sqrt() * VISIBLE);
            hidden = is_hidden.and(is_free).select(hidden + ONE, ZERO);
            let is_lost = hidden.gt(is_down.select(Wide::splat(PATIENCE), ZERO));
            is_done = is_done.or(is_lost);
            for i in 0..P {
                theta[i] = is_down.select(trial[i], theta[i]);
            }
            let more = (damping * GROW).max(Wide::splat(1e-12));
            let less = is_hidden.select(damping * RELEASE, damping * SHRINK).max(Wide::splat(LEAST));
            // What a step that promised to be seen has shown to be needed stays until the next one that is.
            needed = is_hidden.select(needed, is_down.select(ZERO, more));
            damping = is_down.or(is_hidden).select(less.max(needed), more);
            // Of three failures in a row one without.
            failures = is_down.select(ZERO, failures + ONE);
            is_plain = failures.eq(Wide::splat(2.0)).or(failures.eq(Wide::splat(5.0)));
            track.take(is_down, if is_long { 0 } else { count });
            sums = replaced(&sums, &next, is_down);
        }
        End { theta, sums, is_converged, is_given_up, iterations }
    }
}

/// The lowest minimum that is known or that a lane has come to.
#[cfg_attr(wide, inline(always))]
fn lowest(known: &Start, theta: &Theta, sums: &Sums, is_converged: WideMask) -> Start {
    let mut lowest = *known;
    for lane in 0..WIDTH {
        if is_converged.0[lane] != 0 && sums.cost.0[lane] < lowest.cost {
            lowest.cost = sums.cost.0[lane];
            for i in 0..P {
                lowest.theta[i] = theta[i].0[lane];
            }
        }
    }
    lowest
}

/// What the nodes say where the lanes are, for x and z to follow the rates of a trial.
struct Track {
    aims: [Aim; NODES + 1],
    trial: [Aim; NODES + 1],
    shapes: [Shape; NODES + 1],
}

impl Track {
    const EMPTY: Track =
        Track { aims: [Aim::NONE; NODES + 1], trial: [Aim::NONE; NODES + 1], shapes: [Shape::NONE; NODES + 1] };

    /// Cost and derivatives at the rates of `trial`, where x and z are by one step from the model that the aims were made
    /// at, but in the lanes that are `plain`.
    #[cfg_attr(wide, inline(always))]
    fn evaluate(&mut self, way: &Descend<'_>, trial: &mut Theta, is_plain: WideMask) -> Sums {
        let (problem, rows) = (&way.problem, way.rows);
        let mut place = Place::new(trial, problem);
        let nodes = || rows.curve.nodes().chain(&rows.untrained);
        let mut last = ZERO;
        for (shape, node) in self.shapes.iter_mut().zip(nodes()) {
            *shape = place.shape(node.t);
            last = if node.t == rows.curve.span { shape.g } else { last };
        }
        if !is_plain.all() {
            let mut moments = Moments::at(last);
            for ((shape, aim), _) in self.shapes.iter().zip(&self.aims).zip(nodes()) {
                moments.add(shape.g, aim.error, aim.weight);
            }
            let level = moments.level(way.domain);
            trial[X] = is_plain.select(trial[X], level.x);
            trial[Z] = is_plain.select(trial[Z], level.z);
            (place.x, place.z) = (trial[X], trial[Z]);
        }
        let mut sums = Sums::EMPTY;
        for ((shape, aim), node) in self.shapes.iter().zip(&mut self.trial).zip(nodes()) {
            *aim = add(&mut sums, problem, &place, node, shape);
        }
        finish(&mut sums, problem);
        sums
    }

    /// Whether the way from a lane to a lower minimum begins downhill: half of it is lower than the lane.
    #[cfg_attr(wide, inline(always))]
    fn is_on_slope(&mut self, way: &Descend<'_>, theta: &Theta, sums: &Sums, to: &Start) -> WideMask {
        let mut middle = *theta;
        for i in 0..P {
            middle[i] = (theta[i] + Wide::splat(to.theta[i])) * 0.5;
        }
        let half = self.evaluate(way, &mut middle, ZERO.gt(ZERO));
        half.cost.lt(sums.cost).and(sums.cost.gt(Wide::splat(to.cost)))
    }

    /// Takes the trial where it is better.
    #[cfg_attr(wide, inline(always))]
    fn take(&mut self, is_better: WideMask, count: usize) {
        for (old, new) in self.aims.iter_mut().zip(&self.trial).take(count) {
            old.error = is_better.select(new.error, old.error);
            old.weight = is_better.select(new.weight, old.weight);
        }
    }
}

#[cfg_attr(wide, inline(always))]
fn replaced(old: &Sums, new: &Sums, mask: WideMask) -> Sums {
    let mut sums = *old;
    sums.cost = mask.select(new.cost, old.cost);
    for i in 0..P {
        sums.gradient[i] = mask.select(new.gradient[i], old.gradient[i]);
        for j in 0..=i {
            sums.exact[i][j] = mask.select(new.exact[i][j], old.exact[i][j]);
            sums.gauss_newton[i][j] = mask.select(new.gauss_newton[i][j], old.gauss_newton[i][j]);
        }
    }
    sums
}

/// A damped step.
struct Step {
    by: [Wide; P],
    /// What the quadratic promises.
    promise: Wide,
}

impl Step {
    #[cfg_attr(wide, inline(always))]
    fn new(sums: &Sums, theta: &Theta, domain: &Domain, damping: Wide, rounding: f64) -> Step {
        let mut is_free = [ZERO.eq(ZERO); P];
        let mut ends = [(ZERO.eq(ZERO), ZERO.eq(ZERO)); P];
        for i in 0..P {
            let at_lower = theta[i].le(Wide::splat(domain.lower[i]));
            let at_upper = theta[i].ge(Wide::splat(domain.upper[i]));
            let g = sums.gradient[i];
            let is_held = at_lower.and(g.ge(ZERO)).or(at_upper.and(g.le(ZERO)));
            // A coordinate on which the cost does not depend, as far as can be seen, stays.
            is_free[i] = (!is_held).and(sums.gauss_newton[i][i].gt(Wide::splat(rounding)));
            ends[i] = (at_lower, at_upper);
        }
        let mut step = Step::within(sums, &is_free, damping);
        // What a step takes out of the box is held, and the others go without it.
        for _ in 0..2 {
            let mut is_out = ZERO.gt(ZERO);
            for i in 0..P {
                let (at_lower, at_upper) = ends[i];
                let leaves = at_lower.and(step.by[i].lt(ZERO)).or(at_upper.and(step.by[i].gt(ZERO)));
                is_free[i] = is_free[i].and(!leaves);
                is_out = is_out.or(leaves);
            }
            if !is_out.any() {
                break;
            }
            step = Step::within(sums, &is_free, damping);
        }
        // The quadratic is not good for much more than this in ln beta.
        let most = Wide::splat(FURTHEST) / step.by[B].abs().max(Wide::splat(FURTHEST));
        for by in &mut step.by {
            *by *= most;
        }
        step
    }

    #[cfg_attr(wide, inline(always))]
    fn within(sums: &Sums, is_free: &[WideMask; P], damping: Wide) -> Step {
        let newton = solve(sums, &sums.exact, is_free, damping);
        if newton.is_definite.all() {
            return Step { by: newton.by, promise: newton.promise };
        }
        // J'WJ is positive definite, with a little damping, where the Hessian is not.
        let gauss = solve(sums, &sums.gauss_newton, is_free, damping.max(Wide::splat(1e-9)));
        let mut by = [ZERO; P];
        for i in 0..P {
            by[i] = newton.is_definite.select(newton.by[i], gauss.by[i]);
        }
        Step { by, promise: newton.is_definite.select(newton.promise, gauss.promise) }
    }
}

struct Solved {
    by: [Wide; P],
    promise: Wide,
    is_definite: WideMask,
}

/// (A + damping diag J'WJ) s = -g over the free coordinates by LDL'.
#[cfg_attr(wide, inline(always))]
fn solve(sums: &Sums, a: &[[Wide; P]; P], is_free: &[WideMask; P], damping: Wide) -> Solved {
    let mut lower = [[ZERO; P]; P];
    let mut by_pivot = [ZERO; P];
    let mut is_definite = ZERO.eq(ZERO);
    for i in 0..P {
        let whole = is_free[i].select(a[i][i] + damping * sums.gauss_newton[i][i], ONE);
        let mut pivot = whole;
        let mut row = [ZERO; P];
        for j in 0..i {
            let mut sum = is_free[i].and(is_free[j]).select(a[i][j], ZERO);
            for k in 0..j {
                sum -= row[k] * lower[j][k];
            }
            row[j] = sum;
            lower[i][j] = sum * by_pivot[j];
            pivot -= sum * lower[i][j];
        }
        is_definite = is_definite.and(pivot.gt(whole * SINGULAR)).and(whole.gt(ZERO));
        by_pivot[i] = ONE / pivot;
    }
    let mut by = [ZERO; P];
    for i in 0..P {
        let mut sum = is_free[i].select(-sums.gradient[i], ZERO);
        for k in 0..i {
            sum -= lower[i][k] * by[k];
        }
        by[i] = sum;
    }
    for i in (0..P).rev() {
        let mut sum = by[i] * by_pivot[i];
        for k in i + 1..P {
            sum -= lower[k][i] * by[k];
        }
        by[i] = sum;
    }
    let mut promise = ZERO;
    for i in 0..P {
        by[i] = is_free[i].select(by[i], ZERO);
        promise -= by[i] * sums.gradient[i] * 0.5;
    }
    Solved { by, promise, is_definite }
}
