//! Values that turn up again, and a fall that begins late.
use super::Oddity;
use super::trial::{Candidate, Change, MOST, Node, Trial};

/// A turn and a plateau, without these points.
pub(super) fn find(trial: &Trial, without: &[Option<Candidate>; 2]) -> [Option<Oddity>; 2] {
    let out = without.iter().flatten().count();
    let freedom = trial.points as f64 - (trial.free + out + 1) as f64;
    if freedom < 1.0 || trial.len < 4 {
        return [None; 2];
    }
    let shape = Shape { trial, without: *without, freedom, rounding: trial.rounding(without, freedom) };
    let all = trial.square_of(&Change { without: *without, ..Change::NONE });
    [shape.turn(all), shape.plateau(all)]
}

struct Shape<'a> {
    trial: &'a Trial,
    without: [Option<Candidate>; 2],
    /// Degrees of freedom with one parameter more.
    freedom: f64,
    rounding: f64,
}

impl Shape<'_> {
    fn p_value(&self, null: f64, square: f64) -> f64 {
        self.trial.p_value(null, square, 1.0, self.freedom, self.rounding)
    }

    /// Node `k` without the points that are left out.
    fn node(&self, k: usize) -> Node {
        self.trial.changed(&Change { without: self.without, ..Change::NONE }, k)
    }

    /// The law up to node k and behind it a line in ln n through its end: for the law, the line is a node at the size of k, with the
    /// level at which it starts and the weight that this is known with. With `is_level` the line has no slope.
    fn end(&self, k: usize, is_level: bool) -> (Change, End) {
        let start = self.node(k);
        let mut end = End::default();
        for place in k + 1..self.trial.len {
            let node = self.node(place);
            let (t, y) = (node.t - start.t, node.y - start.y);
            end.w += node.w;
            end.t += node.w * t;
            end.tt += node.w * t * t;
            end.y += node.w * y;
            end.ty += node.w * t * y;
            end.yy += node.w * y * y;
        }
        let by_slope = |with: f64, of: f64| if is_level { 0.0 } else { with * (of / end.tt) };
        let w = end.w - by_slope(end.t, end.t);
        let level = (end.y - by_slope(end.t, end.ty)) / w;
        let square = end.yy - by_slope(end.ty, end.ty) - w * level * level;
        let extra = Node { y: start.y + level, w, ..start };
        let change = Change {
            without: self.without,
            keep: [0, k],
            extra: Some(extra),
            square: if square > 0.0 { square } else { 0.0 },
        };
        (change, end)
    }

    /// The rise from one of the sizes on.
    fn turn(&self, all: f64) -> Option<Oddity> {
        // Two sizes behind the turn, two before and at it, three where a fit needs them.
        let first = if self.trial.free > 2 { 2 } else { 1 };
        let count = self.trial.len.saturating_sub(first + 2);
        let mut level = [f64::INFINITY; MOST];
        self.trial.squares_of(count, &|k| self.end(first + k, true).0, &mut |k, square, _| {
            if let Some(slot) = level.get_mut(k) {
                *slot = square;
            }
        });
        let mut least: Option<(usize, f64)> = None;
        self.trial.squares_of(count, &|k| self.end(first + k, false).0, &mut |k, square, law| {
            let (start, (_, end)) = (self.node(first + k), self.end(first + k, false));
            let at = self.trial.target(law.error_at(start.n)) - start.y;
            let slope = (end.ty - at * end.t) / end.tt;
            let null = level.get(k).copied().unwrap_or(all);
            let p = if slope > 0.0 { 0.5 * self.p_value(if null < all { null } else { all }, square) } else { 1.0 };
            if least.is_none_or(|(_, best)| p < best) {
                least = Some((first + k, p));
            }
        });
        let (place, p) = least?;
        let p_value = p * count as f64;
        (p_value < Oddity::LEVEL).then(|| Oddity::Turn { index: self.trial.index(place), p_value })
    }

    /// One level up to one of the sizes, and the law from it on.
    fn plateau(&self, all: f64) -> Option<Oddity> {
        let count = self.trial.len.saturating_sub(self.trial.free).min(self.trial.len.saturating_sub(2));
        let change = |k: usize| {
            let k = k + 1;
            let end = self.node(k);
            let (mut w, mut y, mut yy) = (0.0, 0.0, 0.0);
            for place in 0..k {
                let node = self.node(place);
                w += node.w;
                y += node.w * (node.y - end.y);
                yy += node.w * (node.y - end.y) * (node.y - end.y);
            }
            let level = y / w;
            let square = yy - w * level * level;
            Change {
                without: self.without,
                keep: [k, MOST],
                extra: (w > 0.0).then_some(Node { y: end.y + level, w, ..end }),
                square: if square > 0.0 { square } else { 0.0 },
            }
        };
        let mut least: Option<(usize, f64)> = None;
        self.trial.squares_of(count, &change, &mut |k, square, law| {
            if law.d > 0.0 && least.is_none_or(|(_, best)| square < best) {
                least = Some((k + 1, square));
            }
        });
        let (place, square) = least?;
        let p_value = self.p_value(all, square) * count as f64;
        (p_value < Oddity::LEVEL).then(|| Oddity::Plateau { index: self.trial.index(place), p_value })
    }
}

/// Sums over the nodes behind a size, from it on.
#[derive(Clone, Copy, Default)]
struct End {
    w: f64,
    t: f64,
    tt: f64,
    y: f64,
    ty: f64,
    yy: f64,
}
