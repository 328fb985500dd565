//! The authors' curves against reference optima computed independently of this crate.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
mod common;

use common::data::{self, FixedD};
use syn2real::{Bounds, Class, FitOptions, Minimum, Parameter, Point, Residual, Side, Syn2RealFit, Syn2RealLaw};

fn residual(log: bool) -> Residual {
    if log { Residual::Log } else { Residual::Linear }
}

fn near(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * b.abs()
}

fn name(class: Class) -> &'static str {
    match class {
        Class::Interior => "interior",
        Class::NoGap => "no_gap",
        Class::Flat => "flat",
        Class::AlphaMax => "alpha_max",
        Class::AtBound { .. } => "at_bound",
        _ => "a class that the reference has not",
    }
}

/// All 114 fits with D free: cost <= reference (1 + 1e-9) + 1e-18 and the class; where `compare` is `all`, alpha and C
/// (and D) within 1e-5 relative; where it lists `c`, C. A cost below the reference would be an error of the reference,
/// which states 1e-12.
#[test]
fn free_d() {
    let all = data::free_fits();
    assert_eq!(all.len(), 114, "57 curves, two residuals");
    let mut wrong = Vec::new();
    let mut worst = [0.0_f64; 3];
    for case in &all {
        let options = FitOptions { residual: residual(case.log), ..FitOptions::default() };
        let fit = match Syn2RealLaw::fit_with(&case.points, &options) {
            Ok(fit) => fit,
            Err(why) => {
                wrong.push(format!("{} {}: {why}", case.id, options.residual));
                continue;
            }
        };
        let (law, report) = (fit.law(), fit.report());
        let (interior, comparable) = (case.class == "interior", case.compare == "all");
        let c_listed = comparable || case.compare.split(',').any(|column| column == "c");
        let checks = [
            ("cost above", report.cost <= case.cost * (1.0 + 1e-9) + 1e-18),
            ("cost below", report.cost >= case.cost * (1.0 - 1e-10)),
            ("class", name(report.class) == case.class),
            ("rms", near(report.rms, case.rms, 1e-6)),
            ("alpha", !comparable || near(law.alpha, case.alpha, 1e-5)),
            ("D", !comparable || near(law.d, case.d, 1e-4)),
            ("C", !c_listed || near(law.c, case.c, 1e-5)),
            ("residual", report.residual == options.residual),
            ("a standard error on C = 0", case.class != "no_gap" || fit.std_errors()[2].is_none()),
            ("a standard error of a flat law", case.class != "flat" || fit.std_errors()[..2] == [None; 2]),
            ("no standard error inside", !interior || fit.std_errors().iter().all(Option::is_some)),
            ("termination", report.termination.is_converged()),
            ("points", report.points == 7 && report.n_min == case.points[0].0 && report.n_max == case.points[6].0),
        ];
        if comparable {
            let off = |a: f64, b: f64| (a - b).abs() / b.abs().max(f64::MIN_POSITIVE);
            worst[0] = worst[0].max(off(law.alpha, case.alpha));
            worst[1] = worst[1].max(off(law.c, case.c));
        }
        worst[2] = worst[2].max(report.cost / case.cost - 1.0);
        for (what, ok) in checks {
            if !ok {
                wrong.push(format!(
                    "{} {}: {what}: {law:?} {report:?}, reference {} {} {} {}",
                    case.id, options.residual, case.cost, case.alpha, case.c, case.class
                ));
            }
        }
    }
    println!(
        "114 with free D: worst relative difference alpha {:.1e}, C {:.1e}; worst excess of cost {:.1e}",
        worst[0], worst[1], worst[2]
    );
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    // What docs/measured.md says, to the digits given there; the bits are the same everywhere.
    for (what, worst, claimed) in
        [("alpha", worst[0], 1.75e-13), ("C", worst[1], 6.75e-15), ("cost", worst[2], 2.65e-13)]
    {
        assert!(worst < claimed, "{what}: off by {worst:.3e}, docs/measured.md says {claimed:.2e}");
    }
}

fn fit_fixed(case: &FixedD, alpha: (f64, f64)) -> Syn2RealFit {
    let options = FitOptions {
        residual: residual(case.log),
        fixed_d: Some(0.48),
        alpha: Bounds::from(alpha),
        c: Bounds::new(0.0, 1.0),
        ..FitOptions::default()
    };
    Syn2RealLaw::fit_with(&case.points, &options).unwrap_or_else(|why| panic!("{}: {why}", case.id))
}

