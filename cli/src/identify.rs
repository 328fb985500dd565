//! Which parameters of a fit the data determine, in words.
use syn2real::infer::{Finding, Identifiability, identifiability};
use syn2real::{Class, Parameter, Point, Side, Syn2RealFit};

/// Belsley, Kuh and Welsch (1980): where the column-scaled Jacobian has a condition above 100, its columns depend on each
/// other so strongly that single parameters are little more than guesses. The report has the condition of J'J, its square.
const CONDITION: f64 = 1e4;

/// Another minimum is named if its cost is at most this many times the lowest. With the 4 degrees of freedom of seven
/// points, 1.1 stands for (1.1 - 1) * 4 = 0.4 variances of the noise.
const NEAR_TIE: f64 = 1.1;

/// The parameters in the order of the law's fields.
pub(crate) const PARAMETERS: [Parameter; 3] = [Parameter::D, Parameter::Alpha, Parameter::C];

/// Why a parameter is not known from a fit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Unknown {
    /// It was held fixed.
    Fixed,
    /// It is on a bound of its domain, of that value.
    Bound(f64),
    /// It has no value: alpha of a flat fit.
    Undefined,
    /// It has a value, but no standard error.
    NoStandardError,
    /// Its 95 % profile interval does not end inside its domain.
    Open {
        /// On the side of 0.
        below: bool,
        /// On the other side.
        above: bool,
    },
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unknown::Fixed => f.write_str("fixed"),
            Unknown::Bound(value) => write!(f, "at its bound {value}"),
            Unknown::Undefined => f.write_str("undefined: the fit is flat"),
            Unknown::NoStandardError => f.write_str("without a standard error"),
            Unknown::Open { below: true, above: true } => f.write_str("no 95 % limit on either side"),
            Unknown::Open { above: true, .. } => f.write_str("no upper 95 % limit"),
            Unknown::Open { .. } => f.write_str("may be 0 at 95 %"),
        }
    }
}

/// Place of a parameter among the law's fields.
fn place(parameter: Parameter) -> usize {
    match parameter {
        Parameter::D => 0,
        Parameter::Alpha => 1,
        _ => 2,
    }
}

/// The value of a parameter; alpha is undefined where D = 0.
pub(crate) fn value(law: syn2real::Syn2RealLaw, parameter: Parameter) -> Option<f64> {
    match parameter {
        Parameter::D => Some(law.d),
        Parameter::Alpha => (law.d != 0.0).then_some(law.alpha),
        _ => Some(law.c),
    }
    .filter(|x| x.is_finite())
}

/// Why the parameter is not known, or `None` if it is. Whether the data determine it is the library's judgement.
pub(crate) fn unknown(fit: &Syn2RealFit, points: &[Point], parameter: Parameter) -> Option<Unknown> {
    let found = identifiability(fit, points).ok();
    reason(fit, found.as_ref(), parameter)
}

/// Whether every parameter that was not fixed is known.
pub(crate) fn identified(fit: &Syn2RealFit, points: &[Point]) -> bool {
    let found = identifiability(fit, points).ok();
    let known = |parameter| matches!(reason(fit, found.as_ref(), parameter), None | Some(Unknown::Fixed));
    PARAMETERS.into_iter().all(known)
}

/// Whether the parameter is on a bound of its domain.
pub(crate) fn is_at_bound(fit: &Syn2RealFit, parameter: Parameter) -> bool {
    match fit.report().class {
        Class::NoGap => parameter == Parameter::C,
        Class::Flat => parameter == Parameter::D,
        Class::AlphaMax => parameter == Parameter::Alpha,
        Class::AtBound { parameter: at, .. } => parameter == at,
        _ => false,
    }
}

fn reason(fit: &Syn2RealFit, found: Option<&Identifiability>, parameter: Parameter) -> Option<Unknown> {
    let report = fit.report();
    if report.fixed[place(parameter)] {
        return Some(Unknown::Fixed);
    }
    let Some(estimate) = value(fit.law(), parameter) else { return Some(Unknown::Undefined) };
    if is_at_bound(fit, parameter) {
        return Some(Unknown::Bound(estimate));
    }
    if fit.std_errors()[place(parameter)].is_none() {
        return Some(Unknown::NoStandardError);
    }
    let found = found?;
    if found.is_determined(parameter) != Some(false) {
        return None;
    }
    let interval = found.of(parameter)?;
    Some(Unknown::Open { below: interval.lower.is_none_or(|end| end <= 0.0), above: interval.upper.is_none() })
}

/// The bound that an optimum lies on: standard errors there are those given it.
pub(crate) fn given(fit: &Syn2RealFit) -> Option<String> {
    let law = fit.law();
    match fit.report().class {
        Class::NoGap => Some("C = 0".into()),
        Class::Flat => Some("D = 0".into()),
        Class::AlphaMax => Some(format!("alpha = {}", law.alpha)),
        Class::AtBound { parameter, .. } => value(law, parameter).map(|value| format!("{parameter} = {value}")),
        _ => None,
    }
}

/// What the data determine, in a word or two.
pub(crate) fn determined(finding: Finding) -> &'static str {
    match finding {
        Finding::All => "all",
        Finding::GapOpen => "rate",
        Finding::RateOpen => "gap",
        Finding::LevelAndSlope => "level, slope",
        Finding::Level => "level",
        _ => "unknown",
    }
}

/// What a reader of the fit must know, in short phrases; empty if there is nothing. What the data determine has a column.
pub(crate) fn notes(fit: &Syn2RealFit, points: &[Point], found: Option<&Identifiability>) -> Vec<String> {
    let report = fit.report();
    let mut notes = Vec::new();
    match report.class {
        Class::NoGap => notes.push("C = 0: a power law fits best, whether there is a gap its interval says".into()),
        Class::Flat => notes.push("flat: no decrease to explain".into()),
        Class::AlphaMax => notes.push("a step: alpha runs to the end of its domain".into()),
        Class::AtBound { parameter, side } => {
            let end = if side == Side::Lower { "lower" } else { "upper" };
            notes.push(format!("{parameter} at its {end} bound"));
        }
        _ => {}
    }
    notes.extend(report.rise.map(|rise| rise.to_string()));
    if let Some(check) = fit.check(points).ok().filter(|check| !check.describes()) {
        notes.push(check.to_string());
    }
    if found.is_some_and(|found| found.is_too_narrow) {
        notes.push("the residuals are smaller than the rounding of the errors: do not trust the intervals".into());
    }
    if report.degrees_of_freedom <= 0 {
        notes.push("as many parameters as points: no standard errors".into());
    }
    let near = |m: &&syn2real::Minimum| m.cost <= report.cost * NEAR_TIE;
    if let Some(other) = fit.minima().iter().skip(1).find(near) {
        let alpha = value(other.law, Parameter::Alpha).map_or("undefined".into(), crate::output::short);
        notes.push(format!("another minimum within 10 %: alpha {alpha}, C {}", crate::output::short(other.law.c)));
    }
    if let Some(condition) = report.condition.filter(|&c| c > CONDITION) {
        notes.push(format!("condition {}", crate::output::short(condition)));
    }
    notes
}
