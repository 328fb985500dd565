//! Fits every group of a csv, and says of a group that cannot be fitted where the reason stands in the file.
use std::ops::Range;

use syn2real::{FitError, FitOptions, Point, PointError, Syn2RealFit, Syn2RealLaw, Weights};

use crate::args::{CurveArgs, ERROR, N, SCALE};
use crate::details::{Details, Wanted};
use crate::errors::Error;
use crate::group::Curves;
use crate::laws::{Fitted, LawName};

/// Groups that a thread takes at once, of law (1) and of the laws that bend or several: some milliseconds of work.
pub(crate) const GROUPS: usize = 512;
pub(crate) const FEW_GROUPS: usize = 8;
/// Rows of a group at which a batch of fewer groups is full.
const ROWS: usize = 16;

/// A group with its points and what came of it.
pub(crate) struct Outcome<'a> {
    /// Number of the group in [`Curves`].
    pub(crate) group: usize,
    /// The points given to the fit.
    pub(crate) points: &'a [Point],
    /// The fit, or why there is none, with line, column and remedy.
    pub(crate) result: &'a Result<Fitted, String>,
    /// Rows of the group that were left out because they have no weight.
    pub(crate) excluded: usize,
    /// What is told beside the estimates, if it is known yet.
    pub(crate) details: Option<&'a Details>,
}

/// The options that the arguments ask for.
pub(crate) fn options(args: &CurveArgs) -> Result<FitOptions, Error> {
    options_of(LawName::Law1, args)
}

/// The same for any law.
pub(crate) fn options_of(law: LawName, args: &CurveArgs) -> Result<FitOptions, Error> {
    law.check(&args.law)?;
    let options = law.options(&args.law.options(&args.scale));
    check(law, &options)?;
    Ok(options)
}

/// Checks the options on a curve that nothing is wrong with, before a long file is read.
fn check(law: LawName, options: &FitOptions) -> Result<(), Error> {
    let curve = [(1e3, 0.5), (2e3, 0.4), (4e3, 0.33), (8e3, 0.29), (16e3, 0.26)].map(Point::from);
    let Err(FitError::BadOption { field }) = law.fit(&curve, options) else { return Ok(()) };
    if [options.fixed_d, options.fixed_alpha, options.fixed_c].iter().all(Option::is_some) {
        let text = "--fixed-d, --fixed-alpha and --fixed-c leave no parameter free: leave one of them out";
        return Err(Error::Option(text.into()));
    }
    Err(Error::Option(format!("--{}: {}", field.replace('_', "-"), rule(field))))
}

/// What a valid value of the option of this field looks like.
pub(crate) fn rule(field: &str) -> &'static str {
    match field {
        "fixed_d" | "fixed_c" => "give a finite number within the bounds, not below 0",
        "fixed_alpha" => "give a number in [0, 1000]",
        "alpha" => "give bounds within [0, 1000]",
        "c" => "give bounds that are not negative, the lower one finite",
        "loss" => "the Huber constant is below the rounding of these errors: use --loss square",
        _ => "the value is out of its range",
    }
}

/// Why there is no forecast beside fits with this option.
pub(crate) fn no_forecast(option: &str) -> String {
    format!("no forecast: it is of ln error with all parameters free: leave {option} out to have one")
}

/// Curves and how they are to be fitted.
#[derive(Clone, Copy)]
pub(crate) struct Task<'a> {
    pub(crate) curves: &'a Curves,
    /// Names of the value columns: n, error and, if there is one, the weight or the sigma.
    pub(crate) columns: &'a [String],
    pub(crate) options: &'a FitOptions,
}

/// The fits of some groups that follow each other.
pub(crate) struct Batch {
    first: usize,
    points: Vec<Point>,
    /// Where the points of each group end.
    ends: Vec<usize>,
    results: Vec<Result<Fitted, String>>,
    excluded: Vec<usize>,
    details: Vec<Option<Details>>,
}

impl Batch {
    /// Number of the first group.
    pub(crate) fn first(&self) -> usize {
        self.first
    }

    /// Adds what is told beside the estimates.
    pub(crate) fn detailed(mut self, wanted: &Wanted) -> Batch {
        let details =
            self.outcomes().map(|outcome| Some(Details::of(outcome.result.as_ref().ok()?, outcome.points, wanted)));
        self.details = details.collect();
        self
    }

    /// What came of each group, in their order.
    pub(crate) fn outcomes(&self) -> impl Iterator<Item = Outcome<'_>> {
        (0..self.results.len()).map(|k| Outcome {
            group: self.first + k,
            points: slice(&self.points, &self.ends, k),
            result: &self.results[k],
            excluded: self.excluded[k],
            details: self.details.get(k).and_then(Option::as_ref),
        })
    }
}

/// The points of the k-th group of a batch.
fn slice<'a>(points: &'a [Point], ends: &[usize], k: usize) -> &'a [Point] {
    let start = if k == 0 { 0 } else { ends[k - 1] };
    &points[start..ends[k]]
}

