#![allow(clippy::disallowed_methods, reason = "truths and oracles of tests use std")]
//! Laws of the user's own: their derivatives, intervals and plans against those of the built-in laws and of other programs.
#[path = "../common"]
mod common {
    #[allow(dead_code, reason = "a part of it is used")]
    pub(crate) mod nist;
    pub(crate) mod nist_json;
    pub(crate) mod nist_laws;
    #[allow(dead_code, unreachable_pub, missing_docs, reason = "a part of it is used, by this test alone")]
    pub(crate) mod rng;
}
mod built_in;
mod derivatives;
mod formulas;
mod oracle;

use syn2real::own::{OwnError, OwnOptions, OwnVerdict, Sizes, fit};
use syn2real::{Confidence, Formula, OwnLaw, Row, Scalar};

/// a + b x: everything about it is known.
#[derive(Debug)]
struct Line;

impl Formula<2> for Line {
    fn value<S: Scalar>(&self, [a, b]: [S; 2], [x]: [S; 1]) -> S {
        a + b * x
    }
}

const LINE: [(f64, f64); 5] = [(1.0, 1.1), (2.0, 1.9), (3.0, 3.2), (4.0, 3.9), (5.0, 5.1)];

/// The t quantile of 97.5 % with 3 degrees of freedom (tests/oracles/quantiles.py).
const T: f64 = 3.182_446_305_284_263;

#[test]
fn of_a_line_the_profile_is_the_text_book() {
    let law = OwnLaw::linear(Line);
    let fit = fit(&law, &LINE, &OwnOptions::from_start([0.0, 0.0])).expect("a line");
    // Sums over x = 1 .. 5: mean 3, squares about it 10.
    let mean = LINE.iter().map(|p| p.1).sum::<f64>() / 5.0;
    let slope = LINE.iter().map(|p| (p.0 - 3.0) * p.1).sum::<f64>() / 10.0;
    let residual = |p: &(f64, f64)| p.1 - mean - slope * (p.0 - 3.0);
    let s = (LINE.iter().map(|p| residual(p) * residual(p)).sum::<f64>() / 3.0).sqrt();
    let near = |a: Option<f64>, b: f64| {
        let a = a.expect("an end");
        // The cost is on the limit to 1e-7 of the rise: half of that in the distance.
        assert!((a - b).abs() < 1e-6 * s, "{a} for {b}");
    };
    assert!((fit.theta()[1] - slope).abs() < 1e-12 && fit.degrees_of_freedom() == 3, "{fit}");
    assert!((fit.cost() - 1.5 * s * s).abs() < 1e-12 && fit.termination().is_converged(), "{}", fit.cost());
    near(fit.std_errors()[1], s / 10.0_f64.sqrt());
    let b = fit.parameter(1, Confidence::P95).expect("a slope");
    near(b.lower, slope - T * s / 10.0_f64.sqrt());
    near(b.upper, slope + T * s / 10.0_f64.sqrt());
    let places = [[3.0], [9.0]];
    let mut band = [Default::default(); 2];
    fit.band(&places, Confidence::P95, &mut band).expect("a band");
    for ([x], band) in places.iter().zip(band) {
        let (value, leverage) = (mean + slope * (x - 3.0), 0.2 + (x - 3.0) * (x - 3.0) / 10.0);
        assert!((band.error - value).abs() < 1e-12, "{band:?}");
        near(band.curve[0], value - T * s * leverage.sqrt());
        near(band.curve[1], value + T * s * leverage.sqrt());
        near(band.measurement[0], value - T * s * (1.0 + leverage).sqrt());
        near(band.measurement[1], value + T * s * (1.0 + leverage).sqrt());
    }
}

