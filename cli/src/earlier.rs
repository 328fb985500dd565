//! What other curves teach about a new one: what to believe of it, and how wide its bands have to be.
use std::collections::HashMap;
use std::sync::Mutex;

use clap::Args;
use syn2real::forecast::{Calibration, ForecastError, ForecastOptions, Prior};
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
    /// By the bits of the largest size: groups often share it.
    known: Mutex<HashMap<u64, (Prior, Calibration)>>,
}

impl EarlierArgs {
    /// The option that is given, if any is.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let prior = self.prior.as_ref().map(|_| "--prior");
        prior.or(self.calibrate.as_ref().map(|_| "--calibrate"))
    }

    /// Reads the files. Curves that cannot be used are left out.
    pub(crate) fn read(&self, args: &CurveArgs) -> Result<Earlier, Error> {
        let curves = |file: &Option<String>| file.as_ref().map(|file| read(file, args)).transpose();
        Ok(Earlier { prior: curves(&self.prior)?, bands: curves(&self.calibrate)?, known: Mutex::default() })
    }
}

fn read(file: &str, args: &CurveArgs) -> Result<Curves, Error> {
    let columns = args.input.columns(&args.scale);
    let curves = table::read(file, &columns)?;
    let options = args.law.options(&args.scale);
    let task = Task { curves: &curves, columns: &columns.values, options: &options };
    let usable = (0..curves.len()).filter(|group| task.problem(*group).is_none());
    Ok(usable.map(|group| task.points(group)).collect())
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
