//! The average over the bent law, moved and widened by what the curve itself has shown.
use crate::fit::{Confidence, Curve, FitError, Source, Trained};
use crate::math;
use crate::solve::Termination;

use super::calibration::Calibration;
use super::error::ForecastError;
use super::evidence::Evidence;
use super::options::ForecastOptions;
use super::posterior::Posterior;
use super::rows::{EMPTY, FEWEST_SIZES, Row, Rows, rows};
use super::shape::Problem;

/// Rolling hold-outs leave out what is above n_max over 2 and over 4.
const HOLD_OUTS: [f64; 2] = [2.0, 4.0];

/// Points that a hold-out fits at least: one more than the bent law has parameters.
const FEWEST: usize = 6;

/// The variance of what a forecast is moved by, in variances of the forecast one octave beyond the data.
const MOVES: f64 = 0.5;

/// Standard deviation of what laws get wrong beyond the data, as a share of the fall that they foretell: what is believed
/// before the hold-outs of the curve itself are seen, as if one octave of them had shown it, and the most that one shows.
const DISCREPANCY: f64 = 0.2;
const MOST_OF_ONE: f64 = 0.4;

/// The forecast of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    pub(super) posterior: Posterior,
    /// ln of the unit of the error.
    ln_unit: f64,
    /// What the hold-outs were too high by, in ln error, as far as it is believed.
    shift: f64,
    /// The probability of such a miss of the hold-outs.
    missed: Option<f64>,
    /// What laws get wrong beyond the data, as a share of the fall that they foretell.
    pub(super) discrepancy: f64,
    pub(super) degrees_of_freedom: f64,
    calibration: Calibration,
    n_min: f64,
    n_max: f64,
    evidence: Option<Evidence>,
}

/// The forecast at one size.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Outlook {
    /// Samples.
    pub n: f64,
    /// L(n): its median.
    pub error: f64,
    /// Lower and upper limit of L(n), the mean of many measurements there.
    pub curve: [f64; 2],
    /// Lower and upper limit of one new measurement.
    pub measurement: [f64; 2],
    /// How far beyond the largest size, in measured ranges: ln(n / n_max) / ln(n_max / n_min); 0 within the data.
    pub distance: f64,
    /// Level of the limits.
    pub confidence: Confidence,
}

/// [`best`](super::best) of points whose weights are those of squared log residuals.
pub(crate) fn best_of(data: &Source<'_>, options: &ForecastOptions) -> Result<Forecast, ForecastError> {
    options.prior.check()?;
    let fit_options = options.fit_options();
    let data = Trained(data);
    let (mut curve, mut binned, mut room) = (Curve::EMPTY, Curve::EMPTY, EMPTY);
    let rows = rows(&data, &fit_options, [&mut curve, &mut binned], &mut room)?;
    let forecast = forecast_of_rows(&rows, math::ln(curve.n_max), options)?;
    Ok(Forecast {
        ln_unit: math::ln(curve.scale),
        degrees_of_freedom: curve.points as f64 - 1.0,
        n_min: curve.n_min,
        n_max: curve.n_max,
        evidence: options.evidence.then(|| Evidence::new(&data, &fit_options)),
        ..forecast
    })
}

/// The forecast of rows, in their units.
pub(super) fn forecast_of_rows(
    rows: &Rows<'_>,
    ln_n_max: f64,
    options: &ForecastOptions,
) -> Result<Forecast, ForecastError> {
    let posterior = posterior(rows, ln_n_max, options, None)?;
    let Past { shift, missed, discrepancy } = past(rows, &posterior, options);
    Ok(Forecast {
        posterior,
        ln_unit: 0.0,
        shift,
        missed,
        discrepancy,
        degrees_of_freedom: at_least(rows.list.iter().map(|row| row.w).sum::<f64>() - 1.0, 1.0),
        calibration: options.calibration,
        n_min: math::exp(ln_n_max + rows.list.first().map_or(0.0, |row| row.t)),
        n_max: math::exp(ln_n_max),
        evidence: None,
    })
}

/// The posterior alone, of points.
pub(super) fn posterior_of(data: &Source<'_>, options: &ForecastOptions) -> Result<Posterior, ForecastError> {
    let (mut curve, mut binned, mut room) = (Curve::EMPTY, Curve::EMPTY, EMPTY);
    let rows = rows(&Trained(data), &options.fit_options(), [&mut curve, &mut binned], &mut room)?;
    posterior(&rows, math::ln(curve.n_max), options, None)
}

