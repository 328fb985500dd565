//! Damped least squares.
mod bounds;
mod data;
mod descent;
mod normal;
mod options;
mod search;
mod stop;

pub use bounds::{Bounds, Side};
pub use data::{Mapped, Observations};
pub use options::{Loss, OptionError, SolveOptions};
pub use stop::Termination;

use crate::law::Law;
use crate::linalg::Triangle;
use descent::qr_step;
pub(crate) use descent::{Step, normal_step};
pub(crate) use normal::Normal;
use normal::Pass;
use search::Damping;

/// sol
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Solution<const P: usize> {
    /// t
    pub theta: [f64; P],
    /// c
    pub cost: f64,
    /// t
    pub termination: Termination,
    /// i
    pub iterations: u32,
    /// e
    pub evaluations: u32,
    /// a
    pub active: [Option<Side>; P],
    /// g
    pub gradient: [f64; P],
    /// r
    pub residuals: usize,
    pub(crate) r: Triangle<P>,
}

impl<const P: usize> Solution<P> {
    /// se
    pub fn std_errors(&self) -> [Option<f64>; P] {
        let free = self.active.map(|s| s.is_none());
        let inv = self.r.inverse_gram(&free);
        let dof = self.residuals as f64 - P as f64;
        core::array::from_fn(|j| Some(crate::math::sqrt(2.0 * self.cost / dof * inv[j][j])))
    }
    /// cond
    pub fn condition(&self) -> f64 {
        self.r.condition(&self.active.map(|s| s.is_none()))
    }
}

/// solve
pub fn solve<L: Law<P>, const P: usize, D: Observations<L::Observation> + ?Sized>(
    law: &L,
    data: &D,
    start: [f64; P],
    o: &SolveOptions<P>,
) -> Solution<P> {
    let delta = f64::INFINITY;
    let mut theta: [f64; P] = core::array::from_fn(|j| o.bounds[j].clamp(start[j]));
    let mut at = Pass { law, data, theta: &theta, delta }.normal(o.isa);
    let (mut evaluations, mut iterations) = (1, 0);
    let mut damping = Damping::<P>::new(o.initial_damping, o.k);
    let mut polish = false;
    let mut last = f64::INFINITY;
    let termination = loop {
        if !at.residuals_finite() || !at.jacobian_finite() {
            break Termination::NonFinite;
        }
        damping.see(&at.gram);
        let held = bounds::held(&theta, &at.gradient, &o.bounds);
        let free = held.map(|s| s.is_none());
        if stop::exact_fit(&at, &theta) {
            break Termination::ExactFit;
        }
        if stop::gradient_small(&at, &free, o.gradient_tolerance) {
            break Termination::GradientSmall;
        }
        if iterations == o.max_iterations {
            break Termination::IterationLimit;
        }
        let none = [0.0; P];
        let step: Step<P> = if polish {
            let factored = Pass { law, data, theta: &theta, delta }.factor(o.isa);
            evaluations += 1;
            qr_step(&at, &factored, &none, &theta, &o.bounds, &held)
        } else {
            let step = normal_step(&at, &damping.ridge(), &theta, &o.bounds, &held);
            if step.pivot_ratio < 1e-12 {
                let factored = Pass { law, data, theta: &theta, delta }.factor(o.isa);
                evaluations += 1;
                qr_step(&at, &factored, &damping.ridge(), &theta, &o.bounds, &held)
            } else {
                step
            }
        };
        let scaled = stop::scaled_step(&at, &theta, &step.boxed.delta);
        if !polish && scaled <= o.k[6] * o.k[6] {
            polish = true;
            continue;
        }
        iterations += 1;
        let noise = stop::noise(&at, &theta);
        let trial = Pass { law, data, theta: &step.boxed.theta, delta }.normal(o.isa);
        evaluations += 1;
        if trial.residuals_finite()
            && trial.jacobian_finite()
            && (trial.cost <= at.cost || (step.predicted <= noise && trial.cost <= at.cost + noise))
        {
            let gain = if step.predicted > noise { (at.cost - trial.cost) / step.predicted } else { 1.0 };
            damping.accept(gain);
            theta = step.boxed.theta;
            at = trial;
            if polish {
                if scaled <= o.step_tolerance * o.step_tolerance {
                    break Termination::StepSmall;
                }
                if step.predicted <= noise && scaled >= 0.8 * last {
                    break Termination::CostReductionSmall;
                }
                last = scaled;
            }
        } else if polish {
            if step.predicted <= noise {
                break Termination::CostReductionSmall;
            }
            if damping.lambda > 1.0 {
                break Termination::DampingLimit;
            }
            polish = false;
            damping.reject();
        } else {
            damping.reject();
        }
    };
    let factored = Pass { law, data, theta: &theta, delta }.factor(o.isa);
    let held = bounds::held(&theta, &at.gradient, &o.bounds);
    let free = held.map(|s| s.is_none());
    let r = factored.qr.reduced(&free, &[0.0; P], &[0.0; P]).r;
    Solution {
        theta,
        cost: at.cost,
        termination,
        iterations,
        evaluations,
        active: held,
        gradient: at.gradient,
        residuals: data.len(),
        r,
    }
}
