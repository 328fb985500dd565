//! Curves from the whole product of what may come, the edges of the laws often.
use crate::common::rng::Rng;

use super::oracle::{Law, Place, Problem};

/// What the curve was drawn from.
pub const KINDS: [&str; 12] = [
    "bent",
    "law (1)",
    "kappa = 1",
    "beta = 1",
    "n_h before the data",
    "n_h beyond the data",
    "corner",
    "C = 0",
    "flat",
    "step",
    "errors over decades",
    "noise only",
];

pub struct Drawn {
    pub problem: Problem,
    pub kind: usize,
    /// The law that was drawn, as a place.
    pub truth: Place,
    pub sigma: f64,
}

/// Curve `index` of a law and a residual space.
pub fn draw(law: Law, log: bool, index: usize) -> Drawn {
    let mut rng = Rng::new(0xbe4d, index as u64);
    let rng = &mut rng;
    let kind = if rng.unit() < 0.25 { 0 } else { rng.between(0, KINDS.len() - 1) };
    let m = if rng.unit() < 0.5 { rng.between(7, 15) } else { rng.between(7, 40) };
    let low = rng.log_uniform(1.0, 1e4);
    let decades = if kind == 10 && rng.unit() < 0.2 { 12.0 } else { 6.0 };
    let high = low * 10_f64.powf(rng.uniform(0.7, decades));
    let is_grid = rng.unit() < 0.5;
    let mut n: Vec<f64> = (0..m)
        .map(|i| if is_grid { low * (high / low).powf(i as f64 / (m - 1) as f64) } else { rng.log_uniform(low, high) })
        .collect();
    (n[0], n[1]) = (low, high);
    if rng.unit() < 0.2 {
        // Six sizes and more stay distinct.
        for i in 6..m {
            if rng.unit() < 0.4 {
                n[i] = n[rng.between(0, i - 1)];
            }
        }
    }
    let has_untrained = rng.unit() < 0.3;
    if has_untrained {
        n.push(0.0);
        if rng.unit() < 0.3 {
            n.push(0.0);
        }
    }
    let span = (high / low).ln();
    let mut beta = (0.7 * rng.normal()).exp().max(0.1).min(9.0);
    let mut alpha = (beta * (0.8 * rng.normal() - 0.3).exp()).max(0.05).min(9.0);
    let mut u = rng.uniform(low.ln(), high.ln());
    let level = rng.log_uniform(0.05, 3.0);
    let mut c = level * rng.uniform(0.0, 0.6);
    let mut drop = 1.0;
    match kind {
        1 => u = low.ln() - 40.0 / beta,
        2 => alpha = beta,
        3 => beta = 1.0,
        4 => u = low.ln() - rng.uniform(0.5, 8.0) / beta,
        5 => u = high.ln() + rng.uniform(0.1, 4.0) / beta,
        6 => beta = rng.uniform(8.0, 20.0),
        7 => c = 0.0,
        8 => drop = 0.0,
        9 => (beta, alpha) = (rng.uniform(4.0, 10.0), rng.uniform(6.0, 12.0)),
        10 => {
            alpha = (rng.uniform(2.0, 20.0) / (0.5 * span)).min(10.0);
            c = level * 10_f64.powf(-rng.uniform(2.0, 9.0));
        }
        _ => {}
    }
    let sigma = *rng.pick(&[0.0, 1e-6, 1e-3, 0.01, 0.01, 0.03, 0.05, 0.1, 0.2]);
    let kappa = alpha / beta;
    // The level is the error at the smallest n, but for C.
    let fall = |t: f64| {
        let z = beta * (t - u);
        kappa * (z.max(0.0) + (-z.abs()).exp().ln_1p())
    };
    let start = fall(low.ln());
    // An error without pre-training that is larger than all others by more than half the digits hides them in linear space.
    let most = if log { 30.0 } else { 8.0 };
    let model = |n: f64| {
        let by = if n == 0.0 { start } else { start - fall(n.ln()) };
        c + drop * level * by.min(most).exp() + (1.0 - drop) * level
    };
    let mut error: Vec<f64> = n
        .iter()
        .map(|&n| {
            let noise = sigma * rng.normal();
            if kind == 11 { level * (-2.0 * rng.unit()).exp() } else { model(n) * noise.exp() }
        })
        .collect();
    // Units of both.
    let (unit_n, unit_l) =
        if rng.unit() < 0.2 { (rng.log_uniform(1e-9, 1e9), rng.log_uniform(1e-9, 1e9)) } else { (1.0, 1.0) };
    n.iter_mut().for_each(|n| *n *= unit_n);
    error.iter_mut().for_each(|e| *e *= unit_l);
    let c = c * unit_l;
    let count = n.len();
    let mut weight = vec![1.0; count];
    if rng.unit() < 0.2 {
        weight.iter_mut().for_each(|w| *w = rng.log_uniform(1e-3, 1e3));
    }
    let mut alpha_bounds = [0.0, 10.0];
    let mut c_bounds = [0.0, f64::INFINITY];
    if rng.unit() < 0.1 {
        alpha_bounds = [rng.uniform(0.0, 1.2) * alpha, alpha * rng.uniform(1.3, 3.0)];
        alpha_bounds[1] = alpha_bounds[1].min(10.0);
        alpha_bounds[0] = alpha_bounds[0].min(0.5 * alpha_bounds[1]);
    } else if rng.unit() < 0.08 {
        alpha_bounds = [(alpha * rng.log_uniform(0.5, 2.0)).min(10.0).max(0.05); 2];
    }
    if rng.unit() < 0.1 {
        c_bounds = [c * rng.uniform(0.0, 1.2), c.max(1e-3 * level * unit_l) * rng.uniform(1.3, 3.0)];
    } else if rng.unit() < 0.08 {
        c_bounds = [c * rng.uniform(0.5, 1.3); 2];
    }
    let unit = if log { 1.0 } else { level * unit_l };
    // Of pure noise Huber's loss with a delta far below the scatter has a minimum in every corner.
    let sigma_of_all = if kind == 11 { 0.5 } else { sigma.max(1e-3) };
    let delta = if rng.unit() < 0.12 { unit * sigma_of_all * rng.log_uniform(0.3, 5.0) } else { f64::INFINITY };
    let problem = Problem { law, n, error, weight, log, alpha: alpha_bounds, c: c_bounds, delta };
    let truth = [(level * unit_l).ln(), c, u + unit_n.ln(), beta.ln(), alpha];
    Drawn { problem, kind, truth, sigma }
}
