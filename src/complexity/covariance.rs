//! Streaming, mergeable covariance in the caller's memory.
use super::error::ComplexityError;
use super::tiles::{DEPTH, Panel, SIDE, Tile, row_start};
use crate::math;
use crate::simd::{Isa, Kernel};

/// Mean and scatter (the sum of products of deviations from the mean) of vectors of d activations.
///
/// Blocks of up to 64 rows are reduced about their own mean and merged by Chan, Golub and LeVeque (1979), so that neither
/// a large mean nor the number of rows costs digits. One row at a time is Welford's method, and reads and writes the
/// whole triangle for each: prefer [`Covariance::push_rows`] with 64 rows or more.
///
/// ```
/// use syn2real::complexity::{Covariance, EntropyOptions};
///
/// let (mut mean, mut packed) = ([0.0; 2], [0.0; 3]);
/// let mut covariance = Covariance::new(&mut mean, &mut packed)?;
/// covariance.push_rows(&[1.0, 0.0, 2.0, 3.0, 3.0, 0.0])?;
/// assert_eq!((covariance.count(), covariance.mean()), (3, &[2.0, 1.0][..]));
/// // [[2, 0], [0, 6]] / 2, so H = ln(2 pi e) + 1/2 ln 3.
/// let entropy = covariance.entropy(&EntropyOptions::default())?;
/// assert!((entropy.entropy - 3.387183).abs() < 1e-6);
/// # Ok::<(), syn2real::complexity::ComplexityError>(())
/// ```
#[derive(Debug)]
pub struct Covariance<'a> {
    pub(super) count: u64,
    pub(super) mean: &'a mut [f64],
    /// Lower triangle of the scatter, row by row.
    pub(super) scatter: &'a mut [f64],
}

impl<'a> Covariance<'a> {
    /// An empty accumulator over `mean.len()` = d >= 1 units; `packed` takes d (d + 1)/2 values. Both are overwritten.
    ///
    /// # Errors
    /// [`ComplexityError::Buffer`] if the lengths do not fit.
    pub fn new(mean: &'a mut [f64], packed: &'a mut [f64]) -> Result<Covariance<'a>, ComplexityError> {
        let d = mean.len();
        if d == 0 {
            return Err(ComplexityError::Buffer { buffer: "mean", needed: 1, got: 0 });
        }
        // d (d + 1) overflows only where no buffer could be long enough.
        let needed = d.checked_add(1).and_then(|next| next.checked_mul(d)).map_or(usize::MAX, |twice| twice / 2);
        if packed.len() != needed {
            return Err(ComplexityError::Buffer { buffer: "packed", needed, got: packed.len() });
        }
        mean.fill(0.0);
        packed.fill(0.0);
        Ok(Covariance { count: 0, mean, scatter: packed })
    }

    /// Number of units d.
    pub fn dimension(&self) -> usize {
        self.mean.len()
    }

    /// Rows seen.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Mean of the rows, d values; zeros before the first.
    pub fn mean(&self) -> &[f64] {
        self.mean
    }

    /// Sum of (x_i - mean_i)(x_j - mean_j) over the rows: the covariance times their number (or their number less 1).
    /// `None` beyond the dimension.
    pub fn scatter(&self, i: usize, j: usize) -> Option<f64> {
        let (row, column) = (i.max(j), i.min(j));
        if row >= self.dimension() {
            return None;
        }
        self.scatter.get(row_start(row) + column).copied()
    }

    /// Adds one row of d activations, f64 or f32.
    ///
    /// # Errors
    /// As [`Covariance::push_rows`]; [`ComplexityError::Rows`] if it is not exactly one row.
    pub fn push<T: Copy + Into<f64>>(&mut self, row: &[T]) -> Result<(), ComplexityError> {
        if row.len() != self.dimension() {
            return Err(ComplexityError::Rows { dimension: self.dimension(), got: row.len() });
        }
        self.push_rows(row)
    }

    /// Adds rows of d activations each, row-major, f64 or f32. After an error nothing has been added.
    ///
    /// # Errors
    /// [`ComplexityError::Rows`] if the values are not whole rows; [`ComplexityError::NotFinite`] names row and column of
    /// the first NaN or infinity.
    ///
    /// # Accuracy
    /// The scatter is that of the same rows in other blocks, or of merged parts, to a few roundings of the product of the
    /// units' standard deviations; the same calls give the same bits on every machine.
    pub fn push_rows<T: Copy + Into<f64>>(&mut self, rows: &[T]) -> Result<(), ComplexityError> {
        let d = self.dimension();
        if rows.len().checked_rem(d) != Some(0) {
            return Err(ComplexityError::Rows { dimension: d, got: rows.len() });
        }
        for (row, values) in rows.chunks(d.max(1)).enumerate() {
            if let Some(column) = values.iter().position(|&x| !x.into().is_finite()) {
                return Err(ComplexityError::NotFinite { row: self.count + row as u64, column });
            }
        }
        let isa = Isa::detect();
        for block in rows.chunks(d.saturating_mul(DEPTH).max(1)) {
            let added = block.chunks(d.max(1)).len();
            let (mean, scatter) = (&mut *self.mean, &mut *self.scatter);
            isa.dispatch(Block { rows: block, before: self.count as f64, mean, scatter });
            self.count += added as u64;
        }
        Ok(())
    }

    /// Adds what another accumulator has seen, as if its rows had been pushed here. Merged into an empty one it is a copy.
    ///
    /// # Errors
    /// [`ComplexityError::Dimensions`] if the dimensions differ.
    pub fn merge(&mut self, other: &Covariance<'_>) -> Result<(), ComplexityError> {
        if self.dimension() != other.dimension() {
            return Err(ComplexityError::Dimensions { dimension: self.dimension(), other: other.dimension() });
        }
        if other.count == 0 {
            return Ok(());
        }
        if self.count == 0 {
            self.count = other.count;
            for (m, o) in self.mean.iter_mut().zip(&*other.mean) {
                *m = *o;
            }
            for (s, o) in self.scatter.iter_mut().zip(&*other.scatter) {
                *s = *o;
            }
            return Ok(());
        }
        let (n, k) = (self.count as f64, other.count as f64);
        let factor = n * (k / (n + k));
        let (mut mine, mut theirs): (&mut [f64], &[f64]) = (&mut *self.scatter, &*other.scatter);
        for (i, (m, o)) in self.mean.iter().zip(&*other.mean).enumerate() {
            let (Some((row, rest)), Some((other_row, other_rest))) =
                (mine.split_at_mut_checked(i + 1), theirs.split_at_checked(i + 1))
            else {
                break;
            };
            let scaled = factor * (o - m);
            let means = self.mean.iter().zip(&*other.mean);
            for ((s, t), (m, o)) in row.iter_mut().zip(other_row).zip(means) {
                *s += t + scaled * (o - m);
            }
            (mine, theirs) = (rest, other_rest);
        }
        for (m, o) in self.mean.iter_mut().zip(&*other.mean) {
            *m += (o - *m) * (k / (n + k));
        }
        self.count += other.count;
        Ok(())
    }
}

