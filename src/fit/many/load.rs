//! Curves on their way into the lanes.
use crate::point::Point;
use crate::simd::{F64x8, LANES};

use super::batch::{Batch, WIDTH};

impl<const BLOCKS: usize> Batch<BLOCKS> {
    /// Puts a curve into a lane; refuses what is not valid or does not fit. Points without weight are left out, or, where
    /// the lanes share a grid, stay in their places.
    pub(super) fn load(&mut self, lane: usize, points: impl Iterator<Item = Point>, keeps_idle: bool) {
        let lane = lane & (LANES - 1);
        let mut len = 0;
        let mut is_valid = true;
        let mut distinct = Distinct::default();
        for p in points {
            is_valid &= (p.n > 0.0) & (p.n < f64::INFINITY) & (p.error > 0.0) & (p.error < f64::INFINITY);
            is_valid &= (p.weight >= 0.0) & (p.weight < f64::INFINITY);
            if keeps_idle && p.weight > 0.0 {
                distinct.see(p.n);
            }
            if keeps_idle || p.weight > 0.0 {
                if let Some(block) = self.blocks.get_mut(len / WIDTH) {
                    let i = len % WIDTH;
                    block.t[i].0[lane] = p.n;
                    block.inverse[i].0[lane] = p.error;
                    block.weight[i].0[lane] = p.weight;
                }
                len += 1;
            }
        }
        let is_short = keeps_idle && !distinct.are_three;
        self.refused[lane] = !is_valid || is_short || len < 3 || len > BLOCKS * WIDTH;
        self.len[lane] = if self.refused[lane] { 0 } else { len };
        self.used = self.used.max(self.len[lane].div_ceil(WIDTH)).max(1);
    }

    /// Puts the same valid sizes into all lanes.
    pub(super) fn load_sizes(&mut self, n: &[f64]) {
        self.used = 1;
        for lane in 0..LANES {
            self.load(lane, n.iter().map(|&n| Point::new(n, 1.0)), false);
            self.pad(lane);
        }
    }

    /// Puts the errors of a row into a lane that has its sizes; what is not valid is refused when it is prepared.
    pub(super) fn load_row(&mut self, lane: usize, row: &[f64]) {
        let lane = lane & (LANES - 1);
        let len = self.len[lane];
        let first = row.first().copied().unwrap_or(f64::NAN);
        let mut errors = row.iter().take(len);
        for block in self.blocks.iter_mut().take(self.used) {
            for inverse in &mut block.inverse {
                inverse.0[lane] = errors.next().copied().unwrap_or(first);
            }
        }
        self.refused[lane] = len == 0;
    }

    /// Fills up a lane with the first point, without weight.
    pub(super) fn pad(&mut self, lane: usize) {
        let lane = lane & (LANES - 1);
        let len = self.len[lane];
        let first = self.blocks.first().map_or((1.0, 1.0), |b| (b.t[0].0[lane], b.inverse[0].0[lane]));
        let (n, error) = if len > 0 { first } else { (1.0, 1.0) };
        let mut place = 0;
        for block in self.blocks.iter_mut().take(self.used) {
            for i in 0..WIDTH {
                if place >= len {
                    block.t[i].0[lane] = n;
                    block.inverse[i].0[lane] = error;
                    block.weight[i].0[lane] = 0.0;
                }
                place += 1;
            }
        }
    }

    /// ln(n / n_min), ln of the scaled error and weight of the points of a lane, once it is prepared; what fills it up has no
    /// weight.
    pub(in super::super) fn rows(&self, lane: usize) -> impl Iterator<Item = [f64; 3]> + Clone + '_ {
        let blocks = self.blocks.iter().take(self.used);
        // Masked where it is the index: the compiler forgets a bound from outside of the closure.
        let at = move |v: &F64x8| v.0[lane & (LANES - 1)];
        blocks.flat_map(move |b| b.t.iter().zip(&b.y).zip(&b.weight)).map(move |((t, y), w)| [at(t), at(y), at(w)])
    }

    /// Repeats lane 0 in all lanes.
    pub(super) fn spread_lane(&mut self) {
        for block in self.blocks.iter_mut().take(self.used) {
            for i in 0..WIDTH {
                for a in [&mut block.t[i], &mut block.inverse[i], &mut block.weight[i]] {
                    *a = F64x8::splat(a.0[0]);
                }
            }
        }
        (self.len, self.refused) = ([self.len[0]; LANES], [self.refused[0]; LANES]);
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
    #[cfg_attr(wide, inline(always))]
    pub(super) fn see(&mut self, n: f64) {
        if self.first == 0.0 {
            self.first = n;
        } else if n != self.first && self.second == 0.0 {
            self.second = n;
        } else {
            self.are_three |= n != self.first && n != self.second;
        }
    }
}
