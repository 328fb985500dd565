//! Verdicts against what happened: public learning curves are fitted up to a size, and the planner is asked for errors that
//! their larger sizes came to.
//!
//! ```text
//! cargo run --release --example forecast_verdicts [level]
//! ```
//! For each kind of curve and each basis, the means over its curves of the share of questions that were answered (`decided`)
//! and answered wrongly: `reachable` where no measurement up to the budget came to the target, and `out of reach` where one
//! did. Questions: targets that cut the way from the last value that was fitted to the last one that was kept back into
//! tenths, and up to twelve of the sizes kept back as budgets. `law, trusted` is law (1) without `check`.
#![allow(clippy::disallowed_methods, reason = "an example is not core")]
mod held_out;

use held_out::{ROWS, curves, judge};
use syn2real::Confidence;
use syn2real::plan::{Basis, PlanOptions};

fn main() {
    let level = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(0.95);
    let confidence = Confidence::new(level).expect("a level between 0 and 1");
    let plain = PlanOptions { confidence, ..PlanOptions::default() };
    let all = curves();
    println!("curves        basis          decided  wrong: reachable  out of reach");
    for row in ROWS {
        let bases = [
            ("law, trusted", PlanOptions { check: false, basis: Basis::Law, ..plain }),
            ("law", PlanOptions { basis: Basis::Law, ..plain }),
            ("forecast", PlanOptions { basis: Basis::Forecast, ..plain }),
            ("auto", plain),
        ];
        for (name, options) in bases {
            let s = judge(&all, row, 1, &options);
            println!("{row:12}  {name:13}    {:5.3}            {:6.4}        {:6.4}", s.decided, s.promised, s.refused);
        }
    }
}
