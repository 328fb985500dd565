//! What users call.
mod curve;
mod display;
mod domain;
mod error;
mod estimate;
mod interval;
mod model;
mod newton;
mod optimum;
mod polish;
mod profile;
mod scale;
mod search;
mod spread;
mod options;
mod report;

pub use error::FitError;
pub use options::{FitOptions, Weights};
pub use interval::{Confidence, Interval};
pub use report::{Class, Fit, FitReport, Minimum, PowerFit, Syn2RealFit};

use crate::law::Syn2RealLaw;
use crate::point::Point;
use crate::solve::Mapped;
use optimum::Optimum;

impl Syn2RealLaw {
    /// Fits the law with the default options.
    ///
    /// # Errors
    /// See [`FitError`].
    pub fn fit<T: Copy + Into<Point>>(points: &[T]) -> Result<Syn2RealFit, FitError> {
        Syn2RealLaw::fit_with(points, &FitOptions::default())
    }

    /// Fits the law.
    ///
    /// # Errors
    /// See [`FitError`].
    pub fn fit_with<T: Copy + Into<Point>>(points: &[T], options: &FitOptions) -> Result<Syn2RealFit, FitError> {
        let data = Mapped::new(points, |&p: &T| -> Point { p.into() });
        let optimum = Optimum::find(points.iter().map(|&p| p.into()), &data, options)?;
        estimate::syn2real(&optimum, options, points.iter().map(|&p| p.into()))
    }

    /// Fits many curves: bit for bit what [`Self::fit_with`] gives for each.
    ///
    /// # Errors
    /// [`FitError::BadOption`] if `out` has not one slot for each curve.
    pub fn fit_many(curves: &[&[Point]], options: &FitOptions, out: &mut [Result<Syn2RealFit, FitError>]) {
        for (curve, slot) in curves.iter().zip(out) {
            *slot = Syn2RealLaw::fit_with(curve, options);
        }
    }
}
