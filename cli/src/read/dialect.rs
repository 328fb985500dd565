//! How a table is written: separators, comments, where the header stands. Told from the first lines.
use super::columns::clean;
use super::names::{Holds, find, holds};
use super::number::{Cell, Numbers};

/// What separates the cells of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delimiter {
    Byte(u8),
    /// Any number of blanks, none of them at the start or the end.
    Blanks,
}

/// Where the names of the columns stand; lines are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Header {
    Line(usize),
    /// In the last comment before the first row.
    Comment(usize),
    /// There are none; the first row.
    None(usize),
}

/// Beginnings of comments.
pub(crate) const COMMENTS: [&str; 3] = ["#", "%", "//"];

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) delimiter: Delimiter,
    /// What begins a comment, if there are any.
    pub(crate) comment: Option<&'static str>,
    pub(crate) header: Header,
    /// Whether lines end with a CR alone.
    pub(crate) cr: bool,
    /// A first line such as `sep=;`.
    pub(crate) sep: bool,
    /// Whether the table is plain enough for its bytes to be read as they are.
    pub(crate) plain: bool,
}

impl Delimiter {
    /// In words where it is no visible sign.
    pub(crate) fn name(self) -> String {
        match self {
            Delimiter::Byte(b'\t') => "tab".into(),
            Delimiter::Byte(b' ') => "space".into(),
            Delimiter::Byte(byte) => char::from(byte).to_string(),
            Delimiter::Blanks => "blanks".into(),
        }
    }

    /// The cells of a line; separators inside of quotes are none.
    pub(crate) fn cells(self, line: &[u8]) -> Vec<&[u8]> {
        let is_between = |byte: u8| match self {
            Delimiter::Byte(delimiter) => byte == delimiter,
            Delimiter::Blanks => byte == b' ' || byte == b'\t',
        };
        let (mut cells, mut start, mut quoted) = (Vec::new(), 0, false);
        for (k, byte) in line.iter().enumerate() {
            // A quote begins a quoted cell only where the cell begins.
            let begins = !quoted && line[start..k].trim_ascii().is_empty();
            if *byte == b'"' && (quoted || begins) {
                quoted = !quoted;
            } else if !quoted && is_between(*byte) {
                cells.push(&line[start..k]);
                start = k + 1;
            }
        }
        cells.push(&line[start..]);
        if self == Delimiter::Blanks {
            cells.retain(|cell| !cell.trim_ascii().is_empty());
        }
        cells
    }
}

/// The lines of a text, without their ends.
pub(crate) fn lines(text: &[u8], cr: bool) -> impl Iterator<Item = &[u8]> {
    let end = if cr { b'\r' } else { b'\n' };
    text.split(move |byte| *byte == end).map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

fn is_number(cell: &[u8]) -> bool {
    [b'.', b','].iter().any(|decimal| {
        let numbers = Numbers { decimal: Some(*decimal) };
        matches!(numbers.cell(clean(cell), true), Cell::Number(_) | Cell::Percent(_))
    })
}

/// What begins a comment in this line.
pub(crate) fn comment_of(line: &[u8]) -> Option<&'static str> {
    COMMENTS.into_iter().find(|comment| line.trim_ascii_start().starts_with(comment.as_bytes()))
}

/// A comment without what begins it.
pub(crate) fn uncomment<'a>(line: &'a [u8], comment: &str) -> &'a [u8] {
    let line = line.trim_ascii_start();
    line.strip_prefix(comment.as_bytes()).unwrap_or(line).trim_ascii()
}

/// A line and its number, from 0.
type Line<'a> = (usize, &'a [u8]);

