//! The order of residuals: the exact distribution of the Durbin-Watson ratio of a fit.
//!
//! The residuals of a fit depend on each other: e = M z with M = I - Q Q', the projection that takes off what the law could
//! have bent to (Q an orthonormal basis of the columns of its Jacobian), and z normal. d = e' A e / e' e with A the sum of
//! squared differences of neighbours is small where neighbours are alike. Then P(d <= x) = P(z' M (A - x I) M z <= 0), and
//! the moment generating function of that form is 1 / sqrt(det B det Q' B^-1 Q) with B = I - 2 s (A - x I), tridiagonal: one
//! sweep over the sizes. The probability is an integral of it along a line in the plane of s.
//!
//! Source: Durbin and Watson, Biometrika 58 (1971) 1, for d; Ansley, Kohn and Shively, J. Econometrics 54 (1992) 277, for
//! its probability in a number of operations that grows with the number of points.
use core::f64::consts::PI;

use crate::math;

/// Most residuals: as many as a curve has nodes.
pub(super) const MOST: usize = 64;

/// A column of the Jacobian whose part outside of the columns before is smaller than this share of it is a combination of
/// them: the least of the laws that are fitted have some 1e-4.
const DEPENDENT: f64 = 1e-8;

/// Step of the trapezoidal rule in v, where the line is c + i |c| sinh v: the singularities lie on the real axis at a distance
/// of |c| at least, which is |Im v| >= pi / 2, so that the error falls as e^(-pi^2 / step): 6e-13.
const STEP: f64 = 0.35;
/// e^STEP.
const GROWTH: f64 = 1.419_067_548_593_257_1;
/// Terms below this end the sum, and the most there can be: the integrand falls as e^(-v) with two residuals that are free.
const LAST: f64 = 1e-13;
const TERMS: u32 = 100;

#[derive(Clone, Copy)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    fn times(self, by: Complex) -> Complex {
        Complex { re: self.re * by.re - self.im * by.im, im: self.re * by.im + self.im * by.re }
    }

    fn minus(self, other: Complex) -> Complex {
        Complex { re: self.re - other.re, im: self.im - other.im }
    }

    fn inverse(self) -> Complex {
        let square = self.re * self.re + self.im * self.im;
        Complex { re: self.re / square, im: -self.im / square }
    }

    /// The root with a positive real part.
    fn root(self) -> Complex {
        let size = math::sqrt(self.re * self.re + self.im * self.im);
        let re = math::sqrt(0.5 * (size + self.re));
        let im = math::sqrt(0.5 * (size - self.re).max(0.0));
        Complex { re, im: if self.im < 0.0 { -im } else { im } }
    }
}

/// A product of factors with positive real parts, and of which branch its root is: the argument grows by less than a
/// quarter turn each time, so that a crossing of the negative axis is seen.
struct Product {
    value: Complex,
    is_turned: bool,
    /// Powers of [`Product::LARGE`] that were taken out.
    taken: f64,
}

impl Product {
    const LARGE: f64 = 1e100;

    fn by(&mut self, factor: Complex) {
        let next = self.value.times(factor);
        self.is_turned ^= (self.value.im < 0.0) != (next.im < 0.0) && next.re < 0.0;
        self.value = next;
        if next.re.abs() + next.im.abs() > Product::LARGE {
            self.value = Complex { re: next.re / Product::LARGE, im: next.im / Product::LARGE };
            self.taken += 1.0;
        }
    }

    /// 1 / sqrt.
    fn inverse_root(&self) -> Complex {
        let root = self.value.root().inverse();
        // 1e-50 for each power of 1e100; beyond six of them nothing is left.
        let mut sign = if self.is_turned { -1.0 } else { 1.0 };
        let mut left = self.taken;
        while left > 0.5 && sign != 0.0 {
            sign *= 1e-50;
            left -= 1.0;
        }
        Complex { re: sign * root.re, im: sign * root.im }
    }
}

/// A residual of weight 1 and its row of the Jacobian.
pub(super) type Row = (f64, [f64; 3]);

/// Residuals in the order of n, less what the law could have bent to.
pub(super) struct Order<'a> {
    /// Beside each residual its row of Q; columns that depend on others are 0.
    rows: &'a [Row],
    rank: usize,
}

