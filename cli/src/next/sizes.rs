//! The sizes that can be measured, and what a measurement weighs.
use syn2real::plan::LARGEST_COUNT;
use syn2real::{Point, Syn2RealFit};

/// Doublings beyond the largest n measured among the candidates, as far as the planner itself looks.
const DOUBLINGS: i32 = 3;
/// Candidates beyond these, spread evenly in ln n up to the budget, which is the last.
const BEYOND: i32 = 4;

/// Sizes measured that are candidates at most: each is weighed with as many fits as any other.
const MEASURED: usize = 20;

/// All of the sizes, or so many of them, spread evenly, the ends among them.
fn few(mut sizes: Vec<f64>) -> Vec<f64> {
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    let last = sizes.len().saturating_sub(1);
    if last < MEASURED {
        return sizes;
    }
    (0..MEASURED).map(|k| sizes[k * last / (MEASURED - 1)]).collect()
}

/// Those asked for, or the sizes measured and some beyond.
pub(super) fn sizes(
    asked: &[f64],
    budget: Option<f64>,
    fit: &Syn2RealFit,
    measured: impl Iterator<Item = f64>,
) -> Vec<f64> {
    if !asked.is_empty() {
        return asked.to_vec();
    }
    let largest = fit.report().n_max;
    let beyond = (1..=DOUBLINGS).map(|k| largest * 2.0_f64.powi(k));
    let measured = few(measured.collect());
    let mut sizes: Vec<f64> =
        measured.into_iter().chain(beyond).filter(|n| budget.is_none_or(|most| *n <= most)).collect();
    if let Some(budget) = budget.map(|most| most.min(LARGEST_COUNT)).filter(|most| *most > largest) {
        let start = (largest * 2.0_f64.powi(DOUBLINGS)).min(budget);
        let ratio = (budget / start).powf(1.0 / f64::from(BEYOND));
        // Whole where all that was measured is.
        let whole = sizes.iter().all(|n| *n >= 1.0 && *n == n.trunc());
        let between = (1..BEYOND).map(|k| start * ratio.powi(k)).map(|n| if whole { n.round() } else { n });
        sizes.extend(between.filter(|n| ratio > 1.0 && *n < budget).chain([budget]));
    }
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    sizes
}

/// What the measurement is weighed with: 1, or the median sigma where sigmas are given.
pub(super) fn weight(are_sigmas: bool, points: &[Point]) -> f64 {
    if !are_sigmas {
        return 1.0;
    }
    let mut sigmas: Vec<f64> = points.iter().map(|p| p.weight).filter(|sigma| *sigma > 0.0).collect();
    sigmas.sort_by(f64::total_cmp);
    sigmas.get(sigmas.len() / 2).copied().unwrap_or(1.0)
}
