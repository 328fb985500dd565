//! Intervals of `fit`: what is printed covers the truth, at a bound as well, and is the same in every format.
use std::collections::BTreeMap;

use serde_json::Value;

use crate::run::{fit_text, rows, run, run_with};

/// Numbers in (0, 1): a multiplicative generator (Lehmer 1949, with the constants of Park and Miller 1988).
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        self.0 as f64 / 2_147_483_647.0
    }

    /// A standard normal number (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        let (radius, turn) = ((-2.0 * self.next().ln()).sqrt(), std::f64::consts::TAU * self.next());
        radius * turn.cos()
    }
}

/// `curves` curves of 8 sizes with errors L(n) e^(noise z), as a csv.
fn drawn(curves: usize, law: (f64, f64, f64), noise: f64, seed: u64) -> String {
    let mut uniform = Uniform(seed);
    let (d, alpha, c) = law;
    let mut csv = String::from("g,n,error\n");
    for g in 0..curves {
        for k in 0..8 {
            let n = 1000.0 * 2.0_f64.powi(k);
            let error = (d * n.powf(-alpha) + c) * (noise * uniform.normal()).exp();
            csv += &format!("{g},{n},{error}\n");
        }
    }
    csv
}

/// Whether the interval holds the value; an open end holds all.
fn holds(interval: &Value, value: f64) -> bool {
    let end = |name: &str| interval[name].as_f64();
    end("lower").is_none_or(|lower| lower <= value) && end("upper").is_none_or(|upper| value <= upper)
}

/// Gaps that seven or eight sizes cannot tell from 0: by chance half of the curves or more are of the class no_gap, and what is
/// printed of those has to be true as well. 93 %: an interval of nominal 95 % over this many curves is below it with a
/// probability under 1 %.
#[test]
fn intervals_cover_where_the_gap_is_just_above_0() {
    let (alpha, mut told) = (0.35, Vec::new());
    for (k, (c, noise)) in [(0.0003, 0.01), (0.001, 0.01), (0.004, 0.03), (0.008, 0.05)].into_iter().enumerate() {
        let csv = drawn(700, (3.0, alpha, c), noise, 11 + k as u64);
        let run = fit_text(&csv, &["--by", "g", "--intervals", "profile", "--at", "1e6"]);
        let fits = run.fits();
        let at_bound: Vec<&Value> = fits.iter().filter(|fit| fit["class"] == "no_gap").collect();
        assert!(at_bound.len() > 100, "C = {c}: {} of the class no_gap", at_bound.len());
        let truth = 3.0 * 1e6_f64.powf(-alpha) + c;
        let share = |fits: &[&Value], holds: &dyn Fn(&Value) -> bool| {
            fits.iter().filter(|fit| holds(fit)).count() as f64 / fits.len() as f64
        };
        let all: Vec<&Value> = fits.iter().collect();
        for (name, of) in [("all", &all), ("no_gap", &at_bound)] {
            let alpha_in = share(of, &|fit| holds(&fit["intervals"]["alpha"], alpha));
            let c_in = share(of, &|fit| holds(&fit["intervals"]["c"], c));
            let at_in = share(of, &|fit| holds(&fit["at"][0], truth));
            // The standard error given C = 0, as it was printed: for comparison.
            let by_error = share(of, &|fit| {
                let (estimate, error) = (fit["law"]["alpha"].as_f64(), fit["std_errors"]["alpha"].as_f64());
                estimate.zip(error).is_some_and(|(a, se)| (a - alpha).abs() <= 2.447 * se)
            });
            told.push(format!(
                "C = {c}, noise {noise}, {name} ({}): alpha {alpha_in:.3}, C {c_in:.3}, L(1e6) {at_in:.3}; alpha by its standard error {by_error:.3}",
                of.len()
            ));
            assert!(
                name == "all" || c < 0.001 || by_error < 0.8,
                "a standard error given C = 0 is no such interval: {told:#?}"
            );
            assert!(alpha_in >= 0.93 && c_in >= 0.93 && at_in >= 0.93, "{told:#?}");
        }
        for fit in at_bound {
            assert_eq!(fit["std_errors_given"], "C = 0");
            assert_eq!(fit["intervals"]["c"]["lower"], 0.0, "a gap of 0 is in the interval of one");
        }
    }
    println!("{}", told.join("\n"));
}

