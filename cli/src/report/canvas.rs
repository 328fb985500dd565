//! An SVG under construction. Shapes have classes and no colours: one style sheet colours all figures of a page, in light and
//! in dark, and a figure takes a third of the bytes that attributes would.
use std::fmt::Write;

use super::colours;
use super::html::escape;

/// A place, in pixels.
pub(super) type At = (f64, f64);

/// Deviation in pixels below which a line without a sample looks the same.
const FLAT: f64 = 0.12;

/// Shapes in the order in which they are drawn.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    body: String,
    origin: At,
}

/// Where a text stands: at its start, middle or end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Tenths of a pixel without what a reader of SVG does not need: ".4", "-12", "3.5".
fn tenths(out: &mut String, tenths: i64) {
    let (whole, part) = (tenths.abs() / 10, tenths.abs() % 10);
    if tenths < 0 {
        out.push('-');
    }
    if whole > 0 || part == 0 {
        let _ = write!(out, "{whole}");
    }
    if part > 0 {
        let _ = write!(out, ".{part}");
    }
}

fn pair(out: &mut String, (x, y): (i64, i64)) {
    tenths(out, x);
    if y >= 0 {
        out.push(' ');
    }
    tenths(out, y);
}

/// The numbers of a path that need to be there: those left out lie within [`FLAT`] of the line through the others (Douglas
/// and Peucker 1973).
fn thinned(path: &[At]) -> Vec<At> {
    let Some(last) = path.len().checked_sub(1) else { return Vec::new() };
    let mut kept = vec![false; path.len()];
    kept[0] = true;
    kept[last] = true;
    let mut open = vec![(0, last)];
    while let Some((from, to)) = open.pop() {
        let ((x0, y0), (x1, y1)) = (path[from], path[to]);
        let (dx, dy) = (x1 - x0, y1 - y0);
        let length = dx.hypot(dy);
        let off = |&(x, y): &At| {
            if length < FLAT { (x - x0).hypot(y - y0) } else { ((x - x0) * dy - (y - y0) * dx).abs() / length }
        };
        let inner = (from + 1..to).map(|k| (k, off(&path[k])));
        let Some((k, off)) = inner.max_by(|a, b| a.1.total_cmp(&b.1)) else { continue };
        if off > FLAT {
            kept[k] = true;
            open.extend([(from, k), (k, to)]);
        }
    }
    path.iter().zip(kept).filter_map(|(at, kept)| kept.then_some(*at)).collect()
}

impl Canvas {
    /// What follows is drawn from here on.
    pub(super) fn move_to(&mut self, origin: At) {
        self.origin = origin;
    }

    fn place(&self, (x, y): At) -> (i64, i64) {
        let of = |x: f64| (x * 10.0).round() as i64;
        (of(x + self.origin.0), of(y + self.origin.1))
    }

    fn start(&self, out: &mut String, at: At) -> (i64, i64) {
        let at = self.place(at);
        out.push('M');
        pair(out, at);
        at
    }

    /// A line through these places, or a filled outline.
    pub(super) fn path(&mut self, class: &str, places: &[At], is_closed: bool) {
        let places = thinned(places);
        let [first, rest @ ..] = places.as_slice() else { return };
        let mut d = String::new();
        let mut before = self.start(&mut d, *first);
        for (k, place) in rest.iter().enumerate() {
            let at = self.place(*place);
            let step = (at.0 - before.0, at.1 - before.1);
            d.push(match (k, step.0 < 0) {
                (0, _) => 'l',
                (_, false) => ' ',
                (_, true) => '\u{0}',
            });
            pair(&mut d, step);
            before = at;
        }
        if is_closed {
            d.push('z');
        }
        self.raw(class, &d.replace('\u{0}', ""));
    }

    /// Lines that share a class, each from one place to another.
    pub(super) fn lines(&mut self, class: &str, lines: impl Iterator<Item = (At, At)>) {
        let mut d = String::new();
        for (from, to) in lines {
            let start = self.start(&mut d, from);
            let end = self.place(to);
            d.push('l');
            pair(&mut d, (end.0 - start.0, end.1 - start.1));
        }
        self.raw(class, &d);
    }

