//! What was compared as JSON and text.
use std::io::{BufWriter, Write, stdout};

use serde::Serialize;
use syn2real::infer::Quantity;
use syn2real::plan::settings::Pair;
use syn2real::{Confidence, Parameter};

use crate::args::Form;
use crate::group::Curves;
use crate::oddity::{below, sentences};
use crate::output::record::{ErrorRecord, Group, IntervalRecord};
use crate::output::text::TextTable;
use crate::output::{Head, counted, failed, interval, short};
use crate::question::MethodName;

use super::args::{CompareArgs, PairsName};
use super::settings::{Compared, Setting};

/// Rows of pairs shown in the table.
const PAIRS: usize = 60;

type Results = [Result<Setting, String>];

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Compare"))]
pub(crate) struct Record<'a> {
    at: Option<f64>,
    level: f64,
    method: &'static str,
    settings: Vec<SettingRecord<'a>>,
    /// How they were fitted: the `settings` of other commands.
    fit_settings: Vec<String>,
    pairs: Vec<PairRecord<'a>>,
    errors: Vec<ErrorRecord<'a>>,
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

/// Prints what was compared, or why nothing was.
pub(super) fn print(
    args: &CompareArgs,
    confidence: Confidence,
    curves: &Curves,
    results: &Results,
    compared: &Result<Compared, String>,
    law: &str,
) -> std::io::Result<()> {
    match args.format {
        Form::Json => json(args, confidence, curves, results, compared, law),
        Form::Table => text(args, confidence, curves, results, compared, law),
    }
}

/// The groups that were fitted: what the numbers of a pair are places in.
fn groups(results: &Results) -> Vec<usize> {
    results.iter().filter_map(|r| r.as_ref().ok()).map(|s| s.group).collect()
}

fn json(
    args: &CompareArgs,
    confidence: Confidence,
    curves: &Curves,
    results: &Results,
    compared: &Result<Compared, String>,
    law: &str,
) -> std::io::Result<()> {
    let groups = groups(results);
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
    Head::new("compare", Some(&curves.read), &[]).print(&record, &odd(curves, results))
}

/// What is odd about rows, a sentence each.
fn odd(curves: &Curves, results: &Results) -> Vec<String> {
    results.iter().flatten().flat_map(|setting| sentences(curves, setting.group, &setting.odd)).collect()
}

fn text(
    args: &CompareArgs,
    confidence: Confidence,
    curves: &Curves,
    results: &Results,
    compared: &Result<Compared, String>,
    law: &str,
) -> std::io::Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    match compared {
        Ok(compared) => tables(&mut out, args, confidence, curves, &groups(results), compared)?,
        Err(error) => writeln!(out, "not compared: {error}")?,
    }
    for line in below(odd(curves, results)) {
        writeln!(out, "{line}")?;
    }
    for (group, error) in failed(results) {
        writeln!(out, "not fitted: {}: {error}", curves.title(group))?;
    }
    let (level, words) = (confidence.level(), method(args));
    writeln!(
        out,
        "C, alpha: {words} intervals that hold together at the level {level} (Bonferroni); p: likelihood ratio of a common \
         value; error: L at that size"
    )?;
    writeln!(out, "L, P(best): residual bootstrap, seed {}; {law}", args.bootstrap.seed())?;
    out.flush()
}

/// The settings by rank.
pub(super) fn ranking(curves: &Curves, groups: &[usize], compared: &Compared) -> TextTable {
    let error_at = format!("L({}) [interval]", counted(compared.at));
    let mut table = TextTable::of(&["setting", "C [interval]", "alpha [interval]", &error_at, "rank", "P(best)"], 1);
    for k in compared.order() {
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
    table
}

/// The first of the pairs that were tested.
pub(super) fn tests(confidence: Confidence, curves: &Curves, groups: &[usize], compared: &Compared) -> TextTable {
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
    table
}

fn tables(
    out: &mut impl Write,
    args: &CompareArgs,
    confidence: Confidence,
    curves: &Curves,
    groups: &[usize],
    compared: &Compared,
) -> std::io::Result<()> {
    writeln!(out, "{}\n", ranking(curves, groups, compared).text())?;
    writeln!(out, "{}", tests(confidence, curves, groups, compared).text())?;
    if compared.pairs.len() > PAIRS {
        writeln!(out, "{} more rows: --format json prints all", compared.pairs.len() - PAIRS)?;
    }
    let settings = groups.len();
    let which = match args.pairs(settings) {
        PairsName::Best => "pairs with the best, --pairs all for all",
        PairsName::All => "all pairs, those with the best first",
    };
    writeln!(
        out,
        "{which}; p adjusted: by Holm for the {} pairs of {settings} settings, of which the data chose the best\n",
        settings * (settings - 1) / 2
    )
}
