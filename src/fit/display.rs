//! The fit report as text.
use core::fmt;

use crate::law::Residual;
use crate::solve::{Loss, Side};

use super::interval::Confidence;
use super::report::{Class, FitReport, PowerFit, Syn2RealFit};

/// Digits of a printed parameter: predictions from the text agree to 1e-9 of the error (the promise is 1e-6).
pub(crate) const DIGITS: usize = 10;

/// A number with a given count of significant digits; an exponent only where plain digits would not be read, and "-" for
/// what is undefined.
pub(crate) struct Significant(pub(crate) f64, pub(crate) usize);

impl fmt::Display for Significant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, digits) = (self.0.abs(), self.1);
        if size.is_nan() {
            return f.write_str("-");
        }
        if size == 0.0 {
            return f.write_str("0");
        }
        if !(1e-4..1e7).contains(&size) {
            return write!(f, "{:.*e}", digits - 1, self.0);
        }
        let (mut before, mut bound) = (-3_i32, 1e-3);
        while size >= bound {
            bound *= 10.0;
            before += 1;
        }
        // Digits after the point: all of them, less those before it (or plus the zeros behind it).
        let decimals = (digits as i32 - before).clamp(0, 20) as usize;
        write!(f, "{:.*}", decimals, self.0)
    }
}

/// One line of the table of parameters.
fn parameter(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    value: f64,
    std_error: Option<f64>,
    interval: Option<super::Interval>,
    state: &str,
) -> fmt::Result {
    write!(f, "  {name:<6} {}", Significant(value, DIGITS))?;
    if let Some(e) = std_error {
        write!(f, "  (standard error {})", Significant(e, 3))?;
    }
    if let Some(i) = interval {
        f.write_str("  95 %: ")?;
        match (i.lower, i.upper) {
            (Some(l), Some(u)) => write!(f, "{} to {}", Significant(l, 5), Significant(u, 5))?,
            (None, Some(u)) => write!(f, "up to {}", Significant(u, 5))?,
            (Some(l), None) => write!(f, "from {}", Significant(l, 5))?,
            (None, None) => f.write_str("any value")?,
        }
    }
    if !state.is_empty() {
        write!(f, "  {state}")?;
    }
    f.write_str("\n")
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Class::Interior => f.write_str("interior"),
            Class::NoGap => f.write_str("no gap (C = 0, a power law)"),
            Class::Flat => f.write_str("flat (no decrease to explain)"),
            Class::AlphaMax => f.write_str("a step (alpha at the end of its domain)"),
            Class::IsLawOne => f.write_str("law (1) (the bend lies before the data)"),
            Class::IsRectified => f.write_str("the rectified law (kappa = 1)"),
            Class::IsShifted => f.write_str("the shifted law (beta = 1)"),
            Class::Corner => f.write_str("a corner at n_h (beta at the end of its domain)"),
            Class::AtBound { parameter, side: Side::Lower } => write!(f, "{parameter} at its lower bound"),
            Class::AtBound { parameter, side: Side::Upper } => write!(f, "{parameter} at its upper bound"),
        }
    }
}

impl fmt::Display for FitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (range, points) = (Significant(self.n_max, 6), self.points);
        writeln!(
            f,
            "  points {points}, n = {} to {range}, {} degrees of freedom",
            Significant(self.n_min, 6),
            self.degrees_of_freedom
        )?;
        write!(f, "  {} residual, ", self.residual)?;
        match (self.loss, self.huber_delta) {
            (Loss::Square, _) => f.write_str("square loss")?,
            (_, Some(delta)) => write!(f, "Huber loss, delta {}", Significant(delta, 4))?,
            (_, None) => f.write_str("Huber loss, all residuals 0")?,
        }
        writeln!(f, ", {}", self.weights)?;
        writeln!(f, "  cost {}, rms residual {}", Significant(self.cost, 6), Significant(self.rms, 4))?;
        write!(f, "  optimum: {}; local minima: {}", self.class, self.minima_found)?;
        if let Some(condition) = self.condition {
            write!(f, "; condition {}", Significant(condition, 3))?;
        }
        writeln!(
            f,
            "\n  stopped: {}, {} iterations, {} evaluations",
            self.termination, self.iterations, self.evaluations
        )?;
        if self.residual == Residual::Log && self.rms < EXACT || self.rms == 0.0 {
            writeln!(f, "  residuals are 0 to rounding: the standard errors are no measure of uncertainty")?;
        }
        if let Some(rise) = self.rise {
            writeln!(f, "  note: {rise}")?;
        }
        write!(f, "  syn2real {}", env!("CARGO_PKG_VERSION"))
    }
}

/// Relative residuals below this are rounding: data printed with twelve digits.
const EXACT: f64 = 1e-12;

/// What stands in the place of a standard error.
fn state(report: &FitReport, index: usize, has_interval: bool) -> &'static str {
    match (report.fixed.get(index), has_interval) {
        (Some(true), _) => "held fixed",
        (_, false) if report.degrees_of_freedom <= 0 => "no degrees of freedom",
        (_, false) => "not determined",
        _ => "",
    }
}

impl fmt::Display for Syn2RealFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::law::Parameter::{Alpha, C, D};
        writeln!(f, "L(n) = D n^-alpha + C")?;
        let names = [("D", D, self.law.d), ("alpha", Alpha, self.law.alpha), ("C", C, self.law.c)];
        for (index, ((name, which, value), std_error)) in names.into_iter().zip(self.std_errors()).enumerate() {
            let interval = self.interval(which, Confidence::P95);
            parameter(f, name, value, std_error, interval, state(&self.report, index, interval.is_some()))?;
        }
        write!(f, "{}", self.report)
    }
}

impl fmt::Display for PowerFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::law::Parameter::{Alpha, D};
        writeln!(f, "L(n) = D n^-alpha")?;
        let names = [("D", D, self.law.d), ("alpha", Alpha, self.law.alpha)];
        for (index, ((name, which, value), std_error)) in names.into_iter().zip(self.std_errors()).enumerate() {
            let interval = self.interval(which, Confidence::P95);
            parameter(f, name, value, std_error, interval, state(&self.report, index, interval.is_some()))?;
        }
        write!(f, "{}", self.report)
    }
}
