//! The laws over n and s in the coordinates of the search, and one pass that solves for the linear ones.
//!
//! With u = ((n + n0) / n_ref)^-alpha and v = (s / s_ref)^-beta the full law is (x u + y) v + E and the additive law
//! x u + y v + E: both linear in x, y, E, which are not negative. gamma = C / D is y / x in the units of n_ref. Where the
//! user bounds delta or gamma they are coordinates themselves: e^x (y + u) v, n_ref = s_ref = 1.
use core::ops::{Add, Mul};

use crate::law::Residual;
use crate::math;
use crate::solve::Bounds;

use super::grid::Grid;
use super::options::{Settings, is_half_line, point};

/// Which combination of u and v.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// (x u + y) v + E.
    Product,
    /// e^x (y + u) v + E.
    Bounded,
    /// x u + y v + E.
    Sum,
}

/// A law in the units of its data: parameters x, y, alpha, beta, ln n0, E.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surface {
    pub(crate) shape: Shape,
    pub(crate) residual: Residual,
    /// n0 where it is held, as 0 it has no logarithm.
    pub(crate) n0: Option<f64>,
    pub(crate) ln_n_ref: f64,
    pub(crate) ln_s_ref: f64,
    /// Unit of the error and of the weights: powers of two, so that dividing by them rounds nothing.
    pub(crate) scale: f64,
    pub(crate) weight_scale: f64,
    /// What the rows of weight [`PULLS`] pull.
    pub(crate) pulled: Option<Pulled>,
}

/// The weight of the row that pulls: no measurement has it.
pub(crate) const PULLS: f64 = -1.0;

/// A quantity and its derivatives in the six parameters of a law.
type PulledQuantity = fn(&Surface, Pull, &[f64; 6]) -> (f64, [f64; 6]);

/// A row of the residual root (quantity - target), quadratic however far it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pulled {
    pub(crate) pull: Pull,
    /// [`Surface::pulled`], by its address: a program that pulls nothing does not link it.
    pub(crate) quantity: PulledQuantity,
    pub(crate) target: f64,
    pub(crate) root: f64,
}

/// What is pulled, in the units of the search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pull {
    /// A parameter of the law, by its place among the six, or its logarithm.
    Parameter { place: usize, is_ln: bool },
    /// L(n, s).
    Error { n: f64, s: f64 },
    /// What no n removes at this s.
    OverN { s: f64 },
    /// What no s removes at this n.
    OverS { n: f64 },
}

impl Surface {
    /// The law in the units of its data. What the user bounds is a coordinate itself, with n_ref or s_ref at 1.
    pub(crate) fn new(grid: &Grid, settings: &Settings) -> Surface {
        let [first, second, ..] = settings.bounds;
        let [fixed_first, fixed_second, .., fixed_n0, _] = settings.fixed;
        let is_bound = |b: Bounds, fixed: Option<f64>| !is_half_line(b) || fixed.is_some();
        let bound = (is_bound(first, fixed_first), is_bound(second, fixed_second));
        let shape = match (settings.is_sum(), bound) {
            (true, _) => Shape::Sum,
            (false, (false, false)) => Shape::Product,
            _ => Shape::Bounded,
        };
        let (ln_n, ln_s) = grid.middle();
        let (ln_n_ref, ln_s_ref) = match (shape, bound) {
            (Shape::Product, _) => (ln_n, ln_s),
            (Shape::Bounded, _) => (0.0, 0.0),
            (Shape::Sum, (first, second)) => (if first { 0.0 } else { ln_n }, if second { 0.0 } else { ln_s }),
        };
        Surface {
            shape,
            residual: settings.residual,
            n0: fixed_n0,
            ln_n_ref,
            ln_s_ref,
            scale: grid.scale,
            weight_scale: grid.weight_scale,
            pulled: None,
        }
    }

