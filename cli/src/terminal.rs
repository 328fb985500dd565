//! What the standard output can show: its width, colours, and characters beyond ASCII.
use std::io::stdout;

use anstream::{AutoStream, ColorChoice};

/// Columns where there is no terminal.
const WIDTH: usize = 80;

/// What the standard output can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// Columns.
    pub(crate) width: usize,
    /// Whether colours are shown: on a terminal, unless `NO_COLOR` is set, or where `CLICOLOR_FORCE` asks for them.
    pub(crate) has_colour: bool,
    /// Whether it takes characters beyond ASCII.
    pub(crate) has_unicode: bool,
}

impl Terminal {
    /// That of this process.
    pub(crate) fn stdout() -> Terminal {
        let size = console::Term::stdout().size_checked();
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(|name| std::env::var(name).unwrap_or_default());
        Terminal {
            width: size.map_or(WIDTH, |(_, columns)| usize::from(columns)),
            has_colour: AutoStream::choice(&stdout()) != ColorChoice::Never,
            has_unicode: cfg!(windows) || is_utf8(&locale),
        }
    }
}

/// Whether the first of the locale's variables that says something says UTF-8, as setlocale(3) reads them.
fn is_utf8(variables: &[String]) -> bool {
    let locale = variables.iter().find(|value| !value.is_empty());
    locale.is_some_and(|value| {
        let value = value.to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locale_is_that_of_the_first_variable_set() {
        let of = |all: [&str; 3]| is_utf8(&all.map(String::from));
        assert!(of(["", "", "en_GB.UTF-8"]) && of(["C.utf8", "", "POSIX"]) && of(["", "de_DE.utf8", "C"]));
        assert!(!of(["C", "", "en_GB.UTF-8"]) && !of(["", "", ""]) && !of(["", "", "de_DE@euro"]));
    }
}
