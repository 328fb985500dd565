//! Verdicts: the paper's example, what they rest on, bad input, and simulated truths.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
mod common;
#[path = "../examples/verdicts/simulate.rs"]
mod simulate;

use common::rng::Rng;
use syn2real::control::{ChangeReason, Controller, Decision, Goal};
use syn2real::infer::{MadeBy, Method, Quantity, QuantityInterval};
use syn2real::plan::design::{self, Aim, Candidate};
use syn2real::plan::{
    LARGEST_COUNT, PlanError, PlanOptions, Reason, Scenario, Size, Verdict, check_grid, samples_for,
    samples_for_on_grid, samples_for_replicates, samples_with_probability, settings, size_at,
};
use syn2real::{Class, Confidence, FitOptions, FullLaw, FullOptions, Parameter, Point, Residual, Syn2RealLaw, Weights};

use simulate::{N, Normal, cells, cells_at, measure, shares};

/// objdet -> objdet, ResNet-50, rounded as printed; Mikami et al., D = 0.48.
const OBJDET: Syn2RealLaw = Syn2RealLaw { d: 0.48, alpha: 0.439, c: 0.9353 };

fn exact(law: &Syn2RealLaw) -> [Point; 7] {
    N.map(|n| Point::new(n, law.error_at(n)))
}

#[test]
fn the_paper_s_example() {
    for (target, n) in [(0.937, 3.83e5), (0.936, 2.89e6), (0.9355, 5.01e7)] {
        // Three digits are given.
        let at = size_at(&OBJDET, target).finite().expect("a number");
        assert!((at / n - 1.0).abs() < 0.002, "{target}: {at}");
        // The same through a fit of exact data, whose intervals are as narrow as rounding.
        let points = exact(&OBJDET);
        let fit = Syn2RealLaw::fit(&points).expect("a fit");
        let verdict = samples_for(&fit, &points, target, &PlanOptions::default()).expect("valid");
        let found = verdict.n().and_then(|n| n.estimate).expect("an estimate");
        assert!(matches!(verdict, Verdict::Reachable { .. }), "{verdict}");
        assert!((found / at - 1.0).abs() < 1e-6, "{target}: {found} {at}");
    }
}

/// A change of alpha by .01 moves n* by -33 to +51 %: why a verdict needs intervals.
#[test]
fn n_is_as_sensitive_as_documented() {
    let n = |alpha: f64| size_at(&Syn2RealLaw { alpha, ..OBJDET }, 0.9355).finite().expect("a number");
    let (more, less) = (n(OBJDET.alpha + 0.01) / n(OBJDET.alpha), n(OBJDET.alpha - 0.01) / n(OBJDET.alpha));
    assert!((more - 0.67).abs() < 0.01 && (less - 1.51).abs() < 0.01, "{more} {less}");
}

/// A target that some of the data are below says that it is reached, and by how many of the samples that there are: it was
/// called reachable at a number of samples, which asks for more than there are.
#[test]
fn what_the_data_reach_already_is_said() {
    let law = Syn2RealLaw { d: 2.0, alpha: 0.5, c: 0.08 };
    let points = measure(&law, 3e-4, &mut Normal::new(7));
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    for budget in [None, Some(1e7)] {
        let ask = |target: f64| samples_for(&fit, &points, target, &PlanOptions { budget, ..PlanOptions::default() });
        for target in [law.error_at(2e3), law.error_at(8e3), law.error_at(32e3)] {
            let verdict = ask(target).expect("valid");
            let Reason::Measured { n, largest } = verdict.reason() else { panic!("{target}: {verdict}") };
            assert!(n <= 64e3 && largest == 64e3 && verdict.n().and_then(|i| i.upper) == Some(n), "{verdict}");
            assert!(verdict.to_string().contains("reached already: 64.0k were measured"), "{verdict}");
        }
        assert_eq!(ask(1.1 * law.error_at(1e3)).expect("valid").reason(), Reason::EverySize { n: 1e3 });
        assert!(matches!(
            ask(0.95 * law.error_at(64e3)).expect("valid").reason(),
            Reason::Finite { .. } | Reason::WithinBudget { .. }
        ));
    }
}

