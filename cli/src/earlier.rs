//! What other curves teach about a new one: what to believe of it, and how wide its bands have to be.
use std::collections::HashMap;
use std::sync::Mutex;

use clap::Args;
use serde::Serialize;
use syn2real::forecast::{Calibration, ForecastError, ForecastOptions, Prior, best};
use syn2real::{Confidence, Point};

use crate::args::CurveArgs;
use crate::errors::Error;
use crate::fitting::Task;
use crate::table;

/// Files of earlier curves.
#[derive(Debug, Args)]
pub(crate) struct EarlierArgs {
    /// Learn what is believed of a curve before it is seen from the curves of another file with the same columns.
    #[arg(long, value_name = "FILE.csv", help_heading = "Forecast")]
    pub(crate) prior: Option<String>,
    /// Learn how wide the bands have to be from the curves of another file with the same columns, five or more. Not with
    /// a prior that was learnt: bands of few-shot curves then held 30 % of the rows.
    #[arg(long, value_name = "FILE.csv", conflicts_with = "prior", help_heading = "Forecast")]
    pub(crate) calibrate: Option<String>,
}

/// Curves to learn from.
type Curves = Vec<Vec<Point>>;

/// Earlier curves, and what was learnt from them.
pub(crate) struct Earlier {
    prior: Option<Curves>,
    bands: Option<Curves>,
    /// What the file that was given teaches, and from how many curves.
    pub(crate) learnt: Option<Learnt>,
    /// By the bits of the largest size: groups often share it.
    known: Mutex<HashMap<u64, (Prior, Calibration)>>,
}

impl EarlierArgs {
    /// The option that is given, if any is.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let prior = self.prior.as_ref().map(|_| "--prior");
        prior.or(self.calibrate.as_ref().map(|_| "--calibrate"))
    }

    /// Reads the files. Curves that cannot be used are left out; a file without others is refused.
    pub(crate) fn read(&self, args: &CurveArgs) -> Result<Earlier, Error> {
        let of = |file: &Option<String>, option| file.as_ref().map(|file| read(file, option, args)).transpose();
        let (prior, bands) = (of(&self.prior, "--prior")?, of(&self.calibrate, "--calibrate")?);
        let learnt = match (&self.prior, &prior, &self.calibrate, &bands) {
            (Some(file), Some(curves), ..) => {
                Some(Learnt { what: Taught::Prior, from: file.clone(), curves: curves.len() })
            }
            (.., Some(file), Some(curves)) => {
                let options = forecast_options(args);
                let calibration = Calibration::learn(curves, &options, Confidence::P95);
                if calibration.is_ok_and(|calibration| calibration == Calibration::default()) {
                    return Err(Error::Option(format!(
                        "--calibrate {file}: {} of its curves can be used, which teach no width: give a file of five curves or \
                         more, each measured at four sizes or more, or leave it out",
                        curves.len()
                    )));
                }
                Some(Learnt { what: Taught::Bands, from: file.clone(), curves: curves.len() })
            }
            _ => None,
        };
        Ok(Earlier { prior, bands, learnt, known: Mutex::default() })
    }
}

/// What other curves teach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Taught {
    Prior,
    Bands,
}

/// What was learnt, from where and from how many curves.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Learnt {
    pub(crate) what: Taught,
    /// A file, or `groups`: the other groups.
    pub(crate) from: String,
    /// Of the other groups, the least number that a group learnt from.
    pub(crate) curves: usize,
}

impl std::fmt::Display for Learnt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = if self.what == Taught::Prior { "prior" } else { "width of the bands" };
        match (self.from.as_str(), self.curves) {
            (GROUPS, curves) => write!(f, "{what} learnt from the other groups, of {curves} curves at least"),
            (file, curves) => write!(f, "{what} learnt from {curves} curves of {file}"),
        }
    }
}

/// The name of the other groups as a source.
pub(crate) const GROUPS: &str = "groups";

/// The options of a forecast, without what others teach.
fn forecast_options(args: &CurveArgs) -> ForecastOptions {
    let weights = args.law.options(&args.scale).weights;
    ForecastOptions { weights, evidence: false, ..ForecastOptions::default() }
}

/// Whether the forecast learns from this curve: whether it has one.
pub(crate) fn teaches(points: &[Point], options: &ForecastOptions) -> bool {
    best(points, &ForecastOptions { evidence: false, ..*options }).is_ok()
}

/// Whether both names are of the same file.
fn is_same(one: &str, other: &str) -> bool {
    let path = |name: &str| std::fs::canonicalize(name).ok();
    one == other || path(one).is_some_and(|one| Some(one) == path(other))
}

fn read(file: &str, option: &str, args: &CurveArgs) -> Result<Curves, Error> {
    if is_same(file, args.input.file()?) {
        return Err(Error::Option(format!(
            "{option} {file}: that is the file of the data, whose curves would teach about themselves: give a file of earlier \
             curves, or take extrapolate {option}-groups, by which each group learns from the others"
        )));
    }
    let mut columns = args.input.columns(&args.scale);
    let curves = table::read(file, &mut columns, None)?;
    let options = args.law.options(&args.scale);
    let task = Task { curves: &curves, columns: &columns.values, options: &options };
    let usable = (0..curves.len()).filter(|group| task.problem(*group).is_none());
    let points = usable.map(|group| task.points(group));
    let usable: Curves = points.filter(|points| teaches(points, &forecast_options(args))).collect();
    if usable.is_empty() {
        return Err(Error::Option(format!(
            "{option} {file}: none of its {} curves can be used: give curves of three sizes or more above 0 with errors above 0, \
             told apart by --by, or leave it out",
            curves.len()
        )));
    }
    Ok(usable)
}

impl Earlier {
    /// The options for a forecast from these points.
    pub(crate) fn options(&self, points: &[Point], options: ForecastOptions) -> Result<ForecastOptions, ForecastError> {
        let Some(n_max) = largest(points) else { return Ok(options) };
        let known = self.known.lock().ok().and_then(|known| known.get(&n_max.to_bits()).copied());
        if let Some((prior, calibration)) = known {
            return Ok(ForecastOptions { prior, calibration, ..options });
        }
        let options = learn(self.prior.as_ref(), self.bands.as_ref(), n_max, options)?;
        if let Ok(mut known) = self.known.lock() {
            known.insert(n_max.to_bits(), (options.prior, options.calibration));
        }
        Ok(options)
    }
}

/// The options with what curves teach of a new one with this largest size.
pub(crate) fn learn(
    prior: Option<&Curves>,
    bands: Option<&Curves>,
    n_max: f64,
    options: ForecastOptions,
) -> Result<ForecastOptions, ForecastError> {
    match (prior, bands) {
        (Some(curves), _) => Ok(ForecastOptions { prior: Prior::learn(curves, n_max, &options)?, ..options }),
        (_, Some(curves)) => {
            Ok(ForecastOptions { calibration: Calibration::learn(curves, &options, Confidence::P95)?, ..options })
        }
        _ => Ok(options),
    }
}

/// The largest size above 0 that has a weight; `None` without one.
pub(crate) fn largest(points: &[Point]) -> Option<f64> {
    let sizes = points.iter().filter(|point| point.weight > 0.0).map(|point| point.n);
    sizes.filter(|n| *n > 0.0 && n.is_finite()).reduce(f64::max)
}
