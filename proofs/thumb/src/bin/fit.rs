//! `fit` with its default options, and nothing else of the crate: must link without any panic. Prints the stack and the
//! instructions that a fit of seven points took.
#![no_std]
#![no_main]

use core::hint::black_box;

use syn2real::Syn2RealLaw;
use thumb_proof::{POINTS, ROUGH, instructions, stack_used, write_bits, write_number};

fn fit_of(points: &[(f64, f64)]) -> u64 {
    Syn2RealLaw::fit(points).map_or(1, |fit| fit.law().d.to_bits())
}

fn fit() {
    black_box(fit_of(black_box(&POINTS)));
}

/// Errors far from any law: what is in doubt is searched with more care.
fn longest() {
    black_box(fit_of(black_box(&ROUGH)));
}

#[unsafe(no_mangle)]
fn program() {
    write_bits("d", fit_of(&POINTS));
    write_number("stack fit, default options", stack_used(fit));
    write_number("stack fit, default options, longest path", stack_used(longest));
    write_number("instructions fit, default options", instructions(fit));
}
