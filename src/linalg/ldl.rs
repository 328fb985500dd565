//! L D L' of a symmetric positive definite matrix.

/// The factors of a P x P matrix: unit lower triangle and diagonal, without a square root.
///
/// Not pivoted: the factorisation of a positive definite matrix is backward stable in any order (Higham, Accuracy and
/// Stability of Numerical Algorithms, 2nd ed., theorem 10.3), and it commutes with a diagonal scaling of rows and
/// columns, so that units of the parameters do not matter either.
pub(crate) struct Ldl<const P: usize> {
    lower: [[f64; P]; P],
    /// 1/d_k; 0 for a column of zeros, whose solution is 0.
    diagonal: [f64; P],
    /// min_k d_k / a_kk: the share of column k that the columns before it do not explain, 1 for orthogonal columns,
    /// at or below about P eps if the matrix is singular to rounding.
    pub(crate) pivot_ratio: f64,
}

impl<const P: usize> Ldl<P> {
    /// Factors the lower triangle of `a` plus `ridge` on its diagonal. Rows and columns that are not `free` count as
    /// absent: their solution is 0.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn new(a: &[[f64; P]; P], ridge: &[f64; P], free: &[bool; P]) -> Ldl<P> {
        let mut f = Ldl { lower: [[0.0; P]; P], diagonal: [0.0; P], pivot_ratio: 1.0 };
        for i in 0..P {
            if !free[i] {
                continue;
            }
            // Row i of L D first, then of L.
            let mut pivot = a[i][i] + ridge[i];
            let whole = pivot;
            let mut row = [0.0; P];
            for j in 0..i {
                if !free[j] {
                    continue;
                }
                let mut sum = a[i][j];
                for k in 0..j {
                    sum -= row[k] * f.lower[j][k];
                }
                row[j] = sum;
                f.lower[i][j] = sum * f.diagonal[j];
                pivot -= sum * f.lower[i][j];
            }
            // A column of zeros (or NaN) counts as singular.
            let ratio = if whole > 0.0 { pivot / whole } else { 0.0 };
            if ratio < f.pivot_ratio {
                f.pivot_ratio = ratio;
            }
            f.diagonal[i] = if whole == 0.0 { 0.0 } else { 1.0 / pivot };
        }
        f
    }

    /// Solves A x = b.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn solve(&self, b: &[f64; P]) -> [f64; P] {
        let mut x = *b;
        for i in 0..P {
            for k in 0..i {
                x[i] -= self.lower[i][k] * x[k];
            }
        }
        for i in (0..P).rev() {
            x[i] *= self.diagonal[i];
            for k in i + 1..P {
                x[i] -= self.lower[k][i] * x[k];
            }
        }
        x
    }

    /// The inverse on the free rows and columns, zeros elsewhere.
    pub(crate) fn inverse(&self, free: &[bool; P]) -> [[f64; P]; P] {
        let mut inverse = [[0.0; P]; P];
        for j in 0..P {
            if free[j] {
                let mut unit = [0.0; P];
                unit[j] = 1.0;
                inverse[j] = self.solve(&unit);
            }
        }
        inverse
    }
}

/// v' A v.
pub(crate) fn form<const P: usize>(a: &[[f64; P]; P], v: &[f64; P]) -> f64 {
    let mut sum = 0.0;
    for (row, x) in a.iter().zip(v) {
        for (entry, y) in row.iter().zip(v) {
            sum += x * entry * y;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_an_exact_system() {
        // L = [1; 2 1; 3 4 1], D = diag(1, 2, 4): all operations exact.
        let a = [[1.0, 0.0, 0.0], [2.0, 6.0, 0.0], [3.0, 14.0, 45.0]];
        let ldl = Ldl::new(&a, &[0.0; 3], &[true; 3]);
        // A [1 1 1]' = [6, 22, 62].
        assert_eq!(ldl.solve(&[6.0, 22.0, 62.0]), [1.0, 1.0, 1.0]);
        assert_eq!(ldl.pivot_ratio, 4.0 / 45.0, "the least of 1, 2/6, 4/45");
    }

    #[test]
    fn absent_parameters_stay() {
        let a = [[2.0, 0.0], [9.0, 4.0]];
        assert_eq!(Ldl::new(&a, &[0.0; 2], &[true, false]).solve(&[6.0, 0.0]), [3.0, 0.0]);
        assert_eq!(Ldl::new(&a, &[0.0; 2], &[false, true]).solve(&[0.0, 8.0]), [0.0, 2.0]);
        assert_eq!(Ldl::new(&a, &[0.0, 4.0], &[false, true]).solve(&[0.0, 8.0]), [0.0, 1.0], "with a ridge");
    }

    #[test]
    fn dependent_columns_show_in_the_pivots() {
        assert_eq!(Ldl::new(&[[1.0, 0.0], [2.0, 4.0]], &[0.0; 2], &[true; 2]).pivot_ratio, 0.0);
        let zero = Ldl::new(&[[1.0, 0.0], [0.0, 0.0]], &[0.0; 2], &[true; 2]);
        assert_eq!((zero.pivot_ratio, zero.solve(&[1.0, 0.0])), (0.0, [1.0, 0.0]));
    }
}
