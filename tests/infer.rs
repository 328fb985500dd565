//! Profile intervals against brute force, the rules that tie the methods together, and their coverage.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
mod common;

use common::data::{curves, number, table};
use syn2real::infer::{Method, Quantity, interval};
use syn2real::{Confidence, FitOptions, Parameter, Residual, Syn2RealLaw};

/// The oracle bisects to 1e-12 of the value on a profile that golden sections give to 1e-12 of the cost; where a limit runs
/// along the border the cost rises with less than its own size per unit, so that 1e-6 of the value is what it is good for.
const ORACLE: f64 = 1e-6;

#[test]
fn profile_limits_are_those_of_brute_force() {
    let curves = curves();
    let mut checked = 0;
    let mut wrong = Vec::new();
    for row in table(include_str!("data/interval_reference.csv")) {
        let residual = if row["residual"] == "log" { Residual::Log } else { Residual::Linear };
        let points = &curves[&row["curve_id"]];
        let fit = Syn2RealLaw::fit_with(points, &FitOptions { residual, ..FitOptions::default() }).expect("a fit");
        let argument = number(&row, "argument");
        let quantity = match row["quantity"].as_str() {
            "c" => Quantity::Parameter(Parameter::C),
            "alpha" => Quantity::Parameter(Parameter::Alpha),
            "d" => Quantity::Parameter(Parameter::D),
            "error" => Quantity::ErrorAt { n: argument },
            _ => Quantity::SamplesFor { target: argument },
        };
        let found = interval(&fit, points, quantity, Confidence::P95, Method::Profile).expect("an interval");
        for (side, limit) in [("lower", found.lower), ("upper", found.upper)] {
            let expected: Option<f64> = row[side].parse().ok();
            let is_equal = match (limit, expected) {
                (Some(a), Some(b)) => {
                    checked += 1;
                    let tolerance = if row["quantity"] == "samples" || row["quantity"] == "d" { 1e-4 } else { ORACLE };
                    (a - b).abs() <= tolerance * b.abs()
                }
                // Open below is the end of the domain, 0; D is open where alpha runs to the end of its domain.
                (Some(a), None) => side == "lower" && a == 0.0,
                (None, Some(_)) => row["quantity"] == "d",
                (None, None) => true,
            };
            if !is_equal {
                wrong.push(format!("{} {quantity:?} {side}: {limit:?}, oracle {}", row["curve_id"], row[side]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked >= 60, "{checked} limits were compared");
}
