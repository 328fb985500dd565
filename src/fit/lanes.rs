//! Fits of law (1) to at most 64 points with the square loss, D not bounded and at most one parameter fixed: eight curves side
//! by side, or one where the target has no SIMD of f64 and at the baseline of x86.
//!
//! load.rs and batch.rs make the curves ready; rates.rs, shapes.rs, samples.rs and sweep.rs: the profile at twelve rates
//! (sixteen where D is fixed) and that of the power law, to second order; brackets.rs and refine.rs: where its minima lie, and
//! what is doubtful; queue.rs and newton.rs: the minima; errors.rs: their uncertainty; search.rs: the way through all of it. A
//! single curve takes the same way with a rate in each lane, so that its bits do not depend on its company. What is in doubt,
//! out of range or invalid is left to the longer search of one curve.
#![allow(clippy::needless_range_loop, reason = "counted loops over the lanes become vectors, zipped ones not always")]

mod batch;
mod brackets;
mod candidates;
mod errors;
mod group;
mod load;
mod newton;
mod queue;
mod rates;
mod refine;
mod samples;
mod search;
mod shapes;
mod sweep;

use crate::law::{Parameter, Syn2RealLaw, UNDEFINED};
use crate::math;
use crate::simd::{Lanes, One};
use crate::solve::{Bounds, Loss, Side, Termination};

use super::curves::Curves;
use super::domain::Domain;
use super::error::FitError;
use super::line::Line;
use super::options::FitOptions;
use super::report::Spread;
use super::report::{Class, Fit, FitReport, Minimum, Origin, Syn2RealFit};
use super::source::{Source, each as each_of};
use batch::{Batch, Block, Head, Loaded, SLOTS, Terms, WIDTH};
use candidates::{Candidate, Kind, MINIMA, Outcome};
use errors::Spreads;
use group::{Group, Item};
use load::Loader;
use rates::Table;
use samples::Regression;
use search::Search;
use shapes::{Own, Shared};

/// Blocks of the longest curves that are taken.
const BLOCKS: usize = 8;

/// Points of the longest curve that is taken.
pub(crate) const POINTS: usize = BLOCKS * WIDTH;

/// Lanes of a batch where there are several.
const LANES: usize = 8;

/// Batches of curves of one block, and of more.
const SHORT: usize = 8;
const LONG: usize = 1;

/// Blocks of the longest grid whose shapes are kept: powers of a longer one cost less than the room, 4 KiB for each block.
const SHARED: usize = 2;

/// Curves that are looked at together for their length.
const WINDOW: usize = 16;

/// Whether the options are those of this room: the square loss, D not bounded, at most one parameter fixed.
pub(super) fn takes(options: &FitOptions) -> bool {
    let FitOptions { fixed_d, fixed_alpha, fixed_c, .. } = *options;
    let fixed = [fixed_d, fixed_alpha, fixed_c].iter().flatten().count();
    // The longer search says what is wrong with the options.
    options.loss == Loss::Square
        && options.d == FitOptions::default().d
        && fixed <= 1
        && fixed_d.is_none_or(|d| d > 0.0)
        && fixed_alpha.is_none_or(|alpha| alpha > 0.0)
        && Domain::new(options).is_ok()
}

/// Room for a group: `BATCHES` batches of curves of `BLOCKS` blocks, `SHARED` blocks of a common grid, `ITEMS` brackets;
/// `MANY` is 1, or 0 where one curve is in all lanes. All zeros: an image of it would be text.
struct Room<
    const N: usize,
    const BATCHES: usize,
    const BLOCKS: usize,
    const SHARED: usize,
    const ITEMS: usize,
    const MANY: usize,
> {
    loaded: [Loaded<N>; BLOCKS],
    heads: [Head<N>; BATCHES],
    blocks: [[Block<N>; BLOCKS]; BATCHES],
    outcomes: [[Outcome; N]; BATCHES],
    spreads: [Spreads<N>; BATCHES],
    lines: [Regression<N>; BATCHES],
    scratch: [Own<N>; BLOCKS],
    shapes: [[[Shared; SHARED]; SLOTS]; MANY],
    items: [Item; ITEMS],
    work: [(Head<N>, [Block<N>; BLOCKS]); MANY],
}

