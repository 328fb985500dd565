//! How often settings with equal C, alpha or error are called different: simulated pairs whose truth is known.
//!
//! ```text
//! cargo run --release --example comparisons [replicates] [kind]
//! ```
//! For each kind of curve, number of sizes and noise: the share of replicates (400 unless told otherwise) whose p-value is below
//! .05, .01 and .1, for each quantity that both settings have in common. Another sample of a share of .05 of 400 lies within
//! .028 and .072 in 95 % of cases.
#![allow(clippy::disallowed_methods, reason = "an example is not core")]
#[allow(dead_code, reason = "tests and the other example use more of it")]
#[path = "../verdicts/simulate.rs"]
mod normal;
mod simulate;

use std::collections::BTreeMap;

use simulate::{cells, p_values};
use syn2real::Parameter;
use syn2real::infer::Quantity;

fn main() {
    let replicates = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(400_u64).max(1);
    let kind = std::env::args().nth(2);
    println!("kind         sizes repeats noise a  noise b  quantity     <.05   <.01   <.1   of");
    let mut by_kind: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    for cell in cells().iter().filter(|cell| kind.as_ref().is_none_or(|kind| cell.name == kind)) {
        for (quantity, values) in p_values(cell, 0..replicates) {
            let share = |level: f64| values.iter().filter(|p| **p < level).count() as f64 / values.len() as f64;
            let name = match quantity {
                Quantity::Parameter(Parameter::C) => "C",
                Quantity::Parameter(_) => "alpha",
                _ => "error",
            };
            let ([m, k], [a, b]) = (cell.sizes, cell.noises);
            println!(
                "{:12} {m:2} {k:2}  {:5} {a:8} {b:8}  {name:10}  {:.3}  {:.3}  {:.3}  {}",
                cell.name,
                cell.repeats,
                share(0.05),
                share(0.01),
                share(0.1),
                values.len()
            );
            by_kind.entry((cell.name, name)).or_default().push(share(0.05));
        }
    }
    println!("\nkind         quantity   cells  <.05: least  mean   most");
    for ((kind, name), shares) in by_kind {
        let (least, most) = (shares.iter().copied().fold(1.0, f64::min), shares.iter().copied().fold(0.0, f64::max));
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        println!("{kind:12} {name:10} {:5}        {least:.3}  {mean:.3}  {most:.3}", shares.len());
    }
}
