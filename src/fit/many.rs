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

use crate::law::{Residual, Syn2RealLaw, UNDEFINED};
use crate::math;
use crate::point::Point;
use crate::simd::LANES;
use crate::solve::{Loss, Side, Termination};

use super::curves::{Curves, One};
use super::error::FitError;
use super::interval::Spread;
use super::line::Line;
use super::options::FitOptions;
use super::report::{Class, Fit, FitReport, Minimum, Origin, Syn2RealFit};
use super::source::each as each_of;
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
    assemble(&group, 0, 0, options)
}

/// What is kept of a fit.
pub(super) trait Kept: Sized {
    /// What was found in a lane; `None` where the curve is left to the longer search.
    fn of<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize>(
        group: &Group<BLOCKS, BATCHES, SHARED, ITEMS>,
        batch: usize,
        lane: usize,
        options: &FitOptions,
    ) -> Option<Self>;

    /// What is kept of a fit by the longer search.
    fn of_fit(fit: Syn2RealFit) -> Self;
}

impl Kept for Syn2RealFit {
    #[cfg_attr(wide, inline(always))]
    fn of<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize>(
        group: &Group<BLOCKS, BATCHES, SHARED, ITEMS>,
        batch: usize,
        lane: usize,
        options: &FitOptions,
    ) -> Option<Self> {
        assemble(group, batch, lane, options)
    }

    fn of_fit(fit: Syn2RealFit) -> Self {
        fit
    }
}

impl Kept for Syn2RealLaw {
    fn of<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize>(
        group: &Group<BLOCKS, BATCHES, SHARED, ITEMS>,
        batch: usize,
        lane: usize,
        _: &FitOptions,
    ) -> Option<Self> {
        best(group, batch, lane).map(|(_, minimum)| minimum.law)
    }

    fn of_fit(fit: Syn2RealFit) -> Self {
        fit.law()
    }
}

/// Many curves on their way through the lanes.
pub(super) struct Lanes<'a, T> {
    pub(super) curves: &'a dyn Curves,
    pub(super) options: &'a FitOptions,
    /// Whether points without weight keep their places, so that curves of the same sizes share their powers whatever their
    /// weights; the laws are then those of the single fits up to rounding.
    pub(super) keeps_idle: bool,
    /// The longer search.
    pub(super) otherwise: &'a dyn Fn(usize) -> Result<T, FitError>,
}

impl<T: Kept> Lanes<'_, T> {
    /// Gives each curve's result to `each`, in order.
    pub(super) fn run(&self, each: &mut dyn FnMut(usize, Result<T, FitError>)) {
        let mut first = 0;
        while first < self.curves.count() {
            // At least one window is of either kind.
            first += self.run_from::<1, SHORT>(first, each, true);
            first += self.run_from::<BLOCKS, LONG>(first, each, false);
        }
    }

    /// Whether the curves of the window that begins at `first` have at most eight points.
    fn is_short(&self, first: usize) -> bool {
        (first..self.curves.count()).take(WINDOW).all(|k| self.curves.len(k) <= WIDTH)
    }

    /// Fits from number `first` on as long as the curves are of one kind; returns how many.
    #[inline(never)]
    fn run_from<const BLOCKS: usize, const BATCHES: usize>(
        &self,
        first: usize,
        each: &mut dyn FnMut(usize, Result<T, FitError>),
        short: bool,
    ) -> usize
    where
        Group<BLOCKS, BATCHES, 1, ITEMS>: Run,
    {
        let total = self.curves.count();
        let mut next = first;
        if next >= total || self.is_short(next) != short {
            return 0;
        }
        // With sizes that are not valid no curve is.
        let rows = self.curves.rows().filter(|(n, _)| n.iter().all(|&n| n > 0.0 && n < f64::INFINITY));
        let mut group = const { Group::<BLOCKS, BATCHES, 1, ITEMS>::EMPTY };
        loop {
            let mut end = next;
            while end < total && end - next < BATCHES * LANES && self.is_short(end) == short {
                end = (end + WINDOW).min(total);
            }
            if end == next {
                return next - first;
            }
            let used = (end - next).div_ceil(LANES);
            for (b, batch) in group.batches.iter_mut().enumerate().take(used) {
                // Lanes without a curve repeat the last.
                let number = |lane: usize| (next + b * LANES + lane).min(end - 1);
                if let Some((n, errors)) = rows {
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
                    let one = One { curves: self.curves, k: number(lane) };
                    batch.load(lane, each_of(&one), self.keeps_idle);
                }
                for lane in 0..LANES {
                    batch.pad(lane);
                }
            }
            group.search(used, self.options);
            for k in next..end {
                let (batch, lane) = ((k - next) / LANES, (k - next) % LANES);
                match T::of(&group, batch, lane, self.options) {
                    Some(found) => each(k, Ok(found)),
                    None => each(k, (self.otherwise)(k)),
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
        Kind::Flat => (Class::Flat, 0.0, UNDEFINED),
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

/// The fit of a lane; `None` where it is left to the longer search.
fn assemble<const BLOCKS: usize, const BATCHES: usize, const SHARED: usize, const ITEMS: usize>(
    group: &Group<BLOCKS, BATCHES, SHARED, ITEMS>,
    batch: usize,
    lane: usize,
    options: &FitOptions,
) -> Option<Syn2RealFit> {
    let lane = lane & (LANES - 1);
    let (outcome, first) = best(group, batch, lane)?;
    let (spreads, line) = (group.spreads.get(batch)?, group.lines.get(batch)?);
    let batch = group.batches.get(batch)?;
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
    let line = Line {
        weight_sum: batch.weight_sum.0[lane],
        weight_scale: batch.weight_scale.0[lane],
        mean_t: line.mean_t.0[lane],
        mean_y: line.mean_y.0[lane],
        tt: line.tt.0[lane],
        ty: line.ty.0[lane],
        yy: 2.0 * line.flat.0[lane],
    };
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
        rise: if best.kind == Kind::Flat { line.rise(batch.rows(lane), points, options.weights, 1.0) } else { None },
    };
    let origin = Origin { bounds: [options.d, options.alpha, options.c], line, isa: options.isa };
    let other = |k: usize| if k < outcome.len { minimum(&outcome.minima[k & 3], batch, lane) } else { first };
    let minima = [first, other(1), other(2), other(3)];
    Some(Fit { law: first.law, report, minima, spreads: spread, origin })
}

fn one_sided(side: Side, gradient: f64, curvature: f64) -> Spread {
    let is_known = gradient.is_finite() && curvature.is_finite() && gradient + curvature > 0.0;
    if is_known { Spread::OneSided { side, gradient, curvature } } else { Spread::Unknown }
}
