//! A limit to the length of a row.
use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// A row longer than this is not a row of measurements: the file is no csv, or a quote is not closed. Without a limit
/// the reader would take the rest of the file into memory.
pub(crate) const LONGEST: u64 = 1 << 20;

/// What is said of one.
pub(crate) const TOO_LONG: &str = "a row is longer than 1 MiB: is a quote not closed, or is this no csv?";

/// Counts the bytes handed out since the last row and stops at [`LONGEST`]; ends the last line if the file does not,
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
        if self.since_row.get() > LONGEST {
            return Err(io::Error::other(TOO_LONG));
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
