//! Laws that may be the true one: draws from the posterior of law (1) under a flat prior.
//!
//! The prior is flat in X, the part that falls at the middle of ln n, and in C, within the bounds of the fit, and falls as
//! e^-alpha: rates above a few are rare, and the data do not tell them apart. The noise has the prior 1 / sigma, and is
//! integrated where the weights are relative, so that a law has the density cost^(-m/2) for m points. A chain of Metropolis
//! steps (Metropolis et al. 1953) along the covariance of the fit, their width adapted while it settles, each fourth one of alpha
//! alone from its prior. The chain is counter-based: the same draws on every machine.
use crate::fit::each;
use crate::infer::Problem;
use crate::infer::bootstrap::Stream;
use crate::law::Syn2RealLaw;
use crate::math;
use crate::solve::Bounds;

use super::error::PlanError;
use super::local::Simple;

/// Steps before the first draw, and from one to the next.
const SETTLING: u64 = 1000;
const BETWEEN: u64 = 16;

/// The width of a step with which it begins, in standard deviations (Roberts, Gelman and Gilks 1997: 2.38 / sqrt 3), and the share
/// of steps that should be taken.
const WIDTH: f64 = 1.37;
const TAKEN: f64 = 0.3;

/// Root mean square residual, relative, below which data are exact.
const EXACT: f64 = 1e-12;

/// A law that may be the true one, and the standard deviation of a residual of weight 1.
#[derive(Clone, Copy)]
pub(super) struct Truth {
    pub(super) law: Syn2RealLaw,
    pub(super) sigma: f64,
}

/// The chain.
pub(super) struct Draws<'a> {
    problem: &'a Problem<'a>,
    /// ln of the size at which X is the part that falls.
    reference: f64,
    /// Of X, alpha, C: the factor of their covariance.
    root: [[f64; 3]; 3],
    width: f64,
    at: [f64; 3],
    cost: f64,
    least: f64,
    stream: Stream,
    step: u64,
}

impl<'a> Draws<'a> {
    /// [`PlanError::NoCovariance`] where the scatter is unknown.
    pub(super) fn new(problem: &'a Problem<'a>, seed: u64) -> Result<Draws<'a>, PlanError> {
        let fit = problem.fit;
        let simple = Simple::new(fit, each(problem.data));
        if simple.local.degrees_of_freedom <= 0 {
            return Err(PlanError::NoCovariance);
        }
        let variance = simple.local.variance;
        let weights: f64 = each(problem.data).map(|p| p.weight).sum();
        let law = fit.law();
        let mut draws = Draws {
            problem,
            reference: simple.reference,
            root: root(&simple.local.covariance.map(|row| row.map(|v| v * variance))),
            width: WIDTH,
            at: [simple.x, law.rate(), law.c],
            cost: 0.0,
            least: 0.5 * EXACT * EXACT * weights,
            stream: Stream::new(seed, 0),
            step: 0,
        };
        draws.cost = draws.cost_of(draws.at).ok_or(PlanError::NoCovariance)?;
        for _ in 0..SETTLING {
            let is_taken = draws.advance();
            // Robbins and Monro (1951).
            let rate = 1.0 / math::sqrt(1.0 + draws.step as f64);
            draws.width *= math::exp(rate * (if is_taken { 1.0 } else { 0.0 } - TAKEN));
        }
        Ok(draws)
    }

    /// The next draw.
    pub(super) fn next(&mut self) -> Truth {
        for _ in 0..BETWEEN {
            self.advance();
        }
        let report = self.problem.fit.report();
        let sigma = match report.weights.is_absolute() {
            true => 1.0,
            // 2 cost / sigma^2 is chi^2 with a degree of freedom for each point; its cube root is nearly normal (Wilson and
            // Hilferty 1931).
            false => {
                let (m, z) = (report.points as f64, self.normal(7));
                let part = 2.0 / (9.0 * m);
                let root = 1.0 - part + z * math::sqrt(part);
                let chi_square = m * root * root * root;
                math::sqrt(2.0 * self.cost / chi_square.max(1e-3 * m))
            }
        };
        Truth { law: self.law_of(self.at), sigma }
    }

    /// A step; whether it was taken.
    fn advance(&mut self) -> bool {
        self.step += 1;
        let [x, alpha, c] = self.at;
        let [_, alpha_held, _] = self.problem.fit.report().fixed;
        let (to, prior) = if self.step & 3 == 0 && !alpha_held {
            // From the prior, which cancels.
            ([x, -math::ln(self.unit(0)), c], 0.0)
        } else {
            let z = [0, 1, 2].map(|k| self.width * self.normal(k));
            let along = self.root.map(|row| row.iter().zip(z).map(|(l, z)| l * z).sum::<f64>());
            let [dx, dalpha, dc] = along;
            ([x + dx, alpha + dalpha, c + dc], -dalpha)
        };
        let Some(cost) = self.cost_of(to) else { return false };
        let gain = match self.problem.fit.report().weights.is_absolute() {
            true => self.cost - cost,
            false => 0.5 * self.problem.fit.report().points as f64 * math::ln(self.cost / cost),
        };
        let is_taken = math::ln(self.unit(6)) < gain + prior;
        if is_taken {
            (self.at, self.cost) = (to, cost);
        }
        is_taken
    }

    fn law_of(&self, [x, alpha, c]: [f64; 3]) -> Syn2RealLaw {
        let d = if x > 0.0 { math::exp(math::ln(x) + alpha * self.reference) } else { 0.0 };
        Syn2RealLaw { d, alpha, c }
    }

    /// The cost of a law; `None` outside of the domain.
    fn cost_of(&self, at: [f64; 3]) -> Option<f64> {
        let [d, alpha, c] = self.problem.domain.user;
        let [fixed_d, fixed_alpha, fixed_c] = self.problem.domain.fixed;
        let within = |v: f64, b: Bounds, is_held: bool| is_held || (v >= b.lower && v <= b.upper);
        let law = self.law_of(at);
        let is_inside = at[0] >= 0.0
            && within(law.d, d, fixed_d)
            && within(law.alpha, alpha, fixed_alpha)
            && within(law.c, c, fixed_c)
            && law.d < f64::INFINITY
            && law.d + law.c > 0.0;
        if !is_inside {
            return None;
        }
        let cost = self.problem.evaluate_nodes(self.problem.theta_of(law)).cost * self.problem.cost_scale();
        Some(cost.max(self.least)).filter(|cost| cost.is_finite())
    }

    fn unit(&self, draw: u64) -> f64 {
        self.stream.unit(self.step * 8 + draw)
    }

    fn normal(&self, draw: u64) -> f64 {
        math::normal_quantile(self.unit(draw))
    }
}

/// The lower triangle whose square is this matrix; zeros where that has none.
fn root(v: &[[f64; 3]; 3]) -> [[f64; 3]; 3] {
    let mut l = [[0.0; 3]; 3];
    for i in 0..3 {
        for j in 0..=i {
            let sum = v[i][j] - l[i].iter().zip(&l[j]).take(j).map(|(a, b)| a * b).sum::<f64>();
            l[i][j] = match (i == j, l[j][j] > 0.0) {
                (true, _) if sum > 0.0 => math::sqrt(sum),
                (false, true) => sum / l[j][j],
                _ => 0.0,
            };
        }
    }
    l
}

/// The noise of a measurement that has not been made, the same for the same path, candidate and repetition.
pub(super) fn noise(seed: u64, path: u64, candidate: usize, repetition: usize) -> f64 {
    Stream::new(seed, path).unit((candidate as u64) * 16 + repetition as u64)
}
