//! Groups that were not asked for: text that tells curves apart makes groups, so that no two models are pooled unsaid.
use std::collections::{HashMap, HashSet};

use crate::errors::Error;
use crate::group::{Curves, Keys, RowProblem};
use crate::read::columns::quote;
use crate::read::number::{Cell, Numbers};

/// A curve needs so many sizes.
const SIZES: usize = 3;

/// Whether a cell of a setting is a number, in any way of writing one, or is empty.
fn is_number(cell: &str) -> bool {
    [b'.', b',']
        .into_iter()
        .any(|sign| !matches!(Numbers { decimal: Some(sign) }.cell(cell.as_bytes(), true), Cell::Wrong(_)))
}

impl Curves {
    /// Of the group columns, which nobody asked for, keeps the ones that tell curves apart, and says so; the rest is pooled.
    /// `found` of them are there; rows have a group for each combination of their cells.
    pub(crate) fn find_groups(
        &mut self,
        found: usize,
        same: Option<usize>,
        assumed: &mut Vec<String>,
    ) -> Result<(), Error> {
        if found == 0 {
            return Ok(());
        }
        let cells: Vec<Vec<String>> =
            (0..self.keys.len()).map(|group| self.keys.cells(group).map(str::to_owned).collect()).collect();
        let (mut texts, mut numbers) = (Vec::new(), Vec::new());
        for column in 0..found {
            let values: HashSet<&str> = cells.iter().map(|cells| cells[column].as_str()).collect();
            match values.len() {
                0 | 1 => {}
                _ if values.iter().all(|value| is_number(value)) => numbers.push(column),
                _ => texts.push(column),
            }
        }
        let name = |columns: &[usize]| -> String {
            columns.iter().map(|k| self.by[*k].as_str()).collect::<Vec<_>>().join(",")
        };
        let settings = self.settings(&cells, &texts, numbers, same);
        let with: Vec<usize> = texts.iter().chain(&settings).copied().collect();
        if !texts.is_empty() {
            let sizes = self.sizes(&cells, &texts);
            if sizes.values().any(|sizes| sizes.len() < SIZES) {
                let names = quote(&name(&with));
                return Err(Error::Unclear(format!(
                    "rows differ in {}, which makes groups of fewer than {SIZES} sizes: add --by with those columns that tell curves \
                     apart, such as --by {names}, or --by '' to take all rows as one curve",
                    name(&texts)
                )));
            }
            assumed.push(format!(
                "a curve for each {} (--by {})",
                name(&texts).replace(',', ", "),
                quote(&name(&texts))
            ));
        }
        if !settings.is_empty() {
            let pooled = if texts.is_empty() { "''".into() } else { quote(&name(&texts)) };
            let tell = if settings.len() == 1 { "tells" } else { "tell" };
            return Err(Error::Unclear(format!(
                "sizes come back, and {} {tell} those rows apart: add --by {} for a curve each, or --by {pooled} to take them as \
                 repeated measurements",
                name(&settings).replace(',', ", "),
                quote(&name(&with))
            )));
        }
        self.regroup(&cells, &texts);
        Ok(())
    }

    /// Of the columns `numbers` those that tell the rows of a size apart within the groups of `texts`: each is the one
    /// that leaves the fewest repeats, until none does better; and those that part the groups further. Most
    /// groups of a setting have the sizes of a curve.
    fn settings(
        &self,
        cells: &[Vec<String>],
        texts: &[usize],
        mut numbers: Vec<usize>,
        same: Option<usize>,
    ) -> Vec<usize> {
        let mut with = texts.to_vec();
        let mut repeats = self.repeats(cells, &with, same);
        while repeats > 0 {
            let best = numbers.iter().enumerate().filter_map(|(k, column)| {
                let with: Vec<usize> = with.iter().copied().chain([*column]).collect();
                let left = self.repeats(cells, &with, same);
                let sizes = self.sizes(cells, &with);
                let curves = sizes.values().filter(|sizes| sizes.len() >= SIZES).count();
                (left < repeats && 2 * curves > sizes.len()).then_some((left, k))
            });
            let Some((left, k)) = best.min() else { break };
            repeats = left;
            with.push(numbers.remove(k));
        }
        // Rows that differ in one more setting are no curve either, though their sizes are not the same.
        let rest = if with.len() > texts.len() { numbers } else { Vec::new() };
        for column in rest {
            let before = self.sizes(cells, &with).len();
            with.push(column);
            let sizes = self.sizes(cells, &with);
            let curves = sizes.values().filter(|sizes| sizes.len() >= SIZES).count();
            if sizes.len() == before || 2 * curves <= sizes.len() {
                with.pop();
            }
        }
        with.split_off(texts.len())
    }

    /// The sizes of the groups that these columns make.
    fn sizes<'a>(&self, cells: &'a [Vec<String>], columns: &[usize]) -> HashMap<Vec<&'a str>, HashSet<u64>> {
        let mut sizes: HashMap<Vec<&str>, HashSet<u64>> = HashMap::new();
        for (group, n) in self.group_of.iter().zip(&self.values[0]) {
            let key = columns.iter().map(|k| cells[*group as usize][*k].as_str()).collect();
            sizes.entry(key).or_default().insert(n.to_bits());
        }
        sizes
    }

    /// How many rows have a size that was there before within a group that these columns make.
    fn repeats(&self, cells: &[Vec<String>], columns: &[usize], same: Option<usize>) -> usize {
        let mut seen = HashSet::new();
        let bits = |value: f64| value.to_bits();
        let key = |group: &u32| -> Vec<&str> { columns.iter().map(|k| cells[*group as usize][*k].as_str()).collect() };
        let rows = self.group_of.iter().enumerate();
        let same = |row: usize| same.map_or(0, |column| bits(self.values[column][row]));
        rows.map(|(row, group)| (key(group), bits(self.values[0][row]), same(row)))
            .filter(|row| !seen.insert(row.clone()))
            .count()
    }

    /// Makes the groups of these columns alone.
    fn regroup(&mut self, cells: &[Vec<String>], columns: &[usize]) {
        let mut keys = Keys::default();
        let new: Vec<u32> = cells
            .iter()
            .map(|cells| {
                let mut key = Vec::new();
                columns.iter().enumerate().for_each(|(i, k)| Keys::push_cell(&mut key, i == 0, cells[*k].as_bytes()));
                keys.intern(&key)
            })
            .collect();
        let mut weightless = vec![0; keys.len()];
        for (old, rows) in self.weightless.iter().enumerate() {
            weightless[new[old] as usize] += rows;
        }
        let mut problems: HashMap<u32, RowProblem> = HashMap::new();
        for (old, problem) in self.problems.drain() {
            let first = problems.entry(new[old as usize]).or_insert_with(|| problem.clone());
            if problem.line < first.line {
                *first = problem;
            }
        }
        self.group_of.iter_mut().for_each(|group| *group = new[*group as usize]);
        self.by = columns.iter().map(|k| self.by[*k].clone()).collect();
        (self.keys, self.weightless, self.problems) = (keys, weightless, problems);
    }
}
