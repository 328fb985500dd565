//! The D-alpha decoupling of Appendix D on the authors' 29 settings, and on curves made for each way it can end.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
mod common;

use common::data;
use common::rng::Rng;
use syn2real::decouple::{
    DecoupleError, DecoupleOptions, Decoupled, Identification, MedianRound, STARTS, Stop, Update, fixed_point,
    median_iteration_with, sensitivity, shared_alpha, shared_d,
};
use syn2real::{
    Bounds, Class, FitError, FitOptions, Loss, Point, PointError, Residual, Syn2RealFit, Syn2RealLaw, Weights,
};

type Slots = Vec<Option<Syn2RealFit>>;

fn slots(count: usize) -> Slots {
    vec![None; count]
}

/// The 29 settings at s = 1 % of the 64k series.
fn settings() -> Vec<Vec<Point>> {
    let fits = data::fixed_d_fits().into_iter().filter(|f| !f.log);
    fits.map(|f| f.points.into_iter().map(Point::from).collect()).collect()
}

fn borrowed(curves: &[Vec<Point>]) -> Vec<&[Point]> {
    curves.iter().map(Vec::as_slice).collect()
}

/// The trace and where it ended.
fn iterate(curves: &[Vec<Point>], options: &DecoupleOptions) -> (Vec<MedianRound>, Decoupled) {
    let (curves, mut out, mut trace) = (borrowed(curves), slots(curves.len()), Vec::new());
    let end = median_iteration_with(&curves, options, &mut out, |round| trace.push(round)).expect("the curves fit");
    (trace, end)
}

fn find(curves: &[Vec<Point>], options: &DecoupleOptions) -> Decoupled {
    fixed_point(&borrowed(curves), options, &mut slots(curves.len())).expect("the curves fit")
}

/// Appendix D's fixed point on the 29 settings.
const FIXED_POINT: MedianRound = MedianRound { d: 0.514212853, alpha: 0.507537000 };

const HALF: MedianRound = MedianRound { d: 0.5, alpha: 0.5 };
const TWO: MedianRound = MedianRound { d: 2.0, alpha: 0.5 };

fn paper(update: Update, start: MedianRound) -> DecoupleOptions {
    DecoupleOptions { update, start, ..DecoupleOptions::default() }
}

/// Errors at n = 1,000 4^i.
fn curve(errors: &[f64]) -> Vec<Point> {
    let n = (0..).map(|i| 1000.0 * 4.0_f64.powi(i));
    n.zip(errors).map(|(n, &error)| Point::new(n, error)).collect()
}

fn is_near(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * b.abs()
}

/// The larger of |d ln D| and |d alpha|.
fn distance(a: MedianRound, b: MedianRound) -> f64 {
    (a.d.ln() - b.d.ln()).abs().max((a.alpha - b.alpha).abs())
}

/// (D~, a~) round by round, recomputed independently to six digits.
#[test]
fn traces_of_appendix_d() {
    let curves = settings();
    assert_eq!(curves.len(), 29, "settings");
    let simultaneous = Update::Simultaneous;
    for (update, start, expected) in [
        (
            simultaneous,
            HALF,
            &[(0.490325, 0.503135), (0.500113, 0.500061), (0.490515, 0.503170), (0.500226, 0.500122)][..],
        ),
        (simultaneous, TWO, &[(0.490325, 0.715393), (1.983180, 0.500061), (0.490515, 0.714122), (1.966581, 0.500122)]),
        (Update::Sequential, HALF, &[(0.500113, 0.503135), (0.500226, 0.503170), (0.500338, 0.503206)]),
        (Update::Sequential, TWO, &[(1.983180, 0.715393), (1.966581, 0.714122), (1.950199, 0.712857)]),
    ] {
        let (trace, _) = iterate(&curves, &DecoupleOptions { max_rounds: 4, ..paper(update, start) });
        for (round, &(d, alpha)) in trace.iter().zip(expected) {
            // Half a unit of the last printed digit.
            let six_digits = (round.d - d).abs() <= 5.1e-7 && (round.alpha - alpha).abs() <= 5.1e-7;
            assert!(six_digits, "{update:?} from {start:?}: {round:?}, expected ({d}, {alpha})");
        }
    }
}

