//! The bytes of a file as UTF-8: unpacked, in whatever encoding they are; other formats are named from their first bytes.
use std::fs::File;
use std::io::{self, Cursor, Read};

use flate2::read::MultiGzDecoder;

use crate::errors::Error;

/// So much is looked at before a file is read.
const HEAD: u64 = 64 << 10;

/// A text that is read.
pub(crate) struct Bytes {
    /// Name of the file, for messages.
    pub(crate) file: String,
    /// Its first bytes.
    pub(crate) head: Vec<u8>,
    /// Whether they are all.
    pub(crate) is_whole: bool,
    /// What comes after them.
    pub(crate) rest: Box<dyn Read>,
    /// Bytes of the file, where they are those that are read.
    pub(crate) length: Option<u64>,
    pub(crate) encoding: &'static str,
    pub(crate) compression: Option<&'static str>,
}

/// First bytes of formats that are not read, their names, and what makes a csv of them; FILE is the file.
const FORMATS: [(&[u8], &str, &str); 16] = [
    (b"PAR1", "Parquet", "duckdb -csv -c \"from 'FILE'\" | syn2real fit -"),
    (b"ARROW1", "Arrow", "python -c \"import pandas; print(pandas.read_feather('FILE').to_csv())\" | syn2real fit -"),
    (b"FEA1", "Feather", "python -c \"import pandas; print(pandas.read_feather('FILE').to_csv())\" | syn2real fit -"),
    (b"\x89HDF", "HDF5", "python -c \"import pandas; print(pandas.read_hdf('FILE').to_csv())\" | syn2real fit -"),
    (
        b"\x93NUMPY",
        "NumPy",
        "python -c \"import numpy, sys; numpy.savetxt(sys.stdout, numpy.load('FILE'), delimiter=',')\" | syn2real fit - --n 1 --error 2",
    ),
    (b"SQLite format 3", "SQLite", "sqlite3 -csv -header FILE 'select ..' | syn2real fit -"),
    (b"BZh", "bzip2", "bzcat FILE | syn2real fit -"),
    (b"\xfd7zXZ", "xz", "xzcat FILE | syn2real fit -"),
    (b"\x28\xb5\x2f\xfd", "zstd", "zstdcat FILE | syn2real fit -"),
    (b"\xd0\xcf\x11\xe0", "old Excel", "save it as csv"),
    (b"%PDF", "PDF", "copy the table into a csv"),
    (b"{\\rtf", "RTF", "save it as plain text"),
    (b"\x80\x02", "pickle", "python -c \"import pandas; print(pandas.read_pickle('FILE').to_csv())\" | syn2real fit -"),
    (b"\x80\x03", "pickle", "python -c \"import pandas; print(pandas.read_pickle('FILE').to_csv())\" | syn2real fit -"),
    (b"\x80\x04", "pickle", "python -c \"import pandas; print(pandas.read_pickle('FILE').to_csv())\" | syn2real fit -"),
    (b"\x80\x05", "pickle", "python -c \"import pandas; print(pandas.read_pickle('FILE').to_csv())\" | syn2real fit -"),
];

impl Bytes {
    /// Opens a file, or the standard input for `-`.
    pub(crate) fn open(file: &str) -> Result<Bytes, Error> {
        if file == "-" {
            return Bytes::new("the standard input", Box::new(io::stdin()), None);
        }
        let opened = File::open(file).map_err(|source| Error::Open { file: file.into(), source })?;
        let about = opened.metadata().map_err(|source| Error::Open { file: file.into(), source })?;
        if about.is_dir() {
            return Err(Error::Directory { file: file.into() });
        }
        let length = about.is_file().then_some(about.len());
        Bytes::new(file, Box::new(opened), length)
    }

    /// Unpacks and decodes what comes from a source.
    fn new(file: &str, mut rest: Box<dyn Read>, length: Option<u64>) -> Result<Bytes, Error> {
        let mut head = fill(file, &mut rest)?;
        let compression = head.starts_with(b"\x1f\x8b").then_some("gzip");
        if compression.is_some() {
            rest = Box::new(MultiGzDecoder::new(Cursor::new(head).chain(rest)));
            head = fill(file, &mut rest)?;
        }
        refuse(file, &head)?;
        let encoding = encoding(&head).ok_or_else(|| Error::NotText { file: file.into() })?;
        let step = match encoding {
            "UTF-16LE" => Some(Step::Utf16(u16::from_le_bytes)),
            "UTF-16BE" => Some(Step::Utf16(u16::from_be_bytes)),
            "Latin-1" => Some(Step::Latin1),
            _ => None,
        };
        if let Some(step) = step {
            rest = Box::new(Decoded {
                source: Cursor::new(head).chain(rest),
                step,
                left: Vec::new(),
                out: Cursor::default(),
            });
            head = fill(file, &mut rest)?;
        }
        if head.starts_with(MARK) {
            head.drain(..MARK.len());
        }
        let is_whole = (head.len() as u64) < HEAD - MARK.len() as u64;
        let length = length.filter(|_| compression.is_none() && step.is_none());
        Ok(Bytes { file: file.into(), head, is_whole, rest, length, encoding, compression })
    }

