//! A figure: a grid of panels with a legend below, as SVG text.
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::errors::Error;

use super::draw::{Area, FINE, INK, MARKER, TEXT, colour, draw_marker, draw_path, failed, font};
pub(crate) use super::panel::bars::Bars;
pub(crate) use super::panel::estimates::{Estimate, Estimates};
use super::panel::heat::ramp;
pub(crate) use super::panel::heat::{Heat, STEPS};
pub(crate) use super::panel::plot::{Line, Mark, Plot, Scale, Series};

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
#[derive(Clone, Debug)]
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
    /// A colour step of a map.
    Step(usize, String),
}

impl Legend {
    fn text(&self) -> &str {
        match self {
            Legend::Points(_, text) | Legend::Law(_, text) | Legend::Bar(_, text) | Legend::Step(_, text) => text,
            Legend::Line { text, .. } | Legend::Band(text) => text,
        }
    }
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

impl Figure {
    /// The figure as an SVG element.
    pub(crate) fn svg(&self) -> Result<String, Error> {
        let columns = self.columns.clamp(1, self.panels.len().max(1));
        let rows = self.panels.len().div_ceil(columns).max(1);
        let width = self.panel.0 * columns as u32;
        let legend = self.legend_rows(width as i32);
        let height = self.panel.1 * rows as u32 + (legend.len() as u32) * 22;
        let mut svg = String::new();
        {
            let fine = FINE as u32;
            let root = SVGBackend::with_string(&mut svg, (width * fine, height * fine)).into_drawing_area();
            root.fill(&WHITE).map_err(failed)?;
            let (top, bottom) = root.split_vertically(self.panel.1 * rows as u32 * fine);
            for (panel, area) in self.panels.iter().zip(top.split_evenly((rows, columns))) {
                match panel {
                    Panel::Plot(panel) => panel.draw(&area)?,
                    Panel::Estimates(panel) => panel.draw(&area)?,
                    Panel::Heat(panel) => panel.draw(&area)?,
                    Panel::Bars(panel) => panel.draw(&area)?,
                    Panel::Words(title, lines) => draw_words(&area, title, lines)?,
                }
            }
            self.draw_legend(&bottom, &legend)?;
            root.present().map_err(failed)?;
        }
        let (wide, high) = (width * FINE as u32, height * FINE as u32);
        let start = format!("<svg width=\"{wide}\" height=\"{high}\" ");
        let title = super::html::escape(&self.title);
        let named = format!("<svg width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{title}\" ");
        Ok(svg.replacen(&start, &named, 1))
    }

    /// The entries of the legend, broken into rows that fit the width; each with its x.
    fn legend_rows(&self, width: i32) -> Vec<Vec<(i32, &Legend)>> {
        let mut rows: Vec<Vec<(i32, &Legend)>> = Vec::new();
        let mut x = width;
        for entry in &self.legend {
            let text = entry.text();
            let needs = 46 + text.chars().count() as i32 * 13 / 2;
            if x + needs > width || rows.is_empty() {
                rows.push(Vec::new());
                x = 16;
            }
            if let Some(row) = rows.last_mut() {
                row.push((x, entry));
            }
            x += needs;
        }
        rows
    }

    fn draw_legend(&self, area: &Area<'_>, rows: &[Vec<(i32, &Legend)>]) -> Result<(), Error> {
        for (k, row) in rows.iter().enumerate() {
            let y = (k as i32 * 22 + 10) * FINE;
            for (x, entry) in row {
                let x = x * FINE;
                let swatch = [(x, y - 5 * FINE), (x + 22 * FINE, y + 5 * FINE)];
                let filled = |style: ShapeStyle| area.draw(&Rectangle::new(swatch, style)).map_err(failed);
                match entry {
                    Legend::Points(style, _) => draw_marker(area, (x + 10 * FINE, y), *style, MARKER)?,
                    Legend::Line { dashed, .. } => {
                        let ends = vec![(x, y), (x + 22 * FINE, y)];
                        draw_path(area, ends, INK.stroke_width(2 * FINE as u32), *dashed)?;
                    }
                    Legend::Law(style, _) => {
                        let ends = vec![(x, y), (x + 22 * FINE, y)];
                        draw_path(area, ends, colour(*style).stroke_width(2 * FINE as u32), false)?;
                    }
                    Legend::Bar(style, _) => filled(colour(*style).filled())?,
                    Legend::Band(_) => filled(INK.mix(0.13).filled())?,
                    Legend::Step(step, _) => filled(ramp(*step).filled())?,
                }
                let text = entry.text().to_owned();
                let style = font(TEXT).pos(Pos::new(HPos::Left, VPos::Center));
                area.draw(&Text::new(text, (x + 28 * FINE, y), style)).map_err(failed)?;
            }
        }
        Ok(())
    }
}

fn draw_words(area: &Area<'_>, title: &str, lines: &[String]) -> Result<(), Error> {
    let middle = area.dim_in_pixel().0 as i32 / 2;
    let centred = |size: i32| font(size).pos(Pos::new(HPos::Center, VPos::Center));
    area.draw(&Text::new(title.to_owned(), (middle, 17 * FINE), centred(TEXT + 2))).map_err(failed)?;
    for (k, line) in (3..).zip(lines) {
        area.draw(&Text::new(line.clone(), (middle, k * 22 * FINE), centred(TEXT))).map_err(failed)?;
    }
    Ok(())
}
