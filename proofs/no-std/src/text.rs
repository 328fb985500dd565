//! A buffer for `Display` without a heap.
use core::fmt;

/// Text of at most [`CAPACITY`] bytes; what goes beyond is an error.
pub struct Text {
    bytes: [u8; CAPACITY],
    length: usize,
}

/// The longest text of the proof is the `Debug` form of a fit, about 1.5 KiB.
const CAPACITY: usize = 4096;

impl Default for Text {
    fn default() -> Text {
        Text { bytes: [0; CAPACITY], length: 0 }
    }
}

impl Text {
    pub fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or("")
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        let end = self.length + s.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(s.as_bytes());
        self.length = end;
        Ok(())
    }
}
