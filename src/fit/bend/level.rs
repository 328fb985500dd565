//! The two coordinates in which the bending laws are linear, x and z of x g + z, by least squares at given g; and how far
//! the rate is off, to first order.
use super::super::wide::Wide;
use super::domain::Domain;
use super::model::{X, Z};

const ZERO: Wide = Wide::splat(0.0);
const ONE: Wide = Wide::splat(1.0);

/// Farthest that ln alpha is moved along the tangent: rates of the lattice are ln 2 apart.
const FARTHEST: f64 = 0.5;

/// x, z and the cost to second order.
#[derive(Clone, Copy)]
pub(super) struct Level {
    pub(super) x: Wide,
    pub(super) z: Wide,
    pub(super) cost: Wide,
    /// What ln alpha is moved by.
    pub(super) shift: Wide,
}

/// Weighted sums of h = base - g and the error.
#[derive(Clone, Copy)]
pub(super) struct Moments {
    base: Wide,
    one: Wide,
    h: Wide,
    e: Wide,
    hh: Wide,
    he: Wide,
    ee: Wide,
}

impl Moments {
    /// None yet; g is 1 at the smallest n and `last` at the largest one. Where it hardly falls 1 - g has the digits, where
    /// it falls by decades g itself.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn at(last: Wide) -> Moments {
        let base = last.gt(Wide::splat(0.5)).select(ONE, ZERO);
        Moments { base, one: ZERO, h: ZERO, e: ZERO, hh: ZERO, he: ZERO, ee: ZERO }
    }

    #[cfg_attr(wide, inline(always))]
    pub(super) fn add(&mut self, g: Wide, error: Wide, weight: Wide) {
        let h = self.base - g;
        let (wh, we) = (weight * h, weight * error);
        self.one += weight;
        self.h += wh;
        self.e += we;
        self.hh += wh * h;
        self.he += wh * error;
        self.ee += we * error;
    }

    /// Least squares in x and z within their bounds.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn level(&self, domain: &Domain) -> Level {
        self.with_tangent(&Tangent::NONE, domain, [ZERO; 2])
    }

    /// The same in x, z and ln alpha, where the latter moves no farther than `limits` (and [`FARTHEST`]).
    #[cfg_attr(wide, inline(always))]
    pub(super) fn with_tangent(&self, tangent: &Tangent, domain: &Domain, limits: [Wide; 2]) -> Level {
        let (low_x, high_x) = (Wide::splat(domain.lower[X]), Wide::splat(domain.upper[X]));
        let (low_z, high_z) = (Wide::splat(domain.lower[Z]), Wide::splat(domain.upper[Z]));
        let tiny = Wide::splat(f64::MIN_POSITIVE);
        let by_one = ONE / self.one;
        let (h, e, q) = (self.h * by_one, self.e * by_one, tangent.q * by_one);
        let (hh, he, ee) = (self.hh - self.h * h, self.he - self.h * e, self.ee - self.e * e);
        let x = (-he / hh.max(tiny)).max(low_x).min(high_x);
        let free_z = e - x * self.base + x * h;
        let z = free_z.max(low_z).min(high_z);
        let is_inside = z.eq(free_z);
        // On a bound of z the sums about it decide: of g = base - h and f = error - z.
        let gg = self.base * (self.one - self.h - self.h) + self.hh;
        let gf = self.base * self.e - self.he - z * (self.base * self.one - self.h);
        let ff = self.ee - z * (self.e + self.e) + z * z * self.one;
        let x = is_inside.select(x, (gf / gg.max(tiny)).max(low_x).min(high_x));
        let inside = ee + x * (he + he) + x * x * hh;
        let on_bound = ff - x * (gf + gf) + x * x * gg;
        let cost = is_inside.select(inside, on_bound).max(ZERO) * 0.5;
        // What q = -dg / d ln alpha explains of the rest: g and q, about their means or not.
        let gg = is_inside.select(hh, gg).max(tiny);
        let gf = is_inside.select(-he, gf);
        let gq = is_inside.select(tangent.h * -1.0 + self.h * q, self.base * tangent.q - tangent.h);
        let qf = is_inside.select(tangent.e - self.e * q, tangent.e - z * tangent.q);
        let qq = is_inside.select(tangent.square - tangent.q * q, tangent.square) - gq * gq / gg;
        let rest = qf - gq * gf / gg;
        let by_q = rest / qq.max(tiny);
        let new_x = (gf - by_q * gq) / gg;
        let shift = -by_q / new_x.max(tiny);
        let new_z = is_inside.select(e - new_x * (self.base - h) - by_q * q, z);
        let reach = Wide::splat(FARTHEST);
        let is_near = shift.ge(limits[0].max(-reach)).and(shift.le(limits[1].min(reach)));
        let is_better = is_near.and(new_x.gt(ZERO)).and(new_z.ge(low_z)).and(new_z.le(high_z)).and(qq.gt(ZERO));
        Level {
            x: is_better.select(new_x, x),
            z: is_better.select(new_z, z),
            cost: is_better.select((cost - rest * by_q * 0.5).max(ZERO), cost),
            shift: is_better.select(shift, ZERO),
        }
    }
}

/// Weighted sums of q = -dg / d ln alpha, and of its products with h, the error and itself.
#[derive(Clone, Copy)]
pub(super) struct Tangent {
    q: Wide,
    h: Wide,
    e: Wide,
    square: Wide,
}

impl Tangent {
    pub(super) const NONE: Tangent = Tangent { q: ZERO, h: ZERO, e: ZERO, square: ZERO };

    /// Adds a node with g, its logarithm at alpha = 1 with the sign turned, and alpha.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn add(&mut self, base: &Moments, g: Wide, log: Wide, alpha: f64, error: Wide, weight: Wide) {
        let q = g * log * alpha;
        let wq = weight * q;
        self.q += wq;
        self.h += wq * (base.base - g);
        self.e += wq * error;
        self.square += wq * q;
    }
}
