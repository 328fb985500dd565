//! Panels for the figures: log-log with points, laws and bands; estimates with error bars. One figure is a grid of panels
//! with a legend below, as SVG text.
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::FontTransform;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::errors::Error;

use super::axis::Axis;

/// The svg backend places everything on whole pixels: at this many to one, lines of a curve are smooth.
const FINE: i32 = 4;

/// Colours that colour-blind readers tell apart (Okabe and Ito 2008), dark ones first.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 138, 104),
    RGBColor(190, 92, 155),
    RGBColor(196, 134, 0),
    RGBColor(60, 150, 205),
    RGBColor(40, 40, 40),
];

const INK: RGBColor = RGBColor(34, 38, 46);
const FAINT: RGBColor = RGBColor(228, 230, 235);
const GREY: RGBColor = RGBColor(120, 124, 134);
const FONT: &str = "system-ui, Helvetica, Arial, sans-serif";
const TEXT: i32 = 12;
/// Radius of a marker.
const MARKER: i32 = 4 * FINE;

/// A drawn law: its samples, and whether it is dashed.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// (n, L(n)).
    pub(crate) samples: Vec<(f64, f64)>,
    /// Dashed: extrapolated, or not identified.
    pub(crate) dashed: bool,
}

/// Points, laws and bands in one colour.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series {
    /// Number of the style: colour and marker.
    pub(crate) style: usize,
    /// Measurements (n, error).
    pub(crate) points: Vec<(f64, f64)>,
    /// Laws.
    pub(crate) lines: Vec<Line>,
}

/// A panel with both axes logarithmic.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogLog {
    pub(crate) title: String,
    pub(crate) x_label: String,
    pub(crate) y_label: String,
    pub(crate) series: Vec<Series>,
}

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

/// A panel.
#[derive(Clone, Debug)]
pub(crate) enum Panel {
    LogLog(LogLog),
    Estimates(Estimates),
}

/// An entry of the legend.
#[derive(Clone, Debug)]
pub(crate) enum Legend {
    /// The points of a style.
    Points(usize, String),
    /// A line, dashed or not.
    Line { dashed: bool, text: String },
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

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn font(size: i32) -> TextStyle<'static> {
    (FONT, size * FINE).into_font().color(&INK)
}

fn failed(e: impl std::fmt::Display) -> Error {
    Error::Draw(e.to_string())
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
                    Panel::LogLog(panel) => panel.draw(&area)?,
                    Panel::Estimates(panel) => panel.draw(&area)?,
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
            let text = match entry {
                Legend::Points(_, text) | Legend::Line { text, .. } => text,
            };
            let needs = 44 + text.chars().count() as i32 * 7;
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
                let text = match entry {
                    Legend::Points(style, text) => {
                        draw_marker(area, (x + 10 * FINE, y), *style, MARKER)?;
                        text
                    }
                    Legend::Line { dashed, text } => {
                        let ends = vec![(x, y), (x + 22 * FINE, y)];
                        draw_path(area, ends, INK.stroke_width(2 * FINE as u32), *dashed)?;
                        text
                    }
                };
                let style = font(TEXT).pos(Pos::new(HPos::Left, VPos::Center));
                area.draw(&Text::new(text.clone(), (x + 28 * FINE, y), style)).map_err(failed)?;
            }
        }
        Ok(())
    }
}

/// A path on pixels, solid or dashed.
fn draw_path(area: &Area<'_>, path: Vec<(i32, i32)>, style: ShapeStyle, dashed: bool) -> Result<(), Error> {
    if dashed {
        area.draw(&plotters::element::DashedPathElement::new(path, 6 * FINE, 4 * FINE, style)).map_err(failed)
    } else {
        area.draw(&PathElement::new(path, style)).map_err(failed)
    }
}

/// The marker of a style: circle, square, triangle or diamond.
fn draw_marker(area: &Area<'_>, (x, y): (i32, i32), style: usize, radius: i32) -> Result<(), Error> {
    let colour = COLOURS[style % COLOURS.len()];
    let r = radius;
    let fill = colour.filled();
    match style % 4 {
        0 => area.draw(&Circle::new((x, y), r, fill)).map_err(failed),
        1 => area
            .draw(&Rectangle::new([(x - r + FINE / 2, y - r + FINE / 2), (x + r - FINE / 2, y + r - FINE / 2)], fill))
            .map_err(failed),
        2 => area
            .draw(&Polygon::new(
                vec![(x, y - r - FINE), (x + r + FINE / 2, y + r - FINE / 2), (x - r - FINE / 2, y + r - FINE / 2)],
                fill,
            ))
            .map_err(failed),
        _ => area
            .draw(&Polygon::new(vec![(x, y - r - FINE), (x + r + FINE, y), (x, y + r + FINE), (x - r - FINE, y)], fill))
            .map_err(failed),
    }
}

