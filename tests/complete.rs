//! The search is complete: no fit costs more than the dense search finds.
//!
//! Acceptance everywhere: cost <= best (1 + 1e-9) + 1e-16; the last term because noise-free problems end near 1e-30,
//! where only rounding is compared. `SYN2REAL_FULL=1` runs all problems of all seeds instead of the default share;
//! `SYN2REAL_WORKLOAD=a.bin,b.bin` reads workloads of seven points (little-endian f64) as `gen_workload.py` writes them.
#![allow(clippy::disallowed_methods, reason = "the oracle is not core: std's mathematics is the independent one")]
mod common;

use common::dense::{Optimum, Problem, robust_delta};
use common::workload::{self, FAMILIES, SEEDS};
use syn2real::{Bounds, Class, FitError, FitOptions, Loss, Point, Residual, Syn2RealFit, Syn2RealLaw};

fn options(problem: &Problem, loss: Loss) -> FitOptions {
    let bounds = |[lo, hi]: [f64; 2]| Bounds::new(lo, hi);
    let fixed = |[lo, hi]: [f64; 2]| (lo == hi).then_some(lo);
    let plain = FitOptions::default();
    FitOptions {
        residual: if problem.log { Residual::Log } else { Residual::Linear },
        loss,
        fixed_d: fixed(problem.d),
        fixed_alpha: fixed(problem.alpha),
        fixed_c: fixed(problem.c),
        d: if fixed(problem.d).is_some() { plain.d } else { bounds(problem.d) },
        alpha: if fixed(problem.alpha).is_some() { plain.alpha } else { bounds(problem.alpha) },
        c: if fixed(problem.c).is_some() { plain.c } else { bounds(problem.c) },
        ..plain
    }
}

fn fit(problem: &Problem, loss: Loss) -> Result<Syn2RealFit, FitError> {
    let points: Vec<Point> = (0..problem.n.len())
        .map(|i| Point::new(problem.n[i], problem.error[i]).with_weight(problem.weight[i]))
        .collect();
    Syn2RealLaw::fit_with(&points, &options(problem, loss))
}

/// What went wrong with one problem, if anything.
struct Judged {
    index: usize,
    excess: f64,
    verdict: Result<(), String>,
}

/// Judges a fit against the dense search; the reported law must have the reported cost and lie in the domain.
fn judge(index: usize, problem: &Problem, got: Result<Syn2RealFit, FitError>, best: Optimum) -> Judged {
    let fit = match got {
        Ok(fit) => fit,
        Err(why) => return Judged { index, excess: f64::INFINITY, verdict: Err(format!("{why}; {best:?}")) },
    };
    let (law, cost) = (fit.law(), fit.report().cost);
    // At most 1e-9 if and only if accepted.
    let excess = (cost - best.cost) / (best.cost + 1e-7 * size(problem) * size(problem));
    let fail = |what: &str| Err(format!("{what}: {:?} cost {cost:e}, best {best:?}", (law, fit.report().class)));
    let own = problem.cost(law.d, law.alpha, law.c);
    let rate = if law.d == 0.0 { 0.0 } else { law.alpha };
    let slack = |[lo, hi]: [f64; 2], x: f64| x >= lo * (1.0 - 1e-12) && x <= hi * (1.0 + 1e-12);
    let inside =
        slack(problem.d, law.d) && slack(problem.c, law.c) && (law.d == 0.0 || slack(problem.alpha, law.alpha));
    // Rounding of a residual, 4 ulp of the terms that it is made of, moves the cost by at most |r| times that each.
    let rounding =
        1e-15 * problem.weight.iter().sum::<f64>() * (2.0 * cost).sqrt() * size(problem) * (1.0 + rate) * 8.0;
    let unit = 1e-16 * size(problem) * size(problem);
    let verdict = if cost.is_nan() || cost > best.cost * (1.0 + 1e-9) + unit {
        fail("not the global optimum")
    } else if own.is_nan() || (own - cost).abs() > 1e-9 * cost + rounding + unit {
        fail(&format!("the law costs {own:e}"))
    } else if !inside {
        fail("outside the domain")
    } else if law.d == 0.0 && !matches!(fit.report().class, Class::Flat | Class::AtBound { .. }) {
        fail("a flat law of another class")
    } else {
        Ok(())
    };
    Judged { index, excess, verdict }
}

/// Unit of the residual: 1 in log space; in linear space the size of the errors, if above 1, because there rounding
/// grows with it.
fn size(problem: &Problem) -> f64 {
    if problem.log { 1.0 } else { problem.error.iter().fold(1.0, |a, e| e.abs().max(a)) }
}

fn square(index: usize, problem: &Problem) -> Judged {
    judge(index, problem, fit(problem, Loss::Square), problem.minimum())
}

/// One line of the table, and the first failures in full.
fn summary(what: &str, all: &[Judged]) -> usize {
    let failed: Vec<&Judged> = all.iter().filter(|j| j.verdict.is_err()).collect();
    let worst = all.iter().map(|j| j.excess).fold(f64::NEG_INFINITY, f64::max);
    let share = 100.0 * (all.len() - failed.len()) as f64 / all.len() as f64;
    println!("{what:<44} {:>6} problems  {share:>8.3} % at the global optimum  worst excess {worst:.1e}", all.len());
    for j in failed.iter().take(5) {
        println!("    problem {}: {}", j.index, j.verdict.as_ref().expect_err("filtered"));
    }
    failed.len()
}

