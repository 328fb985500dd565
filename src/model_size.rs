//! The transfer gap against the size of the model (Fig. 4 of the paper): C = k P^-b.
use crate::fit::{Confidence, FitError, Interval};
use crate::law::Residual;
use crate::math;
use crate::point::Point;

/// C = k P^-b as fitted: least squares of ln C on ln P.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelSizeFit {
    /// The gap that a model with P = 1 would have; carries the unit of P.
    pub k: f64,
    /// Exponent; negative if the gap grows with the model.
    pub b: f64,
    /// Root mean square of the residuals of ln C.
    pub rms: f64,
    /// Points used less 2.
    pub degrees_of_freedom: i64,
    /// Smallest and largest P used.
    pub range: [f64; 2],
    ln_k: f64,
    /// Of ln k and b.
    errors: Option<[f64; 2]>,
}

/// Which number of a [`ModelSizeFit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// k.
    K,
    /// b.
    B,
}

impl ModelSizeFit {
    /// C of a model with `params` > 0 parameters, in the unit of the fit; NaN if it is not.
    pub fn gap_at(&self, params: f64) -> f64 {
        math::exp(self.ln_k - self.b * math::ln(params))
    }

    /// Standard errors of k (delta method: k times that of ln k) and b; `None` without degrees of freedom.
    pub fn std_errors(&self) -> Option<[f64; 2]> {
        self.errors.map(|[ln_k, b]| [self.k * ln_k, b])
    }

    /// Student-t interval of b, or of ln k with its ends taken to k. `None` without degrees of freedom.
    pub fn interval(&self, term: Term, confidence: Confidence) -> Option<Interval> {
        let t = math::t_quantile(0.5 + 0.5 * confidence.level(), self.degrees_of_freedom as f64);
        let [ln_k, b] = self.errors?;
        let (estimate, lower, upper) = match term {
            Term::K => (self.k, math::exp(self.ln_k - t * ln_k), math::exp(self.ln_k + t * ln_k)),
            Term::B => (self.b, self.b - t * b, self.b + t * b),
        };
        let finite = |end: f64| end.is_finite().then_some(end);
        Some(Interval { estimate, lower: finite(lower), upper: finite(upper), confidence })
    }
}

/// Fits C = k P^-b to (P, C): P the parameters of the models in any unit, C their transfer gaps, both above 0. As a
/// [`Point`], `n` is P, `error` is C, and the weight that of its squared residual in ln C.
///
/// # Errors
/// [`FitError::Point`] names the first point that cannot be used: a fit with C = 0 says nothing of the exponent, leave it
/// out. [`FitError::TooFewPoints`] below two distinct P; with exactly two points there is a fit and no standard error.
///
/// ```
/// use syn2real::{Confidence, model_size};
///
/// let fit = model_size::fit(&[(11.4, 0.40), (21.5, 0.29), (42.8, 0.21), (85.0, 0.145)])?;
/// let interval = fit.interval(model_size::Term::B, Confidence::P95).expect("two degrees of freedom");
/// assert!(interval.lower.unwrap() < 0.5 && 0.5 < interval.upper.unwrap());
/// # Ok::<(), syn2real::FitError>(())
/// ```
pub fn fit<T: Copy + Into<Point>>(points: &[T]) -> Result<ModelSizeFit, FitError> {
    let (mut sums, mut used, mut range) = (Sums::default(), 0_i64, [f64::INFINITY, 0.0_f64]);
    let points = || points.iter().map(|&p| -> Point { p.into() });
    for (index, point) in points().enumerate() {
        point.check(Residual::Log).map_err(|source| FitError::Point { index, source })?;
        if point.weight > 0.0 {
            used += 1;
            range = [range[0].min(point.n), range[1].max(point.n)];
            sums.add(math::ln(point.n), math::ln(point.error), point.weight);
        }
    }
    // Sizes that differ by less than a rounding of their logarithms are one size.
    let distinct = math::ln(range[1]) > math::ln(range[0]) && sums.xx > 0.0;
    if used < 2 || !distinct {
        return Err(FitError::TooFewPoints { needed: 2, got: usize::from(used > 0) });
    }
    let slope = sums.xy / sums.xx;
    let ln_k = sums.y - slope * sums.x;
    let cost = points().filter(|p| p.weight > 0.0).fold(0.0, |cost, p| {
        let residual = math::ln(p.error) - (sums.y + slope * (math::ln(p.n) - sums.x));
        cost + p.weight * (residual * residual)
    });
    let dof = used - 2;
    let errors = (dof > 0).then(|| {
        let variance = cost / dof as f64;
        let of_mean = 1.0 / sums.weight + sums.x * sums.x / sums.xx;
        [math::sqrt(variance * of_mean), math::sqrt(variance / sums.xx)]
    });
    let rms = math::sqrt(cost / sums.weight);
    Ok(ModelSizeFit { k: math::exp(ln_k), b: -slope, rms, degrees_of_freedom: dof, range, ln_k, errors })
}

/// Weighted means, and sums of products of deviations from them, updated point by point (West 1979).
#[derive(Default)]
struct Sums {
    weight: f64,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
}

impl Sums {
    fn add(&mut self, x: f64, y: f64, weight: f64) {
        self.weight += weight;
        let share = weight / self.weight;
        let (dx, dy) = (x - self.x, y - self.y);
        self.x += dx * share;
        self.y += dy * share;
        self.xx += weight * (1.0 - share) * (dx * dx);
        self.xy += weight * (1.0 - share) * (dx * dy);
    }
}
