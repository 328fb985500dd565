//! The search over the batches of a group: samples, brackets, minima.
use crate::math::kernels::{exp, ln};
use crate::simd::{F64x8, Kernel, LANES, Mask8};

use super::super::options::{FitOptions, Weights};
use super::batch::{Batch, WIDTH, at, tree};
use super::brackets::{Intervals, intervals, test};
use super::newton::{State, minimise};
use super::seeds::{Common, Own, Powers, RATES, Rates, Regression, Sample, less, sample};
use super::spread::{Places, Spreads, spreads};
use super::table::{Table, rates};

/// Minima that a curve may have here.
pub(super) const MINIMA: usize = 4;

/// Root of the mean square residual above which the samples are too far from the exact profile.
const ROUGH: f64 = 0.08;

/// Relative error of the samples' costs, generously: the lowest sample may not undercut the lowest minimum by more.
const SLACK: f64 = 0.02;

/// Share of the terms' size below which the derivative in C at the power law has no certain sign.
const UNCERTAIN: f64 = 1e-6;

const ZERO: F64x8 = F64x8::splat(0.0);

/// What bounds a minimum lies on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Interior,
    /// C = 0.
    NoGap,
    /// D = 0.
    Flat,
    /// alpha at its upper end.
    AlphaMax,
}

/// A minimum in units of the batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) kind: Kind,
    pub(super) cost: f64,
    pub(super) x: f64,
    pub(super) alpha: f64,
    pub(super) z: f64,
    pub(super) iterations: u32,
    pub(super) is_exact: bool,
}

impl Candidate {
    /// Parameters that the data determine.
    pub(super) fn estimated(&self) -> usize {
        match self.kind {
            Kind::Interior => 3,
            Kind::NoGap | Kind::AlphaMax => 2,
            Kind::Flat => 1,
        }
    }

    const NONE: Candidate =
        Candidate { kind: Kind::Flat, cost: f64::INFINITY, x: 0.0, alpha: 0.0, z: 0.0, iterations: 0, is_exact: false };
}

/// What was found for one curve.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    /// Lowest first.
    pub(super) minima: [Candidate; MINIMA],
    /// How many; none, or more than there is room for: the curve needs the longer search.
    pub(super) len: usize,
    pub(super) evaluations: u32,
    /// Cost of the lowest sample.
    lowest: f64,
}

impl Outcome {
    pub(super) const NONE: Outcome = Outcome { minima: [Candidate::NONE; MINIMA], len: 0, evaluations: 0, lowest: 0.0 };

    /// Inserts by cost.
    fn insert(&mut self, new: Candidate) {
        let mut moving = new;
        for slot in &mut self.minima {
            if moving.cost < slot.cost {
                core::mem::swap(slot, &mut moving);
            }
        }
        self.len = self.len.saturating_add(1);
    }
}

/// A bracket, or the upper end of alpha.
#[derive(Clone, Copy)]
pub(super) struct Item {
    batch: usize,
    lane: usize,
    tau: [f64; 2],
    cost: [f64; 2],
    slope: [f64; 2],
    first: [f64; 2],
    last: [f64; 2],
    offset: f64,
    is_held: bool,
}

impl Item {
    const NONE: Item = Item {
        batch: 0,
        lane: 0,
        tau: [0.0; 2],
        cost: [0.0; 2],
        slope: [0.0; 2],
        first: [0.0; 2],
        last: [0.0; 2],
        offset: 0.0,
        is_held: false,
    };
}

/// Brackets that wait for Newton's method: some of the batch before, and four for each curve of this one.
const ITEMS: usize = 5 * LANES;

/// The curves of a group, and what was found; `SHARED` is 1, or 0 for a curve on its own.
pub(super) struct Group<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize> {
    pub(super) batches: [Batch<BLOCKS>; BATCHES],
    pub(super) outcomes: [[Outcome; LANES]; BATCHES],
    pub(super) spreads: [Spreads; BATCHES],
    pub(super) table: Table<BLOCKS, SHARED>,
    items: [Item; ITEMS],
    waiting: usize,
    /// The curves of the brackets in work, where there are several.
    lanes: [Batch<BLOCKS>; SHARED],
}

impl<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize> Group<BLOCKS, BATCHES, SHARED> {
    pub(super) const EMPTY: Group<BLOCKS, BATCHES, SHARED> = Group {
        batches: [Batch::EMPTY; BATCHES],
        outcomes: [[Outcome::NONE; LANES]; BATCHES],
        spreads: [Spreads::NONE; BATCHES],
        table: Table::EMPTY,
        items: [Item::NONE; ITEMS],
        waiting: 0,
        lanes: [Batch::EMPTY; SHARED],
    };

