//! The allocations as JSON and text.
use std::io::{BufWriter, Write, stdout};

use serde::Serialize;
use syn2real::FullOptions;
use syn2real::compare::{EitherFit, Preferred};
use syn2real::plan::allocate::Allocation;

use crate::full;
use crate::group::Curves;
use crate::output::record::{ErrorRecord, Group};
use crate::output::text::TextTable;
use crate::output::{Head, counted, done, failed, short};

use super::args::AllocateArgs;
use super::refits::Told;

/// An answer for a group.
pub(super) struct Found {
    pub(super) preferred: Preferred,
    pub(super) verdict: &'static str,
    pub(super) allocation: Option<Allocation>,
    /// Real samples that the pre-training of the allocation is worth; `None` if the law has no error without it.
    pub(super) worth: Option<f64>,
    /// Smallest n whose pre-training pays at the s of the allocation.
    pub(super) pays_from: Option<f64>,
    /// What refits say of it.
    pub(super) refits: Option<Told>,
    /// Root mean square of the residuals, the largest n and s measured.
    pub(super) rms: f64,
    pub(super) measured: [f64; 2],
}

impl Found {
    /// n and s of the allocation over the largest ones measured.
    fn beyond(&self) -> Option<[f64; 2]> {
        let [n_max, s_max] = self.measured;
        self.allocation.map(|a| [a.n / n_max, a.s / s_max])
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PlanRecord<'a> {
    group: Group<'a>,
    verdict: &'static str,
    /// Which law answered, AICc of the full law minus that of the additive one, and why as a sentence.
    law: &'static str,
    aicc_difference: Option<f64>,
    law_reason: String,
    n: Option<f64>,
    s: Option<f64>,
    error: Option<f64>,
    cost: Option<f64>,
    /// The sizes over the largest ones measured: above 1 the answer extrapolates.
    n_over_measured: Option<f64>,
    s_over_measured: Option<f64>,
    replaced_real: Option<f64>,
    pays_from: Option<f64>,
    /// The share of the refits that reach the target with the allocation.
    #[serde(skip_serializing_if = "Option::is_none")]
    p_reached: Option<f64>,
    /// The rounds in which n is collected at this s.
    #[serde(skip_serializing_if = "Option::is_none")]
    rounds: Option<Vec<RoundRecord>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rounds_expected_cost: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rounds_miss: Option<f64>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RoundRecord {
    up_to: f64,
    reached: f64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Allocate"))]
pub(crate) struct Record<'a> {
    plans: Vec<PlanRecord<'a>>,
    errors: Vec<ErrorRecord<'a>>,
}

pub(super) fn json(curves: &Curves, options: &FullOptions, results: &[Result<Found, String>]) -> std::io::Result<()> {
    let plans = done(results);
    let plans = plans.map(|(k, found)| PlanRecord {
        group: Group(curves, k),
        verdict: found.verdict,
        law: found.preferred.name(),
        aicc_difference: found.preferred.difference,
        law_reason: found.preferred.to_string(),
        n: found.allocation.map(|a| a.n),
        s: found.allocation.map(|a| a.s),
        error: found.allocation.map(|a| a.error),
        cost: found.allocation.map(|a| a.cost),
        n_over_measured: found.beyond().map(|[n, _]| n),
        s_over_measured: found.beyond().map(|[_, s]| s),
        replaced_real: found.worth,
        pays_from: found.pays_from,
        p_reached: found.refits.as_ref().map(|told| told.reached),
        rounds: found
            .refits
            .as_ref()
            .filter(|told| !told.rounds.is_empty())
            .map(|told| told.rounds.iter().map(|r| RoundRecord { up_to: r.up_to, reached: r.reached }).collect()),
        rounds_expected_cost: found.refits.as_ref().and_then(|told| told.plan).map(|plan| plan.expected_cost),
        rounds_miss: found.refits.as_ref().and_then(|told| told.plan).map(|plan| plan.miss),
    });
    let record = Record { plans: plans.collect(), errors: ErrorRecord::all(curves, results) };
    let settings = [full::print::law_settings(options)];
    Head::new("allocate", Some(&curves.read), &settings).print(&record, &[])
}

/// The allocations, a row for each group.
pub(super) fn table(curves: &Curves, results: &[Result<Found, String>]) -> TextTable {
    let names = [
        "group",
        "law",
        "verdict",
        "n synthetic",
        "s real",
        "error",
        "cost",
        "n / n_max",
        "s / s_max",
        "real replaced",
        "pays from n",
        "rms of the fit",
    ];
    let mut table = TextTable::of(&names, 3);
    for (group, found) in done(results) {
        let of = |value: fn(Allocation) -> f64| found.allocation.map(value);
        let maybe = |x: Option<f64>, text: fn(f64) -> String| x.map_or("-".into(), text);
        table.rows.push(vec![
            curves.title(group),
            found.preferred.name().into(),
            found.verdict.into(),
            maybe(of(|a| a.n), counted),
            maybe(of(|a| a.s), counted),
            maybe(of(|a| a.error), short),
            maybe(of(|a| a.cost), short),
            maybe(found.beyond().map(|[n, _]| n), short),
            maybe(found.beyond().map(|[_, s]| s), short),
            maybe(found.worth, counted),
            maybe(found.pays_from, counted),
            short(found.rms),
        ]);
    }
    table
}

/// How far beyond the data an allocation lies.
pub(super) fn beyond_data(curves: &Curves, group: usize, found: &Found) -> Option<String> {
    let [n, s] = found.beyond().filter(|sizes| sizes.iter().any(|x| *x > 1.0))?;
    let (name, n, s) = (curves.title(group), short(n), short(s));
    Some(format!("beyond the data: {name}: n is {n} and s {s} times the largest measured; measure there first"))
}

/// What was asked, at which prices, and by which laws it is answered, a line each.
pub(super) fn settings(
    args: &AllocateArgs,
    options: &FullOptions,
    curves: &Curves,
    results: &[Result<Found, String>],
) -> Vec<String> {
    let wish = match (args.target.error(), args.budget) {
        (Some(target), _) => format!("least cost to reach {}", curves.read.target(target)),
        (_, budget) => format!("least error for {}", budget.unwrap_or_default()),
    };
    let mut lines = vec![format!(
        "{wish}; {} per synthetic and {} per real sample, {} once for pre-training, {} once",
        args.per_synthetic, args.per_real, args.fixed_synthetic, args.fixed
    )];
    let laws: Vec<&str> = results.iter().flatten().map(|found| found.preferred.name()).collect();
    lines.extend(laws.contains(&"full").then(|| format!("full: {}", full::print::law_settings(options))));
    if let Some(EitherFit::Additive(fit)) =
        results.iter().flatten().map(|found| &found.preferred.fit).find(|fit| matches!(fit, EitherFit::Additive(_)))
    {
        lines.push(format!("additive: A n^-alpha + B s^-beta + E; {} residual, E >= 0 free", fit.report().residual));
    }
    lines.push(match (args.refits.probability, args.refits.is_asked()) {
        (Some(p), _) => format!("the least cost at which the share {p} of the refits reaches the target"),
        (None, true) => "the estimate of the fitted law, with the share of the refits that reach the target".into(),
        (None, false) => {
            "the estimate of the fitted law alone, without an interval: --probability asks for more".into()
        }
    });
    lines
}

pub(super) fn text(
    args: &AllocateArgs,
    options: &FullOptions,
    curves: &Curves,
    results: &[Result<Found, String>],
) -> std::io::Result<()> {
    let mut out = BufWriter::new(stdout().lock());
    let table = table(curves, results);
    if !table.rows.is_empty() {
        writeln!(out, "{}", table.text())?;
    }
    for (group, found) in done(results) {
        writeln!(out, "{}: {}", curves.title(group), found.preferred)?;
        if let Some(told) = &found.refits {
            writeln!(out, "  {:.1} % of {} refits reach the target with these", 100.0 * told.reached, told.count)?;
        }
        if let Some((told, plan)) = found.refits.as_ref().and_then(|told| Some((told, told.plan?))) {
            let rounds = told.rounds.iter().map(|r| format!("{} ({:.0} %)", counted(r.up_to), 100.0 * r.reached));
            writeln!(
                out,
                "  in rounds at this s, samples in all (target met): {}; expected cost {}, missed after the last {:.1} %",
                rounds.collect::<Vec<_>>().join(", "),
                short(plan.expected_cost),
                100.0 * plan.miss
            )?;
        }
        if let Some(line) = beyond_data(curves, group, found) {
            writeln!(out, "{line}")?;
        }
    }
    for (group, error) in failed(results) {
        writeln!(out, "no allocation: {}: {error}", curves.title(group))?;
    }
    for line in settings(args, options, curves, results) {
        writeln!(out, "{line}")?;
    }
    out.flush()
}
