//! What a fit must satisfy whatever the data. 4096 cases each, from a fixed seed.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
mod common;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use syn2real::{
    Class, Confidence, FitError, FitOptions, Loss, Parameter, Point, PowerLaw, Residual, Syn2RealFit, Syn2RealLaw,
};

fn config() -> Config {
    // `prop_assume` may turn away more than the 1024 that are the default.
    Config {
        cases: 4096,
        max_global_rejects: 100_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_240_607),
        ..Config::default()
    }
}

/// A law with an error of at most 1.5 at n = 1000: the range of the common workload.
fn law() -> impl Strategy<Value = Syn2RealLaw> {
    (0.1..1.2, 0.1_f64.ln()..50.0_f64.ln(), 0.0..0.9)
        .prop_map(|(alpha, ln_d, c)| Syn2RealLaw { d: f64::exp(ln_d), alpha, c })
        .prop_filter("the error exceeds 1.5", |law| law.d * 1000_f64.powf(-law.alpha) + law.c <= 1.5)
}

/// 5 to 12 sizes from 1000 on, each 1.2 to 4 times the one before.
fn sizes() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(1.2_f64..4.0, 4..12).prop_map(|steps| {
        let mut n = vec![1000.0];
        for step in steps {
            n.push((n[n.len() - 1] * step).round());
        }
        n
    })
}

fn residual() -> impl Strategy<Value = Residual> {
    prop_oneof![Just(Residual::Log), Just(Residual::Linear)]
}

/// Measurements of a law with log-noise of .001 to .03 (half uniform noise, half of it in one point), weights .3 to 3.
fn curve() -> impl Strategy<Value = Vec<Point>> {
    (law(), sizes(), 1e-3_f64..0.03, prop::collection::vec((-1.7_f64..1.7, 0.3_f64..3.0), 12)).prop_map(
        |(law, n, sigma, noise)| {
            let error = |n: f64| law.d * n.powf(-law.alpha) + law.c;
            n.iter().zip(noise).map(|(&n, (z, w))| Point::new(n, error(n) * (sigma * z).exp()).with_weight(w)).collect()
        },
    )
}

fn with(residual: Residual) -> FitOptions {
    FitOptions { residual, ..FitOptions::default() }
}

fn fit(points: &[Point], options: &FitOptions) -> Result<Syn2RealFit, TestCaseError> {
    Syn2RealLaw::fit_with(points, options).map_err(|why| TestCaseError::fail(format!("{why}: {points:?}")))
}

/// Cost of a law, by std's mathematics.
fn cost(law: Syn2RealLaw, points: &[Point], residual: Residual) -> f64 {
    let one = |p: &Point| {
        let model = model(law, p.n);
        let r = if residual == Residual::Log { (model / p.error).ln() } else { model - p.error };
        0.5 * p.weight * r * r
    };
    points.iter().map(one).sum()
}

/// The law by std's mathematics; a constant has no rate.
fn model(law: Syn2RealLaw, n: f64) -> f64 {
    if law.d == 0.0 { law.c } else { law.d * n.powf(-law.alpha) + law.c }
}

/// Huber cost of a law, sum w rho(r), by std's mathematics.
fn huber(law: Syn2RealLaw, points: &[Point], residual: Residual, delta: f64) -> f64 {
    let one = |p: &Point| {
        let model = model(law, p.n);
        let r = if residual == Residual::Log { (model / p.error).ln() } else { model - p.error }.abs();
        p.weight * if r <= delta { 0.5 * r * r } else { delta * (r - 0.5 * delta) }
    };
    points.iter().map(one).sum()
}

