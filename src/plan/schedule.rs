//! The cheapest way to a verdict, several measurements ahead.
//!
//! Sequences of up to ten measurements: one size again and again, each time the next size, one size some times and then
//! another. The quadratic approximation names 32 of them; these are followed in simulations, in which the data with the
//! measurements of a path are fitted and judged again after each, as they will be. What has the most chance per cost is put
//! before the best of those that are sure enough, and the worse half is left out until four are left; what is said of the one that
//! is chosen comes from paths of its own, so that no luck is in it.
use crate::fit::{Curve, Source, Syn2RealFit, each, source_of};
use crate::forecast::Forecast;
use crate::infer::{Problem, Quantity};
use crate::math;
use crate::point::Point;

use super::by_forecast::{self, Answer, answer};
use super::design::{Candidate, check};
use super::draws::{Draws, Truth};
use super::error::PlanError;
use super::lines::{LINES, Line, MOST, Outlook, Screen, worth};
use super::local::Simple;
use super::odds::VerdictOdds;
use super::options::PlanOptions;
use super::outcome::Outcome;
use super::paths::Paths;
use super::size::by_law_unless_contradicted;

/// Paths that are followed at a time, at least and at most for what is said in the end.
const BATCH: usize = 8;
const LEAST: u32 = 64;
const LAST: u32 = 400;

/// Sequences among which the last choice is made.
const FINALISTS: usize = 4;

/// The share of the work that a round may take: there are five, and one for what is said.
const ROUNDS: u32 = 6;

/// Openings that are put before others, the longest of them, and the smallest chance that makes one.
const OPENINGS: usize = 3;
const LONGEST: usize = MOST / 2;
const CHANCE: f64 = 0.05;

/// Options of [`schedule`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ScheduleOptions {
    /// The probability of a verdict that is enough: the cheapest schedule with it is chosen. Default: .8, the power that studies
    /// are planned for (Cohen 1988).
    pub probability: f64,
    /// About how many verdicts are simulated; one of the forecast counts as 40. Default: 12,000, a second and a half for six points on one core.
    pub verdicts: u32,
    /// Seed of the simulation. Default: 0.
    pub seed: u64,
}

impl Default for ScheduleOptions {
    fn default() -> ScheduleOptions {
        ScheduleOptions { probability: 0.8, verdicts: 12_000, seed: 0 }
    }
}

/// Measurements of one size.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Step {
    /// Which candidate.
    pub index: usize,
    /// Samples.
    pub n: f64,
    /// How often, at most: it ends as soon as there is a verdict.
    pub times: u32,
}

/// Measurements one after the other, until there is a verdict or they are made.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Schedule {
    steps: [Step; MOST],
    len: usize,
    /// How likely each verdict is in the end.
    pub odds: VerdictOdds,
    /// The expected cost: what is not measured any more because there is a verdict costs nothing.
    pub cost: f64,
    /// The cost if all of it is measured.
    pub most: f64,
    /// Simulated paths behind the odds and the cost: a probability p has the standard error sqrt(p (1 - p) / paths).
    pub paths: u32,
}

impl Schedule {
    /// The measurements in order; none if the data decide already, or refuse both the law and the forecast.
    pub fn steps(&self) -> &[Step] {
        self.steps.get(..self.len).unwrap_or(&self.steps)
    }

    /// The probability of a verdict of either kind.
    pub fn probability(&self) -> f64 {
        self.odds.decided()
    }

    fn nothing(odds: VerdictOdds) -> Schedule {
        let steps = [Step { index: 0, n: 0.0, times: 0 }; MOST];
        Schedule { steps, len: 0, odds, cost: 0.0, most: 0.0, paths: 0 }
    }
}

