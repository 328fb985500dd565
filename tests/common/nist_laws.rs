//! The NIST StRD models as a user would write them: formula and derivatives by hand, std's functions.
#![allow(clippy::disallowed_methods, reason = "a user's own law may use what its author likes")]
use std::f64::consts::PI;
use syn2real::Law;
use syn2real::simd::{F64x8, LANES};

use super::nist::Row;

/// Defines laws from `model(b, x) -> (value, derivatives)`; residual = model - response.
macro_rules! laws {
    ($($name:ident<$p:literal>($b:pat, $x:pat, $y:ident => $response:expr) $body:block)*) => { $(
        pub(crate) struct $name;
        impl $name {
            #[inline(always)]
            fn model($b: &[f64; $p], $x: [f64; 2]) -> (f64, [f64; $p]) $body
        }
        impl Law<$p> for $name {
            type Observation = Row;
            #[inline(always)]
            fn rows(&self, b: &[f64; $p], block: &[Row; LANES], residuals: &mut F64x8, mut jacobian: Option<&mut [F64x8; $p]>) {
                for (i, &[$y, x1, x2]) in block.iter().enumerate() {
                    let (value, derivatives) = Self::model(b, [x1, x2]);
                    residuals.0[i] = value - $response;
                    if let Some(columns) = &mut jacobian {
                        for (column, d) in columns.iter_mut().zip(derivatives) {
                            column.0[i] = d;
                        }
                    }
                }
            }
        }
    )* };
}

laws! {
    Bennett5<3>([b1, b2, b3], [x, _], y => y) {
        let p = (b2 + x).powf(-1.0 / b3);
        (b1 * p, [p, -b1 * p / (b3 * (b2 + x)), b1 * p * (b2 + x).ln() / (b3 * b3)])
    }
    // BoxBOD and Misra1a are the same model.
    BoxBod<2>([b1, b2], [x, _], y => y) {
        (-b1 * (-b2 * x).exp_m1(), [-(-b2 * x).exp_m1(), b1 * x * (-b2 * x).exp()])
    }
    Chwirut<3>([b1, b2, b3], [x, _], y => y) {
        let (e, q) = ((-b1 * x).exp(), b2 + b3 * x);
        (e / q, [-x * e / q, -e / (q * q), -x * e / (q * q)])
    }
    DanWood<2>([b1, b2], [x, _], y => y) {
        let p = x.powf(*b2);
        (b1 * p, [p, b1 * p * x.ln()])
    }
    Enso<9>([b1, b2, b3, b4, b5, b6, b7, b8, b9], [x, _], y => y) {
        let ((s, c), (s4, c4), (s7, c7)) = ((2.0 * PI * x / 12.0).sin_cos(), (2.0 * PI * x / b4).sin_cos(), (2.0 * PI * x / b7).sin_cos());
        let (w4, w7) = (2.0 * PI * x / (b4 * b4), 2.0 * PI * x / (b7 * b7));
        (
            b1 + b2 * c + b3 * s + b5 * c4 + b6 * s4 + b8 * c7 + b9 * s7,
            [1.0, c, s, w4 * (b5 * s4 - b6 * c4), c4, s4, w7 * (b8 * s7 - b9 * c7), c7, s7],
        )
    }
    Eckerle4<3>([b1, b2, b3], [x, _], y => y) {
        let z = (x - b3) / b2;
        let e = (-0.5 * z * z).exp() / b2;
        (b1 * e, [e, b1 * e * (z * z - 1.0) / b2, b1 * e * z / b2])
    }
    Gauss<8>([b1, b2, b3, b4, b5, b6, b7, b8], [x, _], y => y) {
        let (e, z, w) = ((-b2 * x).exp(), (x - b4) / b5, (x - b7) / b8);
        let (f, g) = ((-z * z).exp(), (-w * w).exp());
        (
            b1 * e + b3 * f + b6 * g,
            [e, -x * b1 * e, f, 2.0 * b3 * f * z / b5, 2.0 * b3 * f * z * z / b5, g, 2.0 * b6 * g * w / b8, 2.0 * b6 * g * w * w / b8],
        )
    }
    // Hahn1 and Thurber are the same model.
    Cubics<7>([b1, b2, b3, b4, b5, b6, b7], [x, _], y => y) {
        let q = 1.0 + x * (b5 + x * (b6 + x * b7));
        let v = (b1 + x * (b2 + x * (b3 + x * b4))) / q;
        (v, [1.0 / q, x / q, x * x / q, x * x * x / q, -v * x / q, -v * x * x / q, -v * x * x * x / q])
    }
    Kirby2<5>([b1, b2, b3, b4, b5], [x, _], y => y) {
        let q = 1.0 + x * (b4 + x * b5);
        let v = (b1 + x * (b2 + x * b3)) / q;
        (v, [1.0 / q, x / q, x * x / q, -v * x / q, -v * x * x / q])
    }
    Lanczos<6>([b1, b2, b3, b4, b5, b6], [x, _], y => y) {
        let (e, f, g) = ((-b2 * x).exp(), (-b4 * x).exp(), (-b6 * x).exp());
        (b1 * e + b3 * f + b5 * g, [e, -x * b1 * e, f, -x * b3 * f, g, -x * b5 * g])
    }
    Mgh09<4>([b1, b2, b3, b4], [x, _], y => y) {
        let (p, q) = (x * x + x * b2, x * x + x * b3 + b4);
        (b1 * p / q, [p / q, b1 * x / q, -b1 * p * x / (q * q), -b1 * p / (q * q)])
    }
    Mgh10<3>([b1, b2, b3], [x, _], y => y) {
        let s = x + b3;
        let e = (b2 / s).exp();
        (b1 * e, [e, b1 * e / s, -b1 * e * b2 / (s * s)])
    }
    Mgh17<5>([b1, b2, b3, b4, b5], [x, _], y => y) {
        let (e, f) = ((-x * b4).exp(), (-x * b5).exp());
        (b1 + b2 * e + b3 * f, [1.0, e, f, -x * b2 * e, -x * b3 * f])
    }
    Misra1b<2>([b1, b2], [x, _], y => y) {
        let s = 1.0 + b2 * x / 2.0;
        (b1 * (1.0 - 1.0 / (s * s)), [1.0 - 1.0 / (s * s), b1 * x / (s * s * s)])
    }
    Misra1c<2>([b1, b2], [x, _], y => y) {
        let s = 1.0 + 2.0 * b2 * x;
        (b1 * (1.0 - 1.0 / s.sqrt()), [1.0 - 1.0 / s.sqrt(), b1 * x / (s * s.sqrt())])
    }
    Misra1d<2>([b1, b2], [x, _], y => y) {
        let s = 1.0 + b2 * x;
        (b1 * b2 * x / s, [b2 * x / s, b1 * x / (s * s)])
    }
    Nelson<3>([b1, b2, b3], [x1, x2], y => y.ln()) {
        let e = (-b3 * x2).exp();
        (b1 - b2 * x1 * e, [1.0, -x1 * e, b2 * x1 * x2 * e])
    }
    Rat42<3>([b1, b2, b3], [x, _], y => y) {
        let e = (b2 - b3 * x).exp();
        let q = 1.0 / (1.0 + e);
        (b1 * q, [q, -b1 * q * q * e, b1 * q * q * e * x])
    }
    Rat43<4>([b1, b2, b3, b4], [x, _], y => y) {
        let e = (b2 - b3 * x).exp();
        let p = (1.0 + e).powf(-1.0 / b4);
        let d = -b1 * p * e / (b4 * (1.0 + e));
        (b1 * p, [p, d, -x * d, b1 * p * e.ln_1p() / (b4 * b4)])
    }
    Roszman1<4>([b1, b2, b3, b4], [x, _], y => y) {
        let s = x - b4;
        let q = PI * (s * s + b3 * b3);
        (b1 - b2 * x - (b3 / s).atan() / PI, [1.0, -x, -s / q, -b3 / q])
    }
}