/// Two fits of what must be the same problem: `second`, in the units of the first, costs what the first costs, to the
/// slack that every fit has (1e-9 relative + 1e-16), and the parameters differ by no more than that slack allows:
/// sqrt(2 * 1e-9 cost) in units of s = sqrt(2 cost / dof) is 1e-4 standard errors; 20 times that, for the curvature
/// that Gauss-Newton leaves out.
fn same(first: &Syn2RealFit, second: Syn2RealLaw, points: &[Point], residual: Residual) -> Result<(), TestCaseError> {
    let (law, ours) = (first.law(), first.report().cost);
    let theirs = cost(second, points, residual);
    prop_assert!(
        (theirs - ours).abs() <= 2e-9 * ours + 1e-16,
        "{law:?} {ours:e}, {second:?} {theirs:e}, {:?}",
        first.minima()
    );
    let rival = first.minima().get(1).is_some_and(|m| m.cost <= ours * (1.0 + 1e-8));
    if let ([_, Some(se_alpha), Some(se_c)], false) = (first.std_errors(), rival) {
        prop_assert!((law.alpha - second.alpha).abs() <= 2e-3 * se_alpha + 1e-9, "{law:?} {second:?} {se_alpha}");
        prop_assert!((law.c - second.c).abs() <= 2e-3 * se_c + 1e-9, "{law:?} {second:?} {se_c}");
    }
    Ok(())
}

/// The number after `name` at the start of a line of the report; NaN for the rate that a flat law has not.
fn printed(text: &str, name: &str) -> f64 {
    let line = text.lines().map(str::trim_start).find(|l| l.split_whitespace().next() == Some(name));
    let word =
        line.and_then(|l| l[name.len()..].split(|c: char| c.is_whitespace() || c == '=').find(|w| !w.is_empty()));
    word.and_then(|w| if w == "-" { Some(f64::NAN) } else { w.parse().ok() })
        .unwrap_or_else(|| panic!("no number for {name} in\n{text}"))
}

/// Every bit of a fit: the text of floats is unique, -0 and 0 apart.
fn bits(fit: &Result<Syn2RealFit, FitError>) -> String {
    format!("{fit:?}")
}

