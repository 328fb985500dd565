//! Derivatives by dual numbers against closed forms, and the check of those written by hand.
use syn2real::own::check_jacobian;
use syn2real::simd::{F64x8, LANES};
use syn2real::{
    AdditiveLaw, BentLaw, Dual, Formula, FullBentLaw, FullLaw, Law, PowerLaw, RectifiedLaw, ShiftedLaw, Syn2RealLaw,
};

use super::common::nist::{Problem, Row, problems};
use super::common::nist_laws as laws;
use super::common::rng::Rng;
use super::formulas::{self, Additive, Bent, Full, FullBent, Law1, Power, Rectified, Shifted};
use crate::with_nist_law;

/// `$run!(law, formula, parameters)` for the NIST problem of a name.
macro_rules! with_nist_formula {
    ($name:expr, $run:ident) => {
        with_nist_formula!(@ $name, $run, "Bennett5" Bennett5 3, "BoxBOD" | "Misra1a" BoxBod 2,
            "Chwirut1" | "Chwirut2" Chwirut 3, "DanWood" DanWood 2, "ENSO" Enso 9, "Eckerle4" Eckerle4 3,
            "Gauss1" | "Gauss2" | "Gauss3" Gauss 8, "Hahn1" | "Thurber" Cubics 7, "Kirby2" Kirby2 5,
            "Lanczos1" | "Lanczos2" | "Lanczos3" Lanczos 6, "MGH09" Mgh09 4, "MGH10" Mgh10 3, "MGH17" Mgh17 5,
            "Misra1b" Misra1b 2, "Misra1c" Misra1c 2, "Misra1d" Misra1d 2, "Nelson" Nelson 3, "Rat42" Rat42 3,
            "Rat43" Rat43 4, "Roszman1" Roszman1 4)
    };
    (@ $name:expr, $run:ident, $($($of:literal)|+ $law:ident $p:literal),*) => {
        match $name {
            $($($of)|+ => $run!(laws::$law, formulas::$law, $p),)*
            other => panic!("no formula for {other}"),
        }
    };
}
pub(super) use with_nist_formula;

/// A built-in law of one size or two: its value and its gradient at (n, s).
struct BuiltIn<const P: usize>(Closed<P>);

type Closed<const P: usize> = fn(&[f64; P], f64, f64) -> (f64, [f64; P]);

impl<const P: usize> Law<P> for BuiltIn<P> {
    type Observation = [f64; 2];

    fn rows(&self, t: &[f64; P], block: &[[f64; 2]; LANES], r: &mut F64x8, jacobian: Option<&mut [F64x8; P]>) {
        let all = block.map(|[n, s]| (self.0)(t, n, s));
        *r = F64x8(all.map(|(value, _)| value));
        if let Some(columns) = jacobian {
            for (k, column) in columns.iter_mut().enumerate() {
                *column = F64x8(all.map(|(_, slopes)| slopes[k]));
            }
        }
    }
}

/// With one derivative off by a share.
struct Planted<'a, L>(&'a L, usize, f64);

impl<L: Law<P>, const P: usize> Law<P> for Planted<'_, L> {
    type Observation = L::Observation;

    fn rows(
        &self,
        t: &[f64; P],
        block: &[L::Observation; LANES],
        r: &mut F64x8,
        mut jacobian: Option<&mut [F64x8; P]>,
    ) {
        self.0.rows(t, block, r, jacobian.as_deref_mut());
        if let Some(columns) = jacobian {
            columns[self.1] *= 1.0 + self.2;
        }
    }
}

/// Checks a law at `count` random parameters: no false alarm, and a planted error is found in every column that moves a
/// residual by 1e-5 of its size.
fn judge<L: Law<P>, const P: usize>(
    name: &str,
    law: &L,
    data: &[L::Observation],
    count: u64,
    draw: impl Fn(&mut Rng) -> [f64; P],
) -> Vec<String> {
    let (mut failures, mut alarms, mut planted, mut missed) = (Vec::new(), 0, 0, 0);
    for index in 0..count {
        let theta = draw(&mut Rng::new(77, index));
        if let Err(fault) = check_jacobian(law, data, theta) {
            alarms += 1;
            if alarms < 3 {
                failures.push(format!("{name}: false alarm at {theta:?}: {fault}"));
            }
        }
        let (mut moves, mut size) = ([0.0_f64; P], 0.0_f64);
        for &row in data {
            let (mut r, mut j) = (F64x8::splat(0.0), [F64x8::splat(0.0); P]);
            law.rows(&theta, &[row; LANES], &mut r, Some(&mut j));
            for k in 0..P {
                moves[k] = moves[k].max((j[k].0[0] * theta[k]).abs());
                size = size.max(r.0[0].abs()).max(moves[k]);
            }
        }
        let k = (index % P as u64) as usize;
        if moves[k] > 1e-5 * size && size.is_finite() {
            planted += 1;
            let found = check_jacobian(&Planted(law, k, 1e-4), data, theta);
            if found.err().is_none_or(|fault| fault.parameter != k) {
                missed += 1;
                if missed < 3 {
                    failures.push(format!("{name}: 1e-4 in column {k} not found at {theta:?}: {found:?}"));
                }
            }
        }
    }
    println!("{name:12} {alarms} alarms of {count}, {missed} of {planted} planted errors missed");
    failures
}

