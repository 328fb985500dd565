//! The solver on problems with known answers: bounds, scales, tails, failures.
#![allow(clippy::disallowed_methods, reason = "square roots of the formulas that the results are compared with")]
#[macro_use]
mod common {
    pub(crate) mod erased;
    mod global_runs;
    #[macro_use]
    pub(crate) mod mgh;
    mod mgh_runs;
}

use syn2real::Law;
use syn2real::simd::{F64x8, LANES};
use syn2real::solve::{Bounds, Loss, Mapped, Side, Solution, SolveError, SolveOptions, Stage, Termination, solve};

type Row = [f64; 2];

fn columns(block: &[Row; LANES]) -> (F64x8, F64x8) {
    (F64x8(block.map(|r| r[0])), F64x8(block.map(|r| r[1])))
}

/// y = a + b x.
struct Line;
impl Law<2> for Line {
    type Observation = Row;
    #[inline(always)]
    fn rows(&self, t: &[f64; 2], block: &[Row; LANES], residuals: &mut F64x8, jacobian: Option<&mut [F64x8; 2]>) {
        let (x, y) = columns(block);
        *residuals = x * t[1] + F64x8::splat(t[0]) - y;
        if let Some(j) = jacobian {
            *j = [F64x8::splat(1.0), x];
        }
    }
}

/// y = a exp(-b x) + c.
struct Decay;
impl Law<3> for Decay {
    type Observation = Row;
    #[inline(always)]
    fn rows(&self, t: &[f64; 3], block: &[Row; LANES], residuals: &mut F64x8, jacobian: Option<&mut [F64x8; 3]>) {
        let (x, y) = columns(block);
        let e = (x * -t[1]).exp();
        *residuals = e * t[0] + F64x8::splat(t[2]) - y;
        if let Some(j) = jacobian {
            *j = [e, -(e * x * t[0]), F64x8::splat(1.0)];
        }
    }
}

/// y = a exp(-b x).
struct PureDecay;
impl Law<2> for PureDecay {
    type Observation = Row;
    #[inline(always)]
    fn rows(&self, t: &[f64; 2], block: &[Row; LANES], residuals: &mut F64x8, jacobian: Option<&mut [F64x8; 2]>) {
        let mut j3 = [F64x8::splat(0.0); 3];
        Decay.rows(&[t[0], t[1], 0.0], block, residuals, Some(&mut j3));
        if let Some(j) = jacobian {
            *j = [j3[0], j3[1]];
        }
    }
}

/// Any function of theta and x as a law, one row at a time.
struct Scalar<F>(F);
impl<F: Fn(&[f64; 2], f64) -> (f64, [f64; 2])> Law<2> for Scalar<F> {
    type Observation = Row;
    #[inline(always)]
    fn rows(&self, t: &[f64; 2], block: &[Row; LANES], residuals: &mut F64x8, jacobian: Option<&mut [F64x8; 2]>) {
        let rows = block.map(|r| (self.0(t, r[0]), r[1]));
        *residuals = F64x8(rows.map(|((model, _), y)| model - y));
        if let Some(j) = jacobian {
            *j = [F64x8(rows.map(|((_, d), _)| d[0])), F64x8(rows.map(|((_, d), _)| d[1]))];
        }
    }
}

/// Wiggles of a decay to 0.3: residuals of about 1 %.
const DATA: [Row; 10] = [
    [0.0, 1.31],
    [0.5, 0.90],
    [1.0, 0.67],
    [1.5, 0.53],
    [2.0, 0.43],
    [2.5, 0.39],
    [3.0, 0.345],
    [3.5, 0.335],
    [4.0, 0.32],
    [4.5, 0.305],
];

fn run<L: Law<P, Observation = Row>, const P: usize>(law: &L, data: &[Row], start: [f64; P]) -> Solution<P> {
    solve(law, data, start, &SolveOptions::default()).expect("valid options")
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * b.abs()
}