/// A csv of one curve of each class, with the options that bring it about.
fn classes() -> Vec<(&'static str, String, Vec<&'static str>)> {
    let of = |law: (f64, f64, f64)| drawn(1, law, 0.004, 7);
    let step = "g,n,error\n0,1000,0.9\n0,2000,0.5\n0,4000,0.503\n0,8000,0.498\n0,16000,0.501\n0,32000,0.499\n";
    let flat = "g,n,error\n0,1000,0.5\n0,2000,0.503\n0,4000,0.498\n0,8000,0.502\n0,16000,0.501\n0,32000,0.503\n";
    vec![
        ("interior", of((3.0, 0.35, 0.2)), vec![]),
        ("no_gap", of((3.0, 0.35, 0.0)), vec![]),
        ("flat", flat.into(), vec![]),
        ("alpha_max", step.into(), vec![]),
        ("at_bound", of((3.0, 0.35, 0.2)), vec!["--c", "0.25,1"]),
    ]
}

#[test]
fn no_class_prints_a_standard_error_as_if_it_were_unconditional() {
    for (class, csv, options) in classes() {
        let with = |more: &[&str]| {
            let run = fit_text(&csv, &[&options[..], more].concat());
            assert_eq!(run.code, 0, "{class}: {}", run.err);
            run
        };
        let fit = with(&[]).fits()[0].clone();
        assert_eq!(fit["class"], class, "{fit}");
        let given = &fit["std_errors_given"];
        assert_eq!(given.is_null(), class == "interior", "{class}: {given}");
        let table = with(&["--format", "table", "--intervals", "se"]).out;
        let errors = fit["std_errors"].as_object().expect("an object").values().filter(|se| !se.is_null()).count();
        if errors > 0 && class != "interior" {
            assert!(table.contains(&format!("given {}", given.as_str().expect("a text"))), "{class}: {table}");
        } else {
            assert!(!table.contains("given"), "{class}: {table}");
        }
        let table = with(&["--format", "table"]).out;
        assert!(table.contains("[95 %]") && !table.contains("(se)") && !table.contains("given"), "{class}: {table}");
        // The interval is over the whole law: with the parameter on its bound, too, and not narrower than the standard errors.
        for name in ["alpha", "c"] {
            let interval = &fit["intervals"][name];
            let ends = interval["lower"].as_f64().zip(interval["upper"].as_f64());
            let (value, error) = (fit["law"][name].as_f64(), fit["std_errors"][name].as_f64());
            assert!(value.is_none_or(|value| holds(interval, value)), "{class} {name}: {interval}");
            if let (Some((lower, upper)), Some(error), true) = (ends, error, class == "no_gap") {
                assert!(upper - lower > 4.0 * error, "{class} {name}: {interval} against {error}");
            }
        }
    }
}

#[test]
fn held_parameters_have_no_interval() {
    let csv = drawn(1, (3.0, 0.35, 0.2), 0.004, 7);
    let fit = fit_text(&csv, &["--fixed-d", "3"]).fits()[0].clone();
    assert!(fit["intervals"]["d"].is_null() && fit["intervals"]["alpha"]["lower"].is_number(), "{fit}");
    let table = fit_text(&csv, &["--fixed-d", "3", "--format", "table"]).out;
    assert!(table.contains("3 (fixed)"), "{table}");
}