/// The scenarios of figure 3 by name, from data with some scatter.
#[test]
fn scenarios_of_figure_3() {
    let ask = |law: &Syn2RealLaw, noise: f64, target: f64, budget: Option<f64>| {
        let points = measure(law, noise, &mut Normal::new(7));
        let fit = Syn2RealLaw::fit(&points).expect("a fit");
        samples_for(&fit, &points, target, &PlanOptions { budget, ..PlanOptions::default() }).expect("valid")
    };
    let good = Syn2RealLaw { d: 2.0, alpha: 0.5, c: 0.08 };
    let b = ask(&good, 3e-4, 0.083, Some(1e7));
    assert_eq!((b.name(), b.scenario(), b.scenario().letter()), ("reachable", Scenario::MoreSamples, 'b'), "{b}");
    assert!(matches!(b.reason(), Reason::WithinBudget { n, budget } if n < budget && budget == 1e7), "{b}");
    let c = ask(&good, 3e-4, 0.07, Some(1e7));
    assert_eq!((c.name(), c.scenario(), c.scenario().letter()), ("unreachable", Scenario::GapTooHigh, 'c'), "{c}");
    assert!(matches!(c.reason(), Reason::GapAboveTarget { gap, target } if gap >= target) && c.n().is_none(), "{c}");
    let slow = Syn2RealLaw { d: 0.9, alpha: 0.1, c: 0.0 };
    let d = ask(&slow, 3e-4, 0.2, Some(1e5));
    assert_eq!((d.name(), d.scenario(), d.scenario().letter()), ("infeasible", Scenario::RateTooLow, 'd'), "{d}");
    assert!(matches!(d.reason(), Reason::BeyondBudget { n, budget } if n > budget), "{d}");
    let a = ask(&OBJDET, 0.01, 0.93, None);
    assert_eq!((a.name(), a.scenario(), a.scenario().letter()), ("undetermined", Scenario::Measured, 'a'), "{a}");
    assert!(a.measure_at().is_some_and(|n| n > 64e3 && n <= 512e3 * (1.0 + 1e-12)), "{a}");
    for verdict in [a, b, c, d] {
        let text = verdict.to_string();
        assert!(text.starts_with(verdict.name()) && !text.contains("NaN") && !text.contains("inf "), "{text}");
        assert_eq!(verdict.is_decided(), verdict.scenario() != Scenario::Measured, "{text}");
    }
}

#[test]
fn a_budget_within_the_interval_of_n_leaves_it_open() {
    let law = Syn2RealLaw { d: 2.0, alpha: 0.5, c: 0.08 };
    let points = measure(&law, 1e-3, &mut Normal::new(11));
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    let ask =
        |budget| samples_for(&fit, &points, 0.083, &PlanOptions { budget, ..PlanOptions::default() }).expect("valid");
    let n = ask(None).n().expect("known");
    let (Some(lower), Some(estimate), Some(upper)) = (n.lower, n.estimate, n.upper) else { panic!("{n:?}") };
    assert!(lower < estimate && estimate < upper, "{n:?}");
    assert_eq!(ask(Some(1.01 * upper)).name(), "reachable");
    assert_eq!(ask(Some(estimate)).reason(), Reason::SizeStraddlesBudget { budget: estimate });
    assert!(ask(Some(estimate)).measure_at().is_some_and(|at| at <= estimate), "within the budget");
    assert_eq!(ask(Some(0.99 * lower)).name(), "infeasible");
}

#[test]
fn overflow_is_a_verdict() {
    // n* is some 1e40.
    let law = Syn2RealLaw { d: 0.9, alpha: 0.02, c: 0.0 };
    assert_eq!(size_at(&law, 0.1), Size::Beyond);
    let points = exact(&law);
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    for method in [Method::Profile, Method::Wald] {
        let options = PlanOptions { method, ..PlanOptions::default() };
        let verdict = samples_for(&fit, &points, 0.1, &options).expect("valid");
        for n in [verdict.n(), verdict.gap()].into_iter().flatten() {
            let all = [n.estimate, n.lower, n.upper];
            assert!(all.into_iter().flatten().all(|v| v <= LARGEST_COUNT), "{method:?}: {verdict:?}");
        }
        // The exact power law leaves no doubt to the profile, which answers for Wald where C is on its bound.
        assert!(matches!(verdict, Verdict::Infeasible { reason: Reason::BeyondCounts, .. }), "{method:?}: {verdict:?}");
    }
    let beyond = PlanOptions { budget: Some(1e300), ..PlanOptions::default() };
    let verdict = samples_for(&fit, &points, 0.1, &beyond).expect("valid");
    assert_eq!((verdict.name(), verdict.reason()), ("infeasible", Reason::BeyondCounts));
}

