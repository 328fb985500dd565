//! How many samples a target takes: verdicts that rest on intervals.
use crate::fit::{Class, Curve, Syn2RealFit, each, source_of};
use crate::infer::{self, Intervals, Method, Problem, Quantity, QuantityInterval};
use crate::law::{Parameter, Syn2RealLaw};
use crate::point::Point;

use super::by_forecast::{self, Answer};
use super::design;
use super::error::PlanError;
use super::evidence::Evidence;
use super::inverse::{LARGEST_COUNT, Size, size_at};
use super::options::{Basis, PlanOptions};
use super::select::{self, ends, fitted, quantile};
use super::verdict::{Reason, Verdict};

/// The verdict on a target: whether, and with how many samples, L(n) falls to it.
///
/// It rests on intervals, never on the estimate alone: n* is sensitive (at the paper's objdet r50 fit a change of alpha by
/// .01 moves it by -33 to +51 %). In order: the lower limit of C is not below the target, [`Verdict::Unreachable`]; n* is
/// beyond the budget with its whole interval, [`Verdict::Infeasible`]; C's upper limit is below the target and n*'s within
/// the budget, [`Verdict::Reachable`]; else [`Verdict::Undetermined`] with the place to measure. A budget that is not given
/// is 2^53. Mikami et al., sections 3.3 and 5.2. Intervals are worth as much as the law: where it does not describe the data
/// ([`Fit::check`](crate::Fit::check), p < .01) the same is said of the limits of the forecast, and undetermined
/// ([`Reason::LawDoesNotFit`]) where the curve's own larger sizes refute that as well: see [`Basis`].
///
/// # Errors
/// [`PlanError::Target`] unless 0 < target < inf; [`PlanError::Budget`] and [`PlanError::BudgetBelowData`];
/// [`PlanError::BeyondCounts`] for a measurement beyond 2^53; [`PlanError::Infer`] if the points are not those of the fit;
/// [`PlanError::ErrorsRise`] for a score; [`PlanError::TargetScale`].
///
/// # Accuracy
/// At the level p a replicate of a truth that is out of reach is called reachable with a probability of (1 - p) / 2, and
/// conversely, as far as the intervals cover. Measured with 7 points at .95 over 124 cells of law, noise and target
/// (`cargo run --release --example verdicts`): wrong in at most 2.7 % of 2,000 replicates; decided in 56 % where the target
/// lies at the limit of the interval that C has at the true noise, 81 to 92 % half a width further out. On 88 public curves,
/// asked for errors of their larger sizes (`cargo run --release --example forecast_verdicts`), at most 2.8 % of the answers on
/// each kind of curve were wrong, and 24 (translation) to 86 % (language models) of the questions were decided; by law (1)
/// without a check up to 22 % were wrong, with it none to 86 % decided.
///
/// ```
/// use syn2real::Syn2RealLaw;
/// use syn2real::plan::{PlanOptions, Verdict, samples_for};
///
/// let points = [(1_000, 0.900), (2_000, 0.848), (4_000, 0.8105), (8_000, 0.785), (16_000, 0.766), (32_000, 0.753), (64_000, 0.743)];
/// let fit = Syn2RealLaw::fit(&points)?;
/// let verdict = samples_for(&fit, &points, 0.74, &PlanOptions::default())?;
/// assert!(matches!(verdict, Verdict::Reachable { .. }), "{verdict}");
/// assert!(verdict.n().and_then(|n| n.upper).is_some_and(|n| n > 64_000.0));
/// let verdict = samples_for(&fit, &points, 0.6, &PlanOptions::default())?;
/// assert!(matches!(verdict, Verdict::Unreachable { .. }), "{verdict}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn samples_for<T: Copy + Into<Point>>(
    fit: &Syn2RealFit,
    points: &[T],
    target: f64,
    options: &PlanOptions,
) -> Result<Verdict, PlanError> {
    options.check(target, fit.report().n_max)?;
    let (data, mut curve) = (source_of(fit, points), Curve::EMPTY);
    let problem = Problem::new(fit, &data, &mut curve)?;
    options.check_values(fit, Some(target), each(&data))?;
    verdict_of(&problem, target, options)
}

