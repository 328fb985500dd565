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
    #[inline(always)]
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
                columns[j] = columns[j] - v * dot;
            }
            let dot = (v0 * self.c[k] + (v * b).sum()) * tau;
            self.c[k] -= dot * v0;
            b = b - v * dot;
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
                if !(ratio >= least) {
                    least = if ratio < least { ratio } else { 0.0 };
                }
            }
        }
        least
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
                x[i] = sum / self.0[i][i];
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
                x[i] = sum / self.0[i][i];
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
            for p in 0..P {
                for q in p + 1..P {
                    if free[p] && free[q] {
                        let (mut u, mut v) = (a[p], a[q]);
                        rotate(&mut u, &mut v);
                        (a[p], a[q]) = (u, v);
                    }
                }
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
fn rotate<const P: usize>(u: &mut [f64; P], v: &mut [f64; P]) {
    let (uu, vv, uv) = (dot(u, u), dot(v, v), dot(u, v));
    if uv == 0.0 || uv.abs() <= f64::EPSILON * math::sqrt(uu * vv) {
        return;
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
}