/// Plainly, both updates from both starts reach the fixed point to eight digits, in 1,000 to 6,000 rounds,
/// and nothing fires on the way.
#[test]
fn the_plain_iteration_ends_at_the_fixed_point() {
    let curves = settings();
    for (update, start) in [
        (Update::Simultaneous, HALF),
        (Update::Simultaneous, TWO),
        (Update::Sequential, HALF),
        (Update::Sequential, TWO),
    ] {
        let options = DecoupleOptions { tol: 2e-9, max_rounds: 6000, ..paper(update, start) };
        let (trace, end) = iterate(&curves, &options);
        let at = MedianRound { d: end.d, alpha: end.alpha };
        assert!(matches!(end.stop, Stop::Converged { distance } if distance <= 2e-9), "{update:?}: {end:?}");
        assert!((1000..=6000).contains(&end.rounds) && end.rounds as usize == trace.len(), "{update:?}: {end:?}");
        // Half a unit of the ninth printed digit, and what the tolerance leaves.
        assert!(distance(at, FIXED_POINT) < 2e-9 + 1e-9, "{update:?} from {start:?}: {end:?}");
        // A step of the two-round map shrinks the distance by 0.8 %: sequential .99195, simultaneous its root.
        let expected = if update == Update::Sequential { 0.99195 } else { 0.99195_f64.sqrt() };
        assert!((end.contraction.expect("steady") - expected).abs() < 1e-3, "{update:?}: {end:?}");
    }
}

/// A tolerance is one of the distance to the fixed point, not of the step: whatever it is, the iteration is as near as it
/// says when it says so. (A step test of 1e-3 fires at once, half a digit away.)
#[test]
fn no_false_convergence_or_cycle() {
    let curves = settings();
    for (update, start) in [(Update::Simultaneous, TWO), (Update::Sequential, HALF), (Update::Sequential, TWO)] {
        for tol in [1e-2, 1e-3, 1e-4, 1e-6] {
            let options = DecoupleOptions { tol, max_rounds: 6000, ..paper(update, start) };
            let (trace, end) = iterate(&curves, &options);
            let left = distance(MedianRound { d: end.d, alpha: end.alpha }, FIXED_POINT);
            assert!(matches!(end.stop, Stop::Converged { .. }), "{update:?}, {tol}: {end:?}");
            // The contraction changes where the median passes to another curve: a factor of two.
            assert!(left <= 2.0 * tol, "{update:?}, {tol}: {left} away, {end:?}");
            let step = distance(trace[0], start);
            assert!(tol > 1e-3 || step < 0.3 || trace.len() > 300, "{update:?}, {tol}: {} rounds", trace.len());
        }
    }
    for rounds in 1..120 {
        let (_, end) = iterate(&curves, &DecoupleOptions { max_rounds: rounds, ..paper(Update::Simultaneous, TWO) });
        assert!(matches!(end.stop, Stop::Slow { .. } | Stop::Rounds), "{rounds} rounds: {end:?}");
    }
}

/// Out of rounds on a steady way: the distance that is told is the one that is left.
#[test]
fn slow_tells_the_distance() {
    let curves = settings();
    let (_, end) = iterate(&curves, &paper(Update::Sequential, HALF));
    let Stop::Slow { distance: told } = end.stop else { panic!("{end:?}") };
    let left = distance(MedianRound { d: end.d, alpha: end.alpha }, FIXED_POINT);
    assert!(told > 0.5 * left && told < 2.0 * left, "told {told}, left {left}");
    assert_eq!((end.rounds, end.evaluations), (100, 100), "rounds and evaluations");
    let (_, end) = iterate(&curves, &DecoupleOptions { max_rounds: 3, ..paper(Update::Sequential, HALF) });
    assert_eq!((end.stop, end.contraction), (Stop::Rounds, None), "three rounds tell nothing");
}