/// Tells the dialect from the first bytes of a text; `wanted` are names that were given, `delimiter` is if it was.
pub(crate) fn tell(head: &[u8], is_whole: bool, delimiter: Option<u8>, wanted: &[&str]) -> Dialect {
    let cr = !head.contains(&b'\n') && head.contains(&b'\r');
    let mut all: Vec<Line<'_>> = lines(head, cr).enumerate().collect();
    // The last one may be cut.
    if !is_whole && all.len() > 1 {
        all.pop();
    }
    let said = all.first().and_then(|(_, line)| sep(line));
    let full: Vec<Line<'_>> =
        all.into_iter().skip(usize::from(said.is_some())).filter(|(_, line)| !line.trim_ascii().is_empty()).collect();
    let with = |comment: &str| full.iter().filter(|(_, line)| comment_of(line) == Some(comment)).count();
    // Where most lines begin with the sign it is part of the first cell.
    let comment = COMMENTS.into_iter().filter(|c| with(c) > 0 && 2 * with(c) <= full.len()).max_by_key(|c| with(c));
    let is_comment = |line: &[u8]| comment.is_some() && comment_of(line) == comment;
    let (comments, body): (Vec<Line<'_>>, Vec<Line<'_>>) = full.into_iter().partition(|(_, line)| is_comment(line));
    let delimiter = match delimiter.or(said) {
        Some(byte) => Delimiter::Byte(byte),
        None => separator(&body, wanted),
    };
    let header = header(&body, &comments, comment, delimiter, wanted);
    let first = body.first().map_or(0, |(line, _)| *line);
    let plain = !cr
        && said.is_none()
        && comments.is_empty()
        && delimiter != Delimiter::Blanks
        && match header {
            Header::Line(line) | Header::None(line) => line == first,
            Header::Comment(_) => false,
        };
    Dialect { delimiter, comment, header, cr, sep: said.is_some(), plain }
}

/// The separator that Excel is told by a first line.
fn sep(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii_end();
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    match line {
        [s, e, p, b'=', delimiter] | [s, e, p, b'=', delimiter, b'"'] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => {
            Some(*delimiter)
        }
        [s, e, p, b'='] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => Some(b'\t'),
        _ => None,
    }
}