/// Random parameters of each; 100 a law, 10,000 with SYN2REAL_FULL=1.
fn count() -> u64 {
    if std::env::var_os("SYN2REAL_FULL").is_some_and(|v| v == "1") { 10_000 } else { 100 }
}

/// `$run!(name, parameters, built-in law at (n, s), formula, draw of parameters)` for every law.
macro_rules! each_built_in {
    ($run:ident) => {
        $run!("law (1)", 3, |&[d, alpha, c], n, _| at(Syn2RealLaw { d, alpha, c }, n), Law1, |r| [
            r.log_uniform(0.1, 100.0),
            r.uniform(0.01, 3.0),
            r.unit()
        ]);
        $run!("power", 2, |&[d, alpha], n, _| at(PowerLaw { d, alpha }, n), Power, |r| [
            r.log_uniform(0.1, 100.0),
            r.uniform(0.01, 3.0)
        ]);
        $run!("rectified", 4, |&[a, c, n_h, beta], n, _| at(RectifiedLaw { a, c, n_h, beta }, n), Rectified, bend);
        $run!("shifted", 4, |&[a, c, n_h, alpha], n, _| at(ShiftedLaw { a, c, n_h, alpha }, n), Shifted, bend);
        $run!("bent", 5, |&[a, c, n_h, beta, kappa], n, _| at(BentLaw { a, c, n_h, beta, kappa }, n), Bent, |r| {
            let [a, c, n_h, beta] = bend(r);
            [a, c, n_h, beta, r.uniform(0.1, 3.0)]
        });
        $run!(
            "full",
            6,
            |&[delta, gamma, alpha, beta, n0, e], n, s| {
                let law = FullLaw { delta, gamma, alpha, beta, n0, e };
                (law.error_at(n, s), law.gradient_at(n, s))
            },
            Full,
            |r| {
                let [delta, gamma, alpha, beta] = surface(r);
                [delta, gamma, alpha, beta, r.log_uniform(10.0, 1e4), r.unit()]
            }
        );
        $run!(
            "full bent",
            7,
            |&[delta, gamma, alpha, beta, n_h, sharpness, e], n, s| {
                let law = FullBentLaw { delta, gamma, alpha, beta, n_h, sharpness, e };
                (law.error_at(n, s), law.gradient_at(n, s))
            },
            FullBent,
            |r| {
                let [delta, gamma, alpha, beta] = surface(r);
                [delta, gamma, alpha, beta, r.log_uniform(10.0, 1e5), r.uniform(0.3, 4.0), r.unit()]
            }
        );
        $run!(
            "additive",
            5,
            |&[a, alpha, b, beta, e], n, s| {
                let law = AdditiveLaw { a, alpha, b, beta, e };
                (law.error_at(n, s), law.gradient_at(n, s))
            },
            Additive,
            |r| {
                let [a, e, alpha, beta] = surface(r);
                [a, alpha, r.log_uniform(1.0, 100.0), beta, e]
            }
        );
    };
}

fn bend(r: &mut Rng) -> [f64; 4] {
    [0.5 + r.unit(), 0.5 * r.unit(), r.log_uniform(1e2, 1e6), r.uniform(0.05, 4.0)]
}

fn surface(r: &mut Rng) -> [f64; 4] {
    [r.log_uniform(1.0, 100.0), r.unit(), r.uniform(0.05, 1.0), r.uniform(0.05, 1.0)]
}

/// Sizes n at sizes s.
fn places() -> Vec<[f64; 2]> {
    (0..12).map(|i| [[1e3, 4e3, 16e3, 64e3][i % 4], [1e4, 4e4, 16e4][i / 4]]).collect()
}

/// Value and gradient of a law of one size.
trait OverN<const P: usize> {
    fn both(&self, n: f64) -> (f64, [f64; P]);
}

macro_rules! over_n {
    ($($law:ty: $p:literal),*) => { $(
        impl OverN<$p> for $law {
            fn both(&self, n: f64) -> (f64, [f64; $p]) {
                (self.error_at(n), self.gradient_at(n))
            }
        }
    )* };
}
over_n!(Syn2RealLaw: 3, PowerLaw: 2, RectifiedLaw: 4, ShiftedLaw: 4, BentLaw: 5);

fn at<const P: usize>(law: impl OverN<P>, n: f64) -> (f64, [f64; P]) {
    law.both(n)
}