impl<'a> Order<'a> {
    /// From the weighted residuals and rows of the Jacobian, in place; columns that are not `free` are left out.
    pub(super) fn new(rows: &'a mut [Row], free: [bool; 3]) -> Order<'a> {
        for (_, row) in rows.iter_mut() {
            for (entry, free) in row.iter_mut().zip(free) {
                *entry = if free { *entry } else { 0.0 };
            }
        }
        // Gram and Schmidt, twice: the second time takes off what rounding has left.
        let mut rank = 0;
        for column in 0..3 {
            let before = product(rows, column, column);
            for _ in 0..2 {
                for other in 0..column {
                    let share = product(rows, column, other);
                    for (_, row) in rows.iter_mut() {
                        row[column] -= share * row[other];
                    }
                }
            }
            let after = product(rows, column, column);
            let is_new = after > DEPENDENT * DEPENDENT * before;
            let by = if is_new { 1.0 / math::sqrt(after) } else { 0.0 };
            rank += usize::from(is_new);
            for (_, row) in rows.iter_mut() {
                row[column] *= by;
            }
        }
        for _ in 0..2 {
            for column in 0..3 {
                let share: f64 = rows.iter().map(|(r, row)| row[column] * r).sum();
                for (r, row) in rows.iter_mut() {
                    *r -= share * row[column];
                }
            }
        }
        Order { rows, rank }
    }

    /// Of rows that were made so, and the rank.
    pub(super) fn of(rows: &'a [Row], rank: usize) -> Order<'a> {
        Order { rows, rank }
    }

    pub(super) fn rank(&self) -> usize {
        self.rank
    }

    /// The residuals that are left.
    pub(super) fn residuals(&self) -> impl Iterator<Item = f64> + '_ {
        self.rows.iter().map(|(r, _)| *r)
    }

    /// How many they are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// In how many directions they are free.
    pub(super) fn freedom(&self) -> usize {
        self.rows.len().saturating_sub(self.rank)
    }

    /// Their sum of squares.
    pub(super) fn squares(&self) -> f64 {
        self.residuals().map(|r| r * r).sum()
    }

    /// d, from 0 (neighbours alike) to 4 (they alternate).
    pub(super) fn ratio(&self) -> f64 {
        let differences = self.residuals().zip(self.residuals().skip(1)).map(|(a, b)| (a - b) * (a - b));
        differences.sum::<f64>() / self.squares()
    }

    /// Mean and variance of d without order: from the traces of M A and of its square.
    pub(super) fn moments(&self) -> (f64, f64) {
        let (n, free) = (self.rows.len() as f64, self.freedom() as f64);
        let (mut forms, mut squares) = ([[0.0; 3]; 3], [0.0; 3]);
        let mut before = [0.0; 3];
        for (k, (_, row)) in self.rows.iter().enumerate() {
            let after = self.rows.get(k + 1).map_or(*row, |(_, after)| *after);
            let first = if k == 0 { *row } else { before };
            let mut image = [0.0; 3];
            for (((slot, x), a), b) in image.iter_mut().zip(row).zip(first).zip(after) {
                *slot = (x - a) + (x - b);
            }
            for (((line, square), x), y) in forms.iter_mut().zip(&mut squares).zip(row).zip(image) {
                *square += y * y;
                for (slot, z) in line.iter_mut().zip(image) {
                    *slot += x * z;
                }
            }
            before = *row;
        }
        let trace = 2.0 * (n - 1.0) - (forms[0][0] + forms[1][1] + forms[2][2]);
        let cross: f64 = forms.iter().flatten().map(|f| f * f).sum();
        let square = (6.0 * n - 8.0) - 2.0 * squares.iter().sum::<f64>() + cross;
        let mean = trace / free;
        (mean, 2.0 * (free * square - trace * trace) / (free * free * (free + 2.0)))
    }

    /// The probability of a ratio of `x` or less without order, to 1e-11; needs two directions at least.
    pub(super) fn below(&self, x: f64) -> f64 {
        if !(x > 0.0) {
            return 0.0;
        }
        // Half the distance to where B is singular at the earliest: A is at least 0.
        let c = -0.25 / x;
        let at = |y: f64| {
            let s = Complex { re: c, im: y };
            self.generating(x, s).times(s.inverse())
        };
        let mut sum = 0.5 * at(0.0).re;
        let mut power = 1.0;
        for _ in 0..TERMS {
            power *= GROWTH;
            let (sinh, cosh) = (0.5 * (power - 1.0 / power), 0.5 * (power + 1.0 / power));
            let value = at(-c * sinh);
            sum += value.re * cosh;
            if !((value.re.abs() + value.im.abs()) * cosh * -c > LAST) {
                break;
            }
        }
        (STEP / PI * c * sum).max(0.0).min(1.0)
    }

    /// E exp(s z' M (A - x I) M z). The real part of B is positive definite to the left of 0, so that the pivots of B and of
    /// Q' B^-1 Q have positive real parts.
    fn generating(&self, x: f64, s: Complex) -> Complex {
        const ZERO: Complex = Complex { re: 0.0, im: 0.0 };
        const ONE: Complex = Complex { re: 1.0, im: 0.0 };
        let mut product = Product { value: ONE, is_turned: false, taken: 0.0 };
        let mut gram = [[ZERO; 3]; 3];
        let (off, last) = (Complex { re: 2.0 * s.re, im: 2.0 * s.im }, self.rows.len().saturating_sub(1));
        // Forward substitution of the rows of Q on the way.
        let (mut inverse, mut forward) = (ZERO, [ZERO; 3]);
        for (k, (_, row)) in self.rows.iter().enumerate() {
            let ends = if k == 0 || k == last { 1.0 } else { 2.0 };
            let diagonal = Complex { re: 1.0 + off.re * (x - ends), im: off.im * (x - ends) };
            let factor = off.times(inverse);
            let pivot = diagonal.minus(factor.times(off));
            product.by(pivot);
            inverse = pivot.inverse();
            for (slot, entry) in forward.iter_mut().zip(row) {
                *slot = Complex { re: *entry, im: 0.0 }.minus(factor.times(*slot));
            }
            for (line, x) in gram.iter_mut().zip(forward) {
                let share = x.times(inverse);
                for (slot, y) in line.iter_mut().zip(forward) {
                    let more = share.times(y);
                    *slot = Complex { re: slot.re + more.re, im: slot.im + more.im };
                }
            }
        }
        // L D L' of the part with columns: a column of zeros is none.
        for column in 0..3 {
            let pivot = gram[column][column];
            if pivot.re == 0.0 && pivot.im == 0.0 {
                continue;
            }
            product.by(pivot);
            let inverse = pivot.inverse();
            for i in column + 1..3 {
                let share = gram[i][column].times(inverse);
                #[allow(clippy::needless_range_loop, reason = "two rows of one matrix")]
                for j in column + 1..=i {
                    gram[i][j] = gram[i][j].minus(share.times(gram[j][column]));
                }
            }
        }
        product.inverse_root()
    }
}

/// The product of two columns.
fn product(rows: &[Row], a: usize, b: usize) -> f64 {
    // By `get`: a column by number keeps a panic path.
    let entry = |row: &[f64; 3], column: usize| row.get(column).copied().unwrap_or(0.0);
    rows.iter().map(|(_, row)| entry(row, a) * entry(row, b)).sum()
}

#[cfg(test)]
mod tests {
    use super::super::super::bootstrap::Stream;
    use super::*;

