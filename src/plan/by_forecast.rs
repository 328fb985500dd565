//! Verdicts from the forecast, which takes no law for granted.
use crate::fit::{Source, Syn2RealFit, Weights};
use crate::forecast::{self, Forecast, ForecastOptions};
use crate::infer::{Check, MadeBy, QuantityInterval};
use crate::law::Residual;
use crate::math;
use crate::point::Point;
use crate::simd::LANES;
use crate::solve::Observations;

use super::error::PlanError;
use super::evidence::Evidence;
use super::inverse::LARGEST_COUNT;
use super::options::PlanOptions;
use super::verdict::{Reason, Verdict};

/// Points whose weights are those of a squared residual, as the forecast takes them: of the logarithm.
struct InLogs<'a> {
    data: &'a Source<'a>,
    /// Weights of a linear residual that came from sigmas: those of the logarithm are larger by the error's square.
    is_scaled: bool,
}

impl Observations<Point> for InLogs<'_> {
    fn len(&self) -> usize {
        self.data.len()
    }

    fn block(&self, k: usize) -> Option<[Point; LANES]> {
        let block = self.data.block(k)?;
        let scaled = |p: Point| Point { weight: p.weight * (p.error * p.error), ..p };
        Some(if self.is_scaled { block.map(scaled) } else { block })
    }
}

/// The forecast of the points of a fit.
pub(super) fn forecast_of(fit: &Syn2RealFit, data: &Source<'_>) -> Result<Forecast, PlanError> {
    let (weights, isa) = (fit.report().weights, fit.options().isa);
    let is_scaled = weights == Weights::Sigma && fit.report().residual == Residual::Linear;
    let options = ForecastOptions { weights, isa, evidence: false, ..ForecastOptions::default() };
    Ok(forecast::best_of(&InLogs { data, is_scaled }, &options)?)
}

/// The p with which the curve's own larger sizes refute the forecasts from its smaller ones, where it is below
/// [`Check::LEVEL`].
pub(super) fn refuted(forecast: &Forecast) -> Option<f64> {
    forecast.missed().filter(|p| *p < Check::LEVEL)
}

/// The verdict of a forecast, on the probabilities that L(n), the mean of many measurements, is at or below the target.
///
/// At the level p and with a = (1 - p) / 2: unreachable where that of L(inf) is at most a, infeasible where that of L(budget)
/// is, reachable where the latter is 1 - a or more.
pub(super) fn verdict(forecast: &Forecast, target: f64, budget: f64, options: &PlanOptions) -> Verdict {
    let confidence = options.confidence;
    let tail = 0.5 * (1.0 - confidence.level());
    let size = |probability| forecast.samples_for(target, probability, LARGEST_COUNT);
    let (lower, estimate, upper) = (size(tail), size(0.5), size(1.0 - tail));
    let made =
        |estimate, lower, upper| QuantityInterval { estimate, lower, upper, confidence, method: MadeBy::Forecast };
    let [low, median, high] = forecast.gap(confidence);
    let evidence = Evidence {
        target,
        budget,
        has_budget: options.budget.is_some(),
        gap: made(Some(median), Some(low), Some(high)),
        n: made(estimate, lower, upper),
        n_lower: lower.unwrap_or(f64::INFINITY),
        smallest: forecast.sizes()[0],
    };
    evidence.verdict(|_| Some(where_to_measure(forecast, target, budget, options)))
}

/// Sizes looked at by [`where_to_measure`].
const LOOKED_AT: u32 = 25;

/// The size whose measurement tells most about L where the target is met, or at the budget where that is less, between the
/// smallest one measured and the reach of the options.
pub(super) fn where_to_measure(forecast: &Forecast, target: f64, budget: f64, options: &PlanOptions) -> f64 {
    let [n_min, n_max] = forecast.sizes();
    let top = (n_max * options.reach).min(budget);
    let place = place(forecast, target, budget);
    let (low, high) = (math::ln(n_min), math::ln(top));
    // From the top down, so that the top is the answer to a tie.
    let (mut at, mut least) = (top, forecast.shrink(top, 1.0, place).0);
    for k in 1..LOOKED_AT {
        let n = math::exp(high - (high - low) * f64::from(k) / f64::from(LOOKED_AT - 1));
        let (share, _) = forecast.shrink(n, 1.0, place);
        if share < least {
            (at, least) = (n, share);
        }
    }
    at
}

/// Where the question is decided: the size at which the forecast's median meets the target, at most the budget.
pub(super) fn place(forecast: &Forecast, target: f64, budget: f64) -> f64 {
    forecast.samples_for(target, 0.5, budget).unwrap_or(budget)
}

/// What law (1) puts beyond the budget, and the forecast calls likelier than not within it, is undetermined where nothing
/// shows that the curve levels off (no gap is sure): straight on log-log axes, it may as well begin to bend.
pub(super) fn contradicted(
    verdict: Verdict,
    fit: &Syn2RealFit,
    data: &Source<'_>,
    (target, budget): (f64, f64),
    options: &PlanOptions,
) -> Verdict {
    let Verdict::Infeasible { n, gap, .. } = verdict else { return verdict };
    if gap.lower.is_some_and(|lower| lower > 0.0) {
        return verdict;
    }
    let Ok(forecast) = forecast_of(fit, data) else { return verdict };
    let probability = forecast.probability(budget, target);
    if !(probability > 0.5) {
        return verdict;
    }
    let measure_at = Some(where_to_measure(&forecast, target, budget, options));
    Verdict::Undetermined { n: Some(n), gap: Some(gap), reason: Reason::ForecastDisagrees { probability }, measure_at }
}
