//! Brackets on their way to a minimum: whoever they belong to, eight go side by side.
use crate::math::kernels::exp;
use crate::simd::{F64x8, LANES, Mask8};

use super::super::options::FitOptions;
use super::batch::{Batch, WIDTH};
use super::newton::{State, minimise};
use super::outcome::{Candidate, Kind, MINIMA};
use super::search::{Group, SLACK};
use super::seeds::Sample;

const ZERO: F64x8 = F64x8::splat(0.0);

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
    pub(super) const NONE: Item = Item {
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

impl<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize>
    Group<BLOCKS, BATCHES, SHARED, ITEMS>
{
    /// Queues a bracket, or the upper end of alpha twice.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn push(&mut self, batch: usize, lane: usize, (a, b): (&Sample, &Sample), offset: F64x8) {
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
        let Some(outcomes) = self.outcomes.get_mut(batch) else { return };
        let outcome = &mut outcomes[lane];
        outcome.queued += 1;
        // More than there is room for go to the longer search, whoever else waits.
        match self.items.get_mut(self.waiting).filter(|_| outcome.queued <= MINIMA) {
            Some(slot) => {
                *slot = item;
                self.waiting += 1;
            }
            None => outcome.len = usize::MAX,
        }
    }
}

/// Takes eight brackets, or the last ones, to their minima.
#[cfg_attr(wide, inline(always))]
pub(super) fn descend<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize>(
    group: &mut Group<BLOCKS, BATCHES, SHARED, ITEMS>,
) {
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
        let lane = lane & (LANES - 1);
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
#[cfg_attr(wide, inline(always))]
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
        to.len[lane] = from.len[of];
        for (k, (to, block)) in to.blocks.iter_mut().zip(&from.blocks).enumerate().take(to.used) {
            // Curves with fewer blocks go on without weight; what is in theirs is of earlier curves, and may be no number.
            let is_used = k < from.used;
            for i in 0..WIDTH {
                to.t[i].0[lane] = if is_used { block.t[i].0[of] } else { 0.0 };
                to.inverse[i].0[lane] = if is_used { block.inverse[i].0[of] } else { 1.0 };
                to.weight[i].0[lane] = if is_used { block.weight[i].0[of] } else { 0.0 };
            }
        }
    }
}

/// Where the cubic through values and slopes of a bracket has its minimum, with the levels at both ends of the data by
/// the same share.
#[cfg_attr(wide, inline(always))]
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
