//! Which columns are read: those that were named, and those whose names are plain.
use csv::ByteRecord;
use regex_lite::Regex;

use crate::errors::Error;
use crate::filter::Filter;

use super::names::{Holds, close, find, holds, is_measured, is_progress, is_repetition, plain};
use super::number::{Cell, Numbers};

/// What is to be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    /// Value columns, in the order in which the caller wants them: n, the error or score, and more. An empty name is to be
    /// found, and stands there when the file is read.
    pub(crate) values: Vec<String>,
    /// Whether the second value was named as a score; `None` where it was not named.
    pub(crate) score: Option<bool>,
    /// The largest score.
    pub(crate) score_max: Option<f64>,
    /// Which of the values is a weight: a row where it is 0 is left out and counted, whatever its other cells are.
    pub(crate) weight: Option<usize>,
    /// Conditions that tell rows apart: where there are any, one more value column is 1 where all hold, else 0.
    pub(crate) split: Vec<Filter>,
    /// Group columns; none: text columns that tell curves apart are found; one without a name: all rows are one group.
    pub(crate) by: Vec<String>,
    /// Conditions that every row must pass.
    pub(crate) filters: Vec<Filter>,
    /// Separator of the cells, if it was given.
    pub(crate) delimiter: Option<u8>,
    /// Decimal sign, if it was given.
    pub(crate) decimal: Option<u8>,
    /// Columns of a value each: one for each run.
    pub(crate) wide: Option<Regex>,
    /// Whether a missing value is a failure.
    pub(crate) strict: bool,
}

/// Where the wanted columns stand in the file.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pub(crate) header: Vec<String>,
    pub(crate) values: Vec<usize>,
    pub(crate) split: Vec<usize>,
    pub(crate) by: Vec<usize>,
    pub(crate) filters: Vec<usize>,
    /// Whether the second value is a score.
    pub(crate) score: bool,
    /// How many of the group columns were not asked for, but may tell curves apart: they are the last.
    pub(crate) found: usize,
    /// The columns of runs and their names, where the table is wide: each is the second value in turn.
    pub(crate) wide: Vec<(usize, String)>,
    /// How numbers are written.
    pub(crate) numbers: Numbers,
    /// What was taken for granted.
    pub(crate) assumed: Vec<String>,
    /// Why the second value can be no error, by its name.
    pub(crate) doubt: Option<String>,
}

/// Rows of the file that are looked at before it is read.
pub(crate) struct Sample {
    pub(crate) file: String,
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<ByteRecord>,
    /// Whether the file has names for its columns.
    pub(crate) is_named: bool,
    /// How its numbers are written, where the format says so.
    pub(crate) numbers: Numbers,
}

/// The cell without blanks around it, and without quotes that a blank kept from being seen as such.
pub(crate) fn clean(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    match cell {
        [b'"', inner @ .., b'"'] => inner.trim_ascii(),
        _ => cell,
    }
}

/// Whether a cell is a day or a time.
fn is_time(cell: &[u8]) -> bool {
    cell.iter().any(u8::is_ascii_digit) && cell.iter().all(|b| b.is_ascii_digit() || b"-:/.+ TZ".contains(b))
}

/// Whether a cell is text: no number in any way of writing one, no day, and not empty.
pub(crate) fn is_text(cell: &[u8]) -> bool {
    let is_wrong = |sign| matches!(Numbers { decimal: Some(sign) }.cell(cell, true), Cell::Wrong(_));
    is_wrong(b'.') && is_wrong(b',') && !is_time(cell)
}

impl Sample {
    fn cells(&self, place: usize) -> impl Iterator<Item = &[u8]> {
        self.rows.iter().filter_map(move |row| row.get(place)).map(clean)
    }

    /// Whether most cells are numbers, and hardly any is text.
    fn is_numeric(&self, place: usize) -> bool {
        let point = Numbers { decimal: Some(b'.') };
        let comma = Numbers { decimal: Some(b',') };
        let (mut numbers, mut texts) = (0, 0);
        for cell in self.cells(place) {
            match point.cell(cell, true) {
                Cell::Number(_) | Cell::Percent(_) => numbers += 1,
                Cell::Missing => {}
                Cell::Wrong(_) if matches!(comma.cell(cell, true), Cell::Number(_) | Cell::Percent(_)) => numbers += 1,
                Cell::Wrong(_) => texts += 1,
            }
        }
        texts == 0 || numbers > 4 * texts
    }

