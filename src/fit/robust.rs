//! Minima of Huber's loss on more points than a curve has nodes: bins keep means, and it needs more.
use crate::math;
use crate::simd::{F64x8, LANES};
use crate::solve::Bounds;

use super::search::{Found, Sample, Search, sample};
use super::solver::Polish;

/// Blocks of eight rates at which the profile of the points is looked at: minima that hang on single points are narrow.
const BLOCKS: usize = 8;

/// The same where there are so many points that none has a minimum of its own, and 64 rates would take seconds.
const BLOCKS_OF_MANY: usize = 3;
const MANY: usize = 5_000;

impl Polish<'_> {
    /// Brackets of the minima of the profile of all points, with x and z at their best for each of the rates: from where
    /// the bins have them, and from where they were at the rate before.
    #[inline(never)]
    pub(super) fn profile_of_points(&self, search: &Search<'_>, found: &mut Found) {
        let Bounds { lower, upper, .. } = self.objective.domain.alpha;
        let start = math::ln(lower + search.offset);
        let range = math::ln(upper + search.offset) - start;
        let blocks = if self.objective.curve.points > MANY { BLOCKS_OF_MANY } else { BLOCKS };
        let step = range / (blocks * LANES - 1) as f64;
        let mut before: Option<Sample> = None;
        for block in 0..blocks {
            let tau = F64x8(core::array::from_fn(|lane| start + step * (block * LANES + lane) as f64));
            let alpha = search.alpha(tau).max(F64x8::splat(lower)).min(F64x8::splat(upper));
            let p = search.evaluate(alpha);
            found.evaluations += LANES as u32;
            for (lane, tau) in tau.0.into_iter().enumerate() {
                let (here, evaluations) = self.at_rate(&sample(&p, lane, tau), before.as_ref());
                found.evaluations += evaluations;
                match before {
                    None if here.slope > 0.0 => found.push(here, here),
                    Some(before) => search.examine(&before, &here, 0, found),
                    None => {}
                }
                before = Some(here);
            }
        }
        if let Some(last) = before.filter(|last| last.slope < 0.0) {
            found.push(last, last);
        }
    }

    /// The lowest that the points have at this rate, and the evaluations.
    fn at_rate(&self, bins: &Sample, before: Option<&Sample>) -> (Sample, u32) {
        let (rate, c) = (Bounds::new(bins.alpha, bins.alpha), self.objective.domain.c);
        let run = |near: &Sample| self.within_bounds(near, &mut |frame| self.solve(frame, frame.theta(near), rate, c));
        let mut best = run(bins);
        let mut evaluations = best.1.evaluations;
        if let Some(before) = before {
            let other = run(&self.at_same_ends(before, bins.alpha));
            evaluations += other.1.evaluations;
            if self.is_below(&other.1, &best.1) {
                best = other;
            }
        }
        let at = &best.1.at;
        let here =
            Sample { tau: bins.tau, alpha: bins.alpha, cost: at.cost, slope: at.gradient[1], ..self.sample(&best) };
        (here, evaluations)
    }
}
