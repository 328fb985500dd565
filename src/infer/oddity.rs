//! What is odd about a curve, named with the point: a value that is not like the others, values that turn up again, a fall
//! that begins late.
mod kind;
mod look;
mod outlier;
mod shape;
mod trial;

use crate::fit::{Curve, Source, Syn2RealFit, source_of};
use crate::point::Point;

use super::InferError;
use super::problem::Problem;
pub use kind::{Oddity, Slip};
use shape::Shape;
use trial::Trial;

/// What is odd about the points of `fit`, at most four things: up to two values off the law of the others, a turn, a plateau.
///
/// A value is off if the fit without it is so much better that one of the points is by chance in .01 of all curves: the F
/// test of the fall of the cost, for a linear law Student's test of the externally studentised residual, with Bonferroni's
/// factor. Where the fit is bad (residuals of a tenth) two values are left out at once, too, which hide each other one by one.
/// It is a slipped decimal point if ten, a hundred or a thousand times its error, or ten times its size, or that part of
/// them, is within the noise of the others (p > .01).
///
/// A turn is the one-sided t test of the slope in ln n of the values from one of the sizes on, against the scatter about that
/// line and about the law before it, times the number of sizes tried. A plateau is the F test of the rectified law
/// ([`RectifiedLaw`](crate::RectifiedLaw)) against law (1). Both are asked without the values that are slips.
///
/// Each is tested where the residuals of the fit give it a p below .05 to first order, or where the fit is so bad that they say
/// nothing. Weights count as in the fit, the loss is the square loss; curves of more than 64 sizes are not searched, nor are
/// those with less than two points more than free parameters.
///
/// # Accuracy
/// False alarms and power by simulation: `cargo run --release --example oddities`.
///
/// # Errors
/// [`InferError::OtherPoints`] if the points are not those of the fit.
///
/// ```
/// use syn2real::Syn2RealLaw;
/// use syn2real::infer::{Oddity, Slip, oddities};
///
/// let mut points = [(1_000, 0.90), (2_000, 0.832), (4_000, 0.787), (8_000, 0.757), (16_000, 0.735), (32_000, 0.72), (64_000, 0.71)];
/// points[4].1 = 0.0735;
/// let fit = Syn2RealLaw::fit(&points)?;
/// let [first, ..] = oddities(&fit, &points)?;
/// let Some(Oddity::Outlier { index: 4, slip: Some(Slip::Error { instead }), .. }) = first else { panic!("{first:?}") };
/// assert!((instead - 0.735).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn oddities<T: Copy + Into<Point>>(fit: &Syn2RealFit, points: &[T]) -> Result<[Option<Oddity>; 4], InferError> {
    oddities_of(fit, &source_of(fit, points))
}

fn oddities_of(fit: &Syn2RealFit, data: &Source<'_>) -> Result<[Option<Oddity>; 4], InferError> {
    let mut curve = Curve::EMPTY;
    Problem::new(fit, data, &mut curve)?;
    let Some(trial) = Trial::new(fit, data).filter(|trial| trial.points >= trial.free + 2) else {
        return Ok([None; 4]);
    };
    let [outlier, turn, plateau] = look::worth(&trial, fit, data);
    let found = if outlier { outlier::find(&trial) } else { [None; 2] };
    let is_slip = found.iter().flatten().all(|found| found.slip.is_some());
    let without = found.map(|found| found.filter(|_| is_slip).map(|found| found.point));
    let shape = Shape::new(&trial, &without);
    let turn = if turn { shape.turn() } else { None };
    // What rises again is no late fall.
    let plateau = if plateau && turn.is_none() { shape.plateau() } else { None };
    // A value that no slip explains may be the shape's.
    let found = found.map(|found| found.filter(|_| is_slip || (turn.is_none() && plateau.is_none())));
    let [first, second] = found.map(|found| found.map(|found| found.oddity()));
    Ok([first, second, turn, plateau])
}
