//! The bootstrap of the laws over n and s.
use crate::fit::{Confidence, Erased, GridFit, GridRows, Refit, fit_grid_law, residual_of};
use crate::law::{GridLaw, Sealed};
use crate::linalg::form;
use crate::math;
use crate::point::GridPoint;
use crate::simd::LANES;
use crate::solve::{Mapped, Observations};

use super::super::{GridQuantity, InferError, MadeBy, QuantityInterval};
use super::check_draws;
use super::interval::{enough, quantile};
use super::noise::{CELLS, LEAST};
use super::options::{BootstrapOptions, Scheme};
use super::stream::Stream;

/// Fills `out[k]` with the law fitted to replicate `options.first` + k, with the options of the fit; returns how many could
/// not be fitted (their parameters are NaN). As [`replicate`](super::replicate), over both sizes: replicate i depends on
/// (seed, i) alone. Up to 512 points are drawn once for each replicate, more are drawn anew in each pass over them.
///
/// # Errors
/// As [`replicate`](super::replicate).
///
/// ```
/// use syn2real::FullLaw;
/// use syn2real::infer::bootstrap::{BootstrapOptions, replicate_grid};
///
/// let truth = FullLaw { delta: 42.0, gamma: 0.02, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
/// let points: [_; 12] = core::array::from_fn(|i| {
///     let (n, s) = ([1e3, 4e3, 16e3, 64e3][i % 4], [1e4, 4e4, 16e4][i / 4]);
///     (n, s, truth.error_at(n, s) * if i % 2 == 0 { 1.002 } else { 0.998 })
/// });
/// let fit = FullLaw::fit(&points)?;
/// let mut laws = [fit.law(); 6];
/// let options = BootstrapOptions { seed: 7, ..BootstrapOptions::default() };
/// assert_eq!(replicate_grid(&fit, &points, &[], &options, &mut laws)?, 0);
/// // The second half alone is the same.
/// let mut half = [fit.law(); 3];
/// replicate_grid(&fit, &points, &[], &BootstrapOptions { first: 3, ..options }, &mut half)?;
/// assert_eq!(laws[3..], half);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn replicate_grid<L: GridLaw, const P: usize, T: Copy + Into<GridPoint>>(
    fit: &GridFit<L, P>,
    points: &[T],
    groups: &[u32],
    options: &BootstrapOptions,
    out: &mut [L],
) -> Result<usize, InferError> {
    let (erased, law, mut slots) = (fit.erased(), fit.law(), out.iter_mut());
    let count = slots.len();
    replicate_of(&erased, &erased.source(points), groups, options, count, &mut |six| {
        if let Some(slot) = slots.next() {
            *slot = law.with_six(six);
        }
    })
}

/// The same for rows with the weights of their squared residuals; `take` gets the parameters of each replicate.
fn replicate_of(
    fit: &Erased,
    data: &GridRows<'_>,
    groups: &[u32],
    options: &BootstrapOptions,
    count: usize,
    take: &mut dyn FnMut([f64; 6]),
) -> Result<usize, InferError> {
    let noise = Noise::new(fit, data, groups, options)?;
    let mut failed = 0;
    for k in 0..count as u64 {
        let six = noise.refitted(options.first.wrapping_add(k));
        failed += usize::from(six.is_none());
        take(six.unwrap_or([f64::NAN; 6]));
    }
    Ok(failed)
}

