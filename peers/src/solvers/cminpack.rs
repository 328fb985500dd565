//! lmder of cminpack (the C translation of MINPACK), in ln D, alpha, ln C.
use std::ffi::{c_int, c_void};

use super::{Curve, Estimate, residual_in_logs, row_in_logs, start_in_logs};

/// Arguments: user data, m, n, x, residuals, Jacobian by columns, its leading dimension, 1 for residuals or 2 for Jacobian.
type Function = unsafe extern "C" fn(*mut c_void, c_int, c_int, *const f64, *mut f64, *mut f64, c_int, c_int) -> c_int;

#[link(name = "cminpack")]
unsafe extern "C" {
    /// cminpack.h: ftol, xtol, gtol, maxfev, diag, mode, factor, nprint, nfev, njev, ipvt, qtf and four work arrays follow.
    fn lmder(
        function: Function,
        data: *mut c_void,
        m: c_int,
        n: c_int,
        x: *mut f64,
        residuals: *mut f64,
        jacobian: *mut f64,
        leading: c_int,
        ftol: f64,
        xtol: f64,
        gtol: f64,
        maxfev: c_int,
        diag: *mut f64,
        mode: c_int,
        factor: f64,
        nprint: c_int,
        nfev: *mut c_int,
        njev: *mut c_int,
        ipvt: *mut c_int,
        qtf: *mut f64,
        wa1: *mut f64,
        wa2: *mut f64,
        wa3: *mut f64,
        wa4: *mut f64,
    ) -> c_int;
}

unsafe extern "C" fn evaluate(
    data: *mut c_void,
    m: c_int,
    _: c_int,
    x: *const f64,
    residuals: *mut f64,
    jacobian: *mut f64,
    leading: c_int,
    flag: c_int,
) -> c_int {
    // SAFETY: `fit` passes a `Curve` of m points, three parameters, m residuals and a Jacobian of 3 columns of `leading`.
    let (curve, theta) = unsafe { (&*data.cast::<Curve>(), &*x.cast::<[f64; 3]>()) };
    let (m, leading) = (m as usize, leading as usize);
    if flag == 1 {
        // SAFETY: as above.
        let residuals = unsafe { std::slice::from_raw_parts_mut(residuals, m) };
        for ((slot, x), y) in residuals.iter_mut().zip(curve.ln_n).zip(curve.ln_error) {
            *slot = residual_in_logs(theta, *x, *y);
        }
    } else {
        // SAFETY: as above.
        let jacobian = unsafe { std::slice::from_raw_parts_mut(jacobian, 3 * leading) };
        for (i, x) in curve.ln_n.iter().enumerate() {
            for (j, derivative) in row_in_logs(theta, *x).into_iter().enumerate() {
                jacobian[i + j * leading] = derivative;
            }
        }
    }
    0
}

pub(super) fn fit(curve: &Curve) -> Estimate {
    let m = curve.ln_n.len();
    let mut theta = start_in_logs(curve);
    let mut work = vec![0.0; 5 * m];
    let (residuals, rest) = work.split_at_mut(m);
    let (jacobian, last) = rest.split_at_mut(3 * m);
    let mut small = [[0.0; 3]; 5];
    let [diag, qtf, wa1, wa2, wa3] = &mut small;
    let (mut nfev, mut njev, mut pivots) = (0, 0, [0; 3]);
    // SAFETY: the arrays have the sizes that cminpack.h asks for; lmder only reads the curve, through `evaluate`.
    let info = unsafe {
        lmder(
            evaluate,
            std::ptr::from_ref(curve).cast_mut().cast(),
            m as c_int,
            3,
            theta.as_mut_ptr(),
            residuals.as_mut_ptr(),
            jacobian.as_mut_ptr(),
            m as c_int,
            1e-12,
            1e-12,
            0.0,
            1000,
            diag.as_mut_ptr(),
            1,
            100.0,
            0,
            &mut nfev,
            &mut njev,
            pivots.as_mut_ptr(),
            qtf.as_mut_ptr(),
            wa1.as_mut_ptr(),
            wa2.as_mut_ptr(),
            wa3.as_mut_ptr(),
            last.as_mut_ptr(),
        )
    };
    if info > 0 { Estimate::from_logs(&theta) } else { Estimate::NONE }
}
