//! Fits every group of a csv, and says of a group that cannot be fitted where the reason stands in the file.
use syn2real::{FitError, FitOptions, Point, PointError, Syn2RealFit, Syn2RealLaw, Weights};

use crate::args::{ERROR, N, SCALE};
use crate::errors::Error;
use crate::group::Curves;
use crate::progress::Progress;

/// A group with its points and what came of it.
pub(crate) struct Outcome<'a> {
    /// Number of the group in [`Curves`].
    pub(crate) group: usize,
    /// The points given to the fit.
    pub(crate) points: &'a [Point],
    /// The fit, or why there is none, with line, column and remedy.
    pub(crate) result: Result<Syn2RealFit, String>,
    /// Rows of the group that were left out because they have no weight.
    pub(crate) excluded: usize,
}

/// Checks the options on a curve that nothing is wrong with, before a long file is read.
pub(crate) fn check(options: &FitOptions) -> Result<(), Error> {
    let curve = [(1e3, 0.5), (2e3, 0.4), (4e3, 0.33), (8e3, 0.29), (16e3, 0.26)];
    match Syn2RealLaw::fit_with(&curve, options) {
        Err(FitError::BadOption { field }) => {
            let reason = FitError::BadOption { field };
            Err(Error::Option(format!("--{}: {reason}", field.replace('_', "-"))))
        }
        _ => Ok(()),
    }
}

/// Fits every group and hands each outcome to `each`; tells whether all were fitted.
///
/// `columns` are the names of the value columns: n, error and, if there is one, the weight or the sigma.
pub(crate) fn fit_groups(
    curves: &Curves,
    columns: &[String],
    options: &FitOptions,
    mut each: impl FnMut(Outcome<'_>) -> Result<(), Error>,
) -> Result<bool, Error> {
    let mut points = Vec::new();
    let mut all = true;
    let mut progress = Progress::count("fitting", curves.len());
    for group in 0..curves.len() {
        points.clear();
        points.extend(curves.rows(group).map(|row| point(curves, columns, options, row)));
        let result = match curves.problem(group) {
            Some(problem) => Err(format!("line {}, {}", problem.line, problem.text)),
            None => Syn2RealLaw::fit_with(&points, options)
                .map_err(|e| explain(curves, columns, options, group, &points, e)),
        };
        all &= result.is_ok();
        let excluded = excluded(curves, group, &points);
        each(Outcome { group, points: &points, result, excluded })?;
        progress.at(group as u64);
    }
    progress.finish();
    Ok(all)
}

/// The points of a group.
pub(crate) fn points(curves: &Curves, columns: &[String], options: &FitOptions, group: usize) -> Vec<Point> {
    curves.rows(group).map(|row| point(curves, columns, options, row)).collect()
}

/// Rows of a group that have no weight.
pub(crate) fn excluded(curves: &Curves, group: usize, points: &[Point]) -> usize {
    curves.weightless(group) + points.iter().filter(|point| point.weight == 0.0).count()
}

fn point(curves: &Curves, columns: &[String], options: &FitOptions, row: usize) -> Point {
    let point = Point::new(curves.value(N, row), curves.value(ERROR, row));
    if columns.len() <= SCALE {
        return point;
    }
    let scale = curves.value(SCALE, row);
    match options.weights {
        Weights::Relative => point.with_weight(scale),
        Weights::Absolute => point.with_sigma(scale, options.residual),
    }
}

/// What the error of a fit means in terms of the file.
pub(crate) fn explain(
    curves: &Curves,
    columns: &[String],
    options: &FitOptions,
    group: usize,
    points: &[Point],
    error: FitError,
) -> String {
    let FitError::Point { index, source } = error else {
        let excluded = curves.weightless(group);
        return if excluded == 0 { error.to_string() } else { format!("{error} ({excluded} rows have weight 0)") };
    };
    let Some(row) = curves.rows(group).nth(index) else { return error.to_string() };
    let column = match source {
        PointError::Weight => SCALE,
        PointError::Error | PointError::ErrorNotPositive => ERROR,
        _ => N,
    };
    let name = columns.get(column).map_or("", String::as_str);
    let value = curves.value(column, row);
    let remedy = match source {
        PointError::Size if points.get(index).is_some_and(|p| p.n == 0.0) => format!(" (--where '{name}>0')"),
        PointError::ErrorNotPositive => " (--residual linear)".into(),
        PointError::Weight if options.weights == Weights::Absolute => format!(" (--where '{name}>0')"),
        _ => String::new(),
    };
    let line = curves.line(row);
    format!("line {line}, column {name:?}, point {index} of the group: {value} cannot be used: {source}{remedy}")
}
