//! `compare`: change the setting or go on: groups against each other by rate, gap, and error at a size.
use std::io::{BufWriter, Write, stdout};

use clap::Args;
use serde::Serialize;
use syn2real::infer::{ConfidenceCurve, Quantity, QuantityInterval};
use syn2real::plan::PlanError;
use syn2real::plan::settings::{Pair, Standing, curve, intervals, pairs, standings};
use syn2real::{Confidence, Parameter, Point, Syn2RealFit, Syn2RealLaw};

use crate::args::{CurveArgs, Form, ThreadArgs};
use crate::errors::Error;
use crate::fitting::{self, Task};
use crate::group::Curves;
use crate::output::record::{ErrorRecord, Group, IntervalRecord};
use crate::output::text::TextTable;
use crate::output::{Head, counted, failed, interval, short};
use crate::parallel::Workers;
use crate::question::{BootstrapArgs, LevelArgs, MethodName, Refused};
use crate::report::settings;

/// Settings that can be compared: more have a million pairs.
const MOST: usize = 1000;
/// Pairs shown in the table.
const PAIRS: usize = 60;

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    #[command(flatten)]
    data: CurveArgs,
    /// Number of samples at which the settings are ranked: what the budget pays [default: the largest n measured].
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = "Question")]
    at: Option<f64>,
    #[command(flatten)]
    level: LevelArgs,
    #[command(flatten)]
    bootstrap: BootstrapArgs,
    #[command(flatten)]
    threads: ThreadArgs,
    /// How the results are printed.
    #[arg(long, value_enum, default_value_t = Form::Table, help_heading = "Output")]
    format: Form,
}

/// A setting that was fitted.
struct Setting {
    group: usize,
    fit: Syn2RealFit,
    points: Vec<Point>,
    laws: Vec<Syn2RealLaw>,
}

/// All that is compared.
struct Compared {
    at: f64,
    alpha: Vec<Option<QuantityInterval>>,
    c: Vec<Option<QuantityInterval>>,
    standings: Vec<Option<Standing>>,
    /// Pairs with the quantity they compare.
    pairs: Vec<(Quantity, Pair)>,
}

#[derive(Serialize)]
struct SettingRecord<'a> {
    group: Group<'a>,
    alpha: IntervalRecord,
    c: IntervalRecord,
    error_at: IntervalRecord,
    rank: Option<usize>,
    /// Probability of the least error of all.
    best: Option<f64>,
}

#[derive(Serialize)]
struct PairRecord<'a> {
    a: Group<'a>,
    b: Group<'a>,
    /// `c`, `alpha`, or `error`, that at the size asked for.
    quantity: &'static str,
    /// null where one of them has no value: alpha of a flat curve.
    difference: Option<f64>,
    /// The value that both may have.
    common: Option<f64>,
    p: Option<f64>,
    p_holm: Option<f64>,
    differs: bool,
}

#[derive(Serialize)]
struct Record<'a> {
    at: Option<f64>,
    level: f64,
    method: &'static str,
    settings: Vec<SettingRecord<'a>>,
    /// How they were fitted: the `settings` of other commands.
    fit_settings: Vec<String>,
    pairs: Vec<PairRecord<'a>>,
    errors: Vec<ErrorRecord<'a>>,
}

/// Compares all groups; tells whether all could be.
pub(crate) fn run(args: &CompareArgs) -> Result<bool, Error> {
    let options = fitting::options(&args.data)?;
    let confidence = args.level.confidence()?;
    args.bootstrap.check(confidence)?;
    if args.level.method == MethodName::Bootstrap {
        return Err(Error::Option(
            "--method: C and alpha are compared by profile or wald; errors and ranks are bootstrapped in any case"
                .into(),
        ));
    }
    if let Some(at) = args.at.filter(|n| !(*n > 0.0 && *n <= syn2real::plan::LARGEST_COUNT)) {
        return Err(Error::Option(format!("--at: {at} is no number of samples: give one above 0 and up to 2^53")));
    }
    if args.data.input.by.is_empty() {
        return Err(Error::Option("--by: name the columns that tell the settings apart".into()));
    }
    let workers = Workers::new(args.threads.threads)?;
    let (columns, curves) = args.data.read()?;
    if curves.len() > MOST {
        let found = curves.len();
        return Err(Error::Option(format!(
            "{found} settings are more than the {MOST} that can be compared: choose with --where"
        )));
    }
    let task = Task { curves: &curves, columns: &columns.values, options: &options };
    let results = workers.map("fitting", curves.len(), |group| {
        let (fit, points) = task.fit_one(group)?;
        let laws = args.bootstrap.laws(&curves, group, &fit, &points)?;
        Ok(Setting { group, fit, points, laws })
    });
    let fitted: Vec<&Setting> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
    let refused = Refused::default();
    let explain = |error| {
        // The setting that rises, if that is why.
        let rises =
            |s: &&&Setting| matches!(error, PlanError::ErrorsRise { rise } if s.fit.report().rise == Some(rise));
        refused.explain(&curves, fitted.iter().find(rises).map_or(0, |s| s.group), error)
    };
    let compared = compare(args, confidence, &fitted, &workers, &explain);
    let all = compared.is_ok() && results.iter().all(Result::is_ok);
    let law = settings(&options);
    let written = match args.format {
        Form::Json => json(args, confidence, &curves, &results, &compared, &law),
        Form::Table => text(args, confidence, &curves, &results, &compared, &law),
    };
    written.map_err(Error::stdout)?;
    refused.or(all)
}

