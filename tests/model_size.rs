//! C = k P^-b: the authors' r18..r152 (Fig. 4), and the regression itself.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
mod common;

use common::{data, rng::Rng};
use syn2real::model_size::{self, ModelSizeFit, Term};
use syn2real::{Bounds, Confidence, FitError, FitOptions, Point, PointError, Residual, Syn2RealLaw};

/// (parameters in millions, C) over r18..r152 as the authors' code fits: linear, D = 0.48, alpha in [0.1, 1.5], C in [0, 1].
fn gaps(task: &str) -> Vec<(f64, f64)> {
    let sizes: std::collections::HashMap<String, f64> = data::table(include_str!("data/finetune_final.csv"))
        .iter()
        .map(|row| (row["model"].clone(), data::number(row, "nparam")))
        .collect();
    let curves = data::curves();
    let options = FitOptions {
        residual: Residual::Linear,
        fixed_d: Some(0.48),
        alpha: Bounds::new(0.1, 1.5),
        c: Bounds::new(0.0, 1.0),
        ..FitOptions::default()
    };
    ["r18", "r34", "r50", "r101", "r152"]
        .map(|model| {
            let curve = &curves[&format!("bop_64k_{model}_{task}_s1")];
            (sizes[model], Syn2RealLaw::fit_with(curve, &options).expect("a good curve").law().c)
        })
        .to_vec()
}

fn fit(points: &[(f64, f64)]) -> ModelSizeFit {
    model_size::fit(points).unwrap_or_else(|why| panic!("{points:?}: {why}"))
}

/// Recomputed for Fig. 4: mulclass P^-.0516; objdet P^-.0061, and not monotone.
#[test]
fn figure_4() {
    for (task, b, digits) in [("mulclass_sinclass_imagenet", 0.0516, 5.1e-5), ("objdet_objdet_coco", 0.0061, 5.1e-5)] {
        let gaps = gaps(task);
        let found = fit(&gaps);
        let interval = found.interval(Term::B, Confidence::P95).expect("three degrees of freedom");
        println!(
            "{task}: b = {:.5} +- {:.5}, 95 % [{:.4}, {:.4}]; C = {gaps:?}",
            found.b,
            found.std_errors().expect("three degrees of freedom")[1],
            interval.lower.expect("finite"),
            interval.upper.expect("finite")
        );
        assert!((found.b - b).abs() < digits, "{task}: b = {}", found.b);
        assert_eq!((found.degrees_of_freedom, found.range), (3, [11.4, 58.5]), "{task}");
        let monotone = gaps.windows(2).all(|pair| pair[0].1 > pair[1].1);
        assert_eq!(monotone, task.starts_with("mulclass"), "{task}: {gaps:?}");
    }
}

/// Textbook formulas in two passes, weights included, on seeded problems.
#[test]
fn the_regression_is_that_of_the_textbook() {
    let mut rng = Rng::new(22, 1);
    for _ in 0..200 {
        let count = rng.between(3, 9);
        let points: Vec<Point> = (0..count)
            .map(|_| {
                Point::new(rng.log_uniform(1.0, 1e9), rng.log_uniform(1e-3, 2.0)).with_weight(rng.uniform(0.1, 3.0))
            })
            .collect();
        let found = model_size::fit(&points).expect("good points");
        let rows: Vec<[f64; 3]> = points.iter().map(|p| [p.n.ln(), p.error.ln(), p.weight]).collect();
        let sum = |f: &dyn Fn(&[f64; 3]) -> f64| rows.iter().map(|r| r[2] * f(r)).sum::<f64>();
        let total = sum(&|_| 1.0);
        let (x, y) = (sum(&|r| r[0]) / total, sum(&|r| r[1]) / total);
        let xx = sum(&|r| (r[0] - x).powi(2));
        let slope = sum(&|r| (r[0] - x) * (r[1] - y)) / xx;
        let intercept = y - slope * x;
        let variance = sum(&|r| (r[1] - intercept - slope * r[0]).powi(2)) / (count as f64 - 2.0);
        let expected = [
            intercept.exp(),
            -slope,
            intercept.exp() * (variance * (1.0 / total + x * x / xx)).sqrt(),
            (variance / xx).sqrt(),
        ];
        let [se_k, se_b] = found.std_errors().expect("degrees of freedom");
        for (got, expected) in [found.k, found.b, se_k, se_b].into_iter().zip(expected) {
            // Sums of at most 9 terms; near sizes amplify by x^2/var(x), below 1e4 here.
            assert!((got - expected).abs() < 1e-9 * expected.abs().max(1e-3), "{got} {expected}: {points:?}");
        }
        let at = found.gap_at(points[0].n) / (found.k * points[0].n.powf(-found.b));
        assert!((at - 1.0).abs() < 1e-12, "gap_at: {at}");
    }
}

