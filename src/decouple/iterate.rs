//! The median iteration as the paper has it.
use crate::fit::Syn2RealFit;
use crate::math;
use crate::point::Point;

use super::map::Map;
use super::trace::{Sight, Trace};
use super::{DecoupleError, DecoupleOptions, Decoupled, MedianRound, Stop, Update};

/// Runs the median iteration on K curves; `out`, K slots, receives the fits with D = D~ held, in the order of the curves.
///
/// The curves may have different lengths and any number of points that determine two parameters. Every fit is the global
/// optimum within the bounds. Memory: `out` serves as the buffer of the medians; there is no other.
///
/// [`Stop::Converged`] and [`Stop::Cycle`] are said only of a limit that is at most `tol` away by the contraction of the
/// last rounds, never because a step is small.
///
/// # Errors
/// [`DecoupleError::NoCurves`]; [`DecoupleError::BadOption`], also for `out` if it has not K slots;
/// [`DecoupleError::Curve`] names the first curve that cannot be fitted; [`DecoupleError::NoDecrease`].
///
/// ```
/// use syn2real::decouple::{DecoupleOptions, Stop, median_iteration};
/// use syn2real::Point;
///
/// let curve = |alpha: f64, c: f64| [1e3, 4e3, 1.6e4, 6.4e4].map(|n: f64| Point::new(n, 0.6 * n.powf(-alpha) + c));
/// let curves = [curve(0.3, 0.2), curve(0.4, 0.3), curve(0.5, 0.1)];
/// let curves = [&curves[0][..], &curves[1][..], &curves[2][..]];
/// let mut out = [None; 3];
/// let end = median_iteration(&curves, &DecoupleOptions::default(), &mut out)?;
/// assert!(matches!(end.stop, Stop::Slow { .. } | Stop::Rounds), "a hundred rounds are few");
/// assert_eq!(out[0].unwrap().law().d, end.d);
/// # Ok::<(), syn2real::decouple::DecoupleError>(())
/// ```
pub fn median_iteration(
    curves: &[&[Point]],
    options: &DecoupleOptions,
    out: &mut [Option<Syn2RealFit>],
) -> Result<Decoupled, DecoupleError> {
    median_iteration_with(curves, options, out, |_| {})
}

/// As [`median_iteration`]; `observe` is shown (D~, a~) after every round.
///
/// # Errors
/// As [`median_iteration`].
pub fn median_iteration_with(
    curves: &[&[Point]],
    options: &DecoupleOptions,
    out: &mut [Option<Syn2RealFit>],
    mut observe: impl FnMut(MedianRound),
) -> Result<Decoupled, DecoupleError> {
    let mut map = Map::new(curves, options, out)?;
    let MedianRound { mut d, mut alpha } = options.start;
    map.check_start(d, alpha)?;
    // Two interleaved sequences contract apart from each other.
    let stride = if options.update == Update::Simultaneous { 2 } else { 1 };
    let mut trace = Trace::new();
    trace.push(math::ln(d), alpha);
    let mut rounds = 0;
    let stop = loop {
        if rounds == options.max_rounds {
            break trace.limit(stride).map_or(Stop::Rounds, |distance| Stop::Slow { distance });
        }
        let next = map.alpha_of(d)?;
        d = map.d_of(if options.update == Update::Simultaneous { alpha } else { next })?;
        alpha = next;
        rounds += 1;
        observe(MedianRound { d, alpha });
        trace.push(math::ln(d), alpha);
        match trace.look(options.tol) {
            Sight::Converged { distance } => break Stop::Converged { distance },
            Sight::Cycle { period } => break Stop::Cycle { period: period as u32 },
            Sight::OnTheWay => {}
        }
    };
    let contraction = trace.contraction(stride).filter(|_| !matches!(stop, Stop::Cycle { .. }));
    let evaluations = map.evaluations();
    map.finish(d)?;
    Ok(Decoupled { d, alpha, stop, contraction, rounds, evaluations })
}
