//! Change the generator or go on: settings (renderings, models) against each other, by what they leave over and how fast
//! they get there.
//!
//! With K settings there are K (K - 1) / 2 pairs, and among many pairs some differ by chance: the p-values of [`pairs`] are
//! adjusted by Holm's method (Holm, Scandinavian Journal of Statistics 6, 1979), the intervals of [`intervals`] by Bonferroni's,
//! so that the level holds for all of them together. [`standings`] ranks by the error at the number of samples that there
//! will be, with the probability of being the best.
use crate::fit::{Confidence, Syn2RealFit, Weights};
use crate::infer::{self, InferError, Method, Quantity, QuantityInterval};
use crate::law::{Parameter, Syn2RealLaw};
use crate::math;
use crate::point::Point;

use super::error::PlanError;
use super::inverse::LARGEST_COUNT;
use super::select;

/// The simultaneous interval of `parameter` for each setting, a fit with its points, into `out`: each at the level
/// 1 - (1 - level) / K, so that all K hold together with the level. `None` where the setting holds the parameter, or has no
/// interval (no degrees of freedom). Returns K.
///
/// # Errors
/// [`PlanError::NoCandidates`] without a setting, [`PlanError::Buffer`], [`PlanError::Infer`] if points are not those of their
/// fit.
///
/// ```
/// use syn2real::infer::Method;
/// use syn2real::plan::settings::intervals;
/// use syn2real::{Confidence, Parameter, Syn2RealLaw};
///
/// let a = [(1_000, 0.900), (2_000, 0.848), (4_000, 0.8105), (8_000, 0.785), (16_000, 0.766), (32_000, 0.753)];
/// let b = a.map(|(n, error)| (n, error - 0.1));
/// let settings = [(Syn2RealLaw::fit(&a)?, &a[..]), (Syn2RealLaw::fit(&b)?, &b[..])];
/// let mut out = [None; 2];
/// intervals(&settings, Parameter::C, Confidence::P95, Method::Wald, &mut out)?;
/// assert!(out[1].unwrap().upper < out[0].unwrap().lower);
/// assert_eq!(out[0].unwrap().confidence.level(), 0.975);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn intervals<T: Copy + Into<Point>>(
    settings: &[(Syn2RealFit, &[T])],
    parameter: Parameter,
    confidence: Confidence,
    method: Method,
    out: &mut [Option<QuantityInterval>],
) -> Result<usize, PlanError> {
    let count = settings.len();
    if count == 0 {
        return Err(PlanError::NoCandidates);
    }
    if out.len() < count {
        return Err(PlanError::Buffer { needed: count, got: out.len() });
    }
    let each = Confidence::new(1.0 - (1.0 - confidence.level()) / count as f64)?;
    for (slot, (fit, points)) in out.iter_mut().zip(settings) {
        *slot = match infer::interval(fit, points, Quantity::Parameter(parameter), each, method) {
            Ok(interval) => Some(interval),
            Err(InferError::Fixed { .. } | InferError::NoFreedom { .. } | InferError::NoCovariance) => None,
            Err(other) => return Err(other.into()),
        };
    }
    Ok(count)
}

/// The difference of a parameter between two settings.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Pair {
    /// Index of the first setting.
    pub a: usize,
    /// Index of the second.
    pub b: usize,
    /// Value of the first less that of the second.
    pub difference: f64,
    /// p-value of no difference, two-sided, for this pair alone; `None` if it cannot be tested.
    pub p: Option<f64>,
    /// p-value adjusted by Holm's method for all pairs that were tested: below 1 - level, the settings differ.
    pub p_holm: Option<f64>,
}

impl Pair {
    /// Whether the settings differ, with the level for all pairs together.
    pub fn differs(&self, confidence: Confidence) -> bool {
        self.p_holm.is_some_and(|p| p < 1.0 - confidence.level())
    }
}

/// All pairs of `fits` compared by `parameter`, into `out` (K (K - 1) / 2 slots, in the order 0-1, 0-2, .., 1-2, ..); returns
/// their number. Welch's t test of the difference; a pair is not tested where the parameter is held, on a bound or
/// undefined in one of the two ([`pairs_of_replicates`] is for these).
///
/// # Errors
/// [`PlanError::NoCandidates`] for fewer than two fits, [`PlanError::Buffer`], [`PlanError::Law`] unless the parameter is D,
/// alpha or C.
///
/// # Accuracy
/// Asymptotic, as the standard errors: with 7 points each, near its level where the parameter is well inside its bounds.
///
/// ```
/// use syn2real::plan::settings::{Pair, pairs};
/// use syn2real::{Confidence, Parameter, Syn2RealLaw};
///
/// let a = [(1_000, 0.900), (2_000, 0.848), (4_000, 0.8105), (8_000, 0.785), (16_000, 0.766), (32_000, 0.753)];
/// let fits = [0.0, 0.0005, 0.1].map(|less| Syn2RealLaw::fit(&a.map(|(n, e)| (n, e - less))).unwrap());
/// let mut out = [Pair::default(); 3];
/// pairs(&fits, Parameter::C, &mut out)?;
/// assert_eq!(out.map(|pair| pair.differs(Confidence::P95)), [false, true, true]);
/// # Ok::<(), syn2real::plan::PlanError>(())
/// ```
pub fn pairs(fits: &[Syn2RealFit], parameter: Parameter, out: &mut [Pair]) -> Result<usize, PlanError> {
    let value = of(parameter)?;
    let index = match parameter {
        Parameter::D => 0,
        Parameter::Alpha => 1,
        _ => 2,
    };
    let error = |fit: &Syn2RealFit| fit.std_errors().get(index).copied().flatten();
    compare(fits, out, |a, b| {
        let difference = value(&a.law()) - value(&b.law());
        let p = error(a).zip(error(b)).and_then(|(ea, eb)| welch(difference, (ea, freedom(a)), (eb, freedom(b))));
        (difference, p)
    })
}