proptest! {
    #![proptest_config(config())]

    /// Errors carry a rounding of 1.1e-16; over the drop of the curve, and through the condition of (D, alpha, C) of at
    /// most some 1e4 on these grids, alpha is known to 1e-11 / drop. The solver adds its own tolerance, below 1e-8.
    #[test]
    fn noiseless_data_give_the_law_back(law in law(), n in sizes(), residual in residual()) {
        let points: Vec<Point> = n.iter().map(|&n| Point::new(n, law.d * n.powf(-law.alpha) + law.c)).collect();
        let fit = fit(&points, &with(residual))?;
        let got = fit.law();
        let drop = 1.0 - points[points.len() - 1].error / points[0].error;
        let spread = (n[n.len() - 1] / n[0]).ln().min(4.0);
        prop_assert!(fit.report().cost <= 1e-20, "cost {:e}, {got:?}, {law:?}", fit.report().cost);
        for p in &points {
            prop_assert!((got.error_at(p.n) / p.error - 1.0).abs() <= 1e-10, "L({}) = {}, data {}", p.n, got.error_at(p.n), p.error);
        }
        let slack = 1e-8 + 1e-11 / (drop * spread * spread);
        prop_assert!((got.alpha - law.alpha).abs() <= slack, "{got:?}, {law:?}, slack {slack:e}");
        prop_assert!((got.c - law.c).abs() <= slack * (1.0 + law.c), "{got:?}, {law:?}, slack {slack:e}");
    }

    #[test]
    fn another_unit_of_n(points in curve(), residual in residual(), ln_k in -7.0..7.0) {
        let k = f64::exp(ln_k);
        let scaled: Vec<Point> = points.iter().map(|p| Point { n: p.n * k, ..*p }).collect();
        let (first, second) = (fit(&points, &with(residual))?, fit(&scaled, &with(residual))?.law());
        let back = Syn2RealLaw { d: if second.d == 0.0 { 0.0 } else { second.d * k.powf(-second.alpha) }, ..second };
        same(&first, back, &points, residual)?;
    }

    #[test]
    fn another_unit_of_the_error(points in curve(), residual in residual(), ln_k in -9.0..9.0) {
        let k = f64::exp(ln_k);
        let scaled: Vec<Point> = points.iter().map(|p| Point { error: p.error * k, ..*p }).collect();
        let (first, second) = (fit(&points, &with(residual))?, fit(&scaled, &with(residual))?);
        let back = Syn2RealLaw { d: second.law().d / k, c: second.law().c / k, ..second.law() };
        same(&first, back, &points, residual)?;
    }

    /// R2: neither the search nor its end depends on the scale. By powers of two nothing is rounded: class, alpha, stop
    /// and counts are the same, D and C exactly scaled.
    #[test]
    fn scales_of_powers_of_two(points in curve(), residual in residual(), j in -40..40_i32, i in -40..40_i32) {
        let (k, kw) = (2f64.powi(j), 2f64.powi(i));
        let scaled: Vec<Point> = points.iter().map(|p| Point { error: p.error * k, weight: p.weight * kw, ..*p }).collect();
        let (first, second) = (fit(&points, &with(residual))?, fit(&scaled, &with(residual))?);
        let (a, b) = (first.law(), second.law());
        // Laws, not numbers: a flat one has no rate.
        prop_assert_eq!(Syn2RealLaw { d: a.d * k, alpha: a.alpha, c: a.c * k }, b);
        let end = |fit: &Syn2RealFit| {
            let r = fit.report();
            (r.class, r.termination, r.iterations, r.evaluations, r.minima_found, r.condition)
        };
        prop_assert_eq!(end(&first), end(&second));
    }

    #[test]
    fn another_unit_of_the_weights(points in curve(), residual in residual(), ln_k in -9.0..9.0) {
        let k = f64::exp(ln_k);
        let scaled: Vec<Point> = points.iter().map(|p| p.with_weight(p.weight * k)).collect();
        let (first, second) = (fit(&points, &with(residual))?, fit(&scaled, &with(residual))?);
        same(&first, second.law(), &points, residual)?;
        // Relative weights: the standard errors do not move. Each is good to the step at which the solver stops.
        for (a, b) in first.std_errors().into_iter().zip(second.std_errors()) {
            // Of two classes that cost the same, either is an answer, and only one has a standard error.
            let equal = match (a, b) { (Some(a), Some(b)) => (a / b - 1.0).abs() < 1e-4, _ => true };
            prop_assert!(equal, "{a:?} {b:?}");
        }
    }

    #[test]
    fn order_does_not_matter(points in curve(), residual in residual(), seed in any::<u64>()) {
        let order = common::rng::Rng::new(seed, 0).permutation(points.len());
        let shuffled: Vec<Point> = order.iter().map(|&i| points[i]).collect();
        let (first, second) = (fit(&points, &with(residual))?, fit(&shuffled, &with(residual))?);
        same(&first, second.law(), &points, residual)?;
    }

    #[test]
    fn weight_two_is_a_point_twice(points in curve(), residual in residual(), twice in prop::collection::vec(any::<bool>(), 12)) {
        let ones: Vec<Point> = points.iter().map(|p| p.with_weight(1.0)).collect();
        let weighted: Vec<Point> = ones.iter().zip(&twice).map(|(p, &t)| p.with_weight(if t { 2.0 } else { 1.0 })).collect();
        let mut repeated = ones.clone();
        repeated.extend(ones.iter().zip(&twice).filter(|(_, t)| **t).map(|(p, _)| *p));
        let (first, second) = (fit(&weighted, &with(residual))?, fit(&repeated, &with(residual))?);
        same(&first, second.law(), &weighted, residual)?;
    }

    /// The same for Huber with a given delta: the cost is sum w rho(r). Of two minima that cost the same, either may win,
    /// and a flat bottom of the robust cost leaves the law open: costs are compared, by the one formula on both data.
    #[test]
    fn weight_two_is_a_point_twice_for_huber(points in curve(), residual in residual(), twice in prop::collection::vec(any::<bool>(), 12), ln_delta in -4.5..-3.0) {
        let delta = f64::exp(ln_delta);
        let options = FitOptions { loss: Loss::HuberAbsolute { delta }, ..with(residual) };
        let ones: Vec<Point> = points.iter().map(|p| p.with_weight(1.0)).collect();
        let weighted: Vec<Point> = ones.iter().zip(&twice).map(|(p, &t)| p.with_weight(if t { 2.0 } else { 1.0 })).collect();
        let mut repeated = ones.clone();
        repeated.extend(ones.iter().zip(&twice).filter(|(_, t)| **t).map(|(p, _)| *p));
        let (first, second) = (fit(&weighted, &options)?, fit(&repeated, &options)?);
        let slack = |cost: f64| 2e-9 * cost + 1e-16;
        for fit in [&first, &second] {
            let (cost, formula) = (fit.report().cost, huber(fit.law(), &weighted, residual, delta));
            prop_assert!((cost - formula).abs() <= slack(cost), "reported {cost:e}, sum w rho(r) = {formula:e}, {:?}", fit.law());
        }
        let (a, b) = (first.report().cost, second.report().cost);
        prop_assert!((a - b).abs() <= slack(a), "{a:e} {:?}, {b:e} {:?}", first.law(), second.law());
        // sum w r^2 / sum w is the same mean.
        if (first.law().alpha / second.law().alpha - 1.0).abs() < 1e-6 {
            prop_assert!((first.report().rms / second.report().rms - 1.0).abs() < 1e-4, "{first:?} {second:?}");
        }
    }

    #[test]
    fn a_point_without_weight_is_no_point(points in curve(), residual in residual(), n in 1.0_f64..1e6, error in 1e-3..2.0) {
        let mut more = points.clone();
        more.insert(points.len() / 2, Point::new(n, error).with_weight(0.0));
        let (first, second) = (fit(&points, &with(residual))?, fit(&more, &with(residual))?);
        same(&first, second.law(), &points, residual)?;
        prop_assert_eq!(second.report().points, points.len());
        prop_assert_eq!(second.report().n_max, first.report().n_max);
    }

    #[test]
    fn predictions_fall(points in curve(), residual in residual(), ln_n in prop::collection::vec(-5.0..40.0_f64, 8)) {
        let law = fit(&points, &with(residual))?.law();
        let mut n: Vec<f64> = ln_n.iter().map(|x| x.exp()).collect();
        n.sort_by(f64::total_cmp);
        for pair in n.windows(2) {
            let (a, b) = (law.error_at(pair[0]), law.error_at(pair[1]));
            // One rounding of the product and one of the sum.
            prop_assert!(b <= a * (1.0 + 4.0 * f64::EPSILON), "L({}) = {a}, L({}) = {b}", pair[0], pair[1]);
            prop_assert!(b >= law.c, "L({}) = {b} below C = {}", pair[1], law.c);
        }
    }

    /// Standard errors against a Jacobian from sixth-order differences, its error 1e-11 of a column at steps of 1e-3;
    /// through the condition (5e3 for the largest curves here) 1e-7.
    #[test]
    fn standard_errors_are_those_of_differences(points in curve(), residual in residual()) {
        let fit = fit(&points, &with(residual))?;
        let law = fit.law();
        // Only inside, and not at the very edge, where the parameter and its step leave the domain.
        prop_assume!(fit.report().class == Class::Interior && law.alpha > 0.02 && law.alpha < 9.0 && law.c > 1e-3);
        let dof = points.len() as f64 - 3.0;
        let s = (2.0 * fit.report().cost / dof).sqrt();
        let expected = differences(law, &points, residual).map(|x| x * s);
        for (got, expected) in fit.std_errors().into_iter().zip(expected) {
            let got = got.ok_or_else(|| TestCaseError::fail(format!("no standard error: {fit:?}")))?;
            prop_assert!((got / expected - 1.0).abs() < 1e-5, "{got} {expected} {:?}", fit.report().condition);
        }
    }

    /// R9: parameters read from the printed report reproduce the predictions to 1e-6, from n_min to 100 n_max.
    #[test]
    fn the_report_reproduces_predictions(points in curve(), residual in residual()) {
        let fit = fit(&points, &with(residual))?;
        let text = fit.to_string();
        let read = Syn2RealLaw { d: printed(&text, "D"), alpha: printed(&text, "alpha"), c: printed(&text, "C") };
        for k in 0..=20 {
            let n = fit.report().n_min * (100.0 * fit.report().n_max / fit.report().n_min).powf(f64::from(k) / 20.0);
            let (a, b) = (fit.law().error_at(n), read.error_at(n));
            prop_assert!((a - b).abs() < 1e-6, "L({n}) = {a}, from the text {b}:\n{text}");
        }
        prop_assert!(text.contains(&residual.to_string()), "the residual space is named:\n{text}");
    }

    #[test]
    fn intervals_contain_the_estimate(points in curve(), residual in residual(), level in 0.01..0.999) {
        let fit = fit(&points, &with(residual))?;
        let (narrow, wide) = (Confidence::new(level), Confidence::new(0.5 + 0.5 * level));
        let (Ok(narrow), Ok(wide)) = (narrow, wide) else { return Err(TestCaseError::fail("levels inside (0, 1)")) };
        let law = fit.law();
        for (which, value, se) in [(Parameter::D, law.d, 0), (Parameter::Alpha, law.alpha, 1), (Parameter::C, law.c, 2)] {
            let (Some(a), Some(b)) = (fit.interval(which, narrow), fit.interval(which, wide)) else {
                prop_assert!(fit.std_errors()[se].is_none(), "{which} has a standard error and no interval");
                continue;
            };
            prop_assert_eq!(a.estimate, value);
            prop_assert!(a.lower.is_none_or(|l| l <= value) && a.upper.is_none_or(|u| u >= value), "{a:?}");
            prop_assert!(b.lower.is_none_or(|l| a.lower.is_none_or(|x| l <= x)), "a higher level is wider: {a:?} {b:?}");
            prop_assert!(b.upper.is_none_or(|u| a.upper.is_none_or(|x| u >= x)), "a higher level is wider: {a:?} {b:?}");
        }
    }

    /// `fit_many` and `fit_grid` are `fit_with`, bit for bit, good rows beside bad ones.
    #[test]
    fn many_is_one_by_one(curves in prop::collection::vec(curve(), 1..20), residual in residual(), bad in any::<prop::sample::Index>()) {
        let options = with(residual);
        let mut curves = curves;
        let broken = bad.index(curves.len());
        curves[broken][0].error = f64::NAN;
        let mut many = Vec::new();
        Syn2RealLaw::fit_many(&curves, &options, |k, result| {
            assert_eq!(k, many.len(), "each once, in order");
            many.push(result);
        });
        prop_assert_eq!(many.len(), curves.len());
        for (curve, got) in curves.iter().zip(&many) {
            prop_assert_eq!(bits(got), bits(&Syn2RealLaw::fit_with(curve, &options)));
        }
        prop_assert!(many[broken].is_err() && many.iter().filter(|m| m.is_err()).count() == 1, "only curve {broken} is broken");
        let n: Vec<f64> = curves[0].iter().map(|p| p.n).collect();
        let errors: Vec<f64> = curves.iter().flat_map(|c| (0..n.len()).map(|i| c[i % c.len()].error)).collect();
        let mut grid = Vec::new();
        let shape = Syn2RealLaw::fit_grid(&n, &errors, &options, |k, result| {
            assert_eq!(k, grid.len(), "each once, in order");
            grid.push(result);
        });
        prop_assert_eq!((shape, grid.len()), (Ok(()), curves.len()));
        for (row, got) in errors.chunks_exact(n.len()).zip(&grid) {
            let points: Vec<Point> = n.iter().zip(row).map(|(&n, &e)| Point::new(n, e)).collect();
            prop_assert_eq!(bits(got), bits(&Syn2RealLaw::fit_with(&points, &options)));
        }
    }

    /// The power law is law (1) with C fixed at 0.
    #[test]
    fn the_power_law_is_the_law_without_gap(points in curve(), residual in residual()) {
        let options = with(residual);
        let power = PowerLaw::fit_with(&points, &options).map_err(|why| TestCaseError::fail(why.to_string()))?;
        let first = fit(&points, &FitOptions { fixed_c: Some(0.0), ..options })?;
        same(&first, Syn2RealLaw { d: power.law().d, alpha: power.law().alpha, c: 0.0 }, &points, residual)?;
        prop_assert_eq!(power.std_errors(), [first.std_errors()[0], first.std_errors()[1]]);
    }
}

