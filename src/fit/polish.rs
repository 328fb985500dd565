//! From a bracket of the profile to the minimum itself, by the solver on all points.
use crate::linalg::Triangle;
use crate::math;
use crate::simd::Isa;
use crate::solve::{Bounds, Termination};

use super::frame::Frame;
use super::model::{At, Blocks, Factor, NodeBlocks, PointBlocks};
use super::newton::{Ended, Terms, Tilt, derivatives, minimise};
use super::profile::{Cost, Objective};
use super::search::{Bracket, Sample, Search, section};
use super::source::Source;

/// A local minimum in the units of the curve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local {
    /// D n_min^-alpha.
    pub(crate) x: f64,
    pub(crate) alpha: f64,
    /// C.
    pub(crate) z: f64,
    pub(crate) cost: f64,
    pub(crate) termination: Termination,
    pub(crate) iterations: u32,
    /// x, alpha, z in the coordinates x (n / n_ref)^-alpha + z of the frame, and the gradient there.
    pub(crate) frame: Frame,
    pub(crate) theta: [f64; 3],
    pub(crate) gradient: [f64; 3],
    /// J' W J there, the lower triangle.
    pub(crate) gram: [[f64; 3]; 3],
}

/// The solver for one curve.
pub(crate) struct Polish<'a> {
    pub(crate) objective: Objective<'a>,
    pub(crate) data: &'a Source<'a>,
    pub(crate) isa: Isa,
}

