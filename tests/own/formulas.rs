//! The built-in laws and the NIST StRD models as formulas.
use std::f64::consts::PI;

use syn2real::{Formula, Scalar};

/// Formulas `Name<P, X>([parameters], [places]) value`.
macro_rules! formulas {
    ($($name:ident<$p:literal, $x:literal>($theta:pat, $at:pat) $value:expr;)*) => { $(
        pub(super) struct $name;
        impl Formula<$p, $x> for $name {
            #[allow(unused_variables, reason = "a model of one of two columns")]
            fn value<S: Scalar>(&self, $theta: [S; $p], $at: [S; $x]) -> S {
                $value
            }
        }
    )* };
}

/// 1.
fn one<S: Scalar>() -> S {
    S::constant(1.0)
}

formulas! {
    Law1<3, 2>([d, alpha, c], [n, _]) d * n.pow(-alpha) + c;
    Power<2, 2>([d, alpha], [n, _]) d * n.pow(-alpha);
    Rectified<4, 2>([a, c, n_h, beta], [n, _]) c + (a - c) / ((n / n_h).pow(beta) + 1.0);
    Shifted<4, 2>([a, c, n_h, alpha], [n, _]) c + (a - c) * (n / n_h + 1.0).pow(-alpha);
    Bent<5, 2>([a, c, n_h, beta, kappa], [n, _]) c + (a - c) * ((n / n_h).pow(beta) + 1.0).pow(-kappa);
    Full<6, 2>([delta, gamma, alpha, beta, n0, e], [n, s]) delta * (gamma + (n + n0).pow(-alpha)) * s.pow(-beta) + e;
    FullBent<7, 2>([delta, gamma, alpha, beta, n_h, b, e], [n, s])
        delta * (gamma + (n_h.pow(b) + n.pow(b)).pow(-alpha / b)) * s.pow(-beta) + e;
    Additive<5, 2>([a, alpha, b, beta, e], [n, s]) a * n.pow(-alpha) + b * s.pow(-beta) + e;

    Bennett5<3, 2>([b1, b2, b3], [x, _]) b1 * (b2 + x).pow(-one::<S>() / b3);
    BoxBod<2, 2>([b1, b2], [x, _]) -b1 * (-b2 * x).exp_m1();
    Chwirut<3, 2>([b1, b2, b3], [x, _]) (-b1 * x).exp() / (b2 + b3 * x);
    DanWood<2, 2>([b1, b2], [x, _]) b1 * x.pow(b2);
    Enso<9, 2>([b1, b2, b3, b4, b5, b6, b7, b8, b9], [x, _]) {
        let t = x * (2.0 * PI);
        let year = t / 12.0;
        let (p4, p7) = (t / b4, t / b7);
        b1 + b2 * year.cos() + b3 * year.sin() + b5 * p4.cos() + b6 * p4.sin() + b8 * p7.cos() + b9 * p7.sin()
    };
    Eckerle4<3, 2>([b1, b2, b3], [x, _]) b1 / b2 * (((x - b3) / b2).powi(2) * -0.5).exp();
    Gauss<8, 2>([b1, b2, b3, b4, b5, b6, b7, b8], [x, _])
        b1 * (-b2 * x).exp() + b3 * (-((x - b4) / b5).powi(2)).exp() + b6 * (-((x - b7) / b8).powi(2)).exp();
    Cubics<7, 2>([b1, b2, b3, b4, b5, b6, b7], [x, _])
        (b1 + x * (b2 + x * (b3 + x * b4))) / (x * (b5 + x * (b6 + x * b7)) + 1.0);
    Kirby2<5, 2>([b1, b2, b3, b4, b5], [x, _]) (b1 + x * (b2 + x * b3)) / (x * (b4 + x * b5) + 1.0);
    Lanczos<6, 2>([b1, b2, b3, b4, b5, b6], [x, _]) b1 * (-b2 * x).exp() + b3 * (-b4 * x).exp() + b5 * (-b6 * x).exp();
    Mgh09<4, 2>([b1, b2, b3, b4], [x, _]) b1 * (x * x + x * b2) / (x * x + x * b3 + b4);
    Mgh10<3, 2>([b1, b2, b3], [x, _]) b1 * (b2 / (x + b3)).exp();
    Mgh17<5, 2>([b1, b2, b3, b4, b5], [x, _]) b1 + b2 * (-x * b4).exp() + b3 * (-x * b5).exp();
    Misra1b<2, 2>([b1, b2], [x, _]) b1 * (one::<S>() - (b2 * x / 2.0 + 1.0).powi(-2));
    Misra1c<2, 2>([b1, b2], [x, _]) b1 * (one::<S>() - one::<S>() / (b2 * x * 2.0 + 1.0).sqrt());
    Misra1d<2, 2>([b1, b2], [x, _]) b1 * b2 * x / (b2 * x + 1.0);
    Nelson<3, 2>([b1, b2, b3], [x1, x2]) b1 - b2 * x1 * (-b3 * x2).exp();
    Rat42<3, 2>([b1, b2, b3], [x, _]) b1 / ((b2 - b3 * x).exp() + 1.0);
    Rat43<4, 2>([b1, b2, b3, b4], [x, _]) b1 * ((b2 - b3 * x).exp() + 1.0).pow(-one::<S>() / b4);
    Roszman1<4, 2>([b1, b2, b3, b4], [x, _]) b1 - b2 * x - (b3 / (x - b4)).atan() / PI;
}
