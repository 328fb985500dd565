//! `--prior`, `--calibrate` and their like: what earlier curves teach a forecast.
use crate::run::{Run, directory, fit_text, run_with};

fn fit(csv: &str, law: &str, more: &[&str]) -> Run {
    fit_text(csv, &[&["--law", law], more].concat())
}

const CURVE: &str = "n,error\n1000,0.8\n2000,0.74\n4000,0.66\n8000,0.58\n16000,0.52\n";

/// Ten settings with other gaps and bends and the same kind of curve, as rows `setting,n,error`.
fn settings(sizes: &[f64]) -> Vec<String> {
    let law = |k: f64, n: f64| 0.3 + 0.01 * k + (0.6 - 0.01 * k) / (1.0 + (n / (3e3 * (1.0 + 0.2 * k))).powf(0.8));
    let rows = |k: u32| sizes.iter().map(|n| format!("s{k},{n},{}\n", law(f64::from(k), *n))).collect::<String>();
    (0..10).map(rows).collect()
}

#[test]
fn earlier_curves_make_the_forecast_of_four_points_better() {
    let sizes: Vec<f64> = (0..9).map(|k| 250.0 * 2_f64.powi(k)).collect();
    let mut settings = settings(&sizes);
    // One in the middle of the others: what they have in common is true of it.
    let new = settings.remove(4);
    let path = directory("earlier").join("old.csv");
    std::fs::write(&path, format!("g,n,error\n{}", settings.concat())).expect("a file");
    let old = path.to_str().expect("UTF-8");
    let others = settings.concat();
    let new = format!("g,n,error\n{new}");
    let four: String = new.lines().take(5).map(|line| format!("{line}\n")).collect();
    let truth = |n: f64| 0.34 + 0.56 / (1.0 + (n / 5.4e3).powf(0.8));
    let off = |more: &[&str]| {
        let fit = &fit(&four, "best", &[&["--by", "g"], more].concat()).fits()[0];
        let there = &fit["forecast"][3];
        (there["error"].as_f64().expect("a number") / truth(there["n"].as_f64().expect("a size"))).ln().abs()
    };
    assert!(off(&["--prior", old]) < 0.5 * off(&[]), "{} against {}", off(&["--prior", old]), off(&[]));
    // The other groups of a file are earlier curves, too: the same rows, the same prior.
    let args =
        ["extrapolate", "-", "--n", "n", "--error", "error", "--by", "g", "--train-max", "2000", "--law", "best"];
    let scores = |csv: &str, more: &[&str]| {
        let run = run_with(&[&args[..], more, &["--format", "json"]].concat(), csv.as_bytes());
        assert_eq!(run.code, 0, "{}", run.err);
        run.json()["groups"][0].clone()
    };
    let all = format!("{new}{others}");
    assert_eq!(scores(&all, &["--prior-groups"]), scores(&new, &["--prior", old]));
    assert_ne!(scores(&all, &["--prior-groups"]), scores(&all, &[]));
    // Groups of another kind tell nothing.
    assert_eq!(scores(&all, &["--prior-groups", "--mean-by", "g"]), scores(&all, &[]));
}

#[test]
fn earlier_curves_tell_how_wide_bands_have_to_be() {
    // Curves without noise: bands can be far narrower.
    let sizes: Vec<f64> = (0..12).map(|k| 250.0 * 2_f64.powi(k)).collect();
    let mut settings = settings(&sizes);
    let new = format!("g,n,error\n{}", settings.remove(4));
    let path = directory("calibrate").join("old.csv");
    std::fs::write(&path, format!("g,n,error\n{}", settings.concat())).expect("a file");
    let width = |more: &[&str]| {
        let fit = &fit(&new, "best", &[&["--by", "g"], more].concat()).fits()[0];
        let band = &fit["forecast"][1]["measurement"];
        (band[1].as_f64().expect("an end") / band[0].as_f64().expect("an end")).ln()
    };
    let narrow = width(&["--calibrate", path.to_str().expect("UTF-8")]);
    assert!(narrow < 0.8 * width(&[]), "{narrow} against {}", width(&[]));
}

