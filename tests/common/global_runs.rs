//! `solve_global`: known several minima, scipy's best of many starts (tests/oracles/many_starts.py), what it refuses.
#![allow(clippy::disallowed_methods, reason = "a user's own law may use what its author likes")]
use syn2real::Law;
use syn2real::simd::{F64x8, LANES};
use syn2real::solve::{
    Bounds, GlobalOptions, GlobalSolution, Loss, Scale, SolveError, SolveOptions, Termination, solve_global,
};

use super::erased::Erased;
use super::mgh::{self, Derivatives, Mgh, Posed};

fn in_box<const P: usize>(bounds: [Bounds; P], starts: u32) -> GlobalOptions<P> {
    GlobalOptions { solve: SolveOptions { bounds, ..SolveOptions::default() }, starts, ..GlobalOptions::default() }
}

fn pose<M: Mgh<P>, const P: usize>(problem: M, bounds: [Bounds; P], starts: u32) -> GlobalSolution<P> {
    let rows: Vec<usize> = (1..=M::ROWS).collect();
    let law = Posed(problem, Derivatives::Exact);
    let found = solve_global(&Erased(&law), rows.as_slice(), &in_box(bounds, starts));
    let found = found.expect("a finite box");
    println!("{}: {found}", M::NAME);
    for m in found.minima() {
        println!("  {:4} starts at {:.6e}, {:?}", m.starts, 2.0 * m.solution.cost, m.solution.theta);
    }
    // What is reported adds up.
    let all = [0_u8, 1, 2, 3, 4, 16, 17, 18, 19, 20, 21];
    let reasons = [
        Termination::GradientSmall,
        Termination::StepSmall,
        Termination::CostReductionSmall,
        Termination::ExactFit,
        Termination::Stalled,
        Termination::IterationLimit,
        Termination::DampingLimit,
        Termination::SingularNormal,
        Termination::NonFinite,
        Termination::NotANumber,
        Termination::RanAway,
    ];
    assert_eq!(reasons.map(|t| t as u8), all, "every reason");
    let failed: u32 = reasons.iter().filter(|t| !t.is_converged()).map(|t| found.ended(*t)).sum();
    assert_eq!(failed, found.failed(), "{}", M::NAME);
    assert_eq!(reasons.iter().map(|t| found.ended(*t)).sum::<u32>(), starts, "{}", M::NAME);
    let costs: Vec<f64> = found.minima().map(|m| m.solution.cost).collect();
    assert!(costs.is_sorted() && costs.first().is_none_or(|c| *c == found.best.cost), "{costs:?}");
    found
}

/// The sums of squares of the minima that were found, each of which must be known.
fn sums<const P: usize>(found: &GlobalSolution<P>, known: &[f64]) -> Vec<f64> {
    let mut sums = Vec::new();
    for m in found.minima() {
        let end = 2.0 * m.solution.cost;
        // Six digits are printed; 0 to rounding.
        let sum = known.iter().find(|k| (end - **k).abs() <= 1e-5 * **k + 1e-18);
        sums.push(*sum.unwrap_or_else(|| panic!("{end:e} is none of {known:?}")));
    }
    sums
}

#[test]
fn problems_with_several_minima() {
    let roth = pose(mgh::FreudensteinRoth, [Bounds::new(-20.0, 20.0); 2], 60);
    assert_eq!(sums(&roth, mgh::FreudensteinRoth::MINIMA), [0.0, 48.9842]);
    assert!(roth.minima().all(|m| m.starts >= 10), "both basins are wide");
    // The exchanged exponentials of Biggs are a minimum of their own; on the box lie others.
    let biggs = pose(mgh::BiggsExp6, [Bounds::new(0.0, 20.0); 6], 60);
    let exact: Vec<f64> = biggs.minima().filter(|m| m.solution.cost < 1e-20).map(|m| m.solution.theta[0]).collect();
    assert!(exact.len() == 2 && (exact[0] * exact[1] - 4.0).abs() < 1e-9, "rates 1 and 4: {exact:?}");
    let roots = pose(mgh::Trigonometric, [Bounds::new(0.0, 0.5); 8], 100);
    let all = sums(&roots, mgh::Trigonometric::MINIMA);
    assert!(all.contains(&1.106099e-5) && all.contains(&1.356472e-4), "{all:?}");
    // Bits and counts do not depend on what is not asked for: the first of more starts are those of fewer.
    let few = pose(mgh::FreudensteinRoth, [Bounds::new(-20.0, 20.0); 2], 30);
    assert!(few.minima().zip(roth.minima()).all(|(a, b)| a.starts <= b.starts), "a part of them");
    assert_eq!(pose(mgh::FreudensteinRoth, [Bounds::new(-20.0, 20.0); 2], 60), roth, "the same again");
}

