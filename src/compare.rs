//! Which law: AICc of fits of the same points, and errors on held-out sizes.
//!
//! R^2 and the cost alone always prefer the law with more parameters; AICc (Hurvich and Tsai 1989) charges for them, and
//! the largest sizes, held out of the fit, ask what the law is for.
mod preferred;

pub use preferred::{EitherFit, LawChoice, PreferOptions, Preferred, PreferredBy, preferred};

use crate::fit::{
    self, AdditiveFit, AdditiveOptions, Bend, Fit, FitError, FullBentFit, FullBentOptions, FullFit, FullOptions,
    FullReport, GridFit, GridRows, Weights, raw, rows, weighed_row,
};
use crate::law::{AnyLaw, GridLaw, Residual};
use crate::math;
use crate::point::GridPoint;
use crate::solve::Loss;

/// What AICc needs of a fit.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Score {
    /// Space of the residual.
    pub residual: Residual,
    /// What the weights meant.
    pub weights: Weights,
    /// Cost, 1/2 sum w r^2.
    pub cost: f64,
    /// Points with a weight above 0.
    pub points: usize,
    /// Parameters that were estimated, those on a bound included, those held by the options not.
    pub parameters: usize,
    /// Whether the loss is the square: for others the cost is no likelihood.
    pub is_square: bool,
}

mod sealed {
    pub trait Sealed {}
}

/// A fit that can be compared: [`Fit`], [`GridFit`] and [`FullBentFit`].
pub trait Scored: sealed::Sealed {
    /// What AICc needs.
    fn score(&self) -> Score;
}

impl<L, const P: usize> sealed::Sealed for Fit<L, P> {}
impl<L: Copy, const P: usize> Scored for Fit<L, P> {
    fn score(&self) -> Score {
        let r = Fit::report(self);
        Score {
            residual: r.residual,
            weights: r.weights,
            cost: r.cost,
            points: r.points,
            parameters: r.fixed.iter().filter(|&&f| !f).count(),
            is_square: r.loss == Loss::Square,
        }
    }
}

impl<L, const P: usize> sealed::Sealed for GridFit<L, P> {}
impl<L: GridLaw, const P: usize> Scored for GridFit<L, P> {
    fn score(&self) -> Score {
        let &FullReport { residual, weights, cost, points, parameters, loss, .. } = GridFit::report(self);
        Score { residual, weights, cost, points, parameters, is_square: loss == Loss::Square }
    }
}

impl sealed::Sealed for FullBentFit {}
impl Scored for FullBentFit {
    fn score(&self) -> Score {
        let &FullReport { residual, weights, cost, points, parameters, loss, .. } = FullBentFit::report(self);
        Score { residual, weights, cost, points, parameters, is_square: loss == Loss::Square }
    }
}

/// AICc of a fit up to a constant that depends on the points, their weights and the residual space alone: Gaussian, N ln(2 cost / N) +
/// 2 k + 2 k (k + 1) / (N - k - 1), where k counts the parameters and sigma. With absolute weights sigma is known:
/// 2 cost takes the place of the first term and k does not count it. Lower is better; compare by [`difference`].
///
/// `None` if N - k - 1 <= 0, in the Huber loss, or if the residuals are all 0.
///
/// ```
/// use syn2real::{PowerLaw, Syn2RealLaw, compare};
///
/// let points = [(1_000, 0.9575), (2_000, 0.9534), (4_000, 0.9471), (8_000, 0.9455), (16_000, 0.9432), (32_000, 0.9403), (64_000, 0.9377)];
/// let (law, power) = (Syn2RealLaw::fit(&points)?, PowerLaw::fit(&points)?);
/// // Seven points: the gap explains more, by less than it costs or more than that.
/// let gain = compare::difference(&law, &power).expect("the same points in the same space");
/// assert_eq!(Some(gain), compare::aicc(&law).zip(compare::aicc(&power)).map(|(a, b)| a - b));
/// # Ok::<(), syn2real::FitError>(())
/// ```
pub fn aicc(fit: &impl Scored) -> Option<f64> {
    let s = fit.score();
    let absolute = s.weights.is_absolute();
    let (n, k) = (s.points as f64, s.parameters as f64 + if absolute { 0.0 } else { 1.0 });
    let left = n - k - 1.0;
    if left <= 0.0 || !s.is_square {
        return None;
    }
    let fit = if absolute { 2.0 * s.cost } else { n * math::ln(2.0 * s.cost / n) };
    Some(fit + 2.0 * k + 2.0 * k * (k + 1.0) / left).filter(|v| v.is_finite())
}