#[test]
fn every_length_of_the_last_block() {
    let data: [Row; 17] = std::array::from_fn(|i| [i as f64, (i * i % 7) as f64]);
    for n in 3..=17 {
        let rows = &data[..n];
        let s = run(&Line, rows, [0.5, 0.5]);
        let m = n as f64;
        let (x, y) = (rows.iter().map(|r| r[0]).sum::<f64>() / m, rows.iter().map(|r| r[1]).sum::<f64>() / m);
        let sxx: f64 = rows.iter().map(|r| (r[0] - x) * (r[0] - x)).sum();
        let slope = rows.iter().map(|r| (r[0] - x) * (r[1] - y)).sum::<f64>() / sxx;
        let rss: f64 = rows.iter().map(|r| (y + slope * (r[0] - x) - r[1]).powi_2()).sum();
        assert!(s.termination.is_converged(), "{n}: {:?}", s.termination);
        // The step tolerance.
        assert!((s.theta[1] - slope).abs() < 1e-10 && (s.theta[0] - (y - slope * x)).abs() < 1e-9, "{n}");
        assert!(close(2.0 * s.cost, rss, 1e-13), "{n}: {} {rss}", 2.0 * s.cost);
        let error = (rss / (m - 2.0) / sxx).sqrt();
        assert!(close(s.std_errors()[1].unwrap(), error, 1e-12), "{n}: {:?} {error}", s.std_errors());
        assert_eq!((s.residuals, s.degrees_of_freedom()), (n, n as i64 - 2));
        // The same points from another type, without a buffer.
        let points: Vec<(f64, f64)> = rows.iter().map(|r| (r[0], r[1])).collect();
        let mapped = solve(&Line, &Mapped::new(&points, |p| [p.0, p.1]), [0.5, 0.5], &SolveOptions::default());
        assert_eq!(mapped, Ok(s), "{n}");
    }
}

/// x^2, rounded once.
trait Square {
    fn powi_2(self) -> f64;
}
impl Square for f64 {
    fn powi_2(self) -> f64 {
        self * self
    }
}

#[test]
fn lanes_past_the_end_do_not_count_even_if_they_are_nan() {
    // The law gives NaN for every lane but the first; with one observation the others are past its end.
    struct OneLane;
    impl Law<1> for OneLane {
        type Observation = f64;
        fn rows(&self, t: &[f64; 1], block: &[f64; LANES], r: &mut F64x8, j: Option<&mut [F64x8; 1]>) {
            *r = F64x8::splat(f64::NAN);
            r.0[0] = t[0] - block[0];
            if let Some(j) = j {
                j[0] = F64x8::splat(f64::NAN);
                j[0].0[0] = 1.0;
            }
        }
    }
    let s = solve(&OneLane, &[3.0], [1.0], &SolveOptions::default()).unwrap();
    assert_eq!((s.theta, s.termination), ([3.0], Termination::ExactFit));
}

#[test]
fn too_few_observations_do_not_determine_the_parameters() {
    let one = run(&Line, &[[1.0, 5.0]], [1.0, 1.0]);
    assert_eq!((one.covariance(1.0), one.degrees_of_freedom()), (None, -1));
    assert!(one.is_underdetermined() && one.std_errors() == [None, None], "{one:?}");
    assert!(
        one.to_string().ends_with("1 observations do not determine 2 parameters: hold some or measure more"),
        "{one}"
    );
    assert_eq!(one.condition(), f64::INFINITY);
    let two = run(&Line, &[[1.0, 5.0], [2.0, 7.0]], [1.0, 1.0]);
    assert_eq!(two.termination, Termination::ExactFit);
    assert!(two.covariance(1.0).is_some() && !two.is_underdetermined(), "determined");
    assert_eq!(two.std_errors(), [None, None], "but no degrees of freedom");
}

#[test]
fn dependent_parameters_are_named() {
    // y = (a + b) x.
    let law = Scalar(|t: &[f64; 2], x: f64| ((t[0] + t[1]) * x, [x, x]));
    let s = run(&law, &DATA, [1.0, 3.0]);
    assert_eq!((s.termination, s.covariance(1.0)), (Termination::SingularNormal, None));
    // A parameter without influence.
    let law = Scalar(|t: &[f64; 2], x: f64| (t[0] * x, [x, 0.0]));
    let s = run(&law, &DATA, [1.0, 3.0]);
    assert_eq!((s.termination, s.theta[1], s.condition()), (Termination::SingularNormal, 3.0, f64::INFINITY));
}

