//! Settings against each other: Holm's adjustment against its definition, and rates of wrong claims on simulated settings.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
#[allow(dead_code, reason = "the example uses more of it")]
#[path = "../examples/verdicts/simulate.rs"]
mod simulate;

use syn2real::infer::Method;
use syn2real::infer::bootstrap::{BootstrapOptions, replicate};
use syn2real::plan::settings::{Pair, intervals, pairs, pairs_of_replicates, standings};
use syn2real::plan::{PlanError, PlanOptions, Verdict, samples_for, samples_for_replicates};
use syn2real::{Confidence, FitOptions, Parameter, Syn2RealFit, Syn2RealLaw};

use simulate::{Normal, measure};

const LAW: Syn2RealLaw = Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.1 };

fn fits(laws: &[Syn2RealLaw], noise: f64, seed: u64) -> Vec<Syn2RealFit> {
    let mut normal = Normal::new(seed);
    laws.iter().map(|law| Syn2RealLaw::fit(&measure(law, noise, &mut normal)).expect("a fit")).collect()
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
    for seed in 0..20 {
        let laws: Vec<Syn2RealLaw> = (0..6).map(|k| Syn2RealLaw { c: 0.1 + 5e-4 * f64::from(k), ..LAW }).collect();
        let fits = fits(&laws, 1e-3, seed);
        let mut out = [Pair::default(); 15];
        assert_eq!(pairs(&fits, Parameter::C, &mut out), Ok(15));
        let tested: Vec<f64> = out.iter().filter_map(|pair| pair.p).collect();
        let wanted = holm(&tested);
        for (pair, wanted) in out.iter().filter(|pair| pair.p.is_some()).zip(wanted) {
            assert!((pair.p_holm.expect("tested") - wanted).abs() < 1e-15, "{pair:?} {wanted}");
            assert!((pair.difference - (fits[pair.a].law().c - fits[pair.b].law().c)).abs() < 1e-15, "{pair:?}");
        }
    }
}

/// Welch's test against the textbook formula on one pair: equal errors and degrees of freedom make it Student's t with twice
/// as many.
#[test]
fn equal_errors_are_student_s_t() {
    let points = measure(&LAW, 1e-3, &mut Normal::new(8));
    let shifted = points.map(|p| (p.n, p.error * 1.001));
    let fits = [Syn2RealLaw::fit(&points).expect("a fit"), Syn2RealLaw::fit(&shifted).expect("a fit")];
    let mut out = [Pair::default()];
    pairs(&fits, Parameter::Alpha, &mut out).expect("valid");
    // The log residual knows no factor: alpha is the same, and the difference rounding.
    assert!(out[0].p.is_some_and(|p| p > 0.999), "{out:?}");
    pairs(&fits, Parameter::C, &mut out).expect("valid");
    let [a, b] = fits.map(|fit| fit.std_errors()[2].expect("inside"));
    let t = out[0].difference / (a * a + b * b).sqrt();
    // P(|T| > t) with 8 degrees of freedom: 1 - x (1 + c/2 (1 + 3 c/4 (1 + 5 c/6))), x = t/sqrt(8 + t^2), c = 1 - x^2
    // (Abramowitz and Stegun 26.7.4).
    let x = t.abs() / (8.0 + t * t).sqrt();
    let c = 1.0 - x * x;
    let wanted = 1.0 - x * (1.0 + c / 2.0 * (1.0 + 3.0 * c / 4.0 * (1.0 + 5.0 * c / 6.0)));
    // The errors differ by a thousandth, and so do the degrees of freedom.
    assert!((out[0].p.expect("tested") - wanted).abs() < 1e-3 * wanted, "{out:?} {wanted}");
}

#[test]
fn equal_settings_are_rarely_called_different() {
    let replicates = 300;
    let mut wrong = [0; 2];
    let mut found = 0;
    for seed in 0..replicates {
        let same = fits(&[LAW; 5], 1e-3, seed);
        for (count, parameter) in wrong.iter_mut().zip([Parameter::C, Parameter::Alpha]) {
            let mut out = [Pair::default(); 10];
            pairs(&same, parameter, &mut out).expect("valid");
            *count += usize::from(out.iter().any(|pair| pair.differs(Confidence::P95)));
        }
        // C apart by some ten standard errors.
        let other = fits(&[LAW, Syn2RealLaw { c: 0.12, ..LAW }], 1e-3, seed);
        let mut out = [Pair::default(); 1];
        pairs(&other, Parameter::C, &mut out).expect("valid");
        found += usize::from(out[0].differs(Confidence::P95));
    }
    // 5 % for all ten pairs together, and three standard deviations of a share of 300.
    let limit = 0.05 + 3.0 * (0.05 * 0.95 / replicates as f64).sqrt();
    for count in wrong {
        assert!((count as f64) <= limit * replicates as f64, "{wrong:?} of {replicates} claims are wrong");
    }
    assert!(found as f64 >= 0.9 * replicates as f64, "{found} of {replicates} differences found");
}

#[test]
fn simultaneous_intervals_are_wider() {
    let data = [7, 8, 9].map(|seed| measure(&LAW, 1e-3, &mut Normal::new(seed)));
    let settings = [0, 1, 2].map(|k| (Syn2RealLaw::fit(&data[k]).expect("a fit"), &data[k][..]));
    let (mut three, mut one) = ([None; 3], [None; 1]);
    intervals(&settings, Parameter::Alpha, Confidence::P95, Method::Profile, &mut three).expect("valid");
    intervals(&settings[..1], Parameter::Alpha, Confidence::P95, Method::Profile, &mut one).expect("valid");
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
    let mut out = [Pair::default()];
    pairs_of_replicates(&[&replicates[0], &replicates[1]], Parameter::C, &mut out).expect("valid");
    assert!(out[0].differs(Confidence::P95) && out[0].difference > 0.0, "{out:?}");
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
    let fits = fits(&[LAW; 3], 1e-3, 1);
    let mut out = [Pair::default(); 2];
    assert_eq!(pairs(&fits, Parameter::C, &mut out), Err(PlanError::Buffer { needed: 3, got: 2 }));
    assert_eq!(pairs(&fits[..1], Parameter::C, &mut out), Err(PlanError::NoCandidates));
    assert_eq!(pairs(&[], Parameter::C, &mut out), Err(PlanError::NoCandidates));
    let beta = Parameter::Beta;
    assert_eq!(pairs(&fits, beta, &mut out), Err(PlanError::Law { parameter: beta }));
    let none: &[Syn2RealLaw] = &[];
    let few = pairs_of_replicates(&[none, none], Parameter::C, &mut out);
    assert_eq!(few, Err(PlanError::TooFewReplicates { needed: 1, got: 0 }));
    let laws = [LAW; 38];
    let ask = |n: f64, laws: &[Syn2RealLaw]| standings(&[(LAW, laws)], n, Confidence::P95, &mut [None; 1]);
    assert_eq!(ask(1e4, &laws), Err(PlanError::TooFewReplicates { needed: 39, got: 38 }));
    for n in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(ask(n, &[LAW; 50]), Err(PlanError::Size { field: "n" }), "{n}");
    }
    assert_eq!(standings(&[], 1e4, Confidence::P95, &mut []), Err(PlanError::NoCandidates));
}
