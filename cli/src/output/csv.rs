//! csv: a row for each group, an empty cell where there is no value.
use std::io::Write;

use crate::errors::Error;
use crate::fitting::Outcome;
use crate::group::Curves;

use super::record::FitRecord;

/// The columns after those of the group.
const COLUMNS: [&str; 20] = [
    "points",
    "excluded",
    "residual",
    "d",
    "alpha",
    "c",
    "se_d",
    "se_alpha",
    "se_c",
    "cost",
    "rms",
    "class",
    "minima",
    "condition",
    "termination",
    "iterations",
    "evaluations",
    "n_min",
    "n_max",
    "error",
];

/// Writes a header and a row for each group.
pub(crate) struct Csv<W: Write> {
    out: csv::Writer<W>,
}

fn failed(e: csv::Error) -> Error {
    Error::stdout(e.into())
}

/// A number with the shortest text that reads back as the same number.
fn number(x: f64) -> String {
    if x.is_finite() { format!("{x:?}") } else { String::new() }
}

impl<W: Write> Csv<W> {
    pub(super) fn new(out: W, curves: &Curves) -> Result<Csv<W>, Error> {
        let mut out = csv::Writer::from_writer(out);
        let by = curves.by.iter().map(String::as_str);
        out.write_record(by.chain(COLUMNS)).map_err(failed)?;
        Ok(Csv { out })
    }

    pub(super) fn outcome(&mut self, curves: &Curves, outcome: &Outcome<'_>) -> Result<(), Error> {
        let mut row: Vec<String> = curves.group(outcome.group).map(|(_, value)| value.to_owned()).collect();
        match &outcome.result {
            Ok(fit) => {
                let f = FitRecord::new(curves, outcome.group, fit, outcome.excluded);
                let maybe = |x: Option<f64>| x.map_or(String::new(), number);
                row.extend([f.points.to_string(), f.excluded.to_string(), f.residual.into()]);
                for triple in [f.law, f.std_errors] {
                    row.extend([triple.d, triple.alpha, triple.c].map(maybe));
                }
                row.extend([number(f.cost), number(f.rms), f.class.into(), f.minima.len().to_string()]);
                row.extend([maybe(f.condition), f.termination.into()]);
                row.extend([f.iterations.to_string(), f.evaluations.to_string(), number(f.n_min), number(f.n_max)]);
                row.push(String::new());
            }
            Err(error) => {
                row.push(outcome.points.len().to_string());
                row.push(outcome.excluded.to_string());
                row.extend(std::iter::repeat_n(String::new(), COLUMNS.len() - 3));
                row.push(error.clone());
            }
        }
        self.out.write_record(&row).map_err(failed)
    }

    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.out.flush().map_err(Error::stdout)
    }
}