/// [`samples_for`] of a fit with its points.
fn verdict_of(problem: &Problem<'_>, target: f64, options: &PlanOptions) -> Result<Verdict, PlanError> {
    let &Problem { fit, data, .. } = problem;
    let report = fit.report();
    let budget = options.check(target, report.n_max)?;
    match by_forecast::answer(fit, data, options)? {
        Answer::Forecast { forecast, refuted } => {
            let verdict = by_forecast::verdict(&forecast, target, budget, options);
            Ok(refuted.map_or(verdict, |p| verdict.refuted(Reason::ForecastMisses { p })))
        }
        Answer::Law { misfit: Some(p) } => {
            Ok(by_law(problem, target, budget, options)?.refuted(Reason::LawDoesNotFit { p }))
        }
        Answer::Law { misfit: None } => by_law_unless_contradicted(problem, target, options),
    }
}

/// The verdict of law (1), which describes the data as far as they tell.
pub(super) fn by_law_unless_contradicted(
    problem: &Problem<'_>,
    target: f64,
    options: &PlanOptions,
) -> Result<Verdict, PlanError> {
    let &Problem { fit, data, .. } = problem;
    let budget = options.check(target, fit.report().n_max)?;
    let verdict = by_law(problem, target, budget, options)?;
    // It has the last word where the user holds a part of it.
    if options.basis == Basis::Auto && options.check && fit.report().fixed == [false; 3] {
        return Ok(by_forecast::contradicted(verdict, fit, data, (target, budget), options));
    }
    Ok(verdict)
}

/// The verdict of law (1), whether or not it describes the data.
fn by_law(problem: &Problem<'_>, target: f64, budget: f64, options: &PlanOptions) -> Result<Verdict, PlanError> {
    let &Problem { fit, data, .. } = problem;
    let report = fit.report();
    let measure_at = |_| Some(design::where_to_measure(fit, data, budget, options));
    let unknown = |reason| Verdict::Undetermined { n: None, gap: None, reason, measure_at: measure_at(reason) };
    // A parameter on a bound is not known for that: three points on a power law do not say that there is no gap.
    let free = report.fixed.iter().filter(|held| !**held).count();
    if report.points <= free {
        return Ok(unknown(Reason::NoFreedom));
    }
    // The delta method has no word on what is on a bound, or on the rates that a flat fit allows.
    let options = match report.class {
        Class::Interior => *options,
        _ => PlanOptions { method: Method::Profile, ..*options },
    };
    let intervals = Intervals::new(problem, options.confidence, options.method)?;
    let gap = match (report.fixed, fit.law().c) {
        // A gap that the user holds is known.
        ([_, _, true], c) => exact(c, &options),
        _ => intervals.of(Quantity::Parameter(Parameter::C))?,
    };
    let n = intervals.of(Quantity::SamplesFor { target })?;
    let n_lower = n.lower.unwrap_or(0.0);
    let (has_budget, measured) = (options.budget.is_some(), [report.n_min, report.n_max]);
    let verdict = Evidence { target, budget, has_budget, gap, n, n_lower, measured }.verdict(measure_at);
    Ok(match verdict {
        // What leaves it open is not the gap alone.
        Verdict::Undetermined { n, gap, reason: Reason::GapStraddlesTarget { .. }, measure_at }
            if report.class == Class::Flat =>
        {
            Verdict::Undetermined { n, gap, reason: Reason::NoDecrease, measure_at }
        }
        verdict => verdict,
    })
}

/// The interval of what is known exactly.
fn exact(value: f64, options: &PlanOptions) -> QuantityInterval {
    let value = Some(value);
    QuantityInterval {
        estimate: value,
        lower: value,
        upper: value,
        confidence: options.confidence,
        method: options.method.into(),
    }
}

