//! Values off the law of the others.
use super::kind::{Oddity, Slip};
use super::trial::{Candidate, Change, MOST, Node, Trial};

/// Of the level, the share of one value off; the rest is that of two at once.
const OF_ONE: f64 = 0.8;
/// Root mean square of the residuals, as a share of the error, from which on two values are left out at once.
const BAD: f64 = 0.1;
/// Of two values left out at once, the first is one of so many whose loss alone mends the fit most: of two that are off each
/// one is.
const FIRST: usize = 8;
/// Within the noise of the others.
const WITHIN: f64 = 0.01;
/// What a slip makes of a number.
const OF_ERROR: [f64; 6] = [10.0, 0.1, 100.0, 0.01, 1000.0, 0.001];
const OF_SIZE: [f64; 2] = [10.0, 0.1];

/// A value off the law of the others.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) point: Candidate,
    p_value: f64,
    pub(super) slip: Option<Slip>,
}

impl Found {
    pub(super) fn oddity(&self) -> Oddity {
        Oddity::Outlier { index: self.point.index, p_value: self.p_value, slip: self.slip }
    }
}

/// Up to two of them.
pub(super) fn find(trial: &Trial) -> [Option<Found>; 2] {
    let all = trial.square_of(&Change::NONE);
    let alone = Alone::new(trial);
    let (freedom, bad) = (trial.points.saturating_sub(trial.free), trial.mean_square(all) > BAD * BAD);
    let pair = if bad && freedom >= 3 { pair(trial, all, &alone) } else { None };
    let found = match (pair, single(trial, all, &alone)) {
        (Some((points, p_value)), _) => points.map(|point| Some((point, p_value))),
        (None, Some((point, p_value))) => [Some((point, p_value)), None],
        (None, None) => return [None; 2],
    };
    let points = found.map(|found| found.map(|(point, _)| point));
    found.map(|found| found.map(|(point, p_value)| Found { point, p_value, slip: slip(trial, points, &point) }))
}

/// Twice the cost without each of the points that may be left out.
struct Alone([f64; 2 * MOST]);

impl Alone {
    fn new(trial: &Trial) -> Alone {
        let mut squares = [f64::INFINITY; 2 * MOST];
        let change = |k: usize| Change::without(trial.candidate(k));
        trial.squares_of(trial.candidates().count(), &change, &mut |k, square, _| {
            if let Some(slot) = squares.get_mut(k) {
                *slot = square;
            }
        });
        Alone(squares)
    }

    /// The points, those that mend the fit most first.
    fn in_order(&self) -> impl Iterator<Item = (usize, f64)> {
        let mut left = self.0;
        core::iter::from_fn(move || {
            let (place, square) = left.iter_mut().enumerate().reduce(|a, b| if *b.1 < *a.1 { b } else { a })?;
            let found = (place, core::mem::replace(square, f64::INFINITY));
            (found.1 < f64::INFINITY).then_some(found)
        })
    }
}

/// The value without which the others are fitted best, and its p among all, if it is odd.
fn single(trial: &Trial, all: f64, alone: &Alone) -> Option<(Candidate, f64)> {
    let (place, square) = alone.in_order().next()?;
    let point = trial.candidate(place);
    let freedom = trial.points as f64 - 1.0 - trial.free as f64;
    let rounding = trial.rounding(&[Some(point), None], freedom);
    let p = trial.p_value(all, square, 1.0, freedom, rounding) * trial.points as f64 / OF_ONE;
    (p < Oddity::LEVEL).then_some((point, p))
}

/// The two values without which the others are fitted best, and their p among all pairs, if each is odd without the other.
fn pair(trial: &Trial, all: f64, alone: &Alone) -> Option<([Candidate; 2], f64)> {
    let mut least: Option<([usize; 2], f64)> = None;
    for (place, _) in alone.in_order().take(FIRST) {
        let first = trial.candidate(place);
        let change = |k: usize| Change { without: [Some(first), Some(trial.candidate(k))], ..Change::NONE };
        trial.squares_of(trial.candidates().count(), &change, &mut |k, square, _| {
            if k != place && least.is_none_or(|(_, best)| square < best) {
                least = Some(([place, k], square));
            }
        });
    }
    let (places, square) = least?;
    let freedom = trial.points as f64 - 2.0 - trial.free as f64;
    let points = places.map(|place| trial.candidate(place));
    let rounding = trial.rounding(&points.map(Some), freedom);
    let count = trial.points as f64;
    let pairs = 0.5 * count * (count - 1.0);
    let p = trial.p_value(all, square, 2.0, freedom, rounding) * pairs / (1.0 - OF_ONE);
    let is_off = |other: usize| {
        let alone = alone.0.get(other).copied().unwrap_or(f64::INFINITY);
        trial.p_value(alone, square, 1.0, freedom, rounding) * count < Oddity::LEVEL
    };
    (p < Oddity::LEVEL && places.into_iter().all(is_off)).then_some((points, p))
}

/// The place of the decimal point that puts a value among the others best, if one does.
fn slip(trial: &Trial, out: [Option<Candidate>; 2], point: &Candidate) -> Option<Slip> {
    let left = trial.points as f64 - out.iter().flatten().count() as f64;
    let freedom = left - trial.free as f64;
    let without = Change { without: out, ..Change::NONE };
    let square = trial.square_of(&without);
    let rounding = trial.rounding(&out, freedom);
    let error = trial.error(point.y);
    let p_of = |n: f64, error: f64, w: f64| {
        let extra = Node { n, t: crate::math::ln(n), y: trial.target(error), w };
        let put = Change { extra: Some(extra), ..without };
        trial.p_value(trial.square_of(&put), square, 1.0, freedom, rounding)
    };
    let errors = OF_ERROR.map(|factor| {
        // A hundredth of 4.62 is 0.0462 only if it is divided.
        let instead = if factor < 1.0 { error / (1.0 / factor) } else { error * factor };
        (Slip::Error { instead }, p_of(point.n, instead, trial.weight(point.w, factor)))
    });
    let sizes = OF_SIZE.map(|factor| {
        let instead = point.n * factor;
        (Slip::Size { instead }, p_of(instead, error, point.w))
    });
    let (slip, p) = errors.into_iter().chain(sizes).reduce(|a, b| if b.1 > a.1 { b } else { a })?;
    (p > WITHIN).then_some(slip)
}
