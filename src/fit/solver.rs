//! Newton's method on all points, from a place of the profile and within the bounds of D.
use crate::linalg::Triangle;
use crate::math;
use crate::simd::Isa;
use crate::solve::{Bounds, Termination};

use super::blocks::Blocks;
use super::frame::Frame;
use super::loss::Cost;
use super::newton::{Ended, Terms, minimise};
use super::pass::{At, Factor};
use super::search::Sample;
use super::slice::Objective;
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

impl Local {
    pub(super) const ZERO: Local = Local {
        x: 0.0,
        alpha: 0.0,
        z: 0.0,
        cost: 0.0,
        termination: Termination::GradientSmall,
        iterations: 0,
        frame: Frame { reference: 0.0, x: Bounds { lower: 0.0, upper: 0.0 }, has_d: false },
        theta: [0.0; 3],
        gradient: [0.0; 3],
        gram: [[0.0; 3]; 3],
    };
}

/// The solver for one curve.
pub(crate) struct Polish<'a> {
    pub(crate) objective: Objective<'a>,
    pub(crate) data: &'a Source<'a>,
    pub(crate) isa: Isa,
}

impl Polish<'_> {
    /// What a pass over these blocks evaluates at theta.
    pub(super) fn at<'b>(&self, blocks: Blocks<'b>, frame: &Frame, theta: [f64; 3]) -> At<'b> {
        let Objective { residual, cost, .. } = self.objective;
        At { blocks, residual, cost, reference: frame.reference, theta }
    }

    /// All points.
    pub(super) fn all(&self) -> Blocks<'_> {
        Blocks::all(self.objective.curve, self.data)
    }

    #[inline(never)]
    pub(super) fn solve(&self, frame: &Frame, theta: [f64; 3], alpha: Bounds, c: Bounds) -> Ended {
        minimise(self.at(self.all(), frame, theta), &[frame.x, alpha, c], &Terms::PLAIN, self.isa)
    }

    /// The triangle of the Jacobian at a minimum: the Cholesky factor of J'J, which the last pass has summed, where its
    /// pivots keep 7 digits of it, else by a QR of all rows.
    #[inline(never)]
    pub(crate) fn triangle(&self, local: &Local) -> Triangle<3> {
        let factor = if self.objective.cost == Cost::Square { cholesky(&local.gram) } else { None };
        factor.unwrap_or_else(|| self.isa.dispatch(Factor(self.at(self.all(), &local.frame, local.theta))))
    }

    /// The best of what `run` finds with D free, and where that leaves the bounds of D, with D held at them; and the
    /// evaluations of all.
    pub(super) fn within_bounds(&self, near: &Sample, run: &mut dyn FnMut(&Frame) -> Ended) -> (Frame, Ended) {
        let Objective { curve, domain, .. } = self.objective;
        let free = Frame::new(&self.objective, near);
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
            let frame = Frame::of_d(&self.objective, Bounds::new(d, d));
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
            let boxed = Frame::of_d(&self.objective, domain.d);
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
            let lower = Frame::new(&self.objective, &near);
            let other = self.solve(&lower, lower.theta(&near), Bounds::new(to, to), domain.c);
            let is_same = other.at.cost <= end.at.cost * (1.0 + 1e-10) + self.noise(&end);
            if to < alpha && is_same && other.termination.is_converged() {
                return (lower, Ended { evaluations: end.evaluations + other.evaluations, ..other });
            }
        }
        (frame, end)
    }

    /// x and z at another rate for the same levels at both ends of the data.
    pub(super) fn same_ends(&self, frame: &Frame, theta: &[f64; 3], to: f64) -> [f64; 3] {
        let ([x, alpha, z], reference) = (*theta, frame.reference);
        let last = self.objective.curve.span - reference;
        let ends = |alpha: f64| (math::exp(alpha * reference), math::exp(-alpha * last));
        let ((u, v), (to_u, to_v)) = (ends(alpha), ends(to));
        let new = x * ((u - v) / (to_u - to_v));
        if new.is_finite() { [new, to, x * v + z - new * to_v] } else { [x, to, z] }
    }

    /// The same for a place of the profile.
    pub(super) fn at_same_ends(&self, near: &Sample, to: f64) -> Sample {
        let frame = Frame::new(&self.objective, near);
        let [x, alpha, z] = self.same_ends(&frame, &frame.theta(near), to);
        Sample { x: x * math::exp(alpha * frame.reference), alpha, z, ..*near }
    }

    /// Whether one end is the better one; no number is the worst.
    pub(super) fn is_below(&self, a: &Ended, b: &Ended) -> bool {
        self.rank(a) < self.rank(b) || !b.at.cost.is_finite()
    }

    /// Where a solution lies.
    pub(super) fn sample(&self, (frame, end): &(Frame, Ended)) -> Sample {
        let [x, alpha, z] = end.theta;
        Sample { x: x * math::exp(alpha * frame.reference), alpha, z, ..Sample::NONE }
    }

    /// Rounding of a residual: some four operations on numbers of the size of 1, and alpha t, whose error the exponential
    /// makes one of its value.
    pub(super) fn rounding(&self, alpha: f64) -> f64 {
        4.0 * f64::EPSILON * (1.0 + alpha * self.objective.curve.span)
    }

    /// The cost, with a handicap where it is not known to be a minimum: a tenth of the 1e-9 to which costs are judged, and
    /// what the rounding of residuals makes of the cost.
    pub(super) fn rank(&self, end: &Ended) -> f64 {
        let cost = end.at.cost;
        if end.termination.is_converged() { cost } else { cost * (1.0 + 1e-10) + self.noise(end) }
    }

    /// What the rounding of residuals makes of the cost.
    pub(super) fn noise(&self, end: &Ended) -> f64 {
        let (rounding, weight_sum) = (self.rounding(end.theta[1]), self.objective.curve.weight_sum);
        rounding * (math::sqrt(2.0 * end.at.cost * weight_sum) + rounding * weight_sum)
    }

    pub(super) fn local(&self, frame: &Frame, s: &Ended) -> Local {
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

/// ln of the range of normal numbers, with a margin.
const LN_RANGE: f64 = 700.0;

/// Share of D by which it must be off its bounds not to be on one: the rounding of its power.
const BESIDE: f64 = 1e-12;

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
