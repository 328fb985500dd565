//! Cost, gradient and Hessian of the law with a bend in coordinates without a cliff.
//!
//! With t = ln(n / n_min), n_min the smallest n above 0, and v = (s / s_ref)^-beta it is m = (x g + z) v + E,
//! g = W^(-alpha / b), W = 1 + (e^(b t) - 1) e^-y, y = ln(1 + (n_h / n_min)^b) >= 0: y = 0 is n_h = 0, at which the cost is
//! smooth, and n = 0 has W = 1 - e^-y. Where the user bounds delta or gamma they are coordinates themselves: e^x (z + h) v,
//! s_ref = 1, with h = n_min^-alpha (e^y W)^(-alpha / b). Where the user bounds n_h, and where there are rows with n = 0, ln n_h is
//! a coordinate in place of y: n_h = 0 is then not in the domain, and L(0) = x (n_h / n_min)^-alpha far before the data is
//! straight in it whatever b is.
use crate::law::Residual;
use crate::math;
use crate::simd::{F64x8, Kernel, LANES};

use super::super::grid::GridRows;
use super::options::Bend;

/// How many coordinates, and which is which.
pub(super) const P: usize = 7;
pub(super) const X: usize = 0;
pub(super) const Z: usize = 1;
pub(super) const E: usize = 2;
pub(super) const Y: usize = 3;
pub(super) const B: usize = 4;
pub(super) const ALPHA: usize = 5;
pub(super) const BETA: usize = 6;

/// x, z, E, y (or ln(n_h / n_min)), ln b, ln alpha (not used where alpha is b), beta. Where the bend lies beyond the data they
/// show alpha e^-y alone, a straight valley in y and ln alpha.
pub(super) type Theta = [f64; P];

/// ln(n / n_min) of n = 0: far enough that (n / n_min)^b is 0 at every b from 1e-3 on, and finite, for 0 times it must be 0.
const NOTHING: f64 = -1e6;

/// What is minimised, in the units of the data.
#[derive(Clone, Copy)]
pub(super) struct Problem {
    pub(super) residual: Residual,
    pub(super) bend: Bend,
    /// Whether delta and gamma are coordinates.
    pub(super) is_bounded: bool,
    /// Whether ln n_h is one.
    pub(super) is_sized: bool,
    /// The Huber delta in units of the search, infinite in least squares.
    pub(super) delta: f64,
    pub(super) ln_n_min: f64,
    pub(super) ln_s_ref: f64,
    pub(super) scale: f64,
    pub(super) weight_scale: f64,
}

/// Sums over the rows; lower triangles.
#[derive(Clone, Copy)]
pub(super) struct Sums {
    pub(super) cost: f64,
    pub(super) gradient: [f64; P],
    pub(super) exact: [[f64; P]; P],
    /// J'WJ, in the Huber loss with the weights of reweighted least squares.
    pub(super) gauss_newton: [[f64; P]; P],
}

/// y and its derivatives by ln(n_h / n_min) and ln b.
pub(super) struct Depth {
    pub(super) y: f64,
    by: [f64; 2],
    /// By the first twice, by both, by the second twice.
    second: [f64; 3],
}

impl Problem {
    pub(super) fn depth(&self, theta: &Theta) -> Depth {
        if !self.is_sized {
            return Depth { y: theta[Y], by: [1.0, 0.0], second: [0.0; 3] };
        }
        let (tau, b) = (theta[Y], math::exp(theta[B]));
        let z = b * tau;
        let small = math::exp(-z.abs());
        let share = (if z > 0.0 { 1.0 } else { small }) / (1.0 + small);
        let bend = share * (1.0 - share);
        let second = [b * b * bend, b * share + b * z * bend, z * share + z * z * bend];
        Depth { y: softplus(z), by: [b * share, z * share], second }
    }

    /// ln(n_h / n_min); minus infinity at n_h = 0.
    pub(super) fn ln_n_h(&self, theta: &Theta) -> f64 {
        if self.is_sized {
            return theta[Y];
        }
        let y = theta[Y];
        (y + math::ln(-math::exp_m1(-y))) / math::exp(theta[B])
    }

    /// alpha itself.
    pub(super) fn alpha(&self, theta: &Theta) -> f64 {
        math::exp(if self.bend == Bend::Rectified { theta[B] } else { theta[ALPHA] })
    }
}

/// ln(1 + e^z), to rounding where it is small, too.
pub(super) fn softplus(z: f64) -> f64 {
    let small = math::exp(-z.abs());
    // Of the series the next term is below a rounding.
    let rest = if small < 1e-5 { small * (1.0 - small * (0.5 - small / 3.0)) } else { math::ln(1.0 + small) };
    if z > 0.0 { z + rest } else { rest }
}

