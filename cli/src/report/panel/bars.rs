//! Grouped bars from a common zero, the value written above each.
use crate::report::axis::Axis;
use crate::report::canvas::{Anchor, Canvas};
use crate::report::colours;
use crate::report::draw::{Frame, Titles};

/// The panel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bars {
    pub(crate) title: String,
    pub(crate) y_label: String,
    /// Name of each group, and its bars: style and height.
    pub(crate) groups: Vec<(String, Vec<(usize, f64)>)>,
}

/// Share of the width of a group that its bars take.
const FILLED: f64 = 0.8;

impl Bars {
    pub(in crate::report) fn draw(&self, canvas: &mut Canvas, size: (f64, f64)) {
        let heights = self.groups.iter().flat_map(|(_, bars)| bars).map(|(_, height)| *height);
        let names = self.groups.iter().map(|(name, _)| name.clone());
        let titles = Titles { title: &self.title, x: "", y: &self.y_label };
        let x = |_| Axis::names(names);
        let mut frame = Frame::draw(canvas, size, &titles, x, |room| Axis::from_zero(heights, room));
        for (k, (_, bars)) in self.groups.iter().enumerate() {
            let wide = FILLED / bars.len().max(1) as f64;
            for (i, (style, height)) in bars.iter().enumerate() {
                let x = k as f64 + (1.0 - FILLED) / 2.0 + wide * i as f64;
                let (from, to) = (frame.inside((x + 0.04 * wide, *height)), frame.inside((x + 0.96 * wide, 0.0)));
                canvas.rectangle(&colours::fill(*style), from, to);
                let middle = ((from.0 + to.0) / 2.0, from.1 - 8.0);
                let value = format!("{height:.4}").trim_start_matches('0').to_owned();
                frame.label(canvas, &value, std::iter::once((Anchor::Middle, middle)));
            }
        }
    }
}
