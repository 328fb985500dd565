//! Curves: the rows of a csv sorted into groups, kept as columns of numbers.
use std::hash::{BuildHasher, Hasher, RandomState};

use hashbrown::HashTable;

use crate::read::Read;

/// Stands between the cells of a key. It is in no UTF-8 text, and keys are UTF-8.
const SEPARATOR: u8 = 0xff;

/// Group keys, each stored once, in the order of first appearance.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    table: HashTable<u32>,
    hasher: RandomState,
    /// The group of the row before: most files hold the rows of a group together.
    last: u32,
}

impl Keys {
    fn slice<'a>(bytes: &'a [u8], ends: &[usize], group: usize) -> &'a [u8] {
        let start = if group == 0 { 0 } else { ends[group - 1] };
        &bytes[start..ends[group]]
    }

    /// The number of the group with this key; a new one if it was not there.
    pub(crate) fn intern(&mut self, key: &[u8]) -> u32 {
        let Keys { bytes, ends, table, hasher, last } = self;
        if (*last as usize) < ends.len() && Keys::slice(bytes, ends, *last as usize) == key {
            return *last;
        }
        let hash = |key: &[u8]| {
            let mut state = hasher.build_hasher();
            state.write(key);
            state.finish()
        };
        let found = table.find(hash(key), |&group| Keys::slice(bytes, ends, group as usize) == key);
        if let Some(&group) = found {
            *last = group;
            return group;
        }
        let group = u32::try_from(ends.len()).expect("2^32 group keys do not fit in the memory of a machine");
        bytes.extend_from_slice(key);
        ends.push(bytes.len());
        table.insert_unique(hash(key), group, |&other| hash(Keys::slice(bytes, ends, other as usize)));
        *last = group;
        group
    }

    /// Number of groups.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The cells of a key.
    pub(crate) fn cells(&self, group: usize) -> impl Iterator<Item = &str> {
        let key = Keys::slice(&self.bytes, &self.ends, group);
        key.split(|&byte| byte == SEPARATOR).map(|cell| std::str::from_utf8(cell).unwrap_or_default())
    }

    /// Appends a cell to a key under construction.
    pub(crate) fn push_cell(key: &mut Vec<u8>, first: bool, cell: &[u8]) {
        if !first {
            key.push(SEPARATOR);
        }
        match std::str::from_utf8(cell) {
            Ok(text) => key.extend_from_slice(text.as_bytes()),
            Err(_) => key.extend_from_slice(String::from_utf8_lossy(cell).as_bytes()),
        }
    }
}

/// What is wrong with a row of a group.
#[derive(Clone, Debug)]
pub(crate) struct RowProblem {
    /// Line in the file, from 1.
    pub(crate) line: u64,
    /// What is wrong, with the remedy.
    pub(crate) text: String,
}

/// The retained rows, column by column, and their groups.
#[derive(Debug, Default)]
pub(crate) struct Curves {
    /// Names of the group columns.
    pub(crate) by: Vec<String>,
    /// Rows of the file, without the header.
    pub(crate) rows_read: u64,
    /// Rows that each filter removed, in the order of the filters; a row counts at the first that it fails.
    pub(crate) filtered: Vec<u64>,
    pub(super) keys: Keys,
    /// `values[k][row]`: the k-th value column.
    pub(super) values: Vec<Vec<f64>>,
    pub(super) lines: Vec<u64>,
    pub(super) group_of: Vec<u32>,
    /// Per group: rows with weight 0.
    pub(super) weightless: Vec<u32>,
    /// The first problem of each group that has one.
    pub(super) problems: std::collections::HashMap<u32, RowProblem>,
    /// What was read, and what was assumed.
    pub(crate) read: Read,
    order: Vec<u32>,
    starts: Vec<u32>,
}

impl Curves {
    /// No rows yet, for so many filters and value columns.
    pub(super) fn new(by: Vec<String>, filters: usize, values: usize) -> Curves {
        Curves { by, filtered: vec![0; filters], values: vec![Vec::new(); values], ..Curves::default() }
    }

    /// Sorts the rows by group: a counting sort, stable, so that rows stay in the order of the file.
    pub(super) fn sort(&mut self) {
        let mut starts = vec![0_u32; self.keys.len() + 1];
        for &group in &self.group_of {
            starts[group as usize + 1] += 1;
        }
        for group in 0..self.keys.len() {
            starts[group + 1] += starts[group];
        }
        let mut next = starts.clone();
        let mut order = vec![0_u32; self.group_of.len()];
        for (row, &group) in (0_u32..).zip(&self.group_of) {
            let slot = &mut next[group as usize];
            order[*slot as usize] = row;
            *slot += 1;
        }
        self.group_of = Vec::new();
        (self.order, self.starts) = (order, starts);
    }

    /// Number of groups.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The group columns and their values.
    pub(crate) fn group(&self, group: usize) -> impl Iterator<Item = (&str, &str)> {
        self.by.iter().map(String::as_str).zip(self.keys.cells(group))
    }

    /// Values of the group columns, for titles: "r50 objdet"; "all rows" if there are none.
    pub(crate) fn title(&self, group: usize) -> String {
        let cells: Vec<&str> = self.group(group).map(|(_, value)| value).collect();
        if cells.is_empty() { "all rows".into() } else { cells.join(" ") }
    }

    /// The rows of a group, as indices of [`Self::value`] and [`Self::line`].
    pub(crate) fn rows(&self, group: usize) -> impl ExactSizeIterator<Item = usize> {
        self.order[self.starts[group] as usize..self.starts[group + 1] as usize].iter().map(|&row| row as usize)
    }

    /// A value of a row.
    pub(crate) fn value(&self, column: usize, row: usize) -> f64 {
        self.values[column][row]
    }

    /// The line of a row in the file, from 1.
    pub(crate) fn line(&self, row: usize) -> u64 {
        self.lines[row]
    }

    /// Rows of the group that were left out because their weight is 0.
    pub(crate) fn weightless(&self, group: usize) -> usize {
        self.weightless[group] as usize
    }

    /// What keeps the group from being fitted, if a row of it could not be read.
    pub(crate) fn problem(&self, group: usize) -> Option<&RowProblem> {
        self.problems.get(&(group as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_numbered_in_the_order_of_appearance() {
        let mut keys = Keys::default();
        let numbers: Vec<u32> = ["b", "a", "b", "", "a"].iter().map(|k| keys.intern(k.as_bytes())).collect();
        assert_eq!(numbers, [0, 1, 0, 2, 1]);
        assert_eq!(keys.cells(1).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn cells_with_any_text_stay_apart() {
        let mut keys = Keys::default();
        let mut number = |cells: [&[u8]; 2]| {
            let mut key = Vec::new();
            Keys::push_cell(&mut key, true, cells[0]);
            Keys::push_cell(&mut key, false, cells[1]);
            keys.intern(&key)
        };
        assert_ne!(number([b"ab", b"c"]), number([b"a", b"bc"]));
        assert_ne!(number([b"", b"x"]), number([b"x", b""]));
        // Latin-1 text is not UTF-8: it must not smuggle in a separator.
        assert_eq!(number([b"\xff", b"x"]), number([b"\xff", b"x"]));
        assert_eq!(keys.cells(keys.len() - 1).count(), 2);
    }
}
