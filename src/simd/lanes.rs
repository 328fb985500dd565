//! Eight lanes of f64, whatever the machine: plain arrays, of which LLVM makes SSE2, AVX2, AVX-512, NEON or wasm code.
//!
//! What vectorises (scripts/check-vectorised.sh looks at the assembly): arithmetic, comparisons and selects written as
//! one operation per lane become packed instructions when all that surrounds them is inlined, so everything here is
//! `#[inline(always)]` and a [`super::Kernel`] must be, too. A long function per lane must be a counted loop over the
//! lanes around the *whole* scalar function, as in [`F64x8::exp`]: composed of eight-lane operations the same
//! polynomial is unrolled first, comes apart into scalars and takes three times as long (3.3 ns instead of 1.1 ns per
//! element with AVX-512). Decisions are a [`Mask8`] and a select; a branch per lane ends vectorisation.
use core::ops::{Add, AddAssign, BitAnd, BitOr, Div, DivAssign, Mul, MulAssign, Neg, Not, Sub, SubAssign};

use crate::math;

/// Number of lanes, on every machine.
pub const LANES: usize = 8;

/// Eight f64.
///
/// Every operation acts lane by lane and rounds as IEEE 754 says; nothing is fused. The bits of a result do not depend
/// on the machine or the instruction set, except for sign and payload of a NaN.
///
/// ```
/// use syn2real::simd::F64x8;
/// let n = F64x8([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0]);
/// let error = (n.ln() * -0.5).exp() + 0.01;
/// assert_eq!(error.0[2], 0.51);
/// assert_eq!(n.sum(), 255.0);
/// assert_eq!(n.gt(F64x8::splat(10.0)).select(F64x8::splat(1.0), F64x8::splat(0.0)).sum(), 4.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct F64x8(pub [f64; LANES]);

/// Eight truth values: all bits of a lane are set, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Mask8(pub [u64; LANES]);

/// The eight values of an expression in the lane number `i`: a loop, since the closures of `array::from_fn` may stay out
/// of line and would then run on the baseline.
macro_rules! lanes {
    ($type:ident, $i:ident, $value:expr) => {{
        let mut out = $type([Default::default(); LANES]);
        let mut $i = 0;
        while $i < LANES {
            out.0[$i] = $value;
            $i += 1;
        }
        out
    }};
}

macro_rules! binary {
    ($($trait:ident $fn:ident $assign:ident $assign_fn:ident $op:tt),*) => { $(
        impl $trait for F64x8 {
            type Output = F64x8;
            #[inline(always)]
            fn $fn(self, rhs: F64x8) -> F64x8 {
                lanes!(F64x8, i, self.0[i] $op rhs.0[i])
            }
        }
        impl $trait<f64> for F64x8 {
            type Output = F64x8;
            #[inline(always)]
            fn $fn(self, rhs: f64) -> F64x8 {
                lanes!(F64x8, i, self.0[i] $op rhs)
            }
        }
        impl $assign for F64x8 {
            #[inline(always)]
            fn $assign_fn(&mut self, rhs: F64x8) {
                *self = *self $op rhs;
            }
        }
        impl $assign<f64> for F64x8 {
            #[inline(always)]
            fn $assign_fn(&mut self, rhs: f64) {
                *self = *self $op rhs;
            }
        }
    )* };
}
binary!(Add add AddAssign add_assign +, Sub sub SubAssign sub_assign -,
        Mul mul MulAssign mul_assign *, Div div DivAssign div_assign /);

impl Neg for F64x8 {
    type Output = F64x8;
    #[inline(always)]
    fn neg(self) -> F64x8 {
        lanes!(F64x8, i, -self.0[i])
    }
}

macro_rules! compare {
    ($($fn:ident $op:tt),*) => { $(
        /// Lane by lane; false where either side is NaN.
        #[inline(always)]
        pub fn $fn(self, rhs: F64x8) -> Mask8 {
            lanes!(Mask8, i, if self.0[i] $op rhs.0[i] { u64::MAX } else { 0 })
        }
    )* };
}

macro_rules! map {
    ($($(#[$doc:meta])* $fn:ident = $scalar:path),*) => { $(
        $(#[$doc])*
        #[inline(always)]
        pub fn $fn(self) -> F64x8 {
            let mut out = self.0;
            // One loop around the whole function, not `from_fn`: see the top of the file.
            for x in &mut out {
                *x = $scalar(*x);
            }
            F64x8(out)
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
        lanes!(F64x8, i, f64::from_bits(self.0[i].to_bits() & !(1 << 63)))
    }
    /// `if self < rhs { self } else { rhs }`, lane by lane: `rhs` where either is NaN.
    #[inline(always)]
    pub fn min(self, rhs: F64x8) -> F64x8 {
        lanes!(F64x8, i, if self.0[i] < rhs.0[i] { self.0[i] } else { rhs.0[i] })
    }
    /// `if self > rhs { self } else { rhs }`, lane by lane: `rhs` where either is NaN.
    #[inline(always)]
    pub fn max(self, rhs: F64x8) -> F64x8 {
        lanes!(F64x8, i, if self.0[i] > rhs.0[i] { self.0[i] } else { rhs.0[i] })
    }
    /// The fixed tree ((0+4)+(2+6)) + ((1+5)+(3+7)), on every machine.
    #[inline(always)]
    pub fn sum(self) -> f64 {
        let a = self.0;
        ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]))
    }
    map! {
        /// e^x, subnormal results and overflow to infinity included.
        exp = math::kernels::exp,
        /// e^x - 1, with its relative accuracy kept near 0; -0 gives -0.
        exp_m1 = math::kernels::exp_m1,
        /// Natural logarithm, subnormal arguments included; -inf at either zero, NaN below.
        ln = math::kernels::ln,
        /// Square root, correctly rounded.
        sqrt = super::isa::sqrt
    }
}

impl Mask8 {
    /// `a` where set, `b` where not.
    #[inline(always)]
    pub fn select(self, a: F64x8, b: F64x8) -> F64x8 {
        lanes!(F64x8, i, if self.0[i] != 0 { a.0[i] } else { b.0[i] })
    }
    /// Both.
    #[inline(always)]
    pub fn and(self, rhs: Mask8) -> Mask8 {
        lanes!(Mask8, i, self.0[i] & rhs.0[i])
    }
    /// Either.
    #[inline(always)]
    pub fn or(self, rhs: Mask8) -> Mask8 {
        lanes!(Mask8, i, self.0[i] | rhs.0[i])
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
    /// Whether all lanes are set.
    #[inline(always)]
    pub fn all(self) -> bool {
        self.0.iter().fold(u64::MAX, |m, x| m & x) != 0
    }
}

impl Not for Mask8 {
    type Output = Mask8;
    #[inline(always)]
    fn not(self) -> Mask8 {
        lanes!(Mask8, i, !self.0[i])
    }
}

impl BitAnd for Mask8 {
    type Output = Mask8;
    #[inline(always)]
    fn bitand(self, rhs: Mask8) -> Mask8 {
        self.and(rhs)
    }
}

impl BitOr for Mask8 {
    type Output = Mask8;
    #[inline(always)]
    fn bitor(self, rhs: Mask8) -> Mask8 {
        self.or(rhs)
    }
}