fn compare(
    args: &CompareArgs,
    confidence: Confidence,
    fitted: &[&Setting],
    workers: &Workers,
    explain: &dyn Fn(PlanError) -> String,
) -> Result<Compared, String> {
    if fitted.len() < 2 {
        return Err(format!(
            "needs at least two settings that can be fitted, has {}: name other columns with --by, or take more rows",
            fitted.len()
        ));
    }
    let largest = fitted.iter().map(|s| s.fit.report().n_max).fold(0.0, f64::max);
    let at = args.at.unwrap_or(largest);
    let with_points: Vec<(Syn2RealFit, &[Point])> = fitted.iter().map(|s| (s.fit, s.points.as_slice())).collect();
    let of = |parameter| {
        let mut out = vec![None; fitted.len()];
        intervals(&with_points, parameter, confidence, args.level.method.intervals(), &mut out).map_err(explain)?;
        Ok::<_, String>(out)
    };
    // First, because it refuses scores.
    let c = of(Parameter::C)?;
    let quantities =
        [Quantity::Parameter(Parameter::C), Quantity::Parameter(Parameter::Alpha), Quantity::ErrorAt { n: at }];
    let curves = workers.map("comparing", fitted.len(), |k| {
        let (fit, points) = with_points[k];
        let each = quantities.map(|quantity| curve(&fit, points, quantity));
        each.into_iter().collect::<Result<Vec<_>, _>>()
    });
    let curves: Vec<Vec<Option<ConfidenceCurve>>> = curves.into_iter().collect::<Result<_, _>>().map_err(explain)?;
    let mut all_pairs = Vec::new();
    for (k, quantity) in quantities.into_iter().enumerate() {
        let of: Vec<Option<ConfidenceCurve>> = curves.iter().map(|each| each[k]).collect();
        let mut out = vec![Pair::default(); of.len() * (of.len() - 1) / 2];
        pairs(&of, &mut out).map_err(explain)?;
        all_pairs.extend(out.into_iter().map(|pair| (quantity, pair)));
    }
    let laws: Vec<(Syn2RealLaw, &[Syn2RealLaw])> = fitted.iter().map(|s| (s.fit.law(), s.laws.as_slice())).collect();
    let mut found = vec![None; fitted.len()];
    standings(&laws, at, confidence, &mut found).map_err(explain)?;
    Ok(Compared { at, alpha: of(Parameter::Alpha)?, c, standings: found, pairs: all_pairs })
}

/// How the intervals of C and alpha are made: the bootstrap is that of the error and the ranks in any case.
fn method(args: &CompareArgs) -> &'static str {
    if args.level.method == MethodName::Wald { "wald" } else { "profile" }
}

fn name(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Parameter(Parameter::C) => "c",
        Quantity::Parameter(_) => "alpha",
        _ => "error",
    }
}

