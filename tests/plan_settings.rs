//! Settings against each other: Holm's adjustment against its definition, and rates of wrong claims on simulated settings.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
#[allow(dead_code, reason = "the examples use more of it")]
#[path = "../examples/verdicts/simulate.rs"]
mod normal;
#[path = "../examples/comparisons/simulate.rs"]
mod simulate;

use syn2real::infer::bootstrap::{BootstrapOptions, replicate};
use syn2real::infer::{ConfidenceCurve, InferError, Method, Quantity};
use syn2real::plan::settings::{Pair, curve, curves, interval, intervals, pairs, pairs_with, standings};
use syn2real::plan::{PlanError, PlanOptions, Verdict, samples_for, samples_for_replicates};
use syn2real::{Confidence, FitOptions, Parameter, Point, Syn2RealLaw, Weights};

use normal::{Normal, measure};
use simulate::{cells, p_values};

const LAW: Syn2RealLaw = Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.1 };

const GAP: Quantity = Quantity::Parameter(Parameter::C);
const RATE: Quantity = Quantity::Parameter(Parameter::Alpha);

/// The curves of a quantity of simulated settings.
fn simulated(laws: &[Syn2RealLaw], noise: f64, seed: u64, quantity: Quantity) -> Vec<Option<ConfidenceCurve>> {
    let mut normal = Normal::new(seed);
    let data: Vec<[Point; 7]> = laws.iter().map(|law| measure(law, noise, &mut normal)).collect();
    let settings: Vec<_> = data.iter().map(|points| (Syn2RealLaw::fit(points).expect("a fit"), &points[..])).collect();
    let mut out = vec![None; laws.len()];
    assert_eq!(curves(&settings, quantity, &mut out), Ok(laws.len()), "a curve for each setting");
    out
}

/// Holm's method by its definition: sort, multiply, running maximum.
fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let (mut adjusted, mut running) = (vec![0.0; p.len()], 0.0_f64);
    for (k, &i) in order.iter().enumerate() {
        running = running.max((p[i] * (p.len() - k) as f64).min(1.0));
        adjusted[i] = running;
    }
    adjusted
}

#[test]
fn adjusted_values_are_holm_s() {
    for seed in 0..5 {
        let laws: Vec<Syn2RealLaw> = (0..6).map(|k| Syn2RealLaw { c: 0.1 + 5e-4 * f64::from(k), ..LAW }).collect();
        let mut of = simulated(&laws, 1e-3, seed, GAP);
        if seed == 0 {
            of[2] = None;
        }
        let mut out = [Pair::default(); 15];
        assert_eq!(pairs(&of, &mut out), Ok(15));
        let tested: Vec<f64> = out.iter().filter_map(|pair| pair.p).collect();
        assert_eq!(tested.len(), if seed == 0 { 10 } else { 15 });
        let places: Vec<(usize, usize)> = out.iter().map(|pair| (pair.a, pair.b)).collect();
        assert!(places.is_sorted() && places.iter().all(|(a, b)| a < b), "{places:?}");
        let wanted = holm(&tested);
        for (pair, wanted) in out.iter().filter(|pair| pair.p.is_some()).zip(wanted) {
            assert!((pair.p_holm.expect("tested") - wanted).abs() < 1e-15, "{pair:?} {wanted}");
            let [a, b] = [pair.a, pair.b].map(|k| of[k].expect("a curve").estimate().expect("a gap"));
            assert!((pair.difference - (a - b)).abs() < 1e-15, "{pair:?}");
            let common = pair.common.expect("tested");
            assert!(common >= a.min(b) && common <= a.max(b), "{pair:?}");
        }
    }
}

/// P(Z > z) by Simpson's rule over the density.
fn normal_tail(z: f64) -> f64 {
    let (steps, end) = (4000, 12.0);
    let h = (end - z) / f64::from(steps);
    let density = |k: i32| (-0.5 * (z + h * f64::from(k)).powi(2)).exp() / std::f64::consts::TAU.sqrt();
    (0..steps / 2).map(|k| (density(2 * k) + 4.0 * density(2 * k + 1) + density(2 * k + 2)) * h / 3.0).sum()
}

