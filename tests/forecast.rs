//! The forecast against an oracle, against what happened, and against what it must not depend on.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
mod common;

use std::collections::BTreeMap;

use common::data::{number, table};
use common::rng::Rng;
use syn2real::forecast::{Calibration, ForecastError, ForecastOptions, LawName, Prior, best, evidence};
use syn2real::{BentLaw, Confidence, FitError, FitOptions, Point, RectifiedLaw, ShiftedLaw, Syn2RealLaw};

/// A public curve, sorted by size.
struct Public {
    name: String,
    row: String,
    train: Vec<(f64, f64)>,
    test: Vec<(f64, f64)>,
}

impl Public {
    fn all(&self) -> Vec<(f64, f64)> {
        self.train.iter().chain(&self.test).copied().collect()
    }
}

fn public() -> Vec<Public> {
    let files = [include_str!("data/nsl_learning_curves.csv"), include_str!("data/ft_learning_curves.csv")];
    let mut curves: BTreeMap<String, Public> = BTreeMap::new();
    for row in files.iter().flat_map(|text| table(text)) {
        let name = row["curve_id"].clone();
        let kind = name.split('|').next().expect("a kind").to_string();
        let curve =
            curves.entry(name.clone()).or_insert_with(|| Public { name, row: kind, train: vec![], test: vec![] });
        let point = (number(&row, "n"), number(&row, "loss"));
        if row["is_train"] == "1" { curve.train.push(point) } else { curve.test.push(point) }
    }
    let mut curves: Vec<Public> = curves.into_values().collect();
    for curve in &mut curves {
        curve.train.sort_by(|a, b| a.0.total_cmp(&b.0));
        curve.test.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    curves
}

fn plain() -> ForecastOptions {
    ForecastOptions { evidence: false, ..ForecastOptions::default() }
}

/// `tests/oracles/forecast.py` integrates the share of the gap over 48 cells, the crate over 8 to 24 nodes, of which the
/// heaviest has a quarter of the weight at most: a hundredth of ln error at 16 times the data, four tenths of a standard
/// deviation where the posterior is narrower than a cell, and a tenth of the width.
#[test]
fn agrees_with_the_oracle() {
    let curves = public();
    let reference = table(include_str!("data/forecast_reference.csv"));
    assert!(reference.len() >= 60, "{} rows", reference.len());
    let (mut worst, mut widest) = (0.0_f64, 0.0_f64);
    for row in &reference {
        let curve = curves.iter().find(|c| c.name == row["curve_id"]).expect("a curve of the data");
        let forecast = best(&curve.train, &plain()).expect("a forecast");
        let n = number(row, "n");
        let there = forecast.at(n, Confidence::P95);
        let sd = number(row, "sd_measurement");
        let off = there.error.ln() - number(row, "ln_error");
        let width = (there.measurement[1] / there.measurement[0]).ln();
        let quantile = width / (2.0 * sd);
        // Student's t of 10 points is 2.26, of many 1.96.
        let points = curve.train.iter().filter(|p| p.0 > 0.0).count();
        let asked = t_quantile(points - 1);
        worst = worst.max(off.abs() / sd);
        widest = widest.max((quantile / asked - 1.0).abs());
        assert!(off.abs() < 0.01 && off.abs() < 0.4 * sd, "{} at {n}: off by {off}, sd {sd}", curve.name);
        assert!((quantile / asked - 1.0).abs() < 0.1, "{} at {n}: {quantile} sd for {asked}", curve.name);
    }
    println!("{} values: off by {worst:.3} sd at most, widths by {widest:.3}", reference.len());
}

/// The 97.5 % quantile of Student's t for the degrees of freedom of the curves in the reference (tables).
fn t_quantile(dof: usize) -> f64 {
    match dof {
        8 => 2.306,
        9 => 2.262,
        10 => 2.228,
        11 => 2.201,
        38 => 2.024,
        58 => 2.002,
        66 => 1.997,
        _ => panic!("no quantile for {dof} degrees of freedom here"),
    }
}

/// Root mean square of ln L beyond the training part, at most that of the best single law of each kind of curve (least
/// squares in ln L from many starts with scipy), and bands for new measurements.
#[test]
fn public_curves_beyond_their_training_part() {
    let limits = [("IC", 0.0146), ("LM", 0.0008), ("NMT", 0.0083), ("flan", 0.0463), ("wmt19", 0.0498)];
    let mut rows: BTreeMap<&str, Vec<[f64; 5]>> = BTreeMap::new();
    let curves = public();
    for curve in &curves {
        let forecast = best(&curve.train, &plain()).expect("a forecast");
        let n_max = forecast.sizes()[1];
        let mut sums = [0.0; 5];
        for &(n, error) in &curve.test {
            let there = forecast.at(n, Confidence::P95);
            let is_inside = there.measurement[0] <= error && error <= there.measurement[1];
            sums[0] += (there.error / error).ln().powi(2) / curve.test.len() as f64;
            for (k, most) in [(1, 4.0), (3, 16.0)] {
                if n <= 1.001 * most * n_max {
                    sums[k] += f64::from(u8::from(is_inside));
                    sums[k + 1] += 1.0;
                }
            }
        }
        sums[0] = sums[0].sqrt();
        rows.entry(&curve.row).or_default().push(sums);
    }
    for (row, limit) in limits {
        let sums = &rows[row];
        let sum = |k: usize| sums.iter().map(|s| s[k]).sum::<f64>();
        let (rms, near, far) = (sum(0) / sums.len() as f64, sum(1) / sum(2), sum(3) / sum(4));
        println!("{row}: rms {rms:.4}, inside {near:.3} within 4 n_max, {far:.3} within 16");
        // To the digits of the limits.
        assert!(rms < limit + 0.5e-4, "{row}: {rms} above {limit}");
        assert!(near >= 0.9 && far >= 0.88, "{row}: {near} and {far} inside");
    }
}

/// Law (1) is refused in at most two of a hundred curves that follow it (nominal one), whatever their noise; a clear bend is
/// found.
#[test]
fn law_one_is_refused_where_it_is_wrong() {
    let mut rng = Rng::new(11, 0);
    for (points, noise) in [(7, 0.002), (10, 0.01), (15, 0.01)] {
        let mut refused = 0;
        let count = 400;
        for _ in 0..count {
            let law = Syn2RealLaw { d: 2.0, alpha: 0.2 + 0.5 * rng.unit(), c: 0.2 * rng.unit() };
            let curve: Vec<(f64, f64)> = (0..points)
                .map(|i| 500.0 * f64::from(1 << i))
                .map(|n| (n, law.error_at(n) * (noise * rng.normal()).exp()))
                .collect();
            refused += usize::from(evidence(&curve, &FitOptions::default()).refuses_law_one());
        }
        println!("{points} points, noise {noise}: {refused} of {count} refused");
        // Two in a hundred, and three standard deviations of the count.
        assert!(refused <= 8 + 9, "{points} points, noise {noise}: {refused} of {count} refused");
    }
    let law = BentLaw { a: 0.9, c: 0.1, n_h: 2e4, beta: 1.5, kappa: 0.3 };
    let curve: Vec<(f64, f64)> = (0..12)
        .map(|i| 500.0 * f64::from(1 << i))
        .map(|n| (n, law.error_at(n) * (0.005 * rng.normal()).exp()))
        .collect();
    let evidence = evidence(&curve, &FitOptions::default());
    assert!(evidence.refuses_law_one(), "{evidence}");
    assert!(evidence.of(LawName::LawOne).is_some_and(|c| c.weight < 0.01), "{evidence}");
}

/// Leave one out: four sizes of a curve, and a prior learnt from the other curves of its kind. Bends lie where those of
/// the others do, so that the mean error at up to 16 times the largest size falls; on FLAN, whose models differ most, it
/// may rise by half.
#[test]
fn a_prior_from_other_curves_helps_with_four_points() {
    let curves = public();
    for (row, most) in [("IC", 0.6), ("LM", 0.6), ("NMT", 1.0), ("wmt19", 1.0), ("flan", 1.6)] {
        let of_row: Vec<&Public> = curves.iter().filter(|c| c.row == row).collect();
        let (mut default, mut learnt) = (0.0, 0.0);
        for (k, curve) in of_row.iter().enumerate().step_by(if of_row.len() > 10 { 3 } else { 1 }) {
            let others: Vec<Vec<(f64, f64)>> =
                of_row.iter().enumerate().filter(|(j, _)| *j != k).map(|(_, other)| other.all()).collect();
            let all: Vec<(f64, f64)> = curve.all().into_iter().filter(|p| p.0 > 0.0).collect();
            // Some twenty of the sizes of a long curve.
            let all: Vec<(f64, f64)> = all.iter().step_by((all.len() / 20).max(1)).copied().collect();
            let n_max = all[3].0;
            let prior = Prior::learn(&others, n_max, &plain()).expect("a prior");
            let off = |options: &ForecastOptions| {
                let forecast = best(&all[..4], options).expect("a forecast");
                let later: Vec<_> = all[4..].iter().filter(|p| p.0 <= 16.1 * n_max).collect();
                let square: f64 = later.iter().map(|p| (forecast.error_at(p.0) / p.1).ln().powi(2)).sum();
                (square / later.len() as f64).sqrt()
            };
            default += off(&plain());
            learnt += off(&ForecastOptions { prior, ..plain() });
        }
        println!("{row}: {:.2} of the error without", learnt / default);
        assert!(learnt <= most * default, "{row}: {learnt} with the prior, {default} without");
    }
}

/// Bands calibrated on the other curves of the kind hold as often as asked.
#[test]
fn calibration_on_other_curves() {
    let curves = public();
    for row in ["IC", "flan", "wmt19"] {
        let of_row: Vec<&Public> = curves.iter().filter(|c| c.row == row).collect();
        let (mut inside, mut all, mut before, mut after) = (0.0, 0.0, 0.0, 0.0);
        for (k, curve) in of_row.iter().enumerate().step_by(3) {
            let others: Vec<Vec<(f64, f64)>> =
                of_row.iter().enumerate().filter(|(j, _)| *j != k).map(|(_, other)| other.all()).collect();
            let calibration = Calibration::learn(&others, &plain(), Confidence::P95).expect("factors");
            let options = ForecastOptions { calibration, ..plain() };
            let (forecast, default) = (best(&curve.train, &options).unwrap(), best(&curve.train, &plain()).unwrap());
            for &(n, error) in &curve.test {
                let [low, high] = forecast.at(n, Confidence::P95).measurement;
                let [l, h] = default.at(n, Confidence::P95).measurement;
                inside += f64::from(u8::from(low <= error && error <= high));
                all += 1.0;
                before += (h / l).ln();
                after += (high / low).ln();
            }
        }
        println!("{row}: {:.3} inside, {:.2} times as wide", inside / all, after / before);
        assert!(inside / all >= 0.9, "{row}: {} of {all} inside", inside);
    }
}

fn curve(rng: &mut Rng, points: u32) -> Vec<(f64, f64)> {
    let law = BentLaw { a: 0.9, c: 0.3 * rng.unit(), n_h: 1e4, beta: 0.5 + rng.unit(), kappa: 0.5 };
    (0..points).map(|i| 250.0 * f64::from(1 << i)).map(|n| (n, law.error_at(n) * (0.01 * rng.normal()).exp())).collect()
}

/// Order, units of n and of the error, and weights that are all the same do not matter; a weight of 2 is a point twice.
#[test]
fn invariances() {
    let mut rng = Rng::new(3, 0);
    for points in [4, 7, 11, 16] {
        let curve = curve(&mut rng, points);
        let plain_forecast = best(&curve, &plain()).unwrap();
        let n = 4.0 * curve.last().unwrap().0;
        let [low, high] = plain_forecast.at(n, Confidence::P90).measurement;
        let check = |other: &[Point], scale_n: f64, scale: f64, tolerance: f64, what: &str| {
            let there = best(other, &plain()).unwrap().at(n * scale_n, Confidence::P90);
            let off = (there.error / scale / plain_forecast.error_at(n)).ln().abs();
            let ends =
                (there.measurement[0] / scale / low).ln().abs() + (there.measurement[1] / scale / high).ln().abs();
            assert!(off < tolerance && ends < tolerance, "{what}, {points} points: {off:e}, {ends:e}");
        };
        let map = |f: &dyn Fn(f64, f64) -> Point| curve.iter().map(|&(n, e)| f(n, e)).collect::<Vec<_>>();
        let mut back = map(&|n, e| Point::new(n, e));
        back.reverse();
        // Descents stop where the objective falls by less than 1e-3: rounding may move where.
        check(&back, 1.0, 1.0, 1e-9, "order");
        check(&map(&|n, e| Point::new(1024.0 * n, e)), 1024.0, 1.0, 1e-6, "unit of n");
        check(&map(&|n, e| Point::new(n, 1024.0 * e)), 1.0, 1024.0, 1e-9, "unit of the error");
        check(&map(&|n, e| Point::new(n, e).with_weight(8.0)), 1.0, 1.0, 1e-9, "unit of the weights");
        let mut with_start = map(&|n, e| Point::new(n, e));
        with_start.push(Point::new(0.0, 0.95));
        check(&with_start, 1.0, 1.0, 1e-15, "a row at n = 0");
    }
}

/// Bands nest, hold the median, and agree with the probabilities; plans are inverse to them.
#[test]
fn a_distribution() {
    let mut rng = Rng::new(5, 0);
    for points in [3, 5, 9, 14] {
        let forecast = best(&curve(&mut rng, points), &plain()).unwrap();
        let [n_min, n_max] = forecast.sizes();
        assert_eq!((forecast.distance(n_max), forecast.distance(n_min)), (0.0, 0.0), "within the data");
        assert!((forecast.distance(n_max * n_max / n_min) - 1.0).abs() < 1e-12, "once the range beyond them");
        for n in [0.0, 1e-300, n_min, n_max, 3.0 * n_max, 1e9, 1e300, f64::INFINITY] {
            let there = forecast.at(n, Confidence::P95);
            let [a, b] = there.measurement;
            let [c, d] = there.curve;
            assert!(
                a > 0.0 && a < c && c < there.error && there.error < d && d < b && b < f64::INFINITY,
                "{n}: {there:?}"
            );
            let wide = forecast.at(n, Confidence::P99);
            assert!(wide.curve[0] < c && d < wide.curve[1], "{n}: 99 % {wide:?}, 95 % {there:?}");
            // No smaller size is surer.
            assert!(forecast.probability(n, there.error) > 0.5 - 1e-9, "the median");
            assert!(forecast.probability(n, d) > 0.975 - 1e-6, "the upper limit");
            assert!(
                forecast.probability(n, 0.0) == 0.0 && forecast.probability(n, -1.0) == 0.0,
                "no error is negative"
            );
        }
        let target = forecast.error_at(8.0 * n_max);
        let mut before = 0.0;
        for probability in [0.1, 0.5, 0.8, 0.95] {
            let Some(n) = forecast.samples_for(target, probability, 1e15) else { break };
            assert!(n >= before, "more samples for more assurance");
            assert!(forecast.probability(n, target) >= probability - 1e-6, "{n} at {probability}");
            before = n;
        }
        assert!(before > 0.0, "an even chance exists");
        assert_eq!(forecast.samples_for(target, 0.5, n_max), None, "not within the data");
        assert_eq!(forecast.samples_for(1e9, 0.5, 1e15), Some(n_min), "any size will do");
        assert!(forecast.probability_ever(target) >= 0.5, "what is reached is reached some time");
        assert_eq!(forecast.samples_for(1e-9, 0.9, f64::INFINITY), None, "an end is found where there is no bound");
        assert_eq!(forecast.samples_for(1e9, 0.5, 0.5 * n_min), None, "at most means at most");
        let there = forecast.at(-5.0, Confidence::P95);
        assert!(there.error.is_nan() && forecast.at(f64::NAN, Confidence::P95).error.is_nan(), "{there:?}");
        for error in [1.02, 1.0, 0.98, 0.9].map(|share| share * target) {
            // Sizes an octave apart, as the forecast looks at them.
            let along: Vec<f64> = (0..60).map(|k| forecast.probability(n_min * 2_f64.powi(k), error)).collect();
            // To the rounding of ln n.
            assert!(along.windows(2).all(|w| w[1] >= w[0] - 1e-12), "{points} points, {error}: {along:?}");
            assert!(along[59] <= forecast.probability_ever(error) + 1e-12, "ever is at least as likely");
        }
    }
}

/// Each law's own curves, without noise, are foretold within the bands, and nearer than the last value.
#[test]
fn curves_of_every_law() {
    let laws: [(&str, &dyn Fn(f64) -> f64); 4] = [
        ("law (1)", &|n| Syn2RealLaw { d: 3.0, alpha: 0.4, c: 0.1 }.error_at(n)),
        ("rectified", &|n| RectifiedLaw { a: 0.9, c: 0.2, n_h: 4e3, beta: 0.9 }.error_at(n)),
        ("shifted", &|n| ShiftedLaw { a: 0.9, c: 0.2, n_h: 2e3, alpha: 0.6 }.error_at(n)),
        ("bent", &|n| BentLaw { a: 0.9, c: 0.2, n_h: 4e3, beta: 2.0, kappa: 0.3 }.error_at(n)),
    ];
    for (name, law) in laws {
        let curve: Vec<(f64, f64)> = (0..10).map(|i| 250.0 * f64::from(1 << i)).map(|n| (n, law(n))).collect();
        let forecast = best(&curve, &ForecastOptions::default()).unwrap();
        for beyond in [2.0, 4.0, 8.0] {
            let n = beyond * 250.0 * 512.0;
            let there = forecast.at(n, Confidence::P95);
            assert!(there.measurement[0] <= law(n) && law(n) <= there.measurement[1], "{name} at {beyond}: {there:?}");
            assert!((there.error - law(n)).abs() < (curve[9].1 - law(n)).abs(), "{name} at {beyond}: {there:?}");
        }
        let evidence = forecast.evidence().expect("it was asked for");
        let weights: f64 = evidence.contenders().iter().map(|c| c.weight).sum();
        assert!((weights - 1.0).abs() < 1e-12, "{name}: weights sum to {weights}");
        let parameters: Vec<usize> = evidence.contenders().iter().map(|c| c.law.parameters()).collect();
        assert_eq!(parameters, [2, 3, 4, 4, 5], "each law after those that it contains");
        // Without noise a law that bends has a cost of 0 where it is the true one.
        assert_eq!(evidence.against_law_one().is_some_and(|p| p < 1e-6), name != "law (1)", "{name}: {evidence}");
        // There is none, and the prior of it (.002) and of a bend within the data cost little.
        assert!(forecast.noise() > 0.0 && forecast.noise() < 0.005, "{name}: {}", forecast.noise());
        assert_eq!(evidence.refuses_law_one(), name != "law (1)", "{name}: {evidence}");
    }
}

#[test]
fn bad_input_is_named() {
    let good = [(1e3, 0.5), (2e3, 0.4), (4e3, 0.35), (8e3, 0.3)];
    let two = best(&good[..2], &plain());
    assert_eq!(two, Err(ForecastError::Fit(FitError::TooFewPoints { needed: 3, got: 2 })));
    let text = best(&[(1e3, 0.5), (2e3, f64::NAN), (4e3, 0.3)], &plain()).unwrap_err().to_string();
    assert!(text.contains("point 1"), "{text}");
    let text = best(&[(1e3, 0.5), (2e3, -0.1), (4e3, 0.3)], &plain()).unwrap_err().to_string();
    assert!(text.contains("point 1"), "{text}");
    let prior = Prior { ln_beta: (0.0, 0.0), ..Prior::default() };
    let refused = best(&good, &ForecastOptions { prior, ..plain() });
    assert_eq!(refused, Err(ForecastError::Prior { field: "ln_beta" }));
    assert!(refused.unwrap_err().to_string().contains("ln_beta"), "it names the field");
    assert_eq!(Prior::learn(&[&good[..]], -1.0, &plain()), Err(ForecastError::Prior { field: "n_max" }));
    // Nothing to learn from.
    assert_eq!(Prior::learn(&[&good[..1]], 1e3, &plain()), Ok(Prior::default()));
    assert_eq!(Calibration::learn(&[&good[..]], &plain(), Confidence::P95), Ok(Calibration::default()));
    // The same error everywhere, a step, a rise, errors over decades: a forecast, finite.
    for errors in [[0.3; 5], [0.9, 0.9, 0.1, 0.1, 0.1], [0.1, 0.2, 0.3, 0.4, 0.5], [1e-8, 1e8, 1e-3, 5.0, 1e-300]] {
        let curve: Vec<(f64, f64)> = errors.iter().enumerate().map(|(i, &e)| (1e3 * f64::from(1 << i), e)).collect();
        let there = best(&curve, &ForecastOptions::default()).unwrap().at(1e6, Confidence::P95);
        assert!(there.error.is_finite() && there.measurement[0] <= there.error, "{errors:?}: {there:?}");
    }
}

/// Replicates are measurements of one size.
#[test]
fn replicates() {
    let mut rng = Rng::new(8, 0);
    let law = RectifiedLaw { a: 0.9, c: 0.2, n_h: 4e3, beta: 0.9 };
    let sizes: Vec<f64> = (0..9).map(|i| 250.0 * f64::from(1 << i)).collect();
    let many: Vec<(f64, f64)> =
        (0..36).map(|k| sizes[k / 4]).map(|n| (n, law.error_at(n) * (0.02 * rng.normal()).exp())).collect();
    let once: Vec<(f64, f64)> = many.iter().step_by(4).copied().collect();
    let n = 256e3;
    let width = |points: &[(f64, f64)]| {
        let [low, high] = best(points, &plain()).unwrap().at(n, Confidence::P95).curve;
        assert!(low < law.error_at(n) && law.error_at(n) < high, "the truth is in the band of {} points", points.len());
        (high / low).ln()
    };
    assert!(width(&many) < width(&once), "four measurements of each size tell more than one");
}

/// Seven points whose bend refuses law (1) at p = 5e-5: AICc has no word on five parameters and charges 14 for the third.
#[test]
fn a_law_that_is_refused_is_not_preferred() {
    let errors = [0.70, 0.67, 0.62, 0.55, 0.45, 0.36, 0.29];
    let curve: Vec<(f64, f64)> = errors.iter().enumerate().map(|(i, &e)| (1e3 * f64::from(1 << i), e)).collect();
    let evidence = evidence(&curve, &FitOptions::default());
    assert!(evidence.refuses_law_one() && evidence.preferred().is_none(), "{evidence}");
    let text = evidence.to_string();
    assert!(text.starts_with("the data refuse law (1) (p = ") && !text.contains("power"), "{text}");
    let robust = FitOptions { loss: syn2real::Loss::Huber { k: 1.345 }, ..FitOptions::default() };
    let text = syn2real::forecast::evidence(&curve, &robust).to_string();
    assert!(text.contains("square loss"), "{text}");
    // The bounds of C are not the power law's.
    let bounded = FitOptions { c: syn2real::Bounds::new(0.2, 1.0), ..FitOptions::default() };
    let bounded = syn2real::forecast::evidence(&curve, &bounded);
    assert!(bounded.contenders().iter().all(|c| c.fit.is_ok()), "{bounded:?}");
}

/// Lanes do not depend on each other, nor on how many there are.
#[test]
fn the_same_bits_on_every_instruction_set() {
    use syn2real::simd::Isa;
    let mut rng = Rng::new(21, 0);
    for points in [4, 9, 16] {
        let curve = curve(&mut rng, points);
        let bits = |isa: Isa| {
            let options = ForecastOptions { isa, ..ForecastOptions::default() };
            let forecast = best(&curve, &options).unwrap();
            let fits = forecast.evidence().expect("asked for").contenders().iter().map(|c| {
                let fit = c.fit.ok()?;
                Some([fit.error_at(3e3), fit.report().cost].map(f64::to_bits))
            });
            let outlooks = [1e3, 1e5, 1e7]
                .map(|n| forecast.at(n, Confidence::P95))
                .map(|there| [there.error, there.curve[0], there.curve[1], there.measurement[1]].map(f64::to_bits));
            (fits.collect::<Vec<_>>(), outlooks)
        };
        let baseline = bits(Isa::BASELINE);
        for isa in Isa::available() {
            assert_eq!(bits(isa), baseline, "{points} points on {isa}");
        }
    }
}

/// Accuracies rise: every law says so, as law (1) does.
#[test]
fn a_score_is_noted_by_every_law() {
    let scores = [0.30, 0.33, 0.38, 0.45, 0.55, 0.64, 0.71];
    let curve: Vec<(f64, f64)> = scores.iter().enumerate().map(|(i, &e)| (1e3 * f64::from(1 << i), e)).collect();
    for points in [curve.clone(), curve.iter().copied().chain([(0.0, 0.28)]).collect()] {
        let trained: Vec<(f64, f64)> = points.iter().copied().filter(|p| p.0 > 0.0).collect();
        let rise = Syn2RealLaw::fit(&trained).unwrap().report().rise.expect("law (1) notes it");
        assert_eq!(RectifiedLaw::fit(&points).unwrap().report().rise, Some(rise), "rectified");
        assert_eq!(ShiftedLaw::fit(&points).unwrap().report().rise, Some(rise), "shifted");
        assert_eq!(BentLaw::fit(&points).unwrap().report().rise, Some(rise), "bent");
    }
}
