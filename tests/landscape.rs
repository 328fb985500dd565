//! Linearised results (Appendix C.3), cost landscapes and ridges (Figs 13 and 14).
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
mod common;

use common::{data, rng::Rng};
use syn2real::landscape::{self, LandscapeError};
use syn2real::{Bounds, FitError, FitOptions, PointError, Residual, Syn2RealLaw};

#[test]
fn linearised_points_are_counted_and_listed() {
    let points = [(1e3, 0.8), (2e3, 0.5), (4e3, 0.6), (8e3, 0.4)];
    let (mut out, mut below) = ([(0.0, 0.0); 5], [99; 4]);
    let found = landscape::linearise(&points, 0.5, &mut out, &mut below).expect("good points");
    assert_eq!((found.above, found.below), (2, 2));
    assert_eq!(out[..2], [(1e3, 0.8 - 0.5), (4e3, 0.6 - 0.5)]);
    assert_eq!(below[..2], [1, 3], "L = C counts as below");
    assert_eq!((out[2], below[2]), ((0.0, 0.0), 99), "the rest is left alone");
    let call = |c: f64, out: usize, below: usize| {
        landscape::linearise(&points, c, &mut vec![(0.0, 0.0); out], &mut vec![0; below])
    };
    assert_eq!(call(0.5, 3, 4), Err(LandscapeError::Buffer { buffer: "out", needed: 4, got: 3 }));
    assert_eq!(call(0.5, 4, 3), Err(LandscapeError::Buffer { buffer: "below", needed: 4, got: 3 }));
    for c in [f64::NAN, -0.1, f64::INFINITY] {
        assert_eq!(call(c, 4, 4), Err(LandscapeError::Gap), "{c}");
    }
    let bad = landscape::linearise(&[(1.0, 0.5), (0.0, 0.5)], 0.1, &mut [(0.0, 0.0); 2], &mut [0; 2]);
    assert_eq!(bad, Err(LandscapeError::Fit(FitError::Point { index: 1, source: PointError::Size })));
}

/// On noiseless data the linearised points lie on the line ln D - alpha ln n.
#[test]
fn linearised_law_is_a_line() {
    let law = Syn2RealLaw { d: 0.48, alpha: 0.4, c: 0.7 };
    let points: Vec<(f64, f64)> = (0..7).map(|i| 1e3 * f64::from(1 << i)).map(|n| (n, law.error_at(n))).collect();
    let (mut out, mut below) = ([(0.0, 0.0); 7], [0; 7]);
    let found = landscape::linearise(&points, law.c, &mut out, &mut below).expect("good points");
    assert_eq!((found.above, found.below), (7, 0));
    for (n, rest) in out {
        // L - C cancels at most 7 of 53 bits here.
        assert!((rest.ln() - (0.48_f64.ln() - 0.4 * n.ln())).abs() < 1e-13, "{n}: {rest}");
    }
}

/// The smallest cost over C in [lo, hi], by 2,000 samples and golden section: independent of the fit.
fn dense(points: &[(f64, f64)], d: f64, alpha: f64, log: bool, [lo, hi]: [f64; 2]) -> f64 {
    let cost = |c: f64| -> f64 {
        let residual = |n: f64, error: f64| {
            let model = d * n.powf(-alpha) + c;
            if log { (model / error).ln() } else { model - error }
        };
        points.iter().map(|&(n, error)| 0.5 * residual(n, error).powi(2)).sum()
    };
    let sample = |i: usize| lo + (hi - lo) * i as f64 / 2000.0;
    let best = (0..=2000).min_by(|&i, &j| cost(sample(i)).total_cmp(&cost(sample(j)))).expect("samples");
    let (mut a, mut b) = (sample(best.saturating_sub(1)), sample((best + 1).min(2000)));
    let ratio = (5.0_f64.sqrt() - 1.0) / 2.0;
    for _ in 0..80 {
        let (x, y) = (b - ratio * (b - a), a + ratio * (b - a));
        if cost(x) < cost(y) { b = y } else { a = x }
    }
    [a, b, lo, hi, 0.5 * (a + b)].into_iter().map(cost).fold(f64::INFINITY, f64::min)
}

/// Every cell against the dense search, both residuals, with C free and in a box.
#[test]
fn cells_have_the_best_gap() {
    let curves = data::curves();
    let alphas: Vec<f64> = (0..6).map(|i| 0.3 * f64::from(i)).collect();
    let ds = [0.0, 0.1, 0.48, 1.0, 3.0];
    for id in ["bop_64k_r50_objdet_objdet_coco_s1", "bop_64k_r50_mulclass_sinclass_imagenet_s1"] {
        let points = &curves[id];
        for (log, c) in [(true, [0.0, 2.0]), (false, [0.0, 2.0]), (true, [0.5, 0.9]), (false, [0.5, 0.9])] {
            let residual = if log { Residual::Log } else { Residual::Linear };
            let options = FitOptions { residual, c: Bounds::new(c[0], c[1]), ..FitOptions::default() };
            let mut out = vec![f64::NAN; alphas.len() * ds.len()];
            let lowest = landscape::cost(points, &alphas, &ds, &options, &mut out).expect("good grid").expect("cells");
            for (i, (&alpha, row)) in alphas.iter().zip(out.chunks(ds.len())).enumerate() {
                for (j, (&d, &got)) in ds.iter().zip(row).enumerate() {
                    let expected = dense(points, d, alpha, log, c);
                    // Golden section finds C to 1e-8, so the cost to its square, beside 1e-12 of itself.
                    assert!(
                        (got - expected).abs() <= 1e-9 * expected + 1e-15,
                        "{id} {residual} alpha {alpha} D {d} C in {c:?}: {got:e} {expected:e}"
                    );
                    assert!(
                        got >= lowest.cost && (got > lowest.cost || (i, j) == (lowest.row, lowest.column)),
                        "lowest"
                    );
                }
            }
            assert_eq!((lowest.law.alpha, lowest.law.d), (alphas[lowest.row], ds[lowest.column]));
        }
    }
}

