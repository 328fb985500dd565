//! The laws over n and s: published and reference optima, an independent search from random starts, derivatives,
//! recovery, invariances, typed errors.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
mod common;

use common::data::{number, table};
use common::rng::Rng;
use syn2real::{
    AdditiveLaw, Bounds, FitError, FitOptions, FullClass, FullFit, FullLaw, FullOptions, GridPoint, LackOfFit, Offset,
    Parameter, PointError, Residual, Side, Syn2RealLaw, Weights, compare,
};

const C2: [f64; 6] = [2.0, 4.0, 7.0, 16.0, 32.0, 64.0];

fn residual(name: &str) -> Residual {
    if name == "log" { Residual::Log } else { Residual::Linear }
}

fn options(residual: Residual) -> FullOptions {
    FullOptions { residual, ..FullOptions::default() }
}

/// s is a percentage of 1,281,167 images, or class-balanced with 1000 classes of at most 732.
fn size(percent: f64, definition: &str) -> f64 {
    match definition {
        "percent_of_1281167" => percent * 12_811.67,
        "class_balanced_732" => 1000.0 * (13.0 * percent).min(732.0),
        other => panic!("s definition {other}"),
    }
}

/// The authors' grid (percent, n, err_last).
fn grid() -> Vec<(f64, f64, f64)> {
    table(include_str!("data/grid_n_s_r50_mulclass_imagenet.csv"))
        .iter()
        .map(|row| (number(row, "fratio"), number(row, "n"), number(row, "err_last")))
        .collect()
}

/// A subset of the reference table as points with n > 0.
fn subset(name: &str, definition: &str) -> Vec<GridPoint> {
    let wanted = |percent: f64| match name {
        "paper_C2_42" => C2.contains(&percent),
        "with_10pct_49" => C2.contains(&percent) || percent == 10.0,
        "all_63" => true,
        other => panic!("subset {other}"),
    };
    grid()
        .into_iter()
        .filter(|&(percent, n, _)| n > 0.0 && wanted(percent))
        .map(|(percent, n, error)| GridPoint::new(n, size(percent, definition), error))
        .collect()
}

fn close(got: f64, wanted: f64, share: f64, what: &str) {
    assert!((got - wanted).abs() <= share * wanted.abs(), "{what}: {got}, expected {wanted}");
}

/// All ten rows of the reference: cost at the optimum to 1e-9, parameters to 1e-5 as the task asks.
#[test]
fn reference_optima() {
    let rows = table(include_str!("data/full_law_reference.csv"));
    assert_eq!(rows.len(), 10, "rows");
    for row in &rows {
        let what = format!("{} {} {}", row["subset"], row["s_definition"], row["residual"]);
        let points = subset(&row["subset"], &row["s_definition"]);
        assert_eq!(points.len() as f64, number(row, "points"), "{what}");
        let fit = FullLaw::fit_with(&points, &options(residual(&row["residual"]))).expect(&what);
        let (law, report) = (fit.law(), fit.report());
        println!(
            "{what}: cost {:e} minima {} evaluations {} {:?}",
            report.cost, report.minima_found, report.evaluations, report.termination
        );
        assert!(report.cost <= number(row, "cost") * (1.0 + 1e-9), "{what}: cost {:e}, {}", report.cost, row["cost"]);
        close(law.delta, number(row, "delta"), 1e-5, &what);
        close(law.gamma, number(row, "gamma"), 1e-5, &what);
        close(law.alpha, number(row, "alpha"), 1e-5, &what);
        close(law.beta, number(row, "beta"), 1e-5, &what);
        assert_eq!(report.class, FullClass::Interior, "{what}");
        assert_eq!(report.degrees_of_freedom, points.len() as i64 - 4, "{what}");
    }
}

/// Appendix C.2 as published, alpha .544, beta .322, gamma .478, delta 41.8: the linear fit with class-balanced s has alpha
/// and gamma to the three digits printed (gamma .4785 lies between .478 and .479), beta and delta to .4 % and 1.1 %.
#[test]
fn appendix_c2() {
    let fit = FullLaw::fit_with(&subset("paper_C2_42", "class_balanced_732"), &options(Residual::Linear)).expect("C.2");
    let law = fit.law();
    assert!((law.alpha - 0.544).abs() < 5e-4, "alpha {}", law.alpha);
    assert!((law.gamma - 0.478).abs() < 5e-4, "gamma {}", law.gamma);
    assert!((law.beta - 0.322).abs() < 0.004 * 0.322 && (law.delta - 41.8).abs() < 0.011 * 41.8, "{law:?}");
}

