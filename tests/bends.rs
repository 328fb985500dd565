//! The laws that bend: the search is complete, the laws are whole at their limits.
//!
//! `SYN2REAL_COUNT=N` judges N curves for each law and residual space, `SYN2REAL_FIRST=K` begins at the K-th;
//! `SYN2REAL_FULL=1` is 20,000.
#![allow(clippy::disallowed_methods, reason = "the oracle is not core: std's mathematics is the independent one")]
#![allow(unreachable_pub, reason = "modules of a test are reached by that test alone")]
mod common;
#[path = "bends/draw.rs"]
mod draw;
#[path = "bends/oracle.rs"]
mod oracle;

use common::rng::Rng;
use draw::{Drawn, KINDS};
use oracle::{BETA, LAWS, Law, Problem};
use syn2real::{
    BendFit, BentLaw, Bounds, Class, FitError, FitOptions, Loss, Point, RectifiedLaw, Residual, ShiftedLaw,
};

/// What the judge wants to know of a fit: A, C, n_h, beta, kappa.
struct Fitted {
    parameters: [f64; 5],
    cost: f64,
    class: Class,
}

fn fitted<L: Copy, const P: usize>(fit: &BendFit<L, P>, parameters: impl Fn(L) -> [f64; 5]) -> Fitted {
    Fitted { parameters: parameters(fit.law()), cost: fit.report().cost, class: fit.report().class }
}

fn options(problem: &Problem) -> FitOptions {
    let fixed = |[lo, hi]: [f64; 2]| (lo == hi).then_some(lo);
    let plain = FitOptions::default();
    let bounds =
        |ends: [f64; 2], plain: Bounds| if fixed(ends).is_some() { plain } else { Bounds::new(ends[0], ends[1]) };
    FitOptions {
        residual: if problem.log { Residual::Log } else { Residual::Linear },
        loss: if problem.delta < f64::INFINITY { Loss::HuberAbsolute { delta: problem.delta } } else { Loss::Square },
        fixed_alpha: fixed(problem.alpha),
        fixed_c: fixed(problem.c),
        alpha: bounds(problem.alpha, plain.alpha),
        c: bounds(problem.c, plain.c),
        ..plain
    }
}

fn points(problem: &Problem) -> Vec<Point> {
    let all = problem.n.iter().zip(&problem.error).zip(&problem.weight);
    all.map(|((n, error), weight)| Point::new(*n, *error).with_weight(*weight)).collect()
}

fn fit(problem: &Problem) -> Result<Fitted, FitError> {
    let (points, options) = (points(problem), options(problem));
    match problem.law {
        Law::Rectified => {
            RectifiedLaw::fit_with(&points, &options).map(|fit| fitted(&fit, |l| [l.a, l.c, l.n_h, l.beta, 1.0]))
        }
        Law::Shifted => {
            ShiftedLaw::fit_with(&points, &options).map(|fit| fitted(&fit, |l| [l.a, l.c, l.n_h, 1.0, l.alpha]))
        }
        Law::Bent => {
            BentLaw::fit_with(&points, &options).map(|fit| fitted(&fit, |l| [l.a, l.c, l.n_h, l.beta, l.kappa]))
        }
    }
}

/// Residuals of 1e-10, in units of what they are relative to: along the valleys of exact curves, whose curvature is 1e-13 of
/// that across them, the derivatives show no more.
fn rounding(problem: &Problem) -> f64 {
    1e-20 * problem.weight.iter().sum::<f64>() * problem.size() * problem.size()
}

/// Judges a fit against the dense search: no dearer, in the domain, and the law costs what the report says.
fn judge(drawn: &Drawn, index: usize) -> Result<(), String> {
    let problem = &drawn.problem;
    let got = match fit(problem) {
        Ok(got) => got,
        Err(why) => return Err(format!("{why}")),
    };
    let [a, c, n_h, beta, kappa] = got.parameters;
    let first = problem.n.iter().filter(|n| **n > 0.0).fold(f64::INFINITY, |x, n| x.min(*n));
    let law = BentLaw { a, c, n_h, beta, kappa };
    let mut hints = vec![drawn.truth];
    if a > c {
        hints.push([(law.error_at(first) - c).max(1e-300).ln(), c, n_h.ln(), beta.ln(), kappa * beta]);
    }
    let best = problem.search(&hints, &mut Rng::new(0x0b, index as u64));
    // No decrease at all is a law of its own.
    let is_bad = !(got.cost <= best.cost * (1.0 + 1e-6) + rounding(problem));
    let text = |what: &str| {
        let found = (got.parameters, got.class);
        Err(format!("{what}: cost {:e} of {found:?}, best {best:?}", got.cost))
    };
    if is_bad {
        return text("dearer");
    }
    let own = problem.cost_of(|n| law.error_at(n));
    // The law is a sum of A and C: its rounding is relative to A, and grows with alpha ln(n / n_h) (law docs).
    let steep = problem.n.iter().filter(|n| **n > 0.0).map(|n| (n / n_h).ln().abs()).fold(0.0, f64::max);
    let digits = if a > c { (8.0 + kappa * beta * steep + (a / c.max(1e-3 * a)).ln()) * 4.4e-16 } else { 1e-15 };
    let weight: f64 = problem.weight.iter().sum();
    let slack =
        2.0 * digits * problem.size() * (2.0 * got.cost * weight).sqrt() + weight * (digits * problem.size()).powi(2);
    if !((own - got.cost).abs() <= 1e-9 * got.cost + slack + rounding(problem)) {
        return text(&format!("the law costs {own:e}"));
    }
    let within = |x: f64, [lo, hi]: [f64; 2]| x >= lo * (1.0 - 1e-12) && x <= hi * (1.0 + 1e-12);
    let is_inside = a >= c && within(c, problem.c) || got.class == Class::Flat;
    let rates = a == c || (within(kappa * beta, problem.alpha) && within(beta, BETA));
    if is_inside && rates { Ok(()) } else { text("outside the domain") }
}

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn no_fit_costs_more_than_the_dense_search_finds() {
    let count = number("SYN2REAL_COUNT").unwrap_or(if common::full() { 20_000 } else { 150 });
    let first = number("SYN2REAL_FIRST").unwrap_or(0);
    let mut failures = 0;
    for law in LAWS {
        for log in [true, false] {
            let judged = common::parallel(count, |index| {
                let drawn = draw::draw(law, log, first + index);
                judge(&drawn, first + index).map_err(|why| (first + index, drawn.kind, drawn.sigma, why))
            });
            let bad: Vec<_> = judged.into_iter().filter_map(Result::err).collect();
            let space = if log { "log" } else { "linear" };
            println!("{law:?}, {space}: {} of {count} right", count - bad.len());
            for (index, kind, sigma, why) in bad.iter().take(40) {
                println!("  {index} ({}, noise {sigma}): {why}", KINDS[*kind]);
            }
            failures += bad.len();
        }
    }
    assert_eq!(failures, 0, "fits that are not the global optimum");
}
