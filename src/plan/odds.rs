//! What a measurement that has not been made would decide.
//!
//! Nothing is taken from the quadratic approximation but the scale: the measurement is made at quantiles of what is
//! predicted for it, added to the data, the law fitted again, and the verdict is that of [`samples_for`](super::samples_for).
use crate::fit::{Confidence, Curve, Source, Syn2RealFit, each, source_of, weighed};
use crate::forecast::Forecast;
use crate::infer::{Intervals, Method, Problem, Quantity};
use crate::law::Residual;
use crate::math;
use crate::point::Point;

use super::by_forecast::{self, Answer, answer};
use super::design::{Candidate, check};
use super::error::PlanError;
use super::local::Simple;
use super::options::PlanOptions;
use super::outcome::{Outcome, With, verdict_by_law};
use super::verdict::Verdict;

/// Normal deviates above the middle at which the prediction is made; between them it is interpolated. Beyond 2.4 is .8 % on
/// either side.
const DEVIATES: [f64; 3] = [0.8, 1.6, 2.4];

/// Halvings between two predictions that lead to different verdicts: a sixteenth of .8 deviates is at most .02 in probability.
const HALVINGS: u32 = 4;

/// How likely the verdict is after a measurement that has not been made.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct VerdictOdds {
    /// The target is reached within the budget.
    pub reachable: f64,
    /// It is not: unreachable or infeasible.
    pub out_of_reach: f64,
    /// Still undetermined.
    pub undetermined: f64,
}

impl VerdictOdds {
    /// The probability of a verdict of either kind.
    pub fn decided(&self) -> f64 {
        self.reachable + self.out_of_reach
    }
}

/// The odds of each verdict of [`samples_for`](super::samples_for) after the measurement: what it is expected to change. Whether the
/// data decide already is for that function to say: odds near 1 are no verdict.
///
/// The measurement is predicted about the law with the limits of L(n) and the scatter of now, at seven quantiles and between
/// those that lead to different verdicts; the law is fitted to the data with it, and judged as any other. What answers, law (1)
/// or the forecast ([`Basis`](crate::plan::Basis)), is asked once, of the data of now; where neither describes them all verdicts are open.
///
/// # Errors
/// As [`next`](super::design::next), [`PlanError::Target`] and [`PlanError::Budget`]; [`PlanError::BudgetBelowData`] for a
/// candidate beyond the budget; [`PlanError::NoCovariance`] without degrees of freedom.
///
/// # Accuracy
/// .02 by the interpolation between quantiles; the scatter is taken to be that of now.
///
/// ```
/// use syn2real::Syn2RealLaw;
/// use syn2real::plan::PlanOptions;
/// use syn2real::plan::design::{Candidate, verdict_odds};
///
/// let points = [(1_000, 0.90), (2_000, 0.83), (4_000, 0.79), (8_000, 0.755), (16_000, 0.74), (32_000, 0.727)];
/// let fit = Syn2RealLaw::fit(&points)?;
/// let odds = |n| verdict_odds(&fit, &points, 0.71, Candidate::new(n), &PlanOptions::default());
/// assert!(odds(256_000.0)?.undetermined < odds(32_000.0)?.undetermined);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verdict_odds<T: Copy + Into<Point>>(
    fit: &Syn2RealFit,
    points: &[T],
    target: f64,
    candidate: Candidate,
    options: &PlanOptions,
) -> Result<VerdictOdds, PlanError> {
    options.check(target, fit.report().n_max.max(candidate.n))?;
    check(&[(candidate.n, "n"), (candidate.weight, "weight")], candidate.cost)?;
    let data = source_of(fit, points);
    let mut curve = Curve::EMPTY;
    let problem = Problem::new(fit, &data, &mut curve)?;
    options.check_values(fit, Some(target), each(&data))?;
    let mut odds = VerdictOdds { reachable: 0.0, out_of_reach: 0.0, undetermined: 0.0 };
    let (prediction, is_by_law) = match answer(fit, &data, options)? {
        Answer::Law { misfit: Some(_) } | Answer::Forecast { refuted: Some(_), .. } => {
            return Ok(VerdictOdds { undetermined: 1.0, ..odds });
        }
        Answer::Law { misfit: None } => (Prediction::new(&problem, candidate)?, true),
        Answer::Forecast { forecast, .. } => (Prediction::of_forecast(&forecast, fit, candidate)?, false),
    };
    let outcome = |z: f64| {
        let extra = prediction.point(z);
        let both = With { data: &data, more: &[extra] };
        let verdict = match is_by_law {
            true => verdict_by_law(fit, &both, target, options),
            false => verdict_by_forecast(fit, &both, target, options),
        };
        // Data that have no fit decide nothing.
        verdict.map_or(Outcome::Undetermined, |verdict| Outcome::of(&verdict))
    };
    let mut add = |outcome: Outcome, from: f64, to: f64| {
        let share = below(to) - below(from);
        match outcome {
            Outcome::Reachable => odds.reachable += share,
            Outcome::OutOfReach => odds.out_of_reach += share,
            Outcome::Undetermined => odds.undetermined += share,
        }
    };
    let [a, b, c] = DEVIATES;
    let mut last = (-c, outcome(-c));
    add(last.1, f64::NEG_INFINITY, -c);
    for z in [-b, -a, 0.0, a, b, c] {
        let (mut from, to) = (last, (z, outcome(z)));
        let mut end = to;
        for _ in 0..HALVINGS {
            if from.1 == end.1 {
                break;
            }
            let middle = 0.5 * (from.0 + end.0);
            let found = outcome(middle);
            if found == end.1 {
                add(found, middle, end.0);
                end = (middle, found);
            } else {
                add(from.1, from.0, middle);
                from = (middle, found);
            }
        }
        let middle = 0.5 * (from.0 + end.0);
        add(from.1, from.0, middle);
        add(end.1, middle, end.0);
        last = to;
    }
    add(last.1, c, f64::INFINITY);
    Ok(odds)
}

