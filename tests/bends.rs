//! The laws that bend: the search is complete, the laws are whole at their limits.
//!
//! `SYN2REAL_COUNT=N` judges N curves for each law and residual space, `SYN2REAL_FIRST=K` begins at the K-th;
//! `SYN2REAL_FULL=1` is 20,000.
#![allow(clippy::disallowed_methods, reason = "the oracle is not core: std's mathematics is the independent one")]
#![allow(unreachable_pub, reason = "modules of a test are reached by that test alone")]
mod common;
#[path = "bends/draw.rs"]
mod draw;
#[path = "bends/oracle.rs"]
mod oracle;

use common::rng::Rng;
use draw::{Drawn, KINDS};
use oracle::{BETA, LAWS, Law, Problem};
use syn2real::{
    BendFit, BentLaw, Bounds, Class, FitError, FitOptions, Loss, Point, RectifiedLaw, Residual, ShiftedLaw, Syn2RealLaw,
};

/// What the judge wants to know of a fit: A, C, n_h, beta, kappa.
struct Fitted {
    parameters: [f64; 5],
    cost: f64,
    class: Class,
}

fn fitted<L: Copy, const P: usize>(fit: &BendFit<L, P>, parameters: impl Fn(L) -> [f64; 5]) -> Fitted {
    Fitted { parameters: parameters(fit.law()), cost: fit.report().cost, class: fit.report().class }
}

fn options(problem: &Problem) -> FitOptions {
    let fixed = |[lo, hi]: [f64; 2]| (lo == hi).then_some(lo);
    let plain = FitOptions::default();
    let bounds =
        |ends: [f64; 2], plain: Bounds| if fixed(ends).is_some() { plain } else { Bounds::new(ends[0], ends[1]) };
    FitOptions {
        residual: if problem.log { Residual::Log } else { Residual::Linear },
        loss: if problem.delta < f64::INFINITY { Loss::HuberAbsolute { delta: problem.delta } } else { Loss::Square },
        fixed_alpha: fixed(problem.alpha),
        fixed_c: fixed(problem.c),
        alpha: bounds(problem.alpha, plain.alpha),
        c: bounds(problem.c, plain.c),
        ..plain
    }
}

fn points(problem: &Problem) -> Vec<Point> {
    let all = problem.n.iter().zip(&problem.error).zip(&problem.weight);
    all.map(|((n, error), weight)| Point::new(*n, *error).with_weight(*weight)).collect()
}

fn fit(problem: &Problem) -> Result<Fitted, FitError> {
    let (points, options) = (points(problem), options(problem));
    match problem.law {
        Law::Rectified => {
            RectifiedLaw::fit_with(&points, &options).map(|fit| fitted(&fit, |l| [l.a, l.c, l.n_h, l.beta, 1.0]))
        }
        Law::Shifted => {
            ShiftedLaw::fit_with(&points, &options).map(|fit| fitted(&fit, |l| [l.a, l.c, l.n_h, 1.0, l.alpha]))
        }
        Law::Bent => {
            BentLaw::fit_with(&points, &options).map(|fit| fitted(&fit, |l| [l.a, l.c, l.n_h, l.beta, l.kappa]))
        }
    }
}

/// Residuals of 1e-10, in units of what they are relative to: along the valleys of exact curves, whose curvature is 1e-13 of
/// that across them, the derivatives show no more.
fn rounding(problem: &Problem) -> f64 {
    1e-20 * problem.weight.iter().sum::<f64>() * problem.size() * problem.size()
}

/// Residuals of 1e-14: the rounding of what they are relative to, of which a cost is not known better than the square.
fn exact(problem: &Problem) -> f64 {
    1e-28 * problem.weight.iter().sum::<f64>() * problem.size() * problem.size()
}

