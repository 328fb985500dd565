//! The next measurement: the one that tells most about the question that was asked, per cost.
//!
//! A measurement at n adds w j j' / s^2 to the information of a fit, where j is the gradient of its residual; so what it
//! will do to an interval is known before it is made, to the quadratic approximation of the fit (Silvey, Optimal Design,
//! 1980). c-optimal: the least variance of one quantity; D-optimal: the least volume of the confidence ellipsoid of all
//! parameters.
use crate::fit::{FullFit, Source, Syn2RealFit, each, source_of};
use crate::infer::{self, InferError, Quantity};
use crate::law::Parameter;
use crate::math;
use crate::point::Point;

use super::by_forecast::{self, Answer};
use super::error::PlanError;
use super::inverse::{LARGEST_COUNT, Size, fine_tune_size_at, synthetic_size_at};
use super::local::{Full, Local, Simple};
use super::options::{Basis, PlanOptions};

pub use super::odds::{VerdictOdds, verdict_odds};
pub use super::schedule::{Schedule, ScheduleOptions, Step, schedule};

/// A measurement that can be made.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Candidate {
    /// Synthetic samples, > 0.
    pub n: f64,
    /// What it costs, > 0, in any unit.
    pub cost: f64,
    /// Weight of its squared residual, > 0; that of m repeated measurements is m. With [`Weights::Sigma`](crate::Weights::Sigma)
    /// the standard deviation of its error.
    pub weight: f64,
}

impl Candidate {
    /// A measurement of cost 1 and weight 1: all that counts is what it tells.
    pub const fn new(n: f64) -> Candidate {
        Candidate { n, cost: 1.0, weight: 1.0 }
    }
    /// The same measurement at another cost.
    pub const fn with_cost(self, cost: f64) -> Candidate {
        Candidate { cost, ..self }
    }
}

/// A measurement over n and s that can be made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GridCandidate {
    /// Synthetic samples; >= 0, and above 0 unless the law has n0 > 0.
    pub n: f64,
    /// Fine-tuning samples, > 0.
    pub s: f64,
    /// What it costs, > 0, in any unit.
    pub cost: f64,
    /// Weight of its squared residual, > 0; with [`Weights::Sigma`](crate::Weights::Sigma) the standard deviation of its error.
    pub weight: f64,
}

impl GridCandidate {
    /// A measurement of cost 1 and weight 1.
    pub const fn new(n: f64, s: f64) -> GridCandidate {
        GridCandidate { n, s, cost: 1.0, weight: 1.0 }
    }
    /// The same measurement at another cost.
    pub const fn with_cost(self, cost: f64) -> GridCandidate {
        GridCandidate { cost, ..self }
    }
}

/// What the next measurement is for.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Aim {
    /// c-optimal: the shortest interval of this quantity (of ln n* for [`Quantity::SamplesFor`]; of C where n* does not
    /// exist).
    Quantity(Quantity),
    /// D-optimal: the smallest confidence ellipsoid of all free parameters.
    Parameters,
}

/// What the next measurement over n and s is for.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum GridAim {
    /// The shortest interval of a parameter of the law.
    Parameter(Parameter),
    /// The shortest interval of L(n, s).
    ErrorAt {
        /// Synthetic samples.
        n: f64,
        /// Fine-tuning samples.
        s: f64,
    },
    /// The shortest interval of ln n* at this s.
    SamplesFor {
        /// The error aimed at.
        target: f64,
        /// Fine-tuning samples.
        s: f64,
    },
    /// The shortest interval of ln s* at this n.
    FineTuneSizeFor {
        /// The error aimed at.
        target: f64,
        /// Synthetic samples.
        n: f64,
    },
    /// D-optimal: the smallest confidence ellipsoid of all free parameters.
    Parameters,
}

/// What a measurement is expected to do.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Prospect {
    /// Which candidate.
    pub index: usize,
    /// Standard error of the quantity after the measurement over that before; for [`Aim::Parameters`] the volume of the
    /// ellipsoid. In [0, 1]: small is good.
    pub shrink: f64,
    /// -ln(shrink) / cost: what the choice goes by.
    pub per_cost: f64,
    /// Expected half width of the quantity's interval after the measurement (with the scatter of now and one degree of
    /// freedom more); `None` for [`Aim::Parameters`], or if the scatter is not known.
    pub half_width: Option<f64>,
}

