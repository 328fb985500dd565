//! Starts the program and takes what it printed.
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a run left.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// The output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("no JSON: {e}\n{}\n{}", self.out, self.err))
    }

    /// The fits of the JSON.
    pub(crate) fn fits(&self) -> Vec<Value> {
        self.json()["fits"].as_array().expect("an array of fits").clone()
    }

    /// Group and text of each error of the JSON.
    pub(crate) fn errors(&self) -> Vec<(String, String)> {
        let errors = self.json()["errors"].as_array().expect("an array of errors").clone();
        errors.iter().map(|e| (e["group"].to_string(), e["error"].as_str().expect("a text").into())).collect()
    }
}

/// Runs the program with this text as standard input.
pub(crate) fn run_with(args: &[&str], input: &[u8]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_syn2real"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A program that stops at the header does not read all.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let code = output.status.code().expect("no signal ended it");
    Run { code, out: text(output.stdout), err: text(output.stderr) }
}

/// Runs the program.
pub(crate) fn run(args: &[&str]) -> Run {
    run_with(args, b"")
}

/// Fits a csv given as text, as JSON, with more arguments.
pub(crate) fn fit_text(csv: &str, more: &[&str]) -> Run {
    let mut args = vec!["fit", "-", "--n", "n", "--error", "error"];
    args.extend(more);
    if !more.contains(&"--format") {
        args.extend(["--format", "json"]);
    }
    run_with(&args, csv.as_bytes())
}

/// A directory of its own for a test, emptied.
pub(crate) fn directory(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a directory for the test");
    path
}

/// D, alpha, C of the curves that tests make.
pub(crate) const TRUTH: (f64, f64, f64) = (3.0, 0.5, 0.25);

/// Rows of an exact curve with a prefix each: `n,error`.
pub(crate) fn rows(prefix: &str) -> String {
    let (d, alpha, c) = TRUTH;
    let row = |i: i32| {
        let n = 1000.0 * 2.0_f64.powi(i);
        format!("{prefix}{n},{}\n", d * n.powf(-alpha) + c)
    };
    (0..7).map(row).collect()
}

/// The names in a JSON object, sorted.
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().expect("an object").keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// What every JSON says beside its results.
const HEAD: [&str; 5] = ["command", "notes", "read", "settings", "version"];

/// The names of the results of a whole JSON, sorted; the head has to be there.
pub(crate) fn results(json: &Value) -> Vec<&str> {
    let all = keys(json);
    assert!(HEAD.iter().all(|name| all.contains(name)), "the head is not whole: {all:?}");
    assert_eq!(json["version"], env!("CARGO_PKG_VERSION"), "of this tool");
    all.into_iter().filter(|name| !HEAD.contains(name)).collect()
}

/// Relative distance of a JSON number from a value.
pub(crate) fn distance(value: &Value, truth: f64) -> f64 {
    (value.as_f64().expect("a number") - truth).abs() / truth.abs()
}
