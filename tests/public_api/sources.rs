//! The public items of the library, read off its sources: enough of Rust's grammar for this house, where modules are files,
//! re-exports are `pub use` and a macro that makes public items takes names and lists in brackets, no repetitions.
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Text with comments, string and character literals taken out: what is left has no brace that is none.
pub(crate) fn code(text: &str) -> String {
    let (bytes, mut out, mut i) = (text.as_bytes(), Vec::new(), 0);
    let at = |i: usize| bytes.get(i).copied().unwrap_or(b'\n');
    while i < bytes.len() {
        match at(i) {
            b'/' if at(i + 1) == b'/' => {
                while i < bytes.len() && at(i) != b'\n' {
                    i += 1;
                }
            }
            b'"' => {
                out.extend(b"\"\"");
                i += 1;
                while i < bytes.len() && at(i) != b'"' {
                    i += if at(i) == b'\\' { 2 } else { 1 };
                }
                i += 1;
            }
            b'\'' if at(i + 1) == b'\\' || at(i + 2) == b'\'' => {
                i += if at(i + 1) == b'\\' { 3 } else { 2 };
                while at(i) != b'\'' {
                    i += 1;
                }
                i += 1;
            }
            byte => {
                out.push(byte);
                i += 1;
            }
        }
    }
    String::from_utf8(out).expect("comments and literals are whole")
}

/// One item: its attributes, what stands before its braces, and what in them.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) attributes: Vec<String>,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// The index behind the bracket that closes the one at `open`.
fn closed(text: &str, open: usize) -> usize {
    let mut depth = 0;
    for (i, c) in text[open..].char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return open + i + 1;
        }
    }
    panic!("brackets are balanced: {}", &text[open..text.len().min(open + 80)])
}

fn plain(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace("( ", "(")
        .replace(" ,", ",")
        .replace(", )", ")")
        .replace(",)", ")")
        .replace(" )", ")")
        .replace("[ ", "[")
}

/// The items of a file, or of the braces of an `impl` or a `trait`.
pub(crate) fn items(text: &str) -> Vec<Item> {
    let (mut all, mut rest) = (Vec::new(), 0);
    while let Some(start) = text[rest..].find(|c: char| !c.is_whitespace()).map(|i| rest + i) {
        let (mut attributes, mut at) = (Vec::new(), start);
        while text[at..].starts_with('#') {
            let open = at + text[at..].find('[').expect("an attribute has brackets");
            let end = closed(text, open);
            if !text[at..].starts_with("#!") {
                attributes.push(plain(&text[at..end]));
            }
            at = end + text[end..].find(|c: char| !c.is_whitespace()).unwrap_or(text.len() - end);
        }
        let begin = at;
        let ends_in_semicolon = ["use ", "const ", "static ", "type "].iter().any(|word| {
            let head = text[begin..].trim_start_matches("pub ").trim_start_matches("pub(crate) ");
            let head = head.trim_start_matches("pub(super) ");
            head.starts_with(word) && !head.starts_with("const fn")
        });
        loop {
            match text[at..].find(|c: char| "([{;".contains(c)) {
                None => return all,
                Some(i) if text[at + i..].starts_with(';') => {
                    all.push(Item { attributes, head: plain(&text[begin..at + i]), body: String::new() });
                    at += i + 1;
                    break;
                }
                Some(i) if text[at + i..].starts_with('{') && !ends_in_semicolon => {
                    let end = closed(text, at + i);
                    let body = text[at + i + 1..end - 1].to_string();
                    all.push(Item { attributes, head: plain(&text[begin..at + i]), body });
                    at = end;
                    break;
                }
                Some(i) => at = closed(text, at + i),
            }
        }
        rest = at;
    }
    all
}

