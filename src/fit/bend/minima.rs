//! Local minima that were found.
use super::model::P;

/// Two minima are one if their costs agree to this share, and law (1) is preferred to a law as good.
pub(super) const SAME_COST: f64 = 1e-9;

/// A local minimum.
#[derive(Clone, Copy)]
pub(super) struct Local {
    pub(super) theta: [f64; P],
    pub(super) cost: f64,
    pub(super) is_law_one: bool,
    pub(super) is_converged: bool,
    pub(super) iterations: u32,
}

/// Those that were found, lowest first.
pub(super) struct Minima {
    list: [Local; 8],
    len: usize,
}

impl Minima {
    pub(super) const EMPTY: Minima = Minima {
        list: [Local { theta: [0.0; P], cost: 0.0, is_law_one: false, is_converged: false, iterations: 0 }; 8],
        len: 0,
    };

    pub(super) fn as_slice(&self) -> &[Local] {
        self.list.get(..self.len).unwrap_or(&self.list)
    }

    /// Takes one that is not there yet, where there is room or one that is higher.
    pub(super) fn add(&mut self, mut local: Local, rounding: f64) {
        if !(local.cost < f64::INFINITY) || self.as_slice().iter().any(|known| known.is_same(&local, rounding)) {
            return;
        }
        for slot in self.list.iter_mut().take(self.len) {
            if local.cost < slot.cost {
                core::mem::swap(slot, &mut local);
            }
        }
        if let Some(slot) = self.list.get_mut(self.len) {
            *slot = local;
            self.len += 1;
        }
    }
}

impl Local {
    fn is_same(&self, other: &Local, rounding: f64) -> bool {
        (self.cost - other.cost).abs() <= SAME_COST * (self.cost + other.cost) + rounding
            && (0..P).all(|i| (self.theta[i] - other.theta[i]).abs() <= 1e-4 * (1.0 + self.theta[i].abs()))
    }
}
