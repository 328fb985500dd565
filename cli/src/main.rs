//! `syn2real`: fits the scaling law of synthetic-to-real transfer to a csv, with a table, a report and an answer.
mod activations;
mod allocate;
mod args;
mod commands;
mod compare;
mod decouple;
mod earlier;
mod entropy;
mod errors;
mod extrapolate;
mod filter;
mod fit;
mod fitting;
mod full;
mod group;
mod identify;
mod laws;
mod next;
mod output;
mod parallel;
mod plan;
mod progress;
mod question;
mod rates;
mod read;
mod report;
mod reproduce;
mod table;
mod watch;

use std::process::ExitCode;

use clap::Parser;

use commands::{Cli, Command};
use errors::Error;

/// Some groups could not be fitted.
const SOME_FAILED: u8 = 1;
/// Usage, or a file that cannot be read.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
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
    };
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
