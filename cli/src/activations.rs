//! Activations that come in: rows of numbers from a csv or an .npy file, streamed.
use std::fs::File;
use std::io::{self, BufReader, Read};

use crate::errors::Error;
use crate::progress::Progress;

/// More columns than this make a covariance of 2 GiB: the file is no matrix of activations.
const MOST_COLUMNS: usize = 1 << 14;

/// An .npy header longer than this is none: that of a matrix of numbers has some 100 bytes.
const LONGEST_HEADER: usize = 1 << 16;

/// What every .npy file begins with.
const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// Reads the rows of a file, or of the standard input for `-`, and hands each to `each`. The first line of a csv names the
/// columns if `header`.
pub(crate) fn read(
    file: &str,
    header: bool,
    delimiter: u8,
    each: impl FnMut(&[f64]) -> Result<(), Error>,
) -> Result<(), Error> {
    let open = |source| Error::Open { file: file.into(), source };
    if file == "-" {
        return rows("the standard input", io::stdin().lock(), (header, delimiter), Progress::bytes("reading", None), each);
    }
    let opened = File::open(file).map_err(open)?;
    let about = opened.metadata().map_err(open)?;
    if about.is_dir() {
        return Err(Error::Directory { file: file.into() });
    }
    let length = if about.is_file() { Some(about.len()) } else { None };
    rows(file, opened, (header, delimiter), Progress::bytes("reading", length), each)
}

fn rows(
    file: &str,
    source: impl Read,
    csv: (bool, u8),
    progress: Progress,
    each: impl FnMut(&[f64]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut source = BufReader::with_capacity(1 << 16, source);
    let mut start = Vec::new();
    let failed = |e: io::Error| Error::Read { file: file.into(), reason: e.to_string() };
    source.by_ref().take(MAGIC.len() as u64).read_to_end(&mut start).map_err(failed)?;
    if start.is_empty() {
        return Err(Error::Activations { file: file.into(), reason: "it is empty: give a row for each sample".into() });
    }
    if start == MAGIC {
        return npy(file, source, progress, each);
    }
    csv_rows(file, io::Cursor::new(start).chain(source), csv, progress, each)
}

/// Checks a row before it is handed on.
struct Rows<'a, F> {
    file: &'a str,
    columns: usize,
    each: F,
}

impl<F: FnMut(&[f64]) -> Result<(), Error>> Rows<'_, F> {
    fn refuse(&self, reason: String) -> Error {
        Error::Activations { file: self.file.into(), reason }
    }

    /// `place` names the row.
    fn row(&mut self, row: &[f64], place: impl Fn() -> String) -> Result<(), Error> {
        if row.len() != self.columns {
            let (got, wanted) = (row.len(), self.columns);
            return Err(self.refuse(format!("{} has {got} cells, the first {wanted}: mend or delete it", place())));
        }
        if let Some(column) = row.iter().position(|value| !value.is_finite()) {
            let value = row[column];
            let remedy = "leave the sample out, or find out why the network overflows";
            return Err(self.refuse(format!("{}, column {column}: {value} is not finite: {remedy}", place())));
        }
        (self.each)(row)
    }

    fn check_columns(&self) -> Result<(), Error> {
        match self.columns {
            0 => Err(self.refuse("it has no columns: give a column for each unit of the last layer".into())),
            d if d > MOST_COLUMNS => Err(self.refuse(format!(
                "it has {d} columns, more than the {MOST_COLUMNS} that a covariance is made of: choose fewer units, or transpose"
            ))),
            _ => Ok(()),
        }
    }
}

fn npy(
    file: &str,
    mut source: impl Read,
    mut progress: Progress,
    each: impl FnMut(&[f64]) -> Result<(), Error>,
) -> Result<(), Error> {
    let refuse = |reason: String| Error::Activations { file: file.into(), reason };
    let mut version = [0; 2];
    let short = |_| refuse("the file ends early: copy it again".into());
    source.read_exact(&mut version).map_err(short)?;
    let length = if version[0] == 1 {
        let mut bytes = [0; 2];
        source.read_exact(&mut bytes).map_err(short)?;
        usize::from(u16::from_le_bytes(bytes))
    } else {
        let mut bytes = [0; 4];
        source.read_exact(&mut bytes).map_err(short)?;
        u32::from_le_bytes(bytes) as usize
    };
    if length > LONGEST_HEADER {
        return Err(refuse(format!("its header claims {length} bytes: it is no .npy file of numbers")));
    }
    let mut bytes = vec![0; length];
    source.read_exact(&mut bytes).map_err(short)?;
    let header = Header::parse(&String::from_utf8_lossy(&bytes)).map_err(refuse)?;
    let mut rows = Rows { file, columns: header.columns, each };
    rows.check_columns()?;
    let mut bytes = vec![0; header.columns * header.kind.size()];
    let mut row = vec![0.0; header.columns];
    for k in 0..header.rows {
        source.read_exact(&mut bytes).map_err(|_| {
            refuse(format!("the file ends at row {k} of the {} its header promises: copy it again", header.rows))
        })?;
        for (value, cell) in row.iter_mut().zip(bytes.chunks_exact(header.kind.size())) {
            *value = header.kind.number(cell);
        }
        rows.row(&row, || format!("row {k}"))?;
        progress.at((k + 1) * bytes.len() as u64);
    }
    progress.finish();
    Ok(())
}

