//! Optima on the edges of the domain, and numbers at the edges of f64. Each test is named after a symptom.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]

use syn2real::{Bounds, Class, FitError, FitOptions, Loss, Parameter, Point, PowerLaw, Residual, Side, Syn2RealLaw};

const N: [f64; 7] = [1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 64e3];
const ERRORS: [f64; 7] = [0.9575, 0.9534, 0.9471, 0.9455, 0.9432, 0.9403, 0.9377];

fn points(errors: [f64; 7]) -> [Point; 7] {
    std::array::from_fn(|i| Point::new(N[i], errors[i]))
}

/// The free optimum has D = .183 in the log and .187 in the linear residual: from .2 on the lower bound of D is active,
/// and an upper one up to .17. 223 came back as 223.00000000000003.
#[test]
fn d_one_ulp_off_its_active_bound() {
    for residual in [Residual::Log, Residual::Linear] {
        for k in 1..=300 {
            // Errors in other units have other powers of two as the unit of the search.
            let unit = if k % 2 == 0 { 1.0 } else { 0.0137 };
            let at = |bound: f64, d: Bounds, side: Side| {
                let options = FitOptions { residual, d, ..FitOptions::default() };
                let fit = Syn2RealLaw::fit_with(&points(ERRORS.map(|e| e * unit)), &options).expect("a fit");
                assert_eq!(fit.report().class, Class::AtBound { parameter: Parameter::D, side }, "{d:?}");
                assert_eq!(fit.law().d.to_bits(), bound.to_bits(), "D = {}, bound {bound}", fit.law().d);
                assert_eq!(fit.std_errors()[0], None, "on its bound");
            };
            let lower = (0.2 + 0.73 * f64::from(k)) * unit;
            at(lower, Bounds::new(lower, f64::INFINITY), Side::Lower);
            let upper = 0.17 / f64::from(k) * unit;
            at(upper, Bounds::new(0.0, upper), Side::Upper);
        }
    }
}

/// 5e-324 divided by the unit of the errors is 0: the bound must come back all the same.
#[test]
fn d_is_0_although_it_may_not_be() {
    let d = f64::from_bits(1);
    let rising = points(ERRORS.map(|e| 1.9 - e));
    for (what, options) in [
        ("fixed", FitOptions { fixed_d: Some(d), ..FitOptions::default() }),
        ("bounded", FitOptions { d: Bounds::new(d, 7.0), ..FitOptions::default() }),
    ] {
        let law = Syn2RealLaw::fit_with(&rising, &options).expect("a fit").law();
        assert!(if what == "fixed" { law.d == d } else { law.d >= d }, "D {what}: {law:?}");
    }
}

/// D held at .48, and data without a decrease: alpha runs to its end, where the law is flat. It is no step.
#[test]
fn flat_law_with_a_fixed_d_is_no_step() {
    let options = FitOptions { fixed_d: Some(0.48), ..FitOptions::default() };
    let fit = Syn2RealLaw::fit_with(&points(ERRORS.map(|e| 1.9 - e)), &options).expect("a fit");
    assert_eq!((fit.report().class, fit.law().d), (Class::Flat, 0.48));
    assert_eq!(fit.law().error_at(N[0]), fit.law().error_at(N[6]), "flat over the data: {:?}", fit.law());
    assert!(fit.std_errors()[..2] == [None; 2] && fit.std_errors()[2].is_some(), "{:?}", fit.std_errors());
}

/// One size n, two parameters fixed: the third is determined, nothing is flat or at a bound.
#[test]
fn single_size_is_called_flat() {
    let truth = Syn2RealLaw { d: 0.5, alpha: 0.3, c: 0.2 };
    let points = [Point::new(1e3, truth.error_at(1e3)); 2];
    let (d, alpha, c) = (Some(truth.d), Some(truth.alpha), Some(truth.c));
    let default = FitOptions::default();
    for options in [
        FitOptions { fixed_alpha: alpha, fixed_c: c, ..default },
        FitOptions { fixed_d: d, fixed_c: c, ..default },
        FitOptions { fixed_d: d, fixed_alpha: alpha, ..default },
    ] {
        let fit = Syn2RealLaw::fit_with(&points, &options).expect("a fit");
        let law = fit.law();
        assert_eq!(fit.report().class, Class::Interior, "{law:?}");
        // D n^-alpha is a quarter of the error: some 4 roundings of a part of it, and of alpha ln n = 2.
        for (got, truth) in [(law.d, truth.d), (law.alpha, truth.alpha), (law.c, truth.c)] {
            assert!((got / truth - 1.0).abs() < 32.0 * f64::EPSILON, "{law:?}");
        }
    }
}

