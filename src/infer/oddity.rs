//! What is odd about a curve, named with the point: a value that is not like the others, values that turn up again, a fall
//! that begins late.
mod outlier;
mod shape;
mod trial;

use core::fmt;

use crate::fit::{Curve, Source, Syn2RealFit, source_of};
use crate::point::Point;

use super::InferError;
use super::check::P;
use super::problem::Problem;
use trial::Trial;

/// What is odd about a curve; it displays as one sentence. `index` is that of the point among those of the fit.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Oddity {
    /// A value off the law of the others.
    Outlier {
        /// The point.
        index: usize,
        /// Probability of a value as far off, or further, among all points, if they follow the law.
        p_value: f64,
        /// What puts it among the others.
        slip: Option<Slip>,
    },
    /// The values fall and then rise; the law does not.
    Turn {
        /// A point of the size from which on they rise, that with the least value.
        index: usize,
        /// Probability of so steep a rise from any size on, if the values do not rise.
        p_value: f64,
    },
    /// The values begin on a plateau, and fall from a size on; law (1) falls most at the smallest.
    Plateau {
        /// A point of the size from which on they fall.
        index: usize,
        /// Probability of so flat a start up to any size, if the values follow the law.
        p_value: f64,
    },
}

/// A decimal point in the wrong place: what was probably meant.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Slip {
    /// The error.
    Error {
        /// It times a power of ten.
        instead: f64,
    },
    /// The size.
    Size {
        /// It times a power of ten.
        instead: f64,
    },
}

impl Oddity {
    /// Below this p it is odd.
    pub const LEVEL: f64 = 0.01;

    /// The point that it is named with.
    pub fn index(&self) -> usize {
        match *self {
            Oddity::Outlier { index, .. } | Oddity::Turn { index, .. } | Oddity::Plateau { index, .. } => index,
        }
    }

    /// Its p-value.
    pub fn p_value(&self) -> f64 {
        match *self {
            Oddity::Outlier { p_value, .. } | Oddity::Turn { p_value, .. } | Oddity::Plateau { p_value, .. } => p_value,
        }
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.index().saturating_add(1);
        let p = P(self.p_value());
        match self {
            Oddity::Outlier { slip: Some(Slip::Error { instead }), .. } => write!(
                f,
                "slipped decimal point: the error of point {number} may be {instead} (off the law of the others, p = {p})"
            ),
            Oddity::Outlier { slip: Some(Slip::Size { instead }), .. } => write!(
                f,
                "slipped decimal point: the size of point {number} may be {instead} (off the law of the others, p = {p})"
            ),
            Oddity::Outlier { .. } => {
                write!(f, "point {number} is off the law of the others (p = {p}): measure it again")
            }
            Oddity::Turn { .. } => write!(
                f,
                "the values rise from point {number} on (p = {p}), the law falls: use points up to it, or look for \
                 overfitting or a changed setting beyond"
            ),
            Oddity::Plateau { .. } => write!(
                f,
                "the fall begins at point {number} (p = {p}), law (1) falls most at the start: fit a law that bends, or \
                 ask the forecast"
            ),
        }
    }
}

/// What is odd about the points of `fit`, at most four things: up to two values off the law of the others, a turn, a plateau.
///
/// A value is off if the fit without it is so much better that one of the points is by chance in .01 of all curves: the F
/// test of the fall of the cost, for a linear law Student's test of the externally studentised residual, with Bonferroni's
/// factor. Where the fit is bad (residuals of a tenth) two values are left out at once, too, which hide each other one by one.
/// It is a slipped decimal point if ten, a hundred or a thousand times its error, or ten times its size, or that part of
/// them, is within the noise of the others (p > .05).
///
/// A turn is the F test of a rise in ln n from one of the sizes on, behind the law up to it, against the law and a level
/// end; a plateau that of one level up to one of the sizes against the law; times the number of sizes tried. They are asked
/// without the values that are slips. Weights count as in the fit, the loss is the square loss; curves of more than 64 sizes are
/// not searched, nor are those with less than two points more than free parameters.
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
    let found = outlier::find(&trial);
    let is_slip = found.iter().flatten().all(|found| found.slip.is_some());
    let without = found.map(|found| found.filter(|_| is_slip).map(|found| found.point));
    let [turn, plateau] = shape::find(&trial, &without);
    // A value that no slip explains may be the shape's.
    let found = found.map(|found| found.filter(|_| is_slip || (turn.is_none() && plateau.is_none())));
    let [first, second] = found.map(|found| found.map(|found| found.oddity()));
    Ok([first, second, turn, plateau])
}
