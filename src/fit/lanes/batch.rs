//! Curves side by side: a lane is a curve.
//!
//! Everything in this room is a loop over the lanes around scalar code, which LLVM turns into vectors as a whole; where
//! there is one lane, it is the scalar code.
use crate::law::Residual;
use crate::simd::{F64xN, MaskN};
use crate::solve::Side;

use super::super::options::FitOptions;

/// Nodes of a block: the sums over one block are a tree, those over several run in order.
pub(super) const WIDTH: usize = 8;

/// Rates of the samples, both ends included; [`SLOTS`] where D is fixed.
pub(super) const RATES: usize = 12;

/// Room for them: an index is masked by it.
pub(super) const SLOTS: usize = 16;

/// What all curves of a group are fitted with.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    pub(super) residual: Residual,
    /// 1 in the log residual, whose second derivative in the model does not vanish; 0 in the linear one.
    pub(super) bend: f64,
    /// Coefficients of e^3 and e^4 in the cost of e = model / error - 1, and of e^2 and e^3 in its derivative: those of
    /// 1/2 ln(1 + e)^2, to e^4 positive and convex for any e, so that what is far off stays so. None in the linear residual,
    /// where e is the residual.
    pub(super) series: [f64; 4],
    /// Ends of the domain of alpha; equal where it is fixed.
    pub(super) alpha: [f64; 2],
    /// Ends of the domain of C in the user's unit, and whether it is fixed at the lower one.
    pub(super) c: [f64; 2],
    pub(super) fixed_c: bool,
    /// D in the user's unit, where it is fixed.
    pub(super) fixed_d: Option<f64>,
}

impl Terms {
    pub(super) fn new(options: &FitOptions) -> Terms {
        let is_log = options.residual == Residual::Log;
        Terms {
            residual: options.residual,
            bend: if is_log { 1.0 } else { 0.0 },
            series: if is_log { [0.5, 11.0 / 24.0, 1.5, 11.0 / 6.0] } else { [0.0; 4] },
            alpha: options.fixed_alpha.map_or([options.alpha.lower, options.alpha.upper], |a| [a, a]),
            c: options.fixed_c.map_or([options.c.lower, options.c.upper], |c| [c, c]),
            fixed_c: options.fixed_c.is_some(),
            fixed_d: options.fixed_d,
        }
    }

    /// Whether the cost along the edge C = 0 is a parabola of alpha with its minimum at the power law.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn has_parabola(&self) -> bool {
        self.is_log() && self.c[0] == 0.0 && self.fixed_d.is_none()
    }

    /// Which of D, alpha and C are fixed.
    pub(super) fn fixed(&self) -> [bool; 3] {
        [self.fixed_d.is_some(), self.fixed_alpha(), self.fixed_c]
    }

    /// How many parameters are free.
    pub(super) fn free(&self) -> usize {
        self.fixed().iter().filter(|&&fixed| !fixed).count()
    }

    /// Which end of its domain this alpha is at.
    pub(super) fn end(&self, alpha: f64) -> Side {
        if alpha >= self.alpha[1] { Side::Upper } else { Side::Lower }
    }

    /// How many samples.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn rates(&self) -> usize {
        if self.fixed_d.is_none() { RATES } else { SLOTS }
    }

    #[cfg_attr(wide, inline(always))]
    pub(super) fn fixed_alpha(&self) -> bool {
        self.alpha[0] == self.alpha[1]
    }

    #[cfg_attr(wide, inline(always))]
    pub(super) fn is_log(&self) -> bool {
        self.residual == Residual::Log
    }
}

/// Eight points of each curve as they came, and the logarithms of their sizes.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Loaded<const N: usize> {
    pub(super) n: [F64xN<N>; WIDTH],
    pub(super) error: [F64xN<N>; WIDTH],
    /// 0 in what fills up the block.
    pub(super) weight: [F64xN<N>; WIDTH],
    /// ln(n / n_min) of the sizes that were prepared last.
    t: [F64xN<N>; WIDTH],
}

impl<const N: usize> Loaded<N> {
    pub(super) const EMPTY: Loaded<N> = Loaded {
        n: [F64xN::splat(0.0); WIDTH],
        error: [F64xN::splat(0.0); WIDTH],
        weight: [F64xN::splat(0.0); WIDTH],
        t: [F64xN::splat(0.0); WIDTH],
    };
}