/// The fixed point to eight digits from all starts, both updates, in at most 60 evaluations of the map.
#[test]
fn acceleration_finds_the_fixed_point() {
    let curves = settings();
    for update in [Update::Simultaneous, Update::Sequential] {
        for start in STARTS {
            let options = DecoupleOptions { max_rounds: 58, ..paper(update, start) };
            let end = find(&curves, &options);
            assert!(matches!(end.stop, Stop::Converged { distance } if distance <= 1e-9), "{start:?}: {end:?}");
            // Half a unit of the ninth printed digit.
            assert!(distance(MedianRound { d: end.d, alpha: end.alpha }, FIXED_POINT) <= 1.1e-9, "{start:?}: {end:?}");
            assert!(end.evaluations <= 60, "{update:?} from {start:?}: {} evaluations", end.evaluations);
            let expected = if update == Update::Sequential { 0.991953 } else { 0.991953_f64.sqrt() };
            assert!((end.contraction.expect("a fixed point") - expected).abs() < 2e-6, "{start:?}: {end:?}");
        }
        let all =
            sensitivity(&borrowed(&curves), &paper(update, HALF), &STARTS, &mut slots(29)).expect("the curves fit");
        assert_eq!(all.verdict, Identification::Identified, "{:?}", all.ends);
    }
}

/// The final fits are those with D = D~, with standard errors, and stay so after several starts.
#[test]
fn final_fits_hold_d() {
    let curves = settings();
    let (curves, mut out, options) = (borrowed(&curves), slots(29), DecoupleOptions::default());
    let all = sensitivity(&curves, &options, &[TWO, HALF], &mut out).expect("the curves fit");
    let fit = FitOptions { fixed_d: Some(all.ends[0].d), ..options.fit };
    for (curve, slot) in curves.iter().zip(&out) {
        assert_eq!(*slot, Syn2RealLaw::fit_with(curve, &fit).ok(), "the final fit");
    }
    assert!(out.iter().flatten().any(|fit| fit.std_errors()[1].is_some()), "standard errors of alpha");
}

/// Two fixed points of the two-round map, and so a true cycle of the simultaneous update; found by a random search.
fn two_ends() -> Vec<Vec<Point>> {
    vec![curve(&[0.67, 0.55, 0.34, 0.23, 0.22, 0.16]), curve(&[0.39, 0.39, 0.38, 0.23])]
}

#[test]
fn a_true_cycle() {
    let curves = two_ends();
    let options = DecoupleOptions { max_rounds: 400, ..paper(Update::Simultaneous, HALF) };
    let (trace, end) = iterate(&curves, &options);
    assert_eq!(end.stop, Stop::Cycle { period: 2 }, "{end:?}");
    // It is one: a thousand rounds further on, the rounds still alternate between the same two pairs.
    let later = DecoupleOptions { max_rounds: 1000, tol: 1e-300, ..options };
    let (long, _) = iterate(&curves, &later);
    let (even, odd) = (long[long.len() - 2], long[long.len() - 1]);
    assert!(distance(even, odd) > 1.0, "two pairs: {even:?}, {odd:?}");
    let last = trace[trace.len() - 1];
    assert!(distance(last, even).min(distance(last, odd)) <= options.tol, "{last:?} is neither {even:?} nor {odd:?}");
    // Accelerated, the same cycle; sequential, no cycle, but the end depends on the start.
    assert_eq!(find(&curves, &options).stop, Stop::Cycle { period: 2 }, "accelerated");
    let sequential = paper(Update::Sequential, HALF);
    let all = sensitivity(&borrowed(&curves), &sequential, &STARTS, &mut slots(2)).expect("the curves fit");
    assert_eq!(all.verdict, Identification::NotIdentified, "{:?}", all.ends);
    assert!(all.ends.iter().all(|end| matches!(end.stop, Stop::Converged { .. })), "{:?}", all.ends);
    for (end, start) in all.ends.iter().zip(STARTS) {
        let (_, plain) = iterate(&curves, &DecoupleOptions { start, max_rounds: 400, ..sequential });
        let (a, b) = (MedianRound { d: end.d, alpha: end.alpha }, MedianRound { d: plain.d, alpha: plain.alpha });
        assert!(distance(a, b) <= 2.0 * sequential.tol, "from {start:?}: accelerated {a:?}, plainly {b:?}");
    }
}

