//! What is odd about a group, named with the line of the file.
use syn2real::infer::{Oddity, Slip, oddities as find};
use syn2real::{Point, Syn2RealFit};

use crate::args::{ERROR, N};
use crate::fitting::{Batch, Task};
use crate::group::Curves;
use crate::laws::Fitted;
use crate::question::digits;

/// Lines below a table; JSON has all.
const SHOWN: usize = 20;

/// Something odd about a row.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    /// Line in the file, from 1.
    pub(crate) line: u64,
    /// What is odd, and what to do.
    pub(crate) text: String,
}

/// What is odd about the points of a fit of law (1), which are those of the rows of a group.
pub(crate) fn oddities(task: &Task<'_>, group: usize, fit: &Syn2RealFit, points: &[Point]) -> Vec<Note> {
    // Points of the fit have what it needs.
    let found = find(fit, points).unwrap_or([None; 4]);
    found.into_iter().flatten().filter_map(|oddity| note(task, group, &oddity, points)).collect()
}

fn note(task: &Task<'_>, group: usize, oddity: &Oddity, points: &[Point]) -> Option<Note> {
    let row = task.curves.rows(group).nth(oddity.index())?;
    let point = points.get(oddity.index())?;
    let name = |column: usize| task.columns.get(column).map_or("", String::as_str);
    let (n, error) = (name(N), name(ERROR));
    let p = match oddity.p_value() {
        p if p < 1e-10 => "p below 1e-10".into(),
        p => format!("p = {p:.0e}"),
    };
    let text = match oddity {
        Oddity::Outlier { slip: Some(Slip::Error { instead }), .. } => {
            format!("slipped decimal point: {error} {} may be {} ({p})", plain(point.error), plain(*instead))
        }
        Oddity::Outlier { slip: Some(Slip::Size { instead }), .. } => {
            format!("slipped decimal point: {n} {} may be {} ({p})", plain(point.n), plain(*instead))
        }
        Oddity::Outlier { .. } => {
            format!("{error} {} is off the law of the other rows ({p}): measure it again", plain(point.error))
        }
        Oddity::Turn { .. } => format!(
            "the values rise from {n} = {0} on ({p}), the law only falls: use the rows up to there (--where '{n}<={0}'), or \
             look for overfitting or a changed setting beyond",
            plain(point.n)
        ),
        Oddity::Plateau { .. } => format!(
            "the fall begins behind {n} = {} ({p}), law (1) falls most at the start: fit --law rectified or best, plan \
             --basis forecast",
            plain(point.n)
        ),
        _ => oddity.to_string(),
    };
    Some(Note { line: task.curves.line(row), text })
}

/// A number without the digits that a multiplication by ten may have made.
fn plain(x: f64) -> String {
    digits(format!("{x:.12e}").parse().unwrap_or(x))
}

/// The notes on a group as sentences.
pub(crate) fn sentences<'a>(
    curves: &'a Curves,
    group: usize,
    notes: &'a [Note],
) -> impl Iterator<Item = String> + use<'a> {
    let title = if curves.by.is_empty() { String::new() } else { format!("{}: ", curves.title(group)) };
    notes.iter().map(move |note| format!("{title}line {}: {}", note.line, note.text))
}

/// The sentences on the groups of a batch that law (1) was fitted to.
pub(crate) fn of_batch(task: &Task<'_>, batch: &Batch) -> Vec<String> {
    let fitted = batch.outcomes().filter_map(|outcome| match outcome.result {
        Ok(Fitted::Straight(fit)) => Some((outcome.group, oddities(task, outcome.group, fit, outcome.points))),
        _ => None,
    });
    fitted.flat_map(|(group, notes)| sentences(task.curves, group, &notes).collect::<Vec<_>>()).collect()
}

/// The sentences that stand below a table.
pub(crate) fn below(mut sentences: Vec<String>) -> Vec<String> {
    let more = sentences.len().saturating_sub(SHOWN);
    sentences.truncate(SHOWN);
    if more > 0 {
        sentences.push(format!("{more} more odd rows: --format json names all"));
    }
    sentences
}
