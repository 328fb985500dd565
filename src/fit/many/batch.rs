//! Eight curves made ready side by side: a lane is a curve.
//!
//! Everything in this room is a loop over the lanes around scalar code, which LLVM turns into vectors as a whole.
use crate::simd::{F64x8, LANES};

/// Nodes of a block: the sums over one block are a tree, those over several run in order.
pub(super) const WIDTH: usize = 8;

/// Eight nodes of eight curves.
#[derive(Clone, Copy)]
pub(super) struct Block {
    /// n, and after [`Batch::prepare`] ln(n / n_min).
    pub(super) t: [F64x8; WIDTH],
    /// The error, and after [`Batch::prepare`] its inverse in units of [`Batch::scale`].
    pub(super) inverse: [F64x8; WIDTH],
    /// ln of the error in these units.
    pub(super) y: [F64x8; WIDTH],
    /// Weight over error, and over its square.
    pub(super) by_error: [F64x8; WIDTH],
    pub(super) by_square: [F64x8; WIDTH],
    /// Weight, and after [`Batch::prepare`] in units of [`Batch::weight_scale`]; 0 in what fills up the block.
    pub(super) weight: [F64x8; WIDTH],
}

/// The sizes of the batch before, with all that follows from them: curves of one grid need no further logarithms.
#[derive(Clone, Copy)]
pub(super) struct Sizes<const BLOCKS: usize> {
    n: [[F64x8; WIDTH]; BLOCKS],
    t: [[F64x8; WIDTH]; BLOCKS],
    len: [usize; LANES],
    used: usize,
    n_min: F64x8,
    n_max: F64x8,
    ln_n_min: F64x8,
    span: F64x8,
    step: F64x8,
    distinct: F64x8,
}

impl<const BLOCKS: usize> Sizes<BLOCKS> {
    pub(super) const EMPTY: Sizes<BLOCKS> = Sizes {
        n: [[ZERO; WIDTH]; BLOCKS],
        t: [[ZERO; WIDTH]; BLOCKS],
        len: [0; LANES],
        used: 0,
        n_min: ZERO,
        n_max: ZERO,
        ln_n_min: ZERO,
        span: ZERO,
        step: ZERO,
        distinct: ZERO,
    };

    #[cfg_attr(wide, inline(always))]
    fn are_those_of(&self, batch: &Batch<BLOCKS>) -> bool {
        let mut differs = 0;
        for (row, block) in self.n.iter().zip(&batch.blocks).take(batch.used) {
            for (n, t) in row.iter().zip(&block.t) {
                for lane in 0..LANES {
                    differs |= (n.0[lane] != t.0[lane]) as u64;
                }
            }
        }
        differs == 0 && self.used == batch.used && self.len == batch.len
    }

    #[cfg_attr(wide, inline(always))]
    fn fill(&mut self, batch: &Batch<BLOCKS>) {
        (self.used, self.len) = (batch.used, batch.len);
        let (mut n_min, mut n_max) = (F64x8::splat(f64::INFINITY), ZERO);
        for (row, block) in self.n.iter_mut().zip(&batch.blocks).take(batch.used) {
            *row = block.t;
            for n in block.t {
                (n_min, n_max) = (n.min(n_min), n.max(n_max));
            }
        }
        (self.n_min, self.n_max) = (n_min, n_max);
        self.ln_n_min = n_min.ln();
        self.span = n_max.ln() - self.ln_n_min;
        self.distinct = ZERO;
        for (t, n) in self.t.iter_mut().zip(&self.n).take(batch.used) {
            for (t, n) in t.iter_mut().zip(n) {
                *t = n.ln() - self.ln_n_min;
                self.distinct = n.gt(n_min).and(n.lt(n_max)).select(ONE, self.distinct);
            }
        }
        self.regular(batch);
    }

