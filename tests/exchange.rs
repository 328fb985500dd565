//! Laws, options, points, reports, verdicts and goals through JSON and back, to the last bit.
//! `cargo test --features serde --test exchange`
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
use core::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use syn2real::control::{Controller, Decision, Goal};
use syn2real::decouple::{DecoupleOptions, fixed_point};
use syn2real::infer::bootstrap::BootstrapOptions;
use syn2real::infer::{self, Method, Quantity, gap_test};
use syn2real::plan::allocate::{AllocateOptions, RoundsOptions, cheapest};
use syn2real::plan::{PlanOptions, Verdict, samples_for};
use syn2real::simd::Isa;
use syn2real::{
    AdditiveLaw, AdditiveOptions, Bend, Bounds, Class, Confidence, FitOptions, FullBentLaw, FullBentOptions, FullLaw,
    FullOptions, GridPoint, Loss, Parameter, Point, PowerLaw, Residual, Side, Syn2RealLaw, Weights,
};

const CURVE: [(f64, f64); 7] =
    [(1e3, 0.9575), (2e3, 0.9534), (4e3, 0.9471), (8e3, 0.9455), (16e3, 0.9432), (32e3, 0.9403), (64e3, 0.9377)];

/// The JSON, after a check that it reads back as the same: `Debug` of an f64 is exact, and tells -0 from 0.
fn there_and_back<T: Serialize + DeserializeOwned + Debug>(value: &T) -> String {
    let json = serde_json::to_string(value).expect("every value has a JSON");
    let back: T = serde_json::from_str(&json).unwrap_or_else(|why| panic!("{json}: {why}"));
    assert_eq!(format!("{back:?}"), format!("{value:?}"), "{json}");
    json
}

fn why<T: DeserializeOwned + Debug>(json: &str) -> String {
    serde_json::from_str::<T>(json).expect_err("not a value").to_string()
}

