//! What a sample more brings, and what pre-training is worth in real samples.
use crate::law::{FullLaw, GridLaw, Parameter, Syn2RealLaw};
use crate::math;

use super::allocate::Costs;
use super::error::PlanError;
use super::inverse::{LARGEST_COUNT, Size, decrease, size_at};
use super::root;

/// What one sample more brings.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct MarginalGain {
    /// -dL/dn: the decrease of the error per sample, in the unit of the error.
    pub per_sample: f64,
    /// d ln L / d ln n: the relative change of the error per relative change of the number of samples; <= 0.
    pub elasticity: f64,
}

/// Marginal gain of a synthetic sample at n > 0: d ln L / d ln n = -alpha n^-alpha / (gamma + n^-alpha), gamma = C / D
/// (from paper eq. 1).
///
/// ```
/// use syn2real::Syn2RealLaw;
/// use syn2real::plan::marginal_gain;
///
/// let law = Syn2RealLaw { d: 2.0, alpha: 0.5, c: 0.0 };
/// let gain = marginal_gain(&law, 100.0);
/// assert!((gain.elasticity + 0.5).abs() < 1e-15 && (gain.per_sample - 0.001).abs() < 1e-17);
/// ```
pub fn marginal_gain(law: &Syn2RealLaw, n: f64) -> MarginalGain {
    let above = if law.d == 0.0 { 0.0 } else { law.d * math::exp(-law.alpha * math::ln(n)) };
    let error = above + law.c;
    MarginalGain {
        per_sample: law.rate() * above / n,
        elasticity: if error == 0.0 { 0.0 } else { -law.rate() * above / error },
    }
}

/// Marginal gains of a synthetic and of a real sample at (n, s), n + n0 > 0, s > 0: for E = 0 the second elasticity of the
/// full law is -beta everywhere (paper eq. 2). Their ratio of `per_sample` says how many real samples a synthetic one replaces there.
///
/// ```
/// use syn2real::FullLaw;
/// use syn2real::plan::marginal_gains;
///
/// let law = FullLaw { delta: 41.8, gamma: 0.478, alpha: 0.544, beta: 0.322, n0: 0.0, e: 0.0 };
/// let [synthetic, real] = marginal_gains(&law, 64_000.0, 12_812.0);
/// assert!((real.elasticity + 0.322).abs() < 1e-15);
/// assert!(synthetic.per_sample < 0.01 * real.per_sample);
/// ```
pub fn marginal_gains(law: &impl GridLaw, n: f64, s: f64) -> [MarginalGain; 2] {
    let error = law.value_at(n, s);
    let slope = |over: Syn2RealLaw, size: f64| {
        let above = if over.d == 0.0 { 0.0 } else { over.d * math::exp(-over.alpha * math::ln(size)) };
        over.alpha * above / size
    };
    let gain = |slope: f64, size: f64| MarginalGain { per_sample: slope, elasticity: -slope * size / error };
    [gain(slope(law.over_n(s), n + law.offset()), n), gain(slope(law.over_s(n), s), s)]
}

/// What pre-training is worth in real samples.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct EffectiveData {
    /// s': the real samples that reach the same error without pre-training.
    pub size: Size,
    /// s' / s, if s' is a number.
    pub factor: Option<f64>,
}

/// Effective real data: the s' with L(0, s') = L(n, s), n >= 0, s > 0; s' = s ((gamma + n0^-alpha) / (gamma +
/// (n + n0)^-alpha))^(1/beta), whatever E is.
///
/// # Errors
/// [`PlanError::NoBaseline`] if the law has n0 = 0: it says nothing of n = 0 then, and
/// [`effective_real_data_against`] takes the curve without pre-training. [`PlanError::Law`] if beta is not above 0.
///
/// ```
/// use syn2real::FullLaw;
/// use syn2real::plan::effective_real_data;
///
/// let law = FullLaw { delta: 30.0, gamma: 0.5, alpha: 0.5, beta: 0.3, n0: 500.0, e: 0.05 };
/// let worth = effective_real_data(&law, 64_000.0, 10_000.0)?;
/// let s = worth.size.finite().unwrap();
/// assert!(s > 10_000.0 && (law.error_at(0.0, s) - law.error_at(64_000.0, 10_000.0)).abs() < 1e-12);
/// # Ok::<(), syn2real::plan::PlanError>(())
/// ```
pub fn effective_real_data(law: &FullLaw, n: f64, s: f64) -> Result<EffectiveData, PlanError> {
    check_size(s, "s")?;
    if !(n >= 0.0 && n < f64::INFINITY) {
        return Err(PlanError::Size { field: "n" });
    }
    let factor = worth(law)?(n);
    Ok(effective(s * factor, s))
}

