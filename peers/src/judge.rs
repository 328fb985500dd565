//! Which answers are the global optimum: the dense search of the tests, or the lowest cost that anyone found.
#![allow(dead_code, reason = "the tests use the rest of the dense search")]
#![allow(unreachable_pub, reason = "the files are those of the tests")]
#[path = "../../tests/common/dense.rs"]
mod dense;
#[path = "../../tests/common/line.rs"]
mod line;

use crate::solvers::Estimate;

/// Half the sum of squared log residuals.
pub(crate) fn cost(ln_n: &[f64], ln_error: &[f64], law: &Estimate) -> f64 {
    let model =
        |ln_n: f64| if law.ln_d == f64::NEG_INFINITY { law.c } else { (law.ln_d - law.alpha * ln_n).exp() + law.c };
    0.5 * ln_n.iter().zip(ln_error).map(|(x, y)| (model(*x).ln() - y).powi(2)).sum::<f64>()
}

/// Whether alpha and C lie in the domain of the fits: alpha in [0, 10], C not negative.
pub(crate) fn is_inside(law: &Estimate) -> bool {
    (0.0..=10.0).contains(&law.alpha) && law.c >= 0.0
}

/// As `tests/complete.rs`: the last term because noise-free problems end near 1e-30, where only rounding is compared.
pub(crate) fn is_global(cost: f64, best: f64) -> bool {
    cost <= best * (1.0 + 1e-9) + 1e-16
}

/// The lowest cost of each row of errors by the dense search, on all cores.
pub(crate) fn optima(sizes: &[f64], errors: &[f64]) -> Vec<f64> {
    let rows: Vec<&[f64]> = errors.chunks_exact(sizes.len()).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = rows.len().div_ceil(threads).max(1);
    let search = |rows: &[&[f64]]| -> Vec<f64> {
        rows.iter().map(|row| dense::Problem::new(sizes, row, true).minimum().cost).collect()
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> = rows.chunks(share).map(|rows| scope.spawn(move || search(rows))).collect();
        parts.into_iter().flat_map(|part| part.join().expect("the dense search does not panic")).collect()
    })
}
