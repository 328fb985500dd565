//! The fit of a law of the user's own, and what can be asked of it.
use core::fmt;

use crate::fit::{Confidence, Interval};
use crate::infer::Band;
use crate::law::{Formula, Law, OwnLaw, Residual};
use crate::math;
use crate::simd::LANES;
use crate::solve::{Bounds, Fitted, GlobalOptions, Loss, Observations, Scale, SolveOptions, Termination};

use super::OwnError;
use super::found::{Asked, Found, find};
use super::profile::Goal;
use super::rows::{At, Function, MOST, Padded, own, padded};
use super::samples::{self, OwnVerdict, Sizes};

/// Options of [`fit`]: where to look, and how residuals count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnOptions<const P: usize> {
    /// Interval of each parameter; the starts lie between the ends, which must be finite for every parameter that is not
    /// held, unless there is a `start`. A bound is a fact: an interval ends there.
    pub bounds: [Bounds; P],
    /// How the starts are spread over it.
    pub scale: [Scale; P],
    /// The value at which a parameter is held. Default: all estimated.
    pub fixed: [Option<f64>; P],
    /// Where to start instead of everywhere. Default: `None`.
    pub start: Option<[f64; P]>,
    /// How many starts. Default: 100.
    pub starts: u32,
    /// Cost of a residual. Default: [`Loss::Square`]; [`Loss::HuberAbsolute`] is the other.
    pub loss: Loss,
    /// Whether weights are absolute, 1/sigma^2 with known sigmas, instead of relative. Default: no.
    pub is_absolute: bool,
}

impl<const P: usize> OwnOptions<P> {
    /// Many starts in a box: spread by the logarithm where it spans a decade or more above 0, else evenly.
    pub fn within(sides: [(f64, f64); P]) -> OwnOptions<P> {
        let scale = sides.map(|(a, b)| if a > 0.0 && b >= 10.0 * a { Scale::Log } else { Scale::Linear });
        let bounds = sides.map(Bounds::from);
        let (fixed, loss) = ([None; P], Loss::Square);
        OwnOptions { bounds, scale, fixed, start: None, starts: 100, loss, is_absolute: false }
    }

    /// One start, and no bounds.
    pub fn from_start(start: [f64; P]) -> OwnOptions<P> {
        let bounds = [Bounds::FREE; P];
        OwnOptions { bounds, start: Some(start), ..OwnOptions::within([(0.0, 1.0); P]) }
    }

    /// For all the parameters that there can be; those that the law has not are held.
    fn padded(&self) -> Asked {
        let mut options =
            SolveOptions { bounds: padded(&self.bounds, Bounds::FREE), loss: self.loss, ..Default::default() };
        options.fixed = padded(&self.fixed, Some(0.0));
        let global = GlobalOptions { solve: options, scale: padded(&self.scale, Scale::Linear), starts: self.starts };
        Asked { global, start: self.start.map(|start| padded(&start, 0.0)), is_absolute: self.is_absolute }
    }

    /// Where quadratic turns linear.
    fn delta(&self) -> f64 {
        if let Loss::HuberAbsolute { delta } = self.loss { delta } else { f64::INFINITY }
    }
}

/// A law of the user's own at its data: the lowest minimum found, and intervals of what it says.
///
/// It displays as "5 parameters from 40 observations; 97 of 100 starts ended here".
#[derive(Clone, Copy, Debug)]
pub struct OwnFit<'a, L, D: ?Sized, const P: usize> {
    law: &'a L,
    data: &'a D,
    delta: f64,
    found: Found,
}

/// Fits `law` to `data`: the lowest of the minima that the starts of the box end in, or the one below `options.start`.
///
/// The law is an [`OwnLaw`] of a formula, or any [`Law`] of at most 9 parameters. Data of an [`OwnLaw`] are
/// [`Row`](crate::Row)s, pairs `(x, y)` or `([x, ..], y)`, or triples with a weight. Compiled once for all laws: what is
/// compiled for a law is its formula.
///
/// # Errors
/// [`OwnError::Solve`] if an option is out of its range or there are no observations; [`OwnError::NotConverged`] where no
/// minimum was found, or a start that ended in none is lower than all of them: the data do not determine the parameters, or
/// the law has no finite value at an observation, which it names.
///
/// ```
/// use syn2real::own::{OwnOptions, Sizes, fit};
/// use syn2real::{Confidence, Formula, OwnLaw, Scalar};
///
/// /// L(n) = a - b ln n.
/// struct Logarithm;
/// impl Formula<2> for Logarithm {
///     fn value<S: Scalar>(&self, [a, b]: [S; 2], [n]: [S; 1]) -> S {
///         a - b * n.ln()
///     }
/// }
/// let points = [(1e3, 0.612), (2e3, 0.585), (4e3, 0.551), (8e3, 0.524), (16e3, 0.493), (32e3, 0.466)];
/// let law = OwnLaw::linear(Logarithm);
/// let fit = fit(&law, &points, &OwnOptions::within([(0.0, 5.0), (0.0, 1.0)]))?;
/// let b = fit.parameter(1, Confidence::P95)?;
/// assert!(b.lower.unwrap() < 0.0425 && 0.0425 < b.upper.unwrap());
/// let at_64k = fit.value_at([64e3], Confidence::P95)?;
/// let new = fit.measurement_at([64e3], Confidence::P95)?;
/// assert!(new.lower < at_64k.lower && at_64k.upper < new.upper, "a measurement scatters about the law");
/// let verdict = fit.samples_for(0.4, |n| [n], Sizes::new(1e3, 1e6), Confidence::P95)?;
/// assert_eq!(verdict.name(), "reachable");
/// # Ok::<(), syn2real::own::OwnError>(())
/// ```
pub fn fit<'a, L: Law<P>, const P: usize, D: Observations<L::Observation> + ?Sized>(
    law: &'a L,
    data: &'a D,
    options: &OwnOptions<P>,
) -> Result<OwnFit<'a, L, D, P>, OwnError> {
    const { assert!(P <= MOST, "a law of at most 9 parameters") };
    let delta = options.delta();
    let rows = Padded::<_, _, P>(Fitted { law, data, delta });
    let found = find(&rows, [data.len(), counted(law, data)], &options.padded())?;
    Ok(OwnFit { law, data, delta, found })
}

