//! Eight lanes of f64, whatever the machine: plain arrays, of which LLVM makes SSE2, AVX2, AVX-512, NEON or wasm code.
//!
//! What vectorises (scripts/check-vectorised.sh looks at the assembly, benches/residual.rs at the clock):
//! - Arithmetic, comparisons and selects, one operation per lane, when all that surrounds them is inlined. So everything
//!   here is `#[cfg_attr(wide, inline(always))]` and a [`super::Kernel`] must be, too; closures may stay out of line.
//! - A long function per lane as a counted loop over the lanes around the *whole* scalar function, as in [`F64x8::exp`].
//!   Composed of eight-lane operations the same polynomial is unrolled first, comes apart into scalars and takes three
//!   times as long: 3.3 ns instead of 1.1 ns per element with AVX-512.
//! - Many accumulators as `for i in 0..LANES { sums[0].0[i] += ..; sums[1].0[i] += ..; }`, one loop for all of them:
//!   written as `sums[0] += ..; sums[1] += ..` the vectoriser pairs neighbouring sums instead of lanes. Law (1) with ten
//!   sums: 4.5 instead of 6.0 ns per point with AVX-512, 6.2 instead of 8.2 with AVX2.
//!
//! Decisions are a [`Mask8`] and a select; a branch per lane ends vectorisation. `opt-level = "s"` does not vectorise.
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

/// `N` f64 that do not depend on each other, with the operations of [`F64x8`] but for the sum: eight where the target has
/// SIMD of f64, one elsewhere (build.rs) and at the baseline of x86, where eight would be eight times the text.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(transparent)]
pub(crate) struct F64xN<const N: usize>(pub(crate) [f64; N]);

/// The truth values of [`F64xN`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct MaskN<const N: usize>(pub(crate) [u64; N]);

/// The values of an expression in the lane number `i`: a loop, since the closures of `array::from_fn` may stay out of line
/// and would then run on the baseline.
macro_rules! lanes {
    ($type:ident, $lanes:expr, $i:ident, $value:expr) => {{
        let mut out = $type([Default::default(); $lanes]);
        let mut $i = 0;
        while $i < $lanes {
            out.0[$i] = $value;
            $i += 1;
        }
        out
    }};
}

macro_rules! binary {
    ($f:ident $lanes:tt [$($generics:tt)*] [$($args:tt)*] $trait:ident $fn:ident $assign:ident $assign_fn:ident $op:tt) => {
        impl $($generics)* $trait for $f $($args)* {
            type Output = Self;
            #[cfg_attr(wide, inline(always))]
            fn $fn(self, rhs: Self) -> Self {
                lanes!($f, $lanes, i, self.0[i] $op rhs.0[i])
            }
        }
        impl $($generics)* $trait<f64> for $f $($args)* {
            type Output = Self;
            #[cfg_attr(wide, inline(always))]
            fn $fn(self, rhs: f64) -> Self {
                lanes!($f, $lanes, i, self.0[i] $op rhs)
            }
        }
        impl $($generics)* $assign for $f $($args)* {
            #[cfg_attr(wide, inline(always))]
            fn $assign_fn(&mut self, rhs: Self) {
                *self = *self $op rhs;
            }
        }
        impl $($generics)* $assign<f64> for $f $($args)* {
            #[cfg_attr(wide, inline(always))]
            fn $assign_fn(&mut self, rhs: f64) {
                *self = *self $op rhs;
            }
        }
    };
}

macro_rules! compare {
    ($mask:ident $lanes:tt $masks:ty: $($fn:ident $op:tt),*) => { $(
        /// Lane by lane; false where either side is NaN.
        #[cfg_attr(wide, inline(always))]
        pub fn $fn(self, rhs: Self) -> $masks {
            lanes!($mask, $lanes, i, if self.0[i] $op rhs.0[i] { u64::MAX } else { 0 })
        }
    )* };
}

