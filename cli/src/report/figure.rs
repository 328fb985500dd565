//! A figure: panels with a legend below, for a page or as a file.
pub(crate) use super::panel::bars::Bars;
pub(crate) use super::panel::estimates::{Estimate, Estimates};
pub(crate) use super::panel::heat::{Heat, STEPS};
pub(crate) use super::panel::plot::{Line, Mark, Plot, Scale, Series};

use super::axis::width;
use super::canvas::{Anchor, Canvas};
use super::colours;
use super::draw::{TEXT, cut, dot, patch};
use super::html::escape;

/// A panel.
#[derive(Clone, Debug)]
pub(crate) enum Panel {
    Plot(Plot),
    Estimates(Estimates),
    Heat(Heat),
    Bars(Bars),
    /// Sentences where there is nothing to draw.
    Words(String, Vec<String>),
}

/// An entry of the legend.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Legend {
    /// The points of a style.
    Points(usize, String),
    /// A line, dashed or not.
    Line { dashed: bool, text: String },
    /// A line of a style.
    Law(usize, String),
    /// A filled bar of a style.
    Bar(usize, String),
    /// The band about a law.
    Band(String),
    /// The band in the colour of a style.
    BandOf(usize, String),
    /// A colour step of a map.
    Step(usize, String),
}

impl Legend {
    fn text(&self) -> &str {
        match self {
            Legend::Points(_, text) | Legend::Law(_, text) | Legend::Bar(_, text) | Legend::Step(_, text) => text,
            Legend::Line { text, .. } | Legend::Band(text) | Legend::BandOf(_, text) => text,
        }
    }

    /// What stands before the words.
    fn draw(&self, canvas: &mut Canvas, (x, y): (f64, f64)) {
        let ends = [(x, y), (x + 22.0, y)];
        match self {
            Legend::Points(style, _) => dot(canvas, *style, (x + 11.0, y)),
            Legend::Line { dashed, .. } => canvas.path(if *dashed { "l i d" } else { "l i" }, &ends, false),
            Legend::Law(style, _) => canvas.path(&colours::line(*style), &ends, false),
            Legend::Bar(style, _) => patch(canvas, &colours::fill(*style), (x, y)),
            Legend::Band(_) => patch(canvas, "b f6", (x, y)),
            Legend::BandOf(style, _) => patch(canvas, &format!("b {}", colours::fill(*style)), (x, y)),
            Legend::Step(step, _) => patch(canvas, &colours::step(*step), (x, y)),
        }
    }
}

/// A legend as HTML, which wraps where the page is narrow.
pub(crate) fn legend(entries: &[Legend]) -> String {
    let entry = |entry: &Legend| {
        let mut canvas = Canvas::default();
        entry.draw(&mut canvas, (1.0, 7.0));
        format!("<span>{}{}</span>", canvas.key((24, 14)), escape(entry.text()))
    };
    format!("<div class=\"legend\">{}</div>\n", entries.iter().map(entry).collect::<String>())
}

/// A figure: panels in rows of `columns`, each of `panel` (width, height) pixels.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    /// What it shows, for those who do not see it.
    pub(crate) title: String,
    pub(crate) panels: Vec<Panel>,
    pub(crate) columns: usize,
    pub(crate) panel: (u32, u32),
    pub(crate) legend: Vec<Legend>,
}

impl Panel {
    fn draw(&self, canvas: &mut Canvas, size: (f64, f64)) {
        match self {
            Panel::Plot(panel) => panel.draw(canvas, size),
            Panel::Estimates(panel) => panel.draw(canvas, size),
            Panel::Heat(panel) => panel.draw(canvas, size),
            Panel::Bars(panel) => panel.draw(canvas, size),
            Panel::Words(title, lines) => draw_words(canvas, size, title, lines),
        }
    }

    /// The panel alone, as an SVG element of a page.
    pub(crate) fn svg(&self, (width, height): (u32, u32), title: &str) -> String {
        let mut canvas = Canvas::default();
        self.draw(&mut canvas, (f64::from(width), f64::from(height)));
        canvas.inline((width, height), title)
    }
}

impl Figure {
    /// The panels one after the other, as many side by side as the page is wide for, and the legend.
    pub(crate) fn html(&self) -> String {
        let count = self.panels.len();
        let name = |k: usize| match count {
            0 | 1 => self.title.clone(),
            _ => format!("{}, panel {} of {count}", self.title, k + 1),
        };
        let panels = self.panels.iter().enumerate().map(|(k, panel)| panel.svg(self.panel, &name(k)));
        let panels = panels.collect::<Vec<_>>().join("\n");
        let legend = if self.legend.is_empty() { String::new() } else { legend(&self.legend) };
        format!("<div class=\"parts\">\n{panels}\n</div>\n{legend}")
    }

    /// All in one SVG file.
    pub(crate) fn file(&self) -> String {
        let columns = self.columns.clamp(1, self.panels.len().max(1));
        let rows = self.panels.len().div_ceil(columns).max(1);
        let width = self.panel.0 * columns as u32;
        let legend = self.legend_rows(f64::from(width));
        let top = self.panel.1 * rows as u32;
        let mut canvas = Canvas::default();
        let size = (f64::from(self.panel.0), f64::from(self.panel.1));
        for (k, panel) in self.panels.iter().enumerate() {
            canvas.move_to(((k % columns) as f64 * size.0, (k / columns) as f64 * size.1));
            panel.draw(&mut canvas, size);
        }
        canvas.move_to((0.0, f64::from(top)));
        for (k, row) in legend.iter().enumerate() {
            let y = k as f64 * 22.0 + 10.0;
            for (x, entry) in row {
                entry.draw(&mut canvas, (*x, y));
                canvas.text("", Anchor::Start, (x + 28.0, y), entry.text());
            }
        }
        canvas.file((width, top + legend.len() as u32 * 22), &self.title)
    }

    /// The entries of the legend, broken into rows that fit the width; each with its x.
    fn legend_rows(&self, whole: f64) -> Vec<Vec<(f64, &Legend)>> {
        let mut rows: Vec<Vec<(f64, &Legend)>> = Vec::new();
        let mut x = whole;
        for entry in &self.legend {
            let needs = 46.0 + width(entry.text(), TEXT);
            if x + needs > whole || rows.is_empty() {
                rows.push(Vec::new());
                x = 16.0;
            }
            if let Some(row) = rows.last_mut() {
                row.push((x, entry));
            }
            x += needs;
        }
        rows
    }
}

fn draw_words(canvas: &mut Canvas, (width, _): (f64, f64), title: &str, lines: &[String]) {
    canvas.text("big", Anchor::Middle, (0.5 * width, 17.0), &cut(title, 14.0, width - 16.0));
    for (k, line) in (3..).zip(lines) {
        canvas.text("", Anchor::Middle, (0.5 * width, f64::from(k) * 22.0), &cut(line, TEXT, width - 16.0));
    }
}
