//! The rows of a file, whatever it is written in.
use std::io::{self, Read as _};

use csv::ByteRecord;

use crate::errors::Error;
use crate::progress::Progress;

use super::Read;
use super::bytes::Bytes;
use super::clean::{BETWEEN, Clean};
use super::columns::{Columns, Sample, clean};
use super::dialect::{Delimiter, Dialect, Header, tell};
use super::json::{is_json, parse};
use super::limited::Limited;
use super::number::{Cell, Numbers, Sign, sign};

/// A source of bytes.
type Source = Box<dyn io::Read>;

/// Rows of text.
struct Text {
    file: String,
    reader: csv::Reader<Limited<Source>>,
    line: u64,
    progress: Progress,
}

impl Text {
    fn new(file: &str, source: Source, dialect: Dialect, progress: Progress) -> Text {
        let source: Source = if dialect.plain { source } else { Box::new(Clean::new(source, dialect)) };
        let delimiter = match dialect.delimiter {
            Delimiter::Byte(byte) => byte,
            Delimiter::Blanks => BETWEEN,
        };
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            // The reader's own CRLF ends a record at the CR and counts the line later; here the CR is blank space of a cell.
            .terminator(csv::Terminator::Any(b'\n'))
            .buffer_capacity(1 << 16)
            .from_reader(Limited::new(source));
        Text { file: file.into(), reader, line: 0, progress }
    }

    /// Reads the next row that is not blank; its line, from 1.
    fn next(&mut self, record: &mut ByteRecord) -> Result<Option<u64>, Error> {
        loop {
            self.reader.get_ref().start_row();
            let read = self.reader.read_byte_record(record).map_err(|e| {
                let reason = match e.into_kind() {
                    csv::ErrorKind::Io(e) => e.to_string(),
                    kind => format!("{kind:?}"),
                };
                Error::Read { file: self.file.clone(), reason: format!("line {}: {reason}", self.line + 1) }
            })?;
            if !read {
                self.progress.finish();
                return Ok(None);
            }
            // Lines are counted by their ends: a record's own position lies before blank lines that precede it.
            let inside = record.as_slice().iter().filter(|&&byte| byte == b'\n').count() as u64;
            self.line = self.reader.position().line().saturating_sub(1 + inside);
            if record.len() == 1 && record.as_slice().trim_ascii().is_empty() {
                continue;
            }
            self.progress.at(self.reader.position().byte());
            return Ok(Some(self.line));
        }
    }
}

/// The rows of a file.
pub(crate) struct Records(Kind);

enum Kind {
    Text(Box<Text>),
    Records(std::vec::IntoIter<(ByteRecord, u64)>),
}

impl Records {
    /// Reads the next row; its line, from 1.
    pub(crate) fn next(&mut self, record: &mut ByteRecord) -> Result<Option<u64>, Error> {
        match &mut self.0 {
            Kind::Text(text) => text.next(record),
            Kind::Records(rows) => Ok(rows.next().map(|(row, line)| {
                *record = row;
                line
            })),
        }
    }
}

/// A file that was looked at.
pub(crate) struct Opened {
    pub(crate) sample: Sample,
    pub(crate) records: Records,
    /// What is known of it.
    pub(crate) read: Read,
}

/// Looks at the first rows of a file.
pub(crate) fn open(bytes: Bytes, columns: &Columns) -> Result<Opened, Error> {
    let mut read = Read {
        file: bytes.file.clone(),
        format: "csv",
        encoding: bytes.encoding,
        compression: bytes.compression,
        decimal: Some('.'),
        ..Read::default()
    };
    if bytes.encoding != "UTF-8" {
        read.assumed.push(format!("the text is {}", bytes.encoding));
    }
    if bytes.head.trim_ascii().is_empty() {
        return Err(Error::Empty { file: bytes.file });
    }
    if is_json(&bytes.head) { records(bytes, read) } else { text(bytes, read, columns) }
}

