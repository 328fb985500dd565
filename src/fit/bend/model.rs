//! Cost, gradient and Hessian of the bending laws at places of their own, one in each lane.
//!
//! With t = ln(n / n_min), n_min the smallest n above 0, all of them are
//! m = x W^-kappa + z, W = 1 + (e^(beta t) - 1) e^-y, y = ln(1 + (n_h / n_min)^beta) >= 0, kappa = alpha / beta:
//! x = L(n_min) - C and z = C are of the size of the errors, and y = 0 is law (1), at which the cost is smooth; n = 0 has
//! W = 1 - e^-y. The coordinates are x, z, u = y / beta, ln beta, ln alpha: beyond n_min u is ln(n_h / n_min), and a
//! bend becomes sharper where it is.
//!
//! Where n = 0 was measured law (1) is no edge, and A is data, however large: x is A - C then, W is divided by its value at
//! n = 0, and u is ln(n_h / n_min) itself, of which y is ln(1 + e^(beta u)).
#![allow(
    clippy::needless_range_loop,
    reason = "indices below constant ends keep no panic path and read as the algebra"
)]
use crate::law::Residual;
use crate::math;

use super::super::curve::Node;
use super::super::loss::{Cost, residual};
use super::super::wide::Wide;
use super::rows::{self, Rows};

/// How many coordinates, and which is which.
pub(super) const P: usize = 5;
pub(super) const X: usize = 0;
pub(super) const Z: usize = 1;
pub(super) const U: usize = 2;
pub(super) const B: usize = 3;
pub(super) const ALPHA: usize = 4;

/// A place in each lane.
pub(super) type Theta = [Wide; P];

const ZERO: Wide = Wide::splat(0.0);

/// What ties coordinates to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tie {
    /// kappa = 1: alpha is beta, and its coordinate is not used.
    Rectified,
    /// beta = 1.
    Shifted,
    /// All are free.
    Bent,
}

/// W^-kappa of a node in its lanes, and what its derivatives are made of.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) g: Wide,
    /// ln W / beta.
    log: Wide,
    /// What its derivative by u leaves of -1: 1 / W, or what e^y - 1 is of W e^y.
    share: Wide,
    /// Its derivative by ln beta at the same y, plus itself, over t: e^(beta t - y) / W.
    r: Wide,
}

impl Shape {
    pub(super) const NONE: Shape = Shape { g: ZERO, log: ZERO, share: ZERO, r: ZERO };
}

/// What is the same for all nodes.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) x: Wide,
    pub(super) z: Wide,
    beta: Wide,
    by_beta: Wide,
    alpha: Wide,
    u: Wide,
    /// e^-y, and what it leaves of 1.
    fade: Wide,
    rest: Wide,
    /// Derivative of y by beta u: 1, or 1 - e^-y.
    whole: Wide,
    /// ln W / beta at the smallest n, 0 included.
    log_first: Wide,
}

/// e^-y and 1 - e^-y of y = ln(1 + e^v): neither loses a digit.
#[cfg_attr(wide, inline(always))]
pub(super) fn shares(v: Wide) -> [Wide; 2] {
    let one = Wide::splat(1.0);
    let small = (-v.abs()).exp();
    let most = one / (one + small);
    let least = small * most;
    let is_far = v.gt(ZERO);
    [is_far.select(least, most), is_far.select(most, least)]
}

impl Place {
    #[cfg_attr(wide, inline(always))]
    pub(super) fn new(theta: &Theta, problem: &Problem) -> Place {
        let one = Wide::splat(1.0);
        let beta = if problem.tie == Tie::Shifted { one } else { theta[B].exp() };
        let alpha = if problem.tie == Tie::Rectified { beta } else { theta[ALPHA].exp() };
        let y = theta[U] * beta;
        let [fade, rest] = if problem.has_untrained { shares(y) } else { [(-y).exp(), -(-y).exp_m1()] };
        let by_beta = one / beta;
        let (whole, log_first) = if problem.has_untrained { (rest, rest.ln() * by_beta) } else { (one, ZERO) };
        Place { x: theta[X], z: theta[Z], beta, by_beta, alpha, u: theta[U], fade, rest, whole, log_first }
    }

    #[cfg_attr(wide, inline(always))]
    pub(super) fn shape(&self, t: f64) -> Shape {
        let e = (self.beta * t).exp() * self.fade;
        let w = e + self.rest;
        let by_w = Wide::splat(1.0) / w;
        let log = w.ln() * self.by_beta - self.log_first;
        Shape { g: (-(self.alpha * log)).exp(), log, share: self.whole * by_w, r: e * by_w }
    }

