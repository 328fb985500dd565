//! Whether two curves can have one value in common: the likelihood-ratio test, calibrated for few points and for bounds.
//!
//! The likelihood ratio of a common value, each curve with its own noise, is the least sum T of the squares of the
//! distances of both curves from one value. In large samples T is chi^2 with one degree of freedom. With few points two
//! things differ, and both have closed answers where the curves are linear:
//!
//! - Both noises are estimated (the problem of Behrens and Fisher). T rejects too rarely, Welch's t too often where degrees of
//!   freedom are few and unequal: with 2 and 7 of them 3.1 to 5.1 % and 4.4 to 7.1 % at a nominal 5 %. The mean of the two,
//!   as squares of normal deviates, is used. Welch's standard errors are here the secants of the confidence curves.
//! - A curve whose end stays where it is (C = 0, a rate without limit, a curve too flat to tell the gap from one far below)
//!   cannot differ in that direction: T is then a mixture of 0 and chi^2 (Self and Liang, Journal of the American Statistical
//!   Association 82, 1987), whose shares follow from how many deviates of room there are.
use crate::math;

use super::confidence_curve::{ConfidenceCurve, deviate};

/// Nodes of the integral over one deviate, from -8 to 8.
const NODES: u32 = 33;
const WIDEST: f64 = 8.0;

/// Halvings of the bracket of the other deviate: 32 / 2^30 is 3e-8.
const HALVINGS: u32 = 30;

/// Below this the p-value is above .3 whatever the room.
const SMALL: f64 = 1.0;

/// Room that takes nothing from the other direction: the share of a deviate beyond it is 1e-9 of the whole.
const AMPLE: f64 = 6.0;

/// The value that two curves can have in common, and how sure it is that they have none.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Common {
    /// The value in common; NaN if neither curve has one of its own (the rates of two flat curves).
    pub value: f64,
    /// Distance of the first curve from it, in normal deviates.
    pub first: f64,
    /// That of the second.
    pub second: f64,
    /// -2 ln of the likelihood ratio, each curve's share turned into the square of a normal deviate.
    pub statistic: f64,
    /// Probability of so large a statistic if the curves have one value in common. Not below 1e-12 or so: there the curves
    /// end.
    pub p_value: f64,
}

impl ConfidenceCurve {
    /// The test of one value in common with another setting's curve, of the same quantity.
    ///
    /// `None` if the quantities differ.
    ///
    /// # Accuracy
    /// Level and power by simulation: `cargo run --release --example comparisons`.
    ///
    /// ```
    /// use syn2real::infer::{ConfidenceCurve, Quantity};
    /// use syn2real::{Parameter, Syn2RealLaw};
    ///
    /// let points = [(1_000, 0.90), (2_000, 0.83), (4_000, 0.79), (8_000, 0.755), (16_000, 0.74), (32_000, 0.727)];
    /// let curve = |less: f64| {
    ///     let points = points.map(|(n, e)| (n, e - less));
    ///     ConfidenceCurve::new(&Syn2RealLaw::fit(&points).unwrap(), &points, Quantity::Parameter(Parameter::C)).unwrap()
    /// };
    /// assert!(curve(0.0).common(&curve(0.005)).unwrap().p_value > 0.5);
    /// assert!(curve(0.0).common(&curve(0.2)).unwrap().p_value < 0.01);
    /// ```
    pub fn common(&self, other: &ConfidenceCurve) -> Option<Common> {
        if self.quantity() != other.quantity() {
            return None;
        }
        let (Some(a), Some(b)) = (self.estimate(), other.estimate()) else {
            // A rate that one of them does not know may be that of the other.
            let value = self.estimate().or(other.estimate()).unwrap_or(f64::NAN);
            return Some(Common { value, first: 0.0, second: 0.0, statistic: 0.0, p_value: 1.0 });
        };
        if a > b {
            let found = other.common(self)?;
            return Some(Common { first: found.second, second: found.first, ..found });
        }
        let nearest = self.nearest(other, [a, b]);
        let p_value = self.p_value(other, &nearest, [a, b]);
        Some(Common { p_value, ..nearest })
    }