    /// The domain of x, y, alpha, beta, ln n0, E.
    pub(crate) fn domain(&self, grid: &Grid, settings: &Settings) -> [Bounds; 6] {
        let [first, second, alpha, beta, n0, e] = settings.domain();
        let half_line = Bounds::new(0.0, f64::INFINITY);
        let scaled = |b: Bounds| Bounds::new(b.lower / self.scale, b.upper / self.scale);
        let ln = |x: f64| if x == 0.0 { f64::NEG_INFINITY } else { math::ln(x / self.scale) };
        let (x, y) = match self.shape {
            Shape::Bounded => (Bounds::new(ln(first.lower), ln(first.upper)), second),
            Shape::Product => (half_line, half_line),
            Shape::Sum => (scaled(first), scaled(second)),
        };
        let ln_n0 = if self.n0.is_some() {
            point(0.0)
        } else {
            // Far outside of the data: below, n0 is nothing to n_min; above, n is nothing to n0.
            let least = if grid.has_zero { 1e-9 } else { 1e-6 };
            let lower = math::ln(if n0.lower > 0.0 { n0.lower } else { least * grid.n_min });
            let most = math::ln(1e3 * grid.n_max).max(lower + 1.0);
            Bounds::new(lower, if n0.upper < f64::INFINITY { math::ln(n0.upper).max(lower) } else { most })
        };
        [x, y, alpha, beta, ln_n0, scaled(e)]
    }

    /// The law at a place of the search.
    pub(crate) fn six(&self, theta: &[f64; 6], settings: &Settings) -> [f64; 6] {
        self.law(theta, self.n0, false, settings)
    }

    /// The same with n0 where the search held it, or as a law that does not fall with n.
    pub(crate) fn law(&self, theta: &[f64; 6], n0: Option<f64>, is_flat: bool, settings: &Settings) -> [f64; 6] {
        let (domain, scale) = (settings.domain(), self.scale);
        let [x, y, mut alpha, beta, ln_n0, e] = *theta;
        let (by_n, by_s) = self.references(alpha, beta);
        let (first, second) = match self.shape {
            Shape::Product if is_flat => (y * by_s * scale, 0.0),
            Shape::Product => (x * by_n * by_s * scale, y / x / by_n),
            Shape::Bounded => (math::exp(x) * scale, y),
            Shape::Sum => (x * by_n * scale, y * by_s * scale),
        };
        if is_flat && self.shape != Shape::Bounded {
            alpha = domain[2].lower;
        }
        let n0 = if is_flat { 0.0 } else { n0.unwrap_or_else(|| math::exp(ln_n0)) };
        // Bounds and held values themselves, free of the rounding of the change of units.
        let mut found = [first, second, alpha, beta, n0, e * scale];
        for (value, bounds) in found.iter_mut().zip(domain) {
            *value = bounds.clamp(*value);
        }
        found
    }

    /// n_ref^alpha and s_ref^beta.
    fn references(&self, alpha: f64, beta: f64) -> (f64, f64) {
        (math::exp(alpha * self.ln_n_ref), math::exp(beta * self.ln_s_ref))
    }

    /// The coordinates of a law.
    pub(crate) fn theta(&self, six: &[f64; 6], bounds: &[Bounds; 6], is_flat: bool) -> [f64; 6] {
        let Surface { shape, scale, .. } = *self;
        let [first, second, alpha, beta, n0, e] = *six;
        let (by_n, by_s) = self.references(alpha, beta);
        let (x, y) = match shape {
            // A flat law is written with gamma = 0 and alpha at its end: nothing falls with n.
            Shape::Product if is_flat => (0.0, first / (by_s * scale)),
            Shape::Product => {
                let x = first / (by_n * by_s * scale);
                (x, x * by_n * second)
            }
            Shape::Bounded => (math::ln(first / scale), second),
            Shape::Sum => (first / (by_n * scale), second / (by_s * scale)),
        };
        let [.., ln_n0, _] = *bounds;
        let at = if n0 > 0.0 { math::ln(n0) } else { ln_n0.lower };
        let mut theta = [x, y, alpha, beta, if self.n0.is_some() { 0.0 } else { at }, e / scale];
        for (value, bounds) in theta.iter_mut().zip(bounds) {
            *value = bounds.clamp(*value);
        }
        theta
    }

