//! Damped least squares: Gauss-Newton with Levenberg-Marquardt damping inside a box, for any [`Law`].
//!
//! The loop is [`solve`](solve()); around it `normal` passes over the data, `descent` makes a step of a damping, `search`
//! chooses the damping, `bounds` keeps the step in the box, `stop` tells when it is over, `covariance` what is known then.
//! Nothing changes but by exact scaling when residuals, weights or parameters are multiplied by powers of two.
#![allow(clippy::needless_range_loop, reason = "sums over parameters read like the formulas")]
mod bounds;
mod covariance;
mod data;
mod descent;
mod normal;
mod options;
mod search;
mod stop;

pub(crate) use bounds::Boxed;
pub use bounds::{Bounds, Side};
pub use covariance::Solution;
pub use data::{Mapped, Observations};
pub use options::{Loss, SolveError, SolveOptions};
pub use stop::{Stage, Termination};

use crate::law::Law;

use covariance::DEPENDENT;
pub(crate) use descent::{Step, normal_step};
pub(crate) use normal::Normal;

use descent::qr_step;
use normal::Problem;
use options::Checked;
use search::Damping;

/// Below this pivot ratio a step comes from the QR of the Jacobian instead of the normal equations: they give it with a
/// relative error of about eps / ratio, here 2e-4, and a step needs no more than a digit.
const ILL_CONDITIONED: f64 = 1e-12;

/// In the Huber loss the steps without damping begin below this scaled step (square of 1 %). The damped ones weight
/// residuals by psi(r)/r, which converges from far but only linearly; the others take the linear part as it is (Newton's
/// method where no residual crosses delta).
const HUBER_SWITCH: f64 = 1e-4;

