//! The complete search: brackets of all local minima of the profile over alpha.
use crate::law::Residual;
use crate::math;
use crate::simd::{F64x8, Isa, Kernel, LANES, Mask8};

use super::curve::NODES;
use super::profile::{Cost, Evaluate, Objective, Profile, Start};

/// Brackets that are kept; when there are more, those with the lowest cost.
pub(crate) const BRACKETS: usize = 8;

/// Subdivisions of a doubtful interval: each divides by nine.
const DEPTH: u32 = 2;

/// Sections of nine from the widest bracket to the last bit: 9^17 > 2^53.
const SECTIONS: u32 = 17;

/// Share of the cost below which a hidden dip does not matter: a tenth of the 1e-9 to which costs are judged.
const SHALLOW: f64 = 1e-10;

/// Rise of a deep minimum over its lowest cost. That of the nodes is of order (nodes - 3) / 2 noise variances, the rise of
/// z standard errors z^2 / 2 of them: with 25 nodes 3 are 8 standard errors.
const DEEP: f64 = 3.0;

/// Residual (rms) above which the inner problem in log space may have several minima, and is started from several sides.
const ROUGH: f64 = 0.1;

/// One sample of the profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) alpha: f64,
    /// ln(alpha + offset), the scale on which samples are equally spaced.
    pub(crate) tau: f64,
    pub(crate) x: f64,
    pub(crate) z: f64,
    pub(crate) cost: f64,
    pub(crate) slope: f64,
    pub(crate) pull: f64,
}

impl Sample {
    pub(crate) const NONE: Sample =
        Sample { alpha: 0.0, tau: 0.0, x: 0.0, z: 0.0, cost: f64::INFINITY, slope: 0.0, pull: 0.0 };

    /// On the plateau of no decrease, x = 0, where the profile is constant and nowhere higher.
    fn is_flat(&self) -> bool {
        self.x == 0.0
    }
}

/// An interval that holds a local minimum of the profile, or an end of the domain that is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bracket {
    pub(crate) left: Sample,
    pub(crate) right: Sample,
}

impl Bracket {
    /// The lower of the costs at its ends.
    pub(crate) fn cost(&self) -> f64 {
        if self.left.cost < self.right.cost { self.left.cost } else { self.right.cost }
    }
}

/// What the search found.
pub(crate) struct Found {
    brackets: [Bracket; BRACKETS],
    len: usize,
    pub(crate) evaluations: u32,
}

impl Found {
    /// Nothing yet.
    pub(super) fn new() -> Found {
        Found { brackets: [Bracket { left: Sample::NONE, right: Sample::NONE }; BRACKETS], len: 0, evaluations: 0 }
    }

    pub(crate) fn brackets(&self) -> impl Iterator<Item = &Bracket> {
        self.brackets.iter().take(self.len)
    }

    pub(super) fn push(&mut self, left: Sample, right: Sample) {
        let new = Bracket { left, right };
        match self.brackets.get_mut(self.len) {
            Some(slot) => {
                *slot = new;
                self.len += 1;
            }
            None => {
                let highest = self.brackets.iter_mut().max_by(|a, b| a.cost().total_cmp(&b.cost()));
                if let Some(slot) = highest.filter(|slot| slot.cost() > new.cost()) {
                    *slot = new;
                }
            }
        }
    }
}

/// The search over one curve.
#[derive(Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) objective: Objective<'a>,
    pub(crate) isa: Isa,
    /// Offset of the geometric spacing of alpha: below it samples are equally spaced.
    pub(super) offset: f64,
    pub(super) rough: bool,
}

impl<'a> Search<'a> {
    pub(crate) fn new(objective: Objective<'a>, isa: Isa) -> Search<'a> {
        // Between 0.3 / span and 1 / spacing the profile bends on the scale of alpha itself, below on that of 1 / span.
        let span = objective.curve.span;
        let offset = if span > 0.03 { 0.3 / span } else { 10.0 };
        Search { objective, isa, offset, rough: false }
    }

    /// The same search with x and z solved to rounding at every rate.
    pub(crate) fn tight(&self) -> Search<'a> {
        Search { objective: Objective { is_tight: true, ..self.objective }, ..*self }
    }

