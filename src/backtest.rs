//! How well a fit foretells what was not fitted (paper section 4.4): hold-out by n and rolling back-test.
//!
//! The law, the power law (C = 0) and the last measured value are scored on the same points, by the root of the weighted
//! mean of squares (RMSE) of prediction - error, and of ln prediction - ln error. The window is part of the result: which
//! prediction is best depends on it.
use core::fmt;

use crate::fit::{FitError, FitOptions, Syn2RealFit, fit_points, weighed};
use crate::math;
use crate::point::{Point, PointError};
use crate::solve::Mapped;

/// A root mean square for each prediction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rmse {
    /// Of the law, fitted with the options.
    pub law: f64,
    /// Of the power law: the same options with C = 0 (and D free, where the options fix it).
    pub power: f64,
    /// Of the last value: the weighted mean of the errors at the largest n of the training.
    pub last_value: f64,
}

/// Scores of one hold-out.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct HoldOut {
    /// Points fitted (with a weight above 0).
    pub train_points: usize,
    /// Points scored (with a weight above 0).
    pub test_points: usize,
    /// Largest n fitted.
    pub train_max: f64,
    /// Largest n scored.
    pub test_max: f64,
    /// RMSE of the error, in its unit.
    pub rmse: Rmse,
    /// RMSE of ln error; `None` if an error or a prediction is not positive.
    pub rmse_log: Option<Rmse>,
    /// The law.
    pub law: Syn2RealFit,
    /// The power law, as a law with C = 0.
    pub power: Syn2RealFit,
    /// The last value.
    pub last_value: f64,
}

/// Scores of a rolling back-test, over the predictions of all its windows together.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rolling {
    /// Windows.
    pub windows: usize,
    /// Predictions scored; a point counts once for each window that predicts it.
    pub predictions: usize,
    /// RMSE of the error, in its unit.
    pub rmse: Rmse,
    /// RMSE of ln error; `None` if an error or a prediction is not positive.
    pub rmse_log: Option<Rmse>,
}

/// Why there is no score.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum BacktestError {
    /// The training part cannot be fitted.
    Fit(FitError),
    /// A test point cannot be used.
    TestPoint {
        /// Its index in the slice, from 0.
        index: usize,
        /// What is wrong with it.
        source: PointError,
    },
    /// Nothing is left to be scored.
    NoTestPoints,
}

impl fmt::Display for BacktestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BacktestError::Fit(source) => write!(f, "training: {source}"),
            BacktestError::TestPoint { index, source } => write!(f, "test point {index}: {source}"),
            BacktestError::NoTestPoints => f.write_str("no point is left to be scored: train on fewer sizes"),
        }
    }
}

impl core::error::Error for BacktestError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            BacktestError::Fit(source) => Some(source),
            BacktestError::TestPoint { source, .. } => Some(source),
            BacktestError::NoTestPoints => None,
        }
    }
}

impl From<FitError> for BacktestError {
    fn from(source: FitError) -> BacktestError {
        BacktestError::Fit(source)
    }
}

/// Fits `train` and scores `test`, which may come from another series of measurements.
///
/// # Errors
/// [`BacktestError::Fit`] if the law or the power law cannot be fitted to `train`, [`BacktestError::TestPoint`],
/// [`BacktestError::NoTestPoints`].
pub fn score<T: Copy + Into<Point>, U: Copy + Into<Point>>(
    train: &[T],
    test: &[U],
    options: &FitOptions,
) -> Result<HoldOut, BacktestError> {
    window(train, f64::INFINITY, test, Sizes { above: 0.0, up_to: f64::INFINITY }, options).map(|(scores, _)| scores)
}

