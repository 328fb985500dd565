//! The next measurement against exhaustive simulation, and the algebra behind it against refits.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
#[allow(dead_code, reason = "the example uses more of it")]
#[path = "../examples/verdicts/simulate.rs"]
mod simulate;

use syn2real::infer::{self, Method, Quantity};
use syn2real::plan::design::{Aim, Candidate, GridAim, GridCandidate, next, next_on_grid, verdict_odds};
use syn2real::plan::{PlanError, PlanOptions, samples_for};
use syn2real::{Confidence, FitOptions, FullLaw, Parameter, Point, Syn2RealFit, Syn2RealLaw, Weights};

use simulate::{N, Normal, measure};

const SIZES: [f64; 6] = [500.0, 4e3, 32e3, 64e3, 256e3, 1e6];

/// Width of the interval of a quantity, of its logarithm for a size.
fn width(fit: &Syn2RealFit, points: &[Point], quantity: Quantity) -> f64 {
    let found = infer::interval(fit, points, quantity, Confidence::P95, Method::Profile).expect("an interval");
    let (lower, upper) = (found.lower.expect("a lower limit"), found.upper.expect("an upper limit"));
    if matches!(quantity, Quantity::SamplesFor { .. }) { (upper / lower).ln() } else { upper - lower }
}

/// Mean width after one more measurement at `n`, drawn from what the fit predicts for it (the uncertainty of the curve and the
/// scatter, as estimated); the same normal numbers for each n.
fn expected_width(points: &[Point], fit: &Syn2RealFit, n: f64, quantity: Quantity) -> f64 {
    let replicates = if std::env::var_os("SYN2REAL_FULL").is_some() { 1000 } else { 60 };
    let predicted = infer::interval(fit, points, Quantity::MeasurementAt { n }, Confidence::P95, Method::Wald);
    let predicted = predicted.expect("an interval");
    // Student's t with 4 degrees of freedom, .975.
    let sigma = (predicted.upper.expect("a limit") - fit.law().error_at(n)) / 2.776_445_105_2;
    let mut sum = 0.0;
    for replicate in 0..replicates {
        let mut all = points.to_vec();
        all.push(Point::new(n, fit.law().error_at(n) + sigma * Normal::new(1000 + replicate).next()));
        let after = Syn2RealLaw::fit(&all).expect("a fit");
        sum += width(&after, &all, quantity);
    }
    sum / replicates as f64
}

#[test]
fn the_choice_is_that_of_exhaustive_simulation() {
    let laws = [
        (Syn2RealLaw { d: 0.48, alpha: 0.439, c: 0.9353 }, 0.937, 1e-4),
        (Syn2RealLaw { d: 1.99, alpha: 0.544, c: 0.6 }, 0.603, 3e-4),
        (Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.1 }, 0.102, 1e-3),
        (Syn2RealLaw { d: 2.0, alpha: 0.3, c: 0.2 }, 0.26, 1e-3),
        (Syn2RealLaw { d: 5.0, alpha: 0.8, c: 0.4 }, 0.401, 3e-4),
    ];
    // Within the reach of the data: the best place is not always the end.
    let sizes = [500.0, 2e3, 8e3, 32e3, 64e3, 128e3];
    let candidates = sizes.map(Candidate::new);
    let (mut cases, mut chosen_places) = (0, [false; 6]);
    for (k, (truth, target, noise)) in laws.into_iter().enumerate() {
        let points = measure(&truth, noise, &mut Normal::new(k as u64));
        let fit = Syn2RealLaw::fit(&points).expect("a fit");
        let quantities = [
            Quantity::Parameter(Parameter::C),
            Quantity::Parameter(Parameter::Alpha),
            Quantity::ErrorAt { n: 16e3 },
            Quantity::SamplesFor { target },
        ];
        for quantity in quantities {
            let choice =
                next(&fit, &points, &candidates, Aim::Quantity(quantity), &PlanOptions::default()).expect("valid");
            let widths = sizes.map(|n| expected_width(&points, &fit, n, quantity));
            let least = widths.iter().copied().fold(f64::INFINITY, f64::min);
            let chosen = widths[choice.index];
            println!("{truth:?} {quantity:?}: n = {}, width {:.4} of the best", sizes[choice.index], chosen / least);
            assert!(chosen <= 1.05 * least, "{truth:?} {quantity:?}: {choice:?} {widths:?}");
            cases += 1;
            chosen_places[choice.index] = true;
        }
    }
    assert_eq!(cases, 20);
    assert!(chosen_places.iter().filter(|&&chosen| chosen).count() >= 3, "cases that differ: {chosen_places:?}");
}

