//! What the last rounds tell: how far the limit is, and whether there is one.
use crate::math;

/// Rounds that are kept: for the longest stride, 8 rounds, the steps that four ratios need.
const KEPT: usize = 64;

/// Longest cycle that is looked for.
const PERIODS: usize = 8;

/// Ratios of successive steps of a stride that must agree on a contraction: one alone is met by chance where the curve
/// that is the median changes.
const RATIOS: usize = 3;

/// Rounding of ln D and alpha as they come out of a fit, 2^-43 or about 1e-13: ten times what repeats of a limit differ by
/// on the authors' data and on random curves.
pub(super) const NOISE: f64 = 1.0 / (1_u64 << 43) as f64;

/// The last rounds, as (ln D, alpha).
pub(super) struct Trace {
    kept: [[f64; 2]; KEPT],
    rounds: usize,
}

/// What the trace tells.
pub(super) enum Sight {
    /// At a limit within the tolerance.
    Converged { distance: f64 },
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

    /// Distance to the limits of the `stride` interleaved sequences, the larger of |d ln D| and |d alpha|, of the farthest
    /// of them; `None` unless their steps shrink.
    ///
    /// With steps s, r s, r^2 s, .. what is left after the last step s is s r / (1 - r). The largest of the last ratios
    /// stands for r, so that the estimate errs to the far side.
    pub(super) fn limit(&self, stride: usize) -> Option<f64> {
        if self.rounds < stride * (RATIOS + 3) || stride * (RATIOS + 3) > KEPT {
            return None;
        }
        let mut farthest = 0.0_f64;
        for phase in 0..stride {
            let (mut ratio, mut left) = (0.0_f64, NOISE);
            for component in 0..2 {
                let step = |k: usize| {
                    let (after, before) = (self.at(phase + k * stride), self.at(phase + (k + 1) * stride));
                    (after[component & 1] - before[component & 1]).abs()
                };
                for k in 0..RATIOS {
                    let (now, before) = (step(k), step(k + 1));
                    // Steps of the size of the noise have no ratio; what follows them is no larger.
                    ratio = ratio.max(if now <= NOISE { 0.0 } else { now / before });
                }
                left = left.max(step(0) * ratio);
            }
            if ratio >= 1.0 {
                return None;
            }
            farthest = farthest.max(left / (1.0 - ratio));
        }
        Some(farthest)
    }

    /// By which factor a round shrinks the distance: the geometric mean over the strides that are kept, of the component
    /// that moves more. `None` where the steps do not shrink.
    pub(super) fn contraction(&self, stride: usize) -> Option<f64> {
        self.limit(stride)?;
        let strides = (self.rounds.min(KEPT) - 1).checked_div(stride)?.saturating_sub(1);
        let step = |k: usize| {
            let (after, before) = (self.at(k * stride), self.at((k + 1) * stride));
            [(after[0] - before[0]).abs(), (after[1] - before[1]).abs()]
        };
        let ([first, first_alpha], [last, last_alpha]) = (step(strides), step(0));
        let (first, last) = if first >= first_alpha { (first, last) } else { (first_alpha, last_alpha) };
        let factor = if last > 0.0 { math::exp(math::ln(last / first) / (strides * stride) as f64) } else { 0.0 };
        Some(factor).filter(|factor| factor.is_finite())
    }

    /// Whether the trace has come to a limit, or to a cycle of limits, within `tol`.
    pub(super) fn look(&self, tol: f64) -> Sight {
        for period in 1..=PERIODS {
            let Some(distance) = self.limit(period).filter(|&distance| distance <= tol) else { continue };
            // Limits that are nearer to each other than what is known of them are one.
            let is_same = |back: usize| {
                let (a, b) = (self.at(0), self.at(back));
                (a[0] - b[0]).abs().max((a[1] - b[1]).abs()) <= 2.0 * tol
            };
            let distinct = (1..period).find(|&back| is_same(back)).unwrap_or(period);
            return if distinct == 1 { Sight::Converged { distance } } else { Sight::Cycle { period: distinct } };
        }
        Sight::OnTheWay
    }
}