/// Optima that change sides: the sequential map jumps over its fixed point and cycles about the jump.
#[test]
fn a_jump_is_no_fixed_point() {
    let first = [(10.0, 0.36), (400.0, 0.42), (1600.0, 0.28)].map(Point::from).to_vec();
    let second = [(1.0, 0.88), (400.0, 0.86), (160.0, 0.28)].map(Point::from).to_vec();
    let mut options = paper(Update::Sequential, HALF);
    options.fit.alpha = Bounds::new(0.0, 10.0);
    let curves = [first, second];
    assert_eq!(find(&curves, &options).stop, Stop::Jump, "accelerated");
    let (trace, end) = iterate(&curves, &options);
    assert_eq!(end.stop, Stop::Cycle { period: 3 }, "plainly");
    let [.., a, b, c, d] = &trace[..] else { panic!("rounds") };
    assert!(distance(*a, *d) < 1e-8 && distance(*b, *d) > 0.01 && distance(*c, *d) > 0.01, "{a:?} {b:?} {c:?} {d:?}");
}

/// Curves that agree exactly: one D, and the iteration stands still at it.
#[test]
fn exact_curves_converge() {
    let law = |alpha: f64, c: f64| {
        let law = Syn2RealLaw { d: 0.6, alpha, c };
        (0..6).map(|i| 1000.0 * 2.0_f64.powi(i)).map(|n| Point::new(n, law.error_at(n))).collect::<Vec<_>>()
    };
    let curves = [law(0.3, 0.2), law(0.4, 0.3), law(0.5, 0.1)];
    let options = paper(Update::Sequential, MedianRound { d: 0.6, alpha: 0.4 });
    let (_, end) = iterate(&curves, &options);
    assert!(matches!(end.stop, Stop::Converged { .. }) && is_near(end.d, 0.6, 1e-8), "{end:?}");
    let far = find(&curves, &paper(Update::Sequential, TWO));
    assert!(is_near(far.d, 0.6, 1e-8) && (far.alpha - 0.4).abs() < 1e-8, "{far:?}");
}

/// An even number of curves: the mean of the middle two; curves of different lengths; the order does not matter.
#[test]
fn even_counts_and_lengths() {
    let mut curves: Vec<Vec<Point>> = settings().into_iter().take(6).collect();
    curves[1].truncate(5);
    curves[4].truncate(3);
    curves[5].truncate(2);
    let options = DecoupleOptions { max_rounds: 1, ..paper(Update::Sequential, TWO) };
    let (_, end) = iterate(&curves, &options);
    let middle = |mut v: Vec<f64>| {
        v.sort_by(f64::total_cmp);
        0.5 * (v[2] + v[3])
    };
    let fit = |p: &Vec<Point>, options: FitOptions| Syn2RealLaw::fit_with(p, &options).expect("two points").law();
    let with_d = FitOptions { fixed_d: Some(2.0), ..options.fit };
    let alpha = middle(curves.iter().map(|p| fit(p, with_d).alpha).collect());
    let with_alpha = FitOptions { fixed_alpha: Some(alpha), ..options.fit };
    let d = middle(curves.iter().map(|p| fit(p, with_alpha).d).collect());
    assert_eq!((end.d, end.alpha), (d, alpha), "bit for bit");
    curves.reverse();
    let (_, reversed) = iterate(&curves, &options);
    assert_eq!((reversed.d, reversed.alpha), (d, alpha), "in another order");
}