/// The verdict of the forecast of other data, whose basis is not asked again.
fn verdict_by_forecast(
    fit: &Syn2RealFit,
    data: &Source<'_>,
    target: f64,
    options: &PlanOptions,
) -> Result<Verdict, PlanError> {
    let budget = options.check(target, fit.report().n_max)?;
    Ok(by_forecast::verdict(&by_forecast::forecast_of(fit, data)?, target, budget, options))
}

/// P(Z < z).
pub(super) fn below(z: f64) -> f64 {
    if z.abs() == f64::INFINITY {
        return if z > 0.0 { 1.0 } else { 0.0 };
    }
    let outside = 0.5 * math::f_tail(z * z, 1.0, 1e8);
    if z > 0.0 { 1.0 - outside } else { outside }
}

/// What a measurement may be: the middle in the space of the residual, and how far it lies away at the deviates, below and
/// above.
struct Prediction {
    candidate: Candidate,
    fit: Syn2RealFit,
    is_log: bool,
    middle: f64,
    away: [[f64; 3]; 2],
}

impl Prediction {
    fn new(problem: &Problem<'_>, candidate: Candidate) -> Result<Prediction, PlanError> {
        let &Problem { fit, data, .. } = problem;
        let simple = Simple::new(fit, each(data));
        let (local, n) = (&simple.local, candidate.n);
        let row = simple.row(n);
        // Of a residual of this weight, and of the law.
        let noise = local.variance / simple.weight(n, candidate.weight);
        let spread = local.variance * local.form(&row, &row);
        let height = |error: f64| if fit.report().residual == Residual::Log { math::ln(error) } else { error };
        let middle = height(fit.law().error_at(n));
        let mut away = [[0.0; 3]; 2];
        for (k, z) in DEVIATES.into_iter().enumerate() {
            let level = 2.0 * below(z) - 1.0;
            // Without degrees of freedom the scatter is not 0 but unknown.
            let known = local.tail(0.0).and_then(|_| local.quantile(level, 0));
            let t = known.ok_or(PlanError::NoCovariance)?;
            let quantity = Quantity::ErrorAt { n };
            let limits = Intervals::new(problem, Confidence::new(level)?, Method::Profile).and_then(|i| i.of(quantity));
            let ends = limits.map_or([None; 2], |interval| [interval.lower, interval.upper]);
            for (side, end) in away.iter_mut().zip(ends) {
                // A limit of 0 or without end is none that a measurement has: by the quadratic approximation there.
                let by_law = end.map(|end| (height(end) - middle).abs()).filter(|away| away.is_finite());
                let by_law = by_law.unwrap_or(t * math::sqrt(spread));
                if let Some(slot) = side.get_mut(k) {
                    *slot = math::sqrt(by_law * by_law + t * t * noise);
                }
            }
        }
        let is_log = fit.report().residual == Residual::Log;
        Ok(Prediction { candidate, fit: *fit, is_log, middle, away })
    }

    fn of_forecast(forecast: &Forecast, fit: &Syn2RealFit, candidate: Candidate) -> Result<Prediction, PlanError> {
        let (mut away, mut middle) = ([0.0; 3], 0.0);
        for (slot, z) in away.iter_mut().zip(DEVIATES) {
            let outlook = forecast.at(candidate.n, Confidence::new(2.0 * below(z) - 1.0)?);
            middle = math::ln(outlook.error);
            *slot = math::ln(outlook.measurement[1]) - middle;
        }
        Ok(Prediction { candidate, fit: *fit, is_log: true, middle, away: [away; 2] })
    }

    /// The measurement at a normal deviate, with the weight of its squared residual.
    fn point(&self, z: f64) -> Point {
        let [below, above] = self.away;
        let side = if z < 0.0 { below } else { above };
        let (mut from, mut reached) = ((0.0, 0.0), 0.0);
        for at in DEVIATES.into_iter().zip(side) {
            if z.abs() >= from.0 {
                reached = from.1 + (at.1 - from.1) * (z.abs() - from.0) / (at.0 - from.0);
            }
            from = at;
        }
        let height = self.middle + if z < 0.0 { -reached } else { reached };
        let report = self.fit.report();
        let error = if self.is_log { math::exp(height) } else { height };
        let Candidate { n, weight, .. } = self.candidate;
        weighed(Point::new(n, error).with_weight(weight), report.weights, report.residual)
    }
}
