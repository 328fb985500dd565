//! Law (1) written as a formula against the fit, the intervals and the plan of the built-in one.
use syn2real::infer::{Method, Quantity, interval};
use syn2real::own::{OwnOptions, OwnVerdict, Sizes, fit};
use syn2real::{Class, Confidence, Formula, OwnLaw, Parameter, Scalar, Syn2RealLaw};

use super::common::rng::Rng;

/// D n^-alpha + C.
struct Law1;

impl Formula<3> for Law1 {
    fn value<S: Scalar>(&self, [d, alpha, c]: [S; 3], [n]: [S; 1]) -> S {
        d * n.pow(-alpha) + c
    }
}

/// The largest difference relative to the width of the interval.
fn apart(mine: [Option<f64>; 2], theirs: [Option<f64>; 2], estimate: f64) -> f64 {
    let mut most = 0.0_f64;
    for (a, b) in mine.into_iter().zip(theirs) {
        let off = match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() / (b - estimate).abs().max(1e-9 * estimate.abs()),
            (None, None) => 0.0,
            _ => f64::INFINITY,
        };
        most = most.max(off);
    }
    most
}

#[test]
fn law_1_as_a_formula_has_the_intervals_of_the_built_in_law() {
    let (mut compared, mut worst) = (0, [0.0_f64; 6]);
    let mut failures = Vec::new();
    for case in 0..40 {
        let mut random = Rng::new(12, case);
        let truth = Syn2RealLaw {
            d: 0.5 * (3.0 * random.unit()).exp(),
            alpha: 0.2 + 0.5 * random.unit(),
            c: 0.05 + 0.3 * random.unit(),
        };
        let noise = 0.002 + 0.01 * random.unit();
        let points: Vec<(f64, f64)> = (0..8)
            .map(|k| 1e3 * f64::from(1 << k))
            .map(|n| (n, truth.error_at(n) * (noise * random.normal()).exp()))
            .collect();
        let built_in = Syn2RealLaw::fit(&points).expect("a fit");
        if built_in.report().class != Class::Interior {
            continue;
        }
        let law = OwnLaw::log(Law1);
        // The domain of the built-in law, as far as it has ends.
        let everywhere = OwnOptions::within([(1e-9, 1e12), (1e-4, 10.0), (0.0, 1.0)]);
        let options = OwnOptions { starts: 20, ..everywhere };
        let own = fit(&law, points.as_slice(), &options).expect("a fit");
        assert!((own.cost() / built_in.report().cost - 1.0).abs() < 1e-8, "case {case}: {own}");
        let level = Confidence::P95;
        let estimate = [built_in.law().d, built_in.law().alpha, built_in.law().c];
        for (j, parameter) in [Parameter::D, Parameter::Alpha, Parameter::C].into_iter().enumerate() {
            let theirs = built_in.profile_interval(&points, parameter, level).expect("an interval");
            let mine = own.parameter(j, level).expect("an interval");
            let off = apart([mine.lower, mine.upper], [theirs.lower, theirs.upper], estimate[j]);
            worst[j] = worst[j].max(off);
            if off > 1e-5 {
                failures.push(format!("case {case} {parameter}: {mine:?} for {theirs:?}"));
            }
        }
        let n = 1e6;
        for (k, quantity) in [Quantity::ErrorAt { n }, Quantity::MeasurementAt { n }].into_iter().enumerate() {
            let theirs = interval(&built_in, &points, quantity, level, Method::Profile).expect("an interval");
            let mine =
                if k == 0 { own.value_at([n], level) } else { own.measurement_at([n], level) }.expect("an interval");
            let off = apart([mine.lower, mine.upper], [theirs.lower, theirs.upper], mine.estimate);
            worst[3 + k] = worst[3 + k].max(off);
            if off > 1e-5 {
                failures.push(format!("case {case} {quantity:?}: {mine:?} for {theirs:?}"));
            }
        }
        let target = built_in.law().error_at(3e5);
        let theirs =
            interval(&built_in, &points, Quantity::SamplesFor { target }, level, Method::Profile).expect("an interval");
        let verdict = own.samples_for(target, |n| [n], Sizes::new(1e3, 9e15), level).expect("a verdict");
        let mine = match verdict {
            OwnVerdict::Reachable { n } => [n.lower, n.upper],
            OwnVerdict::Undetermined { n: [_, lower, upper] } => [lower, upper],
            other => panic!("case {case}: {other}"),
        };
        let theirs = [theirs.lower, theirs.upper.filter(|n| *n < 9e15)];
        let off = apart(mine, theirs, 3e5);
        worst[5] = worst[5].max(off);
        if off > 1e-5 {
            failures.push(format!("case {case} n*: {mine:?} for {theirs:?}"));
        }
        compared += 1;
    }
    println!(
        "{compared} curves; D, alpha, C, L, measurement, n*: at most {:?} of the half width apart",
        worst.map(|x| format!("{x:.1e}"))
    );
    assert!(failures.is_empty() && compared > 20, "{failures:#?}");
}