/// The published C.2 parameters imply D = 1.99 at 1 % of ImageNet, against the .48 that Appendix D prints.
/// The gap is large and yet no contradiction by itself: alone, the 42 points leave the implied D a standard error above 4.
/// It is the curve at 1 %, outside of the fit, that contradicts: its transfer gap with D = .48 lies off the implied one.
#[test]
fn c2_against_the_fixed_d() {
    let published = FullLaw { delta: 41.8, gamma: 0.478, alpha: 0.544, beta: 0.322, n0: 0.0, e: 0.0 };
    assert!((published.at_fine_tune_size(12_811.67).d - 1.99).abs() < 0.005, "D at 1 %");
    let fit = FullLaw::fit_with(&subset("paper_C2_42", "percent_of_1281167"), &options(Residual::Linear)).expect("C.2");
    let curve: Vec<(f64, f64)> =
        grid().into_iter().filter(|&(percent, n, _)| percent == 1.0 && n > 0.0).map(|(_, n, e)| (n, e)).collect();
    let simple = FitOptions { residual: Residual::Linear, fixed_d: Some(0.48), ..FitOptions::default() };
    let simple = Syn2RealLaw::fit_with(&curve, &simple).expect("1 % of ImageNet");
    let check = fit.consistency(12_811.67, &simple);
    println!("{check:?}");
    // D of the fit itself: delta s^-beta from the reference row.
    close(check.implied.d, 39.814693252047 * 12_811.67_f64.powf(-0.31874905624708), 1e-5, "implied D");
    assert_eq!(check.fitted.d, 0.48);
    let [se_d, _, se_c] = check.std_errors.map(|e| e.expect("inside"));
    let [z_d, _, z_c] = check.z.map(|z| z.expect("a standard error on one side at least"));
    assert!(se_d > 4.0 && z_d.abs() < 1.0, "D = .48 against {} +- {se_d}: z = {z_d}", check.implied.d);
    close(z_d, (0.48 - check.implied.d) / se_d, 1e-12, "D is fixed on the other side");
    assert!(z_c < -2.0, "C {} against {} +- {se_c}", check.fitted.c, check.implied.c);
    let both = (se_c * se_c + check.fitted_std_errors[2].expect("inside").powi(2)).sqrt();
    close(z_c, (check.fitted.c - check.implied.c) / both, 1e-12, "C");
    // Delta method against finite differences of ln D = ln delta - beta ln s with the covariance of (delta, beta).
    let c = fit.covariance().expect("inside");
    let (law, ln_s) = (fit.law(), 12_811.67_f64.ln());
    let relative = c[0][0] / (law.delta * law.delta) + ln_s * ln_s * c[3][3] - 2.0 * ln_s * c[0][3] / law.delta;
    close(se_d, check.implied.d * relative.sqrt(), 1e-9, "standard error of D");
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(';').map(|x| x.parse().expect("a number")).collect()
}

