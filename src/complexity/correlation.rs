//! Rank correlations of two series over settings, such as alpha and the complexity of the data.
use super::error::ComplexityError;
use crate::math;

/// A rank correlation.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RankCorrelation {
    /// In [-1, 1].
    pub coefficient: f64,
    /// Two-sided p-value of independence, asymptotic: with fewer than ten pairs take it as a rough guide. `None` below
    /// three pairs.
    pub p_value: Option<f64>,
    /// Number of pairs K.
    pub pairs: usize,
}

/// Spearman's rho: the correlation of the ranks, ties sharing their mean rank. Takes of the order of K^2 steps.
///
/// The p-value is that of t = rho sqrt((K - 2)/(1 - rho^2)) under Student's t with K - 2 degrees of freedom.
///
/// # Errors
/// [`ComplexityError::Lengths`], [`ComplexityError::TooFewSamples`] below two pairs, [`ComplexityError::NotFinite`] names
/// pair (row) and series (column), [`ComplexityError::Constant`] if all values of a series are equal.
///
/// ```
/// use syn2real::complexity::spearman;
///
/// let complexity = [1.0, 2.0, 3.0, 4.0, 5.0];
/// let found = spearman(&complexity, &[0.2, 0.1, 0.4, 0.3, 0.5])?;
/// assert!((found.coefficient - 0.8).abs() < 1e-15);
/// assert!((found.p_value.unwrap() - 0.104088).abs() < 1e-6);
/// # Ok::<(), syn2real::complexity::ComplexityError>(())
/// ```
pub fn spearman(x: &[f64], y: &[f64]) -> Result<RankCorrelation, ComplexityError> {
    let pairs = check(x, y)?;
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (&a, &b) in x.iter().zip(y) {
        let (p, q) = (centred_rank(x, a), centred_rank(y, b));
        xx += p * p;
        yy += q * q;
        xy += p * q;
    }
    let coefficient = within_one(xy / math::sqrt(xx * yy));
    let dof = pairs as f64 - 2.0;
    let rest = (1.0 - coefficient) * (1.0 + coefficient);
    // t^2 is F distributed with 1 and K - 2; at rho = +-1 it is infinite and the tail 0.
    let f = if rest > 0.0 { coefficient * coefficient * dof / rest } else { f64::INFINITY };
    Ok(RankCorrelation { coefficient, p_value: p_value(f, dof, pairs), pairs })
}

/// Kendall's tau-b, which allows for ties. Takes of the order of K^2 steps.
///
/// The p-value is that of the normal approximation with the variance corrected for ties (Kendall 1970), to 1e-7 of itself.
///
/// # Errors
/// As [`spearman`].
///
/// ```
/// use syn2real::complexity::kendall;
///
/// let found = kendall(&[1.0, 2.0, 3.0, 4.0, 5.0], &[0.2, 0.1, 0.4, 0.3, 0.5])?;
/// assert!((found.coefficient - 0.6).abs() < 1e-15);
/// # Ok::<(), syn2real::complexity::ComplexityError>(())
/// ```
pub fn kendall(x: &[f64], y: &[f64]) -> Result<RankCorrelation, ComplexityError> {
    let pairs = check(x, y)?;
    // Concordant less discordant pairs, each counted twice.
    let mut score = 0.0;
    for (&a, &b) in x.iter().zip(y) {
        for (&c, &d) in x.iter().zip(y) {
            score += sign(a, c) * sign(b, d);
        }
    }
    let score = 0.5 * score;
    let k = pairs as f64;
    let all = k * (k - 1.0);
    let (tx, ty) = (Ties::of(x), Ties::of(y));
    let coefficient = within_one(2.0 * score / math::sqrt((all - tx.pairs) * (all - ty.pairs)));
    let mut variance = (all * (2.0 * k + 5.0) - tx.weighted - ty.weighted) / 18.0 + tx.pairs * ty.pairs / (2.0 * all);
    if pairs > 2 {
        variance += tx.triples * ty.triples / (9.0 * all * (k - 2.0));
    }
    // The square of a normal variable is F with 1 and infinitely many degrees of freedom: 1e8 are as many as f_tail takes.
    Ok(RankCorrelation { coefficient, p_value: p_value(score * score / variance, 1e8, pairs), pairs })
}

fn p_value(f: f64, dof: f64, pairs: usize) -> Option<f64> {
    (pairs > 2).then(|| math::f_tail(f, 1.0, dof)).filter(|p| p.is_finite())
}

fn within_one(x: f64) -> f64 {
    x.clamp(-1.0, 1.0)
}

/// Sign of a - b, 0 for a tie.
fn sign(a: f64, b: f64) -> f64 {
    if a > b {
        1.0
    } else if a < b {
        -1.0
    } else {
        0.0
    }
}

/// Rank less the mean rank: half of (values below - values above).
fn centred_rank(values: &[f64], value: f64) -> f64 {
    0.5 * values.iter().fold(0.0, |sum, &other| sum + sign(value, other))
}

/// Sums over groups of t equal values.
struct Ties {
    /// t (t - 1).
    pairs: f64,
    /// t (t - 1) (t - 2).
    triples: f64,
    /// t (t - 1) (2 t + 5).
    weighted: f64,
}

impl Ties {
    fn of(values: &[f64]) -> Ties {
        let mut sums = Ties { pairs: 0.0, triples: 0.0, weighted: 0.0 };
        for value in values {
            // Every member of a group adds its share, 1/t of the group's term.
            let t = values.iter().filter(|&other| other == value).count() as f64;
            sums.pairs += t - 1.0;
            sums.triples += (t - 1.0) * (t - 2.0);
            sums.weighted += (t - 1.0) * (2.0 * t + 5.0);
        }
        sums
    }
}

fn check(x: &[f64], y: &[f64]) -> Result<usize, ComplexityError> {
    if x.len() != y.len() {
        return Err(ComplexityError::Lengths { first: x.len(), second: y.len() });
    }
    if x.len() < 2 {
        return Err(ComplexityError::TooFewSamples { needed: 2, got: x.len() as u64 });
    }
    for (row, (a, b)) in x.iter().zip(y).enumerate() {
        if !a.is_finite() || !b.is_finite() {
            return Err(ComplexityError::NotFinite { row: row as u64, column: usize::from(a.is_finite()) });
        }
    }
    for (values, series) in [(x, "first"), (y, "second")] {
        if values.iter().zip(values.iter().skip(1)).all(|(a, b)| a == b) {
            return Err(ComplexityError::Constant { series });
        }
    }
    Ok(x.len())
}
