//! Profile intervals against brute force, the rules that tie the methods together, and their coverage.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
#[path = "infer/check.rs"]
mod check;
mod common;

use common::data::{curves, number, table};
use common::rng::Rng;
use syn2real::infer::{self, Band, InferError, Method, Quantity, bootstrap, interval};
use syn2real::plan::design::{self, Aim, Candidate};
use syn2real::plan::{self, PlanError, settings};
use syn2real::{Bounds, Confidence, FitOptions, Loss, Parameter, Point, Residual, Syn2RealFit, Syn2RealLaw, Weights};

/// The oracle bisects to 1e-12 of the value on a profile that golden sections give to 1e-12 of the cost; where a limit runs
/// along the border the cost rises with less than its own size per unit, so that 1e-6 of the value is what it is good for.
const ORACLE: f64 = 1e-6;

#[test]
fn profile_limits_are_those_of_brute_force() {
    let curves = curves();
    let mut checked = 0;
    let mut wrong = Vec::new();
    for row in table(include_str!("data/interval_reference.csv")) {
        let residual = if row["residual"] == "log" { Residual::Log } else { Residual::Linear };
        let points = &curves[&row["curve_id"]];
        let fit = Syn2RealLaw::fit_with(points, &FitOptions { residual, ..FitOptions::default() }).expect("a fit");
        let argument = number(&row, "argument");
        let quantity = match row["quantity"].as_str() {
            "c" => Quantity::Parameter(Parameter::C),
            "alpha" => Quantity::Parameter(Parameter::Alpha),
            "d" => Quantity::Parameter(Parameter::D),
            "error" => Quantity::ErrorAt { n: argument },
            _ => Quantity::SamplesFor { target: argument },
        };
        let found = interval(&fit, points, quantity, Confidence::P95, Method::Profile).expect("an interval");
        for (side, limit) in [("lower", found.lower), ("upper", found.upper)] {
            let expected: Option<f64> = row[side].parse().ok();
            let is_equal = match (limit, expected) {
                (Some(a), Some(b)) => {
                    checked += 1;
                    let tolerance = if row["quantity"] == "samples" || row["quantity"] == "d" { 1e-4 } else { ORACLE };
                    (a - b).abs() <= tolerance * b.abs()
                }
                // Open below is the end of the domain, 0; D is open where alpha runs to the end of its domain.
                (Some(a), None) => side == "lower" && a == 0.0,
                (None, Some(_)) => row["quantity"] == "d",
                (None, None) => true,
            };
            if !is_equal {
                wrong.push(format!("{} {quantity:?} {side}: {limit:?}, oracle {}", row["curve_id"], row[side]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked >= 60, "{checked} limits were compared");
}

/// Limits of a parameter against the complete search of the fit with the parameter held: on a limit the cost is that of the
/// F-limit, beyond it it is higher all the way.
#[test]
fn the_fit_with_a_parameter_on_its_limit_costs_what_the_limit_says() {
    // F(1, 4) and chi^2(1) at 95 %: scipy.stats 1.17.1.
    const F_4: f64 = 7.708_647_422_176_786;
    const CHI2: f64 = 3.841_458_820_694_124;
    let (mut limits, mut wrong) = (0, Vec::new());
    for k in 0..if common::full() { 3000 } else { 300 } {
        let mut rng = Rng::new(31, k);
        let truth = Syn2RealLaw { d: 1.0, alpha: rng.uniform(0.05, 1.5), c: 0.0 };
        let (fall, gap) = (truth.error_at(1e3), rng.log_uniform(0.01, 30.0));
        let noise = rng.log_uniform(1e-4, 0.1);
        let points: Vec<Point> = (0..7)
            .map(|i| 1e3 * 2_f64.powi(i))
            .map(|n| {
                let error = (truth.error_at(n) / fall + gap) * (noise * rng.normal()).exp();
                Point::new(n, error).with_weight(rng.uniform(0.5, 2.0))
            })
            .collect();
        let residual = if k % 2 == 0 { Residual::Log } else { Residual::Linear };
        let weights = if k % 3 == 0 { Weights::Absolute } else { Weights::Relative };
        let c = if k % 5 == 0 { Bounds::new(0.0, gap) } else { FitOptions::default().c };
        let options = FitOptions { residual, weights, c, ..FitOptions::default() };
        let fit = Syn2RealLaw::fit_with(&points, &options).expect("a fit");
        let least = fit.report().cost;
        let limit = match weights {
            Weights::Relative => least * (1.0 + F_4 / 4.0),
            _ => least + 0.5 * CHI2,
        };
        let held = |parameter, v: f64| {
            let options = match parameter {
                Parameter::D => FitOptions { fixed_d: Some(v), ..options },
                Parameter::Alpha => FitOptions { fixed_alpha: Some(v), ..options },
                _ => FitOptions { fixed_c: Some(v), ..options },
            };
            Syn2RealLaw::fit_with(&points, &options).map(|f| f.report().cost)
        };
        let bounds = |parameter| match parameter {
            Parameter::D => options.d,
            Parameter::Alpha => options.alpha,
            _ => options.c,
        };
        for parameter in [Parameter::D, Parameter::Alpha, Parameter::C] {
            let found = fit.profile_interval(&points, parameter, Confidence::P95).expect("an interval");
            let range = bounds(parameter);
            for (end, is_upper) in [(found.lower, false), (found.upper, true)] {
                let far = if is_upper { range.upper.min(1e300) } else { range.lower };
                let Some(end) = end else {
                    // Open: the far end is no worse than the limit, but for D, which runs away with alpha.
                    let cost = held(parameter, far);
                    if parameter != Parameter::D && cost.is_ok_and(|c| c > limit * (1.0 + 1e-9)) {
                        wrong.push(format!("{k} {parameter} is open, {far} costs {cost:?}, limit {limit}"));
                    }
                    continue;
                };
                limits += 1;
                let cost = held(parameter, end).expect("a fit on the limit");
                let is_met = (cost / limit - 1.0).abs() < 1e-8 || (end == far && cost <= limit * (1.0 + 1e-9));
                if !is_met {
                    wrong.push(format!("{k} {parameter} upper {is_upper}: {end} costs {}", cost / limit));
                }
                // Beyond it, in steps that grow.
                for step in [1e-3, 1e-2, 0.1, 0.3, 1.0, 3.0, 10.0] {
                    let v = end * f64::exp(if is_upper { step } else { -step });
                    if v > range.lower && v < range.upper && held(parameter, v).is_ok_and(|c| c < limit * (1.0 - 1e-9))
                    {
                        wrong.push(format!("{k} {parameter} upper {is_upper}: {v} beyond {end} is within the limit"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {limits} limits:\n{}", wrong.len(), wrong.join("\n"));
    assert!(limits > 1500, "{limits} limits were checked");
}

/// A measurement on the limit of its prediction interval, added to the points, makes the best fit cost what the limit says,
/// and one beyond it more; on the limit of n* that of L(n) is the target.
#[test]
fn limits_of_a_measurement_and_of_the_samples_are_met() {
    // F(1, 4) at 95 %: scipy.stats 1.17.1.
    const F_4: f64 = 7.708_647_422_176_786;
    let (mut limits, mut wrong) = (0, Vec::new());
    for k in 0..if common::full() { 2000 } else { 200 } {
        let mut rng = Rng::new(37, k);
        let law = Syn2RealLaw { d: rng.uniform(1.0, 10.0), alpha: rng.uniform(0.1, 1.2), c: rng.uniform(0.0, 0.5) };
        let noise = rng.log_uniform(1e-4, 0.05);
        let sizes = (0..7).map(|i| 1e3 * 2_f64.powi(i));
        let points: Vec<Point> = sizes.map(|n| Point::new(n, law.error_at(n) * (noise * rng.normal()).exp())).collect();
        let residual = if k % 2 == 0 { Residual::Log } else { Residual::Linear };
        let options = FitOptions { residual, ..FitOptions::default() };
        let fit = Syn2RealLaw::fit_with(&points, &options).expect("a fit");
        let ask = |quantity| interval(&fit, &points, quantity, Confidence::P95, Method::Profile).expect("an interval");
        let limit = fit.report().cost * (1.0 + F_4 / 4.0);
        for n in [500.0, 5e3, 6.4e5] {
            let found = ask(Quantity::MeasurementAt { n });
            for (y, beyond) in [(found.lower, 0.99), (found.upper, 1.01)] {
                let Some(y) = y else { continue };
                let cost = |y: f64| {
                    let mut points = points.clone();
                    points.push(Point::new(n, y));
                    Syn2RealLaw::fit_with(&points, &options).expect("a fit").report().cost
                };
                limits += 1;
                // The share of the room is good to 1e-5, and the limit to its square.
                if (cost(y) / limit - 1.0).abs() > 1e-8 || cost(y * beyond) < limit * (1.0 - 1e-9) {
                    wrong.push(format!("{k} measurement at {n}: {y} costs {}", cost(y) / limit));
                }
            }
        }
        let target = fit.law().error_at(if k % 4 < 2 { 2e4 } else { 1e6 });
        let found = ask(Quantity::SamplesFor { target });
        for (n, upper) in [(found.lower, false), (found.upper, true)] {
            let Some(n) = n.filter(|n| *n > 1.0 && *n < 1e15) else { continue };
            let curve = ask(Quantity::ErrorAt { n });
            let met = if upper { curve.upper } else { curve.lower };
            limits += 1;
            if met.is_none_or(|met| (met / target - 1.0).abs() > 1e-9) {
                wrong.push(format!("{k} samples for {target}, upper {upper}: {n} has {met:?}"));
            }
        }
    }
    // Of 1,451 limits 5 are missed: where two valleys of the region lead to different shares or sizes, the extreme is
    // followed in one of them.
    assert!(wrong.len() * 200 <= limits, "{} of {limits} limits:\n{}", wrong.len(), wrong.join("\n"));
    assert!(limits > 1000, "{limits} limits were checked");
}

/// Steps, constants, exact data, rising errors, long curves, fixed parameters, robust losses, extreme units.
#[test]
fn intervals_of_odd_curves_hold_the_estimate() {
    let law = Syn2RealLaw { d: 20.0, alpha: 0.6, c: 0.3 };
    let sizes = |count: usize| (0..count).map(move |i| 1e3 * 2_f64.powf(i as f64 * 6.0 / (count - 1) as f64));
    let mut rng = Rng::new(41, 0);
    let mut noisy = |count: usize, noise: f64| -> Vec<(f64, f64)> {
        sizes(count).map(|n| (n, law.error_at(n) * (noise * rng.normal()).exp())).collect()
    };
    let with = |errors: [f64; 7]| -> Vec<(f64, f64)> { sizes(7).zip(errors).collect() };
    let curves = [
        ("step", with([0.9, 0.5, 0.51, 0.49, 0.5, 0.502, 0.499])),
        ("constant", with([0.5; 7])),
        ("rising", with([0.4, 0.42, 0.45, 0.46, 0.5, 0.52, 0.55])),
        ("exact", sizes(7).map(|n| (n, law.error_at(n))).collect()),
        ("one outlier", with([0.6, 0.5, 0.44, 3.0, 0.36, 0.34, 0.33])),
        ("four points", noisy(4, 0.01)),
        ("long", noisy(300, 0.01)),
        ("rough", noisy(9, 0.8)),
    ];
    let (mut asked, mut wrong) = (0, Vec::new());
    for (name, curve) in &curves {
        for (by_n, by_error) in [(1.0, 1.0), (1e-6, 1e6), (1e6, 1e-9)] {
            let points: Vec<Point> = curve.iter().map(|p| Point::new(p.0 * by_n, p.1 * by_error)).collect();
            let plain = FitOptions::default();
            let huber = Loss::Huber { k: 1.345 };
            for options in [
                plain,
                FitOptions { residual: Residual::Linear, ..plain },
                FitOptions { loss: huber, ..plain },
                FitOptions { residual: Residual::Linear, loss: huber, ..plain },
                FitOptions { fixed_alpha: Some(0.5), ..plain },
                FitOptions { fixed_c: Some(0.2 * by_error), ..plain },
                FitOptions { alpha: Bounds::new(0.1, 1.5), c: Bounds::new(0.0, by_error), ..plain },
            ] {
                let Ok(fit) = Syn2RealLaw::fit_with(&points, &options) else { continue };
                let quantities = [
                    Quantity::Parameter(Parameter::D),
                    Quantity::Parameter(Parameter::Alpha),
                    Quantity::Parameter(Parameter::C),
                    Quantity::ErrorAt { n: 64e4 * by_n },
                    Quantity::ErrorAt { n: 500.0 * by_n },
                    Quantity::MeasurementAt { n: 64e4 * by_n },
                    Quantity::SamplesFor { target: 0.32 * by_error },
                ];
                for quantity in quantities {
                    asked += 1;
                    match interval(&fit, &points, quantity, Confidence::P95, Method::Profile) {
                        Ok(i) => {
                            // Rounding of exact data.
                            let below = |a: f64, b: f64| a <= b + 1e-9 * b.abs();
                            let holds = i.estimate.is_none_or(|e| {
                                i.lower.is_none_or(|l| below(l, e)) && i.upper.is_none_or(|u| below(e, u))
                            });
                            let is_finite = [i.lower, i.upper].iter().flatten().all(|v| v.is_finite());
                            if !holds || !is_finite {
                                wrong.push(format!("{name} x {by_n} {quantity:?} {options:?}: {i:?}"));
                            }
                        }
                        Err(InferError::Fixed { .. } | InferError::NoFreedom { .. }) => {}
                        Err(e) => wrong.push(format!("{name} x {by_n} {quantity:?} {options:?}: {e}")),
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(asked > 1000, "{asked} intervals were asked");
}

#[path = "../examples/coverage/simulation.rs"]
mod simulation;

/// The example's table with a tenth of its replicates (all of them with SYN2REAL_FULL=1).
#[test]
fn profile_intervals_cover_as_often_as_they_say() {
    use simulation::{LAWS, NOISE, Tally, Way, cell};
    let replicates = if common::full() { 2000 } else { 200 };
    let cells: Vec<_> = LAWS.iter().flat_map(|law| NOISE.map(|noise| (law.1, noise))).collect();
    let tallies: Vec<[Tally; 4]> = common::parallel(cells.len(), |k| {
        cell(&cells[k].0, cells[k].1, replicates, k as u64 + 1, Way::By(Method::Profile))
    });
    for (k, name) in ["C", "alpha", "L(10 n_max)", "n*"].iter().enumerate() {
        let mut identified = Tally::default();
        for (tallies, (law, noise)) in tallies.iter().zip(&cells) {
            let t = tallies[k];
            if t.is_identified() {
                // 93 to 99 % is asked of 2,000 replicates; three standard deviations of a share of 200 are 4.6 %.
                let slack = if common::full() { 0.0 } else { 4.6 };
                let is_good = (93.0 - slack..=99.0 + slack).contains(&t.coverage());
                assert!(is_good, "{name} of {law:?} with noise {noise}: {t:?}");
                identified.count += t.count;
                identified.held += t.held;
            } else {
                let slack = if common::full() { 0.0 } else { 4.6 };
                assert!(t.misses() <= 5.0 + slack, "{name} of {law:?} with noise {noise}: {t:?}");
            }
        }
        assert!(identified.count >= 3 * replicates, "{name} is identified in too few cells: {identified:?}");
        // 94 to 97 % in the mean of 2,000 replicates a cell; three standard deviations of 600 are 2.7 %.
        let slack = if common::full() { 0.0 } else { 2.7 };
        assert!((94.0 - slack..=97.0 + slack).contains(&identified.coverage()), "{name}: {identified:?}");
    }
}

/// Every public function that takes the points of a fit again, by name; each ends with what it says of the points.
type Again = (&'static str, fn(&Syn2RealFit, &[Point]) -> Option<InferError>);

fn of_plan<T>(result: Result<T, PlanError>) -> Option<InferError> {
    match result {
        Err(PlanError::Infer(e)) => Some(e),
        _ => None,
    }
}

const AGAIN: [Again; 20] = [
    ("interval", |f, p| interval(f, p, Quantity::MeasurementAt { n: 5e4 }, Confidence::P95, Method::Wald).err()),
    ("profile_interval", |f, p| f.profile_interval(p, Parameter::C, Confidence::P95).err()),
    ("band", |f, p| {
        let mut out = [Band::default(); 2];
        infer::band(f, p, &[2e3, 3e3], Confidence::P95, Method::Wald, &mut out).err()
    }),
    ("identifiability", |f, p| infer::identifiability(f, p).err()),
    ("ConfidenceCurve::new", |f, p| infer::ConfidenceCurve::new(f, p, Quantity::Parameter(Parameter::C)).err()),
    ("curve", |f, p| of_plan(settings::curve(f, p, Quantity::Parameter(Parameter::C)))),
    ("curves", |f, p| of_plan(settings::curves(&[(*f, p)], Quantity::Parameter(Parameter::C), &mut [None; 1]))),
    ("check", |f, p| f.check(p).err()),
    ("oddities", |f, p| infer::oddities(f, p).err()),
    ("gap_test", |f, p| infer::gap_test(f, p).err()),
    ("lack_of_fit", |f, p| infer::lack_of_fit(f, p).err()),
    ("replicate", |f, p| {
        bootstrap::replicate(f, p, &[], &bootstrap::BootstrapOptions::default(), &mut [f.law(); 3]).err()
    }),
    ("bootstrap::interval", |f, p| {
        let (laws, quantity) = ([f.law(); 400], Quantity::Parameter(Parameter::C));
        bootstrap::interval(f, p, &laws, quantity, Confidence::P95, &mut [0.0; 400]).err()
    }),
    ("samples_for", |f, p| of_plan(plan::samples_for(f, p, 0.5, &plan::PlanOptions::default()))),
    ("assurance", |f, p| of_plan(plan::assurance(f, p, 0.5, 0.9, &plan::PlanOptions::default()))),
    ("next", |f, p| {
        let aim = Aim::Quantity(Quantity::Parameter(Parameter::C));
        of_plan(design::next(f, p, &[Candidate::new(1e5)], aim, &plan::PlanOptions::default()))
    }),
    ("verdict_odds", |f, p| {
        of_plan(design::verdict_odds(f, p, 0.5, Candidate::new(1e5), &plan::PlanOptions::default()))
    }),
    ("schedule", |f, p| {
        let few = design::ScheduleOptions { verdicts: 100, ..design::ScheduleOptions::default() };
        of_plan(design::schedule(f, p, 0.5, &[Candidate::new(1e5)], &few, &plan::PlanOptions::default()))
    }),
    ("intervals", |f, p| {
        let out = &mut [None; 1];
        of_plan(settings::intervals(&[(*f, p)], Parameter::C, Confidence::P95, Method::Wald, out))
    }),
    ("settings::interval", |f, p| of_plan(settings::interval(f, p, Parameter::C, 2, Confidence::P95, Method::Wald))),
];

/// Other points with as many n between the same ends: an error, two errors, a size, a weight changed.
fn others(points: &[Point]) -> Vec<(&'static str, Vec<Point>)> {
    let mut all = vec![("an error", points.to_vec()), ("two errors", points.to_vec())];
    all.extend([("a size", points.to_vec()), ("a weight", points.to_vec())]);
    all[0].1[2].error *= 1.001;
    (all[1].1[1].error, all[1].1[4].error) = (points[4].error, points[1].error);
    all[2].1[3].n *= 1.001;
    all[3].1[2].weight *= 1.001;
    all
}

#[test]
fn whatever_takes_the_points_again_refuses_others() {
    let points: Vec<Point> =
        [(1e3, 0.90), (2e3, 0.83), (4e3, 0.79), (4e3, 0.795), (8e3, 0.755), (16e3, 0.74), (32e3, 0.727)]
            .map(Point::from)
            .to_vec();
    let linear = FitOptions { residual: Residual::Linear, loss: Loss::Huber { k: 1.345 }, ..FitOptions::default() };
    for options in [FitOptions::default(), linear] {
        let fit = Syn2RealLaw::fit_with(&points, &options).expect("a fit");
        for (name, again) in AGAIN {
            assert_eq!(again(&fit, &points), None, "{name} takes the points of the fit");
            let reversed: Vec<Point> = points.iter().rev().copied().collect();
            assert_eq!(again(&fit, &reversed), None, "{name} takes them in any order");
            for (what, other) in others(&points) {
                assert_eq!(again(&fit, &other), Some(InferError::OtherPoints), "{name}: {what} changed");
            }
        }
    }
}

/// Functions that take a fit and points, as the sources have them: one that is added must be in the table above.
#[test]
fn the_table_has_all_that_take_the_points_again() {
    let mut stack = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut missing = Vec::new();
    while let Some(path) = stack.pop() {
        if path.is_dir() {
            stack.extend(std::fs::read_dir(&path).expect("a room").map(|entry| entry.expect("a file").path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("text");
        for signature in text.split("pub fn ").skip(1).filter_map(|rest| rest.split(" {\n").next()) {
            let takes_fit = ["fit: &Syn2RealFit", "(Syn2RealFit, &[T])"].iter().any(|form| signature.contains(form))
                || (signature.contains("&self") && text.contains("impl Syn2RealFit"));
            if takes_fit && signature.contains("Into<Point>") && signature.contains("&[T]") {
                let name = signature.split(['<', '(']).next().unwrap_or_default();
                if !AGAIN.iter().any(|(known, _)| known.rsplit(':').next() == Some(name)) {
                    missing.push(format!("{}: {name}", path.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}

/// A curve and options from the whole product: residual, loss, held, bounded, weights, scale, noise, length.
fn any_curve(rng: &mut Rng) -> (Vec<Point>, FitOptions) {
    let m = *rng.pick(&[4, 5, 6, 7, 7, 8, 9, 12, 20, 41, 65, 200, 700]);
    let m = rng.between(m, m + m / 8);
    let (scale, start) = (*rng.pick(&[1.0, 1.0, 1e-9, 37.0, 1e12]), *rng.pick(&[1.0, 1e3, 1e-4, 3e8]));
    let factor = if rng.unit() < 0.3 { 2.0_f64 } else { 0.0 };
    let span = rng.log_uniform(3.0, 1e5);
    let sigma = *rng.pick(&[0.0, 1e-13, 1e-8, 1e-4, 0.003, 0.03, 0.3]);
    let (x, alpha) = (rng.log_uniform(1e-3, 2.0), rng.uniform(0.05, 1.5));
    let c = if rng.unit() < 0.2 { 0.0 } else { rng.log_uniform(0.01, 1.0) };
    let is_weighted = rng.unit() < 0.4;
    let rises = if rng.unit() < 0.1 { -1.0 } else { 1.0 };
    let points = (0..m)
        .map(|i| {
            let u = if factor > 0.0 && m < 30 { factor.powi(i as i32) } else { rng.log_uniform(1.0, span) };
            let u = if rng.unit() < 0.1 { 2.0 } else { u };
            let error = scale * (x * u.powf(-alpha * rises) + c) * (sigma * rng.normal()).exp();
            let weight = if is_weighted { *rng.pick(&[0.0, 0.3, 1.0, 1e-3, 40.0]) } else { 1.0 };
            Point::new(start * u, error).with_weight(weight)
        })
        .collect();
    let mut options = FitOptions {
        residual: *rng.pick(&[Residual::Log, Residual::Linear]),
        weights: *rng.pick(&[Weights::Relative, Weights::Absolute]),
        covariance: rng.unit() < 0.8,
        ..FitOptions::default()
    };
    let unit = if options.residual == Residual::Log { 1.0 } else { scale };
    let delta = unit * rng.log_uniform(1e-4, 1.0);
    options.loss = *rng.pick(&[Loss::Square, Loss::Square, Loss::Huber { k: 1.345 }, Loss::HuberAbsolute { delta }]);
    match rng.between(0, 9) {
        0 => options.alpha = Bounds::new(0.0, 1000.0),
        1 => (options.alpha, options.c) = (Bounds::new(0.1, 1.5), Bounds::new(0.0, scale)),
        2 => options.fixed_alpha = Some(alpha),
        3 => options.fixed_c = Some(c * scale),
        4 => options.fixed_d = Some(scale * x * start.powf(alpha)),
        5 => options.d = Bounds::new(0.0, scale * 10.0),
        _ => {}
    }
    (points, options)
}

#[test]
fn a_fit_knows_its_points_in_any_order_and_no_others() {
    let draws = if common::full() { 10_000 } else { 700 };
    let found = common::parallel(draws, |k| {
        let mut rng = Rng::new(9, k as u64);
        let (points, options) = any_curve(&mut rng);
        let Ok(fit) = Syn2RealLaw::fit_with(&points, &options) else { return None };
        let mut wrong = Vec::new();
        // The cheapest question; what else is missing does not matter.
        let refuses = |points: &[Point]| {
            let c = Quantity::Parameter(Parameter::C);
            interval(&fit, points, c, Confidence::P95, Method::Wald) == Err(InferError::OtherPoints)
        };
        let order = rng.permutation(points.len());
        let shuffled: Vec<Point> = order.iter().map(|&i| points[i]).collect();
        if refuses(&points) || refuses(&shuffled) {
            wrong.push(format!("{k}: its own points, {options:?}, {:?}", fit.report()));
        }
        let used: Vec<usize> = (0..points.len()).filter(|&i| points[i].weight > 0.0).collect();
        let (n_min, n_max) = (fit.report().n_min, fit.report().n_max);
        let a = *rng.pick(&used);
        let mut change = |what: &str, f: &dyn Fn(&mut Vec<Point>)| {
            let mut other = shuffled.clone();
            f(&mut other);
            if !refuses(&other) {
                wrong.push(format!("{k}: {what} changed, {options:?}, {:?}", fit.report()));
            }
        };
        let at = |i: usize| order.iter().position(|&o| o == i).expect("it is there");
        change("an error", &|p| p[at(a)].error *= 1.001);
        change("a weight", &|p| p[at(a)].weight *= 1.001);
        change("a size", &|p| p[at(a)].n *= 1.001);
        let inside = used.iter().copied().rfind(|&i| points[i].n > n_min && points[i].n < n_max);
        if let Some(b) = inside {
            change("a size inside", &|p| p[at(b)].n *= 0.999);
        }
        // Errors of two sizes that differ.
        let swap = used.iter().copied().find(|&b| {
            let (p, q) = (points[a], points[b]);
            (p.n / q.n).ln().abs() > 1e-3 && (p.error / q.error).ln().abs() > 1e-3
        });
        if let Some(b) = swap {
            change("two errors", &|p| {
                let (i, j) = (at(a), at(b));
                (p[i].error, p[j].error) = (p[j].error, p[i].error);
            });
        }
        Some((wrong, swap.is_some()))
    });
    let fitted: Vec<_> = found.into_iter().flatten().collect();
    let wrong: Vec<&String> = fitted.iter().flat_map(|(wrong, _)| wrong).collect();
    println!(
        "{} fits of {draws} draws, {} swapped, {} wrong",
        fitted.len(),
        fitted.iter().filter(|f| f.1).count(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{} wrong:\n{:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
    assert!(fitted.len() * 10 > draws * 9, "most draws have a fit");
}

/// Plain percentiles of 7 points held the truth in 84 to 89 %. Cells of the example's table where C, alpha and L(10 n_max)
/// are identified, with a fifth of its replicates (all of them with SYN2REAL_FULL=1).
#[test]
fn bootstrap_intervals_of_seven_points_cover_as_often_as_they_say() {
    use simulation::{LAWS, NOISE, Way, cell};
    use syn2real::infer::bootstrap::Scheme;
    let replicates = if common::full() { 2000 } else { 100 };
    let cells = [(1, 0), (2, 0), (3, 0), (3, 1)].map(|(law, noise)| (LAWS[law].1, NOISE[noise]));
    let way = Way::Bootstrap(Scheme::Parametric);
    let tallies = common::parallel(cells.len(), |k| cell(&cells[k].0, cells[k].1, replicates, k as u64 + 1, way));
    for (k, name) in ["C", "alpha", "L(10 n_max)"].iter().enumerate() {
        assert!(tallies.iter().all(|t| t[k].is_identified()), "{name}: {tallies:?}");
        let (count, held) = tallies.iter().fold((0, 0), |(count, held), t| (count + t[k].count, held + t[k].held));
        let coverage = 100.0 * f64::from(held) / f64::from(count);
        // 93 to 97 % is asked; three standard deviations of a share of 400 are 3.3 %.
        let slack = 300.0 * (0.95 * 0.05 / f64::from(count)).sqrt();
        assert!((93.0 - slack..=97.0 + slack).contains(&coverage), "{name}: {coverage} % of {count}");
    }
}
