//! `fit_with` on &[Point] and `fit_grid`, and nothing else of the crate: must link without any panic. Prints the stack
//! that the calls used, and bits of their results.
#![no_std]
#![no_main]

#[path = "../calls/law1.rs"]
mod calls;

use calls::{POINTS, bits, fixed_d, free, grid, huber, linear};
use syn2real::{FitOptions, Syn2RealFit, Syn2RealLaw};
use thumb_proof::{stack_used, write_bits, write_number};

#[cfg(feature = "control")]
fn control() {
    use core::hint::black_box;

    let index = black_box(6_usize);
    black_box(black_box(&POINTS[..])[index]);
}

#[unsafe(no_mangle)]
fn program() {
    write_bits("d", bits(&Syn2RealLaw::fit_with(&POINTS, &FitOptions::default())));
    write_number("stack fit", stack_used(free));
    write_number("stack fit, linear residual", stack_used(linear));
    write_number("stack fit, fixed D", stack_used(fixed_d));
    write_number("stack fit, Huber", stack_used(huber));
    write_number("stack fit_grid, 1 problem", stack_used(grid));
    write_number("bytes of a fit", size_of::<Syn2RealFit>() as u32);
    #[cfg(feature = "control")]
    control();
}
