//! Points, lines and bands over two axes, each logarithmic or linear.
use crate::report::axis::Axis;
pub(crate) use crate::report::axis::Scale;
use crate::report::canvas::{Anchor, At, Canvas};
use crate::report::colours;
use crate::report::draw::{Frame, Titles, marker};

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

/// Markers of a series that can be told apart; more are drawn as a cloud.
const MARKERS: usize = 400;
/// Pixels of a cell of a cloud.
const CELL: f64 = 2.0;
/// Marks of one kind that are drawn; more lie on each other.
const MARKS: usize = 40;

impl Plot {
    pub(in crate::report) fn draw(&self, canvas: &mut Canvas, size: (f64, f64)) {
        let titles = Titles { title: &self.title, x: &self.x_label, y: &self.y_label };
        let points = || self.series.iter().flat_map(|s| self.drawable(s));
        let lines = || self.series.iter().flat_map(|s| &s.lines).flat_map(|l| &l.samples);
        let mark_x = self.marks.iter().filter_map(|m| if let Mark::X(x, _) = m { Some(*x) } else { None });
        let mark_y = self.marks.iter().filter_map(|m| if let Mark::Y(y, _) = m { Some(*y) } else { None });
        let x = |room| {
            let all = points().map(|p| p.0).chain(lines().map(|p| p.0)).chain(mark_x);
            // Where there are points, their sizes are the ticks.
            let own = points().map(|p| p.0).filter(|_| self.x == Scale::Log);
            Axis::over(self.x, all, own, room)
        };
        let y = |room| {
            let all = points().map(|p| p.1).chain(lines().map(|p| p.1)).chain(mark_y);
            Axis::over(self.y, all, std::iter::empty(), room)
        };
        let mut frame = Frame::draw(canvas, size, &titles, x, y);
        for series in &self.series {
            let upper = series.band.iter().map(|(x, _, upper)| (*x, *upper));
            let lower = series.band.iter().rev().map(|(x, lower, _)| (*x, *lower));
            let outline: Vec<At> = upper.chain(lower).map(|at| frame.inside(at)).collect();
            canvas.path(&format!("b {}", colours::fill(series.style)), &outline, true);
        }
        for mark in self.marks.iter().take(MARKS) {
            draw_mark(canvas, &frame, mark);
        }
        // Lines are drawn over the points: on a long curve these hide them.
        for series in &self.series {
            draw_points(canvas, series.style, self.drawable(series).map(|point| frame.place(point)).collect());
        }
        for series in &self.series {
            for line in &series.lines {
                let path: Vec<At> = line.samples.iter().map(|sample| frame.inside(*sample)).collect();
                let class = colours::line(series.style);
                canvas.path(&if line.dashed { class + " d" } else { class }, &path, false);
            }
        }
        for mark in self.marks.iter().take(MARKS) {
            name_mark(canvas, &mut frame, mark);
        }
    }

    /// The points that have a place on the axes.
    fn drawable<'a>(&'a self, series: &'a Series) -> impl Iterator<Item = (f64, f64)> + Clone + 'a {
        let on = |scale: Scale, v: f64| v.is_finite() && (scale == Scale::Linear || v > 0.0);
        series.points.iter().copied().filter(move |(x, y)| on(self.x, *x) && on(self.y, *y))
    }
}

/// Markers, one for all points on a pixel; or a cloud, where they are too many to be told apart.
fn draw_points(canvas: &mut Canvas, style: usize, mut places: Vec<At>) {
    let pixel = |(x, y): &At| (y.round() as i64, x.round() as i64);
    if places.len() > MARKERS {
        places.sort_by_key(pixel);
        places.dedup_by_key(|at| pixel(at));
    }
    if places.len() <= MARKERS {
        canvas.shapes(&colours::fill(style), marker(style), places.into_iter());
    } else {
        canvas.lines(&format!("o l{}", style % colours::COUNT), runs(&places).into_iter());
    }
}

