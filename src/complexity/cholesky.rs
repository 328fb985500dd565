//! Cholesky factor of a packed lower triangle in place, with diagonal pivoting: it shows the rank.
//!
//! Blocked as LAPACK's dpstrf (Hammarling, Higham, Lucas 2007): within a panel of [`DEPTH`] columns rows are updated one
//! column at a time, what remains once per panel, by tiles.
use super::tiles::{DEPTH, Panel, SIDE, Tile, row_start};
use crate::math;
use crate::simd::{Isa, Kernel};

/// What the factorisation found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Factor {
    /// Columns with a pivot above the tolerance.
    pub(super) rank: usize,
    /// ln of the product of these pivots.
    pub(super) ln_pivots: f64,
}

/// Factors P A P' = L L' in place, until no diagonal entry is above `tolerance` or `max_rank` columns are done: the first
/// `rank` columns then hold L. `along` is permuted with the rows.
pub(super) fn factor(triangle: &mut [f64], along: &mut [f64], tolerance: f64, max_rank: usize) -> Factor {
    let d = along.len();
    let isa = Isa::detect();
    let mut found = Factor { rank: 0, ln_pivots: 0.0 };
    let mut first = 0;
    while first < d {
        let end = (first + DEPTH).min(d);
        for column in first..end {
            let (at, pivot) = largest(triangle, column, d);
            let enough = pivot > tolerance; // NaN is not
            if !enough || found.rank >= max_rank {
                return found;
            }
            exchange(triangle, along, column, at);
            eliminate(triangle, first, column, d, math::sqrt(pivot));
            found = Factor { rank: column + 1, ln_pivots: found.ln_pivots + math::ln(pivot) };
        }
        isa.dispatch(Trailing { triangle: &mut *triangle, dimension: d, first, end });
        first = end;
    }
    found
}

/// The largest diagonal entry from `column` on, and where it is.
fn largest(triangle: &[f64], column: usize, d: usize) -> (usize, f64) {
    let mut best = (column, f64::NEG_INFINITY);
    for i in column..d {
        if let Some(&x) = triangle.get(row_start(i) + i)
            && x > best.1
        {
            best = (i, x);
        }
    }
    best
}

fn swap(values: &mut [f64], i: usize, j: usize) {
    if let (Some(&x), Some(&y)) = (values.get(i), values.get(j)) {
        if let Some(slot) = values.get_mut(i) {
            *slot = y;
        }
        if let Some(slot) = values.get_mut(j) {
            *slot = x;
        }
    }
}

/// Swaps rows and columns p <= q of the symmetric matrix whose lower triangle this is, and what is known of L's rows.
fn exchange(triangle: &mut [f64], along: &mut [f64], p: usize, q: usize) {
    if p == q {
        return;
    }
    swap(along, p, q);
    swap(triangle, row_start(p) + p, row_start(q) + q);
    for k in 0..p {
        swap(triangle, row_start(p) + k, row_start(q) + k);
    }
    for k in p + 1..q {
        swap(triangle, row_start(k) + p, row_start(q) + k);
    }
    for k in q + 1..along.len() {
        swap(triangle, row_start(k) + p, row_start(k) + q);
    }
}

/// Column `column` of L, whose pivot has the square root `root`; the diagonal below is brought up to date at once.
fn eliminate(triangle: &mut [f64], first: usize, column: usize, d: usize, root: f64) {
    let Some((head, mut below)) = triangle.split_at_mut_checked(row_start(column + 1)) else { return };
    let Some(pivot_row) = head.get_mut(row_start(column)..) else { return };
    if let Some(diagonal) = pivot_row.last_mut() {
        *diagonal = root;
    }
    let pivot_row = pivot_row.get(first..column).unwrap_or(&[]);
    for i in column + 1..d {
        let Some((row, rest)) = below.split_at_mut_checked(i + 1) else { return };
        let done = row.get(first..column).unwrap_or(&[]);
        let sum = done.iter().zip(pivot_row).fold(0.0, |sum, (x, y)| sum + x * y);
        let mut l = 0.0;
        if let Some(entry) = row.get_mut(column) {
            *entry = (*entry - sum) / root;
            l = *entry;
        }
        if let Some(diagonal) = row.last_mut() {
            *diagonal -= l * l;
        }
        below = rest;
    }
}

/// What the panel of columns `first`..`end` takes from the triangle behind it, the diagonal left out.
struct Trailing<'a> {
    triangle: &'a mut [f64],
    dimension: usize,
    first: usize,
    end: usize,
}

impl Kernel for Trailing<'_> {
    type Output = ();
    #[cfg_attr(wide, inline(always))]
    fn run(self) {
        let Trailing { triangle, dimension, first, end } = self;
        let (mut a, mut b) = (Panel::EMPTY, Panel::EMPTY);
        let mut row = end;
        while row < dimension {
            load(&mut a, triangle, first, end, row);
            let mut column = end;
            while column <= row {
                load(&mut b, triangle, first, end, column);
                Tile { dimension, row, column, strict: true }.add(triangle, &a, &b, -1.0);
                column += SIDE;
            }
            row += SIDE;
        }
    }
}

/// Columns `first`..`end` of the rows from `row` on, transposed.
#[cfg_attr(wide, inline(always))]
fn load(panel: &mut Panel, triangle: &[f64], first: usize, end: usize, row: usize) {
    panel.used = end - first;
    for c in 0..SIDE {
        let start = row_start(row + c);
        let part = triangle.get(start + first..start + end).unwrap_or(&[]);
        for (slot, x) in panel.rows.iter_mut().zip(part) {
            slot[c] = *x;
        }
        if part.is_empty() {
            for slot in panel.rows.iter_mut().take(panel.used) {
                slot[c] = 0.0;
            }
        }
    }
    panel.pad();
}

/// Turns the factor, whose first `rank` columns are L with rows scaled by `scale`, into the lower triangle of
/// L' S^2 L (`rank` x `rank`): its determinant is the product of the eigenvalues of S L L' S that are not 0.
pub(super) fn gram_of_columns(triangle: &mut [f64], scale: &[f64], rank: usize) {
    let mut rest = &mut *triangle;
    for (i, s) in scale.iter().enumerate() {
        let Some((row, next)) = rest.split_at_mut_checked(i + 1) else { break };
        for x in row {
            *x *= s;
        }
        rest = next;
    }
    for i in 0..rank {
        let Some((head, mut below)) = triangle.split_at_mut_checked(row_start(i + 1)) else { return };
        let Some(row) = head.get_mut(row_start(i)..) else { return };
        let diagonal = row.last().copied().unwrap_or(0.0);
        for x in row.iter_mut() {
            *x *= diagonal;
        }
        for k in i + 1..scale.len() {
            let Some((other, next)) = below.split_at_mut_checked(k + 1) else { return };
            let factor = other.get(i).copied().unwrap_or(0.0);
            for (x, y) in row.iter_mut().zip(other) {
                *x += factor * *y;
            }
            below = next;
        }
    }
}
