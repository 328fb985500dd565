//! `next`: the cheapest way to a verdict, or the measurement that tells most about the question, for each group.
mod ahead;
mod page;
mod sizes;

use std::io::{BufWriter, Write, stdout};

use clap::{Args, ValueEnum};
use serde::Serialize;
use syn2real::Parameter;
use syn2real::infer::{Check, Quantity};
use syn2real::plan::design::{Aim, Candidate, Prospect, ScheduleOptions, VerdictOdds, next, schedule, verdict_odds};
use syn2real::plan::{Basis, LARGEST_COUNT, PlanError, PlanOptions, Verdict, samples_for};

use crate::args::{CurveArgs, Form, ThreadArgs};
use crate::errors::Error;
use crate::fitting::{self, Task};
use crate::group::Curves;
use crate::oddity::{Note, below, oddities, sentences};
use crate::output::record::{ErrorRecord, Group};
use crate::output::text::TextTable;
use crate::output::{Head, announce, counted, done, failed, place, short};
use crate::parallel::Workers;
use crate::question::{
    self, AnyTarget, BasisArgs, MethodName, Posed, Refused, answered, answered_by, basis_name, confidence, digits,
};
use crate::read::number::size;
use crate::report::settings;
use crate::target::TargetArgs;

use ahead::Ahead;
pub(crate) use ahead::AheadRecord;
use sizes::{sizes, weight};

/// Groups for which measurements are looked for several ahead, a second or two each on one core; of more, the best single one.
const GROUPS: usize = 100;
/// Rows of a group up to which verdicts are simulated: one of them takes in proportion to the rows.
const ROWS: usize = 400;
/// The probability of a verdict that is enough, as in the library.
const ENOUGH: f64 = 0.8;

/// Arguments of `next`.
#[derive(Debug, Args)]
pub(crate) struct NextArgs {
    #[command(flatten)]
    data: CurveArgs,
    #[command(flatten)]
    target: TargetArgs,
    /// Most synthetic samples that there can be in all.
    #[arg(long, value_name = "N", value_parser = size, allow_negative_numbers = true, requires = "to_reach", help_heading = "Question")]
    budget: Option<f64>,
    /// Give a verdict also where the law does not describe the data (p < .01), as `plan` does.
    #[arg(long, requires = "to_reach", help_heading = "Question")]
    no_check: bool,
    #[command(flatten)]
    basis: BasisArgs,
    /// What the measurement is for, if there is no target: a parameter of the law, or all of them (D-optimal).
    #[arg(long, value_enum, conflicts_with = "to_reach", help_heading = "Question")]
    aim: Option<AimName>,
    #[command(flatten)]
    any: AnyTarget,
    /// Level of the intervals, between 0 and 1.
    #[arg(long, value_name = "P", default_value_t = 0.95, allow_negative_numbers = true, help_heading = "Question")]
    level: f64,
    /// The probability of a verdict that is enough: the cheapest measurements that come to one with it are looked for.
    #[arg(long, value_name = "P", default_value_t = ENOUGH, allow_negative_numbers = true, help_heading = "Question")]
    probability: f64,
    /// Sizes that can be measured [default: those measured, three doublings of the largest, and others up to the budget].
    #[arg(long, value_name = "N,N", value_delimiter = ',', value_parser = size, allow_negative_numbers = true, help_heading = "Candidates")]
    candidates: Vec<f64>,
    /// Cost of a sample, in any unit.
    #[arg(long, value_name = "X", default_value_t = 0.0, allow_negative_numbers = true, help_heading = "Candidates")]
    per_sample: f64,
    /// Cost of a measurement whatever its size.
    #[arg(long, value_name = "X", default_value_t = 1.0, allow_negative_numbers = true, help_heading = "Candidates")]
    fixed: f64,
    #[command(flatten)]
    threads: ThreadArgs,
    /// How the results are printed.
    #[arg(long, value_enum, default_value_t = Form::Table, help_heading = "Output")]
    format: Form,
    /// Write DIR/index.html with a figure for each group: curve, band, and where to measure.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    report: Option<String>,
}

/// Names of the aims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AimName {
    D,
    Alpha,
    C,
    All,
}