#[test]
fn a_prior_is_of_the_forecast_alone() {
    let refused = fit(CURVE, "bent", &["--prior", "old.csv"]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert!(refused.err.contains("--law best"), "{}", refused.err);
    let missing = fit(CURVE, "best", &["--prior", "no such file.csv"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("no such file.csv"), "{}", missing.err);
}

#[test]
fn what_earlier_curves_taught_is_said() {
    let sizes: Vec<f64> = (0..12).map(|k| 250.0 * 2_f64.powi(k)).collect();
    let settings = settings(&sizes);
    let path = directory("learnt").join("old.csv");
    // The last of them has two sizes.
    let two = "few,1000,0.5\nfew,2000,0.4\n";
    std::fs::write(&path, format!("g,n,error\n{}{two}", settings[1..].concat())).expect("a file");
    let old = path.to_str().expect("UTF-8");
    let new = format!("g,n,error\n{}", settings[0]);
    let fitted = ["fit", "-", "--n", "n", "--error", "error", "--by", "g", "--law", "best"];
    let scored =
        ["extrapolate", "-", "--n", "n", "--error", "error", "--by", "g", "--train-max", "64000", "--law", "best"];
    let cases = [("--prior", "prior", "prior"), ("--calibrate", "bands", "width of the bands")];
    for args in [&fitted[..], &scored[..]] {
        for (option, what, words) in cases {
            let ask = |format: &str| run_with(&[args, &[option, old, "--format", format]].concat(), new.as_bytes());
            let json = ask("json").json();
            assert_eq!(json["learnt"], serde_json::json!({ "what": what, "from": old, "curves": 9 }), "{option}");
            let said = format!("{words} learnt from 9 curves of {old}");
            assert!(ask("table").out.contains(&said), "{option}: {}", ask("table").out);
        }
        let without = run_with(&[args, &["--format", "json"]].concat(), new.as_bytes()).json();
        assert!(without.get("learnt").is_none(), "{without}");
    }
    let all = format!("g,n,error\n{}", settings.concat());
    for (option, what, words) in [("--prior-groups", "prior", "prior"), ("--calibrate-groups", "bands", "width")] {
        let json = run_with(&[&scored[..], &[option, "--format", "json"]].concat(), all.as_bytes()).json();
        assert_eq!(json["learnt"], serde_json::json!({ "what": what, "from": "groups", "curves": 9 }), "{option}");
        let text = run_with(&[&scored[..], &[option]].concat(), all.as_bytes()).out;
        assert!(text.contains(words) && text.contains("from the other groups, of 9 curves at least"), "{text}");
    }
}

#[test]
fn earlier_curves_that_teach_nothing_are_refused() {
    let sizes: Vec<f64> = (0..12).map(|k| 250.0 * 2_f64.powi(k)).collect();
    let settings = settings(&sizes);
    let dir = directory("nothing");
    let file = |name: &str, rows: &str| {
        let path = dir.join(name);
        std::fs::write(&path, format!("g,n,error\n{rows}")).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    };
    let (data, few) = (file("data.csv", &settings[0]), file("few.csv", "a,1000,0.5\na,2000,0.4\nb,1000,0.3\n"));
    let (bad, three) =
        (file("bad.csv", "a,1000,-1\na,2000,-1\na,4000,-1\n"), file("three.csv", &settings[1..4].concat()));
    // The same file by another name.
    let again = dir.join(".").join("data.csv").display().to_string();
    let cases = [
        ("--prior", &few, "none of its 2 curves can be used"),
        ("--calibrate", &few, "none of its 2 curves can be used"),
        ("--prior", &bad, "none of its 1 curves can be used"),
        ("--calibrate", &three, "3 of its curves can be used, which teach no width: give a file of five"),
        ("--prior", &data, "take extrapolate --prior-groups"),
        ("--prior", &again, "take extrapolate --prior-groups"),
        ("--calibrate", &again, "take extrapolate --calibrate-groups"),
    ];
    for (option, name, part) in cases {
        for command in [&["fit"][..], &["extrapolate", "--train-max", "64000"]] {
            let args = [command, &[&data, "--n", "n", "--error", "error", "--by", "g", "--law", "best", option, name]];
            let run = run_with(&args.concat(), b"");
            assert_eq!((run.code, run.out.as_str()), (2, ""), "{command:?} {option} {name}");
            assert!(run.err.starts_with(&format!("error: {option} {name}: ")) && run.err.contains(part), "{}", run.err);
        }
    }
    // Three curves are a prior.
    let args = ["fit", &data, "--n", "n", "--error", "error", "--by", "g", "--law", "best", "--prior", &three];
    assert_eq!(run_with(&args, b"").code, 0);
}
