//! `fit --law best`: the evidence for each law and the forecast that takes none for granted.
mod found;
mod print;

use syn2real::forecast::{Forecast, ForecastError, ForecastOptions, LawName as Law, best, evidence};
use syn2real::{FitError, FitOptions, Point, Rise};

use crate::args::Format;
use crate::earlier::Earlier;
use crate::errors::Error;
use crate::fitting::{self, Task};
use crate::group::Curves;
use crate::laws::{self, LawName};
use crate::output::{announce, done};
use crate::parallel::Workers;
use crate::question::FORECAST;
use crate::report;
use crate::report::html::Page;
use crate::report::outlooks::{Curve, Outlooks};
use crate::report::page::{FIGURES, write};

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
        let path = page(dir, &task, &printed, &below)?;
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

/// The laws that could be fitted, as curves.
fn laws(found: &Found) -> Vec<(LawName, Curve<'_>)> {
    let fitted = found.evidence.contenders().iter().filter_map(|law| Some((law.law, law.fit.as_ref().ok()?)));
    fitted.map(|(law, fit)| (LawName::of(law), Box::new(|n| fit.error_at(n)) as Curve<'_>)).collect()
}

fn page(dir: &str, task: &Task<'_>, printed: &Printed<'_>, notes: &[String]) -> Result<String, Error> {
    let curves: &Curves = printed.curves;
    let mut page = Page::new("Which law the data ask for");
    page.paragraph(&format!("{} groups of {}.", curves.len(), curves.read.file));
    page.note(&format!("Settings: {}.", notes.join("; ")));
    page.heading("Evidence");
    page.note(
        "Weights by AICc; p of law (1) against the laws that contain it; the forecast with its 95 % band of L(n).",
    );
    page.table(&printed.table());
    printed.summary().iter().for_each(|line| page.note(line));
    page.heading("Curves");
    page.note("Both axes logarithmic. Lines go to four times the largest size measured.");
    let mut figures = Vec::new();
    for (group, found) in done(printed.results).take(FIGURES) {
        let points = task.points(group);
        let fitted: Vec<Point> = points.into_iter().filter(|point| point.weight > 0.0).collect();
        let outlooks = Outlooks {
            title: curves.title(group),
            labels: (curves.read.n(), &curves.read.error_label()),
            fitted: &fitted,
            scored: &[],
            laws: laws(found),
            forecast: found.forecast.as_ref(),
            up_to: 4.0 * fitted.iter().map(|point| point.n).fold(0.0, f64::max),
            fitted_up_to: None,
        };
        figures.push(outlooks.svg()?);
    }
    let left_out = done(printed.results).count() - figures.len();
    if left_out > 0 {
        page.note(&format!("The first {FIGURES} groups are drawn, {left_out} are not."));
    }
    page.panels(&figures);
    let version = format!("Made by syn2real {}.", env!("CARGO_PKG_VERSION"));
    write(dir, "index.html", &page.html(&[&version]))
}
