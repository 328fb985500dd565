//! `fit --law`: the laws by their names.
use crate::run::{Run, directory, distance, fit_text, keys, results, rows, run_with};

/// L(n) at n = 0 and twelve sizes with a ratio of 2, as rows of a csv.
fn curve(law: impl Fn(f64) -> f64) -> String {
    let sizes = std::iter::once(0.0).chain((0..12).map(|k| 500.0 * 2_f64.powi(k)));
    let rows: String = sizes.map(|n| format!("{n},{}\n", law(n))).collect();
    format!("n,error\n{rows}")
}

fn rectified(n: f64) -> f64 {
    0.2 + 0.7 / (1.0 + (n / 1e4).powf(0.8))
}

fn fit(csv: &str, law: &str, more: &[&str]) -> Run {
    fit_text(csv, &[&["--law", law], more].concat())
}

/// Errors are printed to 17 digits, a relative noise of 1e-16; beta, kappa and C trade with each other, and a condition of
/// some 1e6 leaves ten digits.
const EXACT: f64 = 1e-9;

/// A law, a curve of it, and its parameters.
type Case = (&'static str, String, &'static [(&'static str, f64)]);

#[test]
fn an_exact_curve_gives_the_parameters_under_their_names() {
    let shifted = |n: f64| 0.2 + 0.7 * (1.0 + n / 3e3).powf(-0.6);
    let bent = |n: f64| 0.2 + 0.7 * (1.0 + (n / 1e4).powf(1.5)).powf(-0.4);
    let cases: [Case; 3] = [
        ("rectified", curve(rectified), &[("A", 0.9), ("C", 0.2), ("n_h", 1e4), ("beta", 0.8)]),
        ("shifted", curve(shifted), &[("A", 0.9), ("C", 0.2), ("n0", 3e3), ("alpha", 0.6)]),
        ("bent", curve(bent), &[("A", 0.9), ("C", 0.2), ("n_h", 1e4), ("beta", 1.5), ("kappa", 0.4), ("alpha", 0.6)]),
    ];
    for (law, csv, parameters) in cases {
        for residual in ["log", "linear"] {
            let run = fit(&csv, law, &["--residual", residual]);
            assert_eq!(run.code, 0, "{law}: {}", run.err);
            let fit = &run.fits()[0];
            assert_eq!((&fit["law_name"], &fit["points"], &fit["n_min"]), (&law.into(), &13.into(), &0.0.into()));
            let mut names: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
            names.sort_unstable();
            assert_eq!((keys(&fit["parameters"]), keys(&fit["std_errors"])), (names.clone(), names), "{law}");
            for (name, truth) in parameters {
                let off = distance(&fit["parameters"][name], *truth);
                assert!(off < EXACT, "{law} {residual} {name}: off by {off:e}");
            }
        }
        let table = run_with(&["fit", "-", "--n", "n", "--error", "error", "--law", law], csv.as_bytes()).out;
        for (name, _) in parameters {
            assert!(table.contains(&format!("{name} (se)")), "{law}: {table}");
        }
        let text = fit(&csv, law, &["--format", "csv"]).out;
        let (header, row) = text.split_once('\n').expect("two lines");
        let count = |line: &str| line.trim_end().matches(',').count();
        assert_eq!(count(header), count(row), "{law}: {text}");
        assert!(header.contains(",a,c,n") && header.contains(",law_name,error") && row.contains(law), "{text}");
    }
}

#[test]
fn the_power_law_is_law_one_without_a_gap() {
    let csv = format!("n,error\n{}", rows(""));
    let power = &fit(&csv, "power", &[]).fits()[0];
    let held = &fit(&csv, "law1", &["--fixed-c", "0"]).fits()[0];
    assert_eq!((&power["law"], &power["cost"]), (&held["law"], &held["cost"]));
    assert_eq!((keys(&power["parameters"]), &power["law_name"]), (vec!["D", "alpha"], &"power".into()));
}

#[test]
fn n_zero_names_the_laws_that_take_it() {
    for law in ["law1", "power"] {
        let run = fit(&curve(rectified), law, &[]);
        assert_eq!(run.code, 1, "{}", run.err);
        let (_, text) = &run.errors()[0];
        for part in ["line 2, column \"n\"", "rectified, shifted, bent"] {
            assert!(text.contains(part), "{law}: {text}");
        }
    }
}

#[test]
fn too_few_sizes_name_the_law_the_number_and_the_laws_that_still_go() {
    let csv =
        |sizes: usize| curve(rectified).lines().take(1 + sizes).map(|line| format!("{line}\n")).collect::<String>();
    let text = |law: &str, sizes: usize| {
        let run = fit(&csv(sizes), law, &[]);
        assert_eq!(run.code, 1, "{law} with {sizes}: {}", run.out);
        run.errors()[0].1.clone()
    };
    let bent = text("bent", 4);
    assert!(bent.contains("the bent law needs at least 5 distinct n") && bent.contains("got 4"), "{bent}");
    assert!(bent.contains("rectified or shifted (4 sizes)"), "{bent}");
    let rectified = text("rectified", 3);
    assert!(rectified.contains("at least 4") && !rectified.contains("shifted (4"), "{rectified}");
    assert!(rectified.contains("law1 (3 sizes above 0)"), "{rectified}");
    // What is named does go.
    assert_eq!(fit(&csv(4), "shifted", &[]).code, 0);
    assert_eq!(fit(&csv(4), "law1", &["--where", "n>0"]).code, 0);
}

#[test]
fn an_option_of_a_parameter_that_the_law_does_not_have_is_refused() {
    let refused = [
        ("rectified", "--fixed-d", "0.5"),
        ("bent", "--fixed-d", "1"),
        ("power", "--fixed-c", "0.1"),
        ("power", "--c", "0,1"),
    ];
    for (law, option, value) in refused {
        let run = fit(&curve(rectified), law, &[option, value]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{law} {option}");
        assert!(run.err.contains(option) && run.err.contains("has no"), "{}", run.err);
    }
    // Those that it has go on working: a held C is that C, and a weight of 0 leaves a row out.
    let held = &fit(&curve(rectified), "bent", &["--fixed-c", "0.1", "--loss", "huber", "--alpha", "0.1,3"]).fits()[0];
    assert_eq!(held["parameters"]["C"], 0.1);
    let weighted: String = curve(rectified)
        .lines()
        .map(|line| format!("{line},{}\n", if line.starts_with("500,") { "0" } else { "1" }))
        .collect();
    let fits = fit(&weighted.replacen("error,1", "error,w", 1), "rectified", &["--weight", "w"]).fits();
    assert_eq!((&fits[0]["points"], &fits[0]["excluded"]), (&12.into(), &1.into()));
}

#[test]
fn the_report_draws_the_law_and_what_was_measured_at_zero() {
    let dir = directory("fit_bent");
    let path = dir.to_str().expect("UTF-8");
    let args = ["fit", "-", "--n", "n", "--error", "error", "--law", "bent", "--report", path];
    assert_eq!(run_with(&args, curve(rectified).as_bytes()).code, 0);
    let page = std::fs::read_to_string(dir.join("index.html")).expect("a page");
    assert!(page.contains("^-kappa") && page.contains("n = 0") && !page.contains("NaN"), "{page:.2000}");
}

#[test]
fn best_weighs_the_laws_and_foretells() {
    let bent = |n: f64| 0.2 + 0.7 * (1.0 + (n / 1e4).powf(1.5)).powf(-0.4);
    // Errors that no law has, of half a percent.
    let csv: String = curve(bent)
        .lines()
        .enumerate()
        .map(|(k, line)| match line.split_once(',') {
            Some((n, error)) if k > 0 => {
                let error: f64 = error.parse().expect("a number");
                format!("{n},{}\n", error * (1.0 + 0.005 * (7.0 * k as f64).sin()))
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let run = fit(&csv, "best", &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    let json = run.json();
    assert_eq!(results(&json), ["errors", "fits", "summary"]);
    let found = &json["fits"][0];
    // Of 13 rows, one is n = 0.
    assert_eq!((&found["law_name"], &found["points"]), (&"best".into(), &12.into()));
    assert!(found["notes"][0].as_str().is_some_and(|note| note.starts_with("1 row of n = 0")), "{found}");
    assert_eq!(found["refuses_law1"], true, "{found}");
    let laws = found["laws"].as_array().expect("laws");
    let names: Vec<&str> = laws.iter().filter_map(|law| law["law_name"].as_str()).collect();
    assert_eq!(names, ["power", "law1", "rectified", "shifted", "bent"]);
    let sum: f64 = laws.iter().filter_map(|law| law["weight"].as_f64()).sum();
    // Shares of a sum, each rounded.
    assert!((sum - 1.0).abs() < 1e-14, "{sum}");
    // Each law is that of a fit by its name to the same rows.
    for law in laws {
        let name = law["law_name"].as_str().expect("a name");
        let alone = &fit(&csv, name, &["--where", "n>0"]).fits()[0];
        assert_eq!((&law["parameters"], &law["cost"]), (&alone["parameters"], &alone["cost"]), "{name}");
    }
    let forecast = found["forecast"].as_array().expect("sizes");
    assert_eq!(forecast.len(), 4);
    for (there, times) in forecast.iter().zip([2.0, 4.0, 8.0, 16.0]) {
        let n = times * 500.0 * 2_f64.powi(11);
        assert_eq!(there["n"].as_f64(), Some(n));
        let inside = |band: &serde_json::Value, x: f64| {
            band[0].as_f64().is_some_and(|lower| lower < x) && band[1].as_f64().is_some_and(|upper| upper > x)
        };
        let error = there["error"].as_f64().expect("a number");
        assert!(inside(&there["curve"], error) && inside(&there["measurement"], bent(n)), "{there}");
    }
    assert_eq!(json["summary"]["groups"], 1);
    let table = run_with(&["fit", "-", "--n", "n", "--error", "error", "--law", "best"], csv.as_bytes()).out;
    assert!(table.contains("law (1) is refused (p < .01) in 1 of the 1 groups"), "{table}");
    let text = fit(&csv, "best", &["--format", "csv"]).out;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let width = reader.headers().expect("a header").len();
    assert_eq!(reader.records().map(|row| row.expect("a row of that width").len()).collect::<Vec<_>>(), [width]);
}

#[test]
fn best_fails_a_group_that_no_law_fits_and_leaves_out_a_forecast_that_an_option_forbids() {
    let two: String = curve(rectified).lines().take(4).map(|line| format!("{line}\n")).collect();
    let run = fit(&two, "best", &[]);
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.errors()[0].1.contains("at least 3"), "{:?}", run.errors());
    let linear = &fit(&curve(rectified), "best", &["--residual", "linear"]).fits()[0];
    assert_eq!(linear["forecast"], serde_json::json!([]));
    assert!(linear["notes"].to_string().contains("--residual linear"), "{linear}");
    let held = fit(&curve(rectified), "best", &["--fixed-d", "1"]);
    assert_eq!((held.code, held.out.as_str()), (2, ""));
    assert!(held.err.contains("has no D"), "{}", held.err);
}

#[test]
fn the_report_of_best_draws_the_laws_and_the_forecast() {
    let dir = directory("fit_best");
    let path = dir.to_str().expect("UTF-8");
    let args = ["fit", "-", "--n", "n", "--error", "error", "--law", "best", "--report", path];
    assert_eq!(run_with(&args, curve(rectified).as_bytes()).code, 0);
    let page = std::fs::read_to_string(dir.join("index.html")).expect("a page");
    for part in ["measured", "rectified", "forecast", "95 % band of a new measurement", "n = 0"] {
        assert!(page.contains(part), "{part} is missing");
    }
    assert!(!page.contains("NaN"), "a number is none");
}

/// Sizes at the ends of f64 once took the axis of a figure beyond them, and all memory with it.
#[test]
fn a_report_of_enormous_sizes_ends() {
    let dir = directory("enormous");
    let path = dir.to_str().expect("UTF-8");
    for size in ["1.7e308", "1e300", "5e-324"] {
        let csv = format!("n,error\n1000,.8\n2000,.74\n4000,.66\n8000,.58\n{size},.5\n");
        for law in ["law1", "best"] {
            let args = ["fit", "-", "--n", "n", "--error", "error", "--law", law, "--report", path];
            let run = run_with(&args, csv.as_bytes());
            assert_eq!(run.code, 0, "{size} {law}: {}", run.err);
        }
    }
}

/// An accuracy, .30 to .71 over seven doublings.
const SCORES: &str = "n,error\n1000,.30\n2000,.33\n4000,.38\n8000,.45\n16000,.55\n32000,.64\n64000,.71\n";

#[test]
fn a_score_is_noted_by_every_law() {
    let of = fit(SCORES, "law1", &[]).fits()[0]["rise"].clone();
    assert!(of["p"].as_f64().is_some_and(|p| p < 1e-4) && of["slope"].as_f64().is_some_and(|x| x > 0.0), "{of}");
    for law in ["law1", "power", "rectified", "shifted", "bent", "best"] {
        let json = fit(SCORES, law, &[]);
        assert_eq!((json.code, &json.fits()[0]["rise"]), (0, &of), "{law}");
        let table = fit(SCORES, law, &["--format", "table"]).out;
        assert!(table.contains("these values rise with n (p 2e-6): a score"), "{law}: {table}");
        assert_eq!(cells(&fit(SCORES, law, &["--format", "csv"]))["rise_p"], of["p"].to_string(), "{law}");
        let error = fit(&curve(rectified), law, &["--where", "n>0"]).fits()[0].clone();
        assert!(error.get("rise").is_none(), "{law}: {error}");
    }
    for law in ["law1", "power", "rectified", "shifted", "bent", "best", "all"] {
        let ask = |format: &str| {
            let args = ["extrapolate", "-", "--n", "n", "--error", "error", "--train-max", "16000", "--law", law];
            run_with(&[&args[..], &["--format", format]].concat(), SCORES.as_bytes())
        };
        let run = ask("json");
        let group = run.json()["groups"][0].clone();
        assert_eq!((run.code, &group["rise"]), (0, &of), "{law}");
        assert!(group["notes"][0].as_str().is_some_and(|note| note.starts_with("these values rise")), "{group}");
        assert!(ask("table").out.contains("these values rise with n (p 2e-6)"), "{law}");
        let csv = cells(&ask("csv"));
        assert_eq!(csv["rise_p"], of["p"].to_string(), "{law}");
        assert!(csv["notes"].starts_with("these values rise"), "{csv:?}");
    }
}

/// The first row of a csv by its columns.
fn cells(run: &Run) -> std::collections::BTreeMap<String, String> {
    let mut reader = csv::Reader::from_reader(run.out.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let row = reader.records().next().expect("a row").expect("a row of that width");
    header.iter().zip(&row).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
}

#[test]
fn a_robust_loss_has_neither_weights_nor_a_forecast_and_says_so() {
    let ask =
        |more: &[&str]| fit(&curve(rectified), "best", &[&["--where", "n>0", "--format", "table"], more].concat());
    let robust = ask(&["--loss", "huber"]).out;
    assert!(robust.contains("use the square loss") && robust.contains("mean weights: none"), "{robust}");
    assert!(!robust.contains("-0.00"), "{robust}");
    for option in [&["--loss", "huber"][..], &["--fixed-alpha", "0.5"]] {
        let text = ask(option).out;
        let name = if option[0] == "--loss" { "--loss huber" } else { option[0] };
        let wanted = format!("all parameters free: leave {name} out to have one");
        assert!(text.contains(&wanted), "{text}");
    }
    // Nothing fits two sizes.
    let none = fit(&curve(rectified), "best", &["--format", "table", "--where", "n>0", "--where", "n<1001"]).out;
    assert!(none.contains("mean weights: none") && !none.contains("-0.00"), "{none}");
}

#[test]
fn bands_say_their_level() {
    let fits = fit(&curve(rectified), "best", &[]).fits();
    let forecast = fits[0]["forecast"].as_array().expect("sizes").clone();
    assert!(forecast.len() == 4 && forecast.iter().all(|there| there["confidence"] == 0.95), "{forecast:?}");
}