/// Both residual spaces; a fixed C.
#[test]
fn log_residual_and_fixed_c() {
    let curves = settings();
    let mut options = paper(Update::Sequential, HALF);
    options.fit.residual = Residual::Log;
    let log = find(&curves, &options);
    assert!(matches!(log.stop, Stop::Converged { .. }), "{log:?}");
    let (_, plain) = iterate(&curves, &DecoupleOptions { max_rounds: 6000, ..options });
    assert!(is_near(plain.d, log.d, 3e-8), "log residual: accelerated {log:?}, plainly {plain:?}");
    assert!(!is_near(log.d, FIXED_POINT.d, 1e-3), "the residual space moves D: {log:?}");
    options.fit.fixed_c = Some(0.0);
    let no_gap = find(&curves, &options);
    assert!(matches!(no_gap.stop, Stop::Converged { .. }), "{no_gap:?}");
}

#[test]
fn bad_input_is_named() {
    let good = settings();
    let good = borrowed(&good);
    let run = |curves: &[&[Point]], options: &DecoupleOptions| {
        let (mut a, mut b) = (slots(curves.len()), slots(curves.len()));
        let plain = median_iteration_with(curves, options, &mut a, |_| {}).map(|end| end.rounds);
        let found = fixed_point(curves, options, &mut b).map(|end| end.rounds);
        assert_eq!(plain.is_err(), found.is_err(), "{plain:?}, {found:?}");
        plain.expect_err("bad input")
    };
    let options = DecoupleOptions { max_rounds: 2, ..DecoupleOptions::default() };
    assert_eq!(run(&[], &options), DecoupleError::NoCurves, "no curves");
    let short = FitError::TooFewPoints { needed: 2, got: 1 };
    assert_eq!(run(&[good[0], &good[1][..1]], &options), DecoupleError::Curve { index: 1, source: short }, "one point");
    let nan = [Point::new(1e3, 0.5), Point::new(2e3, f64::NAN), Point::new(3e3, 0.4)];
    let named = FitError::Point { index: 1, source: PointError::Error };
    assert_eq!(run(&[good[0], good[1], &nan], &options), DecoupleError::Curve { index: 2, source: named }, "NaN");
    let rising = curve(&[0.1, 0.2, 0.3, 0.4]);
    assert_eq!(run(&[&rising, &rising, good[0]], &options), DecoupleError::NoDecrease, "rising curves");
    type Spoil = fn(&mut DecoupleOptions);
    let bad: [(&str, Spoil); 10] = [
        ("fixed_d", |o| o.fit.fixed_d = Some(0.48)),
        ("fixed_alpha", |o| o.fit.fixed_alpha = Some(0.5)),
        ("start", |o| o.start.d = 0.0),
        ("start", |o| o.start.d = f64::INFINITY),
        ("start", |o| o.start.alpha = f64::NAN),
        ("start", |o| o.start.alpha = 1.6),
        ("tol", |o| o.tol = 0.0),
        ("tol", |o| o.tol = f64::NAN),
        ("max_rounds", |o| o.max_rounds = 0),
        ("c", |o| o.fit.c = Bounds::new(1.0, 0.0)),
    ];
    for (field, spoil) in bad {
        let mut options = options;
        spoil(&mut options);
        assert_eq!(run(&good, &options), DecoupleError::BadOption { field }, "{field}");
    }
    let mut few = slots(3);
    let why = fixed_point(&good, &options, &mut few);
    assert_eq!(why, Err(DecoupleError::BadOption { field: "out" }), "slots");
    let why = sensitivity(&good, &options, &[], &mut slots(29));
    assert_eq!(why, Err(DecoupleError::BadOption { field: "start" }), "no start");
    let huber = FitOptions { loss: Loss::Huber { k: 1.345 }, ..FitOptions::default() };
    assert_eq!(shared_d(&good, &huber, &mut slots(29)), Err(DecoupleError::BadOption { field: "loss" }), "Huber");
    assert_eq!(shared_d(&[], &FitOptions::default(), &mut []), Err(DecoupleError::NoCurves), "no curves");
    let flat = shared_d(&[&rising], &FitOptions::default(), &mut slots(1));
    assert_eq!(flat, Err(DecoupleError::NoDecrease), "a rising curve");
    for why in [DecoupleError::NoCurves, DecoupleError::NoDecrease, DecoupleError::BadOption { field: "tol" }] {
        assert!(why.to_string().contains(':') || why.to_string().contains("leave"), "remedy: {why}");
    }
}

