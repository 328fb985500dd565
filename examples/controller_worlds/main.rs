//! A controller in simulated worlds: how often it reaches the right end, and with how many samples.
//!
//! ```text
//! cargo run --release --example controller_worlds            # the table, 1,000 runs of each kind
//! cargo run --release --example controller_worlds -- 3       # the steps of run 3 of each kind
//! cargo run --release --example controller_worlds -- time    # what an observation costs with 64 entries
//! ```
#![allow(clippy::disallowed_methods, reason = "an example is not core")]
mod world;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;
use syn2real::Syn2RealLaw;
use syn2real::control::{Controller, Goal};
use world::{BUDGET, KINDS, Kind, OBSERVATIONS, Random, Run, START, World, run};

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

/// The time of one observation when all 64 places are taken, the least of 200: by how many sizes there are and by what is
/// found.
fn time() {
    let law = Syn2RealLaw { d: 5.0, alpha: 0.3, c: 0.2 };
    println!("microseconds of observe with 64 entries; clone included");
    println!("{:>6} {:>8} {:>8}  decision", "sizes", "target", "least");
    for (sizes, growth) in [(10, 2.0_f64), (16, 1.6), (32, 1.25), (64, 1.1)] {
        for target in [0.17, 0.21, 0.24, 0.26, 0.28, 0.3, 0.35] {
            let goal = Goal::new(target).and_then(|g| g.with_budget(1e6)).expect("in range");
            let mut random = Random(7);
            let mut controller = Controller::<64>::new(goal);
            let mut point = || {
                let n = START * growth.powi((random.bits() % sizes) as i32);
                (n, law.error_at(n) * random.uniform(0.98, 1.02))
            };
            for _ in 0..200 {
                controller.observe(point());
            }
            let mut least = f64::INFINITY;
            let mut decision = controller.decision();
            for _ in 0..200 {
                let mut copy = controller.clone();
                let point = point();
                let start = Instant::now();
                decision = black_box(&mut copy).observe(black_box(point));
                least = least.min(start.elapsed().as_secs_f64());
            }
            println!("{sizes:>6} {target:>8} {:>8.1}  {decision}", 1e6 * least);
        }
    }
}

fn main() {
    let argument = std::env::args().nth(1);
    match (argument.as_deref(), argument.as_deref().and_then(|text| text.parse().ok())) {
        (None, _) => table(),
        (Some("time"), _) => time(),
        (_, Some(seed)) => steps(seed),
        _ => {
            eprintln!("usage: controller_worlds [number of a run | time]");
            std::process::exit(2);
        }
    }
}