/// Eight nodes of each curve, in units of [`Head::scale`] and [`Head::weight_scale`].
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Block<const N: usize> {
    /// ln(n / n_min).
    pub(super) t: [F64xN<N>; WIDTH],
    /// The target of the residual: ln of the error, or the error.
    pub(super) y: [F64xN<N>; WIDTH],
    /// What the model is multiplied with, 1 / error or 1, ...
    pub(super) unit: [F64xN<N>; WIDTH],
    /// ... and what it should then be, 1 or the error.
    pub(super) aim: [F64xN<N>; WIDTH],
    /// 0 in what fills up the block.
    pub(super) weight: [F64xN<N>; WIDTH],
    /// weight unit aim and weight unit^2: the right side and the matrix of least squares in model * unit - aim.
    pub(super) by_aim: [F64xN<N>; WIDTH],
    /// weight unit: of the derivative of the cost in the model.
    pub(super) by_unit: [F64xN<N>; WIDTH],
    pub(super) by_square: [F64xN<N>; WIDTH],
}

impl<const N: usize> Block<N> {
    pub(super) const EMPTY: Block<N> = Block {
        t: [F64xN::splat(0.0); WIDTH],
        y: [F64xN::splat(0.0); WIDTH],
        unit: [F64xN::splat(0.0); WIDTH],
        aim: [F64xN::splat(0.0); WIDTH],
        weight: [F64xN::splat(0.0); WIDTH],
        by_aim: [F64xN::splat(0.0); WIDTH],
        by_unit: [F64xN::splat(0.0); WIDTH],
        by_square: [F64xN::splat(0.0); WIDTH],
    };
}

/// What follows from the sizes alone: curves of one grid need no further logarithms.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Sizes<const N: usize> {
    pub(super) n_min: F64xN<N>,
    pub(super) n_max: F64xN<N>,
    pub(super) ln_n_min: F64xN<N>,
    /// ln(n_max / n_min).
    pub(super) span: F64xN<N>,
    /// Step of a geometric grid in ln n; 0 where the sizes are not one.
    pub(super) step: F64xN<N>,
    /// Sizes between the smallest and the largest.
    between: MaskN<N>,
}

impl<const N: usize> Sizes<N> {
    pub(super) const EMPTY: Sizes<N> = Sizes {
        n_min: F64xN::splat(0.0),
        n_max: F64xN::splat(0.0),
        ln_n_min: F64xN::splat(0.0),
        span: F64xN::splat(0.0),
        step: F64xN::splat(0.0),
        between: MaskN([0; N]),
    };
}

/// What is known of the curves of a batch beside their nodes.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Head<const N: usize> {
    /// Points of each curve.
    pub(super) len: [usize; N],
    /// Blocks in use.
    pub(super) used: usize,
    pub(super) sizes: Sizes<N>,
    /// Power of two at or below the largest |error|.
    pub(super) scale: F64xN<N>,
    /// Power of two at or below the largest weight.
    pub(super) weight_scale: F64xN<N>,
    /// Sum of the scaled weights.
    pub(super) weight_sum: F64xN<N>,
    /// Lower end of the domain of C, and D where it is fixed, in units of the scale.
    pub(super) c_lower: F64xN<N>,
    pub(super) d: F64xN<N>,
    /// Curves that this room does not take: not valid, out of its range, or fewer than three distinct n.
    pub(super) refused: [bool; N],
}

impl<const N: usize> Head<N> {
    pub(super) const EMPTY: Head<N> = Head {
        len: [0; N],
        used: 0,
        sizes: Sizes::EMPTY,
        scale: F64xN::splat(0.0),
        weight_scale: F64xN::splat(0.0),
        weight_sum: F64xN::splat(0.0),
        c_lower: F64xN::splat(0.0),
        d: F64xN::splat(0.0),
        refused: [false; N],
    };
}

/// The curves of a batch.
#[derive(Clone, Copy)]
pub(super) struct Batch<'a, const N: usize> {
    pub(super) head: &'a Head<N>,
    /// The blocks in use.
    pub(super) blocks: &'a [Block<N>],
    pub(super) terms: &'a Terms,
}

impl<'a, const N: usize> Batch<'a, N> {
    /// ln(n / n_min), target and weight of the points of a lane; what fills it up has no weight.
    pub(super) fn rows(self, lane: usize) -> impl Iterator<Item = [f64; 3]> + Clone + 'a {
        // Masked where it is the index: the compiler forgets a bound from outside of the closure.
        let at = move |v: &F64xN<N>| v.0[lane & (N - 1)];
        let nodes = self.blocks.iter().flat_map(|b| b.t.iter().zip(&b.y).zip(&b.weight));
        nodes.map(move |((t, y), w)| [at(t), at(y), at(w)])
    }
}

