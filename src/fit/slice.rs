//! x and z at given rates: the search over alpha and the confidence region both stand on this.
//!
//! At a given alpha the model x u + z, u = (n / n_min)^-alpha, is linear in x and z, and the cost nearly a parabola over a
//! box. Eight rates go in step; where the target has no SIMD of f64 they are eight groups of one, and a group that has
//! finished costs nothing more.
use crate::law::Residual;

use super::curve::{Curve, Node};
use super::domain::Domain;
use super::loss::{Cost, Rho, residual};
use super::wide::{Wide, WideMask};

const ZERO: Wide = Wide::splat(0.0);

/// What is minimised over x and z.
#[derive(Clone, Copy)]
pub(crate) struct Objective<'a> {
    pub(crate) curve: &'a Curve,
    pub(crate) domain: &'a Domain,
    pub(crate) residual: Residual,
    pub(crate) cost: Cost,
}

/// The powers of the nodes at a group of rates, and the box of (x, z).
#[derive(Clone, Copy)]
pub(crate) struct Slice {
    /// Mean of u by the weights.
    pub(crate) mean: Wide,
    pub(crate) x: [Wide; 2],
    pub(crate) z: [Wide; 2],
}

impl Slice {
    pub(crate) const EMPTY: Slice = Slice { mean: ZERO, x: [ZERO; 2], z: [ZERO; 2] };

    /// The slice at these rates; `u` takes the powers of the nodes.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn new(o: &Objective<'_>, alpha: Wide, u: &mut [Wide]) -> Slice {
        let mut mean = ZERO;
        for (u, node) in u.iter_mut().zip(o.curve.nodes()) {
            *u = (alpha * -node.t).exp();
            mean += *u * node.weight;
        }
        let mean = mean / Wide::splat(o.curve.weight_sum);
        let mut x = [ZERO, Wide::splat(f64::INFINITY)];
        if !o.domain.d_is_unbounded() {
            let [lower, upper] = &mut x;
            for ((lower, upper), alpha) in lower.0.iter_mut().zip(&mut upper.0).zip(alpha.0) {
                let level = o.domain.level(alpha, o.curve.ln_n_min);
                (*lower, *upper) = (level.lower, level.upper);
            }
        }
        Slice { mean, x, z: [Wide::splat(o.domain.c.lower), Wide::splat(o.domain.c.upper)] }
    }

    /// The place in the box next to this one.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn clamp(&self, x: Wide, z: Wide) -> (Wide, Wide) {
        (clamp(x, self.x), clamp(z, self.z))
    }
}

/// What a pass over the nodes is for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Purpose {
    /// Steps that descend, and slopes of the profile. Huber's loss has the curvature of a parabola that lies nowhere below
    /// it (reweighted least squares), and beyond delta, where it bends not at all, this share of it.
    Descent(f64),
    /// A parabola near the cost itself.
    Region,
}

/// Curvature, gradient and cost of one node at model value m.
#[cfg_attr(wide, inline(always))]
fn terms(o: &Objective<'_>, node: &Node, m: Wide, purpose: Purpose) -> [Wide; 3] {
    let (one, w) = (Wide::splat(1.0), Wide::splat(node.weight));
    let is_log = o.residual == Residual::Log;
    // An ellipse cut by the box may end where the model is 0.
    let m = if is_log && purpose == Purpose::Region { m.max(Wide::splat(f64::MIN_POSITIVE)) } else { m };
    let (r, by_m) = residual(o.residual, m, Wide::splat(node.target));
    let Rho { rho, psi, ratio, is_inside } = o.cost.at(r);
    // The exact second derivative of 1/2 r^2 in m is (1 - r) / m^2 in the log residual; from r = 1/2 on half of it keeps
    // the matrix positive.
    let exact = if is_log { (one - r).max(Wide::splat(0.5)) } else { one };
    let bend = match (o.cost, purpose) {
        (Cost::Square, _) => exact,
        (_, Purpose::Descent(beyond)) => is_inside.select(one, ratio * beyond),
        (_, Purpose::Region) => is_inside.select(exact, ratio),
    };
    [w * bend * by_m * by_m, w * psi * by_m, w * rho]
}

