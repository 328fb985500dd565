//! Small fits in lanes: a curve's bits do not depend on its company, and the longer search finds no other optimum.
#![allow(clippy::disallowed_methods, reason = "the oracle is not core: std's mathematics is the independent one")]
mod common;

use common::dense::Problem;
use common::rng::Rng;
use common::workload::{self, SEEDS};
use syn2real::simd::Isa;
use syn2real::{Bounds, Class, Confidence, FitError, FitOptions, Parameter, Point, Syn2RealFit, Syn2RealLaw, Weights};

fn points(problem: &Problem) -> Vec<Point> {
    let all = problem.n.iter().zip(&problem.error).zip(&problem.weight);
    all.map(|((&n, &error), &weight)| Point::new(n, error).with_weight(weight)).collect()
}

/// Grids of 7, irregular curves of 4 to 40 points with weights, hostile families, and what cannot be fitted.
fn curves(count: usize) -> Vec<Vec<Point>> {
    let mut all: Vec<Vec<Point>> = (0..count)
        .map(|k| match k % 4 {
            0 | 1 => points(&workload::common(SEEDS[0], k, true)),
            2 => points(&workload::irregular(SEEDS[0], k, true)),
            _ => points(&workload::hostile(k / 4 % 14, SEEDS[0], k, true)),
        })
        .collect();
    for (k, broken) in [f64::NAN, 0.0, -1.0, f64::INFINITY].into_iter().enumerate() {
        all[8 * k + 1][3].error = broken;
        all[8 * k + 4][3].n = broken;
        all[8 * k + 5].truncate(k);
        all[8 * k + 6][1].weight = if k == 0 { 0.0 } else { broken };
    }
    all
}

/// A fit to the last bit, NaN-free: `Debug` of f64 is exact.
fn text(fit: &Result<Syn2RealFit, FitError>) -> String {
    format!("{fit:?}")
}

#[test]
fn bits_do_not_depend_on_company_order_or_instruction_set() {
    let curves = curves(2_000);
    for weights in [Weights::Relative, Weights::Absolute] {
        let options = FitOptions { weights, ..FitOptions::default() };
        let alone: Vec<_> = curves.iter().map(|curve| text(&Syn2RealLaw::fit_with(curve, &options))).collect();
        let mut rng = Rng::new(SEEDS[0], 7);
        for isa in Isa::available() {
            let order = rng.permutation(curves.len());
            let shuffled: Vec<&[Point]> = order.iter().map(|&k| curves[k].as_slice()).collect();
            let options = FitOptions { isa, ..options };
            let mut out = Vec::new();
            for chunk in shuffled.chunks(333) {
                let first = out.len();
                Syn2RealLaw::fit_many(chunk, &options, |k, result| {
                    assert_eq!(first + k, out.len(), "each once, in order");
                    out.push(result);
                });
            }
            assert_eq!(out.len(), curves.len(), "each once");
            for (fit, &k) in out.iter().zip(&order) {
                let same = Syn2RealLaw::fit_with(&curves[k], &options);
                assert_eq!(text(fit), text(&same), "curve {k} in company and alone, {isa}");
                let name = |isa: Isa| format!("{isa:?}");
                assert_eq!(
                    text(fit).replace(&name(isa), ""),
                    alone[k].replace(&name(Isa::detect()), ""),
                    "curve {k}, {isa}"
                );
            }
        }
    }
}

/// All of a fit to the last bit; -0 and every NaN are told apart, too.
fn bits(fit: &Result<Syn2RealFit, FitError>) -> Result<Vec<u64>, FitError> {
    let fit = fit.as_ref().map_err(|&e| e)?;
    let r = fit.report();
    let mut all: Vec<f64> = vec![r.cost, r.rms, r.n_min, r.n_max, r.condition.unwrap_or(-1.0)];
    all.extend(fit.minima().iter().flat_map(|m| [m.law.d, m.law.alpha, m.law.c, m.cost]));
    all.extend(fit.std_errors().map(|e| e.unwrap_or(-1.0)));
    for parameter in [Parameter::D, Parameter::Alpha, Parameter::C] {
        let i = fit.interval(parameter, Confidence::P95);
        all.extend(i.into_iter().flat_map(|i| [i.lower.unwrap_or(-1.0), i.upper.unwrap_or(-1.0)]));
    }
    let counts = [r.iterations, r.evaluations, r.minima_found, r.points as u32, r.degrees_of_freedom as u32];
    let named = format!("{:?} {:?} {:?}", r.class, r.termination, r.fixed);
    Ok(all.iter().map(|x| x.to_bits()).chain(counts.map(u64::from)).chain(named.bytes().map(u64::from)).collect())
}