/// Standard error of C after a measurement that lies on the law, from a refit with known sigmas.
#[test]
fn the_update_is_that_of_a_refit() {
    let law = Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.1 };
    let points = N.map(|n| Point::new(n, law.error_at(n)).with_weight(1e6));
    let options = FitOptions { weights: Weights::Absolute, ..FitOptions::default() };
    let fit = Syn2RealLaw::fit_with(&points, &options).expect("a fit");
    for n in SIZES {
        let candidate = Candidate { weight: 4e6, ..Candidate::new(n) };
        let mut all = points.to_vec();
        all.push(Point::new(n, law.error_at(n)).with_weight(4e6));
        let after = Syn2RealLaw::fit_with(&all, &options).expect("a fit");
        let mut volume = 1.0;
        for (k, parameter) in [Parameter::D, Parameter::Alpha, Parameter::C].into_iter().enumerate() {
            let aim = Aim::Quantity(Quantity::Parameter(parameter));
            let found = next(&fit, &points, &[candidate], aim, &PlanOptions::default()).expect("valid");
            let ratio = after.std_errors()[k].expect("inside") / fit.std_errors()[k].expect("inside");
            // Condition about 1e4, and the fits stop near the square root of rounding in their parameters.
            assert!((found.shrink / ratio - 1.0).abs() < 1e-6, "{n} {parameter}: {found:?} {ratio}");
            // Normal quantile .975 of known sigmas: half widths come as they are.
            let half = found.half_width.expect("known sigma") / after.std_errors()[k].expect("inside");
            assert!((half / 1.959_963_984_540_054 - 1.0).abs() < 1e-6, "{half}");
            volume *= ratio;
        }
        // The determinant is not the product of the variances, but the ellipsoid shrinks with a measurement all the same.
        let all = next(&fit, &points, &[candidate], Aim::Parameters, &PlanOptions::default()).expect("valid");
        assert!(all.shrink > 0.0 && all.shrink < 1.0 && volume < 1.0, "{all:?} {volume}");
    }
}

/// D-optimal: the ratio of the volumes is that of the determinants of J'J.
#[test]
fn the_volume_is_that_of_the_determinant() {
    let law = Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.1 };
    let points = N.map(|n| Point::new(n, law.error_at(n)));
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    let determinant = |sizes: &[f64]| {
        let mut m = [[0.0; 3]; 3];
        for &n in sizes {
            // ln(n / 8000) instead of ln n: the determinant does not change, its rounding does.
            let u = n.powf(-0.5);
            let row = [u, -u * (n / 8000.0).ln(), 1.0].map(|v| v / law.error_at(n));
            (0..9).for_each(|k| m[k / 3][k % 3] += row[k / 3] * row[k % 3]);
        }
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    for n in SIZES {
        let found = next(&fit, &points, &[Candidate::new(n)], Aim::Parameters, &PlanOptions::default()).expect("valid");
        let mut all = N.to_vec();
        all.push(n);
        let ratio = (determinant(&N) / determinant(&all)).sqrt();
        // The fit of exact data is right to some 1e-9, and the determinant to 1e-11.
        assert!((found.shrink / ratio - 1.0).abs() < 1e-7, "{n}: {found:?} {ratio}");
    }
}

#[test]
fn costs_and_ties_decide() {
    let law = Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.1 };
    let points = measure(&law, 1e-3, &mut Normal::new(2));
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    let aim = Aim::Quantity(Quantity::Parameter(Parameter::C));
    let ask = |candidates: &[Candidate]| next(&fit, &points, candidates, aim, &PlanOptions::default()).expect("valid");
    let far = [Candidate::new(1e3), Candidate::new(1e6)];
    assert_eq!(ask(&far).index, 1);
    assert_eq!(ask(&[far[0], far[1].with_cost(1e3)]).index, 0, "a thousand times the price");
    assert_eq!(ask(&[far[1], far[1]]).index, 0, "the first of equals");
    let prospect = ask(&[far[1].with_cost(4.0)]);
    assert!((prospect.per_cost * 4.0 + prospect.shrink.ln()).abs() < 1e-12, "{prospect:?}");
}

