//! Change the generator or go on: settings (renderings, models) against each other, by what they leave over and how fast
//! they get there.
//!
//! With K settings there are K (K - 1) / 2 pairs, and among many pairs some differ by chance: the p-values of [`pairs`] and
//! [`pairs_with`] are adjusted by Holm's method (Holm, Scandinavian Journal of Statistics 6, 1979), the intervals of
//! [`intervals`] by Bonferroni's, so that the level holds for all of them together. [`standings`] ranks by the error at the number of samples that there
//! will be, with the probability of being the best.
use crate::fit::{Confidence, Rise, Syn2RealFit};
use crate::infer::{self, ConfidenceCurve, InferError, Method, Quantity, QuantityInterval};
use crate::law::{Parameter, Syn2RealLaw};
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
/// fit, [`PlanError::ErrorsRise`] where the values of a setting rise with n (p < .01 / K).
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
    check(settings, out.len())?;
    for (slot, (fit, points)) in out.iter_mut().zip(settings) {
        *slot = interval(fit, points, parameter, settings.len(), confidence, method)?;
    }
    Ok(settings.len())
}

/// The interval of one setting among so many: threads may share them. `None` as in [`intervals`].
///
/// # Errors
/// As [`intervals`], but that it does not look whether the values rise.
pub fn interval<T: Copy + Into<Point>>(
    fit: &Syn2RealFit,
    points: &[T],
    parameter: Parameter,
    settings: usize,
    confidence: Confidence,
    method: Method,
) -> Result<Option<QuantityInterval>, PlanError> {
    let each = Confidence::new(1.0 - (1.0 - confidence.level()) / settings.max(1) as f64)?;
    match infer::interval(fit, points, Quantity::Parameter(parameter), each, method) {
        Ok(interval) => Ok(Some(interval)),
        Err(InferError::Fixed { .. } | InferError::NoFreedom { .. } | InferError::NoCovariance) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// The confidence curve of `quantity` (D, alpha, C or L(n)) for each setting, a fit with its points, into `out`: what [`pairs`]
/// compares. `None` where the setting holds the parameter, or has no interval (no degrees of freedom). Returns K.
///
/// A curve takes some twenty profile intervals; each is independent of the others, so that threads may share them by
/// [`ConfidenceCurve::new`].
///
/// # Errors
/// [`PlanError::NoCandidates`] without a setting, [`PlanError::Buffer`], [`PlanError::Law`] for a parameter of another law,
/// [`PlanError::Infer`] if points are not those of their fit, or for another quantity, [`PlanError::ErrorsRise`] where the
/// values of a setting rise with n (p < .01 / K).
pub fn curves<T: Copy + Into<Point>>(
    settings: &[(Syn2RealFit, &[T])],
    quantity: Quantity,
    out: &mut [Option<ConfidenceCurve>],
) -> Result<usize, PlanError> {
    check(settings, out.len())?;
    for (slot, (fit, points)) in out.iter_mut().zip(settings) {
        *slot = curve(fit, points, quantity)?;
    }
    Ok(settings.len())
}

/// Refuses no settings, too short a buffer, and settings of which one rises.
fn check<T>(settings: &[(Syn2RealFit, &[T])], slots: usize) -> Result<(), PlanError> {
    if settings.is_empty() {
        return Err(PlanError::NoCandidates);
    }
    if slots < settings.len() {
        return Err(PlanError::Buffer { needed: settings.len(), got: slots });
    }
    refuse_rises(settings.iter().map(|(fit, _)| fit))
}

/// Refuses settings of which one rises, as [`intervals`] and [`curves`] do: whatever is compared would be ranked backwards.
///
/// # Errors
/// [`PlanError::ErrorsRise`] where the values of a setting rise with n (p < .01 / K).
///
/// ```
/// use syn2real::Syn2RealLaw;
/// use syn2real::plan::settings::refuse_rises;
///
/// let falls = [(1_000, 0.9575), (2_000, 0.9534), (4_000, 0.9471), (8_000, 0.9455), (16_000, 0.9432), (32_000, 0.9403), (64_000, 0.9377)];
/// let scores = falls.map(|(n, error)| (n, 1.0 - error));
/// let fits = [Syn2RealLaw::fit(&falls)?, Syn2RealLaw::fit(&scores)?];
/// assert!(refuse_rises(fits[..1].iter()).is_ok() && refuse_rises(fits.iter()).is_err());
/// # Ok::<(), syn2real::FitError>(())
/// ```
pub fn refuse_rises<'a>(fits: impl ExactSizeIterator<Item = &'a Syn2RealFit>) -> Result<(), PlanError> {
    let count = fits.len() as f64;
    let rises = fits.filter_map(|fit| fit.report().rise);
    match rises.min_by(|a, b| a.p_value.total_cmp(&b.p_value)) {
        Some(rise) if rise.p_value * count <= Rise::LEVEL => Err(PlanError::ErrorsRise { rise }),
        _ => Ok(()),
    }
}

/// The confidence curve of one setting; `None` where there is none to compare: the parameter is held, or there are no degrees of
/// freedom.
///
/// # Errors
/// As [`curves`], but that it does not look whether the values rise.
pub fn curve<T: Copy + Into<Point>>(
    fit: &Syn2RealFit,
    points: &[T],
    quantity: Quantity,
) -> Result<Option<ConfidenceCurve>, PlanError> {
    if let Quantity::Parameter(parameter) = quantity
        && !matches!(parameter, Parameter::D | Parameter::Alpha | Parameter::C)
    {
        return Err(PlanError::Law { parameter });
    }
    match ConfidenceCurve::new(fit, points, quantity) {
        Ok(curve) => Ok(Some(curve)),
        Err(InferError::Fixed { .. } | InferError::NoFreedom { .. } | InferError::NotConverged) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// The difference of a quantity between two settings.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct Pair {
    /// Index of the first setting.
    pub a: usize,
    /// Index of the second.
    pub b: usize,
    /// Value of the first less that of the second; NaN where one has none.
    pub difference: f64,
    /// The value that both may have: that of the largest likelihood of both together; `None` if they cannot be tested.
    pub common: Option<f64>,
    /// p-value of a common value, two-sided, for this pair alone; `None` if it cannot be tested.
    pub p: Option<f64>,
    /// p-value adjusted by Holm's method for all pairs of settings that can be tested: below 1 - level, the settings differ.
    pub p_holm: Option<f64>,
}

impl Pair {
    /// Two settings by number and curve, not adjusted yet.
    fn new((a, first): (usize, &Option<ConfidenceCurve>), (b, second): (usize, &Option<ConfidenceCurve>)) -> Pair {
        let blank = Pair { a, b, difference: f64::NAN, ..Pair::default() };
        let (Some(first), Some(second)) = (first, second) else { return blank };
        let common = first.common(second);
        Pair {
            difference: first.estimate().zip(second.estimate()).map_or(f64::NAN, |(first, second)| first - second),
            common: common.map(|c| c.value).filter(|v| v.is_finite()),
            p: common.map(|c| c.p_value),
            ..blank
        }
    }

    /// Whether the settings differ, with the level for all pairs together.
    pub fn differs(&self, confidence: Confidence) -> bool {
        self.p_holm.is_some_and(|p| p < 1.0 - confidence.level())
    }
}

/// All pairs of settings compared by their curves of one quantity ([`curves`]), into `out` (K (K - 1) / 2 slots, in the order
/// 0-1, 0-2, .., 1-2, ..); returns their number. The test is that of the likelihood ratio of a common value, each setting with
/// a noise of its own, calibrated for few points and on bounds ([`ConfidenceCurve::common`]). A pair is not tested where one
/// has no curve.
///
/// # Errors
/// [`PlanError::NoCandidates`] for fewer than two curves, [`PlanError::Buffer`], [`PlanError::Contradiction`] for curves of
/// different quantities.
///
/// # Accuracy
/// Shares of 200 replicates called different at a nominal 5 % though they are equal, in the mean over 15 shapes (5, 7 and 10
/// points, unequal lengths and noises, repeats): curves like the paper's 4.2 % (2 to 8.5), those that fall early 5.2 % (3 to
/// 8.5), a flat one against another 5.5 % (4 to 9.5), two flat ones 3.3 %. Less where there is little to tell by: no gap 2.6 %,
/// a decrease of a thousandth 1 %, none 0 % (`cargo run --release --example comparisons`).
///
/// ```
/// use syn2real::infer::Quantity;
/// use syn2real::plan::settings::{Pair, curves, pairs};
/// use syn2real::{Confidence, Parameter, Syn2RealLaw};
///
/// let a = [(1_000, 0.900), (2_000, 0.848), (4_000, 0.8105), (8_000, 0.785), (16_000, 0.766), (32_000, 0.753)];
/// let data = [0.0, 0.0005, 0.1].map(|less| a.map(|(n, e)| (n, e - less)));
/// let settings = data.each_ref().map(|points| (Syn2RealLaw::fit(points).unwrap(), &points[..]));
/// let mut of = [None; 3];
/// curves(&settings, Quantity::Parameter(Parameter::C), &mut of)?;
/// let mut out = [Pair::default(); 3];
/// pairs(&of, &mut out)?;
/// assert_eq!(out.map(|pair| pair.differs(Confidence::P95)), [false, true, true]);
/// # Ok::<(), syn2real::plan::PlanError>(())
/// ```
pub fn pairs(curves: &[Option<ConfidenceCurve>], out: &mut [Pair]) -> Result<usize, PlanError> {
    let needed = curves.len().saturating_mul(curves.len().saturating_sub(1)) / 2;
    let out = slots(curves, needed, out)?;
    let mut slots = out.iter_mut();
    for (a, first) in curves.iter().enumerate() {
        for ((b, second), slot) in curves.iter().enumerate().skip(a + 1).zip(slots.by_ref()) {
            *slot = Pair::new((a, first), (b, second));
        }
    }
    holm(out, pairs_of(curves));
    Ok(needed)
}

/// One setting compared with every other by their curves of one quantity, into `out` (K - 1 slots, in the order of the
/// others; the one is `a` of each pair); returns their number. The test is that of [`pairs`].
///
/// The p-values are adjusted for all K (K - 1) / 2 pairs, as those of [`pairs`] are: a setting that was chosen by the same data,
/// the best, is apart from the worst by chance as often as any pair is. The level so holds for whichever is chosen, and
/// the adjusted p are at least those of [`pairs`].
///
/// # Errors
/// As [`pairs`]; [`PlanError::Buffer`] also if there is no curve `one`.
///
/// ```
/// use syn2real::infer::Quantity;
/// use syn2real::plan::settings::{Pair, curves, pairs_with};
/// use syn2real::{Confidence, Parameter, Syn2RealLaw};
///
/// let a = [(1_000, 0.900), (2_000, 0.848), (4_000, 0.8105), (8_000, 0.785), (16_000, 0.766), (32_000, 0.753)];
/// let data = [0.0, 0.0005, 0.1].map(|less| a.map(|(n, e)| (n, e - less)));
/// let settings = data.each_ref().map(|points| (Syn2RealLaw::fit(points).unwrap(), &points[..]));
/// let mut of = [None; 3];
/// curves(&settings, Quantity::Parameter(Parameter::C), &mut of)?;
/// let mut out = [Pair::default(); 2];
/// pairs_with(&of, 1, &mut out)?;
/// assert_eq!(out.map(|pair| (pair.a, pair.b, pair.differs(Confidence::P95))), [(1, 0, false), (1, 2, true)]);
/// # Ok::<(), syn2real::plan::PlanError>(())
/// ```
pub fn pairs_with(curves: &[Option<ConfidenceCurve>], one: usize, out: &mut [Pair]) -> Result<usize, PlanError> {
    let needed = curves.len().saturating_sub(1);
    let out = slots(curves, needed, out)?;
    let first = curves.get(one).ok_or(PlanError::Buffer { needed: one.saturating_add(1), got: curves.len() })?;
    for (slot, (b, second)) in out.iter_mut().zip(curves.iter().enumerate().filter(|(b, _)| *b != one)) {
        *slot = Pair::new((one, first), (b, second));
    }
    holm(out, pairs_of(curves));
    Ok(needed)
}

/// The slots that are needed, of curves of one quantity.
fn slots<'a>(
    curves: &[Option<ConfidenceCurve>],
    needed: usize,
    out: &'a mut [Pair],
) -> Result<&'a mut [Pair], PlanError> {
    if needed == 0 {
        return Err(PlanError::NoCandidates);
    }
    let mut quantities = curves.iter().flatten().map(ConfidenceCurve::quantity);
    if quantities.next().is_some_and(|first| quantities.any(|other| other != first)) {
        return Err(PlanError::Contradiction { field: "curves" });
    }
    let got = out.len();
    out.get_mut(..needed).ok_or(PlanError::Buffer { needed, got })
}

