//! The curves that are searched together, and what is found of them.
use super::batch::{Batch, Block, Head};
use super::candidates::Outcome;
use super::errors::Spreads;
use super::load::Loader;
use super::rates::Table;
use super::samples::Regression;
use super::shapes::Own;

/// Relative error of the samples' costs, generously: the lowest sample may not undercut the lowest minimum by more.
pub(super) const SLACK: f64 = 0.02;

/// A bracket, or an end of the domain of alpha.
#[derive(Clone, Copy)]
pub(super) struct Item {
    pub(super) batch: usize,
    pub(super) lane: usize,
    pub(super) tau: [f64; 2],
    pub(super) cost: [f64; 2],
    pub(super) slope: [f64; 2],
    pub(super) first: [f64; 2],
    pub(super) last: [f64; 2],
    pub(super) offset: f64,
    /// alpha is held at an end of its domain.
    pub(super) is_held: bool,
    /// The minimum is looked for on the lower edge of C.
    pub(super) no_gap: bool,
    /// How often the minimum may still be looked for on the other side of that edge, where an end of the bracket is on it.
    pub(super) tries: u8,
    /// One end alone is on that edge.
    pub(super) is_mixed: bool,
    /// A minimum has been found in the bracket: this one may fail.
    pub(super) is_found: bool,
    /// x and alpha to start from, if above 0.
    pub(super) start: [f64; 2],
}

impl Item {
    pub(super) const NONE: Item = Item {
        batch: 0,
        lane: 0,
        tau: [0.0; 2],
        cost: [0.0; 2],
        slope: [0.0; 2],
        first: [0.0; 2],
        last: [0.0; 2],
        offset: 0.0,
        is_held: false,
        no_gap: false,
        tries: 0,
        is_mixed: false,
        is_found: false,
        start: [0.0; 2],
    };
}

/// The curves of a group, and what was found.
pub(in crate::fit) struct Group<'a, const N: usize> {
    pub(super) loader: Loader<'a, N>,
    pub(super) heads: &'a mut [Head<N>],
    /// `per_batch` of them for each batch.
    pub(super) blocks: &'a mut [Block<N>],
    pub(super) per_batch: usize,
    pub(super) outcomes: &'a mut [[Outcome; N]],
    pub(super) spreads: &'a mut [Spreads<N>],
    pub(super) lines: &'a mut [Regression<N>],
    /// Shapes at the rates that are being sampled.
    pub(super) scratch: &'a mut [Own<N>],
    /// The shapes of a common grid; `None`: one curve is in all lanes.
    pub(super) table: Option<Table<'a>>,
    /// Brackets that wait for Newton's method: some of the batch before, and four for each curve of this one.
    pub(super) items: &'a mut [Item],
    pub(super) waiting: usize,
    /// The curves of the brackets in work, where there are several.
    pub(super) work: Option<(&'a mut Head<N>, &'a mut [Block<N>])>,
}

impl<const N: usize> Group<'_, N> {
    /// A batch that has been searched.
    pub(super) fn batch(&self, b: usize) -> Option<Batch<'_, N>> {
        let head = self.heads.get(b)?;
        let start = b * self.per_batch;
        Some(Batch { head, blocks: self.blocks.get(start..start + head.used)?, terms: &self.loader.terms })
    }

    /// The same beside the scratch.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn batch_and_scratch(&mut self, b: usize) -> Option<(Batch<'_, N>, &mut [Own<N>])> {
        let head = self.heads.get(b)?;
        let start = b * self.per_batch;
        let blocks = self.blocks.get(start..start + head.used)?;
        Some((Batch { head, blocks, terms: &self.loader.terms }, &mut *self.scratch))
    }
}
