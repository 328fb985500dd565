//! Records as JSON: an object on each line, an array of objects, or an object of columns.
use csv::ByteRecord;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// An object in the order of its keys.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object such as {\"n\": 1000, \"error\": 0.5}")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Object<'de>, M::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Object(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// A table that was written as JSON.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) header: Vec<String>,
    /// Rows and their lines, from 1.
    pub(crate) rows: Vec<(ByteRecord, u64)>,
    pub(crate) format: &'static str,
}

/// Whether a text is JSON, by its beginning.
pub(crate) fn is_json(head: &[u8]) -> bool {
    let mut visible = head.iter().filter(|byte| !byte.is_ascii_whitespace());
    matches!((visible.next(), visible.next()), (Some(b'{'), Some(b'"' | b'}')) | (Some(b'['), Some(b'{' | b'[' | b']')))
}

fn wrong(e: serde_json::Error) -> String {
    format!("line {}: this is no JSON: {e}", e.line().max(1))
}

/// The table in a text, or what is wrong with it.
pub(crate) fn parse(text: &[u8]) -> Result<Table, String> {
    let text = std::str::from_utf8(text).map_err(|_| "its text is not UTF-8".to_owned())?;
    let text = &without_words(text);
    let line = |rest: &str| {
        let before = &text[..rest.as_ptr() as usize - text.as_ptr() as usize];
        before.bytes().filter(|byte| *byte == b'\n').count() as u64 + 1
    };
    let mut objects = Vec::new();
    let format;
    if text.trim_start().starts_with('[') {
        format = "json";
        objects_of(text, &line, &mut objects)?;
    } else {
        let documents = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        let mut found = Vec::new();
        for next in documents {
            found.push(next.map_err(wrong)?);
        }
        if let [only] = found[..] {
            format = "json";
            let object: Object<'_> = serde_json::from_str(only.get()).map_err(wrong)?;
            if let Some(table) = columns(&object, line(only.get())) {
                return Ok(table);
            }
            let arrays: Vec<&RawValue> =
                object.0.iter().map(|(_, value)| *value).filter(|value| value.get().starts_with("[{")).collect();
            match arrays[..] {
                [one] => objects_of(one.get(), &line, &mut objects)?,
                _ => objects.push((object, line(only.get()))),
            }
        } else {
            format = "json lines";
            for raw in found {
                let number = line(raw.get());
                let object = serde_json::from_str(raw.get()).map_err(|e| format!("line {number}: {e}"))?;
                objects.push((object, number));
            }
        }
    }
    Ok(table(objects, format))
}

/// Adds the objects of an array.
fn objects_of<'a>(
    text: &'a str,
    line: &impl Fn(&str) -> u64,
    objects: &mut Vec<(Object<'a>, u64)>,
) -> Result<(), String> {
    let array: Vec<&RawValue> = serde_json::from_str(text).map_err(wrong)?;
    for raw in array {
        let number = line(raw.get());
        let object = serde_json::from_str(raw.get()).map_err(|_| {
            format!("line {number}: give an array of objects, such as [{{\"n\": 1000, \"error\": 0.5}}]")
        })?;
        objects.push((object, number));
    }
    Ok(())
}

/// Python writes NaN and Infinity, which JSON has not: null stands for them.
fn without_words(text: &str) -> String {
    if !text.contains("NaN") && !text.contains("Infinity") {
        return text.to_owned();
    }
    let (mut out, mut quoted, mut rest) = (String::with_capacity(text.len()), false, text);
    while let Some(c) = rest.chars().next() {
        let word = ["NaN", "-Infinity", "Infinity"].into_iter().find(|word| !quoted && rest.starts_with(word));
        if let Some(word) = word {
            out.push_str("null");
            rest = &rest[word.len()..];
            continue;
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
        match c {
            '"' => quoted = !quoted,
            '\\' if quoted => {
                if let Some(next) = rest.chars().next() {
                    out.push(next);
                    rest = &rest[next.len_utf8()..];
                }
            }
            _ => {}
        }
    }
    out
}

/// The text of a value, as it would stand in a cell.
fn cell(raw: &RawValue) -> String {
    let text = raw.get();
    if text.starts_with('"') { serde_json::from_str(text).unwrap_or_else(|_| text.to_owned()) } else { text.to_owned() }
}

/// Adds the values of an object under their names; those of objects inside after the name and a point.
fn flatten(object: &Object<'_>, before: &str, depth: usize, into: &mut Vec<(String, String)>) {
    for (name, raw) in &object.0 {
        let name = format!("{before}{name}");
        match serde_json::from_str::<Object<'_>>(raw.get()) {
            Ok(inner) if raw.get().starts_with('{') && depth < 8 => {
                flatten(&inner, &format!("{name}."), depth + 1, into)
            }
            _ => into.push((name, cell(raw))),
        }
    }
}

