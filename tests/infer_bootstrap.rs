//! The bootstrap: the same numbers however the work is split, spreads as theory says, errors with a remedy.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
mod common;

use common::rng::Rng;
use syn2real::decouple::{self, DecoupleOptions, MedianRound, Search};
use syn2real::infer::bootstrap::{BootstrapOptions, Scheme, interval, replicate};
use syn2real::infer::{Band, Finding, interval as infer};
use syn2real::infer::{InferError, Method, Quantity, band, gap_test, identifiability, lack_of_fit};
use syn2real::{Confidence, FitOptions, Parameter, Point, Syn2RealLaw, Weights};

const LAW: Syn2RealLaw = Syn2RealLaw { d: 20.0, alpha: 0.6, c: 0.3 };

/// Points at 1000 2^(i / per_doubling) about the law, with this standard deviation of ln error.
fn simulated(count: usize, per_doubling: f64, noise: f64, seed: u64) -> Vec<Point> {
    let mut rng = Rng::new(seed, 0);
    let at = |i: usize| 1e3 * 2_f64.powf(i as f64 / per_doubling);
    (0..count).map(|i| Point::new(at(i), LAW.error_at(at(i)) * (noise * rng.normal()).exp())).collect()
}

fn laws(scheme: Scheme, points: &[Point], groups: &[u32], count: usize) -> Vec<Syn2RealLaw> {
    let fit = Syn2RealLaw::fit(points).expect("a fit");
    let mut out = vec![fit.law(); count];
    let options = BootstrapOptions { scheme, seed: 5, ..BootstrapOptions::default() };
    replicate(&fit, points, groups, &options, &mut out).expect("replicates");
    out
}

#[test]
fn replicates_do_not_depend_on_the_split_of_the_work() {
    // 7: blocks of rows; 600: beyond them. A replicate without the size that is off the geometric grid is on it, and the
    // next one is not.
    let mut off_grid = simulated(7, 1.0, 0.003, 1);
    off_grid[3].n *= 1.3;
    for points in [simulated(7, 1.0, 0.003, 1), off_grid, simulated(600, 90.0, 0.003, 2)] {
        let fit = Syn2RealLaw::fit(&points).expect("a fit");
        let groups: Vec<u32> = (0..points.len()).map(|i| (i % 5) as u32).collect();
        let count = if points.len() == 7 { 150 } else { 6 };
        for scheme in [Scheme::Residual, Scheme::Case, Scheme::Cluster, Scheme::Parametric] {
            let groups: &[u32] = if scheme == Scheme::Cluster { &groups } else { &[] };
            let whole = laws(scheme, &points, groups, count);
            for start in [1, count / 2] {
                let options = BootstrapOptions { scheme, seed: 5, first: start as u64 };
                let mut part = vec![fit.law(); count - start];
                replicate(&fit, &points, groups, &options, &mut part).expect("replicates");
                let bits = |l: &Syn2RealLaw| [l.d.to_bits(), l.alpha.to_bits(), l.c.to_bits()];
                assert!(part.iter().map(bits).eq(whole[start..].iter().map(bits)), "{scheme:?} from {start}");
            }
            let distinct = whole.iter().filter(|l| l.c != whole[0].c).count();
            assert!(distinct >= count - 3, "{scheme:?}: {distinct} of {count} differ from the first");
        }
    }
}

#[test]
fn spreads_of_the_replicates_agree_with_the_standard_error() {
    // With 60 points every scheme estimates the same spread: 1,000 replicates know it to 2.2 %, leverages and the
    // skewness of C to some 5 %; the case and cluster bootstrap estimate it from 60 and 20 squares, to 10 and 20 %.
    let points = simulated(60, 10.0, 0.01, 3);
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    let expected = fit.std_errors()[2].expect("C is inside");
    let groups: Vec<u32> = (0..60).map(|i| i % 20).collect();
    for (scheme, tolerance) in
        [(Scheme::Residual, 0.1), (Scheme::Parametric, 0.1), (Scheme::Case, 0.3), (Scheme::Cluster, 0.4)]
    {
        let laws = laws(scheme, &points, if scheme == Scheme::Cluster { &groups } else { &[] }, 1000);
        let mean = laws.iter().map(|l| l.c).sum::<f64>() / 1000.0;
        let spread = (laws.iter().map(|l| (l.c - mean).powi(2)).sum::<f64>() / 999.0).sqrt();
        assert!((spread / expected - 1.0).abs() < tolerance, "{scheme:?}: {spread} against {expected}");
    }
}

