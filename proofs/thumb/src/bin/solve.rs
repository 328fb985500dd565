//! `solve` with a law of the user's own, and nothing else of the crate: must link without any panic. Prints the stack and the
//! instructions that it took.
#![no_std]
#![no_main]

use core::hint::black_box;

use syn2real::Law;
use syn2real::simd::F64x8;
use syn2real::solve::{SolveOptions, solve};
use thumb_proof::{instructions, stack_used, write_bits, write_number};

/// y = a exp(-b x), observations [x, y].
struct Decay;

impl Law<2> for Decay {
    type Observation = [f64; 2];

    #[inline(always)]
    fn rows(&self, theta: &[f64; 2], block: &[[f64; 2]; 8], residuals: &mut F64x8, jacobian: Option<&mut [F64x8; 2]>) {
        let (x, y) = (F64x8(block.map(|row| row[0])), F64x8(block.map(|row| row[1])));
        let e = (x * -theta[1]).exp();
        *residuals = e * theta[0] - y;
        if let Some(columns) = jacobian {
            *columns = [e, -(e * x * theta[0])];
        }
    }
}

static ROWS: [[f64; 2]; 4] = [[0.0, 2.0], [1.0, 1.0], [2.0, 0.5], [3.0, 0.26]];

fn bits() -> u64 {
    solve(&Decay, black_box(&ROWS[..]), [1.0, 1.0], &SolveOptions::default()).map_or(1, |s| s.theta[1].to_bits())
}

fn solved() {
    black_box(bits());
}

#[unsafe(no_mangle)]
fn program() {
    write_bits("b", bits());
    write_number("stack solve", stack_used(solved));
    write_number("instructions solve", instructions(solved));
}
