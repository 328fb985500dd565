//! The file that comes in: streamed row by row; only the numbers of rows that pass the filters are kept.
use csv::ByteRecord;

use crate::errors::Error;
use crate::group::Curves;
use crate::read::bytes::Bytes;
use crate::read::columns::Places;
use crate::read::number::Numbers;
use crate::read::records::{Opened, decimal, open};
use crate::rising::rising;
use crate::rows::Rows;

pub(crate) use crate::read::columns::Columns;

/// Opens a file, or the standard input for `-`, and reads its curves. Names of columns that were not given are found, and
/// stand in `columns` then. Values that rise, at the same value of the column `same` where there is one, are noted.
pub(crate) fn read(file: &str, columns: &mut Columns, same: Option<usize>) -> Result<Curves, Error> {
    read_bytes(Bytes::open(file)?, columns, same)
}

/// Reads the curves of a text.
pub(crate) fn read_text(name: &str, text: &'static str, columns: &mut Columns) -> Result<Curves, Error> {
    read_bytes(Bytes::of(name, text)?, columns, None)
}

fn read_bytes(bytes: Bytes, columns: &mut Columns, same: Option<usize>) -> Result<Curves, Error> {
    let Opened { sample, mut records, mut read } = open(bytes, columns)?;
    let mut places = Places::find(&sample, columns)?;
    places.numbers = match columns.decimal {
        _ if sample.numbers.decimal.is_some() => sample.numbers,
        Some(sign) => Numbers { decimal: Some(sign) },
        None => decimal(&sample, &places.values)?,
    };
    if places.numbers.decimal == Some(b',') {
        read.decimal = Some(',');
        if columns.decimal.is_none() {
            read.assumed.push("the decimal sign is a comma".into());
        }
    }
    drop(sample);
    let mut rows = Rows::new(columns, &places);
    let mut record = ByteRecord::new();
    while let Some(line) = records.next(&mut record)? {
        rows.take(&record, line);
    }
    let mut curves = rows.finish(read, same)?;
    if let Some(doubt) = rising(&curves, same) {
        curves.read.doubt = Some(doubt);
    }
    Ok(curves)
}
