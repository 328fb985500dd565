//! Updates of a packed lower triangle by sums of products, in tiles: what covariance and Cholesky factor spend their time
//! on.
use crate::simd::{F64x8, LANES};

/// Rows and columns of a tile: two panels of this side and [`DEPTH`] stay in a 48 KB first-level cache.
pub(super) const SIDE: usize = 32;
/// Products that are summed before the triangle is touched: with d = 2048 it has 17 MB, and each touch reads and writes
/// all of it.
pub(super) const DEPTH: usize = 64;
/// Rows of a tile that are summed at once: four chains of additions hide the latency of one.
const QUAD: usize = 4;

/// Index of the first entry of row `i` of a packed lower triangle.
#[inline(always)]
pub(super) fn row_start(i: usize) -> usize {
    i * (i + 1) / 2
}

/// [`SIDE`] columns of up to `DEPTH + 1` rows; columns beyond the data are 0.
#[repr(align(64))]
pub(super) struct Panel {
    pub(super) rows: [[f64; SIDE]; DEPTH + 1],
    pub(super) used: usize,
}

impl Panel {
    pub(super) const EMPTY: Panel = Panel { rows: [[0.0; SIDE]; DEPTH + 1], used: 0 };
}

/// A tile of the triangle of dimension `dimension`, by the indices of its first row and column.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    pub(super) dimension: usize,
    pub(super) row: usize,
    pub(super) column: usize,
    /// Whether the diagonal is left alone.
    pub(super) strict: bool,
}

impl Tile {
    /// triangle[i][j] += sign * sum_k a[k][i] b[k][j] over the tile's part of the lower triangle, k in order.
    #[inline(always)]
    pub(super) fn add(self, triangle: &mut [f64], a: &Panel, b: &Panel, sign: f64) {
        for quad in 0..SIDE / QUAD {
            for octet in 0..SIDE / LANES {
                let (i, j) = (self.row + QUAD * quad, self.column + LANES * octet);
                if i >= self.dimension || j > i + (QUAD - 1) {
                    break;
                }
                let sums = products(a, b, quad, octet);
                for r in 0..QUAD {
                    let i = i + r;
                    let end = if self.strict { i } else { i + 1 };
                    let width = end.saturating_sub(j).min(LANES);
                    let start = row_start(i) + j;
                    if i < self.dimension
                        && let Some(out) = triangle.get_mut(start..start + width)
                    {
                        add_lanes(out, &sums[r & (QUAD - 1)], sign);
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn add_lanes(out: &mut [f64], sums: &F64x8, sign: f64) {
    // A constant length is what vectorises; shorter parts are those on the diagonal.
    if let Some(out) = out.first_chunk_mut::<LANES>() {
        for l in 0..LANES {
            out[l] += sign * sums.0[l];
        }
    } else {
        for (out, sum) in out.iter_mut().zip(sums.0) {
            *out += sign * sum;
        }
    }
}

/// Sums of the products of four columns of `a` with eight of `b`.
#[inline(always)]
fn products(a: &Panel, b: &Panel, quad: usize, octet: usize) -> [F64x8; QUAD] {
    let mut sums = [F64x8::splat(0.0); QUAD];
    for (a, b) in a.rows.iter().zip(&b.rows).take(a.used) {
        let a = a.as_chunks::<QUAD>().0[quad & (SIDE / QUAD - 1)];
        let b = b.as_chunks::<LANES>().0[octet & (SIDE / LANES - 1)];
        for l in 0..LANES {
            sums[0].0[l] += a[0] * b[l];
            sums[1].0[l] += a[1] * b[l];
            sums[2].0[l] += a[2] * b[l];
            sums[3].0[l] += a[3] * b[l];
        }
    }
    sums
}