/// The cells in which there is a point, those side by side as one line: no point is further from one than a cell is wide,
/// and there are no more of them than the panel has cells.
fn runs(places: &[At]) -> Vec<(At, At)> {
    let mut cells: Vec<(i64, i64)> =
        places.iter().map(|(x, y)| ((y / CELL).round() as i64, (x / CELL).round() as i64)).collect();
    cells.sort_unstable();
    cells.dedup();
    let at = |(row, column): (i64, i64)| (column as f64 * CELL, row as f64 * CELL);
    let mut runs: Vec<((i64, i64), (i64, i64))> = Vec::new();
    for cell in cells {
        match runs.last_mut() {
            Some((_, end)) if *end == (cell.0, cell.1 - 1) => *end = cell,
            _ => runs.push((cell, cell)),
        }
    }
    runs.into_iter().map(|(from, to)| (at(from), at(to))).collect()
}

/// Half the height of the cap of a span.
const CAP: f64 = 6.0;

fn draw_mark(canvas: &mut Canvas, frame: &Frame, mark: &Mark) {
    let ((left, right), (top, bottom)) = (frame.across, frame.down);
    match mark {
        Mark::X(x, _) => {
            let x = frame.place((*x, 0.0)).0;
            canvas.path("k", &[(x, top), (x, bottom)], false);
        }
        Mark::Y(y, _) => {
            let y = frame.place((0.0, *y)).1;
            canvas.path("k", &[(left, y), (right, y)], false);
        }
        Mark::Span { y, ends: (lower, upper), .. } => {
            let place = |x: f64| frame.inside((x, *y));
            let height = place(1.0).1;
            let (from, to) = (lower.map_or(left, |x| place(x).0), upper.map_or(right, |x| place(x).0));
            // Only an end that lies within the panel has a cap.
            let ends = [(from, lower.is_some()), (to, upper.is_some())].into_iter();
            let caps = ends.filter(|(x, known)| *known && *x > left && *x < right);
            let caps = caps.map(|(x, _)| ((x, height - CAP), (x, height + CAP)));
            canvas.lines("n", std::iter::once(((from, height), (to, height))).chain(caps));
        }
    }
}