impl<
    const N: usize,
    const BATCHES: usize,
    const BLOCKS: usize,
    const SHARED: usize,
    const ITEMS: usize,
    const MANY: usize,
> Room<N, BATCHES, BLOCKS, SHARED, ITEMS, MANY>
{
    #[inline(always)]
    fn new() -> Self {
        Room {
            loaded: [Loaded::EMPTY; BLOCKS],
            heads: [Head::EMPTY; BATCHES],
            blocks: [[Block::EMPTY; BLOCKS]; BATCHES],
            outcomes: [[Outcome::EMPTY; N]; BATCHES],
            spreads: [Spreads::EMPTY; BATCHES],
            lines: [Regression::NONE; BATCHES],
            scratch: [Own::NONE; BLOCKS],
            shapes: [[[Shared::NONE; SHARED]; SLOTS]; MANY],
            items: [Item::NONE; ITEMS],
            work: [(Head::EMPTY, [Block::EMPTY; BLOCKS]); MANY],
        }
    }

    fn group(&mut self, options: &FitOptions) -> Group<'_, N> {
        let is_many = N > 1 && MANY > 0;
        Group {
            loader: Loader::new(Terms::new(options), &mut self.loaded),
            heads: &mut self.heads,
            blocks: self.blocks.as_flattened_mut(),
            per_batch: BLOCKS,
            outcomes: &mut self.outcomes,
            spreads: &mut self.spreads,
            lines: &mut self.lines,
            scratch: &mut self.scratch,
            table: is_many.then(|| Table::new(self.shapes.as_flattened_mut().as_flattened_mut())),
            items: &mut self.items,
            waiting: 0,
            work: self.work.first_mut().filter(|_| is_many).map(|(head, blocks)| (head, &mut blocks[..])),
        }
    }
}

/// One curve; `None` leaves it to the longer search.
pub(super) fn one(data: &Source<'_>, options: &FitOptions) -> Option<Syn2RealFit> {
    // Points without weight do not count, as in company.
    let count = each_of(data).filter(|p| p.weight != 0.0).take(POINTS + 1).count();
    match (options.isa.eight(), count) {
        (_, count) if count > POINTS => None,
        (Some(on), 0..=WIDTH) => single::<8, 1>(on, data, options),
        (Some(on), _) => single::<8, BLOCKS>(on, data, options),
        (None, 0..=WIDTH) => single::<1, 1>(One, data, options),
        (None, _) => single::<1, BLOCKS>(One, data, options),
    }
}

#[inline(never)]
fn single<const N: usize, const BLOCKS: usize>(
    on: impl Lanes<N>,
    data: &Source<'_>,
    options: &FitOptions,
) -> Option<Syn2RealFit> {
    let mut room = Room::<N, 1, BLOCKS, 0, MINIMA, 0>::new();
    let mut group = room.group(options);
    if !group.loader.load_single(each_of(data)) {
        return None;
    }
    search(on, &mut group, 1, &mut |_, _| {}, options);
    assemble(&group, 0, 0, options)
}