    /// The model at a node.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn model(&self, t: f64) -> Wide {
        self.x * self.shape(t).g + self.z
    }
}

/// Sums over the nodes.
#[derive(Clone, Copy)]
pub(super) struct Sums {
    pub(super) cost: Wide,
    pub(super) gradient: [Wide; P],
    /// Lower triangle of the Hessian.
    pub(super) exact: [[Wide; P]; P],
    /// Lower triangle of J'WJ, in Huber's loss with the weights of reweighted least squares.
    pub(super) gauss_newton: [[Wide; P]; P],
}

impl Sums {
    pub(super) const EMPTY: Sums =
        Sums { cost: ZERO, gradient: [ZERO; P], exact: [[ZERO; P]; P], gauss_newton: [[ZERO; P]; P] };
}

/// What is minimised.
#[derive(Clone, Copy, Debug)]
pub(super) struct Problem {
    pub(super) residual: Residual,
    pub(super) cost: Cost,
    pub(super) tie: Tie,
    /// Whether n = 0 was measured: what u then is.
    pub(super) has_untrained: bool,
}

/// Cost and derivatives.
#[cfg_attr(wide, inline(always))]
pub(super) fn evaluate(problem: &Problem, rows: &Rows<'_>, theta: &Theta) -> Sums {
    let place = Place::new(theta, problem);
    let mut sums = Sums::EMPTY;
    let (mut k, mut chunk) = (0, rows::EMPTY);
    loop {
        let count = rows.load(k, &mut chunk);
        if count == 0 {
            break;
        }
        for node in chunk.iter().take(count) {
            add(&mut sums, problem, &place, node, &place.shape(node.t));
        }
        k += 1;
    }
    finish(&mut sums, problem);
    sums
}

/// What is left to do when all nodes have been added.
#[cfg_attr(wide, inline(always))]
pub(super) fn finish(sums: &mut Sums, problem: &Problem) {
    if problem.tie == Tie::Rectified {
        tie_alpha_to_beta(sums);
    }
}

/// Where a node draws the model: the residual there, linearised about the model that it was made at, is 0.
#[derive(Clone, Copy)]
pub(super) struct Aim {
    pub(super) error: Wide,
    pub(super) weight: Wide,
    pub(super) cost: Wide,
}

impl Aim {
    pub(super) const NONE: Aim = Aim { error: ZERO, weight: ZERO, cost: ZERO };
}

/// Adds a node, and says where it draws the model.
#[cfg_attr(wide, inline(always))]
pub(super) fn add(sums: &mut Sums, problem: &Problem, place: &Place, node: &Node, shape: &Shape) -> Aim {
    let Place { x, z, alpha, beta, u, .. } = *place;
    let Shape { g, log, share, r } = *shape;
    let one = Wide::splat(1.0);
    let (t, w) = (node.t, Wide::splat(node.weight));
    let e = x * g;
    let m = e + z;
    let (res, by_m) = residual(problem.residual, m, Wide::splat(node.target));
    let rho = problem.cost.at(res);
    let is_log = problem.residual == Residual::Log;
    // d cost / dm, and the second derivative: exact, and of the parabola above it.
    let slope = w * rho.psi * by_m;
    let inside = rho.is_inside.select(one, ZERO);
    let square = w * by_m * by_m;
    let bend = if is_log { square * (inside - rho.psi) } else { square * inside };
    let majorant = square * rho.ratio;
    // First derivatives of -ln g by u, ln beta, ln alpha; then the second ones: it is proportional to alpha.
    let (tr, p) = (r * t, one - share);
    let by_b = tr - log - p * u;
    let by = [-(alpha * p), alpha * by_b, alpha * log];
    let curl = share * p;
    let (uc, ta) = (u * curl, tr * share);
    let uu = alpha * beta * curl;
    let ub = alpha * beta * (uc - ta);
    let bb = alpha * (beta * (tr * (one - r) * t + u * (uc - ta - ta)) - by_b);
    let second = [[uu, ZERO, ZERO], [ub, bb, ZERO], by];
    let first = [g, one, -(e * by[0]), -(e * by[1]), -(e * by[2])];
    sums.cost += w * rho.rho;
    for i in 0..P {
        sums.gradient[i] += slope * first[i];
        let (bent, above) = (bend * first[i], majorant * first[i]);
        for j in 0..=i {
            sums.exact[i][j] += bent * first[j];
            sums.gauss_newton[i][j] += above * first[j];
        }
    }
    // Second derivatives of the model.
    let (sg, se) = (slope * g, slope * e);
    for i in 0..3 {
        sums.exact[i + 2][X] -= sg * by[i];
        for j in 0..=i {
            sums.exact[i + 2][j + 2] += se * (by[i] * by[j] - second[i][j]);
        }
    }
    Aim { error: if is_log { m - res * m } else { m - res }, weight: majorant, cost: w * rho.rho }
}

