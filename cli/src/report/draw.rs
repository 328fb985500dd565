//! What all panels draw with: markers, and a frame with axes in which labels keep clear of each other.
use super::axis::{Axis, Room, width};
use super::canvas::{Anchor, At, Canvas};
use super::colours;

/// Height of text.
pub(super) const TEXT: f64 = 12.0;
/// Height of words beside marks.
const WORDS: f64 = 11.0;

/// The outline of the marker of a style about its centre, and its class: circle, square, triangle or diamond.
pub(super) fn marker(style: usize) -> &'static str {
    match style % 4 {
        0 => "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0",
        1 => "m-3.2-3.2h6.4v6.4h-6.4z",
        2 => "m0-4.2l4.2 7.4h-8.4z",
        _ => "m0-4.4l4.4 4.4-4.4 4.4-4.4-4.4z",
    }
}

/// A text cut to so many pixels.
pub(super) fn cut(text: &str, size: f64, pixels: f64) -> String {
    if width(text, size) <= pixels {
        return text.to_owned();
    }
    let most = ((pixels / (size * 0.6)) as usize).saturating_sub(1);
    text.chars().take(most).chain(['\u{2026}']).collect()
}

/// The inner plot: its axes, where they end in pixels of the panel, and the labels in it.
pub(super) struct Frame {
    x: Axis,
    y: Axis,
    /// Left and right.
    pub(super) across: (f64, f64),
    /// Top and bottom.
    pub(super) down: (f64, f64),
    /// Corners of the labels: left, right, top, bottom.
    taken: Vec<[f64; 4]>,
}

/// What stands about a frame.
pub(super) struct Titles<'a> {
    pub(super) title: &'a str,
    pub(super) x: &'a str,
    pub(super) y: &'a str,
}

impl Frame {
    /// Draws title, grid, tick labels and axis labels on a panel of this width and height; each axis is told its room.
    pub(super) fn draw(
        canvas: &mut Canvas,
        (width, height): (f64, f64),
        titles: &Titles<'_>,
        x: impl FnOnce(Room) -> Axis,
        y: impl FnOnce(Room) -> Axis,
    ) -> Frame {
        let top = if titles.title.is_empty() { 12.0 } else { 34.0 };
        let down = (top, height - if titles.x.is_empty() { 28.0 } else { 46.0 });
        let y = y(Room { pixels: down.1 - down.0, side_by_side: false });
        // Long names leave half of the panel to the plot.
        let left = (if titles.y.is_empty() { 12.0 } else { 30.0 } + y.widest() + 8.0).min(0.5 * width);
        let across = (left, width - 14.0);
        let x = x(Room { pixels: across.1 - across.0, side_by_side: true });
        let frame = Frame { x, y, across, down, taken: Vec::new() };
        frame.grid(canvas, width, if titles.y.is_empty() { 4.0 } else { 24.0 });
        let middle = 0.5 * (across.0 + across.1);
        canvas.text("big", Anchor::Middle, (0.5 * width, 17.0), &cut(titles.title, 14.0, width - 16.0));
        canvas.text("", Anchor::Middle, (middle, height - 12.0), &cut(titles.x, TEXT, across.1 - across.0));
        canvas.turned((10.0, 0.5 * (down.0 + down.1)), &cut(titles.y, TEXT, down.1 - down.0));
        frame
    }

    fn grid(&self, canvas: &mut Canvas, panel: f64, start: f64) {
        let ((left, right), (top, bottom)) = (self.across, self.down);
        let columns = self.x.ticks().map(|(share, _)| left + share * (right - left));
        let rows = self.y.ticks().map(|(share, _)| bottom - share * (bottom - top));
        let upright = columns.map(|x| ((x, top), (x, bottom)));
        canvas.lines("g", upright.chain(rows.map(|y| ((left, y), (right, y)))));
        canvas.path("a", &[(left, top), (left, bottom), (right, bottom)], false);
        for (share, label) in self.x.ticks() {
            // Inside the panel, also where the tick is at its edge.
            let half = 0.5 * width(label, TEXT) + 2.0;
            let x = (left + share * (right - left)).min(panel - half).max(half);
            canvas.text("", Anchor::Middle, (x, bottom + 13.0), label);
        }
        for (share, label) in self.y.ticks() {
            let at = (left - 7.0, bottom - share * (bottom - top));
            canvas.text("", Anchor::End, at, &cut(label, TEXT, left - 7.0 - start));
        }
    }

    /// The place of a value.
    pub(super) fn place(&self, (x, y): At) -> At {
        let ((left, right), (top, bottom)) = (self.across, self.down);
        (left + self.x.share(x) * (right - left), bottom - self.y.share(y) * (bottom - top))
    }

    /// The place of a value, moved to the edge of the frame if it lies outside.
    pub(super) fn inside(&self, at: At) -> At {
        let (x, y) = self.place(at);
        (x.clamp(self.across.0, self.across.1), y.clamp(self.down.0, self.down.1))
    }

    /// Writes a label at the first of the places where it keeps clear of the others and of the edge; nowhere, if there is
    /// none.
    pub(super) fn label(&mut self, canvas: &mut Canvas, text: &str, places: impl Iterator<Item = (Anchor, At)>) {
        let wide = width(text, WORDS);
        let corners = |anchor: Anchor, (x, y): At| {
            let left = match anchor {
                Anchor::Start => x,
                Anchor::Middle => x - 0.5 * wide,
                Anchor::End => x - wide,
            };
            [left, left + wide, y - 0.5 * WORDS, y + 0.5 * WORDS]
        };
        let is_free = |[left, right, top, bottom]: [f64; 4]| {
            let inside = left >= self.across.0 && right <= self.across.1 && top >= self.down.0 && bottom <= self.down.1;
            inside && self.taken.iter().all(|t| right < t[0] || left > t[1] || bottom < t[2] || top > t[3])
        };
        let mut places = places;
        if let Some((anchor, at)) = places.find(|(anchor, at)| is_free(corners(*anchor, *at))) {
            self.taken.push(corners(anchor, at));
            canvas.text("w", anchor, at, text);
        }
    }
}

/// A colour patch of a legend: left, right, top, bottom.
pub(super) fn patch(canvas: &mut Canvas, class: &str, (x, y): At) {
    canvas.rectangle(class, (x, y - 5.0), (x + 22.0, y + 5.0));
}

/// A marker of a legend.
pub(super) fn dot(canvas: &mut Canvas, style: usize, at: At) {
    canvas.shapes(&colours::fill(style), marker(style), std::iter::once(at));
}