    /// Queues a bracket, or the upper end of alpha twice.
    #[inline(always)]
    fn push(&mut self, batch: usize, lane: usize, (a, b): (&Sample, &Sample), offset: F64x8) {
        let lane = lane & (LANES - 1);
        let item = Item {
            batch,
            lane,
            tau: [a.tau.0[lane], b.tau.0[lane]],
            cost: [a.cost.0[lane], b.cost.0[lane]],
            slope: [a.slope.0[lane], b.slope.0[lane]],
            first: [a.first.0[lane], b.first.0[lane]],
            last: [a.last.0[lane], b.last.0[lane]],
            offset: offset.0[lane],
            is_held: a.tau.0[lane] == b.tau.0[lane],
        };
        match (self.items.get_mut(self.waiting), self.outcomes.get_mut(batch)) {
            (Some(slot), _) => {
                *slot = item;
                self.waiting += 1;
            }
            (None, Some(outcomes)) => outcomes[lane].len = usize::MAX,
            _ => {}
        }
    }
}

/// The search as a kernel; `used` batches are filled, with one curve in all lanes where `is_single`.
pub(super) struct Search<'a, const BLOCKS: usize, const BATCHES: usize, const SHARED: usize> {
    pub(super) group: &'a mut Group<BLOCKS, BATCHES, SHARED>,
    pub(super) used: usize,
    pub(super) is_single: bool,
    /// What the weights mean, where the covariance is asked for.
    pub(super) covariance: Option<Weights>,
}

impl<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize> Kernel for Search<'_, BLOCKS, BATCHES, SHARED> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Search { group, used, is_single, covariance } = self;
        let lanes = if is_single { 1 } else { LANES };
        let used = used.min(BATCHES);
        let mut swept = Swept::NONE;
        for b in 0..used + 1 {
            if b < used {
                group.batches[b].prepare();
                sweep(&group.batches[b], &mut group.table, is_single, &mut swept);
                refine(group, b, lanes, &mut swept);
                collect(group, b, lanes, &swept);
            }
            // Eight brackets fill the lanes; the last of all need not.
            while group.waiting >= if b < used { LANES } else { 1 } {
                descend(group);
            }
        }
        let spread = group.spreads.iter_mut();
        for ((outcomes, batch), spread) in group.outcomes.iter_mut().zip(&group.batches).zip(spread).take(used) {
            finish(outcomes, batch);
            if let Some(weights) = covariance {
                *spread = spreads(batch, &places(outcomes, batch, weights));
                for (outcome, singular) in outcomes.iter_mut().zip(spread.singular.0) {
                    outcome.len = if singular != 0 { 0 } else { outcome.len };
                }
            }
        }
    }
}

/// All samples of eight curves.
struct Swept {
    table: [Sample; RATES],
    offset: F64x8,
    regression: Regression,
    /// The power law: a minimum where `kink.edge` is set.
    kink: Sample,
    rate: F64x8,
    common: Common,
    found: Intervals,
}

impl Swept {
    const NONE: Swept = Swept {
        table: [Sample::NONE; RATES],
        offset: ZERO,
        regression: Regression::NONE,
        kink: Sample::NONE,
        rate: ZERO,
        common: Common::NONE,
        found: Intervals::NONE,
    };
}

impl Swept {
    /// The ends of an interval by its bit, in a lane.
    #[inline(always)]
    fn ends(&self, k: usize, lane: usize) -> (&Sample, &Sample) {
        let kink = self.found.kink[lane & (LANES - 1)] as usize & (RATES - 1);
        match k {
            0..RATES => (&self.table[k.max(1) - 1], &self.table[k]),
            RATES => (&self.table[kink.max(1) - 1], &self.kink),
            _ => (&self.kink, &self.table[kink]),
        }
    }
}