/// Curves whose sizes have more in common than their lengths: 3 to 45 points on geometric grids of few starts and
/// factors, on grids of their own, and at any sizes; some with weights, some of them 0, some that cannot be fitted.
fn mixed(rng: &mut Rng, count: usize) -> Vec<Vec<Point>> {
    let starts = [rng.log_uniform(1.0, 1e4).round(), 1000.0];
    let factors = [2.0, rng.uniform(1.05, 1.5), 10.0_f64.powf(rng.uniform(0.1, 1.0))];
    let (low, high) = *rng.pick(&[(4, 7), (6, 7), (9, 12), (7, 12), (3, 45), (3, 45)]);
    let (own, spoiled) = (*rng.pick(&[0.0, 0.1, 0.5]), *rng.pick(&[0.0, 0.05, 0.2]));
    let curve = |rng: &mut Rng| -> Vec<Point> {
        let m = rng.between(low, high);
        let start = if rng.unit() < own { rng.log_uniform(1.0, 1e4) } else { *rng.pick(&starts) };
        let factor = if rng.unit() < own { rng.uniform(1.02, 4.0) } else { *rng.pick(&factors) };
        let is_irregular = rng.unit() < own;
        let is_weighted = rng.unit() < spoiled;
        let (x, alpha, c) = (rng.log_uniform(1e-3, 1.0), rng.uniform(0.02, 2.5), rng.uniform(0.0, 0.9));
        let c = if rng.unit() < 0.2 { 0.0 } else { c };
        let sigma = *rng.pick(&[0.0, 1e-6, 0.002, 0.01, 0.03, 0.2]);
        let mut points: Vec<Point> = (0..m)
            .map(|i| {
                let n = start * if is_irregular { rng.log_uniform(1.0, 1e4) } else { factor.powi(i as i32) };
                let error = (x * (n / start).powf(-alpha) + c + 1e-9) * (sigma * rng.normal()).exp();
                let weight = if is_weighted { *rng.pick(&[0.0, 1.0, 0.25, 3.0]) } else { 1.0 };
                Point::new(n, error).with_weight(weight)
            })
            .collect();
        if rng.unit() < spoiled {
            let at = rng.between(0, m - 1);
            let broken = *rng.pick(&[f64::NAN, 0.0, -1.0, f64::INFINITY]);
            match rng.between(0, 3) {
                0 => points[at].n = broken,
                1 => points[at].error = broken,
                2 => points[at].weight = broken,
                _ => points.truncate(rng.between(0, 3)),
            }
        }
        points
    };
    (0..count).map(|_| curve(rng)).collect()
}

#[test]
fn bits_do_not_depend_on_the_lengths_of_the_other_curves() {
    let calls = if common::full() { 900 } else { 60 };
    let (mut curves, mut differ, mut fitted, mut by_length) = (0, 0, 0, [0; 46]);
    for call in 0..calls {
        let mut rng = Rng::new(SEEDS[1], 1_000 + call);
        let count = *rng.pick(&[3, 17, 40, 130, 400]);
        let all = mixed(&mut rng, count);
        let weights = *rng.pick(&[Weights::Relative, Weights::Absolute]);
        let options = FitOptions { weights, covariance: rng.unit() < 0.9, ..FitOptions::default() };
        // Once in the order drawn, once in another and from another place of the window on.
        for order in [(0..count).collect(), rng.permutation(count)] {
            let skipped = rng.between(0, 17.min(count - 1));
            let company: Vec<&[Point]> = order.iter().skip(skipped).map(|&k| all[k].as_slice()).collect();
            let out = Syn2RealLaw::fit_all(&company, &options);
            for (fit, curve) in out.iter().zip(&company) {
                let alone = Syn2RealLaw::fit_with(curve, &options);
                curves += 1;
                fitted += usize::from(fit.is_ok());
                by_length[curve.len().min(45)] += 1;
                if bits(fit) != bits(&alone) || text(fit) != text(&alone) {
                    differ += 1;
                    println!("call {call}, {} points: {fit:?} in company, {alone:?} alone", curve.len());
                }
            }
        }
    }
    println!("{curves} curves in company, {fitted} of them fitted, {differ} differ from the fit alone");
    assert_eq!(differ, 0, "of {curves} curves");
    assert!(fitted > curves * 9 / 10 && by_length[3..].iter().all(|&count| count > 0), "{by_length:?}");
}

