//! What came of each group.
use std::io::{BufWriter, Write, stdout};

use serde::Serialize;

/// Prints a record as a line of JSON.
pub(crate) fn print_json(record: &impl Serialize) -> std::io::Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    serde_json::to_writer(&mut out, record)?;
    writeln!(out)?;
    out.flush()
}

/// The groups that have a result, with their numbers.
pub(crate) fn done<T>(results: &[Result<T, String>]) -> impl Iterator<Item = (usize, &T)> + Clone {
    results.iter().enumerate().filter_map(|(group, result)| Some((group, result.as_ref().ok()?)))
}

/// The groups that have none, and why.
pub(crate) fn failed<T>(results: &[Result<T, String>]) -> impl Iterator<Item = (usize, &String)> {
    results.iter().enumerate().filter_map(|(group, result)| Some((group, result.as_ref().err()?)))
}
