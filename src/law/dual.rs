//! Dual numbers on lanes: a value and its derivatives by the parameters, through the rules of differentiation. No step is
//! chosen and nothing cancels: a derivative is as good as the operations of the formula.
#![allow(clippy::needless_range_loop, reason = "loops over parameters, which closures would put out of line")]
use core::ops::{Add, Div, Mul, Neg, Sub};

use crate::simd::F64x8;

use super::Scalar;

/// Eight values with their derivatives by `P` parameters.
///
/// ```
/// use syn2real::simd::F64x8;
/// use syn2real::{Dual, Scalar};
///
/// // d (x^y) / dx and / dy at (2, 3).
/// let [x, y] = Dual::parameters([2.0, 3.0]);
/// let z = x.pow(y);
/// let close = |a: F64x8, b: f64| (a.0[0] / b - 1.0).abs() < 1e-15;
/// assert!(close(z.value, 8.0) && close(z.slopes[0], 12.0) && close(z.slopes[1], 8.0 * std::f64::consts::LN_2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual<const P: usize> {
    /// The values.
    pub value: F64x8,
    /// Their derivatives by each parameter.
    pub slopes: [F64x8; P],
}

impl<const P: usize> Dual<P> {
    /// The parameters themselves: the derivative of each by itself is 1.
    #[cfg_attr(wide, inline(always))]
    pub fn parameters(theta: [f64; P]) -> [Dual<P>; P] {
        let mut all = [Dual::known(F64x8::splat(0.0)); P];
        for j in 0..P {
            all[j].value = F64x8::splat(theta[j]);
            all[j].slopes[j] = F64x8::splat(1.0);
        }
        all
    }

    /// Values that no parameter moves.
    #[cfg_attr(wide, inline(always))]
    pub fn known(value: F64x8) -> Dual<P> {
        Dual { value, slopes: [F64x8::splat(0.0); P] }
    }

    /// A function of this: its values, and its derivatives by this.
    #[cfg_attr(wide, inline(always))]
    fn chain(mut self, value: F64x8, slope: F64x8) -> Dual<P> {
        self.value = value;
        for j in 0..P {
            self.slopes[j] *= slope;
        }
        self
    }
}

impl<const P: usize> Add for Dual<P> {
    type Output = Dual<P>;
    #[cfg_attr(wide, inline(always))]
    fn add(mut self, rhs: Dual<P>) -> Dual<P> {
        self.value += rhs.value;
        for j in 0..P {
            self.slopes[j] += rhs.slopes[j];
        }
        self
    }
}

impl<const P: usize> Sub for Dual<P> {
    type Output = Dual<P>;
    #[cfg_attr(wide, inline(always))]
    fn sub(mut self, rhs: Dual<P>) -> Dual<P> {
        self.value -= rhs.value;
        for j in 0..P {
            self.slopes[j] -= rhs.slopes[j];
        }
        self
    }
}

impl<const P: usize> Mul for Dual<P> {
    type Output = Dual<P>;
    #[cfg_attr(wide, inline(always))]
    fn mul(mut self, rhs: Dual<P>) -> Dual<P> {
        for j in 0..P {
            self.slopes[j] = self.slopes[j] * rhs.value + rhs.slopes[j] * self.value;
        }
        self.value *= rhs.value;
        self
    }
}

impl<const P: usize> Div for Dual<P> {
    type Output = Dual<P>;
    #[cfg_attr(wide, inline(always))]
    fn div(mut self, rhs: Dual<P>) -> Dual<P> {
        self.value /= rhs.value;
        for j in 0..P {
            self.slopes[j] = (self.slopes[j] - rhs.slopes[j] * self.value) / rhs.value;
        }
        self
    }
}

impl<const P: usize> Neg for Dual<P> {
    type Output = Dual<P>;
    #[cfg_attr(wide, inline(always))]
    fn neg(mut self) -> Dual<P> {
        self.value = -self.value;
        for j in 0..P {
            self.slopes[j] = -self.slopes[j];
        }
        self
    }
}