/// A power law through data that rise is its geometric mean: D has the standard error of a mean.
#[test]
fn flat_power_law_has_no_standard_error_of_d() {
    let errors = ERRORS.map(|e| 1.9 - e);
    let fit = PowerLaw::fit(&points(errors)).expect("a fit");
    let logs = errors.map(f64::ln);
    let mean = logs.iter().sum::<f64>() / 7.0;
    let variance = logs.iter().map(|l| (l - mean) * (l - mean)).sum::<f64>() / 6.0;
    let (law, [of_d, of_alpha]) = (fit.law(), fit.std_errors());
    assert_eq!((fit.report().class, law.alpha, of_alpha), (Class::Flat, 0.0, None));
    // Sums of seven terms: a few roundings.
    assert!((law.d - mean.exp()).abs() < 1e-14, "{} {}", law.d, mean.exp());
    let expected = mean.exp() * (variance / 7.0).sqrt();
    let of_d = of_d.expect("the level is determined");
    assert!((of_d / expected - 1.0).abs() < 1e-12, "{of_d} {expected}");
}

/// A second minimum at alpha of some 200, whose D = x n_min^alpha leaves the range of f64, was listed with D = inf.
#[test]
fn listed_minimum_with_an_infinite_d() {
    let data = [
        (625.0, 0.608),
        (401.0, 0.592),
        (429.0, 0.612),
        (877.0, 0.605),
        (425.0, 0.620),
        (849.0, 0.603),
        (161.0, 0.616),
        (305.0, 0.591),
        (209.0, 0.626),
        (741.0, 0.604),
        (709.0, 0.597),
        (297.0, 0.589),
        (1021.0, 0.619),
        (633.0, 0.615),
        (185.0, 0.603),
        (61.0, 0.652),
        (641.0, 0.587),
        (621.0, 0.617),
        (1017.0, 0.595),
        (157.0, 0.598),
    ];
    let alpha = Bounds::new(0.0, 236.0);
    let options = FitOptions { residual: Residual::Linear, alpha, ..FitOptions::default() };
    let fit = Syn2RealLaw::fit_with(&data, &options).expect("a fit");
    assert!(fit.minima().iter().all(|m| m.law.d.is_finite() && m.law.alpha < 236.0), "{:?}", fit.minima());
}

/// A delta below the rounding of the residuals took seconds and called any law an exact fit.
#[test]
fn huber_delta_below_rounding_is_slow_and_wrong() {
    let refused = Err(FitError::BadOption { field: "loss" });
    for x in [f64::MIN_POSITIVE, f64::from_bits(1), 1e-300, 1e-16] {
        for loss in [Loss::Huber { k: x }, Loss::HuberAbsolute { delta: x }] {
            for residual in [Residual::Log, Residual::Linear] {
                let options = FitOptions { residual, loss, ..FitOptions::default() };
                assert_eq!(Syn2RealLaw::fit_with(&points(ERRORS), &options), refused, "{loss:?}");
            }
        }
    }
    // The residuals of exact data are rounding: the robust scale is 0, and every delta has the square-loss optimum.
    let truth = Syn2RealLaw { d: 0.5, alpha: 0.3, c: 0.2 };
    let exact = points(N.map(|n| truth.error_at(n)));
    let options = FitOptions { loss: Loss::Huber { k: 1.345 }, ..FitOptions::default() };
    let (robust, square) = (Syn2RealLaw::fit_with(&exact, &options), Syn2RealLaw::fit(&exact));
    let (robust, square) = (robust.expect("a fit").law(), square.expect("a fit").law());
    // Both are exact up to the rounding of seven errors, 1e-16, times the condition of some 1e3.
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b;
    assert!(
        near(robust.d, square.d) && near(robust.alpha, square.alpha) && near(robust.c, square.c),
        "{robust:?} {square:?}"
    );
}

