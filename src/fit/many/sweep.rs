//! The samples of eight curves: the rates of the table, and that of the power law.
use crate::math::kernels::{exp, ln};
use crate::simd::{F64x8, LANES, Mask8};

use super::super::options::FitOptions;
use super::batch::{Batch, at, tree};
use super::brackets::{Intervals, intervals};
use super::seeds::{Common, Own, Powers, RATES, Rates, Regression, SLOTS, Sample, less, sample};
use super::table::{Table, rates};

/// Share of the terms' size below which the derivative in C at the power law has no certain sign.
const UNCERTAIN: f64 = 1e-6;

const ZERO: F64x8 = F64x8::splat(0.0);

/// All samples of eight curves.
pub(super) struct Swept {
    pub(super) table: [Sample; SLOTS],
    pub(super) offset: F64x8,
    pub(super) regression: Regression,
    /// The power law: a minimum where `kink.edge` is set.
    pub(super) kink: Sample,
    pub(super) rate: F64x8,
    pub(super) common: Common,
    pub(super) found: Intervals,
}

impl Swept {
    pub(super) const NONE: Swept = Swept {
        table: [Sample::NONE; SLOTS],
        offset: ZERO,
        regression: Regression::NONE,
        kink: Sample::NONE,
        rate: ZERO,
        common: Common::NONE,
        found: Intervals::NONE,
    };

    /// The ends of an interval by its bit, in a lane.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn ends(&self, k: usize, lane: usize) -> (&Sample, &Sample) {
        let kink = self.found.kink[lane & (LANES - 1)] as usize & (SLOTS - 1);
        match k {
            0..SLOTS => (&self.table[k.max(1) - 1], &self.table[k]),
            SLOTS => (&self.table[kink.max(1) - 1], &self.kink),
            _ => (&self.kink, &self.table[kink]),
        }
    }
}

/// Samples eight curves; `is_single`: one curve in all lanes, and so eight rates at a time.
#[cfg_attr(wide, inline(always))]
pub(super) fn sweep<const BLOCKS: usize, const SHARED: usize>(
    batch: &Batch<BLOCKS>,
    table: &mut Table<BLOCKS, SHARED>,
    is_single: bool,
    swept: &mut Swept,
) {
    let regression = Regression::new(batch);
    let common = Common::new(batch);
    let base = (&common, &regression);
    let samples = &mut swept.table;
    if !table.fits(batch) && (is_single || batch.is_uniform()) {
        table.fill(batch);
    }
    let is_shared = table.fits(batch);
    let of;
    if is_single {
        for b in 0..SLOTS / LANES {
            let s = sample(batch, base, &table.rates[b], &table.blocks[b]);
            for lane in 0..LANES {
                samples[b * LANES + lane] = Sample {
                    tau: F64x8::splat(s.tau.0[lane]),
                    cost: F64x8::splat(s.cost.0[lane]),
                    slope: F64x8::splat(s.slope.0[lane]),
                    first: F64x8::splat(s.first.0[lane]),
                    last: F64x8::splat(s.last.0[lane]),
                    pull: F64x8::splat(s.pull.0[lane]),
                    edge: F64x8::splat(s.edge.0[lane]),
                };
            }
        }
        of = table.rates(0);
    } else {
        for k in 1..RATES {
            if let Some(shapes) = table.shapes.first().filter(|_| is_shared) {
                samples[k] = sample(batch, base, &table.rates(k), &shapes[k]);
            } else {
                let rates = rates(batch.span, F64x8::splat(k as f64));
                samples[k] =
                    sample(batch, base, &rates, &Own::new(batch, rates.last, &Powers::new(batch, rates.alpha)));
            }
        }
        of = if is_shared { table.rates(0) } else { rates(batch.span, ZERO) };
    }
    // Without a rate all laws are constant; the slope is that of the edge C = 0.
    let mut start = Sample { tau: of.tau, cost: regression.flat, edge: F64x8::splat(1.0), ..Sample::NONE };
    for lane in 0..LANES {
        start.slope.0[lane] = regression.ty.0[lane] * of.offset.0[lane];
        start.first.0[lane] = exp(regression.mean_y.0[lane]);
        start.last.0[lane] = start.first.0[lane];
    }
    samples[0] = start;
    let (kink, rate, has_kink, uncertain) = power_law(batch, base, of.offset);
    let mut found = intervals(samples, &kink, has_kink);
    found.doubtful = found.doubtful.or(uncertain);
    (swept.offset, swept.kink, swept.rate, swept.found) = (of.offset, kink, rate, found);
    (swept.regression, swept.common) = (regression, common);
}

/// The sample at the rate of the power law, where that is inside the domain, and whether its kind is uncertain.
#[cfg_attr(wide, inline(always))]
fn power_law<const BLOCKS: usize>(
    batch: &Batch<BLOCKS>,
    (common, regression): (&Common, &Regression),
    offset: F64x8,
) -> (Sample, F64x8, Mask8, Mask8) {
    let mut rates = Rates { alpha: ZERO, tau: ZERO, offset, last: ZERO };
    let mut has_kink = Mask8([0; LANES]);
    for lane in 0..LANES {
        let alpha = -regression.ty.0[lane] / regression.tt.0[lane];
        let inside = (alpha > 0.0) & (alpha < FitOptions::ALPHA_MAX);
        let alpha = if inside { alpha } else { 1.0 };
        has_kink.0[lane] = if inside { u64::MAX } else { 0 };
        rates.alpha.0[lane] = alpha;
        rates.tau.0[lane] = ln(alpha + offset.0[lane]);
        rates.last.0[lane] = exp(-alpha * batch.span.0[lane]);
    }
    let powers = Powers::new(batch, rates.alpha);
    let mut kink = sample(batch, (common, regression), &rates, &Own::new(batch, rates.last, &powers));
    let (mut cost, mut derivative, mut size) = (ZERO, ZERO, ZERO);
    for (block, powers) in batch.blocks.iter().zip(&powers.0).take(batch.used) {
        for lane in 0..LANES {
            let alpha = rates.alpha.0[lane];
            let t = less(at(&block.t, lane), regression.mean_t.0[lane]);
            let y = less(at(&block.y, lane), regression.mean_y.0[lane]);
            let (w, u) = (at(&block.weight, lane), at(powers, lane));
            let (mut square, mut by_c, mut of) = ([0.0; 8], [0.0; 8], [0.0; 8]);
            for i in 0..8 {
                let r = -y[i] - alpha * t[i];
                square[i] = 0.5 * w[i] * r * r;
                // The residuals are orthogonal to 1 and t: what these contribute to 1/u would only cancel.
                by_c[i] = w[i] * r * ((1.0 / u[i] - 1.0) - alpha * block.t[i].0[lane]);
                of[i] = by_c[i].abs();
            }
            cost.0[lane] += tree(square);
            derivative.0[lane] += tree(by_c);
            size.0[lane] += tree(of);
        }
    }
    let mut uncertain = Mask8([0; LANES]);
    for lane in 0..LANES {
        let is_edge = derivative.0[lane] > 0.0;
        let is_uncertain = !(derivative.0[lane].abs() > UNCERTAIN * size.0[lane]);
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
