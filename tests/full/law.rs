//! Recovery, derivatives, invariances, standard errors.
use super::*;

/// Noiseless data give the law back. A cost at the rounding level (1e-16 per residual) over the smallest singular value of
/// the scaled Jacobian (the root of the reported condition) is the accuracy to expect.
#[test]
fn noiseless_recovery() {
    let truth = FullLaw { delta: 40.0, gamma: 0.02, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
    let laws = [
        (truth, Some(0.0), Some(0.0)),
        (FullLaw { n0: 700.0, ..truth }, None, Some(0.0)),
        (FullLaw { e: 0.15, ..truth }, Some(0.0), None),
        (FullLaw { n0: 700.0, e: 0.15, ..truth }, None, None),
        (FullLaw { n0: 300.0, ..truth }, Some(300.0), Some(0.0)),
        (FullLaw { gamma: 0.0, ..truth }, Some(0.0), Some(0.0)),
    ];
    for residual in [Residual::Log, Residual::Linear] {
        for (law, n0, e) in laws {
            let mut points: Vec<(f64, f64, f64)> = sizes().iter().map(|&(n, s)| (n, s, law.error_at(n, s))).collect();
            if law.n0 > 0.0 {
                points.extend([1e4, 5e4].map(|s| (0.0, s, law.error_at(0.0, s))));
            }
            let what = format!("{law:?} {residual}");
            let fit = FullLaw::fit_with(
                &points,
                &FullOptions { residual, fixed_n0: n0, fixed_e: e, ..FullOptions::default() },
            );
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