/// Any function of theta and x as a law.
struct Model<F>(F);
impl<const P: usize, F: Fn(&[f64; P], [f64; 2]) -> (f64, [f64; P])> Law<P> for Model<F> {
    type Observation = [f64; 3];
    fn rows(&self, t: &[f64; P], block: &[[f64; 3]; LANES], r: &mut F64x8, j: Option<&mut [F64x8; P]>) {
        let rows = block.map(|[x, z, y]| (self.0(t, [x, z]), y));
        *r = F64x8(rows.map(|((value, _), y)| value - y));
        if let Some(j) = j {
            for (k, column) in j.iter_mut().enumerate() {
                *column = F64x8(rows.map(|((_, d), _)| d[k]));
            }
        }
    }
}

fn noise(k: usize, size: f64) -> f64 {
    let k = k as f64;
    size * (12.9898 * k * k + 78.233 * k).sin()
}

/// Cost and theta of scipy's best.
fn scipy(name: &str) -> (f64, Vec<f64>) {
    let text = include_str!("../data/many_starts.csv");
    let line = text.lines().find_map(|l| l.strip_prefix(name)).expect("a row").trim_start_matches(',');
    let (cost, theta) = line.split_once(',').expect("two fields");
    (cost.parse().expect("a cost"), theta.split(' ').map(|v| v.parse().expect("a number")).collect())
}

fn compare<const P: usize>(name: &str, found: &GlobalSolution<P>, tolerance: f64) {
    let (cost, theta) = scipy(name);
    println!("{name}: {found}; {:.12e} {:?}, scipy {cost:.12e} {theta:?}", found.best.cost, found.best.theta);
    assert!(found.best.cost <= cost * (1.0 + 1e-9), "{name}: {:e} above {cost:e}", found.best.cost);
    // As low, it is the same place.
    if found.best.cost >= cost * (1.0 - 1e-6) {
        for (a, b) in found.best.theta.iter().zip(&theta) {
            assert!((a - b).abs() <= tolerance * b.abs().max(0.1), "{name}: {:?} {theta:?}", found.best.theta);
        }
    }
}

