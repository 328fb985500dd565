//! Long curves in at most 64 nodes: bins of n, each replaced by the two points that keep its moments.
//!
//! Within a bin the model is nearly a parabola in t, so that two points with the bin's weight, its first three moments of
//! t (Gauss's rule) and its regression of the target on t cost, up to a constant, what the points of the bin do.
use crate::law::Residual;
use crate::math;
use crate::simd::{F64x8, Kernel, LANES};

use super::blocks::{self, Blocks, gather};
use super::source::Source;

/// Bins at most.
const BINS: usize = 32;

/// Bins of equal width within the octaves of t/t0 + 1, t = ln(n / n_min).
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    t0: f64,
    /// ln2 of the bins in an octave.
    bits: u32,
}

impl Grid {
    /// One bin for each octave from the t at which the fastest rate (`alpha`) bends: (n / n_min)^-alpha bends where
    /// t < 1 / alpha, and is resolved to the same share of it at every rate. 6 bins where n spans two decades.
    pub(super) fn coarse(span: f64, alpha: f64) -> Grid {
        // 2^15 of t0 in the range at most, that all fits into the bins, and 8 at least: 4 bins.
        let (low, high) = (span / 32_768.0, span / 8.0);
        let t0 = 1.0 / alpha;
        let t0 = if t0 > low { t0 } else { low };
        Grid { t0: if t0 < high { t0 } else { high }, bits: 0 }
    }

    /// Eight bins in each of four octaves: widths of 1/120 to 1/15 of the range.
    pub(super) fn fine(span: f64) -> Grid {
        Grid { t0: span / 15.0, bits: 3 }
    }

    /// Bits of a fraction below those that tell the bin.
    #[cfg_attr(wide, inline(always))]
    fn shift(&self) -> u32 {
        (52 - self.bits) & 63
    }

    /// The end of the last bin.
    fn end(&self) -> f64 {
        f64::from_bits(self.first() + ((BINS as u64) << self.shift()))
    }

    /// 1.0, the lower end of the first bin.
    #[cfg_attr(wide, inline(always))]
    fn first(&self) -> u64 {
        1023 << 52
    }

    /// Lower end of a bin.
    fn lower(&self, index: u64) -> f64 {
        f64::from_bits(self.first() + (index << self.shift()))
    }

    /// Lower ends of the bins of eight values.
    #[cfg_attr(wide, inline(always))]
    fn lower_ends(&self, v: F64x8) -> F64x8 {
        let (mut lower, shift) = (v, self.shift());
        for x in &mut lower.0 {
            *x = f64::from_bits(x.to_bits() >> shift << shift);
        }
        lower
    }

    /// The bin with this lower end.
    #[cfg_attr(wide, inline(always))]
    fn index(&self, lower: f64) -> usize {
        (lower.to_bits().wrapping_sub(self.first()) >> self.shift()) as usize
    }
}

/// Variance in units of the square of the bin's lower end, below which its points are taken as one: their spread moves
/// the mean of (n / n_min)^-alpha by half of that.
const NARROW: f64 = 1e-10;

/// What all points say together.
pub(super) struct Survey {
    /// Whether every point passed [`Point::check`].
    pub(super) is_sound: bool,
    /// Of the points with a weight above 0: how many, n, largest |error| and weight.
    pub(super) points: usize,
    pub(super) n_min: f64,
    pub(super) n_max: f64,
    pub(super) error_max: f64,
    pub(super) weight_max: f64,
}

/// The pass that gives the [`Survey`].
pub(super) struct Inspect<'a> {
    pub(super) data: &'a Source<'a>,
    pub(super) residual: Residual,
}