/// alpha = beta: its derivatives become those of ln beta.
#[cfg_attr(wide, inline(always))]
fn tie_alpha_to_beta(sums: &mut Sums) {
    for h in [&mut sums.exact, &mut sums.gauss_newton] {
        h[B][B] += h[ALPHA][B] * 2.0 + h[ALPHA][ALPHA];
        for j in 0..B {
            h[B][j] += h[ALPHA][j];
        }
        h[ALPHA] = [ZERO; P];
    }
    sums.gradient[B] += sums.gradient[ALPHA];
    sums.gradient[ALPHA] = ZERO;
}

impl Problem {
    /// Where a node draws the model that is `m` there now.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn aim(&self, m: Wide, node: &Node) -> Aim {
        let (r, by_m) = residual(self.residual, m, Wide::splat(node.target));
        let rho = self.cost.at(r);
        Aim { error: m - r / by_m, weight: by_m * by_m * rho.ratio * node.weight, cost: rho.rho * node.weight }
    }

    /// The model at ln(n / n_min) = `t`.
    pub(super) fn model_at(&self, theta: &[f64; P], t: f64) -> f64 {
        Place::new(&theta.map(Wide::splat), self).model(t).0[0]
    }

    /// e^-y, W of n = 0, and ln((n_h / n_min)^beta) at beta u.
    pub(super) fn before(&self, y: f64) -> [f64; 3] {
        if self.has_untrained {
            let [fade, rest] = shares(Wide::splat(y)).map(|v| v.0[0]);
            return [fade, rest, y];
        }
        let rest = -math::exp_m1(-y);
        [math::exp(-y), rest, y + math::ln(rest)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(problem: &Problem, theta: [f64; P]) -> Sums {
        let theta = theta.map(Wide::splat);
        let place = Place::new(&theta, problem);
        let mut sums = Sums::EMPTY;
        let sizes = [0.0, 0.7, 1.5, 2.5, 4.0].into_iter().chain(problem.has_untrained.then_some(rows::NOTHING));
        for (t, error) in sizes.zip([0.9, 0.85, 0.8, 0.6, 0.5, 1.1]) {
            let target = if problem.residual == Residual::Log { math::ln(error) } else { error };
            let node = Node::new(t, error, target, 0.5 + error, problem.residual);
            add(&mut sums, problem, &place, &node, &place.shape(t));
        }
        finish(&mut sums, problem);
        sums
    }

    #[test]
    fn gradient_and_hessian_are_those_of_differences() {
        for tie in [Tie::Rectified, Tie::Shifted, Tie::Bent] {
            for residual in [Residual::Log, Residual::Linear] {
                for cost in [Cost::Square, Cost::Huber(0.05)] {
                    for has_untrained in [false, true] {
                        let problem = Problem { residual, cost, tie, has_untrained };
                        let ln_beta = if tie == Tie::Shifted { 0.0 } else { 0.3 };
                        let at = [0.6, 0.31, 1.2, ln_beta, -0.4];
                        let here = sums(&problem, at);
                        for i in 0..P {
                            let is_used = match tie {
                                Tie::Rectified => i != ALPHA,
                                Tie::Shifted => i != B,
                                Tie::Bent => true,
                            };
                            if !is_used {
                                continue;
                            }
                            // Central: h^2 / 6 = 2e-11 of truncation times derivatives two orders higher, by z 1e2 of
                            // these in units of itself here, and 1e-16 / h = 1e-11 of rounding.
                            let h = 1e-5;
                            let moved = |by: f64| {
                                let mut theta = at;
                                theta[i] += by;
                                sums(&problem, theta)
                            };
                            let (above, below) = (moved(h), moved(-h));
                            let by_differences =
                                |f: &dyn Fn(&Sums) -> Wide| (f(&above).0[0] - f(&below).0[0]) / (2.0 * h);
                            let gradient = by_differences(&|s| s.cost);
                            assert!(
                                (here.gradient[i].0[0] - gradient).abs() < 1e-8 * (1.0 + gradient.abs()),
                                "{problem:?} {i}: {gradient}"
                            );
                            for j in (0..P).filter(|j| tie != Tie::Shifted || *j != B) {
                                let second = by_differences(&|s| s.gradient[j]);
                                let exact = here.exact[i.max(j)][i.min(j)].0[0];
                                let slack = 1e-8 * (1.0 + second.abs());
                                assert!((exact - second).abs() < slack, "{problem:?} {i} {j}: {exact}, {second}");
                            }
                        }
                    }
                }
            }
        }
    }
}