#[test]
fn no_freedom_and_no_decrease_are_undetermined() {
    let points = [(1_000, 0.90), (2_000, 0.83), (4_000, 0.79)];
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    let verdict = samples_for(&fit, &points, 0.75, &PlanOptions::default()).expect("valid");
    assert_eq!((verdict.name(), verdict.reason()), ("undetermined", Reason::NoFreedom));
    assert!(verdict.measure_at().is_some_and(|n| n > 4e3), "{verdict}");
    let mut rising = N.map(|n| Point::new(n, 0.7));
    rising.iter_mut().zip([0.0, 1e-3, 2e-3, 3.5e-3, 4.5e-3, 5e-3, 6.3e-3]).for_each(|(p, more)| p.error += more);
    let fit = Syn2RealLaw::fit(&rising).expect("a flat fit");
    // The law falls, these data rise beyond their noise.
    let refused = samples_for(&fit, &rising, 0.5, &PlanOptions::default()).expect_err("a score, or harm");
    assert!(matches!(refused, PlanError::ErrorsRise { rise } if rise.p_value < 1e-3), "{refused}");
    // The profile knows how slow a decrease flat data allow: with n* some 1e99 at least. The delta method does not, so
    // that the profile answers for it.
    let mut level = N.map(|n| Point::new(n, 0.7));
    level.iter_mut().zip([1e-3, 0.0, 2e-3, 5e-4, 1.5e-3, 1e-3, 1.3e-3]).for_each(|(p, more)| p.error += more);
    let fit = Syn2RealLaw::fit(&level).expect("a flat fit");
    assert_eq!(fit.report().class, Class::Flat);
    for method in [Method::Profile, Method::Wald] {
        let options = PlanOptions { method, check: false, ..PlanOptions::default() };
        let verdict = samples_for(&fit, &level, 0.5, &options).expect("valid");
        assert_eq!((verdict.name(), verdict.reason()), ("infeasible", Reason::BeyondCounts), "{method:?}");
        assert_eq!(verdict.method(), Some(MadeBy::Profile), "{method:?}");
    }
    // Scattered, they allow more: open, and not only because of the gap.
    let scattered = [(1_000, 0.66), (2_000, 0.75), (4_000, 0.71), (8_000, 0.68), (16_000, 0.75)];
    let fit = Syn2RealLaw::fit(&scattered).expect("a flat fit");
    let verdict = samples_for(&fit, &scattered, 0.65, &PlanOptions::default()).expect("valid");
    assert_eq!((verdict.name(), verdict.reason()), ("undetermined", Reason::NoDecrease));
    // Below the target already.
    for method in [Method::Profile, Method::Wald] {
        let fit = Syn2RealLaw::fit(&level).expect("a flat fit");
        let options = PlanOptions { method, check: false, ..PlanOptions::default() };
        let verdict = samples_for(&fit, &level, 0.9, &options).expect("valid");
        assert_eq!((verdict.name(), verdict.reason()), ("reachable", Reason::EverySize { n: 1e3 }), "{verdict:?}");
        assert!(verdict.to_string().contains("already reached at the smallest n measured, 1000"), "{verdict}");
    }
}

/// A curve that goes on falling was called unreachable at .47, which it reaches at n = 99,000.
#[test]
fn no_verdict_where_the_law_does_not_describe_the_data() {
    let rows = common::data::table(include_str!("data/law_does_not_fit.csv"));
    let number = |row, column| common::data::number(row, column);
    let points: Vec<Point> = rows.iter().map(|row| Point::new(number(row, "n"), number(row, "err"))).collect();
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    for (target, trusted) in [(0.47, "unreachable"), (0.55, "reachable")] {
        let verdict = samples_for(&fit, &points, target, &PlanOptions::default()).expect("valid");
        assert!(matches!(verdict.reason(), Reason::LawDoesNotFit { p } if p < 1e-4), "{verdict}");
        assert!(verdict.to_string().starts_with("undetermined: the law does not describe the data (p = "), "{verdict}");
        assert!(verdict.gap().is_some_and(|gap| gap.estimate == Some(fit.law().c)), "the intervals are still there");
        let check = fit.check(&points).expect("the points of the fit");
        let options = PlanOptions { check: false, ..PlanOptions::default() };
        let without = samples_for(&fit, &points, target, &options).expect("valid");
        assert_eq!(without.name(), trusted, "{without}");
        assert_eq!(without.checked(&check), verdict, "the same in two steps");
    }
}

#[test]
fn a_gap_that_is_held_is_known() {
    let law = Syn2RealLaw { d: 2.0, alpha: 0.5, c: 0.08 };
    let points = measure(&law, 1e-3, &mut Normal::new(3));
    let fit =
        Syn2RealLaw::fit_with(&points, &FitOptions { fixed_c: Some(0.08), ..FitOptions::default() }).expect("a fit");
    let ask = |target| samples_for(&fit, &points, target, &PlanOptions::default()).expect("valid");
    assert_eq!(ask(0.08).name(), "unreachable");
    assert_eq!(ask(0.0801).name(), "reachable");
    let gap = ask(0.0801).gap().expect("known");
    assert_eq!((gap.lower, gap.upper), (Some(0.08), Some(0.08)));
}

