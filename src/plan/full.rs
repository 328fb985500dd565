//! Verdicts on one size while the other is held, from a fit over n and s.
use crate::fit::{Erased, FullClass, GridFit, GridRows, Weighed, raw};
use crate::infer::{GridQuantity, Method, QuantityInterval, grid_interval_of};
use crate::law::{AnyLaw, GridLaw, Parameter};
use crate::point::GridPoint;

use super::error::PlanError;
use super::evidence::Evidence;
use super::options::PlanOptions;
use super::target::check_rows;
use super::verdict::{Reason, Verdict};

/// The verdict on the number of *real* samples for a target, after pre-training on `n` synthetic ones: s for a target at
/// fixed n. `n` in the verdict counts real samples, and the gap is what no number of them removes: E, or A n^-alpha + E under
/// the additive law.
///
/// The intervals are those of [`grid_interval`](crate::infer::grid_interval); `points` must be those of the fit.
///
/// # Errors
/// [`PlanError::Target`], [`PlanError::Size`] for `n`, [`PlanError::Budget`] and [`PlanError::BudgetBelowData`] (real samples),
/// [`PlanError::Law`] if beta is 0, [`PlanError::Infer`] if the points are not those of the fit, [`PlanError::Contradiction`] for
/// the bootstrap.
///
/// ```
/// use syn2real::FullLaw;
/// use syn2real::plan::{PlanOptions, Verdict, fine_tune_size_for};
///
/// let truth = FullLaw { delta: 42.0, gamma: 0.5, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
/// let points: [_; 12] = core::array::from_fn(|i| {
///     let (n, s) = ([1e3, 4e3, 16e3, 64e3][i % 4], [1e4, 4e4, 16e4][i / 4]);
///     (n, s, truth.error_at(n, s) * if i % 2 == 0 { 1.002 } else { 0.998 })
/// });
/// let fit = FullLaw::fit(&points)?;
/// let verdict = fine_tune_size_for(&fit, &points, 0.5, 64e3, &PlanOptions::default())?;
/// assert!(matches!(verdict, Verdict::Reachable { .. }));
/// let s = verdict.n().unwrap();
/// assert!(s.lower.unwrap() < s.estimate.unwrap() && s.estimate.unwrap() < s.upper.unwrap());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn fine_tune_size_for<L: GridLaw, const P: usize, T: Copy + Into<GridPoint>>(
    fit: &GridFit<L, P>,
    points: &[T],
    target: f64,
    n: f64,
    options: &PlanOptions,
) -> Result<Verdict, PlanError> {
    fine_tune_size(&fit.erased(), &raw(points), target, n, options)
}

fn fine_tune_size(
    fit: &Erased,
    points: &GridRows<'_>,
    target: f64,
    n: f64,
    options: &PlanOptions,
) -> Result<Verdict, PlanError> {
    let (law, report) = (fit.law(), &fit.report);
    if !(n + law.offset() > 0.0 && n >= 0.0 && n < f64::INFINITY) {
        return Err(PlanError::Size { field: "n" });
    }
    require_rate(&law, Parameter::Beta)?;
    let quantities = [GridQuantity::FloorAt { n }, GridQuantity::FineTuneSizeFor { target, n }];
    verdict(fit, points, target, options, [report.s_min, report.s_max], quantities)
}

/// The verdict on the number of synthetic samples for a target at the fine-tuning size `s`, from a fit over n and s: the gap
/// is delta gamma s^-beta + E, or B s^-beta + E under the additive law.
///
/// The intervals are those of [`grid_interval`](crate::infer::grid_interval); `points` must be those of the fit.
///
/// # Errors
/// As [`fine_tune_size_for`], the budget counting synthetic samples.
///
/// ```
/// use syn2real::FullLaw;
/// use syn2real::plan::{PlanOptions, Verdict, samples_for_on_grid};
///
/// let truth = FullLaw { delta: 42.0, gamma: 0.01, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
/// let points: [_; 12] = core::array::from_fn(|i| {
///     let (n, s) = ([1e3, 4e3, 16e3, 64e3][i % 4], [1e4, 4e4, 16e4][i / 4]);
///     (n, s, truth.error_at(n, s) * if i % 2 == 0 { 1.002 } else { 0.998 })
/// });
/// let fit = FullLaw::fit(&points)?;
/// // The gap at s = 1e4 is .0265.
/// let at = |target| samples_for_on_grid(&fit, &points, target, 1e4, &PlanOptions::default());
/// assert!(matches!(at(0.035)?, Verdict::Reachable { .. }));
/// assert!(matches!(at(0.02)?, Verdict::Unreachable { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn samples_for_on_grid<L: GridLaw, const P: usize, T: Copy + Into<GridPoint>>(
    fit: &GridFit<L, P>,
    points: &[T],
    target: f64,
    s: f64,
    options: &PlanOptions,
) -> Result<Verdict, PlanError> {
    samples(&fit.erased(), &raw(points), target, s, options)
}

fn samples(
    fit: &Erased,
    points: &GridRows<'_>,
    target: f64,
    s: f64,
    options: &PlanOptions,
) -> Result<Verdict, PlanError> {
    if !(s > 0.0 && s < f64::INFINITY) {
        return Err(PlanError::Size { field: "s" });
    }
    require_rate(&fit.law(), Parameter::Alpha)?;
    let quantities = [GridQuantity::GapAt { s }, GridQuantity::SamplesFor { target, s }];
    verdict(fit, points, target, options, [fit.report.n_min, fit.report.n_max], quantities)
}

/// A rate of 0 has no price.
fn require_rate(law: &AnyLaw, parameter: Parameter) -> Result<(), PlanError> {
    let is_positive = law.parameter(parameter).is_some_and(|rate| rate > 0.0);
    if is_positive { Ok(()) } else { Err(PlanError::Law { parameter }) }
}

/// The verdict from the intervals of gap and size.
fn verdict(
    fit: &Erased,
    points: &GridRows<'_>,
    target: f64,
    options: &PlanOptions,
    measured: [f64; 2],
    [gap, size]: [GridQuantity; 2],
) -> Result<Verdict, PlanError> {
    let [_, most_measured] = measured;
    let budget = options.check(target, most_measured)?;
    check_rows(points, Some(target), options)?;
    let top = Some((most_measured * options.reach).min(budget));
    let report = &fit.report;
    if report.points <= report.parameters {
        return Ok(Verdict::Undetermined { n: None, gap: None, reason: Reason::NoFreedom, measure_at: top });
    }
    // The delta method has no word on what is on a bound.
    let method = if report.class == FullClass::Interior { options.method } else { Method::Profile };
    let data = Weighed::new(points, report.weights, report.residual);
    let of = |quantity| grid_interval_of(fit, &data, quantity, options.confidence, method);
    // No gap is below 0, which the delta method does not know.
    let gap = of(gap)?;
    let gap = QuantityInterval { lower: gap.lower.map(|v| v.max(0.0)), ..gap };
    let n = of(size)?;
    let n_lower = n.lower.unwrap_or(0.0);
    let has_budget = options.budget.is_some();
    Ok(Evidence { target, budget, has_budget, gap, n, n_lower, measured }.verdict(|_| top))
}
