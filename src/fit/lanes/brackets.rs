//! Between which samples of the profile a minimum lies, and which curves are doubtful.
use crate::simd::{F64xN, MaskN};

use super::batch::{SLOTS, Terms};
use super::samples::Sample;

/// Share of the slopes at both ends within which the slope between them must not come near zero: the error of third
/// order of the samples.
const MARGIN: f64 = 0.05;

/// How many times the lowest cost an interval may cost to be doubted: what is higher hides no minimum that matters.
const FAR: f64 = 100.0;

/// Bits of the intervals next to the power law.
const BEFORE: u64 = 1 << SLOTS;
const AFTER: u64 = 2 << SLOTS;

/// What the intervals of a batch hold.
#[derive(Clone, Copy)]
pub(super) struct Intervals<const N: usize> {
    /// Bit k: a minimum between the samples k - 1 and k of the table; [`BEFORE`] and [`AFTER`] the power law.
    pub(super) brackets: [u64; N],
    /// The same bits: a minimum may hide there.
    pub(super) doubts: [u64; N],
    /// All bits: the curve must be searched with more care.
    pub(super) doubtful: MaskN<N>,
    /// Sample of the table after the rate of the power law, 0 where that is not inside.
    pub(super) kink: [u64; N],
    /// The lowest cost of all samples.
    pub(super) lowest: F64xN<N>,
}

impl<const N: usize> Intervals<N> {
    pub(super) const NONE: Intervals<N> = Intervals {
        brackets: [0; N],
        doubts: [0; N],
        doubtful: MaskN([0; N]),
        kink: [0; N],
        lowest: F64xN::splat(0.0),
    };
}

/// An end of an interval in one lane.
#[derive(Clone, Copy)]
struct End {
    tau: f64,
    cost: f64,
    slope: f64,
    pull: f64,
    /// Decrease over the data, negative on the plateau.
    fall: f64,
}

#[cfg_attr(wide, inline(always))]
fn end<const N: usize>(s: &Sample<N>, lane: usize) -> End {
    let lane = lane & (N - 1);
    End {
        tau: s.tau.0[lane],
        cost: s.cost.0[lane],
        slope: s.slope.0[lane],
        pull: s.pull.0[lane],
        fall: s.first.0[lane] - s.last.0[lane],
    }
}

/// Where the plateau begins between two samples, by linear interpolation of the decrease.
#[cfg_attr(wide, inline(always))]
fn brim(a: End, b: End) -> End {
    let tau = a.tau + (b.tau - a.tau) * (a.fall / (a.fall - b.fall));
    // The plateau is the higher of the two.
    End { tau, cost: if a.cost > b.cost { a.cost } else { b.cost }, slope: 0.0, pull: 0.0, fall: 0.0 }
}

#[cfg_attr(wide, inline(always))]
fn select(mask: bool, a: End, b: End) -> End {
    End {
        tau: if mask { a.tau } else { b.tau },
        cost: if mask { a.cost } else { b.cost },
        slope: if mask { a.slope } else { b.slope },
        pull: if mask { a.pull } else { b.pull },
        fall: if mask { a.fall } else { b.fall },
    }
}

/// Whether a minimum lies between two samples, and whether one may hide there.
#[cfg_attr(wide, inline(always))]
fn between(a: End, b: End, lowest: f64) -> (bool, bool) {
    let (a_flat, b_flat) = (a.pull < 0.0, b.pull < 0.0);
    let falls = (a.slope < 0.0) | (a_flat & (b.slope > 0.0));
    let rises = (b.slope > 0.0) | (b_flat & (a.slope < 0.0));
    let is_bracket = falls & rises;
    let brim = brim(a, b);
    let meets = a_flat != b_flat;
    let (from, to) = (a, b);
    let a = select(meets & a_flat, brim, from);
    let b = select(meets & b_flat, brim, to);
    // The derivative of the cubic through values and slopes, square s^2 + linear s + da.
    let h = b.tau - a.tau;
    let (da, db, rise) = (a.slope * h, b.slope * h, b.cost - a.cost);
    let square = 3.0 * (da + db) - 6.0 * rise;
    let linear = 6.0 * rise - 4.0 * da - 2.0 * db;
    let has_vertex = (linear * square < 0.0) & (linear.abs() < 2.0 * square.abs());
    // Its extreme value, relative to the sign of da, is extreme / (4 |square|).
    let extreme = (4.0 * square * da - linear * linear) * if da * square > 0.0 { 1.0 } else { -1.0 };
    let turns = extreme <= MARGIN * 4.0 * square.abs() * (da.abs() + db.abs());
    let least = if a.cost < b.cost { a.cost } else { b.cost };
    let is_doubtful = has_vertex & turns & (least <= FAR * lowest) & !(a_flat & b_flat);
    (is_bracket, is_doubtful & !is_bracket)
}