    /// d theta / d of the six at this place.
    pub(crate) fn by_user(&self, theta: &[f64; 6], user: &[f64; 6], is_flat: bool) -> [[f64; 6]; 6] {
        let Surface { shape, ln_n_ref, ln_s_ref, scale, .. } = *self;
        let [x, y, alpha, beta, ..] = *theta;
        let (by_n, by_s) = self.references(alpha, beta);
        let n0 = user[4];
        let mut m = [[0.0; 6]; 6];
        match shape {
            Shape::Product if is_flat => {
                m[1] = [1.0 / (by_s * scale), 0.0, 0.0, -y * ln_s_ref, 0.0, 0.0];
            }
            Shape::Product => {
                m[0] = [1.0 / (by_n * by_s * scale), 0.0, -x * ln_n_ref, -x * ln_s_ref, 0.0, 0.0];
                m[1] = [user[1] / (by_s * scale), x * by_n, 0.0, -y * ln_s_ref, 0.0, 0.0];
            }
            Shape::Bounded => {
                m[0][0] = 1.0 / user[0];
                m[1][1] = 1.0;
            }
            Shape::Sum => {
                m[0] = [1.0 / (by_n * scale), 0.0, -x * ln_n_ref, 0.0, 0.0, 0.0];
                m[1] = [0.0, 1.0 / (by_s * scale), 0.0, -y * ln_s_ref, 0.0, 0.0];
            }
        }
        (m[2][2], m[3][3], m[5][5]) = (1.0, 1.0, 1.0 / scale);
        m[4][4] = if n0 > 0.0 { 1.0 / n0 } else { 0.0 };
        m
    }

    /// Factor and shift from the units of the search to those of the user.
    pub(crate) fn unit(&self, pull: Pull) -> (f64, f64) {
        let (scaled, shifted) = ((self.scale, 0.0), (1.0, math::ln(self.scale)));
        match (pull, self.shape) {
            (Pull::Parameter { place: 0, .. }, Shape::Bounded) => shifted,
            (Pull::Parameter { place: 0, is_ln }, _) | (Pull::Parameter { place: 1, is_ln }, Shape::Sum) => {
                if is_ln {
                    shifted
                } else {
                    scaled
                }
            }
            (Pull::Parameter { place: 5, is_ln: false }, _) => scaled,
            (Pull::Parameter { .. }, _) => (1.0, 0.0),
            _ => scaled,
        }
    }

