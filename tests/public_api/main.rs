//! The public interface: its listing in docs/public-api.txt is that of the sources, no two types have one name, and every
//! function is called by a test, an example of the documentation or a program of examples/.
//!
//! `SYN2REAL_BLESS=1 cargo test --test public_api` writes the listing anew.
mod rest;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use sources::{Item, Modules, code, items, leaves, modules, name_of};

/// Where a public item is defined: module and name.
type Place = (String, String);

/// Every public path (below `syn2real::`) with what it names.
fn exported(modules: &Modules) -> BTreeMap<String, Place> {
    let mut all = BTreeMap::new();
    let mut waiting = vec![String::new()];
    while let Some(path) = waiting.pop() {
        let join = |name: &str| if path.is_empty() { name.to_string() } else { format!("{path}::{name}") };
        for item in &modules[&path] {
            if let Some(name) = item.head.strip_prefix("pub mod ") {
                waiting.push(join(name));
            } else if let Some(text) = item.head.strip_prefix("pub use ") {
                for leaf in leaves(text) {
                    let (at, name) = leaf.rsplit_once("::").expect("a re-export names a module");
                    all.insert(join(name), place(modules, &path, at, name));
                }
            } else if let Some(name) = name_of(item) {
                all.insert(join(name), (path.clone(), name.to_string()));
            }
        }
    }
    all
}

/// The definition behind a name in a module that is given from another.
fn place(modules: &Modules, from: &str, at: &str, name: &str) -> Place {
    let mut inside: Vec<&str> = from.split("::").filter(|part| !part.is_empty()).collect();
    for part in at.split("::") {
        match part {
            "self" => {}
            "super" => _ = inside.pop(),
            "crate" => inside.clear(),
            part => inside.push(part),
        }
    }
    let module = inside.join("::");
    let items = modules.get(&module).unwrap_or_else(|| panic!("no module {module} for {name} in {from:?}"));
    if items.iter().any(|item| name_of(item) == Some(name)) {
        return (module, name.to_string());
    }
    for text in items.iter().filter_map(|item| item.head.strip_prefix("pub use ")) {
        for leaf in leaves(text) {
            if let Some((at, last)) = leaf.rsplit_once("::").filter(|(_, last)| *last == name) {
                return place(modules, &module, at, last);
            }
        }
    }
    panic!("{name} is not in {module}")
}

/// The trait, if it is one of a trait, and the type of an `impl`.
fn implemented(head: &str) -> Option<(Option<String>, String)> {
    let rest = head.strip_prefix("impl")?;
    let mut depth = 0;
    let skip = rest.char_indices().find_map(|(i, c)| {
        depth += i32::from(c == '<') - i32::from(c == '>' && !rest[..i].ends_with('-'));
        (depth == 0).then_some(if c == '>' { i + 1 } else { i })
    });
    let rest = rest[skip.unwrap_or(0)..].trim().split(" where ").next().expect("a part").trim();
    let (of, name) = rest.split_once(" for ").map_or((None, rest), |(of, name)| (Some(of.to_string()), name));
    let base = name.split('<').next().expect("a part").trim();
    Some((of, base.rsplit("::").next().expect("a part").to_string()))
}

/// Lines of the listing, and the functions: path, name, type and whether it takes self.
fn listing(modules: &Modules) -> (BTreeSet<String>, Vec<Function>) {
    let exported = exported(modules);
    // One path for each item, the shortest; the others are said to be the same.
    let mut paths: BTreeMap<&Place, &str> = BTreeMap::new();
    for (path, place) in &exported {
        let short = paths.entry(place).or_insert(path);
        if path.matches("::").count() < short.matches("::").count() {
            *short = path;
        }
    }
    let own: BTreeSet<(&str, &str)> = modules
        .iter()
        .flat_map(|(module, items)| items.iter().filter_map(|item| Some((module.as_str(), type_of(&item.head)?))))
        .collect();
    let (mut lines, mut functions) = (BTreeSet::new(), Vec::new());
    for (path, place) in exported.iter().filter(|(path, place)| paths[place] != path.as_str()) {
        lines.insert(format!("pub use syn2real::{path} (syn2real::{})", paths[place]));
    }
    for (place, path) in &paths {
        let item = modules[&place.0].iter().find(|item| name_of(item) == Some(&place.1)).expect("found before");
        let kind = KINDS.iter().find(|kind| item.head.starts_with(**kind)).expect("a kind of item");
        lines.insert(format!("{}{}", said(item, kind, path), marks(item)));
        if kind.ends_with("fn ") {
            functions.push(Function {
                path: path.to_string(),
                name: place.1.clone(),
                of: None,
                takes_self: false,
                of_trait: false,
            });
        }
        let is_type = ["pub struct ", "pub enum ", "pub trait ", "pub type "].contains(kind);
        if !is_type {
            continue;
        }
        lines.extend(members(item, kind, path));
        if *kind == "pub trait " {
            for member in items(&item.body).iter().filter(|member| member.head.starts_with("fn ")) {
                functions.push(Function { of_trait: true, ..method(member, &member.head, path, &place.1) });
                lines.insert(said(&Item { head: format!("pub {}", member.head), ..member.clone() }, "pub fn ", path));
            }
        }
        for (module, all) in modules {
            let is_here = *module == place.0;
            // A private type of the same name.
            if !is_here && own.contains(&(module.as_str(), place.1.as_str())) {
                continue;
            }
            for item in all {
                let Some((of, _)) = implemented(&item.head).filter(|(_, name)| *name == place.1) else { continue };
                if let Some(of) = of {
                    if !of.contains("Sealed") {
                        lines.insert(format!("impl {of} for syn2real::{path}{}", marks(item)));
                    }
                    continue;
                }
                for member in items(&item.body).iter().filter(|member| member.head.starts_with("pub ")) {
                    let Some(kind) =
                        ["pub fn ", "pub const fn ", "pub const "].iter().find(|k| member.head.starts_with(**k))
                    else {
                        continue;
                    };
                    lines.insert(format!("{}{}", said(member, kind, path), marks(item)));
                    if kind.ends_with("fn ") {
                        functions.push(method(member, &member.head[kind.len() - 3..], path, &place.1));
                    }
                }
            }
        }
    }
    (lines, functions)
}

