//! A fit as plain data: the shape of JSON and csv.
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use syn2real::infer::{Check, CheckMethod};
use syn2real::{Class, Minimum, Parameter, Point, Residual, Rise, Side, Syn2RealFit, Termination};

use crate::group::Curves;
use crate::identify::value;
use crate::laws::{BendingFit, LawName};
use crate::outlook::At;

use super::detail::DetailRecord;
pub(crate) use super::intervals::IntervalRecord;
use super::results::failed;

/// The group columns and their values, as a JSON object in the order of the columns.
pub(crate) struct Group<'a>(pub(crate) &'a Curves, pub(crate) usize);

impl<'a> Group<'a> {
    /// No group: an empty object.
    pub(crate) fn none(curves: &'a Curves) -> Group<'a> {
        Group(curves, usize::MAX)
    }

    /// Values of the group columns in words, if there are group columns.
    pub(crate) fn title(&self) -> Option<String> {
        (!self.0.by.is_empty()).then(|| self.0.title(self.1))
    }
}

impl Serialize for Group<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.1 < self.0.len() {
            for (column, value) in self.0.group(self.1) {
                map.serialize_entry(column, value)?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Group<'_> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Group".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The columns of --by and their values; empty without.",
            "type": "object",
            "additionalProperties": {"type": "string"}
        })
    }
}

/// Values by their names; `None` is null.
pub(crate) struct Named(pub(crate) Vec<(&'static str, Option<f64>)>);

impl Named {
    pub(crate) fn of(names: &[&'static str], values: impl IntoIterator<Item = Option<f64>>) -> Named {
        Named(names.iter().copied().zip(values).collect())
    }
}

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}

#[cfg(test)]
impl schemars::JsonSchema for Named {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Named".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Values by their names; null where there is none.",
            "type": "object",
            "additionalProperties": {"type": ["number", "null"]}
        })
    }
}

/// The three parameters, or their standard errors; `None` is null.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Triple {
    pub(crate) d: Option<f64>,
    pub(crate) alpha: Option<f64>,
    pub(crate) c: Option<f64>,
}

/// Standard errors under the names of the law's fields, and those that its parameters have besides.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct StdErrors {
    #[serde(flatten)]
    pub(crate) of: Triple,
    #[serde(flatten)]
    named: Option<Named>,
}

impl StdErrors {
    fn named(self, law: LawName) -> StdErrors {
        let Triple { d, alpha, c } = self.of;
        let all = Named::of(law.parameters(), [d, alpha, c]).0;
        // alpha has one name.
        let named = Named(all.into_iter().filter(|(name, _)| *name != "alpha").collect());
        StdErrors { of: Triple { d, alpha, c }, named: Some(named) }
    }
}

/// A bound that an optimum lies on.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct BoundRecord {
    parameter: String,
    side: &'static str,
}

impl BoundRecord {
    /// The bound that a class speaks of.
    fn of(class: Class) -> Option<BoundRecord> {
        match class {
            Class::AtBound { parameter, side } => Some(BoundRecord::new(parameter, side)),
            _ => None,
        }
    }

    pub(crate) fn new(parameter: Parameter, side: Side) -> BoundRecord {
        let side = if side == Side::Lower { "lower" } else { "upper" };
        BoundRecord { parameter: parameter.to_string().to_lowercase(), side }
    }
}

/// A local minimum.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct MinimumRecord {
    alpha: Option<f64>,
    d: f64,
    c: f64,
    cost: f64,
}

/// A rise with n: by how much per unit of ln n, and its p-value.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RiseRecord {
    slope: f64,
    pub(crate) p: f64,
}

impl RiseRecord {
    pub(crate) fn new(rise: &Rise) -> RiseRecord {
        RiseRecord { slope: rise.slope, p: rise.p_value }
    }
}

/// Whether the law describes the data.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CheckRecord {
    /// What was tested; `untestable` and `exact` have neither statistic nor p.
    method: &'static str,
    statistic: Option<f64>,
    pub(crate) p: Option<f64>,
    describes: bool,
    text: String,
}

