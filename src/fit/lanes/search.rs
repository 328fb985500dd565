//! The search over the batches of a group: load, sample, bracket, refine, descend.
use crate::math::kernels::exp;
use crate::simd::{Kernel, Lanes};

use super::super::options::{FitOptions, Weights};
use super::batch::{Batch, Head, SLOTS, Terms, prepare};
use super::candidates::{Candidate, Kind, MINIMA, Outcome};
use super::errors::{Places, spreads};
use super::group::{Group, SLACK};
use super::load::Loader;
use super::refine::refine;
use super::sweep::{Shapes, Swept, sweep};

/// Root of the mean square residual in the log residual above which the samples are too far from the exact profile.
const ROUGH: f64 = 0.08;

/// Cost over the sum of the weights at residuals of 4e-5 of the largest error.
const NEARLY_EXACT: f64 = 1e-9;

/// The search as a kernel.
pub(super) struct Search<'s, 'a, const N: usize, O> {
    pub(super) on: O,
    pub(super) group: &'s mut Group<'a, N>,
    /// How many batches.
    pub(super) used: usize,
    /// Puts the curves of a batch into the lanes.
    pub(super) load: &'s mut dyn FnMut(&mut Loader<'_, N>, usize),
    /// What the weights mean, where the covariance is asked for.
    pub(super) covariance: Option<Weights>,
}

impl<const N: usize, O: Lanes<N>> Kernel for Search<'_, '_, N, O> {
    type Output = ();

    #[cfg_attr(wide, inline(always))]
    fn run(self) {
        let Search { on, group, used, load, covariance } = self;
        let lanes = if group.table.is_none() { 1 } else { N };
        let used = used.min(group.heads.len());
        let mut swept = Swept::NONE;
        // One round more than batches: the last brackets do not wait for others.
        for b in 0..used + 1 {
            if b < used {
                load(&mut group.loader, b);
                sample(on, group, b, &mut swept);
                if let Some(batch) = group.batch(b) {
                    swept.bracket(batch);
                }
                refine(on, group, b, lanes, &mut swept);
                collect(group, b, lanes, &swept);
            }
            // Full lanes; the last ones need not be.
            while group.waiting >= if b < used { N } else { 1 } {
                group.descend(on);
            }
        }
        for b in 0..used {
            finish(group, b, covariance);
        }
    }
}

/// Makes the loaded curves ready and samples them.
#[cfg_attr(wide, inline(always))]
fn sample<const N: usize>(on: impl Lanes<N>, group: &mut Group<'_, N>, b: usize, swept: &mut Swept<N>) {
    let Group { loader, heads, blocks, per_batch, lines, scratch, table, .. } = group;
    let (start, count) = (b * *per_batch, loader.head.used);
    let Some(blocks) = blocks.get_mut(start..start + count) else { return };
    let Some(loaded) = loader.blocks.get_mut(..count) else { return };
    prepare(&loader.terms, loaded, loader.is_new, &mut loader.head, blocks);
    let (Some(head), Some(line)) = (heads.get_mut(b), lines.get_mut(b)) else { return };
    *head = loader.head;
    let batch = Batch { head, blocks, terms: &loader.terms };
    let mut shapes = match table {
        Some(table) => Shapes::Many(table),
        None => Shapes::Single,
    };
    sweep(on, batch, &mut shapes, loader.is_new, scratch, swept);
    *line = swept.common.regression;
    loader.is_new = false;
}

