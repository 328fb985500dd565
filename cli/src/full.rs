//! `full`: the law over both sizes, L(n, s) = delta (gamma + (n + n0)^-alpha) s^-beta + E, and what it is compared with.
mod page;
pub(crate) mod print;

use clap::Args;
use syn2real::compare;
use syn2real::{Bounds, FitError, FullLaw, FullOptions, GridPoint, LackOfFitAtS, Loss, PointError, Residual, Weights};

use crate::args::{ERROR, Format, GridArgs, HUBER, LossName, N, SCALE, ScaleArgs, Space, bounds_of};
use crate::errors::Error;
use crate::group::Curves;
use crate::output::announce;
use crate::progress::Progress;

use print::Found;
#[cfg(test)]
pub(crate) use print::{Several as Grids, Single as OneGrid};

/// Arguments of `full`.
#[derive(Debug, Args)]
pub(crate) struct FullArgs {
    #[command(flatten)]
    data: GridArgs,
    #[command(flatten)]
    law: FullLawArgs,
    /// Largest distinct n that are held out to compare the laws.
    #[arg(long, value_name = "COUNT", default_value_t = 1, help_heading = "Law")]
    hold_out: usize,
    /// Compare with the laws that bend over n as well: shifted, rectified and bent, n_h free (a tenth of a second each).
    #[arg(long, help_heading = "Law")]
    bends: bool,
    /// How the results are printed.
    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    format: Format,
    /// Write DIR/index.html with the estimates and a figure for each group.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    report: Option<String>,
}

/// How the law over both sizes is fitted.
#[derive(Debug, Args)]
pub(crate) struct FullLawArgs {
    /// Space of the residual: log, ln(model) - ln(error), or linear, model - error.
    #[arg(long, value_enum, default_value_t = Space::Log, help_heading = "Law")]
    residual: Space,
    /// n0, which gives rows of n = 0 a finite error: `free`, or a value.
    #[arg(long, value_name = "free|X", default_value = "0", value_parser = held, allow_negative_numbers = true, help_heading = "Law")]
    n0: Held,
    /// E, the irreducible error: `free`, or a value.
    #[arg(long, value_name = "free|X", default_value = "0", value_parser = held, allow_negative_numbers = true, help_heading = "Law")]
    e: Held,
    /// Loss: square, or huber, which counts outliers less.
    #[arg(long, value_enum, default_value_t = LossName::Square, help_heading = "Law")]
    loss: LossName,
    /// Where the Huber loss turns linear, in units of the residual; 1e-3 with the log residual is the Chinchilla fit
    /// [default: 1.345 robust standard deviations of the residuals].
    #[arg(long, value_name = "X", allow_negative_numbers = true, help_heading = "Law")]
    huber_delta: Option<f64>,
    /// Hold delta at this value.
    #[arg(long, value_name = "X", allow_negative_numbers = true, conflicts_with = "delta", help_heading = "Law")]
    fixed_delta: Option<f64>,
    /// Hold gamma at this value.
    #[arg(long, value_name = "X", allow_negative_numbers = true, conflicts_with = "gamma", help_heading = "Law")]
    fixed_gamma: Option<f64>,
    /// Hold alpha at this value.
    #[arg(long, value_name = "X", allow_negative_numbers = true, conflicts_with = "alpha", help_heading = "Law")]
    fixed_alpha: Option<f64>,
    /// Hold beta at this value.
    #[arg(long, value_name = "X", allow_negative_numbers = true, conflicts_with = "beta", help_heading = "Law")]
    fixed_beta: Option<f64>,
    /// Bounds of alpha [default: 0,10].
    #[arg(long, value_name = "LO,HI", value_parser = bounds_of("alpha"), allow_hyphen_values = true, help_heading = "Law")]
    alpha: Option<Bounds>,
    /// Bounds of beta [default: 0,10].
    #[arg(long, value_name = "LO,HI", value_parser = bounds_of("beta"), allow_hyphen_values = true, help_heading = "Law")]
    beta: Option<Bounds>,
    /// Bounds of gamma [default: 0,inf].
    #[arg(long, value_name = "LO,HI", value_parser = bounds_of("gamma"), allow_hyphen_values = true, help_heading = "Law")]
    gamma: Option<Bounds>,
    /// Bounds of delta [default: 0,inf].
    #[arg(long, value_name = "LO,HI", value_parser = bounds_of("delta"), allow_hyphen_values = true, help_heading = "Law")]
    delta: Option<Bounds>,
}

/// A parameter that is held at a value, or free.
#[derive(Clone, Copy, Debug)]
struct Held(Option<f64>);

fn held(text: &str) -> Result<Held, String> {
    match text.trim() {
        "free" => Ok(Held(None)),
        number => match number.parse::<f64>() {
            Ok(value) if value >= 0.0 && value.is_finite() => Ok(Held(Some(value))),
            _ => Err("write `free`, or a finite number that is not negative".into()),
        },
    }
}

