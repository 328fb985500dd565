//! Where the results go: the page with its figures, and the tables on the standard output.
use crate::errors::Error;
use crate::output::text::TextTable;
use crate::report::figure::Figure;
use crate::report::file::write;
use crate::report::html::Page;

use super::measurements::Fitted;

/// The page under construction.
pub(super) struct Sheet<'a> {
    pub(super) page: Page,
    /// What is printed.
    pub(super) text: String,
    dir: &'a str,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(dir: &'a str, title: &str) -> Sheet<'a> {
        Sheet { page: Page::new(title), text: String::new(), dir }
    }

    /// A figure with its number, such as 8a, its caption and its file.
    pub(super) fn figure(&mut self, number: &str, figure: &Figure, caption: &str) -> Result<(), Error> {
        self.drawing(&format!("figure{number}"), &format!("Figure {number}."), figure, caption)
    }

    /// A figure without a number in the paper.
    pub(super) fn drawing(&mut self, file: &str, name: &str, figure: &Figure, caption: &str) -> Result<(), Error> {
        write(self.dir, &format!("{file}.svg"), &figure.file())?;
        self.page.figure(&figure.html(), name, caption);
        Ok(())
    }

    /// A table for the page and for the standard output.
    pub(super) fn table(&mut self, heading: &str, explanation: &str, table: &TextTable) {
        self.page.subheading(heading);
        self.page.note(explanation);
        self.page.table(table);
        self.text.push_str(&format!("{heading}\n{explanation}\n\n{}\n\n", table.text()));
    }

    /// A table of fits for both.
    pub(super) fn fits(&mut self, heading: &str, explanation: &str, fitted: &Fitted) {
        self.page.subheading(heading);
        self.page.note(explanation);
        self.page.fits(&fitted.table);
        self.text.push_str(&format!("{heading}\n{explanation}\n\n{}\n\n", fitted.table.table.text()));
        for line in fitted.table.below() {
            self.text.push_str(&format!("{line}\n"));
        }
    }

    /// Writes the page; returns its path.
    pub(super) fn finish(&self) -> Result<String, Error> {
        let version = format!("Made by syn2real {} with `syn2real reproduce`.", env!("CARGO_PKG_VERSION"));
        write(self.dir, "index.html", &self.page.html(&[&version]))
    }
}
