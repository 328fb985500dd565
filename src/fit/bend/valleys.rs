//! Valleys of the cost over the lattice: places that are lower than those around them in n_h and alpha, and those among them
//! that are no slope of one at the next beta.
use crate::math;

use super::super::wide::{WIDTH, Wide};
use super::model::{ALPHA, Problem};
use super::starts::Start;

const ZERO: Wide = Wide::splat(0.0);

/// Rates alpha: the largest one halved again and again, whose powers are squares of each other; they end where the decrease
/// over the data is a straight line in ln n.
pub(super) const RATES: usize = 12;
pub(super) const STRAIGHT: f64 = 0.25;

/// Valleys whose ln alpha differs by less are beside each other.
const BESIDE: f64 = 0.9;

/// A valley along y, and where it lies.
#[derive(Clone, Copy)]
pub(super) struct Valley {
    pub(super) start: Start,
    /// ln(n_h / n_min), and the step of the lattice there.
    at: f64,
    step: f64,
}

/// Those of one beta, lowest first.
#[derive(Clone, Copy)]
pub(super) struct Valleys {
    list: [Valley; 8],
    len: usize,
}

impl Valleys {
    pub(super) const EMPTY: Valleys = Valleys { list: [Valley { start: Start::NONE, at: 0.0, step: 0.0 }; 8], len: 0 };

    fn add(&mut self, mut valley: Valley) {
        for slot in self.list.iter_mut().take(self.len) {
            if valley.start.cost < slot.start.cost {
                core::mem::swap(slot, &mut valley);
            }
        }
        if let Some(slot) = self.list.get_mut(self.len) {
            *slot = valley;
            self.len += 1;
        }
    }

    pub(super) fn as_slice(&self) -> &[Valley] {
        self.list.get(..self.len).unwrap_or(&self.list)
    }

    /// Whether one of these is deeper, no more than two steps beside it, and one rate.
    pub(super) fn hides(&self, valley: &Valley) -> bool {
        self.as_slice().iter().any(|other| {
            let reach = 2.0 * if other.step > valley.step { other.step } else { valley.step };
            let by = other.start.theta[ALPHA] - valley.start.theta[ALPHA];
            let is_near = (other.at - valley.at).abs() <= reach && by.abs() < BESIDE;
            other.start.cost < valley.start.cost && is_near
        })
    }
}

/// A group of places along y, and at each of them the cost, x and z over the rates, from the least one on.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    pub(super) ln_rho: Wide,
    pub(super) rates: usize,
    pub(super) least: f64,
    pub(super) cost: [Wide; RATES],
    pub(super) x: [Wide; RATES],
    pub(super) z: [Wide; RATES],
    pub(super) shift: [Wide; RATES],
}

impl Columns {
    pub(super) const NONE: Columns = Columns {
        ln_rho: ZERO,
        rates: 0,
        least: 0.0,
        cost: [Wide::splat(f64::INFINITY); RATES],
        x: [ZERO; RATES],
        z: [ZERO; RATES],
        shift: [ZERO; RATES],
    };
}

/// The last two groups and the one in whose place the next comes, at step `k`.
pub(super) fn turned(groups: &mut [Columns; 3], k: usize) -> [&mut Columns; 3] {
    let [a, b, c] = groups;
    match k % 3 {
        0 => [b, c, a],
        1 => [c, a, b],
        _ => [a, b, c],
    }
}

/// Three groups beside each other.
pub(super) struct Find<'a> {
    pub(super) last: &'a Columns,
    pub(super) here: &'a Columns,
    pub(super) next: &'a Columns,
    pub(super) step: f64,
    pub(super) ln_beta: f64,
}

impl Find<'_> {
    /// The cost at a rate, `lane` steps along y from the first of the middle group.
    fn cost(&self, rate: usize, lane: isize) -> f64 {
        let (columns, lane) = match lane {
            ..0 => (self.last, (lane + WIDTH as isize) as usize),
            _ if lane < WIDTH as isize => (self.here, lane as usize),
            _ => (self.next, lane as usize - WIDTH),
        };
        let cost = columns.cost.get(rate).filter(|_| rate < columns.rates);
        cost.and_then(|cost| cost.0.get(lane)).copied().unwrap_or(f64::INFINITY)
    }

    /// Places that are lower than all eight around them in y and alpha.
    pub(super) fn valleys(&self, problem: &Problem, valleys: &mut Valleys) {
        let here = self.here;
        let mut alpha = here.least;
        for rate in 0..here.rates.min(RATES) {
            for lane in 0..WIDTH {
                let cost = self.cost(rate, lane as isize);
                let is_valley = [-1, 0, 1].iter().all(|by| {
                    let beside = lane as isize + by;
                    let below = rate.checked_sub(1).map_or(f64::INFINITY, |rate| self.cost(rate, beside));
                    let level = if *by == 0 { f64::INFINITY } else { self.cost(rate, beside) };
                    // Of equal ones the last.
                    let above = self.cost(rate + 1, beside);
                    cost <= below && cost < above && if *by < 0 { cost <= level } else { cost < level }
                });
                if is_valley {
                    let ln_rho = here.ln_rho.0[lane];
                    let y = if problem.has_untrained { ln_rho } else { softplus(ln_rho) };
                    let by_beta = math::exp(-self.ln_beta);
                    let ln_alpha = math::ln(alpha) + here.shift[rate].0[lane];
                    let theta = [here.x[rate].0[lane], here.z[rate].0[lane], y * by_beta, self.ln_beta, ln_alpha];
                    let at = ln_rho * by_beta;
                    valleys.add(Valley { start: Start::new(cost, theta), at, step: self.step });
                }
            }
            alpha *= 2.0;
        }
    }
}

fn softplus(z: f64) -> f64 {
    z.max(0.0) + math::ln(1.0 + math::exp(-z.abs()))
}
