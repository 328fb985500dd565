//! Estimates with error bars, one below the other.
use crate::report::axis::{Axis, Scale};
use crate::report::canvas::{Anchor, Canvas};
use crate::report::colours;
use crate::report::draw::{Frame, TEXT, Titles, cut, marker};

/// A row of a panel of estimates.
#[derive(Clone, Debug)]
pub(crate) struct Estimate {
    pub(crate) name: String,
    pub(crate) style: usize,
    /// The estimate and its standard error, or why it is not drawn.
    pub(crate) value: Result<(f64, f64), String>,
}

/// A panel of estimates with error bars, one below the other; none of what is estimated is below 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Estimates {
    pub(crate) title: String,
    pub(crate) x_label: String,
    pub(crate) rows: Vec<Estimate>,
}

/// Half the height of the cap of an error bar.
const CAP: f64 = 5.0;

impl Estimates {
    pub(in crate::report) fn draw(&self, canvas: &mut Canvas, size: (f64, f64)) {
        let known = self.rows.iter().filter_map(|row| row.value.as_ref().ok());
        let ends = known.flat_map(|(x, error)| [(x - error).max(0.0), x + error]);
        let titles = Titles { title: &self.title, x: &self.x_label, y: "" };
        let x = |room| Axis::over(Scale::Linear, ends, std::iter::empty(), room);
        let y = |_| Axis::names(self.rows.iter().rev().map(|row| row.name.clone()));
        let frame = Frame::draw(canvas, size, &titles, x, y);
        for (i, row) in self.rows.iter().enumerate() {
            let height = (self.rows.len() - i) as f64 - 0.5;
            match &row.value {
                Ok((x, error)) => {
                    let (from, to) = (frame.place(((x - error).max(0.0), height)), frame.place((x + error, height)));
                    // A bar that ends at 0 ends there because nothing is below.
                    let ends = [(from, x - error > 0.0), (to, true)].into_iter().filter(|(_, is_end)| *is_end);
                    let caps = ends.map(|((x, y), _)| ((x, y - CAP), (x, y + CAP)));
                    canvas.lines(&colours::line(row.style), std::iter::once((from, to)).chain(caps));
                    let place = frame.place((*x, height));
                    canvas.shapes(&colours::fill(row.style), marker(row.style), std::iter::once(place));
                }
                Err(reason) => {
                    let at = (frame.across.0 + 8.0, frame.place((0.0, height)).1);
                    let text = cut(&format!("not identified: {reason}"), TEXT - 1.0, frame.across.1 - at.0);
                    canvas.text("w", Anchor::Start, at, &text);
                }
            }
        }
    }
}