#[test]
fn geometric_grids_of_other_lengths_change_no_bit() {
    for (k, (low, high)) in [(4, 7), (6, 7), (9, 12), (7, 12)].into_iter().enumerate() {
        let mut rng = Rng::new(SEEDS[0], 20 + k as u64);
        let curves: Vec<Vec<Point>> = (0..800)
            .map(|_| {
                let (d, alpha, c) = (rng.log_uniform(0.5, 20.0), rng.uniform(0.2, 0.8), rng.uniform(0.05, 0.5));
                let error = |rng: &mut Rng, n: f64| (d * n.powf(-alpha) + c) * (0.01 * rng.normal()).exp();
                let n = (0..rng.between(low, high)).map(|i| 1000.0 * 2.0_f64.powi(i as i32));
                n.map(|n| Point::new(n, error(&mut rng, n))).collect()
            })
            .collect();
        let out = Syn2RealLaw::fit_all(&curves, &FitOptions::default());
        let differ = out.iter().zip(&curves).filter(|(fit, curve)| bits(fit) != bits(&Syn2RealLaw::fit(curve))).count();
        assert_eq!(differ, 0, "of 800 curves of {low} to {high} points");
    }
}

#[test]
fn rows_of_a_matrix_have_the_bits_of_curves() {
    let mut rng = Rng::new(SEEDS[0], 8);
    for columns in [3, 7, 8, 9, 23, 40, 41] {
        let n: Vec<f64> = (0..columns).map(|i| 100.0 * 1.3_f64.powi(i)).collect();
        let mut errors: Vec<f64> = (0..300)
            .flat_map(|_| {
                let (d, alpha, c) = (rng.log_uniform(0.1, 50.0), rng.uniform(0.1, 1.2), rng.uniform(0.0, 0.9));
                let noise: Vec<f64> = n.iter().map(|_| (0.01 * rng.normal()).exp()).collect();
                n.iter().zip(noise).map(move |(n, e)| (d * n.powf(-alpha) + c) * e).collect::<Vec<_>>()
            })
            .collect();
        // Rows that are not valid, in the first group and later.
        for (place, broken) in [(0, f64::NAN), (5, -1.0), (100, f64::INFINITY), (200, 0.0), (201, f64::NAN)] {
            errors[place * columns as usize + 1] = broken;
        }
        let mut out = Vec::new();
        Syn2RealLaw::fit_grid(&n, &errors, &FitOptions::default(), |_, result| out.push(result)).expect("whole rows");
        assert_eq!(out.len(), 300, "each once");
        for (k, (row, fit)) in errors.chunks(columns as usize).zip(&out).enumerate() {
            let curve: Vec<Point> = n.iter().zip(row).map(|(&n, &error)| Point::new(n, error)).collect();
            assert_eq!(text(fit), text(&Syn2RealLaw::fit(&curve)), "row {k} of {columns} columns");
        }
    }
}

/// The options that give the same optimum by the longer search of one curve: the bound on C is none.
fn longer() -> FitOptions {
    FitOptions { c: Bounds::new(0.0, 1e300), ..FitOptions::default() }
}

#[test]
fn the_longer_search_finds_no_other_optimum() {
    let mut counted = [0; 4];
    for (k, curve) in curves(3_000).iter().enumerate() {
        let (fit, other) = (Syn2RealLaw::fit(curve), Syn2RealLaw::fit_with(curve, &longer()));
        let (Ok(fit), Ok(other)) = (fit, other) else {
            assert_eq!(fit.err(), other.err(), "curve {k}");
            continue;
        };
        let (report, longer) = (fit.report(), other.report());
        // 1e-9 is what costs are judged by, and sum w |r| times four roundings is theirs.
        let weights: f64 = curve.iter().map(|p| p.weight).sum();
        let rounding = 4.0 * f64::EPSILON * ((2.0 * longer.cost * weights).sqrt() + 4.0 * f64::EPSILON * weights);
        assert!(report.cost <= longer.cost * (1.0 + 1e-9) + rounding, "curve {k}: {} {}", report.cost, longer.cost);
        if report.class != longer.class || longer.cost < 1e-20 {
            continue;
        }
        counted[match report.class {
            Class::Interior => 0,
            Class::NoGap => 1,
            Class::Flat => 2,
            _ => 3,
        }] += 1;
        assert_eq!(report.degrees_of_freedom, longer.degrees_of_freedom, "curve {k}");
        // Standard errors share the square root of the rounding of near-singular sums: 1e-8 of a pivot.
        for (a, b) in fit.std_errors().into_iter().zip(other.std_errors()) {
            let same = match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() <= 1e-3 * b || longer.condition.is_none_or(|c| c > 1e8),
                (None, None) => true,
                _ => longer.condition.is_none_or(|c| c > 1e8),
            };
            assert!(same, "curve {k}: {:?} {:?} {:?}", report.class, fit.std_errors(), other.std_errors());
        }
        if let (Some(a), Some(b)) = (report.condition, longer.condition) {
            assert!((a - b).abs() <= 1e-3 * b || b > 1e8, "curve {k}: condition {a} {b}");
        }
        let law = (fit.law(), other.law());
        assert_eq!(law.0.c == 0.0, law.1.c == 0.0, "curve {k}: {law:?}");
        let one_sided = |fit: &Syn2RealFit| fit.interval(Parameter::C, syn2real::Confidence::P95).and_then(|i| i.upper);
        if let (Class::NoGap, Some(a), Some(b)) = (report.class, one_sided(&fit), one_sided(&other)) {
            // Where C hardly matters, or the data are nearly exact, its curvature is the rounding of near-singular sums.
            let is_sound = longer.condition.is_some_and(|c| c < 1e3) && b < 1.0 && longer.cost > 1e-10;
            assert!((a - b).abs() <= 1e-2 * b || !is_sound, "curve {k}: upper limit of C {a} {b}");
        }
    }
    assert!(counted.iter().all(|&count| count > 20), "every class was compared: {counted:?}");
}