/// Effective real data against the measured curve without pre-training, `without`: L(0, s) = B s^-beta + E fitted over s
/// as law (1), D = B, alpha = beta, C = E. `error` is L(n, s) and `s` the real samples that it took.
///
/// # Errors
/// [`PlanError::Target`] if `error` is not finite and above 0, [`PlanError::Size`] for `s`.
///
/// ```
/// use syn2real::Syn2RealLaw;
/// use syn2real::plan::{Size, effective_real_data_against};
///
/// let without = Syn2RealLaw { d: 10.0, alpha: 0.5, c: 0.2 };
/// let worth = effective_real_data_against(&without, 0.3, 2_500.0)?;
/// assert!(worth.factor.is_some_and(|f| (f - 4.0).abs() < 1e-12));
/// // An error that no amount of real data alone reaches.
/// assert_eq!(effective_real_data_against(&without, 0.2, 2_500.0)?.size, Size::Never);
/// # Ok::<(), syn2real::plan::PlanError>(())
/// ```
pub fn effective_real_data_against(without: &Syn2RealLaw, error: f64, s: f64) -> Result<EffectiveData, PlanError> {
    check_size(s, "s")?;
    if !(error > 0.0 && error < f64::INFINITY) {
        return Err(PlanError::Target);
    }
    let size = size_at(without, error);
    Ok(EffectiveData { size, factor: size.finite().map(|n| n / s) })
}

fn effective(size: f64, s: f64) -> EffectiveData {
    if size <= LARGEST_COUNT {
        EffectiveData { size: Size::At(size), factor: Some(size / s) }
    } else {
        EffectiveData { size: Size::Beyond, factor: None }
    }
}

fn check_size(size: f64, field: &'static str) -> Result<(), PlanError> {
    if size > 0.0 && size < f64::INFINITY { Ok(()) } else { Err(PlanError::Size { field }) }
}

/// s' / s as a function of n.
fn worth(law: &FullLaw) -> Result<impl Fn(f64) -> f64 + '_, PlanError> {
    check_rates(law)?;
    if law.n0 == 0.0 {
        return Err(PlanError::NoBaseline);
    }
    let ln_without = math::ln(law.gamma + decrease(law, 0.0));
    Ok(move |n: f64| math::exp((ln_without - math::ln(law.gamma + decrease(law, n))) / law.beta))
}

/// The sizes of the parts that fall (delta, or A and B) and the rates above 0, all parameters finite and not negative.
pub(super) fn check_rates<L: GridLaw>(law: &L) -> Result<(), PlanError> {
    let of = |parameter| (law.parameter(parameter).unwrap_or(1.0), parameter);
    let positive = [Parameter::Delta, Parameter::A, Parameter::B, Parameter::Alpha, Parameter::Beta].map(of);
    let others = [Parameter::Gamma, Parameter::N0, Parameter::E].map(of);
    let is_wrong = |v: f64| !(v >= 0.0 && v < f64::INFINITY);
    let wrong = positive.iter().find(|(v, _)| is_wrong(*v) || *v == 0.0).or(others.iter().find(|(v, _)| is_wrong(*v)));
    wrong.map_or(Ok(()), |&(_, parameter)| Err(PlanError::Law { parameter }))
}

/// When pre-training pays at a given fine-tuning size: what it replaces in real samples against what it costs.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct BreakEven {
    /// Smallest n whose pre-training costs no more than the real samples it replaces; `None` if no n pays.
    pub first: Option<f64>,
    /// n of the largest saving; `None` if savings grow without limit (gamma = 0 and alpha > beta).
    pub best: Option<f64>,
    /// Saving at `best`, cost of the replaced real samples less that of pre-training; not negative, since n = 0 saves 0.
    pub saving: Option<f64>,
}

