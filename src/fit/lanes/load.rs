//! Curves on their way into the lanes.
use crate::point::Point;
use crate::simd::F64xN;

use super::super::curves::{Curves, One};
use super::super::source::each;
use super::batch::{Head, Loaded, Terms, WIDTH};

/// The curves that are loaded next.
pub(super) struct Loader<'a, const N: usize> {
    pub(super) terms: Terms,
    pub(super) blocks: &'a mut [Loaded<N>],
    /// Of the curves loaded last.
    pub(super) head: Head<N>,
    /// Whether their sizes are others than those of the curves before.
    pub(super) is_new: bool,
}

impl<'a, const N: usize> Loader<'a, N> {
    pub(super) fn new(terms: Terms, blocks: &'a mut [Loaded<N>]) -> Loader<'a, N> {
        Loader { terms, blocks, head: Head::EMPTY, is_new: true }
    }

    /// Puts a curve into each lane; points without weight are left out, or, where the lanes share a grid, stay in their places.
    pub(super) fn load(&mut self, curves: &dyn Curves, number: impl Fn(usize) -> usize, keeps_idle: bool) {
        let (used, len) = (self.head.used, self.head.len);
        self.head.used = 1;
        self.is_new = false;
        for lane in 0..N {
            let one = One { curves, k: number(lane) };
            self.load_lane(lane, each(&one), keeps_idle);
        }
        for lane in 0..N {
            self.pad(lane);
        }
        self.is_new |= used != self.head.used || len != self.head.len;
    }

    /// Puts one curve into all lanes; whether it is taken.
    pub(super) fn load_single(&mut self, points: impl Iterator<Item = Point>) -> bool {
        self.head.used = 1;
        self.load_lane(0, points, false);
        self.pad(0);
        for block in self.blocks.iter_mut().take(self.head.used) {
            for a in block.n.iter_mut().chain(&mut block.error).chain(&mut block.weight) {
                *a = F64xN::splat(a.0[0]);
            }
        }
        (self.head.len, self.head.refused) = ([self.head.len[0]; N], [self.head.refused[0]; N]);
        self.is_new = true;
        !self.head.refused[0]
    }

    /// Puts the same valid sizes into all lanes.
    pub(super) fn load_sizes(&mut self, n: &[f64]) {
        self.head.used = 1;
        for lane in 0..N {
            self.load_lane(lane, n.iter().map(|&n| Point::new(n, 1.0)), false);
            self.pad(lane);
        }
        self.is_new = true;
    }

    /// Puts the errors of a row into a lane that has its sizes; what is not valid is refused when it is prepared.
    pub(super) fn load_row(&mut self, lane: usize, row: &[f64]) {
        let lane = lane & (N - 1);
        let len = self.head.len[lane];
        let first = row.first().copied().unwrap_or(f64::NAN);
        let mut errors = row.iter().take(len);
        for error in self.blocks.iter_mut().take(self.head.used).flat_map(|block| &mut block.error) {
            error.0[lane] = errors.next().copied().unwrap_or(first);
        }
        self.head.refused[lane] = len == 0;
    }

    /// Refuses what is not valid or does not fit.
    fn load_lane(&mut self, lane: usize, points: impl Iterator<Item = Point>, keeps_idle: bool) {
        let lane = lane & (N - 1);
        let mut len = 0;
        let mut is_valid = true;
        let mut distinct = Distinct::default();
        for p in points {
            let is_error = if self.terms.is_log() { p.error > 0.0 } else { p.error > f64::NEG_INFINITY };
            is_valid &= (p.n > 0.0) & (p.n < f64::INFINITY) & is_error & (p.error < f64::INFINITY);
            is_valid &= (p.weight >= 0.0) & (p.weight < f64::INFINITY);
            if keeps_idle && p.weight > 0.0 {
                distinct.see(p.n);
            }
            if keeps_idle || p.weight > 0.0 {
                if let Some(block) = self.blocks.get_mut(len / WIDTH) {
                    let i = len % WIDTH;
                    self.is_new |= block.n[i].0[lane] != p.n;
                    block.n[i].0[lane] = p.n;
                    block.error[i].0[lane] = p.error;
                    block.weight[i].0[lane] = p.weight;
                }
                len += 1;
            }
        }
        let is_short = keeps_idle && !distinct.are_three;
        let is_refused = !is_valid || is_short || len < 3 || len > self.blocks.len() * WIDTH;
        let len = if is_refused { 0 } else { len };
        self.head.refused[lane] = is_refused;
        self.head.len[lane] = len;
        let used = len.div_ceil(WIDTH);
        self.head.used = if used > self.head.used { used } else { self.head.used };
    }

    /// Fills up a lane with the first point, without weight.
    fn pad(&mut self, lane: usize) {
        let lane = lane & (N - 1);
        let len = self.head.len[lane];
        let first = self.blocks.first().map_or((1.0, 1.0), |b| (b.n[0].0[lane], b.error[0].0[lane]));
        let (n, error) = if len > 0 { first } else { (1.0, 1.0) };
        let mut place = 0;
        for block in self.blocks.iter_mut().take(self.head.used) {
            for i in 0..WIDTH {
                if place >= len {
                    self.is_new |= block.n[i].0[lane] != n;
                    block.n[i].0[lane] = n;
                    block.error[i].0[lane] = error;
                    block.weight[i].0[lane] = 0.0;
                }
                place += 1;
            }
        }
    }
}

/// Whether three different sizes were seen.
#[derive(Default)]
struct Distinct {
    first: f64,
    second: f64,
    are_three: bool,
}

impl Distinct {
    fn see(&mut self, n: f64) {
        if self.first == 0.0 {
            self.first = n;
        } else if n != self.first && self.second == 0.0 {
            self.second = n;
        } else {
            self.are_three |= n != self.first && n != self.second;
        }
    }
}
