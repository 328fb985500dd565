//! What a fit over n and s tells.
use crate::law::{AdditiveLaw, AnyLaw, Form, FullLaw, GridLaw, Parameter, Residual, Sealed, Syn2RealLaw};
use crate::linalg::form;
use crate::math;
use crate::point::GridPoint;
use crate::solve::{Loss, Mapped, Side, Termination};

use super::super::options::Weights;
use super::super::report::Syn2RealFit;
use super::super::source::grid_source;
use super::grid::{GridRows, rows};
use super::options::Settings;

/// Where the optimum lies in the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FullClass {
    /// Inside the domain.
    Interior,
    /// On gamma = 0: no transfer gap, the power law in n and s.
    NoGap,
    /// On beta = 0: the error does not fall with s.
    NoFineTuning,
    /// No decrease with n: alpha (and n0) undefined and given as 0, gamma given as 0, or A = 0.
    Flat,
    /// alpha at the default upper end: the data are a step in n.
    AlphaMax,
    /// Of the law with a bend: n_h = 0, the full law.
    IsFullLaw,
    /// Of the law with a free bend: sharpness = alpha to 1e-6, the rectified law at each s.
    IsRectified,
    /// Of the law with a free bend: sharpness 1 to 1e-6, the full law with n0.
    IsShifted,
    /// Of the law with a bend: the sharpness at the default upper end, a corner at n_h.
    Corner,
    /// On another end of the domain.
    AtBound {
        /// The parameter on its bound.
        parameter: Parameter,
        /// Which end.
        side: Side,
    },
}

/// How the fit went and what it used.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FullReport {
    /// Space of the residual.
    pub residual: Residual,
    /// Loss.
    pub loss: Loss,
    /// What the weights meant.
    pub weights: Weights,
    /// Cost, 1/2 sum w r^2 (for Huber, the sum of the robust loss).
    pub cost: f64,
    /// Root of the weighted mean of r^2: sqrt(sum w r^2 / sum w).
    pub rms: f64,
    /// Where the optimum lies.
    pub class: FullClass,
    /// How the solver stopped.
    pub termination: Termination,
    /// Iterations of the solver at the winning minimum.
    pub iterations: u32,
    /// Passes over all points, search included.
    pub evaluations: u32,
    /// Local minima that were found ([`GridFit::minima`] lists up to 4).
    pub minima_found: u32,
    /// Condition number of J'J in the parameters of the law, columns scaled to length 1, parameters on a bound left out;
    /// if the covariance was asked for and is finite. Above some 1e4 the data hardly tell the parameters apart.
    pub condition: Option<f64>,
    /// Points with a weight above 0.
    pub points: usize,
    /// Points minus parameters that are inside their bounds; not positive: no standard errors.
    pub degrees_of_freedom: i64,
    /// Parameters that the options leave free.
    pub parameters: usize,
    /// Smallest n above 0.
    pub n_min: f64,
    /// Largest n.
    pub n_max: f64,
    /// Smallest s.
    pub s_min: f64,
    /// Largest s.
    pub s_max: f64,
    /// The Huber delta that was used, in units of the residual; `None` in the square loss, and where the data are met to
    /// rounding so that every delta has the optimum of that.
    pub huber_delta: Option<f64>,
}

/// A local minimum of the cost.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct GridMinimum<L> {
    /// The law there.
    pub law: L,
    /// Its cost, 1/2 sum w r^2.
    pub cost: f64,
}

/// A fitted law over n and s with its report; `P` parameters in the order of the law's fields.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GridFit<L, const P: usize> {
    pub(crate) law: L,
    pub(crate) report: FullReport,
    pub(crate) minima: [GridMinimum<L>; 4],
    /// In the order of [`Sealed::six`](crate::law::Sealed::six), as `free` and the settings.
    pub(crate) covariance: Option<[[f64; 6]; 6]>,
    pub(crate) free: [bool; 6],
    pub(crate) settings: Settings,
}

/// A fitted [`FullLaw`]: delta, gamma, alpha, beta, n0, E.
pub type FullFit = GridFit<FullLaw, 6>;
/// A fitted [`AdditiveLaw`]: A, alpha, B, beta, E.
pub type AdditiveFit = GridFit<AdditiveLaw, 5>;

/// A fit without the type of its law, for what is compiled once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Erased {
    /// In the order of [`Sealed::six`](crate::law::Sealed::six).
    pub(crate) six: [f64; 6],
    pub(crate) report: FullReport,
    /// The four lowest minima with their costs; repeated where there are fewer.
    pub(crate) minima: [([f64; 6], f64); 4],
    pub(crate) covariance: Option<[[f64; 6]; 6]>,
    pub(crate) free: [bool; 6],
    pub(crate) settings: Settings,
}

