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

#[path = "../examples/coverage/simulation.rs"]
mod simulation;

/// The example's table with a tenth of its replicates (all of them with SYN2REAL_FULL=1).
#[test]
fn profile_intervals_cover_as_often_as_they_say() {
    use simulation::{LAWS, NOISE, Tally, cell};
    let replicates = if common::full() { 2000 } else { 200 };
    let cells: Vec<_> = LAWS.iter().flat_map(|law| NOISE.map(|noise| (law.1, noise))).collect();
    let tallies: Vec<[Tally; 4]> =
        common::parallel(cells.len(), |k| cell(&cells[k].0, cells[k].1, replicates, k as u64 + 1, Method::Profile));
    for (k, name) in ["C", "alpha", "L(10 n_max)", "n*"].iter().enumerate() {
        let mut identified = Tally::default();
        for (tallies, (law, noise)) in tallies.iter().zip(&cells) {
            let t = tallies[k];
            if t.is_identified() {
                // 93 to 99 % is asked of 2,000 replicates; three standard deviations of a share of 200 are 4.6 %.
                let slack = if common::full() { 0.0 } else { 4.6 };
                let is_good = (93.0 - slack..=99.0 + slack).contains(&t.coverage());
                assert!(is_good, "{name} of {law:?} with noise {noise}: {t:?}");
                identified.count += t.count;
                identified.held += t.held;
            } else {
                let slack = if common::full() { 0.0 } else { 4.6 };
                assert!(t.misses() <= 5.0 + slack, "{name} of {law:?} with noise {noise}: {t:?}");
            }
        }
        assert!(identified.count >= 3 * replicates, "{name} is identified in too few cells: {identified:?}");
        // 94 to 97 % in the mean of 2,000 replicates a cell; three standard deviations of 600 are 2.7 %.
        let slack = if common::full() { 0.0 } else { 2.7 };
        assert!((94.0 - slack..=97.0 + slack).contains(&identified.coverage()), "{name}: {identified:?}");
    }
}
