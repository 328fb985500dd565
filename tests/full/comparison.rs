//! Lack of fit by s, AICc and hold-out, rows without pre-training.
use super::*;

/// The law is misspecified over the whole grid (log rms .032 over the 63 points, scatter .003): the mean
/// residuals by s are far beyond what scatter makes.
#[test]
fn lack_of_fit_over_the_whole_grid() {
    let points = subset("all_63", "percent_of_1281167");
    let fit = FullLaw::fit(&points).expect("63 points");
    assert!((fit.report().rms - 0.032).abs() < 5e-4, "rms {}", fit.report().rms);
    let mut by_s = [LackOfFitAtS::default(); 9];
    assert_eq!(fit.lack_of_fit(&points, &mut by_s), 9, "distinct s");
    assert!(by_s.is_sorted_by(|a, b| a.s < b.s) && by_s.iter().all(|l| l.points == 7), "{by_s:?}");
    let square: f64 = by_s.iter().map(|l| l.rms * l.rms * 7.0).sum();
    close((square / 63.0).sqrt(), fit.report().rms, 1e-12, "the parts make the whole");
    let worst = by_s.iter().map(|l| l.mean.abs()).fold(0.0, f64::max);
    // Three standard errors of a mean of 7 with scatter .003 are .0034.
    assert!(worst > 0.0034, "largest mean residual {worst}");
    let mut short = [LackOfFitAtS::default(); 2];
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
    let power_fit =
        FullLaw::fit_with(&points, &FullOptions { fixed_gamma: Some(0.0), ..FullOptions::default() }).expect("power");
    assert_eq!((compare::aicc(&power_fit), power_fit.report().parameters), (power.aicc, 3), "power");
    assert!([full, additive, power].iter().all(|c| c.holdout_rmse.is_some_and(|r| r > 0.0 && r < 0.2)), "scores");
    // Hardly determined: Gauss-Newton alone does not converge here within 10,000 steps.
    let sum_fit = AdditiveLaw::fit(&points).expect("E free");
    assert!(sum_fit.report().cost > 0.0 && compare::aicc(&sum_fit) == additive.aicc, "{sum_fit}");
    for residual in [Residual::Log, Residual::Linear] {
        for fixed_e in [Some(0.0), None] {
            let sum = AdditiveOptions { residual, fixed_e, ..AdditiveOptions::default() };
            assert!(AdditiveLaw::fit_with(&points, &sum).is_ok(), "{residual} {fixed_e:?}");
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

/// Measurements without pre-training: the authors' grid with n = 0, n0 free.
#[test]
fn rows_without_pretraining() {
    let points: Vec<GridPoint> = grid()
        .into_iter()
        .map(|(percent, n, error)| GridPoint::new(n, size(percent, "percent_of_1281167"), error))
        .collect();
    assert_eq!(points.len(), 72, "rows");
    let fit = FullLaw::fit_with(&points, &FullOptions { fixed_n0: None, ..FullOptions::default() }).expect("n0 free");
    let (law, report) = (fit.law(), fit.report());
    println!("{fit}");
    assert!(law.n0 > 0.0 && report.points == 72 && report.n_min == 1000.0, "{law:?}");
    assert_eq!(report.degrees_of_freedom, 67);
    assert!(fit.std_errors()[4].is_some(), "{:?}", fit.std_errors());
}
