//! A sequence of measurements followed in a simulation, until it is decided.
use crate::fit::{Confidence, Source, Syn2RealFit, weighed};
use crate::forecast::Forecast;
use crate::law::Residual;
use crate::math;
use crate::point::Point;

use super::by_forecast::{self, forecast_of};
use super::design::Candidate;
use super::draws::{Truth, noise};
use super::error::PlanError;
use super::lines::{Line, MOST};
use super::options::PlanOptions;
use super::outcome::{Outcome, With, has_asked_forecast, verdict_by_law};

/// What a verdict of the forecast takes in verdicts of the law: 2 ms against 50 us with six points.
const FORECAST: u32 = 40;

/// Where a path ended.
pub(super) struct Ended {
    /// Measurements that were made, from 1.
    pub(super) after: usize,
    pub(super) outcome: Outcome,
    /// Verdicts of the law that it took.
    pub(super) work: u32,
}

/// What paths have in common.
pub(super) struct Paths<'a> {
    pub(super) fit: &'a Syn2RealFit,
    pub(super) data: &'a Source<'a>,
    pub(super) candidates: &'a [Candidate],
    pub(super) target: f64,
    pub(super) budget: f64,
    pub(super) options: &'a PlanOptions,
    /// What answers, if it is not law (1).
    pub(super) forecast: Option<&'a Forecast>,
    pub(super) seed: u64,
}

impl Paths<'_> {
    /// Follows a sequence with path number `path`; `truth` is what law (1) may be.
    pub(super) fn follow(&self, line: &Line, truth: Option<&Truth>, path: u64) -> Ended {
        let mut made = [Point::new(0.0, 0.0); MOST];
        let mut ended = Ended { after: 0, outcome: Outcome::Undetermined, work: 0 };
        let mut forecast = self.forecast.copied();
        let places = line.as_slice();
        for (place, &index) in places.iter().enumerate() {
            let Some(candidate) = self.candidates.get(index) else { return ended };
            let before = places.iter().take(place).filter(|other| **other == index).count();
            let unit = noise(self.seed, path, index, before);
            let point = match (&forecast, truth) {
                (Some(forecast), _) => self.by_forecast(forecast, candidate, unit),
                (None, Some(truth)) => Ok(self.by_law(truth, candidate, unit)),
                (None, None) => return ended,
            };
            let (Ok(point), Some(slot)) = (point, made.get_mut(place)) else { return ended };
            *slot = point;
            let data = With { data: self.data, more: made.get(..=place).unwrap_or(&made) };
            ended.after = place + 1;
            match &mut forecast {
                Some(now) => {
                    ended.work += FORECAST;
                    // Data without a forecast decide nothing.
                    let Ok(next) = forecast_of(self.fit, &data) else { continue };
                    ended.outcome = Outcome::of(&by_forecast::verdict(&next, self.target, self.budget, self.options));
                    *now = next;
                }
                None => {
                    ended.work += 1;
                    let Ok(verdict) = verdict_by_law(self.fit, &data, self.target, self.options) else { continue };
                    ended.outcome = Outcome::of(&verdict);
                    ended.work += if has_asked_forecast(&verdict) { FORECAST } else { 0 };
                }
            }
            if ended.outcome != Outcome::Undetermined {
                break;
            }
        }
        ended
    }

    /// A measurement about a law, at this quantile of the noise.
    fn by_law(&self, truth: &Truth, candidate: &Candidate, unit: f64) -> Point {
        let (report, mean) = (self.fit.report(), truth.law.error_at(candidate.n));
        let weight = report.weights.of_residual(candidate.weight, mean, report.residual);
        let off = truth.sigma / math::sqrt(weight) * math::normal_quantile(unit);
        self.point(candidate, if report.residual == Residual::Log { mean * math::exp(off) } else { mean + off })
    }

    /// A measurement as the forecast expects it, at this quantile.
    fn by_forecast(&self, forecast: &Forecast, candidate: &Candidate, unit: f64) -> Result<Point, PlanError> {
        let level = (2.0 * unit - 1.0).abs();
        let outlook = forecast.at(candidate.n, Confidence::new(level)?);
        let [lower, upper] = outlook.measurement;
        Ok(self.point(candidate, if unit < 0.5 { lower } else { upper }))
    }

    fn point(&self, candidate: &Candidate, error: f64) -> Point {
        let report = self.fit.report();
        let Candidate { n, weight, .. } = *candidate;
        weighed(Point::new(n, error).with_weight(weight), report.weights, report.residual)
    }
}
