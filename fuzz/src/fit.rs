//! `fit_with`, `fit_many` and `fit_grid` on arbitrary points and options. Whatever the input: no panic, no endless loop;
//! an `Ok` is finite, within its bounds, of the class that it names, and the same each time.
use syn2real::{
    Bounds, Class, FitError, FitOptions, Loss, Parameter, Point, Residual, Side, Syn2RealFit, Syn2RealLaw, Weights,
};

use crate::bytes::Bytes;

/// Reads options and points from the bytes, fits, checks what comes back.
///
/// # Panics
/// If a promise of the crate is broken.
pub fn fuzz_one(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let options = options(&mut bytes);
    let points = points(&mut bytes);
    let fit = Syn2RealLaw::fit_with(&points, &options);
    match &fit {
        Ok(fit) => check(fit, &points, &options),
        Err(error) => assert!(!error.to_string().is_empty(), "{error:?} has no text"),
    }
    same_by_other_ways(&points, &options, &fit);
}

/// The same input for a person, with what comes of it.
pub fn describe(data: &[u8]) -> String {
    let mut bytes = Bytes::new(data);
    let options = options(&mut bytes);
    let points = points(&mut bytes);
    format!("{options:#?}\n{points:?}\n{:#?}", Syn2RealLaw::fit_with(&points, &options))
}

fn options(bytes: &mut Bytes<'_>) -> FitOptions {
    let kind = bytes.byte();
    let bounded = bytes.byte();
    let default = FitOptions::default();
    let mut bounds = |bit: u8, unbounded: Bounds| {
        if bounded & bit == 0 { unbounded } else { Bounds::new(bytes.number(), bytes.number()) }
    };
    let (d, alpha, c) = (bounds(1, default.d), bounds(2, default.alpha), bounds(4, default.c));
    let fixed = if bounded & 8 == 0 { [None; 3] } else { [bytes.optional(), bytes.optional(), bytes.optional()] };
    FitOptions {
        residual: if kind & 1 == 0 { Residual::Log } else { Residual::Linear },
        loss: match (kind >> 1) % 4 {
            0 | 1 => Loss::Square,
            2 => Loss::Huber { k: bytes.number() },
            _ => Loss::HuberAbsolute { delta: bytes.number() },
        },
        weights: if kind & 8 == 0 { Weights::Relative } else { Weights::Absolute },
        covariance: kind & 16 == 0,
        fixed_d: fixed[0],
        fixed_alpha: fixed[1],
        fixed_c: fixed[2],
        d,
        alpha,
        c,
        ..default
    }
}

/// Either arbitrary points, or points near a law, so that fits go through as well.
fn points(bytes: &mut Bytes<'_>) -> Vec<Point> {
    let mut points = Vec::new();
    let shape = bytes.byte();
    let (d, alpha, c) =
        (f64::from(bytes.byte()) / 32.0, f64::from(bytes.byte()) / 128.0, f64::from(bytes.byte()) / 256.0);
    while !bytes.is_empty() && points.len() < 64 {
        let point = match shape % 4 {
            0 => Point { n: bytes.number(), error: bytes.number(), weight: bytes.number() },
            1 => Point::new(bytes.number(), bytes.number()),
            _ => {
                let n = 1.0 + f64::from(bytes.byte()) * 2.0_f64.powi(i32::from(shape >> 2) - 16);
                let noise = 1.0 + (f64::from(bytes.byte()) - 127.5) / 4096.0;
                Point::new(n, Syn2RealLaw { d, alpha, c }.error_at(n) * noise)
            }
        };
        points.push(point);
    }
    points
}

