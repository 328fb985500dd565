//! `fit` on good input.
use std::collections::BTreeMap;

use serde_json::Value;

use crate::run::{Run, TRUTH, directory, distance, fit_text, results, rows, run, run_with};

const KEYS: [&str; 23] = [
    "group",
    "points",
    "excluded",
    "residual",
    "law_name",
    "parameters",
    "law",
    "std_errors",
    "cost",
    "rms",
    "class",
    "minima",
    "condition",
    "termination",
    "iterations",
    "evaluations",
    "n_min",
    "n_max",
    "check",
    "std_errors_given",
    "intervals",
    "determined",
    "at",
];

/// The csv prints errors to 17 digits: the fit sees the curve with a relative error of 1e-16, times the condition of the
/// problem (some 1e2), squared where the cost is compared.
const EXACT: f64 = 1e-9;

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn sorted(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names
}

/// Two curves, of the groups a and b.
fn two() -> String {
    format!("g,n,error\n{}{}", rows("a,"), rows("b,").replace("b,1000,", "b,1000.0,"))
}

#[test]
fn json_has_exactly_the_promised_shape() {
    let run = fit_text(&two(), &["--by", "g"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let json = run.json();
    assert_eq!(results(&json), ["errors", "fits"]);
    assert_eq!(json["errors"], Value::Array(vec![]));
    assert_eq!(run.fits().len(), 2);
    for (fit, group) in run.fits().iter().zip(["a", "b"]) {
        assert_eq!(sorted(keys(fit)), sorted(KEYS.to_vec()));
        assert_eq!(fit["group"], serde_json::json!({ "g": group }));
        assert_eq!(sorted(keys(&fit["law"])), ["alpha", "c", "d"]);
        assert_eq!(sorted(keys(&fit["parameters"])), ["C", "D", "alpha"]);
        assert_eq!((&fit["law_name"], &fit["parameters"]["D"]), (&"law1".into(), &fit["law"]["d"]));
        assert_eq!(sorted(keys(&fit["std_errors"])), ["C", "D", "alpha", "c", "d"]);
        assert_eq!(fit["std_errors"]["C"], fit["std_errors"]["c"]);
        assert_eq!(sorted(keys(&fit["minima"][0])), ["alpha", "c", "cost", "d"]);
        assert_eq!((fit["points"].as_u64(), fit["excluded"].as_u64()), (Some(7), Some(0)));
        assert_eq!((fit["n_min"].as_f64(), fit["n_max"].as_f64()), (Some(1e3), Some(64e3)));
        assert_eq!((fit["residual"].as_str(), fit["class"].as_str()), (Some("log"), Some("interior")));
    }
}

#[test]
fn an_exact_curve_gives_its_law() {
    for residual in ["log", "linear"] {
        let run = fit_text(&format!("n,error\n{}", rows("")), &["--residual", residual]);
        let fit = &run.fits()[0];
        assert_eq!(fit["residual"], residual);
        assert_eq!(fit["group"], serde_json::json!({}));
        for (name, truth) in [("d", TRUTH.0), ("alpha", TRUTH.1), ("c", TRUTH.2)] {
            assert!(distance(&fit["law"][name], truth) < EXACT, "{residual} {name}: {}", fit["law"]);
        }
    }
}

#[test]
fn numbers_survive_the_text() {
    let json = fit_text(&two(), &["--by", "g"]);
    let csv = fit_text(&two(), &["--by", "g", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(csv.out.as_bytes());
    let header = reader.headers().expect("a header").clone();
    for (row, fit) in reader.records().zip(json.fits()) {
        let row = row.expect("a row");
        let cells: BTreeMap<&str, &str> = header.iter().zip(&row).collect();
        for name in ["d", "alpha", "c"] {
            let cell: f64 = cells[name].parse().expect("a number");
            assert_eq!(cell.to_bits(), fit["law"][name].as_f64().expect("a number").to_bits(), "{name}");
        }
        assert_eq!(cells["cost"].parse::<f64>().ok(), fit["cost"].as_f64());
        assert_eq!(cells["error"], "");
    }
}

#[test]
fn shuffled_rows_give_the_fits_of_sorted_ones() {
    let sorted = two();
    let mut lines: Vec<&str> = sorted.lines().collect();
    let header = lines.remove(0);
    // The rows of the groups take turns, group b first; within a group the order of the file is kept.
    let (a, b) = lines.split_at(7);
    let turns: Vec<&str> = b.iter().zip(a).flat_map(|(b, a)| [*b, *a]).collect();
    let shuffled = format!("{header}\n{}\n", turns.join("\n"));
    let (first, second) = (fit_text(&sorted, &["--by", "g"]), fit_text(&shuffled, &["--by", "g"]));
    assert_eq!(first.fits()[0]["group"]["g"], "a");
    assert_eq!(second.fits()[0]["group"]["g"], "b", "groups come in the order of first appearance");
    assert_eq!(first.fits()[0], second.fits()[1]);
    assert_eq!(first.fits()[1], second.fits()[0]);
}

#[test]
fn excel_files_are_read() {
    let plain = fit_text(&two(), &["--by", "g"]);
    let dressed = format!("\u{feff}\"g\" , n,\"error\"\n{}", two().split_once('\n').expect("lines").1)
        .replace("a,1000,", "\"a\", \"1000\" ,")
        .replace('\n', "\r\n");
    let run = fit_text(&dressed, &["--by", "g"]);
    assert_eq!(run.code, 0, "{} {}", run.err, run.out);
    assert_eq!(run.fits(), plain.fits());
    let semicolons = fit_text(&two().replace(',', ";"), &["--by", "g", "--delimiter", ";"]);
    assert_eq!(semicolons.fits(), plain.fits());
}

#[test]
fn a_file_and_the_standard_input_give_the_same() {
    let path = directory("file").join("curves.csv");
    std::fs::write(&path, two()).expect("a file");
    let path = path.to_str().expect("a path in UTF-8");
    let from_file = run(&["fit", path, "--n", "n", "--error", "error", "--by", "g", "--format", "json"]);
    let from_input = fit_text(&two(), &["--by", "g"]);
    assert_eq!((from_file.fits(), from_file.errors()), (from_input.fits(), from_input.errors()));
    let read = |run: &Run| run.json()["read"].clone();
    let (file, input) = (read(&from_file), read(&from_input));
    assert_eq!((&file["file"], &input["file"]), (&path.into(), &"the standard input".into()));
    assert_eq!((&file["columns"], &file["rows"]), (&input["columns"], &input["rows"]));
}

#[test]
fn filters_hold_together_and_compare_numbers() {
    let csv = format!("g,k,n,error\n{}{}{}", rows("a,1.0,"), rows("a,2,"), rows("b,1,"));
    let run = fit_text(&csv, &["--by", "g,k", "--where", "g=a", "--where", "k=1"]);
    assert_eq!(run.fits().len(), 1);
    assert_eq!(run.fits()[0]["group"], serde_json::json!({ "g": "a", "k": "1.0" }));
    let run = fit_text(&csv, &["--by", "g", "--where", "n=1000", "--where", "n>5"]);
    assert_eq!((run.code, run.errors().len()), (1, 2), "one size is too few for a fit");
    let run = fit_text(&csv, &["--by", "g", "--where", "k!=2", "--where", "n<=16000"]);
    assert_eq!(run.fits()[0]["points"], 5);
}

#[test]
fn a_weight_of_0_leaves_a_row_out_and_is_counted() {
    let weighted = rows("").replace('\n', ",1\n");
    let plain = fit_text(&format!("n,error\n{}", rows("")), &[]);
    let csv = format!("n,error,w\n{weighted}nothing,,0\n500,0.9,0.0\n");
    let run = fit_text(&csv, &["--weight", "w"]);
    assert_eq!(run.code, 0, "{:?}", run.errors());
    assert_eq!((run.fits()[0]["points"].as_u64(), run.fits()[0]["excluded"].as_u64()), (Some(7), Some(2)));
    assert_eq!(run.fits()[0]["law"], plain.fits()[0]["law"]);
}

#[test]
fn fixed_parameters_are_held() {
    let csv = format!("n,error\n{}", rows(""));
    let run = fit_text(&csv, &["--fixed-d", "3", "--alpha", "0,1.5", "--residual", "linear", "--c", "0,1"]);
    let fit = &run.fits()[0];
    assert_eq!(fit["law"]["d"], 3.0);
    assert_eq!(fit["std_errors"]["d"], Value::Null, "a fixed parameter has no standard error");
    assert!(distance(&fit["law"]["alpha"], TRUTH.1) < EXACT, "{fit}");
    // Beyond the default bounds of alpha, within those of the law.
    assert_eq!(fit_text(&csv, &["--fixed-alpha", "50"]).fits()[0]["law"]["alpha"], 50.0);
}

#[test]
fn a_flat_curve_has_no_alpha() {
    let flat: String = (1..6).map(|i| format!("{i}000,0.5\n")).collect();
    let run = fit_text(&format!("n,error\n{flat}"), &[]);
    let fit = &run.fits()[0];
    assert_eq!(
        (&fit["class"], &fit["law"]["alpha"], &fit["minima"][0]["alpha"]),
        (&"flat".into(), &Value::Null, &Value::Null)
    );
    assert!(distance(&fit["law"]["c"], 0.5) < EXACT && fit["law"]["d"] == 0.0, "{fit}");
}

#[test]
fn known_sigmas_set_the_scale() {
    let with = |sigma: &str| format!("n,error,sd\n{}", rows("").replace('\n', &format!(",{sigma}\n")));
    let [one, two] =
        ["0.01", "0.02"].map(|sd| fit_text(&with(sd), &["--sigma", "sd"]).fits()[0]["std_errors"]["c"].clone());
    let ratio = two.as_f64().expect("a number") / one.as_f64().expect("a number");
    assert!((ratio - 2.0).abs() < EXACT, "twice the sigma is twice the standard error, not {ratio}");
}

#[test]
fn the_table_names_settings_and_filters() {
    let run = run_with(&["fit", "-", "--n", "n", "--error", "error", "--by", "g", "--where", "g=a"], two().as_bytes());
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("log residual") && run.out.contains("7 rows fail g=a"), "{}", run.out);
    assert!(!run.out.contains('\u{1b}'), "no colours where there is no terminal");
    assert_eq!(run.err, "");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    use std::process::{Command, Stdio};
    let csv: String = (0..3000).map(|g| rows(&format!("{g},"))).collect();
    let path = directory("pipe").join("curves.csv");
    std::fs::write(&path, format!("g,n,error\n{csv}")).expect("a file");
    let mut child = Command::new(env!("CARGO_BIN_EXE_syn2real"))
        .args(["fit", path.to_str().expect("UTF-8"), "--n", "n", "--error", "error", "--by", "g", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // 3000 fits are more than a pipe holds: the program meets the closed end.
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn help_has_examples() {
    for args in [&["--help"][..], &["fit", "--help"], &["reproduce", "--help"]] {
        let run = run(args);
        assert!(run.code == 0 && run.out.contains("Examples:"), "{args:?}");
    }
}

/// More groups than a batch holds, one of them without enough points and one with a bad cell.
#[test]
fn output_does_not_depend_on_the_number_of_threads() {
    let mut csv = String::from("g,n,error\n");
    for group in 0..2500 {
        let c = 0.1 + 0.0002 * f64::from(group);
        for i in 0..7 {
            let n = 1000.0 * 2.0_f64.powi(i);
            let error = c + 3.0 * n.powf(-0.5) * (1.0 + 0.01 * f64::from((group * 7 + i * 5) % 11 - 5));
            match (group, i) {
                (3, 2..) => {}
                (2222, 4) => csv.push_str("2222,16000,bad\n"),
                _ => csv.push_str(&format!("{group},{n},{error}\n")),
            }
        }
    }
    for format in ["json", "csv", "table"] {
        let run = |threads: &str| fit_text(&csv, &["--by", "g", "--threads", threads, "--format", format]);
        let (one, three) = (run("1"), run("3"));
        assert_eq!((one.code, three.code), (1, 1), "{format}: {}", one.err);
        assert!(one.out == three.out, "{format}: three threads print something else than one");
    }
    let run = fit_text(&csv, &["--by", "g"]);
    let groups: Vec<u32> = run.fits().iter().map(|f| f["group"]["g"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(groups, (0..2500).filter(|g| ![3, 2222].contains(g)).collect::<Vec<_>>(), "the order of the file");
    assert_eq!(run.errors().len(), 2);
}

#[test]
fn the_parameter_on_a_bound_is_named() {
    let run = fit_text(&format!("n,error\n{}", rows("")), &["--c", "0.3,1"]);
    let fit = &run.fits()[0];
    assert_eq!(fit["class"], "at_bound", "{fit}");
    assert_eq!(fit["bound"], serde_json::json!({"parameter": "c", "side": "lower"}));
    let free = fit_text(&format!("n,error\n{}", rows("")), &[]);
    assert!(free.fits()[0].get("bound").is_none(), "an interior optimum is on no bound");
}

/// The package of the tool cannot reach the files of the library's tests: it has copies.
#[test]
fn shipped_measurements_equal_those_of_the_library() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let bytes = |path: &str| std::fs::read(here.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    for name in ["finetune_final.csv", "grid_n_s_r50_mulclass_imagenet.csv"] {
        assert!(bytes(&format!("data/{name}")) == bytes(&format!("../tests/data/{name}")), "{name} differ");
    }
}