/// Ratio of the smallest to the largest error in the log residual, and range of ln(n_max / n_min), outside of which a curve
/// is not taken: inverse errors and powers stay far from overflow, and the rates far from the limits of their spacing.
const SMALLEST: f64 = 1e-6;
const SPANS: [f64; 2] = [0.1, 40.0];

/// Ratio of the smallest to the largest weight in the log residual: the samples are a series in the residuals, of which the
/// weighted mean square is what is looked at, and a point of small weight may be decades off.
const LIGHTEST: f64 = 0.01;

/// Errors and weights whose power of two and its inverse are normal numbers.
const RANGE: [f64; 2] = [1e-280, 1e280];

/// Largest alpha ln n where D is fixed: n^-alpha is then far below any error, and its inverse in range.
const STEEPEST: f64 = 600.0;

/// Smallest ln n_min there.
const SMALLEST_LN: f64 = 1.0;

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

/// Scales errors and weights, takes logarithms, and refuses what is out of range. The head has the lengths; `is_new`: the
/// sizes are not those that were prepared last.
#[cfg_attr(wide, inline(always))]
pub(super) fn prepare<const N: usize>(
    terms: &Terms,
    loaded: &mut [Loaded<N>],
    is_new: bool,
    head: &mut Head<N>,
    blocks: &mut [Block<N>],
) {
    if is_new {
        prepare_sizes(loaded, head);
    }
    ranges(terms, loaded, head);
    let (one, zero, is_log) = (F64xN::splat(1.0), F64xN::splat(0.0), terms.is_log());
    let (mut by_scale, mut by_weight) = (one, one);
    for lane in 0..N {
        by_scale.0[lane] = inverse_power_of_two(head.scale.0[lane]);
        by_weight.0[lane] = inverse_power_of_two(head.weight_scale.0[lane]);
    }
    let mut weight_sum = F64xN::splat(0.0);
    for (block, from) in blocks.iter_mut().zip(loaded) {
        block.t = from.t;
        for i in 0..WIDTH {
            let error = from.error[i] * by_scale;
            let weight = from.weight[i] * by_weight;
            let (y, unit, aim) = if is_log { (error.ln(), one / error, one) } else { (error, one, error) };
            // What has no weight has no residual either: the powers of a regular grid go on to it, and with no gap the
            // logarithm of a model that underflows would be no number.
            let counts = weight.gt(zero);
            let (unit, aim) = (counts.select(unit, zero), counts.select(aim, zero));
            (block.y[i], block.unit[i], block.aim[i], block.weight[i]) = (y, unit, aim, weight);
            let by_unit = weight * unit;
            (block.by_unit[i], block.by_aim[i], block.by_square[i]) = (by_unit, by_unit * aim, by_unit * unit);
        }
        for lane in 0..N {
            weight_sum.0[lane] += tree(at(&block.weight, lane));
        }
    }
    head.weight_sum = weight_sum;
    (head.c_lower, head.d) = (by_scale * terms.c[0], by_scale * terms.fixed_d.unwrap_or(0.0));
}

/// Logarithms and range of the sizes.
#[cfg_attr(wide, inline(always))]
fn prepare_sizes<const N: usize>(loaded: &mut [Loaded<N>], head: &mut Head<N>) {
    let mut sizes = Sizes { n_min: F64xN::splat(f64::INFINITY), ..Sizes::EMPTY };
    for n in loaded.iter().flat_map(|from| &from.n) {
        (sizes.n_min, sizes.n_max) = (n.min(sizes.n_min), n.max(sizes.n_max));
    }
    sizes.ln_n_min = sizes.n_min.ln();
    sizes.span = sizes.n_max.ln() - sizes.ln_n_min;
    for from in loaded.iter_mut() {
        for (t, n) in from.t.iter_mut().zip(&from.n) {
            *t = n.ln() - sizes.ln_n_min;
            sizes.between = sizes.between.or(n.gt(sizes.n_min).and(n.lt(sizes.n_max)));
        }
    }
    head.sizes = sizes;
    regular(loaded, head);
}