/// How many cells most lines have, the place of the first line that has, and how many of the lines from there have.
fn shape(body: &[Line<'_>], delimiter: Delimiter) -> Option<(usize, usize, f64)> {
    let counts: Vec<usize> = body.iter().map(|(_, line)| delimiter.cells(line).len()).collect();
    let most = counts.iter().filter(|count| **count >= 2).max_by_key(|count| {
        let lines = counts.iter().filter(|other| other == count).count();
        (lines, **count)
    })?;
    // A header may lack the name of the column of row names.
    let is_header = |k: usize| *most > 2 && counts[k] + 1 == *most && counts.get(k + 1) == Some(most);
    let first = (0..counts.len()).find(|k| counts[*k] == *most || is_header(*k))?;
    let alike = counts[first..].iter().filter(|count| *count == most || (*most > 2 && **count + 1 == *most)).count();
    Some((*most, first, alike as f64 / (counts.len() - first) as f64))
}

/// The separator under which the lines have the same number of cells.
fn separator(body: &[Line<'_>], wanted: &[&str]) -> Delimiter {
    // Of two that do, the rarer sign in other text comes first.
    let candidates = [b'\t', b';', b'|', b','].map(Delimiter::Byte).into_iter().chain([Delimiter::Blanks]);
    let shapes = candidates.filter_map(|delimiter| Some((delimiter, shape(body, delimiter)?)));
    let of = |(delimiter, (_, first, alike)): &(Delimiter, (usize, usize, f64))| {
        let regular = if *alike >= 0.9 { 0 } else { 1 + (10.0 * (1.0 - alike)) as usize };
        let is_named = body.iter().take(NAMED).any(|(_, line)| has_names(*delimiter, line, wanted));
        // Blanks are in any text.
        (!is_named, regular, *first, *delimiter == Delimiter::Blanks)
    };
    shapes.min_by_key(of).map_or(Delimiter::Byte(b','), |(delimiter, _)| delimiter)
}

/// Names are looked for in so many lines.
const NAMED: usize = 50;

/// The names in a line.
fn names(delimiter: Delimiter, line: &[u8]) -> Vec<String> {
    delimiter.cells(line).iter().map(|cell| String::from_utf8_lossy(clean(cell)).into_owned()).collect()
}

/// Whether a line has the names that are wanted, or if there are none, that of a size.
fn has_names(delimiter: Delimiter, line: &[u8], wanted: &[&str]) -> bool {
    let names = names(delimiter, line);
    let is_there = |name: &&str| !find(&names, name).is_empty();
    let mut wanted = wanted.iter().filter(|name| name.parse::<usize>().is_err()).peekable();
    match wanted.peek() {
        Some(_) => wanted.all(is_there),
        None => names.iter().any(|name| matches!(holds(name), Holds::Size(_))),
    }
}

/// Where the names stand.
fn header(
    body: &[Line<'_>],
    comments: &[Line<'_>],
    comment: Option<&str>,
    delimiter: Delimiter,
    wanted: &[&str],
) -> Header {
    let Some(first) = body.first().map(|(line, _)| *line) else { return Header::Line(0) };
    let Some((most, start, _)) = shape(body, delimiter) else { return Header::Line(first) };
    let numbers = |line: &[u8]| delimiter.cells(line).iter().filter(|cell| is_number(cell)).count();
    let fits = |line: &[u8]| [most, most - 1].contains(&delimiter.cells(line).len());
    // Names that are wanted settle it; there may be lines above that look like a table.
    let named =
        body.iter().take(NAMED).find(|(_, line)| fits(line) && numbers(line) < 2 && has_names(delimiter, line, wanted));
    if let Some((line, _)) = named {
        return Header::Line(*line);
    }
    let (row, text) = body[start];
    let is_row = numbers(text) >= 2 || (numbers(text) == most && most > 0);
    if !is_row {
        return Header::Line(row);
    }
    let above = comments.iter().rev().find(|(line, _)| *line < row);
    match (above, comment) {
        (Some((line, text)), Some(comment)) => {
            let text = uncomment(text, comment);
            let is_header = delimiter.cells(text).len() == delimiter.cells(body[start].1).len() && numbers(text) == 0;
            if is_header { Header::Comment(*line) } else { Header::None(row) }
        }
        _ => Header::None(row),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Dialect {
        tell(text.as_bytes(), true, None, &[])
    }

    #[test]
    fn separators_are_told() {
        for (text, delimiter) in [
            ("n,error\n1000,0.5\n", Delimiter::Byte(b',')),
            ("n;error\n1000;0,5\n2000;0,4\n", Delimiter::Byte(b';')),
            ("1000;0,5\n2000;0,4\n", Delimiter::Byte(b';')),
            ("n\terror\n1000\t0,5\n", Delimiter::Byte(b'\t')),
            ("n | error\n1000 | 0.5\n", Delimiter::Byte(b'|')),
            ("      n  error\n0  1000    0.5\n1  2000    0.4\n", Delimiter::Blanks),
            ("n, error\n1000, 0.5\n", Delimiter::Byte(b',')),
            ("model,n,error\n\"a;b\",1000,0.5\n\"a;b\",2000,0.4\n", Delimiter::Byte(b',')),
            ("n\n1\n", Delimiter::Byte(b',')),
        ] {
            assert_eq!(of(text).delimiter, delimiter, "{text:?}");
        }
        assert_eq!(of("sep=;\nn;error\n1;2\n").header, Header::Line(1));
    }

    #[test]
    fn headers_are_found() {
        for (text, header) in [
            ("n,error\n1000,0.5\n", Header::Line(0)),
            ("# run of May\nn,error\n1000,0.5\n", Header::Line(1)),
            ("Results of May\n\nn,error\n1000,0.5\n2000,0.4\n", Header::Line(2)),
            ("# n,error\n1000,0.5\n2000,0.4\n", Header::Comment(0)),
            ("1000,0.5\n2000,0.4\n", Header::None(0)),
            ("Name,May\nBy,me\nn,error\n1000,0.5\n2000,0.4\n", Header::Line(2)),
        ] {
            assert_eq!(of(text).header, header, "{text:?}");
        }
    }
}
