//! Places from which to go down, and those where that has ended: the lowest are kept.
use super::super::wide::{WIDTH, Wide};
use super::model::{P, Theta};

const ZERO: Wide = Wide::splat(0.0);

/// Starts that are kept.
const STARTS: usize = 32;

/// A place of the lattice, or where the descent from there has ended.
#[derive(Clone, Copy)]
pub(super) struct Start {
    pub(super) cost: f64,
    pub(super) theta: [f64; P],
    pub(super) is_converged: bool,
    pub(super) iterations: u32,
}

impl Start {
    pub(super) fn new(cost: f64, theta: [f64; P]) -> Start {
        Start { cost, theta, is_converged: false, iterations: 0 }
    }

    pub(super) const NONE: Start = Start { cost: f64::INFINITY, theta: [0.0; P], is_converged: false, iterations: 0 };
}

/// The lowest starts, lowest first.
pub(super) struct Starts {
    list: [Start; STARTS],
    len: usize,
    pub(super) evaluations: u32,
}

impl Starts {
    pub(super) const EMPTY: Starts = Starts { list: [Start::NONE; STARTS], len: 0, evaluations: 0 };

    pub(super) fn add(&mut self, mut start: Start) {
        if !(start.cost < f64::INFINITY) {
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

    /// The lowest one that has converged.
    pub(super) fn lowest(&self) -> Start {
        self.as_slice().iter().find(|start| start.is_converged).copied().unwrap_or(Start::NONE)
    }

    /// Fills a group of lanes from start `k` on; the last one is repeated.
    pub(super) fn group(&self, k: usize) -> Option<Theta> {
        let rest = self.as_slice().get(k..)?;
        let mut last = rest.first()?;
        let mut theta = [ZERO; P];
        for lane in 0..WIDTH {
            last = rest.get(lane).unwrap_or(last);
            for (coordinate, value) in theta.iter_mut().zip(last.theta) {
                coordinate.0[lane] = value;
            }
        }
        Some(theta)
    }
}
