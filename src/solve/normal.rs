//! One pass over the data: cost, gradient and Gram matrix, or the QR of the Jacobian. The Jacobian is never stored.
use core::fmt;

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
    /// How many residuals are beyond.
    pub(crate) count_beyond: f64,
}

/// Where a value that is not finite turned up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// In the residuals at the start, or in the sum of their squares.
    Residual,
    /// In the Jacobian at the start, or in the squared norm of a column.
    Jacobian,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Residual => "residual",
            Stage::Jacobian => "Jacobian",
        })
    }
}

/// Residuals, Jacobian and where quadratic turns linear, of eight rows.
pub(crate) type Block<const P: usize> = (F64x8, [F64x8; P], F64x8);

/// The rows of a law at its data, whatever they are.
pub(crate) trait Rows<const P: usize> {
    /// Block `k`, lanes past the end exact zeros; `None` past the last block.
    fn block(&self, theta: &[f64; P], k: usize) -> Option<Block<P>>;
}

/// A law at its data; `delta` is the Huber delta, infinite in least squares.
pub(crate) struct Fitted<'a, L, D: ?Sized> {
    pub(crate) law: &'a L,
    pub(crate) data: &'a D,
    pub(crate) delta: f64,
}

impl<L: Law<P>, D: Observations<L::Observation> + ?Sized, const P: usize> Rows<P> for Fitted<'_, L, D> {
    #[cfg_attr(wide, inline(always))]
    fn block(&self, theta: &[f64; P], k: usize) -> Option<Block<P>> {
        let block = self.data.block(k)?;
        let mut residuals = F64x8::splat(0.0);
        let mut jacobian = [F64x8::splat(0.0); P];
        self.law.rows(theta, &block, &mut residuals, Some(&mut jacobian));
        let mut limit = F64x8::splat(self.delta);
        if self.delta < f64::INFINITY {
            limit *= self.law.roots(&block);
        }
        let left = self.data.len().saturating_sub(k * LANES);
        if left < LANES {
            // Selected, not multiplied: the law may give inf or NaN and 0 * inf is NaN.
            let (mask, zero) = (first_lanes(left), F64x8::splat(0.0));
            residuals = mask.select(residuals, zero);
            for column in &mut jacobian {
                *column = mask.select(*column, zero);
            }
        }
        Some((residuals, jacobian, limit))
    }
}

/// The passes over the rows of a problem: what a solve is made of, compiled once for each number of parameters.
pub(crate) trait Passes<const P: usize> {
    /// Cost, gradient and Gram matrix.
    ///
    /// A trial is evaluated with its Jacobian at once: most trials are accepted, and the transcendentals, which the
    /// residuals need as well, are most of the work.
    fn normal(&self, theta: &[f64; P]) -> Normal<P>;

    /// J' W r'' with r'' the second derivative of the residuals at `theta` along `step`.
    ///
    /// r'' = 2/h ((r(theta + h step) - r(theta))/h - J step), h = 1/8: an error of third order in h step, and rounding of
    /// some 100 eps of the model, against a step that need not be exact.
    fn bend(&self, theta: &[f64; P], step: &[f64; P]) -> [f64; P];

    /// QR of the Jacobian.
    fn factor(&self, theta: &[f64; P]) -> Factored<P>;

    /// The first observation whose `stage` is not finite, and whether it is NaN. Only where a solve has ended: not
    /// dispatched.
    fn locate(&self, theta: &[f64; P], stage: Stage) -> (Option<usize>, bool);
}

/// Rows, whether the loss is robust, and the instruction set of the passes. One that never bends has no pass for it.
pub(crate) struct Problem<'a, R: ?Sized, const BENDS: bool> {
    pub(crate) rows: &'a R,
    pub(crate) is_robust: bool,
    pub(crate) isa: Isa,
}

/// The pass that accumulates a [`Normal`].
struct Accumulate<'a, R: ?Sized, const P: usize, const BENDS: bool>(&'a Problem<'a, R, BENDS>, &'a [f64; P]);
/// The pass that accumulates J' W r'' along a step.
struct Bend<'a, R: ?Sized, const P: usize, const BENDS: bool>(&'a Problem<'a, R, BENDS>, &'a [f64; P], &'a [f64; P]);
/// The pass that accumulates a [`Factored`].
struct Factor<'a, R: ?Sized, const P: usize, const BENDS: bool>(&'a Problem<'a, R, BENDS>, &'a [f64; P]);

impl<R: Rows<P> + ?Sized, const P: usize, const BENDS: bool> Passes<P> for Problem<'_, R, BENDS> {
    fn normal(&self, theta: &[f64; P]) -> Normal<P> {
        self.isa.dispatch(Accumulate(self, theta))
    }

    fn bend(&self, theta: &[f64; P], step: &[f64; P]) -> [f64; P] {
        if BENDS { self.isa.dispatch(Bend(self, theta, step)) } else { [0.0; P] }
    }

    fn factor(&self, theta: &[f64; P]) -> Factored<P> {
        self.isa.dispatch(Factor(self, theta))
    }

    #[cold]
    fn locate(&self, theta: &[f64; P], stage: Stage) -> (Option<usize>, bool) {
        let mut k = 0;
        while let Some((residuals, jacobian, _)) = self.rows.block(theta, k) {
            for i in 0..LANES {
                let rows = core::iter::once(&residuals).filter(|_| stage == Stage::Residual);
                let columns = jacobian.iter().filter(|_| stage != Stage::Residual);
                if let Some(bad) = rows.chain(columns).map(|x| x.0[i]).find(|x| !x.is_finite()) {
                    return (Some(k * LANES + i), bad.is_nan());
                }
            }
            k += 1;
        }
        (None, false)
    }
}