#[test]
fn no_end_of_scipy_is_lower() {
    let mut grid = Vec::new();
    for i in 0..7 {
        for j in 0..7 {
            let (n, d) = (10_f64.powf(7.0 + 0.5 * f64::from(i)), 10_f64.powf(8.0 + 0.5 * f64::from(j)));
            let k = grid.len();
            let loss = (1.69 + 406.4 / n.powf(0.34) + 410.7 / d.powf(0.28)) * noise(k, 0.01).exp();
            grid.push([n.ln(), d.ln(), (loss * if k % 11 == 0 { 1.05 } else { 1.0 }).ln()]);
        }
    }
    // theta = ln A, ln B, ln E, alpha, beta.
    let chinchilla = Model(|t: &[f64; 5], [n, d]: [f64; 2]| {
        let terms = [(t[0] - t[3] * n).exp(), (t[1] - t[4] * d).exp(), t[2].exp()];
        let [p, q, s] = terms.map(|v| v / (terms[0] + terms[1] + terms[2]));
        ((terms[0] + terms[1] + terms[2]).ln(), [p, q, s, -n * p, -d * q])
    });
    let sides = [(0.0, 25.0), (0.0, 25.0), (-1.0, 1.0), (0.0, 2.0), (0.0, 2.0)];
    let mut options = in_box(sides.map(Bounds::from), 40);
    options.solve.loss = Loss::HuberAbsolute { delta: 1e-3 };
    // The Huber cost is flat between kinks: scipy ends within 1e-4 of the place.
    compare("chinchilla", &solve_global(&chinchilla, grid.as_slice(), &options).expect("a box"), 1e-2);

    let rows: Vec<[f64; 3]> = (0..30)
        .map(|k| {
            let x = 20.0 * k as f64 / 29.0;
            [x, 0.0, 0.2 + 0.7 / (1.0 + (-1.3 * (x - 12.0)).exp()) + noise(k, 0.02)]
        })
        .collect();
    let sigmoid = Model(|t: &[f64; 4], [x, _]: [f64; 2]| {
        let p = 1.0 / (1.0 + (-t[2] * (x - t[3])).exp());
        let slope = t[1] * p * (1.0 - p);
        (t[0] + t[1] * p, [1.0, p, slope * (x - t[3]), -slope * t[2]])
    });
    let mut options = in_box([(-1.0, 1.0), (0.0, 2.0), (0.01, 100.0), (0.0, 20.0)].map(Bounds::from), 60);
    options.scale[2] = Scale::Log;
    compare("sigmoid", &solve_global(&sigmoid, rows.as_slice(), &options).expect("a box"), 1e-6);

    let rows: Vec<[f64; 3]> = (0..40)
        .map(|k| {
            let x = 10.0 * k as f64 / 39.0;
            [x, 0.0, 1.5 * (4.2 * x).cos() + 0.7 * (4.2 * x).sin() + noise(k, 0.3)]
        })
        .collect();
    let wave = Model(|t: &[f64; 3], [x, _]: [f64; 2]| {
        let (s, c) = (t[2] * x).sin_cos();
        (t[0] * c + t[1] * s, [c, s, x * (t[1] * c - t[0] * s)])
    });
    let options = in_box([(-5.0, 5.0), (-5.0, 5.0), (0.1, 12.0)].map(Bounds::from), 60);
    let found = solve_global(&wave, rows.as_slice(), &options).expect("a box");
    compare("wave", &found, 1e-6);
    assert!(found.minima().count() == 8 && found.elsewhere > 0, "a wave has more minima than are listed: {found:?}");
}

#[test]
fn a_box_that_is_none_is_refused_by_name() {
    let rows: Vec<usize> = vec![1, 2];
    let law = Posed(mgh::FreudensteinRoth, Derivatives::Exact);
    let run = |options: &GlobalOptions<2>| solve_global(&law, rows.as_slice(), options);
    let good = in_box([Bounds::new(1.0, 20.0); 2], 5);
    for x in [f64::INFINITY, f64::NEG_INFINITY] {
        let mut open = good;
        open.solve.bounds[1] = if x > 0.0 { Bounds::new(1.0, x) } else { Bounds::new(x, 20.0) };
        let error = run(&open).expect_err("no end");
        assert!(matches!(error, SolveError::BadOption { field: "solve.bounds", parameter: Some(1), .. }), "{error:?}");
        assert!(error.to_string().contains("`solve.bounds` of parameter 1"), "{error}");
        // Held, it needs no bounds.
        open.solve.fixed[1] = Some(4.0);
        assert!(run(&open).is_ok_and(|found| found.best.theta[1] == 4.0), "held");
    }
    let mut log = good;
    (log.scale[0], log.solve.bounds[0]) = (Scale::Log, Bounds::new(0.0, 20.0));
    assert!(
        matches!(run(&log), Err(SolveError::BadOption { field: "scale", parameter: Some(0), .. })),
        "no logarithm of 0"
    );
    let none = GlobalOptions { starts: 0, ..good };
    assert!(matches!(run(&none), Err(SolveError::BadOption { field: "starts", .. })), "no starts");
    let mut nan = good;
    nan.solve.bounds[0] = Bounds::new(f64::NAN, 1.0);
    assert!(matches!(run(&nan), Err(SolveError::BadOption { field: "bounds", parameter: Some(0), .. })), "NaN");
    let empty: [usize; 0] = [];
    assert_eq!(solve_global(&law, &empty, &good).err(), Some(SolveError::NoObservations));
    // Where no start converges, the lowest end says so.
    let mut short = good;
    short.solve.max_iterations = 1;
    let found = run(&short).expect("a box");
    assert!(found.minima().next().is_none() && found.failed() == 5, "{found:?}");
    assert_eq!(found.ended(Termination::IterationLimit), 5);
    assert!(found.to_string().starts_with("none of 5 starts converged"), "{found}");
}
