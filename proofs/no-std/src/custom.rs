//! A user's own law in the `Law` trait.
use syn2real::Law;
use syn2real::simd::{F64x8, LANES};

/// y = a exp(-b x) with observations (x, y).
struct Decay;

impl Law<2> for Decay {
    type Observation = (f64, f64);

    #[inline(always)]
    fn rows(
        &self,
        theta: &[f64; 2],
        block: &[(f64, f64); LANES],
        residuals: &mut F64x8,
        jacobian: Option<&mut [F64x8; 2]>,
    ) {
        let x = F64x8(block.map(|(x, _)| x));
        let y = F64x8(block.map(|(_, y)| y));
        let e = (x * -theta[1]).exp();
        *residuals = e * theta[0] - y;
        if let Some(columns) = jacobian {
            *columns = [e, -(x * e) * theta[0]];
        }
    }
}

/// The number of the first check that fails, or 0.
pub fn check() -> u8 {
    let mut residuals = F64x8::splat(0.0);
    let block = [(0.0, 2.0); LANES];
    Decay.rows(&[2.0, 1.0], &block, &mut residuals, None);
    if residuals != F64x8::splat(0.0) { 40 } else { 0 }
}
