//! Brackets on their way to a minimum: whoever they belong to, as many as there are lanes go side by side.
use crate::math::kernels::exp;
use crate::simd::{F64xN, Lanes, MaskN};

use super::batch::{Batch, Terms, WIDTH};
use super::candidates::{Candidate, Kind, MINIMA};
use super::group::{Group, Item, SLACK};
use super::newton::{State, minimise};
use super::rates::alphas;
use super::samples::Sample;

impl<const N: usize> Group<'_, N> {
    /// Queues a bracket, or an end of the domain of alpha twice.
    pub(super) fn push(&mut self, batch: usize, lane: usize, (a, b): (&Sample<N>, &Sample<N>), offset: F64xN<N>) {
        let lane = lane & (N - 1);
        let Terms { fixed_c, .. } = self.loader.terms;
        // Where the cost along the edge is a parabola its minimum is known.
        let is_known = self.loader.terms.has_parabola() && !fixed_c && !self.loader.terms.fixed_alpha();
        let (on_a, on_b) = (!is_known & (a.edge.0[lane] > 0.0), !is_known & (b.edge.0[lane] > 0.0));
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
            no_gap: on_a & on_b,
            tries: if (on_a | on_b) && !fixed_c { 2 } else { 0 },
            is_mixed: on_a != on_b,
            is_found: false,
            start: [0.0; 2],
        };
        let Some(outcomes) = self.outcomes.get_mut(batch) else { return };
        outcomes[lane].queued += 1;
        self.queue(item);
    }

    /// More than there is room for go to the longer search, whoever else waits.
    fn queue(&mut self, item: Item) {
        let Some(outcomes) = self.outcomes.get_mut(item.batch) else { return };
        let outcome = &mut outcomes[item.lane & (N - 1)];
        match self.items.get_mut(self.waiting).filter(|_| outcome.queued <= MINIMA) {
            Some(slot) => {
                *slot = item;
                self.waiting += 1;
            }
            None => outcome.len = usize::MAX,
        }
    }

    /// Takes as many brackets as there are lanes, or the last ones, to their minima.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn descend(&mut self, on: impl Lanes<N>) {
        let count = self.waiting.min(N);
        self.waiting -= count;
        let mut taken = [Item::NONE; N];
        for (lane, slot) in taken.iter_mut().enumerate() {
            // Lanes without a bracket repeat the first.
            let from = if lane < count { lane } else { 0 };
            *slot = self.items.get(self.waiting + from).copied().unwrap_or(Item::NONE);
        }
        self.gather(&taken);
        let Some(batch) = self.work() else { return };
        let mut state = start(batch, &taken);
        minimise(on, batch, &mut state);
        for (lane, item) in taken.iter().enumerate().take(count) {
            let lane = lane & (N - 1);
            let Some(outcomes) = self.outcomes.get_mut(item.batch) else { continue };
            let outcome = &mut outcomes[item.lane & (N - 1)];
            let Terms { alpha: [_, most], fixed_c, .. } = self.loader.terms;
            let fixed_alpha = self.loader.terms.fixed_alpha();
            // The slope must point out of the domain at its end, and the cost must not fall with C.
            let inwards = if state.upper.0[lane] < most { -state.slope.0[lane] } else { state.slope.0[lane] };
            let is_wrong = (item.is_held & !fixed_alpha & (inwards > 0.0))
                | (item.no_gap & !fixed_c & !(state.by_z.0[lane] >= 0.0));
            let least = if item.cost[0] < item.cost[1] { item.cost[0] } else { item.cost[1] };
            // Two parameters on their bounds: not for here.
            let is_corner = item.is_held & !fixed_alpha & item.no_gap & !fixed_c;
            let is_high = state.cost.0[lane] > (1.0 + SLACK) * least && state.exact.0[lane] == 0;
            if state.failed.0[lane] != 0 || is_wrong || is_high || is_corner {
                // A gap where the cost falls with one, from where it was 0; else none.
                let gains = item.no_gap & is_wrong & (state.failed.0[lane] == 0);
                let start = if gains { [state.x.0[lane], state.alpha.0[lane]] } else { [0.0; 2] };
                if item.tries > 0 && (gains || !item.no_gap) {
                    self.queue(Item { tries: item.tries - 1, no_gap: !item.no_gap, start, ..*item });
                } else if !item.is_found {
                    outcome.len = usize::MAX;
                }
                continue;
            }
            outcome.evaluations += state.evaluations.0[lane] as u32;
            outcome.insert(Candidate {
                kind: match (item.is_held, item.no_gap) {
                    (true, _) if !fixed_alpha => Kind::AlphaEnd,
                    (_, true) if !fixed_c => Kind::NoGap,
                    _ => Kind::Interior,
                },
                cost: state.cost.0[lane],
                x: state.x.0[lane],
                alpha: state.alpha.0[lane],
                z: state.z.0[lane],
                iterations: state.iterations.0[lane] as u32,
                is_exact: state.exact.0[lane] != 0,
            });
            // Where an end of the bracket is on the edge and the other is not, each side may have a minimum.
            if item.is_mixed && !item.no_gap && item.tries > 0 {
                self.queue(Item { tries: 0, no_gap: true, is_found: true, start: [0.0; 2], ..*item });
            }
        }
    }

    /// Puts the curves of these brackets side by side; one curve on its own is so already.
    #[cfg_attr(wide, inline(always))]
    fn gather(&mut self, taken: &[Item; N]) {
        let Group { heads, blocks, per_batch, work: Some((to, to_blocks)), .. } = self else { return };
        to.used = 1;
        for item in taken {
            let used = heads.get(item.batch).map_or(1, |b| b.used);
            to.used = if used > to.used { used } else { to.used };
        }
        for (lane, item) in taken.iter().enumerate() {
            let Some(from) = heads.get(item.batch) else { continue };
            let (lane, of) = (lane & (N - 1), item.lane & (N - 1));
            to.sizes.span.0[lane] = from.sizes.span.0[of];
            to.sizes.step.0[lane] = from.sizes.step.0[of];
            to.weight_sum.0[lane] = from.weight_sum.0[of];
            to.c_lower.0[lane] = from.c_lower.0[of];
            to.d.0[lane] = from.d.0[of];
            to.sizes.ln_n_min.0[lane] = from.sizes.ln_n_min.0[of];
            to.len[lane] = from.len[of];
            let own = blocks.iter().skip(item.batch * *per_batch);
            for (k, (to_block, block)) in to_blocks.iter_mut().zip(own).enumerate().take(to.used) {
                // Curves with fewer blocks go on without weight; what is in theirs is of earlier curves, and may be no number.
                let is_used = k < from.used;
                for i in 0..WIDTH {
                    to_block.t[i].0[lane] = if is_used { block.t[i].0[of] } else { 0.0 };
                    to_block.unit[i].0[lane] = if is_used { block.unit[i].0[of] } else { 0.0 };
                    to_block.aim[i].0[lane] = if is_used { block.aim[i].0[of] } else { 0.0 };
                    to_block.weight[i].0[lane] = if is_used { block.weight[i].0[of] } else { 0.0 };
                }
            }
        }
    }

    /// The curves of the brackets in work.
    #[cfg_attr(wide, inline(always))]
    fn work(&self) -> Option<Batch<'_, N>> {
        match &self.work {
            Some((head, blocks)) => Some(Batch { head, blocks: blocks.get(..head.used)?, terms: &self.loader.terms }),
            None => self.batch(0),
        }
    }
}

