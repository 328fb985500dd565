//! The two half steps of the map: median alpha of a D, median D of an alpha.
use crate::fit::{FitError, FitOptions, Syn2RealFit, median};
use crate::law::Syn2RealLaw;
use crate::point::Point;

use super::{DecoupleError, DecoupleOptions};

/// The map, with the caller's slots as the buffer of the medians.
pub(super) struct Map<'a> {
    curves: &'a [&'a [Point]],
    fit: FitOptions,
    out: &'a mut [Option<Syn2RealFit>],
    half_steps: u32,
}

impl<'a> Map<'a> {
    /// Checks the arguments.
    pub(super) fn new(
        curves: &'a [&'a [Point]],
        options: &DecoupleOptions,
        out: &'a mut [Option<Syn2RealFit>],
    ) -> Result<Map<'a>, DecoupleError> {
        let require = |ok: bool, field| if ok { Ok(()) } else { Err(DecoupleError::BadOption { field }) };
        check(curves, &options.fit, out)?;
        require(options.tol > 0.0 && options.tol < f64::INFINITY, "tol")?;
        require(options.max_rounds > 0, "max_rounds")?;
        Ok(Map { curves, fit: options.fit, out, half_steps: 0 })
    }

    /// Whether the pair is one that the fits accept.
    pub(super) fn check_start(&self, d: f64, alpha: f64) -> Result<(), DecoupleError> {
        let (by_d, by_alpha) = (self.fit.d, self.fit.alpha);
        let d_is_inside = d > 0.0 && d < f64::INFINITY && d >= by_d.lower && d <= by_d.upper;
        if d_is_inside && alpha >= by_alpha.lower && alpha <= by_alpha.upper {
            Ok(())
        } else {
            Err(DecoupleError::BadOption { field: "start" })
        }
    }

    /// Median of the rates of the curves with D held at `d`.
    pub(super) fn alpha_of(&mut self, d: f64) -> Result<f64, DecoupleError> {
        let options = FitOptions { fixed_d: Some(d), covariance: false, ..self.fit };
        self.half_step(&options, |law| law.alpha)
    }

    /// Median of the D of the curves with the rate held at `alpha`.
    pub(super) fn d_of(&mut self, alpha: f64) -> Result<f64, DecoupleError> {
        let options = FitOptions { fixed_alpha: Some(alpha), covariance: false, ..self.fit };
        match self.half_step(&options, |law| law.d)? {
            d if d > 0.0 => Ok(d),
            _ => Err(DecoupleError::NoDecrease),
        }
    }

    /// The final fits, with D held at `d`.
    pub(super) fn finish(&mut self, d: f64) -> Result<(), DecoupleError> {
        fit_all(self.curves, &FitOptions { fixed_d: Some(d), ..self.fit }, self.out)
    }

    /// Evaluations so far, two half steps each.
    pub(super) fn evaluations(&self) -> u32 {
        self.half_steps.div_ceil(2)
    }

    fn half_step(&mut self, options: &FitOptions, of: impl Fn(Syn2RealLaw) -> f64) -> Result<f64, DecoupleError> {
        self.half_steps = self.half_steps.saturating_add(1);
        fit_all(self.curves, options, self.out)?;
        Ok(median(self.out.iter().flatten().map(|fit| of(fit.law())), self.curves.len()))
    }
}

/// What the iterations and the joint fits need alike.
pub(super) fn check(curves: &[&[Point]], fit: &FitOptions, out: &[Option<Syn2RealFit>]) -> Result<(), DecoupleError> {
    let require = |ok: bool, field| if ok { Ok(()) } else { Err(DecoupleError::BadOption { field }) };
    require(curves.len() == out.len(), "out")?;
    require(fit.fixed_d.is_none(), "fixed_d")?;
    require(fit.fixed_alpha.is_none(), "fixed_alpha")?;
    if curves.is_empty() { Err(DecoupleError::NoCurves) } else { Ok(()) }
}

/// Fits every curve into its slot, which is `None` where there is no fit; an error names the first of those.
pub(super) fn fit_all(
    curves: &[&[Point]],
    options: &FitOptions,
    out: &mut [Option<Syn2RealFit>],
) -> Result<(), DecoupleError> {
    let mut first = Ok(());
    let mut slots = out.iter_mut();
    Syn2RealLaw::fit_many(curves, options, |index, result| {
        if let (Err(source), Ok(())) = (result, first) {
            first = Err(match source {
                FitError::BadOption { field } => DecoupleError::BadOption { field },
                source => DecoupleError::Curve { index, source },
            });
        }
        if let Some(slot) = slots.next() {
            *slot = result.ok();
        }
    });
    first
}
