//! Tests of the law against the data: is there a gap, does the law fit.
use crate::fit::{Cost, Curve, FitOptions, Source, Syn2RealFit, Weights, each, fit_points, source_of};
use crate::law::{Parameter, PowerLaw, Residual, Syn2RealLaw};
use crate::math;
use crate::point::Point;
use crate::solve::Loss;

use super::InferError;
use super::problem::Problem;

/// Degrees of freedom that stand for infinitely many: F with 1 and 1e8 is chi^2 to 1e-8.
const INFINITE: f64 = 1e8;

/// The test of C = 0 against C > 0.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GapTest {
    /// Likelihood ratio: the rise of twice the cost when C is held at 0, over the variance of the noise; 0 where the fit
    /// has C = 0 itself.
    pub statistic: f64,
    /// Probability of a statistic at least as large if C = 0.
    pub p_value: f64,
    /// Points minus free parameters; the variance of absolute weights is known and needs none.
    pub degrees_of_freedom: i64,
    /// The fit with C = 0.
    pub power_law: PowerLaw,
}

/// Likelihood-ratio test of C = 0: under it the statistic is 0 with probability 1/2 and chi^2 with 1 degree of freedom (F
/// with 1 and dof, where the variance is estimated) else, because C cannot be negative.
///
/// Source: Self and Liang, J. Am. Stat. Assoc. 82 (1987) 605, case 5.
///
/// # Errors
/// [`InferError::Fixed`] if C was held fixed or its domain leaves 0 out, [`InferError::NoFreedom`],
/// [`InferError::OtherPoints`], [`InferError::Fit`] if the power law cannot be fitted.
///
/// ```
/// use syn2real::{Syn2RealLaw, infer::gap_test};
///
/// let points = [(1_000, 0.90), (2_000, 0.83), (4_000, 0.79), (8_000, 0.755), (16_000, 0.74), (32_000, 0.727)];
/// let fit = Syn2RealLaw::fit(&points)?;
/// assert!(gap_test(&fit, &points)?.p_value < 0.01);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn gap_test<T: Copy + Into<Point>>(fit: &Syn2RealFit, points: &[T]) -> Result<GapTest, InferError> {
    gap_test_of(fit, &source_of(fit, points))
}

fn gap_test_of(fit: &Syn2RealFit, data: &Source<'_>) -> Result<GapTest, InferError> {
    let mut curve = Curve::EMPTY;
    let problem = Problem::new(fit, data, &mut curve)?;
    problem.require_free(Parameter::C)?;
    if problem.domain.user[2].lower > 0.0 {
        return Err(InferError::Fixed { parameter: Parameter::C });
    }
    let report = fit.report();
    let least = problem.evaluate(problem.theta).cost;
    let variance = problem.rise_unit(least)?;
    // The robust loss keeps its delta: costs with two of them do not compare.
    let loss = report.huber_delta.map_or(Loss::Square, |delta| Loss::HuberAbsolute { delta });
    let options = FitOptions { fixed_c: Some(0.0), loss, covariance: false, ..fit.options() };
    let null = fit_points(data, &options)?;
    let rise = null.report().cost / problem.cost_scale() - least;
    // The optimum is global: a negative rise is rounding.
    let statistic = if rise > 0.0 && fit.law().c > 0.0 { 2.0 * rise / variance } else { 0.0 };
    let degrees_of_freedom = problem.degrees_of_freedom();
    let dof = match report.weights {
        Weights::Relative => degrees_of_freedom as f64,
        Weights::Absolute | Weights::Sigma => INFINITE,
    };
    let p_value = if statistic > 0.0 { 0.5 * math::f_tail(statistic, 1.0, dof) } else { 1.0 };
    let Syn2RealLaw { d, alpha, .. } = null.law();
    Ok(GapTest { statistic, p_value, degrees_of_freedom, power_law: PowerLaw { d, alpha } })
}

/// The test of the law against the scatter of repeated measurements.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LackOfFitTest {
    /// Mean square of what the law misses over that of the pure error (over 1 with absolute weights and no repeats).
    pub statistic: f64,
    /// Probability of a statistic at least as large if the law is right.
    pub p_value: f64,
    /// Degrees of freedom of the lack of fit: distinct n minus free parameters.
    pub lack: i64,
    /// Degrees of freedom of the pure error: points minus distinct n; 0 where the sigmas given stand for it.
    pub pure: i64,
    /// Standard deviation of a residual of weight 1 by the repeats alone, free of the law; `None` without repeats.
    pub pure_sigma: Option<f64>,
}

