//! Updates of a packed lower triangle by sums of products, in tiles: what covariance and Cholesky factor spend their time
//! on.
/// Rows and columns of a tile: two panels of this side and [`DEPTH`] stay in a 48 KB first-level cache.
pub(super) const SIDE: usize = 32;
/// Products that are summed before the triangle is touched: with d = 2048 it has 17 MB, and each touch reads and writes
/// all of it.
pub(super) const DEPTH: usize = 64;
/// Rows of a tile, and products of each, that one pass over the columns takes: sixteen products for four loads and stores
/// of sums.
const QUAD: usize = 4;

/// Index of the first entry of row `i` of a packed lower triangle.
#[cfg_attr(wide, inline(always))]
pub(super) fn row_start(i: usize) -> usize {
    i * (i + 1) / 2
}

/// [`SIDE`] columns of up to `DEPTH + 1` rows; columns beyond the data are 0.
#[repr(align(64))]
pub(super) struct Panel {
    pub(super) rows: [[f64; SIDE]; DEPTH + QUAD],
    pub(super) used: usize,
}

impl Panel {
    pub(super) const EMPTY: Panel = Panel { rows: [[0.0; SIDE]; DEPTH + QUAD], used: 0 };

    /// Rows of zeros up to a multiple of [`QUAD`].
    #[cfg_attr(wide, inline(always))]
    pub(super) fn pad(&mut self) {
        for row in self.rows.iter_mut().skip(self.used).take(QUAD - 1) {
            *row = [0.0; SIDE];
        }
    }
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
    /// triangle[i][j] += sign * sum_k a[k][i] b[k][j] over the tile's part of the lower triangle, k in order. Both panels
    /// are padded and of the same length.
    #[cfg_attr(wide, inline(always))]
    pub(super) fn add(self, triangle: &mut [f64], a: &Panel, b: &Panel, sign: f64) {
        for quad in 0..SIDE / QUAD {
            let sums = products(a, b, quad);
            for (r, sums) in sums.iter().enumerate() {
                let i = self.row + QUAD * quad + r;
                let end = if self.strict { i } else { i + 1 };
                let width = end.saturating_sub(self.column).min(SIDE);
                let start = row_start(i) + self.column;
                if i < self.dimension
                    && let Some(out) = triangle.get_mut(start..start + width)
                {
                    add_row(out, sums, sign);
                }
            }
        }
    }
}

#[cfg_attr(wide, inline(always))]
fn add_row(out: &mut [f64], sums: &[f64; SIDE], sign: f64) {
    // A constant length is what vectorises; shorter parts are those on the diagonal.
    if let Some(out) = out.first_chunk_mut::<SIDE>() {
        for l in 0..SIDE {
            out[l] += sign * sums[l];
        }
    } else {
        for (out, sum) in out.iter_mut().zip(sums) {
            *out += sign * sum;
        }
    }
}

/// Sums of the products of four columns of `a` with all of `b`.
///
/// One loop over the columns around sixteen products: a loop around four over eight lanes is unrolled before it can be
/// vectorised, and comes apart into scalars (17 s instead of 5 s for d = 2048, N = 10,000 with AVX-512).
#[cfg_attr(wide, inline(always))]
fn products(a: &Panel, b: &Panel, quad: usize) -> [[f64; SIDE]; QUAD] {
    let mut sums = [[0.0; SIDE]; QUAD];
    let (a_quads, b_quads) = (a.rows.as_chunks::<QUAD>().0, b.rows.as_chunks::<QUAD>().0);
    for (a, b) in a_quads.iter().zip(b_quads).take(a.used.div_ceil(QUAD)) {
        let mut x = [[0.0; QUAD]; QUAD];
        for k in 0..QUAD {
            x[k] = a[k].as_chunks::<QUAD>().0[quad & (SIDE / QUAD - 1)];
        }
        for l in 0..SIDE {
            for r in 0..QUAD {
                let mut sum = sums[r][l];
                sum += x[0][r] * b[0][l];
                sum += x[1][r] * b[1][l];
                sum += x[2][r] * b[2][l];
                sum += x[3][r] * b[3][l];
                sums[r][l] = sum;
            }
        }
    }
    sums
}
