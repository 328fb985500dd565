//! Curves of more than 64 points, which are searched on bins: the optimum is that of all points.
#![allow(clippy::disallowed_methods, reason = "the oracle is not core: std's mathematics is the independent one")]
mod common;

use common::dense::Problem;
use common::rng::Rng;
use common::workload::{SEEDS, SIGMA};
use syn2real::simd::Isa;
use syn2real::{Class, FitError, FitOptions, Loss, Point, Residual, Syn2RealFit, Syn2RealLaw};

/// Sizes over a range of 1.3 to 10^6 times: log-uniform, linear, geometric, few with repeats, clusters of 5 %.
fn sizes(rng: &mut Rng, grid: usize, m: usize) -> Vec<f64> {
    let low = rng.log_uniform(1.0, 1e4);
    let high = low * rng.log_uniform(1.3, 1e6);
    let few: Vec<f64> = (0..rng.between(3, 12)).map(|_| rng.log_uniform(low, high)).collect();
    (0..m)
        .map(|k| match grid {
            0 => rng.log_uniform(low, high),
            1 => low + (high - low) * k as f64 / m as f64,
            2 => few[if k < few.len() { k } else { rng.between(0, few.len() - 1) }],
            3 => low * (high / low).powf(k as f64 / m as f64),
            _ => few[rng.between(0, few.len() - 1)] * rng.uniform(1.0, 1.05),
        })
        .collect()
}

/// `least` to `most` points: laws, steep laws, no gap, rises, steps, no trend, two laws at once, waves; log-noise 0 to .1; half
/// of them with weights.
fn problem(index: usize, [least, most]: [f64; 2], log: bool) -> Problem {
    let mut rng = Rng::new(SEEDS[0] ^ 0x1_7000_0000_0000, index as u64);
    let m = rng.log_uniform(least, most) as usize;
    let n = sizes(&mut rng, index % 5, m);
    let (low, high) = n.iter().fold((f64::INFINITY, 0.0f64), |(a, b), x| (a.min(*x), b.max(*x)));
    let sigma = [SIGMA[0], SIGMA[1], SIGMA[2], SIGMA[3], 0.1][index / 5 % 5];
    let kind = rng.between(0, 7);
    let (d, c) = (rng.log_uniform(0.01, 3.0), if kind == 2 { 0.0 } else { rng.uniform(0.0, 0.9) });
    let alpha = if kind == 1 { rng.uniform(1.0, 12.0) } else { rng.uniform(0.02, 1.2) };
    let (at, rise, size) = (rng.unit(), rng.log_uniform(1e-3, 0.3), rng.log_uniform(1e-6, 1e-2));
    let error = n
        .iter()
        .map(|n| {
            let t = (n / low).ln() / (high / low).ln();
            let level = match kind {
                0..=2 => d * (n / low).powf(-alpha) + c,
                3 => 0.5 * (n / low).powf(rise),
                4 => 0.5 + if t < at { d } else { 0.0 },
                5 => 0.5 + 0.5 * size * rng.normal(),
                6 => d * (n / low).powf(-alpha) + 0.5 * d * (n / low).powf(-3.0 * alpha) + 0.1 * c,
                _ => 0.3 + 0.1 * (6.0 * t + at).sin(),
            };
            level * (sigma * rng.normal()).exp()
        })
        .collect::<Vec<f64>>();
    let weight = (0..m).map(|_| if index.is_multiple_of(2) { 1.0 } else { rng.log_uniform(0.05, 20.0) }).collect();
    Problem { weight, ..Problem::new(&n, &error, log) }
}

fn points(problem: &Problem) -> Vec<Point> {
    let all = problem.n.iter().zip(&problem.error).zip(&problem.weight);
    all.map(|((&n, &error), &weight)| Point::new(n, error).with_weight(weight)).collect()
}

fn fit(problem: &Problem, loss: Loss) -> Result<Syn2RealFit, FitError> {
    let residual = if problem.log { Residual::Log } else { Residual::Linear };
    Syn2RealLaw::fit_with(&points(problem), &FitOptions { residual, loss, ..FitOptions::default() })
}

/// The criterion of tests/complete.rs: cost <= best (1 + 1e-9) + 1e-16 in the unit of the residual.
fn above(problem: &Problem, got: &Result<Syn2RealFit, FitError>, best: f64) -> Option<String> {
    let size = if problem.log { 1.0 } else { problem.error.iter().fold(1.0f64, |a, e| a.max(*e)) };
    match got {
        Ok(fit) if fit.report().cost <= best * (1.0 + 1e-9) + 1e-16 * size * size => None,
        Ok(fit) => Some(format!("{:?} costs {:e}, the best {best:e}", fit.law(), fit.report().cost)),
        Err(why) => Some(format!("{why}, the best costs {best:e}")),
    }
}