/// Judges a fit against the dense search: no dearer, in the domain, and the law costs what the report says.
fn judge(drawn: &Drawn, index: usize) -> Result<(), String> {
    let problem = &drawn.problem;
    let got = match fit(problem) {
        Ok(got) => got,
        Err(why) => return Err(format!("{why}")),
    };
    let [a, c, n_h, beta, kappa] = got.parameters;
    let first = problem.n.iter().filter(|n| **n > 0.0).fold(f64::INFINITY, |x, n| x.min(*n));
    let law = BentLaw { a, c, n_h, beta, kappa };
    let mut hints = vec![drawn.truth];
    if a > c {
        hints.push([(law.error_at(first) - c).max(1e-300).ln(), c, n_h.ln(), beta.ln(), kappa * beta]);
    }
    let best = problem.search(&hints, &mut Rng::new(0x0b, index as u64));
    // No decrease at all is a law of its own.
    let is_bad = !(got.cost <= best.cost * (1.0 + 1e-6) + rounding(problem));
    let text = |what: &str| {
        let found = (got.parameters, got.class);
        Err(format!("{what}: cost {:e} of {found:?}, best {best:?}", got.cost))
    };
    if is_bad {
        return text("dearer");
    }
    let own = problem.cost_of(|n| law.error_at(n));
    // The law is a sum of A and C: its rounding is relative to A, and grows with alpha ln(n / n_h) (law docs).
    let steep = problem.n.iter().filter(|n| **n > 0.0).map(|n| (n / n_h).ln().abs()).fold(0.0, f64::max);
    let digits = if a > c { (8.0 + kappa * beta * steep + (a / c.max(1e-3 * a)).ln()) * 4.4e-16 } else { 1e-15 };
    let weight: f64 = problem.weight.iter().sum();
    let slack =
        2.0 * digits * problem.size() * (2.0 * got.cost * weight).sqrt() + weight * (digits * problem.size()).powi(2);
    if !((own - got.cost).abs() <= 1e-9 * got.cost + slack + rounding(problem)) {
        return text(&format!("the law costs {own:e}"));
    }
    let within = |x: f64, [lo, hi]: [f64; 2]| x >= lo * (1.0 - 1e-12) && x <= hi * (1.0 + 1e-12);
    let is_inside = a >= c && within(c, problem.c) || got.class == Class::Flat;
    let rates = a == c || (within(kappa * beta, problem.alpha) && within(beta, BETA));
    if is_inside && rates { Ok(()) } else { text("outside the domain") }
}

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn no_fit_costs_more_than_the_dense_search_finds() {
    let count = number("SYN2REAL_COUNT").unwrap_or(if common::full() { 20_000 } else { 150 });
    let first = number("SYN2REAL_FIRST").unwrap_or(0);
    let mut failures = 0;
    for law in LAWS {
        for log in [true, false] {
            let judged = common::parallel(count, |index| {
                let drawn = draw::draw(law, log, first + index);
                judge(&drawn, first + index).map_err(|why| (first + index, drawn.kind, drawn.sigma, why))
            });
            let bad: Vec<_> = judged.into_iter().filter_map(Result::err).collect();
            let space = if log { "log" } else { "linear" };
            println!("{law:?}, {space}: {} of {count} right", count - bad.len());
            for (index, kind, sigma, why) in bad.iter().take(40) {
                println!("  {index} ({}, noise {sigma}): {why}", KINDS[*kind]);
            }
            failures += bad.len();
        }
    }
    assert_eq!(failures, 0, "fits that are not the global optimum");
}

/// The laws as one type: A, C, n_h, beta, kappa.
fn bent_of(law: Law, [a, c, n_h, beta, kappa]: [f64; 5], n: f64) -> (f64, Vec<f64>) {
    match law {
        Law::Rectified => {
            let law = RectifiedLaw { a, c, n_h, beta };
            (law.error_at(n), law.gradient_at(n).to_vec())
        }
        Law::Shifted => {
            let law = ShiftedLaw { a, c, n_h, alpha: kappa };
            (law.error_at(n), law.gradient_at(n).to_vec())
        }
        Law::Bent => {
            let law = BentLaw { a, c, n_h, beta, kappa };
            (law.error_at(n), law.gradient_at(n).to_vec())
        }
    }
}