/// No cell is below the fit with everything free, and a grid through that fit touches it.
#[test]
fn the_fit_is_the_bottom_of_the_landscape() {
    let points = &data::curves()["bop_64k_r50_objdet_objdet_coco_s1"];
    let fit = Syn2RealLaw::fit(points).expect("a good curve");
    let around = |x: f64| -> Vec<f64> { (0..21).map(|i| x * (0.5 + 0.05 * f64::from(i))).collect() };
    let (alphas, ds) = (around(fit.law().alpha), around(fit.law().d));
    let mut out = vec![0.0; 21 * 21];
    let lowest =
        landscape::cost(points, &alphas, &ds, &FitOptions::default(), &mut out).expect("good grid").expect("cells");
    assert_eq!((lowest.row, lowest.column), (10, 10), "the grid's middle is the fit");
    assert!((lowest.cost / fit.report().cost - 1.0).abs() < 1e-9, "{} {}", lowest.cost, fit.report().cost);
}

#[test]
fn bad_grids_are_named() {
    let points = [(1e3, 0.9), (2e3, 0.8), (4e3, 0.75)];
    let call = |alphas: &[f64], ds: &[f64], cells: usize| {
        landscape::cost(&points, alphas, ds, &FitOptions::default(), &mut vec![0.0; cells]).map(|l| l.map(|l| l.cost))
    };
    assert_eq!(call(&[0.5], &[1.0, 2.0], 3), Err(LandscapeError::Buffer { buffer: "out", needed: 2, got: 3 }));
    let bad = |row, column, field| Err(LandscapeError::Cell { row, column, source: FitError::BadOption { field } });
    assert_eq!(call(&[0.5, f64::NAN], &[1.0], 2), bad(1, 0, "fixed_alpha"));
    assert_eq!(call(&[0.5], &[1.0, -1.0], 2), bad(0, 1, "fixed_d"));
    assert_eq!(call(&[], &[1.0], 0), Ok(None), "no cells");
    assert_eq!(call(&[0.5], &[], 0), Ok(None), "no cells");
}

/// Fig. 13: (D .5, alpha .4) against (1, .5) with C = .5: the largest gap over 1k..64k is .0026.
#[test]
fn figure_13() {
    let (a, b) = (Syn2RealLaw { d: 0.5, alpha: 0.4, c: 0.5 }, Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.5 });
    let widest = landscape::largest_gap(&a, &b, 1e3, 64e3).expect("good sizes");
    assert!((widest.gap - 0.0026).abs() < 5e-5, "{widest:?}");
    // Equal slopes at (1 * .5 / (.5 * .4))^(1/.1) = 2.5^10.
    assert!((widest.n / 2.5_f64.powi(10) - 1.0).abs() < 1e-12, "{widest:?}");
}

/// Against 4,000 samples, on seeded pairs; the order of the laws does not matter.
#[test]
fn the_largest_gap_is_the_largest() {
    let mut rng = Rng::new(23, 1);
    let mut inside = 0;
    for _ in 0..500 {
        let mut law =
            || Syn2RealLaw { d: rng.log_uniform(0.1, 10.0), alpha: rng.uniform(0.05, 1.5), c: rng.uniform(0.0, 0.01) };
        let (a, b) = (law(), law());
        let widest = landscape::largest_gap(&a, &b, 10.0, 1e5).expect("good sizes");
        let gap = |n: f64| (a.error_at(n) - b.error_at(n)).abs();
        let sampled = (0..=4000).map(|i| gap(10.0 * 1e4_f64.powf(f64::from(i) / 4000.0))).fold(0.0, f64::max);
        // Samples are .23 % apart in n: they miss a smooth maximum by the square of that.
        assert!(
            widest.gap >= sampled * (1.0 - 1e-12) && widest.gap <= sampled * (1.0 + 1e-4),
            "{a:?} {b:?} {widest:?}"
        );
        assert_eq!(landscape::largest_gap(&b, &a, 10.0, 1e5).map(|w| w.gap), Ok(widest.gap), "order");
        inside += usize::from(widest.n > 10.0 && widest.n < 1e5);
    }
    assert!(inside > 20, "only {inside} maxima lie inside");
    let law = Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.1 };
    assert_eq!(landscape::largest_gap(&law, &law, 1.0, 10.0).map(|w| w.gap), Ok(0.0), "a law and itself");
    for (from, to) in [(0.0, 1.0), (2.0, 1.0), (1.0, f64::INFINITY), (f64::NAN, 1.0)] {
        assert_eq!(landscape::largest_gap(&law, &law, from, to).map(|w| w.gap), Err(LandscapeError::Sizes));
    }
}
