//! A fit of the law over both sizes with its default options, and nothing else of the crate: must link without any panic.
//! Prints the stack and the instructions that it took.
#![no_std]
#![no_main]

use core::hint::black_box;

use syn2real::{FullLaw, GridPoint};
use thumb_proof::{instructions, stack_used, write_bits, write_number};

/// Three sizes n, three s.
static GRID: [GridPoint; 9] = [
    GridPoint::new(1e3, 10.0, 0.90),
    GridPoint::new(2e3, 10.0, 0.80),
    GridPoint::new(4e3, 10.0, 0.75),
    GridPoint::new(1e3, 40.0, 0.51),
    GridPoint::new(2e3, 40.0, 0.45),
    GridPoint::new(4e3, 40.0, 0.42),
    GridPoint::new(1e3, 160.0, 0.29),
    GridPoint::new(2e3, 160.0, 0.26),
    GridPoint::new(4e3, 160.0, 0.24),
];

fn bits() -> u64 {
    FullLaw::fit(black_box(&GRID[..])).map_or(1, |fit| fit.law().delta.to_bits())
}

fn fit() {
    black_box(bits());
}

#[unsafe(no_mangle)]
fn program() {
    write_bits("delta", bits());
    write_number("stack fit over both sizes", stack_used(fit));
    write_number("instructions fit over both sizes", instructions(fit));
}
