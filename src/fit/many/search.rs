//! The search over the batches of a group: samples, brackets, minima.
use crate::simd::{Kernel, LANES};

use super::super::options::Weights;
use super::batch::{Batch, Sizes};
use super::items::{Item, descend};
use super::outcome::{Candidate, Kind, MINIMA, Outcome};
use super::refine::refine;
use super::seeds::{RATES, Regression};
use super::spread::{Places, Spreads, spreads};
use super::sweep::{Swept, sweep};
use super::table::Table;

/// Root of the mean square residual above which the samples are too far from the exact profile.
const ROUGH: f64 = 0.08;

/// Relative error of the samples' costs, generously: the lowest sample may not undercut the lowest minimum by more.
pub(super) const SLACK: f64 = 0.02;

/// The curves of a group, and what was found; `SHARED` is 1, or 0 for a curve on its own,
/// `ITEMS` the room for brackets: some of the batch before, and four for each curve of this one.
pub(in crate::fit) struct Group<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize> {
    pub(super) batches: [Batch<BLOCKS>; BATCHES],
    pub(super) outcomes: [[Outcome; LANES]; BATCHES],
    pub(super) spreads: [Spreads; BATCHES],
    pub(super) lines: [Regression; BATCHES],
    pub(super) table: Table<BLOCKS, SHARED>,
    sizes: Sizes<BLOCKS>,
    /// Brackets that wait for Newton's method.
    pub(super) items: [Item; ITEMS],
    pub(super) waiting: usize,
    /// The curves of the brackets in work, where there are several.
    pub(super) lanes: [Batch<BLOCKS>; SHARED],
}

impl<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize>
    Group<BLOCKS, BATCHES, SHARED, ITEMS>
{
    pub(super) const EMPTY: Group<BLOCKS, BATCHES, SHARED, ITEMS> = Group {
        batches: [Batch::EMPTY; BATCHES],
        outcomes: [[Outcome::NONE; LANES]; BATCHES],
        spreads: [Spreads::NONE; BATCHES],
        lines: [Regression::NONE; BATCHES],
        table: Table::EMPTY,
        sizes: Sizes::EMPTY,
        items: [Item::NONE; ITEMS],
        waiting: 0,
        lanes: [Batch::EMPTY; SHARED],
    };
}

/// The search as a kernel; `used` batches are filled, with one curve in all lanes where `is_single`.
pub(super) struct Search<'a, const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize> {
    pub(super) group: &'a mut Group<BLOCKS, BATCHES, SHARED, ITEMS>,
    pub(super) used: usize,
    pub(super) is_single: bool,
    /// What the weights mean, where the covariance is asked for.
    pub(super) covariance: Option<Weights>,
}

impl<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize> Kernel
    for Search<'_, BLOCKS, BATCHES, SHARED, ITEMS>
{
    type Output = ();

    #[cfg_attr(wide, inline(always))]
    fn run(self) {
        let Search { group, used, is_single, covariance } = self;
        let lanes = if is_single { 1 } else { LANES };
        let used = used.min(BATCHES);
        let mut swept = Swept::NONE;
        for b in 0..used + 1 {
            // An index would keep a panic path.
            if let Some(batch) = group.batches.get_mut(b).filter(|_| b < used) {
                batch.prepare(&mut group.sizes);
                sweep(batch, &mut group.table, is_single, &mut swept);
                if let Some(line) = group.lines.get_mut(b) {
                    *line = swept.regression;
                }
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

/// The minima in closed form, and the brackets as items.
#[cfg_attr(wide, inline(always))]
fn collect<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize>(
    group: &mut Group<BLOCKS, BATCHES, SHARED, ITEMS>,
    batch: usize,
    lanes: usize,
    swept: &Swept,
) {
    let refused = group.batches.get(batch).map_or([true; LANES], |batch| batch.refused);
    for (lane, refused) in refused.into_iter().enumerate().take(lanes) {
        let lane = lane & (LANES - 1);
        let Some(outcomes) = group.outcomes.get_mut(batch) else { continue };
        let outcome = &mut outcomes[lane];
        outcome.lowest = swept.found.lowest.0[lane];
        let regression = &swept.regression;
        if refused || swept.found.doubtful.0[lane] != 0 || regression.ty.0[lane] == 0.0 {
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

/// Leaves those curves to the longer search whose minimum is not sure.
#[cfg_attr(wide, inline(always))]
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
#[cfg_attr(wide, inline(always))]
fn places<const BLOCKS: usize>(outcomes: &[Outcome; LANES], batch: &Batch<BLOCKS>, weights: Weights) -> Places {
    let mut places = Places::NONE;
    for (lane, outcome) in outcomes.iter().enumerate().filter(|(_, outcome)| outcome.len > 0) {
        let best = &outcome.minima[0];
        let lane = lane & (LANES - 1);
        let degrees_of_freedom = batch.len[lane].saturating_sub(best.estimated()).max(1);
        places.x.0[lane] = best.x;
        places.alpha.0[lane] = best.alpha;
        places.z.0[lane] = best.z;
        places.variance.0[lane] = match weights {
            Weights::Relative => 2.0 * best.cost / degrees_of_freedom as f64,
            Weights::Absolute | Weights::Sigma => 1.0 / batch.weight_scale.0[lane],
        };
        let mark = |kind| if best.kind == kind { 1.0 } else { 0.0 };
        places.no_gap.0[lane] = mark(Kind::NoGap);
        places.alpha_max.0[lane] = mark(Kind::AlphaMax);
        places.flat.0[lane] = mark(Kind::Flat);
    }
    places
}
