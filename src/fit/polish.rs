//! From a bracket of the profile to the minimum itself, by the solver on all points.
use crate::linalg::Triangle;
use crate::math;
use crate::point::Point;
use crate::simd::Isa;
use crate::solve::{Bounds, Observations, Side, Termination};

use super::model::{At, Blocks, Factor, NodeBlocks, PointBlocks};
use super::newton::{Ended, minimise};
use super::profile::Objective;
use super::search::{Bracket, Sample, Search, section};

/// A local minimum in the units of the curve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local {
    /// D n_min^-alpha.
    pub(crate) x: f64,
    pub(crate) alpha: f64,
    /// C.
    pub(crate) z: f64,
    pub(crate) cost: f64,
    /// Bounds that hold D, alpha, C.
    pub(crate) active: [Option<Side>; 3],
    pub(crate) termination: Termination,
    pub(crate) iterations: u32,
    /// x, alpha, z in the coordinates x (n / n_ref)^-alpha + z, and the gradient there.
    pub(crate) theta: [f64; 3],
    pub(crate) gradient: [f64; 3],
}

/// The coordinates of the solver for one curve.
pub(crate) struct Polish<'a, D: ?Sized> {
    pub(crate) objective: Objective<'a>,
    pub(crate) data: &'a D,
    pub(crate) isa: Isa,
}

impl<D: Observations<Point> + ?Sized> Polish<'_, D> {
    /// ln(n_ref / n_min): the middle of the data, or n = 1 where D is bounded and must be a coordinate itself.
    pub(crate) fn reference(&self) -> f64 {
        let curve = self.objective.curve;
        if self.objective.domain.d_is_unbounded() { 0.5 * curve.span } else { -curve.ln_n_min }
    }

    /// Calls `f` with the place theta on the nodes, or on the points where there are more of them.
    fn place<R>(&self, theta: [f64; 3], f: impl Visit<R>) -> R {
        let (o, reference) = (&self.objective, self.reference());
        let Objective { curve, residual, cost, .. } = *o;
        let ends = [-reference, curve.span - reference];
        if curve.is_complete {
            f.visit(At { blocks: &NodeBlocks(curve), residual, cost, reference, ends, theta })
        } else {
            f.visit(At {
                blocks: &PointBlocks { data: self.data, curve, residual },
                residual,
                cost,
                reference,
                ends,
                theta,
            })
        }
    }

    fn solve(&self, start: &Sample, alpha: Bounds) -> Ended {
        let theta = [start.x * math::exp(-start.alpha * self.reference()), start.alpha, start.z];
        let bounds = [self.objective.domain.d, alpha, self.objective.domain.c];
        self.place(theta, Minimise { bounds, isa: self.isa })
    }

    /// The triangle of the Jacobian at a minimum.
    pub(crate) fn triangle(&self, local: &Local) -> Triangle<3> {
        self.place(local.theta, Triangulate(self.isa))
    }

    /// The minimum in the bracket, and the evaluations that it took.
    pub(crate) fn minimum(&self, search: &Search<'_>, bracket: &Bracket) -> (Local, u32) {
        let domain = self.objective.domain.alpha;
        let (left, right) = (bracket.left.alpha, bracket.right.alpha);
        // The profile has the signs of its slopes to 1e-4; that of nodes that are means is slightly another one.
        let margin = (right - left) * if self.objective.curve.is_complete { 0.05 } else { 1.0 };
        let (left, right) = (left - margin, right + margin);
        let alpha = Bounds::new(
            if left > domain.lower { left } else { domain.lower },
            if right < domain.upper { right } else { domain.upper },
        );
        let start = search.interpolate(bracket);
        let solution = self.solve(&start, alpha);
        let mut evaluations = solution.evaluations;
        let ceiling = bracket.cost() * (1.0 + 1e-12);
        let is_good = |s: &Ended| {
            let at_end = s.theta[1] <= alpha.lower && alpha.lower > domain.lower
                || s.theta[1] >= alpha.upper && alpha.upper < domain.upper;
            s.termination.is_converged() && !at_end && (s.at.cost <= ceiling || !self.objective.curve.is_complete)
        };
        if is_good(&solution) || left == right && solution.termination.is_converged() {
            return (self.local(&solution), evaluations);
        }
        // Slow and certain, then once more from there; free to leave the bracket, whose ends were judged by a profile
        // that is exact to 1e-10 only.
        let (sure, more) = section(search, bracket);
        let again = self.solve(&sure, domain);
        evaluations += more + again.evaluations;
        let best = if again.termination.is_converged() || again.at.cost < solution.at.cost { again } else { solution };
        (self.local(&best), evaluations)
    }

    fn local(&self, s: &Ended) -> Local {
        let [x, alpha, z] = s.theta;
        let domain = self.objective.domain.alpha;
        let mut active = s.active;
        // The bounds that the solver saw were those of the bracket: at an end of the domain, both are that end.
        if alpha == domain.upper && alpha > domain.lower && active[1].is_some() {
            active[1] = Some(Side::Upper);
        }
        Local {
            x: x * math::exp(alpha * self.reference()),
            alpha,
            z,
            cost: s.at.cost,
            active,
            termination: s.termination,
            iterations: s.iterations,
            theta: s.theta,
            gradient: s.at.gradient,
        }
    }
}

/// A pass over whichever blocks a curve has.
trait Visit<R> {
    fn visit<B: Blocks>(self, place: At<'_, B>) -> R;
}

struct Minimise {
    bounds: [Bounds; 3],
    isa: Isa,
}

impl Visit<Ended> for Minimise {
    fn visit<B: Blocks>(self, place: At<'_, B>) -> Ended {
        minimise(place, &self.bounds, self.isa)
    }
}

struct Triangulate(Isa);

impl Visit<Triangle<3>> for Triangulate {
    fn visit<B: Blocks>(self, place: At<'_, B>) -> Triangle<3> {
        self.0.dispatch(Factor(place))
    }
}
