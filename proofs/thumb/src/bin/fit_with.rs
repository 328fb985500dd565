//! `fit_with`, and nothing else of the crate: must link without any panic. Prints the stack and the instructions that its
//! options took.
#![no_std]
#![no_main]

use core::hint::black_box;

use syn2real::{FitOptions, Loss, Residual, Syn2RealLaw};
use thumb_proof::{POINTS, instructions, stack_used, write_bits, write_number};

fn bits(options: &FitOptions) -> u64 {
    Syn2RealLaw::fit_with(black_box(&POINTS[..]), black_box(options)).map_or(1, |fit| fit.law().d.to_bits())
}

fn free() {
    black_box(bits(&FitOptions::default()));
}

fn linear() {
    black_box(bits(&FitOptions { residual: Residual::Linear, ..FitOptions::default() }));
}

fn fixed_d() {
    black_box(bits(&FitOptions { fixed_d: Some(0.48), ..FitOptions::default() }));
}

fn huber() {
    black_box(bits(&FitOptions { loss: Loss::Huber { k: 1.345 }, ..FitOptions::default() }));
}

#[unsafe(no_mangle)]
fn program() {
    write_bits("d", bits(&FitOptions::default()));
    write_number("stack fit_with", stack_used(free));
    write_number("stack fit_with, linear residual", stack_used(linear));
    write_number("stack fit_with, fixed D", stack_used(fixed_d));
    write_number("stack fit_with, Huber", stack_used(huber));
    write_number("instructions fit_with", instructions(free));
    write_number("instructions fit_with, linear residual", instructions(linear));
    write_number("instructions fit_with, fixed D", instructions(fixed_d));
    write_number("instructions fit_with, Huber", instructions(huber));
}
