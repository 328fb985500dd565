//! Sequences of measurements that are worth a simulation, found by the quadratic approximation.
use crate::forecast::Forecast;
use crate::math;

use super::design::Candidate;
use super::local::{Local, Simple};
use super::odds::below;

/// Measurements of the longest sequence.
pub(super) const MOST: usize = 10;

/// Sequences of each kind that are simulated: one size again and again, each time the next size, and one size some times and
/// then another. Those of the forecast take forty times as long.
const KEPT_BY_LAW: [usize; 3] = [12, 8, 12];
const KEPT_BY_FORECAST: [usize; 3] = [3, 2, 1];

/// All of them.
pub(super) const LINES: usize = 32;

/// Candidates in order, by index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line {
    at: [usize; MOST],
    len: usize,
}

impl Line {
    pub(super) const NONE: Line = Line { at: [0; MOST], len: 0 };

    pub(super) fn as_slice(&self) -> &[usize] {
        self.at.get(..self.len).unwrap_or(&self.at)
    }

    /// Its first measurements.
    pub(super) fn first(&self, len: usize) -> Line {
        Line { len: len.min(self.len), ..*self }
    }

    /// Its measurements, and then those of another, as many as there can be.
    pub(super) fn then(&self, other: &Line) -> Line {
        let all = || self.as_slice().iter().chain(other.as_slice());
        let mut line = Line { at: [0; MOST], len: all().count().min(MOST) };
        line.at.iter_mut().zip(all()).for_each(|(slot, index)| *slot = *index);
        line
    }

    /// `of` at each place.
    fn new(len: usize, mut of: impl FnMut(usize) -> usize) -> Line {
        let mut line = Line { at: [0; MOST], len };
        line.at.iter_mut().enumerate().for_each(|(place, slot)| *slot = of(place));
        line
    }
}

/// What a sequence is compared by while it is not known well: its cost over the fourth power of its chance, which counts as far
/// as `enough`, so that half of the chance is no bargain. Small is good.
pub(super) fn worth(chance: f64, cost: f64, enough: f64) -> f64 {
    let square = chance.min(enough) * chance.min(enough);
    if square > 0.0 { cost / (square * square) } else { f64::INFINITY }
}

/// What the approximation knows of: L at the budget, how far it is from the target, and what measurements make of its variance.
pub(super) enum Outlook<'a> {
    Law { simple: &'a Simple, by: [f64; 3], away: f64 },
    Forecast { forecast: &'a Forecast, budget: f64, away: f64 },
}

/// What sequences are made of and looked at with.
pub(super) struct Screen<'a> {
    pub(super) outlook: Outlook<'a>,
    pub(super) candidates: &'a [Candidate],
    /// The quantile of the intervals.
    pub(super) quantile: f64,
    /// The probability that is enough.
    pub(super) enough: f64,
}

impl Screen<'_> {
    /// The sequences to simulate; how many.
    pub(super) fn lines(&self, out: &mut [Line; LINES]) -> usize {
        let (len, kept) = match self.outlook {
            Outlook::Law { .. } => (MOST, KEPT_BY_LAW),
            Outlook::Forecast { .. } => (MOST / 2, KEPT_BY_FORECAST),
        };
        let [again, growing, both] = kept;
        let mut best = Best::new(again);
        for first in 0..self.candidates.len() {
            self.offer(&mut best, Line::new(len, |_| first));
        }
        let repeated = best;
        let mut ladders = Best::new(growing);
        for first in 0..self.candidates.len() {
            let mut at = Some(first);
            let mut last = first;
            let ladder = Line::new(len, |_| {
                last = at.unwrap_or(last);
                at = self.larger(last);
                last
            });
            if self.larger(first).is_some() {
                self.offer(&mut ladders, ladder);
            }
        }
        let mut pairs = Best::new(both);
        for (a, b) in repeated.pairs() {
            for times in 1..=len / 2 {
                self.offer(&mut pairs, Line::new(len, |place| if place < times { a } else { b }));
            }
        }
        let all = repeated.kept().chain(ladders.kept()).chain(pairs.kept());
        let mut count = 0;
        for (slot, line) in out.iter_mut().zip(all) {
            *slot = line;
            count += 1;
        }
        count
    }

    fn offer(&self, best: &mut Best, line: Line) {
        best.offer(self.value(&line), line);
    }

    /// The candidate with the next larger n.
    fn larger(&self, than: usize) -> Option<usize> {
        let least = self.candidates.get(than)?.n;
        let larger = self.candidates.iter().enumerate().filter(|(_, c)| c.n > least);
        larger.reduce(|a, b| if b.1.n < a.1.n { b } else { a }).map(|(index, _)| index)
    }

    /// The worth of the best prefix of a sequence. What the measurements leave of the variance is known before they are made;
    /// the estimate then has the rest of it, and the target must lie outside of its interval.
    fn value(&self, line: &Line) -> f64 {
        let mut left = Left::new(&self.outlook);
        let (before, away) = (left.variance(), left.away());
        let (mut cost, mut chance, mut best) = (0.0, 0.0, f64::INFINITY);
        for candidate in line.as_slice().iter().filter_map(|index| self.candidates.get(*index)) {
            cost += candidate.cost * (1.0 - chance);
            left.measure(candidate);
            let after = left.variance();
            let moved = math::sqrt((before - after).max(0.0));
            let half = self.quantile * math::sqrt(after.max(0.0));
            let decided = match moved > 0.0 {
                true => below((away - half) / moved) + below((-away - half) / moved),
                false => 0.0,
            };
            chance = decided.max(chance).min(1.0);
            let worth = worth(chance, cost, self.enough);
            best = if worth < best { worth } else { best };
        }
        best
    }
}

