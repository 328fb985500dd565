//! What cannot be fitted is a typed error that names index and remedy; nothing panics; Ok means finite.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use syn2real::{
    Bounds, Class, Confidence, FitError, FitOptions, Loss, Parameter, Point, PointError, PowerLaw, Residual,
    Syn2RealFit, Syn2RealLaw, Termination, Weights,
};

const N: [f64; 7] = [1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 64e3];
const ERRORS: [f64; 7] = [0.9575, 0.9534, 0.9471, 0.9455, 0.9432, 0.9403, 0.9377];

fn good() -> [Point; 7] {
    std::array::from_fn(|i| Point::new(N[i], ERRORS[i]))
}

fn linear() -> FitOptions {
    FitOptions { residual: Residual::Linear, ..FitOptions::default() }
}

fn refuse(points: &[Point], options: &FitOptions) -> FitError {
    let why = Syn2RealLaw::fit_with(points, options).expect_err("this must not be fitted");
    let text = why.to_string();
    assert!(text.len() > 20 && !text.contains('\n'), "one line with a remedy: {text:?}");
    why
}

/// Index, value and text for each kind of bad point, in both residual spaces.
#[test]
fn points_that_cannot_be_used() {
    type Spoil = (fn(&mut Point), PointError, &'static str);
    let both: [Spoil; 12] = [
        (|p| p.n = 0.0, PointError::Size, "leave measurements without pre-training out"),
        (|p| p.n = -0.0, PointError::Size, "finite and above 0"),
        (|p| p.n = -5.0, PointError::Size, "finite and above 0"),
        (|p| p.n = f64::NAN, PointError::Size, "finite and above 0"),
        (|p| p.n = f64::INFINITY, PointError::Size, "finite and above 0"),
        (|p| p.n = f64::NEG_INFINITY, PointError::Size, "finite and above 0"),
        (|p| p.error = f64::NAN, PointError::Error, "finite"),
        (|p| p.error = f64::INFINITY, PointError::Error, "finite"),
        (|p| p.error = f64::NEG_INFINITY, PointError::Error, "finite"),
        (|p| p.weight = -1.0, PointError::Weight, "not negative"),
        (|p| p.weight = f64::NAN, PointError::Weight, "finite"),
        (|p| p.weight = f64::INFINITY, PointError::Weight, "finite"),
    ];
    for index in [0, 3, 6] {
        for (spoil, source, remedy) in both {
            for options in [FitOptions::default(), linear()] {
                let mut points = good();
                spoil(&mut points[index]);
                let why = refuse(&points, &options);
                assert_eq!(why, FitError::Point { index, source }, "{points:?}");
                let text = why.to_string();
                assert!(text.contains(&format!("point {index}")) && text.contains(remedy), "{text}");
                assert!(std::error::Error::source(&why).is_some(), "the cause is kept");
            }
        }
        for error in [0.0, -0.0, -0.1] {
            let mut points = good();
            points[index].error = error;
            let why = refuse(&points, &FitOptions::default());
            assert_eq!(why, FitError::Point { index, source: PointError::ErrorNotPositive }, "log of {error}");
            assert!(why.to_string().contains("linear residual"), "{why}");
            assert!(
                Syn2RealLaw::fit_with(&points, &linear()).is_ok(),
                "an error of {error} is fine in the linear residual"
            );
        }
    }
    let mut points = good();
    (points[2].n, points[5].error) = (f64::NAN, f64::NAN);
    assert_eq!(
        refuse(&points, &linear()),
        FitError::Point { index: 2, source: PointError::Size },
        "the first is named"
    );
}

#[test]
fn numbers_that_are_no_f64() {
    let beyond = [(1_u64, 0.9), (2, 0.8), ((1 << 53) + 1, 0.7)];
    let why = Syn2RealLaw::fit(&beyond).expect_err("2^53 + 1 has no f64");
    assert_eq!(why, FitError::Point { index: 2, source: PointError::Inexact }, "{why}");
    assert!(why.to_string().contains("2^53"), "{why}");
    assert!(Syn2RealLaw::fit(&[(1_u64, 0.9), (2, 0.8), (1 << 53, 0.7)]).is_ok(), "2^53 is exact");
    assert!(Syn2RealLaw::fit(&[(1_i8, 0.9_f32), (2, 0.8), (3, 0.75)]).is_ok(), "small integers and f32");
}

/// Distinct n with a weight above 0: three for a free fit, two with one parameter fixed, one with two.
#[test]
fn too_few_sizes() {
    let points = good();
    let plain = FitOptions::default();
    let fixed = FitOptions { fixed_d: Some(0.48), ..plain };
    let both = FitOptions { fixed_c: Some(0.5), ..fixed };
    for (options, needed) in [(plain, 3), (fixed, 2), (both, 1)] {
        for got in 0..needed {
            let why = refuse(&points[..got], &options);
            assert_eq!(why, FitError::TooFewPoints { needed, got }, "{options:?}");
            let text = why.to_string();
            assert!(
                text.contains(&needed.to_string()) && text.contains(&format!("got {got}")) && text.contains("measure"),
                "{text}"
            );
        }
        assert!(Syn2RealLaw::fit_with(&points[..needed], &options).is_ok(), "{needed} sizes: {options:?}");
    }
    let repeated: Vec<Point> = (0..9).map(|i| points[i % 2]).collect();
    assert_eq!(refuse(&repeated, &plain), FitError::TooFewPoints { needed: 3, got: 2 }, "nine points at two sizes");
    let mut light = points;
    light[2..].iter_mut().for_each(|p| p.weight = 0.0);
    assert_eq!(refuse(&light, &plain), FitError::TooFewPoints { needed: 3, got: 2 }, "the others have no weight");
    let none = points.map(|p| p.with_weight(0.0));
    assert_eq!(refuse(&none, &plain), FitError::TooFewPoints { needed: 3, got: 0 }, "all weights 0");
    assert_eq!(Syn2RealLaw::fit::<Point>(&[]), Err(FitError::TooFewPoints { needed: 3, got: 0 }), "no point");
}

#[test]
fn options_out_of_range() {
    let plain = FitOptions::default();
    let crossed =
        [Bounds::new(0.5, 0.2), Bounds::new(f64::NAN, 1.0), Bounds::new(0.0, f64::NAN), Bounds::new(-1.0, 1.0)];
    let mut cases: Vec<(FitOptions, &str)> = Vec::new();
    for b in crossed {
        cases.extend([
            (FitOptions { d: b, ..plain }, "d"),
            (FitOptions { alpha: b, ..plain }, "alpha"),
            (FitOptions { c: b, ..plain }, "c"),
        ]);
    }
    cases.push((FitOptions { alpha: Bounds::new(0.0, f64::INFINITY), ..plain }, "alpha"));
    cases.push((FitOptions { c: Bounds::new(f64::INFINITY, f64::INFINITY), ..plain }, "c"));
    for x in [-0.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        cases.extend([
            (FitOptions { fixed_d: Some(x), ..plain }, "fixed_d"),
            (FitOptions { fixed_c: Some(x), ..plain }, "fixed_c"),
        ]);
        cases.push((FitOptions { fixed_alpha: Some(x), ..plain }, "fixed_alpha"));
    }
    cases.push((FitOptions { fixed_alpha: Some(11.0), ..plain }, "fixed_alpha"));
    // Bounds that would hold a parameter, and the remedy.
    for x in [0.0, 0.5, 5e-324] {
        cases.extend([
            (FitOptions { d: Bounds::new(x, x), ..plain }, "d"),
            (FitOptions { alpha: Bounds::new(x, x), ..plain }, "alpha"),
            (FitOptions { c: Bounds::new(x, x), fixed_c: Some(x), ..plain }, "c"),
        ]);
    }
    cases.push((FitOptions { fixed_c: Some(0.6), c: Bounds::new(0.2, 0.5), ..plain }, "fixed_c"));
    for x in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        cases.push((FitOptions { loss: Loss::Huber { k: x }, ..plain }, "loss"));
        cases.push((FitOptions { loss: Loss::HuberAbsolute { delta: x }, ..plain }, "loss"));
    }
    for (options, field) in cases {
        let why = refuse(&good(), &options);
        assert_eq!(why, FitError::BadOption { field }, "{options:?}");
        assert!(why.to_string().contains(field), "{why}");
        let holds = !["d", "alpha", "c"].contains(&field) || why.to_string().contains(&format!("fixed_{field}"));
        assert!(holds, "how a parameter is held: {why}");
    }
    let all = FitOptions { fixed_d: Some(0.5), fixed_alpha: Some(0.5), fixed_c: Some(0.5), ..plain };
    let why = refuse(&good(), &all);
    assert!(matches!(why, FitError::BadOption { field } if field.starts_with("fixed_")), "nothing is free: {why:?}");
    assert!(why.to_string().contains("free"), "{why}");
    for level in [0.0, 1.0, -0.5, 2.0, f64::NAN, f64::INFINITY] {
        assert_eq!(Confidence::new(level), Err(FitError::BadOption { field: "confidence" }), "level {level}");
    }
}

