//! What a curve can have that is odd.
use core::fmt;

use super::super::check::P;

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
        /// A point of the last size before they fall: a tenth of the fall over the data at most is behind it.
        index: usize,
        /// Probability of so much better a fit of the rectified law, if law (1) holds.
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
