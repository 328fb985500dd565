//! The command line before it is parsed: a file without a command is a question.
use std::ffi::OsString;
use std::path::Path;

use clap::{CommandFactory, Parser};
use strsim::damerau_levenshtein;

use crate::errors::Error;

use super::Cli;

/// Letters that a mistyped command may differ in.
const TYPING: usize = 2;

/// Parses the arguments of this process; help, and a usage that is wrong, end it.
pub(crate) fn parse() -> Result<Cli, Error> {
    let mut line: Vec<OsString> = std::env::args_os().collect();
    let command = Cli::command();
    let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).chain(["help"]).collect();
    let Some(first) = line.get(1).map(|first| first.to_string_lossy().into_owned()) else {
        // As help, but no success.
        line.push("--help".into());
        return Ok(Cli::try_parse_from(line).unwrap_or_else(|help| {
            Error::note(&help.render().to_string());
            std::process::exit(2)
        }));
    };
    if names.contains(&first.as_str()) {
        return Ok(Cli::try_parse_from(&line).unwrap_or_else(|error| {
            if error.use_stderr() && Path::new(&first).is_file() {
                let _ = error.print();
                Error::note(&format!("`{first}` is a command; for the file of that name write ./{first}"));
                std::process::exit(2)
            }
            error.exit()
        }));
    }
    if ["-h", "--help", "-V", "--version"].contains(&first.as_str()) {
        return Ok(Cli::parse());
    }
    let is_file = |name: &str| name == "-" || Path::new(name).exists();
    if !first.starts_with('-') && !is_file(&first) {
        let near = names
            .iter()
            .filter(|name| damerau_levenshtein(name, &first) <= TYPING)
            .min_by_key(|name| damerau_levenshtein(name, &first));
        return Err(Error::Option(match near {
            Some(name) => format!("there is no file or command `{first}`: did you mean `syn2real {name}`?"),
            None => format!(
                "there is no file {first}: name a csv file, as in `syn2real runs.csv --target 0.25`, or a command: {}",
                names.join(", ")
            ),
        }));
    }
    line.insert(1, "ask".into());
    Ok(Cli::parse_from(line))
}
