//! Damped least squares: Gauss-Newton with Levenberg-Marquardt damping inside a box, for any [`Law`].
//!
//! One step from theta, with r the residuals, J their Jacobian, g = J' psi the gradient, W = psi/r (1 in least squares):
//!
//! - (J'WJ + S + diag(ridge)) v = -g inside the box; ridge_j = lambda max(peak |J_j|^2, min(|r|^2 / theta_j^2, 1e6 |J_j|^2)),
//!   lambda by Nielsen's rule (`search`). S is the part of the Hessian with the second derivatives of the residuals, learnt
//!   from the changes of the gradient, and used where it foretells them at least twice as well as none (`curvature`).
//! - Where v reduces the cost by less than half of what it promises, v + a/2 is tried as well, with
//!   (J'WJ + diag(ridge)) a = -J'W r'', r'' the second derivative along v: the geodesic acceleration (`curvature`).
//! - Once steps are as short as `step_tolerance` asks for, they are undamped: ridge = 0, from a QR of J, or with S where
//!   these shrink by less than two thirds or cannot be taken.
//!
//! Around the loop `normal` passes over the data, `descent` solves for a step, `bounds` keeps it in the box, `stop` tells when
//! it is over (each [`Termination`] has its formula), `covariance` what is known then; [`solve_global`] starts it from many
//! places. Nothing changes but by exact scaling when residuals, weights or parameters are multiplied by powers of two.
#![allow(clippy::needless_range_loop, reason = "sums over parameters read like the formulas")]
mod bounds;
mod covariance;
mod curvature;
mod data;
mod descent;
mod global;
mod normal;
mod options;
mod search;
mod stop;

pub(crate) use bounds::Boxed;
pub use bounds::{Bounds, Side};
pub use covariance::Solution;
pub use data::{Mapped, Observations};
pub(crate) use global::global;
pub use global::{Basin, GlobalOptions, GlobalSolution, Scale, solve_global};
pub use normal::Stage;
pub(crate) use normal::{Block, Fitted, Rows};
pub use options::{Loss, SolveError, SolveOptions};
pub use stop::Termination;

use crate::law::Law;

use covariance::{DEPENDENT, ILL_CONDITIONED};
pub(crate) use descent::{Step, normal_step};
pub(crate) use normal::Normal;

use curvature::Curvature;
use descent::qr_step;
use normal::{OnBaseline, Passes, Problem};

use options::Checked;
use search::{Damping, Polish};
use stop::Progress;

/// In the Huber loss the steps without damping begin below this scaled step (square of 1 %). The damped ones weight
/// residuals by psi(r)/r, which converges from far but only linearly; the others take the linear part as it is (Newton's
/// method where no residual crosses delta).
const HUBER_SWITCH: f64 = 1e-4;

/// Below this ratio of the reduction of the cost to the promised one a step is tried once more with its acceleration. Over
/// the 54 runs of the NIST problems 1/4, 1/2 and 3/4 cost 8,000, 7,600 and 7,500 passes, none 10,700; the third makes easy
/// problems dearer.
const POOR: f64 = 0.5;

/// The cosine between residual and column that an error of the Jacobian explains: 2^-17, 512 sqrt(eps). Forward differences
/// with a relative step of sqrt(eps) err by sqrt(eps) |model| / |J_j theta_j|, here for a model 512 times that influence.
const STALLED: f64 = 1.0 / (1 << 17) as f64;

/// Minimises the cost of `law` over `data` from `start` (moved into the bounds if outside).
///
/// Always a [`Solution`], converged or not: look at [`Solution::termination`]; it displays as a sentence with the remedy. The
/// minimum is a local one: [`solve_global`] looks for others. The last steps are undamped and come from a
/// QR of the Jacobian, so that parameters are as good as the residuals (NIST StRD: 9.3 digits or more in all 54 runs); the
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
    solve_with::<true, L, P, D>(law, data, start, options)
}