    pub(super) fn evaluate(&self, alpha: F64x8) -> Profile {
        let objective = self.objective;
        // Small curves spare themselves the room for 64 nodes.
        let from = |start| match objective.curve.len() {
            0..=8 => self.isa.dispatch(Evaluate::<8> { objective, alpha, start }),
            _ => self.isa.dispatch(Evaluate::<NODES> { objective, alpha, start }),
        };
        let first = from(Start::Data);
        // The linear problem is convex in x and z, whatever the loss.
        let is_convex = self.objective.residual == Residual::Linear;
        if !is_convex && (self.rough || self.objective.cost != Cost::Square) {
            let starts = [Start::Power, Start::Level, Start::Gap];
            let best = starts.into_iter().fold(first, |best, start| lower_of(best, from(start)));
            let best = self.levels().fold(best, |best, z| lower_of(best, from(Start::GapAt(z))));
            // With rate and gap held only x is left, and each node may have a minimum of its own.
            let is_held = objective.domain.fixed[1] && objective.domain.fixed[2];
            let nodes = objective.curve.nodes().filter(|_| is_held);
            nodes.fold(best, |best, node| lower_of(best, from(Start::Through { t: node.t, error: node.error })))
        } else {
            first
        }
    }

    /// Brackets of the local minima.
    pub(crate) fn run(&mut self) -> Found {
        let mut found = Found::new();
        self.sweep(&mut found);
        let lowest = found.brackets().fold(f64::INFINITY, |m, b| if b.cost() < m { b.cost() } else { m });
        let curve = self.objective.curve;
        if self.objective.cost == Cost::Square && lowest > 0.5 * ROUGH * ROUGH * curve.weight_sum && !self.rough {
            self.rough = true;
            found.len = 0;
            self.sweep(&mut found);
        }
        found
    }

    fn sweep(&self, found: &mut Found) {
        let domain = self.objective.domain;
        let (lower, upper) = (domain.alpha.lower, domain.alpha.upper);
        if lower == upper {
            let p = self.evaluate(F64x8::splat(lower));
            found.evaluations += LANES as u32;
            let s = sample(&p, 0, 0.0);
            found.push(s, s);
            return;
        }
        let start = math::ln(lower + self.offset);
        let range = math::ln(upper + self.offset) - start;
        let (mut places, blocks) = self.places(start, range);
        let (mut second, mut previous) = (Sample::NONE, Sample::NONE);
        let mut lowest: Option<Profile> = None;
        for block in 0..blocks {
            let tau = places.block();
            // Both ends exactly: they are bounds, and may be minima.
            let alpha = self.alpha(tau).max(F64x8::splat(lower)).min(F64x8::splat(upper));
            let alpha = tau.le(F64x8::splat(start)).select(F64x8::splat(lower), alpha);
            let alpha = tau.ge(F64x8::splat(start + range)).select(F64x8::splat(upper), alpha);
            let p = self.evaluate(alpha);
            found.evaluations += LANES as u32;
            let first = sample(&p, 0, start);
            // The lower end is a minimum if the profile rises from it, or is level to the last bit.
            if block == 0 && (first.slope > 0.0 || (first.slope == 0.0 && !first.is_flat())) {
                found.push(first, first);
            }
            let before = if block == 0 { first } else { previous };
            let earlier = shifted(tau, before.tau);
            let is_suspect = self.suspects(&before, &p, tau - earlier);
            // Zipped: an index by lane keeps a panic path.
            let ends = earlier.0.into_iter().zip(tau.0);
            for (lane, (_, (from, to))) in is_suspect.0.into_iter().zip(ends).enumerate().filter(|(_, (m, _))| *m != 0)
            {
                let a = if lane == 0 { before } else { sample(&p, lane.wrapping_sub(1), from) };
                self.examine(a, sample(&p, lane, to), DEPTH, found);
            }
            self.examine_plateaus([second, before], &p, tau, found);
            (second, previous) = (sample(&p, LANES - 2, tau.0[LANES - 2]), sample(&p, LANES - 1, tau.0[LANES - 1]));
            lowest = Some(lowest.map_or(p, |l| lower_of(l, p)));
        }
        // The upper end is a minimum if the profile falls towards it.
        if previous.slope < 0.0 {
            found.push(previous, previous);
        }
        if let Some(p) = lowest.filter(|_| found.len == 0) {
            // No slope anywhere: the plateau alone, or errors that are all the same.
            let best = (0..LANES).map(|lane| sample(&p, lane, 0.0)).min_by(|a, b| a.cost.total_cmp(&b.cost));
            let best = best.unwrap_or(Sample::NONE);
            found.push(best, best);
        }
    }

