//! The complete search: brackets of all local minima of the profile over alpha.
use crate::law::Residual;
use crate::math;
use crate::simd::{F64x8, Isa, Kernel, LANES};

use super::curve::NODES;
use super::loss::Cost;
use super::places::{Places, levels};
use super::profile::{Evaluate, Prepare, Profile, Rates, Start};
use super::slice::Objective;
use super::wide::{GROUPS, Wide};

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
    /// D n_min^-alpha, and C.
    pub(crate) x: f64,
    pub(crate) z: f64,
    pub(crate) cost: f64,
    /// d cost / d alpha.
    pub(crate) slope: f64,
    /// See [`Profile::pull`].
    pub(crate) pull: f64,
}

impl Sample {
    pub(crate) const NONE: Sample = Sample { alpha: 0.0, tau: 0.0, x: 0.0, z: 0.0, cost: 0.0, slope: 0.0, pull: 0.0 };

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
    /// Nothing yet: all zero, that no image of it is kept.
    pub(super) const NONE: Found =
        Found { brackets: [Bracket { left: Sample::NONE, right: Sample::NONE }; BRACKETS], len: 0, evaluations: 0 };

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
    /// Whether x and z are solved to rounding, and nothing is expanded: for slopes in nearly flat valleys.
    is_tight: bool,
}

impl<'a> Search<'a> {
    pub(crate) fn new(objective: Objective<'a>, isa: Isa) -> Search<'a> {
        // Between 0.3 / span and 1 / spacing the profile bends on the scale of alpha itself, below on that of 1 / span.
        let span = objective.curve.span;
        let offset = if span > 0.03 { 0.3 / span } else { 10.0 };
        Search { objective, isa, offset, rough: false, is_tight: false }
    }

    /// The same search with x and z solved to rounding at every rate.
    pub(crate) fn tight(&self) -> Search<'a> {
        Search { is_tight: true, ..*self }
    }

    pub(super) fn evaluate(&self, alpha: F64x8) -> Profile {
        // Small curves spare themselves the room for 64 nodes.
        match self.objective.curve.len() {
            0..=8 => self.evaluate_in(alpha, &mut [Wide::splat(0.0); 8 * GROUPS]),
            _ => self.evaluate_many(alpha),
        }
    }

    #[inline(never)]
    fn evaluate_many(&self, alpha: F64x8) -> Profile {
        self.evaluate_in(alpha, &mut [Wide::splat(0.0); NODES * GROUPS])
    }

    #[inline(never)]
    fn evaluate_in(&self, alpha: F64x8, room: &mut [Wide]) -> Profile {
        let objective = self.objective;
        let mut rates = Rates::new(objective, self.is_tight, alpha, room);
        self.isa.dispatch(Prepare(&mut rates));
        let mut best = Profile::none(alpha);
        let mut try_from = |start| self.isa.dispatch(Evaluate { rates: &rates, start, best: &mut best });
        try_from(Start::Data);
        // The linear problem is convex in x and z, whatever the loss.
        if objective.residual == Residual::Log && (self.rough || objective.cost != Cost::Square) {
            [Start::Power, Start::Level, Start::Gap].into_iter().for_each(&mut try_from);
            levels(objective.curve).map(Start::GapAt).for_each(&mut try_from);
            // With rate and gap held only x is left, and each node may have a minimum of its own.
            if objective.domain.fixed[1] && objective.domain.fixed[2] {
                let through = objective.curve.nodes().map(|node| Start::Through { t: node.t, error: node.error });
                through.for_each(&mut try_from);
            }
        }
        best
    }

    /// Brackets of the local minima.
    pub(crate) fn run(&mut self, found: &mut Found) {
        self.sweep(found);
        let lowest = found.brackets().fold(f64::INFINITY, |m, b| if b.cost() < m { b.cost() } else { m });
        let curve = self.objective.curve;
        if self.objective.cost == Cost::Square && lowest > 0.5 * ROUGH * ROUGH * curve.weight_sum && !self.rough {
            self.rough = true;
            found.len = 0;
            self.sweep(found);
        }
    }

