//! The laws over n and s: published and reference optima, an independent search from random starts, derivatives,
//! recovery, invariances, typed errors.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
mod bent;
mod bootstrap;
#[path = "../common/mod.rs"]
mod common;
mod comparison;
mod domain;
mod huber;
mod intervals;
mod law;
mod reference;

use common::data::{number, table};
use common::rng::Rng;
use syn2real::{
    AdditiveLaw, AdditiveOptions, Bounds, FitError, FitOptions, FullClass, FullFit, FullLaw, FullOptions, GridPoint,
    LackOfFitAtS, Parameter, PointError, Residual, Side, Syn2RealLaw, Weights, compare,
};

const C2: [f64; 6] = [2.0, 4.0, 7.0, 16.0, 32.0, 64.0];

fn residual(name: &str) -> Residual {
    if name == "log" { Residual::Log } else { Residual::Linear }
}

fn options(residual: Residual) -> FullOptions {
    FullOptions { residual, ..FullOptions::default() }
}

/// s is a percentage of 1,281,167 images, or class-balanced with 1000 classes of at most 732.
fn size(percent: f64, definition: &str) -> f64 {
    match definition {
        "percent_of_1281167" => percent * 12_811.67,
        "class_balanced_732" => 1000.0 * (13.0 * percent).min(732.0),
        other => panic!("s definition {other}"),
    }
}

/// The authors' grid (percent, n, err_last).
fn grid() -> Vec<(f64, f64, f64)> {
    table(include_str!("../data/grid_n_s_r50_mulclass_imagenet.csv"))
        .iter()
        .map(|row| (number(row, "fratio"), number(row, "n"), number(row, "err_last")))
        .collect()
}

/// A subset of the reference table as points with n > 0.
fn subset(name: &str, definition: &str) -> Vec<GridPoint> {
    let wanted = |percent: f64| match name {
        "paper_C2_42" => C2.contains(&percent),
        "with_10pct_49" => C2.contains(&percent) || percent == 10.0,
        "all_63" => true,
        other => panic!("subset {other}"),
    };
    grid()
        .into_iter()
        .filter(|&(percent, n, _)| n > 0.0 && wanted(percent))
        .map(|(percent, n, error)| GridPoint::new(n, size(percent, definition), error))
        .collect()
}

fn close(got: f64, wanted: f64, share: f64, what: &str) {
    assert!((got - wanted).abs() <= share * wanted.abs(), "{what}: {got}, expected {wanted}");
}

fn sizes() -> Vec<(f64, f64)> {
    [1e4, 2e4, 5e4, 16e4].into_iter().flat_map(|s| [1e3, 2e3, 4e3, 8e3, 16e3, 32e3].map(|n| (n, s))).collect()
}

fn noisy(seed: u64, law: &FullLaw, sigma: f64) -> Vec<(f64, f64, f64)> {
    let mut rng = Rng::new(seed, 0);
    sizes().iter().map(|&(n, s)| (n, s, law.error_at(n, s) * (sigma * rng.normal()).exp())).collect()
}

const TRUTH: FullLaw = FullLaw { delta: 40.0, gamma: 0.02, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };

fn numbers(text: &str) -> Vec<f64> {
    text.split(';').map(|x| x.parse().expect("a number")).collect()
}