    /// Recognises equal steps of ln n, in order, and makes them exactly equal: powers are then products.
    #[cfg_attr(wide, inline(always))]
    fn regular(&mut self, batch: &Batch<BLOCKS>) {
        let mut step = ZERO;
        for lane in 0..LANES {
            step.0[lane] = self.span.0[lane] / (batch.len[lane] as f64 - 1.0);
        }
        let mut is_regular = step.gt(ZERO);
        let rounding = (self.ln_n_min.abs() + self.span + 1.0) * ROUNDING;
        let mut place = 0.0;
        let len = batch.lengths();
        for t in self.t.iter().take(batch.used) {
            for t in t {
                let off = (*t - step * place).abs();
                // What fills up the block is no size. A point without weight is one: the next curves of these sizes may
                // give it some.
                is_regular = is_regular.and(off.le(rounding).or(len.le(F64x8::splat(place))));
                place += 1.0;
            }
        }
        self.step = is_regular.select(step, ZERO);
        if !is_regular.any() {
            return;
        }
        let mut place = 0.0;
        for t in self.t.iter_mut().take(batch.used) {
            for t in t {
                *t = is_regular.select(step * place, *t);
                place += 1.0;
            }
        }
    }
}

/// Eight curves of at most 8 `BLOCKS` points.
#[derive(Clone, Copy)]
pub(super) struct Batch<const BLOCKS: usize> {
    pub(super) blocks: [Block; BLOCKS],
    /// Points of each curve.
    pub(super) len: [usize; LANES],
    /// Blocks in use.
    pub(super) used: usize,
    pub(super) n_min: F64x8,
    pub(super) n_max: F64x8,
    pub(super) ln_n_min: F64x8,
    /// ln(n_max / n_min).
    pub(super) span: F64x8,
    /// Step of a geometric grid in ln n; 0 where the sizes are not one.
    pub(super) step: F64x8,
    /// Power of two at or below the largest error.
    pub(super) scale: F64x8,
    /// Power of two at or below the largest weight.
    pub(super) weight_scale: F64x8,
    /// Sum of the scaled weights.
    pub(super) weight_sum: F64x8,
    /// Whether the sizes are known to be those of the batch before.
    pub(super) keeps_sizes: bool,
    /// Curves that this room does not take: not checked here, out of its range, or fewer than three distinct n.
    pub(super) refused: [bool; LANES],
}

const ZERO: F64x8 = F64x8::splat(0.0);
const ONE: F64x8 = F64x8::splat(1.0);

/// Ratio of the smallest to the largest error, and range of ln(n_max / n_min), outside of which a curve is not taken:
/// inverse errors and powers stay far from overflow, and the rates far from the limits of their spacing.
const SMALLEST: f64 = 1e-6;
const SPANS: [f64; 2] = [0.1, 40.0];

/// Errors and weights whose power of two and its inverse are normal numbers.
const RANGE: [f64; 2] = [1e-280, 1e280];

/// Difference of ln n from equal steps that is rounding: ln n itself, and n.
const ROUNDING: f64 = 4.0 * f64::EPSILON;

/// The power of two at or below a positive normal x.
#[cfg_attr(wide, inline(always))]
fn power_of_two(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0x7ff0_0000_0000_0000)
}

/// The inverse of a power of two.
#[cfg_attr(wide, inline(always))]
fn inverse_power_of_two(x: f64) -> f64 {
    f64::from_bits(0x7fe0_0000_0000_0000 - x.to_bits())
}

impl<const BLOCKS: usize> Batch<BLOCKS> {
    pub(super) const EMPTY: Batch<BLOCKS> = Batch {
        blocks: [Block {
            t: [ONE; WIDTH],
            inverse: [ONE; WIDTH],
            y: [ZERO; WIDTH],
            by_error: [ZERO; WIDTH],
            by_square: [ZERO; WIDTH],
            weight: [ZERO; WIDTH],
        }; BLOCKS],
        len: [0; LANES],
        used: 0,
        n_min: ONE,
        n_max: ONE,
        ln_n_min: ZERO,
        span: ZERO,
        step: ZERO,
        scale: ONE,
        weight_scale: ONE,
        weight_sum: ONE,
        keeps_sizes: false,
        refused: [true; LANES],
    };