/// Recognises equal steps of ln n, in order, and makes them exactly equal: powers are then products.
#[cfg_attr(wide, inline(always))]
fn regular<const N: usize>(loaded: &mut [Loaded<N>], head: &mut Head<N>) {
    let (sizes, mut len) = (&mut head.sizes, F64xN::splat(0.0));
    for lane in 0..N {
        len.0[lane] = head.len[lane] as f64;
    }
    let step = sizes.span / (len - 1.0);
    let mut is_regular = step.gt(F64xN::splat(0.0));
    let rounding = (sizes.ln_n_min.abs() + sizes.span + 1.0) * ROUNDING;
    let mut place = 0.0;
    for t in loaded.iter().flat_map(|from| &from.t) {
        let off = (*t - step * place).abs();
        // What fills up the block is no size. A point without weight is one: the next curves of these sizes may give it some.
        is_regular = is_regular.and(off.le(rounding).or(len.le(F64xN::splat(place))));
        place += 1.0;
    }
    sizes.step = is_regular.select(step, F64xN::splat(0.0));
    if !is_regular.any() {
        return;
    }
    let mut place = 0.0;
    for t in loaded.iter_mut().flat_map(|from| &mut from.t) {
        *t = is_regular.select(step * place, *t);
        place += 1.0;
    }
}

/// Units of errors and weights, and what is out of range.
#[cfg_attr(wide, inline(always))]
fn ranges<const N: usize>(terms: &Terms, loaded: &[Loaded<N>], head: &mut Head<N>) {
    let zero = F64xN::splat(0.0);
    let infinity = F64xN::splat(f64::INFINITY);
    let (mut least, mut most, mut heaviest, mut lightest) = (infinity, zero, zero, infinity);
    // Comparisons pass NaN over: a sum does not.
    let mut sum = zero;
    for from in loaded {
        for (error, weight) in from.error.iter().zip(&from.weight) {
            sum += *error;
            (least, most, heaviest) = (error.min(least), error.max(most), weight.max(heaviest));
            lightest = weight.gt(zero).select(*weight, infinity).min(lightest);
        }
    }
    // In the linear residual an error may be 0 or below: such a curve is not for here.
    let smallest = if terms.is_log() { SMALLEST } else { 0.0 };
    let lightest_share = if terms.is_log() { LIGHTEST } else { 0.0 };
    let (is_free, most_alpha) = (terms.fixed_d.is_none(), terms.alpha[1]);
    for lane in 0..N {
        let (span, error, weight) = (head.sizes.span.0[lane], most.0[lane], heaviest.0[lane]);
        // With D fixed the scale of the samples is n_min^-alpha.
        let ln_n_min = head.sizes.ln_n_min.0[lane];
        let is_in_range = is_free | ((ln_n_min > SMALLEST_LN) & (most_alpha * (ln_n_min + span) < STEEPEST));
        let taken = is_in_range
            & (head.sizes.between.0[lane] != 0)
            & (sum.0[lane] > 0.0)
            & (span > SPANS[0])
            & (span < SPANS[1])
            & (least.0[lane] > smallest * error)
            & (lightest.0[lane] > lightest_share * weight)
            & (error > RANGE[0])
            & (error < RANGE[1])
            & (weight > RANGE[0])
            & (weight < RANGE[1]);
        // What is refused is computed along, on harmless numbers.
        head.scale.0[lane] = if taken { power_of_two(error) } else { 1.0 };
        head.weight_scale.0[lane] = if taken { power_of_two(weight) } else { 1.0 };
        head.refused[lane] |= !taken;
    }
}

/// The sum of eight terms in pairs: the chain of additions is short.
#[cfg_attr(wide, inline(always))]
pub(super) fn tree(a: [f64; WIDTH]) -> f64 {
    ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]))
}

/// A lane of eight nodes.
#[cfg_attr(wide, inline(always))]
pub(super) fn at<const N: usize>(a: &[F64xN<N>; WIDTH], lane: usize) -> [f64; WIDTH] {
    let k = lane & (N - 1);
    [a[0].0[k], a[1].0[k], a[2].0[k], a[3].0[k], a[4].0[k], a[5].0[k], a[6].0[k], a[7].0[k]]
}

#[cfg_attr(wide, inline(always))]
pub(super) fn product(a: [f64; WIDTH], b: [f64; WIDTH]) -> [f64; WIDTH] {
    [a[0] * b[0], a[1] * b[1], a[2] * b[2], a[3] * b[3], a[4] * b[4], a[5] * b[5], a[6] * b[6], a[7] * b[7]]
}

#[cfg_attr(wide, inline(always))]
pub(super) fn less(a: [f64; WIDTH], b: f64) -> [f64; WIDTH] {
    [a[0] - b, a[1] - b, a[2] - b, a[3] - b, a[4] - b, a[5] - b, a[6] - b, a[7] - b]
}
