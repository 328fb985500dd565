//! What `plan::design::schedule` promises, against worlds whose truth is known.
//!
//! ```text
//! cargo run --release --example next_schedules -- [worlds] [seed] [runs]
//! ```
//!
//! A world is a law (1) with its noise, six measured sizes, a target that they leave undetermined, and prices. Of each world:
//! what share of runs that follow the schedule is decided, beside the probability that was said; what it costs to come to a
//! verdict by asking again after every measurement, by the best single measurement (the chance of a verdict per cost, below
//! .05 the shrinkage of the interval per cost), and by doubling the largest size; and whether a single measurement that
//! decides with the probability that is enough costs less.
#![allow(clippy::disallowed_methods, reason = "an experiment, whose digits need not be those of every machine")]
mod policies;
mod world;

use policies::{Policy, Run, run};
use syn2real::Syn2RealLaw;
use syn2real::plan::design::{ScheduleOptions, schedule, verdict_odds};
use syn2real::plan::samples_for;
use world::World;

/// Runs that follow the schedule of a world, and runs of each policy if not told.
const FOLLOWED: u64 = 40;
const RUNS: u64 = 1;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let numbers: Vec<u64> = std::env::args().skip(1).map(|a| a.parse()).collect::<Result<_, _>>()?;
    let (worlds, seed) = (numbers.first().copied().unwrap_or(60), numbers.get(1).copied().unwrap_or(1));
    let runs = numbers.get(2).copied().unwrap_or(RUNS);
    let asked = ScheduleOptions::default();
    let policies = [Policy::Schedule, Policy::Single, Policy::Doubling];
    let (mut said, mut shares, mut bins) = (0.0, Vec::new(), [[0.0; 3]; 4]);
    let (mut beaten, mut decides, mut seconds) = (0, 0, Vec::new());
    let mut totals = [(0.0, 0, 0); 3];
    let mut kept = 0;
    for number in 0.. {
        if kept == worlds {
            break;
        }
        let world = World::new(seed, number);
        let points = world.measured();
        let Ok(fit) = Syn2RealLaw::fit(&points) else { continue };
        if samples_for(&fit, &points, world.target, &world.options).map_or(true, |v| v.is_decided()) {
            continue;
        }
        let started = cpu_time::ThreadTime::now();
        let found = schedule(&fit, &points, world.target, &world.candidates, &asked, &world.options)?;
        seconds.push(started.elapsed().as_secs_f64());
        // The data refuse the law (1 % of them): nothing is said.
        if found.steps().is_empty() {
            continue;
        }
        kept += 1;
        let decided =
            (0..FOLLOWED).filter(|k| world.follow(&points, found.steps(), *k)).count() as f64 / FOLLOWED as f64;
        said += found.probability();
        shares.push(decided - found.probability());
        if let Some(bin) = bins.get_mut((found.probability() * 4.0).min(3.0) as usize) {
            *bin = [bin[0] + 1.0, bin[1] + found.probability(), bin[2] + decided];
        }
        for c in &world.candidates {
            let odds = verdict_odds(&fit, &points, world.target, *c, &world.options)?.decided();
            // .03: the interpolation of the odds, and the standard error of the finalists.
            if odds >= asked.probability + 0.03 {
                decides += 1;
                beaten += u32::from(c.cost < 0.98 * found.cost);
            }
        }
        for (policy, total) in policies.iter().zip(&mut totals) {
            for k in 0..runs {
                let Run { cost, measured, decided } = run(&world, &points, *policy, k)?;
                *total = (total.0 + cost, total.1 + measured, total.2 + u32::from(decided));
            }
        }
    }
    let count = shares.len() as f64;
    let mean = shares.iter().sum::<f64>() / count;
    let sd = (shares.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / (count - 1.0)).sqrt();
    println!("{count} worlds, {FOLLOWED} runs along the schedule of each");
    println!(
        "said {:.3}, decided {:.3} (difference {mean:+.3}, standard error {:.3})",
        said / count,
        said / count + mean,
        sd / count.sqrt()
    );
    for (k, [worlds, said, decided]) in bins.iter().enumerate().filter(|(_, bin)| bin[0] > 0.0) {
        let from = 0.25 * k as f64;
        println!(
            "  said {from:.2} to {:.2}: {worlds} worlds, said {:.3}, decided {:.3}",
            from + 0.25,
            said / worlds,
            decided / worlds
        );
    }
    println!(
        "single measurements that decide with {}: {decides}; cheaper than the schedule: {beaten}",
        asked.probability
    );
    for (policy, (cost, measured, decided)) in policies.iter().zip(totals) {
        let runs = count * runs as f64;
        println!(
            "{policy:?}: cost {:.2}, measurements {:.2}, decided {:.2}",
            cost / runs,
            f64::from(measured) / runs,
            f64::from(decided) / runs
        );
    }
    seconds.sort_by(f64::total_cmp);
    println!(
        "seconds for a schedule: median {:.2}, most {:.2}",
        seconds[seconds.len() / 2],
        seconds[seconds.len() - 1]
    );
    Ok(())
}