#[test]
fn intervals_of_the_replicates_are_near_those_of_the_profile() {
    let points = simulated(60, 10.0, 0.01, 3);
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    let laws = laws(Scheme::Parametric, &points, &[], 1999);
    let mut scratch = vec![0.0; 1999];
    let c = Quantity::Parameter(Parameter::C);
    for quantity in [c, Quantity::ErrorAt { n: 1e6 }, Quantity::SamplesFor { target: LAW.error_at(2e5) }] {
        let profile = infer(&fit, &points, quantity, Confidence::P95, Method::Profile).expect("an interval");
        let (low, high) = (profile.lower.expect("a limit"), profile.upper.expect("a limit"));
        let found = interval(&fit, &points, &laws, quantity, Confidence::P95, &mut scratch).expect("an interval");
        let (a, b) = (found.lower.expect("a limit"), found.upper.expect("a limit"));
        // Skewness and 50 replicates in a tail leave a tenth of the width or two.
        let room = (high - low) * 0.2;
        assert!((a - low).abs() < room && (b - high).abs() < room, "{a} {b}, {low} {high}");
    }
}

#[test]
fn a_target_below_the_gap_of_some_replicates_has_no_upper_limit() {
    let points = simulated(7, 1.0, 0.01, 4);
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    let laws = laws(Scheme::Parametric, &points, &[], 399);
    let quantity = Quantity::SamplesFor { target: fit.law().c * 1.001 };
    let found = interval(&fit, &points, &laws, quantity, Confidence::P95, &mut [0.0; 399]);
    let found = found.expect("an interval");
    assert!(found.lower.is_some() && found.upper.is_none(), "{found:?}");
}

#[test]
fn what_cannot_be_resampled_is_refused() {
    let three = simulated(3, 1.0, 0.01, 4);
    let fit = Syn2RealLaw::fit(&three).expect("a fit");
    let mut out = [fit.law(); 8];
    let options = BootstrapOptions::default();
    let few = replicate(&fit, &three, &[], &options, &mut out);
    assert_eq!(few, Err(InferError::TooFew { what: "points", needed: 4, got: 3 }));
    let c = Quantity::Parameter(Parameter::C);
    let none = infer(&fit, &three, c, Confidence::P95, Method::Profile);
    assert_eq!(none, Err(InferError::NoFreedom { points: 3, parameters: 3 }));
    let points = simulated(7, 1.0, 0.01, 4);
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    let cluster = BootstrapOptions { scheme: Scheme::Cluster, ..options };
    let refused = |groups: &[u32]| replicate(&fit, &points, groups, &cluster, &mut [fit.law(); 8]);
    assert_eq!(refused(&[]), Err(InferError::BadOption { field: "scheme" }));
    assert_eq!(refused(&[0, 1, 2, 3, 4, 6, 6]), Err(InferError::BadOption { field: "groups" }), "5 is missing");
    assert_eq!(refused(&[0, 0, 1, 1, 2, 2, 2]), Err(InferError::TooFew { what: "groups", needed: 4, got: 3 }));
    assert_eq!(replicate(&fit, &points[1..], &[], &options, &mut out), Err(InferError::OtherPoints));
    let laws = laws(Scheme::Residual, &points, &[], 362);
    let found = interval(&fit, &points, &laws, c, Confidence::P95, &mut [0.0; 362]);
    assert_eq!(found, Err(InferError::FewReplicates { needed: 363, got: 362 }));
    // With one degree of freedom t is 12.7, and a normal variable is beyond that once in 10^36.
    let four = simulated(4, 1.0, 0.01, 4);
    let one = Syn2RealLaw::fit(&four).expect("a fit");
    let found = interval(&one, &four, &laws, c, Confidence::P95, &mut [0.0; 362]);
    assert_eq!(found, Err(InferError::TooFew { what: "degrees of freedom", needed: 2, got: 1 }));
    for quantity in
        [Quantity::ErrorAt { n: 0.0 }, Quantity::ErrorAt { n: 1e17 }, Quantity::MeasurementAt { n: f64::NAN }]
    {
        let found = infer(&fit, &points, quantity, Confidence::P95, Method::Profile);
        assert_eq!(found, Err(InferError::Quantity { field: "n" }));
    }
    let target = infer(&fit, &points, Quantity::SamplesFor { target: -0.1 }, Confidence::P95, Method::Wald);
    assert_eq!(target, Err(InferError::Quantity { field: "target" }));
}

