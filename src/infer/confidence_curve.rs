//! Profile intervals of all levels at once: how far each value of a quantity is from what the data say.
use crate::fit::{Curve, Source, Syn2RealFit, Weights, source_of};
use crate::math;
use crate::point::Point;

use super::problem::Problem;
use super::region::Region;
use super::{InferError, Quantity, profile};

/// Distances whose intervals every curve has. 7 is a two-sided p of 2.6e-12: below it a p is that of nothing that is
/// measured.
const DISTANCES: [f64; 11] = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0];

/// Intervals that are kept: those above, and some where an end bends.
const NODES: usize = 28;

/// A stretch between two distances is halved while the ends bend there by more than this share of its width over the
/// distance: on a kink (a bound, another valley) the distance is then known to 2 % of itself.
const BEND: f64 = 0.02;

/// The interval at one distance; an end without a limit is infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Node {
    z: f64,
    /// The lower end, negated, and the upper one: both grow with z.
    ends: [f64; 2],
}

/// The confidence curve of a quantity (Birnbaum, Journal of the American Statistical Association 56, 1961): the profile
/// intervals of all levels, each inside the next. It says of any value how many standard normal deviations it is from the
/// data: the root of the likelihood ratio, turned from Student's t with the degrees of freedom of the fit into a normal
/// deviate of equal probability, so that curves of different lengths can be put together.
///
/// Intervals hold all values between their ends, also where the region falls apart: a distance is never too large for
/// that. Between 11 intervals and more where their ends bend it is interpolated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConfidenceCurve {
    quantity: Quantity,
    estimate: Option<f64>,
    degrees_of_freedom: f64,
    nodes: [Node; NODES],
    len: usize,
}

