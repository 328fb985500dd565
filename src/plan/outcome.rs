//! The verdict of data with measurements in them that have not been made.
use crate::fit::{Curve, Source, Syn2RealFit, fit_points};
use crate::infer::Problem;
use crate::point::Point;
use crate::simd::LANES;
use crate::solve::Observations;

use super::error::PlanError;
use super::options::PlanOptions;
use super::size::by_law_unless_contradicted;
use super::verdict::{Reason, Verdict};

/// What a verdict comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Outcome {
    Reachable,
    OutOfReach,
    Undetermined,
}

impl Outcome {
    pub(super) fn of(verdict: &Verdict) -> Outcome {
        match verdict {
            Verdict::Reachable { .. } => Outcome::Reachable,
            Verdict::Unreachable { .. } | Verdict::Infeasible { .. } => Outcome::OutOfReach,
            Verdict::Undetermined { .. } => Outcome::Undetermined,
        }
    }
}

/// The verdict of law (1) on other data, fitted as `fit` was; whether it describes them is not asked again.
pub(super) fn verdict_by_law(
    fit: &Syn2RealFit,
    data: &Source<'_>,
    target: f64,
    options: &PlanOptions,
) -> Result<Verdict, PlanError> {
    let (fit, mut curve) = (fit_points(data, &fit.options())?, Curve::EMPTY);
    by_law_unless_contradicted(&Problem::new(&fit, data, &mut curve)?, target, options)
}

/// Whether the forecast was asked for a verdict of law (1): it is for what that puts beyond the budget without a sure gap.
pub(super) fn has_asked_forecast(verdict: &Verdict) -> bool {
    let has_no_gap = |gap: Option<f64>| gap.is_none_or(|lower| lower <= 0.0);
    match verdict {
        Verdict::Infeasible { gap, .. } => has_no_gap(gap.lower),
        Verdict::Undetermined { reason, .. } => matches!(reason, Reason::ForecastDisagrees { .. }),
        _ => false,
    }
}

/// The data with more measurements behind the others.
pub(crate) struct With<'a> {
    pub(crate) data: &'a Source<'a>,
    pub(crate) more: &'a [Point],
}

impl Observations<Point> for With<'_> {
    fn len(&self) -> usize {
        self.data.len() + self.more.len()
    }

    fn block(&self, k: usize) -> Option<[Point; LANES]> {
        let first = k.checked_mul(LANES)?;
        let last = self.more.last().copied().or_else(|| self.data.block(k)?.last().copied())?;
        // A tail repeats its last point.
        let mut block = if first < self.data.len() { self.data.block(k)? } else { [last; LANES] };
        for (lane, slot) in block.iter_mut().enumerate() {
            if let Some(behind) = (first + lane).checked_sub(self.data.len()) {
                *slot = self.more.get(behind).copied().unwrap_or(last);
            }
        }
        (first < self.len()).then_some(block)
    }
}
