//! How often `Fit::check` says that the law does not describe the data: of data that follow it, and of data that do not.
//!
//! ```text
//! cargo run --release --example check [replicates]
//! ```
//! Alarms (p < .01) in percent over 7 laws, 3 noises, 2 residual spaces, even, uneven and repeated sizes, equal, relative and
//! absolute weights, by the class of the fit (200 replicates of each unless told otherwise); then the share of alarms on
//! the curve err = .59 - .00125 k + .38 / k at equal steps of ln k from 1 to 60 with noise of a share of the misfit.
#![allow(clippy::disallowed_methods, reason = "an example is not core")]
mod simulation;

use simulation::{Alarms, CLASSES, FILE, found, judged, kinds, spaced};

const POINTS: [usize; 8] = [5, 6, 7, 8, 10, 20, 40, 60];

fn shown(alarms: &Alarms) -> String {
    format!("{:.2} ({})", 100.0 * alarms.share(), alarms.fits)
}

fn main() {
    let replicates = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(200).max(1);
    println!("the law is right: alarms in % (of so many fits)");
    println!("points {:>17} {:>17} {:>17} {:>17} {:>17}", "all", CLASSES[0], CLASSES[1], CLASSES[2], CLASSES[3]);
    let (mut design, mut weights) = (std::collections::BTreeMap::new(), std::collections::BTreeMap::new());
    for points in POINTS {
        let (mut all, mut by_class) = (Alarms::default(), [Alarms::default(); 4]);
        for (seed, kind) in (0..).zip(kinds(points)) {
            let by_design: &mut Alarms = design.entry((kind.design, kind.residual.to_string())).or_default();
            let by_weights: &mut Alarms = weights.entry(kind.weights).or_default();
            judged(&kind, replicates, seed, |class, is_alarm| {
                for slot in [&mut all, &mut by_class[class], &mut *by_design, &mut *by_weights] {
                    slot.add(is_alarm);
                }
            });
        }
        let [a, b, c, d] = by_class.map(|alarms| shown(&alarms));
        println!("{points:6} {:>17} {a:>17} {b:>17} {c:>17} {d:>17}", shown(&all));
    }
    for ((design, residual), alarms) in &design {
        println!("{design} sizes, {residual} residual: {}", shown(alarms));
    }
    for (weights, alarms) in &weights {
        println!("{weights} weights: {}", shown(alarms));
    }
    println!("\nthe law is wrong: alarms in % by the noise as a share of the misfit");
    let shares = [0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5];
    println!("points {}", shares.map(|share| format!("{share:>6}")).join(""));
    let row =
        |sizes: &[f64]| shares.map(|share| format!("{:6.1}", 100.0 * found(sizes, share, 5 * replicates).share()));
    for count in POINTS.into_iter().chain([9, 12, 16, 24]) {
        println!("{count:6} {}", row(&spaced(count)).join(""));
    }
    println!("16, at the sizes of its file: {}", row(&FILE).join(""));
}