fn json(
    args: &CompareArgs,
    confidence: Confidence,
    curves: &Curves,
    results: &[Result<Setting, String>],
    compared: &Result<Compared, String>,
    law: &str,
) -> std::io::Result<()> {
    let groups: Vec<usize> = results.iter().filter_map(|r| r.as_ref().ok()).map(|s| s.group).collect();
    let mut errors = ErrorRecord::all(curves, results);
    let mut record = Record {
        at: args.at,
        level: confidence.level(),
        method: method(args),
        settings: Vec::new(),
        fit_settings: vec![law.to_owned()],
        pairs: Vec::new(),
        errors: Vec::new(),
    };
    match compared {
        Ok(compared) => {
            record.at = Some(compared.at);
            let setting = |(k, group): (usize, &usize)| SettingRecord {
                group: Group(curves, *group),
                alpha: IntervalRecord::new(compared.alpha[k]),
                c: IntervalRecord::new(compared.c[k]),
                error_at: IntervalRecord::new(compared.standings[k].map(|s| s.error)),
                rank: compared.standings[k].map(|s| s.rank),
                best: compared.standings[k].map(|s| s.best),
            };
            record.settings = groups.iter().enumerate().map(setting).collect();
            let pair = |(quantity, pair): &(Quantity, Pair)| PairRecord {
                a: Group(curves, groups[pair.a]),
                b: Group(curves, groups[pair.b]),
                quantity: name(*quantity),
                difference: Some(pair.difference).filter(|difference| difference.is_finite()),
                common: pair.common,
                p: pair.p,
                p_holm: pair.p_holm,
                differs: pair.differs(confidence),
            };
            record.pairs = compared.pairs.iter().map(pair).collect();
        }
        // No group is to blame.
        Err(error) => errors.push(ErrorRecord { group: Group::none(curves), error }),
    }
    record.errors = errors;
    Head::new("compare", Some(&curves.read), &[]).print(&record, &[])
}

fn text(
    args: &CompareArgs,
    confidence: Confidence,
    curves: &Curves,
    results: &[Result<Setting, String>],
    compared: &Result<Compared, String>,
    law: &str,
) -> std::io::Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    match compared {
        Ok(compared) => tables(&mut out, confidence, curves, results, compared)?,
        Err(error) => writeln!(out, "not compared: {error}")?,
    }
    for (group, error) in failed(results) {
        writeln!(out, "not fitted: {}: {error}", curves.title(group))?;
    }
    let (level, words) = (confidence.level(), method(args));
    writeln!(
        out,
        "C, alpha: {words} intervals that hold together at the level {level} (Bonferroni); p: likelihood ratio of a common \
         value, adjusted by Holm; error: L at that size"
    )?;
    writeln!(out, "L, P(best): residual bootstrap, seed {}; {law}", args.bootstrap.seed())?;
    out.flush()
}

fn tables(
    out: &mut impl Write,
    confidence: Confidence,
    curves: &Curves,
    results: &[Result<Setting, String>],
    compared: &Compared,
) -> std::io::Result<()> {
    let groups: Vec<usize> = results.iter().filter_map(|r| r.as_ref().ok()).map(|s| s.group).collect();
    let error_at = format!("L({}) [interval]", counted(compared.at));
    let mut table = TextTable::of(&["setting", "C [interval]", "alpha [interval]", &error_at, "rank", "P(best)"], 1);
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|k| compared.standings[*k].map_or(usize::MAX, |s| s.rank));
    for k in order {
        let standing = compared.standings[k];
        table.rows.push(vec![
            curves.title(groups[k]),
            interval(compared.c[k], short),
            interval(compared.alpha[k], short),
            interval(standing.map(|s| s.error), short),
            standing.map_or("-".into(), |s| s.rank.to_string()),
            standing.map_or("-".into(), |s| format!("{:.2}", s.best)),
        ]);
    }
    writeln!(out, "{}\n", table.text())?;
    let titles = ["pair", "quantity", "difference", "in common", "p", "p adjusted", "differs"];
    let mut table = TextTable::of(&titles, 2);
    for (quantity, pair) in compared.pairs.iter().take(PAIRS) {
        let maybe = |p: Option<f64>| p.map_or("-".into(), short);
        table.rows.push(vec![
            format!("{} | {}", curves.title(groups[pair.a]), curves.title(groups[pair.b])),
            name(*quantity).into(),
            maybe(Some(pair.difference).filter(|difference| difference.is_finite())),
            maybe(pair.common),
            maybe(pair.p),
            maybe(pair.p_holm),
            if pair.differs(confidence) { "yes" } else { "no" }.into(),
        ]);
    }
    writeln!(out, "{}", table.text())?;
    if compared.pairs.len() > PAIRS {
        writeln!(out, "{} more pairs: --format json prints all", compared.pairs.len() - PAIRS)?;
    }
    writeln!(out)
}
