//! `fit --law best`: the evidence for each law and the forecast that takes none for granted.
mod found;
mod page;
mod print;

use syn2real::forecast::{Forecast, ForecastError, ForecastOptions, LawName as Law, best, evidence};
use syn2real::{FitError, FitOptions, Point, Rise};

use crate::args::Format;
use crate::earlier::Earlier;
use crate::errors::Error;
use crate::fitting::{self, Task};
use crate::laws::{self, LawName};
use crate::output::announce;
use crate::parallel::Workers;
use crate::question::FORECAST;
use crate::report;

use super::args::{FitArgs, left_out};
use found::Found;
use print::Printed;
#[cfg(test)]
pub(crate) use print::Record as Evidence;

/// Compares the laws in every group; tells whether it could be done in all.
pub(super) fn run(args: &FitArgs) -> Result<bool, Error> {
    let given = args.data.law.without_forecast();
    if given == Some("--fixed-d") {
        LawName::Bent.check(&args.data.law)?;
    }
    let options = fitting::options_of(LawName::Law1, &args.data)?;
    let earlier = args.earlier.read(&args.data)?;
    let workers = Workers::new(args.threads.threads)?;
    let (columns, curves) = args.data.read()?;
    announce(&curves.read, args.format)?;
    let task = Task { curves: &curves, columns: &columns.values, options: &options };
    let mut results: Vec<Result<Found, String>> = Vec::with_capacity(curves.len());
    let work =
        |groups: std::ops::Range<usize>| groups.map(|group| compare(&task, group, given, &earlier)).collect::<Vec<_>>();
    workers.in_order("fitting", &task.batches(fitting::FEW_GROUPS), work, |found| {
        results.extend(found);
        Ok(())
    })?;
    let settings: Vec<String> =
        [report::settings(&options)].into_iter().chain(given.is_none().then(|| FORECAST.into())).collect();
    let mut notes: Vec<String> = left_out(&columns, &curves).into_iter().collect();
    notes.extend(earlier.learnt.iter().map(ToString::to_string));
    let learnt = earlier.learnt.as_ref();
    let below = [settings.as_slice(), &notes].concat();
    let printed = Printed { curves: &curves, results: &results, residual: options.residual, learnt };
    let written = match args.format {
        Format::Json => printed.json(&settings, &notes),
        Format::Csv => printed.csv(),
        Format::Table => printed.text(&below),
    };
    written.map_err(Error::stdout)?;
    if let Some(dir) = &args.report {
        let path = page::write(dir, &task, &printed, &below)?;
        Error::note(&format!("report: {path}"));
    }
    Ok(results.iter().all(Result::is_ok))
}

fn compare(task: &Task<'_>, group: usize, given: Option<&'static str>, earlier: &Earlier) -> Result<Found, String> {
    if let Some(problem) = task.problem(group) {
        return Err(problem);
    }
    let points = task.points(group);
    let forecast = match given {
        Some(_) => None,
        None => Some(foretell(&points, task.options, earlier).map_err(|error| match error {
            ForecastError::Fit(FitError::TooFewPoints { .. }) => {
                "needs at least 3 distinct sizes above 0: measure at another".into()
            }
            ForecastError::Fit(error) => task.explain(group, &points, error),
            error => error.to_string(),
        })?),
    };
    let evidence = evidence(&points, task.options);
    // Where no law can be fitted, law (1) says why.
    if let Some(Err(error)) = evidence.of(Law::LawOne).map(|law_one| law_one.fit)
        && evidence.contenders().iter().all(|law| law.fit.is_err())
    {
        return Err(task.explain(group, &points, error));
    }
    let rise = laws::rise(&points, task.options);
    let mut notes: Vec<String> = rise.iter().map(Rise::to_string).collect();
    let is_used = |point: &&Point| point.weight > 0.0;
    let untrained = points.iter().filter(is_used).filter(|point| point.n == 0.0).count();
    if untrained > 0 {
        notes.push(format!("{untrained} {} of n = 0 left out", if untrained == 1 { "row" } else { "rows" }));
    }
    notes.extend(given.map(fitting::no_forecast));
    let used = points.iter().filter(is_used).count() - untrained;
    Ok(Found { points: used, excluded: task.excluded(group, &points), evidence, forecast, rise, notes })
}

fn foretell(points: &[Point], options: &FitOptions, earlier: &Earlier) -> Result<Forecast, ForecastError> {
    let options = ForecastOptions { weights: options.weights, evidence: false, ..ForecastOptions::default() };
    best(points, &earlier.options(points, options)?)
}