#[test]
fn derivatives_are_those_of_differences() {
    let mut rng = Rng::new(0xde, 0);
    for law in LAWS {
        let which: &[usize] = match law {
            Law::Rectified => &[0, 1, 2, 3],
            Law::Shifted => &[0, 1, 2, 4],
            Law::Bent => &[0, 1, 2, 3, 4],
        };
        for _ in 0..500 {
            let c = rng.uniform(0.0, 0.5);
            let at = [
                c + rng.uniform(0.1, 1.0),
                c,
                rng.log_uniform(1e-3, 1e6),
                rng.log_uniform(0.1, 8.0),
                rng.log_uniform(0.05, 5.0),
            ];
            let n = if rng.unit() < 0.1 { 0.0 } else { at[2] * rng.log_uniform(1e-3, 1e3) };
            let (_, gradient) = bent_of(law, at, n);
            for (k, &i) in which.iter().enumerate() {
                // Central differences of order four: h^4 of truncation and 1e-16 / h of rounding, both near 1e-12 of the
                // parameter's own scale at h = 1e-3, and ten times that for the derivatives by beta at sharp bends.
                let h = 1e-3 * if i < 2 { 1.0 } else { at[i] };
                let value = |by: f64| {
                    let mut moved = at;
                    moved[i] += by * h;
                    bent_of(law, moved, n).0
                };
                let by_differences = (8.0 * (value(1.0) - value(-1.0)) - (value(2.0) - value(-2.0))) / (12.0 * h);
                // The fifth derivative by ln n_h, beta or kappa is (alpha ln(n / n_h))^5 at most, here 1e3 in the bulk.
                let slack = 1e-8 * if i < 2 { 1.0 } else { 1.0 / at[i] };
                assert!((gradient[k] - by_differences).abs() <= slack, "{law:?} {at:?} n {n}: {k}, {by_differences}");
            }
        }
    }
}

#[test]
fn the_bent_law_costs_no_more_than_those_it_contains() {
    let count = number("SYN2REAL_COUNT").unwrap_or(if common::full() { 20_000 } else { 200 });
    let first = number("SYN2REAL_FIRST").unwrap_or(40_000);
    for log in [true, false] {
        let bad = common::parallel(count, |index| {
            let index = first + index;
            let mut problem = draw::draw(Law::Bent, log, index).problem;
            // Held or bounded rates mean alpha, which the rectified law ties to beta.
            problem.alpha = [0.0, 10.0];
            let cost = |law| {
                fit(&Problem { law, ..problem.clone() }).map(|fit| fit.cost).map_err(|why| format!("{index}: {why}"))
            };
            let (bent, shifted, rectified) = (cost(Law::Bent)?, cost(Law::Shifted)?, cost(Law::Rectified)?);
            let one = Syn2RealLaw::fit_with(&points(&problem), &options(&problem));
            let one = one.map_or(f64::INFINITY, |fit| fit.report().cost);
            // A simpler law is preferred where it costs a share of 1e-9 more (minima.rs).
            let is_below = |cost: f64, simpler: f64| cost <= simpler * (1.0 + 1.01e-9) + exact(&problem);
            if is_below(bent, shifted) && is_below(bent, rectified) && is_below(bent, one) && is_below(shifted, one) {
                return Ok(());
            }
            Err(format!("{index}: bent {bent:e}, shifted {shifted:e}, rectified {rectified:e}, law (1) {one:e}"))
        });
        let bad: Vec<String> = bad.into_iter().filter_map(Result::err).collect();
        assert!(bad.is_empty(), "log {log}, {} of {count}: {bad:#?}", bad.len());
    }
}

#[test]
fn units_of_n_and_of_the_error_do_not_matter() {
    for index in 0..60 {
        let drawn = draw::draw(Law::Bent, true, 50_000 + index);
        if drawn.problem.delta < f64::INFINITY || drawn.sigma < 1e-4 {
            continue;
        }
        let cost = fit(&drawn.problem).unwrap_or_else(|why| panic!("{index}: {why}")).cost;
        let mut other = drawn.problem.clone();
        other.n.iter_mut().for_each(|n| *n *= 1e3);
        other.error.iter_mut().for_each(|e| *e *= 7.0);
        other.c = other.c.map(|c| 7.0 * c);
        let moved = fit(&other).unwrap_or_else(|why| panic!("{index}: {why}")).cost;
        // Both are the optimum to the tolerance of the dense search.
        assert!((cost - moved).abs() <= 2e-6 * cost, "{index}: {cost:e}, {moved:e}");
    }
}

