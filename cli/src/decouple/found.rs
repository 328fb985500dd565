//! What is found about the D that curves share, and its words.
use serde::Serialize;
use syn2real::decouple::{Decoupled, Identification, Stop};
use syn2real::{Point, Syn2RealFit};

use crate::details::Wanted;
use crate::fitting::{Outcome, Task};
use crate::laws::{Fitted, LawName};
use crate::output::table::FitTable;

/// D and alpha of a round.
#[derive(Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Pair {
    pub(super) d: f64,
    pub(super) alpha: f64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Start {
    pub(super) start_d: f64,
    pub(super) start_alpha: f64,
    pub(super) d: f64,
    pub(super) alpha: f64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct SharedRecord {
    pub(super) d: f64,
    pub(super) std_error: Option<f64>,
    pub(super) cost: f64,
}

/// The curves that can be used: group numbers and points; and what is wrong with the others.
pub(super) struct Usable {
    pub(super) groups: Vec<usize>,
    pub(super) points: Vec<Vec<Point>>,
    pub(super) errors: Vec<(usize, String)>,
}

/// All that is found.
pub(super) struct Found {
    pub(super) trace: Vec<Pair>,
    pub(super) plain: Decoupled,
    pub(super) fixed: Option<Decoupled>,
    pub(super) starts: Vec<Start>,
    pub(super) verdict: Identification,
    pub(super) fits: Vec<Syn2RealFit>,
    pub(super) shared: Option<SharedRecord>,
    pub(super) shared_failed: Option<String>,
}

/// Why the iteration stopped, with a remedy that this command has.
pub(super) fn stop_words(stop: Stop) -> String {
    match stop {
        Stop::Slow { distance } => {
            format!("slow: still about {distance:.1e} from the fixed point, which is given below; --rounds allows more")
        }
        Stop::Cycle { period } => {
            format!("a cycle of {period} rounds: try the other --update, or another --start-d and --start-alpha")
        }
        Stop::Jump => "the map jumps over its fixed point: narrow --alpha, or leave curves out with --where".into(),
        Stop::Rounds => "out of rounds before the trace told where it leads: allow more with --rounds".into(),
        other => other.to_string(),
    }
}

/// What the starts say of D.
pub(super) fn meaning(found: &Found) -> &'static str {
    match found.verdict {
        Identification::Identified => "identified: every start ends within 1 % of the others",
        Identification::NotIdentified => "not identified: the end depends on the start",
    }
}

/// Every curve with the D that was found.
pub(super) fn fits(task: &Task<'_>, usable: &Usable, found: &Found) -> FitTable {
    let curves = task.curves;
    let mut table = FitTable::new(curves, LawName::Law1, &Wanted::std_errors());
    for ((group, points), fit) in usable.groups.iter().zip(&usable.points).zip(&found.fits) {
        let excluded = task.excluded(*group, points);
        table.outcome(
            curves,
            &Outcome { group: *group, points, result: &Ok(Fitted::Straight(*fit)), excluded, details: None },
        );
    }
    for (group, error) in &usable.errors {
        table.outcome(
            curves,
            &Outcome { group: *group, points: &[], result: &Err(error.clone()), excluded: 0, details: None },
        );
    }
    table
}
