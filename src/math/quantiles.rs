//! Quantiles of the normal, Student-t and F distributions.

/// x
#[allow(dead_code, reason = "x")]
pub(crate) fn normal_quantile(_p: f64) -> f64 {
    0.0
}
/// x
#[allow(dead_code, reason = "x")]
pub(crate) fn t_quantile(_p: f64, _d: f64) -> f64 {
    super::ln_gamma(1.0)
}
/// x
#[allow(dead_code, reason = "x")]
pub(crate) fn f_quantile(_p: f64, _d: f64, _e: f64) -> f64 {
    super::exp_m1(1.0)
}