/// Degrees of freedom of a standard error; those of a known sigma are without limit (1e8, the domain of the F
/// distribution here).
fn freedom(fit: &Syn2RealFit) -> f64 {
    match fit.report().weights {
        Weights::Relative => fit.report().degrees_of_freedom as f64,
        Weights::Absolute => 1e8,
    }
}

/// Two-sided p-value of Welch's t test (Welch, Biometrika 34, 1947).
fn welch(difference: f64, (ea, dof_a): (f64, f64), (eb, dof_b): (f64, f64)) -> Option<f64> {
    let (va, vb) = (ea * ea, eb * eb);
    let both = va + vb;
    let dof = both * both / (va * va / dof_a + vb * vb / dof_b);
    // Infinite for two errors of 0: then any difference is one.
    let square = difference * difference / both;
    Some(math::f_tail(square, 1.0, dof.min(1e8))).filter(|p| !p.is_nan())
}

/// All pairs compared by `parameter` from bootstrap replicates of each setting, as [`pairs`]: p is twice the smaller share of
/// replicates on either side of no difference, ties on both, (count + 1) / (replicates + 1). It holds on bounds as well.
///
/// # Errors
/// As [`pairs`], and [`PlanError::TooFewReplicates`] for a setting without a replicate.
///
/// ```
/// use syn2real::plan::settings::{Pair, pairs_of_replicates};
/// use syn2real::{Parameter, Syn2RealLaw};
///
/// let law = |c: f64| Syn2RealLaw { d: 0.5, alpha: 0.5, c };
/// let a: [_; 99] = core::array::from_fn(|i| law(1e-3 * i as f64));
/// let b: [_; 99] = core::array::from_fn(|i| law(0.2 + 1e-3 * i as f64));
/// let mut out = [Pair::default(); 1];
/// pairs_of_replicates(&[&a, &b], Parameter::C, &mut out)?;
/// assert_eq!(out[0].p, Some(0.02));
/// # Ok::<(), syn2real::plan::PlanError>(())
/// ```
pub fn pairs_of_replicates(
    settings: &[&[Syn2RealLaw]],
    parameter: Parameter,
    out: &mut [Pair],
) -> Result<usize, PlanError> {
    let value = of(parameter)?;
    if settings.iter().any(|laws| laws.is_empty()) {
        return Err(PlanError::TooFewReplicates { needed: 1, got: 0 });
    }
    compare(settings, out, |a, b| {
        let (mut below, mut above, mut sum, mut count) = (0.0, 0.0, 0.0, 0.0);
        for (a, b) in a.iter().zip(b.iter()) {
            let difference = value(a) - value(b);
            // A replicate without a fit is NaN.
            if difference.is_nan() {
                continue;
            }
            if difference <= 0.0 {
                below += 1.0;
            }
            if difference >= 0.0 {
                above += 1.0;
            }
            sum += difference;
            count += 1.0;
        }
        let p = 2.0 * (1.0 + if below < above { below } else { above }) / (count + 1.0);
        if count > 0.0 { (sum / count, Some(if p < 1.0 { p } else { 1.0 })) } else { (f64::NAN, None) }
    })
}

fn of(parameter: Parameter) -> Result<fn(&Syn2RealLaw) -> f64, PlanError> {
    match parameter {
        Parameter::D => Ok(|law| law.d),
        Parameter::Alpha => Ok(|law| law.alpha),
        Parameter::C => Ok(|law| law.c),
        _ => Err(PlanError::Law { parameter }),
    }
}

/// All pairs of `items` by `test`, which gives difference and p, with Holm's adjustment.
fn compare<T>(items: &[T], out: &mut [Pair], test: impl Fn(&T, &T) -> (f64, Option<f64>)) -> Result<usize, PlanError> {
    let needed = items.len().saturating_mul(items.len().saturating_sub(1)) / 2;
    if needed == 0 {
        return Err(PlanError::NoCandidates);
    }
    let got = out.len();
    let Some(out) = out.get_mut(..needed) else { return Err(PlanError::Buffer { needed, got }) };
    let mut slots = out.iter_mut();
    for (a, first) in items.iter().enumerate() {
        for (b, second) in items.iter().enumerate().skip(a + 1) {
            let (difference, p) = test(first, second);
            if let Some(slot) = slots.next() {
                *slot = Pair { a, b, difference, p, p_holm: None };
            }
        }
    }
    holm(out);
    Ok(needed)
}