/// Where the cubic through values and slopes of a bracket has its minimum, with the levels at both ends of the data by
/// the same share.
#[cfg_attr(wide, inline(always))]
fn start<const N: usize>(batch: Batch<'_, N>, taken: &[Item; N]) -> State<N> {
    let (zero, no) = (F64xN::splat(0.0), MaskN([0; N]));
    let mut s = State {
        x: zero,
        alpha: zero,
        z: zero,
        last: zero,
        lower: zero,
        upper: zero,
        cost: zero,
        slope: zero,
        by_z: zero,
        no_gap: zero,
        share: F64xN::splat(1.0),
        majorant: zero,
        evaluations: zero,
        iterations: zero,
        done: no,
        exact: no,
        failed: no,
    };
    let (mut tau, mut first, mut last, mut offset, mut held) = ([zero; 2], [zero; 2], [zero; 2], zero, zero);
    let (mut square, mut linear, mut da, mut known) = (zero, zero, zero, [zero; 2]);
    for (lane, item) in taken.iter().enumerate() {
        let lane = lane & (N - 1);
        let h = item.tau[1] - item.tau[0];
        let (a, b) = (item.slope[0] * h, item.slope[1] * h);
        let rise = item.cost[1] - item.cost[0];
        square.0[lane] = 3.0 * (a + b) - 6.0 * rise;
        linear.0[lane] = 6.0 * rise - 4.0 * a - 2.0 * b;
        da.0[lane] = a;
        for i in 0..2 {
            (tau[i].0[lane], first[i].0[lane], last[i].0[lane]) = (item.tau[i], item.first[i], item.last[i]);
        }
        offset.0[lane] = item.offset;
        (known[0].0[lane], known[1].0[lane]) = (item.start[0], item.start[1]);
        held.0[lane] = if item.is_held { 1.0 } else { 0.0 };
        s.no_gap.0[lane] = if item.no_gap { 1.0 } else { 0.0 };
    }
    let ends = [alphas(batch.terms, tau[0], offset), alphas(batch.terms, tau[1], offset)];
    // The root of square s^2 + linear s + da where it rises, in the form that does not cancel.
    let root = (linear * linear - square * da * 4.0).sqrt();
    let (Terms { alpha: [least, most], .. }, span, c_lower) = (*batch.terms, batch.head.sizes.span, batch.head.c_lower);
    let mut shares = zero;
    for lane in 0..N {
        let (square, linear, da, root) = (square.0[lane], linear.0[lane], da.0[lane], root.0[lane]);
        let (up, down) = if linear > 0.0 { (-2.0 * da, linear + root) } else { (root - linear, 2.0 * square) };
        let share = up / down;
        let share = if (share > 0.0) & (share < 1.0) { share } else { 0.5 };
        shares.0[lane] = share;
    }
    let at = alphas(batch.terms, tau[0] + shares * (tau[1] - tau[0]), offset);
    for lane in 0..N {
        let (share, is_held) = (shares.0[lane], held.0[lane] > 0.0);
        let (lower, upper) = (ends[0].0[lane], ends[1].0[lane]);
        let margin = 0.05 * (upper - lower);
        let (lower, upper) = (lower - margin, upper + margin);
        let lower = if lower > least { lower } else { least };
        let upper = if upper < most { upper } else { most };
        let alpha = at.0[lane];
        // The middle tells the ends apart: they are off by rounding.
        let end = if alpha > 0.5 * (least + most) { most } else { least };
        let alpha = if is_held { end } else { alpha };
        let (known, known_rate) = (known[0].0[lane], known[1].0[lane]);
        let alpha = if known > 0.0 { known_rate } else { alpha };
        let first = first[0].0[lane] + share * (first[1].0[lane] - first[0].0[lane]);
        let last = last[0].0[lane] + share * (last[1].0[lane] - last[0].0[lane]);
        let u = exp(-alpha * span.0[lane]);
        let x = (first - last) / (1.0 - u);
        s.last.0[lane] = u;
        let z = first - x;
        // On the edge what is above it is x.
        let edge = c_lower.0[lane];
        let (x, z) = if (z > edge) & !(s.no_gap.0[lane] > 0.0) { (x, z) } else { (first - edge, edge) };
        let (x, z) = if known > 0.0 { (known, edge) } else { (x, z) };
        s.alpha.0[lane] = alpha;
        s.x.0[lane] = x;
        s.z.0[lane] = z;
        s.lower.0[lane] = if is_held { end } else { lower };
        s.upper.0[lane] = if is_held { end } else { upper };
    }
    if batch.terms.fixed_d.is_some() {
        // x follows from alpha; the level at n_min stays.
        let x = batch.head.d * (-(s.alpha * batch.head.sizes.ln_n_min)).exp();
        s.z = s.no_gap.gt(zero).select(c_lower, s.x + s.z - x);
        s.x = x;
    }
    s
}
