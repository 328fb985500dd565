//! `fit`: the law for every group, as a table, JSON or csv, and a page.
mod best;

use std::io::{BufWriter, stdout};

use clap::Args;

use crate::args::{CurveArgs, Format, ThreadArgs};
use crate::earlier::EarlierArgs;
use crate::errors::Error;
use crate::fitting::{self, Task};
use crate::group::Curves;
use crate::laws::{Asked, LawName};
use crate::output::table::Kept;
use crate::output::{self, Printer};
use crate::parallel::Workers;
use crate::report;
use crate::report::page::FitPage;
use crate::table::Columns;

/// Arguments of `fit`.
#[derive(Debug, Args)]
pub(crate) struct FitArgs {
    #[command(flatten)]
    pub(crate) data: CurveArgs,
    #[command(flatten)]
    pub(crate) threads: ThreadArgs,
    /// The law; all but law1 and power are finite at n = 0, rows without pre-training are data of theirs. --alpha and
    /// --fixed-alpha are those of beta in the rectified law, of kappa beta in the bent one.
    /// `best` compares all of them on the rows with n > 0 and foretells larger sizes, taking none for granted.
    #[arg(long, value_enum, default_value_t, help_heading = "Law")]
    pub(crate) law: Asked,
    #[command(flatten)]
    pub(crate) earlier: EarlierArgs,
    /// How the results are printed.
    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    pub(crate) format: Format,
    /// Write DIR/index.html with the table and a figure for each group.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(crate) report: Option<String>,
}

/// Fits every group; tells whether all were fitted.
pub(crate) fn run(args: &FitArgs) -> Result<bool, Error> {
    match args.law.law() {
        Some(law) => match args.earlier.given() {
            Some(option) => Err(Error::Option(format!("{option} is of the forecast alone: add --law best"))),
            None => run_law(args, law),
        },
        None => best::run(args),
    }
}

fn run_law(args: &FitArgs, law: LawName) -> Result<bool, Error> {
    let options = fitting::options_of(law, &args.data)?;
    let workers = Workers::new(args.threads.threads)?;
    let (columns, curves) = args.data.read()?;
    let mut printer = Printer::new(args.format, law, BufWriter::new(stdout().lock()), &curves)?;
    let mut page = args.report.as_ref().map(|dir| FitPage::new(dir, &args.data.input, law, &options, &curves));
    let task = Task { curves: &curves, columns: &columns.values, options: &options };
    let work = |groups| {
        let batch = task.fit(law, groups);
        (output::render(args.format, law, &curves, &batch), Kept::new(batch))
    };
    let mut failed = 0;
    workers.in_order(
        "fitting",
        &task.batches(if law.takes_zero() { fitting::FEW_GROUPS } else { fitting::GROUPS }),
        work,
        |(rendered, kept)| {
            failed += kept.failed;
            if let Some(page) = &mut page {
                page.batch(&curves, &kept);
            }
            printer.batch(&curves, rendered, &kept)
        },
    )?;
    let mut notes = vec![report::settings_of(law, &options)];
    notes.extend(left_out(&columns, &curves));
    printer.finish(&notes)?;
    if let Some(page) = page {
        let path = page.write(&notes)?;
        Error::note(&format!("report: {path}"));
    }
    Ok(failed == 0)
}

/// How many rows the conditions left out.
fn left_out(columns: &Columns, curves: &Curves) -> Option<String> {
    let by_filter = columns.filters.iter().zip(&curves.filtered);
    let by_filter: Vec<String> = by_filter.map(|(filter, rows)| format!("{rows} rows fail {filter}")).collect();
    (!by_filter.is_empty()).then(|| format!("{} of {} rows left out", by_filter.join(", "), curves.rows_read))
}
