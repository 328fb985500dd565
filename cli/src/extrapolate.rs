//! `extrapolate`: laws and the last value fitted to one part of the rows and scored on the others.
mod bands;
mod means;
mod page;
mod print;
mod score;
mod split;

use clap::Args;

use crate::args::{CurveArgs, Format, ThreadArgs};
use crate::earlier::{EarlierArgs, Learnt};
use crate::errors::Error;
use crate::filter::Filter;
use crate::fitting::{self, Task};
use crate::laws::LawName;
use crate::output::{announce, done};
use crate::parallel::Workers;
use crate::question::FORECAST;
use crate::read::number::size;
use crate::report::settings;
use crate::table;

use means::means;
use print::Printed;
#[cfg(test)]
pub(crate) use print::Record as Scores;
use score::{Lessons, Predictor, Score, Scored, Scoring};
use split::{Split, Training};

/// Arguments of `extrapolate`.
#[derive(Debug, Args)]
pub(crate) struct ExtrapolateArgs {
    #[command(flatten)]
    data: CurveArgs,
    #[command(flatten)]
    threads: ThreadArgs,
    /// Rows with n up to this are fitted, the others scored.
    #[arg(
        long,
        value_name = "N",
        value_parser = size,
        allow_negative_numbers = true,
        help_heading = "Window",
        required_unless_present = "train_where",
        conflicts_with = "train_where"
    )]
    train_max: Option<f64>,
    /// Rows with this value are fitted (also !=, <, <=, >, >=; repeatable: all conditions must hold), the others scored.
    #[arg(long, value_name = "COL=VALUE", help_heading = "Window")]
    train_where: Vec<Filter>,
    /// Of the rows that are not fitted, only those with n from this are scored.
    #[arg(long, value_name = "N", value_parser = size, allow_negative_numbers = true, default_value_t = 0.0, help_heading = "Window")]
    test_min: f64,
    /// Of these, only those with n up to this are scored.
    #[arg(long, value_name = "N", value_parser = size, allow_negative_numbers = true, default_value_t = f64::INFINITY, help_heading = "Window")]
    test_max: f64,
    /// What is scored beside the last value. With `all`, a law that cannot be fitted is left out and a note says why, as it
    /// does of rows of n = 0 where a law is infinite.
    #[arg(long, value_enum, default_value_t, help_heading = "Law")]
    law: Scored,
    /// Columns of --by: the mean of the scores over the groups of each of their values.
    #[arg(long, value_name = "COL,COL", value_delimiter = ',', help_heading = "Output")]
    mean_by: Vec<String>,
    #[command(flatten)]
    earlier: EarlierArgs,
    /// Learn what is believed from all rows of the other groups: of those that share the values of --mean-by, if it is given.
    #[arg(long, conflicts_with_all = ["prior", "calibrate"], help_heading = "Forecast")]
    prior_groups: bool,
    /// Learn how wide the bands have to be from the same.
    #[arg(long, conflicts_with_all = ["calibrate", "prior", "prior_groups"], help_heading = "Forecast")]
    calibrate_groups: bool,
    /// With --law all: count how often the bands of law (1), its profile intervals, held, beside those of the forecast.
    #[arg(long, help_heading = "Output")]
    law_bands: bool,
    /// How the results are printed.
    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    format: Format,
    /// Write DIR/index.html with the tables and a figure for each group.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    report: Option<String>,
}