/// Runs `$run!(law, number of parameters)` with the law of the problem of this name.
#[allow(clippy::crate_in_macro_def, reason = "used in this crate only")]
#[macro_export]
macro_rules! with_nist_law {
    ($name:expr, $run:ident) => {{
        use $crate::common::nist_laws as laws;
        match $name {
            "Bennett5" => $run!(laws::Bennett5, 3),
            "BoxBOD" | "Misra1a" => $run!(laws::BoxBod, 2),
            "Chwirut1" | "Chwirut2" => $run!(laws::Chwirut, 3),
            "DanWood" => $run!(laws::DanWood, 2),
            "ENSO" => $run!(laws::Enso, 9),
            "Eckerle4" => $run!(laws::Eckerle4, 3),
            "Gauss1" | "Gauss2" | "Gauss3" => $run!(laws::Gauss, 8),
            "Hahn1" | "Thurber" => $run!(laws::Cubics, 7),
            "Kirby2" => $run!(laws::Kirby2, 5),
            "Lanczos1" | "Lanczos2" | "Lanczos3" => $run!(laws::Lanczos, 6),
            "MGH09" => $run!(laws::Mgh09, 4),
            "MGH10" => $run!(laws::Mgh10, 3),
            "MGH17" => $run!(laws::Mgh17, 5),
            "Misra1b" => $run!(laws::Misra1b, 2),
            "Misra1c" => $run!(laws::Misra1c, 2),
            "Misra1d" => $run!(laws::Misra1d, 2),
            "Nelson" => $run!(laws::Nelson, 3),
            "Rat42" => $run!(laws::Rat42, 3),
            "Rat43" => $run!(laws::Rat43, 4),
            "Roszman1" => $run!(laws::Roszman1, 4),
            other => panic!("no law for {other}"),
        }
    }};
}
