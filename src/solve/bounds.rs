//! Box bounds.

/// A closed interval; infinite ends are none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

/// Which end of a [`Bounds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The lower end.
    Lower,
    /// The upper end.
    Upper,
}

impl Bounds {
    /// No bounds.
    pub const FREE: Bounds = Bounds { lower: f64::NEG_INFINITY, upper: f64::INFINITY };
    /// [lower, upper].
    pub const fn new(lower: f64, upper: f64) -> Bounds {
        Bounds { lower, upper }
    }
}

impl From<(f64, f64)> for Bounds {
    fn from((lower, upper): (f64, f64)) -> Bounds {
        Bounds { lower, upper }
    }
}