const KINDS: [&str; 7] =
    ["pub struct ", "pub enum ", "pub trait ", "pub fn ", "pub const fn ", "pub const ", "pub type "];

/// The name of a struct or an enumeration of any visibility.
fn type_of(head: &str) -> Option<&str> {
    let at = ["struct ", "enum "].iter().find_map(|word| {
        let at = head.find(word)?;
        (at == 0 || head[..at].starts_with("pub")).then_some(at + word.len())
    })?;
    head[at..].split(['<', '(', ' ']).next()
}

/// A function that can be called.
struct Function {
    path: String,
    name: String,
    of: Option<String>,
    takes_self: bool,
    of_trait: bool,
}

fn method(member: &Item, head: &str, path: &str, of: &str) -> Function {
    let name = head.trim_start_matches("fn ").split(['(', '<']).next().expect("a part").to_string();
    let arguments = &member.head[member.head.find('(').map_or(0, |i| i + 1)..];
    let first = arguments.split([',', ')']).next().expect("a part").trim();
    let takes_self = ["self", "&self", "&mut self", "mut self"].contains(&first);
    Function { path: format!("{path}::{name}"), name, of: Some(of.to_string()), takes_self, of_trait: false }
}

/// The item with its whole path; of a constant without its value, of a type without its fields.
fn said(item: &Item, kind: &str, path: &str) -> String {
    let rest = &item.head[kind.len()..];
    let is_own = path.rsplit("::").next().is_some_and(|last| rest.starts_with(last) && KINDS[..3].contains(&kind))
        || !path
            .rsplit("::")
            .next()
            .is_some_and(|last| last.starts_with(char::is_uppercase) && !rest.starts_with(last));
    let place = if is_own { path.rsplit_once("::").map_or("", |(place, _)| place) } else { path };
    let place = if place.is_empty() { String::new() } else { format!("{place}::") };
    let rest = if kind == "pub const " { rest.split(" = ").next().expect("a part") } else { rest };
    format!("{kind}syn2real::{place}{rest}")
}

/// Fields of a struct and variants of an enum.
fn members(item: &Item, kind: &str, path: &str) -> Vec<String> {
    let (mut all, mut depth, mut start) = (Vec::new(), 0, 0);
    for (i, c) in item.body.char_indices().chain([(item.body.len(), ',')]) {
        depth += i32::from("([{<".contains(c)) - i32::from(")]}>".contains(c));
        if c == ',' && depth == 0 {
            let mut part = item.body[start..i].trim();
            while let Some(rest) = part.strip_prefix('#') {
                part = rest[rest.find(']').map_or(0, |i| i + 1)..].trim_start_matches([')', ']']).trim();
            }
            let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
            match kind {
                "pub struct " if part.starts_with("pub ") => all.push(format!("pub syn2real::{path}::{}", &part[4..])),
                "pub enum " if !part.is_empty() => all.push(format!("pub syn2real::{path}::{part}")),
                _ => {}
            }
            start = i + 1;
        }
    }
    all
}

/// What else a user may rely on: derived traits, whether more may come, and the feature it takes.
fn marks(item: &Item) -> String {
    let mut all = Vec::new();
    for attribute in &item.attributes {
        let inside =
            |prefix: &str| attribute.strip_prefix(prefix).map(|rest| rest.trim_end_matches([')', ']']).to_string());
        all.extend(inside("#[derive("));
        all.extend((attribute == "#[non_exhaustive]").then(|| "non_exhaustive".to_string()));
        all.extend(attribute.starts_with("#[cfg(feature").then(|| "feature".to_string()));
    }
    if all.is_empty() { String::new() } else { format!("  [{}]", all.join("; ")) }
}

