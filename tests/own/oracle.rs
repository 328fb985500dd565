//! Profile intervals of four laws against scipy's (tests/oracles/own.py), certified standard errors, and coverage.
use syn2real::own::{OwnFit, OwnOptions, fit};
use syn2real::{Confidence, Formula, Interval, OwnLaw, Row, Scalar};

use super::common::nist::{digits, problems};
use super::common::rng::Rng;
use super::derivatives::with_nist_formula;
use super::formulas;

struct Chinchilla;
impl Formula<5, 2> for Chinchilla {
    fn value<S: Scalar>(&self, [e, a, alpha, b, beta]: [S; 5], [n, d]: [S; 2]) -> S {
        e + a * n.pow(-alpha) + b * d.pow(-beta)
    }
}

/// (L - L_inf) / (L_0 - L)^alpha = beta n^c, solved for L by Newton's method on the logit of (L - L_inf) / (L_0 - L_inf).
struct M4;
impl Formula<5> for M4 {
    fn value<S: Scalar>(&self, [l0, l_inf, alpha, beta, c]: [S; 5], [n]: [S; 1]) -> S {
        let goal = beta.ln() + c * n.ln() + (alpha - 1.0) * (l0 - l_inf).ln();
        let mut v = goal;
        for _ in 0..12 {
            let (left, gone) = (v.logistic(), (-v).logistic());
            v = v - (left.ln() - alpha * gone.ln() - goal) / (gone + alpha * left);
        }
        l_inf + (l0 - l_inf) * v.logistic()
    }
}

struct Sigmoid;
impl Formula<4> for Sigmoid {
    fn value<S: Scalar>(&self, [low, high, middle, width]: [S; 4], [n]: [S; 1]) -> S {
        low + (high - low) * ((n.ln() - middle) / width).logistic()
    }
}

struct Logarithm;
impl Formula<2> for Logarithm {
    fn value<S: Scalar>(&self, [a, b]: [S; 2], [n]: [S; 1]) -> S {
        a - b * n.ln()
    }
}

/// The lines of a law after its name and a word.
fn lines<'a>(law: &'a str, word: &'a str) -> impl Iterator<Item = Vec<Option<f64>>> + 'a {
    let all = include_str!("../data/own_profile.csv").lines().filter_map(move |line| line.strip_prefix(law));
    let own = all.filter_map(move |line| line.strip_prefix(',')?.strip_prefix(word)?.strip_prefix(','));
    own.map(|line| line.split(',').map(|x| x.parse().ok()).collect())
}

fn rows<const X: usize>(law: &str) -> Vec<Row<X>> {
    lines(law, "row")
        .map(|row| Row::new(std::array::from_fn(|k| row[k].expect("a place")), row[X].expect("a value")))
        .collect()
}

/// The largest distance between ends, in units of the width of their side; open ends must be open.
fn apart(name: &str, mine: Interval, wanted: &[Option<f64>]) -> f64 {
    let estimate = wanted[0].expect("an estimate");
    let mut most = (mine.estimate / estimate - 1.0).abs();
    for (a, b) in [(mine.lower, wanted[1]), (mine.upper, wanted[2])] {
        most = most.max(match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() / (b - estimate).abs(),
            (None, None) => 0.0,
            _ => f64::INFINITY,
        });
    }
    println!("{name} {most:.1e}: {:?} {} {:?}", mine.lower, mine.estimate, mine.upper);
    most
}

fn judge<F: Formula<P, X>, const P: usize, const X: usize>(
    name: &str,
    law: &OwnLaw<F, X>,
    options: OwnOptions<P>,
    at: [f64; X],
) -> f64 {
    let data = rows::<X>(name);
    let fit: OwnFit<'_, OwnLaw<F, X>, [Row<X>], P> =
        fit(law, data.as_slice(), &OwnOptions { starts: 20, ..options }).expect("a fit");
    let mut most = 0.0_f64;
    for wanted in lines(name, "parameter") {
        let j = wanted[0].expect("a number") as usize;
        let mine = fit.parameter(j, Confidence::P95).expect("an interval");
        most = most.max(apart(&format!("{name} {j}"), mine, &wanted[1..]));
    }
    let wanted = lines(name, "value").next().expect("a value");
    let mine = fit.value_at(at, Confidence::P95).expect("an interval");
    most.max(apart(&format!("{name} value"), mine, &wanted))
}