#[test]
fn verdicts_do_not_depend_on_units() {
    let law = Syn2RealLaw { d: 2.0, alpha: 0.5, c: 0.08 };
    let points = measure(&law, 1e-3, &mut Normal::new(5));
    // Powers of two scale exactly; D takes the rounding of 1024^alpha.
    let scaled = points.map(|p| Point { n: 1024.0 * p.n, error: 4.0 * p.error, ..p });
    let ask = |points: &[Point], target: f64, residual| {
        let options = FitOptions { residual, ..FitOptions::default() };
        let fit = Syn2RealLaw::fit_with(points, &options).expect("a fit");
        samples_for(&fit, points, target, &PlanOptions::default()).expect("valid").n().expect("known")
    };
    for residual in [Residual::Log, Residual::Linear] {
        let (a, b) = (ask(&points, 0.085, residual), ask(&scaled, 0.34, residual));
        let close = |a: Option<f64>, b: Option<f64>| (b.expect("b") / a.expect("a") / 1024.0 - 1.0).abs() < 1e-6;
        assert!(close(a.estimate, b.estimate) && close(a.lower, b.lower) && close(a.upper, b.upper), "{a:?} {b:?}");
    }
}

#[test]
fn known_sigmas_narrow_the_interval() {
    let law = Syn2RealLaw { d: 2.0, alpha: 0.5, c: 0.08 };
    let width = |weights, seed| {
        let points = measure(&law, 1e-3, &mut Normal::new(seed)).map(|p| match weights {
            Weights::Sigma => p.with_sigma(1e-3 * p.error),
            _ => p,
        });
        let fit = Syn2RealLaw::fit_with(&points, &FitOptions { weights, ..FitOptions::default() }).expect("a fit");
        let verdict = samples_for(&fit, &points, 0.085, &PlanOptions::default()).expect("valid");
        let gap: QuantityInterval = verdict.gap().expect("known");
        gap.upper.expect("limit") - gap.lower.expect("limit")
    };
    let mean = |weights| (0..20).map(|seed| width(weights, seed)).sum::<f64>() / 20.0;
    // 1.96 against 2.78 times an estimate of mean .94: a ratio of .75, with a scatter of some .08 over 20 seeds.
    let ratio = mean(Weights::Sigma) / mean(Weights::Relative);
    assert!(ratio < 0.95, "{ratio}");
}

#[test]
fn replicates_give_the_verdict_of_their_percentiles() {
    let points = exact(&OBJDET);
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    let laws: Vec<Syn2RealLaw> =
        (0..999).map(|i| Syn2RealLaw { c: 0.9353 + 1e-6 * (i as f64 - 499.0), ..OBJDET }).collect();
    let ask = |target| samples_for_replicates(&fit, &laws, target, &PlanOptions::default()).expect("valid");
    let reached = ask(0.937);
    let n = reached.n().expect("known");
    // 4 degrees of freedom: t = 2.776, beyond which a normal variable is with .00275: ranks 2 and 998 of 999.
    assert_eq!(n.lower, size_at(&laws[1], 0.937).finite());
    assert_eq!(n.upper, size_at(&laws[997], 0.937).finite());
    assert_eq!((reached.name(), n.method), ("reachable", MadeBy::Bootstrap));
    assert_eq!(ask(0.9345).name(), "unreachable");
    assert_eq!(ask(0.9353).name(), "undetermined");
    // All replicates out of range.
    let slow: Vec<Syn2RealLaw> = laws.iter().map(|law| Syn2RealLaw { alpha: 0.001, ..*law }).collect();
    let verdict = samples_for_replicates(&fit, &slow, 0.937, &PlanOptions::default()).expect("valid");
    assert_eq!((verdict.name(), verdict.reason()), ("infeasible", Reason::BeyondCounts));
    assert_eq!(verdict.n().and_then(|n| n.lower), None, "no number beyond 2^53");
    // The smallest n for a share of the replicates.
    let n = samples_with_probability(&laws, 0.936, 0.9).expect("valid");
    let met = |n: f64| laws.iter().filter(|law| law.error_at(n) <= 0.936 * (1.0 + 1e-14)).count();
    let n = n.finite().expect("a number");
    // 900 is the first count that is not below 90 % of 999.
    assert!(met(n * (1.0 + 1e-9)) == 900 && met(n * (1.0 - 1e-6)) < 900, "{} {}", met(n), n);
}

