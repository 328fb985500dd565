//! Estimates with error bars, one below the other.
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::errors::Error;
use crate::report::axis::Axis;
use crate::report::draw::{Area, FINE, Frame, GREY, MARKER, TEXT, colour, draw_marker, draw_path, failed, font};

/// A row of a panel of estimates.
#[derive(Clone, Debug)]
pub(crate) struct Estimate {
    pub(crate) name: String,
    pub(crate) style: usize,
    /// The estimate and its standard error, or why it is not drawn.
    pub(crate) value: Result<(f64, f64), String>,
}

/// A panel of estimates with error bars, one below the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Estimates {
    pub(crate) title: String,
    pub(crate) x_label: String,
    pub(crate) rows: Vec<Estimate>,
}

impl Estimates {
    pub(in crate::report) fn draw(&self, area: &Area<'_>) -> Result<(), Error> {
        let names: Vec<String> = self.rows.iter().map(|row| row.name.clone()).collect();
        let ends = self.rows.iter().filter_map(|row| row.value.as_ref().ok()).flat_map(|(x, e)| [x - e, x + e]);
        let y = Axis::names(&names);
        let width = area.dim_in_pixel().0 as i32 / FINE - y.widest() as i32 * 7;
        let x = Axis::linear(ends, (width / 70).max(3) as usize);
        let frame = Frame::draw(area, &self.title, x, y, (&self.x_label, ""))?;
        for (i, row) in self.rows.iter().enumerate() {
            let height = (self.rows.len() - i) as f64 - 0.5;
            match &row.value {
                Ok((x, error)) => {
                    let colour = colour(row.style);
                    let (from, to) = (frame.pixel((x - error, height)), frame.pixel((x + error, height)));
                    let cap = 5 * FINE;
                    for path in [vec![from, to], caps(from, cap), caps(to, cap)] {
                        draw_path(area, path, colour.stroke_width(FINE as u32 * 3 / 2), false)?;
                    }
                    draw_marker(area, frame.pixel((*x, height)), row.style, MARKER * 3 / 4)?;
                }
                Err(reason) => {
                    let style = font(TEXT - 1).color(&GREY).pos(Pos::new(HPos::Left, VPos::Center));
                    let at = (frame.span.0.0 + 8 * FINE, frame.pixel((0.0, height)).1);
                    let text = format!("not identified: {reason}");
                    let (width, half) = (text.chars().count() as i32 * 6 * FINE, 8 * FINE);
                    let behind = [(at.0 - 4 * FINE, at.1 - half), (at.0 + width, at.1 + half)];
                    area.draw(&Rectangle::new(behind, WHITE.filled())).map_err(failed)?;
                    area.draw(&Text::new(text, at, style)).map_err(failed)?;
                }
            }
        }
        Ok(())
    }
}

fn caps((x, y): (i32, i32), half: i32) -> Vec<(i32, i32)> {
    vec![(x, y - half), (x, y + half)]
}
