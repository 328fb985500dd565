//! The controller in simulated worlds reaches the right end; the table of 1,000 runs each is printed by
//! `cargo run --release --example controller_worlds`.
#![allow(clippy::disallowed_methods, reason = "a test is not core")]
#[path = "../examples/controller_worlds/world.rs"]
mod world;

use world::{KINDS, World, run};

#[test]
fn nineteen_runs_of_twenty_end_right() {
    let runs: u64 = if std::env::var_os("SYN2REAL_FULL").is_some() { 1000 } else { 200 };
    for kind in KINDS {
        let mut wrong = Vec::new();
        for seed in 0..runs {
            let run = run(&mut World::new(kind, seed), |_, _| {});
            assert!(run.trainings > 3 && run.samples >= run.oracle.min(1e3), "{kind:?} {seed}: it worked");
            if !run.is_right {
                wrong.push((seed, run.end));
            }
        }
        // The promise is 95 % of 1,000.
        assert!(wrong.len() as u64 * 20 <= runs, "{kind:?}: {} wrong ends of {runs}: {wrong:?}", wrong.len());
    }
}
