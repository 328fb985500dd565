//! Everything about one group that the answer is made of.
use syn2real::forecast::{Forecast, ForecastOptions, best};
use syn2real::infer::{Check, Identifiability, MadeBy, QuantityInterval, identifiability};
use syn2real::plan::{Basis, PlanError, PlanOptions, Verdict};
use syn2real::{Parameter, Point, Syn2RealFit};

use crate::fitting::Task;
use crate::identify::PARAMETERS;
use crate::next::{self, Chosen, NextArgs};
use crate::outlook::{At, by_forecast, by_law, sizes};
use crate::plan::{self, PlanArgs, Planned};
use crate::question::Refused;

use super::args::AskArgs;

/// What came of a group.
pub(crate) struct Answer {
    pub(super) fit: Syn2RealFit,
    pub(super) points: Vec<Point>,
    /// Whether the law describes the data.
    pub(super) check: Check,
    /// D, alpha and C with their intervals; `None` for one that was held or has no interval.
    pub(super) parameters: [Option<QuantityInterval>; 3],
    /// What the data determine; none without degrees of freedom.
    pub(super) found: Option<Identifiability>,
    /// L(n) at sizes, by what answers.
    pub(super) at: Vec<At>,
    /// What answers where law (1) does not.
    pub(super) forecast: Option<Forecast>,
    /// The verdict and the next measurement, if there is a target.
    pub(super) asked: Option<Asked>,
}

/// What a target is answered by.
pub(super) struct Asked {
    pub(super) planned: Planned,
    pub(super) next: Chosen,
}

/// What is asked of other commands.
pub(super) struct Questions {
    /// With a target; `next` has options of its own.
    pub(super) asked: Option<(PlanArgs, NextArgs, PlanOptions)>,
    pub(super) options: PlanOptions,
}

impl Answer {
    pub(super) fn verdict(&self) -> Option<&Verdict> {
        self.asked.as_ref().map(|asked| &asked.planned.verdict)
    }

    /// The verdict with what belongs to it.
    pub(super) fn planned(self) -> Result<Planned, String> {
        self.asked.map(|asked| asked.planned).ok_or("no target".into())
    }

    /// The interval of a parameter.
    pub(super) fn interval(&self, parameter: Parameter) -> Option<QuantityInterval> {
        PARAMETERS.iter().zip(self.parameters).find(|(p, _)| **p == parameter).and_then(|(_, interval)| interval)
    }
}

/// Answers for one group.
pub(super) fn answer(
    args: &AskArgs,
    questions: &Questions,
    task: &Task<'_>,
    refused: &Refused,
    group: usize,
) -> Result<Answer, String> {
    let (fit, points) = task.fit_one(group)?;
    let options = &questions.options;
    let check = fit.check(&points).map_err(|e| e.to_string())?;
    let asked = match &questions.asked {
        Some((plan_args, next_args, next_options)) => {
            let planned = plan::plan(plan_args, task, options, refused, group)?;
            Some(Asked { planned, next: next::choose(next_args, task, next_options, refused, group)? })
        }
        None => {
            let rise = fit.report().rise.map(|rise| PlanError::ErrorsRise { rise });
            rise.map_or(Ok(None), |rise| Err(refused.explain(task.curves, group, rise)))?
        }
    };
    let by_forecast_alone = match (&asked, options.basis) {
        (Some(asked), _) => asked.planned.verdict.method() == Some(MadeBy::Forecast),
        (None, Basis::Auto) => !check.describes() && args.data.law.without_forecast().is_none(),
        (None, basis) => basis == Basis::Forecast,
    };
    let weights = fit.report().weights;
    let forecast = by_forecast_alone
        .then(|| best(&points, &ForecastOptions { weights, evidence: false, ..ForecastOptions::default() }).ok());
    let forecast = forecast.flatten();
    let sizes = sizes(&args.at, fit.report().n_max);
    let at = match &forecast {
        Some(forecast) => by_forecast(forecast, &sizes, options.confidence),
        None => by_law(&fit, &points, &sizes, options.confidence, options.method),
    };
    let interval = |parameter| {
        let quantity = syn2real::infer::Quantity::Parameter(parameter);
        syn2real::infer::interval(&fit, &points, quantity, options.confidence, options.method).ok()
    };
    let parameters = PARAMETERS.map(interval);
    let found = identifiability(&fit, &points).ok();
    Ok(Answer { fit, points, check, parameters, found, at, forecast, asked })
}
