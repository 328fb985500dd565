//! Whether the law describes the data: level and power by simulation, what each test sees, what cannot be tested.
#[path = "../../examples/check/simulation.rs"]
mod simulation;

use syn2real::infer::{Check, CheckMethod, InferError};
use syn2real::{Bounds, FitOptions, Loss, Point, Residual, Syn2RealLaw, Weights};

use crate::common;
use simulation::{Alarms, CLASSES, FILE, Rng, found, judged, kinds, spaced};

fn check(points: &[Point], options: &FitOptions) -> Check {
    Syn2RealLaw::fit_with(points, options).expect("a fit").check(points).expect("the points of the fit")
}

/// Data about a law, or about one with a bend of this height in ln error.
fn bent(count: usize, height: f64, noise: f64, seed: u64) -> Vec<Point> {
    let law = Syn2RealLaw { d: 20.0, alpha: 0.6, c: 0.3 };
    let mut rng = Rng::new(seed);
    let one = |i: usize| {
        let t = i as f64 / (count - 1) as f64;
        let wave = height * (3.0 * std::f64::consts::PI * t).cos();
        let n = 1e3 * 64_f64.powf(t);
        Point::new(n, law.error_at(n) * (wave + noise * rng.normal()).exp())
    };
    (0..count).map(one).collect()
}

/// The example's table with a fortieth of its replicates (all of them with SYN2REAL_FULL=1): p < .01 in at most 1.5 % of
/// the fits of each class and number of points.
#[test]
fn data_that_follow_the_law_raise_no_alarm() {
    let replicates = if common::full() { 200 } else { 5 };
    let counts = [7_usize, 10, 20, 60];
    let tallies = common::parallel(counts.len(), |k| {
        let mut by_class = [Alarms::default(); 4];
        for (seed, kind) in (0..).zip(kinds(counts[k])) {
            judged(&kind, replicates, seed, |class, is_alarm| by_class[class].add(is_alarm));
        }
        by_class
    });
    let mut all = Alarms::default();
    for (points, by_class) in counts.iter().zip(&tallies) {
        for (name, alarms) in CLASSES.iter().zip(by_class) {
            // Four standard deviations above the promise: one of 60,000 such shares.
            let most = 0.015 + 4.0 * (0.015 * 0.985 / f64::from(alarms.fits)).sqrt();
            assert!(alarms.share() <= most, "{points} points, {name}: {alarms:?}");
            assert!(alarms.fits >= 50, "{points} points, {name}: {alarms:?} says nothing");
            all.fits += alarms.fits;
            all.alarms += alarms.alarms;
        }
    }
    let room = 4.0 * (0.01 * 0.99 / f64::from(all.fits)).sqrt();
    assert!((all.share() - 0.01).abs() <= room + 0.002, "a test at .01 alarms in 1 %: {all:?}");
}

#[test]
fn a_law_that_does_not_describe_the_data_is_found() {
    // Of curves like that of the file, with noise of a fifth of the misfit: 80 % is asked. Four standard deviations of a
    // share of 200 are 11 %.
    let curves = [FILE.to_vec(), spaced(10), spaced(16), spaced(40)];
    for sizes in curves {
        let alarms = found(&sizes, 0.2, 200);
        assert!(alarms.share() >= 0.8 + 0.11, "{} sizes: {alarms:?}", sizes.len());
    }
    // What it says it can see is found in four of five.
    for count in [8, 12, 24, 60] {
        let least = check(&bent(count, 0.0, 0.01, 1), &FitOptions::default()).visible_misfit().expect("8 and more");
        let alarms = found(&spaced(count), 1.0 / least, 200);
        assert!((alarms.share() - 0.8).abs() <= 0.11 + 0.05, "{count} sizes, {least}: {alarms:?}");
    }
    let seven = check(&bent(7, 0.0, 0.01, 1), &FitOptions::default());
    assert_eq!(seven.visible_misfit(), None);
    assert!(seven.to_string().ends_with("but with 7 sizes even a gross misfit may go unseen"), "{seven}");
}

#[test]
fn the_case_file_is_no_such_curve() {
    let rows = common::data::table(include_str!("../data/law_does_not_fit.csv"));
    let number = |row, column| common::data::number(row, column);
    let points: Vec<Point> = rows.iter().map(|row| Point::new(number(row, "n"), number(row, "err"))).collect();
    for (residual, loss) in
        [(Residual::Log, Loss::Square), (Residual::Linear, Loss::Square), (Residual::Log, Loss::Huber { k: 1.345 })]
    {
        let found = check(&points, &FitOptions { residual, loss, ..FitOptions::default() });
        assert!(found.method == CheckMethod::Order && found.p_value.is_some_and(|p| p < 1e-3), "{found:?}");
        assert_eq!((found.sizes, found.degrees_of_freedom), (16, 13));
    }
    // The signs are - +++++ ------- +++.
    let found = check(&points, &FitOptions::default()).to_string();
    let words =
        "the law does not describe these data (p = 2e-6): the residuals keep their sign over runs of up to 7 sizes";
    assert_eq!(found, words);
}

#[test]
fn neither_order_nor_units_nor_points_without_weight_matter() {
    let points = bent(14, 0.004, 0.004, 3);
    let plain = check(&points, &FitOptions::default());
    let mut mixed: Vec<Point> = (0..14).map(|i| points[i * 5 % 14]).collect();
    mixed.push(Point::new(5e3, 0.9).with_weight(0.0));
    let scaled: Vec<Point> = points.iter().map(|p| Point::new(p.n * 1e-3, p.error * 100.0).with_weight(7.0)).collect();
    for other in [mixed, scaled] {
        let other = check(&other, &FitOptions::default());
        // The fit of other sums stops elsewhere within 1e-8 of its minimum.
        let (a, b) = (plain.p_value.expect("14 sizes"), other.p_value.expect("14 sizes"));
        assert!((a - b).abs() < 1e-6 * a, "{plain:?}, {other:?}");
        assert_eq!((plain.longest_run, plain.sizes), (other.longest_run, other.sizes));
    }
}