/// AICc of `a` minus that of `b`: below -2 or so `a` is the better description of the points, above 2 `b`.
///
/// `None` if one has no [`aicc`], or if they differ in residual space, kind of weights or number of points; that the points are the same is
/// up to the caller.
pub fn difference(a: &impl Scored, b: &impl Scored) -> Option<f64> {
    let (p, q) = (a.score(), b.score());
    let comparable = p.residual == q.residual && p.weights == q.weights && p.points == q.points;
    if comparable { Some(aicc(a)? - aicc(b)?) } else { None }
}

/// One law in a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Comparison {
    /// `full`, `additive` or `power`; `shifted`, `rectified` or `bent` of [`bent_laws`].
    pub law: &'static str,
    /// AICc over all points; see [`aicc`].
    pub aicc: Option<f64>,
    /// Root of the weighted mean square of the residuals (in the residual space of the options) at the held-out sizes, of
    /// the law fitted to the others; `None` if that fit fails or nothing is held out.
    pub holdout_rmse: Option<f64>,
}

/// The multiplicative law with these options, the additive law with E free, and the power law (gamma = 0), on the same
/// points: AICc of all, and errors at the `hold_out_n` largest distinct n of fits to the smaller n.
///
/// A law that cannot be fitted has `None`; rows with n = 0 leave the additive law out.
///
/// # Errors
/// What the fit of the full law to all points says.
///
/// ```
/// use syn2real::{FullLaw, FullOptions, compare};
///
/// let truth = FullLaw { delta: 42.0, gamma: 0.5, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
/// let points: [_; 20] = core::array::from_fn(|i| {
///     let (n, s) = (1e3 * [1.0, 2.0, 4.0, 8.0, 16.0][i % 5], 1e4 * [1.0, 2.0, 4.0, 8.0][i / 5]);
///     // An alternating error of 0.1 % for noise.
///     (n, s, truth.error_at(n, s) * if i % 2 == 0 { 1.001 } else { 0.999 })
/// });
/// let [full, additive, power] = compare::full_laws(&points, &FullOptions::default(), 1)?;
/// assert!(full.aicc < additive.aicc && full.aicc < power.aicc);
/// assert!(full.holdout_rmse.unwrap() < power.holdout_rmse.unwrap());
/// # Ok::<(), syn2real::FitError>(())
/// ```
pub fn full_laws<T: Copy + Into<GridPoint>>(
    points: &[T],
    options: &FullOptions,
    hold_out_n: usize,
) -> Result<[Comparison; 3], FitError> {
    full_laws_of(&raw(points), options, hold_out_n)
}

fn full_laws_of(points: &GridRows<'_>, options: &FullOptions, hold_out_n: usize) -> Result<[Comparison; 3], FitError> {
    let plain = FullOptions { covariance: false, ..*options };
    let sum = additive_options(&plain);
    let power = FullOptions { fixed_gamma: Some(0.0), ..plain };
    let full_fit = fit::full(points, f64::INFINITY, &plain)?;
    let sum_fit = fit::additive(points, f64::INFINITY, &sum);
    let power_fit = fit::full(points, f64::INFINITY, &power);
    let mut all = [
        Comparison { law: "full", aicc: aicc(&full_fit), holdout_rmse: None },
        Comparison { law: "additive", aicc: sum_fit.ok().and_then(|f: AdditiveFit| aicc(&f)), holdout_rmse: None },
        Comparison { law: "power", aicc: power_fit.ok().and_then(|f: FullFit| aicc(&f)), holdout_rmse: None },
    ];
    let Some(n_max) = largest_trained(points, hold_out_n) else { return Ok(all) };
    let scores = [
        held_out(points, n_max, options, fit::full(points, n_max, &plain)),
        held_out(points, n_max, options, fit::additive(points, n_max, &sum)),
        held_out(points, n_max, options, fit::full(points, n_max, &power)),
    ];
    for (slot, score) in all.iter_mut().zip(scores) {
        slot.holdout_rmse = score;
    }
    Ok(all)
}