/// What the macros of a file make of their calls at its top.
fn made_by_macros(all: &[Item]) -> Vec<Item> {
    let calls = all.iter().filter_map(|call| call.head.split_once("!("));
    let made = calls.filter_map(|(name, rest)| {
        let rule = all.iter().find(|item| item.head == format!("macro_rules! {name}"))?;
        let end = closed(&rule.body, rule.body.find('(')?);
        let (matcher, open) = (&rule.body[..end], end + rule.body[end..].find('{')?);
        let body = &rule.body[open + 1..closed(&rule.body, open) - 1];
        let arguments = arguments(rest.strip_suffix(')')?);
        let names = matcher.split('$').filter_map(|part| part.split_once(':')).map(|(name, _)| name.trim());
        let mut pairs: Vec<(&str, &str)> = names.map(|name| name.trim_start_matches('(')).zip(arguments).collect();
        // The longest first: one name may begin another.
        pairs.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        Some(pairs.iter().fold(body.to_string(), |text, (name, value)| {
            let list = value.trim_start_matches('[').trim_end_matches(']');
            text.replace(&format!("$(${name})*"), list).replace(&format!("${name}"), value)
        }))
    });
    made.flat_map(|text| items(&text)).collect()
}

/// The arguments of a call: words, and lists in brackets.
fn arguments(text: &str) -> Vec<&str> {
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some(start) = text[at..].find(|c: char| !c.is_whitespace()).map(|i| at + i) {
        at = match text[start..].starts_with('[') {
            true => closed(text, start),
            false => text[start..].find(char::is_whitespace).map_or(text.len(), |i| start + i),
        };
        all.push(&text[start..at]);
    }
    all
}

/// A module: its items, and the names of the modules in it.
pub(crate) type Modules = BTreeMap<String, Vec<Item>>;

/// Every module by its path from the root, which is the empty one.
pub(crate) fn modules() -> Modules {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Modules::new();
    let mut waiting: Vec<(String, PathBuf)> = vec![(String::new(), root.join("lib.rs"))];
    while let Some((path, file)) = waiting.pop() {
        let text = fs::read_to_string(&file).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
        let mut items = items(&code(&text));
        items.extend(made_by_macros(&items));
        for item in &items {
            let name = item.head.trim_start_matches("pub ").trim_start_matches("pub(crate) ");
            let is_file = item.body.is_empty() && !item.attributes.iter().any(|a| a.contains("test"));
            if let Some(name) = name.strip_prefix("mod ").filter(|_| is_file) {
                let below = if path.is_empty() { name.to_string() } else { format!("{path}::{name}") };
                waiting.push((below.clone(), root.join(format!("{}.rs", below.replace("::", "/")))));
            }
        }
        all.insert(path, items);
    }
    all
}

/// The last identifier at the start of what follows a keyword.
pub(crate) fn name_after<'a>(head: &'a str, keyword: &str) -> Option<&'a str> {
    let rest = head.strip_prefix("pub ")?.strip_prefix(keyword)?;
    Some(&rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())])
}

pub(crate) const KEYWORDS: [&str; 7] = ["struct ", "enum ", "trait ", "fn ", "const fn ", "const ", "type "];

/// The name of a public item.
pub(crate) fn name_of(item: &Item) -> Option<&str> {
    KEYWORDS.iter().find_map(|keyword| name_after(&item.head, keyword))
}

/// The names that `use a::{b, c::D};` brings, each with its path.
pub(crate) fn leaves(text: &str) -> Vec<String> {
    let Some(open) = text.find('{') else { return vec![text.trim().to_string()] };
    let (prefix, inner) = (text[..open].trim(), &text[open + 1..text.rfind('}').expect("a closing brace")]);
    let (mut all, mut depth, mut start) = (Vec::new(), 0, 0);
    for (i, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let part = inner[start..i].trim();
                if !part.is_empty() {
                    all.extend(leaves(part).iter().map(|leaf| format!("{prefix}{leaf}")));
                }
                start = i + 1;
            }
            _ => {}
        }
    }
    all
}