#[test]
fn the_gap_test_holds_its_level_on_the_boundary() {
    let truth = Syn2RealLaw { c: 0.0, ..LAW };
    let (mut small, mut zero) = (0, 0);
    let replicates = 2000;
    for k in 0..replicates {
        let mut rng = Rng::new(11, k);
        let points: Vec<(f64, f64)> =
            (0..7).map(|i| 1e3 * 2_f64.powi(i)).map(|n| (n, truth.error_at(n) * (0.01 * rng.normal()).exp())).collect();
        let fit = Syn2RealLaw::fit(&points).expect("a fit");
        let test = gap_test(&fit, &points).expect("a test");
        small += u32::from(test.p_value < 0.05);
        zero += u32::from(test.statistic == 0.0);
    }
    // Three standard deviations of a share of 2,000: 1.5 % about 5 %, 3.4 % about 50 %.
    let shares = [f64::from(small) / replicates as f64, f64::from(zero) / replicates as f64];
    assert!((shares[0] - 0.05).abs() < 0.015 && (shares[1] - 0.5).abs() < 0.034, "{shares:?}");
}

#[test]
fn lack_of_fit_by_hand_and_in_any_order() {
    // Linear in the error: pure error of pairs is half their squared difference.
    let points =
        [(1e3, 0.90), (1e3, 0.92), (2e3, 0.80), (2e3, 0.81), (4e3, 0.75), (4e3, 0.74), (8e3, 0.70), (8e3, 0.70)];
    let options = FitOptions { residual: syn2real::Residual::Linear, ..FitOptions::default() };
    let fit = Syn2RealLaw::fit_with(&points, &options).expect("a fit");
    let test = lack_of_fit(&fit, &points).expect("a test");
    let pure = (0.02_f64.powi(2) + 0.01_f64.powi(2) + 0.01_f64.powi(2)) / 2.0;
    assert_eq!((test.lack, test.pure), (1, 4));
    assert!((test.pure_sigma.expect("repeats") - (pure / 4.0).sqrt()).abs() < 1e-12);
    let expected = (2.0 * fit.report().cost - pure) / (pure / 4.0);
    assert!((test.statistic - expected).abs() < 1e-9 * expected.abs().max(1.0), "{test:?}, {expected}");
    let mixed = [1, 7, 2, 4, 0, 6, 3, 5].map(|i| points[i]);
    let fit = Syn2RealLaw::fit_with(&mixed, &options).expect("a fit");
    let other = lack_of_fit(&fit, &mixed).expect("a test");
    assert!((other.statistic - test.statistic).abs() < 1e-9 && other.pure == 4, "{other:?}");
    let single = [(1e3, 0.9), (2e3, 0.8), (4e3, 0.75), (8e3, 0.7)];
    let fit = Syn2RealLaw::fit(&single).expect("a fit");
    assert_eq!(lack_of_fit(&fit, &single), Err(InferError::NoReplicates));
}

#[test]
fn with_absolute_sigmas_the_cost_is_tested_against_them() {
    let sigma = 0.004;
    let plain = simulated(12, 2.0, sigma, 9);
    for (factor, is_bad) in [(1.0, false), (0.2, true)] {
        let points: Vec<Point> = plain.iter().map(|p| p.with_weight(1.0 / (factor * sigma).powi(2))).collect();
        let options = FitOptions { weights: Weights::Absolute, ..FitOptions::default() };
        let fit = Syn2RealLaw::fit_with(&points, &options).expect("a fit");
        let test = lack_of_fit(&fit, &points).expect("sigmas stand for repeats");
        assert_eq!(test.p_value < 1e-3, is_bad, "{test:?}");
        assert!((test.statistic - 2.0 * fit.report().cost / 9.0).abs() < 1e-9 * test.statistic);
    }
}