/// Sums over the nodes.
#[derive(Clone, Copy)]
pub(crate) struct Sums {
    /// The shift of u that keeps the normal equations from cancelling: its mean by the curvatures of the pass before.
    mean: Wide,
    /// Normal matrix and gradient in (u - mean, 1).
    h: [Wide; 3],
    g: [Wide; 2],
    pub(crate) cost: Wide,
    /// Sums of g u t and g u, of a u^2 t and a u t, g and a the gradient and curvature in m: the slope of the profile and
    /// its change with x and z.
    pub(super) gut: Wide,
    pub(super) gu: Wide,
    pub(super) auut: Wide,
    pub(super) aut: Wide,
}

impl Sums {
    pub(crate) const EMPTY: Sums = Sums::new(ZERO);

    #[cfg_attr(wide, inline(always))]
    const fn new(mean: Wide) -> Sums {
        Sums { mean, h: [ZERO; 3], g: [ZERO; 2], cost: ZERO, gut: ZERO, gu: ZERO, auut: ZERO, aut: ZERO }
    }

    /// At (x, z).
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn at(o: &Objective<'_>, u: &[Wide], (x, z): (Wide, Wide), mean: Wide, purpose: Purpose) -> Sums {
        let mut sums = Sums::new(mean);
        for (&u, node) in u.iter().zip(o.curve.nodes()) {
            let [curvature, gradient, cost] = terms(o, node, x * u + z, purpose);
            sums.add(u, curvature, gradient);
            sums.cost += cost;
            if purpose != Purpose::Region {
                let gu = gradient * u;
                sums.gu += gu;
                sums.gut += gu * node.t;
                let aut = curvature * u * node.t;
                sums.auut += aut * u;
                sums.aut += aut;
            }
        }
        sums
    }

    /// Those of the problem linearised about the data, at x = z = 0.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn of_data(o: &Objective<'_>, u: &[Wide], slice: &Slice) -> Sums {
        // In the linear residual the curvatures are the weights.
        let mut mean = slice.mean;
        if o.residual == Residual::Log {
            let (mut of_u, mut all) = (ZERO, 0.0);
            for (&u, node) in u.iter().zip(o.curve.nodes()) {
                of_u += u * node.curvature;
                all += node.curvature;
            }
            mean = of_u / Wide::splat(all);
        }
        let mut sums = Sums::new(mean);
        for (&u, node) in u.iter().zip(o.curve.nodes()) {
            let curvature = node.curvature;
            sums.add(u, Wide::splat(curvature), Wide::splat(-curvature * node.error));
        }
        sums
    }

    #[cfg_attr(wide, inline(always))]
    fn add(&mut self, u: Wide, curvature: Wide, gradient: Wide) {
        let v = u - self.mean;
        let hv = curvature * v;
        self.h[0] += hv * v;
        self.h[1] += hv;
        self.h[2] += curvature;
        self.g[0] += gradient * v;
        self.g[1] += gradient;
    }

    /// The sums of `new` where the mask is set.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn replaced(&self, new: &Sums, mask: WideMask) -> Sums {
        let (h, g) = (&self.h, &self.g);
        Sums {
            mean: mask.select(new.mean, self.mean),
            h: [mask.select(new.h[0], h[0]), mask.select(new.h[1], h[1]), mask.select(new.h[2], h[2])],
            g: [mask.select(new.g[0], g[0]), mask.select(new.g[1], g[1])],
            cost: mask.select(new.cost, self.cost),
            gut: mask.select(new.gut, self.gut),
            gu: mask.select(new.gu, self.gu),
            auut: mask.select(new.auut, self.auut),
            aut: mask.select(new.aut, self.aut),
        }
    }

    /// The mean of u by the curvatures.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn centre(&self) -> Wide {
        self.mean + self.h[1] * (Wide::splat(1.0) / self.h[2])
    }

    /// What the quadratic about (x, z) promises of a place: g d + 1/2 d'H d in (u - mean, 1), with its sign turned.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn decrease(&self, x: Wide, z: Wide, to: (Wide, Wide)) -> Wide {
        let (ex, ey) = (to.0 - x, (to.0 - x) * self.mean + (to.1 - z));
        let linear = self.g[0] * ex + self.g[1] * ey;
        let square = self.h[0] * ex * ex + self.h[1] * ex * ey * 2.0 + self.h[2] * ey * ey;
        -(linear + square * 0.5)
    }
}

