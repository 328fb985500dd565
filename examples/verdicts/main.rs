//! How often the planner's verdicts are right, and how often it dares one: simulated settings whose truth is known.
//!
//! ```text
//! cargo run --release --example verdicts [replicates] [level]
//! ```
//! For each law, noise and target: the shares of replicates (2,000 unless told otherwise) with each verdict at the level (.95
//! unless told otherwise), without a budget. `margin` is the distance of the target from the true C in half widths of the 95 %
//! interval that C has at the true noise: beyond 1 in size that interval excludes the target. At 1 a test of this level decides
//! in about half of the replicates, whatever the test.
#![allow(clippy::disallowed_methods, reason = "an example is not core")]
mod simulate;

use simulate::{MARGINS, cells, cells_at, shares};
use syn2real::Confidence;
use syn2real::plan::PlanOptions;

/// Distances of the target from the true C in standard errors that C has at the true noise.
const DISTANCES: [f64; 13] = [-8.0, -6.0, -5.0, -4.0, -3.0, -2.0, 0.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0];

fn main() {
    let replicates = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(2000_usize).max(1);
    let level = std::env::args().nth(2).and_then(|a| a.parse().ok()).unwrap_or(0.95);
    let confidence = Confidence::new(level).expect("a level between 0 and 1");
    let options = PlanOptions { confidence, ..PlanOptions::default() };
    println!("    D  alpha       C   noise margin    target       n*  reach unreach infeas undeterm  wrong");
    let mut by_margin = MARGINS.map(|margin| (margin, Vec::new()));
    let mut worst = 0.0_f64;
    for cell in cells() {
        let s = shares(&cell, replicates, &options);
        let (law, wrong) = (cell.law, s.wrong(&cell));
        let n = cell.n.map_or("-".to_string(), |n| format!("{n:.2e}"));
        println!(
            "{:5.2} {:6.3} {:7.4} {:7.4} {:6.1} {:9.5} {:>8}  {:5.3}   {:5.3}  {:5.3}    {:5.3}  {:5.3}",
            law.d,
            law.alpha,
            law.c,
            cell.noise,
            cell.margin,
            cell.target,
            n,
            s.reachable,
            s.unreachable,
            s.infeasible,
            s.undetermined,
            wrong
        );
        worst = worst.max(wrong);
        let slot = by_margin.iter_mut().find(|(margin, _)| *margin == cell.margin).expect("one of the margins");
        slot.1.push((wrong, 1.0 - s.undetermined));
    }
    println!("\n margin  cells  wrong: mean  most   decided: mean  least");
    for (margin, cells) in by_margin.iter().filter(|(_, cells)| !cells.is_empty()) {
        let count = cells.len() as f64;
        let mean = |f: fn(&(f64, f64)) -> f64| cells.iter().map(f).sum::<f64>() / count;
        let most = cells.iter().map(|c| c.0).fold(0.0, f64::max);
        let least = cells.iter().map(|c| c.1).fold(1.0, f64::min);
        println!(
            "{margin:7.1} {:6}       {:6.4} {most:6.4}         {:6.4} {least:6.4}",
            cells.len(),
            mean(|c| c.0),
            mean(|c| c.1)
        );
    }
    let excluded = by_margin.iter().filter(|(margin, _)| margin.abs() >= 1.0).flat_map(|(_, cells)| cells);
    let (count, decided) = excluded.fold((0.0, 0.0), |(count, sum), cell| (count + 1.0, sum + cell.1));
    println!("\nwrong: at most {:.1} % of {replicates} replicates in any cell", 100.0 * worst);
    println!(
        "decided: {:.1} % in the mean of the {count} cells whose interval excludes the target",
        100.0 * decided / count
    );
    println!("\ndistance of the target from C in standard errors; share of replicates in %:");
    println!("distance  cells  decided: mean  least   most   wrong: mean   most");
    for distance in DISTANCES {
        let cells = cells_at(distance);
        let all: Vec<_> = cells.iter().map(|cell| (shares(cell, replicates, &options), cell)).collect();
        let decided: Vec<f64> = all.iter().map(|(s, _)| 100.0 * (1.0 - s.undetermined)).collect();
        let wrong: Vec<f64> = all.iter().map(|(s, cell)| 100.0 * s.wrong(cell)).collect();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let (least, most) = decided.iter().fold((100.0_f64, 0.0_f64), |(low, high), v| (low.min(*v), high.max(*v)));
        println!(
            "{distance:8.1} {:6} {:14.1} {least:6.1} {most:6.1} {:13.1} {:6.1}",
            cells.len(),
            mean(&decided),
            mean(&wrong),
            wrong.iter().copied().fold(0.0, f64::max)
        );
    }
}