/// The normal deviate with the tail of Student's t with 4 degrees of freedom: 1/2 - x (3 - x^2) / 4 with x = t / sqrt(t^2 + 4)
/// (Abramowitz and Stegun 26.7.4).
fn deviate_of_four(t: f64) -> f64 {
    let x = t / (t * t + 4.0).sqrt();
    let tail = 0.5 - 0.25 * x * (3.0 - x * x);
    let (mut low, mut high) = (0.0, 8.0);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if normal_tail(middle) > tail { low = middle } else { high = middle }
    }
    low
}

/// The likelihood ratio of a common C or alpha from nothing but fits that hold it, on a dense grid of values; no region and no
/// Newton's method.
#[test]
fn the_statistic_is_that_of_fits_that_hold_the_value() {
    let laws = [
        [LAW, Syn2RealLaw { c: 0.101, ..LAW }],
        [LAW, Syn2RealLaw { c: 0.11, d: 0.7, alpha: 0.6 }],
        [Syn2RealLaw { d: 0.4, alpha: 0.03, c: 0.2 }, Syn2RealLaw { d: 2.0, alpha: 0.5, c: 0.1 }],
        [Syn2RealLaw { d: 1.0, alpha: 0.4, c: 0.0 }, Syn2RealLaw { d: 2.0, alpha: 0.5, c: 0.01 }],
    ];
    for (k, laws) in laws.iter().enumerate() {
        for quantity in [GAP, RATE] {
            let mut normal = Normal::new(50 + k as u64);
            let data = laws.map(|law| measure(&law, 3e-3, &mut normal));
            let fits = data.each_ref().map(|points| Syn2RealLaw::fit(points).expect("a fit"));
            let [a, b] = [0, 1].map(|k| ConfidenceCurve::new(&fits[k], &data[k], quantity).expect("a curve"));
            let common = a.common(&b).expect("one quantity");
            let distance = |k: usize, value: f64| {
                let options = match quantity {
                    GAP => FitOptions { fixed_c: Some(value), ..FitOptions::default() },
                    _ => FitOptions { fixed_alpha: Some(value), ..FitOptions::default() },
                };
                let held = Syn2RealLaw::fit_with(&data[k], &options).expect("a fit").report().cost;
                deviate_of_four((4.0 * (held / fits[k].report().cost - 1.0)).max(0.0).sqrt())
            };
            let ends = [a, b].map(|curve| curve.estimate().expect("a value"));
            let (low, high) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
            let statistic = |value: f64| distance(0, value).powi(2) + distance(1, value).powi(2);
            let (mut best, mut least) = (low, f64::INFINITY);
            for step in 0..=400 {
                let value = low + (high - low) * f64::from(step) / 400.0;
                if statistic(value) < least {
                    (best, least) = (value, statistic(value));
                }
            }
            println!("{laws:?} {quantity:?}: {common:?}, by fits {least:.4} at {best:.5}");
            // Intervals of 11 levels and more, between which distances are interpolated: 2 % of a distance, and 1e-3 where both
            // are next to 0.
            assert!((common.statistic - least).abs() < 0.04 * least + 2e-3, "{common:?} {least} {best}");
        }
    }
}

/// What stays of [`normal_tail`] where the answer is known: both curves with the same errors of known size.
#[test]
fn known_and_equal_noises_are_a_z_test() {
    let law = Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.1 };
    let options = FitOptions { weights: Weights::Absolute, ..FitOptions::default() };
    // So small a noise that the fit is linear in it.
    let points = normal::N.map(|n| Point::new(n, law.error_at(n)).with_weight(1e10));
    let fit = Syn2RealLaw::fit_with(&points, &options).expect("a fit");
    let error = fit.std_errors()[2].expect("inside");
    for z in [0.5, 1.5, 3.0, 5.0] {
        let shifted = points.map(|p| Point { error: p.error + z * error * 2f64.sqrt(), ..p });
        let other = Syn2RealLaw::fit_with(&shifted, &options).expect("a fit");
        let settings = [(fit, &points[..]), (other, &shifted[..])];
        let mut of = [None; 2];
        curves(&settings, GAP, &mut of).expect("valid");
        let mut out = [Pair::default()];
        pairs(&of, &mut out).expect("valid");
        let wanted = 2.0 * normal_tail(z);
        // The weights of the log residual differ between the two by 1e-4, and chi^2 with 1e8 degrees of freedom by 1e-8.
        assert!((out[0].p.expect("tested") / wanted - 1.0).abs() < 5e-3, "{z}: {out:?} {wanted}");
        let middle = 0.5 * (fit.law().c + other.law().c);
        // The curves bend by 1e-4 of themselves over so small a noise, and are interpolated.
        assert!((out[0].common.expect("tested") - middle).abs() < 5e-3 * z * error, "{z}: {out:?}");
    }
}

