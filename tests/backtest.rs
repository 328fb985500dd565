//! Extrapolation: the paper's section 4.4 on the authors' data, and the curves of Alabdulmohsin et al. on their split.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
mod common;

use std::collections::BTreeMap;

use common::data;
use syn2real::backtest::{BacktestError, FIRST_WINDOW, Rmse, hold_out, rolling, score};
use syn2real::{FitError, FitOptions, Point, PointError, PowerLaw, Residual, Syn2RealLaw};

fn objdet(pool: &str, model: &str) -> Vec<(f64, f64)> {
    let mut curve = data::curves()[&format!("bop_{pool}_{model}_objdet_objdet_coco_s1")].clone();
    curve.sort_by(|a, b| a.0.total_cmp(&b.0));
    curve
}

/// Recomputed independently, to the digits given here: objdet -> objdet, s = 1 %, log residual, last value; trained on
/// 1k..32k of the 64k series, scored on 80k..1280k of the 1280k series, RMSE in log error.
#[test]
fn window_of_the_paper() {
    for (model, power, fixed, free) in
        [("r50", 0.0094, 0.0016, 0.0011), ("r101", 0.0116, 0.0018, 0.0018), ("r152", 0.0093, 0.0035, 0.0034)]
    {
        let train: Vec<_> = objdet("64k", model).into_iter().filter(|p| p.0 <= 32_000.0).collect();
        let test: Vec<_> = objdet("1280k", model).into_iter().filter(|p| p.0 >= 80_000.0).collect();
        let scores = score(&train, &test, &FitOptions::default()).expect("a law");
        let with_d = score(&train, &test, &FitOptions { fixed_d: Some(0.48), ..FitOptions::default() }).expect("a law");
        for (name, got, expected) in [
            ("power", scores.rmse.power, power),
            ("law, D = .48", with_d.rmse.law, fixed),
            ("law, free D", scores.rmse.law, free),
        ] {
            // Half a unit of the last printed digit.
            assert!((got - expected).abs() <= 5.1e-5, "{model}, {name}: {got}, expected {expected}");
        }
        assert_eq!(with_d.rmse.power, scores.rmse.power, "the power law has a D of its own");
        assert_eq!((scores.train_points, scores.test_points), (6, 5), "{model}: the window");
        assert_eq!((scores.train_max, scores.test_max), (32_000.0, 1_280_000.0), "{model}: the window");
        assert_eq!(scores.last_value, train[5].1, "{model}: last value");
    }
}

/// Every curve of Alabdulmohsin et al. 2022 (tests/data/SOURCES.md), fitted where they fit and scored where they score.
#[test]
fn curves_of_alabdulmohsin() {
    type Split = (Vec<(f64, f64)>, f64);
    let mut curves: BTreeMap<(String, String), Split> = BTreeMap::new();
    for row in data::table(include_str!("data/nsl_learning_curves.csv")) {
        let (n, is_train) = (data::number(&row, "n"), row["is_train"] == "1");
        let (points, train_max) = curves.entry((row["domain"].clone(), row["curve_id"].clone())).or_default();
        points.push((n, data::number(&row, "loss")));
        *train_max = if is_train && n > *train_max { n } else { *train_max };
    }
    assert_eq!(curves.len(), 28, "curves");
    let mut sums: BTreeMap<&str, (f64, Rmse)> = BTreeMap::new();
    for ((domain, id), (points, train_max)) in &curves {
        let scores = hold_out(points, *train_max, &FitOptions::default()).unwrap_or_else(|why| panic!("{id}: {why}"));
        let log = scores.rmse_log.expect("losses are positive");
        println!(
            "{id:45} {:3} {:4} {:.4} {:.4} {:.4}",
            scores.train_points, scores.test_points, log.law, log.power, log.last_value
        );
        let (count, sum) = sums.entry(domain).or_insert((0.0, Rmse { law: 0.0, power: 0.0, last_value: 0.0 }));
        *count += 1.0;
        sum.law += log.law;
        sum.power += log.power;
        sum.last_value += log.last_value;
    }
    println!("mean log RMSE      curves    law  power  last value");
    for (domain, expected) in EXPECTED {
        let (count, sum) = sums[domain];
        let means = [sum.law, sum.power, sum.last_value].map(|v| v / count);
        println!("{domain:18} {count:6} {:.4} {:.4} {:.4}", means[0], means[1], means[2]);
        for (got, expected) in means.into_iter().zip(expected) {
            // Half a unit of the last digit.
            assert!((got - expected).abs() <= 5.1e-5, "{domain}: {means:?}, recorded {expected}");
        }
    }
}

/// Mean log RMSE of law, power law, last value over the curves of a domain: ImageNet few-shot, language models, machine
/// translation. scipy's least_squares from 36 starts per fit gives the same eight digits.
const EXPECTED: [(&str, [f64; 3]); 3] =
    [("IC", [0.0699, 0.0838, 0.0619]), ("LM", [0.0011, 0.0140, 0.0072]), ("NMT", [0.0482, 0.2217, 0.0083])];