/// The verdict of replicates: the intervals of C and n* over `laws`, the refits of a bootstrap
/// ([`infer::bootstrap::replicate`]); those without a fit are left out. A law that never meets the target has no n*, above all others.
///
/// # Errors
/// As [`samples_for`], and [`PlanError::TooFewReplicates`]: at the level .95 363 at least with 4 degrees of freedom, 39 with many
/// ([`infer::bootstrap::interval`]).
///
/// ```
/// use syn2real::Syn2RealLaw;
/// use syn2real::plan::{PlanOptions, Verdict, samples_for_replicates};
///
/// let points = [(1_000, 0.900), (2_000, 0.848), (4_000, 0.8105), (8_000, 0.785), (16_000, 0.766), (32_000, 0.753)];
/// let fit = Syn2RealLaw::fit(&points)?;
/// let laws: [Syn2RealLaw; 1999] = std::array::from_fn(|i| Syn2RealLaw { c: 0.7 + 5e-6 * i as f64, ..fit.law() });
/// let verdict = samples_for_replicates(&fit, &laws, 0.72, &PlanOptions::default())?;
/// assert!(matches!(verdict, Verdict::Reachable { .. }), "{verdict}");
/// let verdict = samples_for_replicates(&fit, &laws, 0.705, &PlanOptions::default())?;
/// assert!(matches!(verdict, Verdict::Undetermined { .. }), "{verdict}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn samples_for_replicates(
    fit: &Syn2RealFit,
    laws: &[Syn2RealLaw],
    target: f64,
    options: &PlanOptions,
) -> Result<Verdict, PlanError> {
    let budget = options.check(target, fit.report().n_max)?;
    options.check_values(fit, None, core::iter::empty())?;
    let (confidence, law) = (options.confidence, fit.law());
    let report = fit.report();
    let (tail, _) = infer::bootstrap::tail(report.degrees_of_freedom, report.weights.is_absolute(), confidence);
    let (laws, count) = (fitted(laws), fitted(laws).count());
    let gap = ends(laws.clone().map(|law| law.c), count, tail)?;
    let gap = select::interval(gap, Some(law.c), confidence);
    let sizes = ends(laws.map(|law| size_at(law, target).or_infinity()), count, tail)?;
    let n = select::interval(sizes, size_at(&law, target).finite(), confidence);
    let [n_lower, _] = sizes;
    let top = (fit.report().n_max * options.reach).min(budget);
    let (has_budget, measured) = (options.budget.is_some(), [report.n_min, report.n_max]);
    Ok(Evidence { target, budget, has_budget, gap, n, n_lower, measured }.verdict(|_| Some(top)))
}

/// The smallest number of samples with which at least the share `probability` of the replicates is at or below the
/// target; [`Size::Beyond`] if that takes more than 2^53, [`Size::Never`] if
/// fewer replicates reach it at all.
///
/// # Errors
/// [`PlanError::Target`], [`PlanError::Probability`] unless 0 < probability < 1, [`PlanError::TooFewReplicates`] unless one
/// replicate at least lies beyond: 1 / (1 - probability).
///
/// ```
/// use syn2real::Syn2RealLaw;
/// use syn2real::plan::{Size, samples_with_probability, size_at};
///
/// let laws: [Syn2RealLaw; 100] = std::array::from_fn(|i| Syn2RealLaw { d: 2.0, alpha: 0.5, c: 1e-3 * i as f64 });
/// let n = samples_with_probability(&laws, 0.1, 0.8)?;
/// assert_eq!(n, size_at(&laws[79], 0.1));
/// assert_eq!(samples_with_probability(&laws, 0.05, 0.8)?, Size::Never);
/// # Ok::<(), syn2real::plan::PlanError>(())
/// ```
pub fn samples_with_probability(laws: &[Syn2RealLaw], target: f64, probability: f64) -> Result<Size, PlanError> {
    PlanError::require_target(target)?;
    let (laws, count) = (fitted(laws), fitted(laws).count());
    select::enough(count, probability)?;
    // Beyond 2^53, finite, and never, infinite, keep their order.
    let key = |law: &Syn2RealLaw| match size_at(law, target) {
        Size::At(n) => n,
        Size::Beyond => f64::MAX,
        Size::Never => f64::INFINITY,
    };
    let n = quantile(laws.map(key), count, probability);
    Ok(if n <= LARGEST_COUNT {
        Size::At(n)
    } else if n < f64::INFINITY {
        Size::Beyond
    } else {
        Size::Never
    })
}
