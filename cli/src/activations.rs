//! Activations that come in: rows of numbers from a csv or an .npy file, streamed.
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use csv::ByteRecord;

use crate::errors::Error;
use crate::progress::Progress;
use crate::read::limited::Limited;

/// More columns than this make a covariance of 2 GiB: the file is no matrix of activations.
const MOST_COLUMNS: usize = 1 << 14;

/// An .npy header longer than this is none: that of a matrix of numbers has some 100 bytes.
const LONGEST_HEADER: usize = 1 << 16;

/// What every .npy file begins with.
const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// Rows under way.
pub(crate) struct Activations {
    file: String,
    /// Numbers in a row; 0 before the first row of a csv.
    columns: usize,
    rows: u64,
    source: Source,
    progress: Progress,
}

/// Where they come from.
enum Source {
    Npy { source: Box<dyn Read>, header: Header, bytes: Vec<u8> },
    Csv { reader: csv::Reader<Limited<Box<dyn Read>>>, record: ByteRecord, header: bool },
}

impl Activations {
    /// Opens a file, or the standard input for `-`. The first line of a csv names the columns if `header`.
    pub(crate) fn open(file: &str, header: bool, delimiter: u8) -> Result<Activations, Error> {
        if file == "-" {
            let progress = Progress::bytes("reading", None);
            return Activations::new("the standard input", Box::new(io::stdin().lock()), header, delimiter, progress);
        }
        let failed = |source| Error::Open { file: file.into(), source };
        let opened = File::open(file).map_err(failed)?;
        let about = opened.metadata().map_err(failed)?;
        if about.is_dir() {
            return Err(Error::Directory { file: file.into() });
        }
        let length = if about.is_file() { Some(about.len()) } else { None };
        Activations::new(file, Box::new(opened), header, delimiter, Progress::bytes("reading", length))
    }

    fn new(
        file: &str,
        source: Box<dyn Read>,
        header: bool,
        delimiter: u8,
        progress: Progress,
    ) -> Result<Activations, Error> {
        let mut source = BufReader::with_capacity(1 << 16, source);
        let mut start = Vec::new();
        let failed = |e: io::Error| Error::Read { file: file.into(), reason: e.to_string() };
        source.by_ref().take(MAGIC.len() as u64).read_to_end(&mut start).map_err(failed)?;
        if start == MAGIC {
            let refuse = |reason| Error::Activations { file: file.into(), reason };
            let header = Header::read(&mut source).map_err(refuse)?;
            let (columns, bytes) = (header.columns, Vec::new());
            let source = Source::Npy { source: Box::new(source), header, bytes };
            let activations = Activations { file: file.into(), columns, rows: 0, source, progress };
            return activations.check_columns().map(|()| activations);
        }
        // Bytes that no text has, or a name that promises another format: their first line would say nothing to anybody.
        let known = source.fill_buf().map_err(failed)?;
        let broken = start.iter().chain(known).any(|byte| *byte < b'\t') || file.ends_with(".npy");
        if broken {
            let reason =
                "it is neither a csv nor an .npy file, which begins with \\x93NUMPY: save it again with numpy.save";
            return Err(Error::Activations { file: file.into(), reason: reason.into() });
        }
        let source: Box<dyn Read> = Box::new(io::Cursor::new(start).chain(source));
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(header)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(Limited::new(source));
        // A first line of numbers is a sample: taken for names it would be missing.
        let is_number = |cell: &[u8]| std::str::from_utf8(cell).is_ok_and(|cell| cell.trim().parse::<f64>().is_ok());
        let is_sample = header && reader.byte_headers().is_ok_and(|row| !row.is_empty() && row.iter().all(is_number));
        if is_sample {
            let reason = "its first line is made of numbers, not of names: give --no-header to read it as a sample";
            return Err(Error::Activations { file: file.into(), reason: reason.into() });
        }
        let source = Source::Csv { reader, record: ByteRecord::new(), header };
        Ok(Activations { file: file.into(), columns: 0, rows: 0, source, progress })
    }