/// The interval of `quantity` from the `laws` that [`replicate_grid`] drew for this fit; `scratch` takes a value for each law.
/// Quantiles as in [`super::interval`].
///
/// # Errors
/// [`InferError::FewReplicates`] and [`InferError::TooFew`] as there, [`InferError::BadOption`] for `out` if `scratch` is
/// shorter than `laws`, for `quantity` if it is a new measurement; [`InferError::Fixed`] for a
/// parameter that was held or is not of the law, [`InferError::Quantity`].
///
/// ```
/// use syn2real::infer::GridQuantity;
/// use syn2real::infer::bootstrap::grid_replicates_interval;
/// use syn2real::{Confidence, FullLaw, Parameter};
///
/// let points = [(1e3, 10., 0.90), (2e3, 10., 0.80), (4e3, 10., 0.75), (1e3, 40., 0.51), (2e3, 40., 0.45), (4e3, 40., 0.42)];
/// let fit = FullLaw::fit(&points)?;
/// let laws: [FullLaw; 999] = core::array::from_fn(|i| FullLaw { beta: 0.3 + 1e-4 * i as f64, ..fit.law() });
/// let quantity = GridQuantity::Parameter(Parameter::Beta);
/// let found = grid_replicates_interval(&fit, &laws, quantity, Confidence::P90, &mut [0.0; 999])?;
/// // Further out than the 5 % from either end: six points for four parameters are few.
/// assert!(found.lower.unwrap() < 0.305 && found.upper.unwrap() > 0.395);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn grid_replicates_interval<L: GridLaw, const P: usize>(
    fit: &GridFit<L, P>,
    laws: &[L],
    quantity: GridQuantity,
    confidence: Confidence,
    scratch: &mut [f64],
) -> Result<QuantityInterval, InferError> {
    if scratch.len() < laws.len() {
        return Err(InferError::BadOption { field: "out" });
    }
    interval_from(&fit.erased(), &mut laws.iter().map(Sealed::six), quantity, confidence, scratch)
}

fn interval_from(
    fit: &Erased,
    laws: &mut dyn Iterator<Item = [f64; 6]>,
    quantity: GridQuantity,
    confidence: Confidence,
    scratch: &mut [f64],
) -> Result<QuantityInterval, InferError> {
    let (settings, report) = (&fit.settings, &fit.report);
    let [.., offset, _] = settings.fixed;
    quantity.check(offset.unwrap_or(f64::INFINITY))?;
    if matches!(quantity, GridQuantity::MeasurementAt { .. }) {
        return Err(InferError::BadOption { field: "quantity" });
    }
    if let GridQuantity::Parameter(parameter) = quantity {
        settings.place_of(parameter).ok_or(InferError::Fixed { parameter })?;
    }
    let mut count = 0;
    let laws = laws.map(|six| settings.form.law(&six)).filter(|law| !law.floor().is_nan());
    for (slot, law) in scratch.iter_mut().zip(laws) {
        *slot = quantity.of(&law).unwrap_or(f64::INFINITY);
        count += 1;
    }
    let values = scratch.get(..count).unwrap_or(&[]);
    let tail = enough(report.degrees_of_freedom, report.weights.is_absolute(), confidence, count)?;
    let [lower, upper] = [tail, 1.0 - tail].map(|p| quantile(values, p));
    Ok(QuantityInterval { estimate: quantity.of(&fit.law()), lower, upper, confidence, method: MadeBy::Bootstrap })
}

/// What replicates are drawn from.
struct Noise<'a> {
    fit: &'a Erased,
    data: &'a GridRows<'a>,
    groups: &'a [u32],
    scheme: Scheme,
    seed: u64,
    /// Standard deviation of a residual of weight 1.
    sigma: f64,
    /// (J' W J)^-1 on the free parameters, for the leverages.
    bread: [[f64; 6]; 6],
    /// Mean of the standardised residuals.
    mean: f64,
    /// The standardised residuals of a short table, and what the law says there.
    kept: [(f64, f64); CELLS],
}