#[test]
fn exact_powers_are_recovered_and_intervals_cover_them() {
    let exact =
        [(2.0, 3.0 * 2.0_f64.powf(-0.25)), (32.0, 3.0 * 32.0_f64.powf(-0.25)), (512.0, 3.0 * 512.0_f64.powf(-0.25))];
    let found = fit(&exact);
    assert!((found.k - 3.0).abs() < 1e-14 && (found.b - 0.25).abs() < 1e-15 && found.rms < 1e-15, "{found:?}");
    // A gap that grows with the model has a negative exponent.
    assert!((fit(&[(1.0, 0.1), (4.0, 0.2), (16.0, 0.4)]).b + 0.5).abs() < 1e-15, "growing gap");
    // 95 % intervals of 2000 seeded problems of 5 points: 1900 +- 5 sqrt(95).
    let mut rng = Rng::new(22, 2);
    let (mut b_covered, mut k_covered) = (0, 0);
    for _ in 0..2000 {
        let points: Vec<(f64, f64)> = (1..=5)
            .map(|i| (10.0 * f64::from(i), 0.9 * (10.0 * f64::from(i)).powf(-0.1) * (0.02 * rng.normal()).exp()))
            .collect();
        let found = fit(&points);
        let covers = |term, value| {
            let interval = found.interval(term, Confidence::P95).expect("three degrees of freedom");
            usize::from(interval.lower.expect("finite") < value && value < interval.upper.expect("finite"))
        };
        b_covered += covers(Term::B, 0.1);
        k_covered += covers(Term::K, 0.9);
    }
    for (name, covered) in [("b", b_covered), ("k", k_covered)] {
        assert!((1851..=1949).contains(&covered), "{name}: {covered} of 2000");
    }
}

#[test]
fn what_cannot_be_fitted_is_named() {
    let point = |index, source| Err(FitError::Point { index, source });
    assert_eq!(model_size::fit(&[(1.0, 0.5), (2.0, 0.0)]), point(1, PointError::ErrorNotPositive));
    assert_eq!(model_size::fit(&[(0.0, 0.5), (2.0, 0.1)]), point(0, PointError::Size));
    assert_eq!(model_size::fit(&[(1.0, f64::NAN), (2.0, 0.1)]), point(0, PointError::Error));
    assert_eq!(model_size::fit(&[(3.0, 0.5); 4]), Err(FitError::TooFewPoints { needed: 2, got: 1 }));
    assert_eq!(model_size::fit::<(f64, f64)>(&[]), Err(FitError::TooFewPoints { needed: 2, got: 0 }));
    let two = fit(&[(1.0, 0.5), (2.0, 0.4)]);
    assert_eq!((two.std_errors(), two.interval(Term::B, Confidence::P95), two.degrees_of_freedom), (None, None, 0));
    let unused = [Point::new(1.0, 0.5), Point::new(2.0, 0.25), Point::new(9.0, 0.9).with_weight(0.0)];
    assert!((model_size::fit(&unused).expect("two points").b - 1.0).abs() < 1e-15, "weight 0 leaves a point out");
}
