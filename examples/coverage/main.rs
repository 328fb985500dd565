//! Coverage of nominal 95 % intervals: 4 laws x 3 noise levels, 7 points at 1000 2^i, 2,000 replicates each.
//!
//! `cargo run --release --example coverage` (profile), `cargo run --release --example coverage -- wald`
mod simulation;

use simulation::{LAWS, NOISE, Tally, Way, cell};
use syn2real::infer::Method;
use syn2real::infer::bootstrap::{Kind, Scheme};

const REPLICATES: u32 = 2000;
const NAMES: [&str; 4] = ["C", "alpha", "L(10 n_max)", "n*(4 n_max)"];

fn main() {
    let has = |word: &str| std::env::args().any(|a| a == word);
    let kind = match () {
        _ if has("basic") => Kind::Basic,
        _ if has("bca") => Kind::Bca,
        _ => Kind::Percentile,
    };
    let way = match () {
        _ if has("wald") => Way::By(Method::Wald),
        _ if has("parametric") => Way::Bootstrap(Scheme::Parametric, kind),
        _ if has("residual") => Way::Bootstrap(Scheme::Residual, kind),
        _ => Way::By(Method::Profile),
    };
    let replicates = std::env::args().find_map(|a| a.parse().ok()).unwrap_or(REPLICATES);
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
