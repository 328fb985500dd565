//! What the last rounds tell: how far the limit is, and whether there is one.
use crate::math;

/// Rounds that are kept: for the longest stride, 8 rounds, the steps that four ratios need.
const KEPT: usize = 64;

/// Longest cycle that is looked for.
const PERIODS: usize = 8;

/// Ratios of successive steps of a stride that must agree on a contraction: one alone is met by chance where the curve
/// that is the median changes.
const RATIOS: usize = 3;

/// The limit is not known to be nearer than this multiple of the last step's rounding: ln D and alpha come out of fits
/// whose own rounding is about 2^-43.
const NOISE: f64 = 1.0 / (1_u64 << 43) as f64;

/// The last rounds, as (ln D, alpha).
pub(super) struct Trace {
    kept: [[f64; 2]; KEPT],
    rounds: usize,
}

/// What a stride tells of its limit.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    /// Distance to it, the larger of |d ln D| and |d alpha|.
    pub(super) distance: f64,
    /// Contraction per stride.
    pub(super) contraction: f64,
}

/// What the trace tells.
pub(super) enum Sight {
    /// At a limit within the tolerance.
    Converged(Limit),
    /// Each round repeats the one `period` rounds ago, and is another than those between.
    Cycle { period: usize },
    /// Nothing yet.
    OnTheWay,
}

impl Trace {
    pub(super) fn new() -> Trace {
        Trace { kept: [[0.0; 2]; KEPT], rounds: 0 }
    }

    pub(super) fn push(&mut self, ln_d: f64, alpha: f64) {
        self.kept[self.rounds & (KEPT - 1)] = [ln_d, alpha];
        self.rounds += 1;
    }

    /// The round `back` rounds ago.
    fn at(&self, back: usize) -> [f64; 2] {
        self.kept[self.rounds.wrapping_sub(1 + back) & (KEPT - 1)]
    }

    /// The limits of the `stride` interleaved sequences, the farthest of them; `None` unless their steps shrink.
    ///
    /// With steps s, r s, r^2 s, .. what is left after the last step s is s r / (1 - r). The largest of the last ratios
    /// stands for r, so that the estimate errs to the far side.
    pub(super) fn limit(&self, stride: usize) -> Option<Limit> {
        if self.rounds < stride * (RATIOS + 3) || stride * (RATIOS + 3) > KEPT {
            return None;
        }
        let mut limit = Limit { distance: 0.0, contraction: 0.0 };
        for phase in 0..stride {
            for component in 0..2 {
                let step = |k: usize| {
                    let (after, before) = (self.at(phase + k * stride), self.at(phase + (k + 1) * stride));
                    (after[component & 1] - before[component & 1]).abs()
                };
                let last = step(0);
                let mut ratio = 0.0_f64;
                for k in 0..RATIOS {
                    let (now, before) = (step(k), step(k + 1));
                    // A step of 0 is followed by 0: the map is the same every time.
                    ratio = ratio.max(if now == 0.0 { 0.0 } else { now / before });
                }
                let left = if last == 0.0 { 0.0 } else { (last * ratio).max(NOISE) / (1.0 - ratio) };
                if !(ratio < 1.0 && left >= 0.0) {
                    return None;
                }
                limit.distance = limit.distance.max(left);
                limit.contraction = limit.contraction.max(ratio);
            }
        }
        Some(limit)
    }

    /// Whether the trace has come to a limit, or to a cycle of limits, within `tol`.
    pub(super) fn look(&self, tol: f64) -> Sight {
        for period in 1..=PERIODS {
            let Some(limit) = self.limit(period).filter(|limit| limit.distance <= tol) else { continue };
            // Limits that are nearer to each other than what is known of them are one.
            let mut apart = 0.0_f64;
            for back in 1..period {
                let (a, b) = (self.at(0), self.at(back));
                apart = apart.max((a[0] - b[0]).abs()).max((a[1] - b[1]).abs());
            }
            return if apart <= 2.0 * tol { Sight::Converged(limit) } else { Sight::Cycle { period } };
        }
        Sight::OnTheWay
    }
}

/// The factor per round of a contraction per `stride` rounds.
pub(super) fn per_round(contraction: f64, stride: usize) -> f64 {
    if contraction > 0.0 { math::exp(math::ln(contraction) / stride as f64) } else { 0.0 }
}
