//! The page: headings, tables, figures, in one file that asks for nothing from outside.
use crate::output::table::FitTable;
use crate::output::text::TextTable;

use super::colours;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What the page alone has, on a light ground and on a dark one.
const LIGHT: &str = "color-scheme:light;--page:#f6f7f9;--soft:#eceef2;--line:#dfe2e8;--dim:#444a56;--link:#0b5c97;";
const DARK: &str = "color-scheme:dark;--page:#121418;--soft:#262a32;--line:#363b45;--dim:#b3b9c5;--link:#7cc4ff;";

/// Rows of a table that are more than a screen.
const LONG: usize = 30;

/// Text as HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // Characters that no XML may contain, such as escape codes of a terminal.
            c if c.is_control() && !matches!(c, '\n' | '\t') => escaped.push('\u{fffd}'),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// What a count is to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Bad,
    /// What the data leave open.
    Open,
    Plain,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Bad => "bad",
            Tone::Open => "open",
            Tone::Plain => "plain",
        }
    }
}

/// A page under construction.
pub(crate) struct Page {
    title: String,
    body: String,
    /// What the headings were, with the names to jump to.
    headings: usize,
    /// Where the table of contents goes, if there is one.
    contents: Option<(usize, String)>,
}

impl Page {
    pub(crate) fn new(title: &str) -> Page {
        let body = format!("<h1>{}</h1>\n", escape(title));
        Page { title: escape(title), body, headings: 0, contents: None }
    }

    /// The answer, before all else.
    pub(crate) fn answer(&mut self, text: &str) {
        self.body.push_str(&format!("<p class=\"answer\">{}</p>\n", escape(text)));
    }

    /// How many there are of each kind; those of which there is none are left out.
    pub(crate) fn counts(&mut self, counts: &[(Tone, &str, usize)]) {
        let counts = counts.iter().filter(|(.., count)| *count > 0);
        let items = counts
            .map(|(tone, name, count)| format!("<li class=\"{}\"><b>{count}</b> {}</li>", tone.class(), escape(name)));
        self.body.push_str(&format!("<ul class=\"counts\">{}</ul>\n", items.collect::<String>()));
    }

    /// A list of the headings that follow goes here.
    pub(crate) fn contents(&mut self) {
        self.contents = Some((self.body.len(), String::new()));
    }

    pub(crate) fn heading(&mut self, text: &str) {
        self.headings += 1;
        let (text, k) = (escape(text), self.headings);
        self.body.push_str(&format!("<h2 id=\"h{k}\">{text}</h2>\n"));
        if let Some((_, contents)) = &mut self.contents {
            contents.push_str(&format!("<li><a href=\"#h{k}\">{text}</a></li>\n"));
        }
    }

    pub(crate) fn subheading(&mut self, text: &str) {
        self.body.push_str(&format!("<h3>{}</h3>\n", escape(text)));
    }

    pub(crate) fn paragraph(&mut self, text: &str) {
        self.body.push_str(&format!("<p>{}</p>\n", escape(text)));
    }

    pub(crate) fn note(&mut self, text: &str) {
        self.body.push_str(&format!("<p class=\"note\">{}</p>\n", escape(text)));
    }

    pub(crate) fn command(&mut self, text: &str) {
        self.body.push_str(&format!("<pre><code>{}</code></pre>\n", escape(text)));
    }

    /// What was made as HTML already.
    pub(super) fn raw(&mut self, html: &str) {
        self.body.push_str(html);
    }

    /// A figure with its caption: a name in bold, then sentences.
    pub(crate) fn figure(&mut self, html: &str, name: &str, caption: &str) {
        let caption = format!("<figcaption><b>{}</b> {}</figcaption>", escape(name), escape(caption));
        self.body.push_str(&format!("<figure>\n{html}{caption}\n</figure>\n"));
    }

    /// The table of fits with the lines that go below it.
    pub(crate) fn fits(&mut self, fits: &FitTable) {
        self.table(&fits.table);
        for line in fits.below() {
            self.note(&line);
        }
    }

    pub(crate) fn table(&mut self, table: &TextTable) {
        self.linked(table, &[]);
    }

    /// A table whose rows lead to the figures of these groups.
    pub(crate) fn linked(&mut self, table: &TextTable, groups: &[usize]) {
        let last = table.header.len().saturating_sub(1);
        let class = |column: usize| match column {
            k if table.is_number(k) => " class=\"number\"",
            // A sentence.
            k if k == last && k > 0 => " class=\"words\"",
            _ => "",
        };
        let long = if table.rows.len() > LONG { " long" } else { "" };
        let body = &mut self.body;
        body.push_str(&format!("<div class=\"table{long}\"><table>\n<thead><tr>"));
        for (k, name) in table.header.iter().enumerate() {
            let class = if table.is_number(k) { " class=\"number\"" } else { "" };
            body.push_str(&format!("<th scope=\"col\"{class}>{}</th>", escape(name)));
        }
        body.push_str("</tr></thead>\n<tbody>\n");
        for (k, row) in table.rows.iter().enumerate() {
            let group = groups.get(k);
            body.push_str(&group.map_or("<tr>".into(), |g| format!("<tr id=\"r{g}\" data-g=\"{g}\">")));
            for (i, cell) in row.iter().enumerate() {
                let cell = escape(cell);
                let cell = match group {
                    Some(g) if i == 0 => format!("<a href=\"#g{g}\">{cell}</a>"),
                    _ => cell,
                };
                body.push_str(&format!("<td{}>{cell}</td>", class(i)));
            }
            body.push_str("</tr>\n");
        }
        body.push_str("</tbody></table></div>\n");
    }

    /// A part that opens on a click.
    pub(crate) fn folded(&mut self, summary: &str, part: impl FnOnce(&mut Page)) {
        self.body.push_str(&format!("<details><summary>{}</summary>\n", escape(summary)));
        part(self);
        self.body.push_str("</details>\n");
    }

    /// The whole file; the paragraphs of `footer` stand below all.
    pub(crate) fn html(&self, footer: &[&str]) -> String {
        let footer: String = footer.iter().map(|text| format!("<p>{}</p>\n", escape(text))).collect();
        let (before, contents, after) = match &self.contents {
            Some((at, list)) => {
                let (before, after) = self.body.split_at(*at);
                (before, format!("<ol class=\"contents\">\n{list}</ol>\n"), after)
            }
            None => (self.body.as_str(), String::new(), ""),
        };
        let colours = format!(
            ":root{{{LIGHT}{}}}\n@media (prefers-color-scheme:dark){{:root{{{DARK}{}}}}}\n{}",
            colours::variables(false),
            colours::variables(true),
            colours::of_page()
        );
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{}</title>\n<style>\n{colours}\n{STYLE}</style>\n</head>\n<body>\n<main>\n{before}{contents}{after}\
             <footer>\n{footer}</footer>\n</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
            self.title
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_csv_cannot_become_markup() {
        assert_eq!(escape("<b>\"a\" & 'b'\u{1b}\u{ffff}"), "&lt;b&gt;&quot;a&quot; &amp; &#39;b&#39;\u{fffd}\u{fffd}");
    }
}
