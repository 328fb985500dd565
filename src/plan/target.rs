//! Whether what was measured are errors, and a target can be one of them.
use crate::fit::{GridRows, Rise, raw, rows};
use crate::math;
use crate::point::GridPoint;

use super::error::PlanError;
use super::options::PlanOptions;
use super::scale::check;

/// Refuses measurements over both sizes that are no errors, and a target that cannot be one of them: what
/// [`samples_for`](super::samples_for) looks at for one curve.
///
/// The plane through ln error over ln n and ln s, each point counted once (those at n = 0 not at all); one-sided t tests of
/// both slopes, at the level .01 together. `allocate` works from a law alone: ask here first.
///
/// # Errors
/// [`PlanError::ErrorsRise`] with the steeper rise, per unit of ln n or ln s; [`PlanError::TargetScale`] unless
/// `options.any_target`.
///
/// ```
/// use syn2real::plan::{PlanError, PlanOptions, check_grid};
///
/// let errors: [_; 9] = core::array::from_fn(|i| (1e3 * 4f64.powi(i as i32 % 3), 1e4 * 4f64.powi(i as i32 / 3), 0.6 - 0.05 * i as f64));
/// let scores = errors.map(|(n, s, e)| (n, s, 1.0 - e));
/// let options = PlanOptions::default();
/// assert_eq!(check_grid(&errors, Some(0.1), &options), Ok(()));
/// assert!(matches!(check_grid(&scores, None, &options), Err(PlanError::ErrorsRise { .. })));
/// assert!(matches!(check_grid(&errors, Some(10.0), &options), Err(PlanError::TargetScale { instead: 0.1, .. })));
/// ```
pub fn check_grid<T: Copy + Into<GridPoint>>(
    points: &[T],
    target: Option<f64>,
    options: &PlanOptions,
) -> Result<(), PlanError> {
    check_rows(&raw(points), target, options)
}

pub(super) fn check_rows(points: &GridRows<'_>, target: Option<f64>, options: &PlanOptions) -> Result<(), PlanError> {
    let used = || rows(points).filter(|p| p.weight > 0.0);
    if let Some(target) = target.filter(|_| !options.any_target) {
        check(target, used().map(|p| p.error))?;
    }
    let logarithms = || used().filter(|p| p.n > 0.0 && p.error > 0.0).map(|p| [p.n, p.s, p.error].map(math::ln));
    let count = logarithms().count() as f64;
    let sum = |f: &dyn Fn([f64; 3]) -> f64| logarithms().map(f).sum::<f64>();
    let mean = [0, 1, 2].map(|k: usize| sum(&|row| row.get(k).copied().unwrap_or(0.0)) / count);
    let about = |[a, b, y]: [f64; 3]| [a - mean[0], b - mean[1], y - mean[2]];
    let of = |f: fn([f64; 3]) -> f64| sum(&|row| f(about(row)));
    let (aa, bb, ab) = (of(|[a, ..]| a * a), of(|[_, b, _]| b * b), of(|[a, b, _]| a * b));
    let (ay, by, yy) = (of(|[a, _, y]| a * y), of(|[_, b, y]| b * y), of(|[.., y]| y * y));
    let mut steepest: Option<Rise> = None;
    // One slope given the other; a size that does not vary, or only with the other, has none.
    for (xx, other, xy, zy) in [(aa, bb, ay, by), (bb, aa, by, ay)] {
        let share = if other > 0.0 { ab / other } else { 0.0 };
        let (alone, with_y) = (xx - share * ab, xy - share * zy);
        let explained = if other > 0.0 { zy * zy / other } else { 0.0 };
        let left = yy - explained - with_y * with_y / alone;
        let dof = count - if other > 0.0 { 3.0 } else { 2.0 };
        if !(alone > DEPENDENT * xx && with_y > 0.0 && dof > 0.0) {
            continue;
        }
        let square = with_y * with_y / alone / (left / dof);
        let p_value = if left > 0.0 && square < f64::INFINITY { math::f_tail(square, 1.0, dof) } else { 0.0 };
        let rise = Rise::new(with_y / alone, p_value);
        if p_value < Rise::LEVEL && steepest.is_none_or(|s| p_value < s.p_value) {
            steepest = Some(rise);
        }
    }
    steepest.map_or(Ok(()), |rise| Err(PlanError::ErrorsRise { rise }))
}

/// Share of its variation below which a size varies with the other one alone.
const DEPENDENT: f64 = 1e-6;
