//! Values that turn up again, and a fall that begins late.
use crate::fit::rectified;

use super::kind::Oddity;
use super::trial::{Candidate, Change, MOST, Node, Single, Trial};

/// Share of the fall over the data down to which it has not begun.
const BEGUN: f64 = 0.1;

/// Curves without these points.
pub(super) struct Shape<'a> {
    trial: &'a Trial,
    change: Change,
    /// Points that are left.
    points: f64,
}

impl Shape<'_> {
    pub(super) fn new<'a>(trial: &'a Trial, without: &[Option<Candidate>; 2]) -> Shape<'a> {
        let out = without.iter().flatten().count();
        let points = trial.points.saturating_sub(out) as f64;
        Shape { trial, change: Change { without: *without, ..Change::NONE }, points }
    }

    fn node(&self, k: usize) -> Node {
        self.trial.changed(&self.change, k)
    }

    fn p_value(&self, null: f64, square: f64, freedom: f64) -> f64 {
        let rounding = self.trial.rounding(&self.change.without, freedom);
        self.trial.p_value(null, square, 1.0, freedom, rounding)
    }

    /// The rise from one of the sizes on: the slope of the line through the values from there on, against the scatter about it
    /// and about the law before.
    pub(super) fn turn(&self) -> Option<Oddity> {
        // Two sizes before the turn, two behind it.
        let count = self.trial.len.saturating_sub(4);
        let mut before = [0.0; MOST];
        // Fewer sizes than parameters are met but for their scatter.
        let first = self.trial.free.max(2);
        let change = |k: usize| Change { keep: [0, first + k], ..self.change };
        let pure = self.trial.squares(&self.change);
        self.trial.squares_of((count + 2).saturating_sub(first), &change, &mut |k, square, _| {
            if let Some(slot) = before.get_mut((first + k).saturating_sub(2)) {
                *slot = if square > pure { square - pure } else { 0.0 };
            }
        });
        let mut least: Option<(usize, f64)> = None;
        for (k, before) in before.iter().take(count).enumerate() {
            let turn = k + 2;
            let end = self.end(turn);
            let level = end.yy - end.y * (end.y / end.w);
            let (tt, ty) = (end.tt - end.t * (end.t / end.w), end.ty - end.t * (end.y / end.w));
            let line = level - ty * (ty / tt);
            let taken = self.trial.free.min(turn) as f64 + 2.0;
            let (null, square) = (pure + before + level, pure + before + if line > 0.0 { line } else { 0.0 });
            let p = if ty > 0.0 { 0.5 * self.p_value(null, square, self.points - taken) } else { 1.0 };
            if least.is_none_or(|(_, best)| p < best) {
                least = Some((turn, p));
            }
        }
        let (place, p) = least?;
        let p_value = p * count as f64;
        (p_value < Oddity::LEVEL).then(|| Oddity::Turn { index: self.trial.index(place), p_value })
    }

    /// Sums over the nodes from `k` on.
    fn end(&self, k: usize) -> End {
        let start = self.node(k);
        let mut end = End::default();
        for place in k..self.trial.len {
            let node = self.node(place);
            let (t, y) = (node.t - start.t, node.y - start.y);
            end.w += node.w;
            end.t += node.w * t;
            end.tt += node.w * t * t;
            end.y += node.w * y;
            end.ty += node.w * t * y;
            end.yy += node.w * y * y;
        }
        end
    }

    /// The rectified law against law (1), which it contains where its n_h is 0, on the bound: half of F with one degree of freedom
    /// (Self and Liang, J. Am. Stat. Assoc. 82 (1987) 605, case 5).
    pub(super) fn plateau(&self) -> Option<Oddity> {
        let freedom = self.points - self.trial.free as f64 - 1.0;
        if !(freedom >= 1.0) {
            return None;
        }
        let law = rectified(&Single { trial: self.trial, change: &self.change }, &self.trial.options).ok()?.law();
        let square = self.trial.square(&self.change, &|node| law.error_at(node.n));
        let p_value = 0.5 * self.p_value(self.trial.square_of(&self.change), square, freedom);
        if !(p_value < Oddity::LEVEL) {
            return None;
        }
        let level = |k: usize| law.error_at(self.node(k).n);
        let (first, last) = (level(0), level(self.trial.len.saturating_sub(1)));
        let begun = first - BEGUN * (first - last);
        // Where already the second size is lower, nothing is level.
        let place = (0..self.trial.len).take_while(|k| level(*k) >= begun).last().filter(|place| *place > 0)?;
        Some(Oddity::Plateau { index: self.trial.index(place), p_value })
    }
}

/// Sums over the nodes from one on.
#[derive(Clone, Copy, Default)]
struct End {
    w: f64,
    t: f64,
    tt: f64,
    y: f64,
    ty: f64,
    yy: f64,
}