/// The cost about a place as a quadratic, in x and the level l = x mean + z, which it separates:
/// least + 1/2 h (x - x0)^2 + 1/2 k (l - l0)^2.
#[derive(Clone, Copy)]
pub(crate) struct Quadratic {
    pub(crate) mean: Wide,
    pub(crate) x0: Wide,
    pub(crate) l0: Wide,
    pub(crate) h: Wide,
    pub(crate) k: Wide,
    pub(crate) least: Wide,
}

impl Quadratic {
    /// By the sums at (x, z).
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn new(s: &Sums, x: Wide, z: Wide) -> Quadratic {
        let k = s.h[2];
        let by_level = Wide::splat(1.0) / k;
        let shift = s.h[1] * by_level;
        let mean = s.mean + shift;
        // Schur complement of the level, and the gradient in x with the level eliminated.
        let h = (s.h[0] - s.h[1] * shift).max(ZERO);
        let g = s.g[0] - s.g[1] * shift;
        let has_spread = h.gt(ZERO);
        let step = g / h;
        let level_step = s.g[1] * by_level;
        // Without spread in u (alpha = 0) all of the level is put into x: the side C = lower decides.
        let x0 = has_spread.select(x - step, Wide::splat(f64::MAX));
        let least = s.cost - (has_spread.select(g * step, ZERO) + s.g[1] * level_step) * 0.5;
        Quadratic { mean, x0, l0: x * mean + z - level_step, h, k, least }
    }

    /// Twice what the cost at (x, z) is above the least.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn excess(&self, x: Wide, z: Wide) -> Wide {
        let (dx, dl) = (x - self.x0, x * self.mean + z - self.l0);
        self.h * dx * dx + self.k * dl * dl
    }

    /// Where x is best on z = `z`, and the curvature there.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn best_x(&self, z: Wide) -> (Wide, Wide) {
        let bend = self.h + self.k * self.mean * self.mean;
        ((self.h * self.x0 + self.k * self.mean * (self.l0 - z)) / bend, bend)
    }

    /// The minimiser over the box. That of a convex quadratic lies inside, or on a side that separates the box from the
    /// free minimum.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn lowest(&self, slice: &Slice) -> (Wide, Wide) {
        let x_side = clamp(self.x0, slice.x);
        let x_side_z = clamp(self.l0 - x_side * self.mean, slice.z);
        let free_z = self.l0 - self.x0 * self.mean;
        let z_side = clamp(free_z, slice.z);
        let z_side_x = clamp(self.best_x(z_side).0, slice.x);
        let is_free = self.x0.eq(x_side).and(z_side.eq(free_z));
        let on_x = is_free.or(self.excess(x_side, x_side_z).le(self.excess(z_side_x, z_side)));
        (on_x.select(x_side, z_side_x), on_x.select(x_side_z, z_side))
    }
}

#[cfg_attr(wide, inline(always))]
pub(crate) fn clamp(v: Wide, [lower, upper]: [Wide; 2]) -> Wide {
    v.max(lower).min(upper)
}

#[cfg_attr(wide, inline(always))]
pub(crate) fn is_inside(v: Wide, [lower, upper]: [Wide; 2]) -> WideMask {
    v.gt(lower).and(v.lt(upper))
}

#[cfg_attr(wide, inline(always))]
pub(crate) fn within(v: Wide, [lower, upper]: [Wide; 2]) -> WideMask {
    v.ge(lower).and(v.le(upper))
}
