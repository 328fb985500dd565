//! Points, lines and bands over two axes, each logarithmic or linear.
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::errors::Error;
use crate::report::axis::Axis;
use crate::report::draw::{Area, FINE, Frame, GREY, INK, MARKER, TEXT, colour, draw_marker, draw_path, failed, font};

/// A line: its samples, and whether it is dashed.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// (x, y).
    pub(crate) samples: Vec<(f64, f64)>,
    /// Dashed: extrapolated, or not identified.
    pub(crate) dashed: bool,
}

impl Line {
    /// The line up to an x, and from there on dashed.
    pub(crate) fn split(self, at: f64) -> [Line; 2] {
        let (inside, mut beyond): (Vec<_>, Vec<_>) = self.samples.into_iter().partition(|(x, _)| *x <= at);
        beyond.splice(0..0, inside.last().copied());
        [Line { samples: inside, dashed: self.dashed }, Line { samples: beyond, dashed: true }]
    }
}

/// Points, lines and a band in one colour.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series {
    /// Number of the style: colour and marker.
    pub(crate) style: usize,
    /// Measurements (x, y).
    pub(crate) points: Vec<(f64, f64)>,
    /// Laws.
    pub(crate) lines: Vec<Line>,
    /// (x, lower, upper); empty: no band.
    pub(crate) band: Vec<(f64, f64, f64)>,
}

/// A dashed line across the panel with a word beside it.
#[derive(Clone, Debug)]
pub(crate) enum Mark {
    /// At this x.
    X(f64, String),
    /// At this y.
    Y(f64, String),
    /// An interval of x at this y: a bar with a cap where it ends, without one where it has no end.
    Span {
        /// Where it is drawn.
        y: f64,
        /// Its lower and upper end.
        ends: (Option<f64>, Option<f64>),
        /// The word above it.
        text: String,
    },
}

/// How an axis is divided.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Scale {
    #[default]
    Log,
    Linear,
}

/// The panel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plot {
    pub(crate) title: String,
    pub(crate) x_label: String,
    pub(crate) y_label: String,
    pub(crate) x: Scale,
    pub(crate) y: Scale,
    pub(crate) series: Vec<Series>,
    pub(crate) marks: Vec<Mark>,
}

impl Plot {
    pub(in crate::report) fn draw(&self, area: &Area<'_>) -> Result<(), Error> {
        let (width, height) = area.dim_in_pixel();
        let ticks = ((width as i32 / FINE / 55).max(3) as usize, (height as i32 / FINE / 45).max(3) as usize);
        let frame = Frame::draw(area, &self.title, self.x_axis(ticks.0), self.y_axis(ticks.1), self.labels())?;
        for series in &self.series {
            let upper = series.band.iter().map(|(x, _, upper)| (*x, *upper));
            let lower = series.band.iter().rev().map(|(x, lower, _)| (*x, *lower));
            let outline: Vec<_> = upper.chain(lower).map(|at| frame.pixel_inside(at)).collect();
            if !outline.is_empty() {
                area.draw(&Polygon::new(outline, colour(series.style).mix(0.13).filled())).map_err(failed)?;
            }
        }
        for mark in &self.marks {
            draw_mark(area, &frame, mark)?;
        }
        for series in &self.series {
            let colour = colour(series.style);
            for line in &series.lines {
                let path = line.samples.iter().map(|sample| frame.pixel_inside(*sample)).collect();
                draw_path(area, path, colour.stroke_width(FINE as u32 * 3 / 2), line.dashed)?;
            }
            for point in self.drawable(series) {
                draw_marker(area, frame.pixel(point), series.style, MARKER)?;
            }
        }
        Ok(())
    }

    fn labels(&self) -> (&str, &str) {
        (&self.x_label, &self.y_label)
    }

    /// The points that have a place on the axes.
    fn drawable<'a>(&'a self, series: &'a Series) -> impl Iterator<Item = (f64, f64)> + Clone + 'a {
        let on = |scale: Scale, v: f64| v.is_finite() && (scale == Scale::Linear || v > 0.0);
        series.points.iter().copied().filter(move |(x, y)| on(self.x, *x) && on(self.y, *y))
    }

