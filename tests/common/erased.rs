//! A law behind a pointer: `solve` is compiled once for each number of parameters instead of once for each of 63 laws, and
//! for each instruction set of each.
use syn2real::Law;
use syn2real::simd::{F64x8, LANES};

pub(crate) struct Erased<'a, O, const P: usize>(pub(crate) &'a dyn Law<P, Observation = O>);

impl<O: Copy, const P: usize> Law<P> for Erased<'_, O, P> {
    type Observation = O;

    fn rows(&self, theta: &[f64; P], block: &[O; LANES], residuals: &mut F64x8, jacobian: Option<&mut [F64x8; P]>) {
        self.0.rows(theta, block, residuals, jacobian);
    }

    fn roots(&self, block: &[O; LANES]) -> F64x8 {
        self.0.roots(block)
    }
}