/// Fits the points with n <= `train_max` and scores the others.
///
/// # Errors
/// As [`score`]; errors of points count the whole slice.
///
/// ```
/// use syn2real::backtest::hold_out;
/// use syn2real::FitOptions;
///
/// // objdet -> objdet, ResNet-50, 1 % of COCO: trained on the first six sizes, scored on the last.
/// let points = [(1_000, 0.9575), (2_000, 0.9534), (4_000, 0.9471), (8_000, 0.9455), (16_000, 0.9432), (32_000, 0.9403), (64_000, 0.9377)];
/// let scores = hold_out(&points, 32_000.0, &FitOptions::default())?;
/// assert_eq!((scores.train_points, scores.test_points), (6, 1));
/// assert!(scores.rmse.law < scores.rmse.last_value);
/// # Ok::<(), syn2real::backtest::BacktestError>(())
/// ```
pub fn hold_out<T: Copy + Into<Point>>(
    points: &[T],
    train_max: f64,
    options: &FitOptions,
) -> Result<HoldOut, BacktestError> {
    let test = Sizes { above: train_max, up_to: f64::INFINITY };
    window(points, train_max, points, test, options).map(|(scores, _)| scores)
}

/// Smallest number of sizes that the first window of [`rolling`] fits.
pub const FIRST_WINDOW: usize = 3;

/// Fits the k smallest sizes and scores the `horizon` next ones, for k = 3, 4, .. while there is a next one;
/// `usize::MAX` scores all that are left. `observe` is shown the scores of every window.
///
/// # Errors
/// As [`score`]; [`BacktestError::NoTestPoints`] with fewer than 4 distinct n or a horizon of 0.
///
/// ```
/// use syn2real::backtest::rolling;
/// use syn2real::FitOptions;
///
/// let points = [(1_000, 0.9575), (2_000, 0.9534), (4_000, 0.9471), (8_000, 0.9455), (16_000, 0.9432), (32_000, 0.9403), (64_000, 0.9377)];
/// let mut sizes = 0;
/// let scores = rolling(&points, 1, &FitOptions::default(), |window| sizes += window.test_points)?;
/// assert_eq!((scores.windows, scores.predictions, sizes), (4, 4, 4));
/// # Ok::<(), syn2real::backtest::BacktestError>(())
/// ```
pub fn rolling<T: Copy + Into<Point>>(
    points: &[T],
    horizon: usize,
    options: &FitOptions,
    mut observe: impl FnMut(&HoldOut),
) -> Result<Rolling, BacktestError> {
    if horizon == 0 {
        return Err(BacktestError::NoTestPoints);
    }
    let (mut all, mut windows) = (Squares::NONE, 0);
    let mut train_max = 0.0;
    for _ in 0..FIRST_WINDOW {
        train_max = next_size(points, train_max).ok_or(BacktestError::NoTestPoints)?;
    }
    while let Some(next) = next_size(points, train_max) {
        let mut up_to = next;
        for _ in 1..horizon.min(points.len()) {
            up_to = next_size(points, up_to).unwrap_or(up_to);
        }
        let (scores, squares) = window(points, train_max, points, Sizes { above: train_max, up_to }, options)?;
        observe(&scores);
        all = all.with(&squares);
        windows += 1;
        train_max = next;
    }
    let (rmse, rmse_log) = all.roots().ok_or(BacktestError::NoTestPoints)?;
    Ok(Rolling { windows, predictions: all.count, rmse, rmse_log })
}

/// The smallest n above `n` with a weight above 0.
fn next_size<T: Copy + Into<Point>>(points: &[T], n: f64) -> Option<f64> {
    let sizes = points.iter().map(|&p| p.into()).filter(|p| p.weight > 0.0 && p.n > n);
    let least = sizes.fold(f64::INFINITY, |least, p| if p.n < least { p.n } else { least });
    Some(least).filter(|&least| least < f64::INFINITY)
}

/// Sizes n in (above, up_to].
#[derive(Clone, Copy)]
struct Sizes {
    above: f64,
    up_to: f64,
}

/// Weighted sums of squares over test points: of law, power law, last value.
#[derive(Clone, Copy)]
struct Squares {
    count: usize,
    weight: f64,
    error: [f64; 3],
    log: [f64; 3],
}

impl Squares {
    const NONE: Squares = Squares { count: 0, weight: 0.0, error: [0.0; 3], log: [0.0; 3] };