    /// Rows of a law with this rate over `len` sizes, the first `columns` columns free; steps of ln n from the stream.
    fn rows(len: usize, alpha: f64, draws: &Stream) -> [Row; MOST] {
        let mut t = 0.0;
        let mut rows = [(0.0, [0.0; 3]); MOST];
        for (k, slot) in (0..).zip(rows.iter_mut().take(len)) {
            t += 0.1 + draws.unit(k);
            let u = math::exp(-alpha * t);
            *slot = (1.0, [u, u * t, 1.0]);
        }
        rows
    }

    /// The share of ratios below `x` among simulated residuals: projected one column after the other by the normal
    /// equations of three unknowns, written out.
    fn simulated(rows: &[Row], free: [bool; 3], x: f64, draws: u64) -> f64 {
        let mut below = 0;
        for draw in 0..draws {
            let stream = Stream::new(17, draw);
            let mut z = [0.0; MOST];
            let len = rows.len();
            for (k, slot) in (0..).zip(z.iter_mut().take(len)) {
                *slot = math::normal_quantile(stream.unit(k));
            }
            // Least squares by coordinate descent would be slow; by Cramer's rule it is three lines.
            let (mut a, mut b) = ([[0.0; 3]; 3], [0.0; 3]);
            for ((_, row), z) in rows.iter().zip(z) {
                for i in 0..3 {
                    b[i] += row[i] * z;
                    for j in 0..3 {
                        a[i][j] += row[i] * row[j];
                    }
                }
            }
            for i in 0..3 {
                if !free[i] {
                    #[allow(clippy::needless_range_loop, reason = "indices of matrices")]
                    for j in 0..3 {
                        (a[i][j], a[j][i]) = (0.0, 0.0);
                    }
                    (a[i][i], b[i]) = (1.0, 0.0);
                }
            }
            let det = |m: [[f64; 3]; 3]| {
                m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
                    + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
            };
            let whole = det(a);
            let by = [0, 1, 2].map(|k| {
                let mut m = a;
                for i in 0..3 {
                    m[i][k] = b[i];
                }
                det(m) / whole
            });
            let e = |k: usize| z[k] - (0..3).map(|j| by[j] * rows[k].1[j]).sum::<f64>();
            let squares: f64 = (0..len).map(|k| e(k) * e(k)).sum();
            let differences: f64 = (1..len).map(|k| (e(k) - e(k - 1)) * (e(k) - e(k - 1))).sum();
            below += u64::from(differences <= x * squares);
        }
        below as f64 / draws as f64
    }

