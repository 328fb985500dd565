//! The crate levenberg-marquardt (a port of MINPACK), in ln D, alpha, ln C.
use levenberg_marquardt::{LeastSquaresProblem, LevenbergMarquardt};
use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Dyn, OMatrix, OVector, Owned, U3, U7, Vector3};

use super::{Curve, Estimate, residual_in_logs, row_in_logs, start_in_logs};

struct Problem<'a, R> {
    theta: Vector3<f64>,
    curve: &'a Curve<'a>,
    rows: R,
}

impl<R: Dim> LeastSquaresProblem<f64, R, U3> for Problem<'_, R>
where
    DefaultAllocator: Allocator<R> + Allocator<R, U3>,
{
    type ParameterStorage = Owned<f64, U3>;
    type ResidualStorage = Owned<f64, R>;
    type JacobianStorage = Owned<f64, R, U3>;

    fn set_params(&mut self, theta: &OVector<f64, U3>) {
        self.theta = *theta;
    }

    fn params(&self) -> OVector<f64, U3> {
        self.theta
    }

    fn residuals(&self) -> Option<OVector<f64, R>> {
        let theta = self.theta.into();
        let pairs = self.curve.ln_n.iter().zip(self.curve.ln_error);
        let values = pairs.map(|(x, y)| residual_in_logs(&theta, *x, *y));
        Some(OVector::from_iterator_generic(self.rows, nalgebra::U1, values))
    }

    fn jacobian(&self) -> Option<OMatrix<f64, R, U3>> {
        let theta = self.theta.into();
        let mut jacobian = OMatrix::zeros_generic(self.rows, U3);
        for (i, ln_n) in self.curve.ln_n.iter().enumerate() {
            for (j, derivative) in row_in_logs(&theta, *ln_n).into_iter().enumerate() {
                jacobian[(i, j)] = derivative;
            }
        }
        Some(jacobian)
    }
}

macro_rules! solve {
    ($curve:expr, $rows:expr) => {{
        let problem = Problem { theta: Vector3::from(start_in_logs($curve)), curve: $curve, rows: $rows };
        let solver = LevenbergMarquardt::new().with_ftol(1e-12).with_xtol(1e-12).with_gtol(0.0).with_patience(250);
        Estimate::from_logs(&solver.minimize(problem).0.theta.into())
    }};
}

pub(super) fn any(curve: &Curve) -> Estimate {
    solve!(curve, Dyn(curve.ln_n.len()))
}

pub(super) fn seven(curve: &Curve) -> Estimate {
    if curve.ln_n.len() == 7 { solve!(curve, U7) } else { Estimate::NONE }
}
