//! How much wider or narrower bands have to be, as other curves tell: split conformal prediction by distance.

/// Octaves beyond the data, each with a factor of its own; the last one is for all that lies farther.
pub(super) const OCTAVES: usize = 4;

/// Factors of the standard deviations of a forecast, by octaves of n / n_max: learnt from other curves, or 1.
///
/// Source: Lei et al., "Distribution-free predictive inference for regression", J. Am. Stat. Assoc. 113 (2018) 1094, with
/// curves as the units that are exchanged.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Calibration {
    pub(super) factors: [f64; OCTAVES],
}

impl Default for Calibration {
    fn default() -> Calibration {
        Calibration { factors: [1.0; OCTAVES] }
    }
}

impl Calibration {
    /// The factors in the middle of the first, second, third octave beyond the data, and from there on.
    pub fn factors(&self) -> [f64; OCTAVES] {
        self.factors
    }

    /// The factor at t = ln(n / n_max), straight lines between the middles of octaves.
    pub(super) fn at(&self, t: f64) -> f64 {
        let octaves = t / core::f64::consts::LN_2;
        if !(octaves > 0.0) {
            return 1.0;
        }
        let mut before = (0.0, 1.0);
        for (middle, &factor) in [0.5, 1.5, 2.5, 3.5].into_iter().zip(&self.factors) {
            if octaves < middle {
                let (left, from) = before;
                return from + (factor - from) * (octaves - left) / (middle - left);
            }
            before = (middle, factor);
        }
        before.1
    }
}