/// Pairs that can be tested.
fn pairs_of(curves: &[Option<ConfidenceCurve>]) -> usize {
    let tested = curves.iter().flatten().count();
    tested.saturating_mul(tested.saturating_sub(1)) / 2
}

/// Adjusted p-values in a family of so many pairs, of which these are all or some: in ascending order, the running maximum of
/// (family - k) p_k, k from 0. Of some it is above that of all, whose k is as large or larger.
fn holm(pairs: &mut [Pair], family: usize) {
    select::sort(pairs, |x, y| x.p.unwrap_or(f64::INFINITY) < y.p.unwrap_or(f64::INFINITY));
    let mut running = 0.0_f64;
    for (k, pair) in pairs.iter_mut().enumerate() {
        pair.p_holm = pair.p.map(|p| {
            let adjusted = p * family.saturating_sub(k) as f64;
            running = running.max(if adjusted < 1.0 { adjusted } else { 1.0 });
            running
        });
    }
    select::sort(pairs, |x, y| (x.a, x.b) < (y.a, y.b));
}

/// How a setting does at a number of samples.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Standing {
    /// L(n) with the percentiles of the replicates: their spread, narrower than a confidence interval where points are few.
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
        let ends =
            select::ends(laws.clone().map(|law| law.error_at(n)), laws.count(), 0.5 * (1.0 - confidence.level()))?;
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
