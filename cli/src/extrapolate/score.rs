//! What the laws foretell of the rows that were not fitted.
use clap::ValueEnum;
use syn2real::forecast::{Forecast, ForecastError, ForecastOptions, best};
use syn2real::{FitError, FitOptions, Point, PointError, Residual, Rise, Weights};

use crate::earlier::{Earlier, GROUPS, Learnt, Taught, largest, learn, teaches};
use crate::fitting::{self, Task};
use crate::laws::{self, Fitted, LawName};
use crate::parallel::Workers;

use super::bands::Bands;
use super::split::{Parts, Split};

/// What foretells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Predictor {
    Law(LawName),
    /// The mean of the errors at the largest n fitted.
    LastValue,
    /// The forecast that takes no law for granted.
    Best,
}

impl Predictor {
    /// As JSON and csv call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Predictor::Law(LawName::Law1) => "law",
            Predictor::Law(law) => law.name(),
            Predictor::LastValue => "last_value",
            Predictor::Best => "best",
        }
    }
}

/// Which laws are scored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Scored {
    /// D n^-alpha + C, and the power law beside it.
    #[default]
    Law1,
    /// D n^-alpha.
    Power,
    /// C + (A - C) / (1 + (n / n_h)^beta).
    Rectified,
    /// C + (A - C) (1 + n / n0)^-alpha.
    Shifted,
    /// C + (A - C) (1 + (n / n_h)^beta)^-kappa.
    Bent,
    /// The forecast that takes no law for granted: an average over them, of ln error.
    Best,
    /// All of them.
    All,
}

impl Scored {
    /// The predictors, in the order of the columns.
    pub(super) fn predictors(self) -> Vec<Predictor> {
        let laws = match self {
            Scored::Law1 => vec![LawName::Law1, LawName::Power],
            Scored::Power => vec![LawName::Power],
            Scored::Rectified => vec![LawName::Rectified],
            Scored::Shifted => vec![LawName::Shifted],
            Scored::Bent => vec![LawName::Bent],
            Scored::Best => Vec::new(),
            Scored::All => LawName::ALL.to_vec(),
        };
        let laws = laws.into_iter().map(Predictor::Law).chain([Predictor::LastValue]);
        laws.chain(matches!(self, Scored::Best | Scored::All).then_some(Predictor::Best)).collect()
    }
}

/// Root mean squares of a predictor over the rows scored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rms {
    /// Of prediction - error.
    pub(super) error: f64,
    /// Of ln prediction - ln error; `None` if one of them has no logarithm.
    pub(super) log: Option<f64>,
}

/// What came of a group.
#[derive(Clone, Debug)]
pub(super) struct Score {
    pub(super) train_points: usize,
    pub(super) test_points: usize,
    /// In the order of the predictors; `None` where a law could not be fitted.
    pub(super) rms: Vec<Option<Rms>>,
    /// How often the bands of the forecast held; `None` without one.
    pub(super) bands: Option<Bands>,
    /// The same of law (1), where it is asked for.
    pub(super) law_bands: Option<Bands>,
    /// Of values that rise with n, a score in the place of an error.
    pub(super) rise: Option<Rise>,
    /// What was left out and why.
    pub(super) notes: Vec<String>,
}

/// The fits of a group, for its scores and its figure.
pub(super) struct Foretold {
    pub(super) train: Vec<Point>,
    pub(super) test: Vec<Point>,
    /// In the order of the predictors; `None` of the last value and where a law could not be fitted.
    pub(super) fits: Vec<Option<Fitted>>,
    pub(super) forecast: Option<Forecast>,
    pub(super) last_value: f64,
    pub(super) notes: Vec<String>,
}

/// What the forecast learns from.
#[derive(Clone, Copy)]
pub(super) struct Lessons<'a> {
    pub(super) earlier: &'a Earlier,
    /// Whether the prior, and the width of the bands, are learnt from the other groups,
    pub(super) prior: bool,
    pub(super) bands: bool,
    /// of those that share the values of these columns.
    pub(super) kind: &'a [String],
}

