//! The fixed point of the median iteration, as a root.
use crate::fit::{FitOptions, Syn2RealFit};
use crate::math;
use crate::point::Point;

use super::map::{Map, fit_all};
use super::root::{Bracket, shrink};
use super::trace::NOISE;
use super::{DecoupleError, DecoupleOptions, Decoupled, MedianRound, Stop, Update};

/// Starts that cover the authors' range: the paper's own; one with D four times as large; and one below and
/// one above in both, so that either chain of the simultaneous update begins on either side.
pub const STARTS: [MedianRound; 4] = [
    MedianRound { d: 0.5, alpha: 0.5 },
    MedianRound { d: 2.0, alpha: 0.5 },
    MedianRound { d: 0.1, alpha: 1.0 },
    MedianRound { d: 1.0, alpha: 0.3 },
];

/// Ends within this share of each other are one.
const SAME: f64 = 0.01;

/// Growth of the steps towards a sign change, at most per evaluation: seven doublings make the whole way of a step of 1 %.
/// Larger steps leap over a pair of fixed points more often.
const GROWTH: f64 = 2.0;

/// How far a step goes beyond the root of the secant, to bracket it; further would leap over more of close pairs of fixed
/// points (seen on random curves with 1.5).
const OVERSHOOT: f64 = 1.1;

/// Width of the final bracket in units of `tol`: one more evaluation for a digit to spare.
const WIDTH: f64 = 0.1;

/// Steepest slope of the reduced map's defect at which a bracket of width `tol` still counts as a root, not as a jump.
const STEEPEST: f64 = 100.0;

/// Distance in ln D over which the contraction at the fixed point is measured: the square root of the rounding of the fits
/// (2^-43) and so far enough from it.
const PROBE: f64 = 3e-7;

/// Finds the fixed point that the iteration would reach from `options.start`, without the rounds; `out`, K slots,
/// receives the fits with D = D~ held.
///
/// With t = ln D, the sequential iteration is t -> ln (median D of (median alpha of e^t)). From the start, steps follow
/// its direction, lengthened by the secant, until it turns; the root in between is found by safeguarded inverse quadratic
/// interpolation, down to a bracket of a tenth of `tol`. The simultaneous iteration is two such sequences, from D and from the
/// median D of the start's alpha: both are followed, and if they end apart, it is a cycle of 2 rounds. At most
/// `max_rounds` evaluations of the map (two fits per curve each).
///
/// On the authors' 29 settings 15 to 17 evaluations (simultaneous: 28 to 32), where the iteration itself takes thousands of
/// rounds. Where several fixed points lie close together, a step may leap over a pair of them; an end is a fixed point in
/// any case.
///
/// # Errors
/// As [`median_iteration`](super::median_iteration).
pub fn fixed_point(
    curves: &[&[Point]],
    options: &DecoupleOptions,
    out: &mut [Option<Syn2RealFit>],
) -> Result<Decoupled, DecoupleError> {
    let mut map = Map::new(curves, options, out)?;
    let MedianRound { d, alpha } = options.start;
    map.check_start(d, alpha)?;
    let mut chain = Chain { map: &mut map, options, at: MedianRound { d, alpha } };
    let mut end = chain.follow(math::ln(d))?;
    let mut at = chain.at;
    if options.update == Update::Simultaneous && !matches!(end, Stop::Rounds) {
        let from = chain.map.d_of(alpha)?;
        let other = chain.follow(math::ln(from))?;
        if (math::ln(chain.at.d) - math::ln(at.d)).abs() > 4.0 * options.tol {
            end = if matches!(other, Stop::Converged { .. }) { Stop::Cycle { period: 2 } } else { other };
            at.alpha = chain.at.alpha;
        }
    }
    let mut contraction = None;
    if matches!(end, Stop::Converged { .. }) {
        let t = math::ln(at.d);
        let (above, below) = (chain.within(t + PROBE), chain.within(t - PROBE));
        let factor = 1.0 + (chain.defect(above)? - chain.defect(below)?) / (above - below);
        let per_round = if options.update == Update::Simultaneous { math::sqrt(factor.abs()) } else { factor.abs() };
        contraction = Some(per_round).filter(|factor| factor.is_finite());
        if let Stop::Converged { distance } = &mut end {
            // Where the map is nearly the identity, its rounding leaves the fixed point open by this much.
            let noise = NOISE / (1.0 - factor).abs();
            *distance = if noise.is_finite() { distance.max(noise) } else { *distance };
        }
    }
    let evaluations = map.evaluations();
    map.finish(at.d)?;
    Ok(Decoupled { d: at.d, alpha: at.alpha, stop: end, contraction, rounds: evaluations, evaluations })
}

/// One sequential iteration, followed to its fixed point.
struct Chain<'m, 'a> {
    map: &'m mut Map<'a>,
    options: &'m DecoupleOptions,
    /// The last pair evaluated: D, and the median alpha of it.
    at: MedianRound,
}

impl Chain<'_, '_> {
    /// ln of the D that follows e^t, minus t: positive where the iteration goes up.
    fn defect(&mut self, t: f64) -> Result<f64, DecoupleError> {
        let d = math::exp(t);
        let alpha = self.map.alpha_of(d)?;
        self.at = MedianRound { d, alpha };
        Ok(math::ln(self.map.d_of(alpha)?) - t)
    }

    fn is_out_of_rounds(&self) -> bool {
        self.map.evaluations() >= self.options.max_rounds
    }

