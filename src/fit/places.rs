//! Where the profile is sampled: equally spaced in ln(alpha + offset), closer where it may turn more often.
use crate::law::Residual;
use crate::math;
use crate::simd::{F64x8, LANES};

use super::curve::Curve;
use super::loss::Cost;
use super::slice::Objective;

/// Widest spacing of the samples in ln(alpha + offset).
const SPACING: f64 = 0.34;

/// Most blocks of eight samples: 12 are enough where alpha runs to 10 and n over 30 decades, and errors over 14 decades ask for
/// some seven times as many.
const MOST_BLOCKS: usize = 96;

/// e-folds of the errors, 22 decades, from which on they get no closer look: no tests judge it there, and errors over hundreds
/// of decades, which are arbitrary bits and no measurements, must not take seconds.
const ABSURD: f64 = 50.0;

/// Most levels of the gap that the inner problem starts from: three e-folds apart they reach over 14 decades of errors, which is
/// what the tests draw.
const MOST_LEVELS: u32 = 10;

/// e-folds of the errors up to which the spacing does not depend on them.
const NARROW: f64 = 4.0;

/// The places of the samples.
pub(super) struct Places {
    start: f64,
    range: f64,
    /// Number of the last of the equally spaced ones.
    last: f64,
    kink: f64,
    /// Whether the kink is still to come.
    waits: bool,
    next: f64,
}

impl Places {
    /// The scale of `search` from `start` over `range`, and in how many blocks: equally spaced but for one, the rate of the
    /// power law, where the profile leaves the steep edge C = 0 at small alpha.
    pub(super) fn new(o: &Objective<'_>, offset: f64, is_rough: bool, start: f64, range: f64) -> (Places, usize) {
        let Objective { curve, domain, residual, cost } = *o;
        let is_plain = !is_rough && domain.d_is_unbounded() && cost == Cost::Square;
        let spacing = if is_plain { SPACING } else { 0.25 * SPACING };
        let is_far = is_rough || cost != Cost::Square;
        // How many times closer the samples lie where errors far from any law spread over many e-folds, each of which may
        // turn the profile.
        let turns = 1.0 + 0.25 * folds(curve).1;
        let spacing = if is_far && residual == Residual::Log { spacing / turns } else { spacing };
        // Errors over the whole range of f64 ask for infinitely many.
        let blocks = ((range / spacing / LANES as f64) as usize).saturating_add(1).min(MOST_BLOCKS);
        let kink = math::ln(curve.power_rate(residual) + offset);
        let has_kink = kink > start && kink < start + range;
        let last = (blocks * LANES) as f64 - if has_kink { 2.0 } else { 1.0 };
        (Places { start, range, last, kink, waits: has_kink, next: 0.0 }, blocks)
    }

    /// The next eight.
    pub(super) fn block(&mut self) -> F64x8 {
        let mut places = F64x8::splat(0.0);
        for place in &mut places.0 {
            let Places { start, range, last, kink, waits, next } = *self;
            let to = if next == last { start + range } else { start + range * (next / last) };
            if waits && kink <= to {
                (*place, self.waits) = (kink, false);
            } else {
                (*place, self.next) = (to, next + 1.0);
            }
        }
        places
    }
}

/// Levels of the gap between the errors that the inner problem starts from where these spread over many e-folds: each may
/// have a minimum of its own.
pub(super) fn levels(curve: &Curve) -> impl Iterator<Item = f64> + use<> {
    let (low, folds) = folds(curve);
    let count = ((folds / 3.0) as u32).min(MOST_LEVELS);
    let step = (folds + NARROW) / f64::from(count + 1);
    (0..count).map(move |k| low * math::exp(step * f64::from(k + 1)))
}

/// The smallest error, and the e-folds from there to the largest beyond [`NARROW`]; 0 from [`ABSURD`] on.
fn folds(curve: &Curve) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, 0.0);
    for node in curve.nodes() {
        low = if node.error < low { node.error } else { low };
        high = if node.error > high { node.error } else { high };
    }
    let folds = math::ln(high / low);
    (low, if folds > NARROW && folds < ABSURD { folds - NARROW } else { 0.0 })
}
