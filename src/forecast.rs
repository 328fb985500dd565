//! What the error will be at sizes that were never measured.
//!
//! [`best`] takes no law for granted. It averages over the bent law L = C + (A - C) (1 + (n / n_h)^beta)^-kappa, of which the
//! rectified law, the shifted law and law (1) are edges, by what the data and a weak prior say of its parameters, moves the
//! result by what rolling hold-outs of the same curve got wrong, and widens its bands by the share of the forecast fall
//! that laws get wrong beyond the data. On public curves it errs less than the best single law of each kind of curve
//! (docs/forecast.md). [`evidence`] fits all laws, tests them against law (1) and weighs them by AICc.
//!
//! ```
//! use syn2real::Confidence;
//! use syn2real::forecast::{ForecastOptions, best};
//!
//! let points = [(200, 2.40), (400, 2.34), (800, 2.25), (1_600, 2.12), (3_200, 1.97), (6_400, 1.83), (12_800, 1.70)];
//! let forecast = best(&points, &ForecastOptions::default())?;
//! let there = forecast.at(51_200.0, Confidence::P95);
//! assert!(there.error < 1.60 && there.measurement[0] < there.curve[0] && there.curve[1] < there.measurement[1]);
//! // 51,200 lies a third of the measured range beyond it.
//! assert!((there.distance - 0.333).abs() < 1e-3);
//! assert!(forecast.probability(51_200.0, 1.7) > 0.9);
//! # Ok::<(), syn2real::forecast::ForecastError>(())
//! ```
mod average;
mod calibration;
mod error;
mod evidence;
mod learn;
mod options;
mod posterior;
mod prior;
mod rows;
mod shape;
mod target;

pub(crate) use average::best_of;
pub use average::{Forecast, Outlook};
pub use calibration::Calibration;
pub use error::ForecastError;
pub use evidence::{Contender, Evidence, LawFit, LawName};
pub use options::ForecastOptions;
pub use prior::Prior;

use crate::fit::{FitOptions, Trained, source};
use crate::law::Residual;
use crate::point::Point;

/// The forecast of a curve: of L(n) and of a new measurement at any n.
///
/// Rows with n = 0 are left out: they say what the start is worth, and little of the far end (docs/forecast.md).
///
/// # Errors
/// [`ForecastError::Fit`] if a point cannot be used or fewer than three distinct n above 0 have a weight;
/// [`ForecastError::Prior`] for an option of the prior out of its range.
///
/// # Accuracy
/// docs/forecast.md has what it got wrong on public curves, and how often its bands held.
pub fn best<T: Copy + Into<Point>>(points: &[T], options: &ForecastOptions) -> Result<Forecast, ForecastError> {
    best_of(&source(points, options.weights, Residual::Log), options)
}

/// The evidence for each law: fits of the power law, law (1) and the laws that bend to the same points (n > 0), AICc, and
/// tests against law (1), in the residual, with the bounds and the weights of the options.
///
/// ```
/// use syn2real::FitOptions;
/// use syn2real::forecast::{LawName, evidence};
///
/// let points = [
///     (1_000, 0.8992), (2_000, 0.8966), (4_000, 0.8871), (8_000, 0.8560), (16_000, 0.7803), (32_000, 0.6669),
///     (64_000, 0.5565), (128_000, 0.4699), (256_000, 0.4020), (512_000, 0.3524),
/// ];
/// let evidence = evidence(&points, &FitOptions::default());
/// assert!(evidence.refuses_law_one() && evidence.preferred() == Some(LawName::Bent), "{evidence}");
/// ```
pub fn evidence<T: Copy + Into<Point>>(points: &[T], options: &FitOptions) -> Evidence {
    Evidence::new(&Trained(&source(points, options.weights, options.residual)), options)
}
