//! Appendix E: every entry of Table 1, its boundaries and conditions, and `admissible` against brute force.
mod common;

use common::rng::Rng;
use syn2real::theory::{Admissible, Case, Condition, Conditions, Rates, TheoryError, admissible, rates};

fn strict(r0: f64, r1: f64, xi: f64, zeta: f64) -> Rates {
    rates(r0, r1, xi, zeta, Conditions::Strict).unwrap_or_else(|why| panic!("{r0} {r1} {xi} {zeta}: {why}"))
}

fn relaxed(r0: f64, r1: f64, xi: f64, zeta: f64) -> Rates {
    rates(r0, r1, xi, zeta, Conditions::Relaxed).unwrap_or_else(|why| panic!("{r0} {r1} {xi} {zeta}: {why}"))
}

/// A few operations on numbers of order one: 8 roundings.
fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 8.0 * f64::EPSILON * b.abs().max(1.0)
}

/// Every column of Table 1 at a point inside each row, as fractions worked out by hand.
#[test]
fn every_entry_of_the_table() {
    // case, (r0, r1, xi, zeta), beta, nu, alpha0, exponents of T1 and of R0 in lambda1
    let rows = [
        // m = 1/2: beta = (1 - 1/2)/(3/2), nu = (1/2)/(3/2); alpha0 = 4/5
        (Case::IA, (1.0, 0.5, 2.0, 0.5), 1.0 / 3.0, 1.0 / 3.0, 4.0 / 5.0, -1.0 / 3.0, 1.0 / 3.0),
        // m = 3/4: beta = (3/2)(1 - 3/5)/(7/4) = 12/35, nu = 3/7; alpha0 = (9/2)/(11/2)
        (Case::IA, (0.75, 0.75, 3.0, 0.6), 12.0 / 35.0, 3.0 / 7.0, 9.0 / 11.0, -8.0 / 35.0, 2.0 / 7.0),
        // m = 1/2, alpha0 = 2/3
        (Case::IB, (0.5, 1.0, 2.0, 0.5), 1.0 / 3.0, 1.0 / 3.0, 2.0 / 3.0, -1.0 / 3.0, 1.0 / 3.0),
        // m = 3/4, alpha0 = 9/11
        (Case::IIA, (0.75, 0.75, 3.0, 0.1), 3.0 / 5.0, 3.0 / 5.0, 9.0 / 11.0, -2.0 / 5.0, 2.0 / 5.0),
        // m = 1/2, alpha0 = 8/9: the step exponent does not enter
        (Case::IIA, (1.0, 0.5, 4.0, 0.2), 0.5, 0.5, 8.0 / 9.0, -0.5, 0.5),
        // m = 1/2, r1 <= 1/2 + 3/8; alpha0 = 4/5
        (Case::IIB, (0.5, 0.75, 4.0, 0.0), 0.5, 0.5, 4.0 / 5.0, -0.5, 0.5),
    ];
    for (case, (r0, r1, xi, zeta), beta, nu, alpha0, samples, pretraining) in rows {
        for found in [strict(r0, r1, xi, zeta), relaxed(r0, r1, xi, zeta)] {
            assert_eq!(found.case, case, "{r0} {r1} {xi} {zeta}");
            let pairs = [
                (found.beta, beta),
                (found.nu, nu),
                (found.alpha_floor, alpha0),
                (found.alpha, nu * alpha0),
                (found.lambda1.samples, samples),
                (found.lambda1.pretraining, pretraining),
            ];
            assert!(pairs.iter().all(|&(a, b)| close(a, b)), "{case}: {found:?}, expected {pairs:?}");
            assert!(found.violated().is_empty(), "{case}: {:?}", found.violated());
        }
    }
}

