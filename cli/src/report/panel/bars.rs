//! Grouped bars from a common zero, the value written above each.
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::errors::Error;
use crate::report::axis::Axis;
use crate::report::draw::{Area, FINE, Frame, TEXT, colour, failed, font};

/// The panel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bars {
    pub(crate) title: String,
    pub(crate) y_label: String,
    /// Name of each group, and its bars: style and height.
    pub(crate) groups: Vec<(String, Vec<(usize, f64)>)>,
}

/// Room above the highest bar for its number.
const ROOM: f64 = 1.06;
/// Share of the width of a group that its bars take.
const FILLED: f64 = 0.8;

impl Bars {
    pub(in crate::report) fn draw(&self, area: &Area<'_>) -> Result<(), Error> {
        let heights = self.groups.iter().flat_map(|(_, bars)| bars).map(|(_, height)| *height);
        let ticks = (area.dim_in_pixel().1 as i32 / FINE / 45).max(3) as usize;
        let names: Vec<String> = self.groups.iter().map(|(name, _)| name.clone()).collect();
        let y = Axis::linear(heights.map(|height| height * ROOM).chain([0.0]), ticks).starting_at(0.0);
        let frame = Frame::draw(area, &self.title, Axis::columns(&names), y, ("", &self.y_label))?;
        for (k, (_, bars)) in self.groups.iter().enumerate() {
            let wide = FILLED / bars.len().max(1) as f64;
            for (i, (style, height)) in bars.iter().enumerate() {
                let x = k as f64 + (1.0 - FILLED) / 2.0 + wide * i as f64;
                let (from, to) = (frame.pixel((x + 0.04 * wide, *height)), frame.pixel((x + 0.96 * wide, 0.0)));
                area.draw(&Rectangle::new([from, to], colour(*style).filled())).map_err(failed)?;
                let middle = ((from.0 + to.0) / 2, from.1 - 3 * FINE);
                let text = font(TEXT - 1).pos(Pos::new(HPos::Center, VPos::Bottom));
                let value = format!("{height:.4}").trim_start_matches('0').to_owned();
                area.draw(&Text::new(value, middle, text)).map_err(failed)?;
            }
        }
        Ok(())
    }
}