/// The passes compiled for the baseline alone: where the rows are behind a pointer, so is most of the work.
pub(crate) struct OnBaseline<'a, const P: usize>(pub(crate) Problem<'a, dyn Rows<P> + 'a, true>);

impl<const P: usize> Passes<P> for OnBaseline<'_, P> {
    fn normal(&self, theta: &[f64; P]) -> Normal<P> {
        Accumulate(&self.0, theta).run()
    }

    fn bend(&self, theta: &[f64; P], step: &[f64; P]) -> [f64; P] {
        Bend(&self.0, theta, step).run()
    }

    fn factor(&self, theta: &[f64; P]) -> Factored<P> {
        Factor(&self.0, theta).run()
    }

    fn locate(&self, theta: &[f64; P], stage: Stage) -> (Option<usize>, bool) {
        self.0.locate(theta, stage)
    }
}

/// The first `n` lanes.
#[cfg_attr(wide, inline(always))]
fn first_lanes(n: usize) -> Mask8 {
    F64x8([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]).lt(F64x8::splat(n as f64))
}

impl<R: Rows<P> + ?Sized, const P: usize, const BENDS: bool> Kernel for Accumulate<'_, R, P, BENDS> {
    type Output = Normal<P>;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> Normal<P> {
        let zero = F64x8::splat(0.0);
        let (mut cost, mut square, mut gradient, mut gram) = (zero, zero, [zero; P], [[zero; P]; P]);
        let robust = self.0.is_robust;
        // Loops, no closures: a closure may stay out of line and would then run on the baseline instruction set.
        let mut k = 0;
        while let Some((residuals, jacobian, limit)) = self.0.rows.block(self.1, k) {
            k += 1;
            let (mut psi, mut weighted) = (residuals, jacobian);
            if robust {
                let size = residuals.abs();
                // NaN stays on the quadratic side and shows in the cost.
                let beyond = size.gt(limit);
                let weight = beyond.select(limit / size, F64x8::splat(1.0));
                psi = residuals * weight;
                for column in &mut weighted {
                    *column *= weight;
                }
                cost += beyond.select((size - limit * 0.5) * limit, residuals * residuals * 0.5);
            }
            square += psi * psi;
            for i in 0..P {
                gradient[i] += jacobian[i] * psi;
                for j in 0..=i {
                    gram[i][j] += jacobian[i] * weighted[j];
                }
            }
        }
        let square = square.sum();
        let cost = if robust { cost.sum() } else { 0.5 * square };
        let mut normal = Normal { cost, square, gradient: [0.0; P], gram: [[0.0; P]; P] };
        for i in 0..P {
            normal.gradient[i] = gradient[i].sum();
            for j in 0..=i {
                normal.gram[i][j] = gram[i][j].sum();
            }
        }
        normal
    }
}

impl<R: Rows<P> + ?Sized, const P: usize, const BENDS: bool> Kernel for Bend<'_, R, P, BENDS> {
    type Output = [f64; P];

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> [f64; P] {
        const H: f64 = 0.125;
        let Bend(problem, theta, step) = self;
        let mut ahead = *theta;
        for j in 0..P {
            ahead[j] += H * step[j];
        }
        let mut sums = [F64x8::splat(0.0); P];
        let mut k = 0;
        while let Some((here, jacobian, limit)) = problem.rows.block(theta, k)
            && let Some((there, _, _)) = problem.rows.block(&ahead, k)
        {
            k += 1;
            let mut second = (there - here) * (1.0 / H);
            for j in 0..P {
                second -= jacobian[j] * step[j];
            }
            second *= 2.0 / H;
            if problem.is_robust {
                let size = here.abs();
                second *= size.gt(limit).select(limit / size, F64x8::splat(1.0));
            }
            for j in 0..P {
                sums[j] += jacobian[j] * second;
            }
        }
        let mut second = [0.0; P];
        for j in 0..P {
            second[j] = sums[j].sum();
        }
        second
    }
}

impl<R: Rows<P> + ?Sized, const P: usize, const BENDS: bool> Kernel for Factor<'_, R, P, BENDS> {
    type Output = Factored<P>;

    #[cfg_attr(wide, inline(always))]
    fn run(self) -> Factored<P> {
        let zero = F64x8::splat(0.0);
        let mut qr = Qr::EMPTY;
        let (mut gradient, mut count) = ([zero; P], zero);
        let robust = self.0.is_robust;
        let mut k = 0;
        while let Some((mut residuals, mut jacobian, limit)) = self.0.rows.block(self.1, k) {
            k += 1;
            if robust {
                let size = residuals.abs();
                let within = size.le(limit);
                count += within.select(zero, F64x8::splat(1.0));
                let psi = within.select(zero, residuals * (limit / size));
                residuals = within.select(residuals, zero);
                for i in 0..P {
                    gradient[i] += jacobian[i] * psi;
                    jacobian[i] = within.select(jacobian[i], zero);
                }
            }
            qr.push(jacobian, residuals);
        }
        let mut factored = Factored { qr, beyond: [0.0; P], count_beyond: count.sum() };
        for i in 0..P {
            factored.beyond[i] = gradient[i].sum();
        }
        factored
    }
}

impl<const P: usize> Normal<P> {
    /// Where it is not finite. The diagonal of the Gram matrix bounds the rest (Cauchy-Schwarz).
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn not_finite(&self) -> Option<Stage> {
        if !(self.cost.is_finite() && self.square.is_finite()) {
            return Some(Stage::Residual);
        }
        let finite = (0..P).all(|j| self.gradient[j].is_finite() && self.gram[j][j].is_finite());
        if finite { None } else { Some(Stage::Jacobian) }
    }
}