/// Break-even of pre-training at the fine-tuning size s > 0: n samples replace s' - s real ones
/// ([`effective_real_data`]), and pay if `per_real` (s' - s) >= `fixed_synthetic` + `per_synthetic` n.
///
/// # Errors
/// [`PlanError::NoBaseline`] if n0 = 0, [`PlanError::Law`] for a rate of 0, [`PlanError::Cost`], [`PlanError::Size`].
///
/// # Accuracy
/// Roots to rounding; n within [0, 2^53], beyond which savings count as without limit.
///
/// ```
/// use syn2real::FullLaw;
/// use syn2real::plan::allocate::Costs;
/// use syn2real::plan::break_even;
///
/// let law = FullLaw { delta: 30.0, gamma: 0.5, alpha: 0.5, beta: 0.3, n0: 500.0, e: 0.0 };
/// let costs = Costs { per_synthetic: 0.01, per_real: 1.0, fixed_synthetic: 50.0, ..Costs::default() };
/// let even = break_even(&law, 10_000.0, &costs)?;
/// assert!(even.first.unwrap() < even.best.unwrap());
/// assert!(even.saving.unwrap() > 0.0);
/// let dear = Costs { per_synthetic: 100.0, ..costs };
/// assert_eq!(break_even(&law, 10_000.0, &dear)?.first, None);
/// # Ok::<(), syn2real::plan::PlanError>(())
/// ```
pub fn break_even(law: &FullLaw, s: f64, costs: &Costs) -> Result<BreakEven, PlanError> {
    costs.check()?;
    check_size(s, "s")?;
    let factor = worth(law)?;
    let saving = |n: f64| costs.per_real * s * (factor(n) - 1.0) - costs.fixed_synthetic - costs.per_synthetic * n;
    // ln of the slope of what is saved, in x = ln(n + n0): ln slope = base - (1/beta + 1) ln(gamma + u) - (alpha + 1) x. It
    // rises while the share w = u / (gamma + u) is above w0 and falls from there on.
    let power = 1.0 / law.beta + 1.0;
    let ln_without = math::ln(law.gamma + decrease(law, 0.0));
    let base = math::ln(costs.per_real) + math::ln(s) + math::ln(law.alpha / law.beta) + ln_without / law.beta
        - math::ln(costs.per_synthetic);
    let excess = |x: f64| {
        let u = math::exp(-law.alpha * x);
        let w = u / (law.gamma + u);
        (base - power * math::ln(law.gamma + u) - (law.alpha + 1.0) * x, power * law.alpha * w - (law.alpha + 1.0))
    };
    let (left, right) = (math::ln(law.n0), math::ln(law.n0 + LARGEST_COUNT));
    let w0 = (law.alpha + 1.0) / (power * law.alpha);
    let steepest = if w0 >= 1.0 {
        left
    } else {
        // gamma w / (1 - w) = (n + n0)^-alpha; at gamma = 0 the slope rises for ever.
        let x = -math::ln(law.gamma * w0 / (1.0 - w0)) / law.alpha;
        x.max(left).min(right)
    };
    let none = BreakEven { first: None, best: Some(0.0), saving: Some(0.0) };
    if !(excess(steepest).0 > 0.0) {
        return Ok(none);
    }
    // The saving falls to a minimum before the steepest place and rises to a maximum behind it.
    let lowest = if excess(left).0 >= 0.0 { left } else { root::increasing(excess, left, steepest) };
    let is_unlimited = excess(right).0 > 0.0;
    let falling = |x: f64| {
        let (value, slope) = excess(x);
        (-value, -slope)
    };
    let highest = if is_unlimited { right } else { root::increasing(falling, steepest, right) };
    let size = |x: f64| {
        let n = math::exp(x) - law.n0;
        if n > 0.0 { n } else { 0.0 }
    };
    let most = saving(size(highest));
    if !(most >= 0.0) {
        return Ok(none);
    }
    // The slope of the saving by x, for the steps; its sign is what counts.
    let at = |x: f64| {
        let n = size(x);
        (saving(n), costs.per_synthetic * (n + law.n0) * (math::exp(excess(x).0) - 1.0))
    };
    let first = if costs.fixed_synthetic == 0.0 && excess(left).0 >= 0.0 {
        0.0
    } else {
        size(root::increasing(at, lowest, highest))
    };
    let (best, saving) = if is_unlimited { (None, None) } else { (Some(size(highest)), Some(most)) };
    Ok(BreakEven { first: Some(first), best, saving })
}
