//! A plot of characters: measurements, laws with a band, and a target, for the terminal.
mod canvas;
mod ticks;

use crate::output::{counted, plain, short};
use crate::report::figure::Series;
use crate::terminal::Terminal;

use canvas::{Canvas, Ink};
use ticks::{labelled, nice};

/// Rows of the panel.
const ROWS: usize = 13;
/// A panel wider than this is no clearer.
const WIDEST: usize = 110;
/// Room left beyond the highest and the lowest value, as a share of their distance.
const MARGIN: f64 = 0.05;

/// What is drawn.
pub(crate) struct Chart<'a> {
    /// Points, laws and bands; each with the character of its points, where there are several.
    pub(crate) series: Vec<(Option<char>, &'a Series)>,
    pub(crate) x_label: &'a str,
    pub(crate) y_label: &'a str,
    /// The target.
    pub(crate) target: Option<f64>,
    /// The samples that reach it, with their interval.
    pub(crate) reached: Option<[Option<f64>; 3]>,
    /// Level of the band, a fraction.
    pub(crate) level: f64,
}

/// A range of a logarithmic axis over so many places.
#[derive(Clone, Copy, Debug)]
struct Axis {
    low: f64,
    high: f64,
    places: usize,
}

impl Axis {
    fn new(values: impl Iterator<Item = f64>, margin: f64, places: usize) -> Option<Axis> {
        let used = values.filter(|x| *x > 0.0 && x.is_finite());
        let (low, high) = used.map(f64::ln).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
        if low > high {
            return None;
        }
        let room = if high > low { margin * (high - low) } else { 0.05 };
        Some(Axis { low: low - room, high: high + room, places })
    }

    /// The place of a value, from 0 up to the number of places; outside of that where it is not within the range.
    fn at(&self, x: f64) -> f64 {
        (x.ln() - self.low) / (self.high - self.low) * self.places as f64
    }

    /// The value in the middle of a place of a finer division.
    fn value(&self, place: usize, places: usize) -> f64 {
        (self.low + (self.high - self.low) * (place as f64 + 0.5) / places as f64).exp()
    }

    fn place(&self, x: f64) -> Option<usize> {
        let at = self.at(x);
        (at >= 0.0 && at <= self.places as f64).then(|| (at as usize).min(self.places - 1))
    }
}

