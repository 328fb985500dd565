//! The problems of Moré, Garbow and Hillstrom from 1, 10 and 100 times their starts, with exact derivatives and with
//! differences, beside MINPACK's ends and evaluations (tests/oracles/mgh.py).
#![allow(clippy::disallowed_methods, reason = "a user's own law may use what its author likes")]
#![allow(clippy::needless_range_loop, reason = "sums over parameters read like the formulas")]
use syn2real::Law;
use syn2real::simd::{F64x8, LANES};
use syn2real::solve::{Solution, SolveOptions, Termination, solve};

use super::erased::Erased;
use super::mgh::{Derivatives, Mgh, Posed};

/// One run of MINPACK.
struct Peer {
    at_start: f64,
    end: f64,
    passes: f64,
}

/// That with exact derivatives, of problem and factor; the residuals there are written in numpy.
fn minpack(name: &str, factor: f64) -> Peer {
    let key = format!("{name},{factor},exact,");
    let line = include_str!("../data/mgh_minpack.csv").lines().find_map(|l| l.strip_prefix(key.as_str()));
    let fields: Vec<f64> = line.expect("a row").split(',').map(|x| x.parse().unwrap_or(f64::NAN)).collect();
    Peer { at_start: fields[0], end: fields[1], passes: fields[2] + fields[3] }
}

/// Ends that are no minima, with the reason. Everything else must converge to a known minimum.
fn expected(name: &str, factor: f64, derivatives: Derivatives) -> &'static [Termination] {
    use Termination::*;
    match (name, factor) {
        // The cost decreases towards infinity (Beale: x_1 to -infinity with x_1 (1 - x_2) constant; the others: an
        // exponential of a rate that goes to infinity).
        ("Beale", 10.0 | 100.0) | ("BiggsExp6" | "Box3", 100.0) => &[RanAway, SingularNormal],
        // exp(300 * 10) overflows.
        ("JennrichSampson", 100.0) => &[NonFinite],
        ("JennrichSampson", 10.0) => &[RanAway, StepSmall, Stalled],
        // Rank 1: what the data do not determine is said, at the minimum.
        ("LinearRank1" | "LinearRank1ZeroColumns", _) => &[SingularNormal, Stalled, GradientSmall],
        // x_1 at 0 and exp(-100) = 4e-44 leave no slope; MINPACK stays at the start, too.
        ("PowellBadlyScaled", 100.0) => &[DampingLimit, SingularNormal, RanAway],
        // MINPACK does not end within 20,000 evaluations either.
        ("Chebyquad8" | "Chebyquad9", 10.0 | 100.0) => &[IterationLimit],
        // Differences of a residual that vanishes with its slope have no correct digit: MINPACK takes all of its 20,000
        // evaluations to get to 1e-44.
        ("PowellSingular" | "ExtendedPowell", _) if derivatives != Derivatives::Exact => {
            &[IterationLimit, DampingLimit, Stalled]
        }
        // A derivative by a parameter at 1e-10 is wrong in its first digit when the step is relative to it.
        ("Gaussian" | "Watson9", _) if derivatives == Derivatives::Forward => &[DampingLimit, Stalled],
        _ => &[],
    }
}

/// Whether the formula that the documentation of the termination gives holds at the end, computed here from the rows.
fn holds<M: Mgh<P>, const P: usize>(problem: M, derivatives: Derivatives, start: &[f64; P], s: &Solution<P>) -> bool {
    let law = Posed(problem, derivatives);
    let (mut square, mut columns, mut slopes) = (0.0, [0.0; P], [0.0; P]);
    for i in 1..=M::ROWS {
        let (mut r, mut j) = (F64x8::splat(0.0), [F64x8::splat(0.0); P]);
        law.rows(&s.theta, &[i; LANES], &mut r, Some(&mut j));
        square += r.0[0] * r.0[0];
        for k in 0..P {
            columns[k] += j[k].0[0] * j[k].0[0];
            slopes[k] += j[k].0[0] * r.0[0];
        }
    }
    let (length, columns) = (square.sqrt(), columns.map(f64::sqrt));
    let model = (0..P).map(|k| columns[k] * s.theta[k].abs()).fold(0.0, f64::max);
    // Sums in another order: 1e-6 of a limit, and the rounding of a slope.
    let cosines_within = |limit: f64| {
        (0..P).all(|k| slopes[k].abs() <= (limit * (1.0 + 1e-6) + 4.0 * f64::EPSILON) * columns[k] * length)
    };
    match s.termination {
        Termination::ExactFit => length <= 4.0 * f64::EPSILON * model * (1.0 + 1e-6),
        Termination::GradientSmall => cosines_within(f64::EPSILON),
        Termination::Stalled => cosines_within(2.0_f64.powi(-17)),
        Termination::IterationLimit => s.iterations == 3000 || s.iterations == 300,
        Termination::RanAway => (0..P).any(|k| s.theta[k].abs() >= 2.0 * start[k].abs()),
        Termination::SingularNormal => s.covariance(1.0).is_none(),
        // g' H^-1 g / 2 < 4 eps (cost + |r| max |J theta|) for a Hessian that is not seen here; with H of the size of J'J the
        // cosines are below sqrt(8 eps (1 + max |J theta| / |r|)).
        Termination::CostReductionSmall => cosines_within(10.0 * (8.0 * f64::EPSILON * (1.0 + model / length)).sqrt()),
        Termination::NonFinite => !square.is_finite(),
        _ => true,
    }
}