/// Nearly flat valleys whose minimum lies at alpha of some .001: steps in three parameters ended as `DampingLimit` there.
#[test]
fn flat_valleys_are_fitted() {
    let curves = [
        [
            0.322550132442842,
            0.3221529770926032,
            0.3225701718047035,
            0.32192508614931603,
            0.3222659630689492,
            0.3221616201855017,
            0.3218925066740953,
        ],
        [
            0.6490917518559762,
            0.6493332645728586,
            0.6498071168871353,
            0.6486510419359562,
            0.6486963892787431,
            0.6489528155648264,
            0.6489331518444309,
        ],
        [
            0.5600395753264759,
            0.5606917253272882,
            0.5597451613083594,
            0.56019604446302,
            0.5602928605233907,
            0.559847283527638,
            0.5601406171214924,
        ],
        [
            0.7901201877015775,
            0.7906946902176522,
            0.7897650256754555,
            0.7902263767269941,
            0.78971554834875,
            0.790050420696639,
            0.7897498180502902,
        ],
    ];
    for errors in curves {
        let points: Vec<Point> =
            errors.iter().enumerate().map(|(i, &e)| Point::new(1000.0 * (1 << i) as f64, e)).collect();
        let fit = Syn2RealLaw::fit(&points).expect("ordinary points are fitted");
        // No other rate does better, C and D at their best: 1e-9 is what costs are judged to.
        for k in 0..380 {
            let options = FitOptions { fixed_alpha: Some(1e-4 * 1.03_f64.powi(k)), ..FitOptions::default() };
            let held = Syn2RealLaw::fit_with(&points, &options).expect("a held rate is fitted");
            let (cost, least) = (held.report().cost, fit.report().cost);
            assert!(least <= cost * (1.0 + 1e-9), "{least:e} {cost:e} at {:?}", options.fixed_alpha);
        }
    }
}

/// Sigmas given to a fit, and the weights of the residuals that they stand for, worked out here.
fn known(residual: Residual) -> (Vec<Point>, Vec<Point>) {
    let mut errors = ERRORS.to_vec();
    errors.extend([0.9471, 0.9470]);
    let n = N.into_iter().chain([4e3, 8e3]);
    let raw: Vec<Point> = n.zip(errors).map(|(n, e)| Point::new(n, e)).collect();
    let sigma = |k: usize| 4e-4 * (1.0 + (k % 3) as f64);
    let weight = |p: &Point, s: f64| match residual {
        Residual::Log => (p.error / s) * (p.error / s),
        Residual::Linear => (1.0 / s) * (1.0 / s),
    };
    let sigmas = raw.iter().enumerate().map(|(k, p)| p.with_sigma(sigma(k))).collect();
    let weights = raw.iter().enumerate().map(|(k, p)| p.with_weight(weight(p, sigma(k)))).collect();
    (sigmas, weights)
}

/// A sigma that is resolved at one door and not at another is a weight there: the larger the noise the more it would count.
/// Whatever takes points gives the same bits for sigmas as for the weights of their residuals.
#[test]
fn a_sigma_is_a_sigma_wherever_points_are_given() {
    use syn2real::backtest::hold_out;
    use syn2real::decouple::shared_d;
    use syn2real::infer::bootstrap::{BootstrapOptions, replicate};
    use syn2real::infer::{self, Method, Quantity, gap_test, identifiability, lack_of_fit};
    use syn2real::plan::design::{Aim, Candidate, next};
    use syn2real::plan::{PlanOptions, samples_for};
    use syn2real::{Confidence, Weights};
    for residual in [Residual::Log, Residual::Linear] {
        let (sigmas, weights) = known(residual);
        let says = |points: &[Point], meaning: Weights, of_candidate: f64| -> Vec<(&'static str, String)> {
            let options = FitOptions { residual, weights: meaning, ..FitOptions::default() };
            let fit = Syn2RealLaw::fit_with(points, &options).expect("a fit");
            assert_eq!(fit.report().weights, meaning, "the report says what was given");
            let mut all = vec![("fit", format!("{:?} {:?} {:?}", fit.law(), fit.std_errors(), fit.report().cost))];
            let mut many = Vec::new();
            Syn2RealLaw::fit_many(&[points, points], &options, |_, result| many.push(result.expect("a fit")));
            assert!(many.iter().all(|other| *other == fit), "fit_many");
            let c = Quantity::Parameter(Parameter::C);
            for method in [Method::Wald, Method::Profile] {
                let interval = infer::interval(&fit, points, c, Confidence::P95, method);
                all.push(("interval", format!("{interval:?}")));
            }
            let mut laws = [fit.law(); 20];
            replicate(&fit, points, &[], &BootstrapOptions::default(), &mut laws).expect("replicates");
            all.push(("bootstrap", format!("{laws:?}")));
            all.push(("gap_test", format!("{:?}", gap_test(&fit, points).map(|t| t.p_value))));
            all.push(("lack_of_fit", format!("{:?}", lack_of_fit(&fit, points))));
            all.push(("identifiability", format!("{:?}", identifiability(&fit, points))));
            let verdict = samples_for(&fit, points, 0.9375, &PlanOptions::default()).map(|v| v.gap());
            all.push(("samples_for", format!("{verdict:?}")));
            let candidates = [Candidate { weight: of_candidate, ..Candidate::new(128e3) }];
            let prospect = next(&fit, points, &candidates, Aim::Quantity(c), &PlanOptions::default());
            all.push(("next", format!("{:?}", prospect)));
            let held = hold_out(points, 16e3, &options).expect("a score");
            all.push(("hold_out", format!("{:?} {:?}", held.rmse, held.law.law())));
            let shared = shared_d(&[points, points], &options, &mut [None; 2]).expect("a D");
            all.push(("shared_d", format!("{shared:?}")));
            all
        };
        let (n, sigma) = (128e3, 1e-3);
        let options = FitOptions { residual, weights: Weights::Sigma, ..FitOptions::default() };
        let there = Syn2RealLaw::fit_with(&sigmas, &options).expect("a fit").law().error_at(n);
        let root = if residual == Residual::Log { there / sigma } else { 1.0 / sigma };
        let (a, b) = (says(&sigmas, Weights::Sigma, sigma), says(&weights, Weights::Absolute, root * root));
        for (sigma, weight) in a.iter().zip(&b) {
            assert_eq!(sigma, weight, "{residual:?}");
        }
    }
}