#[inline(always)]
fn sweep<const BLOCKS: usize, const SHARED: usize>(batch: &Batch<BLOCKS>, table: &mut Table<BLOCKS, SHARED>, is_single: bool, swept: &mut Swept) {
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
        for b in 0..RATES / LANES {
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
                samples[k] = sample(batch, base, &rates, &Own::new(batch, rates.last, &Powers::new(batch, rates.alpha)));
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
#[inline(always)]
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

/// The minima in closed form, and the brackets as items.
#[inline(always)]
fn collect<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize>(
    group: &mut Group<BLOCKS, BATCHES, SHARED>,
    batch: usize,
    lanes: usize,
    swept: &Swept,
) {
    for lane in 0..lanes.min(LANES) {
        let outcome = &mut group.outcomes[batch][lane];
        outcome.lowest = swept.found.lowest.0[lane];
        let regression = &swept.regression;
        if group.batches[batch].refused[lane] || swept.found.doubtful.0[lane] != 0 || regression.ty.0[lane] == 0.0 {
            outcome.len = usize::MAX;
            continue;
        }
        if regression.ty.0[lane] > 0.0 {
            let cost = regression.flat.0[lane];
            outcome.insert(Candidate { cost, z: swept.table[0].first.0[lane], ..Candidate::NONE });
        }
        if swept.kink.edge.0[lane] > 0.0 {
            let (cost, x, alpha) = (swept.kink.cost.0[lane], swept.kink.first.0[lane], swept.rate.0[lane]);
            outcome.insert(Candidate { kind: Kind::NoGap, cost, x, alpha, ..Candidate::NONE });
        }
        let end = &swept.table[RATES - 1];
        if end.slope.0[lane] < 0.0 {
            group.push(batch, lane, (end, end), swept.offset);
        }
        let mut bits = swept.found.brackets[lane];
        while bits != 0 {
            let k = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            group.push(batch, lane, swept.ends(k, lane), swept.offset);
        }
    }
}

/// Rounds of refinement: doubtful intervals of a curve, each divided by four.
const ROUNDS: usize = 3;

/// Looks into doubtful intervals at three more rates.
#[inline(always)]
fn refine<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize>(
    group: &mut Group<BLOCKS, BATCHES, SHARED>,
    batch: usize,
    lanes: usize,
    swept: &mut Swept,
) {
    for outcome in group.outcomes[batch].iter_mut() {
        *outcome = Outcome { evaluations: RATES as u32 + 1, ..Outcome::NONE };
    }
    for _ in 0..ROUNDS {
        let mut ends = [Sample::NONE; 5];
        let mut active = [false; LANES];
        for lane in 0..LANES {
            let open = swept.found.doubts[lane];
            active[lane] = open != 0 && swept.found.doubtful.0[lane] == 0 && lane < lanes;
            let k = if active[lane] { open.trailing_zeros() as usize } else { 2 };
            swept.found.doubts[lane] = open & open.wrapping_sub(1);
            let (a, b) = swept.ends(k, lane);
            ends[0].take(a, lane, lane);
            ends[4].take(b, lane, lane);
        }
        if active == [false; LANES] {
            break;
        }
        for j in 1..4 {
            let mut rates = Rates { alpha: ZERO, tau: ZERO, offset: swept.offset, last: ZERO };
            let share = j as f64 * 0.25;
            for lane in 0..LANES {
                let (a, b) = (ends[0].tau.0[lane], ends[4].tau.0[lane]);
                let tau = a + share * (b - a);
                let alpha = exp(tau) - swept.offset.0[lane];
                rates.tau.0[lane] = tau;
                rates.alpha.0[lane] = alpha;
                rates.last.0[lane] = exp(-alpha * group.batches[batch].span.0[lane]);
            }
            let of = &group.batches[batch];
            let shape = Own::new(of, rates.last, &Powers::new(of, rates.alpha));
            let s = sample(of, (&swept.common, &swept.regression), &rates, &shape);
            ends[j] = s;
            for lane in 0..LANES {
                let is_lower = active[lane] & (s.cost.0[lane] < swept.found.lowest.0[lane]);
                swept.found.lowest.0[lane] = if is_lower { s.cost.0[lane] } else { swept.found.lowest.0[lane] };
            }
        }
        for j in 0..4 {
            for lane in 0..LANES {
                if active[lane] {
                    let (bracket, doubt) = test(&ends[j], &ends[j + 1], lane, swept.found.lowest.0[lane]);
                    swept.found.doubtful.0[lane] |= if doubt { u64::MAX } else { 0 };
                    group.outcomes[batch][lane].evaluations += u32::from(j > 0);
                    if bracket {
                        group.push(batch, lane, (&ends[j], &ends[j + 1]), swept.offset);
                    }
                }
            }
        }
    }
    for lane in 0..LANES {
        swept.found.doubtful.0[lane] |= if swept.found.doubts[lane] != 0 { u64::MAX } else { 0 };
    }
}

/// Takes eight brackets, or the last ones, to their minima.
#[inline(always)]
fn descend<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize>(group: &mut Group<BLOCKS, BATCHES, SHARED>) {
    let count = group.waiting.min(LANES);
    group.waiting -= count;
    let mut taken = [Item::NONE; LANES];
    for (lane, slot) in taken.iter_mut().enumerate() {
        // Lanes without a bracket repeat the first.
        let from = if lane < count { lane } else { 0 };
        *slot = group.items.get(group.waiting + from).copied().unwrap_or(Item::NONE);
    }
    let (mut tau, mut cost, mut slope) = ([ZERO; 2], [ZERO; 2], [ZERO; 2]);
    let (mut first, mut last, mut offset, mut held) = ([ZERO; 2], [ZERO; 2], ZERO, ZERO);
    for (lane, item) in taken.iter().enumerate() {
        for i in 0..2 {
            tau[i].0[lane] = item.tau[i];
            cost[i].0[lane] = item.cost[i];
            slope[i].0[lane] = item.slope[i];
            first[i].0[lane] = item.first[i];
            last[i].0[lane] = item.last[i];
        }
        offset.0[lane] = item.offset;
        held.0[lane] = if item.is_held { 1.0 } else { 0.0 };
    }
    let Group { batches, lanes, .. } = group;
    let batch = match lanes.first_mut() {
        Some(lanes) => {
            gather(batches, &taken, lanes);
            &*lanes
        }
        None => match batches.first() {
            Some(batch) => batch,
            None => return,
        },
    };
    let mut state = start(&batch.span, tau, cost, slope, first, last, offset, held);
    minimise(batch, &mut state);
    for (lane, item) in taken.iter().enumerate().take(count) {
        let Some(outcome) = group.outcomes.get_mut(item.batch).and_then(|o| o.get_mut(item.lane)) else { continue };
        // The slope must point out of the domain at its end.
        let is_wrong = item.is_held && state.slope.0[lane] > 0.0;
        let is_high = state.cost.0[lane] > (1.0 + SLACK) * item.cost[0].min(item.cost[1]) && state.exact.0[lane] == 0;
        if state.failed.0[lane] != 0 || is_wrong || is_high {
            outcome.len = usize::MAX;
        } else {
            outcome.evaluations += state.evaluations.0[lane] as u32;
            outcome.insert(Candidate {
                kind: if item.is_held { Kind::AlphaMax } else { Kind::Interior },
                cost: state.cost.0[lane],
                x: state.x.0[lane],
                alpha: state.alpha.0[lane],
                z: state.z.0[lane],
                iterations: state.iterations.0[lane] as u32,
                is_exact: state.exact.0[lane] != 0,
            });
        }
    }
}

/// The curves of these brackets side by side.
#[inline(always)]
fn gather<const BLOCKS: usize>(batches: &[Batch<BLOCKS>], taken: &[Item; LANES], to: &mut Batch<BLOCKS>) {
    to.used = 1;
    for item in taken {
        to.used = batches.get(item.batch).map_or(to.used, |b| b.used.max(to.used));
    }
    for (lane, item) in taken.iter().enumerate() {
        let Some(from) = batches.get(item.batch) else { continue };
        let of = item.lane & (LANES - 1);
        to.span.0[lane] = from.span.0[of];
        to.step.0[lane] = from.step.0[of];
        to.weight_sum.0[lane] = from.weight_sum.0[of];
        for (k, (to, block)) in to.blocks.iter_mut().zip(&from.blocks).enumerate().take(to.used) {
            // Curves with fewer blocks go on without weight.
            let is_used = k < from.used;
            for i in 0..WIDTH {
                to.t[i].0[lane] = block.t[i].0[of];
                to.inverse[i].0[lane] = if is_used { block.inverse[i].0[of] } else { 1.0 };
                to.weight[i].0[lane] = if is_used { block.weight[i].0[of] } else { 0.0 };
            }
        }
    }
}

/// Where the cubic through values and slopes of a bracket has its minimum, with the levels at both ends of the data by
/// the same share.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "the fields of eight brackets")]
fn start(
    span: &F64x8,
    tau: [F64x8; 2],
    cost: [F64x8; 2],
    slope: [F64x8; 2],
    first: [F64x8; 2],
    last: [F64x8; 2],
    offset: F64x8,
    held: F64x8,
) -> State {
    let no = Mask8([0; LANES]);
    let mut s = State {
        x: ZERO,
        alpha: ZERO,
        z: ZERO,
        last: ZERO,
        lower: ZERO,
        upper: ZERO,
        cost: ZERO,
        slope: ZERO,
        evaluations: ZERO,
        iterations: ZERO,
        done: no,
        exact: no,
        failed: no,
    };
    let (mut square, mut linear, mut da) = (ZERO, ZERO, ZERO);
    for lane in 0..LANES {
        let h = tau[1].0[lane] - tau[0].0[lane];
        let (a, b) = (slope[0].0[lane] * h, slope[1].0[lane] * h);
        let rise = cost[1].0[lane] - cost[0].0[lane];
        square.0[lane] = 3.0 * (a + b) - 6.0 * rise;
        linear.0[lane] = 6.0 * rise - 4.0 * a - 2.0 * b;
        da.0[lane] = a;
    }
    // The root of square s^2 + linear s + da where it rises, in the form that does not cancel.
    let root = (linear * linear - square * da * 4.0).sqrt();
    for lane in 0..LANES {
        let (square, linear, da, root) = (square.0[lane], linear.0[lane], da.0[lane], root.0[lane]);
        let (up, down) = if linear > 0.0 { (-2.0 * da, linear + root) } else { (root - linear, 2.0 * square) };
        let share = up / down;
        let share = if (share > 0.0) & (share < 1.0) { share } else { 0.5 };
        let mix = share;
        let (from, to) = (tau[0].0[lane], tau[1].0[lane]);
        let (offset, is_held) = (offset.0[lane], held.0[lane] > 0.0);
        let (lower, upper) = (exp(from) - offset, exp(to) - offset);
        let margin = 0.05 * (upper - lower);
        let end = FitOptions::ALPHA_MAX;
        let (lower, upper) = (lower - margin, upper + margin);
        let lower = if lower > 0.0 { lower } else { 0.0 };
        let upper = if upper < end { upper } else { end };
        let alpha = exp(from + mix * (to - from)) - offset;
        let alpha = if is_held { end } else { alpha };
        let first = first[0].0[lane] + mix * (first[1].0[lane] - first[0].0[lane]);
        let last = last[0].0[lane] + mix * (last[1].0[lane] - last[0].0[lane]);
        let u = exp(-alpha * span.0[lane]);
        let x = (first - last) / (1.0 - u);
        s.last.0[lane] = u;
        let z = first - x;
        // On the edge C = 0 all of the level is x.
        let (x, z) = if z > 0.0 { (x, z) } else { (first, 0.0) };
        s.alpha.0[lane] = alpha;
        s.x.0[lane] = x;
        s.z.0[lane] = z;
        s.lower.0[lane] = if is_held { end } else { lower };
        s.upper.0[lane] = if is_held { end } else { upper };
    }
    s
}

/// Leaves those curves to the longer search whose minimum is not sure.
#[inline(always)]
fn finish<const BLOCKS: usize>(outcomes: &mut [Outcome; LANES], batch: &Batch<BLOCKS>) {
    for (outcome, weight_sum) in outcomes.iter_mut().zip(batch.weight_sum.0) {
        let best = outcome.minima[0].cost;
        let is_low = best <= (1.0 + SLACK) * outcome.lowest;
        let is_smooth = best <= 0.5 * ROUGH * ROUGH * weight_sum;
        if outcome.len > MINIMA || !(is_low && is_smooth) {
            outcome.len = 0;
        }
    }
}

/// Where the spreads are asked for.
#[inline(always)]
fn places<const BLOCKS: usize>(outcomes: &[Outcome; LANES], batch: &Batch<BLOCKS>, weights: Weights) -> Places {
    let mut places = Places::NONE;
    for (lane, outcome) in outcomes.iter().enumerate().filter(|(_, outcome)| outcome.len > 0) {
        let best = &outcome.minima[0];
        let degrees_of_freedom = batch.len[lane].saturating_sub(best.estimated()).max(1);
        places.x.0[lane] = best.x;
        places.alpha.0[lane] = best.alpha;
        places.z.0[lane] = best.z;
        places.variance.0[lane] = match weights {
            Weights::Relative => 2.0 * best.cost / degrees_of_freedom as f64,
            Weights::Absolute => 1.0 / batch.weight_scale.0[lane],
        };
        let mark = |kind| if best.kind == kind { 1.0 } else { 0.0 };
        places.no_gap.0[lane] = mark(Kind::NoGap);
        places.alpha_max.0[lane] = mark(Kind::AlphaMax);
        places.flat.0[lane] = mark(Kind::Flat);
    }
    places
}