/// Cost and derivatives at a place, as a kernel.
pub(super) struct Evaluate<'a> {
    pub(super) problem: &'a Problem,
    pub(super) data: &'a GridRows<'a>,
    pub(super) theta: &'a Theta,
}

impl Kernel for Evaluate<'_> {
    type Output = Sums;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> Sums {
        let Evaluate { problem, data, theta } = self;
        let zero = F64x8::splat(0.0);
        let mut sums = Wide { cost: zero, gradient: [zero; P], exact: [[zero; P]; P], gauss_newton: [[zero; P]; P] };
        let depth = problem.depth(theta);
        let place = Place::new(problem, theta, depth.y);
        let mut k = 0;
        while let Some(block) = data.block(k) {
            let left = data.len().saturating_sub(k * LANES);
            let (mut n, mut s, mut error, mut weight) = ([1.0; LANES], [1.0; LANES], [1.0; LANES], [0.0; LANES]);
            for i in 0..LANES {
                if block[i].weight > 0.0 && i < left {
                    (n[i], s[i]) = (block[i].n, block[i].s);
                    (error[i], weight[i]) = (block[i].error / problem.scale, block[i].weight / problem.weight_scale);
                }
            }
            let t = F64x8(n).ln() - problem.ln_n_min;
            let t = F64x8(n).gt(zero).select(t, F64x8::splat(NOTHING));
            let sigma = F64x8(s).ln() - problem.ln_s_ref;
            sums.add(problem, &place, [t, sigma, F64x8(error), F64x8(weight)]);
            k += 1;
        }
        let mut sums = Sums {
            cost: sums.cost.sum(),
            gradient: sums.gradient.map(F64x8::sum),
            exact: sums.exact.map(|row| row.map(F64x8::sum)),
            gauss_newton: sums.gauss_newton.map(|row| row.map(F64x8::sum)),
        };
        if problem.is_sized {
            sums.chain(&depth);
        }
        if problem.bend == Bend::Rectified {
            sums.tie_alpha_to_b(math::exp(theta[B]));
        } else {
            sums.by_ln_alpha(math::exp(theta[ALPHA]));
        }
        sums
    }
}

/// What is the same for all rows.
struct Place {
    b: f64,
    by_b: f64,
    alpha: f64,
    beta: f64,
    y: f64,
    /// 1 - e^-y.
    rest: f64,
    /// x or e^x, z or e^x z, E.
    fall: f64,
    level: f64,
    e: f64,
    /// What turns g into h: ln h = -alpha (ln W / b + shift), with its derivatives by y and ln b.
    shift: f64,
    by_y: f64,
    by_ln_b: f64,
}

impl Place {
    fn new(problem: &Problem, theta: &Theta, y: f64) -> Place {
        let b = math::exp(theta[B]);
        let by_b = 1.0 / b;
        let size = if problem.is_bounded { math::exp(theta[X]) } else { 1.0 };
        let (fall, level) = if problem.is_bounded { (size, size * theta[Z]) } else { (theta[X], theta[Z]) };
        let (shift, by_y, by_ln_b) =
            if problem.is_bounded { (y * by_b + problem.ln_n_min, by_b, -y * by_b) } else { (0.0, 0.0, 0.0) };
        let rest = -math::exp_m1(-y);
        let (alpha, beta, e) = (problem.alpha(theta), theta[BETA], theta[E]);
        Place { b, by_b, alpha, beta, y, rest, fall, level, e, shift, by_y, by_ln_b }
    }
}

/// Sums in lanes.
struct Wide {
    cost: F64x8,
    gradient: [F64x8; P],
    exact: [[F64x8; P]; P],
    gauss_newton: [[F64x8; P]; P],
}