/// At zeta = m/(2m+1) beta and the exponent of T1 are continuous, nu is Case I's. Also where the boundary has no exact
/// f64, and computed by another route.
#[test]
fn the_boundary_belongs_to_case_one() {
    for i in 0..=100 {
        let m = 0.5 + 0.005 * f64::from(i);
        for r1 in [m, 1.0] {
            let zeta = 0.5 - 0.5 / (2.0 * m + 1.0);
            let (at, below) = (relaxed(m, r1, 2.0, zeta), relaxed(m, r1, 2.0, zeta - 1e-9));
            let (one, two) = if r1 > m { (Case::IB, Case::IIB) } else { (Case::IA, Case::IIA) };
            assert_eq!((at.case, below.case), (one, two), "m = {m}");
            assert!(close(at.beta, below.beta), "beta jumps at m = {m}: {} {}", at.beta, below.beta);
            assert!(close(at.lambda1.samples, below.lambda1.samples), "lambda1 jumps at m = {m}");
            assert!(close(at.nu, m / (m + 1.0)) && at.nu < below.nu, "nu at m = {m}");
        }
    }
}

/// The printed conditions: at their bound, a step beyond it, and relaxed.
#[test]
fn violated_conditions_are_listed() {
    // II-B: r1 <= 1/2 + (2 - 1)/4 = 3/4
    assert!(strict(0.5, 0.75, 2.0, 0.0).violated().is_empty(), "at the bound");
    assert_eq!(strict(0.5, 0.76, 2.0, 0.0).violated(), [Condition::R1AtMost { bound: 0.75 }]);
    assert!(relaxed(0.5, 0.76, 2.0, 0.0).violated().is_empty(), "relaxed");
    // I-B: zeta >= ((2 - 1/2) 4 + 1 - 4)/(8 + 1) = 1/3, above r0/(2 r0 + 1) = 1/4
    assert!(strict(0.5, 1.0, 4.0, 1.0 / 3.0).violated().is_empty(), "at the bound");
    let below = strict(0.5, 1.0, 4.0, 0.3);
    let [Condition::ZetaAtLeast { bound }] = below.violated() else { panic!("zeta = .3: {below:?}") };
    assert!(close(*bound, 1.0 / 3.0), "{bound}");
    assert!(relaxed(0.5, 1.0, 4.0, 0.3).violated().is_empty(), "relaxed");
    // Exponents are those of the row either way.
    let (a, b) = (strict(0.5, 1.0, 4.0, 0.3), relaxed(0.5, 1.0, 4.0, 0.3));
    assert_eq!((a.case, a.alpha, a.beta), (b.case, b.alpha, b.beta));
    let text = strict(0.5, 1.0, 4.0, 0.3).violated()[0].to_string();
    assert!(text.contains("I-B") && text.contains("0.333333"), "{text}");
}

/// lambda1 >> T1^(-xi/(2 r xi + 1)), regime (17), as the source of the conditions: with r = r1 it is what the strict list
/// says, with r = m it always holds.
#[test]
fn the_list_is_the_regime() {
    let mut rng = Rng::new(20, 1);
    let mut counts = [[0; 2]; 4];
    for _ in 0..200_000 {
        let [r0, r1] = [0.5, 0.5].map(|low| rng.uniform(low, 1.0));
        let (xi, zeta) = (1.0 + rng.log_uniform(1e-3, 1e3), rng.unit());
        let found = strict(r0, r1, xi, zeta);
        let slack = |r: f64| found.lambda1.samples + xi / (2.0 * r * xi + 1.0);
        assert!(slack(r0.min(r1)) > 0.0, "with m the regime always holds: {r0} {r1} {xi} {zeta}");
        if slack(r1).abs() < 1e-12 {
            continue; // on the bound to rounding: either answer is right
        }
        let violated = !found.violated().is_empty();
        assert_eq!(violated, slack(r1) < 0.0, "{found:?} at {r0} {r1} {xi} {zeta}");
        counts[found.case as usize][usize::from(violated)] += 1;
    }
    let [[ia, 0], [ib, ib_bad], [iia, 0], [iib, iib_bad]] = counts else { panic!("A rows were violated: {counts:?}") };
    assert!([ia, ib, ib_bad, iia, iib, iib_bad].iter().all(|&n| n > 1000), "too few of a kind: {counts:?}");
}