#[test]
fn laws_and_what_a_fit_tells() {
    let flat = CURVE.map(|(n, _)| (n, 0.5));
    let rising = CURVE.map(|(n, e)| (n, 1.9 - e));
    for (points, class) in [(CURVE, Class::Interior), (flat, Class::Flat), (rising, Class::Flat)] {
        let fit = Syn2RealLaw::fit(&points).expect("a fit");
        assert_eq!(fit.report().class, class);
        let law = there_and_back(&fit.law());
        assert_eq!(law.contains(r#""alpha":null"#), class == Class::Flat, "{law}");
        there_and_back(fit.report());
        fit.minima().iter().for_each(|minimum| _ = there_and_back(minimum));
        there_and_back(&fit.interval(Parameter::C, Confidence::P95));
        let quantity = Quantity::SamplesFor { target: 0.9352 };
        there_and_back(
            &infer::interval(&fit, &points, quantity, Confidence::P90, Method::Profile).expect("an interval"),
        );
        there_and_back(&fit.check(&points).expect("the points of the fit"));
        // Errors that rise have none.
        let verdict = samples_for(&fit, &points, 0.937, &PlanOptions::default());
        assert_eq!(verdict.is_err(), fit.report().rise.is_some(), "{verdict:?}");
        verdict.iter().for_each(|verdict| _ = there_and_back(verdict));
    }
    let fit = Syn2RealLaw::fit(&CURVE).expect("a fit");
    there_and_back(&gap_test(&fit, &CURVE).expect("a test"));
    there_and_back(&PowerLaw::fit(&CURVE).expect("a fit").law());
    let back: Syn2RealLaw = serde_json::from_str(r#"{"d":0.0,"alpha":null,"c":0.5}"#).expect("a flat law");
    assert_eq!((back.alpha.to_bits(), back.error_at(1e6)), (0x7ff8 << 48, 0.5), "the same NaN as that of a fit");
}

#[test]
fn laws_over_both_sizes() {
    let truth = FullLaw { delta: 42.0, gamma: 0.5, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
    let points: Vec<GridPoint> = (0..12)
        .map(|i| {
            let (n, s) = (1e3 * 4_f64.powi(i % 4), 1e4 * 4_f64.powi(i / 4));
            GridPoint::new(n, s, truth.error_at(n, s) * if i % 2 == 0 { 1.002 } else { 0.998 })
        })
        .collect();
    there_and_back(&points);
    let fit = FullLaw::fit(&points).expect("a fit");
    there_and_back(&fit.law());
    there_and_back(fit.report());
    there_and_back(&fit.minima()[0]);
    there_and_back(&AdditiveLaw::fit(&points).expect("a fit").law());
    let found = cheapest(&truth, 0.2 * truth.error_at(1e3, 1e4), &AllocateOptions::default()).expect("a question");
    there_and_back(&found);
}

#[test]
fn options_and_their_open_bounds() {
    let own = FitOptions {
        residual: Residual::Linear,
        loss: Loss::HuberAbsolute { delta: 1e-3 },
        fixed_alpha: Some(0.5),
        c: Bounds::new(0.1, f64::INFINITY),
        weights: Weights::Sigma,
        covariance: false,
        isa: Isa::detect(),
        ..FitOptions::default()
    };
    let json = there_and_back(&own);
    assert!(json.contains(r#""c":{"lower":0.1,"upper":null}"#) && !json.contains("isa"), "{json}");
    there_and_back(&FitOptions::default());
    there_and_back(&Bounds::FREE);
    there_and_back(&Side::Lower);
    there_and_back(&FullOptions::default());
    for bend in [Bend::Bent, Bend::Rectified, Bend::Shifted] {
        there_and_back(&FullBentOptions { bend, fixed_n_h: Some(10.0), ..FullBentOptions::default() });
    }
    let bent = FullBentLaw { delta: 42.0, gamma: 0.5, alpha: 0.5, beta: 0.3, n_h: 1e3, sharpness: 2.0, e: 0.0 };
    there_and_back(&bent);
    there_and_back(&AdditiveOptions::default());
    there_and_back(&PlanOptions::default());
    there_and_back(&DecoupleOptions::default());
    there_and_back(&AllocateOptions::default());
    there_and_back(&RoundsOptions::default());
    there_and_back(&BootstrapOptions { seed: u64::MAX, ..BootstrapOptions::default() });
    // What is left out is the default, and a slip of the pen is named.
    let few: FitOptions = serde_json::from_str(r#"{"residual":"Linear","fixed_d":0.48}"#).expect("some options");
    assert_eq!(few, FitOptions { residual: Residual::Linear, fixed_d: Some(0.48), ..FitOptions::default() });
    assert!(why::<FitOptions>(r#"{"fixed_delta":0.48}"#).contains("fixed_delta"));
}

#[test]
fn points_levels_goals_and_decisions_are_checked() {
    there_and_back(&CURVE.map(|(n, error)| Point::new(n, error).with_sigma(1e-3)));
    there_and_back(&Confidence::P99);
    for level in ["0", "1", "-0.5", "2", "null"] {
        let text = why::<Confidence>(level);
        assert!(level == "null" || text.contains("strictly between 0 and 1"), "{level}: {text}");
    }
    let goal = Goal::new(0.25).expect("a target").with_sizes(500.0, 1.5).expect("sizes").with_sigmas();
    let goal = goal.with_budget(1e6).expect("a budget").with_observations(30).expect("observations");
    there_and_back(&goal);
    there_and_back(&goal.with_any_target());
    assert_eq!(serde_json::from_str::<Goal>(r#"{"target":0.25}"#).ok(), Goal::new(0.25).ok(), "the rest are defaults");
    for (json, said) in [
        (r#"{"target":-1}"#, "target"),
        (r#"{"target":0.25,"budget":10}"#, "budget"),
        (r#"{"target":0.25,"sizes":[1000,0.5]}"#, "growth"),
        (r#"{"target":0.25,"patience":0}"#, "patience"),
        (r#"{"target":0.25,"patient":3}"#, "patient"),
    ] {
        assert!(
            why::<Goal>(json).contains(said) || why::<Goal>(json).contains("factor"),
            "{json}: {}",
            why::<Goal>(json)
        );
    }
    let mut controller = Controller::<16>::new(goal);
    let decisions = CURVE.map(|(n, error)| controller.observe(Point::new(n, error).with_sigma(1e-3)));
    there_and_back(&decisions);
    there_and_back(&controller.observe(Point::new(-1.0, 0.5)));
    assert!(matches!(controller.observe(Point::new(-1.0, 0.5)), Decision::Reject { .. }));
    let curves = [CURVE.map(Point::from), CURVE.map(|(n, e)| Point::new(n, e - 0.1))];
    let curves = [&curves[0][..], &curves[1][..]];
    let end = fixed_point(&curves, &DecoupleOptions::default(), &mut [None; 2]).expect("an end");
    there_and_back(&end);
    assert!(why::<Verdict>("{}").contains("expected"));
}
