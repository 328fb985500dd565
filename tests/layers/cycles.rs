//! Which file needs which: imports and paths followed through re-exports to the file that defines the name.
use std::collections::{BTreeMap, BTreeSet};

/// A file: its module path, the names it defines, what it imports, and the code without the imports.
struct File {
    module: Vec<String>,
    defined: BTreeSet<String>,
    imports: Vec<Import>,
    body: String,
}

struct Import {
    path: Vec<String>,
    /// The name in this file; `*` for all names.
    name: String,
    is_public: bool,
}

pub(crate) struct Graph {
    files: BTreeMap<String, File>,
    /// Names of files by module path.
    modules: BTreeMap<Vec<String>, String>,
}

impl Graph {
    /// From the name below the root and the code of each file; `root` is the file of the crate itself.
    pub(crate) fn new<'a>(sources: impl IntoIterator<Item = (&'a str, &'a str)>, root: &str) -> Graph {
        let (mut files, mut modules) = (BTreeMap::new(), BTreeMap::new());
        for (name, code) in sources {
            let path = name.trim_end_matches(".rs").split('/').map(String::from);
            let module: Vec<String> = if name == root { Vec::new() } else { path.collect() };
            modules.insert(module.clone(), name.to_string());
            files.insert(name.to_string(), File::read(module, code));
        }
        Graph { files, modules }
    }

    /// The files that this one needs.
    pub(crate) fn needs(&self, name: &str) -> BTreeSet<&str> {
        let file = &self.files[name];
        let mut all = BTreeSet::new();
        for import in &file.imports {
            // What is passed on without being used is no need of this file.
            if !import.is_public || file.mentions(&import.name) {
                all.extend(self.home(&file.module, &import.path, 0));
            }
        }
        for path in paths(&file.body) {
            all.extend(self.home(&file.module, &path, 0));
        }
        all.remove(name);
        all
    }

    /// The file that defines what `path` names when it stands in `module`; `None` for other crates and for a module alone.
    fn home(&self, module: &[String], path: &[String], depth: usize) -> Option<&str> {
        let (mut at, mut rest) = (module.to_vec(), path);
        // Re-exports of re-exports end; a circle of globs would not.
        if depth > 8 {
            return None;
        }
        match rest.first()?.as_str() {
            "crate" => (at, rest) = (Vec::new(), &rest[1..]),
            "self" => rest = &rest[1..],
            _ => {}
        }
        while rest.first().is_some_and(|segment| segment == "super") {
            at.pop()?;
            rest = &rest[1..];
        }
        while let Some(segment) = rest.first() {
            let mut child = at.clone();
            child.push(segment.clone());
            if self.modules.contains_key(&child) {
                (at, rest) = (child, &rest[1..]);
                continue;
            }
            let name = self.modules.get(&at)?;
            let file = &self.files[name];
            if file.defined.contains(segment) {
                return Some(name);
            }
            if let Some(import) = file.imports.iter().find(|import| import.name == *segment) {
                let whole: Vec<String> = import.path.iter().chain(&rest[1..]).cloned().collect();
                return self.home(&at, &whole, depth + 1);
            }
            return file.imports.iter().filter(|import| import.name == "*").find_map(|import| {
                let whole: Vec<String> = import.path.iter().chain(rest).cloned().collect();
                self.home(&at, &whole, depth + 1)
            });
        }
        None
    }

    /// Groups of files each of which needs, over the others, itself; sorted.
    pub(crate) fn cycles(&self) -> Vec<Vec<String>> {
        let needs: BTreeMap<&str, BTreeSet<&str>> = self.files.keys().map(|f| (f.as_str(), self.needs(f))).collect();
        let reached = reached(&needs);
        let mut groups = BTreeSet::new();
        for (file, to) in reached.iter().filter(|(file, to)| to.contains(*file)) {
            groups.insert(to.iter().filter(|t| reached[*t].contains(file)).map(|t| t.to_string()).collect::<Vec<_>>());
        }
        groups.into_iter().collect()
    }

    /// The needs within a group, a line each.
    pub(crate) fn within(&self, group: &[String]) -> String {
        let mut text = String::new();
        for file in group {
            let inside: Vec<&str> = self.needs(file).into_iter().filter(|f| group.iter().any(|g| g == f)).collect();
            text += &format!("  {file} needs {}\n", inside.join(", "));
        }
        text
    }
}

/// What each file needs over others as well.
fn reached<'a>(needs: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut all = BTreeMap::new();
    for &file in needs.keys() {
        let (mut seen, mut left) = (BTreeSet::new(), vec![file]);
        while let Some(next) = left.pop() {
            left.extend(needs[next].iter().filter(|far| seen.insert(**far)));
        }
        all.insert(file, seen);
    }
    all
}