impl ConfidenceCurve {
    /// The curve of `quantity`, D, alpha, C or L(n); `points` must be those of the fit.
    ///
    /// # Errors
    /// [`InferError::NoFreedom`], [`InferError::Fixed`], [`InferError::Quantity`] for another quantity or an n out of range,
    /// [`InferError::OtherPoints`], [`InferError::NotConverged`] if not even the interval of half a deviation was found.
    ///
    /// ```
    /// use syn2real::infer::{ConfidenceCurve, Quantity};
    /// use syn2real::{Confidence, Parameter, Syn2RealLaw};
    ///
    /// let points = [(1_000, 0.90), (2_000, 0.83), (4_000, 0.79), (8_000, 0.755), (16_000, 0.74), (32_000, 0.727)];
    /// let fit = Syn2RealLaw::fit(&points)?;
    /// let curve = ConfidenceCurve::new(&fit, &points, Quantity::Parameter(Parameter::C))?;
    /// assert_eq!(curve.distance(fit.law().c), 0.0);
    /// // The ends of the 95 % interval are 1.96 deviations away.
    /// let gap = fit.profile_interval(&points, Parameter::C, Confidence::P95)?;
    /// assert!((curve.distance(gap.upper.unwrap()) - 1.96).abs() < 0.02);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new<T: Copy + Into<Point>>(
        fit: &Syn2RealFit,
        points: &[T],
        quantity: Quantity,
    ) -> Result<ConfidenceCurve, InferError> {
        ConfidenceCurve::of(fit, &source_of(fit, points), quantity)
    }

    fn of(fit: &Syn2RealFit, data: &Source<'_>, quantity: Quantity) -> Result<ConfidenceCurve, InferError> {
        quantity.check()?;
        let mut curve = Curve::EMPTY;
        let problem = Problem::new(fit, data, &mut curve)?;
        match quantity {
            Quantity::Parameter(parameter) => problem.require_free(parameter)?,
            Quantity::ErrorAt { .. } => {}
            _ => return Err(InferError::Quantity { field: "quantity" }),
        }
        let degrees_of_freedom = match fit.report().weights {
            Weights::Relative => problem.degrees_of_freedom() as f64,
            _ => f64::INFINITY,
        };
        let estimate = problem.estimate(quantity);
        let start = estimate.map_or([f64::INFINITY; 2], |v| [-v, v]);
        let nodes = [Node { z: 0.0, ends: start }; NODES];
        let mut made = ConfidenceCurve { quantity, estimate, degrees_of_freedom, nodes, len: 1 };
        let least = problem.evaluate(problem.theta).cost;
        let unit = problem.rise_unit(least)?;
        let at = |z: f64| -> Result<[f64; 2], InferError> {
            let t = deviate(z, degrees_of_freedom);
            let [lower, upper] = limits(&problem, 0.5 * t * t * unit, quantity)?;
            let open = |v: Option<f64>| v.unwrap_or(f64::INFINITY);
            Ok([open(lower.map(|v| -v)), open(upper)])
        };
        for z in DISTANCES {
            match at(z) {
                Ok(ends) => made.insert(made.len, z, ends),
                // So far out a region may have no end that can be found: distances stop before it.
                Err(InferError::NotConverged) if made.len > 1 => break,
                Err(other) => return Err(other),
            }
        }
        while made.len < NODES {
            let Some((place, z)) = made.bend() else { break };
            let Ok(ends) = at(z) else { break };
            made.insert(place, z, ends);
        }
        Ok(made)
    }

    /// What the curve is of.
    pub fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// The value of distance 0; `None` for alpha of a flat fit, for which every value will do.
    pub fn estimate(&self) -> Option<f64> {
        self.estimate
    }

    /// Degrees of freedom of the noise; infinite where it is known.
    pub fn degrees_of_freedom(&self) -> f64 {
        self.degrees_of_freedom
    }

    /// The largest distance that is told apart: 7, or less where the intervals beyond have no end that can be found.
    pub fn reach(&self) -> f64 {
        self.nodes().last().map_or(0.0, |node| node.z)
    }

    /// How many normal deviates `value` is from the data, at most [`ConfidenceCurve::reach`].
    pub fn distance(&self, value: f64) -> f64 {
        let Some(estimate) = self.estimate else { return 0.0 };
        let (side, v) = if value < estimate { (0, -value) } else { (1, value) };
        let mut distance = self.reach();
        for piece in self.pieces(side) {
            if v <= piece.to {
                distance = piece.at(v);
                break;
            }
        }
        distance
    }

    /// The distance from which on an end of one side stays where it is, or has no limit: what is further away is not further
    /// from the data. Infinite if the end moves to the last.
    pub(super) fn stays_from(&self, side: usize) -> f64 {
        let mut stays = f64::INFINITY;
        for piece in self.pieces(side) {
            let [near, _] = piece.z;
            if piece.width() > 0.0 && piece.to < f64::INFINITY {
                stays = f64::INFINITY;
            } else if stays == f64::INFINITY && near < self.reach() {
                stays = near;
            }
        }
        stays
    }

    fn nodes(&self) -> &[Node] {
        self.nodes.get(..self.len).unwrap_or(&[])
    }

    /// The stretches of one side (0: below the estimate, with the sign turned), outwards; the last is without end.
    pub(super) fn pieces(&self, side: usize) -> impl Iterator<Item = Piece> {
        let end = move |node: &Node| node.ends.get(side).copied().unwrap_or(f64::INFINITY);
        let between = self.nodes().windows(2).filter_map(move |pair| {
            let [a, b] = pair else { return None };
            let (from, to) = (end(a), end(b));
            // Where there is no limit any more, all that is known is that the distance is not below the last one.
            let z = if to < f64::INFINITY { [a.z, b.z] } else { [a.z; 2] };
            (from < f64::INFINITY).then_some(Piece { from, to, z })
        });
        let last = self.nodes().last().filter(|node| end(node) < f64::INFINITY);
        between.chain(last.map(move |node| Piece { from: end(node), to: f64::INFINITY, z: [node.z; 2] }))
    }

    fn insert(&mut self, place: usize, z: f64, ends: [f64; 2]) {
        if self.len >= NODES {
            return;
        }
        let inner = place.checked_sub(1).and_then(|k| self.nodes.get(k)).map_or(ends, |node| node.ends);
        let outer = if place < self.len { self.nodes.get(place).map(|node| node.ends) } else { None };
        let mut new = Node { z, ends };
        for (slot, (inner, outer)) in
            new.ends.iter_mut().zip(inner.into_iter().zip(outer.unwrap_or([f64::INFINITY; 2])))
        {
            // Nested, whatever the last digits say.
            *slot = if *slot > inner { *slot } else { inner };
            *slot = if *slot < outer { *slot } else { outer };
        }
        let mut moved = new;
        for slot in self.nodes.iter_mut().skip(place) {
            moved = core::mem::replace(slot, moved);
        }
        self.len += 1;
    }

    /// The stretch whose ends bend most, and its middle; `None` where all are straight enough.
    fn bend(&self) -> Option<(usize, f64)> {
        let mut worst: Option<(usize, f64, f64)> = None;
        let nodes = self.nodes();
        for (k, pair) in nodes.windows(2).enumerate() {
            let [a, b] = pair else { continue };
            let width = (b.z - a.z) / if b.z > 1.0 { b.z } else { 1.0 };
            for side in 0..2 {
                let slope = |k: usize| {
                    let (a, b) = (nodes.get(k)?, nodes.get(k + 1)?);
                    let (from, to) = (a.ends.get(side)?, b.ends.get(side)?);
                    (*from < f64::INFINITY).then(|| (to - from) / (b.z - a.z))
                };
                let Some(own) = slope(k) else { continue };
                let mut turn = 0.0;
                for next in [k.checked_sub(1).and_then(slope), slope(k + 1)].into_iter().flatten() {
                    let (small, large) = if own < next { (own, next) } else { (next, own) };
                    // 0 for equal slopes, 1 where one is none or without limit.
                    let share =
                        if large > 0.0 { 1.0 - if large < f64::INFINITY { small / large } else { 0.0 } } else { 0.0 };
                    turn = if share > turn { share } else { turn };
                }
                // A smooth end turns by its curvature, which the linear pieces follow.
                let bend = if turn > 0.5 { width * turn } else { 0.0 };
                if bend > BEND && worst.is_none_or(|(.., most)| bend > most) {
                    worst = Some((k + 1, 0.5 * (a.z + b.z), bend));
                }
            }
        }
        worst.map(|(place, z, _)| (place, z))
    }
}

