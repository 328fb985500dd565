//! What a formula may do with its numbers, whatever they are: one, eight side by side, or eight with their derivatives.
use core::ops::{Add, Div, Mul, Neg, Sub};

use crate::math;
use crate::simd::F64x8;

/// A number of a [`Formula`](super::Formula): the four operations with its like and with `f64`, and the functions below.
///
/// It is an `f64`, eight of them ([`F64x8`]) or eight with derivatives ([`Dual`](super::Dual)); a value has the same bits in
/// each. A constant on the left of an operator is `S::constant(1.0)`; on the right `1.0` will do.
///
/// ```
/// use syn2real::simd::F64x8;
/// use syn2real::{Dual, Scalar};
///
/// /// Falls from `a` to 1 - `a`.
/// fn falling<S: Scalar>(a: S, x: S) -> S {
///     a + (S::constant(1.0) - a * 2.0) * x.logistic()
/// }
/// let [a] = Dual::parameters([0.9]);
/// let x = Dual::known(F64x8::splat(0.5));
/// assert_eq!(falling(a, x).value.0[0].to_bits(), falling(0.9, 0.5).to_bits());
/// let two: f64 = Scalar::constant(2.0);
/// assert_eq!(two, 2.0);
/// ```
pub trait Scalar:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
{
    /// `x` in every lane, with derivatives of 0.
    fn constant(x: f64) -> Self;
    /// e^x, within 0.8 ULP.
    fn exp(self) -> Self;
    /// e^x - 1, within 1.2 ULP near 0 as well.
    fn exp_m1(self) -> Self;
    /// The natural logarithm, within 0.85 ULP.
    fn ln(self) -> Self;
    /// The square root, correctly rounded.
    fn sqrt(self) -> Self;
    /// The sine, of `libm`.
    fn sin(self) -> Self;
    /// The cosine, of `libm`.
    fn cos(self) -> Self;
    /// The inverse tangent, of `libm`.
    fn atan(self) -> Self;

    /// x^`power` = e^(`power` ln x) for x >= 0, with a relative error of (2 + |power ln x|) 2^-52. 0 to a power above 0 is 0,
    /// and so are its derivatives by the power.
    #[cfg_attr(wide, inline(always))]
    fn pow(self, power: Self) -> Self {
        (power * self.ln()).exp()
    }

    /// x^`power` by products, for x of either sign.
    fn powi(self, power: i32) -> Self {
        let (mut square, mut product, mut left) = (self, Self::constant(1.0), power.unsigned_abs());
        while left > 0 {
            if left & 1 == 1 {
                product = product * square;
            }
            square = square * square;
            left >>= 1;
        }
        if power < 0 { Self::constant(1.0) / product } else { product }
    }

    /// 1 / (1 + e^-x), the sigmoid; its derivative does not overflow.
    #[cfg_attr(wide, inline(always))]
    fn logistic(self) -> Self {
        Self::constant(1.0) / ((-self).exp() + 1.0)
    }
}

impl Scalar for f64 {
    fn constant(x: f64) -> f64 {
        x
    }
    fn exp(self) -> f64 {
        math::exp(self)
    }
    fn exp_m1(self) -> f64 {
        math::exp_m1(self)
    }
    fn ln(self) -> f64 {
        math::ln(self)
    }
    fn sqrt(self) -> f64 {
        math::sqrt(self)
    }
    fn sin(self) -> f64 {
        math::sin(self)
    }
    fn cos(self) -> f64 {
        math::cos(self)
    }
    fn atan(self) -> f64 {
        math::atan(self)
    }
}

/// One lane after the other, by a function that has no lanes.
fn each(mut x: F64x8, f: fn(f64) -> f64) -> F64x8 {
    for lane in &mut x.0 {
        *lane = f(*lane);
    }
    x
}

impl Scalar for F64x8 {
    #[cfg_attr(wide, inline(always))]
    fn constant(x: f64) -> F64x8 {
        F64x8::splat(x)
    }
    #[cfg_attr(wide, inline(always))]
    fn exp(self) -> F64x8 {
        F64x8::exp(self)
    }
    #[cfg_attr(wide, inline(always))]
    fn exp_m1(self) -> F64x8 {
        F64x8::exp_m1(self)
    }
    #[cfg_attr(wide, inline(always))]
    fn ln(self) -> F64x8 {
        F64x8::ln(self)
    }
    #[cfg_attr(wide, inline(always))]
    fn sqrt(self) -> F64x8 {
        F64x8::sqrt(self)
    }
    fn sin(self) -> F64x8 {
        each(self, math::sin)
    }
    fn cos(self) -> F64x8 {
        each(self, math::cos)
    }
    fn atan(self) -> F64x8 {
        each(self, math::atan)
    }
}
