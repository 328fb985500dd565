//! The law on data that nobody fitted before: the setting of the paper's theory (Appendix E), simulated.
//!
//! ```text
//! cargo run --release --example transfer_simulation > examples/data/transfer_simulation.csv
//! ```
//! A two-layer network learns a function phi0 from n synthetic samples and then phi0 + phi1 from s real ones, both by
//! averaged stochastic gradient descent, one sample a step; fine-tuning is pulled to the parameters it starts from. L(n, s)
//! is the mean squared error against phi0 + phi1. The csv (n, s, error: mean over seeds, std_error: of that mean) goes to
//! standard output, the table and the fits to standard error.
#![allow(clippy::disallowed_methods, reason = "an example is not core")]
mod network;
mod rng;

use network::{Descent, Network, Target};
use rng::Rng;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;
use syn2real::Syn2RealLaw;
use syn2real::theory::{self, Conditions};

const N: [usize; 8] = [32, 64, 128, 256, 512, 1024, 2048, 4096];
const S: [usize; 6] = [32, 64, 128, 256, 512, 1024];
const SEEDS: u64 = 48;
/// Hidden units M, and angles at which the error is measured.
const HIDDEN: usize = 256;
const ANGLES: usize = 256;
/// The task: eigenvalues of the kernel fall like k^-2 (a rectifier on a circle, in the frequency k), smoothness of phi0
/// and phi1, and their root mean squares.
const XI: f64 = 2.0;
const R0: f64 = 0.75;
const R1: f64 = 0.75;
const SIZES: [f64; 2] = [1.0, 0.3];
/// Exponent of the fine-tuning step, eta = STEP s^-ZETA: 0 is Case II. Theorem 2 asks for 4 (6 + lambda) eta <= 1, with a
/// kernel of at most 6; this one is at most 3/2.
const ZETA: f64 = 0.0;
const STEP: f64 = 0.15;

type Errors = [[f64; S.len()]; N.len()];

/// L(n, s) of one seed: network, inputs and their order are new, the task is the same.
fn transfer(seed: u64) -> Errors {
    let mut task = Rng::new([0, 0, 0]);
    let [phi0, phi1] = [(R0, SIZES[0]), (R1, SIZES[1])].map(|(r, size)| Target::new(&mut task, XI, r, size));
    let real = |t: f64| phi0.at(t) + phi1.at(t);
    let start = Network::new(&mut Rng::new([1, seed, 0]), HIDDEN);
    let rates = theory::rates(R0, R1, XI, ZETA, Conditions::Strict).expect("the constants are in range");
    N.map(|n| {
        // lambda0 = T0^-(xi/(2 r0 xi + 1)): Appendix E.4.
        let lambda0 = (n as f64).powf(-XI / (2.0 * R0 * XI + 1.0));
        let descent = Descent { steps: n, step_size: STEP, regularisation: 0.1 * lambda0 };
        let pretrained = start.averaged_descent(|t| phi0.at(t), &mut Rng::new([2, seed, n as u64]), &descent);
        let left = pretrained.squared_error(|t| phi0.at(t), ANGLES);
        S.map(|s| {
            let lambda1 = (s as f64).powf(rates.lambda1.samples) * left.powf(rates.lambda1.pretraining);
            let step_size = STEP * (s as f64).powf(-ZETA);
            let descent = Descent { steps: s, step_size, regularisation: 0.1 * lambda1 };
            let key = [3 + n as u64, seed, s as u64];
            pretrained.averaged_descent(real, &mut Rng::new(key), &descent).squared_error(real, ANGLES)
        })
    })
}

/// All seeds on all cores; which thread takes which does not matter.
fn simulate() -> Vec<Errors> {
    let next = AtomicU64::new(0);
    let threads = thread::available_parallelism().map_or(1, |n| n.get());
    let mut all: Vec<(u64, Errors)> = thread::scope(|scope| {
        let worker = || {
            let mut mine = Vec::new();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= SEEDS {
                    return mine;
                }
                mine.push((seed, transfer(seed)));
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|w| w.join().expect("a worker panicked")).collect()
    });
    all.sort_by_key(|(seed, _)| *seed);
    all.into_iter().map(|(_, errors)| errors).collect()
}

/// Mean over the seeds and its standard error.
fn mean(all: &[Errors], i: usize, j: usize) -> (f64, f64) {
    let count = all.len() as f64;
    let mean = all.iter().map(|e| e[i][j]).sum::<f64>() / count;
    let square = all.iter().map(|e| (e[i][j] - mean).powi(2)).sum::<f64>();
    (mean, (square / (count - 1.0) / count).sqrt())
}

fn main() {
    let start = Instant::now();
    let all = simulate();
    println!("n,s,error,std_error");
    eprintln!("L(n, s), mean of {SEEDS} seeds; {:.1} s", start.elapsed().as_secs_f64());
    eprintln!("{:>8}{}", "n \\ s", S.map(|s| format!("{s:>10}")).concat());
    for (i, n) in N.iter().enumerate() {
        let row: String = (0..S.len()).map(|j| format!("{:>10.5}", mean(&all, i, j).0)).collect();
        eprintln!("{n:>8}{row}");
        for (j, s) in S.iter().enumerate() {
            let (error, std_error) = mean(&all, i, j);
            println!("{n},{s},{error:.6e},{std_error:.2e}");
        }
    }
    eprintln!("\nlaw (1) for each s, log residual:");
    for (j, s) in S.iter().enumerate() {
        let points: Vec<(f64, f64)> = N.iter().enumerate().map(|(i, &n)| (n as f64, mean(&all, i, j).0)).collect();
        match Syn2RealLaw::fit(&points) {
            Ok(fit) => {
                let Syn2RealLaw { d, alpha, c } = fit.law();
                let [_, se_alpha, se_c] =
                    fit.std_errors().map(|e| e.map_or("at a bound".into(), |e| format!("{e:.2e}")));
                let rms = fit.report().rms;
                eprintln!("s = {s:>4}: D {d:.4}, alpha {alpha:.4} ({se_alpha}), C {c:.5} ({se_c}), rms {rms:.4}");
            }
            Err(why) => eprintln!("s = {s:>4}: {why}"),
        }
    }
    let rates = theory::rates(R0, R1, XI, ZETA, Conditions::Strict).expect("the constants are in range");
    eprintln!(
        "\ntheory's bound, case {}: alpha {:.3} ({:.3} with a floor), beta {:.3}",
        rates.case, rates.alpha, rates.alpha_floor, rates.beta
    );
}