    #[test]
    fn the_ratio_has_its_distribution() {
        for (len, free) in
            [(5, [true; 3]), (7, [true; 3]), (7, [true, true, false]), (12, [false, false, true]), (9, [false; 3])]
        {
            let all = rows(len, 0.5, &Stream::new(3, len as u64));
            let mut taken = all;
            let order = Order::new(&mut taken[..len], free);
            assert_eq!(order.freedom(), len - free.iter().filter(|f| **f).count());
            let (mean, variance) = order.moments();
            for shift in [-1.5, -0.5, 1.0] {
                let x = mean + shift * math::sqrt(variance);
                let (exact, draws) = (order.below(x), 4000);
                let share = simulated(&all[..len], free, x, draws);
                // Four standard deviations of a share.
                let room = 4.0 * math::sqrt(exact * (1.0 - exact) / draws as f64);
                assert!((share - exact).abs() < room, "{len} {free:?} at {x}: {exact}, simulated {share}");
            }
        }
    }

    #[test]
    fn two_free_directions_have_the_arcsine_law() {
        // Two residuals without a law: A has the values 0 and 2, and d = 1 - sin 2 phi with phi uniform.
        let mut two = [(1.0, [0.0; 3]), (2.0, [0.0; 3])];
        let order = Order::new(&mut two, [false; 3]);
        for (x, p) in [(1.0, 0.5), (0.5, 1.0 / 3.0), (1.5, 2.0 / 3.0)] {
            assert!((order.below(x) - p).abs() < 1e-10, "{x}: {}", order.below(x));
        }
        assert_eq!(order.below(0.0), 0.0);
        assert!((order.below(1e-6) - 2.0 * math::sqrt(1e-6 / 2.0) / PI).abs() < 1e-9, "{}", order.below(1e-6));
    }

    #[test]
    fn a_ratio_near_its_mean_is_no_alarm() {
        let mut least = 1.0_f64;
        for len in 3..=MOST {
            for alpha in [0.0, 0.1, 0.5, 2.0, 10.0] {
                for (free, seed) in
                    [([true; 3], 1), ([true, true, false], 2), ([false, false, true], 3), ([false; 3], 4)]
                {
                    let mut all = rows(len, alpha, &Stream::new(seed, len as u64));
                    let order = Order::new(&mut all[..len], free);
                    if order.freedom() >= 2 {
                        let (mean, variance) = order.moments();
                        least = least.min(order.below(mean - super::super::SURE * math::sqrt(variance)));
                    }
                }
            }
        }
        assert!(least > 0.05 && least < 0.1, "{least}");
    }
}
