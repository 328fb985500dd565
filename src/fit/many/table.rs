//! The rates of the samples, and the powers of a grid that several curves share.
use crate::math::kernels::{exp, ln};
use crate::simd::{F64x8, LANES};

use super::super::options::FitOptions;
use super::batch::{Batch, WIDTH};
use super::seeds::{Own, Powers, RATES, Rates, SLOTS, Shared};

/// Equally spaced in ln(alpha + offset): below the offset the rates are spaced evenly, above geometrically. Between 0.3 /
/// span and 1 / spacing the profile bends on the scale of alpha itself, below on that of 1 / span.
const OFFSET: f64 = 0.3;

/// Powers of all rates at the nodes of one grid.
pub(super) struct Table<const BLOCKS: usize, const SHARED: usize> {
    t: [[f64; WIDTH]; BLOCKS],
    /// ln(n_max / n_min), on which the rates depend: grids of one factor differ in it alone.
    span: f64,
    used: usize,
    pub(super) shapes: [[Shared<BLOCKS>; SLOTS]; SHARED],
    /// The same with the rates in lanes.
    pub(super) blocks: [Own<BLOCKS>; SLOTS / LANES],
    pub(super) rates: [Rates; SLOTS / LANES],
}

/// Rate number `k` where ln n spans `span`.
#[cfg_attr(wide, inline(always))]
fn rate(span: f64, k: f64) -> (f64, f64, f64) {
    let offset = OFFSET / span;
    let start = ln(offset);
    let range = ln(FitOptions::ALPHA_MAX + offset) - start;
    let last = (RATES - 1) as f64;
    // The slots that are left over repeat the last rate.
    let k = if k < last { k } else { last };
    let tau = start + range * (k / last);
    let alpha = exp(tau) - offset;
    let alpha = if k == last { FitOptions::ALPHA_MAX } else { alpha };
    (if k == 0.0 { 0.0 } else { alpha }, tau, offset)
}

/// Rate number `k[lane]` of each lane.
#[cfg_attr(wide, inline(always))]
pub(super) fn rates(span: F64x8, k: F64x8) -> Rates {
    let zero = F64x8::splat(0.0);
    let mut rates = Rates { alpha: zero, tau: zero, offset: zero, last: zero };
    for lane in 0..LANES {
        let (alpha, tau, offset) = rate(span.0[lane], k.0[lane]);
        rates.alpha.0[lane] = alpha;
        rates.tau.0[lane] = tau;
        rates.offset.0[lane] = offset;
        rates.last.0[lane] = exp(-alpha * span.0[lane]);
    }
    rates
}

impl<const BLOCKS: usize, const SHARED: usize> Table<BLOCKS, SHARED> {
    pub(super) const EMPTY: Table<BLOCKS, SHARED> = Table {
        t: [[f64::NAN; WIDTH]; BLOCKS],
        span: f64::NAN,
        used: 0,
        shapes: [[Shared::NONE; SLOTS]; SHARED],
        blocks: [Own::NONE; SLOTS / LANES],
        rates: [const {
            let zero = F64x8::splat(0.0);
            Rates { alpha: zero, tau: zero, offset: zero, last: zero }
        }; SLOTS / LANES],
    };

    /// Whether the sizes of all lanes are those of the table.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn fits(&self, batch: &Batch<BLOCKS>) -> bool {
        let mut differs = 0;
        for lane in 0..LANES {
            differs |= (self.span != batch.span.0[lane]) as u64;
        }
        for (row, block) in self.t.iter().zip(&batch.blocks).take(batch.used) {
            for (row, t) in row.iter().zip(&block.t) {
                for lane in 0..LANES {
                    differs |= (*row != t.0[lane]) as u64;
                }
            }
        }
        differs == 0 && self.used == batch.used
    }

    /// The table of the sizes that all lanes have.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn fill(&mut self, batch: &Batch<BLOCKS>) {
        (self.used, self.span) = (batch.used, batch.span.0[0]);
        for (row, block) in self.t.iter_mut().zip(&batch.blocks).take(batch.used) {
            for (row, t) in row.iter_mut().zip(&block.t) {
                *row = t.0[0];
            }
        }
        let lane = F64x8([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        for b in 0..SLOTS / LANES {
            self.rates[b] = rates(F64x8::splat(self.span), lane + (b * LANES) as f64);
            let rates = &self.rates[b];
            let own = Own::new(batch, rates.last, &Powers::new(batch, rates.alpha));
            for shapes in &mut self.shapes {
                for k in 0..LANES {
                    shapes[b * LANES + k] = Shared::of(&own, k);
                }
            }
            self.blocks[b] = own;
        }
    }

    /// Rate number `k` for all lanes.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn rates(&self, k: usize) -> Rates {
        let (from, lane) = (&self.rates[k / LANES], k % LANES);
        Rates {
            alpha: F64x8::splat(from.alpha.0[lane]),
            tau: F64x8::splat(from.tau.0[lane]),
            offset: F64x8::splat(from.offset.0[lane]),
            last: F64x8::splat(from.last.0[lane]),
        }
    }
}
