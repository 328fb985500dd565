//! Rows on their way into curves: filtered, sorted into groups, their cells made numbers.
use csv::ByteRecord;

use crate::errors::Error;
use crate::filter::Filter;
use crate::group::{Curves, Keys, RowProblem};
use crate::read::columns::{Columns, Places, clean, quote};
use crate::read::number::{Cell, quoted};
use crate::read::unit::{Unit, complement, shown};
use crate::read::{LeftOut, Named, Read, names};

/// Where the error stands among the values.
const ERROR: usize = 1;

/// What a row is; the group by its number.
pub(crate) enum Look {
    /// It does not pass the filters, or is no row: a header again, a comment.
    Filtered,
    /// Its values can be taken.
    Values(u32),
    /// A value is missing.
    Missing(u32),
    /// Its weight is 0.
    Weightless(u32),
    /// A cell of it cannot be used, with the remedy.
    Problem(u32, String),
}

/// What became of the cells of a row.
enum Numbers {
    Taken,
    Weightless,
    Missing,
    /// It is no row of the table.
    NoRow,
}

/// Cells with and without a percent sign, by their first lines.
#[derive(Clone, Copy, Default)]
struct Signs {
    with: Option<u64>,
    without: Option<u64>,
}

/// The rows under way.
pub(crate) struct Rows<'a> {
    columns: &'a Columns,
    places: &'a Places,
    pub(crate) curves: Curves,
    key: Vec<u8>,
    /// Values of the row under way.
    row: Vec<f64>,
    /// The line of the row under way.
    line: u64,
    missing: u64,
    signs: Signs,
    /// A line of sums or means, and its first cell.
    summary: Option<(u64, String, u64)>,
    /// Names of the value columns.
    names: &'a [String],
}

