//! `fit_with` on &[Point] and `fit_grid`, and nothing else of the crate: must link without any panic. Prints the stack
//! that the calls used, and bits of their results.
#![no_std]
#![no_main]

use core::hint::black_box;

use syn2real::{FitError, FitOptions, Loss, Point, Residual, Syn2RealFit, Syn2RealLaw};
use thumb_proof::{stack_used, write_bits, write_number};

/// The authors' sizes and the errors of the curve in the README.
const SIZES: [f64; 7] = [1000.0, 2000.0, 4000.0, 8000.0, 16_000.0, 32_000.0, 64_000.0];
const ERRORS: [f64; 7] = [0.9575, 0.9534, 0.9471, 0.9455, 0.9432, 0.9403, 0.9377];

static POINTS: [Point; 7] = [
    Point::new(SIZES[0], ERRORS[0]),
    Point::new(SIZES[1], ERRORS[1]),
    Point::new(SIZES[2], ERRORS[2]),
    Point::new(SIZES[3], ERRORS[3]),
    Point::new(SIZES[4], ERRORS[4]),
    Point::new(SIZES[5], ERRORS[5]),
    Point::new(SIZES[6], ERRORS[6]),
];

/// The bits of D, or a number that says that there is none.
fn bits(fit: &Result<Syn2RealFit, FitError>) -> u64 {
    fit.as_ref().map_or(1, |fit| fit.law().d.to_bits())
}

fn fit_with(options: &FitOptions) {
    black_box(bits(&Syn2RealLaw::fit_with(black_box(&POINTS[..]), black_box(options))));
}

fn free() {
    fit_with(&FitOptions::default());
}

fn linear() {
    fit_with(&FitOptions { residual: Residual::Linear, ..FitOptions::default() });
}

fn fixed_d() {
    fit_with(&FitOptions { fixed_d: Some(0.48), ..FitOptions::default() });
}

fn huber() {
    fit_with(&FitOptions { loss: Loss::Huber { k: 1.345 }, ..FitOptions::default() });
}

fn grid() {
    let mut all = 0;
    let each = |_, fit| all ^= bits(&fit);
    let shape = Syn2RealLaw::fit_grid(black_box(&SIZES), black_box(&ERRORS), &FitOptions::default(), each);
    black_box((shape.is_ok(), all));
}

#[cfg(feature = "control")]
fn control() {
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