/// Ranges of the exponents, attained only in the open.
#[test]
fn ranges_of_the_exponents() {
    let mut rng = Rng::new(20, 2);
    for _ in 0..200_000 {
        let [r0, r1] = [0.5, 0.5].map(|low| rng.uniform(low, 1.0));
        let found = strict(r0, r1, 1.0 + rng.log_uniform(1e-6, 1e6), rng.unit());
        let (alpha, beta) = (found.alpha, found.beta);
        match found.case {
            Case::IA | Case::IB => {
                assert!(alpha > 1.0 / 6.0 && alpha < 0.5 && beta > 0.0 && beta <= 2.0 / 3.0, "{found:?}");
            }
            _ => assert!(alpha > 0.25 && alpha < 2.0 / 3.0 && (0.5..=2.0 / 3.0).contains(&beta), "{found:?}"),
        }
        assert!(alpha < found.alpha_floor && found.alpha_floor < 1.0, "{found:?}");
    }
}

#[test]
fn arguments_out_of_range_are_named() {
    let with = |r0, r1, xi, zeta| rates(r0, r1, xi, zeta, Conditions::Strict).expect_err("out of range");
    for bad in [0.49, 1.01, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(with(bad, 0.5, 2.0, 0.0), TheoryError::R0, "{bad}");
        assert_eq!(with(0.5, bad, 2.0, 0.0), TheoryError::R1, "{bad}");
    }
    for bad in [1.0, 0.5, -2.0, f64::NAN, f64::INFINITY] {
        assert_eq!(with(0.5, 0.5, bad, 0.0), TheoryError::Xi, "{bad}");
    }
    for bad in [-1e-9, 1.0, f64::NAN] {
        assert_eq!(with(0.5, 0.5, 2.0, bad), TheoryError::Zeta, "{bad}");
    }
    for (why, word) in [
        (TheoryError::R0, "[1/2, 1]"),
        (TheoryError::R1, "[1/2, 1]"),
        (TheoryError::Xi, "above 1"),
        (TheoryError::Zeta, "[0, 1)"),
    ] {
        assert!(why.to_string().contains(word), "{why}");
    }
    // The largest xi does not overflow.
    let extreme = strict(0.5, 1.0, f64::MAX, 0.0);
    assert!(extreme.alpha_floor == 1.0 && extreme.alpha == 0.5, "{extreme:?}");
}

fn cases(alpha: f64, beta: f64) -> Vec<Case> {
    let found: Admissible = admissible(alpha, beta);
    assert_eq!(found.is_empty(), found.settings().count() == 0, "{alpha} {beta}");
    found.settings().map(|s| s.case).collect()
}

/// Whatever `rates` produces without a violation, `admissible` says that this case can produce it.
#[test]
fn what_is_produced_is_admissible() {
    let mut rng = Rng::new(20, 3);
    let mut seen = [0; 4];
    for _ in 0..300_000 {
        let r0 = rng.uniform(0.5, 1.0);
        let r1 = if rng.unit() < 0.5 { rng.uniform(0.5, r0) } else { rng.uniform(r0, 1.0) };
        let found = strict(r0, r1, 1.0 + rng.log_uniform(1e-3, 1e3), rng.unit());
        if found.violated().is_empty() {
            assert!(cases(found.alpha, found.beta).contains(&found.case), "{found:?} from {r0} {r1}");
            seen[found.case as usize] += 1;
        }
    }
    assert!(seen.iter().all(|&n| n > 10_000), "{seen:?}");
}

