//! Complexity of pre-training data (section 4.5 of the paper): the entropy of the Gaussian fitted to the last activations of
//! a reference network, and its rank correlation with alpha and C over settings.
//!
//! H = 1/2 (d ln(2 pi e) + ln det Sigma); the paper plots -H. Sigma is accumulated in the caller's memory, d (d + 3)/2
//! values for d units, in one pass; parts that were accumulated apart are merged.
mod cholesky;
mod correlation;
mod covariance;
mod entropy;
mod error;
mod tiles;

pub use correlation::{RankCorrelation, kendall, spearman};
pub use covariance::Covariance;
pub use entropy::{Entropy, EntropyOptions, Normalisation, RankPolicy};
pub use error::ComplexityError;