/// What is held out does not count: the law is that of the points that are left, bit for bit but for the counting of
/// evaluations.
#[test]
fn held_out_points_do_not_count() {
    for residual in [Residual::Log, Residual::Linear] {
        let options = FitOptions { residual, ..FitOptions::default() };
        let mut points = objdet("64k", "r50");
        points.swap(0, 6);
        let kept: Vec<_> = points.iter().copied().filter(|p| p.0 <= 16_000.0).collect();
        let scores = hold_out(&points, 16_000.0, &options).expect("five points");
        assert_eq!(scores.law, Syn2RealLaw::fit_with(&kept, &options).expect("five points"), "{residual}");
        let power = PowerLaw::fit_with(&kept, &options).expect("five points").law();
        assert_eq!((scores.power.law().d, scores.power.law().alpha), (power.d, power.alpha), "{residual}");
        assert_eq!(scores.last_value, kept.iter().find(|p| p.0 == 16_000.0).expect("a point").1, "{residual}");
    }
}

/// RMSE by hand, with weights and replicates.
#[test]
fn rmse_is_the_root_of_the_weighted_mean() {
    let points = [
        Point::new(1e3, 0.5),
        Point::new(2e3, 0.4),
        Point::new(4e3, 0.34).with_weight(3.0),
        Point::new(4e3, 0.30),
        Point::new(8e3, 0.29).with_weight(2.0),
        Point::new(16e3, 0.27),
        Point::new(32e3, 9.9).with_weight(0.0),
    ];
    let scores = hold_out(&points, 4e3, &FitOptions::default()).expect("three sizes");
    assert_eq!((scores.train_points, scores.test_points, scores.test_max), (4, 2, 16e3), "counts");
    let last = (3.0 * 0.34 + 0.30) / 4.0;
    let mean = |f: &dyn Fn(f64) -> f64| {
        let off = [(8e3, 0.29, 2.0), (16e3, 0.27, 1.0)].map(|(n, error, w)| (f(n) - error, (f(n) / error).ln(), w));
        (
            (off.iter().map(|o| o.2 * o.0 * o.0).sum::<f64>() / 3.0).sqrt(),
            (off.iter().map(|o| o.2 * o.1 * o.1).sum::<f64>() / 3.0).sqrt(),
        )
    };
    let log = scores.rmse_log.expect("positive");
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-13; // some roundings of numbers below 1
    for (by_error, by_log, f) in [
        (scores.rmse.law, log.law, &(|n| scores.law.law().error_at(n)) as &dyn Fn(f64) -> f64),
        (scores.rmse.power, log.power, &|n| scores.power.law().error_at(n)),
        (scores.rmse.last_value, log.last_value, &|_| last),
    ] {
        let (error, log) = mean(f);
        assert!(near(by_error, error) && near(by_log, log), "{by_error} {by_log}, expected {error} {log}");
    }
}

/// Every window by itself, pooled.
#[test]
fn rolling_pools_its_windows() {
    let points = objdet("64k", "r101");
    for (horizon, predictions) in [(1, 4), (2, 7), (usize::MAX, 10)] {
        let (mut windows, mut squares) = (Vec::new(), 0.0);
        let all = rolling(&points, horizon, &FitOptions::default(), |w| {
            squares += w.rmse.law * w.rmse.law * w.test_points as f64;
            windows.push((w.train_points, w.test_points));
        });
        let all = all.expect("seven sizes");
        assert_eq!((all.windows, all.predictions), (4, predictions), "horizon {horizon}");
        let expected = (squares / predictions as f64).sqrt();
        assert!((all.rmse.law - expected).abs() <= 1e-15, "{} for {expected}", all.rmse.law);
        assert_eq!(windows[0], (FIRST_WINDOW, horizon.min(4)), "the first window");
        assert_eq!(windows[3], (6, 1), "the last window");
    }
    let mut shuffled = points.clone();
    shuffled.reverse();
    let run = |p: &[(f64, f64)]| rolling(p, 1, &FitOptions::default(), |_| {}).expect("seven sizes").rmse;
    // The order of the points matters for rounding only; the cost is flat to its root.
    assert!((run(&points).law - run(&shuffled).law).abs() < 1e-7, "order");
}

#[test]
fn bad_input_is_named() {
    let points = [(1e3, 0.5), (2e3, 0.4), (4e3, 0.34), (8e3, 0.3)];
    let options = FitOptions::default();
    assert_eq!(hold_out(&points, 8e3, &options), Err(BacktestError::NoTestPoints), "nothing left");
    let few = BacktestError::Fit(FitError::TooFewPoints { needed: 3, got: 2 });
    assert_eq!(hold_out(&points, 2e3, &options), Err(few), "two sizes");
    assert_eq!(hold_out(&points, f64::NAN, &options), Err(BacktestError::NoTestPoints), "NaN holds nothing out");
    let bad = [(16e3, 0.2), (32e3, -0.1)];
    let named = BacktestError::TestPoint { index: 1, source: PointError::ErrorNotPositive };
    assert_eq!(score(&points, &bad, &options), Err(named), "a negative error");
    let linear = FitOptions { residual: Residual::Linear, ..options };
    let scores = score(&points, &bad, &linear).expect("errors of any sign");
    assert_eq!(scores.rmse_log, None, "no logarithm of a negative error");
    let none: [Point; 0] = [];
    assert_eq!(score(&points, &none, &options), Err(BacktestError::NoTestPoints), "no test points");
    for (given, horizon) in [(&points[..3], 1), (&points[..], 0), (&points[..0], 1)] {
        let why = rolling(given, horizon, &options, |_| {});
        assert_eq!(why.map(|all| all.windows), Err(BacktestError::NoTestPoints), "{given:?}, {horizon}");
    }
}