/// Minimises the cost of `law` over `data` from `start` (moved into the bounds if outside).
///
/// Always a [`Solution`], converged or not: look at [`Solution::termination`]. The last steps are undamped and come from a
/// QR of the Jacobian, so that parameters are as good as the residuals (NIST StRD: 8 digits or more in all 54 runs); the
/// Jacobian is never stored, the memory needed is some P x P arrays.
///
/// ```
/// use syn2real::simd::{F64x8, LANES};
/// use syn2real::solve::{SolveOptions, solve};
/// use syn2real::Law;
///
/// /// y = a exp(-b x), observations [x, y].
/// struct Decay;
/// impl Law<2> for Decay {
///     type Observation = [f64; 2];
///     #[inline(always)]
///     fn rows(&self, t: &[f64; 2], rows: &[[f64; 2]; LANES], residuals: &mut F64x8, jacobian: Option<&mut [F64x8; 2]>) {
///         let (x, y) = (F64x8(rows.map(|r| r[0])), F64x8(rows.map(|r| r[1])));
///         let e = (x * -t[1]).exp();
///         *residuals = e * t[0] - y;
///         if let Some(j) = jacobian {
///             *j = [e, -(e * x * t[0])];
///         }
///     }
/// }
/// let data = [[0.0, 2.0], [1.0, 1.0], [2.0, 0.5], [3.0, 0.26]];
/// let solution = solve(&Decay, &data, [1.0, 1.0], &SolveOptions::default())?;
/// assert!(solution.termination.is_converged());
/// assert!((solution.theta[1] - 0.690).abs() < 1e-3);
/// assert!(solution.std_errors()[1].is_some_and(|s| s < 0.01));
/// # Ok::<(), syn2real::solve::SolveError>(())
/// ```
///
/// # Errors
/// [`SolveError`] if an option is out of its range or NaN (it names the field), if there are no observations, and if the
/// start of a parameter that is not held is not finite.
pub fn solve<L: Law<P>, const P: usize, D: Observations<L::Observation> + ?Sized>(
    law: &L,
    data: &D,
    start: [f64; P],
    options: &SolveOptions<P>,
) -> Result<Solution<P>, SolveError> {
    let Checked { bounds, delta } = options.check()?;
    if data.is_empty() {
        return Err(SolveError::NoObservations);
    }
    if let Some(parameter) = (0..P).find(|&j| options.fixed[j].is_none() && !start[j].is_finite()) {
        return Err(SolveError::BadStart { parameter });
    }
    let problem = Problem { law, data, delta, isa: options.isa };
    let robust = problem.delta < f64::INFINITY;
    let mut theta: [f64; P] = core::array::from_fn(|j| options.fixed[j].unwrap_or(bounds[j].clamp(start[j])));
    let mut at = problem.normal(&theta);
    let mut solution = Solution::new(theta, data.len());
    let mut damping = Damping::new(options.initial_damping);
    // While polishing, steps are undamped and come from the QR of the Jacobian. If that fails, damped steps go on until
    // one is accepted or vanishes; then `failure` tells why.
    let (mut polishing, mut failure, mut factored) = (false, None, None);
    let mut polish_below = if robust { HUBER_SWITCH } else { 0.0 };
    let (mut iterations, mut evaluations, mut last_size) = (0, 1, f64::INFINITY);

    let termination = loop {
        if let Some(stage) = at.not_finite() {
            let (row, is_nan) = problem.locate(&theta, stage);
            (solution.stage, solution.row) = (Some(stage), row);
            break if is_nan { Termination::NotANumber } else { Termination::NonFinite };
        }
        let held = bounds::held(&theta, &at.gradient, &bounds);
        if stop::exact_fit(&at, &theta) {
            break Termination::ExactFit;
        }
        if stop::gradient_small(&at, &held.map(|side| side.is_none()), options.gradient_tolerance) {
            break Termination::GradientSmall;
        }
        if iterations == options.max_iterations {
            break Termination::IterationLimit;
        }

        let ridge = if polishing { [0.0; P] } else { damping.ridge(&at.gram, at.square, &theta) };
        let mut step = normal_step(&at, &ridge, &theta, &bounds, &held);
        if polishing || step.pivot_ratio < ILL_CONDITIONED {
            let qr = factored.unwrap_or_else(|| problem.factor(&theta));
            evaluations += u32::from(factored.is_none());
            factored = Some(qr);
            step = qr_step(&at, &qr, &ridge, &theta, &bounds, &held);
        }
        let size = stop::scaled_step(&at, &theta, &step.boxed.delta);
        let settled = stop::error_small(size, last_size, options.step_tolerance);
        if polishing && step.pivot_ratio <= DEPENDENT {
            (polishing, failure, polish_below) = (false, Some(Termination::SingularNormal), polish_below * 0.01);
            continue;
        }
        if !polishing && failure.is_none() && (size <= polish_below || settled) {
            polishing = true;
            continue;
        }
        if let Some(failure) = failure
            && (step.boxed.theta == theta || (failure == Termination::SingularNormal && settled && damping.is_light()))
        {
            break failure;
        }

        iterations += 1;
        let noise = stop::noise(&at, &theta);
        // A step that promises nothing because of its damping tells nothing about the cost.
        let in_noise = step.predicted.abs() <= noise && (polishing || damping.is_light());
        let trial = problem.normal(&step.boxed.theta);
        evaluations += 1;
        let limit = if in_noise { at.cost + noise } else { at.cost };
        if trial.not_finite().is_none() && trial.cost <= limit && step.predicted >= -noise {
            damping.accept(if in_noise { 1.0 } else { (at.cost - trial.cost) / step.predicted });
            (theta, at) = (step.boxed.theta, trial);
            if polishing && settled {
                break if stop::exact_fit(&at, &theta) { Termination::ExactFit } else { Termination::StepSmall };
            }
            // Squares: shrinking by less than a tenth.
            if polishing && in_noise && size >= 0.81 * last_size {
                break Termination::CostReductionSmall;
            }
            (last_size, failure, factored) = (size, None, None);
        } else if polishing {
            if in_noise && polish_below <= options.step_tolerance * options.step_tolerance {
                break Termination::CostReductionSmall;
            }
            (polishing, failure, polish_below) = (false, Some(Termination::DampingLimit), polish_below * 0.01);
        } else {
            damping.reject();
        }
    };

    solution.theta = theta;
    solution.termination = termination;
    (solution.iterations, solution.evaluations) = (iterations, evaluations);
    if solution.stage.is_none() {
        (solution.cost, solution.square, solution.gradient) = (at.cost, at.square, at.gradient);
        solution.active = bounds::held(&theta, &at.gradient, &bounds);
        // That of the last polishing step, from which theta is within the step tolerance, or a new one.
        solution.evaluations += u32::from(factored.is_none());
        solution.factored(&factored.unwrap_or_else(|| problem.factor(&theta)));
    }
    Ok(solution)
}