/// The search over the first `used` batches, compiled once for each number of lanes.
#[inline(never)]
fn search<const N: usize>(
    on: impl Lanes<N>,
    group: &mut Group<'_, N>,
    used: usize,
    load: &mut dyn FnMut(&mut Loader<'_, N>, usize),
    options: &FitOptions,
) {
    on.dispatch(Search { on, group, used, load, covariance: options.covariance.then_some(options.weights) });
}

/// What is kept of a fit.
pub(super) trait Kept: Sized {
    /// What was found in a lane; `None` where the curve is left to the longer search.
    fn of<const N: usize>(group: &Group<'_, N>, batch: usize, lane: usize, options: &FitOptions) -> Option<Self>;

    /// What is kept of a fit by the longer search.
    fn of_fit(fit: Syn2RealFit) -> Self;
}

impl Kept for Syn2RealFit {
    fn of<const N: usize>(group: &Group<'_, N>, batch: usize, lane: usize, options: &FitOptions) -> Option<Self> {
        assemble(group, batch, lane, options)
    }

    fn of_fit(fit: Syn2RealFit) -> Self {
        fit
    }
}

impl Kept for Syn2RealLaw {
    fn of<const N: usize>(group: &Group<'_, N>, batch: usize, lane: usize, _: &FitOptions) -> Option<Self> {
        best(group, batch, lane).map(|(_, minimum)| minimum.law)
    }

    fn of_fit(fit: Syn2RealFit) -> Self {
        fit.law()
    }
}

/// Many curves on their way through the lanes.
pub(super) struct Many<'a, T> {
    pub(super) curves: &'a dyn Curves,
    pub(super) options: &'a FitOptions,
    /// Whether points without weight keep their places, so that curves of the same sizes share their powers whatever their
    /// weights; the laws are then those of the single fits up to rounding.
    pub(super) keeps_idle: bool,
    /// The longer search.
    pub(super) otherwise: &'a dyn Fn(usize) -> Result<T, FitError>,
}

impl<T: Kept> Many<'_, T> {
    /// Gives each curve's result to `each`, in order.
    pub(super) fn run(&self, each: &mut dyn FnMut(usize, Result<T, FitError>)) {
        let mut first = 0;
        while first < self.curves.count() {
            match self.options.isa.eight() {
                // At least one window is of either kind.
                Some(on) => {
                    first += self.short(on, first, each);
                    first += self.long(on, first, each);
                }
                None => first += self.one_by_one(first, each),
            }
        }
    }

    #[inline(never)]
    fn short(&self, on: impl Lanes<LANES>, first: usize, each: &mut dyn FnMut(usize, Result<T, FitError>)) -> usize {
        let mut room = Room::<LANES, SHORT, 1, 1, { 5 * LANES }, 1>::new();
        self.run_from(on, &mut room.group(self.options), first, each, Some(true))
    }

    #[inline(never)]
    fn long(&self, on: impl Lanes<LANES>, first: usize, each: &mut dyn FnMut(usize, Result<T, FitError>)) -> usize {
        let mut room = Room::<LANES, LONG, BLOCKS, SHARED, { 5 * LANES }, 1>::new();
        self.run_from(on, &mut room.group(self.options), first, each, Some(false))
    }

    #[inline(never)]
    fn one_by_one(&self, first: usize, each: &mut dyn FnMut(usize, Result<T, FitError>)) -> usize {
        let mut room = Room::<1, 1, BLOCKS, 0, MINIMA, 0>::new();
        self.run_from(One, &mut room.group(self.options), first, each, None)
    }

    /// Whether the curves of the window that begins at `first` have at most eight points.
    fn is_short(&self, first: usize) -> bool {
        (first..self.curves.count()).take(WINDOW).all(|k| self.curves.len(k) <= WIDTH)
    }

    /// Fits from number `first` on as long as the curves are `short`, or not, where that matters; returns how many.
    fn run_from<const N: usize>(
        &self,
        on: impl Lanes<N>,
        group: &mut Group<'_, N>,
        first: usize,
        each: &mut dyn FnMut(usize, Result<T, FitError>),
        short: Option<bool>,
    ) -> usize {
        let total = self.curves.count();
        let is_of_kind = |k| short.is_none_or(|short| self.is_short(k) == short);
        // With sizes that are not valid no curve is.
        let rows = self.curves.rows().filter(|(n, _)| n.iter().all(|&n| n > 0.0 && n < f64::INFINITY));
        let mut next = first;
        let most = group.heads.len() * N;
        loop {
            let mut end = next;
            while end < total && end - next < most && is_of_kind(end) {
                let window = end + WINDOW.min(most);
                end = if window < total { window } else { total };
            }
            if end == next {
                return next - first;
            }
            if let Some((n, _)) = rows.filter(|_| next == first) {
                group.loader.load_sizes(n);
            }
            let used = (end - next).div_ceil(N);
            let mut load = |loader: &mut Loader<'_, N>, b: usize| {
                // Lanes without a curve repeat the last.
                let number = |lane: usize| {
                    let k = next + b * N + lane;
                    if k < end { k } else { end - 1 }
                };
                match rows {
                    Some((n, errors)) => {
                        for lane in 0..N {
                            loader.load_row(lane, errors.get(number(lane) * n.len()..).unwrap_or(&[]));
                        }
                    }
                    None => loader.load(self.curves, number, self.keeps_idle),
                }
            };
            search(on, group, used, &mut load, self.options);
            for k in next..end {
                let (batch, lane) = ((k - next) / N, (k - next) % N);
                match T::of(group, batch, lane, self.options) {
                    Some(found) => each(k, Ok(found)),
                    None => each(k, (self.otherwise)(k)),
                }
            }
            next = end;
        }
    }
}

