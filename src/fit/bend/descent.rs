//! From starts to minima, one in each lane: Newton's method in a box with the damping of Levenberg and Marquardt.
use crate::simd::Kernel;

use super::super::wide::{Wide, WideMask};
use super::model::{P, Problem, Sums, Theta, evaluate};
use super::rows::Rows;

const ZERO: Wide = Wide::splat(0.0);
const ONE: Wide = Wide::splat(1.0);

/// The box of the coordinates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Domain {
    pub(super) lower: [f64; P],
    pub(super) upper: [f64; P],
}

/// Damping of the first step, in units of the diagonal of J'WJ; what it gains and loses by a step that is taken or not.
const FIRST: f64 = 1e-2;
const SHRINK: f64 = 0.1;
const GROW: f64 = 8.0;
const LEAST: f64 = 1e-14;
/// Damping from which a step is too short to gain anything.
const STUCK: f64 = 1e12;

/// Share of the cost that the next step may promise, for this to be the minimum.
const TOLERANCE: f64 = 1e-14;

/// Share of a pivot that must be left for the Hessian to be taken as positive definite.
const SINGULAR: f64 = 1e-13;

/// Where lanes have ended.
#[derive(Clone, Copy)]
pub(super) struct End {
    pub(super) theta: Theta,
    pub(super) sums: Sums,
    pub(super) is_converged: WideMask,
    pub(super) iterations: u32,
}

/// The way down, as a kernel.
pub(super) struct Descend<'a> {
    pub(super) problem: Problem,
    pub(super) rows: &'a Rows<'a>,
    pub(super) domain: &'a Domain,
    pub(super) start: Theta,
    /// What a cost is not known better than.
    pub(super) rounding: f64,
    pub(super) limit: u32,
}

impl Kernel for Descend<'_> {
    type Output = End;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> End {
        let Descend { problem, rows, domain, start: mut theta, rounding, limit } = self;
        let mut sums = evaluate(&problem, rows, &theta);
        let mut damping = Wide::splat(FIRST);
        let mut is_done = ZERO.gt(ZERO);
        let mut is_converged = is_done;
        let mut iterations = 0;
        while iterations < limit {
            iterations += 1;
            let step = Step::new(&sums, &theta, domain, damping);
            let is_flat = step.promise.le(sums.cost * TOLERANCE + rounding).and(damping.lt(ONE));
            // Where no step gains anything any more the minimum is reached as far as rounding lets one see.
            is_converged = is_converged.or(is_flat.and(!is_done));
            is_done = is_done.or(is_flat).or(damping.gt(Wide::splat(STUCK)));
            if is_done.all() {
                break;
            }
            let mut trial = theta;
            for i in 0..P {
                let to = theta[i] + step.by[i];
                trial[i] = to.max(Wide::splat(domain.lower[i])).min(Wide::splat(domain.upper[i]));
            }
            let next = evaluate(&problem, rows, &trial);
            let is_down = next.cost.lt(sums.cost).and(!is_done);
            for i in 0..P {
                theta[i] = is_down.select(trial[i], theta[i]);
            }
            sums = replaced(&sums, &next, is_down);
            let smaller = (damping * SHRINK).max(Wide::splat(LEAST));
            damping = is_down.select(smaller, (damping * GROW).max(Wide::splat(1e-6)));
        }
        End { theta, sums, is_converged, iterations }
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
    fn new(sums: &Sums, theta: &Theta, domain: &Domain, damping: Wide) -> Step {
        let mut is_free = [ZERO.eq(ZERO); P];
        for i in 0..P {
            let (lower, upper) = (Wide::splat(domain.lower[i]), Wide::splat(domain.upper[i]));
            let g = sums.gradient[i];
            let at_lower = theta[i].le(lower).and(g.ge(ZERO));
            let at_upper = theta[i].ge(upper).and(g.le(ZERO));
            // A coordinate that the cost does not depend on stays.
            is_free[i] = (!at_lower.or(at_upper)).and(sums.gauss_newton[i][i].gt(ZERO));
        }
        let newton = solve(sums, &sums.exact, &is_free, damping);
        // J'WJ is positive definite, with a little damping, where the Hessian is not.
        let gauss = solve(sums, &sums.gauss_newton, &is_free, damping.max(Wide::splat(1e-9)));
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
                sum = sum - row[k] * lower[j][k];
            }
            row[j] = sum;
            lower[i][j] = sum * by_pivot[j];
            pivot = pivot - sum * lower[i][j];
        }
        is_definite = is_definite.and(pivot.gt(whole * SINGULAR)).and(whole.gt(ZERO));
        by_pivot[i] = ONE / pivot;
    }
    let mut by = [ZERO; P];
    for i in 0..P {
        let mut sum = is_free[i].select(-sums.gradient[i], ZERO);
        for k in 0..i {
            sum = sum - lower[i][k] * by[k];
        }
        by[i] = sum;
    }
    for i in (0..P).rev() {
        let mut sum = by[i] * by_pivot[i];
        for k in i + 1..P {
            sum = sum - lower[k][i] * by[k];
        }
        by[i] = sum;
    }
    let mut promise = ZERO;
    for i in 0..P {
        by[i] = is_free[i].select(by[i], ZERO);
        promise = promise - by[i] * sums.gradient[i] * 0.5;
    }
    Solved { by, promise, is_definite }
}
