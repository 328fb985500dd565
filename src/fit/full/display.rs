//! A fit over n and s as text.
use core::fmt;

use super::super::display::{DIGITS, Significant};
use super::bent::FullBentFit;
use super::report::{AdditiveFit, FullClass, FullFit, FullReport};
use crate::solve::Side;

impl fmt::Display for FullClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FullClass::Interior => f.write_str("interior"),
            FullClass::NoGap => f.write_str("no gap (gamma = 0, a power law)"),
            FullClass::NoFineTuning => f.write_str("no decrease with s (beta = 0)"),
            FullClass::Flat => f.write_str("flat (no decrease with n to explain)"),
            FullClass::AlphaMax => f.write_str("a step in n (alpha at the end of its domain)"),
            FullClass::IsFullLaw => f.write_str("no bend (n_h = 0, the full law)"),
            FullClass::IsRectified => f.write_str("sharpness = alpha, the rectified law at each s"),
            FullClass::IsShifted => f.write_str("sharpness 1, the full law with n0"),
            FullClass::Corner => f.write_str("a corner at n_h (sharpness at the end of its domain)"),
            FullClass::AtBound { parameter, side: Side::Lower } => write!(f, "{parameter} at its lower bound"),
            FullClass::AtBound { parameter, side: Side::Upper } => write!(f, "{parameter} at its upper bound"),
        }
    }
}

impl fmt::Display for FullReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let six = |x| Significant(x, 6);
        writeln!(
            f,
            "  points {}, n = {} to {}, s = {} to {}, {} degrees of freedom",
            self.points,
            six(self.n_min),
            six(self.n_max),
            six(self.s_min),
            six(self.s_max),
            self.degrees_of_freedom
        )?;
        let weights = self.weights;
        write!(f, "  {} residual, ", self.residual)?;
        match self.huber_delta {
            Some(delta) => write!(f, "Huber loss (delta {})", Significant(delta, 4))?,
            None => f.write_str("square loss")?,
        }
        writeln!(f, ", {weights}")?;
        writeln!(f, "  cost {}, rms residual {}", six(self.cost), Significant(self.rms, 4))?;
        write!(f, "  optimum: {}; local minima: {}", self.class, self.minima_found)?;
        if let Some(condition) = self.condition {
            write!(f, "; condition {}", Significant(condition, 3))?;
        }
        writeln!(
            f,
            "\n  stopped: {}, {} iterations, {} evaluations",
            self.termination, self.iterations, self.evaluations
        )?;
        write!(f, "  syn2real {}", env!("CARGO_PKG_VERSION"))
    }
}

/// The table of parameters and the report.
fn table<const P: usize>(
    f: &mut fmt::Formatter<'_>,
    names: [&str; P],
    values: [f64; P],
    std_errors: [Option<f64>; P],
    held: [bool; P],
    report: &FullReport,
) -> fmt::Result {
    for (((name, value), std_error), held) in names.into_iter().zip(values).zip(std_errors).zip(held) {
        write!(f, "  {name:<6} {}", Significant(value, DIGITS))?;
        match std_error {
            Some(e) => writeln!(f, "  (standard error {})", Significant(e, 3))?,
            None if held => writeln!(f, "  held fixed")?,
            None if report.degrees_of_freedom <= 0 => writeln!(f, "  no degrees of freedom")?,
            None => writeln!(f, "  no standard error")?,
        }
    }
    write!(f, "{report}")
}

impl fmt::Display for FullFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "L(n, s) = delta (gamma + (n + n0)^-alpha) s^-beta + E")?;
        let l = self.law;
        let values = [l.delta, l.gamma, l.alpha, l.beta, l.n0, l.e];
        table(f, ["delta", "gamma", "alpha", "beta", "n0", "E"], values, self.std_errors(), self.held(), &self.report)
    }
}

impl fmt::Display for AdditiveFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "L(n, s) = A n^-alpha + B s^-beta + E")?;
        let l = self.law;
        let values = [l.a, l.alpha, l.b, l.beta, l.e];
        table(f, ["A", "alpha", "B", "beta", "E"], values, self.std_errors(), self.held(), &self.report)
    }
}

impl fmt::Display for FullBentFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "L(n, s) = delta (gamma + (n_h^b + n^b)^(-alpha / b)) s^-beta + E, b the sharpness")?;
        let l = self.law();
        let values = [l.delta, l.gamma, l.alpha, l.beta, l.n_h, l.sharpness, l.e];
        let names = ["delta", "gamma", "alpha", "beta", "n_h", "sharpness", "E"];
        table(f, names, values, self.std_errors(), self.held(), self.report())
    }
}