/// The cheapest way to a verdict of [`samples_for`](super::samples_for): the schedule of the least expected cost among those that
/// decide with the probability of the options; where none does, the one with the most chance per cost among those that have at least
/// half of the best chance. A measurement may be made of any candidate, any number of times.
///
/// Truths are drawn from what the data leave possible: from the posterior of law (1), or step by step from the forecast where that
/// answers ([`Basis`](super::Basis)). What answers is asked once, of the data of now.
///
/// # Errors
/// As [`verdict_odds`](super::design::verdict_odds), [`PlanError::NoCandidates`], and [`PlanError::Probability`] for that of the
/// options.
///
/// # Accuracy
/// Over the worlds of `cargo run --release --example next_schedules` the share that is decided is that which is said, within the
/// standard error there. Work: at most about one and a half times the verdicts of the options for law (1); the forecast follows
/// 6 sequences of four measurements and needs some 600 verdicts at least.
///
/// ```
/// use syn2real::Syn2RealLaw;
/// use syn2real::plan::PlanOptions;
/// use syn2real::plan::design::{Candidate, ScheduleOptions, schedule};
///
/// let points = [(1_000, 0.90), (2_000, 0.83), (4_000, 0.79), (8_000, 0.755), (16_000, 0.74), (32_000, 0.727)];
/// let fit = Syn2RealLaw::fit(&points)?;
/// let sizes = [32e3, 64e3, 128e3, 256e3].map(|n| Candidate::new(n).with_cost(n));
/// let options = ScheduleOptions { verdicts: 2_000, ..ScheduleOptions::default() };
/// let found = schedule(&fit, &points, 0.71, &sizes, &options, &PlanOptions::default())?;
/// assert!(found.probability() > 0.3 && !found.steps().is_empty());
/// assert!(found.cost <= found.most);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn schedule<T: Copy + Into<Point>>(
    fit: &Syn2RealFit,
    points: &[T],
    target: f64,
    candidates: &[Candidate],
    schedule: &ScheduleOptions,
    options: &PlanOptions,
) -> Result<Schedule, PlanError> {
    schedule_of(fit, &source_of(fit, points), target, candidates, schedule, options)
}

fn schedule_of(
    fit: &Syn2RealFit,
    data: &Source<'_>,
    target: f64,
    candidates: &[Candidate],
    settings: &ScheduleOptions,
    options: &PlanOptions,
) -> Result<Schedule, PlanError> {
    if !(settings.probability > 0.0 && settings.probability < 1.0) {
        return Err(PlanError::Probability);
    }
    let mut budget = options.check(target, fit.report().n_max)?;
    for c in candidates {
        check(&[(c.n, "n"), (c.weight, "weight")], c.cost)?;
        budget = options.check(target, fit.report().n_max.max(c.n))?;
    }
    if candidates.is_empty() {
        return Err(PlanError::NoCandidates);
    }
    let mut curve = Curve::EMPTY;
    let problem = Problem::new(fit, data, &mut curve)?;
    options.check_values(fit, Some(target), each(data))?;
    let answer = answer(fit, data, options)?;
    let none = VerdictOdds { reachable: 0.0, out_of_reach: 0.0, undetermined: 0.0 };
    let (verdict, forecast) = match &answer {
        Answer::Law { misfit: Some(_) } | Answer::Forecast { refuted: Some(_), .. } => {
            return Ok(Schedule::nothing(VerdictOdds { undetermined: 1.0, ..none }));
        }
        Answer::Law { misfit: None } => (by_law_unless_contradicted(&problem, target, options)?, None),
        Answer::Forecast { forecast, .. } => (by_forecast::verdict(forecast, target, budget, options), Some(forecast)),
    };
    match Outcome::of(&verdict) {
        Outcome::Reachable => return Ok(Schedule::nothing(VerdictOdds { reachable: 1.0, ..none })),
        Outcome::OutOfReach => return Ok(Schedule::nothing(VerdictOdds { out_of_reach: 1.0, ..none })),
        Outcome::Undetermined => {}
    }
    let draws = match forecast {
        None => Some(Draws::new(&problem, settings.seed)?),
        Some(_) => None,
    };
    let paths = Paths { fit, data, candidates, target, budget, options, forecast, seed: settings.seed };
    let mut race = Race { paths, draws, path: 0, enough: settings.probability };
    let mut lines = [Line::NONE; LINES];
    let count = lines_of(&problem, &race, forecast, &mut lines)?.min(LINES);
    let mut tallies = lines.map(Tally::new);
    let quota = settings.verdicts / ROUNDS;
    let mut alive = count;
    while let Some(racing) = tallies.get_mut(..alive) {
        race.round(racing, quota, u32::MAX);
        if alive <= FINALISTS {
            break;
        }
        let is_first = alive == count;
        let openings = if is_first { openings(racing, &race) } else { [Line::NONE; OPENINGS] };
        sort(racing, |tally| tally.worth(&race));
        if !is_first {
            alive = (alive / 2).max(FINALISTS);
            continue;
        }
        // A quarter goes on, an eighth of all behind each opening as well.
        alive = (count / 4).max(FINALISTS);
        let Some((kept, rest)) = tallies.split_at_mut_checked(alive) else { break };
        let opened = openings.iter().filter(|line| !line.as_slice().is_empty());
        let both = opened.flat_map(|opening| kept.iter().take(count / 8).map(|tally| opening.then(&tally.line)));
        for (slot, line) in rest.iter_mut().zip(both) {
            *slot = Tally::new(line);
            alive += 1;
        }
    }
    let chosen = best(tallies.get(..alive).unwrap_or_default(), &race);
    let mut last = [Tally::new(chosen)];
    race.round(&mut last, quota, LAST);
    let [tally] = last;
    Ok(tally.schedule(&race))
}

