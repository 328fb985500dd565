//! `extrapolate`: the law, the power law and the last value fitted to small n and scored on large n.
use std::io::{BufWriter, Write, stdout};

use clap::Args;
use serde::Serialize;
use syn2real::FitError;
use syn2real::backtest::{self, BacktestError, HoldOut, Rmse};

use crate::args::{CurveArgs, Format, ThreadArgs};
use crate::errors::Error;
use crate::fitting::{self, Task};
use crate::group::Curves;
use crate::output::record::{ErrorRecord, Group};
use crate::output::text::TextTable;
use crate::output::{done, failed, print_json, short};
use crate::parallel::Workers;
use crate::report::settings;

/// Arguments of `extrapolate`.
#[derive(Debug, Args)]
pub(crate) struct ExtrapolateArgs {
    #[command(flatten)]
    data: CurveArgs,
    #[command(flatten)]
    threads: ThreadArgs,
    /// Rows with n up to this are fitted, the others scored.
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Window")]
    train_max: f64,
    /// How the results are printed.
    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    format: Format,
}

#[derive(Serialize)]
struct Scores {
    law: f64,
    power: f64,
    last_value: f64,
}

impl From<Rmse> for Scores {
    fn from(rmse: Rmse) -> Scores {
        Scores { law: rmse.law, power: rmse.power, last_value: rmse.last_value }
    }
}

#[derive(Serialize)]
struct GroupRecord<'a> {
    group: Group<'a>,
    train_points: usize,
    test_points: usize,
    rmse: Scores,
    /// null where an error or a prediction has no logarithm.
    rmse_log: Option<Scores>,
}

/// The JSON.
#[derive(Serialize)]
struct Record<'a> {
    groups: Vec<GroupRecord<'a>>,
    errors: Vec<ErrorRecord<'a>>,
}

/// Scores every group; tells whether all could be scored.
pub(crate) fn run(args: &ExtrapolateArgs) -> Result<bool, Error> {
    if args.train_max.is_nan() || args.train_max <= 0.0 {
        let text = format!("--train-max: {} is below every n: give the largest n to fit, above 0", args.train_max);
        return Err(Error::Option(text));
    }
    let options = fitting::options(&args.data)?;
    let workers = Workers::new(args.threads.threads)?;
    let (columns, curves) = args.data.read()?;
    let task = Task { curves: &curves, columns: &columns.values, options: &options };
    let results = workers.map("fitting", curves.len(), |group| score(&task, group, args.train_max));
    let written = match args.format {
        Format::Json => json(&curves, &results),
        Format::Csv => csv(&curves, &results),
        Format::Table => {
            let window = format!("fitted: n <= {}; scored: the other rows. {}", args.train_max, settings(&options));
            text(&curves, &results, &window)
        }
    };
    written.map_err(Error::stdout)?;
    Ok(results.iter().all(Result::is_ok))
}

fn score(task: &Task<'_>, group: usize, train_max: f64) -> Result<HoldOut, String> {
    if let Some(problem) = task.problem(group) {
        return Err(problem);
    }
    let points = task.points(group);
    backtest::hold_out(&points, train_max, task.options).map_err(|e| match e {
        BacktestError::Fit(source) => format!("training: {}", task.explain(group, &points, source)),
        BacktestError::TestPoint { index, source } => task.explain(group, &points, FitError::Point { index, source }),
        BacktestError::NoTestPoints => {
            format!("no row is left to be scored: all n are at most {train_max}, lower --train-max")
        }
        e => e.to_string(),
    })
}

type Results = [Result<HoldOut, String>];

fn json(curves: &Curves, results: &Results) -> std::io::Result<()> {
    let group = |(k, result): (usize, &Result<HoldOut, String>)| {
        let score = result.as_ref().ok()?;
        Some(GroupRecord {
            group: Group(curves, k),
            train_points: score.train_points,
            test_points: score.test_points,
            rmse: score.rmse.into(),
            rmse_log: score.rmse_log.map(Scores::from),
        })
    };
    let error = |(k, result)| {
        let error: &String = Result::as_ref(result).err()?;
        Some(ErrorRecord { group: Group(curves, k), error })
    };
    let record = Record {
        groups: results.iter().enumerate().filter_map(group).collect(),
        errors: results.iter().enumerate().filter_map(error).collect(),
    };
    print_json(&record)
}

/// Columns after those of the group.
const COLUMNS: [&str; 8] = [
    "train_points",
    "test_points",
    "rmse_law",
    "rmse_power",
    "rmse_last_value",
    "rmse_log_law",
    "rmse_log_power",
    "rmse_log_last_value",
];

fn numbers(score: &HoldOut, format: impl Fn(f64) -> String) -> Vec<String> {
    let Rmse { law, power, last_value } = score.rmse;
    let mut cells = vec![score.train_points.to_string(), score.test_points.to_string()];
    cells.extend([law, power, last_value].map(&format));
    match score.rmse_log {
        Some(Rmse { law, power, last_value }) => cells.extend([law, power, last_value].map(&format)),
        None => cells.extend(std::iter::repeat_n(String::new(), 3)),
    }
    cells
}

fn csv(curves: &Curves, results: &Results) -> std::io::Result<()> {
    let mut out = csv::Writer::from_writer(stdout().lock());
    out.write_record(curves.by.iter().map(String::as_str).chain(COLUMNS).chain(["error"]))?;
    for (group, result) in results.iter().enumerate() {
        let mut row: Vec<String> = curves.group(group).map(|(_, value)| value.to_owned()).collect();
        match result {
            Ok(score) => {
                row.extend(numbers(score, |x| format!("{x:?}")));
                row.push(String::new());
            }
            Err(error) => {
                row.extend(std::iter::repeat_n(String::new(), COLUMNS.len()));
                row.push(error.clone());
            }
        }
        out.write_record(&row)?;
    }
    out.flush()
}

fn text(curves: &Curves, results: &Results, window: &str) -> std::io::Result<()> {
    let header: Vec<String> = curves.by.iter().cloned().chain(COLUMNS.map(|name| name.replace('_', " "))).collect();
    let groups = curves.by.len();
    let mut table = TextTable::new(header, (0..groups + COLUMNS.len()).map(|k| k >= groups).collect());
    let mut out = BufWriter::new(stdout().lock());
    for (group, score) in done(results) {
        let group = curves.group(group).map(|(_, value)| value.to_owned());
        table.rows.push(group.chain(numbers(score, short)).collect());
    }
    writeln!(out, "{}", table.text())?;
    for (group, error) in failed(results) {
        writeln!(out, "not scored: {}: {error}", curves.title(group))?;
    }
    writeln!(out, "{window}")?;
    out.flush()
}