/// `compare` said that C differs (p 2.3e-9) beside the intervals [0, .5989] and [0, .2017]. Invented numbers.
#[test]
fn gaps_with_overlapping_one_sided_intervals_do_not_differ() {
    let n = [50.0, 50.0, 100.0, 100.0, 200.0, 200.0, 400.0, 400.0, 800.0, 800.0];
    let a = [0.650, 0.590, 0.600, 0.586, 0.585, 0.582, 0.578, 0.582, 0.577, 0.582];
    let b = [0.208, 0.206, 0.204, 0.200, 0.202, 0.201, 0.199, 0.200, 0.1995, 0.200];
    let data = [a, b].map(|errors| {
        let points: Vec<Point> = n.iter().zip(errors).map(|(&n, error)| Point::new(n, error)).collect();
        points
    });
    let settings = data.each_ref().map(|points| (Syn2RealLaw::fit(points).expect("a fit"), &points[..]));
    let mut of = [None; 2];
    let mut out = [Pair::default()];
    curves(&settings, GAP, &mut of).expect("valid");
    pairs(&of, &mut out).expect("valid");
    // The likelihood is largest at .1996, with p = .19 where C could lie on both sides of it; that of the first setting cannot
    // be told from 0, so that half of that is left.
    assert!((out[0].common.expect("tested") - 0.1996).abs() < 5e-5, "{out:?}");
    assert!((0.07..0.2).contains(&out[0].p.expect("tested")), "{out:?}");
    // The errors at 100,000 do differ.
    curves(&settings, Quantity::ErrorAt { n: 1e5 }, &mut of).expect("valid");
    pairs(&of, &mut out).expect("valid");
    assert!(out[0].differs(Confidence::P99), "{out:?}");
}

/// Level: settings with an equal quantity are called different in 3 to 7 % of cases at a nominal 5 %. All cells with
/// `SYN2REAL_FULL=1`, and as a table by `cargo run --release --example comparisons`.
#[test]
fn equal_settings_are_called_different_at_the_level() {
    let is_full = std::env::var_os("SYN2REAL_FULL").is_some();
    let replicates = if is_full { 400 } else { 80 };
    let all = cells();
    let chosen = |k: usize| is_full || [4, 25, 49, 64].contains(&k);
    let (mut below, mut count) = (0, 0);
    for (_, cell) in all.iter().enumerate().filter(|(k, _)| chosen(*k)) {
        for (quantity, values) in p_values(cell, 0..replicates) {
            assert_eq!(values.len() as u64, replicates, "{} {quantity:?}: every pair is tested", cell.name);
            let rejected = values.iter().filter(|p| **p < 0.05).count();
            println!("{} {:?} {quantity:?}: {rejected} of {replicates}", cell.name, cell.sizes);
            // Three standard deviations beyond 7 %.
            let most = 0.07 + 3.0 * (0.07 * 0.93 / replicates as f64).sqrt();
            assert!(rejected as f64 <= most * replicates as f64, "{} {quantity:?}: {rejected}", cell.name);
            // Without a gap, or without a decrease, there is less to reject by.
            if !matches!(cell.name, "no gap" | "faint" | "no decrease") {
                (below, count) = (below + rejected, count + values.len());
            }
        }
    }
    let (share, spread) = (below as f64 / count as f64, 3.0 * (0.05 * 0.95 / count as f64).sqrt());
    assert!(share > 0.03 - spread && share < 0.07 + spread, "{share} of {count}");
}