/// One block of at most [`DEPTH`] rows.
struct Block<'a, T> {
    rows: &'a [T],
    /// Rows accumulated before.
    before: f64,
    mean: &'a mut [f64],
    scatter: &'a mut [f64],
}

impl<T: Copy + Into<f64>> Kernel for Block<'_, T> {
    type Output = ();
    #[cfg_attr(wide, inline(always))]
    fn run(self) {
        let d = self.mean.len();
        let (mut a, mut b) = (Panel::EMPTY, Panel::EMPTY);
        let mut row = 0;
        while row < d {
            load(&mut a, self.rows, row, self.mean, self.before);
            let mut column = 0;
            while column <= row {
                load(&mut b, self.rows, column, self.mean, self.before);
                Tile { dimension: d, row, column, strict: false }.add(self.scatter, &a, &b, 1.0);
                column += SIDE;
            }
            row += SIDE;
        }
        // The means last: the panels need the old ones.
        let mut column = 0;
        while column < d {
            let (sums, count) = sums(&mut a, self.rows, column, d);
            for (m, sum) in self.mean.iter_mut().skip(column).zip(sums) {
                *m += (sum / count - *m) * (count / (self.before + count));
            }
            column += SIDE;
        }
    }
}

/// Copies the columns from `column` on into the panel; returns their sums and the number of rows.
#[cfg_attr(wide, inline(always))]
fn sums<T: Copy + Into<f64>>(panel: &mut Panel, rows: &[T], column: usize, d: usize) -> ([f64; SIDE], f64) {
    let mut sums = [0.0; SIDE];
    panel.used = 0;
    for (slot, row) in panel.rows.iter_mut().zip(rows.chunks_exact(d.max(1))) {
        if let Some(part) = row.get(column..).and_then(|rest| rest.first_chunk::<SIDE>()) {
            for l in 0..SIDE {
                slot[l] = part[l].into();
            }
        } else {
            *slot = [0.0; SIDE];
            for (x, &value) in slot.iter_mut().zip(row.iter().skip(column)) {
                *x = value.into();
            }
        }
        for l in 0..SIDE {
            sums[l] += slot[l];
        }
        panel.used += 1;
    }
    (sums, panel.used as f64)
}

/// Deviations of the columns from the mean of the block, and one more row for what the block's mean adds to the scatter:
/// sqrt(n k/(n + k)) (mean of the block - mean before).
#[cfg_attr(wide, inline(always))]
fn load<T: Copy + Into<f64>>(panel: &mut Panel, rows: &[T], column: usize, mean: &[f64], before: f64) {
    let (sums, count) = sums(panel, rows, column, mean.len());
    let factor = math::sqrt(before * (count / (before + count)));
    let mut block_mean = [0.0; SIDE];
    for l in 0..SIDE {
        block_mean[l] = sums[l] / count;
    }
    // A single row deviates from itself by nothing.
    panel.used = if count > 1.0 { panel.used } else { 0 };
    for slot in panel.rows.iter_mut().take(panel.used) {
        for l in 0..SIDE {
            slot[l] -= block_mean[l];
        }
    }
    if before > 0.0
        && let Some(slot) = panel.rows.get_mut(panel.used)
    {
        *slot = [0.0; SIDE];
        for ((x, b), m) in slot.iter_mut().zip(block_mean).zip(mean.iter().skip(column)) {
            *x = factor * (b - m);
        }
        panel.used += 1;
    }
    panel.pad();
}