    fn add(&mut self, p: &Point, predictions: [f64; 3]) {
        self.count += 1;
        self.weight += p.weight;
        for ((error, log), prediction) in self.error.iter_mut().zip(&mut self.log).zip(predictions) {
            let off = prediction - p.error;
            *error += p.weight * off * off;
            // Not a number, and for good, if one of them is not positive.
            let positive = prediction > 0.0 && p.error > 0.0;
            let off = if positive { math::ln(prediction / p.error) } else { f64::NAN };
            *log += p.weight * off * off;
        }
    }

    fn with(&self, other: &Squares) -> Squares {
        let sum = |a: [f64; 3], b: [f64; 3]| [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
        Squares {
            count: self.count + other.count,
            weight: self.weight + other.weight,
            error: sum(self.error, other.error),
            log: sum(self.log, other.log),
        }
    }

    /// Root mean squares; `None` without points.
    fn roots(&self) -> Option<(Rmse, Option<Rmse>)> {
        let root = |squares: [f64; 3]| {
            let [law, power, last_value] = squares.map(|square| math::sqrt(square / self.weight));
            Rmse { law, power, last_value }
        };
        let is_number = self.log.iter().all(|square| !square.is_nan());
        (self.weight > 0.0).then(|| (root(self.error), is_number.then(|| root(self.log))))
    }
}

/// Fits the part of `train` with n <= `train_max` and scores the part of `test` with these sizes.
fn window<T: Copy + Into<Point>, U: Copy + Into<Point>>(
    train: &[T],
    train_max: f64,
    test: &[U],
    sizes: Sizes,
    options: &FitOptions,
) -> Result<(HoldOut, Squares), BacktestError> {
    let law = fit_below(train, train_max, options)?;
    // The power law is the baseline whatever is held fixed in the law: a D beside C = 0 is another D.
    let free = FitOptions::default();
    let power_options = FitOptions { fixed_c: Some(0.0), fixed_d: None, c: free.c, d: free.d, ..*options };
    let power = fit_below(train, train_max, &power_options)?;
    let largest = law.report().n_max;
    let last_value = value_at(train, largest, options);
    let mut squares = Squares::NONE;
    let mut test_max = 0.0_f64;
    for (index, &point) in test.iter().enumerate() {
        let p = weighed(point.into(), options.weights, options.residual);
        // Errors may be of any sign in the linear residual; the log score then is None.
        p.check(options.residual).map_err(|source| BacktestError::TestPoint { index, source })?;
        if p.weight > 0.0 && p.n > sizes.above && p.n <= sizes.up_to {
            squares.add(&p, [law.law().error_at(p.n), power.law().error_at(p.n), last_value]);
            test_max = test_max.max(p.n);
        }
    }
    let (rmse, rmse_log) = squares.roots().ok_or(BacktestError::NoTestPoints)?;
    let scores = HoldOut {
        train_points: law.report().points,
        test_points: squares.count,
        train_max: largest,
        test_max,
        rmse,
        rmse_log,
        law,
        power,
        last_value,
    };
    Ok((scores, squares))
}

/// The fit of the points with n <= `train_max`, without a copy of them: the others have weight 0.
fn fit_below<T: Copy + Into<Point>>(
    points: &[T],
    train_max: f64,
    options: &FitOptions,
) -> Result<Syn2RealFit, FitError> {
    let convert = |&p: &T| -> Point {
        let p = weighed(p.into(), options.weights, options.residual);
        if p.n > train_max { p.with_weight(0.0) } else { p }
    };
    fit_points(&Mapped::new(points, convert), options)
}

/// Weighted mean of the errors at this n.
fn value_at<T: Copy + Into<Point>>(points: &[T], n: f64, options: &FitOptions) -> f64 {
    let (mut sum, mut weight) = (0.0, 0.0);
    let points = points.iter().map(|&p| weighed(p.into(), options.weights, options.residual));
    for p in points.filter(|p| p.n == n && p.weight > 0.0) {
        sum += p.weight * p.error;
        weight += p.weight;
    }
    sum / weight
}