/// Observations with a weight.
fn counted<L: Law<P>, const P: usize, D: Observations<L::Observation> + ?Sized>(law: &L, data: &D) -> usize {
    let (mut left, mut count, mut k) = (data.len(), 0, 0);
    while let Some(block) = data.block(k) {
        count += law.roots(&block).0.iter().take(left).filter(|root| **root != 0.0).count();
        (left, k) = (left.saturating_sub(LANES), k + 1);
    }
    count
}

impl<L: Law<P>, D: Observations<L::Observation> + ?Sized, const P: usize> OwnFit<'_, L, D, P> {
    fn rows(&self) -> Padded<'_, L, D, P> {
        Padded(Fitted { law: self.law, data: self.data, delta: self.delta })
    }

    /// The parameters.
    pub fn theta(&self) -> [f64; P] {
        own(&self.found.optimum.theta)
    }

    /// 1/2 the sum of the weighted squared residuals, or the sum of the Huber loss.
    pub fn cost(&self) -> f64 {
        self.found.optimum.cost
    }

    /// Why the solve ended there.
    pub fn termination(&self) -> Termination {
        self.found.optimum.termination
    }

    /// Observations with a weight, minus parameters that are not held.
    pub fn degrees_of_freedom(&self) -> i64 {
        let signed = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        signed(self.found.counted) - signed(self.found.free())
    }

    /// Asymptotic standard errors; `None` for a parameter that is held or on a bound, and where the data do not determine it.
    /// They are right where the law is nearly linear over them: the profile, [`OwnFit::parameter`], needs no such luck.
    pub fn std_errors(&self) -> [Option<f64>; P] {
        let optimum = &self.found.optimum;
        if !self.found.is_absolute {
            return own(&optimum.std_errors());
        }
        let (covariance, mut all) = (optimum.covariance(1.0), [None; MOST]);
        for j in 0..MOST {
            all[j] = covariance.filter(|_| optimum.active[j].is_none()).map(|c| math::sqrt(c[j][j]));
        }
        own(&all)
    }

    /// The profile interval of parameter `j`, counted from 0.
    ///
    /// # Errors
    /// [`OwnError::NoFreedom`], [`OwnError::Fixed`] for one that is held or that the law has not, [`OwnError::EndNotFound`].
    pub fn parameter(&self, j: usize, confidence: Confidence) -> Result<Interval, OwnError> {
        let held = self.found.options.fixed.get(j).copied().flatten();
        let Some(estimate) = self.theta().get(j).copied().filter(|_| held.is_none()) else {
            return Err(OwnError::Fixed { parameter: j });
        };
        let is_ln = estimate > 0.0 && self.found.is_log.get(j).copied().unwrap_or(false);
        self.found.interval(&self.rows(), Goal::Parameter(j, is_ln), estimate, confidence)
    }

    /// The profile interval of a function of the parameters: a [`Formula`] without places.
    ///
    /// ```
    /// use syn2real::own::{OwnOptions, fit};
    /// use syn2real::{Confidence, Formula, OwnLaw, Scalar};
    ///
    /// struct Decay;
    /// impl Formula<2> for Decay {
    ///     fn value<S: Scalar>(&self, [a, b]: [S; 2], [x]: [S; 1]) -> S {
    ///         a * (-b * x).exp()
    ///     }
    /// }
    /// /// ln 2 / b.
    /// struct HalfLife;
    /// impl Formula<2, 0> for HalfLife {
    ///     fn value<S: Scalar>(&self, [_, b]: [S; 2], []: [S; 0]) -> S {
    ///         S::constant(2.0).ln() / b
    ///     }
    /// }
    /// let data = [(0.0, 2.0), (1.0, 1.02), (2.0, 0.5), (3.0, 0.26), (4.0, 0.12)];
    /// let law = OwnLaw::linear(Decay);
    /// let fit = fit(&law, &data, &OwnOptions::from_start([1.0, 1.0]))?;
    /// let half_life = fit.quantity(&HalfLife, Confidence::P95)?;
    /// assert!(half_life.lower.unwrap() < 1.0 && 1.0 < half_life.upper.unwrap());
    /// # Ok::<(), syn2real::own::OwnError>(())
    /// ```
    ///
    /// # Errors
    /// [`OwnError::NoFreedom`], [`OwnError::Value`] where it has no finite value, [`OwnError::EndNotFound`].
    pub fn quantity<G: Formula<P, 0>>(&self, quantity: &G, confidence: Confidence) -> Result<Interval, OwnError> {
        let function = At(quantity, []);
        let estimate = self.estimate(&function, false, 0)?;
        self.found.interval(&self.rows(), Goal::Value(&function), estimate, confidence)
    }

    /// The value at the optimum, if intervals can be had about it.
    fn estimate(&self, function: &dyn Function, is_log: bool, place: usize) -> Result<f64, OwnError> {
        let (value, _) = function.at(&self.found.optimum.theta);
        let is_usable = value.is_finite() && (!is_log || value > 0.0);
        if is_usable { Ok(value) } else { Err(OwnError::Value { place }) }
    }
}

