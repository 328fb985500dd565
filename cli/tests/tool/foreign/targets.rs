//! Scores, percent and targets: no verdict from a mistaken unit.
use serde_json::Value;

use super::{CURVE, accuracy, lines, percent};
use crate::run::{Run, run_with};

fn ask(name: &str, text: &str, args: &[&str]) -> Run {
    run_with(&[&[name, "-", "--format", "json"][..], args].concat(), text.as_bytes())
}

fn verdict(run: &Run) -> Value {
    let json = run.json();
    let plan = &json["plans"][0];
    serde_json::json!([plan["verdict"], plan["n"], plan["target"]])
}

#[test]
fn targets_are_in_the_units_of_the_column() {
    let errors = format!("n,error\n{}", lines(|n, e| format!("{n},{e}")));
    let scores = format!("n,acc\n{}", lines(|n, e| format!("{n},{}", accuracy(e))));
    let points = format!("n,acc\n{}", lines(|n, e| format!("{n},{}", percent(&accuracy(e)))));
    let signs = format!("n,error\n{}", lines(|n, e| format!("{n},{}%", percent(e))));
    let expected = verdict(&ask("plan", &errors, &["--target", "0.26"]));
    for (text, target) in [
        (&errors, ["--target", "26%"]),
        (&errors, ["--target-score", "0.74"]),
        (&scores, ["--target", "0.74"]),
        (&scores, ["--target", "74%"]),
        (&scores, ["--target-error", "0.26"]),
    ] {
        assert_eq!(verdict(&ask("plan", text, &target)), expected, "{target:?}\n{text}");
    }
    let hundred = |text: &str, target: [&str; 2]| {
        let found = verdict(&ask("plan", text, &target));
        assert_eq!((&found[0], &found[2]), (&expected[0], &Value::from(26.0)), "{target:?}\n{text}");
    };
    hundred(&points, ["--target", "74"]);
    hundred(&points, ["--target", "74%"]);
    hundred(&signs, ["--target", "26"]);
    hundred(&signs, ["--target", "26%"]);
    let text = run_with(&["plan", "-", "--target", "0.74"], scores.as_bytes()).out;
    assert!(text.contains("target acc 0.74 (error 0.26)"), "{text}");
    for (name, more) in [("next", &["--target", "0.74"][..]), ("ask", &["--target", "0.74"])] {
        let run = ask(name, &scores, more);
        assert_eq!(run.code, 0, "{name}: {}", run.err);
    }
    let watched = run_with(&["watch", "-", "--target", "0.74"], scores.as_bytes());
    assert_eq!(watched.code, 0, "{}{}", watched.out, watched.err);
}

/// The values as a column of this kind: a fraction, percent, percent with signs; an error or a score.
fn column(values: &[f64], unit: &str, score: bool) -> String {
    let rows = CURVE.iter().zip(values).map(|((n, _), error)| {
        let value = if score { 1.0 - error } else { *error };
        match unit {
            "fraction" => format!("{n},{value:.4}\n"),
            "percent" => format!("{n},{:.2}\n", 100.0 * value),
            _ => format!("{n},{:.2}%\n", 100.0 * value),
        }
    });
    format!("n,value\n{}", rows.collect::<String>())
}

/// In all units of the column and the target: no target that was not reached is said to be by 0 samples or by what was
/// measured. What was meant is an error of .2 from errors of .45 to .24, an accuracy of .8.
#[test]
fn no_verdict_of_nothing_from_a_mistaken_unit() {
    let long = [0.45, 0.39, 0.36, 0.32, 0.29, 0.26, 0.24];
    let noisy = [0.45, 0.38, 0.40, 0.33, 0.31, 0.26, 0.27];
    let flat = [0.301, 0.299, 0.3, 0.302, 0.3, 0.299, 0.301];
    let (mut asked, mut refused) = (0, 0);
    for values in [&long[..], &noisy, &flat, &long[..5], &noisy[..5], &noisy[..4], &long[..3]] {
        for unit in ["fraction", "percent", "signs"] {
            for score in [false, true] {
                let text = column(values, unit, score);
                for option in ["--error", "--score"] {
                    for target in ["0.2", "20", "20%", "0.8", "80", "80%"] {
                        let args = ["plan", "-", option, "value", "--target", target, "--format", "json"];
                        let run = run_with(&args, text.as_bytes());
                        asked += 1;
                        let shown = format!("{option} value --target {target}\n{text}{}", run.out);
                        if run.code == 2 {
                            refused += 1;
                            assert!(run.err.contains("--"), "a remedy: {}\n{shown}", run.err);
                            continue;
                        }
                        let json = run.json();
                        let plan = &json["plans"][0];
                        let least = plan["n"]["estimate"].as_f64().unwrap_or(f64::INFINITY);
                        let is_said = plan["verdict"] == "reachable";
                        assert!(!is_said || least > f64::from(CURVE[values.len() - 1].0), "{shown}");
                    }
                }
            }
        }
    }
    assert!(asked == 504 && refused < 420, "{refused} of {asked} refused");
}

/// A score as an error: the models came out backwards, 0 samples were enough.
#[test]
fn a_score_is_ranked_as_a_score() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/data/finetune_final.csv");
    let rows = ["pscale=64k", "fratio=1", "n>0", "ptask=objdet", "ftask=objdet", "pdata=bop"];
    let rows: Vec<&str> = rows.iter().flat_map(|row| ["--where", row]).collect();
    let compare = |option: &str, more: &[&str]| {
        let args = [&["compare", file, "--n", "n", option, "value_last", "--by", "model"][..], &rows, more].concat();
        run_with(&args, b"")
    };
    let refused = compare("--error", &[]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert!(refused.err.contains("rise with n") && refused.err.contains("--score value_last"), "{}", refused.err);
    let json = compare("--score", &["--format", "json"]).json();
    let settings = json["settings"].as_array().expect("settings");
    // The largest accuracy at the largest size is that of rank 1.
    let at = |setting: &Value| setting["error_at"]["estimate"].as_f64().expect("a number");
    let best = settings.iter().min_by(|a, b| at(a).total_cmp(&at(b))).expect("settings");
    assert_eq!(best["rank"], 1, "{best}");
    let text = "n,accuracy\n1000,0.55\n2000,0.61\n4000,0.64\n8000,0.68\n16000,0.71\n32000,0.74\n64000,0.76\n";
    let wrong = ask("plan", text, &["--error", "accuracy", "--target", "0.8"]);
    assert!(wrong.code == 2 && wrong.err.contains("--score accuracy"), "{} {}", wrong.out, wrong.err);
    let right = ask("plan", text, &["--score", "accuracy", "--target", "0.8"]).json();
    assert_ne!((&right["plans"][0]["n"]["estimate"], right["plans"].as_array().map(Vec::len)), (&0.into(), Some(0)));
}
