//! The law on data that nobody fitted before: the setting of the paper's theory (Appendix E), simulated.
//!
//! ```text
//! cargo run --release --example transfer_simulation > examples/data/transfer_simulation.csv
//! ```
//! A two-layer network learns a function phi0 from n synthetic samples and then phi0 + phi1 from s real ones, both by
//! averaged stochastic gradient descent, one sample a step; fine-tuning is pulled to the parameters it starts from. L(n, s)
//! is the mean squared error against phi0 + phi1. The csv (zeta: exponent of the fine-tuning step, n, s, error: mean over
//! seeds, std_error: of that mean) goes to standard output, the tables and the fits to standard error.
#![allow(clippy::disallowed_methods, reason = "an example is not core")]
mod network;
mod rng;

use network::{Descent, Network, Target};
use rng::Rng;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;
use syn2real::theory::{self, Conditions};
use syn2real::{FullLaw, FullOptions, GridPoint, LackOfFitAtS, Syn2RealLaw, compare};

const N: [usize; 8] = [128, 256, 512, 1024, 2048, 4096, 8192, 16384];
const S: [usize; 6] = [128, 256, 512, 1024, 2048, 4096];
const SEEDS: u64 = 64;
/// Hidden units M, and angles at which the error is measured.
const HIDDEN: usize = 256;
const ANGLES: usize = 256;
/// The task: eigenvalues of the kernel fall like k^-2 (a rectifier on a circle, in the frequency k), smoothness of phi0
/// and phi1, and their root mean squares.
const XI: f64 = 2.0;
const R0: f64 = 0.75;
const R1: f64 = 0.75;
const SIZES: [f64; 2] = [1.0, 0.3];
/// Exponents of the fine-tuning step, eta = STEP s^-zeta: a constant step is Case II, s^-1/2 Case I.
const ZETAS: [f64; 2] = [0.0, 0.5];
/// Theorem 2 asks for 4 (k + lambda) eta <= 1 with k = 6 for any activation; here k(x, x) is 2/3 (1/6 from the outer, 1/2
/// from the inner weights), and lambda below 1/3 for all but the smallest sizes.
const STEP: f64 = 0.25;

type Errors = [[f64; S.len()]; N.len()];

/// L(n, s) of one seed for one exponent of the step: network, inputs and their order are new, the task is the same.
fn transfer(seed: u64, zeta: f64) -> Errors {
    let mut task = Rng::new([0, 0, 0]);
    let [phi0, phi1] = [(R0, SIZES[0]), (R1, SIZES[1])].map(|(r, size)| Target::new(&mut task, XI, r, size));
    let real = |t: f64| phi0.at(t) + phi1.at(t);
    let start = Network::new(&mut Rng::new([1, seed, 0]), HIDDEN);
    let rates = theory::rates(R0, R1, XI, zeta, Conditions::Strict).expect("the constants are in range");
    N.map(|n| {
        // lambda0 = T0^-(xi/(2 r0 xi + 1)): Appendix E.4.
        let lambda0 = (n as f64).powf(-XI / (2.0 * R0 * XI + 1.0));
        let descent = Descent { steps: n, step_size: STEP, regularisation: lambda0 };
        let pretrained = start.averaged_descent(|t| phi0.at(t), &mut Rng::new([2, seed, n as u64]), &descent);
        let left = pretrained.squared_error(|t| phi0.at(t), ANGLES);
        S.map(|s| {
            let lambda1 = (s as f64).powf(rates.lambda1.samples) * left.powf(rates.lambda1.pretraining);
            let step_size = STEP * (s as f64).powf(-zeta);
            let descent = Descent { steps: s, step_size, regularisation: lambda1 };
            let key = [3 + n as u64, seed, s as u64];
            pretrained.averaged_descent(real, &mut Rng::new(key), &descent).squared_error(real, ANGLES)
        })
    })
}

/// All seeds on all cores; which thread takes which does not matter.
fn simulate(zeta: f64) -> Vec<Errors> {
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
                mine.push((seed, transfer(seed, zeta)));
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
    println!("zeta,n,s,error,std_error");
    for zeta in ZETAS {
        let start = Instant::now();
        let all = simulate(zeta);
        eprintln!("zeta = {zeta}: L(n, s), mean of {SEEDS} seeds, {:.1} s", start.elapsed().as_secs_f64());
        eprintln!("{:>8}{}", "n \\ s", S.map(|s| format!("{s:>10}")).concat());
        for (i, n) in N.iter().enumerate() {
            let row: String = (0..S.len()).map(|j| format!("{:>10.5}", mean(&all, i, j).0)).collect();
            eprintln!("{n:>8}{row}");
            for (j, s) in S.iter().enumerate() {
                let (error, std_error) = mean(&all, i, j);
                println!("{zeta},{n},{s},{error:.6e},{std_error:.2e}");
            }
        }
        fit_each_size(&all);
        fit_grid(&all);
        let rates = theory::rates(R0, R1, XI, zeta, Conditions::Strict).expect("the constants are in range");
        eprintln!(
            "theory's bound, case {}: alpha {:.3} ({:.3} with a floor), beta {:.3}\n",
            rates.case, rates.alpha, rates.alpha_floor, rates.beta
        );
    }
}

/// Law (1) at each fine-tuning size, log residual.
fn fit_each_size(all: &[Errors]) {
    for (j, s) in S.iter().enumerate() {
        let points: Vec<(f64, f64)> = N.iter().enumerate().map(|(i, &n)| (n as f64, mean(all, i, j).0)).collect();
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
}

/// The full law over the whole grid, log residual; where it does not fit, and the laws beside it.
fn fit_grid(all: &[Errors]) {
    let cells = (0..N.len()).flat_map(|i| (0..S.len()).map(move |j| (i, j)));
    let points: Vec<GridPoint> = cells.map(|(i, j)| (N[i] as f64, S[j] as f64, mean(all, i, j).0).into()).collect();
    let fit = match FullLaw::fit(&points) {
        Ok(fit) => fit,
        Err(why) => return eprintln!("full law: {why}"),
    };
    let FullLaw { delta, gamma, alpha, beta, .. } = fit.law();
    let errors = fit.std_errors().map(|e| e.map_or("-".into(), |e| format!("{e:.1e}")));
    eprintln!(
        "full law: delta {delta:.4}, gamma {gamma:.5}, alpha {alpha:.4}, beta {beta:.4}, rms {:.4}",
        fit.report().rms
    );
    eprintln!("standard errors, in this order: {}", errors[..4].join(", "));
    let mut by_size = [LackOfFitAtS::default(); S.len()];
    let sizes = fit.lack_of_fit(&points, &mut by_size).min(S.len());
    let means: Vec<String> = by_size[..sizes].iter().map(|l| format!("{:+.4} at {}", l.mean, l.s)).collect();
    eprintln!("mean log residual by s: {}", means.join(", "));
    if let Ok(laws) = compare::full_laws(&points, &FullOptions::default(), 2) {
        for law in laws {
            let [aicc, rmse] = [law.aicc, law.holdout_rmse].map(|x| x.map_or("-".into(), |x| format!("{x:.4}")));
            eprintln!("{:>8}: AICc {aicc}, rms log error on the two largest n held out {rmse}", law.law);
        }
    }
}
