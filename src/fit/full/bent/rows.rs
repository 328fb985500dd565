//! Rows over N = n^b.
use crate::math;
use crate::point::GridPoint;
use crate::simd::{F64x8, LANES};
use crate::solve::Observations;

use super::super::grid::GridRows;

/// The rows of the data with n to a power.
pub(super) struct Powered<'a> {
    pub(super) rows: &'a GridRows<'a>,
    pub(super) power: f64,
}

impl Observations<GridPoint> for Powered<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn block(&self, k: usize) -> Option<[GridPoint; LANES]> {
        let mut block = self.rows.block(k)?;
        if self.power == 1.0 {
            return Some(block);
        }
        let mut n = [1.0; LANES];
        for (slot, p) in n.iter_mut().zip(&block) {
            *slot = if p.n > 0.0 { p.n } else { 1.0 };
        }
        let powers = (F64x8(n).ln() * self.power).exp();
        for (p, power) in block.iter_mut().zip(powers.0) {
            p.n = if p.n > 0.0 { power } else { p.n };
        }
        Some(block)
    }
}

/// x^b for x >= 0, infinite for an infinite one; x itself for b = 1.
pub(super) fn power(x: f64, b: f64) -> f64 {
    if x == 0.0 || b == 1.0 || x == f64::INFINITY { x } else { math::exp(b * math::ln(x)) }
}
