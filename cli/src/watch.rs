//! `watch`: reads measurements as they come and says after each what to do next.
mod end;
mod lines;

use std::io::{Write, stdout};

use clap::Args;
use csv::ByteRecord;
use serde::Serialize;
use syn2real::Point;
use syn2real::control::{ChangeReason, Controller, Decision, Goal, GoalError};
use syn2real::plan::Verdict;

use crate::args::{Form, InputArgs, SCALE, ScaleArgs};
use crate::errors::Error;
use crate::group::Curves;
use crate::output::place;
use crate::output::record::Group;
use crate::question::{AnyTarget, BasisName, basis_name, confidence};
use crate::read::Read;
use crate::read::columns::{Places, Sample, clean, is_text, quote};
use crate::read::number::{Numbers, size};
use crate::read::records::names;
use crate::rows::{Look, Rows};
use crate::target::TargetArgs;

use end::{End, named};
use lines::Lines;

/// Measurements that a controller holds before it merges replicates: 60 KiB, and a fit of them takes less than a millisecond.
const CAPACITY: usize = 1024;

/// Arguments of `watch`.
#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    scale: ScaleArgs,
    #[command(flatten)]
    target: TargetArgs,
    /// Most synthetic samples that there can be in all.
    #[arg(long, value_name = "N", value_parser = size, allow_negative_numbers = true, help_heading = "Goal")]
    budget: Option<f64>,
    #[command(flatten)]
    any: AnyTarget,
    /// What decides: law (1) where it describes the measurements, else the forecast (auto), or law (1) alone.
    #[arg(long, value_enum, default_value_t = BasisName::Auto, help_heading = "Goal")]
    basis: BasisName,
    /// Level of the intervals behind a decision. They are looked at after every measurement, hence the high default.
    #[arg(long, value_name = "P", default_value_t = 0.99, allow_negative_numbers = true, help_heading = "Goal")]
    level: f64,
    /// The first size to measure at.
    #[arg(long, value_name = "N", value_parser = size, default_value_t = 1000.0, allow_negative_numbers = true, help_heading = "Goal")]
    start: f64,
    /// Factor from one size to the next.
    #[arg(long, value_name = "X", default_value_t = 2.0, allow_negative_numbers = true, help_heading = "Goal")]
    growth: f64,
    /// Measurements in a row over which a finding must stay before it is acted on [default: 3].
    #[arg(long, value_name = "COUNT", help_heading = "Goal")]
    patience: Option<u32>,
    /// Every how many measurements the first size is measured again, to see a drift; 0: never [default: 3].
    #[arg(long, value_name = "COUNT", help_heading = "Goal")]
    check_every: Option<u32>,
    /// Measurements after which it stops in any case.
    #[arg(long, value_name = "COUNT", help_heading = "Goal")]
    observations: Option<u32>,
    /// Wait for the file to grow until every group has an end, instead of stopping at its end.
    #[arg(long, help_heading = "Input")]
    follow: bool,
    /// Seconds between two looks at a file that is followed.
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, requires = "follow", help_heading = "Input")]
    every: f64,
    /// How decisions are printed: a line each, or a JSON object on a line each.
    #[arg(long, value_enum, default_value_t = Form::Table, help_heading = "Output")]
    format: Form,
}

/// A decision on a line; what it has not is null.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Record<'a> {
    group: Group<'a>,
    line: u64,
    n: Option<f64>,
    error: Option<f64>,
    decision: &'static str,
    /// Where to measure, or up to where to generate.
    at: Option<f64>,
    reached: Option<bool>,
    /// Why: of a measurement, why it is asked for and why there.
    reason: Option<String>,
    /// The verdict on the target with all measurements so far; null where there is none yet.
    verdict: Option<&'static str>,
    /// What it rests on, `law` or `forecast`.
    basis: Option<&'static str>,
}

