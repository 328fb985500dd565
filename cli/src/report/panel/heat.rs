//! A function of two variables in colour steps, as a map with contours, and its minimum.
use plotters::prelude::*;

use crate::errors::Error;
use crate::report::axis::Axis;
use crate::report::draw::{Area, FINE, Frame, failed};

/// The panel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heat {
    pub(crate) title: String,
    pub(crate) x_label: String,
    pub(crate) y_label: String,
    /// Ends of the axes; cells divide them evenly.
    pub(crate) x: (f64, f64),
    pub(crate) y: (f64, f64),
    /// Rows from the lower end of y, each from the lower end of x.
    pub(crate) values: Vec<f64>,
    /// Cells in a row.
    pub(crate) columns: usize,
    /// Where a cross is drawn: the minimum.
    pub(crate) minimum: Option<(f64, f64)>,
}

/// Upper ends of the colour steps, as multiples of the lowest value.
pub(crate) const STEPS: [f64; 8] = [1.1, 1.5, 2.0, 4.0, 10.0, 30.0, 100.0, f64::INFINITY];

/// Bright where the function is low. Lightness falls evenly, so that the steps read without colour too (after viridis, van
/// der Walt and Smith 2015).
const RAMP: [RGBColor; 8] = [
    RGBColor(253, 231, 37),
    RGBColor(160, 218, 57),
    RGBColor(74, 193, 109),
    RGBColor(31, 161, 135),
    RGBColor(39, 127, 142),
    RGBColor(54, 92, 141),
    RGBColor(70, 50, 127),
    RGBColor(50, 6, 70),
];

/// The colour of a step.
pub(in crate::report) fn ramp(step: usize) -> RGBColor {
    RAMP[step.min(RAMP.len() - 1)]
}

impl Heat {
    pub(in crate::report) fn draw(&self, area: &Area<'_>) -> Result<(), Error> {
        let (width, height) = area.dim_in_pixel();
        let axis = |(low, high): (f64, f64), pixels: u32, each: i32| {
            Axis::linear([low, high].into_iter(), (pixels as i32 / FINE / each).max(3) as usize).exactly((low, high))
        };
        let (x, y) = (axis(self.x, width, 60), axis(self.y, height, 45));
        let frame = Frame::draw(area, &self.title, x, y, (&self.x_label, &self.y_label))?;
        let lowest = self.values.iter().copied().filter(|v| v.is_finite()).fold(f64::INFINITY, f64::min);
        let step = |value: f64| STEPS.iter().position(|end| value <= lowest * end).unwrap_or(STEPS.len() - 1);
        let rows = self.values.len() / self.columns.max(1);
        let at = |(low, high): (f64, f64), k: usize, count: usize| low + (high - low) * k as f64 / count as f64;
        for (r, row) in self.values.chunks(self.columns.max(1)).enumerate() {
            let (lower, upper) = (at(self.y, r, rows), at(self.y, r + 1, rows));
            let mut from = 0;
            while let Some(first) = row.get(from) {
                let run = row[from..].iter().take_while(|v| step(**v) == step(*first)).count();
                let ends = [(at(self.x, from, self.columns), upper), (at(self.x, from + run, self.columns), lower)];
                let [low, high] = ends.map(|end| frame.pixel(end));
                // Over the neighbours below, which are drawn, and to the right, which will be: no white seams.
                let right = (high.0 + FINE).min(frame.span.0.1);
                let bottom = (high.1 + FINE).min(frame.span.1.1);
                area.draw(&Rectangle::new([low, (right, bottom)], ramp(step(*first)).filled())).map_err(failed)?;
                from += run;
            }
        }
        if let Some(minimum) = self.minimum {
            let (x, y) = frame.pixel(minimum);
            for (colour, width) in [(WHITE, 4), (BLACK, 2)] {
                let arm = (6 + width / 3) * FINE;
                for path in [vec![(x - arm, y - arm), (x + arm, y + arm)], vec![(x - arm, y + arm), (x + arm, y - arm)]]
                {
                    area.draw(&PathElement::new(path, colour.stroke_width((width * FINE) as u32))).map_err(failed)?;
                }
            }
        }
        Ok(())
    }
}