impl Polish<'_> {
    /// What a pass over these blocks evaluates at theta.
    fn at<'b, B>(&self, blocks: &'b B, frame: &Frame, theta: [f64; 3]) -> At<'b, B> {
        let Objective { curve, residual, cost, .. } = self.objective;
        let reference = frame.reference;
        let ends = [-reference, curve.span - reference];
        At { blocks, residual, cost, reference, ends, weight_sum: curve.weight_sum, size_sum: curve.size_sum, theta }
    }

    /// Calls `f` with the place theta on the nodes, or on the points where there are more of them.
    fn place<R>(&self, frame: &Frame, theta: [f64; 3], f: impl Visit<R>) -> R {
        let curve = self.objective.curve;
        if curve.is_complete {
            f.visit(self.at(&NodeBlocks(curve), frame, theta))
        } else {
            f.visit(self.at(&PointBlocks { data: self.data, curve }, frame, theta))
        }
    }

    pub(super) fn solve(&self, frame: &Frame, theta: [f64; 3], alpha: Bounds, c: Bounds) -> Ended {
        self.place(frame, theta, Minimise { bounds: [frame.x, alpha, c], isa: self.isa })
    }

    /// The triangle of the Jacobian at a minimum: the Cholesky factor of J'J, which the last pass has summed, where its
    /// pivots keep 7 digits of it, else by a QR of all rows.
    pub(crate) fn triangle(&self, local: &Local) -> Triangle<3> {
        let factor = if self.objective.cost == Cost::Square { cholesky(&local.gram) } else { None };
        factor.unwrap_or_else(|| self.place(&local.frame, local.theta, Triangulate(self.isa)))
    }

    /// Whether one end is the better one; no number is the worst.
    pub(super) fn is_below(&self, a: &Ended, b: &Ended) -> bool {
        self.rank(a) < self.rank(b) || !b.at.cost.is_finite()
    }

    /// The minimum in the bracket, and the evaluations that it took.
    pub(crate) fn minimum(&self, search: &Search<'_>, bracket: &Bracket) -> (Local, u32) {
        let Objective { curve, domain, .. } = self.objective;
        let (left, right) = (bracket.left.alpha, bracket.right.alpha);
        let within = |margin: f64| Bounds::new(domain.alpha.clamp(left - margin), domain.alpha.clamp(right + margin));
        // Rounding may move a slope's sign.
        let mut alpha = within(0.05 * (right - left));
        let start = search.interpolate(bracket);
        // The points have a slightly other profile than the nodes.
        let wide = within(if left < right { right - left } else { MARGIN * (left + 1.0 / curve.span) });
        let (frame, mut solution) = self.within_bounds(&start, |frame| {
            let theta = self.theta(frame, &start);
            if curve.is_complete {
                return self.solve(frame, theta, alpha, domain.c);
            }
            let near = self.approach(frame, theta, alpha);
            let points = PointBlocks { data: self.data, curve };
            let bounds = [frame.x, wide, domain.c];
            let terms = Terms { known: Some(near.at), expands: true, ..Terms::PLAIN };
            let end = minimise(self.at(&points, frame, near.theta), &bounds, &terms, self.isa);
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

    /// Follows the profile of the points downhill to a rate where its slope changes sign, or to an end of the domain, with
    /// x and z at their best for each rate: for valleys so flat that the points' minimum is not near that of the nodes,
    /// and Newton's method creeps (4 of 10,000 random curves of 65 to 300 points, most without noise). `None` where x and
    /// z are not found.
    fn descend(&self, frame: &Frame, from: &Ended) -> Option<Ended> {
        let Objective { curve, domain, .. } = self.objective;
        let mut evaluations = from.evaluations;
        let mut at = |from: &Ended, alpha: f64| {
            let theta = self.same_ends(frame, &from.theta, alpha);
            let end = self.solve(frame, theta, Bounds::new(alpha, alpha), domain.c);
            evaluations += end.evaluations;
            Some(end).filter(|end| end.termination.is_converged())
        };
        let mut here = at(from, from.theta[1])?;
        let falls = here.at.gradient[1] < 0.0;
        let mut step = FIRST_STEP * (here.theta[1] + 1.0 / curve.span);
        let mut there = here;
        for _ in 0..DOWNHILL {
            let alpha = domain.alpha.clamp(here.theta[1] + if falls { step } else { -step });
            there = if alpha == here.theta[1] { here } else { at(&here, alpha)? };
            if alpha == here.theta[1] || (there.at.gradient[1] < 0.0) != falls {
                break;
            }
            (here, step) = (there, 2.0 * step);
        }
        for k in 0..SECTIONS {
            let (a, b) = (here.theta[1], there.theta[1]);
            let (by_a, by_b) = (here.at.gradient[1], there.at.gradient[1]);
            // Every other time the middle, that neither end can stay.
            let secant = a - by_a * ((b - a) / (by_b - by_a));
            let is_between = (secant > a && secant < b) || (secant < a && secant > b);
            let alpha = if k % 2 == 0 && is_between { secant } else { 0.5 * (a + b) };
            if (b - a).abs() <= 4.0 * f64::EPSILON * b || alpha == a || alpha == b {
                break;
            }
            let middle = at(if k % 2 == 0 { &here } else { &there }, alpha)?;
            *(if (middle.at.gradient[1] < 0.0) == falls { &mut here } else { &mut there }) = middle;
        }
        let end = if there.at.cost < here.at.cost { there } else { here };
        Some(Ended { evaluations, ..end })
    }

    /// x and z at another rate for the same levels at both ends of the data.
    fn same_ends(&self, frame: &Frame, theta: &[f64; 3], to: f64) -> [f64; 3] {
        let ([x, alpha, z], reference) = (*theta, frame.reference);
        let last = self.objective.curve.span - reference;
        let ends = |alpha: f64| (math::exp(alpha * reference), math::exp(-alpha * last));
        let ((u, v), (to_u, to_v)) = (ends(alpha), ends(to));
        let new = x * ((u - v) / (to_u - to_v));
        if new.is_finite() { [new, to, x * v + z - new * to_v] } else { [x, to, z] }
    }

    /// The same for a place of the profile.
    pub(super) fn at_same_ends(&self, near: &Sample, to: f64) -> Sample {
        let frame = self.frame(near);
        let [x, alpha, z] = self.same_ends(&frame, &self.theta(&frame, near), to);
        Sample { x: x * math::exp(alpha * frame.reference), alpha, z, ..*near }
    }

    /// Near the minimum of the points, by two passes over them: at the minimum of the nodes, and at that of the nodes
    /// tilted to the derivatives that the points have at the first.
    fn approach(&self, frame: &Frame, start: [f64; 3], alpha: Bounds) -> Ended {
        let Objective { curve, domain, .. } = self.objective;
        let (nodes, points) = (NodeBlocks(curve), PointBlocks { data: self.data, curve });
        let bounds = [frame.x, alpha, domain.c];
        let terms = Terms { last_step: NEAR, ..Terms::PLAIN };
        let first = minimise(self.at(&nodes, frame, start), &bounds, &terms, self.isa);
        let at_first = derivatives(self.at(&points, frame, first.theta), self.isa);
        let tilt = Tilt::new(first.theta, &first.at, &at_first);
        let terms = Terms { known: Some(at_first), tilt: Some(&tilt), expands: true, ..Terms::PLAIN };
        let second = minimise(self.at(&nodes, frame, first.theta), &bounds, &terms, self.isa);
        let at_second = derivatives(self.at(&points, frame, second.theta), self.isa);
        let evaluations = first.evaluations + second.evaluations + 2;
        // A tilt can lead astray where nodes and points have little in common.
        if at_second.cost <= at_first.cost {
            Ended { at: at_second, evaluations, ..second }
        } else {
            Ended { at: at_first, evaluations, ..first }
        }
    }

    /// What is left where Newton's method from inside the bracket fails, on 13 of 40,000 seven-point problems: the search
    /// anew with slopes to rounding, then from sections of its brackets, from their ends, and from the edge C = lower,
    /// towards which valleys at small alpha descend; each with x and z at their best before alpha may move. The lowest
    /// counts.
    fn minimum_by_all_means(&self, search: &Search<'_>, bracket: &Bracket, first: (Frame, Ended)) -> (Local, u32) {
        let Objective { domain, .. } = self.objective;
        // Once more with slopes to rounding: in a flat valley the brackets may be others.
        let mut tight = search.tight();
        let found = tight.run();
        let (mut best, mut evaluations) = (first, first.1.evaluations + found.evaluations);
        for bracket in found.brackets().chain([bracket]) {
            let (section, more) = section(&tight, bracket);
            evaluations += more;
            for start in [section, bracket.left, bracket.right] {
                let here = Bounds::new(start.alpha, start.alpha);
                for c in [domain.c, Bounds::new(domain.c.lower, domain.c.lower)] {
                    // On the edge all of the level is x.
                    let x = if c == domain.c { start.x } else { start.x + start.z };
                    let start_here = Sample { x, ..start };
                    let mut from = |start: &Sample, alpha: Bounds, c: Bounds| {
                        let run = |frame: &Frame| self.solve(frame, self.theta(frame, start), alpha, c);
                        let end = self.within_bounds(start, run);
                        evaluations += end.1.evaluations;
                        end
                    };
                    let held = from(&start_here, here, c);
                    let edge = from(&self.sample(&held), domain.alpha, c);
                    let end = from(&self.sample(&edge), domain.alpha, domain.c);
                    // A section ends where the slope changes its sign: with x and z at their best that is a minimum,
                    // even in a valley too flat for steps in three parameters.
                    if start == section && c == domain.c && self.rank(&held.1) < self.rank(&best.1) {
                        best = held;
                    }
                    if self.is_below(&end.1, &best.1) {
                        best = end;
                    }
                }
            }
        }
        let (frame, mut best) = best;
        let rounding = self.rounding(best.theta[1]);
        if best.at.cost <= 0.5 * rounding * rounding * self.objective.curve.size_sum {
            best.termination = Termination::ExactFit;
        }
        (self.local(&frame, &best), evaluations)
    }

    /// Where a solution lies.
    pub(super) fn sample(&self, (frame, end): &(Frame, Ended)) -> Sample {
        let [x, alpha, z] = end.theta;
        Sample { x: x * math::exp(alpha * frame.reference), alpha, z, ..Sample::NONE }
    }

    /// Rounding of a residual: some four operations on numbers of the size of 1, and alpha t, whose error the exponential
    /// makes one of its value.
    fn rounding(&self, alpha: f64) -> f64 {
        4.0 * f64::EPSILON * (1.0 + alpha * self.objective.curve.span)
    }

    /// The cost, with a handicap where it is not known to be a minimum: a tenth of the 1e-9 to which costs are judged, and
    /// what the rounding of residuals makes of the cost.
    fn rank(&self, end: &Ended) -> f64 {
        let cost = end.at.cost;
        if end.termination.is_converged() { cost } else { cost * (1.0 + 1e-10) + self.noise(end) }
    }

    /// What the rounding of residuals makes of the cost.
    pub(super) fn noise(&self, end: &Ended) -> f64 {
        let (rounding, weight_sum) = (self.rounding(end.theta[1]), self.objective.curve.weight_sum);
        rounding * (math::sqrt(2.0 * end.at.cost * weight_sum) + rounding * weight_sum)
    }

    fn local(&self, frame: &Frame, s: &Ended) -> Local {
        let (frame, s) = &self.in_range((*frame, *s));
        let [x, alpha, z] = s.theta;
        Local {
            x: x * math::exp(alpha * frame.reference),
            alpha,
            z,
            cost: s.at.cost,
            termination: s.termination,
            iterations: s.iterations,
            frame: *frame,
            theta: s.theta,
            gradient: s.at.gradient,
            gram: s.at.gauss_newton,
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

/// First step downhill, in alpha + 1/span: with steps of a third, minima of the next dip were overstepped.
const FIRST_STEP: f64 = 0.02;

/// Steps downhill, each twice as long as the one before, and sections of the last one: half of them halve it, so that they
/// end at rounding.
const DOWNHILL: u32 = 20;
const SECTIONS: u32 = 110;

/// Smallest share of a pivot in its diagonal: rounding of 1e-16 in the sums is then 1e-8 of the pivot.
const PIVOT: f64 = 1e-8;

/// The upper Cholesky factor, `None` where a pivot is too small.
fn cholesky(gram: &[[f64; 3]; 3]) -> Option<Triangle<3>> {
    let [[a, ..], [b, d, _], [c, e, f]] = *gram;
    let r00 = math::sqrt(a);
    let (r01, r02) = (b / r00, c / r00);
    let pivot = d - r01 * r01;
    let r11 = math::sqrt(pivot);
    let r12 = (e - r01 * r02) / r11;
    let last = f - r02 * r02 - r12 * r12;
    let is_sound = a > 0.0 && pivot > PIVOT * d && last > PIVOT * f;
    is_sound.then_some(Triangle([[r00, r01, r02], [0.0, r11, r12], [0.0, 0.0, math::sqrt(last)]]))
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
        minimise(place, &self.bounds, &Terms::PLAIN, self.isa)
    }
}

struct Triangulate(Isa);

impl Visit<Triangle<3>> for Triangulate {
    fn visit<B: Blocks>(self, place: At<'_, B>) -> Triangle<3> {
        self.0.dispatch(Factor(place))
    }
}