    /// Goes from t to the fixed point in the direction of the iteration; leaves it in `at`.
    fn follow(&mut self, mut t: f64) -> Result<Stop, DecoupleError> {
        let mut h = self.defect(t)?;
        let mut step = h;
        loop {
            if h == 0.0 {
                return Ok(Stop::Converged { distance: 0.0 });
            }
            if self.is_out_of_rounds() {
                return Ok(Stop::Rounds);
            }
            // At least `tol` in the direction of h: a bracket must come in the end.
            let size = step.abs().max(self.options.tol);
            let next = self.within(t + if h > 0.0 { size } else { -size });
            if next == t {
                // On a bound of D, with the iteration pressing against it.
                return Ok(Stop::Converged { distance: 0.0 });
            }
            let value = self.defect(next)?;
            if value == 0.0 || (value > 0.0) != (h > 0.0) {
                return self.close(Bracket { best: (t, h), other: (next, value) });
            }
            let (moved, gained) = (next - t, h - value);
            let secant = value / gained * moved;
            let is_nearing = gained != 0.0 && (gained > 0.0) == (h > 0.0);
            let farthest = GROWTH * moved.abs();
            step = if is_nearing { (OVERSHOOT * secant.abs()).min(farthest) } else { farthest };
            (t, h) = (next, value);
        }
    }

    /// The root in the bracket.
    fn close(&mut self, mut bracket: Bracket) -> Result<Stop, DecoupleError> {
        let left = self.options.max_rounds.saturating_sub(self.map.evaluations());
        shrink(&mut bracket, WIDTH * self.options.tol, left, |t| self.defect(t))?;
        let (t, h) = bracket.best;
        let distance = if h == 0.0 { 0.0 } else { (bracket.other.0 - t).abs() };
        let alpha = self.map.alpha_of(math::exp(t))?;
        self.at = MedianRound { d: math::exp(t), alpha };
        Ok(if distance > self.options.tol {
            Stop::Rounds
        } else if h.abs() > STEEPEST * self.options.tol {
            Stop::Jump
        } else {
            Stop::Converged { distance }
        })
    }

    /// t within the bounds of D.
    fn within(&self, t: f64) -> f64 {
        let bounds = self.options.fit.d;
        let lower = if bounds.lower > 0.0 { math::ln(bounds.lower) } else { f64::NEG_INFINITY };
        t.max(lower).min(if bounds.upper < f64::INFINITY { math::ln(bounds.upper) } else { f64::INFINITY })
    }
}

/// Whether the starts agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Identification {
    /// Every start, accelerated, ends at a fixed point within 1 % of the others in D and alpha.
    Identified,
    /// They do not.
    NotIdentified,
}

/// The ends from several starts.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sensitivity<const S: usize> {
    /// [`fixed_point`] from each start, in their order.
    pub ends: [Decoupled; S],
    /// Whether they agree.
    pub verdict: Identification,
}

/// Runs [`fixed_point`] from every one of `starts` ([`STARTS`] is a choice); `options.start` is not used. `out`, K slots,
/// receives the fits of the first start.
///
/// # Errors
/// As [`fixed_point`]; [`DecoupleError::BadOption`] for `start` if there is none.
///
/// ```
/// use syn2real::decouple::{DecoupleOptions, STARTS, Identification, sensitivity};
/// use syn2real::Point;
///
/// let curve = |alpha: f64, c: f64| [1e3, 4e3, 1.6e4, 6.4e4].map(|n: f64| Point::new(n, 0.6 * n.powf(-alpha) + c));
/// let curves = [curve(0.3, 0.2), curve(0.4, 0.3), curve(0.5, 0.1)];
/// let curves = [&curves[0][..], &curves[1][..], &curves[2][..]];
/// let mut out = [None; 3];
/// let all = sensitivity(&curves, &DecoupleOptions::default(), &STARTS, &mut out)?;
/// assert_eq!(all.verdict, Identification::Identified);
/// assert!((all.ends[1].d - 0.6).abs() < 1e-6, "all three curves have D = 0.6");
/// # Ok::<(), syn2real::decouple::DecoupleError>(())
/// ```
pub fn sensitivity<const S: usize>(
    curves: &[&[Point]],
    options: &DecoupleOptions,
    starts: &[MedianRound; S],
    out: &mut [Option<Syn2RealFit>],
) -> Result<Sensitivity<S>, DecoupleError> {
    let Some(&first) = starts.first() else { return Err(DecoupleError::BadOption { field: "start" }) };
    let head = fixed_point(curves, &DecoupleOptions { start: first, ..*options }, out)?;
    let mut ends = [head; S];
    for (slot, &start) in ends.iter_mut().zip(starts).skip(1) {
        *slot = fixed_point(curves, &DecoupleOptions { start, ..*options }, out)?;
    }
    // The other starts have left their fits in the slots.
    fit_all(curves, &FitOptions { fixed_d: Some(head.d), ..options.fit }, out)?;
    let near = |a: f64, b: f64| (a - b).abs() <= SAME * a.max(b);
    let agree = |a: &Decoupled, b: &Decoupled| near(a.d, b.d) && near(a.alpha, b.alpha);
    let all_converged = ends.iter().all(|end| matches!(end.stop, Stop::Converged { .. }));
    let all_agree = ends.iter().all(|a| ends.iter().all(|b| agree(a, b)));
    let verdict = if all_converged && all_agree { Identification::Identified } else { Identification::NotIdentified };
    Ok(Sensitivity { ends, verdict })
}