#[test]
fn bad_input_is_told_by_name() {
    let points = [(0.0, 0.9), (1e3, 0.8), (4e3, 0.7), (1.6e4, 0.6)];
    assert_eq!(BentLaw::fit(&points), Err(FitError::TooFewSizes { law: "bent", needed: 5, got: 4 }));
    assert_eq!(
        RectifiedLaw::fit(&points[..3]),
        Err(FitError::TooFewSizes { law: "rectified", needed: 4, got: 3 }),
        "three sizes"
    );
    let text = BentLaw::fit(&points).expect_err("four sizes").to_string();
    assert!(text.contains("rectified") && text.contains("shifted"), "which laws still go: {text}");
    let held = FitOptions { fixed_d: Some(1.0), ..FitOptions::default() };
    assert_eq!(ShiftedLaw::fit_with(&points, &held), Err(FitError::BadOption { field: "fixed_d" }));
    let bounded = FitOptions { d: Bounds::new(0.0, 1.0), ..FitOptions::default() };
    assert_eq!(ShiftedLaw::fit_with(&points, &bounded), Err(FitError::BadOption { field: "d" }));
    let negative = [(0.0, 0.9), (1e3, -0.8), (4e3, 0.7), (1.6e4, 0.6)];
    assert!(matches!(ShiftedLaw::fit(&negative), Err(FitError::Point { index: 1, .. })), "a negative error");
}

/// Points of a law with a little noise, as a curve of fourteen sizes with or without n = 0.
fn curve(law: BentLaw, has_untrained: bool, noise: f64) -> Vec<Point> {
    let mut rng = Rng::new(0xc0, 1);
    let sizes = (0..14).map(|i| 500.0 * 2_f64.powi(i));
    let all = has_untrained.then_some(0.0).into_iter().chain(sizes);
    all.map(|n| Point::new(n, law.error_at(n) * (noise * rng.normal()).exp())).collect()
}

#[test]
fn each_class_is_reached() {
    let law = BentLaw { a: 0.9, c: 0.2, n_h: 2e4, beta: 1.5, kappa: 0.5 };
    assert_eq!(BentLaw::fit(&curve(law, true, 1e-3)).map(|f| f.report().class), Ok(Class::Interior));
    let law_one: Vec<Point> =
        (0..14).map(|i| 500.0 * 2_f64.powi(i)).map(|n| Point::new(n, 0.1 + 3.0 * n.powf(-0.4))).collect();
    for class in [
        RectifiedLaw::fit(&law_one).map(|f| f.report().class),
        ShiftedLaw::fit(&law_one).map(|f| f.report().class),
        BentLaw::fit(&law_one).map(|f| f.report().class),
    ] {
        assert_eq!(class, Ok(Class::IsLawOne));
    }
    let no_gap = ShiftedLaw::fit(&curve(BentLaw { c: 0.0, beta: 1.0, ..law }, true, 0.05)).map(|f| f.report().class);
    assert_eq!(no_gap, Ok(Class::NoGap), "a curve without a gap, with noise");
    let flat: Vec<Point> = (0..9).map(|i| Point::new(500.0 * 2_f64.powi(i), 0.3 + 0.01 * f64::from(i))).collect();
    assert_eq!(RectifiedLaw::fit(&flat).map(|f| f.report().class), Ok(Class::Flat), "errors that rise");
    let corner: Vec<Point> = (0..14)
        .map(|i| 500.0 * 2_f64.powi(i))
        .map(|n| Point::new(n, 0.1 + 0.6 * (n / 1e4).max(1.0).powf(-0.5)))
        .collect();
    assert_eq!(BentLaw::fit(&corner).map(|f| f.report().class), Ok(Class::Corner));
    let step: Vec<Point> = (0..14).map(|i| Point::new(500.0 * 2_f64.powi(i), if i < 7 { 0.6 } else { 0.1 })).collect();
    assert_eq!(RectifiedLaw::fit(&step).map(|f| f.report().class), Ok(Class::AlphaMax));
    let held = FitOptions { c: Bounds::new(0.3, 0.8), ..FitOptions::default() };
    let class =
        RectifiedLaw::fit_with(&curve(BentLaw { kappa: 1.0, ..law }, true, 1e-3), &held).map(|f| f.report().class);
    assert!(matches!(class, Ok(Class::AtBound { .. })), "C above what the data want: {class:?}");
}