/// How groups are scored.
#[derive(Clone, Copy)]
pub(super) struct Scoring<'a> {
    pub(super) task: &'a Task<'a>,
    pub(super) split: &'a Split,
    pub(super) predictors: &'a [Predictor],
    /// Whether a law that cannot be fitted is left out, and rows of n = 0 where they are no data of a law; else the group
    /// fails.
    pub(super) lenient: bool,
    pub(super) lessons: Lessons<'a>,
    /// Whether the bands of law (1) are counted.
    pub(super) law_bands: bool,
    /// An option that the forecast does not have.
    pub(super) no_forecast: Option<&'static str>,
}

impl Scoring<'_> {
    /// Fits the training part of a group by every law.
    pub(super) fn foretell(&self, group: usize) -> Result<Foretold, String> {
        let Scoring { task, split, predictors, lenient, no_forecast, .. } = *self;
        if let Some(problem) = task.problem(group) {
            return Err(problem);
        }
        let parts = split.of(task, group);
        let is_used = |k: &&usize| parts.points[**k].weight > 0.0;
        let has_untrained = parts.train.iter().filter(is_used).any(|k| parts.points[*k].n == 0.0);
        let rows_of = |law: LawName| -> Vec<usize> {
            let takes = |k: &usize| parts.points[*k].n != 0.0 || law.takes_zero() || !lenient;
            parts.train.iter().copied().filter(takes).collect()
        };
        let (mut fits, mut notes, mut without) = (Vec::new(), Vec::new(), Vec::new());
        let mut forecast = None;
        for predictor in predictors {
            match no_forecast {
                _ if *predictor != Predictor::Best => {}
                Some(option) => notes.push(fitting::no_forecast(option)),
                None => match self.forecast(group, &parts) {
                    Ok(found) => {
                        forecast = Some(found);
                        without.extend(has_untrained.then_some(predictor.name()));
                    }
                    Err(error) => notes.push(self.without_forecast(group, &parts, error)?),
                },
            }
            let Predictor::Law(law) = *predictor else {
                fits.push(None);
                continue;
            };
            if lenient && has_untrained && !law.takes_zero() {
                without.push(law.name());
            }
            let rows = rows_of(law);
            let points: Vec<Point> = rows.iter().map(|k| parts.points[*k]).collect();
            // Beside others the power law has D free, whatever law (1) holds.
            let is_beside = law == LawName::Power && fits_several(predictors);
            let fixed_d = task.options.fixed_d.filter(|_| !is_beside);
            match law.fit(&points, &FitOptions { fixed_d, ..*task.options }) {
                Ok(fit) => fits.push(Some(fit)),
                Err(error) => {
                    // The error of a fit counts the points fitted, the words those of the group.
                    let (error, is_point) = match error {
                        FitError::Point { index, source } => (FitError::Point { index: rows[index], source }, true),
                        error => (error, false),
                    };
                    let text = task.explain(group, &parts.points, error);
                    if !lenient || is_point {
                        return Err(format!("training: {text}"));
                    }
                    notes.push(format!("{} not fitted: {text}", law.words()));
                    fits.push(None);
                }
            }
        }
        if forecast.is_none() && fits.iter().all(Option::is_none) {
            return Err(format!("training: {}", notes.join("; ")));
        }
        if !without.is_empty() {
            notes.push(format!("n = 0 is left out for {}", without.join(", ")));
        }
        if parts.untrained > 0 {
            notes.push(format!("rows of n = 0 that are not scored: {}", parts.untrained));
        }
        let test = self.test(group, &parts.points, &parts.test)?;
        let train: Vec<Point> = parts.train.iter().filter(is_used).map(|k| parts.points[*k]).collect();
        let last_value = self.last_value(&train);
        Ok(Foretold { train, test, fits, forecast, last_value, notes })
    }

    /// The forecast from the training part.
    fn forecast(&self, group: usize, parts: &Parts) -> Result<Forecast, ForecastError> {
        let points: Vec<Point> = parts.train.iter().map(|k| parts.points[*k]).collect();
        let weights = self.task.options.weights;
        let options = ForecastOptions { evidence: false, weights, ..ForecastOptions::default() };
        let options = self.lessons.earlier.options(&points, options)?;
        let options = match largest(&points) {
            Some(n_max) if self.lessons.prior || self.lessons.bands => {
                let others = self.others(group);
                let of = |learnt: bool| learnt.then_some(&others);
                learn(of(self.lessons.prior), of(self.lessons.bands), n_max, options)?
            }
            _ => options,
        };
        best(&points, &options)
    }

    /// What the groups learn from each other; `None` if they do not.
    pub(super) fn learnt(&self, workers: &Workers) -> Option<Learnt> {
        let Lessons { prior, bands, .. } = self.lessons;
        let what = if prior { Taught::Prior } else { Taught::Bands };
        let options = ForecastOptions { weights: self.task.options.weights, ..ForecastOptions::default() };
        (prior || bands).then(|| {
            let groups = self.task.curves.len();
            let teaches =
                |group: usize| self.task.problem(group).is_none() && teaches(&self.task.points(group), &options);
            let teachers: Vec<bool> = workers.map("counting", groups, teaches);
            let of = |group: usize| self.alike(group).filter(|other| teachers[*other]).count();
            Learnt { what, from: GROUPS.into(), curves: (0..groups).map(of).min().unwrap_or(0) }
        })
    }

    /// All rows of the other groups of the same kind.
    fn others(&self, group: usize) -> Vec<Vec<Point>> {
        let usable = self.alike(group).filter(|other| self.task.problem(*other).is_none());
        usable.map(|other| self.task.points(other)).collect()
    }

    /// The other groups of the same kind.
    fn alike(&self, group: usize) -> impl Iterator<Item = usize> {
        (0..self.task.curves.len()).filter(move |other| *other != group && self.is_alike(group, *other))
    }

    /// Whether both groups have the same values in the columns that tell kinds apart.
    fn is_alike(&self, one: usize, other: usize) -> bool {
        let is_of_kind = |name: &str| self.lessons.kind.iter().any(|column| column == name);
        let kind = |group: usize| self.task.curves.group(group).filter(|(name, _)| is_of_kind(name));
        kind(one).eq(kind(other))
    }

    /// Why there is no forecast, as a note, or as the error of the group.
    fn without_forecast(&self, group: usize, parts: &Parts, error: ForecastError) -> Result<String, String> {
        let ForecastError::Fit(error) = error else { return Err(error.to_string()) };
        let text = match error {
            FitError::Point { index, source } => {
                let error = FitError::Point { index: parts.train[index], source };
                self.task.explain(group, &parts.points, error)
            }
            FitError::TooFewPoints { .. } => "needs at least 3 sizes above 0: measure at another".into(),
            error => self.task.explain(group, &parts.points, error),
        };
        let text = format!("no forecast: {text}");
        if self.lenient { Ok(text) } else { Err(format!("training: {text}")) }
    }

    /// The rows to score, each with its weight.
    fn test(&self, group: usize, points: &[Point], rows: &[usize]) -> Result<Vec<Point>, String> {
        let mut test = Vec::with_capacity(rows.len());
        for &index in rows {
            let point = points[index];
            if let Some(source) = self.unusable(&point) {
                return Err(self.task.explain(group, points, FitError::Point { index, source }));
            }
            let weight = self.weight(&point);
            if weight > 0.0 {
                test.push(point.with_weight(weight));
            }
        }
        if test.is_empty() { Err(self.split.nothing_left()) } else { Ok(test) }
    }

    /// What keeps a row from being scored, as it would keep it from being fitted.
    fn unusable(&self, point: &Point) -> Option<PointError> {
        let options = self.task.options;
        let is_above_0 = |x: f64| x > 0.0 && x.is_finite();
        match () {
            _ if !is_above_0(point.n) => Some(PointError::Size),
            _ if !point.error.is_finite() => Some(PointError::Error),
            _ if options.residual == Residual::Log && point.error <= 0.0 => Some(PointError::ErrorNotPositive),
            _ if options.weights == Weights::Sigma && !is_above_0(self.weight(point)) => Some(PointError::Sigma),
            _ if !(point.weight >= 0.0 && point.weight.is_finite()) => Some(PointError::Weight),
            _ => None,
        }
    }

    /// The weight of the squared residual.
    fn weight(&self, point: &Point) -> f64 {
        match (self.task.options.weights, self.task.options.residual) {
            (Weights::Sigma, Residual::Log) => (point.error / point.weight).powi(2),
            (Weights::Sigma, Residual::Linear) => point.weight.powi(-2),
            _ => point.weight,
        }
    }

    /// Weighted mean of the errors at the largest n.
    fn last_value(&self, train: &[Point]) -> f64 {
        let largest = train.iter().map(|p| p.n).fold(0.0, f64::max);
        let at = || train.iter().filter(|p| p.n == largest);
        at().map(|p| self.weight(p) * p.error).sum::<f64>() / at().map(|p| self.weight(p)).sum::<f64>()
    }

    /// Fits the group and scores what it foretells.
    pub(super) fn score(&self, group: usize) -> Result<Score, String> {
        let Foretold { train, test, fits, forecast, last_value, notes } = self.foretell(group)?;
        let rms = self.predictors.iter().zip(&fits).map(|(predictor, fit)| match (predictor, fit) {
            (Predictor::LastValue, _) => Some(rms(&test, |_| last_value)),
            (Predictor::Best, _) => forecast.as_ref().map(|forecast| rms(&test, |n| forecast.error_at(n))),
            (_, Some(fit)) => Some(rms(&test, |n| fit.error_at(n))),
            _ => None,
        });
        let rms = rms.collect();
        let law_one = fits.iter().zip(self.predictors).find(|(_, law)| **law == Predictor::Law(LawName::Law1));
        let law_bands = match law_one {
            Some((Some(Fitted::Straight(fit)), _)) if self.law_bands => {
                let train: Vec<Point> = train.iter().copied().filter(|point| point.n > 0.0).collect();
                Bands::of_law_one(fit, &train, &test)
            }
            _ => None,
        };
        let bands = forecast.map(|forecast| Bands::of(&forecast, &test));
        // A score rises over all its rows, which tell it with fewer of them fitted, too.
        let rows: Vec<Point> = self.task.points(group).into_iter().filter(|point| point.weight > 0.0).collect();
        let rise = laws::rise(&rows, self.task.options);
        let notes = rise.iter().map(Rise::to_string).chain(notes).collect();
        Ok(Score { train_points: train.len(), test_points: test.len(), rms, bands, law_bands, rise, notes })
    }
}

fn fits_several(predictors: &[Predictor]) -> bool {
    predictors.iter().filter(|predictor| matches!(predictor, Predictor::Law(_))).count() > 1
}

fn rms(test: &[Point], predict: impl Fn(f64) -> f64) -> Rms {
    let (mut weight, mut error, mut log) = (0.0, 0.0, Some(0.0));
    for point in test {
        let prediction = predict(point.n);
        weight += point.weight;
        error += point.weight * (prediction - point.error).powi(2);
        let off = (prediction > 0.0 && point.error > 0.0).then(|| (prediction / point.error).ln());
        log = log.zip(off).map(|(sum, off)| sum + point.weight * off * off);
    }
    Rms { error: (error / weight).sqrt(), log: log.map(|sum| (sum / weight).sqrt()) }
}
