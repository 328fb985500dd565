//! The 95 % band of a fitted law by the delta method: gradient times covariance times gradient, with Student's t.
use syn2real::simd::{F64x8, LANES};
use syn2real::solve::{SolveOptions, solve};
use syn2real::{Bounds, Confidence, Law, Parameter, Point, Residual, Syn2RealFit, Syn2RealLaw, Weights};

/// The law as a regression on (n, error, root of the weight), for its covariance.
struct Rows {
    residual: Residual,
}

impl Law<3> for Rows {
    type Observation = [f64; 3];

    #[inline(always)]
    fn rows(
        &self,
        theta: &[f64; 3],
        block: &[[f64; 3]; LANES],
        residuals: &mut F64x8,
        jacobian: Option<&mut [F64x8; 3]>,
    ) {
        let law = Syn2RealLaw { d: theta[0], alpha: theta[1], c: theta[2] };
        let mut columns = [F64x8([0.0; LANES]); 3];
        for (lane, [n, error, root]) in block.iter().enumerate() {
            let model = law.error_at(*n);
            let (residual, unit) = match self.residual {
                Residual::Log => ((model / error).ln(), 1.0 / model),
                Residual::Linear => (model - error, 1.0),
            };
            residuals.0[lane] = root * residual;
            for (column, slope) in columns.iter_mut().zip(law.gradient_at(*n)) {
                column.0[lane] = root * slope * unit;
            }
        }
        if let Some(jacobian) = jacobian {
            *jacobian = columns;
        }
    }
}

/// (n, lower, upper) at each n: the 95 % confidence band of the mean error, in the space of the residual. `None` where a
/// parameter that was not fixed has no standard error, or none is free.
pub(crate) fn band(points: &[Point], fit: &Syn2RealFit, at: &[f64]) -> Option<Vec<(f64, f64, f64)>> {
    let (law, report) = (fit.law(), fit.report());
    let theta = [law.d, law.alpha, law.c];
    let errors = fit.std_errors();
    if errors.iter().zip(report.fixed).any(|(error, fixed)| error.is_none() && !fixed) {
        return None;
    }
    let used = points.iter().filter(|point| point.weight > 0.0);
    let rows: Vec<[f64; 3]> = used.map(|point| [point.n, point.error, point.weight.sqrt()]).collect();
    // Fixed parameters are held by equal bounds. The solver starts at the optimum, so that the parameters stay there.
    let hold = |k: usize| if report.fixed[k] { Bounds::fixed(theta[k]) } else { Bounds::FREE };
    let options = SolveOptions { bounds: std::array::from_fn(hold), ..SolveOptions::default() };
    let solution = solve(&Rows { residual: report.residual }, rows.as_slice(), theta, &options).ok()?;
    let scale2 = if report.weights == Weights::Absolute { 1.0 } else { solution.scale2()? };
    let covariance = solution.covariance(scale2)?;
    let t = quantile(fit)?;
    let each = |n: &f64| {
        let (gradient, model) = (law.gradient_at(*n), law.error_at(*n));
        let product = |k: usize| (0..3).map(|j| covariance[k][j] * gradient[j]).sum::<f64>();
        let half = t * (0..3).map(|k| gradient[k] * product(k)).sum::<f64>().max(0.0).sqrt();
        match report.residual {
            Residual::Log => (*n, model * (-half / model).exp(), model * (half / model).exp()),
            Residual::Linear => (*n, model - half, model + half),
        }
    };
    Some(at.iter().map(each).collect())
}

/// Student's quantile of the fit, as its intervals have it; an end cut at a bound of the domain is shorter.
fn quantile(fit: &Syn2RealFit) -> Option<f64> {
    let parameters = [Parameter::D, Parameter::Alpha, Parameter::C];
    let widths = parameters.into_iter().zip(fit.std_errors()).filter_map(|(parameter, error)| {
        let interval = fit.interval(parameter, Confidence::P95)?;
        Some((interval.upper? - interval.estimate) / error?)
    });
    widths.max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn2real::FitOptions;

    /// With alpha and D fixed, C is a mean: its band is the t interval of C at every n.
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
        for (n, lower, upper) in band(&points, &fit, &[1e3, 1e6]).expect("a band") {
            let model = fit.law().error_at(n);
            // The covariances come from two factorisations of the same well-conditioned column: some eps.
            assert!(((upper - model) / wanted - 1.0).abs() < 1e-12 && ((model - lower) / wanted - 1.0).abs() < 1e-12);
        }
    }
}
