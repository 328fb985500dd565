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
#[inline(always)]
fn power_of_two(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0x7ff0_0000_0000_0000)
}

/// The inverse of a power of two.
#[inline(always)]
fn inverse_power_of_two(x: f64) -> f64 {
    f64::from_bits(0x7fe0_0000_0000_0000 - x.to_bits())
}

impl<const BLOCKS: usize> Batch<BLOCKS> {
    pub(super) const EMPTY: Batch<BLOCKS> = Batch {
        blocks: [Block { t: [ONE; WIDTH], inverse: [ONE; WIDTH], y: [ZERO; WIDTH], by_error: [ZERO; WIDTH], by_square: [ZERO; WIDTH], weight: [ZERO; WIDTH] }; BLOCKS],
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
        refused: [true; LANES],
    };

    /// Scales errors and weights, takes logarithms, and refuses what is out of range.
    #[inline(always)]
    pub(super) fn prepare(&mut self) {
        self.ranges();
        let (mut by_scale, mut by_weight, mut weight_sum) = (ZERO, ZERO, ZERO);
        for lane in 0..LANES {
            by_scale.0[lane] = inverse_power_of_two(self.scale.0[lane]);
            by_weight.0[lane] = inverse_power_of_two(self.weight_scale.0[lane]);
        }
        let ln_n_min = self.ln_n_min;
        for block in self.blocks.iter_mut().take(self.used) {
            for i in 0..WIDTH {
                let (n, error) = (block.t[i], block.inverse[i] * by_scale);
                block.t[i] = n.ln() - ln_n_min;
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
        self.regular();
    }

    /// Smallest and largest n, error and weight.
    #[inline(always)]
    fn ranges(&mut self) {
        let (mut least, mut most, mut heaviest) = (F64x8::splat(f64::INFINITY), ZERO, ZERO);
        let (mut n_min, mut n_max, mut distinct) = (F64x8::splat(f64::INFINITY), ZERO, ZERO);
        for block in self.blocks.iter().take(self.used) {
            for i in 0..WIDTH {
                let (n, error, weight) = (block.t[i], block.inverse[i], block.weight[i]);
                (n_min, n_max) = (n.min(n_min), n.max(n_max));
                (least, most, heaviest) = (error.min(least), error.max(most), weight.max(heaviest));
            }
        }
        for block in self.blocks.iter().take(self.used) {
            for i in 0..WIDTH {
                for lane in 0..LANES {
                    let n = block.t[i].0[lane];
                    let inside = (n > n_min.0[lane]) & (n < n_max.0[lane]);
                    distinct.0[lane] = if inside { 1.0 } else { distinct.0[lane] };
                }
            }
        }
        (self.n_min, self.n_max) = (n_min, n_max);
        let ln_n_min = n_min.ln();
        let spans = n_max.ln() - ln_n_min;
        let (mut scale, mut weight_scale) = (ONE, ONE);
        let mut is_taken = [0; LANES];
        for lane in 0..LANES {
            let (span, error, weight) = (spans.0[lane], most.0[lane], heaviest.0[lane]);
            let taken = (distinct.0[lane] > 0.0)
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
            is_taken[lane] = taken as u64;
        }
        for (refused, taken) in self.refused.iter_mut().zip(is_taken) {
            *refused |= taken == 0;
        }
        (self.ln_n_min, self.span, self.scale, self.weight_scale) = (ln_n_min, spans, scale, weight_scale);
    }

    /// Whether all curves have the same sizes.
    #[inline(always)]
    pub(super) fn is_uniform(&self) -> bool {
        let mut differs = 0;
        for block in self.blocks.iter().take(self.used) {
            for t in &block.t {
                for lane in 0..LANES {
                    differs |= (t.0[lane] != t.0[0]) as u64;
                }
            }
        }
        differs == 0
    }

    /// Recognises equal steps of ln n, in order, and makes them exactly equal: powers are then products.
    #[inline(always)]
    fn regular(&mut self) {
        let mut step = ZERO;
        for lane in 0..LANES {
            step.0[lane] = self.span.0[lane] / (self.len[lane] as f64 - 1.0);
        }
        let mut is_regular = step.gt(ZERO);
        let rounding = (self.ln_n_min.abs() + self.span + 1.0) * ROUNDING;
        let mut place = 0.0;
        for block in self.blocks.iter().take(self.used) {
            for i in 0..WIDTH {
                let off = (block.t[i] - step * place).abs();
                is_regular = is_regular.and(off.le(rounding).or(block.weight[i].eq(ZERO)));
                place += 1.0;
            }
        }
        self.step = is_regular.select(step, ZERO);
        if !is_regular.any() {
            return;
        }
        let mut place = 0.0;
        for block in self.blocks.iter_mut().take(self.used) {
            for t in &mut block.t {
                *t = is_regular.select(step * place, *t);
                place += 1.0;
            }
        }
    }
}

/// The sum of eight terms in pairs: the chain of additions is short.
#[inline(always)]
pub(super) fn tree(a: [f64; WIDTH]) -> f64 {
    ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]))
}

/// A lane of eight nodes.
#[inline(always)]
pub(super) fn at(a: &[F64x8; WIDTH], lane: usize) -> [f64; WIDTH] {
    [
        a[0].0[lane], a[1].0[lane], a[2].0[lane], a[3].0[lane], a[4].0[lane], a[5].0[lane], a[6].0[lane], a[7].0[lane],
    ]
}
