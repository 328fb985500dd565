//! What is found for a curve.

/// Minima that a curve may have here.
pub(super) const MINIMA: usize = 4;

/// What bounds a minimum lies on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Interior,
    /// C at its lower end.
    NoGap,
    /// D = 0.
    Flat,
    /// alpha at an end of its domain.
    AlphaEnd,
}

/// A minimum in units of the batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) kind: Kind,
    pub(super) cost: f64,
    pub(super) x: f64,
    pub(super) alpha: f64,
    pub(super) z: f64,
    pub(super) iterations: u32,
    pub(super) is_exact: bool,
}

impl Candidate {
    /// Whether the law does not decrease.
    pub(super) fn is_flat(&self) -> bool {
        self.kind == Kind::Flat || (self.kind == Kind::AlphaEnd && self.alpha == 0.0)
    }

    /// Parameters that the data determine, of `free` ones.
    pub(super) fn estimated(&self, free: usize) -> usize {
        match self.kind {
            _ if self.is_flat() => 1,
            Kind::Interior => free,
            _ => free.saturating_sub(1),
        }
    }

    pub(super) const NONE: Candidate =
        Candidate { kind: Kind::Flat, cost: f64::INFINITY, x: 0.0, alpha: 0.0, z: 0.0, iterations: 0, is_exact: false };
}

/// What was found for one curve.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    /// Lowest first.
    pub(super) minima: [Candidate; MINIMA],
    /// How many; none, or more than there is room for: the curve needs the longer search.
    pub(super) len: usize,
    /// Brackets that were queued.
    pub(super) queued: usize,
    pub(super) evaluations: u32,
    /// Cost of the lowest sample.
    pub(super) lowest: f64,
}

impl Outcome {
    pub(super) const NONE: Outcome =
        Outcome { minima: [Candidate::NONE; MINIMA], len: 0, queued: 0, evaluations: 0, lowest: 0.0 };

    /// Room for an outcome.
    pub(super) const EMPTY: Outcome = Outcome {
        minima: [Candidate { cost: 0.0, kind: Kind::Interior, ..Candidate::NONE }; MINIMA],
        len: 0,
        queued: 0,
        evaluations: 0,
        lowest: 0.0,
    };

    /// Inserts by cost, and of equal ones by alpha: in which order brackets arrive depends on the other curves.
    pub(super) fn insert(&mut self, new: Candidate) {
        let mut moving = new;
        for slot in &mut self.minima {
            let is_equal = moving.cost == slot.cost;
            if moving.cost < slot.cost || is_equal && moving.alpha < slot.alpha {
                core::mem::swap(slot, &mut moving);
            }
        }
        self.len = self.len.saturating_add(1);
    }
}