/// [`solve`] by J'WJ alone, to the end of the iterations: for the searches over both sizes, which start next to where they
/// end, follow a valley step by step and judge an end by its cost.
pub(crate) fn solve_straight<L: Law<P>, const P: usize, D: Observations<L::Observation> + ?Sized>(
    law: &L,
    data: &D,
    start: [f64; P],
    options: &SolveOptions<P>,
) -> Result<Solution<P>, SolveError> {
    solve_with::<false, L, P, D>(law, data, start, options)
}

/// Whether it `BENDS`: takes second derivatives as well, and stops that say what is left where nothing more is gained.
fn solve_with<const BENDS: bool, L: Law<P>, const P: usize, D: Observations<L::Observation> + ?Sized>(
    law: &L,
    data: &D,
    start: [f64; P],
    options: &SolveOptions<P>,
) -> Result<Solution<P>, SolveError> {
    let checked = options.check()?;
    let rows = Fitted { law, data, delta: checked.delta };
    let (rows, is_robust, isa) = (&rows, checked.delta < f64::INFINITY, options.isa);
    // Where lanes are wide the law is inlined into its passes; elsewhere one copy of them serves all laws.
    #[cfg(not(wide))]
    let rows: &dyn normal::Rows<P> = rows;
    let problem = Problem::<_, BENDS> { rows, is_robust, isa };
    descend(BENDS, &problem, data.len(), start, options, &checked)
}

/// [`solve`] of rows whose law is compiled elsewhere; `observations` counts those with a weight.
pub(crate) fn solve_rows<const P: usize>(
    rows: &dyn Rows<P>,
    observations: usize,
    start: [f64; P],
    options: &SolveOptions<P>,
) -> Result<Solution<P>, SolveError> {
    let checked = options.check()?;
    let problem = Problem::<_, true> { rows, is_robust: checked.delta < f64::INFINITY, isa: options.isa };
    descend(true, &OnBaseline(problem), observations, start, options, &checked)
}

