//! A user's own law in `solve`.
use core::hint::black_box;

use syn2real::Law;
use syn2real::simd::{F64x8, LANES};
use syn2real::solve::{SolveOptions, solve};

/// y = a exp(-b x) with observations [x, y].
struct Decay;

impl Law<2> for Decay {
    type Observation = [f64; 2];

    #[inline(always)]
    fn rows(
        &self,
        theta: &[f64; 2],
        block: &[[f64; 2]; LANES],
        residuals: &mut F64x8,
        jacobian: Option<&mut [F64x8; 2]>,
    ) {
        let (x, y) = (F64x8(block.map(|row| row[0])), F64x8(block.map(|row| row[1])));
        let e = (x * -theta[1]).exp();
        *residuals = e * theta[0] - y;
        if let Some(columns) = jacobian {
            *columns = [e, -(x * e) * theta[0]];
        }
    }
}

/// The number of the first check that fails, or 0.
pub fn check() -> u8 {
    // 2 exp(-x) at x = 0, ln 2, 2 ln 2, 3 ln 2.
    let data = [2.0, 1.0, 0.5, 0.25];
    let mut x = 0.0;
    let data = data.map(|y| {
        let row = [x, y];
        x += core::f64::consts::LN_2;
        row
    });
    let Ok(solution) = solve(&Decay, &black_box(data), [1.0, 0.5], &SolveOptions::default()) else { return 40 };
    // Exact data: what is left is rounding, eps times the condition number (about 3); 1e-12 is 1500 times that.
    let near = |x: f64, y: f64| (x - y).abs() <= 1e-12;
    if solution.termination.is_converged() && near(solution.theta[0], 2.0) && near(solution.theta[1], 1.0) {
        0
    } else {
        41
    }
}
