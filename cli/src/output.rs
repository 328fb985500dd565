//! The results: one record for each group, as JSON, csv or a table.
pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod record;
pub(crate) mod table;
pub(crate) mod text;

use std::io::Write;

use crate::args::Format;
use crate::errors::Error;
use crate::fitting::Outcome;
use crate::group::Curves;

/// Writes outcomes as they come.
pub(crate) enum Printer<W: Write> {
    Json(json::Json<W>),
    Csv(Box<csv::Csv<W>>),
    Table(W, Box<table::FitTable>),
}

impl<W: Write> Printer<W> {
    pub(crate) fn new(format: Format, mut out: W, curves: &Curves) -> Result<Printer<W>, Error> {
        Ok(match format {
            Format::Json => Printer::Json(json::Json::new(out)?),
            Format::Csv => Printer::Csv(Box::new(csv::Csv::new(out, curves)?)),
            Format::Table => {
                out.flush().map_err(Error::stdout)?;
                Printer::Table(out, Box::new(table::FitTable::new(curves)))
            }
        })
    }

    pub(crate) fn outcome(&mut self, curves: &Curves, outcome: &Outcome<'_>) -> Result<(), Error> {
        match self {
            Printer::Json(json) => json.outcome(curves, outcome),
            Printer::Csv(csv) => csv.outcome(curves, outcome),
            Printer::Table(_, table) => {
                table.outcome(curves, outcome);
                Ok(())
            }
        }
    }

    /// Writes what is left; `notes` go below a table.
    pub(crate) fn finish(self, notes: &[String]) -> Result<(), Error> {
        match self {
            Printer::Json(json) => json.finish(),
            Printer::Csv(csv) => csv.finish(),
            Printer::Table(mut out, table) => {
                let mut write = || {
                    writeln!(out, "{}", table.table.text())?;
                    for note in table.below().iter().chain(notes) {
                        writeln!(out, "{note}")?;
                    }
                    out.flush()
                };
                write().map_err(Error::stdout)
            }
        }
    }
}

/// A number to four significant digits.
pub(crate) fn short(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return format!("{x}");
    }
    let exponent = x.abs().log10().floor();
    if !(-4.0..6.0).contains(&exponent) {
        return format!("{x:.1e}");
    }
    format!("{x:.*}", (3.0 - exponent).max(0.0) as usize)
}

/// An estimate with its standard error, cut where the error has two significant digits: "0.439 (0.011)".
pub(crate) fn with_error(x: f64, error: f64) -> String {
    if !(error > 0.0 && error.is_finite() && x.is_finite()) {
        return short(x);
    }
    let decimals = 1.0 - error.log10().floor();
    if !(0.0..=12.0).contains(&decimals) || x.abs() >= 1e6 {
        return format!("{} ({})", short(x), short(error));
    }
    format!("{x:.0$} ({error:.0$})", decimals as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_cut_where_their_error_begins() {
        assert_eq!(with_error(0.438713, 0.010725), "0.439 (0.011)");
        assert_eq!(with_error(0.935255, 0.0010677), "0.9353 (0.0011)");
        assert_eq!(with_error(3118.558, 5203.1), "3119 (5203)");
        assert_eq!(with_error(0.5, 0.0), "0.5000");
        assert_eq!(short(3118.558), "3119");
        assert_eq!(short(0.00012345), "0.0001234");
        assert_eq!(short(1.5e-9), "1.5e-9");
        assert_eq!(short(0.0), "0");
    }
}