/// The approximation after some measurements.
enum Left<'a> {
    Law { local: Local<3>, simple: &'a Simple, by: [f64; 3], away: f64 },
    Forecast { forecast: &'a Forecast, budget: f64, away: f64, variance: f64, last: (f64, f64) },
}

impl<'a> Left<'a> {
    fn new(outlook: &Outlook<'a>) -> Left<'a> {
        match *outlook {
            Outlook::Law { simple, by, away } => Left::Law { local: simple.local, simple, by, away },
            Outlook::Forecast { forecast, budget, away } => {
                let (_, sd) = forecast.shrink(budget, 1.0, budget);
                Left::Forecast { forecast, budget, away, variance: sd * sd, last: (0.0, 0.0) }
            }
        }
    }

    fn variance(&self) -> f64 {
        match self {
            Left::Law { local, by, .. } => local.variance * local.form(by, by),
            Left::Forecast { variance, .. } => *variance,
        }
    }

    fn away(&self) -> f64 {
        match self {
            Left::Law { away, .. } | Left::Forecast { away, .. } => away.abs(),
        }
    }

    fn measure(&mut self, candidate: &Candidate) {
        match self {
            Left::Law { local, simple, .. } => {
                local.measure(&simple.row(candidate.n), simple.weight(candidate.n, candidate.weight));
            }
            // Measurements of one size are one of their weight; those of several sizes count as if they told of different things.
            Left::Forecast { forecast, budget, variance, last, .. } => {
                let of = |weight| if weight > 0.0 { forecast.shrink(candidate.n, weight, *budget).0 } else { 1.0 };
                let there = if last.0 == candidate.n { last.1 } else { 0.0 };
                let share = of(there + candidate.weight) / of(there);
                (*variance, *last) = (*variance * share * share, (candidate.n, there + candidate.weight));
            }
        }
    }
}

/// The best sequences, in order.
struct Best {
    lines: [(f64, Line); LINES],
    most: usize,
    len: usize,
}

impl Best {
    fn new(most: usize) -> Best {
        Best { lines: [(f64::INFINITY, Line::NONE); LINES], most, len: 0 }
    }

    fn offer(&mut self, value: f64, line: Line) {
        let mut carry = (value, line);
        for slot in self.lines.iter_mut().take(self.len) {
            if carry.0 < slot.0 {
                core::mem::swap(slot, &mut carry);
            }
        }
        if let Some(slot) = self.lines.get_mut(self.len).filter(|_| self.len < self.most) {
            *slot = carry;
            self.len += 1;
        }
    }

    fn kept(&self) -> impl Iterator<Item = Line> + Clone + '_ {
        self.lines.iter().take(self.len).map(|(_, line)| *line)
    }

    /// Their first candidates, in twos.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let firsts = self.kept().filter_map(|line| line.as_slice().first().copied());
        let others = firsts.clone();
        firsts.flat_map(move |a| others.clone().filter(move |b| *b != a).map(move |b| (a, b)))
    }
}
