//! Whether there is anything to look for: what the residuals of the fit say of each oddity to first order.
use crate::fit::{Source, Syn2RealFit};
use crate::math;

use super::super::check::Sizes;
use super::trial::{Node, Trial};

/// First-order p below which it is looked for: five times the level.
const WORTH: f64 = 0.05;
/// Root mean square of the residuals, as a share of the error, and the ratio of neighbouring errors, from which on the fit may
/// have gone with what is odd, so that its residuals say nothing.
const BAD: f64 = 0.05;
const JUMP: f64 = 2.0;

/// Whether an outlier, a turn and a plateau are worth to be looked for.
pub(super) fn worth(trial: &Trial, fit: &Syn2RealFit, data: &Source<'_>) -> [bool; 3] {
    let nodes = trial.from(0);
    let jumps = nodes.windows(2).any(|pair| {
        let [a, b] = pair else { return false };
        let (a, b) = (trial.error(a.y), trial.error(b.y));
        a > JUMP * b || b > JUMP * a
    });
    let sizes = Sizes::new(fit, data);
    let rows = sizes.rows();
    let total = rows.iter().map(|(r, _)| r * r).sum::<f64>() + sizes.pure_square;
    if jumps || rows.len() != nodes.len() || trial.mean_square(total) > BAD * BAD {
        return [true; 3];
    }
    let rank = (0..3).filter(|k| rows.iter().any(|(_, row)| row.get(*k).is_some_and(|q| *q != 0.0))).count();
    let freedom = trial.points as f64 - rank as f64 - 1.0;
    let rounding = trial.rounding(&[None; 2], freedom);
    // The fall of twice the cost by a change of the values in a direction, with its sign.
    let fall = |direction: &dyn Fn(usize, &Node) -> f64| {
        let (mut own, mut with, mut taken) = (0.0, 0.0, [0.0; 3]);
        for (k, (node, (r, row))) in nodes.iter().zip(rows).enumerate() {
            let v = math::sqrt(node.w) * direction(k, node);
            own += v * v;
            with += v * r;
            for (slot, q) in taken.iter_mut().zip(row) {
                *slot += v * q;
            }
        }
        let left = own - taken.iter().map(|q| q * q).sum::<f64>();
        if left > 1e-6 * own { with * with.abs() / left } else { 0.0 }
    };
    let p = |fall: f64, count: usize| trial.p_value(total, total - fall, 1.0, freedom, rounding) * count as f64;
    let largest = |falls: &mut dyn Iterator<Item = f64>| falls.fold(0.0, |a, b| if b > a { b } else { a });
    let outlier = largest(&mut (0..nodes.len()).map(|own| fall(&|k, _| f64::from(u8::from(k == own))).abs()));
    let behind = |x: f64| if x > 0.0 { x } else { 0.0 };
    let turn = largest(&mut nodes.iter().map(|at| fall(&|_, node| behind(node.t - at.t))));
    // A plateau is below the start of the law.
    let plateau = largest(&mut nodes.iter().map(|at| -fall(&|_, node| behind(at.t - node.t))));
    // Repeats hide what one of them alone is.
    let repeats = trial.points > trial.len;
    [repeats || p(outlier, trial.points) < WORTH, p(turn, trial.len) < WORTH, p(plateau, trial.len) < WORTH]
}
