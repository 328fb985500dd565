//! Sizes in another unit: samples, thousands, millions or fractions of a set give the same answers in that unit.
use serde_json::Value;

use crate::run::run_with;

/// Names of JSON values that are sizes, or intervals of sizes.
const SIZES: [&str; 6] = ["n", "at", "measure_at", "needed", "n_min", "n_max"];
/// Names of what carries a power of the unit, counts the work of the search, or has sizes in its text.
const OTHERS: [&str; 9] = ["answer", "d", "D", "delta", "gamma", "condition", "iterations", "evaluations", "reason"];

/// Noise of 1e-3 without a generator: the golden ratio's multiples modulo 1.
fn noise(k: usize) -> f64 {
    1e-3 * ((k as f64 * 0.618_033_988_749_894_9).fract() - 0.5)
}

/// Three curves at 1234 and its doublings, in units of 1 / `scale`.
fn curves(scale: f64) -> String {
    let mut text = "g,n,err\n".to_owned();
    for (g, (d, alpha, c)) in [("a", (1.99, 0.544, 0.6)), ("b", (2.5, 0.5, 0.55)), ("c", (1.2, 0.4, 0.5))] {
        for k in 0..7_usize {
            let n = 1234.0 * 2.0_f64.powi(k as i32);
            let error = (d * n.powf(-alpha) + c) * (1.0 + noise(text.lines().count()));
            text += &format!("{g},{},{error}\n", n * scale);
        }
    }
    text
}

fn grid(scale: f64) -> String {
    let mut text = "n,s,err\n".to_owned();
    for s in [1e3, 4e3, 16e3, 64e3_f64] {
        for k in 0..6 {
            let n = 1234.0 * 2.0_f64.powi(k);
            let error = 8.0 * (0.5 + n.powf(-0.4)) * s.powf(-0.3) * (1.0 + noise(text.lines().count()));
            text += &format!("{},{s},{error}\n", n * scale);
        }
    }
    text
}

/// Fails where an answer differs by more than its sizes.
fn same(path: &str, name: &str, scale: f64, one: &Value, scaled: &Value) {
    match (one, scaled) {
        // The question in words, which names sizes as they were given.
        _ if OTHERS.contains(&name) || path.ends_with(".settings[0]") => {}
        // Words with sizes in them.
        (Value::String(_), Value::String(_)) if ["next", "verdict_reason"].contains(&name) => {}
        (Value::Object(a), Value::Object(b)) => {
            assert_eq!(a.len(), b.len(), "{path}");
            for (key, value) in a {
                // An interval of sizes has sizes inside; what is told at a size has that as n.
                let inner = if SIZES.contains(&name) && !a.contains_key("error") { name } else { key };
                same(&format!("{path}.{key}"), inner, scale, value, &b[key]);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{path}");
            a.iter().zip(b).enumerate().for_each(|(k, (a, b))| same(&format!("{path}[{k}]"), name, scale, a, b));
        }
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().expect("a number"), b.as_f64().expect("a number"));
            let b = if SIZES.contains(&name) { b / scale } else { b };
            // Fits of scaled n differ in their last digits, small p-values and odds by more of themselves; whole sizes by the
            // share of one sample in a thousand.
            let allowed = if SIZES.contains(&name) { 1e-3 } else { 1e-5 } * a.abs() + 1e-6;
            assert!((a - b).abs() <= allowed, "{path} at {scale:e}: {a} {b}");
        }
        _ => assert_eq!(one, scaled, "{path} at {scale:e}"),
    }
}

