//! Verdicts from the forecast, which takes no law for granted.
use crate::fit::{Source, Syn2RealFit, Weights, each};
use crate::forecast::{self, Forecast, ForecastOptions};
use crate::infer::{self, Check, MadeBy, Quantity, QuantityInterval};
use crate::law::Residual;
use crate::math;
use crate::point::Point;
use crate::simd::LANES;
use crate::solve::Observations;

use super::error::PlanError;
use super::evidence::Evidence;
use super::inverse::LARGEST_COUNT;
use super::options::{Basis, PlanOptions};
use super::verdict::{Reason, Verdict};

/// Points whose weights are those of a squared residual, as the forecast takes them: of the logarithm.
struct InLogs<'a> {
    data: &'a Source<'a>,
    /// Weights 1/sigma^2 of a linear residual: those of the logarithm are larger by the error's square.
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

impl<'a> InLogs<'a> {
    fn new(fit: &Syn2RealFit, data: &'a Source<'a>) -> InLogs<'a> {
        let report = fit.report();
        let is_known = report.weights != Weights::Relative;
        InLogs { data, is_scaled: is_known && report.residual == Residual::Linear }
    }
}

/// The forecast of the points of a fit.
pub(super) fn forecast_of(fit: &Syn2RealFit, data: &Source<'_>) -> Result<Forecast, PlanError> {
    let (weights, isa) = (fit.report().weights, fit.options().isa);
    let options = ForecastOptions { weights, isa, evidence: false, ..ForecastOptions::default() };
    Ok(forecast::best_of(&InLogs::new(fit, data), &options)?)
}

/// What answers a question.
#[allow(clippy::large_enum_variant, reason = "no heap, and it lives for one question")]
pub(super) enum Answer {
    Law {
        /// The p with which the data refuse it, where that is below [`Check::LEVEL`]: it then answers nothing.
        misfit: Option<f64>,
    },
    Forecast {
        forecast: Forecast,
        /// The p with which the curve's own larger sizes refute the forecasts from its smaller ones, where that is below
        /// [`Check::LEVEL`].
        refuted: Option<f64>,
    },
}

/// What answers, as the options' `basis` and `check` say.
pub(super) fn answer(fit: &Syn2RealFit, data: &Source<'_>, options: &PlanOptions) -> Result<Answer, PlanError> {
    let refuted = |forecast: &Forecast| forecast.missed().filter(|p| options.check && *p < Check::LEVEL);
    if options.basis == Basis::Forecast {
        let forecast = forecast_of(fit, data)?;
        return Ok(Answer::Forecast { forecast, refuted: refuted(&forecast) });
    }
    let misfit = options.check.then(|| infer::misfit(fit, &infer::Sizes::new(fit, data), data)).flatten();
    if options.basis == Basis::Auto && misfit.is_some() {
        // Too few sizes for a forecast, or one that is refuted: law (1) is refused all the same.
        if let Some(forecast) = forecast_of(fit, data).ok().filter(|forecast| refuted(forecast).is_none()) {
            return Ok(Answer::Forecast { forecast, refuted: None });
        }
    }
    Ok(Answer::Law { misfit })
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
        measured: forecast.sizes(),
    };
    evidence.verdict(|_| Some(where_to_measure(forecast, target, budget, options)))
}

/// The probability above which the forecast contradicts law (1). Of the answers on the fine-tuning curves (FLAN) of
/// `examples/forecast_verdicts` .6 % are wrong with it, and 49 % of the questions are decided; without a contradiction 3.2 % were
/// wrong.
pub(crate) const UNLIKELY: f64 = 0.1;

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

/// Where a quantity is looked at: the size and the variance of ln of what is asked beside that of ln L; `None` for what only
/// a law has.
pub(super) fn place_of(forecast: &Forecast, quantity: Quantity, budget: f64) -> Option<(f64, f64)> {
    match quantity {
        Quantity::SamplesFor { target } => Some((place(forecast, target, budget), 0.0)),
        Quantity::ErrorAt { n } => Some((n, 0.0)),
        Quantity::MeasurementAt { n } => Some((n, forecast.noise() * forecast.noise())),
        Quantity::Parameter(_) => None,
    }
}

/// By what share a measurement at n shrinks the standard deviation of the quantity, and how wide half of its interval is
/// then: of ln n* for [`Quantity::SamplesFor`], in the unit of the error for the others.
pub(super) fn prospect(
    forecast: &Forecast,
    quantity: Quantity,
    (place, extra): (f64, f64),
    (n, weight): (f64, f64),
    options: &PlanOptions,
) -> (f64, f64) {
    let (share, sd) = forecast.shrink(n, weight, place);
    let (before, after) = (sd * sd + extra, sd * sd * share * share + extra);
    let shrink = if before > 0.0 { math::sqrt(after / before) } else { 1.0 };
    let half = forecast.quantile(options.confidence, 1.0) * math::sqrt(after);
    let unit = match quantity {
        Quantity::SamplesFor { .. } => 1.0 / forecast.slope(place).abs(),
        _ => forecast.error_at(place),
    };
    (shrink, half * unit)
}

/// The weight of a measurement of this weight beside those of the data, whose mean is 1.
pub(super) fn weight(fit: &Syn2RealFit, data: &Source<'_>, forecast: &Forecast, n: f64, weight: f64) -> f64 {
    let data = InLogs::new(fit, data);
    let used = each(&data).filter(|p| p.weight > 0.0);
    let (sum, count) = used.fold((0.0, 0.0), |(sum, count), p| (sum + p.weight, count + 1.0));
    fit.report().weights.of_residual(weight, forecast.error_at(n), Residual::Log) * count / sum
}

/// What law (1) puts beyond the budget, and the forecast within it with a probability above [`UNLIKELY`], is undetermined where
/// nothing shows that the curve levels off (no gap is sure): straight on log-log axes, it may as well begin to bend.
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
    if !(probability > UNLIKELY) {
        return verdict;
    }
    let measure_at = Some(where_to_measure(&forecast, target, budget, options));
    Verdict::Undetermined { n: Some(n), gap: Some(gap), reason: Reason::ForecastDisagrees { probability }, measure_at }
}