impl CheckRecord {
    pub(crate) fn new(check: &Check) -> CheckRecord {
        let method = match check.method {
            CheckMethod::Untestable => "untestable",
            CheckMethod::Exact => "exact",
            CheckMethod::Order => "order",
            CheckMethod::PureError => "pure_error",
            CheckMethod::Sigmas => "sigmas",
            _ => "unknown",
        };
        let Check { statistic, p_value: p, .. } = *check;
        CheckRecord { method, statistic, p, describes: check.describes(), text: check.to_string() }
    }
}

/// A fit.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct FitRecord<'a> {
    pub(crate) group: Group<'a>,
    pub(crate) points: usize,
    pub(crate) excluded: usize,
    pub(crate) residual: &'static str,
    /// The law by its name, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) law_name: Option<&'static str>,
    /// Its parameters under their names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parameters: Option<Named>,
    pub(crate) law: Triple,
    pub(crate) std_errors: StdErrors,
    pub(crate) cost: f64,
    pub(crate) rms: f64,
    pub(crate) class: &'static str,
    /// The bound that the class speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bound: Option<BoundRecord>,
    /// Values that rise with n: a score in the place of an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rise: Option<RiseRecord>,
    pub(crate) minima: Vec<MinimumRecord>,
    pub(crate) condition: Option<f64>,
    pub(crate) termination: &'static str,
    pub(crate) iterations: u32,
    pub(crate) evaluations: u32,
    pub(crate) n_min: f64,
    pub(crate) n_max: f64,
    pub(crate) check: Option<CheckRecord>,
    /// What is told beside the estimates, where it was asked for.
    #[serde(flatten)]
    pub(crate) details: Option<DetailRecord>,
}

/// A group that could not be fitted.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ErrorRecord<'a> {
    pub(crate) group: Group<'a>,
    pub(crate) error: &'a str,
}

impl<'a> ErrorRecord<'a> {
    /// The errors among the results of the groups.
    pub(crate) fn all<T>(curves: &'a Curves, results: &'a [Result<T, String>]) -> Vec<ErrorRecord<'a>> {
        let errors = failed(results);
        errors.map(|(k, error)| ErrorRecord { group: Group(curves, k), error }).collect()
    }
}

impl<'a> FitRecord<'a> {
    pub(crate) fn new(
        curves: &'a Curves,
        group: usize,
        fit: &Syn2RealFit,
        points: &[Point],
        excluded: usize,
    ) -> FitRecord<'a> {
        let (law, report, [d, alpha, c]) = (fit.law(), fit.report(), fit.std_errors());
        FitRecord {
            group: Group(curves, group),
            points: report.points,
            excluded,
            residual: residual(report.residual),
            law_name: None,
            parameters: None,
            law: Triple { d: Some(law.d), alpha: value(law, Parameter::Alpha), c: Some(law.c) },
            std_errors: StdErrors { of: Triple { d, alpha, c }, named: None },
            cost: report.cost,
            rms: report.rms,
            class: class(report.class),
            bound: BoundRecord::of(report.class),
            rise: report.rise.as_ref().map(RiseRecord::new),
            minima: fit.minima().iter().map(MinimumRecord::new).collect(),
            condition: report.condition,
            termination: termination(report.termination),
            iterations: report.iterations,
            evaluations: report.evaluations,
            n_min: report.n_min,
            n_max: report.n_max,
            check: fit.check(points).ok().as_ref().map(CheckRecord::new),
            details: None,
        }
    }
}

impl FitRecord<'_> {
    /// Tells what is known beside the estimates.
    pub(super) fn detailed(self, details: DetailRecord) -> Self {
        FitRecord { details: Some(details), ..self }
    }

    /// Says which law it is, and its parameters under their names.
    pub(crate) fn named(self, law: LawName) -> Self {
        let Triple { d, alpha, c } = self.law;
        let parameters = Named::of(law.parameters(), [d, alpha, c]);
        let std_errors = self.std_errors.named(law);
        FitRecord { law_name: Some(law.name()), parameters: Some(parameters), std_errors, ..self }
    }
}

