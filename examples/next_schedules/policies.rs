//! Ways to a verdict, one measurement after the other.
use syn2real::Syn2RealLaw;
use syn2real::infer::Quantity;
use syn2real::plan::PlanError;
use syn2real::plan::design::{Aim, ScheduleOptions, next, schedule, verdict_odds};

use super::world::World;

/// Measurements after which a run ends without a verdict.
const MOST: u32 = 16;

/// A chance of a verdict below this does not choose.
const CHANCE: f64 = 0.05;

/// Verdicts for each time that the schedule is asked for again.
const VERDICTS: u32 = 6_000;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Policy {
    /// The first step of the schedule, asked for again after every measurement.
    Schedule,
    /// The single measurement with the best chance per cost, else the one that shrinks the interval most per cost.
    Single,
    /// Twice the largest size each time, then the largest candidate again.
    Doubling,
}

pub(crate) struct Run {
    pub(crate) cost: f64,
    pub(crate) measured: u32,
    pub(crate) decided: bool,
}

pub(crate) fn run(
    world: &World,
    points: &[(f64, f64)],
    policy: Policy,
    number: u64,
) -> Result<Run, Box<dyn std::error::Error>> {
    let (mut points, mut draw) = (points.to_vec(), world.stream(1000 + number));
    let mut run = Run { cost: 0.0, measured: 0, decided: false };
    while run.measured < MOST && !run.decided {
        let index = choose(world, &points, policy)?;
        let candidate = world.candidates[index];
        points.push(world.measure(candidate.n, &mut draw));
        run.cost += candidate.cost;
        run.measured += 1;
        run.decided = world.is_decided(&points);
    }
    Ok(run)
}

fn choose(world: &World, points: &[(f64, f64)], policy: Policy) -> Result<usize, Box<dyn std::error::Error>> {
    let (fit, candidates) = (Syn2RealLaw::fit(points)?, &world.candidates);
    let largest = points.iter().map(|p| p.0).fold(0.0, f64::max);
    let doubled = candidates.iter().position(|c| c.n > largest).unwrap_or(candidates.len() - 1);
    match policy {
        Policy::Doubling => Ok(doubled),
        Policy::Schedule => {
            let options = ScheduleOptions { verdicts: VERDICTS, ..ScheduleOptions::default() };
            let found = schedule(&fit, points, world.target, candidates, &options, &world.options)?;
            Ok(found.steps().first().map_or(doubled, |step| step.index))
        }
        Policy::Single => {
            let chances = candidates
                .iter()
                .map(|c| verdict_odds(&fit, points, world.target, *c, &world.options).map(|odds| odds.decided()));
            let chances = chances.collect::<Result<Vec<_>, PlanError>>()?;
            if chances.iter().all(|chance| *chance < CHANCE) {
                let aim = Aim::Quantity(Quantity::SamplesFor { target: world.target });
                return Ok(next(&fit, points, candidates, aim, &world.options)?.index);
            }
            let per_cost = |k: &usize| chances[*k] / candidates[*k].cost;
            let best = (0..candidates.len()).max_by(|a, b| per_cost(a).total_cmp(&per_cost(b)));
            Ok(best.unwrap_or(doubled))
        }
    }
}