    /// The common value between the estimates, a <= b. Up from the lower one, down from the upper one: on each pair of pieces
    /// the sum of squares is a quadratic.
    fn nearest(&self, other: &ConfidenceCurve, [a, b]: [f64; 2]) -> Common {
        let at = |value: f64, first: f64, second: f64| Common {
            value,
            first,
            second,
            statistic: first * first + second * second,
            p_value: 1.0,
        };
        let mut best = at(a, 0.0, other.distance(a));
        for up in self.pieces(1).take_while(|up| up.from <= b) {
            for down in other.pieces(0) {
                let (low, high) = (up.from.max(-down.to).max(a), up.to.min(-down.from).min(b));
                if -down.from < up.from {
                    break;
                }
                if !(low <= high) {
                    continue;
                }
                let (p, q) = (up.at(low), up.slope());
                let (r, s) = (down.at(-low), down.slope());
                let least = (r * s - p * q) / (q * q + s * s);
                let x = if least > 0.0 { least.min(high - low) } else { 0.0 };
                let found = at(low + x, p + q * x, r - s * x);
                if found.statistic < best.statistic {
                    best = found;
                }
            }
        }
        best
    }

    fn p_value(&self, other: &ConfidenceCurve, found: &Common, [a, b]: [f64; 2]) -> f64 {
        if !(found.statistic > 0.0) {
            return 1.0;
        }
        let total = 0.5 * (found.statistic + self.welch(other, found, [a, b - a]));
        let root = math::sqrt(found.statistic);
        let room = |curve: &ConfidenceCurve, side: usize, used: f64| {
            let room = curve.stays_from(side) - used;
            if room > 0.0 { room } else { 0.0 }
        };
        let rooms = [room(self, 1, found.first), room(other, 0, found.second)];
        let one_way = tail(math::sqrt(total));
        one_way + other_way(total, [found.first / root, found.second / root], rooms)
    }

    /// Welch's test (Biometrika 34, 1947) with the secants from the estimates to the common value as standard errors: the
    /// square of the normal deviate of equal probability.
    fn welch(&self, other: &ConfidenceCurve, found: &Common, [a, apart]: [f64; 2]) -> f64 {
        let secant = |curve: &ConfidenceCurve, z: f64, width: f64| {
            let dof = curve.degrees_of_freedom();
            let error = if z > 0.0 { width / deviate(z, dof) } else { 0.0 };
            (error * error, dof)
        };
        let (va, dof_a) = secant(self, found.first, found.value - a);
        let (vb, dof_b) = secant(other, found.second, a + apart - found.value);
        let both = va + vb;
        let dof = both * both / (va * va / dof_a + vb * vb / dof_b);
        let dof = if dof < 1e8 { dof } else { 1e8 };
        let p = math::f_tail(apart * apart / both, 1.0, dof);
        let z = -math::normal_quantile(0.5 * p);
        // Beyond the normal deviates that f64 has, and where both have no width.
        if z.is_finite() { z * z } else { found.statistic }
    }
}

/// P(Z > z).
fn tail(z: f64) -> f64 {
    let outside = 0.5 * math::f_tail(z * z, 1.0, 1e8);
    if z < 0.0 { 1.0 - outside } else { outside }
}

/// The probability of a statistic above `total` with the order of the estimates turned round. Of the two deviates towards each
/// other, p and q, the part beyond the room is lost: the statistic is the square of the distance from the line of
/// common values, which ends with the room, less the squares of what is beyond it.
fn other_way(total: f64, [ca, cb]: [f64; 2], [room_a, room_b]: [f64; 2]) -> f64 {
    if total < SMALL || (room_a > AMPLE && room_b > AMPLE) {
        return tail(math::sqrt(total));
    }
    // The deviate that counts more is integrated inside, where it may always be large enough.
    if ca > cb {
        return other_way(total, [cb, ca], [room_b, room_a]);
    }
    let beyond = |x: f64, room: f64| if x > room { (x - room) * (x - room) } else { 0.0 };
    let statistic = |p: f64, q: f64| {
        let lost = beyond(p, room_a) + beyond(q, room_b);
        let across = ca * p + cb * q;
        let along = cb * p - ca * q;
        let square = across * across;
        // The end of the line towards a's room, and towards b's.
        let end = |along: f64, end: f64| if along > end { (along - end) * (along - end) } else { 0.0 };
        let ends = end(along, room_a / cb) + if ca > 0.0 { end(-along, room_b / ca) } else { 0.0 };
        if across > 0.0 { square + ends - lost } else { 0.0 }
    };
    let step = 2.0 * WIDEST / f64::from(NODES - 1);
    let mut sum = 0.0;
    for k in 0..NODES {
        let p = -WIDEST + step * f64::from(k);
        let density = math::exp(-0.5 * p * p) * 0.398_942_280_401_432_7;
        let (mut low, mut high) = (-2.0 * WIDEST, 2.0 * WIDEST);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if statistic(p, middle) > total {
                high = middle;
            } else {
                low = middle;
            }
        }
        sum += step * density * if high < 2.0 * WIDEST { tail(high) } else { 0.0 };
    }
    sum
}