#[test]
fn optimum_on_a_face() {
    // Without a bound c is 0.29, so c >= 0.4 and c <= 0.2 hold.
    for (bounds, c, side) in [(Bounds::new(0.4, 1.0), 0.4, Side::Lower), (Bounds::new(0.0, 0.2), 0.2, Side::Upper)] {
        let options = SolveOptions { bounds: [Bounds::FREE, Bounds::FREE, bounds], ..SolveOptions::default() };
        let shifted: Vec<Row> = DATA.iter().map(|r| [r[0], r[1] - c]).collect();
        let wanted = run(&PureDecay, &shifted, [1.0, 1.0]);
        for start in [[1.0, 1.0, c], [1.0, 1.0, 0.9], [0.3, 3.0, -5.0]] {
            let s = solve(&Decay, &DATA, start, &options).unwrap();
            assert!(s.termination.is_converged(), "{start:?} {:?}", s.termination);
            assert_eq!((s.theta[2], s.active), (c, [None, None, Some(side)]), "{start:?}");
            assert!(s.gradient[2] * if side == Side::Lower { 1.0 } else { -1.0 } > 0.0, "the cost decreases beyond");
            // Twice the step tolerance.
            assert!(
                close(s.theta[0], wanted.theta[0], 2e-10) && close(s.theta[1], wanted.theta[1], 2e-10),
                "{start:?}"
            );
            let errors = s.std_errors();
            assert_eq!(errors[2], None, "no standard error on a bound");
            assert_eq!(s.degrees_of_freedom(), 8);
            assert!(close(errors[0].unwrap(), wanted.std_errors()[0].unwrap(), 1e-6), "{errors:?}");
            assert!(close(s.condition(), wanted.condition(), 1e-6));
        }
    }
}

#[test]
fn optimum_in_a_corner_and_fixed_parameters() {
    let bounds = [Bounds::FREE, Bounds::new(2.0, 5.0), Bounds::new(0.4, 1.0)];
    let s = solve(&Decay, &DATA, [1.0, 3.0, 0.5], &SolveOptions { bounds, ..SolveOptions::default() }).unwrap();
    assert_eq!((s.theta[1], s.theta[2]), (2.0, 0.4));
    assert_eq!(s.active, [None, Some(Side::Lower), Some(Side::Lower)]);
    let fixed = [None, Some(2.0), Some(0.4)];
    let f = solve(&Decay, &DATA, [1.0, 3.0, 0.5], &SolveOptions { fixed, ..SolveOptions::default() }).unwrap();
    assert!(close(s.theta[0], f.theta[0], 1e-14), "{s:?} {f:?}");
    assert_eq!((f.active, f.degrees_of_freedom()), (s.active, 9));
    // All parameters fixed: nothing to do.
    let fixed = [Some(1.0), Some(2.0), Some(0.4)];
    let f = solve(&Decay, &DATA, [9.0, f64::NAN, 9.0], &SolveOptions { fixed, ..SolveOptions::default() }).unwrap();
    assert_eq!((f.theta, f.termination, f.iterations), ([1.0, 2.0, 0.4], Termination::GradientSmall, 0));
}

#[test]
fn a_bound_at_the_start_lets_go() {
    let free = run(&Decay, &DATA, [1.0, 1.0, 0.3]);
    let bounds = [Bounds::new(0.0, 1.0), Bounds::new(0.0, 10.0), Bounds::new(0.0, 1.0)];
    let s = solve(&Decay, &DATA, [1.0, 10.0, 0.0], &SolveOptions { bounds, ..SolveOptions::default() });
    let s = s.expect("valid options");
    assert_eq!(s.active, [Some(Side::Upper), None, None], "{free:?}");
    let wide = [Bounds::new(0.0, 9.0), Bounds::new(0.0, 10.0), Bounds::new(0.0, 1.0)];
    let s = solve(&Decay, &DATA, [0.0, 10.0, 0.0], &SolveOptions { bounds: wide, ..SolveOptions::default() }).unwrap();
    assert_eq!(s.active, [None; 3]);
    for j in 0..3 {
        assert!(close(s.theta[j], free.theta[j], 2e-10), "{s:?}");
    }
}