/// Standard errors of (D, alpha, C) for s = 1: columns of the Jacobian by central differences of sixth order, scaled,
/// orthogonalised twice (Gram-Schmidt), R inverted.
fn differences(law: Syn2RealLaw, points: &[Point], residual: Residual) -> [f64; 3] {
    let value = |law: Syn2RealLaw, p: &Point| {
        let model = model(law, p.n);
        p.weight.sqrt() * if residual == Residual::Log { model.ln() } else { model }
    };
    let moved = |k: usize, by: f64| match k {
        0 => Syn2RealLaw { d: law.d + by, ..law },
        1 => Syn2RealLaw { alpha: law.alpha + by, ..law },
        _ => Syn2RealLaw { c: law.c + by, ..law },
    };
    let steps = [1e-3 * law.d, 1e-3 * law.alpha.min(0.5), 1e-3 * law.c];
    let mut columns: [Vec<f64>; 3] = std::array::from_fn(|k| {
        let h = steps[k];
        let odd = |p: &Point, j: f64| value(moved(k, j * h), p) - value(moved(k, -j * h), p);
        points.iter().map(|p| (45.0 * odd(p, 1.0) - 9.0 * odd(p, 2.0) + odd(p, 3.0)) / (60.0 * h)).collect()
    });
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let lengths: [f64; 3] = std::array::from_fn(|k| dot(&columns[k], &columns[k]).sqrt());
    for (column, length) in columns.iter_mut().zip(lengths) {
        column.iter_mut().for_each(|x| *x /= length);
    }
    let mut r = [[0.0; 3]; 3];
    for k in 0..3 {
        for _ in 0..2 {
            for j in 0..k {
                let (basis, rest) = columns.split_at_mut(k);
                let along = dot(&basis[j], &rest[0]);
                r[j][k] += along;
                rest[0].iter_mut().zip(&basis[j]).for_each(|(x, b)| *x -= along * b);
            }
        }
        r[k][k] = dot(&columns[k], &columns[k]).sqrt();
        let length = r[k][k];
        columns[k].iter_mut().for_each(|x| *x /= length);
    }
    // Rows of the inverse of R; (J'J)^-1 = R^-1 R^-T.
    let inverse = [
        [1.0 / r[0][0], -r[0][1] / (r[0][0] * r[1][1]), (r[0][1] * r[1][2] / r[1][1] - r[0][2]) / (r[0][0] * r[2][2])],
        [0.0, 1.0 / r[1][1], -r[1][2] / (r[1][1] * r[2][2])],
        [0.0, 0.0, 1.0 / r[2][2]],
    ];
    std::array::from_fn(|k| dot(&inverse[k], &inverse[k]).sqrt() / lengths[k])
}

