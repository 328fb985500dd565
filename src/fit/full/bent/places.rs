//! Starts, and the lowest minima that were found.
use super::model::{P, Theta};

/// Starts that are kept.
const STARTS: usize = 40;

/// Two minima are one if their costs agree to this share: so do places of a valley whose floor is level. A law without a bend is preferred to a law as good.
const SAME_COST: f64 = 1e-9;

/// A place of the lattice.
#[derive(Clone, Copy)]
pub(super) struct Start {
    pub(super) cost: f64,
    pub(super) theta: Theta,
}

/// The lowest starts, lowest first.
pub(super) struct Starts {
    list: [Start; STARTS],
    len: usize,
}

impl Starts {
    pub(super) const EMPTY: Starts = Starts { list: [Start { cost: 0.0, theta: [0.0; P] }; STARTS], len: 0 };

    pub(super) fn add(&mut self, mut start: Start) {
        if !(start.cost < f64::INFINITY && start.theta.iter().all(|v| v.is_finite())) {
            return;
        }
        for slot in self.list.iter_mut().take(self.len) {
            if start.cost < slot.cost {
                core::mem::swap(slot, &mut start);
            }
        }
        if let Some(slot) = self.list.get_mut(self.len) {
            *slot = start;
            self.len += 1;
        }
    }

    pub(super) fn as_slice(&self) -> &[Start] {
        self.list.get(..self.len).unwrap_or(&self.list)
    }
}

/// What a minimum is besides a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bent,
    /// n_h = 0: the sharpness says nothing, or is the rate alone.
    Straight,
    /// No decrease with n.
    Flat,
}

/// A local minimum.
#[derive(Clone, Copy)]
pub(super) struct Local {
    pub(super) theta: Theta,
    pub(super) cost: f64,
    pub(super) kind: Kind,
    /// Whether alpha is held below its bound, so that delta stays in the range of f64.
    pub(super) is_capped: bool,
    pub(super) is_converged: bool,
    pub(super) iterations: u32,
}

/// The lowest minima, lowest first.
#[derive(Clone, Copy)]
pub(super) struct Minima {
    pub(super) lowest: [Option<Local>; 4],
    pub(super) found: u32,
    pub(super) evaluations: u32,
}

impl Minima {
    pub(super) const NONE: Minima = Minima { lowest: [None; 4], found: 0, evaluations: 0 };

    /// Files a minimum, unless it is there already. What has not converged, or lies on a face, is one only where it is
    /// the lowest.
    pub(super) fn keep(&mut self, new: Local, rounding: f64) {
        let same = |a: f64, b: f64| (a - b).abs() <= SAME_COST * (a + b) + rounding;
        let is_lowest = self.lowest.iter().flatten().all(|old| new.cost < old.cost || same(new.cost, old.cost));
        if !new.cost.is_finite() || ((new.kind != Kind::Bent || !new.is_converged) && !is_lowest) {
            return;
        }
        for slot in self.lowest.iter_mut().flatten() {
            if same(new.cost, slot.cost) {
                let is_simpler = new.kind as u8 > slot.kind as u8;
                let is_better = match (new.is_converged, slot.is_converged) {
                    (true, false) => true,
                    (false, true) => false,
                    _ => is_simpler || (new.kind == slot.kind && new.cost < slot.cost),
                };
                if is_better {
                    *slot = new;
                }
                return;
            }
        }
        self.found = self.found.saturating_add(1);
        let mut next = Some(new);
        for slot in &mut self.lowest {
            let goes_first = match (&next, &*slot) {
                (Some(a), Some(b)) => a.cost < b.cost,
                (a, b) => a.is_some() && b.is_none(),
            };
            if goes_first {
                core::mem::swap(slot, &mut next);
            }
        }
    }
}