    /// Whether the cells are days or times.
    fn is_time(&self, place: usize) -> bool {
        self.cells(place).filter(|cell| !cell.is_empty()).all(is_time)
    }

    /// Whether a value comes back: fewer than three in four are new.
    fn recurs(&self, place: usize) -> bool {
        let cells: Vec<&[u8]> = self.cells(place).collect();
        let different: std::collections::HashSet<&&[u8]> = cells.iter().collect();
        cells.len() >= 2 && 4 * different.len() < 3 * cells.len() + 1
    }

    fn listed(&self) -> String {
        let mut columns = self.header.join(", ");
        if columns.chars().count() > 2000 {
            columns = columns.chars().take(2000).chain("...".chars()).collect();
        }
        if self.is_named { columns } else { format!("{columns}, by number: the first line has no names") }
    }

    /// The column of this name, which must be one.
    fn place(&self, name: &str) -> Result<usize, Error> {
        match find(&self.header, name)[..] {
            [place] => Ok(place),
            [] => {
                let hint = close(&self.header, name).map_or(String::new(), |near| format!("; did you mean {near:?}?"));
                Err(Error::MissingColumn { file: self.file.clone(), name: name.into(), columns: self.listed(), hint })
            }
            _ => Err(Error::DuplicateColumn { file: self.file.clone(), name: name.into() }),
        }
    }
}

impl Places {
    /// Looks the columns up in the header; names that were not given are found and put into `columns`.
    pub(crate) fn find(sample: &Sample, columns: &mut Columns) -> Result<Places, Error> {
        for (k, name) in columns.by.iter().enumerate() {
            if columns.by[..k].iter().any(|before| before.trim() == name.trim()) {
                return Err(Error::Option(format!("--by names the column {name:?} twice: name it once")));
            }
        }
        let pooled = matches!(&columns.by[..], [name] if name.trim().is_empty());
        if pooled {
            columns.by.clear();
        }
        let all = |filters: &[Filter]| filters.iter().map(|f| sample.place(&f.column)).collect::<Result<Vec<_>, _>>();
        let mut places = Places { split: all(&columns.split)?, filters: all(&columns.filters)?, ..Places::default() };
        places.by = columns.by.iter().map(|name| sample.place(name)).collect::<Result<_, _>>()?;
        let more = columns.values.iter().skip(2).map(|name| sample.place(name)).collect::<Result<Vec<_>, _>>()?;
        let n = match columns.values[0].as_str() {
            "" => places.find_n(sample, columns, &more)?,
            name => sample.place(name)?,
        };
        let error = if columns.wide.is_some() {
            places.find_wide(sample, columns, n)?
        } else {
            match columns.values[1].as_str() {
                "" => places.find_error(sample, n, &more)?,
                name => {
                    places.score = columns.score == Some(true);
                    sample.place(name)?
                }
            }
        };
        places.values = [n, error].into_iter().chain(more).collect();
        columns.values[0].clone_from(&sample.header[n]);
        if columns.wide.is_none() {
            columns.values[1].clone_from(&sample.header[error]);
            for (name, place) in columns.values.iter_mut().zip(&places.values).skip(2) {
                name.clone_from(&sample.header[*place]);
            }
        }
        for (name, place) in columns.by.iter_mut().zip(&places.by) {
            name.clone_from(&sample.header[*place]);
        }
        places.doubt = doubt(&columns.values[1], places.score);
        if columns.by.is_empty() && !pooled && places.wide.is_empty() {
            places.find_groups(sample, columns);
        }
        if !places.wide.is_empty() {
            columns.by.push("run".into());
        }
        places.header.clone_from(&sample.header);
        Ok(places)
    }

