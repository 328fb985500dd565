//! The medians that criterion left in its directory, as tables.
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::watch::duration;

/// A median with its throughput.
struct Bench {
    group: String,
    function: String,
    /// Nanoseconds of one iteration.
    median: f64,
    /// Elements of one iteration, 1 if none are counted.
    elements: f64,
}

fn read(path: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
}

/// The name with its numbers padded, so that 7 comes before 40.
fn natural(name: &str) -> String {
    let mut key = String::new();
    let mut digits = String::new();
    for c in name.chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
        } else {
            if !digits.is_empty() {
                key += &format!("{digits:0>12}");
                digits.clear();
            }
            key.push(c);
        }
    }
    key
}

/// Finds the directories `new`, which hold the last run of a bench.
fn collect(directory: &Path, found: &mut BTreeMap<String, Bench>) -> Result<(), String> {
    let entries = fs::read_dir(directory).map_err(|e| format!("{}: {e}", directory.display()))?;
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
        if path.file_name().is_some_and(|name| name == "new") {
            let (about, estimates) = (read(&path.join("benchmark.json"))?, read(&path.join("estimates.json"))?);
            let text = |field: &str| about[field].as_str().unwrap_or_default().to_owned();
            let median = estimates["median"]["point_estimate"].as_f64().ok_or("no median")?;
            let elements = about["throughput"]["Elements"].as_f64().unwrap_or(1.0);
            let (group, function) = (text("group_id"), text("function_id"));
            found.insert(natural(&format!("{group}/{function}")), Bench { group, function, median, elements });
        } else {
            collect(&path, found)?;
        }
    }
    Ok(())
}

/// Time with 512-bit registers over that with 256-bit ones, where both were measured.
fn widths(found: &BTreeMap<String, Bench>) {
    println!("\n### 512-bit against 256-bit registers\n\n| | avx2 | avx512 | avx512 / avx2 |\n|---|---|---|---|");
    for (name, narrow) in found {
        let wide =
            name.strip_suffix(&natural("avx2")).and_then(|stem| found.get(&format!("{stem}{}", natural("avx512"))));
        if let Some(wide) = wide {
            let what = format!("{} {}", narrow.group, narrow.function.trim_end_matches("avx2"));
            let what = what.trim_end_matches(['/', ' ']);
            let ratio = wide.median / narrow.median;
            println!("| {what} | {} | {} | {ratio:.2} |", duration(narrow.median), duration(wide.median));
        }
    }
}

/// Prints a table for each group of benches, and one of register widths.
pub(crate) fn run(directory: &Path) -> Result<(), String> {
    let mut found = BTreeMap::new();
    collect(directory, &mut found)?;
    let mut bench = String::new();
    for Bench { group, function, median, elements } in found.values() {
        let (of, rest) = group.split_once('/').unwrap_or((group, ""));
        if bench != of {
            println!("\n### {of}\n\n| | median | per element |\n|---|---|---|");
            bench = of.to_owned();
        }
        let each = if *elements > 1.0 { duration(median / elements) } else { String::new() };
        println!("| {rest} {} | {} | {each} |", function.replace('/', " "), duration(*median));
    }
    widths(&found);
    println!();
    if found.is_empty() { Err(format!("{}: no benches", directory.display())) } else { Ok(()) }
}