    /// Scales errors and weights, takes logarithms, and refuses what is out of range.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn prepare(&mut self, sizes: &mut Sizes<BLOCKS>) {
        if !self.keeps_sizes && !sizes.are_those_of(self) {
            sizes.fill(self);
        }
        (self.n_min, self.n_max, self.ln_n_min) = (sizes.n_min, sizes.n_max, sizes.ln_n_min);
        (self.span, self.step) = (sizes.span, sizes.step);
        self.ranges(&sizes.distinct);
        let (mut by_scale, mut by_weight, mut weight_sum) = (ZERO, ZERO, ZERO);
        for lane in 0..LANES {
            by_scale.0[lane] = inverse_power_of_two(self.scale.0[lane]);
            by_weight.0[lane] = inverse_power_of_two(self.weight_scale.0[lane]);
        }
        for (block, t) in self.blocks.iter_mut().zip(&sizes.t).take(self.used) {
            block.t = *t;
            for i in 0..WIDTH {
                let error = block.inverse[i] * by_scale;
                block.y[i] = error.ln();
                let (inverse, weight) = (ONE / error, block.weight[i] * by_weight);
                (block.inverse[i], block.weight[i]) = (inverse, weight);
                block.by_error[i] = weight * inverse;
                block.by_square[i] = weight * inverse * inverse;
            }
            let weight = block.weight;
            for lane in 0..LANES {
                weight_sum.0[lane] += tree(at(&weight, lane));
            }
        }
        self.weight_sum = weight_sum;
    }

    /// Units of errors and weights, and what is out of range.
    #[cfg_attr(wide, inline(always))]
    fn ranges(&mut self, distinct: &F64x8) {
        let (mut least, mut most, mut heaviest) = (F64x8::splat(f64::INFINITY), ZERO, ZERO);
        // Comparisons pass NaN over: a sum does not.
        let mut sum = ZERO;
        for block in self.blocks.iter().take(self.used) {
            for i in 0..WIDTH {
                let (error, weight) = (block.inverse[i], block.weight[i]);
                sum += error;
                (least, most, heaviest) = (error.min(least), error.max(most), weight.max(heaviest));
            }
        }
        let (mut scale, mut weight_scale) = (ONE, ONE);
        let mut is_taken = ZERO;
        for lane in 0..LANES {
            let (span, error, weight) = (self.span.0[lane], most.0[lane], heaviest.0[lane]);
            let taken = (distinct.0[lane] > 0.0)
                & (sum.0[lane] > 0.0)
                & (span > SPANS[0])
                & (span < SPANS[1])
                & (least.0[lane] > SMALLEST * error)
                & (error > RANGE[0])
                & (error < RANGE[1])
                & (weight > RANGE[0])
                & (weight < RANGE[1]);
            // What is refused is computed along, on harmless numbers.
            scale.0[lane] = if taken { power_of_two(error) } else { 1.0 };
            weight_scale.0[lane] = if taken { power_of_two(weight) } else { 1.0 };
            is_taken.0[lane] = if taken { 1.0 } else { 0.0 };
        }
        for (refused, taken) in self.refused.iter_mut().zip(is_taken.0) {
            *refused |= taken == 0.0;
        }
        (self.scale, self.weight_scale) = (scale, weight_scale);
    }

    /// Points of each curve, as numbers.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn lengths(&self) -> F64x8 {
        let mut len = ZERO;
        for lane in 0..LANES {
            len.0[lane] = self.len[lane] as f64;
        }
        len
    }

    /// Whether all curves have the same sizes: the nodes do not tell, since a geometric grid goes on in what fills up its
    /// block, and a longer one of the same factor has the same.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn is_uniform(&self) -> bool {
        let mut differs = 0;
        for lane in 0..LANES {
            differs |= (self.span.0[lane] != self.span.0[0]) as u64;
        }
        for block in self.blocks.iter().take(self.used) {
            for t in &block.t {
                for lane in 0..LANES {
                    differs |= (t.0[lane] != t.0[0]) as u64;
                }
            }
        }
        differs == 0
    }
}

/// The sum of eight terms in pairs: the chain of additions is short.
#[cfg_attr(wide, inline(always))]
pub(super) fn tree(a: [f64; WIDTH]) -> f64 {
    ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]))
}

/// A lane of eight nodes.
#[cfg_attr(wide, inline(always))]
pub(super) fn at(a: &[F64x8; WIDTH], lane: usize) -> [f64; WIDTH] {
    [a[0].0[lane], a[1].0[lane], a[2].0[lane], a[3].0[lane], a[4].0[lane], a[5].0[lane], a[6].0[lane], a[7].0[lane]]
}
