//! How often intervals of the laws over n and s hold the truth: shared by the example that prints the table and the test.
#![allow(clippy::disallowed_methods, reason = "a simulation is not core")]
use syn2real::infer::{GridQuantity, Method, grid_interval};
use syn2real::{AdditiveLaw, Confidence, FullLaw, GridFit, GridLaw, Parameter};

use super::simulation::{Rng, Tally};

/// The paper's Appendix C.2, a law that falls far, and an additive one.
pub(crate) const PAPER: FullLaw = FullLaw { delta: 41.8, gamma: 0.478, alpha: 0.544, beta: 0.322, n0: 0.0, e: 0.0 };
pub(crate) const DEEP: FullLaw = FullLaw { delta: 40.0, gamma: 0.01, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
pub(crate) const SUM: AdditiveLaw = AdditiveLaw { a: 8.0, alpha: 0.5, b: 20.0, beta: 0.4, e: 0.1 };

/// Standard deviations of ln error: about the .003 of the authors' grid, and three times that.
pub(crate) const NOISE: [f64; 2] = [0.003, 0.01];

/// Names of the quantities.
pub(crate) const NAMES: [&str; 7] = ["alpha", "beta", "gamma/E", "L(4 n, s)", "gap(s)", "n*(s)", "s*(n)"];

/// Sizes 1000 2^i and 25,000 2^k: 7 x 6 (42 points), or 4 x 3.
pub(crate) fn sizes(is_small: bool) -> Vec<(f64, f64)> {
    let (n, s) = if is_small { (4, 3) } else { (7, 6) };
    (0..n * s).map(|k| (1e3 * 2f64.powi(k % n), 25e3 * 2f64.powi(k / n))).collect()
}

/// The quantities with their true values; the gap and n* at the largest s, s* at the largest n.
fn asked<L: GridLaw>(law: &L, sizes: &[(f64, f64)]) -> [(GridQuantity, f64); 7] {
    let (n_max, s_max) = sizes.iter().fold((0.0_f64, 0.0_f64), |(n, s), p| (n.max(p.0), s.max(p.1)));
    let of = |parameter| (GridQuantity::Parameter(parameter), law.parameter(parameter).unwrap_or(f64::NAN));
    let third = if law.parameter(Parameter::Gamma).is_some() { Parameter::Gamma } else { Parameter::E };
    let by_n = GridQuantity::SamplesFor { target: law.value_at(4.0 * n_max, s_max), s: s_max };
    let by_s = GridQuantity::FineTuneSizeFor { target: law.value_at(n_max, 4.0 * s_max), n: n_max };
    [
        of(Parameter::Alpha),
        of(Parameter::Beta),
        of(third),
        (GridQuantity::ErrorAt { n: 4.0 * n_max, s: s_max }, law.value_at(4.0 * n_max, s_max)),
        (GridQuantity::GapAt { s: s_max }, law.over_n(s_max).c),
        (by_n, 4.0 * n_max),
        (by_s, 4.0 * s_max),
    ]
}

/// `replicates` seeded tables of one law, one grid and one noise; `fit` fits them. Those that have no fit or no end of an
/// interval count as intervals without ends, and are told by the second number.
pub(crate) fn cell<L: GridLaw, const P: usize>(
    law: &L,
    is_small: bool,
    noise: f64,
    (replicates, seed): (u32, u64),
    method: Method,
    fit: impl Fn(&[(f64, f64, f64)]) -> Option<GridFit<L, P>>,
) -> ([Tally; 7], u32) {
    let sizes = sizes(is_small);
    let asked = asked(law, &sizes);
    let (mut tallies, mut failed) = ([Tally::default(); 7], 0);
    for replicate in 0..replicates {
        let mut rng = Rng::new(seed, replicate);
        let points: Vec<(f64, f64, f64)> =
            sizes.iter().map(|&(n, s)| (n, s, law.value_at(n, s) * (noise * rng.normal()).exp())).collect();
        let fit = fit(&points);
        for (tally, &(quantity, truth)) in tallies.iter_mut().zip(&asked) {
            let found = fit.as_ref().map(|f| grid_interval(f, &points, quantity, Confidence::P95, method));
            let (lower, upper) = match found {
                Some(Ok(interval)) => (interval.lower, interval.upper),
                _ => {
                    failed += 1;
                    (None, None)
                }
            };
            let is_held = lower.is_none_or(|l| l <= truth) && upper.is_none_or(|u| truth <= u);
            // What runs to the end of the range of f64 is no limit.
            let is_bounded = lower.is_some_and(|l| l > 0.0) && upper.is_some_and(|u| u < 1e100);
            tally.count += 1;
            tally.held += u32::from(is_held);
            tally.bounded += u32::from(is_bounded);
            tally.missed += u32::from(is_bounded && !is_held);
        }
    }
    (tallies, failed)
}