impl Wide {
    #[cfg_attr(wide, inline(always))]
    fn add(&mut self, problem: &Problem, place: &Place, [t, sigma, error, weight]: [F64x8; 4]) {
        let &Place { b, by_b, alpha, beta, y, rest, fall, level, e, shift, by_y, by_ln_b } = place;
        let (zero, one) = (F64x8::splat(0.0), F64x8::splat(1.0));
        let above = (t * b - y).exp();
        let by_w = one / (above + rest);
        let (p, r) = (one - by_w, above * by_w);
        let log = -(by_w.ln() * by_b);
        // -ln g / alpha, its derivatives by y and ln b, and the second ones.
        let (size, tr) = (log + shift, r * t);
        let first_log = [F64x8::splat(by_y) - p * by_b, tr - log + by_ln_b];
        let off = one - p;
        let second_log = [p * off * by_b, p * by_b - tr * off - by_y, tr * (one - r) * t * b - tr + log - by_ln_b];
        let g = (size * -alpha).exp();
        let v = (sigma * -beta).exp();
        let (falls, levels) = (g * v * fall, v * level);
        let above_floor = falls + levels;
        let m = above_floor + e;
        let by = [first_log[0] * alpha, first_log[1] * alpha, size];
        let [of_x, of_z] = if problem.is_bounded { [above_floor, v * fall] } else { [g * v, v] };
        let first = [of_x, of_z, one, -(falls * by[0]), -(falls * by[1]), -(falls * by[2]), -(above_floor * sigma)];
        // Second derivatives of the model, the lower triangle.
        let mut second = [[zero; P]; P];
        let of_fall = if problem.is_bounded { falls } else { g * v };
        let curved = [
            [second_log[0] * alpha, zero, zero],
            [second_log[1] * alpha, second_log[2] * alpha, zero],
            [first_log[0], first_log[1], zero],
        ];
        if problem.is_bounded {
            (second[X][X], second[Z][X]) = (above_floor, of_z);
        }
        for i in 0..3 {
            second[Y + i][X] = -(of_fall * by[i]);
            for j in 0..=i {
                second[Y + i][Y + j] = falls * (by[i] * by[j] - curved[i][j]);
            }
            second[BETA][Y + i] = sigma * falls * by[i];
        }
        (second[BETA][X], second[BETA][Z]) = (-(sigma * of_x), -(sigma * of_z));
        second[BETA][BETA] = sigma * sigma * above_floor;
        // The cost by the model.
        let (res, by_m) = match problem.residual {
            Residual::Log => ((m / error).ln(), one / m),
            Residual::Linear => (m - error, one),
        };
        let (length, limit) = (res.abs(), F64x8::splat(problem.delta));
        let is_beyond = length.gt(limit);
        let ratio = is_beyond.select(limit / length, one);
        let rho = is_beyond.select((length - limit * 0.5) * limit, res * res * 0.5);
        let psi = res * ratio;
        let square = weight * by_m * by_m;
        let inside = is_beyond.select(zero, one);
        let bend = if problem.residual == Residual::Log { square * (inside - psi) } else { square * inside };
        let (slope, majorant) = (weight * psi * by_m, square * ratio);
        self.cost += weight * rho;
        for i in 0..P {
            self.gradient[i] += slope * first[i];
            let (bent, above) = (bend * first[i], majorant * first[i]);
            for j in 0..=i {
                self.exact[i][j] += bent * first[j] + slope * second[i][j];
                self.gauss_newton[i][j] += above * first[j];
            }
        }
    }
}

impl Sums {
    /// From y to ln(n_h / n_min), on which y depends together with ln b.
    fn chain(&mut self, depth: &Depth) {
        let [own, by_b] = depth.by;
        let slope = self.gradient[Y];
        for (h, slope) in [(&mut self.exact, slope), (&mut self.gauss_newton, 0.0)] {
            let (yy, by) = (h[Y][Y], h[B][Y]);
            let [first, mixed, second] = depth.second;
            h[Y][Y] = own * own * yy + slope * first;
            h[B][Y] = own * (by + by_b * yy) + slope * mixed;
            h[B][B] += 2.0 * by_b * by + by_b * by_b * yy + slope * second;
            let row = h[Y];
            for (entry, of_y) in h[B].iter_mut().zip(row).take(Y) {
                *entry += by_b * of_y;
            }
            for entry in h[Y].iter_mut().take(Y) {
                *entry *= own;
            }
            for row in h.iter_mut().skip(ALPHA) {
                row[B] += by_b * row[Y];
                row[Y] *= own;
            }
        }
        self.gradient[B] += by_b * slope;
        self.gradient[Y] = own * slope;
    }

    /// From alpha to its logarithm.
    fn by_ln_alpha(&mut self, alpha: f64) {
        let slope = self.gradient[ALPHA] * alpha;
        for (h, bend) in [(&mut self.exact, slope), (&mut self.gauss_newton, 0.0)] {
            for entry in h[ALPHA].iter_mut().take(ALPHA) {
                *entry *= alpha;
            }
            h[ALPHA][ALPHA] = h[ALPHA][ALPHA] * alpha * alpha + bend;
            h[BETA][ALPHA] *= alpha;
        }
        self.gradient[ALPHA] = slope;
    }

    /// alpha = b: its derivatives become those of ln b.
    fn tie_alpha_to_b(&mut self, b: f64) {
        let slope = self.gradient[ALPHA] * b;
        for (h, bend) in [(&mut self.exact, slope), (&mut self.gauss_newton, 0.0)] {
            h[B][B] += 2.0 * b * h[ALPHA][B] + b * b * h[ALPHA][ALPHA] + bend;
            let row = h[ALPHA];
            for (entry, of_alpha) in h[B].iter_mut().zip(row).take(B) {
                *entry += of_alpha * b;
            }
            h[BETA][B] += h[BETA][ALPHA] * b;
            h[ALPHA] = [0.0; P];
            h[BETA][ALPHA] = 0.0;
        }
        self.gradient[B] += slope;
        self.gradient[ALPHA] = 0.0;
    }
}
