//! The lowest local minima that were found.
use crate::solve::Solution;

/// Costs are the same to this share: rounding of sums and of the last steps.
pub(crate) const SAME_COST: f64 = 1e-12;

/// A local minimum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local {
    pub(crate) solution: Solution<6>,
    /// n0 where the search held it.
    pub(crate) n0: Option<f64>,
    pub(crate) pins: Pins,
}

/// What a search holds so that no undefined parameter is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pins {
    /// No decrease with n: x = 0 (or gamma = 0 at alpha = 0), alpha and n0 undefined.
    pub(crate) flat_n: bool,
    /// No decrease with s: beta at its lower end, and E or y at 0, one of two constants.
    pub(crate) flat_s: bool,
}

impl Pins {
    pub(crate) const NONE: Pins = Pins { flat_n: false, flat_s: false };
}

/// The lowest local minima.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Minima {
    pub(crate) lowest: [Option<Local>; 4],
    pub(crate) found: u32,
    pub(crate) evaluations: u32,
}

/// The lowest local minima so far.
pub(super) struct Lowest {
    slots: [Option<Local>; 4],
    found: u32,
    /// The cost of rounding.
    noise: f64,
}

impl Lowest {
    pub(super) fn new(noise: f64) -> Lowest {
        Lowest { slots: [None; 4], found: 0, noise }
    }

    /// Files a local minimum among the lowest, unless it is there already.
    pub(super) fn keep(&mut self, new: Local) {
        let noise = self.noise;
        if new.pins != Pins::NONE {
            // The best of a face: no minimum of its own, unless it is as low as the lowest.
            let is_lowest = self.slots.iter().flatten().all(|l| {
                let (a, b) = (new.solution.cost, l.solution.cost);
                a <= b * (1.0 + SAME_COST) + noise || !l.solution.termination.is_converged() && a <= b * (1.0 + 1e-9)
            });
            if !is_lowest || !new.solution.termination.is_converged() {
                return;
            }
        }
        for slot in self.slots.iter_mut().flatten() {
            if is_same(slot, &new, noise) {
                if is_better(&new, slot, noise) {
                    *slot = new;
                }
                return;
            }
        }
        self.found = self.found.saturating_add(1);
        insert(&mut self.slots, new);
    }

    /// What was found; minima that have become lower since they were filed are put in order.
    pub(super) fn minima(self, evaluations: u32) -> Minima {
        let mut lowest = [None; 4];
        for local in self.slots.into_iter().flatten() {
            insert(&mut lowest, local);
        }
        Minima { lowest, found: self.found, evaluations }
    }
}

/// Puts a minimum in its place by cost; the highest of five is lost.
fn insert(lowest: &mut [Option<Local>; 4], new: Local) {
    let mut next = Some(new);
    for slot in lowest {
        let goes_first = match (&next, &*slot) {
            (Some(a), Some(b)) => a.solution.cost < b.solution.cost,
            (a, b) => a.is_some() && b.is_none(),
        };
        if goes_first {
            core::mem::swap(slot, &mut next);
        }
    }
}

fn is_same(a: &Local, b: &Local, noise: f64) -> bool {
    let (p, q) = (&a.solution, &b.solution);
    // A millionth of a rate: the solver stops well inside.
    let near = |j: usize| match (p.theta.get(j), q.theta.get(j)) {
        (Some(x), Some(y)) => (x - y).abs() <= 1e-6 * (x.abs() + y.abs()),
        _ => false,
    };
    (near(2) && near(3) && a.pins == b.pins) || (p.cost - q.cost).abs() <= SAME_COST * (p.cost + q.cost) + noise
}

/// Of two at the same minimum: the one with the fewer undefined parameters to tell, the converged, the lower.
fn is_better(new: &Local, old: &Local, noise: f64) -> bool {
    let pinned = |l: &Local| u8::from(l.pins.flat_n) + u8::from(l.pins.flat_s) + u8::from(l.n0.is_some());
    let converged = |l: &Local| l.solution.termination.is_converged();
    if converged(new) != converged(old) {
        return converged(new);
    }
    let (a, b) = (new.solution.cost, old.solution.cost);
    let level = (a - b).abs() <= SAME_COST * (a + b) + noise;
    if level && pinned(new) != pinned(old) { pinned(new) > pinned(old) } else { a < b }
}
