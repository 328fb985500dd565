//! Files of other people's making: read as the plain csv is, or refused with the hint that helps.
mod columns;
mod dialects;
mod formats;
mod garbage;
mod groups;
mod numbers;
mod targets;

use serde_json::Value;

use crate::run::{Run, run_with};

/// Sizes and errors of a curve, as a plain csv has them.
pub(super) const CURVE: [(u32, &str); 7] = [
    (1000, "0.3459"),
    (2000, "0.3166"),
    (4000, "0.2981"),
    (8000, "0.2829"),
    (16000, "0.2741"),
    (32000, "0.2665"),
    (64000, "0.2621"),
];

/// The rows, each made by this from the size and the error.
pub(super) fn lines(row: impl Fn(u32, &str) -> String) -> String {
    CURVE.iter().map(|(n, error)| row(*n, error) + "\n").collect()
}

/// An error of the curve in percent: the decimal point two places to the right.
pub(super) fn percent(error: &str) -> String {
    format!("{}.{}", &error[2..4], &error[4..])
}

/// An accuracy.
pub(super) fn accuracy(error: &str) -> String {
    let ten_thousandths: u32 = error[2..].parse().expect("four digits");
    format!("0.{:04}", 10_000 - ten_thousandths)
}

pub(super) fn fit(input: &[u8], args: &[&str]) -> Run {
    run_with(&[&["fit", "-", "--format", "json"][..], args].concat(), input)
}

/// What a fit is, without the name of its group.
fn core(fit: &Value) -> Value {
    let mut fit = fit.clone();
    fit.as_object_mut().expect("an object").remove("group");
    fit
}

/// The curve as it is fitted from the plain csv.
pub(super) fn plain() -> Value {
    let csv = format!("n,error\n{}", lines(|n, error| format!("{n},{error}")));
    core(&fit(csv.as_bytes(), &["--n", "n", "--error", "error"]).fits()[0])
}

/// The file gives the same numbers as the plain csv, in so many groups; what was read.
pub(super) fn assert_same(input: &[u8], args: &[&str], groups: usize) -> Value {
    let run = fit(input, args);
    let shown = String::from_utf8_lossy(&input[..input.len().min(300)]).into_owned();
    assert_eq!(run.code, 0, "{shown}\n{args:?}\n{}{}", run.out, run.err);
    let (fits, plain) = (run.fits(), plain());
    assert_eq!(fits.len(), groups, "{shown}\n{}", run.out);
    for fit in &fits {
        assert_eq!(core(fit), plain, "{shown}");
    }
    run.json()["read"].clone()
}

/// The file is read in the same way, and this was assumed.
pub(super) fn assert_read(text: &str, args: &[&str], assumed: &[&str]) -> Value {
    let read = assert_same(text.as_bytes(), args, 1);
    let said: Vec<&str> = read["assumed"].as_array().expect("an array").iter().filter_map(Value::as_str).collect();
    let said = said.join("; ");
    for part in assumed {
        assert!(said.contains(part), "{text}\n{said} does not say {part:?}");
    }
    if assumed.is_empty() {
        assert_eq!(said, "", "{text}");
    }
    read
}

/// The file is refused, nothing is printed, and the sentence has these parts.
pub(super) fn assert_refused(input: &[u8], args: &[&str], parts: &[&str]) {
    let run = fit(input, args);
    let shown = String::from_utf8_lossy(&input[..input.len().min(300)]).into_owned();
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{shown}\n{args:?}\n{}", run.err);
    for part in parts {
        assert!(run.err.contains(part), "{shown}\n{:?} does not name {part:?}", run.err);
    }
    assert_eq!(run.err.trim_end().lines().count(), 1, "one sentence: {}", run.err);
}