    fn x_axis(&self, ticks: usize) -> Axis {
        let points = || self.series.iter().flat_map(|s| self.drawable(s)).map(|p| p.0);
        let lines = self.series.iter().flat_map(|s| &s.lines).flat_map(|l| &l.samples).map(|p| p.0);
        let marks = self.marks.iter().filter_map(|m| if let Mark::X(x, _) = m { Some(*x) } else { None });
        match self.x {
            // Where there are points, their sizes are the ticks.
            Scale::Log if points().next().is_some() => {
                let ends = Axis::log(points().chain(lines.clone()).chain(marks.clone()), ticks).ends();
                Axis::log(points(), ticks).between(ends, ticks)
            }
            Scale::Log => Axis::log_round(lines.chain(marks), ticks),
            Scale::Linear => Axis::linear(points().chain(lines).chain(marks), ticks),
        }
    }

    fn y_axis(&self, ticks: usize) -> Axis {
        let points = self.series.iter().flat_map(|s| self.drawable(s)).map(|p| p.1);
        let lines = self.series.iter().flat_map(|s| &s.lines).flat_map(|l| &l.samples).map(|p| p.1);
        let marks = self.marks.iter().filter_map(|m| if let Mark::Y(y, _) = m { Some(*y) } else { None });
        let all = points.chain(lines).chain(marks);
        match self.y {
            Scale::Log => Axis::log_round(all, ticks),
            Scale::Linear => Axis::linear(all, ticks),
        }
    }
}

fn draw_mark(area: &Area<'_>, frame: &Frame<'_>, mark: &Mark) -> Result<(), Error> {
    let ((left, right), (top, bottom)) = frame.span;
    if let Mark::Span { y, ends, text } = mark {
        return draw_span(area, frame, *y, *ends, text);
    }
    let (path, text, at, pos) = match mark {
        Mark::X(x, text) => {
            let x = frame.pixel((*x, frame.y_ends().0)).0;
            let at = (x - 4 * FINE, top + 4 * FINE);
            (vec![(x, top), (x, bottom)], text, at, Pos::new(HPos::Right, VPos::Top))
        }
        Mark::Y(y, text) => {
            let y = frame.pixel((frame.x_ends().0, *y)).1;
            let at = (left + 4 * FINE, y - 3 * FINE);
            (vec![(left, y), (right, y)], text, at, Pos::new(HPos::Left, VPos::Bottom))
        }
        Mark::Span { .. } => return Ok(()),
    };
    draw_path(area, path, GREY.stroke_width(FINE as u32), true)?;
    area.draw(&Text::new(text.clone(), at, font(TEXT - 1).color(&GREY).pos(pos))).map_err(failed)
}

/// Half the height of the cap of a span.
const CAP: i32 = 6 * FINE;

fn draw_span(
    area: &Area<'_>,
    frame: &Frame<'_>,
    y: f64,
    (lower, upper): (Option<f64>, Option<f64>),
    text: &str,
) -> Result<(), Error> {
    let (left, right) = frame.span.0;
    let place = |x: f64| frame.pixel_inside((x, y));
    let height = place(frame.x_ends().0).1;
    let (from, to) = (lower.map_or(left, |x| place(x).0), upper.map_or(right, |x| place(x).0));
    let style = INK.stroke_width(FINE as u32 * 5 / 2);
    draw_path(area, vec![(from, height), (to, height)], style, false)?;
    // Only an end that lies within the panel has a cap.
    for (x, known) in [(from, lower.is_some()), (to, upper.is_some())] {
        if known && x > left && x < right {
            draw_path(area, vec![(x, height - CAP), (x, height + CAP)], style, false)?;
        }
    }
    let centre = Pos::new(HPos::Right, VPos::Bottom);
    let at = (to.max(left + 60 * FINE).min(right), height - CAP - 2 * FINE);
    area.draw(&Text::new(text.to_owned(), at, font(TEXT - 1).pos(centre))).map_err(failed)
}