impl Chart<'_> {
    /// The plot as lines of text; empty where nothing can be drawn.
    pub(crate) fn text(&self, terminal: &Terminal) -> String {
        let points = || self.series.iter().flat_map(|(_, series)| series.points.iter().copied());
        let lines =
            || self.series.iter().flat_map(|(_, s)| s.lines.iter().flat_map(|line| line.samples.iter().copied()));
        let Some(y) = Axis::new(points().chain(lines()).map(|(_, y)| y).chain(self.target), MARGIN, ROWS) else {
            return String::new();
        };
        let marks = labelled(nice(y.low.exp(), y.high.exp(), 5), self.target, |v| y.place(v), |v| plain(&short(v)));
        let room = marks.iter().map(|(_, text)| text.chars().count()).max().unwrap_or(0);
        // A label, a space, the axis.
        let columns = terminal.width.min(WIDEST).saturating_sub(room + 3).max(16);
        let Some(x) = Axis::new(points().chain(lines()).map(|(x, _)| x), 0.0, columns) else { return String::new() };

        let mut canvas = Canvas::new(columns, ROWS, terminal);
        for (_, series) in &self.series {
            let edges: Vec<[f64; 3]> = series.band.iter().map(|(n, a, b)| [n.ln(), *a, *b]).collect();
            for column in 0..columns {
                let n = x.value(column, columns).ln();
                let Some([lower, upper]) = between(&edges, n) else { continue };
                let inside = |row: &usize| (lower..=upper).contains(&y.value(*row, ROWS));
                (0..ROWS).filter(inside).for_each(|row| canvas.shade(column, row, series.style));
            }
        }
        self.draw_target(&mut canvas, x, y);
        for (_, series) in &self.series {
            for line in &series.lines {
                let path = line.samples.iter().map(|(n, error)| (x.at(*n), y.at(*error)));
                canvas.path(path, line.dashed, series.style);
            }
        }
        for (mark, series) in &self.series {
            for (n, error) in &series.points {
                if let Some((column, row)) = x.place(*n).zip(y.place(*error)) {
                    canvas.put(column, row, mark.unwrap_or(canvas.point()), Ink::Style(series.style));
                }
            }
        }
        let mut text = format!("{:>room$} {}\n", "", self.y_label);
        let rows = canvas.rows();
        for (row, cells) in rows.into_iter().enumerate().rev() {
            let label = marks.iter().find(|(at, _)| *at == row).map_or("", |(_, text)| text);
            text += &format!("{label:>room$} {}{cells}\n", canvas.axis(!label.is_empty()));
        }
        let sizes = labelled(nice_sizes(x), None, |v| x.place(v), |n| plain(&counted(n)));
        text += &format!("{:>room$} {}\n", "", canvas.floor(&sizes.iter().map(|(at, _)| *at).collect::<Vec<_>>()));
        text + &format!("{:>room$}  {}\n{}", "", beside(&sizes, columns, self.x_label), self.legend(&canvas, room))
    }

    /// The target as a line, the interval of the samples that reach it as a thicker one.
    fn draw_target(&self, canvas: &mut Canvas, x: Axis, y: Axis) {
        let Some(row) = self.target.and_then(|target| y.place(target)) else { return };
        (0..x.places).for_each(|column| canvas.target(column, row, false));
        let Some([estimate, lower, upper]) = self.reached else { return };
        let within = |column: usize| {
            let n = x.value(column, x.places);
            lower.is_some_and(|a| a <= n) && upper.is_none_or(|b| n <= b)
        };
        let inside = (0..x.places).filter(|column| within(*column));
        inside.chain(estimate.and_then(|n| x.place(n))).for_each(|column| canvas.target(column, row, true));
    }

    /// What the characters are.
    fn legend(&self, canvas: &Canvas, room: usize) -> String {
        let mut parts: Vec<String> = match self.series.iter().any(|(mark, _)| mark.is_some()) {
            true => Vec::new(),
            false => vec![format!("{} measured", canvas.point())],
        };
        let lines = || self.series.iter().flat_map(|(_, series)| &series.lines);
        parts.extend(lines().any(|line| !line.dashed).then(|| format!("{} law", canvas.line())));
        parts.extend(lines().any(|line| line.dashed).then(|| format!("{} extrapolated", canvas.dashes())));
        let has_band = self.series.iter().any(|(_, series)| !series.band.is_empty());
        parts.extend(has_band.then(|| format!("{} {} % band of L(n)", canvas.band(), 100.0 * self.level)));
        parts.extend(self.target.map(|_| {
            let reached =
                if self.reached.is_some() { format!(", {} where it is met", canvas.reached()) } else { String::new() };
            format!("{} target{reached}", canvas.rule())
        }));
        format!("{:>room$}  {}\n", "", parts.join("   "))
    }
}

/// Lower and upper edge at this ln n, between neighbours; `None` outside.
fn between(edges: &[[f64; 3]], x: f64) -> Option<[f64; 2]> {
    let next = edges.iter().position(|[at, ..]| *at >= x)?;
    let ([x0, a0, b0], [x1, a1, b1]) = (edges[next.saturating_sub(1)], edges[next]);
    if next == 0 && x1 > x {
        return None;
    }
    let share = if x1 > x0 { (x - x0) / (x1 - x0) } else { 1.0 };
    // An edge without a limit is infinite at its neighbours, too.
    let edge = |from: f64, to: f64| if from.is_finite() && to.is_finite() { from + share * (to - from) } else { to };
    Some([edge(a0, a1), edge(b0, b1)])
}

/// Sizes to label: powers of ten, or where there are few of them 1, 2, 5 times these.
fn nice_sizes(x: Axis) -> Vec<f64> {
    let (low, high) = (x.low.exp(), x.high.exp());
    let steps: &[f64] = if high / low >= 1e3 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let tens = (low.log10().floor() as i32)..=(high.log10().ceil() as i32);
    let all = tens.flat_map(|power| steps.iter().map(move |step| step * 10.0_f64.powi(power)));
    all.filter(|n| *n >= low * (1.0 - 1e-9) && *n <= high * (1.0 + 1e-9)).collect()
}

/// The labels below their places, those that would touch left out, and the name of the axis at the end.
fn beside(labels: &[(usize, String)], columns: usize, name: &str) -> String {
    let mut text = String::new();
    let last = columns.saturating_sub(name.chars().count() + 1);
    for (at, label) in labels {
        let start = at.saturating_sub(label.chars().count() / 2);
        let used = text.chars().count();
        if start + label.chars().count() <= last && (used == 0 || start > used) {
            text += &format!("{}{label}", " ".repeat(start - used));
        }
    }
    format!(
        "{text}{}{name}",
        " ".repeat((columns.saturating_sub(name.chars().count())).saturating_sub(text.chars().count()))
    )
}