#[test]
fn repeats_and_sigmas_show_what_order_does_not() {
    // Five sizes, each measured four times with a scatter of a tenth of the misfit: two residuals are free, and the order of
    // five says next to nothing.
    let mut rng = Rng::new(5);
    let mut points = Vec::new();
    for (n, level) in [(1e3, 0.62), (2e3, 0.5), (4e3, 0.45), (8e3, 0.38), (16e3, 0.37)] {
        points.extend((0..4).map(|_| Point::new(n, level * (0.002 * rng.normal()).exp())));
    }
    let found = check(&points, &FitOptions::default());
    assert!(found.method == CheckMethod::PureError && found.p_value.is_some_and(|p| p < 1e-6), "{found:?}");
    assert!(found.to_string().ends_with("it misses the means of the sizes by more than repeats scatter"), "{found}");
    // The statistic is that of the test of lack of fit.
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    let lack = syn2real::infer::lack_of_fit(&fit, &points).expect("repeats");
    let statistic = found.statistic.expect("a test");
    assert!((lack.statistic / statistic - 1.0).abs() < 1e-6, "{lack:?}, {found:?}");
    // The same scatter as sigmas of single measurements.
    let single: Vec<Point> = points.iter().step_by(4).map(|p| p.with_weight(1.0 / 0.002_f64.powi(2))).collect();
    let found = check(&single, &FitOptions { weights: Weights::Absolute, ..FitOptions::default() });
    assert!(found.method == CheckMethod::Sigmas && found.p_value.is_some_and(|p| p < 1e-6), "{found:?}");
    let sigmas: Vec<Point> = single.iter().map(|p| p.with_sigma(0.002 * p.error)).collect();
    let same = check(&sigmas, &FitOptions { weights: Weights::Sigma, ..FitOptions::default() });
    assert!((same.statistic.expect("a test") / found.statistic.expect("a test") - 1.0).abs() < 1e-9, "{same:?}");
    // A row that is there twice is no repeat without scatter.
    let mut twice = bent(9, 0.0, 0.01, 2);
    twice.push(twice[4]);
    let found = check(&twice, &FitOptions::default());
    assert!(found.method == CheckMethod::Order && found.describes(), "{found:?}");
}

#[test]
fn long_curves_are_tested_on_bins() {
    for (count, seed) in [(65, 1), (500, 2), (5_000, 3)] {
        let found = check(&bent(count, 0.0, 0.01, seed), &FitOptions::default());
        assert!((50..=64).contains(&found.sizes) && found.describes(), "{count}: {found:?}");
    }
    // The noise of a point is seven times the bend: the means of 78 show it.
    let found = check(&bent(5_000, 0.002, 0.01, 3), &FitOptions::default());
    assert!(!found.describes(), "{found:?}");
}

#[test]
fn what_cannot_be_tested_is_said() {
    let four = bent(4, 0.01, 0.0, 1);
    let found = check(&four, &FitOptions::default());
    assert_eq!((found.method, found.p_value, found.describes()), (CheckMethod::Untestable, None, true));
    assert!(found.to_string().starts_with("too few sizes to tell"), "{found}");
    // With D held four points are enough to ask.
    let held = check(&bent(5, 0.01, 0.0, 1), &FitOptions { fixed_d: Some(20.0), ..FitOptions::default() });
    assert_eq!((held.method, held.degrees_of_freedom), (CheckMethod::Order, 3));
    // Exact data, and data that are exact but for their decimals, whose residuals are a saw.
    let exact = bent(30, 0.0, 0.0, 1);
    let rounded: Vec<Point> = exact.iter().map(|p| Point::new(p.n, (p.error * 1e3).round() / 1e3)).collect();
    for points in [exact, rounded] {
        let found = check(&points, &FitOptions::default());
        assert_eq!((found.method, found.p_value), (CheckMethod::Exact, None), "{found:?}");
        assert!(found.to_string().ends_with("as far as their decimals tell"), "{found}");
    }
    let points = bent(9, 0.0, 0.01, 2);
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    assert_eq!(fit.check(&points[1..]), Err(InferError::OtherPoints));
}

#[test]
fn one_outlier_does_not_hide_a_bend_from_a_robust_fit() {
    let mut points = bent(40, 0.01, 0.002, 4);
    points[20].error *= 1.3;
    let plain = check(&points, &FitOptions::default());
    let robust = check(&points, &FitOptions { loss: Loss::Huber { k: 1.345 }, ..FitOptions::default() });
    assert!(plain.describes() && !robust.describes(), "{plain:?}, {robust:?}");
}

/// At alpha 300 the level at n_min overflowed from the middle of the sizes, and the law was refused at p = 1e-10.
#[test]
fn a_steep_law_is_judged_by_its_residuals() {
    let rows = [(1.0, 0.3303), (1.381, 0.3055), (272.8, 0.3081), (532.6, 0.2958), (41.74, 0.352)];
    let options = FitOptions { fixed_alpha: Some(300.0), alpha: Bounds::new(0.0, 1000.0), ..FitOptions::default() };
    let fit = Syn2RealLaw::fit_with(&rows, &options).expect("a fit");
    let p = fit.check(&rows).expect("its own points").p_value.expect("three sizes more than parameters");
    assert!(p > 0.05, "noise alone: p {p}");
}