/// n -> k n for every command that reads sizes: nothing is rounded to 0, to 1 or to whole units. Not `decouple`: its medians of D
/// have the unit of n, and differ with it.
#[test]
fn sizes_below_one_keep_their_digits() {
    let commands: [(&str, &[&str]); 9] = [
        ("ask", &["--by", "g", "--target", "0.601", "--budget", "@1e6"]),
        ("fit", &["--by", "g"]),
        ("plan", &["--by", "g", "--target", "0.601", "--budget", "@1e6"]),
        ("plan", &["--by", "g", "--target", "0.55"]),
        ("next", &["--by", "g", "--target", "0.6", "--budget", "@1e6", "--per-sample", "/1e-4"]),
        ("compare", &["--by", "g", "--at", "@1e6", "--replicates", "99"]),
        ("extrapolate", &["--by", "g", "--train-max", "@20000"]),
        ("full", &["--s", "s"]),
        ("allocate", &["--s", "s", "--target", "0.3", "--per-synthetic", "/0.01", "--per-real", "1"]),
    ];
    for (command, flags) in commands {
        let answer = |scale: f64| {
            let input = if flags.contains(&"--s") { grid(scale) } else { curves(scale) };
            // @ marks what has the unit, / what has its inverse.
            let flags = flags.iter().map(|flag| match flag.split_at(1) {
                ("@", n) => format!("{}", n.parse::<f64>().expect("a size") * scale),
                ("/", price) => format!("{}", price.parse::<f64>().expect("a price") / scale),
                _ => (*flag).to_owned(),
            });
            let columns = [command, "-", "--n", "n", "--error", "err", "--format", "json"].map(str::to_owned);
            let args: Vec<String> = columns.into_iter().chain(flags).collect();
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let run = run_with(&args, input.as_bytes());
            assert_eq!(run.code, 0, "{args:?}: {}", run.err);
            run.json()
        };
        let one = answer(1.0);
        for scale in [1e-6, 1e-3, 1e3, 1e6] {
            same(command, "", scale, &one, &answer(scale));
        }
    }
}

/// The same row by row for `watch`, whose first size is given.
#[test]
fn a_watched_series_below_one_goes_on_below_one() {
    let answers = |scale: f64| -> Vec<Value> {
        let args = [
            "watch", "-", "--n", "n", "--error", "err", "--by", "g", "--format", "json", "--target", "0.601",
            "--budget",
        ];
        let (budget, start) = (format!("{}", 1e6 * scale), format!("{}", 1234.0 * scale));
        let run = run_with(&[&args[..], &[&budget, "--start", &start]].concat(), curves(scale).as_bytes());
        assert_eq!(run.code, 0, "{}", run.err);
        run.out.lines().map(|line| serde_json::from_str(line).expect("JSON on a line")).collect()
    };
    let one = answers(1.0);
    assert!(one.iter().any(|line| line["at"].is_f64()), "{one:?}");
    for scale in [1e-6, 1e-3, 1e3, 1e6] {
        for (a, b) in one.iter().zip(&answers(scale)) {
            same("watch", "", scale, a, b);
        }
    }
}

/// `plan` said "n* 0 [0, -)" and "measure more, at n = 0", `watch` proposed 1. n in millions; invented numbers.
#[test]
fn sizes_in_millions_are_not_rounded_to_none() {
    let csv = "n,err\n0.001,0.5\n0.002,0.4\n0.004,0.33\n0.008,0.29\n";
    let run = |command: &str, format: &str| {
        run_with(&[command, "-", "--n", "n", "--error", "err", "--target", "0.25", "--format", format], csv.as_bytes())
    };
    let plan = run("plan", "table").out;
    assert!(plan.contains("0.0248 [0.00931, -)") && plan.contains("at n = 0.064 for example"), "{plan}");
    let json = run("plan", "json").json()["plans"][0].clone();
    assert!((json["measure_at"].as_f64().expect("a size") - 0.064).abs() < 1e-12, "{json}");
    assert!(json["reason"].as_str().expect("a reason").ends_with("at n = 0.064 for example"), "{json}");
    let watch = run("watch", "table").out;
    let places =
        watch.lines().filter(|line| line.starts_with("n = ")).filter_map(|line| line.split("measure at n = ").nth(1));
    let places: Vec<f64> =
        places.map(|rest| rest.split([' ', ':', ',']).next().unwrap_or_default().parse().expect("a size")).collect();
    assert!(places.len() == 4 && places.iter().all(|n| *n > 0.0 && *n < 0.02), "{watch}");
}