#[test]
fn bad_input_is_named() {
    let points = exact(&OBJDET);
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    let plain = PlanOptions::default();
    for target in [0.0, -0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(samples_for(&fit, &points, target, &plain), Err(PlanError::Target), "{target}");
        assert_eq!(samples_for_replicates(&fit, &[OBJDET; 50], target, &plain), Err(PlanError::Target), "{target}");
    }
    for budget in [0.0, -1.0, f64::NAN] {
        let options = PlanOptions { budget: Some(budget), ..plain };
        assert_eq!(samples_for(&fit, &points, 0.937, &options), Err(PlanError::Budget), "{budget}");
    }
    let options = PlanOptions { budget: Some(63_999.0), ..plain };
    assert_eq!(samples_for(&fit, &points, 0.937, &options), Err(PlanError::BudgetBelowData { already: 64_000.0 }));
    for reach in [1.0, 0.0, f64::NAN, f64::INFINITY] {
        let options = PlanOptions { reach, ..plain };
        let found = samples_for(&fit, &points, 0.937, &options);
        assert_eq!(found, Err(PlanError::Contradiction { field: "reach" }), "{reach}");
    }
    assert!(matches!(samples_for(&fit, &points[..6], 0.937, &plain), Err(PlanError::Infer(_))), "other points");
    let far: [(f64, f64); 5] = core::array::from_fn(|i| (1e300 / 10.0_f64.powi(i as i32), 0.1 + 0.1 * i as f64));
    let found = Syn2RealLaw::fit(&far).map(|fit| samples_for(&fit, &far, 0.05, &plain)).expect("a fit");
    assert_eq!(found, Err(PlanError::BeyondCounts { n_max: 1e300 }));
    let few = samples_for_replicates(&fit, &[OBJDET; 362], 0.937, &plain);
    assert_eq!(few, Err(PlanError::TooFewReplicates { needed: 363, got: 362 }));
    for p in [0.0, 1.0, -0.1, f64::NAN] {
        assert_eq!(samples_with_probability(&[OBJDET; 50], 0.937, p), Err(PlanError::Probability), "{p}");
    }
    // Every message is a sentence with a remedy.
    let beyond = PlanError::BeyondCounts { n_max: 1e300 };
    for error in [PlanError::Target, PlanError::Budget, PlanError::Probability, PlanError::NoBaseline, beyond] {
        assert!(error.to_string().contains(": "), "{error}");
    }
}

/// Counts as people write them, and no number of 300 digits.
#[test]
fn reasons_are_short() {
    let texts = [
        // n may be in millions.
        (Reason::Finite { n: 1.881 }, "at most 1.88 samples reach"),
        (Reason::Finite { n: 0.024_812 }, "at most 0.0248 samples reach"),
        (Reason::Finite { n: 2.48e-5 }, "at most 2.48e-5 samples reach"),
        (Reason::Finite { n: 64.0 }, "at most 64 samples reach"),
        (Reason::Finite { n: 999.7 }, "at most 1.00k samples reach"),
        (
            Reason::WithinBudget { n: 16_480.0, budget: 999_600.0 },
            "at most 16.5k samples reach the target, and the budget is 1.00M",
        ),
        (Reason::BeyondBudget { n: 3.4e12, budget: 1e6 }, "takes 3.40e12 samples at least and the budget is 1.00M:"),
        (Reason::GapAboveTarget { gap: 1.5e-7, target: 1e-300 }, "gap is 1.50e-7 at least and the target 1e-300:"),
        (Reason::GapAboveTarget { gap: 0.25, target: 0.2125 }, "gap is 0.2500 at least and the target 0.2125:"),
    ];
    for (reason, part) in texts {
        assert!(reason.to_string().contains(part), "{reason}");
    }
}

/// A rate so low that n* has no number, and for certain.
#[test]
fn a_size_surely_beyond_counts_is_infeasible_on_a_grid() {
    let truth = FullLaw { delta: 2.0, gamma: 0.0, alpha: 0.02, beta: 0.2, n0: 0.0, e: 0.0 };
    let points: [(f64, f64, f64); 12] = core::array::from_fn(|i| {
        let (n, s) = ([1e3, 4e3, 16e3, 64e3][i % 4], [1e3, 4e3, 16e3][i / 4]);
        (n, s, truth.error_at(n, s) * if i % 2 == 0 { 1.0002 } else { 0.9998 })
    });
    let options = FullOptions { fixed_gamma: Some(0.0), ..FullOptions::default() };
    let fit = FullLaw::fit_with(&points, &options).expect("a fit");
    let at = |target: f64| samples_for_on_grid(&fit, &points, target, 1e3, &PlanOptions::default()).expect("valid");
    let nearest = fit.law().error_at(64e3, 1e3);
    // (1 / .3)^(1 / .02) = 1e26 times the largest size measured, and twice that exponent.
    for share in [0.3, 0.09] {
        let verdict = at(share * nearest);
        assert_eq!((verdict.name(), verdict.reason()), ("infeasible", Reason::BeyondCounts), "{verdict:?}");
        assert_eq!(verdict.n().map(|n| (n.estimate, n.lower, n.upper)), Some((None, None, None)));
    }
}

