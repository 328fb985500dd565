//! Why there is no complexity.
use core::fmt;

/// Why there is no complexity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ComplexityError {
    /// A buffer of the caller has the wrong length.
    Buffer {
        /// `mean` or `packed`.
        buffer: &'static str,
        /// Length needed.
        needed: usize,
        /// Length given.
        got: usize,
    },
    /// The values are not whole rows of the dimension.
    Rows {
        /// Values of a row.
        dimension: usize,
        /// Values given.
        got: usize,
    },
    /// A value is NaN or infinite.
    NotFinite {
        /// Its row, from 0, over everything pushed so far.
        row: u64,
        /// Its column, from 0.
        column: usize,
    },
    /// Accumulators of different dimensions cannot be merged.
    Dimensions {
        /// Dimension of the one that was to grow.
        dimension: usize,
        /// Dimension of the other.
        other: usize,
    },
    /// Fewer samples than a covariance, or pairs than a correlation needs.
    TooFewSamples {
        /// Needed.
        needed: u64,
        /// Given.
        got: u64,
    },
    /// The covariance has no full rank: too few samples, units that never change, or units that depend on others.
    RankDeficient {
        /// Its rank.
        rank: usize,
        /// Its dimension.
        dimension: usize,
        /// Samples behind it.
        samples: u64,
    },
    /// The shrinkage is not in (0, 1].
    Shrinkage,
    /// A sum of squares left the range of f64.
    Overflow,
    /// The two series of a correlation have different lengths.
    Lengths {
        /// Length of the first.
        first: usize,
        /// Length of the second.
        second: usize,
    },
    /// All values of a series are equal, so that it has no ranks.
    Constant {
        /// `first` or `second`.
        series: &'static str,
    },
}

impl fmt::Display for ComplexityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ComplexityError::Buffer { buffer, needed, got } => {
                write!(
                    f,
                    "buffer {buffer} needs {needed} values, has {got}: mean takes d >= 1, packed d (d + 1)/2 values"
                )
            }
            ComplexityError::Rows { dimension, got } => {
                write!(f, "{got} values are not whole rows of {dimension}: pass one activation for each unit")
            }
            ComplexityError::NotFinite { row, column } => {
                write!(f, "row {row}, column {column} is NaN or infinite: leave the sample out or repair the network")
            }
            ComplexityError::Dimensions { dimension, other } => {
                write!(f, "dimensions {dimension} and {other} differ: merge activations of one layer only")
            }
            ComplexityError::TooFewSamples { needed, got } => {
                write!(f, "needs at least {needed} samples, got {got}: add some")
            }
            ComplexityError::RankDeficient { rank, dimension, samples } => write!(
                f,
                "the covariance of {samples} samples has rank {rank} of {dimension}: add samples, leave dead units out, or ask for shrinkage or the pseudo-determinant"
            ),
            ComplexityError::Shrinkage => {
                f.write_str("the shrinkage must lie in (0, 1]: 0 is the strict handling of the rank")
            }
            ComplexityError::Overflow => {
                f.write_str("a sum of squares leaves the range of f64: scale the activations down")
            }
            ComplexityError::Lengths { first, second } => {
                write!(
                    f,
                    "series of {first} and {second} values cannot be paired: pass one value of each for every setting"
                )
            }
            ComplexityError::Constant { series } => {
                write!(f, "all values of the {series} series are equal: a correlation needs settings that differ")
            }
        }
    }
}

impl core::error::Error for ComplexityError {}