#[test]
fn powers_of_two_in_the_units_change_no_bit() {
    let loss = Loss::HuberAbsolute { delta: 0.01 };
    for loss in [Loss::Square, loss] {
        let solve_with = |ky: f64, kx: f64| {
            let data = DATA.map(|r| [r[0] * kx, r[1] * ky]);
            let loss =
                if let Loss::HuberAbsolute { delta } = loss { Loss::HuberAbsolute { delta: delta * ky } } else { loss };
            let bounds = [Bounds::FREE, Bounds::new(0.0, 5.0 / kx), Bounds::new(0.3 * ky, 9.0 * ky)];
            let options = SolveOptions { bounds, loss, ..SolveOptions::default() };
            solve(&Decay, &data, [2.0 * ky, 2.0 / kx, 0.5 * ky], &options).unwrap()
        };
        let one = solve_with(1.0, 1.0);
        assert!(one.termination.is_converged(), "{one:?}");
        for (ky, kx) in
            [(1024.0, 1.0), (1.0 / 4096.0, 1.0), (1.0, 64.0), (f64::from_bits(923 << 52), f64::from_bits(1113 << 52))]
        {
            let s = solve_with(ky, kx);
            assert_eq!([s.theta[0] / ky, s.theta[1] * kx, s.theta[2] / ky], one.theta, "{ky} {kx}");
            assert_eq!((s.cost / ky / ky, s.termination), (one.cost, one.termination));
            assert_eq!((s.iterations, s.evaluations), (one.iterations, one.evaluations));
            assert_eq!(s.std_errors()[1].map(|e| e * kx), one.std_errors()[1]);
            assert_eq!(s.condition(), one.condition());
        }
    }
}

#[test]
fn the_order_of_the_observations_does_not_matter() {
    let one = run(&Decay, &DATA, [2.0, 2.0, 0.5]);
    let mut data = DATA;
    data.reverse();
    data.swap(1, 7);
    let s = run(&Decay, &data, [2.0, 2.0, 0.5]);
    for j in 0..3 {
        assert!(close(s.theta[j], one.theta[j], 2e-10), "twice the step tolerance");
    }
}

#[test]
fn reasons_to_stop() {
    let limited = SolveOptions { max_iterations: 2, ..SolveOptions::default() };
    let s = solve(&Decay, &DATA, [5.0, 5.0, 5.0], &limited).unwrap();
    assert_eq!((s.termination, s.iterations), (Termination::IterationLimit, 2));
    // The optimum of a line through its own points.
    let exact = [[0.0, 1.0], [1.0, 3.0], [2.0, 5.0]];
    assert_eq!(run(&Line, &exact, [1.0, 2.0]).termination, Termination::ExactFit);
    assert_eq!(run(&Line, &exact, [7.0, -2.0]).termination, Termination::ExactFit);
    // r = 1, -1 against the column 1: orthogonal.
    let law = Scalar(|t: &[f64; 2], _: f64| (t[0], [1.0, 0.0]));
    let fixed = SolveOptions { fixed: [None, Some(0.0)], ..SolveOptions::default() };
    let s = solve(&law, &[[0.0, 1.0], [0.0, 3.0]], [2.0, 0.0], &fixed).unwrap();
    assert_eq!((s.termination, s.iterations, s.cost), (Termination::GradientSmall, 0, 1.0));
    // A Jacobian of the wrong sign: every step goes up.
    let law = Scalar(|t: &[f64; 2], x: f64| (t[0] + t[1] * x, [-1.0, -x]));
    let s = run(&law, &DATA, [1.0, 1.0]);
    assert_eq!((s.termination, s.theta), (Termination::DampingLimit, [1.0, 1.0]));
}

