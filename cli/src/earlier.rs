//! What the user's earlier curves make plausible of a new one.
use std::collections::HashMap;
use std::sync::Mutex;

use syn2real::Point;
use syn2real::forecast::{ForecastError, ForecastOptions, Prior};

use crate::args::CurveArgs;
use crate::errors::Error;
use crate::fitting::Task;
use crate::table;

/// Earlier curves, and the priors that were learnt from them.
pub(crate) struct Earlier {
    curves: Vec<Vec<Point>>,
    /// By the bits of the largest size: groups often share it.
    known: Mutex<HashMap<u64, Prior>>,
}

impl Earlier {
    /// Reads them from a file with the columns of the arguments. Curves that cannot be used are left out.
    pub(crate) fn read(file: &str, args: &CurveArgs) -> Result<Earlier, Error> {
        let columns = args.input.columns(&args.scale);
        let curves = table::read(file, &columns)?;
        let options = args.law.options(&args.scale);
        let task = Task { curves: &curves, columns: &columns.values, options: &options };
        let usable = (0..curves.len()).filter(|group| task.problem(*group).is_none());
        Ok(Earlier { curves: usable.map(|group| task.points(group)).collect(), known: Mutex::default() })
    }

    /// The options with the prior for a new curve with this largest size.
    pub(crate) fn believed(&self, n_max: f64, options: ForecastOptions) -> Result<ForecastOptions, ForecastError> {
        let known = self.known.lock().ok().and_then(|known| known.get(&n_max.to_bits()).copied());
        let prior = match known {
            Some(prior) => prior,
            None => Prior::learn(&self.curves, n_max, &options)?,
        };
        if let Ok(mut known) = self.known.lock() {
            known.insert(n_max.to_bits(), prior);
        }
        Ok(ForecastOptions { prior, ..options })
    }
}

/// The largest size above 0 that has a weight; `None` without one.
pub(crate) fn largest(points: &[Point]) -> Option<f64> {
    let sizes = points.iter().filter(|point| point.weight > 0.0).map(|point| point.n);
    sizes.filter(|n| *n > 0.0 && n.is_finite()).reduce(f64::max)
}