/// Adjusted p-values: with the tested ones in ascending order, the running maximum of (m - k) p_k, k from 0.
fn holm(pairs: &mut [Pair]) {
    let tested = pairs.iter().filter(|pair| pair.p.is_some()).count();
    let (mut done, mut last, mut running) = (0, -1.0, 0.0_f64);
    // Values that are equal share the factor of the first of them, which the running maximum would give them anyway.
    while done < tested {
        let next = pairs.iter().filter_map(|pair| pair.p).filter(|&p| p > last).fold(f64::INFINITY, f64::min);
        let adjusted = next * (tested - done) as f64;
        running = running.max(if adjusted < 1.0 { adjusted } else { 1.0 });
        for pair in pairs.iter_mut().filter(|pair| pair.p == Some(next)) {
            pair.p_holm = Some(running);
            done += 1;
        }
        if next == f64::INFINITY {
            return;
        }
        last = next;
    }
}

/// How a setting does at a number of samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// L(n) with its percentile interval over the replicates.
    pub error: QuantityInterval,
    /// 1 for the setting with the least L(n); the first of equals first.
    pub rank: usize,
    /// Share of the replicates in which L(n) is the least of all settings; equals share.
    pub best: f64,
}

/// Settings, each a law and the replicates of its fit, ranked by the error at `n` samples (what the budget pays), into `out`
/// in the order of the settings; returns their number. Replicate i of one setting meets replicate i of the others, as
/// many as the shortest has: settings must be resampled independently, each with a seed of its own.
///
/// # Errors
/// [`PlanError::NoCandidates`], [`PlanError::Size`] unless 0 < n <= 2^53, [`PlanError::Buffer`],
/// [`PlanError::TooFewReplicates`]: 39 at least at the level .95.
///
/// ```
/// use syn2real::plan::settings::standings;
/// use syn2real::{Confidence, Syn2RealLaw};
///
/// // The first falls faster, the second ends lower.
/// let first: [_; 40] = core::array::from_fn(|i| Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.20 + 1e-4 * i as f64 });
/// let second = first.map(|law| Syn2RealLaw { d: 2.0, c: law.c - 0.01, ..law });
/// let settings = [(first[20], &first[..]), (second[20], &second[..])];
/// let mut out = [None; 2];
/// standings(&settings, 1e3, Confidence::P95, &mut out)?;
/// assert_eq!(out.map(|s| s.unwrap().best), [1.0, 0.0]);
/// standings(&settings, 1e6, Confidence::P95, &mut out)?;
/// assert_eq!(out.map(|s| s.unwrap().rank), [2, 1]);
/// # Ok::<(), syn2real::plan::PlanError>(())
/// ```
pub fn standings(
    settings: &[(Syn2RealLaw, &[Syn2RealLaw])],
    n: f64,
    confidence: Confidence,
    out: &mut [Option<Standing>],
) -> Result<usize, PlanError> {
    let count = settings.iter().map(|(_, laws)| laws.len()).min().ok_or(PlanError::NoCandidates)?;
    if !(n > 0.0 && n <= LARGEST_COUNT) {
        return Err(PlanError::Size { field: "n" });
    }
    if out.len() < settings.len() {
        return Err(PlanError::Buffer { needed: settings.len(), got: out.len() });
    }
    for (index, (slot, (law, laws))) in out.iter_mut().zip(settings).enumerate() {
        let estimate = law.error_at(n);
        let laws = select::fitted(laws);
        let ends = select::ends(laws.clone().map(|law| law.error_at(n)), laws.count(), confidence)?;
        let is_ahead = |(other, (law, _)): (usize, &(Syn2RealLaw, &[Syn2RealLaw]))| {
            let error = law.error_at(n);
            error < estimate || (error == estimate && other < index)
        };
        let rank = 1 + settings.iter().enumerate().filter(|&pair| is_ahead(pair)).count();
        *slot = Some(Standing { error: select::interval(ends, Some(estimate), confidence), rank, best: 0.0 });
    }
    let complete =
        |replicate: &usize| settings.iter().all(|(_, laws)| laws.get(*replicate).is_some_and(|law| law.c.is_finite()));
    let met = (0..count).filter(complete).count().max(1) as f64;
    for replicate in (0..count).filter(complete) {
        let errors =
            || settings.iter().map(|(_, laws)| laws.get(replicate).map_or(f64::INFINITY, |law| law.error_at(n)));
        let least = errors().fold(f64::INFINITY, f64::min);
        let share = 1.0 / errors().filter(|&e| e == least).count().max(1) as f64;
        for (slot, error) in out.iter_mut().zip(errors()) {
            if let Some(standing) = slot.as_mut().filter(|_| error == least) {
                standing.best += share;
            }
        }
    }
    // At the end: a sum of reciprocals could round to more than 1.
    for standing in out.iter_mut().take(settings.len()).flatten() {
        standing.best /= met;
    }
    Ok(settings.len())
}
