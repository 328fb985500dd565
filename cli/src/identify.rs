//! Which parameters of a fit the data determine, in words.
use syn2real::{Class, Parameter, Side, Syn2RealFit};

/// Belsley, Kuh and Welsch (1980): where the column-scaled Jacobian has a condition above 100, its columns depend on each
/// other so strongly that single parameters are little more than guesses. The report has the condition of J'J, its square.
const CONDITION: f64 = 1e4;

/// Another minimum is named if its cost is at most this many times the lowest. With the 4 degrees of freedom of seven
/// points, 1.1 stands for (1.1 - 1) * 4 = 0.4 variances of the noise.
const NEAR_TIE: f64 = 1.1;

/// A standard error above this leaves alpha or C open: both are of order 1 at most in the paper, whose rule this is for
/// its figure 8.
const WIDE: f64 = 1.0;

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
    /// Its standard error is larger than the parameter can be.
    Wide(f64),
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unknown::Fixed => f.write_str("fixed"),
            Unknown::Bound(value) => write!(f, "at its bound {value}"),
            Unknown::Undefined => f.write_str("undefined: the fit is flat"),
            Unknown::NoStandardError => f.write_str("without a standard error"),
            Unknown::Wide(error) => write!(f, "standard error {}", crate::output::short(*error)),
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

/// Why the parameter is not known, or `None` if it is.
pub(crate) fn unknown(fit: &Syn2RealFit, parameter: Parameter) -> Option<Unknown> {
    let report = fit.report();
    if report.fixed[place(parameter)] {
        return Some(Unknown::Fixed);
    }
    let Some(estimate) = value(fit.law(), parameter) else { return Some(Unknown::Undefined) };
    let bound = match report.class {
        Class::NoGap => parameter == Parameter::C,
        Class::Flat => parameter == Parameter::D,
        Class::AlphaMax => parameter == Parameter::Alpha,
        Class::AtBound { parameter: at, .. } => parameter == at,
        _ => false,
    };
    if bound {
        return Some(Unknown::Bound(estimate));
    }
    match fit.std_errors()[place(parameter)] {
        None => Some(Unknown::NoStandardError),
        // D has the unit of n^alpha: only its relative error says anything.
        Some(error) if parameter == Parameter::D => (error > estimate * WIDE).then_some(Unknown::Wide(error)),
        Some(error) => (error > WIDE).then_some(Unknown::Wide(error)),
    }
}

/// What a reader of the fit must know, in short phrases; empty if there is nothing.
pub(crate) fn notes(fit: &Syn2RealFit) -> Vec<String> {
    let report = fit.report();
    let mut notes = Vec::new();
    match report.class {
        Class::NoGap => notes.push("C = 0: a power law, no gap seen".into()),
        Class::Flat => notes.push("flat: no decrease to explain".into()),
        Class::AlphaMax => notes.push("a step: alpha runs to the end of its domain".into()),
        Class::AtBound { parameter, side } => {
            let end = if side == Side::Lower { "lower" } else { "upper" };
            notes.push(format!("{parameter} at its {end} bound"));
        }
        _ => {}
    }
    for parameter in PARAMETERS {
        if let Some(Unknown::Wide(_)) = unknown(fit, parameter) {
            let limit = if parameter == Parameter::D { "D" } else { "1" };
            notes.push(format!("{parameter} not identified: se > {limit}"));
        }
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
