//! The law with a bend over n: an independent search from random starts, recovery, derivatives, edges, options, bad input.
use super::*;
use syn2real::{Bend, FullBentFit, FullBentLaw, FullBentOptions, Loss};

const BENT: FullBentLaw =
    FullBentLaw { delta: 40.0, gamma: 0.01, alpha: 0.6, beta: 0.3, n_h: 3e3, sharpness: 2.0, e: 0.0 };

fn bent(bend: Bend) -> FullBentOptions {
    FullBentOptions { bend, ..FullBentOptions::default() }
}

fn with_zero() -> Vec<(f64, f64)> {
    let ns = [0.0, 1e3, 2e3, 4e3, 8e3, 16e3, 32e3];
    [1e4, 4e4, 16e4].into_iter().flat_map(|s| ns.map(|n| (n, s))).collect()
}

fn noise(seed: u64, law: &FullBentLaw, sizes: &[(f64, f64)], sigma: f64) -> Vec<(f64, f64, f64)> {
    let mut rng = Rng::new(seed, 1);
    sizes.iter().map(|&(n, s)| (n, s, law.error_at(n, s) * (sigma * rng.normal()).exp())).collect()
}

fn fit(points: &[(f64, f64, f64)], options: &FullBentOptions) -> FullBentFit {
    FullBentLaw::fit_with(points, options).unwrap_or_else(|why| panic!("{options:?}: {why}"))
}

fn cost(points: &[(f64, f64, f64)], options: &FullBentOptions) -> f64 {
    fit(points, options).report().cost
}