/// One broken curve does not stop the others.
#[test]
fn the_other_groups_are_fitted() {
    let (fine, mut broken) = (good(), good());
    broken[4].n = -1.0;
    let curves: [&[Point]; 4] = [&fine, &broken, &fine[..2], &fine];
    let out = Syn2RealLaw::fit_all(&curves, &FitOptions::default());
    assert_eq!(out.len(), 4, "each once");
    assert_eq!(out[1], Err(FitError::Point { index: 4, source: PointError::Size }), "the broken one");
    assert_eq!(out[2], Err(FitError::TooFewPoints { needed: 3, got: 2 }), "the short one");
    assert!(out[0].is_ok() && out[0] == out[3], "the others");
}

#[test]
fn shapes_of_a_grid() {
    let options = FitOptions::default();
    let rows: Vec<f64> = [ERRORS; 3].concat();
    let grid = |n: &[f64], errors: &[f64]| {
        let mut out = Vec::new();
        let shape = Syn2RealLaw::fit_grid(n, errors, &options, |k, result| out.push((k, result)));
        (shape, out)
    };
    let (shape, out) = grid(&N, &rows);
    assert!(shape.is_ok() && out.iter().all(|(_, result)| result.is_ok()), "three rows of seven: {out:?}");
    assert!(out.iter().map(|(k, _)| *k).eq(0..3), "each once, in order");
    for (n, errors) in [(&N[..], &rows[..20]), (&N[..6], &rows[..20]), (&[][..], &rows[..]), (&[][..], &[][..])] {
        let refused = Err(FitError::BadOption { field: "errors" });
        assert_eq!(grid(n, errors), (refused, vec![]), "no curve is made of a part of a row");
    }
    assert_eq!(grid(&N, &[]), (Ok(()), vec![]), "no rows, no curves");
    let mut rows = rows;
    rows[7 + 3] = f64::NAN;
    let (shape, out) = grid(&N, &rows);
    assert_eq!(shape, Ok(()), "one bad row");
    assert_eq!(out[1], (1, Err(FitError::Point { index: 3, source: PointError::Error })), "it names the column");
    assert!(out[0].1.is_ok() && out[2].1.is_ok(), "the other rows are fitted");
}

