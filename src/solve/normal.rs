//! One pass over the data: cost, gradient and Gram matrix, or the QR of the Jacobian. The Jacobian is never stored.
use crate::law::Law;
use crate::linalg::Qr;
use crate::simd::{F64x8, Isa, Kernel, LANES, Mask8};

use super::data::Observations;

/// Cost and its derivatives at one theta.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Normal<const P: usize> {
    /// sum rho(r): 1/2 r^2, beyond the Huber delta delta (|r| - delta/2).
    pub(crate) cost: f64,
    /// sum psi^2, psi = rho'(r): r, beyond delta +-delta.
    pub(crate) square: f64,
    /// J' psi.
    pub(crate) gradient: [f64; P],
    /// J' W J, W = psi/r; the lower triangle.
    pub(crate) gram: [[f64; P]; P],
}

/// QR of the rows whose residual is within the Huber delta (all of them in least squares), and J' psi of the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Factored<const P: usize> {
    pub(crate) qr: Qr<P>,
    pub(crate) beyond: [f64; P],
}

/// What a pass needs. `delta` is infinite in least squares.
pub(crate) struct Pass<'a, L, D: ?Sized, const P: usize> {
    pub(crate) law: &'a L,
    pub(crate) data: &'a D,
    pub(crate) theta: &'a [f64; P],
    pub(crate) delta: f64,
}

/// The pass that accumulates a [`Normal`].
struct Accumulate<'a, L, D: ?Sized, const P: usize>(Pass<'a, L, D, P>);
/// The pass that accumulates a [`Factored`].
struct Factor<'a, L, D: ?Sized, const P: usize>(Pass<'a, L, D, P>);

impl<L: Law<P>, D: Observations<L::Observation> + ?Sized, const P: usize> Pass<'_, L, D, P> {
    /// Cost, gradient and Gram matrix.
    pub(crate) fn normal(self, isa: Isa) -> Normal<P> {
        isa.dispatch(Accumulate(self))
    }

    /// QR of the Jacobian.
    pub(crate) fn factor(self, isa: Isa) -> Factored<P> {
        isa.dispatch(Factor(self))
    }

    /// Calls `visit` with residuals and Jacobian of each block, in order. Lanes past the end are exact zeros.
    #[inline(always)]
    fn for_each_block(&self, mut visit: impl FnMut(F64x8, [F64x8; P])) {
        let len = self.data.len();
        for k in 0..len.div_ceil(LANES) {
            let Some(block) = self.data.block(k) else { return };
            let mut residuals = F64x8::splat(0.0);
            let mut jacobian = [F64x8::splat(0.0); P];
            self.law.rows(self.theta, &block, &mut residuals, Some(&mut jacobian));
            let left = len - k * LANES;
            if left < LANES {
                // Selected, not multiplied: the law may give inf or NaN and 0 * inf is NaN.
                let (mask, zero) = (first_lanes(left), F64x8::splat(0.0));
                residuals = mask.select(residuals, zero);
                jacobian = jacobian.map(|column| mask.select(column, zero));
            }
            visit(residuals, jacobian);
        }
    }
}

/// The first `n` lanes.
#[inline(always)]
fn first_lanes(n: usize) -> Mask8 {
    F64x8([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]).lt(F64x8::splat(n as f64))
}

impl<L: Law<P>, D: Observations<L::Observation> + ?Sized, const P: usize> Kernel for Accumulate<'_, L, D, P> {
    type Output = Normal<P>;

    #[inline(always)]
    fn run(self) -> Normal<P> {
        let zero = F64x8::splat(0.0);
        let (mut cost, mut square, mut gradient, mut gram) = (zero, zero, [zero; P], [[zero; P]; P]);
        let delta = self.0.delta;
        let limit = F64x8::splat(delta);
        let robust = delta < f64::INFINITY;
        self.0.for_each_block(|residuals, jacobian| {
            let (mut psi, mut weighted) = (residuals, jacobian);
            if robust {
                let size = residuals.abs();
                // NaN stays on the quadratic side and shows in the cost.
                let beyond = size.gt(limit);
                let weight = beyond.select(limit / size, F64x8::splat(1.0));
                psi = beyond.select(residuals * weight, residuals);
                weighted = jacobian.map(|column| column * weight);
                cost = cost + beyond.select((size - limit * 0.5) * limit, residuals * residuals * 0.5);
            }
            square = square + psi * psi;
            for i in 0..P {
                gradient[i] = gradient[i] + jacobian[i] * psi;
                for j in 0..=i {
                    gram[i][j] = gram[i][j] + jacobian[i] * weighted[j];
                }
            }
        });
        let square = square.sum();
        let mut sums = [[0.0; P]; P];
        for i in 0..P {
            for j in 0..=i {
                sums[i][j] = gram[i][j].sum();
            }
        }
        Normal {
            cost: if robust { cost.sum() } else { 0.5 * square },
            square,
            gradient: gradient.map(F64x8::sum),
            gram: sums,
        }
    }
}

impl<L: Law<P>, D: Observations<L::Observation> + ?Sized, const P: usize> Kernel for Factor<'_, L, D, P> {
    type Output = Factored<P>;

    #[inline(always)]
    fn run(self) -> Factored<P> {
        let zero = F64x8::splat(0.0);
        let mut qr = Qr::EMPTY;
        let mut gradient = [zero; P];
        let limit = F64x8::splat(self.0.delta);
        let robust = self.0.delta < f64::INFINITY;
        self.0.for_each_block(|mut residuals, mut jacobian| {
            if robust {
                let size = residuals.abs();
                let within = size.le(limit);
                let psi = within.select(zero, residuals * (limit / size));
                for (sum, column) in gradient.iter_mut().zip(jacobian) {
                    *sum = *sum + within.select(zero, column * psi);
                }
                residuals = within.select(residuals, zero);
                jacobian = jacobian.map(|column| within.select(column, zero));
            }
            qr.push(jacobian, residuals);
        });
        Factored { qr, beyond: gradient.map(F64x8::sum) }
    }
}

impl<const P: usize> Normal<P> {
    /// Whether the residuals are finite.
    pub(crate) fn residuals_finite(&self) -> bool {
        self.cost.is_finite() && self.square.is_finite()
    }

    /// Whether gradient and Gram matrix are finite.
    pub(crate) fn jacobian_finite(&self) -> bool {
        // The diagonal bounds the rest (Cauchy-Schwarz), but for overflow, which the step shows.
        (0..P).all(|j| self.gradient[j].is_finite() && self.gram[j][j].is_finite())
    }
}
