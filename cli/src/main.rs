//! `syn2real`: fits the scaling law of synthetic-to-real transfer to a csv, with a table, a report and an answer.
mod activations;
mod allocate;
mod args;
mod ask;
mod chart;
mod commands;
mod compare;
mod decouple;
mod details;
mod earlier;
mod entropy;
mod errors;
mod extrapolate;
mod filter;
mod fit;
mod fitting;
mod full;
mod group;
mod grouping;
mod identify;
mod laws;
mod next;
mod oddity;
mod outlook;
mod output;
mod parallel;
mod plan;
mod progress;
mod question;
mod rates;
mod read;
mod report;
mod reproduce;
mod rising;
mod rows;
#[cfg(test)]
mod schema;
mod table;
mod target;
mod terminal;
mod watch;

use std::process::ExitCode;

use commands::Command;
use errors::Error;

/// Some groups could not be fitted.
const SOME_FAILED: u8 = 1;
/// Usage, or a file that cannot be read.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let result = commands::parse().and_then(|cli| run(&cli.command));
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(SOME_FAILED),
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            Error::note(&format!("error: {error}"));
            ExitCode::from(FAILED)
        }
    }
}

/// Runs a command; tells whether all groups were done.
fn run(command: &Command) -> Result<bool, Error> {
    match command {
        Command::Ask(args) => ask::run(args),
        Command::Fit(args) => fit::run(args),
        Command::Full(args) => full::run(args),
        Command::Decouple(args) => decouple::run(args),
        Command::Extrapolate(args) => extrapolate::run(args),
        Command::Entropy(args) => entropy::run(args),
        Command::Plan(args) => plan::run(args),
        Command::Rates(args) => rates::run(args),
        Command::Allocate(args) => allocate::run(args),
        Command::Next(args) => next::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Watch(args) => watch::run(args),
        Command::Reproduce(args) => reproduce::run(args),
        Command::Completions { shell } => commands::completions(*shell),
        Command::Man { command, out } => commands::man(command.as_deref(), out.as_deref()),
    }
}