impl File {
    /// Whether the name stands in the code elsewhere than in the declaration of a module.
    fn mentions(&self, name: &str) -> bool {
        let before = std::iter::once("").chain(words(&self.body));
        words(&self.body).zip(before).any(|(word, before)| word == name && before != "mod")
    }

    fn read(module: Vec<String>, code: &str) -> File {
        let (mut imports, mut body) = (Vec::new(), String::new());
        let mut left = code;
        while let Some(at) = import(left) {
            let end = left[at..].find(';').map_or(left.len(), |i| at + i);
            let line = left[..at].rfind('\n').map_or(0, |i| i + 1);
            let is_public = left[line..at].contains("pub");
            body += &left[..line];
            expand(left[at + "use ".len()..end].trim(), &[], is_public, &mut imports);
            left = &left[end..];
        }
        body += left;
        let keywords = ["fn", "struct", "enum", "trait", "const", "static", "type", "mod", "union", "macro_rules"];
        let (mut defined, mut before) = (BTreeSet::new(), "");
        for word in words(&body) {
            if keywords.contains(&before) {
                defined.insert(word.to_string());
            }
            before = word;
        }
        File { module, defined, imports, body }
    }
}

/// Where the next import begins: `use ` as the first word of a line but for its visibility.
fn import(code: &str) -> Option<usize> {
    let is_import = |at: &usize| {
        let line = code[..*at].rfind('\n').map_or(0, |i| i + 1);
        let before = code[line..*at].trim();
        before.is_empty() || before.starts_with("pub")
    };
    code.match_indices("use ").map(|(at, _)| at).find(is_import)
}

/// The paths of one import.
fn expand(tree: &str, before: &[String], is_public: bool, out: &mut Vec<Import>) {
    let (head, group) = match tree.split_once('{') {
        Some((head, group)) => (head, group.trim_end().strip_suffix('}')),
        None => (tree, None),
    };
    let (head, alias) = match head.split_once(" as ") {
        Some((head, alias)) => (head, Some(alias.trim().to_string())),
        None => (head, None),
    };
    let mut path = before.to_vec();
    path.extend(head.split("::").map(str::trim).filter(|s| !s.is_empty()).map(String::from));
    if let Some(group) = group {
        let (mut depth, mut start) = (0, 0);
        for (i, ch) in group.char_indices().chain([(group.len(), ',')]) {
            match ch {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    if !group[start..i].trim().is_empty() {
                        expand(group[start..i].trim(), &path, is_public, out);
                    }
                    start = i + 1;
                }
                _ => {}
            }
        }
        return;
    }
    let last = path.last().cloned().unwrap_or_default();
    if (last == "self" || last == "*") && path.len() > 1 {
        path.pop();
    }
    let name = if last == "*" { last } else { path.last().cloned().unwrap_or_default() };
    out.push(Import { name: alias.unwrap_or(name), path, is_public });
}

/// Identifiers in order.
fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// Paths of two segments or more, `a::b`.
fn paths(code: &str) -> Vec<Vec<String>> {
    code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .filter(|word| word.contains("::") && !word.starts_with(':'))
        .map(|word| word.split("::").filter(|s| !s.is_empty()).map(String::from).collect())
        .collect()
}

/// Imports, groups, re-exports, modules by name and `super` are followed to the file that defines.
#[test]
fn a_circle_over_a_reexport_is_seen() {
    let sources = [
        ("lib.rs", "mod a;\nmod b;\npub use b::B;\npub use a::{A, deep::{self, Deep as Low}};"),
        ("a.rs", "pub mod deep;\nuse crate::B;\npub struct A(B);"),
        ("a/deep.rs", "use super::super::b;\npub struct Deep(b::B);"),
        ("b.rs", "use crate::Low;\npub struct B; fn f() { let _: Low; other::thing() }"),
    ];
    let graph = Graph::new(sources, "lib.rs");
    let needs = |file| graph.needs(file).into_iter().collect::<Vec<_>>();
    assert!(needs("lib.rs").is_empty(), "what is passed on is not needed: {:?}", needs("lib.rs"));
    assert_eq!(needs("a.rs"), ["b.rs"]);
    assert_eq!(needs("a/deep.rs"), ["b.rs"]);
    assert_eq!(needs("b.rs"), ["a/deep.rs"], "an alias of the crate root");
    assert_eq!(graph.cycles(), [["a/deep.rs", "b.rs"]]);
}