#[test]
fn a_sigma_without_weight_is_named_and_does_not_leave_its_point_out() {
    use syn2real::{FitError, PointError, Weights};
    for residual in [Residual::Log, Residual::Linear] {
        for bad in [0.0, -0.0, -1e-3, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-200, 1e200] {
            for index in [0, 6] {
                let mut points = points(ERRORS).map(|p| p.with_sigma(1e-3));
                points[index].weight = bad;
                let options = FitOptions { residual, weights: Weights::Sigma, ..FitOptions::default() };
                let why = Syn2RealLaw::fit_with(&points, &options).expect_err("no weight");
                assert_eq!(why, FitError::Point { index, source: PointError::Sigma }, "{bad:e} in {residual:?}");
                assert!(why.to_string().contains("sigma must be"), "{why}");
                Syn2RealLaw::fit_many(&[points], &options, |_, result| assert_eq!(result, Err(why)));
            }
        }
        // A grid has no sigmas: each is 1, as its weights are.
        let options = FitOptions { residual, weights: Weights::Sigma, ..FitOptions::default() };
        let ones = points(ERRORS).map(|p| p.with_sigma(1.0));
        let alone = Syn2RealLaw::fit_with(&ones, &options);
        Syn2RealLaw::fit_grid(&N, &ERRORS, &options, |_, result| assert_eq!(result, alone)).expect("one row");
    }
}

/// The controller takes sigmas as the weights of their log residuals.
#[test]
fn a_controller_that_is_given_sigmas() {
    use syn2real::PointError;
    use syn2real::control::{Controller, Decision, Goal};
    let (sigmas, weights) = known(Residual::Log);
    let goal = Goal::new(0.5).expect("a target");
    let (mut a, mut b) = (Controller::<16>::new(goal.with_sigmas()), Controller::<16>::new(goal));
    for (sigma, weight) in sigmas.iter().zip(&weights) {
        assert_eq!(a.observe(*sigma), b.observe(*weight), "{sigma:?}");
    }
    assert_eq!(a.fit(), b.fit());
    assert_eq!(a.observe(Point::new(1e3, 0.9).with_sigma(0.0)), Decision::Reject { error: PointError::Sigma });
    // What the weights mean survives a restart.
    let mut bytes = [0; Controller::<16>::STATE_BYTES];
    a.save(&mut bytes).expect("room");
    let mut restored = Controller::<16>::from_bytes(&bytes).expect("a state");
    assert_eq!(restored.observe(Point::new(1e3, 0.9).with_sigma(0.0)), Decision::Reject { error: PointError::Sigma });
}