    /// The lanes of `p` between which and their predecessors [`Self::examine`] would find something; that of lane 0 is
    /// `before`.
    fn suspects(&self, before: &Sample, p: &Profile, step: F64x8) -> Mask8 {
        let zero = F64x8::splat(0.0);
        let slope = shifted(p.slope, before.slope);
        let was_flat = shifted(p.x, before.x).eq(zero);
        let falls = slope.lt(zero).or(was_flat.and(p.slope.gt(zero)));
        // A steep law levels out: its slope becomes 0 in the last bit.
        let rises = p.slope.ge(zero);
        // As in `is_doubtful`, free of divisions.
        let db = p.slope * (p.alpha + self.offset) * step;
        let da = slope * (shifted(p.alpha, before.alpha) + self.offset) * step;
        let rise = p.cost - shifted(p.cost, before.cost);
        let (square, linear) = ((da + db) * 3.0 - rise * 6.0, rise * 6.0 - da * 4.0 - db * 2.0);
        let has_vertex = (linear * square).lt(zero).and(linear.abs().lt((square * 2.0).abs()));
        let turns = (da * square * (square * da * 4.0 - linear * linear)).le(zero);
        let is_deep = (da.abs() + db.abs() + rise.abs()).gt(p.cost * SHALLOW);
        falls.and(rises).or(has_vertex.and(turns).and(is_deep))
    }

    /// Looks for decreases around the samples on the plateau whose both neighbours are on it.
    fn examine_plateaus(&self, mut before: [Sample; 2], p: &Profile, tau: F64x8, found: &mut Found) {
        let zero = F64x8::splat(0.0);
        if !p.x.eq(zero).any() {
            return;
        }
        let samples: [Sample; LANES] = core::array::from_fn(|lane| sample(p, lane, tau.0[lane & 7]));
        for s in samples {
            let [a, b] = before;
            self.examine_plateau([a, b, s], DEPTH, found);
            before = [b, s];
        }
    }

    /// Looks for minima between two neighbouring samples.
    pub(super) fn examine(&self, a: Sample, b: Sample, depth: u32, found: &mut Found) {
        // The plateau is the highest level: from a sample below it, it is reached rising.
        let falls = a.slope < 0.0 || (a.is_flat() && b.slope > 0.0);
        if falls && b.slope >= 0.0 {
            found.push(a, b);
        } else if depth > 0 && self.is_doubtful(&a, &b) {
            let tau = inside(a.tau, b.tau);
            let alpha = self.alpha(tau).max(F64x8::splat(a.alpha)).min(F64x8::splat(b.alpha));
            let p = self.evaluate(alpha);
            found.evaluations += LANES as u32;
            let mut before = a;
            for (lane, tau) in tau.0.into_iter().enumerate() {
                let s = sample(&p, lane, tau);
                self.examine(before, s, depth - 1, found);
                before = s;
            }
            self.examine(before, b, depth - 1, found);
        }
    }

    /// Looks for a decrease between neighbouring samples on the plateau, where the pull towards one is largest.
    fn examine_plateau(&self, [a, b, c]: [Sample; 3], depth: u32, found: &mut Found) {
        let is_peak = a.is_flat() && b.is_flat() && c.is_flat() && b.pull > a.pull && b.pull > c.pull;
        let bend = 2.0 * b.pull - a.pull - c.pull;
        let peak = b.pull + (a.pull - c.pull) * (a.pull - c.pull) / (8.0 * bend);
        // The parabola through the three is good to its bend.
        if !is_peak || depth == 0 || peak < -bend {
            return;
        }
        let tau = inside(a.tau, c.tau);
        let alpha = self.alpha(tau).max(F64x8::splat(a.alpha)).min(F64x8::splat(c.alpha));
        let p = self.evaluate(alpha);
        found.evaluations += LANES as u32;
        let (mut before, mut between) = (a, a);
        for (lane, tau) in tau.0.into_iter().enumerate() {
            let s = sample(&p, lane, tau);
            self.examine_plateau([before, between, s], depth - 1, found);
            self.examine(between, s, 1, found);
            (before, between) = (between, s);
        }
        self.examine(between, c, 1, found);
    }

    /// The rates at these places of the scale.
    pub(super) fn alpha(&self, tau: F64x8) -> F64x8 {
        self.isa.dispatch(Exponential(tau)) - self.offset
    }

    /// Where the cubic through values and slopes has its minimum in the bracket; x and z by the same share.
    pub(crate) fn interpolate(&self, bracket: &Bracket) -> Sample {
        let (a, b) = (&bracket.left, &bracket.right);
        if a.alpha == b.alpha {
            return *a;
        }
        let (square, linear, da) = self.cubic(a, b);
        // The root of square s^2 + linear s + da where it rises, in the form that does not cancel.
        let root = math::sqrt(linear * linear - 4.0 * square * da);
        let share = if linear > 0.0 { -2.0 * da / (linear + root) } else { (root - linear) / (2.0 * square) };
        let share = if share > 0.0 && share < 1.0 { share } else { 0.5 };
        let mix = |a: f64, b: f64| a + share * (b - a);
        let tau = mix(a.tau, b.tau);
        let alpha = math::exp(tau) - self.offset;
        Sample { alpha, tau, x: mix(a.x, b.x), z: mix(a.z, b.z), cost: bracket.cost(), slope: 0.0, pull: 0.0 }
    }