/// Whether a decrease may hide between three samples on the plateau: where the pull towards one has a peak that comes
/// within its bend of zero.
#[cfg_attr(wide, inline(always))]
fn hides(a: End, b: End, c: End) -> bool {
    let bend = 2.0 * b.pull - a.pull - c.pull;
    let is_peak = (b.pull < 0.0) & (a.pull < 0.0) & (c.pull < 0.0) & (b.pull > a.pull) & (b.pull > c.pull);
    let peak = b.pull * (8.0 * bend) + (a.pull - c.pull) * (a.pull - c.pull);
    is_peak & (peak >= -8.0 * bend * bend)
}

/// Whether a minimum lies between two samples in a lane, and whether one may hide there.
#[cfg_attr(wide, inline(always))]
pub(super) fn test<const N: usize>(
    a: &Sample<N>,
    b: &Sample<N>,
    lane: usize,
    lowest: f64,
    terms: &Terms,
) -> (bool, bool) {
    let (bracket, doubt) = between(end(a, lane), end(b, lane), lowest);
    let lane = lane & (N - 1);
    // Along the edge C = 0 the cost in the log residual is a parabola of alpha, whose minimum is the power law.
    let on_edge = terms.has_parabola() & (a.edge.0[lane] > 0.0) & (b.edge.0[lane] > 0.0);
    (bracket, doubt & !on_edge)
}

/// Looks at all intervals of the table; `kink` is the sample of the power law, on the edge where that is a minimum.
#[cfg_attr(wide, inline(always))]
pub(super) fn intervals<const N: usize>(
    samples: &[Sample<N>; SLOTS],
    kink: &Sample<N>,
    has_kink: MaskN<N>,
    terms: &Terms,
) -> Intervals<N> {
    let mut lowest = kink.cost;
    for lane in 0..N {
        lowest.0[lane] = if has_kink.0[lane] != 0 { lowest.0[lane] } else { f64::INFINITY };
    }
    for s in samples.iter().take(terms.rates()) {
        lowest = s.cost.min(lowest);
    }
    let no = MaskN([0; N]);
    let mut found = Intervals { brackets: no.0, doubts: no.0, doubtful: no, kink: no.0, lowest };
    for k in 1..terms.rates() {
        // Masked one by one: a masked k might be 0 to the compiler, and k - 1 out of bounds.
        let (before, k) = ((k - 1) & (SLOTS - 1), k & (SLOTS - 1));
        let (a, b) = (&samples[before], &samples[k]);
        let earlier = &samples[(k.max(2) - 2) & (SLOTS - 1)];
        // The plateau is rare.
        if a.pull.lt(F64xN::splat(0.0)).any() {
            for lane in 0..N {
                let hidden = hides(end(earlier, lane), end(a, lane), end(b, lane));
                found.doubtful.0[lane] |= if hidden { u64::MAX } else { 0 };
            }
        }
        for lane in 0..N {
            let tau = kink.tau.0[lane];
            let is_here = (has_kink.0[lane] != 0) & (tau > a.tau.0[lane]) & (tau <= b.tau.0[lane]);
            let (bracket, doubt) = test(a, b, lane, lowest.0[lane], terms);
            found.brackets[lane] |= if bracket & !is_here { 1 << k } else { 0 };
            found.doubts[lane] |= if doubt & !is_here { 1 << k } else { 0 };
            found.kink[lane] = if is_here { k as u64 } else { found.kink[lane] };
        }
    }
    // The interval that the power law divides.
    let (mut left, mut right) = (samples[0], samples[0]);
    for lane in 0..N {
        let k = found.kink[lane] as usize & (SLOTS - 1);
        left.take(&samples[k.max(1) - 1], lane, lane);
        right.take(&samples[k], lane, lane);
    }
    for lane in 0..N {
        let here = found.kink[lane] != 0;
        let (first, before) = test(&left, kink, lane, lowest.0[lane], terms);
        let (second, after) = test(kink, &right, lane, lowest.0[lane], terms);
        found.brackets[lane] |= if here & first { BEFORE } else { 0 };
        found.brackets[lane] |= if here & second { AFTER } else { 0 };
        found.doubts[lane] |= if here & before { BEFORE } else { 0 };
        found.doubts[lane] |= if here & after { AFTER } else { 0 };
    }
    found
}