/// What `plan` shows and what `compare` says are compatible, for curves of every class: settings whose intervals at one standard
/// deviation overlap do not differ, those whose intervals at three and a half have nothing in common do.
#[test]
fn differences_do_not_contradict_the_intervals() {
    let laws = [
        LAW,
        Syn2RealLaw { c: 0.104, ..LAW },
        Syn2RealLaw { d: 1.0, alpha: 0.4, c: 0.0 },
        Syn2RealLaw { d: 0.4, alpha: 0.03, c: 0.2 },
        Syn2RealLaw { d: 0.0, alpha: 0.0, c: 0.3 },
        Syn2RealLaw { d: 300.0, alpha: 1.5, c: 0.3 },
        Syn2RealLaw { d: 1e9, alpha: 4.0, c: 0.12 },
    ];
    let level = |p: f64| Confidence::new(p).expect("a level");
    let (mut alike, mut apart) = (0, 0);
    for noise in [3e-4, 1e-2] {
        let mut normal = Normal::new(900);
        let data: Vec<[Point; 7]> = laws.iter().map(|law| measure(law, noise, &mut normal)).collect();
        let settings: Vec<_> =
            data.iter().map(|points| (Syn2RealLaw::fit(points).expect("a fit"), &points[..])).collect();
        for parameter in [Parameter::C, Parameter::Alpha] {
            let mut of = vec![None; laws.len()];
            curves(&settings, Quantity::Parameter(parameter), &mut of).expect("valid");
            let mut out = vec![Pair::default(); laws.len() * (laws.len() - 1) / 2];
            pairs(&of, &mut out).expect("valid");
            let limits = |k: usize, p: f64| {
                let (fit, points) = &settings[k];
                let found = fit.profile_interval(points, parameter, level(p)).expect("an interval");
                (found.lower.unwrap_or(0.0), found.upper.unwrap_or(f64::INFINITY))
            };
            for pair in &out {
                let overlap = |p: f64| {
                    let (a, b) = (limits(pair.a, p), limits(pair.b, p));
                    a.0 <= b.1 && b.0 <= a.1
                };
                let p = pair.p.expect("tested");
                // Two squares of 1 are 2, and P(chi^2 > 2) = .157, half of that on a bound; Welch's share moves it a little.
                if overlap(0.682) {
                    alike += 1;
                    assert!(p > 0.06, "{parameter} {pair:?} {:?} {:?}", limits(pair.a, 0.682), limits(pair.b, 0.682));
                }
                // 3.5^2: P(chi^2 > 12) = 5e-4.
                if !overlap(0.999_535) {
                    apart += 1;
                    assert!(
                        p < 0.005,
                        "{parameter} {pair:?} {:?} {:?}",
                        limits(pair.a, 0.9995),
                        limits(pair.b, 0.9995)
                    );
                }
            }
        }
    }
    assert!(alike >= 10 && apart >= 10, "both kinds: {alike} alike, {apart} apart");
}

