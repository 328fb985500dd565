//! The same problems by syn2real and by the others, in one run.
use std::hint::black_box;
use std::time::Instant;

use syn2real::{FitError, FitOptions, Point, Syn2RealFit, Syn2RealLaw};

use crate::judge;
use crate::solvers::{self, Curve, Estimate, Solver};
use crate::watch::{duration, median, seconds};
use crate::workload::{self, SEEDS, SIZES};

const REPETITIONS: usize = 3;

/// Problems of seven points.
struct Set {
    errors: Vec<f64>,
    ln_n: Vec<f64>,
    ln_errors: Vec<f64>,
    points: Vec<Point>,
}

impl Set {
    fn new(seed: u64, problems: usize) -> Set {
        let errors = workload::grid(seed, &SIZES, problems);
        Set {
            ln_n: SIZES.iter().map(|n| n.ln()).collect(),
            ln_errors: errors.iter().map(|e| e.ln()).collect(),
            points: workload::rows(&SIZES, &errors),
            errors,
        }
    }

    fn curves(&self) -> impl Iterator<Item = Curve<'_>> {
        let rows = self.errors.chunks_exact(SIZES.len()).zip(self.ln_errors.chunks_exact(SIZES.len()));
        rows.map(|(error, ln_error)| Curve { ln_n: &self.ln_n, error, ln_error })
    }
}

/// A way to fit them.
enum Method<'a> {
    /// All in one call.
    Grid(FitOptions),
    /// One call for each.
    One(FitOptions),
    Peer(&'a Solver),
}

fn estimate(fit: &Result<Syn2RealFit, FitError>) -> Estimate {
    let none = Estimate { ln_d: f64::NAN, alpha: f64::NAN, c: f64::NAN };
    fit.as_ref().map_or(none, |fit| {
        let law = fit.law();
        Estimate { ln_d: law.d.ln(), alpha: law.alpha, c: law.c }
    })
}

impl Method<'_> {
    /// The estimates, and the nanoseconds of this thread per fit.
    fn run(&self, set: &Set) -> (Vec<Estimate>, f64) {
        let problems = set.errors.len() / SIZES.len();
        let mut fits = Vec::with_capacity(problems);
        let mut estimates = Vec::with_capacity(problems);
        let seconds = seconds(|| match self {
            Method::Grid(options) => {
                let _shapes = Syn2RealLaw::fit_grid(&SIZES, black_box(&set.errors), options, |_, fit| fits.push(fit));
            }
            Method::One(options) => {
                for points in set.points.chunks_exact(SIZES.len()) {
                    fits.push(Syn2RealLaw::fit_with(black_box(points), options));
                }
            }
            Method::Peer(solver) => estimates.extend(set.curves().map(|curve| (solver.solve)(black_box(&curve)))),
        });
        if estimates.is_empty() {
            estimates.extend(fits.iter().map(estimate));
        }
        (estimates, seconds * 1e9 / problems as f64)
    }

    /// Nanoseconds of each fit by itself; those of a grid are those of its calls with 64 problems.
    fn each(&self, set: &Set) -> Vec<f64> {
        let time = |work: &mut dyn FnMut()| {
            let start = Instant::now();
            work();
            start.elapsed().as_nanos() as f64
        };
        match self {
            Method::Grid(options) => {
                let calls = set.errors.chunks_exact(64 * SIZES.len());
                let mut call = |errors: &[f64]| {
                    time(&mut || {
                        let each = |_, fit| _ = black_box(fit);
                        let _shapes = Syn2RealLaw::fit_grid(&SIZES, black_box(errors), options, each);
                    }) / 64.0
                };
                calls.map(&mut call).collect()
            }
            Method::One(options) => set
                .points
                .chunks_exact(SIZES.len())
                .map(|points| time(&mut || _ = black_box(Syn2RealLaw::fit_with(black_box(points), options))))
                .collect(),
            Method::Peer(solver) => {
                set.curves().map(|curve| time(&mut || _ = black_box((solver.solve)(black_box(&curve))))).collect()
            }
        }
    }
}

/// The least mean and median of a few repetitions.
fn time_all(methods: &[(&str, Method)], set: &Set) -> Vec<(f64, f64)> {
    let mut times = vec![(f64::INFINITY, f64::INFINITY); methods.len()];
    // Interleaved: a slow minute of the machine meets all of them.
    for _ in 0..REPETITIONS {
        for ((mean, least), (_, method)) in times.iter_mut().zip(methods) {
            *mean = mean.min(method.run(set).1);
            *least = least.min(median(&mut method.each(set)));
        }
    }
    times
}