#[test]
fn minima_are_listed_once() {
    for index in 0..60 {
        let drawn = draw::draw(Law::Bent, true, 60_000 + index);
        let Ok(fit) = BentLaw::fit_with(&points(&drawn.problem), &options(&drawn.problem)) else { continue };
        for (i, a) in fit.minima().iter().enumerate() {
            for b in &fit.minima()[..i] {
                // Minima are told apart by cost or by place to 1e-4 (optimum.rs): equal to 1e-6 in both is a duplicate.
                let near = |x: f64, y: f64| (x - y).abs() <= 1e-6 * x.abs();
                let same = near(a.law.c, b.law.c) && near(a.law.n_h, b.law.n_h) && near(a.law.beta, b.law.beta);
                assert!(!(same && near(a.cost, b.cost) && near(a.law.kappa, b.law.kappa)), "{index}: {a:?} {b:?}");
            }
        }
    }
}

#[test]
fn long_curves_and_repeats_without_pre_training() {
    for (seed, has_untrained) in [(1, false), (2, true), (3, true)] {
        let mut rng = Rng::new(0x10c6, seed);
        let law = BentLaw { a: 0.9, c: 0.15, n_h: 3e4, beta: 1.4, kappa: 0.4 };
        let mut n: Vec<f64> = (0..400).map(|_| rng.log_uniform(1e3, 1e7)).collect();
        if has_untrained {
            n.extend([0.0; 5]);
        }
        let error: Vec<f64> = n.iter().map(|n| law.error_at(*n) * (0.02 * rng.normal()).exp()).collect();
        // Huber's delta of one standard deviation of the noise.
        for (law, delta) in LAWS.into_iter().flat_map(|law| [(law, f64::INFINITY), (law, 0.02)]) {
            let weight = vec![1.0; n.len()];
            let (n, error) = (n.clone(), error.clone());
            let (alpha, c) = ([0.0, 10.0], [0.0, f64::INFINITY]);
            let problem = Problem { law, n, error, weight, log: true, alpha, c, delta };
            let got = fit(&problem).unwrap_or_else(|why| panic!("{law:?}: {why}"));
            let truth = [(0.75_f64).ln(), 0.15, 3e4_f64.ln(), 1.4_f64.ln(), 0.56];
            let best = problem.descend(truth, 500);
            assert!(got.cost <= best.cost * (1.0 + 1e-6), "{law:?}: {:e}, {best:?}", got.cost);
        }
    }
}

/// A law of each kind, and a curve of it without noise.
fn exact_problem(law: Law, has_untrained: bool, log: bool) -> (BentLaw, Problem) {
    let truth = match law {
        Law::Rectified => BentLaw { a: 0.9, c: 0.2, n_h: 2e4, beta: 0.7, kappa: 1.0 },
        Law::Shifted => BentLaw { a: 0.9, c: 0.2, n_h: 2e4, beta: 1.0, kappa: 0.6 },
        Law::Bent => BentLaw { a: 0.9, c: 0.2, n_h: 2e4, beta: 1.5, kappa: 0.5 },
    };
    let points = curve(truth, has_untrained, 0.0);
    let n = points.iter().map(|p| p.n).collect();
    let error: Vec<f64> = points.iter().map(|p| p.error).collect();
    let weight = vec![1.0; error.len()];
    let (alpha, c, delta) = ([0.0, 10.0], [0.0, f64::INFINITY], f64::INFINITY);
    (truth, Problem { law, n, error, weight, log, alpha, c, delta })
}

