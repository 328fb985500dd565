//! What came of each group, and the JSON that every command prints it in.
use std::io::{BufWriter, Write, stdout};

use serde::Serialize;

use crate::args::Format;
use crate::errors::Error;
use crate::read::Read;

/// What every JSON has beside its results: which tool made it, from what, and with which settings.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Head<'a> {
    version: &'static str,
    command: &'static str,
    /// null where nothing is read.
    read: Option<&'a Read>,
    /// In the words of the lines below the table; `compare` has another list of this name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settings: Vec<String>,
}

impl<'a> Head<'a> {
    /// Of a command, with the lines that stand below its table.
    pub(crate) fn new(command: &'static str, read: Option<&'a Read>, settings: &[String]) -> Head<'a> {
        Head { version: env!("CARGO_PKG_VERSION"), command, read, settings: settings.to_vec() }
    }

    /// Prints results as a line of JSON: the head, the results, and notes on them.
    pub(crate) fn print(self, record: &impl Serialize, notes: &[String]) -> std::io::Result<()> {
        print_line(&Answer { head: self, record, notes })
    }

    /// The head alone, without its closing brace, for results that are written as they come.
    pub(crate) fn open(&self) -> String {
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.pop();
        text
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Answer<'a, R> {
    #[serde(flatten)]
    head: Head<'a>,
    #[serde(flatten)]
    record: &'a R,
    notes: &'a [String],
}

/// Tells what was assumed when the file was read: above a table, beside a csv; a JSON has it in its head.
pub(crate) fn announce(read: &Read, format: impl Into<Format>) -> Result<(), Error> {
    let lines = read.lines();
    match format.into() {
        Format::Json => {}
        Format::Csv => lines.iter().for_each(|line| Error::note(line)),
        Format::Table => {
            let mut out = stdout().lock();
            lines.iter().try_for_each(|line| writeln!(out, "{line}")).map_err(Error::stdout)?;
        }
    }
    Ok(())
}

/// Prints a record as a line of JSON.
fn print_line(record: &impl Serialize) -> std::io::Result<()> {
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