/// Seeded noisy grids, both laws and residual spaces, n0 and E free in some: no start of `oracles/full_law.py` finds a
/// lower cost, and where it finds the same one rates and their standard errors agree.
#[test]
fn no_random_start_is_lower() {
    let rows = table(include_str!("data/full_law_random.csv"));
    assert_eq!(rows.len(), 64, "32 grids in two residual spaces");
    let (mut same, mut failures) = (0, Vec::new());
    for row in &rows {
        let what = format!("grid {} {} {}", row["grid"], row["law"], row["residual"]);
        let (n, s, error) = (numbers(&row["n"]), numbers(&row["s"]), numbers(&row["error"]));
        let points: Vec<(f64, f64, f64)> = n.iter().zip(&s).zip(&error).map(|((&n, &s), &e)| (n, s, e)).collect();
        let free = |column: &str| if row[column] == "free" { Offset::Free } else { Offset::Fixed(0.0) };
        let options = FullOptions { n0: free("n0"), e: free("e"), ..options(residual(&row["residual"])) };
        let (alpha, beta, errors, report) = if row["law"] == "full" {
            match FullLaw::fit_with(&points, &options) {
                Ok(f) => (f.law().alpha, f.law().beta, [f.std_errors()[2], f.std_errors()[3]], *f.report()),
                Err(why) => {
                    failures.push(format!("{what}: {why}"));
                    continue;
                }
            }
        } else {
            match AdditiveLaw::fit_with(&points, &options) {
                Ok(f) => (f.law().alpha, f.law().beta, [f.std_errors()[1], f.std_errors()[3]], *f.report()),
                Err(why) => {
                    failures.push(format!("{what}: {why}"));
                    continue;
                }
            }
        };
        let wanted = number(row, "cost");
        if report.cost > wanted * (1.0 + 1e-9) {
            failures.push(format!("{what}: cost {:e} {:?}, random starts {wanted:e}", report.cost, report.class));
        }
        // The same optimum, reached to 1e-10 of its cost: rates agree to the root of that.
        if report.class == FullClass::Interior && wanted <= report.cost * (1.0 + 1e-10) {
            same += 1;
            for (got, column) in [(alpha, "alpha"), (beta, "beta")] {
                let se = number(row, &format!("se_{column}"));
                // 1e-10 of the cost is (dof/2) 1e-10 in units of se^2: 1e-3 of a standard error with up to 40 points.
                if (got - number(row, column)).abs() > 1e-3 * se {
                    failures.push(format!("{what}: {column} {got}, oracle {} +- {se}", row[column]));
                }
            }
            for (got, column) in errors.into_iter().zip(["se_alpha", "se_beta"]) {
                // Its Jacobian is by differences and its optimum as above.
                if !got.is_some_and(|e| (e / number(row, column) - 1.0).abs() < 1e-3) {
                    failures.push(format!("{what}: {column} {got:?}, oracle {}", row[column]));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(same >= 30, "only {same} of 64 optima were reached by random starts: the oracle is too weak");
}

fn sizes() -> Vec<(f64, f64)> {
    [1e4, 2e4, 5e4, 16e4].into_iter().flat_map(|s| [1e3, 2e3, 4e3, 8e3, 16e3, 32e3].map(|n| (n, s))).collect()
}

/// Noiseless data give the law back. A cost at the rounding level (1e-16 per residual) over the smallest singular value of
/// the scaled Jacobian (the root of the reported condition) is the accuracy to expect.
#[test]
fn noiseless_recovery() {
    let truth = FullLaw { delta: 40.0, gamma: 0.02, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
    let laws = [
        (truth, Offset::Fixed(0.0), Offset::Fixed(0.0)),
        (FullLaw { n0: 700.0, ..truth }, Offset::Free, Offset::Fixed(0.0)),
        (FullLaw { e: 0.15, ..truth }, Offset::Fixed(0.0), Offset::Free),
        (FullLaw { n0: 700.0, e: 0.15, ..truth }, Offset::Free, Offset::Free),
        (FullLaw { n0: 300.0, ..truth }, Offset::Fixed(300.0), Offset::Fixed(0.0)),
        (FullLaw { gamma: 0.0, ..truth }, Offset::Fixed(0.0), Offset::Fixed(0.0)),
    ];
    for residual in [Residual::Log, Residual::Linear] {
        for (law, n0, e) in laws {
            let mut points: Vec<(f64, f64, f64)> = sizes().iter().map(|&(n, s)| (n, s, law.error_at(n, s))).collect();
            if law.n0 > 0.0 {
                points.extend([1e4, 5e4].map(|s| (0.0, s, law.error_at(0.0, s))));
            }
            let what = format!("{law:?} {residual}");
            let fit = FullLaw::fit_with(&points, &FullOptions { residual, n0, e, ..FullOptions::default() });
            let fit = fit.unwrap_or_else(|why| panic!("{what}: {why}"));
            let condition = fit.report().condition.unwrap_or(1e8).sqrt();
            let share = 100.0 * f64::EPSILON * condition.max(1e3);
            let got = fit.law();
            for (got, wanted, name) in [
                (got.delta, law.delta, "delta"),
                (got.alpha, law.alpha, "alpha"),
                (got.beta, law.beta, "beta"),
                (got.n0, law.n0, "n0"),
                (got.e, law.e, "E"),
            ] {
                close(got, wanted, 10.0 * share, &format!("{what}: {name}"));
            }
            // gamma against u, of which it is a sum: .02 or 0 against .006 to .03.
            assert!((got.gamma - law.gamma).abs() <= 10.0 * share * 0.03, "{what}: gamma {}", got.gamma);
        }
    }
}

/// Eighth-order central differences against the formulas: h = 2^-7 relative leaves (h^8) 1e-17 of truncation and eps / h =
/// 3e-14 of rounding, times derivatives of the exponent of up to some 100.
#[test]
fn gradients_are_those_of_the_laws() {
    const WEIGHTS: [(f64, f64); 4] = [(1.0, 4.0 / 5.0), (2.0, -1.0 / 5.0), (3.0, 4.0 / 105.0), (4.0, -1.0 / 280.0)];
    let derivative = |f: &dyn Fn(f64) -> f64, x: f64| {
        let h = x * 2f64.powi(-7);
        WEIGHTS.iter().map(|(k, w)| w * (f(x + k * h) - f(x - k * h))).sum::<f64>() / h
    };
    for index in 0..200 {
        let mut rng = Rng::new(11, index);
        let p: [f64; 6] = [
            rng.log_uniform(0.1, 100.0),
            rng.log_uniform(1e-3, 10.0),
            rng.uniform(0.05, 1.5),
            rng.uniform(0.05, 1.0),
            rng.log_uniform(1.0, 1e3),
            rng.uniform(0.01, 0.5),
        ];
        let (n, s) = (rng.log_uniform(10.0, 1e5), rng.log_uniform(10.0, 1e5));
        let full = |p: [f64; 6]| FullLaw { delta: p[0], gamma: p[1], alpha: p[2], beta: p[3], n0: p[4], e: p[5] };
        let sum = |p: [f64; 6]| AdditiveLaw { a: p[0], alpha: p[2], b: p[1], beta: p[3], e: p[5] };
        let check = |by: f64, j: usize, law: &dyn Fn([f64; 6]) -> f64| {
            let numeric = derivative(
                &|x| {
                    let mut q = p;
                    q[j] = x;
                    law(q)
                },
                p[j],
            );
            let size = by.abs().max(law(p) / p[j]);
            assert!((by - numeric).abs() <= 1e-11 * size, "case {index}, parameter {j}: {by} against {numeric}");
        };
        for (j, by) in full(p).gradient_at(n, s).into_iter().enumerate() {
            check(by, j, &|q| full(q).error_at(n, s));
        }
        for (by, j) in sum(p).gradient_at(n, s).into_iter().zip([0, 2, 1, 3, 5]) {
            check(by, j, &|q| sum(q).error_at(n, s));
        }
    }
}

fn noisy(seed: u64, law: &FullLaw, sigma: f64) -> Vec<(f64, f64, f64)> {
    let mut rng = Rng::new(seed, 0);
    sizes().iter().map(|&(n, s)| (n, s, law.error_at(n, s) * (sigma * rng.normal()).exp())).collect()
}

const TRUTH: FullLaw = FullLaw { delta: 40.0, gamma: 0.02, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };

/// n -> k n maps delta to delta k^alpha and gamma to gamma k^-alpha, s -> k s delta to delta k^beta, L -> k L delta to k delta;
/// the rest stays. The optimum is flat: the solver's step tolerance is 1e-10, the condition of these data some 1e4.
#[test]
fn units_do_not_matter() {
    let points = noisy(5, &TRUTH, 0.01);
    for residual in [Residual::Log, Residual::Linear] {
        let fit =
            |points: &[(f64, f64, f64)]| FullLaw::fit_with(points, &options(residual)).expect("a good grid").law();
        let law = fit(&points);
        let k = 7.3;
        let by_n = fit(&points.iter().map(|&(n, s, e)| (k * n, s, e)).collect::<Vec<_>>());
        let by_s = fit(&points.iter().map(|&(n, s, e)| (n, k * s, e)).collect::<Vec<_>>());
        let by_l = fit(&points.iter().map(|&(n, s, e)| (n, s, k * e)).collect::<Vec<_>>());
        let n_wanted = FullLaw { delta: law.delta * k.powf(law.alpha), gamma: law.gamma * k.powf(-law.alpha), ..law };
        let s_wanted = FullLaw { delta: law.delta * k.powf(law.beta), ..law };
        let l_wanted = FullLaw { delta: law.delta * k, ..law };
        for (got, wanted, what) in [(by_n, n_wanted, "n"), (by_s, s_wanted, "s"), (by_l, l_wanted, "L")] {
            for (a, b) in [
                (got.delta, wanted.delta),
                (got.gamma, wanted.gamma),
                (got.alpha, wanted.alpha),
                (got.beta, wanted.beta),
            ] {
                close(a, b, 1e-7, &format!("{what} scaled, {residual}"));
            }
        }
        let mut reversed = points.clone();
        reversed.reverse();
        close(fit(&reversed).alpha, law.alpha, 1e-7, "order");
        let doubled: Vec<GridPoint> = points.iter().map(|&p| GridPoint::from(p).with_weight(2.0)).collect();
        let twice: Vec<GridPoint> = points.iter().chain(&points).map(|&p| p.into()).collect();
        let (doubled, twice) = (
            FullLaw::fit_with(&doubled, &options(residual)).expect("weights").report().cost,
            FullLaw::fit_with(&twice, &options(residual)).expect("duplicates").report().cost,
        );
        close(doubled, twice, 1e-12, "a weight of 2 is a duplicate");
    }
}

/// The spread of 200 refits of parametric replicates is the standard error: a relative error of 1/sqrt(400) = 5 % in the
/// spread, and the second order of a curved law; 3.5 sigma is 18 %.
#[test]
fn standard_errors_are_the_spread_of_replicates() {
    let base = FullLaw::fit(&noisy(0, &TRUTH, 0.01)).expect("a good grid");
    let fits: Vec<FullFit> = (1..=200).map(|k| FullLaw::fit(&noisy(k, &TRUTH, 0.01)).expect("a good grid")).collect();
    for (index, of) in [(2, (|l| l.alpha) as fn(FullLaw) -> f64), (3, |l| l.beta)] {
        let values: Vec<f64> = fits.iter().map(|f| of(f.law())).collect();
        let mean = values.iter().sum::<f64>() / 200.0;
        let spread = (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 199.0).sqrt();
        let told = fits.iter().map(|f| f.std_errors()[index].expect("inside")).sum::<f64>() / 200.0;
        assert!((told / spread - 1.0).abs() < 0.18, "parameter {index}: told {told}, spread {spread}");
        assert!(base.std_errors()[index].is_some());
    }
}

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
        let held = FullOptions { delta: Bounds::fixed(40.0), alpha: Bounds::fixed(0.5), ..options(residual) };
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
    let held = FullOptions { alpha: Bounds::fixed(0.5), ..FullOptions::default() };
    assert_eq!(FullLaw::fit_with(&one_n, &held).err(), open(Parameter::Gamma));
    let two_n: Vec<_> = good.iter().copied().filter(|p| p.0 < 3e3).collect();
    assert_eq!(FullLaw::fit(&two_n).err(), Some(FitError::TooFewPoints { needed: 3, got: 2 }));
    let few = [good[0], good[1], good[8]];
    assert_eq!(FullLaw::fit(&few).err(), Some(FitError::TooFewRows { needed: 4, got: 3 }));
    assert_eq!(FullLaw::fit::<GridPoint>(&[]).err(), Some(FitError::TooFewRows { needed: 4, got: 0 }));
    let bad = |options: FullOptions| FullLaw::fit_with(&good, &options).err();
    let base = FullOptions::default();
    let field = |field| Some(FitError::BadOption { field });
    assert_eq!(bad(FullOptions { n0: Offset::Fixed(-1.0), ..base }), field("n0"));
    assert_eq!(bad(FullOptions { e: Offset::Fixed(f64::NAN), ..base }), field("e"));
    assert_eq!(bad(FullOptions { gamma: Bounds::new(1.0, 0.0), ..base }), field("gamma"));
    assert_eq!(bad(FullOptions { beta: Bounds::new(0.0, f64::INFINITY), ..base }), field("beta"));
}

/// The law is misspecified over the whole grid (log rms .032 over the 63 points, scatter .003): the mean
/// residuals by s are far beyond what scatter makes.
#[test]
fn lack_of_fit_over_the_whole_grid() {
    let points = subset("all_63", "percent_of_1281167");
    let fit = FullLaw::fit(&points).expect("63 points");
    assert!((fit.report().rms - 0.032).abs() < 5e-4, "rms {}", fit.report().rms);
    let mut by_s = [LackOfFit::default(); 9];
    assert_eq!(fit.lack_of_fit(&points, &mut by_s), 9, "distinct s");
    assert!(by_s.is_sorted_by(|a, b| a.s < b.s) && by_s.iter().all(|l| l.points == 7), "{by_s:?}");
    let square: f64 = by_s.iter().map(|l| l.rms * l.rms * 7.0).sum();
    close((square / 63.0).sqrt(), fit.report().rms, 1e-12, "the parts make the whole");
    let worst = by_s.iter().map(|l| l.mean.abs()).fold(0.0, f64::max);
    // Three standard errors of a mean of 7 with scatter .003 are .0034.
    assert!(worst > 0.0034, "largest mean residual {worst}");
    let mut short = [LackOfFit::default(); 2];
    assert_eq!((fit.lack_of_fit(&points, &mut short), &short[..]), (9, &by_s[..2]), "a short buffer");
}

/// AICc by hand for the 63 points, and each law wins on its own data.
#[test]
fn comparison() {
    let points = subset("all_63", "percent_of_1281167");
    let [full, additive, power] = compare::full_laws(&points, &FullOptions::default(), 2).expect("63 points");
    println!("{full:?}\n{additive:?}\n{power:?}");
    // 4 parameters and sigma: N ln(2 cost / N) + 10 + 60 / 57, cost .03168868945068778 (reference table).
    close(
        full.aicc.expect("58 left"),
        63.0 * (2.0 * 0.03168868945068778_f64 / 63.0).ln() + 10.0 + 60.0 / 57.0,
        1e-9,
        "AICc",
    );
    let power_fit = FullLaw::fit_with(&points, &FullOptions { gamma: Bounds::fixed(0.0), ..FullOptions::default() })
        .expect("power");
    assert_eq!((compare::aicc(&power_fit), power_fit.report().parameters), (power.aicc, 3), "power");
    assert!([full, additive, power].iter().all(|c| c.holdout_rmse.is_some_and(|r| r > 0.0 && r < 0.2)), "scores");
    // Hardly determined: Gauss-Newton alone does not converge here within 10,000 steps.
    let sum_fit = AdditiveLaw::fit(&points).expect("E free");
    assert!(sum_fit.report().cost > 0.0 && compare::aicc(&sum_fit) == additive.aicc, "{sum_fit}");
    for residual in [Residual::Log, Residual::Linear] {
        for e in [Offset::Fixed(0.0), Offset::Free] {
            assert!(
                AdditiveLaw::fit_with(&points, &FullOptions { e, ..options(residual) }).is_ok(),
                "{residual} {e:?}"
            );
        }
    }
    let sum = AdditiveLaw { a: 4.0, alpha: 0.5, b: 8.0, beta: 0.4, e: 0.1 };
    let mut rng = Rng::new(9, 0);
    let data: Vec<_> =
        sizes().iter().map(|&(n, s)| (n, s, sum.error_at(n, s) * (0.002 * rng.normal()).exp())).collect();
    let [full, additive, power] = compare::full_laws(&data, &FullOptions::default(), 1).expect("24 points");
    assert!(additive.aicc < full.aicc && full.aicc < power.aicc, "{full:?} {additive:?} {power:?}");
    assert!(additive.holdout_rmse < full.holdout_rmse, "{full:?} {additive:?}");
    let [full, additive, _] =
        compare::full_laws(&noisy(2, &TRUTH, 0.002), &FullOptions::default(), 1).expect("24 points");
    assert!(full.aicc < additive.aicc, "{full:?} {additive:?}");
    assert_eq!(compare::full_laws(&data, &FullOptions::default(), 0).expect("24 points")[0].holdout_rmse, None);
    let linear = FullLaw::fit_with(&data, &options(Residual::Linear)).expect("linear");
    let log = FullLaw::fit(&data).expect("log");
    assert_eq!(compare::difference(&linear, &log), None, "costs of two residual spaces");
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

/// Measurements without pre-training: the authors' grid with n = 0, n0 free.
#[test]
fn rows_without_pretraining() {
    let points: Vec<GridPoint> = grid()
        .into_iter()
        .map(|(percent, n, error)| GridPoint::new(n, size(percent, "percent_of_1281167"), error))
        .collect();
    assert_eq!(points.len(), 72, "rows");
    let fit = FullLaw::fit_with(&points, &FullOptions { n0: Offset::Free, ..FullOptions::default() }).expect("n0 free");
    let (law, report) = (fit.law(), fit.report());
    println!("{fit}");
    assert!(law.n0 > 0.0 && report.points == 72 && report.n_min == 1000.0, "{law:?}");
    assert_eq!(report.degrees_of_freedom, 67);
    assert!(fit.std_errors()[4].is_some(), "{:?}", fit.std_errors());
}