impl FullLawArgs {
    pub(crate) fn options(&self, scale: &ScaleArgs) -> FullOptions {
        let default = FullOptions::default();
        FullOptions {
            residual: match self.residual {
                Space::Log => Residual::Log,
                Space::Linear => Residual::Linear,
            },
            loss: match (self.loss, self.huber_delta) {
                (LossName::Square, None) => Loss::Square,
                (_, Some(delta)) => Loss::HuberAbsolute { delta },
                (LossName::Huber, None) => Loss::Huber { k: HUBER },
            },
            fixed_delta: self.fixed_delta,
            fixed_gamma: self.fixed_gamma,
            fixed_alpha: self.fixed_alpha,
            fixed_beta: self.fixed_beta,
            fixed_n0: self.n0.0,
            fixed_e: self.e.0,
            alpha: self.alpha.unwrap_or(default.alpha),
            beta: self.beta.unwrap_or(default.beta),
            gamma: self.gamma.unwrap_or(default.gamma),
            delta: self.delta.unwrap_or(default.delta),
            weights: if scale.sigma.is_some() { Weights::Sigma } else { Weights::Relative },
            ..default
        }
    }
}

/// Fits every group; tells whether all were fitted.
pub(crate) fn run(args: &FullArgs) -> Result<bool, Error> {
    let options = args.law.options(&args.data.scale);
    check(&options)?;
    let (columns, s_column, curves) = args.data.read()?;
    announce(&curves.read, args.format)?;
    let mut progress = Progress::count("fitting", curves.len());
    let mut results = Vec::with_capacity(curves.len());
    for group in 0..curves.len() {
        let points: Vec<GridPoint> = curves.rows(group).map(|row| point(&curves, s_column, &options, row)).collect();
        let explain = |e| explain(&curves, &columns.values, s_column, group, e);
        results.push(match curves.problem(group) {
            Some(problem) => Err(format!("line {}, {}", problem.line, problem.text)),
            None => fit(&points, &options, args, &curves, group).map_err(explain),
        });
        progress.at(group as u64);
    }
    progress.finish();
    let written = match args.format {
        Format::Json => print::json(&curves, &results, &options),
        Format::Csv => print::csv(&curves, &results, args.bends),
        Format::Table => print::text(&curves, &results, &options),
    };
    written.map_err(Error::stdout)?;
    if let Some(dir) = &args.report {
        let points = |group| curves.rows(group).map(|row| point(&curves, s_column, &options, row)).collect();
        let path = page::write(dir, &args.data, &curves, &results, &options, points)?;
        Error::note(&format!("report: {path}"));
    }
    Ok(results.iter().all(Result::is_ok))
}

/// Checks the options on a grid that nothing is wrong with, before a long file is read.
pub(crate) fn check(options: &FullOptions) -> Result<(), Error> {
    let law = FullLaw { delta: 40.0, gamma: 0.5, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
    let at = |k: usize| ([1e3, 4e3, 16e3][k % 3], [1e4, 4e4, 16e4][k / 3]);
    let points: Vec<_> = (0..9).map(|k| (at(k).0, at(k).1, law.error_at(at(k).0, at(k).1))).collect();
    match FullLaw::fit_with(&points, options) {
        Err(FitError::BadOption { field }) => {
            let flag = if field == "loss" { "huber-delta".into() } else { field.replace('_', "-") };
            Err(Error::Option(format!("--{flag}: the value or the bounds are out of range, or nothing is left free")))
        }
        _ => Ok(()),
    }
}

pub(crate) fn point(curves: &Curves, s_column: usize, options: &FullOptions, row: usize) -> GridPoint {
    let point = GridPoint::new(curves.value(N, row), curves.value(s_column, row), curves.value(ERROR, row));
    if s_column <= SCALE {
        return point;
    }
    let scale = curves.value(SCALE, row);
    match options.weights {
        Weights::Sigma => point.with_sigma(scale),
        _ => point.with_weight(scale),
    }
}

fn fit(
    points: &[GridPoint],
    options: &FullOptions,
    args: &FullArgs,
    curves: &Curves,
    group: usize,
) -> Result<Found, FitError> {
    let fit = FullLaw::fit_with(points, options)?;
    let mut lack_of_fit = vec![LackOfFitAtS::default(); points.len()];
    let sizes = fit.lack_of_fit(points, &mut lack_of_fit);
    lack_of_fit.truncate(sizes);
    let zeros = points.iter().filter(|point| point.weight == 0.0).count();
    let mut comparison = compare::full_laws(points, options, args.hold_out)?.to_vec();
    if args.bends {
        comparison.extend(compare::bent_laws(points, options, args.hold_out));
    }
    Ok(Found { fit, comparison, lack_of_fit, excluded: curves.weightless(group) + zeros })
}

/// What the error of a fit means in terms of the file.
pub(crate) fn explain(curves: &Curves, columns: &[String], s_column: usize, group: usize, error: FitError) -> String {
    let FitError::Point { index, source } = error else { return error.to_string() };
    let Some(row) = curves.rows(group).nth(index) else { return error.to_string() };
    let column = match source {
        PointError::Weight | PointError::Sigma => SCALE,
        PointError::Error | PointError::ErrorNotPositive => ERROR,
        PointError::FineTuneSize => s_column,
        _ => N,
    };
    let name = columns.get(column).map_or("", String::as_str);
    let value = curves.value(column, row);
    let remedy = match source {
        PointError::SizeZero => format!(" (--n0 free, or --where '{name}>0')"),
        PointError::FineTuneSize | PointError::Sigma => format!(" (--where '{name}>0')"),
        PointError::ErrorNotPositive => " (--residual linear)".into(),
        _ => String::new(),
    };
    let line = curves.line(row);
    format!("line {line}, column {name:?}: {value} cannot be used: {source}{remedy}")
}
