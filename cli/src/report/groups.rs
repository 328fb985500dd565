//! A page that answers a question about each of many groups: the answer, a table whose rows lead to the figures, the figures.
use crate::errors::Error;
use crate::output::text::TextTable;
use crate::read::Read;

use super::figure::{Legend, legend};
use super::file::write;
use super::html::{Page, Tone, escape};

/// Groups with a figure on one page: as many as a table shows.
pub(crate) const FIGURES: usize = 2000;

/// Width and height of the figure of a group: readable on a telephone.
pub(crate) const PANEL: (u32, u32) = (400, 290);

/// "1 group", "2 groups".
pub(crate) fn number(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// A page under construction.
pub(crate) struct GroupPage {
    page: Page,
    legend: Vec<Legend>,
    figures: Vec<String>,
    /// Whether the rows of the table lead to the figures.
    is_linked: bool,
}

impl GroupPage {
    /// A page with its question and the answer in a sentence.
    pub(crate) fn new(question: &str, answer: &str) -> GroupPage {
        let mut page = Page::new(question);
        page.answer(answer);
        GroupPage { page, legend: Vec::new(), figures: Vec::new(), is_linked: false }
    }

    /// How many groups have each answer.
    pub(crate) fn counts(&mut self, counts: &[(Tone, &str, usize)]) {
        self.page.counts(counts);
    }

    /// What was assumed of the file, if anything.
    pub(crate) fn read(&mut self, read: &Read) {
        read.lines().iter().for_each(|line| self.page.note(line));
    }

    /// What stands before the figures.
    pub(crate) fn page(&mut self) -> &mut Page {
        &mut self.page
    }

    /// The table; its rows are of these groups and lead to their figures.
    pub(crate) fn table(&mut self, table: &TextTable, groups: &[usize]) {
        // A single row without a name leads nowhere.
        self.is_linked = !table.is_number(0);
        self.page.linked(table, if self.is_linked { groups } else { &[] });
    }

    /// Entries of the legend that all figures share; those that are there already are not repeated.
    pub(crate) fn legend(&mut self, entries: impl IntoIterator<Item = Legend>) {
        for entry in entries {
            if !self.legend.contains(&entry) {
                self.legend.push(entry);
            }
        }
    }

    /// The figure of a group with its name and a sentence.
    pub(crate) fn figure(&mut self, group: usize, name: &str, svg: &str, caption: &str) {
        let (name, caption) = (escape(name), escape(caption));
        let back = match self.is_linked {
            true => format!("<a href=\"#r{group}\" aria-label=\"to its row in the table\">\u{2191}</a>"),
            false => String::new(),
        };
        self.figures.push(format!(
            "<figure id=\"g{group}\"><figcaption>{back}<b>{name}</b> {caption}</figcaption>\n{svg}</figure>\n"
        ));
    }

    /// Writes index.html; `about` says what is drawn, `left_out` how many groups have no figure. Returns the path.
    pub(crate) fn write(mut self, dir: &str, about: &str, left_out: usize, footer: &[String]) -> Result<String, Error> {
        if !self.figures.is_empty() {
            self.page.heading("Figures");
            self.page.note(about);
            if left_out > 0 {
                let drawn = self.figures.len();
                self.page.note(&format!("The first {drawn} groups are drawn, {left_out} are not."));
            }
            self.page.raw(&format!("<div class=\"sticky\">{}</div>\n", legend(&self.legend)));
            self.page.raw("<div class=\"groups\">\n");
            self.figures.iter().for_each(|figure| self.page.raw(figure));
            self.page.raw("</div>\n");
        }
        let version = format!("Made by syn2real {}.", env!("CARGO_PKG_VERSION"));
        let footer: Vec<&str> = footer.iter().chain([&version]).map(String::as_str).collect();
        write(dir, "index.html", &self.page.html(&footer))
    }
}
