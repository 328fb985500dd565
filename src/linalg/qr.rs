//! Streaming QR of a tall matrix: eight rows at a time, P x (P + 1) storage.
use crate::math;
use crate::simd::{F64x8, LANES};

/// R and Q'b of [A b], rows streamed through.
///
/// Each block of eight rows is eliminated by P Householder reflections that act on row k of R and the eight lanes
/// (the structure of LAPACK's `dtpqrt`); as backward stable as Householder QR of the whole matrix, column by column, so
/// that the units of the columns do not matter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Qr<const P: usize> {
    /// Upper triangle; a column of zeros leaves its row and column zero.
    pub(crate) r: Triangle<P>,
    /// The first P entries of Q'b.
    pub(crate) c: [f64; P],
}

/// An upper triangular P x P matrix, rows first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Triangle<const P: usize>(pub(crate) [[f64; P]; P]);

impl<const P: usize> Qr<P> {
    /// No rows yet.
    pub(crate) const EMPTY: Qr<P> = Qr { r: Triangle([[0.0; P]; P]), c: [0.0; P] };

    /// Takes in eight rows of A (as P columns) and of b. Rows of zeros change nothing.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn push(&mut self, mut columns: [F64x8; P], mut b: F64x8) {
        let r = &mut self.r.0;
        for k in 0..P {
            let v = columns[k];
            let below = (v * v).sum();
            if below == 0.0 {
                continue;
            }
            let top = r[k][k];
            let norm = math::sqrt(top * top + below);
            // Away from the sign of the top, so that v0 does not cancel.
            let (diagonal, v0) = if top > 0.0 { (-norm, top + norm) } else { (norm, top - norm) };
            let tau = 1.0 / (norm * (norm + top.abs()));
            r[k][k] = diagonal;
            for j in k + 1..P {
                let dot = (v0 * r[k][j] + (v * columns[j]).sum()) * tau;
                r[k][j] -= dot * v0;
                columns[j] -= v * dot;
            }
            let dot = (v0 * self.c[k] + (v * b).sum()) * tau;
            self.c[k] -= dot * v0;
            b -= v * dot;
        }
    }

    /// Takes in P rows.
    fn push_rows(&mut self, rows: &[[f64; P]; P], b: &[f64; P]) {
        for (rows, b) in rows.chunks(LANES).zip(b.chunks(LANES)) {
            let lane = |j: usize| F64x8(core::array::from_fn(|i| rows.get(i).map_or(0.0, |row| row[j])));
            let rhs = F64x8(core::array::from_fn(|i| b.get(i).copied().unwrap_or(0.0)));
            self.push(core::array::from_fn(lane), rhs);
        }
    }

    /// The QR of the same rows with only the `free` columns, the others moved to the right-hand side
    /// (b + A_k `shift`_k), under rows `ridge`_k e_k with right-hand side 0.
    pub(crate) fn reduced(&self, free: &[bool; P], shift: &[f64; P], ridge: &[f64; P]) -> Qr<P> {
        let mut rows = self.r.0;
        let mut rhs = self.c;
        let mut extra = [[0.0; P]; P];
        for k in 0..P {
            for i in 0..P {
                if !free[k] {
                    rhs[i] += rows[i][k] * shift[k];
                    rows[i][k] = 0.0;
                }
            }
            extra[k][k] = if free[k] { ridge[k] } else { 0.0 };
        }
        let mut qr = Qr::EMPTY;
        qr.push_rows(&rows, &rhs);
        qr.push_rows(&extra, &[0.0; P]);
        qr
    }
}

/// Eight triangles, one a lane, for many rows: Givens rotations act lane by lane, without the sums over lanes that a
/// reflection of eight rows needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LaneTriangles<const P: usize>([[F64x8; P]; P]);

impl<const P: usize> LaneTriangles<P> {
    pub(crate) const EMPTY: LaneTriangles<P> = LaneTriangles([[F64x8::splat(0.0); P]; P]);

