//! A controller in simulated worlds: how often it reaches the right end, and with how many samples.
//!
//! ```text
//! cargo run --release --example controller_worlds            # the table, 1,000 runs of each kind
//! cargo run --release --example controller_worlds -- 3       # the steps of run 3 of each kind
//! ```
#![allow(clippy::disallowed_methods, reason = "an example is not core")]
mod world;

use std::collections::BTreeMap;
use world::{BUDGET, KINDS, Kind, OBSERVATIONS, Run, World, run};

const RUNS: u64 = 1000;

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = values.collect();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}

fn table() {
    println!(
        "{RUNS} runs of each kind, at most {OBSERVATIONS} trainings and {BUDGET} samples; medians of samples and trainings"
    );
    println!(
        "{:<12} {:>7} {:>10} {:>10} {:>6} {:>9}  ends",
        "world", "right", "samples", "oracle", "ratio", "trainings"
    );
    for kind in KINDS {
        let runs: Vec<Run> = (0..RUNS).map(|seed| run(&mut World::new(kind, seed), |_, _| {})).collect();
        let right = runs.iter().filter(|r| r.is_right).count();
        let ratio = match kind {
            Kind::Reachable | Kind::Noisy => format!("{:.2}", median(runs.iter().map(|r| r.samples / r.oracle))),
            _ => "-".to_string(),
        };
        let mut ends: BTreeMap<String, usize> = BTreeMap::new();
        for r in &runs {
            *ends.entry(format!("{}{:?}", if r.is_right { "" } else { "WRONG " }, r.end)).or_default() += 1;
        }
        println!(
            "{:<12} {:>5.1} % {:>10.0} {:>10.0} {:>6} {:>9.0}  {ends:?}",
            format!("{kind:?}"),
            100.0 * right as f64 / RUNS as f64,
            median(runs.iter().map(|r| r.samples)),
            median(runs.iter().map(|r| r.oracle)),
            ratio,
            median(runs.iter().map(|r| f64::from(r.trainings))),
        );
    }
}

fn steps(seed: u64) {
    for kind in KINDS {
        let mut world = World::new(kind, seed);
        println!(
            "{kind:?}: {:?}, target {:.4}, an oracle takes {:.0} samples",
            world.law,
            world.target,
            world.oracle()
        );
        let end = run(&mut world, |point, decision| {
            println!("  n = {:>9.0}  error {:.4}  -> {decision}", point.n, point.error)
        });
        println!("  {}\n", if end.is_right { "the right end" } else { "the wrong end" });
    }
}

fn main() {
    match std::env::args().nth(1).map(|text| text.parse()) {
        None => table(),
        Some(Ok(seed)) => steps(seed),
        Some(Err(_)) => {
            eprintln!("usage: controller_worlds [number of a run]");
            std::process::exit(2);
        }
    }
}