/// The records as a table: a column for each name that one of them has.
fn table(objects: Vec<(Object<'_>, u64)>, format: &'static str) -> Table {
    let mut header: Vec<String> = Vec::new();
    let mut places = std::collections::HashMap::new();
    let mut rows = Vec::with_capacity(objects.len());
    for (object, line) in objects {
        let mut cells = Vec::new();
        flatten(&object, "", 0, &mut cells);
        let mut row: Vec<String> = vec![String::new(); header.len()];
        for (name, cell) in cells {
            let place = *places.entry(name.clone()).or_insert_with(|| {
                header.push(name);
                header.len() - 1
            });
            row.resize(header.len().max(row.len()), String::new());
            row[place] = cell;
        }
        rows.push((row, line));
    }
    let count = header.len();
    let record = |(mut row, line): (Vec<String>, u64)| {
        row.resize(count, String::new());
        (ByteRecord::from(row), line)
    };
    Table { header, rows: rows.into_iter().map(record).collect(), format }
}

/// An object whose values are columns: arrays of one length, or objects with the same keys.
fn columns(object: &Object<'_>, line: u64) -> Option<Table> {
    let column = |raw: &RawValue| -> Option<Vec<String>> {
        match raw.get().as_bytes().first()? {
            b'[' => Some(serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok()?.into_iter().map(cell).collect()),
            b'{' => {
                Some(serde_json::from_str::<Object<'_>>(raw.get()).ok()?.0.iter().map(|(_, raw)| cell(raw)).collect())
            }
            _ => None,
        }
    };
    let columns: Vec<Vec<String>> = object.0.iter().map(|(_, raw)| column(raw)).collect::<Option<_>>()?;
    let rows = columns.first().map(Vec::len).filter(|rows| *rows > 0 && columns.len() > 1)?;
    if columns.iter().any(|column| column.len() != rows) {
        return None;
    }
    let header = object.0.iter().map(|(name, _)| name.clone()).collect();
    let row = |k: usize| (columns.iter().map(|column| column[k].as_str()).collect::<ByteRecord>(), line);
    Some(Table { header, rows: (0..rows).map(row).collect(), format: "json" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> (Vec<String>, Vec<String>, Vec<u64>) {
        let table = parse(text.as_bytes()).expect("a table");
        let row = |(record, _): &(ByteRecord, u64)| {
            record.iter().map(|c| String::from_utf8_lossy(c).into_owned()).collect::<Vec<_>>().join("|")
        };
        (table.header, table.rows.iter().map(row).collect(), table.rows.iter().map(|(_, line)| *line).collect())
    }

    #[test]
    fn every_shape_is_the_same_table() {
        let expected = ["1000|0.5", "2000|0.4"];
        for text in [
            "{\"n\":1000,\"error\":0.5}\n{\"n\":2000,\"error\":0.4}\n",
            "[{\"n\":1000,\"error\":0.5},\n {\"n\":2000,\"error\":0.4}]",
            "{\"n\":[1000,2000],\"error\":[0.5,0.4]}",
            "{\"n\":{\"0\":1000,\"1\":2000},\"error\":{\"0\":0.5,\"1\":0.4}}",
            "{\"runs\":[{\"n\":1000,\"error\":0.5},{\"n\":2000,\"error\":0.4}],\"version\":1}",
        ] {
            let (header, rows, _) = cells(text);
            assert_eq!(
                (header, rows),
                (vec!["n".to_owned(), "error".into()], expected.map(String::from).to_vec()),
                "{text}"
            );
        }
    }

    #[test]
    fn records_may_differ_and_hold_records() {
        let (header, rows, lines) =
            cells("{\"n\":1,\"config\":{\"model\":\"r50\"}}\n\n{\"n\":2,\"x\":NaN,\"s\":\"a \\\"NaN\"}\n");
        assert_eq!(header, ["n", "config.model", "x", "s"]);
        assert_eq!((rows, lines), (vec!["1|r50||".to_owned(), "2||null|a \"NaN".into()], vec![1, 3]));
        assert!(parse(b"{\"n\":1}\n{\"n\":").is_err_and(|e| e.starts_with("line 2")), "cut short");
        assert!(parse(b"[[1,2]]").is_err_and(|e| e.contains("array of objects")), "an array of arrays");
    }
}
