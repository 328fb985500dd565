//! The rules of the house, read off the sources: imports go down only, unsafe and libm live in one file each, no std,
//! short files, no cycles between files.
mod cycles;

use std::fs;
use std::path::{Path, PathBuf};

use cycles::Graph;

/// Rooms from the bottom up. Rooms of one level may use each other: laws speak of points, points of residuals, and both
/// of them in arrays of `linalg`.
const LEVELS: [(&str, usize); 21] = [
    ("math", 0),
    ("simd", 0),
    ("linalg", 1),
    ("point", 1),
    ("law", 1),
    ("solve", 2),
    ("exchange", 1),
    ("fit", 3),
    ("infer", 4),
    ("compare", 5),
    ("backtest", 5),
    ("decouple", 5),
    ("landscape", 5),
    ("forecast", 5),
    ("model_size", 5),
    ("plan", 6),
    ("control", 7),
    ("own", 7),
    ("complexity", 1),
    ("theory", 1),
    ("lib", 9),
];

fn level(room: &str) -> usize {
    LEVELS
        .iter()
        .find(|(name, _)| *name == room)
        .unwrap_or_else(|| panic!("room {room} has no level: add it to LEVELS"))
        .1
}

/// Every file of `src` with its path below `src` and its code: comments and the tests at its bottom left out.
fn sources() -> Vec<(String, String, usize)> {
    below("src")
}

/// The same for a folder of this repository.
fn below(folder: &str) -> Vec<(String, String, usize)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let (mut folders, mut all): (Vec<PathBuf>, Vec<(String, String, usize)>) = (vec![root.clone()], Vec::new());
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder of sources") {
            let path = entry.expect("an entry of it").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).expect("sources are UTF-8");
                let name = path.strip_prefix(&root).expect("below the root").to_string_lossy().replace('\\', "/");
                all.push((name, code(&text), text.lines().count()));
            }
        }
    }
    all.sort();
    assert!(all.len() > 10, "{folder} has {} files: is this the right folder?", all.len());
    all
}

/// The text without comments and without what follows `#[cfg(test)]`.
fn code(text: &str) -> String {
    let body = text.split("#[cfg(test)]\nmod tests").next().expect("split yields one part");
    body.lines().map(|line| line.split("//").next().expect("split yields one part")).collect::<Vec<_>>().join("\n")
}

fn room(file: &str) -> &str {
    file.trim_end_matches(".rs").split('/').next().expect("split yields one part")
}

/// Names that follow `prefix` in the code: in a group, its first segments. `crate::{a, b::c}` gives a, b.
fn named_after(code: &str, prefix: &str) -> Vec<String> {
    let head =
        |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut all = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let rest = &code[at + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            all.push(head(rest));
            continue;
        };
        let mut depth = 0;
        let mut start = true;
        for (i, ch) in group.char_indices() {
            match ch {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => start = true,
                c if start && !c.is_whitespace() => {
                    all.push(head(&group[i..]));
                    start = false;
                }
                _ => {}
            }
        }
    }
    all
}

/// Rooms that a file uses by `crate::` (in imports and in paths), or by `super::` from the top of a room.
fn uses(file: &str, code: &str) -> Vec<String> {
    let mut all = named_after(code, "crate::");
    if !file.contains('/') {
        all.extend(named_after(code, "super::"));
    } else if file.matches('/').count() == 1 {
        all.extend(named_after(code, "super::super::"));
    }
    all.into_iter().filter(|name| name.chars().next().is_some_and(|c| c.is_lowercase())).collect()
}

/// Rooms whose types the crate root re-exports.
fn reexported() -> Vec<(String, String)> {
    let sources = sources();
    let (_, lib, _) = sources.iter().find(|(name, _, _)| name == "lib.rs").expect("src/lib.rs");
    let mut all = Vec::new();
    for line in lib.split(';').filter_map(|s| s.trim().strip_prefix("pub use ")) {
        let (room, names) = line.split_once("::").expect("pub use room::names");
        for name in names.trim_matches(['{', '}']).split(',') {
            all.push((name.trim().to_string(), room.to_string()));
        }
    }
    all
}