/// A local minimum of a law that bends.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct BendingMinimumRecord {
    parameters: Named,
    cost: f64,
}

/// A fit of a law that bends.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct BendingRecord<'a> {
    group: Group<'a>,
    pub(crate) points: usize,
    pub(crate) excluded: usize,
    pub(crate) residual: &'static str,
    pub(crate) law_name: &'static str,
    pub(crate) parameters: Named,
    pub(crate) std_errors: Named,
    pub(crate) cost: f64,
    pub(crate) rms: f64,
    pub(crate) class: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bound: Option<BoundRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rise: Option<RiseRecord>,
    pub(crate) minima: Vec<BendingMinimumRecord>,
    pub(crate) termination: &'static str,
    pub(crate) iterations: u32,
    pub(crate) evaluations: u32,
    pub(crate) n_min: f64,
    pub(crate) n_max: f64,
    /// L(n) beyond the data, or at the sizes asked for, without intervals.
    pub(crate) at: Vec<At>,
}

impl<'a> BendingRecord<'a> {
    pub(crate) fn new(
        law: LawName,
        curves: &'a Curves,
        group: usize,
        fit: &BendingFit,
        excluded: usize,
    ) -> BendingRecord<'a> {
        let (report, names) = (&fit.report, law.parameters());
        let errors = fit.std_errors.iter().copied().chain(std::iter::repeat(None));
        let minimum = |(law, cost): &(crate::laws::Bending, f64)| BendingMinimumRecord {
            parameters: Named::of(names, law.values()),
            cost: *cost,
        };
        BendingRecord {
            group: Group(curves, group),
            points: report.points,
            excluded,
            residual: residual(report.residual),
            law_name: law.name(),
            parameters: Named::of(names, fit.law.values()),
            std_errors: Named::of(names, errors),
            cost: report.cost,
            rms: report.rms,
            class: class(report.class),
            bound: BoundRecord::of(report.class),
            rise: report.rise.as_ref().map(RiseRecord::new),
            minima: fit.minima.iter().map(minimum).collect(),
            termination: termination(report.termination),
            iterations: report.iterations,
            evaluations: report.evaluations,
            n_min: report.n_min,
            n_max: report.n_max,
            at: Vec::new(),
        }
    }
}

/// The space of the residual in one word.
pub(crate) fn residual(residual: Residual) -> &'static str {
    match residual {
        Residual::Log => "log",
        Residual::Linear => "linear",
    }
}

impl MinimumRecord {
    fn new(minimum: &Minimum) -> MinimumRecord {
        let law = minimum.law;
        MinimumRecord { alpha: value(law, Parameter::Alpha), d: law.d, c: law.c, cost: minimum.cost }
    }
}

/// The class in one word.
pub(crate) fn class(class: Class) -> &'static str {
    match class {
        Class::Interior => "interior",
        Class::NoGap => "no_gap",
        Class::Flat => "flat",
        Class::AlphaMax => "alpha_max",
        Class::AtBound { .. } => "at_bound",
        Class::IsLawOne => "is_law_one",
        Class::IsRectified => "is_rectified",
        Class::IsShifted => "is_shifted",
        Class::Corner => "corner",
        _ => "unknown",
    }
}

/// The reason of the stop in one word.
fn termination(termination: Termination) -> &'static str {
    match termination {
        Termination::GradientSmall => "gradient_small",
        Termination::StepSmall => "step_small",
        Termination::CostReductionSmall => "cost_reduction_small",
        Termination::ExactFit => "exact_fit",
        Termination::IterationLimit => "iteration_limit",
        Termination::DampingLimit => "damping_limit",
        Termination::SingularNormal => "singular_normal",
        Termination::NonFinite => "non_finite",
        Termination::NotANumber => "not_a_number",
        Termination::RanAway => "ran_away",
        Termination::Stalled => "stalled",
        _ => "unknown",
    }
}
