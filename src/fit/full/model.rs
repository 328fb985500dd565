//! The passes over the data of a law over n and s, and the linear parameters at given rates.
use crate::law::{Law, Residual};
use crate::linalg::{Ldl, symmetric};
use crate::point::GridPoint;
use crate::simd::{F64x8, Kernel, LANES};
use crate::solve::Bounds;

use super::grid::GridRows;
use super::surface::{PULLS, Pulled, Shape, Surface};

/// Eight observations with what does not depend on the parameters.
struct Block {
    n: F64x8,
    sigma: F64x8,
    error: F64x8,
    weight: F64x8,
}

/// Basis functions and the logarithms that their derivatives need.
struct Basis {
    u: F64x8,
    v: F64x8,
    /// ln((n + n0) / n_ref).
    t: F64x8,
    /// n + n0.
    size: F64x8,
}

impl Surface {
    /// A row of weight 0 becomes a harmless one: its law may be infinite, and 0 * inf is NaN.
    #[cfg_attr(wide, inline(always))]
    fn read(&self, block: &[GridPoint; LANES]) -> Block {
        let (mut n, mut s, mut error, mut weight) = ([1.0; LANES], [1.0; LANES], [1.0; LANES], [0.0; LANES]);
        for i in 0..LANES {
            if block[i].weight > 0.0 {
                (n[i], s[i]) = (block[i].n, block[i].s);
                (error[i], weight[i]) = (block[i].error / self.scale, block[i].weight / self.weight_scale);
            }
        }
        Block { n: F64x8(n), sigma: F64x8(s).ln() - self.ln_s_ref, error: F64x8(error), weight: F64x8(weight) }
    }

    #[cfg_attr(wide, inline(always))]
    fn basis(&self, b: &Block, alpha: f64, beta: f64, n0: f64) -> Basis {
        let size = b.n + n0;
        let t = size.ln() - self.ln_n_ref;
        Basis { u: (t * -alpha).exp(), v: (b.sigma * -beta).exp(), t, size }
    }

    #[cfg_attr(wide, inline(always))]
    fn n0(&self, ln_n0: f64) -> f64 {
        self.n0.unwrap_or_else(|| crate::math::exp(ln_n0))
    }

    /// Residuals and columns with those of the rows that pull. Out of line: it is one block of many.
    #[inline(never)]
    fn with_pull(
        &self,
        &Pulled { pull, quantity, target, root }: &Pulled,
        theta: &[f64; 6],
        block: &[GridPoint; LANES],
        (mut residuals, mut columns): (F64x8, [F64x8; 6]),
    ) -> (F64x8, [F64x8; 6]) {
        let (value, gradient) = quantity(self, pull, theta);
        for (i, _) in block.iter().enumerate().filter(|(_, row)| pulls(row)) {
            residuals.0[i & 7] = root * (value - target);
            for (column, slope) in columns.iter_mut().zip(gradient) {
                column.0[i & 7] = root * slope;
            }
        }
        (residuals, columns)
    }
}

impl Law<6> for Surface {
    type Observation = GridPoint;

    #[cfg_attr(wide, inline(always))]
    fn rows(
        &self,
        theta: &[f64; 6],
        block: &[GridPoint; LANES],
        residuals: &mut F64x8,
        jacobian: Option<&mut [F64x8; 6]>,
    ) {
        let [x, y, alpha, beta, ln_n0, e] = *theta;
        let (n0, zero, one) = (self.n0(ln_n0), F64x8::splat(0.0), F64x8::splat(1.0));
        let b = self.read(block);
        let Basis { u, v, t, size } = self.basis(&b, alpha, beta, n0);
        let (m, by_x, by_y, by_u, by_ln_v) = self.combined([x, y], u, v, F64x8::splat);
        let model = m + e;
        let root = b.weight.sqrt();
        let (r, factor) = match self.residual {
            Residual::Log => (model.ln() - b.error.ln(), root / model),
            Residual::Linear => (model - b.error, root),
        };
        *residuals = r * root;
        let by_n0 = if self.n0.is_some() { zero } else { by_u * u * -alpha * n0 / size };
        let mut columns = [by_x, by_y, -(by_u * u * t), -(by_ln_v * b.sigma), by_n0, one].map(|column| column * factor);
        if let Some(pulled) = self.pulled.filter(|_| block.iter().any(pulls)) {
            (*residuals, columns) = self.with_pull(&pulled, theta, block, (*residuals, columns));
        }
        if let Some(j) = jacobian {
            *j = columns;
        }
    }

    #[cfg_attr(wide, inline(always))]
    fn roots(&self, block: &[GridPoint; LANES]) -> F64x8 {
        let mut roots = self.read(block).weight.sqrt();
        for (i, _) in block.iter().enumerate().filter(|(_, row)| pulls(row)) {
            roots.0[i & 7] = 1e300;
        }
        roots
    }
}

fn pulls(row: &GridPoint) -> bool {
    row.weight == PULLS
}

/// Faces with a smaller pivot ratio are skipped: their normal equations keep less than three digits.
const SINGULAR: f64 = 1e-13;

/// The normal equations of the basis u', v', 1 for given rates: gram, right-hand side and |target|^2; and the robust cost
/// of the coefficients whose residuals made the weights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Linear {
    pub(crate) gram: [[f64; 3]; 3],
    pub(crate) rhs: [f64; 3],
    pub(crate) square: f64,
    pub(crate) cost: f64,
}