    #[inline(never)]
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
        let (mut places, blocks) = Places::new(&self.objective, self.offset, self.rough, start, range);
        let (mut second, mut previous) = (Sample::NONE, Sample::NONE);
        let mut lowest: Option<Sample> = None;
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
            for (lane, tau) in tau.0.into_iter().enumerate() {
                let here = sample(&p, lane, tau);
                match lowest {
                    None => (second, previous) = (here, here),
                    Some(_) => self.examine(&previous, &here, DEPTH, found),
                }
                // A decrease around a sample on the plateau whose both neighbours are on it.
                self.examine_plateau([&second, &previous, &here], DEPTH, found);
                (second, previous) = (previous, here);
                lowest = lowest.filter(|l| l.cost <= here.cost).or(Some(here));
            }
        }
        // The upper end is a minimum if the profile falls towards it.
        if previous.slope < 0.0 {
            found.push(previous, previous);
        }
        if let Some(best) = lowest.filter(|_| found.len == 0) {
            // No slope anywhere: the plateau alone, or errors that are all the same.
            found.push(best, best);
        }
    }

    /// Looks for minima between two neighbouring samples.
    pub(super) fn examine(&self, a: &Sample, b: &Sample, depth: u32, found: &mut Found) {
        // The plateau is the highest level: from a sample below it, it is reached rising.
        let falls = a.slope < 0.0 || (a.is_flat() && b.slope > 0.0);
        if falls && b.slope >= 0.0 {
            found.push(*a, *b);
        } else if depth > 0 && self.is_doubtful(a, b) {
            let tau = inside(a.tau, b.tau);
            let alpha = self.alpha(tau).max(F64x8::splat(a.alpha)).min(F64x8::splat(b.alpha));
            let p = self.evaluate(alpha);
            found.evaluations += LANES as u32;
            let mut before = *a;
            for (lane, tau) in tau.0.into_iter().enumerate() {
                let s = sample(&p, lane, tau);
                self.examine(&before, &s, depth - 1, found);
                before = s;
            }
            self.examine(&before, b, depth - 1, found);
        }
    }

    /// Looks for a decrease between neighbouring samples on the plateau, where the pull towards one is largest.
    fn examine_plateau(&self, [a, b, c]: [&Sample; 3], depth: u32, found: &mut Found) {
        if !(a.is_flat() && b.is_flat() && c.is_flat() && b.pull > a.pull && b.pull > c.pull) {
            return;
        }
        let bend = 2.0 * b.pull - a.pull - c.pull;
        let peak = b.pull + (a.pull - c.pull) * (a.pull - c.pull) / (8.0 * bend);
        // The parabola through the three is good to its bend.
        if depth == 0 || peak < -bend {
            return;
        }
        let tau = inside(a.tau, c.tau);
        let alpha = self.alpha(tau).max(F64x8::splat(a.alpha)).min(F64x8::splat(c.alpha));
        let p = self.evaluate(alpha);
        found.evaluations += LANES as u32;
        let (mut before, mut between) = (*a, *a);
        for (lane, tau) in tau.0.into_iter().enumerate() {
            let s = sample(&p, lane, tau);
            self.examine_plateau([&before, &between, &s], depth - 1, found);
            self.examine(&between, &s, 1, found);
            (before, between) = (between, s);
        }
        self.examine(&between, c, 1, found);
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
        // Without its vertex between the samples the derivative changes its sign no more than once.
        if linear * square >= 0.0 || linear.abs() >= (2.0 * square).abs() {
            return false;
        }
        let db = da + square + linear;
        let extreme = da - 0.25 * linear * linear / square;
        let is_deep = da.abs() + db.abs() + (b.cost - a.cost).abs() > SHALLOW * b.cost;
        is_deep && extreme * da <= 0.0
    }
}

/// Shrinks a bracket to rounding by sections of nine, with nothing but the sign of the slope: slow (some 16 evaluations
/// of eight rates) and certain.
#[inline(never)]
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
