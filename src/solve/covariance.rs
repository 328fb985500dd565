//! What the last Jacobian tells: covariance, standard errors, condition.
use core::fmt;

use crate::linalg::{Ldl, Triangle};
use crate::math;

use super::bounds::Side;
use super::normal::{Factored, Normal, Stage};
use super::stop::Termination;

/// A column of the Jacobian depends on the others if less than this share of its length is its own: 2^-44, 256 eps. The
/// backward error of a QR of m rows grows like sqrt(m) eps in practice, 316 eps for 100,000 rows.
pub(crate) const DEPENDENT: f64 = 256.0 * f64::EPSILON;

/// Below this pivot ratio a step comes from the QR of the Jacobian instead of the normal equations: they give it with a
/// relative error of about eps / ratio, here 2e-4, and a step needs no more than a digit.
pub(crate) const ILL_CONDITIONED: f64 = 1e-12;

/// Square of the share of the residual that a parameter without influence moves: 2^-16. Its standard error is then more than
/// 10,000 times its value in any sample below 1e8 points.
const LOST: f64 = 1.0 / (1_u64 << 32) as f64;

/// Where a solve ended.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Solution<const P: usize> {
    /// Parameters.
    pub theta: [f64; P],
    /// 1/2 sum r^2 there, or the sum of the Huber loss.
    pub cost: f64,
    /// Why it ended; ask [`Termination::is_converged`] before using `theta`.
    pub termination: Termination,
    /// What was not finite, if `termination` is [`Termination::NonFinite`] or [`Termination::NotANumber`].
    pub stage: Option<Stage>,
    /// The first observation, from 0, at which it was not; `None` if every value is finite and only their sum is not.
    pub row: Option<usize>,
    /// Trial steps.
    pub iterations: u32,
    /// Passes over the data.
    pub evaluations: u32,
    /// The bounds that hold the parameters: `theta` is on the bound and the cost decreases beyond it, or both ends of the
    /// interval are equal.
    pub active: [Option<Side>; P],
    /// Derivative of the cost.
    pub gradient: [f64; P],
    /// Observations.
    pub residuals: usize,
    /// |psi|^2 of the residuals.
    pub(crate) square: f64,
    /// Share of the residuals within the Huber delta, 1 in least squares.
    pub(crate) within: f64,
    /// R of the free columns of the Jacobian (within the Huber delta); zero if the Jacobian was not finite.
    pub(crate) r: Triangle<P>,
}

impl<const P: usize> Solution<P> {
    /// A solution without statistics.
    pub(crate) fn new(theta: [f64; P], residuals: usize) -> Solution<P> {
        Solution {
            theta,
            cost: f64::NAN,
            termination: Termination::NonFinite,
            stage: None,
            row: None,
            iterations: 0,
            evaluations: 0,
            active: [None; P],
            gradient: [f64::NAN; P],
            residuals,
            square: f64::NAN,
            within: 1.0,
            r: Triangle([[0.0; P]; P]),
        }
    }

    /// Takes over the Jacobian.
    pub(crate) fn factored(&mut self, factored: &Factored<P>) {
        let none = [0.0; P];
        let free = self.free();
        self.r = if free == [true; P] { factored.qr.r } else { factored.qr.reduced(&free, &none, &none).r };
        self.within = 1.0 - factored.count_beyond / self.residuals as f64;
    }

    /// Whether a parameter is at least twice its `scale` and without influence there, by the Hessian of `model` where that is
    /// good enough, else by J'J; see [`Termination::RanAway`].
    pub(crate) fn ran_away(&self, at: &Normal<P>, model: &Normal<P>, scale: &[f64; P]) -> bool {
        let free = self.free();
        let factors = Ldl::new(&model.gram, &[0.0; P], &free);
        let covariance = self.covariance(1.0);
        (0..P).any(|j| {
            let square = self.theta[j] * self.theta[j];
            let lost = at.gram[j][j] * square <= LOST * self.square;
            let undetermined = if factors.pivot_ratio > ILL_CONDITIONED {
                let mut unit = [0.0; P];
                unit[j] = 1.0;
                Some(factors.solve(&unit)[j])
            } else {
                covariance.map(|c| c[j][j])
            };
            let undetermined = undetermined.is_some_and(|c| square <= LOST * c * self.square);
            free[j] && self.theta[j].abs() >= 2.0 * scale[j] && (lost || undetermined)
        })
    }