/// The pass that accumulates a [`Linear`]. In the log residual the relative error of the model stands for its logarithm:
/// the same where residuals are small, and a seed elsewhere.
///
/// With `near`, each row has the weight psi(r) r' / (model - error) of its residual at these coefficients: where they solve
/// the equations, the gradient of the robust cost is 0 (iteratively reweighted least squares).
pub(crate) struct Accumulate<'a> {
    pub(crate) surface: &'a Surface,
    pub(crate) data: &'a GridRows<'a>,
    pub(crate) alpha: f64,
    pub(crate) beta: f64,
    pub(crate) ln_n0: f64,
    /// E if it is held, else 0.
    pub(crate) e: f64,
    /// Coefficients and the Huber delta.
    pub(crate) near: Option<([f64; 3], f64)>,
}

/// A model so near to an error, relative to it, has the weight of the square loss: the quotient there is rounding.
const NEAR: f64 = 1e-8;

impl Kernel for Accumulate<'_> {
    type Output = Linear;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> Linear {
        let Accumulate { surface, data, alpha, beta, ln_n0, e, near } = self;
        let n0 = surface.n0(ln_n0);
        let lane = F64x8([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        let (zero, one) = (F64x8::splat(0.0), F64x8::splat(1.0));
        let (mut gram, mut rhs, mut square, mut cost) = ([[zero; 3]; 3], [zero; 3], zero, zero);
        let mut k = 0;
        while let Some(block) = data.block(k) {
            let b = surface.read(&block);
            let left = data.len().saturating_sub(k * LANES);
            k += 1;
            let Basis { u, v, .. } = surface.basis(&b, alpha, beta, n0);
            let mut weight = lane.lt(F64x8::splat(left as f64)).select(b.weight, zero);
            let first = if surface.shape == Shape::Sum { u } else { u * v };
            let columns = [first, v, one];
            if let Some((c, delta)) = near {
                let limit = F64x8::splat(delta);
                let model = columns[0] * c[0] + columns[1] * c[1] + (c[2] + e);
                let gap = model - b.error;
                let (r, slope) = match surface.residual {
                    Residual::Log => (model.ln() - b.error.ln(), one / model),
                    Residual::Linear => (gap, one),
                };
                let size = r.abs();
                let beyond = size.gt(limit);
                cost += weight * beyond.select((size - limit * 0.5) * limit, r * r * 0.5);
                let ratio = gap.abs().gt(b.error.abs() * NEAR).select(r / gap, slope);
                weight *= ratio * slope * beyond.select(limit / size, one);
            } else if surface.residual == Residual::Log {
                weight /= b.error * b.error;
            }
            let target = b.error - e;
            square += weight * target * target;
            for i in 0..3 {
                let weighted = columns[i] * weight;
                rhs[i] += weighted * target;
                for j in 0..=i {
                    gram[i][j] += weighted * columns[j];
                }
            }
        }
        let (square, cost) = (square.sum(), cost.sum());
        Linear { gram: gram.map(|row| row.map(F64x8::sum)), rhs: rhs.map(F64x8::sum), square, cost }
    }
}

impl Linear {
    /// The least squares coefficients within their domains (lower ends finite) and their sum of squares: the best of the
    /// faces, each by its normal equations (good enough for a seed).
    pub(crate) fn solve(&self, domain: &[Bounds; 3]) -> ([f64; 3], f64) {
        let mut best = ([0.0; 3], f64::INFINITY);
        for face in 0_u8..27 {
            // 0: at the lower end, 1: between the ends, 2: at the upper.
            let place = [face % 3, face / 3 % 3, face / 9];
            let mut held = [0.0; 3];
            let mut is_face = true;
            for ((value, b), place) in held.iter_mut().zip(domain).zip(place) {
                *value = if place == 0 { b.lower } else { b.upper };
                let is_point = b.lower == b.upper;
                is_face &= place == 0 || (!is_point && (place == 1 || b.upper < f64::INFINITY));
            }
            if !is_face {
                continue;
            }
            let free = place.map(|p| p == 1);
            let (mut rhs, mut square) = (self.rhs, self.square);
            for j in 0..3 {
                if !free[j] && held[j] != 0.0 {
                    square -= held[j] * (2.0 * rhs[j] - held[j] * self.gram[j][j]);
                    for (i, slot) in rhs.iter_mut().enumerate() {
                        *slot -= held[j] * symmetric(&self.gram, i, j);
                    }
                }
            }
            let ldl = Ldl::new(&self.gram, &[0.0; 3], &free);
            let solved = ldl.solve(&rhs);
            let mut x = held;
            for ((x, solved), _) in x.iter_mut().zip(solved).zip(free).filter(|(_, free)| *free) {
                *x = solved;
            }
            let is_inside = |x: f64, b: &Bounds| x >= b.lower && x <= b.upper && x < f64::INFINITY;
            if free != [false; 3] && ldl.pivot_ratio < SINGULAR || !x.iter().zip(domain).all(|(&x, b)| is_inside(x, b))
            {
                continue;
            }
            for j in 0..3 {
                square -= if free[j] { x[j] * rhs[j] } else { 0.0 };
            }
            if square < best.1 {
                best = (x, square);
            }
        }
        best
    }

    /// The same equations where y = `ratio` x is not free: the column of x takes y along.
    pub(crate) fn tied(&self, ratio: f64) -> Linear {
        let (g, b) = (&self.gram, &self.rhs);
        let first = g[0][0] + 2.0 * ratio * g[1][0] + ratio * ratio * g[1][1];
        let gram = [[first, 0.0, 0.0], [0.0, 1.0, 0.0], [g[2][0] + ratio * g[2][1], 0.0, g[2][2]]];
        Linear { gram, rhs: [b[0] + ratio * b[1], 0.0, b[2]], ..*self }
    }
}