/// Pairs with one setting are those of all pairs, turned where it is the second, and adjusted no less.
#[test]
fn pairs_with_one_setting_are_those_of_all() {
    let laws: Vec<Syn2RealLaw> = (0..6).map(|k| Syn2RealLaw { c: 0.1 + 5e-4 * f64::from(k), ..LAW }).collect();
    let mut of = simulated(&laws, 1e-3, 8, GAP);
    for untested in [None, Some(2)] {
        if let Some(k) = untested {
            of[k] = None;
        }
        let mut all = [Pair::default(); 15];
        pairs(&of, &mut all).expect("valid");
        for one in 0..6 {
            let mut out = [Pair::default(); 7];
            assert_eq!(pairs_with(&of, one, &mut out), Ok(5));
            assert_eq!(out[5..], [Pair::default(); 2], "slots that are not needed stay");
            let others: Vec<usize> = (0..6).filter(|k| *k != one).collect();
            assert_eq!(out[..5].iter().map(|pair| pair.b).collect::<Vec<_>>(), others);
            for pair in &out[..5] {
                let same = |p: &&Pair| (p.a, p.b) == (one.min(pair.b), one.max(pair.b));
                let of_all = all.iter().find(same).expect("among all");
                let sign = if pair.b > one { 1.0 } else { -1.0 };
                let is_same = pair.difference == sign * of_all.difference || pair.difference.is_nan();
                assert!(is_same && pair.p == of_all.p && pair.common == of_all.common, "{pair:?} {of_all:?}");
                assert!(pair.p_holm >= of_all.p_holm, "{pair:?} {of_all:?}");
            }
            // By the definition, with the family of all.
            let tested: Vec<f64> = out[..5].iter().filter_map(|pair| pair.p).collect();
            let most = if untested.is_some() { 10 } else { 15 };
            let wanted = holm(&[tested, vec![1.0; most]].concat()[..most]);
            for (pair, wanted) in out.iter().filter(|pair| pair.p.is_some()).zip(wanted) {
                assert!((pair.p_holm.expect("adjusted") - wanted).abs() <= 1e-15, "{pair:?} {wanted}");
            }
        }
    }
    let mut out = [Pair::default(); 5];
    assert_eq!(pairs_with(&of, 6, &mut out), Err(PlanError::Buffer { needed: 7, got: 6 }));
    assert_eq!(pairs_with(&of, 0, &mut out[..4]), Err(PlanError::Buffer { needed: 5, got: 4 }));
    assert_eq!(pairs_with(&of[..1], 0, &mut out), Err(PlanError::NoCandidates));
}

/// The best of twelve equal settings, chosen by the data, is apart from the worst by chance: adjusted for the eleven pairs with
/// it alone, some pair would differ in 16 % of all studies with known noise (of 100 settings in 53 %).
#[test]
fn the_best_of_equal_settings_is_rarely_called_different() {
    let studies = 60;
    let options = FitOptions { weights: Weights::Absolute, ..FitOptions::default() };
    let (mut wrong, mut naive) = (0, 0);
    for seed in 0..studies {
        let mut normal = Normal::new(50 + seed);
        let of: [Option<ConfidenceCurve>; 12] = core::array::from_fn(|_| {
            let points = measure(&LAW, 1e-3, &mut normal).map(|p| p.with_weight(1e6));
            let fit = Syn2RealLaw::fit_with(&points, &options).expect("a fit");
            curve(&fit, &points, Quantity::ErrorAt { n: 32e3 }).expect("valid")
        });
        let error = |k: &usize| of[*k].as_ref().and_then(ConfidenceCurve::estimate).expect("an estimate");
        let best = (0..of.len()).min_by(|a, b| error(a).total_cmp(&error(b))).expect("settings");
        let mut out = [Pair::default(); 11];
        pairs_with(&of, best, &mut out).expect("valid");
        wrong += usize::from(out.iter().any(|pair| pair.differs(Confidence::P95)));
        naive += usize::from(out.iter().any(|pair| pair.p.is_some_and(|p| p * 11.0 < 0.05)));
    }
    println!("{wrong} of {studies} studies, {naive} adjusted for the pairs with the best alone");
    // 5 %, and three standard deviations of a share of 60: 8. That there is something to adjust for: more than 5 %.
    assert!(wrong <= 8 && naive > 3 && naive > wrong, "{wrong} {naive} of {studies}");
}

#[test]
fn ten_pairs_of_equal_settings_are_rarely_called_different() {
    let replicates = 30;
    let (mut wrong, mut found) = (0, 0);
    for seed in 0..replicates {
        let mut out = [Pair::default(); 10];
        pairs(&simulated(&[LAW; 5], 1e-3, seed, GAP), &mut out).expect("valid");
        wrong += usize::from(out.iter().any(|pair| pair.differs(Confidence::P95)));
        // C apart by some ten standard errors.
        let mut out = [Pair::default(); 1];
        let other = [LAW, Syn2RealLaw { c: 0.12, ..LAW }];
        pairs(&simulated(&other, 1e-3, seed, GAP), &mut out).expect("valid");
        found += usize::from(out[0].differs(Confidence::P95));
    }
    // 5 % for all ten pairs together, and three standard deviations of a share of 30.
    assert!(wrong as f64 <= 0.17 * replicates as f64, "{wrong} of {replicates} claims are wrong");
    assert!(found as f64 >= 0.8 * replicates as f64, "{found} of {replicates} differences found");
}