/// A stretch of one side on which the distance is linear.
#[derive(Clone, Copy)]
pub(super) struct Piece {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) z: [f64; 2],
}

impl Piece {
    fn width(&self) -> f64 {
        self.to - self.from
    }

    pub(super) fn slope(&self) -> f64 {
        let ([a, b], width) = (self.z, self.width());
        if width > 0.0 && width < f64::INFINITY { (b - a) / width } else { 0.0 }
    }

    pub(super) fn at(&self, v: f64) -> f64 {
        let [a, _] = self.z;
        a + self.slope() * (v - self.from)
    }
}

/// Student's t of the same probability as the normal deviate z > 0.
pub(super) fn deviate(z: f64, degrees_of_freedom: f64) -> f64 {
    // F with 1 and 1e8 degrees of freedom is z^2 to 1e-8.
    let below = 0.5 * math::f_tail(z * z, 1.0, 1e8);
    if degrees_of_freedom < f64::INFINITY { -math::t_quantile(below, degrees_of_freedom) } else { z }
}

/// The limits over the region whose cost is at most `rise` above the least.
fn limits(problem: &Problem<'_>, rise: f64, quantity: Quantity) -> Result<[Option<f64>; 2], InferError> {
    profile::limits(&Region::up_to(problem, rise), quantity)
}
