//! The coordinates of the polish, and how the bounds of D are kept in them.
use crate::law::Residual;
use crate::math;
use crate::solve::{Bounds, Termination};

use super::newton::Ended;
use super::polish::Polish;
use super::profile::Objective;
use super::search::Sample;

/// Coordinates x (n / n_ref)^-alpha + z of the solver.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    /// ln(n_ref / n_min).
    pub(crate) reference: f64,
    /// Bounds of x.
    pub(super) x: Bounds,
    /// Whether n_ref is 1, so that D is the coordinate x, and held or bounded. Else it may leave its bounds.
    pub(crate) has_d: bool,
}

impl Polish<'_> {
    /// The frame for laws near this one; D itself where that is fixed. Where the decrease is over soon after n_min, that is
    /// n_ref: from further off the first point's share in x would drown what the second says of alpha.
    pub(super) fn frame(&self, near: &Sample) -> Frame {
        let Objective { curve, domain, residual, .. } = self.objective;
        if domain.fixed[0] {
            return self.within(domain.d);
        }
        let middle = 0.5 * curve.span;
        // e-folds of the decrease down to where C, or in the linear residual the level itself, outweighs it, and two more.
        let depth = if residual == Residual::Log { math::ln(1.0 + near.x / near.z) } else { 0.0 };
        let is_steep = 2.0 * (depth + 2.0) < near.alpha * middle || near.alpha * middle > STEEP;
        let reference = if is_steep { 0.0 } else { middle };
        Frame { reference, x: Bounds::new(0.0, f64::INFINITY), has_d: false }
    }

    /// The frame with D as a coordinate.
    fn within(&self, d: Bounds) -> Frame {
        Frame { reference: -self.objective.curve.ln_n_min, x: d, has_d: true }
    }

    pub(super) fn theta(&self, frame: &Frame, start: &Sample) -> [f64; 3] {
        [frame.x.clamp(start.x * math::exp(-start.alpha * frame.reference)), start.alpha, start.z]
    }

    /// The best of what `run` finds with D free, and where that leaves the bounds of D, with D held at them; and the
    /// evaluations of all.
    pub(super) fn within_bounds(&self, near: &Sample, mut run: impl FnMut(&Frame) -> Ended) -> (Frame, Ended) {
        let Objective { curve, domain, .. } = self.objective;
        let free = self.frame(near);
        let first = run(&free);
        if domain.fixed[0] || domain.d_is_unbounded() {
            return (free, first);
        }
        let [x, alpha, _] = first.theta;
        let d = x * math::exp(alpha * (free.reference + curve.ln_n_min));
        // What rounds to a bound is held there.
        let is_inside = d * (1.0 + BESIDE) < domain.d.upper && (d > domain.d.lower * (1.0 + BESIDE));
        let is_flat = x == 0.0 && domain.d.lower == 0.0;
        if (is_inside || is_flat) && first.termination.is_converged() {
            return (free, first);
        }
        let mut best = (is_inside || is_flat).then_some((free, first));
        let mut evaluations = first.evaluations;
        let ends = [(domain.d.lower, 1.0), (domain.d.upper, -1.0)];
        for (d, inwards) in ends.into_iter().filter(|(d, _)| *d < f64::INFINITY) {
            let frame = self.within(Bounds::new(d, d));
            let mut end = run(&frame);
            evaluations += end.evaluations;
            // Where the cost falls towards the inside, the bound does not hold D.
            let slope = inwards * end.at.gradient[0];
            let gain = 0.5 * slope * slope / end.at.gauss_newton[0][0];
            if slope < 0.0 && gain > 1e-10 * end.at.cost + self.noise(&end) && end.termination.is_converged() {
                end.termination = Termination::DampingLimit;
            }
            if best.is_none_or(|(_, other)| self.is_below(&end, &other)) {
                best = Some((frame, end));
            }
        }
        let (mut frame, mut end) = best.unwrap_or((free, first));
        if !end.termination.is_converged() {
            // Neither free nor on a bound: D may move between them.
            let boxed = self.within(domain.d);
            let other = run(&boxed);
            evaluations += other.evaluations;
            if self.is_below(&other, &end) {
                (frame, end) = (boxed, other);
            }
        }
        (frame, Ended { evaluations, ..end })
    }

    /// The same law at a lower rate, where D = x n_min^alpha leaves the range of f64 and the data do not see the difference:
    /// what is over before the second size may be over a little later.
    pub(super) fn in_range(&self, (frame, end): (Frame, Ended)) -> (Frame, Ended) {
        let Objective { curve, domain, .. } = self.objective;
        let [x, alpha, z] = end.theta;
        let (level, ln_n) = (math::ln(x * curve.scale) + alpha * frame.reference, curve.ln_n_min);
        if domain.fixed[1] || !domain.d_is_unbounded() || x == 0.0 || (level + alpha * ln_n).abs() < LN_RANGE {
            return (frame, end);
        }
        let limit = (if ln_n > 0.0 { LN_RANGE - level } else { LN_RANGE + level }) / ln_n.abs();
        for share in [0.25, 0.5, 0.999] {
            let to = domain.alpha.clamp(share * limit);
            let near = Sample { x: x * math::exp(alpha * frame.reference), alpha: to, z, ..Sample::NONE };
            let lower = self.frame(&near);
            let other = self.solve(&lower, self.theta(&lower, &near), Bounds::new(to, to), domain.c);
            let is_same = other.at.cost <= end.at.cost * (1.0 + 1e-10) + self.noise(&end);
            if to < alpha && is_same && other.termination.is_converged() {
                return (lower, Ended { evaluations: end.evaluations + other.evaluations, ..other });
            }
        }
        (frame, end)
    }
}

/// alpha ln(n_ref / n_min) beyond which squares of powers would leave the range of f64: e^(2 * 100) is far from it.
pub(crate) const STEEP: f64 = 100.0;

/// ln of the range of normal numbers, with a margin.
const LN_RANGE: f64 = 700.0;

/// Share of D by which it must be off its bounds not to be on one: the rounding of its power.
const BESIDE: f64 = 1e-12;