/// The inner plot: its area, its axes and where they end, in pixels of the panel.
struct Frame<'a> {
    area: Area<'a>,
    x: Axis,
    y: Axis,
    /// (left, right), (top, bottom).
    span: ((i32, i32), (i32, i32)),
}

impl<'a> Frame<'a> {
    /// Draws title, grid, tick labels and axis labels.
    fn draw(area: &Area<'a>, title: &str, x: Axis, y: Axis, labels: (&str, &str)) -> Result<Frame<'a>, Error> {
        let (width, height) = area.dim_in_pixel();
        let left = (if labels.1.is_empty() { 8 } else { 28 }) + y.widest() as i32 * 13 / 2 + 12;
        let span = ((left * FINE, width as i32 - 16 * FINE), (34 * FINE, height as i32 - 48 * FINE));
        let frame = Frame { area: area.clone(), x, y, span };
        frame.grid()?;
        let middle = (span.0.0 + span.0.1) / 2;
        let text = |text: &str, at: (i32, i32), style: TextStyle<'static>| {
            area.draw(&Text::new(text.to_owned(), at, style)).map_err(failed)
        };
        let centred = |size: i32| font(size).pos(Pos::new(HPos::Center, VPos::Center));
        text(title, (middle, 17 * FINE), centred(TEXT + 2))?;
        text(labels.0, (middle, span.1.1 + 36 * FINE), centred(TEXT))?;
        let turned = (FONT, TEXT * FINE).into_font().transform(FontTransform::Rotate270).color(&INK);
        let turned = turned.pos(Pos::new(HPos::Center, VPos::Center));
        text(labels.1, (14 * FINE, (span.1.0 + span.1.1) / 2), turned)?;
        Ok(frame)
    }

    fn grid(&self) -> Result<(), Error> {
        let ((left, right), (top, bottom)) = self.span;
        let line = |from: (i32, i32), to: (i32, i32), colour: RGBColor| {
            self.area.draw(&PathElement::new(vec![from, to], colour.stroke_width(FINE as u32))).map_err(failed)
        };
        for (tick, label) in self.x.ticks() {
            let at = self.pixel((*tick, self.y.ends().0)).0;
            line((at, top), (at, bottom), FAINT)?;
            let style = font(TEXT).pos(Pos::new(HPos::Center, VPos::Top));
            self.area.draw(&Text::new(label.clone(), (at, bottom + 7 * FINE), style)).map_err(failed)?;
        }
        for (tick, label) in self.y.ticks() {
            let at = self.pixel((self.x.ends().0, *tick)).1;
            line((left, at), (right, at), FAINT)?;
            let style = font(TEXT).pos(Pos::new(HPos::Right, VPos::Center));
            self.area.draw(&Text::new(label.clone(), (left - 7 * FINE, at), style)).map_err(failed)?;
        }
        line((left, bottom), (right, bottom), GREY)?;
        line((left, top), (left, bottom), GREY)
    }

    fn pixel(&self, (x, y): (f64, f64)) -> (i32, i32) {
        (self.x.pixel(x, self.span.0), self.y.pixel(y, (self.span.1.1, self.span.1.0)))
    }
}

impl LogLog {
    fn draw(&self, area: &Area<'_>) -> Result<(), Error> {
        let points = || self.series.iter().flat_map(|s| &s.points).copied();
        let lines = || self.series.iter().flat_map(|s| &s.lines).flat_map(|l| &l.samples).copied();
        let width = area.dim_in_pixel().0 as i32 / FINE;
        let height = area.dim_in_pixel().1 as i32 / FINE;
        let x = Axis::log(points().map(|p| p.0), (width / 55).max(3) as usize);
        let y = Axis::log_round(points().chain(lines()).map(|p| p.1), (height / 45).max(3) as usize);
        let frame = Frame::draw(area, &self.title, x, y, (&self.x_label, &self.y_label))?;
        for series in &self.series {
            let colour = COLOURS[series.style % COLOURS.len()];
            for line in &series.lines {
                let path = line.samples.iter().map(|sample| frame.pixel(*sample)).collect();
                draw_path(area, path, colour.stroke_width(FINE as u32 * 3 / 2), line.dashed)?;
            }
            for point in series.points.iter().filter(|(n, error)| *n > 0.0 && *error > 0.0) {
                draw_marker(area, frame.pixel(*point), series.style, MARKER)?;
            }
        }
        Ok(())
    }
}

impl Estimates {
    fn draw(&self, area: &Area<'_>) -> Result<(), Error> {
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
                    let colour = COLOURS[row.style % COLOURS.len()];
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
