//! What is told of a fit beyond its estimates: intervals, what the data determine, and L(n) beyond the data.
use clap::{Args, ValueEnum};
use syn2real::infer::{self, Identifiability, Method, Quantity, QuantityInterval, identifiability};
use syn2real::{Confidence, Parameter, Point, Syn2RealFit};

use crate::args::Format;
use crate::errors::Error;
use crate::identify::PARAMETERS;
use crate::laws::Fitted;
use crate::outlook::{self, At, by_law, size, without_intervals};
use crate::question::confidence;

/// Groups of a JSON up to which intervals are made unasked: those of seven points take a quarter of a millisecond, fifty times
/// what reading, fitting and printing them does; 10,000 groups 2.5 s of a core.
const MOST: usize = 10_000;

/// Kinds of intervals of the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Intervals {
    /// All values that some law within the confidence region has: at a bound, too, these are of the whole law.
    Profile,
    /// The delta method with Student's t; on a bound and for a flat curve the profile.
    Wald,
    /// Standard errors; at a bound they are those given that bound, and marked.
    Se,
    /// None: nothing but the estimates.
    None,
}

/// What is told beside the estimates.
#[derive(Debug, Args)]
pub(crate) struct DetailArgs {
    /// Intervals of the parameters and of L(n): the same kind everywhere. [default: profile; none for csv, whose columns they
    /// are added to at the end if asked for, and for the JSON of more than 10000 groups]
    #[arg(long, value_enum, help_heading = "Output")]
    intervals: Option<Intervals>,
    /// Level of the intervals, between 0 and 1.
    #[arg(long, value_name = "P", default_value_t = 0.95, allow_negative_numbers = true, help_heading = "Output")]
    level: f64,
    /// Tell L(n) with its interval at these sizes [default: twice and ten times the largest measured; none for csv].
    #[arg(long, value_name = "N,N", value_delimiter = ',', value_parser = size, help_heading = "Output")]
    at: Vec<f64>,
}

/// What is told of each fit.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) intervals: Intervals,
    pub(crate) confidence: Confidence,
    /// Sizes at which L(n) is told; empty: those beyond the data.
    pub(crate) at: Vec<f64>,
    /// Whether L(n) is told at all.
    pub(crate) has_outlook: bool,
    /// Whether it is asked what the data determine.
    pub(crate) has_finding: bool,
}

impl Default for Wanted {
    /// Profile intervals at 95 %, and L(n) at twice and ten times the largest n.
    fn default() -> Wanted {
        Wanted {
            intervals: Intervals::Profile,
            confidence: Confidence::P95,
            at: Vec::new(),
            has_outlook: true,
            has_finding: true,
        }
    }
}

impl Wanted {
    /// Estimates with their standard errors and no more.
    pub(crate) fn std_errors() -> Wanted {
        Wanted {
            intervals: Intervals::Se,
            confidence: Confidence::P95,
            at: Vec::new(),
            has_outlook: false,
            has_finding: true,
        }
    }

    /// Whether there is anything to tell beside the estimates and their standard errors.
    pub(crate) fn is_any(&self) -> bool {
        self.has_outlook || self.has_intervals()
    }

    /// Whether the parameters have intervals.
    pub(crate) fn has_intervals(&self) -> bool {
        matches!(self.intervals, Intervals::Profile | Intervals::Wald)
    }

    /// How many sizes L(n) is told at.
    pub(crate) fn sizes(&self) -> usize {
        match (self.has_outlook, self.at.len()) {
            (false, _) => 0,
            (true, 0) => outlook::TIMES.len(),
            (true, asked) => asked,
        }
    }

    fn method(&self) -> Method {
        if self.intervals == Intervals::Wald { Method::Wald } else { Method::Profile }
    }
}

impl DetailArgs {
    /// What is told of each of so many groups in this format.
    pub(crate) fn wanted(&self, format: Format, groups: usize) -> Result<Wanted, Error> {
        let is_left_out = match format {
            Format::Table => false,
            Format::Json => groups > MOST,
            Format::Csv => true,
        };
        let on_request = is_left_out && self.at.is_empty();
        let intervals = self.intervals.unwrap_or(if on_request { Intervals::None } else { Intervals::Profile });
        let has_outlook = !self.at.is_empty() || !on_request;
        let has_finding = format == Format::Table || intervals != Intervals::None;
        Ok(Wanted { intervals, confidence: confidence(self.level)?, at: self.at.clone(), has_outlook, has_finding })
    }

    /// An option that was given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        self.intervals.map(|_| "--intervals").or((!self.at.is_empty()).then_some("--at"))
    }

    /// That intervals are left out of a JSON of so many groups.
    pub(crate) fn left_out(&self, format: Format, groups: usize) -> Option<String> {
        let is_left_out = format == Format::Json && groups > MOST && self.given().is_none();
        is_left_out
            .then(|| format!("no intervals of {groups} groups, more than {MOST}: ask for them by --intervals profile"))
    }
}

/// What is told of one fit.
#[derive(Clone, Debug)]
pub(crate) struct Details {
    /// What the data determine; none without degrees of freedom, and of a law that bends.
    pub(crate) found: Option<Identifiability>,
    /// Intervals of D, alpha and C; `None` for one that was held.
    pub(crate) intervals: [Option<QuantityInterval>; 3],
    pub(crate) at: Vec<At>,
}

impl Details {
    pub(crate) fn of(fit: &Fitted, points: &[Point], wanted: &Wanted) -> Details {
        match fit {
            Fitted::Straight(fit) => Details::of_law_one(fit, points, wanted),
            Fitted::Bending(fit) => {
                let sizes = outlook::sizes(&wanted.at, fit.report.n_max);
                let at = without_intervals(if wanted.has_outlook { &sizes } else { &[] }, |n| fit.law.error_at(n));
                Details { found: None, intervals: [None; 3], at }
            }
        }
    }

    fn of_law_one(fit: &Syn2RealFit, points: &[Point], wanted: &Wanted) -> Details {
        let found = if wanted.has_finding { identifiability(fit, points).ok() } else { None };
        let is_found = wanted.intervals == Intervals::Profile && wanted.confidence == Confidence::P95;
        let interval = |parameter: Parameter| {
            if is_found {
                return found.and_then(|found| found.of(parameter));
            }
            let quantity = Quantity::Parameter(parameter);
            infer::interval(fit, points, quantity, wanted.confidence, wanted.method()).ok()
        };
        let has_intervals = wanted.has_intervals();
        let intervals = if has_intervals { PARAMETERS.map(interval) } else { [None; 3] };
        let sizes = if wanted.has_outlook { outlook::sizes(&wanted.at, fit.report().n_max) } else { Vec::new() };
        let at = match has_intervals {
            true => by_law(fit, points, &sizes, wanted.confidence, wanted.method()),
            false => without_intervals(&sizes, |n| fit.law().error_at(n)),
        };
        Details { found, intervals, at }
    }
}
