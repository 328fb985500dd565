//! `instructions CASE COUNT` fits COUNT times: the difference of two runs is the price of the fits alone. Without CASE it
//! lists the cases. Counted by `scripts/instructions.sh`.
use std::hint::black_box;
use std::process::ExitCode;

use syn2real::{FitError, FitOptions, Loss, Point, Residual, Syn2RealLaw};

/// The authors' sizes and the errors of the curve in DESIGN A2.
const SIZES: [f64; 7] = [1000.0, 2000.0, 4000.0, 8000.0, 16_000.0, 32_000.0, 64_000.0];
const ERRORS: [f64; 7] = [0.9575, 0.9534, 0.9471, 0.9455, 0.9432, 0.9403, 0.9377];

const CASES: [&str; 6] = ["fit", "fit_fixed_d", "fit_linear", "fit_huber", "fit_without_covariance", "fit_grid_8"];

fn points() -> [Point; 7] {
    std::array::from_fn(|i| Point::new(SIZES[i], ERRORS[i]))
}

/// One call of the case; `fit_grid_8` fits eight problems. False if there is no such case.
fn run(case: &str) -> bool {
    let default = FitOptions::default();
    let options = match case {
        "fit" => default,
        "fit_fixed_d" => FitOptions { fixed_d: Some(0.48), ..default },
        "fit_linear" => FitOptions { residual: Residual::Linear, ..default },
        "fit_huber" => FitOptions { loss: Loss::Huber { k: 1.345 }, ..default },
        "fit_without_covariance" => FitOptions { covariance: false, ..default },
        "fit_grid_8" => {
            let mut out = [Err(FitError::BadOption { field: "out" }); 8];
            let errors = [ERRORS; 8];
            let fitted = Syn2RealLaw::fit_grid(black_box(&SIZES), black_box(errors.as_flattened()), &default, &mut out);
            assert!(fitted.is_ok() && black_box(out).iter().all(Result::is_ok), "{case}: {fitted:?}");
            return true;
        }
        _ => return false,
    };
    let fit = Syn2RealLaw::fit_with(black_box(&points()[..]), black_box(&options));
    assert!(black_box(fit).is_ok(), "{case}: {fit:?}");
    true
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => println!("{}", CASES.join("\n")),
        [case, count] => {
            let Ok(count) = count.parse::<u32>() else { return ExitCode::from(2) };
            for _ in 0..count {
                if !run(case) {
                    return ExitCode::from(2);
                }
            }
        }
        _ => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
}
