//! Whether the values rise with n over all groups together, as scores do and errors do not.
use crate::group::Curves;
use crate::read::columns::quote;

/// Rows of a group that are compared with each other; of more, so many evenly.
const ROWS: usize = 64;

/// The quantile of the normal at .99.
const SURE: f64 = 2.326;

/// Why the values cannot be errors, if they rise: by Kendall's rank correlation within the groups, at the level .01 over all
/// of them, or because no pair falls. Pairs are those of the same value in the column `same`, where there is one.
pub(crate) fn rising(curves: &Curves, same: Option<usize>) -> Option<String> {
    let (mut sum, mut pairs, mut variance) = (0_i64, 0_i64, 0.0);
    for group in 0..curves.len() {
        let rows: Vec<usize> = curves.rows(group).filter(|row| curves.value(0, *row) > 0.0).collect();
        let step = rows.len().div_ceil(ROWS).max(1);
        let rows: Vec<[f64; 3]> = rows
            .iter()
            .step_by(step)
            .map(|row| {
                [curves.value(0, *row), curves.value(1, *row), same.map_or(0.0, |column| curves.value(column, *row))]
            })
            .collect();
        for (i, a) in rows.iter().enumerate() {
            for b in rows[..i].iter().filter(|b| b[0] != a[0] && b[1] != a[1] && b[2] == a[2]) {
                pairs += 1;
                sum += if (a[0] > b[0]) == (a[1] > b[1]) { 1 } else { -1 };
            }
        }
        let k = rows.len() as f64;
        variance += k * (k - 1.0) * (2.0 * k + 5.0) / 18.0;
    }
    let rises = pairs >= 3 && (sum == pairs || sum as f64 > SURE * f64::sqrt(variance));
    let unit = &curves.read.unit;
    let name = quote(&unit.name);
    let text = match unit.score_max {
        None => format!(
            "the values of {:?} rise with n: these look like scores, where higher is better: use --score {name} (error = 1 - score)",
            unit.name
        ),
        Some(_) => format!(
            "the scores of {:?} fall with n: these look like errors, where lower is better: use --error {name}",
            unit.name
        ),
    };
    rises.then_some(text)
}
