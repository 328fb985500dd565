//! Which group is best, and how many have which answer.
use syn2real::plan::Verdict;

use crate::output::done;

use super::answer::Answer;

/// The groups that have an answer, the best first: those that reach the target with fewer samples, then those that may, then
/// those that do not, the smaller gap first; without a target those with the smaller error at the largest size told.
pub(super) fn ordered(results: &[Result<Answer, String>]) -> Vec<(usize, &Answer)> {
    let mut all: Vec<(usize, &Answer)> = done(results).collect();
    all.sort_by(|(_, a), (_, b)| {
        let ((rank, first), (other_rank, second)) = (worth(a), worth(b));
        rank.cmp(&other_rank).then(first.total_cmp(&second))
    });
    all
}

/// A rank, lower is better, and a number within it.
fn worth(answer: &Answer) -> (u8, f64) {
    let Some(verdict) = answer.verdict() else {
        return (0, answer.at.last().map_or(f64::INFINITY, |at| at.error));
    };
    let n = verdict.n();
    let gap = verdict.gap().and_then(|gap| gap.estimate).unwrap_or(f64::INFINITY);
    match verdict {
        Verdict::Reachable { .. } => (0, n.and_then(|n| n.estimate.or(n.upper)).unwrap_or(0.0)),
        Verdict::Undetermined { .. } => (1, gap),
        Verdict::Infeasible { .. } => (2, n.and_then(|n| n.lower).unwrap_or(f64::INFINITY)),
        _ => (3, gap),
    }
}

/// How many groups have which answer, in a sentence.
pub(super) fn count(all: &[(usize, &Answer)], things: &str, target: Option<&str>) -> String {
    let Some(target) = target else {
        return format!("{} groups, the smallest error with ten times as many {things} first.", all.len());
    };
    let of = |name: &str| all.iter().filter(|(_, a)| a.verdict().is_some_and(|v| v.name() == name)).count();
    let is_reached = |answer: &Answer| {
        let upper = answer.verdict().filter(|v| v.name() == "reachable").map(|v| v.n().and_then(|n| n.upper));
        upper.is_some_and(|upper| upper.is_none_or(|n| n <= answer.fit.report().n_max))
    };
    let reached = all.iter().filter(|(_, answer)| is_reached(answer)).count();
    let parts = [
        (reached, "has reached it", "have reached it"),
        (of("reachable") - reached, "will with more", "will with more"),
        (of("undetermined"), "cannot be told yet", "cannot be told yet"),
        (of("infeasible"), "would take too many", "would take too many"),
        (of("unreachable"), "never will", "never will"),
    ];
    let parts = parts.into_iter().filter(|(count, ..)| *count > 0);
    let parts: Vec<String> =
        parts.map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many })).collect();
    format!("{target} with more {things}, of {} groups: {}.", all.len(), parts.join(", "))
}
