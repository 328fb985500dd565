//! Cost, gradient and Hessian of the bending laws at places of their own, one in each lane.
//!
//! With t = ln(n / n_min), n_min the smallest n above 0, all of them are
//! m = x W^-kappa + z, W = 1 + (e^(beta t) - 1) e^-y, y = ln(1 + (n_h / n_min)^beta) >= 0, kappa = alpha / beta:
//! x = L(n_min) - C and z = C are of the size of the errors, and no coordinate has a cliff: y = 0 is law (1), at which the
//! cost is smooth, n = 0 has W = 1 - e^-y. The coordinates are x, z, y, ln beta, alpha.
use crate::law::Residual;

use super::super::curve::Node;
use super::super::loss::{Cost, residual};
use super::super::wide::Wide;
use super::rows::{self, Rows};

/// How many coordinates, and which is which.
pub(super) const P: usize = 5;
pub(super) const X: usize = 0;
pub(super) const Z: usize = 1;
pub(super) const Y: usize = 2;
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
struct Shape {
    g: Wide,
    /// ln W / beta.
    log: Wide,
    /// Its derivative by y with its sign turned, times beta: 1 - 1 / W.
    p: Wide,
    /// Its derivative by ln beta plus itself, over t: e^(beta t - y) / W.
    r: Wide,
}

/// What is the same for all nodes.
#[derive(Clone, Copy)]
pub(super) struct Place {
    x: Wide,
    z: Wide,
    beta: Wide,
    by_beta: Wide,
    alpha: Wide,
    /// e^-y, and what it leaves of 1.
    fade: Wide,
    rest: Wide,
}

impl Place {
    #[cfg_attr(wide, inline(always))]
    pub(super) fn new(theta: &Theta, tie: Tie) -> Place {
        let beta = theta[B].exp();
        let alpha = if tie == Tie::Rectified { beta } else { theta[ALPHA] };
        let rest = -(-theta[Y]).exp_m1();
        let fade = (-theta[Y]).exp();
        Place { x: theta[X], z: theta[Z], beta, by_beta: Wide::splat(1.0) / beta, alpha, fade, rest }
    }

    #[cfg_attr(wide, inline(always))]
    fn shape(&self, t: f64) -> Shape {
        let one = Wide::splat(1.0);
        let e = (self.beta * t).exp() * self.fade;
        let w = e + self.rest;
        let by_w = one / w;
        let log = w.ln() * self.by_beta;
        Shape { g: (-(self.alpha * log)).exp(), log, p: one - by_w, r: e * by_w }
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
#[derive(Clone, Copy)]
pub(super) struct Problem {
    pub(super) residual: Residual,
    pub(super) cost: Cost,
    pub(super) tie: Tie,
}

/// Cost and derivatives.
#[cfg_attr(wide, inline(always))]
pub(super) fn evaluate(problem: &Problem, rows: &Rows<'_>, theta: &Theta) -> Sums {
    let place = Place::new(theta, problem.tie);
    let mut sums = Sums::EMPTY;
    let (mut k, mut chunk) = (0, rows::EMPTY);
    loop {
        let count = rows.load(k, &mut chunk);
        if count == 0 {
            break;
        }
        for node in chunk.iter().take(count) {
            add(&mut sums, problem, &place, node);
        }
        k += 1;
    }
    if problem.tie == Tie::Rectified {
        tie_alpha_to_beta(&mut sums, place.beta);
    }
    sums
}

#[cfg_attr(wide, inline(always))]
fn add(sums: &mut Sums, problem: &Problem, place: &Place, node: &Node) {
    let Place { x, z, alpha, by_beta, .. } = *place;
    let Shape { g, log, p, r } = place.shape(node.t);
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
    // First derivatives of -ln g, by y, ln beta, alpha; then the second ones.
    let tr = r * t;
    let by = [-(alpha * p * by_beta), alpha * (tr - log), log];
    let rest = one - p;
    let yy = alpha * p * rest * by_beta;
    let yb = alpha * (p * by_beta - tr * rest);
    let bb = alpha * (place.beta * tr * (one - r) * t - tr + log);
    let second = [[yy, ZERO, ZERO], [yb, bb, ZERO], [-(p * by_beta), tr - log, ZERO]];
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
}

/// alpha = beta: its derivatives become those of ln beta.
#[cfg_attr(wide, inline(always))]
fn tie_alpha_to_beta(sums: &mut Sums, beta: Wide) {
    let slope = sums.gradient[ALPHA] * beta;
    for (h, bend) in [(&mut sums.exact, slope), (&mut sums.gauss_newton, ZERO)] {
        h[B][B] += h[ALPHA][B] * beta * 2.0 + h[ALPHA][ALPHA] * beta * beta + bend;
        for j in 0..B {
            h[B][j] += h[ALPHA][j] * beta;
        }
        h[ALPHA] = [ZERO; P];
    }
    sums.gradient[B] += slope;
    sums.gradient[ALPHA] = ZERO;
}

impl Problem {
    /// The model at ln(n / n_min) = `t`.
    pub(super) fn model_at(&self, theta: &[f64; P], t: f64) -> f64 {
        Place::new(&theta.map(Wide::splat), self.tie).model(t).0[0]
    }
}