/// No input panics, and no number of a verdict is infinite, NaN or beyond 2^53.
#[test]
fn verdicts_hold_only_numbers() {
    let mut normal = Normal::new(1);
    let (mut asked, mut decided) = (0, 0);
    for k in 0..300 {
        let law = Syn2RealLaw {
            d: (2.0 * normal.next()).exp(),
            alpha: (1.5 * normal.next() - 1.0).exp(),
            c: if k % 3 == 0 { 0.0 } else { (normal.next() - 1.0).exp() },
        };
        let points = measure(&law, 10.0_f64.powf(-1.0 - (k % 5) as f64), &mut normal);
        let Ok(fit) = Syn2RealLaw::fit(&points) else { continue };
        for (factor, budget) in
            [(0.5, None), (0.99, Some(1e6)), (1.0, None), (1.01, None), (2.0, Some(1e5)), (1e-9, None)]
        {
            for method in [Method::Profile, Method::Wald] {
                let options = PlanOptions { budget, method, confidence: Confidence::P90, ..PlanOptions::default() };
                let Ok(verdict) = samples_for(&fit, &points, factor * points[6].error, &options) else { continue };
                asked += 1;
                decided += usize::from(verdict.is_decided());
                let sizes = verdict.n().into_iter().flat_map(|n| [n.estimate, n.lower, n.upper, verdict.measure_at()]);
                assert!(sizes.flatten().all(|n| n >= 0.0 && n <= LARGEST_COUNT), "{law:?} {verdict:?}");
                let gap = verdict.gap().into_iter().flat_map(|g| [g.estimate, g.lower, g.upper]);
                assert!(gap.flatten().all(f64::is_finite), "{law:?} {verdict:?}");
            }
        }
    }
    // A quarter of either at least: the test looks at both kinds.
    assert!(asked > 3000 && decided > asked / 4 && decided < asked, "{asked} asked, {decided} decided");
}

/// The table of `cargo run --release --example verdicts`, with fewer replicates.
#[test]
fn simulated_truths_are_judged_right() {
    let replicates = if std::env::var_os("SYN2REAL_FULL").is_some() { 2000 } else { 50 };
    let (mut looked_at, mut excluded) = (0, (0.0, 0.0));
    for cell in cells() {
        let s = shares(&cell, replicates, &PlanOptions::default());
        // 2.5 % are nominal where the target is C itself; at 50 replicates three standard deviations more are 9.1 %, at 2,000
        // 3.5 %.
        let limit = 0.025 + 3.0 * (0.025 * 0.975 / replicates as f64).sqrt();
        assert!(s.wrong(&cell) <= limit, "{:?} {} {}: {s:?}", cell.law, cell.noise, cell.target);
        assert!((s.reachable + s.unreachable + s.infeasible + s.undetermined - 1.0).abs() < 1e-9, "shares of all");
        looked_at += 1;
        if cell.margin.abs() >= 1.0 {
            excluded = (excluded.0 + 1.0, excluded.1 + 1.0 - s.undetermined);
        }
    }
    assert!(looked_at > 60, "{looked_at} cells");
    let decided = excluded.1 / excluded.0;
    assert!(decided >= 0.8, "decided in {decided} where the interval at the true noise excludes the target");
}

/// The power of a verdict: how often there is one, against the distance of the target from C in its standard errors.
#[test]
fn verdicts_grow_certain_with_the_distance_and_are_rarely_wrong() {
    let replicates = if std::env::var_os("SYN2REAL_FULL").is_some() { 2000 } else { 40 };
    let mut before = 0.0;
    for distance in [0.0, 3.0, 8.0] {
        let (mut decided, mut wrong, mut count) = (0.0, 0.0, 0.0);
        for cell in [-distance, distance].into_iter().flat_map(cells_at) {
            let s = shares(&cell, replicates, &PlanOptions::default());
            (decided, wrong, count) = (decided + 1.0 - s.undetermined, wrong + s.wrong(&cell), count + 1.0);
        }
        assert!(count >= 12.0, "{distance}: {count} cells");
        let (decided, wrong) = (decided / count, wrong / count);
        // 5 % at most are promised; three standard deviations of so many replicates more.
        let room = 3.0 * (0.05 * 0.95 / (count * replicates as f64)).sqrt();
        assert!(wrong <= 0.05 + room, "{distance} standard errors: {wrong} wrong");
        assert!(decided >= before, "{distance} standard errors: {decided} decided, {before} nearer by");
        println!("{distance} standard errors: decided {decided:.3}, wrong {wrong:.3}");
        before = decided;
    }
    assert!(before >= 0.7, "8 standard errors away: {before} decided");
}

