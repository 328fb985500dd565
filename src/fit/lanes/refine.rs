//! A closer look at doubtful intervals.
use crate::simd::{Lanes, MaskN};

use super::batch::SLOTS;
use super::brackets::test;
use super::candidates::Outcome;
use super::group::Group;
use super::rates::alphas;
use super::samples::{Sample, SampleAt};
use super::shapes::Rates;
use super::sweep::Swept;

/// Rounds of refinement: doubtful intervals of a curve, each divided by four, ...
const ROUNDS: usize = 6;

/// ... and by four again where the doubt is in one part alone: where the profile meets the edge C = 0 its slope bends, which
/// no cubic follows.
const DEPTH: usize = 3;

/// Share of the larger slope that the smaller one must have where the profile bends.
const LEAST: f64 = 0.01;

/// Looks into doubtful intervals at three more rates; of the first `lanes` curves.
#[cfg_attr(wide, inline(always))]
pub(super) fn refine<const N: usize>(
    on: impl Lanes<N>,
    group: &mut Group<'_, N>,
    batch: usize,
    lanes: usize,
    swept: &mut Swept<N>,
) {
    let rates = group.loader.terms.rates();
    for outcome in group.outcomes.get_mut(batch).into_iter().flatten() {
        *outcome = Outcome { evaluations: rates as u32 + 1, ..Outcome::NONE };
    }
    let terms = group.loader.terms;
    let last = (terms.rates() - 1) & (SLOTS - 1);
    if terms.fixed_d.is_some() {
        for lane in 0..N {
            swept.found.brackets[lane] &= !(1 << last);
            swept.found.doubts[lane] |= 1 << last;
        }
    }
    let end = swept.table[last].tau;
    // What of an interval is still in doubt, and how often it was divided.
    let (mut parts, mut depth) = ([Sample::NONE; 2], [0; N]);
    for _ in 0..ROUNDS {
        if swept.found.doubts == [0; N] && depth == [0; N] {
            break;
        }
        let mut ends = [Sample::NONE; 5];
        let mut active = MaskN([0; N]);
        for lane in 0..N {
            let open = swept.found.doubts[lane];
            let is_open = (open != 0 || depth[lane] > 0) && swept.found.doubtful.0[lane] == 0 && lane < lanes;
            active.0[lane] = if is_open { u64::MAX } else { 0 };
            if depth[lane] > 0 {
                ends[0].take(&parts[0], lane, lane);
                ends[4].take(&parts[1], lane, lane);
                continue;
            }
            let k = if is_open { open.trailing_zeros() as usize } else { 2 };
            swept.found.doubts[lane] = open & open.wrapping_sub(1);
            let (a, b) = swept.ends(k, lane);
            ends[0].take(a, lane, lane);
            ends[4].take(b, lane, lane);
        }
        if !active.any() {
            break;
        }
        for j in 1..4 {
            let Some((of, scratch)) = group.batch_and_scratch(batch) else { continue };
            let share = j as f64 * 0.25;
            let tau = ends[0].tau + (ends[4].tau - ends[0].tau) * share;
            let alpha = alphas(of.terms, tau, swept.offset);
            let last = (-(alpha * of.head.sizes.span)).exp();
            let rates = Rates { alpha, tau, offset: swept.offset, last };
            let s = on.dispatch(SampleAt { batch: of, common: &swept.common, rates: &rates, scratch });
            ends[j] = s;
            for lane in 0..N {
                let is_lower = (active.0[lane] != 0) & (s.cost.0[lane] < swept.found.lowest.0[lane]);
                swept.found.lowest.0[lane] = if is_lower { s.cost.0[lane] } else { swept.found.lowest.0[lane] };
            }
        }
        let before = depth;
        depth = [0; N];
        for j in 0..4 {
            for lane in 0..N {
                if active.0[lane] != 0 {
                    let (bracket, doubt) = test(&ends[j], &ends[j + 1], lane, swept.found.lowest.0[lane], &terms);
                    // Where D is fixed the last part may hold several minima at the level of the noise.
                    let is_last =
                        terms.fixed_d.is_some() && before[lane] < DEPTH && ends[j + 1].tau.0[lane] == end.0[lane];
                    let (bracket, doubt) = (bracket & !is_last, doubt | is_last);
                    if doubt && depth[lane] == 0 && before[lane] < DEPTH {
                        depth[lane] = before[lane] + 1;
                        parts[0].take(&ends[j], lane, lane);
                        parts[1].take(&ends[j + 1], lane, lane);
                    } else if doubt && !bends(&ends[j], &ends[j + 1], lane) {
                        swept.found.doubtful.0[lane] = u64::MAX;
                    }
                    if let Some(outcomes) = group.outcomes.get_mut(batch) {
                        outcomes[lane].evaluations += u32::from(j > 0);
                    }
                    if bracket {
                        group.push(batch, lane, (&ends[j], &ends[j + 1]), swept.offset);
                    }
                }
            }
        }
    }
    for lane in 0..N {
        let is_open = swept.found.doubts[lane] != 0 || depth[lane] > 0;
        swept.found.doubtful.0[lane] |= if is_open { u64::MAX } else { 0 };
    }
}

/// Whether a part at the greatest depth is in doubt for its bend alone: the profile is smooth on the edge C = 0 and beside
/// it, its slope is the same where they meet, and in so short a part neither changes sign.
#[cfg_attr(wide, inline(always))]
fn bends<const N: usize>(a: &Sample<N>, b: &Sample<N>, lane: usize) -> bool {
    let lane = lane & (N - 1);
    let (from, to) = (a.slope.0[lane], b.slope.0[lane]);
    let meets = (a.edge.0[lane] > 0.0) != (b.edge.0[lane] > 0.0);
    let (small, large) = if from.abs() < to.abs() { (from.abs(), to.abs()) } else { (to.abs(), from.abs()) };
    meets & (from * to > 0.0) & (small > LEAST * large)
}
