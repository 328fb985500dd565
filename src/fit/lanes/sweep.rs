//! The samples of a batch: the rates of the table, and that of the power law.
use crate::math::kernels::{exp, ln};
use crate::simd::{F64xN, Lanes, MaskN};

use super::batch::{Batch, SLOTS, at, less, tree};
use super::brackets::{Intervals, intervals};
use super::rates::{Table, alphas, numbers, rates};
use super::samples::{Common, Regression, Sample, SampleAt, sample};
use super::shapes::{Own, Rates, powers};

/// Share of the terms' size below which the derivative in C at the power law has no certain sign.
const UNCERTAIN: f64 = 1e-6;

/// All samples of a batch.
#[repr(align(64))]
pub(super) struct Swept<const N: usize> {
    pub(super) table: [Sample<N>; SLOTS],
    pub(super) offset: F64xN<N>,
    /// The lowest rate.
    pub(super) start: F64xN<N>,
    /// The power law: a minimum where `kink.edge` is set.
    pub(super) kink: Sample<N>,
    pub(super) rate: F64xN<N>,
    has_kink: MaskN<N>,
    /// Whether its kind has no certain sign.
    uncertain: MaskN<N>,
    pub(super) common: Common<N>,
    pub(super) found: Intervals<N>,
}

impl<const N: usize> Swept<N> {
    pub(super) const NONE: Swept<N> = Swept {
        table: [Sample::NONE; SLOTS],
        offset: F64xN::splat(0.0),
        start: F64xN::splat(0.0),
        kink: Sample::NONE,
        rate: F64xN::splat(0.0),
        has_kink: MaskN([0; N]),
        uncertain: MaskN([0; N]),
        common: Common::NONE,
        found: Intervals::NONE,
    };

    /// The ends of an interval by its bit, in a lane.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn ends(&self, k: usize, lane: usize) -> (&Sample<N>, &Sample<N>) {
        let kink = self.found.kink[lane & (N - 1)] as usize & (SLOTS - 1);
        match k {
            0..SLOTS => (&self.table[k.max(1) - 1], &self.table[k]),
            SLOTS => (&self.table[kink.max(1) - 1], &self.kink),
            _ => (&self.kink, &self.table[kink]),
        }
    }
}

/// Where the shapes of the samples come from.
pub(super) enum Shapes<'t, 'a> {
    /// Each lane has a curve of its own; the table may have their common grid.
    Many(&'t mut Table<'a>),
    /// One curve is in all lanes: they take a rate each.
    Single,
}

/// Samples a batch; `is_new`: its sizes are not those of the batch before, `scratch` holds a shape for each block.
#[cfg_attr(wide, inline(always))]
pub(super) fn sweep<const N: usize>(
    on: impl Lanes<N>,
    batch: Batch<'_, N>,
    shapes: &mut Shapes<'_, '_>,
    is_new: bool,
    scratch: &mut [Own<N>],
    swept: &mut Swept<N>,
) {
    let common = Common::new(batch);
    let (terms, head) = (batch.terms, batch.head);
    let samples = &mut swept.table;
    let of;
    let is_free = terms.fixed_d.is_none();
    // Without a rate the sample is known.
    let first = usize::from(is_free && terms.alpha[0] == 0.0);
    match shapes {
        Shapes::Single => {
            of = rates(terms, head, F64xN::splat(0.0));
            for start in (0..terms.rates()).step_by(N) {
                let rates = rates(terms, head, numbers(start));
                let s = on.dispatch(SampleAt { batch, common: &common, rates: &rates, scratch: &mut *scratch });
                for lane in 0..N {
                    samples[(start + lane) & (SLOTS - 1)] = Sample::spread(&s, lane);
                }
            }
        }
        Shapes::Many(table) => {
            let is_shared = is_free && table.fits(batch, is_new, scratch);
            for k in first..terms.rates() {
                let k = k & (SLOTS - 1);
                samples[k] = if is_shared {
                    let (rates, shapes) = table.at(k);
                    sample(batch, &common, &rates, shapes)
                } else {
                    let rates = rates(terms, head, F64xN::splat(k as f64));
                    on.dispatch(SampleAt { batch, common: &common, rates: &rates, scratch: &mut *scratch })
                };
            }
            of = if is_shared { table.at(0).0 } else { rates(terms, head, F64xN::splat(0.0)) };
        }
    }
    if first > 0 {
        samples[0] = constant(batch, &common.regression, &of);
    }
    (swept.kink, swept.rate) = (Sample::NONE, F64xN::splat(0.0));
    (swept.has_kink, swept.uncertain) = (MaskN([0; N]), MaskN([0; N]));
    if is_free && (terms.has_parabola() || !terms.fixed_c) {
        (swept.kink, swept.rate, swept.has_kink, swept.uncertain) = power_law(on, batch, &common, of.offset, scratch);
    }
    (swept.offset, swept.start, swept.common) = (of.offset, of.alpha, common);
}