/// Runs one, prints its line, and gives what is wrong with it.
fn judge<M: Mgh<P>, const P: usize>(problem: M, derivatives: Derivatives, factor: f64) -> (Option<String>, u32) {
    // A start of zeros: times a factor nothing would change.
    let start = if M::START == [0.0; P] { [factor - 1.0; P] } else { M::START.map(|x| x * factor) };
    let rows: Vec<usize> = (1..=M::ROWS).collect();
    // The default is 10,000. What does not end in 3,000, or in 300 (Chebyquad from afar), does not in 10,000 either.
    let max_iterations = if M::NAME.starts_with("Chebyquad") { 300 } else { 3000 };
    let options = SolveOptions { max_iterations, ..SolveOptions::default() };
    let s = solve(&Erased(&Posed(problem, derivatives)), rows.as_slice(), start, &options).expect("valid options");
    let (peer, end) = (minpack(M::NAME, factor), 2.0 * s.cost);
    let first: f64 = rows.iter().map(|&i| M::residual(&start, i)).map(|r| r * r).sum();
    println!(
        "{:23} {factor:4} {derivatives:?} {end:13.6e} {:13.6e} {:?} {:5} {:5} {:6} {:?}",
        M::NAME,
        peer.end,
        M::MINIMA,
        s.iterations,
        s.evaluations,
        peer.passes,
        s.termination,
    );
    let wrong = |what: String| (Some(format!("{} {factor} {derivatives:?}: {what}", M::NAME)), s.evaluations);
    // Ten digits are printed; below 1e-30 is rounding.
    if peer.at_start.is_finite() && (first - peer.at_start).abs() > 1e-9 * first + 1e-30 {
        return wrong(format!("{first} at the start, not {}", peer.at_start));
    }
    if !holds(problem, derivatives, &start, &s) {
        return wrong(format!("the formula of {:?} does not hold: {s:?}", s.termination));
    }
    let allowed = expected(M::NAME, factor, derivatives);
    // Twice MINPACK's passes, and 60 for the slack of a stall (40 trials); but for Meyer from 100 times its start, where
    // the way is 1,800 bent steps and MINPACK gets through in 287 (from 10 times it takes 1,797, and we 440).
    let dear = derivatives == Derivatives::Exact && f64::from(s.evaluations) > 2.0 * peer.passes + 60.0;
    if dear && (M::NAME, factor) != ("Meyer", 100.0) && (M::NAME, factor) != ("PowellBadlyScaled", 100.0) {
        return wrong(format!("{} passes, MINPACK {}", s.evaluations, peer.passes));
    }
    if allowed.contains(&s.termination) {
        return (None, s.evaluations);
    }
    if !s.termination.is_converged() {
        return wrong(format!("{:?} at {end:e}", s.termination));
    }
    // Six digits are printed. A sum of squares of 0 is reached to rounding: 1e-20 of that of the start (residuals of 1e-10
    // of those).
    let is_known = M::MINIMA.iter().any(|m| (end - m).abs() <= 1e-5 * m + 1e-20 * first + 1e-30);
    if !is_known {
        return wrong(format!("{end:e} is none of {:?}", M::MINIMA));
    }
    (None, s.evaluations)
}

fn run_all(derivatives: Derivatives) -> Vec<(&'static str, f64, u32)> {
    println!(
        "problem                 factor             sum of squares, MINPACK's, known minima, iterations, passes, MINPACK's, end"
    );
    let (mut failures, mut counts) = (Vec::new(), Vec::new());
    macro_rules! run {
        ($problem:expr, $p:literal) => {
            for factor in [1.0, 10.0, 100.0] {
                let (failure, passes) = judge($problem, derivatives, factor);
                failures.extend(failure);
                counts.push((stringify!($problem), factor, passes));
            }
        };
    }
    each_mgh_problem!(run);
    assert!(failures.is_empty(), "{failures:#?}");
    counts
}

#[test]
fn more_garbow_hillstrom_with_exact_derivatives() {
    let counts = run_all(Derivatives::Exact);
    let ends = |name: &str| !name.contains("Chebyquad") && !name.contains("PowellBadlyScaled");
    let counts = counts.into_iter().filter(|(name, ..)| ends(name));
    let (mut ours, mut theirs) = (0.0, 0.0);
    for (name, factor, passes) in counts {
        ours += f64::from(passes);
        theirs += minpack(name.rsplit(':').next().unwrap_or(name).trim(), factor).passes;
    }
    println!("{ours} passes where both end, MINPACK {theirs}");
    // 14,000 against 29,700 when this was written.
    assert!(ours <= 0.6 * theirs, "{ours} {theirs}");
}

#[test]
fn more_garbow_hillstrom_with_forward_differences() {
    run_all(Derivatives::Forward);
}

#[test]
fn more_garbow_hillstrom_with_central_differences() {
    run_all(Derivatives::Central);
}