proptest! {
    #![proptest_config(config())]

    /// Closed-form gradients against central differences of sixth order: error of the formula h^6 of order 1e-15 at
    /// steps of 4e-3 in the logarithm of a parameter, rounding 1e-16 / 4e-3 of L; together below 1e-12 of L.
    #[test]
    fn gradients_are_those_of_differences(law in law(), ln_n in -3.0..20.0_f64) {
        let n = f64::exp(ln_n);
        let value = |law: Syn2RealLaw| model(law, n);
        let moved = |k: usize, by: f64| match k {
            0 => Syn2RealLaw { d: law.d + by, ..law },
            1 => Syn2RealLaw { alpha: law.alpha + by, ..law },
            _ => Syn2RealLaw { c: law.c + by, ..law },
        };
        let steps = [4e-3 * law.d, 4e-3 / (1.0 + ln_n.abs()), 4e-3 * law.c.max(0.1)];
        for (k, (got, h)) in law.gradient_at(n).into_iter().zip(steps).enumerate() {
            let odd = |j: f64| value(moved(k, j * h)) - value(moved(k, -j * h));
            let expected = (45.0 * odd(1.0) - 9.0 * odd(2.0) + odd(3.0)) / (60.0 * h);
            let slack = 1e-11 * value(law) / h * 4e-3;
            prop_assert!((got - expected).abs() <= slack, "parameter {k}: {got} {expected}, slack {slack:e}");
        }
        let power = PowerLaw { d: law.d, alpha: law.alpha };
        let [d, alpha, _] = law.gradient_at(n);
        prop_assert_eq!(power.gradient_at(n), [d, alpha]);
    }
}
