//! Entropy of the Gaussian with the accumulated covariance.
use super::cholesky;
use super::covariance::Covariance;
use super::error::ComplexityError;
use super::tiles::row_start;
use crate::math;

/// What the scatter is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Normalisation {
    /// N - 1: the unbiased covariance, as numpy.cov; the default.
    #[default]
    Unbiased,
    /// N: maximum likelihood.
    MaximumLikelihood,
}

/// What becomes of a covariance without full rank.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum RankPolicy {
    /// An error that names the rank; the default: the entropy of a Gaussian on a subspace is minus infinity.
    #[default]
    Strict,
    /// (1 - lambda) Sigma + lambda (tr Sigma / d) I with this lambda in (0, 1] (Ledoit and Wolf 2004), which has full
    /// rank.
    Shrinkage(f64),
    /// The product of the eigenvalues that are not 0, and the rank in place of d: the entropy within the subspace.
    PseudoDeterminant,
}

/// Options of [`Covariance::entropy`].
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct EntropyOptions {
    /// What the scatter is divided by. Default: N - 1.
    pub normalisation: Normalisation,
    /// What becomes of a covariance without full rank. Default: an error.
    pub rank: RankPolicy,
}

/// Entropy of a Gaussian fitted to activations, in nats.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Entropy {
    /// Number of units d.
    pub dimension: usize,
    /// Number of samples N.
    pub samples: u64,
    /// Rank of the covariance, after shrinkage if that was asked for.
    pub rank: usize,
    /// ln det Sigma, or ln of its pseudo-determinant.
    pub ln_det: f64,
    /// H = 1/2 (rank ln(2 pi e) + ln det Sigma).
    pub entropy: f64,
}

impl Entropy {
    /// -H, what the paper plots against alpha and C.
    pub fn negative_entropy(&self) -> f64 {
        -self.entropy
    }
}

/// ln(2 pi e).
const LN_2PI_E: f64 = 2.837_877_066_409_345_5;

/// A unit is dead if its variance is at most this, squared, times its squared mean: the mean of 64 equal numbers is off by
/// up to 64 roundings, and so is every deviation from it.
const DEAD: f64 = 64.0 * f64::EPSILON;

impl Covariance<'_> {
    /// Entropy of the Gaussian with this covariance. The accumulator's memory is where the factor is computed; to go on
    /// accumulating, [`merge`](Covariance::merge) it into an empty one before.
    ///
    /// The rank counts pivots of the correlation matrix (diagonal pivoting) above 8 d epsilon: a unit whose variance that
    /// is not explained by others is below this share of its own counts as dependent. It is at most N - 1.
    ///
    /// # Errors
    /// [`ComplexityError::TooFewSamples`] below two rows; [`ComplexityError::RankDeficient`] names the rank, unless
    /// options say what to do; [`ComplexityError::Shrinkage`] if lambda is not in (0, 1]; [`ComplexityError::Overflow`].
    ///
    /// # Accuracy
    /// Within 1e-8 of itself of a double-precision reference for d = 2048 (tests/complexity.rs prints the difference).
    pub fn entropy(self, options: &EntropyOptions) -> Result<Entropy, ComplexityError> {
        let (d, samples) = (self.dimension(), self.count);
        if samples < 2 {
            return Err(ComplexityError::TooFewSamples { needed: 2, got: samples });
        }
        let divisor = match options.normalisation {
            Normalisation::Unbiased => (samples - 1) as f64,
            Normalisation::MaximumLikelihood => samples as f64,
        };
        let Covariance { mean, scatter, .. } = self;
        bury_dead_units(scatter, mean, samples as f64);
        let mut max_rank = d.min(usize::try_from(samples - 1).unwrap_or(d));
        if let RankPolicy::Shrinkage(lambda) = options.rank {
            if !(lambda > 0.0 && lambda <= 1.0) {
                return Err(ComplexityError::Shrinkage);
            }
            shrink(scatter, d, lambda);
            max_rank = d;
        }
        // From here on `mean` holds the standard deviations.
        let ln_scale = correlate(scatter, mean, divisor)?;
        let found = cholesky::factor(scatter, mean, 8.0 * d as f64 * f64::EPSILON, max_rank);
        let deficient = ComplexityError::RankDeficient { rank: found.rank, dimension: d, samples };
        let ln_det = if found.rank == d {
            ln_scale + found.ln_pivots
        } else if options.rank == RankPolicy::PseudoDeterminant && found.rank > 0 {
            ln_pseudo_determinant(scatter, mean, found.rank).ok_or(deficient)?
        } else {
            return Err(deficient);
        };
        let entropy = 0.5 * (found.rank as f64 * LN_2PI_E + ln_det);
        if !entropy.is_finite() {
            return Err(ComplexityError::Overflow);
        }
        Ok(Entropy { dimension: d, samples, rank: found.rank, ln_det, entropy })
    }
}

/// Sets the scatter of units that never change to 0, where rounding has left a trace.
fn bury_dead_units(scatter: &mut [f64], mean: &[f64], samples: f64) {
    for (i, m) in mean.iter().enumerate() {
        let rounding = DEAD * m;
        if let Some(s) = scatter.get_mut(row_start(i) + i)
            && *s <= samples * (rounding * rounding)
        {
            *s = 0.0;
        }
    }
}

/// (1 - lambda) S + lambda (tr S / d) I.
fn shrink(scatter: &mut [f64], d: usize, lambda: f64) {
    let trace = (0..d).fold(0.0, |sum, i| sum + scatter.get(row_start(i) + i).copied().unwrap_or(0.0));
    let share = lambda * (trace / d as f64);
    for x in scatter.iter_mut() {
        *x *= 1.0 - lambda;
    }
    for i in 0..d {
        if let Some(x) = scatter.get_mut(row_start(i) + i) {
            *x += share;
        }
    }
}

/// Makes the scatter a correlation matrix, with zeros for units without variance, and `deviations` the standard
/// deviations; returns the sum of ln of the variances of the others.
fn correlate(scatter: &mut [f64], deviations: &mut [f64], divisor: f64) -> Result<f64, ComplexityError> {
    let mut ln_scale = 0.0;
    for (i, slot) in deviations.iter_mut().enumerate() {
        let variance = scatter.get(row_start(i) + i).copied().unwrap_or(0.0) / divisor;
        if !variance.is_finite() {
            return Err(ComplexityError::Overflow);
        }
        *slot = math::sqrt(variance);
        ln_scale += if variance > 0.0 { math::ln(variance) } else { 0.0 };
    }
    let mut rest = scatter;
    for (i, deviation) in deviations.iter().enumerate() {
        let Some((row, next)) = rest.split_at_mut_checked(i + 1) else { break };
        for (x, other) in row.iter_mut().zip(&*deviations) {
            let alive = *deviation > 0.0 && *other > 0.0;
            *x = if alive { *x / divisor / deviation / other } else { 0.0 };
        }
        rest = next;
    }
    Ok(ln_scale)
}

/// Of S P' L L' P S, from the factor of the correlation matrix and the permuted deviations S.
fn ln_pseudo_determinant(factor: &mut [f64], deviations: &mut [f64], rank: usize) -> Option<f64> {
    cholesky::gram_of_columns(factor, deviations, rank);
    let gram = factor.get_mut(..row_start(rank))?;
    let scale = deviations.get_mut(..rank)?;
    let ln_scale = correlate(gram, scale, 1.0).ok()?;
    // Full rank by construction: only a pivot that rounding ate is refused.
    let found = cholesky::factor(gram, scale, 0.0, rank);
    (found.rank == rank).then_some(ln_scale + found.ln_pivots)
}