    fn free(&self) -> [bool; P] {
        self.active.map(|side| side.is_none())
    }

    /// Observations minus parameters that no bound holds.
    pub fn degrees_of_freedom(&self) -> i64 {
        let free = self.free().iter().filter(|f| **f).count();
        i64::try_from(self.residuals).unwrap_or(i64::MAX) - i64::try_from(free).unwrap_or(i64::MAX)
    }

    /// Whether there are fewer observations than parameters that no bound holds: then many parameters fit equally well and
    /// `theta` is one of them, whatever the termination says; there are no standard errors.
    pub fn is_underdetermined(&self) -> bool {
        self.degrees_of_freedom() < 0
    }

    /// `scale2` (J'J)^-1 over the parameters that no bound holds, from the QR of J; zero in the rows and columns of the
    /// others. `scale2` is the variance of a residual of weight 1: 1 if the weights are 1/sigma^2 with known sigmas,
    /// 2 cost / degrees of freedom if they are relative. `None` if J has dependent columns.
    pub fn covariance(&self, scale2: f64) -> Option<[[f64; P]; P]> {
        let free = self.free();
        if self.r.pivot_ratio(&free) <= DEPENDENT {
            return None;
        }
        let mut covariance = self.r.inverse_gram(&free);
        for x in covariance.as_flattened_mut() {
            *x *= scale2;
        }
        Some(covariance)
    }

    /// Variance of a residual of weight 1 as estimated from the residuals themselves; `None` without degrees of freedom.
    ///
    /// Least squares: 2 cost / degrees of freedom. Huber: sum psi^2 / degrees of freedom times K / m, with m the share of
    /// residuals within delta and K = 1 + p (1 - m) / (n m) (Huber, Robust Statistics, 1981, eq. 7.6.11 with psi' and the
    /// matrix of the residuals within delta).
    pub fn scale2(&self) -> Option<f64> {
        let dof = self.degrees_of_freedom();
        if dof <= 0 {
            return None;
        }
        let (n, m) = (self.residuals as f64, self.within);
        let correction = 1.0 + (n - dof as f64) * (1.0 - m) / (n * m);
        let scale2 = self.square / dof as f64 * correction / m;
        if scale2.is_finite() { Some(scale2) } else { None }
    }

    /// Asymptotic standard errors with relative weights, the roots of the diagonal of `covariance(scale2())`. `None` for a
    /// parameter that a bound holds, and for all without degrees of freedom or with dependent columns.
    pub fn std_errors(&self) -> [Option<f64>; P] {
        let covariance = self.scale2().and_then(|scale2| self.covariance(scale2));
        let free = self.free();
        core::array::from_fn(|j| covariance.filter(|_| free[j]).map(|c| math::sqrt(c[j][j])))
    }

    /// Condition number of the Jacobian of the parameters that no bound holds, columns scaled to unit length: largest over
    /// smallest singular value, 1 for orthogonal columns, infinite for dependent ones.
    pub fn condition(&self) -> f64 {
        self.r.condition(&self.free())
    }
}

/// The end in one sentence, with the observation where a value was not finite and with what is missing.
impl<const P: usize> fmt::Display for Solution<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.termination)?;
        if let Some(stage) = self.stage {
            write!(f, "; it is the {stage}")?;
            match self.row {
                Some(row) => write!(f, " of observation {row}")?,
                None => f.write_str(", summed over the observations")?,
            }
        }
        if self.is_underdetermined() {
            let free = self.free().iter().filter(|f| **f).count();
            let n = self.residuals;
            write!(f, "; {n} observations do not determine {free} parameters: hold some or measure more")?;
        }
        Ok(())
    }
}