#[test]
fn the_listing_is_that_of_the_sources() {
    let (lines, functions) = listing(&modules());
    let text = lines.into_iter().map(|line| line + "\n").collect::<String>();
    assert!(functions.len() > 100 && text.lines().count() > 500, "{} functions: is this the library?", functions.len());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/public-api.txt");
    if std::env::var_os("SYN2REAL_BLESS").is_some() {
        fs::write(&file, &text).expect("docs can be written");
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    let (kept, found): (BTreeSet<&str>, BTreeSet<&str>) = (kept.lines().collect(), text.lines().collect());
    let (gone, new): (Vec<_>, Vec<_>) = (kept.difference(&found).collect(), found.difference(&kept).collect());
    assert!(
        gone.is_empty() && new.is_empty(),
        "docs/public-api.txt is stale: SYN2REAL_BLESS=1 cargo test --test public_api\ngone: {gone:#?}\nnew: {new:#?}"
    );
}

#[test]
fn no_two_public_types_have_one_name() {
    let modules = modules();
    let mut names: BTreeMap<String, BTreeSet<Place>> = BTreeMap::new();
    for place in exported(&modules).into_values() {
        if place.1.starts_with(char::is_uppercase) && place.1.contains(char::is_lowercase) {
            names.entry(place.1.clone()).or_default().insert(place);
        }
    }
    assert!(names.len() > 80, "{} types: is this the library?", names.len());
    let twice: Vec<_> = names.values().filter(|places| places.len() > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

/// Tests, examples and the code in comments: what may call a public function.
fn callers() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = String::new();
    let mut folders: Vec<_> = ["src", "tests", "examples"].map(|folder| root.join(folder)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the sources can be read") {
            let path = entry.expect("the sources can be read").path();
            let text = || fs::read_to_string(&path).expect("sources are UTF-8");
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(e) if e == "rs" && path.starts_with(root.join("src")) => {
                    let text = text();
                    let comments = text
                        .lines()
                        .map(str::trim_start)
                        .filter_map(|l| l.strip_prefix("///").or(l.strip_prefix("//!")));
                    let is_code = &mut false;
                    all.extend(comments.flat_map(|line| {
                        *is_code ^= line.trim_start().starts_with("```");
                        if *is_code { [line, "\n"] } else { ["", ""] }
                    }));
                    all.push_str(&code(text.split("#[cfg(test)]").nth(1).unwrap_or("")));
                }
                Some(e) if e == "rs" => all.push_str(&code(&text())),
                _ => {}
            }
        }
    }
    all
}

/// Every word of a text with the places where it stands.
fn words(text: &str) -> BTreeMap<&str, Vec<usize>> {
    let (mut all, mut start): (BTreeMap<&str, Vec<usize>>, _) = (BTreeMap::new(), None);
    for (i, byte) in text.bytes().chain([b' ']).enumerate() {
        let is_word = byte.is_ascii_alphanumeric() || byte == b'_';
        match (start, is_word) {
            (None, true) => start = Some(i),
            (Some(from), false) => {
                all.entry(&text[from..i]).or_default().push(from);
                start = None;
            }
            _ => {}
        }
    }
    all
}

/// By name only: a method counts as called where any `.name(` stands, an associated function where `Type::name` does, a function
/// where its name is called or handed on, and a function of a trait also where a test has one of its own. So a method of a common
/// name may hide behind that of another type, and a call counts whatever is asserted of it. Macros are not looked into.
#[test]
fn every_public_function_is_called_by_a_test_or_an_example() {
    let (_, functions) = listing(&modules());
    let callers = callers();
    let words = words(&callers);
    let is_called = |f: &Function| {
        words.get(f.name.as_str()).into_iter().flatten().any(|&at| {
            let (before, after) = (&callers[..at], &callers[at + f.name.len()..]);
            let after = &after[after.find(|c: char| !c.is_whitespace()).unwrap_or(0)..];
            let is_call = after.starts_with('(') || after.starts_with("::<");
            let is_given = after.starts_with([')', ',']) && !before.ends_with('.');
            let of = before.strip_suffix("::").map(|before| match before.strip_suffix('>') {
                Some(generic) => generic[..generic.rfind('<').unwrap_or(0)].trim_end_matches("::"),
                None => before,
            });
            match (&f.of, f.takes_self) {
                (Some(_), true) => {
                    let is_own = f.of_trait && before.ends_with("fn ");
                    ((before.ends_with('.') || is_own) && is_call) || of.is_some()
                }
                (Some(name), false) => of.is_some_and(|of| of.ends_with(name.as_str())),
                (None, _) => (is_call && !before.ends_with("fn ") && !before.ends_with('.')) || is_given,
            }
        })
    };
    let never: Vec<&str> = functions.iter().filter(|f| !is_called(f)).map(|f| f.path.as_str()).collect();
    assert!(never.is_empty(), "{} of {} public functions are called nowhere: {never:#?}", never.len(), functions.len());
}