/// What a fit tells is finite, in its domain, and agrees with itself.
fn finite(fit: &Syn2RealFit, options: &FitOptions) -> Result<(), TestCaseError> {
    let (law, report) = (fit.law(), fit.report());
    // alpha alone is undefined, and only where D = 0: then it is the one NaN.
    let rate = |law: Syn2RealLaw| if law.d == 0.0 && law.alpha.to_bits() == 0x7ff8 << 48 { 0.0 } else { law.alpha };
    let free = options.fixed_alpha.is_none();
    prop_assert!(law.alpha.is_nan() == (law.d == 0.0 && free), "{fit:?} {options:?}");
    let mut numbers = vec![law.d, rate(law), law.c, report.cost, report.rms, report.n_min, report.n_max];
    numbers.extend(fit.std_errors().into_iter().flatten());
    numbers.extend(report.condition);
    numbers.extend(report.huber_delta);
    numbers.extend(fit.minima().iter().flat_map(|m| [m.law.d, rate(m.law), m.law.c, m.cost]));
    for parameter in [Parameter::D, Parameter::Alpha, Parameter::C] {
        let interval = fit.interval(parameter, Confidence::P95);
        numbers.extend(interval.iter().flat_map(|i| [Some(i.estimate), i.lower, i.upper]).flatten());
    }
    prop_assert!(numbers.iter().all(|x| x.is_finite()), "{fit:?}");
    prop_assert!(law.d >= 0.0 && rate(law) >= 0.0 && law.c >= 0.0 && report.cost >= 0.0, "{fit:?}");
    prop_assert!(report.termination.is_converged(), "fit is strict: {fit:?}");
    prop_assert!(!fit.minima().is_empty() && fit.minima()[0].law == law, "the first minimum is the fit: {fit:?}");
    let within = |x: f64, b: Bounds| x >= b.lower * (1.0 - 1e-12) && x <= b.upper * (1.0 + 1e-12);
    if report.class != Class::Flat {
        prop_assert!(within(law.d, options.d) && within(law.alpha, options.alpha), "{fit:?} {options:?}");
    }
    prop_assert!(within(law.c, options.c), "{fit:?} {options:?}");
    prop_assert!(!fit.to_string().contains("NaN") && !fit.to_string().contains("inf "), "{fit}");
    Ok(())
}

/// Any bits, a good share of them ordinary numbers: random words are mostly refused at the first point.
fn float() -> impl Strategy<Value = f64> {
    prop_oneof![
        1 => any::<u64>().prop_map(f64::from_bits),
        1 => prop::sample::select(vec![0.0, -0.0, 1.0, f64::MIN_POSITIVE, f64::MAX, f64::EPSILON, f64::INFINITY, f64::NAN, 5e-324, -1.0]),
        6 => (-3.0..3.0_f64).prop_map(|x| 10f64.powf(x)),
        2 => (-300.0..300.0_f64).prop_map(|x| 10f64.powf(x)),
    ]
}