fn records(bytes: Bytes, mut read: Read) -> Result<Opened, Error> {
    let file = bytes.file.clone();
    let mut all = Vec::new();
    let failed = |reason: String| Error::Read { file: file.clone(), reason };
    bytes.all().read_to_end(&mut all).map_err(|e| failed(e.to_string()))?;
    let table = parse(&all).map_err(failed)?;
    read.format = table.format;
    let rows = table.rows.iter().take(1000).map(|(row, _)| row.clone()).collect();
    let sample = Sample { file, header: table.header, rows, is_named: true, numbers: Numbers { decimal: Some(b'.') } };
    Ok(Opened { sample, records: Records(Kind::Records(table.rows.into_iter())), read })
}

fn text(bytes: Bytes, mut read: Read, columns: &Columns) -> Result<Opened, Error> {
    let file = bytes.file.clone();
    let named = columns.values.iter().chain(&columns.by).map(String::as_str);
    let named = named.chain(columns.filters.iter().chain(&columns.split).map(|filter| filter.column.as_str()));
    // A wide table has no column of the value's name.
    let is_value = |name: &str| columns.wide.is_some() && columns.values.get(1).is_some_and(|value| value == name);
    let wanted: Vec<&str> = named.filter(|name| !name.is_empty() && !is_value(name)).collect();
    let dialect = tell(&bytes.head, bytes.is_whole, columns.delimiter, &wanted);
    let mut rows = sample_rows(&bytes, dialect)?;
    let is_named = !matches!(dialect.header, Header::None(_));
    let mut header = match is_named {
        true if rows.is_empty() => return Err(Error::Empty { file }),
        true => names(&file, &rows.remove(0))?,
        false => (1..=rows.first().map_or(0, ByteRecord::len)).map(|k| k.to_string()).collect(),
    };
    even(&mut header, &rows, dialect.delimiter);
    let delimiter = dialect.delimiter.name();
    if columns.delimiter.is_none() && delimiter != "," && header.len() > 1 {
        read.assumed.push(match dialect.delimiter {
            Delimiter::Byte(b'\t') => "tabs separate the cells".into(),
            Delimiter::Blanks => "blanks separate the cells".into(),
            _ => format!("{delimiter} separates the cells"),
        });
    }
    match dialect.header {
        Header::None(_) => read.assumed.push("the file has no header: columns by number".into()),
        Header::Comment(line) => read.assumed.push(format!("the header is the comment on line {}", line + 1)),
        Header::Line(line) if line > usize::from(dialect.sep) && !dialect.plain => {
            read.assumed.push(format!("the header is on line {}", line + 1));
        }
        Header::Line(_) => {}
    }
    read.delimiter = Some(delimiter);
    let progress = Progress::bytes("reading", bytes.length);
    let mut all = Text::new(&file, Box::new(bytes.all()), dialect, progress);
    if is_named {
        all.next(&mut ByteRecord::new())?;
    }
    let sample = Sample { file, header, rows, is_named, numbers: Numbers { decimal: None } };
    Ok(Opened { sample, records: Records(Kind::Text(Box::new(all))), read })
}

/// The rows in the first bytes, without one that may be cut; the header is the first.
fn sample_rows(bytes: &Bytes, dialect: Dialect) -> Result<Vec<ByteRecord>, Error> {
    let end = if dialect.cr { b'\r' } else { b'\n' };
    let cut = bytes.head.iter().rposition(|byte| *byte == end).filter(|_| !bytes.is_whole);
    let head = bytes.head[..cut.map_or(bytes.head.len(), |last| last + 1)].to_vec();
    let mut text = Text::new(&bytes.file, Box::new(io::Cursor::new(head)), dialect, Progress::bytes("reading", None));
    let (mut rows, mut record) = (Vec::new(), ByteRecord::new());
    while text.next(&mut record)?.is_some() {
        rows.push(record.clone());
    }
    // A quote may be open where the head ends.
    if !bytes.is_whole && rows.len() > 2 {
        rows.pop();
    }
    Ok(rows)
}

/// The names of the columns.
pub(crate) fn names(file: &str, header: &ByteRecord) -> Result<Vec<String>, Error> {
    let names: Option<Vec<String>> =
        header.iter().map(|name| Some(std::str::from_utf8(clean(name)).ok()?.to_owned())).collect();
    let names = names.filter(|names| !names.iter().any(|name| name.contains('\0')));
    names.ok_or_else(|| Error::NotText { file: file.into() })
}