/// The candidate that shrinks the interval of the asked quantity (c-optimal) or the ellipsoid of all parameters
/// (D-optimal) most per cost: the largest -ln(shrink) / cost. The first of equals.
///
/// Where law (1) gives way to the forecast ([`Basis`]), it is the interval of ln L at the size where the
/// forecast's median meets the target (at the budget if that is less), or at the size asked for; parameters are of law (1).
///
/// # Errors
/// [`PlanError::NoCandidates`], [`PlanError::Size`] for a candidate's n or weight, [`PlanError::Cost`] for its cost,
/// [`PlanError::Law`] if the quantity is no parameter of law (1), [`PlanError::Infer`] if it is one that was held, or if the
/// points are not those of the fit, [`PlanError::ErrorsRise`] for a score, [`PlanError::TargetScale`];
/// [`PlanError::Contradiction`] for parameters by [`Basis::Forecast`].
///
/// # Accuracy
/// Asymptotic: to the quadratic approximation at the estimate. Against simulated measurements the choice is within 5 % of
/// the shortest expected interval (`tests/plan_design.rs`).
///
/// ```
/// use syn2real::infer::Quantity;
/// use syn2real::plan::PlanOptions;
/// use syn2real::plan::design::{Aim, Candidate, next};
/// use syn2real::{Parameter, Syn2RealLaw};
///
/// let points = [(1_000, 0.90), (2_000, 0.83), (4_000, 0.79), (8_000, 0.755), (16_000, 0.74), (32_000, 0.727)];
/// let fit = Syn2RealLaw::fit(&points)?;
/// let sizes = [500.0, 32_000.0, 64_000.0, 128_000.0].map(Candidate::new);
/// let aim = Aim::Quantity(Quantity::Parameter(Parameter::C));
/// // The gap is seen from far out ...
/// let far = next(&fit, &points, &sizes, aim, &PlanOptions::default())?;
/// assert_eq!(sizes[far.index].n, 128_000.0);
/// assert!(far.shrink < 0.8);
/// // ... unless each sample costs.
/// let priced = sizes.map(|c| c.with_cost(c.n));
/// assert!(next(&fit, &points, &priced, aim, &PlanOptions::default())?.index < far.index);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn next<T: Copy + Into<Point>>(
    fit: &Syn2RealFit,
    points: &[T],
    candidates: &[Candidate],
    aim: Aim,
    options: &PlanOptions,
) -> Result<Prospect, PlanError> {
    let data = source_of(fit, points);
    infer::check_points(fit, &data)?;
    let target = match aim {
        Aim::Quantity(Quantity::SamplesFor { target }) => Some(target),
        _ => None,
    };
    options.check_values(fit, target, each(&data))?;
    if let Some(prospect) = next_by_forecast(fit, &data, candidates, aim, options)? {
        return Ok(prospect);
    }
    let simple = Simple::new(fit, each(&data));
    let by = by_aim(&simple, aim)?;
    let rows = candidates.iter().map(|c| {
        check(&[(c.n, "n"), (c.weight, "weight")], c.cost)?;
        Ok((simple.row(c.n), simple.weight(c.n, c.weight), c.cost))
    });
    best(&simple.local, by, rows, options)
}

