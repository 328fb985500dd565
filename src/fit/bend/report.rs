//! What a fit of a bending law tells.
use crate::law::{BentLaw, RectifiedLaw, ShiftedLaw};

use super::super::report::{Class, FitReport};

/// A local minimum of the cost.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct BendMinimum<L> {
    /// The law there.
    pub law: L,
    /// Its cost, 1/2 sum w r^2 (or the Huber loss).
    pub cost: f64,
    /// Where it lies.
    pub class: Class,
}

/// A fitted bending law with its report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BendFit<L, const P: usize> {
    pub(crate) law: L,
    pub(crate) report: FitReport,
    pub(crate) minima: [BendMinimum<L>; 4],
    pub(crate) std_errors: [Option<f64>; P],
}

/// A fitted [`RectifiedLaw`].
pub type RectifiedFit = BendFit<RectifiedLaw, 4>;
/// A fitted [`ShiftedLaw`].
pub type ShiftedFit = BendFit<ShiftedLaw, 4>;
/// A fitted [`BentLaw`].
pub type BentFit = BendFit<BentLaw, 5>;

impl<L: Copy, const P: usize> BendFit<L, P> {
    /// The law.
    pub fn law(&self) -> L {
        self.law
    }
    /// How the fit went; `fixed` are those of D (which no bending law has), alpha, C.
    pub fn report(&self) -> &FitReport {
        &self.report
    }
    /// Up to the 4 lowest local minima, lowest first; the first is the fit itself.
    pub fn minima(&self) -> &[BendMinimum<L>] {
        &self.minima[..(self.report.minima_found as usize).min(4)]
    }
    /// Standard errors in the order of the law's fields, by the delta method; `None` where a parameter is held, on a bound or
    /// undefined (A and n_h of a fit on law (1)), or where there are no degrees of freedom.
    pub fn std_errors(&self) -> [Option<f64>; P] {
        self.std_errors
    }
}