#[test]
fn laws_are_found_again_without_noise() {
    for law in LAWS {
        for (has_untrained, log) in [(false, true), (true, true), (false, false), (true, false)] {
            let (truth, problem) = exact_problem(law, has_untrained, log);
            let got = fit(&problem).unwrap_or_else(|why| panic!("{law:?}: {why}"));
            for (got, truth) in got.parameters.iter().zip([truth.a, truth.c, truth.n_h, truth.beta, truth.kappa]) {
                // Rounding of the errors, 1e-16, times the condition of five parameters of fourteen sizes, up to 1e8.
                assert!((got / truth - 1.0).abs() < 1e-6, "{law:?} {has_untrained} {log}: {got}, {truth}");
            }
        }
    }
    // The bent law says which simpler law it is.
    for (law, class) in [(Law::Rectified, Class::IsRectified), (Law::Shifted, Class::IsShifted)] {
        let (_, problem) = exact_problem(law, true, true);
        let got = fit(&Problem { law: Law::Bent, ..problem }).unwrap_or_else(|why| panic!("{law:?}: {why}"));
        assert_eq!(got.class, class);
    }
}

#[test]
fn the_order_of_points_does_not_matter_and_weights_are_duplicates() {
    for law in LAWS {
        let (truth, _) = exact_problem(law, true, true);
        let points = curve(truth, true, 0.01);
        let n: Vec<f64> = points.iter().map(|p| p.n).collect();
        let error: Vec<f64> = points.iter().map(|p| p.error).collect();
        let weight: Vec<f64> = (0..n.len()).map(|i| (1 + i % 3) as f64).collect();
        let (alpha, c, delta) = ([0.0, 10.0], [0.0, f64::INFINITY], f64::INFINITY);
        let problem = Problem { law, n, error, weight, log: true, alpha, c, delta };
        let cost = fit(&problem).unwrap_or_else(|why| panic!("{law:?}: {why}")).cost;
        let mut other = problem.clone();
        for list in [&mut other.n, &mut other.error, &mut other.weight] {
            list.reverse();
        }
        let mut twice = problem.clone();
        let repeat = |list: &[f64]| -> Vec<f64> {
            list.iter().zip(&problem.weight).flat_map(|(x, w)| std::iter::repeat_n(*x, *w as usize)).collect()
        };
        (twice.n, twice.error) = (repeat(&problem.n), repeat(&problem.error));
        twice.weight = vec![1.0; twice.n.len()];
        for changed in [other, twice] {
            let again = fit(&changed).unwrap_or_else(|why| panic!("{law:?}: {why}")).cost;
            // Both are at rest to a share of 1e-10 (search.rs).
            assert!((again / cost - 1.0).abs() < 1e-9, "{law:?}: {cost:e}, {again:e}");
        }
    }
}

#[test]
fn thirty_decades_of_sizes_are_fitted() {
    for law in LAWS {
        let truth = exact_problem(law, false, true).0;
        let truth = BentLaw { n_h: 1.0, ..truth };
        for has_untrained in [false, true] {
            let sizes = (0..21).map(|i| 10_f64.powf(-15.0 + 1.5 * f64::from(i)));
            let all = has_untrained.then_some(0.0).into_iter().chain(sizes);
            let n: Vec<f64> = all.collect();
            let error: Vec<f64> = n.iter().map(|n| truth.error_at(*n)).collect();
            let weight = vec![1.0; n.len()];
            let (alpha, c, delta) = ([0.0, 10.0], [0.0, f64::INFINITY], f64::INFINITY);
            let problem = Problem { law, n, error, weight, log: true, alpha, c, delta };
            let cost = fit(&problem).unwrap_or_else(|why| panic!("{law:?}: {why}")).cost;
            assert!(cost <= rounding(&problem), "{law:?} {has_untrained}: {cost:e}");
        }
    }
}