/// The same by the forecast, where that answers ([`Basis`]); `None` where law (1) does.
fn next_by_forecast(
    fit: &Syn2RealFit,
    data: &Source<'_>,
    candidates: &[Candidate],
    aim: Aim,
    options: &PlanOptions,
) -> Result<Option<Prospect>, PlanError> {
    let quantity = match aim {
        Aim::Quantity(quantity) if !matches!(quantity, Quantity::Parameter(_)) => quantity,
        // The forecast has no parameters.
        _ if options.basis == Basis::Forecast => return Err(PlanError::Contradiction { field: "basis" }),
        _ => return Ok(None),
    };
    let Answer::Forecast { forecast, .. } = by_forecast::answer(fit, data, options)? else { return Ok(None) };
    let budget = options.budget.unwrap_or(LARGEST_COUNT).min(LARGEST_COUNT);
    let Some(place) = by_forecast::place_of(&forecast, quantity, budget) else { return Ok(None) };
    let mut best = None;
    for (index, c) in candidates.iter().enumerate() {
        check(&[(c.n, "n"), (c.weight, "weight")], c.cost)?;
        let weight = by_forecast::weight(fit, data, &forecast, c.n, c.weight);
        let (shrink, half_width) = by_forecast::prospect(&forecast, quantity, place, (c.n, weight), options);
        keep(&mut best, index, shrink, c.cost, Some(half_width).filter(|width| width.is_finite()));
    }
    best.map(Some).ok_or(PlanError::NoCandidates)
}

/// As [`next`] for a law over n and s.
///
/// # Errors
/// As [`next`], and [`PlanError::NoCovariance`] if the fit has none.
///
/// ```
/// use syn2real::FullLaw;
/// use syn2real::plan::PlanOptions;
/// use syn2real::plan::design::{GridAim, GridCandidate, next_on_grid};
///
/// let points = [(1e3, 10., 0.90), (2e3, 10., 0.80), (4e3, 10., 0.75), (1e3, 40., 0.51), (2e3, 40., 0.45), (4e3, 40., 0.42)];
/// let fit = FullLaw::fit(&points)?;
/// let candidates = [GridCandidate::new(2e3, 20.0), GridCandidate::new(32e3, 160.0)];
/// let aim = GridAim::ErrorAt { n: 64e3, s: 160.0 };
/// assert_eq!(next_on_grid(&fit, &candidates, aim, &PlanOptions::default())?.index, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn next_on_grid(
    fit: &FullFit,
    candidates: &[GridCandidate],
    aim: GridAim,
    options: &PlanOptions,
) -> Result<Prospect, PlanError> {
    let full = Full::new(fit)?;
    let by = by_grid_aim(&full, aim)?;
    let rows = candidates.iter().map(|c| {
        check(&[(c.n + full.law.n0, "n"), (c.s, "s"), (c.weight, "weight")], c.cost)?;
        Ok((full.row(c.n, c.s), full.weight(c.n, c.s, c.weight), c.cost))
    });
    best(&full.local, by, rows, options)
}

