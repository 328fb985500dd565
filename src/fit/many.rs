//! Small fits of law (1) in the default domain with the log residual: eight curves side by side.
//!
//! seeds.rs and sweep.rs: the profile at sixteen rates and that of the power law, to second order; brackets.rs and
//! refine.rs: where its minima lie, and what is doubtful; items.rs and newton.rs: the minima; spread.rs: their
//! uncertainty; search.rs: the way through all of it. A single curve takes the same
//! way with eight rates side by side, so that its bits do not depend on its company. What is in doubt, out of range or
//! invalid is left to the longer search of one curve.
mod batch;
mod brackets;
mod items;
mod load;
mod newton;
mod outcome;
mod refine;
mod search;
mod seeds;
mod spread;
mod sweep;
mod table;

use crate::law::{Residual, Syn2RealLaw};
use crate::math;
use crate::point::Point;
use crate::simd::LANES;
use crate::solve::{Loss, Side, Termination};

use super::error::FitError;
use super::interval::Spread;
use super::options::FitOptions;
use super::report::{Class, Fit, FitReport, Minimum, Origin, Syn2RealFit};
use batch::{Batch, WIDTH};
use outcome::{Candidate, Kind, Outcome};
use search::{Group, Search};

/// Blocks of the longest curves that are taken, and so 40 points: a single fit then needs 40 KiB of stack.
const BLOCKS: usize = 5;

/// Points of the longest curve that is taken.
pub(crate) const POINTS: usize = BLOCKS * WIDTH;

/// Curves of a group: 64 of one block, 16 of more.
const SHORT: usize = 8;
const LONG: usize = 2;

/// Room for the brackets of a batch: some of the one before, and four for each curve.
const ITEMS: usize = 5 * LANES;

/// Curves that are looked at together for their length.
const WINDOW: usize = 16;

/// Whether the options are those of this room.
pub(super) fn takes(options: &FitOptions) -> bool {
    let FitOptions { covariance, weights, isa, .. } = *options;
    options.residual == Residual::Log
        && options.loss == Loss::Square
        && *options == FitOptions { covariance, weights, isa, ..FitOptions::default() }
}

/// The search over a group, compiled once: its callers are generic, and would each bring a copy.
trait Run {
    /// Searches the first `used` batches.
    fn search(&mut self, used: usize, options: &FitOptions);
}

macro_rules! run {
    ($($blocks:expr, $batches:expr, $shared:expr, $items:expr);*) => { $(
        impl Run for Group<{ $blocks }, { $batches }, { $shared }, { $items }> {
            #[inline(never)]
            fn search(&mut self, used: usize, options: &FitOptions) {
                let covariance = options.covariance.then_some(options.weights);
                options.isa.dispatch(Search { group: self, used, is_single: $shared == 0, covariance });
            }
        }
    )* };
}
run!(1, 1, 0, LANES; BLOCKS, 1, 0, LANES; 1, SHORT, 1, ITEMS; BLOCKS, LONG, 1, ITEMS);

/// One curve; `None` leaves it to the longer search.
pub(super) fn one(points: impl Iterator<Item = Point> + Clone, options: &FitOptions) -> Option<Syn2RealFit> {
    // Points without weight do not count, as in company.
    match points.clone().filter(|p| p.weight != 0.0).take(BLOCKS * WIDTH + 1).count() {
        0..=WIDTH => single::<1>(points, options),
        count if count <= BLOCKS * WIDTH => single::<BLOCKS>(points, options),
        _ => None,
    }
}

#[inline(never)]
fn single<const BLOCKS: usize>(points: impl Iterator<Item = Point>, options: &FitOptions) -> Option<Syn2RealFit>
where
    Group<BLOCKS, 1, 0, LANES>: Run,
{
    let mut group = const { Group::<BLOCKS, 1, 0, LANES>::EMPTY };
    let batch = group.batches.first_mut()?;
    batch.load(0, points, false);
    batch.pad(0);
    batch.spread_lane();
    if batch.refused[0] {
        return None;
    }
    group.search(1, options);
    let mut fit = Err(FitError::BadOption { field: "out" });
    assemble(&group, 0, 0, options, &mut fit);
    fit.ok()
}

/// Many curves, number `k` of them by `curve`; `otherwise` is the longer search.
pub(super) fn all<I: Iterator<Item = Point> + Clone>(
    curve: impl Fn(usize) -> I,
    options: &FitOptions,
    out: &mut [Result<Syn2RealFit, FitError>],
    otherwise: impl Fn(usize) -> Result<Syn2RealFit, FitError>,
) {
    Curves { curve, rows: None, options, otherwise, keeps_idle: false }.fill(out);
}

