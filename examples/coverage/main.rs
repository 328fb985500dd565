//! Coverage of nominal 95 % intervals: 4 laws x 3 noise levels, 7 points at 1000 2^i, 2,000 replicates each.
//!
//! `cargo run --release --example coverage` (profile), `cargo run --release --example coverage -- wald`,
//! `-- parametric` and `-- residual` (bootstrap of 1,999 refits); with a number so many replicates.
//!
//! `cargo run --release --example coverage -- grid` the same for the laws over n and s: 42 points (7 n x 6 s) and 12 (4 x 3);
//! `grid 500` with 500 replicates, and `wald` works there, too.
mod grid;
mod simulation;

use simulation::{LAWS, NOISE, Tally, Way, cell};
use syn2real::infer::Method;
use syn2real::infer::bootstrap::Scheme;

const REPLICATES: u32 = 2000;
const NAMES: [&str; 4] = ["C", "alpha", "L(10 n_max)", "n*(4 n_max)"];

fn main() {
    let has = |word: &str| std::env::args().any(|a| a == word);
    let replicates = std::env::args().find_map(|a| a.parse().ok()).unwrap_or(REPLICATES);
    let method = if has("wald") { Method::Wald } else { Method::Profile };
    if has("grid") {
        return over_both_sizes(method, replicates);
    }
    let way = match () {
        _ if has("parametric") => Way::Bootstrap(Scheme::Parametric),
        _ if has("residual") => Way::Bootstrap(Scheme::Residual),
        _ => Way::By(method),
    };
    let cells: Vec<_> = LAWS.iter().flat_map(|law| NOISE.map(|noise| (law, noise))).collect();
    let tallies: Vec<[Tally; 4]> =
        cells.iter().zip(1..).map(|((law, noise), seed)| cell(&law.1, *noise, replicates, seed, way)).collect();
    println!(
        "{way:?}, 95 %, {replicates} replicates; coverage in %, in () where fewer than 9 in 10 intervals are bounded:"
    );
    println!("there the share of replicates with a bounded interval that misses");
    println!("{:<18} {:>7} {:>12} {:>12} {:>12} {:>12}", "law", "noise", NAMES[0], NAMES[1], NAMES[2], NAMES[3]);
    for ((law, noise), tally) in cells.iter().zip(&tallies) {
        let shown = tally
            .map(|t| if t.is_identified() { format!("{:.1}", t.coverage()) } else { format!("({:.1})", t.misses()) });
        println!("{:<18} {noise:>7} {:>12} {:>12} {:>12} {:>12}", law.0, shown[0], shown[1], shown[2], shown[3]);
    }
    for (k, name) in NAMES.iter().enumerate() {
        let identified: Vec<f64> = tallies.iter().filter(|t| t[k].is_identified()).map(|t| t[k].coverage()).collect();
        let mean = identified.iter().sum::<f64>() / identified.len() as f64;
        let least = identified.iter().copied().fold(f64::INFINITY, f64::min);
        let most = identified.iter().copied().fold(0.0, f64::max);
        println!("{name}: mean {mean:.1} %, {least:.1} to {most:.1} % over {} identified cells", identified.len());
    }
}

/// The table of the laws over n and s.
fn over_both_sizes(method: Method, replicates: u32) {
    use syn2real::{AdditiveLaw, FullLaw};
    println!(
        "{method:?}, 95 %, {replicates} replicates; coverage in %, in () where fewer than 9 in 10 intervals are bounded:"
    );
    println!("there the share of replicates with a bounded interval that misses");
    print!("{:<10} {:>6} {:>7}", "law", "points", "noise");
    for name in grid::NAMES {
        print!(" {name:>10}");
    }
    println!("  without");
    let mut seed = 100;
    let mut totals = [Tally::default(); 7];
    for (name, full, is_small) in [
        ("C.2", Some(grid::PAPER), false),
        ("C.2", Some(grid::PAPER), true),
        ("deep", Some(grid::DEEP), false),
        ("deep", Some(grid::DEEP), true),
        ("additive", None, false),
        ("additive", None, true),
    ] {
        for noise in grid::NOISE {
            seed += 1;
            let (tallies, failed) = match full {
                Some(law) => {
                    grid::cell(&law, is_small, noise, (replicates, seed), method, |points| FullLaw::fit(points).ok())
                }
                None => grid::cell(&grid::SUM, is_small, noise, (replicates, seed), method, |points| {
                    AdditiveLaw::fit(points).ok()
                }),
            };
            print!("{name:<10} {:>6} {noise:>7}", grid::sizes(is_small).len());
            for (tally, total) in tallies.iter().zip(&mut totals) {
                if tally.is_identified() {
                    print!(" {:>10.1}", tally.coverage());
                    (total.count, total.held) = (total.count + tally.count, total.held + tally.held);
                } else {
                    print!(" {:>10}", format!("({:.1})", tally.misses()));
                }
            }
            println!("  {failed}");
        }
    }
    print!("{:<25}", "mean where identified");
    for total in totals {
        print!(" {:>10.1}", total.coverage());
    }
    println!();
}
