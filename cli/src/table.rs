//! The csv that comes in: streamed row by row; only the numbers of rows that pass the filters are kept.
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::rc::Rc;

use csv::ByteRecord;

use crate::errors::Error;
use crate::filter::Filter;
use crate::group::{Curves, Keys, RowProblem};
use crate::progress::Progress;
use crate::read;

/// A row longer than this is not a row of measurements: the file is no csv, or a quote is not closed. Without a limit
/// the reader would take the rest of the file into memory.
const LONGEST_ROW: u64 = 1 << 20;

/// A cell is quoted in messages up to this many characters.
const QUOTED: usize = 40;

/// What is read from the csv.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    /// Value columns, in the order in which the caller wants them.
    pub(crate) values: Vec<String>,
    /// Which of them is a weight: a row where it is 0 is left out and counted, whatever its other cells are.
    pub(crate) weight: Option<usize>,
    /// Conditions that tell rows apart: where there are any, one more value column is 1 where all hold, else 0.
    pub(crate) split: Vec<Filter>,
    /// Group columns.
    pub(crate) by: Vec<String>,
    /// Conditions that every row must pass.
    pub(crate) filters: Vec<Filter>,
    /// Separator of the cells.
    pub(crate) delimiter: u8,
}

/// Opens a file, or the standard input for `-`, and reads its curves.
pub(crate) fn read(file: &str, columns: &Columns) -> Result<Curves, Error> {
    if file == "-" {
        return read_from("the standard input", io::stdin().lock(), columns, Progress::bytes("reading", None));
    }
    let opened = File::open(file).map_err(|source| Error::Open { file: file.into(), source })?;
    let about = opened.metadata().map_err(|source| Error::Open { file: file.into(), source })?;
    if about.is_dir() {
        return Err(Error::Directory { file: file.into() });
    }
    let length = if about.is_file() { Some(about.len()) } else { None };
    read_from(file, opened, columns, Progress::bytes("reading", length))
}

/// Counts the bytes handed out since the last row and stops at [`LONGEST_ROW`]; ends the last line if the file does not,
/// so that lines can be counted by their ends.
pub(crate) struct Limited<R> {
    source: R,
    since_row: Rc<Cell<u64>>,
    last: u8,
}

impl<R> Limited<R> {
    pub(crate) fn new(source: R) -> Limited<R> {
        Limited { source, since_row: Rc::new(Cell::new(0)), last: b'\n' }
    }

    /// A row begins.
    pub(crate) fn start_row(&self) {
        self.since_row.set(0);
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since_row.get() > LONGEST_ROW {
            return Err(io::Error::other("a row is longer than 1 MiB: is a quote not closed, or is this no csv?"));
        }
        let mut read = self.source.read(buffer)?;
        if read == 0 && self.last != b'\n' && !buffer.is_empty() {
            buffer[0] = b'\n';
            read = 1;
        }
        if let Some(last) = read.checked_sub(1) {
            self.last = buffer[last];
        }
        self.since_row.set(self.since_row.get() + read as u64);
        Ok(read)
    }
}

/// Where the wanted columns stand in the file.
pub(crate) struct Places {
    header: Vec<String>,
    values: Vec<usize>,
    split: Vec<usize>,
    by: Vec<usize>,
    filters: Vec<usize>,
}

impl Places {
    /// Looks the columns up in the first line.
    pub(crate) fn find(file: &str, header: &ByteRecord, columns: &Columns) -> Result<Places, Error> {
        let header: Option<Vec<String>> =
            header.iter().map(|name| Some(std::str::from_utf8(clean(name)).ok()?.to_owned())).collect();
        let header = header.filter(|names| !names.iter().any(|name| name.contains('\0')));
        let header = header.ok_or_else(|| Error::NotText { file: file.into() })?;
        let place = |name: &String| {
            let mut places = header.iter().enumerate().filter(|(_, column)| *column == name.trim()).map(|(i, _)| i);
            match (places.next(), places.next()) {
                (Some(place), None) => Ok(place),
                (Some(_), Some(_)) => Err(Error::DuplicateColumn { file: file.into(), name: name.clone() }),
                _ => Err(missing(file, name, &header)),
            }
        };
        for (k, name) in columns.by.iter().enumerate() {
            if columns.by[..k].iter().any(|before| before.trim() == name.trim()) {
                return Err(Error::Option(format!("--by names the column {name:?} twice: name it once")));
            }
        }
        Ok(Places {
            values: columns.values.iter().map(place).collect::<Result<_, _>>()?,
            split: columns.split.iter().map(|filter| place(&filter.column)).collect::<Result<_, _>>()?,
            by: columns.by.iter().map(place).collect::<Result<_, _>>()?,
            filters: columns.filters.iter().map(|filter| place(&filter.column)).collect::<Result<_, _>>()?,
            header,
        })
    }
}