/// The sequences to simulate.
fn lines_of(
    problem: &Problem<'_>,
    race: &Race<'_>,
    forecast: Option<&Forecast>,
    out: &mut [Line; LINES],
) -> Result<usize, PlanError> {
    let Paths { candidates, target, budget, options, .. } = race.paths;
    let simple = Simple::new(problem.fit, each(problem.data));
    let (outlook, quantile) = match forecast {
        None => {
            let (by, _) = simple.gradient(Quantity::ErrorAt { n: budget })?;
            let away = problem.fit.law().error_at(budget) - target;
            let quantile = simple.local.quantile(options.confidence.level(), 1).ok_or(PlanError::NoCovariance)?;
            (Outlook::Law { simple: &simple, by, away }, quantile)
        }
        Some(forecast) => {
            let away = math::ln(forecast.error_at(budget) / target);
            (Outlook::Forecast { forecast, budget, away }, forecast.quantile(options.confidence, 1.0))
        }
    };
    Ok(Screen { outlook, candidates, quantile, enough: race.enough }.lines(out))
}

/// Sequences that are simulated side by side, on the same truths and the same noise.
struct Race<'a> {
    paths: Paths<'a>,
    draws: Option<Draws<'a>>,
    path: u64,
    enough: f64,
}

impl Race<'_> {
    /// Follows paths in batches, all sequences along each: until the work is done, or so many paths are.
    fn round(&mut self, tallies: &mut [Tally], quota: u32, most: u32) {
        let (mut work, mut done) = (0_u32, 0_u32);
        while done == 0 || (work < quota && done < most) || (most < u32::MAX && done < LEAST) {
            for _ in 0..BATCH {
                let truth = self.draws.as_mut().map(Draws::next);
                for tally in tallies.iter_mut() {
                    work = work.saturating_add(tally.follow(&self.paths, truth.as_ref(), self.path));
                }
                self.path += 1;
            }
            done += BATCH as u32;
            // Nothing to be done: no candidate can be measured.
            if work == 0 {
                break;
            }
        }
    }
}

/// What came of a sequence.
#[derive(Clone, Copy)]
struct Tally {
    line: Line,
    paths: u32,
    /// Paths that ended with a verdict after so many measurements, and one less.
    reachable: [u32; MOST],
    out_of_reach: [u32; MOST],
}

/// How a prefix of a sequence does.
#[derive(Clone, Copy)]
struct Prefix {
    len: usize,
    chance: f64,
    cost: f64,
}

impl Tally {
    fn new(line: Line) -> Tally {
        Tally { line, paths: 0, reachable: [0; MOST], out_of_reach: [0; MOST] }
    }

    /// Follows it once; what that took.
    fn follow(&mut self, paths: &Paths<'_>, truth: Option<&Truth>, path: u64) -> u32 {
        let ended = paths.follow(&self.line, truth, path);
        self.paths += 1;
        let counts = match ended.outcome {
            Outcome::Reachable => &mut self.reachable,
            Outcome::OutOfReach => &mut self.out_of_reach,
            Outcome::Undetermined => return ended.work,
        };
        if let Some(count) = ended.after.checked_sub(1).and_then(|place| counts.get_mut(place)) {
            *count += 1;
        }
        ended.work
    }

