//! The results of `full` as JSON, csv and text.
use std::io::{BufWriter, Write, stdout};

use serde::Serialize;
use syn2real::compare::Comparison;
use syn2real::{FullClass, FullFit, FullLaw, FullOptions, LackOfFitAtS, Loss, Parameter, Residual, Side};

use crate::group::Curves;
use crate::output::record::{BoundRecord, ErrorRecord, Group};
use crate::output::text::TextTable;
use crate::output::{Head, done, short, with_error};

/// A fitted group.
pub(super) struct Found {
    pub(super) fit: FullFit,
    pub(super) comparison: Vec<Comparison>,
    /// Residuals by s.
    pub(super) lack_of_fit: Vec<LackOfFitAtS>,
    pub(super) excluded: usize,
}

type Results = [Result<Found, String>];

/// The six parameters, or their standard errors; `None` is null.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Six {
    delta: Option<f64>,
    gamma: Option<f64>,
    alpha: Option<f64>,
    beta: Option<f64>,
    n0: Option<f64>,
    e: Option<f64>,
}

impl Six {
    fn new([delta, gamma, alpha, beta, n0, e]: [Option<f64>; 6]) -> Six {
        Six { delta, gamma, alpha, beta, n0, e }
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ComparisonRecord {
    law: &'static str,
    aicc: Option<f64>,
    holdout_rmse: Option<f64>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Grid"))]
struct Record<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<Group<'a>>,
    law: Option<Six>,
    std_errors: Option<Six>,
    cost: Option<f64>,
    class: Option<&'static str>,
    /// The bound that the class speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    bound: Option<BoundRecord>,
    points: usize,
    comparison: Vec<ComparisonRecord>,
}

/// The JSON where there are no groups: the values are null if there is no fit.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "OneGrid"))]
pub(crate) struct Single<'a> {
    #[serde(flatten)]
    record: Record<'a>,
    errors: Vec<ErrorRecord<'a>>,
}

/// The JSON where there are groups.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Grids"))]
pub(crate) struct Several<'a> {
    fits: Vec<Record<'a>>,
    errors: Vec<ErrorRecord<'a>>,
}

/// The names of the parameters, in the order of the law's fields.
pub(crate) const NAMES: [&str; 6] = ["delta", "gamma", "alpha", "beta", "n0", "e"];

fn values(fit: &FullFit) -> [Option<f64>; 6] {
    let FullLaw { delta, gamma, alpha, beta, n0, e } = fit.law();
    let alpha = if fit.report().class == FullClass::Flat { None } else { Some(alpha) };
    [Some(delta), Some(gamma), alpha, Some(beta), Some(n0), Some(e)].map(|x| x.filter(|x| x.is_finite()))
}

fn class(class: FullClass) -> &'static str {
    match class {
        // The natural end of a free E, not a bound that anybody set.
        FullClass::AtBound { parameter: Parameter::E, side: Side::Lower } => "no_offset",
        FullClass::Interior => "interior",
        FullClass::NoGap => "no_gap",
        FullClass::NoFineTuning => "no_fine_tuning",
        FullClass::Flat => "flat",
        FullClass::AlphaMax => "alpha_max",
        FullClass::AtBound { .. } => "at_bound",
        _ => "unknown",
    }
}

fn record<'a>(found: &Found, group: Option<Group<'a>>) -> Record<'a> {
    let report = found.fit.report();
    let comparison = found.comparison.iter();
    Record {
        group,
        law: Some(Six::new(values(&found.fit))),
        std_errors: Some(Six::new(found.fit.std_errors())),
        cost: Some(report.cost),
        class: Some(class(report.class)),
        bound: match report.class {
            FullClass::AtBound { parameter, side } if class(report.class) == "at_bound" => {
                Some(BoundRecord::new(parameter, side))
            }
            _ => None,
        },
        points: report.points,
        comparison: comparison
            .map(|c| ComparisonRecord { law: c.law, aicc: c.aicc, holdout_rmse: c.holdout_rmse })
            .collect(),
    }
}

/// One object without groups; otherwise a list of fits; both with a list of errors.
pub(super) fn json(curves: &Curves, results: &Results, options: &FullOptions) -> std::io::Result<()> {
    let settings = [law_settings(options)];
    let head = Head::new("full", Some(&curves.read), &settings);
    let errors = ErrorRecord::all(curves, results);
    if let ([result], true) = (results, curves.by.is_empty()) {
        let nothing = || Record {
            group: None,
            law: None,
            std_errors: None,
            cost: None,
            class: None,
            bound: None,
            points: curves.rows(0).len(),
            comparison: Vec::new(),
        };
        let record = result.as_ref().map_or_else(|_| nothing(), |found| record(found, None));
        head.print(&Single { record, errors }, &[])
    } else {
        let fits = done(results);
        let fits = fits.map(|(group, found)| record(found, Some(Group(curves, group)))).collect();
        head.print(&Several { fits, errors }, &[])
    }
}

