//! `syn2real`: fits the scaling law of synthetic-to-real transfer to a csv, with a table, a report and an answer.
mod activations;
mod allocate;
mod args;
mod compare;
mod decouple;
mod entropy;
mod errors;
mod extrapolate;
mod filter;
mod fitting;
mod full;
mod group;
mod identify;
mod next;
mod output;
mod parallel;
mod plan;
mod progress;
mod rates;
mod report;
mod reproduce;
mod table;
mod watch;

use std::io::{BufWriter, stdout};
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command, FitArgs};
use errors::Error;
use fitting::Task;
use output::Printer;
use output::table::Kept;
use parallel::Workers;
use report::page::FitPage;

/// Some groups could not be fitted.
const SOME_FAILED: u8 = 1;
/// Usage, or a file that cannot be read.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        Command::Fit(args) => fit(args),
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

/// Fits every group; tells whether all were fitted.
fn fit(args: &FitArgs) -> Result<bool, Error> {
    let options = args.law.options(&args.scale);
    fitting::check(&options)?;
    let workers = Workers::new(args.threads.threads)?;
    let columns = args.input.columns(&args.scale);
    let curves = table::read(&args.input.file, &columns)?;
    let mut printer = Printer::new(args.format, BufWriter::new(stdout().lock()), &curves)?;
    let mut page = args.report.as_ref().map(|dir| FitPage::new(dir, &args.input, &options, &curves));
    let task = Task { curves: &curves, columns: &columns.values, options: &options };
    let work = |groups| {
        let batch = task.fit(groups);
        (output::render(args.format, &curves, &batch), Kept::new(batch))
    };
    let mut failed = 0;
    workers.in_order("fitting", &task.batches(), work, |(rendered, kept)| {
        failed += kept.failed;
        if let Some(page) = &mut page {
            page.batch(&curves, &kept);
        }
        printer.batch(&curves, rendered, &kept)
    })?;
    let left_out = columns.filters.iter().zip(&curves.filtered);
    let left_out: Vec<String> = left_out.map(|(filter, rows)| format!("{rows} rows fail {filter}")).collect();
    let mut notes = vec![report::settings(&options)];
    if !left_out.is_empty() {
        notes.push(format!("{} of {} rows left out", left_out.join(", "), curves.rows_read));
    }
    printer.finish(&notes)?;
    if let Some(page) = page {
        let path = page.write(&notes)?;
        Error::note(&format!("report: {path}"));
    }
    Ok(failed == 0)
}