impl<const N: usize> Swept<N> {
    /// Between which samples minima lie, and may lie.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn bracket(&mut self, batch: Batch<'_, N>) {
        let terms = batch.terms;
        self.found = intervals(&self.table, &self.kink, self.has_kink, terms);
        self.found.doubtful = self.found.doubtful.or(self.uncertain);
        if terms.c[1] < f64::INFINITY || terms.fixed_c {
            self.found.doubtful = self.found.doubtful.or(leaves(batch, &self.table, self.offset));
        }
    }
}

/// Without a rate all laws are constant; the slope is that of the lower edge of C, where x is what is above it.
#[cfg_attr(wide, inline(always))]
fn constant<const N: usize>(batch: Batch<'_, N>, regression: &Regression<N>, of: &Rates<N>) -> Sample<N> {
    let (is_log, c_lower) = (batch.terms.is_log(), batch.head.c_lower);
    let mut s = Sample { tau: of.tau, cost: regression.flat, edge: F64xN::splat(1.0), ..Sample::NONE };
    for lane in 0..N {
        let mean = regression.mean_y.0[lane];
        let level = if is_log { exp(mean) } else { mean };
        let x = level - c_lower.0[lane];
        let unit = if is_log { x / level } else { x };
        (s.first.0[lane], s.last.0[lane]) = (level, level);
        s.slope.0[lane] = regression.ty.0[lane] * unit * of.offset.0[lane];
        s.cost.0[lane] = if x >= 0.0 { s.cost.0[lane] } else { f64::NAN };
    }
    s
}

/// Whether C leaves its domain above at any rate, or a law on its lower edge does not decrease: the longer search knows what
/// then is lowest.
#[cfg_attr(wide, inline(always))]
fn leaves<const N: usize>(batch: Batch<'_, N>, samples: &[Sample<N>; SLOTS], offset: F64xN<N>) -> MaskN<N> {
    let mut leaves = MaskN([0; N]);
    let (span, scale) = (batch.head.sizes.span, batch.head.scale);
    for s in samples.iter().take(batch.terms.rates()) {
        let fall = -(alphas(batch.terms, s.tau, offset) * span);
        for lane in 0..N {
            let upper = batch.terms.c[1] / scale.0[lane];
            let u = exp(fall.0[lane]);
            let c = (s.last.0[lane] - s.first.0[lane] * u) / (1.0 - u);
            // Without a rate C may take any share of the level.
            let c = if u < 1.0 { c } else { s.last.0[lane] };
            let is_inside = (c <= upper) | (s.edge.0[lane] > 0.0);
            leaves.0[lane] |= if is_inside & (s.cost.0[lane] >= 0.0) { 0 } else { u64::MAX };
        }
    }
    leaves
}

