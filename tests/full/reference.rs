//! Published and reference optima, and an independent search from random starts.
use super::*;

/// All ten rows of the reference: cost at the optimum to 1e-9, parameters to 1e-5 as the task asks.
#[test]
fn reference_optima() {
    let rows = table(include_str!("../data/full_law_reference.csv"));
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

/// Seeded noisy grids, both laws and residual spaces, n0 and E free in some: no start of `oracles/full_law.py` finds a
/// lower cost, and where it finds the same one rates and their standard errors agree.
#[test]
fn no_random_start_is_lower() {
    let rows = table(include_str!("../data/full_law_random.csv"));
    assert_eq!(rows.len(), 64, "32 grids in two residual spaces");
    let (mut same, mut failures) = (0, Vec::new());
    for row in &rows {
        let what = format!("grid {} {} {}", row["grid"], row["law"], row["residual"]);
        let (n, s, error) = (numbers(&row["n"]), numbers(&row["s"]), numbers(&row["error"]));
        let points: Vec<(f64, f64, f64)> = n.iter().zip(&s).zip(&error).map(|((&n, &s), &e)| (n, s, e)).collect();
        let free = |column: &str| if row[column] == "free" { None } else { Some(0.0) };
        let options = FullOptions { fixed_n0: free("n0"), fixed_e: free("e"), ..options(residual(&row["residual"])) };
        let (alpha, beta, errors, report) = if row["law"] == "full" {
            match FullLaw::fit_with(&points, &options) {
                Ok(f) => (f.law().alpha, f.law().beta, [f.std_errors()[2], f.std_errors()[3]], *f.report()),
                Err(why) => {
                    failures.push(format!("{what}: {why}"));
                    continue;
                }
            }
        } else {
            let options =
                AdditiveOptions { residual: options.residual, fixed_e: free("e"), ..AdditiveOptions::default() };
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