/// The posterior alone; `near` is that of more rows of the same curve.
fn posterior(
    rows: &Rows<'_>,
    ln_n_max: f64,
    options: &ForecastOptions,
    near: Option<&Posterior>,
) -> Result<Posterior, ForecastError> {
    let mut room = EMPTY;
    let (list, square, span) =
        rows.weighted(&mut room).ok_or(FitError::TooFewPoints { needed: FEWEST_SIZES, got: 1 })?;
    let problem = Problem { rows: list, square, prior: &options.prior, span, ln_n_max, isa: options.isa };
    let posterior = Posterior::new(&problem, near);
    if posterior.nodes().is_empty() || !posterior.noise.is_finite() {
        return Err(FitError::NotConverged(Termination::NonFinite).into());
    }
    Ok(posterior)
}

/// What the forecasts from the smaller sizes of a curve say of those from all of them.
struct Past {
    /// What they were too high by at the larger sizes, in ln error, as far as it is believed: the mean of its posterior, if
    /// it was 0 with a variance of `MOVES` times that of the forecast one octave beyond the data.
    shift: f64,
    /// The probability of so large a miss of one of them, if the forecasts were right: the smallest of all, times their
    /// number.
    missed: Option<f64>,
    /// What they missed as a share of the fall that they foretold, root mean square with `DISCREPANCY` as one octave more.
    discrepancy: f64,
}

/// Each octave that a measurement is away from the one before counts as one, less where they are closer.
fn past(rows: &Rows<'_>, whole: &Posterior, options: &ForecastOptions) -> Past {
    let (mut misses, mut octaves) = (DISCREPANCY * DISCREPANCY, 1.0);
    let (mut sum, mut precision, mut last) = (0.0, 0.0, rows.list.len());
    let (mut least, mut count) = (f64::INFINITY, 0.0);
    for factor in HOLD_OUTS {
        let most = math::ln(1.001 / factor);
        let len = rows.list.iter().take_while(|row| row.t <= most).count();
        if len == last || len < FEWEST {
            continue;
        }
        last = len;
        let mut room = EMPTY;
        let Some((kept, end)) = rows.first(len, &mut room) else { continue };
        let Ok(posterior) = posterior(&kept, whole.ln_n_max + end, options, Some(whole)) else { continue };
        let dof = at_least(kept.list.iter().map(|row| row.w).sum::<f64>() - 1.0, 1.0);
        let mut before = end;
        let mut rest = rows.list.iter().skip(len).copied().peekable();
        while let Some(Row { t, y, w }) = rest.next() {
            // The measurements of one size are one.
            let (mut target, mut weight) = (y * w, w);
            while let Some(same) = rest.next_if(|row| row.t == t) {
                (target, weight) = (target + same.y * same.w, weight + same.w);
            }
            let (value, variance) = with_discrepancy(&posterior, t - end, DISCREPANCY);
            let octave = ((t - before) / core::f64::consts::LN_2).min(1.0);
            let miss = value - target / weight;
            sum += octave * miss / (variance + posterior.noise);
            precision += octave / (variance + posterior.noise);
            // A fall below the noise of two measurements tells nothing.
            let fall = posterior.at(0.0).0 - value;
            let share = miss * miss / (fall * fall + 2.0 * posterior.noise);
            misses += octave * share.min(MOST_OF_ONE * MOST_OF_ONE);
            octaves += octave;
            let p = 2.0 * math::t_tail(miss.abs() / math::sqrt(variance + posterior.noise / weight), dof);
            (least, count) = (least.min(p), count + 1.0);
            before = t;
        }
    }
    let (_, variance) = with_discrepancy(whole, core::f64::consts::LN_2, DISCREPANCY);
    let shift = sum / (precision + 1.0 / (MOVES * (variance + whole.noise)));
    let missed = (count > 0.0).then(|| (least * count).min(1.0));
    Past { shift, missed, discrepancy: math::sqrt(misses / octaves) }
}

/// Median and variance of ln L(n), with what laws get wrong beyond the data.
fn with_discrepancy(posterior: &Posterior, t: f64, share: f64) -> (f64, f64) {
    let ((value, variance), (last, _)) = (posterior.at(t), posterior.at(0.0));
    let fall = if t > 0.0 { share * (last - value) } else { 0.0 };
    (value, variance + fall * fall)
}

impl Forecast {
    /// The forecast at n >= 0 samples; NaN for n < 0 or NaN.
    pub fn at(&self, n: f64, confidence: Confidence) -> Outlook {
        let (centre, curve, measurement) = self.spread(self.t(n));
        let quantile = math::t_quantile(0.5 + 0.5 * confidence.level(), self.degrees_of_freedom);
        let around = |sd: f64| [math::exp(centre - quantile * sd), math::exp(centre + quantile * sd)];
        Outlook {
            n,
            error: math::exp(centre),
            curve: around(curve),
            measurement: around(measurement),
            distance: self.distance(n),
            confidence,
        }
    }

    /// The median of L(n), n >= 0.
    pub fn error_at(&self, n: f64) -> f64 {
        math::exp(self.spread(self.t(n)).0)
    }

    /// The probability that L(n) is at or below this error. A curve falls: it is nowhere below that of a smaller size (those
    /// an octave apart are looked at).
    pub fn probability(&self, n: f64, error: f64) -> f64 {
        self.probability_of(self.t(n), error)
    }

