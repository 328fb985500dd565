//! The band about a fitted law: at each size the interval of L(n) that the library gives.
use syn2real::infer::{self, Band, Method};
use syn2real::{Confidence, FullFit, Point, Residual, Syn2RealFit};

/// (n, lower, upper) at each n, an end that the data do not limit at 0 or infinity; `None` where there are no intervals, as
/// without degrees of freedom.
pub(crate) fn band(
    points: &[Point],
    fit: &Syn2RealFit,
    at: &[f64],
    confidence: Confidence,
    method: Method,
) -> Option<Vec<(f64, f64, f64)>> {
    let mut bands = vec![Band::default(); at.len()];
    infer::band(fit, points, at, confidence, method, &mut bands).ok()?;
    let ends = |(n, band): (&f64, Band)| {
        let [lower, upper] = band.curve;
        (*n, lower.unwrap_or(0.0), upper.unwrap_or(f64::INFINITY))
    };
    Some(at.iter().zip(bands).map(ends).collect())
}

/// Standard errors on either side in the band of a law over n and s: about 95 % with some 40 degrees of freedom.
pub(crate) const FULL_WIDTH: f64 = 2.0;

/// (x, lower, upper) of the law over n and s at each (x, n, s): two standard errors of L by the delta method, in the space
/// of the residual; empty where the fit has no covariance.
pub(crate) fn full_band(fit: &FullFit, at: &[(f64, f64, f64)]) -> Vec<(f64, f64, f64)> {
    let Some(covariance) = fit.covariance() else { return Vec::new() };
    let law = fit.law();
    let ends = |&(x, n, s): &(f64, f64, f64)| {
        let (model, gradient) = (law.error_at(n, s), law.gradient_at(n, s));
        let product = |row: &[f64; 6]| row.iter().zip(&gradient).map(|(c, g)| c * g).sum::<f64>();
        let variance: f64 = covariance.iter().zip(&gradient).map(|(row, g)| g * product(row)).sum();
        let half = FULL_WIDTH * variance.max(0.0).sqrt();
        match fit.report().residual {
            Residual::Log => (x, model * (-half / model).exp(), model * (half / model).exp()),
            // No error is below 0.
            Residual::Linear => (x, (model - half).max(0.0), model + half),
        }
    };
    at.iter().map(ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn2real::{FitOptions, FullLaw, FullOptions, Parameter, Syn2RealLaw};

    /// With alpha and D fixed, C is a mean: its band is the t interval of C at every n, by either method.
    #[test]
    fn band_of_a_mean_is_its_t_interval() {
        let points: Vec<Point> = [(1e3, 0.58), (2e3, 0.561), (4e3, 0.549), (8e3, 0.541)].map(Point::from).to_vec();
        let options = FitOptions {
            residual: Residual::Linear,
            fixed_d: Some(2.0),
            fixed_alpha: Some(0.5),
            ..FitOptions::default()
        };
        let fit = Syn2RealLaw::fit_with(&points, &options).expect("a fit");
        let interval = fit.interval(Parameter::C, Confidence::P95).expect("an interval");
        let wanted = interval.upper.expect("an end") - interval.estimate;
        for method in [Method::Wald, Method::Profile] {
            for (n, lower, upper) in band(&points, &fit, &[1e3, 1e6], Confidence::P95, method).expect("a band") {
                let model = fit.law().error_at(n);
                // The ends of a profile are roots to 1e-9 of the interval or better.
                let off = ((upper - model) / wanted - 1.0).abs().max(((model - lower) / wanted - 1.0).abs());
                assert!(off < 1e-8, "{method:?} at {n}: {off:e}");
            }
        }
    }

    /// With E alone free the law is a mean: its band is two standard errors of E everywhere.
    #[test]
    fn band_of_a_full_law_with_one_parameter_is_its_standard_error() {
        let points: Vec<(f64, f64, f64)> = (0..6)
            .map(|k| (1e3 * f64::from(k % 3 + 1), 10.0 * f64::from(k / 3 + 1), 0.5 + 0.01 * f64::from(k % 2)))
            .collect();
        let options = FullOptions {
            residual: Residual::Linear,
            fixed_delta: Some(0.1),
            fixed_gamma: Some(0.5),
            fixed_alpha: Some(0.5),
            fixed_beta: Some(0.3),
            fixed_e: None,
            ..FullOptions::default()
        };
        let fit = FullLaw::fit_with(&points, &options).expect("a fit");
        let error = fit.std_errors()[5].expect("a standard error of E");
        for (x, lower, upper) in full_band(&fit, &[(1.0, 1e3, 10.0), (2.0, 1e5, 80.0)]) {
            assert!(((upper - lower) / (2.0 * FULL_WIDTH * error) - 1.0).abs() < 1e-12, "at {x}: {lower} {upper}");
        }
    }

    #[test]
    fn no_freedom_no_band() {
        let points: Vec<Point> = [(1e3, 0.58), (2e3, 0.561), (4e3, 0.549)].map(Point::from).to_vec();
        let fit = Syn2RealLaw::fit(&points).expect("a fit");
        assert_eq!(band(&points, &fit, &[1e3], Confidence::P95, Method::Profile), None);
    }
}