#[test]
fn a_start_that_runs_away_is_named_and_is_not_the_data() {
    // Langmuir's isotherm, y = x Q b / (1 + b x).
    let law = Scalar(|t: &[f64; 2], x: f64| {
        let s = 1.0 / (1.0 + t[1] * x);
        (t[0] * t[1] * x * s, [t[1] * x * s, t[0] * x * s * s])
    });
    let data = [[10.0, 155.0], [30.0, 250.0], [50.0, 270.0], [70.0, 330.0], [100.0, 320.0], [125.0, 323.0]];
    for start in [[1.0, 1.0], [1e3, 1.0], [100.0, 10.0], [300.0, 1e-4], [1e-3, 1e-3]] {
        let s = run(&law, &data, start);
        assert!(s.termination.is_converged(), "{start:?}: {s:?}");
        // Three digits are known.
        assert!(close(s.theta[0], 366.3, 2e-4) && close(s.theta[1], 0.0721, 5e-4), "{start:?}: {s:?}");
    }
    // From these b passes the pole of the law at -1/x, and the cost decreases towards b = -infinity.
    for start in [[1.0, 0.5], [1.0, 0.01], [1.0, 100.0]] {
        let s = run(&law, &data, start);
        assert_eq!(s.termination, Termination::RanAway, "{start:?}: {s:?}");
        assert!(s.to_string().ends_with("start elsewhere, set bounds or call solve_global"), "{s}");
        // With the bound that the law means, b >= 0, it gets there.
        let bounds = [Bounds::FREE, Bounds::new(0.0, f64::INFINITY)];
        let s = solve(&law, &data, start, &SolveOptions { bounds, ..SolveOptions::default() }).expect("valid options");
        assert!(s.termination.is_converged() && close(s.theta[0], 366.3, 2e-4), "{start:?}: {s:?}");
    }
    // What the data do not determine is still said to be that: y = (a + b) x leaves no scale.
    let law = Scalar(|t: &[f64; 2], x: f64| ((t[0] + t[1]) * x, [x, x]));
    assert_eq!(run(&law, &data, [1.0, 0.5]).termination, Termination::SingularNormal);
}

#[test]
fn an_inexact_jacobian_ends_in_a_stall_by_name() {
    // y = a + exp(b x) with large residuals; derivatives with an error of 1e-7 that changes with every bit of theta.
    let data: [Row; 12] = std::array::from_fn(|i| [0.1 * i as f64, 40.0 * (i as f64 * 0.7).sin()]);
    let exact = |t: &[f64; 2], x: f64| {
        let e = (t[1] * x).exp();
        (t[0] + e, [1.0, x * e])
    };
    let wanted = run(&Scalar(exact), &data, [2.0, 1.0]);
    assert!(wanted.termination.is_converged(), "{wanted:?}");
    let wrong = Scalar(|t: &[f64; 2], x: f64| {
        let (value, d) = exact(t, x);
        let noise =
            |v: f64| ((v.to_bits().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64 / 8_388_608.0 - 1.0) * 1e-7;
        (value, [d[0] * (1.0 + noise(t[0] + x)), d[1] * (1.0 + noise(t[1] - x))])
    });
    let s = run(&wrong, &data, [2.0, 1.0]);
    assert_eq!(s.termination, Termination::Stalled);
    assert!(s.iterations < 100 && close(s.cost, wanted.cost, 1e-12), "{s:?} {wanted:?}");
    // An error that a difference does not have is no stall: the sign of a column.
    let turned = Scalar(|t: &[f64; 2], x: f64| {
        let (value, d) = exact(t, x);
        (value, [d[0], -d[1]])
    });
    let s = run(&turned, &data, [2.0, 1.0]);
    assert!(!s.termination.is_converged(), "{s:?}");
}

#[test]
fn values_that_are_not_finite() {
    let s = run(&Line, &DATA, [1e200, 1.0]);
    let what = (s.termination, s.stage, s.row);
    assert_eq!(what, (Termination::NonFinite, Some(Stage::Residual), None), "the sum of squares overflows");
    assert_eq!((s.std_errors(), s.covariance(1.0)), ([None, None], None));
    let law = Scalar(|t: &[f64; 2], x: f64| (t[0] + t[1] * x, [1.0, f64::INFINITY]));
    let s = run(&law, &DATA, [1.0, 1.0]);
    assert_eq!((s.termination, s.stage, s.row), (Termination::NonFinite, Some(Stage::Jacobian), Some(0)));
    // A law that ends at a = 0: steps beyond are rejected and the solve goes on. y = ln a + b x.
    let law = Scalar(|t: &[f64; 2], x: f64| {
        let ln = F64x8::splat(t[0]).ln().0[0];
        (if t[0] > 0.0 { ln + t[1] * x } else { f64::NAN }, [1.0 / t[0], x])
    });
    let s = run(&law, &DATA, [40.0, 0.0]);
    let line = run(&Line, &DATA, [0.0, 0.0]);
    assert!(s.termination.is_converged() && close(s.theta[1], line.theta[1], 1e-9), "{s:?}");
}

/// y = a sqrt(x), which has no value at x < 0.
struct Root;
impl Law<1> for Root {
    type Observation = Row;
    #[inline(always)]
    fn rows(&self, t: &[f64; 1], block: &[Row; LANES], residuals: &mut F64x8, jacobian: Option<&mut [F64x8; 1]>) {
        let (x, y) = columns(block);
        *residuals = x.sqrt() * t[0] - y;
        if let Some(j) = jacobian {
            *j = [x.sqrt()];
        }
    }
}

#[test]
fn a_nan_of_the_law_names_its_row_and_is_no_overflow() {
    let mut data: [Row; 21] = std::array::from_fn(|i| [i as f64, i as f64]);
    for (row, x) in [(0, -1.0), (7, -1e-300), (8, f64::NAN), (20, -3.0)] {
        let kept = data[row];
        data[row][0] = x;
        let s = run(&Root, &data, [1.0]);
        assert_eq!((s.termination, s.stage, s.row), (Termination::NotANumber, Some(Stage::Residual), Some(row)));
        let text = s.to_string();
        assert!(text.contains("gives NaN") && text.ends_with(&format!("the residual of observation {row}")), "{text}");
        data[row] = kept;
    }
    data[13][1] = f64::INFINITY;
    let s = run(&Root, &data, [1.0]);
    assert_eq!((s.termination, s.stage, s.row), (Termination::NonFinite, Some(Stage::Residual), Some(13)));
    assert!(s.to_string().starts_with("a value overflowed"), "{s}");
    // A derivative alone: d sqrt(x + a) / da at x + a = 0, times 0.
    let law = Scalar(|t: &[f64; 2], x: f64| (t[0] + t[1] * x, [1.0, if x == 4.5 { f64::NAN } else { x }]));
    let s = run(&law, &DATA, [1.0, 1.0]);
    assert_eq!((s.termination, s.stage, s.row), (Termination::NotANumber, Some(Stage::Jacobian), Some(9)));
}

#[test]
fn no_observations_and_starts_that_are_no_numbers_are_errors() {
    let options = SolveOptions::default();
    let none: [Row; 0] = [];
    assert_eq!(solve(&Line, &none, [1.0, 1.0], &options).err(), Some(SolveError::NoObservations));
    assert_eq!(solve(&Line, none.as_slice(), [1.0, 1.0], &options).err(), Some(SolveError::NoObservations));
    for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = solve(&Line, &DATA, [1.0, x], &options).expect_err("not finite");
        assert_eq!(error, SolveError::BadStart { parameter: 1 });
        assert_eq!(error.to_string(), "the start of parameter 1 is not finite: give a finite number");
    }
}