/// Options of every kind that the lanes take.
fn any_options(rng: &mut Rng) -> FitOptions {
    let mut options = FitOptions::default();
    if rng.between(1, 2) == 1 {
        options.residual = syn2real::Residual::Linear;
    }
    match rng.between(1, 4) {
        3 => options.alpha = Bounds::new(rng.log_uniform(0.01, 1.0), 10.0),
        1 => options.alpha = Bounds::new(0.0, rng.log_uniform(0.2, 30.0)),
        _ => {}
    }
    match rng.between(1, 4) {
        3 => options.c = Bounds::new(0.0, rng.log_uniform(0.05, 2.0)),
        1 => options.c = Bounds::new(rng.log_uniform(0.01, 0.5), f64::INFINITY),
        _ => {}
    }
    match rng.between(1, 8) {
        7 | 1 => options.fixed_alpha = Some(options.alpha.lower.max(0.5).min(options.alpha.upper)),
        2 | 3 => {
            options.fixed_c = Some(if rng.between(1, 2) == 1 { options.c.lower } else { options.c.upper.min(0.3) })
        }
        4 | 5 => options.fixed_d = Some(rng.log_uniform(0.05, 100.0)),
        _ => {}
    }
    options
}

/// A bound of D that none of these laws meets sends a curve to the longer search.
#[test]
fn the_longer_search_agrees_whatever_is_fixed_or_bounded() {
    let mut rng = Rng::new(SEEDS[1], 11);
    let mut compared = 0;
    for k in 0..4_000 {
        let options = any_options(&mut rng);
        let log = options.residual == syn2real::Residual::Log;
        let curve = points(&match k % 3 {
            0 => workload::common(SEEDS[1], k, log),
            1 => workload::irregular(SEEDS[1], k, log),
            _ => workload::hostile(k / 3 % 14, SEEDS[1], k, log),
        });
        let other = FitOptions { d: Bounds::new(0.0, 1e300), ..options };
        let (Ok(fit), Ok(other)) = (Syn2RealLaw::fit_with(&curve, &options), Syn2RealLaw::fit_with(&curve, &other))
        else {
            continue;
        };
        let (report, longer) = (fit.report(), other.report());
        let weights: f64 = curve.iter().map(|p| p.weight).sum();
        let unit = if log { 1.0 } else { curve.iter().fold(0.0, |m: f64, p| m.max(p.error.abs())) };
        // Below residuals of 3e-6 rounding and the class of exact data decide.
        if longer.cost < 1e-11 * unit * unit * weights || !(other.law().d < 1e290) {
            continue;
        }
        compared += 1;
        let what = || format!("curve {k}, {options:?}:\n{fit:?}\n{other:?}");
        // 1e-9 is what costs are judged by; the longer search may miss by it, too.
        assert!(report.cost <= longer.cost * (1.0 + 1e-8), "a higher cost, {}", what());
        if report.cost < longer.cost * (1.0 - 1e-8) {
            continue;
        }
        assert_eq!(report.class, longer.class, "class, {}", what());
        assert_eq!(report.degrees_of_freedom, longer.degrees_of_freedom, "{}", what());
        assert_eq!(report.rise.is_some(), longer.rise.is_some(), "rise, {}", what());
        assert!((report.rms - longer.rms).abs() <= 1e-6 * longer.rms, "rms, {}", what());
        let is_sound = longer.condition.is_none_or(|c| c < 1e6);
        for (a, b) in fit.std_errors().into_iter().zip(other.std_errors()).filter(|_| is_sound) {
            let same = match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() <= 1e-3 * b,
                (a, b) => a == b,
            };
            assert!(same, "standard errors, {}", what());
        }
    }
    println!("{compared} of 4000 compared");
    assert!(compared > 2_500, "{compared} compared");
}
