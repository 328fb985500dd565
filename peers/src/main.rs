//! `peers compare`: the same fits by other crates and libraries, in one run, with ratios.
//! `peers elementary`: exp and ln beside SLEEF at the same instruction set.
//! `peers scaling FIGURE.svg`: cost against the number of problems and of points, over four decades.
//! `peers benches DIRECTORY`: the medians that criterion left there, as a table.
//!
//! Each prints Markdown; README.md has the commands.
mod benches;
mod compare;
mod elementary;
mod judge;
#[cfg(all(feature = "sleef", target_arch = "x86_64"))]
#[path = "../../benches/common/maps.rs"]
mod maps;
mod scaling;
mod solvers;
mod watch;
#[path = "../../benches/common/workload.rs"]
mod workload;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["compare"] => compare::run(workload::PROBLEMS),
        ["compare", problems] => problems.parse().map_err(|e| format!("{problems}: {e}")).and_then(compare::run),
        ["elementary"] => elementary::run(),
        ["scaling", figure] => scaling::run(figure),
        ["benches", directory] => benches::run(directory.as_ref()),
        _ => Err("compare [PROBLEMS] | elementary | scaling FIGURE.svg | benches DIRECTORY".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("peers: {message}");
            ExitCode::FAILURE
        }
    }
}