#[test]
fn identifiability_does_not_depend_on_units() {
    // The same noise about a constant: no decrease.
    let noise = simulated(7, 1.0, 0.01, 1);
    let level: Vec<Point> = noise.iter().map(|p| Point::new(p.n, p.error / LAW.error_at(p.n))).collect();
    let cases = [(simulated(7, 1.0, 0.002, 1), Finding::All), (level, Finding::Level)];
    for (points, finding) in cases {
        for (by_n, by_error) in [(1.0, 1.0), (1e-3, 1.0), (1.0, 100.0), (1e6, 1e-6)] {
            let scaled: Vec<Point> = points.iter().map(|p| Point::new(p.n * by_n, p.error * by_error)).collect();
            let fit = Syn2RealLaw::fit(&scaled).expect("a fit");
            let found = identifiability(&fit, &scaled).expect("degrees of freedom");
            assert_eq!(found.finding, finding, "n x {by_n}, error x {by_error}: {found:?}");
            assert!(!found.is_too_narrow, "noise of .2 % and more: {found:?}");
        }
    }
}

#[test]
fn residuals_below_the_rounding_of_the_errors_are_flagged() {
    let points: Vec<(f64, f64)> =
        (0..7).map(|i| 1e3 * 2_f64.powi(i)).map(|n| (n, (LAW.error_at(n) * 1e4).round() / 1e4)).collect();
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    assert!(!identifiability(&fit, &points).expect("a finding").is_too_narrow, "rounded to 1e-4 itself");
    // Exactly on the law with D = 1, alpha = 1, C = .5.
    let lucky = [(1.0, 1.5), (2.0, 1.0), (4.0, 0.75), (8.0, 0.625), (20.0, 0.55), (50.0, 0.52), (100.0, 0.51)];
    let fit = Syn2RealLaw::fit(&lucky).expect("a fit");
    assert!(identifiability(&fit, &lucky).expect("a finding").is_too_narrow, "residuals of rounding");
    let flat = points.iter().map(|p| (p.0, 0.5)).collect::<Vec<_>>();
    let fit = Syn2RealLaw::fit(&flat).expect("a fit");
    assert!(identifiability(&fit, &flat).expect("a finding").is_too_narrow, "seven times .5");
}

#[test]
fn a_band_is_the_intervals_of_its_sizes() {
    let points = simulated(7, 1.0, 0.003, 1);
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    let n = [500.0, 3e3, 64e3, 1e7];
    for method in [Method::Wald, Method::Profile] {
        let mut out = [Band::default(); 4];
        band(&fit, &points, &n, Confidence::P90, method, &mut out).expect("a band");
        for (&n, band) in n.iter().zip(&out) {
            let of = |quantity| infer(&fit, &points, quantity, Confidence::P90, method).expect("an interval");
            let (curve, new) = (of(Quantity::ErrorAt { n }), of(Quantity::MeasurementAt { n }));
            assert_eq!((band.curve, band.measurement), ([curve.lower, curve.upper], [new.lower, new.upper]));
            assert!(new.lower < curve.lower && curve.upper < new.upper, "{n}: {curve:?} {new:?}");
        }
    }
}

#[test]
fn the_fixed_point_moves_under_a_bootstrap_over_curves() {
    let truth = Syn2RealLaw { d: 0.5, alpha: 0.5, c: 0.3 };
    let curves: Vec<Vec<Point>> = (0..9)
        .map(|k| {
            let mut rng = Rng::new(21, k);
            let law = Syn2RealLaw { alpha: truth.alpha + 0.02 * rng.normal(), ..truth };
            (0..7)
                .map(|i| 1e2 * 4_f64.powi(i))
                .map(|n| Point::new(n, law.error_at(n) * (1e-4 * rng.normal()).exp()))
                .collect()
        })
        .collect();
    let curves: Vec<&[Point]> = curves.iter().map(|c| &c[..]).collect();
    let empty: &[Point] = &[];
    let (mut picked, mut out) = (vec![empty; 9], vec![None; 9]);
    let mut rounds = [MedianRound { d: 0.0, alpha: 0.0 }; 39];
    let options = DecoupleOptions::paper();
    let settings = (Search::FixedPoint, 1, Confidence::P95);
    let moved =
        decouple::bootstrap(&curves, &options, settings, &mut picked, &mut out, &mut rounds).expect("a movement");
    // Medians of 9 curves come in steps: an end may be the estimate itself.
    assert!(moved.d[0] <= moved.estimate.d && moved.estimate.d <= moved.d[1] && moved.d[0] < moved.d[1], "{moved:?}");
    assert!(moved.alpha[0] < moved.alpha[1] && moved.failed == 0, "{moved:?}");
    let again =
        decouple::bootstrap(&curves, &options, settings, &mut picked, &mut out, &mut rounds).expect("a movement");
    assert_eq!(moved, again);
}