/// The loop, whatever the law.
fn descend<const P: usize>(
    bends: bool,
    problem: &dyn Passes<P>,
    observations: usize,
    start: [f64; P],
    options: &SolveOptions<P>,
    &Checked { bounds, delta }: &Checked<P>,
) -> Result<Solution<P>, SolveError> {
    if observations == 0 {
        return Err(SolveError::NoObservations);
    }
    if let Some(parameter) = (0..P).find(|&j| options.fixed[j].is_none() && !start[j].is_finite()) {
        return Err(SolveError::BadStart { parameter });
    }
    let mut theta = core::array::from_fn(|j| options.fixed[j].unwrap_or(bounds[j].clamp(start[j])));
    let mut at = problem.normal(&theta);
    let mut solution = Solution::new(theta, observations);
    let mut damping = Damping::new(options.initial_damping);
    let mut curvature = Curvature::NONE;
    let mut polish = Polish::below(if delta < f64::INFINITY { HUBER_SWITCH } else { 0.0 });
    let mut progress = Progress::from(at.cost);
    let scale = stop::scale(&at, &theta);
    let (mut iterations, mut evaluations, mut last_size, mut factored) = (0, 1, f64::INFINITY, None);

    let termination = loop {
        if let Some(stage) = at.not_finite() {
            let (row, is_nan) = problem.locate(&theta, stage);
            (solution.stage, solution.row) = (Some(stage), row);
            break if is_nan { Termination::NotANumber } else { Termination::NonFinite };
        }
        let held = bounds::held(&theta, &at.gradient, &bounds);
        let slope_is = |tolerance| stop::gradient_small(&at, &held.map(|side| side.is_none()), tolerance);
        let stuck = || if bends && slope_is(STALLED) { Termination::Stalled } else { Termination::DampingLimit };
        if stop::exact_fit(&at, &theta) {
            break Termination::ExactFit;
        }
        if slope_is(options.gradient_tolerance) {
            break Termination::GradientSmall;
        }
        if bends && progress.is_over() {
            break stuck();
        }
        if iterations == options.max_iterations {
            break Termination::IterationLimit;
        }

        // The step: from J'WJ + S where S is good and not for polishing alone, else from J'WJ, else from the QR.
        let ridge = if polish.is_on { [0.0; P] } else { damping.ridge(&at.gram, at.square, &theta) };
        let mut bent = curvature.is_used() && (!polish.is_on || polish.is_curved);
        let mut step = normal_step(&if bent { curvature.added_to(&at) } else { at }, &ridge, &theta, &bounds, &held);
        if bent && step.pivot_ratio < ILL_CONDITIONED {
            bent = false;
            step = normal_step(&at, &ridge, &theta, &bounds, &held);
        }
        if !bent && (polish.is_on || step.pivot_ratio < ILL_CONDITIONED) {
            let qr = factored.unwrap_or_else(|| problem.factor(&theta));
            evaluations += u32::from(factored.is_none());
            factored = Some(qr);
            step = qr_step(&at, &qr, &ridge, &theta, &bounds, &held);
        }

        // Whether to polish, and whether that has failed.
        let size = stop::scaled_step(&at, &theta, &step.boxed.delta);
        // Steps from S do not shrink by a constant factor: they are judged by their size alone, and by a tenth of it.
        let (last, share) = if bent { (f64::INFINITY, 0.1) } else { (last_size, 1.0) };
        let settled = stop::error_small(size, last, share * options.step_tolerance);
        if polish.is_on && step.pivot_ratio <= DEPENDENT {
            polish.fail(Termination::SingularNormal, curvature.is_used());
            continue;
        }
        if bends && polish.is_on && !stop::is_within(&step.boxed.delta, &theta, &scale) {
            polish.fail(Termination::DampingLimit, curvature.is_used());
            continue;
        }
        if !polish.is_on && polish.failure.is_none() && (size <= polish.below || settled) {
            polish.is_on = true;
            continue;
        }
        if let Some(failure) = polish.failure
            && (step.boxed.theta == theta || (failure == Termination::SingularNormal && settled && damping.is_light()))
        {
            break if failure == Termination::DampingLimit { stuck() } else { failure };
        }

        // The trial.
        iterations += 1;
        let noise = stop::noise(&at, &theta);
        // A step that promises nothing because of its damping tells nothing about the cost.
        let in_noise = step.predicted.abs() <= noise && (polish.is_on || damping.is_light());
        let mut trial = problem.normal(&step.boxed.theta);
        evaluations += 1;
        if bends && !(polish.is_on || in_noise || bent || at.cost - trial.cost >= POOR * step.predicted) {
            let second = problem.bend(&theta, &step.boxed.delta);
            evaluations += 1;
            if let Some(other) = curvature::accelerated(&at, &ridge, &second, &theta, &bounds, &scale, &step.boxed) {
                let accelerated = problem.normal(&other.theta);
                evaluations += 1;
                if accelerated.cost < trial.cost || !trial.cost.is_finite() {
                    (trial, step.boxed) = (accelerated, other);
                }
            }
        }
        progress.note(trial.cost, noise);
        let limit = if in_noise { at.cost + noise } else { at.cost };
        if trial.not_finite().is_none() && trial.cost <= limit && step.predicted >= -noise {
            damping.accept(if in_noise { 1.0 } else { (at.cost - trial.cost) / step.predicted });
            // Not in the Huber loss: there a change of the gradient is as much of the residuals that have crossed delta.
            if bends && !in_noise && delta == f64::INFINITY {
                curvature.learn(&at, &trial, &step.boxed.delta, &ridge);
            }
            (theta, at) = (step.boxed.theta, trial);
            if polish.is_on && settled {
                break if stop::exact_fit(&at, &theta) { Termination::ExactFit } else { Termination::StepSmall };
            }
            // Squares: shrinking by less than a tenth.
            if polish.is_on && in_noise && size >= 0.81 * last_size {
                break Termination::CostReductionSmall;
            }
            // Squares: shrinking by less than two thirds.
            polish.is_curved |= polish.is_on && size > 0.1 * last_size && curvature.is_used();
            (last_size, polish.failure, factored) = (size, None, None);
        } else if polish.is_on {
            if in_noise && polish.below <= options.step_tolerance * options.step_tolerance {
                break Termination::CostReductionSmall;
            }
            polish.fail(Termination::DampingLimit, curvature.is_used());
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
        if bends && solution.ran_away(&at, &curvature.added_to(&at), &scale) {
            solution.termination = Termination::RanAway;
        }
    }
    Ok(solution)
}
