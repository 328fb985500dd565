//! How far the medians and the fixed point move when other curves had been measured: a bootstrap over curves.
use crate::fit::{Confidence, Syn2RealFit, select};
use crate::infer::bootstrap::Stream;
use crate::point::Point;

use super::{DecoupleError, DecoupleOptions, MedianRound, fixed_point, median_iteration};

/// What is found anew for each set of drawn curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Search {
    /// The medians after the rounds of [`median_iteration`].
    Medians,
    /// The fixed point ([`fixed_point`]); the default.
    #[default]
    FixedPoint,
}

/// How far D~ and a~ move: percentiles over the sets of curves.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Movement {
    /// D~ and a~ of the curves as they are.
    pub estimate: MedianRound,
    /// Lower and upper percentile of D~.
    pub d: [f64; 2],
    /// Lower and upper percentile of a~.
    pub alpha: [f64; 2],
    /// The level between the percentiles.
    pub confidence: Confidence,
    /// Sets that gave no pair: half of their curves or more show no decrease.
    pub failed: usize,
}

/// Draws as many curves as there are, with replacement, once for each slot of `rounds`, and fills it with the pair (D~, a~)
/// found for them (NaN where there is none); set k depends on (seed, k) alone.
///
/// `picked` and `out` are buffers with one slot for each curve. One set costs what one search costs: with 29 curves some
/// 30 evaluations of the map, each 58 fits.
///
/// # Errors
/// As [`fixed_point`] for the curves as they are, and [`DecoupleError::BadOption`] for `out` (also if `picked` is too short)
/// and for `rounds` if half of the sets or more failed, or if there are fewer than 2 / (1 - level) - 1 of them.
pub fn bootstrap<'a>(
    curves: &[&'a [Point]],
    options: &DecoupleOptions,
    (search, seed, confidence): (Search, u64, Confidence),
    picked: &mut [&'a [Point]],
    out: &mut [Option<Syn2RealFit>],
    rounds: &mut [MedianRound],
) -> Result<Movement, DecoupleError> {
    let Some(picked) = picked.get_mut(..curves.len()) else { return Err(DecoupleError::BadOption { field: "out" }) };
    let find = |curves: &[&[Point]], out: &mut [Option<Syn2RealFit>]| {
        let end = match search {
            Search::Medians => median_iteration(curves, options, out),
            Search::FixedPoint => fixed_point(curves, options, out),
        };
        end.map(|e| MedianRound { d: e.d, alpha: e.alpha })
    };
    let estimate = find(curves, out)?;
    let mut found = 0;
    for (replicate, slot) in (0..).zip(rounds.iter_mut()) {
        let stream = Stream::new(seed, replicate);
        for (draw, slot) in (0..).zip(picked.iter_mut()) {
            *slot = curves.get(stream.below(draw, curves.len())).copied().unwrap_or(&[]);
        }
        let end = find(picked, out);
        found += usize::from(end.is_ok());
        *slot = end.unwrap_or(MedianRound { d: f64::NAN, alpha: f64::NAN });
    }
    let tail = 0.5 * (1.0 - confidence.level());
    let is_enough = 2 * found > rounds.len() && found as f64 >= 1.0 / tail - 1.0 - 1e-9;
    if !is_enough {
        return Err(DecoupleError::BadOption { field: "rounds" });
    }
    let percentiles = |of: fn(&MedianRound) -> f64| {
        [tail, 1.0 - tail].map(|p| {
            // The nearest order statistic: medians come in steps, so that nothing lies between them.
            let rank = (p * (found + 1) as f64 - 0.5) as usize;
            select(rounds.iter().map(of).filter(|v| !v.is_nan()), rank.min(found.saturating_sub(1)))
        })
    };
    let (d, alpha) = (percentiles(|r| r.d), percentiles(|r| r.alpha));
    Ok(Movement { estimate, d, alpha, confidence, failed: rounds.len() - found })
}