impl Kernel for Inspect<'_> {
    type Output = Survey;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> Survey {
        let (zero, infinity) = (F64x8::splat(0.0), F64x8::splat(f64::INFINITY));
        // In the linear residual any finite error will do.
        let least = F64x8::splat(if self.residual == Residual::Log { 0.0 } else { f64::NEG_INFINITY });
        let (mut faults, mut points) = (zero, zero);
        let (mut n_min, mut n_max, mut error_max, mut weight_max) = (infinity, zero, zero, zero);
        let (mut k, mut chunk) = (0, blocks::EMPTY);
        loop {
            let count = gather(self.data, k, &mut chunk);
            if count == 0 {
                break;
            }
            k += count;
            for [n, error, weight] in chunk.iter().take(count) {
                for i in 0..LANES {
                    let (n, error, weight) = (n.0[i], error.0[i], weight.0[i]);
                    let size = error.abs();
                    let is_sound = (n > 0.0)
                        & (n < f64::INFINITY)
                        & (size < f64::INFINITY)
                        & (error > least.0[i])
                        & (weight >= 0.0)
                        & (weight < f64::INFINITY);
                    faults.0[i] += if is_sound { 0.0 } else { 1.0 };
                    let is_used = weight > 0.0;
                    points.0[i] += if is_used { 1.0 } else { 0.0 };
                    let (low, high) = (if is_used { n } else { f64::INFINITY }, if is_used { n } else { 0.0 });
                    let size = if is_used { size } else { 0.0 };
                    n_min.0[i] = if low < n_min.0[i] { low } else { n_min.0[i] };
                    n_max.0[i] = if high > n_max.0[i] { high } else { n_max.0[i] };
                    error_max.0[i] = if size > error_max.0[i] { size } else { error_max.0[i] };
                    weight_max.0[i] = if weight > weight_max.0[i] { weight } else { weight_max.0[i] };
                }
            }
        }
        let highest = |v: F64x8| v.0.into_iter().fold(0.0, |m: f64, x| if x > m { x } else { m });
        Survey {
            is_sound: faults.sum() == 0.0,
            points: points.sum() as usize,
            n_min: n_min.0.into_iter().fold(f64::INFINITY, |m: f64, x| if x < m { x } else { m }),
            n_max: highest(n_max),
            error_max: highest(error_max),
            weight_max: highest(weight_max),
        }
    }
}

/// Sums over the points of a bin; d is t/t0 + 1 from the lower end of the bin, y the target.
/// In order: w, w d, w d^2, w d^3, w y, w d y.
type Sums = [f64; 6];

/// Sums of successive blocks that lie in one bin.
type Run = [F64x8; 6];

/// One of the two points of a bin.
#[derive(Clone, Copy)]
pub(super) struct Mean {
    pub(super) t: f64,
    pub(super) target: f64,
    pub(super) weight: f64,
}

/// Sums by bins.
pub(super) struct Bins {
    sums: [Sums; BINS],
    grid: Grid,
}

/// The pass that fills the bins.
pub(super) struct Fill<'a> {
    pub(super) blocks: Blocks<'a>,
    pub(super) residual: Residual,
    pub(super) grid: Grid,
}

impl Kernel for Fill<'_> {
    type Output = Bins;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> Bins {
        let Fill { blocks, residual, grid } = self;
        // At a single n all points are in the first bin.
        let by_t0 = if grid.t0 > 0.0 { 1.0 / grid.t0 } else { 0.0 };
        let mut bins = Bins { sums: [[0.0; 6]; BINS], grid };
        // The value before the end of the last bin.
        let last = F64x8::splat(f64::from_bits(grid.end().to_bits() - 1));
        let zero = F64x8::splat(0.0);
        let mut run: Run = [zero; 6];
        let mut run_edge = F64x8::splat(1.0);
        let (mut k, mut chunk) = (0, blocks::EMPTY);
        loop {
            let count = blocks.load(k, 0.0, &mut chunk);
            if count == 0 {
                break;
            }
            k += count;
            for &[t, target, weight] in chunk.iter().take(count) {
                let y = if residual == Residual::Log { target.ln() } else { target };
                // Rounding, and points of weight 0, must not leave the bins.
                let v = (t * by_t0 + 1.0).max(F64x8::splat(1.0)).min(last);
                let edge = grid.lower_ends(v);
                let (d, w) = (v - edge, weight);
                let (wd, wy) = (w * d, w * y);
                let terms = [w, wd, wd * d, wd * d * d, wy, wy * d];
                if edge.eq(run_edge).all() {
                    add(&mut run, &terms);
                } else if edge.eq(F64x8::splat(edge.0[0])).all() {
                    bins.take(&run, run_edge.0[0]);
                    (run, run_edge) = (terms, edge);
                } else {
                    bins.scatter(&terms, &edge);
                }
            }
        }
        bins.take(&run, run_edge.0[0]);
        bins
    }
}

