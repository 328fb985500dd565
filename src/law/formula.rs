//! A law that is a formula and nothing else: its derivatives come by themselves.
#![allow(clippy::needless_range_loop, reason = "loops over parameters, which closures would put out of line")]
use crate::simd::{F64x8, LANES};

use super::{Dual, Law, Residual, Scalar};

/// A function of `P` parameters and of `X` things that were known at each measurement (sizes, counts, compute).
///
/// Written once for any [`Scalar`], it is evaluated on one number, on eight, and on eight with exact derivatives
/// ([`Dual`]). No heap, no step of a difference, and the same bits on every machine. As `Formula<P, 0>` it is a function of
/// the parameters alone, of which an interval can be asked.
///
/// ```
/// use syn2real::{Formula, Scalar};
///
/// /// L(N, D) = E + A / N^alpha + B / D^beta.
/// struct Chinchilla;
/// impl Formula<5, 2> for Chinchilla {
///     fn value<S: Scalar>(&self, [e, a, alpha, b, beta]: [S; 5], [n, d]: [S; 2]) -> S {
///         e + a * n.pow(-alpha) + b * d.pow(-beta)
///     }
/// }
/// let published = [1.69, 406.4, 0.34, 410.7, 0.28];
/// assert!((Chinchilla.value(published, [70e9, 1.4e12]) - 1.937).abs() < 1e-3);
/// ```
pub trait Formula<const P: usize, const X: usize = 1> {
    /// The value at parameters `theta` and place `x`.
    fn value<S: Scalar>(&self, theta: [S; P], x: [S; X]) -> S;
}

impl<F: Formula<P, X> + ?Sized, const P: usize, const X: usize> Formula<P, X> for &F {
    #[cfg_attr(wide, inline(always))]
    fn value<S: Scalar>(&self, theta: [S; P], x: [S; X]) -> S {
        (**self).value(theta, x)
    }
}

/// A measurement of a [`Formula`]: where, what, and how much it counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<const X: usize = 1> {
    /// Where it was measured.
    pub x: [f64; X],
    /// What was measured; > 0 in the log residual.
    pub y: f64,
    /// The weight of its squared residual, >= 0: 1 unless set; 1/sigma^2 in the linear residual and (y/sigma)^2 in the
    /// logarithmic one where the standard deviation sigma of y is known. 0 leaves it out.
    pub weight: f64,
}

impl<const X: usize> Row<X> {
    /// A measurement of weight 1.
    pub const fn new(x: [f64; X], y: f64) -> Row<X> {
        Row { x, y, weight: 1.0 }
    }

    /// The same with a weight.
    pub const fn with_weight(self, weight: f64) -> Row<X> {
        Row { weight, ..self }
    }
}

/// A [`Formula`] as a [`Law`]: residuals of its values against measurements, and their exact Jacobian.
///
/// ```
/// use syn2real::solve::{SolveOptions, solve};
/// use syn2real::{Formula, OwnLaw, Row, Scalar};
///
/// /// y = a e^(-b x).
/// struct Decay;
/// impl Formula<2> for Decay {
///     fn value<S: Scalar>(&self, [a, b]: [S; 2], [x]: [S; 1]) -> S {
///         a * (-b * x).exp()
///     }
/// }
/// let data = [(0.0, 2.0), (1.0, 1.0), (2.0, 0.5), (3.0, 0.26)].map(|(x, y)| Row::new([x], y));
/// let solution = solve(&OwnLaw::linear(Decay), &data, [1.0, 1.0], &SolveOptions::default())?;
/// assert!((solution.theta[1] - 0.690).abs() < 1e-3);
/// # Ok::<(), syn2real::solve::SolveError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnLaw<F, const X: usize = 1> {
    /// The formula.
    pub formula: F,
    /// The space of the residuals.
    pub residual: Residual,
}

impl<F, const X: usize> OwnLaw<F, X> {
    /// With residuals ln(value) - ln(y): errors in proportion. NaN where either is not above 0.
    pub const fn log(formula: F) -> OwnLaw<F, X> {
        OwnLaw { formula, residual: Residual::Log }
    }

    /// With residuals value - y.
    pub const fn linear(formula: F) -> OwnLaw<F, X> {
        OwnLaw { formula, residual: Residual::Linear }
    }
}

impl<F: Formula<P, X>, const P: usize, const X: usize> Law<P> for OwnLaw<F, X> {
    type Observation = Row<X>;

    #[cfg_attr(wide, inline(always))]
    fn rows(
        &self,
        theta: &[f64; P],
        block: &[Row<X>; LANES],
        residuals: &mut F64x8,
        jacobian: Option<&mut [F64x8; P]>,
    ) {
        let (mut x, mut y, mut root) = ([F64x8::splat(0.0); X], F64x8::splat(0.0), F64x8::splat(0.0));
        for i in 0..LANES {
            for k in 0..X {
                x[k].0[i] = block[i].x[k];
            }
            (y.0[i], root.0[i]) = (block[i].y, block[i].weight);
        }
        root = root.sqrt();
        let Some(jacobian) = jacobian else {
            let theta = theta.map(F64x8::splat);
            let model = self.formula.value(theta, x);
            *residuals = weighed(self.residual_of(model, y).0, root);
            return;
        };
        let model = self.formula.value(Dual::parameters(*theta), x.map(Dual::known));
        let (residual, slope) = self.residual_of(model.value, y);
        *residuals = weighed(residual, root);
        for j in 0..P {
            jacobian[j] = weighed(model.slopes[j] * slope, root);
        }
    }

    #[cfg_attr(wide, inline(always))]
    fn roots(&self, block: &[Row<X>; LANES]) -> F64x8 {
        let mut root = F64x8::splat(0.0);
        for i in 0..LANES {
            root.0[i] = block[i].weight;
        }
        root.sqrt()
    }
}

/// Times the root of the weight; a row without weight is left out, whatever the formula makes of it.
#[cfg_attr(wide, inline(always))]
fn weighed(x: F64x8, root: F64x8) -> F64x8 {
    let zero = F64x8::splat(0.0);
    root.eq(zero).select(zero, x * root)
}

impl<F, const X: usize> OwnLaw<F, X> {
    /// The residual, and its derivative by the value.
    #[cfg_attr(wide, inline(always))]
    fn residual_of(&self, model: F64x8, y: F64x8) -> (F64x8, F64x8) {
        match self.residual {
            Residual::Log => ((model / y).ln(), F64x8::splat(1.0) / model),
            Residual::Linear => (model - y, F64x8::splat(1.0)),
        }
    }
}