    fn find_n(&mut self, sample: &Sample, columns: &Columns, more: &[usize]) -> Result<usize, Error> {
        let is_free = |place: usize| !more.contains(&place) && !self.by.contains(&place) && sample.is_numeric(place);
        let rank = |place: usize| match holds(&sample.header[place]) {
            Holds::Size(rank) if is_free(place) => Some(rank),
            _ => None,
        };
        let ranked: Vec<(usize, usize)> = (0..sample.header.len()).filter_map(|k| Some((rank(k)?, k))).collect();
        let least = ranked.iter().map(|(rank, _)| *rank).min();
        let best: Vec<usize> = ranked.iter().filter(|(rank, _)| Some(*rank) == least).map(|(_, k)| *k).collect();
        if let [place] = best[..] {
            if plain(&sample.header[place]) != "n" {
                self.assumed.push(format!("n is the column {:?}", sample.header[place]));
            }
            return Ok(place);
        }
        let names: Vec<String> = sample.header.iter().map(|name| plain(name)).collect();
        if names == ["walltime", "step", "value"] {
            return Err(Error::Unclear(format!(
                "{} is an export of TensorBoard, whose Step counts steps of training: if it is the number of samples, add \
                 --n Step --error Value, or --score Value where higher is better",
                sample.file
            )));
        }
        let numeric = (0..names.len())
            .filter(|k| is_free(*k) && !matches!(holds(&sample.header[*k]), Holds::Error | Holds::Score))
            .filter(|k| !is_progress(&sample.header[*k]));
        let likely: Vec<usize> = if best.is_empty() { numeric.collect() } else { best };
        let choice = likely.first().map_or("COL".into(), |place| quote(&sample.header[*place]));
        let also =
            if columns.values[1].is_empty() { ", and --error or --score if that is not plain either" } else { "" };
        let no_header = if sample.is_named { "" } else { " (its first line has numbers and no names)" };
        Err(Error::Unclear(format!(
            "{}: which column is n, the number of samples? Its columns are {}{no_header}: add --n COL, such as --n {choice}{also}",
            sample.file,
            sample.listed()
        )))
    }

    fn find_error(&mut self, sample: &Sample, n: usize, more: &[usize]) -> Result<usize, Error> {
        let is_free = |place: &usize| {
            *place != n
                && !more.contains(place)
                && !self.by.contains(place)
                && !self.filters.contains(place)
                && sample.is_numeric(*place)
        };
        let free: Vec<usize> = (0..sample.header.len()).filter(is_free).collect();
        let of = |what: Holds| -> Vec<usize> {
            free.iter().copied().filter(|k| holds(&sample.header[*k]) == what).collect()
        };
        let (errors, scores) = (of(Holds::Error), of(Holds::Score));
        let named = |place: usize| format!("{:?}", sample.header[place]);
        match (&errors[..], &scores[..]) {
            ([place], []) => {
                if plain(&sample.header[*place]) != "error" {
                    self.assumed.push(format!("the error is the column {}", named(*place)));
                }
                return Ok(*place);
            }
            ([], [place]) => {
                self.score = true;
                self.assumed.push(format!("the score is the column {}, where higher is better", named(*place)));
                return Ok(*place);
            }
            _ => {}
        }
        let add = |places: &[usize], option: &str| -> Vec<String> {
            places.iter().take(4).map(|k| format!("{option} {}", quote(&sample.header[*k]))).collect()
        };
        let mut ways: Vec<String> = add(&errors, "--error").into_iter().chain(add(&scores, "--score")).collect();
        if ways.is_empty() {
            let likely: Vec<usize> = free
                .iter()
                .copied()
                .filter(|k| !sample.header[*k].is_empty() && !is_progress(&sample.header[*k]))
                .collect();
            ways = match likely[..] {
                [] => vec!["--error COL".into()],
                [one] => {
                    vec![format!("--error {0}, or --score {0} where higher is better", quote(&sample.header[one]))]
                }
                _ => add(&likely, "--error"),
            };
            if likely.len() >= 2 {
                ways.push("--score of one of them where higher is better".into());
                ways.push(format!("--wide '{}' if each of them is a run of its own", pattern(sample, &likely)));
            }
        }
        Err(Error::Unclear(format!(
            "{}: which column is the error? Its columns are {}: add {}",
            sample.file,
            sample.listed(),
            ways.join(", or ")
        )))
    }