/// Figure 3 on the authors' 29 settings (D = 0.48, linear residual, alpha in [0.1, 1.5], C in [0, 1]): the library's verdict is
/// the point rule with the Wald interval of C, except that it leaves open what the interval of n* leaves open.
#[test]
fn figure_3_on_the_authors_measurements() {
    let mut counts = [[0; 4]; 2];
    for (id, points) in common::data::curves() {
        let is_shown = id.contains("_64k_") && id.ends_with("_s1") && points.len() == 7;
        let options = FitOptions {
            residual: Residual::Linear,
            fixed_d: Some(0.48),
            alpha: (0.1, 1.5).into(),
            c: (0.0, 1.0).into(),
            ..FitOptions::default()
        };
        let Some(fit) = is_shown.then(|| Syn2RealLaw::fit_with(&points, &options).expect("a fit")) else { continue };
        let last = points.iter().max_by(|a, b| a.0.total_cmp(&b.0)).expect("seven points").1;
        let target = 0.98 * last;
        let plan = PlanOptions { budget: Some(1.28e6), method: Method::Wald, ..PlanOptions::default() };
        let verdict = samples_for(&fit, &points, target, &plan).expect("valid");
        let gap = fit.interval(Parameter::C, Confidence::P95).expect("an interval");
        let n = size_at(&fit.law(), target).finite().unwrap_or(f64::INFINITY);
        let by_points = if gap.lower.unwrap_or(0.0) >= target {
            "unreachable"
        } else if gap.upper.is_none_or(|upper| upper >= target) {
            "undetermined"
        } else if n <= 1.28e6 {
            "reachable"
        } else {
            "infeasible"
        };
        let is_open = verdict.reason() == Reason::SizeStraddlesBudget { budget: 1.28e6 };
        let is_sure = by_points == "undetermined" && verdict.name() == "infeasible";
        assert!(verdict.name() == by_points || is_open || is_sure, "{id}: {verdict}, by points {by_points}");
        let without = samples_for(&fit, &points, target, &PlanOptions { budget: None, ..plan }).expect("valid");
        let names = ["reachable", "unreachable", "infeasible", "undetermined"];
        for (counts, verdict) in counts.iter_mut().zip([verdict, without]) {
            counts[names.iter().position(|name| *name == verdict.name()).expect("a name")] += 1;
        }
    }
    println!("reachable, unreachable, infeasible, undetermined, with and without a budget: {counts:?}");
    // Three settings reach the wish, with an n* whose interval spans the pool of the authors.
    assert_eq!(counts, [[0, 23, 0, 6], [3, 23, 0, 3]]);
}

#[test]
fn a_score_has_no_plan_and_no_rank() {
    let accuracy: Vec<Point> =
        [(1e3, 0.55), (2e3, 0.61), (4e3, 0.64), (8e3, 0.68), (16e3, 0.71), (32e3, 0.74), (64e3, 0.76)]
            .map(Point::from)
            .to_vec();
    let fit = Syn2RealLaw::fit(&accuracy).expect("a fit");
    let options = PlanOptions::default();
    let refused = |e: PlanError| matches!(e, PlanError::ErrorsRise { .. }) && e.to_string().contains("1 - score");
    assert!(refused(samples_for(&fit, &accuracy, 0.8, &options).expect_err("a score")));
    assert!(refused(samples_for_replicates(&fit, &[fit.law(); 99], 0.8, &options).expect_err("a score")));
    let (candidate, aim) = (Candidate::new(1e5), Aim::Quantity(Quantity::Parameter(Parameter::C)));
    assert!(refused(design::next(&fit, &accuracy, &[candidate], aim, &options).expect_err("a score")));
    assert!(refused(design::verdict_odds(&fit, &accuracy, 0.8, candidate, &options).expect_err("a score")));
    let errors: Vec<Point> = accuracy.iter().map(|p| Point::new(p.n, 1.0 - p.error)).collect();
    let other = Syn2RealLaw::fit(&errors).expect("a fit");
    let settings: [(_, &[Point]); 2] = [(other, &errors), (fit, &accuracy)];
    let (quantity, out) = (Quantity::Parameter(Parameter::C), &mut [None; 2]);
    assert!(refused(
        settings::intervals(&settings, Parameter::C, Confidence::P95, Method::Profile, out).expect_err("")
    ));
    assert!(refused(settings::curves(&settings, quantity, &mut [None; 2]).expect_err("a score among errors")));
    // As errors they have a plan.
    assert!(samples_for(&other, &errors, 0.2, &options).is_ok());
    // The controller stops, whatever the target.
    for target in [0.8, 0.1] {
        let mut controller = Controller::<64>::new(Goal::new(target).expect("a target"));
        let decisions: Vec<Decision> = accuracy.iter().chain(&accuracy).map(|&p| controller.observe(p)).collect();
        let rise = Decision::ChangeSetting { reason: ChangeReason::Rise };
        assert!(decisions.contains(&rise), "{target}: {decisions:?}");
        assert!(
            !decisions.iter().any(|d| matches!(d, Decision::Stop { .. } | Decision::Generate { .. })),
            "{decisions:?}"
        );
    }
}