/// The same for curves over the sizes `n`, whose errors are the rows of a matrix.
pub(super) fn rows<I: Iterator<Item = Point> + Clone>(
    curve: impl Fn(usize) -> I,
    (n, errors): (&[f64], &[f64]),
    options: &FitOptions,
    out: &mut [Result<Syn2RealFit, FitError>],
    otherwise: impl Fn(usize) -> Result<Syn2RealFit, FitError>,
) {
    // With sizes that are not valid no curve is.
    let rows = Some((n, errors)).filter(|(n, _)| n.iter().all(|&n| n > 0.0 && n < f64::INFINITY));
    Curves { curve, rows, options, otherwise, keeps_idle: false }.fill(out);
}

/// The laws alone of many curves. Where it `keeps_idle` points, those without weight stay in their places, so that curves
/// of the same sizes share their powers whatever their weights; the laws are then those of the single fits up to rounding.
pub(super) fn laws<I: Iterator<Item = Point> + Clone>(
    curve: impl Fn(usize) -> I,
    options: &FitOptions,
    keeps_idle: bool,
    out: &mut [Syn2RealLaw],
    otherwise: impl Fn(usize) -> Syn2RealLaw,
) {
    Curves { curve, rows: None, options, otherwise, keeps_idle }.fill(out);
}

/// What is kept of a fit.
trait Slot {
    /// False where the curve is left to the longer search.
    fn take<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize>(
        &mut self,
        group: &Group<BLOCKS, BATCHES, SHARED, ITEMS>,
        batch: usize,
        lane: usize,
        options: &FitOptions,
    ) -> bool;
}

impl Slot for Result<Syn2RealFit, FitError> {
    fn take<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize>(
        &mut self,
        group: &Group<BLOCKS, BATCHES, SHARED, ITEMS>,
        batch: usize,
        lane: usize,
        options: &FitOptions,
    ) -> bool {
        assemble(group, batch, lane, options, self)
    }
}

impl Slot for Syn2RealLaw {
    fn take<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize>(
        &mut self,
        group: &Group<BLOCKS, BATCHES, SHARED, ITEMS>,
        batch: usize,
        lane: usize,
        _: &FitOptions,
    ) -> bool {
        let best = best(group, batch, lane);
        *self = best.map_or(*self, |best| best.1.law);
        best.is_some()
    }
}

/// Curves by number.
struct Curves<'a, F, G> {
    curve: F,
    /// Their sizes, where they are the same and valid, and the matrix of the errors.
    rows: Option<(&'a [f64], &'a [f64])>,
    options: &'a FitOptions,
    otherwise: G,
    /// Whether points without weight keep their places.
    keeps_idle: bool,
}

impl<F: Fn(usize) -> I, I, G, T: Slot> Curves<'_, F, G>
where
    I: Iterator<Item = Point> + Clone,
    G: Fn(usize) -> T,
{
    fn fill(&self, out: &mut [T]) {
        let mut first = 0;
        while first < out.len() {
            // At least one window is of either kind.
            first += self.run::<1, SHORT>(first, out, true);
            first += self.run::<BLOCKS, LONG>(first, out, false);
        }
    }

    /// Whether the curves of the window that begins at `first` have at most eight points.
    fn is_short(&self, first: usize, total: usize) -> bool {
        match self.rows {
            Some((n, _)) => n.len() <= WIDTH,
            None => (first..total).take(WINDOW).all(|k| {
                let points = (self.curve)(k);
                // Where the bound says it the points need not be made.
                points.size_hint().1.is_some_and(|most| most <= WIDTH) || points.take(WIDTH + 1).count() <= WIDTH
            }),
        }
    }

    /// Fits from number `first` on as long as the curves are of one kind; returns how many.
    #[inline(never)]
    fn run<const BLOCKS: usize, const BATCHES: usize>(&self, first: usize, out: &mut [T], short: bool) -> usize
    where
        Group<BLOCKS, BATCHES, 1, ITEMS>: Run,
    {
        let total = out.len();
        let mut next = first;
        if next >= total || self.is_short(next, total) != short {
            return 0;
        }
        let mut group = const { Group::<BLOCKS, BATCHES, 1, ITEMS>::EMPTY };
        loop {
            let mut end = next;
            while end < total && end - next < BATCHES * LANES && self.is_short(end, total) == short {
                end = (end + WINDOW).min(total);
            }
            let Some(chunk) = out.get_mut(next..end).filter(|chunk| !chunk.is_empty()) else { return next - first };
            let used = chunk.len().div_ceil(LANES);
            for (b, batch) in group.batches.iter_mut().enumerate().take(used) {
                // Lanes without a curve repeat the last.
                let number = |lane: usize| next + (b * LANES + lane).min(chunk.len() - 1);
                if let Some((n, errors)) = self.rows {
                    batch.keeps_sizes = next > first;
                    if next == first {
                        batch.load_sizes(n);
                    }
                    for lane in 0..LANES {
                        batch.load_row(lane, errors.get(number(lane) * n.len()..).unwrap_or(&[]));
                    }
                    continue;
                }
                batch.used = 1;
                for lane in 0..LANES {
                    batch.load(lane, (self.curve)(number(lane)), self.keeps_idle);
                }
                for lane in 0..LANES {
                    batch.pad(lane);
                }
            }
            group.search(used, self.options);
            for (k, slot) in chunk.iter_mut().enumerate() {
                if !slot.take(&group, k / LANES, k % LANES, self.options) {
                    *slot = (self.otherwise)(next + k);
                }
            }
            next = end;
        }
    }
}