/// What `admissible` says of a pair, its setting proves: `rates` gives the pair back, strictly, in that case.
#[test]
fn what_is_admissible_is_produced() {
    let mut rng = Rng::new(20, 4);
    let mut seen = [0; 4];
    for _ in 0..300_000 {
        let (alpha, beta) = (rng.uniform(0.0, 0.8), rng.uniform(0.0, 0.8));
        for setting in admissible(alpha, beta).settings() {
            let found = strict(setting.r0, setting.r1, setting.xi, setting.zeta);
            assert_eq!(found.case, setting.case, "({alpha}, {beta}): {setting:?}");
            assert!(found.violated().is_empty(), "({alpha}, {beta}): {setting:?}, {found:?}");
            // 1/(1 - alpha0) amplifies the rounding of alpha0 into xi, and xi's error shrinks back by it.
            assert!((found.alpha - alpha).abs() < 1e-14, "({alpha}, {beta}): {found:?}");
            assert!((found.beta - beta).abs() < 1e-14, "({alpha}, {beta}): {found:?}");
            seen[setting.case as usize] += 1;
        }
    }
    assert!(seen.iter().all(|&n| n > 1000), "{seen:?}");
}

/// The set itself: a fine grid of the formulas (r0 with m, alpha0 from its infimum at xi -> 1 to 1) marks cells of the
/// plane; cells far inside are admissible, and unmarked ones with unmarked neighbours are not.
#[test]
fn the_admissible_set_is_the_brute_force_set() {
    const SIDE: usize = 80;
    let cell = |x: f64| (x * SIDE as f64) as usize;
    let mut marked = vec![[false; 2]; (SIDE + 1) * (SIDE + 1)];
    for i in 0..=400 {
        let m = 0.5 + 0.5 * f64::from(i) / 400.0;
        for j in 1..400 {
            // 1/xi in (0, 1); a larger r0 only raises alpha0's infimum, so r0 = m suffices.
            let xi = 400.0 / f64::from(j);
            for k in 0..400 {
                let found = strict(m, m, xi, f64::from(k) / 400.0);
                let kind = usize::from(matches!(found.case, Case::IIA));
                marked[cell(found.alpha) * (SIDE + 1) + cell(found.beta)][kind] = true;
            }
        }
    }
    let mut compared = [0; 2];
    for a in 1..SIDE {
        for b in 1..SIDE {
            let centre = |x: usize| (x as f64 + 0.5) / SIDE as f64;
            let found = cases(centre(a), centre(b));
            for (kind, case) in [Case::IA, Case::IIA].into_iter().enumerate() {
                let around = (a - 1..=a + 1).flat_map(|x| (b - 1..=b + 1).map(move |y| x * (SIDE + 1) + y));
                let count = around.filter(|&at| marked[at][kind]).count();
                if count == 9 || count == 0 {
                    assert_eq!(found.contains(&case), count == 9, "{case} at ({}, {})", centre(a), centre(b));
                    compared[usize::from(count == 9)] += 1;
                }
            }
        }
    }
    assert!(compared[0] > 5000 && compared[1] > 500, "cells outside and inside: {compared:?}");
}

#[test]
fn pairs_that_are_known() {
    assert!(cases(0.544, 0.322).is_empty(), "the paper's Appendix C.2");
    assert_eq!(cases(0.4, 0.322), [Case::IA, Case::IB]);
    assert_eq!(cases(0.55, 0.6), [Case::IIA, Case::IIB]);
    assert_eq!(cases(0.4, 0.6), [Case::IA, Case::IB, Case::IIA, Case::IIB]);
    // beta = 2/3 needs m = 1, which the rows B have not.
    assert_eq!(cases(0.6, 2.0 / 3.0), [Case::IIA]);
    assert_eq!(cases(0.4, 2.0 / 3.0), [Case::IA]);
    // Ends of beta's range in Case II, and the open ends of alpha.
    assert_eq!(cases(0.3, 0.5), [Case::IA, Case::IB, Case::IIA, Case::IIB]);
    assert!(!cases(0.25, 0.5).contains(&Case::IIA) && !cases(0.5, 0.5).contains(&Case::IIA), "open in alpha");
    for bad in [f64::NAN, f64::INFINITY, -0.3, 0.0] {
        assert!(cases(bad, 0.6).is_empty() && cases(0.4, bad).is_empty(), "{bad}");
    }
}
