//! Linear algebra of P x P problems on arrays: LDL' for trial steps, streaming Householder QR for the last word.
#![allow(clippy::needless_range_loop, reason = "indices of matrices: loops over them read like the formulas")]
mod ldl;
mod qr;

pub(crate) use ldl::Ldl;
pub(crate) use qr::{LaneTriangles, Qr, Triangle};
