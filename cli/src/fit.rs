//! `fit`: the law for every group, as a table, JSON or csv, and a page.
mod args;
mod best;
mod page;

use std::io::{BufWriter, stdout};

use crate::args::Format;
use crate::details::Wanted;
use crate::errors::Error;
use crate::fitting::{self, Task};
use crate::laws::LawName;
use crate::oddity;
use crate::output::table::{Kept, LONGEST};
use crate::output::{self, Head, Printer};
use crate::parallel::Workers;
use crate::report;

pub(crate) use args::FitArgs;
use args::left_out;
#[cfg(test)]
pub(crate) use best::Evidence;
use page::FitPage;

/// Fits every group; tells whether all were fitted.
pub(crate) fn run(args: &FitArgs) -> Result<bool, Error> {
    match args.law.law() {
        Some(law) => match args.earlier.given() {
            Some(option) => Err(Error::Option(format!("{option} is of the forecast alone: add --law best"))),
            None => run_law(args, law),
        },
        None => match args.details.given() {
            Some(option) => Err(Error::Option(format!(
                "{option} is of one law, and the forecast is told at 2, 4, 8 and 16 times the largest size: leave it out, or use \
                 `syn2real ask --basis forecast --at N`"
            ))),
            None => best::run(args),
        },
    }
}

/// Writes the page of law (1) for all groups; returns its path.
pub(crate) fn write_page(dir: &str, task: &Task<'_>, notes: &[String]) -> Result<String, Error> {
    let mut page = FitPage::new(dir, LawName::Law1, task.options, task.curves, &Wanted::default());
    for groups in task.batches(fitting::GROUPS) {
        let batch = task.fit(LawName::Law1, groups);
        let drawn = page::draw(task.curves, &batch);
        page.batch(task.curves, &Kept::new(batch), drawn);
    }
    page.write(task.curves, notes)
}

fn run_law(args: &FitArgs, law: LawName) -> Result<bool, Error> {
    let options = fitting::options_of(law, &args.data)?;
    let workers = Workers::new(args.threads.threads)?;
    let (columns, curves) = args.data.read()?;
    output::announce(&curves.read, args.format)?;
    let settings = [report::settings_of(law, &options)];
    let head = Head::new("fit", Some(&curves.read), &settings);
    let wanted = args.details.wanted(args.format, curves.len())?;
    let mut printer = Printer::new(args.format, law, BufWriter::new(stdout().lock()), &curves, &head, &wanted)?;
    let in_page = args.details.wanted(Format::Table, curves.len())?;
    let mut page = args.report.as_ref().map(|dir| FitPage::new(dir, law, &options, &curves, &in_page));
    let task = Task { curves: &curves, columns: &columns.values, options: &options };
    let work = |groups| {
        let batch = task.fit(law, groups);
        // A csv has no notes, and a table those of the groups that it shows.
        let is_noted = match args.format {
            Format::Json => true,
            Format::Table => batch.first() < LONGEST,
            Format::Csv => false,
        };
        let odd = if law == LawName::Law1 && is_noted { oddity::of_batch(&task, &batch) } else { Vec::new() };
        let is_shown = args.format != Format::Table || batch.first() < LONGEST;
        let batch = if is_shown && wanted.is_any() { batch.detailed(&wanted) } else { batch };
        let drawn = if args.report.is_some() { page::draw(&curves, &batch) } else { Vec::new() };
        (output::render(args.format, law, &curves, &batch, &wanted), drawn, Kept::new(batch), odd)
    };
    let (mut failed, mut odd) = (0, Vec::new());
    workers.in_order(
        "fitting",
        &task.batches(if law.takes_zero() { fitting::FEW_GROUPS } else { fitting::GROUPS }),
        work,
        |(rendered, drawn, kept, of_batch)| {
            failed += kept.failed;
            odd.extend(of_batch);
            if let Some(page) = &mut page {
                page.batch(&curves, &kept, drawn);
            }
            printer.batch(&curves, rendered, &kept)
        },
    )?;
    let odd = if args.format == Format::Json { odd } else { oddity::below(odd) };
    let mut notes: Vec<String> = odd.into_iter().chain(left_out(&columns, &curves)).collect();
    notes.extend(args.details.left_out(args.format, curves.len()));
    // Below a table the settings stand among the notes; a JSON has them in its head.
    if args.format != Format::Json {
        notes.splice(0..0, settings);
    }
    printer.finish(&notes)?;
    if let Some(page) = page {
        let path = page.write(&curves, &notes)?;
        Error::note(&format!("report: {path}"));
    }
    Ok(failed == 0)
}