/// A curve and its mirror answer alike; what cannot be tested says so.
#[test]
fn what_cannot_be_tested_is_not() {
    let points = measure(&LAW, 1e-3, &mut Normal::new(3));
    let held = Syn2RealLaw::fit_with(&points, &FitOptions { fixed_c: Some(0.1), ..FitOptions::default() });
    assert_eq!(curve(&held.expect("a fit"), &points, GAP), Ok(None));
    let three = &points[..3];
    let exact = Syn2RealLaw::fit(three).expect("a fit");
    assert_eq!(curve(&exact, three, GAP), Ok(None));
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    let target = Quantity::SamplesFor { target: 0.11 };
    let refused = Err(PlanError::Infer(InferError::Quantity { field: "quantity" }));
    assert_eq!(curve(&fit, &points, target), refused);
    let own = curve(&fit, &points, GAP).expect("valid");
    let mut out = [Pair::default()];
    assert_eq!(pairs(&[own, None], &mut out), Ok(1));
    assert_eq!((out[0].p, out[0].p_holm, out[0].common), (None, None, None));
    let rate = curve(&fit, &points, RATE).expect("valid");
    assert_eq!(pairs(&[own, rate], &mut out), Err(PlanError::Contradiction { field: "curves" }));
    assert_eq!(pairs(&[own, own], &mut out), Ok(1));
    assert_eq!(out[0].p, Some(1.0), "a setting does not differ from itself");
    // Any rate will do for a flat curve.
    let flat = normal::N.map(|n| Point::new(n, 0.5 + 1e-7 * n + if n == 4e3 { 1e-3 } else { 0.0 }));
    let without = Syn2RealLaw::fit(&flat).expect("a fit");
    let unknown = curve(&without, &flat, RATE).expect("valid");
    assert!(unknown.is_some_and(|curve| curve.estimate().is_none()));
    assert_eq!(pairs(&[rate, unknown], &mut out), Ok(1));
    assert_eq!(out[0].p, Some(1.0), "{out:?}");
}

#[test]
fn simultaneous_intervals_are_wider() {
    let data = [7, 8, 9].map(|seed| measure(&LAW, 1e-3, &mut Normal::new(seed)));
    let settings = [0, 1, 2].map(|k| (Syn2RealLaw::fit(&data[k]).expect("a fit"), &data[k][..]));
    let (mut three, mut one) = ([None; 3], [None; 1]);
    intervals(&settings, Parameter::Alpha, Confidence::P95, Method::Profile, &mut three).expect("valid");
    intervals(&settings[..1], Parameter::Alpha, Confidence::P95, Method::Profile, &mut one).expect("valid");
    let among =
        |k: usize, of| interval(&settings[k].0, settings[k].1, Parameter::Alpha, of, Confidence::P95, Method::Profile);
    assert_eq!(three, [0, 1, 2].map(|k| among(k, 3).expect("valid")), "one by one they are the same");
    let (three, one) = (three[0].expect("an interval"), one[0].expect("an interval"));
    assert!(three.lower < one.lower && three.upper > one.upper, "{three:?} {one:?}");
    // 1 - .05 / 3, to rounding.
    assert!((three.confidence.level() - (1.0 - 0.05 / 3.0)).abs() < 1e-15, "{three:?}");
    // A parameter that is held has no interval.
    let held = Syn2RealLaw::fit_with(&data[0], &FitOptions { fixed_c: Some(0.1), ..FitOptions::default() });
    let settings = [(held.expect("a fit"), &data[0][..])];
    let mut out = [None; 1];
    intervals(&settings, Parameter::C, Confidence::P95, Method::Profile, &mut out).expect("valid");
    assert_eq!(out, [None]);
}