/// Numbers that pass the checks of a point, of any size.
fn valid() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-3.0..6.0_f64).prop_map(|x| 10f64.powf(x)),
        2 => (-307.0..308.0_f64).prop_map(|x| 10f64.powf(x)),
        1 => prop::sample::select(vec![f64::MIN_POSITIVE, f64::MAX, 5e-324, 1.0, 1.0 + f64::EPSILON]),
    ]
}

fn options() -> impl Strategy<Value = FitOptions> {
    let fixed = || prop_oneof![4 => Just(None), 1 => float().prop_map(Some)];
    let bounds = |plain: Bounds| prop_oneof![4 => Just(plain), 1 => (float(), float()).prop_map(Bounds::from)];
    let loss = prop_oneof![
        3 => Just(Loss::Square),
        1 => float().prop_map(|k| Loss::Huber { k }),
        1 => Just(Loss::Huber { k: 1.345 }),
        1 => float().prop_map(|delta| Loss::HuberAbsolute { delta }),
    ];
    let plain = FitOptions::default();
    (any::<[bool; 3]>(), loss, [fixed(), fixed(), fixed()], bounds(plain.d), bounds(plain.alpha), bounds(plain.c))
        .prop_map(move |([log, absolute, covariance], loss, [fixed_d, fixed_alpha, fixed_c], d, alpha, c)| FitOptions {
            residual: if log { Residual::Log } else { Residual::Linear },
            weights: if absolute { Weights::Absolute } else { Weights::Relative },
            loss,
            fixed_d,
            fixed_alpha,
            fixed_c,
            d,
            alpha,
            c,
            covariance,
            ..plain
        })
}

fn points(number: impl Fn() -> BoxedStrategy<f64>) -> impl Strategy<Value = Vec<Point>> {
    let weight = prop_oneof![3 => Just(1.0), 1 => number()];
    prop::collection::vec((number(), number(), weight).prop_map(|(n, error, weight)| Point { n, error, weight }), 0..20)
}

proptest! {
    #![proptest_config(Config { cases: 4096, failure_persistence: None, rng_seed: RngSeed::Fixed(20_240_607), ..Config::default() })]

    #[test]
    fn any_bits(points in points(|| float().boxed()), options in options()) {
        if let Ok(fit) = Syn2RealLaw::fit_with(&points, &options) {
            finite(&fit, &options)?;
        }
        if let Ok(power) = PowerLaw::fit_with(&points, &options) {
            prop_assert!(power.law().d.is_finite() && (power.law().alpha.is_finite() || power.law().d == 0.0) && power.report().cost.is_finite(), "{power:?}");
        }
    }

    #[test]
    fn any_valid_points(points in points(|| valid().boxed()), options in options()) {
        if let Ok(fit) = Syn2RealLaw::fit_with(&points, &options) {
            finite(&fit, &options)?;
        }
    }

    /// Valid points and default options of ordinary size are always fitted.
    #[test]
    fn ordinary_points_are_fitted(
        rows in prop::collection::vec(((0.0..7.0_f64), (-4.0..2.0_f64), 0.01..100.0_f64), 3..20),
        log in any::<bool>(),
    ) {
        let points: Vec<Point> = rows.iter().enumerate()
            .map(|(i, &(n, e, w))| Point::new(10f64.powf(n).round() + i as f64, 10f64.powf(e)).with_weight(w))
            .collect();
        let mut sizes: Vec<u64> = points.iter().map(|p| p.n as u64).collect();
        sizes.sort_unstable();
        sizes.dedup();
        prop_assume!(sizes.len() >= 3);
        let options = if log { FitOptions::default() } else { linear() };
        let fit = Syn2RealLaw::fit_with(&points, &options);
        let fit = fit.map_err(|why| TestCaseError::fail(format!("{why}")))?;
        finite(&fit, &options)?;
    }
}

/// A step between the smallest n of 1e-4 and the next: D = x n_min^alpha is below the range of f64 where alpha may run to
/// 1000. The law came back as flat, with the cost of the step.
#[test]
fn a_d_that_underflows_is_no_flat_law() {
    let points = [(1.13e-4, 2.0), (1.2e-4, 1.0), (1.5e-4, 1.01), (3e-4, 0.99), (6e-4, 1.0)];
    for residual in [Residual::Log, Residual::Linear] {
        let options = FitOptions { residual, alpha: Bounds::new(0.0, 1000.0), ..FitOptions::default() };
        match Syn2RealLaw::fit_with(&points, &options) {
            Ok(fit) => assert_ne!(fit.report().class, Class::Flat, "{fit}"),
            Err(e) => assert_eq!(e, FitError::NotConverged(Termination::NonFinite)),
        }
    }
}