#[test]
fn no_fit_costs_more_than_the_dense_search_finds() {
    let (count, most) = if common::full() { (4_000, 2_000.0) } else { (500, 150.0) };
    // Fewer points with a node each are searched on bins first, and on themselves where those do not show all clearly.
    for (log, [least, most]) in [(true, [65.0, most]), (false, [65.0, most]), (false, [41.0, 65.0])] {
        let all = common::parallel(count, |i| {
            let problem = problem(i, [least, most], log);
            above(&problem, &fit(&problem, Loss::Square), problem.minimum().cost).map(|what| (i, what))
        });
        let failed: Vec<_> = all.into_iter().flatten().collect();
        println!("{least} to {most} points, log {log}: {} of {count} above the global optimum", failed.len());
        assert!(failed.is_empty(), "log {log}: {failed:?}");
    }
}

/// The optimum of all points has no gradient: the sums over points of tests/common's own formula.
#[test]
fn the_answer_is_that_of_all_points_not_of_the_bins() {
    for m in [65, 100, 1_000, 1_001, 20_000] {
        let mut rng = Rng::new(SEEDS[1], m as u64);
        let n: Vec<f64> = (0..m).map(|_| rng.log_uniform(1e3, 1e6)).collect();
        let error: Vec<f64> = n.iter().map(|n| (3.0 * n.powf(-0.4) + 0.1) * (0.02 * rng.normal()).exp()).collect();
        let problem = Problem::new(&n, &error, true);
        let fit = fit(&problem, Loss::Square).expect("a fit");
        let Syn2RealLaw { d, alpha, c } = fit.law();
        assert_eq!(fit.report().class, Class::Interior, "{m} points");
        let cost = fit.report().cost;
        // 1e-16 a point at random is 1e-14 of the sum of 20,000, and so is the rounding of the law's coefficients.
        assert!((problem.cost(d, alpha, c) / cost - 1.0).abs() < 1e-12, "{m} points: {cost:e}");
        let [se_d, se_alpha, se_c] = fit.std_errors().map(|se| se.expect("an interior minimum has standard errors"));
        // A thousandth of a standard error off, the cost is 5e-7 noise variances higher: 1e-7 (m - 3) of itself at most.
        for (d, alpha, c) in [
            (d + 1e-3 * se_d, alpha, c),
            (d - 1e-3 * se_d, alpha, c),
            (d, alpha + 1e-3 * se_alpha, c),
            (d, alpha - 1e-3 * se_alpha, c),
            (d, alpha, c + 1e-3 * se_c),
            (d, alpha, c - 1e-3 * se_c),
        ] {
            assert!(problem.cost(d, alpha, c) > cost, "{m} points: lower at {d} {alpha} {c}");
        }
    }
}

#[test]
fn the_bits_do_not_depend_on_the_instruction_set_or_the_entrance() {
    for (i, m) in [(0, 65), (1, 130), (2, 1_003), (3, 4_000)] {
        let problem = problem(i, [65.0, m as f64], true);
        let points = points(&problem);
        for residual in [Residual::Log, Residual::Linear] {
            for loss in [Loss::Square, Loss::Huber { k: 1.345 }] {
                let options = FitOptions { residual, loss, isa: Isa::BASELINE, ..FitOptions::default() };
                let baseline = Syn2RealLaw::fit_with(&points, &options);
                assert!(baseline.is_ok(), "{m} points {residual:?} {loss:?}: {baseline:?}");
                for isa in Isa::available() {
                    let got = Syn2RealLaw::fit_with(&points, &FitOptions { isa, ..options });
                    assert_eq!(got, baseline, "{m} points {residual:?} {loss:?} {isa}");
                }
                let curves = [&points[..7], &points, &points[..70.min(points.len())]];
                let many = Syn2RealLaw::fit_all(&curves, &options);
                assert_eq!(many[1], baseline, "{m} points by fit_many, {residual:?} {loss:?}");
            }
        }
    }
}

