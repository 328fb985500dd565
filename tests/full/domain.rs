//! Classes, bounds, typed errors, weights.
use super::*;

#[test]
fn classes() {
    let grid = |f: &dyn Fn(f64, f64) -> f64| sizes().iter().map(|&(n, s)| (n, s, f(n, s))).collect::<Vec<_>>();
    let rising = grid(&|n, s| 0.3 * n.powf(0.05) * s.powf(-0.1));
    for residual in [Residual::Log, Residual::Linear] {
        let fit = FullLaw::fit_with(&rising, &options(residual)).expect("rising with n");
        let law = fit.law();
        assert_eq!((fit.report().class, law.alpha, law.gamma), (FullClass::Flat, 0.0, 0.0), "{residual} {law:?}");
        assert!(fit.std_errors()[2].is_none() && fit.std_errors()[3].is_some(), "{:?}", fit.std_errors());
        let bent = grid(&|n, s| 50.0 * n.powf(-0.5) * (n / 6e3).powf(-0.03 * (n / 6e3).ln()) * s.powf(-0.3));
        let fit = FullLaw::fit_with(&bent, &options(residual)).expect("bent downwards");
        assert_eq!((fit.report().class, fit.law().gamma), (FullClass::NoGap, 0.0), "{residual}");
        assert_eq!(fit.std_errors()[1], None, "no standard error on the bound");
        let up = grid(&|n, s| (0.02 + n.powf(-0.5)) * s.powf(0.1));
        let fit = FullLaw::fit_with(&up, &options(residual)).expect("rising with s");
        assert_eq!((fit.report().class, fit.law().beta), (FullClass::NoFineTuning, 0.0), "{residual}");
        let bounded = FullOptions { gamma: Bounds::new(0.0, 0.01), ..options(residual) };
        let fit = FullLaw::fit_with(&noisy(3, &TRUTH, 0.01), &bounded).expect("bounded");
        let class = FullClass::AtBound { parameter: Parameter::Gamma, side: Side::Upper };
        assert_eq!((fit.report().class, fit.law().gamma), (class, 0.01), "{residual}");
        let held = FullOptions { fixed_delta: Some(40.0), fixed_alpha: Some(0.5), ..options(residual) };
        let fit = FullLaw::fit_with(&noisy(3, &TRUTH, 0.01), &held).expect("held");
        assert_eq!((fit.law().delta, fit.law().alpha, fit.report().parameters), (40.0, 0.5, 2), "{residual}");
        assert_eq!(fit.std_errors()[0], None, "held");
    }
}

/// Bounds that hold nothing change nothing: the search in (ln delta, gamma) ends where that in the linear coordinates does.
#[test]
fn idle_bounds_change_nothing() {
    for residual in [Residual::Log, Residual::Linear] {
        for seed in 20..26 {
            let points = noisy(seed, &TRUTH, 0.02);
            let free = FullLaw::fit_with(&points, &options(residual)).expect("free");
            let bounded =
                FullOptions { gamma: Bounds::new(0.0, 1e3), delta: Bounds::new(1e-6, 1e9), ..options(residual) };
            let bounded = FullLaw::fit_with(&points, &bounded).expect("bounded");
            close(bounded.report().cost, free.report().cost, 1e-11, &format!("seed {seed} {residual}"));
        }
    }
}

#[test]
fn typed_errors() {
    let good = noisy(1, &TRUTH, 0.01);
    let with = |index: usize, p: (f64, f64, f64)| {
        let mut points = good.clone();
        points[index] = p;
        FullLaw::fit(&points).err()
    };
    let point = |index, source| Some(FitError::Point { index, source });
    assert_eq!(with(3, (1e3, 0.0, 0.5)), point(3, PointError::FineTuneSize));
    assert_eq!(with(4, (1e3, -1.0, 0.5)), point(4, PointError::FineTuneSize));
    assert_eq!(with(5, (1e3, f64::NAN, 0.5)), point(5, PointError::FineTuneSize));
    assert_eq!(with(6, (0.0, 1e4, 0.5)), point(6, PointError::SizeZero));
    assert_eq!(with(7, (-1.0, 1e4, 0.5)), point(7, PointError::Size));
    assert_eq!(with(8, (1e3, 1e4, 0.0)), point(8, PointError::ErrorNotPositive));
    assert_eq!(with(9, (1e3, 1e4, f64::INFINITY)), point(9, PointError::Error));
    assert!(PointError::SizeZero.to_string().contains("n0"), "the remedy");
    let one_n: Vec<_> = good.iter().copied().filter(|p| p.0 == 1e3).collect();
    let one_s: Vec<_> = good.iter().copied().filter(|p| p.1 == 1e4).collect();
    let open = |parameter| Some(FitError::Unidentifiable { parameter });
    assert_eq!(FullLaw::fit(&one_n).err(), open(Parameter::Alpha));
    assert_eq!(FullLaw::fit(&one_s).err(), open(Parameter::Beta));
    assert_eq!(AdditiveLaw::fit(&one_n).err(), open(Parameter::Alpha));
    assert_eq!(AdditiveLaw::fit(&one_s).err(), open(Parameter::Beta));
    let held = FullOptions { fixed_alpha: Some(0.5), ..FullOptions::default() };
    assert_eq!(FullLaw::fit_with(&one_n, &held).err(), open(Parameter::Gamma));
    let two_n: Vec<_> = good.iter().copied().filter(|p| p.0 < 3e3).collect();
    assert_eq!(FullLaw::fit(&two_n).err(), Some(FitError::TooFewPoints { needed: 3, got: 2 }));
    let few = [good[0], good[1], good[8]];
    assert_eq!(FullLaw::fit(&few).err(), Some(FitError::TooFewRows { needed: 4, got: 3 }));
    assert_eq!(FullLaw::fit::<GridPoint>(&[]).err(), Some(FitError::TooFewRows { needed: 4, got: 0 }));
    let bad = |options: FullOptions| FullLaw::fit_with(&good, &options).err();
    let base = FullOptions::default();
    let field = |field| Some(FitError::BadOption { field });
    assert_eq!(bad(FullOptions { fixed_n0: Some(-1.0), ..base }), field("fixed_n0"));
    assert_eq!(bad(FullOptions { fixed_e: Some(f64::NAN), ..base }), field("fixed_e"));
    assert_eq!(bad(FullOptions { gamma: Bounds::new(1.0, 0.0), ..base }), field("gamma"));
    assert_eq!(bad(FullOptions { beta: Bounds::new(0.0, f64::INFINITY), ..base }), field("beta"));
}

/// sigma = 1 for all points: the standard errors scale as 1 / sqrt(2 cost / dof) against relative weights.
#[test]
fn absolute_weights() {
    let points = noisy(4, &TRUTH, 0.01);
    let relative = FullLaw::fit(&points).expect("relative");
    let absolute = FullLaw::fit_with(&points, &FullOptions { weights: Weights::Absolute, ..FullOptions::default() })
        .expect("absolute");
    let s = (2.0 * relative.report().cost / 20.0).sqrt();
    for (a, b) in absolute.std_errors().iter().zip(relative.std_errors()).take(4) {
        close(a.expect("inside") * s, b.expect("inside"), 1e-12, "standard error");
    }
}
