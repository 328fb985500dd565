//! `rates`: exponents that the theory of the paper's Appendix E gives.
use std::io::{Write, stdout};

use clap::Args;
use serde::Serialize;
use syn2real::theory::{self, Conditions};

use crate::args::Form;
use crate::errors::Error;
use crate::output::{Head, short};

/// Arguments of `rates`.
#[derive(Debug, Args)]
pub(crate) struct RatesArgs {
    /// Smoothness of the synthetic target, in [1/2, 1].
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    r0: f64,
    /// Smoothness of what the real target adds, in [1/2, 1].
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    r1: f64,
    /// Decay of the eigenvalues, above 1.
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    xi: f64,
    /// Exponent of the fine-tuning step, eta = T1^-zeta, in [0, 1).
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    zeta: f64,
    /// Read the paper's regime (17) with min(r0, r1) instead of r1, which is all that its proof needs.
    #[arg(long)]
    relaxed: bool,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
}

/// The JSON.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Rates"))]
pub(crate) struct Record {
    case: String,
    alpha: f64,
    alpha_floor: f64,
    beta: f64,
    nu: f64,
    violated: Vec<String>,
}

/// Prints the rates.
pub(crate) fn run(args: &RatesArgs) -> Result<bool, Error> {
    let conditions = if args.relaxed { Conditions::Relaxed } else { Conditions::Strict };
    let rates =
        theory::rates(args.r0, args.r1, args.xi, args.zeta, conditions).map_err(|e| Error::Option(e.to_string()))?;
    let settings = if args.relaxed { "regime (17) with min(r0, r1)" } else { "regime (17) with r1, as printed" };
    let record = Record {
        case: rates.case.to_string(),
        alpha: rates.alpha,
        alpha_floor: rates.alpha_floor,
        beta: rates.beta,
        nu: rates.nu,
        violated: rates.violated().iter().map(ToString::to_string).collect(),
    };
    let write = || {
        if args.format == Form::Json {
            return Head::new("rates", None, &[settings.into()]).print(&record, &[]);
        }
        let mut out = stdout().lock();
        writeln!(out, "case          {}", record.case)?;
        writeln!(out, "alpha         {}  exponent of n, nu alpha_floor", short(record.alpha))?;
        writeln!(out, "alpha_floor   {}  exponent of n once a floor dominates", short(record.alpha_floor))?;
        writeln!(out, "beta          {}  exponent of s", short(record.beta))?;
        writeln!(out, "nu            {}  exponent of the error after pre-training", short(record.nu))?;
        let lambda1 = rates.lambda1;
        writeln!(out, "lambda1       T1^{} R0^{}", short(lambda1.samples), short(lambda1.pretraining))?;
        match record.violated.as_slice() {
            [] => writeln!(out, "violated      none of the conditions"),
            violated => writeln!(out, "violated      {}: the exponents are not proved", violated.join("; ")),
        }
    };
    write().map_err(Error::stdout)?;
    Ok(true)
}
