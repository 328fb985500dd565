//! Rows of a csv that may still be written: a row counts when its line has ended.
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::time::Duration;

use csv::ByteRecord;

use crate::errors::Error;
use crate::read::dialect::{Delimiter, comment_of, tell};

/// A line longer than this is no measurement.
const LONGEST: usize = 1 << 20;

/// A row and the number of its line, from 1.
pub(super) struct Line {
    pub(super) record: ByteRecord,
    pub(super) number: u64,
}

/// The lines of a file or of the standard input.
pub(super) struct Lines {
    file: String,
    source: Box<dyn BufRead>,
    /// Told from the first line where it is not given.
    delimiter: Option<Delimiter>,
    /// How long to wait for more at the end; `None` ends there.
    pause: Option<Duration>,
    /// The part of a line that is there.
    part: Vec<u8>,
    number: u64,
}

impl Lines {
    /// Opens a file, or the standard input for `-`, which ends when its writer closes it.
    pub(super) fn open(file: &str, delimiter: Option<u8>, pause: Option<f64>) -> Result<Lines, Error> {
        let (name, source, pause): (&str, Box<dyn BufRead>, _) = if file == "-" {
            ("the standard input", Box::new(BufReader::new(io::stdin())), None)
        } else {
            let opened = File::open(file).map_err(|source| Error::Open { file: file.into(), source })?;
            if opened.metadata().is_ok_and(|about| about.is_dir()) {
                return Err(Error::Directory { file: file.into() });
            }
            (file, Box::new(BufReader::new(opened)), pause)
        };
        let pause = pause.map(Duration::from_secs_f64);
        Ok(Lines {
            file: name.into(),
            source,
            delimiter: delimiter.map(Delimiter::Byte),
            pause,
            part: Vec::new(),
            number: 0,
        })
    }

    /// Name of the file, for messages.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// The next row that is not blank; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<Line>, Error> {
        loop {
            let room = (LONGEST - self.part.len()) as u64;
            let read = self.source.by_ref().take(room).read_until(b'\n', &mut self.part);
            let failed = |reason: String| Error::Read { file: self.file.clone(), reason };
            let number = self.number + 1;
            let read = read.map_err(|e| failed(format!("line {number}: {e}")))?;
            let ended = self.part.last() == Some(&b'\n');
            if !ended && self.part.len() >= LONGEST {
                return Err(failed(format!("line {number} is longer than 1 MiB: is this a csv?")));
            }
            match (ended, self.pause) {
                (false, Some(pause)) => {
                    // The writer is not done with this line.
                    std::thread::sleep(pause);
                    continue;
                }
                (false, None) if read == 0 && self.part.is_empty() => return Ok(None),
                (false, None) if read > 0 => continue,
                _ => {}
            }
            self.number = number;
            let line = std::mem::take(&mut self.part);
            let line = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| number == 1).unwrap_or(&line);
            if number == 1 && (line.starts_with(b"\x1f\x8b") || line.contains(&0)) {
                return Err(Error::NotText { file: self.file.clone() });
            }
            if line.trim_ascii().is_empty() || comment_of(line).is_some() {
                continue;
            }
            return Ok(Some(Line { record: self.parse(line)?, number }));
        }
    }

    /// The cells of a line; a cell with a line end inside would be two rows here.
    fn parse(&mut self, line: &[u8]) -> Result<ByteRecord, Error> {
        let delimiter = *self.delimiter.get_or_insert_with(|| tell(line, true, None, &[]).delimiter);
        let (delimiter, line) = match delimiter {
            Delimiter::Byte(byte) => (byte, line.to_vec()),
            Delimiter::Blanks => (b'\t', delimiter.cells(line.trim_ascii()).join(&b'\t')),
        };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(line.as_slice());
        let mut record = ByteRecord::new();
        let reason = |e: csv::Error| Error::Read { file: self.file.clone(), reason: e.to_string() };
        reader.read_byte_record(&mut record).map_err(reason)?;
        Ok(record)
    }
}
