//! What all panels draw with: colours, markers, paths, and a frame with axes.
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::FontTransform;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::errors::Error;

use super::axis::Axis;

/// The svg backend places everything on whole pixels: at this many to one, lines of a curve are smooth.
pub(super) const FINE: i32 = 4;

/// Colours that colour-blind readers tell apart (Okabe and Ito 2008), dark ones first.
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 138, 104),
    RGBColor(190, 92, 155),
    RGBColor(196, 134, 0),
    RGBColor(60, 150, 205),
    RGBColor(40, 40, 40),
    RGBColor(150, 110, 70),
];

pub(super) const INK: RGBColor = RGBColor(34, 38, 46);
pub(super) const FAINT: RGBColor = RGBColor(228, 230, 235);
pub(super) const GREY: RGBColor = RGBColor(120, 124, 134);
const FONT: &str = "system-ui, Helvetica, Arial, sans-serif";
pub(super) const TEXT: i32 = 12;
/// Radius of a marker.
pub(super) const MARKER: i32 = 4 * FINE;

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The colour of a style.
pub(super) fn colour(style: usize) -> RGBColor {
    COLOURS[style % COLOURS.len()]
}

pub(super) fn font(size: i32) -> TextStyle<'static> {
    (FONT, size * FINE).into_font().color(&INK)
}

pub(super) fn failed(e: impl std::fmt::Display) -> Error {
    Error::Draw(e.to_string())
}

/// A path on pixels, solid or dashed.
pub(super) fn draw_path(area: &Area<'_>, path: Vec<(i32, i32)>, style: ShapeStyle, dashed: bool) -> Result<(), Error> {
    if dashed {
        area.draw(&plotters::element::DashedPathElement::new(path, 6 * FINE, 4 * FINE, style)).map_err(failed)
    } else {
        area.draw(&PathElement::new(path, style)).map_err(failed)
    }
}

/// The marker of a style: circle, square, triangle or diamond.
pub(super) fn draw_marker(area: &Area<'_>, (x, y): (i32, i32), style: usize, radius: i32) -> Result<(), Error> {
    let colour = colour(style);
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
pub(super) struct Frame<'a> {
    area: Area<'a>,
    x: Axis,
    y: Axis,
    /// (left, right), (top, bottom).
    pub(super) span: ((i32, i32), (i32, i32)),
}

impl<'a> Frame<'a> {
    /// Draws title, grid, tick labels and axis labels.
    pub(super) fn draw(
        area: &Area<'a>,
        title: &str,
        x: Axis,
        y: Axis,
        labels: (&str, &str),
    ) -> Result<Frame<'a>, Error> {
        let (width, height) = area.dim_in_pixel();
        let left = (if labels.1.is_empty() { 8 } else { 28 }) + y.widest() as i32 * 13 / 2 + 12;
        // Numbers of hundreds of digits leave half of the panel to the plot.
        let left = left.min(width as i32 / FINE / 2);
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

    pub(super) fn x_ends(&self) -> (f64, f64) {
        self.x.ends()
    }

    pub(super) fn y_ends(&self) -> (f64, f64) {
        self.y.ends()
    }

    /// The place of a value, moved to the edge of the frame if it lies outside.
    pub(super) fn pixel_inside(&self, at: (f64, f64)) -> (i32, i32) {
        let ((left, right), (top, bottom)) = self.span;
        let (x, y) = self.pixel(at);
        (x.clamp(left, right), y.clamp(top, bottom))
    }

    pub(super) fn pixel(&self, (x, y): (f64, f64)) -> (i32, i32) {
        (self.x.pixel(x, self.span.0), self.y.pixel(y, (self.span.1.1, self.span.1.0)))
    }
}