#[test]
fn odds_are_those_of_simulated_measurements() {
    let law = Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.1 };
    let noise = 1e-3;
    let points = measure(&law, noise, &mut Normal::new(21)).map(|p| p.with_weight(1.0 / (noise * noise)));
    let options = FitOptions { weights: Weights::Absolute, ..FitOptions::default() };
    let fit = Syn2RealLaw::fit_with(&points, &options).expect("a fit");
    let plan = PlanOptions { budget: Some(1e7), ..PlanOptions::default() };
    let weight = 1.0 / (noise * noise);
    for (n, target) in [(512e3, 0.1015), (128e3, 0.1), (1e6, 0.099)] {
        let candidate = Candidate { weight, ..Candidate::new(n) };
        let odds = verdict_odds(&fit, &points, target, candidate, &plan).expect("valid");
        assert!((odds.reachable + odds.out_of_reach + odds.undetermined - 1.0).abs() < 1e-12, "{odds:?}");
        // Truths drawn from the fit's uncertainty: the new measurement scatters with the variance of prediction.
        let spread = infer::interval(&fit, &points, Quantity::MeasurementAt { n }, Confidence::P95, Method::Wald);
        let half = spread.expect("an interval").upper.expect("a limit") - fit.law().error_at(n);
        // `MeasurementAt` is of weight 1, sigma 1: what is left is the variance of the curve.
        let curve = infer::interval(&fit, &points, Quantity::ErrorAt { n }, Confidence::P95, Method::Wald);
        let curve = (curve.expect("an interval").upper.expect("a limit") - fit.law().error_at(n)) / 1.959_963_984_5;
        assert!(half > curve, "a new measurement scatters more than the curve");
        let error = fit.law().error_at(n);
        let sigma = (curve * curve + noise * noise * error * error).sqrt();
        let mut counts = [0.0; 3];
        let mut normal = Normal::new(77);
        let replicates = 400;
        for _ in 0..replicates {
            let mut all = points.to_vec();
            all.push(Point::new(n, error + sigma * normal.next()).with_weight(weight));
            let after = Syn2RealLaw::fit_with(&all, &options).expect("a fit");
            let verdict = samples_for(&after, &all, target, &plan).expect("valid");
            let slot = match verdict.name() {
                "reachable" => 0,
                "undetermined" => 2,
                _ => 1,
            };
            counts[slot] += 1.0 / f64::from(replicates);
        }
        // Three standard deviations of a share of 400 are .075, .02 for the interpolation between quantiles.
        for (share, odds) in counts.into_iter().zip([odds.reachable, odds.out_of_reach, odds.undetermined]) {
            assert!((share - odds).abs() < 0.095, "{n} {target}: {counts:?} {odds}");
        }
    }
}

/// Whatever the curve, what is decided already is mostly decided after one more measurement at a size measured, and a target
/// that the intervals leave far inside stays open there: odds and verdicts speak of one thing.
#[test]
fn odds_follow_the_verdict_of_now() {
    let laws = [
        Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.1 },
        Syn2RealLaw { d: 1.0, alpha: 0.4, c: 0.0 },
        Syn2RealLaw { d: 0.4, alpha: 0.05, c: 0.2 },
        Syn2RealLaw { d: 0.0, alpha: 0.0, c: 0.4 },
        Syn2RealLaw { d: 20.0, alpha: 1.2, c: 0.3 },
    ];
    let mut seen = [0; 2];
    for (k, law) in laws.iter().enumerate() {
        let points = measure(law, 3e-3, &mut Normal::new(300 + k as u64));
        let fit = Syn2RealLaw::fit(&points).expect("a fit");
        let gap = infer::interval(&fit, &points, Quantity::Parameter(Parameter::C), Confidence::P95, Method::Profile);
        let gap = gap.expect("an interval");
        let (lower, upper) = (gap.lower.expect("a limit"), gap.upper.expect("a limit"));
        let targets = [0.5 * lower, 0.5 * (lower + upper), 1.2 * upper, fit.law().error_at(2e3)];
        for target in targets.into_iter().filter(|target| *target > 0.0) {
            let plan = PlanOptions { budget: Some(1e12), ..PlanOptions::default() };
            let verdict = samples_for(&fit, &points, target, &plan).expect("valid");
            let odds = verdict_odds(&fit, &points, target, Candidate::new(8e3), &plan).expect("valid");
            assert!((odds.decided() + odds.undetermined - 1.0).abs() < 1e-12, "{odds:?}");
            let own = match verdict.name() {
                "reachable" => odds.reachable,
                "undetermined" => odds.undetermined,
                _ => odds.out_of_reach,
            };
            println!("{law:?} {target:.4}: {} {odds:?}", verdict.name());
            assert!(own > 0.5, "{law:?} {target}: {verdict} {odds:?}");
            seen[usize::from(verdict.is_decided())] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count >= 3), "both kinds: {seen:?}");
}