pub(super) fn check(sizes: &[(f64, &'static str)], cost: f64) -> Result<(), PlanError> {
    let most = |field: &str| if field == "weight" { f64::MAX } else { LARGEST_COUNT };
    if let Some(&(_, field)) = sizes.iter().find(|(v, field)| !(*v > 0.0 && *v <= most(field))) {
        return Err(PlanError::Size { field });
    }
    if cost > 0.0 && cost < f64::INFINITY { Ok(()) } else { Err(PlanError::Cost { field: "cost" }) }
}

/// Gradient and extra variance of the quantity; `None` for all parameters.
fn by_aim(simple: &Simple, aim: Aim) -> Result<Option<([f64; 3], f64)>, PlanError> {
    match aim {
        Aim::Parameters => Ok(None),
        // What is held has no interval to shrink: any candidate would look as good as another.
        Aim::Quantity(Quantity::Parameter(parameter)) if simple.is_held(parameter) => {
            Err(InferError::Fixed { parameter }.into())
        }
        Aim::Quantity(quantity) => simple.gradient(quantity).map(Some),
    }
}

fn by_grid_aim(full: &Full, aim: GridAim) -> Result<Option<([f64; 6], f64)>, PlanError> {
    let law = &full.law;
    let gradient = match aim {
        GridAim::Parameters => return Ok(None),
        GridAim::Parameter(parameter) => {
            let all =
                [Parameter::Delta, Parameter::Gamma, Parameter::Alpha, Parameter::Beta, Parameter::N0, Parameter::E];
            if !all.contains(&parameter) {
                return Err(PlanError::Law { parameter });
            }
            all.map(|p| if p == parameter { 1.0 } else { 0.0 })
        }
        GridAim::ErrorAt { n, s } => {
            check(&[(n + law.n0, "n"), (s, "s")], 1.0)?;
            law.gradient_at(n, s)
        }
        GridAim::SamplesFor { target, s } => {
            check(&[(s, "s")], 1.0)?;
            let Size::At(n) = synthetic_size_at(law, s, target) else { return Err(PlanError::Target) };
            let [synthetic, _] = super::gain::marginal_gains(law, n, s);
            law.gradient_at(n, s).map(|v| v / (synthetic.per_sample * n))
        }
        GridAim::FineTuneSizeFor { target, n } => {
            check(&[(n + law.n0, "n")], 1.0)?;
            let Size::At(s) = fine_tune_size_at(law, n, target) else { return Err(PlanError::Target) };
            let [_, real] = super::gain::marginal_gains(law, n, s);
            law.gradient_at(n, s).map(|v| v / (real.per_sample * s))
        }
    };
    if gradient.iter().all(|v| v.is_finite()) { Ok(Some((gradient, 0.0))) } else { Err(PlanError::NoCovariance) }
}

/// The best of the rows (gradient, weight, cost).
fn best<const P: usize>(
    local: &Local<P>,
    by: Option<([f64; P], f64)>,
    rows: impl Iterator<Item = Result<([f64; P], f64, f64), PlanError>>,
    options: &PlanOptions,
) -> Result<Prospect, PlanError> {
    let quantile = local.quantile(options.confidence.level(), 1).filter(|_| local.degrees_of_freedom > 0);
    let mut best: Option<Prospect> = None;
    for (index, row) in rows.enumerate() {
        let (row, weight, cost) = row?;
        let (shrink, half_width) = match &by {
            None => (math::sqrt(1.0 / (1.0 + weight * local.form(&row, &row))), None),
            Some((by, extra)) => {
                let (before, after) = (local.form(by, by) + extra, positive(local.after(by, &row, weight)) + extra);
                let half = quantile.map(|q| q * math::sqrt(local.variance * after));
                // A quantity without variance, such as a parameter that is held, cannot be known better.
                (if before > 0.0 { math::sqrt(after / before) } else { 1.0 }, half)
            }
        };
        keep(&mut best, index, shrink, cost, half_width);
    }
    best.ok_or(PlanError::NoCandidates)
}

/// Keeps the better one.
fn keep(best: &mut Option<Prospect>, index: usize, shrink: f64, cost: f64, half_width: Option<f64>) {
    let per_cost = -math::ln(shrink) / cost;
    if best.is_none_or(|b| per_cost > b.per_cost) {
        *best = Some(Prospect { index, shrink, per_cost, half_width });
    }
}

/// Rounding may leave a variance just below 0.
fn positive(v: f64) -> f64 {
    if v > 0.0 { v } else { 0.0 }
}

/// Sizes looked at by [`where_to_measure`]: five to a doubling at the default reach and a series of 64 sizes.
const LOOKED_AT: usize = 48;

/// The size whose measurement tells most about L(budget), between the smallest one measured and the reach of the options;
/// the largest if the fit does not say.
pub(super) fn where_to_measure(fit: &Syn2RealFit, data: &Source<'_>, budget: f64, options: &PlanOptions) -> f64 {
    let report = fit.report();
    let top = (report.n_max * options.reach).min(budget).min(LARGEST_COUNT);
    let simple = Simple::new(fit, each(data));
    let Ok((by, _)) = simple.gradient(Quantity::ErrorAt { n: budget }) else { return top };
    let (low, high) = (math::ln(report.n_min), math::ln(top));
    // From the top down, so that the top is the answer to a tie and to NaN.
    let (mut at, mut least) = (top, simple.local.after(&by, &simple.row(top), 1.0));
    for k in 1..LOOKED_AT {
        let n = math::exp(high - (high - low) * k as f64 / (LOOKED_AT - 1) as f64);
        let after = simple.local.after(&by, &simple.row(n), 1.0);
        if after < least {
            (at, least) = (n, after);
        }
    }
    at
}