/// The minimum in the user's units.
fn minimum<const N: usize>(c: &Candidate, batch: Batch<'_, N>, lane: usize) -> Minimum {
    let lane = lane & (N - 1);
    let (scale, terms) = (batch.head.scale.0[lane], batch.terms);
    let d = terms.fixed_d.unwrap_or(c.x * math::exp(c.alpha * batch.head.sizes.ln_n_min.0[lane]) * scale);
    let at = |parameter, side| Class::AtBound { parameter, side };
    let decrease = -c.x * math::exp_m1(-c.alpha * batch.head.sizes.span.0[lane]);
    let (d, alpha, class) = match c.kind {
        Kind::Interior => (d, c.alpha, Class::Interior),
        Kind::NoGap if terms.c[0] == 0.0 => (d, c.alpha, Class::NoGap),
        Kind::NoGap => (d, c.alpha, at(Parameter::C, Side::Lower)),
        Kind::Flat if terms.fixed_c => (c.x * scale, 0.0, Class::Flat),
        Kind::Flat if terms.fixed_alpha() => (0.0, c.alpha, Class::Flat),
        // With D fixed the decrease may be below the rounding of the level: no law is there.
        Kind::AlphaEnd if terms.fixed_d.is_some() && decrease <= 4.0 * f64::EPSILON * (c.x + c.z) => {
            (d, c.alpha, Class::Flat)
        }
        Kind::AlphaEnd if c.alpha == FitOptions::ALPHA_MAX && c.alpha == terms.alpha[1] => {
            (d, c.alpha, Class::AlphaMax)
        }
        Kind::AlphaEnd => (d, c.alpha, at(Parameter::Alpha, terms.end(c.alpha))),
        Kind::Flat => (0.0, UNDEFINED, Class::Flat),
    };
    let is_on_edge = c.kind == Kind::NoGap || terms.fixed_c;
    let law = Syn2RealLaw { d, alpha, c: if is_on_edge { terms.c[0] } else { c.z * scale } };
    let unit = if terms.is_log() { 1.0 } else { scale * scale };
    Minimum { law, cost: c.cost * (batch.head.weight_scale.0[lane] * unit), class }
}

/// What was found in a lane, and its lowest minimum; `None` where it is left to the longer search.
fn best<'g, const N: usize>(group: &'g Group<'_, N>, batch: usize, lane: usize) -> Option<(&'g Outcome, Minimum)> {
    let outcome = &group.outcomes.get(batch)?[lane & (N - 1)];
    let best = &outcome.minima[0];
    let first = minimum(best, group.batch(batch)?, lane);
    // D is the extrapolation to n = 1 and may leave the range of f64, as the cost of huge errors and weights may.
    (outcome.len > 0 && first.cost < f64::INFINITY && (first.law.d.is_normal() || best.is_flat()))
        .then_some((outcome, first))
}

