//! What samples cost.
use super::super::error::PlanError;

/// Largest price or fixed cost: sums of such prices of 2^53 samples each stay finite.
pub(super) const LARGEST_COST: f64 = 1e290;

/// What samples cost, in any unit; each number at most 1e290.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Costs {
    /// Price of a synthetic sample, > 0: rendering and pre-training. Default: 1.
    pub per_synthetic: f64,
    /// Price of a real sample, > 0: collecting, annotating and fine-tuning. Default: 1.
    pub per_real: f64,
    /// Paid once if there is any pre-training (n > 0), >= 0: a renderer, 3D models. Default: 0.
    pub fixed_synthetic: f64,
    /// Paid once in any case, >= 0. Default: 0.
    pub fixed: f64,
}

impl Default for Costs {
    fn default() -> Costs {
        Costs { per_synthetic: 1.0, per_real: 1.0, fixed_synthetic: 0.0, fixed: 0.0 }
    }
}

impl Costs {
    /// What n synthetic and s real samples cost.
    pub fn of(&self, n: f64, s: f64) -> f64 {
        let fixed = if n > 0.0 { self.fixed + self.fixed_synthetic } else { self.fixed };
        fixed + self.per_synthetic * n + self.per_real * s
    }

    pub(crate) fn check(&self) -> Result<(), PlanError> {
        let finite = |v: f64| v >= 0.0 && v <= LARGEST_COST;
        let prices = [(self.per_synthetic, "per_synthetic"), (self.per_real, "per_real")];
        if let Some(&(_, field)) = prices.iter().find(|(v, _)| !(finite(*v) && *v > 0.0)) {
            return Err(PlanError::Cost { field });
        }
        let fixed = [(self.fixed_synthetic, "fixed_synthetic"), (self.fixed, "fixed")];
        match fixed.iter().find(|(v, _)| !finite(*v)) {
            Some(&(_, field)) => Err(PlanError::Cost { field }),
            None => Ok(()),
        }
    }
}
