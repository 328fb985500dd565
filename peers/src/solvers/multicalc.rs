//! The crate multicalc (no_std, automatic derivatives, fixed sizes), in ln D, alpha, ln C.
use multicalc::numerical_derivative::AutoDiffMulti;
use multicalc::optimization::LevenbergMarquardt;
use multicalc::scalar::{Numeric, VectorFn};

use super::{Curve, Estimate, start_in_logs};

struct Residuals<'a>(&'a Curve<'a>);

impl VectorFn<3, 7> for Residuals<'_> {
    fn eval<S: Numeric>(&self, theta: &[S; 3]) -> [S; 7] {
        let Curve { ln_n, ln_error, .. } = self.0;
        let c = theta[2].exp();
        let model = |i: usize| (theta[0] - theta[1] * S::from_f64(ln_n[i])).exp() + c;
        std::array::from_fn(|i| model(i).ln() - S::from_f64(ln_error[i]))
    }
}

pub(super) fn fit(curve: &Curve) -> Estimate {
    if curve.ln_n.len() != 7 {
        return Estimate::NONE;
    }
    let solver = LevenbergMarquardt::<AutoDiffMulti>::default();
    let solver = solver.with_ftol(1e-12).with_xtol(1e-12).with_gtol(0.0).with_patience(250);
    match solver.minimize(&Residuals(curve), &start_in_logs(curve)) {
        Ok(end) => Estimate::from_logs(&end.solution),
        Err(_) => Estimate::NONE,
    }
}
