//! The band about a fitted law: at each size the interval of L(n) that the library gives.
use syn2real::infer::{self, Band, Method};
use syn2real::{Confidence, Point, Syn2RealFit};

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

#[cfg(test)]
mod tests {
    use super::*;
    use syn2real::{FitOptions, Parameter, Residual, Syn2RealLaw};

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

    #[test]
    fn no_freedom_no_band() {
        let points: Vec<Point> = [(1e3, 0.58), (2e3, 0.561), (4e3, 0.549)].map(Point::from).to_vec();
        let fit = Syn2RealLaw::fit(&points).expect("a fit");
        assert_eq!(band(&points, &fit, &[1e3], Confidence::P95, Method::Profile), None);
    }
}