/// Pure error and F test of lack of fit from the points that share their n; with absolute weights and no repeats, the
/// chi^2 test of the cost against the sigmas given. It is the mean square about the law that is tested, whatever the loss.
///
/// The points are read once if they are sorted by n, else once for each of them.
///
/// Source: Bates and Watts (1988), section 1.3.2.
///
/// # Errors
/// [`InferError::NoReplicates`] if no n repeats, or if no distinct n is left over by the parameters;
/// [`InferError::OtherPoints`].
///
/// ```
/// use syn2real::{Syn2RealLaw, infer::lack_of_fit};
///
/// let points = [(1_000, 0.90), (1_000, 0.91), (4_000, 0.79), (4_000, 0.78), (16_000, 0.74), (64_000, 0.72), (64_000, 0.71)];
/// let fit = Syn2RealLaw::fit(&points)?;
/// let test = lack_of_fit(&fit, &points)?;
/// assert_eq!((test.lack, test.pure), (1, 3));
/// assert!(test.p_value > 0.05);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lack_of_fit<T: Copy + Into<Point>>(fit: &Syn2RealFit, points: &[T]) -> Result<LackOfFitTest, InferError> {
    lack_of_fit_of(fit, &source_of(fit, points))
}

fn lack_of_fit_of(fit: &Syn2RealFit, data: &Source<'_>) -> Result<LackOfFitTest, InferError> {
    let mut curve = Curve::EMPTY;
    let problem = Problem::new(fit, data, &mut curve)?;
    let (report, law) = (fit.report(), fit.law());
    let is_log = report.residual == Residual::Log;
    let value = |p: &Point| if is_log { math::ln(p.error) } else { p.error };
    let used = || each(data).filter(|p| p.weight > 0.0);
    let mut total = 0.0;
    for p in used() {
        let model = law.error_at(p.n);
        let r = value(&p) - if is_log { math::ln(model) } else { model };
        total += p.weight * r * r;
    }
    let is_sorted = used().zip(used().skip(1)).all(|(a, b)| a.n <= b.n);
    let (mut pure_square, mut distinct) = (0.0, 0_i64);
    let mut rest = used();
    let mut index = 0;
    while let Some(first) = rest.next() {
        let is_new = is_sorted || !used().take(index).any(|p| p.n == first.n);
        index += 1;
        if !is_new {
            continue;
        }
        distinct += 1;
        // About the first of them: nothing cancels.
        let centre = value(&first);
        let (mut w, mut wy, mut wyy) = (first.weight, 0.0, 0.0);
        let others = rest.clone();
        for p in others.take_while(|p| !is_sorted || p.n == first.n).filter(|p| p.n == first.n) {
            let y = value(&p) - centre;
            w += p.weight;
            wy += p.weight * y;
            wyy += p.weight * y * y;
            if is_sorted {
                rest.next();
                index += 1;
            }
        }
        pure_square += wyy - wy * (wy / w);
    }
    let pure = report.points as i64 - distinct;
    let parameters = problem.domain.free() as i64;
    let lack = distinct - parameters;
    let pure_sigma = (pure > 0).then(|| math::sqrt(pure_square / pure as f64));
    let is_given = pure == 0 && report.weights.is_absolute();
    if lack <= 0 || !(is_given || pure > 0) {
        return Err(InferError::NoReplicates);
    }
    let missed = if total > pure_square { total - pure_square } else { 0.0 };
    let (mean, dof) = if is_given { (1.0, INFINITE) } else { (pure_square / pure as f64, pure as f64) };
    let statistic = missed / lack as f64 / mean;
    let p_value = math::f_tail(statistic, lack as f64, dof);
    Ok(LackOfFitTest { statistic, p_value, lack, pure, pure_sigma })
}

impl Problem<'_> {
    /// Points minus the parameters that are not fixed.
    pub(crate) fn degrees_of_freedom(&self) -> i64 {
        self.fit.report().points as i64 - self.domain.free() as i64
    }

    /// Twice the rise of the cost that stands for one unit of F (of chi^2 with absolute weights), in the units of the
    /// curve.
    pub(crate) fn rise_unit(&self, least: f64) -> Result<f64, InferError> {
        let (report, parameters) = (self.fit.report(), self.domain.free());
        let dof = self.degrees_of_freedom();
        if dof <= 0 {
            return Err(InferError::NoFreedom { points: report.points, parameters });
        }
        let (psi_square, inflation) = match self.cost {
            Cost::Square => (2.0 * least, 1.0),
            // What turns the rise of a Huber cost into chi^2: mean psi^2 / mean psi' (Huber 1981, section 7.6).
            Cost::Huber(_) => {
                let robust = super::wald::moments(self);
                (robust.psi_square, robust.weight / robust.inside)
            }
        };
        let variance = match report.weights {
            Weights::Relative => psi_square / dof as f64,
            Weights::Absolute | Weights::Sigma => 1.0 / self.cost_scale(),
        };
        Ok(variance * inflation)
    }
}
