//! How much wider or narrower bands have to be, as other curves tell.
use crate::fit::{Confidence, Curve, Trained, source};
use crate::law::Residual;
use crate::math;
use crate::point::Point;

use super::super::average::{at_least, forecast_of_rows};
use super::super::calibration::{Calibration, OCTAVES};
use super::super::error::ForecastError;
use super::super::options::ForecastOptions;
use super::super::rows::{EMPTY, Rows, rows};

/// Factors that are told apart: sixteen to a factor of e, from 1/20 to 20.
const STEPS: usize = 96;
const PER_UNIT: f64 = 16.0;
const LEAST: f64 = -3.0;

/// Fewest curves that a factor is learnt from.
const FEWEST: f64 = 5.0;

/// Points that a hold-out fits at least.
const FITTED: usize = 5;

impl Calibration {
    /// Learns the factors from other curves: each is forecast from its sizes up to n_max / 2, / 4, / 8 and / 16, to the
    /// last octave of its data each time, and the factor of an octave is the one with which the share `confidence` of the measurements held, (K + 1) / K times, K the
    /// number of curves that reach it. A curve counts once, however many points it has; with fewer than five the octave keeps
    /// the factor 1. For a new curve of the same kind, measured as densely.
    ///
    /// # Errors
    /// [`ForecastError::Prior`] if the prior of the options is out of its range. A curve that cannot be used is left out.
    ///
    /// ```
    /// use syn2real::{Confidence, RectifiedLaw};
    /// use syn2real::forecast::{Calibration, ForecastOptions};
    ///
    /// // Curves without noise that follow a law: bands can be far narrower.
    /// let law = |k: f64| RectifiedLaw { a: 0.9, c: 0.3 + 0.01 * k, n_h: 3e3 * (1.0 + 0.2 * k), beta: 0.8 };
    /// let curves: Vec<Vec<(f64, f64)>> = (0..10)
    ///     .map(|k| (0..12).map(|i| 250.0 * f64::from(1 << i)).map(|n| (n, law(f64::from(k)).error_at(n))).collect())
    ///     .collect();
    /// let calibration = Calibration::learn(&curves, &ForecastOptions::default(), Confidence::P95)?;
    /// assert!(calibration.factors().iter().all(|&factor| factor < 0.8), "{calibration:?}");
    /// # Ok::<(), syn2real::forecast::ForecastError>(())
    /// ```
    pub fn learn<C: AsRef<[T]>, T: Copy + Into<Point>>(
        curves: &[C],
        options: &ForecastOptions,
        confidence: Confidence,
    ) -> Result<Calibration, ForecastError> {
        options.prior.check()?;
        let plain = ForecastOptions { calibration: Calibration::default(), evidence: false, ..*options };
        let mut all = Histogram::EMPTY;
        for curve in curves {
            let data = source(curve.as_ref(), options.weights, Residual::Log);
            let (mut full, mut binned, mut room) = (Curve::EMPTY, Curve::EMPTY, EMPTY);
            let Ok(rows) = rows(&Trained(&data), &plain.fit_options(), [&mut full, &mut binned], &mut room) else {
                continue;
            };
            let mut own = Histogram::EMPTY;
            for (octave, factor) in [2.0, 4.0, 8.0, 16.0].into_iter().enumerate() {
                own.hold_out(&rows, (octave, math::ln(1.001 / factor)), &plain, confidence);
            }
            all.add(&own);
        }
        Ok(Calibration { factors: all.factors(confidence) })
    }
}

/// How often which factor was needed, by octave.
struct Histogram {
    counts: [[f64; STEPS]; OCTAVES],
    curves: [f64; OCTAVES],
}

impl Histogram {
    const EMPTY: Histogram = Histogram { counts: [[0.0; STEPS]; OCTAVES], curves: [0.0; OCTAVES] };

    /// Forecasts the last octave of the data from what lies below `most`, so many octaves before.
    fn hold_out(
        &mut self,
        rows: &Rows<'_>,
        (octave, most): (usize, f64),
        options: &ForecastOptions,
        confidence: Confidence,
    ) {
        let len = rows.list.iter().take_while(|row| row.t <= most).count();
        if len < FITTED {
            return;
        }
        let mut room = EMPTY;
        let Some((kept, end)) = rows.first(len, &mut room) else { return };
        let Ok(forecast) = forecast_of_rows(&kept, end, options) else { return };
        let quantile = math::t_quantile(0.5 + 0.5 * confidence.level(), forecast.degrees_of_freedom);
        let later = rows.list.iter().skip(len).filter(|row| row.t > most - math::ln(0.5) * octave as f64);
        for row in later {
            let (centre, _, sd) = forecast.spread(row.t - end);
            let needed = math::ln((row.y - centre).abs() / (quantile * sd));
            let step = (at_least((needed - LEAST) * PER_UNIT, 0.0) as usize).min(STEPS - 1);
            if let Some(count) = self.counts.get_mut(octave).and_then(|counts| counts.get_mut(step)) {
                *count += 1.0;
            }
        }
    }

    /// Adds a curve, whose octaves count once each.
    fn add(&mut self, curve: &Histogram) {
        for ((sums, curves), counts) in self.counts.iter_mut().zip(&mut self.curves).zip(&curve.counts) {
            let all: f64 = counts.iter().sum();
            if all > 0.0 {
                *curves += 1.0;
                for (sum, count) in sums.iter_mut().zip(counts) {
                    *sum += count / all;
                }
            }
        }
    }

    fn factors(&self, confidence: Confidence) -> [f64; OCTAVES] {
        let mut factors = [1.0; OCTAVES];
        for ((factor, counts), &curves) in factors.iter_mut().zip(&self.counts).zip(&self.curves) {
            if curves < FEWEST {
                continue;
            }
            let needed = confidence.level() * (curves + 1.0);
            let (mut sum, mut step) = (0.0, 0.0);
            for count in counts {
                sum += count;
                step += 1.0;
                if sum >= needed {
                    break;
                }
            }
            // The upper end of the step; with few curves that of the largest factor that was needed.
            let most = counts.iter().rposition(|&count| count > 0.0).map_or(0.0, |k| k as f64 + 1.0);
            let step: f64 = if step < most { step } else { most };
            *factor = math::exp(LEAST + step / PER_UNIT);
        }
        factors
    }
}