impl<const P: usize> Add<f64> for Dual<P> {
    type Output = Dual<P>;
    #[cfg_attr(wide, inline(always))]
    fn add(mut self, rhs: f64) -> Dual<P> {
        self.value += rhs;
        self
    }
}

impl<const P: usize> Sub<f64> for Dual<P> {
    type Output = Dual<P>;
    #[cfg_attr(wide, inline(always))]
    fn sub(mut self, rhs: f64) -> Dual<P> {
        self.value -= rhs;
        self
    }
}

impl<const P: usize> Mul<f64> for Dual<P> {
    type Output = Dual<P>;
    #[cfg_attr(wide, inline(always))]
    fn mul(self, rhs: f64) -> Dual<P> {
        let value = self.value * rhs;
        self.chain(value, F64x8::splat(rhs))
    }
}

impl<const P: usize> Div<f64> for Dual<P> {
    type Output = Dual<P>;
    #[cfg_attr(wide, inline(always))]
    fn div(mut self, rhs: f64) -> Dual<P> {
        self.value /= rhs;
        for j in 0..P {
            self.slopes[j] /= rhs;
        }
        self
    }
}

impl<const P: usize> Scalar for Dual<P> {
    #[cfg_attr(wide, inline(always))]
    fn constant(x: f64) -> Dual<P> {
        Dual::known(F64x8::splat(x))
    }

    #[cfg_attr(wide, inline(always))]
    fn exp(self) -> Dual<P> {
        let e = self.value.exp();
        self.chain(e, e)
    }

    #[cfg_attr(wide, inline(always))]
    fn exp_m1(self) -> Dual<P> {
        let value = self.value.exp_m1();
        let e = self.value.exp();
        self.chain(value, e)
    }

    #[cfg_attr(wide, inline(always))]
    fn ln(self) -> Dual<P> {
        let x = self.value;
        self.chain(x.ln(), F64x8::splat(1.0) / x)
    }

    #[cfg_attr(wide, inline(always))]
    fn sqrt(self) -> Dual<P> {
        let root = self.value.sqrt();
        self.chain(root, F64x8::splat(0.5) / root)
    }

    fn sin(self) -> Dual<P> {
        self.chain(Scalar::sin(self.value), Scalar::cos(self.value))
    }

    fn cos(self) -> Dual<P> {
        self.chain(Scalar::cos(self.value), -Scalar::sin(self.value))
    }

    fn atan(self) -> Dual<P> {
        let x = self.value;
        self.chain(Scalar::atan(x), F64x8::splat(1.0) / (x * x + 1.0))
    }

    #[cfg_attr(wide, inline(always))]
    fn pow(self, power: Dual<P>) -> Dual<P> {
        let ln = self.value.ln();
        let value = (power.value * ln).exp();
        // x^p ln x and p x^(p-1) dx end at 0 with x where p is above 0; 0 times infinity would say NaN.
        let (zero, is_nothing) = (F64x8::splat(0.0), value.eq(F64x8::splat(0.0)));
        let by_power = is_nothing.select(zero, value * ln);
        let by_base = value / self.value * power.value;
        let mut slopes = [zero; P];
        for j in 0..P {
            // A base that no parameter moves has no slope, at 0 as well.
            let moved = self.slopes[j].eq(zero).select(zero, self.slopes[j] * by_base);
            slopes[j] = moved + power.slopes[j] * by_power;
        }
        Dual { value, slopes }
    }

    #[cfg_attr(wide, inline(always))]
    fn logistic(self) -> Dual<P> {
        let share = F64x8::splat(1.0) / ((-self.value).exp() + 1.0);
        let rest = F64x8::splat(1.0) / (self.value.exp() + 1.0);
        self.chain(share, share * rest)
    }
}