impl<'a> Rows<'a> {
    pub(crate) fn new(columns: &'a Columns, places: &'a Places) -> Rows<'a> {
        let values = columns.values.len() + usize::from(!columns.split.is_empty());
        let curves = Curves::new(columns.by.clone(), columns.filters.len(), values);
        Rows {
            columns,
            places,
            curves,
            key: Vec::new(),
            row: vec![0.0; values],
            line: 0,
            missing: 0,
            signs: Signs::default(),
            summary: None,
            names: &columns.values,
        }
    }

    /// Takes a row. Cells that a row too short does not have pass the filters and are empty in the key of its group, so
    /// that the row is reported and not lost.
    pub(crate) fn take(&mut self, record: &ByteRecord, line: u64) {
        self.line = line;
        if self.places.wide.is_empty() {
            let look = self.look_at(record);
            return self.keep(look);
        }
        let places = self.places;
        for (k, (place, run)) in places.wide.iter().enumerate() {
            // A cell without anything is no measurement of that run.
            if record.len() == places.header.len() && record.get(*place).is_some_and(|cell| clean(cell).is_empty()) {
                self.curves.rows_read += u64::from(k == 0);
                continue;
            }
            let look = self.look_at_run(record, Some((*place, run)));
            self.curves.rows_read -= u64::from(k > 0);
            self.keep(look);
        }
    }

    fn keep(&mut self, look: Look) {
        match look {
            Look::Filtered => {}
            Look::Values(group) => {
                for (column, value) in self.curves.values.iter_mut().zip(&self.row) {
                    column.push(*value);
                }
                self.curves.lines.push(self.line);
                self.curves.group_of.push(group);
            }
            Look::Missing(_) => self.missing += 1,
            Look::Weightless(group) => self.curves.weightless[group as usize] += 1,
            Look::Problem(group, text) => {
                let line = self.line;
                self.curves.problems.entry(group).or_insert(RowProblem { line, text });
            }
        }
    }

    /// What a row is, without keeping it.
    pub(crate) fn look_at(&mut self, record: &ByteRecord) -> Look {
        self.look_at_run(record, None)
    }

    fn look_at_run(&mut self, record: &ByteRecord, run: Option<(usize, &str)>) -> Look {
        self.curves.rows_read += 1;
        let cell = |place: usize| record.get(place).map(clean);
        for (k, (filter, &place)) in self.columns.filters.iter().zip(&self.places.filters).enumerate() {
            if cell(place).is_some_and(|cell| !filter.passes(cell, self.places.numbers)) {
                if self.is_no_row(record) {
                    self.curves.rows_read -= 1;
                } else {
                    self.curves.filtered[k] += 1;
                }
                return Look::Filtered;
            }
        }
        self.key.clear();
        for (k, &place) in self.places.by.iter().enumerate() {
            Keys::push_cell(&mut self.key, k == 0, cell(place).unwrap_or_default());
        }
        if let Some((_, run)) = run {
            Keys::push_cell(&mut self.key, self.places.by.is_empty(), run.as_bytes());
        }
        let read = self.numbers(record, run.map(|(place, _)| place));
        if matches!(read, Ok(Numbers::NoRow)) {
            self.curves.rows_read -= 1;
            return Look::Filtered;
        }
        if let Some(first) = cell(0).filter(|first| first.first().is_some_and(u8::is_ascii_alphabetic)) {
            self.see_summary(first);
        }
        let group = self.curves.keys.intern(&self.key);
        if self.curves.weightless.len() < self.curves.keys.len() {
            self.curves.weightless.push(0);
        }
        match read {
            Ok(Numbers::Taken) => Look::Values(group),
            Ok(Numbers::Weightless) => Look::Weightless(group),
            Ok(_) => Look::Missing(group),
            Err(text) => Look::Problem(group, text),
        }
    }

    /// The values of the row that was looked at last.
    pub(crate) fn values(&self) -> &[f64] {
        &self.row
    }

    /// The unit of the values where rows come one by one, as the row that was looked at first tells it.
    pub(crate) fn first_unit(&self) -> Unit {
        let (value, percent) = (self.row[ERROR], self.signs.with.is_some());
        let told = if percent || value > 1.0 { 100.0 } else { 1.0 };
        let score_max = self.places.score.then(|| self.columns.score_max.unwrap_or(told));
        let unit = Unit { name: self.names[ERROR].clone(), score_max, percent, ..Unit::default() };
        let error = unit.error(value);
        Unit { least: error, most: error, ..unit }
    }

    /// Makes an error of the value of the row that was looked at last.
    pub(crate) fn make_error(&mut self, unit: &Unit) -> Result<(), String> {
        let value = self.row[ERROR];
        if let Signs { with: Some(_), without: Some(_) } = self.signs {
            return Err(format!(
                "column {:?}: some values have a percent sign and some have none: write all of them in one way",
                unit.name
            ));
        }
        if let Some(most) = unit.score_max.filter(|most| value > *most) {
            let (value, most) = (shown(value), shown(most));
            return Err(format!(
                "column {:?}: the score {value} is above {most}: give the largest with --score-max",
                unit.name
            ));
        }
        self.row[ERROR] = unit.error(value);
        Ok(())
    }

    /// Notes a row that sums the others up.
    fn see_summary(&mut self, first: &[u8]) {
        const WORDS: [&str; 12] = [
            "total",
            "totals",
            "sum",
            "mean",
            "average",
            "avg",
            "median",
            "std",
            "overall",
            "summary",
            "grand total",
            "max",
        ];
        if first.len() > 11 || !WORDS.iter().any(|word| first.eq_ignore_ascii_case(word.as_bytes())) {
            return;
        }
        match &mut self.summary {
            Some((_, _, count)) => *count += 1,
            None => self.summary = Some((self.line, String::from_utf8_lossy(first).into_owned(), 1)),
        }
    }

    /// Whether the record is the header again or a comment.
    fn is_no_row(&self, record: &ByteRecord) -> bool {
        let header = &self.places.header;
        let is_comment =
            record.get(0).map(clean).is_some_and(|first| first.starts_with(b"#") || first.starts_with(b"//"));
        is_comment
            || (record.len() == header.len()
                && record.iter().zip(header).all(|(cell, name)| clean(cell) == name.as_bytes()))
    }

    /// Reads the value cells into `row`; the column of a run stands for the second.
    fn numbers(&mut self, record: &ByteRecord, run: Option<usize>) -> Result<Numbers, String> {
        let header = &self.places.header;
        if record.len() != header.len() {
            if self.is_no_row(record) {
                return Ok(Numbers::NoRow);
            }
            return Err(format!(
                "{} cells where the header has {}: mend the line, or quote a cell that contains the separator",
                record.len(),
                header.len()
            ));
        }
        let values = self.columns.values.len();
        let mut is_missing = None;
        // A weight of 0 excuses the other cells.
        let first = self.columns.weight.into_iter();
        for k in first.chain(0..values) {
            let place = run.filter(|_| k == ERROR).unwrap_or(self.places.values[k]);
            let cell = record.get(place).map(clean).unwrap_or_default();
            self.row[k] = match self.places.numbers.cell(cell, k != ERROR) {
                Cell::Number(value) => {
                    if k == ERROR && self.signs.without.is_none() && value != 0.0 {
                        self.signs.without = Some(self.line);
                    }
                    value
                }
                Cell::Percent(value) if k == ERROR => {
                    self.signs.with = self.signs.with.or(Some(self.line));
                    value
                }
                _ if self.is_no_row(record) => return Ok(Numbers::NoRow),
                Cell::Missing => {
                    is_missing = is_missing.or(Some((place, cell)));
                    f64::NAN
                }
                Cell::Percent(_) => {
                    return Err(format!(
                        "column {:?}: {} has a percent sign: write it without",
                        header[place],
                        quoted(cell)
                    ));
                }
                Cell::Wrong(reason) => return Err(format!("column {:?}: {reason}", header[place])),
            };
            if self.columns.weight == Some(k) && self.row[k] == 0.0 {
                return Ok(Numbers::Weightless);
            }
        }
        if let Some((place, cell)) = is_missing {
            if self.columns.strict {
                let what = if cell.is_empty() {
                    "the cell is empty".into()
                } else {
                    format!("{} is no measurement", quoted(cell))
                };
                return Err(format!("column {:?}: {what}: fill it, or leave --strict out", header[place]));
            }
            return Ok(Numbers::Missing);
        }
        if !self.columns.split.is_empty() {
            let cell = |place: &usize| record.get(*place).map(clean).unwrap_or_default();
            let holds = self
                .columns
                .split
                .iter()
                .zip(&self.places.split)
                .all(|(f, place)| f.passes(cell(place), self.places.numbers));
            self.row[values] = f64::from(holds);
        }
        Ok(Numbers::Taken)
    }

    /// The curves, and what was read; `read` says what is known of the file. Rows that differ in the value `same` repeat no
    /// measurement.
    pub(crate) fn finish(mut self, mut read: Read, same: Option<usize>) -> Result<Curves, Error> {
        let file = &read.file;
        let curves = &self.curves;
        if curves.rows_read == 0 {
            return Err(Error::NoRows { file: file.clone() });
        }
        if let Some((line, word, 1)) = &self.summary
            && curves.rows_read > 1
        {
            let column = quote(&self.places.header[0]);
            return Err(Error::Unclear(format!(
                "{file}: line {line} sums the others up ({word:?}): delete it, or leave it out with --where '{}!={word}'",
                column.trim_matches('\'')
            )));
        }
        if curves.len() == 0 {
            let filters: Vec<String> = self.columns.filters.iter().map(Filter::to_string).collect();
            let filters = filters.join(" --where ");
            return Err(Error::NothingLeft { file: file.clone(), rows: curves.rows_read, filters });
        }
        // Where no group can be used it is the file that is not understood.
        if curves.problems.len() == curves.len()
            && let Some(problem) = curves.problems.values().min_by_key(|problem| problem.line)
        {
            return Err(Error::Unclear(format!("{file}: line {}, {}", problem.line, problem.text)));
        }
        if curves.lines.is_empty() && self.missing > 0 {
            return Err(Error::Unclear(format!(
                "{file}: no row has both numbers: {} of {} are missing in the columns {:?} and {:?}",
                self.missing, curves.rows_read, self.names[0], self.names[1]
            )));
        }
        self.describe(&mut read)?;
        self.curves.find_groups(self.places.found, same, &mut read.assumed)?;
        read.columns = Named { values: self.names.to_vec(), by: self.curves.by.clone() };
        self.curves.read = read;
        self.curves.sort();
        Ok(self.curves)
    }

    /// Makes errors of scores, and fills in what was read.
    fn describe(&mut self, read: &mut Read) -> Result<(), Error> {
        let name = &self.names[ERROR];
        read.assumed.extend(self.places.assumed.iter().cloned());
        if let Signs { with: Some(with), without: Some(without) } = self.signs {
            return Err(Error::Unclear(format!(
                "{}: the column {name:?} has a percent sign on line {with} and none on line {without}: write all of them in one way",
                read.file
            )));
        }
        let percent = self.signs.with.is_some();
        if percent {
            read.assumed.push(format!("{name:?} is in percent"));
        }
        let mut unit = Unit { name: name.clone(), percent, ..Unit::default() };
        if self.places.score {
            let most = self.score_max(&read.file, percent)?;
            unit.score_max = Some(most);
            for value in &mut self.curves.values[ERROR] {
                *value = complement(most, *value);
            }
            if self.columns.score_max.is_none() {
                read.assumed.push(format!("the error is {} - {name}", shown(most)));
            }
        }
        let errors = self.curves.values[ERROR].iter();
        (unit.least, unit.most) =
            errors.fold((f64::INFINITY, 0.0_f64), |(least, most), x| (least.min(*x), most.max(*x)));
        if self.missing > 0 {
            let rows = if self.missing == 1 { "row is" } else { "rows are" };
            read.assumed.push(format!("{} {rows} left out: a value is missing", self.missing));
        }
        if let Some(doubt) = &self.places.doubt {
            let other = if self.places.score { "an error" } else { "a score" };
            read.assumed.push(format!("{name:?} is taken as asked, though its name is that of {other}"));
            read.doubt = Some(doubt.clone());
        }
        (read.units, read.score_max, read.unit) = (unit.name(), unit.score_max, unit);
        let curves = &self.curves;
        (read.rows, read.used) = (curves.rows_read, curves.lines.len() as u64);
        let weightless = curves.weightless.iter().map(|rows| u64::from(*rows)).sum();
        read.left_out = LeftOut { filtered: curves.filtered.iter().sum(), missing: self.missing, weightless };
        Ok(())
    }

    /// The largest score, as given or told from the range of the scores.
    fn score_max(&self, file: &str, percent: bool) -> Result<f64, Error> {
        let name = &self.names[ERROR];
        let scores = self.curves.values[ERROR].iter().zip(&self.curves.lines);
        let beyond = |most: f64| scores.clone().find(|(score, _)| **score > most);
        let (least, most) =
            scores.clone().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), (x, _)| (a.min(*x), b.max(*x)));
        let ask = |why: String| {
            Err(Error::Unclear(format!(
                "{file}: {why}: give the largest score that there can be, with --score-max 1, 100 or another"
            )))
        };
        match self.columns.score_max {
            Some(given) => match beyond(given) {
                Some((score, line)) => Err(Error::Unclear(format!(
                    "{file}: line {line}: the score {} is above --score-max {}: raise it, or mend the cell",
                    shown(*score),
                    shown(given)
                ))),
                None => Ok(given),
            },
            None if least < 0.0 => ask(format!("the scores of {name:?} go from {} to {}", shown(least), shown(most))),
            None if names::is_open(name) && !percent => {
                ask(format!("{name:?} has no largest value that could be told from its name"))
            }
            None if percent && most <= 100.0 => Ok(100.0),
            None if most <= 1.0 => Ok(1.0),
            // A file in both units, or a score a little above 1.
            None if most > 100.0 || least <= 1.0 || most <= 2.0 => {
                ask(format!("the scores of {name:?} go from {} to {}", shown(least), shown(most)))
            }
            None => Ok(100.0),
        }
    }
}