/// The minima in closed form, and the brackets as items.
#[cfg_attr(wide, inline(always))]
fn collect<const N: usize>(group: &mut Group<'_, N>, batch: usize, lanes: usize, swept: &Swept<N>) {
    let Some(&Head { refused, scale, .. }) = group.heads.get(batch) else { return };
    let regression = &swept.common.regression;
    for (lane, refused) in refused.into_iter().enumerate().take(lanes) {
        let lane = lane & (N - 1);
        let Some(outcomes) = group.outcomes.get_mut(batch) else { continue };
        let outcome = &mut outcomes[lane];
        outcome.lowest = swept.found.lowest.0[lane];
        if refused || swept.found.doubtful.0[lane] != 0 || regression.ty.0[lane] == 0.0 {
            outcome.len = usize::MAX;
            continue;
        }
        let terms = group.loader.terms;
        let (start, end) = (&swept.table[0], &swept.table[(terms.rates() - 1) & (SLOTS - 1)]);
        let [is_d, is_alpha, is_c] = terms.fixed();
        let rises = regression.ty.0[lane] > 0.0;
        // With all parameters free, but a lower end of alpha above 0, a rise says little of the constant.
        if rises && terms.alpha[0] > 0.0 && !is_alpha && !is_d {
            outcome.len = usize::MAX;
            continue;
        }
        let (level, cost) = (start.first.0[lane], regression.flat.0[lane]);
        let constant = Candidate { cost, z: level, ..Candidate::NONE };
        match (is_d, is_alpha, is_c) {
            // All of the level is D at the rate 0, or C.
            (false, false, true) if rises => {
                outcome.insert(Candidate {
                    x: level - terms.c[0] / scale.0[lane],
                    z: terms.c[0] / scale.0[lane],
                    ..constant
                });
            }
            (false, true, false) if end.pull.0[lane] < 0.0 => {
                outcome.insert(Candidate {
                    z: mean(&terms, regression.mean_y.0[lane]),
                    alpha: terms.alpha[0],
                    ..constant
                });
            }
            (false, false, false) if rises => outcome.insert(constant),
            _ => {}
        }
        if terms.has_parabola() && swept.kink.edge.0[lane] > 0.0 {
            let (cost, x, alpha) = (swept.kink.cost.0[lane], swept.kink.first.0[lane], swept.rate.0[lane]);
            let kind = if terms.fixed_c { Kind::Interior } else { Kind::NoGap };
            outcome.insert(Candidate { kind, cost, x, alpha, ..Candidate::NONE });
        }
        if terms.fixed_alpha() {
            if end.pull.0[lane] < 0.0 {
                continue;
            }
            group.push(batch, lane, (end, end), swept.offset);
            continue;
        }
        if (terms.alpha[0] > 0.0 || is_d) && start.slope.0[lane] > 0.0 {
            // Where D is fixed the samples may begin inside the domain, with a cost that falls.
            if is_d && swept.start.0[lane] > terms.alpha[0] {
                if let Some(outcomes) = group.outcomes.get_mut(batch) {
                    outcomes[lane].len = usize::MAX;
                }
                continue;
            }
            group.push(batch, lane, (start, start), swept.offset);
        }
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

impl Terms {
    /// Whether it is known here what a minimum means: on bounds other than those of the default domain, and on two at once,
    /// the longer search says its class, its errors and whether the errors rise. Of those that are not the lowest, the class is
    /// all that is said.
    fn knows(&self, m: &Candidate, is_lowest: bool, c_lower: f64, scale: f64, span: f64) -> bool {
        let (is_plain, [lower, upper]) = (self.free() == 3, self.alpha);
        let has_gap = m.z > c_lower && m.z * scale < self.c[1];
        let folds = if m.alpha * span < 1.0 { m.alpha * span } else { 1.0 };
        let decreases = is_plain || m.x * folds > LEVEL * (m.x + m.z);
        match m.kind {
            Kind::Interior => {
                (self.fixed_c || has_gap) && (self.fixed_alpha() || (m.alpha > lower && m.alpha < upper)) && decreases
            }
            Kind::NoGap => (is_plain || self.fixed_alpha() || !is_lowest) && self.c[0] == 0.0,
            Kind::AlphaEnd if is_lowest => is_plain && has_gap && lower == 0.0 && upper == FitOptions::ALPHA_MAX,
            Kind::AlphaEnd => has_gap && !self.fixed_c && m.alpha > 0.0,
            Kind::Flat => is_plain && has_gap && lower == 0.0,
        }
    }
}

/// Share of the level that a decrease must have to be none of rounding.
const LEVEL: f64 = 1e-10;

/// The constant of lowest cost.
fn mean(terms: &Terms, mean_y: f64) -> f64 {
    if terms.is_log() { exp(mean_y) } else { mean_y }
}

/// Leaves those curves to the longer search whose minimum is not sure; the errors of the others.
#[cfg_attr(wide, inline(always))]
fn finish<const N: usize>(group: &mut Group<'_, N>, b: usize, covariance: Option<Weights>) {
    let Group { heads, blocks, per_batch, outcomes, loader, spreads: all, .. } = group;
    let (Some(head), Some(outcomes), Some(spread)) = (heads.get(b), outcomes.get_mut(b), all.get_mut(b)) else {
        return;
    };
    let terms = &loader.terms;
    for (lane, outcome) in outcomes.iter_mut().enumerate() {
        let lane = lane & (N - 1);
        let (weight_sum, span, scale) = (head.weight_sum.0[lane], head.sizes.span.0[lane], head.scale.0[lane]);
        let best = outcome.minima[0].cost;
        let is_low = best <= (1.0 + SLACK) * outcome.lowest;
        let is_smooth = !terms.is_log() || best <= 0.5 * ROUGH * ROUGH * weight_sum;
        // With D fixed the lowest samples of nearly exact data tell little of their minimum.
        let is_rough_enough = terms.fixed_d.is_none() || best > NEARLY_EXACT * weight_sum;
        let mut is_known = true;
        for (k, m) in outcome.minima.iter().take(outcome.len).enumerate() {
            is_known &= terms.knows(m, k == 0, head.c_lower.0[lane], scale, span);
        }
        if outcome.len > MINIMA || !(is_low && is_smooth && is_rough_enough && is_known) {
            outcome.len = 0;
        }
    }
    let start = b * *per_batch;
    let (Some(weights), Some(blocks)) = (covariance, blocks.get(start..start + head.used)) else { return };
    let batch = Batch { head, blocks, terms: &loader.terms };
    *spread = spreads(batch, &places(outcomes, batch, weights));
    for (outcome, singular) in outcomes.iter_mut().zip(spread.singular.0) {
        outcome.len = if singular != 0 { 0 } else { outcome.len };
    }
}

/// Where the spreads are asked for.
#[cfg_attr(wide, inline(always))]
fn places<const N: usize>(outcomes: &[Outcome; N], batch: Batch<'_, N>, weights: Weights) -> Places<N> {
    let mut places = Places::NONE;
    let is_log = batch.terms.is_log();
    for (lane, outcome) in outcomes.iter().enumerate().filter(|(_, outcome)| outcome.len > 0) {
        let best = &outcome.minima[0];
        let lane = lane & (N - 1);
        let degrees_of_freedom = batch.head.len[lane].saturating_sub(best.estimated(batch.terms.free())).max(1);
        places.x.0[lane] = best.x;
        places.alpha.0[lane] = best.alpha;
        places.z.0[lane] = best.z;
        let unit = if is_log { 1.0 } else { batch.head.scale.0[lane] };
        places.variance.0[lane] = match weights {
            Weights::Relative => 2.0 * best.cost / degrees_of_freedom as f64,
            Weights::Absolute | Weights::Sigma => 1.0 / (batch.head.weight_scale.0[lane] * (unit * unit)),
        };
        let mark = |kind| if best.kind == kind { 1.0 } else { 0.0 };
        places.no_gap.0[lane] = if batch.terms.fixed_c { 1.0 } else { mark(Kind::NoGap) };
        places.alpha_end.0[lane] = if batch.terms.fixed_alpha() { 1.0 } else { mark(Kind::AlphaEnd) };
        places.flat.0[lane] = if best.is_flat() { 1.0 } else { 0.0 };
    }
    places
}
