//! Calls the public functions of the crate in a program without std, allocator and libc: whatever they would need from
//! these is a link error. Linked and judged by `scripts/check-no-std.sh`; exit status 0 if every result is right, else
//! the number of the check that failed.
#![no_std]
#![no_main]

mod controller;
mod custom;
mod runtime;
mod text;

use core::fmt::Write;
use core::hint::black_box;

use syn2real::{Bounds, FitOptions, Loss, Parameter, Point, Residual, Syn2RealLaw, Weights};
use text::Text;

/// L(n) = 0.48 n^-0.44 + 0.9353 at the sizes of the authors' curves; the parameters are those of the paper's objdet ->
/// objdet, r50, rounded.
const TRUTH: Syn2RealLaw = Syn2RealLaw { d: 0.48, alpha: 0.44, c: 0.9353 };
const SIZES: [f64; 7] = [1000.0, 2000.0, 4000.0, 8000.0, 16_000.0, 32_000.0, 64_000.0];

/// The parameters are recovered from errors rounded to 2^-53 relative. C + D n^-alpha loses a factor C/(D n^-alpha)
/// <= 0.9353 / 0.0037 = 253 of the digits of the decreasing part, and alpha is its slope over ln 64 = 4.2; 1e-6 is that
/// times 10^7, so that the test judges the linking and not the solver.
const TOLERANCE: f64 = 1e-6;

fn is_truth(law: Syn2RealLaw) -> bool {
    let near = |x: f64, y: f64| (x - y).abs() <= TOLERANCE * y;
    near(law.d, TRUTH.d) && near(law.alpha, TRUTH.alpha) && near(law.c, TRUTH.c)
}

/// The number of the first check that fails, or 0.
fn checks() -> u8 {
    let points = SIZES.map(|n| Point::new(n, TRUTH.error_at(n)));
    let points = black_box(&points);
    let default = FitOptions::default();

    let Ok(fit) = Syn2RealLaw::fit(points) else { return 1 };
    if !is_truth(fit.law()) || fit.minima().is_empty() || !fit.report().cost.is_finite() {
        return 2;
    }
    if Syn2RealLaw::fit(&SIZES.map(|n| (n, TRUTH.error_at(n)))).map(|fit| fit.law()) != Ok(fit.law()) {
        return 3;
    }
    let options = [
        FitOptions { residual: Residual::Linear, ..default },
        FitOptions { fixed_d: Some(TRUTH.d), ..default },
        FitOptions { fixed_alpha: Some(TRUTH.alpha), covariance: false, ..default },
        FitOptions { fixed_c: Some(TRUTH.c), weights: Weights::Absolute, ..default },
        FitOptions { loss: Loss::HuberAbsolute { delta: 1e-3 }, ..default },
        FitOptions { alpha: Bounds::new(0.1, 1.5), c: Bounds::new(0.0, 1.0), ..default },
    ];
    for (number, options) in (10..).zip(&options) {
        if !Syn2RealLaw::fit_with(points, options).is_ok_and(|fit| is_truth(fit.law())) {
            return number;
        }
    }
    // The robust scale of exact data is zero: any verdict will do, it has to come back.
    let _ = black_box(Syn2RealLaw::fit_with(points, &FitOptions { loss: Loss::Huber { k: 1.345 }, ..default }));

    let mut out = [None; 3];
    Syn2RealLaw::fit_many(&[&points[..], points, &[]], &default, |k, result| out[k] = result.ok());
    if out != [Some(fit), Some(fit), None] {
        return 20;
    }
    let errors = [SIZES; 2].map(|row| row.map(|n| TRUTH.error_at(n)));
    let mut same = 0;
    let each = |_, result| same += u32::from(result == Ok(fit));
    if Syn2RealLaw::fit_grid(&SIZES, errors.as_flattened(), &default, each).is_err() || same != 2 {
        return 21;
    }

    let mut text = Text::default();
    let wrong = Syn2RealLaw::fit(&[(1000.0, f64::NAN); 4]);
    let Err(error) = wrong else { return 30 };
    if write!(text, "{error}").is_err() || !text.as_str().starts_with("point 0: ") {
        return 31;
    }
    text = Text::default();
    let report = fit.report();
    if write!(text, "{} {} {}", report.residual, report.termination, Parameter::Alpha).is_err() {
        return 32;
    }
    text = Text::default();
    if write!(text, "{fit:?} {}", fit.law().alpha).is_err() || !text.as_str().contains("alpha") {
        return 33;
    }
    text = Text::default();
    if write!(text, "{fit}").is_err() || !text.as_str().starts_with("L(n) = D n^-alpha + C\n") {
        return 34;
    }
    match custom::check() {
        0 => controller::check(),
        number => number,
    }
}
