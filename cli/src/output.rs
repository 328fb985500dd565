//! The results: one record for each group, as JSON, csv or a table.
pub(crate) mod csv;
mod detail;
mod intervals;
pub(crate) mod json;
mod number;
pub(crate) mod record;
mod results;
pub(crate) mod table;
pub(crate) mod text;

use std::io::Write;

use crate::args::Format;
use crate::details::Wanted;
use crate::errors::Error;
use crate::fitting::Batch;
use crate::group::Curves;
use crate::laws::LawName;

pub(crate) use number::{counted, interval, place, plain, short, with_error};
pub(crate) use results::{Head, announce, done, failed};

/// A batch in the format that is asked for, made where it was fitted.
#[derive(Default)]
pub(crate) struct Rendered {
    text: Vec<u8>,
    /// The errors of a JSON come after its fits.
    errors: Vec<String>,
}

/// Renders a batch; a table is made by [`Printer`], which needs all its rows to set the width of the columns.
pub(crate) fn render(format: Format, law: LawName, curves: &Curves, batch: &Batch, wanted: &Wanted) -> Rendered {
    match format {
        Format::Json => {
            let (text, errors) = json::batch(law, curves, batch, wanted);
            Rendered { text, errors }
        }
        Format::Csv => Rendered { text: csv::rows(law, curves, batch, wanted), errors: Vec::new() },
        Format::Table => Rendered::default(),
    }
}

/// Writes batches as they come.
pub(crate) struct Printer<W: Write> {
    out: W,
    format: Format,
    table: table::FitTable,
    /// Nothing stands before the next fit of a JSON.
    first: bool,
    errors: Vec<String>,
}

impl<W: Write> Printer<W> {
    pub(crate) fn new(
        format: Format,
        law: LawName,
        mut out: W,
        curves: &Curves,
        head: &Head<'_>,
        wanted: &Wanted,
    ) -> Result<Printer<W>, Error> {
        let written = match format {
            Format::Json => out.write_all(json::start(head).as_bytes()),
            Format::Csv => out.write_all(&csv::header(law, curves, wanted)),
            // A reader that went away is found out before the work.
            Format::Table => out.flush(),
        };
        written.map_err(Error::stdout)?;
        Ok(Printer { out, format, table: table::FitTable::new(curves, law, wanted), first: true, errors: Vec::new() })
    }

    /// Takes the next batch: its text, and for a table its fits.
    pub(crate) fn batch(&mut self, curves: &Curves, rendered: Rendered, fits: &table::Kept) -> Result<(), Error> {
        if self.format == Format::Table {
            self.table.batch(curves, fits);
            return Ok(());
        }
        let mut text = rendered.text.as_slice();
        if self.format == Format::Json && self.first && !text.is_empty() {
            // The comma before the first fit.
            text = &text[1..];
            self.first = false;
        }
        self.errors.extend(rendered.errors);
        self.out.write_all(text).map_err(Error::stdout)
    }

    /// Writes what is left; `notes` go below a table, or behind the errors of a JSON.
    pub(crate) fn finish(mut self, notes: &[String]) -> Result<(), Error> {
        let mut write = || {
            match self.format {
                Format::Json => self.out.write_all(json::end(&self.errors, notes).as_bytes())?,
                Format::Csv => {}
                Format::Table => {
                    writeln!(self.out, "{}", self.table.table.text())?;
                    for note in self.table.below().iter().chain(notes) {
                        writeln!(self.out, "{note}")?;
                    }
                }
            }
            self.out.flush()
        };
        write().map_err(Error::stdout)
    }
}
