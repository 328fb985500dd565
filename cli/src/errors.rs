//! Why the tool stops, each in one sentence with the remedy. All of them exit with 2.
use std::io::{self, Write};

/// Why the tool stops.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The file cannot be opened.
    #[error("cannot open {file}: {source}: name a csv file that can be read, or - for the standard input")]
    Open {
        /// Name of the file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file is a directory.
    #[error("{file} is a directory: name a csv file inside it")]
    Directory {
        /// Name of the directory.
        file: String,
    },
    /// Reading failed on the way.
    #[error("cannot read {file}: {reason}")]
    Read {
        /// Name of the file.
        file: String,
        /// What went wrong, where.
        reason: String,
    },
    /// The file has no bytes.
    #[error("{file} is empty: give a csv whose first line names the columns")]
    Empty {
        /// Name of the file.
        file: String,
    },
    /// The first line is no text.
    #[error("{file} is not text in UTF-8, UTF-16 or Latin-1: convert or unpack it first")]
    NotText {
        /// Name of the file.
        file: String,
    },
    /// A column that was asked for is not there.
    #[error("{file} has no column {name:?}; its columns are {columns}{hint}")]
    MissingColumn {
        /// Name of the file.
        file: String,
        /// The column asked for.
        name: String,
        /// The columns there are.
        columns: String,
        /// The column that may have been meant.
        hint: String,
    },
    /// It is not clear how the file or its columns are meant; the text has the option that settles it.
    #[error("{0}")]
    Unclear(String),
    /// The file has a format that is not read.
    #[error("{file} is {format}, not a text with a row on each line: {remedy}")]
    Format {
        /// Name of the file.
        file: String,
        /// What it is.
        format: String,
        /// How a csv is made of it.
        remedy: String,
    },
    /// A column that was asked for is there twice.
    #[error("{file} has more than one column {name:?}: rename all but one")]
    DuplicateColumn {
        /// Name of the file.
        file: String,
        /// The column asked for.
        name: String,
    },
    /// There is a header only.
    #[error("{file} has a header but no rows: give at least three measurements")]
    NoRows {
        /// Name of the file.
        file: String,
    },
    /// No row passes the filters.
    #[error("none of the {rows} rows of {file} passes --where {filters}: compare the values with those of the file")]
    NothingLeft {
        /// Name of the file.
        file: String,
        /// Rows read.
        rows: u64,
        /// The filters.
        filters: String,
    },
    /// Activations cannot be used.
    #[error("{file}: {reason}")]
    Activations {
        /// Name of the file.
        file: String,
        /// Where and why, with the remedy.
        reason: String,
    },
    /// An option of the fit is out of its range.
    #[error("{0}")]
    Option(String),
    /// A result cannot be written.
    #[error("cannot write {file}: {source}")]
    Write {
        /// Name of the file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The shipped measurements do not fit: a defect of the tool.
    #[error("the shipped measurements: {0}")]
    Shipped(String),
}

impl Error {
    /// A line for people on the standard error; nothing can be done if that is closed.
    pub(crate) fn note(text: &str) {
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// Writing to the standard output failed.
    pub(crate) fn stdout(source: io::Error) -> Error {
        Error::Write { file: "the standard output".into(), source }
    }

    /// Whether the reader of the output went away, as `head` does: no failure of the run.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Error::Write { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}