/// The sample at the rate of the power law, where that is inside the domain, and whether its kind is uncertain. It is exact in
/// the log residual, where it is the minimum along the edge C = 0, and of first order in the linear one: near it the profile
/// leaves that edge, at small alpha within a small part of an interval.
#[cfg_attr(wide, inline(always))]
fn power_law<const N: usize>(
    on: impl Lanes<N>,
    batch: Batch<'_, N>,
    common: &Common<N>,
    offset: F64xN<N>,
    scratch: &mut [Own<N>],
) -> (Sample<N>, F64xN<N>, MaskN<N>, MaskN<N>) {
    let zero = F64xN::splat(0.0);
    let regression = &common.regression;
    let mut rates = Rates { alpha: zero, tau: zero, offset, last: zero };
    let mut has_kink = MaskN([0; N]);
    let ([lower, upper], span, is_log) = (batch.terms.alpha, batch.head.sizes.span, batch.terms.is_log());
    for lane in 0..N {
        let mean = if is_log { 1.0 } else { regression.mean_y.0[lane] };
        let alpha = -regression.ty.0[lane] / (regression.tt.0[lane] * mean);
        let inside = (alpha > lower) & (alpha < upper);
        let alpha = if inside { alpha } else { 1.0 };
        has_kink.0[lane] = if inside { u64::MAX } else { 0 };
        rates.alpha.0[lane] = alpha;
        rates.tau.0[lane] = ln(alpha + offset.0[lane]);
        rates.last.0[lane] = exp(-alpha * span.0[lane]);
    }
    let mut kink = on.dispatch(SampleAt { batch, common, rates: &rates, scratch });
    if !batch.terms.has_parabola() {
        return (kink, rates.alpha, has_kink, MaskN([0; N]));
    }
    let (mut cost, mut derivative, mut size) = (zero, zero, zero);
    for (k, block) in batch.blocks.iter().enumerate() {
        let powers = powers(batch.head, block, k, rates.alpha);
        for lane in 0..N {
            let alpha = rates.alpha.0[lane];
            let t = less(at(&block.t, lane), regression.mean_t.0[lane]);
            let y = less(at(&block.y, lane), regression.mean_y.0[lane]);
            let (w, u, from) = (at(&block.weight, lane), at(&powers, lane), at(&block.t, lane));
            let (mut square, mut by_c, mut of) = ([0.0; 8], [0.0; 8], [0.0; 8]);
            for i in 0..8 {
                let r = -y[i] - alpha * t[i];
                square[i] = 0.5 * w[i] * r * r;
                // The residuals are orthogonal to 1 and t: what these contribute to 1/u would only cancel.
                by_c[i] = w[i] * r * ((1.0 / u[i] - 1.0) - alpha * from[i]);
                of[i] = by_c[i].abs();
            }
            cost.0[lane] += tree(square);
            derivative.0[lane] += tree(by_c);
            size.0[lane] += tree(of);
        }
    }
    let (mut uncertain, fixed_c) = (MaskN([0; N]), batch.terms.fixed_c);
    for lane in 0..N {
        let is_edge = (derivative.0[lane] > 0.0) | fixed_c;
        let is_uncertain = !(derivative.0[lane].abs() > UNCERTAIN * size.0[lane]) & !fixed_c;
        uncertain.0[lane] = if is_uncertain { has_kink.0[lane] & 1 } else { 0 };
        let level = exp(regression.mean_y.0[lane] + rates.alpha.0[lane] * regression.mean_t.0[lane]);
        kink.edge.0[lane] = if is_edge & (has_kink.0[lane] != 0) { 1.0 } else { 0.0 };
        kink.cost.0[lane] = if is_edge { cost.0[lane] } else { kink.cost.0[lane] };
        kink.slope.0[lane] = if is_edge { 0.0 } else { kink.slope.0[lane] };
        kink.pull.0[lane] = if is_edge { 0.0 } else { kink.pull.0[lane] };
        kink.first.0[lane] = if is_edge { level } else { kink.first.0[lane] };
        kink.last.0[lane] = if is_edge { level * rates.last.0[lane] } else { kink.last.0[lane] };
    }
    (kink, rates.alpha, has_kink, uncertain)
}
