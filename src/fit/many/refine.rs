//! A closer look at doubtful intervals.
use crate::math::kernels::exp;
use crate::simd::{F64x8, LANES, Mask8};

use super::brackets::test;
use super::outcome::Outcome;
use super::search::Group;
use super::seeds::{Own, Powers, RATES, Rates, Sample, sample};
use super::sweep::Swept;

const ZERO: F64x8 = F64x8::splat(0.0);

/// Rounds of refinement: doubtful intervals of a curve, each divided by four.
const ROUNDS: usize = 3;

/// Looks into doubtful intervals at three more rates.
#[cfg_attr(wide, inline(always))]
pub(super) fn refine<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize>(
    group: &mut Group<BLOCKS, BATCHES, SHARED, ITEMS>,
    batch: usize,
    lanes: usize,
    swept: &mut Swept,
) {
    for outcome in group.outcomes.get_mut(batch).into_iter().flatten() {
        *outcome = Outcome { evaluations: RATES as u32 + 1, ..Outcome::NONE };
    }
    for _ in 0..ROUNDS {
        let doubts = swept.found.doubts;
        if doubts == [0; LANES] {
            break;
        }
        let mut ends = [Sample::NONE; 5];
        let mut active = Mask8([0; LANES]);
        for lane in 0..LANES {
            let open = swept.found.doubts[lane];
            let is_active = open != 0 && swept.found.doubtful.0[lane] == 0 && lane < lanes;
            active.0[lane] = if is_active { u64::MAX } else { 0 };
            let k = if is_active { open.trailing_zeros() as usize } else { 2 };
            swept.found.doubts[lane] = open & open.wrapping_sub(1);
            let (a, b) = swept.ends(k, lane);
            ends[0].take(a, lane, lane);
            ends[4].take(b, lane, lane);
        }
        if !active.any() {
            break;
        }
        for j in 1..4 {
            let Some(of) = group.batches.get(batch) else { continue };
            let mut rates = Rates { alpha: ZERO, tau: ZERO, offset: swept.offset, last: ZERO };
            let share = j as f64 * 0.25;
            for lane in 0..LANES {
                let (a, b) = (ends[0].tau.0[lane], ends[4].tau.0[lane]);
                let tau = a + share * (b - a);
                let alpha = exp(tau) - swept.offset.0[lane];
                rates.tau.0[lane] = tau;
                rates.alpha.0[lane] = alpha;
                rates.last.0[lane] = exp(-alpha * of.span.0[lane]);
            }
            let shape = Own::new(of, rates.last, &Powers::new(of, rates.alpha));
            let s = sample(of, (&swept.common, &swept.regression), &rates, &shape);
            ends[j] = s;
            for lane in 0..LANES {
                let is_lower = (active.0[lane] != 0) & (s.cost.0[lane] < swept.found.lowest.0[lane]);
                swept.found.lowest.0[lane] = if is_lower { s.cost.0[lane] } else { swept.found.lowest.0[lane] };
            }
        }
        for j in 0..4 {
            for lane in 0..LANES {
                if active.0[lane] != 0 {
                    let (bracket, doubt) = test(&ends[j], &ends[j + 1], lane, swept.found.lowest.0[lane]);
                    swept.found.doubtful.0[lane] |= if doubt { u64::MAX } else { 0 };
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
    for lane in 0..LANES {
        swept.found.doubtful.0[lane] |= if swept.found.doubts[lane] != 0 { u64::MAX } else { 0 };
    }
}