#[cfg_attr(wide, inline(always))]
fn add(run: &mut Run, terms: &Run) {
    for i in 0..LANES {
        run[0].0[i] += terms[0].0[i];
        run[1].0[i] += terms[1].0[i];
        run[2].0[i] += terms[2].0[i];
        run[3].0[i] += terms[3].0[i];
        run[4].0[i] += terms[4].0[i];
        run[5].0[i] += terms[5].0[i];
    }
}

impl Bins {
    #[cfg_attr(wide, inline(always))]
    fn bin(&mut self, lower: f64) -> Option<&mut Sums> {
        self.sums.get_mut(self.grid.index(lower))
    }

    #[cfg_attr(wide, inline(always))]
    fn take(&mut self, run: &Run, edge: f64) {
        if let Some(sums) = self.bin(edge) {
            for (sum, terms) in sums.iter_mut().zip(run) {
                *sum += terms.sum();
            }
        }
    }

    #[cfg_attr(wide, inline(always))]
    fn scatter(&mut self, [w, wd, wdd, wddd, wy, wdy]: &Run, edge: &F64x8) {
        for i in 0..LANES {
            if let Some(sums) = self.bin(edge.0[i]) {
                let terms = [w.0[i], wd.0[i], wdd.0[i], wddd.0[i], wy.0[i], wdy.0[i]];
                for (sum, term) in sums.iter_mut().zip(terms) {
                    *sum += term;
                }
            }
        }
    }

    /// The two points of each bin, of which one may have the weight 0.
    pub(super) fn means(&self) -> impl Iterator<Item = Mean> {
        let grid = self.grid;
        self.sums.iter().zip(0_u64..).flat_map(move |(&[w, wd, wdd, wddd, wy, wdy], index)| {
            let edge = grid.lower(index);
            let (d, y) = (wd / w, wy / w);
            let variance = wdd / w - d * d;
            let is_narrow = !(variance > NARROW * edge * edge);
            let (variance, slope) = if is_narrow { (0.0, 0.0) } else { (variance, (wdy / w - d * y) / variance) };
            // Gauss's rule for the weight function with these moments, in units of the deviation from the mean: roots
            // a > 0 > b of s^2 - skew s - 1, with the weights -b/(a - b) and a/(a - b).
            let deviation = math::sqrt(variance);
            let skew = if is_narrow { 0.0 } else { (wddd / w - d * (3.0 * variance + d * d)) / (variance * deviation) };
            let root = math::sqrt(1.0 + 0.25 * skew * skew);
            let far = 0.5 * skew.abs() + root;
            let (a, b) = if skew > 0.0 { (far, -1.0 / far) } else { (1.0 / far, -far) };
            let point = |s: f64, weight: f64| Mean {
                t: (edge - 1.0 + d + s * deviation) * grid.t0,
                target: y + slope * (s * deviation),
                weight,
            };
            if is_narrow {
                [point(0.0, w), point(0.0, 0.0)]
            } else {
                [point(b, w * a / (a - b)), point(a, -w * b / (a - b))]
            }
        })
    }
}
