//! The judge is judged: the dense search against the reference optima and against scipy.
#![allow(clippy::disallowed_methods, reason = "the oracle is not core: std's mathematics is the independent one")]
mod common;

use common::dense::{Problem, robust_delta};
use common::{data, workload};

fn columns(points: &[(f64, f64)]) -> (Vec<f64>, Vec<f64>) {
    points.iter().copied().unzip()
}

/// All 114: the reference states its costs to 1e-12; 1e-10 leaves room for the digits of the parameters.
#[test]
fn reproduces_the_reference_with_free_d() {
    let fits = data::free_fits();
    assert_eq!(fits.len(), 114, "57 curves, two residuals");
    let mut worst: f64 = 0.0;
    for fit in &fits {
        let (n, error) = columns(&fit.points);
        assert_eq!(n.len(), 7, "{}", fit.id);
        let best = Problem::new(&n, &error, fit.log).minimum();
        let off = (best.cost / fit.cost - 1.0).abs();
        worst = worst.max(off);
        assert!(off < 1e-10, "{} log {}: {best:?}, reference {} alpha {}", fit.id, fit.log, fit.cost, fit.alpha);
        if fit.class == "interior" {
            assert!((best.alpha / fit.alpha - 1.0).abs() < 1e-7, "{} {best:?} {}", fit.id, fit.alpha);
        }
    }
    println!("114 with free D: worst relative difference of cost {worst:.1e}");
}

/// All 58: the reference states 1e-12 for the cost.
#[test]
fn reproduces_the_reference_with_fixed_d() {
    let fits = data::fixed_d_fits();
    assert_eq!(fits.len(), 58, "29 settings, two residuals");
    let mut worst: f64 = 0.0;
    for fit in &fits {
        let (n, error) = columns(&fit.points);
        let problem = Problem { d: [0.48; 2], alpha: [0.1, 1.5], c: [0.0, 1.0], ..Problem::new(&n, &error, fit.log) };
        let best = problem.minimum();
        worst = worst.max((best.cost / fit.cost - 1.0).abs());
        assert!((best.cost / fit.cost - 1.0).abs() < 1e-10, "{} {best:?} {}", fit.id, fit.cost);
        assert!((best.alpha - fit.alpha).abs() < 1e-7, "{} {best:?} {}", fit.id, fit.alpha);
        assert!((best.c - fit.c).abs() < 1e-7, "{} {best:?} {}", fit.id, fit.c);
    }
    println!("58 with D = 0.48: worst relative difference of cost {worst:.1e}");
}

/// With D = 0.48, alpha in [0, 1.5], linear residual, every setting has a minimum at
/// alpha = .0005-.047, 28 beside another interior one; in 8 the small one is global.
#[test]
fn finds_the_second_minima_of_fixed_d() {
    let (mut small, mut beside, mut global) = (0, 0, 0);
    for fit in data::fixed_d_fits().iter().filter(|f| !f.log) {
        let (n, error) = columns(&fit.points);
        let problem = Problem { d: [0.48; 2], alpha: [0.0, 1.5], c: [0.0, 1.0], ..Problem::new(&n, &error, false) };
        let minima = problem.minima();
        let is_small = |alpha: f64| (0.0004..0.048).contains(&alpha);
        small += usize::from(minima.iter().any(|m| is_small(m.alpha)));
        beside += usize::from(minima.iter().any(|m| m.alpha > 0.048 && m.alpha < 1.5));
        global += usize::from(is_small(minima[0].alpha));
    }
    assert_eq!(
        (small, beside, global),
        (29, 28, 8),
        "settings with a small minimum, with another interior one, small one global"
    );
}

/// Huber problems solved by `tests/oracles/huber.py` (scipy, 120 starts each).
#[test]
fn agrees_with_scipy_on_huber() {
    let rows = data::table(include_str!("data/huber_reference.csv"));
    assert!(rows.len() >= 20, "{} rows", rows.len());
    let list = |text: &str| -> Vec<f64> { text.split(';').map(|x| x.parse().expect("a number")).collect() };
    for row in &rows {
        let problem = Problem {
            weight: list(&row["weight"]),
            ..Problem::new(&list(&row["n"]), &list(&row["error"]), row["residual"] == "log")
        };
        let delta = robust_delta(&problem, 1.345);
        let expected = data::number(row, "delta");
        assert!((delta / expected - 1.0).abs() < 1e-6, "problem {}: delta {delta}, scipy {expected}", row["problem"]);
        let best = Problem { delta: Some(expected), ..problem }.minimum();
        let cost = data::number(row, "cost");
        // scipy stops at about 1e-9 relative; the judge may be below it, never above.
        assert!(best.cost <= cost * (1.0 + 1e-9) + 1e-16, "problem {}: {best:?}, scipy {cost}", row["problem"]);
        assert!(best.cost >= cost * (1.0 - 1e-6) - 1e-16, "problem {}: {best:?}, scipy {cost}", row["problem"]);
    }
}

/// The grid is fine enough: four times as many alphas find no lower cost.
#[test]
fn a_finer_grid_finds_nothing_lower() {
    let count = if common::full() { 4000 } else { 300 };
    for log in [true, false] {
        let off = common::parallel(count, |i| {
            let problem = match i % 4 {
                0 => workload::common(workload::SEEDS[0], i, log),
                1 => workload::irregular(workload::SEEDS[0], i, log),
                2 => Problem { delta: Some(0.01), ..workload::outliers(workload::SEEDS[0], i, log) },
                _ => workload::hostile(i / 4 % workload::FAMILIES.len(), workload::SEEDS[0], i, log),
            };
            let (coarse, fine) = (problem.minimum(), problem.minima_on(1.0125)[0]);
            (i, coarse, fine)
        });
        for (i, coarse, fine) in off {
            // The criterion by which fits are judged.
            assert!(coarse.cost <= fine.cost * (1.0 + 1e-9) + 1e-16, "problem {i} log {log}: {coarse:?} {fine:?}");
        }
    }
}
