//! What the commands that plan share: level, method and bootstrap of the intervals, and what is wrong with a question.
use std::collections::BTreeMap;
use std::sync::Mutex;

use clap::{Args, ValueEnum};
use syn2real::infer::bootstrap::{BootstrapOptions, replicate};
use syn2real::infer::{Check, MadeBy, Method};
use syn2real::plan::{Basis, PlanError, Verdict};
use syn2real::{Confidence, Point, Syn2RealFit, Syn2RealLaw};

use crate::args::LawArgs;
use crate::errors::Error;
use crate::group::Curves;
use crate::target::TargetArgs;

/// Whether a target is taken as it is.
#[derive(Clone, Debug, Args)]
pub(crate) struct AnyTarget {
    /// Take the target as it is, also where it is outside of what the values can be: above 1 for values up to 1, or a
    /// hundredth of values above 1.
    #[arg(long, help_heading = "Question")]
    pub(crate) any_target: bool,
}

/// Groups whose values cannot be asked the question: scores, or values in another unit than the target. They end the command
/// as bad input does.
#[derive(Default)]
pub(crate) struct Refused(Mutex<BTreeMap<usize, String>>);

impl Refused {
    /// What the error means in terms of flags; kept where it refuses the values of the group.
    pub(crate) fn explain(&self, curves: &Curves, group: usize, error: PlanError) -> String {
        let refuses = matches!(error, PlanError::ErrorsRise { .. } | PlanError::TargetScale { .. });
        let text = explain(error);
        if refuses && let Ok(mut kept) = self.0.lock() {
            let title = if curves.by.is_empty() { String::new() } else { format!("{}: ", curves.title(group)) };
            kept.insert(group, format!("{title}{text}"));
        }
        text
    }

    /// The first of them as an error, else what is given.
    pub(crate) fn or(self, all: bool) -> Result<bool, Error> {
        let first = self.0.into_inner().ok().and_then(|kept| kept.into_values().next());
        first.map_or(Ok(all), |text| Err(Error::Option(text)))
    }
}

/// What answers.
#[derive(Clone, Debug, Args)]
pub(crate) struct BasisArgs {
    /// What answers: law (1) where it describes the data, else the forecast, an average over the laws that bend (auto);
    /// law (1) alone; the forecast alone.
    #[arg(long, value_enum, default_value_t = BasisName::Auto, help_heading = "Question")]
    basis: BasisName,
}

/// Names of the bases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BasisName {
    Auto,
    Law,
    Forecast,
}

impl BasisArgs {
    pub(crate) fn basis(&self) -> Basis {
        match self.basis {
            BasisName::Auto => Basis::Auto,
            BasisName::Law => Basis::Law,
            BasisName::Forecast => Basis::Forecast,
        }
    }

    /// Refuses what the forecast does not have where it alone is to answer.
    pub(crate) fn check(&self, law: &LawArgs, method: MethodName) -> Result<(), Error> {
        let of_method = match method {
            MethodName::Profile => None,
            MethodName::Wald => Some("--method wald"),
            MethodName::Bootstrap => Some("--method bootstrap"),
        };
        match law.without_forecast().or(of_method).filter(|_| self.basis == BasisName::Forecast) {
            Some(option) => Err(Error::Option(format!(
                "{option}: the forecast is of ln error with all parameters free and has bands of its own: leave {option} \
                 out, or take --basis law"
            ))),
            None => Ok(()),
        }
    }
}

/// What the forecast uses, as [`settings`](crate::report::settings) tells it of a fit.
pub(crate) const FORECAST: &str =
    "forecast: log residual, ln(model) - ln(error), all parameters free, bands of its own";

/// The settings of what answered: of law (1), of the forecast, or of both.
pub(crate) fn settings(basis: Basis, by: [bool; 2], law: &str) -> Vec<String> {
    let [_, by_forecast] = by;
    match basis {
        Basis::Forecast => vec![FORECAST.into()],
        _ if !by_forecast => vec![law.to_owned()],
        // Law (1) was asked first.
        _ => vec![FORECAST.into(), format!("law (1): {law}")],
    }
}

/// Whether law (1), and the forecast, gave some of the verdicts.
pub(crate) fn answered_by<'a>(verdicts: impl Iterator<Item = &'a Verdict> + Clone) -> [bool; 2] {
    let is_by = |forecast: bool| move |verdict: &Verdict| (verdict.method() == Some(MadeBy::Forecast)) == forecast;
    [false, true].map(|forecast| verdicts.clone().any(is_by(forecast)))
}

/// What answered, and why: for a line behind the verdict.
pub(crate) fn answered(basis: Basis, verdict: &Verdict, check: &Check) -> String {
    match (verdict.method(), basis) {
        (Some(MadeBy::Forecast), Basis::Auto) => format!("by the forecast: {check}"),
        (Some(MadeBy::Forecast), _) => "by the forecast, as asked".into(),
        (_, Basis::Law) => format!("by law (1), as asked: {check}"),
        _ => format!("by law (1): {check}"),
    }
}

/// The name of what answered.
pub(crate) fn basis_name(verdict: &Verdict) -> &'static str {
    if verdict.method() == Some(MadeBy::Forecast) { "forecast" } else { "law" }
}