#[test]
fn imports_go_down() {
    let types = reexported();
    let mut upward = Vec::new();
    let mut edges = 0;
    for (file, code, _) in sources().iter().filter(|(file, _, _)| file != "lib.rs") {
        let from = room(file);
        let mut targets = uses(file, code);
        // `crate::Point` is an import of the room that the root re-exports it from.
        let by_root = named_after(code, "crate::");
        targets.extend(by_root.iter().filter_map(|n| types.iter().find(|(t, _)| t == n).map(|(_, room)| room.clone())));
        for to in targets.iter().filter(|to| to.as_str() != from && to.as_str() != "self" && to.as_str() != "super") {
            edges += 1;
            if level(to) > level(from) {
                upward.push(format!("src/{file} uses {to}"));
            }
        }
    }
    assert!(edges > 10, "only {edges} imports were seen: is the reader broken?");
    assert!(upward.is_empty(), "imports that go up:\n{}", upward.join("\n"));
}

/// The reader sees what it must see.
#[test]
fn the_reader_works() {
    let text = "use crate::fit::A; use crate::{law::{B, C}, math};\nlet x = crate::solve::f(); // crate::plan::x\n#[cfg(test)]\nmod tests { use crate::control::Y; }";
    assert_eq!(uses("law/power.rs", &code(text)), ["fit", "law", "math", "solve"], "imports of a file");
    assert_eq!(uses("law.rs", "use super::fit::A;"), ["fit"], "super:: from the top of a room");
    assert_eq!(uses("law/power.rs", "use super::super::fit::A;"), ["fit"], "super::super:: from inside of a room");
    assert!(
        words(&code("unsafe_code /* */ libm // unsafe"), "libm") && !words(&code("unsafe_code"), "unsafe"),
        "words"
    );
}

/// Whether the word stands alone in the code.
fn words(code: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        !code[..at].chars().next_back().is_some_and(part) && !code[at + word.len()..].chars().next().is_some_and(part)
    })
}

#[test]
fn unsafe_libm_and_std_live_where_they_belong() {
    let mut wrong = Vec::new();
    for (file, code, _) in sources() {
        for (word, home) in [("unsafe", "simd/isa.rs"), ("libm", "math.rs"), ("std", ""), ("mul_add", "")] {
            if file != home && words(&code, word) {
                wrong.push(format!("src/{file}: {word}"));
            }
        }
        if file != "lib.rs" && words(&code, "alloc") && !code.contains("feature = \"alloc\"") {
            wrong.push(format!("src/{file}: alloc without its feature"));
        }
    }
    assert!(wrong.is_empty(), "out of place:\n{}", wrong.join("\n"));
}

/// A file can be read after those that it needs: none needs itself over others.
#[test]
fn no_cycles_between_files() {
    for (folder, root) in [("src", "lib.rs"), ("cli/src", "main.rs")] {
        let sources = below(folder);
        let graph = Graph::new(sources.iter().map(|(file, code, _)| (file.as_str(), code.as_str())), root);
        let groups: Vec<String> = graph.cycles().iter().map(|group| graph.within(group)).collect();
        assert!(groups.is_empty(), "files of {folder} that need each other:\n{}", groups.join("\n"));
    }
}

#[test]
fn files_are_short() {
    // The rule is about 400; the bar leaves room for one more test.
    let long: Vec<String> =
        sources().into_iter().filter(|(_, _, n)| *n > 450).map(|(f, _, n)| format!("src/{f}: {n} lines")).collect();
    assert!(long.is_empty(), "split these:\n{}", long.join("\n"));
    let isa = sources().into_iter().find(|(f, _, _)| f == "simd/isa.rs").expect("src/simd/isa.rs");
    let code_lines = isa.1.lines().filter(|l| !l.trim().is_empty()).count();
    // The file with unsafe code stays small enough to be read in one sitting.
    assert!(code_lines <= 150, "src/simd/isa.rs has {code_lines} lines of code");
}