impl Task<'_> {
    /// The groups in batches of about the same work, of at most so many groups.
    pub(crate) fn batches(&self, most: usize) -> Vec<Range<usize>> {
        let mut batches = Vec::new();
        let (mut start, mut rows) = (0, 0);
        for group in 0..self.curves.len() {
            rows += self.curves.rows(group).len();
            if rows >= ROWS * most || group + 1 - start >= most {
                batches.push(start..group + 1);
                (start, rows) = (group + 1, 0);
            }
        }
        if start < self.curves.len() {
            batches.push(start..self.curves.len());
        }
        batches
    }

    /// Fits a law to the groups of a batch.
    pub(crate) fn fit(&self, law: LawName, groups: Range<usize>) -> Batch {
        let first = groups.start;
        let (mut points, mut ends, mut excluded) = (Vec::new(), Vec::new(), Vec::new());
        for group in groups.clone() {
            let start = points.len();
            points.extend(self.curves.rows(group).map(|row| self.point(row)));
            ends.push(points.len());
            excluded.push(self.excluded(group, &points[start..]));
        }
        // A group that a row keeps from being fitted takes no time.
        let usable = |k: usize| if self.curves.problem(first + k).is_some() { &[] } else { slice(&points, &ends, k) };
        let slices: Vec<&[Point]> = (0..ends.len()).map(usable).collect();
        let mut results = Vec::with_capacity(slices.len());
        let mut take = |k: usize, fit: Result<Fitted, FitError>| {
            results.push(match self.problem(first + k) {
                Some(problem) => Err(problem),
                None => fit.map_err(|e| self.explain(first + k, slices[k], e)),
            });
        };
        if law.takes_zero() {
            slices.iter().enumerate().for_each(|(k, points)| take(k, law.fit(points, self.options)));
        } else {
            Syn2RealLaw::fit_many(&slices, self.options, |k, fit| take(k, fit.map(Fitted::Straight)));
        }
        Batch { first, points, ends, results, excluded, details: Vec::new() }
    }

    /// The fit of one group with its points, or why there is none.
    pub(crate) fn fit_one(&self, group: usize) -> Result<(Syn2RealFit, Vec<Point>), String> {
        if let Some(problem) = self.problem(group) {
            return Err(problem);
        }
        let points = self.points(group);
        match Syn2RealLaw::fit_with(&points, self.options) {
            Ok(fit) => Ok((fit, points)),
            // The commands that plan have no other law to offer.
            Err(FitError::Point { index, source: PointError::Size }) if points[index].n == 0.0 => {
                let row = self.curves.rows(group).nth(index).map_or(0, |row| self.curves.line(row));
                let name = self.columns.first().map_or("n", String::as_str);
                Err(format!(
                    "line {row}, column {name:?}: 0 cannot be used: law (1), which is fitted in any case, is infinite \
                     there: leave such rows out with --where '{name}>0'"
                ))
            }
            Err(error) => Err(self.explain(group, &points, error)),
        }
    }

    /// Why a row of the group keeps it from being fitted.
    pub(crate) fn problem(&self, group: usize) -> Option<String> {
        let problem = self.curves.problem(group)?;
        Some(format!("line {}, {}", problem.line, problem.text))
    }

    /// The points of a group.
    pub(crate) fn points(&self, group: usize) -> Vec<Point> {
        self.curves.rows(group).map(|row| self.point(row)).collect()
    }

    /// Rows of a group that have no weight.
    pub(crate) fn excluded(&self, group: usize, points: &[Point]) -> usize {
        self.curves.weightless(group) + points.iter().filter(|point| point.weight == 0.0).count()
    }

    fn point(&self, row: usize) -> Point {
        let point = Point::new(self.curves.value(N, row), self.curves.value(ERROR, row));
        if self.columns.len() <= SCALE {
            return point;
        }
        let scale = self.curves.value(SCALE, row);
        match self.options.weights {
            Weights::Sigma => point.with_sigma(scale),
            _ => point.with_weight(scale),
        }
    }

    /// What the error of a fit means in terms of the file.
    pub(crate) fn explain(&self, group: usize, points: &[Point], error: FitError) -> String {
        let FitError::Point { index, source } = error else {
            let excluded = self.curves.weightless(group);
            let weights = if excluded == 0 { String::new() } else { format!(" ({excluded} rows have weight 0)") };
            return match error {
                FitError::TooFewPoints { needed, got } => format!(
                    "needs at least {needed} distinct {}, got {got}: measure at another, or hold a parameter with \
                     --fixed-d, --fixed-alpha or --fixed-c{weights}",
                    self.columns.first().map_or("n", String::as_str)
                ),
                FitError::TooFewSizes { law, needed, got } => {
                    let n = self.columns.first().map_or("n", String::as_str);
                    format!(
                        "the {law} law needs at least {needed} distinct {n}, 0 among them, got {got}: measure at \
                         another{}{weights}",
                        others(got)
                    )
                }
                FitError::Unidentifiable { parameter } => format!(
                    "the data do not determine {parameter}: measure at more sizes, or hold it with --fixed-{}{weights}",
                    parameter.to_string().to_lowercase()
                ),
                FitError::BadOption { field } => format!("--{}: {}{weights}", field.replace('_', "-"), rule(field)),
                other => format!("{other}{weights}"),
            };
        };
        let Some(row) = self.curves.rows(group).nth(index) else { return error.to_string() };
        let column = match source {
            PointError::Weight | PointError::Sigma => SCALE,
            PointError::Error | PointError::ErrorNotPositive => ERROR,
            _ => N,
        };
        let name = self.columns.get(column).map_or("", String::as_str);
        let value = self.curves.value(column, row);
        let remedy = match source {
            PointError::Size if points.get(index).is_some_and(|p| p.n == 0.0) => format!(" (--where '{name}>0')"),
            PointError::ErrorNotPositive => format!(" (--residual linear, or --where '{name}>0')"),
            PointError::Sigma => format!(" (--where '{name}>0')"),
            _ => String::new(),
        };
        let line = self.curves.line(row);
        format!("line {line}, column {name:?}: {value} cannot be used: {source}{remedy}")
    }
}

/// The laws that fewer sizes are enough for.
fn others(sizes: usize) -> &'static str {
    match sizes {
        4.. => ", or take --law rectified or shifted (4 sizes), law1 (3 above 0) or power (2 above 0)",
        3 => ", or take --law law1 (3 sizes above 0) or power (2 above 0)",
        2 => ", or take --law power (2 sizes above 0)",
        _ => "",
    }
}