#[test]
fn a_weight_of_two_is_a_row_twice_and_of_nothing_a_row_left_out() {
    let law = OwnLaw::linear(Line);
    let options = OwnOptions::from_start([0.0, 0.0]);
    let weighed = LINE.map(|(x, y)| Row::new([x], y).with_weight(if x == 2.0 { 2.0 } else { 1.0 }));
    let mut twice = LINE.to_vec();
    twice.push(LINE[1]);
    let (a, b) =
        (fit(&law, &weighed, &options).expect("a line"), fit(&law, twice.as_slice(), &options).expect("a line"));
    assert!((a.theta()[0] - b.theta()[0]).abs() < 1e-12, "{:?} {:?}", a.theta(), b.theta());
    let mut without = LINE.map(|(x, y)| (x, y, 1.0)).to_vec();
    without.push((f64::NAN, f64::NAN, 0.0));
    let (a, b) =
        (fit(&law, without.as_slice(), &options).expect("a line"), fit(&law, &LINE, &options).expect("a line"));
    assert_eq!((a.theta(), a.degrees_of_freedom()), (b.theta(), 3));
}

#[test]
fn what_cannot_be_answered_is_said() {
    let law = OwnLaw::linear(Line);
    let start = OwnOptions::from_start([0.0, 0.0]);
    let level = Confidence::P95;
    let line = fit(&law, &LINE, &start).expect("a line");
    assert_eq!(line.parameter(2, level), Err(OwnError::Fixed { parameter: 2 }));
    let held = fit(&law, &LINE, &OwnOptions { fixed: [Some(0.0), None], ..start }).expect("a line");
    assert_eq!(held.parameter(0, level), Err(OwnError::Fixed { parameter: 0 }));
    let two = fit(&law, &LINE[..2], &start).expect("a line");
    assert_eq!(two.parameter(0, level), Err(OwnError::NoFreedom { observations: 2, parameters: 2 }));
    let nan = [(1.0, 2.0), (2.0, f64::NAN), (3.0, 1.0)];
    let error = fit(&law, &nan, &start).expect_err("a value that is none");
    assert!(matches!(error, OwnError::NotConverged { row: Some(1), .. }), "{error}");
    assert_eq!(line.value_at([f64::INFINITY], level), Err(OwnError::Value { place: 0 }));
    assert_eq!(line.band(&[[1.0]], level, &mut []), Err(OwnError::Lengths));
    let ask = |target, sizes| line.samples_for(target, |n| [n], sizes, level);
    assert_eq!(ask(f64::NAN, Sizes::new(1.0, 2.0)), Err(OwnError::Target));
    assert_eq!(ask(1.0, Sizes::new(2.0, 1.0)), Err(OwnError::Sizes));
    let turns = line.samples_for(4.0, |n| [(n - 5.0) * (n - 5.0)], Sizes::new(1.0, 20.0), level);
    assert!(matches!(turns, Err(OwnError::NotMonotone { n }) if (4.0..7.0).contains(&n)), "{turns:?}");
    assert_eq!(line.samples_for(4.0, |_| [1.0], Sizes::new(1.0, 20.0), level), Err(OwnError::Constant));
}

#[test]
fn a_law_that_rises_reaches_from_below() {
    let law = OwnLaw::linear(Line);
    let line = fit(&law, &LINE, &OwnOptions::from_start([0.0, 0.0])).expect("a line");
    let ask = |target, budget| line.samples_for(target, |n| [n], Sizes::new(1.0, budget), Confidence::P95);
    let verdict = ask(7.0, 100.0).expect("a verdict");
    let OwnVerdict::Reachable { n } = verdict else { panic!("{verdict}") };
    // By Fieller: where the band meets the target.
    for (end, side) in [(n.lower, 1), (n.upper, 0)] {
        let end = end.expect("an end");
        let band = line.value_at([end], Confidence::P95).expect("an interval");
        let limit = if side == 1 { band.upper } else { band.lower };
        assert!((limit.expect("a limit") - 7.0).abs() < 1e-6, "{limit:?} at {end}");
    }
    assert_eq!(ask(7.0, 5.0).expect("a verdict").name(), "infeasible");
    assert_eq!(ask(7.0, 7.0).expect("a verdict").name(), "undetermined");
    assert_eq!(ask(0.0, 7.0).expect("a verdict").name(), "reachable");
}