pub(super) fn csv(curves: &Curves, results: &Results, has_bends: bool) -> std::io::Result<()> {
    let mut out = csv::Writer::from_writer(stdout().lock());
    let mut header = curves.by.clone();
    header.extend(["points", "excluded"].map(String::from));
    header.extend(NAMES.map(String::from));
    header.extend(NAMES.map(|name| format!("se_{name}")));
    header.extend(["cost", "rms", "class"].map(String::from));
    let laws = ["full", "additive", "power", "shifted", "rectified", "bent"];
    let laws = laws.into_iter().take(if has_bends { 6 } else { 3 });
    header.extend(laws.clone().map(|law| format!("aicc_{law}")));
    header.extend(laws.map(|law| format!("holdout_rmse_{law}")));
    header.push("error".into());
    out.write_record(&header)?;
    let number = |x: f64| format!("{x:?}");
    let maybe = |x: Option<f64>| x.map_or(String::new(), number);
    for (group, result) in results.iter().enumerate() {
        let mut row: Vec<String> = curves.group(group).map(|(_, value)| value.to_owned()).collect();
        match result {
            Ok(found) => {
                let report = found.fit.report();
                row.extend([report.points.to_string(), found.excluded.to_string()]);
                row.extend(values(&found.fit).map(maybe));
                row.extend(found.fit.std_errors().map(maybe));
                row.extend([number(report.cost), number(report.rms), class(report.class).into()]);
                row.extend(found.comparison.iter().map(|c| maybe(c.aicc)));
                row.extend(found.comparison.iter().map(|c| maybe(c.holdout_rmse)));
                row.push(String::new());
            }
            Err(error) => {
                row.resize(header.len() - 1, String::new());
                row.push(error.clone());
            }
        }
        out.write_record(&row)?;
    }
    out.flush()
}

/// The law and the settings of its fit in one line.
pub(crate) fn law_settings(options: &FullOptions) -> String {
    format!("delta (gamma + (n + n0)^-alpha) s^-beta + E; {}", settings(options))
}

/// The settings of a fit in one line.
pub(crate) fn settings(options: &FullOptions) -> String {
    let space = match options.residual {
        Residual::Log => "log residual, ln(model) - ln(error)",
        Residual::Linear => "linear residual, model - error",
    };
    let offset = |name: &str, held: Option<f64>| match held {
        Some(value) => format!("{name} = {value}"),
        None => format!("{name} >= 0 free"),
    };
    let space = match options.loss {
        Loss::Huber { .. } => format!("{space}, Huber loss"),
        Loss::HuberAbsolute { delta } => format!("{space}, Huber loss beyond {delta}"),
        _ => space.into(),
    };
    let fixed = [options.fixed_delta, options.fixed_gamma, options.fixed_alpha, options.fixed_beta];
    let bounds = [("delta", options.delta), ("gamma", options.gamma), ("alpha", options.alpha), ("beta", options.beta)];
    let bounds: Vec<String> = bounds
        .into_iter()
        .zip(fixed)
        .map(|((name, bounds), fixed)| match (fixed, bounds.upper.is_infinite()) {
            (Some(value), _) => format!("{name} = {value}"),
            (None, true) => format!("{name} >= {}", bounds.lower),
            (None, false) => format!("{name} in [{}, {}]", bounds.lower, bounds.upper),
        })
        .collect();
    format!("{space}; {}, {}, {}", bounds.join(", "), offset("n0", options.fixed_n0), offset("E", options.fixed_e))
}

/// A parameter with its standard error, or in brackets why it has none.
pub(crate) fn estimates(fit: &FullFit) -> [String; 6] {
    let (values, errors) = (values(fit), fit.std_errors());
    std::array::from_fn(|k| match (values[k], errors[k]) {
        (None, _) => "-".into(),
        (Some(value), Some(error)) => with_error(value, error),
        (Some(value), None) => format!("{} (-)", short(value)),
    })
}

pub(super) fn text(curves: &Curves, results: &Results, options: &FullOptions) -> std::io::Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    for (group, result) in results.iter().enumerate() {
        let found = match result {
            Ok(found) => found,
            Err(error) => {
                writeln!(out, "not fitted: {}: {error}\n", curves.title(group))?;
                continue;
            }
        };
        let report = found.fit.report();
        writeln!(
            out,
            "{}: {} points, {} excluded, class {}, rms {}, {} minima",
            curves.title(group),
            report.points,
            found.excluded,
            class(report.class),
            short(report.rms),
            report.minima_found
        )?;
        for (name, estimate) in NAMES.iter().zip(estimates(&found.fit)) {
            writeln!(out, "  {name:6} {estimate}")?;
        }
        let mut table = TextTable::of(&["law", "AICc", "hold-out rmse"], 1);
        let maybe = |x: Option<f64>| x.map_or("-".into(), short);
        for c in &found.comparison {
            table.rows.push(vec![c.law.into(), maybe(c.aicc), maybe(c.holdout_rmse)]);
        }
        writeln!(out, "{}", table.text())?;
        let mut table = TextTable::of(&["s", "points", "mean residual", "rms residual"], 0);
        for at in &found.lack_of_fit {
            table.rows.push(vec![at.s.to_string(), at.points.to_string(), short(at.mean), short(at.rms)]);
        }
        writeln!(out, "{}\n", table.text())?;
    }
    writeln!(out, "{}", law_settings(options))?;
    writeln!(
        out,
        "in brackets: standard errors by the delta method; (-): none, because the parameter is held, on a bound, or not identified"
    )?;
    out.flush()
}
