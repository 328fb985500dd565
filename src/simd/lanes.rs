//! Provisional lanes.
use core::ops::{Add, Div, Mul, Neg, Sub};

/// Number of lanes, on every machine.
pub const LANES: usize = 8;

/// Eight f64.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct F64x8(pub [f64; LANES]);

/// Eight truth values, all bits set or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Mask8(pub [u64; LANES]);

macro_rules! binary {
    ($trait:ident, $fn:ident, $op:tt) => {
        impl $trait for F64x8 {
            type Output = F64x8;
            #[inline(always)]
            fn $fn(self, rhs: F64x8) -> F64x8 {
                F64x8(core::array::from_fn(|i| self.0[i] $op rhs.0[i]))
            }
        }
        impl $trait<f64> for F64x8 {
            type Output = F64x8;
            #[inline(always)]
            fn $fn(self, rhs: f64) -> F64x8 {
                F64x8(core::array::from_fn(|i| self.0[i] $op rhs))
            }
        }
    };
}
binary!(Add, add, +);
binary!(Sub, sub, -);
binary!(Mul, mul, *);
binary!(Div, div, /);

impl Neg for F64x8 {
    type Output = F64x8;
    #[inline(always)]
    fn neg(self) -> F64x8 {
        F64x8(core::array::from_fn(|i| -self.0[i]))
    }
}

macro_rules! compare {
    ($($fn:ident $op:tt),*) => { $(
        /// Lane by lane; false where either side is NaN.
        #[inline(always)]
        pub fn $fn(self, rhs: F64x8) -> Mask8 {
            Mask8(core::array::from_fn(|i| if self.0[i] $op rhs.0[i] { u64::MAX } else { 0 }))
        }
    )* };
}

impl F64x8 {
    /// All lanes `x`.
    #[inline(always)]
    pub const fn splat(x: f64) -> F64x8 {
        F64x8([x; LANES])
    }
    compare!(lt <, le <=, gt >, ge >=, eq ==);
    /// Absolute value.
    #[inline(always)]
    pub fn abs(self) -> F64x8 {
        F64x8(core::array::from_fn(|i| f64::from_bits(self.0[i].to_bits() & !(1 << 63))))
    }
    /// `if self < rhs { self } else { rhs }`, lane by lane.
    #[inline(always)]
    pub fn min(self, rhs: F64x8) -> F64x8 {
        self.lt(rhs).select(self, rhs)
    }
    /// `if self > rhs { self } else { rhs }`, lane by lane.
    #[inline(always)]
    pub fn max(self, rhs: F64x8) -> F64x8 {
        self.gt(rhs).select(self, rhs)
    }
    /// The fixed tree ((0+4)+(2+6)) + ((1+5)+(3+7)).
    #[inline(always)]
    pub fn sum(self) -> f64 {
        let a = self.0;
        ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]))
    }
    /// e^x.
    #[inline(always)]
    pub fn exp(self) -> F64x8 {
        F64x8(core::array::from_fn(|i| libm::exp(self.0[i])))
    }
    /// e^x - 1, accurate near 0.
    #[inline(always)]
    pub fn exp_m1(self) -> F64x8 {
        F64x8(core::array::from_fn(|i| libm::expm1(self.0[i])))
    }
    /// Natural logarithm.
    #[inline(always)]
    pub fn ln(self) -> F64x8 {
        F64x8(core::array::from_fn(|i| libm::log(self.0[i])))
    }
    /// Square root, correctly rounded.
    #[inline(always)]
    pub fn sqrt(self) -> F64x8 {
        F64x8(core::array::from_fn(|i| libm::sqrt(self.0[i])))
    }
}

impl Mask8 {
    /// `a` where set, `b` where not.
    #[inline(always)]
    pub fn select(self, a: F64x8, b: F64x8) -> F64x8 {
        F64x8(core::array::from_fn(|i| {
            f64::from_bits((a.0[i].to_bits() & self.0[i]) | (b.0[i].to_bits() & !self.0[i]))
        }))
    }
    /// Both.
    #[inline(always)]
    pub fn and(self, rhs: Mask8) -> Mask8 {
        Mask8(core::array::from_fn(|i| self.0[i] & rhs.0[i]))
    }
    /// Either.
    #[inline(always)]
    pub fn or(self, rhs: Mask8) -> Mask8 {
        Mask8(core::array::from_fn(|i| self.0[i] | rhs.0[i]))
    }
    /// Neither.
    #[inline(always)]
    pub fn not(self) -> Mask8 {
        Mask8(core::array::from_fn(|i| !self.0[i]))
    }
    /// Whether any lane is set.
    #[inline(always)]
    pub fn any(self) -> bool {
        self.0.iter().fold(0, |m, x| m | x) != 0
    }
}