#[test]
fn the_check_finds_what_is_planted_and_nothing_else_in_the_built_in_laws() {
    let mut failures = Vec::new();
    macro_rules! run {
        ($name:literal, $p:literal, $law:expr, $formula:expr, $draw:expr) => {
            failures.extend(judge::<_, $p>($name, &BuiltIn::<$p>($law), &places(), count(), $draw))
        };
    }
    each_built_in!(run);
    assert!(failures.is_empty(), "{failures:#?}");
}

/// The largest difference between the slopes of a formula and those of a law at one place of the parameters: relative to the
/// largest entry of their column, and to the largest value over the parameter.
fn apart<F: Formula<P, 2>, const P: usize>(
    formula: &F,
    theta: [f64; P],
    places: &[[f64; 2]],
    closed: impl Fn(&[f64; P], [f64; 2]) -> [f64; P],
) -> [f64; 2] {
    let (mut off, mut size, mut most) = ([0.0_f64; P], [0.0_f64; P], 0.0_f64);
    for &x in places {
        let dual = formula.value(Dual::parameters(theta), x.map(|x| Dual::known(F64x8::splat(x))));
        most = most.max(dual.value.0[0].abs());
        for (k, wanted) in closed(&theta, x).into_iter().enumerate() {
            off[k] = off[k].max((dual.slopes[k].0[0] - wanted).abs());
            size[k] = size[k].max(wanted.abs());
        }
    }
    // A column in the subnormal range has fewer digits than any formula.
    let off = std::array::from_fn::<f64, P, _>(|k| if size[k] < 1e-290 { 0.0 } else { off[k] });
    let of_column = (0..P).map(|k| if off[k] == 0.0 { 0.0 } else { off[k] / size[k] }).fold(0.0, f64::max);
    [of_column, (0..P).map(|k| off[k] * theta[k].abs() / most.max(size[k] * theta[k].abs())).fold(0.0, f64::max)]
}

fn larger(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0].max(b[0]), a[1].max(b[1])]
}

#[test]
fn dual_numbers_have_the_slopes_of_the_closed_forms() {
    let mut all = [0.0_f64; 2];
    macro_rules! run {
        ($name:literal, $p:literal, $law:expr, $formula:expr, $draw:expr) => {{
            let (law, draw): (Closed<$p>, fn(&mut Rng) -> [f64; $p]) = ($law, $draw);
            let mut worst = [0.0_f64; 2];
            for index in 0..count() {
                let theta = draw(&mut Rng::new(5, index));
                worst = larger(worst, apart(&$formula, theta, &places(), |t, [n, s]| law(t, n, s).1));
            }
            println!("{:10} {:.1e} {:.1e}", $name, worst[0], worst[1]);
            all = larger(all, worst);
        }};
    }
    each_built_in!(run);
    for p in problems() {
        macro_rules! run {
            ($law:expr, $formula:expr, $p:literal) => {{
                let mut worst = [0.0_f64; 2];
                let places: Vec<[f64; 2]> = p.data.iter().map(|row| [row[1], row[2]]).collect();
                for index in 0..count() / 10 {
                    let mut random = Rng::new(6, index);
                    let theta: [f64; $p] = std::array::from_fn(|k| about(&p, &mut random, k));
                    worst = larger(
                        worst,
                        apart(&$formula, theta, &places, |t, [x1, x2]| {
                            let (mut r, mut j) = (F64x8::splat(0.0), [F64x8::splat(0.0); $p]);
                            $law.rows(t, &[[1.0, x1, x2]; LANES], &mut r, Some(&mut j));
                            j.map(|column| column.0[0])
                        }),
                    );
                }
                println!("{:10} {:.1e} {:.1e}", p.name, worst[0], worst[1]);
                all = larger(all, worst);
            }};
        }
        with_nist_formula!(p.name.as_str(), run);
    }
    // Some operations of the value, and an exponent of up to 50 that multiplies their rounding; where terms of a slope cancel
    // (the sharpness of a bend far from the data) the slope itself has fewer digits.
    assert!(all[1] < 1e-13 && all[0] < 1e-8, "{all:?}");
}

/// Parameters about the certified ones: from half to twice, and a share of their own sign changed by nothing.
fn about(problem: &Problem, random: &mut Rng, k: usize) -> f64 {
    problem.certified[k] * random.log_uniform(0.7, 1.4)
}

#[test]
fn the_check_finds_what_is_planted_and_nothing_else_in_the_nist_problems() {
    let mut failures = Vec::new();
    for p in problems() {
        let rows: Vec<Row> = p.data.iter().step_by(p.data.len().div_ceil(16)).copied().collect();
        macro_rules! run {
            ($law:expr, $p:literal) => {
                failures.extend(judge(&p.name, &$law, &rows, count() / 4, |r| -> [f64; $p] {
                    std::array::from_fn(|k| about(&p, r, k))
                }))
            };
        }
        with_nist_law!(p.name.as_str(), run);
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