/// The cell without blanks around it, and without quotes that a blank kept from being seen as such.
fn clean(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    match cell {
        [b'"', inner @ .., b'"'] => inner.trim_ascii(),
        _ => cell,
    }
}

fn is_blank(record: &ByteRecord) -> bool {
    record.len() == 1 && record.as_slice().trim_ascii().is_empty()
}

fn missing(file: &str, name: &str, header: &[String]) -> Error {
    let mut columns = header.join(", ");
    if columns.chars().count() > 2000 {
        columns = columns.chars().take(2000).chain("...".chars()).collect();
    }
    let hint = match header {
        [one] if one.contains(';') => ": if they are separated by semicolons, add --delimiter ';'",
        [one] if one.contains('\t') => ": if they are separated by tabs, add --delimiter tab",
        _ => "",
    };
    Error::MissingColumn { file: file.into(), name: name.into(), columns, hint }
}

/// Reads the curves of a csv.
pub(crate) fn read_from(
    file: &str,
    source: impl Read,
    columns: &Columns,
    mut progress: Progress,
) -> Result<Curves, Error> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(columns.delimiter)
        // The reader's own CRLF ends a record at the CR and counts the line later; here the CR is blank space of a cell.
        .terminator(csv::Terminator::Any(b'\n'))
        .from_reader(Limited::new(source));
    let mut record = ByteRecord::new();
    let failed = |e: csv::Error, line: u64| match e.into_kind() {
        csv::ErrorKind::Io(e) => Error::Read { file: file.into(), reason: format!("line {}: {e}", line + 1) },
        kind => Error::Read { file: file.into(), reason: format!("line {}: {kind:?}", line + 1) },
    };
    if !reader.read_byte_record(&mut record).map_err(|e| failed(e, 0))? {
        return Err(Error::Empty { file: file.into() });
    }
    let places = Places::find(file, &record, columns)?;
    let mut rows = Rows::new(columns, &places);
    let mut line = 1;
    loop {
        reader.get_ref().start_row();
        if !reader.read_byte_record(&mut record).map_err(|e| failed(e, line))? {
            break;
        }
        // Lines are counted by their ends: a record's own position lies before blank lines that precede it.
        let inside = record.as_slice().iter().filter(|&&byte| byte == b'\n').count() as u64;
        line = reader.position().line().saturating_sub(1 + inside);
        if is_blank(&record) {
            continue;
        }
        rows.take(&record, line);
        progress.at(reader.position().byte());
    }
    progress.finish();
    rows.finish(file)
}

/// What a row is; the group by its number.
pub(crate) enum Look {
    /// It does not pass the filters.
    Filtered,
    /// Its values can be taken.
    Values(u32),
    /// Its weight is 0.
    Weightless(u32),
    /// A cell of it cannot be used, with the remedy.
    Problem(u32, String),
}

