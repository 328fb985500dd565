//! What a fit over n and s with a bend tells.
use crate::law::{FullBentLaw, Parameter, Residual};
use crate::linalg::form;
use crate::math;
use crate::point::GridPoint;

use super::super::super::interval::{Confidence, Interval};
use super::super::super::options::Weights;
use super::super::super::source::grid_source;
use super::super::report::{FullReport, GridMinimum, LackOfFitAtS, lack_of_fit};
use super::options::Bend;

/// A fitted [`FullBentLaw`] with its report; parameters in the order of the law's fields: delta, gamma, alpha, beta, n_h,
/// sharpness, E.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FullBentFit {
    pub(super) law: FullBentLaw,
    pub(super) bend: Bend,
    pub(super) report: FullReport,
    pub(super) minima: [GridMinimum<FullBentLaw>; 4],
    pub(super) covariance: Option<[[f64; 7]; 7]>,
    pub(super) held: [bool; 7],
}

/// The names of the parameters, in the order of the law's fields.
const PARAMETERS: [Parameter; 7] = [
    Parameter::Delta,
    Parameter::Gamma,
    Parameter::Alpha,
    Parameter::Beta,
    Parameter::NH,
    Parameter::Sharpness,
    Parameter::E,
];

impl FullBentFit {
    /// The law.
    pub fn law(&self) -> FullBentLaw {
        self.law
    }
    /// How sharp the bend was to be.
    pub fn bend(&self) -> Bend {
        self.bend
    }
    /// How the fit went.
    pub fn report(&self) -> &FullReport {
        &self.report
    }
    /// Up to the 4 lowest local minima, lowest first; the first is the fit itself.
    pub fn minima(&self) -> &[GridMinimum<FullBentLaw>] {
        self.minima.get(..(self.report.minima_found as usize).min(4)).unwrap_or(&self.minima)
    }
    /// Asymptotic standard errors in the order of the law's fields; `None` where a parameter is held, on a bound or undefined
    /// (n_h and the sharpness of a fit without a bend), and for all without degrees of freedom or where the data do not tell
    /// the parameters apart. Where the sharpness is alpha both have the same.
    pub fn std_errors(&self) -> [Option<f64>; 7] {
        let covariance = self.covariance;
        let mut j = 0;
        self.held.map(|_| {
            let variance = covariance.as_ref().and_then(|c| c.get(j)?.get(j).copied());
            j += 1;
            variance.filter(|v| *v > 0.0 && v.is_finite()).map(math::sqrt)
        })
    }
    /// Covariance of the parameters in the order of the law's fields, 0 in the rows and columns of those that are held or
    /// on a bound; `None` as for [`FullBentFit::std_errors`].
    pub fn covariance(&self) -> Option<[[f64; 7]; 7]> {
        self.covariance
    }
    /// Which parameters the options held.
    pub(in super::super) fn held(&self) -> [bool; 7] {
        self.held
    }
    /// Interval of a parameter: estimate -+ t standard errors (normal quantiles with absolute weights); `None` without a
    /// standard error.
    ///
    /// # Accuracy
    /// Asymptotic: it says little where the condition of the report is above some 1e4.
    pub fn interval(&self, parameter: Parameter, confidence: Confidence) -> Option<Interval> {
        let FullBentLaw { delta, gamma, alpha, beta, n_h, sharpness, e } = self.law;
        let place = PARAMETERS.iter().position(|name| *name == parameter)?;
        let estimate = *[delta, gamma, alpha, beta, n_h, sharpness, e].get(place)?;
        let mut by = [0.0; 7];
        *by.get_mut(place)? = 1.0;
        self.around(estimate, &by, confidence)
    }
    /// Interval of L(n, s) by the delta method, for n >= 0 (n > 0 if n_h = 0) and s > 0; `None` as for
    /// [`FullBentFit::interval`].
    ///
    /// ```
    /// use syn2real::{Bend, Confidence, FullBentLaw, FullBentOptions};
    ///
    /// let truth = FullBentLaw { delta: 42.0, gamma: 0.02, alpha: 0.5, beta: 0.3, n_h: 900.0, sharpness: 0.5, e: 0.0 };
    /// let points: [_; 18] = core::array::from_fn(|i| {
    ///     let (n, s) = ([0.0, 1e3, 2e3, 4e3, 8e3, 32e3][i % 6], [1e4, 2e4, 8e4][i / 6]);
    ///     (n, s, truth.error_at(n, s) * if i % 2 == 0 { 1.002 } else { 0.998 })
    /// });
    /// let options = FullBentOptions { bend: Bend::Rectified, ..FullBentOptions::default() };
    /// let fit = FullBentLaw::fit_with(&points, &options)?;
    /// let width = |n: f64| {
    ///     let found = fit.error_interval(n, 8e4, Confidence::P95).expect("an interior fit");
    ///     found.upper.unwrap() - found.lower.unwrap()
    /// };
    /// // Wider beyond the data.
    /// assert!(width(512e3) > 2.0 * width(8e3));
    /// # Ok::<(), syn2real::FitError>(())
    /// ```
    pub fn error_interval(&self, n: f64, s: f64, confidence: Confidence) -> Option<Interval> {
        let by = self.law.gradient_at(n, s);
        // A parameter on its bound has no variance, and may have an infinite slope.
        let by = by.map(|slope| if slope.is_finite() { slope } else { 0.0 });
        self.around(self.law.error_at(n, s), &by, confidence)
    }

    fn around(&self, estimate: f64, by: &[f64; 7], confidence: Confidence) -> Option<Interval> {
        let level = 0.5 + 0.5 * confidence.level();
        let t = match self.report.weights {
            weights if weights.is_absolute() => math::normal_quantile(level),
            _ => math::t_quantile(level, self.report.degrees_of_freedom as f64),
        };
        let std_error = math::sqrt(form(self.covariance.as_ref()?, by));
        let half = t * std_error;
        let is_good = std_error > 0.0 && half.is_finite() && estimate.is_finite();
        is_good.then_some(Interval { estimate, lower: Some(estimate - half), upper: Some(estimate + half), confidence })
    }

    /// Mean residual and rms at each distinct fine-tuning size, as [`GridFit::lack_of_fit`](crate::GridFit::lack_of_fit).
    ///
    /// ```
    /// use syn2real::{Bend, FullBentLaw, FullBentOptions, LackOfFitAtS};
    ///
    /// let at = |n: f64, s: f64| (n, s, 3.0 * (0.1 + (n + 900.0).powf(-0.4)) * s.powf(-0.2));
    /// let points: [_; 8] = core::array::from_fn(|i| at([0.0, 1e3, 4e3, 16e3][i % 4], [10.0, 40.0][i / 4]));
    /// let mut by_s = [LackOfFitAtS::default(); 4];
    /// let options = FullBentOptions { bend: Bend::Shifted, ..FullBentOptions::default() };
    /// assert_eq!(FullBentLaw::fit_with(&points, &options)?.lack_of_fit(&points, &mut by_s), 2);
    /// assert!(by_s[0].s == 10.0 && by_s[0].points == 4 && by_s[0].rms < 1e-9);
    /// # Ok::<(), syn2real::FitError>(())
    /// ```
    pub fn lack_of_fit<T: Copy + Into<GridPoint>>(&self, points: &[T], out: &mut [LackOfFitAtS]) -> usize {
        let (weights, residual): (Weights, Residual) = (self.report.weights, self.report.residual);
        lack_of_fit(&grid_source(points, weights, residual), residual, |n, s| self.law.error_at(n, s), out)
    }
}
