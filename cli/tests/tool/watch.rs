//! `watch`: decisions as measurements come.
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::run::{directory, keys, run_with};

const ARGS: [&str; 8] = ["watch", "-", "--n", "n", "--error", "error", "--target", "0.3"];

fn law(n: f64) -> f64 {
    3.0 * n.powf(-0.5) + 0.25
}

/// A training loop: asks, measures, appends to the file, until the controller ends it.
#[test]
fn a_growing_file_is_followed_to_the_end() {
    let path = directory("watch").join("runs.csv");
    let mut file = std::fs::File::create(&path).expect("a file");
    writeln!(file, "run,n,error").expect("a header");
    let name = path.to_str().expect("UTF-8");
    let mut child = Command::new(env!("CARGO_BIN_EXE_syn2real"))
        .args(["watch", name, "--n", "n", "--error", "error", "--target", "0.3", "--format", "json"])
        .args(["--follow", "--every", "0.01"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut decisions = BufReader::new(child.stdout.take().expect("a pipe"));
    let (mut n, mut last) = (1000.0, String::new());
    // Far more than the controller needs; a loop without end would be a defect.
    for run in 0..60 {
        // In two writes: a line counts when it has ended.
        write!(file, "{run},{n},").expect("half a row");
        file.flush().expect("written");
        writeln!(file, "{}", law(n)).expect("the rest");
        let mut line = String::new();
        decisions.read_line(&mut line).expect("a decision");
        let json: Value = serde_json::from_str(&line).expect("JSON on a line");
        assert_eq!(
            keys(&json),
            ["at", "basis", "decision", "error", "group", "line", "n", "reached", "reason", "verdict"]
        );
        assert_eq!((json["n"].as_f64(), json["line"].as_u64()), (Some(n), Some(run + 2)));
        last = json["decision"].as_str().expect("a word").to_owned();
        match json["at"].as_f64() {
            Some(at) => n = at,
            None => {
                assert_eq!(json["reached"], true, "{json}");
                break;
            }
        }
    }
    assert_eq!(last, "stop");
    // 0.3 takes (3 / 0.05)^2 = 3600 samples.
    assert!((3600.0..1e5).contains(&n), "{n} samples");
    assert_eq!(child.wait().expect("an end").code(), Some(0));
}

#[test]
fn groups_have_their_own_controllers_and_bad_rows_are_said() {
    let csv =
        format!("g,n,error\na,1000,{}\nb,1000,oops\nb,1000,-0.5\na,2000,{}\nb,4000,{}", law(1e3), law(2e3), law(4e3));
    let run = run_with(&[&ARGS[..], &["--by", "g"]].concat(), csv.as_bytes());
    assert_eq!(run.code, 1, "{}", run.err);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines.len(), 7, "five rows, and the end of two groups: {}", run.out);
    assert!(lines[5].starts_with("a: end after 2 measurements: no verdict yet"), "{}", lines[5]);
    assert!(lines[5].contains("next: measure at n = 4000"), "{}", lines[5]);
    assert!(lines[0].starts_with("a: n = 1000") && lines[0].contains("measure at n = 2000"), "{}", lines[0]);
    assert!(lines[1].starts_with("b: line 3: row left out") && lines[1].contains("oops"), "{}", lines[1]);
    assert!(lines[2].contains("row left out"), "{}", lines[2]);
    assert!(lines[4].starts_with("b: n = 4000"), "a last line without an end counts: {}", lines[4]);
}

#[test]
fn a_gap_above_the_target_asks_for_another_setting() {
    let csv: String = (0..12).map(|i| 1000.0 * 2.0_f64.powi(i)).map(|n| format!("{n},{}\n", law(n) + 0.2)).collect();
    let run = run_with(&[&ARGS[..], &["--format", "json"]].concat(), format!("n,error\n{csv}").as_bytes());
    assert_eq!(run.code, 0, "{}", run.err);
    let last: Value = serde_json::from_str(run.out.lines().last().expect("a line")).expect("JSON");
    assert_eq!(last["decision"], "change_setting", "{last}");
    assert!(last["reason"].as_str().expect("a sentence").contains("gap"), "{last}");
}

/// A size that is there already was measured again without a word, and a finished file ended without an answer.
#[test]
fn an_old_size_again_has_a_reason_and_a_file_an_end() {
    let csv: String = [1e3, 2e3, 4e3, 8e3, 1e3].iter().map(|n| format!("{n},{}\n", law(*n))).collect();
    let csv = format!("n,error\n{csv}");
    let run = run_with(&[&ARGS[..], &["--format", "json"]].concat(), csv.as_bytes());
    let lines: Vec<Value> = run.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let mut largest = 0.0_f64;
    for line in &lines[..5] {
        largest = largest.max(line["n"].as_f64().expect("a size"));
        let reason = line["reason"].as_str().expect("a reason");
        if line["at"].as_f64().is_some_and(|at| at <= largest) {
            assert!(reason.contains("again") || reason.contains("must hold") || reason.contains("in turn"), "{line}");
        }
    }
    assert!(
        lines[..5].iter().any(|l| l["reason"].as_str().expect("text").contains("must hold 3 times")),
        "{}",
        run.out
    );
    let end = lines.last().expect("a line");
    assert_eq!((&end["verdict"], &end["measurements"]), (&Value::from("reachable"), &Value::from(5)), "{end}");
    let [lower, upper] = ["lower", "upper"].map(|side| end["needed"][side].as_f64().expect("a limit"));
    // 0.3 takes (3 / 0.05)^2 = 3600 samples; the data are exact.
    assert!((3599.0..=3600.1).contains(&lower) && (3599.9..3601.0).contains(&upper), "{end}");
    assert!(end["next"].as_str().is_some_and(|next| !next.is_empty()) && end["c"]["estimate"].is_number(), "{end}");
    let text = run_with(&ARGS, csv.as_bytes()).out;
    let last = text.lines().last().expect("a line");
    assert!(last.starts_with("end after 5 measurements: reachable: ") && last.contains("n* 3.60k"), "{last}");
    assert!(last.contains("; next: "), "{last}");
}

#[test]
fn nothing_to_watch_exits_with_2() {
    for csv in ["", "n,error\n", "a,b\n1,2\n"] {
        let run = run_with(&ARGS, csv.as_bytes());
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{csv:?}: {}", run.err);
    }
}

#[test]
fn a_budget_below_the_first_measurement_is_refused() {
    let args = ["watch", "-", "--n", "n", "--error", "error", "--target", "0.3", "--budget", "5000"];
    let run = run_with(&args, b"n,error\n8000,0.5\n");
    assert!(run.code == 2 && run.err.contains("--budget") && run.err.contains("8000"), "{} {}", run.code, run.err);
}

/// Four models in one file were watched as one curve, while other commands make a curve of each.
#[test]
fn text_that_nobody_asked_for_is_refused() {
    let rows: String =
        (0..4).map(|k| 1000.0 * 2.0_f64.powi(k)).map(|n| format!("r18,{n},{0}\nr50,{n},{0}\n", law(n))).collect();
    let csv = format!("model,n,error\n{rows}");
    let run = run_with(&ARGS, csv.as_bytes());
    assert_eq!((run.code, run.out.as_str(), run.err.trim_end().lines().count()), (2, "", 1), "{}", run.err);
    assert!(run.err.contains("--by model ") && run.err.contains("--by ''"), "{}", run.err);
    for (args, groups) in [(["--by", "model"], 2), (["--by", ""], 1), (["--where", "model=r18"], 1)] {
        let run = run_with(&[&ARGS[..], &args].concat(), csv.as_bytes());
        let ends = run.out.lines().filter(|line| line.contains("end after")).count();
        assert_eq!((run.code, ends), (0, groups), "{args:?} {}{}", run.out, run.err);
    }
    let dated = b"date,params,n,error\n2026-01-02,11M,1000,0.4\n";
    assert_eq!(run_with(&ARGS, dated).code, 0, "days and numbers are no text");
}
