//! Scalar functions, the same bits on every machine. The only file that names libm.
//!
//! libm remains for the square root of a scalar: rounded correctly, so that nothing depends on who computes it; lanes use
//! the processor's. And for sine, cosine and arctangent, in software on every machine.
pub(crate) mod kernels;
#[allow(dead_code, reason = "their callers, the intervals of `fit` and `infer`, come one by one")]
mod quantiles;

#[allow(unused_imports, reason = "as above")]
pub(crate) use quantiles::{f_quantile, f_tail, normal_quantile, t_quantile, t_tail};

/// Square root, correctly rounded.
#[inline]
pub(crate) fn sqrt(x: f64) -> f64 {
    libm::sqrt(x)
}

/// e^x, the bits of one lane of [`crate::simd::F64x8::exp`].
#[inline]
pub(crate) fn exp(x: f64) -> f64 {
    kernels::exp(x)
}

/// e^x - 1, the bits of one lane of [`crate::simd::F64x8::exp_m1`].
#[inline]
pub(crate) fn exp_m1(x: f64) -> f64 {
    kernels::exp_m1(x)
}

/// ln x, the bits of one lane of [`crate::simd::F64x8::ln`].
#[inline]
pub(crate) fn ln(x: f64) -> f64 {
    kernels::ln(x)
}

/// sin x.
pub(crate) fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// cos x.
pub(crate) fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// arctan x.
pub(crate) fn atan(x: f64) -> f64 {
    libm::atan(x)
}

/// sin^2 x.
#[inline]
pub(crate) fn sin_square(x: f64) -> f64 {
    let sine = sin(x);
    sine * sine
}