fn check(fit: &Syn2RealFit, points: &[Point], options: &FitOptions) {
    let (law, report) = (fit.law(), fit.report());
    assert!(points.iter().all(|p| p.n > 0.0 && p.n.is_finite() && p.error.is_finite()), "unusable points were fitted");
    assert!(points.iter().all(|p| p.weight >= 0.0 && p.weight.is_finite()), "unusable weights were fitted");
    assert_eq!(report.points, points.iter().filter(|p| p.weight > 0.0).count(), "points with a weight");
    assert!(report.points > 0, "a fit without points");
    assert!(report.termination.is_converged(), "Ok, but not converged: {}", report.termination);
    for (name, value) in [("cost", report.cost), ("rms", report.rms)] {
        assert!(value.is_finite() && value >= 0.0, "{name} = {value}");
    }
    assert!(report.n_min <= report.n_max, "n from {} to {}", report.n_min, report.n_max);
    assert!(report.condition.is_none_or(|condition| condition >= 1.0), "condition {:?}", report.condition);
    assert!(options.covariance || report.condition.is_none(), "a condition that was not asked for");
    for error in fit.std_errors().into_iter().flatten() {
        assert!(options.covariance && error.is_finite() && error >= 0.0, "standard error {error}");
    }

    let minima = fit.minima();
    assert!((1..=4).contains(&minima.len()), "{} minima", minima.len());
    assert!(minima.len() <= report.minima_found as usize, "fewer minima found than listed");
    assert_eq!((minima[0].law, minima[0].cost, minima[0].class), (law, report.cost, report.class), "the first minimum");
    assert!(minima.is_sorted_by(|a, b| a.cost <= b.cost), "minima out of order: {minima:?}");
    for minimum in minima {
        check_law(&minimum.law, minimum.class, options);
        if minimum.class == Class::Flat {
            // Where D is held the law may also be flat by a large alpha. Twice the 4 eps of the level that count as no
            // decrease, for the rounding of this evaluation.
            let (first, last) = (minimum.law.error_at(report.n_min), minimum.law.error_at(report.n_max));
            assert!(first - last <= 8.0 * f64::EPSILON * first, "flat, from {first} to {last}: {:?}", minimum.law);
        }
    }
}

/// The law is finite, within its bounds, and where its class says.
fn check_law(law: &Syn2RealLaw, class: Class, options: &FitOptions) {
    let parameters = [
        (Parameter::D, law.d, options.d, options.fixed_d),
        (Parameter::Alpha, law.alpha, options.alpha, options.fixed_alpha),
        (Parameter::C, law.c, options.c, options.fixed_c),
    ];
    for (parameter, value, bounds, fixed) in parameters {
        // alpha is undefined where D = 0.
        let undefined = parameter == Parameter::Alpha && law.d == 0.0;
        assert!(value.is_finite() && value >= 0.0 || undefined && value.is_nan(), "{parameter} = {value}");
        assert!(undefined || fixed.is_none_or(|fixed| fixed == value), "{parameter} = {value}, fixed at {fixed:?}");
        let within = bounds.lower <= value && value <= bounds.upper;
        assert!(undefined || within || fixed.is_some(), "{parameter} = {value} out of {bounds:?}");
    }
    match class {
        Class::Interior => {
            assert!(law.d > 0.0 || options.fixed_d.is_some(), "interior with D = 0");
            assert!(law.c > 0.0 || options.fixed_c.is_some(), "interior with C = 0");
        }
        Class::NoGap => assert_eq!(law.c, 0.0, "no gap"),
        Class::AlphaMax => assert_eq!(law.alpha, FitOptions::ALPHA_MAX, "alpha at its default upper end"),
        Class::AtBound { parameter, side } => {
            let found = parameters.into_iter().find(|(candidate, ..)| *candidate == parameter);
            let Some((_, value, bounds, _)) = found else { panic!("at a bound of an unknown parameter") };
            assert_eq!(
                value,
                if side == Side::Lower { bounds.lower } else { bounds.upper },
                "{parameter} at its bound"
            );
        }
        _ => {}
    }
}

/// The numbers of an outcome in one text. `Debug` prints an f64 so that it reads back the same, and tells -0 from 0.
fn text(fit: &Result<Syn2RealFit, FitError>) -> String {
    format!("{fit:?}")
}

/// Again, by `fit_many` and by `fit_grid`: the same, bit for bit.
fn same_by_other_ways(points: &[Point], options: &FitOptions, fit: &Result<Syn2RealFit, FitError>) {
    let mut out = Vec::new();
    Syn2RealLaw::fit_many(&[points, points], options, |k, result| out.push((k, text(&result))));
    assert_eq!(out, [(0, text(fit)), (1, text(fit))], "fit_many");
    if points.is_empty() || points.iter().any(|p| p.weight != 1.0) {
        return;
    }
    let n: Vec<f64> = points.iter().map(|p| p.n).collect();
    let errors: Vec<f64> = points.iter().map(|p| p.error).collect();
    let mut out = Vec::new();
    let shape = Syn2RealLaw::fit_grid(&n, &errors, options, |k, result| out.push((k, text(&result))));
    assert_eq!((shape, out), (Ok(()), vec![(0, text(fit))]), "fit_grid");
}