/// Makes the header as long as the rows, where it lacks the name of the column of row names or of the empty cells behind
/// the last separator.
fn even(header: &mut Vec<String>, rows: &[ByteRecord], delimiter: Delimiter) {
    let all = |count: usize| !rows.is_empty() && rows.iter().all(|row| row.len() == count);
    if all(header.len() + 1) {
        let is_empty = |row: &ByteRecord| row.iter().next_back().is_some_and(|cell| cell.trim_ascii().is_empty());
        match rows.iter().all(is_empty) {
            true => header.push(String::new()),
            false if are_row_names(rows, delimiter) => header.insert(0, String::new()),
            // A number that its own sign has cut in two.
            false => {}
        }
    } else if header.len() > 1 && header.last().is_some_and(String::is_empty) && all(header.len() - 1) {
        header.pop();
    }
}

/// Whether the first cells are names or numbers of rows, and not a part of numbers with a sign inside.
fn are_row_names(rows: &[ByteRecord], delimiter: Delimiter) -> bool {
    let number = |row: &ByteRecord| {
        let cell = row.get(0).map(clean).unwrap_or_default();
        [b'.', b','].into_iter().find_map(|sign| match (Numbers { decimal: Some(sign) }).cell(cell, true) {
            Cell::Number(number) => Some(number),
            _ => None,
        })
    };
    let numbers: Vec<Option<f64>> = rows.iter().map(number).collect();
    if numbers.iter().all(Option::is_none) {
        return true;
    }
    let steps =
        |holds: fn(f64) -> bool| numbers.windows(2).all(|pair| matches!(pair, [Some(a), Some(b)] if holds(b - a)));
    let is_cut = rows.iter().all(|row| row.get(1).is_some_and(|cell| clean(cell).len() == 3));
    let is_counted = steps(|step| step == 1.0) || (delimiter == Delimiter::Blanks && steps(|step| step > 0.0));
    delimiter != Delimiter::Byte(b',') && is_counted && !is_cut
}

/// The decimal sign that the cells of these columns tell; what is wrong otherwise. The first column holds sizes.
pub(crate) fn decimal(sample: &Sample, places: &[usize]) -> Result<Numbers, Error> {
    // Of all columns, and of the sizes alone.
    let mut seen: [Option<&[u8]>; 4] = [None; 4];
    let mut sizes = seen;
    let mut are_round = true;
    for (k, place) in places.iter().enumerate() {
        for row in &sample.rows {
            let cell = row.get(*place).map(clean).unwrap_or_default();
            let at = match sign(cell) {
                Sign::Silent => continue,
                Sign::Point => 0,
                Sign::Comma => 1,
                Sign::EitherPoint => 2,
                Sign::EitherComma => 3,
            };
            seen[at] = seen[at].or(Some(cell));
            if k == 0 {
                are_round &= cell.ends_with(b"00");
                sizes[at] = sizes[at].or(Some(cell));
            }
        }
    }
    let text = |cell: &[u8]| String::from_utf8_lossy(cell).into_owned();
    let unclear = |why: String| {
        let settle = "say with --decimal . or --decimal , which is the decimal sign";
        Err(Error::Unclear(format!("{}: {why}: {settle}", sample.file)))
    };
    let either = |sign: &str, cell: &[u8]| {
        unclear(format!("the {sign} in {:?} is a decimal sign or one of thousands", text(cell)))
    };
    match (seen, sizes) {
        ([Some(point), Some(comma), ..], _) => {
            unclear(format!("{:?} has a decimal point and {:?} a decimal comma", text(point), text(comma)))
        }
        // Sizes with three digits behind each of the signs are mostly whole; not where the point is that of other columns, and
        // what stands behind it is no round number.
        ([point, None, ..], [None, _, Some(size), _]) if point.is_none() || are_round => either("point", size),
        ([None, Some(_), ..], [_, None, _, Some(size)]) => either("comma", size),
        ([Some(_), ..], _) => Ok(Numbers { decimal: Some(b'.') }),
        ([_, Some(_), ..], _) => Ok(Numbers { decimal: Some(b',') }),
        ([_, _, _, Some(comma)], _) => either("comma", comma),
        ([_, _, Some(_), _], _) => Ok(Numbers { decimal: Some(b'.') }),
        _ => Ok(Numbers { decimal: None }),
    }
}
