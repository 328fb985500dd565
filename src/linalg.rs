//! Linear algebra of P x P problems on arrays: LDL' for trial steps, streaming Householder QR for the last word.
#![allow(clippy::needless_range_loop, reason = "indices of matrices: loops over them read like the formulas")]
mod ldl;
mod qr;

pub(crate) use ldl::{Ldl, form};
pub(crate) use qr::{LaneTriangles, Qr, Triangle};

/// Entry (j, k) of a symmetric matrix of which the lower triangle is kept. Not `a[j.max(k)][j.min(k)]`, which keeps a
/// panic path at opt-level s; inlined everywhere, because out of line j and k have no bounds.
#[inline(always)]
pub(crate) fn symmetric<const P: usize>(lower: &[[f64; P]; P], j: usize, k: usize) -> f64 {
    if j > k { lower[j][k] } else { lower[k][j] }
}
