//! The crate rmpfit (a port of MPFIT), in D, alpha, C with lower bounds.
use rmpfit::{MPConfig, MPFitter, MPMaxFev, MPPar, MPResult, MPSide};

use super::{Curve, Estimate, row, start};

struct Problem<'a> {
    curve: &'a Curve<'a>,
    config: MPConfig,
    parameters: [MPPar; 3],
}

impl Problem<'_> {
    fn rows(&self, theta: &[f64]) -> impl Iterator<Item = (f64, [f64; 3])> {
        let theta = [theta[0], theta[1], theta[2]];
        self.curve.ln_n.iter().zip(self.curve.ln_error).map(move |(x, y)| row(&theta, *x, *y))
    }
}

impl MPFitter for Problem<'_> {
    fn eval(&mut self, theta: &[f64], residuals: &mut [f64]) -> MPResult<()> {
        for (slot, (residual, _)) in residuals.iter_mut().zip(self.rows(theta)) {
            *slot = residual;
        }
        Ok(())
    }

    fn number_of_points(&self) -> usize {
        self.curve.ln_n.len()
    }

    fn config(&self) -> &MPConfig {
        &self.config
    }

    fn parameters(&self) -> &[MPPar] {
        &self.parameters
    }

    fn jacobian(&mut self, theta: &[f64], residuals: &mut [f64], columns: &mut [Option<Vec<f64>>]) -> MPResult<()> {
        for (i, (residual, derivatives)) in self.rows(theta).enumerate() {
            residuals[i] = residual;
            for (column, derivative) in columns.iter_mut().zip(derivatives) {
                if let Some(column) = column {
                    column[i] = derivative;
                }
            }
        }
        Ok(())
    }
}

pub(super) fn fit(curve: &Curve) -> Estimate {
    let mut config = MPConfig::new();
    (config.ftol, config.xtol, config.gtol) = (1e-12, 1e-12, 1e-14);
    (config.max_iter, config.max_fev) = (500, MPMaxFev::Limited(1000));
    let parameters = [1e-12, 0.0, 0.0].map(|lower| {
        let mut parameter = MPPar::new();
        (parameter.limited_low, parameter.limit_low, parameter.side) = (true, lower, MPSide::User);
        parameter
    });
    let mut theta = start(curve);
    match (Problem { curve, config, parameters }).mpfit(&mut theta) {
        Ok(_) => Estimate::from_natural(&theta),
        Err(_) => Estimate::NONE,
    }
}