    /// Whether there is but one minimum, inside the domain and deep: the profile rises within one spacing of the samples by
    /// [`DEEP`] times its lowest value, so that no other minimum can lie lower however bins blur it.
    pub(crate) fn is_clear(&self, found: &Found) -> bool {
        let [Bracket { left: a, right: b }, ..] = &found.brackets;
        if found.len != 1 || a.alpha == b.alpha || self.rough || self.objective.cost != Cost::Square {
            return false;
        }
        let (square, linear, da) = self.cubic(a, b);
        let root = math::sqrt(linear * linear - 4.0 * square * da);
        let share = (root - linear) / (2.0 * square);
        let lowest = a.cost + share * (da + share * (0.5 * linear + share * square / 3.0));
        0.5 * root > DEEP * lowest
    }

    /// Coefficients of the derivative of the cubic, square s^2 + linear s + constant, s from 0 at a to 1 at b.
    fn cubic(&self, a: &Sample, b: &Sample) -> (f64, f64, f64) {
        let h = b.tau - a.tau;
        let (da, db) = (a.slope * (a.alpha + self.offset) * h, b.slope * (b.alpha + self.offset) * h);
        let rise = b.cost - a.cost;
        (3.0 * (da + db) - 6.0 * rise, 6.0 * rise - 4.0 * da - 2.0 * db, da)
    }

    /// Whether the cubic through values and slopes has a minimum inside although the slopes agree in sign.
    fn is_doubtful(&self, a: &Sample, b: &Sample) -> bool {
        if a.is_flat() && b.is_flat() {
            return false;
        }
        let (square, linear, da) = self.cubic(a, b);
        let db = da + square + linear;
        let vertex = -linear / (2.0 * square);
        let extreme = da + 0.5 * linear * vertex;
        let is_deep = da.abs() + db.abs() + (b.cost - a.cost).abs() > SHALLOW * b.cost;
        is_deep && vertex > 0.0 && vertex < 1.0 && extreme * da <= 0.0
    }
}

/// Shrinks a bracket to rounding by sections of nine, with nothing but the sign of the slope: slow (some 16 evaluations
/// of eight rates) and certain.
pub(crate) fn section(search: &Search<'_>, bracket: &Bracket) -> (Sample, u32) {
    let (mut a, mut b) = (bracket.left, bracket.right);
    let mut evaluations = 0;
    for _ in 0..SECTIONS {
        if b.alpha - a.alpha <= 8.0 * f64::EPSILON * b.alpha {
            break;
        }
        let alpha = inside(a.alpha, b.alpha);
        let p = search.evaluate(alpha);
        evaluations += LANES as u32;
        for lane in 0..LANES {
            let s = sample(&p, lane, 0.0);
            if s.slope > 0.0 || (s.slope == 0.0 && !a.is_flat()) {
                b = s;
                break;
            }
            a = s;
        }
    }
    (if a.cost < b.cost { a } else { b }, evaluations)
}

/// The lanes one place up, with another first one.
fn shifted(v: F64x8, first: f64) -> F64x8 {
    let [a, b, c, d, e, f, g, _] = v.0;
    F64x8([first, a, b, c, d, e, f, g])
}

/// Eight equally spaced values between a and b.
fn inside(a: f64, b: f64) -> F64x8 {
    F64x8([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]) * ((b - a) / (LANES + 1) as f64) + a
}

/// e^x as a kernel.
struct Exponential(F64x8);

impl Kernel for Exponential {
    type Output = F64x8;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> F64x8 {
        self.0.exp()
    }
}

pub(super) fn sample(p: &Profile, lane: usize, tau: f64) -> Sample {
    let at = |v: &F64x8| v.0.get(lane).copied().unwrap_or(0.0);
    Sample {
        alpha: at(&p.alpha),
        tau,
        x: at(&p.x),
        z: at(&p.z),
        cost: at(&p.cost),
        slope: at(&p.slope),
        pull: at(&p.pull),
    }
}

/// Lane by lane the lower of two profiles.
fn lower_of(a: Profile, b: Profile) -> Profile {
    let first: Mask8 = a.cost.le(b.cost);
    Profile {
        alpha: first.select(a.alpha, b.alpha),
        x: first.select(a.x, b.x),
        z: first.select(a.z, b.z),
        cost: first.select(a.cost, b.cost),
        slope: first.select(a.slope, b.slope),
        pull: first.select(a.pull, b.pull),
    }
}