#[test]
fn options_out_of_range_are_named() {
    let good = SolveOptions::<2>::default();
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let mut bad = vec![("loss", None, SolveOptions { loss: Loss::Huber { k: 1.345 }, ..good })];
    for (lower, upper) in [(1.0, 0.0), (nan, 0.0), (0.0, nan), (2.0, 2.0), (inf, inf), (-inf, -inf)] {
        bad.push(("bounds", Some(1), SolveOptions { bounds: [Bounds::FREE, Bounds::new(lower, upper)], ..good }));
    }
    for x in [nan, inf, -inf] {
        bad.push(("fixed", Some(0), SolveOptions { fixed: [Some(x), None], ..good }));
    }
    let bounds = [Bounds::FREE, Bounds::new(0.0, 1.0)];
    bad.push(("fixed", Some(1), SolveOptions { bounds, fixed: [None, Some(1.5)], ..good }));
    for x in [nan, inf, -1.0, 1.0] {
        bad.push(("gradient_tolerance", None, SolveOptions { gradient_tolerance: x, ..good }));
    }
    for x in [nan, inf, 0.0, -1.0, 1.0] {
        bad.push(("step_tolerance", None, SolveOptions { step_tolerance: x, ..good }));
    }
    for x in [nan, inf, -1.0] {
        bad.push(("initial_damping", None, SolveOptions { initial_damping: x, ..good }));
    }
    for delta in [nan, inf, 0.0, -1.0] {
        bad.push(("loss", None, SolveOptions { loss: Loss::HuberAbsolute { delta }, ..good }));
    }
    for (name, which, options) in bad {
        let error = solve(&Line, &DATA, [1.0, 1.0], &options).expect_err(name);
        let text = error.to_string();
        let SolveError::BadOption { field, parameter, range } = error else { panic!("{name}: {error:?}") };
        assert_eq!((field, parameter), (name, which), "{options:?}");
        assert!(text.contains(name) && text.ends_with(range), "{text}");
    }
    let equal = SolveOptions { bounds: [Bounds::FREE, Bounds::new(2.0, 2.0)], ..good };
    let error = solve(&Line, &DATA, [1.0, 1.0], &equal).expect_err("equal ends");
    assert!(error.to_string().ends_with("hold a parameter by `fixed`"), "{error}");
}