/// Seeded noisy grids, all three bends, both residual spaces, with and without rows at n = 0, E free, weights and the Huber
/// loss in some: no start of `oracles/full_bent.py` finds a lower cost, and where it finds the same one the fine-tuning rate
/// agrees, which the bend hardly touches.
#[test]
fn no_random_start_is_lower_with_a_bend() {
    let rows = table(include_str!("../data/full_bent.csv"));
    assert_eq!(rows.len(), 60, "30 grids in two residual spaces");
    let (mut same, mut failures) = (0, Vec::new());
    for row in &rows {
        let what = format!("{} {} {}", row["grid"], row["bend"], row["residual"]);
        let columns: Vec<Vec<f64>> = ["n", "s", "error", "weight"].iter().map(|name| numbers(&row[*name])).collect();
        let points: Vec<GridPoint> = (0..columns[0].len())
            .map(|i| GridPoint::new(columns[0][i], columns[1][i], columns[2][i]).with_weight(columns[3][i]))
            .collect();
        let bend = match row["bend"].as_str() {
            "bent" => Bend::Bent,
            "rectified" => Bend::Rectified,
            _ => Bend::Shifted,
        };
        let loss = match row["delta"].as_str() {
            "" => Loss::Square,
            delta => Loss::HuberAbsolute { delta: delta.parse().expect("a number") },
        };
        let fixed_e = if row["e"] == "free" { None } else { Some(0.0) };
        let options = FullBentOptions { residual: residual(&row["residual"]), loss, fixed_e, ..bent(bend) };
        let fit = match FullBentLaw::fit_with(&points, &options) {
            Ok(fit) => fit,
            Err(why) => {
                failures.push(format!("{what}: {why}"));
                continue;
            }
        };
        let (report, wanted) = (fit.report(), number(row, "cost"));
        println!("{what}: {:e} of {wanted:e}, {:?}, {} minima", report.cost, report.class, report.minima_found);
        if report.cost > wanted * (1.0 + 1e-9) {
            failures.push(format!(
                "{what}: cost {:e} {:?} {:?}, random starts {wanted:e}",
                report.cost,
                report.class,
                fit.law()
            ));
        }
        if wanted <= report.cost * (1.0 + 1e-10) {
            same += 1;
            // 1e-10 of the cost is (dof / 2) 1e-10 in units of se^2: 1e-4 of a standard error with up to 40 points.
            let se = number(row, "se_beta");
            if loss == Loss::Square && (fit.law().beta - number(row, "beta")).abs() > 1e-4 * se {
                failures.push(format!("{what}: beta {}, oracle {} +- {se}", fit.law().beta, row["beta"]));
            }
            // Where all is inside of its bounds the standard error of beta is that of the oracle, whose optimum is as above.
            let told = fit.std_errors()[3];
            let is_inside = report.class == FullClass::Interior && loss == Loss::Square;
            if is_inside && !told.is_none_or(|told| (told / se - 1.0).abs() < 1e-3) {
                failures.push(format!("{what}: standard error of beta {told:?}, oracle {se}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(same >= 40, "only {same} of 60 optima were reached by random starts: the oracle is too weak");
}

/// Eighth-order central differences against the formulas, as for the full law; the derivative by the sharpness is a
/// difference of terms of the size of ln n.
#[test]
fn the_gradient_is_that_of_the_law_with_a_bend() {
    const WEIGHTS: [(f64, f64); 4] = [(1.0, 4.0 / 5.0), (2.0, -1.0 / 5.0), (3.0, 4.0 / 105.0), (4.0, -1.0 / 280.0)];
    let law = |p: [f64; 7]| FullBentLaw {
        delta: p[0],
        gamma: p[1],
        alpha: p[2],
        beta: p[3],
        n_h: p[4],
        sharpness: p[5],
        e: p[6],
    };
    for index in 0..200 {
        let mut rng = Rng::new(12, index);
        let p: [f64; 7] = [
            rng.log_uniform(0.1, 100.0),
            rng.log_uniform(1e-3, 10.0),
            rng.uniform(0.05, 1.5),
            rng.uniform(0.05, 1.0),
            rng.log_uniform(1.0, 1e5),
            rng.log_uniform(0.2, 4.0),
            rng.uniform(0.01, 0.5),
        ];
        let n = if index % 5 == 0 { 0.0 } else { rng.log_uniform(10.0, 1e5) };
        let s = rng.log_uniform(10.0, 1e5);
        for (j, by) in law(p).gradient_at(n, s).into_iter().enumerate() {
            let h = p[j] * 2f64.powi(-7);
            let at = |x: f64| {
                let mut q = p;
                q[j] += x;
                law(q).error_at(n, s)
            };
            let numeric = WEIGHTS.iter().map(|(k, w)| w * (at(k * h) - at(-k * h))).sum::<f64>() / h;
            let size = by.abs().max(law(p).error_at(n, s) / p[j]);
            assert!((by - numeric).abs() <= 1e-10 * size, "case {index}, parameter {j}: {by} against {numeric}");
        }
    }
    // n_h = 0 is the limit of n_h -> 0, and so are its slopes but that by n_h, whose limit depends on the sharpness.
    let straight = FullBentLaw { n_h: 0.0, ..BENT };
    assert_eq!(straight.error_at(1e3, 1e4), straight.full().expect("no bend").error_at(1e3, 1e4));
    let near = FullBentLaw { n_h: 1e-9, ..BENT };
    for (a, b) in straight.gradient_at(1e3, 1e4).into_iter().zip(near.gradient_at(1e3, 1e4)) {
        // What is left of n_h^2 / n^2, by n_h, is 2e-17.
        assert!((a - b).abs() <= 1e-12 * a.abs() + 1e-16, "{a} against {b}");
    }
    let one = FullBentLaw { sharpness: 1.0, ..straight };
    assert_eq!(one.gradient_at(1e3, 1e4)[4], one.full().expect("no bend").gradient_at(1e3, 1e4)[4]);
    assert_eq!(FullBentLaw { sharpness: 0.5, ..straight }.gradient_at(1e3, 1e4)[4], f64::NEG_INFINITY);
}

/// Noiseless data give the law back: a cost of (1e-16)^2 per residual over the smallest eigenvalue of the scaled J'J (the
/// reported condition) is the accuracy to expect, and ten times as much for its second order.
#[test]
fn noiseless_recovery_with_a_bend() {
    let laws = [
        (BENT, Bend::Bent),
        (FullBentLaw { sharpness: 0.7, gamma: 0.0, ..BENT }, Bend::Bent),
        (FullBentLaw { sharpness: 0.6, ..BENT }, Bend::Rectified),
        (FullBentLaw { sharpness: 1.0, ..BENT }, Bend::Shifted),
        (FullBentLaw { e: 0.15, ..BENT }, Bend::Bent),
    ];
    for residual in [Residual::Log, Residual::Linear] {
        for (law, bend) in laws {
            let points: Vec<_> = with_zero().iter().map(|&(n, s)| (n, s, law.error_at(n, s))).collect();
            let fixed_e = if law.e > 0.0 { None } else { Some(0.0) };
            let fit = fit(&points, &FullBentOptions { residual, fixed_e, ..bent(bend) });
            let share = 1e3 * f64::EPSILON * fit.report().condition.expect("inside").sqrt();
            let (got, what) = (fit.law(), format!("{law:?} {residual}: {:?} {share:e}", fit.law()));
            assert!(share < 1e-4, "{what}");
            close(got.alpha, law.alpha, share, &what);
            close(got.beta, law.beta, share, &what);
            close(got.n_h, law.n_h, share, &what);
            close(got.sharpness, law.sharpness, share, &what);
            assert!((got.gamma - law.gamma).abs() <= share * 0.01, "{what}: gamma");
            assert!((got.e - law.e).abs() <= share, "{what}: E");
        }
    }
}

/// A law that contains another has no higher cost: bent, rectified and shifted contain the paper's law where that is finite,
/// bent contains the two others, and shifted is the full law with n0.
#[test]
fn no_law_inside_has_a_lower_cost() {
    for seed in 0..8 {
        let mut rng = Rng::new(77, seed);
        let truth = FullBentLaw {
            alpha: rng.uniform(0.2, 1.2),
            n_h: rng.log_uniform(100.0, 5e4),
            sharpness: rng.log_uniform(0.4, 5.0),
            gamma: if seed % 3 == 0 { 0.0 } else { BENT.gamma },
            ..BENT
        };
        let residual = if seed % 2 == 0 { Residual::Log } else { Residual::Linear };
        let with = |bend: Bend| FullBentOptions { residual, ..bent(bend) };
        let full = |points: &[(f64, f64, f64)], fixed_n0| {
            let options = FullOptions { residual, fixed_n0, ..FullOptions::default() };
            FullLaw::fit_with(points, &options).map(|fit| fit.report().cost).unwrap_or(f64::INFINITY)
        };
        for sizes in [with_zero(), sizes()] {
            let points = noise(seed, &truth, &sizes, 0.02);
            let [bent, rectified, shifted] =
                [Bend::Bent, Bend::Rectified, Bend::Shifted].map(|bend| cost(&points, &with(bend)));
            // The share to which a simpler law that is as good is preferred.
            let slack = 1.0 + 2e-9;
            assert!(bent <= rectified * slack && bent <= shifted * slack, "{seed}: {bent:e} {rectified:e} {shifted:e}");
            let offset = full(&points, None);
            assert!(
                (shifted - offset).abs() <= 2e-9 * offset,
                "{seed}: shifted {shifted:e}, full law with n0 {offset:e}"
            );
            let paper = if sizes[0].0 == 0.0 { f64::INFINITY } else { full(&points, Some(0.0)) };
            assert!(
                rectified <= paper * slack && shifted <= paper * slack,
                "{seed}: {rectified:e} {shifted:e} {paper:e}"
            );
        }
    }
}

/// What the class says of laws on the edges, and what it leaves without a standard error.
#[test]
fn the_class_names_the_edge() {
    let exact = |law: &FullBentLaw, sizes: &[(f64, f64)]| -> Vec<(f64, f64, f64)> {
        sizes.iter().map(|&(n, s)| (n, s, law.error_at(n, s))).collect()
    };
    let straight = FullBentLaw { n_h: 0.0, gamma: 0.02, ..BENT };
    for bend in [Bend::Bent, Bend::Rectified, Bend::Shifted] {
        let fit = fit(&exact(&straight, &sizes()), &bent(bend));
        assert_eq!((fit.report().class, fit.law().n_h), (FullClass::IsFullLaw, 0.0), "{bend:?}");
        assert!((fit.law().alpha - 0.6).abs() < 1e-9, "{bend:?}: {:?}", fit.law());
        assert_eq!((fit.std_errors()[4], fit.bend()), (None, bend));
        let flat = FullBentLaw { gamma: 1.0, alpha: 0.0, ..straight };
        let fit = self::fit(&exact(&flat, &with_zero()), &bent(bend));
        assert_eq!((fit.report().class, fit.law().alpha, fit.law().gamma), (FullClass::Flat, 0.0, 0.0), "{bend:?}");
        assert!((fit.law().delta - 80.0).abs() < 1e-9 && (fit.law().beta - 0.3).abs() < 1e-12, "{:?}", fit.law());
        assert_eq!(fit.report().degrees_of_freedom, 19, "{bend:?}: delta and beta");
    }
    let no_gap = fit(&exact(&FullBentLaw { gamma: 0.0, ..BENT }, &with_zero()), &FullBentOptions::default());
    assert!(no_gap.report().class == FullClass::NoGap || no_gap.law().gamma < 1e-9, "{:?}", no_gap.law());
    let rectified = FullBentLaw { sharpness: 0.6, ..BENT };
    let rectified = fit(&exact(&rectified, &with_zero()), &FullBentOptions::default());
    assert_eq!(rectified.report().class, FullClass::IsRectified, "{:?}", rectified.law());
    let shifted = fit(&exact(&FullBentLaw { sharpness: 1.0, ..BENT }, &with_zero()), &FullBentOptions::default());
    assert_eq!(shifted.report().class, FullClass::IsShifted, "{:?}", shifted.law());
    // A corner: no decrease up to n_h = 3000, the power law beyond.
    let corner = FullBentLaw { sharpness: 60.0, ..BENT };
    let corner = fit(&exact(&corner, &with_zero()), &FullBentOptions::default());
    assert_eq!((corner.report().class, corner.law().sharpness), (FullClass::Corner, 10.0), "{:?}", corner.law());
}

/// Bounds that the optimum is inside of change nothing, whatever coordinates they make the search use; a parameter that is
/// held is held, and at its optimum costs nothing.
#[test]
fn options_of_the_law_with_a_bend() {
    let points = noise(3, &BENT, &with_zero(), 0.005);
    for residual in [Residual::Log, Residual::Linear] {
        let default = FullBentOptions { residual, ..FullBentOptions::default() };
        let free = fit(&points, &default);
        let law = free.law();
        let around = |x: f64| Bounds::new(0.3 * x, 3.0 * x);
        let all = [
            FullBentOptions { delta: around(law.delta), ..default },
            FullBentOptions { gamma: around(law.gamma), ..default },
            FullBentOptions { n_h: around(law.n_h), ..default },
            FullBentOptions { n_h: Bounds::new(0.0, 1e9), ..default },
            FullBentOptions { sharpness: around(law.sharpness), ..default },
            FullBentOptions { gamma: around(law.gamma), n_h: around(law.n_h), alpha: around(law.alpha), ..default },
            FullBentOptions { fixed_delta: Some(law.delta), ..default },
            FullBentOptions { fixed_gamma: Some(law.gamma), ..default },
            FullBentOptions { fixed_alpha: Some(law.alpha), ..default },
            FullBentOptions { fixed_beta: Some(law.beta), ..default },
            FullBentOptions { fixed_n_h: Some(law.n_h), ..default },
            FullBentOptions { fixed_sharpness: Some(law.sharpness), fixed_gamma: Some(law.gamma), ..default },
        ];
        // The coordinates do not depend on the residual: a third of them with the other one.
        for options in all.into_iter().step_by(if residual == Residual::Log { 1 } else { 3 }) {
            // A cost that has no slope at its optimum, and a law that was rounded.
            close(cost(&points, &options), free.report().cost, 1e-9, &format!("{options:?}"));
        }
        let held = fit(&points, &FullBentOptions { fixed_n_h: Some(1e3), fixed_sharpness: Some(1.5), ..default });
        assert!(held.law().n_h == 1e3 && held.law().sharpness == 1.5 && held.report().cost > free.report().cost);
        assert_eq!((held.std_errors()[4], held.std_errors()[5], held.report().parameters), (None, None, 4));
        let most = 0.8 * law.n_h;
        let side = fit(&points, &FullBentOptions { n_h: Bounds::new(0.0, most), ..default });
        let at = FullClass::AtBound { parameter: Parameter::NH, side: Side::Upper };
        assert!(side.report().class == at && side.law().n_h == most, "{:?} {:?}", side.report().class, side.law());
        let doubled: Vec<GridPoint> = points.iter().map(|&p| GridPoint::from(p).with_weight(2.0)).collect();
        let doubled = FullBentLaw::fit_with(&doubled, &default).expect("weights");
        close(doubled.report().cost, 2.0 * free.report().cost, 1e-12, "a weight of 2 is a row twice");
        // Residuals within the Huber delta: the square loss.
        let wide = FullBentOptions { loss: Loss::HuberAbsolute { delta: 1.0 }, ..default };
        close(cost(&points, &wide), free.report().cost, 1e-12, "a Huber delta beyond all residuals");
        let mut wrong = points.clone();
        wrong[9].2 *= 1.5;
        let robust = fit(&wrong, &FullBentOptions { loss: Loss::Huber { k: 1.345 }, ..default });
        assert!((robust.law().beta - law.beta).abs() < 0.01, "an outlier of 50 %: {:?} against {law:?}", robust.law());
        assert!(robust.report().huber_delta.is_some_and(|delta| delta > 0.0 && delta < 0.05));
    }
    // Without a bend: the paper's law, whatever the sharpness.
    let paper = noisy(4, &TRUTH, 0.01);
    let straight = fit(&paper, &FullBentOptions { fixed_n_h: Some(0.0), ..FullBentOptions::default() });
    let full = FullLaw::fit(&paper).expect("a good grid");
    close(straight.report().cost, full.report().cost, 1e-12, "n_h = 0");
    // Units: n -> k n moves n_h alone.
    let points = noise(5, &BENT, &with_zero(), 0.005);
    let law = fit(&points, &FullBentOptions::default()).law();
    let moved: Vec<_> = points.iter().map(|&(n, s, error)| (7.3 * n, s, error)).collect();
    let moved = fit(&moved, &FullBentOptions::default()).law();
    // The condition of these data is some 1e8, and a promise of 1e-14 of the cost ends the search: 1e-7 of a standard error
    // of about the size of the parameter.
    close(moved.n_h, 7.3 * law.n_h, 1e-5, "n scaled");
    close(moved.sharpness, law.sharpness, 1e-5, "n scaled");
}

/// The standard error along a gradient is that by an independent inverse: J'J of differences, solved by elimination.
#[test]
fn intervals_of_the_law_with_a_bend() {
    let points = noise(6, &FullBentLaw { sharpness: 0.6, ..BENT }, &with_zero(), 0.003);
    let fit = fit(&points, &bent(Bend::Rectified));
    let (law, report) = (fit.law(), *fit.report());
    assert_eq!((report.class, report.degrees_of_freedom, report.parameters), (FullClass::Interior, 16, 5));
    let five = [law.delta.ln(), law.gamma, law.alpha, law.beta, law.n_h.ln()];
    let model = |p: &[f64; 5], n: f64, s: f64| {
        let law = FullBentLaw {
            delta: p[0].exp(),
            gamma: p[1],
            alpha: p[2],
            beta: p[3],
            n_h: p[4].exp(),
            sharpness: p[2],
            e: 0.0,
        };
        law.error_at(n, s).ln()
    };
    let slopes = |n: f64, s: f64| -> [f64; 5] {
        core::array::from_fn(|j| {
            let h = 1e-5 * five[j].abs();
            let at = |x: f64| {
                let mut p = five;
                p[j] += x;
                model(&p, n, s)
            };
            (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h)
        })
    };
    let (ahead, last) = (slopes(128e3, 16e4), 5);
    let mut a = [[0.0; 6]; 5];
    for &(n, s, _) in &points {
        let row = slopes(n, s);
        for i in 0..5 {
            for j in 0..5 {
                a[i][j] += row[i] * row[j];
            }
        }
    }
    for i in 0..5 {
        a[i][last] = ahead[i];
    }
    for i in 0..5 {
        let pivot = a[i];
        for (k, row) in a.iter_mut().enumerate().filter(|(k, _)| *k != i) {
            let factor = row[i] / pivot[i];
            assert!(k != i && factor.is_finite());
            for (x, y) in row.iter_mut().zip(pivot) {
                *x -= factor * y;
            }
        }
    }
    let square: f64 = (0..5).map(|i| ahead[i] * a[i][last] / a[i][i]).sum();
    let value = law.error_at(128e3, 16e4);
    let se = value * (square * 2.0 * report.cost / 16.0).sqrt();
    let interval = fit.error_interval(128e3, 16e4, syn2real::Confidence::P95).expect("inside");
    // Student's t of 16 degrees of freedom, .975; differences of fourth order at 1e-5 leave 1e-11 / 1e-5 of rounding, times
    // the condition of the scaled J'J.
    let half = 0.5 * (interval.upper.expect("an end") - interval.lower.expect("an end"));
    close(half, 2.119_905_299_221 * se, 1e-4, "error ahead");
    let alpha = fit.interval(Parameter::Alpha, syn2real::Confidence::P95).expect("inside");
    assert_eq!(Some(alpha.upper.expect("an end") - alpha.estimate).map(|h| h > 0.0), Some(true));
    assert_eq!(fit.std_errors()[2], fit.std_errors()[5], "the sharpness is alpha");
    let covariance = fit.covariance().expect("inside");
    assert_eq!(covariance[2][2], covariance[5][2]);
    assert_eq!(fit.interval(Parameter::E, syn2real::Confidence::P95), None, "E is held");
    let shown = fit.to_string();
    assert!(shown.contains("sharpness 0.") && shown.contains("E      0  held fixed"), "{shown}");
}

/// Each error names what is wrong and what would do.
#[test]
fn bad_input_of_the_law_with_a_bend() {
    let points = noise(7, &BENT, &with_zero(), 0.01);
    let bad = |options: FullBentOptions, wanted: &str| match FullBentLaw::fit_with(&points, &options) {
        Err(FitError::BadOption { field }) => assert_eq!(field, wanted),
        other => panic!("{wanted}: {:?}", other.map(|fit| fit.law())),
    };
    let default = FullBentOptions::default();
    bad(FullBentOptions { sharpness: Bounds::new(0.0, 1.0), ..default }, "sharpness");
    bad(FullBentOptions { sharpness: Bounds::new(1.0, 101.0), ..default }, "sharpness");
    bad(FullBentOptions { sharpness: Bounds::new(2.0, 2.0), ..default }, "sharpness");
    bad(FullBentOptions { sharpness: Bounds::new(f64::NAN, 2.0), ..default }, "sharpness");
    bad(FullBentOptions { fixed_sharpness: Some(20.0), ..default }, "fixed_sharpness");
    bad(FullBentOptions { fixed_sharpness: Some(1.0), ..bent(Bend::Shifted) }, "fixed_sharpness");
    bad(FullBentOptions { fixed_alpha: Some(0.01), ..bent(Bend::Rectified) }, "fixed_alpha");
    bad(FullBentOptions { alpha: Bounds::new(0.0, 0.01), ..bent(Bend::Rectified) }, "sharpness");
    bad(FullBentOptions { n_h: Bounds::new(-1.0, 1.0), ..default }, "n_h");
    bad(FullBentOptions { fixed_n_h: Some(f64::INFINITY), ..default }, "fixed_n_h");
    bad(FullBentOptions { fixed_delta: Some(0.0), ..default }, "fixed_delta");
    bad(FullBentOptions { loss: Loss::HuberAbsolute { delta: 1e-300 }, ..default }, "loss");
    for field in ["sharpness", "fixed_sharpness", "n_h", "fixed_n_h"] {
        let text = FitError::BadOption { field }.to_string();
        assert!(text.len() > 60 && !text.contains("documentation"), "{text}");
    }
    let held = FullBentOptions { fixed_n_h: Some(0.0), ..default };
    let zero = FullBentLaw::fit_with(&points, &held).err();
    assert_eq!(zero, Some(FitError::Point { index: 0, source: PointError::SizeZero }));
    let four: Vec<_> = points.iter().copied().filter(|p| p.0 <= 4e3).collect();
    assert_eq!(FullBentLaw::fit(&four).err(), Some(FitError::TooFewPoints { needed: 5, got: 4 }));
    assert!(FullBentLaw::fit_with(&four, &bent(Bend::Rectified)).is_ok());
    let three: Vec<_> = points.iter().copied().filter(|p| p.0 <= 2e3).collect();
    for bend in [Bend::Rectified, Bend::Shifted] {
        assert_eq!(
            FullBentLaw::fit_with(&three, &bent(bend)).err(),
            Some(FitError::TooFewPoints { needed: 4, got: 3 })
        );
    }
    let one: Vec<_> = points.iter().copied().filter(|p| p.1 == 1e4).collect();
    assert_eq!(FullBentLaw::fit(&one).err(), Some(FitError::Unidentifiable { parameter: Parameter::Beta }));
    assert_eq!(FullBentLaw::fit::<GridPoint>(&[]).err(), Some(FitError::TooFewRows { needed: 6, got: 0 }));
    for (n, s, error) in [(-1.0, 1e4, 0.5), (f64::NAN, 1e4, 0.5), (1e3, 0.0, 0.5), (1e3, 1e4, 0.0)] {
        let mut wrong = points.clone();
        wrong[4] = (n, s, error);
        let why = FullBentLaw::fit(&wrong).err();
        assert!(matches!(why, Some(FitError::Point { index: 4, .. })), "{why:?}");
    }
    // Sizes and errors over many decades: an answer, and no NaN in it.
    for scale in [1e-9, 1e9] {
        let moved: Vec<_> = points.iter().map(|&(n, s, error)| (n * scale, s / scale, error * scale)).collect();
        let fit = fit(&moved, &default);
        let rms = self::fit(&points, &default).report().rms;
        close(
            fit.report().rms,
            rms,
            1e-6,
            "scaled by powers of ten: rounding of the errors, in the valley of the sharpness",
        );
    }
}

/// The authors' grid: which form do the 63 rows with n > 0 and all 72 ask for?
#[test]
fn what_the_authors_grid_asks_for() {
    let all: Vec<_> =
        grid().into_iter().map(|(percent, n, error)| (n, size(percent, "percent_of_1281167"), error)).collect();
    let trained: Vec<_> = all.iter().copied().filter(|row| row.0 > 0.0).collect();
    assert_eq!((all.len(), trained.len()), (72, 63));
    for residual in [Residual::Log, Residual::Linear] {
        let aicc = |points: &[(f64, f64, f64)], bend: Bend| {
            compare::aicc(&fit(points, &FullBentOptions { residual, ..bent(bend) })).expect("rows enough")
        };
        let full =
            compare::aicc(&FullLaw::fit_with(&trained, &options(residual)).expect("63 rows")).expect("rows enough");
        for bend in [Bend::Shifted, Bend::Rectified, Bend::Bent] {
            let gain = aicc(&trained, bend) - full;
            // Without the rows at n = 0 no bend pays for its parameters: 2.4 each at 63 rows.
            assert!(gain > 2.0, "{residual} {bend:?}: {gain}");
        }
        let compared = compare::bent_laws(&all, &options(residual), 1);
        let [shifted, rectified, free] = [Bend::Shifted, Bend::Rectified, Bend::Bent].map(|bend| aicc(&all, bend));
        // With them one is needed, rectified or shifted alike, and a free sharpness is not.
        assert!((shifted - rectified).abs() < 0.1 && free - shifted > 2.0, "{residual}: {shifted} {rectified} {free}");
        for (law, wanted) in compared.iter().zip([shifted, rectified, free]) {
            // The same fits, but for a covariance.
            assert_eq!(law.aicc, Some(wanted), "{}", law.law);
            let rmse = law.holdout_rmse.expect("five sizes are left");
            // At n = 64,000 the full law with n0 is off by .033 (log) and .024 (linear).
            assert!(rmse > 0.02 && rmse < 0.05, "{}: {rmse}", law.law);
        }
    }
}

/// The same bits on every instruction set, in both losses and in the coordinates of either residual.
#[test]
fn the_law_with_a_bend_has_the_same_bits_everywhere() {
    let points = noise(8, &BENT, &with_zero(), 0.01);
    for (residual, loss) in [(Residual::Log, Loss::Square), (Residual::Linear, Loss::Huber { k: 1.345 })] {
        let of = |isa| {
            let fit = fit(&points, &FullBentOptions { residual, loss, isa, ..bent(Bend::Bent) });
            format!("{:?} {:?} {:?}", fit.report(), fit.minima(), fit.covariance())
        };
        let baseline = of(syn2real::simd::Isa::BASELINE);
        for isa in syn2real::simd::Isa::available() {
            assert_eq!(of(isa), baseline, "{} {residual}", isa.name());
        }
    }
}