/// From fits through the bootstrap to a ranking and a verdict.
#[test]
fn replicates_rank_settings_and_judge_targets() {
    // The first falls faster, the second ends lower; they cross at n = 1e4.
    let laws = [Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.12 }, Syn2RealLaw { d: 2.0, alpha: 0.5, c: 0.11 }];
    let data = [3, 4].map(|seed| measure(&laws[seed as usize - 3], 1e-3, &mut Normal::new(seed)));
    let mut replicates = vec![vec![LAW; 400]; 2];
    let fits = [0, 1].map(|k| {
        let fit = Syn2RealLaw::fit(&data[k]).expect("a fit");
        let options = BootstrapOptions { seed: k as u64, ..BootstrapOptions::default() };
        replicate(&fit, &data[k], &[], &options, &mut replicates[k]).expect("replicates");
        fit
    });
    // One that failed is left out.
    replicates[0][0] = Syn2RealLaw { d: f64::NAN, alpha: f64::NAN, c: f64::NAN };
    let settings = [(fits[0].law(), &replicates[0][..]), (fits[1].law(), &replicates[1][..])];
    for (n, best) in [(2e3, 0), (1e6, 1)] {
        let mut out = [None; 2];
        standings(&settings, n, Confidence::P95, &mut out).expect("valid");
        let out = out.map(|s| s.expect("filled"));
        assert_eq!((out[best].rank, out[1 - best].rank), (1, 2), "{n}: {out:?}");
        assert!(out[best].best > 0.95 && (out[0].best + out[1].best - 1.0).abs() < 1e-12, "{n}: {out:?}");
        let interval = out[best].error;
        assert!(interval.lower < interval.estimate && interval.estimate < interval.upper, "{out:?}");
    }
    let verdict =
        |target| samples_for_replicates(&fits[0], &replicates[0], target, &PlanOptions::default()).expect("valid");
    assert!(matches!(verdict(0.13), Verdict::Reachable { .. }), "{}", verdict(0.13));
    assert!(matches!(verdict(0.11), Verdict::Unreachable { .. }), "{}", verdict(0.11));
    // The bootstrap's interval and the profile's are of one size.
    let by_profile = samples_for(&fits[0], &data[0], 0.13, &PlanOptions::default()).expect("valid").n().expect("known");
    let by_bootstrap = verdict(0.13).n().expect("known");
    let width = |upper: Option<f64>, lower: Option<f64>| (upper.expect("limit") / lower.expect("limit")).ln();
    let ratio = width(by_bootstrap.upper, by_bootstrap.lower) / width(by_profile.upper, by_profile.lower);
    assert!((0.3..1.2).contains(&ratio), "the residual bootstrap of 7 points is narrower: {ratio}");
}

#[test]
fn bad_input_of_comparisons_is_named() {
    let of = simulated(&[LAW; 3], 1e-3, 1, GAP);
    let mut out = [Pair::default(); 2];
    assert_eq!(pairs(&of, &mut out), Err(PlanError::Buffer { needed: 3, got: 2 }));
    assert_eq!(pairs(&of[..1], &mut out), Err(PlanError::NoCandidates));
    assert_eq!(pairs(&[], &mut out), Err(PlanError::NoCandidates));
    let points = measure(&LAW, 1e-3, &mut Normal::new(3));
    let settings = [(Syn2RealLaw::fit(&points).expect("a fit"), &points[..])];
    let beta = Parameter::Beta;
    let refused = Err(PlanError::Law { parameter: beta });
    assert_eq!(curves(&settings, Quantity::Parameter(beta), &mut [None]), refused);
    assert_eq!(curves(&settings, GAP, &mut []), Err(PlanError::Buffer { needed: 1, got: 0 }));
    assert_eq!(curves::<Point>(&[], GAP, &mut [None]), Err(PlanError::NoCandidates));
    let laws = [LAW; 38];
    let ask = |n: f64, laws: &[Syn2RealLaw]| standings(&[(LAW, laws)], n, Confidence::P95, &mut [None; 1]);
    assert_eq!(ask(1e4, &laws), Err(PlanError::TooFewReplicates { needed: 39, got: 38 }));
    for n in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(ask(n, &[LAW; 50]), Err(PlanError::Size { field: "n" }), "{n}");
    }
    assert_eq!(standings(&[], 1e4, Confidence::P95, &mut []), Err(PlanError::NoCandidates));
}
