//! Bands: intervals of the curve and of new measurements at many sizes.
use crate::fit::{Confidence, Curve, Source, Syn2RealFit, source_of};
use crate::point::Point;

use super::problem::Problem;
use super::region::Region;
use super::{InferError, Method, Quantity, wald};

/// The intervals at one size.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Band {
    /// L(n).
    pub error: f64,
    /// Lower and upper limit of the curve; `None` where the data set none.
    pub curve: [Option<f64>; 2],
    /// Lower and upper limit of a new measurement of weight 1.
    pub measurement: [Option<f64>; 2],
}

/// Fills `out[k]` with the pointwise intervals at `n[k]`: what [`interval`](super::interval) gives for
/// [`Quantity::ErrorAt`] and [`Quantity::MeasurementAt`], with the region found once.
///
/// # Errors
/// As [`interval`](super::interval), and [`InferError::BadOption`] for `out` if the lengths differ.
///
/// ```
/// use syn2real::infer::{Band, Method, band};
/// use syn2real::{Confidence, Syn2RealLaw};
///
/// let points = [(1_000, 0.90), (2_000, 0.83), (4_000, 0.79), (8_000, 0.755), (16_000, 0.74), (32_000, 0.727)];
/// let fit = Syn2RealLaw::fit(&points)?;
/// let mut out = [Band::default(); 2];
/// band(&fit, &points, &[1e3, 1e5], Confidence::P95, Method::Profile, &mut out)?;
/// assert!(out[1].measurement[0] < out[1].curve[0] && out[1].curve[1] < out[1].measurement[1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn band<T: Copy + Into<Point>>(
    fit: &Syn2RealFit,
    points: &[T],
    n: &[f64],
    confidence: Confidence,
    method: Method,
    out: &mut [Band],
) -> Result<(), InferError> {
    if n.len() != out.len() {
        return Err(InferError::BadOption { field: "out" });
    }
    band_of(fit, &source_of(fit, points), n, confidence, method, out)
}

fn band_of(
    fit: &Syn2RealFit,
    data: &Source<'_>,
    n: &[f64],
    confidence: Confidence,
    method: Method,
    out: &mut [Band],
) -> Result<(), InferError> {
    let mut curve = Curve::EMPTY;
    let problem = Problem::new(fit, data, &mut curve)?;
    let region = match method {
        Method::Wald => None,
        Method::Profile => Some(Region::new(&problem, confidence)?),
    };
    for (&n, slot) in n.iter().zip(out) {
        Quantity::ErrorAt { n }.check()?;
        let error = fit.law().error_at(n);
        let by_wald = |quantity| wald::interval(&problem, quantity, confidence).map(|i| [i.lower, i.upper]);
        *slot = match &region {
            Some(region) => {
                let ends = region.ends_of_error(n)?;
                let (curve, measurement) = (region.curve_limits(n, &ends), region.measurement_limits(n, &ends)?);
                Band { error, curve, measurement }
            }
            None => Band {
                error,
                curve: by_wald(Quantity::ErrorAt { n })?,
                measurement: by_wald(Quantity::MeasurementAt { n })?,
            },
        };
    }
    Ok(())
}