#[test]
fn profile_intervals_of_four_laws_are_those_of_scipy() {
    let wide = [(0.1, 5.0), (1.0, 1e7), (0.01, 2.0), (1.0, 1e7), (0.01, 2.0)];
    // L_0 is held.
    let m4 = OwnOptions::within([(0.5, 5.0), (0.0, 0.4), (0.01, 20.0), (1e-2, 1e9), (-5.0, -0.01)]);
    let m4 = OwnOptions { fixed: [Some(0.9), None, None, None, None], ..m4 };
    let of_scores = OwnOptions::within([(-1.0, 0.5), (0.5, 3.0), (0.0, 20.0), (0.01, 10.0)]);
    let most = [
        judge("chinchilla", &OwnLaw::log(Chinchilla), OwnOptions::within(wide), [7e10, 1.4e12]),
        judge("m4", &OwnLaw::log(M4), m4, [1e6]),
        judge("sigmoid", &OwnLaw::linear(Sigmoid), of_scores, [1e6]),
        judge("logarithm", &OwnLaw::linear(Logarithm), OwnOptions::within([(-5.0, 5.0), (-1.0, 1.0)]), [1e6]),
    ];
    // The cost is on the limit to 1e-7 of its rise: half of that in the distance; and what scipy's stop leaves.
    assert!(most.iter().all(|x| *x < 3e-7), "{most:?}");
}

#[test]
fn nist_problems_as_formulas_have_the_certified_parameters_and_standard_errors() {
    let mut failures = Vec::new();
    for p in problems() {
        macro_rules! run {
            ($law:expr, $formula:expr, $p:literal) => {{
                // Nelson's model is of the logarithm of the response.
                let response = |y: f64| if p.name == "Nelson" { y.ln() } else { y };
                let data: Vec<Row<2>> = p.data.iter().map(|r| Row::new([r[1], r[2]], response(r[0]))).collect();
                let law = OwnLaw::linear($formula);
                let start: [f64; $p] = p.starts[1].as_slice().try_into().expect("a start for every parameter");
                let found = fit(&law, data.as_slice(), &OwnOptions::from_start(start)).expect("a fit");
                let least = |d: f64, (a, b): (f64, &f64)| d.min(digits(a, *b));
                let theta = found.theta().into_iter().zip(&p.certified).fold(11.0, least);
                let errors = found.std_errors().map(|e| e.expect("free parameters"));
                let errors = errors.into_iter().zip(&p.std_errors).fold(11.0, least);
                println!("{:9} {theta:.1} {errors:.1}", p.name);
                // As of `solve` with the Jacobians by hand; of Lanczos1 the residuals are rounding.
                if theta < 9.0 || errors < if p.name == "Lanczos1" { 2.5 } else { 7.9 } {
                    failures.push(format!("{} {theta} {errors}", p.name));
                }
            }};
        }
        with_nist_formula!(p.name.as_str(), run);
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn nominal_95_percent_cover_95_percent() {
    let full = std::env::var_os("SYN2REAL_FULL").is_some_and(|v| v == "1");
    let count = if full { 2000 } else { 200 };
    let truth = [0.2, 0.85, 9.7, 1.1];
    let law = OwnLaw::linear(Sigmoid);
    let (mut inside, mut value, mut new) = ([0_u32; 4], 0_u32, 0_u32);
    let beyond = Sigmoid.value(truth, [1e6]);
    for index in 0..count {
        let mut random = Rng::new(2024, index);
        let data: Vec<(f64, f64)> = (0..12)
            .map(|k| 500.0 * f64::from(1 << k))
            .map(|n| (n, Sigmoid.value(truth, [n]) + 0.01 * random.normal()))
            .collect();
        let found = fit(&law, data.as_slice(), &OwnOptions::from_start(truth)).expect("a fit");
        let holds = |i: Interval, x: f64| i.lower.is_none_or(|l| l <= x) && i.upper.is_none_or(|u| x <= u);
        for (j, slot) in inside.iter_mut().enumerate() {
            *slot += u32::from(holds(found.parameter(j, Confidence::P95).expect("an interval"), truth[j]));
        }
        value += u32::from(holds(found.value_at([1e6], Confidence::P95).expect("an interval"), beyond));
        let drawn = beyond + 0.01 * random.normal();
        new += u32::from(holds(found.measurement_at([1e6], Confidence::P95).expect("an interval"), drawn));
    }
    println!("of {count}: parameters {inside:?}, value {value}, new measurement {new}");
    for hits in inside.into_iter().chain([value, new]) {
        // Binomial: four standard deviations, and half a percent for the curvature of the law.
        let share = f64::from(hits) / count as f64;
        let allowed = 4.0 * (0.95 * 0.05 / count as f64).sqrt() + 0.005;
        assert!((share - 0.95).abs() < allowed, "{share} of {count}");
    }
}