impl Erased {
    /// Points with the weights of this fit.
    pub(crate) fn source<'a, T: Copy + Into<GridPoint>>(
        &self,
        points: &'a [T],
    ) -> Mapped<'a, T, impl Fn(&T) -> GridPoint + Clone + use<T>> {
        grid_source(points, self.settings.weights, self.settings.residual)
    }

    pub(crate) fn law(&self) -> AnyLaw {
        self.settings.form.law(&self.six)
    }

    /// Standard error of a quantity with this gradient by the six.
    pub(crate) fn std_error_along(&self, by: &[f64; 6]) -> Option<f64> {
        let covariance = self.covariance.as_ref()?;
        Some(math::sqrt(form(covariance, by))).filter(|e| *e > 0.0 && e.is_finite())
    }

    /// See [`GridFit::consistency`].
    fn consistency(&self, s: f64, simple: &Syn2RealFit) -> Consistency {
        let (law, implied) = (self.law(), self.law().over_n(s));
        let ln_s = math::ln(s);
        let [_, second, _, beta, ..] = law.six();
        let factor = math::exp(-beta * ln_s);
        // D = delta s^-beta, C = gamma D + E, or D = A, C = B s^-beta + E: derivatives by the six.
        let (d, c) = match law.form() {
            Form::Product => (
                [factor, 0.0, 0.0, -implied.d * ln_s, 0.0, 0.0],
                [second * factor, implied.d, 0.0, -second * implied.d * ln_s, 0.0, 1.0],
            ),
            Form::Sum => ([1.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, factor, 0.0, -second * factor * ln_s, 0.0, 1.0]),
        };
        let alpha = [0.0, 0.0, 1.0, 0.0, 0.0, 0.0];
        let std_errors = [d, alpha, c].map(|by| self.std_error_along(&by));
        let fitted = simple.law();
        let gaps = [fitted.d - implied.d, fitted.alpha - implied.alpha, fitted.c - implied.c];
        let mut z = [None; 3];
        for (((z, gap), a), b) in z.iter_mut().zip(gaps).zip(std_errors).zip(simple.std_errors()) {
            // Without a standard error on one side that side counts as exact; without both there is nothing to go by.
            let square = |e: Option<f64>| e.map_or(0.0, |e| e * e);
            let both = square(a) + square(b);
            *z = Some(gap / math::sqrt(both)).filter(|z| both > 0.0 && z.is_finite());
        }
        Consistency { s, implied, std_errors, fitted, fitted_std_errors: simple.std_errors(), z }
    }

    pub(crate) fn is_flat(&self) -> bool {
        self.report.class == FullClass::Flat
    }
}

/// Out of the six parameters of a search, those of the law in the order of its fields.
fn in_order<V: Copy, const P: usize>(form: Form, six: [V; 6]) -> [V; P] {
    let mut out = [six[0]; P];
    for (slot, k) in out.iter_mut().zip(form.order()) {
        if let Some(value) = six.get(k) {
            *slot = *value;
        }
    }
    out
}

