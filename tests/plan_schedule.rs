//! Schedules of measurements against worlds whose truth is known. At length: `examples/next_schedules`.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
#[allow(dead_code, reason = "the example uses more of it")]
#[path = "../examples/next_schedules/world.rs"]
mod world;

use syn2real::Syn2RealLaw;
use syn2real::plan::design::{Candidate, ScheduleOptions, schedule, verdict_odds};
use syn2real::plan::{PlanError, PlanOptions, samples_for};

use world::World;

const POINTS: [(f64, f64); 6] = [(1e3, 0.90), (2e3, 0.83), (4e3, 0.79), (8e3, 0.755), (16e3, 0.74), (32e3, 0.727)];

/// Fifty undetermined curves: what is said of a schedule happens in worlds that are not those of its simulation, and no single
/// measurement that decides as surely costs less. `next` advised the best single measurement, although it often decided nothing.
#[test]
fn what_a_schedule_says_happens_and_nothing_that_decides_is_cheaper() {
    let asked = ScheduleOptions { verdicts: 3_000, ..ScheduleOptions::default() };
    let (worlds, runs) = (50, 20);
    let (mut differences, mut surely, mut number) = (Vec::new(), 0, 0);
    while differences.len() < worlds {
        let world = World::new(7, number);
        number += 1;
        let points = world.measured();
        let fit = Syn2RealLaw::fit(&points).expect("a fit");
        if samples_for(&fit, &points, world.target, &world.options).map_or(true, |verdict| verdict.is_decided()) {
            continue;
        }
        let found = schedule(&fit, &points, world.target, &world.candidates, &asked, &world.options).expect("valid");
        // One in a hundred is refused by law (1).
        if found.steps().is_empty() {
            continue;
        }
        let measured: u32 = found.steps().iter().map(|step| step.times).sum();
        assert!((1..=10).contains(&measured) && found.cost <= found.most * (1.0 + 1e-12), "{found:?}");
        let decided = (0..runs).filter(|run| world.follow(&points, found.steps(), *run)).count() as f64 / runs as f64;
        differences.push(decided - found.probability());
        for candidate in &world.candidates {
            let odds = verdict_odds(&fit, &points, world.target, *candidate, &world.options).expect("valid");
            // With some 100 paths a probability of .8 has the standard error .04; two of them.
            if odds.decided() >= asked.probability + 0.08 {
                surely += 1;
                // A cost has the same uncertainty.
                assert!(found.cost <= 1.1 * candidate.cost, "{found:?} against {candidate:?} with {odds:?}");
            }
        }
    }
    let count = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / count;
    let sd = (differences.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / (count - 1.0)).sqrt();
    println!(
        "decided less said: {mean:.3}, standard error {:.3}; {surely} single measurements decide",
        sd / count.sqrt()
    );
    // Three standard errors, and .05 for a prior that is not that of these worlds.
    assert!(mean.abs() <= 3.0 * sd / count.sqrt() + 0.05, "{mean} {sd}");
    assert!(surely >= 5, "worlds in which one measurement decides: {surely}");
}

#[test]
fn the_same_question_has_the_same_answer_and_bad_ones_are_named() {
    let fit = Syn2RealLaw::fit(&POINTS).expect("a fit");
    let candidates = [32e3, 64e3, 128e3].map(Candidate::new);
    let (few, plan) = (ScheduleOptions { verdicts: 400, ..ScheduleOptions::default() }, PlanOptions::default());
    let ask = |candidates: &[Candidate], target: f64, options: &ScheduleOptions| {
        schedule(&fit, &POINTS, target, candidates, options, &plan)
    };
    let found = ask(&candidates, 0.71, &few).expect("valid");
    assert_eq!(ask(&candidates, 0.71, &few), Ok(found));
    assert!((found.odds.decided() + found.odds.undetermined - 1.0).abs() < 1e-12 && found.paths >= 64, "{found:?}");
    // All cost the same: the largest tells most.
    assert_eq!(found.steps().last().map(|step| step.n), Some(128e3), "{found:?}");
    // Decided already, one way and the other.
    let reached = ask(&candidates, 0.8, &few).expect("valid");
    assert!(reached.steps().is_empty() && reached.odds.reachable == 1.0 && reached.cost == 0.0, "{reached:?}");
    let never = ask(&candidates, 0.5, &few).expect("valid");
    assert!(never.steps().is_empty() && never.odds.out_of_reach == 1.0, "{never:?}");
    assert_eq!(ask(&[], 0.71, &few), Err(PlanError::NoCandidates));
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(ask(&[Candidate::new(bad)], 0.71, &few), Err(PlanError::Size { field: "n" }), "{bad}");
        let priced = Candidate::new(1e3).with_cost(bad);
        assert_eq!(ask(&[priced], 0.71, &few), Err(PlanError::Cost { field: "cost" }), "{bad}");
        assert_eq!(ask(&candidates, bad, &few), Err(PlanError::Target), "{bad}");
        let probability = ScheduleOptions { probability: bad, ..few };
        assert_eq!(ask(&candidates, 0.71, &probability), Err(PlanError::Probability), "{bad}");
    }
    let most = PlanOptions { budget: Some(64e3), ..plan };
    let beyond = schedule(&fit, &POINTS, 0.71, &candidates, &few, &most);
    assert_eq!(beyond, Err(PlanError::BudgetBelowData { already: 128e3 }));
    // As many parameters as points: the scatter is unknown.
    let three = &POINTS[..3];
    let fit = Syn2RealLaw::fit(three).expect("a fit");
    assert_eq!(schedule(&fit, three, 0.71, &candidates, &few, &plan), Err(PlanError::NoCovariance));
}