    /// Finds the columns of runs; the place of the first.
    fn find_wide(&mut self, sample: &Sample, columns: &mut Columns, n: usize) -> Result<usize, Error> {
        let Some(regex) = &columns.wide else { return Ok(n) };
        let with_extremes = regex.as_str().contains("__");
        let mut value = None;
        for (place, name) in sample.header.iter().enumerate().filter(|(place, _)| *place != n) {
            let is_extreme = ["__MIN", "__MAX", "__STEP"].iter().any(|end| name.ends_with(end)) && !with_extremes;
            let Some(captures) = regex.captures(name).filter(|_| !is_extreme && !self.by.contains(&place)) else {
                continue;
            };
            let run = captures.get(1).or(captures.get(0)).map_or("", |found| found.as_str());
            let rest = name.replacen(run, "", 1);
            let rest = rest.trim_matches(|c: char| c.is_whitespace() || "-_:/.|".contains(c)).to_owned();
            if value.as_ref().is_some_and(|value| *value != rest) {
                return Err(Error::Option(format!(
                    "--wide {regex}: it takes columns of different values, {:?} and {rest:?}: take those of one",
                    value.unwrap_or_default()
                )));
            }
            value = Some(rest);
            self.wide.push((place, run.trim().to_owned()));
        }
        let Some(((first, _), value)) = self.wide.first().zip(value) else {
            return Err(Error::Option(format!(
                "--wide {regex}: no column of {} is like that; they are {}",
                sample.file,
                sample.listed()
            )));
        };
        let name = &mut columns.values[1];
        self.score = match (columns.score, holds(&value)) {
            (Some(is_score), _) => is_score,
            (None, Holds::Score) => {
                self.assumed.push(format!("{value:?} is a score, where higher is better"));
                true
            }
            (None, Holds::Error) => false,
            _ => {
                return Err(Error::Option(
                    "--wide: say what the columns hold: --error error, or --score accuracy where higher is better"
                        .into(),
                ));
            }
        };
        if name.is_empty() {
            *name = value;
        }
        Ok(*first)
    }

    /// Columns that may tell curves apart, where none was named: text that comes back, and numbers that do.
    fn find_groups(&mut self, sample: &Sample, columns: &mut Columns) {
        let used = |place: &usize| self.values.contains(place) || self.split.contains(place);
        let free: Vec<usize> = (0..sample.header.len()).filter(|place| !used(place) && sample.recurs(*place)).collect();
        let (numbers, texts): (Vec<usize>, Vec<usize>) = free.into_iter().partition(|place| sample.is_numeric(*place));
        let texts = texts.into_iter().filter(|place| !sample.is_time(*place));
        let numbers = numbers.into_iter().filter(|place| {
            let name = &sample.header[*place];
            !is_repetition(name) && !is_measured(name)
        });
        self.by = texts.collect();
        self.by.extend(numbers);
        self.found = self.by.len();
        columns.by = self.by.iter().map(|place| sample.header[*place].clone()).collect();
    }
}

/// Why a column of this name is no error.
fn doubt(name: &str, score: bool) -> Option<String> {
    match (holds(name), score) {
        (Holds::Score, false) => Some(format!(
            "--error {0}: its name is that of a score, where higher is better: read it with --score {0} (error = 1 - score)",
            quote(name)
        )),
        (Holds::Error, true) => Some(format!(
            "--score {0}: its name is that of an error, where lower is better: read it with --error {0}",
            quote(name)
        )),
        _ => None,
    }
}

/// A name as a shell takes it.
pub(crate) fn quote(name: &str) -> String {
    let is_plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-./,".contains(c));
    if is_plain { name.into() } else { format!("'{name}'") }
}

/// A pattern that takes these columns.
fn pattern(sample: &Sample, places: &[usize]) -> String {
    let names: Vec<&str> = places.iter().map(|k| sample.header[*k].as_str()).collect();
    let behind = names.iter().find_map(|name| name.split_once(" - ")).map(|(_, value)| value);
    match behind {
        Some(value) => format!("^(.*) - {}$", regex_lite::escape(value)),
        None => {
            let names: Vec<String> = names.iter().take(8).map(|name| regex_lite::escape(name)).collect();
            format!("^({})$", names.join("|"))
        }
    }
}