impl<F, D, const P: usize, const X: usize> OwnFit<'_, OwnLaw<F, X>, D, P>
where
    F: Formula<P, X>,
    D: Observations<crate::law::Row<X>> + ?Sized,
{
    /// The value of the formula at a place, with the profile interval of what the mean of many measurements there tends to.
    ///
    /// # Errors
    /// As [`OwnFit::quantity`].
    pub fn value_at(&self, x: [f64; X], confidence: Confidence) -> Result<Interval, OwnError> {
        let function = At(&self.law.formula, x);
        let estimate = self.estimate(&function, false, 0)?;
        self.found.interval(&self.rows(), Goal::Value(&function), estimate, confidence)
    }

    /// The same for one new measurement of weight 1: all values that, added to the data, would leave some law within the limit.
    ///
    /// # Errors
    /// As [`OwnFit::quantity`].
    pub fn measurement_at(&self, x: [f64; X], confidence: Confidence) -> Result<Interval, OwnError> {
        let (function, is_log) = (At(&self.law.formula, x), self.law.residual == Residual::Log);
        let estimate = self.estimate(&function, is_log, 0)?;
        self.found.interval(&self.rows(), Goal::Measurement(&function, is_log), estimate, confidence)
    }

    /// Fills `out[k]` with the intervals of mean and new measurement at `x[k]`.
    ///
    /// # Errors
    /// [`OwnError::Lengths`] if `x` and `out` have different lengths; [`OwnError::Value`] names the place; as
    /// [`OwnFit::quantity`].
    pub fn band(&self, x: &[[f64; X]], confidence: Confidence, out: &mut [Band]) -> Result<(), OwnError> {
        if x.len() != out.len() {
            return Err(OwnError::Lengths);
        }
        let (rows, is_log) = (self.rows(), self.law.residual == Residual::Log);
        for (place, (x, slot)) in x.iter().zip(out).enumerate() {
            let function = At(&self.law.formula, *x);
            let error = self.estimate(&function, is_log, place)?;
            let ask = |goal| self.found.interval(&rows, goal, error, confidence).map(|i| [i.lower, i.upper]);
            let (curve, measurement) = (ask(Goal::Value(&function))?, ask(Goal::Measurement(&function, is_log))?);
            *slot = Band { error, curve, measurement };
        }
        Ok(())
    }

    /// How many samples a target takes: the sizes at which the law meets `target` along the way `path` from a size to a place
    /// (`|n| [n]`, `|n| [n, 20.0 * n]`), with the interval that the profile band sets, and the verdict.
    ///
    /// A law that falls is at the target from there on below it, one that rises above it. The law must be monotone between
    /// `sizes`: 512 sizes are looked at, on the laws that set the limits as well.
    ///
    /// # Errors
    /// [`OwnError::NotMonotone`] names the n where the law turns, [`OwnError::Constant`]; [`OwnError::Target`],
    /// [`OwnError::Sizes`]; as [`OwnFit::quantity`].
    pub fn samples_for(
        &self,
        target: f64,
        path: impl Fn(f64) -> [f64; X],
        sizes: Sizes,
        confidence: Confidence,
    ) -> Result<OwnVerdict, OwnError> {
        let along = samples::Path { formula: &self.law.formula, path: &path };
        samples::verdict(&self.rows(), &self.found, &along, target, sizes, confidence)
    }
}

impl<L, D: ?Sized, const P: usize> fmt::Display for OwnFit<'_, L, D, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Found { counted, tried: [starts, here], .. } = self.found;
        write!(f, "{P} parameters from {counted} observations; {here} of {starts} starts ended here")
    }
}
