//! The command line before it is parsed: a file without a command is a question.
use std::ffi::OsString;
use std::path::Path;

use clap::{CommandFactory, FromArgMatches};
use strsim::damerau_levenshtein;

use crate::errors::Error;

use super::Cli;

/// Letters that a mistyped command may differ in.
const TYPING: usize = 2;

/// Options with a letter of their own, the same in every command that has them.
const LETTERS: [(&str, char); 8] = [
    ("n", 'n'),
    ("error", 'e'),
    ("score", 's'),
    ("by", 'b'),
    ("filters", 'w'),
    ("target", 't'),
    ("format", 'f'),
    ("report", 'o'),
];

/// The tool with all its commands.
pub(super) fn command() -> clap::Command {
    Cli::command().mut_subcommands(|mut command| {
        for (name, letter) in LETTERS {
            if command.get_arguments().any(|arg| arg.get_id() == name) {
                command = command.mut_arg(name, |arg| arg.short(letter));
            }
        }
        command
    })
}

/// Parses a line; help, and a usage that is wrong, are errors.
fn parsed(line: &[OsString]) -> Result<Cli, clap::Error> {
    Cli::from_arg_matches(&command().try_get_matches_from(line)?)
}

/// Parses the arguments of this process; help, and a usage that is wrong, end it.
pub(crate) fn parse() -> Result<Cli, Error> {
    let mut line: Vec<OsString> = std::env::args_os().collect();
    let command = command();
    let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).chain(["help"]).collect();
    let Some(first) = line.get(1).map(|first| first.to_string_lossy().into_owned()) else {
        // As help, but no success.
        line.push("--help".into());
        return Ok(parsed(&line).unwrap_or_else(|help| {
            Error::note(&help.render().to_string());
            std::process::exit(2)
        }));
    };
    if names.contains(&first.as_str()) {
        return Ok(parsed(&line).unwrap_or_else(|error| {
            if error.use_stderr() && Path::new(&first).is_file() {
                let _ = error.print();
                Error::note(&format!("`{first}` is a command; for the file of that name write ./{first}"));
                std::process::exit(2)
            }
            error.exit()
        }));
    }
    if ["-h", "--help", "-V", "--version"].contains(&first.as_str()) {
        return Ok(parsed(&line).unwrap_or_else(|error| error.exit()));
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
    Ok(parsed(&line).unwrap_or_else(|error| error.exit()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn command_line_is_consistent() {
        super::command().debug_assert();
    }
}