impl<L: GridLaw, const P: usize> GridFit<L, P> {
    /// The law.
    pub fn law(&self) -> L {
        self.law
    }
    /// How the fit went.
    pub fn report(&self) -> &FullReport {
        &self.report
    }
    /// Up to the 4 lowest local minima, lowest first; the first is the fit itself.
    pub fn minima(&self) -> &[GridMinimum<L>] {
        self.minima.get(..(self.report.minima_found as usize).min(4)).unwrap_or(&self.minima)
    }
    /// Asymptotic standard errors in the order of the law's fields; `None` where a parameter is held, on a bound or
    /// undefined, and for all without degrees of freedom or where the data do not tell the parameters apart.
    pub fn std_errors(&self) -> [Option<f64>; P] {
        let covariance = self.covariance;
        let mut j = 0;
        let by_place = self.free.map(|free| {
            let variance = covariance.as_ref().and_then(|c| c.get(j)?.get(j).copied());
            j += 1;
            variance.filter(|v| free && *v >= 0.0 && v.is_finite()).map(math::sqrt)
        });
        in_order(self.law.form(), by_place)
    }
    /// Covariance of the parameters in the order of the law's fields, 0 in the rows and columns of those that are held or
    /// on a bound; `None` as for [`GridFit::std_errors`].
    pub fn covariance(&self) -> Option<[[f64; P]; P]> {
        let form = self.law.form();
        self.covariance.map(|rows| in_order(form, rows.map(|row| in_order(form, row))))
    }
    /// Without the type of the law.
    pub(crate) fn erased(&self) -> Erased {
        let &GridFit { law, report, minima, covariance, free, settings } = self;
        let minima = minima.map(|minimum| (minimum.law.six(), minimum.cost));
        Erased { six: law.six(), report, minima, covariance, free, settings }
    }
    /// The covariance of the six.
    pub(crate) fn covariance_of_six(&self) -> Option<[[f64; 6]; 6]> {
        self.covariance
    }
    /// Which parameters the options held, in the order of the law's fields.
    pub(crate) fn held(&self) -> [bool; P] {
        in_order(self.law.form(), self.settings.held())
    }
    /// Mean residual and rms at each distinct fine-tuning size, ascending, into `out`; returns how many distinct s there
    /// are (those beyond the length of `out` are not written). Takes time proportional to points times distinct s.
    ///
    /// ```
    /// use syn2real::{FullLaw, LackOfFitAtS};
    ///
    /// let points = [(1e3, 10., 0.9), (2e3, 10., 0.8), (4e3, 10., 0.75), (1e3, 40., 0.5), (2e3, 40., 0.45), (4e3, 40., 0.42)];
    /// let mut by_s = [LackOfFitAtS::default(); 4];
    /// assert_eq!(FullLaw::fit(&points)?.lack_of_fit(&points, &mut by_s), 2);
    /// assert_eq!((by_s[0].s, by_s[1].s, by_s[0].points), (10.0, 40.0, 3));
    /// # Ok::<(), syn2real::FitError>(())
    /// ```
    pub fn lack_of_fit<T: Copy + Into<GridPoint>>(&self, points: &[T], out: &mut [LackOfFitAtS]) -> usize {
        let fit = self.erased();
        let law = fit.law();
        lack_of_fit(&fit.source(points), fit.report.residual, |n, s| law.value_at(n, s), out)
    }

    /// What this fit says of law (1) over n at the fine-tuning size `s`, against a fit of law (1) there.
    pub fn consistency(&self, s: f64, simple: &Syn2RealFit) -> Consistency {
        self.erased().consistency(s, simple)
    }
}

/// Residuals at one fine-tuning size: the lack of fit by s.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct LackOfFitAtS {
    /// The fine-tuning size.
    pub s: f64,
    /// Points there with a weight above 0.
    pub points: usize,
    /// Weighted mean of the residuals model - error, or of ln model - ln error in the log residual. A law that fits has
    /// means of about the rms of its noise over sqrt(points); larger ones of changing sign are lack of fit.
    pub mean: f64,
    /// Root of their weighted mean square.
    pub rms: f64,
}

/// Lack of fit for each distinct s, ascending, into `out`; how many distinct s there are.
pub(super) fn lack_of_fit(
    data: &GridRows<'_>,
    residual: Residual,
    law: impl Fn(f64, f64) -> f64,
    out: &mut [LackOfFitAtS],
) -> usize {
    let rows = || rows(data).filter(|p| p.weight > 0.0);
    let mut slots = out.iter_mut();
    let (mut found, mut last) = (0, 0.0);
    loop {
        let s = rows().map(|p| p.s).filter(|&s| s > last).fold(f64::INFINITY, f64::min);
        if s == f64::INFINITY {
            return found;
        }
        (found, last) = (found + 1, s);
        let Some(slot) = slots.next() else { continue };
        let (mut count, mut weight, mut sum, mut square) = (0, 0.0, 0.0, 0.0);
        for p in rows().filter(|p| p.s == s) {
            let (r, _) = residual.of(law(p.n, p.s), p.error);
            count += 1;
            weight += p.weight;
            sum += p.weight * r;
            square += p.weight * r * r;
        }
        *slot = LackOfFitAtS { s, points: count, mean: sum / weight, rms: math::sqrt(square / weight) };
    }
}

/// Law (1) at one fine-tuning size, as the law over both sizes implies it and as it was fitted there.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Consistency {
    /// The fine-tuning size.
    pub s: f64,
    /// What it implies: D = delta s^-beta, alpha, C = gamma D + E, or D = A, C = B s^-beta + E.
    pub implied: Syn2RealLaw,
    /// Standard errors of D, alpha, C as implied, by the delta method from the covariance of the fit.
    pub std_errors: [Option<f64>; 3],
    /// What was fitted at s.
    pub fitted: Syn2RealLaw,
    /// Its standard errors of D, alpha, C.
    pub fitted_std_errors: [Option<f64>; 3],
    /// (fitted - implied) / sqrt(sum of the squared standard errors) for D, alpha, C; beyond 2 in size the two fits
    /// contradict each other, if their data are independent and their laws right. A held parameter counts as exact.
    pub z: [Option<f64>; 3],
}
