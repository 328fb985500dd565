//! From a bracket of the profile to the minimum itself.
use crate::solve::Bounds;

use super::blocks::Blocks;
use super::frame::Frame;
use super::newton::{Ended, Terms, Tilt, derivatives, minimise};
use super::search::{Bracket, Search};
use super::slice::Objective;
use super::solver::{Local, Polish};

impl Polish<'_> {
    /// The minimum in the bracket, and the evaluations that it took.
    #[inline(never)]
    pub(crate) fn minimum(&self, search: &Search<'_>, bracket: &Bracket) -> (Local, u32) {
        let Objective { curve, domain, .. } = self.objective;
        let (left, right) = (bracket.left.alpha, bracket.right.alpha);
        let within = |margin: f64| Bounds::new(domain.alpha.clamp(left - margin), domain.alpha.clamp(right + margin));
        // Rounding may move a slope's sign.
        let mut alpha = within(0.05 * (right - left));
        let start = search.interpolate(bracket);
        // The points have a slightly other profile than the nodes.
        let wide = within(if left < right { right - left } else { MARGIN * (left + 1.0 / curve.span) });
        let (frame, mut solution) = self.within_bounds(&start, &mut |frame| {
            let theta = frame.theta(&start);
            if curve.is_complete {
                return self.solve(frame, theta, alpha, domain.c);
            }
            let near = self.approach(frame, theta, alpha);
            let bounds = [frame.x, wide, domain.c];
            let terms = Terms { known: Some(near.at), expands: true, ..Terms::PLAIN };
            let end = minimise(self.at(self.all(), frame, near.theta), &bounds, &terms, self.isa);
            Ended { evaluations: near.evaluations + end.evaluations, ..end }
        });
        if !curve.is_complete {
            alpha = wide;
        }
        let ends = domain.alpha;
        let at_end = |v: f64| (v <= alpha.lower && v > ends.lower) || (v >= alpha.upper && v < ends.upper);
        // The costs of samples are expanded to second order: good to some 1e-9 of themselves.
        let is_low = solution.at.cost <= bracket.cost() * (1.0 + 1e-9) || !curve.is_complete;
        let may_end = curve.is_complete && left == right;
        if solution.termination.is_converged() && is_low && (may_end || !at_end(solution.theta[1])) {
            return (self.local(&frame, &solution), solution.evaluations);
        }
        if !curve.is_complete
            && let Some(end) = self.descend(&frame, &solution)
        {
            // Near an exact fit the slope of the profile is rounding.
            if end.at.cost > NEARLY_EXACT * curve.weight_sum {
                return (self.local(&frame, &end), end.evaluations);
            }
            solution = end;
        }
        self.minimum_by_all_means(search, bracket, (frame, solution))
    }

    /// Near the minimum of the points, by two passes over them: at the minimum of the nodes, and at that of the nodes
    /// tilted to the derivatives that the points have at the first.
    #[inline(never)]
    fn approach(&self, frame: &Frame, start: [f64; 3], alpha: Bounds) -> Ended {
        let Objective { curve, domain, .. } = self.objective;
        let (nodes, points) = (Blocks::nodes(curve), self.all());
        let bounds = [frame.x, alpha, domain.c];
        let terms = Terms { last_step: NEAR, ..Terms::PLAIN };
        let first = minimise(self.at(nodes, frame, start), &bounds, &terms, self.isa);
        let at_first = derivatives(self.at(points, frame, first.theta), self.isa);
        let tilt = Tilt::new(first.theta, &first.at, &at_first);
        let terms = Terms { known: Some(at_first), tilt: Some(&tilt), expands: true, ..Terms::PLAIN };
        let second = minimise(self.at(nodes, frame, first.theta), &bounds, &terms, self.isa);
        let at_second = derivatives(self.at(points, frame, second.theta), self.isa);
        let evaluations = first.evaluations + second.evaluations + 2;
        // A tilt can lead astray where nodes and points have little in common.
        if at_second.cost <= at_first.cost {
            Ended { at: at_second, evaluations, ..second }
        } else {
            Ended { at: at_first, evaluations, ..first }
        }
    }
}

/// Scaled step after which the minimum of the nodes is near enough: that of the points is some 1e-3 away.
const NEAR: f64 = 2e-3;

/// Room for the minimum of the points beside one of the nodes at an end of the domain, in alpha + 1/span: about the
/// spacing of the samples.
const MARGIN: f64 = 0.3;

/// Cost over the sum of the weights at residuals of 1e-7.
const NEARLY_EXACT: f64 = 5e-15;
