//! Public learning curves, each with the part to fit and the larger sizes that were kept back.
use std::collections::BTreeMap;

use syn2real::plan::{PlanError, PlanOptions, Verdict, samples_for};
use syn2real::{Point, Syn2RealLaw};

/// A curve.
pub(crate) struct HeldOut {
    /// The kind of task.
    pub(crate) row: &'static str,
    /// What a forecast is made from, n > 0, by n.
    pub(crate) train: Vec<Point>,
    /// What happened, by n.
    pub(crate) test: Vec<Point>,
}

const NSL: &str = include_str!("../../tests/data/nsl_learning_curves.csv");
const FT: &str = include_str!("../../tests/data/ft_learning_curves.csv");

/// The rows, in the order of the tables.
pub(crate) const ROWS: [&str; 5] = ["few-shot", "translation", "language", "FLAN", "WMT19"];

/// All curves.
pub(crate) fn curves() -> Vec<HeldOut> {
    let mut found: BTreeMap<String, HeldOut> = BTreeMap::new();
    for (text, of_task) in [(NSL, false), (FT, true)] {
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = split(line);
            let kind = cells[1];
            let row = match kind {
                "IC" => "few-shot",
                "NMT" => "translation",
                "LM" => "language",
                "flan" => "FLAN",
                _ => "WMT19",
            };
            let at = if of_task { 5 } else { 4 };
            let number = |k: usize| cells[k].parse::<f64>().expect("a number");
            let point = Point::new(number(at), number(at + 1));
            if point.n == 0.0 {
                continue;
            }
            let curve =
                found.entry(cells[0].to_string()).or_insert_with(|| HeldOut { row, train: vec![], test: vec![] });
            if cells[at + 2] == "1" { curve.train.push(point) } else { curve.test.push(point) }
        }
    }
    for curve in found.values_mut() {
        for points in [&mut curve.train, &mut curve.test] {
            points.sort_by(|a, b| a.n.total_cmp(&b.n));
        }
    }
    found.into_values().collect()
}

/// The cells of a line; quotes hold commas together.
fn split(line: &str) -> Vec<&str> {
    let mut is_quoted = false;
    let apart = line.split(|c| {
        is_quoted ^= c == '"';
        c == ',' && !is_quoted
    });
    apart.collect()
}

/// A question to a curve, with what happened.
pub(crate) struct Question {
    pub(crate) target: f64,
    pub(crate) budget: f64,
    /// Whether a measurement up to the budget was at or below the target.
    pub(crate) was_reached: bool,
}

/// Targets that cut the way from the last training to the last test value, in the logarithm, into tenths, with up to
/// twelve of the test sizes as budgets.
pub(crate) fn questions(curve: &HeldOut) -> Vec<Question> {
    let (last, end) = (curve.train.last().expect("rows").error.ln(), curve.test.last().expect("rows").error.ln());
    let least = |points: &[Point]| points.iter().map(|p| p.error).fold(f64::INFINITY, f64::min);
    let count = curve.test.len().min(12);
    let mut questions = Vec::new();
    for tenth in 1..10 {
        let target = (last + f64::from(tenth) / 10.0 * (end - last)).exp();
        for k in 0..count {
            let at = if count > 1 { k * (curve.test.len() - 1) / (count - 1) } else { 0 };
            let seen = least(&curve.train).min(least(&curve.test[..=at]));
            questions.push(Question { target, budget: curve.test[at].n, was_reached: seen <= target });
        }
    }
    questions
}

/// Means over curves of the shares of their questions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shares {
    pub(crate) decided: f64,
    /// Called reachable, and not reached.
    pub(crate) promised: f64,
    /// Called unreachable or infeasible, and reached.
    pub(crate) refused: f64,
}

/// How the verdicts on the curves of a row came out; of the questions each `step`th is asked.
pub(crate) fn judge(curves: &[HeldOut], row: &str, step: usize, options: &PlanOptions) -> Shares {
    let (mut sum, mut count) = (Shares::default(), 0.0);
    for curve in curves.iter().filter(|curve| curve.row == row) {
        let fit = Syn2RealLaw::fit(&curve.train).expect("positive errors have a fit");
        let questions: Vec<Question> = questions(curve).into_iter().step_by(step).collect();
        let each = 1.0 / questions.len() as f64;
        for Question { target, budget, was_reached } in questions {
            let options = PlanOptions { budget: Some(budget), any_target: true, ..*options };
            match samples_for(&fit, &curve.train, target, &options) {
                Ok(Verdict::Undetermined { .. }) => continue,
                Ok(Verdict::Reachable { .. }) => sum.promised += if was_reached { 0.0 } else { each },
                Ok(_) => sum.refused += if was_reached { each } else { 0.0 },
                // Curves that rise over what was fitted.
                Err(PlanError::ErrorsRise { .. }) => continue,
                Err(error) => panic!("{error}"),
            }
            sum.decided += each;
        }
        count += 1.0;
    }
    Shares { decided: sum.decided / count, promised: sum.promised / count, refused: sum.refused / count }
}