/// How a number is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    F4 { big: bool },
    F8 { big: bool },
}

impl Kind {
    fn size(self) -> usize {
        match self {
            Kind::F4 { .. } => 4,
            Kind::F8 { .. } => 8,
        }
    }

    /// The number in a cell of [`Self::size`] bytes.
    fn number(self, cell: &[u8]) -> f64 {
        let four = || <[u8; 4]>::try_from(cell).unwrap_or_default();
        let eight = || <[u8; 8]>::try_from(cell).unwrap_or_default();
        match self {
            Kind::F4 { big: false } => f32::from_le_bytes(four()).into(),
            Kind::F4 { big: true } => f32::from_be_bytes(four()).into(),
            Kind::F8 { big: false } => f64::from_le_bytes(eight()),
            Kind::F8 { big: true } => f64::from_be_bytes(eight()),
        }
    }
}

/// What the header of an .npy file says.
#[derive(Debug, PartialEq)]
struct Header {
    kind: Kind,
    rows: u64,
    columns: usize,
}

impl Header {
    /// Parses the Python dictionary of the format, such as
    /// `{'descr': '<f4', 'fortran_order': False, 'shape': (10000, 2048), }` (NEP 1).
    fn parse(text: &str) -> Result<Header, String> {
        let after = |key: &str| text.split_once(&format!("'{key}':")).map(|(_, rest)| rest.trim_start());
        let broken = || "its header is none of the .npy format: save it again with numpy.save".to_owned();
        let descr = after("descr").and_then(|rest| rest.strip_prefix('\'')?.split_once('\'')).ok_or_else(broken)?.0;
        let kind = match descr {
            "<f4" => Kind::F4 { big: false },
            ">f4" => Kind::F4 { big: true },
            "<f8" => Kind::F8 { big: false },
            ">f8" => Kind::F8 { big: true },
            _ => return Err(format!("its numbers are of type {descr:?}: save it as float32 or float64")),
        };
        if after("fortran_order").ok_or_else(broken)?.starts_with("True") {
            return Err("it is stored by columns: save numpy.ascontiguousarray of it".into());
        }
        let shape = after("shape").and_then(|rest| rest.strip_prefix('(')?.split_once(')')).ok_or_else(broken)?.0;
        let shape: Vec<&str> = shape.split(',').map(str::trim).filter(|size| !size.is_empty()).collect();
        match shape.as_slice() {
            [rows, columns] => {
                let (rows, columns) = (rows.parse().map_err(|_| broken())?, columns.parse().map_err(|_| broken())?);
                Ok(Header { kind, rows, columns })
            }
            other => Err(format!(
                "it has {} dimensions: give a matrix with a row for each sample and a column for each unit",
                other.len()
            )),
        }
    }
}

fn csv_rows(
    file: &str,
    source: impl Read,
    (header, delimiter): (bool, u8),
    mut progress: Progress,
    each: impl FnMut(&[f64]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(header)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(crate::table::Limited::new(source));
    let failed = |e: csv::Error| Error::Read { file: file.into(), reason: e.to_string() };
    let mut rows = Rows { file, columns: 0, each };
    let mut record = csv::ByteRecord::new();
    let mut row = Vec::new();
    loop {
        reader.get_ref().start_row();
        if !reader.read_byte_record(&mut record).map_err(failed)? {
            break;
        }
        let line = record.position().map_or(0, csv::Position::line);
        row.clear();
        for (k, cell) in record.iter().enumerate() {
            let number = std::str::from_utf8(cell).ok().and_then(|text| text.trim().parse::<f64>().ok());
            let text = String::from_utf8_lossy(cell);
            let hint = if header { "" } else { ", or leave --no-header out if the first line names the columns" };
            row.push(number.ok_or_else(|| {
                let text: String = text.chars().take(40).collect();
                rows.refuse(format!("line {line}, column {k}: {text:?} is not a number: mend the cell{hint}"))
            })?);
        }
        if rows.columns == 0 {
            rows.columns = row.len();
            rows.check_columns()?;
        }
        rows.row(&row, || format!("line {line}"))?;
        progress.at(reader.position().byte());
    }
    progress.finish();
    if rows.columns == 0 {
        return Err(rows.refuse("it has no rows: give one for each sample".into()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_numpy_are_read() {
        let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (10000, 2048), }   \n";
        assert_eq!(Header::parse(text), Ok(Header { kind: Kind::F4 { big: false }, rows: 10000, columns: 2048 }));
        let text = "{'descr': '>f8', 'fortran_order': False, 'shape': (3, 2)}";
        assert_eq!(Header::parse(text), Ok(Header { kind: Kind::F8 { big: true }, rows: 3, columns: 2 }));
    }

    #[test]
    fn other_headers_name_the_remedy() {
        for (text, remedy) in [
            ("{'descr': '<i8', 'fortran_order': False, 'shape': (3, 2), }", "float32 or float64"),
            ("{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2), }", "ascontiguousarray"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", "1 dimensions"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (-3, 2), }", "numpy.save"),
            ("nonsense", "numpy.save"),
        ] {
            let reason = Header::parse(text).expect_err(text);
            assert!(reason.contains(remedy), "{text}: {reason}");
        }
    }
}