/// All 58 fits with D = 0.48, alpha in [0.1, 1.5], C in [0, 1]: alpha and C within 1e-6; standard errors within 1e-3
/// relative, none for a parameter that is fixed or at its bound.
#[test]
fn fixed_d() {
    let all = data::fixed_d_fits();
    assert_eq!(all.len(), 58, "29 settings, two residuals");
    let mut wrong = Vec::new();
    let mut worst = [0.0_f64; 2];
    for case in &all {
        let fit = fit_fixed(case, (0.1, 1.5));
        let (law, report, errors) = (fit.law(), fit.report(), fit.std_errors());
        let class = match report.class {
            Class::Interior => "interior",
            Class::AtBound { parameter: Parameter::Alpha, side: Side::Upper } => "at_bound",
            _ => "another",
        };
        let same = |ours: Option<f64>, theirs: Option<f64>| match (ours, theirs) {
            (Some(a), Some(b)) => near(a, b, 1e-3),
            (a, b) => a.is_none() && b.is_none(),
        };
        let se_c = if case.class == "at_bound" { case.se_c_alpha_held } else { case.se_c };
        let free = if case.class == "at_bound" { 1 } else { 2 };
        let checks = [
            ("cost above", report.cost <= case.cost * (1.0 + 1e-9) + 1e-18),
            ("cost below", report.cost >= case.cost * (1.0 - 1e-10)),
            ("alpha", (law.alpha - case.alpha).abs() <= 1e-6),
            ("C", (law.c - case.c).abs() <= 1e-6),
            ("D", law.d == 0.48),
            ("class", class == case.class),
            ("standard error of D, which is fixed", errors[0].is_none()),
            ("standard error of alpha", same(errors[1], case.se_alpha)),
            ("standard error of C", same(errors[2], se_c)),
            ("degrees of freedom", report.degrees_of_freedom == 7 - free),
        ];
        worst[0] = worst[0].max((law.alpha - case.alpha).abs());
        worst[1] = worst[1].max((law.c - case.c).abs());
        for (what, ok) in checks {
            if !ok {
                wrong.push(format!("{} log {}: {what}: {law:?} {errors:?} {report:?}", case.id, case.log));
            }
        }
    }
    println!("58 with D = 0.48: worst difference alpha {:.1e}, C {:.1e}", worst[0], worst[1]);
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Linear residual, alpha in [0, 1.5]: all 29 settings have a minimum at alpha = .0005-.047, 28 of them
/// beside another interior one, and in 8 the small one is global: the authors' bound alpha >= 0.1 hides it. Every listed
/// minimum is one of the dense search, and none of its minima is missing.
#[test]
fn second_minima_of_fixed_d() {
    let (mut small, mut beside, mut global) = (0, 0, 0);
    for case in data::fixed_d_fits().iter().filter(|f| !f.log) {
        let fit = fit_fixed(case, (0.0, 1.5));
        let minima: &[Minimum] = fit.minima();
        let is_small = |alpha: f64| (0.0004..0.048).contains(&alpha);
        small += usize::from(minima.iter().any(|m| is_small(m.law.alpha)));
        beside += usize::from(minima.iter().any(|m| m.law.alpha >= 0.048 && m.law.alpha < 1.5));
        global += usize::from(is_small(fit.law().alpha));
        assert!(minima.windows(2).all(|m| m[0].cost <= m[1].cost), "{}: lowest first: {minima:?}", case.id);
        assert_eq!(
            (minima[0].law, minima[0].cost),
            (fit.law(), fit.report().cost),
            "{}: the first is the fit",
            case.id
        );
        let (n, error): (Vec<f64>, Vec<f64>) = case.points.iter().copied().unzip();
        let mut dense = common::dense::Problem::new(&n, &error, false);
        (dense.d, dense.alpha, dense.c) = ([0.48; 2], [0.0, 1.5], [0.0, 1.0]);
        // The constant law is a minimum only where the profile rises from alpha = 0; it is no part of the comparison.
        for best in dense.minima().iter().filter(|m| m.alpha > 0.0) {
            let found = minima.iter().any(|m| (m.law.alpha - best.alpha).abs() < 1e-6 && near(m.cost, best.cost, 1e-8));
            assert!(found, "{}: {best:?} is missing in {minima:?}", case.id);
        }
    }
    assert_eq!(
        (small, beside, global),
        (29, 28, 8),
        "settings with a small minimum, with another interior one, small one global"
    );
}

/// The count of classes in docs/measured.md, and tuples of integers and floats give the same fit as points.
#[test]
fn classes_and_conversions() {
    let mut counts = std::collections::BTreeMap::new();
    for case in data::free_fits() {
        let options = FitOptions { residual: residual(case.log), ..FitOptions::default() };
        let fit = Syn2RealLaw::fit_with(&case.points, &options).unwrap_or_else(|why| panic!("{}: {why}", case.id));
        *counts.entry(name(fit.report().class)).or_insert(0) += 1;
        let whole: Vec<(u32, f64)> = case.points.iter().map(|&(n, e)| (n as u32, e)).collect();
        let points: Vec<Point> = case.points.iter().map(|&p| p.into()).collect();
        assert_eq!(Syn2RealLaw::fit_with(&whole, &options), Ok(fit), "{}: (u32, f64)", case.id);
        assert_eq!(Syn2RealLaw::fit_with(&points, &options), Ok(fit), "{}: Point", case.id);
    }
    let expected = [("alpha_max", 2), ("flat", 4), ("interior", 80), ("no_gap", 28)];
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), expected, "classes of the 114");
}