/// The share of the problems, in percent, of which each method found the global optimum.
fn judge_all(methods: &[(&str, Method)], set: &Set) -> Vec<f64> {
    let judged =
        |(curve, law): (Curve, &Estimate)| (judge::cost(curve.ln_n, curve.ln_error, law), judge::is_inside(law));
    let costs: Vec<Vec<(f64, bool)>> =
        methods.iter().map(|(_, method)| set.curves().zip(&method.run(set).0).map(judged).collect()).collect();
    let mut best = judge::optima(&SIZES, &set.errors);
    for method in &costs {
        for (best, (cost, is_inside)) in best.iter_mut().zip(method) {
            *best = if *is_inside && *cost < *best { *cost } else { *best };
        }
    }
    let share = |method: &Vec<(f64, bool)>| {
        let global = method.iter().zip(&best).filter(|((cost, _), best)| judge::is_global(*cost, **best)).count();
        100.0 * global as f64 / best.len() as f64
    };
    costs.iter().map(share).collect()
}

fn sevens(problems: usize) -> Result<(), String> {
    let solvers = solvers::all();
    let default = FitOptions::default();
    let plain = FitOptions { covariance: false, ..default };
    let mut methods = vec![
        ("syn2real `fit_grid`, no covariance", Method::Grid(plain)),
        ("syn2real `fit_grid`", Method::Grid(default)),
        ("syn2real `fit`, one by one", Method::One(default)),
    ];
    let ours = methods.len();
    methods.extend(solvers.iter().map(|solver| (solver.name, Method::Peer(solver))));
    let times = time_all(&methods, &Set::new(SEEDS[0], problems));
    let shares = SEEDS.map(|seed| judge_all(&methods, &Set::new(seed, problems)));

    println!("### {problems} problems of 7 points, log residual\n");
    let peer = ours + solvers::FIRST;
    let seeds: String = SEEDS.iter().map(|seed| format!(" seed {seed} |")).collect();
    println!("| | mean | median | mean / first | mean of {} / mean |{seeds}", methods[peer].0);
    println!("|---|---|---|---|---|{}", "---|".repeat(SEEDS.len()));
    for (k, ((name, _), (mean, median))) in methods.iter().zip(&times).enumerate() {
        let shares: String = shares.iter().map(|seed| format!(" {:.3} % |", seed[k])).collect();
        let (by_first, by_peer) = (mean / times[0].0, times[peer].0 / mean);
        println!("| {name} | {} | {} | {by_first:.2} | {by_peer:.1} |{shares}", duration(*mean), duration(*median));
    }
    println!();
    match shares.iter().all(|seed| seed[..ours].iter().all(|share| *share == 100.0)) {
        true => Ok(()),
        false => Err("a fit of syn2real is not at the global optimum: see the table".to_owned()),
    }
}

/// One curve: time and the cost above the lowest.
fn single(name: &str, points: &[Point]) {
    let ln_n: Vec<f64> = points.iter().map(|p| p.n.ln()).collect();
    let error: Vec<f64> = points.iter().map(|p| p.error).collect();
    let ln_error: Vec<f64> = error.iter().map(|e| e.ln()).collect();
    let curve = Curve { ln_n: &ln_n, error: &error, ln_error: &ln_error };
    let default = FitOptions::default();
    let repetitions = if points.len() > 1000 { 3 } else { 100 };
    let mut rows = Vec::new();
    let mut add = |name: &'static str, fit: &mut dyn FnMut() -> Estimate| {
        let mut best = f64::INFINITY;
        let mut law = fit();
        for _ in 0..repetitions {
            best = best.min(1e9 * seconds(|| law = fit()));
        }
        rows.push((name, best, judge::cost(&ln_n, &ln_error, &law)));
    };
    add("syn2real `fit`", &mut || estimate(&Syn2RealLaw::fit_with(black_box(points), &default)));
    let solvers = solvers::all();
    for solver in solvers.iter().filter(|solver| solver.any_length) {
        add(solver.name, &mut || (solver.solve)(black_box(&curve)));
    }
    let lowest = rows.iter().map(|row| row.2).fold(f64::INFINITY, f64::min);
    println!("### One curve of {name} points\n\n| | time | time / first | cost above the lowest |\n|---|---|---|---|");
    let first = rows[0].1;
    for (name, time, cost) in rows {
        println!("| {name} | {} | {:.1} | {:.1e} |", duration(time), time / first, cost / lowest - 1.0);
    }
    println!();
}

/// Prints the tables; `problems` of seven points for each seed.
pub(crate) fn run(problems: usize) -> Result<(), String> {
    single("245", &workload::chinchilla());
    single("100,000", &workload::long(100_000));
    sevens(problems)
}