/// Gradient of the Huber cost of a line, term by term, and its size without cancellation.
fn huber_gradient(theta: &[f64; 2], data: &[Row], delta: f64) -> [(f64, f64); 2] {
    let psi = |r: &Row| (theta[0] + theta[1] * r[0] - r[1]).clamp(-delta, delta);
    let sum = |f: &dyn Fn(&Row) -> f64| (data.iter().map(f).sum(), data.iter().map(|r| f(r).abs()).sum());
    [sum(&|r| psi(r)), sum(&|r| psi(r) * r[0])]
}

#[test]
fn huber_finds_the_minimum_of_its_convex_cost() {
    // A line with wiggles and three outliers.
    let mut data: [Row; 19] =
        std::array::from_fn(|i| [i as f64, 3.0 + 0.5 * i as f64 + 0.01 * ((i * i % 11) as f64 - 5.0)]);
    (data[4][1], data[11][1], data[18][1]) = (50.0, -20.0, 11.0);
    for delta in [1e-3, 0.02, 0.05, 1.0, 100.0] {
        let options = SolveOptions { loss: Loss::HuberAbsolute { delta }, ..SolveOptions::default() };
        for start in [[0.0, 0.0], [3.0, 0.5], [1e4, -1e3]] {
            let s = solve(&Line, &data, start, &options).unwrap();
            assert!(s.termination.is_converged(), "{delta} {start:?}: {s:?}");
            // The cost is convex, so a point without slope is the minimum.
            for (slope, size) in huber_gradient(&s.theta, &data, delta) {
                assert!(slope.abs() <= 1e-9 * size, "{delta} {start:?}: {slope:e} of {size:e}");
            }
            assert!(s.evaluations <= 60, "{delta} {start:?}: {} passes", s.evaluations);
        }
    }
    let wide = SolveOptions { loss: Loss::HuberAbsolute { delta: 1e6 }, ..SolveOptions::default() };
    let (huber, square) = (solve(&Line, &data, [0.0, 0.0], &wide).unwrap(), run(&Line, &data, [0.0, 0.0]));
    assert!(close(huber.cost, square.cost, 1e-15) && close(huber.theta[0], square.theta[0], 1e-12));
}

#[test]
fn huber_standard_error_of_a_mean() {
    // 30 observations of a constant; for a mean Huber's formula is explicit: K sum psi^2 / (n - 1) / m / (n m).
    let data: Vec<Row> = (0..30).map(|i| [0.0, (i * i % 13) as f64 + if i == 7 { 90.0 } else { 0.0 }]).collect();
    let law = Scalar(|t: &[f64; 2], _: f64| (t[0], [1.0, 0.0]));
    let delta = 4.0;
    let options =
        SolveOptions { fixed: [None, Some(0.0)], loss: Loss::HuberAbsolute { delta }, ..SolveOptions::default() };
    let s = solve(&law, data.as_slice(), [0.0, 0.0], &options).unwrap();
    let n = 30.0;
    let psi = |r: &Row| (s.theta[0] - r[1]).clamp(-delta, delta);
    let m = data.iter().filter(|r| (s.theta[0] - r[1]).abs() <= delta).count() as f64 / n;
    let squares: f64 = data.iter().map(|r| psi(r) * psi(r)).sum();
    let wanted = ((1.0 + (1.0 - m) / (n * m)) * squares / (n - 1.0) / m / (n * m)).sqrt();
    assert!(m < 1.0, "some are beyond");
    assert!(close(s.std_errors()[0].unwrap(), wanted, 1e-9), "{:?} {wanted}", s.std_errors());
}