    /// Each prefix, from the shortest.
    fn prefixes<'t>(&'t self, race: &'t Race<'_>) -> impl Iterator<Item = Prefix> + 't {
        let (mut chance, mut cost) = (0.0, 0.0);
        let paths = f64::from(self.paths.max(1));
        let counts = self.reachable.iter().zip(&self.out_of_reach).map(|(a, b)| f64::from(a + b));
        self.line.as_slice().iter().zip(counts).enumerate().map(move |(place, (index, count))| {
            let price = race.paths.candidates.get(*index).map_or(0.0, |c| c.cost);
            cost += price * (1.0 - chance);
            chance += count / paths;
            Prefix { len: place + 1, chance, cost }
        })
    }

    /// That of its best prefix.
    fn worth(&self, race: &Race<'_>) -> f64 {
        self.prefixes(race).map(|p| worth(p.chance, p.cost, race.enough)).fold(f64::INFINITY, f64::min)
    }

    /// What is said of it.
    fn schedule(&self, race: &Race<'_>) -> Schedule {
        let share = |counts: &[u32; MOST]| f64::from(counts.iter().sum::<u32>()) / f64::from(self.paths.max(1));
        let (reachable, out_of_reach) = (share(&self.reachable), share(&self.out_of_reach));
        let odds = VerdictOdds { reachable, out_of_reach, undetermined: 1.0 - reachable - out_of_reach };
        let mut schedule = Schedule::nothing(odds);
        schedule.paths = self.paths;
        schedule.cost = self.prefixes(race).last().map_or(0.0, |p| p.cost);
        for (index, c) in self.line.as_slice().iter().filter_map(|k| Some((*k, race.paths.candidates.get(*k)?))) {
            schedule.most += c.cost;
            let open = schedule.len.checked_sub(1).and_then(|last| schedule.steps.get_mut(last));
            match open.filter(|step| step.index == index) {
                Some(step) => step.times += 1,
                None => {
                    if let Some(slot) = schedule.steps.get_mut(schedule.len) {
                        *slot = Step { index, n: c.n, times: 1 };
                        schedule.len += 1;
                    }
                }
            }
        }
        schedule
    }
}

/// The prefix to follow: the cheapest with chance enough, else the one with the most chance for its cost of those with half of
/// the best chance.
fn best(tallies: &[Tally], race: &Race<'_>) -> Line {
    let all = || tallies.iter().flat_map(|tally| tally.prefixes(race).map(move |p| (tally, p)));
    let most = all().map(|(_, p)| p.chance).fold(0.0, f64::max);
    let cheapest = |least: f64, cost: fn(&Prefix) -> f64| {
        let good = all().filter(move |(_, p)| p.chance >= least);
        good.reduce(|a, b| if cost(&b.1) < cost(&a.1) { b } else { a })
    };
    let enough = cheapest(race.enough, |p| p.cost);
    let chosen = enough.or_else(|| cheapest(0.5 * most, |p| p.cost / p.chance));
    chosen.map_or(Line::NONE, |(tally, p)| tally.line.first(p.len))
}

/// The shortest ways to the most chance per cost, of different first candidates.
fn openings(tallies: &[Tally], race: &Race<'_>) -> [Line; OPENINGS] {
    let mut found = [(0.0, Line::NONE); OPENINGS];
    for tally in tallies {
        for p in tally.prefixes(race).take(LONGEST).filter(|p| p.chance >= CHANCE) {
            let mut carry = (p.chance / p.cost, tally.line.first(p.len));
            for slot in &mut found {
                let is_same = slot.1.as_slice().first() == carry.1.as_slice().first();
                if carry.0 > slot.0 {
                    core::mem::swap(slot, &mut carry);
                }
                if is_same {
                    break;
                }
            }
        }
    }
    found.map(|(_, line)| line)
}

/// From the smallest on, equals as they stand.
fn sort(tallies: &mut [Tally], by: impl Fn(&Tally) -> f64) {
    for end in 1..tallies.len() {
        let mut place = end;
        while let Some([a, b]) = place.checked_sub(1).and_then(|before| tallies.get_mut(before..=place)) {
            if !(by(b) < by(a)) {
                break;
            }
            core::mem::swap(a, b);
            place -= 1;
        }
    }
}
