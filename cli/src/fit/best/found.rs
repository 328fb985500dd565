//! What came of a group.
use syn2real::Rise;
use syn2real::forecast::{Evidence, Forecast};

/// Multiples of the largest size at which the forecast is printed.
pub(super) const TIMES: [f64; 4] = [2.0, 4.0, 8.0, 16.0];

/// What came of a group.
pub(super) struct Found {
    /// Points with a size and a weight above 0.
    pub(super) points: usize,
    pub(super) excluded: usize,
    pub(super) evidence: Evidence,
    /// `None` with an option that it does not have.
    pub(super) forecast: Option<Forecast>,
    /// Of values that rise with n, a score in the place of an error.
    pub(super) rise: Option<Rise>,
    pub(super) notes: Vec<String>,
}
