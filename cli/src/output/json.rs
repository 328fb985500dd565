//! JSON of fits: `{<head>, "fits": [..], "errors": [..], "notes": [..]}`, a fit on each line, written batch by batch: a million fits never
//! stand in memory together.
use crate::details::Wanted;
use crate::fitting::{Batch, Outcome};
use crate::group::Curves;
use crate::laws::{Fitted, LawName};

use super::detail::DetailRecord;
use super::record::{BendingRecord, ErrorRecord, FitRecord, Group};
use super::results::Head;

/// What stands before the fits.
pub(super) fn start(head: &Head<'_>) -> String {
    format!("{},\"fits\":[", head.open())
}

/// The fits of a batch, each after a comma and a line end, and its errors, each as JSON.
pub(super) fn batch(law: LawName, curves: &Curves, batch: &Batch, wanted: &Wanted) -> (Vec<u8>, Vec<String>) {
    let (mut fits, mut errors) = (Vec::new(), Vec::new());
    for outcome in batch.outcomes() {
        // Neither record can fail: they are plain data with text keys, and a vector takes everything.
        match outcome.result {
            Ok(fit) => {
                fits.extend_from_slice(b",\n");
                let Outcome { group, points, excluded, details, .. } = outcome;
                let _ = match fit {
                    Fitted::Straight(fit) => {
                        let record = FitRecord::new(curves, group, fit, points, excluded);
                        let record = record.named(law).detailed(DetailRecord::new(fit, details, wanted));
                        serde_json::to_writer(&mut fits, &record)
                    }
                    Fitted::Bending(fit) => {
                        let mut record = BendingRecord::new(law, curves, group, fit, excluded);
                        record.at = details.map_or(Vec::new(), |details| details.at.clone());
                        serde_json::to_writer(&mut fits, &record)
                    }
                };
            }
            Err(error) => {
                let record = ErrorRecord { group: Group(curves, outcome.group), error };
                errors.extend(serde_json::to_string(&record));
            }
        }
    }
    (fits, errors)
}

/// What stands after the fits.
pub(super) fn end(errors: &[String], notes: &[String]) -> String {
    let lines = errors.iter().enumerate().map(|(i, error)| format!("{}{error}", if i == 0 { "\n" } else { ",\n" }));
    let notes = serde_json::to_string(notes).unwrap_or_default();
    format!("\n],\"errors\":[{}\n],\"notes\":{notes}}}\n", lines.collect::<String>())
}