/// The fit of a lane; `None` where it is left to the longer search.
fn assemble<const N: usize>(
    group: &Group<'_, N>,
    batch: usize,
    lane: usize,
    options: &FitOptions,
) -> Option<Syn2RealFit> {
    let lane = lane & (N - 1);
    let (outcome, first) = best(group, batch, lane)?;
    let (spreads, line) = (group.spreads.get(batch)?, group.lines.get(batch)?);
    let batch = group.batch(batch)?;
    let Head { len, scale, weight_scale, weight_sum, sizes, .. } = batch.head;
    // The unit of a residual.
    let unit = if batch.terms.is_log() { 1.0 } else { scale.0[lane] };
    let best = &outcome.minima[0];
    let (points, scale) = (len[lane], scale.0[lane]);
    let degrees_of_freedom = points as i64 - best.estimated(batch.terms.free()) as i64;
    let mut spread = [Spread::Unknown; 3];
    let mut condition = None;
    if options.covariance {
        condition = Some(spreads.condition.0[lane]).filter(|v| v.is_finite() && !best.is_flat());
    }
    if options.covariance && degrees_of_freedom > 0 {
        let wald = |std_error: f64| if std_error.is_finite() { Spread::Wald { std_error } } else { Spread::Unknown };
        let of_d = wald(first.law.d * spreads.ln_d.0[lane]);
        let of_alpha = wald(spreads.alpha.0[lane]);
        let of_c = wald(spreads.c.0[lane] * scale);
        let (gradient, curvature) = (spreads.gradient.0[lane], spreads.curvature.0[lane]);
        let terms = batch.terms;
        spread = match best.kind {
            // Of D and C one alone is determined.
            _ if best.is_flat() && terms.fixed_c => [of_c, Spread::Unknown, Spread::Unknown],
            _ if best.is_flat() => [Spread::Unknown, Spread::Unknown, of_c],
            Kind::Interior => [of_d, of_alpha, of_c],
            Kind::NoGap => [of_d, of_alpha, one_sided(Side::Lower, gradient / scale, curvature / (scale * scale))],
            _ => [of_d, one_sided(terms.end(best.alpha), gradient, curvature), of_c],
        };
        for (spread, fixed) in spread.iter_mut().zip(terms.fixed()) {
            *spread = if fixed { Spread::Unknown } else { *spread };
        }
    }
    let line = Line {
        weight_sum: weight_sum.0[lane],
        weight_scale: weight_scale.0[lane],
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
        rms: math::sqrt(2.0 * best.cost / weight_sum.0[lane]) * unit,
        class: first.class,
        termination: if best.is_exact { Termination::ExactFit } else { Termination::StepSmall },
        iterations: best.iterations,
        evaluations: outcome.evaluations,
        minima_found: outcome.len as u32,
        condition,
        points,
        degrees_of_freedom,
        n_min: sizes.n_min.0[lane],
        n_max: sizes.n_max.0[lane],
        huber_delta: None,
        fixed: batch.terms.fixed(),
        rise: if best.is_flat() { line.rise(batch.rows(lane), points, options.weights, unit) } else { None },
    };
    let held = |value: Option<f64>, bounds| value.map_or(bounds, |x| Bounds::new(x, x));
    let bounds =
        [held(options.fixed_d, options.d), held(options.fixed_alpha, options.alpha), held(options.fixed_c, options.c)];
    let origin = Origin { bounds, line, isa: options.isa };
    let other = |k: usize| if k < outcome.len { minimum(&outcome.minima[k & 3], batch, lane) } else { first };
    let minima = [first, other(1), other(2), other(3)];
    Some(Fit { law: first.law, report, minima, spreads: spread, origin })
}

fn one_sided(side: Side, gradient: f64, curvature: f64) -> Spread {
    let is_known = gradient.is_finite() && curvature.is_finite() && gradient + curvature > 0.0;
    if is_known { Spread::OneSided { side, gradient, curvature } } else { Spread::Unknown }
}