/// Joint fits of the 29 settings against one dense problem of 59 parameters (tests/oracles/shared.py).
#[test]
fn joint_fits_equal_a_dense_solve() {
    let curves = settings();
    let curves = borrowed(&curves);
    let rows = data::table(include_str!("data/shared_reference.csv"));
    assert_eq!(rows.len(), 4, "rows");
    for row in rows {
        let number = |column| data::number(&row, column);
        let options = FitOptions {
            residual: if row["residual"] == "log" { Residual::Log } else { Residual::Linear },
            alpha: Bounds::new(number("alpha_lower"), number("alpha_upper")),
            c: Bounds::new(0.0, number("c_upper")),
            ..FitOptions::default()
        };
        let mut out = slots(29);
        let joint = if row["shared"] == "d" { shared_d } else { shared_alpha };
        let got = joint(&curves, &options, &mut out).expect("the curves fit");
        let name = format!("{} {}", row["shared"], row["residual"]);
        assert!(is_near(got.cost, number("cost"), 1e-9), "{name}: cost {} for {}", got.cost, row["cost"]);
        // The oracle stops on the cost: its parameters are good to the root of 1e-15.
        assert!(is_near(got.value, number("value"), 1e-6), "{name}: {} for {}", got.value, row["value"]);
        assert!(is_near(got.std_error.expect("inside"), number("std_error"), 1e-6), "{name}: {:?}", got.std_error);
        assert_eq!(got.degrees_of_freedom, number("degrees_of_freedom") as i64, "{name}");
        let sum: f64 = out.iter().flatten().map(|fit| fit.report().cost).sum();
        assert!(is_near(sum, got.cost, 1e-14), "{name}: the fits are those of the cost");
        let held = |fit: &Syn2RealFit| if row["shared"] == "d" { fit.law().d } else { fit.law().alpha };
        let is_held = |fit: &Syn2RealFit| held(fit) == got.value || fit.report().class == Class::Flat;
        assert!(out.iter().flatten().all(is_held), "{name}: the shared value in every fit");
    }
}

/// One curve alone: the joint fit is the free fit, with its standard errors.
#[test]
fn one_curve_is_its_free_fit() {
    for points in settings() {
        for (residual, weights) in [(Residual::Log, Weights::Relative), (Residual::Linear, Weights::Absolute)] {
            let options = FitOptions { residual, weights, ..FitOptions::default() };
            let free = Syn2RealLaw::fit_with(&points, &options).expect("seven points");
            if free.report().class == Class::Flat {
                continue;
            }
            let shared = shared_d(&[&points], &options, &mut slots(1)).expect("a decrease");
            assert!(is_near(shared.cost, free.report().cost, 1e-9), "D: {} for {}", shared.cost, free.report().cost);
            let alpha = shared_alpha(&[&points], &options, &mut slots(1)).expect("a decrease");
            assert!(is_near(alpha.cost, free.report().cost, 1e-9), "alpha: {alpha:?} for {:?}", free.report());
            if free.report().class == Class::Interior {
                let [d, by_alpha, _] = free.std_errors().map(|s| s.expect("inside"));
                // D and its error go with the root of the cost's 1e-12, times the condition of some 1e4.
                let near = |a: Option<f64>, b: f64| a.is_some_and(|a| is_near(a, b, 1e-4));
                assert!(near(shared.std_error, d), "D: {:?} for {d}", shared.std_error);
                assert!(near(alpha.std_error, by_alpha), "alpha: {:?} for {by_alpha}", alpha.std_error);
            }
        }
    }
}