    fn refuse(&self, reason: String) -> Error {
        Error::Activations { file: self.file.clone(), reason }
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

    /// Appends the next row; false after the last.
    pub(crate) fn next(&mut self, row: &mut Vec<f64>) -> Result<bool, Error> {
        let before = row.len();
        let read = match &mut self.source {
            Source::Npy { source, header, bytes } => npy_row(source, header, bytes, self.rows, row),
            Source::Csv { reader, record, header } => csv_row(reader, record, *header, row),
        };
        let Some((place, position)) = read.map_err(|reason| self.refuse(reason))? else {
            self.progress.finish();
            if self.rows == 0 {
                return Err(self.refuse("it has no rows: give one for each sample".into()));
            }
            return Ok(false);
        };
        let new = &row[before..];
        if self.rows == 0 && self.columns == 0 {
            self.columns = new.len();
            self.check_columns()?;
        }
        if new.len() != self.columns {
            let (got, wanted) = (new.len(), self.columns);
            return Err(self.refuse(format!("{place} has {got} cells, the first {wanted}: mend or delete it")));
        }
        if let Some(column) = new.iter().position(|value| !value.is_finite()) {
            let value = new[column];
            let remedy = "leave the sample out, or find out why the network overflows";
            return Err(self.refuse(format!("{place}, column {}: {value} is not finite: {remedy}", column + 1)));
        }
        self.rows += 1;
        self.progress.at(position);
        Ok(true)
    }
}

/// Name of a row and where in the file it ends; `None` after the last.
type Place = Option<(String, u64)>;

fn npy_row(
    source: &mut impl Read,
    header: &Header,
    bytes: &mut Vec<u8>,
    done: u64,
    row: &mut Vec<f64>,
) -> Result<Place, String> {
    if done == header.rows {
        return Ok(None);
    }
    bytes.resize(header.columns * header.kind.size(), 0);
    let row_number = done + 1;
    source.read_exact(bytes).map_err(|_| {
        format!("it ends in row {row_number} of the {} its header promises: copy it again", header.rows)
    })?;
    row.extend(bytes.chunks_exact(header.kind.size()).map(|cell| header.kind.number(cell)));
    Ok(Some((format!("row {row_number}"), row_number * bytes.len() as u64)))
}

fn csv_row(
    reader: &mut csv::Reader<Limited<Box<dyn Read>>>,
    record: &mut ByteRecord,
    header: bool,
    row: &mut Vec<f64>,
) -> Result<Place, String> {
    reader.get_ref().start_row();
    if !reader.read_byte_record(record).map_err(|e| e.to_string())? {
        return Ok(None);
    }
    let line = record.position().map_or(0, csv::Position::line);
    for (k, cell) in record.iter().enumerate() {
        let number = std::str::from_utf8(cell).ok().and_then(|text| text.trim().parse::<f64>().ok());
        row.push(number.ok_or_else(|| {
            let text: String = String::from_utf8_lossy(cell).chars().take(40).collect();
            let hint = if header { "" } else { ", or leave --no-header out if the first line names the columns" };
            format!("line {line}, column {}: {text:?} is not a number: mend the cell{hint}", k + 1)
        })?);
    }
    Ok(Some((format!("line {line}"), reader.position().byte())))
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
    /// Reads what follows the magic bytes: version, length, dictionary.
    fn read(source: &mut impl Read) -> Result<Header, String> {
        let short = |_: io::Error| "it ends within its header: copy it again".to_owned();
        let mut version = [0; 2];
        source.read_exact(&mut version).map_err(short)?;
        let mut bytes = [0; 4];
        let wide = if version[0] == 1 { 2 } else { 4 };
        source.read_exact(&mut bytes[..wide]).map_err(short)?;
        let length = u32::from_le_bytes(bytes) as usize;
        if length > LONGEST_HEADER {
            return Err(format!("its header claims {length} bytes: it is no .npy file of numbers"));
        }
        let mut text = vec![0; length];
        source.read_exact(&mut text).map_err(short)?;
        Header::parse(&String::from_utf8_lossy(&text))
    }

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
