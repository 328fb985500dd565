//! Levenberg-Marquardt codes on law (1) with log residual, ln(D n^-alpha + C) - ln L, with analytic or automatic
//! derivatives. All start at D = 0.5, alpha = 0.5, C = min L / 2 and ask for 1e-12 in cost and parameters.
mod basin;
#[cfg(feature = "cminpack")]
mod cminpack;
mod levenberg_marquardt;
mod multicalc;
mod rmpfit;

/// One curve, with its logarithms ready.
#[derive(Clone, Copy)]
pub(crate) struct Curve<'a> {
    pub(crate) ln_n: &'a [f64],
    pub(crate) error: &'a [f64],
    pub(crate) ln_error: &'a [f64],
}

/// What a solver found; NaN if it gave up.
#[derive(Clone, Copy)]
pub(crate) struct Estimate {
    pub(crate) ln_d: f64,
    pub(crate) alpha: f64,
    pub(crate) c: f64,
}

impl Estimate {
    /// No answer.
    const NONE: Estimate = Estimate { ln_d: f64::NAN, alpha: f64::NAN, c: f64::NAN };

    /// From ln D, alpha, ln C.
    fn from_logs(theta: &[f64; 3]) -> Estimate {
        Estimate { ln_d: theta[0], alpha: theta[1], c: theta[2].exp() }
    }

    /// From D, alpha, C.
    fn from_natural(theta: &[f64; 3]) -> Estimate {
        Estimate { ln_d: theta[0].ln(), alpha: theta[1], c: theta[2] }
    }
}

/// Where all start: D, alpha, C.
fn start(curve: &Curve) -> [f64; 3] {
    [0.5, 0.5, 0.5 * curve.error.iter().copied().fold(f64::INFINITY, f64::min)]
}

/// The same as ln D, alpha, ln C.
fn start_in_logs(curve: &Curve) -> [f64; 3] {
    let [d, alpha, c] = start(curve);
    [d.ln(), alpha, c.ln()]
}

/// D n^-alpha and C from ln D, alpha, ln C.
fn terms(theta: &[f64; 3], ln_n: f64) -> (f64, f64) {
    ((theta[0] - theta[1] * ln_n).exp(), theta[2].exp())
}

fn residual_in_logs(theta: &[f64; 3], ln_n: f64, ln_error: f64) -> f64 {
    let (decay, c) = terms(theta, ln_n);
    (decay + c).ln() - ln_error
}

/// Its derivatives by ln D, alpha, ln C.
fn row_in_logs(theta: &[f64; 3], ln_n: f64) -> [f64; 3] {
    let (decay, c) = terms(theta, ln_n);
    let share = decay / (decay + c);
    [share, -ln_n * share, c / (decay + c)]
}

/// Residual and derivatives by D, alpha, C.
fn row(theta: &[f64; 3], ln_n: f64, ln_error: f64) -> (f64, [f64; 3]) {
    let u = (-theta[1] * ln_n).exp();
    let model = theta[0] * u + theta[2];
    (model.ln() - ln_error, [u / model, -theta[0] * u * ln_n / model, 1.0 / model])
}

/// A solver with its name.
pub(crate) struct Solver {
    pub(crate) name: &'static str,
    pub(crate) solve: fn(&Curve) -> Estimate,
    /// Whether it takes curves of any length.
    pub(crate) any_length: bool,
}

/// The index of [`all`] to which syn2real is compared first.
pub(crate) const FIRST: usize = 0;

/// All of them.
pub(crate) fn all() -> Vec<Solver> {
    vec![
        Solver { name: "levenberg-marquardt 0.15", solve: levenberg_marquardt::any, any_length: true },
        Solver { name: "the same, rows of fixed size", solve: levenberg_marquardt::seven, any_length: false },
        Solver { name: "rmpfit 2.0.3", solve: rmpfit::fit, any_length: true },
        Solver { name: "multicalc 0.10", solve: multicalc::fit, any_length: false },
        Solver { name: "basin 3.2", solve: basin::fit, any_length: true },
        #[cfg(feature = "cminpack")]
        Solver { name: "cminpack lmder", solve: cminpack::fit, any_length: true },
    ]
}