/// Curves that do not agree, so that the joint cost has several minima: none of a fine grid is lower than the fit.
#[test]
fn joint_fits_are_the_lowest_of_a_fine_grid() {
    let mut several = [0, 0];
    for index in 0..30 {
        let mut rng = Rng::new(12, index);
        let count = rng.between(1, 3);
        let one = |rng: &mut Rng| {
            // Mostly noise about a slight decrease.
            let n = (0..6).map(|i| 100.0 * 3.0_f64.powi(i));
            n.map(|n| Point::new(n, 0.8 * n.powf(-0.05) * rng.uniform(0.5, 1.5))).collect::<Vec<_>>()
        };
        let curves: Vec<Vec<Point>> = (0..count).map(|_| one(&mut rng)).collect();
        let curves = borrowed(&curves);
        let residual = if index % 2 == 0 { Residual::Log } else { Residual::Linear };
        let options = FitOptions { residual, covariance: false, ..FitOptions::default() };
        let cost = |options: FitOptions| {
            let fits = curves.iter().map(|p| Syn2RealLaw::fit_with(p, &options).expect("six points").report().cost);
            fits.sum::<f64>()
        };
        let d = shared_d(&curves, &options, &mut slots(count));
        let alpha = shared_alpha(&curves, &options, &mut slots(count));
        let (Ok(d), Ok(alpha)) = (d, alpha) else {
            assert_eq!((d, alpha), (Err(DecoupleError::NoDecrease), Err(DecoupleError::NoDecrease)), "{index}");
            continue;
        };
        for i in 0..=300 {
            let share = f64::from(i) / 300.0;
            let by_d = cost(FitOptions { fixed_d: Some((-3.0 + 15.0 * share).exp()), ..options });
            assert!(d.cost <= by_d * (1.0 + 1e-12), "{index}: D at {share}: {by_d}, found {d:?}");
            let by_alpha = cost(FitOptions { fixed_alpha: Some(3.0 * share * share), ..options });
            assert!(alpha.cost <= by_alpha * (1.0 + 1e-12), "{index}: alpha at {share}: {by_alpha}, found {alpha:?}");
        }
        several[0] += usize::from(d.minima_found > 1);
        several[1] += usize::from(alpha.minima_found > 1);
    }
    println!("of 30 joint costs, {several:?} have several minima over D and alpha");
    assert!(several[0] > 0, "no joint cost has several minima: the test shows nothing");
}

/// Curves with one D and noise of 0.2 %.
fn with_one_d(count: usize) -> Vec<Vec<Point>> {
    let one = |index: usize| {
        let mut rng = Rng::new(11, index as u64);
        let law = Syn2RealLaw { d: 0.7, alpha: rng.uniform(0.2, 0.6), c: rng.uniform(0.05, 0.8) };
        let n = (0..7).map(|i| 1000.0 * 2.0_f64.powi(i));
        n.map(|n| Point::new(n, law.error_at(n) * (1.0 + 0.002 * rng.normal()))).collect()
    };
    (0..count).map(one).collect()
}

/// 10,000 curves of 7 points: the number of evaluations does not grow, each is one fit per curve, and so the time is
/// linear; the standard error shrinks with the root of their number and covers the truth.
#[test]
fn joint_fits_are_linear_in_the_curves() {
    let curves = with_one_d(10_000);
    let curves = borrowed(&curves);
    let options = DecoupleOptions::paper().fit;
    let run = |count: usize| {
        let mut out = slots(count);
        let start = std::time::Instant::now();
        let shared = shared_d(&curves[..count], &options, &mut out).expect("the curves fit");
        (shared, start.elapsed().as_secs_f64())
    };
    let ((few, short), (many, long)) = (run(1000), run(10_000));
    println!("1,000 curves: {short:.2} s, {few:?}\n10,000 curves: {long:.2} s, {many:?}");
    assert!(many.evaluations <= 100 && few.evaluations <= 100, "{} and {}", few.evaluations, many.evaluations);
    // Ten times the curves; a factor of two for another number of evaluations, one for the load of the machine.
    assert!(long <= 40.0 * short, "1,000 curves in {short} s, 10,000 in {long} s");
    let (few, many) = (few, many);
    let errors = [few.std_error.expect("inside"), many.std_error.expect("inside")];
    assert!((errors[0] / errors[1] / 10.0_f64.sqrt() - 1.0).abs() < 0.2, "standard errors {errors:?}");
}