/// Follows the measurements; tells whether all rows could be used.
pub(crate) fn run(args: &WatchArgs) -> Result<bool, Error> {
    args.target.require()?;
    let mut goal = goal(args)?;
    let by_law = match args.basis {
        BasisName::Auto => false,
        BasisName::Law => true,
        BasisName::Forecast => {
            return Err(Error::Option(
                "--basis forecast: decisions rest on law (1) while it describes the measurements: give auto or law"
                    .into(),
            ));
        }
    };
    if !(args.every >= 0.01 && args.every <= 86_400.0) {
        return Err(Error::Option(format!("--every: {} is no pause: give 0.01 to 86400 seconds", args.every)));
    }
    let mut columns = args.input.columns(&args.scale);
    let mut is_grouped = !columns.by.is_empty();
    if columns.wide.is_some() {
        return Err(Error::Option("--wide: a row of runs is no measurement: watch a file with one on each row".into()));
    }
    let mut lines = Lines::open(args.input.file()?, args.input.delimiter, args.follow.then_some(args.every))?;
    let file = lines.file().to_owned();
    let Some(header) = lines.next()? else { return Err(Error::Empty { file }) };
    let numbers = Numbers { decimal: columns.decimal };
    let names = names(&file, &header.record)?;
    let sample = Sample { file: file.clone(), header: names, rows: Vec::new(), is_named: true, numbers };
    let places = Places { numbers, ..Places::find(&sample, &mut columns)? };
    let mut read = Read { doubt: places.doubt.clone(), ..Read::default() };
    let mut rows = Rows::new(&columns, &places);
    let mut controllers: Vec<Box<Controller<CAPACITY>>> = Vec::new();
    let mut all = true;
    while let Some(line) = lines.next()? {
        let mut look = rows.look_at(&line.record);
        if let Look::Values(group) = look {
            if read.unit.name.is_empty() {
                read.unit = rows.first_unit();
                args.target.resolve(&read, args.any.any_target)?;
                goal = self::goal(args)?;
            }
            if let Err(text) = rows.make_error(&read.unit) {
                look = Look::Problem(group, text);
            }
        }
        if !is_grouped && !matches!(look, Look::Filtered) {
            is_grouped = true;
            no_texts(&file, &places, &line.record)?;
        }
        let group = match &look {
            Look::Filtered => continue,
            Look::Values(group) | Look::Missing(group) | Look::Weightless(group) | Look::Problem(group, _) => {
                *group as usize
            }
        };
        let (is_first, budget) = (controllers.len() <= group, args.budget.unwrap_or(f64::INFINITY));
        if let (true, Look::Values(_), Some(n)) = (is_first, &look, rows.values().first().filter(|n| **n > budget)) {
            return Err(Error::Option(format!(
                "--budget: {budget} is below the first measurement, at n = {n}: raise it to that at least"
            )));
        }
        if is_first {
            controllers.resize_with(group + 1, || Box::new(Controller::new(goal)));
        }
        let controller = &mut controllers[group];
        let mut record = Record::new(&rows.curves, group, line.number);
        let decision = match look {
            Look::Problem(_, text) => {
                record.reason = Some(text);
                None
            }
            Look::Values(_) => {
                let point = record.point(rows.values(), args);
                Some(if by_law { controller.observe(point) } else { controller.observe_with_forecast(point) })
            }
            // A row of weight 0 or without a value changes nothing.
            _ => Some(controller.decision()),
        };
        all &= record.decide(decision);
        if record.reason.is_none() {
            record.reason = controller.why().map(|why| why.to_string());
        }
        let verdict = if by_law { controller.verdict() } else { controller.verdict_with_forecast() };
        record.verdict = verdict.as_ref().ok().map(Verdict::name);
        record.basis = verdict.as_ref().ok().map(basis_name);
        record.print(args.format).map_err(Error::stdout)?;
        if let Some(Decision::ChangeSetting { reason: reason @ (ChangeReason::Rise | ChangeReason::Target) }) = decision
        {
            let flag = if reason == ChangeReason::Target { "; --any-target takes it as it is" } else { "" };
            let title = record.group.title().map_or(String::new(), |title| format!("{title}: "));
            return Err(Error::Option(format!("{title}{reason}{flag}")));
        }
        let ended =
            |c: &Controller<CAPACITY>| matches!(c.decision(), Decision::Stop { .. } | Decision::ChangeSetting { .. });
        if args.follow && controllers.iter().all(|c| ended(c)) {
            break;
        }
    }
    if rows.curves.rows_read == 0 {
        return Err(Error::NoRows { file });
    }
    for (group, controller) in controllers.iter().enumerate() {
        let verdict = if by_law { controller.verdict() } else { controller.verdict_with_forecast() };
        let decision = (controller.decision(), controller.why().map(|why| why.to_string()));
        let end = End::new(Group(&rows.curves, group), controller.observed(), decision, verdict);
        end.print(args.format).map_err(Error::stdout)?;
    }
    Ok(all)
}

