//! Verdicts on one size while the other is held, from a fit over n and s.
use crate::fit::{Confidence, FullFit};
use crate::infer::{Method, QuantityInterval};
use crate::law::Parameter;
use crate::math;

use super::error::PlanError;
use super::gain::marginal_gains;
use super::inverse::{Size, fine_tune_size_at, ln_size_at, real_curve, synthetic_size_at};
use super::local::Full;
use super::options::PlanOptions;
use super::size::Evidence;
use super::verdict::{Reason, Verdict};

/// The verdict on the number of *real* samples for a target, after pre-training on `n` synthetic ones: s for a target at
/// fixed n. `n` in the verdict counts real samples, and the gap is E, what no number of them removes (0 unless E is free or
/// was given).
///
/// The intervals are those of the delta method (in ln s*), whatever `options.method` says; their field `method` says so.
///
/// # Errors
/// [`PlanError::Target`], [`PlanError::Size`] for `n`, [`PlanError::Budget`] and [`PlanError::BudgetBelowData`] (real samples),
/// [`PlanError::Law`] if beta is 0.
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
/// let verdict = fine_tune_size_for(&fit, 0.5, 64e3, &PlanOptions::default())?;
/// assert!(matches!(verdict, Verdict::Reachable { .. }));
/// let s = verdict.n().unwrap();
/// assert!(s.lower.unwrap() < s.estimate.unwrap() && s.estimate.unwrap() < s.upper.unwrap());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn fine_tune_size_for(fit: &FullFit, target: f64, n: f64, options: &PlanOptions) -> Result<Verdict, PlanError> {
    let law = fit.law();
    if !(n + law.n0 > 0.0 && n >= 0.0 && n < f64::INFINITY) {
        return Err(PlanError::Size { field: "n" });
    }
    if !(law.beta > 0.0) {
        return Err(PlanError::Law { parameter: Parameter::Beta });
    }
    let measured = (fit.report().s_min, fit.report().s_max);
    let size = (fine_tune_size_at(&law, n, target), ln_size_at(&real_curve(&law, n), target));
    let gradient = |s: f64| {
        let [_, real] = marginal_gains(&law, n, s);
        law.gradient_at(n, s).map(|v| v / (real.per_sample * s))
    };
    verdict(fit, target, options, measured, (law.e, [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]), size, gradient)
}

/// The verdict on the number of synthetic samples for a target at the fine-tuning size `s`, from a fit over n and s: the gap
/// is delta gamma s^-beta + E.
///
/// The intervals are those of the delta method (in ln n* and ln of the gap's part above E), whatever `options.method` says.
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
/// let at = |target| samples_for_on_grid(&fit, target, 1e4, &PlanOptions::default());
/// assert!(matches!(at(0.035)?, Verdict::Reachable { .. }));
/// assert!(matches!(at(0.02)?, Verdict::Unreachable { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn samples_for_on_grid(fit: &FullFit, target: f64, s: f64, options: &PlanOptions) -> Result<Verdict, PlanError> {
    let law = fit.law();
    if !(s > 0.0 && s < f64::INFINITY) {
        return Err(PlanError::Size { field: "s" });
    }
    if !(law.alpha > 0.0) {
        return Err(PlanError::Law { parameter: Parameter::Alpha });
    }
    let ln_s = math::ln(s);
    let factor = math::exp(-law.beta * ln_s);
    let d = law.delta * factor;
    // C = delta gamma s^-beta + E.
    let gap = (d * law.gamma + law.e, [law.gamma * factor, d, 0.0, -law.gamma * d * ln_s, 0.0, 1.0]);
    let size = (synthetic_size_at(&law, s, target), ln_size_at(&law.at_fine_tune_size(s), target));
    let gradient = |n: f64| {
        let [synthetic, _] = marginal_gains(&law, n, s);
        law.gradient_at(n, s).map(|v| v / (synthetic.per_sample * n))
    };
    let measured = (fit.report().n_min, fit.report().n_max);
    verdict(fit, target, options, measured, gap, size, gradient)
}

/// ln of the largest size at which a law is differentiated, 1e217: no product of its slopes leaves the range of f64. A target
/// beyond takes more samples than the error there does, so that the lower limit for that error is one for the target, too.
const LN_FARTHEST: f64 = 500.0;

/// The verdict from the delta method: `gap` with its gradient, the size with its logarithm, and the gradient of that.
fn verdict(
    fit: &FullFit,
    target: f64,
    options: &PlanOptions,
    (smallest, most_measured): (f64, f64),
    (gap, gap_gradient): (f64, [f64; 6]),
    (size, ln_size): (Size, Option<f64>),
    gradient: impl Fn(f64) -> [f64; 6],
) -> Result<Verdict, PlanError> {
    let budget = options.check(target, most_measured)?;
    let top = Some((most_measured * options.reach).min(budget));
    let unknown = |reason| Ok(Verdict::Undetermined { n: None, gap: None, reason, measure_at: top });
    if fit.report().degrees_of_freedom <= 0 {
        return unknown(Reason::NoFreedom);
    }
    let Ok(full) = Full::new(fit) else { return unknown(Reason::NoInterval) };
    let Some(quantile) = full.local.quantile(options.confidence.level(), 0) else { return unknown(Reason::NoFreedom) };
    let half = |by: &[f64; 6]| {
        let variance = full.local.variance * full.local.form(by, by);
        quantile * math::sqrt(if variance > 0.0 { variance } else { 0.0 })
    };
    let wald = |estimate, lower, upper| {
        let finite = |v: Option<f64>| v.filter(|v: &f64| v.is_finite());
        let confidence: Confidence = options.confidence;
        QuantityInterval { estimate, lower: finite(lower), upper: finite(upper), confidence, method: Method::Wald }
    };
    let gap_half = half(&gap_gradient);
    // No gap is below 0.
    let gap = wald(Some(gap), Some((gap - gap_half).max(0.0)), Some(gap + gap_half));
    let (n, n_lower) = match size {
        Size::At(n) if n > 0.0 => {
            let half = half(&gradient(n));
            // Where the gap may be as large as the target, no size is enough for certain.
            let upper = gap.upper.filter(|&upper| upper < target).map(|_| n * math::exp(half));
            let lower = n * math::exp(-half);
            (wald(Some(n), Some(lower), upper), lower)
        }
        Size::At(n) => (wald(Some(n), Some(n), Some(n)), n),
        // Beyond 2^53 the size is no number, and yet it may be known that it lies there.
        Size::Beyond => {
            let ln = ln_size.map_or(LN_FARTHEST, |ln| ln.min(LN_FARTHEST));
            (wald(None, None, None), math::exp(ln - half(&gradient(math::exp(ln)))))
        }
        Size::Never => (wald(None, None, None), 0.0),
    };
    let has_budget = options.budget.is_some();
    Ok(Evidence { target, budget, has_budget, gap, n, n_lower, smallest }.verdict(|_| top))
}
