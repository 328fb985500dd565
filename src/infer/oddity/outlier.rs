//! Values off the law of the others.
use super::trial::{Candidate, Change, Node, Trial};
use super::{Oddity, Slip};

/// Of the level, the share of one value off; the rest is that of two at once.
const OF_ONE: f64 = 0.8;
/// Root mean square of the residuals, as a share of the error, from which on two values are left out at once.
const BAD: f64 = 0.1;
/// Within the noise of the others.
const WITHIN: f64 = 0.05;
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
    let one = single(trial, all);
    let most = trial.points.saturating_sub(trial.free) as f64;
    let is_bad = trial.mean_square(all) > BAD * BAD && most >= 3.0;
    let pair = if is_bad { pair(trial, all) } else { None };
    let found = match (pair, one) {
        (Some((points, p_value)), _) => points.map(|point| Some((point, p_value))),
        (None, Some((point, p_value))) => [Some((point, p_value)), None],
        (None, None) => return [None; 2],
    };
    let points = found.map(|found| found.map(|(point, _)| point));
    found.map(|found| found.map(|(point, p_value)| Found { point, p_value, slip: slip(trial, points, &point) }))
}

/// The value without which the others are fitted best, and its p among all, if it is odd.
fn single(trial: &Trial, all: f64) -> Option<(Candidate, f64)> {
    let (point, square) = best(trial, |one| Change::without(one))?;
    let freedom = trial.points as f64 - 1.0 - trial.free as f64;
    let rounding = trial.rounding(&[Some(point), None], freedom);
    let p = trial.p_value(all, square, 1.0, freedom, rounding) * trial.points as f64 / OF_ONE;
    (p < Oddity::LEVEL).then_some((point, p))
}

/// The least of twice the cost over the points that can be left out by such a change.
fn best(trial: &Trial, change: impl Fn(Candidate) -> Change) -> Option<(Candidate, f64)> {
    let number = |k: usize| trial.candidates().nth(k).unwrap_or_default();
    let mut least: Option<(usize, f64)> = None;
    trial.squares_of(trial.candidates().count(), &|k| change(number(k)), &mut |k, square, _| {
        if least.is_none_or(|(_, best)| square < best) {
            least = Some((k, square));
        }
    });
    least.map(|(k, square)| (number(k), square))
}

/// The two values without which the others are fitted best, and their p among all pairs, if each is odd without the other.
fn pair(trial: &Trial, all: f64) -> Option<([Candidate; 2], f64)> {
    let mut least: Option<([Candidate; 2], f64)> = None;
    for first in trial.candidates() {
        let later = |one: &Candidate| one.index > first.index;
        let number = |k: usize| trial.candidates().filter(later).nth(k).unwrap_or_default();
        let change = |k: usize| Change { without: [Some(first), Some(number(k))], ..Change::NONE };
        trial.squares_of(trial.candidates().filter(later).count(), &change, &mut |k, square, _| {
            if least.is_none_or(|(_, best)| square < best) {
                least = Some(([first, number(k)], square));
            }
        });
    }
    let ([a, b], square) = least?;
    let freedom = trial.points as f64 - 2.0 - trial.free as f64;
    let rounding = trial.rounding(&[Some(a), Some(b)], freedom);
    let points = trial.points as f64;
    let pairs = 0.5 * points * (points - 1.0);
    let p = trial.p_value(all, square, 2.0, freedom, rounding) * pairs / (1.0 - OF_ONE);
    let alone = |one| {
        let p = trial.p_value(trial.square_of(&Change::without(one)), square, 1.0, freedom, rounding);
        p * points < Oddity::LEVEL
    };
    (p < Oddity::LEVEL && alone(a) && alone(b)).then_some(([a, b], p))
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
