//! A table in any dialect as one that the csv reader takes, line for line: comments and what stands above the header become
//! empty lines, so that lines keep their numbers.
use std::io::{self, BufRead, BufReader, Cursor, Read};

use super::dialect::{Delimiter, Dialect, Header, comment_of, uncomment};
use super::limited::{LONGEST, TOO_LONG};

/// The separator where blanks were one.
pub(crate) const BETWEEN: u8 = b'\t';

/// A source in which the dialect is plain.
pub(crate) struct Clean<R> {
    source: BufReader<R>,
    dialect: Dialect,
    line: usize,
    inside: Vec<u8>,
    out: Cursor<Vec<u8>>,
}

impl<R: Read> Clean<R> {
    pub(crate) fn new(source: R, dialect: Dialect) -> Clean<R> {
        Clean { source: BufReader::new(source), dialect, line: 0, inside: Vec::new(), out: Cursor::default() }
    }

    /// Takes the next line; false after the last.
    fn advance(&mut self) -> io::Result<bool> {
        self.inside.clear();
        let end = if self.dialect.cr { b'\r' } else { b'\n' };
        let read = self.source.by_ref().take(LONGEST).read_until(end, &mut self.inside)?;
        if read as u64 == LONGEST {
            return Err(io::Error::other(TOO_LONG));
        }
        let line = self.inside.trim_ascii_end();
        let mut out = std::mem::take(&mut self.out).into_inner();
        out.clear();
        let first = match self.dialect.header {
            Header::Line(first) | Header::Comment(first) | Header::None(first) => first,
        };
        let is_named = self.dialect.header == Header::Comment(self.line);
        let is_left_out = self.line < first
            || (!is_named && self.dialect.comment.is_some() && comment_of(line) == self.dialect.comment);
        if !is_left_out {
            let line = match self.dialect.comment {
                Some(comment) if is_named => uncomment(line, comment),
                // A tab at the end is an empty cell.
                _ => self.inside.strip_suffix(&[end]).unwrap_or(&self.inside),
            };
            match self.dialect.delimiter {
                Delimiter::Blanks => out.extend(self.dialect.delimiter.cells(line.trim_ascii()).join(&BETWEEN)),
                Delimiter::Byte(_) => out.extend_from_slice(line),
            }
        }
        out.push(b'\n');
        self.line += 1;
        self.out = Cursor::new(out);
        Ok(read > 0)
    }
}

impl<R: Read> Read for Clean<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.out.read(buffer)?;
        if read > 0 || buffer.is_empty() {
            return Ok(read);
        }
        match self.advance()? {
            true => self.out.read(buffer),
            false => Ok(0),
        }
    }
}
