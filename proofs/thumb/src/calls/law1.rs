//! `fit_with` on &[Point] and `fit_grid`.

use core::hint::black_box;

use syn2real::{FitError, FitOptions, Loss, Point, Residual, Syn2RealFit, Syn2RealLaw};

/// The authors' sizes and the errors of the curve in the README.
const SIZES: [f64; 7] = [1000.0, 2000.0, 4000.0, 8000.0, 16_000.0, 32_000.0, 64_000.0];
const ERRORS: [f64; 7] = [0.9575, 0.9534, 0.9471, 0.9455, 0.9432, 0.9403, 0.9377];

pub static POINTS: [Point; 7] = [
    Point::new(SIZES[0], ERRORS[0]),
    Point::new(SIZES[1], ERRORS[1]),
    Point::new(SIZES[2], ERRORS[2]),
    Point::new(SIZES[3], ERRORS[3]),
    Point::new(SIZES[4], ERRORS[4]),
    Point::new(SIZES[5], ERRORS[5]),
    Point::new(SIZES[6], ERRORS[6]),
];

/// The bits of D, or a number that says that there is none.
pub fn bits(fit: &Result<Syn2RealFit, FitError>) -> u64 {
    fit.as_ref().map_or(1, |fit| fit.law().d.to_bits())
}

fn fit_with(options: &FitOptions) {
    black_box(bits(&Syn2RealLaw::fit_with(black_box(&POINTS[..]), black_box(options))));
}

pub fn free() {
    fit_with(&FitOptions::default());
}

pub fn linear() {
    fit_with(&FitOptions { residual: Residual::Linear, ..FitOptions::default() });
}

pub fn fixed_d() {
    fit_with(&FitOptions { fixed_d: Some(0.48), ..FitOptions::default() });
}

pub fn huber() {
    fit_with(&FitOptions { loss: Loss::Huber { k: 1.345 }, ..FitOptions::default() });
}

pub fn grid() {
    let mut all = 0;
    let each = |_, fit| all ^= bits(&fit);
    let shape = Syn2RealLaw::fit_grid(black_box(&SIZES), black_box(&ERRORS), &FitOptions::default(), each);
    black_box((shape.is_ok(), all));
}