    /// Adds eight rows, one to each triangle.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn push(&mut self, mut columns: [F64x8; P]) {
        let (zero, one) = (F64x8::splat(0.0), F64x8::splat(1.0));
        for k in 0..P {
            let (a, b) = (self.0[k][k], columns[k]);
            let length = (a * a + b * b).sqrt();
            let is_empty = length.eq(zero);
            let inverse = one / is_empty.select(one, length);
            let (cos, sin) = (is_empty.select(one, a * inverse), b * inverse);
            for j in k..P {
                let (r, x) = (self.0[k][j], columns[j]);
                self.0[k][j] = cos * r + sin * x;
                columns[j] = cos * x - sin * r;
            }
        }
    }

    /// Adds the rows of all eight triangles to `qr`.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn merge_into(&self, qr: &mut Qr<P>) {
        for row in self.0 {
            qr.push(row, F64x8::splat(0.0));
        }
    }
}

impl<const P: usize> Triangle<P> {
    /// Smallest share |R_kk| / |column k| over the `free` columns: 0 if one of them depends on those before it.
    pub(crate) fn pivot_ratio(&self, free: &[bool; P]) -> f64 {
        let mut least = 1.0;
        for k in 0..P {
            if free[k] {
                let mut square = 0.0;
                for i in 0..P {
                    square += self.0[i][k] * self.0[i][k];
                }
                let ratio = self.0[k][k].abs() / math::sqrt(square);
                // NaN (a column of zeros) counts as dependent.
                let ratio = if ratio.is_nan() { 0.0 } else { ratio };
                least = if ratio < least { ratio } else { least };
            }
        }
        least
    }

    /// b / R_ii, or 0 if column i is zero.
    fn divide(&self, b: f64, i: usize) -> f64 {
        if self.0[i][i] == 0.0 { 0.0 } else { b / self.0[i][i] }
    }

    /// x with R x = b over the `free` columns; 0 elsewhere.
    pub(crate) fn solve(&self, b: &[f64; P], free: &[bool; P]) -> [f64; P] {
        let mut x = [0.0; P];
        for i in (0..P).rev() {
            if free[i] {
                let mut sum = b[i];
                for k in i + 1..P {
                    sum -= self.0[i][k] * x[k];
                }
                x[i] = self.divide(sum, i);
            }
        }
        x
    }

    /// x with R' x = b over the `free` columns; 0 elsewhere.
    pub(crate) fn solve_transposed(&self, b: &[f64; P], free: &[bool; P]) -> [f64; P] {
        let mut x = [0.0; P];
        for i in 0..P {
            if free[i] {
                let mut sum = b[i];
                for k in 0..i {
                    sum -= self.0[k][i] * x[k];
                }
                x[i] = self.divide(sum, i);
            }
        }
        x
    }

    /// (R'R)^-1 over the `free` columns; 0 elsewhere.
    pub(crate) fn inverse_gram(&self, free: &[bool; P]) -> [[f64; P]; P] {
        let mut inverse = [[0.0; P]; P];
        for k in 0..P {
            if free[k] {
                let mut unit = [0.0; P];
                unit[k] = 1.0;
                inverse[k] = self.solve(&self.solve_transposed(&unit, free), free);
            }
        }
        // Rounding differs between the two halves; a covariance is symmetric.
        for i in 0..P {
            for j in 0..i {
                let mean = 0.5 * (inverse[i][j] + inverse[j][i]);
                (inverse[i][j], inverse[j][i]) = (mean, mean);
            }
        }
        inverse
    }

    /// Largest over smallest singular value of the `free` columns scaled to unit length; infinite if they are
    /// dependent.
    ///
    /// One-sided Jacobi (Hestenes), which finds small singular values of column-scaled matrices to high relative
    /// accuracy (Demmel and Veselic 1992). 12 sweeps: convergence is quadratic and P <= 9 takes 5 or 6.
    pub(crate) fn condition(&self, free: &[bool; P]) -> f64 {
        // a[k] is column k.
        let mut a = [[0.0; P]; P];
        for k in 0..P {
            for i in 0..P {
                a[k][i] = self.0[i][k];
            }
            let norm = math::sqrt(dot(&a[k], &a[k]));
            for x in &mut a[k] {
                *x /= norm;
            }
        }
        for _ in 0..12 {
            let mut is_settled = true;
            for p in 0..P {
                for q in p + 1..P {
                    if free[p] && free[q] {
                        let (mut u, mut v) = (a[p], a[q]);
                        is_settled &= !rotate(&mut u, &mut v);
                        (a[p], a[q]) = (u, v);
                    }
                }
            }
            if is_settled {
                break;
            }
        }
        let (mut least, mut most) = (f64::INFINITY, 0.0);
        for k in 0..P {
            if free[k] {
                let square = dot(&a[k], &a[k]);
                least = if square < least { square } else { least };
                // NaN (a column of zeros) must not be lost.
                most = if square <= most { most } else { square };
                if square.is_nan() {
                    return f64::INFINITY;
                }
            }
        }
        if least > 0.0 { math::sqrt(most / least) } else { f64::INFINITY }
    }
}