/// Points of weight 0 count nowhere, wherever they lie: neither as one of the 64 nodes, nor in the bins or the range.
#[test]
fn points_of_weight_zero_are_left_out() {
    for m in [40, 300] {
        let mut rng = Rng::new(SEEDS[2], m as u64);
        let law = Syn2RealLaw { d: 2.0, alpha: 0.4, c: 0.2 };
        let used: Vec<Point> = (0..m)
            .map(|_| {
                let n = rng.log_uniform(1e3, 1e5);
                Point::new(n, law.error_at(n) * (0.01 * rng.normal()).exp())
            })
            .collect();
        let mut all = used.clone();
        all.extend((0..200).map(|_| Point::new(rng.log_uniform(1e-3, 1e9), 7.0).with_weight(0.0)));
        let (a, b) = (Syn2RealLaw::fit(&used).expect("a fit"), Syn2RealLaw::fit(&all).expect("a fit"));
        assert_eq!((a.report().points, a.report().n_min), (b.report().points, b.report().n_min), "{m} points");
        // The same numbers in other blocks: 1e-16 a point, and the condition of the problem (10^3) for the rate.
        assert!((a.law().alpha / b.law().alpha - 1.0).abs() < 1e-11, "{m} points: {:?} {:?}", a.law(), b.law());
        assert!((a.report().cost / b.report().cost - 1.0).abs() < 1e-12, "{m} points");
    }
}

/// A fault is named by its index, wherever it lies in the blocks of eight.
#[test]
fn the_first_bad_point_is_named() {
    let good: Vec<Point> = (1..200).map(|i| Point::new(f64::from(i), 1.0 / f64::from(i))).collect();
    for (index, bad) in [
        (0, Point::new(f64::NAN, 0.5)),
        (77, Point::new(0.0, 0.5)),
        (150, Point::new(1.0, f64::INFINITY)),
        (198, Point::new(1.0, -0.5)),
        (63, Point::new(1.0, 0.5).with_weight(-1.0)),
        (64, Point::new(f64::INFINITY, 0.5)),
    ] {
        let mut points = good.clone();
        points[index] = bad;
        points[198] = bad;
        match Syn2RealLaw::fit(&points) {
            Err(FitError::Point { index: named, .. }) => assert_eq!(named, index, "{bad:?}"),
            other => panic!("{bad:?} at {index}: {other:?}"),
        }
    }
}

/// Huber's loss beyond 64 points, where bins lose what it needs: k and delta from far below the noise to beyond all
/// residuals, a share of outliers up to a third, and noise with heavy tails. The delta of k is taken from the report.
fn robust(index: usize, most: f64, log: bool) -> (Problem, Loss) {
    let mut problem = problem(index, [65.0, most], log);
    let mut rng = Rng::new(SEEDS[1] ^ 0x1_7000_0000_0000, index as u64);
    let (share, size) = (*rng.pick(&[0.0, 0.02, 0.1, 0.3]), rng.log_uniform(1.05, 3.0));
    let side = *rng.pick(&[0.0, 0.5, 1.0]);
    let tails = if rng.unit() < 0.3 { 0.02 } else { 0.0 };
    for error in &mut problem.error {
        let factor = if rng.unit() < side { size } else { 1.0 / size };
        *error *= if rng.unit() < share { factor } else { 1.0 };
        // Student's t with one degree of freedom, cut at a factor of e.
        *error *= (tails * (1.5 * (rng.unit() - 0.5)).tan().clamp(-50.0, 50.0)).clamp(-1.0, 1.0).exp();
    }
    let largest = problem.error.iter().fold(0.0f64, |a, e| a.max(*e));
    let unit = if log { 1.0 } else { largest };
    let loss = match rng.between(0, 2) {
        0 => Loss::Huber { k: rng.log_uniform(0.05, 10.0) },
        _ => Loss::HuberAbsolute { delta: unit * rng.log_uniform(1e-3, 1.0) },
    };
    (problem, loss)
}

#[test]
fn no_robust_fit_costs_more_than_the_dense_search_finds() {
    let (count, most) = if common::full() { (5_000, 300.0) } else { (40, 110.0) };
    for log in [true, false] {
        let all = common::parallel(count, |i| {
            let (problem, loss) = robust(i, most, log);
            let got = fit(&problem, loss);
            let delta = match (loss, &got) {
                (Loss::HuberAbsolute { delta }, _) => Some(delta),
                (_, Ok(fit)) => fit.report().huber_delta,
                _ => None,
            };
            if matches!(got, Err(FitError::BadOption { field: "loss" })) {
                return (false, Some((i, "refused: delta is rounding".to_owned())));
            }
            let problem = Problem { delta, ..problem };
            (true, above(&problem, &got, problem.minimum().cost).map(|what| (i, format!("{loss:?} {what}"))))
        });
        let failed: Vec<_> = all.iter().filter(|(tried, what)| *tried && what.is_some()).collect();
        let refused = all.iter().filter(|(tried, _)| !tried).count();
        println!(
            "Huber, 65 to {most} points, log {log}: {} of {count} above the optimum, {refused} refused",
            failed.len()
        );
        assert!(failed.is_empty(), "log {log}: {failed:#?}");
    }
}