fn name_mark(canvas: &mut Canvas, frame: &mut Frame, mark: &Mark) {
    let ((left, right), (top, _)) = (frame.across, frame.down);
    match mark {
        Mark::X(x, text) => {
            let x = frame.place((*x, 0.0)).0;
            let rows = (0..6).map(|row| top + 9.0 + 14.0 * f64::from(row));
            let places = rows.flat_map(|y| [(Anchor::End, (x - 4.0, y)), (Anchor::Start, (x + 4.0, y))]);
            frame.label(canvas, text, places);
        }
        Mark::Y(y, text) => {
            let y = frame.place((0.0, *y)).1;
            let sides = [(Anchor::Start, left + 4.0), (Anchor::End, right - 4.0)];
            let places = sides.into_iter().flat_map(|(anchor, x)| [-8.0, 8.0].map(|off| (anchor, (x, y + off))));
            frame.label(canvas, text, places);
        }
        Mark::Span { y, ends: (lower, upper), text } => {
            let place = |x: f64| frame.inside((x, *y));
            let (from, to) = (lower.map_or(left, |x| place(x).0), upper.map_or(right, |x| place(x).0));
            let height = place(1.0).1;
            let offs = [-CAP - 8.0, CAP + 8.0].into_iter();
            let places = offs.flat_map(|off| {
                let y = height + off;
                [(Anchor::End, (to, y)), (Anchor::Middle, (0.5 * (from + to), y)), (Anchor::Start, (from, y))]
            });
            frame.label(canvas, text, places);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A curve of many rows with one outlier.
    fn long(rows: usize) -> Plot {
        let noise = |k: usize| ((k as f64 * 0.618_034).fract() - 0.5) * 0.1;
        let row = |k: usize| (1e3 * 1.001_f64.powi((k % 7000) as i32), 0.3 + noise(k));
        let points = (0..rows).map(row).chain([(2e4, 0.9)]).collect();
        Plot { series: vec![Series { points, ..Series::default() }], ..Plot::default() }
    }

    /// Places of the path with this class.
    fn drawn(svg: &str, class: &str) -> Vec<At> {
        let path = svg.split("<path ").find(|path| path.starts_with(&format!("class=\"{class}\""))).expect("a path");
        let d = path.split("d=\"").nth(1).and_then(|d| d.split('"').next()).expect("its places");
        let mut places = Vec::new();
        for run in d.split('M').skip(1) {
            let (start, length) = run.split_once(['l', 'm']).expect("a run");
            let number = |text: &str| text.trim().parse::<f64>().expect("a number");
            let (x, y) = start.split_once(' ').map(|(x, y)| (number(x), number(y))).expect("a place");
            let length: f64 = length.split(' ').next().map_or(0.0, |x| x.parse().unwrap_or(0.0));
            let mut at = 0.0;
            while at <= length {
                places.push((x + at, y));
                at += CELL;
            }
        }
        places
    }

    #[test]
    fn many_points_are_drawn_as_what_can_be_seen_of_them() {
        let mut sizes = Vec::new();
        for rows in [17_000, 170_000] {
            let mut canvas = Canvas::default();
            let plot = long(rows);
            plot.draw(&mut canvas, (400.0, 290.0));
            let svg = canvas.inline((400, 290), "");
            let cells = drawn(&svg, "o l0");
            let mut axes = Canvas::default();
            let titles = Titles { title: "", x: "", y: "" };
            let points = &plot.series[0].points;
            let frame = Frame::draw(
                &mut axes,
                (400.0, 290.0),
                &titles,
                |room| Axis::over(Scale::Log, points.iter().map(|p| p.0), points.iter().map(|p| p.0), room),
                |room| Axis::over(Scale::Log, points.iter().map(|p| p.1), std::iter::empty(), room),
            );
            let outlier = points.last().map(|p| frame.place(*p)).expect("an outlier");
            for place in points.iter().step_by(997).map(|p| frame.place(*p)).chain([outlier]) {
                let near = cells.iter().map(|(x, y)| (x - place.0).hypot(y - place.1)).fold(f64::INFINITY, f64::min);
                assert!(near <= CELL, "{place:?} is {near} from all that is drawn");
            }
            sizes.push(svg.len());
        }
        assert!(sizes[0] < 40_000 && sizes[1] < 40_000, "{sizes:?}");
    }

    #[test]
    fn labels_of_marks_neither_meet_nor_leave_the_panel() {
        let marks = (0..12).flat_map(|k| {
            let k = f64::from(k);
            [Mark::X(1e4 + k, "a long word".into()), Mark::Y(0.4 + k * 1e-3, format!("target {k}"))]
        });
        let mut canvas = Canvas::default();
        let points = vec![(1e3, 0.5), (2e4, 0.3)];
        let series = vec![Series { points, ..Series::default() }];
        Plot { series, marks: marks.collect(), ..Plot::default() }.draw(&mut canvas, (400.0, 290.0));
        let svg = canvas.inline((400, 290), "");
        let document = roxmltree::Document::parse(&svg).expect("XML");
        let words = document.descendants().filter(|n| n.attribute("class").is_some_and(|c| c.starts_with('w')));
        let corners: Vec<[f64; 4]> = words
            .map(|node| {
                let of = |name| node.attribute(name).and_then(|v| v.parse::<f64>().ok()).expect("a number");
                let wide = node.text().map_or(0, |text| text.chars().count()) as f64 * 6.6;
                let end = node.attribute("class").is_some_and(|class| class.ends_with('e'));
                let left = if end { of("x") - wide } else { of("x") };
                [left, left + wide, of("y") - 9.0, of("y")]
            })
            .collect();
        assert!(corners.len() >= 4, "{}", corners.len());
        for (k, a) in corners.iter().enumerate() {
            assert!(a[0] > 0.0 && a[1] < 400.0 && a[2] > 0.0 && a[3] < 290.0, "{a:?}");
            let meets = |b: &[f64; 4]| a[0] < b[1] && b[0] < a[1] && a[2] < b[3] && b[2] < a[3];
            assert!(!corners[k + 1..].iter().any(meets), "{a:?} meets another");
        }
    }
}
