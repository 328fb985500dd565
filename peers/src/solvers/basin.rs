//! The crate basin with its nalgebra backend, in ln D, alpha, ln C.
use std::convert::Infallible;

use basin::{ConstraintDescription, ConstraintSet, Constraints, Executor, NoConstraints, PointState};
use nalgebra::{DMatrix, DVector};

use super::{Curve, Estimate, residual_in_logs, row_in_logs, start_in_logs};

struct Problem<'a>(&'a Curve<'a>);

fn array(theta: &DVector<f64>) -> [f64; 3] {
    std::array::from_fn(|j| theta[j])
}

impl basin::Residual for Problem<'_> {
    type Param = DVector<f64>;
    type Output = DVector<f64>;
    type Error = Infallible;

    fn residual(&self, theta: &DVector<f64>) -> Result<DVector<f64>, Infallible> {
        let theta = array(theta);
        let pairs = self.0.ln_n.iter().zip(self.0.ln_error);
        Ok(DVector::from_iterator(self.0.ln_n.len(), pairs.map(|(x, y)| residual_in_logs(&theta, *x, *y))))
    }
}

impl basin::Jacobian for Problem<'_> {
    type Jacobian = DMatrix<f64>;

    fn jacobian(&self, theta: &DVector<f64>) -> Result<DMatrix<f64>, Infallible> {
        let theta = array(theta);
        let mut jacobian = DMatrix::zeros(self.0.ln_n.len(), 3);
        for (i, ln_n) in self.0.ln_n.iter().enumerate() {
            for (j, derivative) in row_in_logs(&theta, *ln_n).into_iter().enumerate() {
                jacobian[(i, j)] = derivative;
            }
        }
        Ok(jacobian)
    }
}

impl Constraints for Problem<'_> {
    type Set = NoConstraints;

    fn constraints(&self) -> <NoConstraints as ConstraintDescription>::Borrowed<'_> {
        ConstraintSet::new()
    }
}

pub(super) fn fit(curve: &Curve) -> Estimate {
    let solver = basin::LevenbergMarquardt::new().with_absolute_gradient_tolerance(1e-14);
    let state = PointState::new(DVector::from_row_slice(&start_in_logs(curve)));
    match Executor::new(Problem(curve), solver, state).max_iter(500).run() {
        Ok(end) => Estimate::from_logs(&array(end.param())),
        Err(_) => Estimate::NONE,
    }
}
