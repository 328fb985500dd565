//! L D L' of a symmetric positive definite matrix.

/// The factors of a P x P matrix: unit lower triangle and diagonal, without a square root.
///
/// Not pivoted: the factorisation of a positive definite matrix is backward stable in any order (Higham, Accuracy and
/// Stability of Numerical Algorithms, 2nd ed., theorem 10.3), and it commutes with a diagonal scaling of rows and
/// columns, so that units of the parameters do not matter either.
pub(crate) struct Ldl<const P: usize> {
    lower: [[f64; P]; P],
    diagonal: [f64; P],
    /// min_k d_k / a_kk: the share of column k that the columns before it do not explain, 1 for orthogonal columns,
    /// at or below about P eps if the matrix is singular to rounding.
    pub(crate) pivot_ratio: f64,
}

impl<const P: usize> Ldl<P> {
    /// Factors the lower triangle of `a` plus `ridge` on its diagonal. Rows and columns that are not `free` count as
    /// absent: their solution is 0.
    #[inline(always)]
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
            let ratio = pivot / whole;
            // Written so that NaN counts as singular.
            if !(ratio >= f.pivot_ratio) {
                f.pivot_ratio = if ratio < f.pivot_ratio { ratio } else { 0.0 };
            }
            f.diagonal[i] = 1.0 / pivot;
        }
        f
    }

    /// Solves A x = b.
    #[inline(always)]
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
}