fn name(log: bool) -> &'static str {
    if log { "log" } else { "linear" }
}

/// (seed, problems) of a set of `all` problems for each seed: all of the first, a fifth of the others.
fn shares(all: usize) -> [(u64, usize); 3] {
    let other = if common::full() { all } else { all / 5 };
    [(SEEDS[0], all), (SEEDS[1], other), (SEEDS[2], other)]
}

#[test]
fn common_workload() {
    let mut failed = 0;
    for log in [true, false] {
        for (seed, count) in shares(20_000) {
            let all = common::parallel(count, |i| square(i, &workload::common(seed, i, log)));
            failed += summary(&format!("seven points, {}, seed {seed}", name(log)), &all);
        }
    }
    assert_eq!(failed, 0, "fits above the global optimum: see the table above");
}

#[test]
fn irregular_grids() {
    let mut failed = 0;
    let count = if common::full() { 20_000 } else { 5_000 };
    for log in [true, false] {
        let all = common::parallel(count, |i| square(i, &workload::irregular(SEEDS[0], i, log)));
        failed += summary(&format!("4 to 40 irregular points, {}", name(log)), &all);
    }
    assert_eq!(failed, 0, "fits above the global optimum: see the table above");
}

/// Robust units: delta is k * 1.4826 MAD at the square-loss optimum, and given that delta the fit is global.
#[test]
fn huber_with_outliers() {
    let mut failed = 0;
    let count = if common::full() { 2_000 } else { 600 };
    for log in [true, false] {
        let all = common::parallel(count, |i| {
            let problem = workload::outliers(SEEDS[0], i, log);
            let got = fit(&problem, Loss::Huber { k: 1.345 });
            let expected = robust_delta(&problem, 1.345);
            let used = got.as_ref().ok().and_then(|f| f.report().huber_delta).unwrap_or(f64::NAN);
            // 1.4826 is 1 / Phi^-1(3/4) to 1.5e-6; the residuals of two optima agree to about 1e-7 of their size.
            if (used / expected - 1.0).abs() <= 1e-5 {
                let robust = Problem { delta: Some(used), ..problem };
                let best = robust.minimum();
                judge(i, &robust, got, best)
            } else {
                let verdict = Err(format!("delta {used}, expected {expected}: {got:?}"));
                Judged { index: i, excess: f64::INFINITY, verdict }
            }
        });
        failed += summary(&format!("Huber in robust units, outliers, {}", name(log)), &all);
        let all = common::parallel(count, |i| {
            let problem = Problem { delta: Some(0.01), ..workload::outliers(SEEDS[1], i, log) };
            judge(i, &problem, fit(&problem, Loss::HuberAbsolute { delta: 0.01 }), problem.minimum())
        });
        failed += summary(&format!("Huber with delta .01, outliers, {}", name(log)), &all);
    }
    assert_eq!(failed, 0, "fits above the global optimum: see the table above");
}

#[test]
fn hard_families() {
    let mut failed = 0;
    let count = if common::full() { 4_000 } else { 400 };
    for (family, title) in FAMILIES.iter().enumerate() {
        for log in [true, false] {
            let all = common::parallel(count, |i| square(i, &workload::hostile(family, SEEDS[2], i, log)));
            failed += summary(&format!("{title}, {}", name(log)), &all);
        }
    }
    assert_eq!(failed, 0, "fits above the global optimum: see the table above");
}

/// The files named by `SYN2REAL_WORKLOAD`; without it, the file format is checked on a problem of ours.
#[test]
fn workload_files() {
    let read = |bytes: &[u8]| -> Vec<f64> {
        bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().expect("eight bytes"))).collect()
    };
    let mut sets: Vec<(String, Vec<f64>)> = Vec::new();
    for path in std::env::var("SYN2REAL_WORKLOAD").unwrap_or_default().split(',').filter(|p| !p.is_empty()) {
        sets.push((path.to_string(), read(&std::fs::read(path).expect("the workload can be read"))));
    }
    if sets.is_empty() {
        let ours = workload::common(SEEDS[0], 1, true).error;
        let bytes: Vec<u8> = ours.iter().flat_map(|x| x.to_le_bytes()).collect();
        sets.push(("one problem of ours".into(), read(&bytes)));
        assert_eq!(sets[0].1, ours, "what is written is read");
    }
    let mut failed = 0;
    for (path, values) in &sets {
        assert_eq!(values.len() % 7, 0, "{path} holds rows of seven");
        for log in [true, false] {
            let all = common::parallel(values.len() / 7, |i| {
                square(i, &Problem::new(&workload::seven(), &values[7 * i..7 * i + 7], log))
            });
            failed += summary(&format!("{path}, {}", name(log)), &all);
        }
    }
    assert_eq!(failed, 0, "fits above the global optimum: see the table above");
}
