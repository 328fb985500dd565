//! The page: headings, tables, figures, in one file.
use crate::output::table::FitTable;
use crate::output::text::TextTable;

/// Plain style: dark on light, a readable measure, numbers aligned.
const STYLE: &str = "\
:root{color-scheme:light}
body{margin:0;background:#f6f7f9;color:#22262e;font:16px/1.55 system-ui,Helvetica,Arial,sans-serif}
main{max-width:1240px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:28px;line-height:1.25;margin:0 0 8px}
h2{font-size:21px;margin:44px 0 8px}
h3{font-size:16px;margin:28px 0 6px}
p,li{max-width:78ch}
a{color:#0b5c97}
code{background:#eceef2;border-radius:3px;padding:1px 4px;font-size:14px}
pre{background:#eceef2;border-radius:4px;padding:10px 14px;overflow-x:auto;font-size:13px}
pre code{padding:0;font-size:13px}
figure{margin:20px 0;background:#fff;border:1px solid #dfe2e8;border-radius:6px;padding:16px 18px;overflow-x:auto}
figure svg{max-width:100%;height:auto;display:block;margin:0 auto}
figcaption{font-size:14px;color:#444a56;max-width:100ch;margin-top:10px}
figcaption b{color:#22262e}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(360px,1fr));gap:16px}
.panels figure{margin:0;padding:10px 12px}
.table{overflow-x:auto;background:#fff;border:1px solid #dfe2e8;border-radius:6px;margin:14px 0}
table{border-collapse:collapse;font-size:13.5px;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:5px 10px;text-align:left;white-space:nowrap;border-bottom:1px solid #eceef2}
th{position:sticky;top:0;background:#eef0f4;font-weight:600}
td.number,th.number{text-align:right}
td:last-child{white-space:normal;min-width:18ch;color:#444a56}
tbody tr:hover{background:#f6f8fb}
details{margin:14px 0}summary{cursor:pointer}
.note{font-size:14px;color:#444a56}
footer{margin-top:56px;font-size:13px;color:#444a56}
footer p{max-width:100ch}
";

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
            c => escaped.push(c),
        }
    }
    escaped
}

/// A page under construction.
pub(crate) struct Page {
    title: String,
    body: String,
}

impl Page {
    pub(crate) fn new(title: &str) -> Page {
        let body = format!("<h1>{}</h1>\n", escape(title));
        Page { title: escape(title), body }
    }

    pub(crate) fn heading(&mut self, text: &str) {
        self.body.push_str(&format!("<h2>{}</h2>\n", escape(text)));
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

    /// A figure with its caption: a name in bold, then sentences.
    pub(crate) fn figure(&mut self, svg: &str, name: &str, caption: &str) {
        let caption = format!("<figcaption><b>{}</b> {}</figcaption>", escape(name), escape(caption));
        self.body.push_str(&format!("<figure>\n{svg}\n{caption}\n</figure>\n"));
    }

    /// Small figures in a grid, without captions.
    pub(crate) fn panels(&mut self, figures: &[String]) {
        self.body.push_str("<div class=\"panels\">\n");
        for svg in figures {
            self.body.push_str(&format!("<figure>\n{svg}\n</figure>\n"));
        }
        self.body.push_str("</div>\n");
    }

    /// The table of fits with the lines that go below it.
    pub(crate) fn fits(&mut self, fits: &FitTable) {
        self.table(&fits.table);
        for line in fits.below() {
            self.note(&line);
        }
    }

    pub(crate) fn table(&mut self, table: &TextTable) {
        let class = |column: usize| if table.is_number(column) { " class=\"number\"" } else { "" };
        let cells = |tag: &str, cells: &[String]| {
            let cells = cells.iter().enumerate();
            cells.map(|(i, cell)| format!("<{tag}{}>{}</{tag}>", class(i), escape(cell))).collect::<String>()
        };
        self.body.push_str("<div class=\"table\"><table>\n<thead><tr>");
        self.body.push_str(&cells("th", &table.header));
        self.body.push_str("</tr></thead>\n<tbody>\n");
        for row in &table.rows {
            self.body.push_str(&format!("<tr>{}</tr>\n", cells("td", row)));
        }
        self.body.push_str("</tbody></table></div>\n");
    }

    /// A part that opens on a click.
    pub(crate) fn folded(&mut self, summary: &str, part: impl FnOnce(&mut Page)) {
        self.body.push_str(&format!("<details><summary>{}</summary>\n", escape(summary)));
        part(self);
        self.body.push_str("</details>\n");
    }

    /// The whole file; the paragraphs of `footer` stand below a line.
    pub(crate) fn html(&self, footer: &[&str]) -> String {
        let footer: String = footer.iter().map(|text| format!("<p>{}</p>\n", escape(text))).collect();
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{}<footer>\n{footer}</footer>\n\
             </main>\n</body>\n</html>\n",
            self.title, self.body
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_csv_cannot_become_markup() {
        assert_eq!(escape("<b>\"a\" & 'b'\u{1b}"), "&lt;b&gt;&quot;a&quot; &amp; &#39;b&#39;\u{fffd}");
    }
}
