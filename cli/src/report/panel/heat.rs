//! A function of two variables in colour steps, as a map with contours, and its minimum.
use crate::report::axis::Axis;
use crate::report::canvas::Canvas;
use crate::report::colours;
use crate::report::draw::{Frame, Titles};

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

impl Heat {
    pub(in crate::report) fn draw(&self, canvas: &mut Canvas, size: (f64, f64)) {
        let titles = Titles { title: &self.title, x: &self.x_label, y: &self.y_label };
        let axis = |ends: (f64, f64)| move |room| Axis::exactly(ends, room);
        let frame = Frame::draw(canvas, size, &titles, axis(self.x), axis(self.y));
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
                let [low, high] = ends.map(|end| frame.place(end));
                // Over the neighbours below, which are drawn, and to the right, which will be: no white seams.
                let end = ((high.0 + 1.0).min(frame.across.1), (high.1 + 1.0).min(frame.down.1));
                canvas.rectangle(&colours::step(step(*first)), low, end);
                from += run;
            }
        }
        if let Some(minimum) = self.minimum {
            let (x, y) = frame.place(minimum);
            for (class, arm) in [("x", 7.0), ("y", 6.0)] {
                let arms = [((x - arm, y - arm), (x + arm, y + arm)), ((x - arm, y + arm), (x + arm, y - arm))];
                canvas.lines(class, arms.into_iter());
            }
        }
    }
}