    /// The quantity and its gradient by x, y, alpha, beta, ln n0, E.
    pub(crate) fn pulled(&self, pull: Pull, theta: &[f64; 6]) -> (f64, [f64; 6]) {
        let [x, y, alpha, beta, ln_n0, e] = *theta;
        match pull {
            Pull::Parameter { place: place @ (2 | 3 | 5), .. } => {
                let mut gradient = [0.0; 6];
                if let Some(slot) = gradient.get_mut(place) {
                    *slot = 1.0;
                }
                let value = match place {
                    2 => alpha,
                    3 => beta,
                    _ => e,
                };
                (value, gradient)
            }
            // n0 is always pulled by its logarithm.
            Pull::Parameter { place: 4, .. } => (ln_n0, [0.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
            Pull::Parameter { place, is_ln } => self.size(place == 0, is_ln, [x, y, alpha, beta]),
            Pull::Error { n, s } => {
                let n0 = self.n0.unwrap_or_else(|| math::exp(ln_n0));
                let (t, sigma) = (math::ln(n + n0) - self.ln_n_ref, math::ln(s) - self.ln_s_ref);
                let (u, v) = (if alpha == 0.0 { 1.0 } else { math::exp(-alpha * t) }, math::exp(-beta * sigma));
                let (level, by_x, by_y, by_u, by_ln_v) = self.combined([x, y], u, v, |x| x);
                let by_n0 = if self.n0.is_some() || alpha == 0.0 { 0.0 } else { -by_u * u * alpha * n0 / (n + n0) };
                let by_alpha = if u == 0.0 { 0.0 } else { -by_u * u * t };
                (level + e, [by_x, by_y, by_alpha, -by_ln_v * sigma, by_n0, 1.0])
            }
            Pull::OverN { s } => {
                let sigma = math::ln(s) - self.ln_s_ref;
                let v = math::exp(-beta * sigma);
                let (level, by_x, by_y, _, by_ln_v) = self.combined([x, y], 0.0, v, |x| x);
                (level + e, [by_x, by_y, 0.0, -by_ln_v * sigma, 0.0, 1.0])
            }
            Pull::OverS { .. } if self.shape != Shape::Sum => (e, [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
            Pull::OverS { n } => {
                let t = math::ln(n) - self.ln_n_ref;
                let u = math::exp(-alpha * t);
                (x * u + e, [u, 0.0, -x * u * t, 0.0, 0.0, 1.0])
            }
        }
    }

    /// The model without E, and its derivatives by x, y, u and ln v; for numbers and for lanes.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn combined<T>(&self, [x, y]: [f64; 2], u: T, v: T, splat: fn(f64) -> T) -> (T, T, T, T, T)
    where
        T: Copy + Add<Output = T> + Add<f64, Output = T> + Mul<Output = T> + Mul<f64, Output = T>,
    {
        match self.shape {
            Shape::Product => {
                let m = (u * x + y) * v;
                (m, u * v, v, v * x, m)
            }
            Shape::Bounded => {
                let f = v * math::exp(x);
                let m = f * (u + y);
                (m, m, f, f, m)
            }
            Shape::Sum => (u * x + v * y, u, v, splat(x), v * y),
        }
    }

    /// The first or second parameter of the law without the unit of the error, or its logarithm, with its gradient.
    fn size(&self, is_first: bool, is_ln: bool, [x, y, alpha, beta]: [f64; 4]) -> (f64, [f64; 6]) {
        let (ln_n, ln_s) = (self.ln_n_ref, self.ln_s_ref);
        let (ln, by_ln) = match (self.shape, is_first) {
            (Shape::Product, true) => (math::ln(x) + alpha * ln_n + beta * ln_s, [1.0 / x, 0.0, ln_n, ln_s, 0.0, 0.0]),
            (Shape::Product, false) => {
                if !is_ln {
                    // gamma itself, which may be 0.
                    let by_n = math::exp(-alpha * ln_n);
                    let ratio = y / x * by_n;
                    return (ratio, [-ratio / x, by_n / x, -ratio * ln_n, 0.0, 0.0, 0.0]);
                }
                (math::ln(y / x) - alpha * ln_n, [-1.0 / x, 1.0 / y, -ln_n, 0.0, 0.0, 0.0])
            }
            (Shape::Bounded, true) => (x, [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
            (Shape::Bounded, false) if is_ln => (math::ln(y), [0.0, 1.0 / y, 0.0, 0.0, 0.0, 0.0]),
            (Shape::Bounded, false) => return (y, [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]),
            (Shape::Sum, first) => {
                let (size, rate, reference) = if first { (x, alpha, ln_n) } else { (y, beta, ln_s) };
                let stretch = math::exp(rate * reference);
                let own = if is_ln { 1.0 / size } else { stretch };
                let by_rate = if is_ln { reference } else { size * stretch * reference };
                let value = if is_ln { math::ln(size) + rate * reference } else { size * stretch };
                let by = match first {
                    true => [own, 0.0, by_rate, 0.0, 0.0, 0.0],
                    false => [0.0, own, 0.0, by_rate, 0.0, 0.0],
                };
                return (value, by);
            }
        };
        if is_ln || self.shape == Shape::Bounded {
            return (ln, by_ln);
        }
        let value = math::exp(ln);
        (value, by_ln.map(|slope| slope * value))
    }
}