    /// The same shape, given relative to its start, at each place.
    pub(super) fn shapes(&mut self, class: &str, shape: &str, at: impl Iterator<Item = At>) {
        let mut d = String::new();
        for at in at {
            self.start(&mut d, at);
            d.push_str(shape);
        }
        self.raw(class, &d);
    }

    /// A rectangle between two corners.
    pub(super) fn rectangle(&mut self, class: &str, from: At, to: At) {
        self.path(class, &[from, (to.0, from.1), to, (from.0, to.1)], true);
    }

    fn raw(&mut self, class: &str, d: &str) {
        if !d.is_empty() {
            let _ = write!(self.body, "<path class=\"{class}\" d=\"{d}\"/>");
        }
    }

    /// A line of text, its middle at this height; in the class of small or large text too, if it has one.
    pub(super) fn text(&mut self, class: &str, anchor: Anchor, at: At, text: &str) {
        self.write_text(class, anchor, at, text, "");
    }

    /// A line of text that is read from below.
    pub(super) fn turned(&mut self, at: At, text: &str) {
        let (x, y) = (at.0 + self.origin.0, at.1 + self.origin.1);
        self.write_text("", Anchor::Middle, at, text, &format!(" transform=\"rotate(-90 {x:.0} {y:.0})\""));
    }

    fn write_text(&mut self, class: &str, anchor: Anchor, (x, y): At, text: &str, turn: &str) {
        if text.is_empty() {
            return;
        }
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => "m",
            Anchor::End => "e",
        };
        let class = [class, anchor].join(" ");
        let (x, y) = self.place((x, y + 4.0));
        self.body.push_str("<text");
        if !class.trim().is_empty() {
            let _ = write!(self.body, " class=\"{}\"", class.trim());
        }
        for (name, number) in [("x", x), ("y", y)] {
            let _ = write!(self.body, " {name}=\"");
            tenths(&mut self.body, number);
            self.body.push('"');
        }
        let _ = write!(self.body, "{turn}>{}</text>", escape(text));
    }

    /// The SVG element, for a page whose style sheet knows the classes.
    pub(super) fn inline(&self, (width, height): (u32, u32), title: &str) -> String {
        self.element((width, height), title, "")
    }

    /// A file of its own: the style sheet is in it, light whatever the reader prefers, as it may be printed.
    pub(super) fn file(&self, (width, height): (u32, u32), title: &str) -> String {
        let style = format!("<style>{}</style><path class=\"bg\" d=\"M0 0h{width}v{height}H0z\"/>", colours::of_file());
        self.element((width, height), title, &style)
    }

    fn element(&self, (width, height): (u32, u32), title: &str, first: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"figure\" role=\"img\" aria-label=\"{}\" \
             viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">{first}{}</svg>",
            escape(title),
            self.body
        )
    }

    /// A small picture beside its words, which need no other name.
    pub(super) fn key(&self, (width, height): (u32, u32)) -> String {
        format!(
            "<svg class=\"figure key\" aria-hidden=\"true\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\">{}</svg>",
            self.body
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thinned_line_stays_within_its_tolerance() {
        let path: Vec<At> = (0..=400).map(f64::from).map(|x| (x, 100.0 * (x / 60.0).sin())).collect();
        let thin = thinned(&path);
        assert!(thin.len() < 100, "{}", thin.len());
        for (x, y) in &path {
            let k = thin.iter().position(|p| p.0 >= *x).expect("both ends are kept");
            let ((x0, y0), (x1, y1)) = (thin[k.saturating_sub(1)], thin[k]);
            let between = if x1 > x0 { y0 + (y1 - y0) * (x - x0) / (x1 - x0) } else { y1 };
            // Across the line FLAT at most, up and down by the slope of 1.94 more.
            assert!((between - y).abs() <= FLAT * 2.2, "at {x}");
        }
        assert_eq!(thinned(&[(0.0, 0.0), (5.0, 5.0), (0.0, 0.0)]).len(), 3, "a line that turns back");
    }

    #[test]
    fn numbers_are_as_short_as_svg_allows() {
        let mut canvas = Canvas::default();
        canvas.path("x", &[(1.0, 2.04), (1.44, 0.0), (-3.0, 10.26)], true);
        assert_eq!(canvas.body, "<path class=\"x\" d=\"M1 2l.4-2-4.4 10.3z\"/>");
    }
}
