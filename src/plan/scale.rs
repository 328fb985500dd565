//! Whether a target is in the unit of the values.
use super::error::PlanError;

/// Refuses a target that is outside of what the values can be, with the one that was meant.
///
/// [`PlanError::TargetScale`] has the rule, and which honest targets it refuses.
pub(crate) fn check(target: f64, values: impl Iterator<Item = f64>) -> Result<(), PlanError> {
    let (mut least, mut most) = (f64::INFINITY, 0.0);
    for value in values {
        least = if value < least { value } else { least };
        most = if value > most { value } else { most };
    }
    let instead = if most <= 1.0 && least > 0.0 && target > 1.0 {
        0.01 * target
    } else if least > 1.0 && most <= 100.0 && 100.0 * target >= 0.25 * least && 100.0 * target <= most {
        100.0 * target
    } else {
        return Ok(());
    };
    Err(PlanError::TargetScale { target, instead })
}