/// Scores every group; tells whether all could be scored.
pub(crate) fn run(args: &ExtrapolateArgs) -> Result<bool, Error> {
    let is_all = args.law == Scored::All;
    let has_means = is_all || args.law == Scored::Best || !args.mean_by.is_empty();
    let predictors = args.law.predictors();
    let options = options(args, &predictors)?;
    let of_groups = [(args.prior_groups, "--prior-groups"), (args.calibrate_groups, "--calibrate-groups")];
    let learns = args.earlier.given().or(of_groups.into_iter().find(|(given, _)| *given).map(|(_, option)| option));
    if let Some(option) = learns.filter(|_| !predictors.contains(&Predictor::Best)) {
        return Err(Error::Option(format!("{option} is of the forecast alone: add --law best or all")));
    }
    let mut columns = args.data.input.columns(&args.data.scale);
    columns.split.clone_from(&args.train_where);
    let training = args.train_max.map_or(Training::Marked(columns.values.len()), Training::UpTo);
    let split = Split { training, test_min: args.test_min, test_max: args.test_max };
    split.check()?;
    let workers = Workers::new(args.threads.threads)?;
    let curves = table::read(args.data.input.file()?, &mut columns, None)?;
    announce(&curves.read, args.format)?;
    if let Some(column) = args.mean_by.iter().find(|column| !curves.by.contains(column)) {
        return Err(Error::Option(format!("--mean-by {column}: name a column of --by")));
    }
    let task = Task { curves: &curves, columns: &columns.values, options: &options };
    let no_forecast = args.data.law.without_forecast();
    let earlier = args.earlier.read(&args.data)?;
    let lessons =
        Lessons { earlier: &earlier, prior: args.prior_groups, bands: args.calibrate_groups, kind: &args.mean_by };
    let scoring = Scoring {
        lessons,
        task: &task,
        split: &split,
        predictors: &predictors,
        lenient: is_all,
        no_forecast,
        law_bands: args.law_bands,
    };
    let mut results: Vec<Result<Score, String>> = Vec::with_capacity(curves.len());
    let work = |groups: std::ops::Range<usize>| groups.map(|group| scoring.score(group)).collect::<Vec<_>>();
    workers.in_order("fitting", &task.batches(fitting::FEW_GROUPS), work, |scores| {
        results.extend(scores);
        Ok(())
    })?;
    let scored: Vec<(usize, &Score)> = done(&results).collect();
    let means = if has_means { means(&curves, &scored, &args.mean_by) } else { Vec::new() };
    let conditions: Vec<String> = args.train_where.iter().map(Filter::to_string).collect();
    let learnt: Option<Learnt> = earlier.learnt.clone().or_else(|| scoring.learnt(&workers));
    let learnt_from = learnt.as_ref().map_or(String::new(), |learnt| format!("; {learnt}"));
    let law = settings(&options);
    let used = match args.law {
        Scored::Best => FORECAST.into(),
        Scored::All if no_forecast.is_none() => format!("{law}; {FORECAST}"),
        _ => law,
    };
    let window = format!("{} {used}{learnt_from}", split.words(&conditions));
    let learnt = learnt.as_ref();
    let printed = Printed { curves: &curves, predictors: &predictors, results: &results, means: &means, learnt };
    // Both for seven predictors do not fit a line.
    let shown = [!is_all, true];
    let written = match args.format {
        Format::Json => printed.json(std::slice::from_ref(&window)),
        Format::Csv => printed.csv(),
        Format::Table => printed.text(shown, &window),
    };
    written.map_err(Error::stdout)?;
    if let Some(dir) = &args.report {
        let path = page::write(dir, &scoring, &printed, &window)?;
        Error::note(&format!("report: {path}"));
    }
    Ok(results.iter().all(Result::is_ok))
}

/// The options of the fits, checked for every law that is fitted.
fn options(args: &ExtrapolateArgs, predictors: &[Predictor]) -> Result<syn2real::FitOptions, Error> {
    let options = args.data.law.options(&args.data.scale);
    for predictor in predictors {
        // The power law beside others has their options, with C = 0 and D free.
        match predictor {
            Predictor::Law(LawName::Power) if args.law != Scored::Power => {}
            Predictor::Law(law) => drop(fitting::options_of(*law, &args.data)?),
            Predictor::LastValue => {}
            Predictor::Best if args.law == Scored::All => {}
            Predictor::Best => {
                if let Some(option) = args.data.law.without_forecast() {
                    let text = format!("{option}: --law best is of ln error with all parameters free: leave it out");
                    return Err(Error::Option(text));
                }
            }
        }
    }
    Ok(options)
}