#[test]
fn a_target_outside_of_what_the_values_can_be_is_refused_with_the_one_that_was_meant() {
    let fractions = [0.9, 0.8, 0.74, 0.7, 0.68, 0.665];
    let percent = fractions.map(|e| 100.0 * e);
    let loss = [4.1, 3.4, 2.9, 2.6, 2.45, 2.3];
    let small_loss = fractions.map(|e| e + 0.05);
    let curve = |values: [f64; 6]| -> Vec<Point> {
        values.iter().enumerate().map(|(i, &e)| Point::new(1e3 * 2_f64.powi(i as i32), e)).collect()
    };
    for (values, target, instead) in [
        (fractions, 25.0, Some(0.25)),
        (fractions, 66.0, Some(0.66)),
        (percent, 0.22, Some(22.0)),
        (percent, 0.66, Some(66.0)),
        (fractions, 0.6, None),
        (fractions, 1.0, None),
        (percent, 60.0, None),
        (percent, 1.0, None),
        // Losses may be anything.
        (loss, 0.9, None),
        (loss, 0.05, None),
        (loss, 2.2, None),
        (loss.map(|e| 100.0 * e), 1.9, None),
        (small_loss, 0.01, None),
        // Honest questions that are refused, as documented.
        (small_loss, 1.2, Some(0.012)),
        (loss, 0.02, Some(2.0)),
    ] {
        let points = curve(values);
        let fit = Syn2RealLaw::fit(&points).expect("a fit");
        let found = samples_for(&fit, &points, target, &PlanOptions::default());
        match (instead, found) {
            (None, Ok(_)) => {}
            (Some(expected), Err(PlanError::TargetScale { target: given, instead })) => {
                assert_eq!(given, target);
                assert!((instead / expected - 1.0).abs() < 1e-12, "{values:?}: {instead}");
            }
            (_, other) => panic!("{values:?}, target {target}: {other:?}"),
        }
        let any = PlanOptions { any_target: true, ..PlanOptions::default() };
        assert!(samples_for(&fit, &points, target, &any).is_ok(), "{values:?}, target {target} as it is");
        let goal = Goal::new(target).expect("a target");
        for (goal, is_refused) in [(goal, instead.is_some()), (goal.with_any_target(), false)] {
            let mut controller = Controller::<64>::new(goal);
            for &point in &points {
                controller.observe(point);
            }
            let refused = Decision::ChangeSetting { reason: ChangeReason::Target };
            assert_eq!(controller.decision() == refused, is_refused, "{values:?}, target {target}");
            // It is kept with the state.
            let mut bytes = [0; Controller::<64>::STATE_BYTES];
            controller.save(&mut bytes).expect("room");
            assert_eq!(Controller::<64>::from_bytes(&bytes).expect("a state").goal(), controller.goal());
        }
    }
}

/// Shares of grids over both sizes that are called scores: errors that fall with both sizes, with s alone, with none; scores.
#[test]
fn a_score_over_both_sizes_is_told_from_errors() {
    let draws = if common::full() { 4_000 } else { 400 };
    let mut called = [0; 4];
    for k in 0..draws {
        let mut rng = Rng::new(77, k);
        let (rows, columns) = (rng.between(2, 6), rng.between(2, 5));
        let law = FullLaw {
            delta: rng.uniform(1.0, 5.0),
            gamma: rng.log_uniform(1e-3, 0.5),
            alpha: rng.uniform(0.1, 0.8),
            beta: rng.uniform(0.1, 0.5),
            n0: 0.0,
            e: 0.0,
        };
        let noise = rng.log_uniform(1e-3, 0.05);
        for (kind, count) in called.iter_mut().enumerate() {
            let at = |i: usize| (1e3 * 2_f64.powi((i % rows) as i32), 1e2 * 3_f64.powi((i / rows) as i32));
            let points: Vec<(f64, f64, f64)> = (0..rows * columns)
                .map(|i| {
                    let (n, s) = at(i);
                    let error = match kind {
                        0 => law.error_at(n, s),
                        1 => law.error_at(1e9, s),
                        2 => 0.3,
                        _ => 1.0 - 0.9 * law.error_at(n, s) / law.error_at(1e3, 1e2),
                    };
                    (n, s, error * (noise * rng.normal()).exp())
                })
                .collect();
            let refused = check_grid(&points, None, &PlanOptions::default());
            *count += usize::from(matches!(refused, Err(PlanError::ErrorsRise { .. })));
        }
    }
    println!(
        "called scores, of {draws} each: falling {}, with s alone {}, flat {}, scores {}",
        called[0], called[1], called[2], called[3]
    );
    // Four standard deviations above the nominal 1 %.
    let most = (0.01 * draws as f64 + 4.0 * (0.01 * draws as f64).sqrt()) as usize;
    assert!(called[..3].iter().all(|&count| count <= most), "{called:?}");
    assert!(called[3] as f64 > 0.85 * draws as f64, "{called:?}");
}