#[test]
fn a_sigma_is_a_sigma_over_both_sizes() {
    use syn2real::{FullLaw, FullOptions, GridPoint, LackOfFitAtS, Weights, compare};
    let truth = FullLaw { delta: 42.0, gamma: 0.5, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
    for residual in [Residual::Log, Residual::Linear] {
        let (mut sigmas, mut weights) = (Vec::new(), Vec::new());
        for i in 0..20 {
            let (n, s) = (1e3 * 2_f64.powi(i % 5), 1e4 * 2_f64.powi(i / 5));
            let point = GridPoint::new(n, s, truth.error_at(n, s) * if i % 3 == 0 { 1.001 } else { 0.999 });
            let sigma = 1e-3 * (1.0 + f64::from(i % 4));
            let root = if residual == Residual::Log { point.error / sigma } else { 1.0 / sigma };
            sigmas.push(point.with_sigma(sigma));
            weights.push(point.with_weight(root * root));
        }
        let says = |points: &[GridPoint], weights: Weights| {
            let options = FullOptions { residual, weights, ..FullOptions::default() };
            let fit = FullLaw::fit_with(points, &options).expect("a fit");
            let mut by_s = [LackOfFitAtS::default(); 4];
            assert_eq!(fit.lack_of_fit(points, &mut by_s), 4);
            let compared = compare::full_laws(points, &options, 1).expect("fits");
            format!("{:?} {:?} {by_s:?} {compared:?}", fit.law(), fit.std_errors())
        };
        assert_eq!(says(&sigmas, Weights::Sigma), says(&weights, Weights::Absolute), "{residual:?}");
    }
}

/// The rate of a flat curve came back as 0, which is a rate that the data do not have. Laws, fits and texts say that there is
/// none, and whatever asks the law gets C.
#[test]
fn a_flat_curve_has_no_rate() {
    use syn2real::plan::{PlanOptions, marginal_gain, samples_for, size_at};
    use syn2real::{Confidence, infer};
    let flat = points([0.5; 7]);
    for (residual, longer) in [(Residual::Log, false), (Residual::Log, true), (Residual::Linear, false)] {
        // Bounds of C lead to the longer search, and those of alpha do not hold what there is not.
        let c = if longer { Bounds::new(0.0, 1e3) } else { FitOptions::default().c };
        for alpha in [FitOptions::default().alpha, Bounds::new(0.1, 1.5)] {
            let options = FitOptions { residual, c, alpha, ..FitOptions::default() };
            let fit = Syn2RealLaw::fit_with(&flat, &options).expect("a fit");
            let law = fit.law();
            assert_eq!((law.d, law.alpha.to_bits(), fit.report().class), (0.0, 0x7ff8 << 48, Class::Flat), "{law:?}");
            assert!(law == fit.minima()[0].law && fit == Syn2RealLaw::fit_with(&flat, &options).expect("again"));
            assert!(law == Syn2RealLaw { alpha: 0.7, ..law } && law != Syn2RealLaw { c: 0.4, ..law });
            assert!([1.0, 1e9].iter().all(|&n| law.error_at(n) == law.c && (law.c - 0.5).abs() < 1e-15));
            assert_eq!(law.gradient_at(1e3), [1.0, 0.0, 1.0]);
            assert!(fit.to_string().contains("alpha  -") && !fit.to_string().contains("NaN"), "{fit}");
            assert_eq!(fit.interval(Parameter::Alpha, Confidence::P95), None);
            let gain = marginal_gain(&law, 1e3);
            assert!(gain.per_sample == 0.0 && gain.elasticity == 0.0, "{gain:?}");
            assert_eq!(size_at(&law, 0.4), syn2real::plan::Size::Never);
            assert!(samples_for(&fit, &flat, 0.4, &PlanOptions::default()).is_ok());
            let error = infer::Quantity::ErrorAt { n: 1e5 };
            for method in [infer::Method::Wald, infer::Method::Profile] {
                let interval = infer::interval(&fit, &flat, error, Confidence::P95, method);
                let ends = interval.as_ref().map(|i| [i.estimate, i.lower, i.upper]);
                assert!(ends.is_ok_and(|e| e.iter().flatten().all(|v| v.is_finite())), "{method:?}: {interval:?}");
            }
        }
        // A rate that is held is what it is.
        let held = FitOptions { residual, c, fixed_alpha: Some(0.5), ..FitOptions::default() };
        assert_eq!(Syn2RealLaw::fit_with(&flat, &held).expect("a fit").law().alpha, 0.5);
    }
}