    /// A text that is at hand.
    pub(crate) fn of(name: &str, text: &'static str) -> Result<Bytes, Error> {
        Bytes::new(name, Box::new(text.as_bytes()), None)
    }

    /// All bytes, from the first.
    pub(crate) fn all(self) -> impl Read {
        Cursor::new(self.head).chain(self.rest)
    }
}

/// The mark that some programs write before UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The first bytes of a source.
fn fill(file: &str, source: &mut dyn Read) -> Result<Vec<u8>, Error> {
    let mut head = Vec::new();
    let read = source.take(HEAD).read_to_end(&mut head);
    read.map_err(|e| Error::Read { file: file.into(), reason: format!("{e}: is it damaged or cut short?") })?;
    Ok(head)
}

/// Refuses formats that are not read, by their first bytes.
fn refuse(file: &str, head: &[u8]) -> Result<(), Error> {
    let instead = |format: &str, remedy: &str| {
        let remedy = remedy.replace("FILE", file);
        Err(Error::Format { file: file.into(), format: format.into(), remedy })
    };
    if head.starts_with(b"PK\x03\x04") {
        let has = |name: &[u8]| head.windows(name.len()).any(|window| window == name);
        return match (has(b"xl/") || file.ends_with(".xlsx"), has(b".npy")) {
            (true, _) => instead("an Excel workbook", "save the sheet as csv (UTF-8)"),
            (_, true) => instead("a NumPy archive", "save its arrays as columns of a csv"),
            _ => instead("a zip archive", "unzip -p FILE | syn2real fit -"),
        };
    }
    let start = head.trim_ascii_start();
    let is_page = [&b"<!doctype"[..], b"<html", b"<?xml", b"<table"]
        .iter()
        .any(|tag| start.len() >= tag.len() && start[..tag.len()].eq_ignore_ascii_case(tag));
    if is_page {
        return instead("a web page or XML", "save the table in it as csv");
    }
    match FORMATS.iter().find(|(magic, ..)| head.starts_with(magic)) {
        Some((_, format, remedy)) => instead(format, remedy),
        None => Ok(()),
    }
}

/// In what the text is written; `None` if it is no text.
fn encoding(head: &[u8]) -> Option<&'static str> {
    match head {
        [0xff, 0xfe, ..] => return Some("UTF-16LE"),
        [0xfe, 0xff, ..] => return Some("UTF-16BE"),
        _ => {}
    }
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), head.len() / 2);
    if even + odd > 0 {
        // Most characters of a table are ASCII, whose second byte is 0.
        return match () {
            _ if pairs > 0 && odd * 10 > pairs * 8 && even == 0 => Some("UTF-16LE"),
            _ if pairs > 0 && even * 10 > pairs * 8 && odd == 0 => Some("UTF-16BE"),
            _ => None,
        };
    }
    match std::str::from_utf8(head) {
        Ok(_) => Some("UTF-8"),
        // The last character may be cut.
        Err(e) if e.error_len().is_none() && e.valid_up_to() + 4 > head.len() => Some("UTF-8"),
        Err(_) => {
            let is_control = |byte: &u8| *byte < 0x20 && !b"\t\r\n\x0c".contains(byte);
            (!head.iter().any(is_control)).then_some("Latin-1")
        }
    }
}

/// How bytes become characters.
#[derive(Clone, Copy)]
enum Step {
    Utf16(fn([u8; 2]) -> u16),
    Latin1,
}

/// A source as UTF-8.
struct Decoded<R> {
    source: R,
    step: Step,
    /// Bytes of a character that is not complete.
    left: Vec<u8>,
    out: Cursor<Vec<u8>>,
}

impl<R: Read> Decoded<R> {
    /// Decodes what is there; a character that is not complete stays unless it is the end.
    fn decode(&mut self, is_end: bool) {
        let text: String = match self.step {
            Step::Latin1 => self.left.drain(..).map(char::from).collect(),
            Step::Utf16(unit) => {
                let mut units: Vec<u16> = self.left.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
                if !is_end && units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
                    units.pop();
                }
                self.left.drain(..2 * units.len());
                char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
            }
        };
        self.out = Cursor::new(text.into_bytes());
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.out.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let mut bytes = [0; 8192];
            let read = self.source.read(&mut bytes)?;
            self.left.extend_from_slice(&bytes[..read]);
            self.decode(read == 0);
            if read == 0 && self.out.get_ref().is_empty() {
                return Ok(0);
            }
            if read == 0 {
                self.left.clear();
            }
        }
    }
}