fn dot<const P: usize>(u: &[f64; P], v: &[f64; P]) -> f64 {
    let mut sum = 0.0;
    for i in 0..P {
        sum += u[i] * v[i];
    }
    sum
}

/// Turns two columns in their plane until they are orthogonal.
fn rotate<const P: usize>(u: &mut [f64; P], v: &mut [f64; P]) -> bool {
    let (uu, vv, uv) = (dot(u, u), dot(v, v), dot(u, v));
    if uv * uv <= f64::EPSILON * f64::EPSILON * uu * vv {
        return false;
    }
    // The smaller root of t^2 + 2 zeta t - 1 = 0.
    let zeta = (vv - uu) / (2.0 * uv);
    let root = math::sqrt(1.0 + zeta * zeta);
    let t = if zeta >= 0.0 { 1.0 / (zeta + root) } else { 1.0 / (zeta - root) };
    let cos = 1.0 / math::sqrt(1.0 + t * t);
    let sin = cos * t;
    for (x, y) in u.iter_mut().zip(v.iter_mut()) {
        (*x, *y) = (cos * *x - sin * *y, sin * *x + cos * *y);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Streams rows [a.., b] through.
    fn qr<const P: usize>(rows: &[([f64; P], f64)]) -> Qr<P> {
        let mut qr = Qr::EMPTY;
        for block in rows.chunks(LANES) {
            let column = |j: usize| F64x8(core::array::from_fn(|i| block.get(i).map_or(0.0, |row| row.0[j])));
            qr.push(
                core::array::from_fn(column),
                F64x8(core::array::from_fn(|i| block.get(i).map_or(0.0, |row| row.1))),
            );
        }
        qr
    }

    /// Rows of the quadratic 1 + 2 x + 3 x^2 on x = 0, 1, .. 19.
    fn quadratic() -> [([f64; 3], f64); 20] {
        core::array::from_fn(|i| {
            let x = i as f64;
            ([1.0, x, x * x], 1.0 + 2.0 * x + 3.0 * x * x)
        })
    }

    #[test]
    fn three_four_five() {
        let qr = qr(&[([3.0], 6.0), ([4.0], 8.0)]);
        assert_eq!((qr.r.0[0][0].abs(), qr.r.solve(&qr.c, &[true])), (5.0, [2.0]));
    }

    #[test]
    fn streamed_rows_give_the_least_squares_solution() {
        let qr = qr(&quadratic());
        let x = qr.r.solve(&qr.c, &[true; 3]);
        // Backward error of 10 roundings of b times the condition, over the length of the column (4.5, 50, 760); |b| is
        // 2400 and the condition 10.
        for (k, wanted) in [1.0, 2.0, 3.0].into_iter().enumerate() {
            let column = math::sqrt(quadratic().iter().map(|(a, _)| a[k] * a[k]).sum());
            let limit = 100.0 * f64::EPSILON * 2400.0 / column;
            assert!((x[k] - wanted).abs() < limit, "{} for {wanted}", x[k]);
        }
    }

    #[test]
    fn r_is_the_factor_of_the_gram_matrix() {
        let rows = quadratic();
        let r = qr(&rows).r.0;
        for i in 0..3 {
            for j in 0..3 {
                let gram: f64 = rows.iter().map(|(a, _)| a[i] * a[j]).sum();
                let product: f64 = (0..3).map(|k| r[k][i] * r[k][j]).sum();
                assert!((gram - product).abs() <= 40.0 * f64::EPSILON * gram, "{i} {j}: {gram} {product}");
                assert!(i <= j || r[i][j] == 0.0, "upper triangle");
            }
        }
    }

    #[test]
    fn reducing_is_the_qr_of_fewer_columns_and_more_rows() {
        let whole = qr(&quadratic());
        let reduced = whole.reduced(&[true, false, true], &[0.0, -2.0, 0.0], &[0.0, 0.0, 7.0]);
        // b - 2 x is left for the columns 1 and x^2, with the row 7 e_2.
        let direct = qr(&quadratic().map(|(a, b)| ([a[0], a[2]], b - 2.0 * a[1])));
        let mut direct_ridge = direct;
        direct_ridge.push([F64x8::splat(0.0), F64x8([7.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])], F64x8::splat(0.0));
        let wanted = direct_ridge.r.solve(&direct_ridge.c, &[true; 2]);
        let got = reduced.r.solve(&reduced.c, &[true, false, true]);
        assert_eq!(got[1], 0.0, "the column that is held");
        assert!((got[0] - wanted[0]).abs() < 1e-12 && (got[2] - wanted[1]).abs() < 1e-12, "{got:?} {wanted:?}");
    }

    #[test]
    fn inverse_gram_is_exact_for_powers_of_two() {
        let t = Triangle([[2.0, 1.0], [0.0, 4.0]]);
        // (R'R)^-1 with R^-1 = [1/2, -1/8; 0, 1/4].
        assert_eq!(t.inverse_gram(&[true; 2]), [[0.265625, -0.03125], [-0.03125, 0.0625]]);
        assert_eq!(Triangle([[2.0, 0.0], [0.0, 0.0]]).inverse_gram(&[true, false]), [[0.25, 0.0], [0.0, 0.0]]);
    }

    #[test]
    fn condition_of_two_unit_columns_is_a_half_angle() {
        // Columns at the angle t have the singular values sqrt(1 +- cos t); cos t = 3/5: 2.
        let t = Triangle([[1.0, 30.0], [0.0, 40.0]]);
        assert!((t.condition(&[true; 2]) - 2.0).abs() < 8.0 * f64::EPSILON, "{}", t.condition(&[true; 2]));
        assert_eq!(t.condition(&[true, false]), 1.0, "one column");
        assert_eq!(Triangle([[1.0, 1.0], [0.0, 0.0]]).condition(&[true; 2]), f64::INFINITY, "parallel");
        assert_eq!(Triangle([[1.0, 0.0], [0.0, 0.0]]).condition(&[true; 2]), f64::INFINITY, "a column of zeros");
        // cos t = 1 - 1e-12, so a condition of sqrt(2e12): the inverse of the square would lose 12 of the 16 digits.
        let s = 1.0 - 1e-12;
        let c = Triangle([[1.0, s], [0.0, math::sqrt((1.0 - s) * (1.0 + s))]]).condition(&[true; 2]);
        let wanted = math::sqrt((1.0 + s) / (1.0 - s));
        assert!((c / wanted - 1.0).abs() < 1e-9, "{c} {wanted}");
    }

    #[test]
    fn dependent_columns_show_in_the_pivots() {
        let dependent = qr(&quadratic().map(|(a, b)| ([a[0], a[1], a[0] + a[1]], b)));
        assert!(dependent.r.pivot_ratio(&[true; 3]) < 1e-15);
        assert_eq!(Qr::<2>::EMPTY.r.pivot_ratio(&[true; 2]), 0.0, "no rows");
    }

    #[test]
    fn triangles_in_lanes_are_the_triangle_of_all_rows() {
        let row = |k: usize| {
            let x = F64x8([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]) + 8.0 * k as f64;
            [x, x * x * 0.01, F64x8::splat(1.0)]
        };
        let (mut all, mut some, mut lanes) = (Qr::<3>::EMPTY, Qr::<3>::EMPTY, LaneTriangles::<3>::EMPTY);
        for k in 0..12 {
            all.push(row(k), F64x8::splat(0.0));
            if k == 0 { some.push(row(k), F64x8::splat(0.0)) } else { lanes.push(row(k)) }
        }
        lanes.merge_into(&mut some);
        let free = [true; 3];
        let (a, b) = (all.r.inverse_gram(&free), some.r.inverse_gram(&free));
        for (a, b) in a.as_flattened().iter().zip(b.as_flattened()) {
            // Condition 1e3 of the columns, squared, times some 10 eps.
            assert!((a - b).abs() <= 1e-8 * a.abs(), "{a} {b}");
        }
    }
}
