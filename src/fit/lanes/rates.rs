//! The rates of the samples, and the shapes of a grid that several curves share.
use crate::simd::F64xN;

use super::batch::{Batch, Head, SLOTS, Terms};
use super::shapes::{Own, Rates, Shared};

/// Equally spaced in ln(alpha + offset): below the offset the rates are spaced evenly, above geometrically. Between 0.3 /
/// span and 1 / spacing the profile bends on the scale of alpha itself, below on that of 1 / span.
const OFFSET: f64 = 0.3;

/// Level at n_min in units of the curve, whose largest error is below 2, up to which a law with fixed D is sampled: from three
/// times the largest error on the cost falls with alpha.
const HIGHEST: f64 = 6.0;

/// Where D is fixed, the power of n_min^-alpha in which the samples are equally spaced: the cost is nearly a polynomial of
/// second degree in n_min^-alpha itself, but minima at the level of the noise lie close to its end.
const POWER: f64 = 0.5;

/// The scale on which samples are equally spaced, as a rate.
///
/// With D free it is ln(alpha + offset). Where D is fixed the model is D v + C at n_min, with v = n_min^-alpha: the scale is
/// -v^[`POWER`], the offset ln n_min times it.
#[cfg_attr(wide, inline(always))]
pub(super) fn alphas<const N: usize>(terms: &Terms, tau: F64xN<N>, offset: F64xN<N>) -> F64xN<N> {
    if terms.fixed_d.is_none() { tau.exp() - offset } else { -((-tau).ln() / offset) }
}

/// Where a rate is on the scale.
#[cfg_attr(wide, inline(always))]
fn on_scale<const N: usize>(terms: &Terms, alpha: F64xN<N>, offset: F64xN<N>) -> F64xN<N> {
    if terms.fixed_d.is_none() { (alpha + offset).ln() } else { -(-(alpha * offset)).exp() }
}

/// Rate number `k[lane]` of each lane.
#[cfg_attr(wide, inline(always))]
pub(super) fn rates<const N: usize>(terms: &Terms, head: &Head<N>, k: F64xN<N>) -> Rates<N> {
    let ([lower, upper], sizes) = (terms.alpha.map(F64xN::splat), &head.sizes);
    let lower =
        if terms.fixed_d.is_none() { lower } else { ((head.d / HIGHEST).ln() / sizes.ln_n_min).max(lower).min(upper) };
    let offset = if terms.fixed_d.is_none() { F64xN::splat(OFFSET) / sizes.span } else { sizes.ln_n_min * POWER };
    let start = on_scale(terms, lower, offset);
    let range = on_scale(terms, upper, offset) - start;
    let last = F64xN::splat((terms.rates() - 1) as f64);
    // The slots that are left over repeat the last rate.
    let k = k.min(last);
    let tau = start + range * (k / last);
    // Both ends exactly.
    let alpha = k.eq(F64xN::splat(0.0)).select(lower, alphas(terms, tau, offset));
    let alpha = k.eq(last).select(upper, alpha);
    Rates { alpha, tau, offset, last: (-(alpha * sizes.span)).exp() }
}

/// Shapes at all rates on one grid, one for each rate and block.
pub(super) struct Table<'a> {
    /// The grid: the sizes that all lanes of the curves had that filled it.
    is_filled: bool,
    shapes: &'a mut [Shared],
    blocks: usize,
    /// alpha, tau, offset and last.
    rates: [[f64; 4]; SLOTS],
}

impl<'a> Table<'a> {
    pub(super) fn new(shapes: &'a mut [Shared]) -> Table<'a> {
        Table { is_filled: false, shapes, blocks: 0, rates: [[0.0; 4]; SLOTS] }
    }

    /// Whether all lanes of the batch have one grid, whose shapes are then in the table. `is_new`: its sizes are not those
    /// of the batch before.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn fits<const N: usize>(&mut self, batch: Batch<'_, N>, is_new: bool, scratch: &mut [Own<N>]) -> bool {
        if !is_new {
            return self.is_filled;
        }
        self.blocks = batch.blocks.len();
        self.is_filled = self.blocks * SLOTS <= self.shapes.len() && is_uniform(batch);
        if self.is_filled {
            self.fill(batch, scratch);
        }
        self.is_filled
    }

    #[cfg_attr(wide, inline(always))]
    fn fill<const N: usize>(&mut self, batch: Batch<'_, N>, scratch: &mut [Own<N>]) {
        for first in (0..SLOTS).step_by(N) {
            let rates = rates(batch.terms, batch.head, numbers(first));
            Own::fill(scratch, batch, &rates);
            for lane in 0..N {
                if let Some(to) = self.rates.get_mut(first + lane) {
                    *to = [rates.alpha.0[lane], rates.tau.0[lane], rates.offset.0[lane], rates.last.0[lane]];
                }
                let to = self.shapes.iter_mut().skip((first + lane) * self.blocks);
                for (shape, own) in to.zip(&*scratch).take(self.blocks) {
                    *shape = Shared::of(own, lane);
                }
            }
        }
    }

    /// Rate number `k` for all lanes, and the shapes there.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn at<const N: usize>(&self, k: usize) -> (Rates<N>, &[Shared]) {
        let [alpha, tau, offset, last] = self.rates[k & (SLOTS - 1)].map(F64xN::splat);
        let shapes = self.shapes.get(k * self.blocks..(k + 1) * self.blocks).unwrap_or(&[]);
        (Rates { alpha, tau, offset, last }, shapes)
    }
}

/// Numbers from `first` on, one in each lane.
#[cfg_attr(wide, inline(always))]
pub(super) fn numbers<const N: usize>(first: usize) -> F64xN<N> {
    let mut numbers = F64xN::splat(0.0);
    for lane in 0..N {
        numbers.0[lane] = (first + lane) as f64;
    }
    numbers
}

/// Whether all curves have the same sizes: the nodes do not tell, since a geometric grid goes on in what fills up its block,
/// and a longer one of the same factor has the same.
#[cfg_attr(wide, inline(always))]
fn is_uniform<const N: usize>(batch: Batch<'_, N>) -> bool {
    let mut differs = 0;
    let span = &batch.head.sizes.span;
    for lane in 0..N {
        differs |= (span.0[lane] != span.0[0]) as u64;
    }
    for t in batch.blocks.iter().flat_map(|block| &block.t) {
        for lane in 0..N {
            differs |= (t.0[lane] != t.0[0]) as u64;
        }
    }
    differs == 0
}