/// How sure an answer has to be, and how that is found out.
#[derive(Clone, Debug, Args)]
pub(crate) struct LevelArgs {
    /// Level of the intervals, between 0 and 1.
    #[arg(long, value_name = "P", default_value_t = 0.95, allow_negative_numbers = true, help_heading = "Question")]
    pub(crate) level: f64,
    /// How intervals are made: profile (F, covers with 7 points), wald (delta method, Student's t), bootstrap (quantiles of
    /// refits to simulated normal noise, at levels that allow for noise that was estimated). On a bound and for a flat
    /// curve the profile answers for wald.
    #[arg(long, value_enum, default_value_t = MethodName::Profile, help_heading = "Question")]
    pub(crate) method: MethodName,
}

/// Names of the methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MethodName {
    Wald,
    Profile,
    Bootstrap,
}

impl MethodName {
    /// The method; that of the intervals beside a bootstrap is the profile.
    pub(crate) fn intervals(self) -> Method {
        if self == MethodName::Wald { Method::Wald } else { Method::Profile }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            MethodName::Wald => "wald",
            MethodName::Profile => "profile",
            MethodName::Bootstrap => "bootstrap",
        }
    }
}

/// What a level must be.
pub(crate) fn confidence(level: f64) -> Result<Confidence, Error> {
    Confidence::new(level)
        .map_err(|_| Error::Option(format!("--level: {level} is none: give a number between 0 and 1, such as 0.95")))
}

impl LevelArgs {
    pub(crate) fn confidence(&self) -> Result<Confidence, Error> {
        confidence(self.level)
    }
}

/// A question about a target, with what else is told beside it.
#[derive(Clone, Debug)]
pub(crate) struct Posed {
    pub(crate) target: TargetArgs,
    pub(crate) budget: Option<f64>,
    pub(crate) any: AnyTarget,
    pub(crate) level: LevelArgs,
    pub(crate) no_check: bool,
    pub(crate) basis: BasisArgs,
}

/// How a bootstrap is drawn.
#[derive(Debug, Default, Args)]
pub(crate) struct BootstrapArgs {
    /// Seed of the random stream of the bootstrap; the same seed gives the same numbers on any number of threads.
    /// [default: 0]
    #[arg(long, value_name = "N", help_heading = "Question")]
    seed: Option<u64>,
    /// Refits of a bootstrap. 1999 leave 50 beyond each end at the level 0.95. [default: 1999]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000), help_heading = "Question")]
    replicates: Option<u32>,
}

impl BootstrapArgs {
    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or(0)
    }

    pub(crate) fn replicates(&self) -> u32 {
        self.replicates.unwrap_or(1999)
    }

    /// A flag of the bootstrap that was given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        self.seed.map(|_| "--seed").or(self.replicates.map(|_| "--replicates"))
    }

    /// Refuses too few replicates for the level: one must lie beyond each end.
    pub(crate) fn check(&self, confidence: Confidence) -> Result<(), Error> {
        let needed = (2.0 / (1.0 - confidence.level()) - 1.0 - 1e-6).ceil();
        if f64::from(self.replicates()) < needed {
            let level = confidence.level();
            return Err(Error::Option(format!(
                "--replicates: the level {level} needs at least {needed}: raise it, or lower --level"
            )));
        }
        Ok(())
    }

    /// The laws of the refits. Each group has a stream of its own, keyed by its name, and its points are drawn in the order
    /// of n: neither the other groups nor the order of the rows changes the numbers.
    pub(crate) fn laws(
        &self,
        curves: &Curves,
        group: usize,
        fit: &Syn2RealFit,
        points: &[Point],
    ) -> Result<Vec<Syn2RealLaw>, String> {
        let options =
            BootstrapOptions { seed: self.seed().wrapping_add(key(curves, group)), ..BootstrapOptions::default() };
        let mut points = points.to_vec();
        points
            .sort_by(|a, b| a.n.total_cmp(&b.n).then(a.error.total_cmp(&b.error)).then(a.weight.total_cmp(&b.weight)));
        let mut laws = vec![fit.law(); self.replicates() as usize];
        replicate(fit, &points, &[], &options, &mut laws).map_err(|e| e.to_string())?;
        laws.retain(|law| law.c.is_finite());
        Ok(laws)
    }
}

/// A number for the name of a group, 0 without group columns: FNV-1a (Fowler, Noll and Vo) from 0, a byte that is in no
/// UTF-8 text behind each cell.
fn key(curves: &Curves, group: usize) -> u64 {
    let cells = curves.group(group).flat_map(|(_, cell)| cell.bytes().chain([0xff]));
    cells.fold(0, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// A number as the user gave it, with a power of ten where it takes long without.
pub(crate) fn digits(x: f64) -> String {
    if (1e-6..1e16).contains(&x) { format!("{x}") } else { format!("{x:e}") }
}

/// What the error means in terms of flags.
pub(crate) fn explain(error: PlanError) -> String {
    match error {
        PlanError::BudgetBelowData { already } => {
            format!("--budget is below what is there already, {already}: raise it to that at least")
        }
        PlanError::BeyondCounts { n_max } => {
            format!("a row has n = {n_max:e}, beyond 2^53 samples: mend it, or give n in a larger unit")
        }
        PlanError::TooFewReplicates { needed, got } => {
            format!("needs {needed} refits at least, {got} succeeded: raise --replicates or lower --level")
        }
        PlanError::Cost { field } => {
            let rule = if field.starts_with("per") { "above 0" } else { "that is not negative" };
            format!("--{}: give a price {rule}, at most 1e290", field.replace('_', "-"))
        }
        PlanError::TargetScale { target, instead } => format!(
            "--target: {target} is outside of what these values can be: give {instead}, or add --any-target if it is meant"
        ),
        PlanError::Size { field } => format!("{field} must be above 0 and at most 2^53: it counts samples"),
        other => other.to_string(),
    }
}