#[test]
fn formats_have_the_same_intervals_and_csv_only_on_request() {
    let csv = format!("g,n,error\n{}", drawn(3, (3.0, 0.35, 0.2), 0.01, 5).split_once('\n').expect("lines").1);
    let plain = fit_text(&csv, &["--by", "g", "--format", "csv"]).out;
    let header = plain.lines().next().expect("a header");
    assert!(header.ends_with(",law_name,error"), "{header}");
    let more = ["--by", "g", "--at", "64k,1e6", "--level", "0.9"];
    // Sizes are written as numbers everywhere.
    let more = more.map(|arg| if arg == "64k,1e6" { "64000,1e6" } else { arg });
    let fits = fit_text(&csv, &more).fits();
    let text = fit_text(&csv, &[&more[..], &["--format", "csv"]].concat()).out;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names = reader.headers().expect("a header").clone();
    assert!(text.starts_with(header), "new columns come last");
    let mut seen = 0;
    for (row, fit) in reader.records().zip(&fits) {
        let row = row.expect("a row");
        let cells: BTreeMap<&str, &str> = names.iter().zip(&row).collect();
        let same = |cell: &str, value: &Value| assert_eq!(cells[cell].parse::<f64>().ok(), value.as_f64(), "{cell}");
        for name in ["d", "alpha", "c"] {
            same(&format!("{name}_lower"), &fit["intervals"][name]["lower"]);
            same(&format!("{name}_upper"), &fit["intervals"][name]["upper"]);
        }
        for k in 0..2 {
            for (cell, key) in [("at", "n"), ("error_at", "error"), ("lower_at", "lower"), ("upper_at", "upper")] {
                same(&format!("{cell}_{}", k + 1), &fit["at"][k][key]);
            }
        }
        seen += 1;
    }
    assert_eq!(seen, 3);
    // A group without a fit has the columns, too.
    let broken = format!("{csv}b,1000,0.5\n");
    let text = fit_text(&broken, &[&more[..], &["--format", "csv"]].concat()).out;
    let rows = csv::Reader::from_reader(text.as_bytes()).records().filter(Result::is_ok).count();
    assert_eq!(rows, 4, "{text}");
}

#[test]
fn a_level_and_a_method_are_taken_by_name() {
    let csv = drawn(1, (3.0, 0.35, 0.2), 0.01, 5);
    let width = |more: &[&str]| {
        let fit = fit_text(&csv, more).fits()[0].clone();
        let interval = fit["intervals"]["alpha"].clone();
        let at = &fit["at"][1];
        let ends = |v: &Value| v["upper"].as_f64().expect("an end") - v["lower"].as_f64().expect("an end");
        assert_eq!(fit["intervals"]["method"], if more.contains(&"wald") { "wald" } else { "profile" });
        (ends(&interval), ends(at))
    };
    let (profile, narrow, wald) = (width(&[]), width(&["--level", "0.8"]), width(&["--intervals", "wald"]));
    assert!(narrow.0 < profile.0 && narrow.1 < profile.1, "{narrow:?} {profile:?}");
    assert!(wald != profile, "two methods, two intervals");
    for (more, message) in [
        (&["--level", "1.5"][..], "--level"),
        (&["--law", "best", "--intervals", "se"], "--intervals is of one law"),
        (&["--law", "best", "--at", "1e6"], "ask --basis forecast"),
        (&["--at", "0"], "sizes above 0"),
    ] {
        let run = fit_text(&csv, more);
        assert!(run.code == 2 && run.err.contains(message), "{more:?}: {}", run.err);
    }
}

/// Without degrees of freedom there is no scatter to make an interval of.
#[test]
fn three_sizes_have_estimates_and_no_intervals() {
    let text: String = rows("").lines().take(3).map(|line| format!("{line}\n")).collect();
    let run = fit_text(&format!("n,error\n{text}"), &["--format", "table"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("(-)"), "{}", run.out);
}

#[test]
fn more_than_ten_thousand_groups_have_no_intervals_unasked() {
    let mut csv = String::from("g,n,error\n");
    for g in 0..10_001 {
        csv += &format!("{g},1000,0.9\n{g},2000,0.7\n{g},4000,0.6\n{g},8000,0.55\n");
    }
    let args = ["fit", "-", "--n", "n", "--error", "error", "--by", "g", "--format", "json"];
    let run_of = |more: &[&str]| run_with(&[&args[..], more].concat(), csv.as_bytes());
    let unasked = run_of(&[]);
    assert!(unasked.fits()[0]["intervals"].is_null(), "{}", unasked.fits()[0]);
    assert!(unasked.out.contains("ask for them by --intervals profile"), "the notes say so");
    assert_eq!(run(&["fit", "--help"]).code, 0);
}
