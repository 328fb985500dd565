//! JSON, written fit by fit: a million fits never stand in memory together.
use std::io::Write;

use crate::errors::Error;
use crate::fitting::Outcome;
use crate::group::Curves;

use super::record::{ErrorRecord, FitRecord, Group};

/// Writes `{"version", "fits": [..], "errors": [..]}`, a fit on each line.
pub(crate) struct Json<W: Write> {
    out: W,
    fits: usize,
    /// The errors come after the fits: they wait here as JSON.
    errors: Vec<String>,
}

impl<W: Write> Json<W> {
    pub(super) fn new(mut out: W) -> Result<Json<W>, Error> {
        write!(out, "{{\"version\":\"{}\",\"fits\":[", env!("CARGO_PKG_VERSION")).map_err(Error::stdout)?;
        Ok(Json { out, fits: 0, errors: Vec::new() })
    }

    pub(super) fn outcome(&mut self, curves: &Curves, outcome: &Outcome<'_>) -> Result<(), Error> {
        match &outcome.result {
            Ok(fit) => {
                let record = FitRecord::new(curves, outcome.group, fit, outcome.excluded);
                let lead = if self.fits == 0 { "\n" } else { ",\n" };
                self.fits += 1;
                self.out.write_all(lead.as_bytes()).map_err(Error::stdout)?;
                serde_json::to_writer(&mut self.out, &record).map_err(|e| Error::stdout(e.into()))
            }
            Err(error) => {
                let record = ErrorRecord { group: Group(curves, outcome.group), error };
                self.errors.push(serde_json::to_string(&record).map_err(|e| Error::stdout(e.into()))?);
                Ok(())
            }
        }
    }

    pub(super) fn finish(mut self) -> Result<(), Error> {
        let mut write = || {
            write!(self.out, "\n],\"errors\":[")?;
            for (i, error) in self.errors.iter().enumerate() {
                write!(self.out, "{}{error}", if i == 0 { "\n" } else { ",\n" })?;
            }
            writeln!(self.out, "\n]}}")?;
            self.out.flush()
        };
        write().map_err(Error::stdout)
    }
}