/// The minimum in the user's units.
fn minimum<const BLOCKS: usize>(c: &Candidate, batch: &Batch<BLOCKS>, lane: usize) -> Minimum {
    let scale = batch.scale.0[lane & (LANES - 1)];
    let d = |c: &Candidate| c.x * math::exp(c.alpha * batch.ln_n_min.0[lane & (LANES - 1)]) * scale;
    let (class, d, alpha) = match c.kind {
        Kind::Interior => (Class::Interior, d(c), c.alpha),
        Kind::NoGap => (Class::NoGap, d(c), c.alpha),
        Kind::AlphaMax => (Class::AlphaMax, d(c), c.alpha),
        Kind::Flat => (Class::Flat, 0.0, 0.0),
    };
    let law = Syn2RealLaw { d, alpha, c: c.z * scale };
    Minimum { law, cost: c.cost * batch.weight_scale.0[lane & (LANES - 1)], class }
}

/// What was found in a lane, and its lowest minimum; `None` where it is left to the longer search.
fn best<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize>(
    group: &Group<BLOCKS, BATCHES, SHARED, ITEMS>,
    batch: usize,
    lane: usize,
) -> Option<(&Outcome, Minimum)> {
    let outcome = &group.outcomes.get(batch)?[lane & (LANES - 1)];
    let best = &outcome.minima[0];
    let first = minimum(best, group.batches.get(batch)?, lane);
    // D is the extrapolation to n = 1 and may leave the range of f64.
    (outcome.len > 0 && (first.law.d.is_normal() || best.kind == Kind::Flat)).then_some((outcome, first))
}

/// Writes the fit of a lane; false where it is left to the longer search.
fn assemble<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize>(
    group: &Group<BLOCKS, BATCHES, SHARED, ITEMS>,
    batch: usize,
    lane: usize,
    options: &FitOptions,
    slot: &mut Result<Syn2RealFit, FitError>,
) -> bool {
    let lane = lane & (LANES - 1);
    let Some((outcome, first)) = best(group, batch, lane) else { return false };
    let (Some(batch), Some(spreads)) = (group.batches.get(batch), group.spreads.get(batch)) else { return false };
    let best = &outcome.minima[0];
    let (points, scale) = (batch.len[lane], batch.scale.0[lane]);
    let degrees_of_freedom = points as i64 - best.estimated() as i64;
    let mut spread = [Spread::Unknown; 3];
    let mut condition = None;
    if options.covariance {
        condition = Some(spreads.condition.0[lane]).filter(|v| v.is_finite() && best.kind != Kind::Flat);
    }
    if options.covariance && degrees_of_freedom > 0 {
        let wald = |std_error: f64| if std_error.is_finite() { Spread::Wald { std_error } } else { Spread::Unknown };
        let of_d = wald(first.law.d * spreads.ln_d.0[lane]);
        let of_alpha = wald(spreads.alpha.0[lane]);
        let of_c = wald(spreads.c.0[lane] * scale);
        let (gradient, curvature) = (spreads.gradient.0[lane], spreads.curvature.0[lane]);
        spread = match best.kind {
            Kind::Interior => [of_d, of_alpha, of_c],
            Kind::NoGap => [of_d, of_alpha, one_sided(Side::Lower, gradient / scale, curvature / (scale * scale))],
            Kind::AlphaMax => [of_d, one_sided(Side::Upper, gradient, curvature), of_c],
            Kind::Flat => [Spread::Unknown, Spread::Unknown, of_c],
        };
    }
    let report = FitReport {
        residual: options.residual,
        loss: options.loss,
        weights: options.weights,
        cost: first.cost,
        rms: math::sqrt(2.0 * best.cost / batch.weight_sum.0[lane]),
        class: first.class,
        termination: if best.is_exact { Termination::ExactFit } else { Termination::StepSmall },
        iterations: best.iterations,
        evaluations: outcome.evaluations,
        minima_found: outcome.len as u32,
        condition,
        points,
        degrees_of_freedom,
        n_min: batch.n_min.0[lane],
        n_max: batch.n_max.0[lane],
        huber_delta: None,
        fixed: [false; 3],
    };
    let origin = Origin { bounds: [options.d, options.alpha, options.c], isa: options.isa };
    let other = |k: usize| if k < outcome.len { minimum(&outcome.minima[k & 3], batch, lane) } else { first };
    let minima = [first, other(1), other(2), other(3)];
    *slot = Ok(Fit { law: first.law, report, minima, spreads: spread, origin });
    true
}

fn one_sided(side: Side, gradient: f64, curvature: f64) -> Spread {
    let is_known = gradient.is_finite() && curvature.is_finite() && gradient + curvature > 0.0;
    if is_known { Spread::OneSided { side, gradient, curvature } } else { Spread::Unknown }
}
