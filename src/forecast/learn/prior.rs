//! What other curves make plausible of a new one.
use crate::fit::source;
use crate::law::Residual;
use crate::math;
use crate::point::Point;

use super::super::average::posterior_of;
use super::super::error::ForecastError;
use super::super::options::ForecastOptions;
use super::super::posterior::{Moments, Posterior};
use super::super::prior::Prior;

/// Rounds of the expectation-maximisation: means and deviations then move by less than a tenth of what 30 curves leave open.
const ROUNDS: usize = 6;

/// Deviations are not believed to be smaller than this share of those of the default, however alike the curves are.
const NARROWEST: f64 = 0.1;

/// Most that the beta distribution of the gap may say, in curves whose gap is known.
const SUREST: f64 = 100.0;
const LEAST_SURE: f64 = 0.5;

/// Standard deviation of ln n_h where nothing is known of it.
const BENDS: f64 = 2.0;

impl Prior {
    /// The prior that a user's earlier curves make plausible (empirical Bayes), for a new curve of the same kind whose
    /// largest size is `n_max`: how rates, sizes of bends and gaps scatter over them. Put it into [`ForecastOptions::prior`].
    ///
    /// Expectation-maximisation from the prior of the options, which counts as one curve more. A curve that cannot be used
    /// is left out; with none left the prior stays what it is. The gap is that in L(n_max), at the size of the new curve.
    ///
    /// # Errors
    /// [`ForecastError::Prior`] if the prior of the options is out of its range, or `n_max` is not finite and above 0.
    ///
    /// ```
    /// use syn2real::RectifiedLaw;
    /// use syn2real::forecast::{ForecastOptions, Prior, best};
    ///
    /// // Ten earlier settings: other gaps and bends, the same kind of curve.
    /// let law = |k: f64| RectifiedLaw { a: 0.9, c: 0.3 + 0.01 * k, n_h: 3e3 * (1.0 + 0.2 * k), beta: 0.8 };
    /// let sizes = [250.0, 500.0, 1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 64e3];
    /// let curves: Vec<Vec<(f64, f64)>> =
    ///     (0..10).map(|k| sizes.iter().map(|&n| (n, law(k as f64).error_at(n))).collect()).collect();
    /// let prior = Prior::learn(&curves, 2e3, &ForecastOptions::default())?;
    /// // Four points of a new one, and what it will be at 16 times the largest of them.
    /// let new: Vec<(f64, f64)> = sizes[..4].iter().map(|&n| (n, law(4.5).error_at(n))).collect();
    /// let off = |options| best(&new, &options).map(|f| (f.error_at(32e3) - law(4.5).error_at(32e3)).abs());
    /// assert!(off(ForecastOptions { prior, ..ForecastOptions::default() })? < 0.5 * off(ForecastOptions::default())?);
    /// # Ok::<(), syn2real::forecast::ForecastError>(())
    /// ```
    pub fn learn<C: AsRef<[T]>, T: Copy + Into<Point>>(
        curves: &[C],
        n_max: f64,
        options: &ForecastOptions,
    ) -> Result<Prior, ForecastError> {
        options.prior.check()?;
        if !(n_max > 0.0 && n_max < f64::INFINITY) {
            return Err(ForecastError::Prior { field: "n_max" });
        }
        let mut prior = options.prior;
        for _ in 0..ROUNDS {
            let mut sums = Learnt::NONE;
            // The gap of a curve is that at its own largest size.
            let now = ForecastOptions { prior: Prior { gap: options.prior.gap, ..prior }, ..*options };
            for curve in curves {
                let data = source(curve.as_ref(), options.weights, Residual::Log);
                if let Ok(posterior) = posterior_of(&data, &now) {
                    sums.add(&posterior, math::ln(n_max));
                }
            }
            if sums.curves == 0.0 {
                return Ok(options.prior);
            }
            prior = sums.prior(&options.prior);
        }
        Ok(prior)
    }
}

/// Sums over curves: of ln beta, ln kappa, ln n_h and the share of the gap, and of ln noise.
struct Learnt {
    curves: f64,
    mean: [f64; 4],
    square: [f64; 4],
    ln_noise: f64,
}

impl Learnt {
    const NONE: Learnt = Learnt { curves: 0.0, mean: [0.0; 4], square: [0.0; 4], ln_noise: 0.0 };

    fn add(&mut self, posterior: &Posterior, ln_n_max: f64) {
        let Moments { mean, square } = posterior.moments(ln_n_max);
        self.curves += 1.0;
        for ((sum, squares), (x, xx)) in self.mean.iter_mut().zip(&mut self.square).zip(mean.into_iter().zip(square)) {
            (*sum, *squares) = (*sum + x, *squares + xx);
        }
        self.ln_noise += 0.5 * math::ln(posterior.noise);
    }

    /// The default prior counts as one curve about the mean of the others.
    fn prior(&self, default: &Prior) -> Prior {
        let more = self.curves + 1.0;
        let (a, b) = default.gap;
        let of_gap = math::sqrt(a * b / (a + b + 1.0)) / (a + b);
        // A bend anywhere within some ten octaves.
        let of_bend = default.ln_n_h.map_or(BENDS, |(_, sd)| sd);
        let mut of = [(0.0, 0.0); 4];
        let deviations = [default.ln_beta.1, default.ln_kappa.1, of_bend, of_gap];
        for (slot, (deviation, (sum, square))) in
            of.iter_mut().zip(deviations.into_iter().zip(self.mean.into_iter().zip(self.square)))
        {
            let mean = sum / self.curves;
            let variance = (square - sum * mean + deviation * deviation) / more;
            let least = NARROWEST * deviation;
            *slot = (mean, if variance > least * least { math::sqrt(variance) } else { least });
        }
        let [ln_beta, ln_kappa, ln_n_h, (gap, spread)] = of;
        // Mean and variance of a beta distribution.
        let sure = gap * (1.0 - gap) / (spread * spread) - 1.0;
        let sure = if sure < SUREST { sure.max(LEAST_SURE) } else { SUREST };
        Prior {
            ln_beta,
            ln_kappa,
            bend: default.bend,
            ln_n_h: Some(ln_n_h),
            gap: (gap * sure, (1.0 - gap) * sure),
            noise: math::exp((self.ln_noise + math::ln(default.noise)) / more),
        }
    }
}
