//! A table of text for the terminal and for pages.
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

/// A header and rows; numbers stand on the right of their column, text on the left.
#[derive(Clone, Debug, Default)]
pub(crate) struct TextTable {
    /// Names of the columns.
    pub(crate) header: Vec<String>,
    /// Cells of the rows.
    pub(crate) rows: Vec<Vec<String>>,
    numbers: Vec<bool>,
}

impl TextTable {
    /// No rows yet; `numbers` tells for each column whether it holds numbers.
    pub(crate) fn new(header: Vec<String>, numbers: Vec<bool>) -> TextTable {
        TextTable { header, rows: Vec::new(), numbers }
    }

    /// Columns from their names, those after the first `texts` of numbers.
    pub(crate) fn of(names: &[&str], texts: usize) -> TextTable {
        let header = names.iter().map(|name| (*name).to_owned()).collect();
        TextTable::new(header, (0..names.len()).map(|k| k >= texts).collect())
    }

    /// Whether the cells of a column are numbers.
    pub(crate) fn is_number(&self, column: usize) -> bool {
        self.numbers.get(column).copied().unwrap_or(false)
    }

    /// The table as text.
    pub(crate) fn text(&self) -> String {
        let mut table = Table::new();
        table.load_style(NOTHING).set_header(&self.header);
        for row in &self.rows {
            table.add_row(row);
        }
        for (i, column) in table.column_iter_mut().enumerate() {
            let alignment = if self.is_number(i) { CellAlignment::Right } else { CellAlignment::Left };
            column.set_cell_alignment(alignment);
        }
        table.trim_fmt()
    }
}
