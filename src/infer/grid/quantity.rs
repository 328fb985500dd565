//! What an interval over n and s is of.
use crate::law::{GridLaw, Parameter, Syn2RealLaw};
use crate::math;

use super::super::InferError;
use super::super::quantity::LARGEST_N;

/// What an interval of a law over n and s is asked of.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum GridQuantity {
    /// A parameter of the law.
    Parameter(Parameter),
    /// L(n, s): what the mean of many measurements there tends to.
    ErrorAt {
        /// Synthetic samples, n + n0 > 0, at most 2^53.
        n: f64,
        /// Real samples, 0 < s <= 2^53.
        s: f64,
    },
    /// One new measurement of weight 1 at (n, s): a prediction interval.
    MeasurementAt {
        /// Synthetic samples, n + n0 > 0, at most 2^53.
        n: f64,
        /// Real samples, 0 < s <= 2^53.
        s: f64,
    },
    /// What no number of synthetic samples removes at s: delta gamma s^-beta + E, or B s^-beta + E.
    GapAt {
        /// Real samples, 0 < s <= 2^53.
        s: f64,
    },
    /// What no number of real samples removes at n: E, or A n^-alpha + E.
    FloorAt {
        /// Synthetic samples, n + n0 > 0, at most 2^53.
        n: f64,
    },
    /// n* at s: the synthetic samples after which L(n*, s) = target.
    SamplesFor {
        /// The error aimed at, > 0.
        target: f64,
        /// Real samples, 0 < s <= 2^53.
        s: f64,
    },
    /// s* at n: the real samples after which L(n, s*) = target.
    FineTuneSizeFor {
        /// The error aimed at, > 0.
        target: f64,
        /// Synthetic samples, n + n0 > 0, at most 2^53.
        n: f64,
    },
}

impl GridQuantity {
    /// `offset` is n0, or infinite where it is free.
    pub(crate) fn check(self, offset: f64) -> Result<(), InferError> {
        let size = |value: f64, field| {
            if value > 0.0 && value <= LARGEST_N { Ok(()) } else { Err(InferError::Quantity { field }) }
        };
        let synthetic = |n: f64| if n == 0.0 && offset > 0.0 { Ok(()) } else { size(n, "n") };
        let error = |target: f64| match target > 0.0 && target < f64::INFINITY {
            true => Ok(()),
            false => Err(InferError::Quantity { field: "target" }),
        };
        match self {
            GridQuantity::Parameter(_) => Ok(()),
            GridQuantity::ErrorAt { n, s } | GridQuantity::MeasurementAt { n, s } => synthetic(n).and(size(s, "s")),
            GridQuantity::GapAt { s } => size(s, "s"),
            GridQuantity::FloorAt { n } => synthetic(n),
            GridQuantity::SamplesFor { target, s } => error(target).and(size(s, "s")),
            GridQuantity::FineTuneSizeFor { target, n } => error(target).and(synthetic(n)),
        }
    }

    /// The value of a law; `None` where it has none.
    pub(crate) fn of<L: GridLaw>(self, law: &L) -> Option<f64> {
        let value = match self {
            GridQuantity::Parameter(parameter) => law.parameter(parameter)?,
            GridQuantity::ErrorAt { n, s } | GridQuantity::MeasurementAt { n, s } => law.value_at(n, s),
            GridQuantity::GapAt { s } => law.over_n(s).c,
            GridQuantity::FloorAt { n } => law.over_s(n).c,
            GridQuantity::SamplesFor { target, s } => (size_for(&law.over_n(s), target)? - law.offset()).max(0.0),
            GridQuantity::FineTuneSizeFor { target, n } => size_for(&law.over_s(n), target)?,
        };
        Some(value).filter(|v| v.is_finite())
    }
}

/// (D / (target - C))^(1/alpha); 0 where the law is below the target everywhere.
pub(super) fn size_for(law: &Syn2RealLaw, target: f64) -> Option<f64> {
    if law.c >= target {
        return None;
    }
    if law.d == 0.0 {
        return Some(0.0);
    }
    if law.alpha == 0.0 {
        return Some(0.0).filter(|_| law.d + law.c <= target);
    }
    Some(math::exp((math::ln(law.d) - math::ln(target - law.c)) / law.alpha)).filter(|n| n.is_finite())
}