impl<'a> Noise<'a> {
    fn new(
        fit: &'a Erased,
        data: &'a GridRows<'a>,
        groups: &'a [u32],
        options: &BootstrapOptions,
    ) -> Result<Noise<'a>, InferError> {
        let (report, scheme) = (&fit.report, options.scheme);
        let refit = Refit::new(fit, data)?.ok_or(InferError::OtherPoints)?;
        let counts = (report.points, report.degrees_of_freedom, report.parameters);
        check_draws(counts, data.len(), groups, scheme)?;
        let (bread, psi_square) = refit.bread();
        let variance = match report.weights {
            weights if weights.is_absolute() => 1.0,
            _ => psi_square / report.degrees_of_freedom as f64,
        };
        let sigma = math::sqrt(variance);
        let kept = [(0.0, 1.0); CELLS];
        let mut noise = Noise { fit, data, groups, scheme, seed: options.seed, sigma, bread, mean: 0.0, kept };
        if scheme == Scheme::Residual {
            let used = (0..data.len()).filter_map(|i| noise.point(i)).filter(|p| p.weight > 0.0);
            noise.mean = used.map(|p| noise.standardised(&p)).sum::<f64>() / report.points as f64;
        }
        if noise.is_kept() {
            let mut kept = noise.kept;
            for (index, slot) in kept.iter_mut().enumerate().take(data.len()) {
                if let Some(p) = noise.point(index).filter(|p| p.weight > 0.0) {
                    let residual = if scheme == Scheme::Residual { noise.standardised(&p) - noise.mean } else { 0.0 };
                    *slot = (residual, noise.model(&p));
                }
            }
            noise.kept = kept;
        }
        Ok(noise)
    }

    fn is_kept(&self) -> bool {
        self.data.len() <= CELLS
    }

    fn point(&self, index: usize) -> Option<GridPoint> {
        let block = self.data.block(index / LANES)?;
        (index < self.data.len()).then_some(block[index & (LANES - 1)])
    }

    fn model(&self, p: &GridPoint) -> f64 {
        self.fit.law().value_at(p.n, p.s)
    }

    /// sqrt(w) r / sqrt(1 - leverage), with r = T(error) - T(model).
    fn standardised(&self, p: &GridPoint) -> f64 {
        let (r, row) = residual_of(&self.fit.settings, &self.fit.six, p);
        let left = 1.0 - form(&self.bread, &row) * p.weight;
        // A point that the law must go through has no residual.
        let left = if left > LEAST { left } else { LEAST };
        -r * math::sqrt(p.weight) / math::sqrt(left)
    }

    /// The parameters of replicate number `index`.
    fn refitted(&self, index: u64) -> Option<[f64; 6]> {
        let sample = Sample { noise: self, stream: Stream::new(self.seed, index) };
        let mut settings = self.fit.settings;
        settings.covariance = false;
        let mut points = [GridPoint::new(1.0, 1.0, 1.0).with_weight(0.0); CELLS];
        match points.get_mut(..self.data.len()) {
            Some(points) => {
                for (index, slot) in points.iter_mut().enumerate() {
                    *slot = sample.point(index)?;
                }
                let points: &[GridPoint] = points;
                fit_grid_law(&Mapped::new(points, |p: &GridPoint| *p), &settings)
            }
            None => fit_grid_law(&sample, &settings),
        }
    }
}

/// One replicate of the data.
struct Sample<'a> {
    noise: &'a Noise<'a>,
    stream: Stream,
}

impl Sample<'_> {
    /// The place drawn for `index`: one with a weight above 0.
    fn pick(&self, index: usize) -> usize {
        let noise = self.noise;
        let all_used = noise.fit.report.points == noise.data.len();
        let is_used = |index: usize| all_used || noise.point(index).is_some_and(|p| p.weight > 0.0);
        self.stream.pick(index, noise.data.len(), is_used)
    }

    fn point(&self, index: usize) -> Option<GridPoint> {
        let noise = self.noise;
        let p = noise.point(index)?;
        if p.weight <= 0.0 {
            // No part of the fit: it stays.
            return Some(p);
        }
        Some(match noise.scheme {
            Scheme::Case => noise.point(self.pick(index))?,
            Scheme::Cluster => p.with_weight(p.weight * self.stream.times_drawn(noise.groups, index)),
            _ => GridPoint { error: self.error(index, &p), ..p },
        })
    }

    /// The law with a drawn residual.
    fn error(&self, index: usize, p: &GridPoint) -> f64 {
        let noise = self.noise;
        let kept = |index: usize| noise.kept.get(index).filter(|_| noise.is_kept());
        let model = kept(index).map_or_else(|| noise.model(p), |(_, model)| *model);
        let drawn = if noise.scheme == Scheme::Parametric {
            noise.sigma * math::normal_quantile(self.stream.unit(index as u64))
        } else {
            let from = self.pick(index);
            match kept(from) {
                Some((residual, _)) => *residual,
                None => noise.point(from).map_or(0.0, |p| noise.standardised(&p) - noise.mean),
            }
        };
        let shift = drawn / math::sqrt(p.weight);
        noise.fit.report.residual.moved(model, shift)
    }
}

impl Observations<GridPoint> for Sample<'_> {
    fn len(&self) -> usize {
        self.noise.data.len()
    }

    fn block(&self, k: usize) -> Option<[GridPoint; LANES]> {
        let mut block = self.noise.data.block(k)?;
        let last = self.noise.data.len().saturating_sub(1);
        for (index, p) in (k * LANES..).zip(&mut block) {
            *p = self.point(if index < last { index } else { last })?;
        }
        Some(block)
    }
}