macro_rules! map {
    ($f:ident: $($(#[$doc:meta])* $fn:ident = $scalar:path),*) => { $(
        $(#[$doc])*
        #[cfg_attr(wide, inline(always))]
        pub fn $fn(self) -> Self {
            let mut out = self.0;
            // One loop around the whole function, not `from_fn`: see the top of the file.
            for x in &mut out {
                *x = $scalar(*x);
            }
            $f(out)
        }
    )* };
}

/// What a type of `lanes` f64 and its truth values can do.
macro_rules! operations {
    ($f:ident $mask:ident $lanes:tt [$($generics:tt)*] [$($args:tt)*]) => {
        binary!($f $lanes [$($generics)*] [$($args)*] Add add AddAssign add_assign +);
        binary!($f $lanes [$($generics)*] [$($args)*] Sub sub SubAssign sub_assign -);
        binary!($f $lanes [$($generics)*] [$($args)*] Mul mul MulAssign mul_assign *);
        binary!($f $lanes [$($generics)*] [$($args)*] Div div DivAssign div_assign /);

        impl $($generics)* Neg for $f $($args)* {
            type Output = Self;
            #[cfg_attr(wide, inline(always))]
            fn neg(self) -> Self {
                lanes!($f, $lanes, i, -self.0[i])
            }
        }

        #[allow(dead_code, unreachable_pub, reason = "each of the two types has all operations, one of them is public")]
        impl $($generics)* $f $($args)* {
            /// All lanes `x`.
            #[inline(always)]
            pub const fn splat(x: f64) -> Self {
                $f([x; $lanes])
            }
            compare!($mask $lanes $mask $($args)*: lt <, le <=, gt >, ge >=, eq ==);
            /// Absolute value.
            #[cfg_attr(wide, inline(always))]
            pub fn abs(self) -> Self {
                lanes!($f, $lanes, i, f64::from_bits(self.0[i].to_bits() & !(1 << 63)))
            }
            /// `if self < rhs { self } else { rhs }`, lane by lane: `rhs` where either is NaN.
            #[cfg_attr(wide, inline(always))]
            pub fn min(self, rhs: Self) -> Self {
                lanes!($f, $lanes, i, if self.0[i] < rhs.0[i] { self.0[i] } else { rhs.0[i] })
            }
            /// `if self > rhs { self } else { rhs }`, lane by lane: `rhs` where either is NaN.
            #[cfg_attr(wide, inline(always))]
            pub fn max(self, rhs: Self) -> Self {
                lanes!($f, $lanes, i, if self.0[i] > rhs.0[i] { self.0[i] } else { rhs.0[i] })
            }
            map! { $f:
                /// e^x.
                ///
                /// # Accuracy
                /// Within 0.8 ULP of the exact value (0.71 measured on 9.5 * 10^6 arguments with normal, 0.78 on 10^6 with
                /// subnormal results); infinity from 709.79 up, 0 from -745.14 down, NaN for NaN.
                exp = math::kernels::exp,
                /// e^x - 1, without cancellation near 0.
                ///
                /// # Accuracy
                /// Within 1.2 ULP (1.12 measured on 1.05 * 10^7 arguments); exact for zeros of either sign and for
                /// subnormals, -1 from -38 down, infinity from 709.79 up, NaN for NaN.
                exp_m1 = math::kernels::exp_m1,
                /// Natural logarithm.
                ///
                /// # Accuracy
                /// Within 0.85 ULP (0.80 measured on 1.05 * 10^7 arguments, subnormal ones included); +0 at 1, -infinity at
                /// either zero, NaN below and for NaN, infinity for infinity.
                ln = math::kernels::ln,
                /// Square root, correctly rounded.
                sqrt = super::isa::sqrt
            }
        }

        #[allow(dead_code, unreachable_pub, reason = "each of the two types has all operations, one of them is public")]
        impl $($generics)* $mask $($args)* {
            /// `a` where set, `b` where not.
            #[cfg_attr(wide, inline(always))]
            pub fn select(self, a: $f $($args)*, b: $f $($args)*) -> $f $($args)* {
                lanes!($f, $lanes, i, if self.0[i] != 0 { a.0[i] } else { b.0[i] })
            }
            /// Both.
            #[cfg_attr(wide, inline(always))]
            pub fn and(self, rhs: Self) -> Self {
                lanes!($mask, $lanes, i, self.0[i] & rhs.0[i])
            }
            /// Either.
            #[cfg_attr(wide, inline(always))]
            pub fn or(self, rhs: Self) -> Self {
                lanes!($mask, $lanes, i, self.0[i] | rhs.0[i])
            }
            /// Whether any lane is set.
            #[cfg_attr(wide, inline(always))]
            pub fn any(self) -> bool {
                self.0.iter().fold(0, |m, x| m | x) != 0
            }
            /// Whether all lanes are set.
            #[cfg_attr(wide, inline(always))]
            pub fn all(self) -> bool {
                self.0.iter().fold(u64::MAX, |m, x| m & x) != 0
            }
        }

        impl $($generics)* Not for $mask $($args)* {
            type Output = Self;
            #[cfg_attr(wide, inline(always))]
            fn not(self) -> Self {
                lanes!($mask, $lanes, i, !self.0[i])
            }
        }

        impl $($generics)* BitAnd for $mask $($args)* {
            type Output = Self;
            #[cfg_attr(wide, inline(always))]
            fn bitand(self, rhs: Self) -> Self {
                self.and(rhs)
            }
        }

        impl $($generics)* BitOr for $mask $($args)* {
            type Output = Self;
            #[cfg_attr(wide, inline(always))]
            fn bitor(self, rhs: Self) -> Self {
                self.or(rhs)
            }
        }
    };
}

operations!(F64x8 Mask8 LANES [] []);
operations!(F64xN MaskN N [<const N: usize>] [<N>]);

impl F64x8 {
    /// The fixed tree ((0+4)+(2+6)) + ((1+5)+(3+7)), on every machine.
    #[cfg_attr(wide, inline(always))]
    pub fn sum(self) -> f64 {
        let a = self.0;
        ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_has_the_bits_of_the_scalar() {
        // Weyl sequence of the golden ratio, on the bits: 10^6 arguments over all of f64.
        let mut bits = 0_u64;
        for _ in 0..125_000 {
            let x = F64x8(core::array::from_fn(|_| {
                bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
                f64::from_bits(bits)
            }));
            let near = F64x8(x.0.map(|x| f64::from_bits(x.to_bits() & 0x800f_ffff_ffff_ffff | 0x3ff0_0000_0000_0000)));
            for x in [x, near] {
                let pairs = [
                    (x.exp(), x.0.map(math::exp)),
                    (x.exp_m1(), x.0.map(math::exp_m1)),
                    (x.ln(), x.0.map(math::ln)),
                    (x.sqrt(), x.0.map(math::sqrt)),
                ];
                for (lanes, scalars) in pairs {
                    for (a, b) in lanes.0.iter().zip(scalars) {
                        assert!(a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(), "{a:e} in a lane, {b:e} alone");
                    }
                }
            }
        }
    }
}