/// Refuses columns of text that nobody asked for: they may tell curves apart, and rows that come one by one do not show it.
fn no_texts(file: &str, places: &Places, record: &ByteRecord) -> Result<(), Error> {
    let is_text = |place: usize| record.get(place).map(clean).is_some_and(is_text);
    let used = |place: usize| [&places.values, &places.filters].iter().any(|used| used.contains(&place));
    let texts = (0..places.header.len()).filter(|place| !used(*place) && is_text(*place));
    let texts: Vec<&str> = texts.map(|place| places.header[place].as_str()).collect();
    if texts.is_empty() {
        return Ok(());
    }
    let (names, by) = (texts.join(", "), quote(&texts.join(",")));
    Err(Error::Unclear(format!(
        "{file}: text in {names} may tell curves apart: add --by {by} for a curve each, or --by '' to take all rows as one curve"
    )))
}

/// The goal; what is wrong with it in terms of flags.
fn goal(args: &WatchArgs) -> Result<Goal, Error> {
    let make = || {
        let mut goal = Goal::new(args.target.error().unwrap_or(f64::NAN))?.with_sizes(args.start, args.growth)?;
        if args.scale.sigma.is_some() {
            goal = goal.with_sigmas();
        }
        if let Some(budget) = args.budget {
            goal = goal.with_budget(budget)?;
        }
        if let Some(patience) = args.patience {
            goal = goal.with_patience(patience)?;
        }
        if let Some(check) = args.check_every {
            goal = goal.with_check_every(check)?;
        }
        if let Some(observations) = args.observations {
            goal = goal.with_observations(observations)?;
        }
        Ok(goal)
    };
    let goal = make().map_err(|e: GoalError| {
        let flag = match e {
            GoalError::Target => "--target",
            GoalError::Budget => "--budget",
            GoalError::Start => "--start",
            GoalError::Growth => "--growth",
            GoalError::Observations => "--observations",
            GoalError::Patience => "--patience",
            GoalError::CheckEvery => "--check-every",
            _ => "goal",
        };
        Error::Option(format!("{flag}: {e}"))
    })?;
    let goal = if args.any.any_target { goal.with_any_target() } else { goal };
    Ok(goal.with_confidence(confidence(args.level)?))
}

impl<'a> Record<'a> {
    fn new(curves: &'a Curves, group: usize, line: u64) -> Record<'a> {
        let group = Group(curves, group);
        Record {
            group,
            line,
            n: None,
            error: None,
            decision: "reject",
            at: None,
            reached: None,
            reason: None,
            verdict: None,
            basis: None,
        }
    }

    /// The measurement in this row.
    fn point(&mut self, values: &[f64], args: &WatchArgs) -> Point {
        let (n, error) = (values[0], values[1]);
        (self.n, self.error) = (Some(n), Some(error));
        match (values.get(SCALE), &args.scale.sigma) {
            (Some(sigma), Some(_)) => Point::new(n, error).with_sigma(*sigma),
            (Some(weight), None) => Point::new(n, error).with_weight(*weight),
            _ => Point::new(n, error),
        }
    }

    /// Takes the decision, or the row as one that cannot be used; tells whether it could.
    fn decide(&mut self, decision: Option<Decision>) -> bool {
        let Some(decision) = decision else { return false };
        (self.decision, self.at, self.reached) = named(&decision);
        self.reason = match decision {
            Decision::ChangeSetting { reason } => Some(reason.to_string()),
            Decision::Reject { error } => Some(error.to_string()),
            _ => None,
        };
        self.decision != "reject"
    }

    /// The decision in words.
    fn words(&self) -> String {
        let at = self.at.unwrap_or_default();
        let reason = self.reason.as_deref().unwrap_or_default();
        match (self.decision, self.reached) {
            ("measure_more", _) => format!("measure at n = {}: {reason}", place(at)),
            ("generate", _) => format!("generate up to n = {}: {reason}", place(at)),
            ("change_setting", _) => format!("change the setting: {reason}"),
            ("stop", Some(true)) => "stop: the target is reached".into(),
            ("stop", _) => "stop: no observations are left, the target is not reached".into(),
            _ => format!("row left out: {reason}"),
        }
    }

    /// A line, out at once: somebody waits for it.
    fn print(&self, format: Form) -> std::io::Result<()> {
        let mut out = stdout().lock();
        if format == Form::Json {
            serde_json::to_writer(&mut out, self)?;
            writeln!(out)?;
            return out.flush();
        }
        let title = self.group.title().map_or(String::new(), |title| format!("{title}: "));
        match (self.n, self.error) {
            (Some(n), Some(error)) => {
                let verdict = self.verdict.map_or(String::new(), |verdict| match self.basis {
                    Some("forecast") => format!(" ({verdict}, by the forecast)"),
                    _ => format!(" ({verdict})"),
                });
                writeln!(out, "{title}n = {n}, error {error}: {}{verdict}", self.words())?;
            }
            _ => writeln!(out, "{title}line {}: {}", self.line, self.words())?,
        }
        out.flush()
    }
}