#[test]
fn a_grid_is_measured_where_it_tells_most() {
    let truth = FullLaw { delta: 42.0, gamma: 0.5, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
    let mut normal = Normal::new(4);
    let mut points = Vec::new();
    for n in [1e3, 4e3, 16e3, 64e3] {
        for s in [1e4, 2e4, 4e4] {
            points.push((n, s, truth.error_at(n, s) * (1e-3 * normal.next()).exp()));
        }
    }
    let fit = FullLaw::fit(&points).expect("a fit");
    let candidates = [GridCandidate::new(2e3, 2e4), GridCandidate::new(256e3, 1e4), GridCandidate::new(16e3, 16e4)];
    let ask = |aim| next_on_grid(&fit, &candidates, aim, &PlanOptions::default());
    // The standard error after a refit, with the new measurement on the law: shrink is the ratio but for the scatter's own
    // degree of freedom.
    for (k, parameter) in
        [Parameter::Delta, Parameter::Gamma, Parameter::Alpha, Parameter::Beta].into_iter().enumerate()
    {
        let choice = ask(GridAim::Parameter(parameter)).expect("valid");
        let after = candidates.map(|c| {
            let mut all = points.clone();
            all.push((c.n, c.s, fit.law().error_at(c.n, c.s)));
            FullLaw::fit(&all).expect("a fit").std_errors()[k].expect("inside")
        });
        let least = after.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(after[choice.index] == least, "{parameter}: {choice:?} {after:?}");
        let dof = (8.0_f64 / 9.0).sqrt();
        let ratio = after[choice.index] / fit.std_errors()[k].expect("inside") / dof;
        // The new point lies on the old optimum, so nothing moves but by the tolerance of the fit.
        assert!((choice.shrink / ratio - 1.0).abs() < 1e-4, "{parameter}: {choice:?} {ratio}");
    }
    assert_eq!(ask(GridAim::ErrorAt { n: 1e6, s: 1e4 }).expect("valid").index, 1);
    assert_eq!(ask(GridAim::FineTuneSizeFor { target: 0.5, n: 16e3 }).expect("valid").index, 2);
    assert!(ask(GridAim::Parameters).expect("valid").shrink < 1.0, "D-optimal");
    assert_eq!(ask(GridAim::Parameter(Parameter::C)), Err(PlanError::Law { parameter: Parameter::C }));
}

#[test]
fn bad_candidates_are_named() {
    let law = Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.1 };
    let points = measure(&law, 1e-3, &mut Normal::new(2));
    let fit = Syn2RealLaw::fit(&points).expect("a fit");
    let plan = PlanOptions::default();
    let ask = |candidates: &[Candidate]| next(&fit, &points, candidates, Aim::Parameters, &plan);
    assert_eq!(ask(&[]), Err(PlanError::NoCandidates));
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(ask(&[Candidate::new(bad)]), Err(PlanError::Size { field: "n" }), "{bad}");
        assert_eq!(ask(&[Candidate::new(1.0).with_cost(bad)]), Err(PlanError::Cost { field: "cost" }), "{bad}");
        let weightless = Candidate { weight: bad, ..Candidate::new(1.0) };
        assert_eq!(ask(&[weightless]), Err(PlanError::Size { field: "weight" }), "{bad}");
        assert_eq!(verdict_odds(&fit, &points, bad, Candidate::new(1e3), &plan), Err(PlanError::Target), "{bad}");
    }
    let beta = Aim::Quantity(Quantity::Parameter(Parameter::Beta));
    assert!(matches!(next(&fit, &points, &[Candidate::new(1e3)], beta, &plan), Err(PlanError::Law { .. })), "beta");
    // Exact data, few points, a flat fit: an answer all the same.
    let exact = N.map(|n| Point::new(n, Syn2RealLaw { c: 0.0, ..law }.error_at(n)));
    let fit = Syn2RealLaw::fit(&exact).expect("a fit");
    let found = next(&fit, &exact, &SIZES.map(Candidate::new), Aim::Parameters, &plan).expect("valid");
    assert!(found.shrink < 0.9 && found.half_width.is_none(), "{found:?}");
    let three = [(1_000, 0.90), (2_000, 0.83), (4_000, 0.79)];
    let fit = Syn2RealLaw::fit(&three).expect("a fit");
    let found = next(&fit, &three, &SIZES.map(Candidate::new), Aim::Parameters, &plan).expect("valid");
    assert!(found.half_width.is_none() && found.shrink < 1.0, "{found:?}");
    let flat = [(1_000, 0.7), (2_000, 0.71), (4_000, 0.72), (8_000, 0.7)];
    let fit = Syn2RealLaw::fit(&flat).expect("a fit");
    let aim = Aim::Quantity(Quantity::SamplesFor { target: 0.5 });
    assert!(next(&fit, &flat, &SIZES.map(Candidate::new), aim, &plan).is_ok_and(|p| p.shrink <= 1.0), "flat");
}