/// The rows under way.
pub(crate) struct Rows<'a> {
    columns: &'a Columns,
    places: &'a Places,
    pub(crate) curves: Curves,
    key: Vec<u8>,
    /// Values of the row under way.
    row: Vec<f64>,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(columns: &'a Columns, places: &'a Places) -> Rows<'a> {
        let values = columns.values.len() + usize::from(!columns.split.is_empty());
        let curves = Curves::new(columns.by.clone(), columns.filters.len(), values);
        Rows { columns, places, curves, key: Vec::new(), row: vec![0.0; values] }
    }

    /// Takes a row. Cells that a row too short does not have pass the filters and are empty in the key of its group, so
    /// that the row is reported and not lost.
    fn take(&mut self, record: &ByteRecord, line: u64) {
        match self.look_at(record) {
            Look::Filtered => {}
            Look::Values(group) => self.keep(group, line),
            Look::Weightless(group) => self.curves.weightless[group as usize] += 1,
            Look::Problem(group, text) => {
                self.curves.problems.entry(group).or_insert(RowProblem { line, text });
            }
        }
    }

    /// What a row is, without keeping it.
    pub(crate) fn look_at(&mut self, record: &ByteRecord) -> Look {
        self.curves.rows_read += 1;
        let cell = |place: usize| record.get(place).map(clean);
        for (k, (filter, &place)) in self.columns.filters.iter().zip(&self.places.filters).enumerate() {
            if cell(place).is_some_and(|cell| !filter.passes(cell)) {
                self.curves.filtered[k] += 1;
                return Look::Filtered;
            }
        }
        self.key.clear();
        for (k, &place) in self.places.by.iter().enumerate() {
            Keys::push_cell(&mut self.key, k == 0, cell(place).unwrap_or_default());
        }
        let group = self.curves.keys.intern(&self.key);
        if self.curves.weightless.len() < self.curves.keys.len() {
            self.curves.weightless.push(0);
        }
        match self.numbers(record) {
            Ok(true) => Look::Values(group),
            Ok(false) => Look::Weightless(group),
            Err(text) => Look::Problem(group, text),
        }
    }

    /// The values of the row that was looked at last.
    pub(crate) fn values(&self) -> &[f64] {
        &self.row
    }

    /// Reads the value cells into `row`; false if the weight is 0.
    fn numbers(&mut self, record: &ByteRecord) -> Result<bool, String> {
        let header = &self.places.header;
        if record.len() != header.len() {
            return Err(format!(
                "{} cells where the header has {}: mend the line, or quote a cell that contains the separator",
                record.len(),
                header.len()
            ));
        }
        let number = |k: usize| {
            let place = self.places.values[k];
            let cell = record.get(place).map(clean).unwrap_or_default();
            let parsed = std::str::from_utf8(cell).ok().and_then(|text| text.parse::<f64>().ok());
            parsed.ok_or_else(|| format!("column {:?}: {}", header[place], not_a_number(cell)))
        };
        if let Some(k) = self.columns.weight
            && number(k)? == 0.0
        {
            return Ok(false);
        }
        for k in 0..self.columns.values.len() {
            self.row[k] = number(k)?;
        }
        if !self.columns.split.is_empty() {
            let cell = |place: &usize| record.get(*place).map(clean).unwrap_or_default();
            let holds = self.columns.split.iter().zip(&self.places.split).all(|(f, place)| f.passes(cell(place)));
            self.row[self.columns.values.len()] = f64::from(holds);
        }
        Ok(true)
    }

    fn keep(&mut self, group: u32, line: u64) {
        for (column, value) in self.curves.values.iter_mut().zip(&self.row) {
            column.push(*value);
        }
        self.curves.lines.push(line);
        self.curves.group_of.push(group);
    }

    fn finish(mut self, file: &str) -> Result<Curves, Error> {
        let curves = &self.curves;
        if curves.rows_read == 0 {
            return Err(Error::NoRows { file: file.into() });
        }
        if curves.len() == 0 {
            let filters: Vec<String> = self.columns.filters.iter().map(Filter::to_string).collect();
            let filters = filters.join(" --where ");
            return Err(Error::NothingLeft { file: file.into(), rows: curves.rows_read, filters });
        }
        let weightless = curves.weightless.iter().map(|rows| u64::from(*rows)).sum();
        self.curves.read = read::Read {
            file: file.into(),
            columns: read::Named { values: self.columns.values.clone(), by: self.columns.by.clone() },
            rows: curves.rows_read,
            used: curves.lines.len() as u64,
            left_out: read::LeftOut { filtered: curves.filtered.iter().sum(), weightless },
            assumed: Vec::new(),
        };
        self.curves.sort();
        Ok(self.curves)
    }
}

fn not_a_number(cell: &[u8]) -> String {
    if cell.is_empty() {
        return "the cell is empty: fill it or leave the row out with --where or a weight of 0".into();
    }
    let text = String::from_utf8_lossy(cell);
    let mut quoted: String = text.chars().take(QUOTED).collect();
    if text.chars().nth(QUOTED).is_some() {
        quoted.push_str("...");
    }
    format!("{quoted:?} is not a number: mend the cell or leave the row out with --where or a weight of 0")
}
