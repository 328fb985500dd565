//! The lowest local minima that were found.
use super::{Local, Pins, SAME_COST, Search};

impl Search<'_> {
    /// Files a local minimum among the lowest, unless it is there already.
    pub(super) fn keep(&mut self, new: Local) {
        let noise = self.noise();
        if new.pins != Pins::NONE {
            // The best of a face: no minimum of its own, unless it is as low as the lowest.
            let is_lowest = self.lowest.iter().flatten().all(|l| {
                let (a, b) = (new.solution.cost, l.solution.cost);
                a <= b * (1.0 + SAME_COST) + noise || !l.solution.termination.is_converged() && a <= b * (1.0 + 1e-9)
            });
            if !is_lowest || !new.solution.termination.is_converged() {
                return;
            }
        }
        for slot in self.lowest.iter_mut().flatten() {
            if is_same(slot, &new, noise) {
                if is_better(&new, slot, noise) {
                    *slot = new;
                }
                return;
            }
        }
        self.found = self.found.saturating_add(1);
        insert(&mut self.lowest, new);
    }

    /// The cost of residuals at the rounding level: 4 eps of a model of size 1.
    fn noise(&self) -> f64 {
        let level = 4.0 * f64::EPSILON;
        level * level * self.grid.weight_sum / self.grid.weight_scale
    }
}

/// Puts a minimum in its place by cost; the highest of five is lost.
pub(super) fn insert(lowest: &mut [Option<Local>; 4], new: Local) {
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