/// What a candidate promises.
struct Choice {
    candidate: Candidate,
    prospect: Prospect,
    odds: Option<VerdictOdds>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Odds {
    reachable: f64,
    out_of_reach: f64,
    undetermined: f64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CandidateRecord {
    n: f64,
    cost: f64,
    shrink: f64,
    per_cost: f64,
    /// null for --aim all, and where the scatter is not known.
    half_width: Option<f64>,
    /// null without a target.
    odds: Option<Odds>,
}

impl CandidateRecord {
    fn new(choice: &Choice) -> CandidateRecord {
        let Prospect { shrink, per_cost, half_width, .. } = choice.prospect;
        let odds = choice.odds.map(|o| Odds {
            reachable: o.reachable,
            out_of_reach: o.out_of_reach,
            undetermined: o.undetermined,
        });
        CandidateRecord { n: choice.candidate.n, cost: choice.candidate.cost, shrink, per_cost, half_width, odds }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct GroupRecord<'a> {
    group: Group<'a>,
    /// Whether the data decide already, so that no measurement is needed: whether `plan` has a verdict; null without a target.
    decided: Option<bool>,
    /// The verdict of `plan` on the target, and why; null without a target.
    verdict: Option<&'static str>,
    reason: Option<String>,
    /// What answered, `law` or `forecast`, and why; null without a target: parameters are of the law.
    basis: Option<&'static str>,
    basis_reason: Option<String>,
    /// The measurements that lead to a verdict for the least cost; null without a target, where the data decide, where the
    /// scatter is not known, and with more than 100 groups.
    plan: Option<AheadRecord>,
    /// The best candidate: the first of the plan, or the one that shrinks the interval most for its cost.
    n: f64,
    candidates: Vec<CandidateRecord>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Next"))]
pub(crate) struct Record<'a> {
    groups: Vec<GroupRecord<'a>>,
    errors: Vec<ErrorRecord<'a>>,
}

/// What came of a group.
pub(crate) struct Chosen {
    choices: Vec<Choice>,
    /// Which of them is best.
    best: usize,
    /// The way to a verdict; none where there is no open target, or where the scatter is not known.
    ahead: Option<Ahead>,
    /// That of `plan`; none without a target.
    verdict: Option<Verdict>,
    /// Whether the law describes the data.
    check: Check,
    /// What is odd about its rows.
    odd: Vec<Note>,
    /// Measurements there are.
    rows: usize,
}

impl NextArgs {
    /// What another command asks of `next`; all else as it is by default.
    pub(crate) fn of(data: CurveArgs, posed: Posed) -> NextArgs {
        let Posed { target, budget, any, level, no_check, basis } = posed;
        NextArgs {
            data,
            target,
            budget,
            no_check,
            basis,
            aim: None,
            any,
            level: level.level,
            probability: ENOUGH,
            candidates: Vec::new(),
            per_sample: 0.0,
            fixed: 1.0,
            threads: ThreadArgs { threads: None },
            format: Form::Table,
            report: None,
        }
    }
}

impl Chosen {
    /// Whether measurements are known that lead to a verdict, or it is not known that there are none.
    pub(crate) fn leads(&self) -> bool {
        self.ahead.as_ref().is_none_or(Ahead::decides)
    }

    /// The size to measure at.
    pub(crate) fn n(&self) -> f64 {
        self.choices[self.best].candidate.n
    }

    /// What to measure, in a sentence.
    pub(crate) fn advice(&self) -> String {
        let n = place(self.n());
        match &self.ahead {
            Some(ahead) if ahead.decides() => ahead.sentence(),
            Some(ahead) => format!("{}; n = {n} would tell most", ahead.sentence()),
            None => format!("measure at n = {n}"),
        }
    }

    /// The measurements that lead to a verdict, for JSON.
    pub(crate) fn plan(&self) -> Option<AheadRecord> {
        self.ahead.as_ref().map(Ahead::record)
    }

    /// The chance that this measurement decides the question; `None` where there are no odds.
    pub(crate) fn chance(&self) -> Option<f64> {
        self.choices[self.best].odds.map(|odds| odds.decided())
    }
}

/// The next measurement of each group; tells whether all have one.
pub(crate) fn run(args: &NextArgs) -> Result<bool, Error> {
    let options = fitting::options(&args.data)?;
    let question = question(args)?;
    let workers = Workers::new(args.threads.threads)?;
    let (columns, curves) = args.data.read()?;
    args.target.resolve(&curves.read, args.any.any_target)?;
    announce(&curves.read, args.format)?;
    let task = Task { curves: &curves, columns: &columns.values, options: &options };
    let refused = Refused::default();
    let results = workers.map("choosing", curves.len(), |group| choose(args, &task, &question, &refused, group));
    let written = match args.format {
        Form::Json => json(args, &curves, &results, &settings(&options)),
        Form::Table => text(args, &curves, &results, &settings(&options)),
    };
    written.map_err(Error::stdout)?;
    if let Some(dir) = &args.report {
        let path = write_page(dir, args, &question, &task, &results, &workers, &settings(&options))?;
        Error::note(&format!("report: {path}"));
    }
    refused.or(results.iter().all(Result::is_ok))
}

/// Writes the page; returns its path.
fn write_page(
    dir: &str,
    args: &NextArgs,
    question: &PlanOptions,
    task: &Task<'_>,
    results: &[Result<Chosen, String>],
    workers: &Workers,
    settings: &str,
) -> Result<String, Error> {
    let row = |(group, chosen): (usize, &Chosen)| {
        let Choice { candidate, prospect, .. } = &chosen.choices[chosen.best];
        let (cost, shrink, chance) = (candidate.cost, prospect.shrink, chosen.chance());
        page::Row { group, n: chosen.n(), cost, shrink, chance, verdict: chosen.verdict }
    };
    let rows: Vec<page::Row> = done(results).map(row).collect();
    let line = |(group, error): (usize, &String)| format!("no choice: {}: {error}", task.curves.title(group));
    let failed: Vec<String> = failed(results).map(line).collect();
    let wanted = page::Wanted { target: args.target.error(), budget: args.budget, options: question };
    page::write(dir, &wanted, task, &rows, &failed, workers, settings)
}

/// Checks what is asked before a long file is read.
pub(crate) fn question(args: &NextArgs) -> Result<PlanOptions, Error> {
    let refuse = |text: String| Err(Error::Option(text));
    match (args.target.error(), args.aim) {
        (None, None) => return refuse("--target or --aim: say what the measurement is for".into()),
        (Some(target), _) if !(target > 0.0 && target < f64::INFINITY) => {
            return refuse(format!("--target: {target} is no error: give a fraction above 0, such as 0.25"));
        }
        _ => {}
    }
    if let Some(n) = args.candidates.iter().find(|n| !(**n > 0.0 && **n <= LARGEST_COUNT)) {
        return refuse(format!("--candidates: {n} is no size: give numbers of samples above 0 and up to 2^53"));
    }
    if let Some((n, most)) = args.budget.and_then(|most| Some((args.candidates.iter().find(|n| **n > most)?, most))) {
        return refuse(format!("--candidates: {n} is beyond --budget {most}: raise the one or leave the other out"));
    }
    let price = |x: f64| x >= 0.0 && x < f64::INFINITY;
    if !(price(args.per_sample) && price(args.fixed) && args.per_sample + args.fixed > 0.0) {
        return refuse("--per-sample, --fixed: give prices that are not negative, one of them above 0".into());
    }
    if !(args.probability > 0.0 && args.probability < 1.0) {
        return refuse(format!(
            "--probability: {} is none: give a number between 0 and 1, such as 0.8",
            args.probability
        ));
    }
    let (confidence, any_target) = (confidence(args.level)?, args.any.any_target);
    let (basis, check) = (args.basis.basis(), !args.no_check);
    if basis == Basis::Forecast && !args.target.is_given() {
        return refuse("--basis forecast: the forecast has no parameters: give --target, or leave --basis out".into());
    }
    args.basis.check(&args.data.law, MethodName::Profile)?;
    Ok(PlanOptions { confidence, budget: args.budget, any_target, check, basis, ..PlanOptions::default() })
}

fn aim(args: &NextArgs) -> Aim {
    match (args.target.error(), args.aim) {
        (Some(target), _) => Aim::Quantity(Quantity::SamplesFor { target }),
        (_, Some(AimName::D)) => Aim::Quantity(Quantity::Parameter(Parameter::D)),
        (_, Some(AimName::Alpha)) => Aim::Quantity(Quantity::Parameter(Parameter::Alpha)),
        (_, Some(AimName::C)) => Aim::Quantity(Quantity::Parameter(Parameter::C)),
        _ => Aim::Parameters,
    }
}

/// The choice for one group.
pub(crate) fn choose(
    args: &NextArgs,
    task: &Task<'_>,
    question: &PlanOptions,
    refused: &Refused,
    group: usize,
) -> Result<Chosen, String> {
    let explain = |error| refused.explain(task.curves, group, error);
    let (fit, points) = task.fit_one(group)?;
    let verdict = args.target.error().map(|target| samples_for(&fit, &points, target, question));
    let verdict = verdict.transpose().map_err(explain)?;
    let measured = points.iter().filter(|p| p.weight > 0.0).map(|p| p.n);
    let weight = weight(args.data.scale.sigma.is_some(), &points);
    let candidate = |n: f64| Candidate { n, cost: args.fixed + args.per_sample * n, weight };
    let choice = |candidate: Candidate| {
        let prospect = next(&fit, &points, &[candidate], aim(args), question)?;
        let with_odds = args.target.error().filter(|_| points.len() <= ROWS);
        let odds = with_odds.map(|target| verdict_odds(&fit, &points, target, candidate, question));
        let odds = match odds.transpose() {
            // Without degrees of freedom there are no odds.
            Err(PlanError::NoCovariance) => None,
            odds => odds?,
        };
        Ok(Choice { candidate, prospect, odds })
    };
    let sizes = sizes(&args.candidates, args.budget, &fit, measured).into_iter();
    let choices = sizes.map(|n| choice(candidate(n))).collect::<Result<Vec<_>, PlanError>>().map_err(explain)?;
    let ahead = match (args.target.error(), verdict) {
        (Some(target), Some(verdict))
            if !verdict.is_decided() && task.curves.len() <= GROUPS && points.len() <= ROWS =>
        {
            let candidates: Vec<Candidate> = choices.iter().map(|c| c.candidate).collect();
            // A verdict takes in proportion to the rows.
            let default = ScheduleOptions::default();
            let verdicts = default.verdicts * 8 / points.len().clamp(8, ROWS) as u32;
            let settings = ScheduleOptions { probability: args.probability, verdicts, ..default };
            match schedule(&fit, &points, target, &candidates, &settings, question) {
                Err(PlanError::NoCovariance) => None,
                found => {
                    let largest = candidates.iter().map(|c| c.n).fold(0.0, f64::max);
                    let (enough, counts) = (args.probability, ahead::counts(&candidates));
                    Some(Ahead { schedule: found.map_err(explain)?, enough, largest, counts })
                }
            }
        }
        _ => None,
    };
    let first = ahead.as_ref().and_then(Ahead::first);
    let by_chance = ahead.is_none() && verdict.is_some_and(|verdict| !verdict.is_decided());
    let best = first.or_else(|| telling(&choices, by_chance)).ok_or("no candidate: give sizes with --candidates")?;
    let check = fit.check(&points).map_err(|e| e.to_string())?;
    let odd = oddities(task, group, &fit, &points);
    Ok(Chosen { choices, best, ahead, verdict, check, odd, rows: points.len() })
}

/// The candidate that shrinks the interval most for its cost; `by_chance`, where one has a chance of a verdict, that with the best
/// chance for its cost. The first of equals.
fn telling(choices: &[Choice], by_chance: bool) -> Option<usize> {
    let chance = |c: &Choice| c.odds.map_or(0.0, |odds| odds.decided());
    let by_chance = by_chance && choices.iter().any(|c| chance(c) >= ahead::CHANCE);
    let worth = |c: &Choice| if by_chance { chance(c) / c.candidate.cost } else { c.prospect.per_cost };
    (0..choices.len()).reduce(|best, k| if worth(&choices[k]) > worth(&choices[best]) { k } else { best })
}

fn json(args: &NextArgs, curves: &Curves, results: &[Result<Chosen, String>], law: &str) -> std::io::Result<()> {
    let basis = args.basis.basis();
    let groups = done(results);
    let groups = groups.map(|(k, chosen @ Chosen { choices, verdict, check, .. })| GroupRecord {
        group: Group(curves, k),
        decided: verdict.map(|verdict| verdict.is_decided()),
        verdict: verdict.map(|verdict| verdict.name()),
        reason: verdict.map(|verdict| verdict.reason().to_string()),
        basis: verdict.map(|verdict| basis_name(&verdict)),
        basis_reason: verdict.map(|verdict| answered(basis, &verdict, check)),
        plan: chosen.plan(),
        n: chosen.n(),
        candidates: choices.iter().map(CandidateRecord::new).collect(),
    });
    let record = Record { groups: groups.collect(), errors: ErrorRecord::all(curves, results) };
    Head::new("next", Some(&curves.read), &settings_of(args, results, law)).print(&record, &odd(curves, results))
}

/// What is odd about rows, a sentence each.
fn odd(curves: &Curves, results: &[Result<Chosen, String>]) -> Vec<String> {
    done(results).flat_map(|(group, chosen)| sentences(curves, group, &chosen.odd)).collect()
}

fn text(args: &NextArgs, curves: &Curves, results: &[Result<Chosen, String>], law: &str) -> std::io::Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    for (group, result) in results.iter().enumerate() {
        let (chosen, Chosen { choices, verdict, check, .. }) = match result {
            Ok(chosen) => (chosen, chosen),
            Err(error) => {
                writeln!(out, "no choice: {}: {error}\n", curves.title(group))?;
                continue;
            }
        };
        let title = curves.title(group);
        match verdict {
            Some(verdict) if verdict.is_decided() => {
                let n = place(chosen.n());
                writeln!(out, "{title}: decided already: no measurement needed; n = {n} would tell most")?;
            }
            _ => writeln!(out, "{title}: {}", chosen.advice())?,
        }
        if let Some(verdict) = verdict {
            writeln!(out, "{}: {}", verdict.name(), verdict.reason())?;
            writeln!(out, "{}", answered(args.basis.basis(), verdict, check))?;
        }
        let names =
            ["n", "cost", "interval shrinks to", "per cost", "P(reachable)", "P(out of reach)", "P(undetermined)"];
        let shown = if args.target.is_given() { names.len() } else { 4 };
        let mut table = TextTable::of(&names[..shown], 0);
        for Choice { candidate, prospect, odds } in choices {
            let mut row =
                vec![counted(candidate.n), short(candidate.cost), short(prospect.shrink), short(prospect.per_cost)];
            if args.target.is_given() {
                let odds = odds.map(|o| [o.reachable, o.out_of_reach, o.undetermined]);
                row.extend(odds.map_or([const { String::new() }; 3], |odds| odds.map(|p| format!("{p:.2}"))));
            }
            table.rows.push(row);
        }
        writeln!(out, "{}\n", table.text())?;
    }
    for line in below(odd(curves, results)) {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "{}", settings_of(args, results, law).join("; "))?;
    out.flush()
}

/// What a measurement weighs, and the settings of what answered.
fn settings_of(args: &NextArgs, results: &[Result<Chosen, String>], law: &str) -> Vec<String> {
    let weight = if args.data.scale.sigma.is_some() { "of the median sigma" } else { "of weight 1" };
    let by = answered_by(done(results).filter_map(|(_, chosen)| chosen.verdict.as_ref()));
    let weight = format!("one measurement {weight} each");
    let paths = done(results).filter_map(|(_, chosen)| chosen.ahead.as_ref()).map(|ahead| ahead.schedule.paths).min();
    let ahead = paths.map(|paths| {
        let enough = digits(args.probability);
        format!("the cheapest measurements that decide with {enough}, looked for by simulation, {paths} paths at least, seed 0")
    });
    let single = (args.target.is_given() && results.len() > GROUPS)
        .then(|| format!("more than {GROUPS} groups: the best single measurement of each, --where chooses fewer"));
    let shrinking = done(results).any(|(_, chosen)| chosen.rows > ROWS).then(|| {
        format!(
            "of more than {ROWS} rows the measurement that shrinks the interval most, without the odds of a verdict"
        )
    });
    [weight]
        .into_iter()
        .chain(ahead)
        .chain(single)
        .chain(shrinking)
        .chain(question::settings(args.basis.basis(), by, law))
        .collect()
}