/// The laws with a bend over n, n_h free: shifted (the full law with n0), rectified and bent, on the same points with the
/// space, loss, weights, domains and held parameters of these options. A law that cannot be fitted has `None`; rows with n = 0
/// are data of all three, and AICc is comparable with that of [`full_laws`] where there are none.
///
/// ```
/// use syn2real::{FullBentLaw, FullOptions, compare};
///
/// let truth = FullBentLaw { delta: 42.0, gamma: 0.02, alpha: 0.6, beta: 0.3, n_h: 3e3, sharpness: 3.0, e: 0.0 };
/// let points: [_; 24] = core::array::from_fn(|i| {
///     let (n, s) = ([0.0, 1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 64e3][i % 8], 1e4 * [1.0, 4.0, 16.0][i / 8]);
///     // An alternating error of 0.2 % for noise.
///     (n, s, truth.error_at(n, s) * if i % 2 == 0 { 1.002 } else { 0.998 })
/// });
/// let [shifted, rectified, bent] = compare::bent_laws(&points, &FullOptions::default(), 1);
/// assert!(bent.aicc < shifted.aicc && bent.aicc < rectified.aicc);
/// assert!(bent.holdout_rmse.unwrap() < 0.01);
/// ```
pub fn bent_laws<T: Copy + Into<GridPoint>>(points: &[T], options: &FullOptions, hold_out_n: usize) -> [Comparison; 3] {
    bent_laws_of(&raw(points), options, hold_out_n)
}

fn bent_laws_of(points: &GridRows<'_>, options: &FullOptions, hold_out_n: usize) -> [Comparison; 3] {
    let n_max = largest_trained(points, hold_out_n);
    let laws = [("shifted", Bend::Shifted), ("rectified", Bend::Rectified), ("bent", Bend::Bent)];
    laws.map(|(law, bend)| {
        let options = bent_options(options, bend);
        let whole = fit::full_bent(points, f64::INFINITY, &options);
        let aicc = whole.ok().and_then(|fit: FullBentFit| aicc(&fit));
        let holdout_rmse = n_max.and_then(|n_max| {
            let law = fit::full_bent(points, n_max, &options).ok()?.law();
            rmse(points, n_max, (options.weights, options.residual), |n, s| law.error_at(n, s))
        });
        Comparison { law, aicc, holdout_rmse }
    })
}

/// The options of the law with a bend that go with those of the full law, n_h free.
fn bent_options(full: &FullOptions, bend: Bend) -> FullBentOptions {
    FullBentOptions {
        bend,
        residual: full.residual,
        loss: full.loss,
        fixed_delta: full.fixed_delta,
        fixed_gamma: full.fixed_gamma,
        fixed_alpha: full.fixed_alpha,
        fixed_beta: full.fixed_beta,
        fixed_e: full.fixed_e,
        delta: full.delta,
        gamma: full.gamma,
        alpha: full.alpha,
        beta: full.beta,
        n_h: full.n0,
        e: full.e,
        weights: full.weights,
        covariance: false,
        isa: full.isa,
        ..FullBentOptions::default()
    }
}

/// The options of the additive law that go with those of the full law: the same space, loss, weights and domains of the rates,
/// E free.
pub(crate) fn additive_options(full: &FullOptions) -> AdditiveOptions {
    AdditiveOptions {
        residual: full.residual,
        loss: full.loss,
        fixed_alpha: full.fixed_alpha,
        fixed_beta: full.fixed_beta,
        alpha: full.alpha,
        beta: full.beta,
        weights: full.weights,
        covariance: full.covariance,
        isa: full.isa,
        ..AdditiveOptions::default()
    }
}

/// The rows that are measured.
fn used<'a>(points: &'a GridRows<'a>) -> impl Iterator<Item = GridPoint> + Clone + 'a {
    rows(points).filter(|p| p.weight > 0.0)
}

/// The largest n below the `hold_out` largest distinct ones; `None` if nothing is held out or nothing left.
fn largest_trained(points: &GridRows<'_>, hold_out: usize) -> Option<f64> {
    let below = |bound: f64| used(points).map(|p| p.n).filter(|&n| n < bound).fold(f64::NEG_INFINITY, f64::max);
    let mut bound = f64::INFINITY;
    for _ in 0..hold_out.min(points.len()) {
        bound = below(bound);
    }
    Some(below(bound)).filter(|n| hold_out > 0 && *n >= 0.0)
}

fn held_out<L: GridLaw, const P: usize>(
    points: &GridRows<'_>,
    n_max: f64,
    options: &FullOptions,
    fit: Result<GridFit<L, P>, FitError>,
) -> Option<f64> {
    let law = AnyLaw::of(&fit.ok()?.law());
    rmse(points, n_max, (options.weights, options.residual), |n, s| law.value_at(n, s))
}

fn rmse(
    points: &GridRows<'_>,
    n_max: f64,
    (weights, residual): (Weights, Residual),
    law: impl Fn(f64, f64) -> f64,
) -> Option<f64> {
    let (mut square, mut weight) = (0.0, 0.0);
    for p in used(points).filter(|p| p.n > n_max).map(|p| weighed_row(p, weights, residual)) {
        let (r, _) = residual.of(law(p.n, p.s), p.error);
        square += p.weight * r * r;
        weight += p.weight;
    }
    Some(math::sqrt(square / weight)).filter(|r| r.is_finite())
}
