//! How many samples make a target likely.
use crate::fit::{Confidence, Curve, Syn2RealFit, each, source_of};
use crate::infer::{Intervals, MadeBy, Method, Problem, Quantity};
use crate::point::Point;

use super::by_forecast::{Answer, answer};
use super::error::PlanError;
use super::inverse::LARGEST_COUNT;
use super::options::PlanOptions;

/// The samples with which a target is met with a given probability.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Assurance {
    /// The probability asked for.
    pub probability: f64,
    /// The smallest n, at most 2^53, at which L(n) is at or below the target with it; `None` if no n is known to be.
    pub n: Option<f64>,
    /// What the answer rests on; `None` where neither law (1) nor the forecast describes the data, or nothing is known of
    /// their scatter.
    pub method: Option<MadeBy>,
}

/// The smallest n that reaches the target with this probability in a study that is repeated: the one-sided limit of n* at
/// this level, by law (1) with profile intervals or by the forecast, as [`samples_for`](super::samples_for) would answer.
/// Where n* is the size that meets the target as likely as not, this is the one to render if it shall be met.
///
/// The budget has no part in it.
///
/// # Errors
/// [`PlanError::Probability`] unless 0 < probability < 1, and as [`samples_for`](super::samples_for).
///
/// ```
/// use syn2real::Syn2RealLaw;
/// use syn2real::plan::{PlanOptions, assurance, samples_for};
///
/// let points = [(1_000, 0.900), (2_000, 0.848), (4_000, 0.8105), (8_000, 0.785), (16_000, 0.766), (32_000, 0.753), (64_000, 0.743)];
/// let (fit, options) = (Syn2RealLaw::fit(&points)?, PlanOptions::default());
/// let n = |probability| Ok::<_, syn2real::plan::PlanError>(assurance(&fit, &points, 0.74, probability, &options)?.n);
/// let interval = samples_for(&fit, &points, 0.74, &options)?.n().unwrap();
/// assert!(interval.estimate < n(0.8)? && n(0.8)? < n(0.9)? && n(0.9)? < interval.upper);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn assurance<T: Copy + Into<Point>>(
    fit: &Syn2RealFit,
    points: &[T],
    target: f64,
    probability: f64,
    options: &PlanOptions,
) -> Result<Assurance, PlanError> {
    if !(probability > 0.0 && probability < 1.0) {
        return Err(PlanError::Probability);
    }
    options.check(target, fit.report().n_max)?;
    let (data, mut curve) = (source_of(fit, points), Curve::EMPTY);
    let problem = Problem::new(fit, &data, &mut curve)?;
    options.check_values(fit, Some(target), each(&data))?;
    let unknown = Assurance { probability, n: None, method: None };
    match answer(fit, &data, options)? {
        Answer::Law { misfit: Some(_) } | Answer::Forecast { refuted: Some(_), .. } => Ok(unknown),
        Answer::Forecast { forecast, .. } => {
            let n = forecast.samples_for(target, probability, LARGEST_COUNT);
            Ok(Assurance { n, method: Some(MadeBy::Forecast), ..unknown })
        }
        Answer::Law { misfit: None } => {
            let free = fit.report().fixed.iter().filter(|held| !**held).count();
            if fit.report().points <= free {
                return Ok(unknown);
            }
            // The end of a two-sided interval is a one-sided limit; one half is its middle.
            let n = match 2.0 * probability - 1.0 {
                0.0 => problem.estimate(Quantity::SamplesFor { target }),
                level => {
                    let intervals = Intervals::new(&problem, Confidence::new(level.abs())?, Method::Profile)?;
                    let n = intervals.of(Quantity::SamplesFor { target })?;
                    if level > 0.0 { n.upper } else { n.lower }
                }
            };
            Ok(Assurance { n: n.filter(|n| *n <= LARGEST_COUNT), method: Some(MadeBy::Profile), ..unknown })
        }
    }
}