    /// The probability that enough samples bring the error to this one or below: that the transfer gap is below it.
    pub fn probability_ever(&self, error: f64) -> f64 {
        self.probability_of(f64::INFINITY, error)
    }

    fn probability_of(&self, t: f64, error: f64) -> f64 {
        let mut most = self.probability_at(t, error);
        let mut before = math::ln(self.n_min) - self.posterior.ln_n_max;
        while before < t && before < FARTHEST {
            let p = self.probability_at(before, error);
            most = if p > most { p } else { most };
            before += core::f64::consts::LN_2;
        }
        most
    }

    /// The same at this size alone; NaN where the size is none.
    fn probability_at(&self, t: f64, error: f64) -> f64 {
        if !(error > 0.0) {
            return 0.0;
        }
        let (centre, sd, _) = self.spread(t);
        math::t_tail((centre - math::ln(error)) / sd, self.degrees_of_freedom)
    }

    /// The smallest size, the smallest one measured at least, at which L(n) is at or below this error with this probability
    /// (the assurance of a study that is repeated), at most `most`; `None` if there is none. Looked for in steps of an octave.
    pub fn samples_for(&self, error: f64, probability: f64, most: f64) -> Option<f64> {
        let holds = |ln_n: f64| self.probability_at(ln_n - self.posterior.ln_n_max, error) >= probability;
        let first = math::ln(self.n_min);
        let last = math::ln(most).min(self.posterior.ln_n_max + FARTHEST);
        if !(last >= first) {
            return None;
        }
        if holds(first) {
            return Some(self.n_min);
        }
        let mut low = first;
        while low < last {
            let high = (low + core::f64::consts::LN_2).min(last);
            if holds(high) {
                return Some(math::exp(bisect(low, high, holds)).min(most));
            }
            low = high;
        }
        None
    }

    /// How far a size lies beyond the data, in measured ranges: ln(n / n_max) / ln(n_max / n_min); 0 within them.
    pub fn distance(&self, n: f64) -> f64 {
        let beyond = math::ln(n / self.n_max) / math::ln(self.n_max / self.n_min);
        if beyond > 0.0 { beyond } else { 0.0 }
    }

    /// What the forecasts from the smaller sizes of the curve itself (up to a half and a quarter of the largest) missed at its
    /// larger ones: the probability of so large a miss if they were right, times the number of sizes compared; `None`
    /// with fewer than six measurements up to half of the largest. Below .01 no law of ours goes on as this curve does.
    pub fn missed(&self) -> Option<f64> {
        self.missed
    }

    /// What the data say of each law, if it was asked for.
    pub fn evidence(&self) -> Option<&Evidence> {
        self.evidence.as_ref()
    }

    /// Smallest n above 0 and largest n.
    pub fn sizes(&self) -> [f64; 2] {
        [self.n_min, self.n_max]
    }

    /// Standard deviation of one measurement, in ln error.
    pub fn noise(&self) -> f64 {
        math::sqrt(self.posterior.noise)
    }

    pub(super) fn t(&self, n: f64) -> f64 {
        math::ln(n) - self.posterior.ln_n_max
    }

    /// The move: for what lies beyond the data, it sets in over their last octave.
    pub(super) fn shift_at(&self, t: f64) -> f64 {
        self.shift * (1.0 + t / core::f64::consts::LN_2).max(0.0).min(1.0)
    }

    /// Median of ln L, and the standard deviations of that and of a new measurement.
    pub(super) fn spread(&self, t: f64) -> (f64, f64, f64) {
        // Beyond e^1000 times the data, and at n = 0, the limits are reached.
        if t.is_nan() {
            return (t, t, t);
        }
        let t = t.max(-LIMIT).min(LIMIT);
        let (value, variance) = with_discrepancy(&self.posterior, t, self.discrepancy);
        let shift = self.shift_at(t);
        // A curve that had to be moved has shown its laws to be wrong by that much.
        let variance = variance + shift * shift;
        let factor = self.calibration.at(t);
        let of = |variance: f64| factor * math::sqrt(variance);
        (value - shift + self.ln_unit, of(variance), of(variance + self.posterior.noise))
    }
}

/// The larger of a number and a bound; the bound for NaN.
pub(super) fn at_least(x: f64, bound: f64) -> f64 {
    if x > bound { x } else { bound }
}

/// ln(n / n_max) from which on nothing is looked for: beyond the range of f64 for any n_max from 1 on.
const FARTHEST: f64 = 700.0;

/// |ln(n / n_max)| that stands for n = 0 and for infinitely many.
pub(super) const LIMIT: f64 = 1e5;

/// The end of the step from a place where it does not hold to one where it does.
fn bisect(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if holds(middle) { high = middle } else { low = middle }
    }
    high
}
